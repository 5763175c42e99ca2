/* source.c: opens .mjr files to see what they are. Main thread. */
#include "rec/source.h"

#include <glib/gi18n.h>

#include "rec/run.h"

#define ORIENTATION "urn:3gpp:video-orientation"
#define LEVEL "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

GstElement *
bif_rec_source_configure (const char *path, guint n,
    const BifRecOptions * options, GstElement * pipeline)
{
  g_autofree char *file_name = g_strdup_printf ("file%u", n);
  g_autofree char *demux_name = g_strdup_printf ("demux%u", n);
  g_autoptr (GstElement) file =
      gst_bin_get_by_name (GST_BIN (pipeline), file_name);
  GstElement *demux = gst_bin_get_by_name (GST_BIN (pipeline), demux_name);

  g_object_set (file, "location", path, NULL);
  g_object_set (demux, "skip", options->skip, "payload-type",
      options->payload_type, "ignore-timestamps", options->by_arrival,
      "silence-distance", options->silence_distance, NULL);
  /* Reports are of what is there. */
  if (options->mode == BIF_REC_CONVERT)
    g_object_set (demux, "audio-skew", options->skew_ms, "restamp",
        options->restamp, "restamp-packets", options->restamp_packets,
        "restamp-min", options->restamp_min_ms, NULL);
  return demux;
}

/* ---- the header ---- */

/* Below 0: none, or not a number. */
static gint64
get_int (JsonObject * object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ?
      json_node_get_int (node) : -1;
}

static void
find_extensions (BifRecSource * self, JsonObject * extensions)
{
  JsonObjectIter iter;
  const char *id, *name;
  JsonNode *uri;

  json_object_iter_init (&iter, extensions);
  while (json_object_iter_next (&iter, &id, &uri)) {
    int number = CLAMP (g_ascii_strtoll (id, NULL, 10), -1, 255);

    if (json_node_get_value_type (uri) != G_TYPE_STRING)
      continue;
    name = json_node_get_string (uri);
    if (g_str_equal (name, ORIENTATION))
      self->orientation_id = number;
    else if (g_str_equal (name, LEVEL))
      self->level_id = number;
  }
}

/* What was asked for wins over what stands in the header. */
static void
take_id (int *id, int asked, const char *what, const BifRecOptions * options)
{
  if (asked < 0)
    return;
  if (*id >= 0 && *id != asked && options->mode != BIF_REC_JSON
      && options->mode != BIF_REC_EXTENDED)
    g_printerr (_("The header says that %s has the id %d, not %d\n"), what, *id,
        asked);
  *id = asked;
}

/* The demuxer has checked it: types of members that are required are good. */
static void
read_json (BifRecSource * self)
{
  g_autoptr (JsonNode) root = self->json != NULL ?
      json_from_string (self->json, NULL) : NULL;
  JsonObject *object;
  JsonNode *node;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    return;
  object = json_node_get_object (root);
  self->codec = bif_rec_codec_find (json_object_get_string_member (object,
          "c"));
  self->red = get_int (object, "or");
  node = json_object_get_member (object, "e");
  self->encrypted = node != NULL
      && json_node_get_value_type (node) == G_TYPE_BOOLEAN
      && json_node_get_boolean (node);
  node = json_object_get_member (object, "x");
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    find_extensions (self, json_node_get_object (node));
  self->object = g_steal_pointer (&root);
}

/* Of version 0, and of "g711", which can be either. */
static void
read_caps (BifRecSource * self, GstElement * sink)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  const GstStructure *structure =
      caps != NULL ? gst_caps_get_structure (caps, 0) : NULL;
  const char *encoding = structure != NULL ?
      gst_structure_get_string (structure, "encoding-name") : NULL;
  g_autofree char *name = encoding != NULL ?
      g_ascii_strdown (encoding, -1) : NULL;

  if (self->codec == NULL && encoding == NULL)
    self->codec = bif_rec_codec_find ("text");
  else if (self->codec == NULL || g_str_equal (self->codec->name, "g711"))
    self->codec = bif_rec_codec_find (name);
}

/* Half a second is what people notice. */
static void
warn_of_clock (const BifRecSource * self, guint arrival_ms,
    const BifRecOptions * options)
{
  double apart = self->duration / (double) GST_SECOND - arrival_ms / 1000.0;

  if (self->codec->chain == NULL || self->codec->video || arrival_ms == 0
      || ABS (apart) < 0.5 || options->mode == BIF_REC_JSON
      || options->mode == BIF_REC_EXTENDED)
    return;
  g_printerr (_("%s: its clock is %.2f s off; --audioskew or --restamp may "
          "help\n"), self->path, apart);
}

/* ---- the file ---- */

static void
read_demux (BifRecSource * self, GstElement * demux)
{
  gint64 duration = 0;

  g_object_get (demux, "header", &self->json, "start-time", &self->start_us,
      "packets", &self->packets, NULL);
  if (self->broken == NULL && gst_element_query_duration (demux,
          GST_FORMAT_TIME, &duration))
    self->duration = duration;
}

BifRecSource *
bif_rec_source_new (const char *path, const BifRecOptions * options,
    GError ** error)
{
  g_autoptr (BifRecSource) self = g_new0 (BifRecSource, 1);
  g_autoptr (GstElement) pipeline = NULL, demux = NULL, sink = NULL;
  g_autoptr (GError) local = NULL;
  guint arrival_ms = 0;

  self->path = g_strdup (path);
  self->red = self->level_id = self->orientation_id = -1;
  pipeline = bif_rec_parse ("filesrc name=file0 ! bifmjrdemux name=demux0 "
      "! fakesink name=sink", error);
  if (pipeline == NULL)
    return NULL;
  demux = bif_rec_source_configure (path, 0, options, pipeline);
  sink = gst_bin_get_by_name (GST_BIN (pipeline), "sink");
  if (!bif_rec_preroll (pipeline, &local))
    self->broken = g_strdup (local->message);
  read_demux (self, demux);
  read_json (self);
  if (self->broken == NULL)
    read_caps (self, sink);
  g_object_get (demux, "last-arrival", &arrival_ms, NULL);
  gst_element_set_state (pipeline, GST_STATE_NULL);
  take_id (&self->level_id, options->level_id, LEVEL, options);
  take_id (&self->orientation_id, options->orientation_id, ORIENTATION,
      options);
  if (self->codec != NULL) {
    warn_of_clock (self, arrival_ms, options);
    return g_steal_pointer (&self);
  }
  g_set_error (error, BIF_REC_ERROR, 0, "%s", self->broken != NULL ?
      self->broken : _("its codec is not known"));
  return NULL;
}

void
bif_rec_source_free (BifRecSource * self)
{
  g_free (self->path);
  g_free (self->json);
  g_clear_pointer (&self->object, json_node_unref);
  g_free (self->broken);
  g_free (self);
}
