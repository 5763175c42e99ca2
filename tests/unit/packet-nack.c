/* packet-nack: gaps, and when they are asked for. */
#include "packet/nack.h"

#define START_US G_GINT64_CONSTANT (1000000)
#define MS 1000

/* What happens, ms after the start. */
typedef struct
{
  enum
  { END, PACKET, KEYFRAME, COLLECT } what;
  guint ms;
  guint64 index;
  int wanted[6];                /* of a collection; -1 ends */
} Step;

static const struct
{
  const char *name;
  Step steps[10];
} cases[] = {
  {"nothing", {{COLLECT, 0, 0, {-1}}}},
  {"in order", {{PACKET, 0, 10}, {PACKET, 1, 11}, {COLLECT, 500, 0, {-1}}}},
  {"gap", {{PACKET, 0, 10}, {PACKET, 1, 13}, {COLLECT, 12, 0, {-1}},
          {COLLECT, 13, 0, {11, 12, -1}}, {COLLECT, 100, 0, {-1}},
          {COLLECT, 167, 0, {-1}}, {COLLECT, 168, 0, {11, 12, -1}},
          {COLLECT, 999, 0, {-1}}}},
  {"reordered", {{PACKET, 0, 10}, {PACKET, 0, 12}, {PACKET, 5, 11},
          {COLLECT, 50, 0, {-1}}}},
  {"sent again", {{PACKET, 0, 10}, {PACKET, 0, 13}, {COLLECT, 12, 0, {11, 12,
                  -1}}, {PACKET, 40, 11}, {COLLECT, 167, 0, {12, -1}},
          {PACKET, 170, 12}, {PACKET, 171, 12}, {COLLECT, 999, 0, {-1}}}},
  {"two gaps", {{PACKET, 0, 10}, {PACKET, 0, 12}, {PACKET, 6, 14},
          {COLLECT, 12, 0, {11, -1}}, {COLLECT, 18, 0, {13, -1}},
          {COLLECT, 173, 0, {11, 13, -1}}}},
  {"wrap", {{PACKET, 0, 0x1fffe}, {PACKET, 0, 0x20002},
          {COLLECT, 12, 0, {0xffff, 0, 1, -1}}}},
  {"keyframe", {{PACKET, 0, 10}, {KEYFRAME, 0, 13}, {PACKET, 0, 15},
          {COLLECT, 12, 0, {14, -1}}}},
  {"late keyframe", {{PACKET, 0, 10}, {PACKET, 0, 15}, {KEYFRAME, 1, 12},
          {COLLECT, 12, 0, {13, 14, -1}}}},
  {"jump", {{PACKET, 0, 1000}, {PACKET, 0, 1002}, {PACKET, 1, 1163},
          {COLLECT, 50, 0, {-1}}, {PACKET, 60, 1165},
          {COLLECT, 72, 0, {1164, -1}}}},
  {"too old", {{PACKET, 0, 1000}, {PACKET, 0, 1002}, {PACKET, 1, 1003},
          {PACKET, 2, 1162}, {PACKET, 2, 1162}, {PACKET, 2, 1161},
          {KEYFRAME, 3, 1161}, {COLLECT, 50, 0, {-1}}}},
  {"first ones", {{PACKET, 0, 0}, {PACKET, 0, 3},
          {COLLECT, 12, 0, {1, 2, -1}}}},
  {"end of numbers", {{PACKET, 0, G_MAXUINT64 - 3},
          {PACKET, 0, G_MAXUINT64 - 1}, {PACKET, 0, G_MAXUINT64},
          {COLLECT, 12, 0, {0xfffd, -1}}}},
};

static void
check_collect (BifNack * nack, const Step * step)
{
  gint64 now_us = START_US + step->ms * MS;
  gboolean due = bif_nack_due (nack) <= now_us;
  guint16 out[BIF_NACK_HISTORY];
  guint n = bif_nack_collect (nack, now_us, out, G_N_ELEMENTS (out));

  g_assert_cmpint (due, ==, n > 0);
  g_assert_cmpint (bif_nack_due (nack), >, now_us);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (out[i], ==, step->wanted[i]);
  g_assert_cmpint (step->wanted[n], ==, -1);
}

static void
test_case (gconstpointer data)
{
  const Step *step = data;
  BifNack nack = { 0 };

  for (; step->what != END; step++) {
    gint64 now_us = START_US + step->ms * MS;

    if (step->what == COLLECT) {
      check_collect (&nack, step);
      continue;
    }
    bif_nack_packet (&nack, step->index, now_us);
    if (step->what == KEYFRAME)
      bif_nack_keyframe (&nack, step->index);
  }
}

/* As much as the history holds, a few at a time; what has no room stays due. */
static void
test_full (void)
{
  BifNack nack = { 0 };
  guint16 out[7];
  guint next = 1, n;

  bif_nack_packet (&nack, 0, START_US);
  bif_nack_packet (&nack, BIF_NACK_HISTORY, START_US);
  g_assert_cmpuint (nack.n, ==, BIF_NACK_HISTORY - 1);
  while ((n = bif_nack_collect (&nack, START_US + BIF_NACK_FIRST_US, out,
              G_N_ELEMENTS (out))) > 0) {
    for (guint i = 0; i < n; i++)
      g_assert_cmpint (out[i], ==, next++);
  }
  g_assert_cmpuint (next, ==, BIF_NACK_HISTORY);
  g_assert_cmpuint (bif_nack_collect (&nack, G_MAXINT64, out, 0), ==, 0);
  g_assert_cmpuint (nack.n, ==, BIF_NACK_HISTORY - 1);
}

/* Any numbers at all: never more than the history, always ascending. */
static void
test_random (void)
{
  static const guint jumps[] = { 2, 10, 200, 100000 };
  BifNack nack = { 0 };
  guint64 index = 1000000;

  for (guint i = 0; i < 200000; i++) {
    guint jump = jumps[g_test_rand_int_range (0, G_N_ELEMENTS (jumps))];
    guint16 out[20];

    index += g_test_rand_int_range (0, 2 * jump) - jump / 2;
    bif_nack_packet (&nack, index, START_US + i * MS);
    if (i % 100 == 0)
      bif_nack_keyframe (&nack, index);
    if (i % 7 == 0)
      bif_nack_collect (&nack, START_US + i * MS, out, G_N_ELEMENTS (out));
    g_assert_cmpuint (nack.n, <=, BIF_NACK_HISTORY);
    for (guint k = 1; k < nack.n; k++)
      g_assert_cmpuint (nack.missing[k - 1].index, <, nack.missing[k].index);
    if (nack.n > 0) {
      g_assert_cmpuint (nack.missing[nack.n - 1].index, <, nack.highest);
      g_assert_cmpuint (nack.missing[0].index + BIF_NACK_HISTORY, >=,
          nack.highest);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/nack/%s", cases[i].name);

    g_test_add_data_func (path, cases[i].steps, test_case);
  }
  g_test_add_func ("/nack/full", test_full);
  g_test_add_func ("/nack/random", test_random);
  return g_test_run ();
}
