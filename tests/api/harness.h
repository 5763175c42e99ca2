/* harness.h: a server in this process on free loopback ports, and clients to
 * drive it with. All waiting is for a condition, under a watchdog. */
#pragma once

#include <libsoup/soup.h>
#include "core/server.h"
#include "transports/http.h"
#include "transports/websocket.h"

typedef struct
{
  BifServer *server;
  BifHttp *http;
  BifWebsocket *websocket;
  SoupSession *session;
} TestServer;

/* Pairs of "file:group.key" and value, ended by NULL; file: core, http, ws. */
TestServer *test_server_new (const char *key, ...);
/* Stops it, and waits until the last bit of it is gone. */
void test_server_free (TestServer * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestServer, test_server_free)

typedef gboolean (*TestCondition) (gpointer data);
void test_wait (TestCondition condition, gpointer data);

/* ---- HTTP ---- */

typedef struct
{
  guint status;                 /* 0: the connection was closed */
  SoupMessageHeaders *headers;
  char *text;
  JsonNode *json;               /* NULL where the text is none */
  gboolean done;
} TestResponse;

void test_response_free (TestResponse * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestResponse, test_response_free)

/* @headers: "Name: value" lines (nullable) */
TestResponse *test_http_start (TestServer * self, const char *method,
    const char *path, const char *body, const char *headers, gboolean admin);
TestResponse *test_http (TestServer * self, const char *method,
    const char *path, const char *body);
void test_response_wait (TestResponse * self);

/* ---- WebSocket ---- */

typedef struct
{
  SoupWebsocketConnection *connection;  /* NULL: refused */
  GQueue messages;              /* of JsonNode */
  gboolean opened;
  gboolean closed;
} TestSocket;

TestSocket *test_socket_new (TestServer * self, gboolean admin,
    const char *protocol);
void test_socket_free (TestSocket * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestSocket, test_socket_free)

void test_socket_send (TestSocket * self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
/* The next message as compact text; waits for it. */
char *test_socket_next (TestSocket * self);
/* Sends, and takes the next message. */
char *test_socket_ask (TestSocket * self, const char *format, ...)
    G_GNUC_PRINTF (2, 3);
void test_socket_expect (TestSocket * self, const char *text);
void test_socket_wait_closed (TestSocket * self);

guint64 test_create (TestSocket * socket);
guint64 test_attach (TestSocket * socket, guint64 session,
    const char *package);
/* "code" of an error message's text; 0 where it is none. */
int test_error_code (const char *text);
/* A raw connection to a port. */
GSocketConnection *test_connect (guint port);
