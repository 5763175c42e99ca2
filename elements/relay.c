/* relay.c: bifrelay. In a template's section it stands for the packet path: the
 * application gives it a source stream and a sender, and packets go from one to
 * the other without it. With its pads linked it is an ordinary element that
 * gives RTP one SSRC, payload type and steady sequence. */
#include "relay.h"
#include "sender.h"
#include "stream.h"
#include "packet/bytes.h"
#include "packet/rewrite.h"
#include "packet/rtp.h"
#include "packet/stats.h"

struct _BifRelay
{
  GstElement parent;
  GstPad *sink, *src;
  BifStream *sources[BIF_MAX_SUBSTREAMS];       /* object lock; owned */
  guint n_sources;              /* object lock */
  BifSender *sender;            /* object lock (nullable) */
  gboolean active;              /* object lock */
  guint payload_type;           /* object lock; 128: as it comes */
  guint ssrc;                   /* object lock; 0: as it comes */
  BifReceiveStats stats;        /* streaming thread only, as the next two */
  guint32 last_ssrc;
  BifRewrite rewrite;
};

enum
{
  PROP_0, PROP_SOURCE, PROP_SOURCES, PROP_SENDER, PROP_ACTIVE, PROP_PT,
  PROP_SSRC, N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BifRelay, bif_relay, GST_TYPE_ELEMENT)

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-rtp"));
static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-rtp"));

static GstFlowReturn
bif_relay_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  BifRelay *self = BIF_RELAY (parent);
  BifRtpHeader header;
  GstMapInfo map;
  gint64 now_us = g_get_monotonic_time ();
  guint64 index;
  guint32 timestamp;
  gboolean mapped = FALSE;

  buffer = gst_buffer_make_writable (buffer);
  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_ERROR;
  }
  if (bif_rtp_parse (&header, map.data, map.size, NULL)) {
    if (header.ssrc != self->last_ssrc) {
      bif_rewrite_pause (&self->rewrite);
      self->last_ssrc = header.ssrc;
      self->stats.started = FALSE;
    }
    index = bif_receive_stats_packet (&self->stats, header.sequence,
        header.timestamp, map.size, self->rewrite.clock_rate, now_us);
    mapped = bif_rewrite_map (&self->rewrite, index, header.timestamp,
        now_us, &index, &timestamp);
  }
  if (mapped) {
    GST_OBJECT_LOCK (self);
    if (self->payload_type < 128)
      map.data[1] = (map.data[1] & 0x80) | self->payload_type;
    if (self->ssrc != 0)
      bif_put_be32 (map.data + 8, self->ssrc);
    GST_OBJECT_UNLOCK (self);
    bif_put_be16 (map.data + 2, (guint16) index);
    bif_put_be32 (map.data + 4, timestamp);
  }
  gst_buffer_unmap (buffer, &map);
  if (!mapped) {
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  return gst_pad_push (self->src, buffer);
}

/* The stream's clock is that of its caps; what goes out has caps that are true
 * of it. Returns: (transfer full) */
static GstCaps *
take_caps (BifRelay * self, GstCaps * caps)
{
  GstCaps *out = gst_caps_copy (caps);
  int clock_rate = 0;

  if (gst_structure_get_int (gst_caps_get_structure (caps, 0), "clock-rate",
          &clock_rate) && clock_rate > 0)
    self->rewrite.clock_rate = clock_rate;
  GST_OBJECT_LOCK (self);
  if (self->payload_type < 128)
    gst_caps_set_simple (out, "payload", G_TYPE_INT, (int) self->payload_type,
        NULL);
  if (self->ssrc != 0)
    gst_caps_set_simple (out, "ssrc", G_TYPE_UINT, self->ssrc, NULL);
  GST_OBJECT_UNLOCK (self);
  /* they are of the numbers that came */
  gst_structure_remove_fields (gst_caps_get_structure (out, 0),
      "seqnum-offset", "timestamp-offset", NULL);
  return out;
}

static gboolean
bif_relay_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  BifRelay *self = BIF_RELAY (parent);
  g_autoptr (GstCaps) out = NULL;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return gst_pad_event_default (pad, parent, event);
  gst_event_parse_caps (event, &caps);
  out = take_caps (self, caps);
  gst_event_unref (event);
  return gst_pad_push_event (self->src, gst_event_new_caps (out));
}

/* Source and sender both known: joins them on the packet path. */
static void
update (BifRelay * self)
{
  BifStream *sources[BIF_MAX_SUBSTREAMS];
  g_autoptr (BifSender) sender = NULL;
  gboolean active;
  guint n;

  GST_OBJECT_LOCK (self);
  active = self->active;
  n = self->n_sources;
  for (guint i = 0; i < n; i++)
    sources[i] = g_object_ref (self->sources[i]);
  if (self->sender != NULL)
    sender = g_object_ref (self->sender);
  GST_OBJECT_UNLOCK (self);
  if (sender != NULL && !bif_sender_has_sources (sender, sources, n))
    bif_sender_set_sources (sender, sources, n);
  if (sender != NULL)
    bif_sender_set_active (sender, active);
  for (guint i = 0; i < n; i++)
    g_object_unref (sources[i]);
}

/* Object lock held. */
static void
keep_sources (BifRelay * self, BifStream * const *sources, guint n)
{
  for (guint i = 0; i < BIF_MAX_SUBSTREAMS; i++) {
    BifStream *source = i < n ? sources[i] : NULL;

    g_set_object (&self->sources[i], source);
  }
  self->n_sources = n;
}

static void
set_sources (BifRelay * self, const GValue * value)
{
  BifStream *streams[BIF_MAX_SUBSTREAMS];
  guint n = bif_streams_from_value (value, streams);

  keep_sources (self, streams, n);
}

static void
set_source (BifRelay * self, BifStream * source)
{
  keep_sources (self, &source, source != NULL ? 1 : 0);
}

/* A sender that gets what this relays gets it no more. */
static void
let_go (BifRelay * self, BifSender * sender)
{
  if (self->n_sources > 0
      && bif_sender_has_sources (sender, self->sources, self->n_sources))
    bif_sender_set_source (sender, NULL);
}

static void
bif_relay_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  BifRelay *self = BIF_RELAY (object);
  g_autoptr (BifSender) old = NULL;

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_SOURCE:
      set_source (self, g_value_get_object (value));
      break;
    case PROP_SOURCES:
      set_sources (self, value);
      break;
    case PROP_SENDER:
      old = g_steal_pointer (&self->sender);
      self->sender = g_value_dup_object (value);
      break;
    case PROP_ACTIVE:
      self->active = g_value_get_boolean (value);
      break;
    case PROP_PT:
      self->payload_type = g_value_get_uint (value);
      break;
    case PROP_SSRC:
      self->ssrc = g_value_get_uint (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
  if (old != NULL && old != self->sender)
    let_go (self, old);
  if (id == PROP_SOURCE || id == PROP_SOURCES || id == PROP_SENDER
      || id == PROP_ACTIVE)
    update (self);
}

static void
bif_relay_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifRelay *self = BIF_RELAY (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_SOURCE:
      g_value_set_object (value, self->sources[0]);
      break;
    case PROP_SOURCES:
      bif_streams_to_value (self->sources, self->n_sources, value);
      break;
    case PROP_SENDER:
      g_value_set_object (value, self->sender);
      break;
    case PROP_ACTIVE:
      g_value_set_boolean (value, self->active);
      break;
    case PROP_PT:
      g_value_set_uint (value, self->payload_type);
      break;
    case PROP_SSRC:
      g_value_set_uint (value, self->ssrc);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
bif_relay_dispose (GObject * object)
{
  BifRelay *self = BIF_RELAY (object);

  if (self->sender != NULL)
    let_go (self, self->sender);
  keep_sources (self, NULL, 0);
  g_clear_object (&self->sender);
  G_OBJECT_CLASS (bif_relay_parent_class)->dispose (object);
}

static void
bif_relay_class_init (BifRelayClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_PLAYING;

  object_class->set_property = bif_relay_set_property;
  object_class->get_property = bif_relay_get_property;
  object_class->dispose = bif_relay_dispose;
  props[PROP_SOURCE] = g_param_spec_object ("source", "Source",
      "The stream to relay on the packet path", BIF_TYPE_STREAM, rw);
  props[PROP_SOURCES] = gst_param_spec_array ("sources", "Sources",
      "The simulcast layers of which one is relayed on the packet path, the "
      "lowest first",
      g_param_spec_object ("stream", "Stream", "A layer", BIF_TYPE_STREAM, rw),
      rw);
  props[PROP_SENDER] = g_param_spec_object ("sender", "Sender",
      "Where it goes on the packet path", BIF_TYPE_SENDER, rw);
  props[PROP_ACTIVE] = g_param_spec_boolean ("active", "Active",
      "Whether packets go out; starting asks for a keyframe", TRUE, rw);
  props[PROP_PT] = g_param_spec_uint ("payload-type", "Payload type",
      "Payload type of what leaves the src pad; 128: as it comes", 0, 128, 128,
      rw);
  props[PROP_SSRC] = g_param_spec_uint ("ssrc", "SSRC",
      "SSRC of what leaves the src pad; 0: as it comes", 0, G_MAXUINT, 0, rw);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "RTP relay",
      "Network/RTP", "Relays a stream with numbers of its own",
      "Bifrons project");
}

static void
bif_relay_init (BifRelay * self)
{
  self->active = TRUE;
  self->payload_type = 128;
  self->rewrite.clock_rate = 90000;
  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink, bif_relay_chain);
  gst_pad_set_event_function (self->sink, bif_relay_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
