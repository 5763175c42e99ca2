/* transport-report.c: what a transport does by itself: sender and receiver
 * reports once a second, REMB, media and slow-link news, checks. Timer thread,
 * but for the two senders of compounds. */
#include "transport.h"
#include "receiver.h"
#include "sender.h"

#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (bif_transport_debug);
#define GST_CAT_DEFAULT bif_transport_debug

#define REPORT_INTERVAL_US G_USEC_PER_SEC
#define TICK_INTERVAL_US (100 * 1000)
#define MAX_COMPOUND 1200
#define DEFAULT_REMB 10000000
#define CNAME "janus"

gint64
bif_transport_due (BifRtcTransport * self)
{
  return self->due_us;
}

void
bif_transport_schedule (BifRtcTransport * self, gint64 at_us)
{
  if (self->mux != NULL && at_us < self->due_us) {
    self->due_us = at_us;
    bif_mux_wake (self->mux);
  }
}

void
bif_transport_post (BifRtcTransport * self, GstStructure * structure)
{
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), structure));
}

/* ---- sending compounds ---- */

void
bif_transport_send_rtcp (BifRtcTransport * self, const guint8 * compound,
    gsize size)
{
  guint8 packet[MAX_COMPOUND + 200 + BIF_SRTCP_MAX_OVERHEAD];

  if (size == 0 || size > sizeof packet - BIF_SRTCP_MAX_OVERHEAD)
    return;
  memcpy (packet, compound, size);
  g_mutex_lock (&self->tx_lock);
  if (self->srtp_tx != NULL && bif_path_is_open (&self->path)) {
    size = bif_srtcp_protect (self->srtp_tx, packet, size);
    if (bif_path_send (&self->path, packet, size))
      self->rtcp_out++;
  }
  g_mutex_unlock (&self->tx_lock);
}

/* Receive lock held. */
static guint
video_ssrcs (BifRtcTransport * self, guint32 * ssrcs, guint max)
{
  guint n = 0;

  for (guint i = 0; i < self->receivers->len && n < max; i++) {
    BifReceiver *receiver = g_ptr_array_index (self->receivers, i);

    if (g_strcmp0 (receiver->media, "video") != 0)
      continue;
    for (guint l = 0; l < receiver->n_layers && n < max; l++) {
      if (receiver->layer[l].ssrc != 0)
        ssrcs[n++] = receiver->layer[l].ssrc;
    }
  }
  return n;
}

/* Receive lock held. Returns bytes written. */
static gsize
write_remb (BifRtcTransport * self, guint8 * out, gsize room)
{
  guint32 ssrcs[32];
  guint n = video_ssrcs (self, ssrcs, G_N_ELEMENTS (ssrcs));

  if (n == 0)
    return 0;
  return bif_rtcp_write_remb (out, room, self->ssrc,
      self->bitrate != 0 ? self->bitrate : DEFAULT_REMB, ssrcs, n);
}

void
bif_transport_send_remb (BifRtcTransport * self)
{
  guint8 compound[256];
  gsize size, remb;

  g_mutex_lock (&self->rx_lock);
  size = bif_rtcp_write_rr (compound, sizeof compound, self->ssrc, NULL, 0);
  remb = write_remb (self, compound + size, sizeof compound - size);
  g_mutex_unlock (&self->rx_lock);
  if (remb > 0)
    bif_transport_send_rtcp (self, compound, size + remb);
}

/* ---- reports ---- */

typedef struct
{
  BifReportBlock block[31];
  guint n;
} Blocks;

/* Receive lock held. */
static void
collect_blocks (BifRtcTransport * self, gint64 now_us, Blocks * blocks)
{
  GHashTableIter iter;
  gpointer value;

  blocks->n = 0;
  g_hash_table_iter_init (&iter, self->sources);
  while (blocks->n < G_N_ELEMENTS (blocks->block)
      && g_hash_table_iter_next (&iter, NULL, &value)) {
    BifSource *source = value;

    if (!source->rtx && source->layer->ssrc == source->ssrc)
      bif_receive_stats_report (&source->stats, source->ssrc, now_us,
          &blocks->block[blocks->n++]);
  }
}

/* Where the source's clock stands now: from its own reports, so that audio and
 * video stay in step; before any came, from its last packet. */
static guint32
timestamp_now (BifSender * sender, BifStream * source, gint64 now_us)
{
  guint32 timestamp;
  gint64 at_us, elapsed_us;

  if (source != NULL
      && bif_stream_get_reference (source, &timestamp, &at_us))
    timestamp += sender->rewrite.timestamp_offset;
  else {
    timestamp = sender->rewrite.last_timestamp;
    at_us = sender->rewrite.last_us;
  }
  /* Seconds apart from the rest: a peer's reports may name any time at all. */
  elapsed_us = now_us - at_us;
  return timestamp + (guint32) (elapsed_us / G_USEC_PER_SEC
      * (gint64) sender->rewrite.clock_rate
      + elapsed_us % G_USEC_PER_SEC * (gint64) sender->rewrite.clock_rate
      / G_USEC_PER_SEC);
}

/* Writes the SR of a sender; @blocks go into the first. Returns bytes. */
static gsize
write_sender_report (BifRtcTransport * self, BifSender * sender, guint8 * out,
    gsize room, const Blocks * blocks, gint64 now_us)
{
  g_autoptr (BifStream) source = NULL;
  BifSenderInfo info = { 0 };
  gboolean silent;

  g_mutex_lock (&self->tx_lock);
  if (bif_sender_current (sender) != NULL)
    source = g_object_ref (bif_sender_current (sender));
  silent = sender->packets == 0 || sender->ssrc == 0;
  info.ssrc = sender->ssrc;
  info.packets = (guint32) sender->packets;
  info.octets = (guint32) sender->octets;
  g_mutex_unlock (&self->tx_lock);
  if (silent)
    return 0;
  info.ntp = bif_ntp_now ();
  info.rtp = timestamp_now (sender, source, now_us);
  return bif_rtcp_write_sr (out, room, &info, blocks ? blocks->block : NULL,
      blocks ? blocks->n : 0);
}

/* One compound: SRs (the first with all report blocks) or an RR, SDES, REMB.
 * Receive lock held. */
static void
send_reports (BifRtcTransport * self, gint64 now_us)
{
  guint8 compound[MAX_COMPOUND];
  gsize size = 0;
  Blocks blocks;
  gboolean reported = FALSE;

  collect_blocks (self, now_us, &blocks);
  for (guint i = 0; i < self->senders->len; i++) {
    BifSender *sender = g_ptr_array_index (self->senders, i);
    gsize written;

    if (size > MAX_COMPOUND - 300) {
      bif_transport_send_rtcp (self, compound, size);
      size = 0;
    }
    written = write_sender_report (self, sender, compound + size,
        sizeof compound - size, reported ? NULL : &blocks, now_us);
    if (written > 0) {
      size += written;
      size += bif_rtcp_write_sdes (compound + size, sizeof compound - size,
          sender->ssrc, CNAME);
      reported = TRUE;
    }
  }
  if (!reported && blocks.n > 0) {
    size += bif_rtcp_write_rr (compound + size, sizeof compound - size,
        self->ssrc, blocks.block, blocks.n);
    size += bif_rtcp_write_sdes (compound + size, sizeof compound - size,
        self->ssrc, CNAME);
  }
  if (size > 0)
    size += write_remb (self, compound + size, sizeof compound - size);
  bif_transport_send_rtcp (self, compound, size);
}

/* ---- news ---- */

static void
check_silence (BifRtcTransport * self, BifReceiverLayer * layer, gint64 now_us)
{
  if (!layer->receiving || self->no_media_us == 0
      || now_us - layer->heard_us < self->no_media_us)
    return;
  layer->receiving = FALSE;
  bif_transport_post (self, bif_receiver_media_news (layer,
          (guint) (self->no_media_us / G_USEC_PER_SEC)));
}

static void
post_slow_link (BifRtcTransport * self, const char *mid, gboolean uplink,
    guint lost)
{
  bif_transport_post (self, gst_structure_new ("bif-slow-link",
          "mid", G_TYPE_STRING, mid, "uplink", G_TYPE_BOOLEAN, uplink,
          "lost", G_TYPE_UINT, lost, NULL));
}

/* Receive lock held; once a second. */
static void
check_losses (BifRtcTransport * self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->sources);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    BifSource *source = value;
    guint64 lost = bif_receive_stats_lost (&source->stats);
    guint64 fresh = lost - MIN (lost, source->lost_before);

    source->lost_before = lost;
    if (self->slow_link > 0 && fresh >= self->slow_link && !source->rtx)
      post_slow_link (self, source->receiver->mid, FALSE, fresh);
  }
  for (guint i = 0; i < self->senders->len; i++) {
    BifSender *sender = g_ptr_array_index (self->senders, i);
    gint32 fresh = sender->remote.lost - sender->remote.lost_before;

    sender->remote.lost_before = sender->remote.lost;
    if (self->slow_link > 0 && fresh >= (gint32) self->slow_link)
      post_slow_link (self, sender->mid, TRUE, fresh);
  }
}

static void
once_a_second (BifRtcTransport * self, gint64 now_us)
{
  for (guint i = 0; i < self->receivers->len; i++) {
    BifReceiver *receiver = g_ptr_array_index (self->receivers, i);

    receiver->bitrate = (receiver->bytes - receiver->bytes_before) * 8;
    receiver->bytes_before = receiver->bytes;
  }
  check_losses (self);
  send_reports (self, now_us);
}

/* When to look again. A peer from and to which nothing flows is looked at once
 * a second, together with all others like it; a packet from it ends that
 * (bif_transport_note_packet). Receive lock held. */
static gint64
next_tick (BifRtcTransport * self, gint64 now_us, guint64 flowed)
{
  if (flowed != self->flowed) {
    self->flowed = flowed;
    self->flowed_us = now_us;
  }
  if (now_us - self->flowed_us < 2 * REPORT_INTERVAL_US)
    return now_us + TICK_INTERVAL_US;
  for (guint i = 0; i < self->senders->len; i++) {
    BifSender *sender = g_ptr_array_index (self->senders, i);

    if (sender->wait_keyframe || sender->layered != NULL)
      return now_us + TICK_INTERVAL_US;
  }
  return (now_us / REPORT_INTERVAL_US + 1) * REPORT_INTERVAL_US;
}

void
bif_transport_note_packet (BifRtcTransport * self, gint64 now_us)
{
  if (self->due_us > now_us + TICK_INTERVAL_US)
    bif_transport_schedule (self, now_us + TICK_INTERVAL_US);
}

void
bif_transport_tick (BifRtcTransport * self, gint64 now_us, BifBatch * batch)
{
  gint64 next_us;

  g_mutex_lock (&self->rx_lock);
  if (self->closed) {
    self->due_us = G_MAXINT64;
    g_mutex_unlock (&self->rx_lock);
    return;
  }
  next_us = bif_ice_tick (self, now_us, batch);
  if (self->srtp_rx != NULL) {
    for (guint i = 0; i < self->receivers->len; i++) {
      BifReceiver *receiver = g_ptr_array_index (self->receivers, i);

      for (guint l = 0; l < receiver->n_layers; l++) {
        check_silence (self, &receiver->layer[l], now_us);
        bif_stream_tick (receiver->layer[l].stream, now_us);
      }
    }
    for (guint i = 0; i < self->senders->len; i++)
      bif_sender_tick (g_ptr_array_index (self->senders, i), now_us);
    if (now_us - self->reported_us >= REPORT_INTERVAL_US) {
      self->reported_us = now_us;
      once_a_second (self, now_us);
    }
    next_us = MIN (next_us, bif_feedback_tick (self, now_us));
    next_us = MIN (next_us, next_tick (self, now_us,
            self->rtp_in + self->rtp_out));
  }
  self->due_us = next_us;
  g_mutex_unlock (&self->rx_lock);
}
