/* reply-private.h: replies as dispatch makes them. Main thread. */
#pragma once

#include "core/plugin.h"
#include "core/transport.h"

G_BEGIN_DECLS

/**
 * bif_reply_new:
 * @client: who asked
 * @async: an ack has gone out: the answer is an event to the session's owner
 * @jsep: (transfer full) (nullable)
 */
BifReply *bif_reply_new (BifHandle * handle, BifClient * client,
    const char *transaction, gboolean async, BifJsep * jsep);
/* Neither held nor answered yet. */
gboolean bif_reply_is_open (BifReply * self);

/* Appends "plugindata" to @message. @data: (transfer full): gets the plugin's
 * event key in front where it is missing. */
void bif_reply_add_plugindata (JsonObject * message, BifPlugin * plugin,
    JsonObject * data);
void bif_reply_add_jsep (JsonObject * message, const char *type,
    const char *sdp, gboolean e2ee, gboolean restart);

void bif_jsep_free (BifJsep * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifJsep, bif_jsep_free)

G_END_DECLS
