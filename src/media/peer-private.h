/* peer-private.h: shared by peer.c, peer-dtls.c, peer-data.c and track.c. */
#pragma once

#include "media/peer.h"

G_BEGIN_DECLS

typedef void (*BifGatheredFunc) (BifPeer * self);

struct _BifPeer
{
  GObject parent;

  char *name;
  BifNetwork *network;          /* owned */
  GstElement *pipeline;         /* owned until close */
  GstElement *webrtcbin;        /* owned by the pipeline, as the next */
  GstElement *transport;
  BifDescription *description;
  GPtrArray *tracks;            /* of BifTrack */
  GPtrArray *channels;          /* of BifChannel */
  GTask *negotiation;           /* that runs; NULL for none */
  BifSdp *offer;                /* of the negotiation that runs; NULL: ours */
  char *session_name;           /* (nullable) */
  gboolean awaits_answer;       /* an offer of ours is out */
  gboolean restarted;           /* that offer has new ICE credentials */
  char *remote_ufrag;
  char *fingerprint;            /* of the peer, from its SDP */
  BifSetup setup;               /* ours */
  gboolean has_shadow, has_data_shadow;
  gboolean verified;            /* the peer's certificate is the SDP's */
  gboolean opened;              /* the transport takes packets */
  gboolean connected, closed;
  GstBuffer *decoder_key, *encoder_key; /* until verified */
  char *certificate;            /* of the peer, until its SDP is there */
  guint dtls_timeout_id;
  GWeakRef queue;               /* the receive queue; set on any thread */
  gboolean without_queue;       /* the receive queue was taken out */
  GPtrArray *candidates;        /* of char *, own ones; NULL: the port's */
  gboolean gathering, gathered; /* begun; ended */
  gboolean force_relay;
  char *relay_user;             /* (nullable) */
  BifGatheredFunc waits_for_candidates; /* (nullable) */
  guint gathering_timeout_id;
};

/* Connects a handler whose user data is a GWeakRef on the peer: webrtcbin calls
 * on its own threads, and may outlive the peer. */
void bif_peer_connect_weak (BifPeer * self, gpointer instance,
    const char *signal, GCallback callback);

/* The peer's SDP is there: is the certificate its own, if that came before? */
void bif_peer_check_certificate (BifPeer * self);

/* What tracks take of the peer. */
GstElement *bif_peer_transport (BifPeer * self);
GstElement *bif_peer_pipeline (BifPeer * self);
guint bif_peer_window (BifPeer * self); /* ms, of the receivers' rings */
/* ms, of jitter buffers: what the template gives webrtcbin. */
guint bif_peer_latency (BifPeer * self);

BifTrack *bif_track_new (BifPeer * peer, const BifSdpLine * line);
/* After a negotiation. @media: the peer's m-line; NULL: nothing comes on it. */
void bif_track_update (BifTrack * self, const BifSdpMedia * media,
    const BifSdpLine * line);
void bif_track_close (BifTrack * self);
/* Of a "bif-layer" message, or a sender's "layers". */
void bif_layers_read (BifTrackLayers * layers,
    const GstStructure * structure);

/* peer-dtls.c: the shadow negotiation (media-plane.md 6.1). @func runs on the
 * main thread when webrtcbin has its local description. */
typedef void (*BifShadowFunc) (BifPeer * self, gboolean ok);
void bif_peer_watch_webrtcbin (BifPeer * self);
void bif_peer_negotiate_shadow (BifPeer * self, gboolean data,
    BifShadowFunc func);
/* Something ended it: emits "closed" once. */
void bif_peer_fail (BifPeer * self, const char *reason);

/* peer-lean.c: what of webrtcbin a peer does without. */
void bif_peer_hold_rtpbin (GstBin * webrtcbin);
void bif_peer_take_queue_any_thread (BifPeer * self, GstElement * queue);
void bif_peer_drop_queue (BifPeer * self);
void bif_peer_restore_queue (BifPeer * self);

/* peer-gather.c. Before anything is negotiated. */
void bif_peer_prepare_gathering (BifPeer * self);
/* With the first negotiation. */
void bif_peer_start_gathering (BifPeer * self);
/* @func: once a description can have its candidates; at once where it needs
 * none. Never after bif_peer_stop_gathering(). */
void bif_peer_wait_gathered (BifPeer * self, BifGatheredFunc func);
void bif_peer_stop_gathering (BifPeer * self);
void bif_peer_take_own_candidate (BifPeer * self, const char *candidate);
void bif_peer_take_gathered (BifPeer * self);

/* peer-data.c */
void bif_peer_watch_data (BifPeer * self);
void bif_peer_close_data (BifPeer * self);

G_END_DECLS
