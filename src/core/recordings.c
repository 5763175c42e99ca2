/* recordings.c: what the configuration says of recordings. Main thread. */
#include "core/server-private.h"

GST_DEBUG_CATEGORY_EXTERN (bif_core_debug);
#define GST_CAT_DEFAULT bif_core_debug

gboolean
bif_server_open_recordings (BifServer * self, GError ** error)
{
  const BifSettings *s = self->settings;
  BifRecordingSettings settings = {
    .max_duration_s = s->max_duration,
    .max_size = s->max_size,
    .temporary_ending = s->recordings_tmp_ext,
    .protected_folders = (const char *const *) s->protected_folders,
    .pipelines_folder = s->pipelines_folder,
  };

  if (!bif_recording_formats_parse (s->recording_format, &settings.formats,
          error))
    return FALSE;
  g_clear_object (&self->recordings);
  self->recordings = bif_recordings_new (&settings, error);
  return self->recordings != NULL;
}

BifRecordings *
bif_server_recordings (BifServer * self)
{
  g_autoptr (GError) error = NULL;

  if (self->recordings == NULL && !bif_server_open_recordings (self, &error))
    GST_ERROR_OBJECT (self, "nothing can be recorded: %s", error->message);
  return self->recordings;
}
