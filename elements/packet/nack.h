/* nack.h: which packets of one incoming SSRC are missing, and when to ask for
 * them. Plain arithmetic on indices that the caller extended. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How far back a packet is worth asking for. */
#define BIF_NACK_HISTORY 160
/* What is only out of order comes within the first; the second request goes
 * out so long after the first, and is the last. */
#define BIF_NACK_FIRST_US (12 * 1000)
#define BIF_NACK_SECOND_US (155 * 1000)

typedef struct
{
  guint64 index;
  gint64 due_us;                /* when to ask */
  guint asked;
} BifNackEntry;

typedef struct
{
  gboolean started;
  guint64 highest;
  guint n;
  BifNackEntry missing[BIF_NACK_HISTORY];       /* ascending */
} BifNack;

/* A packet came, in order, late or sent again. A jump of more than the history
 * forgets what was missing: the source began anew. */
void bif_nack_packet (BifNack * self, guint64 index, gint64 now_us);
/* A decoder can start at @index: what was before is not missed any more. */
void bif_nack_keyframe (BifNack * self, guint64 index);
/* Fills @sequences with what to ask for now, ascending. Returns how many. */
guint bif_nack_collect (BifNack * self, gint64 now_us, guint16 * sequences,
    guint max);
/* When something is to be asked for next; G_MAXINT64: never. */
gint64 bif_nack_due (const BifNack * self);

G_END_DECLS
