/* reference.h: the API reference, printed from the request tables, so that it
 * cannot lie. */
#pragma once

#include "core/plugin.h"

G_BEGIN_DECLS

/* Markdown of a plugin's requests, fields and error numbers on stdout. */
void bif_reference_print (const BifPluginInfo * info);

G_END_DECLS
