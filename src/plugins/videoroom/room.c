/* room.c: a room: who is in it, and how they hear of each other. Main thread.
 */
#include "plugins/videoroom/videoroom.h"

#include <string.h>

VrRoom *
vr_room_ref (VrRoom * self)
{
  self->ref_count++;
  return self;
}

void
vr_room_unref (VrRoom * self)
{
  if (--self->ref_count > 0)
    return;
  bif_room_clear (&self->base);
  g_clear_handle_id (&self->fir_id, g_source_remove);
  g_ptr_array_unref (self->members);
  g_ptr_array_unref (self->subscribers);
  g_strfreev (self->audio_codecs);
  g_strfreev (self->video_codecs);
  g_free (self->vp9_profile);
  g_free (self->h264_profile);
  g_free (self->rec_dir);
  g_free (self);
}

static void
set_defaults (VrRoom * self)
{
  self->max_publishers = 3;
  self->audio_codecs = g_strsplit ("opus", ",", -1);
  self->video_codecs = g_strsplit ("vp8", ",", -1);
  self->opus_fec = TRUE;
  self->audiolevel_ext = self->videoorient_ext = TRUE;
  self->playoutdelay_ext = self->twcc_ext = TRUE;
}

static char *
choose_id (VrPlugin * plugin)
{
  char *id = bif_id_random (plugin->string_ids);

  while (g_hash_table_contains (plugin->rooms, id)) {
    g_free (id);
    id = bif_id_random (plugin->string_ids);
  }
  return id;
}

VrRoom *
vr_room_new (VrPlugin * plugin, const char *id, GError ** error)
{
  g_autofree char *own = id != NULL ? g_strdup (id) : choose_id (plugin);
  VrRoom *self;

  if (g_hash_table_contains (plugin->rooms, own)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_ROOM_EXISTS,
        "Room %s already exists", own);
    return NULL;
  }
  self = g_new0 (VrRoom, 1);
  self->ref_count = 1;
  self->plugin = plugin;
  self->members = g_ptr_array_new ();
  self->subscribers = g_ptr_array_new ();
  bif_room_init (&self->base, own, plugin->string_ids);
  set_defaults (self);
  g_hash_table_insert (plugin->rooms, self->base.id, self);
  return self;
}

VrRoom *
vr_plugin_find_room (VrPlugin * self, const char *id, GError ** error)
{
  VrRoom *room = g_hash_table_lookup (self->rooms, id);

  if (room == NULL)
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_ROOM,
        "No such room (%s)", id);
  return room;
}

void
vr_room_destroy (VrRoom * self)
{
  g_autoptr (GPtrArray) members = g_ptr_array_copy (self->members,
      NULL, NULL);

  vr_room_ref (self);
  vr_room_notify (self, NULL, vr_room_event (self, "destroyed"));
  if (self->plugin != NULL)
    g_hash_table_remove (self->plugin->rooms, self->base.id);
  self->plugin = NULL;
  g_clear_handle_id (&self->fir_id, g_source_remove);
  g_ptr_array_set_size (self->members, 0);
  for (guint i = 0; i < members->len; i++) {
    VrPublisher *member = g_ptr_array_index (members, i);

    bif_handle_hangup (BIF_HANDLE (member->handle), "Close PC");
    vr_publisher_leave (member, FALSE);
  }
  vr_room_unref (self);
}

static gboolean
ask_for_keyframes (gpointer user_data)
{
  VrRoom *self = user_data;

  for (guint i = 0; i < self->members->len; i++)
    vr_publisher_request_keyframes (g_ptr_array_index (self->members, i));
  return G_SOURCE_CONTINUE;
}

void
vr_room_set_fir_freq (VrRoom * self, guint seconds)
{
  self->fir_freq = seconds;
  g_clear_handle_id (&self->fir_id, g_source_remove);
  if (seconds > 0)
    self->fir_id = g_timeout_add_seconds (seconds, ask_for_keyframes, self);
}

void
vr_room_mute_subscribers (VrRoom * self, guint32 private_id)
{
  for (guint i = 0; i < self->subscribers->len; i++) {
    VrSubscriber *subscriber = g_ptr_array_index (self->subscribers, i);

    if (subscriber->private_id != private_id)
      continue;
    subscriber->kicked = TRUE;
    vr_subscriber_update (subscriber);
  }
}

VrPublisher *
vr_room_find_member (VrRoom * self, const char *id)
{
  for (guint i = 0; i < self->members->len; i++) {
    VrPublisher *member = g_ptr_array_index (self->members, i);

    if (strcmp (member->id, id) == 0)
      return member;
  }
  return NULL;
}

VrPublisher *
vr_room_find_private (VrRoom * self, guint32 private_id)
{
  for (guint i = 0; i < self->members->len; i++) {
    VrPublisher *member = g_ptr_array_index (self->members, i);

    if (member->private_id == private_id)
      return member;
  }
  return NULL;
}

guint
vr_room_count_publishers (VrRoom * self)
{
  guint n = 0;

  for (guint i = 0; i < self->members->len; i++) {
    VrPublisher *member = g_ptr_array_index (self->members, i);

    n += member->negotiated;
  }
  return n;
}

void
vr_room_notify (VrRoom * self, VrPublisher * except, JsonObject * event)
{
  for (guint i = 0; i < self->members->len; i++) {
    VrPublisher *member = g_ptr_array_index (self->members, i);

    if (member != except)
      bif_handle_push_event (BIF_HANDLE (member->handle),
          json_object_ref (event), NULL, NULL);
  }
  json_object_unref (event);
}

JsonObject *
vr_room_event (const VrRoom * self, const char *what)
{
  JsonObject *event = json_object_new ();

  json_object_set_string_member (event, "videoroom", what);
  bif_room_add_id (&self->base, event);
  return event;
}

gboolean
vr_room_allows_codec (const VrRoom * self, const char *codec)
{
  return g_strv_contains ((const char *const *) self->audio_codecs, codec)
      || g_strv_contains ((const char *const *) self->video_codecs, codec);
}
