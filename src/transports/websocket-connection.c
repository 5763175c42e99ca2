/* websocket-connection.c: one WebSocket as a client of the core: messages in,
 * messages out, and limits on both. Main thread. */
#include "transports/websocket-private.h"

#include <string.h>

#include "core/error.h"

#define MESSAGE_MAX (1024 * 1024)
/* What a client may leave unread before it is dropped. */
#define QUEUE_MAX (4 * 1024 * 1024)
#define QUEUE_KEEP (64 * 1024)  /* a buffer larger than that is given back */

struct _BifWebsocketConnection
{
  BifClient parent;

  BifWebsocket *websocket;      /* plain; it closes us when it stops */
  GIOStream *stream;            /* NULL once closed */
  GPollableInputStream *in;     /* of the stream */
  GPollableOutputStream *out;
  GSource *readable;
  GSource *writable;            /* NULL while nothing waits */
  GByteArray *input;            /* of a frame that is not whole */
  GByteArray *message;          /* of frames before the last; NULL: none */
  GByteArray *output;           /* from output_done on */
  gsize output_done;
  gboolean corked;              /* more may come: flush later */
  gboolean closing;             /* nothing is read any more */
  gboolean admin;
  gint64 last_input_us;
  gint64 pinged_us;             /* 0: no ping is out */
};

G_DEFINE_FINAL_TYPE (BifWebsocketConnection, bif_websocket_connection,
    BIF_TYPE_CLIENT)

static void
clear_source (GSource ** source)
{
  if (*source != NULL)
    g_source_destroy (*source);
  g_clear_pointer (source, g_source_unref);
}

/* Idempotent. The last one to call for a connection that stands in the
 * transport's table: it may be gone behind it. */
static void
drop (BifWebsocketConnection * self)
{
  g_autoptr (GIOStream) stream = g_steal_pointer (&self->stream);

  if (stream == NULL)
    return;
  self->closing = TRUE;
  clear_source (&self->readable);
  clear_source (&self->writable);
  self->in = NULL;
  self->out = NULL;
  g_io_stream_close_async (stream, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  g_object_ref (self);
  g_hash_table_remove (self->websocket->connections, self);
  bif_client_gone (BIF_CLIENT (self));
  g_object_unref (self);
}

/* ---- output ---- */

static void flush (BifWebsocketConnection * self);

static gboolean
on_writable (GObject * stream, gpointer user_data)
{
  BifWebsocketConnection *self = user_data;

  g_object_ref (self);
  clear_source (&self->writable);
  flush (self);
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

static void
wait_until_writable (BifWebsocketConnection * self)
{
  if (self->writable != NULL)
    return;
  self->writable = g_pollable_output_stream_create_source (self->out, NULL);
  g_source_set_callback (self->writable, G_SOURCE_FUNC (on_writable), self,
      NULL);
  g_source_attach (self->writable, NULL);
}

static void
output_sent (BifWebsocketConnection * self)
{
  self->output_done = 0;
  if (self->output->len > QUEUE_KEEP) {
    g_byte_array_unref (self->output);
    self->output = g_byte_array_new ();
  } else {
    g_byte_array_set_size (self->output, 0);
  }
  if (self->closing)
    drop (self);
}

static void
flush (BifWebsocketConnection * self)
{
  g_autoptr (GError) error = NULL;

  if (self->stream == NULL || self->writable != NULL)
    return;
  while (self->output_done < self->output->len) {
    gssize written = g_pollable_output_stream_write_nonblocking (self->out,
        self->output->data + self->output_done,
        self->output->len - self->output_done, NULL, &error);

    if (written >= 0) {
      self->output_done += written;
    } else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK)) {
      wait_until_writable (self);
      return;
    } else {
      drop (self);
      return;
    }
  }
  output_sent (self);
}

static void
queue_frame (BifWebsocketConnection * self, guint opcode,
    gconstpointer payload, gsize size)
{
  if (self->stream == NULL || self->closing)
    return;
  if (self->output->len - self->output_done + size > QUEUE_MAX) {
    drop (self);
    return;
  }
  if (self->output_done > QUEUE_KEEP) {
    g_byte_array_remove_range (self->output, 0, self->output_done);
    self->output_done = 0;
  }
  bif_frame_write (self->output, opcode, payload, size);
  if (!self->corked)
    flush (self);
}

static void
bif_websocket_connection_send (BifClient * client, JsonObject * message)
{
  BifWebsocketConnection *self = BIF_WEBSOCKET_CONNECTION (client);
  GString *text = self->websocket->text;

  g_string_truncate (text, 0);
  bif_json_append (text, message, self->websocket->settings.json);
  queue_frame (self, BIF_OPCODE_TEXT, text->str, text->len);
}

void
bif_websocket_connection_close (BifWebsocketConnection * self, guint code)
{
  const guint8 payload[] = { code >> 8, code & 0xff };

  g_object_ref (self);
  self->corked = TRUE;
  queue_frame (self, BIF_OPCODE_CLOSE, payload, sizeof payload);
  self->corked = FALSE;
  self->closing = TRUE;
  flush (self);
  /* A peer that does not even take this is not waited for. */
  drop (self);
  g_object_unref (self);
}

/* ---- input ---- */

static void
send_parse_error (BifWebsocketConnection * self, const GError * error)
{
  static const char prefix[] = "JSON error: ";
  const char *text = error->message;
  g_autoptr (GError) reply = NULL;

  if (g_str_has_prefix (text, prefix))
    text += strlen (prefix);
  reply = g_error_new (BIF_ERROR, BIF_ERROR_INVALID_JSON,
      "Invalid Janus API request - %s", text);
  bif_client_take (BIF_CLIENT (self), bif_core_error_message (0, NULL,
          reply));
}

static void
handle_document (BifWebsocketConnection * self, JsonNode * node)
{
  BifServer *server = self->websocket->server;

  if (self->stream == NULL || self->closing || server == NULL)
    return;
  if (self->admin)
    bif_server_receive_admin (server, BIF_CLIENT (self), node);
  else
    bif_server_receive (server, BIF_CLIENT (self), node);
}

/* Several documents in one message are read all before the first is handled. */
static void
handle_message (BifWebsocketConnection * self, const char *text, gsize size)
{
  g_autoptr (GPtrArray) more = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) first = NULL;
  gsize consumed;

  first = bif_json_parse (text, size, &consumed, &error);
  while (error == NULL && consumed < size) {
    JsonNode *node;

    text += consumed;
    size -= consumed;
    node = bif_json_parse (text, size, &consumed, &error);
    if (more == NULL)
      more = g_ptr_array_new_with_free_func ((GDestroyNotify)
          json_node_unref);
    if (node != NULL)
      g_ptr_array_add (more, node);
  }
  if (error != NULL && !self->admin) {
    send_parse_error (self, error);
    return;
  }
  /* The Admin API takes what it cannot read for an empty object. */
  handle_document (self, error == NULL ? first : NULL);
  for (guint i = 0; error == NULL && more != NULL && i < more->len; i++)
    handle_document (self, more->pdata[i]);
}

/* FALSE: the connection is closing. */
static gboolean
handle_data_frame (BifWebsocketConnection * self, const BifFrame * frame,
    const guint8 * payload)
{
  gboolean continues = frame->opcode == BIF_OPCODE_CONTINUATION;

  if (continues != (self->message != NULL)) {
    bif_websocket_connection_close (self, BIF_CLOSE_PROTOCOL_ERROR);
    return FALSE;
  }
  if (frame->fin && !continues) {
    handle_message (self, (const char *) payload, frame->payload_size);
    return TRUE;
  }
  if (self->message == NULL)
    self->message = g_byte_array_new ();
  if (self->message->len + frame->payload_size > MESSAGE_MAX) {
    bif_websocket_connection_close (self, BIF_CLOSE_TOO_BIG);
    return FALSE;
  }
  g_byte_array_append (self->message, payload, frame->payload_size);
  if (frame->fin) {
    g_autoptr (GByteArray) message = g_steal_pointer (&self->message);

    handle_message (self, (const char *) message->data, message->len);
  }
  return TRUE;
}

static gboolean
handle_frame (BifWebsocketConnection * self, const BifFrame * frame,
    const guint8 * payload)
{
  switch (frame->opcode) {
    case BIF_OPCODE_PING:
      queue_frame (self, BIF_OPCODE_PONG, payload, frame->payload_size);
      return TRUE;
    case BIF_OPCODE_PONG:
      return TRUE;
    case BIF_OPCODE_CLOSE:
      bif_websocket_connection_close (self, BIF_CLOSE_NORMAL);
      return FALSE;
    default:
      return handle_data_frame (self, frame, payload);
  }
}

/* Handles the whole frames of @data, in place. Returns how much that was. */
static gsize
handle_frames (BifWebsocketConnection * self, guint8 * data, gsize size)
{
  gsize done = 0;

  while (self->stream != NULL && !self->closing) {
    BifFrame frame;
    BifFrameResult result =
        bif_frame_read (data + done, size - done, MESSAGE_MAX, &frame);
    guint8 *payload;

    if (result == BIF_FRAME_PARTIAL)
      break;
    if (result != BIF_FRAME_WHOLE) {
      bif_websocket_connection_close (self, result == BIF_FRAME_TOO_BIG
          ? BIF_CLOSE_TOO_BIG : BIF_CLOSE_PROTOCOL_ERROR);
      break;
    }
    payload = data + done + frame.header_size;
    bif_frame_unmask (payload, frame.payload_size, frame.mask);
    if (!handle_frame (self, &frame, payload))
      break;
    done += frame.header_size + frame.payload_size;
  }
  return done;
}

/* Most frames come whole, and are handled where they were read to. */
static void
handle_input (BifWebsocketConnection * self, guint8 * data, gsize size)
{
  gsize done;

  if (self->input == NULL) {
    done = handle_frames (self, data, size);
    if (done < size && self->stream != NULL && !self->closing) {
      self->input = g_byte_array_new ();
      g_byte_array_append (self->input, data + done, size - done);
    }
    return;
  }
  g_byte_array_append (self->input, data, size);
  done = handle_frames (self, self->input->data, self->input->len);
  if (done == self->input->len)
    g_clear_pointer (&self->input, g_byte_array_unref);
  else if (done > 0)
    g_byte_array_remove_range (self->input, 0, done);
}

static gboolean
read_some (BifWebsocketConnection * self)
{
  g_autoptr (GError) error = NULL;
  gssize size = g_pollable_input_stream_read_nonblocking (self->in,
      self->websocket->scratch, BIF_WEBSOCKET_SCRATCH_SIZE, NULL, &error);

  if (size <= 0) {
    if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
      return G_SOURCE_CONTINUE;
    drop (self);
    return G_SOURCE_REMOVE;
  }
  self->last_input_us = g_get_monotonic_time ();
  self->pinged_us = 0;
  /* Replies to what came in one piece go out in one piece. */
  self->corked = TRUE;
  handle_input (self, self->websocket->scratch, size);
  self->corked = FALSE;
  flush (self);
  return self->stream != NULL ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
on_readable (GObject * stream, gpointer user_data)
{
  BifWebsocketConnection *self = g_object_ref (user_data);
  gboolean more = read_some (self);

  g_object_unref (self);
  return more;
}

static gboolean
on_socket (GSocket * socket, GIOCondition condition, gpointer user_data)
{
  return on_readable (NULL, user_data);
}

void
bif_websocket_connection_check (BifWebsocketConnection * self, gint64 now_us)
{
  const BifWebsocketSettings *settings = &self->websocket->settings;

  if (self->pinged_us != 0) {
    if (now_us - self->pinged_us
        >= (gint64) settings->ping_timeout_s * G_USEC_PER_SEC)
      drop (self);
  } else if (now_us - self->last_input_us
      >= (gint64) settings->ping_trigger_s * G_USEC_PER_SEC) {
    self->pinged_us = now_us;
    queue_frame (self, BIF_OPCODE_PING, NULL, 0);
  }
}

/* ---- object ---- */

static void
bif_websocket_connection_finalize (GObject * object)
{
  BifWebsocketConnection *self = BIF_WEBSOCKET_CONNECTION (object);

  g_clear_pointer (&self->input, g_byte_array_unref);
  g_clear_pointer (&self->message, g_byte_array_unref);
  g_byte_array_unref (self->output);
  G_OBJECT_CLASS (bif_websocket_connection_parent_class)->finalize (object);
}

static void
bif_websocket_connection_class_init (BifWebsocketConnectionClass * klass)
{
  BIF_CLIENT_CLASS (klass)->send = bif_websocket_connection_send;
  G_OBJECT_CLASS (klass)->finalize = bif_websocket_connection_finalize;
}

static void
bif_websocket_connection_init (BifWebsocketConnection * self)
{
  self->output = g_byte_array_new ();
}

/* A plain socket is polled itself: the stream's source has two more below it,
 * and GLib wakes its own loop up for each of them at each turn, six writes to
 * an eventfd a message. A source that may recurse is left alone; ours does not
 * recurse. */
static GSource *
make_source (BifWebsocketConnection * self, GSocket * socket)
{
  GSource *source;

  if (socket == NULL) {
    source = g_pollable_input_stream_create_source (self->in, NULL);
    g_source_set_callback (source, G_SOURCE_FUNC (on_readable), self, NULL);
  } else {
    source = g_socket_create_source (socket, G_IO_IN, NULL);
    g_source_set_callback (source, G_SOURCE_FUNC (on_socket), self, NULL);
    g_source_set_can_recurse (source, TRUE);
  }
  g_source_attach (source, NULL);
  return source;
}

void
bif_websocket_connection_start (BifWebsocket * websocket, GIOStream * stream,
    GSocket * socket, gboolean admin)
{
  BifWebsocketConnection *self =
      g_object_new (BIF_TYPE_WEBSOCKET_CONNECTION, NULL);

  bif_client_setup (BIF_CLIENT (self), BIF_TRANSPORT (websocket));
  self->websocket = websocket;
  self->stream = stream;
  self->in = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
  self->out =
      G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));
  self->admin = admin;
  self->last_input_us = g_get_monotonic_time ();
  g_hash_table_add (websocket->connections, self);

  self->readable = make_source (self, socket);
  /* What came right behind the handshake is in the stream already. */
  on_readable (NULL, self);
}
