/* recorder.h: recordings: what tracks bring, in files that play as they are
 * (audio and video of one participant in one file), or as .mjr, a file a track.
 * A recording is a pipeline of its own, from the template record.gst, fed from
 * the streams of the packet path: it never holds up media. Main thread. */
#pragma once

#include "media/peer.h"

G_BEGIN_DECLS

typedef enum
{
  BIF_RECORDING_WEBM = 1 << 0,  /* Matroska where WebM has no such codec */
  BIF_RECORDING_MKV = 1 << 1,
  BIF_RECORDING_MP4 = 1 << 2,   /* fragmented; Matroska where MP4 has no such codec */
  BIF_RECORDING_MJR = 1 << 3,   /* a file a track: <base>-<name>.mjr */
} BifRecordingFormats;

/* "webm", "mkv", "mp4", "mjr"; several with commas between. @error:
 * BIF_ERROR_CONFIGURATION; the text names what is wrong. */
gboolean bif_recording_formats_parse (const char *text, guint * formats,
    GError ** error);

/**
 * BifRecordings: what all recordings of a server share: the template and the
 * deployment's settings.
 */
#define BIF_TYPE_RECORDINGS (bif_recordings_get_type ())
G_DECLARE_FINAL_TYPE (BifRecordings, bif_recordings, BIF, RECORDINGS, GObject)

/**
 * BifRecordingSettings:
 * @formats: BifRecordingFormats
 * @max_duration_s, @max_size: bytes; a new part begins there, at a keyframe; 0:
 *   never
 * @temporary_ending: (nullable): of a file that is still written
 *   (recordings_tmp_ext); it is renamed when it is closed
 * @protected_folders: (nullable) NULL-terminated: prefixes of resolved paths
 *   where nothing may be written
 * @pipelines_folder: (nullable): where record.gst is looked for
 */
typedef struct
{
  guint formats;
  guint max_duration_s;
  guint64 max_size;
  const char *temporary_ending;
  const char *const *protected_folders;
  const char *pipelines_folder;
} BifRecordingSettings;

/* Of record.gst, for who checks templates. */
extern const BifHole bif_recordings_holes[];

/* @error: BIF_ERROR_TEMPLATE */
BifRecordings *bif_recordings_new (const BifRecordingSettings * settings,
    GError ** error);

/* At the end of a server: runs the main loop until all files of recorders that
 * were closed are whole. FALSE: after @timeout_ms some were not. */
gboolean bif_recordings_wait (BifRecordings * self, guint timeout_ms);

#define BIF_TYPE_RECORDER (bif_recorder_get_type ())
G_DECLARE_FINAL_TYPE (BifRecorder, bif_recorder, BIF, RECORDER, GObject)

/**
 * BifRecorder signals, on the main thread:
 *   "failed" (const char *reason): nothing is written any more (a full disk);
 *       the owner still calls bif_recorder_close()
 *   "closed" (GStrv paths): every file is complete, under its last name
 *
 * bif_recorder_new:
 * @folder: (nullable): made where it is missing; the working folder where NULL
 * @base: file name without ending, or an absolute path (then @folder counts
 *   not); its folder is made where it is missing. May come from a client: the
 *   caller decides whether paths are allowed, protected folders are checked here
 * @formats: 0 for the deployment's
 * @error: BIF_ERROR_IO
 *
 * Nothing is written before a track's first packet.
 */
BifRecorder *bif_recorder_new (BifRecordings * recordings, const char *folder,
    const char *base, guint formats, GError ** error);
/**
 * bif_recorder_add_track:
 * @name: "audio", "video", "audio-0": what the .mjr file's name ends with
 * @description: (nullable): for the header of an .mjr file
 *
 * Records what the peer sends of @track (of simulcast or SVC the best layer
 * there is, as one stream). Tracks that are added before the first packet came
 * share a file; a later one begins a new part. Video is asked for a keyframe.
 * The track may go first: it ends in the file then.
 */
gboolean bif_recorder_add_track (BifRecorder * self, BifTrack * track,
    const char *name, const char *description, GError ** error);
/* The same of streams of the packet path, the layers of one source, the lowest
 * first. @codec: API name */
gboolean bif_recorder_add_streams (BifRecorder * self, GPtrArray * streams,
    BifMediaKind kind, const char *codec, const char *name,
    const char *description, GError ** error);
/* A message of a data channel: <base>-<name>.mjr, which can be sent again, and
 * where there is a file that plays, subtitles beside it: <base>-<name>.vtt. */
void bif_recorder_add_message (BifRecorder * self, const char *name,
    const BifDataMessage * message);
/* Nothing is written while paused; what follows joins without a gap. */
void bif_recorder_set_paused (BifRecorder * self, gboolean paused);
/**
 * bif_recorder_set_muted:
 * @name: of a track, there already or added later
 *
 * What comes of it while it is muted is not written: unlike a pause, that is a
 * gap in the files, and other tracks go on. Video goes on with a keyframe.
 */
void bif_recorder_set_muted (BifRecorder * self, const char *name,
    gboolean muted);
/* Before there are tracks: their payload is encrypted end to end, so that only
 * .mjr files can hold it, whatever the format. */
void bif_recorder_set_encrypted (BifRecorder * self);
/* Idempotent; files are finished on another thread, "closed" tells. The
 * recorder keeps itself alive until then. */
void bif_recorder_close (BifRecorder * self);

/* Names of the files (without folder) as they are or will be: what an .nfo
 * lists. (nullable): NULL where no track has such a kind. For containers audio
 * and video are the same file. Valid until the next call. */
const char *bif_recorder_file (BifRecorder * self, const char *name);
/* When the first container began, microseconds since 1970; 0: there is none. */
gint64 bif_recorder_began_us (BifRecorder * self);

G_END_DECLS
