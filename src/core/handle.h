/* handle.h: one attach: what one caller has of one plugin. Plugins subclass it.
 * Main thread. */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>
#include "core/reply.h"
#include "media/peer.h"

G_BEGIN_DECLS

typedef struct _BifServer BifServer;
typedef struct _BifSession BifSession;
typedef struct _BifPlugin BifPlugin;

#define BIF_TYPE_HANDLE (bif_handle_get_type ())
G_DECLARE_DERIVABLE_TYPE (BifHandle, bif_handle, BIF, HANDLE, GObject)

/**
 * BifHandleClass:
 * @track_added: a track came up in a negotiation; the default builds the
 *   template's section of its kind
 * @media_up: the PeerConnection stands; before "webrtcup" goes out
 * @data: a data channel message, text or binary
 * @slow_link: losses reached slowlink_threshold; the core has sent its event
 * @layer_changed: what is sent of a source with layers is another one now
 * @talking: the caller began or stopped to talk, where the track is watched;
 *   @level: mean, -dBov
 * @hangup: the PeerConnection is over; before "hangup" goes out
 * @query: "plugin_specific" of handle_info; returns (transfer full)
 */
struct _BifHandleClass
{
  GObjectClass parent_class;

  void (*track_added) (BifHandle * self, BifTrack * track);
  void (*media_up) (BifHandle * self);
  void (*data) (BifHandle * self, const BifDataMessage * message);
  void (*slow_link) (BifHandle * self, BifTrack * track, gboolean uplink,
      guint lost);
  void (*layer_changed) (BifHandle * self, BifTrack * track,
      const BifTrackLayers * layers);
  void (*talking) (BifHandle * self, BifTrack * track, gboolean talking,
      double level);
  void (*hangup) (BifHandle * self);
  JsonObject *(*query) (BifHandle * self);
};

guint64 bif_handle_id (BifHandle * self);
const char *bif_handle_opaque_id (BifHandle * self);    /* (nullable) */
BifPlugin *bif_handle_plugin (BifHandle * self);
BifSession *bif_handle_session (BifHandle * self);      /* NULL once detached */
BifPeer *bif_handle_peer (BifHandle * self);    /* NULL without PeerConnection */

/* Sends plugindata without a transaction. @data (transfer full): the event key
 * is put in front where it is missing; @jsep_type and @sdp (nullable). */
void bif_handle_push_event (BifHandle * self, JsonObject * data,
    const char *jsep_type, const char *sdp);

/**
 * bif_handle_answer_offer:
 * @reply: has a jsep offer; is held, gets the answer, and is finished once the
 *   PeerConnection is ready for the peer's packets
 * @error: BIF_ERROR_INVALID_SDP and others; then the reply is not held
 */
gboolean bif_handle_answer_offer (BifHandle * self, BifReply * reply,
    const BifSdpPolicy * policy, GError ** error);

/* The PeerConnection, made where there is none: for plugins that offer. NULL
 * where media cannot be had. */
BifPeer *bif_handle_ensure_peer (BifHandle * self);

typedef enum
{
  BIF_OFFER_RESTART = 1 << 0,   /* new ICE credentials */
  BIF_OFFER_E2EE = 1 << 1,
} BifOfferFlags;

/**
 * bif_handle_offer:
 * @reply: is held, gets an offer of the lines set on the peer, and is finished
 * @error: BIF_ERROR_WRONG_STATE where an offer waits for its answer; then the
 *   reply is not held
 */
gboolean bif_handle_offer (BifHandle * self, BifReply * reply, guint flags,
    GError ** error);
/* The same without a request: an event. @data (transfer full). */
gboolean bif_handle_push_offer (BifHandle * self, JsonObject * data,
    guint flags, GError ** error);
/* Whether an offer of ours waits for its answer. */
gboolean bif_handle_expects_answer (BifHandle * self);
/* @jsep: an answer to our offer: tracks come up. BIF_ERROR_INVALID_SDP,
 * BIF_ERROR_UNEXPECTED_ANSWER. */
gboolean bif_handle_take_answer (BifHandle * self, const BifJsep * jsep,
    GError ** error);

/* Closes the PeerConnection and sends "hangup" with @reason; nothing happens
 * where there is none. */
void bif_handle_hangup (BifHandle * self, const char *reason);

/* The server's own detach: once the main loop runs, so that what was sent
 * before goes out first; the caller is told by "detached". */
void bif_handle_detach (BifHandle * self);

G_END_DECLS
