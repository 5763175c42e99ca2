/* sdp-errors.c: what the reader refuses, in Janus 1.1.2's own words (each text
 * was seen there), what it takes all the same, and what it must survive. */
#include "sdp-common.h"

#include <string.h>

#define ORIGIN "o=- 7 2 IN IP4 127.0.0.1"
#define ICE "\na=ice-ufrag:abcd\na=ice-pwd:0123456789012345678901"
#define PRINT "\na=fingerprint:sha-256 00:11"
#define AUDIO "\nm=audio 9 UDP/TLS/RTP/SAVPF 111\nc=IN IP4 0.0.0.0\na=mid:0" \
    "\na=rtpmap:111 opus/48000/2"
#define HEAD "v=0\n" ORIGIN "\ns=-\nt=0 0"
#define WHOLE HEAD ICE PRINT AUDIO
#define BROKEN "Error processing SDP"
#define MISSING "Missing mandatory lines (o=, s= or m=)"
#define LONG10 "0123456789"
#define LONG100 LONG10 LONG10 LONG10 LONG10 LONG10 LONG10 LONG10 LONG10 \
    LONG10 LONG10

static const struct
{
  const char *text;
  const char *reason;           /* (nullable): NULL: it is taken */
} cases[] = {
  {WHOLE, NULL},
  {WHOLE "\n", NULL},
  {WHOLE "\n\n\r\n\r", NULL},
  /* frame */
  {"", "Invalid SDP (doesn't start with v=)"},
  {"x=0\n" ORIGIN, "Invalid SDP (doesn't start with v=)"},
  {" " WHOLE, "Invalid SDP (doesn't start with v=)"},
  {"v=0\n", MISSING},
  {"v=", "Invalid line (2 bytes): v="},
  {HEAD, MISSING},
  {"v=0\ns=-\nt=0 0" ICE PRINT AUDIO, MISSING},
  {"v=0\n" ORIGIN "\nt=0 0" ICE PRINT AUDIO, MISSING},
  /* lines */
  {"v=0\n" ORIGIN "\ns=\n", "Invalid line (2 bytes): s="},
  {WHOLE "\na=", "Invalid line (2 bytes): a="},
  {WHOLE "\nt=\r", "Invalid line (2 bytes): t="},
  {WHOLE "\nx", "Invalid line (1 bytes): x"},
  {WHOLE "\nt 0 0", "Invalid line (2nd char is not '='): t 0 0"},
  {WHOLE "\nz=0 0\nk=clear:x\nX=1\ni=t", NULL},
  {WHOLE "\na=foo:", "Invalid a= line: foo:"},
  {HEAD "\na=foo:" ICE PRINT AUDIO, "Invalid a= line: foo:"},
  {WHOLE "\na=:x", NULL},
  {WHOLE "\na=mid: \na=rid: \na=msid: \na=ssrc: \na=fmtp: ", NULL},
  /* o= and s= */
  {"v=0\n" ORIGIN "\no=- 1 1 IN IP4 127.0.0.1",
      "Multiple o= lines: o=- 1 1 IN IP4 127.0.0.1"},
  {"v=0\ns=-\ns=b", "Multiple s= lines: s=b"},
  {"v=0\no=- 7 2", "Invalid o= line: o=- 7 2"},
  {"v=0\no=- abc7 2 IN IP4 127.0.0.1",
      "Invalid o= line: o=- abc7 2 IN IP4 127.0.0.1"},
  {"v=0\no=- 7 2 IN IP9 127.0.0.1",
      "Invalid o= line (unsupported protocol IP9): "
      "o=- 7 2 IN IP9 127.0.0.1"},
  {"v=0\no=- 7 2 IN IP6 ::1\ns=-" ICE PRINT AUDIO, NULL},
  {"v=0\no=- 99999999999999999999999 -7 IN IP4 127.0.0.1\ns=-" ICE PRINT
      AUDIO, NULL},
  /* c= */
  {HEAD "\nc=IN IP4 1.2.3.4\nc=IN IP4 1.2.3.4",
      "Multiple global c= lines: c=IN IP4 1.2.3.4"},
  {WHOLE "\nc=IN IP4 1.2.3.4", "Multiple m-line c= lines: c=IN IP4 1.2.3.4"},
  {HEAD "\nc=IN IP5 1.2.3.4",
      "Invalid c= line (unsupported protocol IP5): c=IN IP5 1.2.3.4"},
  {HEAD "\nc=IN IP4", "Invalid c= line: c=IN IP4"},
  {HEAD "\nc=IN IP6 ::1" ICE PRINT AUDIO, NULL},
  /* b= */
  {WHOLE "\nb=AS", "Invalid b= line: AS"},
  {WHOLE "\nb=AS:", "Invalid b= line: AS:"},
  {WHOLE "\nb=FOO", "Invalid b= line: FOO"},
  {HEAD "\nb=AS" ICE PRINT AUDIO, NULL},
  {WHOLE "\nb=AS:abc\nb=TIAS:1\nb=FOO:1", NULL},
  /* m= */
  {WHOLE "\nm=text 9 UDP/TLS/RTP/SAVPF 98",
      "Invalid m= line: m=text 9 UDP/TLS/RTP/SAVPF 98"},
  {WHOLE "\nm=image 9 udptl t38", "Invalid m= line: m=image 9 udptl t38"},
  {WHOLE "\nm=video 9", "Invalid m= line: m=video 9"},
  {WHOLE "\nm=video x UDP/TLS/RTP/SAVPF 96",
      "Invalid m= line: m=video x UDP/TLS/RTP/SAVPF 96"},
  {WHOLE "\nm=video -9 UDP/TLS/RTP/SAVPF 96",
      "Invalid m= line: m=video -9 UDP/TLS/RTP/SAVPF 96"},
  {WHOLE "\nm=video 9 UDP/TLS/RTP/SAVPF",
      "Invalid m= line (no payload types/formats): "
      "m=video 9 UDP/TLS/RTP/SAVPF"},
  {WHOLE "\nm=video  99999 RTP/FOO  96 abc 200 -1 96\na=mid:1", NULL},
  {WHOLE "\nm=VIDEO 9 UDP/TLS/RTP/SAVPF 96\na=mid:1", NULL},
  {WHOLE "\nm=video 9 A " LONG100 LONG10 LONG10 LONG10 LONG10 LONG10 LONG10
      LONG10 LONG10 "01234567\na=mid:1", NULL},
  {WHOLE "\nm=video 9 A " LONG100 LONG10 LONG10 LONG10 LONG10 LONG10 LONG10
      LONG10 LONG10 "012345678", "Invalid m= line (too long): 201"},
  /* transport */
  {HEAD PRINT AUDIO, BROKEN},
  {HEAD ICE AUDIO, BROKEN},
  {HEAD "\na=ice-ufrag:abcd" PRINT AUDIO, BROKEN},
  {HEAD "\na=ice-pwd:0123456789012345678901" PRINT AUDIO, BROKEN},
  {HEAD ICE AUDIO PRINT, NULL},
  {HEAD AUDIO ICE PRINT, NULL},
  {HEAD "\na=ice-ufrag:abcd" AUDIO "\na=ice-pwd:0123456789012345678901" PRINT,
      NULL},
  {HEAD ICE AUDIO "\na=fingerprint:md5 00:11", BROKEN},
  {HEAD ICE AUDIO "\na=fingerprint:sha-384 00:11", BROKEN},
  {HEAD ICE AUDIO "\na=fingerprint:sha-25600:11", BROKEN},
  {HEAD ICE AUDIO "\na=fingerprint:sha-1 00:11", NULL},
  {HEAD ICE AUDIO "\na=fingerprint:SHA-256 00:11", NULL},
  {HEAD ICE AUDIO PRINT "\na=fingerprint:md5 00:11", NULL},
  {HEAD AUDIO "\nm=video 9 A 96\na=mid:1" ICE PRINT, BROKEN},
  {HEAD "\nm=audio 0 A 0\na=mid:a\nm=video 9 A 96\na=mid:1" ICE PRINT, NULL},
  {WHOLE "\na=setup:holdconn", NULL},
  /* mids and msids */
  {WHOLE "\na=mid:0123456789abcdef", NULL},
  {WHOLE "\na=mid:0123456789abcdefg", ""},
  {HEAD AUDIO "\na=mid:0123456789abcdefg", ""},
  {HEAD "\na=mid:0123456789abcdefg" ICE PRINT AUDIO, NULL},
  {WHOLE "\nm=video 9 A 96\na=mid:0", BROKEN},
  {WHOLE "\na=mid:a b", BROKEN},
  {WHOLE "\na=msid:one", BROKEN},
  {WHOLE "\na=msid:one two three", NULL},
  {WHOLE "\na=msid:" LONG100 " two", NULL},
  {WHOLE "\na=msid:- two", NULL},
  /* attributes that mean nothing */
  {WHOLE "\na=extmap:0 u\na=extmap:300 u\na=extmap:x u\na=extmap:1/up u\n"
      "a=extmap:1\na=extmap:15 u\na=rtpmap:111\na=rtpmap:999 x/1\n"
      "a=rtpmap:111 /48000\na=ssrc:x\na=ssrc:0\na=ssrc-group:FID 1\n"
      "a=ssrc-group:SIM\na=fmtp:111\na=rid:h\na=simulcast:send", NULL},
  {"v=0\xff" HEAD, BROKEN},
};

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (BifSdp) sdp = bif_sdp_parse (cases[i].text, FALSE, &error);

    g_test_message ("%u", i);
    if (cases[i].reason == NULL) {
      g_assert_no_error (error);
      g_assert_nonnull (sdp);
    } else {
      g_assert_error (error, BIF_ERROR, BIF_ERROR_INVALID_SDP);
      g_assert_cmpstr (error->message, ==, cases[i].reason);
      g_assert_null (sdp);
    }
  }
}

/* The same with CRLF, and with the CR alone in odd places. */
static void
test_line_ends (void)
{
  static const char *const ends[] = { "\n", "\r\n", "\r\r\n", "\n\n", " \r\n" };

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++) {
    g_auto (GStrv) lines = g_strsplit (WHOLE "\na=recvonly", "\n", -1);
    g_autofree char *text = g_strjoinv (ends[i], lines);
    g_autoptr (BifSdp) sdp = sdp_parse_ok (text);
    const BifSdpMedia *media = bif_sdp_find_media (sdp, "0");

    g_assert_cmpstr (sdp->ufrag, ==, "abcd");
    g_assert_cmpstr (sdp->fingerprint, ==, "sha-256 00:11");
    g_assert_cmpint (media->direction, ==, BIF_DIRECTION_RECVONLY);
    g_assert_cmpstr (sdp->text, ==, text);
  }
}

/* A CR of the peer's never reaches our text. */
static void
test_lone_cr (void)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *answer = sdp_answer (ours, "v=0\no=a 2\r3 IN IP4 y\n"
      "s=\rname\rof\r\n" ICE PRINT "\nm=audio 9\rA\r111\r0\na=mid:0\r\r\n"
      "a=rtpmap:111 multiopus/48000/6\na=fmtp:111 a\rb", &sdp_policy);

  g_assert_nonnull (answer);
}

static void
expect_broken (const char *text)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (bif_sdp_parse (text, FALSE, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_INVALID_SDP);
  g_assert_cmpuint (strlen (error->message), <=, 511 * 3);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
}

static char *
repeat (const char *head, const char *part, guint times)
{
  GString *text = g_string_new (head);

  for (guint i = 0; i < times; i++)
    g_string_append (text, part);
  return g_string_free (text, FALSE);
}

static void
test_limits (void)
{
  static const char *const parts[] = {
    "\na=ssrc:1 x", "\na=extmap:1 u", "\na=rid:h send",
    "\na=ssrc-group:FID 1 2", "\na=candidate:x", "\na=rtcp-fb:* nack",
    "\na=simulcast:send a;b;c;~d", "\na=fmtp:111 x", "\na=", "  ", ";", "\r",
    "\nm=audio 9 A 1", "\xc3\xa9",
  };
  g_autofree char *lines = repeat (WHOLE, "\nm=audio 9 A 1", 511);
  g_autofree char *more = repeat (WHOLE, "\nm=audio 9 A 1", 512);
  g_autofree char *big = repeat (WHOLE, "\na=x:0123456789", 256 * 1024 / 15);
  g_autofree char *reason = repeat ("v=0\nx", "\xc3\xa9", 1000);
  g_autoptr (BifSdp) sdp = sdp_parse_ok (lines);

  g_assert_cmpuint (sdp->media->len, ==, 512);
  expect_broken (more);
  expect_broken (big);
  expect_broken (reason);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++) {
    g_autofree char *text =
        repeat (WHOLE, parts[i], 250 * 1024 / strlen (parts[i]));
    g_autoptr (BifSdp) read = bif_sdp_parse (text, TRUE, NULL);

    if (read != NULL)
      g_assert_cmpuint (read->media->len, >=, 1);
  }
}

/* Of one kind each, many are kept up to a bound. */
static void
test_bounds (void)
{
  GString *text = g_string_new (HEAD ICE PRINT "\nm=video 9 A 96");
  g_autoptr (BifSdp) sdp = NULL;
  const BifSdpMedia *media;

  for (guint i = 1; i < 500; i++)
    g_string_append_printf (text, "\na=ssrc:%u x\na=extmap:%u u%u\n"
        "a=rid:r%u send\na=ssrc-group:FID %u %u", i, i % 14 + 1, i, i, i,
        i + 1000);
  sdp = sdp_parse_ok (text->str);
  g_string_free (text, TRUE);
  media = bif_sdp_find_media (sdp, "0");
  g_assert_cmpuint (media->ssrcs->len, ==, 32);
  g_assert_cmpuint (media->extmaps->len, ==, 64);
  g_assert_cmpuint (media->rids->len, ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdp/errors/cases", test_cases);
  g_test_add_func ("/sdp/errors/line-ends", test_line_ends);
  g_test_add_func ("/sdp/errors/lone-cr", test_lone_cr);
  g_test_add_func ("/sdp/errors/limits", test_limits);
  g_test_add_func ("/sdp/errors/bounds", test_bounds);
  return g_test_run ();
}
