/* convert.c: writes pipeline text from the tables, sets files and tags on it and
 * runs it. No text of a user's is ever in the pipeline text. Main thread; what
 * ends in _any_thread on streaming threads. */
#include "rec/convert.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rec/matroska-tag.h"
#include "rec/opus-tags.h"
#include "rec/red.h"
#include "rec/run.h"
#include "rec/silence.h"

#define OPUS_RATE 48000

static char *
ending_of (const BifRecOptions * options)
{
  const char *dot = strrchr (options->destination, '.');
  const char *text = options->format != NULL ? options->format :
      dot != NULL ? dot + 1 : "";

  return g_ascii_strdown (text, -1);
}

static gboolean
check (GPtrArray * sources, const BifRecOptions * options, const char *ending,
    GError ** error)
{
  for (guint i = 0; i < sources->len; i++) {
    const BifRecSource *source = g_ptr_array_index (sources, i);

    if (source->encrypted) {
      g_set_error (error, BIF_REC_ERROR, 0,
          _("%s is encrypted end to end and cannot be converted"),
          source->path);
      return FALSE;
    }
    if (source->broken != NULL
        || !bif_rec_codec_fits (source->codec, ending, sources->len > 1)) {
      g_set_error (error, BIF_REC_ERROR, 0, source->broken != NULL ?
          "%s: %s" : _("%s: a file \"%s\" does not take this codec"),
          source->path, source->broken != NULL ? source->broken : ending);
      return FALSE;
    }
  }
  if (!options->faststart || g_str_equal (ending, "mp4"))
    return TRUE;
  g_set_error (error, BIF_REC_ERROR, 0, _("only MP4 has an index in front"));
  return FALSE;
}

/* ---- the pipeline's text ---- */

static void
describe_source (GString * text, const BifRecSource * source, guint i,
    const BifRecFormat * format)
{
  g_string_append_printf (text, " filesrc name=file%u ! bifmjrdemux "
      "name=demux%u", i, i);
  if (source->codec->chain != NULL) {
    g_string_append (text, " ! ");
    /* The only directive of a chain is the number in a name. */
    if (source->codec->fill)
      g_string_append_printf (text, "rtpopusdepay name=fill%u ! opusparse",
          i);
    else
      g_string_append (text, source->codec->chain);
  }
  if (format == NULL)
    return;
  if (format->chain != NULL)
    g_string_append_printf (text, " ! %s", format->chain);
  if (format->mux != NULL)
    g_string_append_printf (text, " ! queue name=queue%u ! mux.", i);
}

static char *
describe (GPtrArray * sources, const BifRecFormat * format)
{
  GString *text = g_string_new (NULL);

  if (format != NULL && format->mux != NULL)
    g_string_append_printf (text, "%s name=mux ! %s%sfilesink name=out",
        format->mux, format->mender != NULL ? format->mender : "",
        format->mender != NULL ? " ! " : "");
  for (guint i = 0; i < sources->len; i++)
    describe_source (text, g_ptr_array_index (sources, i), i, format);
  if (format == NULL || format->mux == NULL)
    g_string_append (text, " ! filesink name=out");
  return g_string_free (text, FALSE);
}

/* ---- what the text does not say ---- */

static gint64
first_start (GPtrArray * sources)
{
  gint64 first = G_MAXINT64;

  for (guint i = 0; i < sources->len; i++) {
    const BifRecSource *source = g_ptr_array_index (sources, i);

    if (source->start_us >= 0)
      first = MIN (first, source->start_us);
  }
  return first;
}

/* Not by an offset of the pad: what is in front of a late track is filled, and
 * times before the segment cannot be. */
static GstPadProbeReturn
on_late_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer offset_us)
{
  GstBuffer *buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER
      (info));

  if (GST_BUFFER_PTS_IS_VALID (buffer))
    GST_BUFFER_PTS (buffer) += GPOINTER_TO_SIZE (offset_us) * GST_USECOND;
  info->data = buffer;
  return GST_PAD_PROBE_OK;
}

/* Before anything is pushed. */
static void
on_pad_added_any_thread (GstElement * demux, GstPad * pad, gpointer offset_us)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_late_any_thread,
      offset_us, NULL);
}

/* What a muxer gets to know of a track. */
typedef struct
{
  gboolean seen;
  char *comment;                /* for Opus (nullable) */
} Track;

static void
track_free (gpointer data)
{
  Track *self = data;

  g_free (self->comment);
  g_free (self);
}

/* A muxer has written its header and takes no other; what changes is within the
 * stream too. */
static GstPadProbeReturn
on_event_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Track *self = user_data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  g_autoptr (GstCaps) tagged = NULL;
  GstCaps *caps;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  if (self->seen)
    return GST_PAD_PROBE_DROP;
  self->seen = TRUE;
  if (self->comment == NULL)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  tagged = bif_rec_opus_tag (caps, self->comment);
  info->data = gst_event_new_caps (tagged);
  gst_event_unref (event);
  return GST_PAD_PROBE_OK;
}

/* (transfer full) (nullable) */
static GstPad *
find_pad (GstElement * pipeline, const char *name, guint n, const char *pad)
{
  g_autofree char *full = g_strdup_printf ("%s%u", name, n);
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (pipeline), full);

  return element != NULL ? gst_element_get_static_pad (element, pad) : NULL;
}

/* (nullable) */
static const char *
comment_of (const BifRecSource * source, const BifRecOptions * options)
{
  const char *comment = options->metadata != NULL ? options->metadata :
      source->json;

  return comment != NULL && *comment != '\0' ? comment : NULL;
}

/* @joined: the file has other tracks, so its clock is not this one's. */
static void
set_up_track (const BifRecSource * source, guint n, gboolean joined,
    const BifRecOptions * options, GstElement * pipeline)
{
  g_autoptr (GstPad) packets = find_pad (pipeline, "fill", n, "sink");
  g_autoptr (GstPad) fill = find_pad (pipeline, "fill", n, "src");
  g_autoptr (GstPad) queue = find_pad (pipeline, "queue", n, "sink");
  Track *track;

  if (packets != NULL && source->red >= 0)
    bif_rec_unpack_red (packets, source->red, OPUS_RATE);
  if (fill != NULL)
    bif_rec_fill_silence (fill, joined ? 0 : GST_CLOCK_TIME_NONE);
  if (queue == NULL)
    return;
  track = g_new0 (Track, 1);
  if (g_str_has_suffix (source->codec->name, "opus"))
    track->comment = g_strdup (comment_of (source, options));
  gst_pad_add_probe (queue, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM,
      on_event_any_thread, track, track_free);
}

static void
set_up_sources (GPtrArray * sources, const BifRecOptions * options,
    GstElement * pipeline)
{
  gint64 first = first_start (sources);

  for (guint i = 0; i < sources->len; i++) {
    const BifRecSource *source = g_ptr_array_index (sources, i);
    g_autoptr (GstElement) demux =
        bif_rec_source_configure (source->path, i, options, pipeline);
    /* A day between tracks of one recording is a mistake in the header. */
    gint64 offset_us = source->start_us < 0 ? 0 :
        MIN (source->start_us - first, G_TIME_SPAN_DAY);

    if (sources->len > 1)
      g_signal_connect (demux, "pad-added",
          G_CALLBACK (on_pad_added_any_thread), GSIZE_TO_POINTER (offset_us));
    set_up_track (source, i, sources->len > 1, options, pipeline);
  }
}

static gboolean
is_matroska (const BifRecFormat * format)
{
  return format != NULL && (g_strcmp0 (format->mux, "matroskamux") == 0
      || g_strcmp0 (format->mux, "webmmux") == 0);
}

static void
set_up_output (GPtrArray * sources, const BifRecOptions * options,
    const BifRecFormat * format, GstElement * pipeline)
{
  const BifRecSource *source = g_ptr_array_index (sources, 0);
  const char *comment = comment_of (source, options);
  g_autofree char *placeholder = comment != NULL && is_matroska (format) ?
      bif_rec_matroska_placeholder (comment) : NULL;
  g_autoptr (GstElement) out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_autoptr (GstElement) mux = gst_bin_get_by_name (GST_BIN (pipeline), "mux");

  g_object_set (out, "location", options->destination, NULL);
  if (mux == NULL)
    return;
  if (options->faststart)
    g_object_set (mux, "faststart", TRUE, NULL);
  if (comment != NULL && GST_IS_TAG_SETTER (mux))
    gst_tag_setter_add_tags (GST_TAG_SETTER (mux), GST_TAG_MERGE_REPLACE,
        GST_TAG_COMMENT, placeholder != NULL ? placeholder : comment, NULL);
}

/* ---- files without a muxer ---- */

/* What writes packets by itself. */
typedef struct
{
  FILE *file;
  guint count;
  gint64 start_us;              /* of the clock of a capture */
} Output;

static gboolean
output_open (Output * self, const char *path, GError ** error)
{
  self->file = fopen (path, "wb");
  if (self->file == NULL)
    g_set_error (error, BIF_REC_ERROR, 0, "%s: %s", path,
        g_strerror (errno));
  return self->file != NULL;
}

static gboolean
output_close (Output * self, const char *path, gboolean ok, GError ** error)
{
  gboolean written = !ferror (self->file);

  written = fclose (self->file) == 0 && written;
  if (ok && !written)
    g_set_error (error, BIF_REC_ERROR, 0, _("%s cannot be written"), path);
  return ok && written;
}

static void
print_time (FILE * file, GstClockTime time)
{
  guint64 ms = time / GST_MSECOND;

  fprintf (file, "%02" G_GUINT64_FORMAT ":%02u:%02u.%03u", ms / 3600000,
      (guint) (ms / 60000 % 60), (guint) (ms / 1000 % 60),
      (guint) (ms % 1000));
}

static void
on_message_any_thread (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    gpointer user_data)
{
  Output *self = user_data;
  GstClockTime end = GST_BUFFER_PTS (buffer) + GST_BUFFER_DURATION (buffer);
  gboolean last = GST_BUFFER_DURATION (buffer) == 5 * GST_SECOND;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  fprintf (self->file, "%u\n", ++self->count);
  print_time (self->file, GST_BUFFER_PTS (buffer));
  fputs (" --> ", self->file);
  print_time (self->file, last || end < GST_MSECOND ? end :
      end - GST_MSECOND);
  fprintf (self->file, "\n%.*s\n\n", (int) map.size,
      (const char *) map.data);
  gst_buffer_unmap (buffer, &map);
}

/* Ethernet with no addresses, IPv4 10.1.1.1 to 10.2.2.2, UDP 1000 to 2000. */
static void
write_packet (Output * self, const GstMapInfo * map, gint64 time_us)
{
  guint8 head[42] = { [12] = 8, [14] = 0x45, [20] = 0x40, [22] = 64,
    [23] = 17, [26] = 10, 1, 1, 1, 10, 2, 2, 2, 1000 >> 8, 1000 & 0xff,
    2000 >> 8, 2000 & 0xff
  };
  guint32 size = map->size + sizeof head;
  const guint32 record[4] = { time_us / G_USEC_PER_SEC,
    time_us % G_USEC_PER_SEC, size, size
  };

  GST_WRITE_UINT16_BE (head + 16, map->size + 28);
  GST_WRITE_UINT16_BE (head + 38, map->size + 8);
  fwrite (record, sizeof record, 1, self->file);
  fwrite (head, sizeof head, 1, self->file);
  fwrite (map->data, map->size, 1, self->file);
}

static void
on_packet_any_thread (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    gpointer user_data)
{
  Output *self = user_data;
  GstMapInfo map;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  if (map.size >= 12 && map.size <= 1500)
    write_packet (self, &map, self->start_us
        + (gint64) (GST_BUFFER_PTS (buffer) / GST_USECOND));
  gst_buffer_unmap (buffer, &map);
}

/* @raw: frames as they stand in the file */
static gboolean
run_output (const BifRecSource * source, const BifRecOptions * options,
    Output * output, gboolean raw, GCallback handler, GError ** error)
{
  g_autoptr (GstElement) pipeline = bif_rec_parse ("filesrc name=file0 ! "
      "bifmjrdemux name=demux0 ! fakesink name=out sync=false "
      "signal-handoffs=true", error);
  g_autoptr (GstElement) demux = NULL, out = NULL;

  if (pipeline == NULL)
    return FALSE;
  demux = bif_rec_source_configure (source->path, 0, options, pipeline);
  out = gst_bin_get_by_name (GST_BIN (pipeline), "out");
  g_object_set (demux, "raw", raw, NULL);
  g_signal_connect (out, "handoff", handler, output);
  return bif_rec_run (pipeline, !options->quiet, error);
}

static gboolean
write_subtitles (const BifRecSource * source, const BifRecOptions * options,
    GError ** error)
{
  Output output = { 0 };
  gboolean ok;

  if (!output_open (&output, options->destination, error))
    return FALSE;
  ok = run_output (source, options, &output, FALSE,
      G_CALLBACK (on_message_any_thread), error);
  return output_close (&output, options->destination, ok, error);
}

gboolean
bif_rec_write_pcap (const BifRecSource * source, const BifRecOptions * options,
    GError ** error)
{
  static const guint32 head[6] = { 0xa1b2c3d4, G_BYTE_ORDER == G_LITTLE_ENDIAN ?
    4 << 16 | 2 : 2 << 16 | 4, 0, 0, 65535, 1
  };
  Output output = { .start_us = source->start_us >= 0 ? source->start_us :
    g_get_real_time () };
  gboolean ok;

  if (source->codec->chain == NULL) {
    g_set_error (error, BIF_REC_ERROR, 0,
        _("only audio and video have packets"));
    return FALSE;
  }
  if (!output_open (&output, options->destination, error))
    return FALSE;
  fwrite (head, sizeof head, 1, output.file);
  ok = run_output (source, options, &output, TRUE,
      G_CALLBACK (on_packet_any_thread), error);
  return output_close (&output, options->destination, ok, error);
}

/* ---- all of it ---- */

gboolean
bif_rec_convert (GPtrArray * sources, const BifRecOptions * options,
    GError ** error)
{
  g_autofree char *ending = ending_of (options);
  const BifRecFormat *format = bif_rec_format_find (ending);
  const BifRecSource *first = g_ptr_array_index (sources, 0);
  g_autoptr (GstElement) pipeline = NULL;
  g_autofree char *text = NULL;

  if (!check (sources, options, ending, error))
    return FALSE;
  if (g_str_equal (first->codec->name, "text"))
    return write_subtitles (first, options, error);
  if (first->codec->endings == NULL)
    format = NULL;
  text = describe (sources, format);
  pipeline = bif_rec_parse (text, error);
  if (pipeline == NULL)
    return FALSE;
  set_up_sources (sources, options, pipeline);
  set_up_output (sources, options, format, pipeline);
  if (!bif_rec_run (pipeline, !options->quiet, error))
    return FALSE;
  return !is_matroska (format) || comment_of (first, options) == NULL
      || bif_rec_matroska_tag (options->destination, comment_of (first,
          options), error);
}
