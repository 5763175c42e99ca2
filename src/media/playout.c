/* playout.c: plays the parts of a recording one after another, as one. Each is
 * read by a player of its own; the one after it is opened before it is due.
 * Main thread. */
#include "media/playout.h"
#include "media/playout-data.h"

GST_DEBUG_CATEGORY_EXTERN (bif_player_debug);
#define GST_CAT_DEFAULT bif_player_debug

/* A file, or the files that begin together. */
typedef struct
{
  char **paths;
  BifPlayer *player;            /* owned; NULL while it is not open */
  gint64 duration_ms;           /* 0: not known */
  gboolean broken;
} Part;

struct _BifPlayout
{
  GObject parent;

  const BifTemplate *template_; /* the plugin's, which lives longer */
  GPtrArray *parts;             /* of Part */
  guint current;                /* the part that is played */
  guint looked_at;              /* parts of which it is known what they hold */
  GPtrArray *media;             /* of BifPlayerMedium */
  GPtrArray *tracks;            /* of GWeakRef: BifTrack */
  BifPlayoutData *data;         /* owned (nullable) */
  gboolean shared, ready, started, paused, over, ended, closed;
  gboolean opening;             /* the current part is not ready yet */
  gint64 at_ms;                 /* where it will begin, of itself */
  gint64 next_seek_ms;          /* once it is; -1 for none */
};

enum
{
  SIGNAL_READY, SIGNAL_DATA, SIGNAL_ENDED, N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BifPlayout, bif_playout, G_TYPE_OBJECT)

/* ---- parts ---- */

static void on_part_ready (BifPlayer * player, BifPlayout * self);
static void on_part_ended (BifPlayer * player, const char *error,
    BifPlayout * self);
static void on_part_sought (BifPlayer * player, BifPlayout * self);

static Part *
part_new (const char *const *paths)
{
  Part *part = g_new0 (Part, 1);

  part->paths = g_strdupv ((char **) paths);
  return part;
}

static void
part_close (BifPlayout * self, Part * part)
{
  g_autoptr (BifPlayer) player = g_steal_pointer (&part->player);

  if (player == NULL)
    return;
  g_signal_handlers_disconnect_by_data (player, self);
  bif_player_close (player);
}

static void
part_free (gpointer data)
{
  Part *part = data;

  g_strfreev (part->paths);
  g_free (part);
}

static gboolean
part_open (BifPlayout * self, Part * part, GError ** error)
{
  if (part->player != NULL)
    return TRUE;
  if (part->broken || self->closed)
    return FALSE;
  part->player = bif_player_new (self->template_,
      (const char *const *) part->paths, error);
  if (part->player == NULL) {
    part->broken = TRUE;
    GST_WARNING_OBJECT (self, "%s is left out", part->paths[0]);
    return FALSE;
  }
  if (self->shared)
    bif_player_set_shared (part->player);
  g_signal_connect_object (part->player, "ready", G_CALLBACK (on_part_ready),
      self, 0);
  g_signal_connect_object (part->player, "ended", G_CALLBACK (on_part_ended),
      self, 0);
  g_signal_connect_object (part->player, "sought", G_CALLBACK (on_part_sought),
      self, 0);
  return TRUE;
}

static Part *
current_part (BifPlayout * self)
{
  return self->parts->pdata[self->current];
}

static Part *
find_part (BifPlayout * self, BifPlayer * player)
{
  for (guint i = 0; i < self->parts->len; i++) {
    Part *part = self->parts->pdata[i];

    if (part->player == player)
      return part;
  }
  return NULL;
}

/* (nullable): the first from @index on that can be played */
static Part *
find_playable (BifPlayout * self, guint index, guint * found)
{
  for (guint i = index; i < self->parts->len; i++) {
    Part *part = self->parts->pdata[i];

    if (!part->broken) {
      if (found != NULL)
        *found = i;
      return part;
    }
  }
  return NULL;
}

static gint64
start_ms (BifPlayout * self, guint index)
{
  gint64 start = 0;

  for (guint i = 0; i < index; i++)
    start += ((Part *) self->parts->pdata[i])->duration_ms;
  return start;
}

/* ---- what is in it ---- */

static void
medium_free (gpointer data)
{
  BifPlayerMedium *medium = data;

  g_free (medium->codec);
  g_free (medium->fmtp);
  g_free (medium);
}

/* (nullable) */
static const BifPlayerMedium *
find_medium (const GPtrArray * media, BifMediaKind kind)
{
  for (guint i = 0; i < media->len; i++) {
    const BifPlayerMedium *medium = media->pdata[i];

    if (medium->kind == kind)
      return medium;
  }
  return NULL;
}

/* The first of a kind is what is offered. */
static void
take_media (BifPlayout * self, const GPtrArray * media)
{
  for (guint i = 0; i < media->len; i++) {
    const BifPlayerMedium *medium = media->pdata[i];
    BifPlayerMedium *copy;

    if (find_medium (self->media, medium->kind) != NULL)
      continue;
    copy = g_new0 (BifPlayerMedium, 1);
    copy->kind = medium->kind;
    copy->codec = g_strdup (medium->codec);
    copy->fmtp = g_strdup (medium->fmtp);
    g_ptr_array_add (self->media, copy);
  }
}

static void
become_ready (BifPlayout * self)
{
  const GPtrArray *data;

  if (self->ready || self->looked_at < self->parts->len
      || (self->data != NULL && !bif_playout_data_is_known (self->data)))
    return;
  data = self->data != NULL ? bif_playout_data_media (self->data) : NULL;
  if (data != NULL)
    take_media (self, data);
  self->ready = TRUE;
  self->opening = FALSE;
  g_signal_emit (self, signals[SIGNAL_READY], 0);
}

/* One after another; the first two stay open. */
static void
look_on (BifPlayout * self)
{
  for (self->looked_at++; self->looked_at < self->parts->len;
      self->looked_at++) {
    if (part_open (self, self->parts->pdata[self->looked_at], NULL))
      return;
  }
  become_ready (self);
}

static void
end (BifPlayout * self, const char *error)
{
  if (self->ended || self->closed)
    return;
  self->ended = TRUE;
  g_object_ref (self);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, error);
  g_object_unref (self);
}

/* ---- from part to part ---- */

/* What has another codec than the offer is left out. */
static void
connect_track (BifPlayout * self, BifTrack * track)
{
  Part *part = current_part (self);
  BifMediaKind kind = bif_track_kind (track);
  const BifPlayerMedium *offered = find_medium (self->media, kind);
  const BifPlayerMedium *medium = part->player != NULL ?
      find_medium (bif_player_media (part->player), kind) : NULL;

  if (medium != NULL && offered != NULL
      && g_str_equal (medium->codec, offered->codec)
      && bif_player_connect (part->player, track))
    return;
  if (medium != NULL && offered != NULL)
    GST_WARNING_OBJECT (self, "%s: its %s is not sent, the offer has %s",
        part->paths[0], medium->codec, offered->codec);
  if (self->parts->len > 1)
    bif_track_play (track, NULL);
}

static void
connect_all (BifPlayout * self)
{
  for (guint i = self->tracks->len; i > 0; i--) {
    g_autoptr (BifTrack) track = g_weak_ref_get (self->tracks->pdata[i - 1]);

    if (track != NULL)
      connect_track (self, track);
    else
      g_ptr_array_remove_index (self->tracks, i - 1);
  }
}

static void
open_next (BifPlayout * self)
{
  Part *next = find_playable (self, self->current + 1, NULL);

  if (next != NULL)
    part_open (self, next, NULL);
}

/* The current part is open and ready. */
static void
go (BifPlayout * self)
{
  Part *part = current_part (self);
  gint64 next = self->next_seek_ms;

  self->opening = FALSE;
  self->next_seek_ms = -1;
  connect_all (self);
  bif_player_set_paused (part->player, self->paused);
  if (self->at_ms > 0)
    bif_player_seek (part->player, self->at_ms);
  if (self->started)
    bif_player_start (part->player);
  if (self->at_ms == 0)
    on_part_sought (part->player, self);
  if (next >= 0)
    bif_playout_seek (self, next);
  else
    open_next (self);
}

static void finish (BifPlayout * self, const char *error);

static void
close_all_but (BifPlayout * self, const Part * kept)
{
  for (guint i = 0; i < self->parts->len; i++) {
    if (self->parts->pdata[i] != kept)
      part_close (self, self->parts->pdata[i]);
  }
}

/* What was played before goes when its streams are no longer sent. */
static void
enter (BifPlayout * self, guint index, gint64 at_ms)
{
  Part *part = find_playable (self, index, &index);

  if (part != NULL && !part_open (self, part, NULL)) {
    enter (self, index + 1, 0);
    return;
  }
  if (part == NULL) {
    finish (self, NULL);
    return;
  }
  GST_INFO_OBJECT (self, "%s from %" G_GINT64_FORMAT " ms on",
      part->paths[0], at_ms);
  self->current = index;
  self->at_ms = at_ms;
  self->opening = TRUE;
  if (bif_player_is_ready (part->player))
    go (self);
  close_all_but (self, current_part (self));
  open_next (self);
}

/* Messages may follow. */
static void
finish (BifPlayout * self, const char *error)
{
  self->over = TRUE;
  self->opening = FALSE;
  if (self->data == NULL || bif_playout_data_is_over (self->data))
    end (self, error);
}

static void
on_part_ready (BifPlayer * player, BifPlayout * self)
{
  Part *part = find_part (self, player);

  part->duration_ms = MAX (bif_player_duration_ms (player), 0);
  if (self->ready) {
    if (part == current_part (self) && self->opening)
      go (self);
    return;
  }
  take_media (self, bif_player_media (player));
  if (self->looked_at > 1)
    part_close (self, part);
  look_on (self);
}

/* Before "ready", of a later part: nothing in it can be read. */
static void
on_part_ended (BifPlayer * player, const char *error, BifPlayout * self)
{
  Part *part = find_part (self, player);
  gboolean is_current = part == current_part (self);

  if (self->parts->len > 1 && error != NULL)
    GST_WARNING_OBJECT (self, "%s: %s", part->paths[0], error);
  if (!bif_player_is_ready (player))
    part->broken = TRUE;
  else if (part->duration_ms == 0)
    part->duration_ms = bif_player_position_ms (player);
  if (!is_current) {
    part->broken |= error != NULL;
    part_close (self, part);
    if (!self->ready && part == self->parts->pdata[self->looked_at])
      look_on (self);
  } else if (!self->ready
      || find_playable (self, self->current + 1, NULL) == NULL) {
    if (self->ready)
      finish (self, error);
    else
      end (self, error);
  } else {
    enter (self, self->current + 1, 0);
  }
}

/* ---- messages ---- */

static void
on_part_sought (BifPlayer * player, BifPlayout * self)
{
  if (self->data != NULL && find_part (self, player) == current_part (self)
      && !self->opening)
    bif_playout_data_go_on (self->data, bif_playout_position_ms (self));
}

static void
on_data (gpointer playout, const BifDataMessage * message)
{
  g_signal_emit (playout, signals[SIGNAL_DATA], 0, message);
}

static void
on_player_data (BifPlayer * player, const BifDataMessage * message,
    BifPlayout * self)
{
  on_data (self, message);
}

static void
on_data_changed (gpointer playout)
{
  BifPlayout *self = playout;

  if (!self->ready)
    become_ready (self);
  else if (self->over && bif_playout_data_is_over (self->data))
    end (self, NULL);
}

/* ---- public ---- */

BifPlayout *
bif_playout_new (const BifTemplate * template_,
    const BifPlayoutFiles * files, gboolean shared, GError ** error)
{
  g_autoptr (BifPlayout) self = g_object_new (BIF_TYPE_PLAYOUT, NULL);
  Part *first = part_new (files->paths);

  self->template_ = template_;
  self->shared = shared;
  g_ptr_array_add (self->parts, first);
  for (guint i = 0; files->parts != NULL && files->parts[i] != NULL; i++) {
    const char *const paths[] = { files->parts[i], NULL };

    g_ptr_array_add (self->parts, part_new (paths));
  }
  if (!part_open (self, first, error))
    return NULL;
  g_signal_connect (first->player, "data", G_CALLBACK (on_player_data), self);
  if (files->data != NULL)
    self->data = bif_playout_data_new (template_, files->data,
        files->began_us, on_data, on_data_changed, self);
  return g_steal_pointer (&self);
}

gboolean
bif_playout_is_ready (BifPlayout * self)
{
  return self->ready;
}

const GPtrArray *
bif_playout_media (BifPlayout * self)
{
  return self->media;
}

gint64
bif_playout_duration_ms (BifPlayout * self)
{
  Part *part;

  if (self->parts->len == 1) {
    part = self->parts->pdata[0];
    return part->player != NULL ? bif_player_duration_ms (part->player) :
        part->duration_ms;
  }
  for (guint i = 0; i < self->parts->len; i++) {
    part = self->parts->pdata[i];
    if (!part->broken && part->duration_ms == 0)
      return -1;
  }
  return start_ms (self, self->parts->len);
}

gint64
bif_playout_position_ms (BifPlayout * self)
{
  Part *part = current_part (self);
  gint64 start = start_ms (self, self->current);

  if (self->opening)
    return start + self->at_ms;
  return start + (part->player != NULL && !self->over ?
      bif_player_position_ms (part->player) : part->duration_ms);
}

static void
ref_free (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

void
bif_playout_connect (BifPlayout * self, BifTrack * track)
{
  GWeakRef *ref = g_new0 (GWeakRef, 1);

  g_weak_ref_init (ref, track);
  g_ptr_array_add (self->tracks, ref);
  if (!self->opening)
    connect_track (self, track);
}

void
bif_playout_start (BifPlayout * self)
{
  Part *part = current_part (self);

  if (self->started || !self->ready)
    return;
  self->started = TRUE;
  if (part->player != NULL && !self->opening)
    bif_player_start (part->player);
  if (self->data != NULL)
    bif_playout_data_start (self->data);
}

void
bif_playout_set_paused (BifPlayout * self, gboolean paused)
{
  Part *part = current_part (self);

  self->paused = paused;
  if (part->player != NULL)
    bif_player_set_paused (part->player, paused);
  if (self->data != NULL)
    bif_playout_data_set_paused (self->data, paused,
        bif_playout_position_ms (self));
}

/* The part that @position_ms is in. */
static guint
part_at (BifPlayout * self, gint64 position_ms)
{
  gint64 start = 0;
  guint index = self->current;

  for (guint i = 0; i < self->parts->len; i++) {
    Part *part = self->parts->pdata[i];

    if (!part->broken && start <= position_ms)
      index = i;
    start += part->duration_ms;
  }
  return index;
}

gboolean
bif_playout_seek (BifPlayout * self, gint64 position_ms)
{
  gint64 position = MAX (position_ms, 0), duration;
  guint index;

  if (!self->ready || self->ended || self->closed)
    return FALSE;
  if (self->opening) {
    self->next_seek_ms = position;
    return TRUE;
  }
  duration = bif_playout_duration_ms (self);
  if (duration >= 0)
    position = MIN (position, duration);
  index = part_at (self, position);
  if (self->data != NULL)
    bif_playout_data_hold (self->data);
  position -= start_ms (self, index);
  if (index == self->current && !self->over)
    return bif_player_seek (current_part (self)->player, position);
  if (self->over)
    part_close (self, current_part (self));
  self->over = FALSE;
  enter (self, index, position);
  return TRUE;
}

void
bif_playout_close (BifPlayout * self)
{
  self->closed = TRUE;
  close_all_but (self, NULL);
  g_clear_pointer (&self->data, bif_playout_data_free);
  g_ptr_array_set_size (self->tracks, 0);
}

static void
bif_playout_dispose (GObject * object)
{
  bif_playout_close (BIF_PLAYOUT (object));
  G_OBJECT_CLASS (bif_playout_parent_class)->dispose (object);
}

static void
bif_playout_finalize (GObject * object)
{
  BifPlayout *self = BIF_PLAYOUT (object);

  g_ptr_array_unref (self->parts);
  g_ptr_array_unref (self->media);
  g_ptr_array_unref (self->tracks);
  G_OBJECT_CLASS (bif_playout_parent_class)->finalize (object);
}

static void
bif_playout_class_init (BifPlayoutClass * klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = bif_playout_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_playout_finalize;
  signals[SIGNAL_READY] = g_signal_new ("ready", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_DATA] = g_signal_new ("data", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", type, G_SIGNAL_RUN_LAST, 0,
      NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bif_playout_init (BifPlayout * self)
{
  self->parts = g_ptr_array_new_with_free_func (part_free);
  self->media = g_ptr_array_new_with_free_func (medium_free);
  self->tracks = g_ptr_array_new_with_free_func (ref_free);
  self->next_seek_ms = -1;
}
