/* batch.h: datagrams gathered while a batch of received ones is worked on, and
 * sent with few system calls. One thread at a time. */
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

/* BIF_DATAGRAM_SIZE bytes to fill; flushes when the batch is full. Nothing is
 * sent for a begin without a commit. */
guint8 *bif_batch_begin (BifBatch * self);
void bif_batch_commit (BifBatch * self, gsize size, int fd,
    const BifAddress * to);

/* Hands all to the kernel. What the socket does not take is dropped and
 * counted: UDP, and nobody waits here. */
void bif_batch_flush (BifBatch * self);
guint64 bif_batch_dropped (const BifBatch * self);

G_END_DECLS
