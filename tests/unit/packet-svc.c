/* packet-svc: VP9 and AV1 as encoders send them, played to one subscriber: what
 * it gets is what it asked for, decodable, and ends pictures where they end. */
#include "packet/svc.h"

#include <string.h>

#define SPATIAL 3
#define TEMPORAL 3
#define TARGETS (SPATIAL * TEMPORAL)

static const int pattern[] = { 0, 2, 1, 2 };

typedef struct
{
  BifSvc svc;
  gboolean av1, flexible;
  guint picture;                /* since the keyframe */
  guint16 id;
  gint64 now_us;
  BifDdStructure structure;
  BifDd dd;
  int top;                      /* layers that the encoder sends */
  int last_sid;                 /* of what went out, of one picture */
  guint sent[SPATIAL][TEMPORAL];
  gboolean ended;
} Test;

static void
make_structure (BifDdStructure * structure)
{
  *structure = (BifDdStructure) {
    .n_targets = TARGETS,.n_spatial = SPATIAL,.n_temporal = TEMPORAL
  };
  for (guint t = 0; t < TARGETS; t++) {
    structure->target_sid[t] = t / TEMPORAL;
    structure->target_tid[t] = t % TEMPORAL;
  }
}

static void
set_up (Test * test, gconstpointer data)
{
  const char *kind = data;

  memset (test, 0, sizeof *test);
  bif_svc_init (&test->svc);
  test->av1 = strstr (kind, "av1") != NULL;
  test->flexible = strstr (kind, "flexible") != NULL;
  test->top = SPATIAL;
  test->now_us = 1000000;
  make_structure (&test->structure);
}

static void
tear_down (Test * test, gconstpointer data)
{
}

/* As of full SVC: what a target does not hold is not present; the base of its
 * time lets it be switched to, and so does the top of any. */
static BifDdIndication
indication (guint target, int sid, int tid, gboolean keyframe)
{
  int target_sid = target / TEMPORAL, target_tid = target % TEMPORAL;

  if (sid > target_sid || tid > target_tid)
    return BIF_DD_NOT_PRESENT;
  if (keyframe || (tid == 0 && sid == target_sid))
    return BIF_DD_SWITCH;
  return sid < target_sid ? BIF_DD_REQUIRED : BIF_DD_DISCARDABLE;
}

static void
fill_dd (Test * test, BifFrame * frame, gboolean keyframe)
{
  test->dd.n_targets = TARGETS;
  test->dd.mask = bif_dd_all_targets (TARGETS);
  for (guint t = 0; t < TARGETS; t++)
    test->dd.dti[t] = indication (t, frame->sid, frame->tid, keyframe);
  frame->dd = &test->dd;
  frame->structure = &test->structure;
}

static void
take (Test * test, const BifFrame * frame)
{
  if (!bif_svc_take (&test->svc, frame, test->id * 3000, test->now_us))
    return;
  g_assert_cmpint (frame->sid, ==, test->last_sid + 1);
  g_assert_false (test->ended);
  test->last_sid = frame->sid;
  test->ended = bif_svc_ends (&test->svc.layers, frame);
  test->sent[frame->sid][frame->tid]++;
}

static void
send_picture (Test * test, gboolean keyframe)
{
  static const guint8 references[] = { 4, 1, 2, 1 };

  if (keyframe)
    test->picture = 0;
  test->now_us += 33333;
  test->id++;
  test->last_sid = -1;
  test->ended = FALSE;
  for (int sid = 0; sid < test->top; sid++) {
    BifFrame frame = {
      .known = TRUE,.start = TRUE,.end = TRUE,.sid = sid,
      .tid = pattern[test->picture % 4],.keyframe = keyframe && sid == 0,
      .inter = !keyframe,.picture = {0x7fff, test->id & 0x7fff, 1, 0, 0, TRUE}
    };

    if (test->flexible && !keyframe) {
      frame.reference[0] = references[test->picture % 4];
      frame.n_references = 1;
    } else {
      frame.sync = TRUE;
    }
    if (test->av1)
      fill_dd (test, &frame, keyframe);
    take (test, &frame);
  }
  test->picture++;
}

static void
want (Test * test, guint spatial, guint temporal)
{
  test->svc.target_spatial = spatial;
  test->svc.target_temporal = temporal;
}

/* Nothing but what is wanted goes out, and all of that. */
static void
expect (Test * test, int spatial, int temporal)
{
  memset (test->sent, 0, sizeof test->sent);
  for (guint i = 0; i < 40; i++)
    send_picture (test, FALSE);
  for (int s = 0; s < SPATIAL; s++) {
    for (int t = 0; t < TEMPORAL; t++)
      g_assert_cmpuint (test->sent[s][t], ==,
          s > spatial || t > temporal ? 0 : t == 2 ? 20 : 10);
  }
  g_assert_cmpint (bif_svc_spatial (&test->svc), ==, spatial);
  g_assert_cmpint (bif_svc_temporal (&test->svc), ==, temporal);
}

static void
settle (Test * test)
{
  for (guint i = 0; i < 8; i++)
    send_picture (test, FALSE);
}

static void
test_choice (Test * test, gconstpointer data)
{
  for (guint i = 0; i < 8; i++)
    send_picture (test, FALSE);
  g_assert_cmpint (test->last_sid, ==, -1);
  g_assert_true (bif_svc_waits (&test->svc, test->now_us));
  send_picture (test, TRUE);
  test->picture = 0;
  expect (test, 2, 2);
  g_assert_false (bif_svc_waits (&test->svc, test->now_us));
  for (guint spatial = 0; spatial < SPATIAL; spatial++) {
    for (guint temporal = 0; temporal < TEMPORAL; temporal++) {
      want (test, spatial, temporal);
      settle (test);
      send_picture (test, TRUE);
      test->picture = 0;
      expect (test, spatial, temporal);
    }
  }
}

/* Lower layers, and more pictures, need no keyframe. */
static void
test_no_keyframe (Test * test, gconstpointer data)
{
  send_picture (test, TRUE);
  test->picture = 0;
  for (int spatial = 2; spatial >= 0; spatial--) {
    for (int temporal = 0; temporal < TEMPORAL; temporal++) {
      want (test, spatial, temporal);
      settle (test);
      expect (test, spatial, temporal);
      g_assert_false (bif_svc_waits (&test->svc, test->now_us));
    }
  }
  want (test, 1, 2);
  settle (test);
  expect (test, 0, 2);
  g_assert_true (bif_svc_waits (&test->svc, test->now_us));
  send_picture (test, TRUE);
  test->picture = 0;
  expect (test, 1, 2);
}

/* A layer that the encoder does not send is not waited for. */
static void
test_gone (Test * test, gconstpointer data)
{
  send_picture (test, TRUE);
  settle (test);
  test->top = 1;
  want (test, 0, 2);
  settle (test);
  want (test, 2, 2);
  settle (test);
  settle (test);
  g_assert_false (bif_svc_waits (&test->svc, test->now_us));
  test->top = 3;
  settle (test);
  g_assert_true (bif_svc_waits (&test->svc, test->now_us));
}

#define ADD(name, func) \
  g_test_add ("/packet-svc/" name "/vp9", Test, "vp9", set_up, func, \
      tear_down); \
  g_test_add ("/packet-svc/" name "/vp9-flexible", Test, "vp9-flexible", \
      set_up, func, tear_down); \
  g_test_add ("/packet-svc/" name "/av1", Test, "av1", set_up, func, \
      tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("choice", test_choice);
  ADD ("no-keyframe", test_no_keyframe);
  ADD ("gone", test_gone);
  return g_test_run ();
}
