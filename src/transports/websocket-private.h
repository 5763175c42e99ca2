/* websocket-private.h: what the WebSocket transport's files share. Main
 * thread. */
#pragma once

#include "transports/frame.h"
#include "transports/websocket.h"

G_BEGIN_DECLS

typedef struct
{
  BifWebsocket *websocket;      /* plain */
  BifListener *listener;        /* NULL where it is not enabled */
  const char *protocol;         /* the subprotocol clients must ask for */
  gboolean admin;
} BifWebsocketEndpoint;

#define BIF_WEBSOCKET_SCRATCH_SIZE (64 * 1024)

struct _BifWebsocket
{
  GObject parent;

  BifWebsocketSettings settings;
  BifServer *server;            /* plain; NULL while stopped */
  BifWebsocketEndpoint endpoints[BIF_WEBSOCKET_N_ENDPOINTS];
  GHashTable *connections;      /* set of BifWebsocketConnection */
  guint ping_timer;
  guint8 *scratch;              /* what is being read */
  GString *text;                /* what is being written */
};

#define BIF_TYPE_WEBSOCKET_CONNECTION (bif_websocket_connection_get_type ())
G_DECLARE_FINAL_TYPE (BifWebsocketConnection, bif_websocket_connection, BIF,
    WEBSOCKET_CONNECTION, BifClient)

/* @stream: (transfer full): behind the handshake. @socket: (nullable): what it
 * reads from, where nothing is between the two. It stands in @websocket's
 * connections until it closes. */
void bif_websocket_connection_start (BifWebsocket * websocket,
    GIOStream * stream, GSocket * socket, gboolean admin);
/* Says goodbye with @code, and closes. */
void bif_websocket_connection_close (BifWebsocketConnection * self,
    guint code);
/* Pings, or gives up, by the settings; called every second. */
void bif_websocket_connection_check (BifWebsocketConnection * self,
    gint64 now_us);

G_END_DECLS
