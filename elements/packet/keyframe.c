/* keyframe.c: payload descriptors, just deep enough to see a keyframe. */
#include "packet/keyframe.h"

BifCodec
bif_codec_from_name (const char *name)
{
  static const char *const names[] =
      { NULL, "VP8", "VP9", "H264", "H265", "AV1" };

  for (guint i = 1; name != NULL && i < G_N_ELEMENTS (names); i++) {
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      return (BifCodec) i;
  }
  return BIF_CODEC_OTHER;
}

static gboolean
vp8_is_keyframe (const guint8 * p, gsize size)
{
  gsize at = 1;

  if (size < 2 || !(p[0] & 0x10) || (p[0] & 0x07))
    return FALSE;               /* not the start of the first partition */
  if (p[0] & 0x80) {
    guint8 x = p[1];

    at = 2;
    if (x & 0x80) {
      if (at >= size)
        return FALSE;
      at += (p[at] & 0x80) ? 2 : 1;
    }
    at += (x & 0x40) ? 1 : 0;
    at += (x & 0x30) ? 1 : 0;
  }
  return at < size && !(p[at] & 0x01);
}

/* I set or not, P clear, B set; the base spatial layer (or none said). */
static gboolean
vp9_is_keyframe (const guint8 * p, gsize size)
{
  gsize at = 1;

  if (size < 1 || (p[0] & 0x40) || !(p[0] & 0x08))
    return FALSE;
  if (p[0] & 0x80) {
    if (at >= size)
      return FALSE;
    at += (p[at] & 0x80) ? 2 : 1;
  }
  if (p[0] & 0x20)
    return at < size && ((p[at] >> 1) & 0x07) == 0;
  return TRUE;
}

/* VPS or SPS, which go before the picture, or the picture itself: an encoder
 * may send each in a packet of its own. */
static gboolean
h265_type_starts (guint8 type)
{
  return (type >= 16 && type <= 21) || type == 32 || type == 33;
}

/* Walks NAL units with 16-bit sizes (STAP-A, AP) for one of @wanted. */
static gboolean
aggregate_has (const guint8 * p, gsize size, gsize at, gboolean h265)
{
  while (at + 2 < size) {
    gsize nal = p[at] << 8 | p[at + 1];
    guint8 type;

    at += 2;
    if (nal == 0 || at + nal > size)
      return FALSE;
    type = h265 ? (p[at] >> 1) & 0x3f : p[at] & 0x1f;
    if (h265 ? h265_type_starts (type) : type == 7)
      return TRUE;
    at += nal;
  }
  return FALSE;
}

static gboolean
h264_is_keyframe (const guint8 * p, gsize size)
{
  guint8 type = size > 0 ? p[0] & 0x1f : 0;

  if (type == 7)                /* SPS */
    return TRUE;
  if (type == 24)               /* STAP-A */
    return aggregate_has (p, size, 1, FALSE);
  if (type == 28 || type == 29) /* FU: an SPS in fragments */
    return size > 1 && (p[1] & 0x80) && (p[1] & 0x1f) == 7;
  return FALSE;
}

static gboolean
h265_is_keyframe (const guint8 * p, gsize size)
{
  guint8 type = size > 1 ? (p[0] >> 1) & 0x3f : 0;

  if (size < 3)
    return FALSE;
  if (type == 48)
    return aggregate_has (p, size, 2, TRUE);
  if (type == 49) {
    type = p[2] & 0x3f;
    return (p[2] & 0x80) && type >= 16 && type <= 21;
  }
  return h265_type_starts (type);
}

gboolean
bif_payload_is_keyframe (BifCodec codec, const guint8 * payload, gsize size)
{
  switch (codec) {
    case BIF_CODEC_VP8:
      return vp8_is_keyframe (payload, size);
    case BIF_CODEC_VP9:
      return vp9_is_keyframe (payload, size);
    case BIF_CODEC_H264:
      return h264_is_keyframe (payload, size);
    case BIF_CODEC_H265:
      return h265_is_keyframe (payload, size);
    case BIF_CODEC_AV1:        /* N: first packet of a coded video sequence */
      return size > 0 && (payload[0] & 0x08);
    default:
      return TRUE;
  }
}
