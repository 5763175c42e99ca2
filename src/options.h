/* options.h: the command line: Janus's letters and names, and a few of ours.
 * Main thread. */
#pragma once

#include "base/config.h"
#include "base/log.h"
#include "core/settings.h"

G_BEGIN_DECLS

/* What is no key of janus.jcfg; strings are owned, NULL where not given. */
typedef struct
{
  char *configs_folder;         /* -F */
  char *config;                 /* -C */
  char *cwd_path;               /* -H, of a daemon */
  gboolean log_stdout;          /* keep it even as a daemon */

  gboolean check_pipelines;     /* check all templates, and end */
  char *print_pipeline;         /* "NAME/SECTION": print it, and end */
  char *dot_folder;             /* graphs of pipelines go there */
  gboolean print_api;           /* print the API reference, and end */

  GPtrArray *overrides;         /* of keys; private */
} BifOptions;

/**
 * bif_options_parse:
 * @argv: (array zero-terminated=1): with the program's name
 * @exit_code: (out): where NULL is returned
 *
 * Help and version go to standard output, mistakes to standard error.
 * Positional arguments are ignored.
 *
 * Returns: (transfer full) (nullable): NULL: the process is to end
 */
BifOptions *bif_options_parse (char **argv, int *exit_code);
void bif_options_free (BifOptions * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifOptions, bif_options_free)

/* The command line over the file. */
void bif_options_apply (const BifOptions * self, BifConfig * config);

/**
 * bif_options_load_config:
 * @folder: (out) (transfer full) (nullable): the configuration folder in use,
 *   absolute; NULL: there is none, all is as bif_defaults_load_package() has it
 * @error: BIF_ERROR_CONFIGURATION: the file of -C, and nothing in its place
 *
 * Finds and reads janus.jcfg (config-core.md section 1) and applies the command
 * line. "general.configs_folder" becomes @folder, and is not set without one.
 *
 * Returns: (transfer full) (nullable): NULL with @error set
 */
BifConfig *bif_options_load_config (const BifOptions * self, char **folder,
    GError ** error);

/* Where log lines go. @log borrows from @settings. */
void bif_options_log_settings (const BifOptions * self,
    const BifSettings * settings, BifLogSettings * log);

G_END_DECLS
