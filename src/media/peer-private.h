/* peer-private.h: shared by peer.c, peer-dtls.c, peer-data.c and track.c. */
#pragma once

#include "media/peer.h"

G_BEGIN_DECLS

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
  guint dtls_timeout_id;
  GWeakRef queue;               /* the receive queue; set on any thread */
  gboolean without_queue;       /* the receive queue was taken out */
};

/* Connects a handler whose user data is a GWeakRef on the peer: webrtcbin calls
 * on its own threads, and may outlive the peer. */
void bif_peer_connect_weak (BifPeer * self, gpointer instance,
    const char *signal, GCallback callback);

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

/* peer-data.c */
void bif_peer_watch_data (BifPeer * self);
void bif_peer_close_data (BifPeer * self);

G_END_DECLS
