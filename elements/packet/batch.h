/* batch.h: datagrams gathered while a batch of received ones is worked on, and
 * sent with few system calls: one for many datagrams, and where the system has
 * UDP GSO one walk down the network stack for a run of datagrams of one size to
 * one address. One thread at a time; memory is fixed. */
#pragma once

#include "packet/address.h"

G_BEGIN_DECLS

/* No datagram of ours is larger: what comes in is at most 1500. */
#define BIF_DATAGRAM_SIZE 2048

typedef struct _BifBatch BifBatch;

BifBatch *bif_batch_new (void);
/* Flushes first. */
void bif_batch_free (BifBatch * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifBatch, bif_batch_free)

/* BIF_DATAGRAM_SIZE bytes to fill; sends when the batch is full. Nothing is
 * sent for a begin without a commit. */
guint8 *bif_batch_begin (BifBatch * self);
void bif_batch_commit (BifBatch * self, gsize size, int fd,
    const BifAddress * to);

/* Sends now where fewer than @n datagrams have room, so that a run of @n stays
 * together. */
void bif_batch_make_room (BifBatch * self, guint n);

/* Puts off work that makes datagrams until the next bif_batch_flush(), which
 * calls @func with no lock held; sending because the batch is full does not.
 * FALSE, and nothing put off, where too much is already. */
typedef void (*BifBatchFunc) (gpointer data, BifBatch * batch);
gboolean bif_batch_defer (BifBatch * self, BifBatchFunc func, gpointer data);
/* Does it now, with no lock held: for datagrams that must not overtake its. */
void bif_batch_catch_up (BifBatch * self);

/* Does what was put off, then hands all to the kernel. What the socket does not
 * take is dropped and counted: UDP, and nobody waits here. */
void bif_batch_flush (BifBatch * self);
/* Any thread. */
guint64 bif_batch_dropped (const BifBatch * self);

G_END_DECLS
