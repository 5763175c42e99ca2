/* network-private.h: what a peer takes of the network. Main thread. */
#pragma once

#include "media/network.h"
#include "media/sdp.h"

G_BEGIN_DECLS

GstElement *bif_network_mux (BifNetwork * self);
/* Certificate and private key: never log. Constant while the network lives. */
const char *bif_network_pem (BifNetwork * self);
/* All members but ufrag, pwd and setup. */
void bif_network_fill_transport (BifNetwork * self,
    BifSdpTransport * transport);
/* (nullable): peers have the media port's candidates, and no others */
BifRelays *bif_network_relays (BifNetwork * self);
/* What nat_1_1_mapping makes of a candidate of libnice's. Returns: (transfer
 * full): NULL-terminated */
char **bif_network_map_candidate (BifNetwork * self, const char *candidate);
/* How long received packets are kept for retransmission, ms. */
guint bif_network_window (BifNetwork * self);
/* The properties of a new biftransport. */
void bif_network_configure (BifNetwork * self, GstElement * transport);

G_END_DECLS
