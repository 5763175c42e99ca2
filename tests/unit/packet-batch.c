/* packet-batch: datagrams over the loopback. What is sent there is in the
 * receiver's buffer when the sending call returns, so nothing waits. */
#include "config.h"
#include <string.h>
#include <unistd.h>
#include <netinet/in.h>
#include <netinet/udp.h>
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

/* ---- runs ---- */

/* @n datagrams of @size, numbered from @number. */
static void
send_run (Fixture * f, guint number, guint n, gsize size, const BifAddress * to)
{
  for (guint i = 0; i < n; i++) {
    guint8 *out = bif_batch_begin (f->batch);
    guint value = number + i;

    memset (out, value, BIF_DATAGRAM_SIZE);
    memcpy (out, &value, sizeof value);
    bif_batch_commit (f->batch, size, f->out, to);
  }
}

static void
expect_run (int fd, guint number, guint n, gsize size)
{
  guint8 bytes[2 * BIF_DATAGRAM_SIZE];

  for (guint i = 0; i < n; i++) {
    guint value = number + i, found;

    g_assert_cmpint (recv (fd, bytes, sizeof bytes, 0), ==, size);
    memcpy (&found, bytes, sizeof found);
    g_assert_cmpuint (found, ==, value);
    for (gsize k = sizeof found; k < size; k++)
      g_assert_cmpuint (bytes[k], ==, value & 0xff);
  }
}

static void
expect_nothing (Fixture * f)
{
  guint8 byte;

  g_assert_cmpint (recv (f->in, &byte, 1, 0), ==, -1);
  g_assert_cmpint (recv (f->other, &byte, 1, 0), ==, -1);
}

/* Which datagrams make one message: as many as the whole batch has, never more
 * bytes than a message may, the last one shorter, none that is longer. */
static void
test_runs (Fixture * f, gconstpointer data)
{
  static const struct
  {
    guint n;
    gsize size;
    guint n_last;
    gsize last;
  } rows[] = {
    {1, 1100, 0, 0}, {2, 1100, 0, 0}, {4, 1150, 1, 200}, {4, 1150, 2, 200},
    {3, 200, 3, 1150}, {64, 100, 0, 0}, {63, 100, 1, 4}, {64, 1200, 0, 0},
    {200, 700, 1, 10}, {3, 4, 2, 5}, {5, 1400, 5, 1399},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("row %u", i);
    send_run (f, 1000 * i, rows[i].n, rows[i].size, &f->to);
    send_run (f, 1000 * i + 500, rows[i].n_last, rows[i].last, &f->to);
    bif_batch_flush (f->batch);
    expect_run (f->in, 1000 * i, rows[i].n, rows[i].size);
    expect_run (f->in, 1000 * i + 500, rows[i].n_last, rows[i].last);
    expect_nothing (f);
  }
  g_assert_cmpuint (bif_batch_dropped (f->batch), ==, 0);
}

/* Runs of several receivers, one after another in the same batch. */
static void
test_receivers (Fixture * f, gconstpointer data)
{
  for (guint i = 0; i < 40; i++)
    send_run (f, 10 * i, 3, 900, i % 2 ? &f->to_other : &f->to);
  bif_batch_flush (f->batch);
  for (guint i = 0; i < 40; i++)
    expect_run (i % 2 ? f->other : f->in, 10 * i, 3, 900);
  expect_nothing (f);
}

/* Making room keeps a run together: nothing goes early but what was there. */
static void
test_make_room (Fixture * f, gconstpointer data)
{
  send_run (f, 0, 60, 50, &f->to);
  bif_batch_make_room (f->batch, 4);
  expect_nothing (f);
  bif_batch_make_room (f->batch, 5);
  expect_run (f->in, 0, 60, 50);
  send_run (f, 60, 5, 50, &f->to);
  expect_nothing (f);
  bif_batch_flush (f->batch);
  expect_run (f->in, 60, 5, 50);
}

/* A run of one size, and a shorter one, are one message. */
static void
test_is_one_message (Fixture * f, gconstpointer data)
{
#if defined (BIF_HAVE_GSO) && defined (UDP_GRO)
  int on = 1;
  guint8 bytes[65536];
  gssize size;

  /* A socket that takes them uncut shows that they were one. */
  g_assert_no_errno (setsockopt (f->in, IPPROTO_UDP, UDP_GRO, &on, sizeof on));
  send_run (f, 0, 4, 1000, &f->to);
  send_run (f, 4, 1, 300, &f->to);
  send_run (f, 5, 1, 300, &f->to);
  bif_batch_flush (f->batch);
  size = recv (f->in, bytes, sizeof bytes, 0);
  if (size == 1000) {
    g_test_skip ("the kernel refuses GSO here");
    return;
  }
  g_assert_cmpint (size, ==, 4300);
  g_assert_cmpint (recv (f->in, bytes, sizeof bytes, 0), ==, 300);
#else
  g_test_skip ("built without GSO");
#endif
}

/* Linux refuses GSO on a socket without checksums: all goes singly then, and as
 * runs again where it would be taken. */
static void
test_refused (Fixture * f, gconstpointer data)
{
#ifdef SO_NO_CHECK
  int on = 1, off = 0;

  g_assert_no_errno (setsockopt (f->out, SOL_SOCKET, SO_NO_CHECK, &on,
          sizeof on));
  for (guint i = 0; i < 20; i++) {
    send_run (f, 0, 5, 600, &f->to);
    send_run (f, 5, 1, 100, &f->to);
    send_run (f, 6, 5, 600, &f->to_other);
    bif_batch_flush (f->batch);
    expect_run (f->in, 0, 5, 600);
    expect_run (f->in, 5, 1, 100);
    expect_run (f->other, 6, 5, 600);
    expect_nothing (f);
  }
  g_assert_no_errno (setsockopt (f->out, SOL_SOCKET, SO_NO_CHECK, &off,
          sizeof off));
  /* More than the longest pause. */
  for (guint i = 0; i < 2000; i++) {
    send_run (f, i, 2, 20, &f->to);
    bif_batch_flush (f->batch);
    expect_run (f->in, i, 2, 20);
  }
  g_assert_cmpuint (bif_batch_dropped (f->batch), ==, 0);
#ifdef BIF_HAVE_GSO
  test_is_one_message (f, NULL);
#endif
#else
  g_test_skip ("no way to have it refused");
#endif
}

/* A run to nowhere is lost whole, and counted whole; its neighbours are not. */
static void
test_bad_run (Fixture * f, gconstpointer data)
{
  BifAddress bad;

  g_assert_true (bif_address_parse (&bad, "255.255.255.255", 9));
  send_run (f, 0, 4, 500, &f->to);
  send_run (f, 10, 7, 500, &bad);
  send_run (f, 20, 4, 500, &f->to);
  bif_batch_flush (f->batch);
  expect_run (f->in, 0, 4, 500);
  expect_run (f->in, 20, 4, 500);
  expect_nothing (f);
  g_assert_cmpuint (bif_batch_dropped (f->batch), ==, 7);
}

/* UDP over the loopback never fills a socket; a local one does get full, and
 * takes what is to be cut up as it is. What it has no room for is dropped, each
 * datagram of a run counted. */
static void
test_full_socket (Fixture * f, gconstpointer data)
{
  static guint8 bytes[1 << 17];
  BifAddress connected = { .any.sa_family = AF_UNSPEC };
  guint came = 0;
  gssize size;
  int pair[2];

  g_assert_no_errno (socketpair (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC
          | SOCK_NONBLOCK, 0, pair));
  for (guint i = 0; i < 1000; i++) {
    memset (bif_batch_begin (f->batch), i, 1000);
    bif_batch_commit (f->batch, 1000, pair[0], &connected);
  }
  send_run (f, 0, 3, 100, &f->to);
  bif_batch_flush (f->batch);
  while ((size = recv (pair[1], bytes, sizeof bytes, 0)) > 0) {
    for (gssize k = 0; k < size; k += 1000)
      g_assert_cmpuint (bytes[k], ==, came++ & 0xff);
  }
  g_assert_cmpuint (came, >, 0);
  g_assert_cmpuint (came, <, 1000);
  g_assert_cmpuint (bif_batch_dropped (f->batch), ==, 1000 - came);
  expect_run (f->in, 0, 3, 100);
  close (pair[0]);
  close (pair[1]);
}

/* ---- what is put off ---- */

static void
send_two (gpointer data, BifBatch * batch)
{
  Fixture *f = data;

  g_assert_true (batch == f->batch);
  send_run (f, 70, 2, 30, &f->to_other);
}

/* Runs with a flush, once; not because the batch is full. */
static void
test_defer (Fixture * f, gconstpointer data)
{
  guint n = 0;

  g_assert_true (bif_batch_defer (f->batch, send_two, f));
  send_run (f, 0, 65, 40, &f->to);
  expect_run (f->in, 0, 64, 40);
  expect_nothing (f);
  bif_batch_flush (f->batch);
  expect_run (f->in, 64, 1, 40);
  expect_run (f->other, 70, 2, 30);
  bif_batch_flush (f->batch);
  expect_nothing (f);
  /* In order, where that is asked for. */
  g_assert_true (bif_batch_defer (f->batch, send_two, f));
  bif_batch_catch_up (f->batch);
  expect_nothing (f);
  send_run (f, 1, 1, 30, &f->to_other);
  bif_batch_flush (f->batch);
  expect_run (f->other, 70, 2, 30);
  expect_run (f->other, 1, 1, 30);
  while (bif_batch_defer (f->batch, send_two, f))
    g_assert_cmpuint (++n, <, 1000);
  bif_batch_flush (f->batch);
  for (guint i = 0; i < n; i++)
    expect_run (f->other, 70, 2, 30);
  expect_nothing (f);
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
    {"/packet/batch/runs", test_runs},
    {"/packet/batch/receivers", test_receivers},
    {"/packet/batch/make-room", test_make_room},
    {"/packet/batch/is-one-message", test_is_one_message},
    {"/packet/batch/refused", test_refused},
    {"/packet/batch/bad-run", test_bad_run},
    {"/packet/batch/full-socket", test_full_socket},
    {"/packet/batch/defer", test_defer},
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func,
        tear_down);
  return g_test_run ();
}
