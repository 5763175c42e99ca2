/* transport-ice.c: ICE of a transport (RFC 8445): answers checks, sends
 * triggered and ordinary ones, and keeps the path. The first check with a valid
 * MESSAGE-INTEGRITY opens the path, nomination moves it (media-plane.md 6.4). */
#include "transport.h"
#include "iceagent.h"
#include "nice.h"

#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (bif_transport_debug);
#define GST_CAT_DEFAULT bif_transport_debug

/* RFC 8445, 14.2 and 14.3: the pace of all checks, the first wait for the
 * answer to one, and how often it is sent. */
#define CHECK_INTERVAL_US (50 * 1000)
#define FIRST_WAIT_US (500 * 1000)
#define MAX_TRIES 7
#define FAIL_AFTER_US (20 * G_USEC_PER_SEC)
/* RFC 8445, 5.1.2.1: a peer-reflexive candidate of component 1. */
#define PRIORITY_PEER_REFLEXIVE ((110u << 24) | (65535u << 8) | 255)

static void
random_text (char *out, guint size)
{
  static const char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  bif_random_bytes (out, size);
  for (guint i = 0; i < size; i++)
    out[i] = alphabet[out[i] & 63];
  out[size] = '\0';
}

static void
new_credentials (BifRtcTransport * self)
{
  random_text (self->ice.local.ufrag, 8);
  random_text (self->ice.local.pwd, 24);
}

void
bif_ice_init (BifRtcTransport * self)
{
  new_credentials (self);
  self->ice.path = BIF_PATH_NONE;
  self->path = BIF_PATH_NONE;
  self->ice.consent.limit_us = BIF_CONSENT_LIMIT_S * G_USEC_PER_SEC;
  bif_random_bytes (&self->ice.tie_breaker, sizeof self->ice.tie_breaker);
}

static void
restart_nice (BifRtcTransport * self)
{
  BifCredentials local;

  g_mutex_lock (&self->rx_lock);
  new_credentials (self);
  local = self->ice.local;
  g_mutex_unlock (&self->rx_lock);
  bif_nice_restart (self->nice, local.ufrag, local.pwd);
}

static void
drop_old_credentials (BifRtcTransport * self)
{
  BifIce *ice = &self->ice;

  if (ice->old_local.ufrag[0] != '\0')
    bif_mux_remove_ufrag (self->mux, ice->old_local.ufrag);
  memset (&ice->old_local, 0, sizeof ice->old_local);
}

/* Until a path opens with the new credentials, the old one goes on with its
 * own; the peer's new ones are still to come. */
void
bif_ice_restart (BifRtcTransport * self)
{
  BifIce *ice = &self->ice;

  g_return_if_fail (self->mux != NULL);
  if (self->nice != NULL) {
    restart_nice (self);
    return;
  }
  g_mutex_lock (&self->rx_lock);
  drop_old_credentials (self);
  ice->old_local = ice->local;
  ice->nominated = FALSE;
  ice->restarting = ice->state != BIF_ICE_NEW;
  ice->n_candidates = 0;
  if (ice->restarting)
    memset (&ice->remote, 0, sizeof ice->remote);
  new_credentials (self);
  if (!self->closed)
    bif_mux_add_ufrag (self->mux, ice->local.ufrag, self);
  g_mutex_unlock (&self->rx_lock);
}

void
bif_ice_set_remote (BifRtcTransport * self, const char *ufrag, const char *pwd)
{
  gint64 now_us = g_get_monotonic_time ();
  BifIce *ice = &self->ice;

  g_mutex_lock (&self->rx_lock);
  g_strlcpy (ice->remote.ufrag, ufrag, BIF_CREDENTIAL_SIZE);
  g_strlcpy (ice->remote.pwd, pwd, BIF_CREDENTIAL_SIZE);
  /* The peer's first check may have been faster than its answer. */
  if (ice->path_remote.ufrag[0] == '\0')
    ice->path_remote = ice->remote;
  if (ice->state == BIF_ICE_NEW || ice->state == BIF_ICE_FAILED)
    ice->state = BIF_ICE_CHECKING;
  ice->started_us = now_us;
  if (ice->state == BIF_ICE_CONNECTED)
    bif_consent_begin (self, now_us);
  g_mutex_unlock (&self->rx_lock);
  if (self->nice != NULL)
    bif_nice_set_remote (self->nice, ufrag, pwd);
  bif_transport_schedule (self, now_us);
}

void
bif_ice_set_controlling (BifRtcTransport * self, gboolean controlling)
{
  g_mutex_lock (&self->rx_lock);
  self->ice.controlling = controlling;
  g_mutex_unlock (&self->rx_lock);
  if (self->nice != NULL)
    bif_nice_set_controlling (self->nice, controlling);
}

/* ---- candidates ---- */

void
bif_ice_end_of_candidates (BifRtcTransport * self)
{
  if (self->nice != NULL)
    bif_nice_end_of_candidates (self->nice);
}

/* "foundation component transport priority address port typ type ..." */
gboolean
bif_ice_add_candidate (BifRtcTransport * self, const char *text)
{
  g_auto (GStrv) part = NULL;
  BifAddress address;
  BifIce *ice = &self->ice;
  guint64 port;
  gboolean added = FALSE;

  g_return_val_if_fail (self->mux != NULL, FALSE);
  if (g_str_has_prefix (text, "candidate:"))
    text += strlen ("candidate:");
  if (self->nice != NULL)
    return bif_nice_add_candidate (self->nice, text);
  part = g_strsplit (text, " ", 10);
  if (g_strv_length (part) < 8 || g_strcmp0 (part[1], "1") != 0
      || g_ascii_strcasecmp (part[2], "udp") != 0
      || g_strcmp0 (part[6], "typ") != 0
      || !g_ascii_string_to_unsigned (part[5], 10, 1, 65535, &port, NULL)
      || !bif_address_parse (&address, part[4], port))
    return FALSE;
  g_mutex_lock (&self->rx_lock);
  for (guint i = 0; i < bif_mux_n_sockets (self->mux); i++) {
    if (ice->n_candidates == BIF_MAX_REMOTE_CANDIDATES
        || bif_mux_local_address (self->mux, i)->any.sa_family !=
        address.any.sa_family)
      continue;
    ice->candidate[ice->n_candidates++] =
        (BifRemoteCandidate) { address, i, 0, 0 };
    added = TRUE;
  }
  g_mutex_unlock (&self->rx_lock);
  if (added)
    bif_transport_schedule (self, g_get_monotonic_time ());
  return added;
}

/* ---- the path ---- */

/* Packets from @path are the peer's from now on. Receive lock held. */
static void
know_address (BifRtcTransport * self, const BifPath * path)
{
  BifIce *ice = &self->ice;

  if (path->wire != NULL) {
    bif_wire_bind (path->wire, self->serial);
    return;
  }
  for (guint i = 0; i < ice->n_addresses; i++) {
    if (bif_address_equal (&ice->addresses[i], &path->remote))
      return;
  }
  if (ice->n_addresses == G_N_ELEMENTS (ice->addresses)) {
    bif_mux_remove_address (self->mux, &ice->addresses[0]);
    memmove (&ice->addresses[0], &ice->addresses[1],
        (--ice->n_addresses) * sizeof (BifAddress));
  }
  ice->addresses[ice->n_addresses++] = path->remote;
  bif_mux_set_address (self->mux, &path->remote, self);
}

static void
copy_path (BifRtcTransport * self, const BifPath * path)
{
  bif_path_set (&self->ice.path, path);
  g_mutex_lock (&self->tx_lock);
  bif_path_set (&self->path, path);
  g_mutex_unlock (&self->tx_lock);
}

void
bif_ice_close_path (BifRtcTransport * self)
{
  self->ice.nominated = FALSE;
  copy_path (self, &BIF_PATH_NONE);
}

/* @path answers to the credentials of now. Receive lock held. Returns whether
 * it is the first. */
static gboolean
use_path (BifRtcTransport * self, const BifPath * path)
{
  BifIce *ice = &self->ice;
  gboolean first = ice->state != BIF_ICE_CONNECTED;

  copy_path (self, path);
  ice->path_remote = ice->remote;
  g_strlcpy (ice->path_ufrag, ice->local.ufrag, BIF_CREDENTIAL_SIZE);
  ice->state = BIF_ICE_CONNECTED;
  ice->restarting = FALSE;
  bif_consent_begin (self, g_get_monotonic_time ());
  GST_DEBUG_OBJECT (self, "path open");
  return first;
}

/* The same, but for a peer that still uses the credentials of before. */
static void
move_path (BifRtcTransport * self, const BifPath * path)
{
  copy_path (self, path);
  bif_consent_begin (self, g_get_monotonic_time ());
}

void
bif_transport_wire_closed (BifRtcTransport * self, BifWire * wire)
{
  g_mutex_lock (&self->rx_lock);
  if (self->ice.path.wire == wire)
    bif_ice_close_path (self);
  g_mutex_unlock (&self->rx_lock);
}

/* The agent tells webrtcbin, which starts DTLS: no lock held. */
static void
tell_connected (BifRtcTransport * self)
{
  bif_ice_agent_connected (self->agent);
  bif_transport_post (self, gst_structure_new_empty ("bif-connected"));
}

void
bif_ice_use_wire (BifRtcTransport * self, BifWire * wire, gint64 * failed_us)
{
  BifPath path = { .fd = -1, .wire = wire };
  gboolean first = FALSE;

  g_mutex_lock (&self->rx_lock);
  *failed_us = 0;
  if (!self->closed && !bif_path_equal (&self->ice.path, &path))
    first = use_path (self, &path);
  g_mutex_unlock (&self->rx_lock);
  if (first)
    tell_connected (self);
}

/* ---- checks ---- */

guint32
bif_ice_send_check (BifRtcTransport * self, const BifPath * path,
    const BifCredentials * remote, const char *local_ufrag, gboolean nominate,
    BifBatch * batch)
{
  BifIce *ice = &self->ice;
  guint8 transaction[BIF_STUN_TRANSACTION_SIZE];
  g_autofree char *username = NULL;
  guint32 random;
  BifStunRequest request = {
    .password = remote->pwd,
    .priority = PRIORITY_PEER_REFLEXIVE,
    .role = ice->controlling ? BIF_STUN_ROLE_CONTROLLING :
        BIF_STUN_ROLE_CONTROLLED,
    .tie_breaker = ice->tie_breaker,
    .use_candidate = ice->controlling && nominate,
  };

  username = g_strconcat (remote->ufrag, ":", local_ufrag, NULL);
  request.username = username;
  if (remote->ufrag[0] == '\0' || strlen (username) > 400)
    return 0;
  bif_random_bytes (&random, sizeof random);
  random |= 1;
  memcpy (transaction, &self->serial, sizeof self->serial);
  memcpy (transaction + sizeof self->serial, &random, sizeof random);
  bif_path_commit (path, batch, bif_stun_write_request (bif_batch_begin
          (batch), transaction, &request));
  return random;
}

static void
send_check (BifRtcTransport * self, const BifPath * path, BifBatch * batch)
{
  bif_ice_send_check (self, path, &self->ice.remote, self->ice.local.ufrag,
      !self->ice.regular, batch);
}

/* Receive lock held. FALSE: the request lost and was answered 487. */
static gboolean
settle_roles (BifRtcTransport * self, const BifStunMessage * message)
{
  BifIce *ice = &self->ice;
  gboolean conflict =
      (ice->controlling && message->role == BIF_STUN_ROLE_CONTROLLING)
      || (!ice->controlling && message->role == BIF_STUN_ROLE_CONTROLLED);
  gboolean ours_larger = ice->tie_breaker >= message->tie_breaker;

  if (!conflict)
    return TRUE;
  if (ice->lite)
    return TRUE;
  /* RFC 8445, 7.3.1.1: who has the larger tie-breaker is controlling. */
  if (ice->controlling == ours_larger)
    return FALSE;
  ice->controlling = !ice->controlling;
  return TRUE;
}

static void
reply_error (const BifPath * path, const BifStunMessage * message,
    guint code, const char *password, BifBatch * batch)
{
  guint8 *out = bif_batch_begin (batch);
  gsize size = bif_stun_write_error (out, message->transaction, code,
      message->unknown, password);

  bif_path_commit (path, batch, size);
}

/* An authentic request, role settled, with the credentials of now (@fresh) or
 * of before. Receive lock held. Returns whether it opened the first path. */
static gboolean
accept_check (BifRtcTransport * self, const BifPath * path,
    const BifStunMessage * message, gboolean fresh, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  gboolean is_open = bif_path_is_open (&ice->path);
  gboolean wanted = !is_open || message->use_candidate;
  gboolean first = FALSE;

  know_address (self, path);
  if (!fresh) {
    if (wanted && ice->restarting && !bif_path_equal (&ice->path, path))
      move_path (self, path);
    return FALSE;
  }
  if (message->use_candidate) {
    ice->nominated = TRUE;
    drop_old_credentials (self);
  }
  if (wanted && (ice->restarting || !bif_path_equal (&ice->path, path))) {
    first = use_path (self, path);
    if (!ice->lite)
      send_check (self, path, batch);
  } else if (!ice->lite && !ice->nominated) {
    send_check (self, path, batch);
  }
  return first;
}

static void
reply_success (const BifPath * path, const BifStunMessage * message,
    const char *password, BifBatch * batch)
{
  guint8 *out = bif_batch_begin (batch);
  gsize size = bif_stun_write_response (out, message->transaction,
      &path->remote, password);

  bif_path_commit (path, batch, size);
}

void
bif_transport_handle_check (BifRtcTransport * self, const BifPath * path,
    const BifStunMessage * message, const char *ufrag, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  const char *password;
  gboolean fresh, first = FALSE;

  g_mutex_lock (&self->rx_lock);
  fresh = strcmp (ufrag, ice->local.ufrag) == 0;
  password = fresh ? ice->local.pwd : ice->old_local.pwd;
  if (self->closed || (!fresh && strcmp (ufrag, ice->old_local.ufrag) != 0)
      || !bif_stun_verify (message, password)) {
    /* No answer to whoever does not know the password. */
  } else if (message->unknown != 0) {
    reply_error (path, message, 420, password, batch);
  } else if (!settle_roles (self, message)) {
    reply_error (path, message, 487, password, batch);
  } else {
    ice->heard_us = g_get_monotonic_time ();
    reply_success (path, message, password, batch);
    first = accept_check (self, path, message, fresh, batch);
  }
  g_mutex_unlock (&self->rx_lock);
  if (first)
    tell_connected (self);
}

/* A check of ours found the peer at @path. Receive lock held. */
static gboolean
accept_answer (BifRtcTransport * self, const BifPath * path,
    const BifStunMessage * message, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  gboolean nominates = ice->controlling && !ice->nominated;
  guint32 random;

  if (bif_path_is_open (&ice->path) && !nominates)
    return FALSE;
  know_address (self, path);
  memcpy (&random, message->transaction + sizeof self->serial, sizeof random);
  if (nominates && ice->regular && random != ice->nominating) {
    ice->nominating = bif_ice_send_check (self, path, &ice->remote,
        ice->local.ufrag, TRUE, batch);
    return bif_path_is_open (&ice->path) ? FALSE : use_path (self, path);
  }
  ice->nominated = ice->controlling;
  if (ice->nominated)
    drop_old_credentials (self);
  return use_path (self, path);
}

void
bif_transport_handle_check_reply (BifRtcTransport * self, const BifPath * path,
    const BifStunMessage * message, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  gboolean first = FALSE;

  g_mutex_lock (&self->rx_lock);
  if (self->closed) {
    /* It came late. */
  } else if (bif_consent_is_answer (self, path, message)) {
    bif_consent_answer (self, message);
  } else if (ice->remote.ufrag[0] != '\0'
      && bif_stun_verify (message, ice->remote.pwd)) {
    ice->heard_us = g_get_monotonic_time ();
    if (message->type == BIF_STUN_BINDING_RESPONSE) {
      first = accept_answer (self, path, message, batch);
    } else if (message->error_code == 487) {
      ice->controlling = !ice->controlling;
      send_check (self, path, batch);
    }
  }
  g_mutex_unlock (&self->rx_lock);
  if (first)
    tell_connected (self);
}

/* ---- timer ---- */

/* Returns: (nullable): what is to be checked next. */
static BifRemoteCandidate *
next_candidate (BifIce * ice)
{
  BifRemoteCandidate *next = NULL;

  for (guint i = 0; i < ice->n_candidates; i++) {
    BifRemoteCandidate *candidate = &ice->candidate[i];

    if (candidate->tries < MAX_TRIES
        && (next == NULL || candidate->due_us < next->due_us))
      next = candidate;
  }
  return next;
}

/* Sends the ordinary check that is due. Returns when the next one is. */
static gint64
send_next_check (BifRtcTransport * self, gint64 now_us, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  BifRemoteCandidate *next = next_candidate (ice);
  BifPath path = BIF_PATH_NONE;

  if (next == NULL || ice->remote.ufrag[0] == '\0')
    return G_MAXINT64;
  if (now_us < next->due_us)
    return next->due_us;
  path.socket = next->socket;
  path.remote = next->address;
  path.fd = bif_mux_socket (self->mux, path.socket);
  next->due_us = now_us + (FIRST_WAIT_US << next->tries++);
  send_check (self, &path, batch);
  next = next_candidate (ice);
  return next == NULL ? G_MAXINT64 :
      MAX (next->due_us, now_us + CHECK_INTERVAL_US);
}

void
bif_ice_fail (BifRtcTransport * self)
{
  self->ice.state = BIF_ICE_FAILED;
  bif_transport_post (self, gst_structure_new ("bif-failed", "reason",
          G_TYPE_STRING, "ICE failed", NULL));
}

gint64
bif_ice_tick (BifRtcTransport * self, gint64 now_us, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  gint64 fails_us = ice->started_us + FAIL_AFTER_US, next_us;
  gboolean settled = ice->state == BIF_ICE_CONNECTED && !ice->restarting
      && (ice->nominated || !ice->controlling);

  if (self->nice != NULL)
    return bif_nice_tick (self->nice, self, now_us);
  if (ice->state != BIF_ICE_CHECKING && ice->state != BIF_ICE_CONNECTED)
    return G_MAXINT64;
  if (ice->state == BIF_ICE_CHECKING && now_us >= fails_us) {
    bif_ice_fail (self);
    return G_MAXINT64;
  }
  next_us = ice->state == BIF_ICE_CHECKING ? fails_us :
      bif_consent_tick (self, now_us, batch);
  if (ice->state == BIF_ICE_FAILED || ice->lite || settled)
    return next_us;
  return MIN (next_us, send_next_check (self, now_us, batch));
}

/* ---- DTLS ---- */

void
bif_transport_handle_dtls (BifRtcTransport * self, const guint8 * data,
    gsize size)
{
  bif_ice_agent_push (self->agent, data, size);
}

void
bif_transport_send_dtls (BifRtcTransport * self, const guint8 * data, gsize size)
{
  BifPath path = BIF_PATH_NONE;

  g_mutex_lock (&self->tx_lock);
  bif_path_set (&path, &self->path);
  g_mutex_unlock (&self->tx_lock);
  if (!bif_path_send (&path, data, size))
    GST_LOG_OBJECT (self, "a DTLS datagram was not taken");
  bif_path_clear (&path);
}
