/* http.c: the HTTP transport: its endpoints, from start to stop. Main
 * thread. */
#include "transports/http.h"
#include "transports/http-private.h"
#include "transports/tls-certificate.h"

#include <string.h>

static void bif_http_transport_init (BifTransportInterface * iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BifHttp, bif_http, G_TYPE_OBJECT,
    G_IMPLEMENT_INTERFACE (BIF_TYPE_TRANSPORT, bif_http_transport_init))

static gboolean
start_endpoint (BifHttpEndpoint * endpoint, const BifListenSettings * settings,
    GTlsCertificate ** certificate, GError ** error)
{
  SoupServer *soup;

  if (!settings->enabled)
    return TRUE;
  if (settings->tls && *certificate == NULL) {
    *certificate =
        bif_tls_certificate_get (&endpoint->http->settings.tls, error);
    if (*certificate == NULL)
      return FALSE;
  }
  endpoint->listener = bif_listener_new (settings, *certificate, error);
  if (endpoint->listener == NULL)
    return FALSE;
  soup = bif_listener_soup (endpoint->listener);
  soup_server_add_early_handler (soup, NULL, bif_http_check_headers, endpoint,
      NULL);
  soup_server_add_handler (soup, NULL, bif_http_handle_request, endpoint,
      NULL);
  return TRUE;
}

static gboolean
bif_http_start (BifTransport * transport, BifServer * server, GError ** error)
{
  BifHttp *self = BIF_HTTP (transport);
  const BifListenSettings *settings[] = {
    &self->settings.http, &self->settings.https, &self->settings.admin_http,
    &self->settings.admin_https,
  };
  g_autoptr (GTlsCertificate) certificate = NULL;

  self->server = server;
  for (guint i = 0; i < BIF_HTTP_N_ENDPOINTS; i++) {
    if (!start_endpoint (&self->endpoints[i], settings[i], &certificate,
            error)) {
      bif_transport_stop (transport);
      return FALSE;
    }
  }
  return TRUE;
}

static void
bif_http_stop (BifTransport * transport)
{
  BifHttp *self = BIF_HTTP (transport);
  GHashTableIter iter;
  gpointer object;

  g_hash_table_iter_init (&iter, self->queues);
  while (g_hash_table_iter_next (&iter, NULL, &object)) {
    bif_long_poll_close (object);
    g_hash_table_iter_init (&iter, self->queues);
  }
  g_hash_table_iter_init (&iter, self->waiting);
  while (g_hash_table_iter_next (&iter, &object, NULL)) {
    bif_http_client_cancel (object);
    g_hash_table_iter_init (&iter, self->waiting);
  }
  for (guint i = 0; i < BIF_HTTP_N_ENDPOINTS; i++)
    g_clear_pointer (&self->endpoints[i].listener, bif_listener_free);
  self->server = NULL;
}

static const BifTransportInfo *
bif_http_info (BifTransport * transport)
{
  static const BifTransportInfo info = {
    .package = BIF_HTTP_PACKAGE,
    .name = "HTTP transport",
    .description = "The API over HTTP and HTTPS, with long polls for events.",
    .author = "The Bifrons authors",
    .version_string = "0.1.0",
    .version = 1,
  };

  return &info;
}

static JsonObject *
query_connections (BifHttp * self)
{
  JsonObject *response = json_object_new ();
  JsonObject *connections = json_object_new ();

  for (guint i = 0; i < BIF_HTTP_N_ENDPOINTS; i++) {
    BifHttpEndpoint *endpoint = &self->endpoints[i];

    if (endpoint->listener != NULL)
      json_object_set_int_member (connections, endpoint->name,
          bif_listener_connections (endpoint->listener));
  }
  json_object_set_int_member (response, "result", 200);
  json_object_set_object_member (response, "connections", connections);
  json_object_set_int_member (response, "messages",
      g_hash_table_size (self->waiting));
  return response;
}

static JsonObject *
bif_http_query (BifTransport * transport, JsonObject * request)
{
  BifHttp *self = BIF_HTTP (transport);

  return bif_transport_answer_query (request, &self->settings.json,
      g_strcmp0 (bif_json_get_string (request, "request"),
          "connections") == 0 ? query_connections (self) : NULL);
}

static void
bif_http_transport_init (BifTransportInterface * iface)
{
  iface->info = bif_http_info;
  iface->start = bif_http_start;
  iface->stop = bif_http_stop;
  iface->query = bif_http_query;
}

static void
bif_http_dispose (GObject * object)
{
  bif_http_stop (BIF_TRANSPORT (object));
  G_OBJECT_CLASS (bif_http_parent_class)->dispose (object);
}

static void
bif_http_finalize (GObject * object)
{
  BifHttp *self = BIF_HTTP (object);

  g_hash_table_unref (self->queues);
  g_hash_table_unref (self->waiting);
  g_clear_pointer (&self->files, bif_static_unref);
  bif_http_settings_clear (&self->settings);
  G_OBJECT_CLASS (bif_http_parent_class)->finalize (object);
}

static void
bif_http_class_init (BifHttpClass * klass)
{
  G_OBJECT_CLASS (klass)->dispose = bif_http_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_http_finalize;
}

static void
bif_http_init (BifHttp * self)
{
  self->queues = g_hash_table_new (g_int64_hash, g_int64_equal);
  self->waiting = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

BifHttp *
bif_http_new (BifHttpSettings * settings)
{
  static const char *const names[] = {
    "http", "https", "admin_http", "admin_https",
  };
  BifHttp *self = g_object_new (BIF_TYPE_HTTP, NULL);

  self->settings = *settings;
  memset (settings, 0, sizeof *settings);
  for (guint i = 0; i < BIF_HTTP_N_ENDPOINTS; i++) {
    BifHttpEndpoint *endpoint = &self->endpoints[i];

    endpoint->http = self;
    endpoint->name = names[i];
    endpoint->admin = i >= BIF_HTTP_ADMIN;
    endpoint->base_path = endpoint->admin ? self->settings.admin_base_path
        : self->settings.base_path;
  }
  return self;
}

void
bif_http_mount (BifHttp * self, const char *prefix, const char *folder)
{
  if (self->files == NULL)
    self->files = bif_static_new ();
  bif_static_mount (self->files, prefix, folder);
}

void
bif_http_mount_media (BifHttp * self, const char *prefix, const char *folder)
{
  if (self->files == NULL)
    self->files = bif_static_new ();
  bif_static_mount_media (self->files, prefix, folder);
}

void
bif_http_mount_recordings (BifHttp * self, BifServer * server)
{
  g_autoptr (GPtrArray) folders = bif_server_served_recordings (server);

  for (guint i = 0; i < folders->len; i++) {
    const BifServedFolder *served = folders->pdata[i];

    bif_http_mount_media (self, served->prefix, served->folder);
  }
}

guint
bif_http_port (BifHttp * self, BifHttpEndpointKind kind)
{
  BifListener *listener = self->endpoints[kind].listener;

  return listener != NULL ? bif_listener_port (listener) : 0;
}
