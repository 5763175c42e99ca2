/* mp4mend.c: bifmp4mend: goes behind mp4mux. In GStreamer 1.22 that one writes
 * five bytes before the configuration record of AV1 which do not belong there,
 * and browsers do not open such a file. The record moves to where it should be,
 * and a padding unit takes the place that is left. Streaming thread. */
#include "mp4mend.h"
#include "packet/bytes.h"

#include <string.h>

#define BOX_HEAD 8
/* Zeros, and the delay of the first picture. */
#define STRAY 5
#define RECORD_FIRST 0x81
#define RECORD_SIZE 4

struct _BifMp4Mend
{
  GstBaseTransform parent;
};

G_DEFINE_FINAL_TYPE (BifMp4Mend, bif_mp4_mend, GST_TYPE_BASE_TRANSFORM)

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/quicktime"));
static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("video/quicktime"));

/* @box: of @size bytes, its head among them */
static void
mend_box (guint8 * box, gsize size)
{
  static const guint8 padding[STRAY] = { 0x7a, 3, 0, 0, 0x80 };
  guint8 *content = box + BOX_HEAD;
  gsize left;

  if (size < BOX_HEAD + STRAY + RECORD_SIZE || bif_get_be32 (content) != 0
      || content[STRAY] != RECORD_FIRST)
    return;
  left = size - BOX_HEAD - STRAY;
  memmove (content, content + STRAY, left);
  memcpy (content + left, padding, STRAY);
}

/* The box is deep in the header, which is one buffer; media are in others, or
 * behind a head of theirs. */
static void
mend (guint8 * data, gsize size)
{
  guint8 *at = data;

  while ((at = memmem (at, data + size - at, "av1C", 4)) != NULL) {
    if (at - data >= 4) {
      gsize box = bif_get_be32 (at - 4);

      if (box <= (gsize) (data + size - (at - 4)))
        mend_box (at - 4, box);
    }
    at += 4;
  }
}

static gboolean
is_header (const guint8 * data, gsize size)
{
  return size >= BOX_HEAD && (memcmp (data + 4, "moov", 4) == 0
      || memcmp (data + 4, "ftyp", 4) == 0);
}

static GstFlowReturn
bif_mp4_mend_transform_ip (GstBaseTransform * trans, GstBuffer * buffer)
{
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READWRITE))
    return GST_FLOW_OK;
  if (is_header (map.data, map.size))
    mend (map.data, map.size);
  gst_buffer_unmap (buffer, &map);
  return GST_FLOW_OK;
}

static void
bif_mp4_mend_class_init (BifMp4MendClass * klass)
{
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_BASE_TRANSFORM_CLASS (klass)->transform_ip = bif_mp4_mend_transform_ip;
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "MP4 mender",
      "Filter", "Makes AV1 in files of mp4mux readable for browsers",
      "Bifrons project");
}

static void
bif_mp4_mend_init (BifMp4Mend * self)
{
}
