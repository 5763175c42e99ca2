/* receiver.h: what comes in on one m-line (an RTCRtpReceiver's server side):
 * its streams, and the numbers of its media events. */
#pragma once

#include "stream.h"

G_BEGIN_DECLS

typedef struct _BifRtcTransport BifRtcTransport;

#define BIF_TYPE_RECEIVER (bif_receiver_get_type ())
G_DECLARE_FINAL_TYPE (BifReceiver, bif_receiver, BIF, RECEIVER, GObject)

/* All but the constants are guarded by the transport's receive lock. */
struct _BifReceiver
{
  GObject parent;

  BifRtcTransport *transport;      /* not owned; NULL once removed */
  BifStream *stream;            /* constant, owned */
  char *mid;
  char *media;                  /* "audio" or "video" */
  guint8 payload_type, rtx_payload_type;
  guint clock_rate;
  gboolean nack;
  guint32 ssrc;                 /* of the media source in use, 0: none yet */
  guint64 highest;              /* index in the stream, over all its sources */
  gint64 heard_us;              /* last packet; 0: never */
  gboolean receiving;
  guint64 bytes, bytes_before;
  guint bitrate;                /* bit/s over the last second */
};

BifReceiver *bif_receiver_new (BifRtcTransport * transport);

/* Fills the receiver from a structure in the fields of application/x-rtp caps:
 * mid, media, encoding-name, clock-rate, payload, encoding-params, rtx-payload,
 * nack, extmap-N. Receive lock held. */
void bif_receiver_describe (BifReceiver * self, const GstStructure * rtp);

/* Reads extmap-N fields. */
void bif_ext_map_read (BifExtMap * map, const GstStructure * rtp);

G_END_DECLS
