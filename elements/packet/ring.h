/* ring.h: the last packets of one incoming stream, for all its subscribers:
 * what a NACK is answered from. Sized by time. Not thread-safe: the stream's
 * lock guards it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BifRing BifRing;

/**
 * BifRingPacket: a clear RTP packet.
 * @index: extended sequence number; @arrival_us: monotonic clock
 */
typedef struct
{
  guint64 index;
  const guint8 *data;
  gsize size;
  gint64 arrival_us;
} BifRingPacket;

/* @window_us: packets younger than this are kept, as far as @max_bytes go. */
BifRing *bif_ring_new (gint64 window_us, gsize max_bytes);
void bif_ring_free (BifRing * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifRing, bif_ring_free)

/* Changes how long packets are kept; memory grows when it has to. */
void bif_ring_set_window (BifRing * self, gint64 window_us);

/* Space for @size bytes, to be filled and then given to bif_ring_commit();
 * reserving again without a commit gives the same space. NULL where @size is
 * more than a packet can have (65535). */
guint8 *bif_ring_reserve (BifRing * self, gsize size, gint64 now_us);
/* FALSE where reserving @size would begin a new lap or move the arena: packets
 * of this lap that were got before are safe until then. */
gboolean bif_ring_goes_on (const BifRing * self, gsize size);
/* @size: at most what was reserved. */
void bif_ring_commit (BifRing * self, guint64 index, gsize size,
    gint64 now_us);

/* FALSE where the packet never came or is gone. The bytes live until the next
 * reserve. */
gboolean bif_ring_get (const BifRing * self, guint64 index,
    BifRingPacket * packet);

gsize bif_ring_bytes (const BifRing * self);    /* memory held */

G_END_DECLS
