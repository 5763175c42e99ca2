/* av1depay.c: bifrtpav1depay: temporal units of AV1 out of RTP, with caps that
 * say all that files want to know. All spatial layers of a picture are in its
 * unit; decoders show the highest. Behind a gap nothing goes on until there is
 * a keyframe. Streaming thread. */
#include "av1depay.h"
#include "packet/av1-sequence.h"

#include <gst/video/video-event.h>

/* Keyframes asked for in vain are asked for again. */
#define ASK_INTERVAL_US (500 * 1000)

struct _BifAv1DepayElement
{
  GstRTPBaseDepayload parent;

  gboolean request_keyframe;    /* object lock */

  /* streaming thread only */
  BifAv1Depay depay;
  GstClockTime time;            /* of the unit, as the next */
  guint32 timestamp;
  gboolean waits;               /* for a keyframe */
  gint64 asked_us;              /* 0: not yet */
  GBytes *header;               /* what caps were made of (nullable) */
};

enum
{
  PROP_0, PROP_REQUEST_KEYFRAME
};

GST_DEBUG_CATEGORY_STATIC (av1_depay_debug);
#define GST_CAT_DEFAULT av1_depay_debug

G_DEFINE_FINAL_TYPE (BifAv1DepayElement, bif_av1_depay_element,
    GST_TYPE_RTP_BASE_DEPAYLOAD)

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-rtp, media=(string)video, "
        "clock-rate=(int)90000, encoding-name=(string)AV1"));
static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-av1, stream-format=(string)obu-stream, "
        "alignment=(string)tu"));

/* ---- caps ---- */

static const char *
chroma_format (const BifAv1Sequence * sequence)
{
  if (sequence->monochrome)
    return "4:0:0";
  if (!sequence->subsampling_x)
    return "4:4:4";
  return sequence->subsampling_y ? "4:2:0" : "4:2:2";
}

/* (transfer full) */
static GstBuffer *
make_record (const BifAv1Look * look)
{
  GstBuffer *record = gst_buffer_new_allocate (NULL, BIF_AV1_RECORD_SIZE
      + look->header_size, NULL);
  guint8 fixed[BIF_AV1_RECORD_SIZE];

  bif_av1_sequence_write_record (&look->sequence, fixed);
  gst_buffer_fill (record, 0, fixed, sizeof fixed);
  gst_buffer_fill (record, sizeof fixed, look->header, look->header_size);
  return record;
}

static void
set_caps (BifAv1DepayElement * self, const BifAv1Look * look)
{
  static const char *const profiles[] = { "main", "high", "professional" };
  const BifAv1Sequence *sequence = &look->sequence;
  g_autoptr (GstBuffer) record = NULL;
  g_autoptr (GstCaps) caps = NULL;
  g_autoptr (GBytes) header = g_bytes_new (look->header, look->header_size);

  if (self->header != NULL && g_bytes_equal (self->header, header))
    return;
  record = make_record (look);
  caps = gst_caps_new_simple ("video/x-av1",
      "stream-format", G_TYPE_STRING, "obu-stream",
      "alignment", G_TYPE_STRING, "tu",
      "parsed", G_TYPE_BOOLEAN, TRUE,
      "profile", G_TYPE_STRING, profiles[sequence->profile],
      "width", G_TYPE_INT, (int) sequence->width,
      "height", G_TYPE_INT, (int) sequence->height,
      "framerate", GST_TYPE_FRACTION, 0, 1,
      "chroma-format", G_TYPE_STRING, chroma_format (sequence),
      "bit-depth-luma", G_TYPE_UINT, sequence->bit_depth,
      "bit-depth-chroma", G_TYPE_UINT, sequence->bit_depth,
      "codec_data", GST_TYPE_BUFFER, record, NULL);
  g_clear_pointer (&self->header, g_bytes_unref);
  self->header = g_steal_pointer (&header);
  gst_pad_set_caps (GST_RTP_BASE_DEPAYLOAD_SRCPAD (self), caps);
}

/* ---- units ---- */

static void
ask_for_keyframe (BifAv1DepayElement * self)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean wanted;

  GST_OBJECT_LOCK (self);
  wanted = self->request_keyframe;
  GST_OBJECT_UNLOCK (self);
  if (!wanted || (self->asked_us != 0
          && now_us < self->asked_us + ASK_INTERVAL_US))
    return;
  self->asked_us = now_us;
  gst_pad_push_event (GST_RTP_BASE_DEPAYLOAD_SINKPAD (self),
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
}

/* What was begun is not whole, and what follows cannot be decoded. */
static void
give_up (BifAv1DepayElement * self)
{
  if (!self->waits)
    GST_DEBUG_OBJECT (self, "something is missing: waiting for a keyframe");
  bif_av1_depay_reset (&self->depay);
  self->waits = TRUE;
  ask_for_keyframe (self);
}

/* (transfer full) (nullable): what there is, where it is of use */
static GstBuffer *
take_unit (BifAv1DepayElement * self)
{
  BifAv1Depay *depay = &self->depay;
  GstBuffer *buffer;
  BifAv1Look look;

  if (!bif_av1_depay_is_whole (depay) || !bif_av1_look (&look,
          depay->unit->data, depay->unit->len)) {
    if (depay->unit->len > 0 || depay->open)
      give_up (self);
    return NULL;
  }
  self->waits = self->waits && !look.keyframe;
  if (self->waits) {
    bif_av1_depay_reset (depay);
    ask_for_keyframe (self);
    return NULL;
  }
  self->asked_us = 0;
  if (look.header != NULL)
    set_caps (self, &look);
  buffer = gst_buffer_new_memdup (depay->unit->data, depay->unit->len);
  GST_BUFFER_PTS (buffer) = self->time;
  if (!look.keyframe)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  bif_av1_depay_reset (depay);
  return buffer;
}

/* A unit whose last packet did not say so. */
static void
push_earlier (BifAv1DepayElement * self, guint32 timestamp)
{
  GstBuffer *buffer;

  if (self->timestamp == timestamp
      || (self->depay.unit->len == 0 && !self->depay.open))
    return;
  buffer = take_unit (self);
  if (buffer != NULL)
    gst_rtp_base_depayload_push (GST_RTP_BASE_DEPAYLOAD (self), buffer);
}

static GstBuffer *
bif_av1_depay_element_process (GstRTPBaseDepayload * base, GstRTPBuffer * rtp)
{
  BifAv1DepayElement *self = BIF_AV1_DEPAY (base);
  guint32 timestamp = gst_rtp_buffer_get_timestamp (rtp);

  if (GST_BUFFER_IS_DISCONT (rtp->buffer))
    give_up (self);
  push_earlier (self, timestamp);
  if (self->depay.unit->len == 0 && !self->depay.open)
    self->time = GST_BUFFER_PTS (rtp->buffer);
  self->timestamp = timestamp;
  if (!bif_av1_depay_take (&self->depay, gst_rtp_buffer_get_payload (rtp),
          gst_rtp_buffer_get_payload_len (rtp)))
    give_up (self);
  return gst_rtp_buffer_get_marker (rtp) ? take_unit (self) : NULL;
}

static gboolean
bif_av1_depay_element_packet_lost (GstRTPBaseDepayload * base,
    GstEvent * event)
{
  give_up (BIF_AV1_DEPAY (base));
  return GST_RTP_BASE_DEPAYLOAD_CLASS
      (bif_av1_depay_element_parent_class)->packet_lost (base, event);
}

static gboolean
bif_av1_depay_element_set_caps (GstRTPBaseDepayload * base, GstCaps * caps)
{
  base->clock_rate = 90000;
  return TRUE;
}

/* ---- the element ---- */

static void
start (BifAv1DepayElement * self)
{
  bif_av1_depay_reset (&self->depay);
  self->waits = TRUE;
  self->asked_us = 0;
  g_clear_pointer (&self->header, g_bytes_unref);
}

static gboolean
bif_av1_depay_element_handle_event (GstRTPBaseDepayload * base,
    GstEvent * event)
{
  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    start (BIF_AV1_DEPAY (base));
  return GST_RTP_BASE_DEPAYLOAD_CLASS
      (bif_av1_depay_element_parent_class)->handle_event (base, event);
}

static GstStateChangeReturn
bif_av1_depay_element_change_state (GstElement * element,
    GstStateChange transition)
{
  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED)
    start (BIF_AV1_DEPAY (element));
  return GST_ELEMENT_CLASS
      (bif_av1_depay_element_parent_class)->change_state (element, transition);
}

static void
bif_av1_depay_element_set_property (GObject * object, guint id,
    const GValue * value, GParamSpec * pspec)
{
  BifAv1DepayElement *self = BIF_AV1_DEPAY (object);

  if (id != PROP_REQUEST_KEYFRAME) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  self->request_keyframe = g_value_get_boolean (value);
  GST_OBJECT_UNLOCK (self);
}

static void
bif_av1_depay_element_get_property (GObject * object, guint id,
    GValue * value, GParamSpec * pspec)
{
  BifAv1DepayElement *self = BIF_AV1_DEPAY (object);

  if (id != PROP_REQUEST_KEYFRAME) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }
  GST_OBJECT_LOCK (self);
  g_value_set_boolean (value, self->request_keyframe);
  GST_OBJECT_UNLOCK (self);
}

static void
bif_av1_depay_element_finalize (GObject * object)
{
  BifAv1DepayElement *self = BIF_AV1_DEPAY (object);

  bif_av1_depay_clear (&self->depay);
  g_clear_pointer (&self->header, g_bytes_unref);
  G_OBJECT_CLASS (bif_av1_depay_element_parent_class)->finalize (object);
}

static void
bif_av1_depay_element_class_init (BifAv1DepayElementClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstRTPBaseDepayloadClass *depay_class =
      GST_RTP_BASE_DEPAYLOAD_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (av1_depay_debug, "bif-av1-depay", 0,
      "AV1 out of RTP");
  object_class->set_property = bif_av1_depay_element_set_property;
  object_class->get_property = bif_av1_depay_element_get_property;
  object_class->finalize = bif_av1_depay_element_finalize;
  element_class->change_state = bif_av1_depay_element_change_state;
  depay_class->set_caps = bif_av1_depay_element_set_caps;
  depay_class->process_rtp_packet = bif_av1_depay_element_process;
  depay_class->packet_lost = bif_av1_depay_element_packet_lost;
  depay_class->handle_event = bif_av1_depay_element_handle_event;
  g_object_class_install_property (object_class, PROP_REQUEST_KEYFRAME,
      g_param_spec_boolean ("request-keyframe", "Request keyframe",
          "A keyframe is asked for when packets are missing", FALSE,
          G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
          | GST_PARAM_MUTABLE_PLAYING));
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "AV1 depayloader",
      "Codec/Depayloader/Network/RTP", "AV1 video out of RTP packets",
      "Bifrons project");
}

static void
bif_av1_depay_element_init (BifAv1DepayElement * self)
{
  bif_av1_depay_init (&self->depay);
  self->waits = TRUE;
}
