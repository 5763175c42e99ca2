/* packet-twcc: feedback messages, byte for byte and read back. */
#include "packet/twcc.h"

#include "hex.h"
#include "twcc-reader.h"

#define SENDER 0x01020304
#define MEDIA 0x05060708
#define START_TICK 0x12345600   /* a multiple of 256 */

/* ---- byte for byte ---- */

typedef struct
{
  guint16 sequence;
  gint ticks;                   /* since the start */
} Arrival;

/* What is wanted begins at the base sequence number. */
static const struct
{
  const char *name;
  Arrival arrivals[20];         /* a sequence of 0 ends */
  const char *wanted;
} cases[] = {
  {"one", {{7, 0}}, "0007 0001 12345600 2001 00 01"},
  {"one later", {{7, 255}}, "0007 0001 12345600 2001 ff 01"},
  {"next time unit", {{7, 256}}, "0007 0001 12345700 2001 00 01"},
  {"run", {{1, 0}, {2, 4}, {3, 8}},
      "0001 0003 12345600 2003 00 04 04 000003"},
  {"loss", {{1, 0}, {3, 4}}, "0001 0003 12345600 a800 00 04"},
  {"large delta", {{1, 0}, {2, 256}},
      "0001 0002 12345600 d800 00 0100 000003"},
  {"negative", {{1, 10}, {3, 20}, {2, 30}},
      "0001 0003 12345600 d600 0a 14 fff6 0002"},
  {"wrap", {{65535, 0}, {1, 1}}, "ffff 0003 12345600 a800 00 01"},
  {"duplicate", {{5, 3}, {5, 9}}, "0005 0001 12345600 2001 03 01"},
  {"long loss", {{1, 0}, {22, 2}},
      "0001 0016 12345600 a000 8040 00 02 0002"},
  {"run of losses", {{1, 0}, {39, 2}},
      "0001 0027 12345600 a000 0018 2001 00 02"},
  {"run of arrivals", {{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0},
          {8, 0}, {9, 0}, {10, 0}, {11, 0}, {12, 0}, {13, 0}, {14, 0},
          {16, 0}}, "0001 0010 12345600 200e 9000"
        "000000000000000000000000000000 01"},
  {"began anew", {{100, 0}, {30000, 5}}, "7530 0001 12345600 2001 05 01"},
  {"began anew before", {{30000, 0}, {100, 5}},
      "0064 0001 12345600 2001 05 01"},
};

static void
note (BifTwcc * twcc, const Arrival * arrival)
{
  bif_twcc_packet (twcc, arrival->sequence,
      ((gint64) START_TICK + arrival->ticks) * 250);
}

static void
read_out (const guint8 * data, gsize size, Feedback * feedback)
{
  BifRtcpPacket packet;
  gsize offset = 0;

  g_assert_cmpuint (size, <=, BIF_TWCC_MAX_SIZE);
  g_assert_true (bif_rtcp_next (data, size, &offset, &packet));
  g_assert_cmpuint (offset, ==, size);
  g_assert_true (is_feedback (&packet));
  g_assert_cmphex (bif_rtcp_sender_ssrc (&packet), ==, SENDER);
  g_assert_cmphex (bif_rtcp_media_ssrc (&packet), ==, MEDIA);
  read_feedback (&packet, feedback);
}

static gboolean
take (BifTwcc * twcc, Feedback * feedback)
{
  guint8 out[BIF_TWCC_MAX_SIZE];
  gsize size = bif_twcc_write (twcc, out, sizeof out, SENDER, MEDIA);

  if (size > 0)
    read_out (out, size, feedback);
  return size > 0;
}

static void
test_bytes (gconstpointer data)
{
  guint index = GPOINTER_TO_UINT (data);
  BifTwcc twcc = { 0 };
  guint8 out[BIF_TWCC_MAX_SIZE];
  Feedback feedback;
  gsize size;

  g_assert_cmpuint (bif_twcc_write (&twcc, out, sizeof out, 1, 2), ==, 0);
  for (const Arrival * a = cases[index].arrivals; a->sequence != 0; a++)
    note (&twcc, a);
  g_assert_true (bif_twcc_waits (&twcc));
  g_assert_cmpuint (bif_twcc_write (&twcc, out, sizeof out - 1, 1, 2), ==, 0);
  size = bif_twcc_write (&twcc, out, sizeof out, SENDER, MEDIA);
  assert_hex (out + 12, size - 12, cases[index].wanted);
  read_out (out, size, &feedback);
  g_assert_false (bif_twcc_waits (&twcc));
  g_assert_cmpuint (bif_twcc_write (&twcc, out, sizeof out, 1, 2), ==, 0);
}

/* ---- more than one message ---- */

/* Numbers go on from message to message, and count up to where they wrap. */
static void
test_messages (void)
{
  BifTwcc twcc = { 0 };
  Feedback feedback;

  for (guint i = 0; i < 600; i++) {
    note (&twcc, &(Arrival) { 65000 + 2 * i, i });
    note (&twcc, &(Arrival) { 65001 + 2 * i, i });
    g_assert_true (take (&twcc, &feedback));
    g_assert_cmpint (feedback.base, ==, (guint16) (65000 + 2 * i));
    g_assert_cmpuint (feedback.count, ==, 2);
    g_assert_cmpint (feedback.number, ==, (guint8) i);
    g_assert_cmpint (feedback.tick[1], ==, START_TICK + i);
    g_assert_false (take (&twcc, &feedback));
  }
}

/* 400 to a message, and told when that many wait. */
static void
test_full (void)
{
  static const guint wanted[] = { 400, 400, 200 };
  BifTwcc twcc = { 0 };
  Feedback feedback;

  for (guint i = 0; i < 1000; i++) {
    /* far apart, now and then: deltas of two bytes */
    gint64 now_us = (START_TICK + (gint64) i * 300) * 250;

    g_assert_cmpint (bif_twcc_packet (&twcc, i, now_us), ==, i >= 399);
  }
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    g_assert_true (take (&twcc, &feedback));
    g_assert_cmpuint (feedback.count, ==, wanted[i]);
    g_assert_cmpuint (feedback.received, ==, wanted[i]);
    g_assert_cmpint (feedback.base, ==, 400 * i);
    g_assert_cmpint (feedback.tick[0], ==, START_TICK + 400 * i * 300);
  }
  g_assert_false (take (&twcc, &feedback));
}

/* A time that no delta can say begins another message; losses of more than a
 * message are not all told. */
static void
test_apart (void)
{
  BifTwcc twcc = { 0 };
  Feedback feedback;

  note (&twcc, &(Arrival) { 1, 0 });
  note (&twcc, &(Arrival) { 2, 32768 });
  note (&twcc, &(Arrival) { 4, 32767 + 32768 });
  g_assert_true (take (&twcc, &feedback));
  g_assert_cmpuint (feedback.count, ==, 1);
  g_assert_true (take (&twcc, &feedback));
  g_assert_cmpuint (feedback.count, ==, 3);
  g_assert_cmpint (feedback.tick[2], ==, START_TICK + 65535);
  note (&twcc, &(Arrival) { 904, 70000 });
  g_assert_true (take (&twcc, &feedback));
  g_assert_cmpuint (feedback.count, ==, 400);
  g_assert_cmpuint (feedback.received, ==, 1);
  g_assert_cmpint (feedback.base, ==, 505);
  g_assert_false (take (&twcc, &feedback));
}

/* What comes after it was told to be lost is told again. */
static void
test_late (void)
{
  BifTwcc twcc = { 0 };
  Feedback feedback;

  note (&twcc, &(Arrival) { 10, 0 });
  note (&twcc, &(Arrival) { 13, 3 });
  g_assert_true (take (&twcc, &feedback));
  g_assert_cmpuint (feedback.received, ==, 2);
  note (&twcc, &(Arrival) { 13, 4 });
  g_assert_false (take (&twcc, &feedback));
  note (&twcc, &(Arrival) { 12, 9 });
  g_assert_true (take (&twcc, &feedback));
  g_assert_cmpint (feedback.base, ==, 12);
  g_assert_cmpuint (feedback.count, ==, 2);
  g_assert_cmpint (feedback.tick[0], ==, START_TICK + 9);
  g_assert_cmpint (feedback.tick[1], ==, START_TICK + 3);
}

/* ---- hostile ---- */

/* Any numbers at any time: what is told to have come did, and then. */
static void
test_random (void)
{
  static const gint steps[] = { 2, 30, 600, 30000 };
  BifTwcc twcc = { 0 };
  Feedback feedback;
  guint16 sequence = 0;
  /* The tick's 32 bits run over on the way. */
  gint64 tick = G_MAXUINT32 - 100000;

  for (guint i = 0; i < 100000; i++) {
    gint step = steps[g_test_rand_int_range (0, 100) == 0 ?
        g_test_rand_int_range (0, 4) : g_test_rand_int_range (0, 2)];

    sequence += g_test_rand_int_range (0, 2 * step) - step / 2;
    tick += g_test_rand_int_range (0, 5);
    if (g_test_rand_int_range (0, 1000) == 0)
      tick += g_test_rand_int_range (0, 100000);
    bif_twcc_packet (&twcc, sequence, tick * 250);
    if (i % 50 != 0)
      continue;
    while (take (&twcc, &feedback)) {
      for (guint k = 0; k < feedback.count; k++)
        g_assert_true (feedback.tick[k] < 0
            || twcc.tick[(guint16) (feedback.base + k) % BIF_TWCC_WINDOW]
            == MAX ((guint32) feedback.tick[k], 1));
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/twcc/%s", cases[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_bytes);
  }
  g_test_add_func ("/twcc/messages", test_messages);
  g_test_add_func ("/twcc/full", test_full);
  g_test_add_func ("/twcc/apart", test_apart);
  g_test_add_func ("/twcc/late", test_late);
  g_test_add_func ("/twcc/random", test_random);
  return g_test_run ();
}
