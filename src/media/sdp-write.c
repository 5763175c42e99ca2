/* sdp-write.c: the text of our answers and offers, in Janus's order of lines
 * (core-api.md 6.2). Main thread. */
#include "media/sdp-private.h"

#include <string.h>

/* One m-line as it goes out: what was negotiated, or what we ask for. */
typedef struct
{
  const BifSdpOwnLine *own;
  const BifSdpLine *line;
  const BifSdpCodec *codec;
  const GPtrArray *extmaps;
  BifDirection direction;
} View;

static void put (GString * text, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

static void
put (GString * text, const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (text, format, args);
  va_end (args);
  g_string_append (text, "\r\n");
}

static const char *
direction_name (BifDirection direction)
{
  static const char *const names[] =
      { "inactive", "sendonly", "recvonly", "sendrecv" };

  return names[direction & BIF_DIRECTION_SENDRECV];
}

static const char *
address_type (const char *address)
{
  return strchr (address, ':') != NULL ? "IP6" : "IP4";
}

/* A PeerConnection needs an m-line for its transport, so where we refuse all,
 * the first one offered stays open, with nothing in it, as in Janus. */
static gboolean
is_active (const BifDescription * self, const BifSdpLine * line)
{
  const BifSdpOwnLine *first = NULL;

  if (line->accepted)
    return TRUE;
  for (guint i = 0; i < self->lines->len; i++) {
    const BifSdpOwnLine *own = g_ptr_array_index (self->lines, i);

    if (own->line.accepted)
      return FALSE;
    if (first == NULL && own->open)
      first = own;
  }
  return first != NULL && &first->line == line;
}

static void
put_session (GString * text, const BifDescription * self, const char *origin,
    const char *name, const BifSdpTransport * transport)
{
  put (text, "v=0");
  put (text, "o=%s IN %s %s", origin, address_type (transport->address),
      transport->address);
  put (text, "s=%s", name);
  put (text, "t=0 0");
  g_string_append (text, "a=group:BUNDLE");
  for (guint i = 0; i < self->lines->len; i++) {
    const BifSdpLine *line = g_ptr_array_index (self->lines, i);

    if (is_active (self, line))
      g_string_append_printf (text, " %s", line->mid);
  }
  put (text, "%s", "");
  put (text, "a=ice-options:trickle");
  if (transport->fingerprint != NULL)
    put (text, "a=fingerprint:%s", transport->fingerprint);
  put (text, "a=extmap-allow-mixed");
  put (text, "a=msid-semantic: WMS *");
  if (transport->ice_lite)
    put (text, "a=ice-lite");
}

static gboolean
is_legacy_sctp (const BifSdpLine * line)
{
  return g_ascii_strcasecmp (line->protocol, "DTLS/SCTP") == 0;
}

static const char *
data_formats (const BifSdpOwnLine * own)
{
  if (own->line.rejected_formats != NULL)
    return own->line.rejected_formats;
  if (own->formats != NULL)
    return own->formats;
  return is_legacy_sctp (&own->line) ? "5000" : "webrtc-datachannel";
}

/* "UDP/TLS/RTP/SAVPF", without encryption "RTP/AVPF" */
static const char *
protocol_of (const BifSdpLine * line, const BifSdpTransport * transport)
{
  if (line->kind != BIF_MEDIA_DATA && transport->fingerprint == NULL)
    return "RTP/AVPF";
  return line->protocol;
}

static void
put_head (GString * text, const View * view, gboolean active,
    const BifSdpTransport * transport)
{
  const BifSdpLine *line = view->line;
  const BifSdpCodec *codec = view->codec;

  g_string_append_printf (text, "m=%s %d %s",
      line->kind == BIF_MEDIA_DATA ? "application"
      : bif_media_kind_name (line->kind), active ? 9 : 0,
      protocol_of (line, transport));
  if (line->kind == BIF_MEDIA_DATA) {
    g_string_append_printf (text, " %s", data_formats (view->own));
  } else if (!line->accepted) {
    g_string_append (text, " 0");
  } else {
    if (line->red != 0)
      g_string_append_printf (text, " %u", line->red);
    g_string_append_printf (text, " %u", codec->payload_type);
    if (line->telephone_event != 0)
      g_string_append_printf (text, " %u", line->telephone_event);
    if (codec->rtx != 0)
      g_string_append_printf (text, " %u", codec->rtx);
  }
  put (text, "%s", "");
  put (text, "c=IN %s %s", address_type (transport->address),
      transport->address);
  put (text, "a=%s", direction_name (view->direction));
  put (text, "a=mid:%s", line->mid);
}

static void
put_transport (GString * text, const View * view,
    const BifSdpTransport * transport)
{
  static const char *const setups[] = { "actpass", "active", "passive" };
  const BifSdpLine *line = view->line;

  if (line->kind != BIF_MEDIA_DATA)
    put (text, "a=rtcp-mux");
  else if (is_legacy_sctp (line))
    put (text, "a=sctpmap:5000 webrtc-datachannel 16");
  else
    put (text, "a=sctp-port:5000");
  if (line->kind == BIF_MEDIA_DATA && transport->max_message_size > 0)
    put (text, "a=max-message-size:%" G_GUINT64_FORMAT,
        transport->max_message_size);
  put (text, "a=ice-ufrag:%s", transport->ufrag);
  put (text, "a=ice-pwd:%s", transport->pwd);
  put (text, "a=ice-options:trickle");
  if (transport->fingerprint != NULL)
    put (text, "a=setup:%s", setups[transport->setup]);
}

static void
put_rtpmap (GString * text, const BifSdpCodec * codec)
{
  if (codec->channels > 1)
    put (text, "a=rtpmap:%u %s/%u/%u", codec->payload_type, codec->name,
        codec->clock_rate, codec->channels);
  else
    put (text, "a=rtpmap:%u %s/%u", codec->payload_type, codec->name,
        codec->clock_rate);
}

static void
put_fmtp (GString * text, const BifSdpCodec * codec)
{
  if (codec->fmtp != NULL)
    put (text, "a=fmtp:%u %s", codec->payload_type, codec->fmtp);
}

static void
put_feedback (GString * text, const BifSdpCodec * codec, gboolean video)
{
  guint type = codec->payload_type;

  if (video && codec->ccm_fir)
    put (text, "a=rtcp-fb:%u ccm fir", type);
  if (video && codec->nack)
    put (text, "a=rtcp-fb:%u nack", type);
  if (video && codec->nack_pli)
    put (text, "a=rtcp-fb:%u nack pli", type);
  if (video && codec->goog_remb)
    put (text, "a=rtcp-fb:%u goog-remb", type);
  if (codec->transport_cc)
    put (text, "a=rtcp-fb:%u transport-cc", type);
}

static void
put_extmaps (GString * text, const GPtrArray * extmaps)
{
  for (guint i = 0; i < extmaps->len; i++) {
    const BifSdpExtmap *extmap = g_ptr_array_index (extmaps, i);

    if (extmap->direction == BIF_DIRECTION_SENDRECV)
      put (text, "a=extmap:%u %s", extmap->id, extmap->uri);
    else
      put (text, "a=extmap:%u/%s %s", extmap->id,
          direction_name (extmap->direction), extmap->uri);
  }
}

static void
put_audio (GString * text, const View * view)
{
  const BifSdpCodec *codec = view->codec;
  guint red = view->line->red;

  if (red != 0)
    put (text, "a=rtpmap:%u red/48000/2", red);
  put_rtpmap (text, codec);
  if (red != 0)
    put (text, "a=fmtp:%u %u/%u", red, codec->payload_type,
        codec->payload_type);
  put_fmtp (text, codec);
  put_feedback (text, codec, FALSE);
  if (view->own->event != NULL) {
    put_rtpmap (text, view->own->event);
    put_fmtp (text, view->own->event);
  }
  put_extmaps (text, view->extmaps);
}

static void
put_video (GString * text, const View * view)
{
  const BifSdpCodec *codec = view->codec;

  put_rtpmap (text, codec);
  put_feedback (text, codec, TRUE);
  put_extmaps (text, view->extmaps);
  put_fmtp (text, codec);
  if (codec->rtx != 0) {
    put (text, "a=rtpmap:%u rtx/%u", codec->rtx, codec->clock_rate);
    put (text, "a=fmtp:%u apt=%u", codec->rtx, codec->payload_type);
  }
}

/* Who sends: our SSRCs stay listed where we do not, as in Janus. */
static void
put_sources (GString * text, const View * view)
{
  const BifSdpLine *line = view->line;
  gboolean rtx = line->kind == BIF_MEDIA_VIDEO && line->ssrc != 0
      && line->rtx_ssrc != 0 && view->codec->rtx != 0
      && (view->direction & BIF_DIRECTION_SENDONLY);

  if (rtx)
    put (text, "a=ssrc-group:FID %u %u", line->ssrc, line->rtx_ssrc);
  if (view->direction != BIF_DIRECTION_INACTIVE) {
    g_string_append_printf (text, "a=msid:%s ",
        line->msid_stream ? line->msid_stream : "janus");
    if (line->msid_track != NULL)
      put (text, "%s", line->msid_track);
    else
      put (text, "janus%s", line->mid);
  }
  if (line->ssrc != 0)
    put (text, "a=ssrc:%u cname:janus", line->ssrc);
  if (rtx)
    put (text, "a=ssrc:%u cname:janus", line->rtx_ssrc);
}

static void
put_rids (GString * text, const BifSdpLine * line)
{
  const GPtrArray *rids = line->rids;

  if (rids->len == 0)
    return;
  for (guint i = 0; i < rids->len; i++)
    put (text, "a=rid:%s recv", (char *) rids->pdata[i]);
  g_string_append (text, line->simulcast_legacy ? "a=simulcast: recv rid="
      : "a=simulcast:recv ");
  for (guint i = 0; i < rids->len; i++)
    g_string_append_printf (text, "%s%s%s", i ? ";" : "",
        line->paused_rids & 1u << i ? "~" : "", (char *) rids->pdata[i]);
  put (text, "%s", "");
}

static void
put_candidates (GString * text, const BifSdpTransport * transport)
{
  if (transport->full_trickle)
    return;
  for (guint i = 0; transport->candidates && transport->candidates[i]; i++)
    put (text, "a=candidate:%s", transport->candidates[i]);
  put (text, "a=end-of-candidates");
}

static void
put_line (GString * text, const BifDescription * self, const View * view,
    const BifSdpTransport * transport)
{
  const BifSdpLine *line = view->line;
  gboolean active = is_active (self, line);

  put_head (text, view, active, transport);
  if (!active)
    return;
  put_transport (text, view, transport);
  if (line->accepted && line->kind != BIF_MEDIA_DATA) {
    if (line->kind == BIF_MEDIA_VIDEO)
      put_video (text, view);
    else
      put_audio (text, view);
    put_sources (text, view);
    put_rids (text, line);
  }
  put_candidates (text, transport);
}

/**
 * bif_description_write_answer:
 * @offer: the one given to bif_description_set_offer() last
 *
 * Returns: (transfer full): the answer
 */
char *
bif_description_write_answer (BifDescription * self, const BifSdp * offer,
    const BifSdpTransport * transport)
{
  GString *text = g_string_new (NULL);
  g_autofree char *origin = g_strjoin (" ", offer->origin_name,
      offer->origin_id, offer->origin_version, NULL);

  put_session (text, self, origin, transport->session_name
      ? transport->session_name : offer->session_name, transport);
  for (guint i = 0; i < self->lines->len; i++) {
    const BifSdpOwnLine *own = g_ptr_array_index (self->lines, i);
    const BifSdpLine *line = &own->line;
    View view = { own, line, line->codec, line->extmaps, line->direction };

    put_line (text, self, &view, transport);
  }
  return g_string_free (text, FALSE);
}

/**
 * bif_description_write_offer:
 *
 * Writes what the lines ask for. Each offer has the next o= version.
 *
 * Returns: (transfer full): the offer
 */
char *
bif_description_write_offer (BifDescription * self,
    const BifSdpTransport * transport)
{
  GString *text = g_string_new (NULL);
  g_autofree char *origin = g_strdup_printf ("- %" G_GUINT64_FORMAT " %"
      G_GUINT64_FORMAT, self->session_id, ++self->version);

  put_session (text, self, origin, transport->session_name
      ? transport->session_name : "-", transport);
  for (guint i = 0; i < self->lines->len; i++) {
    const BifSdpOwnLine *own = g_ptr_array_index (self->lines, i);
    const BifSdpLine *line = &own->line;
    View view = { own, line, line->codec, line->extmaps, line->direction };

    if (own->ours && line->accepted)
      view = (View) { own, line, own->wanted_codec, own->wanted_extmaps,
        own->wanted };
    put_line (text, self, &view, transport);
  }
  return g_string_free (text, FALSE);
}
