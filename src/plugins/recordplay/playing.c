/* playing.c: a recording that a caller is sent: an offer of what is in it, and
 * its media from the moment the caller can take it. Main thread. */
#include "plugins/recordplay/recordplay.h"

/* As Janus has it. */
#define VIDEO_PAYLOAD_TYPE 100

struct _RpPlaying
{
  RpHandle *handle;             /* not owned */
  RpShow *show;                 /* a viewer of it */
  RpRecording *recording;       /* the show's, as the next */
  BifPlayout *player;
  BifReply *reply;              /* of "play", until the offer is made */
  gboolean up;
};

RpRecording *
rp_playing_recording (RpPlaying * self)
{
  return self->recording;
}

gint64
rp_playing_position_ms (RpPlaying * self)
{
  return bif_playout_position_ms (self->player);
}

/* ---- the offer ---- */

/* (nullable): the first of a kind. */
static const BifPlayerMedium *
find_medium (RpPlaying * self, BifMediaKind kind)
{
  const GPtrArray *media = bif_playout_media (self->player);

  for (guint i = 0; i < media->len; i++) {
    const BifPlayerMedium *medium = media->pdata[i];

    if (medium->kind == kind)
      return medium;
  }
  return NULL;
}

/* A channel is offered even where no message of it can be read. */
static gboolean
has_line (RpPlaying * self, BifMediaKind kind)
{
  return find_medium (self, kind) != NULL || (kind == BIF_MEDIA_DATA
      && self->recording->files[kind] != NULL);
}

static gboolean
set_line (RpPlaying * self, BifPeer * peer, const BifPlayerMedium * medium)
{
  static const char *const audio[] =
      { "urn:ietf:params:rtp-hdrext:sdes:mid", NULL };
  static const char *const video[] = { "urn:ietf:params:rtp-hdrext:sdes:mid",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/"
        "draft-holmer-rmcat-transport-wide-cc-extensions-01", NULL
  };
  gboolean data = medium->kind == BIF_MEDIA_DATA;
  gboolean is_video = medium->kind == BIF_MEDIA_VIDEO;
  const BifOfferLine line = {
    .kind = medium->kind,
    .direction = data ? BIF_DIRECTION_SENDRECV : BIF_DIRECTION_SENDONLY,
    .codec = data ? NULL : medium->codec,
    .payload_type = is_video ? VIDEO_PAYLOAD_TYPE : 0,
    .fmtp = data ? NULL : medium->fmtp,
    .rtx = is_video,
    .extensions = is_video ? video : audio,
    /* Of one stream: browsers keep what is of one in step. */
    .msid_stream = data ? NULL : "recordplay",
    .msid_track = data ? NULL : bif_media_kind_name (medium->kind),
  };

  return bif_peer_set_line (peer, &line) != NULL;
}

/* One m-line of a kind is what there is in a recording. */
static gboolean
set_lines (RpPlaying * self, GError ** error)
{
  BifPeer *peer = bif_handle_ensure_peer (BIF_HANDLE (self->handle));
  static const BifMediaKind kinds[] =
      { BIF_MEDIA_AUDIO, BIF_MEDIA_VIDEO, BIF_MEDIA_DATA };
  static const BifPlayerMedium data = {.kind = BIF_MEDIA_DATA };
  g_autofree char *name = g_strdup_printf ("Recording %" G_GUINT64_FORMAT,
      self->recording->id);
  guint n = 0;

  if (peer == NULL)
    return rp_fail (error, BIF_ERROR_INTERNAL, "Error setting ICE locally");
  bif_peer_set_session_name (peer, name);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    const BifPlayerMedium *medium = find_medium (self, kinds[i]);

    if (has_line (self, kinds[i]))
      n += set_line (self, peer, medium != NULL ? medium : &data);
  }
  return n > 0 || rp_fail (error, BIF_ERROR_INVALID_RECORDING,
      "Error opening recording files");
}

static const char *
find_warning (RpPlaying * self)
{
  /* The last one counts where more are broken. */
  static const char *const texts[] = {
    [BIF_MEDIA_AUDIO] = "Broken audio file, playing video only",
    [BIF_MEDIA_VIDEO] = "Broken video file, playing audio only",
    [BIF_MEDIA_DATA] = "Broken data file, playing audio/video only",
  };
  const char *warning = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    if (self->recording->files[i] != NULL && find_medium (self, i) == NULL)
      warning = texts[i];
  }
  return warning;
}

static guint
offer_flags (RpPlaying * self, gboolean restart)
{
  return (restart ? BIF_OFFER_RESTART : 0)
      | (self->recording->e2ee ? BIF_OFFER_E2EE : 0);
}

/* Where those are whom the caller joins. */
static void
describe_show (RpPlaying * self, JsonObject * result)
{
  if (!self->show->live)
    return;
  json_object_set_boolean_member (result, "live", TRUE);
  json_object_set_boolean_member (result, "paused", self->show->paused);
  json_object_set_int_member (result, "position",
      bif_playout_position_ms (self->player));
}

static gboolean
offer (RpPlaying * self, BifReply * reply, GError ** error)
{
  JsonObject *result = rp_result ("preparing", self->recording->id);
  const char *warning = find_warning (self);
  gint64 duration_ms = bif_playout_duration_ms (self->player);

  if (warning != NULL)
    json_object_set_string_member (result, "warning", warning);
  if (duration_ms >= 0)
    json_object_set_int_member (result, "duration", duration_ms);
  describe_show (self, result);
  rp_reply_result (reply, result);
  return set_lines (self, error)
      && bif_handle_offer (BIF_HANDLE (self->handle), reply,
      offer_flags (self, FALSE), error);
}

/* The files cannot be played, or no offer made. */
static void
fail_reply (RpPlaying * self, BifReply * reply, const GError * error)
{
  RpHandle *handle = self->handle;

  if (handle->playing == self)
    handle->playing = NULL;
  bif_reply_fail (reply, error);
  rp_playing_close (self);
}

static void
on_ready (BifPlayout * player, RpPlaying * self)
{
  g_autoptr (BifReply) reply = g_steal_pointer (&self->reply);
  g_autoptr (GError) error = NULL;

  if (reply != NULL && !offer (self, reply, &error))
    fail_reply (self, reply, error);
}

/* ---- media ---- */

static void
on_data (BifPlayout * player, const BifDataMessage * message, RpPlaying * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->handle));
  BifDataMessage copy = *message;

  copy.label = "JanusDataChannel";
  if (peer != NULL && self->up)
    bif_peer_send_data (peer, &copy);
}

static void
on_ended (BifPlayout * player, const char *error, RpPlaying * self)
{
  g_autoptr (BifReply) reply = g_steal_pointer (&self->reply);
  g_autoptr (GError) failure = NULL;

  if (error != NULL)
    GST_WARNING ("recording %" G_GUINT64_FORMAT ": %s", self->recording->id,
        error);
  if (reply == NULL) {
    bif_handle_hangup (BIF_HANDLE (self->handle), "Close PC");
    return;
  }
  rp_fail (&failure, BIF_ERROR_INVALID_RECORDING,
      "Error opening recording files");
  fail_reply (self, reply, failure);
}

void
rp_playing_track_added (RpPlaying * self, BifTrack * track)
{
  if (self->up)
    bif_playout_connect (self->player, track);
}

/* Not before: what a show sends who joins it must arrive. */
void
rp_playing_media_up (RpPlaying * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->handle));
  const GPtrArray *tracks = peer != NULL ? bif_peer_tracks (peer) : NULL;

  if (self->up)
    return;
  self->up = TRUE;
  for (guint i = 0; tracks != NULL && i < tracks->len; i++)
    bif_playout_connect (self->player, tracks->pdata[i]);
  bif_playout_start (self->player);
}

void
rp_playing_set_paused (RpPlaying * self, gboolean paused)
{
  rp_show_set_paused (self->show, paused, self->handle);
}

gboolean
rp_playing_seek (RpPlaying * self, gint64 position_ms, BifReply * reply,
    GError ** error)
{
  if (!self->up || !rp_show_seek (self->show, position_ms, self->handle))
    return rp_fail (error, BIF_ERROR_WRONG_STATE,
        "Invalid state (nothing is played)");
  return rp_reply_result (reply, rp_show_seeking (self->show, position_ms));
}

void
rp_playing_close (RpPlaying * self)
{
  g_autoptr (BifReply) reply = g_steal_pointer (&self->reply);
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_data (self->player, self);
  if (reply != NULL) {
    rp_fail (&error, BIF_ERROR_WRONG_STATE, "Stopped");
    bif_reply_fail (reply, error);
  }
  rp_show_leave (self->show, self->handle);
  g_free (self);
}

/* ---- requests ---- */

static gboolean
restart (RpHandle * handle, const RpPlayParams * p, BifReply * reply,
    GError ** error)
{
  RpPlaying *self = handle->playing;

  if (self == NULL || !self->up
      || (guint64) p->id.value != self->recording->id)
    return rp_fail (error, BIF_ERROR_WRONG_STATE,
        "Not a playout session, can't restart");
  rp_reply_result (reply, rp_result ("restarting", self->recording->id));
  return bif_handle_offer (BIF_HANDLE (handle), reply,
      offer_flags (self, TRUE), error);
}

static RpRecording *
find_recording (RpHandle * handle, const RpPlayParams * p, GError ** error)
{
  RpRecording *recording = rp_library_find (rp_handle_plugin (handle),
      p->id.value);

  if (recording != NULL && recording->completed)
    return recording;
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_NO_SUCH_RECORDING,
      "No such recording");
  return NULL;
}

static RpPlaying *
playing_new (RpHandle * handle, RpShow * show)
{
  RpPlaying *self = g_new0 (RpPlaying, 1);

  self->handle = handle;
  self->show = show;
  self->recording = show->recording;
  self->player = show->player;
  g_signal_connect (self->player, "ready", G_CALLBACK (on_ready), self);
  g_signal_connect (self->player, "data", G_CALLBACK (on_data), self);
  g_signal_connect (self->player, "ended", G_CALLBACK (on_ended), self);
  return self;
}

gboolean
rp_play (RpHandle * handle, const RpPlayParams * p, BifReply * reply,
    GError ** error)
{
  RpRecording *recording;
  RpShow *show;
  RpPlaying *self;

  if (bif_reply_get_jsep (reply) != NULL)
    return rp_fail (error, BIF_ERROR_INVALID_ELEMENT,
        "A play request can't contain an SDP");
  if (p->restart)
    return restart (handle, p, reply, error);
  recording = find_recording (handle, p, error);
  if (recording == NULL)
    return FALSE;
  if (handle->job != NULL || handle->playing != NULL)
    return rp_fail (error, BIF_ERROR_WRONG_STATE,
        "Invalid state (already recording or playing)");
  show = rp_show_join (handle, recording, p->live, error);
  if (show == NULL)
    return FALSE;
  self = handle->playing = playing_new (handle, show);
  self->reply = bif_reply_ref (reply);
  bif_reply_hold (reply);
  if (bif_playout_is_ready (self->player))
    on_ready (self->player, self);
  return TRUE;
}

gboolean
rp_playing_start (RpPlaying * self, BifReply * reply, GError ** error)
{
  const BifJsep *jsep = bif_reply_get_jsep (reply);

  if (find_medium (self, BIF_MEDIA_AUDIO) == NULL
      && find_medium (self, BIF_MEDIA_VIDEO) == NULL)
    return rp_fail (error, BIF_ERROR_WRONG_STATE,
        "Not a playout session, can't start");
  if (jsep == NULL || jsep->is_offer)
    return rp_fail (error, BIF_ERROR_MISSING_ELEMENT, "Missing SDP answer");
  if (!bif_handle_take_answer (BIF_HANDLE (self->handle), jsep, error))
    return FALSE;
  return rp_reply_result (reply, rp_result ("playing", 0));
}
