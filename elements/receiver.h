/* receiver.h: what comes in on one m-line (an RTCRtpReceiver's server side):
 * its streams, one for every simulcast layer, and the numbers of its media
 * events. */
#pragma once

#include "stream.h"
#include "packet/audio-level.h"
#include "packet/layers.h"

G_BEGIN_DECLS

typedef struct _BifRtcTransport BifRtcTransport;

#define BIF_TYPE_RECEIVER (bif_receiver_get_type ())
G_DECLARE_FINAL_TYPE (BifReceiver, bif_receiver, BIF, RECEIVER, GObject)

/* One encoding of the source; where there is no simulcast, all of it. */
typedef struct _BifReceiverLayer
{
  BifReceiver *receiver;        /* constant, not owned */
  BifStream *stream;            /* owned; once made, constant */
  char *rid;                    /* (nullable) */
  guint32 named_ssrc, named_rtx_ssrc;   /* of the SDP; 0: not named */
  guint32 ssrc;                 /* of the media source in use, 0: none yet */
  guint64 highest;              /* index in the stream, over all its sources */
  gint64 heard_us;              /* last packet; 0: never */
  gboolean receiving;
} BifReceiverLayer;

/* All but the constants are guarded by the transport's receive lock. */
struct _BifReceiver
{
  GObject parent;

  BifRtcTransport *transport;      /* not owned; NULL once removed */
  BifReceiverLayer layer[BIF_MAX_SUBSTREAMS];   /* the lowest first */
  guint n_layers;               /* 1 where there is no simulcast */
  gint64 window_us;
  char *mid;
  char *media;                  /* "audio" or "video" */
  guint8 payload_type, rtx_payload_type;
  guint clock_rate;
  gboolean nack;
  guint64 bytes, bytes_before;
  guint bitrate;                /* bit/s over the last second */
  BifAudioLevel level;
};

BifReceiver *bif_receiver_new (BifRtcTransport * transport);

/* Its streams ask nobody for keyframes any more. No lock held. */
void bif_receiver_detach (BifReceiver * self);

/* Fills the receiver from a structure in the fields of application/x-rtp caps:
 * mid, media, encoding-name, clock-rate, payload, encoding-params,
 * rtx-payload, nack, extmap-N; with simulcast also layers (their number), and
 * for each, from the lowest, rid-N or layer-ssrc-N and layer-rtx-ssrc-N.
 * Receive lock held. */
void bif_receiver_describe (BifReceiver * self, const GstStructure * rtp);

/* The layer that a new SSRC is of; NULL where the packet does not tell. @rtx: it
 * repairs another. Receive lock held. */
BifReceiverLayer *bif_receiver_find_layer (BifReceiver * self,
    const BifRtpHeader * header, gboolean rtx);

/* A bif-media message of @layer: it comes, or has not for @seconds. Receive lock
 * held. Returns: (transfer full) */
GstStructure *bif_receiver_media_news (const BifReceiverLayer * layer,
    guint seconds);

/* Takes the level that a packet of @layer carries, if it does. Receive lock held.
 * Returns: (transfer full) (nullable): a bif-talking message, where the peer
 * began or stopped to talk */
GstStructure *bif_receiver_note_level (BifReceiver * self,
    const BifRtpHeader * header);

/* Reads extmap-N fields. */
void bif_ext_map_read (BifExtMap * map, const GstStructure * rtp);

G_END_DECLS
