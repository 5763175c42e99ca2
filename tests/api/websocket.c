/* websocket.c: the WebSocket transport: handshakes, frames, limits. */
#include "harness.h"

#include <string.h>

#define ID G_GUINT64_FORMAT

static void
test_handshake (void)
{
  static const char *const refused[] = { NULL, "nonsense",
    "janus-admin-protocol",
  };
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) admin =
      test_socket_new (server, TRUE, "janus-admin-protocol");
  g_autoptr (TestSocket) mixed = test_socket_new (server, TRUE,
      "janus-protocol");

  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (TestSocket) socket =
        test_socket_new (server, FALSE, refused[i]);

    g_assert_null (socket->connection);
  }
  g_assert_null (mixed->connection);
  g_assert_cmpstr (soup_websocket_connection_get_protocol (admin->connection),
      ==, "janus-admin-protocol");
}

static void
test_documents (void)
{
  static const struct
  {
    const char *text;
    const char *answers[3];
  } cases[] = {
    { "{\"janus\":\"ping\",\"transaction\":\"a\"} "
        "{\"janus\":\"ping\",\"transaction\":\"b\"}\n",
        { "\"transaction\":\"a\"", "\"transaction\":\"b\"" } },
    { "{\"janus\":\"ping\",\"transaction\":\"a\"}  \n",
        { "\"transaction\":\"a\"" } },
    { "{\"janus\":\"ping\",\"transaction\":\"a\"}]", { "\"code\":454" } },
    { "{\"janus\":", { "Invalid Janus API request - " } },
    { "\"x\"", { "\"code\":454" } },
    { "", { "\"code\":454" } },
    { "[]", { "\"code\":456" } },
    { "{}", { "Missing mandatory element (transaction)" } },
    { "{\"janus\":\"ping\",\"transaction\":5}", { "\"code\":467" } },
    { "{\"janus\":\"ping\",\"transaction\":\"z\"}",
        { "\"transaction\":\"z\"" } },
  };
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    test_socket_send (socket, "%s", cases[i].text);
    for (guint k = 0; k < 3 && cases[i].answers[k] != NULL; k++) {
      g_autofree char *answer = test_socket_next (socket);

      g_test_message ("%s -> %s", cases[i].text, answer);
      g_assert_nonnull (strstr (answer, cases[i].answers[k]));
    }
  }
  g_assert_true (g_queue_is_empty (&socket->messages));
}

/* ---- frames by hand ---- */

typedef struct
{
  GSocketConnection *connection;
  GByteArray *in;
  guint8 buffer[65536];
  gboolean ended;
  gboolean stopped;             /* not reading */
} Raw;

static void
raw_read (GObject * source, GAsyncResult * result, gpointer user_data)
{
  Raw *raw = user_data;
  gssize size =
      g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (size <= 0) {
    raw->ended = TRUE;
    return;
  }
  g_byte_array_append (raw->in, raw->buffer, size);
  g_input_stream_read_async (G_INPUT_STREAM (source), raw->buffer,
      sizeof raw->buffer, G_PRIORITY_DEFAULT, NULL, raw_read, raw);
}

static void
raw_start_reading (Raw * raw)
{
  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM
          (raw->connection)), raw->buffer, sizeof raw->buffer,
      G_PRIORITY_DEFAULT, NULL, raw_read, raw);
}

static void
raw_write (Raw * raw, gconstpointer data, gsize size)
{
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM
          (raw->connection)), data, size, NULL, NULL, NULL);
}

#define HANDSHAKE "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n" \
    "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" \
    "Sec-WebSocket-Version: 13\r\n" \
    "Sec-WebSocket-Protocol: other, janus-protocol\r\n\r\n"

static gboolean
raw_has (Raw * raw, const char *text)
{
  return raw->in->len > 0 && g_strstr_len ((char *) raw->in->data,
      raw->in->len, text) != NULL;
}

static gboolean
raw_has_header (gpointer data)
{
  Raw *raw = data;

  return raw->ended || raw_has (raw, "\r\n\r\n");
}

static void
append_frame (GByteArray * out, guint8 first, guint64 claimed,
    const char *payload, gsize size)
{
  static const guint8 mask[4] = { 1, 2, 3, 4 };
  guint8 header[10] = { first, 0 };
  gsize length = 2;

  if (claimed < 126) {
    header[1] = 0x80 | claimed;
  } else {
    header[1] = 0x80 | 127;
    for (guint i = 0; i < 8; i++)
      header[2 + i] = claimed >> (8 * (7 - i));
    length = 10;
  }
  g_byte_array_append (out, header, length);
  g_byte_array_append (out, mask, 4);
  for (gsize i = 0; i < size; i++) {
    guint8 byte = payload[i] ^ mask[i & 3];

    g_byte_array_append (out, &byte, 1);
  }
}

static void
raw_open (Raw * raw, TestServer * server, const GByteArray * more)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  memset (raw, 0, sizeof *raw);
  raw->in = g_byte_array_new ();
  raw->connection = test_connect (bif_websocket_port (server->websocket,
          BIF_WEBSOCKET_PLAIN));
  g_byte_array_append (bytes, (guint8 *) HANDSHAKE, strlen (HANDSHAKE));
  if (more != NULL)
    g_byte_array_append (bytes, more->data, more->len);
  raw_write (raw, bytes->data, bytes->len);
}

static void
raw_close (Raw * raw)
{
  g_io_stream_close (G_IO_STREAM (raw->connection), NULL, NULL);
  while (!raw->ended && !raw->stopped)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (raw->connection);
  g_byte_array_unref (raw->in);
}

static gboolean
raw_ended (gpointer data)
{
  return ((Raw *) data)->ended;
}

static gboolean
raw_has_pong (gpointer data)
{
  Raw *raw = data;

  g_assert_false (raw->ended);
  return raw_has (raw, "\"janus\":\"pong\"");
}

#define PING "{\"janus\":\"ping\",\"transaction\":\"p\"}"

/* A message right behind the handshake, in the same packet; in fragments with
 * a ping between; byte by byte. */
static void
test_fragments (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (GByteArray) frames = g_byte_array_new ();
  Raw raw;

  append_frame (frames, 0x81, strlen (PING), PING, strlen (PING));
  raw_open (&raw, server, frames);
  raw_start_reading (&raw);
  test_wait (raw_has_pong, &raw);
  raw_close (&raw);

  g_byte_array_set_size (frames, 0);
  append_frame (frames, 0x01, 10, PING, 10);
  append_frame (frames, 0x89, 2, "hi", 2);
  append_frame (frames, 0x00, 0, "", 0);
  append_frame (frames, 0x80, strlen (PING) - 10, PING + 10,
      strlen (PING) - 10);
  raw_open (&raw, server, NULL);
  raw_start_reading (&raw);
  test_wait (raw_has_header, &raw);
  for (guint i = 0; i < frames->len; i++) {
    raw_write (&raw, frames->data + i, 1);
    while (g_main_context_iteration (NULL, FALSE));
  }
  test_wait (raw_has_pong, &raw);
  raw_close (&raw);
}

/* What breaks the protocol ends the connection, with the code that says why. */
static void
test_violations (void)
{
  static const struct
  {
    guint8 first;
    guint64 claimed;
    guint repeat;
    guint code;
  } cases[] = {
    { 0xc1, 2, 1, 1002 },       /* reserved bit */
    { 0x83, 2, 1, 1002 },       /* unknown opcode */
    { 0x80, 2, 1, 1002 },       /* continues nothing */
    { 0x01, 2, 2, 1002 },       /* a second beginning */
    { 0x09, 2, 1, 1002 },       /* a fragmented ping */
    { 0x89, 200, 1, 1002 },     /* a long ping */
    { 0x81, 1024 * 1024 + 1, 1, 1009 },
    { 0x81, G_MAXUINT64, 1, 1009 },
    { 0x88, 0, 1, 1000 },
  };
  g_autoptr (TestServer) server = test_server_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) frames = g_byte_array_new ();
    Raw raw;
    const guint8 *end;

    for (guint k = 0; k < cases[i].repeat; k++)
      append_frame (frames, cases[i].first, cases[i].claimed, "xx",
          MIN (2, cases[i].claimed));
    raw_open (&raw, server, frames);
    raw_start_reading (&raw);
    test_wait (raw_ended, &raw);
    g_assert_cmpuint (raw.in->len, >, 4);
    end = raw.in->data + raw.in->len - 4;
    g_assert_cmphex (end[0], ==, 0x88);
    g_assert_cmpuint (end[2] << 8 | end[3], ==, cases[i].code);
    raw_close (&raw);
  }
}

/* Fragments that are small each, and a message that is not. */
static void
test_large_message (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autofree char *part = g_strnfill (64 * 1024, ' ');
  Raw raw;

  raw_open (&raw, server, NULL);
  raw_start_reading (&raw);
  test_wait (raw_has_header, &raw);
  for (guint i = 0; i < 20 && !raw.ended; i++) {
    g_autoptr (GByteArray) frame = g_byte_array_new ();

    append_frame (frame, i == 0 ? 0x01 : 0x00, 64 * 1024, part, 64 * 1024);
    raw_write (&raw, frame->data, frame->len);
    while (g_main_context_iteration (NULL, FALSE));
  }
  test_wait (raw_ended, &raw);
  raw_close (&raw);
}

static gboolean
server_has_none (gpointer data)
{
  gpointer *both = data;

  return !bif_server_has_session (both[0], *(guint64 *) both[1]);
}

/* Who does not read what it is sent is dropped, and its session with it. */
static void
test_backpressure (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  g_autoptr (TestSocket) socket =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autoptr (GByteArray) frame = g_byte_array_new ();
  g_autofree char *filler = g_strnfill (32 * 1024, 'x');
  g_autofree char *claim = NULL;
  guint64 session = test_create (socket);
  guint64 handle = test_attach (socket, session, "janus.plugin.test");
  gpointer both[] = { server->server, &session };
  Raw raw;

  raw_open (&raw, server, NULL);
  raw_start_reading (&raw);
  test_wait (raw_has_header, &raw);
  claim = g_strdup_printf ("{\"janus\":\"claim\",\"transaction\":\"c\","
      "\"session_id\":%" ID "}", session);
  append_frame (frame, 0x81, strlen (claim), claim, strlen (claim));
  raw_write (&raw, frame->data, frame->len);
  /* All that is pushed is pushed in one turn of the loop, in which nobody here
   * reads; it is more than a socket takes. */
  while (g_main_context_iteration (NULL, FALSE));
  for (guint i = 0; i < 10; i++)
    test_socket_send (socket, "{\"janus\":\"message\",\"transaction\":\"p\","
        "\"session_id\":%" ID ",\"handle_id\":%" ID ",\"body\":"
        "{\"request\":\"push\",\"number\":1000,\"text\":\"%s\"}}", session,
        handle, filler);
  test_wait (server_has_none, both);
  test_wait (raw_ended, &raw);
  raw_close (&raw);
}

/* A peer that answers no ping. */
static void
test_ping (void)
{
  g_autoptr (TestServer) server =
      test_server_new ("ws:general.pingpong_trigger", "1",
      "ws:general.pingpong_timeout", "1", NULL);
  g_autoptr (TestSocket) polite =
      test_socket_new (server, FALSE, "janus-protocol");
  g_autofree char *pong = NULL;
  Raw raw;

  raw_open (&raw, server, NULL);
  raw_start_reading (&raw);
  test_wait (raw_ended, &raw);
  g_assert_cmphex (raw.in->data[raw.in->len - 2], ==, 0x89);
  raw_close (&raw);
  pong = test_socket_ask (polite, PING);
  g_assert_false (polite->closed);
}

static void
test_plain_get (void)
{
  g_autoptr (TestServer) server = test_server_new (NULL);
  Raw raw = {.in = g_byte_array_new () };

  raw.connection = test_connect (bif_websocket_port (server->websocket,
          BIF_WEBSOCKET_PLAIN));
  raw_write (&raw, "GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27);
  raw_start_reading (&raw);
  test_wait (raw_has_header, &raw);
  g_assert_true (raw_has (&raw, "HTTP/1.1 403"));
  raw_close (&raw);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/websocket/handshake", test_handshake);
  g_test_add_func ("/websocket/documents", test_documents);
  g_test_add_func ("/websocket/fragments", test_fragments);
  g_test_add_func ("/websocket/violations", test_violations);
  g_test_add_func ("/websocket/large-message", test_large_message);
  g_test_add_func ("/websocket/backpressure", test_backpressure);
  g_test_add_func ("/websocket/ping", test_ping);
  g_test_add_func ("/websocket/plain-get", test_plain_get);
  return g_test_run ();
}
