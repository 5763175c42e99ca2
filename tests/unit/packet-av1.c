/* packet-av1: numbers, units, payloads and sequence headers of AV1, whole, cut
 * off and of any content. */
#include "packet/av1-sequence.h"

#include <string.h>

/* Of libaom: 320x240, main profile, 4:2:0. */
#define SEQUENCE 0x00, 0x00, 0x00, 0x04, 0x3c, 0xff, 0xbf, 0x81, 0xb5, 0xf2, \
  0x00, 0x80
static const guint8 sequence[] = { SEQUENCE };

/* ---- numbers ---- */

static void
test_leb128 (void)
{
  static const struct
  {
    guint8 bytes[9];
    gsize size, read;
    guint32 value;
  } rows[] = {
    {{0}, 1, 1, 0},
    {{0x7f}, 1, 1, 127},
    {{0x80, 0x01}, 2, 2, 128},
    {{0xe5, 0x8e, 0x26}, 3, 3, 624485},
    {{0xff, 0xff, 0xff, 0xff, 0x0f}, 5, 5, G_MAXUINT32},
    /* longer than need be */
    {{0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, 8, 8, 1},
    /* too large, too long, cut off, nothing */
    {{0xff, 0xff, 0xff, 0xff, 0x1f}, 5, 0, 0},
    {{0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}, 9, 0, 0},
    {{0x80, 0x80}, 2, 0, 0},
    {{0}, 0, 0, 0},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree guint8 *p = g_memdup2 (rows[i].bytes, rows[i].size);
    guint8 out[BIF_LEB128_MAX];
    guint32 value = 0;

    g_test_message ("row %u", i);
    g_assert_cmpuint (bif_leb128_read (p, rows[i].size, &value), ==,
        rows[i].read);
    if (rows[i].read == 0)
      continue;
    g_assert_cmpuint (value, ==, rows[i].value);
    if (rows[i].read <= BIF_LEB128_MAX) {
      g_assert_cmpuint (bif_leb128_write (out, value), ==, rows[i].read);
      g_assert_cmpmem (out, rows[i].read, p, rows[i].read);
      g_assert_cmpuint (bif_leb128_size (value), ==, rows[i].read);
    }
  }
}

static void
test_obu (void)
{
  static const struct
  {
    guint8 bytes[8];
    gsize size;
    gboolean ok;
    BifAv1Obu want;
  } rows[] = {
    {{0x12, 0x00}, 2, TRUE, {BIF_AV1_TEMPORAL_DELIMITER, FALSE, TRUE, 0, 0,
            1, 2, 0, 2}},
    {{0x30, 1, 2, 3}, 4, TRUE, {BIF_AV1_FRAME, FALSE, FALSE, 0, 0, 1, 1, 3,
            4}},
    {{0x36, 0x48, 2, 5, 6, 9}, 6, TRUE, {BIF_AV1_FRAME, TRUE, TRUE, 2, 1, 2,
            3, 2, 5}},
    {{0x34, 0x30}, 2, TRUE, {BIF_AV1_FRAME, TRUE, FALSE, 1, 2, 2, 2, 0, 2}},
    {{0x30}, 1, TRUE, {BIF_AV1_FRAME, FALSE, FALSE, 0, 0, 1, 1, 0, 1}},
    /* forbidden bit, no extension byte, no size, a size that lies, nothing */
    {{0xb0, 1}, 2, FALSE, {0}},
    {{0x34}, 1, FALSE, {0}},
    {{0x32}, 1, FALSE, {0}},
    {{0x32, 2, 1}, 3, FALSE, {0}},
    {{0}, 0, FALSE, {0}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree guint8 *p = g_memdup2 (rows[i].bytes, rows[i].size);
    BifAv1Obu obu;

    g_test_message ("row %u", i);
    g_assert_cmpint (bif_av1_obu_read (&obu, p, rows[i].size), ==,
        rows[i].ok);
    if (rows[i].ok)
      g_assert_cmpmem (&obu, sizeof obu, &rows[i].want, sizeof obu);
  }
}

/* ---- out of payloads ---- */

typedef struct
{
  guint8 bytes[16];
  gsize size;
  gboolean ok;
} Payload;

/* @unit: what there is then; @size 0: nothing */
typedef struct
{
  const char *name;
  Payload payloads[3];
  guint8 unit[24];
  gsize size;
  gboolean whole;
} DepayRow;

static const DepayRow depay_rows[] = {
  { "one unit", {{{0x10, 0x30, 7, 8}, 4, TRUE}},
      {0x12, 0, 0x32, 2, 7, 8}, 6, TRUE },
  { "lengths before all", {{{0x00, 2, 0x30, 7, 2, 0x30, 8}, 7, TRUE}},
      {0x12, 0, 0x32, 1, 7, 0x32, 1, 8}, 8, TRUE },
  { "two, the last without a length", {{{0x20, 2, 0x30, 7, 0x30, 8}, 6, TRUE}},
      {0x12, 0, 0x32, 1, 7, 0x32, 1, 8}, 8, TRUE },
  { "a size field is there already", {{{0x10, 0x32, 1, 7}, 4, TRUE}},
      {0x12, 0, 0x32, 1, 7}, 5, TRUE },
  { "an extension", {{{0x10, 0x34, 0x48, 7}, 4, TRUE}},
      {0x12, 0, 0x36, 0x48, 1, 7}, 6, TRUE },
  { "fragments", {{{0x50, 0x30, 7}, 3, TRUE}, {{0xd0, 8}, 2, TRUE},
          {{0xa0, 1, 9, 0x30, 5}, 5, TRUE}},
      {0x12, 0, 0x32, 3, 7, 8, 9, 0x32, 1, 5}, 10, TRUE },
  { "the end is missing", {{{0x60, 2, 0x30, 6, 0x30, 7}, 6, TRUE}},
      {0x12, 0, 0x32, 1, 6}, 5, FALSE },
  { "the beginning is missing", {{{0x90, 7, 8}, 3, FALSE}}, {0}, 0, FALSE },
  { "the middle is missing", {{{0x50, 0x30, 7}, 3, TRUE},
          {{0x10, 0x30, 8}, 3, FALSE}}, {0}, 0, FALSE },
  { "delimiters, tile lists and padding are left out",
      {{{0x30, 1, 0x10, 2, 0x78, 0x80, 0x30, 7}, 8, TRUE}},
      {0x12, 0, 0x32, 1, 7}, 5, TRUE },
  { "a delimiter alone", {{{0x10, 0x12, 0}, 3, TRUE}}, {0}, 0, FALSE },
  { "nothing at all", {{{0}, 0, TRUE}}, {0}, 0, FALSE },
  { "no units", {{{0x10}, 1, TRUE}}, {0}, 0, FALSE },
  { "a length that lies", {{{0x20, 9, 0x30, 7}, 4, FALSE}}, {0}, 0, FALSE },
  { "a type that is not known", {{{0x20, 1, 0x30, 0x48, 6}, 5, TRUE}},
      {0x12, 0, 0x32, 0, 0x4a, 1, 6}, 7, TRUE },
  { "a forbidden bit", {{{0x10, 0xb0, 7}, 3, FALSE}}, {0}, 0, FALSE },
};

static void
test_depay (gconstpointer data)
{
  const DepayRow *row = data;
  BifAv1Depay depay;

  bif_av1_depay_init (&depay);
  for (guint i = 0; i < G_N_ELEMENTS (row->payloads); i++) {
    const Payload *payload = &row->payloads[i];
    g_autofree guint8 *p = g_memdup2 (payload->bytes, payload->size);

    if (i > 0 && payload->size == 0)
      break;
    g_assert_cmpint (bif_av1_depay_take (&depay, p, payload->size), ==,
        payload->ok);
  }
  if (row->size > 0)
    g_assert_cmpmem (depay.unit->data, depay.unit->len, row->unit, row->size);
  else
    g_assert_cmpuint (depay.unit->len, ==, 0);
  g_assert_cmpint (bif_av1_depay_is_whole (&depay), ==, row->whole);
  bif_av1_depay_reset (&depay);
  g_assert_false (bif_av1_depay_is_whole (&depay));
  bif_av1_depay_clear (&depay);
}

/* Nothing that is sent makes it grow without end. */
static void
test_endless (void)
{
  g_autofree guint8 *payload = g_malloc0 (65000);
  BifAv1Depay depay;
  guint n = 0;

  bif_av1_depay_init (&depay);
  payload[0] = 0x50;
  payload[1] = 0x30;
  while (bif_av1_depay_take (&depay, payload, 65000)) {
    payload[0] = 0xd0;
    g_assert_cmpuint (++n, <, 2 * BIF_AV1_MAX_UNIT / 65000);
  }
  g_assert_cmpuint (depay.fragment->len, <=, BIF_AV1_MAX_UNIT);
  bif_av1_depay_clear (&depay);
}

/* ---- into payloads ---- */

static void
append_unit (GByteArray * all, guint type, guint size)
{
  guint8 head[1 + BIF_LEB128_MAX] = { (guint8) (type << 3 | 2) };
  gsize n = 1 + bif_leb128_write (head + 1, size);

  g_byte_array_append (all, head, (guint) n);
  for (guint i = 0; i < size; i++) {
    guint8 byte = (guint8) g_test_rand_int ();

    g_byte_array_append (all, &byte, 1);
  }
}

/* All payloads are full, and but the last one end within a unit, where units
 * are of more than a byte. */
static void
pay_and_depay (const GByteArray * unit, gsize room, gboolean starts,
    gboolean large)
{
  g_autofree guint8 *payload = g_malloc (room);
  BifAv1Pay pay;
  BifAv1Depay depay;
  guint n = 0;
  gsize size;

  bif_av1_pay_init (&pay);
  bif_av1_depay_init (&depay);
  g_assert_true (bif_av1_pay_take (&pay, NULL, 0, unit->data, unit->len,
          starts));
  while ((size = bif_av1_pay_next (&pay, payload, room)) > 0) {
    g_assert_cmpuint (size, <=, room);
    g_assert_cmpint ((payload[0] & 0x08) != 0, ==, starts && n == 0);
    if (large) {
      g_assert_cmpint ((payload[0] & 0x80) != 0, ==, n > 0);
      g_assert_cmpint ((payload[0] & 0x40) != 0, ==,
          !bif_av1_pay_is_done (&pay));
    }
    g_assert_true (bif_av1_depay_take (&depay, payload, size));
    n++;
  }
  g_assert_true (bif_av1_pay_is_done (&pay));
  g_assert_true (bif_av1_depay_is_whole (&depay));
  g_assert_cmpmem (depay.unit->data, depay.unit->len, unit->data, unit->len);
  bif_av1_depay_clear (&depay);
  bif_av1_pay_clear (&pay);
}

static void
test_pay (void)
{
  static const guint sizes[][6] = {
    {1}, {3, 3}, {10, 1000}, {10, 5000, 70}, {100, 100, 100, 100},
    {1, 1, 1, 1, 1, 1}, {12, 700, 300, 400, 1200, 3}, {20000}
  };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    for (gsize room = 8; room < 1500; room += room < 200 ? 1 : 97) {
      g_autoptr (GByteArray) unit = g_byte_array_new ();

      append_unit (unit, BIF_AV1_TEMPORAL_DELIMITER, 0);
      for (guint n = 0; n < G_N_ELEMENTS (sizes[i]) && sizes[i][n] > 0; n++)
        append_unit (unit, BIF_AV1_FRAME, sizes[i][n]);
      pay_and_depay (unit, room, room & 1, i != 5);
    }
  }
}

/* The header goes first, what is only of files is left out, and what is broken
 * is not taken. */
static void
test_pay_units (void)
{
  static const guint8 header[] = { 0x0a, 1, 5 };
  static const guint8 unit[] = { 0x12, 0, 0x7a, 1, 0x80, 0x32, 2, 7, 8 };
  static const guint8 want[] = { 0x28, 2, 0x08, 5, 0x30, 7, 8 };
  guint8 payload[100];
  BifAv1Pay pay;

  bif_av1_pay_init (&pay);
  g_assert_true (bif_av1_pay_take (&pay, header, sizeof header, unit,
          sizeof unit, TRUE));
  g_assert_cmpuint (bif_av1_pay_next (&pay, payload, sizeof payload), ==,
      sizeof want);
  g_assert_cmpmem (payload, sizeof want, want, sizeof want);
  g_assert_cmpuint (bif_av1_pay_next (&pay, payload, sizeof payload), ==, 0);
  g_assert_false (bif_av1_pay_take (&pay, NULL, 0, unit, 5, TRUE));
  g_assert_false (bif_av1_pay_take (&pay, NULL, 0, unit, sizeof unit - 1,
          TRUE));
  g_assert_false (bif_av1_pay_take (&pay, NULL, 0, NULL, 0, TRUE));
  bif_av1_pay_clear (&pay);
}

/* ---- sequence headers ---- */

static void
test_sequence (void)
{
  static const guint8 want[] = { 0x81, 0x00, 0x0c, 0x00 };
  guint8 record[BIF_AV1_RECORD_SIZE];
  BifAv1Sequence found;

  g_assert_true (bif_av1_sequence_read (&found, sequence, sizeof sequence));
  g_assert_cmpuint (found.profile, ==, 0);
  g_assert_cmpuint (found.width, ==, 320);
  g_assert_cmpuint (found.height, ==, 240);
  g_assert_cmpuint (found.bit_depth, ==, 8);
  g_assert_false (found.monochrome);
  g_assert_false (found.reduced);
  g_assert_cmpuint (found.subsampling_x, ==, 1);
  g_assert_cmpuint (found.subsampling_y, ==, 1);
  bif_av1_sequence_write_record (&found, record);
  g_assert_cmpmem (record, sizeof record, want, sizeof want);
  for (gsize size = 0; size < 8; size++)
    g_assert_false (bif_av1_sequence_read (&found, sequence, size));
}

static void
test_look (void)
{
  static const struct
  {
    guint8 unit[24];
    gsize size;
    gboolean ok, header, keyframe;
  } rows[] = {
    {{0x12, 0, 0x0a, 12, SEQUENCE, 0x32, 1, 0x10}, 19, TRUE, TRUE, TRUE},
    {{0x12, 0, 0x0a, 12, SEQUENCE, 0x1a, 1, 0x10}, 19, TRUE, TRUE, TRUE},
    /* an intra frame that is no key, and one that is shown again */
    {{0x12, 0, 0x0a, 12, SEQUENCE, 0x32, 1, 0x50}, 19, TRUE, TRUE, FALSE},
    {{0x12, 0, 0x0a, 12, SEQUENCE, 0x32, 1, 0x80}, 19, TRUE, TRUE, FALSE},
    {{0x12, 0, 0x32, 1, 0x10}, 5, TRUE, FALSE, FALSE},
    {{0x12, 0, 0x0a, 2, 0, 0, 0x32, 1, 0x10}, 9, FALSE, FALSE, FALSE},
    {{0x12, 0, 0x32, 2, 0x10}, 5, FALSE, FALSE, FALSE},
    {{0}, 0, TRUE, FALSE, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree guint8 *unit = g_memdup2 (rows[i].unit, rows[i].size);
    BifAv1Look look;

    g_test_message ("row %u", i);
    g_assert_cmpint (bif_av1_look (&look, unit, rows[i].size), ==,
        rows[i].ok);
    if (!rows[i].ok)
      continue;
    g_assert_cmpint (look.header != NULL, ==, rows[i].header);
    g_assert_cmpint (look.keyframe, ==, rows[i].keyframe);
    if (rows[i].header)
      g_assert_cmpuint (look.header_size, ==, 14);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet-av1/leb128", test_leb128);
  g_test_add_func ("/packet-av1/obu", test_obu);
  for (guint i = 0; i < G_N_ELEMENTS (depay_rows); i++) {
    g_autofree char *path = g_strconcat ("/packet-av1/depay/",
        depay_rows[i].name, NULL);

    g_test_add_data_func (path, &depay_rows[i], test_depay);
  }
  g_test_add_func ("/packet-av1/endless", test_endless);
  g_test_add_func ("/packet-av1/pay", test_pay);
  g_test_add_func ("/packet-av1/pay-units", test_pay_units);
  g_test_add_func ("/packet-av1/sequence", test_sequence);
  g_test_add_func ("/packet-av1/look", test_look);
  return g_test_run ();
}
