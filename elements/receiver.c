/* receiver.c: an m-line's incoming side. Made and described by the
 * application's thread; packets reach its stream on I/O threads. */
#include "receiver.h"
#include "transport.h"

#include <stdlib.h>
#include <string.h>

enum
{
  PROP_0, PROP_DESCRIPTION, PROP_STREAM, PROP_BITRATE, PROP_WINDOW, N_PROPS
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

void
bif_receiver_describe (BifReceiver * self, const GstStructure * rtp)
{
  g_autoptr (GstCaps) caps = make_caps (rtp);
  guint value = 0;
  BifExtMap map = { 0 };

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
  bif_stream_set_ext_map (self->stream, &map);
  bif_stream_set_caps (self->stream, caps);
  bif_stream_set_codec (self->stream, g_strcmp0 (self->media, "video") == 0 ?
      bif_codec_from_name (gst_structure_get_string (rtp, "encoding-name")) :
      BIF_CODEC_OTHER, self->clock_rate);
}

static void
send_pli_any_thread (gpointer user_data)
{
  BifReceiver *self = user_data;
  BifRtcTransport *transport = self->transport;
  guint8 compound[64];
  gsize size;

  if (transport == NULL || self->ssrc == 0)
    return;
  size = bif_rtcp_write_rr (compound, sizeof compound, transport->ssrc, NULL,
      0);
  size += bif_rtcp_write_pli (compound + size, sizeof compound - size,
      transport->ssrc, self->ssrc);
  bif_transport_send_rtcp (transport, compound, size);
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
      bif_stream_set_window (self->stream,
          (gint64) g_value_get_uint (value) * 1000);
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
      g_value_set_object (value, self->stream);
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

  bif_stream_set_keyframe_func (self->stream, NULL, NULL);
  g_object_unref (self->stream);
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
      "What comes in", BIF_TYPE_STREAM,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_BITRATE] = g_param_spec_uint ("bitrate", "Bitrate",
      "Received over the last second, bit/s", 0, G_MAXUINT, 0,
      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_WINDOW] = g_param_spec_uint ("window", "Window",
      "How long packets are kept for retransmission, ms", 0, 10000, 1000,
      G_PARAM_WRITABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
bif_receiver_init (BifReceiver * self)
{
  self->stream = bif_stream_new (BIF_CODEC_OTHER, 90000);
}

BifReceiver *
bif_receiver_new (BifRtcTransport * transport)
{
  BifReceiver *self = g_object_new (BIF_TYPE_RECEIVER, NULL);

  self->transport = transport;
  bif_stream_set_keyframe_func (self->stream, send_pli_any_thread, self);
  return self;
}
