/* http.c: the HTTP transport: statuses, paths, long polls. */
#include "harness.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ID G_GUINT64_FORMAT

typedef struct
{
  const char *method;
  const char *path;
  const char *body;             /* (nullable) */
  guint status;                 /* 0: closed without an answer */
  int code;                     /* of the error object, 0: none */
  gboolean admin;
} Case;

static const Case cases[] = {
  { "GET", "/janus/info", NULL, 200, 0 },
  { "GET", "/janus/info/", NULL, 200, 0 },
  { "GET", "/x/y/janus/info?a=b", NULL, 200, 0 },
  { "GET", "/janus/ping", NULL, 200, 0 },
  { "GET", "/janus", NULL, 404, 0 },
  { "GET", "/janusx/info", NULL, 404, 0 },
  { "GET", "/nothere", NULL, 404, 0 },
  { "GET", "/", NULL, 404, 0 },
  { "GET", "/janus/1/2/3", NULL, 404, 0 },
  { "GET", "/janus/12345", NULL, 404, 0 },
  { "GET", "/janus/0", NULL, 404, 0 },
  { "GET", "/janus/abc", NULL, 404, 0 },
  { "POST", "/janus/info", "{}", 400, 0 },
  { "POST", "/janus/ping", "{}", 400, 0 },
  { "POST", "/janus", "", 0, 0 },
  { "POST", "/janus", "{", 200, 454 },
  { "POST", "/janus", "{} x", 200, 454 },
  { "POST", "/janus", "[]", 200, 455 },
  { "POST", "/janus", "{}", 200, 456 },
  { "POST", "/janus", "{\"janus\":\"ping\"}", 200, 456 },
  { "POST", "/janus", "{\"janus\":\"nix\",\"transaction\":\"t\"}", 200, 457 },
  { "POST", "/janus/abc", "{\"janus\":\"ping\",\"transaction\":\"t\"}", 200,
      0 },
  { "POST", "/janus/5", "{\"janus\":\"keepalive\",\"transaction\":\"t\"}", 200,
      458 },
  { "POST", "/janus/5/6", "{\"janus\":\"detach\",\"transaction\":\"t\"}", 200,
      458 },
  { "POST", "/janus/5", "{\"janus\":\"x\",\"transaction\":\"t\","
      "\"session_id\":6}", 200, 457 },
  { "POST", "/janus/5/6", "{\"janus\":\"x\",\"transaction\":\"t\","
      "\"session_id\":5,\"handle_id\":7}", 200, 457 },
  { "POST", "/janus/1/2/3", "{\"janus\":\"x\",\"transaction\":\"t\"}", 404,
      0 },
  { "PUT", "/janus", "{}", 200, 450 },
  { "DELETE", "/janus/5", NULL, 200, 450 },
  { "OPTIONS", "/janus", NULL, 200, 0 },
  { "OPTIONS", "/elsewhere", NULL, 200, 0 },
  { "GET", "/admin/info", NULL, 200, 0, TRUE },
  { "GET", "/admin/ping", NULL, 200, 0, TRUE },
  { "GET", "/admin", NULL, 200, 454, TRUE },
  { "GET", "/admin/5", NULL, 200, 454, TRUE },
  { "POST", "/admin/info", "{}", 200, 450, TRUE },
  { "POST", "/admin/ping", "{}", 400, 0, TRUE },
  { "POST", "/admin", "", 200, 454, TRUE },
  { "POST", "/admin", "{", 200, 454, TRUE },
  { "POST", "/admin", "{\"janus\":\"list_sessions\",\"transaction\":\"t\"}",
      200, 403, TRUE },
  { "GET", "/janus/info", NULL, 404, 0, TRUE },
  { "GET", "/admin/info", NULL, 404, 0, FALSE },
};

static void
test_statuses (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const Case *c = &cases[i];
    g_autoptr (TestResponse) r = test_http_start (server, c->method, c->path,
        c->body, NULL, c->admin);

    test_response_wait (r);
    g_test_message ("%s %s -> %u %s", c->method, c->path, r->status, r->text);
    g_assert_cmpuint (r->status, ==, c->status);
    if (c->status == 0)
      continue;
    g_assert_cmpint (test_error_code (r->text), ==, c->code);
    g_assert_cmpstr (soup_message_headers_get_one (r->headers,
            "Access-Control-Allow-Origin"), ==, "*");
    g_assert_cmpstr (soup_message_headers_get_one (r->headers,
            "Access-Control-Max-Age"), ==, "86400");
    if (r->text[0] == '{')
      g_assert_cmpstr (soup_message_headers_get_content_type (r->headers,
              NULL), ==, "application/json");
    else
      g_assert_cmpstr (r->text, ==, "");
  }
}

static void
test_cors (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("http:cors.allow_origin", "http://good.test",
      "http:cors.enforce_cors", "true", NULL);
  g_autoptr (TestResponse) preflight = test_http_start (server, "OPTIONS",
      "/janus", NULL, "Origin: http://good.test\n"
      "Access-Control-Request-Method: POST\n"
      "Access-Control-Request-Headers: x-a, content-type", FALSE);
  g_autoptr (TestResponse) wrong = test_http_start (server, "GET",
      "/janus/info", NULL, "Origin: http://bad.test", FALSE);
  g_autoptr (TestResponse) none = test_http_start (server, "GET",
      "/janus/info", NULL, NULL, FALSE);
  g_autoptr (TestResponse) referer = test_http_start (server, "GET",
      "/janus/ping", NULL, "Referer: http://good.test/page", FALSE);

  test_response_wait (preflight);
  g_assert_cmpuint (preflight->status, ==, 200);
  g_assert_cmpstr (soup_message_headers_get_one (preflight->headers,
          "Access-Control-Allow-Origin"), ==, "http://good.test");
  g_assert_cmpstr (soup_message_headers_get_one (preflight->headers,
          "Access-Control-Allow-Methods"), ==, "POST");
  g_assert_cmpstr (soup_message_headers_get_list (preflight->headers,
          "Access-Control-Allow-Headers"), ==, "x-a, content-type");
  g_assert_cmpstr (soup_message_headers_get_one (preflight->headers,
          "Access-Control-Allow-Credentials"), ==, "true");
  test_response_wait (wrong);
  g_assert_cmpuint (wrong->status, ==, 403);
  test_response_wait (none);
  g_assert_cmpuint (none->status, ==, 403);
  test_response_wait (referer);
  g_assert_cmpuint (referer->status, ==, 200);
}

/* ---- sessions ---- */

static guint64
post_id (TestServer * server, const char *path, const char *body)
{
  g_autoptr (TestResponse) r = test_http (server, "POST", path, body);
  const char *id = strstr (r->text, "\"data\":{\"id\":");

  g_assert_nonnull (id);
  return g_ascii_strtoull (id + strlen ("\"data\":{\"id\":"), NULL, 10);
}

static guint64
create (TestServer * server)
{
  return post_id (server, "/janus",
      "{\"janus\":\"create\",\"transaction\":\"c\"}");
}

static guint64
attach (TestServer * server, guint64 session)
{
  g_autofree char *path = g_strdup_printf ("/janus/%" ID, session);

  return post_id (server, path, "{\"janus\":\"attach\",\"transaction\":\"a\","
      "\"plugin\":\"janus.plugin.test\"}");
}

static char *
post (TestServer * server, guint64 session, guint64 handle, const char *body)
{
  g_autofree char *path = handle != 0
      ? g_strdup_printf ("/janus/%" ID "/%" ID, session, handle)
      : g_strdup_printf ("/janus/%" ID, session);
  g_autoptr (TestResponse) r = test_http (server, "POST", path, body);

  return g_strdup (r->text);
}

static void
push (TestServer * server, guint64 session, guint64 handle, guint number)
{
  g_autofree char *body = g_strdup_printf ("{\"janus\":\"message\","
      "\"transaction\":\"p\",\"body\":{\"request\":\"push\","
      "\"number\":%u}}", number);
  g_autofree char *answer = post (server, session, handle, body);

  g_assert_nonnull (strstr (answer, "\"janus\":\"success\""));
}

static TestResponse *
poll (TestServer * server, guint64 session, const char *query)
{
  g_autofree char *path =
      g_strdup_printf ("/janus/%" ID "%s", session, query);

  return test_http_start (server, "GET", path, NULL, NULL, FALSE);
}

static void
test_poll_queue (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  guint64 session = create (server);
  guint64 handle = attach (server, session);
  g_autoptr (TestResponse) one = NULL, two = NULL, rest = NULL;

  push (server, session, handle, 5);
  one = poll (server, session, "?rid=1");
  test_response_wait (one);
  g_assert_nonnull (strstr (one->text, "\"n\":0"));
  g_assert_cmpint (one->text[0], ==, '{');
  two = poll (server, session, "?maxev=2");
  test_response_wait (two);
  g_assert_cmpint (two->text[0], ==, '[');
  g_assert_nonnull (strstr (two->text, "\"n\":1"));
  g_assert_nonnull (strstr (two->text, "\"n\":2"));
  rest = poll (server, session, "?maxev=100");
  test_response_wait (rest);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (rest->json)),
      ==, 2);
}

static gboolean
both_done (gpointer data)
{
  TestResponse **both = data;

  return both[0]->done && both[1]->done;
}

/* One event wakes all: the first takes it, the others hear a keepalive. */
static void
test_poll_wait (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  guint64 session = create (server);
  guint64 handle = attach (server, session);
  TestResponse *both[] = {
    poll (server, session, "?maxev=1"), poll (server, session, "?maxev=3"),
  };
  gboolean first;

  /* They have arrived once others have that came behind them. */
  for (guint i = 0; i < 3; i++) {
    g_autofree char *ack = post (server, session, 0,
        "{\"janus\":\"keepalive\",\"transaction\":\"k\"}");

    g_assert_nonnull (strstr (ack, "\"janus\":\"ack\""));
  }
  push (server, session, handle, 1);
  test_wait (both_done, both);
  g_test_message ("%s / %s", both[0]->text, both[1]->text);
  first = strstr (both[0]->text, "keepalive") == NULL;
  g_assert_nonnull (strstr (both[first ? 0 : 1]->text, "\"n\":0"));
  g_assert_cmpstr (both[first ? 1 : 0]->text, ==,
      first ? "[{\"janus\":\"keepalive\"}]" : "{\"janus\":\"keepalive\"}");
  test_response_free (both[0]);
  test_response_free (both[1]);
}

static void
test_poll_claim (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  guint64 session = create (server);
  guint64 handle = attach (server, session);
  g_autofree char *claimed = NULL;
  g_autoptr (TestResponse) waiting = NULL;

  push (server, session, handle, 3);
  claimed = post (server, session, 0,
      "{\"janus\":\"claim\",\"transaction\":\"c\"}");
  g_assert_nonnull (strstr (claimed, "\"janus\":\"success\""));
  /* The old queue is lost; the new one takes what comes now. */
  waiting = poll (server, session, "");
  push (server, session, handle, 1);
  test_response_wait (waiting);
  g_assert_nonnull (strstr (waiting->text, "\"n\":0"));
}

static void
test_poll_destroy (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  guint64 session = create (server);
  g_autoptr (TestResponse) after = NULL, redirect = NULL;
  g_autofree char *destroyed = NULL, *path = NULL, *to = NULL;

  path = g_strdup_printf ("/janus/%" ID "/77", session);
  to = g_strdup_printf ("/janus/%" ID, session);
  redirect = test_http (server, "GET", path, NULL);
  g_assert_cmpuint (redirect->status, ==, 302);
  g_assert_cmpstr (soup_message_headers_get_one (redirect->headers,
          "Location"), ==, to);
  destroyed = post (server, session, 0,
      "{\"janus\":\"destroy\",\"transaction\":\"d\"}");
  g_assert_nonnull (strstr (destroyed, "\"janus\":\"success\""));
  after = poll (server, session, "");
  test_response_wait (after);
  g_assert_cmpuint (after->status, ==, 404);
}

static void
test_poll_timeout_event (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("core:general.session_timeout", "1", NULL);
  guint64 session = create (server);
  g_autoptr (TestResponse) waiting = poll (server, session, "");
  g_autoptr (TestResponse) after = NULL;

  test_response_wait (waiting);
  g_assert_nonnull (strstr (waiting->text, "\"janus\":\"timeout\""));
  after = poll (server, session, "");
  test_response_wait (after);
  g_assert_cmpuint (after->status, ==, 404);
}

/* A reply that a plugin holds; and a server that stops while one is due. */
static void
test_held (void)
{
  TestServer *server = test_server_new (NULL);
  guint64 session = create (server);
  guint64 handle = attach (server, session);
  g_autofree char *path =
      g_strdup_printf ("/janus/%" ID "/%" ID, session, handle);
  const char *hold = "{\"janus\":\"message\",\"transaction\":\"h\","
      "\"body\":{\"request\":\"hold\"}}";
  g_autoptr (TestResponse) held =
      test_http_start (server, "POST", path, hold, NULL, FALSE);
  g_autofree char *released = NULL;
  g_autoptr (TestResponse) cut = NULL, waiting = NULL;

  while (!held->done) {
    g_autofree char *r = post (server, session, handle,
        "{\"janus\":\"message\",\"transaction\":\"r\","
        "\"body\":{\"request\":\"release\"}}");

    g_assert_nonnull (strstr (r, "\"janus\":\"success\""));
    while (g_main_context_iteration (NULL, FALSE));
  }
  g_assert_nonnull (strstr (held->text, "\"late\":true"));

  cut = test_http_start (server, "POST", path, hold, NULL, FALSE);
  waiting = poll (server, session, "");
  released = post (server, session, handle,
      "{\"janus\":\"keepalive\",\"transaction\":\"k\"}");
  test_server_free (server);
  test_response_wait (cut);
  test_response_wait (waiting);
}

/* ---- hostile ---- */

static void
test_large_body (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autofree char *body = g_strnfill (1024 * 1024 + 1, ' ');
  g_autoptr (TestResponse) large = test_http (server, "POST", "/janus", body);
  g_autoptr (TestResponse) chunked = NULL;

  g_assert_cmpuint (large->status, ==, 413);
  chunked = test_http_start (server, "POST", "/janus", body,
      "Transfer-Encoding: chunked", FALSE);
  test_response_wait (chunked);
  g_assert_cmpuint (chunked->status, ==, 413);
}

typedef struct
{
  GString *text;
  char buffer[4096];
  gboolean ended;
} Raw;

static void
raw_read (GObject * source, GAsyncResult * result, gpointer user_data)
{
  Raw *raw = user_data;
  gssize size =
      g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (size <= 0) {
    raw->ended = TRUE;
    return;
  }
  g_string_append_len (raw->text, raw->buffer, size);
  g_input_stream_read_async (G_INPUT_STREAM (source), raw->buffer,
      sizeof raw->buffer, G_PRIORITY_DEFAULT, NULL, raw_read, raw);
}

static gboolean
raw_ended (gpointer data)
{
  return ((Raw *) data)->ended;
}

/* Sends bytes, closes that side, and returns what came until the end. */
static char *
raw_exchange (guint port, const char *bytes)
{
  g_autoptr (GSocketConnection) connection = test_connect (port);
  GInputStream *in =
      g_io_stream_get_input_stream (G_IO_STREAM (connection));
  Raw raw = {.text = g_string_new (NULL) };

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM
          (connection)), bytes, strlen (bytes), NULL, NULL, NULL);
  g_socket_shutdown (g_socket_connection_get_socket (connection), FALSE, TRUE,
      NULL);
  g_input_stream_read_async (in, raw.buffer, sizeof raw.buffer,
      G_PRIORITY_DEFAULT, NULL, raw_read, &raw);
  test_wait (raw_ended, &raw);
  return g_string_free (raw.text, FALSE);
}

static void
test_hostile (void)
{
  static const char *const texts[] = {
    "", "\r\n\r\n", "GET", "GET /janus/info HTTP/1.1\r\n",
    "GET  HTTP/1.1\r\n\r\n", "\x16\x03\x01\x02",
    "POST /janus HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "POST /janus HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{}",
    "PUT / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "GET /janus/%00 HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /janus/99999999999999999999999999 HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET /janus/1?maxev=-99999999999999999999 HTTP/1.1\r\nHost: x\r\n\r\n",
    "GET http:///janus HTTP/1.1\r\nHost: x\r\n\r\n",
  };
  g_autoptr (TestServer) server = test_server_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree char *answer = raw_exchange (bif_http_port (server->http,
            BIF_HTTP_PLAIN), texts[i]);
    g_autoptr (TestResponse) alive =
        test_http (server, "GET", "/janus/ping", NULL);

    g_test_message ("%u: %s", i, answer);
    g_assert_cmpuint (alive->status, ==, 200);
  }
}

static guint
open_connections (TestServer * server)
{
  g_autoptr (JsonNode) node = bif_json_parse
      ("{\"request\":\"connections\"}", 25, NULL, NULL);
  JsonObject *response = bif_transport_query (BIF_TRANSPORT (server->http),
      json_node_get_object (node));
  guint number = json_object_get_int_member (json_object_get_object_member
      (response, "connections"), "http");

  json_object_unref (response);
  return number;
}

static gboolean
none_open (gpointer data)
{
  return open_connections (data) == 0;
}

/* Connections that end in silence, between two requests, or by a reset. */
static void
test_closed_connections (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  const char *request = "GET /janus/ping HTTP/1.1\r\nHost: x\r\n\r\n";

  for (guint i = 0; i < 6; i++) {
    g_autoptr (GSocketConnection) connection =
        test_connect (bif_http_port (server->http, BIF_HTTP_PLAIN));
    struct linger linger = { 1, 0 };

    if (i % 3 > 0)
      g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM
              (connection)), request, strlen (request), NULL, NULL, NULL);
    while (open_connections (server) == 0)
      g_main_context_iteration (NULL, TRUE);
    while (i % 3 > 0 && !(g_socket_condition_check
            (g_socket_connection_get_socket (connection),
                G_IO_IN) & G_IO_IN))
      g_main_context_iteration (NULL, FALSE);
    if (i >= 3)
      setsockopt (g_socket_get_fd (g_socket_connection_get_socket
              (connection)), SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
    g_io_stream_close (G_IO_STREAM (connection), NULL, NULL);
    test_wait (none_open, server);
  }
}

static void
test_acl (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("http:general.acl", "10.,192.168.", NULL);
  g_autoptr (TestServer) open = test_server_new ("http:general.acl",
      "10., 127.0.0.", "http:general.acl_forwarded", "true", NULL);
  g_autoptr (TestResponse) refused =
      test_http (server, "GET", "/janus/info", NULL);
  g_autoptr (TestResponse) taken =
      test_http (open, "GET", "/janus/info", NULL);
  g_autoptr (TestResponse) forwarded = test_http_start (open, "GET",
      "/janus/info", NULL, "X-Forwarded-For: 8.8.8.8, 127.0.0.1", FALSE);
  g_autoptr (TestResponse) good = test_http_start (open, "GET",
      "/janus/info", NULL, "X-Forwarded-For: 10.1.2.3", FALSE);

  g_assert_cmpuint (refused->status, ==, 0);
  g_assert_cmpuint (taken->status, ==, 200);
  test_response_wait (forwarded);
  g_assert_cmpuint (forwarded->status, ==, 0);
  test_response_wait (good);
  g_assert_cmpuint (good->status, ==, 200);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/http/statuses", test_statuses);
  g_test_add_func ("/http/cors", test_cors);
  g_test_add_func ("/http/poll-queue", test_poll_queue);
  g_test_add_func ("/http/poll-wait", test_poll_wait);
  g_test_add_func ("/http/poll-claim", test_poll_claim);
  g_test_add_func ("/http/poll-destroy", test_poll_destroy);
  g_test_add_func ("/http/poll-timeout-event", test_poll_timeout_event);
  g_test_add_func ("/http/held", test_held);
  g_test_add_func ("/http/large-body", test_large_body);
  g_test_add_func ("/http/hostile", test_hostile);
  g_test_add_func ("/http/closed-connections", test_closed_connections);
  g_test_add_func ("/http/acl", test_acl);
  return g_test_run ();
}
