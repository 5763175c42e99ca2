/* server.c: owns plugins, transports and sessions; ends idle sessions. Main
 * thread. */
#include "core/server.h"
#include "core/error.h"
#include "core/plugin-private.h"
#include "core/server-private.h"
#include "core/session-private.h"

#include <gst/gst.h>
#include <openssl/rand.h>
#include <string.h>

#define WATCHDOG_S 2
/* Longer than a recording may take that does not end by itself. */
#define RECORDINGS_TIMEOUT_MS 8000
#define ID_MAX ((G_GUINT64_CONSTANT (1) << 53) - 1)

GST_DEBUG_CATEGORY (bif_core_debug);
#define GST_CAT_DEFAULT bif_core_debug

G_DEFINE_FINAL_TYPE (BifServer, bif_server, G_TYPE_OBJECT)

static void
bif_server_dispose (GObject * object)
{
  bif_server_stop (BIF_SERVER (object));
  G_OBJECT_CLASS (bif_server_parent_class)->dispose (object);
}

static void
bif_server_finalize (GObject * object)
{
  BifServer *self = BIF_SERVER (object);

  g_hash_table_unref (self->sessions);
  g_ptr_array_unref (self->plugins);
  g_ptr_array_unref (self->transports);
  bif_server_set_network (self, NULL, NULL, NULL);
  g_clear_object ((GObject **) & self->recordings);
  g_clear_pointer (&self->served, g_ptr_array_unref);
  g_clear_pointer (&self->auth, bif_auth_free);
  g_clear_pointer (&self->settings, bif_settings_free);
  g_free (self->dot_folder);
  G_OBJECT_CLASS (bif_server_parent_class)->finalize (object);
}

static void
bif_server_class_init (BifServerClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (bif_core_debug, "bif-core", 0,
      "sessions, handles and requests");
  object_class->dispose = bif_server_dispose;
  object_class->finalize = bif_server_finalize;
}

static void
bif_server_init (BifServer * self)
{
  self->plugins = g_ptr_array_new_with_free_func (g_object_unref);
  self->transports = g_ptr_array_new_with_free_func (g_object_unref);
  self->sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
      g_object_unref);
  self->accepting = TRUE;
  self->start_us = g_get_monotonic_time ();
  self->random_used = sizeof self->random;
}

BifServer *
bif_server_new (BifSettings * settings)
{
  BifServer *self = g_object_new (BIF_TYPE_SERVER, NULL);

  self->settings = settings;
  self->auth = bif_auth_new (settings->api_secret, settings->token_auth,
      settings->token_auth_secret);
  return self;
}

void
bif_server_set_hooks (BifServer * self, const BifServerHooks * hooks)
{
  self->hooks = *hooks;
}

/* BifNetwork's type is not called for, so that the core links without it. */
void
bif_server_set_network (BifServer * self, BifNetwork * network,
    const char *local_ip, const char *const *public_ips)
{
  g_clear_object ((GObject **) & self->network);
  if (network != NULL)
    self->network = g_object_ref (network);
  g_free (self->network_info.local_ip);
  self->network_info.local_ip = g_strdup (local_ip);
  g_strfreev (self->network_info.public_ips);
  self->network_info.public_ips = g_strdupv ((char **) public_ips);
}

BifNetwork *
bif_server_network (BifServer * self)
{
  return self->network;
}

BifSettings *
bif_server_settings (BifServer * self)
{
  return self->settings;
}

guint64
bif_server_random_id (BifServer * self)
{
  guint64 id;

  do {
    if (self->random_used + sizeof id > sizeof self->random) {
      if (RAND_bytes (self->random, sizeof self->random) != 1)
        g_error ("no random numbers to be had");
      self->random_used = 0;
    }
    memcpy (&id, self->random + self->random_used, sizeof id);
    memset (self->random + self->random_used, 0, sizeof id);
    self->random_used += sizeof id;
    id &= ID_MAX;
  } while (id == 0);
  return id;
}

/* ---- plugins ---- */

gboolean
bif_server_add_plugin (BifServer * self, const BifPluginInfo * info,
    GError ** error)
{
  BifPlugin *plugin;

  if (bif_settings_is_disabled (self->settings->plugins_disable, info->name)) {
    GST_INFO_OBJECT (self, "%s is disabled", info->package);
    return TRUE;
  }
  if (bif_server_find_plugin (self, info->package) != NULL)
    return TRUE;
  plugin = bif_plugin_new (self, info, error);
  if (plugin == NULL)
    return FALSE;
  g_ptr_array_add (self->plugins, plugin);
  return TRUE;
}

BifPlugin *
bif_server_find_plugin (BifServer * self, const char *package)
{
  for (guint i = 0; i < self->plugins->len; i++) {
    BifPlugin *plugin = self->plugins->pdata[i];

    if (g_str_equal (bif_plugin_info (plugin)->package, package))
      return plugin;
  }
  return NULL;
}

/* ---- pipelines made visible ---- */

void
bif_server_write_dots (BifServer * self, const char *folder)
{
  GHashTableIter iter;
  BifSession *session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & session)) {
    g_autoptr (GList) handles = bif_session_handles (session);

    for (GList * l = handles; l != NULL; l = l->next) {
      BifPeer *peer = bif_handle_peer (l->data);

      if (peer != NULL)
        bif_peer_write_dot (peer, folder);
    }
  }
}

void
bif_server_set_dot_folder (BifServer * self, const char *folder)
{
  g_free (self->dot_folder);
  self->dot_folder = g_strdup (folder);
}

const char *
bif_server_dot_folder (BifServer * self)
{
  return self->dot_folder;
}

/* ---- transports ---- */

void
bif_server_add_transport (BifServer * self, BifTransport * transport)
{
  g_ptr_array_add (self->transports, g_object_ref (transport));
}

/* Tells the client that its session is over, by the event it knows for that. */
static void
end_session (BifServer * self, BifSession * session)
{
  guint64 id = bif_session_id (session);
  BifClient *client = bif_session_client (session);
  g_autoptr (BifClient) keep = client != NULL ? g_object_ref (client) : NULL;

  /* The last event, but while the way to the client stands: over HTTP the
   * queue closes with the session. */
  if (keep != NULL)
    bif_client_take (keep, bif_core_message ("timeout", id, NULL));
  bif_server_destroy_session (self, session);
}

gboolean
bif_server_start (BifServer * self, GError ** error)
{
  for (guint i = 0; i < self->transports->len; i++) {
    if (bif_transport_start (self->transports->pdata[i], self, error))
      continue;
    while (i-- > 0)
      bif_transport_stop (self->transports->pdata[i]);
    return FALSE;
  }
  return TRUE;
}

void
bif_server_stop (BifServer * self)
{
  GHashTableIter iter;
  BifSession *session;

  if (self->stopped)
    return;
  self->stopped = TRUE;
  self->accepting = FALSE;
  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & session)) {
    end_session (self, session);
    g_hash_table_iter_init (&iter, self->sessions);
  }
  for (guint i = 0; i < self->transports->len; i++)
    bif_transport_stop (self->transports->pdata[i]);
  if (self->recordings != NULL
      && !bif_recordings_wait (self->recordings, RECORDINGS_TIMEOUT_MS))
    GST_ERROR_OBJECT (self, "a recording does not end");
  for (guint i = 0; i < self->plugins->len; i++)
    bif_plugin_stop (self->plugins->pdata[i]);
  g_clear_handle_id (&self->watchdog, g_source_remove);
}

/* ---- sessions ---- */

static gboolean
check_sessions (gpointer user_data)
{
  BifServer *self = user_data;
  g_autoptr (GPtrArray) idle = g_ptr_array_new_with_free_func (g_object_unref);
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  BifSession *session;

  g_hash_table_iter_init (&iter, self->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & session)) {
    if (bif_session_is_idle (session, now_us, self->settings->session_timeout,
            self->settings->reclaim_session_timeout))
      g_ptr_array_add (idle, g_object_ref (session));
  }
  for (guint i = 0; i < idle->len; i++) {
    GST_INFO_OBJECT (self, "session %" G_GUINT64_FORMAT " timed out",
        bif_session_id (idle->pdata[i]));
    end_session (self, idle->pdata[i]);
  }

  if (g_hash_table_size (self->sessions) > 0)
    return G_SOURCE_CONTINUE;
  self->watchdog = 0;
  return G_SOURCE_REMOVE;
}

BifSession *
bif_server_create_session (BifServer * self, guint64 id)
{
  BifSession *session;

  if (id == 0) {
    do
      id = bif_server_random_id (self);
    while (g_hash_table_contains (self->sessions, &id));
  } else if (g_hash_table_contains (self->sessions, &id)) {
    return NULL;
  }
  session = bif_session_new (self, id);
  g_hash_table_insert (self->sessions,
      (gpointer) bif_session_id_key (session), session);
  if (self->watchdog == 0)
    self->watchdog = g_timeout_add_seconds (WATCHDOG_S, check_sessions, self);
  GST_DEBUG_OBJECT (self, "session %" G_GUINT64_FORMAT " created", id);
  return session;
}

BifSession *
bif_server_find_session (BifServer * self, guint64 id)
{
  return g_hash_table_lookup (self->sessions, &id);
}

void
bif_server_destroy_session (BifServer * self, BifSession * session)
{
  guint64 id = bif_session_id (session);

  g_object_ref (session);
  if (g_hash_table_remove (self->sessions, &id))
    bif_session_close (session);
  g_object_unref (session);
  GST_DEBUG_OBJECT (self, "session %" G_GUINT64_FORMAT " destroyed", id);
}

gboolean
bif_server_has_session (BifServer * self, guint64 id)
{
  return g_hash_table_contains (self->sessions, &id);
}

void
bif_server_touch_session (BifServer * self, guint64 id)
{
  BifSession *session = bif_server_find_session (self, id);

  if (session != NULL)
    bif_session_touch (session);
}

gboolean
bif_server_is_authorized (BifServer * self, const char *apisecret,
    const char *token)
{
  return bif_auth_check (self->auth, apisecret, token);
}

gboolean
bif_server_signs_tokens (BifServer * self)
{
  return bif_auth_signs_tokens (self->auth);
}

gboolean
bif_server_check_signature (BifServer * self, const char *token,
    const char *realm)
{
  return bif_auth_check_signature (self->auth, token, realm, NULL);
}

gboolean
bif_server_signature_has (BifServer * self, const char *token,
    const char *realm, const char *descriptor)
{
  return !bif_auth_signs_tokens (self->auth)
      || bif_auth_check_signature (self->auth, token, realm, descriptor);
}
