/* recording.c: recordings of publishers: when they run, and what their files
 * are called (videoroom.md sections 3 and 13). Main thread. */
#include "plugins/videoroom/videoroom.h"
#include "core/server.h"

#include <string.h>

/* ---- names ---- */

/* An id of a caller's choice is no path. */
static char *
make_name_part (const char *id)
{
  char *part = g_strdup (id);

  return g_strdelimit (part, "/\\.", '_');
}

static char *
make_name (VrPublisher * self)
{
  g_autofree char *room = make_name_part (self->room->base.id);
  g_autofree char *user = make_name_part (self->id);

  if (self->recording_base != NULL)
    return g_strdup (self->recording_base);
  return g_strdup_printf ("videoroom-%s-user-%s-%" G_GINT64_FORMAT, room,
      user, g_get_real_time ());
}

/* Folders may be named, as in Janus, but not left. */
static gboolean
is_allowed_base (const char *base)
{
  g_auto (GStrv) parts = g_strsplit (base, "/", -1);

  return !g_strv_contains ((const char *const *) parts, "..");
}

/* What is recorded again under one name, or by two publishers of one time, must
 * not write into the same file. One of an earlier call is replaced, as in
 * Janus. (nullable): it may not be written. */
static char *
make_base (VrPublisher * self)
{
  VrPlugin *plugin = vr_handle_plugin (self->handle);
  const char *folder = self->room->rec_dir;
  g_autofree char *name = make_name (self);
  g_autofree char *base = folder == NULL || g_path_is_absolute (name)
      ? g_strdup (name) : g_build_filename (folder, name, NULL);

  if (!is_allowed_base (name)) {
    GST_WARNING ("publisher %s: '%s' leaves the folder", self->id, name);
    return NULL;
  }
  if (!g_hash_table_contains (plugin->recorded, base))
    return g_steal_pointer (&base);
  return g_strdup_printf ("%s-%" G_GINT64_FORMAT, base, g_get_real_time ());
}

static char *
make_stream_name (const VrStream * stream)
{
  return g_strdup_printf ("%s-%u", bif_media_kind_name (stream->kind),
      stream->mindex);
}

/* ---- running ---- */

void
vr_recording_close (VrPublisher * self)
{
  if (self->recorder == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->recorder, self->handle);
  bif_recorder_close (self->recorder);
  g_clear_object (&self->recorder);
}

/* The event is ours, not Janus's. */
static void
tell_failed (VrPublisher * self, const char *reason)
{
  JsonObject *event = vr_room_event (self->room, "event");

  json_object_set_string_member (event, "recording_failed", reason);
  bif_handle_push_event (BIF_HANDLE (self->handle), event, NULL, NULL);
}

/* Another one may begin, with the next "record". */
static void
on_failed (BifRecorder * recorder, const char *reason, VrHandle * handle)
{
  VrPublisher *self = handle->publisher;

  if (self == NULL || self->recorder != recorder)
    return;
  GST_WARNING ("publisher %s is not recorded any more: %s", self->id, reason);
  if (self->room != NULL)
    tell_failed (self, reason);
  self->recording = FALSE;
  vr_recording_close (self);
}

void
vr_recording_update_stream (VrStream * stream)
{
  VrPublisher *self = stream->publisher;
  g_autofree char *name = make_stream_name (stream);

  if (self != NULL && self->recorder != NULL)
    bif_recorder_set_muted (self->recorder, name, !stream->sending);
}

/* A base is free again when its files are whole and the publisher's call is at
 * its end. */
static void
hold_base (VrPlugin * plugin, const char *base)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (plugin->recorded, base));

  g_hash_table_insert (plugin->recorded, g_strdup (base),
      GUINT_TO_POINTER (n + 1));
}

static void
release_base (VrPlugin * plugin, const char *base)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (plugin->recorded, base));

  if (n > 1)
    g_hash_table_insert (plugin->recorded, g_strdup (base),
        GUINT_TO_POINTER (n - 1));
  else
    g_hash_table_remove (plugin->recorded, base);
}

static void
on_closed (BifRecorder * recorder, char **paths, VrPlugin * plugin)
{
  release_base (plugin, g_object_get_data (G_OBJECT (recorder), "base"));
}

static void
watch (VrPublisher * self, const char *base)
{
  VrPlugin *plugin = vr_handle_plugin (self->handle);

  /* once for the files, once for the call */
  hold_base (plugin, base);
  hold_base (plugin, base);
  g_ptr_array_add (self->recorded, g_strdup (base));
  g_object_set_data_full (G_OBJECT (self->recorder), "base", g_strdup (base),
      g_free);
  g_signal_connect_object (self->recorder, "closed", G_CALLBACK (on_closed),
      plugin, 0);
  g_signal_connect_object (self->recorder, "failed", G_CALLBACK (on_failed),
      self->handle, 0);
}

static void
add_stream (VrPublisher * self, VrStream * stream)
{
  BifTrack *track = vr_stream_track (stream);
  g_autofree char *name = make_stream_name (stream);
  g_autoptr (GError) error = NULL;

  vr_recording_update_stream (stream);
  if (track != NULL && !bif_recorder_add_track (self->recorder, track, name,
          stream->description, &error))
    GST_WARNING ("publisher %s: %s", self->id, error->message);
}

static void
start (VrPublisher * self)
{
  BifServer *server =
      bif_plugin_server (BIF_PLUGIN (vr_handle_plugin (self->handle)));
  BifRecordings *recordings = bif_server_recordings (server);
  g_autofree char *base = make_base (self);
  g_autoptr (GError) error = NULL;

  if (recordings == NULL || base == NULL)
    return;
  self->recorder = bif_recorder_new (recordings, NULL, base, 0, &error);
  if (self->recorder == NULL) {
    GST_WARNING ("publisher %s: %s", self->id, error->message);
    return;
  }
  watch (self, base);
  if (self->e2ee)
    bif_recorder_set_encrypted (self->recorder);
  for (guint i = 0; i < self->streams->len; i++)
    add_stream (self, g_ptr_array_index (self->streams, i));
}

void
vr_recording_update (VrPublisher * self)
{
  gboolean wanted = self->recording && self->up && self->room != NULL;

  if (!wanted)
    vr_recording_close (self);
  else if (self->recorder == NULL)
    start (self);
}

void
vr_recording_track_added (VrPublisher * self, BifTrack * track)
{
  VrStream *stream =
      vr_publisher_find_stream (self, bif_track_mid (track));

  if (self->recorder != NULL && stream != NULL)
    add_stream (self, stream);
}

void
vr_recording_data (VrStream * stream, const BifDataMessage * message)
{
  VrPublisher *self = stream->publisher;
  g_autofree char *name = NULL;

  if (self->recorder == NULL || !message->text)
    return;
  name = make_stream_name (stream);
  bif_recorder_add_message (self->recorder, name, message);
}

void
vr_recording_forget (VrPublisher * self)
{
  vr_recording_close (self);
  g_clear_pointer (&self->recording_base, g_free);
  for (guint i = 0; i < self->recorded->len; i++)
    release_base (vr_handle_plugin (self->handle), self->recorded->pdata[i]);
  g_ptr_array_set_size (self->recorded, 0);
}

const char *
vr_recording_file (VrStream * stream)
{
  VrPublisher *self = stream->publisher;
  g_autofree char *name = make_stream_name (stream);

  return self != NULL && self->recorder != NULL
      ? bif_recorder_file (self->recorder, name) : NULL;
}

/* ---- requests ---- */

/* Who may not is not told so. */
static gboolean
may_change (VrPublisher * self, const char *secret)
{
  BifRoom *room = &self->room->base;

  return !self->room->lock_record || room->secret == NULL
      || (secret != NULL && bif_room_check_secret (room, secret, NULL));
}

void
vr_recording_configure (VrPublisher * self, const VrConfigureParams * p,
    gboolean locked)
{
  if (self->room == NULL || (!p->record.set && p->filename == NULL)
      || (locked && !may_change (self, p->secret)))
    return;
  if (p->filename != NULL) {
    g_free (self->recording_base);
    self->recording_base =
        p->filename[0] != '\0' ? g_strdup (p->filename) : NULL;
  }
  if (p->record.set)
    self->recording = p->record.value;
  vr_recording_update (self);
}

const BifField vr_enable_recording_fields[] = {
  BIF_MAYBE_ID (VrEnableRecordingParams, room, BIF_OPTIONAL, "room"),
  BIF_STRING (VrEnableRecordingParams, secret, BIF_OPTIONAL, "the room's"),
  BIF_MAYBE_BOOL (VrEnableRecordingParams, record, BIF_REQUIRED,
      "whether publishers are recorded"),
  {NULL},
};

void
vr_recording_enable (VrRoom * room, gboolean record)
{
  if (room->record == record)
    return;
  room->record = record;
  for (guint i = 0; i < room->members->len; i++) {
    VrPublisher *member = g_ptr_array_index (room->members, i);

    member->recording = record;
    vr_recording_update (member);
  }
}
