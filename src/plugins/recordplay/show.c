/* show.c: a recording that is played, once for all who play it live. Main
 * thread. */
#include "plugins/recordplay/recordplay.h"

static BifPlayer *
open_player (RpPlugin * plugin, RpRecording * recording, GError ** error)
{
  g_autoptr (GPtrArray) files = rp_recording_files (recording);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  BifPlayer *player;

  for (guint i = 0; i < files->len; i++)
    g_ptr_array_add (paths, g_build_filename (plugin->path, files->pdata[i],
            NULL));
  g_ptr_array_add (paths, NULL);
  player = bif_player_new (bif_plugin_template (BIF_PLUGIN (plugin)),
      (const char *const *) paths->pdata, NULL);
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
on_ended (BifPlayer * player, const char *error, RpShow * self)
{
  take_off (self);
}

static RpShow *
show_new (RpPlugin * plugin, RpRecording * recording, gboolean live,
    GError ** error)
{
  BifPlayer *player = open_player (plugin, recording, error);
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
  bif_player_set_shared (player);
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
  bif_player_close (self->player);
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
  bif_player_set_paused (self->player, paused);
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
  if (!bif_player_seek (self->player, position_ms))
    return FALSE;
  tell_others (self, by, rp_show_seeking (self, position_ms));
  return TRUE;
}
