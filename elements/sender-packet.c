/* sender-packet.c: a packet on its way to a subscriber, for the first time or
 * again: layer choice, new numbers, new header, SRTP, and out with the batch.
 * On the I/O thread of whoever sends it, or of whoever missed it. */
#include "sender.h"
#include "transport.h"
#include "packet/bytes.h"

#include <string.h>

#define SCRATCH 12

#define RESEND_GUARD_US (40 * 1000)
/* What the past did not help is not tried again with the next packet. */
#define REPLAY_GUARD_US (100 * 1000)

/* ---- a packet ---- */

/* 24 bits, 6.18 seconds. */
static void
write_abs_send_time (guint8 * out, guint32 value)
{
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

/* Header values of a packet that goes out for the first time. */
static BifSent
fresh_values (BifSender * self, guint64 index)
{
  const guint8 *ids = self->ext_map.id;
  BifSent sent = {.index = index };

  if (ids[BIF_EXT_ABS_SEND_TIME] != 0)
    sent.send_time = (bif_ntp_now () >> 14) & 0xffffff;
  if (ids[BIF_EXT_TRANSPORT_CC] != 0)
    sent.transport_number = self->transport->twcc_out++;
  return sent;
}

static gboolean
has_own_values (BifSender * self)
{
  return self->ext_map.id[BIF_EXT_ABS_SEND_TIME] != 0
      || self->ext_map.id[BIF_EXT_TRANSPORT_CC] != 0;
}

/* They are kept where it may have to be sent again as it is. */
static void
keep_values (BifSender * self, const BifSent * sent)
{
  if (!has_own_values (self)
      || (self->rtx_payload_type != 0 && self->rtx_ssrc != 0))
    return;
  if (self->sent == NULL)
    self->sent = g_new0 (BifSent, BIF_SENT_SLOTS);
  self->sent[sent->index % BIF_SENT_SLOTS] = *sent;
}

/* Those of the packet that went out as @index; NULL where it cannot be made
 * again. */
static const BifSent *
find_values (BifSender * self, guint64 index)
{
  static const BifSent none = { 0 };
  const BifSent *sent;

  if (index <= self->changed_at && self->changed_at != 0)
    return NULL;
  if (!has_own_values (self))
    return &none;
  if (self->sent == NULL)
    return NULL;
  sent = &self->sent[index % BIF_SENT_SLOTS];
  return sent->index == (guint32) index ? sent : NULL;
}

/* The header that this subscriber sees: only extensions that mean something to
 * it, under its numbers. @scratch: SCRATCH bytes that live as long as the
 * header. */
static void
make_header (BifSender * self, BifRtpHeader * out, const BifRtpHeader * in,
    const BifSent * sent, guint8 * scratch)
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
    out->ext[BIF_EXT_MID].size = strnlen (self->mid, 16);
  }
  if (self->ext_map.id[BIF_EXT_ABS_SEND_TIME] != 0) {
    write_abs_send_time (scratch, sent->send_time);
    out->ext[BIF_EXT_ABS_SEND_TIME] = (BifExtValue) { scratch, 3 };
  }
  if (self->ext_map.id[BIF_EXT_TRANSPORT_CC] != 0) {
    bif_put_be16 (scratch + 8, sent->transport_number);
    out->ext[BIF_EXT_TRANSPORT_CC] = (BifExtValue) { scratch + 8, 2 };
  }
  if (self->playout_min_ms >= 0) {
    write_playout_delay (scratch + 4, self->playout_min_ms,
        self->playout_max_ms);
    out->ext[BIF_EXT_PLAYOUT_DELAY] = (BifExtValue) { scratch + 4, 3 };
  }
}

/* How a packet goes out. @frame (nullable): it has numbers that are of the
 * encoding, and may have to change. */
typedef struct
{
  BifLayeredNumbers numbers;
  const BifFrame *frame;
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
  if (out->frame != NULL && size > 0)
    bif_picture_patch (&out->frame->picture, room, out->numbers.picture_id,
        out->numbers.tl0);
}

static gboolean
has_other_payload (const Outgoing * out)
{
  return out->frame != NULL && (out->frame->picture.id_at != 0
      || out->frame->picture.tl0_at != 0);
}

/* What depends on the layers that this subscriber gets. @descriptor: room for
 * a dependency descriptor, which lives as long as the header. */
static void
adapt_header (BifRtpHeader * header, const Outgoing * how,
    guint8 * descriptor)
{
  BifExtValue *value = &header->ext[BIF_EXT_DEPENDENCY_DESCRIPTOR];
  const BifFrame *frame = how->frame;

  header->padding &= !how->numbers.empty;
  header->timestamp = how->numbers.timestamp;
  header->marker |= how->numbers.ends;
  if (frame == NULL || frame->dd == NULL || value->data == NULL
      || value->size > 255 - BIF_DD_MAX_GROWTH)
    return;
  value->size = bif_dd_write (frame->dd, value->data, value->size,
      how->numbers.picture_id, how->numbers.mask, descriptor);
  value->data = descriptor;
}

/* For the estimate; @now_us: when it came, which is when it goes. */
static void
note_sent (BifSender * self, guint16 number, gsize size, gint64 now_us)
{
  BifRtcTransport *transport = self->transport;

  if (self->ext_map.id[BIF_EXT_TRANSPORT_CC] == 0)
    return;
  if (transport->estimate == NULL)
    transport->estimate = g_new0 (BifEstimate, 1);
  bif_estimate_sent (transport->estimate, number, size, now_us);
}

/* Send lock held, keys and path there. */
static void
send_with (BifSender * self, const BifPacket * packet, const Outgoing * how,
    const BifSent * sent, BifBatch * batch)
{
  BifRtcTransport *transport = self->transport;
  const guint8 *payload = packet->data + packet->header.header_size;
  gsize payload_size = payload_size_of (packet, how);
  guint8 scratch[SCRATCH], descriptor[256];
  BifRtpHeader header;
  guint8 *out = bif_batch_begin (batch);
  gsize size;

  make_header (self, &header, &packet->header, sent, scratch);
  adapt_header (&header, how, descriptor);
  header.sequence = how->numbers.index;
  size = bif_rtp_write (out, &header, &self->ext_map);
  if (size + payload_size + BIF_SRTP_MAX_OVERHEAD > BIF_DATAGRAM_SIZE)
    return;
  if (has_other_payload (how)) {
    copy_payload (out + size, packet, how, payload_size);
    payload = out + size;
  }
  size = bif_srtp_protect (transport->srtp_tx, out, size, payload,
      payload_size, how->numbers.index >> 16);
  if (size == 0)
    return;
  note_sent (self, sent->transport_number, size, packet->arrival_us);
  bif_path_commit (&transport->path, batch, size);
  self->packets++;
  self->octets += payload_size;
  transport->rtp_out++;
  transport->rtp_out_bytes += size;
}

/* Send lock held, keys and path there. */
static void
send_packet (BifSender * self, const BifPacket * packet,
    const Outgoing * how, BifBatch * batch)
{
  BifSent sent = fresh_values (self, how->numbers.index);

  keep_values (self, &sent);
  send_with (self, packet, how, &sent, batch);
}

/* RFC 4588: the original sequence number, then the payload. Send lock held. */
static void
send_rtx (BifSender * self, const BifPacket * packet, const Outgoing * how,
    BifBatch * batch)
{
  BifRtcTransport *transport = self->transport;
  gsize payload_size = payload_size_of (packet, how);
  BifSent sent = fresh_values (self, 0);
  guint8 scratch[SCRATCH], descriptor[256];
  BifRtpHeader header;
  guint8 *out = bif_batch_begin (batch);
  gsize size;

  make_header (self, &header, &packet->header, &sent, scratch);
  adapt_header (&header, how, descriptor);
  header.payload_type = self->rtx_payload_type;
  header.ssrc = self->rtx_ssrc;
  header.sequence = ++self->rtx_index;
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

/* What the layer choice needs to know of a packet. */
static BifLayeredPacket
describe (const BifPacket * packet, guint substream)
{
  static const BifFrame none = { .sid = -1,.tid = -1 };
  const BifFrame *frame = packet->frame != NULL ? packet->frame : &none;

  return (BifLayeredPacket) {
    .index = packet->index,
    .timestamp = packet->header.timestamp,
    .layer.substream = substream,
    .layer.keyframe = packet->keyframe,
    .layer.start = frame->start,
    .layer.tid = frame->tid,
    .layer.sync = frame->sync,
    .frame = frame,
  };
}

static void
take_layered (BifSender * self, const BifPacket * packet, guint substream,
    BifBatch * batch)
{
  BifLayeredPacket in = describe (packet, substream);
  Outgoing out = { .frame = packet->frame };

  if (bif_layered_take (self->layered, &in, packet->arrival_us, &out.numbers))
    send_packet (self, packet, &out, batch);
}

static void
take (BifSender * self, const BifPacket * packet, guint substream,
    BifBatch * batch)
{
  if (self->layered != NULL)
    take_layered (self, packet, substream, batch);
  else
    take_plain (self, packet, batch);
}

/* ---- a beginning in the past ---- */

typedef struct
{
  BifSender *sender;
  guint substream;
  gint64 now_us;
  BifBatch *batch;
} Replay;

/* As if it came now: what goes out goes on from now. */
static void
take_past (const BifPacket * packet, gpointer user_data)
{
  const Replay *replay = user_data;
  BifPacket past = *packet;

  past.arrival_us = replay->now_us;
  take (replay->sender, &past, replay->substream, replay->batch);
}

/* Whether @packet is of no use without a keyframe, and nothing has been sent
 * that the past of its source would come behind. */
static gboolean
is_behind (BifSender * self, const BifPacket * packet, guint substream)
{
  const BifLayered *layered = self->layered;

  if (packet->keyframe)
    return FALSE;
  if (layered == NULL)
    return self->wait_keyframe;
  if (layered->is_svc)
    return !self->rewrite.started;
  return layered->layers.substream < 0
      && bif_layers_wanted (&layered->layers, packet->arrival_us)
      == (int) substream;
}

/* @packets: @n that are still to be taken; what is among them is not of the
 * past. */
static void
catch_up (BifSender * self, const BifPacket * packets, guint n,
    guint substream, BifBatch * batch)
{
  Replay replay = { self, substream, packets[0].arrival_us, batch };
  guint64 before = packets[0].index;

  if (replay.now_us - self->replayed_us < REPLAY_GUARD_US)
    return;
  for (guint i = 1; i < n; i++)
    before = MIN (before, packets[i].index);
  self->replayed_us = replay.now_us;
  bif_stream_replay (self->sources[substream], before, replay.now_us,
      take_past, &replay);
}

/* Locks once for all: they are one subscriber's, and lie side by side in the
 * batch, as one message does to the kernel. */
void
bif_sender_consume (BifConsumer * consumer, const BifPacket * packets,
    guint n, BifBatch * batch)
{
  BifSenderInput *input = (BifSenderInput *) consumer;
  BifSender *self = input->sender;
  BifRtcTransport *transport = self->transport;

  if (transport == NULL)
    return;
  bif_batch_make_room (batch, n);
  g_mutex_lock (&transport->tx_lock);
  for (guint i = 0; i < n && can_send (self); i++) {
    if (is_behind (self, &packets[i], input->substream))
      catch_up (self, packets + i, n - i, input->substream, batch);
    take (self, &packets[i], input->substream, batch);
  }
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
number_again (Resend * resend, const BifPacket * packet, Outgoing * out)
{
  BifSender *self = resend->sender;

  if (self->layered != NULL) {
    BifLayeredPacket in = describe (packet, resend->substream);

    out->frame = packet->frame;
    return bif_layered_again (self->layered, &in, &out->numbers)
        && out->numbers.index == resend->out_index;
  }
  out->numbers.index = resend->index + self->rewrite.offset;
  out->numbers.timestamp = packet->header.timestamp
      + self->rewrite.timestamp_offset;
  return out->numbers.index == resend->out_index;
}

/* FALSE: nothing that may be sent is left of it. */
static gboolean
repeat_packet (BifSender * self, const BifPacket * packet,
    const Outgoing * how, BifBatch * batch)
{
  const BifSent *sent;

  if (self->rtx_payload_type != 0 && self->rtx_ssrc != 0) {
    send_rtx (self, packet, how, batch);
    return TRUE;
  }
  sent = find_values (self, how->numbers.index);
  if (sent != NULL)
    send_with (self, packet, how, sent, batch);
  return sent != NULL;
}

static void
resend_packet (const BifPacket * packet, gpointer user_data)
{
  Resend *resend = user_data;
  BifSender *self = resend->sender;
  Outgoing out = { 0 };

  g_mutex_lock (&self->transport->tx_lock);
  if (can_send (self) && self->sources[resend->substream] != NULL
      && number_again (resend, packet, &out)
      && repeat_packet (self, packet, &out, resend->batch)) {
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
