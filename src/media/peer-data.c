/* peer-data.c: data channels of a peer, on webrtcbin's SCTP. Messages come on
 * its threads and are handed to the main one, in order. */
#include "media/peer-private.h"
#include "base/post.h"

#include <gst/webrtc/webrtc.h>
#include <string.h>

/* What is sent before a channel of ours opens waits, this much of it. */
#define MAX_WAITING 64
/* A peer that does not read what it is sent: more is dropped. */
#define MAX_BUFFERED (16 * 1024 * 1024)

typedef struct
{
  GstWebRTCDataChannel *channel;        /* owned */
  char *label;
  char *protocol;
  GQueue waiting;               /* of Message, until it opens */
} Channel;

/* What a channel's handlers know, on any thread: constant. */
typedef struct
{
  GWeakRef peer;
  char *label;
  char *protocol;
} Watch;

typedef struct
{
  char *label;
  char *protocol;
  gboolean text;
  GBytes *bytes;
} Message;

static void message_free (gpointer data);

static void
channel_free (gpointer data)
{
  Channel *channel = data;

  g_queue_clear_full (&channel->waiting, message_free);
  g_object_unref (channel->channel);
  g_free (channel->label);
  g_free (channel->protocol);
  g_free (channel);
}

static void
watch_free (gpointer data, GClosure * closure)
{
  Watch *watch = data;

  g_weak_ref_clear (&watch->peer);
  g_free (watch->label);
  g_free (watch->protocol);
  g_free (watch);
}

static void
message_free (gpointer data)
{
  Message *message = data;

  g_free (message->label);
  g_free (message->protocol);
  g_bytes_unref (message->bytes);
  g_free (message);
}

/* ---- in ---- */

static void
deliver (gpointer object, gpointer data)
{
  BifPeer *self = object;
  Message *in = data;
  BifDataMessage message = { in->label, in->protocol, in->text, in->bytes };

  if (!self->closed && self->verified)
    g_signal_emit_by_name (self, "data", &message);
}

static void
post_message (Watch * watch, gboolean text, GBytes * bytes)
{
  g_autoptr (BifPeer) peer = g_weak_ref_get (&watch->peer);
  Message *message;

  if (peer == NULL) {
    g_bytes_unref (bytes);
    return;
  }
  message = g_new0 (Message, 1);
  message->label = g_strdup (watch->label);
  message->protocol = g_strdup (watch->protocol);
  message->text = text;
  message->bytes = bytes;
  bif_post (peer, deliver, message, message_free);
}

static void
on_text_any_thread (GstWebRTCDataChannel * channel, const char *text,
    gpointer watch)
{
  gsize size = text != NULL ? strlen (text) : 0;

  if (text == NULL || g_utf8_validate (text, size, NULL))
    post_message (watch, TRUE, g_bytes_new (text, size));
}

static void
on_bytes_any_thread (GstWebRTCDataChannel * channel, GBytes * bytes,
    gpointer watch)
{
  post_message (watch, FALSE,
      bytes != NULL ? g_bytes_ref (bytes) : g_bytes_new (NULL, 0));
}

/* ---- channels ---- */

static Channel *
add_channel (BifPeer * self, GstWebRTCDataChannel * dc)
{
  Channel *channel = g_new0 (Channel, 1);

  channel->channel = g_object_ref (dc);
  g_object_get (dc, "label", &channel->label, "protocol", &channel->protocol,
      NULL);
  g_queue_init (&channel->waiting);
  g_ptr_array_add (self->channels, channel);
  return channel;
}

static void
keep_channel (gpointer object, gpointer data)
{
  BifPeer *self = object;

  if (!self->closed)
    add_channel (self, data);
}

static Watch *
watch_new (BifPeer * self, GstWebRTCDataChannel * dc)
{
  Watch *watch = g_new0 (Watch, 1);

  g_weak_ref_init (&watch->peer, self);
  g_object_get (dc, "label", &watch->label, "protocol", &watch->protocol,
      NULL);
  return watch;
}

static void
watch_channel (BifPeer * self, GstWebRTCDataChannel * dc)
{
  g_signal_connect_data (dc, "on-message-string",
      G_CALLBACK (on_text_any_thread), watch_new (self, dc), watch_free, 0);
  g_signal_connect_data (dc, "on-message-data",
      G_CALLBACK (on_bytes_any_thread), watch_new (self, dc), watch_free, 0);
}

static void
on_data_channel_any_thread (GstElement * webrtcbin,
    GstWebRTCDataChannel * dc, gpointer user_data)
{
  GWeakRef *ref = user_data;
  g_autoptr (BifPeer) self = g_weak_ref_get (ref);

  if (self == NULL)
    return;
  watch_channel (self, dc);
  bif_post (self, keep_channel, g_object_ref (dc), g_object_unref);
}

void
bif_peer_watch_data (BifPeer * self)
{
  self->channels = g_ptr_array_new_with_free_func (channel_free);
  bif_peer_connect_weak (self, self->webrtcbin, "on-data-channel",
      G_CALLBACK (on_data_channel_any_thread));
}

void
bif_peer_close_data (BifPeer * self)
{
  g_ptr_array_set_size (self->channels, 0);
}

/* ---- out ---- */

static gboolean
is_open (const Channel * channel)
{
  GstWebRTCDataChannelState state;

  g_object_get (channel->channel, "ready-state", &state, NULL);
  return state == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN;
}

static gboolean
send_on (const Channel * channel, const BifDataMessage * message)
{
  guint64 buffered = 0;
  gsize size;
  const char *bytes = g_bytes_get_data (message->bytes, &size);

  g_object_get (channel->channel, "buffered-amount", &buffered, NULL);
  if (buffered > MAX_BUFFERED)
    return FALSE;
  if (message->text) {
    g_autofree char *text = g_strndup (bytes != NULL ? bytes : "", size);

    g_signal_emit_by_name (channel->channel, "send-string", text);
  } else {
    g_signal_emit_by_name (channel->channel, "send-data", message->bytes);
  }
  return TRUE;
}

/* ---- channels of ours ---- */

static void
flush (gpointer object, gpointer data)
{
  BifPeer *self = object;

  for (guint i = 0; i < self->channels->len; i++) {
    Channel *channel = g_ptr_array_index (self->channels, i);
    Message *message;

    while (is_open (channel)
        && (message = g_queue_pop_head (&channel->waiting)) != NULL) {
      BifDataMessage out = { message->label, message->protocol, message->text,
        message->bytes
      };

      send_on (channel, &out);
      message_free (message);
    }
  }
}

static void
on_open_any_thread (GstWebRTCDataChannel * channel, gpointer ref)
{
  g_autoptr (BifPeer) self = g_weak_ref_get (ref);

  if (self != NULL)
    bif_post (self, flush, NULL, NULL);
}

static void
wait_to_send (Channel * channel, const BifDataMessage * message)
{
  Message *waiting = g_new0 (Message, 1);

  waiting->label = g_strdup (message->label);
  waiting->protocol = g_strdup (message->protocol);
  waiting->text = message->text;
  waiting->bytes = g_bytes_ref (message->bytes);
  g_queue_push_tail (&channel->waiting, waiting);
  if (g_queue_get_length (&channel->waiting) > MAX_WAITING)
    message_free (g_queue_pop_head (&channel->waiting));
}

static Channel *
make_channel (BifPeer * self, const char *label)
{
  g_autoptr (GstWebRTCDataChannel) dc = NULL;

  g_signal_emit_by_name (self->webrtcbin, "create-data-channel", label, NULL,
      &dc);
  if (dc == NULL)
    return NULL;
  watch_channel (self, dc);
  bif_peer_connect_weak (self, dc, "on-open", G_CALLBACK (on_open_any_thread));
  return add_channel (self, dc);
}

static gboolean
is_usable (const Channel * channel)
{
  GstWebRTCDataChannelState state;

  g_object_get (channel->channel, "ready-state", &state, NULL);
  return state == GST_WEBRTC_DATA_CHANNEL_STATE_OPEN
      || state == GST_WEBRTC_DATA_CHANNEL_STATE_CONNECTING;
}

gboolean
bif_peer_send_data (BifPeer * self, const BifDataMessage * message)
{
  Channel *channel = NULL;

  for (guint i = self->channels->len; i > 0 && channel == NULL; i--) {
    Channel *known = g_ptr_array_index (self->channels, i - 1);

    if (is_usable (known) && (message->label == NULL
            || g_strcmp0 (message->label, known->label) == 0))
      channel = known;
  }
  if (channel == NULL && message->label != NULL && self->has_data_shadow
      && bif_peer_is_connected (self))
    channel = make_channel (self, message->label);
  if (channel == NULL)
    return FALSE;
  if (is_open (channel))
    return send_on (channel, message);
  wait_to_send (channel, message);
  return TRUE;
}
