/* id.h: ids of rooms and of who is in them: numbers on the wire, or strings
 * where the plugin's "string_ids" is on. Inside they are text. Main thread. */
#pragma once

#include <json-glib/json-glib.h>
#include "base/field.h"

G_BEGIN_DECLS

/**
 * bif_id_take:
 * @name: of the member, for the error
 * @strings: ids are strings
 * @out: (out) (transfer full) (nullable): NULL where absent, and where it is
 *   the number 0 or an empty string, which ask for a new one
 * @error: BIF_ERROR_INVALID_ELEMENT for the other type
 */
gboolean bif_id_take (const BifMaybeId * id, const char *name,
    gboolean strings, char **out, GError ** error);
/* Likewise; BIF_ERROR_MISSING_ELEMENT where absent. Never gives NULL. */
gboolean bif_id_require (const BifMaybeId * id, const char *name,
    gboolean strings, char **out, GError ** error);

/* Returns: (transfer full) */
JsonNode *bif_id_node (const char *id, gboolean strings);
/* Sets a member. */
void bif_id_set (JsonObject * object, const char *name, const char *id,
    gboolean strings);
/* Returns: (transfer full): 52 bits, or a UUID */
char *bif_id_random (gboolean strings);

G_END_DECLS
