/* listener.h: one listening SoupServer: address, TLS, who may connect, and an
 * end for connections that hold on to us without asking. Main thread. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/**
 * BifListenSettings: strings are owned by the settings they are part of.
 * @port: 0: any free one
 * @interface: (nullable): its first IPv4 address, unless @ip is set
 * @acl: (nullable): comma-separated prefixes
 * @max_connections: 0: no limit
 */
typedef struct
{
  gboolean enabled;
  gboolean tls;
  guint port;
  char *interface;
  char *ip;
  char *acl;
  gboolean acl_forwarded;
  guint max_connections;
} BifListenSettings;

void bif_listen_settings_clear (BifListenSettings * self);

typedef struct _BifListener BifListener;

/* @certificate: (nullable) without TLS. @error: BIF_ERROR_NETWORK */
BifListener *bif_listener_new (const BifListenSettings * settings,
    GTlsCertificate * certificate, GError ** error);
/* Closes what is connected. */
void bif_listener_free (BifListener * self);

SoupServer *bif_listener_soup (BifListener * self);
guint bif_listener_port (BifListener * self);
guint bif_listener_connections (BifListener * self);

/* FALSE where acl_forwarded is on and X-Forwarded-For names somebody else. */
gboolean bif_listener_allows (BifListener * self, SoupServerMessage * message);
/* Closes the message's connection; nothing of it reaches the peer. */
void bif_listener_drop (SoupServerMessage * message);
/* Whether the peer has closed its side while we were to answer. */
gboolean bif_listener_peer_left (SoupServerMessage * message);
/* Takes the connection over, for another protocol. @socket: (out) (transfer
 * none): what the stream reads from; NULL where something is between the two.
 * Returns: (transfer full) */
GIOStream *bif_listener_steal (BifListener * self,
    SoupServerMessage * message, GSocket ** socket);

G_END_DECLS
