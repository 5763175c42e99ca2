/* main.c: options, wiring, main loop. */
#include "config.h"
#include "base/error.h"
#include "base/log.h"
#include "base/paths.h"
#include "base/post.h"
#include "core/server.h"
#include "core/turn-rest.h"
#include "daemon.h"
#include "defaults.h"
#include "media/interfaces.h"
#include "media/recorder.h"
#include "options.h"
#include "plugins/planned.h"
#include "plugins/plugins.h"
#include "reference.h"
#include "transports/http.h"
#include "transports/keys.h"
#include "transports/websocket.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (main_debug);
#define GST_CAT_DEFAULT main_debug

/* The process: what main() makes and takes down. */
typedef struct
{
  BifOptions *options;
  char *folder;                 /* of the configuration (nullable) */
  BifSettings *settings;        /* the server's, from its making on */
  BifServer *server;
  BifNetwork *network;
  BifHttp *http;
  BifWebsocket *websocket;
  GMainLoop *loop;
  guint stops;                  /* SIGINT and SIGTERM so far */
} App;

/* ---- templates without a server ---- */

static const BifPluginInfo *
find_info (const char *name, gsize size)
{
  for (guint i = 0; bif_plugins[i] != NULL; i++) {
    if (strlen (bif_plugins[i]->name) == size
        && strncmp (bif_plugins[i]->name, name, size) == 0)
      return bif_plugins[i];
  }
  return NULL;
}

static gboolean
check_template (App * app, const char *name, const BifHole * holes)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BifTemplate) template_ = bif_template_load (name,
      app->settings->pipelines_folder, holes, &error);

  if (template_ != NULL)
    g_print ("%s: %s\n", bif_template_path (template_), _("good"));
  else
    g_printerr ("%s\n", error->message);
  return template_ != NULL;
}

/* Every template of every plugin, and of recordings. Returns the exit code. */
static int
check_pipelines (App * app)
{
  int code = check_template (app, "record", bif_recordings_holes) ? 0 : 1;

  for (guint i = 0; bif_plugins[i] != NULL; i++) {
    if (bif_plugins[i]->holes != NULL && !check_template (app,
            bif_plugins[i]->name, bif_plugins[i]->holes))
      code = 1;
  }
  return code;
}

/* @what: "NAME/SECTION". */
static int
print_pipeline (App * app, const char *what)
{
  const char *slash = strchr (what, '/');
  const BifPluginInfo *info =
      slash != NULL ? find_info (what, slash - what) : NULL;
  const BifHole *holes = info != NULL ? info->holes :
      g_str_has_prefix (what, "record/") ? bif_recordings_holes : NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (BifTemplate) template_ = NULL;
  const char *text = NULL;

  if (holes != NULL) {
    g_autofree char *name = g_strndup (what, slash - what);

    template_ = bif_template_load (name, app->settings->pipelines_folder,
        holes, &error);
  }
  if (template_ != NULL)
    text = bif_template_section (template_, slash + 1);
  if (text == NULL) {
    g_printerr ("%s: %s\n", what,
        error != NULL ? error->message : _("no such template or section"));
    return 1;
  }
  g_print ("%s\n", text);
  return 0;
}

/* ---- network ---- */

/* Peers need an agent of their own where a TURN server is to be used. */
static gboolean
open_relays (App * app, GError ** error)
{
  const BifSettings *s = app->settings;
  const BifRelaySettings settings = {
    .server = s->turn_server,
    .port = s->turn_port,
    .type = s->turn_type,
    .user = s->turn_user,
    .password = s->turn_pwd,
    .stun_server = s->stun_server,
    .stun_port = s->stun_port,
    .port_min = s->rtp_port_min,
    .port_max = s->rtp_port_max,
    .ice_tcp = s->ice_tcp,
    .regular_nomination = g_strcmp0 (s->ice_nomination, "regular") == 0,
    .ignore_unreachable = s->ignore_unreachable_ice_server,
  };
  BifRelays *relays;

  if (s->turn_server == NULL && s->turn_rest_api == NULL)
    return TRUE;
  if (s->ice_lite) {
    GST_WARNING ("a TURN server is of no use to ice_lite");
    return TRUE;
  }
  relays = bif_relays_new (&settings, error);
  if (relays == NULL)
    return FALSE;
  if (s->turn_rest_api != NULL)
    bif_turn_rest_attach (s, relays);
  bif_network_use_relays (app->network, relays);
  return TRUE;
}

static gboolean
open_network (App * app, GError ** error)
{
  const BifSettings *s = app->settings;
  g_autofree char *local_ip =
      s->interface != NULL ? bif_interfaces_resolve (s->interface) : NULL;
  const BifNetworkSettings settings = {
    .enforce_list = s->ice_enforce_list,
    .ignore_list = s->ice_ignore_list,
    .nat_1_1_mapping = s->nat_1_1_mapping,
    .keep_private_host = s->keep_private_host,
    .ipv6 = s->ipv6,
    .ipv6_link_local = s->ipv6_linklocal,
    .port = s->ice_port,
    .port_min = s->rtp_port_min,
    .port_max = s->rtp_port_max,
    .ice_lite = s->ice_lite,
    .ice_tcp = s->ice_tcp,
    .consent = s->ice_consent_freshness || s->ice_keepalive_conncheck,
    .regular_nomination = g_strcmp0 (s->ice_nomination, "regular") == 0,
    .stun_server = s->stun_server,
    .stun_port = s->stun_port,
    .full_trickle = s->full_trickle,
    .local_ip = local_ip,
    .cert_pem = s->cert_pem,
    .cert_key = s->cert_key,
    .cert_password = s->cert_pwd,
    .rsa_private_key = s->rsa_private_key,
    .min_nack_queue_ms = s->min_nack_queue,
    .no_media_timer_s = s->no_media_timer,
    .slowlink_threshold = s->slowlink_threshold,
    .twcc_period_ms = s->twcc_period,
    .dscp = s->dscp,
  };

  if (s->interface != NULL && local_ip == NULL)
    GST_WARNING ("general.interface: nothing is called '%s'", s->interface);
  app->network = bif_network_new (&settings, error);
  return app->network != NULL && open_relays (app, error);
}

/* ---- server ---- */

static const BifServerHooks hooks = {
  .set_log_level = bif_log_set_level,
  .set_log_timestamps = bif_log_set_timestamps,
  .set_log_colors = bif_log_set_colors,
  .set_no_media_timer = bif_network_set_no_media_timer,
  .set_slowlink_threshold = bif_network_set_slowlink_threshold,
  .set_min_nack_queue = bif_network_set_min_nack_queue,
};

static gboolean
add_plugins (App * app, GError ** error)
{
  for (guint i = 0; bif_plugins[i] != NULL; i++) {
    g_autoptr (GError) local = NULL;

    if (!bif_server_add_plugin (app->server, bif_plugins[i], &local))
      GST_ERROR ("%s stays out: %s", bif_plugins[i]->package, local->message);
  }
  for (guint i = 0; bif_plugins_planned[i].package != NULL; i++) {
    if (!bif_server_add_plugin (app->server, &bif_plugins_planned[i], error))
      return FALSE;
  }
  /* A folder of Janus's own plugins, which configurations name, has none. */
  if (app->settings->plugins_folder != NULL
      && !bif_server_load_modules (app->server, app->settings->plugins_folder,
          error))
    return FALSE;
  return bif_server_load_modules (app->server, bif_paths_plugin_dir (), error);
}

static BifConfig *
load_package (App * app, const char *package, const BifKey * keys,
    GError ** error)
{
  BifConfig *config = bif_defaults_load_package (app->folder, package,
      app->settings->admin_secret != NULL, error);

  if (config != NULL)
    bif_config_check (config, keys);
  return config;
}

static void
mount_demos (App * app)
{
  const char *folder = app->settings->demos_folder != NULL ?
      app->settings->demos_folder : bif_paths_demos_dir ();

  if (!app->settings->demos)
    return;
  bif_http_mount_recordings (app->http, app->server);
  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    bif_http_mount (app->http, "/", folder);
}

static gboolean
add_http (App * app, GError ** error)
{
  g_autoptr (BifConfig) config = NULL;
  BifHttpSettings settings = { 0 };

  if (bif_settings_is_disabled (app->settings->transports_disable, "http"))
    return TRUE;
  config = load_package (app, BIF_HTTP_PACKAGE, bif_http_keys, error);
  if (config == NULL || !bif_http_settings_read (&settings, config, error))
    return FALSE;
  app->http = bif_http_new (&settings);
  mount_demos (app);
  bif_server_add_transport (app->server, BIF_TRANSPORT (app->http));
  return TRUE;
}

static gboolean
add_websocket (App * app, GError ** error)
{
  g_autoptr (BifConfig) config = NULL;
  BifWebsocketSettings settings = { 0 };

  if (bif_settings_is_disabled (app->settings->transports_disable,
          "websockets"))
    return TRUE;
  config = load_package (app, BIF_WEBSOCKET_PACKAGE, bif_websockets_keys,
      error);
  if (config == NULL)
    return FALSE;
  bif_websocket_settings_read (&settings, config);
  app->websocket = bif_websocket_new (&settings);
  bif_server_add_transport (app->server, BIF_TRANSPORT (app->websocket));
  return TRUE;
}

static void
print_address (const char *scheme, guint port, const char *path)
{
  if (port != 0)
    g_print ("  %s://localhost:%u%s\n", scheme, port, path);
}

static void
print_addresses (App * app)
{
  g_print (_("Bifrons %s is up. Open one of these:\n"), BIF_VERSION);
  if (app->http != NULL) {
    print_address ("http", bif_http_port (app->http, BIF_HTTP_PLAIN), "/");
    print_address ("https", bif_http_port (app->http, BIF_HTTP_SECURE), "/");
  }
  g_print (_("Clients of the Janus API connect to:\n"));
  if (app->http != NULL)
    print_address ("http", bif_http_port (app->http, BIF_HTTP_PLAIN),
        "/janus");
  if (app->websocket != NULL) {
    print_address ("ws", bif_websocket_port (app->websocket,
            BIF_WEBSOCKET_PLAIN), "");
    print_address ("wss", bif_websocket_port (app->websocket,
            BIF_WEBSOCKET_SECURE), "");
  }
}

static void
on_public_ips (App * app)
{
  if (app->server == NULL)
    return;
  bif_server_set_network (app->server, app->network,
      bif_network_local_ip (app->network),
      bif_network_public_ips (app->network));
}

static gboolean
start (App * app, GError ** error)
{
  if (!open_network (app, error))
    return FALSE;
  app->server = bif_server_new (app->settings);
  bif_server_set_hooks (app->server, &hooks);
  bif_server_set_dot_folder (app->server, app->options->dot_folder);
  on_public_ips (app);
  g_signal_connect_swapped (app->network, "public-ips",
      G_CALLBACK (on_public_ips), app);
  return bif_server_open_recordings (app->server, error)
      && add_plugins (app, error) && add_http (app, error)
      && add_websocket (app, error) && bif_server_start (app->server, error);
}

/* ---- signals ---- */

static gboolean
on_stop (gpointer user_data)
{
  App *app = user_data;

  switch (++app->stops) {
    case 1:
      g_main_loop_quit (app->loop);
      break;
    case 2:
      g_printerr ("%s\n", _("Stopping; once more ends at once."));
      break;
    default:
      _exit (1);
  }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_hangup (gpointer user_data)
{
  App *app = user_data;
  const char *chosen = app->settings->log_rotate_sig;

  if (bif_log_has_file ()
      && (chosen == NULL || strcmp (chosen, "SIGHUP") == 0))
    bif_log_reopen ();
  return G_SOURCE_CONTINUE;
}

static gboolean
on_user_signal (gpointer user_data)
{
  App *app = user_data;

  if (g_strcmp0 (app->settings->log_rotate_sig, "SIGUSR1") == 0)
    bif_log_reopen ();
  else
    bif_server_write_dots (app->server, app->options->dot_folder != NULL ?
        app->options->dot_folder : g_get_tmp_dir ());
  return G_SOURCE_CONTINUE;
}

static void
run (App * app)
{
  guint ids[] = {
    g_unix_signal_add (SIGINT, on_stop, app),
    g_unix_signal_add (SIGTERM, on_stop, app),
    g_unix_signal_add (SIGHUP, on_hangup, app),
    g_unix_signal_add (SIGUSR1, on_user_signal, app),
  };

  app->loop = g_main_loop_new (NULL, FALSE);
  g_main_loop_run (app->loop);
  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    g_source_remove (ids[i]);
  g_clear_pointer (&app->loop, g_main_loop_unref);
}

/* ---- the process ---- */

static void
app_clear (App * app)
{
  if (app->server != NULL)
    bif_server_stop (app->server);
  g_clear_object (&app->http);
  g_clear_object (&app->websocket);
  if (app->server == NULL)
    g_clear_pointer (&app->settings, bif_settings_free);
  g_clear_object (&app->server);
  if (app->network != NULL)
    bif_network_close (app->network);
  g_clear_object (&app->network);
  g_clear_pointer (&app->options, bif_options_free);
  g_clear_pointer (&app->folder, g_free);
}

static int
fail (App * app, const GError * error)
{
  GST_ERROR ("%s", error->message);
  g_printerr ("bifrons: %s\n", error->message);
  app_clear (app);
  bif_log_shutdown ();
  return 1;
}

static int
serve (App * app)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BifPidFile) pid_file = NULL;
  BifLogSettings log = { 0 };
  BifDaemon *daemon = NULL;

  if (app->settings->daemonize) {
    daemon = bif_daemon_start (app->options->cwd_path,
        app->options->log_stdout, &error);
    if (daemon == NULL)
      return fail (app, error);
  }
  bif_options_log_settings (app->options, app->settings, &log);
  if (!bif_log_init (&log, &error)
      || !bif_check_openfiles (app->settings->check_openfiles_limit, &error))
    return fail (app, error);
  bif_raise_limits ();
  if (app->settings->pid_file != NULL) {
    pid_file = bif_pid_file_new (app->settings->pid_file, &error);
    if (pid_file == NULL)
      return fail (app, error);
  }
  if (!start (app, &error))
    return fail (app, error);
  if (daemon == NULL)
    print_addresses (app);
  bif_daemon_ready (daemon);
  run (app);
  app_clear (app);
  bif_log_shutdown ();
  gst_deinit ();                /* lets the leaks tracer report */
  return 0;
}

static gboolean
configure (App * app, GError ** error)
{
  g_autoptr (BifConfig) core =
      bif_options_load_config (app->options, &app->folder, error);
  g_autoptr (BifConfig) own = NULL;

  if (core == NULL)
    return FALSE;
  own = bif_defaults_load_package (app->folder, "bifrons", FALSE, error);
  if (own == NULL)
    return FALSE;
  app->settings = bif_settings_new (core, own, error);
  return app->settings != NULL;
}

int
main (int argc, char **argv)
{
  App app = { 0 };
  g_autoptr (GError) error = NULL;
  int code = 0;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, BIF_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  bif_post_init ();
  bif_paths_init (argv[0]);
  app.options = bif_options_parse (argv, &code);
  if (app.options == NULL)
    return code;
  gst_init (NULL, NULL);
  GST_DEBUG_CATEGORY_INIT (main_debug, "bif-main", 0, "the process");
  gst_registry_scan_path (gst_registry_get (), bif_paths_gst_plugin_dir ());
  bif_log_capture ();
  if (!configure (&app, &error))
    return fail (&app, error);
  if (app.options->print_api) {
    for (guint i = 0; bif_plugins[i] != NULL; i++)
      bif_reference_print (bif_plugins[i]);
  } else if (app.options->check_pipelines) {
    code = check_pipelines (&app);
  } else if (app.options->print_pipeline != NULL) {
    code = print_pipeline (&app, app.options->print_pipeline);
  } else {
    return serve (&app);
  }
  app_clear (&app);
  bif_log_shutdown ();
  return code;
}
