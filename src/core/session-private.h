/* session-private.h: sessions as server, dispatch and admin handle them. Main
 * thread. */
#pragma once

#include "core/plugin.h"
#include "core/session.h"

G_BEGIN_DECLS

/* ---- sessions ---- */

/* @client: (nullable): who asked; bif_session_claim() decides about events */
BifSession *bif_session_new (BifServer * server, guint64 id);
/* Events go to @client from now on. */
void bif_session_claim (BifSession * self, BifClient * client);
/* Its client went: destroyed at once, or left for someone to claim. */
void bif_session_client_gone (BifSession * self);
/* Somebody used it. */
void bif_session_touch (BifSession * self);
/* Takes handles down without a word to the client. Idempotent; by the server,
 * which holds the sessions. */
void bif_session_close (BifSession * self);

/* Whether the watchdog should end it. @timeout: of the server, s.
 * @reclaim: reclaim_session_timeout, s. */
gboolean bif_session_is_idle (BifSession * self, gint64 now_us,
    guint timeout, guint reclaim);
/* Seconds; negative: the server's. */
void bif_session_set_timeout (BifSession * self, gint64 timeout);
gint64 bif_session_timeout (BifSession * self);
gint64 bif_session_last_activity (BifSession * self);   /* us, monotonic */
BifClient *bif_session_client (BifSession * self);      /* (nullable) */

/* ---- its handles ---- */

BifHandle *bif_session_find_handle (BifSession * self, guint64 id);
/* (element-type BifHandle): in no order; (transfer container) */
GList *bif_session_handles (BifSession * self);
/* Returns: (transfer none): @error BIF_ERROR_PLUGIN_ATTACH */
BifHandle *bif_session_attach (BifSession * self, BifPlugin * plugin,
    const char *opaque_id, const char *token, GError ** error);
/* Closes it and sends "detached". */
void bif_session_detach (BifSession * self, BifHandle * handle);

/* ---- of clients ---- */

gboolean bif_client_is_gone (BifClient * self);
GQueue *bif_client_sessions (BifClient * self);
/* Returns: (transfer full) */
BifClient *bif_client_events (BifClient * self, guint64 session_id);
void bif_client_session_over (BifClient * self, guint64 session_id);

G_END_DECLS
