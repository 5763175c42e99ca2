/* batch.c: sendmmsg over runs of datagrams of one socket, or sendmsg each. */
#include "config.h"
#include "packet/batch.h"

#include <errno.h>
#include <string.h>
#include <sys/uio.h>

#define BATCH_SIZE 64

typedef struct
{
  int fd;
  BifAddress to;
} Target;

struct _BifBatch
{
  guint count;
  guint64 dropped;
  Target target[BATCH_SIZE];
  struct iovec iov[BATCH_SIZE];
#ifdef BIF_HAVE_MMSG
  struct mmsghdr message[BATCH_SIZE];
#else
  struct msghdr message[BATCH_SIZE];
#endif
  guint8 arena[BATCH_SIZE][BIF_DATAGRAM_SIZE];
};

static struct msghdr *
header_at (BifBatch * self, guint i)
{
#ifdef BIF_HAVE_MMSG
  return &self->message[i].msg_hdr;
#else
  return &self->message[i];
#endif
}

BifBatch *
bif_batch_new (void)
{
  BifBatch *self = g_new0 (BifBatch, 1);

  for (guint i = 0; i < BATCH_SIZE; i++) {
    struct msghdr *header = header_at (self, i);

    self->iov[i].iov_base = self->arena[i];
    header->msg_iov = &self->iov[i];
    header->msg_iovlen = 1;
    header->msg_name = &self->target[i].to;
  }
  return self;
}

void
bif_batch_free (BifBatch * self)
{
  bif_batch_flush (self);
  g_free (self);
}

guint8 *
bif_batch_begin (BifBatch * self)
{
  if (self->count == BATCH_SIZE)
    bif_batch_flush (self);
  return self->arena[self->count];
}

void
bif_batch_commit (BifBatch * self, gsize size, int fd, const BifAddress * to)
{
  guint i = self->count++;

  self->target[i].fd = fd;
  self->target[i].to = *to;
  self->iov[i].iov_len = size;
  header_at (self, i)->msg_namelen = bif_address_length (to);
}

/* Sends the datagrams from @first on that share its socket; returns how many
 * were dealt with, at least one. */
static guint
send_run (BifBatch * self, guint first)
{
  int fd = self->target[first].fd;
  guint end = first + 1;
  int sent;

#ifdef BIF_HAVE_MMSG
  while (end < self->count && self->target[end].fd == fd)
    end++;
  do
    sent = sendmmsg (fd, &self->message[first], end - first, MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
#else
  do
    sent = sendmsg (fd, &self->message[first], MSG_DONTWAIT) < 0 ? -1 : 1;
  while (sent < 0 && errno == EINTR);
#endif
  if (sent > 0)
    return sent;
  /* A full socket takes nothing of this run; any other error (an unreachable
   * address) concerns the first datagram alone. */
  if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS)
    end = first + 1;
  self->dropped += end - first;
  return end - first;
}

void
bif_batch_flush (BifBatch * self)
{
  guint i = 0;

  while (i < self->count)
    i += send_run (self, i);
  self->count = 0;
}

guint64
bif_batch_dropped (const BifBatch * self)
{
  return self->dropped;
}
