/* settings.h: janus.jcfg (and bifrons.jcfg) as a struct: what config-core.md
 * section 5 lists. Main thread. */
#pragma once

#include "base/config.h"

G_BEGIN_DECLS

/**
 * BifSettings: strings are owned; NULL where not set. Numbers hold their
 * defaults where not set. Some change while running (Admin API).
 */
typedef struct
{
  /* general */
  char *configs_folder;         /* the folder in use; NULL: embedded default */
  char *plugins_folder;
  gboolean log_to_stdout;
  char *log_to_file;
  char *log_rotate_sig;
  guint debug_level;            /* 0..7 */
  gboolean debug_timestamps, debug_colors, debug_locks;
  char *log_prefix;
  gboolean daemonize;
  char *pid_file;
  guint64 check_openfiles_limit;
  char *api_secret;
  gboolean token_auth;
  char *token_auth_secret;
  char *admin_secret;
  char *interface;
  char *server_name;
  guint session_timeout;        /* s, 0: never */
  guint candidates_timeout;     /* s */
  guint reclaim_session_timeout;        /* s, 0: at once */
  char *recordings_tmp_ext;
  guint event_loops;
  gboolean allow_loop_indication;
  gboolean opaqueid_in_api;
  gboolean hide_dependencies;
  gboolean exit_on_dl_error;
  gboolean no_webrtc_encryption;
  char **protected_folders;     /* NULL-terminated */

  /* certificates */
  char *cert_pem, *cert_key, *cert_pwd;
  gboolean dtls_accept_selfsigned;
  char *dtls_ciphers;
  gboolean rsa_private_key;

  /* media */
  gboolean ipv6, ipv6_linklocal;
  guint min_nack_queue;         /* ms, at most 1000 */
  guint rtp_port_min, rtp_port_max;     /* 0, 0: any */
  guint dtls_mtu;
  guint no_media_timer;         /* s */
  guint slowlink_threshold;
  guint twcc_period;            /* ms */
  guint dtls_timeout;           /* ms */
  gboolean nack_optimizations;
  guint dscp;

  /* nat */
  char *stun_server;
  guint stun_port;
  gboolean full_trickle;
  char *ice_nomination;
  gboolean ice_consent_freshness, ice_keepalive_conncheck;
  gboolean ice_lite, ice_tcp;
  gboolean hangup_on_failed, ignore_mdns;
  char *nat_1_1_mapping;
  gboolean keep_private_host;
  char *turn_server;
  guint turn_port;
  char *turn_type, *turn_user, *turn_pwd;
  char *turn_rest_api, *turn_rest_api_key, *turn_rest_api_method;
  guint turn_rest_api_timeout;
  gboolean allow_force_relay;
  char *ice_enforce_list, *ice_ignore_list;
  gboolean ignore_unreachable_ice_server;
  guint ice_port;               /* ours: nat.ice_port, 0: from the range */

  /* plugins, transports, loggers, events */
  char **plugins_disable, **transports_disable, **loggers_disable;
  char **events_disable;        /* NULL-terminated file names, never NULL */
  gboolean events_broadcast, combine_media_stats;
  guint stats_period;           /* s */

  /* bifrons.jcfg, general */
  char *pipelines_folder;
  gboolean demos;               /* serve the demo pages; default true */
  char *demos_folder;
  gboolean recordings;          /* serve recordings; default true */
  char *recordings_path;        /* what their URLs start with */
  char **recordings_folders;    /* served there; empty: the default one */
  char *recording_format;       /* "webm"; several with commas between */
  guint max_duration;           /* s, of a recording's part; 0: no limit */
  guint64 max_size;             /* bytes, likewise */
} BifSettings;

/**
 * bif_settings_new:
 * @core: janus.jcfg with the command line's values set over it
 * @own: (nullable): bifrons.jcfg
 * @error: BIF_ERROR_CONFIGURATION for what config-core.md calls fatal
 *
 * Unknown and mistyped keys are reported at WARNING with file and line.
 */
BifSettings *bif_settings_new (const BifConfig * core, const BifConfig * own,
    GError ** error);
void bif_settings_free (BifSettings * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifSettings, bif_settings_free)

/* Whether @disable names @name: "libjanus_<name>.so", "libbifrons_<name>.so". */
gboolean bif_settings_is_disabled (char **disable, const char *name);

G_END_DECLS
