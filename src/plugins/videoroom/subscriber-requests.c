/* subscriber-requests.c: what subscribers ask for. Main thread. */
#include "plugins/videoroom/videoroom.h"

#include <string.h>

static gboolean
fail (GError ** error, int code, const char *text)
{
  g_set_error_literal (error, BIF_ERROR, code, text);
  return FALSE;
}

static void
add_room (VrSubscriber * self, BifReply * reply)
{
  bif_reply_take (reply, "room", bif_id_node (self->room->base.id,
          self->room->base.string_ids));
}

static void
add_streams (VrSubscriber * self, BifReply * reply)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, vr_json_subscriptions (self));
  bif_reply_take (reply, "streams", node);
}

static gboolean
offer (VrSubscriber * self, BifReply * reply, gboolean restart,
    GError ** error)
{
  if (!vr_subscriber_set_lines (self))
    return fail (error, BIF_ERROR_INTERNAL, "Error setting ICE locally");
  return bif_handle_offer (BIF_HANDLE (self->handle), reply,
      vr_subscriber_offer_flags (self, restart), error);
}

/* ---- join ---- */

static gboolean
check_private_id (VrRoom * room, const VrJoinParams * p, GError ** error)
{
  if (!room->require_pvtid || (p->private_id.set
          && p->private_id.value != 0
          && vr_room_find_private (room, (guint32) p->private_id.value)))
    return TRUE;
  return fail (error, BIF_ERROR_WRONG_SECRET,
      "Unauthorized (this room requires a valid private_id)");
}

static gboolean
join_feed (VrSubscriber * self, const VrJoinParams * p, BifReply * reply,
    GError ** error)
{
  const gboolean kinds[] = {
    [BIF_MEDIA_AUDIO] = !p->offer_audio.set || p->offer_audio.value,
    [BIF_MEDIA_VIDEO] = !p->offer_video.set || p->offer_video.value,
    [BIF_MEDIA_DATA] = !p->offer_data.set || p->offer_data.value,
  };
  g_autofree char *id = NULL;
  VrPublisher *feed;
  JsonObject *object;

  if (!bif_id_require (&p->feed, "feed", self->room->base.string_ids, &id,
          error))
    return FALSE;
  feed = vr_subscriber_find_feed (self, id, error);
  if (feed == NULL || !vr_subscriber_add_feed (self, feed, kinds, error))
    return FALSE;
  object = json_object_new ();
  vr_json_add_member (object, feed);
  json_object_set_string_member (object, "warning", "deprecated_api");
  vr_json_reply (reply, object);
  return TRUE;
}

static gboolean
join (VrSubscriber * self, const VrJoinParams * p, BifReply * reply,
    GError ** error)
{
  gboolean many = p->streams != NULL && json_array_get_length (p->streams) > 0;

  bif_reply_string (reply, "videoroom", "attached");
  add_room (self, reply);
  if (many ? !vr_subscriber_add (self, p->streams, TRUE, error)
      : !join_feed (self, p, reply, error))
    return FALSE;
  if (!check_private_id (self->room, p, error))
    return FALSE;
  if (self->streams->len == 0)
    return fail (error, BIF_ERROR_INVALID_SDP,
        "Can't offer an SDP with no stream");
  add_streams (self, reply);
  return offer (self, reply, FALSE, error);
}

gboolean
vr_subscriber_join (VrHandle * handle, VrRoom * room, const VrJoinParams * p,
    BifReply * reply, GError ** error)
{
  VrSubscriber *self;

  if (bif_reply_get_jsep (reply) != NULL)
    return fail (error, BIF_ERROR_UNKNOWN_REQUEST,
        "SDP attached to a subscriber join");
  self = vr_subscriber_new (handle, room);
  self->private_id = (guint32) p->private_id.value;
  self->use_msid = p->use_msid.set && p->use_msid.value;
  self->autoupdate = !p->autoupdate.set || p->autoupdate.value;
  handle->subscriber = self;
  if (join (self, p, reply, error))
    return TRUE;
  handle->subscriber = NULL;
  vr_subscriber_free (self);
  return FALSE;
}

/* ---- start, pause, leave ---- */

gboolean
vr_subscriber_start (VrSubscriber * self, BifReply * reply, GError ** error)
{
  const BifJsep *jsep = bif_reply_get_jsep (reply);

  if (jsep != NULL && jsep->is_offer)
    return fail (error, BIF_ERROR_INVALID_SDP_TYPE,
        "Unknown SDP type 'offer'");
  if (jsep != NULL) {
    if (!bif_handle_take_answer (BIF_HANDLE (self->handle), jsep, error))
      return FALSE;
    for (guint i = 0; i < self->streams->len; i++) {
      VrSubscription *subscription = g_ptr_array_index (self->streams, i);

      subscription->ready = subscription->ready
          || subscription->kind == BIF_MEDIA_DATA
          || vr_subscription_direction (subscription)
          != BIF_DIRECTION_INACTIVE;
    }
  } else {
    self->paused = FALSE;
  }
  add_room (self, reply);
  bif_reply_string (reply, "started", "ok");
  vr_subscriber_update (self);
  if (jsep != NULL)
    vr_subscriber_offer_pending (self);
  return TRUE;
}

gboolean
vr_subscriber_pause (VrSubscriber * self, BifReply * reply)
{
  self->paused = TRUE;
  vr_subscriber_update (self);
  add_room (self, reply);
  return bif_reply_string (reply, "paused", "ok");
}

gboolean
vr_subscriber_leave (VrSubscriber * self, BifReply * reply)
{
  add_room (self, reply);
  bif_reply_string (reply, "left", "ok");
  bif_reply_hold (reply);
  bif_reply_finish (reply);
  vr_subscriber_close (self);
  bif_handle_hangup (BIF_HANDLE (self->handle), "Close PC");
  return TRUE;
}

/* ---- configure ---- */

static gboolean
check_items (VrSubscriber * self, JsonArray * items, GError ** error)
{
  guint n = items != NULL ? json_array_get_length (items) : 0;

  for (guint i = 0; i < n; i++) {
    VrItem item;

    if (!vr_item_read (json_array_get_element (items, i), &item, error)
        || !vr_item_check (&item, error))
      return FALSE;
    if (item.mid == NULL && n > 1)
      return fail (error, BIF_ERROR_INVALID_ELEMENT,
          "Invalid value (mid can't be null in a streams array)");
    if (item.mid == NULL || vr_subscriber_find (self, item.mid) != NULL)
      continue;
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_FEED,
        "No such mid '%s' in subscription", item.mid);
    return FALSE;
  }
  return TRUE;
}

static void
apply_to (const VrItem * item, VrSubscription * subscription)
{
  vr_item_apply (item, subscription);
  vr_subscription_tell_reached (subscription, item);
}

static void
apply_item (VrSubscriber * self, const VrItem * item)
{
  for (guint i = 0; i < self->streams->len; i++) {
    VrSubscription *subscription = g_ptr_array_index (self->streams, i);

    if (item->mid == NULL || strcmp (item->mid, subscription->mid) == 0)
      apply_to (item, subscription);
  }
}

static void
apply_kind (VrSubscriber * self, BifMediaKind kind, const BifMaybeBool * send)
{
  for (guint i = 0; send->set && i < self->streams->len; i++) {
    VrSubscription *subscription = g_ptr_array_index (self->streams, i);

    if (subscription->kind == kind)
      subscription->send = send->value;
  }
}

static void
apply_configure (VrSubscriber * self, const VrConfigureParams * p)
{
  guint n = p->streams != NULL ? json_array_get_length (p->streams) : 0;

  for (guint i = 0; i < n; i++) {
    VrItem item;

    vr_item_read (json_array_get_element (p->streams, i), &item, NULL);
    apply_item (self, &item);
  }
  if (n == 0) {
    apply_item (self, &p->item);
    apply_kind (self, BIF_MEDIA_AUDIO, &p->audio);
    apply_kind (self, BIF_MEDIA_VIDEO, &p->video);
    apply_kind (self, BIF_MEDIA_DATA, &p->data);
  }
  vr_subscriber_update (self);
}

gboolean
vr_subscriber_configure (VrSubscriber * self, const VrConfigureParams * p,
    BifReply * reply, GError ** error)
{
  gboolean restart = p->restart.set && p->restart.value;
  gboolean update = p->update.set && p->update.value;

  if (self->kicked)
    return fail (error, BIF_ERROR_WRONG_SECRET,
        "Unauthorized, you have been kicked");
  if (!check_items (self, p->streams, error)
      || !vr_item_check (&p->item, error))
    return FALSE;
  if (p->item.mid != NULL && vr_subscriber_find (self, p->item.mid) == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_FEED,
        "No such mid '%s' in subscription", p->item.mid);
    return FALSE;
  }
  apply_configure (self, p);
  add_room (self, reply);
  bif_reply_string (reply, "configured", "ok");
  if (!restart && !update)
    return TRUE;
  if (bif_handle_expects_answer (BIF_HANDLE (self->handle))) {
    self->pending = TRUE;
    self->pending_restart = self->pending_restart || restart;
    return TRUE;
  }
  return offer (self, reply, restart, error);
}

/* ---- subscribe, unsubscribe, update ---- */

static gboolean
is_empty (JsonArray * items)
{
  return items != NULL && json_array_get_length (items) == 0;
}

gboolean
vr_subscriber_change (VrSubscriber * self, JsonArray * added,
    JsonArray * removed, BifReply * reply, GError ** error)
{
  if (added == NULL && removed == NULL)
    return fail (error, BIF_ERROR_MISSING_ELEMENT,
        "At least one of either 'subscribe' or 'unsubscribe' must be present");
  if (is_empty (added) || is_empty (removed))
    return fail (error, BIF_ERROR_INVALID_ELEMENT, is_empty (added)
        ? "Empty subscription list" : "Empty unsubscription list");
  if (removed != NULL && !vr_subscriber_remove (self, removed, error))
    return FALSE;
  if (added != NULL && !vr_subscriber_add (self, added, FALSE, error))
    return FALSE;
  bif_reply_string (reply, "videoroom", "updated");
  add_room (self, reply);
  if (!self->changed)
    return TRUE;
  if (bif_handle_expects_answer (BIF_HANDLE (self->handle))) {
    self->pending = TRUE;
    return bif_reply_string (reply, "videoroom", "updating");
  }
  add_streams (self, reply);
  return offer (self, reply, FALSE, error);
}

/* ---- switch ---- */

typedef struct
{
  VrSubscription *subscription;
  VrStream *stream;
} Switch;

static VrStream *
find_stream (VrSubscriber * self, const VrItem * item, GError ** error)
{
  g_autofree char *id = NULL;
  VrPublisher *feed;
  VrStream *stream;

  if (!bif_id_require (&item->feed, "feed", self->room->base.string_ids, &id,
          error))
    return NULL;
  feed = vr_subscriber_find_feed (self, id, error);
  if (feed == NULL)
    return NULL;
  stream = vr_publisher_find_stream (feed, item->mid);
  if (stream == NULL)
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_FEED,
        "No such mid '%s' in feed (%s)", item->mid, id);
  return stream;
}

static gboolean
read_switch (VrSubscriber * self, JsonNode * node, VrItem * item,
    Switch * result, GError ** error)
{
  if (!vr_item_read (node, item, error) || !vr_item_check (item, error))
    return FALSE;
  if (item->mid == NULL || item->sub_mid == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (%s)", item->mid ? "sub_mid" : "mid");
    return FALSE;
  }
  result->subscription = vr_subscriber_find (self, item->sub_mid);
  result->stream = find_stream (self, item, error);
  return result->stream != NULL
      && vr_subscriber_check_e2ee (self, result->stream->publisher, error);
}

static gboolean
apply_switch (VrSubscriber * self, const Switch * wanted, const VrItem * item)
{
  VrSubscription *subscription = wanted->subscription;
  VrStream *stream = wanted->stream;

  if (subscription == NULL || subscription->kind != stream->kind
      || vr_subscription_source (subscription) == stream
      || (stream->kind != BIF_MEDIA_DATA
          && g_strcmp0 (subscription->codec, stream->codec) != 0))
    return FALSE;
  if (subscription->sources->len == 0)
    self->changed = TRUE;
  while (subscription->sources->len > 0) {
    VrStream *old = vr_subscription_source (subscription);

    /* straight from one to the other: no update between */
    g_ptr_array_remove (old->subscriptions, subscription);
    g_ptr_array_remove (subscription->sources, old);
  }
  subscription->substream = subscription->temporal = 2;
  subscription->spatial_layer = subscription->temporal_layer = 2;
  vr_item_apply (item, subscription);
  subscription->send = TRUE;
  vr_subscription_add_source (subscription, stream);
  vr_subscription_update (subscription);
  return TRUE;
}

/* The old way: all m-lines to what another publisher has of their kinds. */
static gboolean
switch_feed (VrSubscriber * self, const BifMaybeId * wanted, guint * changes,
    GError ** error)
{
  gboolean strings = self->room->base.string_ids;
  const VrItem item = { 0 };
  g_autofree char *id = NULL;
  VrPublisher *feed;

  if (!bif_id_take (wanted, "feed", strings, &id, error))
    return FALSE;
  if (id == NULL && strings)
    return fail (error, BIF_ERROR_MISSING_ELEMENT,
        "At least one between 'streams' and 'feed' must be specified");
  feed = vr_subscriber_find_feed (self, id != NULL ? id : "0",
      error);
  if (feed == NULL || !vr_subscriber_check_e2ee (self, feed, error))
    return FALSE;
  for (guint i = 0; i < self->streams->len; i++) {
    Switch one = { g_ptr_array_index (self->streams, i), NULL };

    for (guint s = 0; s < feed->streams->len && one.stream == NULL; s++) {
      VrStream *stream = g_ptr_array_index (feed->streams, s);

      if (stream->kind == one.subscription->kind && !stream->disabled)
        one.stream = stream;
    }
    if (one.stream != NULL)
      *changes += apply_switch (self, &one, &item);
  }
  return TRUE;
}

static gboolean
switch_items (VrSubscriber * self, JsonArray * items, guint * changes,
    GError ** error)
{
  guint n = json_array_get_length (items);
  Switch wanted;
  VrItem item;

  for (guint i = 0; i < n; i++) {
    if (!read_switch (self, json_array_get_element (items, i), &item, &wanted,
            error))
      return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    if (read_switch (self, json_array_get_element (items, i), &item, &wanted,
            NULL))
      *changes += apply_switch (self, &wanted, &item);
  }
  return TRUE;
}

gboolean
vr_subscriber_switch (VrSubscriber * self, JsonArray * items,
    const BifMaybeId * feed, BifReply * reply, GError ** error)
{
  guint changes = 0;
  gboolean many = items != NULL && !is_empty (items);

  if (many ? !switch_items (self, items, &changes, error)
      : !switch_feed (self, feed, &changes, error))
    return FALSE;
  bif_reply_string (reply, "switched", "ok");
  add_room (self, reply);
  bif_reply_int (reply, "changes", changes);
  add_streams (self, reply);
  if (self->changed) {
    self->pending = TRUE;
    if (!bif_handle_expects_answer (BIF_HANDLE (self->handle)))
      vr_subscriber_offer_pending (self);
  }
  return TRUE;
}
