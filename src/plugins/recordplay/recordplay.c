/* recordplay.c: callers record what they send, and are sent what was recorded
 * (recordplay.md). The plugin, its handles and the table of requests. Main
 * thread. */
#include "plugins/recordplay/recordplay.h"
#include "base/json.h"
#include "core/server.h"

#include <errno.h>
#include <string.h>
#include <glib/gstdio.h>

#define DEFAULT_BITRATE (1024 * 1024)
#define DEFAULT_KEYFRAME_INTERVAL_MS 15000

GST_DEBUG_CATEGORY (rp_debug);

G_DEFINE_FINAL_TYPE (RpPlugin, rp_plugin, BIF_TYPE_PLUGIN)
G_DEFINE_FINAL_TYPE (RpHandle, rp_handle, BIF_TYPE_HANDLE)

RpPlugin *
rp_handle_plugin (RpHandle * self)
{
  return RP_PLUGIN (bif_handle_plugin (BIF_HANDLE (self)));
}

RpRecording *
rp_handle_recording (RpHandle * self)
{
  if (self->job != NULL)
    return rp_job_recording (self->job);
  return self->playing != NULL ? rp_playing_recording (self->playing) : NULL;
}

gboolean
rp_fail (GError ** error, int code, const char *text)
{
  g_set_error_literal (error, BIF_ERROR, code, text);
  return FALSE;
}

JsonObject *
rp_result (const char *status, guint64 id)
{
  JsonObject *result = json_object_new ();

  json_object_set_string_member (result, "status", status);
  if (id != 0)
    json_object_set_int_member (result, "id", id);
  return result;
}

static JsonNode *
node_of (JsonObject * object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

gboolean
rp_reply_result (BifReply * reply, JsonObject * result)
{
  return bif_reply_take (reply, "result", node_of (result));
}

void
rp_push_result (RpHandle * self, JsonObject * result)
{
  JsonObject *event = json_object_new ();

  json_object_set_object_member (event, "result", result);
  bif_handle_push_event (BIF_HANDLE (self), event, NULL, NULL);
}

/* "stopped" and "done" tell is_private as a number. @recording: (nullable) */
static JsonObject *
end_result (const char *status, const RpRecording * recording)
{
  JsonObject *result = rp_result (status, recording != NULL ?
      recording->id : 0);

  if (recording != NULL)
    json_object_set_int_member (result, "is_private",
        recording->is_private ? 1 : 0);
  return result;
}

/* ---- requests about the library ---- */

typedef struct
{
  const char *admin_key;
} KeyParams;

static const BifField list_fields[] = {
  BIF_STRING (KeyParams, admin_key, BIF_OPTIONAL,
      "lists private recordings too"),
  {NULL},
};

static const BifField update_fields[] = {
  BIF_STRING (KeyParams, admin_key, BIF_OPTIONAL,
      "needed where one is configured"),
  {NULL},
};

/* In constant time. */
static gboolean
is_key (RpPlugin * self, const char *key)
{
  gsize length = strlen (self->admin_key);
  guint differs = strlen (key) != length;

  for (gsize i = 0; i < length && !differs; i++)
    differs |= (guchar) key[i] ^ (guchar) self->admin_key[i];
  return !differs;
}

static gboolean
check_key (RpPlugin * self, const char *key, gboolean required,
    GError ** error)
{
  if (self->admin_key == NULL || (key == NULL && !required))
    return TRUE;
  if (key == NULL)
    return rp_fail (error, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (admin_key)");
  return is_key (self, key) || rp_fail (error, BIF_ERROR_WRONG_SECRET,
      "Unauthorized (wrong admin_key)");
}

static gboolean
handle_list (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  RpPlugin *self = rp_handle_plugin (RP_HANDLE (handle));
  const KeyParams *p = params;
  JsonNode *node;

  if (!check_key (self, p->admin_key, FALSE, error))
    return FALSE;
  node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, rp_library_list (self,
          self->admin_key != NULL && p->admin_key != NULL));
  bif_reply_string (reply, "recordplay", "list");
  return bif_reply_take (reply, "list", node);
}

static gboolean
handle_update (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  RpPlugin *self = rp_handle_plugin (RP_HANDLE (handle));

  if (!check_key (self, ((const KeyParams *) params)->admin_key, TRUE, error))
    return FALSE;
  rp_library_update (self);
  return bif_reply_string (reply, "recordplay", "ok");
}

typedef struct
{
  BifMaybeInt bitrate, interval;
} ConfigureParams;

static const BifField configure_fields[] = {
  {"video-bitrate-max", BIF_FIELD_MAYBE_UINT, 0,
        BIF_FIELD_CHECK (ConfigureParams, bitrate, BifMaybeInt), G_MAXINT32,
      "cap on what is recorded, bit/s; 0 for none"},
  {"video-keyframe-interval", BIF_FIELD_MAYBE_UINT, 0,
        BIF_FIELD_CHECK (ConfigureParams, interval, BifMaybeInt), G_MAXINT32,
      "how often a keyframe is asked for, ms; 0 for never"},
  {NULL},
};

static gboolean
handle_configure (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  RpHandle *self = RP_HANDLE (handle);
  const ConfigureParams *p = params;
  JsonObject *settings = json_object_new ();

  if (p->bitrate.set)
    self->bitrate = p->bitrate.value;
  if (p->interval.set)
    self->keyframe_interval_ms = p->interval.value;
  if (self->job != NULL)
    rp_job_configure (self->job);
  json_object_set_int_member (settings, "video-keyframe-interval",
      self->keyframe_interval_ms);
  json_object_set_int_member (settings, "video-bitrate-max", self->bitrate);
  bif_reply_string (reply, "recordplay", "configure");
  bif_reply_string (reply, "status", "ok");
  return bif_reply_take (reply, "settings", node_of (settings));
}

/* ---- requests about recording and playing ---- */

static const BifField record_fields[] = {
  BIF_STRING (RpRecordParams, name, BIF_OPTIONAL, "what people see; required"),
  BIF_MAYBE_UINT (RpRecordParams, id, BIF_OPTIONAL, 0,
      "of the recording; a new one otherwise"),
  BIF_MAYBE_BOOL (RpRecordParams, is_private, BIF_OPTIONAL, "not listed"),
  BIF_STRING (RpRecordParams, filename, BIF_OPTIONAL,
      "base of file names, below the folder of recordings; -2, -3, ... is added "
      "where such files are there already"),
  BIF_STRING (RpRecordParams, audiocodec, BIF_OPTIONAL,
      "codec to accept; the first offered otherwise"),
  BIF_STRING (RpRecordParams, videocodec, BIF_OPTIONAL,
      "codec to accept; the first offered otherwise"),
  BIF_STRING (RpRecordParams, videoprofile, BIF_OPTIONAL,
      "VP9 \"0\" or \"2\", H.264 as \"42e01f\""),
  BIF_BOOL (RpRecordParams, opusred, BIF_OPTIONAL, "accept RED for Opus"),
  BIF_MAYBE_BOOL (RpRecordParams, textdata, BIF_OPTIONAL,
      "data channels bring text; binary otherwise"),
  BIF_BOOL (RpRecordParams, update, BIF_OPTIONAL,
      "renegotiate the recording that runs"),
  {NULL},
};

static const BifField play_fields[] = {
  BIF_MAYBE_UINT (RpPlayParams, id, BIF_REQUIRED, 0, "of the recording"),
  BIF_BOOL (RpPlayParams, restart, BIF_OPTIONAL,
      "restart ICE of what is played"),
  BIF_BOOL (RpPlayParams, live, BIF_OPTIONAL,
      "together with all who play it so: who comes later joins where they are, "
      "and what one pauses or seeks, all see, by an event; ours, not Janus's"),
  {NULL},
};

typedef struct
{
  BifMaybeInt position;
} SeekParams;

static const BifField seek_fields[] = {
  BIF_MAYBE_UINT (SeekParams, position, BIF_REQUIRED, 0,
      "ms from the beginning; playing goes on at the keyframe before it"),
  {NULL},
};

static const BifField no_fields[] = { {NULL} };

static gboolean
handle_record (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  return rp_record (RP_HANDLE (handle), params, reply, error);
}

static gboolean
handle_play (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  return rp_play (RP_HANDLE (handle), params, reply, error);
}

static gboolean
handle_start (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  RpHandle *self = RP_HANDLE (handle);

  if (self->playing == NULL)
    return rp_fail (error, BIF_ERROR_WRONG_STATE,
        "Not a playout session, can't start");
  return rp_playing_start (self->playing, reply, error);
}

static void
finish_job (RpHandle * self)
{
  RpRecordingJob *job = g_steal_pointer (&self->job);
  RpPlaying *playing = g_steal_pointer (&self->playing);

  if (job != NULL)
    rp_job_close (job);
  if (playing != NULL)
    rp_playing_close (playing);
}

/* Once, until there is a PeerConnection again. */
static void
push_done (RpHandle * self)
{
  if (self->is_done)
    return;
  self->is_done = TRUE;
  rp_push_result (self, end_result ("done", rp_handle_recording (self)));
}

static gboolean
handle_stop (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  RpHandle *self = RP_HANDLE (handle);

  rp_reply_result (reply, end_result ("stopped",
          rp_handle_recording (self)));
  bif_reply_hold (reply);
  bif_reply_finish (reply);
  if (bif_handle_peer (handle) != NULL) {
    bif_handle_hangup (handle, "Close PC");
  } else {
    push_done (self);
    finish_job (self);
  }
  return TRUE;
}

static gboolean
set_paused (BifHandle * handle, gboolean paused, BifReply * reply)
{
  RpHandle *self = RP_HANDLE (handle);
  RpRecording *recording = rp_handle_recording (self);

  if (recording == NULL)
    return TRUE;
  if (self->job != NULL)
    rp_job_set_paused (self->job, paused);
  else
    rp_playing_set_paused (self->playing, paused);
  return rp_reply_result (reply, rp_result (paused ? "paused" : "resumed",
          recording->id));
}

static gboolean
handle_pause (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  return set_paused (handle, TRUE, reply);
}

static gboolean
handle_resume (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  return set_paused (handle, FALSE, reply);
}

static gboolean
handle_seek (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  RpHandle *self = RP_HANDLE (handle);
  const SeekParams *p = params;

  if (self->playing == NULL)
    return rp_fail (error, BIF_ERROR_WRONG_STATE,
        "Invalid state (nothing is played)");
  return rp_playing_seek (self->playing, p->position.value, reply, error);
}

static const BifRequest requests[] = {
  BIF_REQUEST ("list", BIF_SYNC, KeyParams, list_fields, handle_list,
      "recordings there are; \"duration\" (ms), \"size\" (bytes) and "
      "\"files\" are ours, not Janus's"),
  BIF_REQUEST ("update", BIF_SYNC, KeyParams, update_fields, handle_update,
      "read the folder again"),
  BIF_REQUEST ("configure", BIF_SYNC, ConfigureParams, configure_fields,
      handle_configure, "bitrate and keyframes of recordings"),
  BIF_REQUEST ("record", BIF_ASYNC, RpRecordParams, record_fields,
      handle_record, "record what the offer brings"),
  BIF_REQUEST ("play", BIF_ASYNC, RpPlayParams, play_fields, handle_play,
      "offer a recording"),
  BIF_REQUEST ("start", BIF_ASYNC, KeyParams, no_fields, handle_start,
      "answer the offer; media follow"),
  BIF_REQUEST ("stop", BIF_ASYNC, KeyParams, no_fields, handle_stop,
      "end the recording or the playing"),
  BIF_REQUEST ("pause", BIF_ASYNC, KeyParams, no_fields, handle_pause,
      "stop for now: a recording has no gap then; that playing stops too is "
      "ours, not Janus's"),
  BIF_REQUEST ("resume", BIF_ASYNC, KeyParams, no_fields, handle_resume,
      "go on after pause"),
  BIF_REQUEST ("seek", BIF_ASYNC, SeekParams, seek_fields, handle_seek,
      "play from somewhere else; ours, not Janus's"),
  {NULL},
};

static const BifErrorNumber errors[] = {
  {BIF_ERROR_NO_MESSAGE, 411},
  {BIF_ERROR_INVALID_JSON, 412},
  {BIF_ERROR_UNKNOWN_REQUEST, 413},
  {BIF_ERROR_INVALID_ELEMENT, 414},
  {BIF_ERROR_MISSING_ELEMENT, 415},
  {BIF_ERROR_NO_SUCH_RECORDING, 416},
  {BIF_ERROR_INVALID_RECORDING, 417},
  {BIF_ERROR_WRONG_STATE, 418},
  {BIF_ERROR_INVALID_SDP, 419},
  {BIF_ERROR_ID_EXISTS, 420},
  {BIF_ERROR_WRONG_SECRET, 440},
  {0, 499},
};

static const BifHole holes[] = {
  {"peer", "peer", BIF_HOLE_ELEMENT, "webrtcbin"},
  {"play-webm", "source", BIF_HOLE_ELEMENT, "filesrc"},
  {"play-webm", "demux", BIF_HOLE_ELEMENT, NULL},
  {"play-mkv", "source", BIF_HOLE_ELEMENT, "filesrc"},
  {"play-mkv", "demux", BIF_HOLE_ELEMENT, NULL},
  {"play-mp4", "source", BIF_HOLE_ELEMENT, "filesrc"},
  {"play-mp4", "demux", BIF_HOLE_ELEMENT, NULL},
  {"play-ogg", "source", BIF_HOLE_ELEMENT, "filesrc"},
  {"play-ogg", "demux", BIF_HOLE_ELEMENT, NULL},
  {"play-mjr", "source", BIF_HOLE_ELEMENT, "filesrc"},
  {"play-mjr", "demux", BIF_HOLE_ELEMENT, NULL},
  {"pay-opus", "in", BIF_HOLE_SINK}, {"pay-opus", "out", BIF_HOLE_SRC},
  {"pay-vp8", "in", BIF_HOLE_SINK}, {"pay-vp8", "out", BIF_HOLE_SRC},
  {"pay-vp9", "in", BIF_HOLE_SINK}, {"pay-vp9", "out", BIF_HOLE_SRC},
  {"pay-h264", "in", BIF_HOLE_SINK}, {"pay-h264", "out", BIF_HOLE_SRC},
  {"pay-av1", "in", BIF_HOLE_SINK}, {"pay-av1", "out", BIF_HOLE_SRC},
  {NULL},
};

/* ---- the plugin ---- */

/* Without a file there is a folder of the user's. */
static char *
find_path (BifConfig * config)
{
  const char *path = bif_config_string (config, "general", "path");

  if (path != NULL || bif_config_path (config) != NULL)
    return g_strdup (path);
  return g_build_filename (g_get_user_data_dir (), "bifrons", "recordings",
      NULL);
}

static gboolean
rp_plugin_start (BifPlugin * plugin, GError ** error)
{
  RpPlugin *self = RP_PLUGIN (plugin);
  BifConfig *config = bif_plugin_config (plugin);
  gsize length;

  self->path = find_path (config);
  if (self->path == NULL || self->path[0] == '\0') {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
        "recordplay: the folder of recordings (path) is not configured");
    return FALSE;
  }
  for (length = strlen (self->path); length > 1
      && self->path[length - 1] == '/'; length--)
    self->path[length - 1] = '\0';
  if (g_mkdir_with_parents (self->path, 0755) != 0) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION, "%s: %s",
        self->path, g_strerror (errno));
    return FALSE;
  }
  self->admin_key =
      g_strdup (bif_config_string (config, "general", "admin_key"));
  self->is_private = bif_config_bool (config, "general", "private", FALSE);
  bif_server_serve_recordings (bif_plugin_server (plugin), NULL, self->path);
  rp_library_update (self);
  return TRUE;
}

static JsonObject *
error_object (const GError * error)
{
  JsonObject *object = json_object_new ();
  int number = 499;

  for (const BifErrorNumber * row = errors; row->code != 0; row++) {
    if (error->domain == BIF_ERROR && row->code == error->code)
      number = row->number;
  }
  json_object_set_string_member (object, "recordplay", "event");
  json_object_set_int_member (object, "error_code", number);
  json_object_set_string_member (object, "error", error->message);
  return object;
}

static JsonObject *
rp_plugin_query (BifPlugin * plugin, JsonObject * request)
{
  RpPlugin *self = RP_PLUGIN (plugin);
  const char *name = bif_json_get_string (request, "request");
  g_autoptr (GError) error = NULL;
  KeyParams params = { 0 };
  JsonObject *object;

  if (name == NULL)
    rp_fail (&error, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (request)");
  else if (g_ascii_strcasecmp (name, "update") != 0)
    g_set_error (&error, BIF_ERROR, BIF_ERROR_UNKNOWN_REQUEST,
        "Unknown request '%s'", name);
  else if (bif_fields_read (update_fields, request, &params, NULL, &error))
    check_key (self, params.admin_key, TRUE, &error);
  if (error != NULL)
    return error_object (error);
  rp_library_update (self);
  object = json_object_new ();
  json_object_set_string_member (object, "recordplay", "ok");
  return object;
}

static void
rp_plugin_finalize (GObject * object)
{
  RpPlugin *self = RP_PLUGIN (object);

  g_hash_table_unref (self->recordings);
  g_hash_table_unref (self->bases);
  g_hash_table_unref (self->shows);
  g_free (self->path);
  g_free (self->admin_key);
  G_OBJECT_CLASS (rp_plugin_parent_class)->finalize (object);
}

static void
rp_plugin_class_init (RpPluginClass * klass)
{
  BifPluginClass *plugin_class = BIF_PLUGIN_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (rp_debug, "bif-recordplay", 0, "Record&Play");
  G_OBJECT_CLASS (klass)->finalize = rp_plugin_finalize;
  plugin_class->start = rp_plugin_start;
  plugin_class->query = rp_plugin_query;
}

static void
rp_plugin_init (RpPlugin * self)
{
  self->recordings = g_hash_table_new_full (g_int64_hash, g_int64_equal,
      NULL, (GDestroyNotify) rp_recording_unref);
  self->bases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->shows = g_hash_table_new (g_int64_hash, g_int64_equal);
}

/* ---- handles ---- */

static void
rp_handle_track_added (BifHandle * handle, BifTrack * track)
{
  RpHandle *self = RP_HANDLE (handle);

  if (self->job != NULL)
    rp_job_track_added (self->job, track);
  else if (self->playing != NULL)
    rp_playing_track_added (self->playing, track);
}

static void
rp_handle_media_up (BifHandle * handle)
{
  RpHandle *self = RP_HANDLE (handle);

  self->is_done = FALSE;
  if (self->job != NULL)
    rp_job_configure (self->job);
  else if (self->playing != NULL)
    rp_playing_media_up (self->playing);
}

static void
rp_handle_data (BifHandle * handle, const BifDataMessage * message)
{
  RpHandle *self = RP_HANDLE (handle);

  if (self->job != NULL)
    rp_job_data (self->job, message);
}

/* Uplink is what goes to the caller: of a recording nothing does. */
static void
rp_handle_slow_link (BifHandle * handle, BifTrack * track, gboolean uplink,
    guint lost)
{
  RpHandle *self = RP_HANDLE (handle);
  JsonObject *result;

  if (self->job == NULL || uplink)
    return;
  result = rp_result ("slow_link", 0);
  json_object_set_string_member (result, "media",
      bif_media_kind_name (bif_track_kind (track)));
  json_object_set_int_member (result, "current-bitrate", self->bitrate);
  rp_push_result (self, result);
}

static void
rp_handle_hangup (BifHandle * handle)
{
  RpHandle *self = RP_HANDLE (handle);

  push_done (self);
  finish_job (self);
}

static JsonObject *
rp_handle_query (BifHandle * handle)
{
  RpHandle *self = RP_HANDLE (handle);
  RpRecording *recording = rp_handle_recording (self);
  JsonObject *info = json_object_new ();

  json_object_set_string_member (info, "type", self->job != NULL ? "recorder"
      : self->playing != NULL ? "player" : "none");
  if (recording != NULL) {
    json_object_set_int_member (info, "recording_id", recording->id);
    json_object_set_string_member (info, "recording_name", recording->name);
    if (recording->e2ee)
      json_object_set_boolean_member (info, "e2ee", TRUE);
  }
  if (self->playing != NULL)
    json_object_set_int_member (info, "position",
        rp_playing_position_ms (self->playing));
  json_object_set_int_member (info, "hangingup", 0);
  json_object_set_int_member (info, "destroyed", 0);
  return info;
}

static void
rp_handle_dispose (GObject * object)
{
  finish_job (RP_HANDLE (object));
  G_OBJECT_CLASS (rp_handle_parent_class)->dispose (object);
}

static void
rp_handle_class_init (RpHandleClass * klass)
{
  BifHandleClass *handle_class = BIF_HANDLE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = rp_handle_dispose;
  handle_class->track_added = rp_handle_track_added;
  handle_class->media_up = rp_handle_media_up;
  handle_class->data = rp_handle_data;
  handle_class->slow_link = rp_handle_slow_link;
  handle_class->hangup = rp_handle_hangup;
  handle_class->query = rp_handle_query;
}

static void
rp_handle_init (RpHandle * self)
{
  self->bitrate = DEFAULT_BITRATE;
  self->keyframe_interval_ms = DEFAULT_KEYFRAME_INTERVAL_MS;
}

/* *INDENT-OFF* */
BIF_PLUGIN_DEFINE (recordplay, .package = "janus.plugin.recordplay",
    .title = "JANUS Record&Play plugin",
    .description = "Records callers, and plays what was recorded.",
    .author = "Bifrons project", .version_string = "0.1.0", .version = 5,
    .event_key = "recordplay", .plugin_type = rp_plugin_get_type,
    .handle_type = rp_handle_get_type, .requests = requests,
    .errors = errors, .holes = holes)
/* *INDENT-ON* */
