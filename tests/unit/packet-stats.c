/* packet-stats: what a receiver reports (RFC 3550, 6.4 and appendix A). */
#include "packet/stats.h"

#define START_US G_GINT64_CONSTANT (1000000)
#define FRAME_US 20000

static BifReportBlock
report (BifReceiveStats * stats, gint64 now_us)
{
  BifReportBlock block;

  bif_receive_stats_report (stats, 0x1234, now_us, &block);
  g_assert_cmphex (block.ssrc, ==, 0x1234);
  return block;
}

static guint64
packet (BifReceiveStats * stats, guint16 sequence)
{
  return bif_receive_stats_packet (stats, sequence, 0, 100, 48000, START_US);
}

static void
test_nothing (void)
{
  BifReceiveStats stats = { 0 };
  BifReportBlock block = report (&stats, START_US);

  g_assert_cmpuint (bif_receive_stats_lost (&stats), ==, 0);
  g_assert_cmpint (block.lost, ==, 0);
  g_assert_cmpint (block.fraction, ==, 0);
  g_assert_cmpint (block.dlsr, ==, 0);
}

/* Sequence numbers as they come; what is lost, and its fraction of 256. */
static const struct
{
  int sequence[12];             /* -1 ends */
  guint lost;
  guint fraction;
} losses[] = {
  {{0, 1, 2, 3, -1}, 0, 0},
  {{0, 3, -1}, 2, 128},
  {{65534, 65535, 0, 1, -1}, 0, 0},
  {{65535, 1, 2, 3, -1}, 1, 51},
  {{1, 2, 4, 3, -1}, 0, 0},     /* reordered */
  {{5, 4, 3, -1}, 0, 0},        /* the first was not the lowest */
  {{0, 65535, 1, -1}, 0, 0},
  {{1, 1, 1, 1, -1}, 0, 0},     /* duplicates never count below zero */
  {{1, 2, 2, 4, -1}, 0, 0},
  {{0, 2999, -1}, 2998, 255},
};

static void
test_loss (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (losses); i++) {
    BifReceiveStats stats = { 0 };
    BifReportBlock block;

    for (guint k = 0; losses[i].sequence[k] >= 0; k++)
      packet (&stats, losses[i].sequence[k]);
    g_assert_cmpuint (bif_receive_stats_lost (&stats), ==, losses[i].lost);
    block = report (&stats, START_US);
    g_assert_cmpint (block.lost, ==, losses[i].lost);
    g_assert_cmpint (block.fraction, ==, losses[i].fraction);
    /* the fraction is that since the last report, the sum is not */
    block = report (&stats, START_US);
    g_assert_cmpint (block.lost, ==, losses[i].lost);
    g_assert_cmpint (block.fraction, ==, 0);
  }
}

static void
test_late_arrival (void)
{
  BifReceiveStats stats = { 0 };
  BifReportBlock block;

  packet (&stats, 10);
  packet (&stats, 13);
  g_assert_cmpint (report (&stats, START_US).lost, ==, 2);
  packet (&stats, 11);
  packet (&stats, 14);
  block = report (&stats, START_US);
  g_assert_cmpint (block.lost, ==, 1);
  g_assert_cmpint (block.fraction, ==, 0);
}

/* Cumulative losses have 24 bits, signed. */
static void
test_lost_bound (void)
{
  BifReceiveStats stats = { 0 };

  for (guint i = 0; i < 4000; i++)
    packet (&stats, i * 2900);
  g_assert_cmpuint (bif_receive_stats_lost (&stats), >, 0x7fffff);
  g_assert_cmpint (report (&stats, START_US).lost, ==, 0x7fffff);
}

static void
test_extended (void)
{
  BifReceiveStats stats = { 0 };
  guint64 first = packet (&stats, 65530);

  for (guint i = 1; i < 300000; i++)
    g_assert_cmpuint (packet (&stats, 65530 + i), ==, first + i);
  g_assert_cmpuint (packet (&stats, (guint16) (65530 + 299000)), ==, first + 299000);
  g_assert_cmphex (report (&stats, START_US).highest, ==,
      (guint32) (first + 299999));
  g_assert_cmpuint (bif_receive_stats_lost (&stats), ==, 0);
}

/* A restart counts anew; indices only grow. */
static void
test_jump (void)
{
  static const guint16 jumps[] = { 3001, 10000, 32767, 32768, 40000, 62535 };

  for (guint i = 0; i < G_N_ELEMENTS (jumps); i++) {
    for (guint start = 0; start <= G_MAXUINT16; start += 5000) {
      BifReceiveStats stats = { 0 };
      guint64 before = packet (&stats, start), after;

      report (&stats, START_US);
      after = packet (&stats, start + jumps[i]);
      g_assert_cmpuint (after, >, before + 3000);
      g_assert_cmpuint (after & 0xffff, ==, (guint16) (start + jumps[i]));
      g_assert_cmpuint (packet (&stats, start + jumps[i] + 1), ==, after + 1);
      g_assert_cmpint (report (&stats, START_US).lost, ==, 0);
      g_assert_cmpint (report (&stats, START_US).fraction, ==, 0);
    }
  }
}

/* Jitter of packets that come @late_us late every other time: the difference
 * is always the same, so the estimate goes towards it. */
static void
test_jitter (void)
{
  static const struct
  {
    guint clock_rate;
    gint64 late_us;
    guint jitter;
  } rows[] = {
    {48000, 0, 0}, {48000, 10000, 480}, {90000, 5000, 450}, {8000, 1000, 8},
    {90000, 2000000, 0},        /* more than a second is a jump */
    {0, 10000, 0},
  };

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++) {
    BifReceiveStats stats = { 0 };
    guint32 timestamp = 0xffffff00;
    guint jitter;

    for (guint i = 0; i < 1000; i++) {
      gint64 now_us = START_US + i * FRAME_US + (i & 1) * rows[r].late_us;

      bif_receive_stats_packet (&stats, i, timestamp, 100, rows[r].clock_rate,
          now_us);
      timestamp += rows[r].clock_rate * FRAME_US / G_USEC_PER_SEC;
    }
    jitter = report (&stats, START_US).jitter;
    g_assert_cmpuint (jitter, <=, rows[r].jitter);
    g_assert_cmpuint (jitter + 1 + rows[r].jitter / 100, >=, rows[r].jitter);
  }
}

/* Timestamps and clock rates that no honest peer has. */
static void
test_hostile (void)
{
  static const guint rates[] = { 0, 1, 90000, G_MAXINT, G_MAXUINT };

  for (guint r = 0; r < G_N_ELEMENTS (rates); r++) {
    BifReceiveStats stats = { 0 };

    for (guint i = 0; i < 10000; i++)
      bif_receive_stats_packet (&stats, g_random_int (), g_random_int (),
          g_random_int () & 0xfff, rates[r], g_get_monotonic_time ());
    report (&stats, g_get_monotonic_time ());
    report (&stats, 0);
  }
}

static void
test_sender_report (void)
{
  BifReceiveStats stats = { 0 };
  BifReportBlock block;

  packet (&stats, 1);
  stats.sr_ntp = G_GUINT64_CONSTANT (0x1122334455667788);
  stats.sr_us = START_US;
  block = report (&stats, START_US + 1500000);
  g_assert_cmphex (block.lsr, ==, 0x33445566);
  g_assert_cmpuint (block.dlsr, ==, 65536 * 3 / 2);
}

static void
test_ntp (void)
{
  gint64 unix_us = g_get_real_time ();
  guint64 ntp = bif_ntp_now ();
  gint64 us = ((ntp >> 32) - G_GUINT64_CONSTANT (2208988800)) * G_USEC_PER_SEC
      + (((ntp & G_MAXUINT32) * G_USEC_PER_SEC) >> 32);

  g_assert_cmpint (us, >=, unix_us - 1);
  g_assert_cmpint (us, <, unix_us + 60 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/stats/nothing", test_nothing);
  g_test_add_func ("/packet/stats/loss", test_loss);
  g_test_add_func ("/packet/stats/late", test_late_arrival);
  g_test_add_func ("/packet/stats/lost-bound", test_lost_bound);
  g_test_add_func ("/packet/stats/extended", test_extended);
  g_test_add_func ("/packet/stats/jump", test_jump);
  g_test_add_func ("/packet/stats/jitter", test_jitter);
  g_test_add_func ("/packet/stats/hostile", test_hostile);
  g_test_add_func ("/packet/stats/sender-report", test_sender_report);
  g_test_add_func ("/packet/stats/ntp", test_ntp);
  return g_test_run ();
}
