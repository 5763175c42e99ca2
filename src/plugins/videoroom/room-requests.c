/* room-requests.c: requests that need no place in a room: create, edit and so
 * on. Also for the Admin API's message_plugin. Main thread. */
#include "plugins/videoroom/videoroom.h"

#include <string.h>

#define MIN_BITRATE 64000

const BifField vr_edit_fields[] = {
  BIF_MAYBE_ID (VrEditParams, room, BIF_OPTIONAL, "room"),
  BIF_STRING (VrEditParams, secret, BIF_OPTIONAL, "the room's"),
  BIF_STRING (VrEditParams, new_description, BIF_OPTIONAL, "description"),
  BIF_STRING (VrEditParams, new_secret, BIF_OPTIONAL, "secret"),
  BIF_STRING (VrEditParams, new_pin, BIF_OPTIONAL, "PIN"),
  BIF_MAYBE_BOOL (VrEditParams, new_is_private, BIF_OPTIONAL, "not listed"),
  BIF_MAYBE_BOOL (VrEditParams, new_require_pvtid, BIF_OPTIONAL,
      "subscribers need a publisher's private id"),
  BIF_MAYBE_UINT (VrEditParams, new_bitrate, BIF_OPTIONAL, G_MAXINT32,
      "cap, bit/s"),
  BIF_MAYBE_UINT (VrEditParams, new_fir_freq, BIF_OPTIONAL, G_MAXINT32,
      "keyframe interval, s"),
  BIF_MAYBE_UINT (VrEditParams, new_publishers, BIF_OPTIONAL, G_MAXINT32,
      "most that publish at a time"),
  BIF_MAYBE_BOOL (VrEditParams, new_lock_record, BIF_OPTIONAL,
      "recording needs the secret"),
  BIF_STRING (VrEditParams, new_rec_dir, BIF_OPTIONAL,
      "folder of recordings"),
  BIF_MAYBE_BOOL (VrEditParams, permanent, BIF_OPTIONAL,
      "in the configuration file too"),
  {NULL},
};

const BifField vr_destroy_fields[] = {
  BIF_MAYBE_ID (VrDestroyParams, room, BIF_OPTIONAL, "room"),
  BIF_STRING (VrDestroyParams, secret, BIF_OPTIONAL, "the room's"),
  BIF_MAYBE_BOOL (VrDestroyParams, permanent, BIF_OPTIONAL,
      "from the configuration file too"),
  {NULL},
};

const BifField vr_list_fields[] = {
  BIF_STRING (VrListParams, admin_key, BIF_OPTIONAL,
      "lists private rooms too"),
  {NULL},
};

const BifField vr_room_only_fields[] = {
  BIF_MAYBE_ID (VrRoomOnlyParams, room, BIF_OPTIONAL, "room"),
  {NULL},
};

const BifField vr_allowed_fields[] = {
  BIF_MAYBE_ID (VrAllowedParams, room, BIF_OPTIONAL, "room"),
  BIF_STRING (VrAllowedParams, secret, BIF_OPTIONAL, "the room's"),
  BIF_STRING (VrAllowedParams, action, BIF_REQUIRED,
      "enable, disable, add or remove"),
  BIF_ARRAY (VrAllowedParams, allowed, BIF_OPTIONAL, "tokens"),
  {NULL},
};

const BifField vr_kick_fields[] = {
  BIF_MAYBE_ID (VrKickParams, room, BIF_OPTIONAL, "room"),
  BIF_STRING (VrKickParams, secret, BIF_OPTIONAL, "the room's"),
  BIF_MAYBE_ID (VrKickParams, id, BIF_OPTIONAL, "who has to go"),
  {NULL},
};

static VrRoom *
find_room (VrPlugin * self, const BifMaybeId * room, GError ** error)
{
  g_autofree char *id = NULL;

  if (!bif_id_require (room, "room", self->string_ids, &id, error))
    return NULL;
  return vr_plugin_find_room (self, id, error);
}

/* The room, for who knows its secret. */
static VrRoom *
open_room (VrPlugin * self, const BifMaybeId * id, const char *secret,
    GError ** error)
{
  VrRoom *room = find_room (self, id, error);

  return room != NULL && bif_room_check_secret (&room->base, secret, error)
      ? room : NULL;
}

static gboolean
check_permanent (VrPlugin * self, const BifMaybeBool * permanent,
    GError ** error)
{
  BifConfig *config = bif_plugin_config (BIF_PLUGIN (self));

  if (!permanent->set || !permanent->value
      || bif_config_path (config) != NULL)
    return TRUE;
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INTERNAL,
      "No configuration file, can't create permanent room");
  return FALSE;
}

/* Writes the room into the file, or out of it, where that was asked for.
 * Returns: (transfer full): {"videoroom": @what, "room", "permanent"} */
static JsonObject *
changed (VrPlugin * self, VrRoom * room, const char *what, gboolean keep,
    const BifMaybeBool * permanent)
{
  JsonObject *object = vr_room_event (room, what);

  json_object_set_boolean_member (object, "permanent", permanent->set
      && permanent->value && vr_store_save (self, room, keep));
  return object;
}

static JsonObject *
create (VrPlugin * self, gconstpointer params, GError ** error)
{
  const VrRoomParams *p = params;
  g_autofree char *id = NULL;
  VrRoom *room;

  if (!bif_id_take (&p->room, "room", self->string_ids, &id, error)
      || !bif_check_secret (self->admin_key, p->admin_key, "admin_key", error)
      || !vr_room_check_params (p, error)
      || !check_permanent (self, &p->permanent, error))
    return NULL;
  room = vr_room_new (self, id, error);
  if (room == NULL)
    return NULL;
  if (p->description != NULL && p->description[0] != '\0')
    room->base.description = g_strdup (p->description);
  else
    room->base.description = g_strdup_printf ("Room %s", room->base.id);
  vr_room_apply (room, p);
  return changed (self, room, "created", TRUE, &p->permanent);
}

static void
edit_text (char **member, const char *text)
{
  if (text != NULL && text[0] != '\0')
    bif_room_set_text (member, text);
}

static void
apply_edit (VrRoom * room, const VrEditParams * p)
{
  edit_text (&room->base.description, p->new_description);
  edit_text (&room->base.secret, p->new_secret);
  edit_text (&room->base.pin, p->new_pin);
  if (p->new_rec_dir != NULL) {
    g_free (room->rec_dir);
    room->rec_dir = g_strdup (p->new_rec_dir);
  }
  if (p->new_is_private.set)
    room->base.is_private = p->new_is_private.value;
  if (p->new_require_pvtid.set)
    room->require_pvtid = p->new_require_pvtid.value;
  if (p->new_lock_record.set)
    room->lock_record = p->new_lock_record.value;
  if (p->new_publishers.set)
    room->max_publishers = (guint) p->new_publishers.value;
  if (p->new_fir_freq.set)
    vr_room_set_fir_freq (room, (guint) p->new_fir_freq.value);
  if (p->new_bitrate.set) {
    room->bitrate = (guint) p->new_bitrate.value;
    if (room->bitrate > 0 && room->bitrate < MIN_BITRATE)
      room->bitrate = MIN_BITRATE;
  }
}

static JsonObject *
edit (VrPlugin * self, gconstpointer params, GError ** error)
{
  const VrEditParams *p = params;
  VrRoom *room;

  if (!check_permanent (self, &p->permanent, error))
    return NULL;
  room = open_room (self, &p->room, p->secret, error);
  if (room == NULL)
    return NULL;
  apply_edit (room, p);
  return changed (self, room, "edited", TRUE, &p->permanent);
}

static JsonObject *
destroy (VrPlugin * self, gconstpointer params, GError ** error)
{
  const VrDestroyParams *p = params;
  VrRoom *room;
  JsonObject *object;

  if (!check_permanent (self, &p->permanent, error))
    return NULL;
  room = open_room (self, &p->room, p->secret, error);
  if (room == NULL)
    return NULL;
  object = changed (self, room, "destroyed", FALSE, &p->permanent);
  vr_room_destroy (room);
  return object;
}

static JsonObject *
list (VrPlugin * self, gconstpointer params, GError ** error)
{
  const VrListParams *p = params;
  gboolean all = FALSE;
  JsonObject *object;
  JsonArray *rooms;
  GHashTableIter iter;
  gpointer value;

  if (p->admin_key != NULL && self->admin_key != NULL) {
    if (!bif_check_secret (self->admin_key, p->admin_key, "admin_key", error))
      return NULL;
    all = TRUE;
  }
  object = json_object_new ();
  rooms = json_array_new ();
  g_hash_table_iter_init (&iter, self->rooms);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    VrRoom *room = value;

    if (all || !room->base.is_private)
      json_array_add_object_element (rooms, vr_json_room (room));
  }
  json_object_set_string_member (object, "videoroom", "success");
  json_object_set_array_member (object, "list", rooms);
  return object;
}

static JsonObject *
exists (VrPlugin * self, gconstpointer params, GError ** error)
{
  const VrRoomOnlyParams *p = params;
  g_autofree char *id = NULL;
  JsonObject *object;

  if (!bif_id_require (&p->room, "room", self->string_ids, &id, error))
    return NULL;
  object = json_object_new ();
  json_object_set_string_member (object, "videoroom", "success");
  bif_id_set (object, "room", id, self->string_ids);
  json_object_set_boolean_member (object, "exists",
      g_hash_table_contains (self->rooms, id));
  return object;
}

static JsonObject *
list_participants (VrPlugin * self, gconstpointer params, GError ** error)
{
  const VrRoomOnlyParams *p = params;
  VrRoom *room = find_room (self, &p->room, error);
  JsonObject *object;

  if (room == NULL)
    return NULL;
  object = vr_room_event (room, "participants");
  json_object_set_array_member (object, "participants",
      vr_json_participants (room));
  return object;
}

static JsonObject *
allowed (VrPlugin * self, gconstpointer params, GError ** error)
{
  const VrAllowedParams *p = params;
  VrRoom *room = open_room (self, &p->room, p->secret, error);
  JsonObject *object;

  if (room == NULL
      || !bif_room_change_allowed (&room->base, p->action, p->allowed, error))
    return NULL;
  object = vr_room_event (room, "success");
  if (strcmp (p->action, "disable") != 0)
    json_object_set_array_member (object, "allowed",
        bif_room_list_allowed (&room->base));
  return object;
}

static JsonObject *
kick (VrPlugin * self, gconstpointer params, GError ** error)
{
  const VrKickParams *p = params;
  const BifMaybeId none = { .set = TRUE, .text = self->string_ids ? "" : NULL };
  g_autofree char *id = NULL;
  g_autoptr (VrHandle) handle = NULL;
  VrPublisher *member;
  JsonObject *event;
  VrRoom *room;

  if (!bif_id_require (&p->id, "id", self->string_ids, &id, error))
    return NULL;
  /* As in Janus, no room at all is room 0. */
  room = open_room (self, p->room.set ? &p->room : &none, p->secret, error);
  if (room == NULL)
    return NULL;
  member = vr_room_find_member (room, id);
  if (member == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_FEED,
        "No such user %s in room %s", id, room->base.id);
    return NULL;
  }
  handle = g_object_ref (member->handle);
  event = vr_room_event (room, "event");
  json_object_set_string_member (event, "leaving", "ok");
  json_object_set_string_member (event, "reason", "kicked");
  bif_handle_push_event (BIF_HANDLE (handle), event, NULL, NULL);
  if (room->require_pvtid)
    vr_room_mute_subscribers (room, member->private_id);
  vr_publisher_leave (member, TRUE);
  bif_handle_hangup (BIF_HANDLE (handle), "Close PC");
  event = json_object_new ();
  json_object_set_string_member (event, "videoroom", "success");
  return event;
}

static JsonObject *
enable_recording (VrPlugin * self, gconstpointer params, GError ** error)
{
  const VrEnableRecordingParams *p = params;
  const BifMaybeId none = { .set = TRUE, .text = self->string_ids ? "" : NULL };
  VrRoom *room =
      open_room (self, p->room.set ? &p->room : &none, p->secret, error);
  JsonObject *object;

  if (room == NULL)
    return NULL;
  vr_recording_enable (room, p->record.value);
  object = json_object_new ();
  json_object_set_string_member (object, "videoroom", "success");
  json_object_set_boolean_member (object, "record", p->record.value);
  return object;
}

#define ROW(name, Params, fields, func) { name, sizeof (Params), fields, func }

const VrRoomRequest vr_room_requests[] = {
  ROW ("create", VrRoomParams, vr_room_fields, create),
  ROW ("edit", VrEditParams, vr_edit_fields, edit),
  ROW ("destroy", VrDestroyParams, vr_destroy_fields, destroy),
  ROW ("list", VrListParams, vr_list_fields, list),
  ROW ("exists", VrRoomOnlyParams, vr_room_only_fields, exists),
  ROW ("listparticipants", VrRoomOnlyParams, vr_room_only_fields,
      list_participants),
  ROW ("allowed", VrAllowedParams, vr_allowed_fields, allowed),
  ROW ("kick", VrKickParams, vr_kick_fields, kick),
  ROW ("enable_recording", VrEnableRecordingParams,
      vr_enable_recording_fields, enable_recording),
  {NULL},
};

gboolean
vr_room_request (BifHandle * handle, const char *name, gconstpointer params,
    BifReply * reply, GError ** error)
{
  VrPlugin *plugin = VR_PLUGIN (bif_handle_plugin (handle));

  for (const VrRoomRequest * row = vr_room_requests; row->name; row++) {
    JsonObject *object;

    if (strcmp (row->name, name) != 0)
      continue;
    object = row->func (plugin, params, error);
    if (object == NULL)
      return FALSE;
    vr_json_reply (reply, object);
    return TRUE;
  }
  g_return_val_if_reached (FALSE);
}
