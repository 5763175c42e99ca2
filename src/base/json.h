/* json.h: JSON text in and out, with the limits a server needs. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIF_JSON_COMPACT,             /* no blanks */
  BIF_JSON_PLAIN,               /* blanks, no line ends */
  BIF_JSON_INDENTED,            /* 3 blanks a level */
} BifJsonStyle;

#define BIF_JSON_MAX_DEPTH 64

/* "indented", "plain", "compact"; anything else gives @fallback. */
BifJsonStyle bif_json_style_from_string (const char *text,
    BifJsonStyle fallback);

/**
 * bif_json_parse:
 * @text: UTF-8, not necessarily ended by NUL
 * @consumed: (out) (optional): bytes of the first document and the blanks
 *   behind it, so that a caller can read concatenated documents; NULL: anything
 *   behind the document is an error
 * @error: BIF_ERROR_INVALID_JSON, "JSON error: on line N: ..."
 * Returns: (transfer full): never NULL without @error set
 *
 * Nesting deeper than BIF_JSON_MAX_DEPTH, bytes that are not UTF-8 and embedded
 * NULs are errors, found before anything is parsed.
 */
JsonNode *bif_json_parse (const char *text, gsize size, gsize * consumed,
    GError ** error);

/* Returns: (transfer full). Members keep the order they were set in. */
char *bif_json_to_string (JsonNode * node, BifJsonStyle style, gsize * size);
char *bif_json_object_to_string (JsonObject * object, BifJsonStyle style,
    gsize * size);

/* The same, into a buffer that the caller keeps. */
void bif_json_append (GString * text, JsonObject * object,
    BifJsonStyle style);

/* Members by type; the fallback where absent or of another type. */
const char *bif_json_get_string (JsonObject * object, const char *name);
gboolean bif_json_get_int (JsonObject * object, const char *name,
    gint64 * value);

G_END_DECLS
