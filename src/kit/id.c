/* id.c: ids on the wire and inside. Main thread. */
#include "kit/id.h"
#include "base/error.h"

static gboolean
fail_type (const char *name, gboolean strings, GError ** error)
{
  g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
      "Invalid element type (%s should be a %s)", name,
      strings ? "string" : "positive integer");
  return FALSE;
}

static gboolean
is_right (const BifMaybeId * id, gboolean strings)
{
  return strings ? id->text != NULL : id->text == NULL && id->number >= 0;
}

static char *
to_text (const BifMaybeId * id)
{
  return id->text != NULL ? g_strdup (id->text)
      : g_strdup_printf ("%" G_GINT64_FORMAT, id->number);
}

gboolean
bif_id_take (const BifMaybeId * id, const char *name, gboolean strings,
    char **out, GError ** error)
{
  *out = NULL;
  if (!id->set)
    return TRUE;
  if (!is_right (id, strings))
    return fail_type (name, strings, error);
  if (strings ? id->text[0] != '\0' : id->number != 0)
    *out = to_text (id);
  return TRUE;
}

gboolean
bif_id_require (const BifMaybeId * id, const char *name, gboolean strings,
    char **out, GError ** error)
{
  *out = NULL;
  if (!id->set) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (%s)", name);
    return FALSE;
  }
  if (!is_right (id, strings))
    return fail_type (name, strings, error);
  *out = to_text (id);
  return TRUE;
}

JsonNode *
bif_id_node (const char *id, gboolean strings)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  if (strings)
    json_node_set_string (node, id);
  else
    json_node_set_int (node, g_ascii_strtoll (id, NULL, 10));
  return node;
}

void
bif_id_set (JsonObject * object, const char *name, const char *id,
    gboolean strings)
{
  json_object_set_member (object, name, bif_id_node (id, strings));
}

char *
bif_id_random (gboolean strings)
{
  guint64 number = 0;

  if (strings)
    return g_uuid_string_random ();
  while (number == 0)
    number = ((guint64) g_random_int () << 32 | g_random_int ())
        & (((guint64) 1 << 52) - 1);
  return g_strdup_printf ("%" G_GUINT64_FORMAT, number);
}
