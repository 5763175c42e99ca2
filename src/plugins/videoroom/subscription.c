/* subscription.c: one m-line of a subscriber: what feeds it, and whether it
 * flows. Main thread. */
#include "plugins/videoroom/videoroom.h"

#define FALLBACK_US 250000
#define MAX_LAYER 2
#define DELAY_UNIT_MS 10

const BifField vr_item_fields[] = {
  BIF_MAYBE_ID (VrItem, feed, BIF_OPTIONAL, "publisher"),
  BIF_STRING (VrItem, mid, BIF_OPTIONAL, "m-line; all of them otherwise"),
  BIF_STRING (VrItem, sub_mid, BIF_OPTIONAL, "m-line of the subscription"),
  BIF_STRING (VrItem, crossrefid, BIF_OPTIONAL, "echoed"),
  BIF_MAYBE_BOOL (VrItem, send, BIF_OPTIONAL, "FALSE: keep it silent"),
  BIF_MAYBE_UINT (VrItem, substream, BIF_OPTIONAL, 0,
      "simulcast layer wanted, 0 to 2"),
  BIF_MAYBE_UINT (VrItem, temporal, BIF_OPTIONAL, 0,
      "temporal layer wanted, 0 to 2"),
  BIF_MAYBE_UINT (VrItem, fallback, BIF_OPTIONAL, 0,
      "silence after which a lower layer is taken, us"),
  BIF_MAYBE_UINT (VrItem, spatial_layer, BIF_OPTIONAL, 0,
      "SVC layer wanted, 0 to 2"),
  BIF_MAYBE_UINT (VrItem, temporal_layer, BIF_OPTIONAL, 0,
      "SVC temporal layer wanted, 0 to 2"),
  BIF_MAYBE_INT (VrItem, min_delay, BIF_OPTIONAL, "playout delay, in 10 ms"),
  BIF_MAYBE_INT (VrItem, max_delay, BIF_OPTIONAL, "playout delay, in 10 ms"),
  {NULL},
};

static gboolean
check_layer (const char *names, const BifMaybeInt * layer, GError ** error)
{
  if (!layer->set || layer->value <= MAX_LAYER)
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
      "Invalid value (%s should be 0, 1 or 2)", names);
  return FALSE;
}

gboolean
vr_item_read (JsonNode * node, VrItem * item, GError ** error)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node)
      ? json_node_get_object (node) : NULL;

  *item = (VrItem) { 0 };
  return bif_fields_read (vr_item_fields, object, item, NULL, error);
}

gboolean
vr_item_check (const VrItem * item, GError ** error)
{
  static const char spatial[] = "substream/spatial_layer";
  static const char temporal[] = "temporal/temporal_layer";

  return check_layer (spatial, &item->substream, error)
      && check_layer (spatial, &item->spatial_layer, error)
      && check_layer (temporal, &item->temporal, error)
      && check_layer (temporal, &item->temporal_layer, error);
}

static void
take (gint64 * member, const BifMaybeInt * value)
{
  if (value->set)
    *member = value->value;
}

void
vr_item_apply (const VrItem * item, VrSubscription * self)
{
  take (&self->substream, &item->substream);
  take (&self->temporal, &item->temporal);
  take (&self->spatial_layer, &item->spatial_layer);
  take (&self->temporal_layer, &item->temporal_layer);
  take (&self->fallback, &item->fallback);
  if (self->fallback == 0)
    self->fallback = FALLBACK_US;
  take (&self->min_delay, &item->min_delay);
  take (&self->max_delay, &item->max_delay);
  if (self->min_delay > self->max_delay)
    self->max_delay = self->min_delay;
  if (item->send.set)
    self->send = item->send.value;
}

void
vr_subscription_free (VrSubscription * self)
{
  vr_subscription_remove_sources (self);
  g_clear_object (&self->fed);
  g_ptr_array_unref (self->sources);
  g_free (self->mid);
  g_free (self->crossrefid);
  g_free (self->codec);
  g_free (self->fmtp);
  g_free (self);
}

/* ---- sources ---- */

VrStream *
vr_subscription_source (VrSubscription * self)
{
  return self->sources->len > 0 ? g_ptr_array_index (self->sources, 0) : NULL;
}

void
vr_subscription_add_source (VrSubscription * self, VrStream * stream)
{
  g_ptr_array_add (self->sources, vr_stream_ref (stream));
  g_ptr_array_add (stream->subscriptions, self);
}

void
vr_subscription_remove_source (VrSubscription * self, VrStream * stream)
{
  g_ptr_array_remove (stream->subscriptions, self);
  vr_stream_ref (stream);
  g_ptr_array_remove (self->sources, stream);
  vr_stream_unref (stream);
  vr_subscription_update (self);
}

void
vr_subscription_remove_sources (VrSubscription * self)
{
  while (self->sources->len > 0)
    vr_subscription_remove_source (self, vr_subscription_source (self));
}

BifDirection
vr_subscription_direction (VrSubscription * self)
{
  VrStream *source = vr_subscription_source (self);

  return source != NULL && !source->disabled ? BIF_DIRECTION_SENDONLY
      : BIF_DIRECTION_INACTIVE;
}

/* ---- flow ---- */

void
vr_subscription_update (VrSubscription * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->subscriber->handle));
  BifTrack *to = peer != NULL ? bif_peer_find_track (peer, self->mid) : NULL;
  VrStream *source = vr_subscription_source (self);
  BifTrack *from =
      source != NULL && self->ready ? vr_stream_track (source) : NULL;
  g_autoptr (GError) error = NULL;
  gboolean flows;

  if (to == NULL || self->kind == BIF_MEDIA_DATA)
    return;
  flows = from != NULL && self->send && source->sending
      && !self->subscriber->paused && !self->subscriber->kicked;
  if (self->fed != from) {
    bif_track_set_active (to, FALSE);
    vr_subscription_forget_layers (self);
    if (!bif_track_subscribe (to, from, &error))
      GST_WARNING ("%s", error->message);
    g_set_object (&self->fed, from);
  }
  vr_subscription_set_layers (self);
  if (self->min_delay >= 0 && self->max_delay >= 0)
    bif_track_set_playout_delay (to, self->min_delay * DELAY_UNIT_MS,
        self->max_delay * DELAY_UNIT_MS);
  if (bif_track_is_active (to) != flows)
    bif_track_set_active (to, flows);
}
