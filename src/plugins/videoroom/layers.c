/* layers.c: simulcast and SVC: which streams have layers, which of them a
 * subscriber asks for, and what it is told of them. Main thread. */
#include "plugins/videoroom/videoroom.h"
#include "base/json.h"

/* ---- publishers ---- */

static gboolean
names_line (JsonObject * item, const VrStream * stream)
{
  if (json_object_has_member (item, "mid"))
    return g_strcmp0 (bif_json_get_string (item, "mid"), stream->mid) == 0;
  return json_object_has_member (item, "mindex")
      && json_object_get_int_member_with_default (item, "mindex", -1)
      == (gint64) stream->mindex;
}

static gboolean
is_svc (JsonArray * list, const VrStream * stream)
{
  guint n = list != NULL ? json_array_get_length (list) : 0;

  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (list, i);

    if (JSON_NODE_HOLDS_OBJECT (node)
        && names_line (json_node_get_object (node), stream))
      return TRUE;
  }
  return FALSE;
}

void
vr_publisher_note_layers (VrPublisher * self, const BifJsep * jsep)
{
  for (guint i = 0; i < self->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (self->streams, i);
    const BifSdpMedia *media = bif_sdp_find_media (jsep->sdp, stream->mid);
    gboolean video = stream->kind == BIF_MEDIA_VIDEO && !stream->disabled;

    stream->simulcast = video && media != NULL
        && (media->rids->len > 1 || media->n_sim > 1);
    stream->svc = video && !stream->simulcast
        && (g_strcmp0 (stream->codec, "vp9") == 0
        || g_strcmp0 (stream->codec, "av1") == 0)
        && is_svc (jsep->svc, stream);
  }
}

/* ---- subscribers ---- */

static BifTrack *
find_track (VrSubscription * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->subscriber->handle));

  return peer != NULL ? bif_peer_find_track (peer, self->mid) : NULL;
}

void
vr_subscription_set_layers (VrSubscription * self)
{
  BifTrack *track = find_track (self);

  if (track == NULL || self->kind != BIF_MEDIA_VIDEO)
    return;
  bif_track_set_layers (track, self->substream, self->temporal,
      MIN (self->fallback, G_MAXINT32));
  bif_track_set_svc_layers (track, self->spatial_layer,
      self->temporal_layer);
}

static void
tell (VrSubscription * self, const char *name, int value)
{
  JsonObject *event = vr_room_event (self->subscriber->room, "event");

  json_object_set_string_member (event, "mid", self->mid);
  json_object_set_int_member (event, name, value);
  bif_handle_push_event (BIF_HANDLE (self->subscriber->handle), event, NULL,
      NULL);
}

/* @told: what it knows already */
static void
tell_change (VrSubscription * self, const char *name, int value, int *told)
{
  if (value < 0 || value == *told)
    return;
  *told = value;
  tell (self, name, value);
}

void
vr_subscriber_layer_changed (VrSubscriber * self, BifTrack * track,
    const BifTrackLayers * layers)
{
  VrSubscription *subscription =
      vr_subscriber_find (self, bif_track_mid (track));
  BifTrackLayers *told;

  if (subscription == NULL)
    return;
  told = &subscription->told;
  if (layers->substream >= 0) {
    tell_change (subscription, "substream", layers->substream,
        &told->substream);
    tell_change (subscription, "temporal", layers->temporal,
        &told->temporal);
  } else if (layers->n_spatial > 1 || layers->n_temporal > 1) {
    tell_change (subscription, "spatial_layer", layers->spatial,
        &told->spatial);
    tell_change (subscription, "temporal_layer", layers->temporal,
        &told->temporal);
  }
}

static void
tell_reached (VrSubscription * self, const char *name,
    const BifMaybeInt * wanted, int current)
{
  if (wanted->set && current >= 0 && wanted->value == current)
    tell (self, name, current);
}

void
vr_subscription_tell_reached (VrSubscription * self, const VrItem * item)
{
  BifTrack *track = find_track (self);
  BifTrackLayers now;

  if (track == NULL || self->kind != BIF_MEDIA_VIDEO)
    return;
  bif_track_get_layers (track, &now);
  if (now.substream >= 0) {
    tell_reached (self, "substream", &item->substream, now.substream);
    tell_reached (self, "temporal", &item->temporal, now.temporal);
  } else {
    tell_reached (self, "spatial_layer", &item->spatial_layer, now.spatial);
    tell_reached (self, "temporal_layer", &item->temporal_layer,
        now.temporal);
  }
}

void
vr_subscription_forget_layers (VrSubscription * self)
{
  self->told = (BifTrackLayers) { -1, -1, -1, 0, 0 };
}

/* ---- JSON ---- */

static JsonObject *
simulcast_object (VrSubscription * self, const BifTrackLayers * now)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "substream", now->substream);
  json_object_set_int_member (object, "substream-target", self->substream);
  json_object_set_int_member (object, "temporal-layer", now->temporal);
  json_object_set_int_member (object, "temporal-layer-target",
      self->temporal);
  if (self->fallback > 0)
    json_object_set_int_member (object, "fallback", self->fallback);
  return object;
}

static JsonObject *
svc_object (VrSubscription * self, const BifTrackLayers * now)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "spatial-layer", now->spatial);
  json_object_set_int_member (object, "target-spatial-layer",
      self->spatial_layer);
  json_object_set_int_member (object, "temporal-layer", now->temporal);
  json_object_set_int_member (object, "target-temporal-layer",
      self->temporal_layer);
  return object;
}

void
vr_json_add_layers (JsonObject * object, VrSubscription * subscription)
{
  VrStream *source = vr_subscription_source (subscription);
  BifTrack *track = find_track (subscription);
  BifTrackLayers now = { -1, -1, -1, 0, 0 };

  if (source == NULL || !(source->simulcast || source->svc))
    return;
  if (track != NULL)
    bif_track_get_layers (track, &now);
  if (source->simulcast)
    json_object_set_object_member (object, "simulcast",
        simulcast_object (subscription, &now));
  else
    json_object_set_object_member (object, "svc",
        svc_object (subscription, &now));
}
