/* rewrite.h: how the numbers of a stream that comes in become the numbers of
 * the one that goes out: one steady sequence and timestamp for a subscriber,
 * whatever source feeds it (RFC 7667, 3.7). Plain arithmetic. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BifRewrite: zero it, then set @clock_rate.
 * @next: index the next epoch begins with; @highest: highest sent
 */
typedef struct
{
  guint clock_rate;
  gboolean started;             /* an epoch runs */
  guint64 first_in;             /* index in the source that began the epoch */
  guint64 offset;               /* added to indices, modulo 2^64 */
  guint32 timestamp_offset;
  guint64 highest;              /* extended number of the newest packet sent */
  guint32 last_timestamp;       /* of it */
  gint64 last_us;               /* when it was sent, monotonic; 0: never */
} BifRewrite;

/* Ends the epoch: the next packet, of any source, goes on where this stopped,
 * without a gap in numbers. */
void bif_rewrite_pause (BifRewrite * self);

/* Begins an epoch with the packet (@index, @timestamp) if none runs, then maps
 * it. FALSE: it is older than the epoch and must not be sent. */
gboolean bif_rewrite_map (BifRewrite * self, guint64 index, guint32 timestamp,
    gint64 now_us, guint64 * out_index, guint32 * out_timestamp);

/* The packet @index, newer than all before it, is not sent: the numbers of what
 * follows close up behind it. What is older belongs to no epoch any more. */
void bif_rewrite_skip (BifRewrite * self, guint64 index);

/* The source's index of a packet sent in this epoch; FALSE where it is older. */
gboolean bif_rewrite_unmap (const BifRewrite * self, guint16 sequence,
    guint64 * index, guint64 * out_index);

G_END_DECLS
