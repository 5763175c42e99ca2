/* longpoll.c: a queue of events and the requests that wait for them. Main
 * thread. */
#include "transports/longpoll.h"
#include "transports/http-private.h"

#define KEEPALIVE_S 30
/* Of a session that is kept alive and never polled: the oldest go first. */
#define EVENTS_MAX 1024

struct _BifLongPoll
{
  BifClient parent;

  BifHttp *http;                /* plain; it outlives the queue */
  guint64 session_id;           /* key of its table */
  GQueue events;                /* of JsonObject */
  GQueue polls;                 /* of Poll */
  gboolean closed;
};

/* One request that waits. */
typedef struct
{
  BifLongPoll *queue;
  SoupServerMessage *message;
  guint max_events;
  guint timeout;
  gulong finished;
} Poll;

G_DEFINE_FINAL_TYPE (BifLongPoll, bif_long_poll, BIF_TYPE_CLIENT)

static JsonNode *
take_events (BifLongPoll * self, guint max_events)
{
  JsonArray *array;

  if (max_events == 1)
    return json_node_init_object (json_node_alloc (),
        g_queue_peek_head (&self->events));
  array = json_array_new ();
  for (GList * l = self->events.head; l != NULL && max_events > 0;
      l = l->next, max_events--)
    json_array_add_object_element (array, json_object_ref (l->data));
  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
make_keepalive (guint max_events)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_alloc ();
  JsonArray *array;

  json_object_set_string_member (object, "janus", "keepalive");
  if (max_events == 1) {
    json_node_init_object (node, object);
    json_object_unref (object);
    return node;
  }
  array = json_array_new ();
  json_array_add_object_element (array, object);
  json_node_init_array (node, array);
  json_array_unref (array);
  return node;
}

static void
answer (BifLongPoll * self, SoupServerMessage * message, guint max_events)
{
  guint taken = MIN (max_events, g_queue_get_length (&self->events));
  g_autoptr (JsonNode) node = taken > 0 ? take_events (self, max_events)
      : make_keepalive (max_events);
  gsize size;
  char *text = bif_json_to_string (node, self->http->settings.json, &size);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_server_message_set_response (message, "application/json",
      SOUP_MEMORY_TAKE, text, size);
  while (taken-- > 0)
    json_object_unref (g_queue_pop_head (&self->events));
}

/* Takes a poll out of the queue; the message is the caller's then. */
static SoupServerMessage *
poll_free (Poll * poll)
{
  SoupServerMessage *message = poll->message;

  g_queue_remove (&poll->queue->polls, poll);
  g_clear_handle_id (&poll->timeout, g_source_remove);
  g_clear_signal_handler (&poll->finished, message);
  g_free (poll);
  return message;
}

static void
poll_answer (Poll * poll)
{
  BifLongPoll *self = poll->queue;
  guint max_events = poll->max_events;
  g_autoptr (SoupServerMessage) message = poll_free (poll);

  /* Events must not go to somebody who has hung up. */
  if (bif_listener_peer_left (message))
    bif_listener_drop (message);
  else
    answer (self, message, max_events);
  soup_server_message_unpause (message);
}

static gboolean
poll_timeout (gpointer user_data)
{
  Poll *poll = user_data;

  poll->timeout = 0;
  poll_answer (poll);
  return G_SOURCE_REMOVE;
}

static void
poll_finished (SoupServerMessage * message, gpointer user_data)
{
  g_object_unref (poll_free (user_data));
}

static void
answer_all (BifLongPoll * self)
{
  Poll *poll;

  while ((poll = g_queue_peek_head (&self->polls)) != NULL)
    poll_answer (poll);
}

static void
bif_long_poll_send (BifClient * client, JsonObject * message)
{
  BifLongPoll *self = BIF_LONG_POLL (client);

  if (self->closed)
    return;
  if (g_queue_get_length (&self->events) >= EVENTS_MAX)
    json_object_unref (g_queue_pop_head (&self->events));
  g_queue_push_tail (&self->events, json_object_ref (message));
  answer_all (self);
}

static void
bif_long_poll_session_over (BifClient * client, guint64 session_id)
{
  bif_long_poll_close (BIF_LONG_POLL (client));
}

static void
bif_long_poll_dispose (GObject * object)
{
  bif_long_poll_close (BIF_LONG_POLL (object));
  G_OBJECT_CLASS (bif_long_poll_parent_class)->dispose (object);
}

static void
bif_long_poll_class_init (BifLongPollClass * klass)
{
  BIF_CLIENT_CLASS (klass)->send = bif_long_poll_send;
  BIF_CLIENT_CLASS (klass)->session_over = bif_long_poll_session_over;
  G_OBJECT_CLASS (klass)->dispose = bif_long_poll_dispose;
}

static void
bif_long_poll_init (BifLongPoll * self)
{
  g_queue_init (&self->events);
  g_queue_init (&self->polls);
}

BifLongPoll *
bif_long_poll_new (BifHttp * http, guint64 session_id)
{
  BifLongPoll *self = g_object_new (BIF_TYPE_LONG_POLL, NULL);

  bif_client_setup (BIF_CLIENT (self), BIF_TRANSPORT (http));
  self->http = http;
  self->session_id = session_id;
  g_hash_table_replace (http->queues, &self->session_id, self);
  return self;
}

void
bif_long_poll_wait (BifLongPoll * self, SoupServerMessage * message,
    guint max_events)
{
  Poll *poll;

  if (!g_queue_is_empty (&self->events)) {
    answer (self, message, max_events);
    return;
  }
  poll = g_new0 (Poll, 1);
  poll->queue = self;
  poll->message = g_object_ref (message);
  poll->max_events = max_events;
  poll->timeout = g_timeout_add_seconds (KEEPALIVE_S, poll_timeout, poll);
  poll->finished = g_signal_connect (message, "finished",
      G_CALLBACK (poll_finished), poll);
  g_queue_push_tail (&self->polls, poll);
  soup_server_message_pause (message);
}

void
bif_long_poll_close (BifLongPoll * self)
{
  if (self->closed)
    return;
  self->closed = TRUE;
  if (g_hash_table_lookup (self->http->queues, &self->session_id) == self)
    g_hash_table_remove (self->http->queues, &self->session_id);
  answer_all (self);
  g_queue_clear_full (&self->events, (GDestroyNotify) json_object_unref);
}
