/* websocket.h: the Janus API and the Admin API over WebSockets, on ports of
 * their own. Main thread. */
#pragma once

#include "core/server.h"
#include "transports/settings.h"

G_BEGIN_DECLS

#define BIF_WEBSOCKET_PACKAGE "janus.transport.websockets"

#define BIF_TYPE_WEBSOCKET (bif_websocket_get_type ())
G_DECLARE_FINAL_TYPE (BifWebsocket, bif_websocket, BIF, WEBSOCKET, GObject)

/* @settings: contents are taken over: the struct is zeroed */
BifWebsocket *bif_websocket_new (BifWebsocketSettings * settings);

typedef enum
{
  BIF_WEBSOCKET_PLAIN,
  BIF_WEBSOCKET_SECURE,
  BIF_WEBSOCKET_ADMIN,
  BIF_WEBSOCKET_ADMIN_SECURE,
  BIF_WEBSOCKET_N_ENDPOINTS,
} BifWebsocketEndpointKind;

/* Where it listens; 0 where it does not. */
guint bif_websocket_port (BifWebsocket * self, BifWebsocketEndpointKind kind);

G_END_DECLS
