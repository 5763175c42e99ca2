/* daemon.h: what a process does to be a service: background, PID file, limits.
 * Main thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BifDaemon BifDaemon;

/**
 * bif_daemon_start:
 * @cwd: (nullable): working directory; "/" where NULL
 * @keep_stdio: leave standard input, output and error as they are
 * @error: BIF_ERROR_CONFIGURATION
 *
 * Returns in the child. The parent waits inside for bif_daemon_ready() and then
 * exits with 0; should the child end before, it says so and exits with 1. No
 * thread may run yet. The child has umask 0 and a session of its own; standard
 * error goes to the null device no sooner than bif_daemon_ready(), so that what
 * keeps the server from starting can be read.
 */
BifDaemon *bif_daemon_start (const char *cwd, gboolean keep_stdio,
    GError ** error);
/* All is up. @self (nullable) (transfer full). */
void bif_daemon_ready (BifDaemon * self);

typedef struct _BifPidFile BifPidFile;

/**
 * bif_pid_file_new:
 * @error: BIF_ERROR_CONFIGURATION: cannot be written, or another process that
 *   lives has it
 *
 * After bif_daemon_start(). The file stays locked until bif_pid_file_free(),
 * which removes it.
 */
BifPidFile *bif_pid_file_new (const char *path, GError ** error);
void bif_pid_file_free (BifPidFile * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifPidFile, bif_pid_file_free)

/* FALSE with @error set where less than @limit files may be open; 0: not
 * checked. */
gboolean bif_check_openfiles (guint64 limit, GError ** error);

/* As large core dumps and as many open files as the system lets us have; after
 * bif_check_openfiles(), which looks at what the caller set. */
void bif_raise_limits (void);

G_END_DECLS
