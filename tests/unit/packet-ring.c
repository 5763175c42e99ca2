/* packet-ring: packets kept by time, the oldest dropped first, and nothing
 * given out that was written over. */
#include <string.h>
#include "packet/ring.h"

#define WINDOW_US G_USEC_PER_SEC
#define PACKET 1000
#define START_US (G_GINT64_CONSTANT (1000000) * G_USEC_PER_SEC)

static void
fill (guint8 * out, guint64 index, gsize size)
{
  for (gsize i = 0; i < size; i++)
    out[i] = (guint8) (index * 31 + i);
}

static void
put (BifRing * ring, guint64 index, gsize size, gint64 now_us)
{
  guint8 *space = bif_ring_reserve (ring, size, now_us);

  g_assert_nonnull (space);
  fill (space, index, size);
  bif_ring_commit (ring, index, size, now_us);
}

/* Whether the packet is there; what is there must be whole. */
static gboolean
has (const BifRing * ring, guint64 index)
{
  BifRingPacket packet;
  g_autofree guint8 *wanted = NULL;

  if (!bif_ring_get (ring, index, &packet))
    return FALSE;
  wanted = g_malloc (MAX (packet.size, 1));
  fill (wanted, index, packet.size);
  g_assert_cmpuint (packet.index, ==, index);
  g_assert_cmpmem (packet.data, packet.size, wanted, packet.size);
  return TRUE;
}

static void
test_plain (void)
{
  g_autoptr (BifRing) ring = bif_ring_new (WINDOW_US, 1 << 20);
  BifRingPacket packet;
  guint8 *space;

  g_assert_false (has (ring, 0));
  g_assert_false (has (ring, 7));
  put (ring, 7, 100, START_US);
  g_assert_true (bif_ring_get (ring, 7, &packet));
  g_assert_cmpuint (packet.size, ==, 100);
  g_assert_cmpint (packet.arrival_us, ==, START_US);
  g_assert_false (has (ring, 7 + 64));
  g_assert_false (has (ring, 8));
  /* less is kept than was reserved; reserving again is the same space */
  space = bif_ring_reserve (ring, 500, START_US);
  g_assert_true (space == bif_ring_reserve (ring, 400, START_US));
  fill (space, 8, 10);
  bif_ring_commit (ring, 8, 10, START_US);
  g_assert_true (has (ring, 7) && has (ring, 8));
  put (ring, G_MAXUINT64, 20, START_US);
  put (ring, 9, 0, START_US);
  g_assert_true (has (ring, G_MAXUINT64) && has (ring, 9));
}

static void
test_too_large (void)
{
  g_autoptr (BifRing) ring = bif_ring_new (WINDOW_US, 40000);
  g_autoptr (BifRing) small = bif_ring_new (WINDOW_US, 100);

  g_assert_null (bif_ring_reserve (ring, 40001, START_US));
  g_assert_null (bif_ring_reserve (ring, G_MAXSIZE, START_US));
  put (ring, 1, 40000, START_US);
  g_assert_true (has (ring, 1));
  put (ring, 2, 1, START_US);
  g_assert_true (has (ring, 2) && !has (ring, 1));
  g_assert_null (bif_ring_reserve (small, 101, START_US));
  put (small, 1, 100, START_US);
  put (small, 2, 100, START_US);
  g_assert_true (has (small, 2) && !has (small, 1));
}

/* What is reserved and not kept is lost to older packets all the same: they
 * must not be given out as whole. */
static void
test_reserve_alone (void)
{
  g_autoptr (BifRing) ring = bif_ring_new (0, 10 * PACKET);
  guint8 *space;

  for (guint i = 0; i < 15; i++)
    put (ring, i, PACKET, START_US + i);
  g_assert_true (has (ring, 5));
  space = bif_ring_reserve (ring, PACKET, START_US + 15);
  memset (space, 0xee, PACKET);
  g_assert_false (has (ring, 5));
  for (guint i = 6; i < 15; i++)
    g_assert_true (has (ring, i));
  /* and an ordinary packet goes on where the other was given up */
  put (ring, 15, PACKET, START_US + 16);
  for (guint i = 6; i < 16; i++)
    g_assert_true (has (ring, i));
}

/* Old packets go, in the order they came; memory stays as it is. */
static void
test_wrap (void)
{
  g_autoptr (BifRing) ring = bif_ring_new (0, 10 * PACKET);
  gsize bytes = bif_ring_bytes (ring);

  for (guint64 i = 0; i < 1000; i++) {
    put (ring, i, PACKET - i % 3, START_US + i);
    for (guint64 back = 0; back <= MIN (i, 8); back++)
      g_assert_true (has (ring, i - back));
    g_assert_true (i < 10 || !has (ring, i - 10));
  }
  g_assert_cmpuint (bif_ring_bytes (ring), ==, bytes);
}

/* Packets of a steady stream are there as long as the window says, from the
 * first one on; then memory stays. */
static void
test_window (void)
{
  static const struct
  {
    gint64 interval_us;
    gsize size;
  } rows[] = {
    {20000, 80}, {1000, 1200}, {200, 1200}, {100, 12}, {10000, 60000},
  };

  for (guint r = 0; r < G_N_ELEMENTS (rows); r++) {
    g_autoptr (BifRing) ring = bif_ring_new (WINDOW_US, 64 << 20);
    guint64 keep = WINDOW_US / rows[r].interval_us;
    gsize bytes = 0;

    for (guint64 i = 0; i < 5 * keep; i++) {
      put (ring, i, rows[r].size, START_US + i * rows[r].interval_us);
      if (i >= keep)
        g_assert_true (has (ring, i - keep + 1));
      if (i == 4 * keep)
        bytes = bif_ring_bytes (ring);
    }
    g_assert_cmpuint (bif_ring_bytes (ring), ==, bytes);
    g_assert_cmpuint (bytes, <, 16 * keep * (rows[r].size + 64) + 100000);
  }
}

static void
test_wider_window (void)
{
  g_autoptr (BifRing) ring = bif_ring_new (10 * 1000, 64 << 20);
  gint64 now_us = START_US;
  guint64 i = 0;

  for (; i < 2000; i++, now_us += 1000)
    put (ring, i, PACKET, now_us);
  g_assert_false (has (ring, i - 500));
  bif_ring_set_window (ring, 500 * 1000);
  for (; i < 6000; i++, now_us += 1000)
    put (ring, i, PACKET, now_us);
  g_assert_true (has (ring, i - 500));
}

/* However much comes, no more than was allowed is held, and the newest are. */
static void
test_max_bytes (void)
{
  g_autoptr (BifRing) ring = bif_ring_new (WINDOW_US, 50 * PACKET);

  for (guint64 i = 0; i < 5000; i++) {
    put (ring, i, PACKET, START_US + i);
    g_assert_true (has (ring, i));
  }
  for (guint64 i = 4952; i < 5000; i++)
    g_assert_true (has (ring, i));
  g_assert_false (has (ring, 4949));
  g_assert_cmpuint (bif_ring_bytes (ring), <, 50 * PACKET + 256 * 64);
}

/* More slots, in the middle of a lap: the order in which packets are dropped
 * stays that in which they came. */
static void
test_order_after_growth (void)
{
  g_autoptr (BifRing) ring = bif_ring_new (WINDOW_US, 16 * 1024);
  guint64 i = 40;

  for (; i < 40 + 65; i++)
    put (ring, i, 100, START_US + i);
  for (guint64 k = 40; k < i; k++)
    g_assert_true (has (ring, k));
  for (; i < 1000; i++) {
    put (ring, i, 100, START_US + i);
    for (guint64 back = 0; back < MIN (i - 40, 100); back++)
      g_assert_true (has (ring, i - back));
  }
}

/* The same number again, and numbers far from all others. */
static void
test_duplicates (void)
{
  g_autoptr (BifRing) ring = bif_ring_new (WINDOW_US, 1 << 20);
  BifRingPacket packet;

  for (guint i = 0; i < 1000; i++)
    put (ring, 5, 100 + i % 7, START_US + i);
  g_assert_true (has (ring, 5));
  g_assert_true (bif_ring_get (ring, 5, &packet));
  g_assert_cmpuint (packet.size, ==, 100 + 999 % 7);
  for (guint64 i = 0; i < 200; i++)
    put (ring, i << 40, 100, START_US);
  g_assert_true (has (ring, G_GUINT64_CONSTANT (199) << 40));
  g_assert_cmpuint (bif_ring_bytes (ring), <, 2 << 20);
}

/* Any mix of everything. */
static void
test_random (void)
{
  for (guint seed = 0; seed < 50; seed++) {
    g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
    g_autoptr (BifRing) ring = bif_ring_new (g_rand_int_range (rand, 0, 50000),
        g_rand_int_range (rand, 2000, 100000));
    gint64 now_us = START_US;

    for (guint i = 0; i < 2000; i++) {
      guint64 index = 1000 + i + g_rand_int_range (rand, -100, 100);
      gsize size = g_rand_int_range (rand, 0, 1999);
      guint8 *space = bif_ring_reserve (ring, size, now_us);

      memset (space, 0xee, size);
      if (g_rand_int_range (rand, 0, 4) != 0)
        put (ring, index, g_rand_int_range (rand, 0, size + 1), now_us);
      for (guint64 k = index - 150; k < index + 150; k++)
        has (ring, k);
      now_us += g_rand_int_range (rand, 0, 2000);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/ring/plain", test_plain);
  g_test_add_func ("/packet/ring/too-large", test_too_large);
  g_test_add_func ("/packet/ring/reserve-alone", test_reserve_alone);
  g_test_add_func ("/packet/ring/wrap", test_wrap);
  g_test_add_func ("/packet/ring/window", test_window);
  g_test_add_func ("/packet/ring/wider-window", test_wider_window);
  g_test_add_func ("/packet/ring/max-bytes", test_max_bytes);
  g_test_add_func ("/packet/ring/order", test_order_after_growth);
  g_test_add_func ("/packet/ring/duplicates", test_duplicates);
  g_test_add_func ("/packet/ring/random", test_random);
  return g_test_run ();
}
