/* mux-socket.c: opening the sockets of bifmux, and choosing their port. The
 * thread that changes the mux's state. */
#include "mux-private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <glib-unix.h>

#define SOCKET_BUFFER (4 * 1024 * 1024)
#define LISTEN_QUEUE 64
#define PORT_TRIES 200

static void
set_option (int fd, int level, int option, int value)
{
  setsockopt (fd, level, option, &value, sizeof value);
}

void
bif_socket_set_dscp (int fd, int family, guint dscp)
{
  if (dscp == 0)
    return;
  if (family == AF_INET6)
    set_option (fd, IPPROTO_IPV6, IPV6_TCLASS, dscp << 2);
  else
    set_option (fd, IPPROTO_IP, IP_TOS, dscp << 2);
}

static void
set_port (BifAddress * address, guint port)
{
  if (address->any.sa_family == AF_INET6)
    address->v6.sin6_port = htons (port);
  else
    address->v4.sin_port = htons (port);
}

static int
make_socket (const BifAddress * local, int type)
{
  int fd = socket (local->any.sa_family, type, 0);

  if (fd < 0)
    return -1;
  fcntl (fd, F_SETFD, FD_CLOEXEC);
  if (local->any.sa_family == AF_INET6)
    set_option (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
  /* Connections that ended a while ago do not keep the port. */
  if (type == SOCK_STREAM)
    set_option (fd, SOL_SOCKET, SO_REUSEADDR, 1);
  return fd;
}

static gboolean
bind_to (int fd, const BifAddress * local, guint port)
{
  BifAddress address = *local;

  set_port (&address, port);
  return bind (fd, &address.any, bif_address_length (&address)) == 0;
}

int
bif_socket_open (const BifAddress * local, guint port, int type, guint dscp,
    GError ** error)
{
  int fd = make_socket (local, type);

  if (fd >= 0 && type == SOCK_DGRAM)
    set_option (fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (fd >= 0 && g_unix_set_fd_nonblocking (fd, TRUE, NULL)
      && bind_to (fd, local, port)
      && (type == SOCK_DGRAM || listen (fd, LISTEN_QUEUE) == 0)) {
    if (type == SOCK_DGRAM) {
      set_option (fd, SOL_SOCKET, SO_RCVBUF, SOCKET_BUFFER);
      set_option (fd, SOL_SOCKET, SO_SNDBUF, SOCKET_BUFFER);
    }
    bif_socket_set_dscp (fd, local->any.sa_family, dscp);
    return fd;
  }
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_OPEN_READ_WRITE,
      "%s port %u: %s", type == SOCK_DGRAM ? "UDP" : "TCP", port,
      g_strerror (errno));
  if (fd >= 0)
    close (fd);
  return -1;
}

/* ---- ports ---- */

/* Without SO_REUSEPORT, which would hide another process that has it: a port
 * counts as free when a plain socket can be bound first. */
static gboolean
can_bind (const BifAddress * local, guint port, int type)
{
  int fd = make_socket (local, type);
  gboolean bound = fd >= 0 && bind_to (fd, local, port);

  if (fd >= 0)
    close (fd);
  return bound;
}

static gboolean
is_free (const BifPorts * ports, const BifAddress * local, guint n_local,
    guint port)
{
  for (guint i = 0; i < n_local; i++) {
    if (!can_bind (&local[i], port, SOCK_DGRAM)
        || (ports->tcp && !can_bind (&local[i], port, SOCK_STREAM)))
      return FALSE;
  }
  return TRUE;
}

/* A configured range is taken from its start, so that a firewall rule for one
 * port is possible; without one, anywhere. */
static guint
search_range (const BifPorts * ports, const BifAddress * local, guint n_local,
    GError ** error)
{
  gboolean any = ports->max == 0
      || (ports->min == 0 && ports->max == G_MAXUINT16);
  guint min = any ? 10000 : MAX (ports->min, 1);
  guint max = any ? 60000 : ports->max;
  guint span = max - min + 1, start;

  if (max < min) {
    g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_SETTINGS,
        "no UDP port is from %u to %u", min, max);
    return 0;
  }
  start = any ? (guint) g_random_int_range (0, span) : 0;
  for (guint i = 0; i < (any ? PORT_TRIES : span); i++) {
    guint port = min + (start + i) % span;

    if (is_free (ports, local, n_local, port))
      return port;
  }
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY,
      "no free UDP port from %u to %u", min, max);
  return 0;
}

guint
bif_ports_choose (const BifPorts * ports, const BifAddress * local,
    guint n_local, GError ** error)
{
  if (ports->port == 0)
    return search_range (ports, local, n_local, error);
  if (is_free (ports, local, n_local, ports->port))
    return ports->port;
  g_set_error (error, GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_BUSY,
      "UDP%s port %u is taken", ports->tcp ? " or TCP" : "", ports->port);
  return 0;
}
