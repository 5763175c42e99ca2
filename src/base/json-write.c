/* json-write.c: JSON text out, straight into a buffer. Pure logic, any
 * thread. */
#include "base/json.h"

#include <math.h>
#include <string.h>

BifJsonStyle
bif_json_style_from_string (const char *text, BifJsonStyle fallback)
{
  if (g_strcmp0 (text, "indented") == 0)
    return BIF_JSON_INDENTED;
  if (g_strcmp0 (text, "plain") == 0)
    return BIF_JSON_PLAIN;
  if (g_strcmp0 (text, "compact") == 0)
    return BIF_JSON_COMPACT;
  return fallback;
}

static void write_node (GString * out, JsonNode * node, BifJsonStyle style,
    guint depth);

static void
write_escape (GString * out, guchar c)
{
  static const char named[] = "\"\\\b\f\n\r\t";
  static const char letters[] = "\"\\bfnrt";
  const char *hit = c != 0 ? strchr (named, c) : NULL;

  if (hit != NULL) {
    g_string_append_c (out, '\\');
    g_string_append_c (out, letters[hit - named]);
  } else {
    g_string_append_printf (out, "\\u%04X", c);
  }
}

static void
write_string (GString * out, const char *text)
{
  g_autofree char *valid = NULL;
  const char *run;

  /* Texts of ours may quote a file or a stream: a client gets UTF-8 anyway. */
  if (!g_utf8_validate (text, -1, NULL))
    text = valid = g_utf8_make_valid (text, -1);

  g_string_append_c (out, '"');
  for (run = text; *text != '\0'; text++) {
    guchar c = *text;

    if (c >= 0x20 && c != '"' && c != '\\')
      continue;
    g_string_append_len (out, run, text - run);
    write_escape (out, c);
    run = text + 1;
  }
  g_string_append_len (out, run, text - run);
  g_string_append_c (out, '"');
}

static void
write_int (GString * out, gint64 value)
{
  char digits[24], *p = digits + sizeof digits;
  guint64 rest = value < 0 ? -(guint64) value : (guint64) value;

  do
    *--p = '0' + rest % 10;
  while ((rest /= 10) != 0);
  if (value < 0)
    *--p = '-';
  g_string_append_len (out, p, digits + sizeof digits - p);
}

static void
write_double (GString * out, double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isfinite (value)) {
    g_string_append (out, "null");
    return;
  }
  g_ascii_dtostr (text, sizeof text, value);
  g_string_append (out, text);
  if (strpbrk (text, ".e") == NULL)
    g_string_append (out, ".0");
}

static void
write_value (GString * out, JsonNode * node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING) {
    const char *text = json_node_get_string (node);

    write_string (out, text != NULL ? text : "");
  } else if (type == G_TYPE_BOOLEAN) {
    g_string_append (out, json_node_get_boolean (node) ? "true" : "false");
  } else if (type == G_TYPE_DOUBLE) {
    write_double (out, json_node_get_double (node));
  } else {
    write_int (out, json_node_get_int (node));
  }
}

static void
write_line (GString * out, BifJsonStyle style, guint depth)
{
  if (style != BIF_JSON_INDENTED)
    return;
  g_string_append_c (out, '\n');
  for (guint i = 0; i < depth; i++)
    g_string_append (out, "   ");
}

static void
write_comma (GString * out, BifJsonStyle style)
{
  g_string_append_c (out, ',');
  if (style == BIF_JSON_PLAIN)
    g_string_append_c (out, ' ');
}

static void
write_object (GString * out, JsonObject * object, BifJsonStyle style,
    guint depth)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;
  gboolean first = TRUE;

  g_string_append_c (out, '{');
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    if (!first)
      write_comma (out, style);
    first = FALSE;
    write_line (out, style, depth + 1);
    write_string (out, name);
    g_string_append_c (out, ':');
    if (style != BIF_JSON_COMPACT)
      g_string_append_c (out, ' ');
    write_node (out, value, style, depth + 1);
  }
  if (!first)
    write_line (out, style, depth);
  g_string_append_c (out, '}');
}

static void
write_array (GString * out, JsonArray * array, BifJsonStyle style, guint depth)
{
  guint size = json_array_get_length (array);

  g_string_append_c (out, '[');
  for (guint i = 0; i < size; i++) {
    if (i > 0)
      write_comma (out, style);
    write_line (out, style, depth + 1);
    write_node (out, json_array_get_element (array, i), style, depth + 1);
  }
  if (size > 0)
    write_line (out, style, depth);
  g_string_append_c (out, ']');
}

static void
write_node (GString * out, JsonNode * node, BifJsonStyle style, guint depth)
{
  switch (json_node_get_node_type (node)) {
    case JSON_NODE_OBJECT:
      write_object (out, json_node_get_object (node), style, depth);
      break;
    case JSON_NODE_ARRAY:
      write_array (out, json_node_get_array (node), style, depth);
      break;
    case JSON_NODE_VALUE:
      write_value (out, node);
      break;
    default:
      g_string_append (out, "null");
      break;
  }
}

void
bif_json_append (GString * text, JsonObject * object, BifJsonStyle style)
{
  write_object (text, object, style, 0);
}

char *
bif_json_to_string (JsonNode * node, BifJsonStyle style, gsize * size)
{
  GString *out = g_string_sized_new (256);

  write_node (out, node, style, 0);
  if (size != NULL)
    *size = out->len;
  return g_string_free (out, FALSE);
}

char *
bif_json_object_to_string (JsonObject * object, BifJsonStyle style,
    gsize * size)
{
  GString *out = g_string_sized_new (256);

  write_object (out, object, style, 0);
  if (size != NULL)
    *size = out->len;
  return g_string_free (out, FALSE);
}
