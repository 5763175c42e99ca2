/* log.c: tests of log lines and of the logger, which runs in a process of its
 * own, since GLib lets its writer be set once. Main thread. */
#include "base/log.h"

#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <gst/gst.h>

#include "base/error.h"
#include "base/log-line.h"

GST_DEBUG_CATEGORY_STATIC (test_debug);
#define GST_CAT_DEFAULT test_debug

static void
test_format (void)
{
  static const struct
  {
    GstDebugLevel level;
    const char *text, *prefix;
    gboolean colors;
    const char *line;
  } rows[] = {
    { GST_LEVEL_NONE, "x", NULL, FALSE, "[FATAL] [f:g:1] x\n" },
    { GST_LEVEL_ERROR, "x", NULL, FALSE, "[ERR] [f:g:1] x\n" },
    { GST_LEVEL_ERROR, "x", NULL, TRUE, "\x1b[31m[ERR] \x1b[0m[f:g:1] x\n" },
    { GST_LEVEL_WARNING, "x", NULL, FALSE, "[WARN] x\n" },
    { GST_LEVEL_FIXME, "x", NULL, FALSE, "[WARN] x\n" },
    { GST_LEVEL_INFO, "x", NULL, TRUE, "x\n" },
    { GST_LEVEL_DEBUG, "x", NULL, FALSE, "x\n" },
    { GST_LEVEL_TRACE, "x", NULL, FALSE, "[f:g:1] x\n" },
    { GST_LEVEL_INFO, "x", "[p] ", FALSE, "[p] x\n" },
    { GST_LEVEL_INFO, "x", "\x1b[32mp\x1b[0m ", FALSE, "p x\n" },
    { GST_LEVEL_INFO, "x", "\x1b[32mp\x1b[0m ", TRUE, "\x1b[32mp\x1b[0m x\n" },
    { GST_LEVEL_INFO, "x", "p\x1b[", FALSE, "px\n" },
    { GST_LEVEL_INFO, "a\r\n[ERR] b\n\n", NULL, FALSE, "a\n\t[ERR] b\n" },
    { GST_LEVEL_INFO, "\x1b[2Ja\x07\x7f\tb", NULL, TRUE,
        "\\x1b[2Ja\\x07\\x7f\tb\n" },
    { GST_LEVEL_INFO, "\xc3\xa9", NULL, FALSE, "\xc3\xa9\n" },
    { GST_LEVEL_INFO, "", NULL, FALSE, "\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    char *text = (char *) rows[i].text;
    BifLogRecord record = { 0, rows[i].level, (char *) "f:g:1", text };
    g_autoptr (GString) out = g_string_new (NULL);

    bif_log_format (out, &record, rows[i].prefix, FALSE, rows[i].colors);
    g_assert_cmpstr (out->str, ==, rows[i].line);
  }
}

static void
test_timestamp (void)
{
  BifLogRecord record = { 0, GST_LEVEL_INFO, NULL, (char *) "x" };
  g_autoptr (GString) out = g_string_new (NULL);

  g_setenv ("TZ", "UTC", TRUE);
  bif_log_format (out, &record, "p ", TRUE, FALSE);
  g_assert_cmpstr (out->str, ==, "p [Thu Jan  1 00:00:00 1970] x\n");
}

static char *
read_all (const char *path)
{
  char *text = NULL;

  g_assert_true (bif_log_flush (10000));
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static gpointer
log_much_any_thread (gpointer data)
{
  for (guint i = 0; i < 1000; i++)
    GST_WARNING ("thread %d line %u", GPOINTER_TO_INT (data), i);
  return NULL;
}

static guint
count_lines (const char *text, const char *what)
{
  guint n = 0;

  for (const char *p = text; (p = strstr (p, what)) != NULL; p++)
    n++;
  return n;
}

static void
check_threads (const char *path)
{
  GThread *threads[4];
  g_autofree char *text = NULL;

  for (int i = 0; i < 4; i++)
    threads[i] = g_thread_new ("log", log_much_any_thread,
        GINT_TO_POINTER (i));
  for (int i = 0; i < 4; i++)
    g_thread_join (threads[i]);
  text = read_all (path);
  g_assert_cmpuint (count_lines (text, "[WARN] thread "), ==, 4000);
  g_assert_nonnull (strstr (text, "thread 3 line 999\n"));
}

static void
check_levels (const char *path)
{
  g_autofree char *text = NULL;

  bif_log_set_level (4);
  GST_DEBUG ("hidden 1");
  GST_INFO ("seen 1");
  bif_log_set_level (5);
  GST_DEBUG ("seen 2");
  GST_LOG ("hidden 2");
  bif_log_set_level (99);
  g_assert_cmpuint (bif_log_get_level (), ==, 7);
  GST_TRACE ("seen 3");
  bif_log_set_level (0);
  GST_ERROR ("hidden 3");
  g_warning ("hidden 4");
  bif_log_set_level (3);
  g_warning ("seen 4");
  g_message ("hidden 5");
  text = read_all (path);
  g_assert_cmpuint (count_lines (text, "hidden"), ==, 0);
  g_assert_cmpuint (count_lines (text, "seen"), ==, 4);
}

static void
check_reopen (const char *path)
{
  g_autofree char *old = g_strconcat (path, ".1", NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  GST_WARNING ("before");
  g_assert_true (bif_log_flush (10000));
  g_assert_cmpint (g_rename (path, old), ==, 0);
  GST_WARNING ("between");
  bif_log_reopen ();
  GST_WARNING ("after");
  second = read_all (path);
  first = read_all (old);
  g_assert_nonnull (strstr (first, "between"));
  g_assert_null (strstr (first, "after"));
  g_assert_cmpstr (second, ==, "[t] [WARN] after\n");
  g_remove (old);
}

static void
check_end (const char *path)
{
  g_autofree char *text = NULL;

  GST_WARNING ("last");
  bif_log_shutdown ();
  bif_log_shutdown ();
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "last"));
}

static void
run_logger (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "log", NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  BifLogSettings settings = { .level = 4, .prefix = "[t] ", .file = "/no/such",
    .colors = TRUE
  };

  g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
  bif_log_capture ();
  GST_WARNING ("early warning");
  GST_INFO ("early info");
  g_assert_false (bif_log_init (&settings, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
  g_clear_error (&error);
  settings.file = path;
  g_assert_true (bif_log_init (&settings, &error));
  g_assert_true (bif_log_has_file ());
  text = read_all (path);
  g_assert_cmpstr (text, ==, "[t] [WARN] early warning\n");

  check_levels (path);
  check_threads (path);
  check_reopen (path);
  check_end (path);
  g_remove (path);
  g_rmdir (folder);
}

static void
test_logger (void)
{
  if (g_test_subprocess ()) {
    run_logger ();
    return;
  }
  g_unsetenv ("GST_DEBUG");
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC,
      G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

/* A critical ends the program where G_DEBUG says so, and is in the log. */
static void
test_fatal (void)
{
  if (g_test_subprocess ()) {
    BifLogSettings settings = { .level = 4, .to_stdout = TRUE };

    g_log_set_always_fatal (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
    bif_log_init (&settings, NULL);
    g_critical ("broken");
    return;
  }
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stdout ("*[ERR] *broken*");
}

/* What was said before there was a logger is not lost with it. */
static void
test_early (void)
{
  if (g_test_subprocess ()) {
    bif_log_capture ();
    GST_WARNING ("never started");
    bif_log_shutdown ();
    return;
  }
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("*[WARN] never started*");
}

static void
test_environment (void)
{
  if (g_test_subprocess ()) {
    BifLogSettings settings = { .level = 0, .to_stdout = TRUE };

    g_setenv ("GST_DEBUG", "bif-te*:4", TRUE);
    bif_log_init (&settings, NULL);
    GST_INFO ("environment wins");
    bif_log_shutdown ();
    return;
  }
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stdout ("*environment wins*");
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  GST_DEBUG_CATEGORY_INIT (test_debug, "bif-test", 0, "test");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log/format", test_format);
  g_test_add_func ("/log/timestamp", test_timestamp);
  g_test_add_func ("/log/logger", test_logger);
  g_test_add_func ("/log/fatal", test_fatal);
  g_test_add_func ("/log/early", test_early);
  g_test_add_func ("/log/environment", test_environment);
  return g_test_run ();
}
