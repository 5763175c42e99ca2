/* echotest: gives callers their own media back. Facts: spec/echotest.md. Main
 * thread. */
#include "core/plugin.h"
#include "core/server.h"
#include "media/recorder.h"

#include <string.h>

#define PREFIX "Janus EchoTest here! You wrote: "
#define DEFAULT_LAYER 2
#define DEFAULT_FALLBACK_US 250000

G_DECLARE_FINAL_TYPE (BifEchotest, bif_echotest, BIF, ECHOTEST, BifHandle)

/* What a caller asked for; back to defaults when its PeerConnection ends. */
struct _BifEchotest
{
  BifHandle parent;
  gboolean audio, video;
  guint bitrate;                /* bit/s, 0 for none */
  gboolean recording;           /* wanted */
  char *filename;               /* of the next recording (nullable) */
  BifRecorder *recorder;        /* owned (nullable) */
  gint64 substream, temporal, fallback_us;
  gint64 spatial_layer, temporal_layer;
  gint64 min_delay, max_delay;  /* ms, negative for none */
  gboolean e2ee;
  guint slow_links;
};

G_DEFINE_FINAL_TYPE (BifEchotest, bif_echotest, BIF_TYPE_HANDLE)

/* ---- the request ---- */

typedef struct
{
  BifMaybeBool audio, video, record;
  BifMaybeInt bitrate;
  const char *filename;
  const char *audiocodec, *videocodec, *videoprofile;
  gboolean opusred;
  BifMaybeInt substream, temporal, fallback;
  BifMaybeBool svc;
  BifMaybeInt spatial_layer, temporal_layer;
  BifMaybeInt min_delay, max_delay;
} ConfigureParams;

static const BifField configure_fields[] = {
  BIF_MAYBE_BOOL (ConfigureParams, audio, BIF_OPTIONAL,
      "echo audio, and record it"),
  BIF_MAYBE_BOOL (ConfigureParams, video, BIF_OPTIONAL,
      "echo video, and record it; turning it on asks for a keyframe"),
  BIF_MAYBE_UINT (ConfigureParams, bitrate, BIF_OPTIONAL, G_MAXINT32,
      "cap on what the caller sends, bit/s; 0 for none"),
  BIF_MAYBE_BOOL (ConfigureParams, record, BIF_OPTIONAL,
      "start or stop recording"),
  BIF_STRING (ConfigureParams, filename, BIF_OPTIONAL,
      "base of the recording's file names"),
  BIF_STRING (ConfigureParams, audiocodec, BIF_OPTIONAL,
      "codec to accept, with an offer; the first offered otherwise"),
  BIF_STRING (ConfigureParams, videocodec, BIF_OPTIONAL,
      "codec to accept, with an offer; the first offered otherwise"),
  BIF_STRING (ConfigureParams, videoprofile, BIF_OPTIONAL,
      "VP9 \"0\" or \"2\", H.264 as \"42e01f\""),
  BIF_BOOL (ConfigureParams, opusred, BIF_OPTIONAL, "accept RED for Opus"),
  BIF_MAYBE_UINT (ConfigureParams, substream, BIF_OPTIONAL, 0,
      "simulcast layer wanted, 0 to 2"),
  BIF_MAYBE_UINT (ConfigureParams, temporal, BIF_OPTIONAL, 0,
      "temporal layer wanted, 0 to 2"),
  BIF_MAYBE_UINT (ConfigureParams, fallback, BIF_OPTIONAL, 0,
      "silence after which a lower layer is taken, us"),
  BIF_MAYBE_BOOL (ConfigureParams, svc, BIF_OPTIONAL,
      "accepted; SVC comes with the jsep"),
  BIF_MAYBE_UINT (ConfigureParams, spatial_layer, BIF_OPTIONAL, 0,
      "SVC layer wanted, 0 to 2"),
  BIF_MAYBE_UINT (ConfigureParams, temporal_layer, BIF_OPTIONAL, 0,
      "SVC temporal layer wanted, 0 to 2"),
  BIF_MAYBE_INT (ConfigureParams, min_delay, BIF_OPTIONAL,
      "least playout delay of the echoed video, ms; negative for none"),
  BIF_MAYBE_INT (ConfigureParams, max_delay, BIF_OPTIONAL,
      "most playout delay of the echoed video, ms; negative for none"),
  {NULL},
};

static gboolean
check_layer (const char *name, const BifMaybeInt * layer, GError ** error)
{
  if (!layer->set || layer->value <= 2)
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
      "Invalid value (%s should be 0, 1 or 2)", name);
  return FALSE;
}

static gboolean
check_params (const ConfigureParams * p, gboolean has_jsep, GError ** error)
{
  gboolean any = p->audio.set || p->video.set || p->bitrate.set
      || p->record.set || p->substream.set || p->temporal.set
      || p->fallback.set || p->spatial_layer.set || p->temporal_layer.set
      || p->min_delay.set || p->max_delay.set;

  if (!check_layer ("substream", &p->substream, error)
      || !check_layer ("temporal", &p->temporal, error)
      || !check_layer ("spatial_layer", &p->spatial_layer, error)
      || !check_layer ("temporal_layer", &p->temporal_layer, error))
    return FALSE;
  if (any || has_jsep)
    return TRUE;
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
      "Message error: no supported attributes found");
  return FALSE;
}

/* ---- recording ---- */

static void
close_recorder (BifEchotest * self)
{
  if (self->recorder == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->recorder, self);
  bif_recorder_close (self->recorder);
  g_clear_object (&self->recorder);
}

/* The event is ours, not Janus's. */
static void
on_failed (BifRecorder * recorder, const char *reason, BifEchotest * self)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "event", "recording_failed");
  json_object_set_string_member (data, "reason", reason);
  bif_handle_push_event (BIF_HANDLE (self), data, NULL, NULL);
  self->recording = FALSE;
  close_recorder (self);
}

/* What is muted is not recorded either, as in Janus. */
static void
mute_recorder (BifEchotest * self)
{
  if (self->recorder == NULL)
    return;
  bif_recorder_set_muted (self->recorder, "audio", !self->audio);
  bif_recorder_set_muted (self->recorder, "video", !self->video);
}

static void
record_track (BifEchotest * self, BifTrack * track)
{
  g_autoptr (GError) error = NULL;

  if (!bif_recorder_add_track (self->recorder, track,
          bif_media_kind_name (bif_track_kind (track)), NULL, &error))
    GST_WARNING ("echotest-%" G_GUINT64_FORMAT ": %s",
        bif_handle_id (BIF_HANDLE (self)), error->message);
}

static void
start_recorder (BifEchotest * self, BifPeer * peer)
{
  BifHandle *handle = BIF_HANDLE (self);
  BifServer *server = bif_plugin_server (bif_handle_plugin (handle));
  BifRecordings *recordings = bif_server_recordings (server);
  const GPtrArray *tracks = bif_peer_tracks (peer);
  g_autofree char *base = g_steal_pointer (&self->filename);
  g_autoptr (GError) error = NULL;

  if (base == NULL)
    base = g_strdup_printf ("echotest-%" G_GUINT64_FORMAT "-%"
        G_GINT64_FORMAT, bif_handle_id (handle), g_get_real_time ());
  if (recordings == NULL)
    return;
  self->recorder = bif_recorder_new (recordings, NULL, base, 0, &error);
  if (self->recorder == NULL) {
    GST_WARNING ("echotest-%" G_GUINT64_FORMAT ": %s",
        bif_handle_id (handle), error->message);
    return;
  }
  g_signal_connect (self->recorder, "failed", G_CALLBACK (on_failed), self);
  if (self->e2ee)
    bif_recorder_set_encrypted (self->recorder);
  mute_recorder (self);
  for (guint i = 0; i < tracks->len; i++)
    record_track (self, g_ptr_array_index (tracks, i));
}

/* Files are open while that is wanted and the PeerConnection stands. */
static void
update_recorder (BifEchotest * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self));

  if (!self->recording)
    close_recorder (self);
  else if (self->recorder == NULL && peer != NULL
      && bif_peer_is_connected (peer))
    start_recorder (self, peer);
}

static void
take_record (BifEchotest * self, gboolean record, const char *filename)
{
  self->recording = record;
  if (record && self->recorder == NULL && filename != NULL) {
    g_free (self->filename);
    self->filename = filename[0] != '\0' ? g_strdup (filename) : NULL;
  }
}

/* ---- settings to media ---- */

static void
apply_to_track (BifEchotest * self, BifTrack * track)
{
  gboolean video = bif_track_kind (track) == BIF_MEDIA_VIDEO;

  bif_track_set_active (track, video ? self->video : self->audio);
  if (!video)
    return;
  bif_track_set_playout_delay (track, (int) self->min_delay,
      (int) self->max_delay);
  bif_track_set_layers (track, self->substream, self->temporal,
      MIN (self->fallback_us, G_MAXINT32));
  bif_track_set_svc_layers (track, self->spatial_layer, self->temporal_layer);
}

static void
apply (BifEchotest * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self));
  const GPtrArray *tracks;

  if (peer == NULL)
    return;
  tracks = bif_peer_tracks (peer);
  for (guint i = 0; i < tracks->len; i++)
    apply_to_track (self, g_ptr_array_index (tracks, i));
  bif_peer_set_bitrate (peer, self->bitrate);
  mute_recorder (self);
  update_recorder (self);
}

static void
take_int (gint64 * member, const BifMaybeInt * value)
{
  if (value->set)
    *member = value->value;
}

static void
take_delays (BifEchotest * self, const ConfigureParams * p)
{
  take_int (&self->min_delay, &p->min_delay);
  take_int (&self->max_delay, &p->max_delay);
  if (self->min_delay < 0 || self->max_delay < 0) {
    if (p->min_delay.set && self->min_delay >= 0)
      self->max_delay = self->min_delay;
    else if (p->max_delay.set && self->max_delay >= 0)
      self->min_delay = 0;
  }
  if (self->min_delay > self->max_delay) {
    if (p->min_delay.set)
      self->max_delay = self->min_delay;
    else
      self->min_delay = self->max_delay;
  }
}

static void
take_params (BifEchotest * self, const ConfigureParams * p)
{
  if (p->audio.set)
    self->audio = p->audio.value;
  if (p->video.set)
    self->video = p->video.value;
  if (p->record.set)
    take_record (self, p->record.value, p->filename);
  if (p->bitrate.set)
    self->bitrate = p->bitrate.value;
  take_int (&self->substream, &p->substream);
  take_int (&self->temporal, &p->temporal);
  take_int (&self->fallback_us, &p->fallback);
  take_int (&self->spatial_layer, &p->spatial_layer);
  take_int (&self->temporal_layer, &p->temporal_layer);
  take_delays (self, p);
}

/* ---- layers ---- */

static JsonObject *
layer_event (BifTrack * track)
{
  JsonObject *data = json_object_new ();

  if (bif_track_codec (track) != NULL)
    json_object_set_string_member (data, "videocodec",
        bif_track_codec (track));
  return data;
}

/* Who asks for what is sent already is told so at once. */
static void
tell_reached (BifEchotest * self, BifTrack * track, const char *name,
    const BifMaybeInt * target, int current)
{
  JsonObject *data;

  if (!target->set || current < 0 || target->value != current)
    return;
  data = layer_event (track);
  json_object_set_int_member (data, name, current);
  bif_handle_push_event (BIF_HANDLE (self), data, NULL, NULL);
}

static gboolean
has_svc (BifTrack * track)
{
  BifTrackLayers layers;

  bif_track_get_layers (track, &layers);
  return layers.n_spatial > 1 || (layers.spatial >= 0
      && layers.n_temporal > 1);
}

/* Returns: (transfer none) (nullable): the first track that has layers */
static BifTrack *
find_layers (BifEchotest * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self));
  const GPtrArray *tracks = peer != NULL ? bif_peer_tracks (peer) : NULL;

  for (guint i = 0; tracks != NULL && i < tracks->len; i++) {
    BifTrack *track = g_ptr_array_index (tracks, i);

    if (bif_track_is_simulcast (track) || has_svc (track))
      return track;
  }
  return NULL;
}

static void
tell_layers_reached (BifEchotest * self, const ConfigureParams * p)
{
  BifTrack *track = find_layers (self);
  BifTrackLayers now;

  if (track == NULL)
    return;
  bif_track_get_layers (track, &now);
  if (bif_track_is_simulcast (track)) {
    tell_reached (self, track, "substream", &p->substream, now.substream);
    tell_reached (self, track, "temporal", &p->temporal, now.temporal);
  } else {
    tell_reached (self, track, "spatial_layer", &p->spatial_layer,
        now.spatial);
    tell_reached (self, track, "temporal_layer", &p->temporal_layer,
        now.temporal);
  }
}

/* ---- negotiation ---- */

/* The first codec of @kind's first m-line that the API knows. */
static const char *
first_codec (const BifSdp * offer, BifMediaKind kind)
{
  for (guint i = 0; i < offer->media->len; i++) {
    const BifSdpMedia *media = g_ptr_array_index (offer->media, i);

    if (media->kind != kind || media->rejected)
      continue;
    for (guint c = 0; c < media->codecs->len; c++) {
      const BifSdpCodec *codec = g_ptr_array_index (media->codecs, c);
      const char *name = bif_sdp_codec_api_name (codec->name);

      if (name != NULL && bif_sdp_media_find_codec (media, name, NULL))
        return name;
    }
  }
  return NULL;
}

static gboolean
answer (BifEchotest * self, const ConfigureParams * p, BifReply * reply,
    GError ** error)
{
  static const char *const extensions[] = {
    "urn:ietf:params:rtp-hdrext:sdes:mid",
    "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
    "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
    "urn:3gpp:video-orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "https://aomediacodec.github.io/av1-rtp-spec/"
        "#dependency-descriptor-rtp-header-extension",
    NULL
  };
  const BifJsep *jsep = bif_reply_get_jsep (reply);
  BifSdpPolicy policy = {
    .audio_codec = p->audiocodec,
    .video_codec = p->videocodec,
    .video_profile = p->videoprofile,
    .opus_red = p->opusred,
    .no_send_alone = TRUE,
    .simulcast = TRUE,
    .rtx = TRUE,
    .extensions = extensions,
  };

  if (policy.audio_codec == NULL)
    policy.audio_codec = first_codec (jsep->sdp, BIF_MEDIA_AUDIO);
  if (policy.video_codec == NULL)
    policy.video_codec = first_codec (jsep->sdp, BIF_MEDIA_VIDEO);
  self->e2ee = self->e2ee || jsep->e2ee;
  return bif_handle_answer_offer (BIF_HANDLE (self), reply, &policy, error);
}

static gboolean
handle_configure (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  BifEchotest *self = BIF_ECHOTEST (handle);
  const ConfigureParams *p = params;
  const BifJsep *jsep = bif_reply_get_jsep (reply);

  if (!check_params (p, jsep != NULL, error))
    return FALSE;
  take_params (self, p);
  tell_layers_reached (self, p);
  bif_reply_string (reply, "result", "ok");
  if (jsep != NULL && jsep->is_offer && !answer (self, p, reply, error))
    return FALSE;
  apply (self);
  return TRUE;
}

static const BifRequest requests[] = {
  BIF_REQUEST (NULL, BIF_ASYNC, ConfigureParams, configure_fields,
      handle_configure, "change what is echoed"),
  {NULL},
};

static const BifErrorNumber errors[] = {
  {BIF_ERROR_NO_MESSAGE, 411},
  {BIF_ERROR_INVALID_JSON, 412},
  {BIF_ERROR_INVALID_ELEMENT, 413},
  {BIF_ERROR_MISSING_ELEMENT, 413},
  {BIF_ERROR_INVALID_SDP, 414},
  {0, 414},
};

static const BifHole holes[] = {
  {"peer", "peer", BIF_HOLE_ELEMENT, "webrtcbin"},
  {"audio", "in", BIF_HOLE_SINK}, {"audio", "out", BIF_HOLE_SRC},
  {"video", "in", BIF_HOLE_SINK}, {"video", "out", BIF_HOLE_SRC},
  {NULL},
};

/* ---- news ---- */

static void
bif_echotest_track_added (BifHandle * handle, BifTrack * track)
{
  BIF_HANDLE_CLASS (bif_echotest_parent_class)->track_added (handle, track);
  apply_to_track (BIF_ECHOTEST (handle), track);
  if (BIF_ECHOTEST (handle)->recorder != NULL)
    record_track (BIF_ECHOTEST (handle), track);
}

static void
bif_echotest_media_up (BifHandle * handle)
{
  apply (BIF_ECHOTEST (handle));
}

/* Binary comes back as it is, text with a greeting. */
static void
bif_echotest_data (BifHandle * handle, const BifDataMessage * message)
{
  BifDataMessage echo = *message;
  g_autoptr (GBytes) bytes = NULL;
  gsize size;
  const char *text = g_bytes_get_data (message->bytes, &size);
  BifRecorder *recorder = BIF_ECHOTEST (handle)->recorder;

  if (message->text && recorder != NULL)
    bif_recorder_add_message (recorder, "data", message);
  if (message->text) {
    GString *out = g_string_new_len (PREFIX, strlen (PREFIX));

    g_string_append_len (out, text, size);
    bytes = g_string_free_to_bytes (out);
    echo.bytes = bytes;
  }
  bif_peer_send_data (bif_handle_peer (handle), &echo);
}

static void
bif_echotest_slow_link (BifHandle * handle, BifTrack * track, gboolean uplink,
    guint lost)
{
  BifEchotest *self = BIF_ECHOTEST (handle);
  JsonObject *data = json_object_new ();

  self->slow_links++;
  json_object_set_string_member (data, "event", "slow_link");
  json_object_set_string_member (data, "media",
      bif_media_kind_name (bif_track_kind (track)));
  json_object_set_int_member (data, "current-bitrate",
      bif_track_bitrate (track));
  bif_handle_push_event (handle, data, NULL, NULL);
}

static void
add_number (JsonObject * object, const char *name, int value)
{
  if (value >= 0)
    json_object_set_int_member (object, name, value);
}

static void
bif_echotest_layer_changed (BifHandle * handle, BifTrack * track,
    const BifTrackLayers * layers)
{
  gboolean svc = layers->substream < 0;
  JsonObject *data;

  if (svc && !has_svc (track))
    return;
  data = layer_event (track);
  add_number (data, "substream", layers->substream);
  add_number (data, "spatial_layer", layers->spatial);
  add_number (data, svc ? "temporal_layer" : "temporal", layers->temporal);
  if (svc)
    add_number (data, "tot_spatial_layers", MAX (layers->n_spatial, 1));
  if (layers->n_temporal > 0)
    add_number (data, "tot_temporal_layers", layers->n_temporal);
  bif_handle_push_event (handle, data, NULL, NULL);
}

static void
set_defaults (BifEchotest * self)
{
  self->audio = self->video = TRUE;
  self->bitrate = 0;
  self->recording = FALSE;
  close_recorder (self);
  g_clear_pointer (&self->filename, g_free);
  self->substream = self->temporal = DEFAULT_LAYER;
  self->spatial_layer = self->temporal_layer = DEFAULT_LAYER;
  self->fallback_us = DEFAULT_FALLBACK_US;
  self->min_delay = self->max_delay = -1;
  self->e2ee = FALSE;
}

static void
bif_echotest_hangup (BifHandle * handle)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "result", "done");
  bif_handle_push_event (handle, data, NULL, NULL);
  set_defaults (BIF_ECHOTEST (handle));
}

static void
add_codecs (BifHandle * handle, JsonObject * info)
{
  BifPeer *peer = bif_handle_peer (handle);
  const GPtrArray *tracks = peer != NULL ? bif_peer_tracks (peer) : NULL;
  guint64 bitrate = 0;

  for (guint i = 0; tracks != NULL && i < tracks->len; i++) {
    BifTrack *track = g_ptr_array_index (tracks, i);
    gboolean video = bif_track_kind (track) == BIF_MEDIA_VIDEO;

    if (bif_track_codec (track) != NULL)
      json_object_set_string_member (info,
          video ? "video_codec" : "audio_codec", bif_track_codec (track));
    if (video)
      bitrate += bif_track_bitrate (track);
  }
  json_object_set_int_member (info, "peer-bitrate", bitrate);
}

static void
add_svc (BifEchotest * self, const BifTrackLayers * now, JsonObject * info)
{
  json_object_set_boolean_member (info, "svc", TRUE);
  json_object_set_int_member (info, "spatial-layer", now->spatial);
  json_object_set_int_member (info, "spatial-layer-target",
      self->spatial_layer);
  json_object_set_int_member (info, "temporal-layer", now->temporal);
  json_object_set_int_member (info, "temporal-layer-target",
      self->temporal_layer);
}

static void
add_layers (BifEchotest * self, JsonObject * info)
{
  BifTrack *track = find_layers (self);
  BifTrackLayers now;

  if (track == NULL)
    return;
  bif_track_get_layers (track, &now);
  if (!bif_track_is_simulcast (track)) {
    add_svc (self, &now, info);
    return;
  }
  json_object_set_boolean_member (info, "simulcast", TRUE);
  json_object_set_int_member (info, "substream", now.substream);
  json_object_set_int_member (info, "substream-target", self->substream);
  json_object_set_int_member (info, "temporal-layer", now.temporal);
  json_object_set_int_member (info, "temporal-layer-target", self->temporal);
  json_object_set_int_member (info, "fallback", self->fallback_us);
}

static void
add_recording (BifEchotest * self, JsonObject * info)
{
  static const char *const names[] = { "audio", "video", "data" };
  JsonObject *recording;

  if (self->recorder == NULL)
    return;
  recording = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const char *file = bif_recorder_file (self->recorder, names[i]);

    if (file != NULL)
      json_object_set_string_member (recording, names[i], file);
  }
  json_object_set_object_member (info, "recording", recording);
}

static JsonObject *
bif_echotest_query (BifHandle * handle)
{
  BifEchotest *self = BIF_ECHOTEST (handle);
  JsonObject *info = json_object_new ();

  json_object_set_boolean_member (info, "audio_active", self->audio);
  json_object_set_boolean_member (info, "video_active", self->video);
  add_codecs (handle, info);
  json_object_set_int_member (info, "bitrate", self->bitrate);
  add_layers (self, info);
  json_object_set_int_member (info, "slowlink_count", self->slow_links);
  add_recording (self, info);
  if (self->e2ee)
    json_object_set_boolean_member (info, "e2ee", TRUE);
  json_object_set_int_member (info, "hangingup", 0);
  json_object_set_int_member (info, "destroyed", 0);
  return info;
}

static void
bif_echotest_dispose (GObject * object)
{
  BifEchotest *self = BIF_ECHOTEST (object);

  close_recorder (self);
  g_clear_pointer (&self->filename, g_free);
  G_OBJECT_CLASS (bif_echotest_parent_class)->dispose (object);
}

static void
bif_echotest_class_init (BifEchotestClass * klass)
{
  BifHandleClass *handle_class = BIF_HANDLE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bif_echotest_dispose;
  handle_class->track_added = bif_echotest_track_added;
  handle_class->media_up = bif_echotest_media_up;
  handle_class->data = bif_echotest_data;
  handle_class->slow_link = bif_echotest_slow_link;
  handle_class->layer_changed = bif_echotest_layer_changed;
  handle_class->hangup = bif_echotest_hangup;
  handle_class->query = bif_echotest_query;
}

static void
bif_echotest_init (BifEchotest * self)
{
  set_defaults (self);
}

/* *INDENT-OFF* */
BIF_PLUGIN_DEFINE (echotest, .package = "janus.plugin.echotest",
    .title = "JANUS EchoTest plugin",
    .description = "Sends callers their own audio, video and data back.",
    .author = "Bifrons project", .version_string = "0.1.0", .version = 7,
    .event_key = "echotest", .ack_hint = "I'm taking my time!",
    .handle_type = bif_echotest_get_type, .requests = requests,
    .errors = errors, .holes = holes)
/* *INDENT-ON* */
