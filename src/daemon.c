/* daemon.c: what a process does to be a service: background, PID file, limits.
 * Main thread, before there is any other. */
#include "daemon.h"

#include <config.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "base/error.h"

struct _BifDaemon
{
  int ready_fd;                 /* to the parent */
  gboolean keep_stdio;
};

struct _BifPidFile
{
  char *path;
  int fd;
};

static void
set_error (GError ** error, const char *what)
{
  int code = errno;

  g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION, "%s: %s", what,
      g_strerror (code));
}

G_NORETURN static void
wait_for_child (pid_t child, int fd)
{
  char byte;
  gssize n;
  int status = 0;

  do
    n = read (fd, &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n == 1)
    _exit (0);

  while (waitpid (child, &status, 0) < 0 && errno == EINTR);
  if (WIFSIGNALED (status))
    g_printerr (_("The server did not start: signal %d\n"),
        WTERMSIG (status));
  else
    g_printerr (_("The server did not start: exit status %d\n"),
        WIFEXITED (status) ? WEXITSTATUS (status) : -1);
  _exit (1);
}

static gboolean
redirect (int first, int last, GError ** error)
{
  int fd = g_open ("/dev/null", O_RDWR | O_CLOEXEC, 0);

  if (fd < 0) {
    set_error (error, "/dev/null");
    return FALSE;
  }
  for (int i = first; i <= last; i++)
    dup2 (fd, i);
  if (fd > STDERR_FILENO)
    close (fd);
  return TRUE;
}

BifDaemon *
bif_daemon_start (const char *cwd, gboolean keep_stdio, GError ** error)
{
  BifDaemon *self;
  int fds[2];
  pid_t child;

  if (!g_unix_open_pipe (fds, FD_CLOEXEC, error))
    return NULL;
  child = fork ();
  if (child < 0) {
    set_error (error, "fork");
    close (fds[0]);
    close (fds[1]);
    return NULL;
  }
  if (child > 0) {
    close (fds[1]);
    wait_for_child (child, fds[0]);
  }

  close (fds[0]);
  umask (0);
  setsid ();
  if (chdir (cwd != NULL ? cwd : "/") < 0) {
    set_error (error, cwd != NULL ? cwd : "/");
    close (fds[1]);
    return NULL;
  }
  if (!keep_stdio && !redirect (STDIN_FILENO, STDOUT_FILENO, error)) {
    close (fds[1]);
    return NULL;
  }
  self = g_new0 (BifDaemon, 1);
  self->ready_fd = fds[1];
  self->keep_stdio = keep_stdio;
  return self;
}

void
bif_daemon_ready (BifDaemon * self)
{
  gssize n;

  if (self == NULL)
    return;
  if (!self->keep_stdio)
    redirect (STDERR_FILENO, STDERR_FILENO, NULL);
  do
    n = write (self->ready_fd, "1", 1);
  while (n < 0 && errno == EINTR);
  close (self->ready_fd);
  g_free (self);
}

static gboolean
write_pid (int fd)
{
  g_autofree char *text = g_strdup_printf ("%ld\n", (long) getpid ());
  gssize size = strlen (text);

  return ftruncate (fd, 0) == 0 && write (fd, text, size) == size;
}

BifPidFile *
bif_pid_file_new (const char *path, GError ** error)
{
  BifPidFile *self;
  /* Emptied only once it is ours: it may hold another server's id. */
  int fd = g_open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

  if (fd < 0) {
    set_error (error, path);
    return NULL;
  }
  if (flock (fd, LOCK_EX | LOCK_NB) < 0) {
    if (errno == EWOULDBLOCK)
      g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
          "%s: another server has it locked", path);
    else
      set_error (error, path);
    close (fd);
    return NULL;
  }
  if (!write_pid (fd)) {
    set_error (error, path);
    close (fd);
    return NULL;
  }
  self = g_new0 (BifPidFile, 1);
  self->path = g_canonicalize_filename (path, NULL);
  self->fd = fd;
  return self;
}

void
bif_pid_file_free (BifPidFile * self)
{
  /* While it is locked: what another server makes next stays. */
  g_unlink (self->path);
  close (self->fd);
  g_free (self->path);
  g_free (self);
}

gboolean
bif_check_openfiles (guint64 limit, GError ** error)
{
  struct rlimit limits;

  if (limit == 0 || getrlimit (RLIMIT_NOFILE, &limits) < 0
      || limits.rlim_cur == RLIM_INFINITY || limits.rlim_cur >= limit)
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
      "only %" G_GUINT64_FORMAT " files may be open, %" G_GUINT64_FORMAT
      " are asked for", (guint64) limits.rlim_cur, limit);
  return FALSE;
}

static void
raise_limit (int resource)
{
  struct rlimit limits;

  if (getrlimit (resource, &limits) < 0)
    return;
  limits.rlim_cur = limits.rlim_max;
  setrlimit (resource, &limits);
}

void
bif_raise_limits (void)
{
  raise_limit (RLIMIT_CORE);
  raise_limit (RLIMIT_NOFILE);
}
