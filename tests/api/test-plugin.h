/* test-plugin.h: a plugin with a request of every kind, for the API tests. */
#pragma once

#include "core/plugin.h"

extern const BifPluginInfo bif_plugin_test;
/* Only a body without "request", answered by event. */
extern const BifPluginInfo bif_plugin_testbody;
