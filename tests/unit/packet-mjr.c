/* packet-mjr: pieces of .mjr files of every version, whole, cut off and lying,
 * and the order their frames are played in. */
#include "packet/mjr.h"
#include "packet/mjr-index.h"
#include "packet/bytes.h"

#include <string.h>

#define SSRC 7

/* ---- pieces ---- */

typedef struct
{
  const char *bytes;
  gsize size;
  int version;                  /* of the file so far */
  BifMjrPiece want;
} Row;

#define NEW BIF_MJR_UNKNOWN

static const Row rows[] = {
  /* headers */
  {"MJR00002\0\5{\"t\":", 15, NEW, {BIF_MJR_INFO, 2, 10, 5, 0}},
  {"MJR00001\1\2", 10, NEW, {BIF_MJR_INFO, 1, 10, 258, 0}},
  {"MEETECHO\0\5audio", 15, NEW, {BIF_MJR_INFO, 0, 10, 5, 0}},
  {"MJR00002\0\0", 10, NEW, {BIF_MJR_INFO, 2, 10, 0, 0}},
  {"MJR00002\377\377", 10, NEW, {BIF_MJR_INFO, 2, 10, 65535, 0}},
  /* what is none */
  {"", 0, NEW, {BIF_MJR_END}},
  {"M", 1, NEW, {BIF_MJR_END}},
  {"MJR00002", 8, NEW, {BIF_MJR_END}},
  {"MJR00002\0", 9, NEW, {BIF_MJR_END}},
  {"MJR00003\0\5hello", 15, NEW, {BIF_MJR_END}},
  {"MJ", 2, NEW, {BIF_MJR_END}},
  {"RIFF\0\0\0\0WAVE", 12, NEW, {BIF_MJR_END}},
  {"MEET\0\0\0\1\0\1x", 11, NEW, {BIF_MJR_END}},
  /* a version 0 that begins with a frame */
  {"MEETECHO\0\6", 10, NEW, {BIF_MJR_FRAME, 0, 10, 6, 0}},
  /* frames */
  {"MEET\0\1\0\2\0\7", 10, 2, {BIF_MJR_FRAME, 2, 10, 7, 65538}},
  {"MEET\377\377\377\377\377\377", 10, 2, {BIF_MJR_FRAME, 2, 10, 65535,
          G_MAXUINT32}},
  {"MEETECHO\0\5", 10, 0, {BIF_MJR_FRAME, 0, 10, 5, 0}},
  {"MEETECHO\0\5", 10, 1, {BIF_MJR_FRAME, 1, 10, 5, 0}},
  {"MEET\0\0\0\0\0", 9, 2, {BIF_MJR_END}},
  {"MEETECHO\0", 9, 1, {BIF_MJR_END}},
  {"MEAT\0\0\0\0\0\1", 10, 2, {BIF_MJR_END}},
  {"MEET\0\0\0\0\0\1", 10, 1, {BIF_MJR_END}},
  {"MJR00002\0\5", 10, 2, {BIF_MJR_END}},
  {"MJR00002\0\5", 10, 1, {BIF_MJR_END}},
};

static void
test_pieces (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    const Row *row = &rows[i];
    g_autofree guint8 *data = g_memdup2 (row->bytes, row->size);
    BifMjrPiece piece = bif_mjr_read (data, row->size, row->version);

    g_test_message ("row %u", i);
    g_assert_cmpint (piece.kind, ==, row->want.kind);
    if (piece.kind == BIF_MJR_END)
      continue;
    g_assert_cmpint (piece.version, ==, row->want.version);
    g_assert_cmpuint (piece.head, ==, row->want.head);
    g_assert_cmpuint (piece.size, ==, row->want.size);
    g_assert_cmpuint (piece.ms, ==, row->want.ms);
  }
}

static void
test_write (void)
{
  guint8 out[BIF_MJR_LONGEST_HEAD];
  BifMjrPiece piece;

  g_assert_cmpuint (bif_mjr_write_info_head (out, 300), ==, 10);
  piece = bif_mjr_read (out, sizeof out, NEW);
  g_assert_cmpint (piece.kind, ==, BIF_MJR_INFO);
  g_assert_cmpint (piece.version, ==, 2);
  g_assert_cmpuint (piece.size, ==, 300);
  g_assert_cmpuint (bif_mjr_write_frame_head (out, 123456, 1500), ==, 10);
  piece = bif_mjr_read (out, sizeof out, 2);
  g_assert_cmpint (piece.kind, ==, BIF_MJR_FRAME);
  g_assert_cmpuint (piece.ms, ==, 123456);
  g_assert_cmpuint (piece.size, ==, 1500);
}

/* ---- the index ---- */

typedef struct
{
  guint16 sequence;
  guint32 timestamp;
  guint32 ssrc;                 /* 0: SSRC */
  guint8 payload_type;          /* 0: 96 */
  guint8 payload, padding;      /* bytes */
  guint8 first_byte;            /* 0: version 2 */
  gboolean keyframe;
  guint32 ms;
} Packet;

static void
add (BifMjrIndex * index, const Packet * packet, guint64 offset)
{
  gsize size = 12 + packet->payload + packet->padding;
  g_autofree guint8 *data = g_malloc0 (size);

  data[0] = packet->first_byte != 0 ? packet->first_byte :
      packet->padding > 0 ? 0xa0 : 0x80;
  data[1] = packet->payload_type != 0 ? packet->payload_type : 96;
  bif_put_be16 (data + 2, packet->sequence);
  bif_put_be32 (data + 4, packet->timestamp);
  bif_put_be32 (data + 8, packet->ssrc != 0 ? packet->ssrc : SSRC);
  if (packet->payload > 1) {
    data[12] = 0x10;
    data[13] = packet->keyframe ? 0 : 1;
  }
  if (packet->padding > 0)
    data[size - 1] = packet->padding;
  bif_mjr_index_add_rtp (index, data, size, offset, packet->ms);
}

/* @want: numbers of packets, in order; ends with -1 */
typedef struct
{
  const char *name;
  int payload_type;
  Packet packets[8];
  int want[8];
} Order;

static const Order orders[] = {
  {"in order", -1, {{1, 0, .payload = 4}, {2, 3000, .payload = 4}},
      {0, 1, -1}},
  {"late", -1, {{1, 0, .payload = 4}, {3, 6000, .payload = 4},
          {2, 3000, .payload = 4}}, {0, 2, 1, -1}},
  {"before the first", -1, {{5, 9000, .payload = 4}, {4, 6000, .payload = 4}},
      {1, 0, -1}},
  {"twice", -1, {{1, 0, .payload = 4}, {2, 0, .payload = 4},
          {1, 0, .payload = 4}, {2, 0, .payload = 4}}, {0, 1, -1}},
  {"numbers wrap within a frame", -1, {{65535, 0, .payload = 4},
          {1, 0, .payload = 4}, {0, 0, .payload = 4}}, {0, 2, 1, -1}},
  {"time wraps, and a late one before", -1, {{1, 0xffffff00, .payload = 4},
          {3, 0x100, .payload = 4}, {2, 0xffffff80, .payload = 4}},
      {0, 2, 1, -1}},
  {"padding alone, header alone", -1, {{1, 0, .payload = 4},
          {2, 0, .padding = 8}, {3, 3000}, {4, 6000, .payload = 4}},
      {0, 3, -1}},
  {"padding is cut", -1, {{1, 0, .payload = 4, .padding = 20}}, {0, -1}},
  {"padding only in front", -1, {{1, 0, .padding = 8, .ssrc = 9},
          {2, 0, .payload = 4}}, {1, -1}},
  {"two sources", -1, {{1, 0, .payload = 4}, {2, 0, 8, .payload = 4},
          {2, 3000, .payload = 4}}, {0, 2, -1}},
  {"payload type", 97, {{1, 0, .payload = 4},
          {2, 0, 8, .payload_type = 97, .payload = 4}}, {1, -1}},
  {"not RTP", -1, {{1, 0, .first_byte = 0x40, .payload = 4},
          {2, 0, .first_byte = 0x9f, .payload = 4},
          {3, 0, .payload = 4}}, {2, -1}},
  {"nothing", -1, {{0}}, {-1}},
};

static void
test_order (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (orders); i++) {
    const Order *order = &orders[i];
    g_autoptr (BifMjrIndex) index = bif_mjr_index_new (BIF_CODEC_VP8,
        order->payload_type);
    guint n = 0;

    g_test_message ("%s", order->name);
    for (guint j = 0; j < G_N_ELEMENTS (order->packets); j++)
      if (order->packets[j].payload + order->packets[j].padding > 0
          || order->packets[j].sequence > 0)
        add (index, &order->packets[j], j);
    bif_mjr_index_finish (index);
    for (; order->want[n] >= 0; n++) {
      const BifMjrEntry *entry;

      g_assert_cmpuint (n, <, bif_mjr_index_length (index));
      entry = bif_mjr_index_get (index, n);
      g_assert_cmpint (entry->offset, ==, order->want[n]);
      g_assert_cmpuint (entry->size, ==, 12 + 4);
    }
    g_assert_cmpuint (bif_mjr_index_length (index), ==, n);
  }
}

static void
test_find (void)
{
  g_autoptr (BifMjrIndex) index = bif_mjr_index_new (BIF_CODEC_VP8, -1);

  for (guint i = 0; i < 30; i++)
    add (index, &(Packet) {.sequence = i + 1,.timestamp = i * 3000,
            .payload = 4,.keyframe = i % 10 == 0}, i);
  bif_mjr_index_finish (index);
  g_assert_cmpuint (bif_mjr_index_find (index, 0), ==, 0);
  g_assert_cmpuint (bif_mjr_index_find (index, 29999), ==, 0);
  g_assert_cmpuint (bif_mjr_index_find (index, 30000), ==, 10);
  g_assert_cmpuint (bif_mjr_index_find (index, 59999), ==, 10);
  g_assert_cmpuint (bif_mjr_index_find (index, G_MAXINT64), ==, 20);
  g_assert_cmpuint (bif_mjr_index_find (index, G_MININT64), ==, 0);
  g_assert_cmpuint (bif_mjr_index_ssrc (index), ==, SSRC);
  g_assert_cmpuint (bif_mjr_index_payload_type (index), ==, 96);
}

/* The packets of a frame share a time, and time never goes back. */
static void
test_arrival (void)
{
  static const guint want[] = { 5, 5, 40, 40, 90 };
  g_autoptr (BifMjrIndex) index = bif_mjr_index_new (BIF_CODEC_VP8, -1);

  add (index, &(Packet) {.sequence = 1,.payload = 4,.ms = 5}, 0);
  add (index, &(Packet) {.sequence = 2,.payload = 4,.ms = 9}, 0);
  add (index, &(Packet) {.sequence = 3,.timestamp = 3000,.payload = 4,
          .ms = 40}, 0);
  add (index, &(Packet) {.sequence = 4,.timestamp = 6000,.payload = 4,
          .ms = 30}, 0);
  add (index, &(Packet) {.sequence = 5,.timestamp = 9000,.payload = 4,
          .ms = 90}, 0);
  bif_mjr_index_finish (index);
  bif_mjr_index_time_by_arrival (index);
  for (guint i = 0; i < G_N_ELEMENTS (want); i++)
    g_assert_cmpint (bif_mjr_index_get (index, i)->timestamp, ==, want[i]);
}

static void
test_messages (void)
{
  g_autoptr (BifMjrIndex) index = bif_mjr_index_new (BIF_CODEC_OTHER, -1);
  guint8 data[10] = { [8] = 'h', 'i' };

  bif_put_be64 (data, 2000);
  bif_mjr_index_add_data (index, data, 10, 100, 0);
  bif_put_be64 (data, 1000);
  bif_mjr_index_add_data (index, data, 8, 200, 0);
  bif_mjr_index_add_data (index, data, 7, 300, 0);
  bif_put_be64 (data, G_MAXUINT64);
  bif_mjr_index_add_data (index, data, 10, 400, 0);
  bif_mjr_index_finish (index);
  g_assert_cmpuint (bif_mjr_index_length (index), ==, 3);
  g_assert_cmpuint (bif_mjr_index_get (index, 0)->offset, ==, 208);
  g_assert_cmpuint (bif_mjr_index_get (index, 0)->size, ==, 0);
  g_assert_cmpuint (bif_mjr_index_get (index, 1)->offset, ==, 108);
  g_assert_cmpuint (bif_mjr_index_get (index, 1)->size, ==, 2);
  /* in nanoseconds it is still a time */
  g_assert_cmpint (bif_mjr_index_get (index, 2)->timestamp, <,
      G_MAXINT64 / 1000);
}

static void
test_raw (void)
{
  g_autoptr (BifMjrIndex) index = bif_mjr_index_new (BIF_CODEC_OTHER, -1);

  bif_mjr_index_add_raw (index, (const guint8 *) "x", 1, 10, 7);
  bif_mjr_index_add_raw (index, (const guint8 *) "y", 1, 20, 3);
  bif_mjr_index_add_raw (index, (const guint8 *) "", 0, 30, 9);
  bif_mjr_index_finish (index);
  g_assert_cmpuint (bif_mjr_index_length (index), ==, 3);
  g_assert_cmpuint (bif_mjr_index_get (index, 1)->offset, ==, 20);
  g_assert_cmpint (bif_mjr_index_get (index, 1)->timestamp, ==, 7);
  g_assert_cmpint (bif_mjr_index_get (index, 2)->timestamp, ==, 9);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mjr/pieces", test_pieces);
  g_test_add_func ("/mjr/write", test_write);
  g_test_add_func ("/mjr/order", test_order);
  g_test_add_func ("/mjr/find", test_find);
  g_test_add_func ("/mjr/arrival", test_arrival);
  g_test_add_func ("/mjr/messages", test_messages);
  g_test_add_func ("/mjr/raw", test_raw);
  return g_test_run ();
}
