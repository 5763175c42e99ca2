/* session.c: sessions. The server holds them by id; a session holds its
 * handles and the client its events go to. Main thread. */
#include "core/session.h"
#include "core/handle-private.h"
#include "core/server-private.h"
#include "core/session-private.h"
#include "core/error.h"

struct _BifSession
{
  GObject parent;

  guint64 id;                   /* key of the server's table */
  BifServer *server;            /* plain; NULL once closed */
  BifClient *client;            /* where events go; NULL: nobody */
  GList client_link;            /* in the client's queue of sessions */
  GHashTable *handles;          /* id -> BifHandle */
  gint64 last_activity_us;
  gint64 timeout_s;             /* negative: the server's */
  gboolean orphaned;            /* its client went: it may be claimed */
  gboolean closing;
};

G_DEFINE_FINAL_TYPE (BifSession, bif_session, G_TYPE_OBJECT)

static void
drop_client (BifSession * self)
{
  g_autoptr (BifClient) client = g_steal_pointer (&self->client);

  if (client == NULL)
    return;
  g_queue_unlink (bif_client_sessions (client), &self->client_link);
  bif_client_session_over (client, self->id);
}

static void
bif_session_dispose (GObject * object)
{
  bif_session_close (BIF_SESSION (object));
  G_OBJECT_CLASS (bif_session_parent_class)->dispose (object);
}

static void
bif_session_finalize (GObject * object)
{
  BifSession *self = BIF_SESSION (object);

  g_hash_table_unref (self->handles);
  G_OBJECT_CLASS (bif_session_parent_class)->finalize (object);
}

static void
bif_session_class_init (BifSessionClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bif_session_dispose;
  object_class->finalize = bif_session_finalize;
}

static void
bif_session_init (BifSession * self)
{
  self->handles = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
      g_object_unref);
  self->timeout_s = -1;
  self->client_link.data = self;
  bif_session_touch (self);
}

BifSession *
bif_session_new (BifServer * server, guint64 id)
{
  BifSession *self = g_object_new (BIF_TYPE_SESSION, NULL);

  self->server = server;
  self->id = id;
  return self;
}

guint64
bif_session_id (BifSession * self)
{
  return self->id;
}

/* Key of the server's table, which lives as long as the session. */
const guint64 *
bif_session_id_key (BifSession * self)
{
  return &self->id;
}

BifServer *
bif_session_server (BifSession * self)
{
  return self->server;
}

BifClient *
bif_session_client (BifSession * self)
{
  return self->client;
}

void
bif_session_touch (BifSession * self)
{
  self->last_activity_us = g_get_monotonic_time ();
}

gint64
bif_session_last_activity (BifSession * self)
{
  return self->last_activity_us;
}

void
bif_session_set_timeout (BifSession * self, gint64 timeout)
{
  self->timeout_s = timeout;
}

gint64
bif_session_timeout (BifSession * self)
{
  return self->timeout_s;
}

void
bif_session_claim (BifSession * self, BifClient * client)
{
  BifClient *events;

  /* Who has it already keeps it; HTTP, where each request is a client of its
   * own, always starts a new queue. */
  if (client == self->client) {
    self->orphaned = FALSE;
    return;
  }
  drop_client (self);
  events = bif_client_events (client, self->id);
  self->orphaned = FALSE;
  self->client = events;
  g_queue_push_tail_link (bif_client_sessions (events), &self->client_link);
}

void
bif_session_client_gone (BifSession * self)
{
  drop_client (self);
  self->orphaned = TRUE;
  if (self->server != NULL
      && self->server->settings->reclaim_session_timeout == 0)
    bif_server_destroy_session (self->server, self);
}

gboolean
bif_session_is_idle (BifSession * self, gint64 now_us, guint timeout,
    guint reclaim)
{
  gint64 idle_us = now_us - self->last_activity_us;
  gint64 limit_s = self->timeout_s >= 0 ? self->timeout_s : timeout;

  if (self->orphaned && idle_us >= (gint64) reclaim * G_USEC_PER_SEC)
    return TRUE;
  return limit_s > 0 && idle_us / G_USEC_PER_SEC >= limit_s;
}

void
bif_session_close (BifSession * self)
{
  GHashTableIter iter;
  BifHandle *handle;

  if (self->server == NULL || self->closing)
    return;
  self->closing = TRUE;
  drop_client (self);           /* what handles say from here on is not heard */
  g_hash_table_iter_init (&iter, self->handles);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & handle)) {
    g_object_ref (handle);
    g_hash_table_iter_remove (&iter);
    bif_handle_close (handle);
    g_object_unref (handle);
    /* Its plugin may have done anything meanwhile. */
    g_hash_table_iter_init (&iter, self->handles);
  }
  self->server = NULL;
}

void
bif_session_take_event (BifSession * self, JsonObject * message)
{
  if (self->client != NULL)
    bif_client_send (self->client, message);
  json_object_unref (message);
}

BifHandle *
bif_session_find_handle (BifSession * self, guint64 id)
{
  return g_hash_table_lookup (self->handles, &id);
}

GList *
bif_session_handles (BifSession * self)
{
  return g_hash_table_get_values (self->handles);
}

BifHandle *
bif_session_attach (BifSession * self, BifPlugin * plugin,
    const char *opaque_id, const char *token, GError ** error)
{
  BifHandlePrivate *priv;
  BifHandle *handle;
  guint64 id;

  do
    id = bif_server_random_id (self->server);
  while (g_hash_table_contains (self->handles, &id));

  handle = bif_handle_new (self, plugin, id, opaque_id, token, error);
  if (handle == NULL)
    return NULL;
  priv = bif_handle_private (handle);
  g_hash_table_insert (self->handles, &priv->id, handle);
  return handle;
}

void
bif_session_detach (BifSession * self, BifHandle * handle)
{
  JsonObject *event = bif_handle_message (handle, "detached", NULL);

  g_object_ref (handle);
  g_hash_table_remove (self->handles, &bif_handle_private (handle)->id);
  bif_handle_close (handle);
  bif_session_take_event (self, event);
  g_object_unref (handle);
}
