/* iceagent.c: the GstWebRTCICE family around one transport: agent, one stream,
 * one ICE transport with a source and a sink element that carry DTLS alone.
 * Called by webrtcbin's threads; packets come from I/O threads. */
#include "iceagent.h"
#include "transport.h"

#include <gst/webrtc/icestream.h>
#include <gst/webrtc/icetransport.h>
#include <string.h>

/* ---- source: datagrams in ---- */

#define BIF_TYPE_ICE_SRC (bif_ice_src_get_type ())
G_DECLARE_FINAL_TYPE (BifIceSrc, bif_ice_src, BIF, ICE_SRC, GstElement)

struct _BifIceSrc
{
  GstElement parent;
  GstPad *pad;
  GMutex lock;                  /* guards the two below, held while pushing */
  gboolean running;
  gboolean started;
};

G_DEFINE_FINAL_TYPE (BifIceSrc, bif_ice_src, GST_TYPE_ELEMENT)

static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS_ANY);

static GstStateChangeReturn
bif_ice_src_change_state (GstElement * element, GstStateChange transition)
{
  BifIceSrc *self = BIF_ICE_SRC (element);
  GstStateChangeReturn result =
      GST_ELEMENT_CLASS (bif_ice_src_parent_class)->change_state (element,
      transition);

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      || transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    g_mutex_lock (&self->lock);
    self->running = transition == GST_STATE_CHANGE_READY_TO_PAUSED;
    g_mutex_unlock (&self->lock);
  }
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && result == GST_STATE_CHANGE_SUCCESS)
    result = GST_STATE_CHANGE_NO_PREROLL;
  return result;
}

static void
bif_ice_src_finalize (GObject * object)
{
  g_mutex_clear (&BIF_ICE_SRC (object)->lock);
  G_OBJECT_CLASS (bif_ice_src_parent_class)->finalize (object);
}

static void
bif_ice_src_class_init (BifIceSrcClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = bif_ice_src_finalize;
  element_class->change_state = bif_ice_src_change_state;
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "ICE source",
      "Source/Network", "DTLS datagrams of a media port", "Bifrons project");
}

static void
bif_ice_src_init (BifIceSrc * self)
{
  g_mutex_init (&self->lock);
  self->pad = gst_pad_new_from_static_template (&src_template, "src");
  gst_element_add_pad (GST_ELEMENT (self), self->pad);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SOURCE);
}

static void
bif_ice_src_push (BifIceSrc * self, const guint8 * data, gsize size)
{
  g_mutex_lock (&self->lock);
  if (self->running) {
    GstBuffer *buffer = gst_buffer_new_memdup (data, size);

    if (!self->started) {
      GstSegment segment;

      gst_segment_init (&segment, GST_FORMAT_BYTES);
      gst_pad_push_event (self->pad, gst_event_new_stream_start ("dtls"));
      gst_pad_push_event (self->pad, gst_event_new_segment (&segment));
      self->started = TRUE;
    }
    gst_pad_push (self->pad, buffer);
  }
  g_mutex_unlock (&self->lock);
}

/* ---- sink: datagrams out ---- */

#define BIF_TYPE_ICE_SINK (bif_ice_sink_get_type ())
G_DECLARE_FINAL_TYPE (BifIceSink, bif_ice_sink, BIF, ICE_SINK, GstElement)

struct _BifIceSink
{
  GstElement parent;
  GWeakRef transport;
};

G_DEFINE_FINAL_TYPE (BifIceSink, bif_ice_sink, GST_TYPE_ELEMENT)

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS_ANY);

static GstFlowReturn
bif_ice_sink_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  BifIceSink *self = BIF_ICE_SINK (parent);
  g_autoptr (BifRtcTransport) transport = g_weak_ref_get (&self->transport);
  GstMapInfo map;

  if (transport != NULL && gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    bif_transport_send_dtls (transport, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
  }
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
bif_ice_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);
  return TRUE;
}

static void
bif_ice_sink_finalize (GObject * object)
{
  g_weak_ref_clear (&BIF_ICE_SINK (object)->transport);
  G_OBJECT_CLASS (bif_ice_sink_parent_class)->finalize (object);
}

static void
bif_ice_sink_class_init (BifIceSinkClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = bif_ice_sink_finalize;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_set_static_metadata (element_class, "ICE sink",
      "Sink/Network", "DTLS datagrams to a media port", "Bifrons project");
}

static void
bif_ice_sink_init (BifIceSink * self)
{
  GstPad *pad = gst_pad_new_from_static_template (&sink_template, "sink");

  g_weak_ref_init (&self->transport, NULL);
  gst_pad_set_chain_function (pad, bif_ice_sink_chain);
  gst_pad_set_event_function (pad, bif_ice_sink_event);
  gst_element_add_pad (GST_ELEMENT (self), pad);
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
}

/* ---- ICE transport ---- */

#define BIF_TYPE_ICE_TRANSPORT (bif_ice_transport_get_type ())
G_DECLARE_FINAL_TYPE (BifIceTransport, bif_ice_transport, BIF, ICE_TRANSPORT,
    GstWebRTCICETransport)

struct _BifIceTransport
{
  GstWebRTCICETransport parent;
};

G_DEFINE_FINAL_TYPE (BifIceTransport, bif_ice_transport,
    GST_TYPE_WEBRTC_ICE_TRANSPORT)

static void
bif_ice_transport_class_init (BifIceTransportClass * klass)
{
}

static void
bif_ice_transport_init (BifIceTransport * self)
{
  GstWebRTCICETransport *base = GST_WEBRTC_ICE_TRANSPORT (self);

  base->src = g_object_new (BIF_TYPE_ICE_SRC, NULL);
  base->sink = g_object_new (BIF_TYPE_ICE_SINK, NULL);
  base->role = GST_WEBRTC_ICE_ROLE_CONTROLLED;
}

/* ---- stream ---- */

#define BIF_TYPE_ICE_STREAM (bif_ice_stream_get_type ())
G_DECLARE_FINAL_TYPE (BifIceStream, bif_ice_stream, BIF, ICE_STREAM,
    GstWebRTCICEStream)

struct _BifIceStream
{
  GstWebRTCICEStream parent;
  GstWebRTCICETransport *transport;     /* owned */
};

G_DEFINE_FINAL_TYPE (BifIceStream, bif_ice_stream, GST_TYPE_WEBRTC_ICE_STREAM)

static GstWebRTCICETransport *
bif_ice_stream_find_transport (GstWebRTCICEStream * stream,
    GstWebRTCICEComponent component)
{
  return gst_object_ref (BIF_ICE_STREAM (stream)->transport);
}

static gboolean
bif_ice_stream_gather (GstWebRTCICEStream * stream)
{
  return TRUE;
}

static void
bif_ice_stream_finalize (GObject * object)
{
  gst_clear_object (&BIF_ICE_STREAM (object)->transport);
  G_OBJECT_CLASS (bif_ice_stream_parent_class)->finalize (object);
}

static void
bif_ice_stream_class_init (BifIceStreamClass * klass)
{
  GstWebRTCICEStreamClass *stream_class = GST_WEBRTC_ICE_STREAM_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = bif_ice_stream_finalize;
  stream_class->find_transport = bif_ice_stream_find_transport;
  stream_class->gather_candidates = bif_ice_stream_gather;
}

static void
bif_ice_stream_init (BifIceStream * self)
{
}

/* ---- agent ---- */

struct _BifIceAgent
{
  GstWebRTCICE parent;

  GMutex lock;                  /* guards all below; nothing is called with it */
  GWeakRef transport;
  GPtrArray *streams;           /* of BifIceStream: webrtcbin only borrows them */
  gboolean closed;
};

G_DEFINE_FINAL_TYPE (BifIceAgent, bif_ice_agent, GST_TYPE_WEBRTC_ICE)

static GstWebRTCICEStream *
add_stream (GstWebRTCICE * ice, guint session_id)
{
  BifIceAgent *self = BIF_ICE_AGENT (ice);
  g_autoptr (BifRtcTransport) transport = g_weak_ref_get (&self->transport);
  BifIceStream *stream = g_object_new (BIF_TYPE_ICE_STREAM, "stream-id",
      session_id, NULL);

  stream->transport = gst_object_ref_sink (g_object_new
      (BIF_TYPE_ICE_TRANSPORT, "component", GST_WEBRTC_ICE_COMPONENT_RTP,
          NULL));
  g_weak_ref_set (&BIF_ICE_SINK (stream->transport->sink)->transport,
      transport);
  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->streams, gst_object_ref_sink (stream));
  g_mutex_unlock (&self->lock);
  return GST_WEBRTC_ICE_STREAM (stream);
}

static GstWebRTCICETransport *
find_transport (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    GstWebRTCICEComponent component)
{
  return bif_ice_stream_find_transport (stream, component);
}

static gboolean
gather_candidates (GstWebRTCICE * ice, GstWebRTCICEStream * stream)
{
  gst_webrtc_ice_transport_gathering_state_change (BIF_ICE_STREAM
      (stream)->transport, GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE);
  return TRUE;
}

/* What webrtcbin says of candidates, credentials, roles and servers does not
 * concern this agent; every method must be there all the same, as the base
 * class asserts it. What changed since GStreamer 1.22, by what its headers say:
 *   1.24  add_candidate is given a promise to reply to
 *   1.28  close is new, called on the way to NULL and when a connection is
 *         closed; the transport class has get_selected_candidate_pair, which
 *         may be absent
 * 1.26 is as 1.24. */
#if GST_CHECK_VERSION (1, 24, 0)
static void
add_candidate (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    const gchar * candidate, GstPromise * promise)
{
  if (promise != NULL)
    gst_promise_reply (promise, NULL);
}
#else
static void
add_candidate (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    const gchar * candidate)
{
}
#endif

static gboolean
set_credentials (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    const gchar * ufrag, const gchar * pwd)
{
  return TRUE;
}

static gboolean
add_turn_server (GstWebRTCICE * ice, const gchar * uri)
{
  return FALSE;
}

static void
set_flag (GstWebRTCICE * ice, gboolean flag)
{
}

static gboolean
get_is_controller (GstWebRTCICE * ice)
{
  return FALSE;
}

static void
set_text (GstWebRTCICE * ice, const gchar * text)
{
}

static gchar *
get_text (GstWebRTCICE * ice)
{
  return NULL;
}

static void
set_tos (GstWebRTCICE * ice, GstWebRTCICEStream * stream, guint tos)
{
}

static void
set_on_ice_candidate (GstWebRTCICE * ice, GstWebRTCICEOnCandidateFunc func,
    gpointer user_data, GDestroyNotify notify)
{
  if (notify != NULL)
    notify (user_data);
}

static GstWebRTCICECandidateStats **
get_candidates (GstWebRTCICE * ice, GstWebRTCICEStream * stream)
{
  return NULL;
}

static gboolean
get_selected_pair (GstWebRTCICE * ice, GstWebRTCICEStream * stream,
    GstWebRTCICECandidateStats ** local, GstWebRTCICECandidateStats ** remote)
{
  return FALSE;
}

#if GST_CHECK_VERSION (1, 28, 0)
/* The transport has a close of its own: nothing is left to do here. */
static void
close_agent (GstWebRTCICE * ice, GstPromise * promise)
{
  if (promise != NULL)
    gst_promise_reply (promise, NULL);
}
#endif

static void
bif_ice_agent_dispose (GObject * object)
{
  bif_ice_agent_close (BIF_ICE_AGENT (object));
  G_OBJECT_CLASS (bif_ice_agent_parent_class)->dispose (object);
}

static void
bif_ice_agent_finalize (GObject * object)
{
  BifIceAgent *self = BIF_ICE_AGENT (object);

  g_ptr_array_unref (self->streams);
  g_weak_ref_clear (&self->transport);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (bif_ice_agent_parent_class)->finalize (object);
}

static void
bif_ice_agent_class_init (BifIceAgentClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstWebRTCICEClass *ice_class = GST_WEBRTC_ICE_CLASS (klass);

  object_class->dispose = bif_ice_agent_dispose;
  object_class->finalize = bif_ice_agent_finalize;
  ice_class->add_stream = add_stream;
  ice_class->find_transport = find_transport;
  ice_class->gather_candidates = gather_candidates;
  ice_class->add_candidate = add_candidate;
  ice_class->set_local_credentials = set_credentials;
  ice_class->set_remote_credentials = set_credentials;
  ice_class->add_turn_server = add_turn_server;
  ice_class->set_is_controller = set_flag;
  ice_class->get_is_controller = get_is_controller;
  ice_class->set_force_relay = set_flag;
  ice_class->set_stun_server = set_text;
  ice_class->get_stun_server = get_text;
  ice_class->set_turn_server = set_text;
  ice_class->get_turn_server = get_text;
  ice_class->set_http_proxy = set_text;
  ice_class->get_http_proxy = get_text;
  ice_class->set_tos = set_tos;
  ice_class->set_on_ice_candidate = set_on_ice_candidate;
  ice_class->get_local_candidates = get_candidates;
  ice_class->get_remote_candidates = get_candidates;
  ice_class->get_selected_pair = get_selected_pair;
#if GST_CHECK_VERSION (1, 28, 0)
  ice_class->close = close_agent;
#endif
}

static void
bif_ice_agent_init (BifIceAgent * self)
{
  g_mutex_init (&self->lock);
  g_weak_ref_init (&self->transport, NULL);
  self->streams = g_ptr_array_new_with_free_func (gst_object_unref);
}

BifIceAgent *
bif_ice_agent_new (BifRtcTransport * transport)
{
  BifIceAgent *self = g_object_new (BIF_TYPE_ICE_AGENT, NULL);

  g_weak_ref_set (&self->transport, transport);
  return self;
}

void
bif_ice_agent_close (BifIceAgent * self)
{
  g_mutex_lock (&self->lock);
  self->closed = TRUE;
  g_mutex_unlock (&self->lock);
  g_weak_ref_set (&self->transport, NULL);
}

/* Returns: (transfer full) (nullable) */
static GstWebRTCICETransport *
get_transport (BifIceAgent * self)
{
  GstWebRTCICETransport *transport = NULL;

  g_mutex_lock (&self->lock);
  if (self->streams->len > 0 && !self->closed) {
    /* All is bundled: the first stream is the one. */
    BifIceStream *stream = g_ptr_array_index (self->streams, 0);

    transport = gst_object_ref (stream->transport);
  }
  g_mutex_unlock (&self->lock);
  return transport;
}

void
bif_ice_agent_connected (BifIceAgent * self)
{
  GstWebRTCICETransport *transport = get_transport (self);

  if (transport == NULL)
    return;
  gst_webrtc_ice_transport_connection_state_change (transport,
      GST_WEBRTC_ICE_CONNECTION_STATE_CHECKING);
  gst_webrtc_ice_transport_connection_state_change (transport,
      GST_WEBRTC_ICE_CONNECTION_STATE_CONNECTED);
  gst_object_unref (transport);
}

void
bif_ice_agent_push (BifIceAgent * self, const guint8 * data, gsize size)
{
  GstWebRTCICETransport *transport = get_transport (self);

  if (transport == NULL)
    return;
  bif_ice_src_push (BIF_ICE_SRC (transport->src), data, size);
  gst_object_unref (transport);
}
