/* stream.c: the hand-over point of the packet path. Packets come on I/O threads
 * (or a bridge's streaming thread); everything else may come from anywhere.
 * The lock is held for the time it takes to hand a few packets to everybody. */
#include "stream.h"

#define WINDOW_US (G_USEC_PER_SEC)
#define RING_MAX_BYTES (8 * 1024 * 1024)
/* Packets that wait for the end of the receive batch. */
#define MAX_PENDING 16
#define KEYFRAME_INTERVAL_US (250 * 1000)
/* A keyframe asked for by a subscriber comes before its DTLS is through: this
 * old it may be, and so many packets may have followed. */
#define REPLAY_US (500 * 1000)
#define MAX_REPLAYED 400

struct _BifStream
{
  GObject parent;

  GMutex lock;                  /* guards all below */
  BifRing *ring;
  GPtrArray *consumers;         /* of BifConsumer *, borrowed */
  GstCaps *caps;
  BifCodec codec;
  guint clock_rate;
  BifExtMap ext_map;
  BifFrameReader reader;
  guint64 packets;
  guint64 highest;              /* index; 0: nothing came */
  BifPacket pending[MAX_PENDING];       /* in the ring, not handed on yet */
  BifFrame pending_frame[MAX_PENDING];  /* what they say of theirs */
  BifDd pending_dd[MAX_PENDING];
  guint n_pending;
  gboolean deferred;            /* a batch will ask for them */
  gboolean has_reference;
  guint32 reference_timestamp;
  gint64 reference_us;
  guint64 keyframe_index;       /* of the last one's first packet */
  gint64 keyframe_came_us;      /* 0: never */
  gint64 keyframe_asked_us;     /* 0: never */
  gboolean keyframe_pending;

  GMutex owner_lock;            /* guards the two below; taken alone */
  BifKeyframeFunc keyframe_func;
  gpointer owner;
};

G_DEFINE_FINAL_TYPE (BifStream, bif_stream, G_TYPE_OBJECT)

static void
bif_stream_finalize (GObject * object)
{
  BifStream *self = BIF_STREAM (object);

  bif_ring_free (self->ring);
  g_free (self->reader.structure);
  g_ptr_array_unref (self->consumers);
  gst_clear_caps (&self->caps);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->owner_lock);
  G_OBJECT_CLASS (bif_stream_parent_class)->finalize (object);
}

static void
bif_stream_class_init (BifStreamClass * klass)
{
  g_signal_new_class_handler ("request-keyframe", G_TYPE_FROM_CLASS (klass),
      G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION,
      G_CALLBACK (bif_stream_request_keyframe), NULL, NULL, NULL,
      G_TYPE_NONE, 0);
  G_OBJECT_CLASS (klass)->finalize = bif_stream_finalize;
}

static void
bif_stream_init (BifStream * self)
{
  g_mutex_init (&self->lock);
  g_mutex_init (&self->owner_lock);
  self->ring = bif_ring_new (WINDOW_US, RING_MAX_BYTES);
  self->consumers = g_ptr_array_new ();
}

BifStream *
bif_stream_new (BifCodec codec, guint clock_rate)
{
  BifStream *self = g_object_new (BIF_TYPE_STREAM, NULL);

  bif_stream_set_codec (self, codec, clock_rate);
  return self;
}

void
bif_stream_set_codec (BifStream * self, BifCodec codec, guint clock_rate)
{
  g_mutex_lock (&self->lock);
  self->codec = codec;
  self->clock_rate = clock_rate;
  self->keyframe_came_us = 0;
  g_mutex_unlock (&self->lock);
}

BifCodec
bif_stream_codec (BifStream * self)
{
  return self->codec;
}

guint
bif_stream_clock_rate (BifStream * self)
{
  return self->clock_rate;
}

void
bif_stream_set_caps (BifStream * self, GstCaps * caps)
{
  g_mutex_lock (&self->lock);
  gst_caps_replace (&self->caps, caps);
  g_mutex_unlock (&self->lock);
}

GstCaps *
bif_stream_get_caps (BifStream * self)
{
  GstCaps *caps;

  g_mutex_lock (&self->lock);
  caps = self->caps != NULL ? gst_caps_ref (self->caps) : NULL;
  g_mutex_unlock (&self->lock);
  return caps;
}

void
bif_stream_set_ext_map (BifStream * self, const BifExtMap * map)
{
  g_mutex_lock (&self->lock);
  self->ext_map = *map;
  g_mutex_unlock (&self->lock);
}

void
bif_stream_set_window (BifStream * self, gint64 window_us)
{
  g_mutex_lock (&self->lock);
  bif_ring_set_window (self->ring, window_us);
  g_mutex_unlock (&self->lock);
}

void
bif_stream_set_keyframe_func (BifStream * self, BifKeyframeFunc func,
    gpointer owner)
{
  g_mutex_lock (&self->owner_lock);
  self->keyframe_func = func;
  self->owner = owner;
  g_mutex_unlock (&self->owner_lock);
}

/* Locked. */
static gboolean
has_new_keyframe (BifStream * self, gint64 now_us)
{
  return self->keyframe_came_us != 0
      && now_us - self->keyframe_came_us < REPLAY_US;
}

void
bif_stream_add (BifStream * self, BifConsumer * consumer)
{
  gboolean begins;

  g_mutex_lock (&self->lock);
  g_ptr_array_add (self->consumers, consumer);
  begins = consumer->replays
      && has_new_keyframe (self, g_get_monotonic_time ());
  g_mutex_unlock (&self->lock);
  if (!begins)
    bif_stream_request_keyframe (self);
}

void
bif_stream_remove (BifStream * self, BifConsumer * consumer)
{
  g_mutex_lock (&self->lock);
  g_ptr_array_remove (self->consumers, consumer);
  g_mutex_unlock (&self->lock);
}

static void
ask_for_keyframe (BifStream * self)
{
  g_mutex_lock (&self->owner_lock);
  if (self->keyframe_func != NULL)
    self->keyframe_func (self->owner);
  g_mutex_unlock (&self->owner_lock);
}

/* Whether a request is due now; notes it either way. Locked. */
static gboolean
keyframe_is_due (BifStream * self, gint64 now_us)
{
  if (self->keyframe_asked_us != 0
      && now_us - self->keyframe_asked_us < KEYFRAME_INTERVAL_US) {
    self->keyframe_pending = TRUE;
    return FALSE;
  }
  self->keyframe_asked_us = now_us;
  self->keyframe_pending = FALSE;
  return TRUE;
}

void
bif_stream_request_keyframe (BifStream * self)
{
  gboolean due;

  g_mutex_lock (&self->lock);
  due = self->codec != BIF_CODEC_OTHER
      && keyframe_is_due (self, g_get_monotonic_time ());
  g_mutex_unlock (&self->lock);
  if (due)
    ask_for_keyframe (self);
}

void
bif_stream_tick (BifStream * self, gint64 now_us)
{
  gboolean due;

  g_mutex_lock (&self->lock);
  due = self->keyframe_pending && keyframe_is_due (self, now_us);
  g_mutex_unlock (&self->lock);
  if (due)
    ask_for_keyframe (self);
}

/* ---- packets ---- */

/* Finds a pending packet's bytes, which a ring that grew has moved. */
static gboolean
find_again (BifStream * self, BifPacket * packet)
{
  BifRingPacket kept;
  ptrdiff_t moved;

  if (!bif_ring_get (self->ring, packet->index, &kept))
    return FALSE;
  moved = kept.data - packet->data;
  packet->data = kept.data;
  for (guint i = 0; moved != 0 && i < BIF_EXT_COUNT; i++) {
    if (packet->header.ext[i].data != NULL)
      packet->header.ext[i].data += moved;
  }
  return TRUE;
}

/* Gives what is pending to each consumer in turn. Locked. */
static void
hand_on (BifStream * self, BifBatch * batch)
{
  guint n = 0;

  for (guint i = 0; i < self->n_pending; i++) {
    if (!find_again (self, &self->pending[i]))
      continue;
    if (n != i)
      self->pending[n] = self->pending[i];
    n++;
  }
  self->n_pending = 0;
  for (guint i = 0; n > 0 && i < self->consumers->len; i++) {
    BifConsumer *consumer = g_ptr_array_index (self->consumers, i);

    consumer->packets (consumer, self->pending, n, batch);
  }
}

/* What the batch asks for before it is flushed. */
static void
hand_on_deferred (gpointer stream, BifBatch * batch)
{
  BifStream *self = stream;

  g_mutex_lock (&self->lock);
  self->deferred = FALSE;
  hand_on (self, batch);
  g_mutex_unlock (&self->lock);
  g_object_unref (self);
}

/* Locked. */
static void
hand_on_later (BifStream * self, BifBatch * batch)
{
  if (!self->deferred && bif_batch_defer (batch, hand_on_deferred, self)) {
    g_object_ref (self);
    self->deferred = TRUE;
  }
  if (!self->deferred || self->n_pending == MAX_PENDING)
    hand_on (self, batch);
}

guint8 *
bif_stream_begin (BifStream * self, gsize size, gint64 now_us,
    BifBatch * batch)
{
  guint8 *space;

  g_mutex_lock (&self->lock);
  /* A ring at its largest would write over what waits. */
  if (self->n_pending > 0 && !bif_ring_goes_on (self->ring, size))
    hand_on (self, batch);
  space = bif_ring_reserve (self->ring, size, now_us);
  if (space == NULL)
    g_mutex_unlock (&self->lock);
  return space;
}

void
bif_stream_cancel (BifStream * self)
{
  g_mutex_unlock (&self->lock);
}

/* What it says of its frame, into @frame, which may point into @late. A packet
 * of the past, which may have a structure that holds no more, changes nothing.
 * Locked. */
static void
look_into (BifStream * self, BifPacket * packet, BifFrame * frame,
    BifDdStructure * late)
{
  BifDdStructure *structure = self->reader.structure;
  gsize at = packet->header.header_size;

  packet->keyframe = TRUE;
  packet->frame = NULL;
  if (self->codec == BIF_CODEC_OTHER)
    return;
  if (structure != NULL && packet->index < self->highest) {
    *late = *structure;
    self->reader.structure = late;
  }
  bif_frame_read (&self->reader, self->codec, &packet->header,
      packet->data + at, packet->size - at, frame);
  if (structure != NULL)
    self->reader.structure = structure;
  packet->keyframe = frame->keyframe;
  packet->frame = frame;
}

/* It must not wait beside others: it replaces the structure that their frames
 * go by, or goes by one that nobody keeps. Locked. */
static gboolean
goes_alone (BifStream * self, const BifPacket * packet)
{
  const BifExtValue *value = &packet->header.ext[BIF_EXT_DEPENDENCY_DESCRIPTOR];

  return self->reader.structure != NULL && (packet->index < self->highest
      || (value->data != NULL && value->size > 3 && value->data[3] & 0x80));
}

/* Makes it the last of those that wait. Locked. */
static void
add_pending (BifStream * self, const BifPacket * packet,
    BifDdStructure * late)
{
  guint i = self->n_pending++;
  BifPacket *kept = &self->pending[i];

  *kept = *packet;
  look_into (self, kept, &self->pending_frame[i], late);
  if (kept->frame != NULL && kept->frame->dd != NULL) {
    self->pending_dd[i] = *kept->frame->dd;
    self->pending_frame[i].dd = &self->pending_dd[i];
  }
  if (!kept->keyframe)
    return;
  self->keyframe_pending = FALSE;
  if (self->codec == BIF_CODEC_OTHER || kept->index < self->highest)
    return;
  self->keyframe_index = kept->index;
  self->keyframe_came_us = kept->arrival_us;
}

void
bif_stream_push (BifStream * self, const BifPacket * packet, BifBatch * batch)
{
  BifRingPacket seen;
  BifDdStructure late;
  gboolean alone;

  /* A packet that came twice (a retransmission that was not needed) has been
   * handed on already. */
  if (!bif_ring_get (self->ring, packet->index, &seen)) {
    alone = goes_alone (self, packet);
    if (alone)
      hand_on (self, batch);
    add_pending (self, packet, &late);
    bif_ring_commit (self->ring, packet->index, packet->size,
        packet->arrival_us);
    self->packets++;
    self->highest = MAX (self->highest, packet->index);
    if (alone)
      hand_on (self, batch);
    else
      hand_on_later (self, batch);
  }
  g_mutex_unlock (&self->lock);
}

/* A packet of the past. Locked. */
static gboolean
give_again (BifStream * self, guint64 index, BifResendFunc func,
    gpointer user_data)
{
  BifRingPacket kept;
  BifPacket packet;
  BifDdStructure late;
  BifFrame frame;

  if (!bif_ring_get (self->ring, index, &kept)
      || !bif_rtp_parse (&packet.header, kept.data, kept.size,
          &self->ext_map))
    return FALSE;
  packet.data = kept.data;
  packet.size = kept.size;
  packet.index = index;
  packet.arrival_us = kept.arrival_us;
  look_into (self, &packet, &frame, &late);
  func (&packet, user_data);
  return TRUE;
}

gboolean
bif_stream_resend (BifStream * self, guint64 index, BifResendFunc func,
    gpointer user_data)
{
  gboolean found;

  g_mutex_lock (&self->lock);
  found = give_again (self, index, func, user_data);
  g_mutex_unlock (&self->lock);
  return found;
}

gboolean
bif_stream_replay (BifStream * self, guint64 before, gint64 now_us,
    BifResendFunc func, gpointer user_data)
{
  guint64 first = self->keyframe_index;

  if (!has_new_keyframe (self, now_us) || before <= first
      || before - first > MAX_REPLAYED
      || !give_again (self, first, func, user_data))
    return FALSE;
  for (guint64 index = first + 1; index < before; index++)
    give_again (self, index, func, user_data);
  return TRUE;
}

void
bif_stream_set_reference (BifStream * self, guint32 timestamp, gint64 at_us)
{
  g_mutex_lock (&self->lock);
  self->has_reference = TRUE;
  self->reference_timestamp = timestamp;
  self->reference_us = at_us;
  g_mutex_unlock (&self->lock);
}

gboolean
bif_stream_get_reference (BifStream * self, guint32 * timestamp,
    gint64 * at_us)
{
  gboolean has;

  g_mutex_lock (&self->lock);
  has = self->has_reference;
  *timestamp = self->reference_timestamp;
  *at_us = self->reference_us;
  g_mutex_unlock (&self->lock);
  return has;
}

guint64
bif_stream_packets (BifStream * self)
{
  guint64 packets;

  g_mutex_lock (&self->lock);
  packets = self->packets;
  g_mutex_unlock (&self->lock);
  return packets;
}

guint64
bif_stream_next_index (BifStream * self, guint16 sequence)
{
  guint64 highest;

  g_mutex_lock (&self->lock);
  highest = self->highest;
  g_mutex_unlock (&self->lock);
  return (highest == 0 ? 0x10000 : ((highest >> 16) + 2) << 16) | sequence;
}
