/* settings.h: what janus.transport.http.jcfg and .websockets.jcfg say, as
 * structs (transports.md sections 2.6 and 3). Main thread. */
#pragma once

#include "base/config.h"
#include "base/json.h"
#include "transports/listener.h"

G_BEGIN_DECLS

/* Strings are owned, NULL where not set. */
typedef struct
{
  char *allow_origin;
  gboolean enforce;             /* only with allow_origin */
} BifCorsSettings;

typedef struct
{
  char *cert_pem, *cert_key, *cert_pwd;
  char *own_folder;             /* of the certificate we make; NULL: default */
} BifTlsSettings;

typedef struct
{
  BifJsonStyle json;
  char *base_path;              /* "/janus"; "" for "/" */
  char *admin_base_path;
  BifListenSettings http, https, admin_http, admin_https;
  BifCorsSettings cors;
  BifTlsSettings tls;
} BifHttpSettings;

typedef struct
{
  BifJsonStyle json;
  BifListenSettings ws, wss, admin_ws, admin_wss;
  guint ping_trigger_s, ping_timeout_s; /* both set, or no pings */
  BifCorsSettings cors;
  BifTlsSettings tls;
} BifWebsocketSettings;

/* Defaults, then the file. @error: BIF_ERROR_CONFIGURATION for a base path
 * without a slash in front; the struct is cleared then. */
gboolean bif_http_settings_read (BifHttpSettings * self,
    const BifConfig * config, GError ** error);
void bif_http_settings_clear (BifHttpSettings * self);

void bif_websocket_settings_read (BifWebsocketSettings * self,
    const BifConfig * config);
void bif_websocket_settings_clear (BifWebsocketSettings * self);

G_END_DECLS
