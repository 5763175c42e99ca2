/* packet-dependency: AV1's dependency descriptor, written here by the grammar
 * of the specification, read back and changed. */
#include "packet/dependency.h"

#include <string.h>

typedef struct
{
  guint8 data[256];
  gsize at;
} Writer;

static void
put (Writer * w, guint32 value, guint n)
{
  for (guint i = n; i > 0; i--, w->at++) {
    if (value >> (i - 1) & 1)
      w->data[w->at / 8] |= 0x80 >> w->at % 8;
  }
}

static gsize
end (const Writer * w)
{
  return (w->at + 7) / 8;
}

static void
begin (Writer * w, gboolean start, gboolean last, guint id, guint16 number)
{
  memset (w, 0, sizeof *w);
  put (w, start, 1);
  put (w, last, 1);
  put (w, id, 6);
  put (w, number, 16);
}

/* Two spatial layers of two temporal ones each; targets are as many. */
static const guint8 layers[4][2] = { {0, 0}, {0, 1}, {1, 0}, {1, 1} };
static const guint8 dtis[4][4] = {
  {2, 2, 3, 3}, {0, 1, 0, 3}, {0, 0, 2, 2}, {0, 0, 0, 1}
};

static void
put_structure (Writer * w, guint offset)
{
  put (w, offset, 6);
  put (w, 3, 5);                /* four targets */
  for (guint i = 0; i < 4; i++)
    put (w, i == 3 ? 3 : i == 1 ? 2 : 1, 2);
  for (guint i = 0; i < 4; i++) {
    for (guint t = 0; t < 4; t++)
      put (w, dtis[i][t], 2);
  }
  for (guint i = 0; i < 4; i++) {
    for (guint d = 0; d < i; d++)
      put (w, 0x10 | d, 5);
    put (w, 0, 1);
  }
  put (w, 2, 2);                /* ns(5): two chains */
  for (guint t = 0; t < 4; t++)
    put (w, t > 1, 1);
  for (guint i = 0; i < 4 * 2; i++)
    put (w, i, 4);
  put (w, 1, 1);                /* sizes */
  put (w, 0x013f00ef, 32);
  put (w, 0x027f01df, 32);
}

static gsize
write_keyframe (Writer * w, guint offset)
{
  begin (w, TRUE, FALSE, offset, 1000);
  put (w, 0x10, 5);
  put_structure (w, offset);
  return end (w);
}

static void
test_structure (void)
{
  static const guint offsets[] = { 0, 5, 62 };

  for (guint i = 0; i < G_N_ELEMENTS (offsets); i++) {
    BifDdStructure structure = { 0 };
    Writer w;
    gsize size = write_keyframe (&w, offsets[i]);
    BifDd dd;

    g_assert_true (bif_dd_parse (&dd, &structure, w.data, size));
    g_assert_true (dd.start && !dd.end && dd.has_structure && !dd.has_mask);
    g_assert_cmpint (dd.number, ==, 1000);
    g_assert_cmpuint (structure.n_templates, ==, 4);
    g_assert_cmpuint (structure.n_targets, ==, 4);
    g_assert_cmpuint (structure.n_spatial, ==, 2);
    g_assert_cmpuint (structure.n_temporal, ==, 2);
    g_assert_cmphex (dd.mask, ==, 0xf);
    for (guint t = 0; t < 4; t++) {
      g_assert_cmpint (structure.template[t].sid, ==, layers[t][0]);
      g_assert_cmpint (structure.template[t].tid, ==, layers[t][1]);
      g_assert_cmpmem (structure.template[t].dti, 4, dtis[t], 4);
    }
    g_assert_cmpmem (structure.target_sid, 4, "\0\0\1\1", 4);
    g_assert_cmpmem (structure.target_tid, 4, "\0\1\0\1", 4);
    /* and one that goes by it */
    begin (&w, TRUE, TRUE, (offsets[i] + 3) % 64, 1001);
    g_assert_true (bif_dd_parse (&dd, &structure, w.data, 3));
    g_assert_cmpint (dd.sid, ==, 1);
    g_assert_cmpint (dd.tid, ==, 1);
    g_assert_cmpmem (dd.dti, 4, dtis[3], 4);
    begin (&w, TRUE, TRUE, (offsets[i] + 4) % 64, 1001);
    g_assert_false (bif_dd_parse (&dd, &structure, w.data, 3));
  }
}

/* Cut off anywhere, it changes nothing. */
static void
test_short (void)
{
  BifDdStructure structure = { 0 };
  Writer w;
  gsize size = write_keyframe (&w, 0);
  BifDd dd;

  for (gsize n = 0; n + 1 < size; n++) {
    g_autofree guint8 *data = g_memdup2 (w.data, n);

    g_assert_false (bif_dd_parse (&dd, &structure, data, n));
    g_assert_cmpuint (structure.n_targets, ==, 0);
  }
}

static void
test_targets (void)
{
  static const struct
  {
    guint32 mask;
    guint sid, tid;
    int want;
  } rows[] = {
    {0xf, 2, 2, 3}, {0xf, 1, 1, 3}, {0xf, 1, 0, 2}, {0xf, 0, 2, 1},
    {0xf, 0, 0, 0}, {0x3, 2, 2, 1}, {0x8, 0, 0, -1}, {0, 2, 2, -1},
  };
  static const guint32 within[] = { 1, 3, 5, 15 };
  BifDdStructure structure = { 0 };
  Writer w;
  gsize size = write_keyframe (&w, 0);
  BifDd dd;

  g_assert_true (bif_dd_parse (&dd, &structure, w.data, size));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (bif_dd_find_target (&structure, rows[i].mask,
            rows[i].sid, rows[i].tid), ==, rows[i].want);
  for (guint t = 0; t < 4; t++)
    g_assert_cmphex (bif_dd_targets_within (&structure, t), ==, within[t]);
}

/* What is written reads back as it was, but for number and mask. */
static void
check_write (const guint8 * data, gsize size, BifDdStructure * structure)
{
  static const guint32 masks[] = { 0xf, 0x1, 0x5 };
  BifDd dd, again;

  g_assert_true (bif_dd_parse (&dd, structure, data, size));
  for (guint i = 0; i < G_N_ELEMENTS (masks); i++) {
    g_autofree guint8 *out = g_malloc (size + BIF_DD_MAX_GROWTH);
    gsize n = bif_dd_write (&dd, data, size, 0xbeef, masks[i], out);
    BifDdStructure other = *structure;

    g_assert_cmpuint (n, <=, size + BIF_DD_MAX_GROWTH);
    g_assert_true (bif_dd_parse (&again, &other, out, n));
    g_assert_cmpint (again.number, ==, 0xbeef);
    g_assert_cmphex (again.mask, ==, masks[i]);
    g_assert_cmpint (again.start, ==, dd.start);
    g_assert_cmpint (again.sid, ==, dd.sid);
    g_assert_cmpmem (again.dti, 4, dd.dti, 4);
    g_assert_cmpmem (&other, sizeof other, structure, sizeof *structure);
  }
}

static void
test_write (void)
{
  BifDdStructure structure = { 0 };
  Writer w;
  gsize size = write_keyframe (&w, 9);

  check_write (w.data, size, &structure);
  begin (&w, FALSE, TRUE, 10, 7);
  check_write (w.data, 3, &structure);
  /* a mask of its own, and custom indications */
  begin (&w, TRUE, TRUE, 10, 8);
  put (&w, 0x08 | 0x04, 5);
  put (&w, 0x3, 4);
  put (&w, 0x1b, 8);
  check_write (w.data, end (&w), &structure);
}

static void
test_hostile (void)
{
  BifDdStructure structure = { 0 };

  for (guint i = 0; i < 200000; i++) {
    gsize size = g_test_rand_int_range (0, 60);
    g_autofree guint8 *data = g_malloc (size);
    g_autofree guint8 *out = g_malloc (size + BIF_DD_MAX_GROWTH);
    BifDd dd;

    for (gsize at = 0; at < size; at++)
      data[at] = g_test_rand_int ();
    if (bif_dd_parse (&dd, &structure, data, size)) {
      g_assert_cmpuint (dd.n_targets, <=, BIF_DD_MAX_TARGETS);
      g_assert_cmpuint (bif_dd_write (&dd, data, size, 1, i, out), <=,
          size + BIF_DD_MAX_GROWTH);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet-dependency/structure", test_structure);
  g_test_add_func ("/packet-dependency/short", test_short);
  g_test_add_func ("/packet-dependency/targets", test_targets);
  g_test_add_func ("/packet-dependency/write", test_write);
  g_test_add_func ("/packet-dependency/hostile", test_hostile);
  return g_test_run ();
}
