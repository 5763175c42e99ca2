/* vp8: fuzzes VP8 payload descriptors, and the layer choice and numbering that
 * goes by them: the input is a row of payloads of seven bytes. */
#include "fuzz.h"
#include "packet/layered.h"

#include <string.h>

#define PIECE 7

static void
take (BifLayered * layered, guint64 number, const guint8 * data, gsize size)
{
  BifFrameReader reader = { 0 };
  BifFrame frame;
  BifLayeredNumbers out;
  BifLayeredPacket packet = { .index = 0x10000 + number };
  guint8 copy[PIECE];

  bif_frame_read (&reader, BIF_CODEC_VP8, NULL, data, size, &frame);
  packet.layer.substream = data[0] & 3;
  packet.layer.keyframe = frame.keyframe;
  packet.layer.start = frame.start;
  packet.layer.tid = frame.tid;
  packet.layer.sync = frame.sync;
  packet.frame = &frame;
  if (bif_layered_take (layered, &packet, 1 + number * 10000, &out)) {
    memcpy (copy, data, size);
    bif_picture_patch (&frame.picture, copy, out.picture_id, out.tl0);
  }
  g_assert (layered->layers.substream < 3);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  BifRewrite rewrite = { .clock_rate = 90000 };
  BifLayered layered;

  bif_layered_init (&layered, &rewrite, 3);
  for (gsize at = 0; at < size; at += PIECE) {
    g_autofree guint8 *piece = g_memdup2 (data + at, MIN (PIECE, size - at));

    take (&layered, at / PIECE, piece, MIN (PIECE, size - at));
  }
  return 0;
}
