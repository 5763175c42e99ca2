/* admin.c: the Admin API, end to end. */
#include "harness.h"

#include <string.h>

#define ID G_GUINT64_FORMAT

typedef struct
{
  const char *level;            /* "", "s", "h" */
  const char *members;
  const char *answer;
  int code;
} Exchange;

static const Exchange exchanges[] = {
  { "", "\"janus\":\"ping\"", "\"janus\":\"pong\"", 0 },
  { "", "\"janus\":\"info\"", "\"janus\":\"server_info\"", 0 },
  { "", "\"janus\":\"nope\"", "Unhandled request 'nope' at this path", 457 },
  { "s", "\"janus\":\"info\"", "Unhandled request 'info' at this path", 457 },
  { "", "\"janus\":\"get_status\"", "\"status\":{\"token_auth\":false,"
      "\"session_timeout\":60,", 0 },
  { "", "\"janus\":\"set_session_timeout\"",
      "Missing mandatory element (timeout)", 456 },
  { "", "\"janus\":\"set_session_timeout\",\"timeout\":-1",
      "Invalid element type (timeout should be a positive integer)", 467 },
  { "", "\"janus\":\"set_session_timeout\",\"timeout\":50",
      "\"timeout\":50", 0 },
  { "", "\"janus\":\"set_log_level\",\"level\":8",
      "Invalid element type (level should be between 0 and 7)", 467 },
  { "", "\"janus\":\"set_log_level\",\"level\":-1",
      "Invalid element type (level should be a positive integer)", 467 },
  { "", "\"janus\":\"set_log_level\",\"level\":7", "\"level\":7", 0 },
  { "", "\"janus\":\"set_log_timestamps\",\"timestamps\":1",
      "Invalid element type (timestamps should be a boolean)", 467 },
  { "", "\"janus\":\"set_log_timestamps\",\"timestamps\":true",
      "\"log_timestamps\":true", 0 },
  { "", "\"janus\":\"set_log_colors\",\"colors\":false",
      "\"log_colors\":false", 0 },
  { "", "\"janus\":\"set_min_nack_queue\",\"min_nack_queue\":5000",
      "\"min_nack_queue\":1000", 0 },
  { "", "\"janus\":\"set_nack_optimizations\",\"nack_optimizations\":true",
      "\"nack-optimizations\":true", 0 },
  { "", "\"janus\":\"set_no_media_timer\",\"no_media_timer\":3",
      "\"no_media_timer\":3", 0 },
  { "", "\"janus\":\"set_slowlink_threshold\",\"slowlink_threshold\":4",
      "\"slowlink_threshold\":4", 0 },
  { "", "\"janus\":\"loops_info\"", "\"loops\":[]", 0 },
  { "", "\"janus\":\"message_plugin\",\"plugin\":\"x\"", "Invalid plugin",
      460 },
  { "", "\"janus\":\"message_plugin\",\"plugin\":\"janus.plugin.echotest\"",
      "Plugin doesn't support Admin API messages", 490 },
  { "", "\"janus\":\"message_plugin\",\"plugin\":\"janus.plugin.test\"",
      "\"response\":{}", 0 },
  { "", "\"janus\":\"message_plugin\",\"plugin\":\"janus.plugin.test\","
      "\"request\":{\"a\":[1]}", "\"response\":{\"a\":[1]}", 0 },
  { "", "\"janus\":\"query_transport\",\"transport\":\"x\"",
      "Invalid transport", 460 },
  { "", "\"janus\":\"query_transport\","
      "\"transport\":\"janus.transport.websockets\"",
      "\"error_code\":412", 0 },
  { "", "\"janus\":\"query_transport\","
      "\"transport\":\"janus.transport.websockets\","
      "\"request\":{\"request\":\"x\"}", "\"error_code\":411", 0 },
  { "", "\"janus\":\"query_transport\","
      "\"transport\":\"janus.transport.websockets\","
      "\"request\":{\"request\":\"connections\"}",
      "{\"result\":200,\"connections\":2}", 0 },
  { "", "\"janus\":\"query_transport\","
      "\"transport\":\"janus.transport.http\","
      "\"request\":{\"request\":\"connections\"}",
      "\"connections\":{\"http\":0,\"admin_http\":0}", 0 },
  { "", "\"janus\":\"add_token\",\"token\":\"x\"",
      "Stored-Token based authentication disabled", 490 },
  { "", "\"janus\":\"list_handles\"",
      "Unhandled request 'list_handles' at this path", 457 },
  { "", "\"janus\":\"x\",\"session_id\":5", "No such session 5", 458 },
  { "", "\"janus\":\"x\",\"handle_id\":5", "Session not found", 458 },
  { "s", "\"janus\":\"x\",\"handle_id\":\"y\"", "Session not found", 458 },
  { "s", "\"janus\":\"x\",\"handle_id\":5", "No such handle 5", 459 },
  { "s", "\"janus\":\"set_session_timeout\",\"timeout\":-2",
      "(timeout should be a non-negative integer or -1)", 467 },
  { "s", "\"janus\":\"set_session_timeout\",\"timeout\":30",
      "\"timeout\":30,\"session_id\":", 0 },
  { "h", "\"janus\":\"list_handles\"",
      "Unhandled request 'list_handles' at this path", 457 },
  { "h", "\"janus\":\"handle_info\",\"plugin_only\":5",
      "Invalid element type (plugin_only should be a boolean)", 467 },
  { "h", "\"janus\":\"handle_info\"",
      "\"plugin_specific\":{\"tested\":true},\"flags\":{\"got-offer\":false,",
      0 },
  { "h", "\"janus\":\"handle_info\"",
      "\"session_timeout\":30,\"session_transport\":"
      "\"janus.transport.websockets\",\"handle_id\":", 0 },
  { "h", "\"janus\":\"handle_info\",\"plugin_only\":true",
      "\"plugin_specific\":{\"tested\":true}}}", 0 },
  { "h", "\"janus\":\"hangup_webrtc\"", "\"janus\":\"success\"", 0 },
};

static char *
ask (TestSocket * admin, const char *level, guint64 session, guint64 handle,
    const char *members)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  if (*level != '\0')
    g_string_append_printf (ids, "\"session_id\":%" ID ",", session);
  if (*level == 'h')
    g_string_append_printf (ids, "\"handle_id\":%" ID ",", handle);
  return test_socket_ask (admin,
      "{\"transaction\":\"t\",\"admin_secret\":\"over\",%s%s}", ids->str,
      members);
}

static void
test_exchanges (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autoptr (TestSocket) admin =
      test_socket_new (server, TRUE, "janus-admin-protocol");
  guint64 session = test_create (socket);
  guint64 handle = test_attach (socket, session, "janus.plugin.test");

  for (guint i = 0; i < G_N_ELEMENTS (exchanges); i++) {
    g_autofree char *answer = ask (admin, exchanges[i].level, session, handle,
        exchanges[i].members);

    g_test_message ("%s -> %s", exchanges[i].members, answer);
    g_assert_cmpint (test_error_code (answer), ==, exchanges[i].code);
    g_assert_nonnull (strstr (answer, exchanges[i].answer));
  }
}

static void
test_secret (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) admin =
      test_socket_new (server, TRUE, "janus-admin-protocol");
  static const char *const refused[] = {
    "\"admin_secret\":\"x\",", "\"admin_secret\":5,", "",
    "\"apisecret\":\"over\",",
  };
  g_autofree char *open = NULL, *broken = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autofree char *answer = test_socket_ask (admin,
        "{%s\"janus\":\"list_sessions\",\"transaction\":\"t\"}", refused[i]);

    g_assert_cmpint (test_error_code (answer), ==, 403);
  }
  open = test_socket_ask (admin,
      "{\"janus\":\"info\",\"transaction\":\"t\"}");
  g_assert_nonnull (strstr (open, "server_info"));
  g_assert_null (strstr (open, "over\""));
  broken = test_socket_ask (admin, "{");
  g_assert_nonnull (strstr (broken,
          "Missing mandatory element (transaction)"));
}

static void
test_lists (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autoptr (TestSocket) admin =
      test_socket_new (server, TRUE, "janus-admin-protocol");
  guint64 session = test_create (socket);
  guint64 handle = test_attach (socket, session, "janus.plugin.test");
  g_autofree char *sessions = NULL, *handles = NULL, *detached = NULL;
  g_autofree char *destroyed = NULL, *expected = NULL, *expected2 = NULL;
  g_autofree char *event = NULL;

  sessions = ask (admin, "", 0, 0, "\"janus\":\"list_sessions\"");
  expected = g_strdup_printf ("\"sessions\":[%" ID "]", session);
  g_assert_nonnull (strstr (sessions, expected));
  handles = ask (admin, "s", session, 0, "\"janus\":\"list_handles\"");
  expected2 = g_strdup_printf ("\"handles\":[%" ID "]", handle);
  g_assert_nonnull (strstr (handles, expected2));
  detached = ask (admin, "h", session, handle,
      "\"janus\":\"detach_handle\"");
  g_assert_cmpint (test_error_code (detached), ==, 0);
  event = test_socket_next (socket);
  g_assert_true (g_str_has_prefix (event, "{\"janus\":\"detached\""));
  destroyed = ask (admin, "s", session, 0, "\"janus\":\"destroy_session\"");
  g_assert_cmpint (test_error_code (destroyed), ==, 0);
  g_assert_false (bif_server_has_session (server->server, session));
  g_assert_true (g_queue_is_empty (&socket->messages));
}

static void
test_accept (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autoptr (TestSocket) admin =
      test_socket_new (server, TRUE, "janus-admin-protocol");
  guint64 session = test_create (socket);
  g_autofree char *off = NULL, *refused = NULL, *kept = NULL;

  off = ask (admin, "", 0, 0,
      "\"janus\":\"accept_new_sessions\",\"accept\":false");
  g_assert_nonnull (strstr (off, "\"accept\":false"));
  refused = test_socket_ask (socket,
      "{\"janus\":\"create\",\"transaction\":\"c\"}");
  g_assert_cmpint (test_error_code (refused), ==, 472);
  kept = test_socket_ask (socket, "{\"janus\":\"claim\",\"session_id\":%" ID
      ",\"transaction\":\"c\"}", session);
  g_assert_cmpint (test_error_code (kept), ==, 0);
}

static void
test_tokens (void)
{
  static const struct
  {
    const char *members;
    const char *answer;
    int code;
  } steps[] = {
    { "\"janus\":\"add_token\"", "Missing mandatory element (token)", 456 },
    { "\"janus\":\"add_token\",\"token\":\"a\",\"plugins\":5",
        "Invalid element type (plugins should be an array)", 467 },
    { "\"janus\":\"add_token\",\"token\":\"a\","
        "\"plugins\":[\"janus.plugin.test\"]",
        "{\"plugins\":[\"janus.plugin.test\"]}", 0 },
    { "\"janus\":\"add_token\",\"token\":\"a\","
        "\"plugins\":[\"janus.plugin.sip\"]",
        "{\"plugins\":[\"janus.plugin.test\",\"janus.plugin.sip\"]}", 0 },
    { "\"janus\":\"allow_token\",\"token\":\"z\","
        "\"plugins\":[\"janus.plugin.sip\"]", "Token z not found", 470 },
    { "\"janus\":\"allow_token\",\"token\":\"a\",\"plugins\":[]",
        "(plugins should be a non-empty array)", 467 },
    { "\"janus\":\"allow_token\",\"token\":\"a\"",
        "(plugins should be a non-empty array)", 467 },
    { "\"janus\":\"disallow_token\",\"token\":\"a\","
        "\"plugins\":[\"janus.plugin.sip\",\"nix\"]",
        "(some of the provided plugins are invalid)", 467 },
    { "\"janus\":\"disallow_token\",\"token\":\"a\","
        "\"plugins\":[\"janus.plugin.sip\"]",
        "{\"plugins\":[\"janus.plugin.test\"]}", 0 },
    { "\"janus\":\"list_tokens\"", "{\"tokens\":[{\"token\":\"a\","
        "\"allowed_plugins\":[\"janus.plugin.test\"]}]}", 0 },
    { "\"janus\":\"disallow_token\",\"token\":\"a\","
        "\"plugins\":[\"janus.plugin.test\"]", "{\"plugins\":[]}", 0 },
    { "\"janus\":\"list_tokens\"", "{\"tokens\":[]}", 0 },
    { "\"janus\":\"remove_token\",\"token\":\"a\"", "success", 0 },
    { "\"janus\":\"remove_token\",\"token\":\"a\"", "Error removing token",
        490 },
    { "\"janus\":\"add_token\",\"token\":\"all\"",
        "\"janus.plugin.echotest\"", 0 },
  };
  g_autoptr (TestServer) server =
      test_server_new ("core:general.token_auth", "true", NULL);
  g_autoptr (TestSocket) admin =
      test_socket_new (server, TRUE, "janus-admin-protocol");

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_autofree char *answer = ask (admin, "", 0, 0, steps[i].members);

    g_test_message ("%s -> %s", steps[i].members, answer);
    g_assert_cmpint (test_error_code (answer), ==, steps[i].code);
    g_assert_nonnull (strstr (answer, steps[i].answer));
  }
}

static void
test_disabled (void)
{
  g_autoptr (TestServer) server = test_server_new ("core:plugins.disable",
      "libjanus_sip.so,libbifrons_test.so", NULL);

  g_assert_null (bif_server_find_plugin (server->server, "janus.plugin.sip"));
  g_assert_null (bif_server_find_plugin (server->server,
          "janus.plugin.test"));
  g_assert_nonnull (bif_server_find_plugin (server->server,
          "janus.plugin.nosip"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/admin/exchanges", test_exchanges);
  g_test_add_func ("/admin/secret", test_secret);
  g_test_add_func ("/admin/lists", test_lists);
  g_test_add_func ("/admin/accept", test_accept);
  g_test_add_func ("/admin/tokens", test_tokens);
  g_test_add_func ("/admin/disabled", test_disabled);
  return g_test_run ();
}
