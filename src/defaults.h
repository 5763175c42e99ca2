/* defaults.h: the configuration of a server that has no configuration folder.
 * Main thread. */
#pragma once

#include "base/config.h"

G_BEGIN_DECLS

/* libconfig text; NULL for a package without. */
const char *bif_defaults_text (const char *package);

/**
 * bif_defaults_load_package:
 * @folder: (nullable): NULL: the embedded text
 * @package: "janus", "bifrons", "janus.transport.http"...
 * @admin: whether the Admin API may listen where the text is the embedded one:
 *   only with an admin_secret
 * @error: BIF_ERROR_CONFIGURATION
 *
 * Returns: (transfer full) (nullable): as bif_config_load_package()
 */
BifConfig *bif_defaults_load_package (const char *folder, const char *package,
    gboolean admin, GError ** error);

G_END_DECLS
