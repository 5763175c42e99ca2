/* report.c: runs a recording through its depayloader and notes what changes.
 * Main thread; what ends in _any_thread on the streaming thread, which nothing
 * else runs beside. */
#include "rec/report.h"

#include <glib/gi18n.h>
#include <string.h>

#include "rec/level.h"
#include "rec/run.h"

/* What a hostile file can say of itself. */
#define MAX_CHANGES 10000
/* Debug level from which every packet is worth a line. */
#define LOG_LEVELS 5

typedef struct
{
  GstClockTime time;
  int a, b;                     /* degrees; or width and height */
} Change;

typedef struct
{
  int orientation_id;
  BifRecLevel level;
  gboolean from_zero;           /* messages count from the making */
  guint packets;
  GstClockTime first, last;
  GArray *rotations, *sizes;    /* of Change */
} Report;

static void
report_clear (Report * self)
{
  g_clear_pointer (&self->rotations, g_array_unref);
  g_clear_pointer (&self->sizes, g_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Report, report_clear)

static void
note (GArray * changes, GstClockTime time, int a, int b)
{
  const Change change = { time, a, b };
  const Change *last = changes->len > 0 ?
      &g_array_index (changes, Change, changes->len - 1) : NULL;

  if (changes->len < MAX_CHANGES
      && (last == NULL || last->a != a || last->b != b))
    g_array_append_val (changes, change);
}

static GstClockTime
since_first (const Report * self)
{
  return GST_CLOCK_TIME_IS_VALID (self->first) ? self->last - self->first : 0;
}

/* Two bits say how far it is to be turned. */
static void
note_rotation (Report * self, GstBuffer * buffer)
{
  guint8 value;

  if (bif_rec_extension (buffer, self->orientation_id, &value))
    note (self->rotations, since_first (self), (value & 3) * 90, 0);
}

static GstPadProbeReturn
on_packet_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Report *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);

  self->packets++;
  self->last = GST_BUFFER_PTS (buffer);
  if (!GST_CLOCK_TIME_IS_VALID (self->first))
    self->first = self->from_zero ? 0 : self->last;
  note_rotation (self, buffer);
  bif_rec_level_note (&self->level, buffer, since_first (self));
  return GST_PAD_PROBE_OK;
}

static void
on_pad_added_any_thread (GstElement * demux, GstPad * pad, gpointer user_data)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_packet_any_thread,
      user_data, NULL);
}

/* Caps come before the frame they are of. */
static GstPadProbeReturn
on_caps_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Report *self = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  const GstStructure *structure;
  int width, height;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  structure = gst_caps_get_structure (caps, 0);
  if (gst_structure_get_int (structure, "width", &width)
      && gst_structure_get_int (structure, "height", &height))
    note (self->sizes, since_first (self), width, height);
  return GST_PAD_PROBE_OK;
}

static gboolean
is_video (const BifRecSource * source)
{
  return source->object == NULL ? g_str_equal (source->codec->name, "vp8") :
      *json_object_get_string_member (json_node_get_object (source->object),
      "t") == 'v';
}

static gboolean
examine (Report * self, const BifRecSource * source,
    const BifRecOptions * options, GError ** error)
{
  const char *chain = is_video (source) ? source->codec->chain : "identity";
  g_autofree char *text = g_strdup_printf ("filesrc name=file0 ! bifmjrdemux "
      "name=demux0 ! %s ! fakesink name=sink sync=false", chain);
  g_autoptr (GstElement) pipeline = bif_rec_parse (text, error);
  g_autoptr (GstElement) demux = NULL, sink = NULL;
  g_autoptr (GstPad) pad = NULL;

  if (pipeline == NULL)
    return FALSE;
  demux = bif_rec_source_configure (source->path, 0, options, pipeline);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  pad = gst_element_get_static_pad (sink, "sink");
  self->orientation_id = source->orientation_id;
  self->level.id = source->level_id;
  self->level.log = options->debug_level >= LOG_LEVELS
      && options->mode == BIF_REC_PARSE;
  self->first = self->last = GST_CLOCK_TIME_NONE;
  self->from_zero = source->codec->chain == NULL;
  self->rotations = g_array_new (FALSE, FALSE, sizeof (Change));
  self->sizes = g_array_new (FALSE, FALSE, sizeof (Change));
  g_signal_connect (demux, "pad-added", G_CALLBACK (on_pad_added_any_thread),
      self);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_caps_any_thread, self, NULL);
  return bif_rec_run (pipeline, !options->quiet
      && options->mode == BIF_REC_PARSE, error);
}

/* ---- JSON ---- */

static void
write_changes (JsonBuilder * builder, const char *name, GArray * changes,
    const char *a, const char *b)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < changes->len; i++) {
    const Change *change = &g_array_index (changes, Change, i);

    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "ts");
    json_builder_add_double_value (builder, (double) change->time
        / GST_SECOND);
    json_builder_set_member_name (builder, a);
    json_builder_add_int_value (builder, change->a);
    if (b != NULL) {
      json_builder_set_member_name (builder, b);
      json_builder_add_int_value (builder, change->b);
    }
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static JsonNode *
write_report (const Report * self, gboolean video)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "packets");
  json_builder_add_int_value (builder, self->packets);
  json_builder_set_member_name (builder, "duration");
  json_builder_add_double_value (builder, (double) since_first (self)
      / GST_SECOND);
  if (self->rotations->len > 0)
    write_changes (builder, "rotations", self->rotations, "rotation", NULL);
  if (video) {
    json_builder_set_member_name (builder, "codec");
    json_builder_begin_object (builder);
    write_changes (builder, "resolution", self->sizes, "width", "height");
    json_builder_end_object (builder);
  }
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

gboolean
bif_rec_report_json (const BifRecSource * source,
    const BifRecOptions * options, GError ** error)
{
  g_auto (Report) report = { 0 };
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  if (source->object == NULL) {
    g_print ("(null)\n");
    return TRUE;
  }
  if (source->broken != NULL) {
    g_set_error_literal (error, BIF_REC_ERROR, 0, source->broken);
    return FALSE;
  }
  if (!examine (&report, source, options, error))
    return FALSE;
  root = json_node_copy (source->object);
  json_object_set_member (json_node_get_object (root), "extended",
      write_report (&report, is_video (source)));
  text = json_to_string (root, FALSE);
  g_print ("%s\n", text);
  return TRUE;
}

/* ---- lines ---- */

static void
print_header (const BifRecSource * source)
{
  g_autoptr (GDateTime) date = source->start_us >= 0 ?
      g_date_time_new_from_unix_utc (source->start_us / G_USEC_PER_SEC) :
      NULL;
  g_autofree char *begin = date != NULL ?
      g_date_time_format_iso8601 (date) : NULL;

  g_print (_("File: %s\n"), source->path);
  g_print (_("Codec: %s\n"), source->codec->name);
  if (begin != NULL)
    g_print (_("Begins: %s\n"), begin);
  if (source->encrypted)
    g_print (_("Encrypted end to end\n"));
  if (source->json != NULL)
    g_print ("%s\n", source->json);
}

static void
print_level (const BifRecLevel * level)
{
  if (level->count > 0)
    g_print (_("Audio level: -%u dB on average, -%u dB at its loudest\n"),
        (guint) (level->sum / level->count), level->loudest);
}

gboolean
bif_rec_report_text (const BifRecSource * source,
    const BifRecOptions * options, gboolean all, GError ** error)
{
  g_auto (Report) report = { 0 };

  print_header (source);
  if (!all)
    return TRUE;
  if (source->broken != NULL) {
    g_set_error_literal (error, BIF_REC_ERROR, 0, source->broken);
    return FALSE;
  }
  if (!examine (&report, source, options, error))
    return FALSE;
  g_print (_("Packets: %u\n"), report.packets);
  g_print (_("Duration: %.3f s\n"), (double) since_first (&report)
      / GST_SECOND);
  print_level (&report.level);
  for (guint i = 0; i < report.rotations->len; i++) {
    const Change *change = &g_array_index (report.rotations, Change, i);

    g_print (_("At %.3f s: rotated by %d degrees\n"), (double) change->time
        / GST_SECOND, change->a);
  }
  for (guint i = 0; i < report.sizes->len; i++) {
    const Change *change = &g_array_index (report.sizes, Change, i);

    g_print (_("At %.3f s: %d x %d\n"), (double) change->time / GST_SECOND,
        change->a, change->b);
  }
  return TRUE;
}
