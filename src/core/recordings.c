/* recordings.c: what the configuration says of recordings, and where they are
 * served. Main thread. */
#include "core/server-private.h"
#include "base/paths.h"

#include <string.h>

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

/* ---- served ---- */

static void
served_folder_free (gpointer data)
{
  BifServedFolder *self = data;

  g_free (self->prefix);
  g_free (self->folder);
  g_free (self);
}

static void
add_folder (GPtrArray * array, const char *prefix, const char *folder)
{
  BifServedFolder *served;

  for (guint i = 0; i < array->len; i++) {
    const BifServedFolder *other = array->pdata[i];

    if (g_str_equal (other->prefix, prefix)
        && g_str_equal (other->folder, folder))
      return;
  }
  served = g_new0 (BifServedFolder, 1);
  served->prefix = g_strdup (prefix);
  served->folder = g_strdup (folder);
  g_ptr_array_add (array, served);
}

/* Slashes at its ends may be written or not. NULL where nothing is left: pages
 * are there. */
static char *
make_prefix (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  g_autoptr (GString) prefix = g_string_new ("/");

  for (guint i = 0; parts[i] != NULL; i++)
    if (*parts[i] != '\0')
      g_string_append_printf (prefix, "%s/", parts[i]);
  return prefix->len > 1 ? g_strdup (prefix->str) : NULL;
}

/* @base: a path of ours, or of another server: "https://...", "//..." */
static gboolean
is_here (const char *base)
{
  return base != NULL && base[0] == '/' && base[1] != '/';
}

void
bif_server_serve_recordings (BifServer * self, const char *base,
    const char *folder)
{
  g_autofree char *path = g_canonicalize_filename (folder, NULL);
  g_autofree char *prefix = is_here (base) ? make_prefix (base) : NULL;

  if (prefix == NULL)
    prefix = make_prefix (self->settings->recordings_path);
  if (prefix == NULL)
    return;
  if (self->served == NULL)
    self->served = g_ptr_array_new_with_free_func (served_folder_free);
  add_folder (self->served, prefix, path);
}

/* Without folders of its own the configuration means the user's. */
static void
add_configured (GPtrArray * array, const BifSettings * settings)
{
  g_autofree char *prefix = make_prefix (settings->recordings_path);
  g_autofree char *own = g_build_filename (bif_paths_user_data_dir (),
      "recordings", NULL);
  char **folders = settings->recordings_folders;

  if (prefix == NULL) {
    GST_WARNING ("recordings_path: no recordings can be served at the root");
    return;
  }
  for (guint i = 0; folders != NULL && folders[i] != NULL; i++) {
    g_autofree char *path = g_canonicalize_filename (folders[i], NULL);

    add_folder (array, prefix, path);
  }
  if (folders == NULL || folders[0] == NULL)
    add_folder (array, prefix, own);
}

GPtrArray *
bif_server_served_recordings (BifServer * self)
{
  GPtrArray *array = g_ptr_array_new_with_free_func (served_folder_free);

  if (!self->settings->recordings)
    return array;
  add_configured (array, self->settings);
  for (guint i = 0; self->served != NULL && i < self->served->len; i++) {
    const BifServedFolder *served = self->served->pdata[i];

    add_folder (array, served->prefix, served->folder);
  }
  return array;
}
