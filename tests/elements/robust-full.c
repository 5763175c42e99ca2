/* robust-full: the mux's own socket full, since the link takes nothing: what
 * does not fit is dropped and counted, nothing waits, and all goes on when the
 * link does. In a network namespace of its own with a queue that holds what
 * the mux sends; skipped where there can be none (Linux, iproute2's tc). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "fan.h"

#include <errno.h>
#ifdef __linux__
#include <sched.h>
#endif

#define AT_ONCE 500
#define MOST 30000              /* fewer than receivers of SRTP can miss */

static gboolean
run (const char *format, ...)
{
  g_autofree char *line = NULL, *out = NULL, *err = NULL;
  int status = -1;
  va_list args;

  va_start (args, format);
  line = g_strdup_vprintf (format, args);
  va_end (args);
  if (g_spawn_command_line_sync (line, &out, &err, &status, NULL)
      && g_spawn_check_wait_status (status, NULL))
    return TRUE;
  g_test_message ("%s: %s", line, err);
  return FALSE;
}

/* Before there are threads. */
static gboolean
leave_network (void)
{
#ifdef __linux__
  return (unshare (CLONE_NEWNET) == 0
      || unshare (CLONE_NEWUSER | CLONE_NEWNET) == 0)
      && run ("ip link set lo up");
#else
  return FALSE;
#endif
}

/* What anybody sends goes into a queue that next to nothing leaves, but what
 * the socket @fd sends: a priority names a class. */
static gboolean
hold (int fd)
{
  int fast = 0x10001;

  return run ("tc qdisc add dev lo root handle 1: htb default 2")
      && run ("tc class add dev lo parent 1: classid 1:1 htb rate 10gbit")
      && run ("tc class add dev lo parent 1: classid 1:2 htb rate 8kbit")
      && run ("tc qdisc add dev lo parent 1:2 pfifo limit 1000000")
      && setsockopt (fd, SOL_SOCKET, SO_PRIORITY, &fast, sizeof fast) == 0;
}

static guint64
dropped (Fan * fan)
{
  guint64 n;

  g_object_get (fan->peer.mux, "dropped", &n, NULL);
  return n;
}

/* The publisher's packets keep being read, and quickly, all the while. */
static guint
send_until_full (Fan * fan)
{
  gint64 until_us = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  guint64 received = peer_stat (&fan->peer, "rtp-received");
  guint n = 0;

  while (dropped (fan) == 0) {
    fan->number = 1;
    for (guint i = 0; i < AT_ONCE; i++) {
      fan_send (fan);
      /* so that the mux's own buffer holds what comes */
      while (i % 50 == 49
          && peer_stat (&fan->peer, "rtp-received") < received + n + i + 1) {
        g_assert_cmpint (g_get_monotonic_time (), <, until_us);
        g_thread_yield ();
      }
    }
    n += AT_ONCE;
    g_assert_cmpuint (n, <=, MOST);
  }
  return n;
}

static void
test_full (Fan * fan, gconstpointer in_namespace)
{
  guint n;

  if (!GPOINTER_TO_INT (in_namespace) || !hold (fan->peer.fd)) {
    g_test_skip ("no network namespace with a queue");
    return;
  }
  n = send_until_full (fan);
  g_test_message ("full after %u packets, %" G_GUINT64_FORMAT " dropped", n,
      dropped (fan));
  g_assert_true (run ("tc qdisc del dev lo root"));
  fan_sync (fan);
  for (guint k = 0; k < FAN_SUBSCRIBERS; k++)
    fan_drain (&fan->subscriber[k]);
  fan->number = 2000;
  for (guint i = 0; i < 100; i++) {
    fan_send (fan);
    for (guint k = 0; k < FAN_SUBSCRIBERS; k++) {
      fan_take (&fan->subscriber[k]);
      g_assert_cmpuint (fan->subscriber[k].number, ==, 2000 + i);
    }
  }
}

int
main (int argc, char **argv)
{
  gboolean in_namespace = leave_network ();
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/robust/full", Fan, GINT_TO_POINTER (in_namespace), fan_set_up,
      test_full, fan_tear_down);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
