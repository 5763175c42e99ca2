/* mjr-block.h: an .mjr file that is read a block at a time, from a pad whose peer
 * reads at any place. One thread. */
#pragma once

#include <gst/gst.h>
#include "packet/mjr.h"

G_BEGIN_DECLS

/**
 * BifMjrBlock: zero it, then set @sink (borrowed).
 */
typedef struct
{
  GstPad *sink;
  GstBuffer *buffer;            /* (nullable) */
  GstMapInfo map;
  guint64 offset;
} BifMjrBlock;

void bif_mjr_block_drop (BifMjrBlock * self);

/* @size: (inout): bytes at @offset, or fewer where the file ends; valid until the
 * next call. NULL where nothing can be read; @flow says why. */
const guint8 *bif_mjr_block_look_at (BifMjrBlock * self, guint64 offset,
    gsize * size, GstFlowReturn * flow);

/* The piece at @offset with its whole content in @content; END where the file
 * is cut off. */
BifMjrPiece bif_mjr_block_read (BifMjrBlock * self, guint64 offset,
    int version, const guint8 ** content, GstFlowReturn * flow);

G_END_DECLS
