/* bridgesrc.c: bifbridgesrc: packets of a stream into a pipeline, through a
 * bounded queue that drops its oldest and counts what it dropped: a slow
 * pipeline never holds up the packet path. Keyframe requests of the pipeline go
 * back to the stream. */
#include "bridge.h"

#define QUEUE_PACKETS 512

struct _BifBridgeSrc
{
  GstPushSrc parent;

  /* object lock */
  BifStream *stream;            /* for the next READY to PAUSED */
  char *channel;                /* where there is none */
  BifStream *attached;          /* constant from READY to PAUSED until back */

  BifConsumer consumer;
  GMutex lock;                  /* guards the queue, behind a stream's lock */
  GCond cond;
  GQueue queue;                 /* of GstBuffer */
  gboolean flushing;
  guint64 dropped;
  GstCaps *caps;                /* streaming thread only */
};

enum
{
  PROP_0, PROP_STREAM, PROP_CHANNEL, PROP_DROPPED, N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BifBridgeSrc, bif_bridge_src, GST_TYPE_PUSH_SRC)

static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-rtp"));

/* Locked. */
static void
enqueue (BifBridgeSrc * self, const BifPacket * packet)
{
  GstBuffer *buffer;

  if (self->flushing)
    return;
  buffer = gst_buffer_new_memdup (packet->data, packet->size);
  GST_BUFFER_DTS (buffer) = packet->arrival_us * GST_USECOND;
  if (self->queue.length >= QUEUE_PACKETS) {
    gst_buffer_unref (g_queue_pop_head (&self->queue));
    self->dropped++;
  }
  g_queue_push_tail (&self->queue, buffer);
}

/* I/O thread, stream locked. */
static void
consume_packets (BifConsumer * consumer, const BifPacket * packets, guint n,
    BifBatch * batch)
{
  BifBridgeSrc *self = (BifBridgeSrc *) ((char *) consumer
      - G_STRUCT_OFFSET (BifBridgeSrc, consumer));

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < n; i++)
    enqueue (self, &packets[i]);
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->lock);
}

/* The arrival time as running time: the pipelines' clock is the system's
 * monotonic one, which packets are stamped with. */
static void
stamp (BifBridgeSrc * self, GstBuffer * buffer)
{
  GstClockTime base = gst_element_get_base_time (GST_ELEMENT (self));
  GstClockTime arrival = GST_BUFFER_DTS (buffer);

  GST_BUFFER_DTS (buffer) = GST_CLOCK_TIME_NONE;
  GST_BUFFER_PTS (buffer) = arrival > base ? arrival - base : 0;
}

static GstFlowReturn
bif_bridge_src_create (GstPushSrc * src, GstBuffer ** buffer)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (src);
  g_autoptr (GstCaps) caps = NULL;

  g_mutex_lock (&self->lock);
  while (self->queue.length == 0 && !self->flushing)
    g_cond_wait (&self->cond, &self->lock);
  *buffer = self->flushing ? NULL : g_queue_pop_head (&self->queue);
  g_mutex_unlock (&self->lock);
  if (*buffer == NULL)
    return GST_FLOW_FLUSHING;
  stamp (self, *buffer);
  caps = bif_stream_get_caps (self->attached);
  if (caps != self->caps && caps != NULL) {
    gst_caps_replace (&self->caps, caps);
    gst_base_src_set_caps (GST_BASE_SRC (self), caps);
  }
  return GST_FLOW_OK;
}

static gboolean
bif_bridge_src_start (GstBaseSrc * src)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (src);

  GST_OBJECT_LOCK (self);
  if (self->stream != NULL)
    self->attached = g_object_ref (self->stream);
  else if (self->channel != NULL)
    self->attached = bif_channel_get (self->channel);
  GST_OBJECT_UNLOCK (self);
  if (self->attached == NULL) {
    GST_ELEMENT_ERROR (self, RESOURCE, SETTINGS,
        ("No stream and no channel is set"), (NULL));
    return FALSE;
  }
  self->flushing = FALSE;
  bif_stream_add (self->attached, &self->consumer);
  return TRUE;
}

static gboolean
bif_bridge_src_stop (GstBaseSrc * src)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (src);

  bif_stream_remove (self->attached, &self->consumer);
  GST_OBJECT_LOCK (self);
  g_clear_object (&self->attached);
  GST_OBJECT_UNLOCK (self);
  g_queue_clear_full (&self->queue, (GDestroyNotify) gst_buffer_unref);
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

/* An event may come while the element stops. */
static void
ask_for_keyframe (BifBridgeSrc * self)
{
  g_autoptr (BifStream) stream = NULL;

  GST_OBJECT_LOCK (self);
  if (self->attached != NULL)
    stream = g_object_ref (self->attached);
  GST_OBJECT_UNLOCK (self);
  if (stream != NULL)
    bif_stream_request_keyframe (stream);
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

static void
bif_bridge_src_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  BifBridgeSrc *self = BIF_BRIDGE_SRC (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_STREAM:
      g_set_object (&self->stream, g_value_get_object (value));
      break;
    case PROP_CHANNEL:
      g_free (self->channel);
      self->channel = g_value_dup_string (value);
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
      g_value_set_object (value, self->stream);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_CHANNEL:
      GST_OBJECT_LOCK (self);
      g_value_set_string (value, self->channel);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_DROPPED:
      g_mutex_lock (&self->lock);
      g_value_set_uint64 (value, self->dropped);
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

  g_queue_clear_full (&self->queue, (GDestroyNotify) gst_buffer_unref);
  gst_clear_caps (&self->caps);
  g_clear_object (&self->stream);
  g_free (self->channel);
  g_mutex_clear (&self->lock);
  g_cond_clear (&self->cond);
  G_OBJECT_CLASS (bif_bridge_src_parent_class)->finalize (object);
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
  props[PROP_CHANNEL] = g_param_spec_string ("channel", "Channel",
      "Name of the bifbridgesink to take packets of, where no stream is set",
      NULL, rw | GST_PARAM_MUTABLE_READY);
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
  g_queue_init (&self->queue);
  self->consumer.packets = consume_packets;
  gst_base_src_set_live (GST_BASE_SRC (self), TRUE);
  gst_base_src_set_format (GST_BASE_SRC (self), GST_FORMAT_TIME);
}
