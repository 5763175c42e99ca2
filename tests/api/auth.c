/* auth.c: the API secret, stored tokens and signed tokens, end to end. */
#include "harness.h"

#include <string.h>

#define ID G_GUINT64_FORMAT

static int
create_code (TestSocket * socket, const char *more)
{
  g_autofree char *answer = test_socket_ask (socket,
      "{\"janus\":\"create\",\"transaction\":\"c\"%s}", more);

  return test_error_code (answer);
}

static void
test_secret (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("core:general.api_secret", "hush", NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autofree char *pong = NULL, *info = NULL;

  g_assert_cmpint (create_code (socket, ""), ==, 403);
  g_assert_cmpint (create_code (socket, ",\"apisecret\":\"hus\""), ==, 403);
  g_assert_cmpint (create_code (socket, ",\"apisecret\":\"hushh\""), ==, 403);
  g_assert_cmpint (create_code (socket, ",\"apisecret\":\"\""), ==, 403);
  g_assert_cmpint (create_code (socket, ",\"apisecret\":5"), ==, 403);
  g_assert_cmpint (create_code (socket, ",\"token\":\"hush\""), ==, 403);
  g_assert_cmpint (create_code (socket, ",\"apisecret\":\"hush\""), ==, 0);
  pong = test_socket_ask (socket,
      "{\"janus\":\"ping\",\"transaction\":\"p\"}");
  g_assert_cmpint (test_error_code (pong), ==, 0);
  info = test_socket_ask (socket,
      "{\"janus\":\"info\",\"transaction\":\"p\"}");
  g_assert_nonnull (strstr (info, "\"api_secret\":true"));
  g_assert_null (strstr (info, "hush"));
}

static void
test_poll_secret (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("core:general.api_secret", "hush", NULL);
  g_autoptr (TestResponse) none =
      test_http (server, "GET", "/janus/123", NULL);
  g_autoptr (TestResponse) wrong =
      test_http (server, "GET", "/janus/123?apisecret=x", NULL);
  g_autoptr (TestResponse) right =
      test_http (server, "GET", "/janus/123?apisecret=hush", NULL);

  g_assert_cmpuint (none->status, ==, 403);
  g_assert_cmpuint (wrong->status, ==, 403);
  g_assert_cmpuint (right->status, ==, 404);
}

static int
attach_code (TestSocket * socket, guint64 session, const char *token,
    const char *package)
{
  g_autofree char *answer = test_socket_ask (socket,
      "{\"janus\":\"attach\",\"transaction\":\"a\",\"session_id\":%" ID
      ",\"token\":\"%s\",\"plugin\":\"%s\"}", session, token, package);

  return test_error_code (answer);
}

static guint64
create_with (TestSocket * socket, const char *token)
{
  g_autofree char *answer = test_socket_ask (socket,
      "{\"janus\":\"create\",\"transaction\":\"c\",\"token\":\"%s\"}", token);

  g_assert_cmpint (test_error_code (answer), ==, 0);
  return g_ascii_strtoull (strstr (answer, "\"id\":") + 5, NULL, 10);
}

static char *
ask_admin (TestSocket * admin, const char *members)
{
  return test_socket_ask (admin,
      "{\"transaction\":\"t\",\"admin_secret\":\"over\",%s}", members);
}

static void
test_stored (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("core:general.token_auth", "true", NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autoptr (TestSocket) admin =
      test_socket_new (server, TRUE, "janus-admin-protocol");
  g_autofree char *added = NULL, *removed = NULL;
  guint64 session;

  g_assert_cmpint (create_code (socket, ",\"token\":\"a\""), ==, 403);
  added = ask_admin (admin, "\"janus\":\"add_token\",\"token\":\"a\","
      "\"plugins\":[\"janus.plugin.test\",\"nix\",5]");
  g_assert_cmpstr (added, ==, "{\"janus\":\"success\",\"transaction\":\"t\","
      "\"data\":{\"plugins\":[\"janus.plugin.test\"]}}");
  session = create_with (socket, "a");
  g_assert_cmpint (attach_code (socket, session, "a", "janus.plugin.test"),
      ==, 0);
  g_assert_cmpint (attach_code (socket, session, "a",
          "janus.plugin.echotest"), ==, 405);
  removed = ask_admin (admin, "\"janus\":\"remove_token\",\"token\":\"a\"");
  g_assert_cmpint (attach_code (socket, session, "a", "janus.plugin.test"),
      ==, 403);
}

/* With both on, one that is right will do; a token still counts for plugins. */
static void
test_both (void)
{
  g_autoptr (TestServer) server = test_server_new
      ("core:general.token_auth", "true", "core:general.api_secret", "hush",
      NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autofree char *plain = NULL, *refused = NULL;
  guint64 session;

  g_assert_cmpint (create_code (socket, ""), ==, 403);
  g_assert_cmpint (create_code (socket,
          ",\"apisecret\":\"hush\",\"id\":42"), ==, 0);
  session = 42;
  plain = test_socket_ask (socket, "{\"janus\":\"attach\","
      "\"transaction\":\"a\",\"session_id\":%" ID ",\"apisecret\":\"hush\","
      "\"plugin\":\"janus.plugin.test\"}", session);
  g_assert_cmpint (test_error_code (plain), ==, 0);
  refused = test_socket_ask (socket, "{\"janus\":\"attach\","
      "\"transaction\":\"a\",\"session_id\":%" ID ",\"apisecret\":\"hush\","
      "\"token\":\"x\",\"plugin\":\"janus.plugin.test\"}", session);
  g_assert_cmpint (test_error_code (refused), ==, 405);
}

static char *
sign (const char *data)
{
  guint8 digest[20];
  gsize size = sizeof digest;
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *) "key", 3);
  g_autofree char *text = NULL;

  g_hmac_update (hmac, (const guchar *) data, -1);
  g_hmac_get_digest (hmac, digest, &size);
  g_hmac_unref (hmac);
  text = g_base64_encode (digest, size);
  return g_strdup_printf ("%s:%s", data, text);
}

static void
test_signed (void)
{
  g_autoptr (TestServer) server = test_server_new
      ("core:general.token_auth", "true", "core:general.token_auth_secret",
      "key", NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autoptr (TestSocket) admin =
      test_socket_new (server, TRUE, "janus-admin-protocol");
  g_autofree char *token = sign ("9999999999,janus,janus.plugin.test");
  g_autofree char *room =
      sign ("9999999999,janus.plugin.videoroom,room=1234");
  g_autofree char *listed = NULL;
  guint64 session = create_with (socket, token);

  g_assert_cmpint (attach_code (socket, session, token, "janus.plugin.test"),
      ==, 0);
  g_assert_cmpint (attach_code (socket, session, token,
          "janus.plugin.echotest"), ==, 405);
  g_assert_cmpint (attach_code (socket, session, room, "janus.plugin.test"),
      ==, 403);
  listed = ask_admin (admin, "\"janus\":\"list_tokens\"");
  g_assert_cmpint (test_error_code (listed), ==, 490);

  g_assert_true (bif_server_signs_tokens (server->server));
  g_assert_true (bif_server_check_signature (server->server, room,
          "janus.plugin.videoroom"));
  g_assert_true (bif_server_signature_has (server->server, room,
          "janus.plugin.videoroom", "room=1234"));
  g_assert_false (bif_server_signature_has (server->server, room,
          "janus.plugin.videoroom", "room=12"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/auth/secret", test_secret);
  g_test_add_func ("/auth/poll-secret", test_poll_secret);
  g_test_add_func ("/auth/stored", test_stored);
  g_test_add_func ("/auth/both", test_both);
  g_test_add_func ("/auth/signed", test_signed);
  return g_test_run ();
}
