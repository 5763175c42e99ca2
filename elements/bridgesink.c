/* bridgesink.c: bifbridgesink: a pipeline's RTP becomes a stream of the packet
 * path, which any number of subscribers relay and bridges read. Their keyframe
 * requests go up the pipeline. Streaming thread. */
#include "bridge.h"
#include "packet/bytes.h"
#include "packet/stats.h"

#include <gst/video/video-event.h>
#include <string.h>

#define REFERENCE_INTERVAL_US G_USEC_PER_SEC

struct _BifBridgeSink
{
  GstBaseSink parent;

  BifStream *stream;            /* object lock; made at the latest in start */
  char *channel;                /* object lock */
  gboolean restamp;             /* object lock */
  guint replay_s;               /* object lock */
  BifExtMap ext_map;            /* streaming thread only, as the rest */
  BifReceiveStats stats;
  guint32 ssrc;
  gint64 referred_us;           /* when the stream was told its time last */
  BifBatch *batch;
  /* of restamp */
  gboolean restamps, flushed;
  GstClockTime last_pts;
  guint32 timestamp;            /* of what has that PTS */
  guint16 sequence, shift;      /* the last one sent; added to what comes */
};

enum
{
  PROP_0, PROP_STREAM, PROP_CHANNEL, PROP_RESTAMP, PROP_REPLAY, N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BifBridgeSink, bif_bridge_sink, GST_TYPE_BASE_SINK)

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-rtp"));

/* ---- channels ---- */

static GMutex channels_lock;    /* guards the table below; innermost */
static GHashTable *channels;    /* char * -> GWeakRef *: names are the process's,
                                   as those of inter elements are */

static void
weak_ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

BifStream *
bif_channel_get (const char *channel)
{
  BifStream *stream;
  GWeakRef *ref;

  g_mutex_lock (&channels_lock);
  if (channels == NULL)
    channels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
        weak_ref_free);
  ref = g_hash_table_lookup (channels, channel);
  stream = ref != NULL ? g_weak_ref_get (ref) : NULL;
  if (stream == NULL) {
    stream = bif_stream_new (BIF_CODEC_OTHER, 90000);
    ref = g_new0 (GWeakRef, 1);
    g_weak_ref_init (ref, stream);
    g_hash_table_replace (channels, g_strdup (channel), ref);
  }
  g_mutex_unlock (&channels_lock);
  return stream;
}

/* ---- element ---- */

static void
ask_upstream_any_thread (gpointer user_data)
{
  GstElement *self = user_data;

  gst_pad_push_event (GST_BASE_SINK_PAD (self),
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

static BifStream *
ensure_stream (BifBridgeSink * self)
{
  GST_OBJECT_LOCK (self);
  if (self->stream == NULL) {
    self->stream = self->channel != NULL ? bif_channel_get (self->channel) :
        bif_stream_new (BIF_CODEC_OTHER, 90000);
  }
  GST_OBJECT_UNLOCK (self);
  return self->stream;
}

static gboolean
bif_bridge_sink_start (GstBaseSink * sink)
{
  BifBridgeSink *self = BIF_BRIDGE_SINK (sink);
  guint replay_s;

  bif_stream_set_keyframe_func (ensure_stream (self),
      ask_upstream_any_thread, self);
  self->batch = bif_batch_new ();
  GST_OBJECT_LOCK (self);
  self->restamps = self->restamp;
  replay_s = self->replay_s;
  GST_OBJECT_UNLOCK (self);
  if (replay_s > 0)
    bif_stream_keep_picture (self->stream, replay_s * G_USEC_PER_SEC);
  self->flushed = TRUE;
  self->last_pts = GST_CLOCK_TIME_NONE;
  self->referred_us = 0;
  return TRUE;
}

static gboolean
bif_bridge_sink_stop (GstBaseSink * sink)
{
  BifBridgeSink *self = BIF_BRIDGE_SINK (sink);

  bif_stream_set_keyframe_func (self->stream, NULL, NULL);
  g_clear_pointer (&self->batch, bif_batch_free);
  return TRUE;
}

static gboolean
bif_bridge_sink_set_caps (GstBaseSink * sink, GstCaps * caps)
{
  BifBridgeSink *self = BIF_BRIDGE_SINK (sink);
  const GstStructure *rtp = gst_caps_get_structure (caps, 0);
  const char *media = gst_structure_get_string (rtp, "media");
  int clock_rate = 90000;

  gst_structure_get_int (rtp, "clock-rate", &clock_rate);
  bif_stream_set_codec (self->stream, g_strcmp0 (media, "video") == 0 ?
      bif_codec_from_name (gst_structure_get_string (rtp, "encoding-name")) :
      BIF_CODEC_OTHER, clock_rate);
  bif_stream_set_caps (self->stream, caps);
  return TRUE;
}

/* Counts a packet; another SSRC, or the first of this element, goes on ahead of
 * what the stream had. */
static guint64
count (BifBridgeSink * self, const BifPacket * packet, gsize size)
{
  if (!self->stats.started || self->ssrc != packet->header.ssrc) {
    memset (&self->stats, 0, sizeof self->stats);
    self->stats.started = TRUE;
    self->stats.highest = self->stats.base =
        bif_stream_next_index (self->stream, packet->header.sequence);
    self->ssrc = packet->header.ssrc;
  }
  return bif_receive_stats_packet (&self->stats, packet->header.sequence,
      packet->header.timestamp, size, bif_stream_clock_rate (self->stream),
      packet->arrival_us);
}

/* ---- time of its own ---- */

/* Where a file is played, what comes counts its time from the last seek, and
 * stands still in a pause; who receives it wants time that goes on. */
static void
restamp (BifBridgeSink * self, GstBuffer * buffer, BifRtpHeader * header)
{
  guint rate = bif_stream_clock_rate (self->stream);
  GstClockTime pts = GST_BUFFER_PTS (buffer);
  GstClockTime time = GST_CLOCK_TIME_NONE;

  if (self->flushed)
    self->shift = self->sequence + 1 - header->sequence;
  if (self->flushed || pts != self->last_pts)
    time = gst_segment_to_running_time (&GST_BASE_SINK (self)->segment,
        GST_FORMAT_TIME, pts);
  if (GST_CLOCK_TIME_IS_VALID (time))
    self->timestamp = gst_util_uint64_scale_round (time, rate, GST_SECOND)
        + gst_util_uint64_scale_round (gst_element_get_base_time (GST_ELEMENT
            (self)), rate, GST_SECOND);
  self->flushed = FALSE;
  self->last_pts = pts;
  header->sequence += self->shift;
  header->timestamp = self->timestamp;
  self->sequence = header->sequence;
}

static void
write_stamps (guint8 * data, const BifRtpHeader * header)
{
  bif_put_be16 (data + 2, header->sequence);
  bif_put_be32 (data + 4, header->timestamp);
}

static gboolean
bif_bridge_sink_event (GstBaseSink * sink, GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    BIF_BRIDGE_SINK (sink)->flushed = TRUE;
  return GST_BASE_SINK_CLASS (bif_bridge_sink_parent_class)->event (sink,
      event);
}

/* As a sender report would: what the pipeline's time says of the RTP clock. */
static void
refer (BifBridgeSink * self, GstBuffer * buffer, const BifPacket * packet)
{
  GstClockTime time = gst_segment_to_running_time (&GST_BASE_SINK
      (self)->segment, GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));

  if (!GST_CLOCK_TIME_IS_VALID (time) || (self->referred_us != 0
          && packet->arrival_us - self->referred_us < REFERENCE_INTERVAL_US))
    return;
  self->referred_us = packet->arrival_us;
  time += gst_element_get_base_time (GST_ELEMENT (self));
  bif_stream_set_reference (self->stream, packet->header.timestamp,
      time / GST_USECOND);
}

static GstFlowReturn
bif_bridge_sink_render (GstBaseSink * sink, GstBuffer * buffer)
{
  BifBridgeSink *self = BIF_BRIDGE_SINK (sink);
  gint64 now_us = g_get_monotonic_time ();
  BifPacket packet = { .arrival_us = now_us };
  GstMapInfo map;
  guint8 *space = NULL;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return GST_FLOW_ERROR;
  if (bif_rtp_parse (&packet.header, map.data, map.size, NULL)) {
    if (self->restamps)
      restamp (self, buffer, &packet.header);
    packet.index = count (self, &packet, map.size);
    refer (self, buffer, &packet);
    space = bif_stream_begin (self->stream, map.size, now_us,
        self->batch);
  }
  if (space != NULL) {
    memcpy (space, map.data, map.size);
    if (self->restamps)
      write_stamps (space, &packet.header);
    packet.data = space;
    packet.size = map.size;
    bif_stream_push (self->stream, &packet, self->batch);
    bif_batch_flush (self->batch);
  }
  gst_buffer_unmap (buffer, &map);
  return GST_FLOW_OK;
}

static void
bif_bridge_sink_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  BifBridgeSink *self = BIF_BRIDGE_SINK (object);

  switch (id) {
    case PROP_CHANNEL:
      GST_OBJECT_LOCK (self);
      g_free (self->channel);
      self->channel = g_value_dup_string (value);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_RESTAMP:
      GST_OBJECT_LOCK (self);
      self->restamp = g_value_get_boolean (value);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_REPLAY:
      GST_OBJECT_LOCK (self);
      self->replay_s = g_value_get_uint (value);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
bif_bridge_sink_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifBridgeSink *self = BIF_BRIDGE_SINK (object);

  switch (id) {
    case PROP_STREAM:
      g_value_set_object (value, ensure_stream (self));
      break;
    case PROP_CHANNEL:
      GST_OBJECT_LOCK (self);
      g_value_set_string (value, self->channel);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_RESTAMP:
      GST_OBJECT_LOCK (self);
      g_value_set_boolean (value, self->restamp);
      GST_OBJECT_UNLOCK (self);
      break;
    case PROP_REPLAY:
      GST_OBJECT_LOCK (self);
      g_value_set_uint (value, self->replay_s);
      GST_OBJECT_UNLOCK (self);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
bif_bridge_sink_finalize (GObject * object)
{
  BifBridgeSink *self = BIF_BRIDGE_SINK (object);

  g_clear_object (&self->stream);
  g_free (self->channel);
  G_OBJECT_CLASS (bif_bridge_sink_parent_class)->finalize (object);
}

static void
bif_bridge_sink_class_init (BifBridgeSinkClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstBaseSinkClass *sink_class = GST_BASE_SINK_CLASS (klass);

  object_class->set_property = bif_bridge_sink_set_property;
  object_class->get_property = bif_bridge_sink_get_property;
  object_class->finalize = bif_bridge_sink_finalize;
  sink_class->start = bif_bridge_sink_start;
  sink_class->stop = bif_bridge_sink_stop;
  sink_class->set_caps = bif_bridge_sink_set_caps;
  sink_class->event = bif_bridge_sink_event;
  sink_class->render = bif_bridge_sink_render;
  props[PROP_STREAM] = g_param_spec_object ("stream", "Stream",
      "The stream this sink feeds, for a relay or a bifbridgesrc",
      BIF_TYPE_STREAM, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_CHANNEL] = g_param_spec_string ("channel", "Channel",
      "Name by which a bifbridgesrc of any pipeline finds the stream", NULL,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_RESTAMP] = g_param_spec_boolean ("restamp", "Restamp",
      "RTP timestamps follow the clock by which packets are sent, and sequence "
      "numbers go on, whatever seeks and pauses there are", FALSE,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
  props[PROP_REPLAY] = g_param_spec_uint ("replay", "Replay",
      "How far back, in seconds, the last keyframe may be that a subscriber "
      "begins with; 0: it waits for the next one", 0, 3600, 0,
      G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | GST_PARAM_MUTABLE_READY);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "Bridge sink",
      "Sink/Network/RTP", "Makes RTP a stream of the packet path",
      "Bifrons project");
}

static void
bif_bridge_sink_init (BifBridgeSink * self)
{
  gst_base_sink_set_sync (GST_BASE_SINK (self), FALSE);
  gst_base_sink_set_async_enabled (GST_BASE_SINK (self), FALSE);
}
