/* mux-private.h: what the files of bifmux share: opening sockets, the TCP side
 * of the port, and the client of a STUN server. */
#pragma once

#include "mux.h"
#include "packet/stun.h"

G_BEGIN_DECLS

#define BIF_MAX_SOCKETS 16

/* ---- mux.c ---- */

/* A whole datagram that came along @path. I/O threads and the TCP thread. */
void bif_mux_handle_datagram (BifMux * self, const BifPath * path,
    guint8 * data, gsize size, gint64 now_us, BifBatch * batch);
/* Returns: (transfer full) (nullable) */
BifRtcTransport *bif_mux_find_serial (BifMux * self, guint64 serial);

/* ---- mux-socket.c: any thread ---- */

/* @type: SOCK_DGRAM or SOCK_STREAM, which listens. Returns -1 and sets
 * GST_RESOURCE_ERROR. */
int bif_socket_open (const BifAddress * local, guint port, int type,
    guint dscp, GError ** error);
void bif_socket_set_dscp (int fd, int family, guint dscp);

/**
 * BifPorts: where a port is looked for.
 * @port: this one and no other, unless 0
 * @min, @max: else the first free one of these; @max 0: any
 * @tcp: it must be free for TCP too
 */
typedef struct
{
  guint port, min, max;
  gboolean tcp;
} BifPorts;

/* Returns a port that is free on all of @local, or 0 and sets @error. */
guint bif_ports_choose (const BifPorts * ports, const BifAddress * local,
    guint n_local, GError ** error);

/* ---- mux-tcp.c ---- */

typedef struct _BifTcp BifTcp;

/* Listens on @port of all addresses of @mux and starts its thread.
 * @timeout_ms: for a connection's first authentic check */
BifTcp *bif_tcp_new (BifMux * mux, guint port, guint dscp, guint timeout_ms,
    GError ** error);
/* Closes all connections and waits for the thread. */
void bif_tcp_free (BifTcp * self);
/* A transport went: the connections of its peer are of no use. Any thread. */
void bif_tcp_look (BifTcp * self);
/* Frames that slow peers did not take, and connections that are open. */
guint64 bif_tcp_dropped (BifTcp * self);
guint bif_tcp_connections (BifTcp * self);

/* ---- mux-stun.c ---- */

typedef struct _BifStunClient BifStunClient;

/* Posts "bif-reflexive" messages of @mux. */
BifStunClient *bif_stun_client_new (BifMux * mux);
void bif_stun_client_free (BifStunClient * self);
/* @servers: (nullable): "ip:port" or "[ip]:port", comma separated, one a
 * family; any thread. FALSE where that is none. */
gboolean bif_stun_client_set_servers (BifStunClient * self,
    const char *servers);
/* The first wait for an answer, RTO of RFC 8489; any thread. */
void bif_stun_client_set_rto (BifStunClient * self, guint rto_ms);
/* An answer to no transport came; any thread. */
void bif_stun_client_handle (BifStunClient * self, const BifPath * path,
    const BifStunMessage * message);
/* Asks what is due; thread 0. Returns when to be called again. */
gint64 bif_stun_client_tick (BifStunClient * self, gint64 now_us,
    BifBatch * batch);
/* All is asked anew: the sockets are others. */
void bif_stun_client_reset (BifStunClient * self);

G_END_DECLS
