/* field.c: fields of every type against values of every type. */
#include "base/field.h"
#include "base/error.h"
#include "base/json.h"

#include <string.h>

typedef struct
{
  const char *string;
  gboolean boolean;
  gint64 integer;
  guint uint;
  guint small;
  guint64 uint64;
  JsonObject *object;
  JsonArray *array;
  const char *id;
  BifMaybeBool maybe_bool;
  BifMaybeInt maybe_int;
  BifMaybeInt maybe_uint;
} Params;

static const BifField fields[] = {
  BIF_STRING (Params, string, BIF_OPTIONAL, ""),
  BIF_BOOL (Params, boolean, BIF_OPTIONAL, ""),
  BIF_INT (Params, integer, BIF_OPTIONAL, ""),
  BIF_UINT (Params, uint, BIF_OPTIONAL, ""),
  BIF_UINT_MAX (Params, small, BIF_OPTIONAL, 7, ""),
  BIF_UINT64 (Params, uint64, BIF_OPTIONAL, ""),
  BIF_OBJECT (Params, object, BIF_OPTIONAL, ""),
  BIF_ARRAY (Params, array, BIF_OPTIONAL, ""),
  BIF_ID (Params, id, BIF_OPTIONAL, ""),
  BIF_MAYBE_BOOL (Params, maybe_bool, BIF_OPTIONAL, ""),
  BIF_MAYBE_INT (Params, maybe_int, BIF_OPTIONAL, ""),
  BIF_MAYBE_UINT (Params, maybe_uint, BIF_OPTIONAL, 100, ""),
  { NULL },
};

static const struct
{
  const char *name;
  const char *wanted;
  const char *good;             /* values that may stand there */
} types[] = {
  { "string", "a string", "\"x\"|\"\"" },
  { "boolean", "a boolean", "true|false" },
  { "integer", "an integer", "0|-1|9223372036854775807" },
  { "uint", "a positive integer", "0|4294967295" },
  { "uint64", "a positive integer", "0|9223372036854775807" },
  { "object", "an object", "{}" },
  { "array", "an array", "[]" },
  { "id", "a positive integer or a string", "0|5|\"x\"|\"\"" },
  { "maybe_bool", "a boolean", "true|false" },
  { "maybe_int", "an integer", "0|-5" },
};

static gboolean
read_text (const char *text, Params * params, const char *prefix,
    GError ** error)
{
  g_autoptr (JsonNode) node =
      bif_json_parse (text, strlen (text), NULL, NULL);

  g_assert_nonnull (node);
  memset (params, 0, sizeof *params);
  return bif_fields_read (fields, json_node_get_object (node), params, prefix,
      error);
}

static gboolean
is_good (const char *list, const char *value)
{
  g_auto (GStrv) values = g_strsplit (list, "|", -1);

  return g_strv_contains ((const char *const *) values, value);
}

static void
test_types (void)
{
  static const char *const values[] = {
    "\"x\"", "\"\"", "true", "false", "0", "5", "-1", "-5", "1.5", "0.0",
    "4294967295", "4294967296", "9223372036854775807", "{}", "[]", "null",
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    for (guint k = 0; k < G_N_ELEMENTS (values); k++) {
      g_autofree char *text =
          g_strdup_printf ("{\"%s\":%s}", types[i].name, values[k]);
      g_autofree char *expected = g_strdup_printf
          ("Invalid element type (%s should be %s)", types[i].name,
          types[i].wanted);
      g_autoptr (GError) error = NULL;
      gboolean integer = strchr ("0123456789-", values[k][0]) != NULL
          && strchr (values[k], '.') == NULL;
      gboolean negative = values[k][0] == '-';
      gboolean good = is_good (types[i].good, values[k]);
      Params params;

      /* Integers go by range. */
      if (integer && strstr (types[i].wanted, "integer") != NULL)
        good = g_str_equal (types[i].wanted, "an integer") || (!negative
            && (!g_str_equal (types[i].name, "uint")
                || g_ascii_strtoll (values[k], NULL, 10) <= G_MAXUINT));
      g_assert_cmpint (read_text (text, &params, NULL, &error), ==, good);
      if (!good) {
        g_assert_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT);
        g_assert_cmpstr (error->message, ==, expected);
      }
    }
  }
}

static void
test_values (void)
{
  const char *text = "{\"string\":\"s\",\"boolean\":true,\"integer\":-3,"
      "\"uint\":4,\"small\":7,\"uint64\":9007199254740991,\"object\":"
      "{\"a\":1},\"array\":[1,2],\"id\":1234,\"maybe_bool\":false,"
      "\"maybe_int\":-9,\"maybe_uint\":100}";
  g_autoptr (JsonNode) node =
      bif_json_parse (text, strlen (text), NULL, NULL);
  JsonObject *object = json_node_get_object (node);
  g_autoptr (GError) error = NULL;
  Params p = { 0 };

  for (guint i = 0; i < 2; i++) {
    memset (&p, 0, sizeof p);
    g_assert_true (bif_fields_read (fields, object, &p, NULL, &error));
    g_assert_cmpstr (p.string, ==, "s");
    g_assert_true (p.boolean);
    g_assert_cmpint (p.integer, ==, -3);
    g_assert_cmpuint (p.uint, ==, 4);
    g_assert_cmpuint (p.small, ==, 7);
    g_assert_cmpuint (p.uint64, ==, G_GUINT64_CONSTANT (9007199254740991));
    g_assert_true (json_object_has_member (p.object, "a"));
    g_assert_cmpuint (json_array_get_length (p.array), ==, 2);
    g_assert_cmpstr (p.id, ==, "1234");
    g_assert_true (p.maybe_bool.set && !p.maybe_bool.value);
    g_assert_true (p.maybe_int.set && p.maybe_int.value == -9);
    g_assert_true (p.maybe_uint.set && p.maybe_uint.value == 100);
  }
}

static void
test_absent (void)
{
  g_autoptr (GError) error = NULL;
  Params p;

  /* as Janus's core has it, and its plugins have not */
  g_assert_true (read_text ("{\"maybe_bool\":null,\"id\":null,\"other\":1}",
          &p, "core", &error));
  g_assert_false (p.maybe_bool.set);
  g_assert_null (p.id);
  memset (&p, 0, sizeof p);
  g_assert_true (bif_fields_read (fields, NULL, &p, NULL, &error));
  g_assert_true (bif_fields_read (NULL, NULL, &p, NULL, &error));
}

static void
test_range (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) maybe = NULL;
  Params p;

  g_assert_false (read_text ("{\"small\":8}", &p, NULL, &error));
  g_assert_cmpstr (error->message, ==,
      "Invalid element type (small should be between 0 and 7)");
  g_assert_false (read_text ("{\"maybe_uint\":101}", &p, NULL, &maybe));
  g_assert_cmpstr (maybe->message, ==,
      "Invalid element type (maybe_uint should be between 0 and 100)");
}

typedef struct
{
  const char *type;
  const char *sdp;
} Required;

static void
test_required (void)
{
  static const BifField required[] = {
    BIF_STRING (Required, type, BIF_REQUIRED, ""),
    BIF_STRING (Required, sdp, BIF_REQUIRED, ""),
    { NULL },
  };
  static const struct
  {
    const char *text;
    const char *prefix;
    int code;
    const char *message;
  } cases[] = {
    { "{}", NULL, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (type)" },
    { "{\"type\":null}", NULL, BIF_ERROR_INVALID_ELEMENT,
        "Invalid element type (type should be a string)" },
    { "{\"type\":null}", "JSEP error", BIF_ERROR_MISSING_ELEMENT,
        "JSEP error: missing mandatory element (type)" },
    { "{\"type\":1}", NULL, BIF_ERROR_INVALID_ELEMENT,
        "Invalid element type (type should be a string)" },
    { "{\"sdp\":1}", NULL, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (type)" },
    { "{\"type\":\"x\"}", "JSEP error", BIF_ERROR_MISSING_ELEMENT,
        "JSEP error: missing mandatory element (sdp)" },
    { "{\"type\":\"x\",\"sdp\":[]}", "JSEP error", BIF_ERROR_INVALID_ELEMENT,
        "JSEP error: invalid element type (sdp should be a string)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (JsonNode) node =
        bif_json_parse (cases[i].text, strlen (cases[i].text), NULL, NULL);
    g_autoptr (GError) error = NULL;
    Required params = { NULL };

    g_assert_false (bif_fields_read (required, json_node_get_object (node),
            &params, cases[i].prefix, &error));
    g_assert_error (error, BIF_ERROR, cases[i].code);
    g_assert_cmpstr (error->message, ==, cases[i].message);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/field/types", test_types);
  g_test_add_func ("/field/values", test_values);
  g_test_add_func ("/field/absent", test_absent);
  g_test_add_func ("/field/range", test_range);
  g_test_add_func ("/field/required", test_required);
  return g_test_run ();
}
