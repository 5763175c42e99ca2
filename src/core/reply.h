/* reply.h: the answer to one message request. A handler fills it and returns
 * TRUE; or holds it, and finishes it later. Main thread. */
#pragma once

#include <json-glib/json-glib.h>
#include "media/sdp.h"

G_BEGIN_DECLS

typedef struct _BifHandle BifHandle;
typedef struct _BifReply BifReply;

/**
 * BifJsep: a validated "jsep" of a request.
 * @update: it renegotiates a PeerConnection that stands
 * @svc: (nullable): as sent
 */
typedef struct
{
  gboolean is_offer;
  BifSdp *sdp;
  gboolean trickle;             /* more candidates may come */
  gboolean force_relay;
  gboolean e2ee;
  gboolean update;
  JsonArray *svc;
} BifJsep;

BifReply *bif_reply_ref (BifReply * self);
void bif_reply_unref (BifReply * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifReply, bif_reply_unref)

/* What the request brought along; NULL where no jsep came. */
const BifJsep *bif_reply_get_jsep (BifReply * self);

/* Members of plugindata.data. The plugin's event key ("echotest": "event") is
 * there already; setting it again replaces its value. They return TRUE, so
 * that a handler can end in one. */
gboolean bif_reply_string (BifReply * self, const char *name,
    const char *value);
gboolean bif_reply_int (BifReply * self, const char *name, gint64 value);
gboolean bif_reply_bool (BifReply * self, const char *name, gboolean value);
gboolean bif_reply_id (BifReply * self, const char *name, const char *id);
gboolean bif_reply_take (BifReply * self, const char *name, JsonNode * value);

/* @type: "offer" or "answer"; e2ee is mirrored from the request's jsep. */
void bif_reply_set_jsep (BifReply * self, const char *type, const char *sdp);

/* "e2ee" of an offer of ours, and "restart". */
void bif_reply_set_jsep_flags (BifReply * self, gboolean e2ee,
    gboolean restart);

/* Keeps the reply open after the handler returned TRUE. Exactly one of finish
 * and fail must follow; both drop the reference that hold took. Holding twice
 * is holding once. */
void bif_reply_hold (BifReply * self);
void bif_reply_finish (BifReply * self);
/* @error: looked up in the plugin's table; a BIF_ERROR that is not there, in
 * the core's, and then becomes an API error where no ack has gone out. */
void bif_reply_fail (BifReply * self, const GError * error);

G_END_DECLS
