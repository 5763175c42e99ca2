/* planned.h: plugins that are known by name and not built yet. */
#pragma once

#include "core/plugin.h"

G_BEGIN_DECLS

/* Rows, ended by one without a package. Clients look them up in info; attach
 * answers that they are not built. Add them behind what is built. */
extern const BifPluginInfo bif_plugins_planned[];

G_END_DECLS
