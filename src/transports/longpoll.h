/* longpoll.h: events of a session, for those who poll over HTTP
 * (transports.md 2.3). Main thread. */
#pragma once

#include <libsoup/soup.h>
#include "core/transport.h"

G_BEGIN_DECLS

typedef struct _BifHttp BifHttp;

#define BIF_TYPE_LONG_POLL (bif_long_poll_get_type ())
G_DECLARE_FINAL_TYPE (BifLongPoll, bif_long_poll, BIF, LONG_POLL, BifClient)

/* Stands in @http's queues until the session ends or goes elsewhere. */
BifLongPoll *bif_long_poll_new (BifHttp * http, guint64 session_id);

/* Answers @message at once where events wait, or when one comes, or in 30 s.
 * @max_events: 1: one bare object; more: an array */
void bif_long_poll_wait (BifLongPoll * self, SoupServerMessage * message,
    guint max_events);
/* Polls that wait get a keepalive; the queue is emptied. Idempotent. */
void bif_long_poll_close (BifLongPoll * self);

G_END_DECLS
