/* pcap: fuzzes what finds RTP in captures: the input is a file. Packets must be
 * whole and within it, and reading must end. */
#include "fuzz.h"
#include "rec/pcap.h"

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  BifPcapPacket packet;
  BifPcapKind kind;
  BifPcap pcap;
  guint sum = 0;

  if (bif_pcap_open (&pcap, data, size) != NULL)
    return 0;
  while ((kind = bif_pcap_next (&pcap, &packet)) != BIF_PCAP_END) {
    g_assert_cmpuint (pcap.at, <=, size);
    g_assert_cmpint (packet.time_us, >=, 0);
    if (kind != BIF_PCAP_RTP)
      continue;
    g_assert_true (packet.data >= data && packet.size >= 12
        && packet.data + packet.size <= data + pcap.at);
    for (guint i = 0; i < packet.size; i++)
      sum += packet.data[i];
  }
  g_assert_cmpuint (pcap.count, <=, size / 16);
  return sum == G_MAXUINT ? -1 : 0;
}
