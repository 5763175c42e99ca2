/* paths.h: where the files of the program are, installed or in its build
 * folder. Set once by bif_paths_init(), then read only: any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * bif_paths_init:
 * @argv0: (nullable): used where the system cannot tell the executable
 *
 * An executable <build>/src/bifrons beside <build>/uninstalled.ini uses what
 * the build folder and the source tree have; any other the installed files.
 * Main thread, first thing.
 */
void bif_paths_init (const char *argv0);
/* The same for a given executable: of tests. */
void bif_paths_init_for (const char *executable);

/**
 * bif_paths_pipelines_dirs:
 * @configured: (nullable): pipelines_folder of the configuration
 *
 * Returns: (transfer full): where templates are looked for, in order: entries
 * of BIFRONS_PIPELINE_PATH, @configured, the user's configuration folder, the
 * system's ones, the installed (or the source tree's) folder
 */
char **bif_paths_pipelines_dirs (const char *configured);

/* (transfer none) */
const char *bif_paths_demos_dir (void);
const char *bif_paths_gst_plugin_dir (void);    /* our elements */
const char *bif_paths_plugin_dir (void);        /* plugins built elsewhere */
const char *bif_paths_config_dir (void);        /* sysconfdir/bifrons */
const char *bif_paths_user_data_dir (void);     /* ~/.local/share/bifrons */
gboolean bif_paths_is_uninstalled (void);

G_END_DECLS
