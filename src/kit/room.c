/* room.c: what rooms of all plugins have. Main thread. */
#include "kit/room.h"
#include "base/error.h"
#include "core/auth.h"

#include <string.h>

void
bif_room_init (BifRoom * self, const char *id, gboolean string_ids)
{
  self->id = g_strdup (id);
  self->string_ids = string_ids;
  self->allowed = g_ptr_array_new_with_free_func (g_free);
}

void
bif_room_clear (BifRoom * self)
{
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->description, g_free);
  g_clear_pointer (&self->secret, g_free);
  g_clear_pointer (&self->pin, g_free);
  g_clear_pointer (&self->allowed, g_ptr_array_unref);
}

void
bif_room_set_text (char **member, const char *text)
{
  char *copy = text != NULL && text[0] != '\0' ? g_strdup (text) : NULL;

  g_free (*member);
  *member = copy;
}

gboolean
bif_check_secret (const char *expected, const char *given, const char *name,
    GError ** error)
{
  if (expected == NULL)
    return TRUE;
  if (given == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (%s)", name);
    return FALSE;
  }
  if (bif_auth_equal (expected, given))
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_WRONG_SECRET,
      "Unauthorized (wrong %s)", name);
  return FALSE;
}

gboolean
bif_room_check_secret (const BifRoom * self, const char *given,
    GError ** error)
{
  return bif_check_secret (self->secret, given, "secret", error);
}

gboolean
bif_room_check_pin (const BifRoom * self, const char *given, GError ** error)
{
  return bif_check_secret (self->pin, given, "pin", error);
}

static gboolean
find_token (const BifRoom * self, const char *token, guint * index)
{
  return g_ptr_array_find_with_equal_func (self->allowed, token, g_str_equal,
      index);
}

gboolean
bif_room_check_token (const BifRoom * self, const char *token,
    GError ** error)
{
  if (!self->checks_tokens
      || (token != NULL && find_token (self, token, NULL)))
    return TRUE;
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_WRONG_SECRET,
      "Unauthorized (not in the allowed list)");
  return FALSE;
}

gboolean
bif_room_check_tokens (JsonArray * tokens, GError ** error)
{
  for (guint i = 0; tokens != NULL && i < json_array_get_length (tokens); i++) {
    JsonNode *node = json_array_get_element (tokens, i);

    if (JSON_NODE_HOLDS_VALUE (node)
        && json_node_get_value_type (node) == G_TYPE_STRING)
      continue;
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
        "Invalid element in the allowed array (not a string)");
    return FALSE;
  }
  return TRUE;
}

gboolean
bif_room_change_allowed (BifRoom * self, const char *action,
    JsonArray * tokens, GError ** error)
{
  static const char *const actions[] =
      { "enable", "disable", "add", "remove", NULL };
  guint n = tokens != NULL ? json_array_get_length (tokens) : 0;

  if (!g_strv_contains (actions, action)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
        "Unsupported action '%s' (allowed)", action);
    return FALSE;
  }
  if (!bif_room_check_tokens (tokens, error))
    return FALSE;
  if (strcmp (action, "enable") == 0 || strcmp (action, "disable") == 0) {
    self->checks_tokens = action[0] == 'e';
    return TRUE;
  }
  for (guint i = 0; i < n; i++) {
    const char *token = json_array_get_string_element (tokens, i);
    guint index;
    gboolean known = find_token (self, token, &index);

    if (action[0] == 'a' && !known)
      g_ptr_array_add (self->allowed, g_strdup (token));
    else if (action[0] == 'r' && known)
      g_ptr_array_remove_index (self->allowed, index);
  }
  return TRUE;
}

JsonArray *
bif_room_list_allowed (const BifRoom * self)
{
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < self->allowed->len; i++)
    json_array_add_string_element (list, self->allowed->pdata[i]);
  return list;
}

void
bif_room_add_id (const BifRoom * self, JsonObject * object)
{
  bif_id_set (object, "room", self->id, self->string_ids);
}
