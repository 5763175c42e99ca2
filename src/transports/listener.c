/* listener.c: listening, and watching over what connects. Main thread. */
#include "transports/listener.h"
#include "base/error.h"
#include "transports/acl.h"

#include <gst/gst.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

#define SWEEP_S 5
#define READ_LIMIT_S 30         /* for a request, headers and body */
#define IDLE_LIMIT_S 120        /* between two */

GST_DEBUG_CATEGORY_STATIC (bif_listener_debug);
#define GST_CAT_DEFAULT bif_listener_debug

typedef enum
{
  READING,
  ANSWERING,                    /* takes the time it takes: long polls */
  IDLE,
} ConnectionState;

/* One connection, hanging on its GSocket: libsoup says when requests start and
 * finish, and nothing about a connection's end. */
typedef struct
{
  BifListener *listener;        /* NULL once that is gone */
  GSocket *socket;              /* plain: it owns us */
  ConnectionState state;
  gint64 since_us;
} Connection;

struct _BifListener
{
  SoupServer *soup;
  char **acl;
  gboolean acl_forwarded;
  guint max_connections;
  guint port;
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
  g_free (connection);
}

static gboolean
is_overdue (Connection * connection, gint64 now_us)
{
  gint64 age_us = now_us - connection->since_us;

  switch (connection->state) {
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
    /* libsoup reads the end of the stream, and cleans up. */
    if (is_overdue (connection, now_us))
      g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
  }
  if (g_hash_table_size (self->connections) > 0)
    return G_SOURCE_CONTINUE;
  self->sweep = 0;
  return G_SOURCE_REMOVE;
}

static char *
remote_address (SoupServerMessage * message)
{
  GSocketAddress *address = soup_server_message_get_remote_address (message);

  if (!G_IS_INET_SOCKET_ADDRESS (address))
    return NULL;
  return g_inet_address_to_string (g_inet_socket_address_get_address
      (G_INET_SOCKET_ADDRESS (address)));
}

static gboolean
may_connect (BifListener * self, SoupServerMessage * message)
{
  g_autofree char *address = NULL;

  if (self->max_connections > 0
      && g_hash_table_size (self->connections) >= self->max_connections) {
    GST_WARNING ("port %u: more than %u connections", self->port,
        self->max_connections);
    return FALSE;
  }
  if (self->acl == NULL)
    return TRUE;
  address = remote_address (message);
  return bif_acl_allows (self->acl, address);
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
  GSocket *socket = soup_server_message_get_socket (message);

  return socket != NULL
      ? g_object_get_qdata (G_OBJECT (socket), connection_quark ()) : NULL;
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
  BifListener *self = user_data;
  GSocket *socket = soup_server_message_get_socket (message);
  Connection *connection = find_connection (message);

  if (socket == NULL)
    return;
  if (connection == NULL) {
    if (!may_connect (self, message)) {
      g_socket_shutdown (socket, TRUE, TRUE, NULL);
      return;
    }
    set_options (socket);
    connection = g_new0 (Connection, 1);
    connection->listener = self;
    connection->socket = socket;
    g_object_set_qdata_full (G_OBJECT (socket), connection_quark (),
        connection, connection_free);
    g_hash_table_add (self->connections, connection);
    if (self->sweep == 0)
      self->sweep = g_timeout_add_seconds (SWEEP_S, sweep, self);
  }
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
  SoupServerListenOptions options =
      settings->tls ? SOUP_SERVER_LISTEN_HTTPS : 0;
  g_autoptr (GInetAddress) address = NULL;
  g_autoptr (GSocketAddress) socket_address = NULL;
  g_autoptr (GError) failure = NULL;
  gboolean ok;

  if (!find_address (settings, &address, error))
    return FALSE;
  if (address == NULL) {
    ok = soup_server_listen_all (self->soup, settings->port, options,
        &failure);
  } else {
    socket_address = g_inet_socket_address_new (address, settings->port);
    ok = soup_server_listen (self->soup, socket_address, options, &failure);
  }
  if (!ok)
    g_set_error (error, BIF_ERROR, BIF_ERROR_NETWORK,
        "cannot listen on port %u: %s", settings->port, failure->message);
  return ok;
}

static void
read_port (BifListener * self)
{
  g_autoptr (GSList) sockets = soup_server_get_listeners (self->soup);
  g_autoptr (GSocketAddress) address =
      g_socket_get_local_address (sockets->data, NULL);

  if (G_IS_INET_SOCKET_ADDRESS (address))
    self->port =
        g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address));
}

BifListener *
bif_listener_new (const BifListenSettings * settings,
    GTlsCertificate * certificate, GError ** error)
{
  BifListener *self = g_new0 (BifListener, 1);

  GST_DEBUG_CATEGORY_INIT (bif_listener_debug, "bif-listener", 0,
      "listening sockets");
  self->soup = soup_server_new (NULL, NULL);
  self->acl = bif_acl_new (settings->acl);
  self->acl_forwarded = settings->acl_forwarded;
  self->max_connections = settings->max_connections;
  self->connections = g_hash_table_new (NULL, NULL);
  if (settings->tls)
    soup_server_set_tls_certificate (self->soup, certificate);
  if (!start_listening (self, settings, error)) {
    bif_listener_free (self);
    return NULL;
  }
  read_port (self);
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

  g_signal_handlers_disconnect_by_data (self->soup, self);
  g_hash_table_iter_init (&iter, self->connections);
  while (g_hash_table_iter_next (&iter, (gpointer *) & connection, NULL))
    connection->listener = NULL;
  soup_server_disconnect (self->soup);
  g_clear_handle_id (&self->sweep, g_source_remove);
  g_hash_table_unref (self->connections);
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
  GSocket *socket = soup_server_message_get_socket (message);

  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

gboolean
bif_listener_peer_left (SoupServerMessage * message)
{
  GSocket *socket = soup_server_message_get_socket (message);
  char byte;

  return socket == NULL || recv (g_socket_get_fd (socket), &byte, 1,
      MSG_PEEK | MSG_DONTWAIT) == 0;
}

GIOStream *
bif_listener_steal (BifListener * self, SoupServerMessage * message)
{
  GSocket *socket = soup_server_message_get_socket (message);

  if (socket != NULL)
    g_object_set_qdata (G_OBJECT (socket), connection_quark (), NULL);
  return soup_server_message_steal_connection (message);
}
