/* keys.c: the keys that the transports' and plugins' files may have, for
 * bif_config_check(). Constant: any thread. */
#include "transports/keys.h"

#define TEXT(group, key) { group, key, BIF_KEY_STRING }
#define BOOL(group, key) { group, key, BIF_KEY_BOOL }
#define PORT(group, key) { group, key, BIF_KEY_INT, 0, G_MAXUINT16 }
#define UINT(group, key) { group, key, BIF_KEY_INT, 0, G_MAXINT }
#define LATER(group, key, type) { group, key, type, .pending = TRUE }

/* "" and "secure_" and so on before what each server has. */
#define LISTENER(group, enabled, prefix) \
  BOOL (group, enabled), PORT (group, prefix "port"), \
  TEXT (group, prefix "interface"), TEXT (group, prefix "ip")

#define CORS \
  TEXT ("cors", "allow_origin"), BOOL ("cors", "enforce_cors")
#define CERTIFICATES \
  TEXT ("certificates", "cert_pem"), TEXT ("certificates", "cert_key"), \
  TEXT ("certificates", "cert_pwd"), TEXT ("certificates", "ciphers")

const BifKey bif_http_keys[] = {
  TEXT ("general", "json"),
  BOOL ("general", "events"),
  TEXT ("general", "base_path"),
  LISTENER ("general", "http", ""),
  LISTENER ("general", "https", "secure_"),
  TEXT ("general", "acl"),
  BOOL ("general", "acl_forwarded"),
  BOOL ("general", "admin_acl_forwarded"),
  UINT ("general", "mhd_connection_limit"),
  BOOL ("general", "mhd_debug"),
  TEXT ("admin", "admin_base_path"),
  LISTENER ("admin", "admin_http", "admin_"),
  LISTENER ("admin", "admin_https", "admin_secure_"),
  TEXT ("admin", "admin_acl"),
  BOOL ("admin", "admin_acl_forwarded"),
  CORS,
  CERTIFICATES,
  { NULL },
};

const BifKey bif_websockets_keys[] = {
  TEXT ("general", "json"),
  BOOL ("general", "events"),
  LISTENER ("general", "ws", "ws_"),
  LISTENER ("general", "wss", "wss_"),
  LATER ("general", "ws_unix", BIF_KEY_STRING),
  LATER ("general", "wss_unix", BIF_KEY_STRING),
  LATER ("general", "ws_logging", BIF_KEY_STRING),
  TEXT ("general", "ws_acl"),
  BOOL ("general", "ws_acl_forwarded"),
  BOOL ("general", "admin_ws_acl_forwarded"),
  UINT ("general", "pingpong_trigger"),
  UINT ("general", "pingpong_timeout"),
  LISTENER ("admin", "admin_ws", "admin_ws_"),
  LISTENER ("admin", "admin_wss", "admin_wss_"),
  LATER ("admin", "admin_ws_unix", BIF_KEY_STRING),
  LATER ("admin", "admin_wss_unix", BIF_KEY_STRING),
  TEXT ("admin", "admin_ws_acl"),
  BOOL ("admin", "admin_ws_acl_forwarded"),
  CORS,
  CERTIFICATES,
  { NULL },
};

const BifKey bif_echotest_keys[] = {
  LATER ("general", "events", BIF_KEY_BOOL),
  { NULL },
};
