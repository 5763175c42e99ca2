/* rtcp.h: RTCP compounds, read and written (RFC 3550, 4585, 5104, 5506,
 * draft-alvestrand-rmcat-remb). Plain values; nothing is allocated. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIF_RTCP_SR = 200,
  BIF_RTCP_RR = 201,
  BIF_RTCP_SDES = 202,
  BIF_RTCP_BYE = 203,
  BIF_RTCP_APP = 204,
  BIF_RTCP_RTPFB = 205,
  BIF_RTCP_PSFB = 206,
  BIF_RTCP_XR = 207,
} BifRtcpType;

enum
{
  BIF_RTPFB_NACK = 1,
  BIF_RTPFB_TRANSPORT_CC = 15,
  BIF_PSFB_PLI = 1,
  BIF_PSFB_FIR = 4,
  BIF_PSFB_AFB = 15,            /* REMB */
};

typedef struct
{
  guint8 type;                  /* BifRtcpType, or any other */
  guint8 count;                 /* report count, format or subtype */
  const guint8 *body;           /* behind the four header bytes */
  gsize size;                   /* of the body, without padding */
} BifRtcpPacket;

/* Walks a compound, reduced-size ones too: @offset starts at 0. FALSE at the
 * end or at the first packet that does not fit. */
gboolean bif_rtcp_next (const guint8 * data, gsize size, gsize * offset,
    BifRtcpPacket * packet);

typedef struct
{
  guint32 ssrc;
  guint64 ntp;                  /* NTP 32.32 */
  guint32 rtp;
  guint32 packets;
  guint32 octets;
} BifSenderInfo;

typedef struct
{
  guint32 ssrc;                 /* the stream reported on */
  guint8 fraction;              /* lost, of 256 */
  gint32 lost;                  /* cumulative, 24 bits signed */
  guint32 highest;              /* extended highest sequence number */
  guint32 jitter;               /* RTP clock units */
  guint32 lsr;                  /* middle 32 bits of NTP */
  guint32 dlsr;                 /* 1/65536 s */
} BifReportBlock;

gboolean bif_rtcp_sender_info (const BifRtcpPacket * packet,
    BifSenderInfo * info);
/* The @index-th report block of an SR or RR. */
gboolean bif_rtcp_report (const BifRtcpPacket * packet, guint index,
    BifReportBlock * block);
guint32 bif_rtcp_sender_ssrc (const BifRtcpPacket * packet);
guint32 bif_rtcp_media_ssrc (const BifRtcpPacket * packet);     /* RTPFB, PSFB; 0 */
/* NACK: calls back for every sequence number asked for, at most 17 an FCI. */
typedef void (*BifNackFunc) (guint16 sequence, gpointer user_data);
void bif_rtcp_nack_foreach (const BifRtcpPacket * packet, BifNackFunc func,
    gpointer user_data);
/* FIR: the SSRC of the @index-th entry. */
gboolean bif_rtcp_fir_ssrc (const BifRtcpPacket * packet, guint index,
    guint32 * ssrc);
/* BYE: the @index-th SSRC that leaves. */
gboolean bif_rtcp_bye_ssrc (const BifRtcpPacket * packet, guint index,
    guint32 * ssrc);
/* REMB: bit/s; FALSE where it is another application message. */
gboolean bif_rtcp_remb (const BifRtcpPacket * packet, guint64 * bitrate);

/* Writers append one packet at @out, which has @room bytes, and return the
 * bytes written, 0 where it does not fit. */
gsize bif_rtcp_write_sr (guint8 * out, gsize room, const BifSenderInfo * info,
    const BifReportBlock * blocks, guint n_blocks);
gsize bif_rtcp_write_rr (guint8 * out, gsize room, guint32 ssrc,
    const BifReportBlock * blocks, guint n_blocks);
gsize bif_rtcp_write_sdes (guint8 * out, gsize room, guint32 ssrc,
    const char *cname);
gsize bif_rtcp_write_bye (guint8 * out, gsize room, guint32 ssrc);
gsize bif_rtcp_write_pli (guint8 * out, gsize room, guint32 sender,
    guint32 media);
gsize bif_rtcp_write_fir (guint8 * out, gsize room, guint32 sender,
    guint32 media, guint8 sequence);
/* @sequences ascending (modulo 2^16); as many FCIs as they need. */
gsize bif_rtcp_write_nack (guint8 * out, gsize room, guint32 sender,
    guint32 media, const guint16 * sequences, guint n_sequences);
gsize bif_rtcp_write_remb (guint8 * out, gsize room, guint32 sender,
    guint64 bitrate, const guint32 * ssrcs, guint n_ssrcs);

G_END_DECLS
