/* mjr-timing.c: late packets and drifting clocks of recorded audio. */
#include "packet/mjr-timing.h"

#include <stdlib.h>

/* The drift is watched after this time, and for as long before it counts. */
#define SETTLE_MS 5000
/* Weight of what was before in the moving average of the drift, of 64. */
#define OLD_WEIGHT 63

/* ---- late packets ---- */

/* Seconds between when a packet came and when it was due. */
static double
lateness (const BifMjrEntry * entry, gint64 first, guint clock_rate)
{
  return entry->ms / 1000.0 - (double) (entry->timestamp - first)
      / clock_rate;
}

void
bif_mjr_timing_restamp (const BifMjrTiming * self, BifMjrEntry * entries,
    guint n, guint clock_rate)
{
  /* sums[i]: of all before i, so that a wide average costs no more */
  g_autofree double *sums = g_new0 (double, (gsize) n + 1);
  gint64 first = n > 0 ? entries[0].timestamp : 0, moved = 0;

  for (guint i = 0; i < n; i++) {
    guint window = MIN (i, self->restamp_packets);
    double mean = window > 0 ? (sums[i] - sums[i - window]) / window : 0;
    double late;

    entries[i].timestamp += moved;
    late = lateness (&entries[i], first, clock_rate);
    if (late > self->restamp_min_ms / 1000.0
        && late > mean * self->restamp / 1000.0 && late > mean) {
      gint64 step = (late - mean) * clock_rate;

      entries[i].timestamp += step;
      moved += step;
      late = lateness (&entries[i], first, clock_rate);
    }
    sums[i + 1] = sums[i] + late;
  }
}

/* ---- drift ---- */

typedef struct
{
  gint64 threshold;             /* ticks, as all times but those in ms */
  guint ticks_ms;               /* ticks of a millisecond */
  guint32 begin_ms;             /* of the recording */
  gboolean watching, counting;
  guint32 origin_ms, watched_ms;        /* where both clocks are equal */
  gint64 origin;
  gint64 drift;                 /* moving average */
  gint64 corrected;             /* part of it that was made good */
  gint64 moved;                 /* what times are moved by */
  gboolean dropping;
  gint64 drop_until;
} Skew;

static void
begin_watch (Skew * self, const BifMjrEntry * entry)
{
  self->watching = TRUE;
  self->origin_ms = self->watched_ms = entry->ms;
  self->origin = entry->timestamp;
}

/* The first seconds say nothing while packets still settle. */
static void
settle (Skew * self, const BifMjrEntry * entry, gint64 ahead)
{
  if (entry->ms - self->watched_ms > SETTLE_MS)
    self->counting = TRUE;
  else if (llabs (ahead) > self->threshold / 2)
    begin_watch (self, entry);
}

/* FALSE: @entry goes, for the sender is ahead. */
static gboolean
follow (Skew * self, const BifMjrEntry * entry)
{
  gint64 due = self->origin + (gint64) (entry->ms - self->origin_ms)
      * self->ticks_ms;
  gint64 behind;

  self->drift = (OLD_WEIGHT * self->drift + (entry->timestamp - due)) / 64;
  behind = self->corrected - self->drift;
  if (!self->counting) {
    settle (self, entry, behind);
    return TRUE;
  }
  if (llabs (behind) < self->threshold)
    return TRUE;
  self->corrected = self->drift;
  self->moved += behind > 0 ? self->threshold : -self->threshold;
  self->dropping = behind < 0;
  self->drop_until = entry->timestamp + self->threshold;
  return !self->dropping;
}

/* @before: as it came; (nullable). FALSE: @entry goes. */
static gboolean
take (Skew * self, const BifMjrEntry * before, const BifMjrEntry * entry)
{
  if (entry->ms - self->begin_ms < SETTLE_MS || entry->ms < self->begin_ms)
    return TRUE;
  if (!self->watching)
    begin_watch (self, entry);
  if (self->dropping && entry->timestamp < self->drop_until)
    return FALSE;
  self->dropping = FALSE;
  /* Where packets lack, lateness is not the clock's. */
  if (before == NULL || entry->sequence != before->sequence + 1
      || entry->timestamp == before->timestamp || entry->ms < self->origin_ms)
    return TRUE;
  return follow (self, entry);
}

guint
bif_mjr_timing_deskew (const BifMjrTiming * self, BifMjrEntry * entries,
    guint n, guint clock_rate)
{
  Skew skew = { .ticks_ms = clock_rate / 1000,
    .threshold = (gint64) self->skew_ms * (clock_rate / 1000)
  };
  BifMjrEntry before, now;
  guint kept = 0;

  if (n > 0)
    skew.begin_ms = entries[0].ms;
  for (guint i = 0; i < n; i++) {
    now = entries[i];
    if (take (&skew, i > 0 ? &before : NULL, &now)) {
      entries[kept] = now;
      entries[kept].timestamp += skew.moved;
      if (kept > 0)
        entries[kept].timestamp = MAX (entries[kept].timestamp,
            entries[kept - 1].timestamp);
      kept++;
    }
    before = now;
  }
  return kept;
}
