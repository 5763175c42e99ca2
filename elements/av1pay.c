/* av1pay.c: bifrtpav1pay: temporal units of AV1 into RTP. Files may have the
 * sequence header in their configuration record only: it goes before keyframes
 * that have none. Streaming thread. */
#include "av1pay.h"
#include "packet/av1-sequence.h"

#include <gst/rtp/gstrtpbuffer.h>
#include <string.h>

#define MIN_ROOM 8

struct _BifAv1PayElement
{
  GstRTPBasePayload parent;

  /* streaming thread only */
  BifAv1Pay pay;
  GBytes *header;               /* of the caps (nullable) */
};

GST_DEBUG_CATEGORY_STATIC (av1_pay_debug);
#define GST_CAT_DEFAULT av1_pay_debug

G_DEFINE_FINAL_TYPE (BifAv1PayElement, bif_av1_pay_element,
    GST_TYPE_RTP_BASE_PAYLOAD)

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/x-av1, stream-format=(string)obu-stream, "
        "alignment=(string)tu"));
static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-rtp, media=(string)video, "
        "payload=(int)[ 96, 127 ], clock-rate=(int)90000, "
        "encoding-name=(string)AV1"));

/* What is behind the fixed part of a configuration record. (transfer full)
 * (nullable) */
static GBytes *
header_of_record (GstBuffer * record)
{
  g_autoptr (GBytes) header = NULL;
  BifAv1Look look;
  gpointer data = NULL;
  gsize size = 0;

  if (record == NULL || gst_buffer_get_size (record) <= BIF_AV1_RECORD_SIZE)
    return NULL;
  gst_buffer_extract_dup (record, BIF_AV1_RECORD_SIZE, -1, &data, &size);
  header = g_bytes_new_take (data, size);
  if (!bif_av1_look (&look, data, size) || look.header == NULL)
    return NULL;
  return g_bytes_new (look.header, look.header_size);
}

static gboolean
bif_av1_pay_element_set_caps (GstRTPBasePayload * base, GstCaps * caps)
{
  BifAv1PayElement *self = BIF_AV1_PAY (base);
  GstStructure *structure = gst_caps_get_structure (caps, 0);
  GstBuffer *record = NULL;

  gst_structure_get (structure, "codec_data", GST_TYPE_BUFFER, &record, NULL);
  g_clear_pointer (&self->header, g_bytes_unref);
  self->header = header_of_record (record);
  gst_clear_buffer (&record);
  gst_rtp_base_payload_set_options (base, "video", TRUE, "AV1", 90000);
  return gst_rtp_base_payload_set_outcaps (base, NULL);
}

/* (transfer full): the next packet of the unit */
static GstBuffer *
make_packet (BifAv1PayElement * self, gsize room)
{
  GstRTPBasePayload *base = GST_RTP_BASE_PAYLOAD (self);
  g_autofree guint8 *payload = g_malloc (room);
  gsize size = bif_av1_pay_next (&self->pay, payload, room);
  GstBuffer *packet =
      gst_rtp_base_payload_allocate_output_buffer (base, (guint) size, 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  gst_rtp_buffer_map (packet, GST_MAP_WRITE, &rtp);
  memcpy (gst_rtp_buffer_get_payload (&rtp), payload, size);
  gst_rtp_buffer_set_marker (&rtp, bif_av1_pay_is_done (&self->pay));
  gst_rtp_buffer_unmap (&rtp);
  return packet;
}

/* FALSE: there is nothing to send of it. */
static gboolean
take_unit (BifAv1PayElement * self, GstBuffer * buffer)
{
  const guint8 *header = NULL;
  gsize header_size = 0;
  GstMapInfo map;
  BifAv1Look look;
  gboolean key, ok;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return FALSE;
  ok = bif_av1_look (&look, map.data, map.size);
  key = look.keyframe || (look.header == NULL && self->header != NULL
      && !GST_BUFFER_FLAG_IS_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT));
  if (key && look.header == NULL)
    header = g_bytes_get_data (self->header, &header_size);
  ok = ok && bif_av1_pay_take (&self->pay, header, header_size, map.data,
      map.size, key);
  gst_buffer_unmap (buffer, &map);
  return ok;
}

static GstFlowReturn
bif_av1_pay_element_handle_buffer (GstRTPBasePayload * base,
    GstBuffer * buffer)
{
  BifAv1PayElement *self = BIF_AV1_PAY (base);
  guint mtu = GST_RTP_BASE_PAYLOAD_MTU (base);
  guint head = gst_rtp_buffer_calc_header_len (0);
  gsize room = MAX (mtu, head + MIN_ROOM) - head;
  GstBufferList *list;

  if (!take_unit (self, buffer)) {
    GST_WARNING_OBJECT (self, "no temporal unit: %" GST_PTR_FORMAT, buffer);
    gst_buffer_unref (buffer);
    return GST_FLOW_OK;
  }
  list = gst_buffer_list_new ();
  while (!bif_av1_pay_is_done (&self->pay)) {
    GstBuffer *packet = make_packet (self, room);

    /* Not its offset, which would be taken for a count of samples. */
    GST_BUFFER_PTS (packet) = GST_BUFFER_PTS (buffer);
    GST_BUFFER_DTS (packet) = GST_BUFFER_DTS (buffer);
    gst_buffer_list_add (list, packet);
  }
  gst_buffer_unref (buffer);
  return gst_rtp_base_payload_push_list (base, list);
}

static void
bif_av1_pay_element_finalize (GObject * object)
{
  BifAv1PayElement *self = BIF_AV1_PAY (object);

  bif_av1_pay_clear (&self->pay);
  g_clear_pointer (&self->header, g_bytes_unref);
  G_OBJECT_CLASS (bif_av1_pay_element_parent_class)->finalize (object);
}

static void
bif_av1_pay_element_class_init (BifAv1PayElementClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);
  GstRTPBasePayloadClass *pay_class = GST_RTP_BASE_PAYLOAD_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (av1_pay_debug, "bif-av1-pay", 0, "AV1 into RTP");
  G_OBJECT_CLASS (klass)->finalize = bif_av1_pay_element_finalize;
  pay_class->set_caps = bif_av1_pay_element_set_caps;
  pay_class->handle_buffer = bif_av1_pay_element_handle_buffer;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "AV1 payloader",
      "Codec/Payloader/Network/RTP", "AV1 video into RTP packets",
      "Bifrons project");
}

static void
bif_av1_pay_element_init (BifAv1PayElement * self)
{
  bif_av1_pay_init (&self->pay);
}
