/* packet-source-clock: RTP timestamps to local time, in step. */
#include "packet/source-clock.h"

#define START_US G_GINT64_CONSTANT (7000000)

/* Jitter is gone, wraps and late packets are right. */
static void
test_smooth (void)
{
  static const int jitter_us[] = { 0, 30000, -5000, 12000, 90000, 0, 3000 };
  static const int frame[] = { 0, 1, 2, 5, 4, 3, 6 };
  BifSourceClock clock = { .clock_rate = 90000 };

  for (guint i = 0; i < G_N_ELEMENTS (frame); i++) {
    gint64 right_us = START_US + frame[i] * 20000;

    g_assert_cmpint (bif_source_clock_time (&clock,
            0xffffff00 + frame[i] * 1800, right_us + jitter_us[i]), ==,
        right_us);
  }
}

static void
test_no_rate (void)
{
  BifSourceClock clock = { 0 };

  g_assert_cmpint (bif_source_clock_time (&clock, 5, START_US), ==, START_US);
}

/* Its source began anew. */
static void
test_jump (void)
{
  BifSourceClock clock = { .clock_rate = 48000 };

  bif_source_clock_time (&clock, 1000, START_US);
  bif_source_clock_sync (&clock, 1000, START_US - 50000);
  g_assert_true (clock.in_step);
  g_assert_cmpint (bif_source_clock_time (&clock, 0x70000000,
          START_US + 20000), ==, START_US + 20000);
  g_assert_false (clock.in_step);
}

/* A silence of ten seconds in which timestamps went on is none. */
static void
test_silence (void)
{
  BifSourceClock clock = { .clock_rate = 48000 };

  bif_source_clock_time (&clock, 0, START_US);
  g_assert_cmpint (bif_source_clock_time (&clock, 480000,
          START_US + 10040000), ==, START_US + 10000000);
}

/* The first report counts whole, later ones move it slowly, mad ones not. */
static void
test_sync (void)
{
  BifSourceClock clock = { .clock_rate = 90000 };
  gint64 before_us;

  bif_source_clock_sync (&clock, 5, START_US);
  g_assert_false (clock.in_step);
  for (guint i = 0; i <= 10; i++)
    bif_source_clock_time (&clock, i * 9000, START_US + i * 100000);
  bif_source_clock_sync (&clock, 90000, START_US + 1000000 - 40000);
  g_assert_cmpint (bif_source_clock_time (&clock, 90000, START_US + 1000000),
      ==, START_US + 960000);
  bif_source_clock_sync (&clock, 90000, START_US + 1000000);
  before_us = bif_source_clock_time (&clock, 90000, START_US + 1000000);
  g_assert_cmpint (before_us, ==, START_US + 962000);
  bif_source_clock_sync (&clock, 90000, START_US + 9000000);
  g_assert_cmpint (bif_source_clock_time (&clock, 90000, START_US + 1000000),
      ==, before_us);
  for (guint i = 0; i < 200; i++)
    bif_source_clock_sync (&clock, 90000, START_US + 1000000);
  g_assert_cmpint (ABS (bif_source_clock_time (&clock, 90000,
              START_US + 1000000) - START_US - 1000000), <, 10);
}

/* Behind a pause timestamps lack a part of it; a stall of the network is none;
 * and a report that tells of a jump counts whole. */
static void
test_pause (void)
{
  BifSourceClock clock = { .clock_rate = 48000 };

  bif_source_clock_time (&clock, 0, START_US);
  bif_source_clock_sync (&clock, 0, START_US);
  g_assert_cmpint (bif_source_clock_time (&clock, 960,
          START_US + 3000000), ==, START_US + 20000);
  g_assert_cmpint (bif_source_clock_time (&clock, 48000 * 3,
          START_US + 3010000), ==, START_US + 3000000);
  g_assert_true (clock.in_step);
  g_assert_cmpint (bif_source_clock_time (&clock, 48000 * 4.8,
          START_US + 5010000), ==, START_US + 5000000);
  g_assert_false (clock.in_step);
  bif_source_clock_sync (&clock, 48000 * 4.8, START_US + 4990000);
  g_assert_cmpint (bif_source_clock_time (&clock, 48000 * 4.8,
          START_US + 5010000), ==, START_US + 4990000);
  bif_source_clock_sync (&clock, 48000 * 4.8, START_US + 5190000);
  g_assert_cmpint (bif_source_clock_time (&clock, 48000 * 4.8,
          START_US + 5010000), ==, START_US + 5190000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/source-clock/smooth", test_smooth);
  g_test_add_func ("/source-clock/no-rate", test_no_rate);
  g_test_add_func ("/source-clock/jump", test_jump);
  g_test_add_func ("/source-clock/silence", test_silence);
  g_test_add_func ("/source-clock/sync", test_sync);
  g_test_add_func ("/source-clock/pause", test_pause);
  return g_test_run ();
}
