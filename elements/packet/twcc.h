/* twcc.h: transport-wide congestion control, the receiver's side: when which
 * packet of a transport came, and feedback on it (RTPFB 15,
 * draft-holmer-rmcat-transport-wide-cc-extensions-01). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Packets that one message reports on, and bytes it takes at most. */
#define BIF_TWCC_MAX_PACKETS 400
#define BIF_TWCC_MAX_SIZE 960
#define BIF_TWCC_WINDOW 1024    /* a power of two */

typedef struct
{
  gboolean started;
  guint64 next;                 /* first that was not reported on */
  guint64 highest;
  guint8 count;                 /* of feedback messages */
  guint32 tick[BIF_TWCC_WINDOW];        /* of 250 us; 0: did not come */
} BifTwcc;

/* A packet with that transport-wide number came. Returns whether so many wait
 * that a message is due at once. */
gboolean bif_twcc_packet (BifTwcc * self, guint16 sequence, gint64 now_us);
/* Whether there is anything to report. */
gboolean bif_twcc_waits (const BifTwcc * self);
/* Writes one message of at most BIF_TWCC_MAX_SIZE bytes. Returns its size, 0
 * where nothing waits or @room is less than that; to be called until then. */
gsize bif_twcc_write (BifTwcc * self, guint8 * out, gsize room,
    guint32 sender, guint32 media);

G_END_DECLS
