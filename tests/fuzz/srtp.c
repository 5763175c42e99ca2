/* srtp: fuzzes unprotecting, with forged packets and with authentic ones of
 * any content. The first byte chooses profile and roll-over counter. */
#include "fuzz.h"
#include "packet/rtp.h"
#include "packet/srtp.h"

static BifSrtp *
make (BifSrtpProfile profile)
{
  guint8 key[64];
  guint i;

  for (i = 0; i < sizeof key; i++)
    key[i] = (guint8) (i + 1);
  return bif_srtp_new (profile, key, bif_srtp_key_size (profile));
}

/* As from the network. */
static void
forged (BifSrtp * srtp, const guint8 * data, gsize size)
{
  BifSrtpStream stream = { 0 };
  guint8 *copy = g_memdup2 (data, MAX (size, 1));
  BifRtpHeader header;
  gssize n;

  if (bif_rtp_parse (&header, copy, size, NULL)) {
    n = bif_srtp_unprotect (srtp, &stream, copy, size, header.header_size,
        copy + header.header_size);
    g_assert_cmpint (n, <=, (gssize) (size - header.header_size));
    g_assert_cmpint (stream.started, ==, n >= 0);
    memcpy (copy, data, size);
  }
  n = bif_srtcp_unprotect (srtp, copy, size);
  g_assert_cmpint (n, <=, (gssize) size);
  g_free (copy);
}

/* Comes back as it was, once. */
static void
authentic (BifSrtp * srtp, const guint8 * data, gsize size, guint32 roc)
{
  BifSrtpStream stream = { roc, 0, FALSE, {0, 0} };
  guint8 *copy = g_malloc (size + BIF_SRTCP_MAX_OVERHEAD);
  BifRtpHeader header;
  gsize n;

  memcpy (copy, data, size);
  if (bif_rtp_parse (&header, copy, size, NULL)) {
    guint8 *payload = copy + header.header_size;
    gsize whole = bif_srtp_protect (srtp, copy, header.header_size, payload,
        size - header.header_size, roc);

    g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, copy, whole,
            header.header_size, payload), ==, size - header.header_size);
    g_assert_cmpmem (copy, size, data, size);
    g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, copy, whole,
            header.header_size, payload), ==, BIF_SRTP_REPLAYED);
  }
  n = bif_srtcp_protect (srtp, copy, size);
  if (n > 0) {
    g_assert_cmpint (bif_srtcp_unprotect (srtp, copy, n), ==, size);
    g_assert_cmpmem (copy, size, data, size);
  }
  g_free (copy);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  BifSrtp *srtp;

  if (size < 2)
    return 0;
  srtp = make (data[0] & 3);
  forged (srtp, data + 1, size - 1);
  authentic (srtp, data + 1, size - 1, data[0] >> 2);
  bif_srtp_free (srtp);
  return 0;
}
