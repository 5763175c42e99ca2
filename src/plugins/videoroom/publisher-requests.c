/* publisher-requests.c: configure, publish, unpublish of publishers. Main
 * thread. */
#include "plugins/videoroom/videoroom.h"

#include <string.h>

#define URI_ORIENTATION "urn:3gpp:video-orientation"
#define URI_PLAYOUT_DELAY \
  "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"

#define URI_DEPENDENCY \
  "https://aomediacodec.github.io/av1-rtp-spec/" \
  "#dependency-descriptor-rtp-header-extension"
#define URI_TRANSPORT_CC "http://www.ietf.org/id/" \
  "draft-holmer-rmcat-transport-wide-cc-extensions-01"

typedef struct
{
  const char *mid, *description;
} DescriptionItem;

static const BifField description_fields[] = {
  BIF_STRING (DescriptionItem, mid, BIF_REQUIRED, "m-line"),
  BIF_STRING (DescriptionItem, description, BIF_REQUIRED, "what it shows"),
  {NULL},
};

typedef struct
{
  const char *mid;
  BifMaybeBool send, keyframe;
  BifMaybeInt min_delay, max_delay;
} StreamItem;

static const BifField stream_fields[] = {
  BIF_STRING (StreamItem, mid, BIF_OPTIONAL, "m-line; the only one otherwise"),
  BIF_MAYBE_BOOL (StreamItem, send, BIF_OPTIONAL, "FALSE mutes it"),
  BIF_MAYBE_BOOL (StreamItem, keyframe, BIF_OPTIONAL, "ask for a keyframe"),
  BIF_MAYBE_INT (StreamItem, min_delay, BIF_OPTIONAL, "in 10 ms"),
  BIF_MAYBE_INT (StreamItem, max_delay, BIF_OPTIONAL, "in 10 ms"),
  {NULL},
};

static gboolean
fail (GError ** error, int code, const char *text)
{
  g_set_error_literal (error, BIF_ERROR, code, text);
  return FALSE;
}

/* Reads element @i of an array; what is no object counts as an empty one, as in
 * Janus. */
static gboolean
read_item (JsonArray * array, guint i, const BifField * fields,
    gpointer item, GError ** error)
{
  JsonNode *node = json_array_get_element (array, i);

  return bif_fields_read (fields, JSON_NODE_HOLDS_OBJECT (node)
      ? json_node_get_object (node) : NULL, item, NULL, error);
}

/* ---- what changes ---- */

static void
apply_item (VrPublisher * self, VrStream * stream, const BifMaybeBool * send,
    gboolean keyframe)
{
  BifTrack *track = vr_stream_track (stream);

  if (send->set) {
    keyframe = keyframe || (send->value && !stream->sending);
    stream->sending = send->value;
    vr_recording_update_stream (stream);
  }
  for (guint i = 0; i < stream->subscriptions->len; i++)
    vr_subscription_update (g_ptr_array_index (stream->subscriptions, i));
  if (keyframe && track != NULL && stream->kind == BIF_MEDIA_VIDEO)
    bif_track_request_keyframe (track);
}

static gboolean
fail_mid (const char *mid, GError ** error)
{
  g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_FEED,
      "No such mid '%s' published", mid);
  return FALSE;
}

/* @fresh: m-lines are about to come. */
static gboolean
check_streams (VrPublisher * self, JsonArray * streams, gboolean fresh,
    GError ** error)
{
  guint n = streams != NULL ? json_array_get_length (streams) : 0;

  for (guint i = 0; i < n; i++) {
    StreamItem item = { 0 };

    if (!read_item (streams, i, stream_fields, &item, error))
      return FALSE;
    if (item.mid == NULL && n > 1)
      return fail (error, BIF_ERROR_INVALID_ELEMENT,
          "Invalid value (mid can't be null in a streams array)");
    if (item.mid == NULL || fresh
        || vr_publisher_find_stream (self, item.mid) != NULL)
      continue;
    return fail_mid (item.mid, error);
  }
  return TRUE;
}

static void
apply_to (VrPublisher * self, const char *mid, const BifMaybeBool * send,
    gboolean keyframe)
{
  for (guint i = 0; i < self->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (self->streams, i);

    if (mid == NULL || strcmp (stream->mid, mid) == 0)
      apply_item (self, stream, send, keyframe);
  }
}

static void
apply_kind (VrPublisher * self, BifMediaKind kind, const BifMaybeBool * send)
{
  for (guint i = 0; send->set && i < self->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->kind == kind)
      apply_item (self, stream, send, FALSE);
  }
}

static void
apply_streams (VrPublisher * self, const VrConfigureParams * p)
{
  guint n = p->streams != NULL ? json_array_get_length (p->streams) : 0;
  gboolean mids = p->item.mid != NULL;

  for (guint i = 0; i < n; i++) {
    StreamItem item = { 0 };

    if (!read_item (p->streams, i, stream_fields, &item, NULL))
      continue;
    mids = mids || item.mid != NULL;
    apply_to (self, item.mid, &item.send,
        item.keyframe.set && item.keyframe.value);
  }
  if (n == 0 && (p->item.send.set || p->keyframe.set))
    apply_to (self, p->item.mid, &p->item.send,
        p->keyframe.set && p->keyframe.value);
  if (mids)
    return;
  apply_kind (self, BIF_MEDIA_AUDIO, &p->audio);
  apply_kind (self, BIF_MEDIA_VIDEO, &p->video);
  apply_kind (self, BIF_MEDIA_DATA, &p->data);
}

static void
notify_name (VrPublisher * self)
{
  JsonObject *event = json_object_new ();

  json_object_set_string_member (event, "videoroom", "event");
  vr_json_add_member (event, self);
  vr_room_notify (self->room, self, event);
}

static void
apply_names (VrPublisher * self, const VrConfigureParams * p)
{
  gboolean known = (p->display != NULL && self->display != NULL)
      || (p->metadata != NULL && self->metadata != NULL);

  if (p->display != NULL) {
    g_free (self->display);
    self->display = g_strdup (p->display);
  }
  if (p->metadata != NULL) {
    g_clear_pointer (&self->metadata, json_object_unref);
    self->metadata = json_object_ref (p->metadata);
  }
  if (known)
    notify_name (self);
}

static gboolean
apply_descriptions (VrPublisher * self, JsonArray * array, GError ** error)
{
  guint n = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < n; i++) {
    DescriptionItem item = { 0 };
    VrStream *stream;

    if (!read_item (array, i, description_fields, &item, error))
      return FALSE;
    stream = vr_publisher_find_stream (self, item.mid);
    if (stream == NULL)
      continue;
    g_free (stream->description);
    stream->description = g_strdup (item.description);
  }
  return TRUE;
}

/* ---- negotiation ---- */

static gboolean
check_codec (VrRoom * room, const char *name, const char *codec,
    GError ** error)
{
  if (codec == NULL || vr_room_allows_codec (room, codec))
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
      "%s codec unavailable in this room",
      strcmp (name, "audio") == 0 ? "Audio" : "Video");
  return FALSE;
}

/* The first of @codecs that the offer's first m-line of the kind has. */
static const char *
find_codec (const BifSdp * offer, BifMediaKind kind, char **codecs,
    const char *profile)
{
  for (guint i = 0; i < offer->media->len; i++) {
    const BifSdpMedia *media = g_ptr_array_index (offer->media, i);

    if (media->kind != kind || media->rejected)
      continue;
    for (guint c = 0; codecs[c] != NULL; c++) {
      if (bif_sdp_media_find_codec (media, codecs[c], profile) != NULL)
        return codecs[c];
    }
  }
  return NULL;
}

/* Where the offer has none of ours, one that refuses the m-line. */
static const char *
choose_codec (const BifSdp * offer, BifMediaKind kind, char **codecs)
{
  const char *codec = find_codec (offer, kind, codecs, NULL);

  return codec != NULL ? codec : codecs[0];
}

static const char *
room_profile (VrRoom * room, const char *codec)
{
  if (strcmp (codec, "vp9") == 0)
    return room->vp9_profile;
  return strcmp (codec, "h264") == 0 ? room->h264_profile : NULL;
}

static void
fill_extensions (VrRoom * room, const char **uris)
{
  guint n = 0;

  uris[n++] = "urn:ietf:params:rtp-hdrext:sdes:mid";
  uris[n++] = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
  uris[n++] = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
  uris[n++] = URI_DEPENDENCY;
  if (room->twcc_ext)
    uris[n++] = URI_TRANSPORT_CC;
  if (room->audiolevel_ext)
    uris[n++] = VR_URI_AUDIO_LEVEL;
  if (room->videoorient_ext)
    uris[n++] = URI_ORIENTATION;
  if (room->playoutdelay_ext)
    uris[n++] = URI_PLAYOUT_DELAY;
  uris[n] = NULL;
}

static gboolean
check_offer (VrPublisher * self, const BifJsep * jsep, GError ** error)
{
  VrRoom *room = self->room;

  if (room->require_e2ee && !jsep->e2ee)
    return fail (error, BIF_ERROR_WRONG_SECRET,
        "Room requires end-to-end encrypted media");
  if (self->negotiated
      || vr_room_count_publishers (room) < room->max_publishers)
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_PUBLISHERS_FULL,
      "Maximum number of publishers (%u) already reached",
      room->max_publishers);
  return FALSE;
}

static gboolean
answer (VrPublisher * self, const BifJsep * jsep, BifReply * reply,
    GError ** error)
{
  VrRoom *room = self->room;
  BifHandle *handle = BIF_HANDLE (self->handle);
  g_autofree char *name = g_strdup_printf ("VideoRoom %s", room->base.id);
  const char *uris[12];
  BifSdpPolicy policy = {
    .audio = BIF_DIRECTION_RECVONLY,
    .video = BIF_DIRECTION_RECVONLY,
    .simulcast = TRUE,
    .rtx = TRUE,
    .extensions = uris,
  };

  fill_extensions (room, uris);
  policy.audio_codec = self->audio_codec != NULL ? self->audio_codec
      : choose_codec (jsep->sdp, BIF_MEDIA_AUDIO, room->audio_codecs);
  policy.video_codec = self->video_codec != NULL ? self->video_codec
      : choose_codec (jsep->sdp, BIF_MEDIA_VIDEO, room->video_codecs);
  if (policy.video_codec != NULL)
    policy.video_profile = room_profile (room, policy.video_codec);
  if (policy.video_profile != NULL
      && find_codec (jsep->sdp, BIF_MEDIA_VIDEO,
          (char *[]) { (char *) policy.video_codec, NULL },
          policy.video_profile) == NULL)
    policy.video_profile = NULL;
  /* As in Janus: what is offered of FEC, DTX and stereo, with FEC alone. */
  if (!room->opus_fec && g_strcmp0 (policy.audio_codec, "opus") == 0)
    policy.audio_fmtp = "";
  if (bif_handle_ensure_peer (handle) != NULL)
    bif_peer_set_session_name (bif_handle_peer (handle), name);
  return bif_handle_answer_offer (handle, reply, &policy, error);
}

/* Answers, and tells in the reply what was agreed. */
static gboolean
negotiate (VrPublisher * self, const VrConfigureParams * p, BifReply * reply,
    GError ** error)
{
  const BifJsep *jsep = bif_reply_get_jsep (reply);
  gboolean again = self->up;
  JsonObject *codecs;

  if (!check_offer (self, jsep, error))
    return FALSE;
  self->e2ee = self->e2ee || jsep->e2ee;
  if (!answer (self, jsep, reply, error))
    return FALSE;
  self->negotiated = TRUE;
  vr_publisher_update_streams (self);
  vr_publisher_note_layers (self, jsep);
  apply_descriptions (self, p->descriptions, NULL);
  apply_streams (self, p);
  codecs = json_object_new ();
  vr_json_add_codecs (codecs, self);
  json_object_set_array_member (codecs, "streams", vr_json_streams (self));
  vr_json_reply (reply, codecs);
  if (again) {
    vr_publisher_watch_levels (self);
    vr_publisher_announce (self);
  }
  return TRUE;
}

/* ---- requests ---- */

static gboolean
check_params (VrPublisher * self, const VrConfigureParams * p,
    const BifJsep * jsep, GError ** error)
{
  if (jsep != NULL && !(check_codec (self->room, "audio", p->audiocodec,
              error)
          && check_codec (self->room, "video", p->videocodec, error)))
    return FALSE;
  if (jsep != NULL && !jsep->is_offer) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_SDP_TYPE,
        "Unknown SDP type 'answer'");
    return FALSE;
  }
  if (jsep == NULL && p->streams == NULL && p->item.mid != NULL
      && vr_publisher_find_stream (self, p->item.mid) == NULL)
    return fail_mid (p->item.mid, error);
  return check_streams (self, p->streams, jsep != NULL, error);
}

static void
take_codecs (VrPublisher * self, const VrConfigureParams * p)
{
  if (p->audiocodec != NULL) {
    g_free (self->audio_codec);
    self->audio_codec = g_strdup (p->audiocodec);
  }
  if (p->videocodec != NULL) {
    g_free (self->video_codec);
    self->video_codec = g_strdup (p->videocodec);
  }
}

static void
apply_levels (VrPublisher * self, const VrConfigureParams * p)
{
  if (p->audio_active_packets.set)
    self->active_packets = (guint) p->audio_active_packets.value;
  if (p->audio_level_average.set)
    self->level_average = (guint) p->audio_level_average.value;
  if (p->audio_active_packets.set || p->audio_level_average.set)
    vr_publisher_watch_levels (self);
}

gboolean
vr_publisher_apply (VrPublisher * self, const VrConfigureParams * p,
    BifReply * reply, GError ** error)
{
  const BifJsep *jsep = bif_reply_get_jsep (reply);
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->handle));

  if (!check_params (self, p, jsep, error))
    return FALSE;
  if (p->bitrate.set) {
    self->bitrate = (guint) p->bitrate.value;
    if (peer != NULL)
      bif_peer_set_bitrate (peer, self->bitrate);
  }
  apply_levels (self, p);
  apply_names (self, p);
  if (jsep != NULL) {
    take_codecs (self, p);
    return negotiate (self, p, reply, error);
  }
  apply_streams (self, p);
  if (!apply_descriptions (self, p->descriptions, error))
    return FALSE;
  if (p->descriptions != NULL)
    vr_publisher_announce (self);
  return TRUE;
}

gboolean
vr_publisher_configure (VrPublisher * self, const VrConfigureParams * p,
    gboolean publish, BifReply * reply, GError ** error)
{
  if (publish && self->up)
    return fail (error, BIF_ERROR_ALREADY_PUBLISHED,
        "Can't publish, already published");
  bif_reply_take (reply, "room", bif_id_node (self->room->base.id,
          self->room->base.string_ids));
  bif_reply_string (reply, "configured", "ok");
  if (!vr_publisher_apply (self, p, reply, error))
    return FALSE;
  vr_recording_configure (self, p, TRUE);
  return TRUE;
}

gboolean
vr_publisher_unpublish (VrPublisher * self, BifReply * reply, GError ** error)
{
  if (!self->up)
    return fail (error, BIF_ERROR_NOT_PUBLISHED,
        "Can't unpublish, not published");
  bif_reply_take (reply, "room", bif_id_node (self->room->base.id,
          self->room->base.string_ids));
  bif_reply_string (reply, "unpublished", "ok");
  bif_reply_hold (reply);
  bif_reply_finish (reply);
  bif_handle_hangup (BIF_HANDLE (self->handle), "Close PC");
  return TRUE;
}
