/* admin-tokens.c: Admin requests about stored tokens. Main thread. */
#include "core/admin.h"
#include "core/error.h"

typedef struct
{
  const char *token;
  JsonArray *plugins;
} TokenParams;

static const BifField token_fields[] = {
  BIF_STRING (TokenParams, token, BIF_REQUIRED, "the token"),
  { NULL },
};

static const BifField add_fields[] = {
  BIF_STRING (TokenParams, token, BIF_REQUIRED, "the token"),
  BIF_ARRAY (TokenParams, plugins, BIF_OPTIONAL, "package names; all if none"),
  { NULL },
};

static gboolean
check_stored (BifCall * call, GError ** error)
{
  if (bif_auth_stores_tokens (call->server->auth))
    return TRUE;
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_UNKNOWN,
      "Stored-Token based authentication disabled");
  return FALSE;
}

/* Package name of an element; NULL where there is no such plugin. */
static const char *
plugin_name (BifCall * call, JsonArray * plugins, guint index)
{
  JsonNode *node = json_array_get_element (plugins, index);

  if (json_node_get_value_type (node) != G_TYPE_STRING
      || bif_server_find_plugin (call->server,
          json_node_get_string (node)) == NULL)
    return NULL;
  return json_node_get_string (node);
}

static JsonArray *
allowed_plugins (BifCall * call, const char *token)
{
  const GPtrArray *plugins =
      bif_auth_token_plugins (call->server->auth, token);
  JsonArray *array = json_array_new ();

  for (guint i = 0; plugins != NULL && i < plugins->len; i++)
    json_array_add_string_element (array, plugins->pdata[i]);
  return array;
}

static gboolean
answer_plugins (BifCall * call, const char *token)
{
  JsonObject *message = bif_call_message (call, "success");
  JsonObject *data = json_object_new ();

  json_object_set_array_member (data, "plugins",
      allowed_plugins (call, token));
  json_object_set_object_member (message, "data", data);
  return bif_call_answer (call, message);
}

static gboolean
verb_add_token (BifCall * call, GError ** error)
{
  BifServer *server = call->server;
  TokenParams params = { 0 };
  guint size;

  if (!check_stored (call, error)
      || !bif_fields_read (add_fields, call->root, &params, NULL, error))
    return FALSE;
  bif_auth_add_token (server->auth, params.token);
  size = params.plugins != NULL ? json_array_get_length (params.plugins) : 0;
  for (guint i = 0; i < size; i++) {
    const char *name = plugin_name (call, params.plugins, i);

    if (name != NULL)
      bif_auth_allow (server->auth, params.token, name);
  }
  for (guint i = 0; size == 0 && i < server->plugins->len; i++)
    bif_auth_allow (server->auth, params.token,
        bif_plugin_info (server->plugins->pdata[i])->package);
  return answer_plugins (call, params.token);
}

/* Nothing is changed unless all of it can be. */
static gboolean
read_change (BifCall * call, TokenParams * params, GError ** error)
{
  JsonNode *plugins;

  if (!check_stored (call, error)
      || !bif_fields_read (token_fields, call->root, params, NULL, error))
    return FALSE;
  if (!bif_auth_has_token (call->server->auth, params->token)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_TOKEN,
        "Token %s not found", params->token);
    return FALSE;
  }
  plugins = json_object_get_member (call->root, "plugins");
  if (plugins == NULL || !JSON_NODE_HOLDS_ARRAY (plugins)
      || json_array_get_length (json_node_get_array (plugins)) == 0) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
        "Invalid element type (plugins should be a non-empty array)");
    return FALSE;
  }
  params->plugins = json_node_get_array (plugins);
  for (guint i = 0; i < json_array_get_length (params->plugins); i++) {
    if (plugin_name (call, params->plugins, i) == NULL) {
      g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
          "Invalid element type (some of the provided plugins are invalid)");
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
change_token (BifCall * call, gboolean allow, GError ** error)
{
  BifAuth *auth = call->server->auth;
  TokenParams params = { 0 };

  if (!read_change (call, &params, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (params.plugins); i++) {
    const char *name = plugin_name (call, params.plugins, i);

    if (allow)
      bif_auth_allow (auth, params.token, name);
    else
      bif_auth_disallow (auth, params.token, name);
  }
  return answer_plugins (call, params.token);
}

static gboolean
verb_allow_token (BifCall * call, GError ** error)
{
  return change_token (call, TRUE, error);
}

static gboolean
verb_disallow_token (BifCall * call, GError ** error)
{
  return change_token (call, FALSE, error);
}

static gboolean
verb_remove_token (BifCall * call, GError ** error)
{
  TokenParams params = { 0 };

  if (!check_stored (call, error)
      || !bif_fields_read (token_fields, call->root, &params, NULL, error))
    return FALSE;
  if (!bif_auth_remove_token (call->server->auth, params.token)) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_UNKNOWN,
        "Error removing token");
    return FALSE;
  }
  return bif_call_success (call);
}

static gboolean
verb_list_tokens (BifCall * call, GError ** error)
{
  g_autoptr (GList) tokens = NULL;
  JsonObject *message, *data;
  JsonArray *list;

  if (!check_stored (call, error))
    return FALSE;
  tokens = bif_auth_tokens (call->server->auth);
  list = json_array_new ();
  for (GList * l = tokens; l != NULL; l = l->next) {
    g_autoptr (JsonArray) plugins = allowed_plugins (call, l->data);
    JsonObject *entry;

    /* As the reference does: who may use no plugin is not listed. */
    if (json_array_get_length (plugins) == 0)
      continue;
    entry = json_object_new ();
    json_object_set_string_member (entry, "token", l->data);
    json_object_set_array_member (entry, "allowed_plugins",
        g_steal_pointer (&plugins));
    json_array_add_object_element (list, entry);
  }
  message = bif_call_message (call, "success");
  data = json_object_new ();
  json_object_set_array_member (data, "tokens", list);
  json_object_set_object_member (message, "data", data);
  return bif_call_answer (call, message);
}

const BifVerb bif_admin_token_verbs[] = {
  { "add_token", BIF_LEVEL_ROOT, verb_add_token },
  { "allow_token", BIF_LEVEL_ROOT, verb_allow_token },
  { "disallow_token", BIF_LEVEL_ROOT, verb_disallow_token },
  { "remove_token", BIF_LEVEL_ROOT, verb_remove_token },
  { "list_tokens", BIF_LEVEL_ROOT, verb_list_tokens },
  { NULL },
};
