/* kit-id: ids of rooms and members as numbers and as text. */
#include "kit/id.h"
#include "base/error.h"

#include <string.h>

static const struct
{
  gboolean strings;
  BifMaybeId id;
  const char *taken;            /* NULL: a new one is wanted */
  const char *required;
  int code;                     /* of both; 0 for none */
} rows[] = {
  {FALSE, {TRUE, NULL, 5}, "5", "5", 0},
  {FALSE, {TRUE, NULL, 0}, NULL, "0", 0},
  {FALSE, {TRUE, NULL, G_MAXINT64}, "9223372036854775807",
      "9223372036854775807", 0},
  {FALSE, {TRUE, NULL, -1}, NULL, NULL, BIF_ERROR_INVALID_ELEMENT},
  {FALSE, {TRUE, "5", 0}, NULL, NULL, BIF_ERROR_INVALID_ELEMENT},
  {TRUE, {TRUE, "x y", 0}, "x y", "x y", 0},
  {TRUE, {TRUE, "", 0}, NULL, "", 0},
  {TRUE, {TRUE, NULL, 5}, NULL, NULL, BIF_ERROR_INVALID_ELEMENT},
  {TRUE, {TRUE, NULL, -1}, NULL, NULL, BIF_ERROR_INVALID_ELEMENT},
};

static void
test_read (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *taken = NULL, *required = NULL;
    g_autoptr (GError) error = NULL;
    gboolean good = rows[i].code == 0;

    g_assert_cmpint (bif_id_take (&rows[i].id, "room", rows[i].strings,
            &taken, NULL), ==, good);
    g_assert_cmpint (bif_id_require (&rows[i].id, "room", rows[i].strings,
            &required, &error), ==, good);
    g_assert_cmpstr (taken, ==, rows[i].taken);
    g_assert_cmpstr (required, ==, rows[i].required);
    if (good)
      continue;
    g_assert_error (error, BIF_ERROR, rows[i].code);
    g_assert_cmpstr (error->message, ==, rows[i].strings
        ? "Invalid element type (room should be a string)"
        : "Invalid element type (room should be a positive integer)");
  }
}

static void
test_absent (void)
{
  const BifMaybeId none = { FALSE, NULL, 0 };
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (bif_id_take (&none, "room", FALSE, &id, NULL));
  g_assert_null (id);
  g_assert_false (bif_id_require (&none, "room", TRUE, &id, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_MISSING_ELEMENT);
  g_assert_cmpstr (error->message, ==, "Missing mandatory element (room)");
}

static void
test_write (void)
{
  g_autoptr (JsonObject) object = json_object_new ();

  bif_id_set (object, "a", "4503599627370495", FALSE);
  bif_id_set (object, "b", "77", TRUE);
  g_assert_cmpint (json_object_get_int_member (object, "a"), ==,
      G_GINT64_CONSTANT (4503599627370495));
  g_assert_cmpstr (json_object_get_string_member (object, "b"), ==, "77");
}

static void
test_random (void)
{
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < 1000; i++) {
    char *number = bif_id_random (FALSE), *text = bif_id_random (TRUE);
    guint64 value = g_ascii_strtoull (number, NULL, 10);

    g_assert_true (value > 0 && value < (guint64) 1 << 52);
    g_assert_true (g_uuid_string_is_valid (text));
    g_assert_true (g_hash_table_add (seen, number));
    g_assert_true (g_hash_table_add (seen, text));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kit-id/read", test_read);
  g_test_add_func ("/kit-id/absent", test_absent);
  g_test_add_func ("/kit-id/write", test_write);
  g_test_add_func ("/kit-id/random", test_random);
  return g_test_run ();
}
