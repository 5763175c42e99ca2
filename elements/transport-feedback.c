/* transport-feedback.c: what the peer is told of single packets of its own:
 * NACKs for those that are missing, transport-wide feedback on when they came.
 * Noted on I/O threads, sent on the timer thread; receive lock held. */
#include "transport.h"
#include "receiver.h"

#define MAX_COMPOUND 1200

static void
send_nack (BifRtcTransport * self, BifSource * source, gint64 now_us)
{
  guint16 sequences[BIF_NACK_HISTORY];
  guint8 compound[MAX_COMPOUND];
  guint n = bif_nack_collect (source->nack, now_us, sequences,
      BIF_NACK_HISTORY);
  gsize size;

  if (n == 0)
    return;
  size = bif_rtcp_write_rr (compound, sizeof compound, self->ssrc, NULL, 0);
  size += bif_rtcp_write_nack (compound + size, sizeof compound - size,
      self->ssrc, source->ssrc, sequences, n);
  bif_transport_send_rtcp (self, compound, size);
  self->nacked += n;
}

void
bif_feedback_note_media (BifRtcTransport * self, BifSource * source,
    const BifPacket * packet)
{
  BifReceiver *receiver = source->receiver;
  BifCodec codec = bif_stream_codec (receiver->stream);
  BifNack *nack;

  if (!receiver->nack)
    return;
  if (source->rtx)
    source = g_hash_table_lookup (self->sources,
        GUINT_TO_POINTER (packet->header.ssrc));
  if (source == NULL)
    return;
  if (source->nack == NULL)
    source->nack = g_new0 (BifNack, 1);
  nack = source->nack;
  bif_nack_packet (nack, packet->index, packet->arrival_us);
  if (nack->n == 0)
    return;
  if (codec != BIF_CODEC_OTHER && bif_payload_is_keyframe (codec,
          packet->data + packet->header.header_size,
          packet->size - packet->header.header_size))
    bif_nack_keyframe (nack, packet->index);
  bif_transport_schedule (self, bif_nack_due (nack));
}

/* An SSRC that feedback can name; only video gets any. 0: there is none. */
static guint32
find_video (BifRtcTransport * self)
{
  for (guint i = 0; i < self->receivers->len; i++) {
    BifReceiver *receiver = g_ptr_array_index (self->receivers, i);

    if (receiver->ssrc != 0 && g_strcmp0 (receiver->media, "video") == 0)
      return receiver->ssrc;
  }
  return 0;
}

void
bif_feedback_note_arrival (BifRtcTransport * self,
    const BifRtpHeader * header, gint64 now_us)
{
  const BifExtValue *number = &header->ext[BIF_EXT_TRANSPORT_CC];
  gint64 due_us = self->twcc_sent_us + self->twcc_period_us;

  if (number->data == NULL || number->size != 2)
    return;
  if (self->twcc == NULL)
    self->twcc = g_new0 (BifTwcc, 1);
  if (bif_twcc_packet (self->twcc, number->data[0] << 8 | number->data[1],
          now_us))
    due_us = now_us;
  else if (self->twcc_due_us != 0)
    return;
  if (find_video (self) == 0)
    return;
  self->twcc_due_us = due_us >= now_us ? due_us :
      now_us + self->twcc_period_us;
  bif_transport_schedule (self, self->twcc_due_us);
}

static void
send_twcc (BifRtcTransport * self, gint64 now_us)
{
  guint32 media = find_video (self);
  guint8 compound[MAX_COMPOUND];
  gsize size, rr;

  self->twcc_due_us = 0;
  self->twcc_sent_us = now_us;
  while (media != 0) {
    rr = bif_rtcp_write_rr (compound, sizeof compound, self->ssrc, NULL, 0);
    size = bif_twcc_write (self->twcc, compound + rr, sizeof compound - rr,
        self->ssrc, media);
    if (size == 0)
      return;
    bif_transport_send_rtcp (self, compound, rr + size);
  }
}

gint64
bif_feedback_tick (BifRtcTransport * self, gint64 now_us)
{
  gint64 next_us = G_MAXINT64;
  GHashTableIter iter;
  gpointer value;

  if (self->twcc_due_us != 0 && now_us >= self->twcc_due_us)
    send_twcc (self, now_us);
  if (self->twcc_due_us != 0)
    next_us = self->twcc_due_us;
  g_hash_table_iter_init (&iter, self->sources);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    BifSource *source = value;

    if (source->nack == NULL || source->nack->n == 0)
      continue;
    send_nack (self, source, now_us);
    next_us = MIN (next_us, bif_nack_due (source->nack));
  }
  return next_us;
}

void
bif_source_free (gpointer source)
{
  g_free (((BifSource *) source)->nack);
  g_free (source);
}
