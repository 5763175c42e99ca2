/* keyframe.h: does an RTP payload begin a frame that a decoder can start at?
 * (RFC 7741, 9628, 6184, 7798, AV1 RTP specification) */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIF_CODEC_OTHER,              /* audio, or a codec we cannot look into */
  BIF_CODEC_VP8,
  BIF_CODEC_VP9,
  BIF_CODEC_H264,
  BIF_CODEC_H265,
  BIF_CODEC_AV1,
} BifCodec;

/* From an encoding-name ("VP8", "H264", ...), without regard to case. */
BifCodec bif_codec_from_name (const char *name);

/* TRUE for the first packet of a keyframe; always TRUE for OTHER. */
gboolean bif_payload_is_keyframe (BifCodec codec, const guint8 * payload,
    gsize size);

G_END_DECLS
