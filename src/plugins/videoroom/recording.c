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
make_base (VrPublisher * self)
{
  g_autofree char *room = make_name_part (self->room->base.id);
  g_autofree char *user = make_name_part (self->id);

  if (self->recording_base != NULL)
    return g_strdup (self->recording_base);
  return g_strdup_printf ("videoroom-%s-user-%s-%" G_GINT64_FORMAT, room,
      user, g_get_real_time ());
}

static char *
make_stream_name (const VrStream * stream)
{
  return g_strdup_printf ("%s-%u", bif_media_kind_name (stream->kind),
      stream->mindex);
}

/* Folders may be named, as in Janus, but not left. */
static gboolean
is_allowed_base (const char *base)
{
  g_auto (GStrv) parts = g_strsplit (base, "/", -1);

  return !g_strv_contains ((const char *const *) parts, "..");
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

  if (recordings == NULL)
    return;
  if (!is_allowed_base (base)) {
    GST_WARNING ("publisher %s: '%s' leaves the folder", self->id, base);
    return;
  }
  self->recorder = bif_recorder_new (recordings, self->room->rec_dir, base, 0,
      &error);
  if (self->recorder == NULL) {
    GST_WARNING ("publisher %s: %s", self->id, error->message);
    return;
  }
  g_signal_connect_object (self->recorder, "failed", G_CALLBACK (on_failed),
      self->handle, 0);
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
