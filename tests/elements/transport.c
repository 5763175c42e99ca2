/* transport: media of a played browser, looped back by a bifrelay: numbers,
 * retransmission, feedback, reports, news, and all that should not get in. */
#include "peer.h"

#include <string.h>
#include <unistd.h>

#define IN_SSRC 0x11111111
#define OUT_SSRC 0x22222222
#define RTX_SSRC 0x33333333
#define PT 96

typedef struct
{
  Peer peer;
  GObject *receiver, *sender;
  GstElement *relay;
  Rtp rtp;                      /* of the next packet */
  guint8 payload[2048];
  gboolean started;             /* something came back */
  guint16 sequence;             /* the last that came back */
} Echo;

typedef struct
{
  const char *media, *codec;
  guint32 rtx_ssrc;
} Kind;

static const Kind audio = { "audio", "OPUS", 0 };
static const Kind video = { "video", "VP8", 0 };
static const Kind video_rtx = { "video", "VP8", RTX_SSRC };

static GObject *
add (Echo * echo, const char *action, const Kind * kind, guint ssrc)
{
  g_autoptr (GstStructure) rtp = peer_describe ("m0", kind->media,
      kind->codec, PT, ssrc, kind->rtx_ssrc);
  GObject *object = NULL;

  g_signal_emit_by_name (echo->peer.transport, action, rtp, &object);
  g_assert_nonnull (object);
  return object;
}

static void
set_up (Echo * echo, gconstpointer data)
{
  const Kind *kind = data;
  g_autoptr (GObject) stream = NULL;

  memset (echo, 0, sizeof *echo);
  peer_set_up (&echo->peer, NULL);
  peer_connect (&echo->peer);
  peer_set_keys (&echo->peer);
  echo->receiver = add (echo, "add-receiver", kind, 0);
  echo->sender = add (echo, "add-sender", kind, OUT_SSRC);
  echo->relay = gst_object_ref_sink (gst_element_factory_make ("bifrelay",
          NULL));
  g_object_get (echo->receiver, "stream", &stream, NULL);
  g_object_set (echo->relay, "source", stream, "sender", echo->sender, NULL);
  echo->rtp = (Rtp) { IN_SSRC, PT, 65530, 0, 0xfffffff0, "m0", echo->payload,
    100
  };
  /* a VP8 keyframe */
  echo->payload[0] = 0x10;
}

static void
tear_down (Echo * echo, gconstpointer data)
{
  GObject *stream;
  GWeakRef weak[4];

  g_object_get (echo->receiver, "stream", &stream, NULL);
  g_weak_ref_init (&weak[0], echo->receiver);
  g_weak_ref_init (&weak[1], echo->sender);
  g_weak_ref_init (&weak[2], stream);
  g_weak_ref_init (&weak[3], echo->relay);
  g_object_unref (stream);
  g_clear_object (&echo->receiver);
  g_clear_object (&echo->sender);
  gst_clear_object (&echo->relay);
  peer_tear_down (&echo->peer, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (weak); i++) {
    g_assert_null (g_weak_ref_get (&weak[i]));
    g_weak_ref_clear (&weak[i]);
  }
}

static void
skip (Echo * echo, guint n)
{
  if (echo->rtp.sequence + n > G_MAXUINT16)
    echo->rtp.roc++;
  echo->rtp.sequence += n;
}

/* Sends the next packet. */
static void
send_next (Echo * echo)
{
  echo->payload[50]++;
  peer_send_rtp (&echo->peer, &echo->rtp);
  echo->rtp.timestamp += 960;
  skip (echo, 1);
}

/* The next that comes back is the payload @mark, numbered one on. */
static void
receive_next (Echo * echo, guint8 mark)
{
  Peer *peer = &echo->peer;

  g_assert_true (peer_receive_rtp (peer));
  g_assert_cmphex (peer->header.ssrc, ==, OUT_SSRC);
  g_assert_cmpint (peer->header.payload_type, ==, PT);
  g_assert_cmpmem (peer->header.ext[BIF_EXT_MID].data,
      peer->header.ext[BIF_EXT_MID].size, "m0", 2);
  g_assert_cmpint (peer->data[peer->header.header_size + 50], ==, mark);
  if (echo->started)
    g_assert_cmpint (peer->header.sequence, ==, (guint16) (echo->sequence
            + 1));
  echo->started = TRUE;
  echo->sequence = peer->header.sequence;
}

static void
pass (Echo * echo, guint n)
{
  for (guint i = 0; i < n; i++) {
    send_next (echo);
    receive_next (echo, echo->payload[50]);
  }
}

static void
test_echo (Echo * echo, gconstpointer data)
{
  guint32 timestamp;

  pass (echo, 1);
  timestamp = echo->peer.header.timestamp;
  for (guint i = 1; i < 300; i++) {
    pass (echo, 1);
    g_assert_cmpuint (echo->peer.header.timestamp, ==, (guint32) (timestamp
            + i * 960));
    g_assert_cmpuint (echo->peer.payload_size, ==, 100);
  }
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-received"), ==, 300);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-sent"), ==, 300);
}

/* Another SSRC, without and with a mid; numbers go on. */
static void
test_ssrc_change (Echo * echo, gconstpointer data)
{
  pass (echo, 10);
  for (guint i = 1; i < 6; i++) {
    echo->rtp.ssrc = IN_SSRC + i;
    echo->rtp.sequence = 40000 - i * 7000;
    echo->rtp.timestamp = i;
    echo->rtp.roc = 0;
    echo->rtp.mid = i % 2 ? NULL : "m0";
    pass (echo, 10);
  }
}

/* One that fed the stream before comes back, where it was. */
static void
test_return (Echo * echo, gconstpointer data)
{
  Rtp first;

  pass (echo, 10);
  first = echo->rtp;
  for (guint i = 0; i < 3; i++) {
    echo->rtp.ssrc = IN_SSRC + 1;
    echo->rtp.sequence = 40000 + i * 100;
    echo->rtp.roc = 0;
    pass (echo, 10);
    first.timestamp = echo->rtp.timestamp;
    echo->rtp = first;
    pass (echo, 10);
    first = echo->rtp;
  }
}

static gboolean
hears (Echo * echo)
{
  g_autoptr (GstMessage) message = peer_message (&echo->peer, "bif-media");
  gboolean receiving = FALSE;

  gst_structure_get_boolean (gst_message_get_structure (message),
      "receiving", &receiving);
  return receiving;
}

/* Who says goodbye is gone at once, until it comes again. */
static void
test_goodbye (Echo * echo, gconstpointer data)
{
  guint8 out[64];
  gsize size;

  pass (echo, 3);
  g_assert_true (hears (echo));
  /* reduced size: nothing but the BYE */
  size = bif_rtcp_write_bye (out, sizeof out, IN_SSRC);
  peer_send_rtcp (&echo->peer, out, size);
  g_assert_false (hears (echo));
  pass (echo, 3);
  g_assert_true (hears (echo));
}

/* A relay that loses its sender gives it nothing more. */
static void
test_no_sender (Echo * echo, gconstpointer data)
{
  pass (echo, 3);
  g_object_set (echo->relay, "sender", NULL, NULL);
  send_next (echo);
  peer_sync (&echo->peer);
  g_object_set (echo->relay, "sender", echo->sender, NULL);
  pass (echo, 1);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-sent"), ==, 4);
}

static void
test_jump (Echo * echo, gconstpointer data)
{
  static const guint16 jumps[] = { 3100, 10000, 30000, 5000 };

  pass (echo, 10);
  for (guint i = 0; i < G_N_ELEMENTS (jumps); i++) {
    skip (echo, jumps[i]);
    pass (echo, 10);
  }
}

/* A gap and what is late keep their places. */
static void
test_reorder (Echo * echo, gconstpointer data)
{
  guint8 first[2048], second[2048];
  gsize first_size, second_size;

  pass (echo, 3);
  first_size = peer_write_rtp (&echo->peer, &echo->rtp, first);
  skip (echo, 1);
  second_size = peer_write_rtp (&echo->peer, &echo->rtp, second);
  skip (echo, 1);
  peer_send (&echo->peer, second, second_size);
  peer_send (&echo->peer, first, first_size);
  g_assert_true (peer_receive_rtp (&echo->peer));
  g_assert_cmpint (echo->peer.header.sequence, ==, (guint16) (echo->sequence
          + 2));
  g_assert_true (peer_receive_rtp (&echo->peer));
  g_assert_cmpint (echo->peer.header.sequence, ==, (guint16) (echo->sequence
          + 1));
  echo->sequence += 2;
  pass (echo, 3);
}

static void
test_refused (Echo * echo, gconstpointer data)
{
  guint8 packet[2048];
  gsize size, n;
  guint64 replayed;
  Rtp unknown = { 0x77777777, 50, 1, 0, 0, NULL, echo->payload, 10 };

  pass (echo, 1);
  size = peer_write_rtp (&echo->peer, &echo->rtp, packet);
  for (n = 0; n < size; n++)
    peer_send (&echo->peer, packet, n);
  for (n = 0; n < size; n++) {
    packet[n] ^= 0x55;
    peer_send (&echo->peer, packet, size);
    packet[n] ^= 0x55;
  }
  peer_send_rtp (&echo->peer, &unknown);
  peer_sync (&echo->peer);
  replayed = peer_stat (&echo->peer, "rtp-replayed");
  peer_send (&echo->peer, packet, size);
  peer_send (&echo->peer, packet, size);
  peer_send (&echo->peer, packet, size);
  receive_next (echo, echo->payload[50]);
  skip (echo, 1);
  pass (echo, 1);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-received"), ==, 3);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-replayed"), ==,
      replayed + 2);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-bad"), >, 20);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-unknown"), >=, 1);
}

static void
test_sizes (Echo * echo, gconstpointer data)
{
  guint8 packet[2048];
  gsize overhead;

  echo->rtp.size = 51;
  overhead = peer_write_rtp (&echo->peer, &echo->rtp, packet) - 51;
  echo->rtp.size = 1500 - overhead;
  pass (echo, 2);
  g_assert_cmpuint (echo->peer.payload_size, ==, 1500 - overhead);
  echo->rtp.size++;
  send_next (echo);
  echo->rtp.size = 2040;
  send_next (echo);
  peer_sync (&echo->peer);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-received"), ==, 2);
}

/* Payloads of nothing, or of padding alone, as probes are. */
static void
test_empty (Echo * echo, gconstpointer data)
{
  echo->rtp.size = 0;
  send_next (echo);
  g_assert_true (peer_receive_rtp (&echo->peer));
  g_assert_cmpuint (echo->peer.payload_size, ==, 0);
}

/* ---- feedback ---- */

static void
send_nack (Echo * echo, guint16 sequence)
{
  guint8 out[64];
  gsize size = bif_rtcp_write_rr (out, sizeof out, 1, NULL, 0);

  size += bif_rtcp_write_nack (out + size, sizeof out - size, 1, OUT_SSRC,
      &sequence, 1);
  peer_send_rtcp (&echo->peer, out, size);
}

/* The same packet again: @resent of it; a repeated NACK is not answered at
 * once, nor is one for what was never sent. */
static void
test_nack (Echo * echo, gconstpointer data)
{
  const Kind *kind = data;
  Peer *peer = &echo->peer;
  guint16 wanted;
  guint8 mark;

  pass (echo, 5);
  wanted = echo->sequence;
  mark = echo->payload[50];
  pass (echo, 5);
  memset (peer->streams, 0, sizeof peer->streams);
  send_nack (echo, echo->sequence + 1);
  send_nack (echo, wanted);
  send_nack (echo, wanted);
  g_assert_true (peer_receive_rtp (peer));
  if (kind->rtx_ssrc != 0) {
    const guint8 *payload = peer->data + peer->header.header_size;

    g_assert_cmphex (peer->header.ssrc, ==, RTX_SSRC);
    g_assert_cmpint (peer->header.payload_type, ==, PT + 1);
    g_assert_cmpint (payload[0] << 8 | payload[1], ==, wanted);
    g_assert_cmpint (payload[52], ==, mark);
    g_assert_cmpuint (peer->payload_size, ==, 102);
  } else {
    g_assert_cmphex (peer->header.ssrc, ==, OUT_SSRC);
    g_assert_cmpint (peer->header.sequence, ==, wanted);
    g_assert_cmpint (peer->data[peer->header.header_size + 50], ==, mark);
  }
  g_assert_cmpmem (peer->header.ext[BIF_EXT_MID].data,
      peer->header.ext[BIF_EXT_MID].size, "m0", 2);
  pass (echo, 1);
  g_assert_cmpuint (peer_stat (peer, "retransmitted"), ==, 1);
}

/* What has an SRTP index again is the same to the last bit. */
static void
test_nack_same (Echo * echo, gconstpointer data)
{
  Peer *peer = &echo->peer;
  g_autoptr (GstStructure) rtp = peer_describe ("m0", "video", "VP8", PT,
      OUT_SSRC, 0);
  guint8 before[2048];
  gsize size;

  gst_structure_set (rtp, "extmap-3", G_TYPE_STRING,
      bif_ext_uri (BIF_EXT_ABS_SEND_TIME), "extmap-5", G_TYPE_STRING,
      bif_ext_uri (BIF_EXT_TRANSPORT_CC), NULL);
  g_object_set (echo->sender, "description", rtp, NULL);
  pass (echo, 3);
  size = peer->size;
  memcpy (before, peer->data, size);
  pass (echo, 3);
  memset (peer->streams, 0, sizeof peer->streams);
  send_nack (echo, before[2] << 8 | before[3]);
  g_assert_true (peer_receive_rtp (peer));
  g_assert_cmpmem (peer->data, peer->size, before, size);
}

/* What the browser sends again under its own rtx SSRC goes where it belongs. */
static void
test_rtx_in (Echo * echo, gconstpointer data)
{
  guint8 payload[120] = { 0 };
  Rtp rtx = { IN_SSRC + 1, PT + 1, 7, 0, 0, "m0", payload, 102 };
  guint16 lost;

  pass (echo, 5);
  lost = echo->rtp.sequence;
  skip (echo, 1);
  send_next (echo);
  g_assert_true (peer_receive_rtp (&echo->peer));
  g_assert_cmpint (echo->peer.header.sequence, ==, (guint16) (echo->sequence
          + 2));
  payload[0] = lost >> 8;
  payload[1] = lost;
  payload[2] = 0x10;
  payload[52] = 222;
  peer_send_rtp (&echo->peer, &rtx);
  receive_next (echo, 222);
  echo->sequence++;
  for (guint i = 0; i < 3; i++) {       /* probes, and what nobody lost */
    rtx.sequence++;
    rtx.size = i;
    peer_send_rtp (&echo->peer, &rtx);
  }
  rtx.size = 102;
  rtx.sequence++;
  peer_send_rtp (&echo->peer, &rtx);
  pass (echo, 3);
}

static gboolean
is_pli (const BifRtcpPacket * packet, gpointer user_data)
{
  return packet->type == BIF_RTCP_PSFB && packet->count == BIF_PSFB_PLI
      && bif_rtcp_media_ssrc (packet) == IN_SSRC;
}

static void
test_pli (Echo * echo, gconstpointer data)
{
  guint8 out[64];
  gsize size = bif_rtcp_write_rr (out, sizeof out, 1, NULL, 0);

  pass (echo, 5);
  size += bif_rtcp_write_pli (out + size, sizeof out - size, 1, OUT_SSRC);
  peer_send_rtcp (&echo->peer, out, size);
  g_assert_true (peer_receive_rtcp (&echo->peer, is_pli, NULL));
  size = bif_rtcp_write_rr (out, sizeof out, 1, NULL, 0);
  size += bif_rtcp_write_fir (out + size, sizeof out - size, 1, OUT_SSRC, 1);
  peer_send_rtcp (&echo->peer, out, size);
  g_assert_true (peer_receive_rtcp (&echo->peer, is_pli, NULL));
}

/* Sends @n packets while the subscriber takes none, the first of a keyframe. */
static void
send_unheard (Echo * echo, guint n)
{
  g_object_set (echo->relay, "active", FALSE, NULL);
  for (guint i = 0; i < n; i++) {
    echo->payload[1] = i > 0;
    send_next (echo);
  }
  peer_sync (&echo->peer);
  g_object_set (echo->relay, "active", TRUE, NULL);
}

/* A subscriber begins at a keyframe, which is asked for until it comes; a
 * pause costs no numbers. What came since a keyframe comes again, where that is
 * new and not much followed. */
static void
test_pause (Echo * echo, gconstpointer data)
{
  guint8 mark;

  echo->payload[3] = 0;
  echo->payload[1] = 1;         /* not a keyframe */
  send_next (echo);
  g_assert_true (peer_receive_rtcp (&echo->peer, is_pli, NULL));
  echo->payload[1] = 0;
  pass (echo, 3);
  mark = echo->payload[50];
  send_unheard (echo, 10);
  send_next (echo);
  for (guint i = 1; i <= 11; i++)
    receive_next (echo, mark + i);
  pass (echo, 1);
  send_unheard (echo, 420);
  send_next (echo);
  peer_sync (&echo->peer);
  g_assert_true (peer_receive_rtcp (&echo->peer, is_pli, NULL));
  echo->payload[1] = 0;
  pass (echo, 3);
}

/* ---- reports ---- */

typedef struct
{
  BifSenderInfo info;
  BifReportBlock block;
  guint64 remb;
} Report;

static gboolean
is_sr (const BifRtcpPacket * packet, gpointer user_data)
{
  Report *report = user_data;

  if (packet->type != BIF_RTCP_SR
      || !bif_rtcp_sender_info (packet, &report->info))
    return FALSE;
  g_assert_cmphex (report->info.ssrc, ==, OUT_SSRC);
  g_assert_true (bif_rtcp_report (packet, 0, &report->block));
  return TRUE;
}

static gboolean
is_remb (const BifRtcpPacket * packet, gpointer user_data)
{
  Report *report = user_data;

  return packet->type == BIF_RTCP_PSFB && packet->count == BIF_PSFB_AFB
      && bif_rtcp_remb (packet, &report->remb);
}

static void
send_sr (Echo * echo, guint64 ntp)
{
  BifSenderInfo info = { IN_SSRC, ntp, 1234, 5, 500 };
  guint8 out[64];

  peer_send_rtcp (&echo->peer, out, bif_rtcp_write_sr (out, sizeof out, &info,
          NULL, 0));
}

/* Sender reports once a second, whatever clock the peer claims to have. */
static void
test_reports (Echo * echo, gconstpointer data)
{
  static const guint64 clocks[] = { 0x1122334455667788, G_MAXUINT64, 0, 1 };
  Report report;

  pass (echo, 5);
  skip (echo, 5);
  send_next (echo);
  g_assert_true (peer_receive_rtp (&echo->peer));
  for (guint i = 0; i < G_N_ELEMENTS (clocks); i++)
    send_sr (echo, clocks[i]);
  send_sr (echo, clocks[0]);
  peer_sync (&echo->peer);
  do
    g_assert_true (peer_receive_rtcp (&echo->peer, is_sr, &report));
  while (report.block.lsr == 0 || report.info.packets != 6);
  g_assert_cmpuint (report.info.octets, ==, 600);
  g_assert_cmphex (report.block.ssrc, ==, IN_SSRC);
  g_assert_cmphex (report.block.lsr, ==, 0x33445566);
  g_assert_cmpint (report.block.lost, ==, 5);
  g_assert_cmphex (report.block.highest & 0xffff, ==,
      (guint16) (echo->rtp.sequence - 1));
}

/* Where nothing is sent, receiver reports. */
static gboolean
is_rr_with_block (const BifRtcpPacket * packet, gpointer user_data)
{
  BifReportBlock block;

  return packet->type == BIF_RTCP_RR && bif_rtcp_report (packet, 0, &block)
      && block.ssrc == IN_SSRC;
}

static void
test_receive_only (Echo * echo, gconstpointer data)
{
  g_object_set (echo->relay, "source", NULL, NULL);
  send_next (echo);
  g_assert_true (peer_receive_rtcp (&echo->peer, is_rr_with_block, NULL));
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-sent"), ==, 0);
}

static void
test_remb (Echo * echo, gconstpointer data)
{
  Report report = { 0 };

  pass (echo, 1);
  g_object_set (echo->peer.transport, "bitrate", 512000, NULL);
  do
    g_assert_true (peer_receive_rtcp (&echo->peer, is_remb, &report));
  while (report.remb != 512000);
}

/* ---- news ---- */

static void
check_media (Echo * echo, gboolean wanted, guint seconds)
{
  g_autoptr (GstMessage) message = peer_message (&echo->peer, "bif-media");
  const GstStructure *fields = gst_message_get_structure (message);
  gboolean receiving;
  guint value;

  g_assert_cmpstr (gst_structure_get_string (fields, "mid"), ==, "m0");
  g_assert_true (gst_structure_get_boolean (fields, "receiving", &receiving));
  g_assert_true (gst_structure_get_uint (fields, "seconds", &value));
  g_assert_cmpint (receiving, ==, wanted);
  g_assert_cmpuint (value, ==, seconds);
}

static void
test_media (Echo * echo, gconstpointer data)
{
  pass (echo, 2);
  check_media (echo, TRUE, 0);
  check_media (echo, FALSE, 1);
  pass (echo, 2);
  check_media (echo, TRUE, 0);
}

static void
check_slow_link (Echo * echo, gboolean uplink, guint lost)
{
  g_autoptr (GstMessage) message = peer_message (&echo->peer,
      "bif-slow-link");
  const GstStructure *fields = gst_message_get_structure (message);
  gboolean value;
  guint number;

  g_assert_cmpstr (gst_structure_get_string (fields, "mid"), ==, "m0");
  g_assert_true (gst_structure_get_boolean (fields, "uplink", &value));
  g_assert_true (gst_structure_get_uint (fields, "lost", &number));
  g_assert_cmpint (value, ==, uplink);
  g_assert_cmpuint (number, ==, lost);
}

static void
test_slow_link (Echo * echo, gconstpointer data)
{
  BifReportBlock block = {.ssrc = OUT_SSRC,.lost = 50 };
  guint8 out[64];

  g_object_set (echo->peer.transport, "slowlink-threshold", 5, NULL);
  echo->rtp.sequence = 100;
  pass (echo, 1);
  skip (echo, 18);
  send_next (echo);
  check_slow_link (echo, FALSE, 18);
  peer_send_rtcp (&echo->peer, out, bif_rtcp_write_rr (out, sizeof out, 1,
          &block, 1));
  check_slow_link (echo, TRUE, 50);
}

/* ---- paths and ends ---- */

/* Media goes where was nominated last; a check alone moves nothing. */
static void
test_move (Echo * echo, gconstpointer data)
{
  BifAddress address;
  int first = echo->peer.fd, second = peer_open_socket (&address);
  BifStunMessage message;

  pass (echo, 3);
  echo->peer.fd = second;
  peer_send_check (&echo->peer, &(Check) { 0 }, 50);
  g_assert_true (peer_receive_answer (&echo->peer, 50, &message));
  g_assert_true (bif_address_equal (&message.mapped, &address));
  send_next (echo);             /* comes in here, goes out there */
  echo->peer.fd = first;
  receive_next (echo, echo->payload[50]);
  echo->peer.fd = second;
  peer_send_check (&echo->peer, &(Check) { .nominate = TRUE }, 51);
  g_assert_true (peer_receive_answer (&echo->peer, 51, &message));
  pass (echo, 3);
  close (first);
}

static void
test_keys_late (void)
{
  Peer peer;
  guint8 packet[200] = { 0x80, PT };

  peer_set_up (&peer, NULL);
  peer_connect (&peer);
  peer_send (&peer, packet, sizeof packet);
  packet[1] = 200;
  peer_send (&peer, packet, sizeof packet);
  peer_sync (&peer);
  g_assert_cmpuint (peer_stat (&peer, "rtp-received"), ==, 0);
  peer_tear_down (&peer, NULL);
}

/* Removing one end stops it; media of the other goes on nowhere. */
static void
test_remove (Echo * echo, gconstpointer data)
{
  pass (echo, 3);
  g_signal_emit_by_name (echo->peer.transport, "remove", echo->sender);
  send_next (echo);
  peer_sync (&echo->peer);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-received"), ==, 4);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-sent"), ==, 3);
  g_signal_emit_by_name (echo->peer.transport, "remove", echo->receiver);
  send_next (echo);
  peer_sync (&echo->peer);
  g_assert_cmpuint (peer_stat (&echo->peer, "rtp-received"), ==, 4);
  g_signal_emit_by_name (echo->peer.transport, "remove", echo->sender);
  g_signal_emit_by_name (echo->peer.transport, "remove", echo->receiver);
}

/* Closing while packets come. */
static void
test_close (Echo * echo, gconstpointer data)
{
  Peer *peer = &echo->peer;
  guint64 received;

  pass (echo, 3);
  for (guint i = 0; i < 100; i++)
    send_next (echo);
  g_signal_emit_by_name (peer->transport, "close");
  received = peer_stat (peer, "rtp-received");
  for (guint i = 0; i < 100; i++)
    send_next (echo);
  gst_element_set_state (peer->mux, GST_STATE_NULL);
  g_assert_cmpuint (peer_stat (peer, "rtp-received"), ==, received);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    const Kind *kind;
    void (*func) (Echo * echo, gconstpointer data);
  } tests[] = {
    {"/transport/echo/audio", &audio, test_echo},
    {"/transport/echo/video", &video, test_echo},
    {"/transport/ssrc-change", &audio, test_ssrc_change},
    {"/transport/ssrc-change/video", &video_rtx, test_ssrc_change},
    {"/transport/return", &audio, test_return},
    {"/transport/goodbye", &audio, test_goodbye},
    {"/transport/no-sender", &audio, test_no_sender},
    {"/transport/jump", &audio, test_jump},
    {"/transport/reorder", &audio, test_reorder},
    {"/transport/refused", &audio, test_refused},
    {"/transport/sizes", &audio, test_sizes},
    {"/transport/empty", &audio, test_empty},
    {"/transport/nack", &video, test_nack},
    {"/transport/nack/same", &video, test_nack_same},
    {"/transport/nack/rtx", &video_rtx, test_nack},
    {"/transport/rtx-in", &video_rtx, test_rtx_in},
    {"/transport/pli", &video, test_pli},
    {"/transport/pause", &video, test_pause},
    {"/transport/reports", &audio, test_reports},
    {"/transport/receive-only", &video, test_receive_only},
    {"/transport/remb", &video, test_remb},
    {"/transport/media", &audio, test_media},
    {"/transport/slow-link", &audio, test_slow_link},
    {"/transport/move", &audio, test_move},
    {"/transport/remove", &audio, test_remove},
    {"/transport/close", &audio, test_close},
  };
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, Echo, tests[i].kind, set_up, tests[i].func,
        tear_down);
  g_test_add_func ("/transport/keys-late", test_keys_late);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
