/* greeting.c: plays a file to a caller: decoded, encoded as Opus, at its pace,
 * into a stream of the packet path. Main thread. */
#include "plugins/voicemail/greeting.h"
#include "base/error.h"
#include "base/post.h"

GST_DEBUG_CATEGORY_STATIC (greeting_debug);
#define GST_CAT_DEFAULT greeting_debug

/* A file that does not end is no greeting. */
#define LIMIT_S 120

struct _VmGreeting
{
  GObject parent;

  BifNetwork *network;          /* owned */
  BifTrack *track;              /* owned */
  char *path;
  GstElement *pipeline;         /* owned until closed */
  GstBus *bus;                  /* owned, likewise */
  guint timeout_id;
};

enum
{
  SIGNAL_FINISHED, N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (VmGreeting, vm_greeting, G_TYPE_OBJECT)

void
vm_greeting_close (VmGreeting * self)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (self->track != NULL)
    bif_track_play (self->track, NULL);
  g_clear_object (&self->track);
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
end (VmGreeting * self)
{
  g_object_ref (self);
  vm_greeting_close (self);
  g_signal_emit (self, signals[SIGNAL_FINISHED], 0);
  g_object_unref (self);
}

static gboolean
on_timeout (gpointer user_data)
{
  VmGreeting *self = user_data;

  self->timeout_id = 0;
  GST_WARNING ("%s: the greeting takes longer than %d s", self->path, LIMIT_S);
  end (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_bus (GstBus * bus, GstMessage * message, gpointer user_data)
{
  VmGreeting *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *debug = NULL;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_EOS) {
    end (self);
  } else if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    gst_message_parse_error (message, &error, &debug);
    GST_ERROR ("%s: %s: %s (%s)", self->path, GST_MESSAGE_SRC_NAME (message),
        error->message, debug != NULL ? debug : "");
    end (self);
  }
  return G_SOURCE_CONTINUE;
}

/* ---- the pipeline ---- */

static gboolean
fail (GError ** error, const char *what)
{
  g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE, "section [greeting]: %s",
      what);
  return FALSE;
}

/* @stream: (out) (transfer full): what comes out */
static gboolean
build (VmGreeting * self, const BifTemplate * template_, GObject ** stream,
    GError ** error)
{
  GstElement *bin = bif_template_make_section (template_, "greeting", error);
  g_autoptr (GstElement) source = NULL, out = NULL;
  GstElement *sink;

  if (bin == NULL)
    return FALSE;
  gst_bin_add (GST_BIN (self->pipeline), bin);
  source = gst_bin_get_by_name (GST_BIN (bin), "source");
  out = gst_bin_get_by_name (GST_BIN (bin), "out");
  sink = gst_element_factory_make ("bifbridgesink", NULL);
  if (sink == NULL)
    return fail (error, "GStreamer does not find the element bifbridgesink");
  gst_bin_add (GST_BIN (bin), sink);
  if (source == NULL || out == NULL || !gst_element_link (out, sink))
    return fail (error, "its elements 'source' and 'out' cannot be used");
  g_object_set (source, "location", self->path, NULL);
  g_object_set (sink, "sync", TRUE, "restamp", TRUE, NULL);
  g_object_get (sink, "stream", stream, NULL);
  return TRUE;
}

static gboolean
start (VmGreeting * self, GError ** error)
{
  self->bus = gst_element_get_bus (self->pipeline);
  gst_bus_add_watch (self->bus, on_bus, self);
  self->timeout_id = g_timeout_add_seconds (LIMIT_S, on_timeout, self);
  return gst_element_set_state (self->pipeline, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE || fail (error, "it does not start");
}

VmGreeting *
vm_greeting_new (BifNetwork * network, const BifTemplate * template_,
    const char *path, BifTrack * track, GError ** error)
{
  g_autoptr (VmGreeting) self = g_object_new (VM_TYPE_GREETING, NULL);
  g_autoptr (GObject) stream = NULL;

  BIF_ASSERT_MAIN ();
  self->network = g_object_ref (network);
  self->path = g_strdup (path);
  self->pipeline = gst_object_ref_sink (gst_pipeline_new ("greeting"));
  if (!build (self, template_, &stream, error))
    return NULL;
  self->track = g_object_ref (track);
  bif_track_play (track, stream);
  return start (self, error) ? g_steal_pointer (&self) : NULL;
}

/* ---- class ---- */

static void
vm_greeting_dispose (GObject * object)
{
  vm_greeting_close (VM_GREETING (object));
  G_OBJECT_CLASS (vm_greeting_parent_class)->dispose (object);
}

static void
vm_greeting_finalize (GObject * object)
{
  VmGreeting *self = VM_GREETING (object);

  g_clear_object (&self->network);
  g_free (self->path);
  G_OBJECT_CLASS (vm_greeting_parent_class)->finalize (object);
}

static void
vm_greeting_class_init (VmGreetingClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (greeting_debug, "bif-voicemail", 0,
      "messages of voicemail");
  G_OBJECT_CLASS (klass)->dispose = vm_greeting_dispose;
  G_OBJECT_CLASS (klass)->finalize = vm_greeting_finalize;
  signals[SIGNAL_FINISHED] = g_signal_new ("finished", VM_TYPE_GREETING,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
vm_greeting_init (VmGreeting * self)
{
}
