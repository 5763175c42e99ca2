/* mjr-element: fuzzes bifmjrdemux: the input is a file it reads. Whatever it is,
 * the pipeline comes to its end or to an error, and times never go back. */
#include "fuzz.h"

#include <gst/gst.h>
#include <glib/gstdio.h>
#include <unistd.h>

static GstElement *pipeline, *demux;
static char *path;

static GstPadProbeReturn
on_buffer_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  GstClockTime time = GST_BUFFER_PTS (GST_PAD_PROBE_INFO_BUFFER (info));
  GstClockTime *last = user_data;

  if (GST_CLOCK_TIME_IS_VALID (*last) && GST_CLOCK_TIME_IS_VALID (time))
    g_assert_cmpuint (*last, <=, time);
  *last = time;
  return GST_PAD_PROBE_OK;
}

static void
start (void)
{
  static GstClockTime last;
  g_autoptr (GstElement) source = NULL, sink = NULL;
  g_autoptr (GstPad) pad = NULL;
  int fd;

  gst_init (NULL, NULL);
  gst_debug_set_active (FALSE);
  fd = g_file_open_tmp ("fuzz-XXXXXX.mjr", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  pipeline = gst_parse_launch ("filesrc name=source ! bifmjrdemux name=demux "
      "! fakesink name=sink sync=false", NULL);
  g_assert_nonnull (pipeline);
  demux = gst_bin_get_by_name (GST_BIN (pipeline), "demux");
  source = gst_bin_get_by_name (GST_BIN (pipeline), "source");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  g_object_set (source, "location", path, NULL);
  g_object_set_data (G_OBJECT (pipeline), "last", &last);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer_any_thread,
      &last, NULL);
}

static void
run (void)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  *(GstClockTime *) g_object_get_data (G_OBJECT (pipeline), "last") =
      GST_CLOCK_TIME_NONE;
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

int
LLVMFuzzerTestOneInput (const guint8 * data, gsize size)
{
  if (pipeline == NULL)
    start ();
  g_assert_true (g_file_set_contents_full (path, (const char *) data, size,
          G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  for (guint i = 0; i < 4; i++) {
    g_object_set (demux, "raw", i == 1, "ignore-timestamps", i == 2,
        "audio-skew", i == 3 ? 40 : 0, "restamp", i == 3 ? 1500 : 0,
        "silence-distance", i == 3 ? 20 : 0, NULL);
    run ();
  }
  g_unlink (path);
  return 0;
}
