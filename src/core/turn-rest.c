/* turn-rest.c: asks a TURN REST API. Main thread. */
#include "core/turn-rest.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "base/error.h"

#define DEFAULT_PORT 3478

typedef struct
{
  SoupSession *session;
  char *url, *key;              /* key: (nullable) */
  gboolean get;                 /* or POST */
} TurnRest;

static void
turn_rest_free (gpointer data)
{
  TurnRest *self = data;

  g_object_unref (self->session);
  g_free (self->url);
  g_free (self->key);
  g_free (self);
}

/* ---- the answer ---- */

/* "turn:host:port?transport=tcp" */
static char *
read_uri (const char *text, const char *user, const char *password)
{
  gboolean tls = g_str_has_prefix (text, "turns:");
  const char *place = text + (tls ? strlen ("turns:") : strlen ("turn:"));
  const char *query = strchr (place, '?');
  const char *transport = query != NULL ? strstr (query, "transport=") : NULL;
  g_autofree char *host = g_strndup (place, strcspn (place, "?"));
  g_autoptr (GSocketConnectable) address = NULL;
  const char *type = "udp";

  if (!tls && !g_str_has_prefix (text, "turn:"))
    return NULL;
  address = g_network_address_parse (host, DEFAULT_PORT, NULL);
  if (address == NULL)
    return NULL;
  if (tls || (transport != NULL && g_str_has_prefix (transport,
              "transport=tls")))
    type = "tls";
  else if (transport != NULL && g_str_has_prefix (transport, "transport=tcp"))
    type = "tcp";
  return bif_relays_uri (g_network_address_get_hostname (G_NETWORK_ADDRESS
          (address)), g_network_address_get_port (G_NETWORK_ADDRESS (address)),
      type, user, password);
}

static const char *
read_text (JsonObject * object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_STRING
      ? json_node_get_string (node) : NULL;
}

static char **
read_uris (JsonObject * object)
{
  JsonNode *node = json_object_get_member (object, "uris");
  JsonArray *array =
      node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node)
      : NULL;
  const char *user = read_text (object, "username");
  const char *password = read_text (object, "password");
  g_autoptr (GPtrArray) uris = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; array != NULL && user != NULL && password != NULL
      && i < json_array_get_length (array); i++) {
    JsonNode *item = json_array_get_element (array, i);
    char *uri = NULL;

    if (JSON_NODE_HOLDS_VALUE (item)
        && json_node_get_value_type (item) == G_TYPE_STRING)
      uri = read_uri (json_node_get_string (item), user, password);
    if (uri != NULL)
      g_ptr_array_add (uris, uri);
  }
  if (uris->len == 0)
    return NULL;
  g_ptr_array_add (uris, NULL);
  g_ptr_array_set_free_func (uris, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&uris), FALSE);
}

static void
on_answer (GObject * session, GAsyncResult * result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SoupMessage *message = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body =
      soup_session_send_and_read_finish (SOUP_SESSION (session), result,
      &error);
  g_autoptr (JsonParser) parser = json_parser_new ();
  const char *text;
  gsize size = 0;
  char **uris = NULL;
  JsonNode *root;

  if (body == NULL) {
    g_task_return_error (task, g_steal_pointer (&error));
    return;
  }
  text = g_bytes_get_data (body, &size);
  if (SOUP_STATUS_IS_SUCCESSFUL (soup_message_get_status (message))
      && size > 0 && json_parser_load_from_data (parser, text, size, NULL)) {
    root = json_parser_get_root (parser);
    if (root != NULL && JSON_NODE_HOLDS_OBJECT (root))
      uris = read_uris (json_node_get_object (root));
  }
  if (uris != NULL)
    g_task_return_pointer (task, uris, (GDestroyNotify) g_strfreev);
  else
    g_task_return_new_error (task, BIF_ERROR, BIF_ERROR_NETWORK,
        "no relays in the answer (HTTP status %u)",
        soup_message_get_status (message));
}

/* ---- the question ---- */

static void
add_parameter (GString * query, const char *name, const char *value)
{
  g_autofree char *escaped = NULL;

  if (value == NULL)
    return;
  escaped = g_uri_escape_string (value, NULL, FALSE);
  g_string_append_printf (query, "&%s=%s", name, escaped);
}

static SoupMessage *
make_message (TurnRest * self, const char *user)
{
  g_autoptr (GString) query = g_string_new ("service=turn");
  g_autofree char *url = NULL;
  g_autoptr (GBytes) body = NULL;
  SoupMessage *message;

  add_parameter (query, "api", self->key);
  add_parameter (query, "key", self->key);
  add_parameter (query, "username", user);
  url = g_strconcat (self->url, "?", query->str, NULL);
  message = soup_message_new (self->get ? "GET" : "POST", url);
  if (message == NULL || self->get)
    return message;
  body = g_bytes_new (query->str, query->len);
  soup_message_set_request_body_from_bytes (message,
      "application/x-www-form-urlencoded", body);
  return message;
}

static void
find_async (gpointer source, const char *user, GAsyncReadyCallback callback,
    gpointer data)
{
  TurnRest *self = source;
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, data);
  SoupMessage *message = make_message (self, user);

  if (message == NULL) {
    g_task_return_new_error (task, BIF_ERROR, BIF_ERROR_NETWORK,
        "turn_rest_api is no URL");
    return;
  }
  g_task_set_task_data (task, message, g_object_unref);
  soup_session_send_and_read_async (self->session, message,
      G_PRIORITY_DEFAULT, NULL, on_answer, g_steal_pointer (&task));
}

void
bif_turn_rest_attach (const BifSettings * settings, BifRelays * relays)
{
  TurnRest *self = g_new0 (TurnRest, 1);

  self->session = soup_session_new_with_options ("timeout",
      settings->turn_rest_api_timeout, "user-agent", "Bifrons", NULL);
  self->url = g_strdup (settings->turn_rest_api);
  self->key = g_strdup (settings->turn_rest_api_key);
  self->get = g_ascii_strcasecmp (settings->turn_rest_api_method, "GET") == 0;
  bif_relays_set_source (relays, find_async, self, turn_rest_free);
}
