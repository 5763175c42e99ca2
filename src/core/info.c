/* info.c: "server_info" (core-api.md section 3). Main thread. */
#include "config.h"

#include "core/error.h"
#include "core/server-private.h"

#include <gst/gst.h>
#include <openssl/crypto.h>

/* What clients compare against: the API's version, not ours. */
#define API_VERSION 1402
#define API_VERSION_STRING "1.4.2"

static void
set_string (JsonObject * info, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (info, name, value);
}

static void
set_bool (JsonObject * info, const char *name, gboolean value)
{
  json_object_set_boolean_member (info, name, value);
}

static void
set_int (JsonObject * info, const char *name, gint64 value)
{
  json_object_set_int_member (info, name, value);
}

static void
add_general (BifServer * self, JsonObject * info)
{
  const BifSettings *settings = self->settings;

  set_string (info, "name", "Janus WebRTC Server");
  set_int (info, "version", API_VERSION);
  set_string (info, "version_string", API_VERSION_STRING);
  set_string (info, "author", "The Bifrons authors");
  set_string (info, "commit-hash", "not-a-git-repo");
  set_string (info, "compile-time", __DATE__ " " __TIME__);
  set_string (info, "bifrons", BIF_VERSION);
  set_bool (info, "log-to-stdout", settings->log_to_stdout);
  set_bool (info, "log-to-file", settings->log_to_file != NULL);
  set_string (info, "log-path", settings->log_to_file);
  set_bool (info, "data_channels", TRUE);
  set_bool (info, "accepting-new-sessions", self->accepting);
  set_int (info, "session-timeout", settings->session_timeout);
  set_int (info, "reclaim-session-timeout",
      settings->reclaim_session_timeout);
  set_int (info, "candidates-timeout", settings->candidates_timeout);
  set_string (info, "server-name", settings->server_name != NULL
      ? settings->server_name : "MyJanusInstance");
}

static void
add_addresses (BifServer * self, JsonObject * info)
{
  const BifServerNetworkInfo *network = &self->network_info;
  JsonArray *all;

  set_string (info, "local-ip",
      network->local_ip != NULL ? network->local_ip : "");
  if (network->public_ips == NULL || network->public_ips[0] == NULL)
    return;
  set_string (info, "public-ip", network->public_ips[0]);
  if (network->public_ips[1] == NULL)
    return;
  all = json_array_new ();
  for (guint i = 0; network->public_ips[i] != NULL; i++)
    json_array_add_string_element (all, network->public_ips[i]);
  json_object_set_array_member (info, "public-ips", all);
}

static void
set_server (JsonObject * info, const char *name, const char *host, guint port)
{
  g_autofree char *text = NULL;

  if (host == NULL)
    return;
  text = g_strdup_printf ("%s:%u", host, port);
  set_string (info, name, text);
}

static void
add_ice (BifServer * self, JsonObject * info)
{
  const BifSettings *settings = self->settings;

  set_bool (info, "ipv6", settings->ipv6);
  if (settings->ipv6)
    set_bool (info, "ipv6-link-local", settings->ipv6_linklocal);
  set_bool (info, "ice-lite", settings->ice_lite);
  set_bool (info, "ice-tcp", settings->ice_tcp);
  set_string (info, "ice-nomination", settings->ice_nomination != NULL
      ? settings->ice_nomination : "aggressive");
  set_bool (info, "ice-consent-freshness", settings->ice_consent_freshness);
  set_bool (info, "ice-keepalive-conncheck",
      settings->ice_keepalive_conncheck);
  set_bool (info, "hangup-on-failed", settings->hangup_on_failed);
  set_bool (info, "full-trickle", settings->full_trickle);
  set_bool (info, "mdns-enabled", !settings->ignore_mdns);
  set_int (info, "min-nack-queue", settings->min_nack_queue);
  set_bool (info, "nack-optimizations", settings->nack_optimizations);
  set_int (info, "twcc-period", settings->twcc_period);
  if (settings->dscp > 0)
    set_int (info, "dscp", settings->dscp);
  set_int (info, "dtls-mtu", settings->dtls_mtu);
  set_server (info, "stun-server", settings->stun_server,
      settings->stun_port);
  set_server (info, "turn-server", settings->turn_server,
      settings->turn_port);
  if (settings->allow_force_relay)
    set_bool (info, "allow-force-relay", TRUE);
  set_int (info, "static-event-loops", settings->event_loops);
  if (settings->event_loops > 0)
    set_bool (info, "loop-indication", settings->allow_loop_indication);
}

static void
add_auth (BifServer * self, JsonObject * info)
{
  set_bool (info, "api_secret", bif_auth_has_secret (self->auth));
  set_bool (info, "auth_token", bif_auth_has_tokens (self->auth));
  set_bool (info, "event_handlers", FALSE);
  set_bool (info, "opaqueid_in_api", self->settings->opaqueid_in_api);
  if (self->settings->no_webrtc_encryption)
    set_bool (info, "webrtc_encryption", FALSE);
}

static void
add_dependencies (BifServer * self, JsonObject * info)
{
  JsonObject *object;
  g_autofree char *glib = NULL, *gstreamer = NULL;

  if (self->settings->hide_dependencies)
    return;
  object = json_object_new ();
  glib = g_strdup_printf ("%u.%u.%u", glib_major_version, glib_minor_version,
      glib_micro_version);
  gstreamer = gst_version_string ();
  set_string (object, "glib2", glib);
  set_string (object, "json-glib", JSON_VERSION_S);
  set_string (object, "gstreamer", gstreamer);
  set_string (object, "crypto", OpenSSL_version (OPENSSL_VERSION));
  json_object_set_object_member (info, "dependencies", object);
}

static JsonObject *
describe (const char *name, const char *author, const char *description,
    const char *version_string, int version)
{
  JsonObject *object = json_object_new ();

  set_string (object, "name", name != NULL ? name : "");
  set_string (object, "author", author != NULL ? author : "");
  set_string (object, "description", description != NULL ? description : "");
  set_string (object, "version_string",
      version_string != NULL ? version_string : "0.0.0");
  set_int (object, "version", version);
  return object;
}

static void
add_components (BifServer * self, JsonObject * info)
{
  JsonObject *transports = json_object_new ();
  JsonObject *plugins = json_object_new ();

  for (guint i = 0; i < self->transports->len; i++) {
    const BifTransportInfo *t =
        bif_transport_info (self->transports->pdata[i]);

    json_object_set_object_member (transports, t->package,
        describe (t->name, t->author, t->description, t->version_string,
            t->version));
  }
  for (guint i = 0; i < self->plugins->len; i++) {
    const BifPluginInfo *p = bif_plugin_info (self->plugins->pdata[i]);

    json_object_set_object_member (plugins, p->package,
        describe (p->title, p->author, p->description, p->version_string,
            p->version));
  }
  json_object_set_object_member (info, "transports", transports);
  json_object_set_object_member (info, "events", json_object_new ());
  json_object_set_object_member (info, "loggers", json_object_new ());
  json_object_set_object_member (info, "plugins", plugins);
}

JsonObject *
bif_server_info_message (BifServer * self, const char *transaction)
{
  JsonObject *info = bif_core_message ("server_info", 0, transaction);

  add_general (self, info);
  add_addresses (self, info);
  add_ice (self, info);
  add_auth (self, info);
  add_dependencies (self, info);
  add_components (self, info);
  return info;
}
