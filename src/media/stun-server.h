/* stun-server.h: the STUN server that the media port asks, by name. Main
 * thread. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define BIF_TYPE_STUN_SERVER (bif_stun_server_get_type ())
G_DECLARE_FINAL_TYPE (BifStunServer, bif_stun_server, BIF, STUN_SERVER, GObject)

/* @host: name or IP of the server. The signal "reflexive" (local, address or
 * NULL, port) says what it answers. */
BifStunServer *bif_stun_server_new (GstElement * mux, const char *host,
    guint port);
/* Idempotent; no more signals. */
void bif_stun_server_close (BifStunServer * self);

G_END_DECLS
