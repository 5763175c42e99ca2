/* mux-tcp: the media port over TCP. The played browser's datagrams go through a
 * connection instead of its UDP socket. */
#include "peer.h"
#include "packet/bytes.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define STRANGERS 64

static int
dial (Peer * peer)
{
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_no_errno (connect (fd, &peer->server.any,
          bif_address_length (&peer->server)));
  return fd;
}

/* The mux with TCP; the UDP socket of the fixture is not used. */
static void
set_up (Peer * peer, gconstpointer data)
{
  socklen_t length = sizeof peer->local;

  peer_set_up (peer, data);
  gst_element_set_state (peer->mux, GST_STATE_NULL);
  g_object_set (peer->mux, "ice-tcp", TRUE, "tcp-timeout", 500, NULL);
  g_assert_cmpint (gst_element_set_state (peer->mux, GST_STATE_READY), ==,
      GST_STATE_CHANGE_SUCCESS);
  peer_read_credentials (peer);
  g_assert_true (bif_address_parse (&peer->server, "127.0.0.1", 0));
  {
    guint port;

    g_object_get (peer->mux, "port", &port, NULL);
    peer->server.v4.sin_port = htons (port);
  }
  close (peer->fd);
  peer->fd = dial (peer);
  g_assert_no_errno (getsockname (peer->fd, &peer->local.any, &length));
}

static void
send_all (int fd, const guint8 * data, gsize size)
{
  g_assert_cmpint (send (fd, data, size, MSG_NOSIGNAL), ==, size);
}

static void
send_frame (int fd, const guint8 * data, gsize size)
{
  guint8 frame[4096];

  bif_put_be16 (frame, size);
  memcpy (frame + 2, data, size);
  send_all (fd, frame, size + 2);
}

static gsize
write_check (Peer * peer, guint8 * out, guint8 number, const char *pwd)
{
  guint8 transaction[BIF_STUN_TRANSACTION_SIZE] = "test-------";
  g_autofree char *username = g_strconcat (peer->ufrag, ":brow", NULL);
  BifStunRequest request = { username, pwd != NULL ? pwd : peer->pwd, 1,
    BIF_STUN_ROLE_CONTROLLING, 0, TRUE
  };

  transaction[11] = number;
  return bif_stun_write_request (out, transaction, &request);
}

/* The next whole frame. FALSE where the connection ended, or nothing came. */
static gboolean
receive_frame (Peer * peer, int fd, gint64 wait_us)
{
  gint64 until_us = g_get_monotonic_time () + wait_us;
  guint8 header[2];
  gsize have = 0, need = 2;

  peer->size = 0;
  while (have < need) {
    struct pollfd entry = { fd, POLLIN, 0 };
    guint8 *to = have < 2 ? header + have : peer->data + have - 2;
    gssize size;

    if (poll (&entry, 1, MAX (0, until_us - g_get_monotonic_time ()) / 1000)
        <= 0)
      return FALSE;
    size = recv (fd, to, have < 2 ? 2 - have : need - have, 0);
    if (size <= 0)
      return FALSE;
    have += size;
    if (have == 2)
      need = 2 + bif_get_be16 (header);
    g_assert_cmpuint (need, <=, sizeof peer->data);
  }
  peer->size = need - 2;
  return TRUE;
}

static void
receive_answer (Peer * peer, guint8 number, BifStunMessage * message)
{
  do {
    g_assert_true (receive_frame (peer, peer->fd, PEER_DEADLINE_US));
  } while (!bif_stun_is_message (peer->data, peer->size)
      || !bif_stun_parse (message, peer->data, peer->size)
      || message->type != BIF_STUN_BINDING_RESPONSE
      || message->transaction[11] != number);
}

static void
wait_connections (Peer * peer, guint n)
{
  gint64 until_us = g_get_monotonic_time () + PEER_DEADLINE_US;
  guint now;

  for (;;) {
    g_object_get (peer->mux, "tcp-connections", &now, NULL);
    if (now == n)
      return;
    g_assert_cmpint (g_get_monotonic_time (), <, until_us);
    g_thread_yield ();
  }
}

static void
connect_peer (Peer * peer)
{
  guint8 out[BIF_STUN_MAX_SIZE];
  BifStunMessage message;

  g_signal_emit_by_name (peer->transport, "set-remote-credentials", "brow",
      "a password of the browser");
  send_frame (peer->fd, out, write_check (peer, out, 1, NULL));
  receive_answer (peer, 1, &message);
  g_assert_true (bif_stun_verify (&message, peer->pwd));
  g_assert_true (bif_address_equal (&message.mapped, &peer->local));
  gst_message_unref (peer_message (peer, "bif-connected"));
}

/* Byte by byte, and many frames at once. */
static void
test_frames (Peer * peer, gconstpointer data)
{
  guint8 out[BIF_STUN_MAX_SIZE], many[4096];
  gsize size = write_check (peer, out, 7, NULL), n = 0;
  BifStunMessage message;
  guint8 header[2];

  bif_put_be16 (header, size);
  send_all (peer->fd, header, 1);
  send_all (peer->fd, header + 1, 1);
  for (gsize i = 0; i < size; i++)
    send_all (peer->fd, out + i, 1);
  receive_answer (peer, 7, &message);
  for (guint i = 10; i < 20; i++) {
    size = write_check (peer, out, i, NULL);
    bif_put_be16 (many + n, size);
    memcpy (many + n + 2, out, size);
    n += size + 2;
    bif_put_be16 (many + n, 0); /* an empty frame is nothing */
    n += 2;
  }
  send_all (peer->fd, many, n);
  for (guint i = 10; i < 20; i++)
    receive_answer (peer, i, &message);
}

/* Media both ways, on no UDP socket at all. */
static void
test_media (Peer * peer, gconstpointer data)
{
  g_autoptr (GstStructure) description = peer_describe ("0", "audio", "OPUS",
      111, 1000, 0);
  g_autoptr (GObject) receiver = NULL, sender = NULL, stream = NULL;
  g_autoptr (GstElement) relay =
      gst_object_ref_sink (gst_element_factory_make ("bifrelay", NULL));
  guint8 payload[100] = { 5, 6, 7 }, out[4096];
  guint relayed = 0;

  connect_peer (peer);
  peer_set_keys (peer);
  g_signal_emit_by_name (peer->transport, "add-receiver", description,
      &receiver);
  gst_structure_set (description, "ssrc", G_TYPE_UINT, 2000, NULL);
  g_signal_emit_by_name (peer->transport, "add-sender", description, &sender);
  g_object_get (receiver, "stream", &stream, NULL);
  g_object_set (relay, "source", stream, "sender", sender, NULL);
  for (guint i = 0; i < 200; i++) {
    Rtp rtp = { 1000, 111, i, 0, i * 960, "0", payload, sizeof payload };

    send_frame (peer->fd, out, peer_write_rtp (peer, &rtp, out));
  }
  while (relayed < 200) {
    g_assert_true (receive_frame (peer, peer->fd, PEER_DEADLINE_US));
    if (peer->data[0] < 128 || bif_rtp_is_rtcp (peer->data, peer->size))
      continue;
    g_assert_cmpuint (bif_get_be32 (peer->data + 8), ==, 2000);
    relayed++;
  }
  g_object_set (relay, "source", NULL, "sender", NULL, NULL);
}

/* A frame of more than any datagram is skipped, however it comes. */
static void
test_large (Peer * peer, gconstpointer data)
{
  g_autofree guint8 *large = g_malloc0 (2 + 65535);
  guint8 out[BIF_STUN_MAX_SIZE];
  BifStunMessage message;

  connect_peer (peer);
  bif_put_be16 (large, 65535);
  for (guint i = 0; i < 3; i++)
    send_all (peer->fd, large, 2 + 65535);
  send_frame (peer->fd, out, write_check (peer, out, 9, NULL));
  receive_answer (peer, 9, &message);
}

/* Who says something else, the wrong password, or nothing, is shut out. */
static void
test_strangers (Peer * peer, gconstpointer data)
{
  static const struct
  {
    const char *bytes;
    gsize size;
  } rows[] = {
    {"GET / HTTP/1.1\r\n\r\n", 18}, {"\xff\xff", 2}, {"\x08\x01", 2},
    {"\0\4\x16\3\3\0", 6}, {"\0\2\x80\x60", 4}, {"\0", 1}, {"", 0},
    {"\0\x30\0\1\0", 5},
  };
  guint8 out[BIF_STUN_MAX_SIZE];
  int fd;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    char byte;

    g_test_message ("%u", i);
    fd = dial (peer);
    send_all (fd, (const guint8 *) rows[i].bytes, rows[i].size);
    g_assert_cmpint (recv (fd, &byte, 1, 0), <=, 0);
    close (fd);
  }
  fd = dial (peer);
  send_frame (fd, out, write_check (peer, out, 1, "wrong"));
  g_assert_false (receive_frame (peer, fd, PEER_DEADLINE_US));
  close (fd);
  wait_connections (peer, 0);
}

/* Only so many strangers; the oldest goes, a peer that is known stays. */
static void
test_many (Peer * peer, gconstpointer data)
{
  int fd[STRANGERS + 20];
  guint8 out[BIF_STUN_MAX_SIZE];
  BifStunMessage message;
  char byte;

  g_object_set (peer->mux, "tcp-timeout", 60000, NULL);
  gst_element_set_state (peer->mux, GST_STATE_NULL);
  g_assert_cmpint (gst_element_set_state (peer->mux, GST_STATE_READY), ==,
      GST_STATE_CHANGE_SUCCESS);
  close (peer->fd);
  {
    guint port;
    socklen_t length = sizeof peer->local;

    g_object_get (peer->mux, "port", &port, NULL);
    peer->server.v4.sin_port = htons (port);
    peer->fd = dial (peer);
    g_assert_no_errno (getsockname (peer->fd, &peer->local.any, &length));
  }
  connect_peer (peer);
  for (guint i = 0; i < G_N_ELEMENTS (fd); i++)
    fd[i] = dial (peer);
  for (guint i = 0; i < 20; i++)
    g_assert_cmpint (recv (fd[i], &byte, 1, 0), ==, 0);
  wait_connections (peer, 1 + STRANGERS);
  send_frame (peer->fd, out, write_check (peer, out, 3, NULL));
  receive_answer (peer, 3, &message);
  for (guint i = 0; i < G_N_ELEMENTS (fd); i++)
    close (fd[i]);
  wait_connections (peer, 1);
}

/* A peer that does not read loses whole frames, and nobody waits. */
static void
test_slow (Peer * peer, gconstpointer data)
{
  guint8 out[4096];
  guint64 dropped = 0;
  guint8 number = 0;
  gint64 until_us;
  guint answers = 0;

  connect_peer (peer);
  until_us = g_get_monotonic_time () + 3 * PEER_DEADLINE_US;
  while (dropped < 100) {
    for (guint i = 0; i < 50; i++)
      send_frame (peer->fd, out, write_check (peer, out, number++, NULL));
    g_object_get (peer->mux, "dropped", &dropped, NULL);
    g_assert_cmpint (g_get_monotonic_time (), <, until_us);
  }
  while (receive_frame (peer, peer->fd, G_USEC_PER_SEC / 2)) {
    BifStunMessage message;

    g_assert_true (bif_stun_parse (&message, peer->data, peer->size));
    answers += message.type == BIF_STUN_BINDING_RESPONSE;
  }
  g_assert_cmpuint (answers, >, 500);
  send_frame (peer->fd, out, write_check (peer, out, 200, NULL));
  {
    BifStunMessage message;

    receive_answer (peer, 200, &message);
  }
}

/* The connection ends: so does the path, until another comes or consent is
 * gone. */
static void
test_end (Peer * peer, gconstpointer data)
{
  guint8 out[BIF_STUN_MAX_SIZE];
  BifStunMessage message;

  g_object_set (peer->transport, "consent-timeout", 1, NULL);
  connect_peer (peer);
  close (peer->fd);
  wait_connections (peer, 0);
  peer->fd = dial (peer);
  send_frame (peer->fd, out, write_check (peer, out, 2, NULL));
  receive_answer (peer, 2, &message);
  g_assert_false (peer_has_message (peer, "bif-failed"));
  close (peer->fd);
  gst_message_unref (peer_message (peer, "bif-failed"));
  peer->fd = dial (peer);
  send_frame (peer->fd, out, write_check (peer, out, 4, NULL));
  receive_answer (peer, 4, &message);
  /* the transport goes, and takes it away */
  g_signal_emit_by_name (peer->transport, "close");
  while (receive_frame (peer, peer->fd, PEER_DEADLINE_US));
  wait_connections (peer, 0);
}

/* TCP's port is taken: the mux takes the next, or says so. */
static void
test_port (void)
{
  BifAddress address;
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  GstElement *mux = gst_element_factory_make ("bifmux", NULL);
  guint port, got;

  g_assert_true (bif_address_parse (&address, "127.0.0.1", 0));
  g_assert_no_errno (bind (fd, &address.any, bif_address_length (&address)));
  g_assert_no_errno (listen (fd, 1));
  g_assert_no_errno (getsockname (fd, &address.any, &length));
  port = bif_address_port (&address);
  gst_object_ref_sink (mux);
  g_object_set (mux, "ice-tcp", TRUE, "port-min", port, "port-max",
      MIN (port + 50, 65535), NULL);
  g_assert_cmpint (gst_element_set_state (mux, GST_STATE_READY), ==,
      GST_STATE_CHANGE_SUCCESS);
  g_object_get (mux, "port", &got, NULL);
  g_assert_cmpuint (got, >, port);
  gst_element_set_state (mux, GST_STATE_NULL);
  g_object_set (mux, "port", port, NULL);
  g_assert_cmpint (gst_element_set_state (mux, GST_STATE_READY), ==,
      GST_STATE_CHANGE_FAILURE);
  gst_element_set_state (mux, GST_STATE_NULL);
  gst_object_unref (mux);
  close (fd);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Peer * peer, gconstpointer data);
  } tests[] = {
    {"/mux/tcp/frames", test_frames},
    {"/mux/tcp/media", test_media},
    {"/mux/tcp/large", test_large},
    {"/mux/tcp/strangers", test_strangers},
    {"/mux/tcp/many", test_many},
    {"/mux/tcp/slow", test_slow},
    {"/mux/tcp/end", test_end},
  };
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Peer, NULL, set_up, tests[i].func,
        peer_tear_down);
  g_test_add_func ("/mux/tcp/port", test_port);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
