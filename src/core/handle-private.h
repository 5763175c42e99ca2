/* handle-private.h: handles as session, dispatch, admin and handle-peer.c
 * handle them. Main thread. */
#pragma once

#include "core/handle.h"
#include "core/plugin.h"

G_BEGIN_DECLS

/**
 * BifHandlePrivate:
 * @session: plain pointer up; NULL once closed
 * @candidates: trickled before there is a PeerConnection to take them; of
 *   PendingCandidate, handle-peer.c's
 */
typedef struct
{
  guint64 id;
  char *opaque_id;              /* (nullable) */
  char *token;                  /* (nullable) */
  BifSession *session;
  BifPlugin *plugin;
  gint64 created_us;            /* monotonic */
  gboolean closed;

  /* of handle-peer.c */
  BifPeer *peer;                /* NULL without PeerConnection */
  GQueue candidates;
  gboolean negotiated;          /* an offer and its answer are through */
  gboolean offered;             /* an offer of ours has no answer yet */
  gboolean trickles;            /* candidates go out as they are found */
  char *local_sdp, *remote_sdp; /* (nullable): of handle_info */
} BifHandlePrivate;

BifHandlePrivate *bif_handle_private (BifHandle * self);

/* Returns: (transfer full) (nullable): @error BIF_ERROR_PLUGIN_ATTACH. A
 * subclass's init runs before the handle knows its plugin and session. */
BifHandle *bif_handle_new (BifSession * session, BifPlugin * plugin,
    guint64 id, const char *opaque_id, const char *token, GError ** error);

/* Takes the PeerConnection down without an event, and runs dispose, in which a
 * plugin lets go of rooms and the like. Idempotent. */
void bif_handle_close (BifHandle * self);

/* Returns: (transfer full): {"janus": @janus, "session_id", "transaction",
 * "sender", "opaque_id"} */
JsonObject *bif_handle_message (BifHandle * self, const char *janus,
    const char *transaction);

/* ---- handle-peer.c ---- */

/**
 * bif_handle_trickle:
 * @message: the request: has one of "candidate" and "candidates", of any type
 * @error: BIF_ERROR_MISSING_ELEMENT, BIF_ERROR_INVALID_ELEMENT with "Trickle
 *   error: ..." texts, BIF_ERROR_WRONG_STATE
 *
 * Queued unlooked-at while no offer and answer are through.
 */
gboolean bif_handle_trickle (BifHandle * self, JsonObject * message,
    GError ** error);
/* The default of BifHandleClass.track_added: the template's section of the
 * track's kind, from the caller and back to it. */
void bif_handle_build_track (BifHandle * self, BifTrack * track);
/* "flags", "sdps", "webrtc" and so on of handle_info. */
void bif_handle_peer_info (BifHandle * self, JsonObject * info);
/* Frees what handle-peer.c holds, without events. Idempotent. */
void bif_handle_peer_dispose (BifHandle * self);

G_END_DECLS
