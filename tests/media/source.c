/* source.c: see source.h. */
#include "source.h"

#include <string.h>

#define FLASH (100 * GST_MSECOND)

/* Beeps are counted from the first sample, which may come late. */
static GstPadProbeReturn
note_start (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  TestSource *self = user_data;

  g_atomic_int_set (&self->start_ms, GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER
          (info)) / GST_MSECOND);
  return GST_PAD_PROBE_REMOVE;
}

/* White for the first tenth of every second. */
static GstPadProbeReturn
flash (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  TestSource *self = user_data;
  GstBuffer *buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER
      (info));
  GstMapInfo map;

  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  /* The picture that is nearest begins it. */
  if ((GST_BUFFER_PTS (buffer) + GST_SECOND + GST_SECOND / 60
          - g_atomic_int_get (&self->start_ms) * GST_MSECOND)
      % GST_SECOND < FLASH
      && gst_buffer_map (buffer, &map, GST_MAP_WRITE)) {
    memset (map.data, 235, map.size * 2 / 3);
    gst_buffer_unmap (buffer, &map);
  }
  return GST_PAD_PROBE_OK;
}

static GObject *
stream_of (GstElement * pipeline, const char *name)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (pipeline), name);
  GObject *stream = NULL;

  if (sink != NULL)
    g_object_get (sink, "stream", &stream, NULL);
  return stream;
}

static void
watch (TestSource * self, const char *name, GstPadProbeCallback probe)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (self->pipeline), name);
  g_autoptr (GstPad) pad =
      element != NULL ? gst_element_get_static_pad (element, "sink") : NULL;

  if (pad != NULL)
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, probe, self, NULL);
}

static TestSource *
make (const char *video_encoder, const char *audio_encoder, double loss)
{
  TestSource *self = g_new0 (TestSource, 1);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  char drop[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_dtostr (drop, sizeof drop, loss);
  if (video_encoder != NULL)
    g_string_append_printf (text, "videotestsrc is-live=true pattern=black ! "
        "videoscale ! capsfilter name=size caps=video/x-raw,format=I420,"
        "width=320,height=240,framerate=30/1 ! identity name=picture ! %s ! "
        "identity drop-probability=%s ! valve name=video-valve ! "
        "bifbridgesink name=video ", video_encoder, drop);
  if (audio_encoder != NULL)
    g_string_append_printf (text, "audiotestsrc is-live=true wave=ticks "
        "freq=1000 sine-periods-per-tick=40 samplesperbuffer=480 volume=1 ! "
        "audio/x-raw,rate=48000 ! identity name=sound ! audioconvert ! "
        "audioresample ! %s ! "
        "identity drop-probability=%s ! valve name=audio-valve ! "
        "bifbridgesink name=audio ", audio_encoder, drop);
  self->pipeline = gst_parse_launch (text->str, &error);
  g_assert_no_error (error);
  watch (self, "picture", flash);
  watch (self, "sound", note_start);
  self->video = stream_of (self->pipeline, "video");
  self->audio = stream_of (self->pipeline, "audio");
  return self;
}

TestSource *
test_source_new (const char *video_encoder, const char *audio_encoder,
    double loss)
{
  TestSource *self = make (video_encoder, audio_encoder, loss);

  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return self;
}

TestSource *
test_source_new_silent (const char *video_encoder, const char *audio_encoder,
    const char *silent)
{
  TestSource *self = make (video_encoder, audio_encoder, 0);

  test_source_mute (self, silent, TRUE);
  gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  return self;
}

void
test_source_free (TestSource * self)
{
  gst_element_set_state (self->pipeline, GST_STATE_NULL);
  g_clear_object (&self->video);
  g_clear_object (&self->audio);
  gst_object_unref (self->pipeline);
  g_free (self);
}

void
test_source_mute (TestSource * self, const char *kind, gboolean mute)
{
  g_autofree char *name = g_strconcat (kind, "-valve", NULL);
  g_autoptr (GstElement) valve =
      gst_bin_get_by_name (GST_BIN (self->pipeline), name);

  g_object_set (valve, "drop", mute, NULL);
}

void
test_source_resize (TestSource * self, int width, int height)
{
  g_autoptr (GstElement) size =
      gst_bin_get_by_name (GST_BIN (self->pipeline), "size");
  g_autoptr (GstCaps) caps = gst_caps_new_simple ("video/x-raw", "format",
      G_TYPE_STRING, "I420", "width", G_TYPE_INT, width, "height", G_TYPE_INT,
      height, "framerate", GST_TYPE_FRACTION, 30, 1, NULL);

  g_object_set (size, "caps", caps, NULL);
}
