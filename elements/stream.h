/* stream.h: one RTP stream on the packet path: its ring, and whoever takes its
 * packets: subscribers on the relay, bridges into pipelines. */
#pragma once

#include <gst/gst.h>
#include "packet/batch.h"
#include "packet/frame.h"
#include "packet/keyframe.h"
#include "packet/ring.h"
#include "packet/rtcp.h"
#include "packet/rtp.h"

G_BEGIN_DECLS

#define BIF_TYPE_STREAM (bif_stream_get_type ())
G_DECLARE_FINAL_TYPE (BifStream, bif_stream, BIF, STREAM, GObject)

/**
 * BifPacket: a packet in the hands of consumers; valid during the call.
 * @header: its values point into @data; payload is behind header_size
 * @frame: (nullable): what it says of its frame, of codecs that we look into
 */
typedef struct
{
  const guint8 *data;
  gsize size;
  BifRtpHeader header;
  guint64 index;
  gint64 arrival_us;
  gboolean keyframe;            /* a decoder can start here */
  const BifFrame *frame;
} BifPacket;

typedef struct _BifConsumer BifConsumer;

/**
 * BifConsumer: embedded in what takes packets. All is called with the stream's
 * lock held, on a thread that brought packets: it must not wait, and must
 * not call back into the stream, but for bif_stream_replay().
 * @replays: it can begin at a keyframe that came before it was added
 */
struct _BifConsumer
{
  gboolean replays;
  /* At least one packet, in the order they came. */
  void (*packets) (BifConsumer * self, const BifPacket * packets, guint n,
      BifBatch * batch);
};

typedef void (*BifKeyframeFunc) (gpointer owner);

/* @clock_rate: Hz; @window_us: of the ring. */
BifStream *bif_stream_new (BifCodec codec, guint clock_rate);

/* Lock order on the packet path: a transport's receive lock, then a stream's,
 * then a transport's send lock. */
void bif_stream_set_caps (BifStream * self, GstCaps * caps);
GstCaps *bif_stream_get_caps (BifStream * self);        /* (transfer full) (nullable) */
guint bif_stream_clock_rate (BifStream * self);
BifCodec bif_stream_codec (BifStream * self);
void bif_stream_set_codec (BifStream * self, BifCodec codec, guint clock_rate);
/* How header extensions of this stream are numbered. */
void bif_stream_set_ext_map (BifStream * self, const BifExtMap * map);
void bif_stream_set_window (BifStream * self, gint64 window_us);

/* @func: asked for a keyframe, on any thread; NULL when the owner goes. After
 * it returns the old one is not called any more. */
void bif_stream_set_keyframe_func (BifStream * self, BifKeyframeFunc func,
    gpointer owner);

/* A consumer that is added asks for a keyframe where the codec has any, unless
 * it can begin at one that has just come. After
 * remove returns, the consumer is not called any more. Any thread. */
void bif_stream_add (BifStream * self, BifConsumer * consumer);
void bif_stream_remove (BifStream * self, BifConsumer * consumer);

/* Asks the source, at most every 250 ms; what comes too early is asked when
 * bif_stream_tick() finds it due. Any thread. */
void bif_stream_request_keyframe (BifStream * self);
void bif_stream_tick (BifStream * self, gint64 now_us);

/* Bringing a packet: reserve room for it, fill it with a clear packet, push.
 * Between the two the stream is locked: short, and no waiting. Returns NULL,
 * unlocked, where the packet is too large. Consumers get what was pushed, all of
 * it at once, when @batch is flushed, or before where there is no more room:
 * a subscriber's packets then lie together, in its caches and in the batch. */
guint8 *bif_stream_begin (BifStream * self, gsize size, gint64 now_us,
    BifBatch * batch);
void bif_stream_push (BifStream * self, const BifPacket * packet,
    BifBatch * batch);
void bif_stream_cancel (BifStream * self);

/* A packet of the past, for a NACK. @func is called with the stream locked;
 * FALSE where the ring has it no more. */
typedef void (*BifResendFunc) (const BifPacket * packet, gpointer user_data);
gboolean bif_stream_resend (BifStream * self, guint64 index,
    BifResendFunc func, gpointer user_data);

/* From a consumer's packets(): what came since the last keyframe, that first,
 * up to the packet @before, which is not among it: a decoder can begin there at
 * once. FALSE where the keyframe came before the last half second. */
gboolean bif_stream_replay (BifStream * self, guint64 before, gint64 now_us,
    BifResendFunc func, gpointer user_data);

/* The source's clock: an RTP timestamp and when it was, monotonic. Set from
 * its sender reports; FALSE while none came. */
void bif_stream_set_reference (BifStream * self, guint32 timestamp,
    gint64 at_us);
gboolean bif_stream_get_reference (BifStream * self, guint32 * timestamp,
    gint64 * at_us);

guint64 bif_stream_packets (BifStream * self);

/* The index that a new source of the stream begins with: so far ahead of what
 * came that nothing takes its packets for late ones. */
guint64 bif_stream_next_index (BifStream * self, guint16 sequence);

G_END_DECLS
