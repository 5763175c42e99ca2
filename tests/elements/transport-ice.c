/* transport-ice: checks of a played browser, right and wrong, and what the
 * transport answers. */
#include "peer.h"

#include <string.h>
#include <unistd.h>

#define PASSWORD "a password of the browser"

static void
set_remote (Peer * peer)
{
  g_signal_emit_by_name (peer->transport, "set-remote-credentials", "brow",
      PASSWORD);
}

/* Waits for a check of the transport; answers it with @error, or 0. */
static BifStunMessage
take_check (Peer * peer, guint error)
{
  gint64 until_us = g_get_monotonic_time () + PEER_DEADLINE_US;
  guint8 out[BIF_STUN_MAX_SIZE];
  BifStunMessage message;
  gsize size;

  while (peer_receive (peer, until_us)) {
    if (!bif_stun_parse (&message, peer->data, peer->size)
        || message.type != BIF_STUN_BINDING_REQUEST)
      continue;
    g_assert_true (bif_stun_verify (&message, PASSWORD));
    g_assert_true (message.fingerprint_valid);
    g_assert_cmpmem (message.local_ufrag, message.local_ufrag_size, "brow", 4);
    size = error == 0 ? bif_stun_write_response (out, message.transaction,
        &peer->server, PASSWORD) : bif_stun_write_error (out,
        message.transaction, error, 0, PASSWORD);
    peer_send (peer, out, size);
    return message;
  }
  g_error ("no check came");
}

/* The next that is no check of the transport's own. */
static void
receive_any_answer (Peer * peer, BifStunMessage * message)
{
  gint64 until_us = g_get_monotonic_time () + PEER_DEADLINE_US;

  do {
    g_assert_true (peer_receive (peer, until_us));
    g_assert_true (bif_stun_parse (message, peer->data, peer->size));
  } while (message->type == BIF_STUN_BINDING_REQUEST);
}

/* The first check opens the path and is answered with where it came from; the
 * transport checks back with the browser's credentials. */
static void
test_check (Peer * peer, gconstpointer data)
{
  BifStunMessage message;

  set_remote (peer);
  g_assert_false (peer_has_message (peer, "bif-connected"));
  peer_send_check (peer, &(Check) { 0 }, 1);
  g_assert_true (peer_receive_answer (peer, 1, &message));
  g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_RESPONSE);
  g_assert_true (bif_stun_verify (&message, peer->pwd));
  g_assert_true (message.fingerprint_valid);
  g_assert_true (message.has_mapped);
  g_assert_true (bif_address_equal (&message.mapped, &peer->local));
  gst_message_unref (peer_message (peer, "bif-connected"));
  message = take_check (peer, 0);
  g_assert_cmpmem (message.remote_ufrag, message.remote_ufrag_size,
      peer->ufrag, strlen (peer->ufrag));
  g_assert_cmpint (message.role, ==, BIF_STUN_ROLE_CONTROLLED);
  g_assert_false (message.use_candidate);
  peer_send_check (peer, &(Check) { .nominate = TRUE }, 2);
  g_assert_true (peer_receive_answer (peer, 2, &message));
  peer_sync (peer);
  g_assert_false (peer_has_message (peer, "bif-connected"));
}

/* No answer to whoever does not know the password, or is for nobody. */
static void
test_wrong (Peer * peer, gconstpointer data)
{
  static const Check wrong[] = {
    {.pwd = "wrong"}, {.pwd = ""}, {.ufrag = "nobody"}, {.ufrag = ""},
    {.ufrag = "nobody", .pwd = "wrong"}, {.pwd = "wrong", .nominate = TRUE},
  };
  guint8 request[BIF_STUN_MAX_SIZE];
  BifStunMessage message;
  gint64 until_us = g_get_monotonic_time () + PEER_DEADLINE_US;

  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++)
    peer_send_check (peer, &wrong[i], i);
  peer_send (peer, request, bif_stun_write_probe (request,
          (const guint8 *) "test-------\x32"));
  peer_send (peer, (const guint8 *) "\x80\x60 some RTP of nobody", 20);
  peer_send (peer, (const guint8 *) "\x16 some DTLS of nobody", 20);
  peer_send (peer, (const guint8 *) "", 0);
  g_assert_false (peer_has_message (peer, "bif-connected"));
  peer_send_check (peer, &(Check) { 0 }, 100);
  g_assert_true (peer_receive (peer, until_us));
  g_assert_true (bif_stun_parse (&message, peer->data, peer->size));
  g_assert_cmpint (message.transaction[11], ==, 100);
}

/* Cut at every byte, and with every byte up to the fingerprint changed: never
 * an answer. */
static void
test_damaged (Peer * peer, gconstpointer data)
{
  guint8 whole[BIF_STUN_MAX_SIZE];
  g_autofree char *username = g_strconcat (peer->ufrag, ":brow", NULL);
  BifStunRequest request = { username, peer->pwd, 1,
    BIF_STUN_ROLE_CONTROLLING, 0, FALSE
  };
  gsize size = bif_stun_write_request (whole,
      (const guint8 *) "test-------\x01", &request);
  BifStunMessage message;

  for (gsize n = 0; n < size; n++)
    peer_send (peer, whole, n);
  for (gsize n = 0; n < size - 8; n++) {
    whole[n] ^= 0x41;
    peer_send (peer, whole, size);
    whole[n] ^= 0x41;
  }
  peer_send_check (peer, &(Check) { 0 }, 100);
  g_assert_true (peer_receive (peer, g_get_monotonic_time ()
          + PEER_DEADLINE_US));
  g_assert_true (bif_stun_parse (&message, peer->data, peer->size));
  g_assert_cmpint (message.transaction[11], ==, 100);
}

/* RFC 8445, 7.3.1.1: the larger tie-breaker controls. */
static void
test_conflict (Peer * peer, gconstpointer data)
{
  static const struct
  {
    gboolean controlling;
    BifStunRole role;
    guint64 tie_breaker;
    guint error;
    gboolean then;
  } rows[] = {
    {FALSE, BIF_STUN_ROLE_CONTROLLING, 0, 0, FALSE},
    {FALSE, BIF_STUN_ROLE_CONTROLLED, G_MAXUINT64, 487, FALSE},
    {FALSE, BIF_STUN_ROLE_CONTROLLED, 0, 0, TRUE},
    {TRUE, BIF_STUN_ROLE_CONTROLLED, 5, 0, TRUE},
    {TRUE, BIF_STUN_ROLE_CONTROLLING, 0, 487, TRUE},
    {TRUE, BIF_STUN_ROLE_CONTROLLING, G_MAXUINT64, 0, FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    BifStunMessage message;
    gboolean controlling;

    g_object_set (peer->transport, "controlling", rows[i].controlling, NULL);
    peer_send_check (peer, &(Check) { .role = rows[i].role,
            .tie_breaker = rows[i].tie_breaker }, i);
    g_assert_true (peer_receive_answer (peer, i, &message));
    g_assert_cmpuint (message.error_code, ==, rows[i].error);
    g_assert_true (bif_stun_verify (&message, peer->pwd));
    g_object_get (peer->transport, "controlling", &controlling, NULL);
    g_assert_cmpint (controlling, ==, rows[i].then);
  }
}

static void
add_candidate (Peer * peer)
{
  g_autofree char *text = g_strdup_printf (
      "candidate:1 1 udp 2130706431 127.0.0.1 %u typ host",
      bif_address_port (&peer->local));
  gboolean added = FALSE;

  g_signal_emit_by_name (peer->transport, "add-remote-candidate", text,
      &added);
  g_assert_true (added);
}

/* Checks go to candidates that were given; their answer opens the path. */
static void
test_ordinary (Peer * peer, gconstpointer data)
{
  BifStunMessage message;

  g_object_set (peer->transport, "controlling", TRUE, NULL);
  add_candidate (peer);
  set_remote (peer);
  message = take_check (peer, 487);
  g_assert_cmpint (message.role, ==, BIF_STUN_ROLE_CONTROLLING);
  g_assert_true (message.use_candidate);
  do
    message = take_check (peer, 0);
  while (message.role != BIF_STUN_ROLE_CONTROLLED);
  gst_message_unref (peer_message (peer, "bif-connected"));
}

static void
test_lite (Peer * peer, gconstpointer data)
{
  BifStunMessage message;

  g_object_set (peer->transport, "ice-lite", TRUE, NULL);
  add_candidate (peer);
  set_remote (peer);
  for (guint i = 0; i < 20; i++) {
    peer_send_check (peer, &(Check) { .nominate = i % 2 }, i);
    g_assert_true (peer_receive (peer, g_get_monotonic_time ()
            + PEER_DEADLINE_US));
    g_assert_true (bif_stun_parse (&message, peer->data, peer->size));
    g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_RESPONSE);
    g_assert_cmpint (message.transaction[11], ==, i);
  }
}

static void
test_candidates (Peer * peer, gconstpointer data)
{
  static const struct
  {
    const char *text;
    gboolean added;
  } rows[] = {
    {"1 1 udp 1 127.0.0.1 9 typ host", TRUE},
    {"candidate:1 1 UDP 1 127.0.0.1 9 typ srflx raddr 0.0.0.0 rport 0", TRUE},
    {"1 2 udp 1 127.0.0.1 9 typ host", FALSE},
    {"1 1 tcp 1 127.0.0.1 9 typ host", FALSE},
    {"1 1 udp 1 ::1 9 typ host", FALSE},        /* no such socket */
    {"1 1 udp 1 0c9e5d0c.local 9 typ host", FALSE},
    {"1 1 udp 1 127.0.0.1 0 typ host", FALSE},
    {"1 1 udp 1 127.0.0.1 65536 typ host", FALSE},
    {"1 1 udp 1 127.0.0.1 -9 typ host", FALSE},
    {"1 1 udp 1 127.0.0.1 9", FALSE}, {"candidate:", FALSE}, {"", FALSE},
    {"%s %n %s %n %s %n %s %n", FALSE},
  };
  gboolean added;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_signal_emit_by_name (peer->transport, "add-remote-candidate",
        rows[i].text, &added);
    g_test_message ("%s", rows[i].text);
    g_assert_cmpint (added, ==, rows[i].added);
  }
  for (guint i = 0; i < 100; i++)
    g_signal_emit_by_name (peer->transport, "add-remote-candidate",
        rows[0].text, &added);
  g_assert_false (added);
}

/* The old credentials work until the new ones are nominated with. */
static void
test_restart (Peer * peer, gconstpointer data)
{
  g_autofree char *old_ufrag = g_strdup (peer->ufrag);
  g_autofree char *old_pwd = g_strdup (peer->pwd);
  Check old = {.ufrag = old_ufrag,.pwd = old_pwd };
  BifStunMessage message;

  peer_connect (peer);
  g_signal_emit_by_name (peer->transport, "restart-ice");
  peer_read_credentials (peer);
  g_assert_cmpstr (peer->ufrag, !=, old_ufrag);
  g_assert_cmpstr (peer->pwd, !=, old_pwd);
  peer_send_check (peer, &old, 10);
  g_assert_true (peer_receive_answer (peer, 10, &message));
  g_assert_true (bif_stun_verify (&message, old_pwd));
  /* each password goes with its own ufrag */
  peer_send_check (peer, &(Check) { .pwd = old_pwd }, 11);
  peer_send_check (peer, &(Check) { .ufrag = old_ufrag }, 12);
  peer_send_check (peer, &(Check) { 0 }, 13);
  receive_any_answer (peer, &message);
  g_assert_cmpint (message.transaction[11], ==, 13);
  peer_send_check (peer, &old, 14);
  g_assert_true (peer_receive_answer (peer, 14, &message));
  peer_send_check (peer, &(Check) { .nominate = TRUE }, 15);
  g_assert_true (peer_receive_answer (peer, 15, &message));
  g_assert_true (bif_stun_verify (&message, peer->pwd));
  peer_send_check (peer, &old, 16);
  peer_sync (peer);
  for (guint i = 0; i < 5; i++) {
    g_signal_emit_by_name (peer->transport, "restart-ice");
    peer_read_credentials (peer);
    peer_sync (peer);
  }
}

/* The timer thread may be just looking. */
static void
wait_gone (GWeakRef * weak)
{
  gint64 until_us = g_get_monotonic_time () + PEER_DEADLINE_US;
  GObject *object;

  while ((object = g_weak_ref_get (weak)) != NULL) {
    g_object_unref (object);
    g_assert_cmpint (g_get_monotonic_time (), <, until_us);
    g_thread_yield ();
  }
}

/* After closing nobody answers, under any name. Another transport of the port
 * does, which shows that the checks before have been dealt with. */
static void
test_close (Peer * peer, gconstpointer data)
{
  GstElement *first = peer->transport;
  g_autofree char *ufrag = g_strdup (peer->ufrag);
  g_autofree char *pwd = g_strdup (peer->pwd);
  Check closed = {.ufrag = ufrag,.pwd = pwd,.nominate = TRUE };
  GWeakRef weak;
  BifStunMessage message;

  peer_connect (peer);
  g_weak_ref_init (&weak, first);
  peer->transport = g_object_new (G_OBJECT_TYPE (first), "mux", peer->mux,
      NULL);
  gst_object_ref_sink (peer->transport);
  g_signal_emit_by_name (peer->transport, "open");
  peer_read_credentials (peer);
  g_signal_emit_by_name (first, "close");
  g_signal_emit_by_name (first, "restart-ice");
  peer_send_check (peer, &closed, 20);
  peer_send_check (peer, &(Check) { 0 }, 21);
  receive_any_answer (peer, &message);
  g_assert_cmpint (message.transaction[11], ==, 21);
  gst_element_set_bus (first, NULL);
  gst_bus_set_flushing (peer->bus, TRUE);       /* messages hold it */
  gst_object_unref (first);
  wait_gone (&weak);
  g_weak_ref_clear (&weak);
}

/* As in gst-inspect or gst-launch: without a port, and no harm done. */
static void
test_no_mux (void)
{
  g_autoptr (GstElement) self =
      gst_object_ref_sink (gst_element_factory_make ("biftransport", NULL));
  g_autoptr (GstBuffer) key = gst_buffer_new_allocate (NULL, 30, NULL);
  g_autoptr (GstBuffer) short_key = gst_buffer_new_allocate (NULL, 29, NULL);

  gst_buffer_memset (key, 0, 7, 30);
  g_object_set (self, "decoder-key", NULL, "decoder-key", short_key,
      "decoder-key", key, "encoder-key", key, "bitrate", 1000, NULL);
  g_assert_cmpint (gst_element_set_state (self, GST_STATE_PLAYING), ==,
      GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (self, GST_STATE_NULL);
  g_signal_emit_by_name (self, "close");
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Peer * peer, gconstpointer data);
  } tests[] = {
    {"/transport/ice/check", test_check},
    {"/transport/ice/wrong", test_wrong},
    {"/transport/ice/damaged", test_damaged},
    {"/transport/ice/conflict", test_conflict},
    {"/transport/ice/ordinary", test_ordinary},
    {"/transport/ice/lite", test_lite},
    {"/transport/ice/candidates", test_candidates},
    {"/transport/ice/restart", test_restart},
    {"/transport/ice/close", test_close},
  };
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Peer, NULL, peer_set_up, tests[i].func,
        peer_tear_down);
  g_test_add_func ("/transport/ice/no-mux", test_no_mux);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
