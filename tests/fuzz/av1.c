/* av1: fuzzes dependency descriptors, the layer choice that goes by them, and
 * their rewriting: the input is a row of descriptors, each behind its size. */
#include "fuzz.h"
#include "packet/layered.h"

#include <string.h>

static void
rewrite_it (const BifFrame * frame, const BifDdStructure * structure,
    const guint8 * data, gsize size, const BifLayeredNumbers * out)
{
  guint8 written[255 + BIF_DD_MAX_GROWTH];
  BifDdStructure copy = *structure;
  BifDd again;
  gsize n = bif_dd_write (frame->dd, data, size, out->picture_id, out->mask,
      written);

  g_assert_cmpuint (n, <=, size + BIF_DD_MAX_GROWTH);
  g_assert_true (bif_dd_parse (&again, &copy, written, n));
  g_assert_cmpint (again.number, ==, out->picture_id);
  g_assert_cmphex (again.mask, ==, out->mask);
  g_assert_cmpmem (again.dti, again.n_targets, frame->dd->dti,
      frame->dd->n_targets);
}

static void
take (BifLayered * layered, BifFrameReader * reader, guint64 number,
    const guint8 * data, gsize size)
{
  BifRtpHeader header = { 0 };
  BifFrame frame;
  BifLayeredNumbers out;
  BifLayeredPacket packet = { .index = 0x10000 + number, .frame = &frame };

  header.ext[BIF_EXT_DEPENDENCY_DESCRIPTOR] = (BifExtValue) { data, size };
  bif_frame_read (reader, BIF_CODEC_AV1, &header, (const guint8 *) "\x10", 1,
      &frame);
  packet.timestamp = number / 2;
  layered->svc.target_spatial = number & 3;
  layered->svc.target_temporal = number >> 2 & 3;
  if (bif_layered_take (layered, &packet, 1 + number * 10000, &out)
      && frame.dd != NULL)
    rewrite_it (&frame, frame.structure, data, size, &out);
  bif_svc_waits (&layered->svc, 1 + number * 10000);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  BifRewrite rewrite = { .clock_rate = 90000 };
  BifFrameReader reader = { 0 };
  BifLayered layered;
  guint64 number = 0;

  bif_layered_init (&layered, &rewrite, 1);
  while (size > 1) {
    gsize n = MIN (data[0], size - 1);
    g_autofree guint8 *piece = g_memdup2 (data + 1, n);

    if (n > 0)
      take (&layered, &reader, number++, piece, n);
    data += 1 + n;
    size -= 1 + n;
  }
  g_free (reader.structure);
  return 0;
}
