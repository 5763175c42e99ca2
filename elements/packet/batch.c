/* batch.c: datagrams of one socket by sendmmsg, or sendmsg each; runs of one
 * size to one address as one message that the kernel cuts up (UDP GSO). On the
 * thread that owns the batch; no allocation after the start.
 *
 * The runs are found where they lie side by side, so it is for who fills the
 * batch to bring one receiver's datagrams together: order is never changed. */
#include "config.h"
#include "packet/batch.h"

#include <errno.h>
#include <string.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/uio.h>

#define BATCH_SIZE 64           /* also the most that GSO cuts into */
#define MAX_DEFERRED 32
#define MAX_RUN_BYTES 65000     /* of one message, below IP's limit */
#define GSO_SOCKETS 16
#define MAX_PAUSE 1024

#ifdef BIF_HAVE_MMSG
typedef struct mmsghdr Message;
#else
typedef struct msghdr Message;
#endif

typedef struct
{
  int fd;
  BifAddress to;
} Target;

/* Where the kernel refuses GSO on a socket, it is tried again only after ever
 * more runs: a refusal may concern the socket, or the way to one address. */
typedef struct
{
  int fd;
  guint pause;                  /* runs to send singly after the last refusal */
  guint left;                   /* of them */
} Gso;

typedef struct
{
  BifBatchFunc func;
  gpointer data;
} Deferred;

#ifdef BIF_HAVE_GSO
typedef union
{
  struct cmsghdr align;
  char bytes[CMSG_SPACE (sizeof (guint16))];
} Control;
#endif

struct _BifBatch
{
  guint count;
  _Atomic guint64 dropped;
  guint n_deferred;
  Deferred deferred[MAX_DEFERRED];
  Target target[BATCH_SIZE];
  struct iovec iov[BATCH_SIZE];
  /* Made when sending; a message has the datagrams from first on. */
  guint n_messages;
  guint first[BATCH_SIZE];
  Message message[BATCH_SIZE];
#ifdef BIF_HAVE_GSO
  Control control[BATCH_SIZE];
  Gso gso[GSO_SOCKETS];
#endif
  guint8 arena[BATCH_SIZE][BIF_DATAGRAM_SIZE];
};

static struct msghdr *
header_of (Message * message)
{
#ifdef BIF_HAVE_MMSG
  return &message->msg_hdr;
#else
  return message;
#endif
}

BifBatch *
bif_batch_new (void)
{
  BifBatch *self = g_new0 (BifBatch, 1);

  for (guint i = 0; i < BATCH_SIZE; i++)
    self->iov[i].iov_base = self->arena[i];
  return self;
}

void
bif_batch_free (BifBatch * self)
{
  bif_batch_flush (self);
  g_free (self);
}

/* ---- GSO ---- */

#ifdef BIF_HAVE_GSO
static Gso *
gso_of (BifBatch * self, int fd)
{
  Gso *gso = &self->gso[(guint) fd % GSO_SOCKETS];

  if (gso->fd != fd)
    *gso = (Gso) { .fd = fd };
  return gso;
}

/* How many datagrams from @first on can go as one message. */
static guint
run_length (BifBatch * self, guint first)
{
  const Target *target = &self->target[first];
  gsize size = self->iov[first].iov_len, bytes = size;
  guint end = first + 1;

  while (end < self->count && self->iov[end - 1].iov_len == size && size > 0
      && self->iov[end].iov_len <= size && self->iov[end].iov_len > 0
      && bytes + self->iov[end].iov_len <= MAX_RUN_BYTES
      && self->target[end].fd == target->fd
      && bif_address_equal (&self->target[end].to, &target->to))
    bytes += self->iov[end++].iov_len;
  return end - first;
}

/* Whether a run on @fd is worth trying as one message. */
static gboolean
may_cut (BifBatch * self, int fd)
{
  Gso *gso = gso_of (self, fd);

  if (gso->left == 0)
    return TRUE;
  gso->left--;
  return FALSE;
}

static void
cut_into (struct msghdr *header, Control * control, guint16 size)
{
  struct cmsghdr *part = &control->align;

  part->cmsg_level = IPPROTO_UDP;
  part->cmsg_type = UDP_SEGMENT;
  part->cmsg_len = CMSG_LEN (sizeof size);
  memcpy (CMSG_DATA (part), &size, sizeof size);
  header->msg_control = control;
  header->msg_controllen = sizeof *control;
}

static gboolean
is_refusal (int error)
{
  return error == EINVAL || error == EIO || error == EOPNOTSUPP
      || error == ENOPROTOOPT || error == EMSGSIZE;
}

static void
note_gso (BifBatch * self, int fd, gboolean taken)
{
  Gso *gso = gso_of (self, fd);

  gso->pause = taken ? 0 : CLAMP (gso->pause * 2, 1, MAX_PAUSE);
  gso->left = gso->pause;
}
#endif

/* ---- sending ---- */

static void
add_message (BifBatch * self, guint first, guint n)
{
  guint i = self->n_messages++;
  struct msghdr *header = header_of (&self->message[i]);
  Target *target = &self->target[first];

  self->first[i] = first;
  *header = (struct msghdr) {
    .msg_iov = &self->iov[first],
    .msg_iovlen = n,
    .msg_name = &target->to,
    .msg_namelen = bif_address_length (&target->to),
  };
#ifdef BIF_HAVE_GSO
  if (n > 1)
    cut_into (header, &self->control[i], self->iov[first].iov_len);
#endif
}

static void
make_messages (BifBatch * self)
{
  guint first = 0;

  self->n_messages = 0;
  while (first < self->count) {
#ifdef BIF_HAVE_GSO
    guint n = run_length (self, first);

    if (n > 1 && may_cut (self, self->target[first].fd)) {
      add_message (self, first, n);
      first += n;
      continue;
    }
    while (--n > 0)
      add_message (self, first++, 1);
#endif
    add_message (self, first++, 1);
  }
}

static guint
datagrams_in (BifBatch * self, guint message)
{
  return header_of (&self->message[message])->msg_iovlen;
}

static int
socket_of (BifBatch * self, guint message)
{
  return self->target[self->first[message]].fd;
}

/* The messages from @from up to @end; returns how many were taken, or -1. */
static int
hand_over (BifBatch * self, guint from, guint end)
{
  int fd = socket_of (self, from);
  int sent;

#ifdef BIF_HAVE_MMSG
  do
    sent = sendmmsg (fd, &self->message[from], end - from, MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
#else
  do
    sent = sendmsg (fd, &self->message[from], MSG_DONTWAIT) < 0 ? -1 : 1;
  while (sent < 0 && errno == EINTR);
#endif
  return sent;
}

#ifdef BIF_HAVE_GSO
/* What was refused as one message. */
static void
send_singly (BifBatch * self, guint message)
{
  guint first = self->first[message], n = datagrams_in (self, message);
  struct msghdr header = *header_of (&self->message[message]);
  int fd = socket_of (self, message);

  header.msg_iovlen = 1;
  header.msg_control = NULL;
  header.msg_controllen = 0;
  for (guint i = 0; i < n; i++) {
    gssize sent;

    header.msg_iov = &self->iov[first + i];
    do
      sent = sendmsg (fd, &header, MSG_DONTWAIT);
    while (sent < 0 && errno == EINTR);
    if (sent < 0)
      self->dropped++;
  }
}
#endif

/* Sends from message @from on as far as they share its socket; returns how many
 * were dealt with, at least one. */
static guint
send_some (BifBatch * self, guint from)
{
  int fd = socket_of (self, from);
  guint end = from + 1;
  int sent;

  while (end < self->n_messages && socket_of (self, end) == fd)
    end++;
  sent = hand_over (self, from, end);
#ifdef BIF_HAVE_GSO
  if (datagrams_in (self, from) > 1 && (sent > 0 || is_refusal (errno))) {
    note_gso (self, fd, sent > 0);
    if (sent < 0) {
      send_singly (self, from);
      return 1;
    }
  }
#endif
  if (sent > 0)
    return sent;
  /* A full socket takes nothing more; any other error (an unreachable address)
   * concerns the first message alone. */
  if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS)
    end = from + 1;
  for (guint i = from; i < end; i++)
    self->dropped += datagrams_in (self, i);
  return end - from;
}

static void
send_all (BifBatch * self)
{
  guint i = 0;

  make_messages (self);
  while (i < self->n_messages)
    i += send_some (self, i);
  self->count = 0;
}

/* ---- filling ---- */

guint8 *
bif_batch_begin (BifBatch * self)
{
  if (self->count == BATCH_SIZE)
    send_all (self);
  return self->arena[self->count];
}

void
bif_batch_commit (BifBatch * self, gsize size, int fd, const BifAddress * to)
{
  guint i = self->count++;

  self->target[i].fd = fd;
  self->target[i].to = *to;
  self->iov[i].iov_len = size;
}

void
bif_batch_make_room (BifBatch * self, guint n)
{
  if (self->count > 0 && BATCH_SIZE - self->count < n)
    send_all (self);
}

gboolean
bif_batch_defer (BifBatch * self, BifBatchFunc func, gpointer data)
{
  if (self->n_deferred == MAX_DEFERRED)
    return FALSE;
  self->deferred[self->n_deferred++] = (Deferred) { func, data };
  return TRUE;
}

void
bif_batch_catch_up (BifBatch * self)
{
  for (guint i = 0; i < self->n_deferred; i++)
    self->deferred[i].func (self->deferred[i].data, self);
  self->n_deferred = 0;
}

void
bif_batch_flush (BifBatch * self)
{
  bif_batch_catch_up (self);
  send_all (self);
}

guint64
bif_batch_dropped (const BifBatch * self)
{
  return self->dropped;
}
