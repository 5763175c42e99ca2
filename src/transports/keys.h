/* keys.h: the keys that the transports' and plugins' files may have, for
 * bif_config_check(). Constant: any thread. */
#pragma once

#include "base/config.h"

G_BEGIN_DECLS

extern const BifKey bif_http_keys[];    /* janus.transport.http */
extern const BifKey bif_websockets_keys[];      /* janus.transport.websockets */
extern const BifKey bif_echotest_keys[];        /* janus.plugin.echotest */

G_END_DECLS
