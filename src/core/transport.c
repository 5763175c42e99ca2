/* transport.c: transports and their clients as the core sees them. Main
 * thread. */
#include "core/transport.h"
#include "base/error.h"
#include "base/field.h"
#include "core/session-private.h"

typedef struct
{
  BifTransport *transport;      /* plain: it outlives us */
  GQueue sessions;              /* BifSession, plain; linked by the sessions */
  gboolean gone;
} BifClientPrivate;

G_DEFINE_INTERFACE (BifTransport, bif_transport, G_TYPE_OBJECT)
G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (BifClient, bif_client, G_TYPE_OBJECT)

static void
bif_transport_default_init (BifTransportInterface * iface)
{
}

const BifTransportInfo *
bif_transport_info (BifTransport * self)
{
  return BIF_TRANSPORT_GET_IFACE (self)->info (self);
}

gboolean
bif_transport_start (BifTransport * self, BifServer * server, GError ** error)
{
  return BIF_TRANSPORT_GET_IFACE (self)->start (self, server, error);
}

void
bif_transport_stop (BifTransport * self)
{
  BIF_TRANSPORT_GET_IFACE (self)->stop (self);
}

JsonObject *
bif_transport_query (BifTransport * self, JsonObject * request)
{
  BifTransportInterface *iface = BIF_TRANSPORT_GET_IFACE (self);

  return iface->query != NULL ? iface->query (self, request) : NULL;
}

/* Numbers of transports' own, inside of a response. */
enum
{
  QUERY_UNKNOWN_REQUEST = 411,
  QUERY_MISSING_ELEMENT = 412,
  QUERY_INVALID_ELEMENT = 413,
};

typedef struct
{
  const char *request;
  BifMaybeBool events;
  const char *json;
} QueryParams;

static const BifField query_fields[] = {
  BIF_STRING (QueryParams, request, BIF_REQUIRED, "what is asked"),
  BIF_MAYBE_BOOL (QueryParams, events, BIF_OPTIONAL, "events to handlers"),
  BIF_STRING (QueryParams, json, BIF_OPTIONAL, "style of replies"),
  { NULL },
};

static JsonObject *
query_error (int number, const char *text)
{
  JsonObject *response = json_object_new ();

  json_object_set_int_member (response, "error_code", number);
  json_object_set_string_member (response, "error", text);
  return response;
}

JsonObject *
bif_transport_answer_query (JsonObject * request, BifJsonStyle * style,
    JsonObject * connections)
{
  QueryParams params = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  JsonObject *response;

  if (connections != NULL)
    return connections;
  if (!bif_fields_read (query_fields, request, &params, NULL, &error))
    return query_error (error->code == BIF_ERROR_MISSING_ELEMENT
        ? QUERY_MISSING_ELEMENT : QUERY_INVALID_ELEMENT, error->message);
  if (g_ascii_strcasecmp (params.request, "configure") != 0) {
    text = g_strdup_printf ("Unknown request '%s'", params.request);
    return query_error (QUERY_UNKNOWN_REQUEST, text);
  }
  *style = bif_json_style_from_string (params.json, *style);
  response = json_object_new ();
  json_object_set_int_member (response, "result", 200);
  return response;
}

static void
bif_client_class_init (BifClientClass * klass)
{
}

static void
bif_client_init (BifClient * self)
{
  BifClientPrivate *priv = bif_client_get_instance_private (self);

  g_queue_init (&priv->sessions);
}

void
bif_client_setup (BifClient * self, BifTransport * transport)
{
  BifClientPrivate *priv = bif_client_get_instance_private (self);

  priv->transport = transport;
}

const char *
bif_client_package (BifClient * self)
{
  BifClientPrivate *priv = bif_client_get_instance_private (self);

  return priv->transport != NULL
      ? bif_transport_info (priv->transport)->package : NULL;
}

void
bif_client_send (BifClient * self, JsonObject * message)
{
  BifClientPrivate *priv = bif_client_get_instance_private (self);

  if (!priv->gone)
    BIF_CLIENT_GET_CLASS (self)->send (self, message);
}

void
bif_client_take (BifClient * self, JsonObject * message)
{
  bif_client_send (self, message);
  json_object_unref (message);
}

gboolean
bif_client_is_gone (BifClient * self)
{
  BifClientPrivate *priv = bif_client_get_instance_private (self);

  return priv->gone;
}

GQueue *
bif_client_sessions (BifClient * self)
{
  BifClientPrivate *priv = bif_client_get_instance_private (self);

  return &priv->sessions;
}

BifClient *
bif_client_events (BifClient * self, guint64 session_id)
{
  BifClientClass *klass = BIF_CLIENT_GET_CLASS (self);

  return klass->events != NULL
      ? klass->events (self, session_id) : g_object_ref (self);
}

void
bif_client_session_over (BifClient * self, guint64 session_id)
{
  BifClientClass *klass = BIF_CLIENT_GET_CLASS (self);

  if (klass->session_over != NULL)
    klass->session_over (self, session_id);
}

void
bif_client_gone (BifClient * self)
{
  BifClientPrivate *priv = bif_client_get_instance_private (self);
  BifSession *session;

  g_object_ref (self);
  priv->gone = TRUE;
  /* Each one leaves the queue. */
  while ((session = g_queue_peek_head (&priv->sessions)) != NULL)
    bif_session_client_gone (session);
  g_object_unref (self);
}
