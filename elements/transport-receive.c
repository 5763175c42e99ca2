/* transport-receive.c: what SRTP and SRTCP bring: finds the m-line of an SSRC,
 * decrypts once into the stream's ring, reads the peer's reports and requests.
 * I/O threads. */
#include "transport.h"
#include "receiver.h"
#include "sender.h"
#include "packet/bytes.h"

#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (bif_transport_debug);
#define GST_CAT_DEFAULT bif_transport_debug

/* A peer has a few SSRCs an m-line; more than this is an attack. */
#define MAX_SOURCES 256
#define MAX_PACKET 1500

/* ---- RTP ---- */

static BifReceiver *
find_by_mid (BifRtcTransport * self, const BifExtValue * mid)
{
  for (guint i = 0; mid->data != NULL && i < self->receivers->len; i++) {
    BifReceiver *receiver = g_ptr_array_index (self->receivers, i);

    if (receiver->mid != NULL && strlen (receiver->mid) == mid->size
        && memcmp (receiver->mid, mid->data, mid->size) == 0)
      return receiver;
  }
  return NULL;
}

/* A payload type that one m-line alone has. */
static BifReceiver *
find_by_payload_type (BifRtcTransport * self, guint8 payload_type)
{
  BifReceiver *found = NULL;

  for (guint i = 0; i < self->receivers->len; i++) {
    BifReceiver *receiver = g_ptr_array_index (self->receivers, i);

    if (receiver->payload_type != payload_type
        && (receiver->rtx_payload_type == 0
            || receiver->rtx_payload_type != payload_type))
      continue;
    if (found != NULL)
      return NULL;
    found = receiver;
  }
  return found;
}

/* The source of a header, known or not. @fresh: filled where it is not. */
static BifSource *
find_source (BifRtcTransport * self, const BifRtpHeader * header,
    BifSource * fresh)
{
  BifSource *source = g_hash_table_lookup (self->sources,
      GUINT_TO_POINTER (header->ssrc));
  const BifExtValue *repaired = &header->ext[BIF_EXT_REPAIRED_RID];

  if (source != NULL)
    return source;
  memset (fresh, 0, sizeof *fresh);
  fresh->ssrc = header->ssrc;
  fresh->receiver = find_by_mid (self, &header->ext[BIF_EXT_MID]);
  if (fresh->receiver == NULL)
    fresh->receiver = find_by_payload_type (self, header->payload_type);
  if (fresh->receiver == NULL
      || g_hash_table_size (self->sources) >= MAX_SOURCES)
    return NULL;
  fresh->rtx = repaired->data != NULL || (fresh->receiver->rtx_payload_type
      && header->payload_type == fresh->receiver->rtx_payload_type);
  fresh->layer = bif_receiver_find_layer (fresh->receiver, header, fresh->rtx);
  return fresh->layer != NULL ? fresh : NULL;
}

/* The stream's indices only grow, whatever source feeds it: another one begins
 * so far ahead that subscribers see a new epoch. */
static void
begin_source (BifSource * source, guint16 sequence)
{
  const BifReceiverLayer *layer = source->layer;

  if (layer->highest == 0)
    return;
  source->stats.started = TRUE;
  source->stats.highest = ((layer->highest >> 16) + 2) << 16 | sequence;
  source->stats.base = source->stats.highest;
}

/* Another source fed the layer since: what comes of this one is new again. What
 * is late of it stays so. */
static void
return_source (BifSource * source, guint16 sequence)
{
  BifReceiveStats *stats = &source->stats;

  if (!stats->started || source->layer->ssrc == source->ssrc
      || bif_rtp_extend (stats->highest, sequence) <= stats->highest)
    return;
  begin_source (source, sequence);
  stats->packets = stats->expected_prior = stats->received_prior = 0;
  source->lost_before = 0;
  g_clear_pointer (&source->nack, g_free);
}

static BifSource *
keep_source (BifRtcTransport * self, const BifSource * fresh, guint16 sequence)
{
  BifSource *source = g_memdup2 (fresh, sizeof *fresh);

  g_hash_table_insert (self->sources, GUINT_TO_POINTER (fresh->ssrc), source);
  if (!source->rtx) {
    GST_DEBUG_OBJECT (self, "SSRC %08x is mid %s", source->ssrc,
        source->receiver->mid);
    begin_source (source, sequence);
  }
  return source;
}

static void
note_media (BifRtcTransport * self, BifReceiverLayer * layer, gsize size,
    gint64 now_us)
{
  layer->heard_us = now_us;
  layer->receiver->bytes += size;
  if (layer->receiving)
    return;
  layer->receiving = TRUE;
  bif_transport_post (self, bif_receiver_media_news (layer, 0));
}

static void
note_level (BifRtcTransport * self, BifReceiver * receiver,
    const BifRtpHeader * header)
{
  GstStructure *news = bif_receiver_note_level (receiver, header);

  if (news != NULL)
    bif_transport_post (self, news);
}

/* RFC 4588: what was lost comes back under another SSRC; it goes where it
 * belongs. @space: begun with @header of the rtx packet, payload behind it. */
static gboolean
unwrap_rtx (BifRtcTransport * self, BifSource * source, BifPacket * packet,
    guint8 * space, gsize payload_size)
{
  BifSource *main_source = g_hash_table_lookup (self->sources,
      GUINT_TO_POINTER (source->layer->ssrc));
  guint8 *payload = space + packet->header.header_size;
  guint16 sequence;

  if (main_source == NULL || payload_size <= 2)
    return FALSE;               /* padding, or a probe */
  sequence = payload[0] << 8 | payload[1];
  memmove (payload, payload + 2, payload_size - 2);
  packet->size -= 2;
  packet->index = bif_rtp_extend (main_source->stats.highest, sequence);
  if (packet->index > main_source->stats.highest)
    return FALSE;
  packet->header.sequence = sequence;
  packet->header.ssrc = main_source->ssrc;
  packet->header.payload_type = source->receiver->payload_type;
  space[1] = (space[1] & 0x80) | packet->header.payload_type;
  space[2] = sequence >> 8;
  space[3] = sequence;
  bif_put_be32 (space + 8, main_source->ssrc);
  main_source->stats.packets++;
  return TRUE;
}

/* Nothing before helps a decoder with the first packet of another SSRC: whether
 * a keyframe must be asked for. */
static gboolean
is_new_source (const BifReceiverLayer * layer, guint32 ssrc_before,
    const BifPacket * packet)
{
  gsize header_size = packet->header.header_size;

  return ssrc_before != 0 && layer->ssrc != ssrc_before
      && !bif_payload_is_keyframe (bif_stream_codec (layer->stream),
      packet->data + header_size, packet->size - header_size);
}

/* Decrypts into the stream and hands on. Receive lock held. */
static void
receive_packet (BifRtcTransport * self, BifSource * source, guint8 * data,
    gsize size, BifRtpHeader * header, gint64 now_us, BifBatch * batch)
{
  BifReceiver *receiver = source->receiver;
  BifReceiverLayer *layer = source->layer;
  BifStream *stream = layer->stream;
  guint8 *space = bif_stream_begin (stream, size, now_us, batch);
  BifPacket packet = { .arrival_us = now_us };
  guint32 ssrc_before = layer->ssrc;
  gboolean ask;
  gssize payload;

  if (space == NULL)
    return;
  payload = bif_srtp_unprotect (self->srtp_rx, &source->srtp, data, size,
      header->header_size, space + header->header_size);
  if (payload < 0) {
    bif_stream_cancel (stream);
    if (payload == BIF_SRTP_REPLAYED)
      self->rtp_replayed++;
    else
      self->rtp_bad++;
    return;
  }
  memcpy (space, data, header->header_size);
  for (guint i = 0; i < BIF_EXT_COUNT; i++) {
    if (header->ext[i].data != NULL)
      header->ext[i].data = space + (header->ext[i].data - data);
  }
  if (g_hash_table_lookup (self->sources,
          GUINT_TO_POINTER (header->ssrc)) == NULL)
    source = keep_source (self, source, header->sequence);
  else if (!source->rtx)
    return_source (source, header->sequence);
  self->rtp_in++;
  bif_transport_note_packet (self, now_us);
  self->rtp_in_bytes += size;
  self->ice.heard_us = now_us;
  bif_feedback_note_arrival (self, header, now_us);
  packet.data = space;
  packet.size = header->header_size + payload;
  packet.index = bif_receive_stats_packet (&source->stats, header->sequence,
      header->timestamp, payload, receiver->clock_rate, now_us);
  packet.header = *header;
  if (source->rtx) {
    if (!unwrap_rtx (self, source, &packet, space, payload)) {
      bif_stream_cancel (stream);
      return;
    }
  } else if (packet.index >= layer->highest) {
    layer->highest = packet.index;
    layer->ssrc = source->ssrc;
  }
  bif_feedback_note_media (self, source, &packet);
  ask = is_new_source (layer, ssrc_before, &packet);
  bif_stream_push (stream, &packet, batch);
  if (ask)
    bif_stream_request_keyframe (stream);
  note_media (self, layer, size, now_us);
  if (receiver->level.window > 0)
    note_level (self, receiver, header);
}

/* ---- RTCP ---- */

static void
read_sender_report (BifRtcTransport * self, const BifSenderInfo * info,
    gint64 now_us)
{
  BifSource *source = g_hash_table_lookup (self->sources,
      GUINT_TO_POINTER (info->ssrc));
  gint64 ntp_us = (info->ntp >> 32) * G_USEC_PER_SEC
      + (((info->ntp & 0xffffffff) * G_USEC_PER_SEC) >> 32);
  gint64 offset_us = now_us - ntp_us;

  if (source == NULL)
    return;
  source->stats.sr_ntp = info->ntp;
  source->stats.sr_us = now_us;
  /* One offset for all streams of the peer keeps them in step; the smallest
   * seen is the one with the least delay in it. */
  if (!self->has_ntp_offset || offset_us < self->ntp_offset_us) {
    self->has_ntp_offset = TRUE;
    self->ntp_offset_us = offset_us;
  }
  bif_stream_set_reference (source->layer->stream, info->rtp,
      ntp_us + self->ntp_offset_us);
}

/* Returns: (transfer none) (nullable): receive lock held, senders only come and
 * go with both locks held. */
static BifSender *
find_sender (BifRtcTransport * self, guint32 ssrc)
{
  for (guint i = 0; i < self->senders->len; i++) {
    BifSender *sender = g_ptr_array_index (self->senders, i);

    if (ssrc != 0 && (sender->ssrc == ssrc || sender->rtx_ssrc == ssrc))
      return sender;
  }
  return NULL;
}

static void
read_report_block (BifRtcTransport * self, const BifReportBlock * block)
{
  BifSender *sender = find_sender (self, block->ssrc);

  if (sender == NULL || sender->ssrc != block->ssrc)
    return;
  g_mutex_lock (&self->tx_lock);
  sender->remote.fraction = block->fraction;
  if (self->estimate != NULL && sender->video)
    bif_estimate_loss (self->estimate, block->fraction,
        g_get_monotonic_time ());
  sender->remote.lost = block->lost;
  sender->remote.jitter = block->jitter;
  if (block->lsr != 0) {
    guint32 now = bif_ntp_now () >> 16;
    guint32 rtt = now - block->lsr - block->dlsr;

    if (rtt < 0x80000000)
      sender->remote.rtt_us = (guint64) rtt * G_USEC_PER_SEC >> 16;
  }
  g_mutex_unlock (&self->tx_lock);
}

typedef struct
{
  BifSender *sender;
  gint64 now_us;
  BifBatch *batch;
} Nack;

static void
resend (guint16 sequence, gpointer user_data)
{
  Nack *nack = user_data;

  bif_sender_resend (nack->sender, sequence, nack->now_us, nack->batch);
}

/* What the peer says of its path. */
static void
note_bandwidth (BifRtcTransport * self, const BifRtcpPacket * packet,
    gint64 now_us)
{
  gboolean wide = packet->type == BIF_RTCP_RTPFB
      && packet->count == BIF_RTPFB_TRANSPORT_CC;
  guint64 remb = 0;

  if (!wide && (packet->type != BIF_RTCP_PSFB
          || !bif_rtcp_remb (packet, &remb)))
    return;
  g_mutex_lock (&self->tx_lock);
  if (!wide && self->estimate == NULL)
    self->estimate = g_new0 (BifEstimate, 1);
  if (wide && self->estimate != NULL)
    bif_estimate_feedback (self->estimate, packet, now_us);
  else if (!wide)
    bif_estimate_remb (self->estimate, remb);
  g_mutex_unlock (&self->tx_lock);
}

static void
read_feedback (BifRtcTransport * self, const BifRtcpPacket * packet,
    gint64 now_us, BifBatch * batch)
{
  BifSender *sender = find_sender (self, bif_rtcp_media_ssrc (packet));
  guint32 ssrc;

  note_bandwidth (self, packet, now_us);
  if (packet->type == BIF_RTCP_RTPFB) {
    if (sender != NULL && packet->count == BIF_RTPFB_NACK) {
      Nack nack = { sender, now_us, batch };

      bif_rtcp_nack_foreach (packet, resend, &nack);
    }
    return;
  }
  if (packet->count == BIF_PSFB_PLI && sender != NULL) {
    bif_sender_request_keyframe (sender);
  } else if (packet->count == BIF_PSFB_FIR) {
    for (guint i = 0; bif_rtcp_fir_ssrc (packet, i, &ssrc); i++) {
      sender = find_sender (self, ssrc);
      if (sender != NULL)
        bif_sender_request_keyframe (sender);
    }
  }
}

/* It says goodbye: nothing of it is waited for any more. What it is protected
 * with stays, so that nobody replays it. */
static void
end_source (BifRtcTransport * self, guint32 ssrc)
{
  BifSource *source = g_hash_table_lookup (self->sources,
      GUINT_TO_POINTER (ssrc));
  BifReceiverLayer *layer = source != NULL ? source->layer : NULL;

  if (source == NULL)
    return;
  GST_DEBUG_OBJECT (self, "SSRC %08x says goodbye", ssrc);
  g_clear_pointer (&source->nack, g_free);
  if (source->rtx || layer->ssrc != ssrc)
    return;
  layer->ssrc = 0;
  if (!layer->receiving)
    return;
  layer->receiving = FALSE;
  bif_transport_post (self, bif_receiver_media_news (layer, 0));
}

static void
receive_rtcp (BifRtcTransport * self, guint8 * data, gsize size, gint64 now_us,
    BifBatch * batch)
{
  gssize clear = bif_srtcp_unprotect (self->srtp_rx, data, size);
  BifRtcpPacket packet;
  BifSenderInfo info;
  BifReportBlock block;
  guint32 ssrc;
  gsize offset = 0;

  if (clear < 0)
    return;
  self->ice.heard_us = now_us;
  while (bif_rtcp_next (data, clear, &offset, &packet)) {
    if (packet.type == BIF_RTCP_SR && bif_rtcp_sender_info (&packet, &info))
      read_sender_report (self, &info, now_us);
    if (packet.type == BIF_RTCP_SR || packet.type == BIF_RTCP_RR) {
      for (guint i = 0; bif_rtcp_report (&packet, i, &block); i++)
        read_report_block (self, &block);
    } else if (packet.type == BIF_RTCP_RTPFB || packet.type == BIF_RTCP_PSFB) {
      read_feedback (self, &packet, now_us, batch);
    } else if (packet.type == BIF_RTCP_BYE) {
      for (guint i = 0; bif_rtcp_bye_ssrc (&packet, i, &ssrc); i++)
        end_source (self, ssrc);
    }
  }
}

void
bif_transport_handle_rtp (BifRtcTransport * self, guint8 * data, gsize size,
    gint64 now_us, BifBatch * batch)
{
  BifRtpHeader header;
  BifSource fresh, *source;

  if (size > MAX_PACKET)
    return;
  g_mutex_lock (&self->rx_lock);
  if (self->closed || self->srtp_rx == NULL) {
    /* Nothing can be read yet, or any more. */
  } else if (bif_rtp_is_rtcp (data, size)) {
    receive_rtcp (self, data, size, now_us, batch);
  } else if (bif_rtp_parse (&header, data, size, &self->ext_map)) {
    source = find_source (self, &header, &fresh);
    if (source != NULL)
      receive_packet (self, source, data, size, &header, now_us, batch);
    else
      self->rtp_unknown++;
  }
  g_mutex_unlock (&self->rx_lock);
}
