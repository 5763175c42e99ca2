/* room.h: what rooms of all plugins have: id, description, secret, PIN, list of
 * allowed tokens. A plugin's room embeds it. Main thread. */
#pragma once

#include <json-glib/json-glib.h>
#include "kit/id.h"

G_BEGIN_DECLS

/**
 * BifRoom:
 * @secret: (nullable): for requests that change the room
 * @pin: (nullable): for joining
 * @checks_tokens: only who has a token of @allowed may join
 */
typedef struct
{
  char *id;
  gboolean string_ids;
  char *description;
  char *secret;
  char *pin;
  gboolean is_private;
  gboolean checks_tokens;
  GPtrArray *allowed;           /* of char * */
} BifRoom;

void bif_room_init (BifRoom * self, const char *id, gboolean string_ids);
void bif_room_clear (BifRoom * self);

/* Replaces text; NULL and "" are none. */
void bif_room_set_text (char **member, const char *text);

/**
 * bif_room_check_secret:
 * @given: (nullable): what the request has
 * @error: BIF_ERROR_MISSING_ELEMENT, BIF_ERROR_WRONG_SECRET
 */
gboolean bif_room_check_secret (const BifRoom * self, const char *given,
    GError ** error);
gboolean bif_room_check_pin (const BifRoom * self, const char *given,
    GError ** error);
/* The same for a secret of another kind: @name is its member's. */
gboolean bif_check_secret (const char *expected, const char *given,
    const char *name, GError ** error);
gboolean bif_room_check_token (const BifRoom * self, const char *token,
    GError ** error);

/**
 * bif_room_change_allowed:
 * @action: "enable", "disable", "add" or "remove"
 * @tokens: (nullable): of strings
 * @error: BIF_ERROR_INVALID_ELEMENT; nothing has changed then
 */
gboolean bif_room_change_allowed (BifRoom * self, const char *action,
    JsonArray * tokens, GError ** error);
/* Whether all of @tokens (nullable) are strings; BIF_ERROR_INVALID_ELEMENT */
gboolean bif_room_check_tokens (JsonArray * tokens, GError ** error);
/* Returns: (transfer full) */
JsonArray *bif_room_list_allowed (const BifRoom * self);

/* Sets "room". */
void bif_room_add_id (const BifRoom * self, JsonObject * object);

G_END_DECLS
