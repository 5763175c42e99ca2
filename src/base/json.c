/* json.c: JSON text in. One pass over the text checks RFC 8259's
 * grammar and builds the nodes: json-glib's own parser takes more than the
 * grammar, and costs an object a message. Pure logic, any thread. */
#include "base/json.h"
#include "base/error.h"

#include <errno.h>
#include <math.h>
#include <string.h>

/* What a message may hold besides its size: an object costs some 300 bytes, and
 * names hash without a seed, so that a crowd of them can be made to collide. */
#define MAX_VALUES 65536
#define MAX_MEMBERS 1024
#define MAX_REPEATED 64

typedef struct
{
  const guchar *start, *p, *end;
  GString *text;                /* of the string or number being read */
  guint depth;
  guint values;
  guint repeated;               /* members whose name came before */
  GError **error;
} Parser;

static JsonNode *parse_value (Parser * self);

static gpointer G_GNUC_PRINTF (2, 3)
fail (Parser * self, const char *format, ...)
{
  g_autofree char *reason = NULL;
  guint line = 1;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);

  for (const guchar * p = self->start; p < self->p; p++)
    line += *p == '\n';
  g_set_error (self->error, BIF_ERROR, BIF_ERROR_INVALID_JSON,
      "JSON error: on line %u: %s", line, reason);
  return NULL;
}

static void
skip_blanks (Parser * self)
{
  while (self->p < self->end && (*self->p == ' ' || *self->p == '\t'
          || *self->p == '\n' || *self->p == '\r'))
    self->p++;
}

/* The next byte, 0 at the end (a NUL in the text fits no grammar either). */
static guchar
peek (Parser * self)
{
  return self->p < self->end ? *self->p : 0;
}

static gboolean
parse_hex4 (Parser * self, gunichar * unit)
{
  *unit = 0;
  if (self->end - self->p < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++) {
    int digit = g_ascii_xdigit_value (self->p[i]);

    if (digit < 0)
      return FALSE;
    *unit = *unit << 4 | (gunichar) digit;
  }
  self->p += 4;
  return TRUE;
}

/* Behind "\u". A surrogate must come as a pair; NUL fits no C string. */
static gboolean
parse_unicode_escape (Parser * self)
{
  gunichar unit, low;

  if (!parse_hex4 (self, &unit))
    return FALSE;
  if (unit >= 0xd800 && unit < 0xdc00) {
    if (self->end - self->p < 6 || self->p[0] != '\\' || self->p[1] != 'u')
      return FALSE;
    self->p += 2;
    if (!parse_hex4 (self, &low) || low < 0xdc00 || low > 0xdfff)
      return FALSE;
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  } else if (unit >= 0xdc00 && unit <= 0xdfff) {
    return FALSE;
  }
  if (unit == 0)
    return FALSE;
  g_string_append_unichar (self->text, unit);
  return TRUE;
}

static gboolean
parse_escape (Parser * self)
{
  static const char from[] = "\"\\/bfnrt";
  static const char to[] = "\"\\/\b\f\n\r\t";
  const char *hit;
  guchar c;

  self->p++;                    /* backslash */
  c = peek (self);
  if (c == 'u') {
    self->p++;
    return parse_unicode_escape (self);
  }
  hit = c != 0 ? strchr (from, c) : NULL;
  if (hit == NULL)
    return FALSE;
  self->p++;
  g_string_append_c (self->text, to[hit - from]);
  return TRUE;
}

/* Into self->text. On an opening quote. */
static gboolean
parse_string (Parser * self)
{
  g_string_truncate (self->text, 0);
  self->p++;
  for (;;) {
    const guchar *run = self->p;
    gsize size;

    while (self->p < self->end && *self->p >= 0x20 && *self->p != '"'
        && *self->p != '\\')
      self->p++;
    size = self->p - run;
    if (!g_utf8_validate_len ((const char *) run, size, NULL))
      return fail (self, "a string is not UTF-8") != NULL;
    g_string_append_len (self->text, (const char *) run, size);

    if (self->p == self->end)
      return fail (self, "premature end of a string") != NULL;
    if (*self->p == '"') {
      self->p++;
      return TRUE;
    }
    if (*self->p != '\\')
      return fail (self, "control character 0x%x", *self->p) != NULL;
    if (!parse_escape (self))
      return fail (self, "invalid escape in a string") != NULL;
  }
}

static gboolean
skip_digits (Parser * self)
{
  const guchar *start = self->p;

  while (g_ascii_isdigit (peek (self)))
    self->p++;
  return self->p > start;
}

/* Checks the grammar of a number; whether it is a real one goes to @real. */
static gboolean
skip_number (Parser * self, gboolean * real)
{
  *real = FALSE;
  if (peek (self) == '-')
    self->p++;
  if (peek (self) == '0')
    self->p++;
  else if (!skip_digits (self))
    return FALSE;
  if (peek (self) == '.') {
    *real = TRUE;
    self->p++;
    if (!skip_digits (self))
      return FALSE;
  }
  if (peek (self) == 'e' || peek (self) == 'E') {
    *real = TRUE;
    self->p++;
    if (peek (self) == '+' || peek (self) == '-')
      self->p++;
    if (!skip_digits (self))
      return FALSE;
  }
  return !g_ascii_isalnum (peek (self)) && peek (self) != '.';
}

static JsonNode *
parse_number (Parser * self)
{
  const guchar *start = self->p;
  gboolean real;

  if (!skip_number (self, &real))
    return fail (self, "invalid number");
  g_string_truncate (self->text, 0);
  g_string_append_len (self->text, (const char *) start, self->p - start);

  if (real) {
    double value = g_ascii_strtod (self->text->str, NULL);

    if (!isfinite (value))
      return fail (self, "real number overflow");
    return json_node_init_double (json_node_alloc (), value);
  } else {
    gint64 value;

    errno = 0;
    value = g_ascii_strtoll (self->text->str, NULL, 10);
    if (errno == ERANGE)
      return fail (self, "too big integer");
    return json_node_init_int (json_node_alloc (), value);
  }
}

static gboolean
take_word (Parser * self, const char *word)
{
  gsize size = strlen (word);

  if ((gsize) (self->end - self->p) < size
      || memcmp (self->p, word, size) != 0)
    return FALSE;
  self->p += size;
  return !g_ascii_isalnum (peek (self)) && peek (self) != '_';
}

static JsonNode *
parse_word (Parser * self)
{
  if (take_word (self, "true"))
    return json_node_init_boolean (json_node_alloc (), TRUE);
  if (take_word (self, "false"))
    return json_node_init_boolean (json_node_alloc (), FALSE);
  if (take_word (self, "null"))
    return json_node_init_null (json_node_alloc ());
  return fail (self, "invalid token");
}

static gboolean
parse_member (Parser * self, JsonObject * object)
{
  g_autofree char *name = NULL;
  JsonNode *value;

  if (peek (self) != '"')
    return fail (self, "string or '}' expected") != NULL;
  if (!parse_string (self))
    return FALSE;
  name = g_strndup (self->text->str, self->text->len);
  skip_blanks (self);
  if (peek (self) != ':')
    return fail (self, "':' expected") != NULL;
  self->p++;
  value = parse_value (self);
  if (value == NULL)
    return FALSE;

  /* The last one wins; finding the first walks a list. */
  if (json_object_has_member (object, name)
      && ++self->repeated > MAX_REPEATED) {
    json_node_unref (value);
    return fail (self, "too many members of the same name") != NULL;
  }
  json_object_set_member (object, name, value);
  return TRUE;
}

/* Behind an element: TRUE and *more on a comma, TRUE at @close. */
static gboolean
parse_separator (Parser * self, guchar close, gboolean * more)
{
  skip_blanks (self);
  *more = peek (self) == ',';
  if (!*more && peek (self) != close)
    return fail (self, "'%c' expected", close) != NULL;
  self->p++;
  skip_blanks (self);
  return TRUE;
}

static JsonNode *
parse_object (Parser * self)
{
  g_autoptr (JsonObject) object = json_object_new ();
  gboolean more = TRUE;

  self->p++;
  skip_blanks (self);
  if (peek (self) == '}') {
    self->p++;
    more = FALSE;
  }
  while (more) {
    if (!parse_member (self, object)
        || !parse_separator (self, '}', &more))
      return NULL;
    if (json_object_get_size (object) > MAX_MEMBERS)
      return fail (self, "an object has too many members");
  }
  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
parse_array (Parser * self)
{
  g_autoptr (JsonArray) array = json_array_new ();
  gboolean more = TRUE;

  self->p++;
  skip_blanks (self);
  if (peek (self) == ']') {
    self->p++;
    more = FALSE;
  }
  while (more) {
    JsonNode *value = parse_value (self);

    if (value == NULL)
      return NULL;
    json_array_add_element (array, value);
    if (!parse_separator (self, ']', &more))
      return NULL;
  }
  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
parse_container (Parser * self)
{
  JsonNode *node;

  if (self->depth == BIF_JSON_MAX_DEPTH)
    return fail (self, "nested too deeply");
  self->depth++;
  node = *self->p == '{' ? parse_object (self) : parse_array (self);
  self->depth--;
  return node;
}

static JsonNode *
parse_value (Parser * self)
{
  guchar c;

  skip_blanks (self);
  if (++self->values > MAX_VALUES)
    return fail (self, "too many values");
  c = peek (self);
  if (c == '{' || c == '[')
    return parse_container (self);
  if (c == '"') {
    if (!parse_string (self))
      return NULL;
    return json_node_init_string (json_node_alloc (), self->text->str);
  }
  if (c == '-' || g_ascii_isdigit (c))
    return parse_number (self);
  if (self->p == self->end)
    return fail (self, "unexpected end of the text");
  return parse_word (self);
}

JsonNode *
bif_json_parse (const char *text, gsize size, gsize * consumed,
    GError ** error)
{
  Parser parser = { 0 };
  JsonNode *node = NULL;

  parser.start = parser.p = (const guchar *) text;
  parser.end = parser.start + size;
  parser.text = g_string_sized_new (64);
  parser.error = error;

  skip_blanks (&parser);
  if (peek (&parser) == '{' || peek (&parser) == '[')
    node = parse_value (&parser);
  else
    fail (&parser, "'[' or '{' expected");
  skip_blanks (&parser);
  if (node != NULL && consumed == NULL && parser.p != parser.end) {
    g_clear_pointer (&node, json_node_unref);
    fail (&parser, "end of file expected");
  }
  if (consumed != NULL)
    *consumed = parser.p - parser.start;
  g_string_free (parser.text, TRUE);
  return node;
}

/* ---- members by type ---- */

const char *
bif_json_get_string (JsonObject * object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

gboolean
bif_json_get_int (JsonObject * object, const char *name, gint64 * value)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_INT64)
    return FALSE;
  *value = json_node_get_int (node);
  return TRUE;
}
