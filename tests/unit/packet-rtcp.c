/* packet-rtcp: compounds walked, and every writer's packet read back. */
#include <string.h>
#include "packet/rtcp.h"
#include "hex.h"

static const struct
{
  const char *hex;
  guint packets;                /* that can be walked */
  gsize size;                   /* of the last one's body */
} compounds[] = {
  {"", 0, 0},
  {"80c9", 0, 0},
  {"80c90000", 1, 0},
  {"80c90001 00000001", 1, 4},
  {"80c90001 000000", 0, 0},
  {"80c90002 00000001", 0, 0},
  {"80c9ffff 00000001", 0, 0},
  {"00c90001 00000001", 0, 0},
  {"40c90001 00000001", 0, 0},
  {"80c90001 00000001 81ca0002 00000001 00000000", 2, 8},
  {"80c90001 00000001 81ca0003 00000001 00000000", 1, 4},
  {"80c90001 00000001 00", 1, 4},
  /* padding: right, whole, none, too much, as of transport feedback */
  {"a0c90002 00000001 00000004", 1, 4},
  {"a0c90001 00000004", 1, 0},
  {"a0c90000", 0, 0},
  {"a0c90002 00000001 00000000", 0, 0},
  {"a0c90001 00000008", 0, 0},
  {"a0c90002 00000001 00000003", 1, 5},
  {"a0c90002 00000001 000000ff", 0, 0},
};

/* Calls every reader, on sound and unsound packets alike. */
static void
count_nack (guint16 sequence, gpointer user_data)
{
  (*(guint *) user_data)++;
}

static void
read_all (const BifRtcpPacket * packet)
{
  BifReportBlock block;
  BifSenderInfo info;
  guint nacks = 0, i;
  guint64 bitrate;
  guint32 ssrc;

  bif_rtcp_sender_info (packet, &info);
  bif_rtcp_sender_ssrc (packet);
  bif_rtcp_media_ssrc (packet);
  bif_rtcp_nack_foreach (packet, count_nack, &nacks);
  g_assert_cmpuint (nacks, <=, packet->size / 4 * 17);
  bif_rtcp_remb (packet, &bitrate);
  for (i = 0; bif_rtcp_report (packet, i, &block); i++)
    g_assert_cmpuint (i, <, 31);
  for (i = 0; bif_rtcp_fir_ssrc (packet, i, &ssrc); i++)
    g_assert_cmpuint (i, <, packet->size / 8);
  g_assert_false (bif_rtcp_report (packet, G_MAXUINT, &block));
  g_assert_false (bif_rtcp_fir_ssrc (packet, G_MAXUINT, &ssrc));
}

static guint
walk (const guint8 * data, gsize size, BifRtcpPacket * last)
{
  BifRtcpPacket packet;
  gsize offset = 0;
  guint n = 0;

  while (bif_rtcp_next (data, size, &offset, &packet)) {
    g_assert_cmpuint (offset, <=, size);
    read_all (&packet);
    *last = packet;
    n++;
  }
  return n;
}

static void
test_walk (void)
{
  gsize i, size;

  for (i = 0; i < G_N_ELEMENTS (compounds); i++) {
    g_autofree guint8 *data = unhex (compounds[i].hex, &size);
    BifRtcpPacket last;

    g_test_message ("%s", compounds[i].hex);
    g_assert_cmpuint (walk (data, size, &last), ==, compounds[i].packets);
    if (compounds[i].packets > 0)
      g_assert_cmpuint (last.size, ==, compounds[i].size);
  }
}

static void
test_offset (void)
{
  const guint8 data[] = { 0x80, 0xc9, 0, 0 };
  BifRtcpPacket packet;
  gsize offset = 5;

  g_assert_false (bif_rtcp_next (data, sizeof data, &offset, &packet));
  offset = G_MAXSIZE;
  g_assert_false (bif_rtcp_next (data, sizeof data, &offset, &packet));
}

static const BifReportBlock blocks[] = {
  {0x11111111, 255, -1, 0x00021234, 77, 0xaabbccdd, 65536},
  {0x22222222, 0, 0x7fffff, 0xffffffff, 0, 0, 0},
  {0x33333333, 1, -0x800000, 1, 2, 3, 4},
};

static const BifSenderInfo sender = { 0xcafebabe, 0x0123456789abcdef, 90000,
  1000, 123456
};

static void
check_blocks (const BifRtcpPacket * packet)
{
  BifReportBlock block;
  guint i;

  g_assert_cmpuint (packet->count, ==, G_N_ELEMENTS (blocks));
  for (i = 0; i < G_N_ELEMENTS (blocks); i++) {
    g_assert_true (bif_rtcp_report (packet, i, &block));
    g_assert_cmphex (block.ssrc, ==, blocks[i].ssrc);
    g_assert_cmpint (block.fraction, ==, blocks[i].fraction);
    g_assert_cmpint (block.lost, ==, blocks[i].lost);
    g_assert_cmphex (block.highest, ==, blocks[i].highest);
    g_assert_cmpint (block.jitter, ==, blocks[i].jitter);
    g_assert_cmphex (block.lsr, ==, blocks[i].lsr);
    g_assert_cmpint (block.dlsr, ==, blocks[i].dlsr);
  }
  g_assert_false (bif_rtcp_report (packet, i, &block));
}

static void
test_reports (void)
{
  guint8 out[512];
  BifRtcpPacket packet;
  BifSenderInfo info;
  gsize size;

  size = bif_rtcp_write_sr (out, sizeof out, &sender, blocks, 3);
  g_assert_cmpuint (size, ==, 28 + 72);
  g_assert_cmpuint (walk (out, size, &packet), ==, 1);
  g_assert_cmpint (packet.type, ==, BIF_RTCP_SR);
  g_assert_true (bif_rtcp_sender_info (&packet, &info));
  g_assert_cmphex (info.ssrc, ==, sender.ssrc);
  g_assert_cmphex (info.ntp, ==, sender.ntp);
  g_assert_cmpuint (info.rtp, ==, sender.rtp);
  g_assert_cmpuint (info.packets, ==, sender.packets);
  g_assert_cmpuint (info.octets, ==, sender.octets);
  g_assert_cmphex (bif_rtcp_sender_ssrc (&packet), ==, 0xcafebabe);
  g_assert_cmphex (bif_rtcp_media_ssrc (&packet), ==, 0);
  check_blocks (&packet);

  size = bif_rtcp_write_rr (out, sizeof out, 0xdeadbeef, blocks, 3);
  g_assert_cmpuint (size, ==, 8 + 72);
  g_assert_cmpuint (walk (out, size, &packet), ==, 1);
  g_assert_cmpint (packet.type, ==, BIF_RTCP_RR);
  g_assert_false (bif_rtcp_sender_info (&packet, &info));
  g_assert_cmphex (bif_rtcp_sender_ssrc (&packet), ==, 0xdeadbeef);
  check_blocks (&packet);

  size = bif_rtcp_write_rr (out, sizeof out, 1, NULL, 0);
  assert_hex (out, size, "80c90001 00000001");
}

/* A count that promises more blocks than there are bytes. */
static void
test_lying_count (void)
{
  guint8 out[512];
  BifRtcpPacket packet;
  BifReportBlock block;
  gsize size;

  size = bif_rtcp_write_rr (out, sizeof out, 1, blocks, 2);
  out[0] |= 31;
  g_assert_cmpuint (walk (out, size, &packet), ==, 1);
  g_assert_true (bif_rtcp_report (&packet, 1, &block));
  g_assert_false (bif_rtcp_report (&packet, 2, &block));
  g_assert_false (bif_rtcp_report (&packet, 30, &block));
}

static void
test_clamped_lost (void)
{
  BifReportBlock block = { 1, 0, G_MAXINT32, 0, 0, 0, 0 };
  BifRtcpPacket packet;
  guint8 out[64];

  walk (out, bif_rtcp_write_rr (out, sizeof out, 1, &block, 1), &packet);
  g_assert_true (bif_rtcp_report (&packet, 0, &block));
  g_assert_cmpint (block.lost, ==, 0x7fffff);
  block.lost = G_MININT32;
  walk (out, bif_rtcp_write_rr (out, sizeof out, 1, &block, 1), &packet);
  g_assert_true (bif_rtcp_report (&packet, 0, &block));
  g_assert_cmpint (block.lost, ==, -0x800000);
}

static void
test_sdes (void)
{
  guint8 out[512];
  gsize size;

  size = bif_rtcp_write_sdes (out, sizeof out, 0x01020304, "janus");
  assert_hex (out, size, "81ca0003 01020304 01056a616e757300");
  /* six bytes: the zero that ends the items takes a word of its own */
  size = bif_rtcp_write_sdes (out, sizeof out, 0x01020304, "januss");
  assert_hex (out, size, "81ca0004 01020304 01066a616e75737300000000");
  size = bif_rtcp_write_sdes (out, sizeof out, 0x01020304, "");
  assert_hex (out, size, "81ca0002 01020304 01000000");
}

static void
test_sdes_length (void)
{
  g_autofree char *name = g_strnfill (300, 'n');
  guint8 out[512];
  gsize n;

  for (n = 0; n <= 300; n++) {
    gsize size = bif_rtcp_write_sdes (out, sizeof out, 1, name + 300 - n);
    BifRtcpPacket packet;

    if (n > 255) {
      g_assert_cmpuint (size, ==, 0);
      continue;
    }
    g_assert_cmpuint (walk (out, size, &packet), ==, 1);
    g_assert_cmpuint (packet.body[5], ==, n);
    g_assert_cmpuint (packet.body[6 + n], ==, 0);
    g_assert_cmpuint (packet.size, <=, 4 + 2 + n + 4);
  }
}

static void
test_small (void)
{
  BifRtcpPacket packet;
  guint8 out[64];
  guint32 ssrc;

  assert_hex (out, bif_rtcp_write_bye (out, sizeof out, 0xa1a2a3a4),
      "81cb0001 a1a2a3a4");
  assert_hex (out, bif_rtcp_write_pli (out, sizeof out, 1, 2),
      "81ce0002 00000001 00000002");
  walk (out, 12, &packet);
  g_assert_cmphex (bif_rtcp_media_ssrc (&packet), ==, 2);
  assert_hex (out, bif_rtcp_write_fir (out, sizeof out, 1, 2, 7),
      "84ce0004 00000001 00000000 00000002 07000000");
  walk (out, 20, &packet);
  g_assert_true (bif_rtcp_fir_ssrc (&packet, 0, &ssrc));
  g_assert_cmphex (ssrc, ==, 2);
  g_assert_false (bif_rtcp_fir_ssrc (&packet, 1, &ssrc));
}

static void
collect (guint16 sequence, gpointer user_data)
{
  g_array_append_val ((GArray *) user_data, sequence);
}

static const struct
{
  guint16 sequences[8];
  guint n;
  const char *fcis;
} nacks[] = {
  {{5}, 1, "0005 0000"},
  {{5, 6}, 2, "0005 0001"},
  {{5, 21}, 2, "0005 8000"},
  {{5, 22}, 2, "0005 0000 0016 0000"},
  {{65535, 0, 15}, 3, "ffff 8001"},
  {{65530, 65535, 9, 11}, 4, "fffa 4010 000b 0000"},
  {{1, 2, 3, 100, 101, 40000}, 6, "0001 0003 0064 0001 9c40 0000"},
};

static void
test_nack (void)
{
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (nacks); i++) {
    g_autoptr (GArray) back = g_array_new (FALSE, FALSE, sizeof (guint16));
    guint8 out[64];
    BifRtcpPacket packet;
    gsize size;

    size = bif_rtcp_write_nack (out, sizeof out, 1, 2, nacks[i].sequences,
        nacks[i].n);
    assert_hex (out + 12, size - 12, nacks[i].fcis);
    g_assert_cmpuint (walk (out, size, &packet), ==, 1);
    g_assert_cmphex (bif_rtcp_media_ssrc (&packet), ==, 2);
    bif_rtcp_nack_foreach (&packet, collect, back);
    g_assert_cmpmem (back->data, back->len * 2, nacks[i].sequences,
        nacks[i].n * 2);
  }
  g_assert_cmpuint (bif_rtcp_write_nack (NULL, 0, 1, 2, NULL, 0), ==, 0);
}

static void
test_nack_twice (void)
{
  const guint16 same[] = { 5, 5, 6, 6 };
  guint8 out[64];

  assert_hex (out, bif_rtcp_write_nack (out, sizeof out, 1, 2, same, 4),
      "81cd0003 00000001 00000002 0005 0001");
}

/* More FCIs than the length field can say. */
static void
test_nack_too_many (void)
{
  g_autofree guint16 *sequences = g_new (guint16, 70000);
  g_autofree guint8 *out = g_malloc (400000);
  guint i;

  for (i = 0; i < 70000; i++)
    sequences[i] = (guint16) (i * 17);
  g_assert_cmpuint (bif_rtcp_write_nack (out, 400000, 1, 2, sequences, 70000),
      ==, 0);
  g_assert_cmpuint (bif_rtcp_write_nack (out, 400000, 1, 2, sequences, 65533),
      ==, 12 + 4 * 65533);
  g_assert_cmpuint (bif_rtcp_write_nack (out, 400000, 1, 2, sequences, 65534),
      ==, 0);
}

static void
test_remb (void)
{
  const guint64 rates[] = { 0, 1, 0x3ffff, 0x40000, 1000000, 123456789,
    G_GUINT64_CONSTANT (10000000000), G_MAXUINT64
  };
  const guint32 ssrcs[] = { 0x11, 0x22 };
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (rates); i++) {
    guint8 out[64];
    BifRtcpPacket packet;
    guint64 bitrate;
    gsize size;

    size = bif_rtcp_write_remb (out, sizeof out, 1, rates[i], ssrcs, 2);
    g_assert_cmpuint (size, ==, 28);
    g_assert_cmpuint (walk (out, size, &packet), ==, 1);
    g_assert_true (bif_rtcp_remb (&packet, &bitrate));
    g_assert_cmpuint (bitrate, <=, rates[i]);
    g_assert_cmpuint (bitrate, >=, rates[i] - rates[i] / 0x20000);
    assert_hex (out + 20, 8, "00000011 00000022");
  }
}

static const struct
{
  const char *hex;
  gboolean ok;
  guint64 bitrate;
} rembs[] = {
  {"8fce0004 00000001 00000000 52454d42 00 03ffff", TRUE, 0x3ffff},
  {"8fce0004 00000001 00000000 52454d42 00 04ffff", TRUE, 2 * 0xffff},
  {"8fce0004 00000001 00000000 52454d42 00 bbffff", TRUE,
      G_GUINT64_CONSTANT (0xffffc00000000000)},
  {"8fce0004 00000001 00000000 52454d42 00 bfffff", FALSE, 0},
  {"8fce0004 00000001 00000000 52454d42 00 ffffff", FALSE, 0},
  {"8fce0004 00000001 00000000 52454d42 00 fc0000", TRUE, 0},
  {"8fce0004 00000001 00000000 52454d42 01 03ffff", FALSE, 0},
  {"8fce0005 00000001 00000000 52454d42 01 03ffff 00000001", TRUE, 0x3ffff},
  {"8fce0004 00000001 00000000 52454d43 00 03ffff", FALSE, 0},
  {"8fce0003 00000001 00000000 52454d42", FALSE, 0},
  {"8fce0002 00000001 00000000", FALSE, 0},
  {"81ce0004 00000001 00000000 52454d42 00 03ffff", FALSE, 0},
  {"8fcd0004 00000001 00000000 52454d42 00 03ffff", FALSE, 0},
};

static void
test_remb_read (void)
{
  gsize i, size;

  for (i = 0; i < G_N_ELEMENTS (rembs); i++) {
    g_autofree guint8 *data = unhex (rembs[i].hex, &size);
    BifRtcpPacket packet;
    guint64 bitrate = 0;

    g_test_message ("%s", rembs[i].hex);
    g_assert_cmpuint (walk (data, size, &packet), ==, 1);
    g_assert_cmpint (bif_rtcp_remb (&packet, &bitrate), ==, rembs[i].ok);
    g_assert_cmphex (bitrate, ==, rembs[i].bitrate);
  }
}

/* Writes packet @which of all kinds. */
static gsize
write_one (guint which, guint8 * out, gsize room)
{
  const guint16 sequences[] = { 1, 2, 30, 31, 90 };
  const guint32 ssrcs[] = { 5, 6, 7 };

  switch (which) {
    case 0:
      return bif_rtcp_write_sr (out, room, &sender, blocks, 3);
    case 1:
      return bif_rtcp_write_rr (out, room, 1, blocks, 2);
    case 2:
      return bif_rtcp_write_sdes (out, room, 1, "somebody");
    case 3:
      return bif_rtcp_write_bye (out, room, 1);
    case 4:
      return bif_rtcp_write_pli (out, room, 1, 2);
    case 5:
      return bif_rtcp_write_fir (out, room, 1, 2, 3);
    case 6:
      return bif_rtcp_write_nack (out, room, 1, 2, sequences, 5);
    default:
      return bif_rtcp_write_remb (out, room, 1, 1000000, ssrcs, 3);
  }
}

/* No writer writes beyond its room, which is on the heap and exact. */
static void
test_room (void)
{
  guint8 big[512];
  guint which;
  gsize room;

  for (which = 0; which < 8; which++) {
    gsize full = write_one (which, big, sizeof big);

    g_assert_cmpuint (full, >, 0);
    g_assert_cmpuint (full % 4, ==, 0);
    for (room = 0; room <= full; room++) {
      g_autofree guint8 *out = g_malloc (MAX (room, 1));

      g_assert_cmpuint (write_one (which, out, room), ==,
          room == full ? full : 0);
    }
  }
}

static void
test_too_many (void)
{
  g_autofree BifReportBlock *many = g_new0 (BifReportBlock, 32);
  g_autofree guint32 *ssrcs = g_new0 (guint32, 256);
  guint8 out[2048];

  g_assert_cmpuint (bif_rtcp_write_rr (out, sizeof out, 1, many, 31), ==,
      8 + 31 * 24);
  g_assert_cmpuint (bif_rtcp_write_rr (out, sizeof out, 1, many, 32), ==, 0);
  g_assert_cmpuint (bif_rtcp_write_sr (out, sizeof out, &sender, many, 32),
      ==, 0);
  g_assert_cmpuint (bif_rtcp_write_remb (out, sizeof out, 1, 1, ssrcs, 255),
      ==, 20 + 255 * 4);
  g_assert_cmpuint (bif_rtcp_write_remb (out, sizeof out, 1, 1, ssrcs, 256),
      ==, 0);
}

/* All packets in one compound, cut at every byte, and each bit of it turned. */
static void
test_hostile (void)
{
  guint8 all[512];
  BifRtcpPacket last;
  gsize size = 0, at;
  guint which, bit;

  for (which = 0; which < 8; which++)
    size += write_one (which, all + size, sizeof all - size);
  g_assert_cmpuint (walk (all, size, &last), ==, 8);

  for (at = 0; at < size; at++) {
    g_autofree guint8 *part = g_memdup2 (all, MAX (at, 1));

    g_assert_cmpuint (walk (part, at, &last), <, 8);
  }
  for (at = 0; at < size; at++) {
    for (bit = 0; bit < 8; bit++) {
      g_autofree guint8 *copy = g_memdup2 (all, size);

      copy[at] ^= 1 << bit;
      walk (copy, size, &last);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/rtcp/walk", test_walk);
  g_test_add_func ("/packet/rtcp/offset", test_offset);
  g_test_add_func ("/packet/rtcp/reports", test_reports);
  g_test_add_func ("/packet/rtcp/lying-count", test_lying_count);
  g_test_add_func ("/packet/rtcp/clamped-lost", test_clamped_lost);
  g_test_add_func ("/packet/rtcp/sdes", test_sdes);
  g_test_add_func ("/packet/rtcp/sdes-length", test_sdes_length);
  g_test_add_func ("/packet/rtcp/small", test_small);
  g_test_add_func ("/packet/rtcp/nack", test_nack);
  g_test_add_func ("/packet/rtcp/nack-twice", test_nack_twice);
  g_test_add_func ("/packet/rtcp/nack-too-many", test_nack_too_many);
  g_test_add_func ("/packet/rtcp/remb", test_remb);
  g_test_add_func ("/packet/rtcp/remb-read", test_remb_read);
  g_test_add_func ("/packet/rtcp/room", test_room);
  g_test_add_func ("/packet/rtcp/too-many", test_too_many);
  g_test_add_func ("/packet/rtcp/hostile", test_hostile);
  return g_test_run ();
}
