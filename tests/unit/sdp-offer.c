/* sdp-offer.c: offers of ours and the answers to them. */
#include "sdp-common.h"

#include <string.h>

#define SESSION "v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" \
    "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n" \
    "a=fingerprint:sha-256 00:11\r\na=setup:active\r\n"

static const char *const extensions[] = {
  "urn:ietf:params:rtp-hdrext:sdes:mid",
  "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
  NULL
};

static BifSdpLine *
add (BifDescription * ours, BifMediaKind kind, const char *codec)
{
  return bif_description_add_line (ours, kind, NULL, BIF_DIRECTION_SENDONLY,
      codec, 0, TRUE, NULL, extensions);
}

static char *
write_offer (BifDescription * ours)
{
  BifSdpTransport transport = sdp_transport;
  g_autoptr (BifSdp) read = NULL;
  char *text;

  transport.setup = BIF_SETUP_ACTPASS;
  text = bif_description_write_offer (ours, &transport);
  read = sdp_parse_ok (text);
  g_assert_cmpint (read->setup, ==, BIF_SETUP_ACTPASS);
  g_assert_cmpuint (read->media->len, ==, bif_description_lines (ours)->len);
  return text;
}

static gboolean
take (BifDescription * ours, const char *text)
{
  g_autoptr (BifSdp) answer = sdp_parse_ok (text);
  g_autoptr (GError) error = NULL;
  gboolean ok = bif_description_set_answer (ours, answer, &error);

  if (!ok)
    g_assert_error (error, BIF_ERROR, BIF_ERROR_INVALID_SDP);
  return ok;
}

/* The order of lines is that of Janus's Streaming plugin. */
static void
test_text (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  BifSdpLine *audio = add (ours, BIF_MEDIA_AUDIO, "opus");
  BifSdpLine *video = add (ours, BIF_MEDIA_VIDEO, "vp8");
  g_autofree char *text = NULL;
  const char *rest;

  add (ours, BIF_MEDIA_DATA, NULL);
  audio->ssrc = 11;
  video->ssrc = 12;
  video->rtx_ssrc = 13;
  text = write_offer (ours);
  rest = strstr (text, "s=-");
  g_assert_cmpstr (rest, ==, "s=-\r\nt=0 0\r\na=group:BUNDLE 0 1 2\r\n"
      "a=ice-options:trickle\r\na=fingerprint:sha-256 AA:BB\r\n"
      "a=extmap-allow-mixed\r\na=msid-semantic: WMS *\r\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 127.0.0.1\r\n"
      "a=sendonly\r\na=mid:0\r\na=rtcp-mux\r\na=ice-ufrag:OurU\r\n"
      "a=ice-pwd:OurPasswordOf22Letters\r\na=ice-options:trickle\r\n"
      "a=setup:actpass\r\na=rtpmap:111 opus/48000/2\r\n"
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
      "a=extmap:12 http://www.webrtc.org/experiments/rtp-hdrext/"
      "playout-delay\r\na=msid:janus janus0\r\na=ssrc:11 cname:janus\r\n"
      "a=candidate:1 1 udp 2015363327 192.0.2.9 40000 typ host\r\n"
      "a=end-of-candidates\r\n"
      "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 127.0.0.1\r\n"
      "a=sendonly\r\na=mid:1\r\na=rtcp-mux\r\na=ice-ufrag:OurU\r\n"
      "a=ice-pwd:OurPasswordOf22Letters\r\na=ice-options:trickle\r\n"
      "a=setup:actpass\r\na=rtpmap:96 VP8/90000\r\n"
      "a=rtcp-fb:96 ccm fir\r\na=rtcp-fb:96 nack\r\n"
      "a=rtcp-fb:96 nack pli\r\na=rtcp-fb:96 goog-remb\r\n"
      "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n"
      "a=extmap:12 http://www.webrtc.org/experiments/rtp-hdrext/"
      "playout-delay\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
      "a=ssrc-group:FID 12 13\r\na=msid:janus janus1\r\n"
      "a=ssrc:12 cname:janus\r\na=ssrc:13 cname:janus\r\n"
      "a=candidate:1 1 udp 2015363327 192.0.2.9 40000 typ host\r\n"
      "a=end-of-candidates\r\n"
      "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
      "c=IN IP4 127.0.0.1\r\na=sendrecv\r\na=mid:2\r\na=sctp-port:5000\r\n"
      "a=ice-ufrag:OurU\r\na=ice-pwd:OurPasswordOf22Letters\r\n"
      "a=ice-options:trickle\r\na=setup:actpass\r\n"
      "a=candidate:1 1 udp 2015363327 192.0.2.9 40000 typ host\r\n"
      "a=end-of-candidates\r\n");
}

static void
test_version (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_auto (GStrv) a = NULL, b = NULL;

  add (ours, BIF_MEDIA_AUDIO, "pcmu");
  first = write_offer (ours);
  second = write_offer (ours);
  a = g_strsplit (first, " ", 4);
  b = g_strsplit (second, " ", 4);
  g_assert_cmpstr (a[1], ==, b[1]);
  g_assert_cmpstr (a[2], ==, "1");
  g_assert_cmpstr (b[2], ==, "2");
  g_assert_true (sdp_has_line (first, "m=audio 9 UDP/TLS/RTP/SAVPF 0"));
}

static void
test_payload_types (void)
{
  static const struct
  {
    const char *codec;
    guint8 type;
    guint rtx;
  } cases[] = {
    {"vp8", 0, 97}, {"vp9", 0, 102}, {"h264", 127, 98}, {"vp8", 0, 97},
    {"h265", 126, 99}, {"av1", 35, 100}, {"h264", 0, 108},
  };
  g_autoptr (BifDescription) ours = bif_description_new ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    BifSdpLine *line = bif_description_add_line (ours, BIF_MEDIA_VIDEO, NULL,
        BIF_DIRECTION_SENDONLY, cases[i].codec, cases[i].type, TRUE, NULL,
        NULL);

    g_assert_cmpuint (line->codec->rtx, ==, cases[i].rtx);
  }
  g_assert_null (add (ours, BIF_MEDIA_VIDEO, "opus"));
  g_assert_null (add (ours, BIF_MEDIA_AUDIO, "theora"));
  g_assert_null (add (ours, BIF_MEDIA_AUDIO, NULL));
}

static void
test_extensions (void)
{
  const char *const odd[] = { "urn:a", "urn:b", "urn:a",
    "urn:ietf:params:rtp-hdrext:sdes:mid", NULL };
  const char *const many[] = { "1", "2", "3", "4", "5", "6", "7", "8", "9",
    "10", "11", "12", "13", "14", "15", "16", NULL };
  g_autoptr (BifDescription) ours = bif_description_new ();
  BifSdpLine *first = bif_description_add_line (ours, BIF_MEDIA_AUDIO, NULL,
      BIF_DIRECTION_SENDRECV, "opus", 0, FALSE, NULL, odd);
  BifSdpLine *second = add (ours, BIF_MEDIA_VIDEO, "vp8");
  BifSdpLine *third = bif_description_add_line (ours, BIF_MEDIA_VIDEO, NULL,
      BIF_DIRECTION_SENDRECV, "vp8", 0, FALSE, NULL, many);
  gboolean seen[16] = { FALSE };

  g_assert_cmpuint (first->extmaps->len, ==, 3);
  g_assert_cmpuint (((BifSdpExtmap *) first->extmaps->pdata[0])->id, ==, 5);
  g_assert_cmpuint (((BifSdpExtmap *) first->extmaps->pdata[1])->id, ==, 6);
  g_assert_cmpuint (((BifSdpExtmap *) first->extmaps->pdata[2])->id, ==, 4);
  g_assert_cmpuint (((BifSdpExtmap *) second->extmaps->pdata[0])->id, ==, 4);
  for (guint i = 0; i < third->extmaps->len; i++) {
    guint8 id = ((BifSdpExtmap *) third->extmaps->pdata[i])->id;

    g_assert_cmpuint (id, <=, 14);
    g_assert_false (seen[id]);
    seen[id] = TRUE;
  }
}

#define TAKES_AUDIO "m=audio 9 A 111\r\na=mid:0\r\na=rtpmap:111 OPUS/48000/2" \
    "\r\na=recvonly\r\n"
#define TAKES_VIDEO "m=video 9 A 96 97\r\na=mid:1\r\na=rtpmap:96 VP8/90000" \
    "\r\na=rtcp-fb:96 nack\r\na=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n" \
    "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=recvonly\r\n"

static BifDescription *
offered (void)
{
  BifDescription *ours = bif_description_new ();
  g_autofree char *text = NULL;

  add (ours, BIF_MEDIA_AUDIO, "opus")->ssrc = 1;
  add (ours, BIF_MEDIA_VIDEO, "vp8")->ssrc = 2;
  text = write_offer (ours);
  return ours;
}

static void
test_answer (void)
{
  g_autoptr (BifDescription) ours = offered ();
  BifSdpLine *audio = bif_description_find_line (ours, "0");
  BifSdpLine *video = bif_description_find_line (ours, "1");

  g_assert_true (take (ours, SESSION TAKES_AUDIO TAKES_VIDEO));
  g_assert_cmpint (audio->direction, ==, BIF_DIRECTION_SENDONLY);
  g_assert_cmpuint (audio->extmaps->len, ==, 0);
  g_assert_cmpuint (video->extmaps->len, ==, 1);
  g_assert_cmpuint (video->codec->rtx, ==, 97);
  g_assert_true (video->codec->nack);
  g_assert_false (video->codec->goog_remb);
}

static void
test_answer_misfits (void)
{
  static const char *const answers[] = {
    SESSION TAKES_AUDIO,
    SESSION TAKES_AUDIO TAKES_VIDEO "m=video 9 A 96\r\na=mid:2\r\n",
    SESSION "m=video 9 A 96\r\na=mid:0\r\n" TAKES_VIDEO,
    SESSION "m=audio 9 A 111\r\na=mid:zero\r\n" TAKES_VIDEO,
    SESSION "m=audio 9 A 111\r\na=mid:1\r\nm=video 9 A 96\r\na=mid:0\r\n",
  };
  g_autoptr (BifDescription) ours = offered ();
  BifSdpLine *audio = bif_description_find_line (ours, "0");

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    g_assert_false (take (ours, answers[i]));
  g_assert_true (audio->accepted);
  g_assert_cmpuint (audio->extmaps->len, ==, 2);
  /* without mids it is told by order */
  g_assert_true (take (ours, SESSION "m=audio 9 A 111\r\na=rtpmap:111 "
          "opus/48000/2\r\nm=video 9 A 100\r\na=rtpmap:100 vp8/90000\r\n"));
  g_assert_true (audio->accepted);
  g_assert_cmpuint (bif_description_find_line (ours, "1")->codec->payload_type,
      ==, 100);
}

/* What was answered narrows what we do, not what we ask next time. */
static void
test_again (void)
{
  g_autoptr (BifDescription) ours = offered ();
  g_autofree char *text = NULL;

  g_assert_true (take (ours, SESSION TAKES_AUDIO "m=video 9 A 96\r\na=mid:1"
          "\r\na=rtpmap:96 VP8/90000\r\na=inactive\r\n"));
  g_assert_cmpint (bif_description_find_line (ours, "1")->direction, ==,
      BIF_DIRECTION_INACTIVE);
  text = write_offer (ours);
  g_assert_true (sdp_has_line (text, "m=video 9 UDP/TLS/RTP/SAVPF 96 97"));
  g_assert_cmpuint (sdp_count (text, "a=sendonly\r\n"), ==, 2);
  g_assert_cmpuint (sdp_count (text, "a=extmap:4 "), ==, 2);
}

static void
test_refused (void)
{
  g_autoptr (BifDescription) ours = offered ();
  BifSdpLine *video = bif_description_find_line (ours, "1");
  BifSdpLine *added;
  g_autofree char *dead = NULL;
  g_autofree char *back = NULL;

  g_assert_true (take (ours, SESSION TAKES_AUDIO "m=video 0 A 0\r\n"));
  g_assert_false (video->accepted);
  dead = write_offer (ours);
  g_assert_true (sdp_has_line (dead, "m=video 0 UDP/TLS/RTP/SAVPF 0"));
  g_assert_true (sdp_has_line (dead, "a=group:BUNDLE 0"));

  added = add (ours, BIF_MEDIA_VIDEO, "h264");
  g_assert_true (added == video);
  g_assert_cmpstr (added->mid, ==, "2");
  g_assert_cmpuint (added->ssrc, ==, 0);
  added = add (ours, BIF_MEDIA_VIDEO, "vp8");
  g_assert_cmpuint (added->index, ==, 2);
  g_assert_cmpstr (added->mid, ==, "3");
  back = write_offer (ours);
  g_assert_true (sdp_has_line (back, "a=group:BUNDLE 0 2 3"));
}

/* The codec that was left is another one: nothing to send. */
static void
test_no_codec (void)
{
  g_autoptr (BifDescription) ours = offered ();

  g_assert_true (take (ours, SESSION "m=audio 9 A 0\r\na=mid:0\r\n"
          TAKES_VIDEO));
  g_assert_false (bif_description_find_line (ours, "0")->accepted);
}

static void
test_change (void)
{
  g_autoptr (BifDescription) ours = offered ();
  BifSdpLine *video = bif_description_find_line (ours, "1");
  g_autofree char *text = NULL;

  g_assert_true (video == bif_description_add_line (ours, BIF_MEDIA_VIDEO,
          "1", BIF_DIRECTION_INACTIVE, "h264", 0, TRUE, "a=b", NULL));
  g_assert_cmpuint (video->ssrc, ==, 2);
  text = write_offer (ours);
  g_assert_true (sdp_has_line (text, "m=video 9 UDP/TLS/RTP/SAVPF 107 108"));
  g_assert_true (sdp_has_line (text, "a=fmtp:107 a=b"));
  g_assert_true (sdp_has_line (text, "a=inactive"));
  g_assert_null (bif_description_add_line (ours, BIF_MEDIA_AUDIO, "1",
          BIF_DIRECTION_SENDONLY, "opus", 0, FALSE, NULL, NULL));
}

static void
test_data (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  BifSdpLine *data = add (ours, BIF_MEDIA_DATA, NULL);
  g_autofree char *text = NULL;

  g_assert_true (data == add (ours, BIF_MEDIA_DATA, NULL));
  add (ours, BIF_MEDIA_AUDIO, "opus");
  g_assert_true (take (ours, SESSION "m=application 9 UDP/DTLS/SCTP "
          "webrtc-datachannel\r\na=mid:0\r\nm=audio 9 A 111\r\na=mid:1\r\n"
          "a=rtpmap:111 opus/48000/2\r\n"));
  g_assert_true (data->accepted);
  g_assert_true (take (ours, SESSION "m=application 0 UDP/DTLS/SCTP "
          "webrtc-datachannel\r\na=mid:0\r\nm=audio 9 A 111\r\na=mid:1\r\n"
          "a=rtpmap:111 opus/48000/2\r\n"));
  g_assert_false (data->accepted);
  text = write_offer (ours);
  g_assert_true (sdp_has_line (text,
          "m=application 0 UDP/DTLS/SCTP webrtc-datachannel"));
}

/* The peer offered first, now we do: same places, same mids. */
static void
test_after_theirs (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *theirs = sdp_load ("chromium-av-data", "sdp");
  g_autofree char *answer = sdp_answer (ours, theirs, &sdp_policy);
  g_autofree char *offer = NULL;
  BifSdpLine *added = add (ours, BIF_MEDIA_VIDEO, "vp8");

  g_assert_cmpuint (added->index, ==, 3);
  g_assert_cmpuint (added->codec->rtx, ==, 97);
  offer = write_offer (ours);
  g_assert_true (sdp_has_line (offer, "a=group:BUNDLE 0 1 2 3"));
  g_assert_true (sdp_has_line (offer, "a=rtpmap:97 rtx/90000"));
  g_assert_cmpuint (sdp_count (answer, "m="), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdp/offer/text", test_text);
  g_test_add_func ("/sdp/offer/version", test_version);
  g_test_add_func ("/sdp/offer/payload-types", test_payload_types);
  g_test_add_func ("/sdp/offer/extensions", test_extensions);
  g_test_add_func ("/sdp/offer/answer", test_answer);
  g_test_add_func ("/sdp/offer/answer-misfits", test_answer_misfits);
  g_test_add_func ("/sdp/offer/again", test_again);
  g_test_add_func ("/sdp/offer/refused", test_refused);
  g_test_add_func ("/sdp/offer/no-codec", test_no_codec);
  g_test_add_func ("/sdp/offer/change", test_change);
  g_test_add_func ("/sdp/offer/data", test_data);
  g_test_add_func ("/sdp/offer/after-theirs", test_after_theirs);
  return g_test_run ();
}
