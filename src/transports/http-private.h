/* http-private.h: what the HTTP transport's files share. Main thread. */
#pragma once

#include "transports/http.h"
#include "transports/longpoll.h"
#include "transports/static.h"

G_BEGIN_DECLS

typedef struct
{
  BifHttp *http;                /* plain */
  BifListener *listener;        /* NULL where it is not enabled */
  const char *base_path;        /* of the settings */
  const char *name;             /* in the "connections" query */
  gboolean admin;
} BifHttpEndpoint;

struct _BifHttp
{
  GObject parent;

  BifHttpSettings settings;
  BifServer *server;            /* plain; NULL while stopped */
  BifHttpEndpoint endpoints[BIF_HTTP_N_ENDPOINTS];
  BifStatic *files;
  GHashTable *queues;           /* session id -> BifLongPoll, plain */
  GHashTable *waiting;          /* set of BifHttpClient whose reply is due */
};

/* One request: a client of the core that takes one message. */
#define BIF_TYPE_HTTP_CLIENT (bif_http_client_get_type ())
G_DECLARE_FINAL_TYPE (BifHttpClient, bif_http_client, BIF, HTTP_CLIENT,
    BifClient)

BifHttpClient *bif_http_client_new (BifHttp * http,
    SoupServerMessage * message);
/* Behind the call into the core: waits some seconds where the reply is not
 * there yet. */
void bif_http_client_wait (BifHttpClient * self);
/* The transport stops: the connection is closed. */
void bif_http_client_cancel (BifHttpClient * self);

/* http-request.c: handlers of SoupServer; @user_data: BifHttpEndpoint */
void bif_http_check_headers (SoupServer * soup, SoupServerMessage * message,
    const char *path, GHashTable * query, gpointer user_data);
void bif_http_handle_request (SoupServer * soup, SoupServerMessage * message,
    const char *path, GHashTable * query, gpointer user_data);

/* Writes @message as the answer, status 200. */
void bif_http_answer (BifHttp * self, SoupServerMessage * message,
    JsonObject * json);

G_END_DECLS
