/* message.c: writes a message into its file, by a pipeline of its own that is
 * fed from the packet path and never holds it up. Main thread. */
#include "plugins/voicemail/message.h"
#include "base/error.h"
#include "base/post.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

GST_DEBUG_CATEGORY_STATIC (message_debug);
#define GST_CAT_DEFAULT message_debug

/* How long a packet waits for those before it. */
#define LATENCY_MS 200
/* A pipeline that does not end by itself is ended. */
#define FINISH_TIMEOUT_MS 2000

struct _VmMessage
{
  GObject parent;

  BifNetwork *network;          /* owned */
  char *path;
  GstElement *pipeline;         /* owned while it runs */
  GstBus *bus;                  /* owned, likewise */
  guint timeout_id;             /* of the end */
  gboolean closed;
};

enum
{
  SIGNAL_FINISHED, N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (VmMessage, vm_message, G_TYPE_OBJECT)

/* New, or emptied: never what a link points to. */
static gboolean
make_file (const char *path, GError ** error)
{
  int fd = g_open (path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
      0644);

  if (fd < 0) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_IO, "Couldn't open %s: %s", path,
        g_strerror (errno));
    return FALSE;
  }
  close (fd);
  return TRUE;
}

VmMessage *
vm_message_new (BifNetwork * network, const char *path, GError ** error)
{
  VmMessage *self;

  BIF_ASSERT_MAIN ();
  if (!make_file (path, error))
    return NULL;
  self = g_object_new (VM_TYPE_MESSAGE, NULL);
  self->network = network != NULL ? g_object_ref (network) : NULL;
  self->path = g_strdup (path);
  return self;
}

/* ---- the end ---- */

static void
drop_pipeline (VmMessage * self)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (self->bus != NULL) {
    gst_bus_remove_watch (self->bus);
    gst_bus_set_flushing (self->bus, TRUE);
  }
  gst_clear_object (&self->bus);
  if (self->pipeline != NULL)
    bif_network_stop_pipeline (self->network,
        g_steal_pointer (&self->pipeline));
}

static void
end (VmMessage * self)
{
  g_object_ref (self);
  drop_pipeline (self);
  if (self->closed)
    g_object_unref (self);      /* of vm_message_close() */
  else
    g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
  g_object_unref (self);
}

static gboolean
on_timeout (gpointer user_data)
{
  VmMessage *self = user_data;

  self->timeout_id = 0;
  GST_WARNING ("%s: the pipeline did not end", self->path);
  end (self);
  return G_SOURCE_REMOVE;
}

/* Nothing was heard: there is no sound to complain of in an empty file. */
static void
log_error (VmMessage * self, GstMessage * message)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;

  gst_message_parse_error (message, &error, &debug);
  if (g_error_matches (error, GST_STREAM_ERROR, GST_STREAM_ERROR_WRONG_TYPE)
      && self->timeout_id != 0)
    GST_INFO ("%s: nothing was said", self->path);
  else
    GST_WARNING ("%s: %s: %s (%s)", self->path,
        GST_MESSAGE_SRC_NAME (message), error->message,
        debug != NULL ? debug : "");
}

static gboolean
on_bus (GstBus * bus, GstMessage * message, gpointer user_data)
{
  VmMessage *self = user_data;

  switch (GST_MESSAGE_TYPE (message)) {
    case GST_MESSAGE_ERROR:
      log_error (self, message);
      end (self);
      return G_SOURCE_CONTINUE;
    case GST_MESSAGE_EOS:
      GST_DEBUG ("%s is complete", self->path);
      end (self);
      return G_SOURCE_CONTINUE;
    default:
      return G_SOURCE_CONTINUE;
  }
}

static void
send_end_any_thread (GstElement * pipeline)
{
  gst_element_send_event (pipeline, gst_event_new_eos ());
}

/* The source may be at work, and sending waits for it: not here. */
static gboolean
send_end (VmMessage * self)
{
  if (self->pipeline == NULL)
    return FALSE;
  if (self->timeout_id != 0)
    return TRUE;
  self->timeout_id = g_timeout_add (FINISH_TIMEOUT_MS, on_timeout, self);
  bif_network_run (self->network, send_end_any_thread,
      gst_object_ref (self->pipeline));
  return TRUE;
}

void
vm_message_finish (VmMessage * self)
{
  if (!self->closed && !send_end (self))
    end (self);
}

void
vm_message_close (VmMessage * self)
{
  if (self->closed)
    return;
  self->closed = TRUE;
  if (send_end (self))
    g_object_ref (self);
}

/* ---- the pipeline ---- */

static gboolean
fail (GError ** error, const char *what)
{
  g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE, "section [audio]: %s",
      what);
  return FALSE;
}

static gboolean
link_source (GstElement * pipeline, GstElement * bin, GObject * stream,
    GError ** error)
{
  g_autoptr (GstElement) in = gst_bin_get_by_name (GST_BIN (bin), "in");
  GstElement *source = gst_element_factory_make ("bifbridgesrc", "source");

  if (source == NULL)
    return fail (error, "GStreamer does not find the element bifbridgesrc");
  g_object_set (source, "stream", stream, "latency", LATENCY_MS,
      "source-time", TRUE, NULL);
  gst_bin_add (GST_BIN (bin), source);
  gst_bin_add (GST_BIN (pipeline), bin);
  return in != NULL && gst_element_link (source, in) ? TRUE :
      fail (error, "its element 'in' cannot be linked");
}

static gboolean
build (VmMessage * self, GstElement * pipeline, GObject * stream,
    const BifTemplate * template_, GError ** error)
{
  GstElement *bin = bif_template_make_section (template_, "audio", error);
  g_autoptr (GstElement) owned = NULL;
  g_autoptr (GstElement) sink = NULL;

  if (bin == NULL)
    return FALSE;
  owned = gst_object_ref_sink (bin);
  sink = gst_bin_get_by_name (GST_BIN (bin), "sink");
  if (sink == NULL)
    return fail (error, "there is no element 'sink'");
  g_object_set (sink, "location", self->path, NULL);
  return link_source (pipeline, bin, stream, error);
}

gboolean
vm_message_start (VmMessage * self, GObject * stream,
    const BifTemplate * template_, GError ** error)
{
  g_autoptr (GstElement) pipeline = NULL;

  if (self->pipeline != NULL || self->closed)
    return TRUE;
  pipeline = gst_object_ref_sink (gst_pipeline_new ("voicemail"));
  if (!build (self, pipeline, stream, template_, error))
    return FALSE;
  self->bus = gst_element_get_bus (pipeline);
  gst_bus_add_watch (self->bus, on_bus, self);
  self->pipeline = g_steal_pointer (&pipeline);
  if (gst_element_set_state (self->pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  drop_pipeline (self);
  return fail (error, "the pipeline does not start");
}

/* ---- class ---- */

static void
vm_message_dispose (GObject * object)
{
  drop_pipeline (VM_MESSAGE (object));
  G_OBJECT_CLASS (vm_message_parent_class)->dispose (object);
}

static void
vm_message_finalize (GObject * object)
{
  VmMessage *self = VM_MESSAGE (object);

  g_clear_object (&self->network);
  g_free (self->path);
  G_OBJECT_CLASS (vm_message_parent_class)->finalize (object);
}

static void
vm_message_class_init (VmMessageClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (message_debug, "bif-voicemail", 0,
      "messages of voicemail");
  G_OBJECT_CLASS (klass)->dispose = vm_message_dispose;
  G_OBJECT_CLASS (klass)->finalize = vm_message_finalize;
  signals[SIGNAL_FINISHED] = g_signal_new ("finished", VM_TYPE_MESSAGE,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
vm_message_init (VmMessage * self)
{
}
