/* recorder: files that play, of streams with real encoders. Times are
 * measured in the decoded files. */
#include "base/post.h"
#include "base/error.h"
#include "measure.h"
#include "recording.h"

#include <glib/gstdio.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define VP9 "vp9enc deadline=1 cpu-used=8 lag-in-frames=0 " \
  "keyframe-max-dist=3000 ! rtpvp9pay"
#define H265 "x265enc tune=zerolatency speed-preset=ultrafast " \
  "key-int-max=3000 ! rtph265pay config-interval=-1 " \
  "aggregate-mode=zero-latency"
#define AV1 "av1enc usage-profile=realtime cpu-used=10 lag-in-frames=0 " \
  "keyframe-max-dist=3000 ! av1parse ! bifrtpav1pay"

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
  { "webm-vp9", BIF_RECORDING_WEBM, VP9, "vp9", OPUS, "opus", "call.webm" },
  { "webm-av1", BIF_RECORDING_WEBM, AV1, "av1", OPUS, "opus", "call.webm" },
  { "mkv", BIF_RECORDING_MKV, VP8, "vp8", OPUS, "opus", "call.mkv" },
  { "h264", BIF_RECORDING_WEBM, H264, "h264", OPUS, "opus", "call.mkv" },
  { "mp4", BIF_RECORDING_MP4, H264, "h264", OPUS, "opus", "call.mp4" },
  { "mp4-vp9", BIF_RECORDING_MP4, VP9, "vp9", OPUS, "opus", "call.mp4" },
  { "mp4-av1", BIF_RECORDING_MP4, AV1, "av1", OPUS, "opus", "call.mp4" },
  { "h265", BIF_RECORDING_WEBM, H265, "h265", OPUS, "opus", "call.mkv" },
  { "mp4-h265", BIF_RECORDING_MP4, H265, "h265", OPUS, "opus", "call.mp4" },
  { "mp4-vp8", BIF_RECORDING_MP4, VP8, "vp8", OPUS, "opus", "call.mkv" },
  { "pcmu", BIF_RECORDING_WEBM, VP8, "vp8", "mulawenc ! rtppcmupay", "pcmu",
      "call.webm" },
  { "g722", BIF_RECORDING_WEBM, NULL, NULL, "avenc_g722 ! rtpg722pay", "g722",
      "call.webm" },
};

/* What ffprobe counts in @path, of "v" or "a". */
static guint
count_packets (const char *path, const char *kind)
{
  const char *arguments[] = { "ffprobe", "-v", "error", "-count_packets",
    "-select_streams", kind, "-show_entries", "stream=nb_read_packets", "-of",
    "csv=p=0", path, NULL
  };
  g_autofree char *text = NULL, *complaints = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_spawn_sync (NULL, (char **) arguments, NULL,
          G_SPAWN_SEARCH_PATH, NULL, NULL, &text, &complaints, NULL, &error));
  g_assert_cmpstr (complaints, ==, "");
  return (guint) atoi (text);
}

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
    g_assert_cmpuint (count_packets (paths[0], "v"), >=, m->video_frames);
    g_assert_cmpuint (m->pairs, >=, 3);
    g_assert_cmpfloat (m->max_offset_ms, <=, 40);
  }
  fixture_free (f);
}

/* 5 % of packets never come: gaps, no drift. RECORDER_SECONDS makes it long. */
static void
test_loss (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM };
  const char *text = g_getenv ("RECORDER_SECONDS");
  guint ms = (text != NULL ? atoi (text) : 8) * 1000;
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (VP8, OPUS, 0.05);
  g_autoptr (Measured) m = NULL;
  gint64 begin_us, end_us;
  double duration_ms;

  record (f, source, "vp8", "opus");
  begin_us = g_get_monotonic_time ();
  run_ms (f, ms);
  end_us = g_get_monotonic_time ();
  m = measure (finish (f)[0]);
  test_source_free (source);
  duration_ms = MAX (m->last_video_ms, m->last_audio_ms);
  g_test_message ("%.0f ms of %.0f: video %.0f to %.0f, audio %.0f to %.0f, "
      "%u frames, %u pairs, offset %.1f, at most %.1f ms", duration_ms,
      (end_us - begin_us) / 1e3, m->first_video_ms, m->last_video_ms,
      m->first_audio_ms, m->last_audio_ms, m->video_frames, m->pairs,
      m->mean_offset_ms, m->max_offset_ms);
  g_assert_true (m->decoded);
  g_assert_cmpuint (m->pairs, >=, ms / 1000 / 2);
  g_assert_cmpfloat (m->mean_offset_ms, <, 40);
  g_assert_cmpfloat (fabs (duration_ms - (end_us - begin_us) / 1e3), <, 500);
  fixture_free (f);
}

/* One track falls silent for a while; the other goes on, and both are in step
 * when it comes back. The picture changes its size meanwhile. */
static void
test_mute (gconstpointer data)
{
  guint formats = GPOINTER_TO_UINT (data);
  gboolean mp4 = formats == BIF_RECORDING_MP4;
  BifRecordingSettings settings = { .formats = formats };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (mp4 ? H264 : VP8, OPUS, 0);
  guint pairs = 0;
  char **paths;

  record (f, source, mp4 ? "h264" : "vp8", "opus");
  run_ms (f, 2500);
  test_source_mute (source, "audio", TRUE);
  run_ms (f, 2500);
  test_source_resize (source, 160, 120);
  test_source_mute (source, "audio", FALSE);
  run_ms (f, 3000);
  paths = finish (f);
  test_source_free (source);
  for (guint i = 0; paths[i] != NULL; i++) {
    g_autoptr (Measured) m = measure (paths[i]);

    g_test_message ("part %u: video %.0f to %.0f, audio %.0f to %.0f, %u "
        "flashes, %u beeps, at most %.1f ms", i, m->first_video_ms,
        m->last_video_ms, m->first_audio_ms, m->last_audio_ms,
        m->flashes->len, m->beeps->len, m->max_offset_ms);
    g_assert_true (m->decoded);
    g_assert_cmpuint (m->away, <=, 1);
    pairs += m->pairs;
  }
  g_assert_cmpuint (pairs, >=, 4);
  fixture_free (f);
}

typedef struct
{
  const char *name;
  guint formats;
  const char *codec, *encoder;
  const char *silent;           /* the track on which nothing ever comes */
} SilentCase;

static const SilentCase silent_cases[] = {
  { "webm-audio", BIF_RECORDING_WEBM, "vp8", VP8, "audio" },
  { "webm-video", BIF_RECORDING_WEBM, "vp8", VP8, "video" },
  { "mp4-audio", BIF_RECORDING_MP4, "h264", H264, "audio" },
  { "mp4-video", BIF_RECORDING_MP4, "h264", H264, "video" },
  { "mp4-av1-audio", BIF_RECORDING_MP4, "av1", AV1, "audio" },
};

/* The file plays, and is closed in time. */
static void
test_silent (gconstpointer data)
{
  const SilentCase *c = data;
  gboolean audio = strcmp (c->silent, "audio") == 0;
  BifRecordingSettings settings = { .formats = c->formats };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new_silent (c->encoder, OPUS, c->silent);
  g_autoptr (Measured) m = NULL;
  gint64 begin_us;
  char **paths;

  record (f, source, c->codec, "opus");
  run_ms (f, 4000);
  begin_us = g_get_monotonic_time ();
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <,
      3 * G_USEC_PER_SEC);
  g_assert_cmpuint (g_strv_length (paths), ==, 1);
  m = measure (paths[0]);
  g_assert_true (m->decoded);
  g_assert_cmpuint (count_packets (paths[0], audio ? "v" : "a"), >=,
      audio ? 75 : 150);
  g_assert_cmpuint (count_packets (paths[0], audio ? "a" : "v"), ==, 0);
  g_assert_cmpfloat (fabs ((audio ? m->last_video_ms : m->last_audio_ms)
          - 4000), <, 1000);
  fixture_free (f);
}

/* What follows a pause joins what was before it. */
static void
test_pause (gconstpointer data)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM
        | BIF_RECORDING_MJR };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (VP8, OPUS, 0);
  g_autoptr (Measured) m = NULL;
  char **paths;

  record (f, source, "vp8", "opus");
  /* Not where a flash or a beep would be cut in two. */
  run_ms (f, 2500);
  bif_recorder_set_paused (f->recorder, TRUE);
  run_ms (f, 2000);
  bif_recorder_set_paused (f->recorder, FALSE);
  run_ms (f, 1500);
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpuint (g_strv_length (paths), ==, 3);
  g_assert_true (g_str_has_suffix (paths[0], "call.webm"));
  g_assert_true (g_str_has_suffix (paths[1], "call-audio.mjr"));
  g_assert_true (g_str_has_suffix (paths[2], "call-video.mjr"));
  m = measure (paths[0]);
  g_test_message ("video to %.0f, audio to %.0f ms", m->last_video_ms,
      m->last_audio_ms);
  g_assert_true (m->decoded);
  g_assert_cmpfloat (fabs (m->last_audio_ms - 4000), <, 600);
  g_assert_cmpuint (m->away, <=, 1);
  fixture_free (f);
}

/* A new part at a keyframe that is asked for. */
static void
test_parts (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM,
    .max_duration_s = 2, .temporary_ending = "part"
  };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (VP8, OPUS, 0);
  char **paths;

  record (f, source, "vp8", "opus");
  run_ms (f, 5000);
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpuint (g_strv_length (paths), ==, 3);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (Measured) m = measure (paths[i]);

    g_test_message ("part %u: video %.0f to %.0f, audio %.0f to %.0f ms", i,
        m->first_video_ms, m->last_video_ms, m->first_audio_ms,
        m->last_audio_ms);
    g_assert_true (m->decoded);
    g_assert_cmpfloat (m->first_video_ms, <, 100);
    g_assert_cmpuint (m->away, <=, 1);
  }
  fixture_free (f);
}

/* The disk is full: "failed", and what was written plays. */
static void
test_full (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (VP8, OPUS, 0);
  const struct rlimit small = { 30000, RLIM_INFINITY };
  struct rlimit before;
  g_autoptr (Measured) m = NULL;

  getrlimit (RLIMIT_FSIZE, &before);
  signal (SIGXFSZ, SIG_IGN);
  setrlimit (RLIMIT_FSIZE, &small);
  record (f, source, "vp8", "opus");
  run_ms (f, 20000);
  setrlimit (RLIMIT_FSIZE, &before);
  g_test_message ("failed: %s", f->reason);
  g_assert_nonnull (f->reason);
  m = measure (finish (f)[0]);
  test_source_free (source);
  g_assert_cmpuint (m->video_frames, >, 10);
  fixture_free (f);
}

typedef struct
{
  const char *name;
  guint formats;
  const char *codec, *encoder;
  const char *file;
} KillCase;

static const KillCase kill_cases[] = {
  { "webm", BIF_RECORDING_WEBM, "vp8", VP8, "call.webm" },
  { "webm-av1", BIF_RECORDING_WEBM, "av1", AV1, "call.webm" },
  { "mp4", BIF_RECORDING_MP4, "h264", H264, "call.mp4" },
  { "mp4-vp9", BIF_RECORDING_MP4, "vp9", VP9, "call.mp4" },
  { "mp4-av1", BIF_RECORDING_MP4, "av1", AV1, "call.mp4" },
};

/* A child records into @folder until it is killed. */
static void
record_for_ever (const char *folder, const KillCase * c)
{
  BifRecordingSettings settings = { .formats = c->formats };
  Fixture *f = fixture_new (&settings);

  g_free (f->folder);
  f->folder = g_strdup (folder);
  record (f, test_source_new (c->encoder, OPUS, 0), c->codec, "opus");
  run_ms (f, 60000);
}

/* A crash leaves a file that plays up to its last second. */
static void
test_kill (gconstpointer data)
{
  const KillCase *c = data;
  g_autofree char *folder = g_dir_make_tmp ("bifrons-recorder-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, c->file, NULL);
  const char *arguments[] = { g_get_prgname (), "--child", folder, c->name,
    NULL };
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Measured) m = NULL;
  gint64 begin_us = 0, end_us;

  child = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_NONE, &error);
  g_assert_no_error (error);
  while (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_usleep (10000);
  begin_us = g_get_monotonic_time ();
  g_usleep (5 * G_USEC_PER_SEC);
  g_subprocess_send_signal (child, SIGKILL);
  end_us = g_get_monotonic_time ();
  g_subprocess_wait (child, NULL, NULL);
  m = measure (path);
  g_test_message ("%s: video to %.0f, audio to %.0f of %.0f ms", c->name,
      m->last_video_ms, m->last_audio_ms, (end_us - begin_us) / 1e3);
  g_assert_true (m->decoded);
  g_assert_cmpuint (count_packets (path, "v"), >=, 75);
  g_assert_cmpfloat (m->last_video_ms, >, (end_us - begin_us) / 1e3 - 1500);
  g_unlink (path);
  g_rmdir (folder);
}

static void
test_protected (void)
{
  const char *const folders[] = { "/usr", "/etc", NULL };
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM,
    .protected_folders = folders
  };
  static const char *const bases[] = { "/etc/x", "/usr/../etc/x",
    "/tmp/../etc/none/x", "/usr2/x", "", "a/"
  };
  Fixture *f = fixture_new (&settings);
  g_autofree char *link = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bases); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (bif_recorder_new (f->recordings, f->folder, bases[i], 0,
            &error));
    g_assert_error (error, BIF_ERROR, BIF_ERROR_IO);
  }
  g_assert_null (bif_recorder_new (f->recordings, NULL, " x/x", 0, NULL));
  link = g_build_filename (f->folder, "l", NULL);
  g_assert_cmpint (symlink ("/etc", link), ==, 0);
  g_assert_null (bif_recorder_new (f->recordings, f->folder, "l/x", 0, NULL));
  fixture_free (f);
}

/* Closed before anything came: no file. */
static void
test_nothing (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM
        | BIF_RECORDING_MP4 };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (VP8, "valve drop=true ! " OPUS, 0);

  test_source_mute (source, "video", TRUE);
  test_source_mute (source, "audio", TRUE);
  record (f, source, "vp8", "opus");
  run_ms (f, 500);
  g_assert_cmpuint (g_strv_length (finish (f)), ==, 0);
  test_source_free (source);
  fixture_free (f);
}

static void
test_messages (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM
        | BIF_RECORDING_MJR };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (NULL, OPUS, 0);
  g_autoptr (GBytes) bytes = g_bytes_new_static ("hello there", 11);
  const BifDataMessage message = { "label", "", TRUE, bytes };
  g_autofree char *text = NULL, *vtt = NULL;

  record (f, source, NULL, "opus");
  run_ms (f, 1500);
  bif_recorder_add_message (f->recorder, "data", &message);
  run_ms (f, 500);
  g_assert_cmpuint (g_strv_length (finish (f)), ==, 4);
  vtt = g_build_filename (f->folder, "call-data.vtt", NULL);
  g_assert_true (g_file_get_contents (vtt, &text, NULL, NULL));
  g_test_message ("%s", text);
  g_assert_nonnull (strstr (text, "hello there"));
  test_source_free (source);
  fixture_free (f);
}

static void
test_formats_text (void)
{
  g_autoptr (GError) error = NULL;
  guint formats;

  g_assert_true (bif_recording_formats_parse ("webm", &formats, NULL));
  g_assert_cmpuint (formats, ==, BIF_RECORDING_WEBM);
  g_assert_true (bif_recording_formats_parse ("mp4, MJR", &formats, NULL));
  g_assert_cmpuint (formats, ==, BIF_RECORDING_MP4 | BIF_RECORDING_MJR);
  g_assert_false (bif_recording_formats_parse ("avi", &formats, NULL));
  g_assert_false (bif_recording_formats_parse ("", &formats, NULL));
  g_assert_false (bif_recording_formats_parse ("webm,,mjr", &formats, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  bif_post_init ();
  if (argc == 4 && strcmp (argv[1], "--child") == 0) {
    for (guint i = 0; i < G_N_ELEMENTS (kill_cases); i++)
      if (strcmp (argv[3], kill_cases[i].name) == 0)
        record_for_ever (argv[2], &kill_cases[i]);
    return 0;
  }
  g_set_prgname (argv[0]);
  g_test_add_func ("/recorder/formats", test_formats_text);
  g_test_add_func ("/recorder/protected", test_protected);
  g_test_add_func ("/recorder/nothing", test_nothing);
  g_test_add_func ("/recorder/loss", test_loss);
  g_test_add_data_func ("/recorder/mute/webm",
      GUINT_TO_POINTER (BIF_RECORDING_WEBM), test_mute);
  g_test_add_data_func ("/recorder/mute/mp4",
      GUINT_TO_POINTER (BIF_RECORDING_MP4), test_mute);
  for (guint i = 0; i < G_N_ELEMENTS (silent_cases); i++) {
    g_autofree char *path = g_strconcat ("/recorder/silent/",
        silent_cases[i].name, NULL);

    g_test_add_data_func (path, &silent_cases[i], test_silent);
  }
  g_test_add_data_func ("/recorder/pause", NULL, test_pause);
  g_test_add_func ("/recorder/parts", test_parts);
  g_test_add_func ("/recorder/full", test_full);
  for (guint i = 0; i < G_N_ELEMENTS (kill_cases); i++) {
    g_autofree char *path = g_strconcat ("/recorder/kill/",
        kill_cases[i].name, NULL);

    g_test_add_data_func (path, &kill_cases[i], test_kill);
  }
  g_test_add_func ("/recorder/messages", test_messages);
  for (guint i = 0; i < G_N_ELEMENTS (format_cases); i++) {
    g_autofree char *path = g_strconcat ("/recorder/format/",
        format_cases[i].name, NULL);

    g_test_add_data_func (path, &format_cases[i], test_format);
  }
  return g_test_run ();
}
