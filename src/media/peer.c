/* peer.c: a PeerConnection: its pipeline, its negotiations, its end. Main
 * thread, but for what ends in _any_thread. */
#include "media/peer-private.h"
#include "media/network-private.h"
#include "base/error.h"
#include "base/post.h"

#include <string.h>

GST_DEBUG_CATEGORY (bif_peer_debug);
#define GST_CAT_DEFAULT bif_peer_debug

#define DTLS_TIMEOUT_S 20

enum
{
  SIGNAL_TRACK_ADDED, SIGNAL_CONNECTED, SIGNAL_MEDIA, SIGNAL_SLOW_LINK,
  SIGNAL_LAYER, SIGNAL_TALKING, SIGNAL_DATA, SIGNAL_CLOSED, SIGNAL_CANDIDATE,
  SIGNAL_GATHERED, N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BifPeer, bif_peer, G_TYPE_OBJECT)

/* ---- messages of the pipeline ---- */

static void
on_media (BifPeer * self, const GstStructure * structure)
{
  BifTrack *track = bif_peer_find_track (self,
      gst_structure_get_string (structure, "mid"));
  gboolean receiving = FALSE;
  guint seconds = 0;
  int substream = -1;

  gst_structure_get (structure, "receiving", G_TYPE_BOOLEAN, &receiving,
      "seconds", G_TYPE_UINT, &seconds, NULL);
  gst_structure_get_int (structure, "substream", &substream);
  if (track != NULL)
    g_signal_emit (self, signals[SIGNAL_MEDIA], 0, track, substream,
        receiving, seconds);
}

static void
on_slow_link (BifPeer * self, const GstStructure * structure)
{
  BifTrack *track = bif_peer_find_track (self,
      gst_structure_get_string (structure, "mid"));
  gboolean uplink = FALSE;
  guint lost = 0;

  gst_structure_get (structure, "uplink", G_TYPE_BOOLEAN, &uplink, "lost",
      G_TYPE_UINT, &lost, NULL);
  if (track != NULL)
    g_signal_emit (self, signals[SIGNAL_SLOW_LINK], 0, track, uplink, lost);
}

static void
on_layer (BifPeer * self, const GstStructure * structure)
{
  BifTrack *track = bif_peer_find_track (self,
      gst_structure_get_string (structure, "mid"));
  BifTrackLayers layers;

  bif_layers_read (&layers, structure);
  if (track != NULL)
    g_signal_emit (self, signals[SIGNAL_LAYER], 0, track, &layers);
}

static void
on_talking (BifPeer * self, const GstStructure * structure)
{
  BifTrack *track = bif_peer_find_track (self,
      gst_structure_get_string (structure, "mid"));
  gboolean talking = FALSE;
  double level = 0;

  gst_structure_get (structure, "talking", G_TYPE_BOOLEAN, &talking, "level",
      G_TYPE_DOUBLE, &level, NULL);
  if (track != NULL)
    g_signal_emit (self, signals[SIGNAL_TALKING], 0, track, talking, level);
}

static gboolean
on_dtls_timeout (gpointer user_data)
{
  BifPeer *self = user_data;

  self->dtls_timeout_id = 0;
  bif_peer_fail (self, "DTLS timeout");
  return G_SOURCE_REMOVE;
}

static void
on_element_message (BifPeer * self, const GstStructure * structure)
{
  if (gst_structure_has_name (structure, "bif-media"))
    on_media (self, structure);
  else if (gst_structure_has_name (structure, "bif-slow-link"))
    on_slow_link (self, structure);
  else if (gst_structure_has_name (structure, "bif-layer"))
    on_layer (self, structure);
  else if (gst_structure_has_name (structure, "bif-talking"))
    on_talking (self, structure);
  else if (gst_structure_has_name (structure, "bif-failed"))
    bif_peer_fail (self, gst_structure_get_string (structure, "reason"));
  else if (gst_structure_has_name (structure, "bif-candidate"))
    bif_peer_take_own_candidate (self,
        gst_structure_get_string (structure, "candidate"));
  else if (gst_structure_has_name (structure, "bif-gathered"))
    bif_peer_take_gathered (self);
  else if (gst_structure_has_name (structure, "bif-connected")
      && self->dtls_timeout_id == 0 && !self->connected)
    self->dtls_timeout_id = g_timeout_add_seconds (DTLS_TIMEOUT_S,
        on_dtls_timeout, self);
}

static void
on_message (gpointer object, gpointer data)
{
  BifPeer *self = object;
  GstMessage *message = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;

  if (self->closed)
    return;
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT) {
    on_element_message (self, gst_message_get_structure (message));
    return;
  }
  gst_message_parse_error (message, &error, &debug);
  GST_ERROR_OBJECT (self->pipeline, "%s: %s (%s)",
      GST_MESSAGE_SRC_NAME (message), error->message, debug ? debug : "");
}

static GstBusSyncReply
on_message_any_thread (GstBus * bus, GstMessage * message, gpointer ref)
{
  const GstStructure *structure = gst_message_get_structure (message);
  gboolean wanted = GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      || (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ELEMENT
      && g_str_has_prefix (gst_structure_get_name (structure), "bif-"));
  g_autoptr (BifPeer) self = wanted ? g_weak_ref_get (ref) : NULL;

  if (self != NULL)
    bif_post (self, on_message, message, (GDestroyNotify) gst_message_unref);
  else
    gst_message_unref (message);
  return GST_BUS_DROP;          /* the handler owns what it drops */
}

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* ---- making ---- */

static gboolean
set_property (GQuark field, const GValue * value, gpointer element)
{
  g_object_set_property (element, g_quark_to_string (field), value);
  return TRUE;
}

/* webrtcbin takes an agent only while it is constructed, so the text's element
 * is not used itself: its properties are given to one made here. */
static GstElement *
make_webrtcbin (const BifTemplate * template_, gpointer agent)
{
  const GstStructure *properties =
      bif_template_hole_properties (template_, "peer", "peer");
  g_autoptr (GstElementFactory) factory =
      gst_element_factory_find ("webrtcbin");
  g_autoptr (GstPluginFeature) loaded = NULL;
  GstElement *element;

  g_return_val_if_fail (factory != NULL, NULL);
  loaded = gst_plugin_feature_load (GST_PLUGIN_FEATURE (factory));
  g_return_val_if_fail (loaded != NULL, NULL);
  /* webrtcbin takes the reference it is given and drops it at the end. */
  element = g_object_new (gst_element_factory_get_element_type
      (GST_ELEMENT_FACTORY (loaded)), "name", "peer", "ice-agent",
      gst_object_ref (agent), NULL);
  if (properties != NULL)
    gst_structure_foreach (properties, set_property, element);
  bif_peer_hold_rtpbin (GST_BIN (element));
  return element;
}

static void
make_pipeline (BifPeer * self, const BifTemplate * template_)
{
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GObject) agent = NULL;
  GWeakRef *ref = g_new0 (GWeakRef, 1);
  g_autoptr (GstElementFactory) factory =
      gst_element_factory_find ("biftransport");

  g_return_if_fail (factory != NULL);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (self->name));
  bus = gst_element_get_bus (self->pipeline);
  g_weak_ref_init (ref, self);
  gst_bus_set_sync_handler (bus, on_message_any_thread, ref, weak_ref_free);
  self->transport = gst_element_factory_create_full (factory, "name",
      "transport", "mux", bif_network_mux (self->network), NULL);
  bif_network_configure (self->network, self->transport);
  g_object_get (self->transport, "ice-agent", &agent, NULL);
  self->webrtcbin = make_webrtcbin (template_, agent);
  gst_bin_add_many (GST_BIN (self->pipeline), self->transport,
      self->webrtcbin, NULL);
  bif_peer_prepare_gathering (self);
}

BifPeer *
bif_peer_new (BifNetwork * network, const BifTemplate * template_,
    const char *name)
{
  BifPeer *self = g_object_new (BIF_TYPE_PEER, NULL);

  self->name = g_strdup (name);
  self->network = g_object_ref (network);
  make_pipeline (self, template_);
  bif_peer_watch_webrtcbin (self);
  bif_peer_watch_data (self);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return self;
}

/* ---- negotiation ---- */

/* New m-lines become tracks; known ones follow what was agreed. @ours: we
 * offered, so that lines may be ones on which nothing can come. */
static void
update_tracks (BifPeer * self, const BifSdp * sdp, gboolean ours)
{
  const GPtrArray *lines = bif_description_lines (self->description);

  for (guint i = 0; i < lines->len; i++) {
    BifSdpLine *line = g_ptr_array_index (lines, i);
    const BifSdpMedia *media = NULL;
    BifTrack *track;

    if (line->kind == BIF_MEDIA_DATA || i >= sdp->media->len)
      continue;
    if (!ours || (line->direction & BIF_DIRECTION_RECVONLY))
      media = g_ptr_array_index (sdp->media, i);
    track = bif_peer_find_track (self, line->mid);
    if (track == NULL) {
      if (!line->accepted)
        continue;
      track = bif_track_new (self, line);
      g_ptr_array_add (self->tracks, track);
      bif_track_update (track, media, line);
      g_signal_emit (self, signals[SIGNAL_TRACK_ADDED], 0, track);
    } else {
      bif_track_update (track, media, line);
    }
  }
}

/* SSRCs stay with their m-line for good. */
static void
assign_ssrcs (BifPeer * self)
{
  const GPtrArray *lines = bif_description_lines (self->description);

  for (guint i = 0; i < lines->len; i++) {
    BifSdpLine *line = g_ptr_array_index (lines, i);

    if (line->kind == BIF_MEDIA_DATA || !line->accepted)
      continue;
    if (line->ssrc == 0)
      line->ssrc = g_random_int () | 1;
    if (line->rtx_ssrc == 0 && line->codec != NULL && line->codec->rtx != 0)
      line->rtx_ssrc = g_random_int () | 1;
  }
}

static gboolean
wants_data (const BifDescription * description)
{
  const GPtrArray *lines = bif_description_lines (description);

  for (guint i = 0; i < lines->len; i++) {
    BifSdpLine *line = g_ptr_array_index (lines, i);

    if (line->kind == BIF_MEDIA_DATA && line->accepted)
      return TRUE;
  }
  return FALSE;
}

/* Returns: (transfer full): our answer, or our offer */
static char *
write_description (BifPeer * self)
{
  BifSdpTransport transport = { 0 };
  g_autofree char *ufrag = NULL;
  g_autofree char *pwd = NULL;

  g_object_get (self->transport, "local-ufrag", &ufrag, "local-pwd", &pwd,
      NULL);
  bif_network_fill_transport (self->network, &transport);
  transport.candidates = bif_peer_candidates (self, NULL);
  transport.ufrag = ufrag;
  transport.pwd = pwd;
  if (self->session_name != NULL)
    transport.session_name = self->session_name;
  transport.setup = self->offer != NULL ? self->setup : BIF_SETUP_ACTPASS;
  if (self->offer == NULL)
    return bif_description_write_offer (self->description, &transport);
  return bif_description_write_answer (self->description, self->offer,
      &transport);
}

static void
open_transport (BifPeer * self)
{
  self->opened = TRUE;
  g_signal_emit_by_name (self->transport, "open");
}

/* The peer's address and identity; a changed ufrag is an ICE restart. */
static void
take_transport (BifPeer * self, const BifSdp * sdp)
{
  gboolean restart = self->remote_ufrag != NULL
      && strcmp (self->remote_ufrag, sdp->ufrag) != 0;

  if (!self->opened) {
    g_object_set (self->transport, "controlling", sdp->ice_lite, NULL);
    open_transport (self);
  }
  if (restart && !self->restarted)
    g_signal_emit_by_name (self->transport, "restart-ice");
  self->restarted = FALSE;
  if (restart || self->remote_ufrag == NULL) {
    g_free (self->remote_ufrag);
    self->remote_ufrag = g_strdup (sdp->ufrag);
    g_signal_emit_by_name (self->transport, "set-remote-credentials",
        sdp->ufrag, sdp->pwd);
  }
  g_free (self->fingerprint);
  self->fingerprint = g_strdup (sdp->fingerprint);
  if (self->certificate != NULL)
    bif_peer_check_certificate (self);
  for (guint i = 0; i < sdp->candidates->len; i++)
    bif_peer_add_candidate (self, g_ptr_array_index (sdp->candidates, i));
  if (sdp->end_of_candidates)
    bif_peer_end_of_candidates (self);
}

/* Ends the negotiation that runs with the text it asked for. */
static void
return_description (BifPeer * self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->negotiation);

  if (task != NULL)
    g_task_return_pointer (task, write_description (self), g_free);
  g_clear_pointer (&self->offer, bif_sdp_unref);
}

static void
refuse_negotiation (BifPeer * self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->negotiation);

  g_task_return_new_error (task, BIF_ERROR, BIF_ERROR_PIPELINE,
      "webrtcbin refused its shadow description");
  g_clear_pointer (&self->offer, bif_sdp_unref);
}

static void
finish_negotiation (BifPeer * self, gboolean ok)
{
  if (self->negotiation == NULL)
    return;
  if (!ok) {
    refuse_negotiation (self);
    return;
  }
  update_tracks (self, self->offer, FALSE);
  /* Only now: a check may open the path at once, and DTLS must be there. */
  take_transport (self, self->offer);
  bif_peer_wait_gathered (self, return_description);
}

void
bif_peer_answer_async (BifPeer * self, BifSdp * offer,
    const BifSdpPolicy * policy, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  GError *error = NULL;
  gboolean wants;

  g_task_set_source_tag (task, bif_peer_answer_async);
  if (self->negotiation != NULL || self->closed) {
    g_task_return_new_error (task, BIF_ERROR, BIF_ERROR_WRONG_STATE,
        "Wrong WebRTC state");
    return;
  }
  if (!bif_description_set_offer (self->description, offer, policy, &error)) {
    g_task_return_error (task, error);
    return;
  }
  assign_ssrcs (self);
  if (!self->has_shadow)
    self->setup = offer->setup == BIF_SETUP_ACTIVE ? BIF_SETUP_PASSIVE :
        BIF_SETUP_ACTIVE;
  self->offer = bif_sdp_ref (offer);
  self->negotiation = g_steal_pointer (&task);
  bif_peer_start_gathering (self);
  wants = wants_data (self->description);
  if (!self->has_shadow || (wants && !self->has_data_shadow))
    bif_peer_negotiate_shadow (self, wants, finish_negotiation);
  else
    finish_negotiation (self, TRUE);
}

char *
bif_peer_answer_finish (BifPeer * self, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- offers of ours ---- */

const BifSdpLine *
bif_peer_set_line (BifPeer * self, const BifOfferLine * wanted)
{
  BifSdpLine *line = bif_description_add_line (self->description,
      wanted->kind, wanted->mid, wanted->direction, wanted->codec,
      wanted->payload_type, wanted->rtx, wanted->fmtp, wanted->extensions);

  if (line == NULL)
    return NULL;
  g_free (line->msid_stream);
  line->msid_stream = g_strdup (wanted->msid_stream);
  g_free (line->msid_track);
  line->msid_track = g_strdup (wanted->msid_track);
  return line;
}

static void
finish_offer (BifPeer * self, gboolean ok)
{
  if (self->negotiation == NULL)
    return;
  if (!ok) {
    refuse_negotiation (self);
    return;
  }
  if (!self->opened) {
    g_object_set (self->transport, "controlling", TRUE, NULL);
    open_transport (self);
  } else if (g_task_get_task_data (self->negotiation) != NULL) {
    g_signal_emit_by_name (self->transport, "restart-ice");
    self->restarted = TRUE;
  }
  self->awaits_answer = TRUE;
  bif_peer_wait_gathered (self, return_description);
}

void
bif_peer_offer_async (BifPeer * self, gboolean restart,
    GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  gboolean wants;

  g_task_set_source_tag (task, bif_peer_offer_async);
  g_task_set_task_data (task, GINT_TO_POINTER (restart), NULL);
  if (self->negotiation != NULL || self->awaits_answer || self->closed) {
    g_task_return_new_error (task, BIF_ERROR, BIF_ERROR_WRONG_STATE,
        "Wrong WebRTC state");
    return;
  }
  assign_ssrcs (self);
  if (!self->has_shadow)
    self->setup = BIF_SETUP_PASSIVE;
  self->negotiation = g_steal_pointer (&task);
  bif_peer_start_gathering (self);
  wants = wants_data (self->description);
  if (!self->has_shadow || (wants && !self->has_data_shadow))
    bif_peer_negotiate_shadow (self, wants, finish_offer);
  else
    finish_offer (self, TRUE);
}

char *
bif_peer_offer_finish (BifPeer * self, GAsyncResult * result, GError ** error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

gboolean
bif_peer_set_answer (BifPeer * self, BifSdp * answer, GError ** error)
{
  if (!self->awaits_answer || self->closed) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_UNEXPECTED_ANSWER,
        "Unexpected ANSWER (no OFFER)");
    return FALSE;
  }
  if (self->setup == BIF_SETUP_PASSIVE
      && answer->setup == BIF_SETUP_PASSIVE) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_SDP,
        "Error processing SDP");
    return FALSE;
  }
  if (!bif_description_set_answer (self->description, answer, error))
    return FALSE;
  self->awaits_answer = FALSE;
  update_tracks (self, answer, TRUE);
  take_transport (self, answer);
  return TRUE;
}

void
bif_peer_set_session_name (BifPeer * self, const char *name)
{
  char *copy = g_strdup (name);

  g_free (self->session_name);
  self->session_name = copy;
}

/* ---- candidates ---- */

void
bif_peer_add_candidate (BifPeer * self, const char *candidate)
{
  gboolean used = FALSE;

  if (self->closed || candidate[0] == '\0'
      || strstr (candidate, "end-of-candidates") != NULL)
    return;
  g_signal_emit_by_name (self->transport, "add-remote-candidate", candidate,
      &used);
  if (!used)
    GST_DEBUG_OBJECT (self->pipeline, "a candidate is of no use: %s",
        candidate);
}

void
bif_peer_end_of_candidates (BifPeer * self)
{
  if (!self->closed)
    g_signal_emit_by_name (self->transport, "end-of-candidates");
}

/* ---- end ---- */

void
bif_peer_fail (BifPeer * self, const char *reason)
{
  if (self->closed)
    return;
  g_object_ref (self);
  g_signal_emit (self, signals[SIGNAL_CLOSED], 0, reason);
  g_object_unref (self);
}

void
bif_peer_close (BifPeer * self)
{
  g_autoptr (GTask) task = g_steal_pointer (&self->negotiation);
  g_autoptr (GstBus) bus = NULL;

  if (self->closed)
    return;
  self->closed = TRUE;
  if (task != NULL)
    g_task_return_new_error (task, BIF_ERROR, BIF_ERROR_CANCELLED,
        "the PeerConnection was closed");
  g_clear_handle_id (&self->dtls_timeout_id, g_source_remove);
  bif_peer_stop_gathering (self);
  for (guint i = 0; i < self->tracks->len; i++)
    bif_track_close (g_ptr_array_index (self->tracks, i));
  g_ptr_array_set_size (self->tracks, 0);
  bif_peer_close_data (self);
  g_signal_emit_by_name (self->transport, "close");
  bus = gst_element_get_bus (self->pipeline);
  gst_bus_set_sync_handler (bus, NULL, NULL, NULL);
  gst_bus_set_flushing (bus, TRUE);
  bif_network_stop_pipeline (self->network,
      g_steal_pointer (&self->pipeline));
  self->webrtcbin = self->transport = NULL;
}

/* ---- facts ---- */

gboolean
bif_peer_is_connected (BifPeer * self)
{
  return self->connected && !self->closed;
}

const GPtrArray *
bif_peer_tracks (BifPeer * self)
{
  return self->tracks;
}

BifTrack *
bif_peer_find_track (BifPeer * self, const char *mid)
{
  for (guint i = 0; i < self->tracks->len; i++) {
    BifTrack *track = g_ptr_array_index (self->tracks, i);

    if (g_strcmp0 (bif_track_mid (track), mid) == 0)
      return track;
  }
  return NULL;
}

const BifDescription *
bif_peer_description (BifPeer * self)
{
  return self->description;
}

void
bif_peer_set_bitrate (BifPeer * self, guint bitrate)
{
  if (!self->closed)
    g_object_set (self->transport, "bitrate", bitrate, NULL);
}

GstStructure *
bif_peer_stats (BifPeer * self)
{
  GstStructure *stats = NULL;

  if (!self->closed)
    g_object_get (self->transport, "stats", &stats, NULL);
  return stats;
}

void
bif_peer_write_dot (BifPeer * self, const char *folder)
{
  g_autofree char *data = NULL;
  g_autofree char *name = g_strconcat (self->name, ".dot", NULL);
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  if (self->closed)
    return;
  data = gst_debug_bin_to_dot_data (GST_BIN (self->pipeline),
      GST_DEBUG_GRAPH_SHOW_ALL);
  if (!g_file_set_contents (path, data, -1, &error))
    GST_WARNING_OBJECT (self->pipeline, "%s", error->message);
}

GstElement *
bif_peer_transport (BifPeer * self)
{
  return self->transport;
}

GstElement *
bif_peer_pipeline (BifPeer * self)
{
  return self->pipeline;
}

guint
bif_peer_window (BifPeer * self)
{
  return bif_network_window (self->network);
}

guint
bif_peer_latency (BifPeer * self)
{
  guint latency = 0;

  g_object_get (self->webrtcbin, "latency", &latency, NULL);
  return latency;
}

/* ---- GObject ---- */

static void
bif_peer_dispose (GObject * object)
{
  BifPeer *self = BIF_PEER (object);

  bif_peer_close (self);
  g_clear_object (&self->network);
  G_OBJECT_CLASS (bif_peer_parent_class)->dispose (object);
}

static void
bif_peer_finalize (GObject * object)
{
  BifPeer *self = BIF_PEER (object);

  g_free (self->certificate);
  gst_clear_buffer (&self->decoder_key);
  gst_clear_buffer (&self->encoder_key);
  g_weak_ref_clear (&self->queue);
  g_clear_pointer (&self->offer, bif_sdp_unref);
  g_clear_pointer (&self->description, bif_description_free);
  g_ptr_array_unref (self->tracks);
  g_clear_pointer (&self->channels, g_ptr_array_unref);
  g_clear_pointer (&self->candidates, g_ptr_array_unref);
  g_free (self->relay_user);
  g_free (self->remote_ufrag);
  g_free (self->fingerprint);
  g_free (self->session_name);
  g_free (self->name);
  G_OBJECT_CLASS (bif_peer_parent_class)->finalize (object);
}

static void
bif_peer_class_init (BifPeerClass * klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (bif_peer_debug, "bif-peer", 0, "PeerConnections");
  G_OBJECT_CLASS (klass)->dispose = bif_peer_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_peer_finalize;
  signals[SIGNAL_TRACK_ADDED] = g_signal_new ("track-added", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, BIF_TYPE_TRACK);
  signals[SIGNAL_CONNECTED] = g_signal_new ("connected", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_MEDIA] = g_signal_new ("media", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 4, BIF_TYPE_TRACK, G_TYPE_INT,
      G_TYPE_BOOLEAN, G_TYPE_UINT);
  signals[SIGNAL_SLOW_LINK] = g_signal_new ("slow-link", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, BIF_TYPE_TRACK,
      G_TYPE_BOOLEAN, G_TYPE_UINT);
  signals[SIGNAL_LAYER] = g_signal_new ("layer", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 2, BIF_TYPE_TRACK, G_TYPE_POINTER);
  signals[SIGNAL_TALKING] = g_signal_new ("talking", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3, BIF_TYPE_TRACK,
      G_TYPE_BOOLEAN, G_TYPE_DOUBLE);
  signals[SIGNAL_DATA] = g_signal_new ("data", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_CANDIDATE] = g_signal_new ("candidate", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_GATHERED] = g_signal_new ("gathered", type,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bif_peer_init (BifPeer * self)
{
  g_weak_ref_init (&self->queue, NULL);
  self->tracks = g_ptr_array_new_with_free_func (g_object_unref);
  self->description = bif_description_new ();
}
