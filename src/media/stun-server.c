/* stun-server.c: finds the addresses of the STUN server and gives them to the
 * media port, again now and then where it does not answer. Main thread. */
#include "media/stun-server.h"
#include "base/post.h"

#include <gio/gio.h>

#define AGAIN_S 60

GST_DEBUG_CATEGORY_STATIC (stun_debug);
#define GST_CAT_DEFAULT stun_debug

struct _BifStunServer
{
  GObject parent;

  GstElement *mux;
  GstBus *bus;
  char *host;
  guint port;
  char *addresses;              /* as the mux was told */
  GCancellable *cancellable;
  guint again_id;
};

enum
{
  SIGNAL_REFLEXIVE, N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BifStunServer, bif_stun_server, G_TYPE_OBJECT)

static void
bif_stun_server_dispose (GObject * object)
{
  bif_stun_server_close (BIF_STUN_SERVER (object));
  G_OBJECT_CLASS (bif_stun_server_parent_class)->dispose (object);
}

static void
bif_stun_server_finalize (GObject * object)
{
  BifStunServer *self = BIF_STUN_SERVER (object);

  g_free (self->host);
  g_free (self->addresses);
  G_OBJECT_CLASS (bif_stun_server_parent_class)->finalize (object);
}

static void
bif_stun_server_class_init (BifStunServerClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (stun_debug, "bif-stun", 0, "STUN server");
  G_OBJECT_CLASS (klass)->dispose = bif_stun_server_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_stun_server_finalize;
  signals[SIGNAL_REFLEXIVE] = g_signal_new ("reflexive",
      BIF_TYPE_STUN_SERVER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
      G_TYPE_NONE, 3, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_UINT);
}

static void
bif_stun_server_init (BifStunServer * self)
{
}

/* ---- names ---- */

static void look_up (BifStunServer * self);

static gboolean
on_again (gpointer user_data)
{
  BifStunServer *self = user_data;

  self->again_id = 0;
  look_up (self);
  return G_SOURCE_REMOVE;
}

static void
look_up_later (BifStunServer * self)
{
  if (self->again_id == 0)
    self->again_id = g_timeout_add_seconds (AGAIN_S, on_again, self);
}

/* The first address of each family, as the mux reads it. */
static char *
write_addresses (BifStunServer * self, GList * found)
{
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean has[2] = { FALSE, FALSE };

  for (GList * node = found; node != NULL; node = node->next) {
    gboolean ipv6 = g_inet_address_get_family (node->data)
        == G_SOCKET_FAMILY_IPV6;
    g_autofree char *ip = g_inet_address_to_string (node->data);

    if (has[ipv6])
      continue;
    has[ipv6] = TRUE;
    g_string_append_printf (text, ipv6 ? "%s[%s]:%u" : "%s%s:%u",
        text->len > 0 ? "," : "", ip, self->port);
  }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
on_found (GObject * resolver, GAsyncResult * result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GList *found = g_resolver_lookup_by_name_finish (G_RESOLVER (resolver),
      result, &error);
  BifStunServer *self = user_data;
  g_autofree char *addresses = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;                     /* and self is no more */
  if (found == NULL) {
    GST_WARNING ("STUN server %s is not found (%s): going on without",
        self->host, error->message);
    look_up_later (self);
    return;
  }
  addresses = write_addresses (self, found);
  g_resolver_free_addresses (found);
  /* A mux that knows the address tries again by itself. */
  if (g_strcmp0 (addresses, self->addresses) == 0)
    return;
  g_free (self->addresses);
  self->addresses = g_steal_pointer (&addresses);
  GST_INFO ("STUN server %s is %s", self->host, self->addresses);
  g_object_set (self->mux, "stun-server", self->addresses, NULL);
}

/* An IP is its own answer. */
static void
look_up (BifStunServer * self)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  g_resolver_lookup_by_name_async (resolver, self->host, self->cancellable,
      on_found, self);
}

/* ---- answers ---- */

static void
on_message (gpointer object, gpointer data)
{
  BifStunServer *self = object;
  const GstStructure *news = gst_message_get_structure (data);
  const char *local = gst_structure_get_string (news, "local");
  const char *address = gst_structure_get_string (news, "address");
  guint port = 0;

  if (self->mux == NULL)
    return;
  gst_structure_get_uint (news, "port", &port);
  if (address != NULL) {
    GST_INFO ("%s is %s, port %u to the STUN server", local, address, port);
  } else {
    GST_WARNING ("STUN server %s does not answer %s: going on without",
        self->host, local);
    look_up_later (self);
  }
  g_signal_emit (self, signals[SIGNAL_REFLEXIVE], 0, local, address, port);
}

static GstBusSyncReply
on_message_any_thread (GstBus * bus, GstMessage * message, gpointer ref)
{
  g_autoptr (BifStunServer) self = g_weak_ref_get (ref);

  if (self != NULL && gst_message_has_name (message, "bif-reflexive"))
    bif_post (self, on_message, message, (GDestroyNotify) gst_message_unref);
  else
    gst_message_unref (message);
  return GST_BUS_DROP;
}

static void
weak_ref_free (gpointer ref)
{
  g_weak_ref_clear (ref);
  g_free (ref);
}

BifStunServer *
bif_stun_server_new (GstElement * mux, const char *host, guint port)
{
  BifStunServer *self = g_object_new (BIF_TYPE_STUN_SERVER, NULL);
  GWeakRef *ref = g_new0 (GWeakRef, 1);

  self->mux = gst_object_ref (mux);
  self->host = g_strdup (host);
  self->port = port;
  self->cancellable = g_cancellable_new ();
  self->bus = gst_bus_new ();
  g_weak_ref_init (ref, self);
  gst_bus_set_sync_handler (self->bus, on_message_any_thread, ref,
      weak_ref_free);
  gst_element_set_bus (mux, self->bus);
  look_up (self);
  return self;
}

void
bif_stun_server_close (BifStunServer * self)
{
  if (self->mux == NULL)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_handle_id (&self->again_id, g_source_remove);
  gst_element_set_bus (self->mux, NULL);
  gst_bus_set_flushing (self->bus, TRUE);
  gst_clear_object (&self->bus);
  gst_clear_object (&self->mux);
}
