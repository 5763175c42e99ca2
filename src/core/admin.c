/* admin.c: the Admin API: its checks, and the requests about the server. Main
 * thread. */
#include "core/admin.h"
#include "base/json.h"
#include "core/error.h"
#include "core/plugin-private.h"

#define NACK_QUEUE_MAX_MS 1000

static gboolean
verb_info (BifCall * call, GError ** error)
{
  return bif_call_answer (call,
      bif_server_info_message (call->server, call->transaction));
}

static gboolean
verb_ping (BifCall * call, GError ** error)
{
  return bif_call_answer (call, bif_call_message (call, "pong"));
}

static gboolean
verb_get_status (BifCall * call, GError ** error)
{
  const BifSettings *settings = call->server->settings;
  JsonObject *message = bif_call_message (call, "success");
  JsonObject *status = json_object_new ();

  json_object_set_boolean_member (status, "token_auth", settings->token_auth);
  json_object_set_int_member (status, "session_timeout",
      settings->session_timeout);
  json_object_set_int_member (status, "reclaim_session_timeout",
      settings->reclaim_session_timeout);
  json_object_set_int_member (status, "candidates_timeout",
      settings->candidates_timeout);
  json_object_set_int_member (status, "log_level", settings->debug_level);
  json_object_set_boolean_member (status, "log_timestamps",
      settings->debug_timestamps);
  json_object_set_boolean_member (status, "log_colors",
      settings->debug_colors);
  json_object_set_int_member (status, "log_rotate_sig", 0);
  json_object_set_boolean_member (status, "locking_debug",
      settings->debug_locks);
  json_object_set_boolean_member (status, "refcount_debug", FALSE);
  json_object_set_int_member (status, "min_nack_queue",
      settings->min_nack_queue);
  json_object_set_boolean_member (status, "nack-optimizations",
      settings->nack_optimizations);
  json_object_set_int_member (status, "no_media_timer",
      settings->no_media_timer);
  json_object_set_int_member (status, "slowlink_threshold",
      settings->slowlink_threshold);
  json_object_set_object_member (message, "status", status);
  return bif_call_answer (call, message);
}

/* ---- one number or one switch ---- */

typedef struct
{
  guint number;
  gboolean on;
} SetParams;

static gboolean
read_number (BifCall * call, const char *name, gint64 max, guint * number,
    GError ** error)
{
  const BifField fields[] = {
    { name, BIF_FIELD_UINT, BIF_REQUIRED, G_STRUCT_OFFSET (SetParams, number),
        max, NULL },
    { NULL },
  };
  SetParams params = { 0 };

  if (!bif_fields_read (fields, call->root, &params, NULL, error))
    return FALSE;
  *number = params.number;
  return TRUE;
}

static gboolean
read_switch (BifCall * call, const char *name, gboolean * on, GError ** error)
{
  const BifField fields[] = {
    { name, BIF_FIELD_BOOL, BIF_REQUIRED, G_STRUCT_OFFSET (SetParams, on), 0,
        NULL },
    { NULL },
  };
  SetParams params = { 0 };

  if (!bif_fields_read (fields, call->root, &params, NULL, error))
    return FALSE;
  *on = params.on;
  return TRUE;
}

static gboolean
answer_number (BifCall * call, const char *name, guint number)
{
  JsonObject *message = bif_call_message (call, "success");

  json_object_set_int_member (message, name, number);
  return bif_call_answer (call, message);
}

static gboolean
answer_switch (BifCall * call, const char *name, gboolean on)
{
  JsonObject *message = bif_call_message (call, "success");

  json_object_set_boolean_member (message, name, on);
  return bif_call_answer (call, message);
}

static gboolean
verb_set_session_timeout (BifCall * call, GError ** error)
{
  guint *timeout = &call->server->settings->session_timeout;

  return read_number (call, "timeout", 0, timeout, error)
      && answer_number (call, "timeout", *timeout);
}

static gboolean
verb_set_log_level (BifCall * call, GError ** error)
{
  BifServer *server = call->server;
  guint *level = &server->settings->debug_level;

  if (!read_number (call, "level", 7, level, error))
    return FALSE;
  if (server->hooks.set_log_level != NULL)
    server->hooks.set_log_level (*level);
  return answer_number (call, "level", *level);
}

static gboolean
verb_set_log_timestamps (BifCall * call, GError ** error)
{
  BifServer *server = call->server;
  gboolean *on = &server->settings->debug_timestamps;

  if (!read_switch (call, "timestamps", on, error))
    return FALSE;
  if (server->hooks.set_log_timestamps != NULL)
    server->hooks.set_log_timestamps (*on);
  return answer_switch (call, "log_timestamps", *on);
}

static gboolean
verb_set_log_colors (BifCall * call, GError ** error)
{
  BifServer *server = call->server;
  gboolean *on = &server->settings->debug_colors;

  if (!read_switch (call, "colors", on, error))
    return FALSE;
  if (server->hooks.set_log_colors != NULL)
    server->hooks.set_log_colors (*on);
  return answer_switch (call, "log_colors", *on);
}

static gboolean
verb_set_min_nack_queue (BifCall * call, GError ** error)
{
  BifServer *server = call->server;
  guint *queue = &server->settings->min_nack_queue;

  if (!read_number (call, "min_nack_queue", 0, queue, error))
    return FALSE;
  *queue = MIN (*queue, NACK_QUEUE_MAX_MS);
  if (server->hooks.set_min_nack_queue != NULL && server->network != NULL)
    server->hooks.set_min_nack_queue (server->network, *queue);
  return answer_number (call, "min_nack_queue", *queue);
}

static gboolean
verb_set_nack_optimizations (BifCall * call, GError ** error)
{
  gboolean *on = &call->server->settings->nack_optimizations;

  return read_switch (call, "nack_optimizations", on, error)
      && answer_switch (call, "nack-optimizations", *on);
}

static gboolean
verb_set_no_media_timer (BifCall * call, GError ** error)
{
  BifServer *server = call->server;
  guint *timer = &server->settings->no_media_timer;

  if (!read_number (call, "no_media_timer", 0, timer, error))
    return FALSE;
  if (server->hooks.set_no_media_timer != NULL && server->network != NULL)
    server->hooks.set_no_media_timer (server->network, *timer);
  return answer_number (call, "no_media_timer", *timer);
}

static gboolean
verb_set_slowlink_threshold (BifCall * call, GError ** error)
{
  BifServer *server = call->server;
  guint *lost = &server->settings->slowlink_threshold;

  if (!read_number (call, "slowlink_threshold", 0, lost, error))
    return FALSE;
  if (server->hooks.set_slowlink_threshold != NULL && server->network != NULL)
    server->hooks.set_slowlink_threshold (server->network, *lost);
  return answer_number (call, "slowlink_threshold", *lost);
}

static gboolean
verb_accept_new_sessions (BifCall * call, GError ** error)
{
  gboolean *on = &call->server->accepting;

  return read_switch (call, "accept", on, error)
      && answer_switch (call, "accept", *on);
}

/* ---- lists and queries ---- */

static gboolean
verb_list_sessions (BifCall * call, GError ** error)
{
  JsonObject *message = bif_call_message (call, "success");
  JsonArray *ids = json_array_new ();
  GHashTableIter iter;
  BifSession *session;

  g_hash_table_iter_init (&iter, call->server->sessions);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) & session))
    json_array_add_int_element (ids, (gint64) bif_session_id (session));
  json_object_set_array_member (message, "sessions", ids);
  return bif_call_answer (call, message);
}

static gboolean
verb_loops_info (BifCall * call, GError ** error)
{
  JsonObject *message = bif_call_message (call, "success");

  json_object_set_array_member (message, "loops", json_array_new ());
  return bif_call_answer (call, message);
}

typedef struct
{
  const char *plugin;
  const char *transport;
  JsonObject *request;
} QueryParams;

static const BifField message_plugin_fields[] = {
  BIF_STRING (QueryParams, plugin, BIF_REQUIRED, "package name"),
  BIF_OBJECT (QueryParams, request, BIF_OPTIONAL, "for the plugin"),
  { NULL },
};

static const BifField query_transport_fields[] = {
  BIF_STRING (QueryParams, transport, BIF_REQUIRED, "package name"),
  BIF_OBJECT (QueryParams, request, BIF_OPTIONAL, "for the transport"),
  { NULL },
};

/* @response: (transfer full) (nullable) */
static gboolean
answer_response (BifCall * call, JsonObject * response)
{
  JsonObject *message = bif_call_message (call, "success");

  json_object_set_object_member (message, "response",
      response != NULL ? response : json_object_new ());
  return bif_call_answer (call, message);
}

static gboolean
verb_message_plugin (BifCall * call, GError ** error)
{
  QueryParams params = { 0 };
  g_autoptr (JsonObject) request = NULL;
  JsonObject *response = NULL;
  BifPlugin *plugin;

  if (!bif_fields_read (message_plugin_fields, call->root, &params, NULL,
          error))
    return FALSE;
  plugin = bif_server_find_plugin (call->server, params.plugin);
  if (plugin == NULL) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_NO_SUCH_PLUGIN,
        "Invalid plugin");
    return FALSE;
  }
  request = params.request != NULL ? json_object_ref (params.request)
      : json_object_new ();
  if (!bif_plugin_query (plugin, request, &response)) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_UNKNOWN,
        "Plugin doesn't support Admin API messages");
    return FALSE;
  }
  return answer_response (call, response);
}

static BifTransport *
find_transport (BifServer * server, const char *package)
{
  for (guint i = 0; i < server->transports->len; i++) {
    BifTransport *transport = server->transports->pdata[i];

    if (g_str_equal (bif_transport_info (transport)->package, package))
      return transport;
  }
  return NULL;
}

static gboolean
verb_query_transport (BifCall * call, GError ** error)
{
  QueryParams params = { 0 };
  g_autoptr (JsonObject) request = NULL;
  BifTransport *transport;

  if (!bif_fields_read (query_transport_fields, call->root, &params, NULL,
          error))
    return FALSE;
  transport = find_transport (call->server, params.transport);
  if (transport == NULL) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_NO_SUCH_PLUGIN,
        "Invalid transport");
    return FALSE;
  }
  request = params.request != NULL ? json_object_ref (params.request)
      : json_object_new ();
  return answer_response (call, bif_transport_query (transport, request));
}

/* ---- dispatch ---- */

static const BifVerb open_verbs[] = {
  { "info", BIF_LEVEL_ROOT, verb_info },
  { "ping", BIF_LEVEL_ROOT, verb_ping },
  { NULL },
};

static const BifVerb verbs[] = {
  { "get_status", BIF_LEVEL_ROOT, verb_get_status },
  { "set_session_timeout", BIF_LEVEL_ROOT, verb_set_session_timeout },
  { "set_log_level", BIF_LEVEL_ROOT, verb_set_log_level },
  { "set_log_timestamps", BIF_LEVEL_ROOT, verb_set_log_timestamps },
  { "set_log_colors", BIF_LEVEL_ROOT, verb_set_log_colors },
  { "set_min_nack_queue", BIF_LEVEL_ROOT, verb_set_min_nack_queue },
  { "set_nack_optimizations", BIF_LEVEL_ROOT, verb_set_nack_optimizations },
  { "set_no_media_timer", BIF_LEVEL_ROOT, verb_set_no_media_timer },
  { "set_slowlink_threshold", BIF_LEVEL_ROOT, verb_set_slowlink_threshold },
  { "accept_new_sessions", BIF_LEVEL_ROOT, verb_accept_new_sessions },
  { "list_sessions", BIF_LEVEL_ROOT, verb_list_sessions },
  { "loops_info", BIF_LEVEL_ROOT, verb_loops_info },
  { "message_plugin", BIF_LEVEL_ROOT, verb_message_plugin },
  { "query_transport", BIF_LEVEL_ROOT, verb_query_transport },
  { NULL },
};

/* Tables may share names, one a level. */
static const BifVerb *
find_verb (BifCall * call)
{
  const BifVerb *const tables[] = {
    verbs, bif_admin_token_verbs, bif_admin_session_verbs,
  };

  for (guint i = 0; i < G_N_ELEMENTS (tables); i++) {
    const BifVerb *verb = bif_call_find_verb (tables[i], call->janus);

    if (verb != NULL && verb->levels & bif_call_level (call))
      return verb;
  }
  return NULL;
}

static gboolean
find_target (BifCall * call, GError ** error)
{
  if (call->session_id == 0 && call->handle_id == 0)
    return TRUE;
  return bif_call_find_session (call, error)
      && (call->handle_id == 0 || bif_call_find_handle (call, error));
}

static gboolean
run (BifCall * call, JsonNode * message, GError ** error)
{
  const char *secret = call->server->settings->admin_secret;
  gboolean root;
  const BifVerb *verb;

  if (!bif_call_read (call, message, error))
    return FALSE;
  root = call->session_id == 0 && call->handle_id == 0;
  verb = root ? bif_call_find_verb (open_verbs, call->janus) : NULL;
  if (verb != NULL)
    return verb->func (call, error);

  if (!root && (call->session_id == 0
          || (call->has_handle_id && call->handle_id == 0)))
    return bif_core_error_set (error, BIF_ERROR_NO_SUCH_SESSION);
  if (secret != NULL && !bif_auth_equal (secret,
          bif_json_get_string (call->root, "admin_secret")))
    return bif_core_error_set (error, BIF_ERROR_UNAUTHORIZED);
  if (!find_target (call, error))
    return FALSE;
  verb = find_verb (call);
  return verb != NULL ? verb->func (call, error)
      : bif_call_fail_path (call, error);
}

void
bif_server_receive_admin (BifServer * self, BifClient * client,
    JsonNode * message)
{
  g_autoptr (GError) error = NULL;
  BifCall call = {.server = self,.client = client };

  if (self->stopped)
    return;
  if (!run (&call, message, &error))
    bif_call_send_error (&call, error);
  bif_call_clear (&call);
}
