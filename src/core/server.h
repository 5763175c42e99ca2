/* server.h: the server: settings, plugins, transports and sessions. Two in one
 * process are fine. Main thread. */
#pragma once

#include "core/plugin.h"
#include "core/session.h"
#include "core/settings.h"
#include "core/transport.h"
#include "media/network.h"
#include "media/recorder.h"

G_BEGIN_DECLS

#define BIF_TYPE_SERVER (bif_server_get_type ())
G_DECLARE_FINAL_TYPE (BifServer, bif_server, BIF, SERVER, GObject)

/**
 * BifServerHooks: what Admin requests change outside of the core; members may
 * be NULL. main.c wires them to base/log.h and the network.
 */
typedef struct
{
  void (*set_log_level) (guint level);
  void (*set_log_timestamps) (gboolean on);
  void (*set_log_colors) (gboolean on);
  void (*set_no_media_timer) (BifNetwork * network, guint seconds);
  void (*set_slowlink_threshold) (BifNetwork * network, guint lost);
  void (*set_min_nack_queue) (BifNetwork * network, guint ms);
} BifServerHooks;

/* @settings: (transfer full) */
BifServer *bif_server_new (BifSettings * settings);
void bif_server_set_hooks (BifServer * self, const BifServerHooks * hooks);
/* What peers share; @network: (transfer none). NULL until set. @local_ip,
 * @public_ips: (nullable): of info; the latter NULL-terminated. */
void bif_server_set_network (BifServer * self, BifNetwork * network,
    const char *local_ip, const char *const *public_ips);
BifNetwork *bif_server_network (BifServer * self);
BifSettings *bif_server_settings (BifServer * self);
/* Checks what the configuration and the template say of recordings. @error:
 * BIF_ERROR_CONFIGURATION, BIF_ERROR_TEMPLATE. */
gboolean bif_server_open_recordings (BifServer * self, GError ** error);
/* What recordings share, opened where it was not. (transfer none) (nullable):
 * nothing can be recorded. */
BifRecordings *bif_server_recordings (BifServer * self);

/**
 * BifServedFolder: recordings that are served over HTTP.
 * @prefix: what their URLs start with; starts and ends with a slash
 */
typedef struct
{
  char *prefix;
  char *folder;
} BifServedFolder;

/* For plugins, as they start: serves the folder that their configuration names.
 * @base: (nullable): what URLs start with; recordings_path where it is none, or
 * the page of another server */
void bif_server_serve_recordings (BifServer * self, const char *base,
    const char *folder);
/* What the configuration names, then what plugins did; empty where recordings
 * are not served. (element-type BifServedFolder) (transfer full) */
GPtrArray *bif_server_served_recordings (BifServer * self);

/**
 * bif_server_add_plugin:
 * @info: constant; a package that is there already, or is disabled, is passed
 *   over: add what is built before what is planned
 * @error: the plugin stays out
 */
gboolean bif_server_add_plugin (BifServer * self, const BifPluginInfo * info,
    GError ** error);
/* Modules libbifrons_<name>.so of @folder. What cannot be loaded is a WARNING,
 * or an error where exit_on_dl_error is set. */
gboolean bif_server_load_modules (BifServer * self, const char *folder,
    GError ** error);
/* @package: "janus.plugin.echotest". Returns: (transfer none) (nullable) */
BifPlugin *bif_server_find_plugin (BifServer * self, const char *package);

/* Started by bif_server_start(). */
void bif_server_add_transport (BifServer * self, BifTransport * transport);

/* Starts the transports; stops those again that did where one fails. */
gboolean bif_server_start (BifServer * self, GError ** error);
/* Sessions, transports and plugins go. Idempotent; dispose calls it. */
void bif_server_stop (BifServer * self);

/* Writes the pipeline graphs of all live peers into @folder. */
void bif_server_write_dots (BifServer * self, const char *folder);
/* From now on the graph of each peer is written when it connects. */
void bif_server_set_dot_folder (BifServer * self, const char *folder);
const char *bif_server_dot_folder (BifServer * self);   /* (nullable) */

/* ---- for transports ---- */

/* One request of the Janus API. @message: any JSON; (nullable): counts as an
 * empty object. The replies and events go to bif_client_send(). */
void bif_server_receive (BifServer * self, BifClient * client,
    JsonNode * message);
/* Likewise of the Admin API. */
void bif_server_receive_admin (BifServer * self, BifClient * client,
    JsonNode * message);

gboolean bif_server_has_session (BifServer * self, guint64 id);
/* Whether @apisecret and @token (nullable) may use the API; for requests that
 * have no JSON. */
gboolean bif_server_is_authorized (BifServer * self, const char *apisecret,
    const char *token);
/* It counts as used, as by "keepalive". */
void bif_server_touch_session (BifServer * self, guint64 id);

/* ---- for plugins: signed tokens of their own (core-api.md section 5) ---- */

gboolean bif_server_signs_tokens (BifServer * self);
gboolean bif_server_check_signature (BifServer * self, const char *token,
    const char *realm);
/* TRUE where tokens are not signed. */
gboolean bif_server_signature_has (BifServer * self, const char *token,
    const char *realm, const char *descriptor);

G_END_DECLS
