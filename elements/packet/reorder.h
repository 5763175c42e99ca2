/* reorder.h: puts the packets of a stream in order again: a packet waits for
 * those before it, for a bounded time. Holds GstBuffers' like: any pointer.
 * One thread at a time, or the owner's lock. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BifReorder BifReorder;

/* @latency_us: how long a packet waits for others; 0: not at all. @capacity:
 * packets held; the oldest is dropped and counted beyond it. */
BifReorder *bif_reorder_new (gint64 latency_us, guint capacity,
    GDestroyNotify free_item);
void bif_reorder_free (BifReorder * self);

/* Takes @item. @index: the packet's number in its stream, extended; one that was
 * passed over already, or is here, is dropped. */
void bif_reorder_push (BifReorder * self, guint64 index, gpointer item,
    gint64 now_us);
/* (transfer full) (nullable): NULL where nothing may go yet; then @wait_until
 * says when to ask again, -1: when the next packet is there. */
gpointer bif_reorder_pop (BifReorder * self, gint64 now_us,
    gint64 * wait_until_us);
void bif_reorder_clear (BifReorder * self);
guint64 bif_reorder_dropped (const BifReorder * self);
/* Numbers that were passed over. */
guint64 bif_reorder_lost (const BifReorder * self);

G_END_DECLS
