/* pcap.c: reads captures. Lengths are what a file claims: nothing is read
 * before it is known to be there. */
#include "rec/pcap.h"

#include <glib/gi18n.h>
#include <string.h>

#define FILE_HEAD 24
#define RECORD_HEAD 16
#define MAGIC_US 0xa1b2c3d4
#define MAGIC_NS 0xa1b23c4d
/* Of pcapng: blocks, the mark of the byte order, an option. */
#define SECTION 0x0a0d0d0a
#define INTERFACE 1
#define SIMPLE_PACKET 3
#define PACKET 6
#define BLOCK_HEAD 8
#define BLOCK_TAIL 4
#define ORDER_MARK 0x1a2b3c4d
#define OPTION_TICKS 9
#define MICROSECONDS 1000000
#define NANOSECONDS 1000000000
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

static gboolean
is_known (guint link_type)
{
  return link_type == ETHERNET || link_type == COOKED || link_type == COOKED_2;
}

static void
add_interface (BifPcap * self, guint link_type, guint32 ticks)
{
  if (self->n_interfaces < BIF_PCAP_MAX_INTERFACES)
    self->interfaces[self->n_interfaces++] =
        (BifPcapInterface) { link_type, ticks };
}

static gboolean
open_classic (BifPcap * self)
{
  guint32 magic = get32 (self, 0);

  self->swapped = magic == GUINT32_SWAP_LE_BE (MAGIC_US)
      || magic == GUINT32_SWAP_LE_BE (MAGIC_NS);
  magic = get32 (self, 0);
  self->at = FILE_HEAD;
  add_interface (self, get32 (self, 20) & 0xffff, magic == MAGIC_NS ?
      NANOSECONDS : MICROSECONDS);
  return magic == MAGIC_US || magic == MAGIC_NS;
}

/* ---- pcapng ---- */

/* Ten to the power of what is said, or two. */
static guint32
read_ticks (guint8 value)
{
  guint32 ticks = 1;

  if (value & 0x80)
    return (value & 0x7f) < 31 ? 1u << (value & 0x7f) : MICROSECONDS;
  if (value > 9)
    return MICROSECONDS;
  while (value-- > 0)
    ticks *= 10;
  return ticks;
}

static guint
get16_of (const BifPcap * self, gsize at)
{
  guint16 value;

  memcpy (&value, self->data + at, sizeof value);
  return self->swapped ? GUINT16_SWAP_LE_BE (value) : value;
}

/* Options stand behind 16 bytes; each fills up to four. */
static void
read_interface (BifPcap * self, gsize size)
{
  gsize at = self->at + 16, end = self->at + size - BLOCK_TAIL;
  guint32 ticks = MICROSECONDS;
  guint length;

  for (; end >= at + 4; at += 4 + (length + 3) / 4 * 4) {
    length = get16_of (self, at + 2);
    if (get16_of (self, at) == 0 || length > end - at - 4)
      break;
    if (get16_of (self, at) == OPTION_TICKS && length == 1)
      ticks = read_ticks (self->data[at + 4]);
  }
  add_interface (self, get16_of (self, self->at + BLOCK_HEAD), ticks);
}

/* Returns the type of the block at the place, of @size bytes; 0: none is whole.
 * A section's says first in which order its bytes are. */
static guint32
read_block (BifPcap * self, gsize * size)
{
  gsize left = self->size - self->at;
  guint32 type, mark;

  if (left < BLOCK_HEAD + BLOCK_TAIL)
    return 0;
  type = get32 (self, self->at);
  if (type == SECTION) {
    mark = get32 (self, self->at + BLOCK_HEAD);
    if (mark == GUINT32_SWAP_LE_BE (ORDER_MARK))
      self->swapped = !self->swapped;
    else if (mark != ORDER_MARK)
      return 0;
    self->n_interfaces = 0;
  }
  *size = get32 (self, self->at + 4);
  if (*size < BLOCK_HEAD + BLOCK_TAIL || *size % 4 != 0 || *size > left)
    return 0;
  if (type == INTERFACE && *size >= 20)
    read_interface (self, *size);
  return type;
}

/* Up to the first packet, behind the interface it comes from. */
static void
open_next_gen (BifPcap * self)
{
  guint32 type;
  gsize size;

  self->next_gen = TRUE;
  while (self->n_interfaces == 0 && (type = read_block (self, &size)) != 0)
    self->at += size;
}

const char *
bif_pcap_open (BifPcap * self, const guint8 * data, gsize size)
{
  *self = (BifPcap) { .data = data, .size = size };
  if (size < FILE_HEAD)
    return N_("this is no capture file");
  if (get32 (self, 0) == SECTION)
    open_next_gen (self);
  else if (!open_classic (self))
    return N_("this is no capture file");
  if (self->n_interfaces == 0 || !is_known (self->interfaces[0].link_type))
    return N_("only captures of Ethernet and of Linux' \"any\" can be read");
  return NULL;
}

/* ---- packets ---- */

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
skip_link (guint link_type, Rest * rest)
{
  gsize head = link_type == ETHERNET ? 14 : link_type == COOKED ? 16 : 20;
  gsize type_at = link_type == COOKED_2 ? 0 : head - 2;
  guint type;

  if (rest->size < head || !is_known (link_type))
    return 0;
  type = get16 (rest->data + type_at);
  skip (rest, head);
  while (type == TYPE_VLAN && rest->size >= 4) {
    type = get16 (rest->data + 2);
    skip (rest, 4);
  }
  return type;
}

/* Returns the protocol, -1 where it is no IP that can be read; fragments hold
 * no whole packet. */
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
find_rtp (guint link_type, Rest rest, BifPcapPacket * packet)
{
  int protocol = skip_ip (&rest, skip_link (link_type, &rest));
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

/* What a file says of a packet; the rest of it is in @rest. */
typedef struct
{
  Rest rest;
  guint64 time;                 /* ticks */
  guint interface;
  gboolean whole;
} Record;

static gboolean
next_classic (BifPcap * self, Record * record)
{
  const BifPcapInterface *interface = &self->interfaces[0];
  gsize left = self->size - self->at;
  guint32 captured;

  if (left < RECORD_HEAD)
    return FALSE;
  captured = get32 (self, self->at + 8);
  if (left - RECORD_HEAD < captured)
    return FALSE;
  record->time = (guint64) get32 (self, self->at) * interface->ticks
      + get32 (self, self->at + 4);
  record->whole = captured == get32 (self, self->at + 12);
  record->rest = (Rest) { self->data + self->at + RECORD_HEAD, captured };
  self->at += RECORD_HEAD + (gsize) captured;
  return TRUE;
}

/* A packet's block, of @size bytes. */
static gboolean
read_packet (BifPcap * self, gsize size, Record * record)
{
  guint32 captured, length;

  if (size < 28 + BLOCK_TAIL)
    return FALSE;
  captured = get32 (self, self->at + 20);
  length = get32 (self, self->at + 24);
  record->interface = get32 (self, self->at + 8);
  record->time = (guint64) get32 (self, self->at + 12) << 32
      | get32 (self, self->at + 16);
  record->whole = captured == length && captured <= size - 28 - BLOCK_TAIL;
  record->rest = (Rest) { self->data + self->at + 28, captured };
  return TRUE;
}

/* It has no time, and is of the first interface. */
static gboolean
read_simple_packet (BifPcap * self, gsize size, Record * record)
{
  guint32 length;

  if (size < 12 + BLOCK_TAIL)
    return FALSE;
  length = get32 (self, self->at + 8);
  record->whole = length <= size - 12 - BLOCK_TAIL;
  record->rest = (Rest) { self->data + self->at + 12, length };
  return TRUE;
}

static gboolean
next_block (BifPcap * self, Record * record)
{
  gboolean found = FALSE;
  guint32 type;
  gsize size;

  while (!found && (type = read_block (self, &size)) != 0) {
    if (type == PACKET)
      found = read_packet (self, size, record);
    else if (type == SIMPLE_PACKET)
      found = read_simple_packet (self, size, record);
    self->at += size;
  }
  return found;
}

BifPcapKind
bif_pcap_next (BifPcap * self, BifPcapPacket * packet)
{
  const BifPcapInterface *interface;
  Record record = { .interface = 0 };

  *packet = (BifPcapPacket) { 0 };
  if (!(self->next_gen ? next_block (self, &record) :
          next_classic (self, &record)))
    return BIF_PCAP_END;
  self->count++;
  if (record.interface >= self->n_interfaces)
    return BIF_PCAP_NO_IP;
  interface = &self->interfaces[record.interface];
  packet->time_us = MIN (record.time / interface->ticks, G_MAXUINT32)
      * MICROSECONDS + record.time % interface->ticks * MICROSECONDS
      / interface->ticks;
  return record.whole ? find_rtp (interface->link_type, record.rest, packet) :
      BIF_PCAP_CUT;
}
