/* dispatch.c: requests of the Janus API: checks in core-api.md's order, then
 * the verb. Main thread. */
#include "base/json.h"
#include "core/dispatch-private.h"
#include "core/error.h"
#include "core/handle-private.h"

/* ---- without a session ---- */

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
answer_id (BifCall * call, guint64 id)
{
  JsonObject *message = bif_call_message (call, "success");
  JsonObject *data = json_object_new ();

  json_object_set_int_member (data, "id", (gint64) id);
  json_object_set_object_member (message, "data", data);
  return bif_call_answer (call, message);
}

static gboolean
is_authorized (BifCall * call, GError ** error)
{
  if (bif_auth_check (call->server->auth,
          bif_json_get_string (call->root, "apisecret"),
          bif_json_get_string (call->root, "token")))
    return TRUE;
  return bif_core_error_set (error, BIF_ERROR_UNAUTHORIZED);
}

static gboolean
verb_create (BifCall * call, GError ** error)
{
  BifSession *session;
  gint64 id = 0;

  if (!call->server->accepting)
    return bif_core_error_set (error, BIF_ERROR_NOT_ACCEPTING);
  if (!is_authorized (call, error))
    return FALSE;
  bif_json_get_int (call->root, "id", &id);
  session = bif_server_create_session (call->server, (guint64) id);
  if (session == NULL) {
    call->session_id = (guint64) id;    /* the reply names it */
    return bif_core_error_set (error, BIF_ERROR_SESSION_CONFLICT);
  }
  bif_session_claim (session, call->client);
  return answer_id (call, bif_session_id (session));
}

/* ---- with a session ---- */

static gboolean
verb_keepalive (BifCall * call, GError ** error)
{
  return bif_call_answer (call, bif_call_message (call, "ack"));
}

static gboolean
verb_claim (BifCall * call, GError ** error)
{
  bif_session_claim (call->session, call->client);
  return bif_call_success (call);
}

static gboolean
verb_destroy (BifCall * call, GError ** error)
{
  bif_server_destroy_session (call->server, call->session);
  return bif_call_success (call);
}

typedef struct
{
  const char *plugin;
  const char *opaque_id;
  BifMaybeInt loop_index;
} AttachParams;

static const BifField attach_fields[] = {
  BIF_STRING (AttachParams, plugin, BIF_REQUIRED, "package name"),
  BIF_STRING (AttachParams, opaque_id, BIF_OPTIONAL, "the caller's own name"),
  BIF_MAYBE_UINT (AttachParams, loop_index, BIF_OPTIONAL, 0, "not used"),
  { NULL },
};

static gboolean
verb_attach (BifCall * call, GError ** error)
{
  AttachParams params = { 0 };
  const char *token = bif_json_get_string (call->root, "token");
  BifHandle *handle;
  BifPlugin *plugin;

  if (!bif_fields_read (attach_fields, call->root, &params, NULL, error))
    return FALSE;
  plugin = bif_server_find_plugin (call->server, params.plugin);
  if (plugin == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_PLUGIN,
        "No such plugin '%s'", params.plugin);
    return FALSE;
  }
  if (!bif_auth_check_plugin (call->server->auth, token, params.plugin)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_UNAUTHORIZED_PLUGIN,
        "Provided token can't access plugin '%s'", params.plugin);
    return FALSE;
  }
  handle = bif_session_attach (call->session, plugin, params.opaque_id, token,
      error);
  return handle != NULL && answer_id (call, bif_handle_id (handle));
}

/* ---- with a handle ---- */

static gboolean
verb_detach (BifCall * call, GError ** error)
{
  bif_call_success (call);
  bif_session_detach (call->session, call->handle);
  return TRUE;
}

static gboolean
verb_hangup (BifCall * call, GError ** error)
{
  bif_call_success (call);
  bif_handle_hangup (call->handle, "Janus API");
  return TRUE;
}

static gboolean
verb_trickle (BifCall * call, GError ** error)
{
  gboolean one = json_object_has_member (call->root, "candidate");
  gboolean many = json_object_has_member (call->root, "candidates");

  if (!one && !many) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (candidate|candidates)");
    return FALSE;
  }
  if (one && many) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_JSON,
        "Can't have both candidate and candidates");
    return FALSE;
  }
  return bif_handle_trickle (call->handle, call->root, error)
      && bif_call_answer (call, bif_call_message (call, "ack"));
}

static const BifVerb verbs[] = {
  { "info", BIF_LEVEL_ROOT, verb_info },
  { "ping", BIF_LEVEL_ROOT, verb_ping },
  { "create", BIF_LEVEL_ROOT, verb_create },
  { "keepalive", BIF_LEVEL_SESSION | BIF_LEVEL_HANDLE, verb_keepalive },
  { "claim", BIF_LEVEL_SESSION | BIF_LEVEL_HANDLE, verb_claim },
  { "attach", BIF_LEVEL_SESSION, verb_attach },
  { "destroy", BIF_LEVEL_SESSION, verb_destroy },
  { "detach", BIF_LEVEL_HANDLE, verb_detach },
  { "hangup", BIF_LEVEL_HANDLE, verb_hangup },
  { "message", BIF_LEVEL_HANDLE, bif_verb_message },
  { "trickle", BIF_LEVEL_HANDLE, verb_trickle },
  { NULL },
};

static gboolean
run_at_root (BifCall * call, GError ** error)
{
  const BifVerb *verb = bif_call_find_verb (verbs, call->janus);

  if (verb == NULL || !(verb->levels & BIF_LEVEL_ROOT))
    return bif_call_fail_path (call, error);
  return verb->func (call, error);
}

static gboolean
find_target (BifCall * call, GError ** error)
{
  if (call->session_id == 0)
    return bif_core_error_set (error, BIF_ERROR_NO_SUCH_SESSION);
  if (call->has_handle_id && call->handle_id == 0)
    return bif_core_error_set (error, BIF_ERROR_NO_SUCH_HANDLE);
  if (!is_authorized (call, error) || !bif_call_find_session (call, error))
    return FALSE;
  bif_session_touch (call->session);
  return call->handle_id == 0 || bif_call_find_handle (call, error);
}

static gboolean
run_with_session (BifCall * call, GError ** error)
{
  const BifVerb *verb;

  if (!find_target (call, error))
    return FALSE;
  verb = bif_call_find_verb (verbs, call->janus);
  if (verb == NULL || verb->levels == BIF_LEVEL_ROOT) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_UNKNOWN_REQUEST,
        "Unknown request '%s'", call->janus);
    return FALSE;
  }
  if (!(verb->levels & bif_call_level (call)))
    return bif_call_fail_path (call, error);
  return verb->func (call, error);
}

static gboolean
run (BifCall * call, JsonNode * message, GError ** error)
{
  if (!bif_call_read (call, message, error))
    return FALSE;
  if (call->session_id == 0 && call->handle_id == 0)
    return run_at_root (call, error);
  return run_with_session (call, error);
}

void
bif_server_receive (BifServer * self, BifClient * client, JsonNode * message)
{
  g_autoptr (GError) error = NULL;
  BifCall call = {.server = self,.client = client };

  if (self->stopped)
    return;
  if (!run (&call, message, &error))
    bif_call_send_error (&call, error);
  bif_call_clear (&call);
}
