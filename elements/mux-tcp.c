/* mux-tcp.c: the media port over TCP (RFC 6544, passive; frames of RFC 4571)
 * for peers that UDP does not reach. One thread of its own, only where it is
 * switched on, accepts and reads; any thread sends. Whoever connects has a short
 * time for a check that is authentic, and there are only so many who may try
 * at once: the oldest makes room. */
#include "mux-private.h"
#include "transport.h"
#include "packet/bytes.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>
#include <glib-unix.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

GST_DEBUG_CATEGORY_EXTERN (bif_mux_debug);
#define GST_CAT_DEFAULT bif_mux_debug

#define MAX_CONNECTIONS 1000
#define MAX_STRANGERS 64
/* Consent makes itself heard far more often. */
#define IDLE_US (60 * G_USEC_PER_SEC)
#define ACCEPT_AGAIN_US G_USEC_PER_SEC
#define READS_A_TURN 16
#define FRAME_HEADER 2
/* What waits for a slow peer, in the kernel and here. */
#define KERNEL_QUEUE (128 * 1024)
#define MAX_QUEUE (64 * 1024)

typedef struct
{
  BifWire wire;
  BifTcp *tcp;                  /* lives as long as fd is open */
  guint socket;                 /* of the mux: which local address */
  BifAddress remote;

  GMutex lock;                  /* innermost; guards these */
  int fd;                       /* -1: closed, by the TCP thread */
  GByteArray *queue;            /* what the kernel did not take yet */
  gsize queue_start;

  /* TCP thread */
  gint64 deadline_us;
  guint8 in[FRAME_HEADER + BIF_DATAGRAM_SIZE];
  gsize filled;
  gsize skip;                   /* rest of a frame that is too large */
} Connection;

struct _BifTcp
{
  BifMux *mux;                  /* outlives this */
  guint dscp;
  gint64 timeout_us;
  GThread *thread;
  int wake[2];
  int stop, look;               /* atomic */
  int n_connections;            /* atomic */
  _Atomic guint64 dropped;
  int listener[BIF_MAX_SOCKETS];
  guint n_listeners;

  /* TCP thread */
  GPtrArray *connections;       /* of Connection, oldest first */
  GArray *poll_fds;             /* wake, listeners, connections */
  gint64 accept_us;             /* no accepting before that */
  BifBatch *batch;
};

/* ---- sending: any thread ---- */

static void
wake (BifTcp * self)
{
  guint8 byte = 0;

  if (write (self->wake[1], &byte, 1) < 0 && errno != EAGAIN)
    GST_WARNING ("cannot wake: %s", g_strerror (errno));
}

/* Lock held. Returns how much of both the kernel took; what it did not is
 * noticed by reading, where the connection broke. */
static gsize
write_some (Connection * self, struct iovec *parts, guint n)
{
  struct msghdr message = {.msg_iov = parts,.msg_iovlen = n };
  gssize sent;

  do
    sent = sendmsg (self->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return MAX (sent, 0);
}

/* Lock held: @header and @data without their first @sent bytes. */
static void
queue_frame (Connection * self, const guint8 * header, const guint8 * data,
    gsize size, gsize sent)
{
  if (self->queue == NULL)
    self->queue = g_byte_array_new ();
  if (sent < FRAME_HEADER) {
    g_byte_array_append (self->queue, header + sent, FRAME_HEADER - sent);
    sent = FRAME_HEADER;
  }
  g_byte_array_append (self->queue, data + sent - FRAME_HEADER,
      size + FRAME_HEADER - sent);
}

static gboolean
connection_send (BifWire * wire, const guint8 * data, gsize size)
{
  Connection *self = (Connection *) wire;
  guint8 header[FRAME_HEADER];
  struct iovec parts[2] = { {header, sizeof header}, {(void *) data, size} };
  gsize waiting, sent = 0;
  gboolean taken = FALSE;

  bif_put_be16 (header, (guint16) size);
  g_mutex_lock (&self->lock);
  waiting = self->queue != NULL ? self->queue->len - self->queue_start : 0;
  if (self->fd >= 0 && size > 0 && size <= BIF_DATAGRAM_SIZE) {
    if (waiting == 0)
      sent = write_some (self, parts, 2);
    taken = waiting + FRAME_HEADER + size <= MAX_QUEUE;
    if (!taken)
      self->tcp->dropped++;
    else if (sent < FRAME_HEADER + size)
      queue_frame (self, header, data, size, sent);
    if (taken && waiting == 0 && sent < FRAME_HEADER + size)
      wake (self->tcp);
  }
  g_mutex_unlock (&self->lock);
  return taken;
}

static void
connection_free (BifWire * wire)
{
  Connection *self = (Connection *) wire;

  g_clear_pointer (&self->queue, g_byte_array_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

/* ---- TCP thread: connections ---- */

/* Sends what waits. */
static void
flush (Connection * self)
{
  struct iovec part;

  g_mutex_lock (&self->lock);
  if (self->queue != NULL && self->queue->len > 0) {
    part.iov_base = self->queue->data + self->queue_start;
    part.iov_len = self->queue->len - self->queue_start;
    self->queue_start += write_some (self, &part, 1);
    if (self->queue_start > self->queue->len / 2) {
      g_byte_array_remove_range (self->queue, 0, self->queue_start);
      self->queue_start = 0;
    }
  }
  g_mutex_unlock (&self->lock);
}

static gboolean
is_waiting (Connection * self)
{
  gboolean waiting;

  g_mutex_lock (&self->lock);
  waiting = self->queue != NULL && self->queue->len > 0;
  g_mutex_unlock (&self->lock);
  return waiting;
}

/* One whole frame. FALSE: that is nobody's peer. */
static gboolean
take_frame (Connection * self, guint8 * data, gsize size, gint64 now_us)
{
  BifPath path = {.fd = -1,.socket = self->socket,.remote = self->remote,
    .wire = &self->wire
  };

  if (self->wire.transport == 0 && !bif_stun_is_message (data, size))
    return FALSE;
  bif_mux_handle_datagram (self->tcp->mux, &path, data, size, now_us,
      self->tcp->batch);
  if (self->wire.transport != 0)
    self->deadline_us = now_us + IDLE_US;
  return TRUE;
}

static gboolean
take_frames (Connection * self, gint64 now_us)
{
  gsize at = MIN (self->skip, self->filled);

  self->skip -= at;
  while (self->filled - at >= FRAME_HEADER) {
    gsize size = bif_get_be16 (self->in + at);
    gsize left = self->filled - at - FRAME_HEADER;

    if (size > BIF_DATAGRAM_SIZE) {
      if (self->wire.transport == 0)
        return FALSE;
      self->skip = size - MIN (size, left);
      at += FRAME_HEADER + MIN (size, left);
      continue;
    }
    if (left < size)
      break;
    if (size > 0 && !take_frame (self, self->in + at + FRAME_HEADER, size,
            now_us))
      return FALSE;
    at += FRAME_HEADER + size;
  }
  self->filled -= at;
  memmove (self->in, self->in + at, self->filled);
  return TRUE;
}

/* FALSE: it is over. */
static gboolean
read_some (Connection * self, gint64 now_us)
{
  for (guint i = 0; i < READS_A_TURN; i++) {
    gssize size = recv (self->fd, self->in + self->filled,
        sizeof self->in - self->filled, MSG_DONTWAIT);

    if (size < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    if (size == 0)
      return FALSE;
    self->filled += size;
    if (!take_frames (self, now_us))
      return FALSE;
  }
  return TRUE;
}

/* Takes the connection away from whoever uses it. */
static void
shut (BifTcp * self, Connection * connection)
{
  guint64 serial = connection->wire.transport;
  g_autoptr (BifRtcTransport) transport = serial != 0 ?
      bif_mux_find_serial (self->mux, serial) : NULL;

  g_mutex_lock (&connection->lock);
  close (connection->fd);
  connection->fd = -1;
  g_mutex_unlock (&connection->lock);
  if (transport != NULL)
    bif_transport_wire_closed (transport, &connection->wire);
  g_atomic_int_add (&self->n_connections, -1);
  bif_wire_unref (&connection->wire);
}

static void
shut_at (BifTcp * self, guint i)
{
  shut (self, g_ptr_array_index (self->connections, i));
  g_ptr_array_remove_index (self->connections, i);
}

/* ---- TCP thread: accepting ---- */

/* Makes room for one more. FALSE where all that are there are known. */
static gboolean
make_room (BifTcp * self)
{
  guint strangers = 0, oldest = 0;

  for (guint i = self->connections->len; i-- > 0;) {
    Connection *connection = g_ptr_array_index (self->connections, i);

    if (connection->wire.transport != 0)
      continue;
    strangers++;
    oldest = i;
  }
  if (strangers < MAX_STRANGERS && self->connections->len < MAX_CONNECTIONS)
    return TRUE;
  if (strangers == 0)
    return FALSE;
  shut_at (self, oldest);
  return TRUE;
}

static void
set_up (BifTcp * self, int fd, const BifAddress * remote)
{
  int one = 1, size = KERNEL_QUEUE;

  g_unix_set_fd_nonblocking (fd, TRUE, NULL);
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt (fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
#ifdef SO_NOSIGPIPE
  setsockopt (fd, SOL_SOCKET, SO_NOSIGPIPE, &one, sizeof one);
#endif
  bif_socket_set_dscp (fd, remote->any.sa_family, self->dscp);
}

static void
accept_one (BifTcp * self, guint listener, gint64 now_us)
{
  BifAddress remote;
  socklen_t length = sizeof remote;
  int fd = accept (self->listener[listener], &remote.any, &length);
  Connection *connection;

  if (fd < 0) {
    /* No more descriptors: waiting helps, asking again at once does not. */
    if (errno == EMFILE || errno == ENFILE || errno == ENOMEM
        || errno == ENOBUFS)
      self->accept_us = now_us + ACCEPT_AGAIN_US;
    return;
  }
  if (!make_room (self)) {
    close (fd);
    return;
  }
  set_up (self, fd, &remote);
  connection = g_new0 (Connection, 1);
  bif_wire_init (&connection->wire, connection_send, connection_free);
  g_mutex_init (&connection->lock);
  connection->tcp = self;
  connection->socket = listener;
  connection->remote = remote;
  connection->fd = fd;
  connection->deadline_us = now_us + self->timeout_us;
  g_ptr_array_add (self->connections, connection);
  g_atomic_int_inc (&self->n_connections);
}

/* ---- TCP thread: the loop ---- */

static gboolean
is_gone (BifTcp * self, Connection * connection)
{
  guint64 serial = connection->wire.transport;
  g_autoptr (BifRtcTransport) transport =
      serial != 0 ? bif_mux_find_serial (self->mux, serial) : NULL;

  return serial != 0 && transport == NULL;
}

/* Ends what has had its time, and what a transport that went has left. Returns
 * how long there is nothing to do, ms; -1 for ever. */
static int
sweep (BifTcp * self, gint64 now_us)
{
  gboolean look = g_atomic_int_compare_and_exchange (&self->look, TRUE, FALSE);
  gint64 next_us = self->accept_us > now_us ? self->accept_us : G_MAXINT64;

  for (guint i = self->connections->len; i-- > 0;) {
    Connection *connection = g_ptr_array_index (self->connections, i);

    if (now_us >= connection->deadline_us
        || (look && is_gone (self, connection)))
      shut_at (self, i);
    else
      next_us = MIN (next_us, connection->deadline_us);
  }
  return next_us == G_MAXINT64 ? -1 : (next_us - now_us) / 1000 + 1;
}

static void
add_poll (BifTcp * self, int fd, short events)
{
  struct pollfd entry = { fd, events, 0 };

  g_array_append_val (self->poll_fds, entry);
}

static void
wait_for_news (BifTcp * self, int wait_ms, gint64 now_us)
{
  g_array_set_size (self->poll_fds, 0);
  add_poll (self, self->wake[0], POLLIN);
  for (guint i = 0; i < self->n_listeners; i++)
    add_poll (self, self->listener[i], now_us >= self->accept_us ? POLLIN : 0);
  for (guint i = 0; i < self->connections->len; i++) {
    Connection *connection = g_ptr_array_index (self->connections, i);

    add_poll (self, connection->fd, is_waiting (connection) ?
        POLLIN | POLLOUT : POLLIN);
  }
  poll ((struct pollfd *) self->poll_fds->data, self->poll_fds->len, wait_ms);
}

/* Connections first: accepting moves them. From the end, as some go. */
static void
take_news (BifTcp * self, gint64 now_us)
{
  struct pollfd *fds = (struct pollfd *) self->poll_fds->data;
  guint8 bytes[64];

  for (guint i = self->connections->len; i-- > 0;) {
    Connection *connection = g_ptr_array_index (self->connections, i);
    short events = fds[1 + self->n_listeners + i].revents;

    if (events & POLLOUT)
      flush (connection);
    if ((events & (POLLIN | POLLHUP | POLLERR))
        && !read_some (connection, now_us))
      shut_at (self, i);
  }
  bif_batch_flush (self->batch);
  for (guint i = 0; i < self->n_listeners; i++) {
    if (fds[1 + i].revents & POLLIN)
      accept_one (self, i, now_us);
  }
  while (read (self->wake[0], bytes, sizeof bytes) > 0);
}

static gpointer
tcp_thread (gpointer user_data)
{
  BifTcp *self = user_data;
  gint64 now_us = g_get_monotonic_time ();

  while (!g_atomic_int_get (&self->stop)) {
    wait_for_news (self, sweep (self, now_us), now_us);
    now_us = g_get_monotonic_time ();
    take_news (self, now_us);
  }
  while (self->connections->len > 0)
    shut_at (self, self->connections->len - 1);
  return NULL;
}

/* ---- opening and closing ---- */

static gboolean
open_listeners (BifTcp * self, guint port, GError ** error)
{
  for (guint i = 0; i < bif_mux_n_sockets (self->mux); i++) {
    int fd = bif_socket_open (bif_mux_local_address (self->mux, i), port,
        SOCK_STREAM, self->dscp, error);

    if (fd < 0)
      return FALSE;
    self->listener[self->n_listeners++] = fd;
  }
  return g_unix_open_pipe (self->wake, FD_CLOEXEC, error)
      && g_unix_set_fd_nonblocking (self->wake[0], TRUE, error)
      && g_unix_set_fd_nonblocking (self->wake[1], TRUE, error);
}

BifTcp *
bif_tcp_new (BifMux * mux, guint port, guint dscp, guint timeout_ms,
    GError ** error)
{
  BifTcp *self = g_new0 (BifTcp, 1);

  self->mux = mux;
  self->dscp = dscp;
  self->timeout_us = timeout_ms * (gint64) 1000;
  self->wake[0] = self->wake[1] = -1;
  self->connections = g_ptr_array_new ();
  self->poll_fds = g_array_new (FALSE, FALSE, sizeof (struct pollfd));
  self->batch = bif_batch_new ();
  if (!open_listeners (self, port, error)) {
    bif_tcp_free (self);
    return NULL;
  }
  self->thread = g_thread_new ("bif-tcp", tcp_thread, self);
  return self;
}

void
bif_tcp_free (BifTcp * self)
{
  if (self->thread != NULL) {
    g_atomic_int_set (&self->stop, TRUE);
    wake (self);
    g_thread_join (self->thread);
  }
  for (guint i = 0; i < self->n_listeners; i++)
    close (self->listener[i]);
  for (guint i = 0; i < 2; i++) {
    if (self->wake[i] >= 0)
      close (self->wake[i]);
  }
  g_ptr_array_unref (self->connections);
  g_array_unref (self->poll_fds);
  bif_batch_free (self->batch);
  g_free (self);
}

void
bif_tcp_look (BifTcp * self)
{
  g_atomic_int_set (&self->look, TRUE);
  wake (self);
}

guint64
bif_tcp_dropped (BifTcp * self)
{
  return self->dropped;
}

guint
bif_tcp_connections (BifTcp * self)
{
  return g_atomic_int_get (&self->n_connections);
}
