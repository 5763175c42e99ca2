/* rtp: fuzzes the RTP header reader, and writes what it read. The first two
 * bytes say which ids are negotiated. */
#include "fuzz.h"
#include "packet/rtp.h"

static void
check_values (const BifRtpHeader * header, const guint8 * data)
{
  guint ext;

  for (ext = 0; ext < BIF_EXT_COUNT; ext++) {
    const BifExtValue *value = &header->ext[ext];

    if (value->data != NULL)
      g_assert_true (value->data >= data + 12
          && value->data + value->size <= data + header->header_size);
  }
}

/* What was written is read back: as many extensions as fit. */
static void
check_write (const BifRtpHeader * header, const BifExtMap * map)
{
  guint8 out[BIF_RTP_MAX_HEADER];
  BifRtpHeader back;
  gsize size;
  guint ext;

  size = bif_rtp_write (out, header, map);
  g_assert_cmpuint (size, <=, sizeof out);
  g_assert_true (bif_rtp_parse (&back, out, size, map));
  g_assert_cmpuint (back.header_size, ==, size);
  g_assert_cmpuint (back.sequence, ==, header->sequence);
  g_assert_cmpuint (back.ssrc, ==, header->ssrc);
  for (ext = 0; ext < BIF_EXT_COUNT; ext++) {
    if (back.ext[ext].data != NULL)
      g_assert_cmpmem (back.ext[ext].data, back.ext[ext].size,
          header->ext[ext].data, header->ext[ext].size);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  BifExtMap map = { 0 };
  BifRtpHeader header;
  guint ext;

  if (size < 2)
    return 0;
  for (ext = 1; ext < BIF_EXT_COUNT; ext++)
    bif_ext_map_set (&map, ext, (guint8) (data[0] * ext + data[1]));
  data += 2;
  size -= 2;

  bif_rtp_is_rtcp (data, size);
  bif_rtp_padding (data, size);
  if (bif_rtp_parse (&header, data, size, &map)) {
    g_assert_cmpuint (header.header_size, <=, size);
    g_assert_cmpint (bif_rtp_padding (data + header.header_size,
            size - header.header_size), <=,
        (gssize) (size - header.header_size));
    check_values (&header, data);
    check_write (&header, &map);
  }
  return 0;
}
