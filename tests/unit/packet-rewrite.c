/* packet-rewrite: numbers that go out are steady, whatever comes in. */
#include "packet/rewrite.h"

#define START_US G_GINT64_CONSTANT (5000000)

typedef struct
{
  BifRewrite rewrite;
  guint64 index;
  guint32 timestamp;
} Out;

static gboolean
map (Out * out, guint64 index, guint32 timestamp, gint64 now_us)
{
  return bif_rewrite_map (&out->rewrite, index, timestamp, now_us,
      &out->index, &out->timestamp);
}

static Out
make (void)
{
  return (Out) { .rewrite.clock_rate = 90000 };
}

static void
test_first (void)
{
  for (guint i = 0; i < 1000; i++) {
    Out out = make ();

    g_assert_true (map (&out, 0x10000 + i * 65, i, START_US));
    g_assert_cmpuint (out.index, <=, 0x8000);
    g_assert_cmpuint (out.index, >, 0);
  }
}

/* Gaps, order and times of one epoch go through as they are. */
static void
test_epoch (void)
{
  static const int steps[] = { 1, 2, 5, 3, 4, 100, 2999, 2998, 50 };
  Out out = make ();
  guint64 first;
  guint32 first_timestamp;

  g_assert_true (map (&out, 0x1fff0, 0xfffffff0, START_US));
  first = out.index;
  first_timestamp = out.timestamp;
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_assert_true (map (&out, 0x1fff0 + steps[i],
            0xfffffff0 + steps[i] * 3000, START_US + i));
    g_assert_cmpuint (out.index, ==, first + steps[i]);
    g_assert_cmpuint (out.timestamp, ==, (guint32) (first_timestamp
            + steps[i] * 3000));
  }
}

/* What is skipped takes no number, what was lost before it keeps its own. */
static void
test_skip (void)
{
  Out out = make ();
  guint64 first;

  bif_rewrite_skip (&out.rewrite, 0x1ffff);     /* nothing has begun */
  g_assert_true (map (&out, 0x20000, 0, START_US));
  first = out.index;
  bif_rewrite_skip (&out.rewrite, 0x20001);
  bif_rewrite_skip (&out.rewrite, 0x20002);
  g_assert_true (map (&out, 0x20003, 0, START_US));
  g_assert_cmpuint (out.index, ==, first + 1);
  bif_rewrite_skip (&out.rewrite, 0x20005);     /* 4 was lost */
  g_assert_true (map (&out, 0x20006, 0, START_US));
  g_assert_cmpuint (out.index, ==, first + 3);
  g_assert_false (map (&out, 0x20005, 0, START_US));
  /* a source that begins anew right behind it */
  bif_rewrite_skip (&out.rewrite, 0x20007);
  g_assert_true (map (&out, 0x50000, 0, START_US));
  g_assert_cmpuint (out.index, ==, first + 4);
}

/* A pause takes time, and no numbers. */
static void
test_pause (void)
{
  static const struct
  {
    guint64 index;
    guint32 timestamp;
    gint64 pause_us;
    guint32 step;               /* of the timestamp that goes out */
  } rows[] = {
    {0x10000, 0, 0, 1},
    {0x10000, 77, 1000000, 90000},
    {0x5000000, 0xffffffff, 20000, 1800},
    {0, 1, -5, 1},
    {3, 1, 3600 * G_GINT64_CONSTANT (1000000), 3600 * 90000},
  };
  Out out = make ();
  gint64 now_us = START_US;

  g_assert_true (map (&out, 0x12345, 1000, now_us));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint64 last = out.index;
    guint32 timestamp = out.timestamp;

    bif_rewrite_pause (&out.rewrite);
    bif_rewrite_pause (&out.rewrite);
    now_us += rows[i].pause_us;
    g_assert_true (map (&out, rows[i].index, rows[i].timestamp, now_us));
    g_assert_cmpuint (out.index, ==, last + 1);
    g_assert_cmpuint (out.timestamp, ==, (guint32) (timestamp
            + rows[i].step));
  }
}

/* What is older than the epoch must not be sent under numbers of another. */
static void
test_late (void)
{
  Out out = make ();
  guint64 last;

  g_assert_true (map (&out, 1000, 0, START_US));
  g_assert_false (map (&out, 999, 0, START_US));
  g_assert_true (map (&out, 1003, 0, START_US));
  g_assert_true (map (&out, 1002, 0, START_US));
  bif_rewrite_pause (&out.rewrite);
  g_assert_true (map (&out, 1005, 0, START_US));
  last = out.index;
  g_assert_false (map (&out, 1004, 0, START_US));
  g_assert_false (map (&out, 0, 0, START_US));
  g_assert_true (map (&out, 1006, 0, START_US));
  g_assert_cmpuint (out.index, ==, last + 1);
}

/* A source that jumps (it restarted) must not take what goes out along: the
 * receiver would lose count of the roll-overs. */
static void
test_jump (void)
{
  static const guint64 jumps[] = { 3001, 0x8000, 0x10000, 0x1ffff, 1 << 30 };
  Out out = make ();
  guint64 index = 0x10005;

  g_assert_true (map (&out, index, 0, START_US));
  for (guint i = 0; i < G_N_ELEMENTS (jumps); i++) {
    guint64 last = out.index;

    index += jumps[i];
    g_assert_true (map (&out, index, g_random_int (), START_US + 40000));
    g_assert_cmpuint (out.index, ==, last + 1);
    g_assert_false (map (&out, index - 1, 0, START_US + 40000));
    g_assert_true (map (&out, ++index, 0, START_US + 40000));
    g_assert_cmpuint (out.index, ==, last + 2);
  }
}

static void
test_wrap (void)
{
  Out out = make ();
  guint64 first;

  g_assert_true (map (&out, 0x1fff0, 0, START_US));
  first = out.index;
  for (guint i = 1; i < 200000; i++) {
    g_assert_true (map (&out, 0x1fff0 + i, i * 960, START_US + i));
    g_assert_cmpuint (out.index, ==, first + i);
  }
  g_assert_cmpuint (out.index >> 16, >=, 3);
}

static void
test_unmap (void)
{
  Out out = make ();
  guint64 index, out_index, first, second;

  g_assert_false (bif_rewrite_unmap (&out.rewrite, 0, &index, &out_index));
  g_assert_true (map (&out, 0x10000, 0, START_US));
  first = out.index;
  for (guint i = 1; i < 1000; i++)
    g_assert_true (map (&out, 0x10000 + i * 100, 0, START_US));
  second = out.index;
  for (guint i = 700; i < 1000; i++) {
    g_assert_true (bif_rewrite_unmap (&out.rewrite, first + i * 100, &index,
            &out_index));
    g_assert_cmpuint (index, ==, 0x10000 + i * 100);
    g_assert_cmpuint (out_index, ==, first + i * 100);
  }
  /* not sent yet; and of another epoch */
  g_assert_false (bif_rewrite_unmap (&out.rewrite, second + 1, &index,
          &out_index));
  bif_rewrite_pause (&out.rewrite);
  g_assert_false (bif_rewrite_unmap (&out.rewrite, second, &index,
          &out_index));
  g_assert_true (map (&out, 0x10000, 0, START_US));
  g_assert_false (bif_rewrite_unmap (&out.rewrite, second, &index,
          &out_index));
  g_assert_true (bif_rewrite_unmap (&out.rewrite, second + 1, &index,
          &out_index));
  g_assert_cmpuint (index, ==, 0x10000);
}

/* All sequence numbers, against what was sent. */
static void
test_unmap_all (void)
{
  Out out = make ();
  guint64 index, out_index, highest;

  for (guint i = 0; i < 100; i++)
    g_assert_true (map (&out, 0x10000 + i, 0, START_US));
  highest = out.index;
  for (guint i = 0; i <= G_MAXUINT16; i++) {
    gboolean sent = (guint16) (highest - i) < 100;

    g_assert_cmpint (bif_rewrite_unmap (&out.rewrite, i, &index, &out_index),
        ==, sent);
    if (sent)
      g_assert_cmpuint (index - 0x10000, <, 100);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/rewrite/first", test_first);
  g_test_add_func ("/packet/rewrite/epoch", test_epoch);
  g_test_add_func ("/packet/rewrite/skip", test_skip);
  g_test_add_func ("/packet/rewrite/pause", test_pause);
  g_test_add_func ("/packet/rewrite/late", test_late);
  g_test_add_func ("/packet/rewrite/jump", test_jump);
  g_test_add_func ("/packet/rewrite/wrap", test_wrap);
  g_test_add_func ("/packet/rewrite/unmap", test_unmap);
  g_test_add_func ("/packet/rewrite/unmap-all", test_unmap_all);
  return g_test_run ();
}
