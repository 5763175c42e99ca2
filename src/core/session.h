/* session.h: a caller's session: its handles, its timer, where its events go.
 * Main thread. */
#pragma once

#include "core/handle.h"
#include "core/transport.h"

G_BEGIN_DECLS

#define BIF_TYPE_SESSION (bif_session_get_type ())
G_DECLARE_FINAL_TYPE (BifSession, bif_session, BIF, SESSION, GObject)

guint64 bif_session_id (BifSession * self);
/* NULL once destroyed. */
BifServer *bif_session_server (BifSession * self);

/* To the client that owns the session; dropped where there is none.
 * @message: (transfer full) */
void bif_session_take_event (BifSession * self, JsonObject * message);

G_END_DECLS
