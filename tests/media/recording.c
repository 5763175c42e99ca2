/* recording.c: see recording.h. */
#include "recording.h"

#include <glib/gstdio.h>

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

void
run_ms (Fixture * f, guint ms)
{
  g_timeout_add_full (G_PRIORITY_DEFAULT, ms, quit, g_main_loop_ref (f->loop),
      (GDestroyNotify) g_main_loop_unref);
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

Fixture *
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

void
begin (Fixture * f)
{
  g_autoptr (GError) error = NULL;

  f->recorder = bif_recorder_new (f->recordings, f->folder, "call", 0, &error);
  g_assert_no_error (error);
  g_signal_connect (f->recorder, "closed", G_CALLBACK (take_closed), f);
  g_signal_connect (f->recorder, "failed", G_CALLBACK (take_failed), f);
}

void
record (Fixture * f, TestSource * source, const char *video_codec,
    const char *audio_codec)
{
  g_autoptr (GError) error = NULL;

  if (f->recorder == NULL)
    begin (f);
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

char **
finish (Fixture * f)
{
  guint watchdog = g_timeout_add_seconds (20, quit, f->loop);

  bif_recorder_close (f->recorder);
  g_main_loop_run (f->loop);
  g_assert_nonnull (f->paths);
  g_source_remove (watchdog);
  return f->paths;
}

void
fixture_free (Fixture * f)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (f->folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (f->folder);
  if (f->recorder != NULL)
    g_signal_handlers_disconnect_by_data (f->recorder, f);
  g_clear_object (&f->recorder);
  g_object_unref (f->recordings);
  g_main_loop_unref (f->loop);
  g_strfreev (f->paths);
  g_free (f->folder);
  g_free (f->reason);
  g_free (f);
}
