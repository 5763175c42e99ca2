/* part-input.c: see part-input.h. Streaming threads. */
#include "part-input.h"

BifPartInput *
bif_part_input_new (gboolean video)
{
  BifPartInput *self = g_new0 (BifPartInput, 1);

  self->video = self->waits_keyframe = video;
  self->last = GST_CLOCK_TIME_NONE;
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  g_queue_init (&self->held);
  return self;
}

void
bif_part_input_free (gpointer data)
{
  BifPartInput *input = data;

  g_queue_clear_full (&input->held, (GDestroyNotify) gst_buffer_unref);
  gst_clear_caps (&input->caps);
  g_free (input);
}

void
bif_part_input_reset (BifPartInput * self)
{
  g_queue_clear_full (&self->held, (GDestroyNotify) gst_buffer_unref);
  gst_clear_caps (&self->caps);
  self->out = NULL;
  self->last = GST_CLOCK_TIME_NONE;
  self->newest = 0;
  self->waits_keyframe = self->video;
  self->refused = self->ended = FALSE;
}

gboolean
bif_part_inputs_have_video (const GPtrArray * inputs)
{
  for (guint i = 0; i < inputs->len; i++) {
    BifPartInput *input = g_ptr_array_index (inputs, i);

    if (input->video && !input->ended && input->out != NULL)
      return TRUE;
  }
  return FALSE;
}

gboolean
bif_part_inputs_ended (const GPtrArray * inputs)
{
  for (guint i = 0; i < inputs->len; i++) {
    BifPartInput *input = g_ptr_array_index (inputs, i);

    if (!input->ended)
      return FALSE;
  }
  return TRUE;
}

BifPartInput *
bif_part_inputs_earliest (const GPtrArray * inputs)
{
  BifPartInput *earliest = NULL;

  for (guint i = 0; i < inputs->len; i++) {
    BifPartInput *input = g_ptr_array_index (inputs, i);
    GstBuffer *buffer = g_queue_peek_head (&input->held);

    if (buffer != NULL && (earliest == NULL || GST_BUFFER_PTS (buffer)
            < GST_BUFFER_PTS (g_queue_peek_head (&earliest->held))))
      earliest = input;
  }
  return earliest;
}

GstClockTime
bif_part_inputs_latest (const GPtrArray * inputs, GstClockTime start)
{
  for (guint i = 0; i < inputs->len; i++) {
    BifPartInput *input = g_ptr_array_index (inputs, i);
    GstBuffer *buffer = g_queue_peek_head (&input->held);

    if (buffer != NULL && input->out != NULL)
      start = MAX (start, GST_BUFFER_PTS (buffer));
  }
  return start;
}

/* Streams of VP8, VP9 and AV1 change their size as they go, and files of them
 * may: what a decoder has to know is in the stream too. */
gboolean
bif_part_caps_go_on (const GstCaps * before, const GstCaps * after)
{
  static const char *const free_fields[] = { "width", "height", "framerate",
    "pixel-aspect-ratio"
  };
  g_autoptr (GstCaps) a = gst_caps_copy (before);
  g_autoptr (GstCaps) b = gst_caps_copy (after);

  if (gst_structure_has_name (gst_caps_get_structure (a, 0), "video/x-av1")) {
    gst_structure_remove_field (gst_caps_get_structure (a, 0), "codec_data");
    gst_structure_remove_field (gst_caps_get_structure (b, 0), "codec_data");
  }
  for (guint i = 0; i < G_N_ELEMENTS (free_fields); i++) {
    gst_structure_remove_field (gst_caps_get_structure (a, 0), free_fields[i]);
    gst_structure_remove_field (gst_caps_get_structure (b, 0), free_fields[i]);
  }
  return gst_caps_is_equal (a, b);
}
