/* field.c: reads request fields by table. Main thread. */
#include "base/field.h"
#include "base/error.h"

static const char *
type_text (BifFieldType type)
{
  switch (type) {
    case BIF_FIELD_STRING:
      return "a string";
    case BIF_FIELD_BOOL:
    case BIF_FIELD_MAYBE_BOOL:
      return "a boolean";
    case BIF_FIELD_INT:
    case BIF_FIELD_MAYBE_INT:
      return "an integer";
    case BIF_FIELD_UINT:
    case BIF_FIELD_UINT64:
    case BIF_FIELD_MAYBE_UINT:
      return "a positive integer";
    case BIF_FIELD_OBJECT:
      return "an object";
    case BIF_FIELD_ARRAY:
      return "an array";
    case BIF_FIELD_ID:
    case BIF_FIELD_MAYBE_ID:
      return "a positive integer or a string";
  }
  g_return_val_if_reached ("something else");
}

static gboolean
fail_missing (const char *prefix, const char *name, GError ** error)
{
  if (prefix == NULL)
    g_set_error (error, BIF_ERROR, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (%s)", name);
  else
    g_set_error (error, BIF_ERROR, BIF_ERROR_MISSING_ELEMENT,
        "%s: missing mandatory element (%s)", prefix, name);
  return FALSE;
}

static gboolean
fail_type (const char *prefix, const char *name, const char *wanted,
    GError ** error)
{
  if (prefix == NULL)
    g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
        "Invalid element type (%s should be %s)", name, wanted);
  else
    g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
        "%s: invalid element type (%s should be %s)", prefix, name, wanted);
  return FALSE;
}

static gboolean
is_signed (BifFieldType type)
{
  return type == BIF_FIELD_INT || type == BIF_FIELD_MAYBE_INT;
}

static gboolean
check_int (const BifField * field, gint64 value, const char *prefix,
    GError ** error)
{
  if ((value < 0 && !is_signed (field->type))
      || (field->type == BIF_FIELD_UINT && field->max == 0
          && value > G_MAXUINT))
    return fail_type (prefix, field->name, type_text (field->type), error);
  if (field->max != 0 && value > field->max) {
    g_autofree char *range = is_signed (field->type)
        ? g_strdup_printf ("at most %" G_GINT64_FORMAT, field->max)
        : g_strdup_printf ("between 0 and %" G_GINT64_FORMAT, field->max);

    return fail_type (prefix, field->name, range, error);
  }
  return TRUE;
}

static void
store_int (const BifField * field, gint64 value, gpointer member)
{
  switch (field->type) {
    case BIF_FIELD_INT:
      *(gint64 *) member = value;
      break;
    case BIF_FIELD_UINT:
      *(guint *) member = (guint) value;
      break;
    case BIF_FIELD_UINT64:
      *(guint64 *) member = (guint64) value;
      break;
    default:
      *(BifMaybeInt *) member = (BifMaybeInt) { TRUE, value };
      break;
  }
}

/* The text of a number takes the number's place in @object, which so owns it:
 * reading again gives the same. */
static const char *
store_id_text (JsonNode * node)
{
  g_autofree char *text =
      g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));

  json_node_set_string (node, text);    /* init leaves the old value dangling */
  return json_node_get_string (node);
}

static gboolean
read_id (const BifField * field, JsonNode * node, gpointer member)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING)
    *(const char **) member = json_node_get_string (node);
  else if (type == G_TYPE_INT64 && json_node_get_int (node) >= 0)
    *(const char **) member = store_id_text (node);
  else
    return FALSE;
  return TRUE;
}

/* What is neither is -1, which no id is. */
static gboolean
read_maybe_id (JsonNode * node, BifMaybeId * id)
{
  GType type = JSON_NODE_HOLDS_VALUE (node)
      ? json_node_get_value_type (node) : G_TYPE_INVALID;

  id->set = TRUE;
  id->text = type == G_TYPE_STRING ? json_node_get_string (node) : NULL;
  id->number = type == G_TYPE_INT64 ? json_node_get_int (node) : -1;
  return TRUE;
}

/* Types that need no range check. FALSE: @node is of another type. */
static gboolean
read_plain (const BifField * field, JsonNode * node, gpointer member)
{
  GType type = JSON_NODE_HOLDS_VALUE (node)
      ? json_node_get_value_type (node) : G_TYPE_INVALID;

  switch (field->type) {
    case BIF_FIELD_STRING:
      if (type != G_TYPE_STRING)
        return FALSE;
      *(const char **) member = json_node_get_string (node);
      return TRUE;
    case BIF_FIELD_BOOL:
      if (type != G_TYPE_BOOLEAN)
        return FALSE;
      *(gboolean *) member = json_node_get_boolean (node);
      return TRUE;
    case BIF_FIELD_MAYBE_BOOL:
      if (type != G_TYPE_BOOLEAN)
        return FALSE;
      *(BifMaybeBool *) member =
          (BifMaybeBool) { TRUE, json_node_get_boolean (node) };
      return TRUE;
    case BIF_FIELD_OBJECT:
      if (!JSON_NODE_HOLDS_OBJECT (node))
        return FALSE;
      *(JsonObject **) member = json_node_get_object (node);
      return TRUE;
    case BIF_FIELD_ARRAY:
      if (!JSON_NODE_HOLDS_ARRAY (node))
        return FALSE;
      *(JsonArray **) member = json_node_get_array (node);
      return TRUE;
    case BIF_FIELD_ID:
      return type != G_TYPE_INVALID && read_id (field, node, member);
    case BIF_FIELD_MAYBE_ID:
      return read_maybe_id (node, member);
    default:
      g_return_val_if_reached (FALSE);
  }
}

static gboolean
is_integer (BifFieldType type)
{
  return is_signed (type) || type == BIF_FIELD_UINT
      || type == BIF_FIELD_UINT64 || type == BIF_FIELD_MAYBE_UINT;
}

static gboolean
read_one (const BifField * field, JsonNode * node, gpointer params,
    const char *prefix, GError ** error)
{
  gpointer member = (char *) params + field->offset;

  if (!is_integer (field->type)) {
    return read_plain (field, node, member)
        || fail_type (prefix, field->name, type_text (field->type), error);
  }
  if (!JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return fail_type (prefix, field->name, type_text (field->type), error);
  if (!check_int (field, json_node_get_int (node), prefix, error))
    return FALSE;
  store_int (field, json_node_get_int (node), member);
  return TRUE;
}

gboolean
bif_fields_read (const BifField * fields, JsonObject * object,
    gpointer params, const char *prefix, GError ** error)
{
  for (const BifField * f = fields; f != NULL && f->name != NULL; f++) {
    JsonNode *node =
        object != NULL ? json_object_get_member (object, f->name) : NULL;

    if (node == NULL || (prefix != NULL && JSON_NODE_HOLDS_NULL (node))) {
      if (f->flags & BIF_REQUIRED)
        return fail_missing (prefix, f->name, error);
      continue;
    }
    if (!read_one (f, node, params, prefix, error))
      return FALSE;
  }
  return TRUE;
}
