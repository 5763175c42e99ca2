/* nice-thread.c: one thread with a main context for all agents of libnice that
 * belong to a media port: their sockets, timers and TURN allocations. Any
 * thread calls; what is said so runs on the thread itself. */
#include "nice-thread.h"

/* How long the end waits for TURN servers to hear that we go. */
#define LINGER_US G_USEC_PER_SEC

struct _BifNiceThread
{
  gatomicrefcount refs;         /* the thread itself has one */
  GMainContext *context;
  GThread *thread;
  BifBatch *batch;              /* thread only */
  int stop;                     /* atomic, as the next */
  int held;
};

static gboolean
on_linger_end (gpointer data)
{
  return G_SOURCE_REMOVE;       /* it woke the thread: that is all */
}

static void
linger (BifNiceThread * self)
{
  gint64 until_us = g_get_monotonic_time () + LINGER_US;
  GSource *wake = g_timeout_source_new (LINGER_US / 1000);

  g_source_set_callback (wake, on_linger_end, NULL, NULL);
  g_source_attach (wake, self->context);
  while (g_atomic_int_get (&self->held) > 0
      && g_get_monotonic_time () < until_us)
    g_main_context_iteration (self->context, TRUE);
  g_source_destroy (wake);
  g_source_unref (wake);
}

static gpointer
run (gpointer user_data)
{
  BifNiceThread *self = user_data;

  g_main_context_push_thread_default (self->context);
  while (!g_atomic_int_get (&self->stop)) {
    g_main_context_iteration (self->context, TRUE);
    /* What one round of reading caused goes out at once. */
    bif_batch_flush (self->batch);
  }
  linger (self);
  g_main_context_pop_thread_default (self->context);
  bif_nice_thread_unref (self);
  return NULL;
}

static BifNiceThread *
thread_new (void)
{
  BifNiceThread *self = g_new0 (BifNiceThread, 1);

  g_atomic_ref_count_init (&self->refs);
  self->context = g_main_context_new ();
  self->batch = bif_batch_new ();
  self->thread = g_thread_new ("bif-nice", run, bif_nice_thread_ref (self));
  return self;
}

/* The owner goes, perhaps on the thread itself. */
static void
thread_end (gpointer data)
{
  BifNiceThread *self = data;

  g_atomic_int_set (&self->stop, TRUE);
  g_main_context_wakeup (self->context);
  if (self->thread == g_thread_self ())
    g_thread_unref (self->thread);
  else
    g_thread_join (self->thread);
  bif_nice_thread_unref (self);
}

BifNiceThread *
bif_nice_thread_get (GstObject * owner)
{
  static const char key[] = "bif-nice-thread";
  BifNiceThread *self;

  GST_OBJECT_LOCK (owner);
  self = g_object_get_data (G_OBJECT (owner), key);
  if (self == NULL) {
    self = thread_new ();
    g_object_set_data_full (G_OBJECT (owner), key, self, thread_end);
  }
  bif_nice_thread_ref (self);
  GST_OBJECT_UNLOCK (owner);
  return self;
}

BifNiceThread *
bif_nice_thread_ref (BifNiceThread * self)
{
  g_atomic_ref_count_inc (&self->refs);
  return self;
}

void
bif_nice_thread_unref (BifNiceThread * self)
{
  if (!g_atomic_ref_count_dec (&self->refs))
    return;
  g_main_context_unref (self->context);
  bif_batch_free (self->batch);
  g_free (self);
}

GMainContext *
bif_nice_thread_context (BifNiceThread * self)
{
  return self->context;
}

BifBatch *
bif_nice_thread_batch (BifNiceThread * self)
{
  return self->batch;
}

void
bif_nice_thread_hold (BifNiceThread * self)
{
  g_atomic_int_inc (&self->held);
}

void
bif_nice_thread_release (BifNiceThread * self)
{
  g_atomic_int_add (&self->held, -1);
}

void
bif_nice_thread_call (BifNiceThread * self, GSourceFunc func, gpointer data,
    GDestroyNotify notify)
{
  GSource *source = g_idle_source_new ();

  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, func, data, notify);
  g_source_attach (source, self->context);
  g_source_unref (source);
}
