/* vp8.h: the VP8 payload descriptor (RFC 7741, 4.2): what layer a packet is of,
 * and the picture numbers that a subscriber must see without gaps. */
#pragma once

#include "packet/picture.h"

G_BEGIN_DECLS

/**
 * BifVp8: a descriptor.
 * @start: first packet of a picture
 * @tid: temporal layer; -1 where the packet does not say
 * @sync: may be decoded with no more than the base layer's pictures (Y)
 */
typedef struct
{
  gsize size;
  gboolean start;
  gboolean keyframe;
  BifPicture picture;
  int tid;
  gboolean sync;
} BifVp8;

/* FALSE where the descriptor points outside the payload. */
gboolean bif_vp8_parse (BifVp8 * self, const guint8 * payload, gsize size);

G_END_DECLS
