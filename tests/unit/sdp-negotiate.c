/* sdp-negotiate.c: answers under the policies of plugins, and what later offers
 * do to the m-lines we have. */
#include "sdp-common.h"

#include <string.h>

#define VP8 "video 9 UDP/TLS/RTP/SAVPF 96 97|a=rtpmap:96 VP8/90000|" \
    "a=rtcp-fb:96 nack|a=rtpmap:97 rtx/90000|a=fmtp:97 apt=96"
#define OPUS "audio 9 UDP/TLS/RTP/SAVPF 111|a=rtpmap:111 opus/48000/2"
#define DATA "application 9 UDP/DTLS/SCTP webrtc-datachannel"

static char *
answer_file (const char *name, const BifSdpPolicy * policy)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *offer = sdp_load (name, "sdp");

  return sdp_answer (ours, offer, policy);
}

/* One field of the policy each, and lines that must or must not appear. */
static const struct
{
  const char *file;
  BifSdpPolicy policy;
  const char *has[6];
  const char *lacks[4];
} policies[] = {
  {"chromium-av", {.video_codec = "h264", .rtx = TRUE},
      {"m=video 9 UDP/TLS/RTP/SAVPF 102 103", "a=rtpmap:103 rtx/90000",
            "a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;"
            "profile-level-id=42001f"}, {"a=rtcp-fb:102 transport-cc"}},
  {"chromium-av", {.video_codec = "h264", .video_profile = "42E01f"},
      {"m=video 9 UDP/TLS/RTP/SAVPF 108"}, {"a=rtpmap:109 rtx/90000"}},
  {"chromium-av", {.video_codec = "h264", .video_profile = "640c34"},
      {"m=video 0 UDP/TLS/RTP/SAVPF 0", "a=group:BUNDLE 0"}},
  {"chromium-av", {.video_codec = "vp9"},
      {"m=video 9 UDP/TLS/RTP/SAVPF 98", "a=fmtp:98 profile-id=0"}},
  {"chromium-av", {.video_codec = "vp9", .video_profile = "2"},
      {"m=video 9 UDP/TLS/RTP/SAVPF 100", "a=fmtp:100 profile-id=2"}},
  {"chromium-av", {.video_codec = "AV1"},
      {"m=video 9 UDP/TLS/RTP/SAVPF 45", "a=rtpmap:45 AV1/90000"}},
  {"chromium-av", {.video_codec = "theora"},
      {"m=video 0 UDP/TLS/RTP/SAVPF 0"}},
  {"safari-av", {.video_codec = "h265"},
      {"m=video 9 UDP/TLS/RTP/SAVPF 104", "a=rtpmap:104 H265/90000"}},
  {"safari-av", {.video_codec = "h264", .video_profile = "42e01f"},
      {"m=video 9 UDP/TLS/RTP/SAVPF 98"}},
  {"chromium-av", {.audio_codec = "pcma"},
      {"m=audio 9 UDP/TLS/RTP/SAVPF 8", "a=rtpmap:8 PCMA/8000"},
      {"a=fmtp:8 useinbandfec=1"}},
  {"firefox-av", {.audio_codec = "g722"},
      {"m=audio 9 UDP/TLS/RTP/SAVPF 9", "a=rtpmap:9 G722/8000"}},
  {"chromium-multiopus", {.audio_codec = "multiopus"},
      {"m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=rtpmap:111 multiopus/48000/6",
            "a=fmtp:111 channel_mapping=0,4,1,2,3,5;coupled_streams=2;"
            "minptime=10;num_streams=4;useinbandfec=1"}},
  {"chromium-stereo", {0},
      {"a=fmtp:111 useinbandfec=1;usedtx=1;stereo=1"}},
  {"chromium-stereo", {.audio_fmtp = "maxplaybackrate=16000; stereo=0"},
      {"a=fmtp:111 maxplaybackrate=16000; stereo=0"}},
  {"chromium-av", {.opus_red = TRUE},
      {"m=audio 9 UDP/TLS/RTP/SAVPF 63 111", "a=rtpmap:63 red/48000/2",
            "a=fmtp:63 111/111", "a=fmtp:111 useinbandfec=1"}},
  {"chromium-av", {.opus_red = TRUE,.audio_codec = "pcmu"},
      {"m=audio 9 UDP/TLS/RTP/SAVPF 0"}, {"a=rtpmap:63 red/48000/2"}},
  {"chromium-av", {.telephone_event = TRUE},
      {"m=audio 9 UDP/TLS/RTP/SAVPF 111 110",
            "a=rtpmap:110 telephone-event/48000"}},
  {"firefox-av", {.telephone_event = TRUE},
      {"m=audio 9 UDP/TLS/RTP/SAVPF 109 101",
            "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-15"}},
  {"chromium-av-data", {.no_data = TRUE},
      {"m=application 0 UDP/DTLS/SCTP webrtc-datachannel",
            "a=group:BUNDLE 0 1"}},
  {"chromium-av-data", {.no_video = TRUE},
      {"m=video 0 UDP/TLS/RTP/SAVPF 0", "a=group:BUNDLE 0 2"}},
  {"chromium-av-data", {.no_audio = TRUE},
      {"m=audio 0 UDP/TLS/RTP/SAVPF 0", "a=group:BUNDLE 1 2"}},
  {"chromium-av", {.audio = BIF_DIRECTION_RECVONLY,
          .video = BIF_DIRECTION_SENDONLY}, {"a=recvonly", "a=sendonly"},
      {"a=sendrecv"}},
  {"chromium-recvonly", {.audio = BIF_DIRECTION_RECVONLY}, {"a=inactive",
          "a=sendonly"}, {"a=msid:janus janus0"}},
  {"chromium-sendonly", {.no_send_alone = TRUE}, {"a=recvonly",
          "a=msid:janus janus0"}, {"a=inactive"}},
  {"chromium-simulcast", {0}, {"a=sendrecv"}, {"a=rid:h recv",
          "a=simulcast:recv h;m;l"}},
  {"chromium-simulcast", {.simulcast = TRUE}, {"a=rid:h recv",
          "a=simulcast:recv h;m;l"}},
  {"chromium-simulcast", {.simulcast = TRUE,
          .video = BIF_DIRECTION_SENDONLY}, {"a=sendonly"},
      {"a=rid:h recv", "a=simulcast:recv h;m;l"}},
  {"chromium-simulcast", {.extensions = sdp_extensions,
          .video_codec = "vp9"}, {"a=extmap:12 https://aomediacodec.github."
          "io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
          "a=rtcp-fb:98 transport-cc"}},
  {"firefox-simulcast", {.extensions = sdp_extensions}, {
          "a=extmap:6/sendonly http://www.webrtc.org/experiments/"
          "rtp-hdrext/playout-delay", "a=extmap:9/recvonly "
          "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"}},
};

static void
test_policies (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (policies); i++) {
    g_autofree char *answer = answer_file (policies[i].file, &policies[i].policy);

    g_test_message ("%u\n%s", i, answer);
    for (guint j = 0; j < 6 && policies[i].has[j]; j++)
      g_assert_true (sdp_has_line (answer, policies[i].has[j]));
    for (guint j = 0; j < 4 && policies[i].lacks[j]; j++)
      g_assert_false (sdp_has_line (answer, policies[i].lacks[j]));
  }
}

static void
test_find_codec (void)
{
  static const struct
  {
    const char *name, *profile;
    guint payload_type;         /* 0: none */
  } cases[] = {
    {"opus", NULL, 100}, {"OPUS", NULL, 100}, {"multiopus", NULL, 99},
    {"pcmu", NULL, 0}, {"pcma", NULL, 8}, {"g722", NULL, 9},
    {"isac16", NULL, 103}, {"isac32", NULL, 104}, {"l16", NULL, 105},
    {"l16-48", NULL, 106}, {"vp8", NULL, 0}, {"nothing", NULL, 0},
    {"red", NULL, 0},
  };
  g_autofree char *text = sdp_offer ("audio 9 X 98 99 100 8 9 103 104 105 106|"
      "a=rtpmap:98 opus/48000|a=rtpmap:99 multiopus/48000/6|"
      "a=rtpmap:100 Opus/48000/2|a=rtpmap:103 isac/16000|"
      "a=rtpmap:104 ISAC/32000|a=rtpmap:105 L16/16000|"
      "a=rtpmap:106 L16/48000/1", NULL);
  g_autoptr (BifSdp) sdp = sdp_parse_ok (text);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const BifSdpCodec *codec = bif_sdp_media_find_codec (
        bif_sdp_find_media (sdp, "0"), cases[i].name, cases[i].profile);

    g_assert_cmpuint (codec ? codec->payload_type : 0, ==,
        cases[i].payload_type);
  }
}

static void
test_names (void)
{
  g_assert_cmpstr (bif_sdp_codec_api_name ("VP8"), ==, "vp8");
  g_assert_cmpstr (bif_sdp_codec_api_name ("OPUS"), ==, "opus");
  g_assert_cmpstr (bif_sdp_codec_api_name ("ISAC/16000"), ==, "isac16");
  g_assert_cmpstr (bif_sdp_codec_api_name ("L16/48000"), ==, "l16-48");
  g_assert_null (bif_sdp_codec_api_name ("rtx"));
  g_assert_null (bif_sdp_codec_api_name (""));
  g_assert_null (bif_sdp_codec_api_name ("VP8/1"));
  g_assert_cmpstr (bif_media_kind_name (BIF_MEDIA_DATA), ==, "data");
  for (guint i = 0; i < 4; i++)
    g_assert_cmpint (bif_direction_mirror (bif_direction_mirror (i)), ==, i);
  g_assert_cmpint (bif_direction_mirror (BIF_DIRECTION_SENDONLY), ==,
      BIF_DIRECTION_RECVONLY);
}

/* "lmh": the ranking turns, the lines stay. */
static void
test_rid_order (void)
{
  g_autofree char *text = sdp_load ("rid-legacy", "sdp");
  g_autoptr (BifSdp) sdp = bif_sdp_parse (text, TRUE, NULL);
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *answer = NULL;
  const BifSdpMedia *media = bif_sdp_find_media (sdp, "v");

  g_assert_cmpstr (media->rids->pdata[0], ==, "lo");
  g_assert_cmpstr (media->rids->pdata[1], ==, "hi");
  g_assert_cmpuint (media->paused_rids, ==, 1);
  bif_description_set_offer (ours, sdp, &sdp_policy, NULL);
  answer = bif_description_write_answer (ours, sdp, &sdp_transport);
  g_assert_true (sdp_has_line (answer, "a=simulcast: recv rid=hi;~lo"));
}

static void
test_transport (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *text = sdp_offer (OPUS, DATA, NULL);
  g_autoptr (BifSdp) sdp = sdp_parse_ok (text);
  g_autofree char *plain = NULL;
  g_autofree char *lite = NULL;
  BifSdpTransport transport = sdp_transport;

  bif_description_set_offer (ours, sdp, &sdp_policy, NULL);
  transport.fingerprint = NULL;
  transport.full_trickle = TRUE;
  transport.session_name = "VideoRoom 1234";
  plain = bif_description_write_answer (ours, sdp, &transport);
  g_assert_true (sdp_has_line (plain, "m=audio 9 RTP/AVPF 111"));
  g_assert_true (sdp_has_line (plain, "s=VideoRoom 1234"));
  g_assert_null (strstr (plain, "a=fingerprint"));
  g_assert_null (strstr (plain, "a=setup"));
  g_assert_null (strstr (plain, "candidate"));

  transport = sdp_transport;
  transport.ice_lite = TRUE;
  transport.address = "2001:db8::1";
  transport.max_message_size = 65536;
  transport.setup = BIF_SETUP_PASSIVE;
  lite = bif_description_write_answer (ours, sdp, &transport);
  g_assert_true (sdp_has_line (lite, "a=ice-lite"));
  g_assert_true (sdp_has_line (lite, "o=- 7 2 IN IP6 2001:db8::1"));
  g_assert_true (sdp_has_line (lite, "c=IN IP6 2001:db8::1"));
  g_assert_true (sdp_has_line (lite, "a=max-message-size:65536"));
  g_assert_true (sdp_has_line (lite, "a=setup:passive"));
  g_assert_cmpuint (sdp_count (lite, "a=end-of-candidates"), ==, 2);
}

static gboolean
refused (BifDescription * ours, const char *text)
{
  g_autoptr (BifSdp) offer = sdp_parse_ok (text);
  g_autoptr (GError) error = NULL;

  if (bif_description_set_offer (ours, offer, &sdp_policy, &error))
    return FALSE;
  g_assert_error (error, BIF_ERROR, BIF_ERROR_INVALID_SDP);
  return TRUE;
}

static void
test_order (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *both = sdp_offer (OPUS, VP8, NULL);
  g_autofree char *fewer = sdp_offer (OPUS, NULL);
  g_autofree char *swapped = sdp_offer (VP8, OPUS, NULL);
  g_autofree char *answer = sdp_answer (ours, both, &sdp_policy);
  BifSdpLine *video = bif_description_find_line (ours, "1");
  guint32 ssrc = video->ssrc;

  g_assert_true (sdp_has_line (answer, "a=group:BUNDLE 0 1"));
  g_assert_true (refused (ours, fewer));
  g_assert_true (refused (ours, swapped));
  g_assert_true (video->accepted);
  g_assert_cmpuint (video->ssrc, ==, ssrc);
  g_assert_cmpstr (video->codec->name, ==, "VP8");
  g_assert_null (bif_description_find_line (ours, "2"));
}

/* Stopped, then back under another mid and as another kind. */
static void
test_recycle (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *first = sdp_offer (OPUS, VP8, NULL);
  g_autofree char *stopped = sdp_offer (OPUS, "video 0 A 96|a=mid:1", NULL);
  g_autofree char *back = sdp_offer (OPUS, OPUS "|a=mid:7", VP8 "|a=mid:8",
      NULL);
  g_autofree char *a1 = sdp_answer (ours, first, &sdp_policy);
  BifSdpLine *line = bif_description_find_line (ours, "1");
  guint32 ssrc = line->ssrc;
  g_autofree char *a2 = NULL;
  g_autofree char *a3 = NULL;

  g_assert_true (sdp_has_line (a1, "a=group:BUNDLE 0 1"));
  line->rtx_ssrc = 5;
  line->msid_track = g_strdup ("mine");
  a2 = sdp_answer (ours, stopped, &sdp_policy);
  g_assert_false (line->accepted);
  g_assert_null (line->codec);
  g_assert_true (sdp_has_line (a2, "m=video 0 UDP/TLS/RTP/SAVPF 0"));
  line->ssrc = ssrc;
  a3 = sdp_answer (ours, back, &sdp_policy);
  g_assert_true (bif_description_find_line (ours, "7") == line);
  g_assert_cmpint (line->kind, ==, BIF_MEDIA_AUDIO);
  g_assert_cmpuint (line->rtx_ssrc, ==, 0);
  g_assert_null (line->msid_track);
  g_assert_true (sdp_has_line (a3, "a=msid:janus janus7"));
  g_assert_true (sdp_has_line (a3, "a=group:BUNDLE 0 7 8"));
}

/* What goes on sending keeps its SSRC through a pause. */
static void
test_pause (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *on = sdp_offer (VP8, NULL);
  g_autofree char *off = sdp_offer (VP8 "|a=inactive", NULL);
  g_autofree char *a1 = sdp_answer (ours, on, &sdp_policy);
  g_autofree char *a2 = sdp_answer (ours, off, &sdp_policy);
  g_autofree char *a3 = sdp_answer (ours, on, &sdp_policy);

  g_assert_true (sdp_has_line (a2, "a=inactive"));
  g_assert_cmpstr (a1, ==, a3);
}

static void
test_keep_codec (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *first = sdp_offer ("audio 9 X 8|a=mid:a", NULL);
  g_autofree char *more = sdp_offer ("audio 9 X 111 8|a=mid:a|"
      "a=rtpmap:111 opus/48000/2", NULL);
  g_autofree char *without = sdp_offer ("audio 9 X 111|a=mid:a|"
      "a=rtpmap:111 opus/48000/2", NULL);
  g_autofree char *a1 = sdp_answer (ours, first, &sdp_policy);
  g_autofree char *a2 = sdp_answer (ours, more, &sdp_policy);
  g_autofree char *a3 = NULL;

  g_assert_true (sdp_has_line (a1, "m=audio 9 X 8"));
  g_assert_true (sdp_has_line (a2, "m=audio 9 X 8"));
  a3 = sdp_answer (ours, without, &sdp_policy);
  g_assert_true (sdp_has_line (a3, "m=audio 9 X 111"));
}

static void
test_data (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *two = sdp_offer (OPUS, DATA, DATA, NULL);
  g_autofree char *tcp = sdp_offer ("application 9 TCP/DTLS/SCTP x|a=mid:0",
      OPUS, NULL);
  g_autofree char *moved = sdp_offer (OPUS, DATA "|a=mid:9", DATA, NULL);
  g_autofree char *a1 = sdp_answer (ours, two, &sdp_policy);
  g_autoptr (BifDescription) other = bif_description_new ();
  g_autofree char *a2 = sdp_answer (other, tcp, &sdp_policy);
  g_autofree char *a3 = sdp_answer (ours, moved, &sdp_policy);

  g_assert_true (sdp_has_line (a1, "a=group:BUNDLE 0 1"));
  g_assert_true (sdp_has_line (a2, "m=application 0 TCP/DTLS/SCTP x"));
  g_assert_cmpuint (sdp_count (a3, "m=application 9"), ==, 1);
}

/* A peer without mids, and one whose own mid is another's index. */
static void
test_mids (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *text = sdp_offer (OPUS "|a=mid:1", VP8, VP8, NULL);
  g_autofree char *answer = sdp_answer (ours, text, &sdp_policy);

  g_assert_true (sdp_has_line (answer, "a=group:BUNDLE 1 3 2"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdp/negotiate/policies", test_policies);
  g_test_add_func ("/sdp/negotiate/find-codec", test_find_codec);
  g_test_add_func ("/sdp/negotiate/names", test_names);
  g_test_add_func ("/sdp/negotiate/rid-order", test_rid_order);
  g_test_add_func ("/sdp/negotiate/transport", test_transport);
  g_test_add_func ("/sdp/negotiate/order", test_order);
  g_test_add_func ("/sdp/negotiate/recycle", test_recycle);
  g_test_add_func ("/sdp/negotiate/pause", test_pause);
  g_test_add_func ("/sdp/negotiate/keep-codec", test_keep_codec);
  g_test_add_func ("/sdp/negotiate/data", test_data);
  g_test_add_func ("/sdp/negotiate/mids", test_mids);
  return g_test_run ();
}
