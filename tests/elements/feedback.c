/* feedback: what a transport tells a played browser of single packets: NACKs
 * and transport-wide feedback, and numbers of its own on what it sends. */
#include "peer.h"

#include <string.h>
#include "twcc-reader.h"

#define OUT_SSRC 0x22222222
#define RTX_SSRC 0x33333333
#define VIDEO_PT 96
#define AUDIO_PT 111
#define TRANSPORT_CC "http://www.ietf.org/id/" \
    "draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define HISTORY_MAX 64

typedef struct
{
  Peer peer;
  GObject *receiver[2], *sender;        /* video, audio */
  GstElement *relay;
  Rtp video, audio;             /* of the next packet */
  guint8 payload[200];
} Fixture;

/* A NACK, and when it was read. */
typedef struct
{
  guint32 ssrc;
  guint n;
  guint16 sequences[HISTORY_MAX];
  gint64 at_us;
} Nack;

static GObject *
add (Fixture * f, const char *action, const char *mid, guint payload,
    guint32 ssrc, gboolean nack)
{
  gboolean video = payload == VIDEO_PT;
  g_autoptr (GstStructure) rtp = peer_describe (mid, video ? "video" :
      "audio", video ? "VP8" : "OPUS", payload, ssrc, video ? RTX_SSRC : 0);
  GObject *object = NULL;

  gst_structure_set (rtp, "nack", G_TYPE_BOOLEAN, nack, "extmap-5",
      G_TYPE_STRING, TRANSPORT_CC, NULL);
  g_signal_emit_by_name (f->peer.transport, action, rtp, &object);
  g_assert_nonnull (object);
  return object;
}

static void
add_video (Fixture * f)
{
  f->receiver[0] = add (f, "add-receiver", "m0", VIDEO_PT, 0, TRUE);
}

static void
set_up (Fixture * f, gconstpointer data)
{
  memset (f, 0, sizeof *f);
  peer_set_up (&f->peer, NULL);
  peer_connect (&f->peer);
  peer_set_keys (&f->peer);
  f->receiver[1] = add (f, "add-receiver", "m1", AUDIO_PT, 0, FALSE);
  f->video = (Rtp) { 0x1111, VIDEO_PT, 65533, 0, 0, "m0", f->payload, 100 };
  f->audio = (Rtp) { 0x4444, AUDIO_PT, 100, 0, 0, "m1", f->payload, 100 };
  /* VP8, not a keyframe */
  f->payload[0] = 0x10;
  f->payload[1] = 1;
}

static void
tear_down (Fixture * f, gconstpointer data)
{
  g_clear_object (&f->receiver[0]);
  g_clear_object (&f->receiver[1]);
  g_clear_object (&f->sender);
  gst_clear_object (&f->relay);
  peer_tear_down (&f->peer, NULL);
}

static void
skip (Rtp * rtp, guint n)
{
  if (rtp->sequence + n > G_MAXUINT16)
    rtp->roc++;
  rtp->sequence += n;
}

static void
send_next (Fixture * f, Rtp * rtp)
{
  peer_send_rtp (&f->peer, rtp);
  skip (rtp, 1);
}

/* Sends one behind a gap. Returns the first that is missing. */
static guint16
send_behind_gap (Fixture * f, Rtp * rtp, guint missing)
{
  guint16 first = rtp->sequence;

  skip (rtp, missing);
  send_next (f, rtp);
  return first;
}

/* ---- NACK ---- */

static void
take_sequence (guint16 sequence, gpointer user_data)
{
  Nack *nack = user_data;

  g_assert_cmpuint (nack->n, <, HISTORY_MAX);
  nack->sequences[nack->n++] = sequence;
}

static gboolean
is_nack (const BifRtcpPacket * packet, gpointer user_data)
{
  Nack *nack = user_data;

  if (packet->type != BIF_RTCP_RTPFB || packet->count != BIF_RTPFB_NACK)
    return FALSE;
  memset (nack, 0, sizeof *nack);
  nack->ssrc = bif_rtcp_media_ssrc (packet);
  nack->at_us = g_get_monotonic_time ();
  bif_rtcp_nack_foreach (packet, take_sequence, nack);
  return TRUE;
}

/* The next NACK asks for @n numbers of @rtp from @first on. Returns when. */
static gint64
receive_nack (Fixture * f, const Rtp * rtp, guint16 first, guint n)
{
  Nack nack;

  g_assert_true (peer_receive_rtcp (&f->peer, is_nack, &nack));
  g_assert_cmphex (nack.ssrc, ==, rtp->ssrc);
  g_assert_cmpuint (nack.n, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (nack.sequences[i], ==, (guint16) (first + i));
  return nack.at_us;
}

/* Asked for after the tolerance, once more, and then given up. */
static void
test_nack (Fixture * f, gconstpointer data)
{
  gint64 sent_us, first_us;
  guint16 first, other;

  add_video (f);
  send_next (f, &f->video);
  sent_us = g_get_monotonic_time ();
  first = send_behind_gap (f, &f->video, 3);
  first_us = receive_nack (f, &f->video, first, 3);
  g_assert_cmpint (first_us - sent_us, >=, 12 * 1000);
  g_assert_cmpint (receive_nack (f, &f->video, first, 3) - sent_us, >=,
      (12 + 155) * 1000);
  other = send_behind_gap (f, &f->video, 1);
  receive_nack (f, &f->video, other, 1);
  receive_nack (f, &f->video, other, 1);
  g_assert_cmpuint (peer_stat (&f->peer, "nacked"), ==, 8);
}

/* What comes late or again is not asked for any more. */
static void
test_arrivals (Fixture * f, gconstpointer data)
{
  guint8 payload[102] = { 0, 0, 0x10, 1 }, late[2048];
  Rtp rtx = { RTX_SSRC + 1, VIDEO_PT + 1, 7, 0, 0, "m0", payload, 102 };
  guint16 first;
  gsize size;

  add_video (f);
  f->video.sequence = 100;
  send_next (f, &f->video);
  size = peer_write_rtp (&f->peer, &f->video, late);
  first = send_behind_gap (f, &f->video, 3);
  receive_nack (f, &f->video, first, 3);
  peer_send (&f->peer, late, size);
  payload[0] = (first + 1) >> 8;
  payload[1] = (first + 1) & 0xff;
  peer_send_rtp (&f->peer, &rtx);
  receive_nack (f, &f->video, first + 2, 1);
  g_assert_cmpuint (peer_stat (&f->peer, "nacked"), ==, 4);
}

/* Nothing before a keyframe is missed, nor before a jump. */
static void
test_forget (Fixture * f, gconstpointer data)
{
  guint16 first;

  add_video (f);
  send_next (f, &f->video);
  first = send_behind_gap (f, &f->video, 2);
  receive_nack (f, &f->video, first, 2);
  send_behind_gap (f, &f->video, 500);
  first = send_behind_gap (f, &f->video, 5);
  receive_nack (f, &f->video, first, 5);
  f->payload[1] = 0;
  send_behind_gap (f, &f->video, 5);
  f->payload[1] = 1;
  first = send_behind_gap (f, &f->video, 1);
  receive_nack (f, &f->video, first, 1);
  receive_nack (f, &f->video, first, 1);
}

/* Only where it was negotiated, for audio as for video. */
static void
test_negotiated (Fixture * f, gconstpointer data)
{
  Rtp other = { 0x5555, AUDIO_PT + 1, 100, 0, 0, "m2", f->payload, 100 };
  GObject *receiver = add (f, "add-receiver", "m2", AUDIO_PT + 1,
      0, TRUE);
  guint16 first;

  send_next (f, &f->audio);
  send_next (f, &other);
  send_behind_gap (f, &f->audio, 2);
  first = send_behind_gap (f, &other, 2);
  receive_nack (f, &other, first, 2);
  receive_nack (f, &other, first, 2);
  g_object_unref (receiver);
}

/* ---- transport-wide feedback ---- */

static gboolean
is_twcc (const BifRtcpPacket * packet, gpointer user_data)
{
  if (!is_feedback (packet))
    return FALSE;
  g_assert_cmphex (bif_rtcp_media_ssrc (packet), ==, 0x1111);
  read_feedback (packet, user_data);
  return TRUE;
}

static void
send_number (Fixture * f, Rtp * rtp, guint16 number)
{
  rtp->transport = 1 + number;
  send_next (f, rtp);
}

/* One message says when what came; the next, what came after it. */
static void
test_twcc (Fixture * f, gconstpointer data)
{
  Feedback feedback;
  gint64 sent_us;

  add_video (f);
  g_object_set (f->peer.transport, "twcc-period", 100, NULL);
  sent_us = g_get_monotonic_time ();
  send_number (f, &f->video, 65534);
  send_number (f, &f->audio, 65535);
  send_number (f, &f->video, 1);
  g_assert_true (peer_receive_rtcp (&f->peer, is_twcc, &feedback));
  g_assert_cmpint (g_get_monotonic_time () - sent_us, >=, 100 * 1000);
  g_assert_cmpint (feedback.base, ==, 65534);
  g_assert_cmpuint (feedback.count, ==, 4);
  g_assert_cmpuint (feedback.received, ==, 3);
  g_assert_cmpint (feedback.tick[2], ==, -1);
  g_assert_cmpint (feedback.number, ==, 0);
  send_number (f, &f->video, 2);
  g_assert_true (peer_receive_rtcp (&f->peer, is_twcc, &feedback));
  g_assert_cmpint (feedback.base, ==, 2);
  g_assert_cmpuint (feedback.received, ==, 1);
  g_assert_cmpint (feedback.number, ==, 1);
}

/* So many that one message is full go out before their time. */
static void
test_twcc_full (Fixture * f, gconstpointer data)
{
  Feedback feedback;

  add_video (f);
  g_object_set (f->peer.transport, "twcc-period", 3600 * 1000, NULL);
  f->video.size = 10;
  for (guint i = 0; i < 399; i++) {
    send_number (f, &f->video, i);
    if (i % 50 == 0)
      peer_sync (&f->peer);     /* so that no buffer overflows */
  }
  peer_sync (&f->peer);
  send_number (f, &f->video, 399);
  g_assert_true (peer_receive_rtcp (&f->peer, is_twcc, &feedback));
  g_assert_cmpint (feedback.base, ==, 0);
  g_assert_cmpuint (feedback.count, ==, 400);
  g_assert_cmpuint (feedback.received, ==, 400);
}

/* Nothing is said while there is no video. */
static void
test_twcc_audio (Fixture * f, gconstpointer data)
{
  Rtp other = { 0x5555, AUDIO_PT + 1, 100, 0, 0, "m2", f->payload, 100 };
  GObject *receiver = add (f, "add-receiver", "m2", AUDIO_PT + 1,
      0, TRUE);
  Feedback feedback;

  g_object_set (f->peer.transport, "twcc-period", 1, NULL);
  send_number (f, &f->audio, 10);
  send_number (f, &other, 11);
  receive_nack (f, &other, send_behind_gap (f, &other, 1), 1);
  add_video (f);
  send_number (f, &f->video, 12);
  send_number (f, &f->video, 13);
  g_assert_true (peer_receive_rtcp (&f->peer, is_twcc, &feedback));
  g_assert_cmpint (feedback.number, ==, 0);
  g_assert_cmpint (feedback.base, ==, 10);
  g_assert_cmpuint (feedback.received, >=, 3);
  g_object_unref (receiver);
}

/* Subscribers get numbers of their transport's own, and no publisher's; what
 * is sent again has a new one. */
static void
test_twcc_out (Fixture * f, gconstpointer data)
{
  g_autoptr (GObject) stream = NULL;
  Peer *peer = &f->peer;
  guint8 out[64];
  gsize size;

  add_video (f);
  f->sender = add (f, "add-sender", "m0", VIDEO_PT, OUT_SSRC, TRUE);
  f->relay = gst_object_ref_sink (gst_element_factory_make ("bifrelay",
          NULL));
  g_object_get (f->receiver[0], "stream", &stream, NULL);
  g_object_set (f->relay, "source", stream, "sender", f->sender, NULL);
  f->payload[1] = 0;
  for (guint i = 0; i < 5; i++) {
    const BifExtValue *number = &peer->header.ext[BIF_EXT_TRANSPORT_CC];

    if (i < 4) {
      send_number (f, &f->video, 500 + 7 * i);
    } else {
      size = bif_rtcp_write_rr (out, sizeof out, 1, NULL, 0);
      size += bif_rtcp_write_nack (out + size, sizeof out - size, 1, OUT_SSRC,
          &peer->header.sequence, 1);
      peer_send_rtcp (peer, out, size);
    }
    g_assert_true (peer_receive_rtp (peer));
    g_assert_cmphex (peer->header.ssrc, ==, i < 4 ? OUT_SSRC : RTX_SSRC);
    g_assert_cmpuint (number->size, ==, 2);
    g_assert_cmpint (bif_get_be16 (number->data), ==, i);
  }
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    void (*func) (Fixture * f, gconstpointer data);
  } tests[] = {
    {"/feedback/nack", test_nack},
    {"/feedback/nack/arrivals", test_arrivals},
    {"/feedback/nack/forget", test_forget},
    {"/feedback/nack/negotiated", test_negotiated},
    {"/feedback/twcc", test_twcc},
    {"/feedback/twcc/full", test_twcc_full},
    {"/feedback/twcc/audio", test_twcc_audio},
    {"/feedback/twcc/out", test_twcc_out},
  };
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Fixture, NULL, set_up, tests[i].func,
        tear_down);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
