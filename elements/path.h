/* path.h: where datagrams of a PeerConnection come in and go out: a UDP socket
 * of the mux and the peer's address, or a wire of another kind (a TCP
 * connection, libnice's agent). */
#pragma once

#include "packet/batch.h"

G_BEGIN_DECLS

typedef struct _BifWire BifWire;

/**
 * BifWire: a way out that is no UDP socket of the mux; embedded in what
 * implements it, with a reference count of its own.
 * @send: takes one datagram whole or drops it; any thread, never waits, and is
 *   called with a transport's send lock held. Returns FALSE where it dropped.
 * @free: when the last reference goes; any thread
 * @transport: serial of the transport whose peer is at the other end; 0: an
 *   authentic check is still to come
 */
struct _BifWire
{
  gatomicrefcount refs;
  _Atomic guint64 transport;
  gboolean (*send) (BifWire * self, const guint8 * data, gsize size);
  void (*free) (BifWire * self);
};

void bif_wire_init (BifWire * self, gboolean (*send) (BifWire *,
        const guint8 *, gsize), void (*free) (BifWire *));
BifWire *bif_wire_ref (BifWire * self);
void bif_wire_unref (BifWire * self);
void bif_wire_bind (BifWire * self, guint64 transport);

/* On the stack the wire is borrowed; a path that is kept is a copy made with
 * bif_path_set() and ends with bif_path_clear(). */
typedef struct
{
  int fd;                       /* this thread's socket; -1: no path, or wire */
  guint socket;                 /* index of the local address */
  BifAddress remote;
  BifWire *wire;                /* (nullable) */
} BifPath;

#define BIF_PATH_NONE ((BifPath) { .fd = -1 })

gboolean bif_path_is_open (const BifPath * self);
/* The same way out and the same peer? */
gboolean bif_path_equal (const BifPath * a, const BifPath * b);
void bif_path_set (BifPath * self, const BifPath * from);
void bif_path_clear (BifPath * self);

/* What was begun with bif_batch_begin(): on UDP it joins the batch, a wire is
 * given it at once. The path must be open. */
void bif_path_commit (const BifPath * self, BifBatch * batch, gsize size);
/* One datagram at once. FALSE where it was not taken. Never waits. */
gboolean bif_path_send (const BifPath * self, const guint8 * data, gsize size);

G_END_DECLS
