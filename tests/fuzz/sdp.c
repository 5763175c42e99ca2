/* sdp.c: fuzzes the SDP engine: reads, negotiates twice, writes, reads its own
 * answer, and takes the input as an answer to an offer. Whatever comes in, what
 * goes out is an SDP that its own reader takes. */
#include "base/error.h"
#include "media/sdp.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t * data, size_t size);

static const char *const extensions[] = {
  "urn:ietf:params:rtp-hdrext:sdes:mid",
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
  NULL
};

static const char *const candidates[] = {
  "1 1 udp 2015363327 192.0.2.9 40000 typ host", NULL
};

static const BifSdpTransport transport = {
  .address = "127.0.0.1",
  .ufrag = "OurU",
  .pwd = "OurPasswordOf22Letters",
  .fingerprint = "sha-256 AA:BB",
  .candidates = candidates,
  .max_message_size = 262144,
};

static void
require (int condition)
{
  if (!condition)
    abort ();
}

/* Every line we write ends in CRLF and has no other control character. */
static void
check_text (const char *text)
{
  for (const char *c = text; *c != '\0'; c++) {
    if (*c == '\r')
      require (c[1] == '\n');
    if (*c == '\n')
      require (c > text && c[-1] == '\r');
  }
}

static void
check_answer (const char *text, const BifSdp * offer)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BifSdp) answer = NULL;

  check_text (text);
  answer = bif_sdp_parse (text, FALSE, &error);
  if (answer == NULL) {
    /* nothing but refused m-lines, or one that outgrew the limit */
    require (strstr (text, "a=ice-ufrag") == NULL
        || strlen (text) > 256 * 1024);
    return;
  }
  require (answer->media->len == offer->media->len);
  for (guint i = 0; i < answer->media->len; i++) {
    const BifSdpMedia *ours = g_ptr_array_index (answer->media, i);
    const BifSdpMedia *theirs = g_ptr_array_index (offer->media, i);

    require (strcmp (ours->mid, theirs->mid) == 0);
    require (ours->kind == theirs->kind);
  }
}

static void
negotiate (BifDescription * ours, const BifSdp * offer,
    const BifSdpPolicy * policy)
{
  g_autofree char *text = NULL;

  if (!bif_description_set_offer (ours, offer, policy, NULL))
    return;
  text = bif_description_write_answer (ours, offer, &transport);
  check_answer (text, offer);
}

static void
offer_and_take (const BifSdp * answer)
{
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autofree char *offer = NULL;
  g_autofree char *again = NULL;

  bif_description_add_line (ours, BIF_MEDIA_AUDIO, NULL,
      BIF_DIRECTION_SENDRECV, "opus", 0, FALSE, NULL, extensions);
  bif_description_add_line (ours, BIF_MEDIA_VIDEO, NULL,
      BIF_DIRECTION_SENDONLY, "vp8", 0, TRUE, NULL, extensions);
  offer = bif_description_write_offer (ours, &transport);
  check_text (offer);
  bif_description_set_answer (ours, answer, NULL);
  bif_description_add_line (ours, BIF_MEDIA_VIDEO, NULL,
      BIF_DIRECTION_SENDONLY, "h264", 0, TRUE, "x=1", extensions);
  again = bif_description_write_offer (ours, &transport);
  check_text (again);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  BifSdpPolicy all = { .simulcast = TRUE, .rtx = TRUE, .opus_red = TRUE,
    .telephone_event = TRUE, .extensions = extensions };
  BifSdpPolicy none = { 0 };
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (BifDescription) ours = bif_description_new ();
  g_autoptr (BifSdp) offer = NULL;
  g_autoptr (BifSdp) second = NULL;
  char *next = strstr (text, "\n====\n");

  if (next != NULL) {
    *next = '\0';
    next += strlen ("\n====\n");
  }
  offer = bif_sdp_parse (text, size & 1, NULL);
  if (offer == NULL)
    return 0;
  negotiate (ours, offer, &all);
  second = next ? bif_sdp_parse (next, FALSE, NULL) : bif_sdp_ref (offer);
  if (second != NULL)
    negotiate (ours, second, next ? &all : &none);
  offer_and_take (offer);
  return 0;
}
