/* peer.h: a PeerConnection: one pipeline with webrtcbin (DTLS, SCTP) and the
 * packet path's transport, the SDP engine's state, tracks and data channels
 * (media-plane.md). Knows nothing of JSON or sessions. Main thread. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>
#include "media/network.h"
#include "media/sdp.h"
#include "media/template.h"

G_BEGIN_DECLS

#define BIF_TYPE_PEER (bif_peer_get_type ())
G_DECLARE_FINAL_TYPE (BifPeer, bif_peer, BIF, PEER, GObject)

#define BIF_TYPE_TRACK (bif_track_get_type ())
G_DECLARE_FINAL_TYPE (BifTrack, bif_track, BIF, TRACK, GObject)

/* A message of a data channel. @text: it came as text (PPID 51), valid UTF-8. */
typedef struct
{
  const char *label;
  const char *protocol;
  gboolean text;
  GBytes *bytes;
} BifDataMessage;

/**
 * BifTrackLayers: what is sent of a track that has layers.
 * @substream: of simulcast; @spatial: of a scalable stream; -1: it is none, or
 *   nothing is sent yet
 * @temporal: of either; -1: it does not tell
 * @n_spatial, @n_temporal: how many there are; 0: it does not tell
 */
typedef struct
{
  int substream, spatial, temporal;
  int n_spatial, n_temporal;
} BifTrackLayers;

/**
 * BifPeer signals, all on the main thread:
 *   "track-added" (BifTrack)
 *   "connected" ()
 *   "media" (BifTrack, int substream or -1, gboolean receiving, guint seconds)
 *   "slow-link" (BifTrack, gboolean uplink, guint lost)
 *   "talking" (BifTrack, gboolean talking, double mean in -dBov): the peer
 *       began or stopped, see bif_track_watch_level()
 *   "layer" (BifTrack, const BifTrackLayers *): what the peer is sent of a
 *       source with layers from now on
 *   "candidate" (const char *, without "candidate:"), "gathered" (): of its
 *       own, in addition to those that bif_peer_candidates() told before
 *   "data" (BifDataMessage *, valid during the call)
 *   "closed" (const char *reason): it failed or the other side went; the owner
 *       still calls bif_peer_close()
 *
 * bif_peer_new:
 * @name: "<plugin>-<handle id>", names the pipeline
 * @network: shared by all peers of the server
 */
BifPeer *bif_peer_new (BifNetwork * network, const BifTemplate * template_,
    const char *name);
/* Idempotent; the pipeline goes down on another thread. */
void bif_peer_close (BifPeer * self);

/* One negotiation runs at a time; a second is BIF_ERROR_WRONG_STATE. The text
 * is ready once webrtcbin can take the peer's packets. */
void bif_peer_answer_async (BifPeer * self, BifSdp * offer,
    const BifSdpPolicy * policy, GAsyncReadyCallback callback, gpointer data);
char *bif_peer_answer_finish (BifPeer * self, GAsyncResult * result,
    GError ** error);

/**
 * BifOfferLine: one m-line of an offer of ours.
 * @mid: (nullable): the line to change; NULL for a new one
 * @codec: API name; NULL for data
 * @payload_type: 0 for the usual one
 * @fmtp, @msid_stream, @msid_track: (nullable)
 */
typedef struct
{
  BifMediaKind kind;
  const char *mid;
  BifDirection direction;
  const char *codec;
  guint8 payload_type;
  const char *fmtp;
  gboolean rtx;
  const char *const *extensions;
  const char *msid_stream, *msid_track;
} BifOfferLine;

/* Adds or changes an m-line of the next offer. Returns: (transfer none)
 * (nullable): NULL for what cannot be offered */
const BifSdpLine *bif_peer_set_line (BifPeer * self,
    const BifOfferLine * line);

/* Offers the lines that were set. We are the DTLS server, and ready for the
 * peer before the text is there. @restart: with new ICE credentials. */
void bif_peer_offer_async (BifPeer * self, gboolean restart,
    GAsyncReadyCallback callback, gpointer data);
char *bif_peer_offer_finish (BifPeer * self, GAsyncResult * result,
    GError ** error);

/* The peer's answer to our last offer: tracks come up. BIF_ERROR_INVALID_SDP,
 * BIF_ERROR_UNEXPECTED_ANSWER. */
gboolean bif_peer_set_answer (BifPeer * self, BifSdp * answer,
    GError ** error);

/* s= of what we write; NULL for the peer's, or "-". */
void bif_peer_set_session_name (BifPeer * self, const char *name);

/* @candidate: with or without "candidate:"; what is not understood is logged
 * and dropped. */
void bif_peer_add_candidate (BifPeer * self, const char *candidate);
void bif_peer_end_of_candidates (BifPeer * self);

/* Ours, NULL-terminated, so far. @all: (out) (optional): no more will come.
 * Valid until the main loop runs. */
const char *const *bif_peer_candidates (BifPeer * self, gboolean * all);
/* Before the first negotiation, where TURN is used at all: whom the relays are
 * asked for, and that nothing else will do. */
void bif_peer_set_relay_user (BifPeer * self, const char *user);
void bif_peer_force_relay (BifPeer * self);

gboolean bif_peer_is_connected (BifPeer * self);
const GPtrArray *bif_peer_tracks (BifPeer * self);      /* of BifTrack */
BifTrack *bif_peer_find_track (BifPeer * self, const char *mid);
const BifDescription *bif_peer_description (BifPeer * self);

/* Caps what the peer sends, by REMB; bit/s, 0 for none. */
void bif_peer_set_bitrate (BifPeer * self, guint bitrate);

/* A channel of that label is made where there is none; what is sent before it
 * opens waits, up to a limit. FALSE where nothing can be sent. */
gboolean bif_peer_send_data (BifPeer * self, const BifDataMessage * message);

/* Numbers for handle_info and event handlers. */
GstStructure *bif_peer_stats (BifPeer * self);
/* Writes the pipeline's graph into @folder. */
void bif_peer_write_dot (BifPeer * self, const char *folder);

const char *bif_track_mid (BifTrack * self);
BifMediaKind bif_track_kind (BifTrack * self);
const char *bif_track_codec (BifTrack * self);  /* API name */
guint64 bif_track_bitrate (BifTrack * self);    /* received, bit/s, last second */

/**
 * bif_track_loop_back:
 *
 * Gives the peer its own track back through @section of the template: on the
 * packet path where it is a relay, through its elements otherwise.
 */
gboolean bif_track_loop_back (BifTrack * self, const BifTemplate * template_,
    const char *section, GError ** error);
/**
 * bif_track_publish:
 *
 * Runs what the peer sends through @section of the template, for whoever
 * subscribes: on the packet path where it is a relay.
 */
gboolean bif_track_publish (BifTrack * self, const BifTemplate * template_,
    const char *section, GError ** error);
/* Feeds what @self sends from what @from publishes; NULL: from nothing. The
 * publisher may go first: then nothing comes any more. */
gboolean bif_track_subscribe (BifTrack * self, BifTrack * from,
    GError ** error);
/* The streams of the packet path that come in: one, or the layers of simulcast,
 * lowest first. Returns: (transfer full) (element-type GObject) */
GPtrArray *bif_track_streams (BifTrack * self);
/* Feeds what @self sends from a stream of the packet path that is no track's
 * (of a bifbridgesink); NULL: from nothing. */
void bif_track_play (BifTrack * self, GObject * stream);
/* Tells by "talking" whether the mean level of @packets audio packets is above
 * @threshold, -dBov: 127 silent, 0 loud. @packets 0: not any more. */
void bif_track_watch_level (BifTrack * self, guint packets, guint threshold);
/* Asks the peer for a keyframe. */
void bif_track_request_keyframe (BifTrack * self);
/* Stops and starts what is sent; starting asks the source for a keyframe. */
void bif_track_set_active (BifTrack * self, gboolean active);
gboolean bif_track_is_active (BifTrack * self);
/* Playout-delay extension on what is sent, ms; negative: none. */
void bif_track_set_playout_delay (BifTrack * self, int min_ms, int max_ms);

/* Whether layers come in that there is a choice of. */
gboolean bif_track_is_simulcast (BifTrack * self);
/* The layers wanted, 0 to 2, and after how much silence of one a lower one is
 * sent in its place; they count where what is sent has layers. */
void bif_track_set_layers (BifTrack * self, guint substream, guint temporal,
    guint fallback_us);
/* The same of a scalable stream (VP9, AV1). */
void bif_track_set_svc_layers (BifTrack * self, guint spatial,
    guint temporal);
/* What is sent now. */
void bif_track_get_layers (BifTrack * self, BifTrackLayers * layers);

G_END_DECLS
