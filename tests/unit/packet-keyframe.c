/* packet-keyframe: payloads that a decoder can start at, and any others. */
#include "packet/keyframe.h"
#include "hex.h"

static void
test_names (void)
{
  static const struct
  {
    const char *name;
    BifCodec codec;
  } rows[] = {
    {"VP8", BIF_CODEC_VP8}, {"vp8", BIF_CODEC_VP8}, {"VP9", BIF_CODEC_VP9},
    {"H264", BIF_CODEC_H264}, {"h265", BIF_CODEC_H265}, {"Av1", BIF_CODEC_AV1},
    {"VP8 ", BIF_CODEC_OTHER}, {"VP88", BIF_CODEC_OTHER},
    {"", BIF_CODEC_OTHER}, {"OPUS", BIF_CODEC_OTHER}, {NULL, BIF_CODEC_OTHER},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (bif_codec_from_name (rows[i].name), ==, rows[i].codec);
}

/* @needed: fewer bytes than this cannot say that it is a keyframe; 0: none. */
static const struct
{
  BifCodec codec;
  const char *hex;
  gboolean keyframe;
  gsize needed;
} payloads[] = {
  /* no extension; picture id of 7 and 15 bits; TL0PICIDX, TID, KEYIDX */
  {BIF_CODEC_VP8, "10 50 02 00 9d012a", TRUE, 2},
  {BIF_CODEC_VP8, "10 51 02 00 9d012a", FALSE, 0},
  {BIF_CODEC_VP8, "00 50 02 00", FALSE, 0},     /* no start */
  {BIF_CODEC_VP8, "11 50 02 00", FALSE, 0},     /* second partition */
  {BIF_CODEC_VP8, "30 50 02 00", TRUE, 2},      /* N: for no one's reference */
  {BIF_CODEC_VP8, "90 00 50 02", TRUE, 3},
  {BIF_CODEC_VP8, "90 80 01 50 02", TRUE, 4},
  {BIF_CODEC_VP8, "90 80 8001 50 02", TRUE, 5},
  {BIF_CODEC_VP8, "90 80 8001 51 02", FALSE, 0},
  {BIF_CODEC_VP8, "90 c0 8001 07 50", TRUE, 6},
  {BIF_CODEC_VP8, "90 e0 8001 07 20 50", TRUE, 7},
  {BIF_CODEC_VP8, "90 f0 8001 07 20 50", TRUE, 7},
  {BIF_CODEC_VP8, "90 20 20 50", TRUE, 4},
  {BIF_CODEC_VP8, "90 10 01 50", TRUE, 4},
  {BIF_CODEC_VP8, "90 f0 8001 07 20 51", FALSE, 0},
  /* I P L F B E V Z */
  {BIF_CODEC_VP9, "08 00", TRUE, 1},
  {BIF_CODEC_VP9, "48 00", FALSE, 0},
  {BIF_CODEC_VP9, "00 00", FALSE, 0},
  {BIF_CODEC_VP9, "88 01 00", TRUE, 2},
  {BIF_CODEC_VP9, "aa 8001 00 00", TRUE, 4},
  {BIF_CODEC_VP9, "aa 01 00 00", TRUE, 3},
  {BIF_CODEC_VP9, "aa 8001 02 00", FALSE, 0},   /* spatial layer 1 */
  {BIF_CODEC_VP9, "28 00 00", TRUE, 2},
  {BIF_CODEC_VP9, "28 0e 00", FALSE, 0},
  /* SPS; IDR; slice; STAP-A with and without SPS; FU-A of an SPS, of an IDR */
  {BIF_CODEC_H264, "67 42c01e", TRUE, 1},
  {BIF_CODEC_H264, "65 8884", FALSE, 0},
  {BIF_CODEC_H264, "41 9a", FALSE, 0},
  {BIF_CODEC_H264, "18 0004 6742c01e 0002 68ce", TRUE, 7},
  {BIF_CODEC_H264, "18 0002 09f0 0004 6742c01e 0002 68ce", TRUE, 11},
  {BIF_CODEC_H264, "18 0002 68ce 0002 6588", FALSE, 0},
  {BIF_CODEC_H264, "18 0000 6742", FALSE, 0},
  {BIF_CODEC_H264, "18 ffff 6742", FALSE, 0},
  {BIF_CODEC_H264, "7c 87 42", TRUE, 2},
  {BIF_CODEC_H264, "7c 07 42", FALSE, 0},
  {BIF_CODEC_H264, "7c 85 88", FALSE, 0},
  /* VPS, SPS, IDR, CRA, slice; AP; FU */
  {BIF_CODEC_H265, "4001 0c", TRUE, 3},
  {BIF_CODEC_H265, "4201 01", TRUE, 3},
  {BIF_CODEC_H265, "2601 af", TRUE, 3},
  {BIF_CODEC_H265, "2a01 af", TRUE, 3},
  {BIF_CODEC_H265, "0201 af", FALSE, 0},
  {BIF_CODEC_H265, "4401 c1", FALSE, 0},
  {BIF_CODEC_H265, "6001 0003 40010c 0003 420101", TRUE, 7},
  {BIF_CODEC_H265, "6001 0003 4401c1 0003 420101", TRUE, 12},
  {BIF_CODEC_H265, "6001 0003 4401c1 0003 0201af", FALSE, 0},
  {BIF_CODEC_H265, "6201 93 af", TRUE, 3},
  {BIF_CODEC_H265, "6201 13 af", FALSE, 0},
  {BIF_CODEC_H265, "6201 81 af", FALSE, 0},
  /* Z Y W N */
  {BIF_CODEC_AV1, "18 0a0b", TRUE, 1},
  {BIF_CODEC_AV1, "10 0a0b", FALSE, 0},
  {BIF_CODEC_AV1, "90 0a0b", FALSE, 0},
  {BIF_CODEC_OTHER, "00", TRUE, 0},
};

/* Each payload whole, and cut at every byte: nothing is read beyond the end,
 * and what cannot be seen is not claimed. */
static void
test_payloads (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (payloads); i++) {
    gsize size;
    g_autofree guint8 *whole = unhex (payloads[i].hex, &size);

    g_test_message ("%s", payloads[i].hex);
    g_assert_cmpint (bif_payload_is_keyframe (payloads[i].codec, whole, size),
        ==, payloads[i].keyframe);
    for (gsize n = 0; n < size; n++) {
      g_autofree guint8 *cut = g_memdup2 (whole, n);

      g_assert_cmpint (bif_payload_is_keyframe (payloads[i].codec, cut, n),
          ==, payloads[i].keyframe && n >= payloads[i].needed);
    }
  }
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint i = 0; i < 200000; i++) {
    gsize size = g_rand_int_range (rand, 0, 12);
    g_autofree guint8 *bytes = g_malloc (size);

    for (gsize k = 0; k < size; k++)
      bytes[k] = g_rand_int (rand);
    for (BifCodec codec = BIF_CODEC_OTHER; codec <= BIF_CODEC_AV1; codec++)
      bif_payload_is_keyframe (codec, bytes, size);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/keyframe/names", test_names);
  g_test_add_func ("/packet/keyframe/payloads", test_payloads);
  g_test_add_func ("/packet/keyframe/random", test_random);
  return g_test_run ();
}
