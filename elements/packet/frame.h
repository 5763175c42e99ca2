/* frame.h: what an RTP packet says of the frame it is of, whatever its codec:
 * read once, when it comes in, for all who choose layers by it. */
#pragma once

#include "packet/dependency.h"
#include "packet/keyframe.h"
#include "packet/picture.h"
#include "packet/rtp.h"

G_BEGIN_DECLS

/**
 * BifFrame:
 * @known: there was something to read; else all of it is zero but the layers
 * @keyframe: first packet of a picture that a decoder can start at
 * @start, @end: first and last packet of the frame
 * @sid, @tid: spatial and temporal layer; -1 where it does not say
 * @sync: decoding may begin with its temporal layer here, or behind it
 * @inter: predicted from earlier pictures
 * @reference: how many pictures ago those were; @n_references 0: not told
 * @n_spatial: layers there are; 0: not told here
 * @dd: (nullable): its dependency descriptor, @structure: that it goes by
 */
typedef struct
{
  gboolean known;
  gboolean keyframe, start, end;
  int sid, tid;
  gboolean sync, inter;
  guint8 reference[3];
  guint n_references;
  guint n_spatial;
  BifPicture picture;
  const BifDd *dd;
  const BifDdStructure *structure;
} BifFrame;

/**
 * BifFrameReader: zeros to begin with; of one stream.
 * @structure: made when the first comes; to be freed with g_free()
 */
typedef struct
{
  BifDdStructure *structure;
  BifDd dd;
} BifFrameReader;

/* @frame points into @self, up to the next call, and says of what is left of
 * @payload behind its RTP header. */
void bif_frame_read (BifFrameReader * self, BifCodec codec,
    const BifRtpHeader * header, const guint8 * payload, gsize size,
    BifFrame * frame);

G_END_DECLS
