/* plugins.h: the plugins that this program is built with. */
#pragma once

#include "core/plugin.h"

/* NULL-terminated: those that are built, then those that are planned. */
extern const BifPluginInfo *const bif_plugins[];
