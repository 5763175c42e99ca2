/* log.h: log lines as Janus writes them, out of GStreamer's debug system. The
 * one logger of the process, since GStreamer has one. Any thread, but where it
 * says otherwise. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BifLogSettings:
 * @level: 0 none, 1 fatal, 2 errors, 3 warnings, 4 info, 5 verbose, 6 huge,
 *   7 debug; see bif_log_set_level()
 * @prefix: (nullable): put before every line; colour codes in it are dropped
 *   where there are no colours
 * @file: (nullable): appended to
 */
typedef struct
{
  guint level;
  gboolean timestamps, colors;
  gboolean to_stdout;
  const char *prefix;
  const char *file;
} BifLogSettings;

/**
 * bif_log_capture:
 *
 * Keeps lines of WARNING and above until bif_log_init() knows where they go;
 * should it never come to that, bif_log_shutdown() writes them to stderr.
 * Replaces the log function of GStreamer and the writer of GLib. Main thread,
 * after gst_init().
 */
void bif_log_capture (void);

/**
 * bif_log_init:
 * @error: BIF_ERROR_CONFIGURATION: the file cannot be opened
 *
 * Starts the thread that writes, so it comes after daemonizing: threads do not
 * outlive a fork. Main thread.
 */
gboolean bif_log_init (const BifLogSettings * settings, GError ** error);

/* Waits until what was logged before is written: at most @timeout_ms. */
gboolean bif_log_flush (guint timeout_ms);

/* Writes what is left and stops the thread; lines that come later go to
 * stderr. May be called twice. Main thread. */
void bif_log_shutdown (void);

/* Closes the file and opens the same path again, in order with the lines. */
void bif_log_reopen (void);
gboolean bif_log_has_file (void);

/**
 * bif_log_set_level:
 * @level: 0 to 7, more counts as 7
 *
 *   level | bif-*    | other categories | GLib
 *   ------|----------|------------------|---------------------
 *   0     | none     | none             | fatal errors only
 *   1, 2  | ERROR    | ERROR            | criticals
 *   3     | WARNING  | ERROR            | warnings
 *   4     | INFO     | WARNING          | messages
 *   5     | DEBUG    | WARNING          | messages
 *   6     | LOG      | WARNING          | messages
 *   7     | TRACE    | INFO             | messages
 *
 * What GST_DEBUG names stays as GST_DEBUG has it. GLib's info and debug lines
 * follow G_MESSAGES_DEBUG. Main thread.
 */
void bif_log_set_level (guint level);
guint bif_log_get_level (void);
void bif_log_set_timestamps (gboolean timestamps);
gboolean bif_log_get_timestamps (void);
void bif_log_set_colors (gboolean colors);
gboolean bif_log_get_colors (void);

G_END_DECLS
