/* rtcp: reads RTCP compounds. Runs on the I/O threads, on what SRTCP found
 * authentic, which a hostile peer can still have made. */
#include "packet/rtcp.h"

#include <string.h>
#include "packet/bytes.h"

#define HEADER 4
#define SENDER_INFO 20          /* behind the SSRC */
#define REPORT_BLOCK 24
#define FEEDBACK 8              /* sender and media SSRC */

/**
 * bif_rtcp_next:
 * @data: a compound
 * @size: bytes of it
 * @offset: (inout): 0 to start; behind the packet afterwards
 * @packet: (out): the packet at @offset
 *
 * Returns: %FALSE at the end, or at a packet that does not fit
 */
gboolean
bif_rtcp_next (const guint8 * data, gsize size, gsize * offset,
    BifRtcpPacket * packet)
{
  const guint8 *p;
  gsize length, padding;

  if (*offset > size || size - *offset < HEADER)
    return FALSE;

  p = data + *offset;
  length = 4 * (gsize) bif_get_be16 (p + 2);
  if (p[0] >> 6 != 2 || length > size - *offset - HEADER)
    return FALSE;

  /* No multiple of four at the end of transport-wide feedback. */
  padding = 0;
  if ((p[0] & 0x20) != 0) {
    padding = length > 0 ? p[HEADER + length - 1] : 0;
    if (padding == 0 || padding > length)
      return FALSE;
  }

  packet->type = p[1];
  packet->count = p[0] & 31;
  packet->body = p + HEADER;
  packet->size = length - padding;
  *offset += HEADER + length;
  return TRUE;
}

/**
 * bif_rtcp_sender_info:
 * @packet: a packet of a compound
 * @info: (out): what it says of its sender
 *
 * Returns: %FALSE where it is no sender report or too short
 */
gboolean
bif_rtcp_sender_info (const BifRtcpPacket * packet, BifSenderInfo * info)
{
  const guint8 *p = packet->body;

  if (packet->type != BIF_RTCP_SR || packet->size < 4 + SENDER_INFO)
    return FALSE;

  info->ssrc = bif_get_be32 (p);
  info->ntp = bif_get_be64 (p + 4);
  info->rtp = bif_get_be32 (p + 12);
  info->packets = bif_get_be32 (p + 16);
  info->octets = bif_get_be32 (p + 20);
  return TRUE;
}

/* 24 bits, signed. */
static gint32
read_lost (const guint8 * p)
{
  gint32 lost = p[0] << 16 | p[1] << 8 | p[2];

  return lost >= 0x800000 ? lost - 0x1000000 : lost;
}

/**
 * bif_rtcp_report:
 * @packet: a packet of a compound
 * @index: from 0
 * @block: (out): that report block
 *
 * Returns: %FALSE where there is no such block
 */
gboolean
bif_rtcp_report (const BifRtcpPacket * packet, guint index,
    BifReportBlock * block)
{
  gsize at = 4;
  const guint8 *p;

  if (packet->type == BIF_RTCP_SR)
    at += SENDER_INFO;
  else if (packet->type != BIF_RTCP_RR)
    return FALSE;
  if (index >= packet->count
      || packet->size < at + REPORT_BLOCK * ((gsize) index + 1))
    return FALSE;

  p = packet->body + at + REPORT_BLOCK * (gsize) index;
  block->ssrc = bif_get_be32 (p);
  block->fraction = p[4];
  block->lost = read_lost (p + 5);
  block->highest = bif_get_be32 (p + 8);
  block->jitter = bif_get_be32 (p + 12);
  block->lsr = bif_get_be32 (p + 16);
  block->dlsr = bif_get_be32 (p + 20);
  return TRUE;
}

/**
 * bif_rtcp_sender_ssrc:
 * @packet: a packet of a compound
 *
 * Returns: the SSRC that its body begins with, 0 where it has none
 */
guint32
bif_rtcp_sender_ssrc (const BifRtcpPacket * packet)
{
  return packet->size >= 4 ? bif_get_be32 (packet->body) : 0;
}

static gboolean
is_feedback (const BifRtcpPacket * packet, guint8 type, guint8 format)
{
  return packet->type == type && packet->count == format
      && packet->size >= FEEDBACK;
}

/**
 * bif_rtcp_media_ssrc:
 * @packet: a packet of a compound
 *
 * Returns: the SSRC that feedback is about, 0 where it is no feedback. FIR and
 *   REMB have it 0, and name their streams elsewhere.
 */
guint32
bif_rtcp_media_ssrc (const BifRtcpPacket * packet)
{
  if ((packet->type != BIF_RTCP_RTPFB && packet->type != BIF_RTCP_PSFB)
      || packet->size < FEEDBACK)
    return 0;
  return bif_get_be32 (packet->body + 4);
}

/**
 * bif_rtcp_nack_foreach:
 * @packet: a packet of a compound, anything but a NACK has no entries
 * @func: (scope call): called for each sequence number asked for, in order
 * @user_data: for @func
 */
void
bif_rtcp_nack_foreach (const BifRtcpPacket * packet, BifNackFunc func,
    gpointer user_data)
{
  gsize at;
  guint bit;

  if (!is_feedback (packet, BIF_RTCP_RTPFB, BIF_RTPFB_NACK))
    return;

  for (at = FEEDBACK; packet->size - at >= 4; at += 4) {
    guint16 base = bif_get_be16 (packet->body + at);
    guint16 more = bif_get_be16 (packet->body + at + 2);

    func (base, user_data);
    for (bit = 0; bit < 16; bit++) {
      if ((more >> bit & 1) != 0)
        func ((guint16) (base + 1 + bit), user_data);
    }
  }
}

/**
 * bif_rtcp_fir_ssrc:
 * @packet: a packet of a compound
 * @index: from 0
 * @ssrc: (out): whose keyframe that entry asks for
 *
 * Returns: %FALSE where there is no such entry
 */
gboolean
bif_rtcp_fir_ssrc (const BifRtcpPacket * packet, guint index, guint32 * ssrc)
{
  if (!is_feedback (packet, BIF_RTCP_PSFB, BIF_PSFB_FIR)
      || (packet->size - FEEDBACK) / 8 <= index)
    return FALSE;

  *ssrc = bif_get_be32 (packet->body + FEEDBACK + 8 * (gsize) index);
  return TRUE;
}

/**
 * bif_rtcp_bye_ssrc:
 * @packet: a packet of a compound
 * @index: from 0
 * @ssrc: (out): who leaves
 *
 * Returns: %FALSE where it is no BYE, or has no such entry
 */
gboolean
bif_rtcp_bye_ssrc (const BifRtcpPacket * packet, guint index, guint32 * ssrc)
{
  if (packet->type != BIF_RTCP_BYE || index >= packet->count
      || packet->size / 4 <= index)
    return FALSE;
  *ssrc = bif_get_be32 (packet->body + 4 * (gsize) index);
  return TRUE;
}

/**
 * bif_rtcp_remb:
 * @packet: a packet of a compound
 * @bitrate: (out): what the receiver can take, in bit/s
 *
 * Returns: %FALSE where it is no REMB, or one whose bitrate has over 64 bits
 */
gboolean
bif_rtcp_remb (const BifRtcpPacket * packet, guint64 * bitrate)
{
  const guint8 *p = packet->body + FEEDBACK;
  guint64 mantissa;
  guint exponent;

  if (!is_feedback (packet, BIF_RTCP_PSFB, BIF_PSFB_AFB)
      || packet->size < FEEDBACK + 8 || memcmp (p, "REMB", 4) != 0
      || packet->size < FEEDBACK + 8 + 4 * (gsize) p[4])
    return FALSE;

  exponent = p[5] >> 2;
  mantissa = (guint64) (p[5] & 3) << 16 | bif_get_be16 (p + 6);
  if (mantissa << exponent >> exponent != mantissa)
    return FALSE;

  *bitrate = mantissa << exponent;
  return TRUE;
}
