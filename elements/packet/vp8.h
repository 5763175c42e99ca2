/* vp8.h: the VP8 payload descriptor (RFC 7741, 4.2): what layer a packet is of,
 * and the picture numbers that a subscriber must see without gaps. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BifVp8: a descriptor.
 * @start: first packet of a picture
 * @picture_id_at, @tl0_at: where the values are in the payload; 0: absent
 * @wide: the PictureID has 15 bits, else 7
 * @tid: temporal layer; -1 where the packet does not say
 * @sync: may be decoded with no more than the base layer's pictures (Y)
 */
typedef struct
{
  gsize size;
  gboolean start;
  gboolean keyframe;
  gsize picture_id_at, tl0_at;
  gboolean wide;
  guint16 picture_id;
  guint8 tl0;
  int tid;
  gboolean sync;
} BifVp8;

/* FALSE where the descriptor points outside the payload. */
gboolean bif_vp8_parse (BifVp8 * self, const guint8 * payload, gsize size);

/* Puts other numbers into @payload, which @self was read from, or a copy of
 * it; a field that is absent stays so. */
void bif_vp8_patch (const BifVp8 * self, guint8 * payload,
    guint16 picture_id, guint8 tl0);

G_END_DECLS
