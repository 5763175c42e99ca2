/* relays.c: TURN servers for peers. Main thread, but for what ends in
 * _any_thread. */
#include "media/relays.h"
#include "base/error.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (relays_debug);
#define GST_CAT_DEFAULT relays_debug

struct _BifRelays
{
  char **fixed;                 /* resolved, NULL-terminated */
  char *stun_ip;                /* (nullable) */
  guint stun_port, port_min, port_max;
  gboolean ice_tcp, regular_nomination;
  BifRelaysFunc func;           /* NULL: the fixed ones are all */
  gpointer source;
  GDestroyNotify free_source;
};

/* Returns: (transfer full) (nullable): the address of @host, IPv4 before IPv6.
 * Waits. */
static char *
resolve_any_thread (const char *host, GError ** error)
{
  g_autoptr (GResolver) resolver = NULL;
  GList *found;
  char *ip = NULL;

  if (g_hostname_is_ip_address (host))
    return g_strdup (host);
  resolver = g_resolver_get_default ();
  found = g_resolver_lookup_by_name (resolver, host, NULL, error);
  for (GList * one = found; one != NULL; one = one->next) {
    if (ip != NULL
        && g_inet_address_get_family (one->data) != G_SOCKET_FAMILY_IPV4)
      continue;
    g_free (ip);
    ip = g_inet_address_to_string (one->data);
    if (g_inet_address_get_family (one->data) == G_SOCKET_FAMILY_IPV4)
      break;
  }
  g_resolver_free_addresses (found);
  return ip;
}

char *
bif_relays_uri (const char *host, guint port, const char *type,
    const char *user, const char *password)
{
  g_autofree char *query = g_strconcat ("transport=", type, NULL);

  return g_uri_join_with_user (G_URI_FLAGS_HAS_PASSWORD, "turn",
      user != NULL ? user : "", password != NULL ? password : "", NULL, host,
      port, "", query, NULL);
}

/* The same with an address in place of a name. Waits. */
static char *
resolve_uri_any_thread (const char *text, GError ** error)
{
  g_autoptr (GUri) uri = g_uri_parse (text, G_URI_FLAGS_HAS_PASSWORD, error);
  g_autofree char *ip = NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL)
    return NULL;
  ip = resolve_any_thread (g_uri_get_host (uri), error);
  if (ip == NULL)
    return NULL;
  return g_uri_join_with_user (G_URI_FLAGS_HAS_PASSWORD, "turn",
      g_uri_get_user (uri), g_uri_get_password (uri), NULL, ip,
      g_uri_get_port (uri), "", g_uri_get_query (uri), NULL);
}

/* ---- set-up ---- */

static gboolean
read_server (BifRelays * self, const BifRelaySettings * settings,
    GError ** error)
{
  g_autofree char *named = NULL;
  char *uri;

  if (settings->server == NULL)
    return TRUE;
  if (strcmp (settings->type, "tls") == 0)
    GST_WARNING ("libnice speaks plain TCP to a TURN server of type tls");
  named = bif_relays_uri (settings->server, settings->port, settings->type,
      settings->user, settings->password);
  uri = resolve_uri_any_thread (named, error);
  if (uri == NULL)
    return FALSE;
  self->fixed[0] = uri;
  return TRUE;
}

BifRelays *
bif_relays_new (const BifRelaySettings * settings, GError ** error)
{
  g_autoptr (BifRelays) self = g_new0 (BifRelays, 1);
  g_autoptr (GError) trouble = NULL;

  GST_DEBUG_CATEGORY_INIT (relays_debug, "bif-relays", 0, "TURN servers");
  self->fixed = g_new0 (char *, 2);
  self->stun_port = settings->stun_port;
  self->port_min = settings->port_min;
  self->port_max = settings->port_max;
  self->ice_tcp = settings->ice_tcp;
  self->regular_nomination = settings->regular_nomination;
  if (settings->stun_server != NULL)
    self->stun_ip = resolve_any_thread (settings->stun_server, &trouble);
  if (trouble == NULL)
    read_server (self, settings, &trouble);
  if (trouble == NULL)
    return g_steal_pointer (&self);
  if (!settings->ignore_unreachable) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NETWORK,
        "STUN or TURN server: %s", trouble->message);
    return NULL;
  }
  GST_WARNING ("STUN or TURN server: %s", trouble->message);
  return g_steal_pointer (&self);
}

void
bif_relays_free (BifRelays * self)
{
  if (self->free_source != NULL)
    self->free_source (self->source);
  g_strfreev (self->fixed);
  g_free (self->stun_ip);
  g_free (self);
}

void
bif_relays_set_source (BifRelays * self, BifRelaysFunc func, gpointer source,
    GDestroyNotify free_source)
{
  g_return_if_fail (self->func == NULL);
  self->func = func;
  self->source = source;
  self->free_source = free_source;
}

GstStructure *
bif_relays_options (BifRelays * self, const char *addresses)
{
  GstStructure *options = gst_structure_new ("nice",
      "addresses", G_TYPE_STRING, addresses,
      "port-min", G_TYPE_UINT, self->port_min,
      "port-max", G_TYPE_UINT, self->port_max,
      "ice-tcp", G_TYPE_BOOLEAN, self->ice_tcp,
      "regular-nomination", G_TYPE_BOOLEAN, self->regular_nomination, NULL);

  if (self->stun_ip != NULL)
    gst_structure_set (options, "stun-server", G_TYPE_STRING, self->stun_ip,
        "stun-port", G_TYPE_UINT, self->stun_port, NULL);
  return options;
}

/* ---- finding ---- */

static void
resolve_all_any_thread (GTask * task, gpointer source, gpointer data,
    GCancellable * cancellable)
{
  char **named = data;
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();

  for (guint i = 0; named[i] != NULL; i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *uri = resolve_uri_any_thread (named[i], &error);

    if (uri != NULL)
      g_strv_builder_add (found, uri);
    else
      GST_WARNING ("TURN server: %s", error ? error->message : "bad URI");
  }
  g_task_return_pointer (task, g_strv_builder_end (found),
      (GDestroyNotify) g_strfreev);
}

static void
on_found (GObject * object, GAsyncResult * result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  char **named = g_task_propagate_pointer (G_TASK (result), &error);

  if (named != NULL) {
    g_task_set_task_data (task, named, (GDestroyNotify) g_strfreev);
    g_task_run_in_thread (task, resolve_all_any_thread);
    return;
  }
  /* The task's data are the fixed ones so far. */
  GST_WARNING ("TURN REST API: %s", error->message);
  g_task_return_pointer (task, g_strdupv (g_task_get_task_data (task)),
      (GDestroyNotify) g_strfreev);
}

void
bif_relays_find_async (BifRelays * self, gpointer object, const char *user,
    GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (object, NULL, callback, data);

  g_task_set_source_tag (task, bif_relays_find_async);
  if (self->func == NULL) {
    g_task_return_pointer (task, g_strdupv (self->fixed),
        (GDestroyNotify) g_strfreev);
    return;
  }
  g_task_set_task_data (task, g_strdupv (self->fixed),
      (GDestroyNotify) g_strfreev);
  self->func (self->source, user, on_found, g_steal_pointer (&task));
}

char **
bif_relays_find_finish (GAsyncResult * result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
