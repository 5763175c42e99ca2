/* recorder: files that play, of streams with real encoders. Times are
 * measured in the decoded files. */
#include "base/post.h"
#include "base/error.h"
#include "measure.h"
#include "media/recorder.h"
#include "source.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define VP8 "vp8enc deadline=1 keyframe-max-dist=3000 ! rtpvp8pay"
#define H264 "x264enc tune=zerolatency speed-preset=ultrafast " \
  "key-int-max=3000 ! video/x-h264,profile=baseline ! " \
  "rtph264pay config-interval=-1 aggregate-mode=zero-latency"
#define OPUS "opusenc ! rtpopuspay"

/* ---- a recording and what it tells ---- */

typedef struct
{
  char *folder;
  BifRecordings *recordings;
  BifRecorder *recorder;
  GMainLoop *loop;
  char **paths;                 /* of "closed" */
  char *reason;                 /* of "failed" */
} Fixture;

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* The recording's own time is what is tested: it must pass. */
static void
run_ms (Fixture * f, guint ms)
{
  g_timeout_add (ms, quit, f->loop);
  g_main_loop_run (f->loop);
}

static void
take_closed (BifRecorder * recorder, char **paths, Fixture * f)
{
  f->paths = g_strdupv (paths);
  g_main_loop_quit (f->loop);
}

static void
take_failed (BifRecorder * recorder, const char *reason, Fixture * f)
{
  f->reason = g_strdup (reason);
  g_main_loop_quit (f->loop);
}

static Fixture *
fixture_new (const BifRecordingSettings * settings)
{
  Fixture *f = g_new0 (Fixture, 1);
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("bifrons-recorder-XXXXXX", NULL);
  f->loop = g_main_loop_new (NULL, FALSE);
  f->recordings = bif_recordings_new (settings, &error);
  g_assert_no_error (error);
  return f;
}

static void
record (Fixture * f, TestSource * source, const char *video_codec,
    const char *audio_codec)
{
  g_autoptr (GError) error = NULL;

  f->recorder = bif_recorder_new (f->recordings, f->folder, "call", 0, &error);
  g_assert_no_error (error);
  g_signal_connect (f->recorder, "closed", G_CALLBACK (take_closed), f);
  g_signal_connect (f->recorder, "failed", G_CALLBACK (take_failed), f);
  if (source->audio != NULL) {
    g_autoptr (GPtrArray) streams = g_ptr_array_new ();

    g_ptr_array_add (streams, source->audio);
    g_assert_true (bif_recorder_add_streams (f->recorder, streams,
            BIF_MEDIA_AUDIO, audio_codec, "audio", NULL, &error));
  }
  if (source->video != NULL) {
    g_autoptr (GPtrArray) streams = g_ptr_array_new ();

    g_ptr_array_add (streams, source->video);
    g_assert_true (bif_recorder_add_streams (f->recorder, streams,
            BIF_MEDIA_VIDEO, video_codec, "video", NULL, &error));
  }
}

/* Returns the files' paths. */
static char **
finish (Fixture * f)
{
  guint watchdog = g_timeout_add_seconds (20, quit, f->loop);

  bif_recorder_close (f->recorder);
  g_main_loop_run (f->loop);
  g_assert_nonnull (f->paths);
  g_source_remove (watchdog);
  return f->paths;
}

static void
fixture_free (Fixture * f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (f->folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (f->folder);
  g_clear_object (&f->recorder);
  g_object_unref (f->recordings);
  g_main_loop_unref (f->loop);
  g_strfreev (f->paths);
  g_free (f->folder);
  g_free (f->reason);
  g_free (f);
}

/* ---- cases ---- */

typedef struct
{
  const char *name;
  guint formats;
  const char *video, *video_codec, *audio, *audio_codec;
  const char *file;             /* that comes out */
} FormatCase;

static const FormatCase format_cases[] = {
  { "webm", BIF_RECORDING_WEBM, VP8, "vp8", OPUS, "opus", "call.webm" },
  { "webm-vp9", BIF_RECORDING_WEBM,
      "vp9enc deadline=1 cpu-used=8 keyframe-max-dist=3000 ! rtpvp9pay", "vp9",
      OPUS, "opus", "call.webm" },
  { "mkv", BIF_RECORDING_MKV, VP8, "vp8", OPUS, "opus", "call.mkv" },
  { "h264", BIF_RECORDING_WEBM, H264, "h264", OPUS, "opus", "call.mkv" },
  { "mp4", BIF_RECORDING_MP4, H264, "h264", OPUS, "opus", "call.mp4" },
  { "mp4-vp9", BIF_RECORDING_MP4,
      "vp9enc deadline=1 cpu-used=8 keyframe-max-dist=3000 ! rtpvp9pay", "vp9",
      OPUS, "opus", "call.mp4" },
  { "mp4-vp8", BIF_RECORDING_MP4, VP8, "vp8", OPUS, "opus", "call.mkv" },
  { "pcmu", BIF_RECORDING_WEBM, VP8, "vp8", "mulawenc ! rtppcmupay", "pcmu",
      "call.webm" },
  { "g722", BIF_RECORDING_WEBM, NULL, NULL, "avenc_g722 ! rtpg722pay", "g722",
      "call.webm" },
};

static void
test_format (gconstpointer data)
{
  const FormatCase *c = data;
  BifRecordingSettings settings = { .formats = c->formats };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (c->video, c->audio, 0);
  g_autoptr (Measured) m = NULL;
  g_autofree char *name = NULL;
  char **paths;

  record (f, source, c->video_codec, c->audio_codec);
  g_assert_cmpstr (bif_recorder_file (f->recorder, "audio"), ==, c->file);
  run_ms (f, 4000);
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpuint (g_strv_length (paths), ==, 1);
  name = g_path_get_basename (paths[0]);
  g_assert_cmpstr (name, ==, c->file);
  if (g_getenv ("KEEP") != NULL)
    g_assert_cmpint (system (g_strdup_printf ("cp %s /tmp/rec_keep/%s-%s", paths[0], c->name, name)), ==, 0);
  m = measure (paths[0]);
  g_test_message ("%u frames to %.0f ms, audio %.0f to %.0f ms, %u pairs, "
      "offset %.1f, at most %.1f ms", m->video_frames, m->last_video_ms,
      m->first_audio_ms, m->last_audio_ms, m->pairs, m->mean_offset_ms,
      m->max_offset_ms);
  g_assert_true (m->decoded);
  g_assert_cmpuint (m->beeps->len, >=, 3);
  g_assert_cmpfloat (fabs (m->last_audio_ms - 4000), <, 1000);
  if (c->video != NULL) {
    g_assert_cmpuint (m->video_frames, >=, 75);
    g_assert_cmpuint (m->pairs, >=, 3);
    g_assert_cmpfloat (m->max_offset_ms, <=, 40);
  }
  fixture_free (f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  bif_post_init ();
  for (guint i = 0; i < G_N_ELEMENTS (format_cases); i++) {
    g_autofree char *path = g_strconcat ("/recorder/format/",
        format_cases[i].name, NULL);

    g_test_add_data_func (path, &format_cases[i], test_format);
  }
  return g_test_run ();
}
