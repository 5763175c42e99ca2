/* vp9.h: the VP9 payload descriptor (RFC 9628, 4.2): what layers a packet is
 * of, what its picture was predicted from, and its numbers. */
#pragma once

#include "packet/picture.h"

G_BEGIN_DECLS

#define BIF_VP9_MAX_REFERENCES 3

/**
 * BifVp9: a descriptor.
 * @start, @end: first and last packet of a layer's frame (B, E)
 * @inter: predicted from earlier pictures (P)
 * @sid, @tid: layers; -1 where the packet does not say
 * @up: higher temporal layers may begin behind this picture (U)
 * @inter_layer: predicted from the spatial layer below (D)
 * @reference: how many pictures ago those were it is predicted from, in
 *   flexible mode
 * @n_spatial: spatial layers that the scalability structure tells of; 0: none
 *   in this packet
 * @keyframe: first packet of a picture that a decoder can start at
 */
typedef struct
{
  gsize size;
  gboolean start, end, inter, flexible;
  int sid, tid;
  gboolean up, inter_layer;
  guint8 reference[BIF_VP9_MAX_REFERENCES];
  guint n_references;
  guint n_spatial;
  gboolean keyframe;
  BifPicture picture;
} BifVp9;

/* FALSE where the descriptor points outside the payload. */
gboolean bif_vp9_parse (BifVp9 * self, const guint8 * payload, gsize size);

G_END_DECLS
