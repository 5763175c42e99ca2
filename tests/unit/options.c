/* options.c: tests of the command line: every option of Janus with its letter,
 * and where the configuration comes from. Main thread. */
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <glib/gstdio.h>
#include <gst/gst.h>

#include "base/error.h"
#include "base/paths.h"
#include "defaults.h"

static BifOptions *
parse (const char *line, int *code)
{
  g_auto (GStrv) argv = NULL;
  g_autofree char *whole = g_strconcat ("bifrons ", line, NULL);

  g_assert_true (g_shell_parse_argv (whole, NULL, &argv, NULL));
  return bif_options_parse (argv, code);
}

static void
test_keys (void)
{
  static const struct
  {
    const char *line, *group, *key, *value;
  } rows[] = {
    { "-b", "general", "daemonize", "true" },
    { "--daemon", "general", "daemonize", "true" },
    { "-p /x", "general", "pid_file", "/x" },
    { "-N", "general", "log_to_stdout", "false" },
    { "-L x.log", "general", "log_to_file", "x.log" },
    { "-R SIGHUP", "general", "log_rotate_sig", "SIGHUP" },
    { "-l 5000000000", "general", "check_openfiles_limit", "5000000000" },
    { "-i 192.0.2.1", "general", "interface", "192.0.2.1" },
    { "-P /p", "general", "plugins_folder", "/p" },
    { "-c c.pem", "certificates", "cert_pem", "c.pem" },
    { "-k k.pem", "certificates", "cert_key", "k.pem" },
    { "-K pwd", "certificates", "cert_pwd", "pwd" },
    { "-S host", "nat", "stun_server", "host" },
    { "-S host", "nat", "stun_port", "3478" },
    { "-S host:99", "nat", "stun_port", "99" },
    { "--stun-server=host:99", "nat", "stun_server", "host" },
    { "-1 192.0.2.1,192.0.2.2", "nat", "nat_1_1_mapping",
        "192.0.2.1,192.0.2.2" },
    { "-2", "nat", "keep_private_host", "true" },
    { "-E eth0", "nat", "ice_enforce_list", "eth0" },
    { "-X eth1", "nat", "ice_ignore_list", "eth1" },
    { "-6", "media", "ipv6", "true" },
    { "-O", "media", "ipv6_linklocal", "true" },
    { "-f", "nat", "full_trickle", "true" },
    { "-I", "nat", "ice_lite", "true" },
    { "-T", "nat", "ice_tcp", "true" },
    { "-Q 300", "media", "min_nack_queue", "300" },
    { "-Q -1", "media", "min_nack_queue", NULL },
    { "-t 0", "media", "no_media_timer", "0" },
    { "-t -5", "media", "no_media_timer", NULL },
    { "-W 4", "media", "slowlink_threshold", "4" },
    { "-B 100", "media", "twcc_period", "100" },
    { "--twcc-period=-1", "media", "twcc_period", NULL },
    { "-r 20000-40000", "media", "rtp_port_range", "20000-40000" },
    { "-n 'My Server'", "general", "server_name", "My Server" },
    { "-s 0", "general", "session_timeout", "0" },
    { "-m 10", "general", "reclaim_session_timeout", "10" },
    { "-d 7", "general", "debug_level", "7" },
    { "-D", "general", "debug_timestamps", "true" },
    { "-o", "general", "debug_colors", "false" },
    { "-M", "general", "debug_locks", "true" },
    { "-a secret", "general", "api_secret", "secret" },
    { "-A", "general", "token_auth", "true" },
    { "--token-auth-secret=7", "general", "token_auth_secret", "7" },
    { "-e", "events", "broadcast", "true" },
    { "-w", "general", "no_webrtc_encryption", "true" },
    /* as getopt has them */
    { "-d7", "general", "debug_level", "7" },
    { "-bDd7", "general", "debug_level", "7" },
    { "-bDd7", "general", "debug_timestamps", "true" },
    { "-r20000-40000", "media", "rtp_port_range", "20000-40000" },
    { "-26", "media", "ipv6", "true" },
    { "-1 -2", "nat", "nat_1_1_mapping", "-2" },
    { "-a -b", "general", "api_secret", "-b" },
    { "--debug-lev=3", "general", "debug_level", "3" },
    { "--debug-lev 3", "general", "debug_level", "3" },
    { "--token-auth", "general", "token_auth", "true" },
    { "--token-auth", "general", "token_auth_secret", NULL },
    { "file -d 2 other", "general", "debug_level", "2" },
    { "-- -d 2", "general", "debug_level", NULL },
    { "-n a -n b", "general", "server_name", "b" },
    { "-n '\xff\xfe'", "general", "server_name", "\xff\xfe" },
    { "", "general", "daemonize", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (BifConfig) config = bif_config_new ();
    g_autoptr (BifOptions) options = NULL;
    int code = -1;

    options = parse (rows[i].line, &code);
    g_assert_nonnull (options);
    bif_options_apply (options, config);
    g_assert_cmpstr (bif_config_string (config, rows[i].group, rows[i].key),
        ==, rows[i].value);
  }
}

static void
test_fields (void)
{
  int code;
  g_autoptr (BifOptions) options = parse ("-F /f -C /c --cwd-path=/w "
      "--log-stdout --check-pipelines --print-pipeline=echotest/audio "
      "--dot=/dot --print-api", &code);
  g_autoptr (BifOptions) none = parse ("", &code);

  g_assert_cmpstr (options->configs_folder, ==, "/f");
  g_assert_cmpstr (options->config, ==, "/c");
  g_assert_cmpstr (options->cwd_path, ==, "/w");
  g_assert_true (options->log_stdout);
  g_assert_true (options->check_pipelines);
  g_assert_cmpstr (options->print_pipeline, ==, "echotest/audio");
  g_assert_cmpstr (options->dot_folder, ==, "/dot");
  g_assert_true (options->print_api);
  g_assert_null (none->config);
  g_assert_false (none->log_stdout || none->print_api);
}

static void
test_exit (void)
{
  static const struct
  {
    const char *line;
    int code;
    const char *out, *err;
  } rows[] = {
    { "-h", 0, "*--configs-folder=FOLDER*--print-api*", "" },
    { "--help", 0, "*-1, --nat-1-1=ADDRESSES*", "" },
    { "-V", 0, "*bifrons ?.?.?\n*", "" },
    { "--no-such", 1, "*", "*Unknown option --no-such*--help*" },
    { "-z", 1, "*", "*Unknown option -z*" },
    { "--debug", 1, "*", "*Unknown option --debug*" },
    { "-d", 1, "*", "*Missing argument for -d*" },
    { "-d x", 1, "*", "*Cannot parse integer*-d*" },
    { "-l 99999999999999999999", 1, "*", "*out of range*" },
  };
  const char *row = g_getenv ("ROW");

  if (g_test_subprocess ()) {
    int code = -1;

    g_assert_null (parse (rows[atoi (row)].line, &code));
    g_assert_cmpint (code, ==, rows[atoi (row)].code);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf ("%u", i);

    g_setenv ("ROW", text, TRUE);
    g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
    g_test_trap_assert_passed ();
    g_test_trap_assert_stdout (rows[i].out);
    if (*rows[i].err != '\0')
      g_test_trap_assert_stderr (rows[i].err);
  }
}

typedef struct
{
  char *folder, *jcfg, *cfg, *other;
} Fixture;

static void
set_up (Fixture * f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  f->jcfg = g_build_filename (f->folder, "janus.jcfg", NULL);
  f->cfg = g_build_filename (f->folder, "janus.cfg", NULL);
  f->other = g_build_filename (f->folder, "other.jcfg", NULL);
}

static void
tear_down (Fixture * f, gconstpointer data)
{
  g_remove (f->jcfg);
  g_remove (f->cfg);
  g_remove (f->other);
  g_rmdir (f->folder);
  g_free (f->folder);
  g_free (f->jcfg);
  g_free (f->cfg);
  g_free (f->other);
}

static BifConfig *
load (Fixture * f, const char *format, char **folder, GError ** error)
{
  g_autofree char *dir = f->folder != NULL ? g_shell_quote (f->folder) : NULL;
  g_autofree char *line = g_strdup_printf ("-F %s %s", dir, format);
  int code;
  g_autoptr (BifOptions) options = parse (line, &code);

  return bif_options_load_config (options, folder, error);
}

static void
expect (Fixture * f, const char *line, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = NULL;
  g_autoptr (BifConfig) config = load (f, line, &folder, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (folder, ==, f->folder);
  g_assert_cmpstr (bif_config_string (config, "general", "server_name"), ==,
      name);
  g_assert_cmpstr (bif_config_string (config, "general", "configs_folder"),
      ==, f->folder);
}

static void
test_load (Fixture * f, gconstpointer data)
{
  g_autofree char *with_other = g_strdup_printf ("-C %s", f->other);
  g_autoptr (GError) error = NULL;

  expect (f, "", NULL);
  g_assert_null (load (f, with_other, NULL, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
  g_assert_true (g_str_has_prefix (error->message,
          "Error reading configuration from "));

  g_file_set_contents (f->cfg, "[general]\nserver_name = ini\n", -1, NULL);
  expect (f, "", "ini");
  expect (f, with_other, "ini");
  g_file_set_contents (f->jcfg, "general: { server_name = \"main\" }", -1,
      NULL);
  expect (f, "", "main");
  expect (f, "-n line", "line");
  g_file_set_contents (f->other, "general: { server_name = \"other\"; "
      "configs_folder = \"/elsewhere\" }", -1, NULL);
  expect (f, with_other, "other");
  g_file_set_contents (f->jcfg, "general: {", -1, NULL);
  expect (f, "", "ini");
  g_remove (f->cfg);
  expect (f, "", NULL);
}

static void
test_embedded (void)
{
  static const struct
  {
    const char *package, *group, *key;
    gboolean admin;
    const char *value;
  } rows[] = {
    { "janus.transport.http", "general", "http", FALSE, "true" },
    { "janus.transport.http", "general", "secure_port", FALSE, "8089" },
    { "janus.transport.http", "admin", "admin_http", FALSE, "false" },
    { "janus.transport.http", "admin", "admin_http", TRUE, "true" },
    { "janus.transport.http", "admin", "admin_ip", TRUE, "127.0.0.1" },
    { "janus.transport.websockets", "general", "wss_port", TRUE, "8989" },
    { "janus.transport.websockets", "admin", "admin_ws", FALSE, "false" },
    { "janus.transport.websockets", "admin", "admin_ws", TRUE, "true" },
    { "janus.transport.websockets", "admin", "admin_ws_ip", TRUE,
        "127.0.0.1" },
    { "bifrons", "general", "demos", FALSE, "true" },
    { "janus", "admin", "admin_http", FALSE, NULL },
    { "janus.plugin.echotest", "general", "events", FALSE, NULL },
  };
  int code;
  g_autoptr (BifOptions) options = parse ("", &code);
  g_autofree char *folder = NULL;
  g_autoptr (BifConfig) config = NULL;
  g_autoptr (BifSettings) settings = NULL;
  BifLogSettings log;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (BifConfig) own = bif_defaults_load_package (NULL,
        rows[i].package, rows[i].admin, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (bif_config_string (own, rows[i].group, rows[i].key), ==,
        rows[i].value);
  }
  config = bif_options_load_config (options, &folder, NULL);
  if (g_file_test (bif_paths_config_dir (), G_FILE_TEST_IS_DIR))
    return;
  g_assert_null (folder);
  settings = bif_settings_new (config, NULL, NULL);
  g_assert_null (settings->configs_folder);
  g_assert_null (settings->admin_secret);
  settings->daemonize = TRUE;
  bif_options_log_settings (options, settings, &log);
  g_assert_false (log.to_stdout);
  options->log_stdout = TRUE;
  bif_options_log_settings (options, settings, &log);
  g_assert_true (log.to_stdout);
  g_assert_cmpuint (log.level, ==, 4);
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  bif_paths_init_for (NULL);
  g_set_prgname ("bifrons");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/options/keys", test_keys);
  g_test_add_func ("/options/fields", test_fields);
  g_test_add_func ("/options/exit", test_exit);
  g_test_add ("/options/load", Fixture, NULL, set_up, test_load, tear_down);
  g_test_add_func ("/options/embedded", test_embedded);
  return g_test_run ();
}
