/* json.c: what is taken for JSON and what is not, and how it is written. */
#include "base/json.h"
#include "base/error.h"

#include <string.h>

static const struct
{
  const char *text;
  const char *compact;          /* NULL: refused */
} documents[] = {
  { "{}", "{}" },
  { " [ ] ", "[]" },
  { "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"}}",
      "{\"a\":1,\"b\":[true,false,null],\"c\":{\"d\":\"e\"}}" },
  { "{\"z\":1,\"a\":2,\"m\":3}", "{\"z\":1,\"a\":2,\"m\":3}" },
  { "{\"a\":1,\"b\":0,\"a\":\"x\"}", "{\"a\":\"x\",\"b\":0}" },
  { "{\"a\":1,\"a\":[]}", "{\"a\":[]}" },
  { "[9223372036854775807,-9223372036854775808]",
      "[9223372036854775807,-9223372036854775808]" },
  { "[0,-0,0.5,1e2,1E+2,-1.25e-2]",
      "[0,0,0.5,100.0,100.0,-0.012500000000000001]" },
  { "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\"\\\\/\\b\\f\\n\\r\\t\"]" },
  { "[\"\\u0001\\u001f\\u007f\"]", "[\"\\u0001\\u001F\x7f\"]" },
  { "[\"\\u00e9\\ud83d\\ude00\"]", "[\"\303\251\360\237\230\200\"]" },
  { "[\"\303\251\"]", "[\"\303\251\"]" },
  { "\t\r\n [\n1 ,\t2\r]\n", "[1,2]" },
  { "{\"\":0}", "{\"\":0}" },
  /* grammar */
  { "", NULL }, { "   ", NULL }, { "{", NULL }, { "}", NULL }, { "[", NULL },
  { "[1,]", NULL }, { "{\"a\":1,}", NULL }, { "[,1]", NULL },
  { "[1 2]", NULL }, { "{\"a\" 1}", NULL }, { "{\"a\":}", NULL },
  { "{a:1}", NULL }, { "{'a':1}", NULL }, { "{1:1}", NULL },
  { "[1]x", NULL }, { "[1][2]", NULL }, { "{}{}", NULL },
  { "\"a\"", NULL }, { "12", NULL }, { "true", NULL }, { "null", NULL },
  { "[nul]", NULL }, { "[nulll]", NULL }, { "[True]", NULL },
  { "[NaN]", NULL }, { "[Infinity]", NULL }, { "[-Infinity]", NULL },
  { "[undefined]", NULL }, { "/* c */[]", NULL }, { "[] // c", NULL },
  { "[/**/]", NULL }, { "var a=[]", NULL },
  /* numbers */
  { "[01]", NULL }, { "[-]", NULL }, { "[+1]", NULL }, { "[.5]", NULL },
  { "[1.]", NULL }, { "[1e]", NULL }, { "[1e+]", NULL }, { "[0x10]", NULL },
  { "[1.2.3]", NULL }, { "[1a]", NULL }, { "[--1]", NULL },
  { "[9223372036854775808]", NULL }, { "[-9223372036854775809]", NULL },
  { "[99999999999999999999999]", NULL }, { "[1e999]", NULL },
  /* strings */
  { "[\"]", NULL }, { "[\"\\\"]", NULL }, { "[\"\\x\"]", NULL },
  { "[\"\\u12\"]", NULL }, { "[\"\\u12g4\"]", NULL },
  { "[\"\\u0000\"]", NULL }, { "[\"\\ud800\"]", NULL },
  { "[\"\\ud800\\u0041\"]", NULL }, { "[\"\\udc00\"]", NULL },
  { "[\"\\ud800x\"]", NULL }, { "[\"\n\"]", NULL }, { "[\"\t\"]", NULL },
  { "[\"\001\"]", NULL }, { "['a']", NULL },
  /* not UTF-8 */
  { "[\"\xff\"]", NULL }, { "[\"\xc3\"]", NULL }, { "[\"\xc0\x80\"]", NULL },
  { "[\"\xed\xa0\x80\"]", NULL }, { "\xef\xbb\xbf[]", NULL },
  { "[\xa0]", NULL },
};

static void
test_documents (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (documents); i++) {
    g_autoptr (GError) error = NULL;
    const char *text = documents[i].text;
    g_autofree char *copy = g_memdup2 (text, strlen (text));
    g_autoptr (JsonNode) node =
        bif_json_parse (copy, strlen (text), NULL, &error);
    g_autofree char *written = NULL;
    gsize size;

    if (documents[i].compact == NULL) {
      g_assert_null (node);
      g_assert_error (error, BIF_ERROR, BIF_ERROR_INVALID_JSON);
      g_assert_true (g_str_has_prefix (error->message, "JSON error: on line "));
      continue;
    }
    g_assert_no_error (error);
    written = bif_json_to_string (node, BIF_JSON_COMPACT, &size);
    g_assert_cmpstr (written, ==, documents[i].compact);
    g_assert_cmpuint (size, ==, strlen (written));
  }
}

static void
test_embedded_nul (void)
{
  static const char *const texts[] = { "[]\0", "[\"a\0b\"]", "[\0]", "\0[]" };
  static const gsize sizes[] = { 3, 7, 3, 3 };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (bif_json_parse (texts[i], sizes[i], NULL, &error));
    g_assert_error (error, BIF_ERROR, BIF_ERROR_INVALID_JSON);
  }
}

/* Every prefix of a document, read from a buffer of exactly that size. */
static void
test_truncated (void)
{
  const char *text = "{\"a\":[1.5e3,\"\\u00e9\\ud83d\\ude00\303\251\",true,"
      "null,{\"b\":-12}]}";

  for (gsize size = 0; size < strlen (text); size++) {
    g_autofree char *copy = g_memdup2 (text, size);
    g_autoptr (GError) error = NULL;

    g_assert_null (bif_json_parse (copy, size, NULL, &error));
    g_assert_error (error, BIF_ERROR, BIF_ERROR_INVALID_JSON);
  }
}

static void
test_line (void)
{
  g_autoptr (GError) error = NULL;
  const char *text = "{\n\"a\":1,\n\n\"b\":x}";

  g_assert_null (bif_json_parse (text, strlen (text), NULL, &error));
  g_assert_cmpstr (error->message, ==,
      "JSON error: on line 4: invalid token");
}

static void
test_concatenated (void)
{
  const char *text = " {\"a\":1} \n{\"b\":2}[] ";
  const char *expected[] = { "{\"a\":1}", "{\"b\":2}", "[]" };
  gsize left = strlen (text);

  for (guint i = 0; i < 3; i++) {
    g_autoptr (GError) error = NULL;
    gsize consumed;
    g_autoptr (JsonNode) node =
        bif_json_parse (text, left, &consumed, &error);
    g_autofree char *written = NULL;

    g_assert_no_error (error);
    written = bif_json_to_string (node, BIF_JSON_COMPACT, NULL);
    g_assert_cmpstr (written, ==, expected[i]);
    text += consumed;
    left -= consumed;
  }
  g_assert_cmpuint (left, ==, 0);
}

static gboolean
parses (GString * text)
{
  g_autoptr (JsonNode) node =
      bif_json_parse (text->str, text->len, NULL, NULL);

  return node != NULL;
}

static void
test_limits (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint depth = BIF_JSON_MAX_DEPTH; depth < BIF_JSON_MAX_DEPTH + 2;
      depth++) {
    g_string_truncate (text, 0);
    for (guint i = 0; i < depth; i++)
      g_string_append (text, i % 2 ? "{\"a\":" : "[");
    g_string_append_c (text, '1');
    for (guint i = depth; i-- > 0;)
      g_string_append_c (text, i % 2 ? '}' : ']');
    g_assert_cmpint (parses (text), ==, depth == BIF_JSON_MAX_DEPTH);
  }

  /* a crowd of members, the same name again and again, a crowd of values */
  g_string_assign (text, "{\"a\":0");
  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (text, ",\"%u\":0", i);
  g_string_append_c (text, '}');
  g_assert_false (parses (text));
  g_string_assign (text, "{\"a\":0");
  for (guint i = 0; i < 5000; i++)
    g_string_append (text, ",\"a\":0");
  g_string_append_c (text, '}');
  g_assert_false (parses (text));
  g_string_assign (text, "[0");
  for (guint i = 0; i < 100000; i++)
    g_string_append (text, ",[]");
  g_string_append_c (text, ']');
  g_assert_false (parses (text));
  g_string_assign (text, "");
  for (guint i = 0; i < 1000000; i++)
    g_string_append_c (text, '[');
  g_assert_false (parses (text));
}

static void
test_styles (void)
{
  const char *text = "{\"a\":1,\"b\":[1,\"x\"],\"c\":{},\"d\":[],"
      "\"e\":{\"f\":null}}";
  g_autoptr (JsonNode) node = bif_json_parse (text, strlen (text), NULL,
      NULL);
  g_autofree char *plain = bif_json_to_string (node, BIF_JSON_PLAIN, NULL);
  g_autofree char *indented =
      bif_json_to_string (node, BIF_JSON_INDENTED, NULL);
  g_autofree char *compact =
      bif_json_object_to_string (json_node_get_object (node),
      BIF_JSON_COMPACT, NULL);

  g_assert_cmpstr (compact, ==, text);
  g_assert_cmpstr (plain, ==, "{\"a\": 1, \"b\": [1, \"x\"], \"c\": {}, "
      "\"d\": [], \"e\": {\"f\": null}}");
  g_assert_cmpstr (indented, ==, "{\n   \"a\": 1,\n   \"b\": [\n      1,\n"
      "      \"x\"\n   ],\n   \"c\": {},\n   \"d\": [],\n   \"e\": {\n"
      "      \"f\": null\n   }\n}");
  g_assert_cmpint (bif_json_style_from_string ("plain", BIF_JSON_COMPACT), ==,
      BIF_JSON_PLAIN);
  g_assert_cmpint (bif_json_style_from_string ("x", BIF_JSON_INDENTED), ==,
      BIF_JSON_INDENTED);
  g_assert_cmpint (bif_json_style_from_string (NULL, BIF_JSON_COMPACT), ==,
      BIF_JSON_COMPACT);
}

/* Text of ours that is not UTF-8 must not make a message that nobody takes. */
static void
test_invalid_text (void)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *written = NULL;
  g_autoptr (JsonNode) back = NULL;

  json_object_set_string_member (object, "a", "x\xffy");
  json_object_set_double_member (object, "b", 1.0 / 0.0);
  written = bif_json_object_to_string (object, BIF_JSON_COMPACT, NULL);
  g_assert_cmpstr (written, ==, "{\"a\":\"x\357\277\275y\",\"b\":null}");
  back = bif_json_parse (written, strlen (written), NULL, NULL);
  g_assert_nonnull (back);
}

static void
test_members (void)
{
  const char *text = "{\"s\":\"x\",\"i\":5,\"d\":5.0,\"n\":null}";
  g_autoptr (JsonNode) node = bif_json_parse (text, strlen (text), NULL,
      NULL);
  JsonObject *object = json_node_get_object (node);
  gint64 value = 7;

  g_assert_cmpstr (bif_json_get_string (object, "s"), ==, "x");
  g_assert_null (bif_json_get_string (object, "i"));
  g_assert_null (bif_json_get_string (object, "n"));
  g_assert_null (bif_json_get_string (object, "none"));
  g_assert_false (bif_json_get_int (object, "d", &value));
  g_assert_false (bif_json_get_int (object, "n", &value));
  g_assert_cmpint (value, ==, 7);
  g_assert_true (bif_json_get_int (object, "i", &value));
  g_assert_cmpint (value, ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/json/documents", test_documents);
  g_test_add_func ("/json/embedded-nul", test_embedded_nul);
  g_test_add_func ("/json/truncated", test_truncated);
  g_test_add_func ("/json/line", test_line);
  g_test_add_func ("/json/concatenated", test_concatenated);
  g_test_add_func ("/json/limits", test_limits);
  g_test_add_func ("/json/styles", test_styles);
  g_test_add_func ("/json/invalid-text", test_invalid_text);
  g_test_add_func ("/json/members", test_members);
  return g_test_run ();
}
