/* admin-session.c: Admin requests about one session or one handle. Main
 * thread. */
#include "core/admin.h"
#include "core/error.h"
#include "core/handle-private.h"

static gboolean
verb_list_handles (BifCall * call, GError ** error)
{
  JsonObject *message = bif_call_message (call, "success");
  JsonArray *ids = json_array_new ();
  g_autoptr (GList) handles = bif_session_handles (call->session);

  for (GList * l = handles; l != NULL; l = l->next)
    json_array_add_int_element (ids, (gint64) bif_handle_id (l->data));
  json_object_set_array_member (message, "handles", ids);
  return bif_call_answer (call, message);
}

static gboolean
verb_destroy_session (BifCall * call, GError ** error)
{
  bif_server_destroy_session (call->server, call->session);
  return bif_call_success (call);
}

typedef struct
{
  gint64 timeout;
} TimeoutParams;

static const BifField timeout_fields[] = {
  BIF_INT (TimeoutParams, timeout, BIF_REQUIRED,
      "s; 0: never, -1: as the server"),
  { NULL },
};

static gboolean
verb_set_session_timeout (BifCall * call, GError ** error)
{
  TimeoutParams params = { 0 };
  JsonObject *message;

  if (!bif_fields_read (timeout_fields, call->root, &params, NULL, error))
    return FALSE;
  if (params.timeout < -1) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
        "Invalid element type (timeout should be a non-negative integer or "
        "-1)");
    return FALSE;
  }
  bif_session_set_timeout (call->session, params.timeout);
  message = bif_core_message ("success", 0, call->transaction);
  json_object_set_int_member (message, "timeout", params.timeout);
  json_object_set_int_member (message, "session_id",
      (gint64) call->session_id);
  return bif_call_answer (call, message);
}

/* ---- handle_info ---- */

typedef struct
{
  gboolean plugin_only;
} InfoParams;

static const BifField info_fields[] = {
  BIF_BOOL (InfoParams, plugin_only, BIF_OPTIONAL, "nothing of WebRTC"),
  { NULL },
};

/* us since the server started */
static gint64
server_clock (BifCall * call, gint64 monotonic_us)
{
  return monotonic_us - call->server->start_us;
}

static void
add_session_info (BifCall * call, JsonObject * info)
{
  gint64 timeout = bif_session_timeout (call->session);
  BifClient *client = bif_session_client (call->session);

  json_object_set_int_member (info, "session_id", (gint64) call->session_id);
  json_object_set_int_member (info, "session_last_activity",
      server_clock (call, bif_session_last_activity (call->session)));
  json_object_set_int_member (info, "session_timeout", timeout >= 0 ? timeout
      : (gint64) call->server->settings->session_timeout);
  if (client != NULL && bif_client_package (client) != NULL)
    json_object_set_string_member (info, "session_transport",
        bif_client_package (client));
}

static void
add_handle_info (BifCall * call, JsonObject * info)
{
  BifHandlePrivate *priv = bif_handle_private (call->handle);
  BifHandleClass *klass = BIF_HANDLE_GET_CLASS (call->handle);
  JsonObject *specific =
      klass->query != NULL ? klass->query (call->handle) : NULL;

  json_object_set_int_member (info, "handle_id", (gint64) priv->id);
  if (priv->opaque_id != NULL)
    json_object_set_string_member (info, "opaque_id", priv->opaque_id);
  if (priv->token != NULL)
    json_object_set_string_member (info, "token", priv->token);
  json_object_set_boolean_member (info, "loop-running", TRUE);
  json_object_set_int_member (info, "created",
      server_clock (call, priv->created_us));
  json_object_set_int_member (info, "current_time",
      server_clock (call, g_get_monotonic_time ()));
  json_object_set_string_member (info, "plugin",
      bif_plugin_info (priv->plugin)->package);
  json_object_set_object_member (info, "plugin_specific",
      specific != NULL ? specific : json_object_new ());
}

static gboolean
verb_handle_info (BifCall * call, GError ** error)
{
  InfoParams params = { 0 };
  JsonObject *message, *info;

  if (!bif_fields_read (info_fields, call->root, &params, NULL, error))
    return FALSE;
  message = bif_call_message (call, "success");
  info = json_object_new ();
  json_object_set_int_member (message, "handle_id", (gint64) call->handle_id);
  add_session_info (call, info);
  add_handle_info (call, info);
  if (!params.plugin_only)
    bif_handle_peer_info (call->handle, info);
  json_object_set_object_member (message, "info", info);
  return bif_call_answer (call, message);
}

static gboolean
verb_detach_handle (BifCall * call, GError ** error)
{
  bif_call_success (call);
  bif_session_detach (call->session, call->handle);
  return TRUE;
}

static gboolean
verb_hangup_webrtc (BifCall * call, GError ** error)
{
  bif_call_success (call);
  bif_handle_hangup (call->handle, "Admin API");
  return TRUE;
}

const BifVerb bif_admin_session_verbs[] = {
  { "list_handles", BIF_LEVEL_SESSION, verb_list_handles },
  { "destroy_session", BIF_LEVEL_SESSION, verb_destroy_session },
  { "set_session_timeout", BIF_LEVEL_SESSION, verb_set_session_timeout },
  { "handle_info", BIF_LEVEL_HANDLE, verb_handle_info },
  { "detach_handle", BIF_LEVEL_HANDLE, verb_detach_handle },
  { "hangup_webrtc", BIF_LEVEL_HANDLE, verb_hangup_webrtc },
  { NULL },
};
