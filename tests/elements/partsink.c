/* partsink: files part by part, of buffers that a test makes; what is in them is
 * read back by demuxers. */
#include <glib/gstdio.h>
#include <gst/check/gstharness.h>
#include <gst/video/video-event.h>
#include <string.h>

#define VIDEO_CAPS "video/x-vp8, width=(int)320, height=(int)240, " \
  "framerate=(fraction)30/1"
#define AUDIO_CAPS "audio/x-opus, channel-mapping-family=(int)0, " \
  "channels=(int)2, rate=(int)48000"
#define STEP (20 * GST_MSECOND)

typedef struct
{
  char *folder;
  GstElement *sink;
  GstBus *bus;
  GstPad *audio, *video;        /* src pads of the test (nullable) */
  guint keyframes_asked;
} Fixture;

static gboolean
take_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  Fixture *f = gst_pad_get_element_private (pad);

  if (gst_video_event_is_force_key_unit (event))
    f->keyframes_asked++;
  gst_event_unref (event);
  return TRUE;
}

static GstPad *
add_pad (Fixture * f, const char *name, const char *caps_text)
{
  GstPad *pad = gst_pad_new (name, GST_PAD_SRC);
  g_autofree char *template_ = g_strconcat (name, "_%u", NULL);
  g_autoptr (GstPad) sink = gst_element_request_pad_simple (f->sink, template_);
  g_autoptr (GstCaps) caps = gst_caps_from_string (caps_text);
  GstSegment segment;

  gst_object_ref_sink (pad);
  gst_pad_set_element_private (pad, f);
  gst_pad_set_event_function (pad, take_event);
  gst_pad_set_active (pad, TRUE);
  g_assert_cmpint (gst_pad_link (pad, sink), ==, GST_PAD_LINK_OK);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_pad_push_event (pad, gst_event_new_stream_start (name));
  gst_pad_push_event (pad, gst_event_new_caps (caps));
  gst_pad_push_event (pad, gst_event_new_segment (&segment));
  return pad;
}

static Fixture *
fixture_new (const char *muxer)
{
  Fixture *f = g_new0 (Fixture, 1);
  g_autofree char *path = NULL;

  f->folder = g_dir_make_tmp ("bifrons-partsink-XXXXXX", NULL);
  path = g_build_filename (f->folder, "file.webm", NULL);
  f->sink = gst_object_ref_sink (gst_element_factory_make ("bifpartsink",
          NULL));
  f->bus = gst_bus_new ();
  gst_element_set_bus (f->sink, f->bus);
  g_object_set (f->sink, "location", path, "muxer-factory", muxer, NULL);
  g_assert_cmpint (gst_element_set_state (f->sink, GST_STATE_PLAYING), !=,
      GST_STATE_CHANGE_FAILURE);
  return f;
}

static void
unlink_pad (Fixture * f, GstPad ** pad)
{
  g_autoptr (GstPad) peer = NULL;

  if (*pad == NULL)
    return;
  peer = gst_pad_get_peer (*pad);
  gst_pad_unlink (*pad, peer);
  gst_element_release_request_pad (f->sink, peer);
  gst_clear_object (pad);
}

static void
fixture_free (Fixture * f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  unlink_pad (f, &f->audio);
  unlink_pad (f, &f->video);
  gst_element_set_state (f->sink, GST_STATE_NULL);
  gst_element_set_bus (f->sink, NULL);
  gst_object_unref (f->sink);
  gst_object_unref (f->bus);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (f->folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (f->folder);
  g_free (f->folder);
  g_free (f);
}

/* A buffer, the @n-th; a VP8 frame header so that parsers are content. */
static GstFlowReturn
push (GstPad * pad, guint n, gboolean keyframe)
{
  static const guint8 key[] = { 0x10, 2, 0, 0x9d, 1, 0x2a, 0x40, 1, 0xf0, 0 };
  GstBuffer *buffer = gst_buffer_new_allocate (NULL, 100, NULL);

  gst_buffer_memset (buffer, 0, 0x11, 100);
  gst_buffer_fill (buffer, 0, key, sizeof key);
  GST_BUFFER_PTS (buffer) = n * STEP;
  if (!keyframe)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return gst_pad_push (pad, buffer);
}

static void
push_both (Fixture * f, guint from, guint to, guint keyframe)
{
  for (guint i = from; i < to; i++) {
    g_assert_cmpint (push (f->audio, i, TRUE), ==, GST_FLOW_OK);
    g_assert_cmpint (push (f->video, i, i == keyframe), ==, GST_FLOW_OK);
  }
}

static void
end (Fixture * f)
{
  g_autoptr (GstMessage) message = NULL;

  if (f->audio != NULL)
    gst_pad_push_event (f->audio, gst_event_new_eos ());
  if (f->video != NULL)
    gst_pad_push_event (f->video, gst_event_new_eos ());
  message = gst_bus_timed_pop_filtered (f->bus, 10 * GST_SECOND,
      GST_MESSAGE_EOS);
  g_assert_nonnull (message);
}

/* ---- what is in a file ---- */

typedef struct
{
  guint audio, video;           /* packets */
  GstClockTime first, last;
} Content;

static void
count (GstElement * element, GstBuffer * buffer, GstPad * pad,
    Content * content)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const char *name = gst_structure_get_name (gst_caps_get_structure (caps, 0));

  if (g_str_has_prefix (name, "video"))
    content->video++;
  else
    content->audio++;
  content->first = MIN (content->first, GST_BUFFER_PTS (buffer));
  content->last = MAX (content->last, GST_BUFFER_PTS (buffer));
}

static void
add_sink (GstElement * demuxer, GstPad * pad, Content * content)
{
  g_autoptr (GstObject) pipeline = gst_object_get_parent (GST_OBJECT
      (demuxer));
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  g_autoptr (GstPad) sink_pad = gst_element_get_static_pad (sink, "sink");

  g_object_set (sink, "signal-handoffs", TRUE, "async", FALSE, NULL);
  g_signal_connect (sink, "handoff", G_CALLBACK (count), content);
  gst_bin_add (GST_BIN (pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  gst_pad_link (pad, sink_pad);
}

/* FALSE: there is no such file. */
static gboolean
read_file (Fixture * f, const char *name, const char *demuxer,
    Content * content)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);
  g_autofree char *text = g_strdup_printf ("filesrc location=%s ! %s name=d",
      path, demuxer);
  g_autoptr (GstElement) pipeline = NULL, d = NULL;
  g_autoptr (GstMessage) message = NULL;
  g_autoptr (GstBus) bus = NULL;

  *content = (Content) { .first = G_MAXUINT64 };
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FALSE;
  pipeline = gst_parse_launch (text, NULL);
  d = gst_bin_get_by_name (GST_BIN (pipeline), "d");
  g_signal_connect (d, "pad-added", G_CALLBACK (add_sink), content);
  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  bus = gst_element_get_bus (pipeline);
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return TRUE;
}

static void
expect_file (Fixture * f, const char *name, guint audio, guint video,
    GstClockTime last)
{
  Content content;

  g_assert_true (read_file (f, name, "matroskademux", &content));
  g_test_message ("%s: %u audio, %u video, %" GST_TIME_FORMAT " to %"
      GST_TIME_FORMAT, name, content.audio, content.video,
      GST_TIME_ARGS (content.first), GST_TIME_ARGS (content.last));
  g_assert_cmpuint (content.audio, ==, audio);
  g_assert_cmpuint (content.video, ==, video);
  g_assert_cmpuint (content.first, <, GST_MSECOND);
  g_assert_cmpuint (ABS ((gint64) (content.last - last)), <=, GST_MSECOND);
}

static void
expect_no_file (Fixture * f, const char *name)
{
  g_autofree char *path = g_build_filename (f->folder, name, NULL);

  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
}

static Fixture *
make (const char *muxer)
{
  Fixture *f = fixture_new (muxer);

  f->audio = add_pad (f, "audio", AUDIO_CAPS);
  f->video = add_pad (f, "video", VIDEO_CAPS);
  return f;
}

/* ---- tests ---- */

static void
test_plain (void)
{
  Fixture *f = make ("webmmux");

  push_both (f, 100, 200, 100);
  end (f);
  expect_file (f, "file.webm", 100, 100, 99 * STEP);
  expect_no_file (f, "file-1.webm");
  fixture_free (f);
}

static void
test_parts (void)
{
  Fixture *f = make ("webmmux");

  g_object_set (f->sink, "max-duration", GST_SECOND, NULL);
  push_both (f, 0, 75, 0);
  g_assert_cmpuint (f->keyframes_asked, >, 0);
  push_both (f, 75, 100, 75);   /* the next part, from here on */
  end (f);
  expect_file (f, "file.webm", 76, 75, 75 * STEP);
  expect_file (f, "file-1.webm", 24, 25, 24 * STEP);
  expect_no_file (f, "file-2.webm");
  fixture_free (f);
}

static void
test_size (void)
{
  Fixture *f = make ("webmmux");

  g_object_set (f->sink, "max-size", G_GUINT64_CONSTANT (10000), NULL);
  push_both (f, 0, 60, 0);
  push_both (f, 60, 70, 60);
  end (f);
  expect_file (f, "file.webm", 61, 60, 60 * STEP);
  expect_file (f, "file-1.webm", 9, 10, 9 * STEP);
  fixture_free (f);
}

static void
test_pause (void)
{
  Fixture *f = make ("webmmux");

  push_both (f, 0, 50, 0);
  g_object_set (f->sink, "paused", TRUE, NULL);
  push_both (f, 50, 150, 0);
  g_object_set (f->sink, "paused", FALSE, NULL);
  push_both (f, 150, 200, 151);
  end (f);
  /* 150 joins where 49 was; the first picture is the keyframe. */
  expect_file (f, "file.webm", 100, 99, 98 * STEP);
  fixture_free (f);
}

/* Another size is no new file, other parameter sets are. */
static void
test_caps (void)
{
  static const char *const sizes[] = { VIDEO_CAPS,
    "video/x-vp8, width=(int)640, height=(int)480, framerate=(fraction)25/1",
    "video/x-vp8, width=(int)640, height=(int)480, framerate=(fraction)0/1, "
        "profile=(string)1"
  };
  Fixture *f = make ("webmmux");

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GstCaps) caps = gst_caps_from_string (sizes[i]);

    gst_pad_push_event (f->video, gst_event_new_caps (caps));
    for (guint n = 50 * i; n < 50 * (i + 1); n++) {
      g_assert_cmpint (push (f->video, n, n == 50 * i), ==, GST_FLOW_OK);
      g_assert_cmpint (push (f->audio, n, TRUE), ==, GST_FLOW_OK);
    }
  }
  end (f);
  expect_file (f, "file.webm", 100, 100, 99 * STEP);
  expect_file (f, "file-1.webm", 50, 50, 49 * STEP);
  expect_no_file (f, "file-2.webm");
  fixture_free (f);
}

/* What the muxer does not take does no harm to what it takes. */
static void
test_refused (void)
{
  Fixture *f = fixture_new ("webmmux");

  f->audio = add_pad (f, "audio", AUDIO_CAPS);
  f->video = add_pad (f, "video", "video/x-h264, stream-format=(string)avc");
  for (guint i = 0; i < 100; i++) {
    g_assert_cmpint (push (f->video, i, i % 10 == 0), ==, GST_FLOW_OK);
    g_assert_cmpint (push (f->audio, i, TRUE), ==, GST_FLOW_OK);
  }
  end (f);
  expect_file (f, "file.webm", 100, 0, 99 * STEP);
  expect_no_file (f, "file-1.webm");
  fixture_free (f);
}

static void
test_late_track (void)
{
  Fixture *f = fixture_new ("webmmux");

  f->audio = add_pad (f, "audio", AUDIO_CAPS);
  for (guint i = 0; i < 50; i++)
    push (f->audio, i, TRUE);
  f->video = add_pad (f, "video", VIDEO_CAPS);
  push_both (f, 50, 100, 50);
  end (f);
  expect_file (f, "file.webm", 51, 0, 50 * STEP);
  expect_file (f, "file-1.webm", 49, 50, 49 * STEP);
  fixture_free (f);
}

/* What is written of one track does not wait for the other, and the file is
 * whole although one ends long before the other. */
static void
test_silent_track (void)
{
  Fixture *f = make ("webmmux");
  Content content;

  push_both (f, 0, 50, 0);
  for (guint i = 50; i < 500; i++)
    g_assert_cmpint (push (f->video, i, FALSE), ==, GST_FLOW_OK);
  /* It is all there now, not only at the end. */
  g_assert_true (read_file (f, "file.webm", "matroskademux", &content));
  g_assert_cmpuint (content.video, >=, 498);
  push_both (f, 500, 550, 0);
  end (f);
  expect_file (f, "file.webm", 100, 550, 549 * STEP);
  fixture_free (f);
}

/* A track that ends does not end the file, whichever it is. */
static void
test_track_ends (gconstpointer data)
{
  gboolean video = GPOINTER_TO_INT (data);
  Fixture *f = make ("webmmux");

  push_both (f, 0, 50, 0);
  gst_pad_push_event (video ? f->video : f->audio, gst_event_new_eos ());
  for (guint i = 50; i < 150; i++)
    g_assert_cmpint (push (video ? f->audio : f->video, i, video), ==,
        GST_FLOW_OK);
  end (f);
  expect_file (f, "file.webm", video ? 150 : 50, video ? 50 : 150,
      149 * STEP);
  fixture_free (f);
}

static void
test_nothing (void)
{
  Fixture *f = make ("webmmux");

  end (f);
  expect_no_file (f, "file.webm");
  fixture_free (f);
}

/* A track that never sends anything is waited for, but not for ever. */
static void
test_one_of_two (void)
{
  Fixture *f = make ("webmmux");

  for (guint i = 0; i < 200; i++)
    push (f->audio, i, TRUE);
  end (f);
  expect_file (f, "file.webm", 200, 0, 199 * STEP);
  fixture_free (f);
}

static void
test_temporary (void)
{
  Fixture *f = fixture_new ("webmmux");
  g_autofree char *path = g_build_filename (f->folder, "file.webm.tmp", NULL);

  gst_element_set_state (f->sink, GST_STATE_NULL);
  g_object_set (f->sink, "temporary-ending", "tmp", NULL);
  gst_element_set_state (f->sink, GST_STATE_PLAYING);
  f->audio = add_pad (f, "audio", AUDIO_CAPS);
  push (f->audio, 0, TRUE);
  push (f->audio, 1, TRUE);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  expect_no_file (f, "file.webm");
  end (f);
  expect_no_file (f, "file.webm.tmp");
  expect_file (f, "file.webm", 2, 0, STEP);
  fixture_free (f);
}

static void
test_full (void)
{
  Fixture *f = fixture_new ("webmmux");
  g_autoptr (GstMessage) message = NULL;
  GstFlowReturn flow = GST_FLOW_OK;

  gst_element_set_state (f->sink, GST_STATE_NULL);
  g_object_set (f->sink, "location", "/dev/full", NULL);
  gst_element_set_state (f->sink, GST_STATE_PLAYING);
  f->audio = add_pad (f, "audio", AUDIO_CAPS);
  for (guint i = 0; i < 50 && flow == GST_FLOW_OK; i++)
    flow = push (f->audio, i, TRUE);
  g_assert_cmpint (flow, ==, GST_FLOW_ERROR);
  message = gst_bus_timed_pop_filtered (f->bus, GST_SECOND, GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  fixture_free (f);
}

static void
test_mp4 (void)
{
  Fixture *f = fixture_new ("mp4mux");
  Content content;

  g_object_set (f->sink, "max-duration", G_GUINT64_CONSTANT (0), NULL);
  f->audio = add_pad (f, "audio", AUDIO_CAPS);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint (push (f->audio, i, TRUE), ==, GST_FLOW_OK);
  end (f);
  g_assert_true (read_file (f, "file.webm", "qtdemux", &content));
  /* The last packet has no duration, and may be left out. */
  g_assert_cmpuint (content.audio, >=, 99);
  fixture_free (f);
}

/* Down and up again, in the middle and at the end. */
static void
test_states (void)
{
  Fixture *f = make ("webmmux");

  for (guint i = 0; i < 10; i++) {
    push_both (f, 0, 30, 0);
    if (i % 2 == 0)
      end (f);
    unlink_pad (f, &f->audio);
    unlink_pad (f, &f->video);
    gst_element_set_state (f->sink, GST_STATE_NULL);
    gst_bus_set_flushing (f->bus, TRUE);
    gst_bus_set_flushing (f->bus, FALSE);
    gst_element_set_state (f->sink, GST_STATE_PLAYING);
    f->audio = add_pad (f, "audio", AUDIO_CAPS);
    f->video = add_pad (f, "video", VIDEO_CAPS);
  }
  push_both (f, 0, 30, 0);
  end (f);
  expect_file (f, "file.webm", 30, 30, 29 * STEP);
  fixture_free (f);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/partsink/plain", test_plain);
  g_test_add_func ("/partsink/parts", test_parts);
  g_test_add_func ("/partsink/size", test_size);
  g_test_add_func ("/partsink/pause", test_pause);
  g_test_add_func ("/partsink/caps", test_caps);
  g_test_add_func ("/partsink/refused", test_refused);
  g_test_add_func ("/partsink/late-track", test_late_track);
  g_test_add_func ("/partsink/silent-track", test_silent_track);
  g_test_add_data_func ("/partsink/video-ends", GINT_TO_POINTER (TRUE),
      test_track_ends);
  g_test_add_data_func ("/partsink/audio-ends", GINT_TO_POINTER (FALSE),
      test_track_ends);
  g_test_add_func ("/partsink/nothing", test_nothing);
  g_test_add_func ("/partsink/one-of-two", test_one_of_two);
  g_test_add_func ("/partsink/temporary", test_temporary);
  g_test_add_func ("/partsink/full", test_full);
  g_test_add_func ("/partsink/mp4", test_mp4);
  g_test_add_func ("/partsink/states", test_states);
  return g_test_run ();
}
