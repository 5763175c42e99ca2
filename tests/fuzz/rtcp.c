/* rtcp: fuzzes the RTCP readers. */
#include "fuzz.h"
#include "packet/rtcp.h"

static void
count (guint16 sequence, gpointer user_data)
{
  (*(gsize *) user_data)++;
}

static void
read_all (const BifRtcpPacket * packet)
{
  BifReportBlock block;
  BifSenderInfo info;
  guint64 bitrate;
  gsize nacks = 0;
  guint32 ssrc;
  guint i;

  bif_rtcp_sender_info (packet, &info);
  bif_rtcp_sender_ssrc (packet);
  bif_rtcp_media_ssrc (packet);
  bif_rtcp_remb (packet, &bitrate);
  for (i = 0; bif_rtcp_report (packet, i, &block); i++);
  g_assert_cmpuint (i, <=, packet->count);
  for (i = 0; bif_rtcp_fir_ssrc (packet, i, &ssrc); i++);
  g_assert_cmpuint (i, <=, packet->size / 8);
  bif_rtcp_nack_foreach (packet, count, &nacks);
  g_assert_cmpuint (nacks, <=, packet->size / 4 * 17);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  BifRtcpPacket packet;
  gsize offset = 0, before = 0;

  while (bif_rtcp_next (data, size, &offset, &packet)) {
    g_assert_cmpuint (offset, >=, before + 4);
    g_assert_cmpuint (offset, <=, size);
    g_assert_true (packet.body + packet.size <= data + offset);
    read_all (&packet);
    before = offset;
  }
  return 0;
}
