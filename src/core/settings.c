/* settings.c: janus.jcfg and bifrons.jcfg as a struct. One table says of each
 * key what it is, where it goes and what its default is. Main thread. */
#include "core/settings.h"

#include <string.h>
#include <gst/gst.h>

#include "base/error.h"
#include "base/field.h"

GST_DEBUG_CATEGORY_STATIC (settings_debug);
#define GST_CAT_DEFAULT settings_debug

#define MAX_NACK_QUEUE_MS 1000

typedef enum
{
  TO_NOTHING,                   /* known, but of no meaning here */
  TO_TEXT,                      /* char *, empty is not set */
  TO_SECRET,                    /* char *, empty is a secret too */
  TO_NAMES,                     /* char **, from "a, b" */
  TO_LIST,                      /* char **, from an array */
  TO_BOOL,
  TO_UINT,                      /* out of range: the default */
  TO_UINT64,
  TO_SPECIAL,                   /* read by a function of its own */
} Target;

typedef struct
{
  BifKey key;
  Target target;
  gsize offset;
  const char *text;             /* default of TO_TEXT */
  guint number;                 /* default of TO_BOOL, TO_UINT */
} Setting;

#define PENDING TRUE
#define BUILT FALSE
#define MEMBER(member, CType) BIF_FIELD_CHECK (BifSettings, member, CType)

#define NOTHING(group, key, type, pending) \
  { { group, key, type, 0, 0, pending }, TO_NOTHING }
#define SPECIAL(group, key, type, pending) \
  { { group, key, type, 0, 0, pending }, TO_SPECIAL }
#define TEXT(group, key, pending, member, text) \
  { { group, key, BIF_KEY_STRING, 0, 0, pending }, TO_TEXT, \
    MEMBER (member, char *), text, 0 }
#define SECRET(group, key, pending, member) \
  { { group, key, BIF_KEY_STRING, 0, 0, pending }, TO_SECRET, \
    MEMBER (member, char *), NULL, 0 }
#define NAMES(group, key, pending, member) \
  { { group, key, BIF_KEY_STRING, 0, 0, pending }, TO_NAMES, \
    MEMBER (member, char **), NULL, 0 }
#define LIST(group, key, pending, member) \
  { { group, key, BIF_KEY_LIST, 0, 0, pending }, TO_LIST, \
    MEMBER (member, char **), NULL, 0 }
#define BOOL(group, key, pending, member, fallback) \
  { { group, key, BIF_KEY_BOOL, 0, 0, pending }, TO_BOOL, \
    MEMBER (member, gboolean), NULL, fallback }
#define UINT(group, key, pending, member, min, max, fallback) \
  { { group, key, BIF_KEY_INT, min, max, pending }, TO_UINT, \
    MEMBER (member, guint), NULL, fallback }
#define UINT64(group, key, pending, member) \
  { { group, key, BIF_KEY_INT, 0, G_MAXINT64, pending }, TO_UINT64, \
    MEMBER (member, guint64), NULL, 0 }

static const Setting core_settings[] = {
  SPECIAL ("general", "configs_folder", BIF_KEY_STRING, BUILT),
  TEXT ("general", "plugins_folder", BUILT, plugins_folder, NULL),
  NOTHING ("general", "transports_folder", BIF_KEY_STRING, BUILT),
  NOTHING ("general", "events_folder", BIF_KEY_STRING, BUILT),
  NOTHING ("general", "loggers_folder", BIF_KEY_STRING, BUILT),
  BOOL ("general", "log_to_stdout", BUILT, log_to_stdout, TRUE),
  TEXT ("general", "log_to_file", BUILT, log_to_file, NULL),
  TEXT ("general", "log_rotate_sig", BUILT, log_rotate_sig, NULL),
  SPECIAL ("general", "debug_level", BIF_KEY_INT, BUILT),
  BOOL ("general", "debug_timestamps", BUILT, debug_timestamps, FALSE),
  BOOL ("general", "debug_colors", BUILT, debug_colors, TRUE),
  BOOL ("general", "debug_locks", PENDING, debug_locks, FALSE),
  TEXT ("general", "log_prefix", BUILT, log_prefix, NULL),
  BOOL ("general", "daemonize", BUILT, daemonize, FALSE),
  TEXT ("general", "pid_file", BUILT, pid_file, NULL),
  UINT64 ("general", "check_openfiles_limit", BUILT, check_openfiles_limit),
  SECRET ("general", "api_secret", BUILT, api_secret),
  BOOL ("general", "token_auth", BUILT, token_auth, FALSE),
  SECRET ("general", "token_auth_secret", BUILT, token_auth_secret),
  SECRET ("general", "admin_secret", BUILT, admin_secret),
  TEXT ("general", "interface", BUILT, interface, NULL),
  TEXT ("general", "server_name", BUILT, server_name, "MyJanusInstance"),
  UINT ("general", "session_timeout", BUILT, session_timeout, 0, G_MAXINT, 60),
  UINT ("general", "candidates_timeout", BUILT, candidates_timeout, 1,
      G_MAXINT, 45),
  UINT ("general", "reclaim_session_timeout", BUILT, reclaim_session_timeout,
      0, G_MAXINT, 0),
  TEXT ("general", "recordings_tmp_ext", BUILT, recordings_tmp_ext, NULL),
  UINT ("general", "event_loops", PENDING, event_loops, 0, G_MAXINT, 0),
  BOOL ("general", "allow_loop_indication", PENDING, allow_loop_indication,
      FALSE),
  NOTHING ("general", "task_pool_size", BIF_KEY_INT, PENDING),
  BOOL ("general", "opaqueid_in_api", BUILT, opaqueid_in_api, FALSE),
  BOOL ("general", "hide_dependencies", BUILT, hide_dependencies, FALSE),
  BOOL ("general", "exit_on_dl_error", BUILT, exit_on_dl_error, FALSE),
  BOOL ("general", "no_webrtc_encryption", PENDING, no_webrtc_encryption,
      FALSE),
  LIST ("general", "protected_folders", BUILT, protected_folders),

  TEXT ("certificates", "cert_pem", BUILT, cert_pem, NULL),
  TEXT ("certificates", "cert_key", BUILT, cert_key, NULL),
  SECRET ("certificates", "cert_pwd", BUILT, cert_pwd),
  BOOL ("certificates", "dtls_accept_selfsigned", PENDING,
      dtls_accept_selfsigned, TRUE),
  TEXT ("certificates", "dtls_ciphers", PENDING, dtls_ciphers,
      "DEFAULT:!NULL:!aNULL:!SHA256:!SHA384:!aECDH:!AESGCM+AES256:!aPSK"),
  BOOL ("certificates", "rsa_private_key", BUILT, rsa_private_key, FALSE),

  BOOL ("media", "ipv6", BUILT, ipv6, FALSE),
  BOOL ("media", "ipv6_linklocal", BUILT, ipv6_linklocal, FALSE),
  UINT ("media", "min_nack_queue", BUILT, min_nack_queue, 0, G_MAXINT, 200),
  SPECIAL ("media", "rtp_port_range", BIF_KEY_STRING, BUILT),
  UINT ("media", "dtls_mtu", PENDING, dtls_mtu, 0, G_MAXINT, 1200),
  UINT ("media", "no_media_timer", BUILT, no_media_timer, 0, G_MAXINT, 1),
  UINT ("media", "slowlink_threshold", BUILT, slowlink_threshold, 0, G_MAXINT,
      0),
  UINT ("media", "twcc_period", BUILT, twcc_period, 1, G_MAXINT, 200),
  UINT ("media", "dtls_timeout", PENDING, dtls_timeout, 0, G_MAXUINT16, 1000),
  BOOL ("media", "nack_optimizations", PENDING, nack_optimizations, FALSE),
  UINT ("media", "dscp", BUILT, dscp, 0, 63, 0),
  SPECIAL ("media", "dscp_tos", BIF_KEY_INT, BUILT),

  TEXT ("nat", "stun_server", BUILT, stun_server, NULL),
  UINT ("nat", "stun_port", BUILT, stun_port, 1, G_MAXUINT16, 3478),
  BOOL ("nat", "full_trickle", BUILT, full_trickle, FALSE),
  TEXT ("nat", "ice_nomination", BUILT, ice_nomination, "aggressive"),
  BOOL ("nat", "ice_consent_freshness", BUILT, ice_consent_freshness, TRUE),
  BOOL ("nat", "ice_keepalive_conncheck", BUILT, ice_keepalive_conncheck,
      FALSE),
  BOOL ("nat", "ice_lite", BUILT, ice_lite, FALSE),
  BOOL ("nat", "ice_tcp", BUILT, ice_tcp, FALSE),
  BOOL ("nat", "hangup_on_failed", PENDING, hangup_on_failed, FALSE),
  BOOL ("nat", "ignore_mdns", BUILT, ignore_mdns, FALSE),
  TEXT ("nat", "nat_1_1_mapping", BUILT, nat_1_1_mapping, NULL),
  BOOL ("nat", "keep_private_host", BUILT, keep_private_host, FALSE),
  TEXT ("nat", "turn_server", BUILT, turn_server, NULL),
  UINT ("nat", "turn_port", BUILT, turn_port, 1, G_MAXUINT16, 3478),
  TEXT ("nat", "turn_type", BUILT, turn_type, "udp"),
  TEXT ("nat", "turn_user", BUILT, turn_user, NULL),
  SECRET ("nat", "turn_pwd", BUILT, turn_pwd),
  TEXT ("nat", "turn_rest_api", BUILT, turn_rest_api, NULL),
  SECRET ("nat", "turn_rest_api_key", BUILT, turn_rest_api_key),
  TEXT ("nat", "turn_rest_api_method", BUILT, turn_rest_api_method, "POST"),
  UINT ("nat", "turn_rest_api_timeout", BUILT, turn_rest_api_timeout, 1,
      G_MAXINT, 10),
  BOOL ("nat", "allow_force_relay", BUILT, allow_force_relay, FALSE),
  TEXT ("nat", "ice_enforce_list", BUILT, ice_enforce_list, NULL),
  TEXT ("nat", "ice_ignore_list", BUILT, ice_ignore_list, NULL),
  BOOL ("nat", "ignore_unreachable_ice_server", BUILT,
      ignore_unreachable_ice_server, FALSE),
  NOTHING ("nat", "nice_debug", BIF_KEY_BOOL, PENDING),
  UINT ("nat", "ice_port", BUILT, ice_port, 0, G_MAXUINT16, 0),

  NAMES ("plugins", "disable", BUILT, plugins_disable),
  NAMES ("transports", "disable", BUILT, transports_disable),
  NAMES ("loggers", "disable", PENDING, loggers_disable),
  NAMES ("events", "disable", BUILT, events_disable),
  BOOL ("events", "broadcast", PENDING, events_broadcast, FALSE),
  BOOL ("events", "combine_media_stats", PENDING, combine_media_stats, FALSE),
  UINT ("events", "stats_period", PENDING, stats_period, 0, G_MAXINT, 1),
};

static const Setting own_settings[] = {
  TEXT ("general", "pipelines_folder", BUILT, pipelines_folder, NULL),
  BOOL ("general", "demos", BUILT, demos, TRUE),
  TEXT ("general", "demos_folder", BUILT, demos_folder, NULL),
  BOOL ("general", "recordings", BUILT, recordings, TRUE),
  TEXT ("general", "recordings_path", BUILT, recordings_path, "/recordings/"),
  LIST ("general", "recordings_folders", BUILT, recordings_folders),
  TEXT ("recordings", "recording_format", BUILT, recording_format, "webm"),
  UINT ("recordings", "max_duration", BUILT, max_duration, 0, G_MAXINT, 0),
  UINT64 ("recordings", "max_size", BUILT, max_size),
};

static void
check_keys (const BifConfig * config, const Setting * settings, guint n)
{
  g_autofree BifKey *keys = g_new0 (BifKey, n + 1);

  for (guint i = 0; i < n; i++)
    keys[i] = settings[i].key;
  bif_config_check (config, keys);
}

static char **
split_names (const char *text)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", ",", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strchug (parts[i]) != '\0')
      g_strv_builder_add (names, parts[i]);
  return g_strv_builder_end (names);
}

static char **
read_list (const BifConfig * config, const BifKey * key)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  const BifConfigItem *item = bif_config_find (config, NULL, key->group);
  const GPtrArray *children;

  if (item != NULL)
    item = bif_config_find (config, item, key->key);
  if (item != NULL && bif_config_item_text (item) != NULL)
    g_strv_builder_add (texts, bif_config_item_text (item));
  children = item != NULL ? bif_config_children (config, item) : NULL;
  for (guint i = 0; children != NULL && i < children->len; i++) {
    const char *text = bif_config_item_text (g_ptr_array_index (children, i));

    if (text != NULL)
      g_strv_builder_add (texts, text);
  }
  return g_strv_builder_end (texts);
}

/* What is out of range was warned of; the default stays. */
static guint64
read_number (const BifConfig * config, const Setting * setting)
{
  const BifKey *key = &setting->key;
  gint64 value = bif_config_int (config, key->group, key->key,
      setting->number);

  return value >= key->min && value <= key->max ? value : setting->number;
}

static void
read_setting (BifSettings * self, const BifConfig * config,
    const Setting * setting)
{
  const BifKey *key = &setting->key;
  gpointer member = G_STRUCT_MEMBER_P (self, setting->offset);
  const char *text = bif_config_string (config, key->group, key->key);

  switch (setting->target) {
    case TO_TEXT:
      if (text == NULL || *text == '\0')
        text = setting->text;
      *(char **) member = g_strdup (text);
      break;
    case TO_SECRET:
      *(char **) member = g_strdup (text);
      break;
    case TO_NAMES:
      *(char ***) member = split_names (text);
      break;
    case TO_LIST:
      *(char ***) member = read_list (config, key);
      break;
    case TO_BOOL:
      *(gboolean *) member = bif_config_bool (config, key->group, key->key,
          setting->number);
      break;
    case TO_UINT:
      *(guint *) member = read_number (config, setting);
      break;
    case TO_UINT64:
      *(guint64 *) member = read_number (config, setting);
      break;
    default:
      break;
  }
}

static guint
parse_port (const char *text)
{
  guint64 port = 0;

  if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT16, &port, NULL))
    return 0;
  return port;
}

static void
read_port_range (BifSettings * self, const BifConfig * config)
{
  const char *text = bif_config_string (config, "media", "rtp_port_range");
  const char *dash = text != NULL ? strrchr (text, '-') : NULL;

  if (text == NULL)
    return;
  if (dash != NULL) {
    g_autofree char *first = g_strstrip (g_strndup (text, dash - text));
    g_autofree char *last = g_strstrip (g_strdup (dash + 1));
    guint a = parse_port (first), b = parse_port (last);

    self->rtp_port_min = MIN (a, b);
    self->rtp_port_max = MAX (a, b);
  }
  if (self->rtp_port_max == 0)
    self->rtp_port_max = G_MAXUINT16;
}

static void
read_special (BifSettings * self, const BifConfig * config)
{
  self->configs_folder = g_strdup (bif_config_string (config, "general",
          "configs_folder"));
  self->debug_level = CLAMP (bif_config_int (config, "general", "debug_level",
          4), 0, 7);
  self->min_nack_queue = MIN (self->min_nack_queue, MAX_NACK_QUEUE_MS);
  if (bif_config_string (config, "media", "dscp") == NULL)
    self->dscp = CLAMP (bif_config_int (config, "media", "dscp_tos", 0), 0,
        63);
  read_port_range (self, config);
}

/* A bad port switches STUN off: config-core.md section 5.4. */
static void
check_stun (BifSettings * self, const BifConfig * config)
{
  const char *port = bif_config_string (config, "nat", "stun_port");

  if (self->stun_server == NULL || port == NULL || parse_port (port) != 0)
    return;
  GST_WARNING ("stun_port '%s' is no port: STUN is off", port);
  g_clear_pointer (&self->stun_server, g_free);
}

static void
check_rotate_signal (BifSettings * self)
{
  const char *name = self->log_rotate_sig;

  if (name == NULL || g_str_equal (name, "SIGUSR1")
      || g_str_equal (name, "SIGHUP"))
    return;
  GST_WARNING ("log_rotate_sig '%s' is neither SIGUSR1 nor SIGHUP", name);
  g_clear_pointer (&self->log_rotate_sig, g_free);
}

/* What the server must not start with. */
static const char *
find_mistake (const BifSettings * self)
{
  static const char *const turn_types[] = { "udp", "tcp", "tls", NULL };

  if ((self->cert_pem == NULL) != (self->cert_key == NULL))
    return "DTLS certificate and key must be specified";
  if (self->turn_rest_api != NULL
      && !g_str_has_prefix (self->turn_rest_api, "http://")
      && !g_str_has_prefix (self->turn_rest_api, "https://"))
    return "turn_rest_api must start with http:// or https://";
  if (self->turn_server != NULL && !self->ignore_unreachable_ice_server
      && !g_strv_contains (turn_types, self->turn_type))
    return "turn_type must be udp, tcp or tls";
  return NULL;
}

static void
settings_read (BifSettings * self, const BifConfig * config,
    const Setting * settings, guint n)
{
  check_keys (config, settings, n);
  for (guint i = 0; i < n; i++)
    read_setting (self, config, &settings[i]);
}

BifSettings *
bif_settings_new (const BifConfig * core, const BifConfig * own,
    GError ** error)
{
  g_autoptr (BifSettings) self = g_new0 (BifSettings, 1);
  g_autoptr (BifConfig) none = bif_config_new ();
  const char *mistake;

  GST_DEBUG_CATEGORY_INIT (settings_debug, "bif-settings", 0,
      "settings of the server");
  settings_read (self, core, core_settings, G_N_ELEMENTS (core_settings));
  settings_read (self, own != NULL ? own : none, own_settings,
      G_N_ELEMENTS (own_settings));
  read_special (self, core);
  check_stun (self, core);
  check_rotate_signal (self);

  mistake = find_mistake (self);
  if (mistake != NULL) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_CONFIGURATION, mistake);
    return NULL;
  }
  return g_steal_pointer (&self);
}

static void
settings_clear (BifSettings * self, const Setting * settings, guint n)
{
  for (guint i = 0; i < n; i++) {
    gpointer member = G_STRUCT_MEMBER_P (self, settings[i].offset);

    if (settings[i].target == TO_TEXT || settings[i].target == TO_SECRET)
      g_free (*(char **) member);
    else if (settings[i].target == TO_NAMES || settings[i].target == TO_LIST)
      g_strfreev (*(char ***) member);
  }
}

void
bif_settings_free (BifSettings * self)
{
  settings_clear (self, core_settings, G_N_ELEMENTS (core_settings));
  settings_clear (self, own_settings, G_N_ELEMENTS (own_settings));
  g_free (self->configs_folder);
  g_free (self);
}

gboolean
bif_settings_is_disabled (char **disable, const char *name)
{
  g_autofree char *theirs = g_strdup_printf ("libjanus_%s.so", name);
  g_autofree char *ours = g_strdup_printf ("libbifrons_%s.so", name);
  const char *const *names = (const char *const *) disable;

  return g_strv_contains (names, theirs) || g_strv_contains (names, ours);
}
