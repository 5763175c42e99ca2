/* mux: bifmux opens and closes its port. */
#include <string.h>
#include <unistd.h>
#include <gst/gst.h>
#include "peer.h"

static GstElement *
make (const char *addresses, guint port, guint min, guint max, guint threads)
{
  GstElement *mux = gst_element_factory_make ("bifmux", NULL);

  g_assert_nonnull (mux);
  gst_object_ref_sink (mux);
  g_object_set (mux, "addresses", addresses, "port", port, "port-min", min,
      "port-max", max, "threads", threads, NULL);
  return mux;
}

static gboolean
start (GstElement * mux)
{
  return gst_element_set_state (mux, GST_STATE_READY)
      == GST_STATE_CHANGE_SUCCESS;
}

static void
stop (GstElement * mux)
{
  g_assert_cmpint (gst_element_set_state (mux, GST_STATE_NULL), ==,
      GST_STATE_CHANGE_SUCCESS);
  gst_object_unref (mux);
}

static guint
port_of (GstElement * mux)
{
  guint port;

  g_object_get (mux, "port", &port, NULL);
  return port;
}

/* A free port to ask for: one that was just in use. */
static guint
free_port (void)
{
  GstElement *mux = make ("127.0.0.1", 0, 0, 0, 1);
  guint port;

  g_assert_true (start (mux));
  port = port_of (mux);
  g_assert_cmpuint (port, >=, 1024);
  stop (mux);
  return port;
}

static void
test_range (void)
{
  guint port = free_port ();
  GstElement *first = make ("127.0.0.1", 0, port, port, 2), *second;

  g_assert_true (start (first));
  g_assert_cmpuint (port_of (first), ==, port);
  second = make ("127.0.0.1", 0, port, port, 2);
  g_assert_false (start (second));
  stop (second);
  second = make ("127.0.0.1", 0, port, MIN (port + 50, 65535), 2);
  g_assert_true (start (second));
  g_assert_cmpuint (port_of (second), >, port);
  stop (second);
  /* the port is free again */
  stop (first);
  first = make ("127.0.0.1", port, 0, 0, 2);
  g_assert_true (start (first));
  g_assert_cmpuint (port_of (first), ==, port);
  stop (first);
}

/* Taken by a program of somebody else, who shares or not. */
static void
test_taken (void)
{
  BifAddress address;
  int fd = peer_open_socket (&address);
  guint port = bif_address_port (&address);
  GstElement *mux = make ("127.0.0.1", port, 0, 0, 1);
  g_autoptr (GstBus) bus = gst_bus_new ();
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GError) error = NULL;

  gst_element_set_bus (mux, bus);
  g_assert_false (start (mux));
  message = gst_bus_pop_filtered (bus, GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_message_parse_error (message, &error, NULL);
  g_assert_nonnull (strstr (error->message, "taken"));
  gst_element_set_bus (mux, NULL);
  g_clear_pointer (&message, gst_message_unref);
  close (fd);
  g_assert_true (start (mux));
  stop (mux);
}

static void
test_wrong (void)
{
  static const struct
  {
    const char *addresses;
    guint port, min, max;
  } rows[] = {
    {"localhost", 0, 0, 0}, {"", 0, 0, 0}, {"127.0.0.1,", 0, 0, 0},
    {"127.0.0.1,bad", 0, 0, 0}, {"192.0.2.1", 0, 40000, 40010},
    {"127.0.0.1", 0, 40000, 30000},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    GstElement *mux = make (rows[i].addresses, rows[i].port, rows[i].min,
        rows[i].max, 1);

    g_test_message ("%u", i);
    g_assert_false (start (mux));
    stop (mux);
  }
}

/* Is the port answering on @ip? A check of nobody is not answered; so one of a
 * transport. */
static void
check_answers (GstElement * mux, const char *ip)
{
  GstElement *transport = g_object_new (gst_element_factory_get_element_type
      (GST_ELEMENT_FACTORY (gst_plugin_feature_load (GST_PLUGIN_FEATURE
                  (gst_element_factory_find ("biftransport"))))), "mux", mux,
      NULL);
  Peer peer = {.mux = mux,.transport = gst_object_ref_sink (transport) };
  BifStunMessage message;

  g_assert_true (bif_address_parse (&peer.server, ip, port_of (mux)));
  peer.fd = socket (peer.server.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC
      | SOCK_NONBLOCK, 0);
  g_signal_emit_by_name (transport, "open");
  peer_read_credentials (&peer);
  peer_send_check (&peer, &(Check) { 0 }, 1);
  g_assert_true (peer_receive_answer (&peer, 1, &message));
  g_signal_emit_by_name (transport, "close");
  close (peer.fd);
  g_free (peer.ufrag);
  g_free (peer.pwd);
  gst_object_unref (transport);
}

static gboolean
has_ipv6 (void)
{
  BifAddress address;
  int fd = socket (AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean has = bif_address_parse (&address, "::1", 0) && fd >= 0
      && bind (fd, &address.any, bif_address_length (&address)) == 0;

  if (fd >= 0)
    close (fd);
  return has;
}

static void
test_addresses (void)
{
  GstElement *mux = make ("127.0.0.1, 127.0.0.2", 0, 0, 0, 3);

  g_assert_true (start (mux));
  check_answers (mux, "127.0.0.1");
  check_answers (mux, "127.0.0.2");
  stop (mux);
  if (!has_ipv6 ()) {
    g_test_skip ("no IPv6");
    return;
  }
  mux = make ("127.0.0.1,::1", 0, 0, 0, 2);
  g_assert_true (start (mux));
  check_answers (mux, "::1");
  check_answers (mux, "127.0.0.1");
  stop (mux);
}

/* Many threads, and again and again, while packets keep coming: stopping ends
 * all the same. */
static void
test_stop (void)
{
  static const guint threads[] = { 0, 1, 2, 8, 64 };
  BifAddress local, to;
  int fd = peer_open_socket (&local);
  guint port = free_port ();

  g_assert_true (bif_address_parse (&to, "127.0.0.1", port));
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    GstElement *mux = make ("127.0.0.1", port, 0, 0, threads[i]);

    g_assert_true (start (mux));
    for (guint k = 0; k < 2000; k++) {
      guint8 bytes[100];

      memset (bytes, k, sizeof bytes);
      sendto (fd, bytes, k % 100, MSG_DONTWAIT, &to.any,
          bif_address_length (&to));
    }
    g_assert_cmpint (gst_element_set_state (mux, GST_STATE_NULL), ==,
        GST_STATE_CHANGE_SUCCESS);
    g_assert_true (start (mux));
    stop (mux);
  }
  close (fd);
}

int
main (int argc, char **argv)
{
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mux/range", test_range);
  g_test_add_func ("/mux/taken", test_taken);
  g_test_add_func ("/mux/wrong", test_wrong);
  g_test_add_func ("/mux/addresses", test_addresses);
  g_test_add_func ("/mux/stop", test_stop);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
