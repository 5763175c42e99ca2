/* plugins.h: the plugins that this program is built with. */
#pragma once

#include "core/plugin.h"

/* NULL-terminated. */
extern const BifPluginInfo *const bif_plugins[];
