/* mux.h: the one UDP port of all peers: sockets, I/O threads, and the tables
 * that find a datagram's transport: by ufrag, by transaction, by address. */
#pragma once

#include <gst/gst.h>
#include "path.h"

G_BEGIN_DECLS

#define BIF_TYPE_MUX (bif_mux_get_type ())
G_DECLARE_FINAL_TYPE (BifMux, bif_mux, BIF, MUX, GstElement)

typedef struct _BifRtcTransport BifRtcTransport;

/* Registers names of @transport; a transport takes all of its away with
 * bif_mux_remove() before it goes. Any thread. */
void bif_mux_add (BifMux * self, BifRtcTransport * transport);
void bif_mux_remove (BifMux * self, BifRtcTransport * transport);
void bif_mux_add_ufrag (BifMux * self, const char *ufrag,
    BifRtcTransport * transport);
void bif_mux_remove_ufrag (BifMux * self, const char *ufrag);
/* FALSE where the transport has too many addresses already. */
void bif_mux_set_address (BifMux * self, const BifAddress * address,
    BifRtcTransport * transport);
void bif_mux_remove_address (BifMux * self, const BifAddress * address);

guint bif_mux_n_sockets (BifMux * self);
/* Family of the n-th local address, and a socket of any thread bound to it. */
int bif_mux_socket (BifMux * self, guint socket);
const BifAddress *bif_mux_local_address (BifMux * self, guint socket);

/* Wakes the timer thread early: a transport has something due soon. */
void bif_mux_wake (BifMux * self);

G_END_DECLS
