/* publisher-join.c: join and joinandconfigure of publishers. Main thread. */
#include "plugins/videoroom/videoroom.h"

/* Returns: (transfer full) (nullable) */
static char *
choose_id (VrRoom * room, const BifMaybeId * wanted, GError ** error)
{
  g_autofree char *id = NULL;

  if (!bif_id_take (wanted, "id", room->base.string_ids, &id, error))
    return NULL;
  if (id != NULL && vr_room_find_member (room, id) != NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_ID_EXISTS,
        "User ID %s already exists", id);
    return NULL;
  }
  while (id == NULL || vr_room_find_member (room, id) != NULL) {
    g_free (id);
    id = bif_id_random (room->base.string_ids);
  }
  return g_steal_pointer (&id);
}

static void
fill_joined (VrPublisher * self, BifReply * reply)
{
  VrRoom *room = self->room;
  JsonObject *joined = vr_room_event (room, "joined");

  json_object_set_string_member (joined, "description",
      room->base.description);
  bif_id_set (joined, "id", self->id, room->base.string_ids);
  json_object_set_int_member (joined, "private_id", self->private_id);
  json_object_set_array_member (joined, "publishers",
      vr_json_publishers (room, self));
  if (room->notify_joining)
    json_object_set_array_member (joined, "attendees",
        vr_json_attendees (room, self));
  vr_json_reply (reply, joined);
}

static void
notify_joining (VrPublisher * self)
{
  JsonObject *event = vr_room_event (self->room, "event");
  JsonObject *joining = json_object_new ();

  vr_json_add_member (joining, self);
  json_object_set_object_member (event, "joining", joining);
  vr_room_notify (self->room, self, event);
}

gboolean
vr_publisher_join (VrHandle * handle, VrRoom * room, const VrJoinParams * p,
    gboolean with_configure, BifReply * reply, GError ** error)
{
  g_autofree char *id = NULL;
  VrPublisher *self;

  if (!bif_room_check_token (&room->base, p->token, error))
    return FALSE;
  id = choose_id (room, &p->id, error);
  if (id == NULL)
    return FALSE;
  self = handle->publisher = vr_publisher_new (handle, room, id);
  self->display = g_strdup (p->display);
  if (p->metadata != NULL)
    self->metadata = json_object_ref (p->metadata);
  fill_joined (self, reply);
  if (room->notify_joining)
    notify_joining (self);
  if (!with_configure)
    return TRUE;
  if (!vr_publisher_apply (self, &p->configure, reply, error))
    return FALSE;
  /* As in Janus, who joins needs no secret for it. */
  vr_recording_configure (self, &p->configure, FALSE);
  return TRUE;
}
