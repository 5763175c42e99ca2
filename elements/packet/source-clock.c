/* source-clock.c: RTP timestamps to local time. */
#include "packet/source-clock.h"

/* A packet that seems further than this from its arrival is of a new source. */
#define MAX_AWAY_US (5 * G_USEC_PER_SEC)
/* Reports that would move the clock further than this are not believed. */
#define MAX_SYNC_US (2 * G_USEC_PER_SEC)
#define MAX_STEP_US 2000
/* No drift and no jitter of reports is so large: the source's clock has jumped,
 * as that of browsers does when they send again after a while. */
#define JUMP_US (100 * 1000)
/* A source that sends nothing for so long has paused. */
#define PAUSE_US (500 * 1000)

static gint64
extend (const BifSourceClock * self, guint32 timestamp)
{
  return self->newest + (gint32) (timestamp - (guint32) self->newest);
}

static gint64
time_of (const BifSourceClock * self, gint64 extended)
{
  return self->base_us + (extended - self->base) * G_USEC_PER_SEC
      / (gint64) self->clock_rate;
}

static void
start (BifSourceClock * self, guint32 timestamp, gint64 arrival_us)
{
  self->started = TRUE;
  self->in_step = FALSE;
  self->newest = self->base = timestamp;
  self->base_us = self->arrival_us = arrival_us;
}

/* Behind a pause of the source, but not of the network alone, the time between
 * two arrivals counts where timestamps tell another one, and the next report
 * counts whole. */
static void
check_pause (BifSourceClock * self, guint32 timestamp, gint64 arrival_us)
{
  gint64 step_us = (extend (self, timestamp) - self->newest) * G_USEC_PER_SEC
      / (gint64) self->clock_rate;
  gint64 arrival_step_us = arrival_us - self->arrival_us;
  gint64 jump_us = arrival_step_us - step_us;

  if (step_us < PAUSE_US || arrival_step_us < PAUSE_US)
    return;
  self->in_step = FALSE;
  if (ABS (jump_us) > JUMP_US)
    self->base_us += jump_us;
}

gint64
bif_source_clock_time (BifSourceClock * self, guint32 timestamp,
    gint64 arrival_us)
{
  gint64 extended;

  if (self->clock_rate == 0)
    return arrival_us;
  if (!self->started || ABS (time_of (self, extend (self, timestamp))
          - arrival_us) > MAX_AWAY_US)
    start (self, timestamp, arrival_us);
  else
    check_pause (self, timestamp, arrival_us);
  extended = extend (self, timestamp);
  if (extended > self->newest) {
    self->newest = extended;
    self->arrival_us = arrival_us;
  }
  return time_of (self, extended);
}

void
bif_source_clock_sync (BifSourceClock * self, guint32 timestamp, gint64 at_us)
{
  gint64 error;

  if (!self->started)
    return;
  error = at_us - time_of (self, extend (self, timestamp));
  if (ABS (error) > MAX_SYNC_US)
    return;
  self->base_us += self->in_step && ABS (error) < JUMP_US ?
      CLAMP (error / 8, -MAX_STEP_US, MAX_STEP_US) : error;
  self->in_step = TRUE;
}
