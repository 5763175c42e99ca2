/* packet-vp9: payload descriptors, whole, cut off and of any content. */
#include "packet/vp9.h"

#include <string.h>

typedef struct
{
  guint8 payload[24];
  gsize size;
  gboolean ok;
  BifVp9 want;
} Row;

static const Row rows[] = {
  {{0}, 0, FALSE},
  {{0x08}, 1, FALSE},
  /* nothing said: begins a keyframe; goes on; ends; a delta frame */
  {{0x08, 1}, 2, TRUE, {1, .start = TRUE, .sid = -1, .tid = -1,
          .keyframe = TRUE}},
  {{0x00, 1}, 2, TRUE, {1, .sid = -1, .tid = -1}},
  {{0x04, 1}, 2, TRUE, {1, .end = TRUE, .sid = -1, .tid = -1}},
  {{0x48, 1}, 2, TRUE, {1, .start = TRUE, .inter = TRUE, .sid = -1,
          .tid = -1}},
  /* PictureID of 7 and of 15 bits */
  {{0x88, 0x7f, 1}, 3, TRUE, {2, .start = TRUE, .sid = -1, .tid = -1,
          .keyframe = TRUE, .picture = {0x7f, 0x7f, 1}}},
  {{0x88, 0x92, 0x34, 1}, 4, TRUE, {3, .start = TRUE, .sid = -1, .tid = -1,
          .keyframe = TRUE, .picture = {0x7fff, 0x1234, 1}}},
  {{0x88, 0x92, 0x34}, 3, FALSE},
  {{0x88, 0x92}, 2, FALSE},
  /* layers, with TL0PICIDX: temporal 2 that is an up-switch, spatial 1 */
  {{0xec, 0x81, 0x00, 0x53, 0x09, 1}, 6, TRUE, {5, .start = TRUE,
          .end = TRUE, .inter = TRUE, .sid = 1, .tid = 2, .up = TRUE,
          .inter_layer = TRUE, .picture = {0x7fff, 0x100, 1, 4, 9}}},
  {{0xec, 0x81, 0x00, 0x53, 0x09}, 5, FALSE},
  {{0xec, 0x81, 0x00, 0x53}, 4, FALSE},
  /* an upper layer of a keyframe is none */
  {{0xac, 0x81, 0x00, 0x03, 0x09, 1}, 6, TRUE, {5, .start = TRUE,
          .end = TRUE, .sid = 1, .inter_layer = TRUE,
          .picture = {0x7fff, 0x100, 1, 4, 9}}},
  /* flexible: no TL0PICIDX, but references */
  {{0xf8, 0x05, 0x40, 0x03, 0x04, 1}, 6, TRUE, {5, .start = TRUE,
          .inter = TRUE, .flexible = TRUE, .tid = 2, .reference = {1, 2},
          .n_references = 2, .picture = {0x7f, 5, 1}}},
  {{0xf8, 0x05, 0x40, 0x03, 0x05, 0x07, 1}, 7, FALSE},
  {{0xf8, 0x05, 0x40, 0x03, 0x05, 0x06, 1}, 7, TRUE, {6, .start = TRUE,
          .inter = TRUE, .flexible = TRUE, .tid = 2, .reference = {1, 2, 3},
          .n_references = 3, .picture = {0x7f, 5, 1}}},
  {{0xf8, 0x05, 0x40, 0x03}, 4, FALSE},
  /* a scalability structure: three layers with sizes; a group of two */
  {{0x0a, 0x50, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 9, 1}, 15, TRUE,
        {14, .start = TRUE, .sid = -1, .tid = -1, .n_spatial = 3,
          .keyframe = TRUE}},
  {{0x0a, 0x50, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9}, 13, FALSE},
  {{0x0a, 0x08, 2, 0x00, 0x14, 0x01, 1}, 7, TRUE, {6, .start = TRUE,
          .sid = -1, .tid = -1, .n_spatial = 1, .keyframe = TRUE}},
  {{0x0a, 0x08, 2, 0x00, 0x14, 0x01}, 6, FALSE},
  {{0x0a, 0x08, 2, 0x00}, 4, FALSE},
  {{0x0a, 0x08}, 2, FALSE},
};

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    /* a copy of its exact size, so that a sanitizer sees reads behind it */
    g_autofree guint8 *payload = g_memdup2 (row->payload, row->size);
    BifVp9 got, want = row->want;

    g_test_message ("row %u", i);
    g_assert_cmpint (bif_vp9_parse (&got, payload, row->size), ==, row->ok);
    if (!row->ok)
      continue;
    g_assert_cmpuint (got.size, ==, want.size);
    g_assert_cmpint (got.start, ==, want.start);
    g_assert_cmpint (got.end, ==, want.end);
    g_assert_cmpint (got.inter, ==, want.inter);
    g_assert_cmpint (got.flexible, ==, want.flexible);
    g_assert_cmpint (got.sid, ==, want.sid);
    g_assert_cmpint (got.tid, ==, want.tid);
    g_assert_cmpint (got.up, ==, want.up);
    g_assert_cmpint (got.inter_layer, ==, want.inter_layer);
    g_assert_cmpint (got.keyframe, ==, want.keyframe);
    g_assert_cmpuint (got.n_spatial, ==, want.n_spatial);
    g_assert_cmpmem (got.reference, got.n_references, want.reference,
        want.n_references);
    g_assert_cmpint (got.picture.mask, ==, want.picture.mask);
    g_assert_cmpint (got.picture.id, ==, want.picture.id);
    g_assert_cmpuint (got.picture.id_at, ==, want.picture.id_at);
    g_assert_cmpuint (got.picture.tl0_at, ==, want.picture.tl0_at);
    g_assert_cmpint (got.picture.tl0, ==, want.picture.tl0);
    g_assert_true (got.picture.by_difference);
  }
}

static void
test_hostile (void)
{
  for (guint i = 0; i < 200000; i++) {
    gsize size = g_test_rand_int_range (0, 40);
    g_autofree guint8 *payload = g_malloc (size);
    BifVp9 vp9;

    for (gsize at = 0; at < size; at++)
      payload[at] = g_test_rand_int ();
    if (!bif_vp9_parse (&vp9, payload, size))
      continue;
    g_assert_cmpuint (vp9.size, <, size);
    bif_picture_patch (&vp9.picture, payload, 0xffff, 0xff);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet-vp9/parse", test_parse);
  g_test_add_func ("/packet-vp9/hostile", test_hostile);
  return g_test_run ();
}
