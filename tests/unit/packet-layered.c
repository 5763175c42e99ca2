/* packet-layered: the numbers of what one subscriber is sent of many layers:
 * no gaps of our making, none twice, and each leads back to its packet. */
#include "packet/layered.h"

#include <string.h>

#define PACKETS_A_PICTURE 3

/* One encoding: pictures of a few packets, in the temporal pattern 0 2 1 2. */
typedef struct
{
  guint64 index;
  guint32 timestamp;
  guint16 picture_id;
  guint8 tl0;
  guint picture;                /* since the keyframe */
} Encoder;

typedef struct
{
  BifRewrite rewrite;
  BifLayered layered;
  Encoder encoder[3];
  gint64 now_us;
  gboolean has;                 /* something was sent; the last of it: */
  BifLayeredNumbers last;
  guint8 last_tid;
} Test;

static void
set_up (Test * test, gconstpointer data)
{
  memset (test, 0, sizeof *test);
  test->rewrite.clock_rate = 90000;
  bif_layered_init (&test->layered, &test->rewrite, 3);
  test->now_us = 1000000;
  for (guint i = 0; i < 3; i++) {
    test->encoder[i] = (Encoder) { 0x10000 + i * 1000, i * 7777777,
      0x7ff0 + i * 5, 250 + i, 0
    };
  }
}

static void
tear_down (Test * test, gconstpointer data)
{
}

static void
begin_picture (Encoder * encoder, gboolean keyframe, BifFrame * vp8)
{
  static const int tids[] = { 0, 2, 1, 2 };

  if (keyframe)
    encoder->picture = 0;
  *vp8 = (BifFrame) {
    .start = TRUE,.keyframe = keyframe,
    .picture = {0x7fff, ++encoder->picture_id & 0x7fff, 2, 4},
    .tid = tids[encoder->picture % 4],.sync = encoder->picture % 4 > 0
  };
  if (vp8->tid == 0)
    encoder->tl0++;
  vp8->picture.tl0 = encoder->tl0;
  encoder->picture++;
  encoder->timestamp += 3000;
}

static BifLayeredPacket
next_packet (Encoder * encoder, guint substream, BifFrame * vp8)
{
  return (BifLayeredPacket) {
    .index = ++encoder->index,.timestamp = encoder->timestamp,
    .layer = {substream, vp8->keyframe, vp8->start, vp8->tid, vp8->sync},
    .frame = vp8,
  };
}

/* What goes out: one number on, and a picture that is the same or the next. */
static void
check_next (Test * test, const BifLayeredPacket * packet,
    const BifLayeredNumbers * out)
{
  int substream;
  guint64 index, out_index;
  BifLayeredNumbers again;

  g_assert_false (out->empty);
  if (test->has) {
    guint step = packet->frame->start;
    guint8 tl0_step = packet->frame->start && packet->frame->tid == 0;

    g_assert_cmpuint (out->index, ==, test->last.index + 1);
    g_assert_cmpint (out->picture_id, ==, (test->last.picture_id + step)
        & 0x7fff);
    g_assert_cmpint (out->tl0, ==, (guint8) (test->last.tl0 + tl0_step));
  }
  g_assert_true (bif_layered_unmap (&test->layered, out->index, &substream,
          &index, &out_index));
  g_assert_cmpint (substream, ==, packet->layer.substream);
  g_assert_cmpuint (index, ==, packet->index);
  g_assert_cmpuint (out_index, ==, out->index);
  g_assert_true (bif_layered_again (&test->layered, packet, &again));
  g_assert_cmpuint (again.index, ==, out->index);
  g_assert_cmpuint (again.timestamp, ==, out->timestamp);
  g_assert_cmpint (again.picture_id, ==, out->picture_id);
  g_assert_cmpint (again.tl0, ==, out->tl0);
  test->has = TRUE;
  test->last = *out;
}

static void
send_picture (Test * test, guint substream, gboolean keyframe)
{
  Encoder *encoder = &test->encoder[substream];
  BifFrame vp8;

  begin_picture (encoder, keyframe, &vp8);
  for (guint i = 0; i < PACKETS_A_PICTURE; i++) {
    BifLayeredPacket packet = next_packet (encoder, substream, &vp8);
    BifLayeredNumbers out = { 0 };

    if (bif_layered_take (&test->layered, &packet, test->now_us, &out))
      check_next (test, &packet, &out);
    vp8.start = vp8.keyframe = FALSE;
  }
}

/* An hour of wishes, at 30 pictures a second and less. */
static void
test_steady (Test * test, gconstpointer data)
{
  guint seen[3] = { 0 };

  for (guint i = 0; i < 30000; i++) {
    test->now_us += 33333;
    if (g_test_rand_int_range (0, 40) == 0)
      test->layered.layers.target_substream = g_test_rand_int_range (0, 3);
    if (g_test_rand_int_range (0, 20) == 0)
      test->layered.layers.target_temporal = g_test_rand_int_range (0, 3);
    if (g_test_rand_int_range (0, 500) == 0)
      bif_layered_restart (&test->layered);
    for (guint s = 0; s < 3; s++)
      send_picture (test, s, g_test_rand_int_range (0, 30) == 0);
    if (test->layered.layers.substream >= 0)
      seen[test->layered.layers.substream]++;
  }
  for (guint s = 0; s < 3; s++)
    g_assert_cmpuint (seen[s], >, 1000);
}

/* Times go on with the clock, whatever base a substream has. */
static void
test_time (Test * test, gconstpointer data)
{
  guint32 before;

  send_picture (test, 2, TRUE);
  before = test->last.timestamp;
  test->layered.layers.target_substream = 0;
  test->now_us += 1000000;
  send_picture (test, 0, TRUE);
  g_assert_cmpuint (test->last.timestamp, ==, before + 90000);
}

/* What was lost on the way to us keeps its number; what comes late gets it, and
 * without its payload where the layer was left out. */
static void
test_late (Test * test, gconstpointer data)
{
  BifFrame vp8[8];
  BifLayeredPacket packet[8];
  BifLayeredNumbers out, base;

  test->layered.layers.target_temporal = 0;
  for (guint i = 0; i < 8; i++) {
    begin_picture (&test->encoder[0], i == 0, &vp8[i]);
    packet[i] = next_packet (&test->encoder[0], 0, &vp8[i]);
  }
  g_assert_true (bif_layered_take (&test->layered, &packet[0], 1, &base));
  /* 1 (layer 2) is lost; 2 and 3 are left out; 4 is of the base layer */
  g_assert_false (bif_layered_take (&test->layered, &packet[2], 1, &out));
  g_assert_false (bif_layered_take (&test->layered, &packet[3], 1, &out));
  g_assert_true (bif_layered_take (&test->layered, &packet[4], 1, &out));
  g_assert_cmpuint (out.index, ==, base.index + 2);
  g_assert_true (bif_layered_take (&test->layered, &packet[1], 1, &out));
  g_assert_cmpuint (out.index, ==, base.index + 1);
  g_assert_true (out.empty);
  /* what was left out has no number when it comes again */
  g_assert_false (bif_layered_take (&test->layered, &packet[3], 1, &out));
  g_assert_false (bif_layered_again (&test->layered, &packet[2], &out));
  /* nor has what was sent before anything else */
  packet[0].index -= 5;
  g_assert_false (bif_layered_take (&test->layered, &packet[0], 1, &out));
}

/* A NACK for what was sent before a switch is answered from that substream. */
static void
test_nack (Test * test, gconstpointer data)
{
  BifLayeredNumbers last;
  guint64 index, out_index;
  int substream;

  send_picture (test, 2, TRUE);
  send_picture (test, 2, FALSE);
  last = test->last;
  test->layered.layers.target_substream = 1;
  for (guint i = 0; i < 100; i++)
    send_picture (test, 1, i == 0);
  g_assert_true (bif_layered_unmap (&test->layered, last.index, &substream,
          &index, &out_index));
  g_assert_cmpint (substream, ==, 2);
  g_assert_cmpuint (index, ==, test->encoder[2].index);
  /* what was never sent, and what is forgotten */
  g_assert_false (bif_layered_unmap (&test->layered, test->last.index + 1,
          &substream, &index, &out_index));
  g_assert_false (bif_layered_unmap (&test->layered, last.index - 6,
          &substream, &index, &out_index));
  test->layered.layers.target_temporal = 0;
  for (guint i = 0; i < 4 * BIF_LAYERED_RUNS; i++)
    send_picture (test, 1, FALSE);
  g_assert_false (bif_layered_unmap (&test->layered, last.index, &substream,
          &index, &out_index));
}

/* A source that begins anew, far ahead: numbers and pictures go on. */
static void
test_jump (Test * test, gconstpointer data)
{
  static const guint64 jumps[] = { 3001, 0x20000, 100000, 70000 };

  send_picture (test, 2, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (jumps); i++) {
    test->layered.layers.target_temporal = i % 3;
    test->encoder[2].index += jumps[i];
    test->encoder[2].picture_id += 999;
    test->encoder[2].tl0 += 9;
    send_picture (test, 2, TRUE);
    for (guint n = 0; n < 10; n++)
      send_picture (test, 2, FALSE);
  }
}

/* Any order, any content: nothing breaks, no number is used for two. */
static void
test_hostile (Test * test, gconstpointer data)
{
  static const guint16 masks[] = { 0, 0x7f, 0x7fff, 0xffff };
  g_autoptr (GHashTable) used = g_hash_table_new (NULL, NULL);

  if (data != NULL)
    bif_layered_init (&test->layered, &test->rewrite, 1);
  for (guint i = 0; i < 100000; i++) {
    BifFrame frame = {
      .known = TRUE,.start = g_test_rand_bit (),.end = g_test_rand_bit (),
      .keyframe = g_test_rand_int_range (0, 9) == 0,
      .sid = g_test_rand_int_range (-1, 4),
      .tid = g_test_rand_int_range (-1, 4),.inter = g_test_rand_bit (),
      .picture = {masks[i % 4], g_test_rand_int (), 2, 4, g_test_rand_int (),
            g_test_rand_bit ()}
    };
    BifLayeredPacket packet = {
      .index = 0x10000 + i / 10 + g_test_rand_int_range (0, 50),
      .timestamp = i / 20,
      .layer = {data != NULL ? 0 : g_test_rand_int_range (0, 4),
          frame.keyframe, frame.start, frame.tid, g_test_rand_bit ()},
      .frame = &frame,
    };
    BifLayeredNumbers out;
    gpointer key, value;

    test->layered.layers.target_substream = i / 999 % 3;
    test->layered.svc.target_spatial = i / 777 % 3;
    test->layered.svc.target_temporal = i / 333 % 3;
    if (!bif_layered_take (&test->layered, &packet, 1000 + i, &out))
      continue;
    key = GSIZE_TO_POINTER (out.index);
    value = GSIZE_TO_POINTER (packet.index * 4 + packet.layer.substream);
    g_assert_cmpuint (out.index, <=, test->rewrite.highest);
    if (g_hash_table_contains (used, key))
      g_assert_true (g_hash_table_lookup (used, key) == value);
    g_hash_table_insert (used, key, value);
  }
  g_assert_cmpuint (g_hash_table_size (used), >, 1000);
}

#define ADD(name, func) \
  g_test_add ("/packet-layered/" name, Test, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("steady", test_steady);
  ADD ("time", test_time);
  ADD ("late", test_late);
  ADD ("nack", test_nack);
  ADD ("jump", test_jump);
  ADD ("hostile", test_hostile);
  g_test_add ("/packet-layered/hostile-svc", Test, "svc", set_up,
      test_hostile, tear_down);
  return g_test_run ();
}
