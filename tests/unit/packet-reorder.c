/* packet-reorder: packets go out in order, and none waits for ever. */
#include "packet/reorder.h"

#define LATENCY_US 100000

static guint freed;

static void
count_free (gpointer item)
{
  freed++;
}

static BifReorder *
make (guint capacity)
{
  freed = 0;
  return bif_reorder_new (LATENCY_US, capacity, count_free);
}

static void
push (BifReorder * r, guint64 index, gint64 now_us)
{
  bif_reorder_push (r, index, GSIZE_TO_POINTER (index), now_us);
}

static void
expect (BifReorder * r, gint64 now_us, guint64 index)
{
  gint64 until_us;

  g_assert_cmpuint (GPOINTER_TO_SIZE (bif_reorder_pop (r, now_us, &until_us)),
      ==, index);
}

static void
expect_wait (BifReorder * r, gint64 now_us, gint64 until)
{
  gint64 until_us;

  g_assert_null (bif_reorder_pop (r, now_us, &until_us));
  g_assert_cmpint (until_us, ==, until);
}

static void
test_order (void)
{
  BifReorder *r = make (8);

  push (r, 10, 0);
  expect (r, 0, 10);
  expect_wait (r, 0, -1);
  push (r, 13, 5);
  push (r, 12, 6);
  expect_wait (r, 10, 6 + LATENCY_US);
  push (r, 12, 10);             /* twice */
  g_assert_cmpuint (freed, ==, 1);
  push (r, 11, 20);
  expect (r, 20, 11);
  expect (r, 20, 12);
  expect (r, 20, 13);
  push (r, 11, 30);             /* passed over */
  g_assert_cmpuint (freed, ==, 2);
  g_assert_cmpuint (bif_reorder_dropped (r), ==, 0);
  g_assert_cmpuint (bif_reorder_lost (r), ==, 0);
  bif_reorder_free (r);
}

/* What does not come is waited for as long as the latency says. */
static void
test_loss (void)
{
  BifReorder *r = make (8);

  push (r, 1, 0);
  expect (r, 0, 1);
  push (r, 3, 1000);
  push (r, 4, 2000);
  expect_wait (r, LATENCY_US, 1000 + LATENCY_US);
  expect (r, 1000 + LATENCY_US, 3);
  expect (r, 1000 + LATENCY_US, 4);
  g_assert_cmpuint (bif_reorder_lost (r), ==, 1);
  bif_reorder_free (r);
}

/* The oldest goes where there is no room, whatever order they come in. */
static void
test_full (void)
{
  for (guint late = 0; late < 5; late++) {
    BifReorder *r = make (4);

    push (r, 100, 0);
    expect (r, 0, 100);
    for (guint i = 0; i < 4; i++)
      push (r, 103 + i + (i >= late), 0);
    push (r, 103 + late, 0);
    g_assert_cmpuint (bif_reorder_dropped (r), ==, 1);
    g_assert_cmpuint (freed, ==, 1);
    for (guint i = 0; i < 4; i++)
      expect (r, LATENCY_US, 104 + i);
    bif_reorder_free (r);
  }
}

static void
test_clear (void)
{
  BifReorder *r = make (4);

  push (r, 50, 0);
  push (r, 52, 0);
  bif_reorder_clear (r);
  g_assert_cmpuint (freed, ==, 2);
  push (r, 7, 0);               /* anything goes after that */
  expect (r, 0, 7);
  push (r, 9, 0);
  bif_reorder_free (r);
  g_assert_cmpuint (freed, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/reorder/order", test_order);
  g_test_add_func ("/reorder/loss", test_loss);
  g_test_add_func ("/reorder/full", test_full);
  g_test_add_func ("/reorder/clear", test_clear);
  return g_test_run ();
}
