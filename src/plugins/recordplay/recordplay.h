/* recordplay.h: shared by the files of the plugin: recordings, and handles that
 * make or play one. Main thread. */
#pragma once

#include "core/plugin.h"
#include "media/playout.h"
#include "media/recorder.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (rp_debug);
#define GST_CAT_DEFAULT rp_debug

/**
 * RpRecording: one of the library.
 * @files: names below the folder, by kind; NULL where there is no such medium
 * @codecs: API names, by kind; NULL where it is not known
 * @parts: where a recording goes on in another file, as one does to which video
 *   is added later, and what else was written; containers of the first one's
 *   format are played after it
 * @began_us: when the first container began, since 1970; 0: not known
 * @duration_ms: -1: not known
 * @completed: it can be listed and played
 */
typedef struct
{
  int ref_count;
  guint64 id;
  char *name, *date;
  gboolean is_private;
  gboolean completed;
  gboolean audio_red, e2ee;
  gint64 duration_ms;
  gint64 began_us;
  char *files[3];               /* by BifMediaKind */
  char *codecs[3];
  GPtrArray *parts;             /* of char *: files that follow those */
} RpRecording;

RpRecording *rp_recording_new (guint64 id, const char *name);
RpRecording *rp_recording_ref (RpRecording * self);
void rp_recording_unref (RpRecording * self);
/* Returns: (transfer full): names of its files, each once */
GPtrArray *rp_recording_files (const RpRecording * self);

#define RP_TYPE_PLUGIN (rp_plugin_get_type ())
G_DECLARE_FINAL_TYPE (RpPlugin, rp_plugin, RP, PLUGIN, BifPlugin)

struct _RpPlugin
{
  BifPlugin parent;
  char *path;
  char *admin_key;              /* (nullable) */
  gboolean is_private;
  GHashTable *recordings;       /* guint64 * -> RpRecording, whose it is */
  GHashTable *bases;            /* set of file names without ending, of what is
                                   recorded now */
  GHashTable *shows;            /* guint64 * -> RpShow, borrowed: the live ones */
};

/* ---- library.c ---- */

/* Whether a client may name files so: nothing outside of the folder. */
gboolean rp_library_check_filename (RpPlugin * self, const char *filename,
    GError ** error);
/* @base, or with -2, -3, ... the first of which there are no files yet, and
 * which nobody records to. Returns: (transfer full) */
char *rp_library_make_base (RpPlugin * self, const char *base);
/* Reads the .nfo files that are new, and forgets what lost its own. */
void rp_library_update (RpPlugin * self);
RpRecording *rp_library_find (RpPlugin * self, guint64 id);
/* With a new id where @id is 0; NULL where it is taken. */
RpRecording *rp_library_add (RpPlugin * self, guint64 id, const char *name,
    GError ** error);
void rp_library_remove (RpPlugin * self, RpRecording * recording);
/* Looks into its files, writes its .nfo, and lists it from now on. */
gboolean rp_library_complete (RpPlugin * self, RpRecording * recording,
    GError ** error);
JsonArray *rp_library_list (RpPlugin * self, gboolean private_too);

/* ---- handles ---- */

typedef struct _RpRecordingJob RpRecordingJob;
typedef struct _RpPlaying RpPlaying;

#define RP_TYPE_HANDLE (rp_handle_get_type ())
G_DECLARE_FINAL_TYPE (RpHandle, rp_handle, RP, HANDLE, BifHandle)

struct _RpHandle
{
  BifHandle parent;
  RpRecordingJob *job;          /* (nullable): what it records */
  RpPlaying *playing;           /* (nullable); not both */
  gboolean is_done;             /* the caller was told so */
  guint bitrate;                /* bit/s, of what is recorded; 0 for no cap */
  guint keyframe_interval_ms;
};

RpPlugin *rp_handle_plugin (RpHandle * self);
/* (nullable): what it makes or plays */
RpRecording *rp_handle_recording (RpHandle * self);
/* "result" of an event. @id: 0 for none. Returns: (transfer full) */
JsonObject *rp_result (const char *status, guint64 id);
gboolean rp_reply_result (BifReply * reply, JsonObject * result);
/* An event; takes @result. */
void rp_push_result (RpHandle * self, JsonObject * result);
gboolean rp_fail (GError ** error, int code, const char *text);

typedef struct
{
  const char *name;
  BifMaybeInt id;
  BifMaybeBool is_private;
  const char *filename;
  const char *audiocodec, *videocodec, *videoprofile;
  gboolean opusred;
  BifMaybeBool textdata;
  gboolean update;
} RpRecordParams;

typedef struct
{
  BifMaybeInt id;
  gboolean restart;
  gboolean live;
} RpPlayParams;

/* ---- recording.c ---- */

gboolean rp_record (RpHandle * handle, const RpRecordParams * p,
    BifReply * reply, GError ** error);
RpRecording *rp_job_recording (RpRecordingJob * self);
void rp_job_track_added (RpRecordingJob * self, BifTrack * track);
void rp_job_data (RpRecordingJob * self, const BifDataMessage * message);
void rp_job_set_paused (RpRecordingJob * self, gboolean paused);
/* The bitrate or the interval changed, or media began. */
void rp_job_configure (RpRecordingJob * self);
/* Ends it: its files are finished meanwhile. */
void rp_job_close (RpRecordingJob * self);

/* ---- show.c ---- */

/**
 * RpShow: a recording that is read, paced and packetised: for one caller, or
 * live, for all who play it so at the same time.
 * @viewers: of RpHandle
 */
typedef struct
{
  RpPlugin *plugin;             /* owned */
  RpRecording *recording;       /* owned */
  BifPlayout *player;           /* owned */
  GPtrArray *viewers;
  gboolean live, paused;
} RpShow;

/* Of those that are live, the one that runs, if any does. @error:
 * BIF_ERROR_INVALID_RECORDING */
RpShow *rp_show_join (RpHandle * viewer, RpRecording * recording,
    gboolean live, GError ** error);
/* The last one ends it. */
void rp_show_leave (RpShow * self, RpHandle * viewer);
void rp_show_set_paused (RpShow * self, gboolean paused, RpHandle * by);
/* FALSE where it cannot seek. */
gboolean rp_show_seek (RpShow * self, gint64 position_ms, RpHandle * by);
/* "seeking", as all are told. Returns: (transfer full) */
JsonObject *rp_show_seeking (RpShow * self, gint64 position_ms);

/* ---- playing.c ---- */

gboolean rp_play (RpHandle * handle, const RpPlayParams * p,
    BifReply * reply, GError ** error);
RpRecording *rp_playing_recording (RpPlaying * self);
gboolean rp_playing_start (RpPlaying * self, BifReply * reply,
    GError ** error);
void rp_playing_track_added (RpPlaying * self, BifTrack * track);
void rp_playing_media_up (RpPlaying * self);
void rp_playing_set_paused (RpPlaying * self, gboolean paused);
gboolean rp_playing_seek (RpPlaying * self, gint64 position_ms,
    BifReply * reply, GError ** error);
gint64 rp_playing_position_ms (RpPlaying * self);
void rp_playing_close (RpPlaying * self);

G_END_DECLS
