/* rtcp-write: writes RTCP packets one behind the other into the caller's
 * bytes. Runs on the I/O threads. */
#include "packet/rtcp.h"

#include <string.h>
#include "packet/bytes.h"

#define HEADER 4
#define SENDER_INFO 20
#define REPORT_BLOCK 24
#define FEEDBACK 8
#define MAX_SIZE (4 * (G_MAXUINT16 + 1))
#define SDES_CNAME 1

/* Writes the header of a packet of @size bytes, header included, all multiples
 * of four. Returns where its body begins, NULL where it does not fit. */
static guint8 *
begin (guint8 * out, gsize room, BifRtcpType type, guint count, gsize size)
{
  if (size > room || size > MAX_SIZE || count > 31)
    return NULL;

  out[0] = (guint8) (0x80 | count);
  out[1] = type;
  bif_put_be16 (out + 2, (guint16) (size / 4 - 1));
  return out + HEADER;
}

/* The same with the two SSRCs of feedback; returns what is behind them. */
static guint8 *
begin_feedback (guint8 * out, gsize room, BifRtcpType type, guint format,
    gsize size, guint32 sender, guint32 media)
{
  guint8 *p = begin (out, room, type, format, size);

  if (p == NULL)
    return NULL;
  bif_put_be32 (p, sender);
  bif_put_be32 (p + 4, media);
  return p + FEEDBACK;
}

static void
write_blocks (guint8 * p, const BifReportBlock * blocks, guint n_blocks)
{
  guint i;

  for (i = 0; i < n_blocks; i++, p += REPORT_BLOCK) {
    const BifReportBlock *block = &blocks[i];
    gint32 lost = CLAMP (block->lost, -0x800000, 0x7fffff);

    bif_put_be32 (p, block->ssrc);
    bif_put_be32 (p + 4, (guint32) block->fraction << 24
        | ((guint32) lost & 0xffffff));
    bif_put_be32 (p + 8, block->highest);
    bif_put_be32 (p + 12, block->jitter);
    bif_put_be32 (p + 16, block->lsr);
    bif_put_be32 (p + 20, block->dlsr);
  }
}

/**
 * bif_rtcp_write_sr:
 * @out: where to write
 * @room: bytes there
 * @info: the sender
 * @blocks: (array length=n_blocks): what it reports
 * @n_blocks: how many, at most 31
 *
 * Returns: bytes written, 0 where they do not fit
 */
gsize
bif_rtcp_write_sr (guint8 * out, gsize room, const BifSenderInfo * info,
    const BifReportBlock * blocks, guint n_blocks)
{
  gsize size = HEADER + 4 + SENDER_INFO + REPORT_BLOCK * (gsize) n_blocks;
  guint8 *p = begin (out, room, BIF_RTCP_SR, n_blocks, size);

  if (p == NULL)
    return 0;
  bif_put_be32 (p, info->ssrc);
  bif_put_be64 (p + 4, info->ntp);
  bif_put_be32 (p + 12, info->rtp);
  bif_put_be32 (p + 16, info->packets);
  bif_put_be32 (p + 20, info->octets);
  write_blocks (p + 4 + SENDER_INFO, blocks, n_blocks);
  return size;
}

/**
 * bif_rtcp_write_rr:
 * @out: where to write
 * @room: bytes there
 * @ssrc: who reports
 * @blocks: (array length=n_blocks): what it reports
 * @n_blocks: how many, at most 31
 *
 * Returns: bytes written, 0 where they do not fit
 */
gsize
bif_rtcp_write_rr (guint8 * out, gsize room, guint32 ssrc,
    const BifReportBlock * blocks, guint n_blocks)
{
  gsize size = HEADER + 4 + REPORT_BLOCK * (gsize) n_blocks;
  guint8 *p = begin (out, room, BIF_RTCP_RR, n_blocks, size);

  if (p == NULL)
    return 0;
  bif_put_be32 (p, ssrc);
  write_blocks (p + 4, blocks, n_blocks);
  return size;
}

/**
 * bif_rtcp_write_sdes:
 * @out: where to write
 * @room: bytes there
 * @ssrc: whose name it is
 * @cname: the name, at most 255 bytes
 *
 * Returns: bytes written, 0 where they do not fit
 */
gsize
bif_rtcp_write_sdes (guint8 * out, gsize room, guint32 ssrc,
    const char *cname)
{
  gsize length = strlen (cname);
  /* At least one zero ends the items. */
  gsize size = HEADER + 4 + ((2 + length + 1 + 3) & ~(gsize) 3);
  guint8 *p;

  if (length > 255)
    return 0;
  p = begin (out, room, BIF_RTCP_SDES, 1, size);
  if (p == NULL)
    return 0;

  memset (p, 0, size - HEADER);
  bif_put_be32 (p, ssrc);
  p[4] = SDES_CNAME;
  p[5] = (guint8) length;
  memcpy (p + 6, cname, length);
  return size;
}

/**
 * bif_rtcp_write_bye:
 * @out: where to write
 * @room: bytes there
 * @ssrc: who leaves
 *
 * Returns: bytes written, 0 where they do not fit
 */
gsize
bif_rtcp_write_bye (guint8 * out, gsize room, guint32 ssrc)
{
  guint8 *p = begin (out, room, BIF_RTCP_BYE, 1, HEADER + 4);

  if (p == NULL)
    return 0;
  bif_put_be32 (p, ssrc);
  return HEADER + 4;
}

/**
 * bif_rtcp_write_pli:
 * @out: where to write
 * @room: bytes there
 * @sender: who asks
 * @media: whose keyframe
 *
 * Returns: bytes written, 0 where they do not fit
 */
gsize
bif_rtcp_write_pli (guint8 * out, gsize room, guint32 sender, guint32 media)
{
  gsize size = HEADER + FEEDBACK;

  if (begin_feedback (out, room, BIF_RTCP_PSFB, BIF_PSFB_PLI, size, sender,
          media) == NULL)
    return 0;
  return size;
}

/**
 * bif_rtcp_write_fir:
 * @out: where to write
 * @room: bytes there
 * @sender: who asks
 * @media: whose keyframe
 * @sequence: one more with each new request
 *
 * Returns: bytes written, 0 where they do not fit
 */
gsize
bif_rtcp_write_fir (guint8 * out, gsize room, guint32 sender, guint32 media,
    guint8 sequence)
{
  gsize size = HEADER + FEEDBACK + 8;
  /* RFC 5104, 4.3.1.2: the header's media SSRC is 0. */
  guint8 *p = begin_feedback (out, room, BIF_RTCP_PSFB, BIF_PSFB_FIR, size,
      sender, 0);

  if (p == NULL)
    return 0;
  bif_put_be32 (p, media);
  bif_put_be32 (p + 4, (guint32) sequence << 24);
  return size;
}

/* Packs as many of @sequences as one FCI takes, and returns how many. */
static guint
pack_nack (const guint16 * sequences, guint n_sequences, guint16 * base,
    guint16 * more)
{
  guint i;

  *base = sequences[0];
  *more = 0;
  for (i = 1; i < n_sequences; i++) {
    guint16 step = (guint16) (sequences[i] - *base);

    if (step > 16)
      break;
    if (step > 0)
      *more |= 1 << (step - 1);
  }
  return i;
}

/**
 * bif_rtcp_write_nack:
 * @out: where to write
 * @room: bytes there
 * @sender: who asks
 * @media: whose packets
 * @sequences: (array length=n_sequences): which, ascending modulo 2^16
 * @n_sequences: how many
 *
 * Returns: bytes written, 0 where they do not fit or there are none
 */
gsize
bif_rtcp_write_nack (guint8 * out, gsize room, guint32 sender, guint32 media,
    const guint16 * sequences, guint n_sequences)
{
  gsize size = HEADER + FEEDBACK;
  guint16 base, more;
  guint i;

  for (i = 0; i < n_sequences; size += 4)
    i += pack_nack (sequences + i, n_sequences - i, &base, &more);

  if (n_sequences == 0
      || begin_feedback (out, room, BIF_RTCP_RTPFB, BIF_RTPFB_NACK, size,
          sender, media) == NULL)
    return 0;

  out += HEADER + FEEDBACK;
  for (i = 0; i < n_sequences; out += 4) {
    i += pack_nack (sequences + i, n_sequences - i, &base, &more);
    bif_put_be16 (out, base);
    bif_put_be16 (out + 2, more);
  }
  return size;
}

/**
 * bif_rtcp_write_remb:
 * @out: where to write
 * @room: bytes there
 * @sender: who can take it
 * @bitrate: bit/s; rounded down to 18 significant bits
 * @ssrcs: (array length=n_ssrcs): of which streams together
 * @n_ssrcs: how many, at most 255
 *
 * Returns: bytes written, 0 where they do not fit
 */
gsize
bif_rtcp_write_remb (guint8 * out, gsize room, guint32 sender,
    guint64 bitrate, const guint32 * ssrcs, guint n_ssrcs)
{
  gsize size = HEADER + FEEDBACK + 8 + 4 * (gsize) n_ssrcs;
  guint exponent = 0;
  guint8 *p;
  guint i;

  if (n_ssrcs > 255)
    return 0;
  p = begin_feedback (out, room, BIF_RTCP_PSFB, BIF_PSFB_AFB, size, sender, 0);
  if (p == NULL)
    return 0;

  while (bitrate >> exponent > 0x3ffff)
    exponent++;
  memcpy (p, "REMB", 4);
  bif_put_be32 (p + 4, n_ssrcs << 24 | exponent << 18
      | (guint32) (bitrate >> exponent));
  for (i = 0; i < n_ssrcs; i++)
    bif_put_be32 (p + 8 + 4 * i, ssrcs[i]);
  return size;
}
