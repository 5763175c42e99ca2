/* sdp.c: recorded offers. Beside each sdp/<name>.sdp stand <name>.facts, what
 * is read out of it, and <name>.answer, ours under echotest's policy. With
 * BIF_WRITE_GOLDEN=1 both are written anew: read the difference well. */
#include "sdp-common.h"

#include <string.h>

static const struct
{
  const char *name;
  gboolean later;               /* goes on where the one before ended */
} offers[] = {
  {"chromium-av", FALSE},
  {"chromium-av-data", FALSE},
  {"chromium-simulcast", FALSE},
  {"chromium-recvonly", FALSE},
  {"chromium-sendonly", FALSE},
  {"chromium-video", FALSE},
  {"chromium-data", FALSE},
  {"chromium-two-videos", FALSE},
  {"chromium-h264", FALSE},
  {"chromium-stereo", FALSE},
  {"chromium-multiopus", FALSE},
  {"chromium-sim-munged", FALSE},
  {"chromium-seq-1", FALSE},
  {"chromium-seq-2-added", TRUE},
  {"chromium-seq-3-inactive", TRUE},
  {"chromium-seq-4-stopped", TRUE},
  {"chromium-seq-5-recycled", TRUE},
  {"chromium-seq-6-data", TRUE},
  {"chromium-seq-7-restart", TRUE},
  {"chromium-first-1", FALSE},
  {"chromium-first-2-stopped", TRUE},
  {"firefox-av", FALSE},
  {"firefox-av-data", FALSE},
  {"firefox-simulcast", FALSE},
  {"firefox-recvonly", FALSE},
  {"firefox-data", FALSE},
  {"firefox-two-videos", FALSE},
  {"firefox-seq-1", FALSE},
  {"firefox-seq-2-added", TRUE},
  {"firefox-seq-3-inactive", TRUE},
  {"firefox-seq-4-stopped", TRUE},
  {"firefox-seq-5-recycled", TRUE},
  {"firefox-seq-6-data", TRUE},
  {"firefox-seq-7-restart", TRUE},
  {"firefox-first-1", FALSE},
  {"firefox-first-2-stopped", TRUE},
  {"wrtc-av-data", FALSE},
  {"webrtcbin-av-data", FALSE},
  {"safari-av", FALSE},
  {"old-data", FALSE},
  {"rid-legacy", FALSE},
  {"refused", FALSE},
};

static const char *
direction_name (BifDirection direction)
{
  static const char *const names[] =
      { "inactive", "sendonly", "recvonly", "sendrecv" };

  return names[direction];
}

static void
describe_codec (GString * facts, const BifSdpCodec * codec)
{
  g_string_append_printf (facts, "  %u %s/%u/%u rtx=%u%s%s%s%s%s fmtp=%s\n",
      codec->payload_type, codec->name, codec->clock_rate, codec->channels,
      codec->rtx, codec->nack ? " nack" : "", codec->nack_pli ? " pli" : "",
      codec->ccm_fir ? " fir" : "", codec->goog_remb ? " remb" : "",
      codec->transport_cc ? " twcc" : "", codec->fmtp ? codec->fmtp : "");
}

static void
describe_sources (GString * facts, const BifSdpMedia * media)
{
  g_string_append (facts, "  ssrcs");
  for (guint i = 0; i < media->ssrcs->len; i++)
    g_string_append_printf (facts, " %u+%u",
        g_array_index (media->ssrcs, guint32, i),
        g_array_index (media->rtx_ssrcs, guint32, i));
  g_string_append (facts, " sim");
  for (guint i = 0; i < media->n_sim; i++)
    g_string_append_printf (facts, " %u", media->sim_ssrcs[i]);
  g_string_append (facts, " rids");
  for (guint i = 0; i < media->rids->len; i++)
    g_string_append_printf (facts, " %s%s",
        media->paused_rids & 1u << i ? "~" : "",
        (char *) media->rids->pdata[i]);
  g_string_append_printf (facts, "%s\n",
      media->simulcast_legacy ? " legacy" : "");
}

static void
describe_media (GString * facts, const BifSdpMedia * media)
{
  g_string_append_printf (facts, "%u %s mid=%s %s %s%s formats=%u "
      "bandwidth=%u sctp=%u max=%" G_GUINT64_FORMAT " msid=%s/%s\n",
      media->index, bif_media_kind_name (media->kind), media->mid,
      media->protocol, direction_name (media->direction),
      media->rejected ? " rejected" : "", media->formats->len,
      media->bandwidth, media->sctp_port, media->max_message_size,
      media->msid_stream ? media->msid_stream : "",
      media->msid_track ? media->msid_track : "");
  for (guint i = 0; i < media->codecs->len; i++)
    describe_codec (facts, g_ptr_array_index (media->codecs, i));
  for (guint i = 0; i < media->extmaps->len; i++) {
    const BifSdpExtmap *extmap = g_ptr_array_index (media->extmaps, i);

    g_string_append_printf (facts, "  ext %u %s %s\n", extmap->id,
        direction_name (extmap->direction), extmap->uri);
  }
  describe_sources (facts, media);
}

static char *
describe (const BifSdp * sdp)
{
  static const char *const setups[] = { "actpass", "active", "passive" };
  GString *facts = g_string_new (NULL);

  g_string_append_printf (facts, "origin %s %s %s\nname %s\nufrag %s\n"
      "pwd %s\nfingerprint %s\nsetup %s%s%s%s\ncandidates %u\n",
      sdp->origin_name, sdp->origin_id, sdp->origin_version,
      sdp->session_name, sdp->ufrag, sdp->pwd, sdp->fingerprint,
      setups[sdp->setup], sdp->ice_lite ? " lite" : "",
      sdp->trickle ? " trickle" : "",
      sdp->end_of_candidates ? " end-of-candidates" : "",
      sdp->candidates->len);
  for (guint i = 0; i < sdp->media->len; i++)
    describe_media (facts, g_ptr_array_index (sdp->media, i));
  return g_string_free (facts, FALSE);
}

static void
compare (const char *name, const char *extension, const char *text)
{
  g_autofree char *golden = NULL;

  if (g_getenv ("BIF_WRITE_GOLDEN") != NULL) {
    g_autofree char *path = sdp_path (name, extension);

    g_assert_true (g_file_set_contents (path, text, -1, NULL));
    return;
  }
  golden = sdp_load (name, extension);
  g_assert_cmpstr (text, ==, golden);
}

static void
test_recorded (void)
{
  g_autoptr (BifDescription) ours = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (offers); i++) {
    const char *name = offers[i].name;
    g_autofree char *text = sdp_load (name, "sdp");
    g_autoptr (BifSdp) offer = sdp_parse_ok (text);
    g_autofree char *facts = describe (offer);
    g_autofree char *answer = NULL;

    g_test_message ("%s", name);
    if (!offers[i].later) {
      g_clear_pointer (&ours, bif_description_free);
      ours = bif_description_new ();
    }
    compare (name, "facts", facts);
    answer = sdp_answer (ours, text, &sdp_policy);
    compare (name, "answer", answer);
  }
}

/* Cut anywhere, an offer is read or refused, never worse. */
static void
test_cut (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (offers); i++) {
    g_autofree char *text = sdp_load (offers[i].name, "sdp");

    for (gsize length = strlen (text); length > 0; length -= MIN (97, length)) {
      g_autoptr (BifDescription) ours = bif_description_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (BifSdp) offer = NULL;
      g_autofree char *answer = NULL;

      text[length] = '\0';
      offer = bif_sdp_parse (text, length & 1, &error);
      g_assert_true ((offer == NULL) == (error != NULL));
      if (offer == NULL)
        continue;
      g_assert_true (bif_description_set_offer (ours, offer, &sdp_policy,
              NULL));
      answer = bif_description_write_answer (ours, offer, &sdp_transport);
      sdp_check_answer (answer, offer);
    }
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sdp/recorded", test_recorded);
  g_test_add_func ("/sdp/cut", test_cut);
  return g_test_run ();
}
