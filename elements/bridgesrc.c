/* bridgesrc.c: bifbridgesrc: packets of a stream into a pipeline, through a
 * bounded queue that drops its oldest and counts what it dropped: a slow
 * pipeline never holds up the packet path. Keyframe requests of the pipeline go
 * back to the stream. With a latency packets come in order; with source-time
 * they are stamped with when they were made, so that no jitter buffer is needed
 * where files are written. While muted nothing goes on, and time does. */
#include "bridge.h"
#include "bridge-layers.h"
#include "sender.h"
#include "packet/bytes.h"
#include "packet/reorder.h"
#include "packet/source-clock.h"

#define QUEUE_PACKETS 512
/* Keyframes of a better layer are asked for so often. */
#define ASK_INTERVAL_US (250 * 1000)
#define MAX_ASKS 8

/* What takes the packets of one layer. */
typedef struct
{
  BifConsumer consumer;         /* first: the input is found by it */
  BifBridgeSrc *source;         /* constant, as the next */
  guint substream;
  BifSourceClock clock;         /* streaming thread only, as the next */
  gint64 reference_us;          /* the sender report taken last */
} Input;

struct _BifBridgeSrc
{
  GstPushSrc parent;

  /* object lock */
  BifStream *streams[BIF_MAX_SUBSTREAMS];       /* for the next READY to
                                   PAUSED: layers, the lowest first */
  guint n_streams;
  char *channel;                /* where there is none */
  BifStream *attached[BIF_MAX_SUBSTREAMS];      /* constant from READY to
                                   PAUSED until back */
  guint n_attached;
  guint latency_ms;             /* set before READY to PAUSED */
  gboolean source_time;         /* likewise */

  Input inputs[BIF_MAX_SUBSTREAMS];
  GMutex lock;                  /* guards the queue, behind a stream's lock */
  GCond cond;
  BifReorder *queue;            /* of GstBuffer; NULL while stopped */
  BifBridgeLayers *layers;      /* where there is a choice, else NULL */
  gboolean muted, keyframe_after_mute, keyframe_after_loss;
  guint64 lost;                 /* as of the last packet that went on */
  guint asks_left;              /* for a keyframe that has not come; it may be
                                   one that cannot be told from others */
  gint64 asked_us;              /* when it was asked for last */
  gboolean resumes;             /* a mute has ended */
  gboolean waits_keyframe;      /* likewise: nothing goes on before one */
  guint64 count;                /* packets that came */
  gboolean flushing;
  guint64 dropped;              /* before this start */

  GstCaps *caps;                /* streaming thread only */
};

enum
{
  PROP_0, PROP_STREAM, PROP_STREAMS, PROP_CHANNEL, PROP_LATENCY,
  PROP_SOURCE_TIME, PROP_MUTED, PROP_KEYFRAME_AFTER_MUTE, PROP_KEYFRAME_AFTER_LOSS, PROP_DROPPED,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BifBridgeSrc, bif_bridge_src, GST_TYPE_PUSH_SRC)

static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-rtp"));

/* Lock held. (nullable) */
static GstBuffer *
take (BifBridgeSrc * self, const BifPacket * packet, guint substream,
    guint64 * index)
{
  if (self->flushing || self->muted)
    return NULL;
  *index = packet->index;
  return self->layers == NULL ?
      gst_buffer_new_memdup (packet->data, packet->size) :
      bif_bridge_layers_take (self->layers, packet, substream, index);
}

/* What follows a mute is nothing that goes on from what was before it. FALSE:
 * it must not go on yet. Lock held. */
static gboolean
resume (BifBridgeSrc * self, const BifPacket * packet, GstBuffer * buffer)
{
  if (self->waits_keyframe && !packet->keyframe)
    return FALSE;
  if (self->resumes)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT
        | GST_BUFFER_FLAG_RESYNC);
  self->resumes = self->waits_keyframe = FALSE;
  return TRUE;
}

/* Lock held. */
static void
enqueue (Input * input, const BifPacket * packet)
{
  BifBridgeSrc *self = input->source;
  GstBuffer *buffer;
  guint64 index;

  self->count++;
  buffer = take (self, packet, input->substream, &index);
  if (buffer == NULL)
    return;
  if (packet->keyframe)
    self->asks_left = 0;
  if (!resume (self, packet, buffer)) {
    gst_buffer_unref (buffer);
    return;
  }
  GST_BUFFER_DTS (buffer) = packet->arrival_us * GST_USECOND;
  GST_BUFFER_OFFSET (buffer) = packet->header.timestamp;
  GST_BUFFER_OFFSET_END (buffer) = input->substream;
  /* Without a latency they go on as they come. */
  bif_reorder_push (self->queue, self->latency_ms > 0 ? index : self->count,
      buffer, packet->arrival_us);
}

/* I/O thread, stream locked. */
static void
consume_packets (BifConsumer * consumer, const BifPacket * packets, guint n,
    BifBatch * batch)
{
  Input *input = (Input *) consumer;
  BifBridgeSrc *self = input->source;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < n; i++)
    enqueue (input, &packets[i]);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

/* When the packet was made. */
static GstClockTime
source_time (BifBridgeSrc * self, GstBuffer * buffer, GstClockTime arrival)
{
  guint substream = GST_BUFFER_OFFSET_END (buffer);
  Input *input = &self->inputs[substream];
  BifStream *stream = self->attached[substream];
  guint32 reference;
  gint64 reference_us, made_us;

  input->clock.clock_rate = bif_stream_clock_rate (stream);
  made_us = bif_source_clock_time (&input->clock, GST_BUFFER_OFFSET (buffer),
      arrival / GST_USECOND);
  if (bif_stream_get_reference (stream, &reference, &reference_us)
      && reference_us != input->reference_us) {
    input->reference_us = reference_us;
    bif_source_clock_sync (&input->clock, reference, reference_us);
    made_us = bif_source_clock_time (&input->clock, GST_BUFFER_OFFSET (buffer),
        arrival / GST_USECOND);
  }
  return MAX (made_us, 0) * GST_USECOND;
}

/* As running time: the pipelines' clock is the system's monotonic one, which
 * packets are stamped with. */
static void
stamp (BifBridgeSrc * self, GstBuffer * buffer)
{
  GstClockTime base = gst_element_get_base_time (GST_ELEMENT (self));
  GstClockTime time = GST_BUFFER_DTS (buffer);

  if (self->source_time)
    time = source_time (self, buffer, time);
  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_OFFSET (buffer) = GST_BUFFER_OFFSET_END (buffer) =
      GST_BUFFER_OFFSET_NONE;
  GST_BUFFER_PTS (buffer) = time > base ? time - base : 0;
}

/* Asks for a keyframe of the layer that should be taken. Lock not held. */
static void
ask_for_layer (BifBridgeSrc * self)
{
  int wanted;

  g_mutex_lock (&self->lock);
  wanted = bif_bridge_layers_waits (self->layers, g_get_monotonic_time ());
  g_mutex_unlock (&self->lock);
  if (wanted >= 0)
    bif_stream_request_keyframe (self->attached[wanted]);
}

/* An event may come while the element stops. */
static void
ask_for_keyframe (BifBridgeSrc * self)
{
  g_autoptr (BifStream) stream = NULL;
  guint current = 0;

  g_mutex_lock (&self->lock);
  if (self->layers != NULL)
    current = MAX (self->layers->layered.layers.substream, 0);
  g_mutex_unlock (&self->lock);
  GST_OBJECT_LOCK (self);
  if (current < self->n_attached)
    stream = g_object_ref (self->attached[current]);
  GST_OBJECT_UNLOCK (self);
  if (stream != NULL)
    bif_stream_request_keyframe (stream);
}

/* Whether a keyframe has to be asked for now and then. Lock held. */
static gboolean
asks (BifBridgeSrc * self)
{
  return self->layers != NULL
      || ((self->waits_keyframe || self->asks_left > 0) && !self->muted);
}

/* Where packets were given up since the last time. Lock held. */
static void
note_lost (BifBridgeSrc * self)
{
  guint64 before = self->lost;

  self->lost = bif_reorder_lost (self->queue);
  if (self->keyframe_after_loss && self->lost > before)
    self->asks_left = MAX_ASKS;
}

/* Whether it is time to ask for a keyframe. @late: nothing came. Lock held. */
static gboolean
needs_keyframe_now (BifBridgeSrc * self, gboolean late)
{
  if (self->flushing || self->muted)
    return FALSE;
  if (self->asks_left == 0)
    return self->waits_keyframe;
  if (!late && g_get_monotonic_time () < self->asked_us + ASK_INTERVAL_US)
    return FALSE;
  self->asked_us = g_get_monotonic_time ();
  self->asks_left--;
  return TRUE;
}

/* The next packet; NULL when flushing, or, where it asks, after a while.
 * @needs_keyframe: (out) */
static GstBuffer *
wait_for_packet (BifBridgeSrc * self, gboolean * flushing,
    gboolean * needs_keyframe)
{
  gint64 ask_us = g_get_monotonic_time () + ASK_INTERVAL_US, until_us;
  GstBuffer *buffer = NULL;

  g_mutex_lock (&self->lock);
  while (!self->flushing && (buffer = bif_reorder_pop (self->queue,
              g_get_monotonic_time (), &until_us)) == NULL) {
    if (asks (self) && g_get_monotonic_time () >= ask_us)
      break;
    if (asks (self))
      until_us = until_us < 0 ? ask_us : MIN (until_us, ask_us);
    if (until_us < 0)
      g_cond_wait (&self->cond, &self->lock);
    else
      g_cond_wait_until (&self->cond, &self->lock, until_us);
  }
  *flushing = self->flushing;
  if (!self->flushing)
    note_lost (self);
  *needs_keyframe = needs_keyframe_now (self, buffer == NULL);
  g_mutex_unlock (&self->lock);
  return buffer;
}

static GstFlowReturn
bif_bridge_src_create (GstPushSrc * src, GstBuffer ** buffer)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (src);
  g_autoptr (GstCaps) caps = NULL;
  gboolean flushing, needs_keyframe;

  do {
    *buffer = wait_for_packet (self, &flushing, &needs_keyframe);
    if (self->layers != NULL)
      ask_for_layer (self);
    if (needs_keyframe)
      ask_for_keyframe (self);
  } while (*buffer == NULL && !flushing);
  if (*buffer == NULL)
    return GST_FLOW_FLUSHING;
  stamp (self, *buffer);
  caps = bif_stream_get_caps (self->attached[0]);
  if (caps != self->caps && caps != NULL) {
    gst_caps_replace (&self->caps, caps);
    gst_base_src_set_caps (GST_BASE_SRC (self), caps);
  }
  return GST_FLOW_OK;
}

/* Object lock held. */
static void
choose_streams (BifBridgeSrc * self)
{
  for (guint i = 0; i < self->n_streams; i++)
    self->attached[i] = g_object_ref (self->streams[i]);
  self->n_attached = self->n_streams;
  if (self->n_streams == 0 && self->channel != NULL) {
    self->attached[0] = bif_channel_get (self->channel);
    self->n_attached = 1;
  }
}

static gboolean
bif_bridge_src_start (GstBaseSrc * src)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (src);

  GST_OBJECT_LOCK (self);
  choose_streams (self);
  GST_OBJECT_UNLOCK (self);
  if (self->n_attached == 0) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("No stream and no channel is set"), (NULL));
    return FALSE;
  }
  self->flushing = FALSE;
  self->lost = 0;
  self->asked_us = g_get_monotonic_time ();     /* by being added */
  self->asks_left = self->keyframe_after_loss ? MAX_ASKS : 0;
  self->queue = bif_reorder_new (self->latency_ms * 1000, QUEUE_PACKETS,
      (GDestroyNotify) gst_buffer_unref);
  if (self->n_attached > 1) {
    self->layers = g_new (BifBridgeLayers, 1);
    bif_bridge_layers_init (self->layers, self->n_attached,
        bif_stream_clock_rate (self->attached[0]));
  }
  for (guint i = 0; i < self->n_attached; i++) {
    self->inputs[i].clock = (BifSourceClock) { 0 };
    self->inputs[i].reference_us = 0;
    bif_stream_add (self->attached[i], &self->inputs[i].consumer);
  }
  return TRUE;
}

static gboolean
bif_bridge_src_stop (GstBaseSrc * src)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (src);

  for (guint i = 0; i < self->n_attached; i++)
    bif_stream_remove (self->attached[i], &self->inputs[i].consumer);
  GST_OBJECT_LOCK (self);
  for (guint i = 0; i < self->n_attached; i++)
    g_clear_object (&self->attached[i]);
  self->n_attached = 0;
  GST_OBJECT_UNLOCK (self);
  g_mutex_lock (&self->lock);
  self->dropped += bif_reorder_dropped (self->queue);
  g_clear_pointer (&self->queue, bif_reorder_free);
  g_clear_pointer (&self->layers, g_free);
  g_mutex_unlock (&self->lock);
  gst_clear_caps (&self->caps);
  return TRUE;
}

static gboolean
set_flushing (BifBridgeSrc * self, gboolean flushing)
{
  g_mutex_lock (&self->lock);
  self->flushing = flushing;
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static gboolean
bif_bridge_src_unlock (GstBaseSrc * src)
{
  return set_flushing (BIF_BRIDGE_SRC (src), TRUE);
}

static gboolean
bif_bridge_src_unlock_stop (GstBaseSrc * src)
{
  return set_flushing (BIF_BRIDGE_SRC (src), FALSE);
}

/* Caps come with the first packet: until then, whatever the template allows. */
static gboolean
bif_bridge_src_negotiate (GstBaseSrc * src)
{
  return TRUE;
}

static gboolean
bif_bridge_src_event (GstBaseSrc * src, GstEvent * event)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (src);

  if (GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM
      && gst_event_has_name (event, "GstForceKeyUnit")) {
    ask_for_keyframe (self);
    return TRUE;
  }
  return GST_BASE_SRC_CLASS (bif_bridge_src_parent_class)->event (src, event);
}

/* Object lock held. */
static void
keep_streams (BifBridgeSrc * self, BifStream * const *streams, guint n)
{
  for (guint i = 0; i < BIF_MAX_SUBSTREAMS; i++) {
    BifStream *stream = i < n ? streams[i] : NULL;

    g_set_object (&self->streams[i], stream);
  }
  self->n_streams = n;
}

/* What is asked for at the end of a mute is there the sooner. */
static void
set_muted (BifBridgeSrc * self, gboolean muted)
{
  gboolean ends;

  g_mutex_lock (&self->lock);
  ends = self->muted && !muted;
  self->muted = muted;
  self->resumes = self->resumes || ends;
  self->waits_keyframe = self->waits_keyframe
      || (ends && self->keyframe_after_mute);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
  if (ends)
    ask_for_keyframe (self);
}

/* FALSE: it is no property of the queue. */
static gboolean
set_queue_property (BifBridgeSrc * self, guint id, const GValue * value)
{
  switch (id) {
    case PROP_MUTED:
      set_muted (self, g_value_get_boolean (value));
      return TRUE;
    case PROP_KEYFRAME_AFTER_MUTE:
      g_mutex_lock (&self->lock);
      self->keyframe_after_mute = g_value_get_boolean (value);
      g_mutex_unlock (&self->lock);
      return TRUE;
    case PROP_KEYFRAME_AFTER_LOSS:
      g_mutex_lock (&self->lock);
      self->keyframe_after_loss = g_value_get_boolean (value);
      g_mutex_unlock (&self->lock);
      return TRUE;
    default:
      return FALSE;
  }
}

static void
bif_bridge_src_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (object);
  BifStream *streams[BIF_MAX_SUBSTREAMS];

  if (set_queue_property (self, id, value))
    return;
  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_STREAM:
      streams[0] = g_value_get_object (value);
      keep_streams (self, streams, streams[0] != NULL);
      break;
    case PROP_STREAMS:
      keep_streams (self, streams, bif_streams_from_value (value, streams));
      break;
    case PROP_CHANNEL:
      g_free (self->channel);
      self->channel = g_value_dup_string (value);
      break;
    case PROP_LATENCY:
      self->latency_ms = g_value_get_uint (value);
      break;
    case PROP_SOURCE_TIME:
      self->source_time = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
bif_bridge_src_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (object);

  switch (id) {
    case PROP_STREAM:
      GST_OBJECT_LOCK (self);
      g_value_set_object (value, self->streams[0]);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_STREAMS:
      GST_OBJECT_LOCK (self);
      bif_streams_to_value (self->streams, self->n_streams, value);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_CHANNEL:
      GST_OBJECT_LOCK (self);
      g_value_set_string (value, self->channel);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_LATENCY:
      g_value_set_uint (value, self->latency_ms);
      break;
    case PROP_SOURCE_TIME:
      g_value_set_boolean (value, self->source_time);
      break;
    case PROP_MUTED:
    case PROP_KEYFRAME_AFTER_MUTE:
    case PROP_KEYFRAME_AFTER_LOSS:
      g_mutex_lock (&self->lock);
      g_value_set_boolean (value, id == PROP_MUTED ? self->muted :
          id == PROP_KEYFRAME_AFTER_MUTE ? self->keyframe_after_mute :
          self->keyframe_after_loss);
      g_mutex_unlock (&self->lock);
      break;
    case PROP_DROPPED:
      g_mutex_lock (&self->lock);
      g_value_set_uint64 (value, self->dropped + (self->queue != NULL ?
              bif_reorder_dropped (self->queue) : 0));
      g_mutex_unlock (&self->lock);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
bif_bridge_src_finalize (GObject * object)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (object);

  g_clear_pointer (&self->queue, bif_reorder_free);
  gst_clear_caps (&self->caps);
  keep_streams (self, NULL, 0);
  g_free (self->channel);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  G_OBJECT_CLASS (bif_bridge_src_parent_class)->finalize (object);
}

static void
install_mute_properties (GObjectClass * object_class)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  props[PROP_MUTED] = g_param_spec_boolean ("muted", "Muted",
      "Nothing goes on: a gap in time", FALSE, rw);
  props[PROP_KEYFRAME_AFTER_MUTE] =
      g_param_spec_boolean ("keyframe-after-mute", "Keyframe after mute",
      "Video goes on with a keyframe, which is asked for", FALSE, rw);
  props[PROP_KEYFRAME_AFTER_LOSS] =
      g_param_spec_boolean ("keyframe-after-loss", "Keyframe after loss",
      "At the start, and where packets do not come within the latency, a keyframe "
      "is asked for, some times until it comes", FALSE, rw);
}

static void
bif_bridge_src_class_init (BifBridgeSrcClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSrcClass *src_class = GST_BASE_SRC_CLASS (klass);
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = bif_bridge_src_set_property;
  object_class->get_property = bif_bridge_src_get_property;
  object_class->finalize = bif_bridge_src_finalize;
  src_class->start = bif_bridge_src_start;
  src_class->stop = bif_bridge_src_stop;
  src_class->unlock = bif_bridge_src_unlock;
  src_class->unlock_stop = bif_bridge_src_unlock_stop;
  src_class->negotiate = bif_bridge_src_negotiate;
  src_class->event = bif_bridge_src_event;
  GST_PUSH_SRC_CLASS (klass)->create = bif_bridge_src_create;
  props[PROP_STREAM] = g_param_spec_object ("stream", "Stream",
      "The packet path's stream to take packets of", BIF_TYPE_STREAM,
      rw | GST_PARAM_MUTABLE_READY);
  props[PROP_STREAMS] = gst_param_spec_array ("streams", "Streams",
      "The simulcast layers of one source, the lowest first: the best there is "
      "goes on as one stream",
      g_param_spec_object ("stream", "Stream", "A layer", BIF_TYPE_STREAM, rw),
      rw | GST_PARAM_MUTABLE_READY);
  props[PROP_CHANNEL] = g_param_spec_string ("channel", "Channel",
      "Name of the bifbridgesink to take packets of, where no stream is set",
      NULL, rw | GST_PARAM_MUTABLE_READY);
  props[PROP_LATENCY] = g_param_spec_uint ("latency", "Latency",
      "How long a packet waits for those before it, ms; 0: packets go on as "
      "they come", 0, 10000, 0, rw | GST_PARAM_MUTABLE_READY);
  props[PROP_SOURCE_TIME] = g_param_spec_boolean ("source-time",
      "Source time", "Packets are stamped with when they were made, not with "
      "when they came", FALSE, rw | GST_PARAM_MUTABLE_READY);
  install_mute_properties (object_class);
  props[PROP_DROPPED] = g_param_spec_uint64 ("dropped", "Dropped",
      "Packets dropped because the pipeline was slow", 0, G_MAXUINT64, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "Bridge source",
      "Source/Network/RTP", "RTP packets of a stream of the packet path",
      "Bifrons project");
}

static void
bif_bridge_src_init (BifBridgeSrc * self)
{
  g_mutex_init (&self->lock);
  g_cond_init (&self->cond);
  for (guint i = 0; i < BIF_MAX_SUBSTREAMS; i++) {
    self->inputs[i].consumer.packets = consume_packets;
    self->inputs[i].source = self;
    self->inputs[i].substream = i;
  }
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}
