/* packet-audio-level: talking and silence from rows of levels. */
#include "packet/audio-level.h"

static const struct
{
  guint window, threshold;
  guint8 levels[8];             /* 255 ends */
  const char *changes;          /* a letter a packet: T, S, or - for none */
} rows[] = {
  {2, 25, {10, 10, 255}, "-T"},
  {2, 25, {25, 25, 255}, "--"},
  {2, 25, {24, 25, 255}, "-T"},
  {2, 25, {10, 10, 10, 10, 90, 90, 255}, "-T---S"},
  {2, 25, {127, 0x80 | 5, 0x80 | 5, 0x80 | 5, 255}, "---T"},
  {1, 127, {127, 126, 127, 255}, "-TS"},
  {0, 127, {0, 0, 0, 255}, "---"},
  {3, 0, {0, 0, 0, 255}, "---"},
};

static void
test_rows (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    BifAudioLevel level = { 0 };

    bif_audio_level_set (&level, rows[i].window, rows[i].threshold);
    for (guint k = 0; rows[i].levels[k] != 255; k++) {
      gboolean changed = bif_audio_level_add (&level, rows[i].levels[k]);

      g_assert_cmpint (!changed ? '-' : level.talking ? 'T' : 'S', ==,
          rows[i].changes[k]);
    }
  }
}

static void
test_mean (void)
{
  BifAudioLevel level = { 0 };

  bif_audio_level_set (&level, 4, 25);
  bif_audio_level_add (&level, 1);
  bif_audio_level_add (&level, 2);
  bif_audio_level_add (&level, 2);
  g_assert_true (bif_audio_level_add (&level, 2));
  g_assert_cmpfloat (level.mean, ==, 1.75);
  /* a window that is set anew begins anew; the same goes on */
  bif_audio_level_add (&level, 127);
  bif_audio_level_set (&level, 4, 25);
  g_assert_cmpuint (level.count, ==, 1);
  bif_audio_level_set (&level, 2, 25);
  g_assert_cmpuint (level.count, ==, 0);
  g_assert_true (level.talking);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/audio-level/rows", test_rows);
  g_test_add_func ("/audio-level/mean", test_mean);
  return g_test_run ();
}
