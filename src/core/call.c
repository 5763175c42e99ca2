/* call.c: what requests of the Janus API and of the Admin API have in common:
 * envelope, ids, answers. Main thread. */
#include "base/json.h"
#include "core/dispatch-private.h"
#include "core/error.h"

typedef struct
{
  const char *transaction;
  const char *janus;
  BifMaybeInt id;
} Envelope;

static const BifField envelope_fields[] = {
  BIF_STRING (Envelope, transaction, BIF_REQUIRED, "echoed in the reply"),
  BIF_STRING (Envelope, janus, BIF_REQUIRED, "verb"),
  BIF_MAYBE_UINT (Envelope, id, BIF_OPTIONAL, 0, "session id to create"),
  { NULL },
};

const BifVerb *
bif_call_find_verb (const BifVerb * verbs, const char *name)
{
  for (; verbs->func != NULL; verbs++) {
    if (g_ascii_strcasecmp (verbs->name, name) == 0)
      return verbs;
  }
  return NULL;
}

/* An id of another type than integer is no id. */
static guint64
read_id (JsonObject * root, const char *name)
{
  gint64 id = 0;

  bif_json_get_int (root, name, &id);
  return (guint64) id;
}

gboolean
bif_call_read (BifCall * call, JsonNode * message, GError ** error)
{
  Envelope envelope = { 0 };
  JsonNode *handle_id;

  if (message != NULL && JSON_NODE_HOLDS_OBJECT (message))
    call->root = json_node_get_object (message);
  if (!bif_fields_read (envelope_fields, call->root, &envelope, NULL, error))
    return FALSE;

  call->transaction = envelope.transaction;
  call->janus = envelope.janus;
  call->session_id = read_id (call->root, "session_id");
  call->handle_id = read_id (call->root, "handle_id");
  handle_id = json_object_get_member (call->root, "handle_id");
  call->has_handle_id = handle_id != NULL && !JSON_NODE_HOLDS_NULL (handle_id);
  return TRUE;
}

void
bif_call_clear (BifCall * call)
{
  g_clear_object (&call->handle);
  g_clear_object (&call->session);
}

BifLevel
bif_call_level (BifCall * call)
{
  if (call->handle != NULL)
    return BIF_LEVEL_HANDLE;
  return call->session != NULL ? BIF_LEVEL_SESSION : BIF_LEVEL_ROOT;
}

gboolean
bif_call_find_session (BifCall * call, GError ** error)
{
  BifSession *session =
      bif_server_find_session (call->server, call->session_id);

  if (session == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_SESSION,
        "No such session %" G_GUINT64_FORMAT, call->session_id);
    return FALSE;
  }
  call->session = g_object_ref (session);
  return TRUE;
}

gboolean
bif_call_find_handle (BifCall * call, GError ** error)
{
  BifHandle *handle = bif_session_find_handle (call->session, call->handle_id);

  if (handle == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_HANDLE,
        "No such handle %" G_GUINT64_FORMAT " in session %" G_GUINT64_FORMAT,
        call->handle_id, call->session_id);
    return FALSE;
  }
  call->handle = g_object_ref (handle);
  return TRUE;
}

gboolean
bif_call_fail_path (BifCall * call, GError ** error)
{
  g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_PATH,
      "Unhandled request '%s' at this path", call->janus);
  return FALSE;
}

JsonObject *
bif_call_message (BifCall * call, const char *janus)
{
  return bif_core_message (janus, call->session_id, call->transaction);
}

gboolean
bif_call_answer (BifCall * call, JsonObject * message)
{
  bif_client_take (call->client, message);
  return TRUE;
}

gboolean
bif_call_success (BifCall * call)
{
  return bif_call_answer (call, bif_call_message (call, "success"));
}

void
bif_call_send_error (BifCall * call, const GError * error)
{
  bif_client_take (call->client,
      bif_core_error_message (call->session_id, call->transaction, error));
}
