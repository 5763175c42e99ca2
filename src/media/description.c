/* description.c: our side of a PeerConnection: answers a peer's offer line by
 * line and takes its answers to ours. Main thread. */
#include "media/sdp-private.h"

#include <string.h>

/**
 * bif_description_new:
 *
 * Returns: (transfer full): our side, without m-lines yet
 */
BifDescription *
bif_description_new (void)
{
  BifDescription *self = g_new0 (BifDescription, 1);

  self->lines = g_ptr_array_new ();
  self->session_id = g_get_real_time ();
  return self;
}

/* Clears what was negotiated; the place in the order stays. */
void
bif_sdp_own_line_clear (BifSdpOwnLine * own)
{
  BifSdpLine *line = &own->line;

  g_clear_pointer (&line->codec, bif_sdp_codec_free);
  g_clear_pointer (&line->rejected_formats, g_free);
  g_clear_pointer (&own->formats, g_free);
  g_clear_pointer (&own->event, bif_sdp_codec_free);
  g_ptr_array_set_size (line->extmaps, 0);
  g_ptr_array_set_size (line->rids, 0);
  line->paused_rids = 0;
  line->simulcast_legacy = FALSE;
  line->red = 0;
  line->telephone_event = 0;
  line->direction = BIF_DIRECTION_INACTIVE;
  line->accepted = FALSE;
}

void
bif_sdp_own_line_forget (BifSdpOwnLine * own)
{
  own->ours = FALSE;
  g_clear_pointer (&own->wanted_codec, bif_sdp_codec_free);
  g_clear_pointer (&own->wanted_extmaps, g_ptr_array_unref);
}

static void
line_free (BifSdpOwnLine * own)
{
  bif_sdp_own_line_clear (own);
  bif_sdp_own_line_forget (own);
  g_ptr_array_unref (own->line.extmaps);
  g_ptr_array_unref (own->line.rids);
  g_free (own->line.mid);
  g_free (own->line.protocol);
  g_free (own->line.msid_stream);
  g_free (own->line.msid_track);
  g_free (own);
}

/**
 * bif_description_free:
 * @self: (transfer full)
 */
void
bif_description_free (BifDescription * self)
{
  for (guint i = 0; i < self->lines->len; i++)
    line_free (g_ptr_array_index (self->lines, i));
  g_ptr_array_unref (self->lines);
  g_free (self);
}

/**
 * bif_description_lines:
 *
 * Returns: (element-type BifSdpLine) (transfer none): in m-line order
 */
const GPtrArray *
bif_description_lines (const BifDescription * self)
{
  return self->lines;
}

/**
 * bif_description_find_line:
 *
 * Returns: (nullable) (transfer none): the line with that mid
 */
BifSdpLine *
bif_description_find_line (const BifDescription * self, const char *mid)
{
  for (guint i = 0; i < self->lines->len; i++) {
    BifSdpLine *line = g_ptr_array_index (self->lines, i);

    if (strcmp (line->mid, mid) == 0)
      return line;
  }
  return NULL;
}

BifSdpOwnLine *
bif_description_append (BifDescription * self, BifMediaKind kind)
{
  BifSdpOwnLine *own = g_new0 (BifSdpOwnLine, 1);

  own->line.index = self->lines->len;
  own->line.kind = kind;
  own->line.extmaps = bif_sdp_extmaps_new ();
  own->line.rids = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->lines, own);
  return own;
}

/* ---- a remote offer ---- */

/* The codec we have is kept where nobody names another. */
static const BifSdpCodec *
keep_codec (const BifSdpMedia * media, const BifSdpCodec * current)
{
  const BifSdpCodec *codec =
      bif_sdp_media_find_payload_type (media, current->payload_type);

  if (codec != NULL && bif_sdp_codec_same (codec, current))
    return codec;
  for (guint i = 0; i < media->codecs->len; i++) {
    codec = g_ptr_array_index (media->codecs, i);
    if (bif_sdp_codec_same (codec, current))
      return codec;
  }
  return NULL;
}

static const BifSdpCodec *
choose_codec (const BifSdpMedia * media, const BifSdpPolicy * policy,
    const BifSdpCodec * current)
{
  gboolean video = media->kind == BIF_MEDIA_VIDEO;
  const char *name = video ? policy->video_codec : policy->audio_codec;
  const char *profile = video ? policy->video_profile : NULL;
  const BifSdpCodec *codec = NULL;
  const BifSdpCodecInfo *table;
  guint n;

  if (name != NULL)
    return bif_sdp_media_find_codec (media, name, profile);
  if (current != NULL && profile == NULL)
    codec = keep_codec (media, current);
  table = bif_sdp_codec_table (&n);
  for (guint i = 0; i < n && codec == NULL; i++)
    codec = bif_sdp_media_find_codec (media, table[i].api_name, profile);
  return codec;
}

static const BifSdpCodec *
find_named (const BifSdpMedia * media, const char *name, guint clock_rate)
{
  for (guint i = 0; i < media->codecs->len; i++) {
    const BifSdpCodec *codec = g_ptr_array_index (media->codecs, i);

    if (g_ascii_strcasecmp (codec->name, name) == 0
        && (clock_rate == 0 || codec->clock_rate == clock_rate))
      return codec;
  }
  return NULL;
}

static gboolean
fmtp_is_on (const char *fmtp, const char *key)
{
  gsize length;
  const char *value = bif_sdp_fmtp_value (fmtp, key, &length);

  return value != NULL && length == 1 && value[0] == '1';
}

/* Of opus only these are echoed, in this order, as Janus does. */
static char *
opus_fmtp (const char *offered)
{
  static const char *const keys[] = { "useinbandfec", "usedtx", "stereo" };
  g_autoptr (GString) fmtp = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    if (fmtp_is_on (offered, keys[i]))
      g_string_append_printf (fmtp, "%s%s=1", fmtp->len ? ";" : "", keys[i]);
  }
  return fmtp->len > 0 ? g_strdup (fmtp->str) : NULL;
}

static gboolean
is_codec (const BifSdpCodec * codec, const char *api_name)
{
  return bif_sdp_codec_is (codec, bif_sdp_codec_lookup (api_name));
}

static void
accept_audio (BifSdpOwnLine * own, const BifSdpMedia * media,
    const BifSdpPolicy * policy)
{
  BifSdpLine *line = &own->line;
  BifSdpCodec *codec = line->codec;
  const BifSdpCodec *other = NULL;
  gboolean opus = is_codec (codec, "opus");

  codec->rtx = 0;
  codec->nack_pli = codec->ccm_fir = codec->goog_remb = FALSE;
  if (opus || policy->audio_fmtp != NULL) {
    g_autofree char *offered = codec->fmtp;

    codec->fmtp = policy->audio_fmtp == NULL ? opus_fmtp (offered)
        : policy->audio_fmtp[0] != '\0' ? g_strdup (policy->audio_fmtp) : NULL;
  } else if (!is_codec (codec, "multiopus")) {
    g_clear_pointer (&codec->fmtp, g_free);
  }
  if (policy->opus_red && opus)
    other = find_named (media, "red", 48000);
  line->red = other ? other->payload_type : 0;

  if (!policy->telephone_event)
    return;
  other = find_named (media, "telephone-event", codec->clock_rate);
  if (other == NULL)
    other = find_named (media, "telephone-event", 0);
  if (other != NULL) {
    own->event = bif_sdp_codec_copy (other);
    line->telephone_event = other->payload_type;
  }
}

static void
accept_video (BifSdpOwnLine * own, const BifSdpMedia * media,
    const BifSdpPolicy * policy)
{
  BifSdpLine *line = &own->line;
  guint n = media->rids->len;

  if (!policy->rtx)
    line->codec->rtx = 0;
  if (!policy->simulcast || !(line->direction & BIF_DIRECTION_RECVONLY))
    return;
  line->simulcast_legacy = media->simulcast_legacy;
  for (guint i = 0; i < n; i++) {
    guint from = media->rids_reversed ? n - 1 - i : i;

    g_ptr_array_add (line->rids, g_strdup (media->rids->pdata[from]));
    if (media->paused_rids & 1u << from)
      line->paused_rids |= 1u << i;
  }
}

/* The dependency descriptor tells layers of these two alone (core-api.md
 * 6.4). */
static gboolean
extension_fits (const char *uri, const BifSdpCodec * codec)
{
  return strcmp (uri, BIF_SDP_URI_DEPENDENCY) != 0
      || is_codec (codec, "av1") || is_codec (codec, "vp9");
}

static void
accept_extensions (BifSdpLine * line, const BifSdpMedia * media,
    const BifSdpPolicy * policy)
{
  for (guint i = 0; i < media->extmaps->len; i++) {
    const BifSdpExtmap *offered = g_ptr_array_index (media->extmaps, i);

    if (policy->extensions != NULL
        && g_strv_contains (policy->extensions, offered->uri)
        && extension_fits (offered->uri, line->codec)
        && bif_sdp_extmaps_find (line->extmaps, offered->uri) == NULL)
      g_ptr_array_add (line->extmaps, bif_sdp_extmap_new (offered->id,
              offered->uri, bif_direction_mirror (offered->direction)));
  }
  line->codec->transport_cc &=
      bif_sdp_extmaps_find (line->extmaps, BIF_SDP_URI_TWCC) != NULL;
}

static BifDirection
answer_direction (const BifSdpMedia * media, const BifSdpPolicy * policy)
{
  BifDirection allowed = media->kind == BIF_MEDIA_VIDEO ? policy->video
      : policy->audio;
  BifDirection direction = bif_direction_mirror (media->direction);

  if (allowed != BIF_DIRECTION_INACTIVE)
    direction &= allowed;
  if (policy->no_send_alone && direction == BIF_DIRECTION_SENDONLY)
    direction = BIF_DIRECTION_INACTIVE;
  return direction;
}

/* Peers may write "OPUS"; Janus always answers "opus". */
static void
use_our_spelling (BifSdpCodec * codec)
{
  const BifSdpCodecInfo *table;
  guint n;

  table = bif_sdp_codec_table (&n);
  for (guint i = 0; i < n; i++) {
    if (bif_sdp_codec_is (codec, &table[i])) {
      g_free (codec->name);
      codec->name = g_strdup (table[i].name);
      return;
    }
  }
}

static void
take_media (BifSdpOwnLine * own, const BifSdpMedia * media,
    const BifSdpPolicy * policy)
{
  BifSdpLine *line = &own->line;
  gboolean video = media->kind == BIF_MEDIA_VIDEO;
  g_autoptr (BifSdpCodec) current = g_steal_pointer (&line->codec);
  const BifSdpCodec *codec;

  bif_sdp_own_line_clear (own);
  own->open = !media->rejected;
  if (media->rejected || (video ? policy->no_video : policy->no_audio))
    return;
  codec = choose_codec (media, policy, current);
  if (codec == NULL)
    return;

  line->accepted = TRUE;
  line->codec = bif_sdp_codec_copy (codec);
  use_our_spelling (line->codec);
  line->direction = answer_direction (media, policy);
  accept_extensions (line, media, policy);
  if (video)
    accept_video (own, media, policy);
  else
    accept_audio (own, media, policy);
}

static void
take_data (BifSdpOwnLine * own, const BifSdpMedia * media, gboolean accept)
{
  g_auto (GStrv) formats = g_new0 (char *, media->formats->len + 1);

  for (guint i = 0; i < media->formats->len; i++)
    formats[i] = g_strdup (media->formats->pdata[i]);
  bif_sdp_own_line_clear (own);
  own->formats = g_strjoinv (" ", formats);
  own->line.accepted = accept;
  own->open = FALSE;            /* cannot stay open with nothing in it */
  if (accept)
    own->line.direction = BIF_DIRECTION_SENDRECV;
  else
    own->line.rejected_formats = g_strdup (own->formats);
}

/* One data m-line is accepted: the one we have, or else the first. */
static const BifSdpMedia *
choose_data (const BifDescription * self, const BifSdp * offer,
    const BifSdpPolicy * policy)
{
  const BifSdpMedia *first = NULL;

  for (guint i = 0; i < offer->media->len && !policy->no_data; i++) {
    const BifSdpMedia *media = g_ptr_array_index (offer->media, i);
    const BifSdpLine *line =
        i < self->lines->len ? g_ptr_array_index (self->lines, i) : NULL;

    if (media->kind != BIF_MEDIA_DATA || media->rejected
        || !bif_sdp_protocol_is_sctp (media->protocol))
      continue;
    if (line != NULL && line->accepted && line->kind == BIF_MEDIA_DATA
        && strcmp (line->mid, media->mid) == 0)
      return media;
    if (first == NULL)
      first = media;
  }
  return first;
}

static gboolean
check_offer (const BifDescription * self, const BifSdp * offer)
{
  if (offer->media->len < self->lines->len)
    return FALSE;
  for (guint i = 0; i < self->lines->len; i++) {
    const BifSdpLine *line = g_ptr_array_index (self->lines, i);
    const BifSdpMedia *media = g_ptr_array_index (offer->media, i);

    if (line->accepted && line->kind != media->kind)
      return FALSE;
  }
  return TRUE;
}

/* A new mid is another m-line in an old place. */
static void
take_mid (BifSdpOwnLine * own, const BifSdpMedia * media)
{
  BifSdpLine *line = &own->line;

  if (g_strcmp0 (line->mid, media->mid) == 0 && line->kind == media->kind)
    return;
  bif_sdp_own_line_clear (own);
  g_free (line->mid);
  line->mid = g_strdup (media->mid);
  line->kind = media->kind;
  line->ssrc = line->rtx_ssrc = 0;
  g_clear_pointer (&line->msid_stream, g_free);
  g_clear_pointer (&line->msid_track, g_free);
}

/* RTP lines all repeat the protocol of the first one offered, as in Janus. */
static const char *
common_protocol (const BifSdp * offer)
{
  const BifSdpMedia *first = g_ptr_array_index (offer->media, 0);

  return first->kind == BIF_MEDIA_DATA ? BIF_SDP_DEFAULT_PROTOCOL
      : first->protocol;
}

/**
 * bif_description_set_offer:
 * @error: BIF_ERROR_INVALID_SDP where m-lines vanished or a live one changed
 *   its kind; nothing has changed then
 *
 * Negotiates a remote offer, first or later.
 */
gboolean
bif_description_set_offer (BifDescription * self, const BifSdp * offer,
    const BifSdpPolicy * policy, GError ** error)
{
  const BifSdpMedia *data;

  if (!check_offer (self, offer))
    return bif_sdp_fail (error, "Error processing SDP");

  data = choose_data (self, offer, policy);
  for (guint i = 0; i < offer->media->len; i++) {
    const BifSdpMedia *media = g_ptr_array_index (offer->media, i);
    BifSdpOwnLine *own = i < self->lines->len
        ? g_ptr_array_index (self->lines, i)
        : bif_description_append (self, media->kind);

    take_mid (own, media);
    bif_sdp_own_line_forget (own);
    g_free (own->line.protocol);
    own->line.protocol = g_strdup (media->kind == BIF_MEDIA_DATA
        ? media->protocol : common_protocol (offer));
    if (media->kind == BIF_MEDIA_DATA)
      take_data (own, media, media == data);
    else
      take_media (own, media, policy);
  }
  return TRUE;
}
