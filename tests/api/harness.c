/* harness.c: see harness.h. */
#include "harness.h"
#include "base/post.h"
#include "plugins/planned.h"
#include "test-plugin.h"

#include <string.h>

#define WATCHDOG_S 60

static gboolean
watchdog (gpointer data)
{
  g_error ("waited in vain");
  return G_SOURCE_REMOVE;
}

void
test_wait (TestCondition condition, gpointer data)
{
  guint source = g_timeout_add_seconds (WATCHDOG_S, watchdog, NULL);

  while (!condition (data))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (source);
}

/* ---- server ---- */

static void
set_defaults (BifConfig * core, BifConfig * http, BifConfig * ws)
{
  bif_config_set (core, "general", "admin_secret", "over");
  bif_config_set (http, "general", "http", "true");
  bif_config_set (http, "general", "port", "0");
  bif_config_set (http, "general", "ip", "127.0.0.1");
  bif_config_set (http, "admin", "admin_http", "true");
  bif_config_set (http, "admin", "admin_port", "0");
  bif_config_set (http, "admin", "admin_ip", "127.0.0.1");
  bif_config_set (ws, "general", "ws", "true");
  bif_config_set (ws, "general", "ws_port", "0");
  bif_config_set (ws, "general", "ws_ip", "127.0.0.1");
  bif_config_set (ws, "admin", "admin_ws", "true");
  bif_config_set (ws, "admin", "admin_ws_port", "0");
  bif_config_set (ws, "admin", "admin_ws_ip", "127.0.0.1");
}

static void
set_value (BifConfig * config, const char *name, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (name, ".", 2);

  bif_config_set (config, parts[0], parts[1], value);
}

static void
add_plugins (BifServer * server)
{
  g_autoptr (GError) error = NULL;

  bif_server_add_plugin (server, &bif_plugin_test, &error);
  g_assert_no_error (error);
  bif_server_add_plugin (server, &bif_plugin_testbody, &error);
  g_assert_no_error (error);
  for (const BifPluginInfo * p = bif_plugins_planned; p->package; p++) {
    bif_server_add_plugin (server, p, &error);
    g_assert_no_error (error);
  }
}

static void
mount_recordings (BifHttp * http)
{
  const char *text = g_getenv ("BIF_TEST_RECORDINGS");
  g_auto (GStrv) folders = g_strsplit (text != NULL ? text : "", ":", -1);

  for (guint i = 0; folders[i] != NULL; i++)
    bif_http_mount_media (http, "/recordings/", folders[i]);
}

TestServer *
test_server_new (const char *key, ...)
{
  TestServer *self = g_new0 (TestServer, 1);
  g_autoptr (BifConfig) core = bif_config_new ();
  g_autoptr (BifConfig) http = bif_config_new ();
  g_autoptr (BifConfig) ws = bif_config_new ();
  g_autoptr (GError) error = NULL;
  BifHttpSettings http_settings;
  BifWebsocketSettings ws_settings;
  va_list args;

  bif_post_init ();
  set_defaults (core, http, ws);
  va_start (args, key);
  for (; key != NULL; key = va_arg (args, const char *)) {
    BifConfig *config = g_str_has_prefix (key, "http:") ? http
        : g_str_has_prefix (key, "ws:") ? ws : core;

    set_value (config, strchr (key, ':') + 1, va_arg (args, const char *));
  }
  va_end (args);

  self->server = bif_server_new (bif_settings_new (core, NULL, &error));
  g_assert_no_error (error);
  add_plugins (self->server);
  g_assert_true (bif_http_settings_read (&http_settings, http, &error));
  bif_websocket_settings_read (&ws_settings, ws);
  http_settings.tls.own_folder = g_strdup (g_getenv ("BIF_TEST_FOLDER"));
  ws_settings.tls.own_folder = g_strdup (g_getenv ("BIF_TEST_FOLDER"));
  self->http = bif_http_new (&http_settings);
  self->websocket = bif_websocket_new (&ws_settings);
  if (g_getenv ("BIF_TEST_MOUNT") != NULL)
    bif_http_mount (self->http, "/", g_getenv ("BIF_TEST_MOUNT"));
  mount_recordings (self->http);
  bif_server_add_transport (self->server, BIF_TRANSPORT (self->http));
  bif_server_add_transport (self->server, BIF_TRANSPORT (self->websocket));
  bif_server_start (self->server, &error);
  g_assert_no_error (error);
  self->session = soup_session_new_with_options ("max-conns", 100,
      "max-conns-per-host", 100, NULL);
  return self;
}

static void
gone (gpointer data, GObject * object)
{
  *(gboolean *) data = TRUE;
}

static gboolean
is_set (gpointer data)
{
  return *(gboolean *) data;
}

void
test_server_free (TestServer * self)
{
  gboolean server_gone = FALSE, http_gone = FALSE, websocket_gone = FALSE;

  soup_session_abort (self->session);
  g_object_unref (self->session);
  g_object_weak_ref (G_OBJECT (self->server), gone, &server_gone);
  g_object_weak_ref (G_OBJECT (self->http), gone, &http_gone);
  g_object_weak_ref (G_OBJECT (self->websocket), gone, &websocket_gone);
  bif_server_stop (self->server);
  bif_server_stop (self->server);
  g_object_unref (self->http);
  g_object_unref (self->websocket);
  g_object_unref (self->server);
  test_wait (is_set, &server_gone);
  test_wait (is_set, &http_gone);
  test_wait (is_set, &websocket_gone);
  while (g_main_context_iteration (NULL, FALSE));
  g_free (self);
}

/* ---- HTTP ---- */

void
test_response_free (TestResponse * self)
{
  test_response_wait (self);
  g_clear_pointer (&self->headers, soup_message_headers_unref);
  g_clear_pointer (&self->json, json_node_unref);
  g_free (self->text);
  g_free (self);
}

static void
response_read (GObject * source, GAsyncResult * result, gpointer user_data)
{
  TestResponse *self = user_data;
  SoupSession *session = SOUP_SESSION (source);
  SoupMessage *message =
      soup_session_get_async_result_message (session, result);
  g_autoptr (GBytes) bytes =
      soup_session_send_and_read_finish (session, result, NULL);

  self->headers =
      soup_message_headers_ref (soup_message_get_response_headers (message));
  if (bytes != NULL) {
    self->status = soup_message_get_status (message);
    self->text = g_strndup (g_bytes_get_size (bytes) > 0
        ? g_bytes_get_data (bytes, NULL) : "", g_bytes_get_size (bytes));
    self->json = bif_json_parse (self->text, strlen (self->text), NULL, NULL);
  }
  self->done = TRUE;
}

static void
add_headers (SoupMessage * message, const char *lines)
{
  g_auto (GStrv) all = g_strsplit (lines != NULL ? lines : "", "\n", -1);

  for (guint i = 0; all[i] != NULL; i++) {
    g_auto (GStrv) pair = g_strsplit (all[i], ": ", 2);

    if (pair[0] != NULL && pair[1] != NULL)
      soup_message_headers_append (soup_message_get_request_headers (message),
          pair[0], pair[1]);
  }
}

TestResponse *
test_http_start (TestServer * self, const char *method, const char *path,
    const char *body, const char *headers, gboolean admin)
{
  TestResponse *response = g_new0 (TestResponse, 1);
  g_autofree char *uri = g_strdup_printf ("http://127.0.0.1:%u%s",
      bif_http_port (self->http, admin ? BIF_HTTP_ADMIN : BIF_HTTP_PLAIN),
      path);
  g_autoptr (SoupMessage) message = soup_message_new (method, uri);

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT
      | SOUP_MESSAGE_NEW_CONNECTION);
  add_headers (message, headers);
  if (body != NULL) {
    g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));

    soup_message_set_request_body_from_bytes (message, "application/json",
        bytes);
  }
  soup_session_send_and_read_async (self->session, message,
      G_PRIORITY_DEFAULT, NULL, response_read, response);
  return response;
}

void
test_response_wait (TestResponse * self)
{
  test_wait (is_set, &self->done);
}

TestResponse *
test_http (TestServer * self, const char *method, const char *path,
    const char *body)
{
  TestResponse *response =
      test_http_start (self, method, path, body, NULL, FALSE);

  test_response_wait (response);
  return response;
}

/* ---- WebSocket ---- */

static void
on_message (SoupWebsocketConnection * connection, int type, GBytes * bytes,
    gpointer user_data)
{
  TestSocket *self = user_data;
  g_autoptr (GError) error = NULL;
  JsonNode *node = bif_json_parse (g_bytes_get_data (bytes, NULL),
      g_bytes_get_size (bytes), NULL, &error);

  g_assert_no_error (error);
  g_queue_push_tail (&self->messages, node);
}

static void
on_closed (SoupWebsocketConnection * connection, gpointer user_data)
{
  ((TestSocket *) user_data)->closed = TRUE;
}

static void
on_connected (GObject * source, GAsyncResult * result, gpointer user_data)
{
  TestSocket *self = user_data;

  self->opened = TRUE;
  self->connection = soup_session_websocket_connect_finish
      (SOUP_SESSION (source), result, NULL);
  if (self->connection == NULL)
    return;
  soup_websocket_connection_set_max_incoming_payload_size (self->connection,
      0);
  g_signal_connect (self->connection, "message", G_CALLBACK (on_message),
      self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
}

TestSocket *
test_socket_new (TestServer * server, gboolean admin, const char *protocol)
{
  TestSocket *self = g_new0 (TestSocket, 1);
  g_autofree char *uri = g_strdup_printf ("ws://127.0.0.1:%u/any/path",
      bif_websocket_port (server->websocket,
          admin ? BIF_WEBSOCKET_ADMIN : BIF_WEBSOCKET_PLAIN));
  g_autoptr (SoupMessage) message = soup_message_new ("GET", uri);
  char *protocols[] = { (char *) protocol, NULL };

  g_queue_init (&self->messages);
  soup_session_websocket_connect_async (server->session, message, NULL,
      protocol != NULL ? protocols : NULL, G_PRIORITY_DEFAULT, NULL,
      on_connected, self);
  test_wait (is_set, &self->opened);
  return self;
}

void
test_socket_wait_closed (TestSocket * self)
{
  test_wait (is_set, &self->closed);
}

void
test_socket_free (TestSocket * self)
{
  if (self->connection != NULL) {
    if (soup_websocket_connection_get_state (self->connection)
        == SOUP_WEBSOCKET_STATE_OPEN)
      soup_websocket_connection_close (self->connection, 1000, NULL);
    test_socket_wait_closed (self);
    g_signal_handlers_disconnect_by_data (self->connection, self);
    g_object_unref (self->connection);
  }
  g_queue_clear_full (&self->messages, (GDestroyNotify) json_node_unref);
  g_free (self);
}

void
test_socket_send (TestSocket * self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  soup_websocket_connection_send_text (self->connection, text);
}

static gboolean
has_message (gpointer data)
{
  TestSocket *self = data;

  g_assert_false (self->closed);
  return !g_queue_is_empty (&self->messages);
}

char *
test_socket_next (TestSocket * self)
{
  g_autoptr (JsonNode) node = NULL;

  test_wait (has_message, self);
  node = g_queue_pop_head (&self->messages);
  return bif_json_to_string (node, BIF_JSON_COMPACT, NULL);
}

char *
test_socket_ask (TestSocket * self, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  soup_websocket_connection_send_text (self->connection, text);
  return test_socket_next (self);
}

void
test_socket_expect (TestSocket * self, const char *text)
{
  g_autofree char *got = test_socket_next (self);

  g_assert_cmpstr (got, ==, text);
}

static guint64
answered_id (const char *text)
{
  const char *id = strstr (text, "\"data\":{\"id\":");

  g_assert_nonnull (id);
  return g_ascii_strtoull (id + strlen ("\"data\":{\"id\":"), NULL, 10);
}

guint64
test_create (TestSocket * socket)
{
  g_autofree char *text =
      test_socket_ask (socket, "{\"janus\":\"create\",\"transaction\":\"c\"}");

  return answered_id (text);
}

guint64
test_attach (TestSocket * socket, guint64 session, const char *package)
{
  g_autofree char *text = test_socket_ask (socket,
      "{\"janus\":\"attach\",\"transaction\":\"a\",\"plugin\":\"%s\","
      "\"session_id\":%" G_GUINT64_FORMAT "}", package, session);

  return answered_id (text);
}

int
test_error_code (const char *text)
{
  const char *code = strstr (text, "\"error\":{\"code\":");

  return code != NULL
      ? atoi (code + strlen ("\"error\":{\"code\":")) : 0;
}

GSocketConnection *
test_connect (guint port)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *connection = g_socket_client_connect_to_host (client,
      "127.0.0.1", port, NULL, &error);

  g_assert_no_error (error);
  return connection;
}
