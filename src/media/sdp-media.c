/* sdp-media.c: the small types of the SDP engine and the table of codecs.
 * Main thread. */
#include "media/sdp-private.h"

#include <string.h>

/* In the order of preference of core-api.md 6.3, audio and video. */
static const BifSdpCodecInfo codec_table[] = {
  {"opus", BIF_MEDIA_AUDIO, "opus", 48000, 2, 111},
  {"pcmu", BIF_MEDIA_AUDIO, "PCMU", 8000, 1, 0},
  {"pcma", BIF_MEDIA_AUDIO, "PCMA", 8000, 1, 8},
  {"g722", BIF_MEDIA_AUDIO, "G722", 8000, 1, 9},
  {"isac32", BIF_MEDIA_AUDIO, "ISAC", 32000, 1, 104},
  {"isac16", BIF_MEDIA_AUDIO, "ISAC", 16000, 1, 103},
  {"multiopus", BIF_MEDIA_AUDIO, "multiopus", 48000, 0, 111},
  {"l16-48", BIF_MEDIA_AUDIO, "L16", 48000, 1, 105},
  {"l16", BIF_MEDIA_AUDIO, "L16", 16000, 1, 106},
  {"vp8", BIF_MEDIA_VIDEO, "VP8", 90000, 1, 96},
  {"vp9", BIF_MEDIA_VIDEO, "VP9", 90000, 1, 101},
  {"h264", BIF_MEDIA_VIDEO, "H264", 90000, 1, 107},
  {"av1", BIF_MEDIA_VIDEO, "AV1", 90000, 1, 98},
  {"h265", BIF_MEDIA_VIDEO, "H265", 90000, 1, 100},
};

const BifSdpCodecInfo *
bif_sdp_codec_table (guint * n_codecs)
{
  *n_codecs = G_N_ELEMENTS (codec_table);
  return codec_table;
}

const BifSdpCodecInfo *
bif_sdp_codec_lookup (const char *api_name)
{
  for (guint i = 0; i < G_N_ELEMENTS (codec_table); i++) {
    if (g_ascii_strcasecmp (codec_table[i].api_name, api_name) == 0)
      return &codec_table[i];
  }
  return NULL;
}

gboolean
bif_sdp_codec_is (const BifSdpCodec * codec, const BifSdpCodecInfo * info)
{
  return g_ascii_strcasecmp (codec->name, info->name) == 0
      && codec->clock_rate == info->clock_rate
      && (info->channels == 0 || MAX (codec->channels, 1) == info->channels);
}

/**
 * bif_media_kind_name:
 *
 * Returns: the word of m= lines, except that data is "data"
 */
const char *
bif_media_kind_name (BifMediaKind kind)
{
  static const char *const names[] = { "audio", "video", "data" };

  return names[kind];
}

/**
 * bif_direction_mirror:
 *
 * Returns: @direction as the other side sees it
 */
BifDirection
bif_direction_mirror (BifDirection direction)
{
  return (direction & BIF_DIRECTION_SENDONLY) << 1
      | (direction & BIF_DIRECTION_RECVONLY) >> 1;
}

/**
 * bif_sdp_codec_api_name:
 * @rtpmap_name: "VP8", or with a clock rate, "ISAC/16000"
 *
 * Returns: (nullable): the codec's name in the API
 */
const char *
bif_sdp_codec_api_name (const char *rtpmap_name)
{
  const char *slash = strchr (rtpmap_name, '/');
  gsize length = slash ? (gsize) (slash - rtpmap_name) : strlen (rtpmap_name);
  guint64 clock = slash ? g_ascii_strtoull (slash + 1, NULL, 10) : 0;

  for (guint i = 0; i < G_N_ELEMENTS (codec_table); i++) {
    const BifSdpCodecInfo *info = &codec_table[i];

    if (strlen (info->name) == length
        && g_ascii_strncasecmp (info->name, rtpmap_name, length) == 0
        && (slash == NULL || info->clock_rate == clock))
      return info->api_name;
  }
  return NULL;
}

BifSdpCodec *
bif_sdp_codec_new (guint8 payload_type)
{
  BifSdpCodec *codec = g_new0 (BifSdpCodec, 1);

  codec->payload_type = payload_type;
  return codec;
}

BifSdpCodec *
bif_sdp_codec_copy (const BifSdpCodec * codec)
{
  BifSdpCodec *copy = g_memdup2 (codec, sizeof *codec);

  copy->name = g_strdup (codec->name);
  copy->fmtp = g_strdup (codec->fmtp);
  return copy;
}

void
bif_sdp_codec_free (BifSdpCodec * codec)
{
  if (codec == NULL)
    return;
  g_free (codec->name);
  g_free (codec->fmtp);
  g_free (codec);
}

gboolean
bif_sdp_codec_same (const BifSdpCodec * a, const BifSdpCodec * b)
{
  return g_ascii_strcasecmp (a->name, b->name) == 0
      && a->clock_rate == b->clock_rate
      && MAX (a->channels, 1) == MAX (b->channels, 1);
}

BifSdpExtmap *
bif_sdp_extmap_new (guint8 id, const char *uri, BifDirection direction)
{
  BifSdpExtmap *extmap = g_new0 (BifSdpExtmap, 1);

  extmap->id = id;
  extmap->uri = g_strdup (uri);
  extmap->direction = direction;
  return extmap;
}

static void
extmap_free (gpointer data)
{
  BifSdpExtmap *extmap = data;

  g_free (extmap->uri);
  g_free (extmap);
}

GPtrArray *
bif_sdp_extmaps_new (void)
{
  return g_ptr_array_new_with_free_func (extmap_free);
}

const BifSdpExtmap *
bif_sdp_extmaps_find (const GPtrArray * extmaps, const char *uri)
{
  for (guint i = 0; i < extmaps->len; i++) {
    const BifSdpExtmap *extmap = g_ptr_array_index (extmaps, i);

    if (strcmp (extmap->uri, uri) == 0)
      return extmap;
  }
  return NULL;
}

BifSdpMedia *
bif_sdp_media_new (guint index, BifMediaKind kind, const char *protocol)
{
  BifSdpMedia *media = g_new0 (BifSdpMedia, 1);

  media->index = index;
  media->kind = kind;
  media->protocol = g_strdup (protocol);
  media->direction = BIF_DIRECTION_SENDRECV;
  media->formats = g_ptr_array_new_with_free_func (g_free);
  media->codecs = g_ptr_array_new_with_free_func (
      (GDestroyNotify) bif_sdp_codec_free);
  media->extmaps = bif_sdp_extmaps_new ();
  media->ssrcs = g_array_new (FALSE, TRUE, sizeof (guint32));
  media->rtx_ssrcs = g_array_new (FALSE, TRUE, sizeof (guint32));
  media->rids = g_ptr_array_new_with_free_func (g_free);
  return media;
}

void
bif_sdp_media_free (BifSdpMedia * media)
{
  g_free (media->mid);
  g_free (media->protocol);
  g_free (media->msid_stream);
  g_free (media->msid_track);
  g_ptr_array_unref (media->formats);
  g_ptr_array_unref (media->codecs);
  g_ptr_array_unref (media->extmaps);
  g_array_unref (media->ssrcs);
  g_array_unref (media->rtx_ssrcs);
  g_ptr_array_unref (media->rids);
  g_free (media);
}

const BifSdpCodec *
bif_sdp_media_find_payload_type (const BifSdpMedia * media,
    guint8 payload_type)
{
  for (guint i = 0; i < media->codecs->len; i++) {
    const BifSdpCodec *codec = g_ptr_array_index (media->codecs, i);

    if (codec->payload_type == payload_type)
      return codec;
  }
  return NULL;
}

gboolean
bif_sdp_protocol_is_sctp (const char *protocol)
{
  return g_ascii_strcasecmp (protocol, "UDP/DTLS/SCTP") == 0
      || g_ascii_strcasecmp (protocol, "DTLS/SCTP") == 0;
}

const char *
bif_sdp_fmtp_value (const char *fmtp, const char *key, gsize * length)
{
  gsize key_length = strlen (key);

  while (fmtp != NULL && *fmtp != '\0') {
    fmtp += strspn (fmtp, "; ");
    if (g_ascii_strncasecmp (fmtp, key, key_length) == 0
        && fmtp[key_length] == '=') {
      *length = strcspn (fmtp + key_length + 1, "; ");
      return fmtp + key_length + 1;
    }
    fmtp = strchr (fmtp, ';');
  }
  return NULL;
}

static gboolean
fmtp_has (const char *fmtp, const char *key, const char *value)
{
  gsize length;
  const char *found = bif_sdp_fmtp_value (fmtp, key, &length);

  return found != NULL && length == strlen (value)
      && g_ascii_strncasecmp (found, value, length) == 0;
}

static gboolean
profile_fits (const BifSdpCodec * codec, const char *profile)
{
  if (g_ascii_strcasecmp (codec->name, "VP9") == 0) {
    gsize length;

    if (bif_sdp_fmtp_value (codec->fmtp, "profile-id", &length) == NULL)
      return strcmp (profile, "0") == 0;
    return fmtp_has (codec->fmtp, "profile-id", profile);
  }
  if (g_ascii_strcasecmp (codec->name, "H264") == 0)
    return !fmtp_has (codec->fmtp, "packetization-mode", "0")
        && fmtp_has (codec->fmtp, "profile-level-id", profile);
  return TRUE;
}

/**
 * bif_sdp_media_find_codec:
 * @name: in the API's words, such as "vp8"
 * @profile: (nullable): for VP9 and H.264
 *
 * Returns: (nullable) (transfer none): the first fitting one
 */
const BifSdpCodec *
bif_sdp_media_find_codec (const BifSdpMedia * media, const char *name,
    const char *profile)
{
  const BifSdpCodecInfo *info = bif_sdp_codec_lookup (name);

  if (info == NULL || info->kind != media->kind)
    return NULL;
  for (guint i = 0; i < media->codecs->len; i++) {
    const BifSdpCodec *codec = g_ptr_array_index (media->codecs, i);

    if (bif_sdp_codec_is (codec, info)
        && (profile == NULL || profile_fits (codec, profile)))
      return codec;
  }
  return NULL;
}
