/* json.c: what the API shows of rooms, publishers and subscribers
 * (videoroom.md). Main thread. */
#include "plugins/videoroom/videoroom.h"

#include <string.h>

static void
add_text (JsonObject * object, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (object, name, text);
}

static void
add_true (JsonObject * object, const char *name, gboolean value)
{
  if (value)
    json_object_set_boolean_member (object, name, TRUE);
}

/* ---- publishers ---- */

static gboolean
fmtp_has (const char *fmtp, const char *pair)
{
  return fmtp != NULL && strstr (fmtp, pair) != NULL;
}

static JsonObject *
stream_object (VrStream * stream)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type",
      bif_media_kind_name (stream->kind));
  json_object_set_int_member (object, "mindex", stream->mindex);
  json_object_set_string_member (object, "mid", stream->mid);
  if (stream->disabled) {
    json_object_set_boolean_member (object, "disabled", TRUE);
    return object;
  }
  add_text (object, "description", stream->description);
  add_text (object, "codec", stream->codec);
  if (g_strcmp0 (stream->codec, "opus") == 0) {
    add_true (object, "stereo", fmtp_has (stream->fmtp, "stereo=1"));
    add_true (object, "fec", fmtp_has (stream->fmtp, "useinbandfec=1"));
    add_true (object, "dtx", fmtp_has (stream->fmtp, "usedtx=1"));
  }
  add_true (object, "simulcast", stream->simulcast);
  add_true (object, "svc", stream->svc);
  return object;
}

JsonArray *
vr_json_streams (VrPublisher * publisher)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < publisher->streams->len; i++)
    json_array_add_object_element (array,
        stream_object (g_ptr_array_index (publisher->streams, i)));
  return array;
}

void
vr_json_add_member (JsonObject * object, VrPublisher * member)
{
  json_object_set_member (object, "id", bif_id_node (member->id,
          vr_handle_plugin (member->handle)->string_ids));
  add_text (object, "display", member->display);
  if (member->metadata != NULL)
    json_object_set_object_member (object, "metadata",
        json_object_ref (member->metadata));
}

static const char *
first_codec (VrPublisher * publisher, BifMediaKind kind)
{
  for (guint i = 0; i < publisher->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (publisher->streams, i);

    if (stream->kind == kind && !stream->disabled)
      return stream->codec;
  }
  return NULL;
}

void
vr_json_add_codecs (JsonObject * object, VrPublisher * publisher)
{
  add_text (object, "audio_codec", first_codec (publisher, BIF_MEDIA_AUDIO));
  add_text (object, "video_codec", first_codec (publisher, BIF_MEDIA_VIDEO));
}

/* Of those whose audio levels are known. */
static void
add_talking (JsonObject * object, VrPublisher * publisher)
{
  gboolean known = FALSE, talking = FALSE;

  for (guint i = 0; publisher->up && i < publisher->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (publisher->streams, i);

    known = known || (stream->kind == BIF_MEDIA_AUDIO && stream->has_levels);
    talking = talking || stream->talking;
  }
  if (known)
    json_object_set_boolean_member (object, "talking", talking);
}

/* Likewise of each of @array, which stand for the publisher's. */
static void
add_talking_streams (JsonArray * array, VrPublisher * publisher)
{
  for (guint i = 0; i < publisher->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (publisher->streams, i);

    if (stream->kind == BIF_MEDIA_AUDIO && stream->has_levels
        && !stream->disabled)
      json_object_set_boolean_member (json_array_get_object_element (array,
              i), "talking", stream->talking);
  }
}

JsonObject *
vr_json_publisher (VrPublisher * publisher)
{
  JsonObject *object = json_object_new ();

  vr_json_add_member (object, publisher);
  vr_json_add_codecs (object, publisher);
  json_object_set_array_member (object, "streams",
      vr_json_streams (publisher));
  return object;
}

JsonArray *
vr_json_publishers (VrRoom * room, VrPublisher * except)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < room->members->len; i++) {
    VrPublisher *member = g_ptr_array_index (room->members, i);

    JsonObject *object;

    if (member == except || !member->up)
      continue;
    object = vr_json_publisher (member);
    add_talking (object, member);
    add_talking_streams (json_object_get_array_member (object, "streams"),
        member);
    json_array_add_object_element (array, object);
  }
  return array;
}

JsonArray *
vr_json_attendees (VrRoom * room, VrPublisher * except)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < room->members->len; i++) {
    VrPublisher *member = g_ptr_array_index (room->members, i);
    JsonObject *object;

    if (member == except || member->up)
      continue;
    object = json_object_new ();
    vr_json_add_member (object, member);
    json_array_add_object_element (array, object);
  }
  return array;
}

JsonArray *
vr_json_participants (VrRoom * room)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < room->members->len; i++) {
    VrPublisher *member = g_ptr_array_index (room->members, i);
    JsonObject *object = json_object_new ();

    vr_json_add_member (object, member);
    json_object_set_boolean_member (object, "publisher", member->up);
    add_talking (object, member);
    json_array_add_object_element (array, object);
  }
  return array;
}

/* ---- rooms ---- */

static void
add_codecs (JsonObject * object, const char *name, char **codecs)
{
  g_autofree char *list = g_strjoinv (",", codecs);

  json_object_set_string_member (object, name, list);
}

static void
add_limits (JsonObject * object, VrRoom * room)
{
  json_object_set_boolean_member (object, "is_private",
      room->base.is_private);
  json_object_set_int_member (object, "max_publishers", room->max_publishers);
  json_object_set_int_member (object, "bitrate", room->bitrate);
  add_true (object, "bitrate_cap", room->bitrate_cap);
  json_object_set_int_member (object, "fir_freq", room->fir_freq);
  json_object_set_boolean_member (object, "require_pvtid",
      room->require_pvtid);
  json_object_set_boolean_member (object, "require_e2ee", room->require_e2ee);
  json_object_set_boolean_member (object, "dummy_publisher",
      room->dummy_publisher);
  json_object_set_boolean_member (object, "notify_joining",
      room->notify_joining);
}

static void
add_extensions (JsonObject * object, VrRoom * room)
{
  json_object_set_boolean_member (object, "audiolevel_ext",
      room->audiolevel_ext);
  json_object_set_boolean_member (object, "audiolevel_event",
      room->audiolevel_event);
  if (room->audiolevel_event) {
    json_object_set_int_member (object, "audio_active_packets",
        room->audio_active_packets);
    json_object_set_int_member (object, "audio_level_average",
        room->audio_level_average);
  }
  json_object_set_boolean_member (object, "videoorient_ext",
      room->videoorient_ext);
  json_object_set_boolean_member (object, "playoutdelay_ext",
      room->playoutdelay_ext);
  json_object_set_boolean_member (object, "transport_wide_cc_ext",
      room->twcc_ext);
}

JsonObject *
vr_json_room (VrRoom * room)
{
  JsonObject *object = json_object_new ();

  bif_room_add_id (&room->base, object);
  json_object_set_string_member (object, "description",
      room->base.description);
  json_object_set_boolean_member (object, "pin_required",
      room->base.pin != NULL);
  add_limits (object, room);
  add_codecs (object, "audiocodec", room->audio_codecs);
  add_codecs (object, "videocodec", room->video_codecs);
  add_true (object, "opus_fec", room->opus_fec);
  add_true (object, "opus_dtx", room->opus_dtx);
  json_object_set_boolean_member (object, "record", room->record);
  add_text (object, "rec_dir", room->rec_dir);
  json_object_set_boolean_member (object, "lock_record", room->lock_record);
  json_object_set_int_member (object, "num_participants",
      room->members->len);
  add_extensions (object, room);
  return object;
}

/* ---- subscribers ---- */

static void
add_source (JsonObject * object, VrStream * stream, gboolean strings)
{
  VrPublisher *feed = stream->publisher;

  bif_id_set (object, "feed_id", feed->id, strings);
  add_text (object, "feed_display", feed->display);
  if (feed->metadata != NULL)
    json_object_set_object_member (object, "feed_metadata",
        json_object_ref (feed->metadata));
  json_object_set_string_member (object, "feed_mid", stream->mid);
  add_text (object, "feed_description", stream->description);
}

static void
add_data_sources (JsonObject * object, VrSubscription * subscription,
    gboolean strings)
{
  JsonArray *ids = json_array_new ();

  for (guint i = 0; i < subscription->sources->len; i++) {
    VrStream *stream = g_ptr_array_index (subscription->sources, i);

    json_array_add_element (ids,
        bif_id_node (stream->publisher->id, strings));
  }
  json_object_set_int_member (object, "sources", subscription->sources->len);
  json_object_set_array_member (object, "source_ids", ids);
}

static void
add_delays (JsonObject * object, VrSubscription * subscription)
{
  JsonObject *delay;

  if (subscription->min_delay < 0 || subscription->max_delay < 0)
    return;
  delay = json_object_new ();
  json_object_set_int_member (delay, "min-delay", subscription->min_delay);
  json_object_set_int_member (delay, "max-delay", subscription->max_delay);
  json_object_set_object_member (object, "playout-delay", delay);
}

static JsonObject *
subscription_object (VrSubscription * self, gboolean strings)
{
  JsonObject *object = json_object_new ();
  VrStream *source = vr_subscription_source (self);
  gboolean data = self->kind == BIF_MEDIA_DATA;

  json_object_set_string_member (object, "type",
      bif_media_kind_name (self->kind));
  json_object_set_boolean_member (object, "active", data || source != NULL);
  json_object_set_int_member (object, "mindex", self->mindex);
  json_object_set_string_member (object, "mid", self->mid);
  add_text (object, "crossrefid", self->crossrefid);
  json_object_set_boolean_member (object, "ready", self->ready);
  json_object_set_boolean_member (object, "send", self->send);
  if (data) {
    add_data_sources (object, self, strings);
  } else if (source != NULL) {
    add_source (object, source, strings);
    add_text (object, "codec", self->codec);
    add_delays (object, self);
    vr_json_add_layers (object, self);
  }
  return object;
}

JsonArray *
vr_json_subscriptions (VrSubscriber * subscriber)
{
  JsonArray *array = json_array_new ();
  gboolean strings = subscriber->room->base.string_ids;

  for (guint i = 0; i < subscriber->streams->len; i++)
    json_array_add_object_element (array, subscription_object
        (g_ptr_array_index (subscriber->streams, i), strings));
  return array;
}

/* ---- handle_info ---- */

/* What handle_info tells of streams beyond what others see. */
static JsonArray *
info_streams (VrPublisher * self)
{
  JsonArray *streams = vr_json_streams (self);

  for (guint i = 0; i < self->streams->len
      && i < json_array_get_length (streams); i++) {
    const char *file = vr_recording_file (self->streams->pdata[i]);

    if (file != NULL)
      json_object_set_string_member (json_array_get_object_element (streams,
              i), "recording", file);
  }
  return streams;
}

static void
add_publisher_info (JsonObject * object, VrPublisher * self)
{
  json_object_set_string_member (object, "type", "publisher");
  if (self->room != NULL)
    bif_room_add_id (&self->room->base, object);
  json_object_set_member (object, "id", bif_id_node (self->id,
          vr_handle_plugin (self->handle)->string_ids));
  json_object_set_int_member (object, "private_id", self->private_id);
  add_text (object, "display", self->display);
  json_object_set_int_member (object, "bitrate", self->bitrate);
  add_true (object, "e2ee", self->e2ee);
  json_object_set_array_member (object, "streams", info_streams (self));
}

static void
add_subscriber_info (JsonObject * object, VrSubscriber * self)
{
  BifHandle *handle = BIF_HANDLE (self->handle);

  json_object_set_string_member (object, "type", "subscriber");
  bif_room_add_id (&self->room->base, object);
  json_object_set_int_member (object, "private_id", self->private_id);
  json_object_set_boolean_member (object, "answered",
      !bif_handle_expects_answer (handle));
  json_object_set_boolean_member (object, "pending_offer", self->pending);
  json_object_set_boolean_member (object, "pending_restart",
      self->pending_restart);
  json_object_set_boolean_member (object, "paused", self->paused);
  add_true (object, "e2ee", self->e2ee);
  json_object_set_array_member (object, "streams",
      vr_json_subscriptions (self));
}

JsonObject *
vr_json_info (VrHandle * handle)
{
  JsonObject *object = json_object_new ();

  if (handle->publisher != NULL)
    add_publisher_info (object, handle->publisher);
  else if (handle->subscriber != NULL)
    add_subscriber_info (object, handle->subscriber);
  json_object_set_int_member (object, "hangingup", 0);
  json_object_set_int_member (object, "destroyed", 0);
  return object;
}

void
vr_json_reply (BifReply * reply, JsonObject * object)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    bif_reply_take (reply, name, json_node_ref (value));
  json_object_unref (object);
}
