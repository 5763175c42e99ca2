/* estimate.h: how much a subscriber's path takes, from its transport-wide
 * feedback (delay and loss), or from REMB and the loss in its reports. Plain
 * values; the owner's lock guards them. */
#pragma once

#include "packet/rtcp.h"

G_BEGIN_DECLS

#define BIF_ESTIMATE_SENT 2048  /* packets remembered, a power of two */

/**
 * BifEstimate: zeros to begin with.
 * @bitrate: bit/s; 0: nothing is known yet
 * @delay_us: how much longer packets take than they did at best
 */
typedef struct
{
  guint bitrate;
  guint received;               /* bit/s, of the last window */
  gint64 delay_us;
  gboolean has_feedback;        /* transport-wide; else REMB counts */
  gint64 base_us;               /* least transit, of two clocks */
  gint64 changed_us;            /* last step of the bitrate */
  gint64 window_us;             /* beginning of the window; 0: none */
  guint window_bits, window_lost, window_seen;
  gint64 reference;             /* unwrapped, of the last feedback, 64 ms */
  struct
  {
    guint16 number;
    guint16 size;               /* bytes; 0: none, or reported on */
    gint64 at_us;
  } sent[BIF_ESTIMATE_SENT];
} BifEstimate;

/* A packet went out under that transport-wide number. */
void bif_estimate_sent (BifEstimate * self, guint16 number, gsize size,
    gint64 now_us);
/* RTPFB 15; what is broken in it is not read. */
void bif_estimate_feedback (BifEstimate * self, const BifRtcpPacket * packet,
    gint64 now_us);
/* Where there is no feedback: what the peer says it can take, and the loss it
 * reports, of 256. */
void bif_estimate_remb (BifEstimate * self, guint64 bitrate);
void bif_estimate_loss (BifEstimate * self, guint8 fraction, gint64 now_us);

G_END_DECLS
