/* transport-ice.c: ICE of a transport (RFC 8445): answers checks, sends
 * triggered and ordinary ones, and keeps the path. The first check with a valid
 * MESSAGE-INTEGRITY opens the path, nomination moves it (media-plane.md 6.4). */
#include "transport.h"
#include "iceagent.h"
#include "nice.h"

#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (bif_transport_debug);
#define GST_CAT_DEFAULT bif_transport_debug

#define CHECK_INTERVAL_US (50 * 1000)
#define MAX_TRIES 14
#define FAIL_AFTER_US (20 * G_USEC_PER_SEC)
#define SILENCE_US (30 * G_USEC_PER_SEC)
/* RFC 8445, 5.1.2.1: a peer-reflexive candidate of component 1. */
#define PRIORITY_PEER_REFLEXIVE ((110u << 24) | (65535u << 8) | 255)

static void
random_text (char *out, guint size)
{
  static const char alphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  for (guint i = 0; i < size; i++)
    out[i] = alphabet[g_random_int () & 63];
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
  self->ice.tie_breaker = ((guint64) g_random_int () << 32) | g_random_int ();
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

void
bif_ice_restart (BifRtcTransport * self)
{
  g_return_if_fail (self->mux != NULL);
  if (self->nice != NULL) {
    restart_nice (self);
    return;
  }
  g_mutex_lock (&self->rx_lock);
  if (self->ice.old_local.ufrag[0] != '\0')
    bif_mux_remove_ufrag (self->mux, self->ice.old_local.ufrag);
  self->ice.old_local = self->ice.local;
  self->ice.nominated = FALSE;
  self->ice.n_candidates = 0;
  new_credentials (self);
  if (!self->closed)
    bif_mux_add_ufrag (self->mux, self->ice.local.ufrag, self);
  g_mutex_unlock (&self->rx_lock);
}

void
bif_ice_set_remote (BifRtcTransport * self, const char *ufrag, const char *pwd)
{
  gint64 now_us = g_get_monotonic_time ();

  g_mutex_lock (&self->rx_lock);
  g_strlcpy (self->ice.remote.ufrag, ufrag, BIF_CREDENTIAL_SIZE);
  g_strlcpy (self->ice.remote.pwd, pwd, BIF_CREDENTIAL_SIZE);
  if (self->ice.state == BIF_ICE_NEW) {
    self->ice.state = BIF_ICE_CHECKING;
    self->ice.started_us = now_us;
  }
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
        (BifRemoteCandidate) { address, i, 0 };
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

/* Receive lock held. Returns whether this is the first path there is. */
static gboolean
use_path (BifRtcTransport * self, const BifPath * path)
{
  gboolean first = !bif_path_is_open (&self->ice.path);

  bif_path_set (&self->ice.path, path);
  g_mutex_lock (&self->tx_lock);
  bif_path_set (&self->path, path);
  g_mutex_unlock (&self->tx_lock);
  if (first) {
    self->ice.state = BIF_ICE_CONNECTED;
    GST_DEBUG_OBJECT (self, "path open");
  }
  return first;
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

static void
send_check (BifRtcTransport * self, const BifPath * path, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  guint8 transaction[BIF_STUN_TRANSACTION_SIZE];
  g_autofree char *username = NULL;
  guint32 random = g_random_int ();
  BifStunRequest request = {
    .password = ice->remote.pwd,
    .priority = PRIORITY_PEER_REFLEXIVE,
    .role = ice->controlling ? BIF_STUN_ROLE_CONTROLLING :
        BIF_STUN_ROLE_CONTROLLED,
    .tie_breaker = ice->tie_breaker,
    .use_candidate = ice->controlling,
  };

  if (ice->remote.ufrag[0] == '\0')
    return;
  username = g_strconcat (ice->remote.ufrag, ":", ice->local.ufrag, NULL);
  request.username = username;
  if (strlen (username) > 400)
    return;
  memcpy (transaction, &self->serial, sizeof self->serial);
  memcpy (transaction + sizeof self->serial, &random, sizeof random);
  bif_path_commit (path, batch, bif_stun_write_request (bif_batch_begin
          (batch), transaction, &request));
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

/* An authentic request, role settled. Receive lock held. */
static gboolean
accept_check (BifRtcTransport * self, const BifPath * path,
    const BifStunMessage * message, const char *password, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  guint8 *out = bif_batch_begin (batch);
  gboolean first = FALSE;
  gsize size = bif_stun_write_response (out, message->transaction,
      &path->remote, password);

  bif_path_commit (path, batch, size);
  know_address (self, path);
  if (!bif_path_is_open (&ice->path) || message->use_candidate) {
    if (message->use_candidate)
      ice->nominated = TRUE;
    if (!bif_path_equal (&ice->path, path)) {
      first = use_path (self, path);
      if (!ice->lite)
        send_check (self, path, batch);
    }
  } else if (!ice->lite && !ice->nominated) {
    send_check (self, path, batch);
  }
  return first;
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
    if (fresh && ice->old_local.ufrag[0] != '\0' && message->use_candidate) {
      bif_mux_remove_ufrag (self->mux, ice->old_local.ufrag);
      memset (&ice->old_local, 0, sizeof ice->old_local);
    }
    first = accept_check (self, path, message, password, batch);
  }
  g_mutex_unlock (&self->rx_lock);
  if (first)
    tell_connected (self);
}

void
bif_transport_handle_check_reply (BifRtcTransport * self, const BifPath * path,
    const BifStunMessage * message, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  gboolean first = FALSE;

  g_mutex_lock (&self->rx_lock);
  if (!self->closed && ice->remote.ufrag[0] != '\0'
      && bif_stun_verify (message, ice->remote.pwd)) {
    ice->heard_us = g_get_monotonic_time ();
    if (message->type == BIF_STUN_BINDING_ERROR) {
      if (message->error_code == 487) {
        ice->controlling = !ice->controlling;
        send_check (self, path, batch);
      }
    } else if (!bif_path_is_open (&ice->path)
        || (ice->controlling && !ice->nominated)) {
      know_address (self, path);
      ice->nominated = ice->controlling;
      first = use_path (self, path);
    }
  }
  g_mutex_unlock (&self->rx_lock);
  if (first)
    tell_connected (self);
}

/* Sends the next ordinary check, round robin. */
static void
send_next_check (BifRtcTransport * self, BifBatch * batch)
{
  BifIce *ice = &self->ice;

  for (guint i = 0; i < ice->n_candidates; i++) {
    BifRemoteCandidate *candidate =
        &ice->candidate[ice->next_candidate++ % ice->n_candidates];
    BifPath path = { .socket = candidate->socket, .remote = candidate->address };

    if (candidate->tries >= MAX_TRIES)
      continue;
    candidate->tries++;
    path.fd = bif_mux_socket (self->mux, path.socket);
    send_check (self, &path, batch);
    return;
  }
}

gint64
bif_ice_tick (BifRtcTransport * self, gint64 now_us, BifBatch * batch)
{
  BifIce *ice = &self->ice;

  if (self->nice != NULL)
    return bif_nice_tick (self->nice, self, now_us);
  if (ice->state == BIF_ICE_CHECKING) {
    if (now_us - ice->started_us > FAIL_AFTER_US) {
      ice->state = BIF_ICE_FAILED;
      bif_transport_post (self, gst_structure_new ("bif-failed", "reason",
              G_TYPE_STRING, "ICE failed", NULL));
      return G_MAXINT64;
    }
    if (ice->lite)
      return ice->started_us + FAIL_AFTER_US + 1;
    send_next_check (self, batch);
    return now_us + CHECK_INTERVAL_US;
  }
  if (ice->state == BIF_ICE_CONNECTED && ice->heard_us != 0
      && now_us - ice->heard_us > SILENCE_US) {
    ice->state = BIF_ICE_FAILED;
    bif_transport_post (self, gst_structure_new ("bif-failed", "reason",
            G_TYPE_STRING, "ICE failed", NULL));
  }
  return G_MAXINT64;
}

/* ---- DTLS ---- */

void
bif_transport_handle_dtls (BifRtcTransport * self, const guint8 * data,
    gsize size)
{
  g_mutex_lock (&self->rx_lock);
  if (!self->closed)
    self->ice.heard_us = g_get_monotonic_time ();
  g_mutex_unlock (&self->rx_lock);
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
