/* part.c: one file: pads -> (queue ->) muxer (-> mender) -> filesink. Muxers
 * that wait until all of their pads have data would stop when a track falls
 * silent, with all that comes after it only in memory: they are told not to
 * wait. */
#include "part.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <gst/base/gstaggregator.h>
#include <gst/base/gstcollectpads.h>
#include <string.h>
#include <unistd.h>

struct _BifPart
{
  GstBin *bin;
  GstElement *muxer, *sink;     /* of the bin, as the next */
  GstElement *mender;           /* between the two (nullable) */
  GPtrArray *queues;            /* of GstElement */
  GPtrArray *pads;              /* of GstPad: they push into the muxer */
  GPtrArray *caps;              /* of GstCaps, of each pad */
  char *path, *written;
};

static gboolean
set_property (GQuark field, const GValue * value, gpointer element)
{
  const char *name = g_quark_to_string (field);

  /* As a template has it: names of enumerations too. */
  if (G_VALUE_HOLDS_STRING (value))
    gst_util_set_object_arg (element, name, g_value_get_string (value));
  else
    g_object_set_property (element, name, value);
  return TRUE;
}

static GstElement *
make (BifPart * self, const char *factory, GError ** error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL) {
    g_set_error (error, GST_CORE_ERROR, GST_CORE_ERROR_MISSING_PLUGIN,
        "There is no element \"%s\"", factory);
    return NULL;
  }
  /* The bin changes state under our feet; ours follow by hand. */
  gst_element_set_locked_state (element, TRUE);
  gst_bin_add (self->bin, element);
  return element;
}

BifPart *
bif_part_new (GstBin * bin, const char *muxer,
    const GstStructure * muxer_properties, const char *path,
    const char *temporary_ending, GError ** error)
{
  BifPart *self = g_new0 (BifPart, 1);

  self->bin = bin;
  self->path = g_strdup (path);
  self->written = temporary_ending != NULL && *temporary_ending != '\0' ?
      g_strdup_printf ("%s.%s", path, temporary_ending) : g_strdup (path);
  self->pads = g_ptr_array_new_with_free_func (gst_object_unref);
  self->caps = g_ptr_array_new_with_free_func ((GDestroyNotify)
      gst_caps_unref);
  self->queues = g_ptr_array_new ();
  self->muxer = make (self, muxer, error);
  if (self->muxer != NULL)
    self->sink = make (self, "filesink", error);
  if (self->sink != NULL && strcmp (muxer, "mp4mux") == 0)
    self->mender = make (self, "bifmp4mend", error);
  if (self->sink == NULL) {
    bif_part_remove (self);
    bif_part_free (self);
    return NULL;
  }
  if (muxer_properties != NULL)
    gst_structure_foreach (muxer_properties, set_property, self->muxer);
  /* What was written is in the kernel's hands at once: it outlives us. */
  g_object_set (self->sink, "location", self->written, "sync", FALSE, "async",
      FALSE, NULL);
  gst_util_set_object_arg (G_OBJECT (self->sink), "buffer-mode", "unbuffered");
  if (self->mender != NULL)
    gst_element_link_many (self->muxer, self->mender, self->sink, NULL);
  else
    gst_element_link (self->muxer, self->sink);
  return self;
}

void
bif_part_free (BifPart * self)
{
  g_ptr_array_unref (self->pads);
  g_ptr_array_unref (self->caps);
  g_ptr_array_unref (self->queues);
  g_free (self->path);
  g_free (self->written);
  g_free (self);
}

/* GstCollectPads keeps what it knows of a pad behind it. A pad that is not
 * locked may be passed over where it has said, by a GAP, that nothing comes. */
static void
allow_gaps (GstPad * pad)
{
  GstCollectData *data = gst_pad_get_element_private (pad);

  GST_COLLECT_PADS_STATE_UNSET (data, GST_COLLECT_PADS_STATE_LOCKED);
}

/* Nothing comes on @pad up to @at, and nobody waits for it. */
static void
pass_over (GstPad * pad, GstClockTime at)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);
  GstCollectData *data = gst_pad_get_element_private (peer);

  gst_pad_push_event (pad, gst_event_new_gap (at, 1));
  GST_COLLECT_PADS_STREAM_LOCK (data->collect);
  gst_collect_pads_set_waiting (data->collect, data, FALSE);
  GST_COLLECT_PADS_STREAM_UNLOCK (data->collect);
}

static GstPad *
request_pad (BifPart * self, gboolean video, GstCaps * caps)
{
  GstElementClass *klass = GST_ELEMENT_GET_CLASS (self->muxer);
  GList *templates = gst_element_class_get_pad_template_list (klass);

  for (GList * l = templates; l != NULL; l = l->next) {
    GstPadTemplate *template_ = l->data;
    const char *name = GST_PAD_TEMPLATE_NAME_TEMPLATE (template_);

    if (GST_PAD_TEMPLATE_DIRECTION (template_) == GST_PAD_SINK
        && g_str_has_prefix (name, video ? "video" : "audio")
        && gst_caps_is_subset (caps, GST_PAD_TEMPLATE_CAPS (template_)))
      return gst_element_request_pad (self->muxer, template_, NULL, caps);
  }
  return NULL;
}

GstPad *
bif_part_add_pad (BifPart * self, gboolean video, GstCaps * caps)
{
  g_autoptr (GstPad) sink = request_pad (self, video, caps);
  GstPad *pad;

  if (sink == NULL)
    return NULL;
  pad = gst_object_ref_sink (gst_pad_new (NULL, GST_PAD_SRC));
  if (GST_IS_AGGREGATOR (self->muxer)) {
    GstElement *queue = make (self, "queue", NULL);

    g_object_set (queue, "max-size-buffers", 0, "max-size-bytes", 0,
        "max-size-time", (guint64) 0, NULL);
    g_ptr_array_add (self->queues, queue);
    gst_element_link_pads (queue, "src", self->muxer, GST_PAD_NAME (sink));
    gst_clear_object (&sink);
    sink = gst_element_get_static_pad (queue, "sink");
  } else {
    allow_gaps (sink);
  }
  gst_pad_set_active (pad, TRUE);
  if (gst_pad_link_full (pad, sink, GST_PAD_LINK_CHECK_NOTHING)
      != GST_PAD_LINK_OK) {
    gst_object_unref (pad);
    return NULL;
  }
  g_ptr_array_add (self->pads, pad);
  g_ptr_array_add (self->caps, gst_caps_ref (caps));
  return pad;
}

static gboolean
play (GstElement * element)
{
  return gst_element_set_state (element, GST_STATE_PLAYING)
      != GST_STATE_CHANGE_FAILURE;
}

/* Caps go first, on every pad: the file's header names all tracks, and is
 * written with the first packet of any. */
static gboolean
push_caps (BifPart * self, guint i)
{
  GstPad *pad = g_ptr_array_index (self->pads, i);
  g_autofree char *id = g_strdup_printf ("part/%u", i);
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_TIME);
  return gst_pad_push_event (pad, gst_event_new_stream_start (id))
      && gst_pad_push_event (pad,
      gst_event_new_caps (g_ptr_array_index (self->caps, i)))
      && gst_pad_push_event (pad, gst_event_new_segment (&segment));
}

gboolean
bif_part_start (BifPart * self)
{
  gboolean ok = play (self->sink)
      && (self->mender == NULL || play (self->mender)) && play (self->muxer);

  for (guint i = 0; i < self->queues->len; i++)
    ok = ok && play (g_ptr_array_index (self->queues, i));
  for (guint i = 0; i < self->pads->len; i++)
    ok = ok && push_caps (self, i);
  return ok;
}

GstFlowReturn
bif_part_push (BifPart * self, GstPad * pad, GstBuffer * buffer)
{
  GstClockTime at = GST_BUFFER_PTS (buffer);

  for (guint i = 0; !bif_part_waits (self) && i < self->pads->len; i++) {
    GstPad *other = g_ptr_array_index (self->pads, i);

    if (other != pad && !GST_PAD_IS_EOS (other))
      pass_over (other, at);
  }
  return gst_pad_push (pad, buffer);
}

/* A muxer whose pads are at their end, or not waited for, ends its file: those
 * that go on must be waited for when another one ends. */
static void
wait_for (GstPad * pad)
{
  g_autoptr (GstPad) peer = gst_pad_get_peer (pad);
  GstCollectData *data = gst_pad_get_element_private (peer);

  GST_COLLECT_PADS_STREAM_LOCK (data->collect);
  gst_collect_pads_set_waiting (data->collect, data, TRUE);
  GST_COLLECT_PADS_STREAM_UNLOCK (data->collect);
}

void
bif_part_end_pad (BifPart * self, GstPad * pad)
{
  for (guint i = 0; !bif_part_waits (self) && i < self->pads->len; i++) {
    GstPad *other = g_ptr_array_index (self->pads, i);

    if (other != pad && !GST_PAD_IS_EOS (other))
      wait_for (other);
  }
  gst_pad_push_event (pad, gst_event_new_eos ());
}

void
bif_part_finish (BifPart * self)
{
  for (guint i = 0; i < self->pads->len; i++)
    gst_pad_push_event (g_ptr_array_index (self->pads, i),
        gst_event_new_eos ());
}

gboolean
bif_part_owns (BifPart * self, GstObject * source)
{
  return GST_OBJECT (self->sink) == source;
}

static void
remove_element (BifPart * self, GstElement ** element)
{
  if (*element == NULL)
    return;
  gst_element_set_state (*element, GST_STATE_NULL);
  gst_bin_remove (self->bin, *element);
  *element = NULL;
}

/* Once a file, when it is whole; until then the kernel decides. */
static void
to_disk (const char *path)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC, 0);

  if (fd < 0)
    return;
  g_fsync (fd);
  close (fd);
}

void
bif_part_remove (BifPart * self)
{
  for (guint i = 0; i < self->queues->len; i++) {
    GstElement *queue = g_ptr_array_index (self->queues, i);

    remove_element (self, &queue);
  }
  g_ptr_array_set_size (self->queues, 0);
  remove_element (self, &self->muxer);
  remove_element (self, &self->mender);
  remove_element (self, &self->sink);
  to_disk (self->written);
  if (g_strcmp0 (self->written, self->path) != 0
      && g_rename (self->written, self->path) != 0)
    GST_WARNING ("cannot give %s its name", self->written);
}

gboolean
bif_part_waits (const BifPart * self)
{
  return GST_IS_AGGREGATOR (self->muxer);
}

const char *
bif_part_path (const BifPart * self)
{
  return self->path;
}
