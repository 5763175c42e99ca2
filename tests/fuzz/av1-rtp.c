/* av1-rtp: fuzzes payloads of AV1, the temporal units they make, sequence
 * headers in those, and payloads of them again: the input is a row of payloads,
 * each behind its size. */
#include "fuzz.h"
#include "packet/av1-sequence.h"

#define ROOM 64

/* What was taken apart and put together is the same. */
static void
send_again (const GByteArray * unit)
{
  guint8 payload[ROOM];
  BifAv1Depay depay;
  BifAv1Pay pay;
  gsize n;

  bif_av1_pay_init (&pay);
  bif_av1_depay_init (&depay);
  if (bif_av1_pay_take (&pay, NULL, 0, unit->data, unit->len, FALSE)) {
    while ((n = bif_av1_pay_next (&pay, payload, ROOM)) > 0) {
      g_assert_cmpuint (n, <=, ROOM);
      g_assert_true (bif_av1_depay_take (&depay, payload, n));
    }
    g_assert_true (bif_av1_depay_is_whole (&depay));
    g_assert_cmpmem (depay.unit->data, depay.unit->len, unit->data,
        unit->len);
  }
  bif_av1_depay_clear (&depay);
  bif_av1_pay_clear (&pay);
}

static void
take (BifAv1Depay * depay, const guint8 * data, gsize size)
{
  BifAv1Look look;
  guint8 record[BIF_AV1_RECORD_SIZE];

  if (!bif_av1_depay_take (depay, data, size))
    bif_av1_depay_reset (depay);
  if (!bif_av1_depay_is_whole (depay))
    return;
  if (bif_av1_look (&look, depay->unit->data, depay->unit->len)
      && look.header != NULL)
    bif_av1_sequence_write_record (&look.sequence, record);
  send_again (depay->unit);
  bif_av1_depay_reset (depay);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  BifAv1Depay depay;
  BifAv1Look look;
  BifAv1Pay pay;

  bif_av1_depay_init (&depay);
  bif_av1_pay_init (&pay);
  /* As a file would have it, too. */
  bif_av1_look (&look, data, size);
  bif_av1_pay_take (&pay, NULL, 0, data, size, TRUE);
  while (size > 1) {
    gsize n = MIN (data[0], size - 1);
    g_autofree guint8 *piece = g_memdup2 (data + 1, n);

    take (&depay, piece, n);
    data += 1 + n;
    size -= 1 + n;
  }
  bif_av1_pay_clear (&pay);
  bif_av1_depay_clear (&depay);
  return 0;
}
