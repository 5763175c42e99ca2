/* mjrdemux.c: bifmjrdemux: reads .mjr of every version (recordplay.md 4). The
 * file is indexed first, so packets come out in order, once each, with a steady
 * clock, and playing can begin anywhere. The sink pad's task does all of it;
 * needs a source that can be read at any place (filesrc). */
#include "mjrdemux.h"
#include "mjr-block.h"
#include "mjr-header.h"
#include "packet/mjr-timing.h"

#define PAYLOAD_PCMU 0
#define PAYLOAD_PCMA 8
#define PAYLOAD_G722 9
#define DATA_CLOCK_RATE 1000000
/* How long the last message of a data recording stays. */
#define LAST_MESSAGE_TIME (5 * GST_SECOND)

struct _BifMjrDemux
{
  GstElement parent;

  GstPad *sink;
  GstPad *src;                  /* NULL before the header is read */

  /* object lock */
  char *json;                   /* the header as it stands in the file */
  gint64 start_us;
  int payload_type;
  guint skip;
  BifMjrTiming timing;
  gboolean ignore_timestamps, raw;

  /* task; seeks stop it first */
  BifMjrBlock block;            /* of the file */
  guint64 file_size;
  int version;
  BifMjrHeader header;
  BifMjrIndex *index;           /* (nullable); set with the object lock */
  gint64 first_timestamp;
  gboolean is_raw;              /* the property when the file was opened */
  guint clock_rate;             /* of the index's timestamps */
  guint next;                   /* entry to be pushed */
  GstSegment segment;
  gboolean segment_due, discont;
  guint32 seqnum;
};

enum
{
  PROP_0, PROP_HEADER, PROP_START_TIME, PROP_PACKETS, PROP_LAST_ARRIVAL,
  PROP_PAYLOAD_TYPE, PROP_SKIP, PROP_IGNORE_TIMESTAMPS, PROP_RAW,
  PROP_AUDIO_SKEW, PROP_SILENCE_DISTANCE, PROP_RESTAMP, PROP_RESTAMP_PACKETS,
  PROP_RESTAMP_MIN, N_PROPS
};
static GParamSpec *props[N_PROPS];

GST_DEBUG_CATEGORY_STATIC (mjr_demux_debug);
#define GST_CAT_DEFAULT mjr_demux_debug

G_DEFINE_FINAL_TYPE (BifMjrDemux, bif_mjr_demux, GST_TYPE_ELEMENT)

static GstStaticPadTemplate sink_template =
GST_STATIC_PAD_TEMPLATE ("sink", GST_PAD_SINK, GST_PAD_ALWAYS,
    GST_STATIC_CAPS ("application/x-mjr"));
static GstStaticPadTemplate src_template =
GST_STATIC_PAD_TEMPLATE ("src", GST_PAD_SRC, GST_PAD_SOMETIMES,
    GST_STATIC_CAPS ("application/x-rtp; text/x-raw; "
        "application/octet-stream"));

/* ---- the header and the index ---- */

static void
fail (BifMjrDemux * self, const char *what)
{
  GST_ELEMENT_ERROR (self, STREAM, DEMUX, ("This is no .mjr recording: %s",
          what), (NULL));
}

/* Returns where the frames begin; 0: it failed and was said. */
static guint64
read_header (BifMjrDemux * self, GstFlowReturn * flow)
{
  g_autoptr (GError) error = NULL;
  const guint8 *content = NULL;
  BifMjrPiece piece = bif_mjr_block_read (&self->block, 0, BIF_MJR_UNKNOWN,
      &content, flow);
  const char *text = (const char *) content;

  if (*flow != GST_FLOW_OK)
    return 0;
  if (piece.kind == BIF_MJR_END) {
    *flow = GST_FLOW_ERROR;
    fail (self, "there is no header");
    return 0;
  }
  /* A version 0 that begins with a frame does not say what it is: video. */
  if (piece.kind == BIF_MJR_FRAME)
    piece.size = piece.head = 0;
  if (!bif_mjr_header_parse (&self->header, text, piece.size, piece.version,
          &error)) {
    *flow = GST_FLOW_ERROR;
    fail (self, error->message);
    return 0;
  }
  self->version = piece.version;
  GST_OBJECT_LOCK (self);
  g_free (self->json);
  self->json = piece.version > 0 ? g_strndup (text, piece.size) : NULL;
  self->start_us = self->header.first_us;
  GST_OBJECT_UNLOCK (self);
  return piece.head + piece.size;
}

/* Comfort noise and tones among what is decoded by its fixed payload type. */
static gboolean
is_foreign (const BifMjrHeader * header, guint8 payload_type)
{
  if (g_str_equal (header->codec, "g722"))
    return payload_type != PAYLOAD_G722;
  return (g_str_has_prefix (header->codec, "pcm")
      || g_str_equal (header->codec, "g711"))
      && payload_type != PAYLOAD_PCMU && payload_type != PAYLOAD_PCMA;
}

static void
add_to_index (BifMjrDemux * self, BifMjrIndex * index,
    const BifMjrPiece * piece, const guint8 * content, guint64 offset)
{
  if (self->is_raw) {
    bif_mjr_index_add_raw (index, content, piece->size, offset, piece->ms);
    return;
  }
  if (self->header.kind == 'a' && (piece->size < 2
          || is_foreign (&self->header, content[1] & 0x7f)))
    return;
  if (self->header.kind == 'd')
    bif_mjr_index_add_data (index, content, piece->size, offset, piece->ms);
  else
    bif_mjr_index_add_rtp (index, content, piece->size, offset, piece->ms);
}

/* Of audio: the times of pictures are left as they are. */
static void
correct_times (BifMjrDemux * self, BifMjrIndex * index,
    const BifMjrTiming * timing)
{
  guint n = bif_mjr_index_length (index);
  BifMjrEntry *entries = bif_mjr_index_edit (index);

  if (self->header.kind != 'a' || self->version != 2 || self->is_raw)
    return;
  if (timing->restamp > 0)
    bif_mjr_timing_restamp (timing, entries, n, self->clock_rate);
  if (timing->skew_ms > 0)
    bif_mjr_index_truncate (index, bif_mjr_timing_deskew (timing, entries, n,
            self->clock_rate));
}

static GstFlowReturn
make_index (BifMjrDemux * self, guint64 offset)
{
  g_autoptr (GstCaps) caps = bif_mjr_header_to_caps (&self->header, 0, 0);
  const char *encoding = gst_structure_get_string (gst_caps_get_structure
      (caps, 0), "encoding-name");
  GstFlowReturn flow = GST_FLOW_OK;
  const guint8 *content = NULL;
  g_autoptr (BifMjrIndex) index = NULL;
  BifMjrTiming timing;
  BifMjrPiece piece;
  gboolean by_arrival;
  guint skip;

  GST_OBJECT_LOCK (self);
  timing = self->timing;
  skip = self->skip;
  self->is_raw = self->raw;
  by_arrival = self->ignore_timestamps && self->version == 2 && !self->raw;
  index = bif_mjr_index_new (bif_codec_from_name (encoding),
      self->header.kind == 'd' ? -1 : self->payload_type);
  GST_OBJECT_UNLOCK (self);
  if (self->header.kind == 'a')
    bif_mjr_index_drop_silence (index, timing.silence_distance,
        g_str_has_suffix (self->header.codec, "opus") ? 960 : 160);
  while ((piece = bif_mjr_block_read (&self->block, offset,
              MAX (self->version, 0), &content,
              &flow)).kind == BIF_MJR_FRAME) {
    if (skip > 0)
      skip--;
    else
      add_to_index (self, index, &piece, content, offset + piece.head);
    offset += piece.head + piece.size;
  }
  bif_mjr_index_finish (index);
  if (by_arrival)
    bif_mjr_index_time_by_arrival (index);
  self->clock_rate = by_arrival || self->is_raw ? 1000 :
      bif_mjr_header_clock_rate (&self->header);
  correct_times (self, index, &timing);
  if (flow == GST_FLOW_OK && bif_mjr_index_length (index) == 0) {
    fail (self, "there are no frames");
    return GST_FLOW_ERROR;
  }
  GST_OBJECT_LOCK (self);
  self->index = g_steal_pointer (&index);
  GST_OBJECT_UNLOCK (self);
  return flow;
}

/* ---- times ---- */

/* RTP times begin with the first packet. A message's count from the making of
 * the recording (recording-tools.md 1.2). */
static gint64
origin_of (BifMjrDemux * self)
{
  gint64 first = bif_mjr_index_get (self->index, 0)->timestamp;

  return self->header.kind == 'd' && self->clock_rate == DATA_CLOCK_RATE ?
      MIN (self->header.created_us, first) : first;
}

static GstClockTime
time_of (BifMjrDemux * self, const BifMjrEntry * entry)
{
  return gst_util_uint64_scale (entry->timestamp - self->first_timestamp,
      GST_SECOND, self->clock_rate);
}

static gint64
timestamp_at (BifMjrDemux * self, GstClockTime time)
{
  return self->first_timestamp + (gint64) gst_util_uint64_scale (time,
      self->clock_rate, GST_SECOND);
}

static GstClockTime
duration_of (BifMjrDemux * self)
{
  guint n = bif_mjr_index_length (self->index);
  GstClockTime last = time_of (self, bif_mjr_index_get (self->index, n - 1));

  return self->header.kind == 'd' ? last + LAST_MESSAGE_TIME : last;
}

/* ---- pushing ---- */

static void
add_src_pad (BifMjrDemux * self)
{
  g_autofree char *id = gst_pad_create_stream_id (self->src,
      GST_ELEMENT (self), "0");
  g_autoptr (GstCaps) caps = bif_mjr_header_to_caps (&self->header,
      bif_mjr_index_payload_type (self->index),
      bif_mjr_index_ssrc (self->index));

  gst_pad_set_active (self->src, TRUE);
  gst_pad_push_event (self->src, gst_event_new_stream_start (id));
  gst_pad_push_event (self->src, gst_event_new_caps (caps));
  gst_element_add_pad (GST_ELEMENT (self), self->src);
  gst_element_no_more_pads (GST_ELEMENT (self));
}

static gboolean bif_mjr_demux_src_event (GstPad * pad, GstObject * parent,
    GstEvent * event);
static gboolean bif_mjr_demux_src_query (GstPad * pad, GstObject * parent,
    GstQuery * query);

static GstFlowReturn
open_file (BifMjrDemux * self)
{
  GstFlowReturn flow = GST_FLOW_OK;
  guint64 offset = read_header (self, &flow);

  if (flow == GST_FLOW_OK)
    flow = make_index (self, offset);
  if (flow != GST_FLOW_OK)
    return flow;
  self->first_timestamp = origin_of (self);
  if (self->header.kind == 'd' && self->clock_rate == DATA_CLOCK_RATE) {
    GST_OBJECT_LOCK (self);
    self->start_us = self->first_timestamp;
    GST_OBJECT_UNLOCK (self);
  }
  self->segment.duration = duration_of (self);
  self->src = gst_pad_new_from_static_template (&src_template, "src");
  gst_pad_set_event_function (self->src, bif_mjr_demux_src_event);
  gst_pad_set_query_function (self->src, bif_mjr_demux_src_query);
  gst_pad_use_fixed_caps (self->src);
  add_src_pad (self);
  self->segment_due = TRUE;
  return GST_FLOW_OK;
}

/* The padding is cut off already: its bit goes too. */
static GstBuffer *
make_buffer (BifMjrDemux * self, const BifMjrEntry * entry,
    const guint8 * data)
{
  GstBuffer *buffer = entry->size > 0 ?
      gst_buffer_new_memdup (data, entry->size) : gst_buffer_new ();
  GstMapInfo map;

  GST_BUFFER_PTS (buffer) = time_of (self, entry);
  if (self->header.kind != 'd' && !self->is_raw && gst_buffer_map (buffer, &map,
          GST_MAP_READWRITE)) {
    map.data[0] &= ~0x20;
    gst_buffer_unmap (buffer, &map);
  }
  if (self->header.kind == 'd' && self->next + 1
      < bif_mjr_index_length (self->index))
    GST_BUFFER_DURATION (buffer) = time_of (self,
        bif_mjr_index_get (self->index, self->next + 1))
        - GST_BUFFER_PTS (buffer);
  else if (self->header.kind == 'd')
    GST_BUFFER_DURATION (buffer) = LAST_MESSAGE_TIME;
  if (self->discont)
    GST_BUFFER_FLAG_SET (buffer, GST_BUFFER_FLAG_DISCONT);
  self->discont = FALSE;
  return buffer;
}

static GstFlowReturn
push_next (BifMjrDemux * self)
{
  const BifMjrEntry *entry;
  GstFlowReturn flow;
  const guint8 *data;
  gsize size;

  if (self->segment_due) {
    GstEvent *event = gst_event_new_segment (&self->segment);

    gst_event_set_seqnum (event, self->seqnum);
    gst_pad_push_event (self->src, event);
    self->segment_due = FALSE;
  }
  if (self->next >= bif_mjr_index_length (self->index))
    return GST_FLOW_EOS;
  entry = bif_mjr_index_get (self->index, self->next);
  if (GST_CLOCK_TIME_IS_VALID (self->segment.stop)
      && time_of (self, entry) > self->segment.stop)
    return GST_FLOW_EOS;
  size = entry->size;
  data = bif_mjr_block_look_at (&self->block, entry->offset, &size, &flow);
  if (data == NULL || size < entry->size)
    return flow == GST_FLOW_OK ? GST_FLOW_EOS : flow;
  self->segment.position = time_of (self, entry);
  flow = gst_pad_push (self->src, make_buffer (self, entry, data));
  self->next++;
  return flow;
}

/* Of a loop: the next part follows. */
static void
end_segment (BifMjrDemux * self)
{
  gint64 end = GST_CLOCK_TIME_IS_VALID (self->segment.stop) ?
      self->segment.stop : self->segment.duration;
  GstMessage *message = gst_message_new_segment_done (GST_OBJECT (self),
      GST_FORMAT_TIME, end);
  GstEvent *event = gst_event_new_segment_done (GST_FORMAT_TIME, end);

  gst_message_set_seqnum (message, self->seqnum);
  gst_event_set_seqnum (event, self->seqnum);
  gst_element_post_message (GST_ELEMENT (self), message);
  gst_pad_push_event (self->src, event);
}

static void
end_stream (BifMjrDemux * self, GstFlowReturn flow)
{
  gst_pad_pause_task (self->sink);
  if (flow == GST_FLOW_EOS && self->src != NULL
      && self->segment.flags & GST_SEGMENT_FLAG_SEGMENT) {
    end_segment (self);
  } else if (flow == GST_FLOW_EOS && self->src != NULL) {
    GstEvent *event = gst_event_new_eos ();

    gst_event_set_seqnum (event, self->seqnum);
    gst_pad_push_event (self->src, event);
  } else if (flow == GST_FLOW_EOS) {
    fail (self, "it is empty");
  } else if (flow == GST_FLOW_NOT_LINKED || flow < GST_FLOW_EOS) {
    if (self->src != NULL) {
      GST_ELEMENT_FLOW_ERROR (self, flow);
      gst_pad_push_event (self->src, gst_event_new_eos ());
    }
  }
}

static void
loop (gpointer user_data)
{
  BifMjrDemux *self = BIF_MJR_DEMUX (user_data);
  GstFlowReturn flow = self->src == NULL ? open_file (self) :
      push_next (self);

  if (flow != GST_FLOW_OK)
    end_stream (self, flow);
}

/* ---- seeking and queries: any thread ---- */

/* A message that was there before is over, where the place is to be exact. */
static guint
find_start (BifMjrDemux * self, gint64 timestamp, gboolean key_unit)
{
  guint next = bif_mjr_index_find (self->index, timestamp);

  while (self->header.kind == 'd' && !key_unit
      && next < bif_mjr_index_length (self->index)
      && bif_mjr_index_get (self->index, next)->timestamp < timestamp)
    next++;
  return next;
}

static gboolean
seek (BifMjrDemux * self, GstEvent * event)
{
  GstSeekFlags flags;
  GstSeekType start_type, stop_type;
  GstFormat format;
  GstSegment segment;
  GstEvent *flush;
  gint64 start, stop;
  gdouble rate;

  gst_event_parse_seek (event, &rate, &format, &flags, &start_type, &start,
      &stop_type, &stop);
  if (format != GST_FORMAT_TIME || rate <= 0.0 || self->index == NULL)
    return FALSE;
  flush = flags & GST_SEEK_FLAG_FLUSH ? gst_event_new_flush_start () : NULL;
  if (flush != NULL) {
    gst_event_set_seqnum (flush, gst_event_get_seqnum (event));
    gst_pad_push_event (self->sink, gst_event_ref (flush));
    gst_pad_push_event (self->src, flush);
  } else {
    gst_pad_pause_task (self->sink);
  }
  GST_PAD_STREAM_LOCK (self->sink);
  self->seqnum = gst_event_get_seqnum (event);
  segment = self->segment;
  gst_segment_do_seek (&segment, rate, format, flags, start_type, start,
      stop_type, stop, NULL);
  self->next = find_start (self, timestamp_at (self, segment.position),
      flags & GST_SEEK_FLAG_KEY_UNIT);
  if (flags & GST_SEEK_FLAG_KEY_UNIT)
    segment.start = segment.time = segment.position =
        time_of (self, bif_mjr_index_get (self->index, self->next));
  self->segment = segment;
  self->segment_due = self->discont = TRUE;
  if (flush != NULL) {
    GstEvent *stopped = gst_event_new_flush_stop (TRUE);

    gst_event_set_seqnum (stopped, self->seqnum);
    gst_pad_push_event (self->sink, gst_event_ref (stopped));
    gst_pad_push_event (self->src, stopped);
  }
  gst_pad_start_task (self->sink, loop, self, NULL);
  GST_PAD_STREAM_UNLOCK (self->sink);
  return TRUE;
}

static gboolean
bif_mjr_demux_src_event (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gboolean ok;

  if (GST_EVENT_TYPE (event) != GST_EVENT_SEEK)
    return gst_pad_event_default (pad, parent, event);
  ok = seek (BIF_MJR_DEMUX (parent), event);
  gst_event_unref (event);
  return ok;
}

static gboolean
bif_mjr_demux_src_query (GstPad * pad, GstObject * parent, GstQuery * query)
{
  BifMjrDemux *self = BIF_MJR_DEMUX (parent);
  GstFormat format;

  switch (GST_QUERY_TYPE (query)) {
    case GST_QUERY_DURATION:
      gst_query_parse_duration (query, &format, NULL);
      if (format != GST_FORMAT_TIME)
        return FALSE;
      gst_query_set_duration (query, format, self->segment.duration);
      return TRUE;
    case GST_QUERY_SEEKING:
      gst_query_parse_seeking (query, &format, NULL, NULL, NULL);
      gst_query_set_seeking (query, format, format == GST_FORMAT_TIME, 0,
          self->segment.duration);
      return TRUE;
    default:
      return gst_pad_query_default (pad, parent, query);
  }
}

/* ---- the element ---- */

static void
reset (BifMjrDemux * self)
{
  bif_mjr_block_drop (&self->block);
  bif_mjr_header_clear (&self->header);
  gst_segment_init (&self->segment, GST_FORMAT_TIME);
  self->next = 0;
  self->segment_due = self->discont = FALSE;
  self->seqnum = gst_util_seqnum_next ();
  GST_OBJECT_LOCK (self);
  g_clear_pointer (&self->index, bif_mjr_index_free);
  g_clear_pointer (&self->json, g_free);
  self->start_us = -1;
  GST_OBJECT_UNLOCK (self);
}

static gboolean
bif_mjr_demux_sink_activate (GstPad * pad, GstObject * parent)
{
  g_autoptr (GstQuery) query = gst_query_new_scheduling ();

  if (!gst_pad_is_linked (pad))
    return TRUE;                /* there is nothing to read yet */
  if (!gst_pad_peer_query (pad, query)
      || !gst_query_has_scheduling_mode_with_flags (query, GST_PAD_MODE_PULL,
          GST_SCHEDULING_FLAG_SEEKABLE)) {
    GST_ELEMENT_ERROR (parent, STREAM, DEMUX,
        ("An .mjr recording is read from a file"), (NULL));
    return FALSE;
  }
  return gst_pad_activate_mode (pad, GST_PAD_MODE_PULL, TRUE);
}

static gboolean
bif_mjr_demux_sink_activate_mode (GstPad * pad, GstObject * parent,
    GstPadMode mode, gboolean active)
{
  if (mode != GST_PAD_MODE_PULL)
    return FALSE;
  return active ? gst_pad_start_task (pad, loop, parent, NULL) :
      gst_pad_stop_task (pad);
}

static GstStateChangeReturn
bif_mjr_demux_change_state (GstElement * element, GstStateChange transition)
{
  BifMjrDemux *self = BIF_MJR_DEMUX (element);
  GstStateChangeReturn result =
      GST_ELEMENT_CLASS (bif_mjr_demux_parent_class)->change_state (element,
      transition);

  if (transition == GST_STATE_CHANGE_PAUSED_TO_READY) {
    if (self->src != NULL)
      gst_element_remove_pad (element, self->src);
    self->src = NULL;
    reset (self);
  }
  return result;
}

/* (nullable): the member of a property that corrects times. */
static guint *
timing_member (BifMjrDemux * self, guint id)
{
  switch (id) {
    case PROP_AUDIO_SKEW:
      return &self->timing.skew_ms;
    case PROP_SILENCE_DISTANCE:
      return &self->timing.silence_distance;
    case PROP_RESTAMP:
      return &self->timing.restamp;
    case PROP_RESTAMP_PACKETS:
      return &self->timing.restamp_packets;
    case PROP_RESTAMP_MIN:
      return &self->timing.restamp_min_ms;
    default:
      return NULL;
  }
}

static void
bif_mjr_demux_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  BifMjrDemux *self = BIF_MJR_DEMUX (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_PAYLOAD_TYPE:
      self->payload_type = g_value_get_int (value);
      break;
    case PROP_SKIP:
      self->skip = g_value_get_uint (value);
      break;
    case PROP_IGNORE_TIMESTAMPS:
      self->ignore_timestamps = g_value_get_boolean (value);
      break;
    case PROP_RAW:
      self->raw = g_value_get_boolean (value);
      break;
    default:
      *timing_member (self, id) = g_value_get_uint (value);
  }
  GST_OBJECT_UNLOCK (self);
}

static guint
last_arrival (BifMjrDemux * self)
{
  return self->index != NULL && self->version == 2 ? bif_mjr_index_get
      (self->index, bif_mjr_index_length (self->index) - 1)->ms : 0;
}

static void
bif_mjr_demux_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifMjrDemux *self = BIF_MJR_DEMUX (object);

  GST_OBJECT_LOCK (self);
  switch (id) {
    case PROP_HEADER:
      g_value_set_string (value, self->json);
      break;
    case PROP_START_TIME:
      g_value_set_int64 (value, self->start_us);
      break;
    case PROP_PACKETS:
      g_value_set_uint (value, self->index != NULL ?
          bif_mjr_index_length (self->index) : 0);
      break;
    case PROP_LAST_ARRIVAL:
      g_value_set_uint (value, last_arrival (self));
      break;
    case PROP_PAYLOAD_TYPE:
      g_value_set_int (value, self->payload_type);
      break;
    case PROP_SKIP:
      g_value_set_uint (value, self->skip);
      break;
    case PROP_IGNORE_TIMESTAMPS:
      g_value_set_boolean (value, self->ignore_timestamps);
      break;
    case PROP_RAW:
      g_value_set_boolean (value, self->raw);
      break;
    default:
      g_value_set_uint (value, *timing_member (self, id));
  }
  GST_OBJECT_UNLOCK (self);
}

static void
bif_mjr_demux_finalize (GObject * object)
{
  reset (BIF_MJR_DEMUX (object));
  G_OBJECT_CLASS (bif_mjr_demux_parent_class)->finalize (object);
}

static void
make_timing_properties (void)
{
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  props[PROP_AUDIO_SKEW] = g_param_spec_uint ("audio-skew", "Audio skew",
      "Audio that has drifted so many milliseconds is moved back; 0: never", 0,
      G_MAXINT, 0, rw);
  props[PROP_SILENCE_DISTANCE] = g_param_spec_uint ("silence-distance",
      "Silence distance", "Marked packets of audio closer than so many packets "
      "to the one before, with a time far from it, are left out; 0: none", 0,
      G_MAXINT, 0, rw);
  props[PROP_RESTAMP] = g_param_spec_uint ("restamp", "Restamp",
      "Audio later than its average by this factor, in thousandths, is moved "
      "to when it came; 0: never", 0, G_MAXINT, 0, rw);
  props[PROP_RESTAMP_PACKETS] = g_param_spec_uint ("restamp-packets",
      "Restamp packets", "The average is of so many packets", 0, G_MAXINT, 10,
      rw);
  props[PROP_RESTAMP_MIN] = g_param_spec_uint ("restamp-min", "Restamp minimum",
      "Milliseconds by which audio must be late to be moved", 0, G_MAXINT, 500,
      rw);
}

static void
install_properties (GObjectClass * object_class)
{
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS
      | GST_PARAM_MUTABLE_READY;

  props[PROP_HEADER] = g_param_spec_string ("header", "Header",
      "The JSON header as it stands in the file, once the pad is there", NULL,
      ro);
  props[PROP_START_TIME] = g_param_spec_int64 ("start-time", "Start time",
      "When the first frame was written, or of messages the time that theirs "
      "counts from; microseconds since 1970, -1: not known", -1, G_MAXINT64, -1, ro);
  props[PROP_PACKETS] = g_param_spec_uint ("packets", "Packets",
      "Frames that are kept, once the pad is there", 0, G_MAXUINT, 0, ro);
  props[PROP_LAST_ARRIVAL] = g_param_spec_uint ("last-arrival", "Last arrival",
      "When the last packet was written, milliseconds; 0: not known", 0,
      G_MAXUINT, 0, ro);
  props[PROP_PAYLOAD_TYPE] = g_param_spec_int ("payload-type", "Payload type",
      "Only packets of this payload type are kept; -1: all", -1, 127, -1, rw);
  props[PROP_SKIP] = g_param_spec_uint ("skip", "Skip",
      "Frames left out at the beginning", 0, G_MAXUINT, 0, rw);
  props[PROP_IGNORE_TIMESTAMPS] = g_param_spec_boolean ("ignore-timestamps",
      "Ignore timestamps",
      "Frames are timed by when they were written, not by their RTP timestamps",
      FALSE, rw);
  props[PROP_RAW] = g_param_spec_boolean ("raw", "Raw",
      "Frames come as they stand in the file: not sorted, with duplicates, "
      "timed by when they were written", FALSE, rw);
  make_timing_properties ();
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
bif_mjr_demux_class_init (BifMjrDemuxClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GstElementClass *element_class = GST_ELEMENT_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (mjr_demux_debug, "bif-mjr-demux", 0, "reads .mjr");
  object_class->set_property = bif_mjr_demux_set_property;
  object_class->get_property = bif_mjr_demux_get_property;
  object_class->finalize = bif_mjr_demux_finalize;
  element_class->change_state = bif_mjr_demux_change_state;
  install_properties (object_class);
  gst_element_class_add_static_pad_template (element_class, &sink_template);
  gst_element_class_add_static_pad_template (element_class, &src_template);
  gst_element_class_set_static_metadata (element_class, "MJR demuxer",
      "Codec/Demuxer", "An .mjr recording into RTP packets or messages",
      "Bifrons project");
}

static void
bif_mjr_demux_init (BifMjrDemux * self)
{
  self->payload_type = -1;
  self->timing = (BifMjrTiming) BIF_MJR_TIMING_INIT;
  self->header.red = -1;
  reset (self);
  self->sink = gst_pad_new_from_static_template (&sink_template, "sink");
  self->block.sink = self->sink;
  gst_pad_set_activate_function (self->sink, bif_mjr_demux_sink_activate);
  gst_pad_set_activatemode_function (self->sink,
      bif_mjr_demux_sink_activate_mode);
  gst_element_add_pad (GST_ELEMENT (self), self->sink);
}
