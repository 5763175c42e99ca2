/* log.c: the logger. Any thread formats its message and queues it, under a
 * lock that is only held to link it in; one thread writes. A slow terminal or
 * disk therefore never holds up media: when the queue is full, lines are
 * dropped and counted. State is the process's, as GStreamer's is. */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <gst/gst.h>

#include "base/error.h"
#include "base/log-category.h"
#include "base/log-line.h"

#define GST_CAT_DEFAULT (bif_base_category ())

#define MAX_QUEUED 20000
/* what a crash may wait for its last lines */
#define FATAL_FLUSH_MS 1000

typedef enum
{
  LOG_OFF,                      /* GStreamer's and GLib's own ways */
  LOG_CAPTURING,
  LOG_RUNNING,
} LogState;

/* The lock is never held while something is written or called. */
static struct
{
  GMutex lock;
  GCond wake, written;
  GQueue queue;                 /* lock: BifLogRecord; NULL text: reopen */
  guint dropped;                /* lock */
  guint64 n_queued, n_written;  /* lock */
  gboolean stopping;            /* lock */
  gint state;                   /* LogState, atomic; main thread sets it */
  GThread *writer;              /* main thread */

  gint level, timestamps, colors;       /* atomic */
  GLogLevelFlags always_fatal;  /* set at capture */

  /* writer thread; main thread while there is none */
  gboolean to_stdout;
  char *prefix, *path;
  int fd;
} logger = { .fd = -1, .level = 4, .colors = TRUE };

static void
logger_push (BifLogRecord * record)
{
  g_mutex_lock (&logger.lock);
  if (logger.queue.length >= MAX_QUEUED && record->text != NULL) {
    logger.dropped++;
    g_mutex_unlock (&logger.lock);
    bif_log_record_free (record);
    return;
  }
  g_queue_push_tail (&logger.queue, record);
  logger.n_queued++;
  g_cond_signal (&logger.wake);
  g_mutex_unlock (&logger.lock);
}

static void
logger_push_text (GstDebugLevel level, char *source, char *text)
{
  BifLogRecord *record = g_new0 (BifLogRecord, 1);

  record->time_us = g_get_real_time ();
  record->level = level;
  record->source = source;
  record->text = text;
  logger_push (record);
}

static void
write_all (int fd, const char *data, gsize size)
{
  while (size > 0) {
    gssize n = write (fd, data, size);

    if (n < 0 && errno == EAGAIN) {
      GPollFD poll_fd = { fd, G_IO_OUT, 0 };

      g_poll (&poll_fd, 1, 1000);
      continue;
    }
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return;
    data += n;
    size -= n;
  }
}

static int
open_file (const char *path)
{
  return g_open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

/* Writer thread. Keeps the old file where the new one cannot be opened. */
static void
logger_reopen_file (void)
{
  int fd;

  if (logger.path == NULL)
    return;
  fd = open_file (logger.path);
  if (fd < 0) {
    GST_WARNING ("log file %s stays as it is: %s", logger.path,
        g_strerror (errno));
    return;
  }
  close (logger.fd);
  logger.fd = fd;
}

static void
logger_write_out (GString * plain, GString * colored)
{
  if (logger.fd >= 0)
    write_all (logger.fd, plain->str, plain->len);
  if (logger.to_stdout)
    write_all (STDOUT_FILENO, colored->str, colored->len);
  g_string_truncate (plain, 0);
  g_string_truncate (colored, 0);
}

static void
logger_write_records (GQueue * records)
{
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autoptr (GString) colored = g_string_new (NULL);
  BifLogRecord *record;

  while ((record = g_queue_pop_head (records)) != NULL) {
    gboolean timestamps = g_atomic_int_get (&logger.timestamps);

    if (record->text == NULL) {
      logger_write_out (plain, colored);
      logger_reopen_file ();
    } else {
      bif_log_format (plain, record, logger.prefix, timestamps, FALSE);
      bif_log_format (colored, record, logger.prefix, timestamps,
          g_atomic_int_get (&logger.colors));
    }
    bif_log_record_free (record);
  }
  logger_write_out (plain, colored);
}

static void
logger_note_dropped (GQueue * records, guint dropped)
{
  BifLogRecord *note;

  if (dropped == 0)
    return;
  note = g_new0 (BifLogRecord, 1);
  note->time_us = g_get_real_time ();
  note->level = GST_LEVEL_WARNING;
  note->text = g_strdup_printf ("%u log lines were dropped here", dropped);
  g_queue_push_tail (records, note);
}

static gpointer
logger_run (gpointer data)
{
  gboolean stopping = FALSE;

  while (!stopping) {
    GQueue records;
    guint64 n;
    guint dropped;

    g_mutex_lock (&logger.lock);
    while (logger.queue.length == 0 && !logger.stopping)
      g_cond_wait (&logger.wake, &logger.lock);
    stopping = logger.stopping;
    records = logger.queue;
    g_queue_init (&logger.queue);
    n = records.length;
    dropped = logger.dropped;
    logger.dropped = 0;
    g_mutex_unlock (&logger.lock);

    logger_note_dropped (&records, dropped);
    logger_write_records (&records);

    g_mutex_lock (&logger.lock);
    logger.n_written += n;
    g_cond_broadcast (&logger.written);
    g_mutex_unlock (&logger.lock);
  }
  return NULL;
}

/* GStreamer's log function. */
static void
log_gst_any_thread (GstDebugCategory * category, GstDebugLevel level,
    const char *file, const char *function, int line, GObject * object,
    GstDebugMessage * message, gpointer data)
{
  const char *name = gst_debug_category_get_name (category);
  const char *id = gst_debug_message_get_id (message);
  const char *base = strrchr (file, '/');
  GString *text = g_string_new (NULL);
  char *source = NULL;

  if (!g_str_has_prefix (name, "bif-"))
    g_string_append_printf (text, "%s: ", name);
  if (id != NULL)
    g_string_append_printf (text, "<%s> ", id);
  g_string_append (text, gst_debug_message_get (message));
  if (level == GST_LEVEL_ERROR || level >= GST_LEVEL_TRACE)
    source = g_strdup_printf ("%s:%s:%d", base != NULL ? base + 1 : file,
        function, line);
  logger_push_text (level, source, g_string_free (text, FALSE));
}

/* @wanted: (out): whether the line is to be written at all. */
static GstDebugLevel
level_of_glib (GLogLevelFlags flags, const char *domain, gboolean * wanted)
{
  int level = g_atomic_int_get (&logger.level);

  if (flags & (G_LOG_LEVEL_ERROR | G_LOG_FLAG_FATAL)) {
    *wanted = TRUE;
    return GST_LEVEL_NONE;
  }
  if (flags & G_LOG_LEVEL_CRITICAL) {
    *wanted = level >= 1;
    return GST_LEVEL_ERROR;
  }
  if (flags & G_LOG_LEVEL_WARNING) {
    *wanted = level >= 3;
    return GST_LEVEL_WARNING;
  }
  *wanted = (flags & G_LOG_LEVEL_MESSAGE) ? level >= 4
      : !g_log_writer_default_would_drop (flags & G_LOG_LEVEL_MASK, domain);
  return GST_LEVEL_INFO;
}

static char *
field_text (const GLogField * fields, gsize n_fields, const char *key)
{
  for (gsize i = 0; i < n_fields; i++) {
    if (strcmp (fields[i].key, key) != 0)
      continue;
    return fields[i].length < 0 ? g_strdup (fields[i].value)
        : g_strndup (fields[i].value, fields[i].length);
  }
  return NULL;
}

/* GLib's writer. What is fatal ends in GLib's own, which prints to stderr and
 * aborts by its own rules (G_DEBUG, g_log_set_always_fatal()). */
static GLogWriterOutput
log_glib_any_thread (GLogLevelFlags flags, const GLogField * fields,
    gsize n_fields, gpointer data)
{
  g_autofree char *domain = field_text (fields, n_fields, "GLIB_DOMAIN");
  g_autofree char *message = field_text (fields, n_fields, "MESSAGE");
  gboolean fatal = (flags & (G_LOG_FLAG_FATAL | logger.always_fatal)) != 0;
  gboolean wanted;
  GstDebugLevel level = level_of_glib (flags, domain, &wanted);

  if (g_atomic_int_get (&logger.state) == LOG_OFF)
    return g_log_writer_default (flags, fields, n_fields, data);
  if (wanted)
    logger_push_text (level, NULL, g_strdup_printf ("%s%s%s",
            domain != NULL ? domain : "", domain != NULL ? ": " : "",
            message != NULL ? message : ""));
  if (!fatal)
    return G_LOG_WRITER_HANDLED;
  bif_log_flush (FATAL_FLUSH_MS);
  return g_log_writer_default (flags, fields, n_fields, data);
}

/* GLib tells no one what is fatal; setting it tells what it was. */
static GLogLevelFlags
get_always_fatal (void)
{
  GLogLevelFlags flags = g_log_set_always_fatal (G_LOG_FATAL_MASK);

  g_log_set_always_fatal (flags);
  return flags;
}

/* GLib lets its writer be set once in a process. */
static void
install_glib_writer (void)
{
  static gsize done = 0;

  if (g_once_init_enter (&done)) {
    g_log_set_writer_func (log_glib_any_thread, NULL, NULL);
    g_once_init_leave (&done, 1);
  }
}

void
bif_log_capture (void)
{
  if (g_atomic_int_get (&logger.state) != LOG_OFF)
    return;
  logger.always_fatal = get_always_fatal ();
  g_atomic_int_set (&logger.state, LOG_CAPTURING);
  g_atomic_int_set (&logger.level, 3);
  /* With GST_DEBUG_FILE, GStreamer's own function writes that file. */
  if (g_getenv ("GST_DEBUG_FILE") == NULL)
    gst_debug_remove_log_function (gst_debug_log_default);
  gst_debug_add_log_function (log_gst_any_thread, NULL, NULL);
  bif_log_set_level (3);
  install_glib_writer ();
}

/* Lines from before the level was known. */
static void
drop_captured (guint level)
{
  GstDebugLevel most = level >= 3 ? GST_LEVEL_WARNING
      : level > 0 ? GST_LEVEL_ERROR : GST_LEVEL_NONE;
  GList *l, *next;

  g_mutex_lock (&logger.lock);
  for (l = logger.queue.head; l != NULL; l = next) {
    BifLogRecord *record = l->data;

    next = l->next;
    if (record->level <= most)
      continue;
    g_queue_delete_link (&logger.queue, l);
    bif_log_record_free (record);
    logger.n_queued--;
  }
  g_mutex_unlock (&logger.lock);
}

gboolean
bif_log_init (const BifLogSettings * settings, GError ** error)
{
  bif_log_capture ();
  g_return_val_if_fail (logger.writer == NULL, FALSE);

  if (settings->file != NULL) {
    logger.fd = open_file (settings->file);
    if (logger.fd < 0) {
      g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
          "log file %s: %s", settings->file, g_strerror (errno));
      return FALSE;
    }
  }
  logger.path = g_strdup (settings->file);
  logger.prefix = g_strdup (settings->prefix);
  logger.to_stdout = settings->to_stdout;
  bif_log_set_timestamps (settings->timestamps);
  bif_log_set_colors (settings->colors);
  bif_log_set_level (settings->level);
  drop_captured (settings->level);
  logger.writer = g_thread_new ("log", logger_run, NULL);
  g_atomic_int_set (&logger.state, LOG_RUNNING);
  return TRUE;
}

gboolean
bif_log_flush (guint timeout_ms)
{
  gint64 end = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  guint64 upto;
  gboolean ok = TRUE;

  if (g_atomic_int_get (&logger.state) != LOG_RUNNING
      || g_thread_self () == logger.writer)
    return FALSE;
  g_mutex_lock (&logger.lock);
  upto = logger.n_queued;
  while (ok && logger.n_written < upto)
    ok = g_cond_wait_until (&logger.written, &logger.lock, end);
  g_mutex_unlock (&logger.lock);
  return ok;
}

/* The process ends without a logger: stderr it is. */
static void
write_captured (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  BifLogRecord *record;

  g_mutex_lock (&logger.lock);
  while ((record = g_queue_pop_head (&logger.queue)) != NULL) {
    if (record->text != NULL)
      bif_log_format (text, record, NULL, FALSE, FALSE);
    bif_log_record_free (record);
  }
  g_mutex_unlock (&logger.lock);
  write_all (STDERR_FILENO, text->str, text->len);
}

void
bif_log_shutdown (void)
{
  if (g_atomic_int_get (&logger.state) == LOG_OFF)
    return;
  g_atomic_int_set (&logger.state, LOG_OFF);
  if (g_getenv ("GST_DEBUG_FILE") == NULL)
    gst_debug_add_log_function (gst_debug_log_default, NULL, NULL);
  gst_debug_remove_log_function (log_gst_any_thread);
  if (logger.writer != NULL) {
    g_mutex_lock (&logger.lock);
    logger.stopping = TRUE;
    g_cond_signal (&logger.wake);
    g_mutex_unlock (&logger.lock);
    g_thread_join (g_steal_pointer (&logger.writer));
  }
  write_captured ();
  logger.stopping = FALSE;
  if (logger.fd >= 0)
    close (logger.fd);
  logger.fd = -1;
  g_clear_pointer (&logger.path, g_free);
  g_clear_pointer (&logger.prefix, g_free);
}

void
bif_log_reopen (void)
{
  logger_push (g_new0 (BifLogRecord, 1));
}

gboolean
bif_log_has_file (void)
{
  return logger.path != NULL;
}

/* GST_DEBUG once more over ours: the last that is set counts. A bare number
 * means every category, ours too. */
static void
apply_environment (void)
{
  const char *text = g_getenv ("GST_DEBUG");
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", -1);

  for (guint i = 0; parts[i] != NULL; i++) {
    char *part = g_strstrip (parts[i]);
    char *colon = strchr (part, ':');
    g_autofree char *pattern = g_strdup ("*");
    g_autofree char *whole = NULL;

    if (colon != NULL) {
      g_free (pattern);
      pattern = g_strndup (part, colon - part);
    }
    whole = g_strdup_printf ("%s:%s", pattern,
        colon != NULL ? colon + 1 : part);
    if (*part == '\0')
      continue;
    gst_debug_unset_threshold_for_name (pattern);
    gst_debug_set_threshold_from_string (whole, FALSE);
  }
}

void
bif_log_set_level (guint level)
{
  static const struct
  {
    GstDebugLevel ours, others;
  } levels[] = {
    { GST_LEVEL_NONE, GST_LEVEL_NONE },
    { GST_LEVEL_ERROR, GST_LEVEL_ERROR },
    { GST_LEVEL_ERROR, GST_LEVEL_ERROR },
    { GST_LEVEL_WARNING, GST_LEVEL_ERROR },
    { GST_LEVEL_INFO, GST_LEVEL_WARNING },
    { GST_LEVEL_DEBUG, GST_LEVEL_WARNING },
    { GST_LEVEL_LOG, GST_LEVEL_WARNING },
    { GST_LEVEL_TRACE, GST_LEVEL_INFO },
  };

  level = MIN (level, G_N_ELEMENTS (levels) - 1);
  g_atomic_int_set (&logger.level, level);
  gst_debug_set_default_threshold (levels[level].others);
  gst_debug_unset_threshold_for_name ("bif-*");
  gst_debug_set_threshold_for_name ("bif-*", levels[level].ours);
  apply_environment ();
}

guint
bif_log_get_level (void)
{
  return g_atomic_int_get (&logger.level);
}

void
bif_log_set_timestamps (gboolean timestamps)
{
  g_atomic_int_set (&logger.timestamps, timestamps);
}

gboolean
bif_log_get_timestamps (void)
{
  return g_atomic_int_get (&logger.timestamps);
}

void
bif_log_set_colors (gboolean colors)
{
  g_atomic_int_set (&logger.colors, colors);
}

gboolean
bif_log_get_colors (void)
{
  return g_atomic_int_get (&logger.colors);
}
