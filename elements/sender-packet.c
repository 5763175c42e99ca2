/* sender-packet.c: a packet on its way to a subscriber, for the first time or
 * again: layer choice, new numbers, new header, SRTP, and out with the batch.
 * On the I/O thread of whoever sends it, or of whoever missed it. */
#include "sender.h"
#include "transport.h"
#include "packet/bytes.h"

#include <string.h>

#define SCRATCH 12

#define RESEND_GUARD_US (40 * 1000)

/* ---- a packet ---- */

/* 24 bits, 6.18 seconds. */
static void
write_abs_send_time (guint8 * out)
{
  guint32 value = (bif_ntp_now () >> 14) & 0xffffff;

  out[0] = value >> 16;
  out[1] = value >> 8;
  out[2] = value;
}

/* 12 bits each, units of 10 ms. */
static void
write_playout_delay (guint8 * out, int min_ms, int max_ms)
{
  guint min = MIN (min_ms / 10, 0xfff), max = MIN (max_ms / 10, 0xfff);

  out[0] = min >> 4;
  out[1] = (min & 0xf) << 4 | max >> 8;
  out[2] = max;
}

/* The header that this subscriber sees: only extensions that mean something to
 * it, under its numbers. @scratch: SCRATCH bytes that live as long as the
 * header. */
static void
make_header (BifSender * self, BifRtpHeader * out, const BifRtpHeader * in,
    guint8 * scratch)
{
  static const BifExt kept[] = { BIF_EXT_AUDIO_LEVEL, BIF_EXT_TOFFSET,
    BIF_EXT_ABS_CAPTURE_TIME, BIF_EXT_VIDEO_ORIENTATION, BIF_EXT_PLAYOUT_DELAY,
    BIF_EXT_DEPENDENCY_DESCRIPTOR
  };

  memset (out->ext, 0, sizeof out->ext);
  out->padding = in->padding;
  out->marker = in->marker;
  out->payload_type = self->payload_type;
  out->ssrc = self->ssrc;
  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    out->ext[kept[i]] = in->ext[kept[i]];
  if (self->mid != NULL) {
    out->ext[BIF_EXT_MID].data = (const guint8 *) self->mid;
    out->ext[BIF_EXT_MID].size = MIN (strlen (self->mid), 16);
  }
  if (self->ext_map.id[BIF_EXT_ABS_SEND_TIME] != 0) {
    write_abs_send_time (scratch);
    out->ext[BIF_EXT_ABS_SEND_TIME] = (BifExtValue) { scratch, 3 };
  }
  if (self->ext_map.id[BIF_EXT_TRANSPORT_CC] != 0) {
    bif_put_be16 (scratch + 8, self->transport->twcc_out++);
    out->ext[BIF_EXT_TRANSPORT_CC] = (BifExtValue) { scratch + 8, 2 };
  }
  if (self->playout_min_ms >= 0) {
    write_playout_delay (scratch + 4, self->playout_min_ms,
        self->playout_max_ms);
    out->ext[BIF_EXT_PLAYOUT_DELAY] = (BifExtValue) { scratch + 4, 3 };
  }
}

/* How a packet goes out. @vp8 (nullable): its descriptor is to be changed. */
typedef struct
{
  BifLayeredNumbers numbers;
  const BifVp8 *vp8;
} Outgoing;

static gsize
payload_size_of (const BifPacket * packet, const Outgoing * out)
{
  return out->numbers.empty ? 0 : packet->size - packet->header.header_size;
}

/* The payload as this subscriber sees it, in @room. */
static void
copy_payload (guint8 * room, const BifPacket * packet, const Outgoing * out,
    gsize size)
{
  memcpy (room, packet->data + packet->header.header_size, size);
  if (out->vp8 != NULL && size > 0)
    bif_vp8_patch (out->vp8, room, out->numbers.picture_id, out->numbers.tl0);
}

/* Send lock held, keys and path there. */
static void
send_packet (BifSender * self, const BifPacket * packet,
    const Outgoing * how, BifBatch * batch)
{
  BifRtcTransport *transport = self->transport;
  const guint8 *payload = packet->data + packet->header.header_size;
  gsize payload_size = payload_size_of (packet, how);
  guint8 scratch[SCRATCH];
  BifRtpHeader header;
  guint8 *out = bif_batch_begin (batch);
  gsize size;

  make_header (self, &header, &packet->header, scratch);
  header.padding &= !how->numbers.empty;
  header.sequence = how->numbers.index;
  header.timestamp = how->numbers.timestamp;
  size = bif_rtp_write (out, &header, &self->ext_map);
  if (size + payload_size + BIF_SRTP_MAX_OVERHEAD > BIF_DATAGRAM_SIZE)
    return;
  if (how->vp8 != NULL) {
    copy_payload (out + size, packet, how, payload_size);
    payload = out + size;
  }
  size = bif_srtp_protect (transport->srtp_tx, out, size, payload,
      payload_size, how->numbers.index >> 16);
  if (size == 0)
    return;
  bif_path_commit (&transport->path, batch, size);
  self->packets++;
  self->octets += payload_size;
  transport->rtp_out++;
  transport->rtp_out_bytes += size;
}

/* RFC 4588: the original sequence number, then the payload. Send lock held. */
static void
send_rtx (BifSender * self, const BifPacket * packet, const Outgoing * how,
    BifBatch * batch)
{
  BifRtcTransport *transport = self->transport;
  gsize payload_size = payload_size_of (packet, how);
  guint8 scratch[SCRATCH];
  BifRtpHeader header;
  guint8 *out = bif_batch_begin (batch);
  gsize size;

  make_header (self, &header, &packet->header, scratch);
  header.padding &= !how->numbers.empty;
  header.payload_type = self->rtx_payload_type;
  header.ssrc = self->rtx_ssrc;
  header.sequence = ++self->rtx_index;
  header.timestamp = how->numbers.timestamp;
  size = bif_rtp_write (out, &header, &self->ext_map);
  if (size + 2 + payload_size + BIF_SRTP_MAX_OVERHEAD > BIF_DATAGRAM_SIZE)
    return;
  out[size] = how->numbers.index >> 8;
  out[size + 1] = how->numbers.index;
  copy_payload (out + size + 2, packet, how, payload_size);
  size = bif_srtp_protect (transport->srtp_tx, out, size, out + size,
      payload_size + 2, self->rtx_index >> 16);
  if (size == 0)
    return;
  bif_path_commit (&transport->path, batch, size);
}

/* Send lock held. */
static gboolean
can_send (BifSender * self)
{
  return self->transport != NULL && self->active
      && self->transport->srtp_tx != NULL
      && bif_path_is_open (&self->transport->path);
}

static void
take_plain (BifSender * self, const BifPacket * packet, BifBatch * batch)
{
  Outgoing out = { 0 };

  if (self->wait_keyframe && !packet->keyframe)
    return;
  self->wait_keyframe = FALSE;
  if (bif_rewrite_map (&self->rewrite, packet->index,
          packet->header.timestamp, packet->arrival_us, &out.numbers.index,
          &out.numbers.timestamp))
    send_packet (self, packet, &out, batch);
}

/* What the layer choice needs to know of a packet. @vp8: filled where it is. */
static BifLayeredPacket
look_into (BifSender * self, const BifPacket * packet, guint substream,
    BifVp8 * vp8)
{
  gboolean is_vp8 = bif_stream_codec (self->sources[substream])
      == BIF_CODEC_VP8 && bif_vp8_parse (vp8,
      packet->data + packet->header.header_size,
      packet->size - packet->header.header_size);

  return (BifLayeredPacket) {
    .index = packet->index,
    .timestamp = packet->header.timestamp,
    .layer.substream = substream,
    .layer.keyframe = packet->keyframe,
    .layer.start = is_vp8 ? vp8->start : packet->keyframe,
    .layer.tid = is_vp8 ? vp8->tid : -1,
    .layer.sync = is_vp8 && vp8->sync,
    .vp8 = is_vp8 ? vp8 : NULL,
  };
}

static void
take_layered (BifSender * self, const BifPacket * packet, guint substream,
    BifBatch * batch)
{
  BifVp8 vp8;
  BifLayeredPacket in = look_into (self, packet, substream, &vp8);
  Outgoing out = { .vp8 = in.vp8 };

  if (bif_layered_take (self->layered, &in, packet->arrival_us, &out.numbers))
    send_packet (self, packet, &out, batch);
}

void
bif_sender_consume (BifConsumer * consumer, const BifPacket * packet,
    BifBatch * batch)
{
  BifSenderInput *input = (BifSenderInput *) consumer;
  BifSender *self = input->sender;
  BifRtcTransport *transport = self->transport;

  if (transport == NULL)
    return;
  g_mutex_lock (&transport->tx_lock);
  if (can_send (self) && self->layered != NULL)
    take_layered (self, packet, input->substream, batch);
  else if (can_send (self))
    take_plain (self, packet, batch);
  g_mutex_unlock (&transport->tx_lock);
}

/* ---- retransmission ---- */

typedef struct
{
  BifSender *sender;
  int substream;
  guint64 index;
  guint64 out_index;
  BifBatch *batch;
} Resend;

/* The numbers that the packet had, if they are still the same. */
static gboolean
number_again (Resend * resend, const BifPacket * packet, BifVp8 * vp8,
    Outgoing * out)
{
  BifSender *self = resend->sender;

  if (self->layered != NULL) {
    BifLayeredPacket in = look_into (self, packet, resend->substream, vp8);

    out->vp8 = in.vp8;
    return bif_layered_again (self->layered, &in, &out->numbers)
        && out->numbers.index == resend->out_index;
  }
  out->numbers.index = resend->index + self->rewrite.offset;
  out->numbers.timestamp = packet->header.timestamp
      + self->rewrite.timestamp_offset;
  return out->numbers.index == resend->out_index;
}

static void
resend_packet (const BifPacket * packet, gpointer user_data)
{
  Resend *resend = user_data;
  BifSender *self = resend->sender;
  Outgoing out = { 0 };
  BifVp8 vp8;

  g_mutex_lock (&self->transport->tx_lock);
  if (can_send (self) && self->sources[resend->substream] != NULL
      && number_again (resend, packet, &vp8, &out)) {
    if (self->rtx_payload_type != 0 && self->rtx_ssrc != 0)
      send_rtx (self, packet, &out, resend->batch);
    else
      send_packet (self, packet, &out, resend->batch);
    self->resent++;
    self->transport->resent++;
  }
  g_mutex_unlock (&self->transport->tx_lock);
}

/* Send lock held. */
static gboolean
find_sent (Resend * resend, guint16 sequence)
{
  BifSender *self = resend->sender;

  if (self->sources[0] == NULL)
    return FALSE;
  if (self->layered != NULL)
    return bif_layered_unmap (self->layered, sequence, &resend->substream,
        &resend->index, &resend->out_index);
  return bif_rewrite_unmap (&self->rewrite, sequence, &resend->index,
      &resend->out_index);
}

void
bif_sender_resend (BifSender * self, guint16 sequence, gint64 now_us,
    BifBatch * batch)
{
  g_autoptr (BifStream) source = NULL;
  Resend resend = { .sender = self, .batch = batch };
  gboolean wanted;

  if (self->transport == NULL)
    return;
  g_mutex_lock (&self->transport->tx_lock);
  self->nacks++;
  wanted = find_sent (&resend, sequence);
  if (wanted) {
    BifResent *resent;

    if (self->resent_at == NULL)
      self->resent_at = g_new0 (BifResent, BIF_RESENT_SLOTS);
    resent = &self->resent_at[resend.out_index % BIF_RESENT_SLOTS];
    wanted = resent->index != resend.out_index
        || now_us - resent->at_us >= RESEND_GUARD_US;
    resent->index = resend.out_index;
    if (wanted)
      resent->at_us = now_us;
    source = g_object_ref (self->sources[resend.substream]);
  }
  g_mutex_unlock (&self->transport->tx_lock);
  /* NACK promised and not answered is worse than loss: a keyframe mends it. */
  if (wanted && !bif_stream_resend (source, resend.index, resend_packet,
          &resend))
    bif_stream_request_keyframe (source);
}
