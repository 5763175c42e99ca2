/* packet-batch: datagrams over the loopback. What is sent there is in the
 * receiver's buffer when the sending call returns, so nothing waits. */
#include <string.h>
#include <unistd.h>
#include "packet/batch.h"

typedef struct
{
  int out, in, other;
  BifAddress to, to_other;
  BifBatch *batch;
} Fixture;

static int
open_socket (BifAddress * address)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  int size = 1 << 20;
  socklen_t length = sizeof *address;

  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  g_assert_true (bif_address_parse (address, "127.0.0.1", 0));
  g_assert_no_errno (bind (fd, &address->any, bif_address_length (address)));
  g_assert_no_errno (getsockname (fd, &address->any, &length));
  return fd;
}

static void
set_up (Fixture * f, gconstpointer data)
{
  BifAddress unused;

  f->out = open_socket (&unused);
  f->in = open_socket (&f->to);
  f->other = open_socket (&f->to_other);
  f->batch = bif_batch_new ();
}

static void
tear_down (Fixture * f, gconstpointer data)
{
  g_clear_pointer (&f->batch, bif_batch_free);
  close (f->out);
  close (f->in);
  close (f->other);
}

static void
send_number (Fixture * f, guint number, const BifAddress * to)
{
  guint8 *out = bif_batch_begin (f->batch);

  memset (out, 0, BIF_DATAGRAM_SIZE);
  memcpy (out, &number, sizeof number);
  bif_batch_commit (f->batch, sizeof number + number % 1000, f->out, to);
}

/* -1 where there is none. */
static int
receive_number (int fd)
{
  guint8 bytes[BIF_DATAGRAM_SIZE];
  guint number;
  gssize size = recv (fd, bytes, sizeof bytes, 0);

  if (size < 0)
    return -1;
  memcpy (&number, bytes, sizeof number);
  g_assert_cmpint (size, ==, sizeof number + number % 1000);
  return number;
}

static void
test_order (Fixture * f, gconstpointer data)
{
  for (guint i = 0; i < 50; i++)
    send_number (f, i, i % 3 == 0 ? &f->to_other : &f->to);
  g_assert_cmpint (receive_number (f->in), ==, -1);
  bif_batch_flush (f->batch);
  for (int i = 0; i < 50; i++)
    g_assert_cmpint (receive_number (i % 3 == 0 ? f->other : f->in), ==, i);
  g_assert_cmpint (receive_number (f->in), ==, -1);
  bif_batch_flush (f->batch);
  g_assert_cmpint (receive_number (f->in), ==, -1);
  g_assert_cmpuint (bif_batch_dropped (f->batch), ==, 0);
}

/* A batch that is full goes by itself, and whole. */
static void
test_full (Fixture * f, gconstpointer data)
{
  int expected = 0, number;
  gboolean early = FALSE;

  for (guint i = 0; i < 500; i++) {
    send_number (f, i, &f->to);
    while ((number = receive_number (f->in)) >= 0) {
      g_assert_cmpint (number, ==, expected++);
      early = TRUE;
    }
  }
  g_assert_true (early);
  bif_batch_flush (f->batch);
  while ((number = receive_number (f->in)) >= 0)
    g_assert_cmpint (number, ==, expected++);
  g_assert_cmpint (expected, ==, 500);
}

static void
test_begin_alone (Fixture * f, gconstpointer data)
{
  send_number (f, 1, &f->to);
  for (guint i = 0; i < 100; i++)
    memset (bif_batch_begin (f->batch), i, BIF_DATAGRAM_SIZE);
  send_number (f, 2, &f->to);
  bif_batch_begin (f->batch);
  bif_batch_flush (f->batch);
  g_assert_cmpint (receive_number (f->in), ==, 1);
  g_assert_cmpint (receive_number (f->in), ==, 2);
  g_assert_cmpint (receive_number (f->in), ==, -1);
}

/* What cannot be sent takes no other datagram along: broadcast that was not
 * asked for, an address of another family, a socket that is closed. */
static void
test_errors (Fixture * f, gconstpointer data)
{
  BifAddress bad[2];
  guint good = 0;

  g_assert_true (bif_address_parse (&bad[0], "255.255.255.255", 9));
  g_assert_true (bif_address_parse (&bad[1], "::1", 9));
  for (guint i = 0; i < 200; i++) {
    if (i % 5 == 2 || i == 0 || i == 199) {
      send_number (f, i, &bad[i % 2]);
    } else if (i % 5 == 3) {
      bif_batch_begin (f->batch);
      bif_batch_commit (f->batch, 10, -1, &f->to);
    } else {
      send_number (f, i, &f->to);
      good++;
    }
  }
  bif_batch_flush (f->batch);
  for (guint i = 0; i < 200; i++) {
    if (i % 5 != 2 && i % 5 != 3 && i != 0 && i != 199)
      g_assert_cmpint (receive_number (f->in), ==, i);
  }
  g_assert_cmpint (receive_number (f->in), ==, -1);
  g_assert_cmpuint (bif_batch_dropped (f->batch), ==, 200 - good);
}

static void
test_two_sockets (Fixture * f, gconstpointer data)
{
  BifAddress address;
  int second = open_socket (&address);
  BifAddress from;
  socklen_t length = sizeof from;
  guint8 bytes[16];

  for (guint i = 0; i < 20; i++) {
    memset (bif_batch_begin (f->batch), i, 1);
    bif_batch_commit (f->batch, 1, i % 2 ? second : f->out, &f->to);
  }
  bif_batch_flush (f->batch);
  for (guint i = 0; i < 20; i++) {
    g_assert_cmpint (recvfrom (f->in, bytes, sizeof bytes, 0, &from.any,
            &length), ==, 1);
    g_assert_cmpint (bytes[0], ==, i);
    g_assert_cmpint (bif_address_equal (&from, &address), ==, i % 2);
  }
  close (second);
}

/* Freeing sends what is there. */
static void
test_free (Fixture * f, gconstpointer data)
{
  send_number (f, 7, &f->to);
  g_clear_pointer (&f->batch, bif_batch_free);
  g_assert_cmpint (receive_number (f->in), ==, 7);
  f->batch = bif_batch_new ();
}

/* From nothing to the most there can be. */
static void
test_sizes (Fixture * f, gconstpointer data)
{
  static const gsize sizes[] = { 0, 1, 1500, BIF_DATAGRAM_SIZE };
  guint8 bytes[2 * BIF_DATAGRAM_SIZE];

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    memset (bif_batch_begin (f->batch), 1, BIF_DATAGRAM_SIZE);
    bif_batch_commit (f->batch, sizes[i], f->out, &f->to);
  }
  bif_batch_flush (f->batch);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    g_assert_cmpint (recv (f->in, bytes, sizeof bytes, 0), ==, sizes[i]);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture * f, gconstpointer data);
  } tests[] = {
    {"/packet/batch/order", test_order},
    {"/packet/batch/full", test_full},
    {"/packet/batch/begin-alone", test_begin_alone},
    {"/packet/batch/errors", test_errors},
    {"/packet/batch/two-sockets", test_two_sockets},
    {"/packet/batch/free", test_free},
    {"/packet/batch/sizes", test_sizes},
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func,
        tear_down);
  return g_test_run ();
}
