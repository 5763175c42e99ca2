/* publisher.c: who joined as a publisher, and the streams they publish. Main
 * thread. */
#include "plugins/videoroom/videoroom.h"

#include <string.h>

/* ---- streams ---- */

VrStream *
vr_stream_ref (VrStream * self)
{
  self->ref_count++;
  return self;
}

void
vr_stream_unref (VrStream * self)
{
  if (--self->ref_count > 0)
    return;
  g_ptr_array_unref (self->subscriptions);
  g_free (self->mid);
  g_free (self->description);
  g_free (self->codec);
  g_free (self->fmtp);
  g_free (self);
}

static VrStream *
stream_new (VrPublisher * publisher, const BifSdpLine * line)
{
  VrStream *self = g_new0 (VrStream, 1);

  self->ref_count = 1;
  self->publisher = publisher;
  self->kind = line->kind;
  self->mindex = line->index;
  self->mid = g_strdup (line->mid);
  self->sending = TRUE;
  self->subscriptions = g_ptr_array_new ();
  return self;
}

BifTrack *
vr_stream_track (VrStream * self)
{
  BifPeer *peer;

  if (self->publisher == NULL || self->kind == BIF_MEDIA_DATA)
    return NULL;
  peer = bif_handle_peer (BIF_HANDLE (self->publisher->handle));
  return peer != NULL ? bif_peer_find_track (peer, self->mid) : NULL;
}

static void
stream_take_line (VrStream * self, const BifSdpLine * line)
{
  self->disabled = !line->accepted || (self->kind != BIF_MEDIA_DATA
      && !(line->direction & BIF_DIRECTION_RECVONLY));
  self->has_levels = FALSE;
  for (guint i = 0; i < line->extmaps->len; i++) {
    const BifSdpExtmap *extmap = g_ptr_array_index (line->extmaps, i);

    self->has_levels = self->has_levels
        || strcmp (extmap->uri, VR_URI_AUDIO_LEVEL) == 0;
  }
  if (line->codec == NULL)
    return;
  g_free (self->codec);
  self->codec = g_strdup (bif_sdp_codec_api_name (line->codec->name));
  g_free (self->fmtp);
  self->fmtp = g_strdup (line->codec->fmtp);
}

static void
add_subscriber (GPtrArray * subscribers, VrSubscriber * subscriber)
{
  if (!g_ptr_array_find (subscribers, subscriber, NULL))
    g_ptr_array_add (subscribers, subscriber);
}

/* Nobody gets anything of it any more. @subscribers: gets who is concerned */
static void
stream_end (VrStream * self, GPtrArray * subscribers)
{
  while (self->subscriptions->len > 0) {
    VrSubscription *subscription =
        g_ptr_array_index (self->subscriptions, 0);

    if (self->kind != BIF_MEDIA_DATA) {
      add_subscriber (subscribers, subscription->subscriber);
      subscription->ready = FALSE;
    }
    vr_subscription_remove_source (subscription, self);
  }
  self->publisher = NULL;
}

/* ---- publishers ---- */

VrPublisher *
vr_publisher_new (VrHandle * handle, VrRoom * room, const char *id)
{
  VrPublisher *self = g_new0 (VrPublisher, 1);

  self->handle = handle;
  self->room = vr_room_ref (room);
  self->id = g_strdup (id);
  self->private_id = g_random_int ();
  self->bitrate = room->bitrate;
  self->recording = room->record;
  self->streams =
      g_ptr_array_new_with_free_func ((GDestroyNotify) vr_stream_unref);
  self->recorded = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (room->members, self);
  return self;
}

static void
end_streams (VrPublisher * self)
{
  g_autoptr (GPtrArray) subscribers = g_ptr_array_new ();

  for (guint i = 0; i < self->streams->len; i++)
    stream_end (g_ptr_array_index (self->streams, i), subscribers);
  g_ptr_array_set_size (self->streams, 0);
  for (guint i = 0; i < subscribers->len; i++)
    vr_subscriber_source_gone (g_ptr_array_index (subscribers, i));
}

/* To the others: {"videoroom": "event", "room", @what: id, ...} */
static void
notify_gone (VrPublisher * self, const char *what)
{
  JsonObject *event = vr_room_event (self->room, "event");

  bif_id_set (event, what, self->id, self->room->base.string_ids);
  if (self->display != NULL)
    json_object_set_string_member (event, "display", self->display);
  if (self->metadata != NULL)
    json_object_set_object_member (event, "metadata",
        json_object_ref (self->metadata));
  vr_room_notify (self->room, self, event);
}

void
vr_publisher_leave (VrPublisher * self, gboolean kicked)
{
  VrRoom *room = self->room;

  if (room == NULL)
    return;
  vr_recording_forget (self);
  g_ptr_array_remove (room->members, self);
  notify_gone (self, kicked ? "kicked" : "leaving");
  self->room = NULL;
  self->up = self->negotiated = FALSE;
  end_streams (self);
  vr_room_unref (room);
}

void
vr_publisher_free (VrPublisher * self)
{
  if (self->room != NULL)
    notify_gone (self, "unpublished");
  vr_publisher_leave (self, FALSE);
  vr_recording_forget (self);
  end_streams (self);
  g_ptr_array_unref (self->streams);
  g_ptr_array_unref (self->recorded);
  g_clear_pointer (&self->metadata, json_object_unref);
  g_free (self->id);
  g_free (self->display);
  g_free (self->audio_codec);
  g_free (self->video_codec);
  g_free (self);
}

VrStream *
vr_publisher_find_stream (VrPublisher * self, const char *mid)
{
  for (guint i = 0; i < self->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (self->streams, i);

    if (strcmp (stream->mid, mid) == 0)
      return stream;
  }
  return NULL;
}

/* ---- media ---- */

void
vr_publisher_update_streams (VrPublisher * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self->handle));
  g_autoptr (GPtrArray) subscribers = g_ptr_array_new ();
  const GPtrArray *lines;

  if (peer == NULL)
    return;
  lines = bif_description_lines (bif_peer_description (peer));
  for (guint i = 0; i < lines->len; i++) {
    const BifSdpLine *line = g_ptr_array_index (lines, i);
    VrStream *stream = i < self->streams->len
        ? g_ptr_array_index (self->streams, i) : NULL;

    /* another m-line in an old place */
    if (stream != NULL && strcmp (stream->mid, line->mid) != 0) {
      stream_end (stream, subscribers);
      vr_stream_unref (stream);
      stream = self->streams->pdata[i] = stream_new (self, line);
    } else if (stream == NULL) {
      stream = stream_new (self, line);
      g_ptr_array_add (self->streams, stream);
    }
    stream_take_line (stream, line);
  }
  for (guint i = 0; i < subscribers->len; i++)
    vr_subscriber_source_gone (g_ptr_array_index (subscribers, i));
}

void
vr_publisher_track_added (VrPublisher * self, BifTrack * track)
{
  const BifTemplate *template_ =
      bif_plugin_template (bif_handle_plugin (BIF_HANDLE (self->handle)));
  gboolean video = bif_track_kind (track) == BIF_MEDIA_VIDEO;
  g_autoptr (GError) error = NULL;

  if (!bif_track_publish (track, template_,
          video ? "publisher-video" : "publisher-audio", &error))
    GST_WARNING ("publisher %s: %s", self->id, error->message);
  vr_recording_track_added (self, track);
}

void
vr_publisher_request_keyframes (VrPublisher * self)
{
  for (guint i = 0; self->up && i < self->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (self->streams, i);
    BifTrack *track = stream->kind == BIF_MEDIA_VIDEO
        ? vr_stream_track (stream) : NULL;

    if (track != NULL)
      bif_track_request_keyframe (track);
  }
}

void
vr_publisher_watch_levels (VrPublisher * self)
{
  VrRoom *room = self->room;

  if (room == NULL || !room->audiolevel_event)
    return;
  for (guint i = 0; i < self->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (self->streams, i);
    BifTrack *track = stream->kind == BIF_MEDIA_AUDIO && stream->has_levels
        ? vr_stream_track (stream) : NULL;

    if (track != NULL)
      bif_track_watch_level (track, self->active_packets > 0
          ? self->active_packets : room->audio_active_packets,
          self->level_average > 0
          ? self->level_average : room->audio_level_average);
  }
}

void
vr_publisher_talking (VrPublisher * self, BifTrack * track, gboolean talking,
    double level)
{
  VrStream *stream = vr_publisher_find_stream (self, bif_track_mid (track));
  JsonObject *event;

  if (self->room == NULL || !self->up || stream == NULL || stream->disabled
      || !stream->sending)
    return;
  stream->talking = talking;
  event = vr_room_event (self->room, talking ? "talking" : "stopped-talking");
  bif_id_set (event, "id", self->id, self->room->base.string_ids);
  json_object_set_int_member (event, "mindex", stream->mindex);
  json_object_set_string_member (event, "mid", stream->mid);
  json_object_set_double_member (event, "audio-level-dBov-avg", level);
  vr_room_notify (self->room, NULL, event);
}

void
vr_publisher_announce (VrPublisher * self)
{
  JsonObject *event;
  JsonArray *list;

  if (self->room == NULL || !self->up)
    return;
  event = vr_room_event (self->room, "event");
  list = json_array_new ();
  json_array_add_object_element (list, vr_json_publisher (self));
  json_object_set_array_member (event, "publishers", list);
  vr_room_notify (self->room, self, event);
}

void
vr_publisher_media_up (VrPublisher * self)
{
  if (self->room == NULL)
    return;
  self->up = TRUE;
  bif_peer_set_bitrate (bif_handle_peer (BIF_HANDLE (self->handle)),
      self->bitrate);
  vr_publisher_watch_levels (self);
  vr_publisher_announce (self);
  vr_recording_update (self);
}

void
vr_publisher_hangup (VrPublisher * self)
{
  gboolean published = self->up;

  vr_recording_forget (self);
  self->up = self->negotiated = self->e2ee = FALSE;
  end_streams (self);
  if (published && self->room != NULL)
    notify_gone (self, "unpublished");
}

void
vr_publisher_data (VrPublisher * self, const BifDataMessage * message)
{
  BifDataMessage relayed = *message;

  relayed.label = self->id;
  relayed.protocol = NULL;
  for (guint i = 0; i < self->streams->len; i++) {
    VrStream *stream = g_ptr_array_index (self->streams, i);

    if (stream->kind == BIF_MEDIA_DATA && stream->sending)
      vr_recording_data (stream, message);
    for (guint s = 0; stream->kind == BIF_MEDIA_DATA && stream->sending
        && s < stream->subscriptions->len; s++) {
      VrSubscription *to = g_ptr_array_index (stream->subscriptions, s);
      BifPeer *peer = bif_handle_peer (BIF_HANDLE (to->subscriber->handle));

      if (peer != NULL && to->send && !to->subscriber->paused
          && !to->subscriber->kicked)
        bif_peer_send_data (peer, &relayed);
    }
  }
}
