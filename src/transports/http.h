/* http.h: the Janus API and the Admin API over HTTP and HTTPS, and the demo
 * pages beside the former. Main thread. */
#pragma once

#include "core/server.h"
#include "transports/settings.h"

G_BEGIN_DECLS

#define BIF_HTTP_PACKAGE "janus.transport.http"

#define BIF_TYPE_HTTP (bif_http_get_type ())
G_DECLARE_FINAL_TYPE (BifHttp, bif_http, BIF, HTTP, GObject)

/* @settings: contents are taken over: the struct is zeroed */
BifHttp *bif_http_new (BifHttpSettings * settings);

/* Serves the files of @folder below @prefix ("/", "/vendor/x/"), where the API
 * is not. Before the start; the longest prefix wins. */
void bif_http_mount (BifHttp * self, const char *prefix, const char *folder);

/* Likewise the recordings in @folder: no listing, no pages. */
void bif_http_mount_media (BifHttp * self, const char *prefix,
    const char *folder);
/* Those of all folders that the server serves: once its plugins are there. */
void bif_http_mount_recordings (BifHttp * self, BifServer * server);

typedef enum
{
  BIF_HTTP_PLAIN,
  BIF_HTTP_SECURE,
  BIF_HTTP_ADMIN,
  BIF_HTTP_ADMIN_SECURE,
  BIF_HTTP_N_ENDPOINTS,
} BifHttpEndpointKind;

/* Where it listens; 0 where it does not. */
guint bif_http_port (BifHttp * self, BifHttpEndpointKind kind);

G_END_DECLS
