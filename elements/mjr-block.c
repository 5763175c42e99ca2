/* mjr-block.c: reads an .mjr file a block at a time. */
#include "mjr-block.h"

#define BLOCK_SIZE (64 * 1024)

void
bif_mjr_block_drop (BifMjrBlock * self)
{
  if (self->buffer == NULL)
    return;
  gst_buffer_unmap (self->buffer, &self->map);
  gst_clear_buffer (&self->buffer);
}

const guint8 *
bif_mjr_block_look_at (BifMjrBlock * self, guint64 offset, gsize * size,
    GstFlowReturn * flow)
{
  if (self->buffer == NULL || offset < self->offset
      || offset + *size > self->offset + self->map.size) {
    bif_mjr_block_drop (self);
    *flow = gst_pad_pull_range (self->sink, offset, MAX (*size, BLOCK_SIZE),
        &self->buffer);
    if (*flow != GST_FLOW_OK)
      return NULL;
    if (!gst_buffer_map (self->buffer, &self->map, GST_MAP_READ)) {
      gst_clear_buffer (&self->buffer);
      *flow = GST_FLOW_ERROR;
      return NULL;
    }
    self->offset = offset;
  }
  *flow = GST_FLOW_OK;
  *size = MIN (*size, self->offset + self->map.size - offset);
  return self->map.data + (offset - self->offset);
}

BifMjrPiece
bif_mjr_block_read (BifMjrBlock * self, guint64 offset, int version,
    const guint8 ** content, GstFlowReturn * flow)
{
  gsize size = BIF_MJR_LONGEST_HEAD;
  const guint8 *data = bif_mjr_block_look_at (self, offset, &size, flow);
  BifMjrPiece piece = { BIF_MJR_END, version };

  if (*flow == GST_FLOW_EOS)
    *flow = GST_FLOW_OK;
  if (data == NULL)
    return piece;
  piece = bif_mjr_read (data, size, version);
  if (piece.kind == BIF_MJR_END)
    return piece;
  size = piece.head + piece.size;
  data = bif_mjr_block_look_at (self, offset, &size, flow);
  if (data == NULL || size < piece.head + piece.size)
    piece.kind = BIF_MJR_END;
  else
    *content = data + piece.head;
  return piece;
}
