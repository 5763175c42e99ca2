/* bridge: RTP from one pipeline to others by the name of a channel. */
#include <string.h>
#include <gst/check/gstharness.h>
#include <gst/video/video-event.h>
#include "packet/rtp.h"

#define CAPS "application/x-rtp, media=(string)video, clock-rate=(int)90000, " \
  "encoding-name=(string)VP8, payload=(int)96"
#define QUEUE 512

static GstBuffer *
make_of (guint32 ssrc, guint16 sequence)
{
  BifRtpHeader header = {.payload_type = 96,.sequence = sequence,.ssrc = ssrc };
  guint8 out[BIF_RTP_MAX_HEADER];
  gsize size = bif_rtp_write (out, &header, &(BifExtMap) { 0 });

  memset (out + size, 0, 20);
  out[size] = 0x10;
  return gst_buffer_new_memdup (out, size + 20);
}

static GstBuffer *
make (guint16 sequence)
{
  return make_of (5, sequence);
}

static guint16
sequence_of (GstBuffer * buffer)
{
  guint8 bytes[4];

  g_assert_cmpuint (gst_buffer_extract (buffer, 0, bytes, 4), ==, 4);
  return bytes[2] << 8 | bytes[3];
}

static GstHarness *
make_replaying (const char *channel, guint replay_s)
{
  GstElement *sink = gst_element_factory_make ("bifbridgesink", NULL);
  GstHarness *h;

  g_object_set (sink, "channel", channel, "replay", replay_s, NULL);
  h = gst_harness_new_with_element (sink, "sink", NULL);
  gst_object_unref (sink);
  gst_harness_set_src_caps_str (h, CAPS);
  return h;
}

static GstHarness *
make_sink (const char *channel)
{
  return make_replaying (channel, 0);
}

static GstHarness *
make_source (const char *channel)
{
  GstElement *source = gst_element_factory_make ("bifbridgesrc", NULL);
  GstHarness *h;

  g_object_set (source, "channel", channel, NULL);
  h = gst_harness_new_with_element (source, NULL, "src");
  gst_object_unref (source);
  gst_harness_play (h);
  return h;
}

static void
expect (GstHarness * h, guint16 sequence)
{
  GstBuffer *buffer = gst_harness_pull (h);

  g_assert_nonnull (buffer);
  g_assert_cmpint (sequence_of (buffer), ==, sequence);
  g_assert_true (GST_BUFFER_PTS_IS_VALID (buffer));
  gst_buffer_unref (buffer);
}

/* Two readers and a stranger; caps come along. */
static void
test_channel (void)
{
  GstHarness *sink = make_sink ("one");
  GstHarness *first = make_source ("one"), *second = make_source ("one");
  GstHarness *other = make_source ("two");
  g_autoptr (GstCaps) caps = NULL, wanted = gst_caps_from_string (CAPS);

  for (guint i = 65500; i < 65600; i++) {
    gst_harness_push (sink, make (i));
    expect (first, i);
    expect (second, i);
  }
  caps = gst_pad_get_current_caps (first->sinkpad);
  g_assert_true (gst_caps_is_equal (caps, wanted));
  g_assert_cmpuint (gst_harness_buffers_received (other), ==, 0);
  gst_harness_teardown (second);
  gst_harness_push (sink, make (100));
  expect (first, 100);
  /* the same numbers of another source are others; a duplicate is not */
  gst_harness_push (sink, make_of (6, 100));
  expect (first, 100);
  gst_harness_push (sink, make_of (6, 100));
  /* the sink's end is not the reader's; the next goes on under the name */
  gst_harness_teardown (sink);
  sink = make_sink ("one");
  gst_harness_push (sink, make_of (6, 100));
  gst_harness_push (sink, make_of (6, 101));
  expect (first, 100);
  expect (first, 101);
  gst_harness_teardown (first);
  gst_harness_teardown (other);
  gst_harness_teardown (sink);
}

/* Garbage stays outside, and stops nothing. */
static void
test_garbage (void)
{
  GstHarness *sink = make_sink ("g"), *source = make_source ("g");
  g_autofree guint8 *large = g_malloc0 (70000);

  large[0] = 0x80;
  gst_harness_push (sink, gst_buffer_new ());
  gst_harness_push (sink, gst_buffer_new_memdup ("no RTP at all", 13));
  gst_harness_push (sink, gst_buffer_new_memdup (large, 70000));
  gst_harness_push (sink, gst_buffer_new_memdup (large, 11));
  gst_harness_push (sink, make (3));
  expect (source, 3);
  gst_harness_teardown (source);
  gst_harness_teardown (sink);
}

/* A pipeline that takes nothing (paused) gets the newest later; what it missed
 * is counted, and nobody was held up. */
static void
test_bounded (void)
{
  GstHarness *sink = make_sink ("slow");
  GstElement *pipeline = gst_parse_launch ("bifbridgesrc name=s channel=slow "
      "! fakesink name=f sync=false signal-handoffs=true", NULL);
  g_autoptr (GstElement) source = gst_bin_get_by_name (GST_BIN (pipeline),
      "s");
  guint64 dropped;

  g_assert_cmpint (gst_element_set_state (pipeline, GST_STATE_PAUSED), ==,
      GST_STATE_CHANGE_NO_PREROLL);
  for (guint i = 0; i < QUEUE + 100; i++)
    gst_harness_push (sink, make (i));
  g_object_get (source, "dropped", &dropped, NULL);
  /* one may be in the hands of the streaming thread */
  g_assert_cmpuint (dropped, >=, 99);
  g_assert_cmpuint (dropped, <=, 100);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
  gst_harness_teardown (sink);
}

/* ---- keyframes ---- */

static gboolean
is_request (GstEvent * event)
{
  gboolean is = event != NULL && gst_video_event_is_force_key_unit (event);

  g_clear_pointer (&event, gst_event_unref);
  return is;
}

static guint
requests (GstHarness * h)
{
  guint n = 0;
  GstEvent *event;

  while ((event = gst_harness_try_pull_upstream_event (h)) != NULL)
    n += is_request (event);
  return n;
}

/* A request goes back through the bridge to the encoder; many at once are one. */
static void
test_keyframe (void)
{
  GstHarness *sink = make_sink ("key");
  GstHarness *source;

  gst_harness_push (sink, make (1));
  g_assert_cmpuint (requests (sink), ==, 0);
  source = make_source ("key");
  /* a new reader asks by itself */
  g_assert_cmpuint (requests (sink), ==, 1);
  gst_harness_push (sink, make (2));
  expect (source, 2);
  for (guint i = 0; i < 10; i++)
    gst_harness_push_upstream_event (source,
        gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
            i));
  g_assert_cmpuint (requests (sink), <=, 1);
  gst_harness_teardown (source);
  gst_harness_teardown (sink);
}

/* After the limit of four a second, the downstream request alone is seen. */
static void
test_keyframe_downstream (void)
{
  GstHarness *sink = make_sink ("down"), *source;
  gint64 until_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  gst_harness_push (sink, make (1));
  source = make_source ("down");
  g_assert_cmpuint (requests (sink), ==, 1);
  do {
    g_assert_cmpint (g_get_monotonic_time (), <, until_us);
    gst_harness_push_upstream_event (source,
        gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
            0));
  } while (requests (sink) == 0);
  gst_harness_teardown (source);
  gst_harness_teardown (sink);
}

/* ---- pipelines ---- */

static gboolean
wait_for (GstElement * pipeline, GstMessageType type)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (bus,
      10 * GST_SECOND, type | GST_MESSAGE_ERROR);

  return message != NULL && GST_MESSAGE_TYPE (message) == type;
}

/* Both ends in one pipeline; stopping it in any state ends. */
static void
test_one_pipeline (void)
{
  static const GstState states[] = { GST_STATE_READY, GST_STATE_PAUSED,
    GST_STATE_PLAYING
  };

  for (guint i = 0; i < 20; i++) {
    GstElement *pipeline = gst_parse_launch ("appsrc is-live=true ! " CAPS
        " ! bifbridgesink channel=loop bifbridgesrc channel=loop ! fakesink",
        NULL);

    if (pipeline == NULL) {
      g_test_skip ("no appsrc");
      return;
    }
    gst_element_set_state (pipeline, states[i % 3]);
    gst_element_set_state (pipeline, GST_STATE_NULL);
    gst_object_unref (pipeline);
  }
}

static void
test_nothing_set (void)
{
  GstElement *pipeline = gst_parse_launch ("bifbridgesrc ! fakesink", NULL);

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  g_assert_true (wait_for (pipeline, GST_MESSAGE_ERROR));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_object_unref (pipeline);
}

/* Flushing from downstream, and a stream that is gone before its readers. */
static void
test_flush (void)
{
  GstHarness *sink = make_sink ("flush"), *source = make_source ("flush");
  gpointer stream;

  gst_harness_push (sink, make (1));
  expect (source, 1);
  gst_harness_push_event (sink, gst_event_new_flush_start ());
  gst_harness_push_event (sink, gst_event_new_flush_stop (TRUE));
  gst_harness_push_event (sink, gst_event_new_segment (&(GstSegment) {
          .rate = 1, .format = GST_FORMAT_TIME, .applied_rate = 1,
          .stop = GST_CLOCK_TIME_NONE, .duration = GST_CLOCK_TIME_NONE }));
  gst_harness_push (sink, make (2));
  expect (source, 2);
  g_object_get (sink->element, "stream", &stream, NULL);
  g_object_add_weak_pointer (stream, &stream);
  g_object_unref (stream);
  gst_harness_teardown (sink);
  g_assert_nonnull (stream);
  gst_harness_teardown (source);
  g_assert_null (stream);
}

/* A picture of one packet: 3000 is a thirtieth of a second. */
static GstBuffer *
make_picture (guint16 sequence, gboolean keyframe)
{
  GstBuffer *buffer = make (sequence);
  BifRtpHeader header = {.payload_type = 96,.sequence = sequence,
    .timestamp = 3000 * sequence,.ssrc = 5
  };
  guint8 out[BIF_RTP_MAX_HEADER];
  gsize size = bif_rtp_write (out, &header, &(BifExtMap) { 0 });

  gst_buffer_fill (buffer, 0, out, size);
  if (!keyframe)
    gst_buffer_fill (buffer, size + 1, "\1", 1);
  return buffer;
}

/* Who joins begins with the last keyframe, a few packets for each that comes,
 * and misses none. */
static void
test_replay (void)
{
  GstHarness *sink = make_replaying ("replay", 10);
  GstHarness *first = make_source ("replay"), *late;
  guint16 next = 50;

  for (guint i = 10; i < 110; i++) {
    gst_harness_push (sink, make_picture (i, i == 10 || i == 50));
    expect (first, i);
  }
  late = make_source ("replay");
  g_assert_cmpuint (gst_harness_buffers_received (late), ==, 0);
  for (guint i = 110; i < 120; i++) {
    gst_harness_push (sink, make_picture (i, FALSE));
    expect (first, i);
    while (next <= MIN (i, 50u + (i - 109) * 16 - 1))
      expect (late, next++);
  }
  g_assert_cmpuint (next, ==, 120);
  gst_harness_teardown (late);
  gst_harness_teardown (first);
  gst_harness_teardown (sink);
}

int
main (int argc, char **argv)
{
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bridge/channel", test_channel);
  g_test_add_func ("/bridge/garbage", test_garbage);
  g_test_add_func ("/bridge/bounded", test_bounded);
  g_test_add_func ("/bridge/keyframe", test_keyframe);
  g_test_add_func ("/bridge/keyframe/downstream", test_keyframe_downstream);
  g_test_add_func ("/bridge/one-pipeline", test_one_pipeline);
  g_test_add_func ("/bridge/nothing-set", test_nothing_set);
  g_test_add_func ("/bridge/flush", test_flush);
  g_test_add_func ("/bridge/replay", test_replay);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
