/* packet-vp8: payload descriptors, whole, cut off and of any content. */
#include "packet/vp8.h"

#include <string.h>

typedef struct
{
  guint8 payload[12];
  gsize size;
  gboolean ok;
  BifVp8 want;
} Row;

static const Row rows[] = {
  {{0}, 0, FALSE},
  {{0x10}, 1, FALSE},
  /* no extension: a keyframe, a delta frame, a later packet, partition 1 */
  {{0x10, 0x00}, 2, TRUE, {1, TRUE, TRUE, .tid = -1}},
  {{0x10, 0x01}, 2, TRUE, {1, TRUE, FALSE, .tid = -1}},
  {{0x00, 0x00}, 2, TRUE, {1, FALSE, FALSE, .tid = -1}},
  {{0x11, 0x00}, 2, TRUE, {1, FALSE, FALSE, .tid = -1}},
  /* PictureID of 7 and of 15 bits */
  {{0x90, 0x80, 0x7f, 0x00}, 4, TRUE, {3, TRUE, TRUE, {0x7f, 0x7f, 2},
          -1}},
  {{0x90, 0x80, 0x92, 0x34, 0x01}, 5, TRUE, {4, TRUE, FALSE,
          {0x7fff, 0x1234, 2}, -1}},
  {{0x90, 0x80, 0x92, 0x34}, 4, FALSE},
  {{0x90, 0x80, 0x92}, 3, FALSE},
  {{0x90, 0x80}, 2, FALSE},
  {{0x90}, 1, FALSE},
  /* all there is, as browsers send it */
  {{0x90, 0xe0, 0x80, 0x05, 0x07, 0xa0, 0x01}, 7, TRUE, {6, TRUE, FALSE,
          {0x7fff, 5, 2, 4, 7}, 2, TRUE}},
  {{0x90, 0xf0, 0x05, 0x07, 0x41, 0x00}, 6, TRUE, {5, TRUE, TRUE,
          {0x7f, 5, 2, 3, 7}, 1, FALSE}},
  {{0x90, 0xf0, 0x05, 0x07, 0x41}, 5, FALSE},
  {{0x90, 0xf0, 0x05, 0x07}, 4, FALSE},
  {{0x90, 0xf0, 0x05}, 3, FALSE},
  /* TL0PICIDX alone, KEYIDX alone, nothing announced */
  {{0x90, 0x40, 0xff, 0x00}, 4, TRUE, {3, TRUE, TRUE, {0, 0, 0, 2, 0xff},
          -1}},
  {{0x90, 0x10, 0xff, 0x00}, 4, TRUE, {3, TRUE, TRUE, .tid = -1}},
  {{0x90, 0x00, 0x00}, 3, TRUE, {2, TRUE, TRUE, .tid = -1}},
};

static void
test_parse (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    g_autofree guint8 *payload = g_memdup2 (row->payload, row->size);
    BifVp8 vp8;

    g_test_message ("row %u", i);
    g_assert_cmpint (bif_vp8_parse (&vp8, payload, row->size), ==, row->ok);
    if (!row->ok)
      continue;
    g_assert_cmpuint (vp8.size, ==, row->want.size);
    g_assert_cmpint (vp8.start, ==, row->want.start);
    g_assert_cmpint (vp8.keyframe, ==, row->want.keyframe);
    g_assert_cmpuint (vp8.picture.id_at, ==, row->want.picture.id_at);
    g_assert_cmpuint (vp8.picture.tl0_at, ==, row->want.picture.tl0_at);
    g_assert_cmpint (vp8.picture.mask, ==, row->want.picture.mask);
    g_assert_cmpint (vp8.picture.id, ==, row->want.picture.id);
    g_assert_cmpint (vp8.picture.tl0, ==, row->want.picture.tl0);
    g_assert_cmpint (vp8.tid, ==, row->want.tid);
    g_assert_cmpint (vp8.sync, ==, row->want.sync);
  }
}

/* What is patched reads back; nothing else changes. */
static void
test_patch (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    guint8 payload[12];
    BifVp8 before, after;

    memcpy (payload, rows[i].payload, sizeof payload);
    if (!bif_vp8_parse (&before, payload, rows[i].size))
      continue;
    bif_picture_patch (&before.picture, payload, 0x7abc, 0xde);
    g_assert_true (bif_vp8_parse (&after, payload, rows[i].size));
    if (before.picture.id_at != 0)
      g_assert_cmpint (after.picture.id, ==,
          before.picture.mask == 0x7fff ? 0x7abc : 0x3c);
    if (before.picture.tl0_at != 0)
      g_assert_cmpint (after.picture.tl0, ==, 0xde);
    bif_picture_patch (&after.picture, payload, before.picture.id,
        before.picture.tl0);
    g_assert_cmpmem (payload, sizeof payload, rows[i].payload,
        sizeof payload);
  }
}

static void
test_hostile (void)
{
  for (guint i = 0; i < 200000; i++) {
    gsize size = g_test_rand_int_range (0, 10);
    g_autofree guint8 *payload = g_malloc (size);
    BifVp8 vp8;

    for (gsize b = 0; b < size; b++)
      payload[b] = g_test_rand_int ();
    if (!bif_vp8_parse (&vp8, payload, size))
      continue;
    g_assert_cmpuint (vp8.size, <, size);
    g_assert_cmpint (vp8.tid, >=, -1);
    g_assert_cmpint (vp8.tid, <=, 3);
    bif_picture_patch (&vp8.picture, payload, 0xffff, 0xff);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet-vp8/parse", test_parse);
  g_test_add_func ("/packet-vp8/patch", test_patch);
  g_test_add_func ("/packet-vp8/hostile", test_hostile);
  return g_test_run ();
}
