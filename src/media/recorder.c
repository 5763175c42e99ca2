/* recorder.c: one recording: a pipeline from streams of the packet path to
 * files. Its own threads write; the main thread only starts and ends them. */
#include "media/recorder-private.h"
#include "base/error.h"
#include "base/post.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

GST_DEBUG_CATEGORY (bif_recorder_debug);
#define GST_CAT_DEFAULT bif_recorder_debug

/* A muxer that does not end is not waited for longer. */
#define END_TIMEOUT_MS 5000

enum
{
  FAILED, CLOSED, N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BifRecorder, bif_recorder, G_TYPE_OBJECT)

/* ---- the end ---- */

/* What the thread that stops the pipeline needs. */
typedef struct
{
  GWeakRef recorder;
  GstElement *pipeline;
  char **files;
  char *temporary_ending;
} Stop;

static void
stop_free (gpointer data)
{
  Stop *stop = data;

  g_weak_ref_clear (&stop->recorder);
  gst_object_unref (stop->pipeline);
  g_strfreev (stop->files);
  g_free (stop->temporary_ending);
  g_free (stop);
}

/* To the disk, and its last name; what has nothing in it goes. */
static void
finish_file (const char *path, const char *ending)
{
  g_autofree char *written = ending != NULL && *ending != '\0' ?
      g_strconcat (path, ".", ending, NULL) : g_strdup (path);
  GStatBuf info;
  int fd;

  if (g_stat (written, &info) != 0)
    return;
  if (info.st_size == 0) {
    g_unlink (written);
    return;
  }
  fd = g_open (written, O_RDONLY | O_CLOEXEC, 0);
  if (fd >= 0) {
    g_fsync (fd);
    close (fd);
  }
  if (strcmp (written, path) != 0 && g_rename (written, path) != 0)
    GST_WARNING ("cannot give %s its name", written);
}

static void
tell_closed (BifRecorder * self)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new ();

  if (self->closed || !self->stopped || !self->closing)
    return;
  self->closed = TRUE;
  self->recordings->n_closing--;
  for (guint i = 0; i < self->parts->len; i++)
    g_ptr_array_add (paths, self->parts->pdata[i]);
  for (guint i = 0; i < self->files->len; i++)
    if (g_file_test (self->files->pdata[i], G_FILE_TEST_EXISTS))
      g_ptr_array_add (paths, self->files->pdata[i]);
  g_ptr_array_add (paths, NULL);
  GST_INFO_OBJECT (self, "%s: closed, %u files", self->base, paths->len - 1);
  g_signal_emit (self, signals[CLOSED], 0, paths->pdata);
  g_object_unref (self);
}

static void
take_stopped (gpointer object, gpointer data)
{
  BifRecorder *self = object;

  self->stopped = TRUE;
  tell_closed (self);
}

static gpointer
stop_any_thread (gpointer data)
{
  Stop *stop = data;
  g_autoptr (BifRecorder) recorder = NULL;

  gst_element_set_state (stop->pipeline, GST_STATE_NULL);
  for (guint i = 0; stop->files[i] != NULL; i++)
    finish_file (stop->files[i], stop->temporary_ending);
  recorder = g_weak_ref_get (&stop->recorder);
  if (recorder != NULL)
    bif_post (recorder, take_stopped, stop, stop_free);
  else
    stop_free (stop);
  return NULL;
}

static void
stop (BifRecorder * self)
{
  g_autoptr (GstBus) bus = NULL;
  Stop *stop;

  if (self->pipeline == NULL)
    return;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_remove_watch (bus);
  g_ptr_array_set_size (self->texts, 0);
  stop = g_new0 (Stop, 1);
  g_weak_ref_init (&stop->recorder, self);
  stop->pipeline = g_steal_pointer (&self->pipeline);
  g_ptr_array_add (self->files, NULL);
  stop->files = g_strdupv ((char **) self->files->pdata);
  g_ptr_array_set_size (self->files, self->files->len - 1);
  stop->temporary_ending = g_strdup (self->recordings->temporary_ending);
  g_thread_unref (g_thread_new ("bif-recorder-stop", stop_any_thread, stop));
}

static gboolean
take_timeout (gpointer user_data)
{
  BifRecorder *self = user_data;

  self->timeout_id = 0;
  GST_WARNING_OBJECT (self, "%s does not end; it is cut off", self->base);
  stop (self);
  return G_SOURCE_REMOVE;
}

/* "failed" is for who has not closed it; nothing is written any more, and what
 * was written is let go. */
void
bif_recorder_fail (BifRecorder * self, const char *reason)
{
  if (self->failed || self->closing)
    return;
  self->failed = TRUE;
  GST_ERROR_OBJECT (self, "recording %s has ended: %s", self->base, reason);
  stop (self);
  g_signal_emit (self, signals[FAILED], 0, reason);
}

/* ---- what the pipeline says ---- */

static void
take_error (BifRecorder * self, GstMessage * message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;

  gst_message_parse_error (message, &error, &debug);
  if (!self->closing) {
    GST_DEBUG_OBJECT (self, "%s", debug);
    bif_recorder_fail (self, error->message);
  } else if (error->domain == GST_RESOURCE_ERROR) {
    GST_ERROR_OBJECT (self, "the end of %s is missing: %s", self->base,
        error->message);
    stop (self);
  } else {
    /* A track of which nothing came. */
    GST_DEBUG_OBJECT (self, "at the end: %s", error->message);
  }
}

/* The clock of pipelines is the system's monotonic one. */
static gint64
start_of_part (BifRecorder * self, const GstStructure * part)
{
  GstClockTime start;

  if (!gst_structure_get_clock_time (part, "running-time", &start))
    return g_get_monotonic_time ();
  return (start + gst_element_get_base_time (self->pipeline)) / GST_USECOND;
}

static void
take_part (BifRecorder * self, GstMessage * message)
{
  const GstStructure *structure = gst_message_get_structure (message);
  const char *path = gst_structure_get_string (structure, "location");

  if (!gst_structure_has_name (structure, "bif-part-opened"))
    return;
  if (self->zero_us == 0) {
    self->zero_us = start_of_part (self, structure);
    self->paused_us = 0;
  }
  g_ptr_array_add (self->parts, g_strdup (path));
  GST_INFO_OBJECT (self, "writing %s", path);
}

static gboolean
take_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  BifRecorder *self = user_data;
  gboolean goes_on;

  g_object_ref (self);
  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      take_error (self, message);
      break;
    case GST_MESSAGE_EOS:
      if (self->closing)
        stop (self);
      break;
    case GST_MESSAGE_ELEMENT:
      take_part (self, message);
      break;
    case GST_MESSAGE_WARNING:
      GST_DEBUG_OBJECT (self, "%" GST_PTR_FORMAT, message);
      break;
    default:
      break;
  }
  goes_on = self->pipeline != NULL;
  g_object_unref (self);
  return goes_on;
}

/* ---- the beginning ---- */

gboolean
bif_recorder_start (BifRecorder * self)
{
  if (self->started)
    return self->pipeline != NULL;
  g_clear_handle_id (&self->start_id, g_source_remove);
  self->started = TRUE;
  for (guint i = 0; i < self->tracks->len && !self->failed; i++)
    bif_recorder_track_start (self, self->tracks->pdata[i]);
  if (!self->failed && gst_element_set_state (self->pipeline,
          GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    bif_recorder_fail (self, "the pipeline does not start");
  return self->pipeline != NULL;
}

/* In a moment: tracks that come together share a file. */
static gboolean
start_soon (gpointer user_data)
{
  BifRecorder *self = user_data;

  self->start_id = 0;
  bif_recorder_start (self);
  return G_SOURCE_REMOVE;
}

gboolean
bif_recorder_add_streams (BifRecorder * self, GPtrArray * streams,
    BifMediaKind kind, const char *codec, const char *name,
    const char *description, GError ** error)
{
  BifRecorderTrack *track;

  BIF_ASSERT_MAIN ();
  if (self->closing || self->failed || streams->len == 0 || codec == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_IO,
        "There is nothing to record of %s", name);
    return FALSE;
  }
  track = g_new0 (BifRecorderTrack, 1);
  track->name = g_strdup (name);
  track->kind = kind;
  track->codec = g_strdup (codec);
  track->description = g_strdup (description);
  track->streams = g_ptr_array_ref (streams);
  track->chains = g_ptr_array_new_with_free_func ((GDestroyNotify)
      bif_recorder_chain_free);
  g_ptr_array_add (self->tracks, track);
  if (self->started)
    bif_recorder_track_start (self, track);
  else if (self->start_id == 0)
    self->start_id = g_idle_add (start_soon, self);
  return TRUE;
}

gboolean
bif_recorder_add_track (BifRecorder * self, BifTrack * track,
    const char *name, const char *description, GError ** error)
{
  g_autoptr (GPtrArray) streams = bif_track_streams (track);

  return bif_recorder_add_streams (self, streams, bif_track_kind (track),
      bif_track_codec (track), name, description, error);
}

/* ---- while it runs ---- */

static void
pause_chain (BifRecorder * self, const BifRecorderTrack * track,
    const BifRecorderChain * chain)
{
  g_autoptr (GstElement) mux = NULL;

  if (chain->container != NULL)
    return;
  mux = gst_bin_get_by_name (GST_BIN (chain->bin), "in");
  g_object_set (mux, "paused", self->paused, NULL);
  for (guint i = 0; !self->paused && i < track->streams->len; i++)
    g_signal_emit_by_name (track->streams->pdata[i], "request-keyframe");
}

void
bif_recorder_set_paused (BifRecorder * self, gboolean paused)
{
  gint64 now_us = g_get_monotonic_time ();

  BIF_ASSERT_MAIN ();
  if (self->paused == paused || self->pipeline == NULL)
    return;
  self->paused = paused;
  if (paused)
    self->paused_at_us = now_us;
  else
    self->paused_us += now_us - self->paused_at_us;
  for (guint i = 0; i < self->containers->len; i++) {
    BifRecorderContainer *container = self->containers->pdata[i];

    g_object_set (container->sink, "paused", paused, NULL);
  }
  for (guint i = 0; i < self->tracks->len; i++) {
    BifRecorderTrack *track = self->tracks->pdata[i];

    for (guint n = 0; n < track->chains->len; n++)
      pause_chain (self, track, track->chains->pdata[n]);
  }
}

void
bif_recorder_set_muted (BifRecorder * self, const char *name, gboolean muted)
{
  BIF_ASSERT_MAIN ();
  if (self->pipeline == NULL
      || muted == g_hash_table_contains (self->muted, name))
    return;
  if (muted)
    g_hash_table_add (self->muted, g_strdup (name));
  else
    g_hash_table_remove (self->muted, name);
  for (guint i = 0; i < self->tracks->len; i++) {
    BifRecorderTrack *track = self->tracks->pdata[i];

    if (strcmp (track->name, name) == 0)
      bif_recorder_track_mute (self, track);
  }
}

void
bif_recorder_set_encrypted (BifRecorder * self)
{
  BIF_ASSERT_MAIN ();
  g_return_if_fail (self->tracks->len == 0);
  self->encrypted = TRUE;
}

static char *
file_name (BifRecorder * self, const BifRecorderTrack * track)
{
  g_autofree char *base = g_path_get_basename (self->base);

  for (guint i = 0; i < BIF_RECORDING_CONTAINERS; i++) {
    const char *container = self->formats & 1 << i ?
        bif_recorder_container_of (self, track, i) : NULL;

    if (container != NULL)
      return g_strconcat (base, ".", container, NULL);
  }
  return g_strconcat (base, "-", track->name, ".mjr", NULL);
}

const char *
bif_recorder_file (BifRecorder * self, const char *name)
{
  for (guint i = 0; i < self->tracks->len; i++) {
    BifRecorderTrack *track = self->tracks->pdata[i];

    if (strcmp (track->name, name) != 0)
      continue;
    g_free (track->file);
    track->file = file_name (self, track);
    return track->file;
  }
  return bif_recorder_text_file (self, name);
}

gint64
bif_recorder_began_us (BifRecorder * self)
{
  return self->zero_us == 0 ? 0 :
      g_get_real_time () - (g_get_monotonic_time () - self->zero_us);
}

/* A source takes the event between two packets, and may be busy with one. */
static void
send_end_any_thread (GstElement * pipeline, gpointer user_data)
{
  gst_element_send_event (pipeline, gst_event_new_eos ());
}

void
bif_recorder_close (BifRecorder * self)
{
  BIF_ASSERT_MAIN ();
  if (self->closing)
    return;
  self->closing = TRUE;
  self->recordings->n_closing++;
  g_object_ref (self);
  g_clear_handle_id (&self->start_id, g_source_remove);
  if (self->pipeline == NULL) {
    if (self->stopped)
      bif_post (self, take_stopped, NULL, NULL);
    return;
  }
  if (!self->started) {
    stop (self);
    return;
  }
  self->timeout_id = g_timeout_add (END_TIMEOUT_MS, take_timeout, self);
  gst_element_call_async (self->pipeline, send_end_any_thread, NULL, NULL);
}

/* ---- the object ---- */

BifRecorder *
bif_recorder_new (BifRecordings * recordings, const char *folder,
    const char *base, guint formats, GError ** error)
{
  g_autofree char *path = bif_recordings_make_base (recordings, folder, base,
      error);
  g_autoptr (GstBus) bus = NULL;
  BifRecorder *self;

  BIF_ASSERT_MAIN ();
  if (path == NULL)
    return NULL;
  self = g_object_new (BIF_TYPE_RECORDER, NULL);
  self->recordings = g_object_ref (recordings);
  self->base = g_steal_pointer (&path);
  self->formats = formats != 0 ? formats : recordings->formats;
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_add_watch (bus, take_message, self);
  return self;
}

static void
bif_recorder_dispose (GObject * object)
{
  BifRecorder *self = BIF_RECORDER (object);

  g_clear_handle_id (&self->start_id, g_source_remove);
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  stop (self);
  G_OBJECT_CLASS (bif_recorder_parent_class)->dispose (object);
}

static void
bif_recorder_finalize (GObject * object)
{
  BifRecorder *self = BIF_RECORDER (object);

  g_ptr_array_unref (self->tracks);
  g_ptr_array_unref (self->containers);
  g_ptr_array_unref (self->texts);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->parts);
  g_hash_table_unref (self->muted);
  g_free (self->text_file);
  g_free (self->base);
  g_object_unref (self->recordings);
  G_OBJECT_CLASS (bif_recorder_parent_class)->finalize (object);
}

static void
bif_recorder_class_init (BifRecorderClass * klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (bif_recorder_debug, "bif-recorder", 0,
      "recordings");
  G_OBJECT_CLASS (klass)->dispose = bif_recorder_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_recorder_finalize;
  signals[FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL,
      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0, NULL,
      NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRV);
}

static void
bif_recorder_init (BifRecorder * self)
{
  self->tracks = g_ptr_array_new_with_free_func ((GDestroyNotify)
      bif_recorder_track_free);
  self->containers = g_ptr_array_new_with_free_func (g_free);
  self->texts = g_ptr_array_new_with_free_func ((GDestroyNotify)
      bif_recorder_text_free);
  self->files = g_ptr_array_new_with_free_func (g_free);
  self->parts = g_ptr_array_new_with_free_func (g_free);
  self->muted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
