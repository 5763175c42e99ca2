/* http-client.c: one HTTP request as a client of the core. Main thread. */
#include "transports/http-private.h"

#define REPLY_LIMIT_S 10

struct _BifHttpClient
{
  BifClient parent;

  BifHttp *http;                /* plain; it cancels us when it stops */
  SoupServerMessage *message;   /* NULL once answered */
  gboolean paused;
  guint timeout;
};

G_DEFINE_FINAL_TYPE (BifHttpClient, bif_http_client, BIF_TYPE_CLIENT)

void
bif_http_answer (BifHttp * self, SoupServerMessage * message,
    JsonObject * json)
{
  gsize size;
  char *text = bif_json_object_to_string (json, self->settings.json, &size);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "application/json",
      SOUP_MEMORY_TAKE, text, size);
}

/* The message goes its way; nothing more comes from us. */
static void
let_go (BifHttpClient * self)
{
  g_autoptr (SoupServerMessage) message = g_steal_pointer (&self->message);

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->paused) {
    self->paused = FALSE;
    soup_server_message_unpause (message);
    g_hash_table_remove (self->http->waiting, self);
  }
}

static void
bif_http_client_send (BifClient * client, JsonObject * json)
{
  BifHttpClient *self = BIF_HTTP_CLIENT (client);

  if (self->message == NULL)
    return;
  bif_http_answer (self->http, self->message, json);
  let_go (self);
}

static BifClient *
bif_http_client_events (BifClient * client, guint64 session_id)
{
  BifHttpClient *self = BIF_HTTP_CLIENT (client);

  return BIF_CLIENT (bif_long_poll_new (self->http, session_id));
}

static void
bif_http_client_dispose (GObject * object)
{
  BifHttpClient *self = BIF_HTTP_CLIENT (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  g_clear_object (&self->message);
  G_OBJECT_CLASS (bif_http_client_parent_class)->dispose (object);
}

static void
bif_http_client_class_init (BifHttpClientClass * klass)
{
  BIF_CLIENT_CLASS (klass)->send = bif_http_client_send;
  BIF_CLIENT_CLASS (klass)->events = bif_http_client_events;
  G_OBJECT_CLASS (klass)->dispose = bif_http_client_dispose;
}

static void
bif_http_client_init (BifHttpClient * self)
{
}

BifHttpClient *
bif_http_client_new (BifHttp * http, SoupServerMessage * message)
{
  BifHttpClient *self = g_object_new (BIF_TYPE_HTTP_CLIENT, NULL);

  bif_client_setup (BIF_CLIENT (self), BIF_TRANSPORT (http));
  self->http = http;
  self->message = g_object_ref (message);
  return self;
}

void
bif_http_client_cancel (BifHttpClient * self)
{
  if (self->message == NULL)
    return;
  bif_listener_drop (self->message);
  let_go (self);
}

static gboolean
give_up (gpointer user_data)
{
  BifHttpClient *self = user_data;

  self->timeout = 0;
  bif_http_client_cancel (self);
  return G_SOURCE_REMOVE;
}

void
bif_http_client_wait (BifHttpClient * self)
{
  if (self->message == NULL)
    return;
  self->paused = TRUE;
  self->timeout = g_timeout_add_seconds (REPLY_LIMIT_S, give_up, self);
  g_hash_table_add (self->http->waiting, g_object_ref (self));
  soup_server_message_pause (self->message);
}
