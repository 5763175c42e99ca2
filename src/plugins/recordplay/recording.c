/* recording.c: a recording in the making, of what one caller sends. Its files
 * are finished after the caller has gone. Main thread. */
#include "plugins/recordplay/recordplay.h"
#include "core/server.h"

#include <string.h>

struct _RpRecordingJob
{
  RpHandle *handle;             /* not owned; NULL once the caller is gone */
  RpPlugin *plugin;             /* owned */
  RpRecording *recording;       /* owned */
  BifRecorder *recorder;        /* owned; NULL before the first track */
  char *base;                   /* of file names, below the folder */
  char *mids[2];                /* m-lines of audio and video, recorded now or
                                   last (nullable) */
  gboolean text_data;
  guint keyframe_id;
  gint64 began_us, paused_us;   /* of the clock; 0: not yet, not now */
  gint64 pauses_us;             /* how long all pauses were */
};

RpRecording *
rp_job_recording (RpRecordingJob * self)
{
  return self->recording;
}

static void
job_free (RpRecordingJob * self)
{
  g_clear_handle_id (&self->keyframe_id, g_source_remove);
  if (self->recorder != NULL)
    g_signal_handlers_disconnect_by_data (self->recorder, self);
  g_clear_object (&self->recorder);
  rp_recording_unref (self->recording);
  g_hash_table_remove (self->plugin->bases, self->base);
  g_object_unref (self->plugin);
  g_free (self->base);
  g_free (self->mids[BIF_MEDIA_AUDIO]);
  g_free (self->mids[BIF_MEDIA_VIDEO]);
  g_free (self);
}

/* ---- files ---- */

/* Returns: (transfer full): what the .nfo says of a file of that name */
static char *
below_folder (RpRecordingJob * self, const char *name)
{
  g_autofree char *folder = g_path_get_dirname (self->base);

  return strcmp (folder, ".") == 0 ? g_strdup (name) :
      g_build_filename (folder, name, NULL);
}

/* Returns: (transfer full) (nullable): the file's name below the folder */
static char *
file_of (RpRecordingJob * self, const char *kind)
{
  const char *name = bif_recorder_file (self->recorder, kind);

  return name != NULL ? below_folder (self, name) : NULL;
}

static void
take_files (RpRecordingJob * self)
{
  static const struct
  {
    BifMediaKind kind;
    const char *name;
  } kinds[] = {
    {BIF_MEDIA_AUDIO, "audio"},
    {BIF_MEDIA_VIDEO, "video"},
    {BIF_MEDIA_DATA, "data"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    char **file = &self->recording->files[kinds[i].kind];

    g_free (*file);
    *file = file_of (self, kinds[i].name);
  }
}

/* What else was written: later parts, other formats, subtitles. */
static void
take_parts (RpRecordingJob * self, char **paths)
{
  RpRecording *recording = self->recording;
  g_autoptr (GPtrArray) files = rp_recording_files (recording);

  for (guint i = 0; paths[i] != NULL; i++) {
    g_autofree char *name = g_path_get_basename (paths[i]);
    char *file = below_folder (self, name);

    if (g_ptr_array_find_with_equal_func (files, file, g_str_equal, NULL))
      g_free (file);
    else
      g_ptr_array_add (recording->parts, file);
  }
}

static void
on_closed (BifRecorder * recorder, char **paths, RpRecordingJob * self)
{
  RpRecording *recording = self->recording;
  g_autoptr (GError) error = NULL;
  gint64 length_us = self->paused_us - self->began_us - self->pauses_us;

  take_files (self);
  recording->began_us = bif_recorder_began_us (recorder);
  if (paths != NULL)
    take_parts (self, paths);
  if (paths == NULL || paths[0] == NULL
      || (recording->files[BIF_MEDIA_AUDIO] == NULL
          && recording->files[BIF_MEDIA_VIDEO] == NULL)) {
    GST_INFO ("recording %" G_GUINT64_FORMAT " is empty", recording->id);
    rp_library_remove (self->plugin, recording);
  } else {
    if (self->began_us > 0 && length_us > 0)
      recording->duration_ms = length_us / 1000;
    if (!rp_library_complete (self->plugin, recording, &error))
      GST_ERROR ("recording %" G_GUINT64_FORMAT ": %s", recording->id,
          error->message);
  }
  job_free (self);
}

static void
on_failed (BifRecorder * recorder, const char *reason, RpRecordingJob * self)
{
  JsonObject *result;

  GST_ERROR ("recording %" G_GUINT64_FORMAT ": %s", self->recording->id,
      reason);
  if (self->handle == NULL)
    return;
  result = rp_result ("failed", self->recording->id);
  json_object_set_string_member (result, "reason", reason);
  rp_push_result (self->handle, result);
}

static gboolean
ensure_recorder (RpRecordingJob * self, GError ** error)
{
  BifServer *server = bif_plugin_server (BIF_PLUGIN (self->plugin));

  if (self->recorder != NULL)
    return TRUE;
  self->recorder = bif_recorder_new (bif_server_recordings (server),
      self->plugin->path, self->base, 0, error);
  if (self->recorder == NULL)
    return FALSE;
  if (self->recording->e2ee)
    bif_recorder_set_encrypted (self->recorder);
  bif_recorder_set_paused (self->recorder, self->paused_us != 0);
  g_signal_connect (self->recorder, "closed", G_CALLBACK (on_closed), self);
  g_signal_connect (self->recorder, "failed", G_CALLBACK (on_failed), self);
  return TRUE;
}

/* ---- media ---- */

/* Whether the caller sends on the m-line. */
static gboolean
is_received (RpRecordingJob * self, const char *mid)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->handle));
  const GPtrArray *lines = bif_description_lines (bif_peer_description (peer));

  for (guint i = 0; i < lines->len; i++) {
    const BifSdpLine *line = lines->pdata[i];

    if (g_strcmp0 (line->mid, mid) == 0)
      return line->accepted && line->direction & BIF_DIRECTION_RECVONLY;
  }
  return FALSE;
}

/* One m-line of a kind, and the next where that has ended. */
static gboolean
takes_track (RpRecordingJob * self, BifTrack * track)
{
  const char *mid = bif_track_mid (track);
  const char *recorded = self->mids[bif_track_kind (track)];

  return is_received (self, mid) && g_strcmp0 (recorded, mid) != 0
      && (recorded == NULL || !is_received (self, recorded));
}

void
rp_job_track_added (RpRecordingJob * self, BifTrack * track)
{
  BifMediaKind kind = bif_track_kind (track);
  g_autoptr (GError) error = NULL;

  if (!takes_track (self, track))
    return;
  if (!ensure_recorder (self, &error)
      || !bif_recorder_add_track (self->recorder, track,
          bif_media_kind_name (kind), NULL, &error)) {
    GST_ERROR ("recording %" G_GUINT64_FORMAT ": %s", self->recording->id,
        error->message);
    return;
  }
  g_free (self->mids[kind]);
  self->mids[kind] = g_strdup (bif_track_mid (track));
  if (self->began_us == 0)
    self->began_us = g_get_monotonic_time ();
}

void
rp_job_data (RpRecordingJob * self, const BifDataMessage * message)
{
  BifDataMessage copy = *message;
  g_autoptr (GError) error = NULL;

  copy.text = self->text_data;
  if (copy.text && !message->text)
    return;
  if (ensure_recorder (self, &error))
    bif_recorder_add_message (self->recorder, "data", &copy);
}

void
rp_job_set_paused (RpRecordingJob * self, gboolean paused)
{
  gint64 now_us = g_get_monotonic_time ();

  if (paused == (self->paused_us != 0))
    return;
  if (!paused && self->began_us > 0)
    self->pauses_us += now_us - MAX (self->paused_us, self->began_us);
  self->paused_us = paused ? now_us : 0;
  if (self->recorder != NULL)
    bif_recorder_set_paused (self->recorder, paused);
}

static gboolean
on_keyframe (gpointer user_data)
{
  RpRecordingJob *self = user_data;
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->handle));
  const GPtrArray *tracks = peer != NULL ? bif_peer_tracks (peer) : NULL;

  for (guint i = 0; tracks != NULL && i < tracks->len; i++) {
    if (bif_track_kind (tracks->pdata[i]) == BIF_MEDIA_VIDEO)
      bif_track_request_keyframe (tracks->pdata[i]);
  }
  return G_SOURCE_CONTINUE;
}

void
rp_job_configure (RpRecordingJob * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->handle));
  guint interval_s = self->handle->keyframe_interval_ms / 1000;

  g_clear_handle_id (&self->keyframe_id, g_source_remove);
  if (interval_s > 0)
    self->keyframe_id = g_timeout_add_seconds (interval_s, on_keyframe, self);
  if (peer != NULL)
    bif_peer_set_bitrate (peer, self->handle->bitrate);
}

void
rp_job_close (RpRecordingJob * self)
{
  g_clear_handle_id (&self->keyframe_id, g_source_remove);
  self->handle = NULL;
  if (self->paused_us == 0)
    self->paused_us = g_get_monotonic_time ();
  if (self->recorder != NULL) {
    bif_recorder_close (self->recorder);
    return;
  }
  rp_library_remove (self->plugin, self->recording);
  job_free (self);
}

/* ---- the request ---- */

static gboolean
answer (RpHandle * handle, const RpRecordParams * p, BifReply * reply,
    GError ** error)
{
  static const char *const extensions[] = {
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "urn:3gpp:video-orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "https://aomediacodec.github.io/av1-rtp-spec/"
        "#dependency-descriptor-rtp-header-extension",
    NULL
  };
  const BifSdpPolicy policy = {
    .audio_codec = p->audiocodec,
    .video_codec = p->videocodec,
    .video_profile = p->videoprofile,
    .opus_red = p->opusred,
    .audio_fmtp = "",
    .audio = BIF_DIRECTION_RECVONLY,
    .video = BIF_DIRECTION_RECVONLY,
    .simulcast = TRUE,
    .rtx = TRUE,
    .extensions = extensions,
  };
  RpRecording *recording = rp_handle_recording (handle);
  BifPeer *peer = bif_handle_ensure_peer (BIF_HANDLE (handle));
  g_autofree char *name =
      g_strdup_printf ("Recording %" G_GUINT64_FORMAT, recording->id);
  JsonObject *result = rp_result ("recording", recording->id);

  json_object_set_boolean_member (result, "is_private",
      recording->is_private);
  rp_reply_result (reply, result);
  if (peer != NULL)
    bif_peer_set_session_name (peer, name);
  return bif_handle_answer_offer (BIF_HANDLE (handle), reply, &policy, error);
}

/* An m-line that was there may bring something only now. */
static void
take_tracks (RpRecordingJob * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->handle));
  const GPtrArray *tracks = bif_peer_tracks (peer);

  for (guint i = 0; i < tracks->len; i++)
    rp_job_track_added (self, g_ptr_array_index (tracks, i));
}

static gboolean
update (RpHandle * handle, const RpRecordParams * p, BifReply * reply,
    GError ** error)
{
  const BifJsep *jsep = bif_reply_get_jsep (reply);

  if (jsep == NULL || !jsep->is_offer)
    return rp_fail (error, BIF_ERROR_MISSING_ELEMENT, "Missing SDP offer");
  if (handle->job == NULL || bif_handle_peer (BIF_HANDLE (handle)) == NULL)
    return rp_fail (error, BIF_ERROR_WRONG_STATE,
        "Invalid state (no recording to update)");
  if (!answer (handle, p, reply, error))
    return FALSE;
  take_tracks (handle->job);
  return TRUE;
}

static gboolean
check (RpHandle * handle, const RpRecordParams * p, const BifJsep * jsep,
    GError ** error)
{
  RpPlugin *plugin = rp_handle_plugin (handle);

  if (jsep == NULL || !jsep->is_offer)
    return rp_fail (error, BIF_ERROR_MISSING_ELEMENT, "Missing SDP offer");
  if (p->name == NULL)
    return rp_fail (error, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (name)");
  if (p->name[0] == '\0')
    return rp_fail (error, BIF_ERROR_INVALID_ELEMENT,
        "Invalid element (name should not be empty)");
  if (handle->job != NULL || handle->playing != NULL)
    return rp_fail (error, BIF_ERROR_WRONG_STATE,
        "Invalid state (already recording or playing)");
  return p->filename == NULL
      || rp_library_check_filename (plugin, p->filename, error);
}

/* Returns: (transfer full): below the folder; where files are there already,
 * with a number, so that nothing is lost */
static char *
make_base (RpPlugin * plugin, const char *filename, guint64 id)
{
  gsize length = strlen (plugin->path);
  g_autofree char *base = NULL;

  if (filename == NULL)
    base = g_strdup_printf ("rec-%" G_GUINT64_FORMAT, id);
  else if (filename[0] != '/')
    base = g_strdup (filename);
  else
    base = g_strdup (filename + length + strspn (filename + length, "/"));
  return rp_library_make_base (plugin, base);
}

gboolean
rp_record (RpHandle * handle, const RpRecordParams * p, BifReply * reply,
    GError ** error)
{
  RpPlugin *plugin = rp_handle_plugin (handle);
  RpRecording *recording;
  RpRecordingJob *self;

  if (p->update)
    return update (handle, p, reply, error);
  if (!check (handle, p, bif_reply_get_jsep (reply), error))
    return FALSE;
  recording = rp_library_add (plugin, p->id.set ? p->id.value : 0, p->name,
      error);
  if (recording == NULL)
    return FALSE;
  recording->is_private =
      p->is_private.set ? p->is_private.value : plugin->is_private;
  recording->e2ee = bif_reply_get_jsep (reply)->e2ee;
  self = g_new0 (RpRecordingJob, 1);
  self->handle = handle;
  self->plugin = g_object_ref (plugin);
  self->recording = rp_recording_ref (recording);
  self->base = make_base (plugin, p->filename, recording->id);
  g_hash_table_add (plugin->bases, g_strdup (self->base));
  self->text_data = !p->textdata.set || p->textdata.value;
  handle->job = self;
  if (answer (handle, p, reply, error))
    return TRUE;
  handle->job = NULL;
  rp_job_close (self);
  return FALSE;
}
