/* mutes: what a recording holds where callers mute, pause, encrypt, send
 * messages, or want several formats, and what a file that takes nothing holds
 * up. */
#include "base/post.h"
#include "measure.h"
#include "recording.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What is in step may be so far away. */
#define MOST_MS 40

/* ---- .mjr files ---- */

typedef struct
{
  guint32 ms;
  guint16 sequence;
  guint32 timestamp;
  gboolean keyframe;            /* of VP8 */
} Frame;

static guint32
number (const guint8 * data, guint size)
{
  guint32 value = 0;

  for (guint i = 0; i < size; i++)
    value = value << 8 | data[i];
  return value;
}

/* Of packets with a header of 12 bytes, and VP8 with a descriptor of 1 to 4. */
static gboolean
begins_keyframe (const guint8 * payload, gsize size)
{
  gsize at = 1;

  if (size < 6 || !(payload[0] & 0x10))
    return FALSE;
  if (payload[0] & 0x80) {
    at++;
    if (payload[1] & 0x80)
      at += payload[2] & 0x80 ? 2 : 1;
  }
  return !(payload[at] & 1);
}

/* @header: (out) (transfer full) */
static GArray *
read_mjr (const char *path, char **header)
{
  GArray *frames = g_array_new (FALSE, FALSE, sizeof (Frame));
  g_autofree char *text = NULL;
  const guint8 *data;
  gsize size, at;

  g_assert_true (g_file_get_contents (path, &text, &size, NULL));
  data = (const guint8 *) text;
  g_assert_cmpuint (size, >, 10);
  at = 10 + number (data + 8, 2);
  *header = g_strndup (text + 10, at - 10);
  while (at + 10 <= size) {
    gsize length = number (data + at + 8, 2);
    const guint8 *rtp = data + at + 10;
    Frame frame = { number (data + at + 4, 4) };

    g_assert_cmpint (memcmp (data + at, "MEET", 4), ==, 0);
    if (length >= 12) {
      frame.sequence = number (rtp + 2, 2);
      frame.timestamp = number (rtp + 4, 4);
      frame.keyframe = begins_keyframe (rtp + 12, length - 12);
    }
    g_array_append_val (frames, frame);
    at += 10 + length;
  }
  return frames;
}

static Frame *
frame_at (GArray * frames, guint i)
{
  return &g_array_index (frames, Frame, i);
}

/* Of how many milliseconds packet timestamps know nothing that come in the time
 * of the last packet, of those that the file has. */
static double
lost_ms (GArray * frames, guint clock_rate)
{
  Frame *first = frame_at (frames, 0);
  Frame *last = frame_at (frames, frames->len - 1);

  return last->ms - (guint32) (last->timestamp - first->timestamp) * 1e3
      / clock_rate;
}

static void
check_sequence (GArray * frames)
{
  for (guint i = 1; i < frames->len; i++)
    g_assert_cmpuint ((guint16) (frame_at (frames, i)->sequence
            - frame_at (frames, i - 1)->sequence), ==, 1);
}

/* The longest gap; the frame after it. */
static guint
find_gap (GArray * frames)
{
  guint longest = 1;

  for (guint i = 1; i < frames->len; i++) {
    if (frame_at (frames, i)->ms - frame_at (frames, i - 1)->ms
        > frame_at (frames, longest)->ms - frame_at (frames, longest - 1)->ms)
      longest = i;
  }
  return longest;
}

/* ---- flashes and beeps ---- */

/* How far @value is from the next multiple of a second. */
static double
off_ms (double value)
{
  return fabs (value - 1000 * round (value / 1000));
}

/* What begins each second does so in the file, too, or @gap_ms later; one may
 * be cut by an end or a beginning. Returns the longest interval. */
static double
check_beat (GArray * times, double gap_ms)
{
  double longest = 0;
  guint odd = 0;

  for (guint i = 1; i < times->len; i++) {
    double step = g_array_index (times, double, i)
        - g_array_index (times, double, i - 1);

    odd += off_ms (step) > MOST_MS && off_ms (step + gap_ms) > 2 * MOST_MS;
    longest = MAX (longest, step);
    g_test_message ("%.0f ms later", step);
  }
  g_assert_cmpuint (odd, <=, 2);
  return longest;
}

/* ---- mutes ---- */

static void
check_gap (const char *path, guint clock_rate, gboolean video)
{
  g_autofree char *header = NULL;
  g_autoptr (GArray) frames = read_mjr (path, &header);
  guint gap = find_gap (frames);
  guint step = frame_at (frames, gap)->ms - frame_at (frames, gap - 1)->ms;
  gboolean keyframe = FALSE;

  g_test_message ("%s: %u frames, a gap of %u ms at %u ms, off by %.1f ms",
      path, frames->len, step, frame_at (frames, gap)->ms,
      lost_ms (frames, clock_rate));
  g_assert_cmpuint (step, >=, 2200);
  g_assert_cmpuint (step, <=, 2800);
  check_sequence (frames);
  g_assert_cmpfloat (fabs (lost_ms (frames, clock_rate)), <, 2 * MOST_MS);
  for (guint i = gap; video && i < frames->len && frame_at (frames, i)->ms
      < frame_at (frames, gap)->ms + 600; i++)
    keyframe = keyframe || frame_at (frames, i)->keyframe;
  g_assert_true (keyframe || !video);
}

/* At the server: nothing is written of what is muted, and what follows is where
 * it belongs, from a keyframe on. */
static void
test_muted (void)
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
  bif_recorder_set_muted (f->recorder, "audio", TRUE);
  run_ms (f, 2300);
  bif_recorder_set_muted (f->recorder, "audio", FALSE);
  run_ms (f, 1600);
  bif_recorder_set_muted (f->recorder, "video", TRUE);
  run_ms (f, 2300);
  bif_recorder_set_muted (f->recorder, "video", FALSE);
  run_ms (f, 2000);
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpuint (g_strv_length (paths), ==, 3);
  m = measure (paths[0]);
  g_test_message ("video %.0f to %.0f, audio %.0f to %.0f, %u flashes, %u "
      "beeps, at most %.1f ms", m->first_video_ms, m->last_video_ms,
      m->first_audio_ms, m->last_audio_ms, m->flashes->len, m->beeps->len,
      m->max_offset_ms);
  g_assert_true (m->decoded);
  g_assert_cmpuint (m->away, <=, 1);
  g_assert_cmpuint (m->pairs, >=, 4);
  g_assert_cmpuint (m->flashes->len, <=, 9);
  g_assert_cmpuint (m->beeps->len, <=, 9);
  g_assert_cmpfloat (check_beat (m->beeps, 0), >, 2900);
  g_assert_cmpfloat (check_beat (m->flashes, 0), >, 2900);
  g_assert_cmpfloat (fabs (m->last_video_ms - m->last_audio_ms), <, 200);
  check_gap (paths[1], 48000, FALSE);
  check_gap (paths[2], 90000, TRUE);
  fixture_free (f);
}

/* What is muted from the beginning on begins a part of its own. */
static void
test_muted_first (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (VP8, OPUS, 0);
  g_autoptr (Measured) silent = NULL, full = NULL;
  char **paths;

  begin (f);
  bif_recorder_set_muted (f->recorder, "audio", TRUE);
  record (f, source, "vp8", "opus");
  run_ms (f, 3500);
  bif_recorder_set_muted (f->recorder, "audio", FALSE);
  run_ms (f, 4000);
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpuint (g_strv_length (paths), ==, 2);
  silent = measure (paths[0]);
  full = measure (paths[1]);
  g_test_message ("%u and %u flashes, %u pairs, %u away, at most %.1f ms",
      silent->flashes->len, full->flashes->len, full->pairs, full->away,
      full->max_offset_ms);
  g_assert_cmpuint (silent->audio_buffers, ==, 0);
  g_assert_cmpuint (silent->flashes->len, >=, 2);
  g_assert_cmpuint (full->pairs, >=, 3);
  g_assert_cmpuint (full->away, <=, 1);
  fixture_free (f);
}

/* A track that begins a little later is in step with the other, also in MP4,
 * which has no place for how much later. */
static void
test_late (gconstpointer name)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_MP4 };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (H264, OPUS, 0);
  g_autoptr (Measured) m = NULL;
  char **paths;

  begin (f);
  bif_recorder_set_muted (f->recorder, name, TRUE);
  record (f, source, "h264", "opus");
  run_ms (f, 900);
  bif_recorder_set_muted (f->recorder, name, FALSE);
  run_ms (f, 4000);
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpuint (g_strv_length (paths), ==, 1);
  m = measure (paths[0]);
  g_test_message ("video to %.0f, audio to %.0f ms, %.1f ms apart, at most "
      "%.1f", m->last_video_ms, m->last_audio_ms, m->mean_offset_ms,
      m->max_offset_ms);
  g_assert_true (m->decoded);
  g_assert_cmpuint (m->pairs, >=, 3);
  g_assert_cmpuint (m->away, <=, 1);
  g_assert_cmpfloat (fabs (m->last_video_ms - m->last_audio_ms), <, 200);
  fixture_free (f);
}

/* ---- pauses ---- */

static void
check_pauses (const char *path, guint clock_rate, double paused_ms)
{
  g_autofree char *header = NULL;
  g_autoptr (GArray) frames = read_mjr (path, &header);

  g_test_message ("%s: %.1f ms of %.1f are left out", path,
      lost_ms (frames, clock_rate), paused_ms);
  g_assert_cmpfloat (fabs (lost_ms (frames, clock_rate) - paused_ms), <,
      MOST_MS);
  check_sequence (frames);
}

/* Files lack the pauses, exactly, and both tracks lack the same. */
static void
test_pauses (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM
        | BIF_RECORDING_MJR };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (VP8, OPUS, 0);
  gint64 paused_us = 0, begun_us = g_get_monotonic_time ();
  double length_ms;
  g_autoptr (Measured) m = NULL;
  char **paths;

  record (f, source, "vp8", "opus");
  for (guint i = 0; i < 3; i++) {
    run_ms (f, 2500);
    bif_recorder_set_paused (f->recorder, TRUE);
    paused_us -= g_get_monotonic_time ();
    run_ms (f, 1300);
    bif_recorder_set_paused (f->recorder, FALSE);
    paused_us += g_get_monotonic_time ();
  }
  run_ms (f, 2000);
  length_ms = (g_get_monotonic_time () - begun_us - paused_us) / 1e3;
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpuint (g_strv_length (paths), ==, 3);
  m = measure (paths[0]);
  g_test_message ("%.0f ms: video to %.0f, audio to %.0f ms, at most %.1f ms "
      "apart, %u away of %u", length_ms, m->last_video_ms, m->last_audio_ms,
      m->max_offset_ms, m->away, m->pairs);
  g_assert_true (m->decoded);
  g_assert_cmpfloat (fabs (m->mean_offset_ms), <, 1.5 * MOST_MS);
  g_assert_cmpuint (m->pairs, >=, 5);
  check_beat (m->beeps, paused_us / 3e3);
  check_beat (m->flashes, paused_us / 3e3);
  /* It begins when the first keyframe has come. */
  g_assert_cmpfloat (m->last_audio_ms, <, length_ms + 100);
  g_assert_cmpfloat (m->last_audio_ms, >, length_ms - 600);
  check_pauses (paths[1], 48000, paused_us / 1e3);
  check_pauses (paths[2], 90000, paused_us / 1e3);
  fixture_free (f);
}

/* ---- encryption ---- */

/* Nobody can look into it: .mjr files that say so, whatever is asked for. */
static void
test_encrypted (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM
        | BIF_RECORDING_MP4 };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (VP8, OPUS, 0);
  static const char *const names[] = { "call-audio.mjr", "call-video.mjr" };
  char **paths;

  begin (f);
  bif_recorder_set_encrypted (f->recorder);
  record (f, source, "vp8", "opus");
  g_assert_cmpstr (bif_recorder_file (f->recorder, "audio"), ==, names[0]);
  run_ms (f, 1500);
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpuint (g_strv_length (paths), ==, 2);
  for (guint i = 0; i < 2; i++) {
    g_autofree char *header = NULL;
    g_autoptr (GArray) frames = read_mjr (paths[i], &header);

    g_assert_true (g_str_has_suffix (paths[i], names[i]));
    g_assert_cmpuint (frames->len, >, 20);
    g_assert_nonnull (strstr (header, "\"e\":true"));
  }
  fixture_free (f);
}

/* ---- several formats ---- */

static void
test_formats (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_MKV
        | BIF_RECORDING_MP4 | BIF_RECORDING_MJR };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (H264, OPUS, 0);
  g_autofree char *audio = NULL, *video = NULL;
  g_autoptr (GArray) sounds = NULL, pictures = NULL;
  char **paths;

  record (f, source, "h264", "opus");
  run_ms (f, 5000);
  paths = finish (f);
  test_source_free (source);
  g_assert_cmpuint (g_strv_length (paths), ==, 4);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (Measured) m = measure (paths[i]);

    g_test_message ("%s: %u frames, video to %.0f, audio to %.0f ms, %.1f ms "
        "apart, at most %.1f", paths[i], m->video_frames, m->last_video_ms,
        m->last_audio_ms, m->mean_offset_ms, m->max_offset_ms);
    g_assert_true (m->decoded);
    g_assert_cmpuint (m->video_frames, >, 110);
    g_assert_cmpfloat (m->last_audio_ms, >, 4000);
    g_assert_cmpuint (m->away, <=, 1);
  }
  sounds = read_mjr (paths[2], &audio);
  pictures = read_mjr (paths[3], &video);
  g_assert_nonnull (strstr (audio, "\"c\":\"opus\""));
  g_assert_nonnull (strstr (video, "\"c\":\"h264\""));
  g_assert_cmpuint (frame_at (sounds, sounds->len - 1)->ms, >, 4000);
  g_assert_cmpuint (frame_at (pictures, pictures->len - 1)->ms, >, 4000);
  fixture_free (f);
}

/* ---- messages ---- */

static void
say (Fixture * f, const char *text, gboolean is_text)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  const BifDataMessage message = { "label", "", is_text, bytes };

  bif_recorder_add_message (f->recorder, is_text ? "text" : "data", &message);
}

/* Subtitles stand where something was said, counted from the file's beginning,
 * also behind a pause; raw messages stay as they are. */
static void
test_messages (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (NULL, OPUS, 0);
  g_autofree char *path = NULL, *text = NULL, *raw = NULL, *header = NULL;
  g_autoptr (GArray) frames = NULL;
  gint64 said_us, paused_us;
  double first_ms, second_ms, start_ms;
  const char *cue;

  record (f, source, NULL, "opus");
  run_ms (f, 2000);
  said_us = g_get_monotonic_time ();
  say (f, "one", TRUE);
  say (f, "\x01\xff", FALSE);
  run_ms (f, 500);
  bif_recorder_set_paused (f->recorder, TRUE);
  paused_us = g_get_monotonic_time ();
  say (f, "in vain", TRUE);
  run_ms (f, 1500);
  bif_recorder_set_paused (f->recorder, FALSE);
  paused_us = g_get_monotonic_time () - paused_us;
  run_ms (f, 500);
  said_us = g_get_monotonic_time () - said_us;
  say (f, "two", TRUE);
  say (f, "three", FALSE);
  finish (f);
  start_ms = g_atomic_int_get (&source->start_ms);
  test_source_free (source);
  path = g_build_filename (f->folder, "call-text.vtt", NULL);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_test_message ("%s", text);
  g_assert_null (strstr (text, "in vain"));
  cue = strstr (text, "00:00:");
  g_assert_nonnull (cue);
  first_ms = 1e3 * g_ascii_strtod (cue + 6, NULL);
  cue = strstr (strstr (text, "one"), "00:00:");
  g_assert_nonnull (cue);
  second_ms = 1e3 * g_ascii_strtod (cue + 6, NULL);
  g_assert_cmpfloat (fabs (first_ms - 2000 + start_ms), <, 300);
  g_assert_cmpfloat (fabs (second_ms - first_ms
          - (said_us - paused_us) / 1e3), <, 100);
  raw = g_build_filename (f->folder, "call-data.mjr", NULL);
  frames = read_mjr (raw, &header);
  g_assert_nonnull (strstr (header, "\"c\":\"binary\""));
  g_assert_cmpuint (frames->len, ==, 2);
  g_assert_cmpfloat (fabs (frame_at (frames, 1)->ms - said_us / 1e3), <, 100);
  fixture_free (f);
}

/* ---- a file that takes nothing ---- */

static gboolean
tick (gpointer user_data)
{
  gint64 *ticks = user_data;
  gint64 now_us = g_get_monotonic_time ();

  ticks[1] = MAX (ticks[1], now_us - ticks[0]);
  ticks[0] = now_us;
  return G_SOURCE_CONTINUE;
}

static gboolean
drain (gpointer fd)
{
  char bytes[4096];

  while (read (GPOINTER_TO_INT (fd), bytes, sizeof bytes) > 0);
  return G_SOURCE_CONTINUE;
}

/* A pipe that nobody reads any more is like a disk that does not answer: the
 * recording waits for it, even at its end, and the main loop does not. */
static void
test_blocked (void)
{
  BifRecordingSettings settings = { .formats = BIF_RECORDING_WEBM };
  Fixture *f = fixture_new (&settings);
  TestSource *source = test_source_new (VP8, OPUS, 0);
  g_autofree char *path = g_build_filename (f->folder, "call.webm", NULL);
  gint64 ticks[2] = { g_get_monotonic_time (), 0 };
  guint ticker, drainer;
  int fd;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  fd = open (path, O_RDONLY | O_NONBLOCK);
  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (fcntl (fd, F_SETPIPE_SZ, 4096), >=, 4096);
  record (f, source, "vp8", "opus");
  ticker = g_timeout_add (10, tick, ticks);
  run_ms (f, 3000);
  bif_recorder_set_muted (f->recorder, "audio", TRUE);
  bif_recorder_set_paused (f->recorder, TRUE);
  run_ms (f, 200);
  bif_recorder_close (f->recorder);
  run_ms (f, 6500);
  g_assert_null (f->paths);
  g_test_message ("the main loop waited for %.0f ms at most", ticks[1] / 1e3);
  g_assert_cmpint (ticks[1], <, 500 * 1000);
  drainer = g_timeout_add (10, drain, GINT_TO_POINTER (fd));
  finish (f);
  g_source_remove (drainer);
  g_source_remove (ticker);
  close (fd);
  test_source_free (source);
  fixture_free (f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gst_init (&argc, &argv);
  bif_post_init ();
  g_test_add_func ("/mutes/muted", test_muted);
  g_test_add_func ("/mutes/muted-first", test_muted_first);
  g_test_add_data_func ("/mutes/late/audio", "audio", test_late);
  g_test_add_data_func ("/mutes/late/video", "video", test_late);
  g_test_add_func ("/mutes/pauses", test_pauses);
  g_test_add_func ("/mutes/encrypted", test_encrypted);
  g_test_add_func ("/mutes/formats", test_formats);
  g_test_add_func ("/mutes/messages", test_messages);
  g_test_add_func ("/mutes/blocked", test_blocked);
  return g_test_run ();
}
