/* av1-sequence.h: what a sequence header of AV1 says (AV1 bitstream
 * specification, 5.5), as caps and files need it. Plain values; any thread. */
#pragma once

#include "packet/av1.h"

G_BEGIN_DECLS

/* Bytes of a configuration record before its sequence header. */
#define BIF_AV1_RECORD_SIZE 4

/**
 * BifAv1Sequence:
 * @reduced: of a still picture, whose frames have shorter headers
 * @level, @tier: of the first operating point, which has all layers
 * @width, @height: of the largest frames
 */
typedef struct
{
  guint profile, level, tier;
  gboolean reduced;
  guint width, height;
  guint bit_depth;
  gboolean monochrome;
  guint subsampling_x, subsampling_y;
  guint chroma_position;
} BifAv1Sequence;

/* @p: content of the unit. FALSE where it is broken. */
gboolean bif_av1_sequence_read (BifAv1Sequence * self, const guint8 * p,
    gsize size);
/* The fixed part of a configuration record ("av1C"). */
void bif_av1_sequence_write_record (const BifAv1Sequence * self,
    guint8 out[BIF_AV1_RECORD_SIZE]);

/**
 * BifAv1Look: what is in a temporal unit.
 * @header, @header_size: its sequence header, a unit with its size field; NULL:
 *     none
 * @keyframe: a decoder can start here
 */
typedef struct
{
  const guint8 *header;
  gsize header_size;
  BifAv1Sequence sequence;
  gboolean keyframe;
} BifAv1Look;

/* @unit: units with size fields. FALSE where one is broken. */
gboolean bif_av1_look (BifAv1Look * self, const guint8 * unit, gsize size);

G_END_DECLS
