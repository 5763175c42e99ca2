/* packet-layers: layer choice, step by step: a table for each story. */
#include "packet/layers.h"

typedef enum
{
  PACKET, SUBSTREAM, TEMPORAL, FALLBACK, RESTART, END
} What;

typedef struct
{
  What what;
  gint64 at_ms;
  guint substream;              /* or the value of a wish */
  gboolean key;
  int tid;
  gboolean sync;
  BifLayerVerdict verdict;
  int now, temporal;            /* sent behind it */
  int wanted;
} Step;

#define KEY TRUE, 0, FALSE
#define DELTA FALSE, 0, FALSE
#define NO_TID FALSE, -1, FALSE

/* The highest as soon as it is there, by keyframes alone. */
static const Step start[] = {
  {PACKET, 0, 0, DELTA, BIF_LAYER_DROP, -1, -1, 0},
  {PACKET, 1, 0, KEY, BIF_LAYER_SWITCH, 0, 0, 0},
  {PACKET, 2, 1, DELTA, BIF_LAYER_DROP, 0, 0, 1},
  {PACKET, 3, 2, DELTA, BIF_LAYER_DROP, 0, 0, 2},
  {PACKET, 4, 1, KEY, BIF_LAYER_DROP, 0, 0, 2},
  {PACKET, 5, 0, DELTA, BIF_LAYER_SEND, 0, 0, 2},
  {PACKET, 6, 2, KEY, BIF_LAYER_SWITCH, 2, 0, 2},
  {PACKET, 7, 0, KEY, BIF_LAYER_DROP, 2, 0, 2},
  {PACKET, 8, 2, DELTA, BIF_LAYER_SEND, 2, 0, 2},
  {PACKET, 9, 3, KEY, BIF_LAYER_DROP, 2, 0, 2},
  {RESTART, 9, 0, DELTA, 0, -1, -1, 2},
  {PACKET, 10, 2, DELTA, BIF_LAYER_DROP, -1, -1, 2},
  {PACKET, 11, 2, KEY, BIF_LAYER_SWITCH, 2, 0, 2},
  {END},
};

/* A wish is granted at a keyframe, either way. */
static const Step wish[] = {
  {PACKET, 0, 2, KEY, BIF_LAYER_SWITCH, 2, 0, 2},
  {PACKET, 1, 1, KEY, BIF_LAYER_DROP, 2, 0, 2},
  {PACKET, 1, 0, KEY, BIF_LAYER_DROP, 2, 0, 2},
  {SUBSTREAM, 2, 0, DELTA, 0, 2, 0, 0},
  {PACKET, 3, 2, DELTA, BIF_LAYER_SEND, 2, 0, 0},
  {PACKET, 4, 0, DELTA, BIF_LAYER_DROP, 2, 0, 0},
  {PACKET, 5, 1, KEY, BIF_LAYER_DROP, 2, 0, 0},
  {PACKET, 6, 0, KEY, BIF_LAYER_SWITCH, 0, 0, 0},
  {PACKET, 7, 2, KEY, BIF_LAYER_DROP, 0, 0, 0},
  {SUBSTREAM, 8, 1, DELTA, 0, 0, 0, 1},
  {PACKET, 9, 1, KEY, BIF_LAYER_SWITCH, 1, 0, 1},
  {END},
};

/* Silence of the wanted one: the next lower, then back. */
static const Step fallback[] = {
  {PACKET, 0, 2, KEY, BIF_LAYER_SWITCH, 2, 0, 2},
  {PACKET, 0, 1, DELTA, BIF_LAYER_DROP, 2, 0, 2},
  {PACKET, 200, 0, DELTA, BIF_LAYER_DROP, 2, 0, 2},
  {PACKET, 240, 1, KEY, BIF_LAYER_DROP, 2, 0, 2},
  {PACKET, 251, 1, DELTA, BIF_LAYER_DROP, 2, 0, 1},
  {PACKET, 252, 1, KEY, BIF_LAYER_SWITCH, 1, 0, 1},
  {PACKET, 520, 0, KEY, BIF_LAYER_SWITCH, 0, 0, 0},
  {PACKET, 530, 2, DELTA, BIF_LAYER_DROP, 0, 0, 2},
  {PACKET, 540, 2, KEY, BIF_LAYER_SWITCH, 2, 0, 2},
  /* all are silent: it stays */
  {SUBSTREAM, 5000, 2, DELTA, 0, 2, 0, 2},
  {FALLBACK, 5000, 1000, DELTA, 0, 2, 0, 2},
  {PACKET, 6000, 2, DELTA, BIF_LAYER_SEND, 2, 0, 2},
  {PACKET, 6900, 1, KEY, BIF_LAYER_DROP, 2, 0, 2},
  {PACKET, 7001, 1, KEY, BIF_LAYER_SWITCH, 1, 0, 1},
  {END},
};

/* A keyframe that says it is of a temporal layer. */
static const Step lying[] = {
  {TEMPORAL, 0, 1, DELTA, 0, -1, -1, -1},
  {PACKET, 1, 2, TRUE, 3, FALSE, BIF_LAYER_DROP, -1, -1, 2},
  {PACKET, 1, 2, TRUE, 1, FALSE, BIF_LAYER_SWITCH, 2, 1, 2},
  {PACKET, 2, 2, TRUE, 2, FALSE, BIF_LAYER_SKIP, 2, 1, 2},
  {END},
};

/* Only a higher one is there. */
static const Step above[] = {
  {SUBSTREAM, 0, 0, DELTA, 0, -1, -1, -1},
  {PACKET, 1, 2, DELTA, BIF_LAYER_DROP, -1, -1, 2},
  {PACKET, 2, 1, KEY, BIF_LAYER_SWITCH, 1, 0, 1},
  {PACKET, 3, 0, KEY, BIF_LAYER_SWITCH, 0, 0, 0},
  {END},
};

/* Down at once, up where the layer says that it may begin. */
static const Step temporal[] = {
  {PACKET, 0, 2, KEY, BIF_LAYER_SWITCH, 2, 0, 2},
  {PACKET, 1, 2, FALSE, 2, TRUE, BIF_LAYER_SEND, 2, 2, 2},
  {PACKET, 2, 2, FALSE, 1, TRUE, BIF_LAYER_SEND, 2, 2, 2},
  {TEMPORAL, 3, 0, DELTA, 0, 2, 2, 2},
  {PACKET, 4, 2, FALSE, 2, FALSE, BIF_LAYER_SKIP, 2, 0, 2},
  {PACKET, 5, 2, DELTA, BIF_LAYER_SEND, 2, 0, 2},
  {PACKET, 6, 2, FALSE, 1, TRUE, BIF_LAYER_SKIP, 2, 0, 2},
  {TEMPORAL, 7, 1, DELTA, 0, 2, 0, 2},
  {PACKET, 8, 2, FALSE, 1, FALSE, BIF_LAYER_SKIP, 2, 0, 2},
  {PACKET, 9, 2, FALSE, 2, TRUE, BIF_LAYER_SKIP, 2, 0, 2},
  {PACKET, 10, 2, FALSE, 1, TRUE, BIF_LAYER_SEND, 2, 1, 2},
  {PACKET, 11, 2, FALSE, 1, FALSE, BIF_LAYER_SEND, 2, 1, 2},
  {TEMPORAL, 12, 2, DELTA, 0, 2, 1, 2},
  {PACKET, 13, 2, FALSE, 2, FALSE, BIF_LAYER_SKIP, 2, 1, 2},
  {PACKET, 14, 2, KEY, BIF_LAYER_SEND, 2, 1, 2},
  {PACKET, 15, 2, FALSE, 2, FALSE, BIF_LAYER_SEND, 2, 2, 2},
  {PACKET, 16, 2, FALSE, 3, TRUE, BIF_LAYER_SKIP, 2, 2, 2},
  {END},
};

/* H.264, and VP8 that says nothing of layers. */
static const Step no_temporal[] = {
  {TEMPORAL, 0, 0, DELTA, 0, -1, -1, -1},
  {PACKET, 0, 1, TRUE, -1, FALSE, BIF_LAYER_SWITCH, 1, -1, 1},
  {PACKET, 1, 1, NO_TID, BIF_LAYER_SEND, 1, -1, 1},
  {PACKET, 2, 2, TRUE, -1, FALSE, BIF_LAYER_SWITCH, 2, -1, 2},
  {PACKET, 3, 1, TRUE, -1, FALSE, BIF_LAYER_DROP, 2, -1, 2},
  {END},
};

static void
run (gconstpointer data)
{
  BifLayers layers;

  bif_layers_init (&layers, 3);
  for (const Step * step = data; step->what != END; step++) {
    gint64 now_us = 1000000 + step->at_ms * 1000;
    BifLayerPacket packet = { step->substream, step->key, TRUE, step->tid,
      step->sync
    };

    g_test_message ("step %d", (int) (step - (const Step *) data));
    if (step->what == SUBSTREAM)
      layers.target_substream = step->substream;
    else if (step->what == TEMPORAL)
      layers.target_temporal = step->substream;
    else if (step->what == FALLBACK)
      layers.fallback_us = step->substream * 1000;
    else if (step->what == RESTART)
      bif_layers_restart (&layers);
    else
      g_assert_cmpint (bif_layers_take (&layers, &packet, now_us), ==,
          step->verdict);
    g_assert_cmpint (layers.substream, ==, step->now);
    g_assert_cmpint (layers.temporal, ==, step->temporal);
    g_assert_cmpint (bif_layers_wanted (&layers, now_us), ==, step->wanted);
  }
}

/* Two layers are the low ones; wishes beyond them are for the best. */
static void
test_two (void)
{
  BifLayers layers;
  BifLayerPacket packet = { 1, TRUE, TRUE, 0, FALSE };

  bif_layers_init (&layers, 2);
  g_assert_cmpint (bif_layers_take (&layers, &packet, 1), ==,
      BIF_LAYER_SWITCH);
  packet.substream = 2;
  g_assert_cmpint (bif_layers_take (&layers, &packet, 1), ==, BIF_LAYER_DROP);
  g_assert_cmpint (bif_layers_wanted (&layers, 1), ==, 1);
  g_assert_cmpint (layers.total_temporal, ==, 1);
}

/* The packets of a picture go the way of its first. */
static void
test_picture (void)
{
  BifLayers layers;
  BifLayerPacket packet = { 0, TRUE, TRUE, 0, FALSE };

  bif_layers_init (&layers, 1);
  bif_layers_take (&layers, &packet, 1);
  packet = (BifLayerPacket) { 0, FALSE, TRUE, 2, TRUE };
  g_assert_cmpint (bif_layers_take (&layers, &packet, 2), ==,
      BIF_LAYER_SEND);
  layers.target_temporal = 0;
  packet.start = FALSE;
  g_assert_cmpint (bif_layers_take (&layers, &packet, 3), ==,
      BIF_LAYER_SEND);
  packet.start = TRUE;
  g_assert_cmpint (bif_layers_take (&layers, &packet, 4), ==,
      BIF_LAYER_SKIP);
  layers.target_temporal = 2;
  packet.start = FALSE;
  g_assert_cmpint (bif_layers_take (&layers, &packet, 5), ==,
      BIF_LAYER_SKIP);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/packet-layers/start", start, run);
  g_test_add_data_func ("/packet-layers/wish", wish, run);
  g_test_add_data_func ("/packet-layers/fallback", fallback, run);
  g_test_add_data_func ("/packet-layers/lying", lying, run);
  g_test_add_data_func ("/packet-layers/above", above, run);
  g_test_add_data_func ("/packet-layers/temporal", temporal, run);
  g_test_add_data_func ("/packet-layers/no-temporal", no_temporal, run);
  g_test_add_func ("/packet-layers/two", test_two);
  g_test_add_func ("/packet-layers/picture", test_picture);
  return g_test_run ();
}
