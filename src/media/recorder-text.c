/* recorder-text.c: messages of data channels in a recording: as .mjr, and as
 * subtitles beside what plays. Main thread. */
#include "media/recorder-private.h"
#include "base/post.h"

#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (bif_recorder_debug);
#define GST_CAT_DEFAULT bif_recorder_debug

/* How long a message is shown. */
#define SHOWN (3 * GST_SECOND)

struct _BifRecorderText
{
  char *name;
  gboolean subtitles;
  GstElement *source;           /* appsrc, owned */
};

void
bif_recorder_text_free (BifRecorderText * self)
{
  g_free (self->name);
  gst_clear_object (&self->source);
  g_free (self);
}

static BifRecorderText *
find_text (BifRecorder * self, const char *name, gboolean subtitles)
{
  for (guint i = 0; i < self->texts->len; i++) {
    BifRecorderText *text = self->texts->pdata[i];

    if (text->subtitles == subtitles && strcmp (text->name, name) == 0)
      return text;
  }
  return NULL;
}

static GstElement *
make_source (gboolean subtitles, gboolean text)
{
  GstElement *source = gst_element_factory_make ("appsrc", NULL);
  g_autoptr (GstCaps) caps = !text ?
      gst_caps_new_empty_simple ("application/octet-stream") :
      gst_caps_new_simple ("text/x-raw", "format", G_TYPE_STRING, "utf8", NULL);

  g_object_set (source, "is-live", TRUE, "format", GST_FORMAT_TIME, "caps",
      caps, "max-bytes", (guint64) (1 << 20), NULL);
  gst_util_set_object_arg (G_OBJECT (source), "leaky-type", "downstream");
  return source;
}

static BifRecorderText *
make_text (BifRecorder * self, const char *name, gboolean subtitles,
    gboolean is_text)
{
  g_autofree char *path = g_strconcat (self->base, "-", name,
      subtitles ? ".vtt" : ".mjr", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) bin =
      bif_template_make_section (self->recordings->template_,
      subtitles ? "text" : "mjr", &error);
  g_autoptr (GstElement) in = NULL;
  BifRecorderText *text;

  if (bin == NULL || !bif_recorder_start (self)) {
    bif_recorder_fail (self, error != NULL ? error->message : "no pipeline");
    return NULL;
  }
  gst_object_ref_sink (bin);
  in = gst_bin_get_by_name (GST_BIN (bin), "in");
  text = g_new0 (BifRecorderText, 1);
  text->name = g_strdup (name);
  text->subtitles = subtitles;
  text->source = g_object_ref (make_source (subtitles, is_text));
  gst_bin_add (GST_BIN (bin), text->source);
  gst_element_link (text->source, in);
  bif_recorder_use_file (self, bin, path);
  gst_bin_add (GST_BIN (self->pipeline), bin);
  gst_element_sync_state_with_parent (bin);
  g_ptr_array_add (self->texts, text);
  return text;
}

/* @at: on the time line of the files, or running time. */
static void
push (BifRecorder * self, const char *name, gboolean subtitles,
    const BifDataMessage * message, GstClockTime at)
{
  BifRecorderText *text = find_text (self, name, subtitles);
  g_autoptr (GstBuffer) buffer = gst_buffer_new_wrapped_bytes
      (message->bytes);
  GstFlowReturn flow;

  if (text == NULL)
    text = make_text (self, name, subtitles, message->text);
  if (text == NULL)
    return;
  GST_BUFFER_PTS (buffer) = at;
  if (subtitles)
    GST_BUFFER_DURATION (buffer) = SHOWN;
  g_signal_emit_by_name (text->source, "push-buffer", buffer, &flow);
}

void
bif_recorder_add_message (BifRecorder * self, const char *name,
    const BifDataMessage * message)
{
  gint64 now_us = g_get_monotonic_time ();
  gint64 at_us = self->zero_us > 0 ? now_us - self->zero_us - self->paused_us
      : 0;
  GstClockTime now = now_us * GST_USECOND, base;

  BIF_ASSERT_MAIN ();
  if (self->closing || self->failed || self->paused
      || !bif_recorder_start (self))
    return;
  base = gst_element_get_base_time (self->pipeline);
  push (self, name, FALSE, message, now > base ? now - base : 0);
  if (self->formats & ~BIF_RECORDING_MJR && message->text)
    push (self, name, TRUE, message, MAX (0, at_us) * GST_USECOND);
}

const char *
bif_recorder_text_file (BifRecorder * self, const char *name)
{
  g_autofree char *path = g_strconcat (self->base, "-", name, ".mjr", NULL);

  if (!g_ptr_array_find_with_equal_func (self->files, path, g_str_equal,
          NULL))
    return NULL;
  g_free (self->text_file);
  self->text_file = g_path_get_basename (path);
  return self->text_file;
}
