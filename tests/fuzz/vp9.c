/* vp9: fuzzes VP9 payload descriptors, and the layer choice and numbering that
 * goes by them: the input is a row of payloads of eleven bytes. */
#include "fuzz.h"
#include "packet/layered.h"

#include <string.h>

#define PIECE 11

static void
take (BifLayered * layered, guint64 number, const guint8 * data, gsize size)
{
  BifFrameReader reader = { 0 };
  BifFrame frame;
  BifLayeredNumbers out;
  BifLayeredPacket packet = { .index = 0x10000 + number, .frame = &frame };
  guint8 copy[PIECE];

  bif_frame_read (&reader, BIF_CODEC_VP9, NULL, data, size, &frame);
  packet.timestamp = number / 2;
  layered->svc.target_spatial = data[size - 1] & 3;
  layered->svc.target_temporal = data[size - 1] >> 2 & 3;
  if (bif_layered_take (layered, &packet, 1 + number * 10000, &out)) {
    memcpy (copy, data, size);
    bif_picture_patch (&frame.picture, copy, out.picture_id, out.tl0);
    g_assert_true (bif_layered_again (layered, &packet, &out));
  }
  bif_svc_waits (&layered->svc, 1 + number * 10000);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  BifRewrite rewrite = { .clock_rate = 90000 };
  BifLayered layered;

  bif_layered_init (&layered, &rewrite, 1);
  for (gsize at = 0; at < size; at += PIECE) {
    g_autofree guint8 *piece = g_memdup2 (data + at, MIN (PIECE, size - at));

    take (&layered, at / PIECE, piece, MIN (PIECE, size - at));
  }
  return 0;
}
