/* network.h: the addresses, the one UDP port and the certificate that all
 * peers of a server share. Main thread. */
#pragma once

#include <gst/gst.h>
#include "media/relays.h"

G_BEGIN_DECLS

/**
 * BifNetworkSettings: strings are borrowed until bif_network_new() returns.
 * Lists are comma separated, as in janus.jcfg.
 */
typedef struct
{
  const char *enforce_list;     /* nat.ice_enforce_list (nullable) */
  const char *ignore_list;      /* nat.ice_ignore_list (nullable) */
  const char *nat_1_1_mapping;  /* (nullable) */
  gboolean keep_private_host;
  gboolean ipv6, ipv6_link_local;
  guint port;                   /* nat.ice_port, 0: from the range */
  guint port_min, port_max;     /* media.rtp_port_range; 0, 0: any */
  gboolean ice_lite;
  gboolean ice_tcp;             /* TCP on the same port too */
  gboolean consent;             /* ask peers whether they still listen */
  gboolean regular_nomination;
  const char *stun_server;      /* name or IP (nullable) */
  guint stun_port;
  gboolean full_trickle;
  const char *local_ip;         /* general.interface resolved (nullable) */
  const char *cert_pem, *cert_key, *cert_password;      /* (nullable) */
  gboolean rsa_private_key;
  guint min_nack_queue_ms;
  guint no_media_timer_s;
  guint slowlink_threshold;
  guint twcc_period_ms;
  guint dscp;
} BifNetworkSettings;

#define BIF_TYPE_NETWORK (bif_network_get_type ())
G_DECLARE_FINAL_TYPE (BifNetwork, bif_network, BIF, NETWORK, GObject)

/* The signal "public-ips" says that bif_network_public_ips() has others.
 * @error: BIF_ERROR_NETWORK (no port), BIF_ERROR_CERTIFICATE */
BifNetwork *bif_network_new (const BifNetworkSettings * settings,
    GError ** error);
/* Waits for the pipelines of peers that were closed, then lets go of the port;
 * at the end of the process, so that waiting does no harm. */
void bif_network_close (BifNetwork * self);

/* Peers that are made from now on gather for themselves, with relays. @relays:
 * (transfer full) */
void bif_network_use_relays (BifNetwork * self, BifRelays * relays);

/* "local-ip" of info. */
const char *bif_network_local_ip (BifNetwork * self);
/* NULL-terminated: "public-ip(s)" of info: mapped by hand, or else as the STUN
 * server sees them, once it has answered. */
const char *const *bif_network_public_ips (BifNetwork * self);
/* "sha-256 AB:CD:..." of the DTLS certificate. */
const char *bif_network_fingerprint (BifNetwork * self);
/* Of the media port, without "candidate:", NULL-terminated; valid until the main
 * loop runs, as the STUN server may have news. */
const char *const *bif_network_candidates (BifNetwork * self);
/* Whether candidates go out one by one, and not within descriptions. */
gboolean bif_network_is_full_trickle (BifNetwork * self);

/* Changed by the Admin API while running; new and live peers. */
void bif_network_set_no_media_timer (BifNetwork * self, guint seconds);
void bif_network_set_slowlink_threshold (BifNetwork * self, guint lost);
void bif_network_set_min_nack_queue (BifNetwork * self, guint ms);

/* Runs @func on @element, on a thread that may wait for streaming threads, one
 * job after the other; at once where the network is closed.
 * @element: (transfer full) */
typedef void (*BifNetworkFunc) (GstElement * element);
void bif_network_run (BifNetwork * self, BifNetworkFunc func,
    GstElement * element);
/* Takes a pipeline to NULL on that thread; at once where the network
 * is closed. @pipeline: (transfer full) */
void bif_network_stop_pipeline (BifNetwork * self, GstElement * pipeline);

G_END_DECLS
