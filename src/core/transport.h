/* transport.h: what the core knows of transports: something that is started
 * and stopped, and clients that take messages. Bytes, JSON text and
 * connections are the transports' own. Main thread. */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>
#include "base/json.h"

G_BEGIN_DECLS

typedef struct _BifServer BifServer;
typedef struct _BifSession BifSession;

/* What info says of a transport. */
typedef struct
{
  const char *package;          /* "janus.transport.http" */
  const char *name;
  const char *description;
  const char *author;
  const char *version_string;
  int version;
} BifTransportInfo;

#define BIF_TYPE_TRANSPORT (bif_transport_get_type ())
G_DECLARE_INTERFACE (BifTransport, bif_transport, BIF, TRANSPORT, GObject)

/**
 * BifTransportInterface:
 * @start: listens; @server lives until @stop. Errors: BIF_ERROR_NETWORK,
 *   BIF_ERROR_CERTIFICATE, BIF_ERROR_CONFIGURATION
 * @stop: closes everything; idempotent
 * @query: (nullable): Admin query_transport; returns (transfer full)
 */
struct _BifTransportInterface
{
  GTypeInterface parent_iface;

  const BifTransportInfo *(*info) (BifTransport * self);
  gboolean (*start) (BifTransport * self, BifServer * server,
      GError ** error);
  void (*stop) (BifTransport * self);
  JsonObject *(*query) (BifTransport * self, JsonObject * request);
};

const BifTransportInfo *bif_transport_info (BifTransport * self);
gboolean bif_transport_start (BifTransport * self, BifServer * server,
    GError ** error);
void bif_transport_stop (BifTransport * self);
/* Returns: (transfer full) (nullable) */
JsonObject *bif_transport_query (BifTransport * self, JsonObject * request);

/**
 * bif_transport_answer_query:
 * @style: what "configure" may change
 * @connections: (transfer full) (nullable): answer to "connections"
 * Returns: (transfer full): what all transports answer to Admin queries
 */
JsonObject *bif_transport_answer_query (JsonObject * request,
    BifJsonStyle * style, JsonObject * connections);

/**
 * BifClient: one transport instance: a WebSocket connection; an HTTP request;
 * the event queue of a session for HTTP. Replies go to the client that asked,
 * events to the one that created or last claimed the session.
 */
#define BIF_TYPE_CLIENT (bif_client_get_type ())
G_DECLARE_DERIVABLE_TYPE (BifClient, bif_client, BIF, CLIENT, GObject)

/**
 * BifClientClass:
 * @send: writes or queues @message, which is the caller's
 * @events: (nullable): who gets the events of a session that this client
 *   created or claimed; returns (transfer full). Itself where NULL
 * @session_over: (nullable): a session whose events came here ended, or went
 *   to another client
 */
struct _BifClientClass
{
  GObjectClass parent_class;

  void (*send) (BifClient * self, JsonObject * message);
  BifClient *(*events) (BifClient * self, guint64 session_id);
  void (*session_over) (BifClient * self, guint64 session_id);
};

/* Right after making one. @transport outlives its clients' use of it. */
void bif_client_setup (BifClient * self, BifTransport * transport);
const char *bif_client_package (BifClient * self);      /* (nullable) */

void bif_client_send (BifClient * self, JsonObject * message);
/* @message: (transfer full) */
void bif_client_take (BifClient * self, JsonObject * message);

/* For transports: it will take no more messages. Its sessions are destroyed, or
 * wait to be claimed. Idempotent. */
void bif_client_gone (BifClient * self);

G_END_DECLS
