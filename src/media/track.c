/* track.c: one m-line of a peer: its receiver and sender on the packet path,
 * and the template section that joins them. Main thread. */
#include "media/peer-private.h"
#include "base/error.h"

#include <stdlib.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (track_debug);
#define GST_CAT_DEFAULT track_debug

struct _BifTrack
{
  GObject parent;

  BifPeer *peer;                /* not owned; NULL once closed */
  char *mid;
  BifMediaKind kind;
  char *codec;                  /* API name */
  GObject *receiver;            /* of the transport, owned */
  GObject *sender;              /* owned */
  GstElement *relay;            /* owned (nullable) */
  GstElement *section;          /* bin in the peer's pipeline (nullable) */
  GPtrArray *published;         /* streams others take, layers of one source,
                                   the lowest first (nullable) */
  gboolean wants_active;        /* what the plugin asked for */
  gboolean may_send;            /* what was negotiated */
  guint n_layers;               /* of what comes in; 1 without simulcast */
  gboolean relays;              /* what comes in goes out as it is */
};

G_DEFINE_FINAL_TYPE (BifTrack, bif_track, G_TYPE_OBJECT)

/* ---- description ---- */

static void
add_fmtp (GstStructure * rtp, const char *fmtp)
{
  g_auto (GStrv) pairs = g_strsplit (fmtp != NULL ? fmtp : "", ";", -1);

  for (guint i = 0; pairs[i] != NULL; i++) {
    char *equals = strchr (g_strstrip (pairs[i]), '=');

    if (equals == NULL || equals == pairs[i])
      continue;
    *equals = '\0';
    gst_structure_set (rtp, pairs[i], G_TYPE_STRING, equals + 1, NULL);
  }
}

/* The layer @i of simulcast by rid, or by ssrc-group:SIM. */
static void
add_layer (GstStructure * rtp, const BifSdpMedia * media, guint i)
{
  char name[32];

  if (media->rids->len > 0) {
    g_snprintf (name, sizeof name, "rid-%u", i);
    gst_structure_set (rtp, name, G_TYPE_STRING,
        media->rids->pdata[media->rids->len - 1 - i], NULL);
    return;
  }
  g_snprintf (name, sizeof name, "layer-ssrc-%u", i);
  gst_structure_set (rtp, name, G_TYPE_UINT, media->sim_ssrcs[i], NULL);
  for (guint s = 0; s < MIN (media->ssrcs->len, media->rtx_ssrcs->len); s++) {
    if (g_array_index (media->ssrcs, guint32, s) != media->sim_ssrcs[i])
      continue;
    g_snprintf (name, sizeof name, "layer-rtx-ssrc-%u", i);
    gst_structure_set (rtp, name, G_TYPE_UINT,
        g_array_index (media->rtx_ssrcs, guint32, s), NULL);
  }
}

/* Rids come highest first, layers are counted from the lowest. */
static guint
add_layers (GstStructure * rtp, const BifSdpMedia * media,
    const BifSdpLine * line)
{
  guint n = media == NULL ? 1 :
      line->rids->len > 0 ? media->rids->len : media->n_sim;

  if (line->kind != BIF_MEDIA_VIDEO || n <= 1
      || !(line->direction & BIF_DIRECTION_RECVONLY))
    return 1;
  gst_structure_set (rtp, "layers", G_TYPE_UINT, n, NULL);
  for (guint i = 0; i < n; i++)
    add_layer (rtp, media, i);
  return n;
}

/* The m-line in the fields of application/x-rtp caps, and some of ours. */
static GstStructure *
describe (const BifSdpLine * line)
{
  const BifSdpCodec *codec = line->codec;
  g_autofree char *name = g_ascii_strup (codec->name, -1);
  GstStructure *rtp = gst_structure_new ("application/x-rtp",
      "mid", G_TYPE_STRING, line->mid,
      "media", G_TYPE_STRING, bif_media_kind_name (line->kind),
      "encoding-name", G_TYPE_STRING, name,
      "clock-rate", G_TYPE_UINT, codec->clock_rate,
      "payload", G_TYPE_UINT, (guint) codec->payload_type,
      "rtx-payload", G_TYPE_UINT, (guint) codec->rtx,
      "nack", G_TYPE_BOOLEAN, codec->nack,
      "ssrc", G_TYPE_UINT, line->ssrc,
      "rtx-ssrc", G_TYPE_UINT, line->rtx_ssrc, NULL);

  if (codec->channels > 1) {
    g_autofree char *channels = g_strdup_printf ("%u", codec->channels);

    gst_structure_set (rtp, "encoding-params", G_TYPE_STRING, channels, NULL);
  }
  add_fmtp (rtp, codec->fmtp);
  for (guint i = 0; i < line->extmaps->len; i++) {
    const BifSdpExtmap *extmap = g_ptr_array_index (line->extmaps, i);
    g_autofree char *field = g_strdup_printf ("extmap-%u", extmap->id);

    gst_structure_set (rtp, field, G_TYPE_STRING, extmap->uri, NULL);
  }
  return rtp;
}

static void
apply_active (BifTrack * self)
{
  gboolean active = self->wants_active && self->may_send;

  if (self->relay != NULL)
    g_object_set (self->relay, "active", active, NULL);
  else if (self->sender != NULL)
    g_object_set (self->sender, "active", active, NULL);
}

/* Returns: (transfer full): what comes in, every layer of it, the lowest
 * first */
static GPtrArray *
received_streams (BifTrack * self)
{
  GPtrArray *array = g_ptr_array_new_with_free_func (g_object_unref);
  GValue streams = G_VALUE_INIT;

  g_value_init (&streams, GST_TYPE_ARRAY);
  g_object_get_property (self->receiver, "streams", &streams);
  for (guint i = 0; i < gst_value_array_get_size (&streams); i++)
    g_ptr_array_add (array,
        g_value_dup_object (gst_value_array_get_value (&streams, i)));
  g_value_unset (&streams);
  return array;
}

/* @streams: (nullable) */
static void
relay_streams (BifTrack * self, GPtrArray * streams)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_ARRAY);
  for (guint i = 0; streams != NULL && i < streams->len; i++) {
    GValue stream = G_VALUE_INIT;

    g_value_init (&stream, G_OBJECT_TYPE (streams->pdata[i]));
    g_value_set_object (&stream, streams->pdata[i]);
    gst_value_array_append_and_take_value (&value, &stream);
  }
  g_object_set_property (G_OBJECT (self->relay), "sources", &value);
  g_value_unset (&value);
}

static void
relay_received (BifTrack * self)
{
  g_autoptr (GPtrArray) streams = received_streams (self);

  relay_streams (self, streams);
}

/* Returns: (transfer full) (nullable): the highest layer of what comes in */
static GObject *
highest_stream (BifTrack * self)
{
  g_autoptr (GPtrArray) streams = received_streams (self);

  return streams->len > 0 ? g_object_ref (streams->pdata[streams->len - 1])
      : NULL;
}

void
bif_track_update (BifTrack * self, const BifSdpMedia * media,
    const BifSdpLine * line)
{
  GstElement *transport = bif_peer_transport (self->peer);
  g_autoptr (GstStructure) rtp = NULL;

  if (!line->accepted || line->codec == NULL) {
    self->may_send = FALSE;
    apply_active (self);
    return;
  }
  rtp = describe (line);
  self->n_layers = add_layers (rtp, media, line);
  g_free (self->mid);
  self->mid = g_strdup (line->mid);
  g_free (self->codec);
  self->codec = g_strdup (bif_sdp_codec_api_name (line->codec->name));
  if (self->receiver != NULL) {
    g_object_set (self->receiver, "description", rtp, NULL);
  } else if (media != NULL) {
    g_signal_emit_by_name (transport, "add-receiver", rtp, &self->receiver);
    g_object_set (self->receiver, "window", bif_peer_window (self->peer),
        NULL);
  }
  if (self->sender != NULL)
    g_object_set (self->sender, "description", rtp, NULL);
  else
    g_signal_emit_by_name (transport, "add-sender", rtp, &self->sender);
  self->may_send = (line->direction & BIF_DIRECTION_SENDONLY) != 0;
  if (self->relay != NULL && self->relays)
    relay_received (self);
  apply_active (self);
}

BifTrack *
bif_track_new (BifPeer * peer, const BifSdpLine * line)
{
  BifTrack *self = g_object_new (BIF_TYPE_TRACK, NULL);

  self->peer = peer;
  self->mid = g_strdup (line->mid);
  self->kind = line->kind;
  self->wants_active = TRUE;
  return self;
}

/* ---- joining ---- */

static GstElement *
make (const char *factory, GError ** error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL)
    g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE,
        "GStreamer does not find the element %s", factory);
  return element;
}

/* Source, jitter buffer, the user's elements, sink: a bin in the peer's
 * pipeline. Returns: (transfer full) (nullable): the stream that comes out */
static GObject *
build_section (BifTrack * self, const BifTemplate * template_,
    const char *section, GError ** error)
{
  g_autoptr (GstElement) bin = NULL;
  g_autoptr (GstElement) in = NULL, out = NULL;
  g_autoptr (GObject) stream = NULL;
  GstElement *source, *jitter, *sink;
  GObject *result = NULL;

  bin = bif_template_make_section (template_, section, error);
  if (bin == NULL)
    return NULL;
  gst_object_ref_sink (bin);
  in = gst_bin_get_by_name (GST_BIN (bin), "in");
  out = gst_bin_get_by_name (GST_BIN (bin), "out");
  source = make ("bifbridgesrc", error);
  jitter = source ? make ("rtpjitterbuffer", error) : NULL;
  sink = jitter ? make ("bifbridgesink", error) : NULL;
  if (sink == NULL || in == NULL || out == NULL)
    return NULL;
  stream = highest_stream (self);
  g_object_set (source, "stream", stream, NULL);
  g_object_set (jitter, "latency", bif_peer_latency (self->peer), "do-lost",
      TRUE, NULL);
  gst_bin_add_many (GST_BIN (bin), source, jitter, sink, NULL);
  if (!gst_element_link_many (source, jitter, in, NULL)
      || !gst_element_link (out, sink)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE,
        "section [%s]: its elements 'in' and 'out' cannot be linked", section);
    return NULL;
  }
  gst_bin_add (GST_BIN (bif_peer_pipeline (self->peer)), bin);
  self->section = g_object_ref (bin);
  g_object_get (sink, "stream", &result, NULL);
  gst_element_sync_state_with_parent (bin);
  return result;
}

static GstElement *
make_relay (const BifTemplate * template_, const char *section,
    GError ** error)
{
  g_autoptr (GstElement) bin = NULL;
  GstElement *relay;

  if (!bif_template_is_relay (template_, section))
    relay = make ("bifrelay", error);
  else {
    bin = bif_template_make_section (template_, section, error);
    if (bin == NULL)
      return NULL;
    gst_object_ref_sink (bin);
    return gst_bin_get_by_name (GST_BIN (bin), "relay");
  }
  return relay != NULL ? gst_object_ref_sink (relay) : NULL;
}

gboolean
bif_track_loop_back (BifTrack * self, const BifTemplate * template_,
    const char *section, GError ** error)
{
  g_autoptr (GObject) stream = NULL;

  if (self->relay != NULL || self->receiver == NULL)
    return TRUE;
  self->relay = make_relay (template_, section, error);
  if (self->relay == NULL)
    return FALSE;
  self->relays = bif_template_is_relay (template_, section);
  if (self->relays) {
    relay_received (self);
  } else {
    stream = build_section (self, template_, section, error);
    if (stream == NULL) {
      gst_clear_object (&self->relay);
      return FALSE;
    }
    g_object_set (self->relay, "source", stream, NULL);
  }
  g_object_set (self->relay, "sender", self->sender, NULL);
  apply_active (self);
  return TRUE;
}

gboolean
bif_track_publish (BifTrack * self, const BifTemplate * template_,
    const char *section, GError ** error)
{
  GObject *stream;

  if (self->published != NULL || self->receiver == NULL)
    return TRUE;
  if (bif_template_is_relay (template_, section)) {
    self->published = received_streams (self);
    return TRUE;
  }
  stream = build_section (self, template_, section, error);
  if (stream == NULL)
    return FALSE;
  self->published = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->published, stream);
  return TRUE;
}

gboolean
bif_track_subscribe (BifTrack * self, BifTrack * from, GError ** error)
{
  if (self->sender == NULL)
    return TRUE;
  if (self->relay == NULL) {
    self->relay = make ("bifrelay", error);
    if (self->relay == NULL)
      return FALSE;
    gst_object_ref_sink (self->relay);
  }
  g_object_set (self->relay, "active", FALSE, NULL);
  relay_streams (self, from != NULL ? from->published : NULL);
  g_object_set (self->relay, "sender", self->sender, NULL);
  apply_active (self);
  return TRUE;
}

void
bif_track_play (BifTrack * self, GObject * stream)
{
  g_autoptr (GPtrArray) streams = NULL;

  if (self->sender == NULL)
    return;
  if (self->relay == NULL) {
    self->relay = make ("bifrelay", NULL);
    if (self->relay == NULL)
      return;
    gst_object_ref_sink (self->relay);
  }
  streams = g_ptr_array_new ();
  if (stream != NULL)
    g_ptr_array_add (streams, stream);
  g_object_set (self->relay, "active", FALSE, NULL);
  relay_streams (self, streams);
  g_object_set (self->relay, "sender", self->sender, NULL);
  apply_active (self);
}

void
bif_track_watch_level (BifTrack * self, guint packets, guint threshold)
{
  if (self->receiver != NULL)
    g_object_set (self->receiver, "level-threshold", threshold,
        "level-packets", packets, NULL);
}

void
bif_track_request_keyframe (BifTrack * self)
{
  g_autoptr (GPtrArray) streams = NULL;

  if (self->receiver == NULL)
    return;
  streams = received_streams (self);
  for (guint i = 0; i < streams->len; i++)
    g_signal_emit_by_name (streams->pdata[i], "request-keyframe");
}

/* ---- public ---- */

GPtrArray *
bif_track_streams (BifTrack * self)
{
  return self->receiver != NULL ? received_streams (self) :
      g_ptr_array_new_with_free_func (g_object_unref);
}

const char *
bif_track_mid (BifTrack * self)
{
  return self->mid;
}

BifMediaKind
bif_track_kind (BifTrack * self)
{
  return self->kind;
}

const char *
bif_track_codec (BifTrack * self)
{
  return self->codec;
}

guint64
bif_track_bitrate (BifTrack * self)
{
  guint bitrate = 0;

  if (self->receiver != NULL)
    g_object_get (self->receiver, "bitrate", &bitrate, NULL);
  return bitrate;
}

void
bif_track_set_active (BifTrack * self, gboolean active)
{
  self->wants_active = active;
  apply_active (self);
}

gboolean
bif_track_is_active (BifTrack * self)
{
  return self->wants_active;
}

void
bif_track_set_playout_delay (BifTrack * self, int min_ms, int max_ms)
{
  if (self->sender != NULL)
    g_object_set (self->sender, "playout-delay-min", MAX (min_ms, -1),
        "playout-delay-max", MAX (max_ms, -1), NULL);
}

gboolean
bif_track_is_simulcast (BifTrack * self)
{
  return self->n_layers > 1;
}

void
bif_track_set_layers (BifTrack * self, guint substream, guint temporal,
    guint fallback_us)
{
  if (self->sender != NULL)
    g_object_set (self->sender, "fallback", fallback_us, "substream",
        MIN (substream, 2), "temporal", MIN (temporal, 2), NULL);
}

void
bif_track_set_svc_layers (BifTrack * self, guint spatial, guint temporal)
{
  if (self->sender != NULL)
    g_object_set (self->sender, "spatial-layer", MIN (spatial, 2),
        "temporal-layer", MIN (temporal, 2), NULL);
}

void
bif_layers_read (BifTrackLayers * layers, const GstStructure * structure)
{
  *layers = (BifTrackLayers) { -1, -1, -1, 0, 0 };
  gst_structure_get (structure, "substream", G_TYPE_INT, &layers->substream,
      "spatial", G_TYPE_INT, &layers->spatial,
      "temporal", G_TYPE_INT, &layers->temporal,
      "spatial-layers", G_TYPE_INT, &layers->n_spatial,
      "temporal-layers", G_TYPE_INT, &layers->n_temporal, NULL);
}

void
bif_track_get_layers (BifTrack * self, BifTrackLayers * layers)
{
  g_autoptr (GstStructure) structure = NULL;

  *layers = (BifTrackLayers) { -1, -1, -1, 0, 0 };
  if (self->sender == NULL)
    return;
  g_object_get (self->sender, "layers", &structure, NULL);
  if (structure != NULL)
    bif_layers_read (layers, structure);
}

void
bif_track_close (BifTrack * self)
{
  if (self->relay != NULL)
    g_object_set (self->relay, "source", NULL, "sender", NULL, NULL);
  gst_clear_object (&self->relay);
  if (self->peer != NULL) {
    GstElement *transport = bif_peer_transport (self->peer);

    if (self->sender != NULL)
      g_signal_emit_by_name (transport, "remove", self->sender);
    if (self->receiver != NULL)
      g_signal_emit_by_name (transport, "remove", self->receiver);
  }
  g_clear_object (&self->sender);
  g_clear_object (&self->receiver);
  g_clear_object (&self->section);
  g_clear_pointer (&self->published, g_ptr_array_unref);
  self->peer = NULL;
}

static void
bif_track_dispose (GObject * object)
{
  bif_track_close (BIF_TRACK (object));
  G_OBJECT_CLASS (bif_track_parent_class)->dispose (object);
}

static void
bif_track_finalize (GObject * object)
{
  BifTrack *self = BIF_TRACK (object);

  g_free (self->mid);
  g_free (self->codec);
  G_OBJECT_CLASS (bif_track_parent_class)->finalize (object);
}

static void
bif_track_class_init (BifTrackClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (track_debug, "bif-track", 0, "tracks of peers");
  G_OBJECT_CLASS (klass)->dispose = bif_track_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_track_finalize;
}

static void
bif_track_init (BifTrack * self)
{
  self->n_layers = 1;
}
