/* mjr: what bifmjrmux writes is what bifmjrdemux reads, for every codec; pauses,
 * changes of the source, seeks, and files that are none. */
#include <string.h>
#include <unistd.h>
#include <glib/gstdio.h>
#include <gst/check/gstharness.h>
#include <gst/gst.h>
#include "packet/bytes.h"
#include "packet/rtp.h"

#define VP8 "application/x-rtp,media=video,clock-rate=90000,encoding-name=VP8," \
  "payload=96"
#define TEXT "text/x-raw,format=utf8"

static char *folder;

static char *
path_of (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static GstPadProbeReturn
on_buffer_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  g_ptr_array_add (user_data, gst_buffer_ref (GST_PAD_PROBE_INFO_BUFFER
          (info)));
  return GST_PAD_PROBE_OK;
}

static GPtrArray *
watch (GstElement * pipeline, const char *name, const char *pad_name)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (pipeline), name);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (element, pad_name);
  GPtrArray *seen =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);

  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer_any_thread,
      seen, NULL);
  return seen;
}

/* TRUE: to the end; FALSE: an error. */
static gboolean
run (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 30 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  return GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS;
}

static GstElement *
parse (const char *text, const char *path)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);
  g_autoptr (GstElement) file = NULL;

  g_assert_no_error (error);
  file = gst_bin_get_by_name (GST_BIN (pipeline), "file");
  g_object_set (file, "location", path, NULL);
  return gst_object_ref_sink (pipeline);
}

/* ---- round trips ---- */

typedef struct
{
  const char *name;
  const char *make;             /* up to the muxer */
  const char *take;             /* behind the demuxer: must take it */
  guint frames;                 /* that come out of that */
} Trip;

#define VIDEO "videotestsrc num-buffers=30 ! " \
  "video/x-raw,width=160,height=120,framerate=30/1 ! "
#define AUDIO8 "audiotestsrc num-buffers=50 samplesperbuffer=160 ! " \
  "audio/x-raw,rate=8000,channels=1 ! "

static const Trip trips[] = {
  {"vp8", VIDEO "vp8enc deadline=1 ! rtpvp8pay mtu=400", "rtpvp8depay", 30},
  {"vp9", VIDEO "vp9enc deadline=1 cpu-used=8 ! rtpvp9pay mtu=400",
      "rtpvp9depay", 30},
  {"h264", VIDEO "x264enc tune=zerolatency ! rtph264pay mtu=400 "
        "config-interval=-1", "rtph264depay ! video/x-h264,alignment=au", 30},
  {"opus", "audiotestsrc num-buffers=50 samplesperbuffer=960 ! audio/x-raw,"
        "rate=48000,channels=2 ! opusenc ! rtpopuspay", "rtpopusdepay", 51},
  {"pcmu", AUDIO8 "mulawenc ! rtppcmupay", "rtppcmudepay", 50},
  {"pcma", AUDIO8 "alawenc ! rtppcmapay", "rtppcmadepay", 50},
  {"g722", "audiotestsrc num-buffers=50 samplesperbuffer=320 ! audio/x-raw,"
        "rate=16000,channels=1 ! avenc_g722 ! rtpg722pay", "rtpg722depay", 50},
};

static gboolean
same_bytes (GstBuffer * a, GstBuffer * b)
{
  GstMapInfo map;
  gboolean same;

  g_assert_true (gst_buffer_map (a, &map, GST_MAP_READ));
  same = map.size == gst_buffer_get_size (b)
      && gst_buffer_memcmp (b, 0, map.data, map.size) == 0;
  gst_buffer_unmap (a, &map);
  return same;
}

static gboolean
has_elements (const char *text)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch_full (text, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, &error);

  g_clear_object (&pipeline);
  return error == NULL;
}

/* Every time: gst_parse_launch() links a pad that comes later but once. */
static void
on_pad_added_any_thread (GstElement * demux, GstPad * pad, gpointer out)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (out, "sink");

  g_assert_cmpint (gst_pad_link (pad, sink), ==, GST_PAD_LINK_OK);
}

static void
link_late (GstElement * pipeline)
{
  g_autoptr (GstElement) demux =
      gst_bin_get_by_name (GST_BIN (pipeline), "demux");
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (pipeline), "out");

  g_signal_connect (demux, "pad-added", G_CALLBACK (on_pad_added_any_thread),
      out);
}

static void
test_trip (gconstpointer data)
{
  const Trip *trip = data;
  g_autofree char *path = path_of (trip->name);
  g_autofree char *to = g_strdup_printf ("%s ! identity name=in ! bifmjrmux ! "
      "filesink name=file", trip->make);
  g_autofree char *from = g_strdup_printf ("filesrc name=file ! bifmjrdemux "
      "name=demux identity name=out ! %s ! fakesink name=sink sync=false",
      trip->take);
  g_autoptr (GstElement) writer = NULL, reader = NULL;
  g_autoptr (GPtrArray) in = NULL, out = NULL, frames = NULL;

  if (!has_elements (trip->make)) {
    g_test_skip ("there is no encoder");
    return;
  }
  writer = parse (to, path);
  reader = parse (from, path);
  link_late (reader);
  in = watch (writer, "in", "src");
  out = watch (reader, "out", "src");
  frames = watch (reader, "sink", "sink");
  g_assert_true (run (writer));
  /* every state twice: the second time like the first */
  for (guint round = 0; round < 2; round++) {
    g_ptr_array_set_size (out, 0);
    g_ptr_array_set_size (frames, 0);
    g_assert_true (run (reader));
    g_assert_cmpuint (out->len, ==, in->len);
    g_assert_cmpuint (frames->len, ==, trip->frames);
    for (guint i = 0; i < in->len; i++)
      g_assert_true (same_bytes (in->pdata[i], out->pdata[i]));
  }
}

/* A file's second recording has a header and numbers of its own. */
static void
test_write_twice (void)
{
  g_autofree char *path = path_of ("twice"), *first = NULL, *second = NULL;
  g_autoptr (GstElement) writer = parse (AUDIO8 "mulawenc ! rtppcmupay "
      "timestamp-offset=1 seqnum-offset=1 ssrc=5 ! bifmjrmux ! filesink "
      "name=file", path);
  gsize first_size, second_size;

  g_assert_true (run (writer));
  g_assert_true (g_file_get_contents (path, &first, &first_size, NULL));
  g_assert_true (run (writer));
  g_assert_true (g_file_get_contents (path, &second, &second_size, NULL));
  g_assert_cmpuint (first_size, ==, second_size);
  g_assert_cmpint (memcmp (first, "MJR00002", 8), ==, 0);
  g_assert_nonnull (g_strstr_len (second + 10, 100, "\"c\":\"pcmu\""));
}

/* ---- the muxer ---- */

static GstBuffer *
make (guint32 ssrc, guint16 sequence, guint32 timestamp, GstClockTime time)
{
  BifRtpHeader header = {.payload_type = 96,.sequence = sequence,
    .timestamp = timestamp,.ssrc = ssrc
  };
  guint8 out[BIF_RTP_MAX_HEADER];
  gsize size = bif_rtp_write (out, &header, &(BifExtMap) { 0 });
  GstBuffer *buffer;

  out[size] = 0x10;
  out[size + 1] = 0;
  buffer = gst_buffer_new_memdup (out, size + 2);
  GST_BUFFER_PTS (buffer) = time;
  return buffer;
}

/* The next frame that is written; heads apart. */
static void
pull (GstHarness * h, guint32 * ms, BifRtpHeader * header)
{
  g_autoptr (GstBuffer) buffer = gst_harness_pull (h);
  GstMapInfo map;

  g_assert_nonnull (buffer);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_assert_cmpint (memcmp (map.data, "MEET", 4), ==, 0);
  *ms = bif_get_be32 (map.data + 4);
  g_assert_cmpuint (bif_get_be16 (map.data + 8), ==, map.size - 10);
  g_assert_true (bif_rtp_parse (header, map.data + 10, map.size - 10, NULL));
  gst_buffer_unmap (buffer, &map);
}

static void
skip_heads (GstHarness * h, guint n)
{
  for (guint i = 0; i < n; i++)
    gst_buffer_unref (gst_harness_pull (h));
}

/* Packets that come meanwhile are not written. Returns how long it was, as a
 * step of timestamps. */
static guint32
pause_for (GstHarness * h, gint64 us)
{
  gint64 begin_us = g_get_monotonic_time ();

  g_object_set (h->element, "paused", TRUE, NULL);
  g_usleep (us);
  for (guint i = 1; i < 500; i++)
    gst_harness_push (h, make (5, i, 7000 + i * 3000, 2 * GST_SECOND));
  g_object_set (h->element, "paused", FALSE, NULL);
  return (g_get_monotonic_time () - begin_us) * 90 / 1000;
}

/* Numbers go on behind a pause, and from one source to the next; late packets
 * keep theirs; what is no RTP stays out. */
static void
test_numbers (void)
{
  GstHarness *h = gst_harness_new ("bifmjrmux");
  BifRtpHeader header;
  guint32 ms, timestamp, step;

  gst_harness_set_src_caps_str (h, VP8);
  gst_harness_push (h, make (5, 65534, 1000, GST_SECOND));
  skip_heads (h, 2);
  pull (h, &ms, &header);
  g_assert_cmpuint (ms, ==, 0);
  gst_harness_push (h, make (5, 0, 7000, 1100 * GST_MSECOND));
  pull (h, &ms, &header);
  g_assert_cmpuint (ms, ==, 100);
  g_assert_cmpuint (header.sequence, ==, 0);
  gst_harness_push (h, make (5, 65535, 4000, 1110 * GST_MSECOND));
  pull (h, &ms, &header);
  g_assert_cmpuint (header.sequence, ==, 65535);
  gst_harness_push (h, gst_buffer_new_memdup ("no RTP at all", 13));

  /* a pause takes no time: what is left is how far packets are apart */
  step = pause_for (h, 50000);
  gst_harness_push (h, make (5, 500, 7000 + step + 3000, 20 * GST_SECOND));
  pull (h, &ms, &header);
  g_assert_cmpuint (ms, ==, 19000);
  g_assert_cmpuint (header.sequence, ==, 1);
  g_assert_cmpuint (header.timestamp, >=, 7000 + 3000 - 1);
  g_assert_cmpuint (header.timestamp, <, 7000 + 3000 + 900);
  timestamp = header.timestamp;

  gst_harness_push (h, make (99, 30000, 123456789, 21 * GST_SECOND));
  pull (h, &ms, &header);
  g_assert_cmpuint (header.ssrc, ==, 5);
  g_assert_cmpuint (header.sequence, ==, 2);
  g_assert_cmpuint (header.timestamp, >, timestamp);
  g_assert_cmpuint (header.timestamp, <, timestamp + 10 * 90000);
  g_assert_cmpuint (gst_harness_buffers_in_queue (h), ==, 0);
  gst_harness_teardown (h);
}

/* A mute is a gap in time and none in numbers, however many roll over in it,
 * and exactly what it was in timestamps. */
static void
test_mute (void)
{
  GstHarness *h = gst_harness_new ("bifmjrmux");
  const guint16 numbers[] = { 101, 40000, 65000, 3 };
  guint32 ms, timestamp = 1000;
  BifRtpHeader header;

  gst_harness_set_src_caps_str (h, VP8);
  gst_harness_push (h, make (5, 100, timestamp, GST_SECOND));
  skip_heads (h, 2);
  pull (h, &ms, &header);
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    GstClockTime at = (i + 1) * 40000 * GST_SECOND;
    GstBuffer *buffer = make (5, numbers[i], timestamp += 0x7fffffff - i,
        GST_SECOND + at);

    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_RESYNC);
    gst_harness_push (h, buffer);
    pull (h, &ms, &header);
    g_assert_cmpuint (ms, ==, at / GST_MSECOND);
    g_assert_cmpuint (header.sequence, ==, 101 + i);
    g_assert_cmpuint (header.timestamp, ==, timestamp);
  }
  gst_harness_teardown (h);
}

/* Without a frame there is the magic alone. */
static void
test_empty (void)
{
  GstHarness *h = gst_harness_new ("bifmjrmux");
  g_autoptr (GstBuffer) magic = NULL;

  gst_harness_set_src_caps_str (h, VP8);
  gst_harness_push_event (h, gst_event_new_eos ());
  magic = gst_harness_pull (h);
  g_assert_cmpuint (gst_buffer_get_size (magic), ==, 8);
  g_assert_cmpint (gst_buffer_memcmp (magic, 0, "MJR00002", 8), ==, 0);
  g_assert_cmpuint (gst_harness_buffers_in_queue (h), ==, 0);
  gst_harness_teardown (h);
}

/* ---- messages ---- */

static GstBuffer *
message (const char *text, GstClockTime time)
{
  GstBuffer *buffer = *text != '\0' ?
      gst_buffer_new_memdup (text, strlen (text)) : gst_buffer_new ();

  GST_BUFFER_PTS (buffer) = time;
  return buffer;
}

static void
write_messages (const char *path)
{
  GstHarness *h = gst_harness_new ("bifmjrmux");
  g_autoptr (GByteArray) file = g_byte_array_new ();
  GstBuffer *buffer;

  gst_harness_set_src_caps_str (h, TEXT);
  gst_harness_push (h, message ("one", 5 * GST_SECOND));
  gst_harness_push (h, message ("", 6 * GST_SECOND));
  gst_harness_push (h, message ("three", 8 * GST_SECOND));
  while ((buffer = gst_harness_try_pull (h)) != NULL) {
    GstMapInfo map;

    g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
    g_byte_array_append (file, map.data, map.size);
    gst_buffer_unmap (buffer, &map);
    gst_buffer_unref (buffer);
  }
  g_assert_true (g_file_set_contents (path, (const char *) file->data,
          file->len, NULL));
  gst_harness_teardown (h);
}

static void
test_messages (void)
{
  g_autofree char *path = path_of ("text");
  g_autoptr (GstElement) reader = parse ("filesrc name=file ! bifmjrdemux ! "
      "fakesink name=sink sync=false", path);
  g_autoptr (GPtrArray) out = watch (reader, "sink", "sink");

  write_messages (path);
  g_assert_true (run (reader));
  g_assert_cmpuint (out->len, ==, 3);
  g_assert_cmpuint (gst_buffer_get_size (out->pdata[0]), ==, 3);
  g_assert_cmpuint (gst_buffer_get_size (out->pdata[1]), ==, 0);
  g_assert_cmpint (gst_buffer_memcmp (out->pdata[2], 0, "three", 5), ==, 0);
  g_assert_cmpuint (GST_BUFFER_PTS (out->pdata[2])
      - GST_BUFFER_PTS (out->pdata[0]), ==, 3 * GST_SECOND);
  g_assert_cmpuint (GST_BUFFER_DURATION (out->pdata[0]), ==, GST_SECOND);
}

/* ---- the demuxer ---- */

static void
seek (GstElement * reader, GstClockTime time, GstSeekFlags flags)
{
  g_assert_true (gst_element_seek_simple (reader, GST_FORMAT_TIME, flags
          | GST_SEEK_FLAG_FLUSH, time));
  g_assert_cmpint (gst_element_get_state (reader, NULL, NULL,
          GST_CLOCK_TIME_NONE), ==, GST_STATE_CHANGE_SUCCESS);
}

/* 300 packets, 33 ms apart, keyframes every 30. */
static void
write_video (const char *path)
{
  g_autoptr (GByteArray) file = g_byte_array_new ();
  const char *json = "{\"t\":\"v\",\"c\":\"vp8\",\"s\":1,\"u\":2}";
  guint8 head[10] = "MJR00002";

  bif_put_be16 (head + 8, strlen (json));
  g_byte_array_append (file, head, 10);
  g_byte_array_append (file, (const guint8 *) json, strlen (json));
  for (guint i = 0; i < 300; i++) {
    guint8 frame[10 + 12 + 2] = "MEET";

    bif_put_be32 (frame + 4, i * 33);
    bif_put_be16 (frame + 8, 14);
    frame[10] = 0x80;
    frame[11] = 96;
    bif_put_be16 (frame + 12, i + 65400);
    bif_put_be32 (frame + 14, i * 2970 - 90000);
    frame[22] = 0x10;
    frame[23] = i % 30 != 0;
    g_byte_array_append (file, frame, sizeof frame);
  }
  g_assert_true (g_file_set_contents (path, (const char *) file->data,
          file->len, NULL));
}

static void
test_seek (void)
{
  g_autofree char *path = path_of ("seek");
  g_autoptr (GstElement) reader = parse ("filesrc name=file ! bifmjrdemux ! "
      "fakesink name=sink sync=false", path);
  g_autoptr (GPtrArray) out = watch (reader, "sink", "sink");
  gint64 duration;

  write_video (path);
  gst_element_set_state (reader, GST_STATE_PAUSED);
  g_assert_cmpint (gst_element_get_state (reader, NULL, NULL,
          GST_CLOCK_TIME_NONE), ==, GST_STATE_CHANGE_SUCCESS);
  g_assert_true (gst_element_query_duration (reader, GST_FORMAT_TIME,
          &duration));
  g_assert_cmpint (duration, ==, 299 * 33 * GST_MSECOND);
  g_ptr_array_set_size (out, 0);
  seek (reader, 5 * GST_SECOND, GST_SEEK_FLAG_KEY_UNIT);
  g_assert_cmpuint (GST_BUFFER_PTS (out->pdata[0]), ==,
      150 * 33 * GST_MSECOND);
  g_ptr_array_set_size (out, 0);
  seek (reader, 0, 0);
  g_assert_cmpuint (GST_BUFFER_PTS (out->pdata[0]), ==, 0);
  g_ptr_array_set_size (out, 0);
  g_assert_true (gst_element_seek (reader, 1.0, GST_FORMAT_TIME,
          GST_SEEK_FLAG_FLUSH, GST_SEEK_TYPE_SET, 2 * GST_SECOND,
          GST_SEEK_TYPE_SET, 3 * GST_SECOND));
  g_assert_true (run (reader));
  g_assert_cmpuint (out->len, ==, 90 - 60 + 1);
}

/* ---- files that are none ---- */

typedef struct
{
  const char *name, *bytes;
  gsize size;
} Bad;

#define BAD(name, text) {name, text, sizeof text - 1}

static const Bad bad[] = {
  BAD ("empty", ""),
  BAD ("magic", "MJR00002"),
  BAD ("lying", "MJR00002\377\377{}"),
  BAD ("no JSON", "MJR00002\0\5hello"),
  BAD ("not UTF-8", "MJR00002\0\5\"\377\377\377\""),
  BAD ("no object", "MJR00002\0\2[]"),
  BAD ("no members", "MJR00002\0\2{}"),
  BAD ("no number", "MJR00002\0\50{\"t\":\"v\",\"c\":\"vp8\",\"s\":\"1\",\"u\":"
      "22222222}"),
  BAD ("a codec of no one", "MJR00002\0\43{\"t\":\"v\",\"c\":\"zork\",\"s\":1,"
      "\"u\":22222}"),
  BAD ("audio in video", "MJR00002\0\43{\"t\":\"v\",\"c\":\"opus\",\"s\":1,"
      "\"u\":22222}"),
  BAD ("no frames", "MJR00002\0\42{\"t\":\"v\",\"c\":\"vp8\",\"s\":1,"
      "\"u\":22222}"),
  BAD ("no RTP", "MJR00001\0\42{\"t\":\"v\",\"c\":\"vp8\",\"s\":1,"
      "\"u\":22222}MEETECHO\0\5hello"),
  BAD ("another file", "RIFF....WAVEfmt "),
};

static void
test_bad (void)
{
  g_autofree char *path = path_of ("bad");
  g_autoptr (GstElement) reader = parse ("filesrc name=file ! bifmjrdemux ! "
      "fakesink sync=false", path);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i].name);
    g_assert_true (g_file_set_contents (path, bad[i].bytes, bad[i].size,
            NULL));
    g_assert_false (run (reader));
  }
}

/* A parser that calls itself would not come back. */
static void
test_deep (void)
{
  g_autofree char *path = path_of ("deep");
  g_autofree char *bytes = g_malloc (10 + 65535);
  g_autoptr (GstElement) reader = parse ("filesrc name=file ! bifmjrdemux ! "
      "fakesink sync=false", path);

  memset (bytes, '[', 10 + 65535);
  memcpy (bytes, "MJR00002\377\377", 10);
  g_assert_true (g_file_set_contents (path, bytes, 10 + 65535, NULL));
  g_assert_false (run (reader));
}

/* What was written before the end is lost is there. */
static void
test_cut_off (void)
{
  g_autofree char *path = path_of ("cut");
  g_autoptr (GstElement) reader = parse ("filesrc name=file ! bifmjrdemux ! "
      "fakesink name=sink sync=false", path);
  g_autoptr (GPtrArray) out = watch (reader, "sink", "sink");
  GStatBuf status;

  write_video (path);
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (truncate (path, status.st_size - 30), ==, 0);
  g_assert_true (run (reader));
  g_assert_cmpuint (out->len, ==, 298);
}

static void
remove_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = path_of (name);

    g_unlink (path);
  }
  g_rmdir (folder);
  g_free (folder);
}

int
main (int argc, char **argv)
{
  int code;

  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  folder = g_dir_make_tmp ("mjr-XXXXXX", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (trips); i++) {
    g_autofree char *name = g_strdup_printf ("/mjr/trip/%s", trips[i].name);

    g_test_add_data_func (name, &trips[i], test_trip);
  }
  g_test_add_func ("/mjr/write-twice", test_write_twice);
  g_test_add_func ("/mjr/numbers", test_numbers);
  g_test_add_func ("/mjr/mute", test_mute);
  g_test_add_func ("/mjr/empty", test_empty);
  g_test_add_func ("/mjr/messages", test_messages);
  g_test_add_func ("/mjr/seek", test_seek);
  g_test_add_func ("/mjr/bad", test_bad);
  g_test_add_func ("/mjr/deep", test_deep);
  g_test_add_func ("/mjr/cut-off", test_cut_off);
  code = g_test_run ();
  remove_folder ();
  return code;
}
