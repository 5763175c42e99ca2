/* mux.c: bifmux, the element that holds the media port. It has no pads: READY
 * opens the sockets and starts one I/O thread a core, NULL ends them. Each
 * thread has sockets of its own on the same port (SO_REUSEPORT), so the kernel
 * gives a peer's packets to one thread. Thread 0 also runs the timers. TCP, where
 * it is on, and the STUN client have files of their own. */
#include "config.h"
#include "mux-private.h"
#include "transport.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include <glib-unix.h>

GST_DEBUG_CATEGORY (bif_mux_debug);
#define GST_CAT_DEFAULT bif_mux_debug

#define MAX_THREADS 64
#define RECEIVE_BATCH 32
#define TICK_MS 20

typedef struct
{
  BifMux *mux;                  /* outlives the thread */
  guint number;
  GThread *thread;
  int wake[2];                  /* read end, write end */
  int fd[BIF_MAX_SOCKETS];
  BifBatch *batch;
#ifdef BIF_HAVE_MMSG
  struct mmsghdr message[RECEIVE_BATCH];
  struct iovec iov[RECEIVE_BATCH];
  BifAddress from[RECEIVE_BATCH];
#endif
  guint8 buffer[RECEIVE_BATCH][BIF_DATAGRAM_SIZE];
} Io;

struct _BifMux
{
  GstElement parent;

  /* object lock; read when READY is reached */
  char *addresses;
  guint port, port_min, port_max;
  guint threads;
  guint dscp;
  gboolean ice_tcp;
  guint tcp_timeout_ms;
  char *stun_server;
  guint stun_rto_ms;

  BifStunClient *stun;          /* constant */

  /* set in NULL to READY, constant until back in NULL */
  BifAddress local[BIF_MAX_SOCKETS];
  guint n_sockets;
  Io *io[MAX_THREADS];
  guint n_io;
  BifTcp *tcp;                  /* (nullable) */
  guint bound_port;
  int stop;                     /* atomic */

  GRWLock lock;                 /* guards the tables, and io while that changes
                                   beside other threads; innermost */
  GHashTable *by_ufrag;         /* char * -> BifRtcTransport * */
  GHashTable *by_address;       /* BifAddress * -> BifRtcTransport * */
  GHashTable *by_serial;        /* guint64 * -> BifRtcTransport * */
};

enum
{
  PROP_0, PROP_ADDRESSES, PROP_PORT, PROP_PORT_MIN, PROP_PORT_MAX,
  PROP_THREADS, PROP_DSCP, PROP_ICE_TCP, PROP_TCP_TIMEOUT,
  PROP_TCP_CONNECTIONS, PROP_STUN_SERVER, PROP_STUN_RTO, PROP_DROPPED, N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BifMux, bif_mux, GST_TYPE_ELEMENT)

/* ---- tables ---- */

void
bif_mux_add (BifMux * self, BifRtcTransport * transport)
{
  g_rw_lock_writer_lock (&self->lock);
  g_hash_table_replace (self->by_serial,
      g_memdup2 (bif_transport_serial (transport), sizeof (guint64)),
      transport);
  g_rw_lock_writer_unlock (&self->lock);
  bif_mux_wake (self);
}

static gboolean
is_transport (gpointer key, gpointer value, gpointer transport)
{
  return value == transport;
}

void
bif_mux_remove (BifMux * self, BifRtcTransport * transport)
{
  g_rw_lock_writer_lock (&self->lock);
  g_hash_table_remove (self->by_serial, bif_transport_serial (transport));
  g_hash_table_foreach_remove (self->by_ufrag, is_transport, transport);
  g_hash_table_foreach_remove (self->by_address, is_transport, transport);
  g_rw_lock_writer_unlock (&self->lock);
  if (self->tcp != NULL)
    bif_tcp_look (self->tcp);
}

void
bif_mux_add_ufrag (BifMux * self, const char *ufrag, BifRtcTransport * transport)
{
  g_rw_lock_writer_lock (&self->lock);
  g_hash_table_replace (self->by_ufrag, g_strdup (ufrag), transport);
  g_rw_lock_writer_unlock (&self->lock);
}

void
bif_mux_remove_ufrag (BifMux * self, const char *ufrag)
{
  g_rw_lock_writer_lock (&self->lock);
  g_hash_table_remove (self->by_ufrag, ufrag);
  g_rw_lock_writer_unlock (&self->lock);
}

void
bif_mux_set_address (BifMux * self, const BifAddress * address,
    BifRtcTransport * transport)
{
  g_rw_lock_writer_lock (&self->lock);
  g_hash_table_replace (self->by_address,
      g_memdup2 (address, sizeof (BifAddress)), transport);
  g_rw_lock_writer_unlock (&self->lock);
}

void
bif_mux_remove_address (BifMux * self, const BifAddress * address)
{
  g_rw_lock_writer_lock (&self->lock);
  g_hash_table_remove (self->by_address, address);
  g_rw_lock_writer_unlock (&self->lock);
}

/* Returns: (transfer full) (nullable): the tables hold no references, so one is
 * taken while the transport cannot leave them. */
static BifRtcTransport *
find (BifMux * self, GHashTable * table, gconstpointer key)
{
  BifRtcTransport *transport;

  g_rw_lock_reader_lock (&self->lock);
  transport = g_hash_table_lookup (table, key);
  if (transport != NULL)
    gst_object_ref (transport);
  g_rw_lock_reader_unlock (&self->lock);
  return transport;
}

BifRtcTransport *
bif_mux_find_serial (BifMux * self, guint64 serial)
{
  return find (self, self->by_serial, &serial);
}

guint
bif_mux_n_sockets (BifMux * self)
{
  return self->n_sockets;
}

int
bif_mux_socket (BifMux * self, guint socket)
{
  int fd = -1;

  g_rw_lock_reader_lock (&self->lock);
  if (self->n_io > 0 && socket < self->n_sockets)
    fd = self->io[0]->fd[socket];
  g_rw_lock_reader_unlock (&self->lock);
  return fd;
}

const BifAddress *
bif_mux_local_address (BifMux * self, guint socket)
{
  return &self->local[socket];
}

void
bif_mux_wake (BifMux * self)
{
  guint8 byte = 0;
  int error = 0;

  g_rw_lock_reader_lock (&self->lock);
  if (self->n_io > 0 && write (self->io[0]->wake[1], &byte, 1) < 0)
    error = errno;
  g_rw_lock_reader_unlock (&self->lock);
  if (error != 0 && error != EAGAIN)
    GST_WARNING_OBJECT (self, "cannot wake: %s", g_strerror (error));
}

/* ---- receiving: I/O threads ---- */

static void
handle_stun (BifMux * self, const BifPath * path, const guint8 * data,
    gsize size, BifBatch * batch)
{
  g_autoptr (BifRtcTransport) transport = NULL;
  BifStunMessage message;
  char ufrag[260];
  guint64 serial;

  if (!bif_stun_parse (&message, data, size))
    return;
  switch (message.type) {
    case BIF_STUN_BINDING_REQUEST:
      if (message.local_ufrag == NULL
          || message.local_ufrag_size >= sizeof ufrag)
        return;
      memcpy (ufrag, message.local_ufrag, message.local_ufrag_size);
      ufrag[message.local_ufrag_size] = '\0';
      transport = find (self, self->by_ufrag, ufrag);
      if (transport != NULL)
        bif_transport_handle_check (transport, path, &message, ufrag, batch);
      return;
    case BIF_STUN_BINDING_RESPONSE:
    case BIF_STUN_BINDING_ERROR:
      memcpy (&serial, message.transaction, sizeof serial);
      transport = find (self, self->by_serial, &serial);
      if (transport != NULL)
        bif_transport_handle_check_reply (transport, path, &message, batch);
      else
        bif_stun_client_handle (self->stun, path, &message);
      return;
    default:
      return;
  }
}

/* RFC 7983: what a datagram is shows in its first byte. */
void
bif_mux_handle_datagram (BifMux * self, const BifPath * path, guint8 * data,
    gsize size, gint64 now_us, BifBatch * batch)
{
  g_autoptr (BifRtcTransport) transport = NULL;

  if (size < 2)
    return;
  if (bif_stun_is_message (data, size)) {
    bif_batch_catch_up (batch); /* an answer says that all before it is done */
    handle_stun (self, path, data, size, batch);
    return;
  }
  transport = path->wire != NULL ?
      bif_mux_find_serial (self, path->wire->transport) :
      find (self, self->by_address, &path->remote);
  if (transport == NULL)
    return;
  if (data[0] >= 20 && data[0] <= 63)
    bif_transport_handle_dtls (transport, data, size);
  else if (data[0] >= 128 && data[0] <= 191)
    bif_transport_handle_rtp (transport, data, size, now_us, batch);
}

#ifdef BIF_HAVE_MMSG
static void
prepare_messages (Io * io)
{
  for (guint i = 0; i < RECEIVE_BATCH; i++) {
    io->iov[i] = (struct iovec) { io->buffer[i], BIF_DATAGRAM_SIZE };
    io->message[i].msg_hdr = (struct msghdr) {
      .msg_iov = &io->iov[i],
      .msg_iovlen = 1,
      .msg_name = &io->from[i],
      .msg_namelen = sizeof io->from[i],
    };
  }
}

/* Returns how many came. */
static int
receive_batch (Io * io, BifPath * path)
{
  int n = recvmmsg (path->fd, io->message, RECEIVE_BATCH, MSG_DONTWAIT, NULL);
  gint64 now_us = g_get_monotonic_time ();

  for (int i = 0; i < n; i++) {
    struct msghdr *header = &io->message[i].msg_hdr;

    path->remote = io->from[i];
    bif_address_unmap (&path->remote);
    if (!(header->msg_flags & MSG_TRUNC))
      bif_mux_handle_datagram (io->mux, path, io->buffer[i],
          io->message[i].msg_len, now_us, io->batch);
    header->msg_namelen = sizeof io->from[i];
  }
  return n;
}
#else
/* Each has a buffer of its own only in the other way. */
static int
receive_batch (Io * io, BifPath * path)
{
  int n;

  for (n = 0; n < RECEIVE_BATCH; n++) {
    socklen_t length = sizeof path->remote;
    gssize size = recvfrom (path->fd, io->buffer[0], BIF_DATAGRAM_SIZE,
        MSG_DONTWAIT, &path->remote.any, &length);

    if (size < 0)
      break;
    bif_address_unmap (&path->remote);
    bif_mux_handle_datagram (io->mux, path, io->buffer[0], size,
        g_get_monotonic_time (), io->batch);
  }
  return n;
}
#endif

/* Takes what comes while it works on what came: the packets of a video frame
 * arrive one on the heels of another, and go out as one run. */
static gboolean
receive_some (Io * io, guint socket)
{
  BifPath path = { io->fd[socket], socket };
  int n, total = 0;

  do
    total += n = receive_batch (io, &path);
  while (n > 0 && total < 2 * RECEIVE_BATCH);
  bif_batch_flush (io->batch);
  return n > 0;
}

/* ---- timers: thread 0 ---- */

/* Returns how long there is nothing to do, ms; -1 for ever. */
static int
run_timers (BifMux * self, BifBatch * batch)
{
  g_autoptr (GPtrArray) due = g_ptr_array_new_with_free_func (gst_object_unref);
  gint64 now_us = g_get_monotonic_time ();
  gint64 next_us = G_MAXINT64;
  GHashTableIter iter;
  gpointer value;

  g_rw_lock_reader_lock (&self->lock);
  g_hash_table_iter_init (&iter, self->by_serial);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    gint64 at = bif_transport_due (value);

    if (at <= now_us)
      g_ptr_array_add (due, gst_object_ref (value));
    else
      next_us = MIN (next_us, at);
  }
  g_rw_lock_reader_unlock (&self->lock);
  for (guint i = 0; i < due->len; i++) {
    BifRtcTransport *transport = g_ptr_array_index (due, i);

    bif_transport_tick (transport, now_us, batch);
    next_us = MIN (next_us, bif_transport_due (transport));
  }
  next_us = MIN (next_us, bif_stun_client_tick (self->stun, now_us, batch));
  bif_batch_flush (batch);
  if (next_us == G_MAXINT64)
    return -1;
  return MAX (TICK_MS, (next_us - now_us) / 1000 + 1);
}

static gpointer
io_thread (gpointer user_data)
{
  Io *io = user_data;
  BifMux *self = io->mux;
  struct pollfd poll_fds[BIF_MAX_SOCKETS + 1];
  gint64 timers_us = 0;
  int wait_ms = -1;

  for (guint i = 0; i < self->n_sockets; i++)
    poll_fds[i] = (struct pollfd) { io->fd[i], POLLIN };
  poll_fds[self->n_sockets] = (struct pollfd) { io->wake[0], POLLIN };
  while (!g_atomic_int_get (&self->stop)) {
    gint64 now_us;
    guint8 bytes[64];

    poll (poll_fds, self->n_sockets + 1, wait_ms);
    for (guint i = 0; i < self->n_sockets; i++) {
      if (poll_fds[i].revents & POLLIN)
        while (receive_some (io, i));
    }
    if (io->number != 0)
      continue;
    now_us = g_get_monotonic_time ();
    if (poll_fds[self->n_sockets].revents & POLLIN) {
      while (read (io->wake[0], bytes, sizeof bytes) > 0);
      timers_us = now_us;
    }
    if (now_us >= timers_us) {
      wait_ms = run_timers (self, io->batch);
      timers_us = wait_ms < 0 ? G_MAXINT64 : now_us + wait_ms * 1000;
    } else if (timers_us != G_MAXINT64) {
      wait_ms = (timers_us - now_us) / 1000 + 1;
    }
  }
  return NULL;
}

/* ---- opening and closing ---- */

static void
close_sockets (BifMux * self, Io * io)
{
  for (guint i = 0; i < self->n_sockets; i++) {
    if (io->fd[i] >= 0)
      close (io->fd[i]);
    io->fd[i] = -1;
  }
}

static gboolean
read_addresses (BifMux * self, GError ** error)
{
  g_auto (GStrv) list = g_strsplit (self->addresses ? self->addresses :
      "127.0.0.1", ",", -1);

  self->n_sockets = 0;
  for (guint i = 0; list[i] != NULL && self->n_sockets < BIF_MAX_SOCKETS; i++) {
    if (!bif_address_parse (&self->local[self->n_sockets], g_strstrip (list[i]),
            0)) {
      g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
          "'%s' is no IP address", list[i]);
      return FALSE;
    }
    self->n_sockets++;
  }
  if (self->n_sockets == 0)
    g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
        "there is no address to listen on");
  return self->n_sockets > 0;
}

static void
io_free (BifMux * self, Io * io)
{
  close_sockets (self, io);
  for (guint i = 0; i < 2; i++) {
    if (io->wake[i] >= 0)
      close (io->wake[i]);
  }
  g_clear_pointer (&io->batch, bif_batch_free);
  g_free (io);
}

static Io *
io_new (BifMux * self, guint number, GError ** error)
{
  Io *io = g_new0 (Io, 1);

  io->mux = self;
  io->number = number;
  io->wake[0] = io->wake[1] = -1;
  memset (io->fd, -1, sizeof io->fd);
  io->batch = bif_batch_new ();
#ifdef BIF_HAVE_MMSG
  prepare_messages (io);
#endif
  if (!g_unix_open_pipe (io->wake, FD_CLOEXEC, error)) {
    io_free (self, io);
    return NULL;
  }
  g_unix_set_fd_nonblocking (io->wake[0], TRUE, NULL);
  g_unix_set_fd_nonblocking (io->wake[1], TRUE, NULL);
  for (guint i = 0; i < self->n_sockets; i++) {
    io->fd[i] = bif_socket_open (&self->local[i], self->bound_port,
        SOCK_DGRAM, self->dscp, error);
    if (io->fd[i] < 0) {
      io_free (self, io);
      return NULL;
    }
  }
  return io;
}

/* The threads are joined without the lock, which they take; freed is what nobody
 * finds any more. */
static void
stop (BifMux * self)
{
  Io *old[MAX_THREADS];
  guint8 byte = 0;
  guint n = self->n_io;

  g_clear_pointer (&self->tcp, bif_tcp_free);
  g_atomic_int_set (&self->stop, TRUE);
  for (guint i = 0; i < n; i++) {
    if (write (self->io[i]->wake[1], &byte, 1) < 0 && errno != EAGAIN)
      GST_WARNING_OBJECT (self, "cannot wake: %s", g_strerror (errno));
    g_clear_pointer (&self->io[i]->thread, g_thread_join);
  }
  g_rw_lock_writer_lock (&self->lock);
  memcpy (old, self->io, n * sizeof old[0]);
  self->n_io = 0;
  g_rw_lock_writer_unlock (&self->lock);
  for (guint i = 0; i < n; i++)
    io_free (self, old[i]);
}

static gboolean
open_all (BifMux * self, guint threads, GError ** error)
{
  for (guint i = 0; i < threads; i++) {
    Io *io = io_new (self, i, error);

    if (io == NULL)
      return FALSE;
    g_rw_lock_writer_lock (&self->lock);
    self->io[self->n_io++] = io;
    g_rw_lock_writer_unlock (&self->lock);
  }
  if (self->ice_tcp)
    self->tcp = bif_tcp_new (self, self->bound_port, self->dscp,
        self->tcp_timeout_ms, error);
  return !self->ice_tcp || self->tcp != NULL;
}

static gboolean
start (BifMux * self, GError ** error)
{
  guint threads = self->threads != 0 ? self->threads :
      MIN (g_get_num_processors (), MAX_THREADS);
  BifPorts ports = { self->port, self->port_min, self->port_max,
    self->ice_tcp
  };

  if (!read_addresses (self, error))
    return FALSE;
  self->bound_port = bif_ports_choose (&ports, self->local, self->n_sockets,
      error);
  if (self->bound_port == 0)
    return FALSE;
  g_atomic_int_set (&self->stop, FALSE);
  bif_stun_client_reset (self->stun);
  if (!open_all (self, threads, error)) {
    stop (self);
    return FALSE;
  }
  for (guint i = 0; i < threads; i++) {
    g_autofree char *name = g_strdup_printf ("bif-io-%u", i);

    self->io[i]->thread = g_thread_new (name, io_thread, self->io[i]);
  }
  bif_mux_wake (self);
  GST_INFO_OBJECT (self, "UDP%s port %u on %s, %u threads",
      self->ice_tcp ? " and TCP" : "", self->bound_port, self->addresses,
      threads);
  return TRUE;
}

static GstStateChangeReturn
bif_mux_change_state (GstElement * element, GstStateChange transition)
{
  BifMux *self = BIF_MUX (element);
  g_autoptr (GError) error = NULL;
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_NULL_TO_READY && !start (self, &error)) {
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_READ_WRITE, ("%s",
            error->message), (NULL));
    return GST_STATE_CHANGE_FAILURE;
  }
  result = GST_ELEMENT_CLASS (bif_mux_parent_class)->change_state (element,
      transition);
  if (transition == GST_STATE_CHANGE_READY_TO_NULL)
    stop (self);
  return result;
}

/* ---- GObject ---- */

/* Object lock held. */
static void
set_stun_server (BifMux * self, const char *servers)
{
  if (!bif_stun_client_set_servers (self->stun, servers)) {
    GST_WARNING ("'%s' is no address and port of a STUN server", servers);
    return;
  }
  g_free (self->stun_server);
  self->stun_server = g_strdup (servers);
}

static void
bif_mux_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  BifMux *self = BIF_MUX (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_ADDRESSES:
      g_free (self->addresses);
      self->addresses = g_value_dup_string (value);
      break;
    case PROP_PORT:
      self->port = g_value_get_uint (value);
      break;
    case PROP_PORT_MIN:
      self->port_min = g_value_get_uint (value);
      break;
    case PROP_PORT_MAX:
      self->port_max = g_value_get_uint (value);
      break;
    case PROP_THREADS:
      self->threads = g_value_get_uint (value);
      break;
    case PROP_DSCP:
      self->dscp = g_value_get_uint (value);
      break;
    case PROP_ICE_TCP:
      self->ice_tcp = g_value_get_boolean (value);
      break;
    case PROP_TCP_TIMEOUT:
      self->tcp_timeout_ms = g_value_get_uint (value);
      break;
    case PROP_STUN_SERVER:
      set_stun_server (self, g_value_get_string (value));
      break;
    case PROP_STUN_RTO:
      self->stun_rto_ms = g_value_get_uint (value);
      bif_stun_client_set_rto (self->stun, self->stun_rto_ms);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
bif_mux_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifMux *self = BIF_MUX (object);
  guint64 dropped = 0;

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_ADDRESSES:
      g_value_set_string (value, self->addresses);
      break;
    case PROP_PORT:
      g_value_set_uint (value, self->n_io > 0 ? self->bound_port : self->port);
      break;
    case PROP_PORT_MIN:
      g_value_set_uint (value, self->port_min);
      break;
    case PROP_PORT_MAX:
      g_value_set_uint (value, self->port_max);
      break;
    case PROP_THREADS:
      g_value_set_uint (value, self->threads);
      break;
    case PROP_DSCP:
      g_value_set_uint (value, self->dscp);
      break;
    case PROP_ICE_TCP:
      g_value_set_boolean (value, self->ice_tcp);
      break;
    case PROP_TCP_TIMEOUT:
      g_value_set_uint (value, self->tcp_timeout_ms);
      break;
    case PROP_TCP_CONNECTIONS:
      g_value_set_uint (value, self->tcp != NULL ?
          bif_tcp_connections (self->tcp) : 0);
      break;
    case PROP_STUN_SERVER:
      g_value_set_string (value, self->stun_server);
      break;
    case PROP_STUN_RTO:
      g_value_set_uint (value, self->stun_rto_ms);
      break;
    case PROP_DROPPED:
      g_rw_lock_reader_lock (&self->lock);
      for (guint i = 0; i < self->n_io; i++)
        dropped += bif_batch_dropped (self->io[i]->batch);
      g_rw_lock_reader_unlock (&self->lock);
      dropped += self->tcp != NULL ? bif_tcp_dropped (self->tcp) : 0;
      g_value_set_uint64 (value, dropped);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
bif_mux_finalize (GObject * object)
{
  BifMux *self = BIF_MUX (object);

  g_hash_table_unref (self->by_ufrag);
  g_hash_table_unref (self->by_address);
  g_hash_table_unref (self->by_serial);
  g_rw_lock_clear (&self->lock);
  bif_stun_client_free (self->stun);
  g_free (self->addresses);
  g_free (self->stun_server);
  G_OBJECT_CLASS (bif_mux_parent_class)->finalize (object);
}

static void
install_other_ways (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  props[PROP_ICE_TCP] = g_param_spec_boolean ("ice-tcp", "ICE-TCP",
      "Listen on the same port for TCP too (RFC 6544, passive)", FALSE,
      rw | GST_PARAM_MUTABLE_READY);
  props[PROP_TCP_TIMEOUT] = g_param_spec_uint ("tcp-timeout", "TCP timeout",
      "Time that a TCP connection has for its first authentic check, ms", 1,
      G_MAXINT, 5000, rw | GST_PARAM_MUTABLE_READY);
  props[PROP_TCP_CONNECTIONS] = g_param_spec_uint ("tcp-connections",
      "TCP connections", "TCP connections that are open", 0, G_MAXUINT, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_STUN_SERVER] = g_param_spec_string ("stun-server", "STUN server",
      "Addresses and ports of STUN servers to ask for the port's public "
      "address, one a family: \"192.0.2.1:3478,[2001:db8::1]:3478\"; the "
      "element message bif-reflexive tells it", NULL,
      rw | GST_PARAM_MUTABLE_PLAYING);
  props[PROP_STUN_RTO] = g_param_spec_uint ("stun-rto", "STUN RTO",
      "First wait for an answer of the STUN server, doubled from one try to "
      "the next, ms", 1, 60000, 500, rw | GST_PARAM_MUTABLE_PLAYING);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  props[PROP_ADDRESSES] = g_param_spec_string ("addresses", "Addresses",
      "Local IP addresses to listen on, comma separated", "127.0.0.1",
      rw | GST_PARAM_MUTABLE_READY);
  props[PROP_PORT] = g_param_spec_uint ("port", "Port",
      "UDP port; 0: the first free of the range. Reads the port in use", 0,
      G_MAXUINT16, 0, rw | GST_PARAM_MUTABLE_READY);
  props[PROP_PORT_MIN] = g_param_spec_uint ("port-min", "Lowest port",
      "First port of the range", 0, G_MAXUINT16, 0,
      rw | GST_PARAM_MUTABLE_READY);
  props[PROP_PORT_MAX] = g_param_spec_uint ("port-max", "Highest port",
      "Last port of the range; 0: any port", 0, G_MAXUINT16, 0,
      rw | GST_PARAM_MUTABLE_READY);
  props[PROP_THREADS] = g_param_spec_uint ("threads", "I/O threads",
      "Threads that receive and relay; 0: one a processor", 0, MAX_THREADS, 0,
      rw | GST_PARAM_MUTABLE_READY);
  props[PROP_DSCP] = g_param_spec_uint ("dscp", "DSCP",
      "Differentiated services code point of what is sent", 0, 63, 0,
      rw | GST_PARAM_MUTABLE_READY);
  props[PROP_DROPPED] = g_param_spec_uint64 ("dropped", "Dropped",
      "Datagrams that a full socket or a slow connection did not take", 0, G_MAXUINT64, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  install_other_ways ();
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
bif_mux_class_init (BifMuxClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (bif_mux_debug, "bif-mux", 0, "media port");
  object_class->set_property = bif_mux_set_property;
  object_class->get_property = bif_mux_get_property;
  object_class->finalize = bif_mux_finalize;
  element_class->change_state = bif_mux_change_state;
  install_properties (object_class);
  gst_element_class_set_static_metadata (element_class, "Media port",
      "Network", "One UDP port for many WebRTC peers, with its I/O threads",
      "Bifrons project");
}

static void
bif_mux_init (BifMux * self)
{
  g_rw_lock_init (&self->lock);
  self->tcp_timeout_ms = 5000;
  self->stun_rto_ms = 500;
  self->stun = bif_stun_client_new (self);
  self->addresses = g_strdup ("127.0.0.1");
  self->by_ufrag = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
  self->by_address = g_hash_table_new_full (bif_address_hash,
      bif_address_equal, g_free, NULL);
  self->by_serial = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
      NULL);
}
