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
    {"1 1 tcp 1 127.0.0.1 9 typ host tcptype active generation 0", FALSE},
    {"1 1 TCP 1 127.0.0.1 9000 typ host tcptype passive", FALSE},
    {"1 1 udp 1 127.0.0.1 9 typ host tcptype", TRUE},
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

/* ---- consent ---- */

static const char *
ice_state (Peer * peer)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (peer->transport, "stats", &stats, NULL);
  return g_intern_string (gst_structure_get_string (stats, "ice-state"));
}

static void
wait_failed (Peer * peer)
{
  g_autoptr (GstMessage) message = peer_message (peer, "bif-failed");

  g_assert_cmpstr (gst_structure_get_string (gst_message_get_structure
          (message), "reason"), ==, "ICE failed");
  g_assert_cmpstr (ice_state (peer), ==, "failed");
}

/* Answers questions for @for_us; returns how many came. Transactions are all
 * different. */
static guint
answer_for (Peer * peer, gint64 for_us)
{
  gint64 until_us = g_get_monotonic_time () + for_us;
  guint8 last[BIF_STUN_TRANSACTION_SIZE] = { 0 };
  guint8 out[BIF_STUN_MAX_SIZE];
  BifStunMessage message;
  guint n = 0;

  while (peer_receive (peer, until_us)) {
    if (!bif_stun_parse (&message, peer->data, peer->size)
        || message.type != BIF_STUN_BINDING_REQUEST)
      continue;
    g_assert_false (message.use_candidate);
    g_assert_true (bif_stun_verify (&message, PASSWORD));
    g_assert_cmpint (memcmp (last, message.transaction, sizeof last), !=, 0);
    memcpy (last, message.transaction, sizeof last);
    peer_send (peer, out, bif_stun_write_response (out, message.transaction,
            &peer->server, PASSWORD));
    n++;
  }
  return n;
}

/* Answered, consent lasts; then it is gone after the time limit, and nothing
 * goes out any more. */
static void
test_consent (Peer * peer, gconstpointer data)
{
  gint64 answered_us, waited_us;
  guint n;

  g_object_set (peer->transport, "consent-timeout", 1, NULL);
  peer_connect (peer);
  n = answer_for (peer, 5 * G_USEC_PER_SEC / 2);
  answered_us = g_get_monotonic_time ();
  /* the triggered check, and one every sixth of a second, give or take */
  g_assert_cmpuint (n, >=, 8);
  g_assert_cmpuint (n, <=, 20);
  g_assert_false (peer_has_message (peer, "bif-failed"));
  wait_failed (peer);
  waited_us = g_get_monotonic_time () - answered_us;
  g_assert_cmpint (waited_us, >=, G_USEC_PER_SEC / 2);
  while (peer_receive (peer, 0));
  g_assert_false (peer_receive (peer, g_get_monotonic_time ()
          + G_USEC_PER_SEC / 2));
}

/* A full agent does not take for consent what is no answer to a question:
 * checks, answers from elsewhere, with a wrong password, to no question. */
static void
test_consent_forged (Peer * peer, gconstpointer data)
{
  guint8 out[BIF_STUN_MAX_SIZE];
  guint8 none[BIF_STUN_TRANSACTION_SIZE];
  BifAddress other_address;
  int other = peer_open_socket (&other_address);
  gint64 until_us = g_get_monotonic_time () + PEER_DEADLINE_US;
  BifStunMessage message;
  guint8 number = 20;

  g_object_set (peer->transport, "consent-timeout", 1, NULL);
  peer_connect (peer);
  while (g_str_equal (ice_state (peer), "connected")) {
    gsize size;

    g_assert_cmpint (g_get_monotonic_time (), <, until_us);
    if (!peer_receive (peer, g_get_monotonic_time () + 100 * 1000)
        || !bif_stun_parse (&message, peer->data, peer->size)
        || message.type != BIF_STUN_BINDING_REQUEST)
      continue;
    size = bif_stun_write_response (out, message.transaction, &peer->server,
        PASSWORD);
    g_assert_cmpint (sendto (other, out, size, 0, &peer->server.any,
            bif_address_length (&peer->server)), ==, size);
    memcpy (none, message.transaction, sizeof none);
    none[11] ^= 1;
    peer_send (peer, out, bif_stun_write_response (out, none, &peer->server,
            PASSWORD));
    peer_send (peer, out, bif_stun_write_response (out, message.transaction,
            &peer->server, "wrong"));
    peer_send (peer, out, bif_stun_write_error (out, message.transaction, 400,
            0, PASSWORD));
    peer_send_check (peer, &(Check) { 0 }, number++);
    if (number == 100)
      number = 20;
    peer_sync (peer);
  }
  wait_failed (peer);
  close (other);
}

/* A lite agent asks nothing; what the peer sends keeps it. */
static void
test_consent_lite (Peer * peer, gconstpointer data)
{
  gint64 until_us;
  BifStunMessage message;

  g_object_set (peer->transport, "ice-lite", TRUE, "consent-timeout", 1, NULL);
  peer_connect (peer);
  until_us = g_get_monotonic_time () + 2 * G_USEC_PER_SEC;
  while (g_get_monotonic_time () < until_us) {
    peer_sync (peer);
    if (peer_receive (peer, g_get_monotonic_time () + 200 * 1000)) {
      g_assert_true (bif_stun_parse (&message, peer->data, peer->size));
      g_assert_cmpint (message.type, !=, BIF_STUN_BINDING_REQUEST);
    }
  }
  g_assert_false (peer_has_message (peer, "bif-failed"));
  wait_failed (peer);
}

/* A restart goes on with the old consent, and one that failed starts anew. */
static void
test_consent_restart (Peer * peer, gconstpointer data)
{
  BifStunMessage message;

  g_object_set (peer->transport, "consent-timeout", 1, NULL);
  peer_connect (peer);
  wait_failed (peer);
  g_signal_emit_by_name (peer->transport, "restart-ice");
  peer_read_credentials (peer);
  set_remote (peer);
  g_assert_cmpstr (ice_state (peer), ==, "checking");
  peer_send_check (peer, &(Check) { .nominate = TRUE }, 1);
  g_assert_true (peer_receive_answer (peer, 1, &message));
  gst_message_unref (peer_message (peer, "bif-connected"));
  g_signal_emit_by_name (peer->transport, "restart-ice");
  g_signal_emit_by_name (peer->transport, "set-remote-credentials", "anew",
      "another password of it");
  /* without a path of the new credentials, the old ones are asked with */
  g_assert_cmpuint (answer_for (peer, 2 * G_USEC_PER_SEC), >=, 6);
  g_assert_cmpstr (ice_state (peer), ==, "connected");
  peer_read_credentials (peer);
  peer_send_check (peer, &(Check) { .nominate = TRUE,
          .remote_ufrag = "anew" }, 2);
  g_assert_true (peer_receive_answer (peer, 2, &message));
  do
    g_assert_true (peer_receive (peer, g_get_monotonic_time ()
            + PEER_DEADLINE_US));
  while (!bif_stun_parse (&message, peer->data, peer->size)
      || message.type != BIF_STUN_BINDING_REQUEST
      || !bif_stun_verify (&message, "another password of it"));
  g_assert_cmpmem (message.local_ufrag, message.local_ufrag_size, "anew", 4);
  wait_failed (peer);
}

/* The peer comes from elsewhere: nominated there, media and questions move. */
static void
test_move (Peer * peer, gconstpointer data)
{
  int before = peer->fd;
  BifAddress old = peer->local;
  BifStunMessage message;

  g_object_set (peer->transport, "consent-timeout", 1, NULL);
  peer_connect (peer);
  take_check (peer, 0);
  peer->fd = peer_open_socket (&peer->local);
  peer_send_check (peer, &(Check) { 0 }, 5);
  g_assert_true (peer_receive_answer (peer, 5, &message));
  g_assert_true (bif_address_equal (&message.mapped, &peer->local));
  g_assert_false (bif_address_equal (&old, &peer->local));
  peer_send_check (peer, &(Check) { .nominate = TRUE }, 6);
  g_assert_true (peer_receive_answer (peer, 6, &message));
  close (before);
  g_assert_cmpuint (answer_for (peer, 2 * G_USEC_PER_SEC), >=, 6);
  g_assert_cmpstr (ice_state (peer), ==, "connected");
}

/* Where this side controls and nominates what has answered. */
static void
test_regular (Peer * peer, gconstpointer data)
{
  BifStunMessage message;

  g_object_set (peer->transport, "controlling", TRUE, "regular-nomination",
      TRUE, NULL);
  add_candidate (peer);
  set_remote (peer);
  message = take_check (peer, 0);
  g_assert_false (message.use_candidate);
  message = take_check (peer, 0);
  g_assert_true (message.use_candidate);
  gst_message_unref (peer_message (peer, "bif-connected"));
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
    {"/transport/ice/consent", test_consent},
    {"/transport/ice/consent-forged", test_consent_forged},
    {"/transport/ice/consent-lite", test_consent_lite},
    {"/transport/ice/consent-restart", test_consent_restart},
    {"/transport/ice/move", test_move},
    {"/transport/ice/regular", test_regular},
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
