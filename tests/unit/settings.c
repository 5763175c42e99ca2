/* settings.c: tests of janus.jcfg as a struct: defaults, ranges, what is fatal,
 * and that every key of existing deployments is known. Main thread. */
#include "core/settings.h"

#include <string.h>
#include <gst/gst.h>

#include "base/error.h"
#include "transports/keys.h"

#define JANUS_FOLDER "/etc/janus"

static GString *logged;

static void
keep_warnings (GstDebugCategory * category, GstDebugLevel level,
    const char *file, const char *function, int line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  if (level == GST_LEVEL_WARNING)
    g_string_append_printf (logged, "%s\n", gst_debug_message_get (message));
}

static BifSettings *
read_with (const char *text, const char *own_text, GError ** error)
{
  g_autoptr (BifConfig) core = bif_config_load_text (text, "janus", NULL);
  g_autoptr (BifConfig) own = own_text == NULL ? NULL
      : bif_config_load_text (own_text, "bifrons", NULL);

  g_assert_nonnull (core);
  g_string_truncate (logged, 0);
  return bif_settings_new (core, own, error);
}

static BifSettings *
read_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  BifSettings *settings = read_with (text, NULL, &error);

  g_assert_no_error (error);
  return settings;
}

static void
test_defaults (void)
{
  g_autoptr (BifSettings) s = read_text ("");

  g_assert_cmpstr (logged->str, ==, "");
  g_assert_null (s->configs_folder);
  g_assert_true (s->log_to_stdout && s->debug_colors);
  g_assert_cmpuint (s->debug_level, ==, 4);
  g_assert_cmpstr (s->server_name, ==, "MyJanusInstance");
  g_assert_cmpuint (s->session_timeout, ==, 60);
  g_assert_cmpuint (s->candidates_timeout, ==, 45);
  g_assert_cmpuint (s->reclaim_session_timeout, ==, 0);
  g_assert_null (s->api_secret);
  g_assert_nonnull (s->protected_folders);
  g_assert_null (s->protected_folders[0]);
  g_assert_null (s->cert_pem);
  g_assert_true (s->dtls_accept_selfsigned);
  g_assert_true (g_str_has_prefix (s->dtls_ciphers, "DEFAULT:!NULL"));
  g_assert_cmpuint (s->min_nack_queue, ==, 200);
  g_assert_cmpuint (s->rtp_port_min, ==, 0);
  g_assert_cmpuint (s->rtp_port_max, ==, 0);
  g_assert_cmpuint (s->dtls_mtu, ==, 1200);
  g_assert_cmpuint (s->no_media_timer, ==, 1);
  g_assert_cmpuint (s->twcc_period, ==, 200);
  g_assert_cmpuint (s->dtls_timeout, ==, 1000);
  g_assert_cmpuint (s->stun_port, ==, 3478);
  g_assert_cmpstr (s->ice_nomination, ==, "aggressive");
  g_assert_cmpstr (s->turn_type, ==, "udp");
  g_assert_cmpstr (s->turn_rest_api_method, ==, "POST");
  g_assert_cmpuint (s->turn_rest_api_timeout, ==, 10);
  g_assert_null (s->plugins_disable[0]);
  g_assert_null (s->events_disable[0]);
  g_assert_cmpuint (s->stats_period, ==, 1);
  g_assert_true (s->demos);
  g_assert_null (s->pipelines_folder);
}

static void
test_values (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BifSettings) s = read_with ("general: {\n"
      "  debug_level = 9; session_timeout = 0; api_secret = \"\"\n"
      "  candidates_timeout = 0; server_name = \"\"; log_to_file = \"x\"\n"
      "  check_openfiles_limit = 5000000000L; reclaim_session_timeout = -1\n"
      "  protected_folders = [ \"/a\", \"/b\" ]; log_rotate_sig = \"SIGHUP\"\n"
      "}\n"
      "media: { min_nack_queue = 5000; dtls_mtu = -1; dscp_tos = 46 }\n"
      "nat: { ice_port = 10000; ice_lite = \"Yes\" }\n"
      "plugins: { disable = \"libjanus_a.so, libbifrons_b.so,,\" }\n",
      "general: { demos = false; pipelines_folder = \"/p\" }", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (s->debug_level, ==, 7);
  g_assert_cmpuint (s->session_timeout, ==, 0);
  g_assert_cmpstr (s->api_secret, ==, "");
  g_assert_cmpuint (s->candidates_timeout, ==, 45);
  g_assert_cmpstr (s->server_name, ==, "MyJanusInstance");
  g_assert_cmpuint (s->check_openfiles_limit, ==, 5000000000);
  g_assert_cmpuint (s->reclaim_session_timeout, ==, 0);
  g_assert_cmpstr (s->protected_folders[1], ==, "/b");
  g_assert_cmpstr (s->log_rotate_sig, ==, "SIGHUP");
  g_assert_cmpuint (s->min_nack_queue, ==, 1000);
  g_assert_cmpuint (s->dtls_mtu, ==, 1200);
  g_assert_cmpuint (s->dscp, ==, 46);
  g_assert_cmpuint (s->ice_port, ==, 10000);
  g_assert_true (s->ice_lite);
  g_assert_false (s->demos);
  g_assert_cmpstr (s->pipelines_folder, ==, "/p");
  g_assert_true (bif_settings_is_disabled (s->plugins_disable, "a"));
  g_assert_true (bif_settings_is_disabled (s->plugins_disable, "b"));
  g_assert_false (bif_settings_is_disabled (s->plugins_disable, "A"));
  g_assert_false (bif_settings_is_disabled (s->plugins_disable, ""));
}

static void
test_port_range (void)
{
  static const struct
  {
    const char *text;
    guint min, max;
  } rows[] = {
    { "20000-40000", 20000, 40000 },
    { "40000-20000", 20000, 40000 },
    { " 10 - 20 ", 10, 20 },
    { "20000", 0, 65535 },
    { "", 0, 65535 },
    { "-", 0, 65535 },
    { "0-0", 0, 65535 },
    { "5-0", 0, 5 },
    { "70000-80000", 0, 65535 },
    { "1-99999999999999999999", 0, 1 },
    { "x-y", 0, 65535 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf (
        "media: { rtp_port_range = \"%s\" }", rows[i].text);
    g_autoptr (BifSettings) s = read_text (text);

    g_assert_cmpuint (s->rtp_port_min, ==, rows[i].min);
    g_assert_cmpuint (s->rtp_port_max, ==, rows[i].max);
  }
}

static void
test_fatal (void)
{
  static const struct
  {
    const char *text, *message;
  } rows[] = {
    { "certificates: { cert_pem = \"a\" }",
      "DTLS certificate and key must be specified" },
    { "certificates: { cert_key = \"a\" }",
      "DTLS certificate and key must be specified" },
    { "certificates: { cert_key = \"a\"; cert_pem = \"b\" }", NULL },
    { "nat: { turn_rest_api = \"ftp://x\" }",
      "turn_rest_api must start with http:// or https://" },
    { "nat: { turn_rest_api = \"https://x\" }", NULL },
    { "nat: { turn_server = \"x\"; turn_type = \"sctp\" }",
      "turn_type must be udp, tcp or tls" },
    { "nat: { turn_server = \"x\"; turn_type = \"sctp\"; "
      "ignore_unreachable_ice_server = true }", NULL },
    { "nat: { turn_type = \"sctp\" }", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (BifSettings) s = read_with (rows[i].text, NULL, &error);

    g_assert_cmpint (s == NULL, ==, rows[i].message != NULL);
    if (rows[i].message == NULL)
      continue;
    g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
    g_assert_cmpstr (error->message, ==, rows[i].message);
  }
}

static void
test_warnings (void)
{
  static const struct
  {
    const char *text, *message;
  } rows[] = {
    { "general: {\n no_such = 1 }", "janus:2: unknown key 'general.no_such'" },
    { "generall: { a = 1 }", "unknown group 'generall'" },
    { "general: { daemonize = \"on\" }", "'general.daemonize' should be" },
    { "general: { log_rotate_sig = \"SIGKILL\" }", "neither SIGUSR1 nor" },
    { "nat: { stun_server = \"x\"; stun_port = 70000 }", "STUN is off" },
    { "nat: { full_trickle = true }", "" },
    { "nat: { ice_tcp = true }", "" },
    { "nat: { hangup_on_failed = true }",
      "'nat.hangup_on_failed' is accepted, but not in effect yet" },
    { "nat: { hangup_on_failed = true }", "" }, /* once a process */
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (BifSettings) s = read_text (rows[i].text);

    if (*rows[i].message == '\0')
      g_assert_cmpstr (logged->str, ==, "");
    else
      g_assert_nonnull (strstr (logged->str, rows[i].message));
    g_assert_null (s->log_rotate_sig);
    g_assert_null (s->stun_server);
  }
}

/* Secrets stay out of the log, mistyped ones too. */
static void
test_secrets (void)
{
  g_autoptr (BifSettings) s = read_text (
      "general: { api_secret = [ \"hush\" ]; admin_secret = \"hush\"; "
      "token_auth_secret = ( \"hush\" ) }\nnat: { turn_pwd = \"hush\" }");

  g_assert_null (strstr (logged->str, "hush"));
  g_assert_cmpstr (s->admin_secret, ==, "hush");
}

/* Every key that a sample names, commented out or not, as one group each:
 * the samples have a key at most once in a group. */
static char *
uncomment (const char *text)
{
  g_autoptr (GRegex) group = g_regex_new ("^\\s*([a-z]+): \\{", 0, 0, NULL);
  g_autoptr (GRegex) key = g_regex_new (
      "^\\s*#?([a-z][a-z0-9_]+)\\s*=\\s*(\".*?\"|[-0-9a-z.]+)", 0, 0, NULL);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal,
      g_free, NULL);
  GString *out = g_string_new (NULL);
  gboolean open = FALSE;

  for (guint i = 0; lines[i] != NULL; i++) {
    g_autoptr (GMatchInfo) match = NULL;
    g_autoptr (GMatchInfo) pair = NULL;

    if (g_regex_match (group, lines[i], 0, &match)) {
      g_autofree char *name = g_match_info_fetch (match, 1);

      g_string_append_printf (out, "%s%s: {\n", open ? "}\n" : "", name);
      open = TRUE;
      g_hash_table_remove_all (seen);
    } else if (open && g_regex_match (key, lines[i], 0, &pair)) {
      char *name = g_match_info_fetch (pair, 1);
      g_autofree char *value = g_match_info_fetch (pair, 2);

      if (g_hash_table_add (seen, name))
        g_string_append_printf (out, "%s = %s\n", name, value);
    }
  }
  g_string_append (out, open ? "}\n" : "");
  return g_string_free (out, FALSE);
}

static const struct
{
  const char *name;
  const BifKey *keys;           /* NULL: the settings' own */
} samples[] = {
  { "janus.jcfg", NULL },
  { "janus.transport.http.jcfg", bif_http_keys },
  { "janus.transport.websockets.jcfg", bif_websockets_keys },
  { "janus.plugin.echotest.jcfg", bif_echotest_keys },
  { "bifrons.jcfg", NULL },
};

static void
check_sample (const char *folder, guint i)
{
  const BifKey *keys = samples[i].keys;
  g_autofree char *path = g_build_filename (folder, samples[i].name, NULL);
  g_autofree char *text = NULL;
  g_autofree char *all = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (BifConfig) plain = bif_config_load (path, &error);
  g_autoptr (BifConfig) config = NULL;
  g_autoptr (BifConfig) none = bif_config_new ();
  g_autoptr (BifSettings) s = NULL;
  gboolean own = g_str_equal (samples[i].name, "bifrons.jcfg");

  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  all = uncomment (text);
  config = bif_config_load_text (all, samples[i].name, &error);
  g_assert_no_error (error);
  g_string_truncate (logged, 0);
  if (keys == NULL) {
    s = bif_settings_new (own ? none : config, own ? config : NULL, &error);
    g_assert_no_error (error);
  } else {
    bif_config_check (config, keys);
    g_assert_cmpuint (bif_config_check (plain, keys), ==, 0);
  }
  g_assert_null (strstr (logged->str, "unknown"));
  g_assert_null (strstr (logged->str, "should be"));
}

static void
test_janus_samples (void)
{
  if (!g_file_test (JANUS_FOLDER "/janus.jcfg", G_FILE_TEST_EXISTS)) {
    g_test_skip ("no " JANUS_FOLDER);
    return;
  }
  for (guint i = 0; i + 1 < G_N_ELEMENTS (samples); i++)
    check_sample (JANUS_FOLDER, i);
}

static void
test_own_samples (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    check_sample (SOURCE_ROOT "/data", i);
}

int
main (int argc, char **argv)
{
  int result;

  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  logged = g_string_new (NULL);
  gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (keep_warnings, NULL, NULL);
  gst_debug_set_default_threshold (GST_LEVEL_WARNING);
  g_test_add_func ("/settings/defaults", test_defaults);
  g_test_add_func ("/settings/values", test_values);
  g_test_add_func ("/settings/port-range", test_port_range);
  g_test_add_func ("/settings/fatal", test_fatal);
  g_test_add_func ("/settings/warnings", test_warnings);
  g_test_add_func ("/settings/secrets", test_secrets);
  g_test_add_func ("/settings/janus-samples", test_janus_samples);
  g_test_add_func ("/settings/own-samples", test_own_samples);
  result = g_test_run ();
  g_string_free (logged, TRUE);
  return result;
}
