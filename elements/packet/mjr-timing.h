/* mjr-timing.h: corrects the times of recorded audio whose clock and the clock
 * of the machine that recorded disagree (recording-tools.md 1.1). Plain
 * arithmetic over sorted frames; any thread. */
#pragma once

#include "packet/mjr-index.h"

G_BEGIN_DECLS

/**
 * BifMjrTiming:
 * @skew_ms: audio that has drifted so far is moved back; 0: never
 * @silence_distance: packets: a marked packet that comes this close behind the
 *     newest one, with a time far from it, belongs to no talk; 0: all do
 * @restamp: thousandths: what is later than the average by this factor is moved
 *     to when it came; 0: nothing is
 * @restamp_packets: the average is of so many
 * @restamp_min_ms: what is late by less is never moved
 */
typedef struct
{
  guint skew_ms;
  guint silence_distance;
  guint restamp, restamp_packets, restamp_min_ms;
} BifMjrTiming;

#define BIF_MJR_TIMING_INIT { .restamp_packets = 10, .restamp_min_ms = 500 }

/* Moves all that follows where packets are suddenly late: the sender's clock
 * stood still. */
void bif_mjr_timing_restamp (const BifMjrTiming * self, BifMjrEntry * entries,
    guint n, guint clock_rate);
/* Follows the drift of the sender's clock: leaves a gap where it is slow,
 * packets out where it is fast. Returns: how many entries are kept. */
guint bif_mjr_timing_deskew (const BifMjrTiming * self, BifMjrEntry * entries,
    guint n, guint clock_rate);

G_END_DECLS
