/* relay: bifrelay as an ordinary element: one SSRC, payload type and steady
 * sequence, whatever comes in. */
#include <string.h>
#include <gst/check/gstharness.h>
#include "packet/rtp.h"

#define CAPS "application/x-rtp, media=audio, clock-rate=48000, " \
  "encoding-name=OPUS, payload=100, ssrc=(uint)1"

static GstBuffer *
make (guint32 ssrc, guint16 sequence, guint32 timestamp)
{
  BifRtpHeader header = {.marker = TRUE,.payload_type = 100,
    .sequence = sequence,.timestamp = timestamp,.ssrc = ssrc
  };
  guint8 out[BIF_RTP_MAX_HEADER + 4];
  gsize size = bif_rtp_write (out, &header, &(BifExtMap) { 0 });

  memcpy (out + size, "body", 4);
  return gst_buffer_new_memdup (out, size + 4);
}

static GstHarness *
start (void)
{
  GstHarness *h = gst_harness_new ("bifrelay");

  gst_harness_set_src_caps_str (h, CAPS);
  return h;
}

static BifRtpHeader
pull (GstHarness * h)
{
  GstBuffer *buffer = gst_harness_try_pull (h);
  BifRtpHeader header;
  GstMapInfo map;

  g_assert_nonnull (buffer);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_assert_true (bif_rtp_parse (&header, map.data, map.size, NULL));
  g_assert_cmpmem (map.data + header.header_size,
      map.size - header.header_size, "body", 4);
  g_assert_true (header.marker);
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
  return header;
}

static BifRtpHeader
pass (GstHarness * h, guint32 ssrc, guint16 sequence, guint32 timestamp)
{
  g_assert_cmpint (gst_harness_push (h, make (ssrc, sequence, timestamp)), ==,
      GST_FLOW_OK);
  return pull (h);
}

/* Gaps and wraps go through; without properties, so do SSRC and type. */
static void
test_plain (void)
{
  GstHarness *h = start ();
  BifRtpHeader first = pass (h, 7, 65530, 0xffffff00);

  g_assert_cmphex (first.ssrc, ==, 7);
  g_assert_cmpint (first.payload_type, ==, 100);
  for (guint i = 1; i < 70000; i += 1 + i % 3) {
    BifRtpHeader header = pass (h, 7, 65530 + i, 0xffffff00 + i * 960);

    g_assert_cmpint (header.sequence, ==, (guint16) (first.sequence + i));
    g_assert_cmpuint (header.timestamp, ==, (guint32) (first.timestamp
            + i * 960));
  }
  gst_harness_teardown (h);
}

static void
test_numbers (void)
{
  GstHarness *h = start ();
  g_autoptr (GstCaps) caps = NULL;
  const GstStructure *rtp;
  BifRtpHeader header;
  guint ssrc;
  int payload;

  g_object_set (h->element, "payload-type", 111, "ssrc", 0xcafebabe, NULL);
  header = pass (h, 7, 1, 1);
  g_assert_cmphex (header.ssrc, ==, 0xcafebabe);
  g_assert_cmpint (header.payload_type, ==, 111);
  /* what the caps say is true of the packets */
  gst_harness_set_src_caps_str (h, CAPS ", x=1");
  caps = gst_pad_get_current_caps (h->sinkpad);
  rtp = gst_caps_get_structure (caps, 0);
  g_assert_true (gst_structure_get_uint (rtp, "ssrc", &ssrc));
  g_assert_true (gst_structure_get_int (rtp, "payload", &payload));
  g_assert_cmphex (ssrc, ==, 0xcafebabe);
  g_assert_cmpint (payload, ==, 111);
  gst_harness_teardown (h);
}

/* The next source goes on with the next number, and a time of the stream's own
 * clock; so does one that restarts. */
static void
test_sources (void)
{
  static const struct
  {
    guint32 ssrc;
    guint16 sequence;
  } rows[] = {
    {1, 100}, {2, 100}, {1, 50000}, {1, 10}, {1, 5000}, {3, 65535}, {3, 0},
    {0, 9},
  };
  GstHarness *h = start ();
  BifRtpHeader last = pass (h, 9, 9, 9);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    BifRtpHeader header = pass (h, rows[i].ssrc, rows[i].sequence, i * 77777);

    g_assert_cmpint (header.sequence, ==, (guint16) (last.sequence + 1));
    last = header;
  }
  gst_harness_teardown (h);
}

/* What is no RTP, or is late, is dropped and stops nothing. */
static void
test_garbage (void)
{
  GstHarness *h = start ();
  GstBuffer *whole = make (9, 1, 1);
  BifRtpHeader first = pass (h, 9, 0, 0);
  guint8 ext[16] = { 0x90, 100, 0, 1, [12] = 0xbe, 0xde, 0xff, 0xff };

  for (gsize n = 0; n < 12; n++)
    gst_harness_push (h, gst_buffer_copy_region (whole, GST_BUFFER_COPY_ALL, 0,
            n));
  gst_harness_push (h, gst_buffer_new ());
  gst_harness_push (h, gst_buffer_new_memdup (ext, sizeof ext));
  for (guint i = 0; i < 256; i++) {
    guint8 byte[20];

    memset (byte, i, sizeof byte);
    if (i < 128 || i > 191)
      gst_harness_push (h, gst_buffer_new_memdup (byte, sizeof byte));
  }
  gst_harness_push (h, make (9, 65535, 0));
  g_assert_null (gst_harness_try_pull (h));
  g_assert_cmpint (gst_harness_push (h, whole), ==, GST_FLOW_OK);
  g_assert_cmpint (pull (h).sequence, ==, (guint16) (first.sequence + 1));
  gst_harness_teardown (h);
}

/* Packets that somebody else holds are not changed. */
static void
test_shared (void)
{
  GstHarness *h = start ();
  g_autoptr (GstBuffer) mine = make (9, 5, 5);
  GstMapInfo map;

  g_object_set (h->element, "payload-type", 111, NULL);
  gst_harness_push (h, gst_buffer_ref (mine));
  g_assert_cmpint (pull (h).payload_type, ==, 111);
  g_assert_true (gst_buffer_map (mine, &map, GST_MAP_READ));
  g_assert_cmpint (map.data[1] & 0x7f, ==, 100);
  g_assert_cmpint (map.data[3], ==, 5);
  gst_buffer_unmap (mine, &map);
  gst_harness_teardown (h);
}

int
main (int argc, char **argv)
{
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/plain", test_plain);
  g_test_add_func ("/relay/numbers", test_numbers);
  g_test_add_func ("/relay/sources", test_sources);
  g_test_add_func ("/relay/garbage", test_garbage);
  g_test_add_func ("/relay/shared", test_shared);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
