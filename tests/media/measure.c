/* measure.c: see measure.h. Streaming threads fill what the test reads at the
 * end. */
#include "measure.h"

#include <gst/gst.h>
#include <math.h>
#include <stdlib.h>

#define QUIET_MS 300
#define NEAR_MS 400

typedef struct
{
  Measured *result;
  GstElement *pipeline;
  gboolean white;
  double loud_ms;               /* when it was loud last */
} Measuring;

static double
time_ms (GstPad * pad, GstBuffer * buffer)
{
  g_autoptr (GstEvent) event =
      gst_pad_get_sticky_event (pad, GST_EVENT_SEGMENT, 0);
  const GstSegment *segment;

  gst_event_parse_segment (event, &segment);
  return gst_segment_to_stream_time (segment, GST_FORMAT_TIME,
      GST_BUFFER_PTS (buffer)) / 1e6;
}

static void
take_picture (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    Measuring * self)
{
  double at = time_ms (pad, buffer);
  gboolean white = FALSE;
  GstMapInfo map;

  if (gst_buffer_map (buffer, &map, GST_MAP_READ)) {
    guint64 sum = 0;

    for (gsize i = 0; i < map.size; i += 16)
      sum += map.data[i];
    white = sum / (map.size / 16) > 128;
    gst_buffer_unmap (buffer, &map);
  }
  if (white && !self->white)
    g_array_append_val (self->result->flashes, at);
  self->white = white;
  if (self->result->video_frames++ == 0)
    self->result->first_video_ms = at;
  self->result->last_video_ms = at;
}

static void
take_sound (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    Measuring * self)
{
  double begin = time_ms (pad, buffer);
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  for (gsize i = 0; i < map.size / 2; i++) {
    double at = begin + i / 48.0;

    if (abs (((gint16 *) map.data)[i]) < 6000)
      continue;
    if (at - self->loud_ms > QUIET_MS)
      g_array_append_val (self->result->beeps, at);
    self->loud_ms = at;
  }
  if (self->result->audio_buffers++ == 0)
    self->result->first_audio_ms = begin;
  self->result->last_audio_ms = begin + map.size / 96.0;
  gst_buffer_unmap (buffer, &map);
}

static void
connect (Measuring * self, GstElement * bin, const char *name,
    GCallback callback)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bin), name);

  g_signal_connect (sink, "handoff", callback, self);
}

static void
add_pad (GstElement * decoder, GstPad * pad, Measuring * self)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const char *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));
  gboolean video = g_str_has_prefix (name, "video");
  GstElement *bin = gst_parse_bin_from_description (video ?
      "videoconvert ! videoscale ! video/x-raw,format=GRAY8,width=64,height=64 "
      "! fakesink name=out signal-handoffs=true sync=false async=false" :
      "audioconvert ! audioresample ! "
      "audio/x-raw,format=S16LE,channels=1,rate=48000,layout=interleaved "
      "! fakesink name=out signal-handoffs=true sync=false async=false", TRUE,
      NULL);
  g_autoptr (GstPad) sink = NULL;

  connect (self, bin, "out", video ? G_CALLBACK (take_picture) :
      G_CALLBACK (take_sound));
  gst_bin_add (GST_BIN (self->pipeline), bin);
  sink = gst_element_get_static_pad (bin, "sink");
  gst_element_sync_state_with_parent (bin);
  gst_pad_link (pad, sink);
}

static void
compare (Measured * result)
{
  double sum = 0;

  for (guint i = 0; i < result->beeps->len; i++) {
    double beep = g_array_index (result->beeps, double, i);
    double nearest = G_MAXDOUBLE;

    for (guint n = 0; n < result->flashes->len; n++) {
      double away = beep - g_array_index (result->flashes, double, n);

      if (fabs (away) < fabs (nearest))
        nearest = away;
    }
    if (fabs (nearest) > NEAR_MS)
      continue;
    result->pairs++;
    result->away += fabs (nearest) > 40;
    sum += nearest;
    result->max_offset_ms = MAX (result->max_offset_ms, fabs (nearest));
  }
  result->mean_offset_ms = result->pairs > 0 ? sum / result->pairs : 0;
}

Measured *
measure (const char *path)
{
  Measuring self = { .loud_ms = -QUIET_MS - 1 };
  g_autoptr (GstElement) source = NULL, decoder = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  self.result = g_new0 (Measured, 1);
  self.result->flashes = g_array_new (FALSE, FALSE, sizeof (double));
  self.result->beeps = g_array_new (FALSE, FALSE, sizeof (double));
  self.pipeline = gst_parse_launch ("filesrc name=source ! decodebin "
      "name=decoder", NULL);
  source = gst_bin_get_by_name (GST_BIN (self.pipeline), "source");
  decoder = gst_bin_get_by_name (GST_BIN (self.pipeline), "decoder");
  g_object_set (source, "location", path, NULL);
  g_signal_connect (decoder, "pad-added", G_CALLBACK (add_pad), &self);
  gst_element_set_state (self.pipeline, GST_STATE_PLAYING);
  bus = gst_element_get_bus (self.pipeline);
  message = gst_bus_timed_pop_filtered (bus, 120 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  self.result->decoded = message != NULL
      && GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
  gst_element_set_state (self.pipeline, GST_STATE_NULL);
  gst_object_unref (self.pipeline);
  compare (self.result);
  return self.result;
}

void
measured_free (Measured * self)
{
  g_array_unref (self->flashes);
  g_array_unref (self->beeps);
  g_free (self);
}
