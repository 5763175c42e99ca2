/* guard-stream.c: passes reads and writes on, and makes the end of the stream
 * what libsoup cleans up behind. Main thread. */
#include "transports/guard-stream.h"

#include <string.h>

/* ---- input ---- */

#define BIF_TYPE_GUARD_INPUT (bif_guard_input_get_type ())
G_DECLARE_FINAL_TYPE (BifGuardInput, bif_guard_input, BIF, GUARD_INPUT,
    GFilterInputStream)

struct _BifGuardInput
{
  GFilterInputStream parent;
  BifGuardIdleFunc is_idle;
  gpointer owned;               /* the pair's; NULL once that is gone */
  gboolean line_given;          /* the error comes next */
};

static void bif_guard_input_pollable_init (GPollableInputStreamInterface *
    iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (BifGuardInput, bif_guard_input,
    G_TYPE_FILTER_INPUT_STREAM,
    G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM,
        bif_guard_input_pollable_init))

static GPollableInputStream *
input_base (gpointer self)
{
  return G_POLLABLE_INPUT_STREAM (g_filter_input_stream_get_base_stream
      (G_FILTER_INPUT_STREAM (self)));
}

/* What libsoup takes for the beginning of a request: a whole line. */
static const char end_line[] = "X\r\n";

/* The end is an error, as a failure is; on an idle connection the line goes
 * before either. */
static gssize
translate_end (BifGuardInput * self, void *buffer, gsize wanted, gssize size,
    GError ** error)
{
  if (size > 0 || wanted == 0)
    return size;
  if (size < 0
      && g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return size;
  if (!self->line_given && wanted >= strlen (end_line)
      && self->owned != NULL && self->is_idle (self->owned)) {
    self->line_given = TRUE;
    g_clear_error (error);
    memcpy (buffer, end_line, strlen (end_line));
    return strlen (end_line);
  }
  self->line_given = FALSE;
  if (size == 0)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_CLOSED,
        "the peer closed the connection");
  return -1;
}

static gssize
bif_guard_input_read (GInputStream * stream, void *buffer, gsize size,
    GCancellable * cancellable, GError ** error)
{
  GError *failure = NULL;
  gssize got = g_input_stream_read (G_INPUT_STREAM (input_base (stream)),
      buffer, size, cancellable, &failure);

  got = translate_end (BIF_GUARD_INPUT (stream), buffer, size, got, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return got;
}

static gssize
bif_guard_input_read_nonblocking (GPollableInputStream * stream, void *buffer,
    gsize size, GError ** error)
{
  GError *failure = NULL;
  gssize got = g_pollable_input_stream_read_nonblocking (input_base (stream),
      buffer, size, NULL, &failure);

  got = translate_end (BIF_GUARD_INPUT (stream), buffer, size, got, &failure);
  if (failure != NULL)
    g_propagate_error (error, failure);
  return got;
}

static gboolean
bif_guard_input_is_readable (GPollableInputStream * stream)
{
  return g_pollable_input_stream_is_readable (input_base (stream));
}

static GSource *
bif_guard_input_create_source (GPollableInputStream * stream,
    GCancellable * cancellable)
{
  g_autoptr (GSource) base =
      g_pollable_input_stream_create_source (input_base (stream), NULL);

  return g_pollable_source_new_full (stream, base, cancellable);
}

static void
bif_guard_input_pollable_init (GPollableInputStreamInterface * iface)
{
  iface->is_readable = bif_guard_input_is_readable;
  iface->create_source = bif_guard_input_create_source;
  iface->read_nonblocking = bif_guard_input_read_nonblocking;
}

static void
bif_guard_input_class_init (BifGuardInputClass * klass)
{
  G_INPUT_STREAM_CLASS (klass)->read_fn = bif_guard_input_read;
}

static void
bif_guard_input_init (BifGuardInput * self)
{
}

/* ---- the pair ---- */

#define BIF_TYPE_GUARD_STREAM (bif_guard_stream_get_type ())
G_DECLARE_FINAL_TYPE (BifGuardStream, bif_guard_stream, BIF, GUARD_STREAM,
    GIOStream)

struct _BifGuardStream
{
  GIOStream parent;
  GIOStream *base;
  GInputStream *input;
  gpointer owned;
  GDestroyNotify free_owned;
};

G_DEFINE_FINAL_TYPE (BifGuardStream, bif_guard_stream, G_TYPE_IO_STREAM)

static GInputStream *
bif_guard_stream_get_input_stream (GIOStream * stream)
{
  return BIF_GUARD_STREAM (stream)->input;
}

static GOutputStream *
bif_guard_stream_get_output_stream (GIOStream * stream)
{
  return g_io_stream_get_output_stream (BIF_GUARD_STREAM (stream)->base);
}

/* TLS says goodbye on closing, and would wait for room to say it in. */
static gboolean
bif_guard_stream_close (GIOStream * stream, GCancellable * cancellable,
    GError ** error)
{
  g_io_stream_close_async (BIF_GUARD_STREAM (stream)->base,
      G_PRIORITY_DEFAULT, NULL, NULL, NULL);
  return TRUE;
}

static void
bif_guard_stream_close_async (GIOStream * stream, int priority,
    GCancellable * cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (stream, cancellable, callback, data);

  bif_guard_stream_close (stream, NULL, NULL);
  g_task_return_boolean (task, TRUE);
}

static gboolean
bif_guard_stream_close_finish (GIOStream * stream, GAsyncResult * result,
    GError ** error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
bif_guard_stream_dispose (GObject * object)
{
  BifGuardStream *self = BIF_GUARD_STREAM (object);

  /* Closes, if nobody has. */
  G_OBJECT_CLASS (bif_guard_stream_parent_class)->dispose (object);
  BIF_GUARD_INPUT (self->input)->owned = NULL;
  if (self->free_owned != NULL && self->owned != NULL)
    self->free_owned (g_steal_pointer (&self->owned));
}

static void
bif_guard_stream_finalize (GObject * object)
{
  BifGuardStream *self = BIF_GUARD_STREAM (object);

  g_object_unref (self->input);
  g_object_unref (self->base);
  G_OBJECT_CLASS (bif_guard_stream_parent_class)->finalize (object);
}

static void
bif_guard_stream_class_init (BifGuardStreamClass * klass)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (klass);

  stream_class->get_input_stream = bif_guard_stream_get_input_stream;
  stream_class->get_output_stream = bif_guard_stream_get_output_stream;
  stream_class->close_fn = bif_guard_stream_close;
  stream_class->close_async = bif_guard_stream_close_async;
  stream_class->close_finish = bif_guard_stream_close_finish;
  G_OBJECT_CLASS (klass)->dispose = bif_guard_stream_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_guard_stream_finalize;
}

static void
bif_guard_stream_init (BifGuardStream * self)
{
}

GIOStream *
bif_guard_stream_new (GIOStream * base, BifGuardIdleFunc is_idle,
    gpointer owned, GDestroyNotify free_owned)
{
  BifGuardStream *self = g_object_new (BIF_TYPE_GUARD_STREAM, NULL);
  BifGuardInput *input;

  self->base = g_object_ref (base);
  self->input = g_object_new (BIF_TYPE_GUARD_INPUT, "base-stream",
      g_io_stream_get_input_stream (base), "close-base-stream", FALSE, NULL);
  input = BIF_GUARD_INPUT (self->input);
  input->is_idle = is_idle;
  input->owned = owned;
  self->owned = owned;
  self->free_owned = free_owned;
  return G_IO_STREAM (self);
}
