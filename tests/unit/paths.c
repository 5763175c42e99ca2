/* paths.c: tests of search paths, in and out of a build folder. Main thread. */
#include "base/paths.h"

#include <string.h>
#include <glib/gstdio.h>
#include <gst/gst.h>

static void
test_installed (void)
{
  bif_paths_init_for ("/usr/bin/bifrons");
  g_assert_false (bif_paths_is_uninstalled ());
  g_assert_true (g_str_has_suffix (bif_paths_config_dir (), "/bifrons"));
  g_assert_true (g_str_has_suffix (bif_paths_demos_dir (), "/demos"));
  g_assert_true (g_str_has_suffix (bif_paths_user_data_dir (), "/bifrons"));
  bif_paths_init_for (NULL);
  g_assert_false (bif_paths_is_uninstalled ());
  bif_paths_init (NULL);
  g_assert_nonnull (bif_paths_plugin_dir ());
}

/* Only a program in <build>/src, whose file names that very folder. */
static void
test_uninstalled (void)
{
  static const struct
  {
    const char *folder, *build;
    gboolean found;
  } rows[] = {
    { "src", NULL, TRUE },
    { "bin", NULL, FALSE },
    { "src", "/elsewhere", FALSE },
    { "src/deeper", NULL, FALSE },
  };
  g_autofree char *build = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  g_autofree char *ini = g_build_filename (build, "uninstalled.ini", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf (
        "[uninstalled]\nsource=/the/source\nbuild=%s\n",
        rows[i].build != NULL ? rows[i].build : build);
    g_autofree char *exe = g_build_filename (build, rows[i].folder, "bifrons",
        NULL);
    g_autofree char *elements = g_build_filename (build, "elements", NULL);
    g_autofree char *demos = g_build_filename (build, "demos", "www", NULL);

    g_file_set_contents (ini, text, -1, NULL);
    bif_paths_init_for (exe);
    g_assert_cmpint (bif_paths_is_uninstalled (), ==, rows[i].found);
    if (!rows[i].found)
      continue;
    g_assert_cmpstr (bif_paths_gst_plugin_dir (), ==, elements);
    g_assert_cmpstr (bif_paths_demos_dir (), ==, demos);
  }
  g_remove (ini);
  g_rmdir (build);
}

static void
test_order (void)
{
  static const char *const wanted[] = { "/one", "/two", "/configured",
    "/user/bifrons/pipelines", "/sys1/bifrons/pipelines",
    "/sys2/bifrons/pipelines"
  };
  g_auto (GStrv) dirs = NULL;
  g_auto (GStrv) fewer = NULL;

  bif_paths_init_for ("/usr/bin/bifrons");
  g_setenv ("BIFRONS_PIPELINE_PATH", "/one::/two", TRUE);
  dirs = bif_paths_pipelines_dirs ("/configured");
  g_assert_cmpuint (g_strv_length (dirs), ==, G_N_ELEMENTS (wanted) + 1);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_assert_cmpstr (dirs[i], ==, wanted[i]);
  g_assert_true (g_str_has_suffix (dirs[6], "/bifrons/pipelines"));
  g_unsetenv ("BIFRONS_PIPELINE_PATH");
  fewer = bif_paths_pipelines_dirs (NULL);
  g_assert_cmpuint (g_strv_length (fewer), ==, 4);
}

int
main (int argc, char **argv)
{
  g_setenv ("XDG_CONFIG_HOME", "/user", TRUE);
  g_setenv ("XDG_CONFIG_DIRS", "/sys1:/sys2", TRUE);
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/paths/installed", test_installed);
  g_test_add_func ("/paths/uninstalled", test_uninstalled);
  g_test_add_func ("/paths/order", test_order);
  return g_test_run ();
}
