/* stats.c: receiver statistics of one SSRC. */
#include "packet/stats.h"
#include "packet/rtp.h"

#define MAX_JUMP 3000
#define NTP_UNIX_OFFSET G_GUINT64_CONSTANT (2208988800)

static void
update_jitter (BifReceiveStats * self, guint32 timestamp, guint clock_rate,
    gint64 now_us)
{
  guint32 arrival = (guint64) now_us * clock_rate / G_USEC_PER_SEC;
  gint32 transit = (gint32) (arrival - timestamp);
  gint32 d = (gint32) ((guint32) transit - (guint32) self->transit);
  gboolean first = self->packets == 0;

  self->transit = transit;
  if (first || ABS ((gint64) d) > clock_rate)
    return;
  self->jitter_q4 += ABS (d) - ((self->jitter_q4 + 8) >> 4);
}

guint64
bif_receive_stats_packet (BifReceiveStats * self, guint16 sequence,
    guint32 timestamp, gsize size, guint clock_rate, gint64 now_us)
{
  guint64 index;

  if (!self->started) {
    self->started = TRUE;
    self->highest = self->base = 0x10000 + sequence;
  }
  index = bif_rtp_extend (self->highest, sequence);
  if (index > self->highest + MAX_JUMP || index + MAX_JUMP < self->highest) {
    /* Indices must go on growing, so that nothing behind mistakes the new
     * numbers for old ones. */
    index = ((self->highest >> 16) + 1) << 16 | sequence;
    self->base = index;
    self->packets = self->expected_prior = self->received_prior = 0;
  }
  if (index > self->highest)
    self->highest = index;
  else if (index < self->base)
    self->base = index;
  update_jitter (self, timestamp, clock_rate, now_us);
  self->packets++;
  self->bytes += size;
  return index;
}

guint64
bif_receive_stats_lost (const BifReceiveStats * self)
{
  guint64 expected = self->highest - self->base + 1;

  return self->started && expected > self->packets ?
      expected - self->packets : 0;
}

void
bif_receive_stats_report (BifReceiveStats * self, guint32 ssrc, gint64 now_us,
    BifReportBlock * block)
{
  guint64 expected = self->started ? self->highest - self->base + 1 : 0;
  guint64 expected_now = expected - MIN (self->expected_prior, expected);
  guint64 received_now = self->packets - self->received_prior;

  block->ssrc = ssrc;
  block->highest = (guint32) self->highest;
  block->jitter = self->jitter_q4 >> 4;
  block->lost = MIN (bif_receive_stats_lost (self), 0x7fffff);
  block->fraction = expected_now > received_now ?
      MIN ((expected_now - received_now) * 256 / expected_now, 255) : 0;
  block->lsr = self->sr_ntp >> 16;
  block->dlsr = self->sr_ntp == 0 ? 0 :
      (guint32) ((now_us - self->sr_us) * 65536 / G_USEC_PER_SEC);
  self->expected_prior = expected;
  self->received_prior = self->packets;
}

guint64
bif_ntp_now (void)
{
  guint64 us = g_get_real_time ();

  return (us / G_USEC_PER_SEC + NTP_UNIX_OFFSET) << 32
      | ((us % G_USEC_PER_SEC) << 32) / G_USEC_PER_SEC;
}
