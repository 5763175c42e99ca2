/* mjrmux.c: bifmjrmux: writes version 2 of .mjr (recordplay.md 4): every packet
 * as it came, with numbers that stay continuous when the source changes, or a
 * pause or a mute ends. What it has written is whole after every packet.
 * Streaming thread, properties from anywhere. */
#include "mjrmux.h"
#include "mjr-header.h"
#include "packet/bytes.h"
#include "packet/mjr.h"
#include "packet/rewrite.h"
#include "packet/rtp.h"

#include <string.h>

#define MIN_RTP_SIZE 12
/* Packets that may come behind the first one. */
#define MAX_REORDER 100
/* What a pause is given between its neighbours. */
#define FRAME_US (20 * 1000)
#define DATA_TIME_SIZE 8

struct _BifMjrMux
{
  GstElement parent;

  GstPad *sink, *src;

  /* object lock */
  char *description, *fmtp;
  gboolean encrypted, paused;
  int red;
  gint64 paused_at_us;          /* when it was paused last, monotonic */
  gint64 pauses_us;             /* how long, until the next packet */

  /* streaming thread only */
  BifMjrHeader header;
  gboolean has_codec;
  gboolean magic_sent, header_sent;
  gboolean resumes;             /* a pause has ended */
  gint64 resumes_us;            /* that was so long */
  GstSegment segment;
  GstClockTime first_time;      /* running time of the first frame */
  BifRewrite rewrite;
  guint32 ssrc;                 /* what is written */
  guint32 source_ssrc;          /* what comes */
  guint64 highest;              /* extended sequence number of what comes */
  guint32 timestamp;            /* of the packet with that number */
};

enum
{
  PROP_0, PROP_DESCRIPTION, PROP_FMTP, PROP_ENCRYPTED, PROP_PAUSED, PROP_RED,
  N_PROPS
};
static GParamSpec *props[N_PROPS];

GST_DEBUG_CATEGORY_STATIC (mjr_mux_debug);
#define GST_CAT_DEFAULT mjr_mux_debug

G_DEFINE_FINAL_TYPE (BifMjrMux, bif_mjr_mux, GST_TYPE_ELEMENT)

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-rtp; text/x-raw; "
        "application/octet-stream"));
static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-mjr"));

static void
reset (BifMjrMux * self)
{
  bif_mjr_header_clear (&self->header);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->rewrite = (BifRewrite) { 0 };
  self->has_codec = self->magic_sent = self->header_sent = FALSE;
  self->resumes = FALSE;
  self->first_time = GST_CLOCK_TIME_NONE;
  self->ssrc = self->source_ssrc = 0;
}

/* ---- writing ---- */

/* An empty recording is the magic alone: it is there from the first caps on. */
static GstFlowReturn
push_magic (BifMjrMux * self)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("application/x-mjr");
  GstSegment segment;

  if (self->magic_sent)
    return GST_FLOW_OK;
  self->magic_sent = TRUE;
  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_push_event (self->src, gst_event_new_caps (caps));
  gst_pad_push_event (self->src, gst_event_new_segment (&segment));
  return gst_pad_push (self->src, gst_buffer_new_memdup (BIF_MJR_MAGIC,
          BIF_MJR_MAGIC_SIZE));
}

static void
take_properties (BifMjrMux * self)
{
  GST_OBJECT_LOCK (self);
  self->header.description = g_strdup (self->description);
  if (self->fmtp != NULL) {
    g_free (self->header.fmtp);
    self->header.fmtp = g_strdup (self->fmtp);
  }
  self->header.encrypted = self->encrypted;
  self->header.red = self->red;
  GST_OBJECT_UNLOCK (self);
}

static GstFlowReturn
push_header (BifMjrMux * self)
{
  g_autofree char *json = NULL;
  guint8 head[BIF_MJR_FRAME_SIZE];
  GstBuffer *buffer;
  gsize size;

  if (self->header_sent)
    return GST_FLOW_OK;
  self->header_sent = TRUE;
  take_properties (self);
  self->header.first_us = g_get_real_time ();
  json = bif_mjr_header_write (&self->header);
  size = strlen (json);
  if (size > G_MAXUINT16) {
    GST_ELEMENT_ERROR (self, STREAM, MUX, ("The header is too long"), (NULL));
    return GST_FLOW_ERROR;
  }
  bif_mjr_write_info_head (head, size);
  /* The magic itself is there already. */
  buffer = gst_buffer_new_memdup (head + BIF_MJR_MAGIC_SIZE, 2);
  gst_buffer_append_memory (buffer, gst_memory_new_wrapped
      (GST_MEMORY_FLAG_READONLY, json, size, 0, size, json, g_free));
  json = NULL;
  return gst_pad_push (self->src, buffer);
}

/* Milliseconds since the first frame. */
static guint32
frame_time (BifMjrMux * self, GstBuffer * buffer)
{
  GstClockTime now = GST_CLOCK_TIME_NONE;

  if (self->segment.format == GST_FORMAT_TIME)
    now = gst_segment_to_running_time (&self->segment, GST_FORMAT_TIME,
        GST_BUFFER_DTS_OR_PTS (buffer));
  if (!GST_CLOCK_TIME_IS_VALID (now))
    return 0;
  if (!GST_CLOCK_TIME_IS_VALID (self->first_time))
    self->first_time = now;
  return now > self->first_time ? (now - self->first_time) / GST_MSECOND : 0;
}

/* Takes @buffer. */
static GstFlowReturn
push_frame (BifMjrMux * self, GstBuffer * buffer, guint32 ms,
    const guint8 * prefix, gsize prefix_size)
{
  gsize size = gst_buffer_get_size (buffer) + prefix_size;
  guint8 head[BIF_MJR_FRAME_SIZE + DATA_TIME_SIZE];
  gsize head_size;

  if (size > G_MAXUINT16) {
    GST_WARNING_OBJECT (self, "a message of %" G_GSIZE_FORMAT
        " bytes is too large for .mjr and is left out", size);
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  head_size = bif_mjr_write_frame_head (head, ms, size);
  if (prefix_size > 0)
    memcpy (head + head_size, prefix, prefix_size);
  return gst_pad_push (self->src, gst_buffer_append (gst_buffer_new_memdup
          (head, head_size + prefix_size), buffer));
}

/* ---- what comes ---- */

/* Microseconds of the source from its newest packet until @timestamp, rounded
 * up: as a timestamp again they are the same. */
static gint64
elapsed_us (BifMjrMux * self, guint32 timestamp)
{
  guint64 step = (guint32) (timestamp - self->timestamp);
  guint clock_rate = MAX (self->rewrite.clock_rate, 1);

  return (step * G_USEC_PER_SEC + clock_rate - 1) / clock_rate;
}

/* The source goes on after a mute or a pause: without a gap in numbers, a mute
 * with one in time, and a pause without: by how long it was, so that tracks
 * that were paused at once stay in step. */
static void
resume_source (BifMjrMux * self, const BifRtpHeader * header, gint64 now_us)
{
  gint64 step_us = elapsed_us (self, header->timestamp)
      - (self->resumes ? self->resumes_us : 0);

  bif_rewrite_pause (&self->rewrite);
  self->rewrite.last_us = now_us - CLAMP (step_us, 0, now_us - 1);
  self->highest = 0x10000 | header->sequence;
  self->resumes = FALSE;
}

/* A source begins: the first keeps its numbers, the next goes on where it
 * stopped. A pause takes no time. */
static void
begin_source (BifMjrMux * self, const BifRtpHeader * header, gint64 now_us)
{
  gboolean first = self->ssrc == 0;

  self->source_ssrc = header->ssrc;
  self->highest = 0x10000 | header->sequence;
  if (first) {
    self->ssrc = header->ssrc;
    self->rewrite.started = TRUE;
    self->rewrite.first_in = self->highest - MAX_REORDER;
    self->rewrite.highest = self->highest - 1;
  } else {
    bif_rewrite_pause (&self->rewrite);
    if (self->resumes)
      self->rewrite.last_us = now_us - FRAME_US;
  }
  self->resumes = FALSE;
}

/* FALSE: the packet is not to be written. */
static gboolean
renumber (BifMjrMux * self, guint8 * data, gsize size, gboolean resync)
{
  gint64 now_us = g_get_monotonic_time ();
  BifRtpHeader header;
  guint64 index;
  guint32 timestamp;

  if (size < MIN_RTP_SIZE || !bif_rtp_parse (&header, data, size, NULL))
    return FALSE;
  if (self->ssrc == 0 || header.ssrc != self->source_ssrc)
    begin_source (self, &header, now_us);
  else if (self->resumes || resync)
    resume_source (self, &header, now_us);
  index = bif_rtp_extend (self->highest, header.sequence);
  if (index >= self->highest) {
    self->highest = index;
    self->timestamp = header.timestamp;
  }
  if (!bif_rewrite_map (&self->rewrite, index, header.timestamp,
          now_us, &index, &timestamp))
    return FALSE;
  bif_put_be16 (data + 2, index & 0xffff);
  bif_put_be32 (data + 4, timestamp);
  bif_put_be32 (data + 8, self->ssrc);
  return TRUE;
}

static GstFlowReturn
chain_packet (BifMjrMux * self, GstBuffer * buffer)
{
  gboolean resync = GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_RESYNC);
  guint32 ms = frame_time (self, buffer);
  GstMapInfo map;
  gboolean good;

  buffer = gst_buffer_make_writable (buffer);
  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE)) {
    gst_buffer_unref (buffer);
    return GST_FLOW_ERROR;
  }
  good = renumber (self, map.data, map.size, resync);
  gst_buffer_unmap (buffer, &map);
  if (good)
    return push_frame (self, buffer, ms, NULL, 0);
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static GstFlowReturn
chain_message (BifMjrMux * self, GstBuffer * buffer)
{
  guint32 ms = frame_time (self, buffer);
  guint8 time[DATA_TIME_SIZE];

  bif_put_be64 (time, self->header.first_us + (gint64) ms * 1000);
  return push_frame (self, buffer, ms, time, sizeof time);
}

/* Also takes note of the pauses since the last packet. */
static gboolean
is_paused (BifMjrMux * self)
{
  gboolean paused;

  GST_OBJECT_LOCK (self);
  paused = self->paused;
  if (!paused && self->pauses_us > 0) {
    self->resumes = self->header_sent;
    self->resumes_us = self->pauses_us;
    self->pauses_us = 0;
  }
  GST_OBJECT_UNLOCK (self);
  return paused;
}

static GstFlowReturn
bif_mjr_mux_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  BifMjrMux *self = BIF_MJR_MUX (parent);
  GstFlowReturn flow;

  if (is_paused (self) || !self->has_codec) {
    gst_buffer_unref (buffer);
    return self->has_codec ? GST_FLOW_OK : GST_FLOW_NOT_NEGOTIATED;
  }
  flow = push_magic (self);
  if (flow == GST_FLOW_OK)
    flow = push_header (self);
  if (flow != GST_FLOW_OK) {
    gst_buffer_unref (buffer);
    return flow;
  }
  return self->header.kind == 'd' ? chain_message (self, buffer) :
      chain_packet (self, buffer);
}

/* A header that is written already cannot change its codec. */
static gboolean
take_caps (BifMjrMux * self, GstCaps * caps)
{
  BifMjrHeader header = { .red = -1 };
  int clock_rate = 90000;

  if (self->header_sent) {
    gboolean same = bif_mjr_header_set_caps (&header, caps)
        && g_str_equal (header.codec, self->header.codec);

    bif_mjr_header_clear (&header);
    return same;
  }
  bif_mjr_header_clear (&self->header);
  self->header.created_us = g_get_real_time ();
  self->has_codec = bif_mjr_header_set_caps (&self->header, caps);
  gst_structure_get_int (gst_caps_get_structure (caps, 0), "clock-rate",
      &clock_rate);
  self->rewrite.clock_rate = clock_rate;
  if (!self->has_codec)
    GST_ELEMENT_ERROR (self, STREAM, CODEC_NOT_FOUND,
        ("An .mjr file cannot hold %" GST_PTR_FORMAT, caps), (NULL));
  return self->has_codec && push_magic (self) == GST_FLOW_OK;
}

static gboolean
bif_mjr_mux_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  BifMjrMux *self = BIF_MJR_MUX (parent);
  GstCaps *caps;
  gboolean ok;

  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      ok = take_caps (self, caps);
      gst_event_unref (event);
      return ok;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &self->segment);
      gst_event_unref (event);
      return TRUE;
    case GST_EVENT_GAP:
      gst_event_unref (event);
      return TRUE;
    default:
      return gst_pad_event_default (pad, parent, event);
  }
}

/* ---- the element ---- */

static GstStateChangeReturn
bif_mjr_mux_change_state (GstElement * element, GstStateChange transition)
{
  GstStateChangeReturn result =
      GST_ELEMENT_CLASS (bif_mjr_mux_parent_class)->change_state (element,
      transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY)
    reset (BIF_MJR_MUX (element));
  return result;
}

/* Object lock held. */
static void
set_paused (BifMjrMux * self, gboolean paused)
{
  gint64 now_us = g_get_monotonic_time ();

  if (paused && !self->paused)
    self->paused_at_us = now_us;
  else if (!paused && self->paused)
    self->pauses_us += MAX (now_us - self->paused_at_us, 1);
  self->paused = paused;
}

static void
bif_mjr_mux_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  BifMjrMux *self = BIF_MJR_MUX (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_DESCRIPTION:
      g_free (self->description);
      self->description = g_value_dup_string (value);
      break;
    case PROP_FMTP:
      g_free (self->fmtp);
      self->fmtp = g_value_dup_string (value);
      break;
    case PROP_ENCRYPTED:
      self->encrypted = g_value_get_boolean (value);
      break;
    case PROP_PAUSED:
      set_paused (self, g_value_get_boolean (value));
      break;
    case PROP_RED:
      self->red = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
bif_mjr_mux_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifMjrMux *self = BIF_MJR_MUX (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_DESCRIPTION:
      g_value_set_string (value, self->description);
      break;
    case PROP_FMTP:
      g_value_set_string (value, self->fmtp);
      break;
    case PROP_ENCRYPTED:
      g_value_set_boolean (value, self->encrypted);
      break;
    case PROP_PAUSED:
      g_value_set_boolean (value, self->paused);
      break;
    case PROP_RED:
      g_value_set_int (value, self->red);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
bif_mjr_mux_finalize (GObject * object)
{
  BifMjrMux *self = BIF_MJR_MUX (object);

  bif_mjr_header_clear (&self->header);
  g_free (self->description);
  g_free (self->fmtp);
  G_OBJECT_CLASS (bif_mjr_mux_parent_class)->finalize (object);
}

static void
bif_mjr_mux_class_init (BifMjrMuxClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  GST_DEBUG_CATEGORY_INIT (mjr_mux_debug, "bif-mjr-mux", 0, "writes .mjr");
  object_class->set_property = bif_mjr_mux_set_property;
  object_class->get_property = bif_mjr_mux_get_property;
  object_class->finalize = bif_mjr_mux_finalize;
  element_class->change_state = bif_mjr_mux_change_state;
  props[PROP_DESCRIPTION] = g_param_spec_string ("description", "Description",
      "Text about the stream, for the header", NULL, rw);
  props[PROP_FMTP] = g_param_spec_string ("fmtp", "Format parameters",
      "The codec's parameters, for the header; by default what caps say of its "
      "profile", NULL, rw);
  props[PROP_ENCRYPTED] = g_param_spec_boolean ("encrypted", "Encrypted",
      "The payload is encrypted end to end", FALSE, rw);
  props[PROP_PAUSED] = g_param_spec_boolean ("paused", "Paused",
      "Nothing is written; what follows goes on without a gap in numbers",
      FALSE, rw);
  props[PROP_RED] = g_param_spec_int ("red", "RED",
      "Payload type of redundant audio; -1: none", -1, 127, -1, rw);
  g_object_class_install_properties (object_class, N_PROPS, props);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "MJR muxer",
      "Codec/Muxer", "RTP packets or messages into an .mjr recording",
      "Bifrons project");
}

static void
bif_mjr_mux_init (BifMjrMux * self)
{
  self->red = -1;
  reset (self);
  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  gst_pad_set_chain_function (self->sink, bif_mjr_mux_chain);
  gst_pad_set_event_function (self->sink, bif_mjr_mux_event);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_use_fixed_caps (self->src);
  gst_element_add_pad (GST_ELEMENT (self), self->src);
}
