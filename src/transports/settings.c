/* settings.c: the transports' files into their structs. Main thread. */
#include "transports/settings.h"
#include "base/error.h"

#include <string.h>

#define CONNECTIONS_DEFAULT 1020

#define STRING(group, key) { group, key, BIF_KEY_STRING }
#define SWITCH(group, key) { group, key, BIF_KEY_BOOL }
#define NUMBER(group, key, max) { group, key, BIF_KEY_INT, 0, max }
#define PENDING(group, key, type) { group, key, type, .pending = TRUE }

static const BifKey http_keys[] = {
  STRING ("general", "json"), SWITCH ("general", "events"),
  STRING ("general", "base_path"), SWITCH ("general", "http"),
  NUMBER ("general", "port", G_MAXUINT16), STRING ("general", "interface"),
  STRING ("general", "ip"), SWITCH ("general", "https"),
  NUMBER ("general", "secure_port", G_MAXUINT16),
  STRING ("general", "secure_interface"), STRING ("general", "secure_ip"),
  STRING ("general", "acl"), SWITCH ("general", "acl_forwarded"),
  SWITCH ("general", "admin_acl_forwarded"),
  NUMBER ("general", "mhd_connection_limit", G_MAXUINT16),
  PENDING ("general", "mhd_debug", BIF_KEY_BOOL),
  STRING ("admin", "admin_base_path"), SWITCH ("admin", "admin_http"),
  NUMBER ("admin", "admin_port", G_MAXUINT16),
  STRING ("admin", "admin_interface"), STRING ("admin", "admin_ip"),
  SWITCH ("admin", "admin_https"),
  NUMBER ("admin", "admin_secure_port", G_MAXUINT16),
  STRING ("admin", "admin_secure_interface"),
  STRING ("admin", "admin_secure_ip"), STRING ("admin", "admin_acl"),
  SWITCH ("admin", "admin_acl_forwarded"),
  STRING ("cors", "allow_origin"), SWITCH ("cors", "enforce_cors"),
  STRING ("certificates", "cert_pem"), STRING ("certificates", "cert_key"),
  STRING ("certificates", "cert_pwd"),
  PENDING ("certificates", "ciphers", BIF_KEY_STRING),
  { NULL },
};

static const BifKey websocket_keys[] = {
  STRING ("general", "json"), SWITCH ("general", "events"),
  SWITCH ("general", "ws"), NUMBER ("general", "ws_port", G_MAXUINT16),
  STRING ("general", "ws_interface"), STRING ("general", "ws_ip"),
  PENDING ("general", "ws_unix", BIF_KEY_STRING),
  SWITCH ("general", "wss"), NUMBER ("general", "wss_port", G_MAXUINT16),
  STRING ("general", "wss_interface"), STRING ("general", "wss_ip"),
  PENDING ("general", "wss_unix", BIF_KEY_STRING),
  PENDING ("general", "ws_logging", BIF_KEY_STRING),
  STRING ("general", "ws_acl"), SWITCH ("general", "ws_acl_forwarded"),
  SWITCH ("general", "admin_ws_acl_forwarded"),
  NUMBER ("general", "pingpong_trigger", G_MAXINT),
  NUMBER ("general", "pingpong_timeout", G_MAXINT),
  SWITCH ("admin", "admin_ws"),
  NUMBER ("admin", "admin_ws_port", G_MAXUINT16),
  STRING ("admin", "admin_ws_interface"), STRING ("admin", "admin_ws_ip"),
  PENDING ("admin", "admin_ws_unix", BIF_KEY_STRING),
  SWITCH ("admin", "admin_wss"),
  NUMBER ("admin", "admin_wss_port", G_MAXUINT16),
  STRING ("admin", "admin_wss_interface"), STRING ("admin", "admin_wss_ip"),
  PENDING ("admin", "admin_wss_unix", BIF_KEY_STRING),
  STRING ("admin", "admin_ws_acl"),
  SWITCH ("admin", "admin_ws_acl_forwarded"),
  STRING ("cors", "allow_origin"), SWITCH ("cors", "enforce_cors"),
  STRING ("certificates", "cert_pem"), STRING ("certificates", "cert_key"),
  STRING ("certificates", "cert_pwd"),
  PENDING ("certificates", "ciphers", BIF_KEY_STRING),
  { NULL },
};

typedef struct
{
  const char *group;
  const char *on, *port, *interface, *ip, *acl, *acl_forwarded;
  guint default_port;
  gboolean tls;
} ListenKeys;

static const ListenKeys http_listen[] = {
  { "general", "http", "port", "interface", "ip", "acl", "acl_forwarded",
      8088, FALSE },
  { "general", "https", "secure_port", "secure_interface", "secure_ip", "acl",
      "acl_forwarded", 8089, TRUE },
  { "admin", "admin_http", "admin_port", "admin_interface", "admin_ip",
      "admin_acl", "admin_acl_forwarded", 7088, FALSE },
  { "admin", "admin_https", "admin_secure_port", "admin_secure_interface",
      "admin_secure_ip", "admin_acl", "admin_acl_forwarded", 7889, TRUE },
};

static const ListenKeys websocket_listen[] = {
  { "general", "ws", "ws_port", "ws_interface", "ws_ip", "ws_acl",
      "ws_acl_forwarded", 8188, FALSE },
  { "general", "wss", "wss_port", "wss_interface", "wss_ip", "ws_acl",
      "ws_acl_forwarded", 8989, TRUE },
  { "admin", "admin_ws", "admin_ws_port", "admin_ws_interface",
      "admin_ws_ip", "admin_ws_acl", "admin_ws_acl_forwarded", 7188, FALSE },
  { "admin", "admin_wss", "admin_wss_port", "admin_wss_interface",
      "admin_wss_ip", "admin_ws_acl", "admin_ws_acl_forwarded", 7989, TRUE },
};

static char *
read_string (const BifConfig * config, const char *group, const char *key)
{
  const char *text = bif_config_string (config, group, key);

  return text != NULL && *text != '\0' ? g_strdup (text) : NULL;
}

static guint
read_port (const BifConfig * config, const ListenKeys * keys)
{
  gint64 port = bif_config_int (config, keys->group, keys->port,
      keys->default_port);

  return port >= 0 && port <= G_MAXUINT16 ? (guint) port : keys->default_port;
}

static void
read_listen (BifListenSettings * self, const BifConfig * config,
    const ListenKeys * keys)
{
  self->enabled = bif_config_bool (config, keys->group, keys->on, FALSE);
  self->tls = keys->tls;
  self->port = read_port (config, keys);
  self->interface = read_string (config, keys->group, keys->interface);
  self->ip = read_string (config, keys->group, keys->ip);
  self->acl = read_string (config, keys->group, keys->acl);
  /* The admin one is documented in one group, and read from the other. */
  self->acl_forwarded =
      bif_config_bool (config, "general", keys->acl_forwarded, FALSE)
      || bif_config_bool (config, keys->group, keys->acl_forwarded, FALSE);
}

static void
read_cors (BifCorsSettings * self, const BifConfig * config)
{
  self->allow_origin = read_string (config, "cors", "allow_origin");
  self->enforce = self->allow_origin != NULL
      && bif_config_bool (config, "cors", "enforce_cors", FALSE);
}

static void
read_tls (BifTlsSettings * self, const BifConfig * config)
{
  self->cert_pem = read_string (config, "certificates", "cert_pem");
  self->cert_key = read_string (config, "certificates", "cert_key");
  self->cert_pwd = read_string (config, "certificates", "cert_pwd");
}

static void
clear_cors_and_tls (BifCorsSettings * cors, BifTlsSettings * tls)
{
  g_clear_pointer (&cors->allow_origin, g_free);
  g_clear_pointer (&tls->cert_pem, g_free);
  g_clear_pointer (&tls->cert_key, g_free);
  g_clear_pointer (&tls->cert_pwd, g_free);
  g_clear_pointer (&tls->own_folder, g_free);
}

/* Without the slash at its end. */
static char *
read_base_path (const BifConfig * config, const char *group, const char *key,
    const char *fallback, GError ** error)
{
  const char *text = bif_config_string (config, group, key);
  char *path;
  gsize size;

  if (text == NULL)
    text = fallback;
  if (*text != '/') {
    g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
        "%s: %s.%s must start with a slash",
        bif_config_path (config) != NULL ? bif_config_path (config) : "http",
        group, key);
    return NULL;
  }
  path = g_strdup (text);
  for (size = strlen (path); size > 0 && path[size - 1] == '/'; size--)
    path[size - 1] = '\0';
  return path;
}

gboolean
bif_http_settings_read (BifHttpSettings * self, const BifConfig * config,
    GError ** error)
{
  BifListenSettings *listen[] = {
    &self->http, &self->https, &self->admin_http, &self->admin_https,
  };
  gint64 limit = bif_config_int (config, "general", "mhd_connection_limit",
      CONNECTIONS_DEFAULT);

  memset (self, 0, sizeof *self);
  bif_config_check (config, http_keys);
  self->json = bif_json_style_from_string
      (bif_config_string (config, "general", "json"), BIF_JSON_COMPACT);
  for (guint i = 0; i < G_N_ELEMENTS (listen); i++) {
    read_listen (listen[i], config, &http_listen[i]);
    listen[i]->max_connections =
        limit > 0 && limit <= G_MAXUINT ? (guint) limit : CONNECTIONS_DEFAULT;
  }
  read_cors (&self->cors, config);
  read_tls (&self->tls, config);

  self->base_path =
      read_base_path (config, "general", "base_path", "/janus", error);
  if (self->base_path != NULL)
    self->admin_base_path = read_base_path (config, "admin",
        "admin_base_path", "/admin", error);
  if (self->admin_base_path == NULL) {
    bif_http_settings_clear (self);
    return FALSE;
  }
  return TRUE;
}

void
bif_http_settings_clear (BifHttpSettings * self)
{
  g_clear_pointer (&self->base_path, g_free);
  g_clear_pointer (&self->admin_base_path, g_free);
  bif_listen_settings_clear (&self->http);
  bif_listen_settings_clear (&self->https);
  bif_listen_settings_clear (&self->admin_http);
  bif_listen_settings_clear (&self->admin_https);
  clear_cors_and_tls (&self->cors, &self->tls);
}

void
bif_websocket_settings_read (BifWebsocketSettings * self,
    const BifConfig * config)
{
  BifListenSettings *listen[] = {
    &self->ws, &self->wss, &self->admin_ws, &self->admin_wss,
  };

  memset (self, 0, sizeof *self);
  bif_config_check (config, websocket_keys);
  self->json = bif_json_style_from_string
      (bif_config_string (config, "general", "json"), BIF_JSON_COMPACT);
  for (guint i = 0; i < G_N_ELEMENTS (listen); i++)
    read_listen (listen[i], config, &websocket_listen[i]);
  self->ping_trigger_s = (guint) CLAMP (bif_config_int (config, "general",
          "pingpong_trigger", 0), 0, G_MAXINT);
  self->ping_timeout_s = (guint) CLAMP (bif_config_int (config, "general",
          "pingpong_timeout", 0), 0, G_MAXINT);
  read_cors (&self->cors, config);
  read_tls (&self->tls, config);
}

void
bif_websocket_settings_clear (BifWebsocketSettings * self)
{
  bif_listen_settings_clear (&self->ws);
  bif_listen_settings_clear (&self->wss);
  bif_listen_settings_clear (&self->admin_ws);
  bif_listen_settings_clear (&self->admin_wss);
  clear_cors_and_tls (&self->cors, &self->tls);
}
