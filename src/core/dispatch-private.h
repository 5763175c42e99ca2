/* dispatch-private.h: one request on its way, for the files that answer them.
 * Main thread. */
#pragma once

#include "core/server-private.h"
#include "core/session-private.h"

G_BEGIN_DECLS

/**
 * BifCall: one request. Session and handle are held while it is answered.
 * @session_id: as sent; 0 where absent
 */
typedef struct
{
  BifServer *server;
  BifClient *client;
  JsonObject *root;
  const char *janus;            /* the verb */
  const char *transaction;      /* NULL until validated */
  guint64 session_id;
  guint64 handle_id;
  gboolean has_handle_id;       /* some "handle_id" came, of any type */
  BifSession *session;
  BifHandle *handle;
} BifCall;

typedef gboolean (*BifVerbFunc) (BifCall * call, GError ** error);

/* Levels a verb belongs to. */
typedef enum
{
  BIF_LEVEL_ROOT = 1 << 0,
  BIF_LEVEL_SESSION = 1 << 1,
  BIF_LEVEL_HANDLE = 1 << 2,
} BifLevel;

typedef struct
{
  const char *name;
  guint levels;                 /* of BifLevel */
  BifVerbFunc func;             /* NULL ends a table */
} BifVerb;

/* Without regard to case. NULL where unknown. */
const BifVerb *bif_call_find_verb (const BifVerb * verbs, const char *name);
BifLevel bif_call_level (BifCall * call);

/* Reads "janus", "transaction", "id" and the ids. */
gboolean bif_call_read (BifCall * call, JsonNode * message, GError ** error);
void bif_call_clear (BifCall * call);
/* "No such session N", "No such handle H in session S". */
gboolean bif_call_find_session (BifCall * call, GError ** error);
gboolean bif_call_find_handle (BifCall * call, GError ** error);
gboolean bif_call_fail_path (BifCall * call, GError ** error);

/* Returns: (transfer full): with the call's session id and transaction */
JsonObject *bif_call_message (BifCall * call, const char *janus);
/* @message: (transfer full). Returns TRUE. */
gboolean bif_call_answer (BifCall * call, JsonObject * message);
gboolean bif_call_success (BifCall * call);
void bif_call_send_error (BifCall * call, const GError * error);

/* message.c: the verb "message" */
gboolean bif_verb_message (BifCall * call, GError ** error);

G_END_DECLS
