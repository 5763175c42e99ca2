/* simulcast: a played browser sends three layers and gets one back: reception
 * by rid and by SSRC, choice, numbers, feedback, news. */
#include "peer.h"

#include <gst/check/gstharness.h>
#include <string.h>

#define IN_SSRC(layer) (0x11111110u + (layer))
#define RTX_IN_SSRC(layer) (0x44444440u + (layer))
#define OUT_SSRC 0x22222222
#define PT 96
#define NEVER_US (60 * 1000000)
#define SDES "urn:ietf:params:rtp-hdrext:sdes:"

typedef struct
{
  guint16 sequence, picture_id;
  guint8 tl0;
  gboolean named;               /* a packet with its rid was sent */
} Layer;

typedef struct
{
  Peer peer;
  GObject *receiver, *sender;
  GstElement *relay;
  Layer layer[3];
  guint8 payload[64];           /* of the last sent */
  gboolean started;             /* something came back; the last of it: */
  guint16 sequence, picture_id;
} Test;

static const char *const rids[] = { "l", "m", "h" };

static GObject *
add (Test * test, const char *action, gboolean by_rid)
{
  g_autoptr (GstStructure) rtp = peer_describe ("m0", "video", "VP8", PT,
      OUT_SSRC, 0);
  GObject *object = NULL;

  gst_structure_set (rtp, "extmap-10", G_TYPE_STRING, SDES "rtp-stream-id",
      "extmap-11", G_TYPE_STRING, SDES "repaired-rtp-stream-id",
      "layers", G_TYPE_UINT, 3, NULL);
  if (g_str_equal (action, "add-receiver"))
    gst_structure_set (rtp, "rtx-payload", G_TYPE_UINT, PT + 1, NULL);
  for (guint i = 0; i < 3; i++) {
    g_autofree char *rid = g_strdup_printf ("rid-%u", i);
    g_autofree char *ssrc = g_strdup_printf ("layer-ssrc-%u", i);
    g_autofree char *rtx = g_strdup_printf ("layer-rtx-ssrc-%u", i);

    if (by_rid)
      gst_structure_set (rtp, rid, G_TYPE_STRING, rids[i], NULL);
    else
      gst_structure_set (rtp, ssrc, G_TYPE_UINT, IN_SSRC (i), rtx,
          G_TYPE_UINT, RTX_IN_SSRC (i), NULL);
  }
  g_signal_emit_by_name (test->peer.transport, action, rtp, &object);
  g_assert_nonnull (object);
  return object;
}

static void
set_up (Test * test, gconstpointer data)
{
  GValue streams = G_VALUE_INIT;

  memset (test, 0, sizeof *test);
  peer_set_up (&test->peer, NULL);
  peer_connect (&test->peer);
  peer_set_keys (&test->peer);
  test->receiver = add (test, "add-receiver", data == NULL);
  test->sender = add (test, "add-sender", data == NULL);
  g_object_set (test->sender, "fallback", NEVER_US, NULL);
  test->relay = gst_object_ref_sink (gst_element_factory_make ("bifrelay",
          NULL));
  g_value_init (&streams, GST_TYPE_ARRAY);
  g_object_get_property (test->receiver, "streams", &streams);
  g_assert_cmpuint (gst_value_array_get_size (&streams), ==, 3);
  g_object_set_property (G_OBJECT (test->relay), "sources", &streams);
  g_value_unset (&streams);
  g_object_set (test->relay, "sender", test->sender, NULL);
  for (guint i = 0; i < 3; i++)
    test->layer[i] = (Layer) { 100 + i * 100, 0x7ff0 + i, 7 * i, data != NULL };
}

static void
tear_down (Test * test, gconstpointer data)
{
  GWeakRef weak[3];

  g_weak_ref_init (&weak[0], test->receiver);
  g_weak_ref_init (&weak[1], test->sender);
  g_weak_ref_init (&weak[2], test->relay);
  g_clear_object (&test->receiver);
  g_clear_object (&test->sender);
  gst_clear_object (&test->relay);
  peer_tear_down (&test->peer, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (weak); i++) {
    g_assert_null (g_weak_ref_get (&weak[i]));
    g_weak_ref_clear (&weak[i]);
  }
}

/* A picture of one packet; @tid with its sync bit. */
static void
send_picture (Test * test, guint i, gboolean keyframe, int tid)
{
  Layer *layer = &test->layer[i];
  guint8 head[] = { 0x90, 0xe0, 0x80 | (layer->picture_id >> 8),
    layer->picture_id, layer->tl0, tid << 6 | 0x20, !keyframe, i
  };
  Rtp rtp = { IN_SSRC (i), PT, layer->sequence++, 0,
    layer->picture_id * 3000u, "m0", test->payload, sizeof test->payload,
    layer->named ? NULL : rids[i], NULL
  };

  test->payload[60]++;
  memcpy (test->payload, head, sizeof head);
  peer_send_rtp (&test->peer, &rtp);
  layer->named = TRUE;
  layer->picture_id = (layer->picture_id + 1) & 0x7fff;
  layer->tl0 += tid == 0;
}

/* A picture comes back, numbered one on. */
static const guint8 *
receive_any_picture (Test * test)
{
  Peer *peer = &test->peer;
  const guint8 *payload;
  guint16 picture_id;

  g_assert_true (peer_receive_rtp (peer));
  payload = peer->data + peer->header.header_size;
  picture_id = (payload[2] << 8 | payload[3]) & 0x7fff;
  g_assert_cmphex (peer->header.ssrc, ==, OUT_SSRC);
  g_assert_cmpuint (peer->payload_size, ==, sizeof test->payload);
  if (test->started) {
    g_assert_cmpint (peer->header.sequence, ==, (guint16) (test->sequence
            + 1));
    g_assert_cmpint (picture_id, ==, (test->picture_id + 1) & 0x7fff);
  }
  test->started = TRUE;
  test->sequence = peer->header.sequence;
  test->picture_id = picture_id;
  return payload;
}

/* The last one. */
static void
receive_picture (Test * test)
{
  const guint8 *payload = receive_any_picture (test);

  g_assert_cmpmem (payload + 5, test->peer.payload_size - 5,
      test->payload + 5, sizeof test->payload - 5);
}

static void
pass (Test * test, guint layer, gboolean keyframe, int tid)
{
  send_picture (test, layer, keyframe, tid);
  receive_picture (test);
}

static gboolean
is_pli_of (const BifRtcpPacket * packet, gpointer ssrc)
{
  return packet->type == BIF_RTCP_PSFB && packet->count == BIF_PSFB_PLI
      && bif_rtcp_media_ssrc (packet) == GPOINTER_TO_UINT (ssrc);
}

static void
expect_pli (Test * test, guint layer)
{
  g_assert_true (peer_receive_rtcp (&test->peer, is_pli_of,
          GUINT_TO_POINTER (IN_SSRC (layer))));
}

/* Waits for news of @substream and @temporal, past others. */
static void
expect_news (Test * test, int substream, int temporal)
{
  int got_substream = -1, got_temporal = -1;

  while (got_substream != substream || got_temporal != temporal) {
    g_autoptr (GstMessage) message = peer_message (&test->peer, "bif-layer");
    const GstStructure *news = gst_message_get_structure (message);

    g_assert_cmpstr (gst_structure_get_string (news, "mid"), ==, "m0");
    g_assert_true (gst_structure_get (news, "substream", G_TYPE_INT,
            &got_substream, "temporal", G_TYPE_INT, &got_temporal, NULL));
  }
}

static void
start (Test * test)
{
  pass (test, 0, TRUE, 0);
  pass (test, 1, TRUE, 0);
  pass (test, 2, TRUE, 0);
}

/* Up to the best, and to what is wished for; the layers are told apart. */
static void
test_choice (Test * test, gconstpointer data)
{
  gboolean seen[3] = { FALSE };

  start (test);
  expect_news (test, 2, 0);
  send_picture (test, 0, TRUE, 0);
  send_picture (test, 1, FALSE, 0);
  pass (test, 2, FALSE, 0);
  g_object_set (test->sender, "substream", 0, NULL);
  expect_pli (test, 0);
  pass (test, 2, FALSE, 0);
  pass (test, 0, TRUE, 0);
  send_picture (test, 2, TRUE, 0);
  pass (test, 0, FALSE, 0);
  expect_news (test, 0, 0);
  g_object_set (test->sender, "substream", 1, NULL);
  expect_pli (test, 1);
  /* and again, while no keyframe comes */
  expect_pli (test, 1);
  pass (test, 1, TRUE, 0);
  expect_news (test, 1, 0);
  g_assert_cmpuint (peer_stat (&test->peer, "rtp-received"), ==, 11);
  /* the media of each layer stops for itself */
  while (!seen[0] || !seen[1] || !seen[2]) {
    g_autoptr (GstMessage) message = peer_message (&test->peer, "bif-media");
    int substream = -1;

    g_assert_true (gst_structure_get_int (gst_message_get_structure (message),
            "substream", &substream));
    g_assert_cmpint (substream, >=, 0);
    g_assert_cmpint (substream, <, 3);
    seen[substream] = TRUE;
  }
}

static void
test_unknown (Test * test, gconstpointer data)
{
  Rtp rtp = { 0x77777777, PT, 1, 0, 0, "m0", test->payload, 20, "x", NULL };

  start (test);
  peer_send_rtp (&test->peer, &rtp);
  rtp.rid = "hh";
  peer_send_rtp (&test->peer, &rtp);
  rtp.rid = NULL;
  peer_send_rtp (&test->peer, &rtp);
  rtp.repaired_rid = "y";
  peer_send_rtp (&test->peer, &rtp);
  rtp.payload_type = PT + 1;
  peer_send_rtp (&test->peer, &rtp);
  pass (test, 2, FALSE, 0);
  g_assert_cmpuint (peer_stat (&test->peer, "rtp-unknown"), ==, 5);
}

/* Layers that are left out leave no gap. */
static void
test_temporal (Test * test, gconstpointer data)
{
  static const int tids[] = { 0, 2, 1, 2 };
  int n;

  start (test);
  for (guint i = 0; i < 12; i++)
    pass (test, 2, FALSE, tids[i % 4]);
  expect_news (test, 2, 2);
  g_object_get (test->sender, "temporal-layers", &n, NULL);
  g_assert_cmpint (n, ==, 3);
  for (guint target = 0; target < 3; target++) {
    g_object_set (test->sender, "temporal", target, NULL);
    for (guint i = 0; i < 40; i++) {
      send_picture (test, 2, FALSE, tids[i % 4]);
      if (tids[i % 4] <= (int) target)
        receive_picture (test);
    }
    expect_news (test, 2, target);
  }
}

/* Silence of the better: a lower one, and back. */
static void
test_fallback (Test * test, gconstpointer data)
{
  start (test);
  g_object_set (test->sender, "fallback", 1, NULL);
  pass (test, 1, TRUE, 0);
  pass (test, 1, FALSE, 0);
  pass (test, 2, TRUE, 0);
}

/* What the subscriber asks for is asked of what it sees. */
static void
test_feedback (Test * test, gconstpointer data)
{
  guint8 out[64];
  gsize size = bif_rtcp_write_rr (out, sizeof out, 1, NULL, 0);
  guint16 wanted;
  guint8 mark;

  start (test);
  size += bif_rtcp_write_pli (out + size, sizeof out - size, 1, OUT_SSRC);
  peer_send_rtcp (&test->peer, out, size);
  expect_pli (test, 2);
  wanted = test->sequence;
  mark = test->payload[60];
  g_object_set (test->sender, "substream", 0, "temporal", 0, NULL);
  for (guint i = 0; i < 20; i++) {
    send_picture (test, 0, i == 0, i % 2);
    if (i % 2 == 0)
      receive_picture (test);
  }
  memset (test->peer.streams, 0, sizeof test->peer.streams);
  size = bif_rtcp_write_rr (out, sizeof out, 1, NULL, 0);
  size += bif_rtcp_write_nack (out + size, sizeof out - size, 1, OUT_SSRC,
      &wanted, 1);
  peer_send_rtcp (&test->peer, out, size);
  g_assert_true (peer_receive_rtp (&test->peer));
  g_assert_cmpint (test->peer.header.sequence, ==, wanted);
  g_assert_cmpint (test->peer.data[test->peer.header.header_size + 60], ==,
      mark);
}

/* A layer's retransmission is told by its repaired rid, or its SSRC. */
static void
test_rtx (Test * test, gconstpointer data)
{
  guint8 payload[66] = { 0 };
  Rtp rtx = { RTX_IN_SSRC (2), PT + 1, 7, 0, 0, "m0", payload, 66, NULL,
    data == NULL ? "h" : NULL
  };
  guint16 lost;

  start (test);
  lost = test->layer[2].sequence++;
  test->layer[2].picture_id++;
  send_picture (test, 2, FALSE, 0);
  g_assert_true (peer_receive_rtp (&test->peer));
  g_assert_cmpint (test->peer.header.sequence, ==, (guint16) (test->sequence
          + 2));
  payload[0] = lost >> 8;
  payload[1] = lost;
  memcpy (payload + 2, test->payload, sizeof test->payload);
  peer_send_rtp (&test->peer, &rtx);
  g_assert_true (peer_receive_rtp (&test->peer));
  g_assert_cmpint (test->peer.header.sequence, ==, (guint16) (test->sequence
          + 1));
  g_assert_cmpuint (test->peer.payload_size, ==, 64);
}

static gboolean
is_remb_of_all (const BifRtcpPacket * packet, gpointer user_data)
{
  guint found = 0;

  if (packet->type != BIF_RTCP_PSFB || packet->count != 15)
    return FALSE;
  for (gsize i = 0; i + 4 <= packet->size; i++) {
    for (guint l = 0; l < 3; l++) {
      guint32 ssrc = GUINT32_TO_BE (IN_SSRC (l));

      found |= memcmp (packet->body + i, &ssrc, 4) == 0 ? 1u << l : 0;
    }
  }
  return found == 7;
}

/* All layers may be sent. */
static void
test_remb (Test * test, gconstpointer data)
{
  start (test);
  g_assert_true (peer_receive_rtcp (&test->peer, is_remb_of_all, NULL));
}

/* The source of a layer begins anew under another SSRC. */
static void
test_ssrc_change (Test * test, gconstpointer data)
{
  guint8 key[20] = { 0x90, 0xe0, 0x80, 99, 3, 0x20, 0 };
  Rtp rtp = { 0x99999999, PT, 5, 0, 1, "m0", key, sizeof key, "h", NULL };

  start (test);
  peer_send_rtp (&test->peer, &rtp);
  g_assert_true (peer_receive_rtp (&test->peer));
  g_assert_cmpint (test->peer.header.sequence, ==, (guint16) (test->sequence
          + 1));
  g_assert_cmpint (test->peer.data[test->peer.header.header_size + 3], ==,
      (guint8) (test->picture_id + 1));
}

/* Off and on: from the last keyframe of the layer, without a gap. */
static void
test_pause (Test * test, gconstpointer data)
{
  start (test);
  g_object_set (test->relay, "active", FALSE, NULL);
  for (guint i = 0; i < 5; i++)
    send_picture (test, 2, i == 2, 0);
  peer_sync (&test->peer);
  g_object_set (test->relay, "active", TRUE, NULL);
  send_picture (test, 2, FALSE, 0);
  g_assert_cmpuint (receive_any_picture (test)[6], ==, 0);      /* the keyframe */
  for (guint i = 0; i < 2; i++)
    g_assert_cmpuint (receive_any_picture (test)[6], ==, 1);
  receive_picture (test);
}

/* Into a pipeline: the best there is, as one stream. */
static void
expect_bridged (GstHarness * h, Test * test, guint layer)
{
  GstBuffer *buffer = gst_harness_pull (h);
  BifRtpHeader header;
  GstMapInfo map;
  guint16 picture_id;

  g_assert_nonnull (buffer);
  g_assert_true (gst_buffer_map (buffer, &map, GST_MAP_READ));
  g_assert_true (bif_rtp_parse (&header, map.data, map.size, NULL));
  picture_id = (map.data[header.header_size + 2] << 8
      | map.data[header.header_size + 3]) & 0x7fff;
  g_assert_cmpuint (map.data[header.header_size + 7], ==, layer);
  g_assert_cmphex (header.ssrc, ==, IN_SSRC (0));
  if (test->started) {
    g_assert_cmpint (header.sequence, ==, (guint16) (test->sequence + 1));
    g_assert_cmpint (picture_id, ==, (test->picture_id + 1) & 0x7fff);
  }
  test->started = TRUE;
  test->sequence = header.sequence;
  test->picture_id = picture_id;
  gst_buffer_unmap (buffer, &map);
  gst_buffer_unref (buffer);
}

static void
test_bridge (Test * test, gconstpointer data)
{
  GstElement *source = gst_element_factory_make ("bifbridgesrc", NULL);
  GValue streams = G_VALUE_INIT;
  GstHarness *h;

  g_object_set (test->relay, "sender", NULL, NULL);
  g_value_init (&streams, GST_TYPE_ARRAY);
  g_object_get_property (test->receiver, "streams", &streams);
  g_object_set_property (G_OBJECT (source), "streams", &streams);
  g_value_unset (&streams);
  g_object_set (source, "latency", 100, "source-time", TRUE, NULL);
  h = gst_harness_new_with_element (source, NULL, "src");
  gst_object_unref (source);
  gst_harness_play (h);
  send_picture (test, 0, TRUE, 0);
  expect_bridged (h, test, 0);
  send_picture (test, 1, TRUE, 0);
  expect_bridged (h, test, 1);
  send_picture (test, 2, FALSE, 0);
  expect_pli (test, 2);
  send_picture (test, 0, FALSE, 0);
  send_picture (test, 1, FALSE, 0);
  expect_bridged (h, test, 1);
  send_picture (test, 2, TRUE, 0);
  expect_bridged (h, test, 2);
  send_picture (test, 1, TRUE, 0);
  for (guint i = 0; i < 20; i++) {
    send_picture (test, 2, FALSE, i % 2);
    expect_bridged (h, test, 2);
  }
  gst_harness_teardown (h);
}

#define ADD(name, data, func) \
  g_test_add ("/simulcast/" name, Test, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  ADD ("rid", NULL, test_choice);
  ADD ("ssrc", "ssrc", test_choice);
  ADD ("unknown", NULL, test_unknown);
  ADD ("temporal", NULL, test_temporal);
  ADD ("fallback", NULL, test_fallback);
  ADD ("feedback", NULL, test_feedback);
  ADD ("rtx/rid", NULL, test_rtx);
  ADD ("rtx/ssrc", "ssrc", test_rtx);
  ADD ("remb", NULL, test_remb);
  ADD ("ssrc-change", NULL, test_ssrc_change);
  ADD ("pause", NULL, test_pause);
  ADD ("bridge", NULL, test_bridge);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
