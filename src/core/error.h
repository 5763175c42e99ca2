/* error.h: the core's numbers on the wire, and its error messages
 * (core-api.md section 1). Main thread. */
#pragma once

#include <json-glib/json-glib.h>
#include "base/error.h"

G_BEGIN_DECLS

/* Number of an error in the core's table; that of BIF_ERROR_UNKNOWN for what
 * has no row. @known: (out) (optional): whether it has one. */
int bif_core_error_number (const GError * error, gboolean * known);

/* Sets @error to @code with the table's default text. Returns FALSE. */
gboolean bif_core_error_set (GError ** error, BifErrorCode code);

/**
 * bif_core_message:
 * @janus: "success", "ack", "event", ...
 * @session_id: 0 for none
 * @transaction: (nullable)
 * Returns: (transfer full): the message's first members, in order
 */
JsonObject *bif_core_message (const char *janus, guint64 session_id,
    const char *transaction);

/* Returns: (transfer full): {"janus": "error", ...} */
JsonObject *bif_core_error_message (guint64 session_id,
    const char *transaction, const GError * error);

G_END_DECLS
