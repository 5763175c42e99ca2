/* daemon.c: tests of background, PID file and limits. Main thread. */
#include "daemon.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>

#include "base/error.h"

static void
test_pid_file (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "pid", NULL);
  g_autofree char *wanted = g_strdup_printf ("%ld\n", (long) getpid ());
  g_autofree char *text = NULL;
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;
  BifPidFile *file;

  g_file_set_contents (path, "a longer text than any id\n", -1, NULL);
  file = bif_pid_file_new (path, &error);
  g_assert_no_error (error);
  g_file_get_contents (path, &text, NULL, NULL);
  g_assert_cmpstr (text, ==, wanted);

  g_assert_null (bif_pid_file_new (path, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
  g_clear_error (&error);
  g_file_get_contents (path, &after, NULL, NULL);
  g_assert_cmpstr (after, ==, wanted);

  bif_pid_file_free (file);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
  g_rmdir (folder);
  g_assert_null (bif_pid_file_new (path, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
}

static void
test_limit (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (bif_check_openfiles (0, NULL));
  g_assert_true (bif_check_openfiles (3, NULL));
  g_assert_false (bif_check_openfiles (G_MAXINT64, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
  bif_raise_limits ();
}

static void
test_ready (void)
{
  if (g_test_subprocess ()) {
    BifDaemon *daemon = bif_daemon_start (NULL, FALSE, NULL);
    g_autofree char *cwd = g_get_current_dir ();

    if (daemon == NULL || getsid (0) != getpid () || strcmp (cwd, "/") != 0)
      _exit (1);
    bif_daemon_ready (daemon);
    _exit (0);
  }
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_passed ();
}

/* The parent tells of a child that did not make it, and so does the child. */
static void
test_failed (void)
{
  if (g_test_subprocess ()) {
    BifDaemon *daemon = bif_daemon_start ("/", FALSE, NULL);

    if (daemon != NULL)
      g_printerr ("no certificate\n");
    _exit (1);
  }
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*no certificate*did not start: exit status 1*");
}

static void
test_bad_folder (void)
{
  if (g_test_subprocess ()) {
    g_autoptr (GError) error = NULL;

    if (bif_daemon_start ("/no/such/folder", TRUE, &error) == NULL)
      g_printerr ("%s\n", error->message);
    _exit (1);
  }
  g_test_trap_subprocess (NULL, 60 * G_USEC_PER_SEC, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*/no/such/folder: *");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/daemon/pid-file", test_pid_file);
  g_test_add_func ("/daemon/limit", test_limit);
  g_test_add_func ("/daemon/ready", test_ready);
  g_test_add_func ("/daemon/failed", test_failed);
  g_test_add_func ("/daemon/bad-folder", test_bad_folder);
  return g_test_run ();
}
