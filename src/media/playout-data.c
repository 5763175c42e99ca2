/* playout-data.c: a player of messages alone, which begins when its first one
 * is due, and follows the pauses and seeks of the media. Main thread. */
#include "media/playout-data.h"

GST_DEBUG_CATEGORY_EXTERN (bif_player_debug);
#define GST_CAT_DEFAULT bif_player_debug

struct _BifPlayoutData
{
  const BifTemplate *template_;
  char *path;
  gint64 began_us;
  BifPlayoutDataFunc func;
  BifPlayoutDataChanged changed;
  gpointer playout;
  BifPlayer *player;            /* owned; NULL once it is over */
  gint64 start_ms;              /* position of the first message */
  gint64 at_ms;                 /* where it begins once it is ready; -1: here */
  guint due_id;                 /* it begins then */
  gboolean known, started, paused, held, broken;
};

static void on_ready (BifPlayer * player, BifPlayoutData * self);
static void on_ended (BifPlayer * player, const char *error,
    BifPlayoutData * self);

static void
on_data (BifPlayer * player, const BifDataMessage * message,
    BifPlayoutData * self)
{
  if (!self->held)
    self->func (self->playout, message);
}

static void
close_player (BifPlayoutData * self)
{
  g_autoptr (BifPlayer) player = g_steal_pointer (&self->player);

  g_clear_handle_id (&self->due_id, g_source_remove);
  if (player == NULL)
    return;
  g_signal_handlers_disconnect_by_data (player, self);
  bif_player_close (player);
}

static void
open_player (BifPlayoutData * self)
{
  const char *const paths[] = { self->path, NULL };

  self->player = bif_player_new (self->template_, paths, NULL);
  if (self->player == NULL) {
    self->known = self->broken = TRUE;
    return;
  }
  g_signal_connect (self->player, "ready", G_CALLBACK (on_ready), self);
  g_signal_connect (self->player, "data", G_CALLBACK (on_data), self);
  g_signal_connect (self->player, "ended", G_CALLBACK (on_ended), self);
}

/* ---- when ---- */

static gboolean
on_due (gpointer user_data)
{
  BifPlayoutData *self = user_data;

  self->due_id = 0;
  bif_player_set_paused (self->player, FALSE);
  bif_player_start (self->player);
  return G_SOURCE_REMOVE;
}

/* Runs, or waits for its first message. */
static void
run_from (BifPlayoutData * self, gint64 position_ms)
{
  gint64 wait_ms = self->start_ms - position_ms;

  g_clear_handle_id (&self->due_id, g_source_remove);
  if (self->player == NULL)
    return;
  if (self->paused || self->held || wait_ms > 0)
    bif_player_set_paused (self->player, TRUE);
  if (self->paused || self->held || !self->started)
    return;
  if (wait_ms > 0)
    self->due_id = g_timeout_add (wait_ms, on_due, self);
  else
    on_due (self);
}

static void
on_ready (BifPlayer * player, BifPlayoutData * self)
{
  gint64 us = bif_player_started_us (player);

  if (us >= 0 && self->began_us > 0)
    self->start_ms = (us - self->began_us) / 1000;
  self->known = TRUE;
  if (self->at_ms >= 0)
    bif_playout_data_go_on (self, self->at_ms);
  else
    self->changed (self->playout);
}

static void
on_ended (BifPlayer * player, const char *error, BifPlayoutData * self)
{
  if (error != NULL)
    GST_WARNING ("%s: %s", self->path, error);
  self->broken |= error != NULL;
  self->known = TRUE;
  close_player (self);
  self->changed (self->playout);
}

/* ---- for playout.c ---- */

BifPlayoutData *
bif_playout_data_new (const BifTemplate * template_, const char *path,
    gint64 began_us, BifPlayoutDataFunc func, BifPlayoutDataChanged changed,
    gpointer playout)
{
  BifPlayoutData *self = g_new0 (BifPlayoutData, 1);

  self->template_ = template_;
  self->path = g_strdup (path);
  self->began_us = began_us;
  self->func = func;
  self->changed = changed;
  self->playout = playout;
  self->at_ms = -1;
  open_player (self);
  return self;
}

void
bif_playout_data_free (BifPlayoutData * self)
{
  close_player (self);
  g_free (self->path);
  g_free (self);
}

gboolean
bif_playout_data_is_known (BifPlayoutData * self)
{
  return self->known;
}

const GPtrArray *
bif_playout_data_media (BifPlayoutData * self)
{
  return self->player != NULL ? bif_player_media (self->player) : NULL;
}

gboolean
bif_playout_data_is_over (BifPlayoutData * self)
{
  return self->player == NULL;
}

void
bif_playout_data_start (BifPlayoutData * self)
{
  self->started = TRUE;
  run_from (self, 0);
}

void
bif_playout_data_hold (BifPlayoutData * self)
{
  self->held = TRUE;
  g_clear_handle_id (&self->due_id, g_source_remove);
  if (self->player != NULL)
    bif_player_set_paused (self->player, TRUE);
}

void
bif_playout_data_go_on (BifPlayoutData * self, gint64 position_ms)
{
  gint64 at_ms = MAX (position_ms - self->start_ms, 0);

  if (!self->held || self->broken)
    return;
  if (self->player == NULL)
    open_player (self);
  if (self->player == NULL)
    return;
  if (!bif_player_is_ready (self->player)) {
    self->at_ms = position_ms;
    return;
  }
  self->at_ms = -1;
  self->held = FALSE;
  if (at_ms > bif_player_duration_ms (self->player)) {
    close_player (self);
    self->changed (self->playout);
    return;
  }
  bif_player_seek (self->player, at_ms);
  run_from (self, position_ms);
}

void
bif_playout_data_set_paused (BifPlayoutData * self, gboolean paused,
    gint64 position_ms)
{
  self->paused = paused;
  run_from (self, position_ms);
}
