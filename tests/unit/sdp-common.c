/* sdp-common.c: what the tests of the SDP engine share. */
#include "sdp-common.h"

#include <string.h>

const char *const sdp_extensions[] = {
  "urn:ietf:params:rtp-hdrext:sdes:mid",
  "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
  "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  "urn:3gpp:video-orientation",
  "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  "https://aomediacodec.github.io/av1-rtp-spec/"
      "#dependency-descriptor-rtp-header-extension",
  NULL
};

const BifSdpPolicy sdp_policy = {
  .no_send_alone = TRUE,
  .simulcast = TRUE,
  .rtx = TRUE,
  .extensions = sdp_extensions,
};

static const char *const candidates[] = {
  "1 1 udp 2015363327 192.0.2.9 40000 typ host", NULL
};

const BifSdpTransport sdp_transport = {
  .address = "127.0.0.1",
  .ufrag = "OurU",
  .pwd = "OurPasswordOf22Letters",
  .fingerprint = "sha-256 AA:BB",
  .setup = BIF_SETUP_ACTIVE,
  .candidates = candidates,
};

char *
sdp_path (const char *name, const char *extension)
{
  g_autofree char *file = g_strconcat (name, ".", extension, NULL);

  return g_test_build_filename (G_TEST_DIST, "sdp", file, NULL);
}

char *
sdp_load (const char *name, const char *extension)
{
  g_autofree char *path = sdp_path (name, extension);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

BifSdp *
sdp_parse_ok (const char *text)
{
  g_autoptr (GError) error = NULL;
  BifSdp *sdp = bif_sdp_parse (text, FALSE, &error);

  g_assert_no_error (error);
  g_assert_nonnull (sdp);
  return sdp;
}

char *
sdp_offer (const char *first, ...)
{
  GString *text = g_string_new ("v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\n"
      "t=0 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
      "a=fingerprint:sha-256 00:11\r\na=setup:actpass\r\n");
  va_list items;

  va_start (items, first);
  for (const char *item = first; item; item = va_arg (items, const char *)) {
    g_auto (GStrv) lines = g_strsplit (item, "|", -1);

    for (guint i = 0; lines[i] != NULL; i++)
      g_string_append_printf (text, "%s%s\r\n", i == 0 ? "m=" : "", lines[i]);
  }
  va_end (items);
  return g_string_free (text, FALSE);
}

gboolean
sdp_has_line (const char *text, const char *line)
{
  g_autofree char *whole = g_strconcat ("\r\n", line, "\r\n", NULL);

  return strstr (text, whole) != NULL;
}

guint
sdp_count (const char *text, const char *part)
{
  guint n = 0;

  for (; (text = strstr (text, part)) != NULL; text += strlen (part))
    n++;
  return n;
}

void
sdp_set_ssrcs (BifDescription * ours, const BifSdp * theirs)
{
  const GPtrArray *lines = bif_description_lines (ours);

  for (guint i = 0; i < lines->len; i++) {
    BifSdpLine *line = g_ptr_array_index (lines, i);
    const BifSdpMedia *media = g_ptr_array_index (theirs->media, i);

    if (!line->accepted || line->kind == BIF_MEDIA_DATA)
      continue;
    if (line->ssrc == 0)
      line->ssrc = 1000 + 10 * i;
    if (line->rtx_ssrc == 0 && media->rtx_ssrcs->len > 0
        && g_array_index (media->rtx_ssrcs, guint32, 0) != 0)
      line->rtx_ssrc = 1001 + 10 * i;
  }
}

static void
check_line_ends (const char *text)
{
  g_assert_true (g_str_has_suffix (text, "\r\n"));
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '\n')
      g_assert_true (c > text && c[-1] == '\r');
    if (*c == '\r')
      g_assert_true (c[1] == '\n');
  }
  g_assert_null (strstr (text, "\r\n\r\n"));
}

static void
check_bundle (const char *text, const BifSdp * answer)
{
  g_autoptr (GString) bundle = g_string_new ("a=group:BUNDLE");

  for (guint i = 0; i < answer->media->len; i++) {
    const BifSdpMedia *media = g_ptr_array_index (answer->media, i);
    g_autofree char *mid = g_strdup_printf ("\r\na=mid:%s\r\n", media->mid);
    const char *section = strstr (text, "\r\nm=");

    for (guint j = 0; j < i; j++)
      section = strstr (section + 1, "\r\nm=");
    if (strtol (strchr (section, ' '), NULL, 10) != 0)
      g_string_append_printf (bundle, " %s", media->mid);
    g_assert_nonnull (strstr (section, mid));
  }
  g_assert_true (sdp_has_line (text, bundle->str));
}

static void
check_media (const BifSdpMedia * answered, const BifSdpMedia * offered)
{
  g_assert_cmpstr (answered->mid, ==, offered->mid);
  g_assert_cmpint (answered->kind, ==, offered->kind);
  for (guint i = 0; i < answered->extmaps->len; i++) {
    const BifSdpExtmap *ours = g_ptr_array_index (answered->extmaps, i);
    gboolean found = FALSE;

    for (guint j = 0; j < offered->extmaps->len; j++) {
      const BifSdpExtmap *theirs = g_ptr_array_index (offered->extmaps, j);

      found |= ours->id == theirs->id && strcmp (ours->uri, theirs->uri) == 0;
    }
    g_assert_true (found);
  }
  if (offered->rejected) {
    g_assert_cmpuint (answered->codecs->len, <=, 1);
    return;
  }
  /* we never send what is not taken, nor take what is not sent */
  g_assert_cmpint (answered->direction
      & ~bif_direction_mirror (offered->direction), ==, 0);
}

void
sdp_check_answer (const char *text, const BifSdp * offer)
{
  g_autoptr (BifSdp) answer = NULL;
  g_autofree char *ufrag = NULL;
  guint active;

  check_line_ends (text);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_cmpuint (sdp_count (text, "\r\nm="), ==, offer->media->len);
  ufrag = g_strdup_printf ("\r\na=ice-ufrag:%s\r\n", sdp_transport.ufrag);
  active = sdp_count (text, "\r\nm=") - sdp_count (text, "\r\nm=audio 0 ")
      - sdp_count (text, "\r\nm=video 0 ")
      - sdp_count (text, "\r\nm=application 0 ");
  g_assert_cmpuint (sdp_count (text, ufrag), ==, active);
  g_assert_cmpuint (sdp_count (text, "\r\na=ice-ufrag:"), ==, active);
  if (active == 0)
    return;

  answer = sdp_parse_ok (text);
  g_assert_cmpstr (answer->ufrag, ==, sdp_transport.ufrag);
  check_bundle (text, answer);
  for (guint i = 0; i < offer->media->len; i++)
    check_media (g_ptr_array_index (answer->media, i),
        g_ptr_array_index (offer->media, i));
}

char *
sdp_answer (BifDescription * ours, const char *text,
    const BifSdpPolicy * policy)
{
  g_autoptr (BifSdp) offer = sdp_parse_ok (text);
  g_autoptr (GError) error = NULL;
  char *answer;

  bif_description_set_offer (ours, offer, policy, &error);
  g_assert_no_error (error);
  sdp_set_ssrcs (ours, offer);
  answer = bif_description_write_answer (ours, offer, &sdp_transport);
  sdp_check_answer (answer, offer);
  return answer;
}
