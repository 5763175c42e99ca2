/* nice.h: libnice's agent as the ICE of a transport, where candidates of TURN
 * relays are wanted: each transport has sockets of its own then. */
#pragma once

#include "transport.h"

G_BEGIN_DECLS

/**
 * bif_nice_new:
 * @options: "addresses" (string, comma separated: gathered on), "stun-server"
 *   (string, an IP address), "port-min", "port-max", "stun-port" (uint),
 *   "ice-tcp", "regular-nomination" (boolean); all optional
 *
 * Returns: (transfer full): freed with bif_nice_free()
 */
BifNice *bif_nice_new (BifRtcTransport * transport,
    const GstStructure * options);
/* Nothing comes in any more, and TURN servers are told. Idempotent. */
void bif_nice_close (BifNice * self);
void bif_nice_free (BifNice * self);

/* All of these: any thread, no lock of the transport held. */
void bif_nice_set_local (BifNice * self, const char *ufrag, const char *pwd);
void bif_nice_set_controlling (BifNice * self, gboolean controlling);
/* @relays: "turn://user:password@ip:port?transport=udp", udp, tcp or tls;
 * (nullable). "bif-candidate" and "bif-gathered" tell what comes of it. */
void bif_nice_gather (BifNice * self, const char *const *relays,
    gboolean force_relay);
void bif_nice_restart (BifNice * self, const char *ufrag, const char *pwd);
void bif_nice_set_remote (BifNice * self, const char *ufrag, const char *pwd);
gboolean bif_nice_add_candidate (BifNice * self, const char *text);
void bif_nice_end_of_candidates (BifNice * self);
/* "ip:port [type,proto] <-> ip:port [type,proto]". Returns: (transfer full)
 * (nullable) */
char *bif_nice_selected_pair (BifNice * self);

/* Timer thread, receive lock held. Returns when to be called again. */
gint64 bif_nice_tick (BifNice * self, BifRtcTransport * transport,
    gint64 now_us);

/* nice-candidate.c */
typedef struct _NiceCandidate NiceCandidate;
/* Returns: (transfer full) (nullable): "1 1 udp ... typ host" */
char *bif_nice_candidate_text (const NiceCandidate * candidate);
char *bif_nice_pair_text (const NiceCandidate * local,
    const NiceCandidate * remote);

G_END_DECLS
