/* mux-stun: bifmux asks a STUN server for its public address: one that the test
 * plays, and Debian's coturn where it is there. */
#include "peer.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <gio/gio.h>

/* A mux with a bus, and a server that is played. */
typedef struct
{
  GstElement *mux;
  GstBus *bus;
  int fd;
  BifAddress server;
  char *text;                   /* of the server, as the property takes it */
  guint8 transaction[BIF_STUN_TRANSACTION_SIZE];
  BifAddress from;
} Fixture;

static void
set_up (Fixture * self, gconstpointer data)
{
  self->mux = gst_object_ref_sink (gst_element_factory_make ("bifmux", NULL));
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->mux, self->bus);
  self->fd = peer_open_socket (&self->server);
  self->text = g_strdup_printf ("127.0.0.1:%u",
      bif_address_port (&self->server));
  g_object_set (self->mux, "threads", 2, "stun-rto", 20, NULL);
  g_assert_cmpint (gst_element_set_state (self->mux, GST_STATE_READY), ==,
      GST_STATE_CHANGE_SUCCESS);
}

static void
tear_down (Fixture * self, gconstpointer data)
{
  gst_element_set_bus (self->mux, NULL);
  gst_element_set_state (self->mux, GST_STATE_NULL);
  gst_clear_object (&self->mux);
  gst_clear_object (&self->bus);
  close (self->fd);
  g_free (self->text);
}

/* Waits for a question. */
static void
take_question (Fixture * self)
{
  gint64 until_us = g_get_monotonic_time () + PEER_DEADLINE_US;
  guint8 data[BIF_STUN_MAX_SIZE];
  socklen_t length = sizeof self->from;
  BifStunMessage message;
  gssize size;

  while ((size = recvfrom (self->fd, data, sizeof data, 0, &self->from.any,
              &length)) < 0) {
    struct pollfd fd = { self->fd, POLLIN, 0 };

    g_assert_cmpint (g_get_monotonic_time (), <, until_us);
    poll (&fd, 1, 1000);
  }
  g_assert_true (bif_stun_parse (&message, data, size));
  g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_REQUEST);
  g_assert_null (message.local_ufrag);
  memcpy (self->transaction, message.transaction, sizeof self->transaction);
}

static void
answer (Fixture * self, int fd, const guint8 * transaction, const char *ip,
    guint port)
{
  guint8 out[BIF_STUN_MAX_SIZE];
  BifAddress mapped;
  gsize size;

  g_assert_true (bif_address_parse (&mapped, ip, port));
  size = bif_stun_write_response (out, transaction, &mapped, NULL);
  g_assert_cmpint (sendto (fd, out, size, 0, &self->from.any,
          bif_address_length (&self->from)), ==, size);
}

/* Waits for news; @ip NULL: that there is none. */
static void
assert_news (Fixture * self, const char *ip, guint port)
{
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (self->bus,
      (GstClockTime) PEER_DEADLINE_US * 1000, GST_MESSAGE_ELEMENT);
  const GstStructure *news;
  guint number = 0;

  g_assert_nonnull (message);
  news = gst_message_get_structure (message);
  g_assert_true (gst_structure_has_name (news, "bif-reflexive"));
  g_assert_cmpstr (gst_structure_get_string (news, "local"), ==, "127.0.0.1");
  g_assert_cmpstr (gst_structure_get_string (news, "address"), ==, ip);
  gst_structure_get_uint (news, "port", &number);
  g_assert_cmpuint (number, ==, port);
}

/* From the media port; asked again with the same transaction; the answer. */
static void
test_answer (Fixture * self, gconstpointer data)
{
  guint8 first[BIF_STUN_TRANSACTION_SIZE];
  guint port;

  g_object_get (self->mux, "port", &port, NULL);
  g_object_set (self->mux, "stun-server", self->text, NULL);
  take_question (self);
  g_assert_cmpuint (bif_address_port (&self->from), ==, port);
  memcpy (first, self->transaction, sizeof first);
  take_question (self);
  g_assert_cmpmem (first, sizeof first, self->transaction, sizeof first);
  answer (self, self->fd, self->transaction, "192.0.2.7", 4711);
  assert_news (self, "192.0.2.7", 4711);
}

/* What is not the server's answer to this question is none. */
static void
test_forged (Fixture * self, gconstpointer data)
{
  BifAddress other;
  int fd = peer_open_socket (&other);
  guint8 wrong[BIF_STUN_TRANSACTION_SIZE];

  g_object_set (self->mux, "stun-server", self->text, NULL);
  take_question (self);
  memcpy (wrong, self->transaction, sizeof wrong);
  wrong[3] ^= 1;
  answer (self, fd, self->transaction, "192.0.2.66", 1);
  answer (self, self->fd, wrong, "192.0.2.67", 2);
  answer (self, self->fd, self->transaction, "192.0.2.7", 4711);
  assert_news (self, "192.0.2.7", 4711);
  answer (self, self->fd, self->transaction, "192.0.2.68", 3);
  g_object_set (self->mux, "stun-server", NULL, NULL);
  close (fd);
}

/* Nobody there: seven questions and the last wait, then the news. */
static void
test_unreachable (Fixture * self, gconstpointer data)
{
  gint64 begun_us = g_get_monotonic_time ();

  g_object_set (self->mux, "stun-rto", 5, "stun-server", self->text, NULL);
  for (guint i = 0; i < 7; i++)
    take_question (self);
  assert_news (self, NULL, 0);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, 79 * 5000);
  g_assert_cmpint (recv (self->fd, self->transaction, 1, 0), <, 0);
}

static void
test_texts (Fixture * self, gconstpointer data)
{
  static const struct
  {
    const char *text;
    gboolean taken;
  } rows[] = {
    {"127.0.0.1:1", TRUE}, {"[::1]:1", TRUE}, {"127.0.0.1:1,[::1]:2", TRUE},
    {"127.0.0.1", FALSE}, {"localhost:1", FALSE}, {"127.0.0.1:0", FALSE},
    {"127.0.0.1:65536", FALSE}, {"[]:1", FALSE}, {"", FALSE}, {":1", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = NULL;

    g_test_message ("%s", rows[i].text);
    g_object_set (self->mux, "stun-server", NULL, NULL);
    g_object_set (self->mux, "stun-server", rows[i].text, NULL);
    g_object_get (self->mux, "stun-server", &text, NULL);
    g_assert_cmpstr (text, ==, rows[i].taken || !*rows[i].text ?
        rows[i].text : NULL);
  }
}

/* A server as people run it. */
static void
test_coturn (Fixture * self, gconstpointer data)
{
  g_autofree char *program = g_find_program_in_path ("turnserver");
  g_autofree char *port_text = NULL;
  g_autoptr (GSubprocess) server = NULL;
  guint port;

  if (program == NULL) {
    g_test_skip ("turnserver is not there");
    return;
  }
  close (self->fd);             /* its port is free now */
  port_text = g_strdup_printf ("%u", bif_address_port (&self->server));
  server = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE
      | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL, program, "-n", "-S", "-L",
      "127.0.0.1", "-p", port_text, "--no-tls", "--no-dtls", "--no-cli",
      "--log-file", "/dev/null", "--pidfile", "/dev/null", NULL);
  g_assert_nonnull (server);
  g_object_set (self->mux, "stun-rto", 100, "stun-server", self->text, NULL);
  g_object_get (self->mux, "port", &port, NULL);
  assert_news (self, "127.0.0.1", port);
  g_subprocess_force_exit (server);
  g_assert_true (g_subprocess_wait (server, NULL, NULL));
  self->fd = peer_open_socket (&self->server);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture * self, gconstpointer data);
  } tests[] = {
    {"/mux/stun/answer", test_answer},
    {"/mux/stun/forged", test_forged},
    {"/mux/stun/unreachable", test_unreachable},
    {"/mux/stun/texts", test_texts},
    {"/mux/stun/coturn", test_coturn},
  };
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func,
        tear_down);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
