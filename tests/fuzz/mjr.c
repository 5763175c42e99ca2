/* mjr: fuzzes the framing of .mjr files and the index of their frames: the
 * input is a file. The index must be in order, once each, within the file. */
#include "fuzz.h"
#include "packet/mjr-timing.h"
#include "packet/mjr.h"

typedef void (*Add) (BifMjrIndex * index, const guint8 * content, guint16 size,
    guint64 offset, guint32 ms);

static void
check (BifMjrIndex * index, const guint8 * data, gsize size)
{
  guint n = bif_mjr_index_length (index);
  gint64 sum = 0;

  for (guint i = 0; i < n; i++) {
    const BifMjrEntry *entry = bif_mjr_index_get (index, i);
    guint at = bif_mjr_index_find (index, entry->timestamp);

    g_assert_cmpuint (entry->offset + entry->size, <=, size);
    g_assert_cmpuint (at, <, n);
    g_assert_true (at == 0 || bif_mjr_index_get (index, at)->timestamp
        <= entry->timestamp);
    for (guint j = 0; j < entry->size; j++)
      sum += data[entry->offset + j];
    if (i == 0)
      continue;
    g_assert_cmpint (entry[-1].timestamp, <=, entry->timestamp);
    g_assert_true (entry[-1].timestamp < entry->timestamp
        || entry[-1].sequence < entry->sequence);
  }
  g_assert_cmpint (sum, >=, 0);
}

static void
check_order (BifMjrIndex * index)
{
  for (guint i = 1; i < bif_mjr_index_length (index); i++)
    g_assert_cmpint (bif_mjr_index_get (index, i - 1)->timestamp, <=,
        bif_mjr_index_get (index, i)->timestamp);
}

/* Whatever is moved, the order stays, and the first frame. */
static void
check_timing (BifMjrIndex * index)
{
  const BifMjrTiming timing = { .skew_ms = 40, .restamp = 1500,
    .restamp_packets = 3, .restamp_min_ms = 100
  };
  guint n = bif_mjr_index_length (index);

  bif_mjr_timing_restamp (&timing, bif_mjr_index_edit (index), n, 48000);
  check_order (index);
  bif_mjr_index_truncate (index, bif_mjr_timing_deskew (&timing,
          bif_mjr_index_edit (index), n, 48000));
  check_order (index);
  g_assert_true (n == 0 || bif_mjr_index_length (index) > 0);
}

static void
index_with (Add add, BifCodec codec, const guint8 * data, gsize size)
{
  g_autoptr (BifMjrIndex) index = bif_mjr_index_new (codec, -1);
  int version = BIF_MJR_UNKNOWN;
  gsize at = 0;

  if (codec == BIF_CODEC_H264)
    bif_mjr_index_drop_silence (index, 20, 160);
  for (;;) {
    BifMjrPiece piece = bif_mjr_read (data + at, size - at, version);

    if (piece.kind == BIF_MJR_END
        || size - at < (gsize) piece.head + piece.size)
      break;
    g_assert_cmpuint (piece.head, >, 0);
    version = piece.version;
    if (piece.kind == BIF_MJR_FRAME)
      add (index, data + at + piece.head, piece.size, at + piece.head,
          piece.ms);
    at += piece.head + piece.size;
  }
  bif_mjr_index_finish (index);
  check (index, data, size);
  if (codec == BIF_CODEC_H264)
    check_timing (index);
  bif_mjr_index_time_by_arrival (index);
  check_order (index);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  index_with (bif_mjr_index_add_rtp, BIF_CODEC_VP8, data, size);
  index_with (bif_mjr_index_add_rtp, BIF_CODEC_H264, data, size);
  index_with (bif_mjr_index_add_data, BIF_CODEC_OTHER, data, size);
  index_with (bif_mjr_index_add_raw, BIF_CODEC_OTHER, data, size);
  return 0;
}
