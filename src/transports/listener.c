/* listener.c: listening, and watching over what connects. Main thread. */
#include "transports/listener.h"
#include "base/error.h"
#include "transports/acl.h"
#include "transports/guard-stream.h"

#include <errno.h>
#include <gst/gst.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128
#define SWEEP_S 5
#define READ_LIMIT_S 30         /* for a request, headers and body */
#define IDLE_LIMIT_S 120        /* between two */

GST_DEBUG_CATEGORY_STATIC (bif_listener_debug);
#define GST_CAT_DEFAULT bif_listener_debug

typedef enum
{
  FRESH,                        /* nothing has come yet */
  READING,
  ANSWERING,                    /* takes the time it takes: long polls */
  IDLE,
} ConnectionState;

/* One connection; its guard stream owns it, and its remote address, which
 * libsoup hands on with each message, points to it. */
typedef struct
{
  BifListener *listener;        /* NULL once that is gone */
  GSocket *socket;
  GSocketAddress *remote;
  ConnectionState state;
  gint64 since_us;
} Connection;

struct _BifListener
{
  SoupServer *soup;
  GSocketService *service;
  GTlsCertificate *certificate; /* NULL: plain */
  char **acl;
  gboolean acl_forwarded;
  guint max_connections;
  guint port;
  int silence;                  /* fd, -1: none; see add_deaf_listener() */
  GHashTable *connections;      /* set of Connection */
  guint sweep;                  /* source; 0 without connections */
};

static GQuark
connection_quark (void)
{
  return g_quark_from_static_string ("bif-listener-connection");
}

void
bif_listen_settings_clear (BifListenSettings * self)
{
  g_clear_pointer (&self->interface, g_free);
  g_clear_pointer (&self->ip, g_free);
  g_clear_pointer (&self->acl, g_free);
}

static void
connection_free (gpointer data)
{
  Connection *connection = data;

  if (connection->listener != NULL)
    g_hash_table_remove (connection->listener->connections, connection);
  g_object_set_qdata (G_OBJECT (connection->remote), connection_quark (),
      NULL);
  g_object_unref (connection->remote);
  g_object_unref (connection->socket);
  g_free (connection);
}

static gboolean
is_overdue (Connection * connection, gint64 now_us)
{
  gint64 age_us = now_us - connection->since_us;

  switch (connection->state) {
    case FRESH:
    case READING:
      return age_us > READ_LIMIT_S * G_USEC_PER_SEC;
    case IDLE:
      return age_us > IDLE_LIMIT_S * G_USEC_PER_SEC;
    default:
      return FALSE;
  }
}

static gboolean
sweep (gpointer user_data)
{
  BifListener *self = user_data;
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  Connection *connection;

  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, (gpointer *) & connection, NULL)) {
    /* libsoup reads the end of the stream as an error, and cleans up. */
    if (is_overdue (connection, now_us))
      g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
  }
  if (g_hash_table_size (self->connections) > 0)
    return G_SOURCE_CONTINUE;
  self->sweep = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
may_connect (BifListener * self, GSocketAddress * remote)
{
  g_autofree char *text = NULL;

  if (self->max_connections > 0
      && g_hash_table_size (self->connections) >= self->max_connections) {
    GST_WARNING ("port %u: more than %u connections", self->port,
        self->max_connections);
    return FALSE;
  }
  if (self->acl == NULL)
    return TRUE;
  text = g_inet_address_to_string (g_inet_socket_address_get_address
      (G_INET_SOCKET_ADDRESS (remote)));
  return bif_acl_allows (self->acl, text);
}

/* A peer that vanishes without a word is noticed in some two minutes. */
static void
set_options (GSocket * socket)
{
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
#ifdef TCP_KEEPIDLE
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPIDLE, 60, NULL);
#endif
#ifdef TCP_KEEPINTVL
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPINTVL, 10, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPCNT, 6, NULL);
#endif
#ifdef TCP_USER_TIMEOUT
  g_socket_set_option (socket, IPPROTO_TCP, TCP_USER_TIMEOUT, 120000, NULL);
#endif
}

static Connection *
find_connection (SoupServerMessage * message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  return remote != NULL
      ? g_object_get_qdata (G_OBJECT (remote), connection_quark ()) : NULL;
}

static void
set_state (SoupServerMessage * message, ConnectionState state)
{
  Connection *connection = find_connection (message);

  if (connection == NULL)
    return;
  connection->state = state;
  connection->since_us = g_get_monotonic_time ();
}

static void
request_started (SoupServer * soup, SoupServerMessage * message,
    gpointer user_data)
{
  set_state (message, READING);
}

static void
request_read (SoupServer * soup, SoupServerMessage * message,
    gpointer user_data)
{
  set_state (message, ANSWERING);
}

static void
request_over (SoupServer * soup, SoupServerMessage * message,
    gpointer user_data)
{
  set_state (message, IDLE);
}

/* ---- connections ---- */

static Connection *
connection_new (BifListener * self, GSocket * socket, GSocketAddress * remote)
{
  Connection *connection = g_new0 (Connection, 1);

  connection->listener = self;
  connection->socket = g_object_ref (socket);
  connection->remote = g_object_ref (remote);
  connection->state = FRESH;
  connection->since_us = g_get_monotonic_time ();
  g_object_set_qdata (G_OBJECT (remote), connection_quark (), connection);
  g_hash_table_add (self->connections, connection);
  if (self->sweep == 0)
    self->sweep = g_timeout_add_seconds (SWEEP_S, sweep, self);
  return connection;
}

static gboolean
connection_is_idle (gpointer data)
{
  Connection *connection = data;

  return connection->state == FRESH || connection->state == IDLE;
}

/* The handshake of TLS is part of the first read. */
static GIOStream *
wrap (BifListener * self, GSocketConnection * connection)
{
  if (self->certificate == NULL)
    return g_object_ref (G_IO_STREAM (connection));
  return g_tls_server_connection_new (G_IO_STREAM (connection),
      self->certificate, NULL);
}

static gboolean
incoming (GSocketService * service, GSocketConnection * connection,
    GObject * source, gpointer user_data)
{
  BifListener *self = user_data;
  GSocket *socket = g_socket_connection_get_socket (connection);
  g_autoptr (GSocketAddress) local =
      g_socket_connection_get_local_address (connection, NULL);
  g_autoptr (GSocketAddress) remote =
      g_socket_connection_get_remote_address (connection, NULL);
  g_autoptr (GIOStream) base = NULL;
  g_autoptr (GIOStream) guard = NULL;

  /* Left alone, it closes. */
  if (local == NULL || remote == NULL || !may_connect (self, remote))
    return TRUE;
  base = wrap (self, connection);
  if (base == NULL)
    return TRUE;
  set_options (socket);
  guard = bif_guard_stream_new (base, connection_is_idle,
      connection_new (self, socket, remote), connection_free);
  soup_server_accept_iostream (self->soup, guard, local, remote, NULL);
  return TRUE;
}

/* ---- listening ---- */

static GInetAddress *
interface_address (const char *name)
{
  GInetAddress *found = NULL;
  struct ifaddrs *list;

  if (getifaddrs (&list) != 0)
    return NULL;
  for (struct ifaddrs * i = list; i != NULL && found == NULL; i = i->ifa_next) {
    if (i->ifa_addr != NULL && i->ifa_addr->sa_family == AF_INET
        && g_str_equal (i->ifa_name, name)) {
      const struct sockaddr_in *address = (gconstpointer) i->ifa_addr;

      found = g_inet_address_new_from_bytes
          ((const guint8 *) &address->sin_addr, G_SOCKET_FAMILY_IPV4);
    }
  }
  freeifaddrs (list);
  return found;
}

/* @address: (out): NULL: all of them */
static gboolean
find_address (const BifListenSettings * settings, GInetAddress ** address,
    GError ** error)
{
  *address = NULL;
  if (settings->ip != NULL)
    *address = g_inet_address_new_from_string (settings->ip);
  else if (settings->interface != NULL)
    *address = interface_address (settings->interface);
  else
    return TRUE;
  if (*address != NULL)
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_NETWORK, "no such address: %s",
      settings->ip != NULL ? settings->ip : settings->interface);
  return FALSE;
}

static gboolean
start_listening (BifListener * self, const BifListenSettings * settings,
    GError ** error)
{
  GSocketListener *listener = G_SOCKET_LISTENER (self->service);
  g_autoptr (GInetAddress) address = NULL;
  g_autoptr (GSocketAddress) wanted = NULL;
  g_autoptr (GSocketAddress) effective = NULL;
  g_autoptr (GError) failure = NULL;
  gboolean ok;

  if (!find_address (settings, &address, error))
    return FALSE;
  self->port = settings->port;
  if (address != NULL) {
    wanted = g_inet_socket_address_new (address, settings->port);
    ok = g_socket_listener_add_address (listener, wanted,
        G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL, &effective,
        &failure);
    if (ok)
      self->port = g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS
          (effective));
  } else if (settings->port != 0) {
    ok = g_socket_listener_add_inet_port (listener, settings->port, NULL,
        &failure);
  } else {
    self->port = g_socket_listener_add_any_inet_port (listener, NULL,
        &failure);
    ok = self->port != 0;
  }
  if (!ok)
    g_set_error (error, BIF_ERROR, BIF_ERROR_NETWORK,
        "cannot listen on port %u: %s", settings->port, failure->message);
  return ok;
}

/* libsoup keeps connections alive only as long as it has a listener of its
 * own. So it gets one: half of a pair, on the other half of which nobody ever
 * speaks. */
static gboolean
add_deaf_listener (BifListener * self, GError ** error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GSocket) socket = NULL;
  int pair[2];

  if (socketpair (AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NETWORK, "no pair of sockets: %s",
        g_strerror (errno));
    return FALSE;
  }
  self->silence = pair[1];
  socket = g_socket_new_from_fd (pair[0], &failure);
  if (socket == NULL)
    close (pair[0]);
  if (socket != NULL
      && soup_server_listen_socket (self->soup, socket, 0, &failure))
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_NETWORK, "no pair of sockets: %s",
      failure->message);
  return FALSE;
}

BifListener *
bif_listener_new (const BifListenSettings * settings,
    GTlsCertificate * certificate, GError ** error)
{
  BifListener *self = g_new0 (BifListener, 1);

  GST_DEBUG_CATEGORY_INIT (bif_listener_debug, "bif-listener", 0,
      "listening sockets");
  self->silence = -1;
  self->soup = soup_server_new (NULL, NULL);
  self->acl = bif_acl_new (settings->acl);
  self->acl_forwarded = settings->acl_forwarded;
  self->max_connections = settings->max_connections;
  self->connections = g_hash_table_new (NULL, NULL);
  if (settings->tls)
    self->certificate = g_object_ref (certificate);
  self->service = g_socket_service_new ();
  g_socket_listener_set_backlog (G_SOCKET_LISTENER (self->service), BACKLOG);
  if (!add_deaf_listener (self, error)
      || !start_listening (self, settings, error)) {
    bif_listener_free (self);
    return NULL;
  }
  g_signal_connect (self->service, "incoming", G_CALLBACK (incoming), self);
  g_signal_connect (self->soup, "request-started",
      G_CALLBACK (request_started), self);
  g_signal_connect (self->soup, "request-read", G_CALLBACK (request_read),
      self);
  g_signal_connect (self->soup, "request-finished",
      G_CALLBACK (request_over), self);
  g_signal_connect (self->soup, "request-aborted",
      G_CALLBACK (request_over), self);
  return self;
}

void
bif_listener_free (BifListener * self)
{
  GHashTableIter iter;
  Connection *connection;

  g_signal_handlers_disconnect_by_data (self->service, self);
  g_socket_service_stop (self->service);
  g_socket_listener_close (G_SOCKET_LISTENER (self->service));
  g_object_unref (self->service);
  g_signal_handlers_disconnect_by_data (self->soup, self);
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, (gpointer *) & connection, NULL))
    connection->listener = NULL;
  soup_server_disconnect (self->soup);
  if (self->silence >= 0)
    close (self->silence);
  g_clear_handle_id (&self->sweep, g_source_remove);
  g_hash_table_unref (self->connections);
  g_clear_object (&self->certificate);
  g_strfreev (self->acl);
  g_object_unref (self->soup);
  g_free (self);
}

SoupServer *
bif_listener_soup (BifListener * self)
{
  return self->soup;
}

guint
bif_listener_port (BifListener * self)
{
  return self->port;
}

guint
bif_listener_connections (BifListener * self)
{
  return g_hash_table_size (self->connections);
}

gboolean
bif_listener_allows (BifListener * self, SoupServerMessage * message)
{
  SoupMessageHeaders *headers;
  const char *list;
  g_auto (GStrv) hops = NULL;

  if (self->acl == NULL || !self->acl_forwarded)
    return TRUE;
  headers = soup_server_message_get_request_headers (message);
  list = soup_message_headers_get_list (headers, "X-Forwarded-For");
  if (list == NULL)
    return TRUE;
  hops = g_strsplit (list, ",", 2);
  return hops[0] != NULL && bif_acl_allows (self->acl, g_strstrip (hops[0]));
}

void
bif_listener_drop (SoupServerMessage * message)
{
  Connection *connection = find_connection (message);

  if (connection != NULL)
    g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
}

gboolean
bif_listener_peer_left (SoupServerMessage * message)
{
  Connection *connection = find_connection (message);
  char byte;

  return connection == NULL || recv (g_socket_get_fd (connection->socket),
      &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

GIOStream *
bif_listener_steal (BifListener * self, SoupServerMessage * message,
    GSocket ** socket)
{
  Connection *connection = find_connection (message);
  gboolean plain = connection != NULL && self->certificate == NULL;

  *socket = plain ? connection->socket : NULL;
  if (connection != NULL) {
    g_hash_table_remove (self->connections, connection);
    connection->listener = NULL;
    connection->state = ANSWERING;
  }
  return soup_server_message_steal_connection (message);
}
