/* sdp-offer.c: offers of ours: adds m-lines, chooses payload types and
 * extension ids, takes the peer's answer. Main thread. */
#include "media/sdp-private.h"

#include <string.h>

#define FIRST_DYNAMIC 96
#define LAST_DYNAMIC 127

/* The ids Janus offers. */
static const struct
{
  const char *uri;
  guint8 id;
} extension_ids[] = {
  {"urn:ietf:params:rtp-hdrext:ssrc-audio-level", 1},
  {"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time", 2},
  {BIF_SDP_URI_TWCC, 3},
  {"urn:ietf:params:rtp-hdrext:sdes:mid", 4},
  {"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time", 7},
  {"http://www.webrtc.org/experiments/rtp-hdrext/playout-delay", 12},
  {"urn:3gpp:video-orientation", 13},
};

static const GPtrArray *
extmaps_of (const BifSdpOwnLine * own)
{
  return own->ours ? own->wanted_extmaps : own->line.extmaps;
}

static const BifSdpCodec *
codec_of (const BifSdpOwnLine * own)
{
  return own->ours ? own->wanted_codec : own->line.codec;
}

static void
mark_ids (const GPtrArray * extmaps, gboolean * taken)
{
  for (guint i = 0; i < extmaps->len; i++) {
    const BifSdpExtmap *extmap = g_ptr_array_index (extmaps, i);

    taken[extmap->id] = TRUE;
  }
}

/* Bundled m-lines share one space of ids, and a URI keeps the one it has.
 * 0 where all ids of the one-byte form are taken. */
static guint8
extension_id (const BifDescription * self, const GPtrArray * chosen,
    const char *uri)
{
  gboolean taken[256] = { FALSE };

  mark_ids (chosen, taken);
  for (guint i = 0; i < self->lines->len; i++) {
    const GPtrArray *extmaps = extmaps_of (self->lines->pdata[i]);
    const BifSdpExtmap *same = bif_sdp_extmaps_find (extmaps, uri);

    if (same != NULL)
      return same->id;
    mark_ids (extmaps, taken);
  }
  for (guint i = 0; i < G_N_ELEMENTS (extension_ids); i++) {
    if (!taken[extension_ids[i].id]
        && strcmp (extension_ids[i].uri, uri) == 0)
      return extension_ids[i].id;
    taken[extension_ids[i].id] = TRUE;
  }
  for (guint8 id = 1; id <= 14; id++) {
    if (!taken[id])
      return id;
  }
  return 0;
}

/* An rtx payload type: the one this codec has elsewhere, or a free one. */
static guint8
choose_rtx (const BifDescription * self, const BifSdpCodec * codec)
{
  gboolean taken[128] = { FALSE };
  guint type = codec->payload_type;

  for (guint i = 0; i < self->lines->len; i++) {
    const BifSdpOwnLine *own = g_ptr_array_index (self->lines, i);
    const BifSdpCodec *other = codec_of (own);

    if (other == NULL)
      continue;
    if (other->payload_type == codec->payload_type && other->rtx != 0
        && g_ascii_strcasecmp (other->name, codec->name) == 0)
      return other->rtx;
    taken[other->payload_type] = taken[other->rtx] = TRUE;
    taken[own->line.red] = taken[own->line.telephone_event] = TRUE;
  }
  taken[codec->payload_type] = TRUE;
  for (guint i = FIRST_DYNAMIC; i <= LAST_DYNAMIC; i++) {
    type = type >= LAST_DYNAMIC || type + 1 < FIRST_DYNAMIC ? FIRST_DYNAMIC
        : type + 1;
    if (!taken[type])
      return type;
  }
  return 0;
}

static BifSdpCodec *
make_codec (const BifDescription * self, const BifSdpCodecInfo * info,
    guint8 payload_type, gboolean rtx, const char *fmtp)
{
  BifSdpCodec *codec =
      bif_sdp_codec_new (payload_type ? payload_type : info->payload_type);
  gboolean video = info->kind == BIF_MEDIA_VIDEO;

  codec->name = g_strdup (info->name);
  codec->clock_rate = info->clock_rate;
  codec->channels = info->channels == 0 ? 6 : info->channels;
  codec->fmtp = g_strdup (fmtp);
  codec->nack = codec->nack_pli = codec->ccm_fir = codec->goog_remb = video;
  if (rtx && video)
    codec->rtx = choose_rtx (self, codec);
  return codec;
}

static GPtrArray *
make_extmaps (const BifDescription * self, const char *const *uris)
{
  GPtrArray *extmaps = bif_sdp_extmaps_new ();

  for (guint i = 0; uris != NULL && uris[i] != NULL; i++) {
    guint8 id = extension_id (self, extmaps, uris[i]);

    if (id != 0 && bif_sdp_extmaps_find (extmaps, uris[i]) == NULL)
      g_ptr_array_add (extmaps, bif_sdp_extmap_new (id, uris[i],
              BIF_DIRECTION_SENDRECV));
  }
  return extmaps;
}

static void
copy_extmaps (GPtrArray * to, const GPtrArray * from)
{
  g_ptr_array_set_size (to, 0);
  for (guint i = 0; i < from->len; i++) {
    const BifSdpExtmap *extmap = g_ptr_array_index (from, i);

    g_ptr_array_add (to, bif_sdp_extmap_new (extmap->id, extmap->uri,
            extmap->direction));
  }
}

/* ---- adding ---- */

/* The line of @mid; without one, the data line or a dead one of that kind. */
static BifSdpOwnLine *
find_place (const BifDescription * self, BifMediaKind kind, const char *mid)
{
  if (mid != NULL)
    return (BifSdpOwnLine *) bif_description_find_line (self, mid);

  for (guint i = 0; i < self->lines->len; i++) {
    BifSdpOwnLine *own = g_ptr_array_index (self->lines, i);

    if (own->line.kind == kind
        && (!own->line.accepted || kind == BIF_MEDIA_DATA))
      return own;
  }
  return NULL;
}

static char *
make_mid (const BifDescription * self, guint index)
{
  char *mid = g_strdup_printf ("%u", index);

  for (guint n = self->lines->len; bif_description_find_line (self, mid);
      n++) {
    g_free (mid);
    mid = g_strdup_printf ("%u", n);
  }
  return mid;
}

/* A dead place comes back as another m-line, under a mid of its own. */
static void
recycle (const BifDescription * self, BifSdpOwnLine * own, const char *mid)
{
  BifSdpLine *line = &own->line;
  char *fresh = mid ? g_strdup (mid) : make_mid (self, line->index);

  g_free (line->mid);
  line->mid = fresh;
  line->ssrc = line->rtx_ssrc = 0;
  g_clear_pointer (&line->msid_stream, g_free);
  g_clear_pointer (&line->msid_track, g_free);
}

static const char *
rtp_protocol (const BifDescription * self)
{
  for (guint i = 0; i < self->lines->len; i++) {
    const BifSdpLine *line = g_ptr_array_index (self->lines, i);

    if (line->kind != BIF_MEDIA_DATA && line->protocol != NULL)
      return line->protocol;
  }
  return BIF_SDP_DEFAULT_PROTOCOL;
}

static BifSdpOwnLine *
take_place (BifDescription * self, BifMediaKind kind, const char *mid)
{
  BifSdpOwnLine *own = find_place (self, kind, mid);
  const char *protocol = kind == BIF_MEDIA_DATA ? "UDP/DTLS/SCTP"
      : rtp_protocol (self);

  if (own == NULL) {
    g_autofree char *fresh =
        mid ? g_strdup (mid) : make_mid (self, self->lines->len);

    own = bif_description_append (self, kind);
    recycle (self, own, fresh);
  } else if (own->line.kind != kind && own->line.accepted) {
    return NULL;
  } else if (!own->line.accepted) {
    recycle (self, own, mid);
  }
  if (own->line.kind != kind || own->line.protocol == NULL) {
    char *copy = g_strdup (protocol);

    g_free (own->line.protocol);
    own->line.protocol = copy;
  }
  own->line.kind = kind;
  return own;
}

/**
 * bif_description_add_line:
 * @mid: (nullable): the m-line's index where NULL, or the next free number
 * @codec: (nullable): API name; NULL for data
 * @payload_type: 0 for the usual one
 * @fmtp: (nullable)
 * @extensions: (nullable): URIs, NULL-terminated
 *
 * Adds an m-line to the next offer, or changes the one called @mid.
 *
 * Returns: (transfer none) (nullable): NULL for a codec we do not know and
 *   for a live @mid of another kind
 */
BifSdpLine *
bif_description_add_line (BifDescription * self, BifMediaKind kind,
    const char *mid, BifDirection direction, const char *codec,
    guint8 payload_type, gboolean rtx, const char *fmtp,
    const char *const *extensions)
{
  const BifSdpCodecInfo *info = codec ? bif_sdp_codec_lookup (codec) : NULL;
  BifSdpOwnLine *own;
  BifSdpLine *line;

  if (kind != BIF_MEDIA_DATA
      && (info == NULL || info->kind != kind || payload_type > LAST_DYNAMIC))
    return NULL;
  own = take_place (self, kind, mid);
  if (own == NULL)
    return NULL;

  line = &own->line;
  bif_sdp_own_line_clear (own);
  bif_sdp_own_line_forget (own);
  line->accepted = TRUE;
  line->direction = kind == BIF_MEDIA_DATA ? BIF_DIRECTION_SENDRECV
      : direction;
  own->wanted_extmaps = make_extmaps (self, extensions);
  copy_extmaps (line->extmaps, own->wanted_extmaps);
  if (kind != BIF_MEDIA_DATA) {
    line->codec = make_codec (self, info, payload_type, rtx, fmtp);
    line->codec->transport_cc =
        bif_sdp_extmaps_find (line->extmaps, BIF_SDP_URI_TWCC) != NULL;
    own->wanted_codec = bif_sdp_codec_copy (line->codec);
  }
  own->wanted = line->direction;
  own->ours = TRUE;
  return line;
}

/* ---- the peer's answer ---- */

static gboolean
check_answer (const BifDescription * self, const BifSdp * answer)
{
  if (answer->media->len != self->lines->len)
    return FALSE;
  for (guint i = 0; i < self->lines->len; i++) {
    const BifSdpLine *line = g_ptr_array_index (self->lines, i);
    const BifSdpMedia *media = g_ptr_array_index (answer->media, i);
    char index[16];

    g_snprintf (index, sizeof index, "%u", i);
    if (line->kind != media->kind)
      return FALSE;
    /* the index stands for a mid that was not given */
    if (strcmp (line->mid, media->mid) != 0
        && strcmp (media->mid, index) != 0)
      return FALSE;
  }
  return TRUE;
}

static const BifSdpCodec *
find_answered (const BifSdpMedia * media, const BifSdpCodec * offered)
{
  const BifSdpCodec *codec =
      bif_sdp_media_find_payload_type (media, offered->payload_type);

  if (codec != NULL && bif_sdp_codec_same (codec, offered))
    return codec;
  for (guint i = 0; i < media->codecs->len; i++) {
    codec = g_ptr_array_index (media->codecs, i);
    if (bif_sdp_codec_same (codec, offered))
      return codec;
  }
  return NULL;
}

/* What is left of our codec. */
static BifSdpCodec *
join_codec (const BifSdpCodec * offered, const BifSdpCodec * answered,
    BifMediaKind kind)
{
  BifSdpCodec *codec = bif_sdp_codec_copy (offered);

  codec->payload_type = answered->payload_type;
  codec->rtx = offered->rtx != 0 ? answered->rtx : 0;
  codec->nack_pli &= answered->nack_pli;
  codec->ccm_fir &= answered->ccm_fir;
  codec->goog_remb &= answered->goog_remb;
  codec->transport_cc &= answered->transport_cc;
  codec->nack = answered->nack && (offered->nack || kind == BIF_MEDIA_AUDIO);
  return codec;
}

static GPtrArray *
join_extmaps (const GPtrArray * offered, const GPtrArray * answered)
{
  GPtrArray *extmaps = bif_sdp_extmaps_new ();

  for (guint i = 0; i < offered->len; i++) {
    const BifSdpExtmap *ours = g_ptr_array_index (offered, i);
    const BifSdpExtmap *theirs = bif_sdp_extmaps_find (answered, ours->uri);

    if (theirs != NULL && theirs->id == ours->id)
      g_ptr_array_add (extmaps, bif_sdp_extmap_new (ours->id, ours->uri,
              ours->direction & bif_direction_mirror (theirs->direction)));
  }
  return extmaps;
}

static void
refuse (BifSdpOwnLine * own)
{
  bif_sdp_own_line_clear (own);
  bif_sdp_own_line_forget (own);
  own->open = FALSE;
  if (own->line.kind == BIF_MEDIA_DATA)
    own->line.rejected_formats = g_strdup (
        g_ascii_strcasecmp (own->line.protocol, "DTLS/SCTP") == 0
        ? "5000" : "webrtc-datachannel");
}

static void
take_answer (BifSdpOwnLine * own, const BifSdpMedia * media)
{
  BifSdpLine *line = &own->line;
  BifDirection offered = own->ours ? own->wanted : line->direction;
  const BifSdpCodec *answered = NULL;
  BifSdpCodec *codec;
  GPtrArray *extmaps;

  if (!line->accepted || media->rejected) {
    refuse (own);
    return;
  }
  if (line->kind == BIF_MEDIA_DATA)
    return;
  answered = find_answered (media, codec_of (own));
  if (answered == NULL) {
    refuse (own);
    return;
  }

  codec = join_codec (codec_of (own), answered, line->kind);
  extmaps = join_extmaps (extmaps_of (own), media->extmaps);
  codec->transport_cc &=
      bif_sdp_extmaps_find (extmaps, BIF_SDP_URI_TWCC) != NULL;
  bif_sdp_codec_free (line->codec);
  line->codec = codec;
  g_ptr_array_unref (line->extmaps);
  line->extmaps = extmaps;
  line->direction = offered & bif_direction_mirror (media->direction);
}

/**
 * bif_description_set_answer:
 * @error: BIF_ERROR_INVALID_SDP where it does not fit our offer; nothing has
 *   changed then
 *
 * Takes the peer's answer to our last offer. The next offer asks again for
 * everything, but for m-lines that were refused: those are dead.
 */
gboolean
bif_description_set_answer (BifDescription * self, const BifSdp * answer,
    GError ** error)
{
  if (!check_answer (self, answer))
    return bif_sdp_fail (error, "Error processing SDP");
  for (guint i = 0; i < self->lines->len; i++)
    take_answer (g_ptr_array_index (self->lines, i),
        g_ptr_array_index (answer->media, i));
  return TRUE;
}
