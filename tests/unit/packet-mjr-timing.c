/* packet-mjr-timing: late packets and drifting clocks of recorded audio: what
 * is moved, by how much, and what goes. */
#include "packet/mjr-timing.h"

#define RATE 48000
#define FRAME 960
#define FRAME_MS 20
#define PACKETS 3000

/* @entries: as a clock that runs @percent of ours gives them, and stands still
 * for @stall_ms in front of @stall_at. */
static void
talk (BifMjrEntry * entries, guint percent, guint stall_at, guint stall_ms)
{
  for (guint i = 0; i < PACKETS; i++)
    entries[i] = (BifMjrEntry) {
      .timestamp = 1000 + (gint64) i * FRAME,
      .sequence = 70000 + i,
      .ms = i * FRAME_MS * 100 / percent + (i >= stall_at ? stall_ms : 0)
    };
}

/* ---- late packets ---- */

typedef struct
{
  BifMjrTiming timing;
  guint stall_ms;
  gint64 want;                  /* ticks that what follows is moved by */
} Restamp;

static const Restamp restamps[] = {
  { { .restamp = 1500, .restamp_packets = 10, .restamp_min_ms = 500 }, 3000,
    3000 * 48 },
  { { .restamp = 1500, .restamp_packets = 10, .restamp_min_ms = 500 }, 400, 0 },
  { { .restamp = 1500, .restamp_packets = 10, .restamp_min_ms = 100 }, 400,
    400 * 48 },
  { { .restamp = 1500, .restamp_packets = 0, .restamp_min_ms = 500 }, 3000,
    3000 * 48 },
  { { .restamp = 1500, .restamp_packets = G_MAXUINT, .restamp_min_ms = 500 },
    3000, 3000 * 48 },
};

static void
test_restamp (void)
{
  g_autofree BifMjrEntry *entries = g_new (BifMjrEntry, PACKETS);

  for (guint i = 0; i < G_N_ELEMENTS (restamps); i++) {
    const Restamp *row = &restamps[i];

    talk (entries, 100, 700, row->stall_ms);
    bif_mjr_timing_restamp (&row->timing, entries, PACKETS, RATE);
    for (guint j = 0; j < PACKETS; j++)
      g_assert_cmpint (entries[j].timestamp, ==, 1000 + (gint64) j * FRAME
          + (j >= 700 ? row->want : 0));
  }
}

/* ---- drift ---- */

typedef struct
{
  guint percent, skew_ms;
  int steps;                    /* of @skew_ms that the end is moved by */
} Skew;

/* In a minute a clock that is 2 % off is 1.2 s off, five seconds of which do
 * not count, and less than a step of which is left. */
static const Skew skews[] = {
  { 100, 200, 0 },
  { 98, 200, 5 },
  { 102, 200, -5 },
  { 98, 300, 3 },
  { 98, 5000, 0 },
};

static void
test_skew (void)
{
  g_autofree BifMjrEntry *entries = g_new (BifMjrEntry, PACKETS);

  for (guint i = 0; i < G_N_ELEMENTS (skews); i++) {
    const Skew *row = &skews[i];
    const BifMjrTiming timing = { .skew_ms = row->skew_ms };
    gint64 step = row->skew_ms * 48, moved;
    guint kept, gone;

    talk (entries, row->percent, 0, 0);
    kept = bif_mjr_timing_deskew (&timing, entries, PACKETS, RATE);
    moved = entries[kept - 1].timestamp - 1000
        - (gint64) (entries[kept - 1].sequence - 70000) * FRAME;
    g_assert_cmpint (moved, ==, row->steps * step);
    /* What is ahead goes, as much as the rest is moved. */
    gone = row->steps < 0 ? -row->steps * step / FRAME : 0;
    g_assert_cmpuint (PACKETS - kept, ==, gone);
    for (guint j = 1; j < kept; j++)
      g_assert_cmpint (entries[j].timestamp, >, entries[j - 1].timestamp);
  }
}

static void
test_empty (void)
{
  const BifMjrTiming timing = { .skew_ms = 1, .restamp = 1 };

  bif_mjr_timing_restamp (&timing, NULL, 0, RATE);
  g_assert_cmpuint (bif_mjr_timing_deskew (&timing, NULL, 0, RATE), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/mjr-timing/restamp", test_restamp);
  g_test_add_func ("/packet/mjr-timing/skew", test_skew);
  g_test_add_func ("/packet/mjr-timing/empty", test_empty);
  return g_test_run ();
}
