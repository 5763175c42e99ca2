/* stats.h: what a receiver knows of one SSRC: losses, jitter, report blocks
 * (RFC 3550, 6.4 and appendix A). Plain arithmetic. */
#pragma once

#include "packet/rtcp.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean started;
  guint64 base;                 /* first extended sequence number */
  guint64 highest;
  guint64 packets, bytes;
  guint64 expected_prior, received_prior;       /* at the last report */
  gint32 transit;
  guint32 jitter_q4;            /* jitter, 4 fractional bits */
  guint64 sr_ntp;               /* of the last SR, 0 for none */
  gint64 sr_us;                 /* when it came, monotonic */
} BifReceiveStats;

/* Extends @sequence and counts the packet; returns its index. Starts anew
 * after a jump of more than 3000 numbers (a source that restarted). */
guint64 bif_receive_stats_packet (BifReceiveStats * self, guint16 sequence,
    guint32 timestamp, gsize size, guint clock_rate, gint64 now_us);

void bif_receive_stats_report (BifReceiveStats * self, guint32 ssrc,
    gint64 now_us, BifReportBlock * block);

/* Cumulative; never below zero. */
guint64 bif_receive_stats_lost (const BifReceiveStats * self);

/* NTP 32.32 of the wall clock, and of a monotonic time given both now. */
guint64 bif_ntp_now (void);

G_END_DECLS
