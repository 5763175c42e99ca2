/* robust-numbers: a publisher whose numbers misbehave (another SSRC, jumps,
 * roll-overs, loss, disorder), and subscribers that must not notice. */
#include "fan.h"

#include <string.h>

#define BATCH 50

/* ---- another SSRC ---- */

static gboolean
is_pli (const BifRtcpPacket * packet, gpointer ssrc)
{
  return packet->type == BIF_RTCP_PSFB && packet->count == BIF_PSFB_PLI
      && bif_rtcp_media_ssrc (packet) == *(guint32 *) ssrc;
}

/* Subscribers get one sequence without a gap; since nothing before helps a
 * decoder with it, the new one is asked for a keyframe, unless it has one. */
static void
test_ssrc (Fan * fan, gconstpointer data)
{
  fan_pass (fan, 20, 0);
  for (guint i = 1; i < 6; i++) {
    fan->rtp.ssrc = FAN_IN_SSRC + i;
    fan->rtp.roc = 0;
    fan->rtp.sequence = i * 13001;
    fan->rtp.timestamp = i * 77777777;
    fan->rtp.mid = i % 2 ? NULL : "m0";
    fan_pass (fan, 1, 0);
    g_assert_true (peer_receive_rtcp (&fan->peer, is_pli, &fan->rtp.ssrc));
    fan_pass (fan, 20, 0);
  }
}

/* ---- jumps ---- */

static void
test_forward (Fan * fan, gconstpointer data)
{
  static const guint jumps[] = { 3001, 5000, 20000, 32000 };

  fan_pass (fan, 20, 0);
  for (guint round = 0; round < 3; round++) {
    for (guint i = 0; i < G_N_ELEMENTS (jumps); i++) {
      fan_skip (fan, jumps[i]);
      fan_pass (fan, 10, 0);
    }
  }
}

/* SRTP takes what is further back than its window for a replay, and a leap of
 * more than half the numbers for one back; neither leaves a trace. */
static void
test_refused (Fan * fan, gconstpointer data)
{
  static const struct
  {
    gint by, roc;
  } jumps[] = { {-1000, 0}, {-30000, 0}, {-40000, 0}, {40000, 0}, {60000, 0},
    {40000, 5}, {0, 1}, {0, 0x7fffffff}
  };

  fan->rtp.sequence = 45000;
  fan_pass (fan, 20, 0);
  for (guint i = 0; i < G_N_ELEMENTS (jumps); i++) {
    Rtp before = fan->rtp;
    guint number = fan->number;

    fan->rtp.sequence += jumps[i].by;
    fan->rtp.roc += jumps[i].roc + (before.sequence + jumps[i].by
        > G_MAXUINT16);
    for (guint k = 0; k < 5; k++)
      fan_send (fan);
    fan_sync (fan);
    for (guint k = 0; k < FAN_SUBSCRIBERS; k++)
      g_assert_cmpuint (fan_drain (&fan->subscriber[k]), ==, 0);
    fan->rtp = before;
    fan->number = number;
    fan_pass (fan, 10, 0);
  }
}

/* ---- roll-overs ---- */

/* 16-bit numbers 40 times, 32-bit timestamps as often; both keep their steps
 * on the way out. */
static void
test_wrap (Fan * fan, gconstpointer data)
{
  guint16 sequence[FAN_SUBSCRIBERS];
  guint32 timestamp[FAN_SUBSCRIBERS];
  guint step = 0;

  fan->rtp.sequence = 65500;
  for (guint i = 0; i < 1000; i++) {
    fan_send (fan);
    for (guint k = 0; k < FAN_SUBSCRIBERS; k++) {
      FanSubscriber *subscriber = &fan->subscriber[k];
      guint32 time;

      fan_take (subscriber);
      time = subscriber->peer.header.timestamp;
      g_assert_cmpuint (subscriber->number, ==, i);
      if (i > 0) {
        g_assert_cmpuint (subscriber->sequence, ==, (guint16) (sequence[k]
                + step));
        g_assert_cmpuint (time, ==, (guint32) (timestamp[k] + 0x0a000000));
      }
      sequence[k] = subscriber->sequence;
      timestamp[k] = time;
    }
    fan->rtp.timestamp += 0x0a000000 - 3000;
    fan_skip (fan, 2700);
    step = 2701;
  }
  g_assert_cmpuint (fan->rtp.roc, >=, 40);
}

/* ---- loss ---- */

/* Asks for what @self lacks, as a browser would: numbers of the outgoing stream
 * run with the packets. FALSE: it lacks nothing. */
static gboolean
ask_for_missing (FanSubscriber * self, guint start, guint end,
    guint16 first_sequence)
{
  guint16 missing[BATCH];
  guint n = 0;

  for (guint i = start; i < end; i++) {
    if (self->seen[i] == 0)
      missing[n++] = first_sequence + i;
  }
  if (n > 0)
    fan_nack (self, missing, n);
  return n > 0;
}

/* Reads what comes within 20 ms. */
static void
drain_lossy (FanSubscriber * self)
{
  gint64 until_us = g_get_monotonic_time () + 20 * 1000;

  while (peer_receive_rtp_until (&self->peer, until_us)) {
    until_us = 0;
    fan_note (self);
  }
}

/* 30 % of what goes out is lost, repetitions included; in the end everybody has
 * everything. */
static void
test_loss_out (Fan * fan, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  gint64 until_us = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  guint16 first[FAN_SUBSCRIBERS];
  guint64 resent = 0;

  fan_pass (fan, 1, 0);
  for (guint k = 0; k < FAN_SUBSCRIBERS; k++)
    first[k] = fan->subscriber[k].sequence;
  for (guint k = 0; k < FAN_SUBSCRIBERS; k++)
    fan->subscriber[k].peer.loss = rand;
  while (fan->number < 1000) {
    guint start = fan->number;

    for (guint i = 0; i < BATCH; i++)
      fan_send (fan);
    fan_sync (fan);
    for (guint k = 0; k < FAN_SUBSCRIBERS; k++) {
      do {
        g_assert_cmpint (g_get_monotonic_time (), <, until_us);
        drain_lossy (&fan->subscriber[k]);
      } while (ask_for_missing (&fan->subscriber[k], start, fan->number,
              first[k]));
    }
  }
  for (guint k = 0; k < FAN_SUBSCRIBERS; k++) {
    g_assert_cmpuint (fan->subscriber[k].n_seen, ==, fan->number);
    resent += peer_stat (&fan->subscriber[k].peer, "retransmitted");
  }
  g_test_message ("%u packets for each of %u, %" G_GUINT64_FORMAT
      " sent again", fan->number, FAN_SUBSCRIBERS, resent);
  g_assert_cmpuint (resent, >=, FAN_SUBSCRIBERS * 1000 * 30 / 100);
}

/* What the publisher keeps of a batch that lost some. */
typedef struct
{
  guint8 data[BATCH][400];
  gsize size[BATCH];
  guint16 first;                /* sequence number */
  gboolean lost[BATCH];
  guint n_lost;
  guint16 wanted[BATCH];
  guint n_wanted;
} Lost;

static void
take_wanted (guint16 sequence, gpointer user_data)
{
  Lost *lost = user_data;
  guint i = (guint16) (sequence - lost->first);

  g_assert_cmpuint (i, <, BATCH);
  /* asked twice, where the answer crossed the question */
  if (!lost->lost[i])
    return;
  lost->lost[i] = FALSE;
  lost->wanted[lost->n_wanted++] = i;
}

static gboolean
is_nack (const BifRtcpPacket * packet, gpointer user_data)
{
  if (packet->type != BIF_RTCP_RTPFB || packet->count != BIF_RTPFB_NACK)
    return FALSE;
  g_assert_cmphex (bif_rtcp_media_ssrc (packet), ==, FAN_IN_SSRC);
  bif_rtcp_nack_foreach (packet, take_wanted, user_data);
  return TRUE;
}

/* The last of a batch comes through: it is what shows the gaps. */
static void
send_lossy (Fan * fan, Lost * lost, GRand * rand)
{
  memset (lost, 0, sizeof *lost);
  lost->first = fan->rtp.sequence;
  for (guint i = 0; i < BATCH; i++) {
    lost->size[i] = fan_write (fan, lost->data[i]);
    lost->lost[i] = i < BATCH - 1 && g_rand_int_range (rand, 0, 100) < 30;
    lost->n_lost += lost->lost[i];
    if (!lost->lost[i])
      peer_send (&fan->peer, lost->data[i], lost->size[i]);
  }
}

/* 30 % of what the publisher sends is lost; it answers what it is asked for,
 * and every subscriber gets everything once. */
static void
test_loss_in (Fan * fan, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autofree Lost *lost = g_new0 (Lost, 1);
  guint n_lost = 0;

  fan_pass (fan, 1, 0);
  while (fan->number < 500) {
    send_lossy (fan, lost, rand);
    while (lost->n_wanted < lost->n_lost)
      g_assert_true (peer_receive_rtcp (&fan->peer, is_nack, lost));
    for (guint i = 0; i < lost->n_wanted; i++)
      peer_send (&fan->peer, lost->data[lost->wanted[i]],
          lost->size[lost->wanted[i]]);
    n_lost += lost->n_lost;
    fan_sync (fan);
    for (guint k = 0; k < FAN_SUBSCRIBERS; k++)
      fan_drain (&fan->subscriber[k]);
  }
  for (guint k = 0; k < FAN_SUBSCRIBERS; k++) {
    g_assert_cmpuint (fan->subscriber[k].n_seen, ==, fan->number);
    for (guint i = 0; i < fan->number; i++)
      g_assert_cmpuint (fan->subscriber[k].seen[i], ==, 1);
  }
  g_assert_cmpuint (peer_stat (&fan->peer, "nacked"), >=, n_lost);
}

/* ---- disorder ---- */

/* Sent up to three times, and out of order: everybody gets each one once, with
 * the number of its place. */
static void
test_disorder (Fan * fan, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  guint16 first[FAN_SUBSCRIBERS];

  fan->rtp.sequence = 65400;
  fan_pass (fan, 1, 0);
  for (guint k = 0; k < FAN_SUBSCRIBERS; k++)
    first[k] = fan->subscriber[k].sequence;
  for (guint round = 0; round < 40; round++) {
    guint8 packet[16][400];
    gsize size[16];

    for (guint i = 0; i < 16; i++)
      size[i] = fan_write (fan, packet[i]);
    for (guint i = 0; i < 64; i++) {
      guint pick = g_rand_int_range (rand, 0, 16);

      if (i >= 48)
        pick = i - 48;          /* each one at last */
      peer_send (&fan->peer, packet[pick], size[pick]);
    }
    fan_sync (fan);
    for (guint k = 0; k < FAN_SUBSCRIBERS; k++) {
      FanSubscriber *subscriber = &fan->subscriber[k];

      for (guint i = 0; i < 16; i++) {
        fan_take (subscriber);
        g_assert_cmpuint (subscriber->seen[subscriber->number], ==, 1);
        g_assert_cmpuint (subscriber->sequence, ==, (guint16) (first[k]
                + subscriber->number));
      }
      g_assert_cmpuint (fan_drain (subscriber), ==, 0);
      g_assert_cmpuint (subscriber->n_seen, ==, fan->number);
    }
  }
  g_assert_cmpuint (peer_stat (&fan->peer, "rtp-replayed"), ==, 40 * 48);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fan * fan, gconstpointer data);
  } tests[] = {
    {"/robust/ssrc", test_ssrc},
    {"/robust/jump/forward", test_forward},
    {"/robust/jump/refused", test_refused},
    {"/robust/wrap", test_wrap},
    {"/robust/loss/out", test_loss_out},
    {"/robust/loss/in", test_loss_in},
    {"/robust/disorder", test_disorder},
  };
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fan, NULL, fan_set_up, tests[i].func,
        fan_tear_down);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
