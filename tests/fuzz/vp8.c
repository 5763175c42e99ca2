/* vp8: fuzzes VP8 payload descriptors, and the layer choice and numbering that
 * goes by them: the input is a row of payloads of seven bytes. */
#include "fuzz.h"
#include "packet/keyframe.h"
#include "packet/layered.h"

#include <string.h>

#define PIECE 7

static void
take (BifLayered * layered, guint64 number, const guint8 * data, gsize size)
{
  BifVp8 vp8;
  BifLayeredNumbers out;
  BifLayeredPacket packet = { .index = 0x10000 + number };
  gboolean ok = bif_vp8_parse (&vp8, data, size);
  guint8 copy[PIECE];

  packet.layer.substream = data[0] & 3;
  packet.layer.keyframe = bif_payload_is_keyframe (BIF_CODEC_VP8, data, size);
  packet.layer.tid = -1;
  if (ok) {
    packet.layer.start = vp8.start;
    packet.layer.tid = vp8.tid;
    packet.layer.sync = vp8.sync;
    packet.vp8 = &vp8;
    g_assert (vp8.size < size);
  }
  if (bif_layered_take (layered, &packet, 1 + number * 10000, &out) && ok) {
    memcpy (copy, data, size);
    bif_vp8_patch (&vp8, copy, out.picture_id, out.tl0);
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
