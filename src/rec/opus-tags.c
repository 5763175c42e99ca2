/* opus-tags.c: writes OpusTags (RFC 7845, 5.2). Streaming thread. */
#include "rec/opus-tags.h"

#include <string.h>

static void
append_counted (GByteArray * to, const char *a, const char *b)
{
  guint8 size[4];

  GST_WRITE_UINT32_LE (size, strlen (a) + strlen (b));
  g_byte_array_append (to, size, sizeof size);
  g_byte_array_append (to, (const guint8 *) a, strlen (a));
  g_byte_array_append (to, (const guint8 *) b, strlen (b));
}

static GstBuffer *
make_tags (const char *comment)
{
  GByteArray *tags = g_byte_array_new ();
  guint8 count[4];

  GST_WRITE_UINT32_LE (count, 1);
  g_byte_array_append (tags, (const guint8 *) "OpusTags", 8);
  append_counted (tags, "bifrons-rec", "");
  g_byte_array_append (tags, count, sizeof count);
  append_counted (tags, "COMMENT=", comment);
  return gst_buffer_new_wrapped_bytes (g_byte_array_free_to_bytes (tags));
}

GstCaps *
bif_rec_opus_tag (GstCaps * caps, const char *comment)
{
  GstCaps *tagged = gst_caps_copy (caps);
  GstStructure *structure = gst_caps_get_structure (tagged, 0);
  const GValue *headers = gst_structure_get_value (structure, "streamheader");
  g_auto (GValue) list = G_VALUE_INIT, tags = G_VALUE_INIT;

  if (headers == NULL || !GST_VALUE_HOLDS_ARRAY (headers)
      || gst_value_array_get_size (headers) < 1)
    return tagged;
  g_value_init (&list, GST_TYPE_ARRAY);
  g_value_init (&tags, GST_TYPE_BUFFER);
  g_value_take_boxed (&tags, make_tags (comment));
  gst_value_array_append_value (&list, gst_value_array_get_value (headers, 0));
  gst_value_array_append_value (&list, &tags);
  gst_structure_set_value (structure, "streamheader", &list);
  return tagged;
}
