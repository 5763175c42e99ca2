/* paths.c: where the files of the program are. Set once, then read only: any
 * thread. */
#include "base/paths.h"

#include <config.h>
#include <gst/gst.h>
#ifdef __APPLE__
#include <mach-o/dyld.h>
#endif

#include "base/log-category.h"

#define GST_CAT_DEFAULT (bif_base_category ())

/* Written by bif_paths_init() alone. */
static struct
{
  gboolean uninstalled;
  char *pipelines, *demos, *gst_plugins, *plugins, *config, *user_data;
} paths;

static char *
find_executable (const char *argv0)
{
#ifdef __APPLE__
  char buffer[4096];
  guint32 size = sizeof (buffer);

  if (_NSGetExecutablePath (buffer, &size) == 0)
    return g_canonicalize_filename (buffer, NULL);
#elif defined (__linux__)
  char *link = g_file_read_link ("/proc/self/exe", NULL);

  if (link != NULL)
    return link;
#endif
  return argv0 != NULL ? g_find_program_in_path (argv0) : NULL;
}

/* Roots of source and build, where the executable is in a build folder: its
 * uninstalled.ini has to name the very folder it lies in. */
static gboolean
find_roots (const char *executable, char **source, char **build)
{
  g_autofree char *bin = g_path_get_dirname (executable);
  g_autofree char *parent = g_path_get_dirname (bin);
  g_autofree char *path = g_build_filename (parent, "uninstalled.ini", NULL);
  g_autofree char *folder = g_path_get_basename (bin);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (!g_str_equal (folder, "src")
      || !g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    return FALSE;
  *source = g_key_file_get_string (file, "uninstalled", "source", NULL);
  *build = g_key_file_get_string (file, "uninstalled", "build", NULL);
  if (*source != NULL && g_strcmp0 (*build, parent) == 0)
    return TRUE;
  g_clear_pointer (source, g_free);
  g_clear_pointer (build, g_free);
  return FALSE;
}

static void
set_path (char **path, char *value)
{
  g_free (*path);
  *path = value;
}

void
bif_paths_init_for (const char *executable)
{
  g_autofree char *source = NULL;
  g_autofree char *build = NULL;

  paths.uninstalled = executable != NULL
      && find_roots (executable, &source, &build);
  if (paths.uninstalled) {
    set_path (&paths.pipelines, g_build_filename (source, "pipelines", NULL));
    set_path (&paths.demos, g_build_filename (build, "demos", "www", NULL));
    set_path (&paths.gst_plugins, g_build_filename (build, "elements", NULL));
    set_path (&paths.plugins, g_build_filename (build, "plugins", NULL));
  } else {
    set_path (&paths.pipelines, g_build_filename (BIF_DATADIR, "pipelines",
            NULL));
    set_path (&paths.demos, g_build_filename (BIF_DATADIR, "demos", NULL));
    set_path (&paths.gst_plugins, g_strdup (BIF_GST_PLUGINDIR));
    set_path (&paths.plugins, g_strdup (BIF_PLUGINDIR));
  }
  set_path (&paths.config, g_build_filename (BIF_SYSCONFDIR, "bifrons", NULL));
  set_path (&paths.user_data, g_build_filename (g_get_user_data_dir (),
          "bifrons", NULL));
  GST_DEBUG ("%s, pipelines in %s", paths.uninstalled ? "not installed"
      : "installed", paths.pipelines);
}

void
bif_paths_init (const char *argv0)
{
  g_autofree char *executable = find_executable (argv0);

  bif_paths_init_for (executable);
}

char **
bif_paths_pipelines_dirs (const char *configured)
{
  g_autoptr (GStrvBuilder) dirs = g_strv_builder_new ();
  const char *path = g_getenv ("BIFRONS_PIPELINE_PATH");
  g_auto (GStrv) entries = g_strsplit (path != NULL ? path : "",
      G_SEARCHPATH_SEPARATOR_S, -1);
  const char *const *systems = g_get_system_config_dirs ();
  g_autofree char *user = g_build_filename (g_get_user_config_dir (),
      "bifrons", "pipelines", NULL);

  for (guint i = 0; entries[i] != NULL; i++)
    if (*entries[i] != '\0')
      g_strv_builder_add (dirs, entries[i]);
  if (configured != NULL && *configured != '\0')
    g_strv_builder_add (dirs, configured);
  g_strv_builder_add (dirs, user);
  for (guint i = 0; systems[i] != NULL; i++) {
    g_autofree char *dir = g_build_filename (systems[i], "bifrons",
        "pipelines", NULL);

    g_strv_builder_add (dirs, dir);
  }
  if (paths.pipelines != NULL)
    g_strv_builder_add (dirs, paths.pipelines);
  return g_strv_builder_end (dirs);
}

const char *
bif_paths_demos_dir (void)
{
  return paths.demos;
}

const char *
bif_paths_gst_plugin_dir (void)
{
  return paths.gst_plugins;
}

const char *
bif_paths_plugin_dir (void)
{
  return paths.plugins;
}

const char *
bif_paths_config_dir (void)
{
  return paths.config;
}

const char *
bif_paths_user_data_dir (void)
{
  return paths.user_data;
}

gboolean
bif_paths_is_uninstalled (void)
{
  return paths.uninstalled;
}
