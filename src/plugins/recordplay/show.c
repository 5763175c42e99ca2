/* show.c: a recording that is played, once for all who play it live. Main
 * thread. */
#include "plugins/recordplay/recordplay.h"

#include <string.h>

static gboolean
is_container (const char *name)
{
  const char *ending = strrchr (name, '.');

  return ending != NULL && !g_str_equal (ending, ".mjr");
}

/* Its audio and video in one file that plays: only such goes on in parts, and
 * says not by itself when it began. (nullable) */
static const char *
find_container (const RpRecording * recording)
{
  const char *audio = recording->files[BIF_MEDIA_AUDIO];
  const char *video = recording->files[BIF_MEDIA_VIDEO];
  const char *name = audio != NULL ? audio : video;

  if (name == NULL || !is_container (name)
      || (video != NULL && !g_str_equal (name, video)))
    return NULL;
  return name;
}

/* NULL-terminated. Returns: (transfer full) */
static GPtrArray *
find_parts (RpPlugin * plugin, const RpRecording * recording)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  const char *first = find_container (recording);

  for (guint i = 0; first != NULL && i < recording->parts->len; i++) {
    const char *name = recording->parts->pdata[i];

    if (is_container (name)
        && g_str_equal (strrchr (name, '.'), strrchr (first, '.')))
      g_ptr_array_add (paths, g_build_filename (plugin->path, name, NULL));
  }
  g_ptr_array_add (paths, NULL);
  return paths;
}

static BifPlayout *
open_player (RpPlugin * plugin, RpRecording * recording, gboolean live,
    GError ** error)
{
  g_autoptr (GPtrArray) names = rp_recording_files (recording);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) parts = find_parts (plugin, recording);
  const char *data = recording->files[BIF_MEDIA_DATA];
  gboolean apart = data != NULL && find_container (recording) != NULL
      && (parts->len > 1 || recording->began_us > 0);
  g_autofree char *data_path = apart ?
      g_build_filename (plugin->path, data, NULL) : NULL;
  BifPlayoutFiles files = {.data = data_path,
    .began_us = recording->began_us
  };
  BifPlayout *player;

  for (guint i = 0; i < names->len; i++) {
    if (!apart || !g_str_equal (names->pdata[i], data))
      g_ptr_array_add (paths, g_build_filename (plugin->path,
              names->pdata[i], NULL));
  }
  g_ptr_array_add (paths, NULL);
  files.paths = (const char *const *) paths->pdata;
  files.parts = (const char *const *) parts->pdata;
  player = bif_playout_new (bif_plugin_template (BIF_PLUGIN (plugin)),
      &files, live, NULL);
  if (player == NULL)
    rp_fail (error, BIF_ERROR_INVALID_RECORDING,
        "Error opening recording files");
  return player;
}

/* Nobody joins it any more. */
static void
take_off (RpShow * self)
{
  GHashTable *shows = self->plugin->shows;

  if (g_hash_table_lookup (shows, &self->recording->id) == self)
    g_hash_table_remove (shows, &self->recording->id);
}

static void
on_ended (BifPlayout * player, const char *error, RpShow * self)
{
  take_off (self);
}

static RpShow *
show_new (RpPlugin * plugin, RpRecording * recording, gboolean live,
    GError ** error)
{
  BifPlayout *player = open_player (plugin, recording, live, error);
  RpShow *self;

  if (player == NULL)
    return NULL;
  self = g_new0 (RpShow, 1);
  self->plugin = g_object_ref (plugin);
  self->recording = rp_recording_ref (recording);
  self->player = player;
  self->viewers = g_ptr_array_new ();
  self->live = live;
  if (!live)
    return self;
  g_signal_connect (player, "ended", G_CALLBACK (on_ended), self);
  g_hash_table_insert (plugin->shows, &self->recording->id, self);
  return self;
}

RpShow *
rp_show_join (RpHandle * viewer, RpRecording * recording, gboolean live,
    GError ** error)
{
  RpPlugin *plugin = rp_handle_plugin (viewer);
  RpShow *self = live ? g_hash_table_lookup (plugin->shows, &recording->id)
      : NULL;

  /* Another one may have its id by now. */
  if (self != NULL && self->recording != recording) {
    take_off (self);
    self = NULL;
  }
  if (self == NULL)
    self = show_new (plugin, recording, live, error);
  if (self != NULL)
    g_ptr_array_add (self->viewers, viewer);
  return self;
}

void
rp_show_leave (RpShow * self, RpHandle * viewer)
{
  g_ptr_array_remove (self->viewers, viewer);
  if (self->viewers->len > 0)
    return;
  take_off (self);
  g_signal_handlers_disconnect_by_data (self->player, self);
  bif_playout_close (self->player);
  g_object_unref (self->player);
  g_ptr_array_unref (self->viewers);
  rp_recording_unref (self->recording);
  g_object_unref (self->plugin);
  g_free (self);
}

/* All but who did it, whose answer it is. */
static void
tell_others (RpShow * self, RpHandle * by, JsonObject * result)
{
  for (guint i = 0; i < self->viewers->len; i++) {
    if (self->viewers->pdata[i] != by)
      rp_push_result (self->viewers->pdata[i], json_object_ref (result));
  }
  json_object_unref (result);
}

void
rp_show_set_paused (RpShow * self, gboolean paused, RpHandle * by)
{
  self->paused = paused;
  bif_playout_set_paused (self->player, paused);
  tell_others (self, by, rp_result (paused ? "paused" : "resumed",
          self->recording->id));
}

JsonObject *
rp_show_seeking (RpShow * self, gint64 position_ms)
{
  JsonObject *result = rp_result ("seeking", self->recording->id);

  json_object_set_int_member (result, "position", position_ms);
  return result;
}

gboolean
rp_show_seek (RpShow * self, gint64 position_ms, RpHandle * by)
{
  if (!bif_playout_seek (self->player, position_ms))
    return FALSE;
  tell_others (self, by, rp_show_seeking (self, position_ms));
  return TRUE;
}
