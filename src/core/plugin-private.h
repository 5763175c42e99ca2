/* plugin-private.h: plugins as the server handles them. Main thread. */
#pragma once

#include "core/plugin.h"

G_BEGIN_DECLS

/* Reads its configuration and template, and starts it. NULL with @error where
 * it must stay out. Returns: (transfer full) (nullable) */
BifPlugin *bif_plugin_new (BifServer * server, const BifPluginInfo * info,
    GError ** error);
void bif_plugin_stop (BifPlugin * self);

/* Its BifHandle subclass; G_TYPE_INVALID where it is not built yet. */
GType bif_plugin_handle_type (BifPlugin * self);

/* Admin message_plugin. FALSE: it takes none. @response: (out) (transfer full)
 * (nullable) */
gboolean bif_plugin_query (BifPlugin * self, JsonObject * request,
    JsonObject ** response);

/* The row for a body, BIF_ERROR_MISSING_ELEMENT, BIF_ERROR_INVALID_ELEMENT or
 * BIF_ERROR_UNKNOWN_REQUEST. */
const BifRequest *bif_plugin_find_request (BifPlugin * self,
    JsonObject * body, GError ** error);

/* Number of an error: the plugin's row, else the core's. @api: (out): the
 * latter, so that it is no plugin's error. */
int bif_plugin_error_number (BifPlugin * self, const GError * error,
    gboolean * api);

G_END_DECLS
