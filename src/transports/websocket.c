/* websocket.c: the WebSocket transport: handshakes, from start to stop. Main
 * thread. */
#include "transports/websocket.h"
#include "transports/tls-certificate.h"
#include "transports/websocket-private.h"

#include <string.h>

static void bif_websocket_transport_init (BifTransportInterface * iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BifWebsocket, bif_websocket, G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (BIF_TYPE_TRANSPORT, bif_websocket_transport_init))

/* ---- handshakes ---- */

static void
upgraded (SoupServerMessage * message, gpointer user_data)
{
  BifWebsocketEndpoint *endpoint = user_data;
  GSocket *socket;
  GIOStream *stream;

  /* Stopped between the two. */
  if (endpoint->listener == NULL)
    return;
  g_object_ref (message);
  stream = bif_listener_steal (endpoint->listener, message, &socket);
  g_signal_handlers_disconnect_by_func (message, upgraded, endpoint);
  bif_websocket_connection_start (endpoint->websocket, stream, socket,
      endpoint->admin);
  g_object_unref (message);
}

static gboolean
asks_for_protocol (SoupServerMessage * message, const char *protocol)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);
  const char *list =
      soup_message_headers_get_list (headers, "Sec-WebSocket-Protocol");
  g_auto (GStrv) names = NULL;

  if (list == NULL)
    return FALSE;
  names = g_strsplit (list, ",", -1);
  for (guint i = 0; names[i] != NULL; i++) {
    if (g_str_equal (g_strstrip (names[i]), protocol))
      return TRUE;
  }
  return FALSE;
}

static gboolean
may_come_from_there (BifWebsocket * self, SoupServerMessage * message)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);
  const char *origin = soup_message_headers_get_one (headers, "Origin");

  return !self->settings.cors.enforce || (origin != NULL
          && g_str_has_prefix (origin, self->settings.cors.allow_origin));
}

static gboolean
is_handshake (SoupServerMessage * message)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);

  return g_str_equal (soup_server_message_get_method (message),
      SOUP_METHOD_GET)
      && soup_message_headers_header_contains (headers, "Upgrade",
      "websocket");
}

static void
handle_request (SoupServer * soup, SoupServerMessage * message,
    const char *path, GHashTable * query, gpointer user_data)
{
  BifWebsocketEndpoint *endpoint = user_data;
  BifWebsocket *self = endpoint->websocket;
  const char *origin = self->settings.cors.allow_origin;
  char *protocols[] = { (char *) endpoint->protocol, NULL };

  if (!bif_listener_allows (endpoint->listener, message)) {
    bif_listener_drop (message);
    return;
  }
  soup_message_headers_replace (soup_server_message_get_response_headers
      (message), "Access-Control-Allow-Origin", origin != NULL ? origin : "*");
  if (!is_handshake (message) || !may_come_from_there (self, message))
    soup_server_message_set_status (message, SOUP_STATUS_FORBIDDEN, NULL);
  else if (!asks_for_protocol (message, endpoint->protocol))
    soup_server_message_set_status (message, SOUP_STATUS_BAD_REQUEST, NULL);
  else if (soup_websocket_server_process_handshake (message, NULL, protocols,
          NULL, NULL))
    g_signal_connect (message, "wrote-informational", G_CALLBACK (upgraded),
        endpoint);
}

/* Nobody who asks for a WebSocket has a body to send. */
static void
check_headers (SoupServer * soup, SoupServerMessage * message,
    const char *path, GHashTable * query, gpointer user_data)
{
  soup_message_body_set_accumulate (soup_server_message_get_request_body
      (message), FALSE);
}

/* ---- transport ---- */

static gboolean
check_connections (gpointer user_data)
{
  BifWebsocket *self = user_data;
  g_autoptr (GList) connections = g_hash_table_get_keys (self->connections);
  gint64 now_us = g_get_monotonic_time ();

  for (GList * l = connections; l != NULL; l = l->next) {
    if (g_hash_table_contains (self->connections, l->data))
      bif_websocket_connection_check (l->data, now_us);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
start_endpoint (BifWebsocketEndpoint * endpoint,
    const BifListenSettings * settings, GTlsCertificate ** certificate,
    GError ** error)
{
  SoupServer *soup;

  if (!settings->enabled)
    return TRUE;
  if (settings->tls && *certificate == NULL) {
    *certificate =
        bif_tls_certificate_get (&endpoint->websocket->settings.tls, error);
    if (*certificate == NULL)
      return FALSE;
  }
  endpoint->listener = bif_listener_new (settings, *certificate, error);
  if (endpoint->listener == NULL)
    return FALSE;
  soup = bif_listener_soup (endpoint->listener);
  soup_server_add_early_handler (soup, NULL, check_headers, endpoint, NULL);
  soup_server_add_handler (soup, NULL, handle_request, endpoint, NULL);
  return TRUE;
}

static gboolean
bif_websocket_start (BifTransport * transport, BifServer * server,
    GError ** error)
{
  BifWebsocket *self = BIF_WEBSOCKET (transport);
  const BifListenSettings *settings[] = {
    &self->settings.ws, &self->settings.wss, &self->settings.admin_ws,
    &self->settings.admin_wss,
  };
  g_autoptr (GTlsCertificate) certificate = NULL;

  self->server = server;
  for (guint i = 0; i < BIF_WEBSOCKET_N_ENDPOINTS; i++) {
    if (!start_endpoint (&self->endpoints[i], settings[i], &certificate,
            error)) {
      bif_transport_stop (transport);
      return FALSE;
    }
  }
  if (self->settings.ping_trigger_s > 0 && self->settings.ping_timeout_s > 0)
    self->ping_timer = g_timeout_add_seconds (1, check_connections, self);
  return TRUE;
}

static void
bif_websocket_stop (BifTransport * transport)
{
  BifWebsocket *self = BIF_WEBSOCKET (transport);
  GHashTableIter iter;
  gpointer connection;

  g_clear_handle_id (&self->ping_timer, g_source_remove);
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, &connection, NULL)) {
    bif_websocket_connection_close (connection, BIF_CLOSE_GOING_AWAY);
    g_hash_table_iter_init (&iter, self->connections);
  }
  for (guint i = 0; i < BIF_WEBSOCKET_N_ENDPOINTS; i++)
    g_clear_pointer (&self->endpoints[i].listener, bif_listener_free);
  self->server = NULL;
}

static const BifTransportInfo *
bif_websocket_info (BifTransport * transport)
{
  static const BifTransportInfo info = {
    .package = BIF_WEBSOCKET_PACKAGE,
    .name = "WebSocket transport",
    .description = "The API over WebSockets, plain and secure.",
    .author = "The Bifrons authors",
    .version_string = "0.1.0",
    .version = 1,
  };

  return &info;
}

static JsonObject *
bif_websocket_query (BifTransport * transport, JsonObject * request)
{
  BifWebsocket *self = BIF_WEBSOCKET (transport);
  JsonObject *response = NULL;

  if (g_strcmp0 (bif_json_get_string (request, "request"),
          "connections") == 0) {
    response = json_object_new ();
    json_object_set_int_member (response, "result", 200);
    json_object_set_int_member (response, "connections",
        g_hash_table_size (self->connections));
  }
  return bif_transport_answer_query (request, &self->settings.json, response);
}

static void
bif_websocket_transport_init (BifTransportInterface * iface)
{
  iface->info = bif_websocket_info;
  iface->start = bif_websocket_start;
  iface->stop = bif_websocket_stop;
  iface->query = bif_websocket_query;
}

static void
bif_websocket_dispose (GObject * object)
{
  bif_websocket_stop (BIF_TRANSPORT (object));
  G_OBJECT_CLASS (bif_websocket_parent_class)->dispose (object);
}

static void
bif_websocket_finalize (GObject * object)
{
  BifWebsocket *self = BIF_WEBSOCKET (object);

  g_hash_table_unref (self->connections);
  g_free (self->scratch);
  g_string_free (self->text, TRUE);
  bif_websocket_settings_clear (&self->settings);
  G_OBJECT_CLASS (bif_websocket_parent_class)->finalize (object);
}

static void
bif_websocket_class_init (BifWebsocketClass * klass)
{
  G_OBJECT_CLASS (klass)->dispose = bif_websocket_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_websocket_finalize;
}

static void
bif_websocket_init (BifWebsocket * self)
{
  self->connections =
      g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
  self->scratch = g_malloc (BIF_WEBSOCKET_SCRATCH_SIZE);
  self->text = g_string_sized_new (1024);
}

BifWebsocket *
bif_websocket_new (BifWebsocketSettings * settings)
{
  BifWebsocket *self = g_object_new (BIF_TYPE_WEBSOCKET, NULL);

  self->settings = *settings;
  memset (settings, 0, sizeof *settings);
  for (guint i = 0; i < BIF_WEBSOCKET_N_ENDPOINTS; i++) {
    BifWebsocketEndpoint *endpoint = &self->endpoints[i];

    endpoint->websocket = self;
    endpoint->admin = i >= BIF_WEBSOCKET_ADMIN;
    endpoint->protocol =
        endpoint->admin ? "janus-admin-protocol" : "janus-protocol";
  }
  return self;
}

guint
bif_websocket_port (BifWebsocket * self, BifWebsocketEndpointKind kind)
{
  BifListener *listener = self->endpoints[kind].listener;

  return listener != NULL ? bif_listener_port (listener) : 0;
}
