/* handle.c: one attach: what comes of its PeerConnection goes to the publisher
 * or the subscriber that it is. Main thread. */
#include "plugins/videoroom/videoroom.h"

G_DEFINE_FINAL_TYPE (VrHandle, vr_handle, BIF_TYPE_HANDLE)

VrPlugin *
vr_handle_plugin (VrHandle * self)
{
  return VR_PLUGIN (bif_handle_plugin (BIF_HANDLE (self)));
}

static void
vr_handle_track_added (BifHandle * handle, BifTrack * track)
{
  VrHandle *self = VR_HANDLE (handle);

  if (self->publisher != NULL)
    vr_publisher_track_added (self->publisher, track);
}

static void
vr_handle_media_up (BifHandle * handle)
{
  VrHandle *self = VR_HANDLE (handle);

  if (self->publisher != NULL)
    vr_publisher_media_up (self->publisher);
  else if (self->subscriber != NULL)
    vr_subscriber_update (self->subscriber);
}

static void
vr_handle_data (BifHandle * handle, const BifDataMessage * message)
{
  VrHandle *self = VR_HANDLE (handle);

  if (self->publisher != NULL)
    vr_publisher_data (self->publisher, message);
}

static void
vr_handle_slow_link (BifHandle * handle, BifTrack * track, gboolean uplink,
    guint lost)
{
  VrHandle *self = VR_HANDLE (handle);
  JsonObject *event = json_object_new ();

  json_object_set_string_member (event, "videoroom", "slow_link");
  if (self->publisher != NULL)
    json_object_set_int_member (event, "current-bitrate",
        self->publisher->bitrate);
  bif_handle_push_event (handle, event, NULL, NULL);
}

static void
vr_handle_talking (BifHandle * handle, BifTrack * track, gboolean talking,
    double level)
{
  VrHandle *self = VR_HANDLE (handle);

  if (self->publisher != NULL)
    vr_publisher_talking (self->publisher, track, talking, level);
}

static void
vr_handle_layer_changed (BifHandle * handle, BifTrack * track,
    const BifTrackLayers * layers)
{
  VrHandle *self = VR_HANDLE (handle);

  if (self->subscriber != NULL)
    vr_subscriber_layer_changed (self->subscriber, track, layers);
}

static void
vr_handle_hangup (BifHandle * handle)
{
  VrHandle *self = VR_HANDLE (handle);

  if (self->publisher != NULL)
    vr_publisher_hangup (self->publisher);
  else if (self->subscriber != NULL)
    vr_subscriber_close (self->subscriber);
}

static JsonObject *
vr_handle_query (BifHandle * handle)
{
  return vr_json_info (VR_HANDLE (handle));
}

static void
vr_handle_dispose (GObject * object)
{
  VrHandle *self = VR_HANDLE (object);

  g_clear_pointer (&self->publisher, vr_publisher_free);
  g_clear_pointer (&self->subscriber, vr_subscriber_free);
  G_OBJECT_CLASS (vr_handle_parent_class)->dispose (object);
}

static void
vr_handle_class_init (VrHandleClass * klass)
{
  BifHandleClass *handle_class = BIF_HANDLE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = vr_handle_dispose;
  handle_class->track_added = vr_handle_track_added;
  handle_class->media_up = vr_handle_media_up;
  handle_class->data = vr_handle_data;
  handle_class->slow_link = vr_handle_slow_link;
  handle_class->talking = vr_handle_talking;
  handle_class->layer_changed = vr_handle_layer_changed;
  handle_class->hangup = vr_handle_hangup;
  handle_class->query = vr_handle_query;
}

static void
vr_handle_init (VrHandle * self)
{
}
