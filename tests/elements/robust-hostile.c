/* robust-hostile: subscribers that do not read, or are gone, and strangers at
 * the port: the others get every packet once, and floods cost next to
 * nothing. */
#include "config.h"
#include "fan.h"
#include "packet/bytes.h"

#include <string.h>
#include <unistd.h>
#include <sys/resource.h>

#define FLOOD 10000
#define ROOM 600                /* most that a datagram of a flood has */

/* ---- counting allocations ---- */

/* Those of all threads but the test's, where malloc can be stood in for. */
#if defined (__GLIBC__) && !defined (__SANITIZE_ADDRESS__) \
    && !defined (__SANITIZE_THREAD__)
#if defined (__has_feature)
#if !__has_feature (address_sanitizer) && !__has_feature (thread_sanitizer)
#define COUNTS_ALLOCATIONS
#endif
#else
#define COUNTS_ALLOCATIONS
#endif
#endif

static guint allocations;       /* atomic */
#ifdef COUNTS_ALLOCATIONS
static __thread gboolean is_test_thread;
void *__libc_malloc (size_t size);
void *__libc_calloc (size_t n, size_t size);
void *__libc_realloc (void *old, size_t size);

static void
count_one (void)
{
  if (!is_test_thread)
    g_atomic_int_inc (&allocations);
}

void *
malloc (size_t size)
{
  count_one ();
  return __libc_malloc (size);
}

void *
calloc (size_t n, size_t size)
{
  count_one ();
  return __libc_calloc (n, size);
}

void *
realloc (void *old, size_t size)
{
  count_one ();
  return __libc_realloc (old, size);
}
#endif

/* ---- subscribers ---- */

/* One never reads: its socket fills, and what it misses is its own. */
static void
test_slow (Fan * fan, gconstpointer data)
{
  FanSubscriber *slow = &fan->subscriber[0];
  int size = 16 * 1024;
  guint n;

  g_assert_no_errno (setsockopt (slow->peer.fd, SOL_SOCKET, SO_RCVBUF, &size,
          sizeof size));
  fan_pass (fan, 2000, 1);
  g_assert_cmpuint (peer_stat (&slow->peer, "rtp-sent"), ==, 2000);
  n = fan_drain (slow);
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpuint (n, <, 1000);
  g_test_message ("the slow one has %u", n);
  /* its numbers ran on: now it reads, and nothing is refused as a replay */
  for (guint i = 0; i < 20; i++) {
    fan_pass (fan, 1, 1);
    fan_take (slow);
    g_assert_cmpuint (slow->number, ==, 2000 + i);
  }
}

/* One process is gone: its port answers with errors, which the socket of all
 * must not hand to others. */
static void
test_vanish (Fan * fan, gconstpointer data)
{
  FanSubscriber *gone = &fan->subscriber[0];
  BifAddress other;

  fan_pass (fan, 50, 0);
  close (gone->peer.fd);
  fan_pass (fan, 500, 1);
  g_assert_cmpuint (peer_stat (&gone->peer, "rtp-sent"), ==, 550);
  /* it comes back from elsewhere */
  gone->peer.fd = peer_open_socket (&other);
  peer_send_check (&gone->peer, &(Check) { .nominate = TRUE }, 9);
  g_assert_true (peer_receive_answer (&gone->peer, 9,
          &(BifStunMessage) { 0 }));
  gone->sequence += 500;
  fan_pass (fan, 50, 0);
}

/* One is closed in the middle, by the application. */
static void
test_close (Fan * fan, gconstpointer data)
{
  fan_pass (fan, 50, 0);
  for (guint i = 0; i < 50; i++)
    fan_send (fan);
  g_signal_emit_by_name (fan->subscriber[0].peer.transport, "close");
  for (guint i = 0; i < 50; i++)
    fan_send (fan);
  fan_sync (fan);
  for (guint k = 1; k < FAN_SUBSCRIBERS; k++) {
    g_assert_cmpuint (fan_drain (&fan->subscriber[k]), ==, 100);
    g_assert_cmpuint (fan->subscriber[k].n_seen, ==, 150);
  }
  fan_pass (fan, 50, 1);
}

/* ---- strangers ---- */

static int
open_stranger (Fan * fan)
{
  BifAddress address;

  return peer_open_socket (&address);
}

static void
send_from (Fan * fan, int fd, const guint8 * data, gsize size)
{
  sendto (fd, data, size, 0, &fan->peer.server.any,
      bif_address_length (&fan->peer.server));
}

/* Random bytes behind first bytes of each protocol, from a stranger and from
 * the publisher's own address; what the publisher sent, again and by another.
 * A stranger is never answered. */
static void
test_garbage (Fan * fan, gconstpointer data)
{
  static const guint8 first[] = { 0, 1, 3, 19, 20, 22, 25, 63, 64, 127, 128,
    0x90, 0xbf, 191, 192, 255
  };
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  int stranger = open_stranger (fan);
  guint8 out[ROOM], kept[16][400];
  gsize kept_size[16];

  for (guint round = 0; round < 100; round++) {
    guint keep = round % 16;

    for (guint i = 0; i < 40; i++) {
      gsize size = g_rand_int_range (rand, 0, sizeof out);

      for (gsize at = 0; at < size; at++)
        out[at] = g_rand_int (rand);
      out[0] = first[i % G_N_ELEMENTS (first)];
      send_from (fan, i % 2 ? stranger : fan->peer.fd, out, size);
    }
    kept_size[keep] = fan_write (fan, kept[keep]);
    send_from (fan, stranger, kept[keep], kept_size[keep]);
    peer_send (&fan->peer, kept[keep], kept_size[keep]);
    for (guint i = 0; i <= MIN (round, 15); i++) {
      send_from (fan, stranger, kept[i], kept_size[i]);
      peer_send (&fan->peer, kept[i], kept_size[i]);
    }
    fan_sync (fan);
    for (guint k = 0; k < FAN_SUBSCRIBERS; k++) {
      g_assert_cmpuint (fan_drain (&fan->subscriber[k]), ==, 1);
      g_assert_cmpuint (fan->subscriber[k].number, ==, round);
    }
  }
  g_assert_cmpint (recv (stranger, out, sizeof out, MSG_DONTWAIT), ==, -1);
  g_assert_cmpuint (peer_stat (&fan->peer, "rtp-received"), ==, 100);
  g_assert_cmpuint (peer_stat (&fan->peer, "rtp-replayed"), >=, 1000);
  close (stranger);
}

/* ---- a flood of checks ---- */

typedef enum
{
  WRONG_KEY, NO_INTEGRITY, WRONG_FINGERPRINT, UNKNOWN_USER, NO_USER, N_FLOODS
} Flood;

static gsize
write_check (Fan * fan, Flood flood, guint8 * out)
{
  guint8 transaction[BIF_STUN_TRANSACTION_SIZE] = "flood------";
  g_autofree char *username = g_strconcat (flood == UNKNOWN_USER ?
      "nobody" : fan->peer.ufrag, ":brow", NULL);
  BifStunRequest request = {
    .username = flood == NO_USER ? "x" : username,
    .password = "not the password of anybody",
    .role = BIF_STUN_ROLE_CONTROLLING,
    .use_candidate = TRUE,
  };
  gsize size = bif_stun_write_request (out, transaction, &request);

  if (flood == WRONG_FINGERPRINT)
    out[size - 1] ^= 1;
  if (flood != NO_INTEGRITY)
    return size;
  /* ends before the two last attributes */
  size -= 24 + 8;
  bif_put_be16 (out + 2, size - 20);
  return size;
}

static gint64
cpu_us (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * G_USEC_PER_SEC
      + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

/* Nobody who lacks the password is answered, not even with an error: there is
 * nothing to reflect or to learn. A check costs no memory, whoever sends it,
 * and media of others goes on. */
static void
test_flood (gconstpointer data)
{
  Flood flood = GPOINTER_TO_UINT (data);
  g_autofree Fan *fan = g_new0 (Fan, 1);
  guint8 out[ROOM];
  gint64 before_us;
  gsize size;
  guint before;
  int fd;

  fan_set_up (fan, NULL);
  fd = open_stranger (fan);
  size = write_check (fan, flood, out);
  fan_pass (fan, 20, 0);
  before = g_atomic_int_get (&allocations);
  before_us = cpu_us ();
  for (guint i = 0; i < FLOOD; i++) {
    out[19]++;
    send_from (fan, fd, out, size);
    send_from (fan, fan->peer.fd, out, size);
    if (i % 100 == 0)
      fan_pass (fan, 1, 0);
  }
  fan_sync (fan);
  g_test_message ("%u allocations of I/O threads, %.1f us a datagram, its "
      "sending included", g_atomic_int_get (&allocations) - before,
      (cpu_us () - before_us) / (2.0 * FLOOD));
  g_assert_cmpuint (g_atomic_int_get (&allocations) - before, <, FLOOD / 10);
  while (recv (fd, out, sizeof out, MSG_DONTWAIT) >= 0)
    g_assert_not_reached ();
  fan_pass (fan, 20, 0);
  close (fd);
  fan_tear_down (fan, NULL);
}

int
main (int argc, char **argv)
{
  static const char *const floods[N_FLOODS] = { "wrong-key", "no-integrity",
    "wrong-fingerprint", "unknown-user", "no-user"
  };
  int result;

#ifdef COUNTS_ALLOCATIONS
  is_test_thread = TRUE;
#endif
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/robust/slow", Fan, NULL, fan_set_up, test_slow,
      fan_tear_down);
  g_test_add ("/robust/vanish", Fan, NULL, fan_set_up, test_vanish,
      fan_tear_down);
  g_test_add ("/robust/close", Fan, NULL, fan_set_up, test_close,
      fan_tear_down);
  g_test_add ("/robust/garbage", Fan, NULL, fan_set_up, test_garbage,
      fan_tear_down);
  for (guint i = 0; i < N_FLOODS; i++) {
    g_autofree char *path = g_strconcat ("/robust/flood/", floods[i], NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_flood);
  }
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
