/* http-request.c: paths, methods and statuses of the HTTP API (transports.md
 * section 2). What a request says is the core's to judge. Main thread. */
#include "core/error.h"
#include "transports/http-private.h"

#include <openssl/rand.h>
#include <string.h>

#define BODY_MAX (1024 * 1024)
#define COMPONENTS_MAX 2        /* session, handle */

/* One request on its way through the checks. */
typedef struct
{
  BifHttp *http;
  BifHttpEndpoint *endpoint;
  SoupServerMessage *message;
  const char *method;
  GHashTable *query;            /* (nullable) */
  char **components;            /* of the path, behind the base path */
  guint n_components;
} Request;

/* ---- answers ---- */

static void
set_status (Request * request, guint status)
{
  soup_server_message_set_status (request->message, status, NULL);
}

static void
answer_error (Request * request, BifErrorCode code, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static void
answer_error (Request * request, BifErrorCode code, const char *format, ...)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) json = NULL;
  va_list args;

  va_start (args, format);
  error = g_error_new_valist (BIF_ERROR, code, format, args);
  va_end (args);
  json = bif_core_error_message (0, NULL, error);
  bif_http_answer (request->http, request->message, json);
}

static void
add_cors_headers (BifHttp * self, SoupServerMessage * message)
{
  SoupMessageHeaders *in = soup_server_message_get_request_headers (message);
  SoupMessageHeaders *out = soup_server_message_get_response_headers (message);
  const char *origin = self->settings.cors.allow_origin;
  const char *method =
      soup_message_headers_get_one (in, "Access-Control-Request-Method");
  const char *headers =
      soup_message_headers_get_list (in, "Access-Control-Request-Headers");

  soup_message_headers_replace (out, "Access-Control-Allow-Origin",
      origin != NULL ? origin : "*");
  soup_message_headers_replace (out, "Access-Control-Max-Age", "86400");
  if (origin != NULL) {
    soup_message_headers_replace (out, "Access-Control-Allow-Credentials",
        "true");
    soup_message_headers_replace (out, "Vary", "Origin");
  }
  if (method != NULL)
    soup_message_headers_replace (out, "Access-Control-Allow-Methods", method);
  if (headers != NULL)
    soup_message_headers_replace (out, "Access-Control-Allow-Headers",
        headers);
}

static gboolean
may_come_from_there (BifHttp * self, SoupServerMessage * message)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);
  const char *origin = soup_message_headers_get_one (headers, "Origin");

  if (!self->settings.cors.enforce)
    return TRUE;
  if (origin == NULL)
    origin = soup_message_headers_get_one (headers, "Referer");
  return origin != NULL
      && g_str_has_prefix (origin, self->settings.cors.allow_origin);
}

/* ---- requests with a body ---- */

static guint64
component_id (Request * request, guint index)
{
  guint64 id = 0;

  if (index < request->n_components)
    g_ascii_string_to_unsigned (request->components[index], 10, 0, G_MAXINT64,
        &id, NULL);
  return id;
}

/* The path's id into the body; both, and different, is an error. */
static gboolean
merge_id (Request * request, JsonObject * root, guint index, const char *name,
    const char *what)
{
  guint64 id = component_id (request, index);
  gint64 own;

  if (id == 0)
    return TRUE;
  if (bif_json_get_int (root, name, &own) && own != 0) {
    if ((guint64) own == id)
      return TRUE;
    answer_error (request, BIF_ERROR_INVALID_PATH,
        "Conflicting %s ID (payload and path)", what);
    return FALSE;
  }
  json_object_set_int_member (root, name, (gint64) id);
  return TRUE;
}

static void
hand_over (Request * request, JsonNode * node)
{
  g_autoptr (BifHttpClient) client =
      bif_http_client_new (request->http, request->message);
  BifServer *server = request->http->server;

  if (request->endpoint->admin)
    bif_server_receive_admin (server, BIF_CLIENT (client), node);
  else
    bif_server_receive (server, BIF_CLIENT (client), node);
  bif_http_client_wait (client);
}

static void
handle_body (Request * request, const char *body, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = bif_json_parse (body, size, NULL, &error);
  JsonObject *root;

  if (node == NULL) {
    answer_error (request, BIF_ERROR_INVALID_JSON, "%s", error->message);
    return;
  }
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    answer_error (request, BIF_ERROR_INVALID_JSON_OBJECT,
        "JSON error: not an object");
    return;
  }
  root = json_node_get_object (node);
  if (merge_id (request, root, 0, "session_id", "session")
      && merge_id (request, root, 1, "handle_id", "handle"))
    hand_over (request, node);
}

static gboolean
is_shortcut (Request * request, const char *name)
{
  return request->n_components == 1
      && g_str_equal (request->components[0], name);
}

static void
handle_post (Request * request)
{
  SoupMessageBody *body =
      soup_server_message_get_request_body (request->message);
  g_autoptr (GBytes) bytes = NULL;
  const char *data;
  gsize size;

  if (is_shortcut (request, "ping")
      || (is_shortcut (request, "info") && !request->endpoint->admin)) {
    set_status (request, SOUP_STATUS_BAD_REQUEST);
    return;
  }
  if (is_shortcut (request, "info")) {
    answer_error (request, BIF_ERROR_TRANSPORT_SPECIFIC,
        "Use GET for the info endpoint");
    return;
  }
  bytes = soup_message_body_flatten (body);
  data = g_bytes_get_data (bytes, &size);
  if (size > 0)
    handle_body (request, data, size);
  else if (request->endpoint->admin)
    answer_error (request, BIF_ERROR_INVALID_JSON, "Request payload missing");
  else
    bif_listener_drop (request->message);
}

/* ---- requests without ---- */

static void
fill_random_text (char *text, gsize size)
{
  static const char letters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

  if (RAND_bytes ((guchar *) text, size - 1) != 1)
    memset (text, 0, size);
  for (gsize i = 0; i < size - 1; i++)
    text[i] = letters[(guchar) text[i] % (sizeof letters - 1)];
  text[size - 1] = '\0';
}

static void
handle_shortcut (Request * request)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autoptr (JsonObject) root = json_object_new ();
  char transaction[12];

  fill_random_text (transaction, sizeof transaction);
  json_object_set_string_member (root, "janus", request->components[0]);
  json_object_set_string_member (root, "transaction", transaction);
  json_node_set_object (node, root);
  hand_over (request, node);
}

static const char *
query_value (Request * request, const char *name)
{
  return request->query != NULL
      ? g_hash_table_lookup (request->query, name) : NULL;
}

static guint
query_max_events (Request * request)
{
  const char *text = query_value (request, "maxev");
  gint64 number = text != NULL ? g_ascii_strtoll (text, NULL, 10) : 1;

  return (guint) CLAMP (number, 1, G_MAXINT);
}

static void
redirect_to_session (Request * request, guint64 id)
{
  g_autofree char *location = g_strdup_printf ("%s/%" G_GUINT64_FORMAT,
      request->endpoint->base_path, id);
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (request->message);

  soup_message_headers_replace (headers, "Location", location);
  set_status (request, SOUP_STATUS_FOUND);
}

static void
handle_poll (Request * request)
{
  BifHttp *self = request->http;
  guint64 id = component_id (request, 0);
  BifLongPoll *queue;

  if (id == 0) {
    set_status (request, SOUP_STATUS_NOT_FOUND);
    return;
  }
  if (!bif_server_is_authorized (self->server,
          query_value (request, "apisecret"),
          query_value (request, "token"))) {
    set_status (request, SOUP_STATUS_FORBIDDEN);
    return;
  }
  queue = g_hash_table_lookup (self->queues, &id);
  if (!bif_server_has_session (self->server, id) || queue == NULL) {
    set_status (request, SOUP_STATUS_NOT_FOUND);
    return;
  }
  bif_server_touch_session (self->server, id);
  if (request->n_components > 1)
    redirect_to_session (request, id);
  else
    bif_long_poll_wait (queue, request->message, query_max_events (request));
}

static void
handle_get (Request * request)
{
  if (is_shortcut (request, "info") || is_shortcut (request, "ping"))
    handle_shortcut (request);
  else if (request->endpoint->admin)
    answer_error (request, BIF_ERROR_INVALID_JSON, "Request payload missing");
  else if (request->n_components == 0)
    set_status (request, SOUP_STATUS_NOT_FOUND);
  else
    handle_poll (request);
}

/* ---- paths ---- */

/* What follows the base path in @path, whatever stands before it; NULL where
 * it is not there. */
static const char *
behind_base_path (const char *path, const char *base)
{
  gsize size = strlen (base);

  for (const char *p = path; p != NULL; p = strchr (p + 1, '/')) {
    if (strncmp (p, base, size) == 0 && (p[size] == '/' || p[size] == '\0'))
      return p + size;
  }
  return NULL;
}

static char **
split_path (const char *rest)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) parts = g_strsplit (rest, "/", -1);

  for (guint i = 0; parts[i] != NULL; i++) {
    if (*parts[i] != '\0')
      g_strv_builder_add (builder, parts[i]);
  }
  return g_strv_builder_end (builder);
}

static void
handle_api (Request * request, const char *rest)
{
  g_auto (GStrv) components = split_path (rest);

  request->components = components;
  request->n_components = g_strv_length (components);
  if (request->n_components > COMPONENTS_MAX)
    set_status (request, SOUP_STATUS_NOT_FOUND);
  else if (g_str_equal (request->method, SOUP_METHOD_GET))
    handle_get (request);
  else if (g_str_equal (request->method, SOUP_METHOD_POST))
    handle_post (request);
  else
    answer_error (request, BIF_ERROR_TRANSPORT_SPECIFIC,
        "Unsupported method %s", request->method);
}

/* The body was more than we take, and was thrown away. */
static void
refuse_large (Request * request)
{
  soup_message_headers_replace (soup_server_message_get_response_headers
      (request->message), "Connection", "close");
  set_status (request, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE);
}

static GQuark
large_quark (void)
{
  return g_quark_from_static_string ("bif-http-large");
}

void
bif_http_handle_request (SoupServer * soup, SoupServerMessage * message,
    const char *path, GHashTable * query, gpointer user_data)
{
  BifHttpEndpoint *endpoint = user_data;
  BifHttp *self = endpoint->http;
  Request request = { self, endpoint, message,
    soup_server_message_get_method (message), query, NULL, 0
  };
  const char *rest = behind_base_path (path, endpoint->base_path);

  if (!bif_listener_allows (endpoint->listener, message)) {
    bif_listener_drop (message);
    return;
  }
  add_cors_headers (self, message);
  if (g_object_get_qdata (G_OBJECT (message), large_quark ()) != NULL)
    refuse_large (&request);
  else if (!may_come_from_there (self, message))
    set_status (&request, SOUP_STATUS_FORBIDDEN);
  else if (g_str_equal (request.method, SOUP_METHOD_OPTIONS))
    set_status (&request, SOUP_STATUS_OK);
  else if (rest != NULL)
    handle_api (&request, rest);
  else if (!endpoint->admin && self->files != NULL)
    bif_static_handle (self->files, message, path);
  else
    set_status (&request, SOUP_STATUS_NOT_FOUND);
}

/* ---- large bodies ---- */

static void
throw_body_away (SoupServerMessage * message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  g_object_set_qdata (G_OBJECT (message), large_quark (), message);
  soup_message_body_set_accumulate (body, FALSE);
  soup_message_body_truncate (body);
}

static void
count_chunk (SoupServerMessage * message, GBytes * chunk, gpointer user_data)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  if (body->length > BODY_MAX
      && g_object_get_qdata (G_OBJECT (message), large_quark ()) == NULL)
    throw_body_away (message);
}

/* Once the headers are there. How long a body may take is the listener's. */
void
bif_http_check_headers (SoupServer * soup, SoupServerMessage * message,
    const char *path, GHashTable * query, gpointer user_data)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_request_headers (message);
  SoupEncoding encoding = soup_message_headers_get_encoding (headers);

  if (encoding == SOUP_ENCODING_CONTENT_LENGTH) {
    if (soup_message_headers_get_content_length (headers) > BODY_MAX)
      throw_body_away (message);
  } else if (encoding != SOUP_ENCODING_NONE) {
    g_signal_connect (message, "got-chunk", G_CALLBACK (count_chunk), NULL);
  }
}
