/* transport.c: biftransport, the element shell: properties and actions by which
 * an application sets up a PeerConnection's packet path. It has no pads: DTLS
 * goes through the ice-agent, media stays on the packet path. It posts element
 * messages "bif-connected", "bif-failed" (reason), "bif-media" (mid, receiving,
 * seconds; of a simulcast layer also substream), "bif-slow-link" (mid, uplink,
 * lost), "bif-layer" (mid, substream, temporal: what is sent now, -1 where
 * nothing is known), "bif-talking" (mid, talking, level: mean in -dBov), and
 * where it gathers for itself, "bif-candidate" (candidate) and "bif-gathered",
 * from any thread. */
#include "transport.h"
#include "iceagent.h"
#include "nice.h"
#include "receiver.h"
#include "sender.h"

#include <string.h>

GST_DEBUG_CATEGORY (bif_transport_debug);
#define GST_CAT_DEFAULT bif_transport_debug

enum
{
  PROP_0, PROP_MUX, PROP_ICE_AGENT, PROP_LOCAL_UFRAG, PROP_LOCAL_PWD,
  PROP_CONTROLLING, PROP_ICE_LITE, PROP_DECODER_KEY, PROP_ENCODER_KEY,
  PROP_BITRATE, PROP_NO_MEDIA, PROP_SLOW_LINK, PROP_TWCC_PERIOD,
  PROP_CONSENT_TIMEOUT, PROP_REGULAR,
  PROP_STATS, N_PROPS
};
static GParamSpec *props[N_PROPS];

enum
{
  ACTION_OPEN, ACTION_CLOSE, ACTION_RESTART_ICE, ACTION_SET_REMOTE,
  ACTION_ADD_CANDIDATE, ACTION_ADD_RECEIVER, ACTION_ADD_SENDER,
  ACTION_REMOVE, ACTION_USE_NICE, ACTION_GATHER, ACTION_END_OF_CANDIDATES,
  N_ACTIONS
};
static guint actions[N_ACTIONS];

G_DEFINE_FINAL_TYPE (BifRtcTransport, bif_rtc_transport, GST_TYPE_ELEMENT)

const guint64 *
bif_transport_serial (BifRtcTransport * self)
{
  return &self->serial;
}

/* ---- actions ---- */

static void
action_open (BifRtcTransport * self)
{
  g_return_if_fail (self->mux != NULL);
  bif_mux_add (self->mux, self);
  if (self->nice == NULL)
    bif_mux_add_ufrag (self->mux, self->ice.local.ufrag, self);
}

static void
detach_all (BifRtcTransport * self)
{
  g_autoptr (GPtrArray) receivers = NULL;
  g_autoptr (GPtrArray) senders = NULL;

  g_mutex_lock (&self->rx_lock);
  g_mutex_lock (&self->tx_lock);
  g_hash_table_remove_all (self->sources);
  receivers = g_steal_pointer (&self->receivers);
  senders = g_steal_pointer (&self->senders);
  self->receivers = g_ptr_array_new_with_free_func (g_object_unref);
  self->senders = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_unlock (&self->tx_lock);
  g_mutex_unlock (&self->rx_lock);
  for (guint i = 0; i < senders->len; i++)
    bif_sender_set_source (g_ptr_array_index (senders, i), NULL);
  for (guint i = 0; i < senders->len; i++)
    ((BifSender *) g_ptr_array_index (senders, i))->transport = NULL;
  for (guint i = 0; i < receivers->len; i++) {
    BifReceiver *receiver = g_ptr_array_index (receivers, i);

    bif_receiver_detach (receiver);
    receiver->transport = NULL;
  }
}

static void
action_close (BifRtcTransport * self)
{
  gboolean was_closed;

  g_mutex_lock (&self->rx_lock);
  was_closed = self->closed;
  self->closed = TRUE;
  self->ice.state = BIF_ICE_CLOSED;
  g_mutex_unlock (&self->rx_lock);
  if (was_closed)
    return;
  if (self->nice != NULL)
    bif_nice_close (self->nice);
  if (self->mux != NULL)
    bif_mux_remove (self->mux, self);
  detach_all (self);
}

static GObject *
action_add_receiver (BifRtcTransport * self, GstStructure * rtp)
{
  BifReceiver *receiver = bif_receiver_new (self);

  g_mutex_lock (&self->rx_lock);
  bif_receiver_describe (receiver, rtp);
  bif_ext_map_read (&self->ext_map, rtp);
  g_ptr_array_add (self->receivers, g_object_ref (receiver));
  g_mutex_unlock (&self->rx_lock);
  return G_OBJECT (receiver);
}

static GObject *
action_add_sender (BifRtcTransport * self, GstStructure * rtp)
{
  BifSender *sender = bif_sender_new (self);

  g_mutex_lock (&self->rx_lock);
  g_mutex_lock (&self->tx_lock);
  bif_sender_describe (sender, rtp);
  g_ptr_array_add (self->senders, g_object_ref (sender));
  g_mutex_unlock (&self->tx_lock);
  g_mutex_unlock (&self->rx_lock);
  return G_OBJECT (sender);
}

static gboolean
is_of_receiver (gpointer key, gpointer value, gpointer receiver)
{
  return ((BifSource *) value)->receiver == receiver;
}

static void
action_remove (BifRtcTransport * self, GObject * object)
{
  if (BIF_IS_SENDER (object))
    bif_sender_set_source (BIF_SENDER (object), NULL);
  else
    bif_receiver_detach (BIF_RECEIVER (object));
  g_mutex_lock (&self->rx_lock);
  g_mutex_lock (&self->tx_lock);
  if (BIF_IS_SENDER (object)) {
    BIF_SENDER (object)->transport = NULL;
    g_ptr_array_remove (self->senders, object);
  } else {
    BIF_RECEIVER (object)->transport = NULL;
    g_hash_table_foreach_remove (self->sources, is_of_receiver, object);
    g_ptr_array_remove (self->receivers, object);
  }
  g_mutex_unlock (&self->tx_lock);
  g_mutex_unlock (&self->rx_lock);
}

static void
action_use_nice (BifRtcTransport * self, GstStructure * options)
{
  g_return_if_fail (self->mux != NULL && self->nice == NULL);
  self->nice = bif_nice_new (self, options);
  bif_nice_set_local (self->nice, self->ice.local.ufrag, self->ice.local.pwd);
}

static void
action_gather (BifRtcTransport * self, char **relays, gboolean force_relay)
{
  g_return_if_fail (self->nice != NULL);
  bif_nice_gather (self->nice, (const char *const *) relays, force_relay);
}

static void
class_nice_actions (GType type)
{
  const GSignalFlags flags = G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION;

  actions[ACTION_USE_NICE] = g_signal_new_class_handler ("use-nice", type,
      flags, G_CALLBACK (action_use_nice), NULL, NULL, NULL, G_TYPE_NONE, 1,
      GST_TYPE_STRUCTURE);
  actions[ACTION_GATHER] = g_signal_new_class_handler ("gather", type, flags,
      G_CALLBACK (action_gather), NULL, NULL, NULL, G_TYPE_NONE, 2,
      G_TYPE_STRV, G_TYPE_BOOLEAN);
  actions[ACTION_END_OF_CANDIDATES] =
      g_signal_new_class_handler ("end-of-candidates", type, flags,
      G_CALLBACK (bif_ice_end_of_candidates), NULL, NULL, NULL, G_TYPE_NONE,
      0);
}

static void
class_actions (BifRtcTransportClass * klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);
  const GSignalFlags flags = G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION;

  actions[ACTION_OPEN] = g_signal_new_class_handler ("open", type, flags,
      G_CALLBACK (action_open), NULL, NULL, NULL, G_TYPE_NONE, 0);
  actions[ACTION_CLOSE] = g_signal_new_class_handler ("close", type, flags,
      G_CALLBACK (action_close), NULL, NULL, NULL, G_TYPE_NONE, 0);
  actions[ACTION_RESTART_ICE] = g_signal_new_class_handler ("restart-ice",
      type, flags, G_CALLBACK (bif_ice_restart), NULL, NULL, NULL,
      G_TYPE_NONE, 0);
  actions[ACTION_SET_REMOTE] =
      g_signal_new_class_handler ("set-remote-credentials", type, flags,
      G_CALLBACK (bif_ice_set_remote), NULL, NULL, NULL, G_TYPE_NONE, 2,
      G_TYPE_STRING, G_TYPE_STRING);
  actions[ACTION_ADD_CANDIDATE] =
      g_signal_new_class_handler ("add-remote-candidate", type, flags,
      G_CALLBACK (bif_ice_add_candidate), NULL, NULL, NULL, G_TYPE_BOOLEAN, 1,
      G_TYPE_STRING);
  actions[ACTION_ADD_RECEIVER] = g_signal_new_class_handler ("add-receiver",
      type, flags, G_CALLBACK (action_add_receiver), NULL, NULL, NULL,
      G_TYPE_OBJECT, 1, GST_TYPE_STRUCTURE);
  actions[ACTION_ADD_SENDER] = g_signal_new_class_handler ("add-sender", type,
      flags, G_CALLBACK (action_add_sender), NULL, NULL, NULL, G_TYPE_OBJECT,
      1, GST_TYPE_STRUCTURE);
  class_nice_actions (type);
  actions[ACTION_REMOVE] = g_signal_new_class_handler ("remove", type, flags,
      G_CALLBACK (action_remove), NULL, NULL, NULL, G_TYPE_NONE, 1,
      G_TYPE_OBJECT);
}

/* ---- properties ---- */

/* 30 bytes of AES128_CM_SHA1_80: the one profile GStreamer's DTLS offers. */
static void
set_key (BifRtcTransport * self, GstBuffer * buffer, gboolean decoder)
{
  GMutex *lock = decoder ? &self->rx_lock : &self->tx_lock;
  BifSrtp **place = decoder ? &self->srtp_rx : &self->srtp_tx;
  guint8 key[30];

  if (buffer == NULL || gst_buffer_extract (buffer, 0, key, sizeof key)
      != sizeof key)
    return;
  g_mutex_lock (lock);
  g_clear_pointer (place, bif_srtp_free);
  *place = bif_srtp_new (BIF_SRTP_AES128_CM_SHA1_80, key, sizeof key);
  g_mutex_unlock (lock);
  memset (key, 0, sizeof key);
  bif_transport_schedule (self, g_get_monotonic_time ());
}

static void
bif_transport_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  BifRtcTransport *self = BIF_RTC_TRANSPORT (object);

  switch (id) {
    case PROP_MUX:
      self->mux = g_value_dup_object (value);
      break;
    case PROP_DECODER_KEY:
      set_key (self, gst_value_get_buffer (value), TRUE);
      break;
    case PROP_ENCODER_KEY:
      set_key (self, gst_value_get_buffer (value), FALSE);
      break;
    case PROP_BITRATE:
      g_mutex_lock (&self->rx_lock);
      self->bitrate = g_value_get_uint (value);
      g_mutex_unlock (&self->rx_lock);
      bif_transport_send_remb (self);
      break;
    case PROP_CONTROLLING:
      bif_ice_set_controlling (self, g_value_get_boolean (value));
      break;
    case PROP_ICE_LITE:
      g_mutex_lock (&self->rx_lock);
      self->ice.lite = g_value_get_boolean (value);
      g_mutex_unlock (&self->rx_lock);
      break;
    case PROP_NO_MEDIA:
      g_mutex_lock (&self->rx_lock);
      self->no_media_us = g_value_get_uint (value) * G_USEC_PER_SEC;
      g_mutex_unlock (&self->rx_lock);
      break;
    case PROP_SLOW_LINK:
      g_mutex_lock (&self->rx_lock);
      self->slow_link = g_value_get_uint (value);
      g_mutex_unlock (&self->rx_lock);
      break;
    case PROP_TWCC_PERIOD:
      g_mutex_lock (&self->rx_lock);
      self->twcc_period_us = g_value_get_uint (value) * (gint64) 1000;
      g_mutex_unlock (&self->rx_lock);
      break;
    case PROP_CONSENT_TIMEOUT:
      g_mutex_lock (&self->rx_lock);
      self->ice.consent.limit_us = g_value_get_uint (value) * G_USEC_PER_SEC;
      g_mutex_unlock (&self->rx_lock);
      break;
    case PROP_REGULAR:
      g_mutex_lock (&self->rx_lock);
      self->ice.regular = g_value_get_boolean (value);
      g_mutex_unlock (&self->rx_lock);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static GstStructure *
make_stats (BifRtcTransport * self)
{
  static const char *const states[] =
      { "new", "checking", "connected", "failed", "closed" };
  g_autofree char *pair =
      self->nice != NULL ? bif_nice_selected_pair (self->nice) : NULL;
  GstStructure *stats;

  g_mutex_lock (&self->rx_lock);
  g_mutex_lock (&self->tx_lock);
  stats = gst_structure_new ("application/x-bif-transport-stats",
      "ice-state", G_TYPE_STRING, states[self->ice.state],
      "rtp-received", G_TYPE_UINT64, self->rtp_in,
      "bytes-received", G_TYPE_UINT64, self->rtp_in_bytes,
      "rtp-bad", G_TYPE_UINT64, self->rtp_bad,
      "rtp-replayed", G_TYPE_UINT64, self->rtp_replayed,
      "rtp-unknown", G_TYPE_UINT64, self->rtp_unknown,
      "rtp-sent", G_TYPE_UINT64, self->rtp_out,
      "bytes-sent", G_TYPE_UINT64, self->rtp_out_bytes,
      "rtcp-sent", G_TYPE_UINT64, self->rtcp_out,
      "nacked", G_TYPE_UINT64, self->nacked,
      "retransmitted", G_TYPE_UINT64, self->resent,
      "selected-pair", G_TYPE_STRING, pair,
      "estimated-bitrate", G_TYPE_UINT64, (guint64)
      (self->estimate != NULL ? self->estimate->bitrate : 0), NULL);
  g_mutex_unlock (&self->tx_lock);
  g_mutex_unlock (&self->rx_lock);
  return stats;
}

static void
bif_transport_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifRtcTransport *self = BIF_RTC_TRANSPORT (object);

  switch (id) {
    case PROP_MUX:
      g_value_set_object (value, self->mux);
      return;
    case PROP_ICE_AGENT:
      g_value_set_object (value, self->agent);
      return;
    case PROP_STATS:
      g_value_take_boxed (value, make_stats (self));
      return;
    default:
      break;
  }
  g_mutex_lock (&self->rx_lock);
  switch (id) {
    case PROP_LOCAL_UFRAG:
      g_value_set_string (value, self->ice.local.ufrag);
      break;
    case PROP_LOCAL_PWD:
      g_value_set_string (value, self->ice.local.pwd);
      break;
    case PROP_CONTROLLING:
      g_value_set_boolean (value, self->ice.controlling);
      break;
    case PROP_ICE_LITE:
      g_value_set_boolean (value, self->ice.lite);
      break;
    case PROP_BITRATE:
      g_value_set_uint (value, self->bitrate);
      break;
    case PROP_NO_MEDIA:
      g_value_set_uint (value, self->no_media_us / G_USEC_PER_SEC);
      break;
    case PROP_SLOW_LINK:
      g_value_set_uint (value, self->slow_link);
      break;
    case PROP_TWCC_PERIOD:
      g_value_set_uint (value, self->twcc_period_us / 1000);
      break;
    case PROP_CONSENT_TIMEOUT:
      g_value_set_uint (value, self->ice.consent.limit_us / G_USEC_PER_SEC);
      break;
    case PROP_REGULAR:
      g_value_set_boolean (value, self->ice.regular);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  g_mutex_unlock (&self->rx_lock);
}

static void
class_properties (GObjectClass * object_class)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags wo = G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS;

  props[PROP_MUX] = g_param_spec_object ("mux", "Media port",
      "The bifmux whose port is used", BIF_TYPE_MUX,
      rw | G_PARAM_CONSTRUCT_ONLY);
  props[PROP_ICE_AGENT] = g_param_spec_object ("ice-agent", "ICE agent",
      "For webrtcbin's property of that name", GST_TYPE_WEBRTC_ICE, ro);
  props[PROP_LOCAL_UFRAG] = g_param_spec_string ("local-ufrag", "Local ufrag",
      "ICE user name fragment to put into the SDP", NULL, ro);
  props[PROP_LOCAL_PWD] = g_param_spec_string ("local-pwd", "Local password",
      "ICE password to put into the SDP", NULL, ro);
  props[PROP_CONTROLLING] = g_param_spec_boolean ("controlling",
      "Controlling", "ICE role: whether this side offered", FALSE, rw);
  props[PROP_ICE_LITE] = g_param_spec_boolean ("ice-lite", "ICE lite",
      "Answer checks, send none", FALSE, rw);
  props[PROP_DECODER_KEY] = g_param_spec_boxed ("decoder-key", "Decoder key",
      "SRTP master key and salt of the peer, from dtlsdec", GST_TYPE_BUFFER,
      wo);
  props[PROP_ENCODER_KEY] = g_param_spec_boxed ("encoder-key", "Encoder key",
      "SRTP master key and salt of ours, from dtlsenc", GST_TYPE_BUFFER, wo);
  props[PROP_BITRATE] = g_param_spec_uint ("bitrate", "Bitrate",
      "What the peer may send, told by REMB, bit/s; 0: no cap", 0, G_MAXUINT,
      0, rw | GST_PARAM_MUTABLE_PLAYING);
  props[PROP_NO_MEDIA] = g_param_spec_uint ("no-media-timer",
      "No-media timer", "Silence after which bif-media is posted, s; 0: never",
      0, 3600, 1, rw | GST_PARAM_MUTABLE_PLAYING);
  props[PROP_SLOW_LINK] = g_param_spec_uint ("slowlink-threshold",
      "Slow-link threshold",
      "Packets lost in a second for bif-slow-link; 0: never", 0, G_MAXINT, 0,
      rw | GST_PARAM_MUTABLE_PLAYING);
  props[PROP_TWCC_PERIOD] = g_param_spec_uint ("twcc-period", "TWCC period",
      "Time between transport-wide congestion control feedback, ms", 1,
      G_MAXINT, 200, rw | GST_PARAM_MUTABLE_PLAYING);
  props[PROP_CONSENT_TIMEOUT] = g_param_spec_uint ("consent-timeout",
      "Consent timeout",
      "Time without an answer after which nothing is sent any more, s; the "
      "peer is asked six times in it; 0: it is not asked, 30 s without "
      "anything authentic count", 0, 3600, BIF_CONSENT_LIMIT_S, rw);
  props[PROP_REGULAR] = g_param_spec_boolean ("regular-nomination",
      "Regular nomination",
      "Where this side controls, nominate a path that has answered, rather "
      "than all that are checked", FALSE, rw);
  props[PROP_STATS] = g_param_spec_boxed ("stats", "Statistics",
      "Counters of the transport", GST_TYPE_STRUCTURE, ro);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

/* ---- GObject ---- */

static void
bif_transport_dispose (GObject * object)
{
  BifRtcTransport *self = BIF_RTC_TRANSPORT (object);

  action_close (self);
  if (self->agent != NULL)
    bif_ice_agent_close (self->agent);
  g_clear_object (&self->agent);
  g_clear_object (&self->mux);
  G_OBJECT_CLASS (bif_rtc_transport_parent_class)->dispose (object);
}

static void
bif_transport_finalize (GObject * object)
{
  BifRtcTransport *self = BIF_RTC_TRANSPORT (object);

  g_clear_pointer (&self->srtp_rx, bif_srtp_free);
  g_clear_pointer (&self->srtp_tx, bif_srtp_free);
  g_hash_table_unref (self->sources);
  g_free (self->twcc);
  g_free (self->estimate);
  g_ptr_array_unref (self->receivers);
  g_ptr_array_unref (self->senders);
  bif_path_clear (&self->ice.path);
  bif_path_clear (&self->path);
  g_clear_pointer (&self->nice, bif_nice_free);
  g_mutex_clear (&self->rx_lock);
  g_mutex_clear (&self->tx_lock);
  G_OBJECT_CLASS (bif_rtc_transport_parent_class)->finalize (object);
}

static void
bif_rtc_transport_class_init (BifRtcTransportClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (bif_transport_debug, "bif-transport", 0,
      "packet path of a peer");
  object_class->set_property = bif_transport_set_property;
  object_class->get_property = bif_transport_get_property;
  object_class->dispose = bif_transport_dispose;
  object_class->finalize = bif_transport_finalize;
  class_properties (object_class);
  class_actions (klass);
  gst_element_class_set_static_metadata (GST_ELEMENT_CLASS (klass),
      "WebRTC transport", "Network",
      "ICE, SRTP and RTCP of one PeerConnection", "Bifrons project");
}

static void
bif_rtc_transport_init (BifRtcTransport * self)
{
  bif_random_bytes (&self->serial, sizeof self->serial);
  self->due_us = G_MAXINT64;
  g_mutex_init (&self->rx_lock);
  g_mutex_init (&self->tx_lock);
  self->sources = g_hash_table_new_full (NULL, NULL, NULL,
      bif_source_free);
  self->receivers = g_ptr_array_new_with_free_func (g_object_unref);
  self->senders = g_ptr_array_new_with_free_func (g_object_unref);
  self->ssrc = g_random_int () | 1;
  self->no_media_us = G_USEC_PER_SEC;
  self->twcc_period_us = 200 * 1000;
  self->agent = bif_ice_agent_new (self);
  gst_object_ref_sink (self->agent);
  bif_ice_init (self);
}
