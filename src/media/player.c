/* player.c: plays a recording: its files in step, paced by their timestamps,
 * paused and sought. Main thread, but for the functions that say otherwise. */
#include "media/player-private.h"
#include "base/error.h"
#include "base/post.h"

GST_DEBUG_CATEGORY (bif_player_debug);
#define GST_CAT_DEFAULT bif_player_debug

struct _BifPlayer
{
  GObject parent;

  const BifTemplate *template_; /* the plugin's, which lives longer */
  GstElement *pipeline;         /* owned until close */
  guint watch_id;
  GPtrArray *files;             /* of BifPlayerFile */
  GPtrArray *media;             /* of BifPlayerMedium, the branches' */
  gboolean shared, ready, started, paused, ended;
  GstClockTime duration;
  GstClockTime origin;          /* position where the running time is 0 */
  gboolean seeking, awaits_segment;
  gint64 next_seek;             /* ns, once that is done; -1 for none */
};

enum
{
  SIGNAL_READY, SIGNAL_DATA, SIGNAL_SOUGHT, SIGNAL_ENDED, N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BifPlayer, bif_player, G_TYPE_OBJECT)

/* ---- news of the files ---- */

const BifTemplate *
bif_player_template (BifPlayer * self)
{
  return self->template_;
}

gboolean
bif_player_is_shared (BifPlayer * self)
{
  return self->shared;
}

void
bif_player_add_medium (BifPlayer * self, BifPlayerMedium * medium)
{
  g_ptr_array_add (self->media, medium);
}

void
bif_player_take_data (BifPlayer * self, GBytes * bytes, gboolean text)
{
  const BifDataMessage message = {
    .label = "recordplay", .text = text, .bytes = bytes
  };

  if (self->pipeline != NULL && self->started)
    g_signal_emit (self, signals[SIGNAL_DATA], 0, &message);
}

static void
end (BifPlayer * self, const char *error)
{
  if (self->ended || self->pipeline == NULL)
    return;
  self->ended = TRUE;
  g_object_ref (self);
  g_signal_emit (self, signals[SIGNAL_ENDED], 0, error);
  g_object_unref (self);
}

gint64
bif_player_started_us (BifPlayer * self)
{
  gint64 first_us = -1;

  for (guint i = 0; i < self->files->len; i++) {
    gint64 us = bif_player_file_started_us (self->files->pdata[i]);

    if (us >= 0 && (first_us < 0 || us < first_us))
      first_us = us;
  }
  return first_us;
}

/* The first that began is at 0; who does not say when it did, is too. */
static void
line_up (BifPlayer * self)
{
  gint64 first_us = bif_player_started_us (self);

  self->duration = 0;
  for (guint i = 0; i < self->files->len; i++) {
    BifPlayerFile *file = g_ptr_array_index (self->files, i);
    gint64 us = bif_player_file_started_us (file);
    GstClockTime duration = bif_player_file_duration (file);

    file->start = us >= 0 ? (us - first_us) * GST_USECOND : 0;
    bif_player_file_set_offset (file, file->start);
    if (GST_CLOCK_TIME_IS_VALID (duration))
      self->duration = MAX (self->duration, file->start + duration);
  }
}

void
bif_player_file_changed (BifPlayer * self)
{
  for (guint i = 0; i < self->files->len; i++) {
    BifPlayerFile *file = g_ptr_array_index (self->files, i);

    if (!file->ready && !file->failed)
      return;
  }
  if (self->ready)
    return;
  if (self->media->len == 0) {
    end (self, "there is nothing in the recording that can be played");
    return;
  }
  self->ready = TRUE;
  line_up (self);
  for (guint i = 0; i < self->files->len; i++)
    bif_player_file_release (self->files->pdata[i]);
  if (self->started && !self->paused)
    gst_element_set_state (self->pipeline, GST_STATE_PLAYING);
  g_signal_emit (self, signals[SIGNAL_READY], 0);
}

/* Of several files one may be broken: the others play. */
static void
take_error (BifPlayer * self, GstMessage * message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;
  guint n_left = 0;

  gst_message_parse_error (message, &error, &debug);
  GST_WARNING_OBJECT (self->pipeline, "%s: %s (%s)",
      GST_MESSAGE_SRC_NAME (message), error->message, debug);
  for (guint i = 0; i < self->files->len; i++) {
    BifPlayerFile *file = g_ptr_array_index (self->files, i);

    if (gst_object_has_as_ancestor (GST_MESSAGE_SRC (message),
            GST_OBJECT (file->bin)))
      file->failed = TRUE;
    if (!file->failed)
      n_left++;
  }
  if (n_left == 0)
    end (self, error->message);
  else if (!self->ready)
    bif_player_file_changed (self);
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  BifPlayer *self = user_data;

  g_object_ref (self);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR)
    take_error (self, message);
  else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS && !self->seeking)
    end (self, NULL);
  g_object_unref (self);
  return G_SOURCE_CONTINUE;
}

/* ---- public ---- */

static gboolean
add_files (BifPlayer * self, const char *const *paths, GError ** error)
{
  for (guint i = 0; paths[i] != NULL; i++) {
    BifPlayerFile *file = NULL;
    g_autoptr (GError) failure = NULL;

    if (bif_player_file_section (paths[i]) != NULL)
      file = bif_player_file_new (self, self->pipeline, self->template_,
          paths[i], &failure);
    if (file != NULL)
      g_ptr_array_add (self->files, file);
    else
      GST_WARNING_OBJECT (self->pipeline, "%s cannot be read: %s", paths[i],
          failure != NULL ? failure->message : "not a recording");
  }
  if (self->files->len > 0)
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_RECORDING,
      "no file of the recording can be read");
  return FALSE;
}

BifPlayer *
bif_player_new (const BifTemplate * template_, const char *const *paths,
    GError ** error)
{
  g_autoptr (BifPlayer) self = g_object_new (BIF_TYPE_PLAYER, NULL);
  g_autoptr (GstClock) clock = gst_system_clock_obtain ();
  g_autoptr (GstBus) bus = NULL;

  self->template_ = template_;
  self->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  gst_pipeline_use_clock (GST_PIPELINE (self->pipeline), clock);
  if (!add_files (self, paths, error))
    return NULL;
  bus = gst_element_get_bus (self->pipeline);
  self->watch_id = gst_bus_add_watch (bus, on_message, self);
  gst_element_set_state (self->pipeline, GST_STATE_PAUSED);
  return g_steal_pointer (&self);
}

void
bif_player_set_shared (BifPlayer * self)
{
  self->shared = TRUE;
}

gboolean
bif_player_is_ready (BifPlayer * self)
{
  return self->ready;
}

const GPtrArray *
bif_player_media (BifPlayer * self)
{
  return self->media;
}

gint64
bif_player_duration_ms (BifPlayer * self)
{
  return GST_CLOCK_TIME_IS_VALID (self->duration) ?
      (gint64) GST_TIME_AS_MSECONDS (self->duration) : -1;
}

gint64
bif_player_position_ms (BifPlayer * self)
{
  GstClockTime running = 0, position;

  if (self->pipeline == NULL)
    return 0;
  if (!self->seeking && self->started)
    running = self->paused ? gst_element_get_start_time (self->pipeline) :
        gst_element_get_current_running_time (self->pipeline);
  if (!GST_CLOCK_TIME_IS_VALID (running))
    running = 0;
  position = self->origin + running;
  return GST_TIME_AS_MSECONDS (GST_CLOCK_TIME_IS_VALID (self->duration) ?
      MIN (position, self->duration) : position);
}

static BifPlayerBranch *
find_branch (BifPlayer * self, BifMediaKind kind)
{
  for (guint i = 0; i < self->files->len; i++) {
    BifPlayerFile *file = g_ptr_array_index (self->files, i);

    for (guint b = 0; b < file->branches->len; b++) {
      BifPlayerBranch *branch = g_ptr_array_index (file->branches, b);

      if (branch->stream != NULL && branch->medium.kind == kind)
        return branch;
    }
  }
  return NULL;
}

gboolean
bif_player_connect (BifPlayer * self, BifTrack * track)
{
  BifPlayerBranch *branch = find_branch (self, bif_track_kind (track));

  if (branch == NULL)
    return FALSE;
  bif_track_play (track, branch->stream);
  return TRUE;
}

static void
apply_state (BifPlayer * self)
{
  if (self->pipeline != NULL && self->ready && self->started
      && !self->seeking)
    gst_element_set_state (self->pipeline,
        self->paused ? GST_STATE_PAUSED : GST_STATE_PLAYING);
}

void
bif_player_start (BifPlayer * self)
{
  self->started = TRUE;
  apply_state (self);
}

void
bif_player_set_paused (BifPlayer * self, gboolean paused)
{
  self->paused = paused;
  apply_state (self);
}

/* ---- seeking: the pipeline stands still meanwhile ---- */

/* What one thread after another does: the files' seeks may read. */
typedef struct
{
  BifPlayer *player;
  GPtrArray *pads;              /* of GstPad */
  GArray *positions;            /* of GstClockTime, a pad each */
  GstSeekFlags flags;
  gboolean ok;
} Seek;

static void
seek_free (gpointer data)
{
  Seek *self = data;

  g_object_unref (self->player);
  g_ptr_array_unref (self->pads);
  g_array_unref (self->positions);
  g_free (self);
}

static Seek *
seek_new (BifPlayer * player, GstSeekFlags flags)
{
  Seek *self = g_new0 (Seek, 1);

  self->player = g_object_ref (player);
  self->pads = g_ptr_array_new_with_free_func (gst_object_unref);
  self->positions = g_array_new (FALSE, FALSE, sizeof (GstClockTime));
  self->flags = GST_SEEK_FLAG_FLUSH | flags;
  return self;
}

static void
seek_add (Seek * self, BifPlayerFile * file, GstClockTime position)
{
  BifPlayerBranch *lead = bif_player_file_lead (file);

  if (file->failed || lead == NULL)
    return;
  g_ptr_array_add (self->pads, gst_object_ref (lead->pad));
  g_array_append_val (self->positions, position);
}

static void seek_begin (BifPlayer * self, GstClockTime position);

static void
seek_done (BifPlayer * self, gboolean ok)
{
  gint64 next = self->next_seek;

  self->seeking = FALSE;
  self->next_seek = -1;
  if (self->pipeline == NULL)
    return;
  if (ok)
    gst_element_set_start_time (self->pipeline, 0);
  if (next >= 0) {
    seek_begin (self, next);
    return;
  }
  apply_state (self);
  g_signal_emit (self, signals[SIGNAL_SOUGHT], 0);
}

/* To a keyframe: a segment tells where that is, before anything goes on. */
static void
seek_sent (gpointer player, gpointer data)
{
  BifPlayer *self = player;
  Seek *seek = data;

  if (!seek->ok)
    self->awaits_segment = FALSE;
  if (!seek->ok || !(seek->flags & GST_SEEK_FLAG_KEY_UNIT))
    seek_done (self, seek->ok);
}

static void
run_any_thread (GstElement * pipeline, gpointer data)
{
  Seek *seek = data;

  seek->ok = TRUE;
  for (guint i = 0; i < seek->pads->len; i++)
    seek->ok &= gst_pad_send_event (seek->pads->pdata[i],
        gst_event_new_seek (1.0, GST_FORMAT_TIME, seek->flags,
            GST_SEEK_TYPE_SET, g_array_index (seek->positions, GstClockTime,
                i), GST_SEEK_TYPE_NONE, -1));
  bif_post (seek->player, seek_sent, seek, seek_free);
}

/* Its data goes on the main thread. */
static void
seek_run (Seek * self)
{
  gst_element_call_async (self->player->pipeline, run_any_thread, self,
      NULL);
}

static void
follow (BifPlayer * self, BifPlayerFile * lead)
{
  Seek *seek = seek_new (self, GST_SEEK_FLAG_ACCURATE);

  for (guint i = 0; i < self->files->len; i++) {
    BifPlayerFile *file = g_ptr_array_index (self->files, i);

    if (file == lead)
      continue;
    bif_player_file_set_offset (file, file->start > self->origin ?
        file->start - self->origin : 0);
    seek_add (seek, file, self->origin > file->start ?
        self->origin - file->start : 0);
  }
  seek_run (seek);
}

typedef struct
{
  GWeakRef player;
  gint flushed;                 /* streaming threads, atomic */
} Watch;

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  g_weak_ref_clear (&watch->player);
  g_free (watch);
}

/* ---- where the video has a keyframe, everything else begins too ---- */

static BifPlayerFile *
find_lead (BifPlayer * self)
{
  BifPlayerBranch *branch = find_branch (self, BIF_MEDIA_VIDEO);

  if (branch == NULL)
    branch = find_branch (self, BIF_MEDIA_AUDIO);
  return branch != NULL ? branch->file : NULL;
}

static void
take_segment (gpointer player, gpointer data)
{
  BifPlayer *self = player;
  BifPlayerFile *lead = find_lead (self);

  if (self->pipeline == NULL || lead == NULL || !self->awaits_segment)
    return;
  self->awaits_segment = FALSE;
  self->origin = *(GstClockTime *) data + lead->start;
  follow (self, lead);
}

static GstPadProbeReturn
on_event_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  Watch *watch = data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  g_autoptr (BifPlayer) player = NULL;
  const GstSegment *segment;

  if (GST_EVENT_TYPE (event) == GST_EVENT_FLUSH_STOP)
    g_atomic_int_set (&watch->flushed, TRUE);
  if (GST_EVENT_TYPE (event) != GST_EVENT_SEGMENT
      || !g_atomic_int_get (&watch->flushed))
    return GST_PAD_PROBE_OK;
  gst_event_parse_segment (event, &segment);
  player = g_weak_ref_get (&watch->player);
  if (player != NULL)
    bif_post (player, take_segment, g_memdup2 (&segment->time,
            sizeof segment->time), g_free);
  return GST_PAD_PROBE_REMOVE;
}

static void
seek_lead (BifPlayer * self, BifPlayerFile * lead, GstClockTime position)
{
  Seek *seek = seek_new (self, GST_SEEK_FLAG_KEY_UNIT
      | GST_SEEK_FLAG_SNAP_BEFORE);
  Watch *watch = g_new0 (Watch, 1);

  self->awaits_segment = TRUE;
  g_weak_ref_init (&watch->player, self);
  bif_player_file_set_offset (lead, 0);
  gst_pad_add_probe (bif_player_file_lead (lead)->pad,
      GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH,
      on_event_any_thread, watch, watch_free);
  seek_add (seek, lead, position - lead->start);
  seek_run (seek);
}

static void
seek_begin (BifPlayer * self, GstClockTime position)
{
  BifPlayerFile *lead = find_lead (self);

  self->seeking = TRUE;
  gst_element_set_state (self->pipeline, GST_STATE_PAUSED);
  if (lead != NULL && !lead->failed && position > lead->start) {
    seek_lead (self, lead, position);
    return;
  }
  self->origin = position;
  follow (self, NULL);
}

gboolean
bif_player_seek (BifPlayer * self, gint64 position_ms)
{
  GstClockTime position = MAX (position_ms, 0) * GST_MSECOND;

  if (self->pipeline == NULL || !self->ready || self->ended)
    return FALSE;
  if (GST_CLOCK_TIME_IS_VALID (self->duration))
    position = MIN (position, self->duration);
  if (self->seeking)
    self->next_seek = position;
  else
    seek_begin (self, position);
  return TRUE;
}

/* ---- end ---- */

static void
stop_any_thread (GstElement * pipeline, gpointer data)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

void
bif_player_close (BifPlayer * self)
{
  g_autoptr (GstElement) pipeline = g_steal_pointer (&self->pipeline);

  if (pipeline == NULL)
    return;
  g_clear_handle_id (&self->watch_id, g_source_remove);
  g_ptr_array_set_size (self->media, 0);
  g_ptr_array_set_size (self->files, 0);
  gst_element_call_async (pipeline, stop_any_thread, NULL, NULL);
}

static void
bif_player_dispose (GObject * object)
{
  bif_player_close (BIF_PLAYER (object));
  G_OBJECT_CLASS (bif_player_parent_class)->dispose (object);
}

static void
bif_player_finalize (GObject * object)
{
  BifPlayer *self = BIF_PLAYER (object);

  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->media);
  G_OBJECT_CLASS (bif_player_parent_class)->finalize (object);
}

static void
bif_player_class_init (BifPlayerClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (bif_player_debug, "bif-player", 0,
      "playing recordings");
  object_class->dispose = bif_player_dispose;
  object_class->finalize = bif_player_finalize;
  signals[SIGNAL_READY] = g_signal_new ("ready", BIF_TYPE_PLAYER,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_DATA] = g_signal_new ("data", BIF_TYPE_PLAYER,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_SOUGHT] = g_signal_new ("sought", BIF_TYPE_PLAYER,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ENDED] = g_signal_new ("ended", BIF_TYPE_PLAYER,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
bif_player_init (BifPlayer * self)
{
  self->files =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bif_player_file_free);
  self->media = g_ptr_array_new ();
  self->duration = GST_CLOCK_TIME_NONE;
  self->next_seek = -1;
}
