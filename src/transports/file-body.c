/* file-body.c: sends a file piece by piece: the next is read, on a thread of
 * GTask, when the one before is with the client. Main thread. */
#include "transports/file-body.h"

#include <string.h>
#include <unistd.h>

#define PIECE (256 * 1024)

typedef struct
{
  SoupServerMessage *message;   /* which owns this */
  int fd;
  goffset position, left;
  gboolean reading, over;
} FileBody;

/* ---- ranges ---- */

/* Digits, all of @text up to @end. */
static gboolean
parse_number (const char *text, const char *end, goffset * number)
{
  g_autofree char *digits = g_strndup (text, end - text);
  guint64 value;

  if (!g_ascii_string_to_unsigned (digits, 10, 0, G_MAXINT64, &value, NULL))
    return FALSE;
  *number = value;
  return TRUE;
}

/* The last @n bytes. */
static BifRangeKind
suffix (goffset n, goffset size, BifByteRange * range)
{
  if (n == 0 || size == 0)
    return BIF_RANGE_OUTSIDE;
  range->length = MIN (n, size);
  range->start = size - range->length;
  return BIF_RANGE_PART;
}

BifRangeKind
bif_byte_range_parse (const char *text, goffset size, BifByteRange * range)
{
  const char *dash = text != NULL ? strchr (text, '-') : NULL;
  const char *end = text != NULL ? text + strlen (text) : NULL;
  goffset first, last = G_MAXINT64;

  *range = (BifByteRange) { 0, size };
  if (dash == NULL || !g_str_has_prefix (text, "bytes=") || dash < text + 6)
    return BIF_RANGE_WHOLE;
  text += strlen ("bytes=");
  if (dash == text)
    return parse_number (dash + 1, end, &last) ? suffix (last, size, range)
        : BIF_RANGE_WHOLE;
  if (!parse_number (text, dash, &first) || (dash[1] != '\0'
          && !parse_number (dash + 1, end, &last)) || last < first)
    return BIF_RANGE_WHOLE;
  if (first >= size)
    return BIF_RANGE_OUTSIDE;
  range->start = first;
  range->length = MIN (last, size - 1) - first + 1;
  return BIF_RANGE_PART;
}

/* ---- the body ---- */

static void
file_body_free (gpointer data)
{
  FileBody *self = data;

  close (self->fd);
  g_free (self);
}

static void
read_any_thread (GTask * task, gpointer source, gpointer data,
    GCancellable * cancellable)
{
  FileBody *self = data;
  gsize size = MIN (self->left, PIECE);
  g_autofree guint8 *bytes = g_malloc (size);
  gssize n = pread (self->fd, bytes, size, self->position);

  if (n > 0)
    g_task_return_pointer (task, g_bytes_new_take (g_steal_pointer (&bytes),
            n), (GDestroyNotify) g_bytes_unref);
  else
    g_task_return_pointer (task, NULL, NULL);
}

/* The length was promised: all that is left is to go. */
static void
break_off (SoupServerMessage * message)
{
  GSocket *socket = soup_server_message_get_socket (message);

  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
}

static void
read_done (GObject * source, GAsyncResult * result, gpointer user_data)
{
  SoupServerMessage *message = SOUP_SERVER_MESSAGE (source);
  FileBody *self = user_data;
  SoupMessageBody *body = soup_server_message_get_response_body (message);
  g_autoptr (GBytes) bytes = g_task_propagate_pointer (G_TASK (result), NULL);

  self->reading = FALSE;
  if (self->over)
    return;
  if (bytes == NULL) {
    break_off (message);
  } else {
    self->position += g_bytes_get_size (bytes);
    self->left -= g_bytes_get_size (bytes);
    soup_message_body_append_bytes (body, bytes);
    if (self->left == 0)
      soup_message_body_complete (body);
  }
  soup_server_message_unpause (message);
}

/* The task holds the message, and so this. */
static void
read_next (FileBody * self)
{
  g_autoptr (GTask) task = NULL;

  if (self->left == 0 || self->reading || self->over)
    return;
  self->reading = TRUE;
  task = g_task_new (self->message, NULL, read_done, self);
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, read_any_thread);
}

static void
on_over (SoupServerMessage * message, FileBody * self)
{
  self->over = TRUE;
}

static void
on_wrote_chunk (SoupServerMessage * message, FileBody * self)
{
  read_next (self);
}

void
bif_file_body_send (SoupServerMessage * message, int fd,
    const BifByteRange * range)
{
  SoupMessageHeaders *headers =
      soup_server_message_get_response_headers (message);
  SoupMessageBody *body = soup_server_message_get_response_body (message);
  FileBody *self = g_new0 (FileBody, 1);

  self->message = message;
  self->fd = fd;
  self->position = range->start;
  self->left = range->length;
  g_object_set_data_full (G_OBJECT (message), "bif-file-body", self,
      file_body_free);
  soup_message_headers_set_content_length (headers, range->length);
  soup_message_body_set_accumulate (body, FALSE);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_wrote_chunk), self);
  g_signal_connect (message, "finished", G_CALLBACK (on_over), self);
  g_signal_connect (message, "disconnected", G_CALLBACK (on_over), self);
  if (range->length == 0 || g_str_equal (soup_server_message_get_method
          (message), SOUP_METHOD_HEAD)) {
    soup_message_body_complete (body);
    soup_server_message_unpause (message);
  } else {
    read_next (self);
  }
}
