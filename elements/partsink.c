/* partsink.c: bifpartsink: audio and video of one participant into one file, and
 * into the next where a track is added, a codec changes, or a file is long
 * enough. Unlike splitmuxsink it does not gather whole groups of pictures:
 * browsers send a keyframe in minutes, and what is only in memory a crash takes
 * away. Streaming threads; the lock is held while a packet is written, and no
 * packet path waits here, only the threads of a recording's own sources. */
#include "partsink.h"
#include "part.h"
#include "part-input.h"

#include <gst/video/video-event.h>

/* How long a first packet waits for those of other tracks. */
#define START_TIMEOUT (1500 * GST_MSECOND)
/* Keyframes asked for in vain are asked for again. */
#define KEYFRAME_INTERVAL GST_SECOND
/* Packets held while a file is not open yet. */
#define MAX_HELD 1024

struct _BifPartSink
{
  GstBin parent;

  /* object lock */
  char *location, *muxer, *temporary_ending;
  GstStructure *muxer_properties;
  GstClockTime max_duration;
  guint64 max_size;
  gboolean paused;

  GMutex lock;                  /* guards all below; object locks inside */
  GPtrArray *inputs;            /* of BifPartInput */
  guint names;                  /* pads made so far */
  BifPart *part;                /* written now (nullable) */
  guint n_parts;
  guint64 size;                 /* of this part, payload bytes */
  GstClockTime start;           /* running time that is 0 in this part */
  GstClockTime first_held;      /* when waiting began */
  GstClockTime newest;          /* running time of the newest packet written */
  GstClockTime paused_at;       /* running time; NONE: not paused */
  GstClockTime asked;           /* for a keyframe, last */
  gboolean part_due;
  gboolean failed;

  GMutex ending_lock;           /* innermost; guards what follows */
  GPtrArray *ending;            /* of BifPart that wait for their EOS message */
};

enum
{
  PROP_0, PROP_LOCATION, PROP_MUXER, PROP_MUXER_PROPERTIES,
  PROP_TEMPORARY_ENDING, PROP_MAX_DURATION, PROP_MAX_SIZE, PROP_PAUSED, N_PROPS
};
static GParamSpec *props[N_PROPS];

GST_DEBUG_CATEGORY_STATIC (part_sink_debug);
#define GST_CAT_DEFAULT part_sink_debug

G_DEFINE_FINAL_TYPE (BifPartSink, bif_part_sink, GST_TYPE_BIN)

static GstStaticPadTemplate audio_template =
GST_STATIC_PAD_TEMPLATE ("audio_%u", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS_ANY);
static GstStaticPadTemplate video_template =
GST_STATIC_PAD_TEMPLATE ("video_%u", GST_PAD_SINK, GST_PAD_REQUEST,
    GST_STATIC_CAPS_ANY);

static void
ask_for_keyframe (BifPartSink * self, GstClockTime now)
{
  if (GST_CLOCK_TIME_IS_VALID (self->asked)
      && now < self->asked + KEYFRAME_INTERVAL)
    return;
  self->asked = now;
  for (guint i = 0; i < self->inputs->len; i++) {
    BifPartInput *input = g_ptr_array_index (self->inputs, i);

    if (input->video && !input->ended)
      gst_pad_push_event (input->pad,
          gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE,
              TRUE, 0));
  }
}

/* ---- messages ---- */

/* @start: running time that is 0 in the file */
static void
post (BifPartSink * self, const char *name, const char *path,
    GstClockTime start)
{
  gst_element_post_message (GST_ELEMENT (self),
      gst_message_new_element (GST_OBJECT (self), gst_structure_new (name,
              "location", G_TYPE_STRING, path, "running-time",
              GST_TYPE_CLOCK_TIME, start, NULL)));
}

/* ---- parts ---- */

/* "name.webm", then "name-1.webm", "name-2.webm". */
static char *
next_path (BifPartSink * self)
{
  const char *dot = strrchr (self->location, '.');
  const char *slash = strrchr (self->location, '/');

  if (self->n_parts == 0)
    return g_strdup (self->location);
  if (dot == NULL || (slash != NULL && dot < slash))
    dot = self->location + strlen (self->location);
  return g_strdup_printf ("%.*s-%u%s", (int) (dot - self->location),
      self->location, self->n_parts, dot);
}

static gboolean
open_part (BifPartSink * self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  GST_OBJECT_LOCK (self);
  path = next_path (self);
  GST_OBJECT_UNLOCK (self);
  self->part = bif_part_new (GST_BIN (self), self->muxer,
      self->muxer_properties, path, self->temporary_ending, &error);
  for (guint i = 0; self->part != NULL && i < self->inputs->len; i++) {
    BifPartInput *input = g_ptr_array_index (self->inputs, i);

    if (input->caps == NULL || input->ended)
      continue;
    input->out = bif_part_add_pad (self->part, input->video, input->caps);
    input->last = GST_CLOCK_TIME_NONE;
    input->refused = input->out == NULL;
    if (input->refused)
      GST_WARNING_OBJECT (input->pad, "%s takes no %" GST_PTR_FORMAT,
          self->muxer, input->caps);
  }
  if (self->part != NULL && bif_part_waits (self->part))
    self->start = bif_part_inputs_latest (self->inputs, self->start);
  if (self->part == NULL || !bif_part_start (self->part)) {
    self->failed = TRUE;
    GST_ELEMENT_ERROR (self, RESOURCE, OPEN_WRITE,
        ("Cannot write %s", path), ("%s", error ? error->message : ""));
    return FALSE;
  }
  self->n_parts++;
  self->size = 0;
  self->part_due = FALSE;
  post (self, "bif-part-opened", path, self->start);
  return TRUE;
}

/* The file is whole when its EOS message comes (handle_message). */
static void
end_part (BifPartSink * self)
{
  BifPart *part = g_steal_pointer (&self->part);

  if (part == NULL)
    return;
  for (guint i = 0; i < self->inputs->len; i++) {
    BifPartInput *input = g_ptr_array_index (self->inputs, i);

    input->out = NULL;
    input->waits_keyframe = input->video;
  }
  g_mutex_lock (&self->ending_lock);
  g_ptr_array_add (self->ending, part);
  g_mutex_unlock (&self->ending_lock);
  bif_part_finish (part);
}

/* A part whose last track ends is at its end. */
static void
end_track (BifPartSink * self, BifPartInput * input)
{
  guint n = 0;

  for (guint i = 0; i < self->inputs->len; i++)
    n += ((BifPartInput *) self->inputs->pdata[i])->out != NULL;
  if (n == 1) {
    end_part (self);
    return;
  }
  bif_part_end_pad (self->part, input->out);
  input->out = NULL;
}

static void
remove_part (GstElement * element, gpointer user_data)
{
  BifPartSink *self = BIF_PART_SINK (element);
  BifPart *part = user_data;
  gboolean last;

  /* Its end may be there before the last of its tracks is told so. */
  g_mutex_lock (&self->lock);
  g_mutex_unlock (&self->lock);
  bif_part_remove (part);
  post (self, "bif-part-closed", bif_part_path (part), GST_CLOCK_TIME_NONE);
  bif_part_free (part);
  g_mutex_lock (&self->lock);
  g_mutex_lock (&self->ending_lock);
  last = self->part == NULL && self->ending->len == 0 && bif_part_inputs_ended (self->inputs);
  g_mutex_unlock (&self->ending_lock);
  g_mutex_unlock (&self->lock);
  if (last)
    gst_element_post_message (element, gst_message_new_eos (GST_OBJECT
            (self)));
}

static void
bif_part_sink_handle_message (GstBin * bin, GstMessage * message)
{
  BifPartSink *self = BIF_PART_SINK (bin);
  BifPart *ended = NULL;

  if (GST_MESSAGE_TYPE (message) != GST_MESSAGE_EOS
      || GST_MESSAGE_SRC (message) == GST_OBJECT (self)) {
    GST_BIN_CLASS (bif_part_sink_parent_class)->handle_message (bin, message);
    return;
  }
  /* Often on the thread that ends the part, with the lock held. */
  g_mutex_lock (&self->ending_lock);
  for (guint i = 0; i < self->ending->len && ended == NULL; i++) {
    BifPart *part = g_ptr_array_index (self->ending, i);

    if (bif_part_owns (part, GST_MESSAGE_SRC (message)))
      ended = g_ptr_array_steal_index_fast (self->ending, i);
  }
  g_mutex_unlock (&self->ending_lock);
  if (ended != NULL)
    gst_element_call_async (GST_ELEMENT (self), remove_part, ended, NULL);
  gst_message_unref (message);
}

/* ---- writing ---- */

/* Takes @buffer, whose PTS is running time. */
static GstFlowReturn
write_buffer (BifPartSink * self, BifPartInput * input, GstBuffer * buffer)
{
  GstClockTime now = GST_BUFFER_PTS (buffer);
  GstClockTime at = now > self->start ? now - self->start : 0;

  if (GST_CLOCK_TIME_IS_VALID (input->last))
    at = MAX (at, input->last);
  input->last = at;
  self->newest = MAX (self->newest, now);
  self->size += gst_buffer_get_size (buffer);
  GST_BUFFER_PTS (buffer) = GST_BUFFER_DTS (buffer) = at;
  GST_BUFFER_DURATION (buffer) = GST_CLOCK_TIME_NONE;
  return bif_part_push (self->part, input->out, buffer);
}

/* Opens a part with what is held. */
static GstFlowReturn
begin_part (BifPartSink * self)
{
  GstFlowReturn flow = GST_FLOW_OK;
  BifPartInput *input = bif_part_inputs_earliest (self->inputs);

  if (input == NULL)
    return GST_FLOW_OK;
  self->start = GST_BUFFER_PTS (g_queue_peek_head (&input->held));
  self->first_held = GST_CLOCK_TIME_NONE;
  if (!open_part (self))
    return GST_FLOW_ERROR;
  for (; input != NULL; input = bif_part_inputs_earliest (self->inputs)) {
    GstBuffer *buffer = g_queue_pop_head (&input->held);

    /* Earlier pictures are shown at once, earlier sound is left out. */
    if (input->out == NULL || flow != GST_FLOW_OK || (!input->video
            && GST_BUFFER_PTS (buffer) < self->start))
      gst_buffer_unref (buffer);
    else
      flow = write_buffer (self, input, buffer);
  }
  return flow;
}

/* Whether every track is there: later parts do not wait for those that had
 * their beginning in an earlier one. */
static gboolean
is_ready (BifPartSink * self, GstClockTime now)
{
  if (now > self->first_held + START_TIMEOUT)
    return TRUE;
  for (guint i = 0; i < self->inputs->len; i++) {
    BifPartInput *input = g_ptr_array_index (self->inputs, i);

    if (!input->ended && (input->caps == NULL || (input->held.length == 0
                && (self->n_parts == 0 || input->waits_keyframe))))
      return FALSE;
  }
  return TRUE;
}

static GstFlowReturn
hold (BifPartSink * self, BifPartInput * input, GstBuffer * buffer)
{
  GstClockTime now = GST_BUFFER_PTS (buffer);

  if (!GST_CLOCK_TIME_IS_VALID (self->first_held))
    self->first_held = now;
  if (input->held.length == MAX_HELD)
    gst_buffer_unref (g_queue_pop_head (&input->held));
  g_queue_push_tail (&input->held, buffer);
  return is_ready (self, now) ? begin_part (self) : GST_FLOW_OK;
}

/* ---- what comes ---- */

static gboolean
is_long_enough (BifPartSink * self, GstClockTime now)
{
  gboolean enough;

  GST_OBJECT_LOCK (self);
  enough = (self->max_duration > 0 && now > self->start + self->max_duration)
      || (self->max_size > 0 && self->size > self->max_size);
  GST_OBJECT_UNLOCK (self);
  return enough;
}

/* A muxer that waits for its tracks is told when one has fallen silent; when it
 * comes again a new part begins. */
static void
end_silent_tracks (BifPartSink * self, GstClockTime now)
{
  if (!bif_part_waits (self->part))
    return;
  for (guint i = 0; i < self->inputs->len; i++) {
    BifPartInput *input = g_ptr_array_index (self->inputs, i);

    if (input->out == NULL || now < input->newest + START_TIMEOUT)
      continue;
    end_track (self, input);
    if (self->part == NULL)
      return;
  }
}

/* Ends the part where it is time and @buffer is a place to begin the next.
 * FALSE: the buffer belongs to no part. */
static gboolean
turn_over (BifPartSink * self, BifPartInput * input, gboolean keyframe,
    GstClockTime now)
{
  if (self->part == NULL)
    return TRUE;
  end_silent_tracks (self, now);
  if (self->part == NULL)
    return keyframe || !input->waits_keyframe;
  self->part_due = self->part_due || input->out == NULL
      || is_long_enough (self, now);
  if (!self->part_due)
    return TRUE;
  if (input->video ? keyframe : !bif_part_inputs_have_video (self->inputs)) {
    end_part (self);
    input->waits_keyframe = FALSE;
    return TRUE;
  }
  ask_for_keyframe (self, now);
  return input->out != NULL;
}

/* Returns whether recording is paused; what follows a pause joins what was
 * before it. */
static gboolean
check_pause (BifPartSink * self, GstClockTime now)
{
  gboolean paused;

  GST_OBJECT_LOCK (self);
  paused = self->paused;
  GST_OBJECT_UNLOCK (self);
  if (paused) {
    if (!GST_CLOCK_TIME_IS_VALID (self->paused_at))
      self->paused_at = now;
    return TRUE;
  }
  if (GST_CLOCK_TIME_IS_VALID (self->paused_at)) {
    if (self->part != NULL && now > self->newest)
      self->start += now - self->newest;
    self->paused_at = GST_CLOCK_TIME_NONE;
    for (guint i = 0; i < self->inputs->len; i++) {
      BifPartInput *input = g_ptr_array_index (self->inputs, i);

      input->waits_keyframe = input->video;
    }
    ask_for_keyframe (self, now);
  }
  return FALSE;
}

/* Takes @buffer. The lock is held. */
static GstFlowReturn
take (BifPartSink * self, BifPartInput * input, GstBuffer * buffer)
{
  gboolean keyframe = !GST_BUFFER_FLAG_IS_SET (buffer,
      GST_BUFFER_FLAG_DELTA_UNIT);
  GstClockTime now = gst_segment_to_running_time (&input->segment,
      GST_FORMAT_TIME, GST_BUFFER_PTS (buffer));
  gboolean wanted = GST_CLOCK_TIME_IS_VALID (now) && !self->failed
      && !input->refused && !check_pause (self, now);

  if (wanted && input->waits_keyframe && !keyframe) {
    ask_for_keyframe (self, now);
    wanted = FALSE;
  }
  if (wanted) {
    input->waits_keyframe = FALSE;
    input->newest = now;
    wanted = turn_over (self, input, keyframe, now);
  }
  if (!wanted) {
    gst_buffer_unref (buffer);
    return self->failed ? GST_FLOW_ERROR : GST_FLOW_OK;
  }
  buffer = gst_buffer_make_writable (buffer);
  GST_BUFFER_PTS (buffer) = now;
  return self->part != NULL ? write_buffer (self, input, buffer) :
      hold (self, input, buffer);
}

static GstFlowReturn
bif_part_sink_chain (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  BifPartSink *self = BIF_PART_SINK (parent);
  GstFlowReturn flow;

  g_mutex_lock (&self->lock);
  flow = take (self, gst_pad_get_element_private (pad), buffer);
  if (flow != GST_FLOW_OK)
    self->failed = TRUE;
  g_mutex_unlock (&self->lock);
  return flow;
}

static void
take_caps (BifPartSink * self, BifPartInput * input, GstCaps * caps)
{
  if (input->caps != NULL && input->out != NULL
      && !bif_part_caps_go_on (input->caps, caps))
    end_part (self);
  gst_caps_replace (&input->caps, caps);
  input->refused = FALSE;
}

static void
end_input (BifPartSink * self, BifPartInput * input)
{
  gboolean nothing;

  if (input->ended)
    return;
  input->ended = TRUE;
  if (!bif_part_inputs_ended (self->inputs)) {
    if (input->out != NULL)
      end_track (self, input);
    return;
  }
  input->ended = FALSE;
  if (self->part == NULL && !self->failed)
    begin_part (self);
  input->ended = TRUE;
  nothing = self->part == NULL;
  end_part (self);
  g_mutex_lock (&self->ending_lock);
  nothing = nothing && self->ending->len == 0;
  g_mutex_unlock (&self->ending_lock);
  if (nothing)
    gst_element_post_message (GST_ELEMENT (self),
        gst_message_new_eos (GST_OBJECT (self)));
}

static gboolean
bif_part_sink_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  BifPartSink *self = BIF_PART_SINK (parent);
  BifPartInput *input = gst_pad_get_element_private (pad);
  GstCaps *caps;

  g_mutex_lock (&self->lock);
  switch (GST_EVENT_TYPE (event)) {
    case GST_EVENT_CAPS:
      gst_event_parse_caps (event, &caps);
      take_caps (self, input, caps);
      break;
    case GST_EVENT_SEGMENT:
      gst_event_copy_segment (event, &input->segment);
      break;
    case GST_EVENT_EOS:
      end_input (self, input);
      break;
    default:
      break;
  }
  g_mutex_unlock (&self->lock);
  gst_event_unref (event);
  return TRUE;
}

/* ---- pads ---- */

static GstPad *
bif_part_sink_request_new_pad (GstElement * element,
    GstPadTemplate * template_, const char *name, const GstCaps * caps)
{
  BifPartSink *self = BIF_PART_SINK (element);
  BifPartInput *input;
  g_autofree char *pad_name = NULL;

  g_mutex_lock (&self->lock);
  input = bif_part_input_new (g_str_has_prefix
      (GST_PAD_TEMPLATE_NAME_TEMPLATE (template_), "video"));
  pad_name = g_strdup_printf ("%s_%u", input->video ? "video" : "audio",
      self->names++);
  input->pad = gst_pad_new_from_template (template_, pad_name);
  gst_pad_set_element_private (input->pad, input);
  gst_pad_set_chain_function (input->pad, bif_part_sink_chain);
  gst_pad_set_event_function (input->pad, bif_part_sink_event);
  g_ptr_array_add (self->inputs, input);
  g_mutex_unlock (&self->lock);
  gst_pad_set_active (input->pad, TRUE);
  gst_element_add_pad (element, input->pad);
  return input->pad;
}

static void
bif_part_sink_release_pad (GstElement * element, GstPad * pad)
{
  BifPartSink *self = BIF_PART_SINK (element);
  BifPartInput *input = gst_pad_get_element_private (pad);

  gst_pad_set_active (pad, FALSE);
  g_mutex_lock (&self->lock);
  end_input (self, input);
  g_ptr_array_remove (self->inputs, input);
  g_mutex_unlock (&self->lock);
  gst_element_remove_pad (element, pad);
}

/* ---- the element ---- */

/* What was not ended properly keeps what is written. */
static void
drop_parts (BifPartSink * self)
{
  g_autoptr (GPtrArray) parts = NULL;

  g_mutex_lock (&self->ending_lock);
  parts = g_steal_pointer (&self->ending);
  self->ending = g_ptr_array_new ();
  g_mutex_unlock (&self->ending_lock);
  if (self->part != NULL)
    g_ptr_array_add (parts, g_steal_pointer (&self->part));
  for (guint i = 0; i < parts->len; i++) {
    bif_part_remove (g_ptr_array_index (parts, i));
    bif_part_free (g_ptr_array_index (parts, i));
  }
}

static void
reset (BifPartSink * self)
{
  self->n_parts = 0;
  self->size = 0;
  self->start = 0;
  self->first_held = self->paused_at = self->asked = GST_CLOCK_TIME_NONE;
  self->newest = 0;
  self->part_due = self->failed = FALSE;
  for (guint i = 0; i < self->inputs->len; i++)
    bif_part_input_reset (g_ptr_array_index (self->inputs, i));
}

static GstStateChangeReturn
bif_part_sink_change_state (GstElement * element, GstStateChange transition)
{
  BifPartSink *self = BIF_PART_SINK (element);
  GstStateChangeReturn result;

  if (transition == GST_STATE_CHANGE_READY_TO_PAUSED
      && self->location == NULL) {
    GST_ELEMENT_ERROR (self, RESOURCE, NOT_FOUND, ("No location is set"),
        (NULL));
    return GST_STATE_CHANGE_FAILURE;
  }
  result = GST_ELEMENT_CLASS (bif_part_sink_parent_class)->change_state
      (element, transition);
  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    g_mutex_lock (&self->lock);
    drop_parts (self);
    reset (self);
    g_mutex_unlock (&self->lock);
  }
  return result;
}

static void
bif_part_sink_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  BifPartSink *self = BIF_PART_SINK (object);
  const GstStructure *structure;

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_free (self->location);
      self->location = g_value_dup_string (value);
      break;
    case PROP_MUXER:
      g_free (self->muxer);
      self->muxer = g_value_dup_string (value);
      break;
    case PROP_MUXER_PROPERTIES:
      gst_clear_structure (&self->muxer_properties);
      structure = gst_value_get_structure (value);
      if (structure != NULL)
        self->muxer_properties = gst_structure_copy (structure);
      break;
    case PROP_TEMPORARY_ENDING:
      g_free (self->temporary_ending);
      self->temporary_ending = g_value_dup_string (value);
      break;
    case PROP_MAX_DURATION:
      self->max_duration = g_value_get_uint64 (value);
      break;
    case PROP_MAX_SIZE:
      self->max_size = g_value_get_uint64 (value);
      break;
    case PROP_PAUSED:
      self->paused = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
bif_part_sink_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifPartSink *self = BIF_PART_SINK (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_LOCATION:
      g_value_set_string (value, self->location);
      break;
    case PROP_MUXER:
      g_value_set_string (value, self->muxer);
      break;
    case PROP_MUXER_PROPERTIES:
      gst_value_set_structure (value, self->muxer_properties);
      break;
    case PROP_TEMPORARY_ENDING:
      g_value_set_string (value, self->temporary_ending);
      break;
    case PROP_MAX_DURATION:
      g_value_set_uint64 (value, self->max_duration);
      break;
    case PROP_MAX_SIZE:
      g_value_set_uint64 (value, self->max_size);
      break;
    case PROP_PAUSED:
      g_value_set_boolean (value, self->paused);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
  GST_OBJECT_UNLOCK (self);
}

static void
bif_part_sink_finalize (GObject * object)
{
  BifPartSink *self = BIF_PART_SINK (object);

  g_ptr_array_unref (self->inputs);
  g_ptr_array_unref (self->ending);
  g_free (self->location);
  g_free (self->muxer);
  g_free (self->temporary_ending);
  gst_clear_structure (&self->muxer_properties);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->ending_lock);
  G_OBJECT_CLASS (bif_part_sink_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;
  const GParamFlags ready = rw | GST_PARAM_MUTABLE_READY;

  props[PROP_LOCATION] = g_param_spec_string ("location", "Location",
      "The first part's file; later ones have -1, -2 before the ending", NULL,
      ready);
  props[PROP_MUXER] = g_param_spec_string ("muxer-factory", "Muxer factory",
      "Element that makes the file", "webmmux", ready);
  props[PROP_MUXER_PROPERTIES] = g_param_spec_boxed ("muxer-properties",
      "Muxer properties", "Properties of the muxer", GST_TYPE_STRUCTURE,
      ready);
  props[PROP_TEMPORARY_ENDING] = g_param_spec_string ("temporary-ending",
      "Temporary ending", "Added to the name of a file that is not whole yet",
      NULL, ready);
  props[PROP_MAX_DURATION] = g_param_spec_uint64 ("max-duration",
      "Maximal duration", "A new part begins at the first keyframe after it, "
      "ns; 0: never", 0, G_MAXUINT64, 0, rw);
  props[PROP_MAX_SIZE] = g_param_spec_uint64 ("max-size", "Maximal size",
      "A new part begins at the first keyframe after so many bytes; 0: never",
      0, G_MAXUINT64, 0, rw);
  props[PROP_PAUSED] = g_param_spec_boolean ("paused", "Paused",
      "Nothing is written; what follows joins without a gap", FALSE, rw);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
bif_part_sink_class_init (BifPartSinkClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (part_sink_debug, "bif-part-sink", 0,
      "writes files part by part");
  object_class->set_property = bif_part_sink_set_property;
  object_class->get_property = bif_part_sink_get_property;
  object_class->finalize = bif_part_sink_finalize;
  element_class->request_new_pad = bif_part_sink_request_new_pad;
  element_class->release_pad = bif_part_sink_release_pad;
  element_class->change_state = bif_part_sink_change_state;
  GST_BIN_CLASS (klass)->handle_message = bif_part_sink_handle_message;
  install_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &audio_template);
  gst_element_class_add_static_pad_template (element_class, &video_template);
  gst_element_class_set_static_metadata (element_class, "Part sink",
      "Sink/File/Muxer", "Audio and video into files, part by part",
      "Bifrons project");
}

static void
bif_part_sink_init (BifPartSink * self)
{
  g_mutex_init (&self->lock);
  g_mutex_init (&self->ending_lock);
  self->inputs = g_ptr_array_new_with_free_func (bif_part_input_free);
  self->ending = g_ptr_array_new ();
  self->muxer = g_strdup ("webmmux");
  reset (self);
  /* Parts come and go; it is a sink without any, too. */
  GST_OBJECT_FLAG_SET (self, GST_ELEMENT_FLAG_SINK);
  gst_bin_set_suppressed_flags (GST_BIN (self), GST_ELEMENT_FLAG_SINK
      | GST_ELEMENT_FLAG_SOURCE);
}
