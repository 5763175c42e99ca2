/* subscriber.c: who joined as a subscriber: what they get, and the offers that
 * tell them. Main thread. */
#include "plugins/videoroom/videoroom.h"

#include <string.h>

#define URI_MID "urn:ietf:params:rtp-hdrext:sdes:mid"

VrSubscriber *
vr_subscriber_new (VrHandle * handle, VrRoom * room)
{
  VrSubscriber *self = g_new0 (VrSubscriber, 1);

  self->handle = handle;
  self->room = vr_room_ref (room);
  self->autoupdate = TRUE;
  g_ptr_array_add (room->subscribers, self);
  self->streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vr_subscription_free);
  return self;
}

/* Lets go of all sources. */
void
vr_subscriber_close (VrSubscriber * self)
{
  g_ptr_array_set_size (self->streams, 0);
  self->changed = self->pending = self->pending_restart = FALSE;
}

void
vr_subscriber_free (VrSubscriber * self)
{
  g_ptr_array_unref (self->streams);
  g_ptr_array_remove (self->room->subscribers, self);
  vr_room_unref (self->room);
  g_free (self);
}

VrSubscription *
vr_subscriber_find (VrSubscriber * self, const char *mid)
{
  for (guint i = 0; i < self->streams->len; i++) {
    VrSubscription *subscription = g_ptr_array_index (self->streams, i);

    if (g_strcmp0 (subscription->mid, mid) == 0)
      return subscription;
  }
  return NULL;
}

void
vr_subscriber_update (VrSubscriber * self)
{
  for (guint i = 0; i < self->streams->len; i++)
    vr_subscription_update (g_ptr_array_index (self->streams, i));
}

VrPublisher *
vr_subscriber_find_feed (VrSubscriber * self, const char *id, GError ** error)
{
  VrPublisher *feed = vr_room_find_member (self->room, id);

  if (feed == NULL || !feed->up) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_FEED,
        "No such feed (%s)", id);
    return NULL;
  }
  return feed;
}

/* ---- subscribing ---- */

static VrSubscription *
append (VrSubscriber * self, BifMediaKind kind)
{
  VrSubscription *subscription = g_new0 (VrSubscription, 1);

  subscription->subscriber = self;
  subscription->kind = kind;
  subscription->mindex = self->streams->len;
  subscription->mid = g_strdup_printf ("%u", self->streams->len);
  subscription->sources =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vr_stream_unref);
  g_ptr_array_add (self->streams, subscription);
  return subscription;
}

/* The codec of the m-line; of a refused m-line, the room's first. */
static const char *
codec_for (VrSubscriber * self, const VrStream * stream)
{
  if (stream->codec != NULL || stream->kind == BIF_MEDIA_DATA)
    return stream->codec;
  return stream->kind == BIF_MEDIA_VIDEO ? self->room->video_codecs[0]
      : self->room->audio_codecs[0];
}

/* The first m-line of that kind and codec which nothing feeds; the one for
 * data. NULL where there is none. */
static VrSubscription *
find_place (VrSubscriber * self, const VrStream * stream)
{
  const char *codec = codec_for (self, stream);

  for (guint i = 0; i < self->streams->len; i++) {
    VrSubscription *known = g_ptr_array_index (self->streams, i);

    if (known->kind == stream->kind && (stream->kind == BIF_MEDIA_DATA
            || (known->sources->len == 0
                && g_strcmp0 (known->codec, codec) == 0)))
      return known;
  }
  return NULL;
}

static void
reset (VrSubscription * self, const VrItem * item)
{
  g_free (self->crossrefid);
  self->crossrefid = g_strdup (item->crossrefid);
  self->substream = self->temporal = 2;
  self->spatial_layer = self->temporal_layer = 2;
  self->fallback = 0;
  self->min_delay = self->max_delay = -1;
  self->send = TRUE;
}

static void
subscribe (VrSubscriber * self, VrStream * stream, const VrItem * item,
    gboolean joining)
{
  VrItem wanted = *item;
  VrSubscription *place = find_place (self, stream);
  gboolean data = stream->kind == BIF_MEDIA_DATA;

  if (stream->disabled && (!joining || codec_for (self, stream) == NULL))
    return;
  if (place == NULL || !data)
    self->changed = TRUE;
  if (place == NULL)
    place = append (self, stream->kind);
  if (data && g_ptr_array_find (place->sources, stream, NULL))
    return;
  reset (place, item);
  if (joining || item->mid == NULL)
    wanted.send.set = FALSE;
  vr_item_apply (&wanted, place);
  g_free (place->codec);
  place->codec = g_strdup (codec_for (self, stream));
  g_free (place->fmtp);
  place->fmtp = g_strdup (stream->fmtp);
  vr_subscription_add_source (place, stream);
}

static gboolean
check_e2ee (VrSubscriber * self, VrPublisher * feed, gboolean first,
    GError ** error)
{
  if (first)
    self->e2ee = feed->e2ee || self->room->require_e2ee;
  if (self->e2ee == feed->e2ee)
    return TRUE;
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_FEED,
      "Can't have a mix of encrypted and unencrypted feeds");
  return FALSE;
}

gboolean
vr_subscriber_check_e2ee (VrSubscriber * self, VrPublisher * feed,
    GError ** error)
{
  return check_e2ee (self, feed, FALSE, error);
}

/* Returns: (nullable): what the item names, which is there */
static VrPublisher *
check_item (VrSubscriber * self, const VrItem * item, GError ** error)
{
  g_autofree char *id = NULL;
  VrPublisher *feed;

  if (!bif_id_require (&item->feed, "feed", self->room->base.string_ids, &id,
          error))
    return NULL;
  feed = vr_subscriber_find_feed (self, id, error);
  if (feed == NULL)
    return NULL;
  if (item->mid == NULL
      || vr_publisher_find_stream (feed, item->mid) != NULL)
    return feed;
  g_set_error (error, BIF_ERROR, BIF_ERROR_NO_SUCH_FEED,
      "No such mid '%s' in feed (%s)", item->mid, id);
  return NULL;
}

gboolean
vr_subscriber_add (VrSubscriber * self, JsonArray * items, gboolean joining,
    GError ** error)
{
  guint n = json_array_get_length (items);
  gboolean first = self->streams->len == 0;
  VrItem item;

  for (guint i = 0; i < n; i++) {
    VrPublisher *feed;

    if (!vr_item_read (json_array_get_element (items, i), &item, error))
      return FALSE;
    feed = check_item (self, &item, error);
    if (feed == NULL || !check_e2ee (self, feed, first && i == 0, error)
        || !vr_item_check (&item, error))
      return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    VrPublisher *feed;

    vr_item_read (json_array_get_element (items, i), &item, NULL);
    feed = check_item (self, &item, NULL);
    for (guint s = 0; s < feed->streams->len; s++) {
      VrStream *stream = g_ptr_array_index (feed->streams, s);

      if (item.mid == NULL || strcmp (item.mid, stream->mid) == 0)
        subscribe (self, stream, &item, joining);
    }
  }
  return TRUE;
}

gboolean
vr_subscriber_add_feed (VrSubscriber * self, VrPublisher * feed,
    const gboolean * kinds, GError ** error)
{
  const VrItem item = { 0 };

  if (!check_e2ee (self, feed, self->streams->len == 0, error))
    return FALSE;
  for (guint s = 0; s < feed->streams->len; s++) {
    VrStream *stream = g_ptr_array_index (feed->streams, s);

    if (kinds[stream->kind])
      subscribe (self, stream, &item, TRUE);
  }
  return TRUE;
}

/* ---- unsubscribing ---- */

static void
unsubscribe_stream (VrSubscriber * self, VrSubscription * subscription,
    VrStream * stream, gboolean feed)
{
  /* Media of another source may come on it only after an answer. */
  if (subscription->kind != BIF_MEDIA_DATA && feed)
    subscription->ready = FALSE;
  vr_subscription_remove_source (subscription, stream);
  if (subscription->kind != BIF_MEDIA_DATA)
    self->changed = TRUE;
}

static gboolean
is_of (const VrStream * stream, const char *feed, const char *mid)
{
  return stream->publisher != NULL
      && strcmp (stream->publisher->id, feed) == 0
      && (mid == NULL || strcmp (stream->mid, mid) == 0);
}

static void
unsubscribe (VrSubscriber * self, const VrItem * item, const char *feed)
{
  for (guint i = 0; i < self->streams->len; i++) {
    VrSubscription *known = g_ptr_array_index (self->streams, i);

    if (item->sub_mid != NULL && strcmp (known->mid, item->sub_mid) != 0)
      continue;
    for (guint s = known->sources->len; s > 0; s--) {
      VrStream *stream = g_ptr_array_index (known->sources, s - 1);

      if (item->sub_mid != NULL
          || (feed != NULL && is_of (stream, feed, item->mid)))
        unsubscribe_stream (self, known, stream, item->sub_mid == NULL);
    }
  }
}

gboolean
vr_subscriber_remove (VrSubscriber * self, JsonArray * items,
    GError ** error)
{
  guint n = json_array_get_length (items);

  for (guint i = 0; i < n; i++) {
    g_autofree char *feed = NULL;
    VrItem item;

    if (!vr_item_read (json_array_get_element (items, i), &item, error)
        || !bif_id_take (&item.feed, "feed", self->room->base.string_ids,
            &feed, error))
      return FALSE;
  }
  for (guint i = 0; i < n; i++) {
    g_autofree char *feed = NULL;
    VrItem item;

    vr_item_read (json_array_get_element (items, i), &item, NULL);
    bif_id_take (&item.feed, "feed", self->room->base.string_ids, &feed,
        NULL);
    unsubscribe (self, &item, feed);
  }
  return TRUE;
}

/* ---- offers ---- */

static gboolean
set_line (VrSubscriber * self, BifPeer * peer, VrSubscription * subscription)
{
  static const char *const audio[] =
      { "urn:ietf:params:rtp-hdrext:ssrc-audio-level", URI_MID, NULL };
  static const char *const video[] = { URI_MID,
    "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
    "urn:3gpp:video-orientation",
    "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "http://www.ietf.org/id/"
        "draft-holmer-rmcat-transport-wide-cc-extensions-01",
    "https://aomediacodec.github.io/av1-rtp-spec/"
        "#dependency-descriptor-rtp-header-extension", NULL
  };
  VrStream *source = vr_subscription_source (subscription);
  gboolean is_video = subscription->kind == BIF_MEDIA_VIDEO;
  BifOfferLine line = {
    .kind = subscription->kind,
    .mid = subscription->mid,
    .direction = vr_subscription_direction (subscription),
    .codec = subscription->codec,
    /* of Opus, what its source can */
    .fmtp = is_video || source != NULL ? subscription->fmtp : NULL,
    .rtx = is_video,
    .extensions = is_video ? video : audio,
  };

  if (subscription->kind == BIF_MEDIA_DATA)
    line.codec = line.fmtp = NULL;
  if (self->use_msid && source != NULL && source->publisher != NULL) {
    line.msid_stream = source->publisher->id;
    line.msid_track = subscription->mid;
  }
  return bif_peer_set_line (peer, &line) != NULL;
}

gboolean
vr_subscriber_set_lines (VrSubscriber * self)
{
  BifPeer *peer = bif_handle_ensure_peer (BIF_HANDLE (self->handle));
  g_autofree char *name =
      g_strdup_printf ("VideoRoom %s", self->room->base.id);

  if (peer == NULL)
    return FALSE;
  bif_peer_set_session_name (peer, name);
  for (guint i = 0; i < self->streams->len; i++) {
    VrSubscription *subscription = g_ptr_array_index (self->streams, i);

    if (!set_line (self, peer, subscription))
      GST_WARNING ("an m-line for %s cannot be offered",
          subscription->codec);
  }
  self->changed = FALSE;
  return TRUE;
}

guint
vr_subscriber_offer_flags (VrSubscriber * self, gboolean restart)
{
  return (restart ? BIF_OFFER_RESTART : 0)
      | (self->e2ee ? BIF_OFFER_E2EE : 0);
}

void
vr_subscriber_offer_pending (VrSubscriber * self)
{
  gboolean restart = self->pending_restart;
  JsonObject *event;
  g_autoptr (GError) error = NULL;

  if (!self->pending && !restart)
    return;
  self->pending = self->pending_restart = FALSE;
  if (!vr_subscriber_set_lines (self))
    return;
  event = vr_room_event (self->room, "updated");
  json_object_set_array_member (event, "streams",
      vr_json_subscriptions (self));
  if (!bif_handle_push_offer (BIF_HANDLE (self->handle), event,
          vr_subscriber_offer_flags (self, restart), &error))
    GST_WARNING ("%s", error->message);
}

void
vr_subscriber_source_gone (VrSubscriber * self)
{
  BifHandle *handle = BIF_HANDLE (self->handle);

  self->changed = TRUE;
  if (!self->autoupdate || self->room->plugin == NULL
      || bif_handle_peer (handle) == NULL)
    return;
  self->pending = TRUE;
  if (!bif_handle_expects_answer (handle))
    vr_subscriber_offer_pending (self);
}
