/* core.c: sessions, handles and messages, over WebSockets. */
#include "harness.h"

#include <string.h>

#define ID G_GUINT64_FORMAT

/* Sends a request at some level, and compares the whole answer. */
/* The least that is a description, as JSON text. */
#define SDP "v=0\\r\\no=- 1 1 IN IP4 192.0.2.1\\r\\ns=-\\r\\nt=0 0\\r\\n" \
  "m=audio 9 UDP/TLS/RTP/SAVPF 0\\r\\na=mid:0\\r\\na=ice-ufrag:abcd\\r\\n" \
  "a=ice-pwd:abcdefghijklmnopqrstuv\\r\\na=setup:actpass\\r\\n" \
  "a=fingerprint:sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:" \
  "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\\r\\n"

typedef struct
{
  const char *level;            /* "", "s", "h": ids that go along */
  const char *members;
  const char *answer;           /* behind the ids and the transaction */
  int code;                     /* 0: none: answer is compared */
} Exchange;

static char *
build (const Exchange * e, guint64 session, guint64 handle)
{
  g_autofree char *ids = g_strdup ("");

  if (*e->level == 's' || *e->level == 'h') {
    g_free (ids);
    ids = g_strdup_printf ("\"session_id\":%" ID ",", session);
  }
  if (*e->level == 'h') {
    char *both = g_strdup_printf ("%s\"handle_id\":%" ID ",", ids, handle);

    g_free (ids);
    ids = both;
  }
  return g_strdup_printf ("{%s\"transaction\":\"t\",%s}", ids, e->members);
}

static const Exchange exchanges[] = {
  { "", "\"janus\":\"PING\"", "\"janus\":\"pong\"", 0 },
  { "", "\"janus\":\"keepalive\"", "Unhandled request 'keepalive' at this path",
      457 },
  { "", "\"janus\":\"nope\"", "Unhandled request 'nope' at this path", 457 },
  { "", "\"janus\":\"keepalive\",\"handle_id\":5", "Session not found", 458 },
  { "", "\"janus\":\"keepalive\",\"session_id\":123",
      "No such session 123", 458 },
  { "", "\"janus\":\"ping\",\"session_id\":\"123\"", "\"janus\":\"pong\"", 0 },
  { "", "\"janus\":\"create\",\"id\":-1",
      "Invalid element type (id should be a positive integer)", 467 },
  { "s", "\"janus\":\"info\"", "Unknown request 'info'", 453 },
  { "s", "\"janus\":\"create\"", "Unknown request 'create'", 453 },
  { "s", "\"janus\":\"keepalive\"", "\"janus\":\"ack\"", 0 },
  { "h", "\"janus\":\"keepalive\"", "\"janus\":\"ack\"", 0 },
  { "s", "\"janus\":\"claim\"", "\"janus\":\"success\"", 0 },
  { "s", "\"janus\":\"message\",\"body\":{}",
      "Unhandled request 'message' at this path", 457 },
  { "s", "\"janus\":\"keepalive\",\"handle_id\":0", "Handle not found", 459 },
  { "s", "\"janus\":\"keepalive\",\"handle_id\":\"x\"", "Handle not found",
      459 },
  { "s", "\"janus\":\"detach\",\"handle_id\":77", "No such handle 77", 459 },
  { "s", "\"janus\":\"attach\"", "Missing mandatory element (plugin)", 456 },
  { "s", "\"janus\":\"attach\",\"plugin\":3",
      "Invalid element type (plugin should be a string)", 467 },
  { "s", "\"janus\":\"attach\",\"plugin\":\"nix\"", "No such plugin 'nix'",
      460 },
  { "s", "\"janus\":\"attach\",\"plugin\":\"janus.plugin.sip\"",
      "not built yet", 461 },
  { "h", "\"janus\":\"attach\",\"plugin\":\"janus.plugin.test\"",
      "Unhandled request 'attach' at this path", 457 },
  { "h", "\"janus\":\"hangup\"", "\"janus\":\"success\"", 0 },
  { "h", "\"janus\":\"message\"", "Missing mandatory element (body)", 456 },
  { "h", "\"janus\":\"message\",\"body\":1",
      "Invalid element type (body should be an object)", 467 },
  { "h", "\"janus\":\"message\",\"body\":{},\"jsep\":1",
      "Invalid jsep object", 455 },
  { "h", "\"janus\":\"message\",\"body\":{},\"jsep\":{}",
      "JSEP error: missing mandatory element (type)", 456 },
  { "h", "\"janus\":\"message\",\"body\":{},\"jsep\":{\"type\":1}",
      "JSEP error: invalid element type (type should be a string)", 467 },
  { "h", "\"janus\":\"message\",\"body\":{},"
      "\"jsep\":{\"type\":\"x\",\"sdp\":\"x\"}",
      "JSEP error: unknown message type 'x'", 464 },
  { "h", "\"janus\":\"message\",\"body\":{},"
      "\"jsep\":{\"type\":\"offer\",\"sdp\":\"x\",\"trickle\":1}",
      "JSEP error: invalid element type (trickle should be a boolean)", 467 },
  { "h", "\"janus\":\"message\",\"body\":{},"
      "\"jsep\":{\"type\":\"offer\",\"sdp\":\"x\"}", "Invalid SDP", 465 },
  { "h", "\"janus\":\"message\",\"body\":{},"
      "\"jsep\":{\"type\":\"ANSWER\",\"sdp\":\"" SDP "\"}",
      "Unexpected ANSWER (no OFFER)", 469 },
  { "h", "\"janus\":\"trickle\"",
      "Missing mandatory element (candidate|candidates)", 456 },
  { "h", "\"janus\":\"trickle\",\"candidate\":{},\"candidates\":null",
      "Can't have both candidate and candidates", 454 },
  { "h", "\"janus\":\"trickle\",\"candidate\":null", "\"janus\":\"ack\"", 0 },
  { "h", "\"janus\":\"trickle\",\"candidates\":5", "\"janus\":\"ack\"", 0 },
  { "h", "\"janus\":\"message\",\"body\":{}",
      "\"error_code\":412,\"error\":\"Missing mandatory element (request)\"",
      0 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":1}",
      "\"error_code\":413", 0 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":\"foo\"}",
      "\"data\":{\"test\":\"event\",\"error_code\":414,"
      "\"error\":\"Unknown request 'foo'\"}", 0 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":\"ECHO\","
      "\"text\":\"x\",\"room\":7,\"number\":3}",
      "\"plugindata\":{\"plugin\":\"janus.plugin.test\",\"data\":"
      "{\"test\":\"event\",\"text\":\"x\",\"room\":7,\"number\":3}}", 0 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":\"echo\","
      "\"room\":\"007\"}", "\"room\":\"007\"", 0 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":\"echo\"},"
      "\"jsep\":{\"type\":\"offer\",\"sdp\":\"" SDP "\",\"e2ee\":true}",
      "\"jsep\":{\"type\":\"answer\",\"sdp\":\"v=0 answer\",\"e2ee\":true}",
      0 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":\"strict\"}",
      "\"janus\":\"success\"", 0 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":\"strict\"}",
      "\"error_code\":412,\"error\":\"Missing mandatory element (text)\"",
      0 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":\"fail\"}",
      "\"data\":{\"test\":\"event\",\"error_code\":411,"
      "\"error\":\"no such luck\"}", 0 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":\"fail-core\"}",
      "not now", 471 },
  { "h", "\"janus\":\"message\",\"body\":{\"request\":\"fail-io\"}",
      "\"error_code\":499,\"error\":\"disk\"", 0 },
};

static void
test_exchanges (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (socket);
  guint64 handle = test_attach (socket, session, "janus.plugin.test");

  for (guint i = 0; i < G_N_ELEMENTS (exchanges); i++) {
    g_autofree char *request = build (&exchanges[i], session, handle);
    g_autofree char *answer = test_socket_ask (socket, "%s", request);

    g_test_message ("%s -> %s", request, answer);
    g_assert_cmpint (test_error_code (answer), ==, exchanges[i].code);
    g_assert_nonnull (strstr (answer, exchanges[i].answer));
    /* Errors of the envelope name no transaction. */
    if (strstr (exchanges[i].members, "\"id\":-1") == NULL)
      g_assert_nonnull (strstr (answer, "\"transaction\":\"t\""));
  }
  g_assert_true (g_queue_is_empty (&socket->messages));
}

/* Member order, ids, and an ack before its event. */
static void
test_shapes (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("core:general.opaqueid_in_api", "true", NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autofree char *created = test_socket_ask (socket,
      "{\"janus\":\"create\",\"transaction\":\"c\",\"id\":9007199254740991}");
  g_autofree char *conflict = NULL, *attached = NULL, *expected = NULL;
  guint64 handle;

  g_assert_cmpstr (created, ==, "{\"janus\":\"success\",\"transaction\":\"c\","
      "\"data\":{\"id\":9007199254740991}}");
  conflict = test_socket_ask (socket,
      "{\"janus\":\"create\",\"transaction\":\"c\",\"id\":9007199254740991}");
  g_assert_cmpstr (conflict, ==, "{\"janus\":\"error\","
      "\"session_id\":9007199254740991,\"transaction\":\"c\","
      "\"error\":{\"code\":468,\"reason\":\"Session ID already in use\"}}");
  attached = test_socket_ask (socket, "{\"janus\":\"attach\","
      "\"session_id\":9007199254740991,\"transaction\":\"a\","
      "\"plugin\":\"janus.plugin.test\",\"opaque_id\":\"op\"}");
  handle = g_ascii_strtoull (strstr (attached, "\"id\":") + 5, NULL, 10);
  g_assert_cmpuint (handle, <, G_GUINT64_CONSTANT (1) << 53);

  test_socket_send (socket, "{\"janus\":\"message\","
      "\"session_id\":9007199254740991,\"handle_id\":%" ID ","
      "\"transaction\":\"m\",\"body\":{\"request\":\"echo-async\","
      "\"number\":1}}", handle);
  test_socket_expect (socket, "{\"janus\":\"ack\","
      "\"session_id\":9007199254740991,\"transaction\":\"m\","
      "\"hint\":\"wait\"}");
  expected = g_strdup_printf ("{\"janus\":\"event\","
      "\"session_id\":9007199254740991,\"transaction\":\"m\","
      "\"sender\":%" ID ",\"opaque_id\":\"op\",\"plugindata\":"
      "{\"plugin\":\"janus.plugin.test\",\"data\":{\"test\":\"event\","
      "\"number\":1}}}", handle);
  test_socket_expect (socket, expected);
}

static char *
ask_message (TestSocket * socket, guint64 session, guint64 handle,
    const char *body)
{
  return test_socket_ask (socket, "{\"janus\":\"message\",\"session_id\":%" ID
      ",\"handle_id\":%" ID ",\"transaction\":\"m\",\"body\":%s}", session,
      handle, body);
}

static void
test_async_errors (void)
{
  static const struct
  {
    const char *body;
    const char *data;
  } cases[] = {
    { "{\"request\":\"fail-async\"}",
        "{\"test\":\"event\",\"error_code\":411,\"error\":\"no such luck\"}" },
    { "{\"request\":\"strict-async\"}",
        "\"error_code\":412,\"error\":\"Missing mandatory element (text)\"" },
    { "{\"request\":\"fail-core-async\"}",
        "\"error_code\":471,\"error\":\"not now\"" },
  };
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (socket);
  guint64 handle = test_attach (socket, session, "janus.plugin.test");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *ack =
        ask_message (socket, session, handle, cases[i].body);
    g_autofree char *event = test_socket_next (socket);

    g_assert_true (g_str_has_prefix (ack, "{\"janus\":\"ack\""));
    g_assert_true (g_str_has_prefix (event, "{\"janus\":\"event\""));
    g_assert_nonnull (strstr (event, "\"transaction\":\"m\""));
    g_assert_nonnull (strstr (event, cases[i].data));
  }
}

static void
test_unnamed_request (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (socket);
  guint64 handle = test_attach (socket, session, "janus.plugin.echotest");
  g_autofree char *ack = ask_message (socket, session, handle,
      "{\"audio\":true,\"request\":5}");
  g_autofree char *event = test_socket_next (socket);

  g_assert_nonnull (strstr (event,
          "{\"echotest\":\"event\",\"result\":\"ok\"}"));
}

static void
test_hold (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (socket);
  guint64 handle = test_attach (socket, session, "janus.plugin.test");
  g_autofree char *ack = NULL, *late = NULL, *last = NULL, *released = NULL;

  test_socket_send (socket, "{\"janus\":\"message\",\"session_id\":%" ID
      ",\"handle_id\":%" ID ",\"transaction\":\"held\",\"body\":"
      "{\"request\":\"hold\"}}", session, handle);
  late = ask_message (socket, session, handle, "{\"request\":\"release\"}");
  g_assert_nonnull (strstr (late, "\"transaction\":\"held\""));
  g_assert_nonnull (strstr (late, "\"late\":true"));
  released = test_socket_next (socket);
  g_assert_nonnull (strstr (released, "\"transaction\":\"m\""));

  /* What is held when the handle goes is an error while it can be told. */
  ack = ask_message (socket, session, handle, "{\"request\":\"hold-async\"}");
  last = test_socket_ask (socket, "{\"janus\":\"detach\",\"session_id\":%" ID
      ",\"handle_id\":%" ID ",\"transaction\":\"d\"}", session, handle);
  g_assert_true (g_str_has_prefix (last, "{\"janus\":\"success\""));
}

static void
test_detach (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (socket);
  guint64 handle = test_attach (socket, session, "janus.plugin.test");
  g_autofree char *success = test_socket_ask (socket,
      "{\"janus\":\"detach\",\"session_id\":%" ID ",\"handle_id\":%" ID
      ",\"transaction\":\"d\"}", session, handle);
  g_autofree char *expected = g_strdup_printf ("{\"janus\":\"detached\","
      "\"session_id\":%" ID ",\"sender\":%" ID "}", session, handle);
  g_autofree char *again = NULL;

  g_assert_true (g_str_has_prefix (success, "{\"janus\":\"success\""));
  test_socket_expect (socket, expected);
  again = ask_message (socket, session, handle, "{\"request\":\"echo\"}");
  g_assert_cmpint (test_error_code (again), ==, 459);
}

/* destroy says nothing of the handles. */
static void
test_destroy (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (socket);
  g_autofree char *destroyed = NULL, *pong = NULL, *gone = NULL;

  test_attach (socket, session, "janus.plugin.test");
  test_attach (socket, session, "janus.plugin.echotest");
  destroyed = test_socket_ask (socket, "{\"janus\":\"destroy\","
      "\"session_id\":%" ID ",\"transaction\":\"d\"}", session);
  g_assert_true (g_str_has_prefix (destroyed, "{\"janus\":\"success\""));
  pong = test_socket_ask (socket,
      "{\"janus\":\"ping\",\"transaction\":\"p\"}");
  g_assert_cmpstr (pong, ==, "{\"janus\":\"pong\",\"transaction\":\"p\"}");
  gone = test_socket_ask (socket, "{\"janus\":\"keepalive\","
      "\"session_id\":%" ID ",\"transaction\":\"k\"}", session);
  g_assert_cmpint (test_error_code (gone), ==, 458);
}

static void
test_claim (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("core:general.reclaim_session_timeout", "30", NULL);
  TestSocket *first = test_socket_new (server, FALSE, "janus-protocol");
  g_autoptr (TestSocket) second =
      test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (first);
  guint64 handle = test_attach (first, session, "janus.plugin.test");
  g_autofree char *claimed = NULL, *ack = NULL, *event = NULL, *kept = NULL;

  claimed = test_socket_ask (second, "{\"janus\":\"claim\",\"session_id\":%"
      ID ",\"transaction\":\"c\"}", session);
  g_assert_true (g_str_has_prefix (claimed, "{\"janus\":\"success\""));
  /* Who lost it may still ask; events go to the new owner. */
  ack = ask_message (first, session, handle, "{\"request\":\"echo-async\"}");
  g_assert_true (g_str_has_prefix (ack, "{\"janus\":\"ack\""));
  event = test_socket_next (second);
  g_assert_true (g_str_has_prefix (event, "{\"janus\":\"event\""));
  test_socket_free (first);
  kept = test_socket_ask (second, "{\"janus\":\"keepalive\",\"session_id\":%"
      ID ",\"transaction\":\"k\"}", session);
  g_assert_true (g_str_has_prefix (kept, "{\"janus\":\"ack\""));
}

static gboolean
has_no_session (gpointer data)
{
  gpointer *both = data;

  return !bif_server_has_session (both[0], *(guint64 *) both[1]);
}

static void
wait_until_gone (TestServer * server, guint64 session)
{
  gpointer both[] = { server->server, &session };
  /* The watchdog of the server wakes the loop up; a client leaving, too. */
  test_wait (has_no_session, both);
}

static void
test_gone (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  TestSocket *socket = test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (socket);

  test_attach (socket, session, "janus.plugin.test");
  test_socket_free (socket);
  wait_until_gone (server, session);
}

static void
test_reclaim (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("core:general.reclaim_session_timeout", "1", NULL);
  TestSocket *socket = test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (socket);

  test_socket_free (socket);
  g_assert_true (bif_server_has_session (server->server, session));
  wait_until_gone (server, session);
}

static void
test_timeout (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("core:general.session_timeout", "1", NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  guint64 session = test_create (socket);
  g_autofree char *expected = g_strdup_printf ("{\"janus\":\"timeout\","
      "\"session_id\":%" ID "}", session);

  test_attach (socket, session, "janus.plugin.test");
  test_socket_expect (socket, expected);
  g_assert_false (bif_server_has_session (server->server, session));
}

static void
test_two_servers (void)
{
  g_autoptr (TestServer) a = test_server_new (NULL);
  g_autoptr (TestServer) b = test_server_new (NULL);
  g_autoptr (TestSocket) to_a = test_socket_new (a, FALSE, "janus-protocol");
  g_autoptr (TestSocket) to_b = test_socket_new (b, FALSE, "janus-protocol");
  guint64 session = test_create (to_a);

  g_assert_true (bif_server_has_session (a->server, session));
  g_assert_false (bif_server_has_session (b->server, session));
  test_create (to_b);
}

/* Handles come and go; what is left shows under the leak checker. */
static void
test_churn (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");

  for (guint i = 0; i < 100; i++) {
    guint64 session = test_create (socket);
    guint64 handle = test_attach (socket, session, "janus.plugin.test");
    g_autofree char *held =
        ask_message (socket, session, handle, "{\"request\":\"hold-async\"}");
    g_autofree char *destroyed = test_socket_ask (socket,
        "{\"janus\":\"destroy\",\"session_id\":%" ID
        ",\"transaction\":\"d\"}", session);
  }
  /* The server goes with these still there. */
  for (guint i = 0; i < 10; i++)
    test_attach (socket, test_create (socket), "janus.plugin.test");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/core/exchanges", test_exchanges);
  g_test_add_func ("/core/shapes", test_shapes);
  g_test_add_func ("/core/async-errors", test_async_errors);
  g_test_add_func ("/core/unnamed-request", test_unnamed_request);
  g_test_add_func ("/core/hold", test_hold);
  g_test_add_func ("/core/detach", test_detach);
  g_test_add_func ("/core/destroy", test_destroy);
  g_test_add_func ("/core/claim", test_claim);
  g_test_add_func ("/core/gone", test_gone);
  g_test_add_func ("/core/reclaim", test_reclaim);
  g_test_add_func ("/core/timeout", test_timeout);
  g_test_add_func ("/core/two-servers", test_two_servers);
  g_test_add_func ("/core/churn", test_churn);
  return g_test_run ();
}
