/* message.c: the verb "message": a body, and perhaps a jsep, for the plugin of
 * a handle. Main thread. */
#include "core/dispatch-private.h"
#include "core/error.h"
#include "core/handle-private.h"
#include "core/plugin-private.h"
#include "core/reply-private.h"

typedef struct
{
  JsonObject *body;
} MessageParams;

static const BifField message_fields[] = {
  BIF_OBJECT (MessageParams, body, BIF_REQUIRED, "for the plugin"),
  { NULL },
};

typedef struct
{
  const char *type;
  const char *sdp;
  BifMaybeBool trickle;
  const char *rid_order;
  gboolean force_relay;
  gboolean e2ee;
} JsepParams;

static const BifField jsep_fields[] = {
  BIF_STRING (JsepParams, type, BIF_REQUIRED, "offer or answer"),
  BIF_STRING (JsepParams, sdp, BIF_REQUIRED, "session description"),
  BIF_MAYBE_BOOL (JsepParams, trickle, BIF_OPTIONAL,
      "FALSE: the SDP has all candidates"),
  BIF_STRING (JsepParams, rid_order, BIF_OPTIONAL, "hml or lmh"),
  BIF_BOOL (JsepParams, force_relay, BIF_OPTIONAL, "relay candidates only"),
  BIF_BOOL (JsepParams, e2ee, BIF_OPTIONAL, "media is end-to-end encrypted"),
  { NULL },
};

static gboolean
read_type (const char *type, gboolean * is_offer, GError ** error)
{
  *is_offer = g_ascii_strcasecmp (type, "offer") == 0;
  if (*is_offer || g_ascii_strcasecmp (type, "answer") == 0)
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_UNKNOWN_JSEP,
      "JSEP error: unknown message type '%s'", type);
  return FALSE;
}

static gboolean
read_sdp (BifJsep * jsep, const JsepParams * params, GError ** error)
{
  gboolean lowest_first = g_strcmp0 (params->rid_order, "lmh") == 0;
  g_autoptr (GError) failure = NULL;

  jsep->sdp = bif_sdp_parse (params->sdp, lowest_first, &failure);
  if (jsep->sdp != NULL)
    return TRUE;
  /* What can be read but not used is another error once a PeerConnection
   * stands. */
  if (jsep->update && g_str_equal (failure->message, "Error processing SDP"))
    failure->code = BIF_ERROR_UNEXPECTED_ANSWER;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* A "svc" that is no array is ignored. */
static JsonArray *
read_svc (JsonObject * object)
{
  JsonNode *svc = json_object_get_member (object, "svc");

  return svc != NULL && JSON_NODE_HOLDS_ARRAY (svc)
      ? json_array_ref (json_node_get_array (svc)) : NULL;
}

/* @jsep: (out): NULL where none came */
static gboolean
read_jsep (BifCall * call, BifJsep ** out, GError ** error)
{
  JsonNode *node = json_object_get_member (call->root, "jsep");
  JsepParams params = { 0 };
  g_autoptr (BifJsep) jsep = NULL;

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_JSON_OBJECT,
        "Invalid jsep object");
    return FALSE;
  }
  jsep = g_new0 (BifJsep, 1);
  if (!bif_fields_read (jsep_fields, json_node_get_object (node), &params,
          "JSEP error", error)
      || !read_type (params.type, &jsep->is_offer, error))
    return FALSE;
  jsep->update = bif_handle_peer (call->handle) != NULL;
  if (!read_sdp (jsep, &params, error))
    return FALSE;
  if (!jsep->is_offer && !bif_handle_expects_answer (call->handle))
    return bif_core_error_set (error, BIF_ERROR_UNEXPECTED_ANSWER);

  jsep->trickle = !params.trickle.set || params.trickle.value;
  jsep->force_relay = params.force_relay;
  jsep->e2ee = params.e2ee;
  jsep->svc = read_svc (json_node_get_object (node));
  *out = g_steal_pointer (&jsep);
  return TRUE;
}

static void
send_ack (BifCall * call, BifPlugin * plugin)
{
  JsonObject *ack = bif_call_message (call, "ack");
  const char *hint = bif_plugin_info (plugin)->ack_hint;

  if (hint != NULL)
    json_object_set_string_member (ack, "hint", hint);
  bif_client_take (call->client, ack);
}

static void
run_request (BifCall * call, const BifRequest * request, JsonObject * body,
    BifReply * reply)
{
  g_autofree gpointer params = g_malloc0 (MAX (request->params_size, 1));
  g_autoptr (GError) error = NULL;

  if (!bif_fields_read (request->fields, body, params, NULL, &error)
      || !request->func (call->handle, params, reply, &error)) {
    if (error == NULL)
      bif_core_error_set (&error, BIF_ERROR_UNKNOWN);
    bif_reply_fail (reply, error);
  } else if (bif_reply_is_open (reply)) {
    bif_reply_finish (reply);
  }
}

gboolean
bif_verb_message (BifCall * call, GError ** error)
{
  BifPlugin *plugin = bif_handle_plugin (call->handle);
  MessageParams params = { 0 };
  g_autoptr (BifReply) reply = NULL;
  g_autoptr (GError) failure = NULL;
  const BifRequest *request;
  BifJsep *jsep = NULL;
  gboolean async;

  if (!bif_fields_read (message_fields, call->root, &params, NULL, error)
      || !read_jsep (call, &jsep, error))
    return FALSE;

  request = bif_plugin_find_request (plugin, params.body, &failure);
  async = request != NULL ? (request->flags & BIF_ASYNC) != 0
      : bif_plugin_info (plugin)->unknown_async;
  reply = bif_reply_new (call->handle, call->client, call->transaction, async,
      jsep);
  if (async)
    send_ack (call, plugin);
  if (request != NULL)
    run_request (call, request, params.body, reply);
  else
    bif_reply_fail (reply, failure);
  return TRUE;
}
