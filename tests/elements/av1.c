/* av1: bifrtpav1pay and bifrtpav1depay, by hand and with a real encoder and
 * decoder; bifmp4mend behind the muxer it mends. */
#include "packet/bytes.h"

#include <gst/check/gstharness.h>
#include <gst/rtp/gstrtpbuffer.h>
#include <gst/video/video-event.h>
#include <string.h>
#include <unistd.h>

#define AV1 "video/x-av1,stream-format=obu-stream,alignment=tu"
#define STEP (GST_SECOND / 30)
/* Of libaom: 320x240, main profile, 4:2:0. */
#define SEQUENCE 0x00, 0x00, 0x00, 0x04, 0x3c, 0xff, 0xbf, 0x81, 0xb5, 0xf2, \
  0x00, 0x80

static const guint8 header_unit[] = { 0x0a, 12, SEQUENCE };

/* The @n-th temporal unit, with a frame of @size bytes, 128 or more. */
static GstBuffer *
make_unit (guint n, gboolean keyframe, gboolean with_header, guint size)
{
  g_autoptr (GByteArray) all = g_byte_array_new ();
  const guint8 head[] = { 0x32, 0x80 | (size & 0x7f), (guint8) (size >> 7) };
  const guint8 delimiter[] = { 0x12, 0 };
  GstBuffer *buffer;

  g_byte_array_append (all, delimiter, sizeof delimiter);
  if (with_header)
    g_byte_array_append (all, header_unit, sizeof header_unit);
  g_byte_array_append (all, head, sizeof head);
  for (guint i = 0; i < size; i++) {
    guint8 byte = i == 0 ? (keyframe ? 0x10 : 0x30) : (guint8) (n + i);

    g_byte_array_append (all, &byte, 1);
  }
  buffer = gst_buffer_new_memdup (all->data, all->len);
  GST_BUFFER_PTS (buffer) = n * STEP;
  if (!keyframe)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DELTA_UNIT);
  return buffer;
}

static gboolean
is_marked (GstBuffer * packet)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gboolean marked;

  g_assert_true (gst_rtp_buffer_map (packet, GST_MAP_READ, &rtp));
  marked = gst_rtp_buffer_get_marker (&rtp);
  gst_rtp_buffer_unmap (&rtp);
  return marked;
}

/* Takes @unit. (transfer full): its packets */
static GPtrArray *
pay (GstHarness * h, GstBuffer * unit)
{
  GPtrArray *packets =
      g_ptr_array_new_with_free_func ((GDestroyNotify) gst_buffer_unref);

  g_assert_cmpint (gst_harness_push (h, unit), ==, GST_FLOW_OK);
  for (GstBuffer * packet; (packet = gst_harness_try_pull (h)) != NULL;)
    g_ptr_array_add (packets, packet);
  for (guint i = 0; i < packets->len; i++) {
    g_assert_cmpuint (gst_buffer_get_size (packets->pdata[i]), <=, 200);
    g_assert_cmpint (is_marked (packets->pdata[i]), ==, i + 1 == packets->len);
  }
  return packets;
}

static GstHarness *
make_pay (const char *caps)
{
  GstHarness *h = gst_harness_new ("bifrtpav1pay");

  g_object_set (h->element, "mtu", 200, NULL);
  gst_harness_set_src_caps_str (h, caps);
  return h;
}

static GstHarness *
make_depay (void)
{
  GstHarness *h = gst_harness_new ("bifrtpav1depay");

  g_object_set (h->element, "request-keyframe", TRUE, NULL);
  gst_harness_set_src_caps_str (h, "application/x-rtp,media=video,"
      "clock-rate=90000,encoding-name=AV1,payload=96");
  return h;
}

static guint
keyframes_asked (GstHarness * h)
{
  guint n = 0;

  for (GstEvent * event; (event = gst_harness_try_pull_upstream_event (h));) {
    n += gst_video_event_is_force_key_unit (event);
    gst_event_unref (event);
  }
  return n;
}

/* All packets but number @lost; -1: all. */
static void
send (GstHarness * h, GPtrArray * packets, int lost)
{
  for (guint i = 0; i < packets->len; i++)
    if ((int) i != lost)
      g_assert_cmpint (gst_harness_push (h, gst_buffer_ref
              (packets->pdata[i])), ==, GST_FLOW_OK);
  g_ptr_array_unref (packets);
}

static void
assert_unit (GstHarness * h, GstBuffer * want)
{
  g_autoptr (GstBuffer) got = gst_harness_try_pull (h);
  GstMapInfo a, b;

  g_assert_nonnull (got);
  gst_buffer_map (got, &a, GST_MAP_READ);
  gst_buffer_map (want, &b, GST_MAP_READ);
  g_assert_cmpmem (a.data, a.size, b.data, b.size);
  gst_buffer_unmap (got, &a);
  gst_buffer_unmap (want, &b);
  g_assert_cmpuint (GST_BUFFER_PTS (got), ==, GST_BUFFER_PTS (want));
  g_assert_cmpint (GST_BUFFER_FLAG_IS_SET (got, GST_BUFFER_FLAG_DELTA_UNIT),
      ==, GST_BUFFER_FLAG_IS_SET (want, GST_BUFFER_FLAG_DELTA_UNIT));
  gst_buffer_unref (want);
}

static void
test_round_trip (void)
{
  static const guint8 record[] = { 0x81, 0x00, 0x0c, 0x00, 0x0a, 12, SEQUENCE };
  GstHarness *in = make_pay (AV1), *out = make_depay ();
  g_autoptr (GstCaps) caps = NULL;
  const GstStructure *structure;
  g_autoptr (GstBuffer) data = NULL;
  int width = 0, height = 0;

  for (guint n = 0; n < 20; n++) {
    GstBuffer *unit = make_unit (n, n % 10 == 0, n % 10 == 0, 200 + 90 * n);

    send (out, pay (in, gst_buffer_ref (unit)), -1);
    assert_unit (out, unit);
  }
  g_assert_null (gst_harness_try_pull (out));
  caps = gst_pad_get_current_caps (out->sinkpad);
  structure = gst_caps_get_structure (caps, 0);
  gst_structure_get (structure, "width", G_TYPE_INT, &width, "height",
      G_TYPE_INT, &height, "codec_data", GST_TYPE_BUFFER, &data, NULL);
  g_assert_cmpint (width, ==, 320);
  g_assert_cmpint (height, ==, 240);
  g_assert_cmpuint (gst_buffer_get_size (data), ==, sizeof record);
  g_assert_cmpint (gst_buffer_memcmp (data, 0, record, sizeof record), ==, 0);
  g_assert_cmpstr (gst_structure_get_string (structure, "profile"), ==,
      "main");
  gst_harness_teardown (in);
  gst_harness_teardown (out);
}

/* What cannot be decoded does not come; a keyframe is asked for. */
static void
test_loss (gconstpointer lost)
{
  GstHarness *in = make_pay (AV1), *out = make_depay ();

  /* It begins in the middle. */
  send (out, pay (in, make_unit (0, FALSE, FALSE, 700)), -1);
  g_assert_null (gst_harness_try_pull (out));
  g_assert_cmpuint (keyframes_asked (out), ==, 1);
  send (out, pay (in, make_unit (1, TRUE, TRUE, 700)), -1);
  assert_unit (out, make_unit (1, TRUE, TRUE, 700));
  send (out, pay (in, make_unit (2, FALSE, FALSE, 700)),
      GPOINTER_TO_INT (lost));
  send (out, pay (in, make_unit (3, FALSE, FALSE, 700)), -1);
  g_assert_null (gst_harness_try_pull (out));
  g_assert_cmpuint (keyframes_asked (out), ==, 1);
  send (out, pay (in, make_unit (4, TRUE, TRUE, 700)), -1);
  assert_unit (out, make_unit (4, TRUE, TRUE, 700));
  send (out, pay (in, make_unit (5, FALSE, FALSE, 170)), -1);
  assert_unit (out, make_unit (5, FALSE, FALSE, 170));
  g_assert_cmpuint (keyframes_asked (out), ==, 0);
  gst_harness_teardown (in);
  gst_harness_teardown (out);
}

/* A packet of any payload. */
static void
push_payload (GstHarness * h, guint16 sequence, guint32 timestamp,
    gboolean marker, const guint8 * payload, gsize size)
{
  GstBuffer *packet = gst_rtp_buffer_new_allocate ((guint) size, 0, 0);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  gst_rtp_buffer_map (packet, GST_MAP_WRITE, &rtp);
  gst_rtp_buffer_set_seq (&rtp, sequence);
  gst_rtp_buffer_set_timestamp (&rtp, timestamp);
  gst_rtp_buffer_set_marker (&rtp, marker);
  gst_rtp_buffer_set_payload_type (&rtp, 96);
  if (size > 0)
    memcpy (gst_rtp_buffer_get_payload (&rtp), payload, size);
  gst_rtp_buffer_unmap (&rtp);
  GST_BUFFER_PTS (packet) = timestamp;
  g_assert_cmpint (gst_harness_push (h, packet), ==, GST_FLOW_OK);
}

/* Layers of a picture are one unit; the mark may be on a packet with nothing in
 * it, where a layer was left out, or be missing. */
static void
test_layers (void)
{
  static const guint8 base[] = { 0x28, 14, 0x0c, 0, SEQUENCE, 0x34, 0, 0x10,
    1
  };
  static const guint8 above[] = { 0x10, 0x34, 0x08, 0x30, 2 };
  static const guint8 next[] = { 0x10, 0x34, 0x20, 0x30, 3 };
  static const guint8 want[] = { 0x12, 0, 0x0e, 0, 12, SEQUENCE, 0x36, 0, 2,
    0x10, 1, 0x36, 0x08, 2, 0x30, 2
  };
  GstHarness *h = make_depay ();

  push_payload (h, 1, 100, FALSE, base, sizeof base);
  push_payload (h, 2, 100, FALSE, above, sizeof above);
  g_assert_null (gst_harness_try_pull (h));
  push_payload (h, 3, 100, TRUE, NULL, 0);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (GstBuffer) unit = NULL;

    /* Again, without a mark: the next picture ends it. */
    if (i == 1) {
      push_payload (h, 4, 200, FALSE, base, sizeof base);
      push_payload (h, 5, 200, FALSE, above, sizeof above);
      push_payload (h, 6, 300, FALSE, next, sizeof next);
    }
    unit = gst_harness_try_pull (h);
    g_assert_nonnull (unit);
    g_assert_cmpuint (gst_buffer_get_size (unit), ==, sizeof want);
    g_assert_cmpint (gst_buffer_memcmp (unit, 0, want, sizeof want), ==, 0);
    g_assert_cmpuint (GST_BUFFER_PTS (unit), ==, 100 * (i + 1));
    g_assert_false (GST_BUFFER_FLAG_IS_SET (unit, GST_BUFFER_FLAG_DELTA_UNIT));
  }
  gst_harness_teardown (h);
}

static void
test_hostile (void)
{
  GstHarness *h = make_depay ();
  guint16 sequence = 0;

  for (guint i = 0; i < 20000; i++) {
    guint8 payload[64];
    gsize size = g_test_rand_int_range (0, sizeof payload);

    for (gsize b = 0; b < size; b++)
      payload[b] = (guint8) g_test_rand_int ();
    sequence += g_test_rand_int_range (0, 10) == 0 ? 2 : 1;
    push_payload (h, sequence, i / 3, i % 3 == 2, payload, size);
    for (GstBuffer * unit; (unit = gst_harness_try_pull (h)) != NULL;)
      gst_buffer_unref (unit);
    keyframes_asked (h);
  }
  gst_harness_teardown (h);
}

/* Files may have the sequence header in their configuration record only. */
static void
test_record (void)
{
  g_autoptr (GstCaps) caps = gst_caps_from_string (AV1);
  static const guint8 record[] = { 0x81, 0x00, 0x0c, 0x00, 0x0a, 12, SEQUENCE };
  g_autoptr (GstBuffer) data = gst_buffer_new_memdup (record, sizeof record);
  g_autofree char *text = NULL;
  GstHarness *in, *out = make_depay ();

  gst_caps_set_simple (caps, "codec_data", GST_TYPE_BUFFER, data, NULL);
  text = gst_caps_to_string (caps);
  in = make_pay (text);
  send (out, pay (in, make_unit (0, TRUE, FALSE, 400)), -1);
  assert_unit (out, make_unit (0, TRUE, TRUE, 400));
  send (out, pay (in, make_unit (1, FALSE, FALSE, 400)), -1);
  assert_unit (out, make_unit (1, FALSE, FALSE, 400));
  /* What is broken is not sent. */
  gst_harness_push (in, gst_buffer_new_memdup ("\x32\x7f", 2));
  g_assert_null (gst_harness_try_pull (in));
  gst_harness_teardown (in);
  gst_harness_teardown (out);
}

/* ---- with others ---- */

static gboolean
lacks (const char *name)
{
  g_autoptr (GstElementFactory) factory = gst_element_factory_find (name);

  if (factory != NULL)
    return FALSE;
  g_test_skip (name);
  return TRUE;
}

static void
count_frame (GstElement * sink, GstBuffer * buffer, GstPad * pad, guint * n)
{
  (*n)++;
}

static void
run (GstElement * pipeline)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 60 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

static GstElement *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GstElement *pipeline = gst_parse_launch (text, &error);

  g_assert_no_error (error);
  return gst_object_ref_sink (pipeline);
}

#define ENCODER "videotestsrc num-buffers=40 ! video/x-raw,format=I420," \
  "width=160,height=120,framerate=30/1 ! av1enc usage-profile=realtime " \
  "cpu-used=10 ! av1parse ! bifrtpav1pay mtu=300 ! bifrtpav1depay ! "

static void
test_decoder (void)
{
  g_autoptr (GstElement) pipeline = NULL, sink = NULL;
  guint n = 0;

  if (lacks ("av1enc") || lacks ("av1dec"))
    return;
  pipeline = parse (ENCODER "av1dec ! fakesink name=sink sync=false "
      "signal-handoffs=true");
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_signal_connect (sink, "handoff", G_CALLBACK (count_frame), &n);
  run (pipeline);
  g_assert_cmpuint (n, ==, 40);
}

/* The record of the file is one, and begins where it should. */
static void
check_record (const guint8 * data, gsize size)
{
  const guint8 *box = memmem (data, size, "av1C", 4);

  g_assert_nonnull (box);
  g_assert_cmpuint (bif_get_be32 (box - 4), <, 100);
  g_assert_cmphex (box[4], ==, 0x81);
  /* Behind its fixed part, the sequence header. */
  g_assert_cmphex (box[8], ==, 0x0a);
}

static void
test_mp4 (gconstpointer data)
{
  g_autofree char *folder = g_dir_make_tmp ("bifrons-av1-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "a.mp4", NULL);
  g_autofree char *text = g_strdup_printf (ENCODER "mp4mux %s ! bifmp4mend ! "
      "filesink name=sink", (const char *) data);
  g_autoptr (GstElement) pipeline = NULL, sink = NULL;
  g_autofree char *content = NULL;
  gsize size;

  if (lacks ("av1enc") || lacks ("mp4mux"))
    return;
  pipeline = parse (text);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  g_object_set (sink, "location", path, NULL);
  run (pipeline);
  g_assert_true (g_file_get_contents (path, &content, &size, NULL));
  check_record ((const guint8 *) content, size);
  unlink (path);
  rmdir (folder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  g_test_add_func ("/av1/round-trip", test_round_trip);
  g_test_add_data_func ("/av1/loss/first", GINT_TO_POINTER (0), test_loss);
  g_test_add_data_func ("/av1/loss/middle", GINT_TO_POINTER (1), test_loss);
  g_test_add_data_func ("/av1/loss/last", GINT_TO_POINTER (3), test_loss);
  g_test_add_func ("/av1/layers", test_layers);
  g_test_add_func ("/av1/hostile", test_hostile);
  g_test_add_func ("/av1/record", test_record);
  g_test_add_func ("/av1/decoder", test_decoder);
  g_test_add_data_func ("/av1/mp4/whole", "", test_mp4);
  g_test_add_data_func ("/av1/mp4/fragments", "fragment-duration=500",
      test_mp4);
  return g_test_run ();
}
