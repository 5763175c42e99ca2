/* run.c: a pipeline, its end, signals and progress. Main thread. */
#include "rec/run.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>
#include <unistd.h>

#define PERIOD_MS 250
/* Percents between lines where they do not stand on one another. */
#define LINE_STEP 10

typedef struct
{
  GstElement *pipeline;
  GMainLoop *loop;
  GError *error;
  gboolean stopping;
  gboolean terminal;
  gboolean shown;               /* progress stands on the terminal's line */
  int percent;                  /* that were shown */
} Run;

GQuark
bif_rec_error_quark (void)
{
  return g_quark_from_static_string ("bif-rec-error");
}

/* Without the flag a pipeline comes back that lacks what is missing. */
GstElement *
bif_rec_parse (const char *text, GError ** error)
{
  GstElement *pipeline = gst_parse_launch_full (text, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, error);

  return pipeline != NULL ? gst_object_ref_sink (pipeline) : NULL;
}

/* The message of an element and the name of none: files have names of their
 * own. */
static GError *
take_error (GstMessage * message)
{
  g_autofree char *debug = NULL;
  GError *error = NULL;

  gst_message_parse_error (message, &error, &debug);
  GST_INFO ("%s: %s", error->message, debug != NULL ? debug : "");
  return error;
}

static gboolean
on_message (GstBus * bus, GstMessage * message, gpointer user_data)
{
  Run *self = user_data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR && self->error == NULL)
    self->error = take_error (message);
  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR
      || GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS)
    g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static gboolean
push_eos_any_thread (GstElement * element, GstPad * pad, gpointer user_data)
{
  gst_pad_push_event (pad, gst_event_new_eos ());
  return TRUE;
}

static void
on_pad_added_any_thread (GstElement * element, GstPad * pad,
    gpointer user_data)
{
  gst_pad_push_event (pad, gst_event_new_eos ());
}

/* A file that is still being sorted has no pad yet. */
static void
end_stream_any_thread (GstElement * demux)
{
  g_signal_connect_after (demux, "pad-added",
      G_CALLBACK (on_pad_added_any_thread), NULL);
  gst_element_foreach_src_pad (demux, push_eos_any_thread, NULL);
}

/* Waits for the packet that is on its way, so a thread of its own does it. */
static void
end_streams_any_thread (GstElement * pipeline, gpointer user_data)
{
  g_autoptr (GstIterator) demuxers =
      gst_bin_iterate_all_by_element_factory_name (GST_BIN (pipeline),
      "bifmjrdemux");
  GValue item = G_VALUE_INIT;

  while (gst_iterator_next (demuxers, &item) == GST_ITERATOR_OK) {
    end_stream_any_thread (g_value_get_object (&item));
    g_value_reset (&item);
  }
  g_value_unset (&item);
}

/* The first ends cleanly, the next at once. */
static gboolean
on_signal (gpointer user_data)
{
  Run *self = user_data;

  if (self->stopping)
    g_main_loop_quit (self->loop);
  else
    gst_element_call_async (self->pipeline, end_streams_any_thread, NULL,
        NULL);
  self->stopping = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
on_progress (gpointer user_data)
{
  Run *self = user_data;
  gint64 position = 0, duration = 0;
  int percent;

  if (!gst_element_query_position (self->pipeline, GST_FORMAT_TIME, &position)
      || !gst_element_query_duration (self->pipeline, GST_FORMAT_TIME,
          &duration) || duration <= 0)
    return G_SOURCE_CONTINUE;
  percent = CLAMP ((double) position / duration, 0, 1) * 100;
  if (percent < self->percent + (self->terminal ? 1 : LINE_STEP))
    return G_SOURCE_CONTINUE;
  g_printerr (self->terminal ? "\r%3d %%" : "%d %%\n", percent);
  self->shown = self->terminal;
  self->percent = percent;
  return G_SOURCE_CONTINUE;
}

gboolean
bif_rec_run (GstElement * pipeline, gboolean progress, GError ** error)
{
  Run self = { .pipeline = pipeline, .terminal = isatty (STDERR_FILENO) };
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  guint int_id = g_unix_signal_add (SIGINT, on_signal, &self);
  guint term_id = g_unix_signal_add (SIGTERM, on_signal, &self);
  guint timer_id = progress ? g_timeout_add (PERIOD_MS, on_progress, &self) :
      0;

  self.loop = g_main_loop_new (NULL, FALSE);
  gst_bus_add_watch (bus, on_message, &self);
  if (gst_element_set_state (pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE || gst_bus_have_pending (bus))
    g_main_loop_run (self.loop);
  else
    self.error = g_error_new (BIF_REC_ERROR, 0, _("it cannot be started"));
  gst_element_set_state (pipeline, GST_STATE_NULL);
  gst_bus_remove_watch (bus);
  g_clear_handle_id (&timer_id, g_source_remove);
  g_source_remove (int_id);
  g_source_remove (term_id);
  g_main_loop_unref (self.loop);
  if (self.shown)
    g_printerr ("\r     \r");
  if (self.error != NULL)
    g_propagate_error (error, self.error);
  return self.error == NULL;
}

gboolean
bif_rec_preroll (GstElement * pipeline, GError ** error)
{
  g_autoptr (GstBus) bus = gst_element_get_bus (pipeline);
  g_autoptr (GstMessage) message = NULL;

  gst_element_set_state (pipeline, GST_STATE_PAUSED);
  message = gst_bus_timed_pop_filtered (bus, GST_CLOCK_TIME_NONE,
      GST_MESSAGE_ASYNC_DONE | GST_MESSAGE_ERROR);
  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_ERROR)
    return TRUE;
  g_propagate_error (error, take_error (message));
  return FALSE;
}
