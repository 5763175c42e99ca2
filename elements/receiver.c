/* receiver.c: an m-line's incoming side. Made and described by the
 * application's thread; packets reach its stream on I/O threads. */
#include "receiver.h"
#include "sender.h"
#include "transport.h"

#include <stdlib.h>
#include <string.h>

enum
{
  PROP_0, PROP_DESCRIPTION, PROP_STREAM, PROP_STREAMS, PROP_BITRATE,
  PROP_WINDOW, PROP_LEVEL_PACKETS, PROP_LEVEL_THRESHOLD, N_PROPS
};
static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (BifReceiver, bif_receiver, G_TYPE_OBJECT)

void
bif_ext_map_read (BifExtMap * map, const GstStructure * rtp)
{
  for (int i = 0; i < gst_structure_n_fields (rtp); i++) {
    const char *name = gst_structure_nth_field_name (rtp, i);
    const char *uri;

    if (!g_str_has_prefix (name, "extmap-"))
      continue;
    uri = gst_structure_get_string (rtp, name);
    if (uri != NULL && bif_ext_from_uri (uri) != BIF_EXT_NONE)
      bif_ext_map_set (map, bif_ext_from_uri (uri), atoi (name + 7));
  }
}

/* What a pipeline needs to depayload the stream. */
static GstCaps *
make_caps (const GstStructure * rtp)
{
  static const char *const fields[] = { "media", "encoding-name",
    "encoding-params", "sprop-stereo", "stereo", "channel_mapping",
    "num_streams", "coupled_streams", "packetization-mode", "profile-level-id",
    "sprop-parameter-sets"
  };
  GstCaps *caps = gst_caps_new_empty_simple ("application/x-rtp");
  guint value;

  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    const GValue *field = gst_structure_get_value (rtp, fields[i]);

    if (field != NULL)
      gst_caps_set_value (caps, fields[i], field);
  }
  if (gst_structure_get_uint (rtp, "clock-rate", &value))
    gst_caps_set_simple (caps, "clock-rate", G_TYPE_INT, (int) value, NULL);
  if (gst_structure_get_uint (rtp, "payload", &value))
    gst_caps_set_simple (caps, "payload", G_TYPE_INT, (int) value, NULL);
  return caps;
}

/* ---- layers ---- */

static void
send_pli_any_thread (gpointer user_data)
{
  BifReceiverLayer *layer = user_data;
  BifRtcTransport *transport = layer->receiver->transport;
  guint8 compound[64];
  gsize size;

  if (transport == NULL || layer->ssrc == 0)
    return;
  size = bif_rtcp_write_rr (compound, sizeof compound, transport->ssrc, NULL,
      0);
  size += bif_rtcp_write_pli (compound + size, sizeof compound - size,
      transport->ssrc, layer->ssrc);
  bif_transport_send_rtcp (transport, compound, size);
}

static void
make_layer (BifReceiver * self, guint i)
{
  BifReceiverLayer *layer = &self->layer[i];

  layer->receiver = self;
  layer->stream = bif_stream_new (BIF_CODEC_OTHER, 90000);
  bif_stream_set_window (layer->stream, self->window_us);
  bif_stream_set_keyframe_func (layer->stream, send_pli_any_thread, layer);
}

static void
describe_layer (BifReceiver * self, guint i, const GstStructure * rtp)
{
  BifReceiverLayer *layer = &self->layer[i];
  char name[32];

  if (layer->stream == NULL)
    make_layer (self, i);
  g_snprintf (name, sizeof name, "rid-%u", i);
  g_free (layer->rid);
  layer->rid = g_strdup (gst_structure_get_string (rtp, name));
  layer->named_ssrc = layer->named_rtx_ssrc = 0;
  g_snprintf (name, sizeof name, "layer-ssrc-%u", i);
  gst_structure_get_uint (rtp, name, &layer->named_ssrc);
  g_snprintf (name, sizeof name, "layer-rtx-ssrc-%u", i);
  gst_structure_get_uint (rtp, name, &layer->named_rtx_ssrc);
}

static gboolean
is_named (const BifReceiverLayer * layer, const BifExtValue * rid)
{
  return layer->rid != NULL && strlen (layer->rid) == rid->size
      && memcmp (layer->rid, rid->data, rid->size) == 0;
}

BifReceiverLayer *
bif_receiver_find_layer (BifReceiver * self, const BifRtpHeader * header,
    gboolean rtx)
{
  const BifExtValue *rid = &header->ext[rtx ? BIF_EXT_REPAIRED_RID
      : BIF_EXT_RID];

  if (self->n_layers == 1)
    return &self->layer[0];
  for (guint i = 0; i < self->n_layers; i++) {
    BifReceiverLayer *layer = &self->layer[i];

    if (rid->data != NULL ? is_named (layer, rid) : header->ssrc != 0
        && header->ssrc == (rtx ? layer->named_rtx_ssrc : layer->named_ssrc))
      return layer;
  }
  return NULL;
}

void
bif_receiver_describe (BifReceiver * self, const GstStructure * rtp)
{
  g_autoptr (GstCaps) caps = make_caps (rtp);
  guint value = 0;
  BifExtMap map = { 0 };
  BifCodec codec;

  g_free (self->mid);
  self->mid = g_strdup (gst_structure_get_string (rtp, "mid"));
  g_free (self->media);
  self->media = g_strdup (gst_structure_get_string (rtp, "media"));
  gst_structure_get_uint (rtp, "payload", &value);
  self->payload_type = value;
  value = 0;
  gst_structure_get_uint (rtp, "rtx-payload", &value);
  self->rtx_payload_type = value;
  gst_structure_get_uint (rtp, "clock-rate", &self->clock_rate);
  gst_structure_get_boolean (rtp, "nack", &self->nack);
  bif_ext_map_read (&map, rtp);
  codec = g_strcmp0 (self->media, "video") != 0 ? BIF_CODEC_OTHER :
      bif_codec_from_name (gst_structure_get_string (rtp, "encoding-name"));
  value = 1;
  gst_structure_get_uint (rtp, "layers", &value);
  self->n_layers = CLAMP (value, 1, BIF_MAX_SUBSTREAMS);
  for (guint i = 0; i < self->n_layers; i++) {
    describe_layer (self, i, rtp);
    bif_stream_set_ext_map (self->layer[i].stream, &map);
    bif_stream_set_caps (self->layer[i].stream, caps);
    bif_stream_set_codec (self->layer[i].stream, codec, self->clock_rate);
  }
}

void
bif_receiver_detach (BifReceiver * self)
{
  for (guint i = 0; i < BIF_MAX_SUBSTREAMS; i++) {
    if (self->layer[i].stream != NULL)
      bif_stream_set_keyframe_func (self->layer[i].stream, NULL, NULL);
  }
}

GstStructure *
bif_receiver_media_news (const BifReceiverLayer * layer, guint seconds)
{
  const BifReceiver *self = layer->receiver;
  GstStructure *news = gst_structure_new ("bif-media",
      "mid", G_TYPE_STRING, self->mid, "receiving", G_TYPE_BOOLEAN,
      layer->receiving, "seconds", G_TYPE_UINT, seconds, NULL);

  if (self->n_layers > 1)
    gst_structure_set (news, "substream", G_TYPE_INT,
        (int) (layer - self->layer), NULL);
  return news;
}

GstStructure *
bif_receiver_note_level (BifReceiver * self, const BifRtpHeader * header)
{
  const BifExtValue *value = &header->ext[BIF_EXT_AUDIO_LEVEL];

  if (value->data == NULL || value->size < 1
      || !bif_audio_level_add (&self->level, value->data[0]))
    return NULL;
  return gst_structure_new ("bif-talking", "mid", G_TYPE_STRING, self->mid,
      "talking", G_TYPE_BOOLEAN, self->level.talking, "level", G_TYPE_DOUBLE,
      self->level.mean, NULL);
}

/* The packets are counted under the transport's lock, where there is one. */
static void
set_level (BifReceiver * self, guint window, guint threshold)
{
  GMutex *lock = self->transport != NULL ? &self->transport->rx_lock : NULL;

  if (lock != NULL)
    g_mutex_lock (lock);
  bif_audio_level_set (&self->level, window, threshold);
  if (lock != NULL)
    g_mutex_unlock (lock);
}

static void
set_window (BifReceiver * self, gint64 window_us)
{
  self->window_us = window_us;
  for (guint i = 0; i < BIF_MAX_SUBSTREAMS; i++) {
    if (self->layer[i].stream != NULL)
      bif_stream_set_window (self->layer[i].stream, window_us);
  }
}

static void
get_streams (BifReceiver * self, GValue * value)
{
  BifStream *streams[BIF_MAX_SUBSTREAMS];

  for (guint i = 0; i < self->n_layers; i++)
    streams[i] = self->layer[i].stream;
  bif_streams_to_value (streams, self->n_layers, value);
}

static void
bif_receiver_set_property (GObject * object, guint id, const GValue * value,
    GParamSpec * pspec)
{
  BifReceiver *self = BIF_RECEIVER (object);
  const GstStructure *rtp;

  switch (id) {
    case PROP_DESCRIPTION:
      rtp = gst_value_get_structure (value);
      if (rtp == NULL || self->transport == NULL)
        break;
      g_mutex_lock (&self->transport->rx_lock);
      bif_receiver_describe (self, rtp);
      bif_ext_map_read (&self->transport->ext_map, rtp);
      g_mutex_unlock (&self->transport->rx_lock);
      break;
    case PROP_WINDOW:
      set_window (self, (gint64) g_value_get_uint (value) * 1000);
      break;
    case PROP_LEVEL_PACKETS:
      set_level (self, g_value_get_uint (value), self->level.threshold);
      break;
    case PROP_LEVEL_THRESHOLD:
      set_level (self, self->level.window, g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
bif_receiver_get_property (GObject * object, guint id, GValue * value,
    GParamSpec * pspec)
{
  BifReceiver *self = BIF_RECEIVER (object);

  switch (id) {
    case PROP_STREAM:
      g_value_set_object (value, self->layer[0].stream);
      break;
    case PROP_STREAMS:
      get_streams (self, value);
      break;
    case PROP_BITRATE:
      g_value_set_uint (value, self->bitrate);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
bif_receiver_finalize (GObject * object)
{
  BifReceiver *self = BIF_RECEIVER (object);

  bif_receiver_detach (self);
  for (guint i = 0; i < BIF_MAX_SUBSTREAMS; i++) {
    g_clear_object (&self->layer[i].stream);
    g_free (self->layer[i].rid);
  }
  g_free (self->mid);
  g_free (self->media);
  G_OBJECT_CLASS (bif_receiver_parent_class)->finalize (object);
}

static void
bif_receiver_class_init (BifReceiverClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = bif_receiver_set_property;
  object_class->get_property = bif_receiver_get_property;
  object_class->finalize = bif_receiver_finalize;
  props[PROP_DESCRIPTION] = g_param_spec_boxed ("description", "Description",
      "The m-line, in the fields of application/x-rtp caps",
      GST_TYPE_STRUCTURE, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_STREAM] = g_param_spec_object ("stream", "Stream",
      "What comes in; of simulcast layers, the lowest", BIF_TYPE_STREAM,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_STREAMS] = gst_param_spec_array ("streams", "Streams",
      "Simulcast layers, the lowest first; without simulcast, the one stream",
      g_param_spec_object ("stream", "Stream", "A layer", BIF_TYPE_STREAM,
          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS),
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_BITRATE] = g_param_spec_uint ("bitrate", "Bitrate",
      "Received over the last second, bit/s", 0, G_MAXUINT, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_WINDOW] = g_param_spec_uint ("window", "Window",
      "How long packets are kept for retransmission, ms", 0, 10000, 1000,
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_LEVEL_PACKETS] = g_param_spec_uint ("level-packets",
      "Level packets", "Packets that the audio level is averaged over before "
      "a bif-talking message says who talks; 0: it is not looked at", 0,
      G_MAXINT, 0, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_LEVEL_THRESHOLD] = g_param_spec_uint ("level-threshold",
      "Level threshold", "Who is louder talks, -dBov: 127 silent, 0 loud", 0,
      G_MAXINT, 25, G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
bif_receiver_init (BifReceiver * self)
{
  self->window_us = G_USEC_PER_SEC;
  self->n_layers = 1;
  self->level.threshold = 25;
  make_layer (self, 0);
}

BifReceiver *
bif_receiver_new (BifRtcTransport * transport)
{
  BifReceiver *self = g_object_new (BIF_TYPE_RECEIVER, NULL);

  self->transport = transport;
  return self;
}
