/* packet-rtp: RTP headers and their extensions, sound and lying ones. */
#include <string.h>
#include "packet/rtp.h"
#include "hex.h"

#define FIXED "1234 00010203 cafebabe"

static void
make_map (BifExtMap * map)
{
  memset (map, 0, sizeof *map);
  bif_ext_map_set (map, BIF_EXT_MID, 1);
  bif_ext_map_set (map, BIF_EXT_AUDIO_LEVEL, 2);
  bif_ext_map_set (map, BIF_EXT_TRANSPORT_CC, 14);
  bif_ext_map_set (map, BIF_EXT_RID, 200);
}

/* A header, a payload of @rest bytes, and what the extensions come to. */
static const struct
{
  const char *hex;
  gboolean ok;
  gsize header_size;
  const char *mid;              /* NULL: not there */
  gint level;                   /* -1: not there */
  gint tcc;
  const char *rid;
} headers[] = {
  {"8060" FIXED, TRUE, 12, NULL, -1, -1, NULL},
  {"8060" FIXED "ffffff", TRUE, 12, NULL, -1, -1, NULL},
  {"4060" FIXED, FALSE, 0, NULL, -1, -1, NULL},
  {"c060" FIXED, FALSE, 0, NULL, -1, -1, NULL},
  {"0060" FIXED, FALSE, 0, NULL, -1, -1, NULL},
  /* CSRCs */
  {"8160" FIXED "11111111", TRUE, 16, NULL, -1, -1, NULL},
  {"8160" FIXED "111111", FALSE, 0, NULL, -1, -1, NULL},
  {"8f60" FIXED "11111111", FALSE, 0, NULL, -1, -1, NULL},
  {"9260" FIXED "11111111 22222222 bede0001 10410000", TRUE, 28, "A", -1, -1,
      NULL},
  /* extension block */
  {"9060" FIXED, FALSE, 0, NULL, -1, -1, NULL},
  {"9060" FIXED "bede00", FALSE, 0, NULL, -1, -1, NULL},
  {"9060" FIXED "bede0000", TRUE, 16, NULL, -1, -1, NULL},
  {"9060" FIXED "bede0001", FALSE, 0, NULL, -1, -1, NULL},
  {"9060" FIXED "bedeffff 10410000", FALSE, 0, NULL, -1, -1, NULL},
  {"9060" FIXED "bede0001 10410000", TRUE, 20, "A", -1, -1, NULL},
  {"9060" FIXED "bede0002 10412085e10102 00", TRUE, 24, "A", 0x85, 0x0102,
      NULL},
  /* padding between elements; two of the same id: the first counts */
  {"9060" FIXED "bede0002 0010410010420000", TRUE, 24, "A", -1, -1, NULL},
  /* ids that nobody negotiated */
  {"9060" FIXED "bede0002 30ff10417299aabb", TRUE, 24, "A", -1, -1, NULL},
  /* an element longer than the block; the earlier ones count */
  {"9060" FIXED "bede0001 10412f00", TRUE, 20, "A", -1, -1, NULL},
  {"9060" FIXED "bede0001 1f410000 4142434445464748494a4b4c4d4e4f50", TRUE,
      20, NULL, -1, -1, NULL},
  /* id 15 and id 0 with a length end it */
  {"9060" FIXED "bede0001 f0001041", TRUE, 20, NULL, -1, -1, NULL},
  {"9060" FIXED "bede0001 01001041", TRUE, 20, NULL, -1, -1, NULL},
  {"9060" FIXED "bede0001 1041f000", TRUE, 20, "A", -1, -1, NULL},
  /* the longest one-byte value */
  {"9060" FIXED "bede0005 1f6162636465666768696a6b6c6d6e6f70000000", TRUE,
      36, "abcdefghijklmnop", -1, -1, NULL},
  /* two-byte form, any application bits */
  {"9060" FIXED "10000002 010141c80268 69 00", TRUE, 24, "A", -1, -1, "hi"},
  {"9060" FIXED "100f0001 01014100", TRUE, 20, "A", -1, -1, NULL},
  {"9060" FIXED "10100001 01014100", TRUE, 20, NULL, -1, -1, NULL},
  {"9060" FIXED "abcd0001 10410000", TRUE, 20, NULL, -1, -1, NULL},
  /* empty value */
  {"9060" FIXED "10000001 0100c800", TRUE, 20, "", -1, -1, ""},
  /* lies: a length beyond the block, an id without a length */
  {"9060" FIXED "10000001 0104414243444546", TRUE, 20, NULL, -1, -1, NULL},
  {"9060" FIXED "10000001 00010041", TRUE, 20, "", -1, -1, NULL},
  {"9060" FIXED "10000001 00000001", TRUE, 20, NULL, -1, -1, NULL},
};

static void
check_value (const BifExtValue *value, const char *text)
{
  if (text == NULL) {
    g_assert_null (value->data);
    return;
  }
  g_assert_nonnull (value->data);
  g_assert_cmpmem (value->data, value->size, text, strlen (text));
}

static void
test_parse (void)
{
  BifExtMap map;
  gsize i, size;

  make_map (&map);
  for (i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autofree guint8 *data = unhex (headers[i].hex, &size);
    const BifExtValue *value;
    BifRtpHeader header;

    g_test_message ("%s", headers[i].hex);
    g_assert_cmpint (bif_rtp_parse (&header, data, size, &map), ==,
        headers[i].ok);
    if (!headers[i].ok)
      continue;
    g_assert_cmpuint (header.header_size, ==, headers[i].header_size);
    g_assert_cmpint (header.payload_type, ==, 0x60);
    g_assert_cmphex (header.sequence, ==, 0x1234);
    g_assert_cmphex (header.timestamp, ==, 0x00010203);
    g_assert_cmphex (header.ssrc, ==, 0xcafebabe);
    check_value (&header.ext[BIF_EXT_MID], headers[i].mid);
    check_value (&header.ext[BIF_EXT_RID], headers[i].rid);
    value = &header.ext[BIF_EXT_AUDIO_LEVEL];
    g_assert_cmpint (value->data != NULL ? value->data[0] : -1, ==,
        headers[i].level);
    value = &header.ext[BIF_EXT_TRANSPORT_CC];
    g_assert_cmpint (value->data != NULL
        ? value->data[0] << 8 | value->data[1] : -1, ==, headers[i].tcc);
    g_assert_true (bif_rtp_parse (&header, data, size, NULL));
    g_assert_cmpuint (header.header_size, ==, headers[i].header_size);
    g_assert_null (header.ext[BIF_EXT_MID].data);
  }
}

/* Cut anywhere, on the heap: nothing beyond is read. */
static void
test_truncated (void)
{
  BifExtMap map;
  gsize i, n, size;

  make_map (&map);
  for (i = 0; i < G_N_ELEMENTS (headers); i++) {
    g_autofree guint8 *data = unhex (headers[i].hex, &size);

    for (n = 0; n < size; n++) {
      g_autofree guint8 *part = g_memdup2 (data, MAX (n, 1));
      BifRtpHeader header;

      if (bif_rtp_parse (&header, part, n, &map))
        g_assert_cmpuint (header.header_size, <=, n);
    }
  }
}

static void
test_bits (void)
{
  g_autofree guint8 *data = NULL;
  BifRtpHeader header;
  gsize size;

  data = unhex ("a0e0" FIXED, &size);
  g_assert_true (bif_rtp_parse (&header, data, size, NULL));
  g_assert_true (header.padding);
  g_assert_cmpint (header.marker, ==, TRUE);
  g_assert_cmpint (header.payload_type, ==, 0x60);
}

static void
test_is_rtcp (void)
{
  guint type;

  for (type = 0; type < 256; type++) {
    guint8 data[2] = { 0x80, (guint8) type };

    g_assert_cmpint (bif_rtp_is_rtcp (data, 2), ==,
        type >= 192 && type <= 223);
    g_assert_false (bif_rtp_is_rtcp (data, 1));
    g_assert_false (bif_rtp_is_rtcp (data, 0));
  }
}

static void
test_padding (void)
{
  static const struct
  {
    const char *hex;
    gssize padding;
  } payloads[] = {
    {"01", 1}, {"aabb02", 2}, {"00000003", 3}, {"00000004", 4},
    {"00000005", -1}, {"aabb00", -1}, {"ff", -1}, {"", -1},
  };
  gsize i, size;

  for (i = 0; i < G_N_ELEMENTS (payloads); i++) {
    g_autofree guint8 *data = unhex (payloads[i].hex, &size);

    g_assert_cmpint (bif_rtp_padding (data, size), ==, payloads[i].padding);
  }
}

static void
test_uris (void)
{
  guint ext;

  g_assert_null (bif_ext_uri (BIF_EXT_NONE));
  g_assert_null (bif_ext_uri (BIF_EXT_COUNT));
  for (ext = BIF_EXT_NONE + 1; ext < BIF_EXT_COUNT; ext++) {
    g_assert_nonnull (bif_ext_uri (ext));
    g_assert_cmpint (bif_ext_from_uri (bif_ext_uri (ext)), ==, ext);
  }
  g_assert_cmpint (bif_ext_from_uri ("urn:x"), ==, BIF_EXT_NONE);
  g_assert_cmpint (bif_ext_from_uri (""), ==, BIF_EXT_NONE);
  g_assert_cmpint (bif_ext_from_uri (NULL), ==, BIF_EXT_NONE);
}

static void
test_map (void)
{
  BifExtMap map = { 0 };
  guint ext, id;

  bif_ext_map_set (&map, BIF_EXT_MID, 3);
  bif_ext_map_set (&map, BIF_EXT_MID, 4);       /* moves */
  g_assert_cmpint (map.ext[3], ==, BIF_EXT_NONE);
  g_assert_cmpint (map.ext[4], ==, BIF_EXT_MID);
  bif_ext_map_set (&map, BIF_EXT_RID, 4);       /* takes the id */
  g_assert_cmpint (map.id[BIF_EXT_MID], ==, 0);
  g_assert_cmpint (map.ext[4], ==, BIF_EXT_RID);
  bif_ext_map_set (&map, BIF_EXT_RID, 4);
  g_assert_cmpint (map.id[BIF_EXT_RID], ==, 4);
  bif_ext_map_set (&map, BIF_EXT_RID, 0);       /* forgets */
  bif_ext_map_set (&map, BIF_EXT_NONE, 7);
  bif_ext_map_set (&map, BIF_EXT_COUNT, 7);
  bif_ext_map_set (&map, -1, 7);
  for (ext = 0; ext < BIF_EXT_COUNT; ext++)
    g_assert_cmpint (map.id[ext], ==, 0);
  for (id = 0; id < 256; id++)
    g_assert_cmpint (map.ext[id], ==, BIF_EXT_NONE);
}

static void
put (BifRtpHeader *header, BifExt ext, const char *text, gsize size)
{
  header->ext[ext].data = (const guint8 *) text;
  header->ext[ext].size = (guint8) size;
}

static void
test_write_bytes (void)
{
  guint8 out[BIF_RTP_MAX_HEADER];
  BifRtpHeader header = { 0 };
  BifExtMap map;

  make_map (&map);
  header.marker = TRUE;
  header.padding = TRUE;
  header.payload_type = 0x60;
  header.sequence = 0x1234;
  header.timestamp = 0x00010203;
  header.ssrc = 0xcafebabe;
  assert_hex (out, bif_rtp_write (out, &header, &map), "a0e0" FIXED);
  assert_hex (out, bif_rtp_write (out, &header, NULL), "a0e0" FIXED);

  put (&header, BIF_EXT_MID, "A", 1);
  put (&header, BIF_EXT_TRANSPORT_CC, "\1\2", 2);
  put (&header, BIF_EXT_TOFFSET, "xyz", 3);     /* no id */
  assert_hex (out, bif_rtp_write (out, &header, &map),
      "b0e0" FIXED "bede0002 1041e10102000000");

  put (&header, BIF_EXT_RID, "hi", 2);  /* id 200 */
  assert_hex (out, bif_rtp_write (out, &header, &map),
      "b0e0" FIXED "10000003 010141c80268690e02010200");
  put (&header, BIF_EXT_RID, "", 0);
  assert_hex (out, bif_rtp_write (out, &header, &map),
      "b0e0" FIXED "10000003 010141c8000e0201 02000000");
}

/* Values of any size with any ids: what was written is read back, in order,
 * and what was left out would not have fitted. */
static void
test_write_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  g_autofree char *bytes = g_malloc (256);
  guint round, ext, i;

  for (i = 0; i < 256; i++)
    bytes[i] = (char) i;

  for (round = 0; round < 20000; round++) {
    g_autofree guint8 *out = g_malloc (BIF_RTP_MAX_HEADER);
    gint limit = round % 2 != 0 ? 16 : 255;
    BifRtpHeader header = { 0 }, back;
    BifExtMap map = { 0 };
    gsize size;

    for (ext = 1; ext < BIF_EXT_COUNT; ext++) {
      if (g_rand_boolean (rand))
        bif_ext_map_set (&map, ext, g_rand_int_range (rand, 0, limit + 1));
      if (g_rand_boolean (rand))
        put (&header, ext, bytes, g_rand_int_range (rand, 0, limit + 1));
    }
    size = bif_rtp_write (out, &header, &map);
    g_assert_cmpuint (size % 4, ==, 0);
    g_assert_cmpuint (size, <=, BIF_RTP_MAX_HEADER);
    g_assert_true (bif_rtp_parse (&back, out, size, &map));
    g_assert_cmpuint (back.header_size, ==, size);
    for (ext = 1; ext < BIF_EXT_COUNT; ext++) {
      const BifExtValue *value = &header.ext[ext];

      if (back.ext[ext].data != NULL)
        g_assert_cmpmem (back.ext[ext].data, back.ext[ext].size, value->data,
            value->size);
      else if (value->data != NULL && map.id[ext] != 0)
        g_assert_cmpuint (MAX (size, 16) + value->size + 2, >,
            BIF_RTP_MAX_HEADER);
    }
  }
}

static void
test_extend (void)
{
  static const struct
  {
    guint64 highest;
    guint16 sequence;
    guint64 result;
  } all[] = {
    {0, 0, 0}, {0, 1, 1}, {0, 0x7fff, 0x7fff}, {0, 0xffff, 0xffff},
    {5, 0xffff, 0xffff}, {0x10005, 0xffff, 0xffff}, {0x10005, 4, 0x10004},
    {0xffff, 0, 0x10000}, {0xffff, 0xfffe, 0xfffe}, {0x1fff0, 3, 0x20003},
    {0x20003, 0xfff0, 0x1fff0}, {0x18000, 0x7fff, 0x17fff},
    {0xffffffffffff, 0, 0x1000000000000},
  };
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (all); i++)
    g_assert_cmphex (bif_rtp_extend (all[i].highest, all[i].sequence), ==,
        all[i].result);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/rtp/parse", test_parse);
  g_test_add_func ("/packet/rtp/truncated", test_truncated);
  g_test_add_func ("/packet/rtp/bits", test_bits);
  g_test_add_func ("/packet/rtp/is-rtcp", test_is_rtcp);
  g_test_add_func ("/packet/rtp/padding", test_padding);
  g_test_add_func ("/packet/rtp/uris", test_uris);
  g_test_add_func ("/packet/rtp/map", test_map);
  g_test_add_func ("/packet/rtp/write/bytes", test_write_bytes);
  g_test_add_func ("/packet/rtp/write/random", test_write_random);
  g_test_add_func ("/packet/rtp/extend", test_extend);
  return g_test_run ();
}
