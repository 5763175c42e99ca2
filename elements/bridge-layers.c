/* bridge-layers.c: layer choice and header numbers of what a bridge hands on.
 * The thread that brings packets. */
#include "bridge-layers.h"
#include "packet/bytes.h"

void
bif_bridge_layers_init (BifBridgeLayers * self, guint n, guint clock_rate)
{
  *self = (BifBridgeLayers) { .rewrite.clock_rate = clock_rate };
  bif_layered_init (&self->layered, &self->rewrite, n);
  self->layered.layers.target_substream = n - 1;
  self->layered.layers.target_temporal = BIF_MAX_TEMPORAL - 1;
}

static GstBuffer *
copy (BifBridgeLayers * self, const BifPacket * packet,
    const BifLayeredNumbers * out)
{
  gsize header_size = packet->header.header_size;
  gsize size = out->empty ? header_size : packet->size;
  guint8 *data = g_memdup2 (packet->data, size);

  if (self->ssrc == 0)
    self->ssrc = packet->header.ssrc;
  if (out->empty)
    data[0] &= ~0x20;
  if (out->ends)
    data[1] |= 0x80;
  bif_put_be16 (data + 2, (guint16) out->index);
  bif_put_be32 (data + 4, out->timestamp);
  bif_put_be32 (data + 8, self->ssrc);
  if (packet->frame != NULL && size > header_size)
    bif_picture_patch (&packet->frame->picture, data + header_size,
        out->picture_id, out->tl0);
  return gst_buffer_new_wrapped (data, size);
}

GstBuffer *
bif_bridge_layers_take (BifBridgeLayers * self, const BifPacket * packet,
    guint substream, guint64 * index)
{
  static const BifFrame none = { .sid = -1, .tid = -1 };
  const BifFrame *frame = packet->frame != NULL ? packet->frame : &none;
  const BifLayeredPacket in = {
    .index = packet->index,
    .timestamp = packet->header.timestamp,
    .layer = { substream, packet->keyframe, frame->start, frame->tid,
        frame->sync },
    .frame = frame,
  };
  BifLayeredNumbers out;

  if (!bif_layered_take (&self->layered, &in, packet->arrival_us, &out))
    return NULL;
  *index = out.index;
  return copy (self, packet, &out);
}

int
bif_bridge_layers_waits (const BifBridgeLayers * self, gint64 now_us)
{
  const BifLayers *layers = &self->layered.layers;
  int wanted = bif_layers_wanted (layers, now_us);

  return wanted != layers->substream ? wanted : -1;
}
