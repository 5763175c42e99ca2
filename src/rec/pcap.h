/* pcap.h: finds RTP in a capture file that is in memory (recording-tools.md 3).
 * Plain arithmetic; nothing is allocated. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIF_PCAP_END,                 /* of the file, or of what can be read */
  BIF_PCAP_RTP,
  BIF_PCAP_CUT,                 /* not all of the packet was captured */
  BIF_PCAP_NO_IP,
  BIF_PCAP_NO_UDP,
  BIF_PCAP_NO_RTP,
} BifPcapKind;

#define BIF_PCAP_MAX_INTERFACES 32

/* Where packets were captured. @ticks: a second has so many. */
typedef struct
{
  guint link_type;              /* Ethernet, Linux cooked 1 or 2, or another */
  guint32 ticks;
} BifPcapInterface;

/**
 * BifPcap: a capture file, classic or pcapng, read from its beginning to its
 * end.
 * @next_gen: it is pcapng
 * @swapped: it has the other byte order
 * @count: packets read so far
 */
typedef struct
{
  const guint8 *data;
  gsize size, at;
  gboolean next_gen, swapped;
  BifPcapInterface interfaces[BIF_PCAP_MAX_INTERFACES];
  guint n_interfaces;
  guint count;
} BifPcap;

/**
 * BifPcapPacket: @data: where it is RTP: the packet, in the file's memory.
 * @time_us: since 1970
 */
typedef struct
{
  gint64 time_us;
  const guint8 *data;
  guint16 size;
  guint32 ssrc;
} BifPcapPacket;

/* NULL, or why it cannot be read: not translated yet, see N_(). */
const char *bif_pcap_open (BifPcap * self, const guint8 * data, gsize size);
/* Fills @packet, its time whatever it is. */
BifPcapKind bif_pcap_next (BifPcap * self, BifPcapPacket * packet);

G_END_DECLS
