/* recorder-private.h: shared by recordings.c, recorder.c, recorder-track.c and
 * recorder-text.c. Main thread. */
#pragma once

#include "media/recorder.h"

G_BEGIN_DECLS

/* What a container is called in the template, and its files' ending. */
#define BIF_RECORDING_CONTAINERS 3
extern const char *const bif_recording_containers[BIF_RECORDING_CONTAINERS];

struct _BifRecordings
{
  GObject parent;

  BifTemplate *template_;
  guint formats;
  guint max_duration_s;
  guint64 max_size;
  char *temporary_ending;       /* (nullable) */
  char **protected_folders;     /* NULL-terminated */
  GHashTable *codecs;           /* name -> GstCaps of what its section makes */
  guint n_closing;              /* recorders that were closed and are not whole */
};

/* Whether files of @container may have @codec. */
gboolean bif_recordings_holds (BifRecordings * self, const char *container,
    BifMediaKind kind, const char *codec);
/* Where it is to be written, with folders made. (transfer full) (nullable) */
char *bif_recordings_make_base (BifRecordings * self, const char *folder,
    const char *base, GError ** error);

/* One file, or what follows it in parts. */
typedef struct
{
  const char *name;             /* of bif_recording_containers */
  GstElement *sink;             /* bifpartsink, of the pipeline */
} BifRecorderContainer;

/* What is recorded under one name. */
typedef struct
{
  char *name;
  BifMediaKind kind;
  char *codec;                  /* API name */
  char *description;            /* (nullable) */
  char *file;                   /* as told last (nullable) */
  GPtrArray *streams;           /* of GObject, layers, the lowest first */
  GPtrArray *chains;            /* of BifRecorderChain */
} BifRecorderTrack;

/* Elements from a stream to a file. */
typedef struct
{
  BifRecorder *recorder;        /* not owned */
  BifRecorderTrack *track;      /* not owned */
  char *codec;
  GstElement *bin, *source;     /* of the pipeline */
  GstPad *pad;                  /* of a container's sink; NULL: .mjr */
  BifRecorderContainer *container;
  int stale;                    /* atomic: another codec comes */
} BifRecorderChain;

struct _BifRecorder
{
  GObject parent;

  BifRecordings *recordings;    /* owned */
  char *base;                   /* path without ending */
  guint formats;
  GstElement *pipeline;         /* owned until it is stopped */
  GPtrArray *tracks;            /* of BifRecorderTrack */
  GPtrArray *containers;        /* of BifRecorderContainer */
  GPtrArray *texts;             /* of BifRecorderText */
  GPtrArray *files;             /* of char *: .mjr and text, last names */
  GPtrArray *parts;             /* of char *: containers' files, once begun */
  guint start_id, timeout_id;
  gint64 zero_us;               /* when the first file began; 0: none yet */
  gint64 paused_at_us, paused_us;
  GHashTable *muted;            /* set of track names */
  char *text_file;              /* as told last (nullable) */
  gboolean encrypted;
  gboolean paused, started, failed, stopped, closing, closed;
};

/* recorder-track.c */
void bif_recorder_chain_free (BifRecorderChain * chain);
void bif_recorder_track_free (BifRecorderTrack * self);
void bif_recorder_track_start (BifRecorder * self, BifRecorderTrack * track);
/* As the recorder's set of muted names has it. */
void bif_recorder_track_mute (BifRecorder * self, BifRecorderTrack * track);
/* A filesink in @bin writes a new file of the recorder. */
void bif_recorder_use_file (BifRecorder * self, GstElement * bin,
    const char *path);
/* The container that @format's bit (0 to 2) becomes; NULL: none has the codec. */
const char *bif_recorder_container_of (BifRecorder * self,
    const BifRecorderTrack * track, guint format);

/* recorder-text.c */
typedef struct _BifRecorderText BifRecorderText;
void bif_recorder_text_free (BifRecorderText * self);
/* The file of messages, without folder, where some came: bif_recorder_file() */
const char *bif_recorder_text_file (BifRecorder * self, const char *name);

/* recorder.c */
gboolean bif_recorder_start (BifRecorder * self);
void bif_recorder_fail (BifRecorder * self, const char *reason);

G_END_DECLS
