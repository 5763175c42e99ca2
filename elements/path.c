/* path.c: sending along a path. Any thread; the owner of a path guards it. */
#include "path.h"

#include <errno.h>

void
bif_wire_init (BifWire * self, gboolean (*send) (BifWire *, const guint8 *,
        gsize), void (*free) (BifWire *))
{
  g_atomic_ref_count_init (&self->refs);
  self->transport = 0;
  self->send = send;
  self->free = free;
}

BifWire *
bif_wire_ref (BifWire * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
bif_wire_unref (BifWire * self)
{
  if (g_atomic_ref_count_dec (&self->refs))
    self->free (self);
}

void
bif_wire_bind (BifWire * self, guint64 transport)
{
  self->transport = transport;
}

gboolean
bif_path_is_open (const BifPath * self)
{
  return self->fd >= 0 || self->wire != NULL;
}

gboolean
bif_path_equal (const BifPath * a, const BifPath * b)
{
  return a->wire == b->wire && a->socket == b->socket
      && bif_address_equal (&a->remote, &b->remote);
}

void
bif_path_set (BifPath * self, const BifPath * from)
{
  BifWire *old = self->wire;

  *self = *from;
  if (self->wire != NULL)
    bif_wire_ref (self->wire);
  if (old != NULL)
    bif_wire_unref (old);
}

void
bif_path_clear (BifPath * self)
{
  bif_path_set (self, &BIF_PATH_NONE);
}

void
bif_path_commit (const BifPath * self, BifBatch * batch, gsize size)
{
  if (self->wire != NULL)
    self->wire->send (self->wire, bif_batch_begin (batch), size);
  else
    bif_batch_commit (batch, size, self->fd, &self->remote);
}

gboolean
bif_path_send (const BifPath * self, const guint8 * data, gsize size)
{
  gssize sent;

  if (self->wire != NULL)
    return self->wire->send (self->wire, data, size);
  if (self->fd < 0)
    return FALSE;
  do
    sent = sendto (self->fd, data, size, MSG_DONTWAIT, &self->remote.any,
        bif_address_length (&self->remote));
  while (sent < 0 && errno == EINTR);
  return sent >= 0;
}
