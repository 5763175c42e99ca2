/* sdp-attributes.c: the reader's second pass: what each attribute of a peer's
 * SDP means. Lines that make no sense here are skipped, as Janus does, but for
 * the few that spoil the whole. Main thread. */
#include "media/sdp-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MID 16
#define MAX_RID 15
#define MAX_CREDENTIAL 256      /* RFC 8839 */

/* A number at the start of @text, up to a space or the end; sets @rest to
 * what follows. */
static gboolean
read_number (const char *text, guint64 max, guint64 * number,
    const char **rest)
{
  char *end;

  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  *number = g_ascii_strtoull (text, &end, 10);
  if (*number > max || (*end != '\0' && *end != ' '))
    return FALSE;
  while (*end == ' ')
    end++;
  if (rest != NULL)
    *rest = end;
  return TRUE;
}

/* ---- transport: only the session's and one m-line's count ---- */

static BifSdpCredentials *
credentials (BifSdpReader * reader)
{
  if (reader->media == NULL)
    return &reader->session;
  return reader->media->index == reader->transport ? &reader->first : NULL;
}

static void
read_ufrag (BifSdpReader * reader, const char *value)
{
  BifSdpCredentials *to = credentials (reader);

  if (to != NULL && strlen (value) <= MAX_CREDENTIAL)
    to->ufrag = value;
}

static void
read_pwd (BifSdpReader * reader, const char *value)
{
  BifSdpCredentials *to = credentials (reader);

  if (to != NULL && strlen (value) <= MAX_CREDENTIAL)
    to->pwd = value;
}

/* sha-256 is kept before sha-1, any other hash counts as missing. */
static void
read_fingerprint (BifSdpReader * reader, const char *value)
{
  BifSdpCredentials *to = credentials (reader);
  gboolean strong = g_ascii_strncasecmp (value, "sha-256 ", 8) == 0;

  if (to == NULL
      || (!strong && (to->fingerprint != NULL
              || g_ascii_strncasecmp (value, "sha-1 ", 6) != 0)))
    return;
  g_free (to->fingerprint);
  to->fingerprint = g_strdup_printf ("%s %s", strong ? "sha-256" : "sha-1",
      strchr (value, ' ') + 1);
  g_strstrip (to->fingerprint);
}

static void
read_setup (BifSdpReader * reader, const char *value)
{
  BifSdpCredentials *to = credentials (reader);

  if (to == NULL)
    return;
  to->has_setup = TRUE;
  if (strcmp (value, "active") == 0)
    to->setup = BIF_SETUP_ACTIVE;
  else if (strcmp (value, "passive") == 0)
    to->setup = BIF_SETUP_PASSIVE;
  else
    to->setup = BIF_SETUP_ACTPASS;
}

static void
read_ice_options (BifSdpReader * reader, const char *value)
{
  if (strstr (value, "trickle") != NULL)
    reader->sdp->trickle = TRUE;
}

static void
read_ice_lite (BifSdpReader * reader, const char *value)
{
  reader->sdp->ice_lite = TRUE;
}

static void
read_candidate (BifSdpReader * reader, const char *value)
{
  if (reader->media != NULL)
    g_ptr_array_add (reader->sdp->candidates, g_strdup (value));
}

static void
read_end_of_candidates (BifSdpReader * reader, const char *value)
{
  reader->sdp->end_of_candidates = TRUE;
}

/* ---- m-lines ---- */

static void
set_direction (BifSdpReader * reader, BifDirection direction)
{
  if (reader->media == NULL) {
    reader->direction = direction;
  } else {
    reader->media->direction = direction;
    reader->pending.has_direction = TRUE;
  }
}

static void
read_sendrecv (BifSdpReader * reader, const char *value)
{
  set_direction (reader, BIF_DIRECTION_SENDRECV);
}

static void
read_sendonly (BifSdpReader * reader, const char *value)
{
  set_direction (reader, BIF_DIRECTION_SENDONLY);
}

static void
read_recvonly (BifSdpReader * reader, const char *value)
{
  set_direction (reader, BIF_DIRECTION_RECVONLY);
}

static void
read_inactive (BifSdpReader * reader, const char *value)
{
  set_direction (reader, BIF_DIRECTION_INACTIVE);
}

static void
read_bundle_only (BifSdpReader * reader, const char *value)
{
  reader->pending.bundle_only = TRUE;
}

/* Its length was checked already. A blank would fall apart in BUNDLE. */
static void
read_mid (BifSdpReader * reader, const char *value)
{
  BifSdpMedia *media = reader->media;

  if (media == NULL)
    return;
  if (strpbrk (value, " \t") != NULL)
    reader->broken = TRUE;
  g_free (media->mid);
  media->mid = g_strdup (value);
}

/* Janus reads two words of 64 characters, wherever they come from. */
static void
read_msid (BifSdpReader * reader, const char *value)
{
  BifSdpMedia *media = reader->media;
  char stream[65], track[65];

  if (media == NULL)
    return;
  if (sscanf (value, "%64s %64s", stream, track) != 2) {
    reader->broken = TRUE;
    return;
  }
  g_free (media->msid_stream);
  g_free (media->msid_track);
  media->msid_stream = g_utf8_make_valid (stream, -1);
  media->msid_track = g_utf8_make_valid (track, -1);
}

static BifSdpCodec *
find_codec (BifSdpReader * reader, const char *value, const char **rest)
{
  guint64 number;

  if (reader->media == NULL || !read_number (value, 127, &number, rest))
    return NULL;
  return reader->pending.by_type[number];
}

/* "111 opus/48000/2": the first one for a payload type counts. */
static void
read_rtpmap (BifSdpReader * reader, const char *value)
{
  BifSdpCodec *codec = find_codec (reader, value, &value);
  g_auto (GStrv) parts = NULL;

  if (codec == NULL)
    return;
  parts = g_strsplit (value, "/", 3);
  if (g_strv_length (parts) < 2 || parts[0][0] == '\0'
      || strchr (parts[0], ' ') != NULL)
    return;
  g_free (codec->name);
  codec->name = g_strdup (parts[0]);
  codec->clock_rate = MIN (g_ascii_strtoull (parts[1], NULL, 10), G_MAXINT);
  codec->channels = 0;
  if (parts[2] != NULL)
    codec->channels = MIN (g_ascii_strtoull (parts[2], NULL, 10), 255);
}

static void
read_fmtp (BifSdpReader * reader, const char *value)
{
  BifSdpCodec *codec = find_codec (reader, value, &value);

  if (codec == NULL || *value == '\0')
    return;
  g_free (codec->fmtp);
  codec->fmtp = g_strdup (value);
}

static void
add_feedback (BifSdpCodec * codec, const char *feedback)
{
  if (strcmp (feedback, "nack") == 0)
    codec->nack = TRUE;
  else if (strcmp (feedback, "nack pli") == 0)
    codec->nack_pli = TRUE;
  else if (strcmp (feedback, "ccm fir") == 0)
    codec->ccm_fir = TRUE;
  else if (strcmp (feedback, "goog-remb") == 0)
    codec->goog_remb = TRUE;
  else if (strcmp (feedback, "transport-cc") == 0)
    codec->transport_cc = TRUE;
}

static void
read_feedback (BifSdpReader * reader, const char *value)
{
  BifSdpCodec *codec;

  if (reader->media != NULL && g_str_has_prefix (value, "* ")) {
    for (guint i = 0; i < reader->media->codecs->len; i++)
      add_feedback (g_ptr_array_index (reader->media->codecs, i), value + 2);
    return;
  }
  codec = find_codec (reader, value, &value);
  if (codec != NULL)
    add_feedback (codec, value);
}

static gboolean
read_suffix (const char *text, BifDirection * direction)
{
  static const char *const names[] =
      { "inactive", "sendonly", "recvonly", "sendrecv" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (strcmp (text, names[i]) == 0) {
      *direction = i;
      return TRUE;
    }
  }
  return FALSE;
}

/* "3/recvonly URI": 15 is no id in either form (RFC 8285). */
static void
read_extmap (BifSdpReader * reader, const char *value)
{
  BifSdpMedia *media = reader->media;
  BifDirection direction = BIF_DIRECTION_SENDRECV;
  g_auto (GStrv) words = NULL;
  guint64 id;
  char *end;

  if (media == NULL || media->extmaps->len == BIF_SDP_MAX_EXTMAPS
      || !g_ascii_isdigit (value[0]))
    return;
  words = g_strsplit (value, " ", 3);
  id = g_ascii_strtoull (words[0], &end, 10);
  if (id == 0 || id == 15 || id > 255
      || (*end == '/' ? !read_suffix (end + 1, &direction) : *end != '\0')
      || words[1] == NULL || words[1][0] == '\0'
      || g_str_has_suffix (words[1], "rtp-hdrext:encrypt"))
    return;
  g_ptr_array_add (media->extmaps,
      bif_sdp_extmap_new (id, words[1], direction));
}

static void
read_ssrc (BifSdpReader * reader, const char *value)
{
  BifSdpMedia *media = reader->media;
  guint64 number;
  guint32 ssrc;

  if (media == NULL || !read_number (value, G_MAXUINT32, &number, NULL)
      || number == 0 || media->ssrcs->len == BIF_SDP_MAX_SSRCS)
    return;
  ssrc = number;
  for (guint i = 0; i < media->ssrcs->len; i++) {
    if (g_array_index (media->ssrcs, guint32, i) == ssrc)
      return;
  }
  g_array_append_val (media->ssrcs, ssrc);
}

/* "FID 1 2" or "SIM 1 2 3" */
static void
read_ssrc_group (BifSdpReader * reader, const char *value)
{
  BifSdpPending *pending = &reader->pending;
  guint64 numbers[3];
  const char *rest = value + 4;
  guint n = 0;

  if (reader->media == NULL || strlen (value) < 5)
    return;
  while (n < 3 && read_number (rest, G_MAXUINT32, &numbers[n], &rest))
    n++;
  if (g_str_has_prefix (value, "FID ") && n >= 2
      && pending->n_fids < BIF_SDP_MAX_FIDS) {
    pending->fids[pending->n_fids][0] = numbers[0];
    pending->fids[pending->n_fids++][1] = numbers[1];
  } else if (g_str_has_prefix (value, "SIM ") && reader->media->n_sim == 0) {
    for (guint i = 0; i < n; i++)
      reader->media->sim_ssrcs[i] = numbers[i];
    reader->media->n_sim = n;
  }
}

/* "h send ..." */
static void
read_rid (BifSdpReader * reader, const char *value)
{
  BifSdpMedia *media = reader->media;
  gsize length = strcspn (value, " ");
  const char *word = value + length;

  word += strspn (word, " ");
  if (media == NULL || media->kind != BIF_MEDIA_VIDEO || length == 0
      || media->rids->len == BIF_SDP_MAX_RIDS
      || strcspn (value, ";,~") < length
      || !g_str_has_prefix (word, "send") || (word[4] != ' ' && word[4]))
    return;
  g_ptr_array_add (media->rids, g_utf8_make_valid (value, MIN (length,
              MAX_RID)));
}

static void
read_simulcast (BifSdpReader * reader, const char *value)
{
  if (reader->pending.simulcast == NULL)
    reader->pending.simulcast = value;
}

static void
read_sctp_port (BifSdpReader * reader, const char *value)
{
  guint64 port;

  if (reader->media != NULL && read_number (value, 65535, &port, NULL))
    reader->media->sctp_port = port;
}

static void
read_max_message_size (BifSdpReader * reader, const char *value)
{
  if (reader->media != NULL)
    read_number (value, G_MAXUINT64, &reader->media->max_message_size, NULL);
}

static const struct
{
  const char *name;
  void (*read) (BifSdpReader * reader, const char *value);
  gboolean bare;                /* makes sense without a value */
} attributes[] = {
  {"bundle-only", read_bundle_only, TRUE},
  {"candidate", read_candidate},
  {"end-of-candidates", read_end_of_candidates, TRUE},
  {"extmap", read_extmap},
  {"fingerprint", read_fingerprint},
  {"fmtp", read_fmtp},
  {"ice-lite", read_ice_lite, TRUE},
  {"ice-options", read_ice_options},
  {"ice-pwd", read_pwd},
  {"ice-ufrag", read_ufrag},
  {"inactive", read_inactive, TRUE},
  {"max-message-size", read_max_message_size},
  {"mid", read_mid},
  {"msid", read_msid},
  {"recvonly", read_recvonly, TRUE},
  {"rid", read_rid},
  {"rtcp-fb", read_feedback},
  {"rtpmap", read_rtpmap},
  {"sctp-port", read_sctp_port},
  {"sctpmap", read_sctp_port},
  {"sendonly", read_sendonly, TRUE},
  {"sendrecv", read_sendrecv, TRUE},
  {"setup", read_setup},
  {"simulcast", read_simulcast},
  {"ssrc", read_ssrc},
  {"ssrc-group", read_ssrc_group},
};

gboolean
bif_sdp_read_attribute (BifSdpReader * reader, char *line, GError ** error)
{
  char *value = strchr (line, ':');

  if (value == NULL)
    value = line + strlen (line);
  else
    *value++ = '\0';
  g_strchomp (line);
  g_strchomp (value);
  if (strcmp (line, "mid") == 0 && strlen (value) > MAX_MID
      && reader->media != NULL)
    return bif_sdp_fail (error, "%s", "");

  for (guint i = 0; i < G_N_ELEMENTS (attributes); i++) {
    if (strcmp (line, attributes[i].name) == 0) {
      if (value[0] != '\0' || attributes[i].bare)
        attributes[i].read (reader, value);
      break;
    }
  }
  return TRUE;
}

/* "AS:kbit/s" or "TIAS:bit/s", the first of them */
void
bif_sdp_read_bandwidth (BifSdpReader * reader, const char *value)
{
  BifSdpMedia *media = reader->media;

  if (media == NULL || media->bandwidth != 0)
    return;
  if (g_str_has_prefix (value, "TIAS:"))
    media->bandwidth = MIN (g_ascii_strtoull (value + 5, NULL, 10),
        G_MAXUINT);
  else if (g_str_has_prefix (value, "AS:"))
    media->bandwidth = MIN (g_ascii_strtoull (value + 3, NULL, 10),
        G_MAXUINT / 1000) * 1000;
}

/* ---- around an m-line ---- */

/* Payload types that need no rtpmap (RFC 3551). */
static void
set_static_codec (BifSdpCodec * codec)
{
  static const struct { guint8 type; const char *name; } known[] = {
    {0, "PCMU"}, {8, "PCMA"}, {9, "G722"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++) {
    if (known[i].type == codec->payload_type) {
      codec->name = g_strdup (known[i].name);
      codec->clock_rate = 8000;
    }
  }
}

void
bif_sdp_begin_media (BifSdpReader * reader, BifSdpMedia * media)
{
  reader->media = media;
  reader->pending = (BifSdpPending) { 0 };
  if (media->kind == BIF_MEDIA_DATA)
    return;

  for (guint i = 0; i < media->formats->len; i++) {
    BifSdpCodec *codec;
    guint64 type;

    if (!read_number (media->formats->pdata[i], 127, &type, NULL)
        || reader->pending.by_type[type] != NULL)
      continue;
    codec = bif_sdp_codec_new (type);
    if (media->kind == BIF_MEDIA_AUDIO)
      set_static_codec (codec);
    reader->pending.by_type[type] = codec;
    g_ptr_array_add (media->codecs, codec);
  }
}

static void
drop_nameless (BifSdpReader * reader)
{
  GPtrArray *codecs = reader->media->codecs;

  for (guint i = codecs->len; i > 0; i--) {
    BifSdpCodec *codec = g_ptr_array_index (codecs, i - 1);

    if (codec->name == NULL) {
      reader->pending.by_type[codec->payload_type] = NULL;
      g_ptr_array_remove_index (codecs, i - 1);
    }
  }
}

static void
join_rtx (BifSdpReader * reader)
{
  GPtrArray *codecs = reader->media->codecs;

  for (guint i = 0; i < codecs->len; i++) {
    const BifSdpCodec *rtx = g_ptr_array_index (codecs, i);
    const char *apt;
    BifSdpCodec *codec;
    gsize length;
    guint64 type;

    if (g_ascii_strcasecmp (rtx->name, "rtx") != 0)
      continue;
    apt = bif_sdp_fmtp_value (rtx->fmtp, "apt", &length);
    type = apt ? g_ascii_strtoull (apt, NULL, 10) : 128;
    codec = type < 128 ? reader->pending.by_type[type] : NULL;
    if (codec != NULL && codec != rtx && codec->rtx == 0)
      codec->rtx = rtx->payload_type;
  }
}

static gboolean
is_rtx_ssrc (const BifSdpPending * pending, guint32 ssrc)
{
  for (guint i = 0; i < pending->n_fids; i++) {
    if (pending->fids[i][1] == ssrc)
      return TRUE;
  }
  return FALSE;
}

static guint32
rtx_ssrc_of (const BifSdpPending * pending, guint32 ssrc)
{
  for (guint i = 0; i < pending->n_fids; i++) {
    if (pending->fids[i][0] == ssrc)
      return pending->fids[i][1];
  }
  return 0;
}

static void
join_ssrcs (BifSdpReader * reader)
{
  BifSdpMedia *media = reader->media;
  const BifSdpPending *pending = &reader->pending;

  for (guint i = media->ssrcs->len; i > 0; i--) {
    if (is_rtx_ssrc (pending, g_array_index (media->ssrcs, guint32, i - 1)))
      g_array_remove_index (media->ssrcs, i - 1);
  }
  for (guint i = 0; i < media->ssrcs->len; i++) {
    guint32 rtx = 0;

    if (media->rids->len == 0 && media->kind == BIF_MEDIA_VIDEO)
      rtx = rtx_ssrc_of (pending, g_array_index (media->ssrcs, guint32, i));
    g_array_append_val (media->rtx_ssrcs, rtx);
  }
  if (media->rids->len > 0 || media->kind != BIF_MEDIA_VIDEO)
    media->n_sim = 0;
}

static void
reverse_rids (BifSdpMedia * media)
{
  GPtrArray *rids = media->rids;
  gpointer first;

  media->rids_reversed = TRUE;
  if (rids->len < 2)
    return;
  first = rids->pdata[0];
  rids->pdata[0] = rids->pdata[rids->len - 1];
  rids->pdata[rids->len - 1] = first;
}

/* "send h;m,n;~l recv x" or, long ago, " send rid=h;m": who is paused. */
static void
read_paused (BifSdpMedia * media, const char *simulcast)
{
  g_auto (GStrv) words = g_strsplit (simulcast, " ", 8);
  g_auto (GStrv) ids = NULL;
  const char *list = NULL;

  for (guint i = 0; words[i] != NULL && list == NULL; i++) {
    if (strcmp (words[i], "send") == 0)
      list = words[i + 1];
  }
  if (list == NULL)
    return;
  media->simulcast_legacy = g_str_has_prefix (list, "rid=");
  if (media->simulcast_legacy)
    list += strlen ("rid=");
  ids = g_strsplit_set (list, ";,", 16);
  for (guint i = 0; ids[i] != NULL; i++) {
    for (guint j = 0; ids[i][0] == '~' && j < media->rids->len; j++) {
      if (strcmp (ids[i] + 1, media->rids->pdata[j]) == 0)
        media->paused_rids |= 1u << j;
    }
  }
}

void
bif_sdp_end_media (BifSdpReader * reader)
{
  BifSdpMedia *media = reader->media;

  if (media == NULL)
    return;
  drop_nameless (reader);
  join_rtx (reader);
  join_ssrcs (reader);
  if (reader->lowest_first)
    reverse_rids (media);
  if (media->rids->len > 0 && reader->pending.simulcast != NULL)
    read_paused (media, reader->pending.simulcast);
  if (!reader->pending.has_direction)
    media->direction = reader->direction;
  media->rejected = reader->ports[media->index] == 0
      && !reader->pending.bundle_only && media->index != reader->transport;
}
