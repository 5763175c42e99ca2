/* kit-room: secrets, PINs and tokens of rooms. */
#include "kit/room.h"
#include "base/error.h"

static const struct
{
  const char *expected, *given;
  int code;                     /* 0: let in */
} secrets[] = {
  {NULL, NULL, 0}, {NULL, "x", 0}, {"s", "s", 0}, {"", "", 0},
  {"s", NULL, BIF_ERROR_MISSING_ELEMENT}, {"", NULL, BIF_ERROR_MISSING_ELEMENT},
  {"s", "", BIF_ERROR_WRONG_SECRET}, {"s", "S", BIF_ERROR_WRONG_SECRET},
  {"s", "ss", BIF_ERROR_WRONG_SECRET}, {"ss", "s", BIF_ERROR_WRONG_SECRET},
};

static void
test_secrets (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (secrets); i++) {
    BifRoom room = { .secret = (char *) secrets[i].expected,
      .pin = (char *) secrets[i].expected
    };
    g_autoptr (GError) error = NULL, pin_error = NULL;
    gboolean good = secrets[i].code == 0;

    g_assert_cmpint (bif_room_check_secret (&room, secrets[i].given, &error),
        ==, good);
    g_assert_cmpint (bif_room_check_pin (&room, secrets[i].given,
            &pin_error), ==, good);
    if (good)
      continue;
    g_assert_error (error, BIF_ERROR, secrets[i].code);
    g_assert_error (pin_error, BIF_ERROR, secrets[i].code);
    g_assert_true (g_str_has_suffix (error->message, "secret)"));
    g_assert_true (g_str_has_suffix (pin_error->message, "pin)"));
  }
}

/* One after another on a room: what is left, and whether "t" gets in. */
static const struct
{
  const char *action, *tokens;  /* JSON (nullable) */
  gboolean good;
  const char *left;             /* commas between */
  gboolean enters;
} steps[] = {
  {"add", "[\"t\",\"u\",\"t\"]", TRUE, "t,u", TRUE},
  {"enable", NULL, TRUE, "t,u", TRUE},
  {"remove", "[\"t\",\"none\"]", TRUE, "u", FALSE},
  {"add", "[\"v\",5]", FALSE, "u", FALSE},
  {"change", "[\"v\"]", FALSE, "u", FALSE},
  {"add", "[]", TRUE, "u", FALSE},
  {"add", NULL, TRUE, "u", FALSE},
  {"disable", NULL, TRUE, "u", TRUE},
};

static char *
list (const BifRoom * room)
{
  g_autoptr (JsonArray) array = bif_room_list_allowed (room);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) strv = NULL;

  for (guint i = 0; i < json_array_get_length (array); i++)
    g_strv_builder_add (names, json_array_get_string_element (array, i));
  strv = g_strv_builder_end (names);
  return g_strjoinv (",", strv);
}

static void
test_tokens (void)
{
  BifRoom room = { 0 };

  bif_room_init (&room, "77", FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_autoptr (JsonNode) node = steps[i].tokens != NULL
        ? json_from_string (steps[i].tokens, NULL) : NULL;
    g_autoptr (GError) error = NULL, refused = NULL;
    g_autofree char *left = NULL;

    g_assert_cmpint (bif_room_change_allowed (&room, steps[i].action,
            node != NULL ? json_node_get_array (node) : NULL, &error), ==,
        steps[i].good);
    if (!steps[i].good)
      g_assert_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT);
    left = list (&room);
    g_assert_cmpstr (left, ==, steps[i].left);
    g_assert_cmpint (bif_room_check_token (&room, "t", &refused), ==,
        steps[i].enters);
    g_assert_cmpint (bif_room_check_token (&room, NULL, NULL), ==,
        !room.checks_tokens);
    if (!steps[i].enters)
      g_assert_error (refused, BIF_ERROR, BIF_ERROR_WRONG_SECRET);
  }
  bif_room_clear (&room);
  bif_room_clear (&room);
}

static void
test_text (void)
{
  char *text = NULL;

  bif_room_set_text (&text, "a");
  g_assert_cmpstr (text, ==, "a");
  bif_room_set_text (&text, text);
  g_assert_cmpstr (text, ==, "a");
  bif_room_set_text (&text, "");
  g_assert_null (text);
  bif_room_set_text (&text, NULL);
  g_assert_null (text);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/kit-room/secrets", test_secrets);
  g_test_add_func ("/kit-room/tokens", test_tokens);
  g_test_add_func ("/kit-room/text", test_text);
  return g_test_run ();
}
