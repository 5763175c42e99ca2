/* packet-estimate: a link of a known rate with a queue, played packet by packet
 * with our own feedback; the estimate finds the rate. */
#include "packet/estimate.h"
#include "packet/twcc.h"

#include <string.h>

#define SIZE 1200
#define QUEUE_US 300000

typedef struct
{
  const char *name;
  guint capacity, rate;         /* bit/s */
  guint loss;                   /* of 100 */
  guint least, most;            /* what is to be estimated, bit/s */
} Row;

static const Row rows[] = {
  {"narrow", 1000000, 1500000, 0, 600000, 1050000},
  {"very narrow", 300000, 2000000, 0, 150000, 320000},
  {"wide", 10000000, 1000000, 0, 900000, 1700000},
  {"lossy", 10000000, 1000000, 30, 30000, 700000},
  {"a little lossy", 10000000, 1000000, 3, 800000, 1700000},
};

static void
report (BifEstimate * estimate, BifTwcc * twcc, gint64 now_us)
{
  guint8 out[BIF_TWCC_MAX_SIZE];
  gsize size;

  while ((size = bif_twcc_write (twcc, out, sizeof out, 1, 2)) > 0) {
    BifRtcpPacket packet;
    gsize offset = 0;

    g_assert_true (bif_rtcp_next (out, size, &offset, &packet));
    bif_estimate_feedback (estimate, &packet, now_us);
  }
}

static void
play (const Row * row, BifEstimate * estimate)
{
  BifTwcc twcc = { 0 };
  gint64 now_us = 5000000, free_us = 0, reported_us = now_us;
  gint64 step_us = SIZE * 8 * (gint64) 1000000 / row->rate;
  gint64 takes_us = SIZE * 8 * (gint64) 1000000 / row->capacity;

  for (guint16 number = 65000; now_us < 25000000; now_us += step_us) {
    gint64 at_us = MAX (now_us, free_us) + takes_us;

    bif_estimate_sent (estimate, number, SIZE, now_us);
    if (at_us - now_us < QUEUE_US) {
      free_us = at_us;
      if (g_test_rand_int_range (0, 100) >= (int) row->loss)
        bif_twcc_packet (&twcc, number, at_us + 777000000);
    }
    number++;
    if (now_us - reported_us < 100000)
      continue;
    reported_us = now_us;
    report (estimate, &twcc, now_us);
  }
}

static void
test_link (gconstpointer data)
{
  const Row *row = data;
  g_autofree BifEstimate *estimate = g_new0 (BifEstimate, 1);

  play (row, estimate);
  g_test_message ("%u bit/s, delay %" G_GINT64_FORMAT " us",
      estimate->bitrate, estimate->delay_us);
  g_assert_cmpuint (estimate->bitrate, >=, row->least);
  g_assert_cmpuint (estimate->bitrate, <=, row->most);
}

static void
test_remb (void)
{
  g_autofree BifEstimate *estimate = g_new0 (BifEstimate, 1);

  bif_estimate_loss (estimate, 100, 1000000);
  g_assert_cmpuint (estimate->bitrate, ==, 0);
  bif_estimate_remb (estimate, 800000);
  bif_estimate_loss (estimate, 10, 2000000);
  g_assert_cmpuint (estimate->bitrate, ==, 800000);
  bif_estimate_loss (estimate, 128, 3000000);
  g_assert_cmpuint (estimate->bitrate, ==, 600000);
}

static void
test_hostile (void)
{
  g_autofree BifEstimate *estimate = g_new0 (BifEstimate, 1);

  for (guint i = 0; i < 100000; i++) {
    gsize size = g_test_rand_int_range (0, 80);
    g_autofree guint8 *body = g_malloc (size);
    BifRtcpPacket packet = { BIF_RTCP_RTPFB, 15, body, size };

    for (gsize at = 0; at < size; at++)
      body[at] = g_test_rand_int ();
    if (size > 10)
      body[10] &= 3;
    bif_estimate_sent (estimate, i, 1000, i);
    bif_estimate_feedback (estimate, &packet, i * 1000);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *name = g_strdup_printf ("/packet-estimate/%s",
        rows[i].name);

    g_test_add_data_func (name, &rows[i], test_link);
  }
  g_test_add_func ("/packet-estimate/remb", test_remb);
  g_test_add_func ("/packet-estimate/hostile", test_hostile);
  return g_test_run ();
}
