/* sender.c: a subscriber's side of a stream, or of the layers of one: what it
 * is attached to and how it is set up, by the application's threads; keyframes
 * it needs, on the timer's. */
#include "sender.h"
#include "transport.h"
#include "receiver.h"

#include <string.h>

enum
{
  PROP_0, PROP_DESCRIPTION, PROP_SOURCE, PROP_SOURCES, PROP_ACTIVE,
  PROP_PLAYOUT_MIN, PROP_PLAYOUT_MAX, PROP_SUBSTREAM, PROP_TEMPORAL,
  PROP_FALLBACK, PROP_CURRENT_SUBSTREAM, PROP_CURRENT_TEMPORAL,
  PROP_TEMPORAL_LAYERS, PROP_SPATIAL_LAYER, PROP_TEMPORAL_LAYER, PROP_LAYERS,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BifSender, bif_sender, G_TYPE_OBJECT)

/* ---- keyframes and layers ---- */

BifStream *
bif_sender_current (BifSender * self)
{
  if (self->layered != NULL && self->layered->layers.substream > 0)
    return self->sources[self->layered->layers.substream];
  return self->sources[0];
}

/* The layer that should be sent; where nothing was heard, that which is wished
 * for. Send lock held. */
static BifStream *
wanted_source (BifSender * self, gint64 now_us)
{
  int wanted;

  if (self->layered == NULL || self->layered->is_svc)
    return self->sources[0];
  wanted = bif_layers_wanted (&self->layered->layers, now_us);
  return self->sources[wanted >= 0 ? wanted
      : (int) MIN (self->target_substream, self->n_sources - 1)];
}

static gboolean
waits (BifSender * self, gint64 now_us)
{
  if (self->layered == NULL)
    return self->wait_keyframe;
  if (self->layered->is_svc)
    return bif_svc_waits (&self->layered->svc, now_us);
  return self->layered->layers.substream < 0
      || bif_layers_wanted (&self->layered->layers, now_us)
      != self->layered->layers.substream;
}

/* @current: of the layer that is sent, else of the one that should be. */
static void
request_keyframe (BifSender * self, gboolean current, gint64 now_us)
{
  g_autoptr (BifStream) source = NULL;

  if (self->transport == NULL)
    return;
  g_mutex_lock (&self->transport->tx_lock);
  if (self->sources[0] != NULL && self->active) {
    if (current && self->layered != NULL
        && self->layered->layers.substream >= 0)
      source = g_object_ref (bif_sender_current (self));
    else if (current || waits (self, now_us))
      source = g_object_ref (wanted_source (self, now_us));
  }
  g_mutex_unlock (&self->transport->tx_lock);
  if (source != NULL)
    bif_stream_request_keyframe (source);
}

void
bif_sender_request_keyframe (BifSender * self)
{
  request_keyframe (self, TRUE, g_get_monotonic_time ());
}

/* Send lock held. */
static BifSenderLayers
current_layers (BifSender * self)
{
  const BifLayered *layered = self->layered;
  BifSenderLayers now = { -1, -1, -1, 0, 0 };

  if (layered == NULL)
    return now;
  if (layered->is_svc) {
    now.spatial = bif_svc_spatial (&layered->svc);
    now.temporal = bif_svc_temporal (&layered->svc);
    now.n_spatial = layered->svc.total_spatial;
    now.n_temporal = layered->svc.total_temporal;
  } else {
    now.substream = layered->layers.substream;
    now.temporal = layered->layers.temporal;
    now.n_temporal = layered->layers.total_temporal;
  }
  return now;
}

static GstStructure *
describe_layers (BifSender * self, const BifSenderLayers * layers)
{
  return gst_structure_new ("bif-layer", "mid", G_TYPE_STRING, self->mid,
      "substream", G_TYPE_INT, layers->substream,
      "spatial", G_TYPE_INT, layers->spatial,
      "temporal", G_TYPE_INT, layers->temporal,
      "spatial-layers", G_TYPE_INT, layers->n_spatial,
      "temporal-layers", G_TYPE_INT, layers->n_temporal, NULL);
}

/* Returns: (transfer full) (nullable): news of the layers, once for each. */
static GstStructure *
take_news (BifSender * self)
{
  GstStructure *news = NULL;
  BifSenderLayers now;

  g_mutex_lock (&self->transport->tx_lock);
  now = current_layers (self);
  if ((now.substream >= 0 || now.spatial >= 0)
      && (now.substream != self->posted.substream
          || now.spatial != self->posted.spatial
          || now.temporal != self->posted.temporal)) {
    self->posted = now;
    news = describe_layers (self, &now);
  }
  g_mutex_unlock (&self->transport->tx_lock);
  return news;
}

void
bif_sender_tick (BifSender * self, gint64 now_us)
{
  GstStructure *news;

  if (self->transport == NULL)
    return;
  if (self->wait_keyframe || self->layered != NULL)
    request_keyframe (self, FALSE, now_us);
  news = take_news (self);
  if (news != NULL)
    bif_transport_post (self->transport, news);
}

static void
copy_targets (BifSender * self)
{
  if (self->layered == NULL)
    return;
  self->layered->layers.target_substream = self->target_substream;
  self->layered->layers.target_temporal = self->target_temporal;
  self->layered->layers.fallback_us = self->fallback_us;
  self->layered->svc.target_spatial = self->target_spatial_layer;
  self->layered->svc.target_temporal = self->target_temporal_layer;
  self->layered->svc.fallback_us = self->fallback_us;
}

static void
set_target (BifSender * self, guint * target, guint value)
{
  GMutex *lock = self->transport ? &self->transport->tx_lock : NULL;

  if (lock != NULL)
    g_mutex_lock (lock);
  *target = value;
  copy_targets (self);
  if (lock != NULL)
    g_mutex_unlock (lock);
  request_keyframe (self, FALSE, g_get_monotonic_time ());
}

/* ---- set-up ---- */

static void
set_wait (BifSender * self)
{
  if (self->layered != NULL)
    bif_layered_restart (self->layered);
  else
    bif_rewrite_pause (&self->rewrite);
  self->wait_keyframe = self->layered == NULL && self->video
      && self->sources[0] != NULL
      && bif_stream_codec (self->sources[0]) != BIF_CODEC_OTHER;
}

gboolean
bif_sender_has_sources (BifSender * self, BifStream * const *sources, guint n)
{
  gboolean same;

  g_mutex_lock (&self->source_lock);
  same = n == self->n_sources;
  for (guint i = 0; same && i < n; i++)
    same = sources[i] == self->sources[i];
  g_mutex_unlock (&self->source_lock);
  return same;
}

/* Whether its packets may be of several layers. */
static gboolean
is_scalable (BifStream * source)
{
  BifCodec codec = bif_stream_codec (source);

  return codec == BIF_CODEC_VP9 || codec == BIF_CODEC_AV1;
}

/* Source lock and, where there is one, send lock held. */
static void
replace_sources (BifSender * self, BifStream * const *sources, guint n)
{
  bif_rewrite_pause (&self->rewrite);
  g_clear_pointer (&self->layered, g_free);
  for (guint i = 0; i < BIF_MAX_SUBSTREAMS; i++)
    self->sources[i] = i < n ? g_object_ref (sources[i]) : NULL;
  self->n_sources = n;
  if (n > 0)
    self->rewrite.clock_rate = bif_stream_clock_rate (sources[0]);
  if (n > 1 || (n == 1 && is_scalable (sources[0]))) {
    self->layered = g_new (BifLayered, 1);
    bif_layered_init (self->layered, &self->rewrite, n);
    copy_targets (self);
  }
  set_wait (self);
}

void
bif_sender_set_sources (BifSender * self, BifStream * const *sources, guint n)
{
  BifStream *old[BIF_MAX_SUBSTREAMS];

  n = MIN (n, BIF_MAX_SUBSTREAMS);
  g_mutex_lock (&self->source_lock);
  for (guint i = 0; i < self->n_sources; i++)
    bif_stream_remove (self->sources[i], &self->inputs[i].consumer);
  memcpy (old, self->sources, sizeof old);
  if (self->transport != NULL)
    g_mutex_lock (&self->transport->tx_lock);
  replace_sources (self, sources, n);
  if (self->transport != NULL)
    g_mutex_unlock (&self->transport->tx_lock);
  for (guint i = 0; i < n; i++)
    bif_stream_add (sources[i], &self->inputs[i].consumer);
  g_mutex_unlock (&self->source_lock);
  for (guint i = 0; i < BIF_MAX_SUBSTREAMS; i++)
    g_clear_object (&old[i]);
}

void
bif_sender_set_source (BifSender * self, BifStream * source)
{
  bif_sender_set_sources (self, &source, source != NULL ? 1 : 0);
}

guint
bif_streams_from_value (const GValue * value, BifStream ** streams)
{
  guint n = MIN (gst_value_array_get_size (value), BIF_MAX_SUBSTREAMS);

  for (guint i = 0; i < n; i++) {
    streams[i] = g_value_get_object (gst_value_array_get_value (value, i));
    if (streams[i] == NULL)
      return i;
  }
  return n;
}

void
bif_streams_to_value (BifStream * const *streams, guint n, GValue * value)
{
  for (guint i = 0; i < n; i++) {
    GValue stream = G_VALUE_INIT;

    g_value_init (&stream, BIF_TYPE_STREAM);
    g_value_set_object (&stream, streams[i]);
    gst_value_array_append_and_take_value (value, &stream);
  }
}

void
bif_sender_set_active (BifSender * self, gboolean active)
{
  if (self->transport == NULL)
    return;
  g_mutex_lock (&self->transport->tx_lock);
  if (self->active != active) {
    self->active = active;
    set_wait (self);
  }
  g_mutex_unlock (&self->transport->tx_lock);
  if (active)
    bif_sender_request_keyframe (self);
}

void
bif_sender_describe (BifSender * self, const GstStructure * rtp)
{
  guint value = 0;

  self->changed_at = self->rewrite.highest;
  g_free (self->mid);
  self->mid = g_strdup (gst_structure_get_string (rtp, "mid"));
  g_free (self->media);
  self->media = g_strdup (gst_structure_get_string (rtp, "media"));
  self->video = g_strcmp0 (self->media, "video") == 0;
  gst_structure_get_uint (rtp, "payload", &value);
  self->payload_type = value;
  value = 0;
  gst_structure_get_uint (rtp, "rtx-payload", &value);
  self->rtx_payload_type = value;
  gst_structure_get_uint (rtp, "ssrc", &self->ssrc);
  gst_structure_get_uint (rtp, "rtx-ssrc", &self->rtx_ssrc);
  gst_structure_get_boolean (rtp, "nack", &self->nack);
  memset (&self->ext_map, 0, sizeof self->ext_map);
  bif_ext_map_read (&self->ext_map, rtp);
  if (self->rewrite.clock_rate == 0)
    gst_structure_get_uint (rtp, "clock-rate", &self->rewrite.clock_rate);
}

/* ---- GObject ---- */

static void
describe (BifSender * self, const GstStructure * rtp)
{
  if (rtp == NULL || self->transport == NULL)
    return;
  g_mutex_lock (&self->transport->tx_lock);
  bif_sender_describe (self, rtp);
  g_mutex_unlock (&self->transport->tx_lock);
}

static void
set_sources (BifSender * self, const GValue * value)
{
  BifStream *streams[BIF_MAX_SUBSTREAMS];
  guint n = bif_streams_from_value (value, streams);

  bif_sender_set_sources (self, streams, n);
}

static void
set_playout (BifSender * self, int *delay_ms, int value)
{
  GMutex *lock = self->transport ? &self->transport->tx_lock : NULL;

  if (lock != NULL)
    g_mutex_lock (lock);
  if (*delay_ms != value)
    self->changed_at = self->rewrite.highest;
  *delay_ms = value;
  if (lock != NULL)
    g_mutex_unlock (lock);
}

static void
bif_sender_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  BifSender *self = BIF_SENDER (object);

  switch (id) {
    case PROP_DESCRIPTION:
      describe (self, gst_value_get_structure (value));
      break;
    case PROP_SOURCE:
      bif_sender_set_source (self, g_value_get_object (value));
      break;
    case PROP_SOURCES:
      set_sources (self, value);
      break;
    case PROP_SUBSTREAM:
      set_target (self, &self->target_substream, g_value_get_uint (value));
      break;
    case PROP_TEMPORAL:
      set_target (self, &self->target_temporal, g_value_get_uint (value));
      break;
    case PROP_FALLBACK:
      set_target (self, &self->fallback_us, g_value_get_uint (value));
      break;
    case PROP_SPATIAL_LAYER:
      set_target (self, &self->target_spatial_layer,
          g_value_get_uint (value));
      break;
    case PROP_TEMPORAL_LAYER:
      set_target (self, &self->target_temporal_layer,
          g_value_get_uint (value));
      break;
    case PROP_ACTIVE:
      bif_sender_set_active (self, g_value_get_boolean (value));
      break;
    case PROP_PLAYOUT_MIN:
      set_playout (self, &self->playout_min_ms, g_value_get_int (value));
      break;
    case PROP_PLAYOUT_MAX:
      set_playout (self, &self->playout_max_ms, g_value_get_int (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
get_current (BifSender * self, guint id, GValue * value)
{
  GMutex *lock = self->transport ? &self->transport->tx_lock : NULL;
  BifSenderLayers now;

  if (lock != NULL)
    g_mutex_lock (lock);
  now = current_layers (self);
  if (id == PROP_LAYERS)
    g_value_take_boxed (value, describe_layers (self, &now));
  else if (id == PROP_TEMPORAL_LAYERS)
    g_value_set_int (value, now.n_temporal);
  else if (id == PROP_CURRENT_TEMPORAL)
    g_value_set_int (value, now.temporal);
  else
    g_value_set_int (value, now.substream);
  if (lock != NULL)
    g_mutex_unlock (lock);
}

static void
bif_sender_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifSender *self = BIF_SENDER (object);

  switch (id) {
    case PROP_SOURCE:
      g_mutex_lock (&self->source_lock);
      g_value_set_object (value, self->sources[0]);
      g_mutex_unlock (&self->source_lock);
      break;
    case PROP_SOURCES:
      g_mutex_lock (&self->source_lock);
      bif_streams_to_value (self->sources, self->n_sources, value);
      g_mutex_unlock (&self->source_lock);
      break;
    case PROP_SUBSTREAM:
      g_value_set_uint (value, self->target_substream);
      break;
    case PROP_TEMPORAL:
      g_value_set_uint (value, self->target_temporal);
      break;
    case PROP_FALLBACK:
      g_value_set_uint (value, self->fallback_us);
      break;
    case PROP_SPATIAL_LAYER:
      g_value_set_uint (value, self->target_spatial_layer);
      break;
    case PROP_TEMPORAL_LAYER:
      g_value_set_uint (value, self->target_temporal_layer);
      break;
    case PROP_LAYERS:
    case PROP_CURRENT_SUBSTREAM:
    case PROP_CURRENT_TEMPORAL:
    case PROP_TEMPORAL_LAYERS:
      get_current (self, id, value);
      break;
    case PROP_ACTIVE:
      g_value_set_boolean (value, self->active);
      break;
    case PROP_PLAYOUT_MIN:
      g_value_set_int (value, self->playout_min_ms);
      break;
    case PROP_PLAYOUT_MAX:
      g_value_set_int (value, self->playout_max_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
bif_sender_dispose (GObject * object)
{
  bif_sender_set_source (BIF_SENDER (object), NULL);
  G_OBJECT_CLASS (bif_sender_parent_class)->dispose (object);
}

static void
bif_sender_finalize (GObject * object)
{
  BifSender *self = BIF_SENDER (object);

  g_free (self->mid);
  g_free (self->media);
  g_free (self->resent_at);
  g_free (self->layered);
  g_free (self->sent);
  g_mutex_clear (&self->source_lock);
  G_OBJECT_CLASS (bif_sender_parent_class)->finalize (object);
}

static void
class_layer_properties (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  props[PROP_SOURCES] = gst_param_spec_array ("sources", "Sources",
      "The simulcast layers of which one is sent, the lowest first",
      g_param_spec_object ("stream", "Stream", "A layer", BIF_TYPE_STREAM, rw),
      rw);
  props[PROP_SUBSTREAM] = g_param_spec_uint ("substream", "Substream",
      "Simulcast layer wanted, 0: the lowest", 0, BIF_MAX_SUBSTREAMS - 1,
      BIF_MAX_SUBSTREAMS - 1, rw);
  props[PROP_TEMPORAL] = g_param_spec_uint ("temporal", "Temporal layer",
      "Temporal layer wanted, of simulcast layers", 0, BIF_MAX_TEMPORAL - 1,
      BIF_MAX_TEMPORAL - 1, rw);
  props[PROP_FALLBACK] = g_param_spec_uint ("fallback", "Fallback",
      "Silence of a simulcast layer after which a lower one is sent, us; 0: "
      "250000", 0, G_MAXUINT, BIF_LAYERS_FALLBACK_US, rw);
  props[PROP_CURRENT_SUBSTREAM] = g_param_spec_int ("current-substream",
      "Current substream", "Simulcast layer that is sent; -1: none", -1,
      BIF_MAX_SUBSTREAMS - 1, -1, ro);
  props[PROP_CURRENT_TEMPORAL] = g_param_spec_int ("current-temporal",
      "Current temporal layer",
      "Highest temporal layer that is sent; -1: there is none", -1,
      BIF_MAX_TEMPORAL - 1, -1, ro);
  props[PROP_TEMPORAL_LAYERS] = g_param_spec_int ("temporal-layers",
      "Temporal layers", "Seen in what is sent; 0: the source does not tell", 0,
      BIF_DD_MAX_TEMPORAL, 0, ro);
  props[PROP_SPATIAL_LAYER] = g_param_spec_uint ("spatial-layer",
      "Spatial layer", "Spatial layer wanted, of a scalable source", 0,
      BIF_MAX_SUBSTREAMS - 1, BIF_MAX_SUBSTREAMS - 1, rw);
  props[PROP_TEMPORAL_LAYER] = g_param_spec_uint ("temporal-layer",
      "Temporal layer of SVC", "Temporal layer wanted, of a scalable source",
      0, BIF_MAX_TEMPORAL - 1, BIF_MAX_TEMPORAL - 1, rw);
  props[PROP_LAYERS] = g_param_spec_boxed ("layers", "Layers",
      "What is sent now: substream, spatial, temporal (-1: none is known), "
      "spatial-layers, temporal-layers (0: it does not tell)",
      GST_TYPE_STRUCTURE, ro);
}

static void
bif_sender_class_init (BifSenderClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = bif_sender_set_property;
  object_class->get_property = bif_sender_get_property;
  object_class->dispose = bif_sender_dispose;
  object_class->finalize = bif_sender_finalize;
  props[PROP_DESCRIPTION] = g_param_spec_boxed ("description", "Description",
      "The m-line, in the fields of application/x-rtp caps",
      GST_TYPE_STRUCTURE, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_SOURCE] = g_param_spec_object ("source", "Source",
      "The stream that is sent", BIF_TYPE_STREAM, rw);
  props[PROP_ACTIVE] = g_param_spec_boolean ("active", "Active",
      "Whether packets go out", TRUE, rw);
  props[PROP_PLAYOUT_MIN] = g_param_spec_int ("playout-delay-min",
      "Least playout delay", "ms; below zero: as the source has it", -1,
      40950, -1, rw);
  props[PROP_PLAYOUT_MAX] = g_param_spec_int ("playout-delay-max",
      "Most playout delay", "ms; below zero: as the source has it", -1,
      40950, -1, rw);
  class_layer_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
bif_sender_init (BifSender * self)
{
  g_mutex_init (&self->source_lock);
  for (guint i = 0; i < BIF_MAX_SUBSTREAMS; i++) {
    self->inputs[i].consumer.packets = bif_sender_consume;
    self->inputs[i].consumer.replays = TRUE;
    self->inputs[i].sender = self;
    self->inputs[i].substream = i;
  }
  self->target_substream = BIF_MAX_SUBSTREAMS - 1;
  self->target_temporal = BIF_MAX_TEMPORAL - 1;
  self->fallback_us = BIF_LAYERS_FALLBACK_US;
  self->target_spatial_layer = BIF_MAX_SUBSTREAMS - 1;
  self->target_temporal_layer = BIF_MAX_TEMPORAL - 1;
  self->posted = (BifSenderLayers) { -1, -1, -1, 0, 0 };
  self->active = TRUE;
  self->playout_min_ms = self->playout_max_ms = -1;
  self->rtx_index = g_random_int_range (0, 0x8000);
}

BifSender *
bif_sender_new (BifRtcTransport * transport)
{
  BifSender *self = g_object_new (BIF_TYPE_SENDER, NULL);

  self->transport = transport;
  return self;
}
