/* sender.h: what goes out on one m-line (an RTCRtpSender's server side): one
 * SSRC with steady numbers, whatever stream feeds it. */
#pragma once

#include "stream.h"
#include "packet/layered.h"
#include "packet/rewrite.h"

G_BEGIN_DECLS

typedef struct _BifRtcTransport BifRtcTransport;

#define BIF_TYPE_SENDER (bif_sender_get_type ())
G_DECLARE_FINAL_TYPE (BifSender, bif_sender, BIF, SENDER, GObject)

#define BIF_RESENT_SLOTS 256
#define BIF_SENT_SLOTS 512

/* What a header had that is not of the packet, for a resend under the same
 * SRTP index: it must be the same bytes. */
typedef struct
{
  guint32 index;                /* its low bits */
  guint32 send_time;
  guint16 transport_number;
} BifSent;

typedef struct
{
  guint64 index;
  gint64 at_us;
} BifResent;

/* Once a second, for the loss that the peer reports. */
typedef struct
{
  guint8 fraction;
  gint32 lost;                  /* cumulative, as last reported */
  gint32 lost_before;
  guint32 jitter;
  guint rtt_us;
} BifRemoteReport;

/* What is sent: -1 where nothing is known; n_: 0 where it does not tell. */
typedef struct
{
  int substream, spatial, temporal;
  int n_spatial, n_temporal;
} BifSenderLayers;

/* What takes the packets of one layer. */
typedef struct
{
  BifConsumer consumer;         /* first: the input is found by it */
  BifSender *sender;            /* constant, as the next */
  guint substream;
} BifSenderInput;

/* All is guarded by the transport's send lock, but @sources: they change with
 * @source_lock held too, so that either lock is enough to read them. */
struct _BifSender
{
  GObject parent;

  BifSenderInput inputs[BIF_MAX_SUBSTREAMS];
  BifRtcTransport *transport;      /* not owned; NULL once removed */
  GMutex source_lock;           /* serialises attaching; before stream locks */
  BifStream *sources[BIF_MAX_SUBSTREAMS];       /* owned (nullable): layers,
                                                   the lowest first */
  guint n_sources;
  BifLayered *layered;          /* where there is a choice, else NULL */
  guint target_substream, target_temporal;
  guint target_spatial_layer, target_temporal_layer;
  guint fallback_us;
  BifSenderLayers posted;       /* last told */
  gboolean active;
  char *mid;
  char *media;
  gboolean video;
  guint8 payload_type, rtx_payload_type;
  guint32 ssrc, rtx_ssrc;
  gboolean nack;
  BifExtMap ext_map;
  BifRewrite rewrite;
  gboolean wait_keyframe;
  gint64 replayed_us;           /* when it last tried to begin in the past */
  guint64 rtx_index;
  int playout_min_ms, playout_max_ms;   /* below zero: as it came */
  guint64 packets, octets;
  guint64 resent, nacks;
  BifRemoteReport remote;
  BifSent *sent;                /* owned; NULL while nothing was sent so */
  guint64 changed_at;           /* up to here headers were made otherwise */
  BifResent *resent_at;         /* BIF_RESENT_SLOTS; NULL: nothing was resent */
};

BifSender *bif_sender_new (BifRtcTransport * transport);

/* Fields as of a receiver, with ssrc and rtx-ssrc. Send lock held. */
void bif_sender_describe (BifSender * self, const GstStructure * rtp);

/* Attaches to @source (nullable), replacing what was. Any thread, no lock held. */
void bif_sender_set_source (BifSender * self, BifStream * source);
/* Attaches to the layers of one source, the lowest first: one at a time is
 * sent. Any thread, no lock held. */
void bif_sender_set_sources (BifSender * self, BifStream * const *sources,
    guint n);
gboolean bif_sender_has_sources (BifSender * self, BifStream * const *sources,
    guint n);
/* Of which packets are sent now. Send lock held. (transfer none) (nullable) */
BifStream *bif_sender_current (BifSender * self);

/* BifConsumer.packets of its inputs; sender-packet.c. */
void bif_sender_consume (BifConsumer * consumer, const BifPacket * packets,
    guint n, BifBatch * batch);

/* GstArray of BifStream and back. @streams: BIF_MAX_SUBSTREAMS, borrowed. */
guint bif_streams_from_value (const GValue * value, BifStream ** streams);
void bif_streams_to_value (BifStream * const *streams, guint n,
    GValue * value);

/* Whether packets go out. Starting waits for a keyframe, and asks for it. */
void bif_sender_set_active (BifSender * self, gboolean active);

/* A NACK of the peer; receive lock of the peer's transport held. */
void bif_sender_resend (BifSender * self, guint16 sequence, gint64 now_us,
    BifBatch * batch);
/* The peer asks for a keyframe. */
void bif_sender_request_keyframe (BifSender * self);
/* Asks again while a keyframe is waited for. */
void bif_sender_tick (BifSender * self, gint64 now_us);

G_END_DECLS
