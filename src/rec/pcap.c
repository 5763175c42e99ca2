/* pcap.c: reads captures. Lengths are what a file claims: nothing is read before
 * it is known to be there. */
#include "rec/pcap.h"

#include <glib/gi18n.h>
#include <string.h>

#define FILE_HEAD 24
#define RECORD_HEAD 16
#define MAGIC_US 0xa1b2c3d4
#define MAGIC_NS 0xa1b23c4d
/* Link types. */
#define ETHERNET 1
#define COOKED 113
#define COOKED_2 276
#define TYPE_IPV4 0x0800
#define TYPE_IPV6 0x86dd
#define TYPE_VLAN 0x8100
#define IPV4_HEAD 20
#define IPV6_HEAD 40
#define PROTOCOL_UDP 17
#define UDP_HEAD 8
#define RTP_HEAD 12

/* What is left of a packet. */
typedef struct
{
  const guint8 *data;
  gsize size;
} Rest;

static guint
get16 (const guint8 * data)
{
  return data[0] << 8 | data[1];
}

static guint32
get32 (const BifPcap * self, gsize at)
{
  guint32 value;

  memcpy (&value, self->data + at, sizeof value);
  return self->swapped ? GUINT32_SWAP_LE_BE (value) : value;
}

const char *
bif_pcap_open (BifPcap * self, const guint8 * data, gsize size)
{
  guint32 magic;

  *self = (BifPcap) { .data = data, .size = size, .at = FILE_HEAD };
  if (size < FILE_HEAD)
    return N_("this is no capture file");
  magic = get32 (self, 0);
  self->swapped = magic == GUINT32_SWAP_LE_BE (MAGIC_US)
      || magic == GUINT32_SWAP_LE_BE (MAGIC_NS);
  magic = get32 (self, 0);
  self->nanoseconds = magic == MAGIC_NS;
  if (magic != MAGIC_US && magic != MAGIC_NS)
    return N_("this is no capture file");
  self->link_type = get32 (self, 20) & 0xffff;
  if (self->link_type != ETHERNET && self->link_type != COOKED
      && self->link_type != COOKED_2)
    return N_("only captures of Ethernet and of Linux' \"any\" can be read");
  return NULL;
}

static gboolean
skip (Rest * rest, gsize size)
{
  if (rest->size < size)
    return FALSE;
  rest->data += size;
  rest->size -= size;
  return TRUE;
}

/* Returns the EtherType; 0: there is none. */
static guint
skip_link (const BifPcap * self, Rest * rest)
{
  gsize head = self->link_type == ETHERNET ? 14 :
      self->link_type == COOKED ? 16 : 20;
  gsize type_at = self->link_type == COOKED_2 ? 0 : head - 2;
  guint type;

  if (rest->size < head)
    return 0;
  type = get16 (rest->data + type_at);
  skip (rest, head);
  while (type == TYPE_VLAN && rest->size >= 4) {
    type = get16 (rest->data + 2);
    skip (rest, 4);
  }
  return type;
}

/* Returns the protocol, -1 where it is no IP that can be read; fragments hold no
 * whole packet. */
static int
skip_ip (Rest * rest, guint type)
{
  const guint8 *data = rest->data;
  gsize head;

  if (type == TYPE_IPV6)
    return rest->size >= IPV6_HEAD && data[0] >> 4 == 6
        && skip (rest, IPV6_HEAD) ? data[6] : -1;
  if (type != TYPE_IPV4 || rest->size < IPV4_HEAD || data[0] >> 4 != 4)
    return -1;
  head = (data[0] & 15) * 4;
  if (head < IPV4_HEAD || (get16 (data + 6) & 0x3fff) != 0
      || !skip (rest, head))
    return -1;
  return data[9];
}

/* What stands behind it is the link's padding. */
static gboolean
skip_udp (Rest * rest)
{
  guint size;

  if (rest->size < UDP_HEAD)
    return FALSE;
  size = get16 (rest->data + 4);
  if (size < UDP_HEAD)
    return FALSE;
  rest->size = MIN (rest->size, size);
  return skip (rest, UDP_HEAD);
}

static BifPcapKind
find_rtp (const BifPcap * self, Rest rest, BifPcapPacket * packet)
{
  int protocol = skip_ip (&rest, skip_link (self, &rest));
  guint payload_type;

  if (protocol < 0)
    return BIF_PCAP_NO_IP;
  if (protocol != PROTOCOL_UDP || !skip_udp (&rest))
    return BIF_PCAP_NO_UDP;
  if (rest.size < RTP_HEAD || rest.data[0] >> 6 != 2)
    return BIF_PCAP_NO_RTP;
  payload_type = rest.data[1] & 0x7f;
  if (payload_type >= 64 && payload_type < 96)
    return BIF_PCAP_NO_RTP;
  packet->data = rest.data;
  packet->size = MIN (rest.size, G_MAXUINT16);
  packet->ssrc = (guint32) get16 (rest.data + 8) << 16
      | get16 (rest.data + 10);
  return BIF_PCAP_RTP;
}

BifPcapKind
bif_pcap_next (BifPcap * self, BifPcapPacket * packet)
{
  gsize left = self->size - self->at;
  guint32 captured, length, fraction;
  Rest rest;

  if (left < RECORD_HEAD)
    return BIF_PCAP_END;
  fraction = get32 (self, self->at + 4);
  captured = get32 (self, self->at + 8);
  length = get32 (self, self->at + 12);
  *packet = (BifPcapPacket) {
    .time_us = (gint64) get32 (self, self->at) * G_USEC_PER_SEC
        + (self->nanoseconds ? fraction / 1000 : fraction)
  };
  if (left - RECORD_HEAD < captured)
    return BIF_PCAP_END;
  rest.data = self->data + self->at + RECORD_HEAD;
  rest.size = captured;
  self->at += RECORD_HEAD + (gsize) captured;
  self->count++;
  return captured != length ? BIF_PCAP_CUT : find_rtp (self, rest, packet);
}
