/* source-clock.h: when a packet was made: RTP timestamps to local time. It goes
 * by the timestamps alone, so network jitter is gone; sender reports bring the
 * streams of one sender in step (RFC 3550, 6.4.1). Plain arithmetic. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BifSourceClock: zero it, then set @clock_rate (Hz).
 * @newest: extended timestamp of the newest packet, which came at @arrival_us
 * @base, @base_us: an extended timestamp and its time
 */
typedef struct
{
  guint clock_rate;
  gboolean started;
  gboolean in_step;             /* a sender report was taken */
  gint64 newest;
  gint64 arrival_us;
  gint64 base;
  gint64 base_us;
} BifSourceClock;

/* Time of a packet, microseconds on the clock of @arrival_us. The first packet
 * is made when it comes; so is one whose time is seconds away from its arrival:
 * its source began anew. */
gint64 bif_source_clock_time (BifSourceClock * self, guint32 timestamp,
    gint64 arrival_us);

/* What a sender report says: @timestamp was at @at_us. The first one counts
 * whole, and what tells of a jump; others are followed slowly. Nothing happens before a packet. */
void bif_source_clock_sync (BifSourceClock * self, guint32 timestamp,
    gint64 at_us);

G_END_DECLS
