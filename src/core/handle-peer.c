/* handle-peer.c: a handle's PeerConnection. Main thread. */
#include "core/handle-private.h"

#include "base/error.h"
#include "core/server-private.h"
#include "core/session.h"

/* A caller that trickles without ever negotiating must not fill memory. */
#define CANDIDATES_MAX 256

typedef struct
{
  JsonNode *candidate;          /* as sent: an object, or anything */
  gint64 received_us;
} PendingCandidate;

static void
pending_candidate_free (gpointer data)
{
  PendingCandidate *pending = data;

  json_node_unref (pending->candidate);
  g_free (pending);
}

static void
drop_old_candidates (BifHandlePrivate * priv)
{
  guint timeout_s =
      bif_session_server (priv->session)->settings->candidates_timeout;
  gint64 oldest_us =
      g_get_monotonic_time () - (gint64) timeout_s * G_USEC_PER_SEC;
  PendingCandidate *head;

  while ((head = g_queue_peek_head (&priv->candidates)) != NULL
      && head->received_us < oldest_us)
    pending_candidate_free (g_queue_pop_head (&priv->candidates));
}

gboolean
bif_handle_trickle (BifHandle * self, JsonObject * message, GError ** error)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  JsonNode *candidate = json_object_get_member (message, "candidate");
  PendingCandidate *pending;

  if (candidate == NULL)
    candidate = json_object_get_member (message, "candidates");

  drop_old_candidates (priv);
  if (g_queue_get_length (&priv->candidates) >= CANDIDATES_MAX)
    return TRUE;
  pending = g_new0 (PendingCandidate, 1);
  pending->candidate = json_node_ref (candidate);
  pending->received_us = g_get_monotonic_time ();
  g_queue_push_tail (&priv->candidates, pending);
  return TRUE;
}

gboolean
bif_handle_expects_answer (BifHandle * self)
{
  return FALSE;
}

gboolean
bif_handle_answer_offer (BifHandle * self, BifReply * reply,
    const BifSdpPolicy * policy, GError ** error)
{
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_UNKNOWN,
      "PeerConnections are not built yet");
  return FALSE;
}

void
bif_handle_hangup (BifHandle * self, const char *reason)
{
}

void
bif_handle_peer_info (BifHandle * self, JsonObject * info)
{
  static const char *const flags[] = {
    "got-offer", "got-answer", "negotiated", "processing-offer", "starting",
    "ice-restart", "ready", "stopped", "alert", "trickle", "all-trickles",
    "resend-trickles", "trickle-synced", "data-channels", "has-audio",
    "has-video", "new-datachan-sdp", "rfc4588-rtx", "cleaning", "e2ee",
  };
  BifHandlePrivate *priv = bif_handle_private (self);
  JsonObject *object = json_object_new ();
  guint pending = g_queue_get_length (&priv->candidates);

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    json_object_set_boolean_member (object, flags[i], FALSE);
  json_object_set_object_member (info, "flags", object);
  json_object_set_object_member (info, "sdps", json_object_new ());
  if (pending > 0)
    json_object_set_int_member (info, "pending-trickles", pending);
  json_object_set_int_member (info, "queued-packets", 0);
}

void
bif_handle_peer_dispose (BifHandle * self)
{
  BifHandlePrivate *priv = bif_handle_private (self);

  g_queue_clear_full (&priv->candidates, pending_candidate_free);
}
