/* handle-peer.c: a handle's PeerConnection: offers answered, candidates taken,
 * its news told to the plugin and the caller. Main thread. */
#include "core/handle-private.h"

#include "base/error.h"
#include "core/plugin-private.h"
#include "core/reply-private.h"
#include "core/server-private.h"
#include "core/session.h"

#include <string.h>

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

/* ---- trickle ---- */

static gboolean
fail (GError ** error, int code, const char *text)
{
  g_set_error (error, BIF_ERROR, code, "%s", text);
  return FALSE;
}

static gboolean
is_integer (JsonNode * node)
{
  return JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_INT64;
}

static gboolean
is_string (JsonNode * node)
{
  return JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING;
}

/* Where the candidate belongs. @first: whether that is the first m-line, on
 * which everything is bundled. */
static gboolean
read_place (BifHandlePrivate * priv, JsonObject * object, gboolean * first,
    GError ** error)
{
  JsonNode *mid = json_object_get_member (object, "sdpMid");
  JsonNode *index = json_object_get_member (object, "sdpMLineIndex");
  const GPtrArray *lines =
      bif_description_lines (bif_peer_description (priv->peer));

  if (mid != NULL && !is_string (mid))
    return fail (error, BIF_ERROR_INVALID_ELEMENT,
        "Trickle error: invalid element type (sdpMid should be a string)");
  if (index != NULL && (!is_integer (index) || json_node_get_int (index) < 0))
    return fail (error, BIF_ERROR_INVALID_ELEMENT,
        "Trickle error: invalid element type "
        "(sdpMLineIndex should be an integer)");
  if (mid == NULL && index == NULL)
    return fail (error, BIF_ERROR_MISSING_ELEMENT,
        "Trickle error: missing mandatory element (sdpMid or sdpMLineIndex)");
  *first = index == NULL || json_node_get_int (index) == 0;
  if (mid != NULL && lines->len > 0) {
    const BifSdpLine *line = g_ptr_array_index (lines, 0);

    *first = *first && strcmp (json_node_get_string (mid), line->mid) == 0;
  }
  return TRUE;
}

static gboolean
take_candidate (BifHandlePrivate * priv, JsonNode * node, GError ** error)
{
  JsonObject *object;
  JsonNode *candidate;
  gboolean first = FALSE;

  if (!JSON_NODE_HOLDS_OBJECT (node)
      || json_object_has_member (json_node_get_object (node), "completed")) {
    bif_peer_end_of_candidates (priv->peer);
    return TRUE;
  }
  object = json_node_get_object (node);
  if (!read_place (priv, object, &first, error))
    return FALSE;
  candidate = json_object_get_member (object, "candidate");
  if (candidate == NULL)
    return fail (error, BIF_ERROR_MISSING_ELEMENT,
        "Trickle error: missing mandatory element (candidate)");
  if (!is_string (candidate))
    return fail (error, BIF_ERROR_INVALID_ELEMENT,
        "Trickle error: invalid element type (candidate should be a string)");
  if (first)
    bif_peer_add_candidate (priv->peer, json_node_get_string (candidate));
  return TRUE;
}

/* "candidate" of any type, or the array "candidates", whose failures count for
 * nothing. */
static gboolean
take_trickle (BifHandlePrivate * priv, JsonNode * node, gboolean several,
    GError ** error)
{
  JsonArray *array;

  if (!several)
    return take_candidate (priv, node, error);
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return fail (error, BIF_ERROR_INVALID_ELEMENT,
        "candidates is not an array");
  array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++)
    take_candidate (priv, json_array_get_element (array, i), NULL);
  return TRUE;
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

static void
take_pending_candidates (BifHandlePrivate * priv)
{
  PendingCandidate *pending;

  drop_old_candidates (priv);
  while ((pending = g_queue_pop_head (&priv->candidates)) != NULL) {
    take_trickle (priv, pending->candidate,
        JSON_NODE_HOLDS_ARRAY (pending->candidate), NULL);
    pending_candidate_free (pending);
  }
}

gboolean
bif_handle_trickle (BifHandle * self, JsonObject * message, GError ** error)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  JsonNode *node = json_object_get_member (message, "candidate");
  gboolean several = node == NULL;
  PendingCandidate *pending;

  if (several)
    node = json_object_get_member (message, "candidates");
  if (priv->negotiated)
    return take_trickle (priv, node, several, error);
  drop_old_candidates (priv);
  if (g_queue_get_length (&priv->candidates) >= CANDIDATES_MAX)
    return TRUE;
  pending = g_new0 (PendingCandidate, 1);
  pending->candidate = json_node_ref (node);
  pending->received_us = g_get_monotonic_time ();
  g_queue_push_tail (&priv->candidates, pending);
  return TRUE;
}

/* ---- news of the peer ---- */

void
bif_handle_build_track (BifHandle * self, BifTrack * track)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  const BifTemplate *template_ = bif_plugin_template (priv->plugin);
  g_autoptr (GError) error = NULL;

  if (!bif_track_loop_back (track, template_,
          bif_media_kind_name (bif_track_kind (track)), &error))
    GST_ERROR ("%s-%" G_GUINT64_FORMAT ": %s",
        bif_plugin_info (priv->plugin)->name, priv->id, error->message);
}

static void
on_track_added (BifPeer * peer, BifTrack * track, BifHandle * self)
{
  BIF_HANDLE_GET_CLASS (self)->track_added (self, track);
}

static void
push (BifHandle * self, JsonObject * message)
{
  BifSession *session = bif_handle_session (self);

  if (session != NULL)
    bif_session_take_event (session, message);
  else
    json_object_unref (message);
}

static void
on_connected (BifPeer * peer, BifHandle * self)
{
  BifHandleClass *klass = BIF_HANDLE_GET_CLASS (self);
  const char *dot_folder = bif_server_dot_folder
      (bif_plugin_server (bif_handle_plugin (self)));

  if (dot_folder != NULL)
    bif_peer_write_dot (peer, dot_folder);
  if (klass->media_up != NULL)
    klass->media_up (self);
  push (self, bif_handle_message (self, "webrtcup", NULL));
}

static void
on_media (BifPeer * peer, BifTrack * track, int substream, gboolean receiving,
    guint seconds, BifHandle * self)
{
  JsonObject *message = bif_handle_message (self, "media", NULL);

  json_object_set_string_member (message, "mid", bif_track_mid (track));
  json_object_set_string_member (message, "type",
      bif_media_kind_name (bif_track_kind (track)));
  if (substream >= 0)
    json_object_set_int_member (message, "substream", substream);
  json_object_set_boolean_member (message, "receiving", receiving);
  if (!receiving && seconds > 1)
    json_object_set_int_member (message, "seconds", seconds);
  push (self, message);
}

static void
on_slow_link (BifPeer * peer, BifTrack * track, gboolean uplink, guint lost,
    BifHandle * self)
{
  BifHandleClass *klass = BIF_HANDLE_GET_CLASS (self);
  JsonObject *message = bif_handle_message (self, "slowlink", NULL);

  json_object_set_string_member (message, "mid", bif_track_mid (track));
  json_object_set_string_member (message, "media",
      bif_media_kind_name (bif_track_kind (track)));
  json_object_set_boolean_member (message, "uplink", uplink);
  json_object_set_int_member (message, "lost", lost);
  push (self, message);
  if (klass->slow_link != NULL)
    klass->slow_link (self, track, uplink, lost);
}

static void
on_layer (BifPeer * peer, BifTrack * track, const BifTrackLayers * layers,
    BifHandle * self)
{
  BifHandleClass *klass = BIF_HANDLE_GET_CLASS (self);

  if (klass->layer_changed != NULL)
    klass->layer_changed (self, track, layers);
}

static void
on_talking (BifPeer * peer, BifTrack * track, gboolean talking, double level,
    BifHandle * self)
{
  BifHandleClass *klass = BIF_HANDLE_GET_CLASS (self);

  if (klass->talking != NULL)
    klass->talking (self, track, talking, level);
}

static void
on_data (BifPeer * peer, gpointer message, BifHandle * self)
{
  BifHandleClass *klass = BIF_HANDLE_GET_CLASS (self);

  if (klass->data != NULL)
    klass->data (self, message);
}

static void
on_closed (BifPeer * peer, const char *reason, BifHandle * self)
{
  bif_handle_hangup (self, reason);
}

/* ---- full trickle ---- */

static void
push_candidate (BifHandle * self, JsonObject * candidate)
{
  JsonObject *message = bif_handle_message (self, "trickle", NULL);

  json_object_set_object_member (message, "candidate", candidate);
  push (self, message);
}

/* On the first m-line, which the others are bundled with. */
static void
push_candidate_text (BifHandle * self, const char *text)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  const GPtrArray *lines =
      bif_description_lines (bif_peer_description (priv->peer));
  const BifSdpLine *first = lines->len > 0 ? lines->pdata[0] : NULL;
  g_autofree char *full = g_strconcat ("candidate:", text, NULL);
  JsonObject *candidate;

  if (first == NULL)
    return;
  candidate = json_object_new ();
  json_object_set_string_member (candidate, "sdpMid", first->mid);
  json_object_set_int_member (candidate, "sdpMLineIndex", 0);
  json_object_set_string_member (candidate, "candidate", full);
  push_candidate (self, candidate);
}

static void
push_end_of_candidates (BifHandle * self)
{
  JsonObject *end = json_object_new ();

  json_object_set_boolean_member (end, "completed", TRUE);
  push_candidate (self, end);
}

/* Those that are known; the rest follow as they are found. */
static void
push_candidates (BifHandle * self)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  gboolean all = TRUE;
  const char *const *candidates = bif_peer_candidates (priv->peer, &all);

  for (guint i = 0; candidates[i] != NULL; i++)
    push_candidate_text (self, candidates[i]);
  priv->trickles = !all;
  if (all)
    push_end_of_candidates (self);
}

static void
on_candidate (BifPeer * peer, const char *candidate, BifHandle * self)
{
  if (bif_handle_private (self)->trickles)
    push_candidate_text (self, candidate);
}

static void
on_gathered (BifPeer * peer, BifHandle * self)
{
  if (bif_handle_private (self)->trickles)
    push_end_of_candidates (self);
}

/* ---- negotiation ---- */

/* As Janus: who asks for relays, to a TURN REST API. */
static void
name_relay_user (BifHandlePrivate * priv)
{
  g_autofree char *id = g_strdup_printf ("%" G_GUINT64_FORMAT,
      bif_session_id (priv->session));

  bif_peer_set_relay_user (priv->peer,
      priv->opaque_id != NULL ? priv->opaque_id : id);
}

BifPeer *
bif_handle_ensure_peer (BifHandle * self)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  BifNetwork *network =
      bif_server_network (bif_plugin_server (priv->plugin));
  const BifTemplate *template_ = bif_plugin_template (priv->plugin);
  g_autofree char *name = NULL;

  if (priv->peer != NULL)
    return priv->peer;
  if (network == NULL || template_ == NULL)
    return NULL;
  name = g_strdup_printf ("%s-%" G_GUINT64_FORMAT,
      bif_plugin_info (priv->plugin)->name, priv->id);
  priv->peer = bif_peer_new (network, template_, name);
  if (priv->session != NULL)
    name_relay_user (priv);
  g_signal_connect_object (priv->peer, "candidate",
      G_CALLBACK (on_candidate), self, 0);
  g_signal_connect_object (priv->peer, "gathered", G_CALLBACK (on_gathered),
      self, 0);
  g_signal_connect_object (priv->peer, "track-added",
      G_CALLBACK (on_track_added), self, 0);
  g_signal_connect_object (priv->peer, "connected",
      G_CALLBACK (on_connected), self, 0);
  g_signal_connect_object (priv->peer, "media", G_CALLBACK (on_media), self,
      0);
  g_signal_connect_object (priv->peer, "slow-link",
      G_CALLBACK (on_slow_link), self, 0);
  g_signal_connect_object (priv->peer, "layer", G_CALLBACK (on_layer), self,
      0);
  g_signal_connect_object (priv->peer, "talking", G_CALLBACK (on_talking),
      self, 0);
  g_signal_connect_object (priv->peer, "data", G_CALLBACK (on_data), self, 0);
  g_signal_connect_object (priv->peer, "closed", G_CALLBACK (on_closed), self,
      0);
  return priv->peer;
}

/* Of @reply and @event one is NULL. */
typedef struct
{
  BifHandle *handle;
  BifReply *reply;
  JsonObject *event;
  guint flags;                  /* of BifOfferFlags */
} Negotiation;

static void
negotiation_free (Negotiation * negotiation)
{
  g_object_unref (negotiation->handle);
  g_clear_pointer (&negotiation->reply, bif_reply_unref);
  g_clear_pointer (&negotiation->event, json_object_unref);
  g_free (negotiation);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Negotiation, negotiation_free)

static char *
read_ufrag (const char *sdp)
{
  const char *line = sdp != NULL ? strstr (sdp, "a=ice-ufrag:") : NULL;

  return line != NULL ? g_strndup (line, strcspn (line, "\r\n")) : NULL;
}

/* The first description has new candidates, and one after an ICE restart. */
static gboolean
has_new_credentials (const char *before, const char *sdp)
{
  g_autofree char *old = read_ufrag (before);
  g_autofree char *new = read_ufrag (sdp);

  return g_strcmp0 (old, new) != 0;
}

static gboolean
is_full_trickle (BifHandlePrivate * priv)
{
  BifServer *server = bif_plugin_server (priv->plugin);

  return bif_network_is_full_trickle (bif_server_network (server));
}

static void
on_answered (GObject * peer, GAsyncResult * result, gpointer user_data)
{
  g_autoptr (Negotiation) negotiation = user_data;
  BifHandlePrivate *priv = bif_handle_private (negotiation->handle);
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = bif_peer_answer_finish (BIF_PEER (peer), result,
      &error);
  const BifJsep *jsep = bif_reply_get_jsep (negotiation->reply);
  gboolean trickles;

  if (answer == NULL) {
    bif_reply_fail (negotiation->reply, error);
    if (!priv->negotiated && priv->peer == BIF_PEER (peer))
      bif_handle_peer_dispose (negotiation->handle);
    return;
  }
  trickles = is_full_trickle (priv)
      && has_new_credentials (priv->local_sdp, answer);
  g_free (priv->local_sdp);
  priv->local_sdp = g_strdup (answer);
  g_free (priv->remote_sdp);
  priv->remote_sdp = g_strdup (jsep->sdp->text);
  priv->negotiated = TRUE;
  take_pending_candidates (priv);
  if (!jsep->trickle)
    bif_peer_end_of_candidates (BIF_PEER (peer));
  bif_reply_set_jsep (negotiation->reply, "answer", answer);
  bif_reply_finish (negotiation->reply);
  if (trickles && priv->peer != NULL)
    push_candidates (negotiation->handle);
}

static gboolean
may_force_relay (BifHandlePrivate * priv)
{
  BifServer *server = bif_plugin_server (priv->plugin);

  return bif_server_settings (server)->allow_force_relay;
}

gboolean
bif_handle_answer_offer (BifHandle * self, BifReply * reply,
    const BifSdpPolicy * policy, GError ** error)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  const BifJsep *jsep = bif_reply_get_jsep (reply);
  BifPeer *peer = bif_handle_ensure_peer (self);
  Negotiation *negotiation;

  if (peer == NULL)
    return fail (error, BIF_ERROR_UNKNOWN, "Error setting ICE locally");
  negotiation = g_new0 (Negotiation, 1);
  negotiation->handle = g_object_ref (self);
  negotiation->reply = bif_reply_ref (reply);
  bif_reply_hold (reply);
  if (jsep->force_relay && may_force_relay (priv))
    bif_peer_force_relay (peer);
  bif_peer_answer_async (peer, jsep->sdp, policy, on_answered, negotiation);
  return TRUE;
}

/* ---- offers of ours ---- */

static void
push_offer_event (Negotiation * negotiation, const char *offer)
{
  BifHandle *self = negotiation->handle;
  JsonObject *message = bif_handle_message (self, "event", NULL);

  bif_reply_add_plugindata (message, bif_handle_plugin (self),
      g_steal_pointer (&negotiation->event));
  bif_reply_add_jsep (message, "offer", offer,
      (negotiation->flags & BIF_OFFER_E2EE) != 0,
      (negotiation->flags & BIF_OFFER_RESTART) != 0);
  push (self, message);
}

static void
fail_offer (Negotiation * negotiation, BifPeer * peer, const GError * error)
{
  BifHandlePrivate *priv = bif_handle_private (negotiation->handle);

  if (priv->peer == peer) {
    priv->offered = FALSE;
    if (!priv->negotiated)
      bif_handle_peer_dispose (negotiation->handle);
  }
  if (negotiation->reply != NULL)
    bif_reply_fail (negotiation->reply, error);
  else
    GST_WARNING ("handle %" G_GUINT64_FORMAT ": no offer: %s", priv->id,
        error->message);
}

static void
on_offered (GObject * peer, GAsyncResult * result, gpointer user_data)
{
  g_autoptr (Negotiation) negotiation = user_data;
  BifHandlePrivate *priv = bif_handle_private (negotiation->handle);
  g_autoptr (GError) error = NULL;
  g_autofree char *offer = bif_peer_offer_finish (BIF_PEER (peer), result,
      &error);
  gboolean trickles;

  if (offer == NULL) {
    fail_offer (negotiation, BIF_PEER (peer), error);
    return;
  }
  trickles = is_full_trickle (priv)
      && has_new_credentials (priv->local_sdp, offer);
  g_free (priv->local_sdp);
  priv->local_sdp = g_strdup (offer);
  if (negotiation->reply != NULL) {
    bif_reply_set_jsep (negotiation->reply, "offer", offer);
    bif_reply_set_jsep_flags (negotiation->reply,
        (negotiation->flags & BIF_OFFER_E2EE) != 0,
        (negotiation->flags & BIF_OFFER_RESTART) != 0);
    bif_reply_finish (negotiation->reply);
  } else {
    push_offer_event (negotiation, offer);
  }
  if (trickles && priv->peer != NULL)
    push_candidates (negotiation->handle);
}

/* @reply, @event: one of them; the latter (transfer full) */
static gboolean
start_offer (BifHandle * self, BifReply * reply, JsonObject * event,
    guint flags, GError ** error)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  BifPeer *peer = bif_handle_ensure_peer (self);
  Negotiation *negotiation;

  if (peer == NULL || priv->offered) {
    g_clear_pointer (&event, json_object_unref);
    return fail (error, peer ? BIF_ERROR_WRONG_STATE : BIF_ERROR_UNKNOWN,
        peer ? "Wrong WebRTC state" : "Error setting ICE locally");
  }
  negotiation = g_new0 (Negotiation, 1);
  negotiation->handle = g_object_ref (self);
  negotiation->event = event;
  negotiation->flags = flags;
  if (reply != NULL) {
    negotiation->reply = bif_reply_ref (reply);
    bif_reply_hold (reply);
  }
  priv->offered = TRUE;
  bif_peer_offer_async (peer, (flags & BIF_OFFER_RESTART) != 0, on_offered,
      negotiation);
  return TRUE;
}

gboolean
bif_handle_offer (BifHandle * self, BifReply * reply, guint flags,
    GError ** error)
{
  return start_offer (self, reply, NULL, flags, error);
}

gboolean
bif_handle_push_offer (BifHandle * self, JsonObject * data, guint flags,
    GError ** error)
{
  return start_offer (self, NULL, data, flags, error);
}

gboolean
bif_handle_expects_answer (BifHandle * self)
{
  return bif_handle_private (self)->offered;
}

gboolean
bif_handle_take_answer (BifHandle * self, const BifJsep * jsep,
    GError ** error)
{
  BifHandlePrivate *priv = bif_handle_private (self);

  if (priv->peer == NULL || !priv->offered)
    return fail (error, BIF_ERROR_UNEXPECTED_ANSWER,
        "Unexpected ANSWER (no OFFER)");
  if (!bif_peer_set_answer (priv->peer, jsep->sdp, error))
    return FALSE;
  g_free (priv->remote_sdp);
  priv->remote_sdp = g_strdup (jsep->sdp->text);
  priv->offered = FALSE;
  priv->negotiated = TRUE;
  take_pending_candidates (priv);
  return TRUE;
}

/* ---- end ---- */

void
bif_handle_peer_dispose (BifHandle * self)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  g_autoptr (BifPeer) peer = g_steal_pointer (&priv->peer);

  g_queue_clear_full (&priv->candidates, pending_candidate_free);
  g_clear_pointer (&priv->local_sdp, g_free);
  g_clear_pointer (&priv->remote_sdp, g_free);
  priv->negotiated = priv->offered = priv->trickles = FALSE;
  if (peer == NULL)
    return;
  g_signal_handlers_disconnect_by_data (peer, self);
  bif_peer_close (peer);
}

void
bif_handle_hangup (BifHandle * self, const char *reason)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  BifHandleClass *klass = BIF_HANDLE_GET_CLASS (self);
  JsonObject *message;

  if (priv->peer == NULL)
    return;
  g_object_ref (self);
  if (klass->hangup != NULL)
    klass->hangup (self);
  bif_handle_peer_dispose (self);
  message = bif_handle_message (self, "hangup", NULL);
  json_object_set_string_member (message, "reason", reason);
  push (self, message);
  g_object_unref (self);
}

/* ---- handle_info ---- */

static void
add_flags (BifHandlePrivate * priv, JsonObject * info)
{
  const struct
  {
    const char *name;
    gboolean value;
  } flags[] = {
    {"got-offer", priv->negotiated},
    {"got-answer", priv->negotiated},
    {"negotiated", priv->negotiated},
    {"processing-offer", FALSE},
    {"starting", priv->peer != NULL},
    {"ice-restart", FALSE},
    {"ready", priv->peer != NULL && bif_peer_is_connected (priv->peer)},
    {"stopped", FALSE},
    {"alert", priv->peer == NULL},
    {"trickle", priv->negotiated},
    {"all-trickles", FALSE},
    {"resend-trickles", FALSE},
    {"trickle-synced", FALSE},
    {"data-channels", priv->peer != NULL},
    {"has-audio", FALSE},
    {"has-video", FALSE},
    {"new-datachan-sdp", FALSE},
    {"rfc4588-rtx", FALSE},
    {"cleaning", FALSE},
    {"e2ee", FALSE},
  };
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (flags); i++)
    json_object_set_boolean_member (object, flags[i].name, flags[i].value);
  json_object_set_object_member (info, "flags", object);
}

/* What the peer's path is thought to take, bit/s, once something is known. */
static void
add_estimate (BifHandlePrivate * priv, JsonObject * info)
{
  g_autoptr (GstStructure) stats =
      priv->peer != NULL ? bif_peer_stats (priv->peer) : NULL;
  guint64 bitrate = 0;

  if (stats != NULL)
    gst_structure_get_uint64 (stats, "estimated-bitrate", &bitrate);
  if (bitrate > 0)
    json_object_set_int_member (info, "estimated-bitrate", bitrate);
}

void
bif_handle_peer_info (BifHandle * self, JsonObject * info)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  JsonObject *sdps = json_object_new ();
  guint pending = g_queue_get_length (&priv->candidates);

  add_flags (priv, info);
  if (priv->local_sdp != NULL)
    json_object_set_string_member (sdps, "local", priv->local_sdp);
  if (priv->remote_sdp != NULL)
    json_object_set_string_member (sdps, "remote", priv->remote_sdp);
  json_object_set_object_member (info, "sdps", sdps);
  if (pending > 0)
    json_object_set_int_member (info, "pending-trickles", pending);
  json_object_set_int_member (info, "queued-packets", 0);
  add_estimate (priv, info);
}
