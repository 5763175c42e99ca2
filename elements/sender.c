/* sender.c: a subscriber's side of a stream: new numbers, new header, SRTP, and
 * out with the batch. Packets come on the I/O thread of whoever sends them. */
#include "sender.h"
#include "transport.h"
#include "receiver.h"
#include "packet/bytes.h"

#include <string.h>

#define RESEND_GUARD_US (40 * 1000)
#define SCRATCH 12

enum
{
  PROP_0, PROP_DESCRIPTION, PROP_SOURCE, PROP_ACTIVE, PROP_PLAYOUT_MIN,
  PROP_PLAYOUT_MAX, N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BifSender, bif_sender, G_TYPE_OBJECT)

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

/* Send lock held, keys and path there. */
static void
send_packet (BifSender * self, const BifPacket * packet, guint64 out_index,
    guint32 timestamp, BifBatch * batch)
{
  BifRtcTransport *transport = self->transport;
  const guint8 *payload = packet->data + packet->header.header_size;
  gsize payload_size = packet->size - packet->header.header_size;
  guint8 scratch[SCRATCH];
  BifRtpHeader header;
  guint8 *out = bif_batch_begin (batch);
  gsize size;

  make_header (self, &header, &packet->header, scratch);
  header.sequence = out_index;
  header.timestamp = timestamp;
  size = bif_rtp_write (out, &header, &self->ext_map);
  if (size + payload_size + BIF_SRTP_MAX_OVERHEAD > BIF_DATAGRAM_SIZE)
    return;
  size = bif_srtp_protect (transport->srtp_tx, out, size, payload,
      payload_size, out_index >> 16);
  if (size == 0)
    return;
  bif_batch_commit (batch, size, transport->path.fd, &transport->path.remote);
  self->packets++;
  self->octets += payload_size;
  transport->rtp_out++;
  transport->rtp_out_bytes += size;
}

/* RFC 4588: the original sequence number, then the payload. Send lock held. */
static void
send_rtx (BifSender * self, const BifPacket * packet, guint64 out_index,
    guint32 timestamp, BifBatch * batch)
{
  BifRtcTransport *transport = self->transport;
  gsize payload_size = packet->size - packet->header.header_size;
  guint8 scratch[SCRATCH];
  BifRtpHeader header;
  guint8 *out = bif_batch_begin (batch);
  gsize size;

  make_header (self, &header, &packet->header, scratch);
  header.payload_type = self->rtx_payload_type;
  header.ssrc = self->rtx_ssrc;
  header.sequence = ++self->rtx_index;
  header.timestamp = timestamp;
  size = bif_rtp_write (out, &header, &self->ext_map);
  if (size + 2 + payload_size + BIF_SRTP_MAX_OVERHEAD > BIF_DATAGRAM_SIZE)
    return;
  out[size] = out_index >> 8;
  out[size + 1] = out_index;
  memcpy (out + size + 2, packet->data + packet->header.header_size,
      payload_size);
  size = bif_srtp_protect (transport->srtp_tx, out, size, out + size,
      payload_size + 2, self->rtx_index >> 16);
  if (size == 0)
    return;
  bif_batch_commit (batch, size, transport->path.fd, &transport->path.remote);
}

/* Send lock held. */
static gboolean
can_send (BifSender * self)
{
  return self->transport != NULL && self->active
      && self->transport->srtp_tx != NULL && self->transport->path.fd >= 0;
}

static void
consume_packet (BifConsumer * consumer, const BifPacket * packet,
    BifBatch * batch)
{
  BifSender *self =
      (BifSender *) ((char *) consumer - G_STRUCT_OFFSET (BifSender, consumer));
  BifRtcTransport *transport = self->transport;
  guint64 index;
  guint32 timestamp;

  if (transport == NULL)
    return;
  g_mutex_lock (&transport->tx_lock);
  if (can_send (self) && (!self->wait_keyframe || packet->keyframe)) {
    self->wait_keyframe = FALSE;
    if (bif_rewrite_map (&self->rewrite, packet->index,
            packet->header.timestamp, packet->arrival_us, &index, &timestamp))
      send_packet (self, packet, index, timestamp, batch);
  }
  g_mutex_unlock (&transport->tx_lock);
}

/* ---- retransmission ---- */

typedef struct
{
  BifSender *sender;
  guint64 index;
  guint64 out_index;
  BifBatch *batch;
} Resend;

static void
resend_packet (const BifPacket * packet, gpointer user_data)
{
  Resend *resend = user_data;
  BifSender *self = resend->sender;
  guint32 timestamp;

  g_mutex_lock (&self->transport->tx_lock);
  if (can_send (self)
      && resend->index + self->rewrite.offset == resend->out_index) {
    timestamp = packet->header.timestamp + self->rewrite.timestamp_offset;
    if (self->rtx_payload_type != 0 && self->rtx_ssrc != 0)
      send_rtx (self, packet, resend->out_index, timestamp, resend->batch);
    else
      send_packet (self, packet, resend->out_index, timestamp, resend->batch);
    self->resent++;
    self->transport->resent++;
  }
  g_mutex_unlock (&self->transport->tx_lock);
}

void
bif_sender_resend (BifSender * self, guint16 sequence, gint64 now_us,
    BifBatch * batch)
{
  g_autoptr (BifStream) source = NULL;
  Resend resend = { self, 0, 0, batch };
  gboolean wanted;

  if (self->transport == NULL)
    return;
  g_mutex_lock (&self->transport->tx_lock);
  self->nacks++;
  wanted = self->source != NULL && bif_rewrite_unmap (&self->rewrite, sequence,
      &resend.index, &resend.out_index);
  if (wanted) {
    guint slot = resend.out_index % BIF_RESENT_SLOTS;

    wanted = self->resent_at[slot].index != resend.out_index
        || now_us - self->resent_at[slot].at_us >= RESEND_GUARD_US;
    self->resent_at[slot].index = resend.out_index;
    if (wanted)
      self->resent_at[slot].at_us = now_us;
    source = g_object_ref (self->source);
  }
  g_mutex_unlock (&self->transport->tx_lock);
  /* NACK promised and not answered is worse than loss: a keyframe mends it. */
  if (wanted && !bif_stream_resend (source, resend.index, resend_packet,
          &resend))
    bif_stream_request_keyframe (source);
}

void
bif_sender_request_keyframe (BifSender * self)
{
  g_autoptr (BifStream) source = NULL;

  if (self->transport == NULL)
    return;
  g_mutex_lock (&self->transport->tx_lock);
  if (self->source != NULL && self->active)
    source = g_object_ref (self->source);
  g_mutex_unlock (&self->transport->tx_lock);
  if (source != NULL)
    bif_stream_request_keyframe (source);
}

void
bif_sender_tick (BifSender * self, gint64 now_us)
{
  if (self->wait_keyframe)
    bif_sender_request_keyframe (self);
}

/* ---- set-up ---- */

static void
set_wait (BifSender * self)
{
  bif_rewrite_pause (&self->rewrite);
  self->wait_keyframe = self->video && self->source != NULL
      && bif_stream_codec (self->source) != BIF_CODEC_OTHER;
}

void
bif_sender_set_source (BifSender * self, BifStream * source)
{
  g_autoptr (BifStream) old = NULL;

  g_mutex_lock (&self->source_lock);
  if (self->source != NULL)
    bif_stream_remove (self->source, &self->consumer);
  old = self->source;
  if (self->transport != NULL)
    g_mutex_lock (&self->transport->tx_lock);
  self->source = source != NULL ? g_object_ref (source) : NULL;
  if (source != NULL)
    self->rewrite.clock_rate = bif_stream_clock_rate (source);
  set_wait (self);
  if (self->transport != NULL)
    g_mutex_unlock (&self->transport->tx_lock);
  if (source != NULL)
    bif_stream_add (source, &self->consumer);
  g_mutex_unlock (&self->source_lock);
}

void
bif_sender_set_active (BifSender * self, gboolean active)
{
  if (self->transport == NULL)
    return;
  g_mutex_lock (&self->transport->tx_lock);
  if (self->active != active) {
    self->active = active;
    set_wait (self);
  }
  g_mutex_unlock (&self->transport->tx_lock);
  if (active)
    bif_sender_request_keyframe (self);
}

void
bif_sender_describe (BifSender * self, const GstStructure * rtp)
{
  guint value = 0;

  g_free (self->mid);
  self->mid = g_strdup (gst_structure_get_string (rtp, "mid"));
  g_free (self->media);
  self->media = g_strdup (gst_structure_get_string (rtp, "media"));
  self->video = g_strcmp0 (self->media, "video") == 0;
  gst_structure_get_uint (rtp, "payload", &value);
  self->payload_type = value;
  value = 0;
  gst_structure_get_uint (rtp, "rtx-payload", &value);
  self->rtx_payload_type = value;
  gst_structure_get_uint (rtp, "ssrc", &self->ssrc);
  gst_structure_get_uint (rtp, "rtx-ssrc", &self->rtx_ssrc);
  gst_structure_get_boolean (rtp, "nack", &self->nack);
  memset (&self->ext_map, 0, sizeof self->ext_map);
  bif_ext_map_read (&self->ext_map, rtp);
  if (self->rewrite.clock_rate == 0)
    gst_structure_get_uint (rtp, "clock-rate", &self->rewrite.clock_rate);
}

/* ---- GObject ---- */

static void
describe (BifSender * self, const GstStructure * rtp)
{
  if (rtp == NULL || self->transport == NULL)
    return;
  g_mutex_lock (&self->transport->tx_lock);
  bif_sender_describe (self, rtp);
  g_mutex_unlock (&self->transport->tx_lock);
}

static void
bif_sender_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  BifSender *self = BIF_SENDER (object);

  switch (id) {
    case PROP_DESCRIPTION:
      describe (self, gst_value_get_structure (value));
      break;
    case PROP_SOURCE:
      bif_sender_set_source (self, g_value_get_object (value));
      break;
    case PROP_ACTIVE:
      bif_sender_set_active (self, g_value_get_boolean (value));
      break;
    case PROP_PLAYOUT_MIN:
      self->playout_min_ms = g_value_get_int (value);
      break;
    case PROP_PLAYOUT_MAX:
      self->playout_max_ms = g_value_get_int (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
bif_sender_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifSender *self = BIF_SENDER (object);

  switch (id) {
    case PROP_SOURCE:
      g_mutex_lock (&self->source_lock);
      g_value_set_object (value, self->source);
      g_mutex_unlock (&self->source_lock);
      break;
    case PROP_ACTIVE:
      g_value_set_boolean (value, self->active);
      break;
    case PROP_PLAYOUT_MIN:
      g_value_set_int (value, self->playout_min_ms);
      break;
    case PROP_PLAYOUT_MAX:
      g_value_set_int (value, self->playout_max_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
bif_sender_dispose (GObject * object)
{
  bif_sender_set_source (BIF_SENDER (object), NULL);
  G_OBJECT_CLASS (bif_sender_parent_class)->dispose (object);
}

static void
bif_sender_finalize (GObject * object)
{
  BifSender *self = BIF_SENDER (object);

  g_free (self->mid);
  g_free (self->media);
  g_mutex_clear (&self->source_lock);
  G_OBJECT_CLASS (bif_sender_parent_class)->finalize (object);
}

static void
bif_sender_class_init (BifSenderClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->set_property = bif_sender_set_property;
  object_class->get_property = bif_sender_get_property;
  object_class->dispose = bif_sender_dispose;
  object_class->finalize = bif_sender_finalize;
  props[PROP_DESCRIPTION] = g_param_spec_boxed ("description", "Description",
      "The m-line, in the fields of application/x-rtp caps",
      GST_TYPE_STRUCTURE, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_SOURCE] = g_param_spec_object ("source", "Source",
      "The stream that is sent", BIF_TYPE_STREAM, rw);
  props[PROP_ACTIVE] = g_param_spec_boolean ("active", "Active",
      "Whether packets go out", TRUE, rw);
  props[PROP_PLAYOUT_MIN] = g_param_spec_int ("playout-delay-min",
      "Least playout delay", "ms; below zero: as the source has it", -1,
      40950, -1, rw);
  props[PROP_PLAYOUT_MAX] = g_param_spec_int ("playout-delay-max",
      "Most playout delay", "ms; below zero: as the source has it", -1,
      40950, -1, rw);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
bif_sender_init (BifSender * self)
{
  g_mutex_init (&self->source_lock);
  self->consumer.packet = consume_packet;
  self->active = TRUE;
  self->playout_min_ms = self->playout_max_ms = -1;
  self->rtx_index = g_random_int_range (0, 0x8000);
}

BifSender *
bif_sender_new (BifRtcTransport * transport)
{
  BifSender *self = g_object_new (BIF_TYPE_SENDER, NULL);

  self->transport = transport;
  return self;
}
