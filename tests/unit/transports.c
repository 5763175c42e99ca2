/* transports.c: address lists, paths of files, settings. */
#include "transports/acl.h"
#include "transports/settings.h"
#include "transports/static.h"
#include "base/error.h"

static void
test_acl (void)
{
  static const struct
  {
    const char *list;
    const char *address;
    gboolean allowed;
  } cases[] = {
    { NULL, "1.2.3.4", TRUE }, { "", "1.2.3.4", TRUE },
    { " , ", "1.2.3.4", TRUE }, { "1.2.", "1.2.3.4", TRUE },
    { "1.2.", "11.2.3.4", FALSE }, { "2.3.4", "1.2.3.4", FALSE },
    { "9., 1.2.", "1.2.3.4", TRUE }, { "1.2.", "::ffff:1.2.3.4", TRUE },
    { "1.2.", "::FFFF:1.2.3.4", TRUE }, { "fe80:", "fe80::1", TRUE },
    { "::ffff:1.", "::ffff:1.2.3.4", TRUE }, { "1.2.", NULL, FALSE },
    { "1.2.", "", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (GStrv) acl = bif_acl_new (cases[i].list);

    g_assert_cmpint (bif_acl_allows (acl, cases[i].address), ==,
        cases[i].allowed);
  }
}

static void
test_paths (void)
{
  static const struct
  {
    const char *path;
    const char *clean;
  } cases[] = {
    { "", "" }, { "a", "a" }, { "a/b.js", "a/b.js" }, { "a/", "a/" },
    { "a%20b", "a b" }, { "..", NULL }, { "a/..", NULL }, { "a/../b", NULL },
    { ".", NULL }, { ".git/config", NULL }, { "a/.b", NULL },
    { "%2e%2e/x", NULL }, { "%2E%2E/x", NULL }, { "a%2fb", NULL },
    { "a%00b", NULL }, { "a\\b", NULL }, { "a%5cb", NULL }, { "/a", NULL },
    { "a//b", NULL }, { "c:", NULL }, { "%ff", NULL }, { "%zz", NULL },
    { "%", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *clean = bif_static_clean_path (cases[i].path);

    g_assert_cmpstr (clean, ==, cases[i].clean);
  }
}

static void
test_http_settings (void)
{
  g_autoptr (BifConfig) config = bif_config_new ();
  g_autoptr (GError) error = NULL;
  BifHttpSettings settings;

  g_assert_true (bif_http_settings_read (&settings, config, &error));
  g_assert_false (settings.http.enabled);
  g_assert_cmpuint (settings.http.port, ==, 8088);
  g_assert_cmpuint (settings.https.port, ==, 8089);
  g_assert_cmpuint (settings.admin_http.port, ==, 7088);
  g_assert_cmpuint (settings.admin_https.port, ==, 7889);
  g_assert_cmpuint (settings.http.max_connections, ==, 1020);
  g_assert_cmpstr (settings.base_path, ==, "/janus");
  g_assert_cmpstr (settings.admin_base_path, ==, "/admin");
  g_assert_cmpint (settings.json, ==, BIF_JSON_COMPACT);
  g_assert_false (settings.cors.enforce);
  bif_http_settings_clear (&settings);

  bif_config_set (config, "general", "base_path", "/a/b//");
  bif_config_set (config, "admin", "admin_base_path", "/");
  bif_config_set (config, "general", "port", "70000");
  bif_config_set (config, "general", "admin_acl_forwarded", "true");
  bif_config_set (config, "cors", "enforce_cors", "true");
  g_assert_true (bif_http_settings_read (&settings, config, &error));
  g_assert_cmpstr (settings.base_path, ==, "/a/b");
  g_assert_cmpstr (settings.admin_base_path, ==, "");
  g_assert_cmpuint (settings.http.port, ==, 8088);
  g_assert_true (settings.admin_http.acl_forwarded);
  g_assert_false (settings.cors.enforce);
  bif_http_settings_clear (&settings);

  bif_config_set (config, "general", "base_path", "janus");
  g_assert_false (bif_http_settings_read (&settings, config, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
  bif_http_settings_clear (&settings);
}

static void
test_websocket_settings (void)
{
  g_autoptr (BifConfig) config = bif_config_new ();
  BifWebsocketSettings settings;

  bif_config_set (config, "general", "ws", "true");
  bif_config_set (config, "general", "pingpong_trigger", "-5");
  bif_config_set (config, "general", "pingpong_timeout", "10");
  bif_websocket_settings_read (&settings, config);
  g_assert_true (settings.ws.enabled);
  g_assert_true (settings.wss.tls);
  g_assert_cmpuint (settings.ws.port, ==, 8188);
  g_assert_cmpuint (settings.wss.port, ==, 8989);
  g_assert_cmpuint (settings.admin_ws.port, ==, 7188);
  g_assert_cmpuint (settings.admin_wss.port, ==, 7989);
  g_assert_cmpuint (settings.ping_trigger_s, ==, 0);
  g_assert_cmpuint (settings.ping_timeout_s, ==, 10);
  bif_websocket_settings_clear (&settings);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/transports/acl", test_acl);
  g_test_add_func ("/transports/paths", test_paths);
  g_test_add_func ("/transports/http-settings", test_http_settings);
  g_test_add_func ("/transports/websocket-settings",
      test_websocket_settings);
  return g_test_run ();
}
