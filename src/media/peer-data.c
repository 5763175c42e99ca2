/* peer-data.c: data channels of a peer, on webrtcbin's SCTP. Messages come on
 * its threads and are handed to the main one, in order. */
#include "media/peer-private.h"
#include "base/post.h"

#include <gst/webrtc/webrtc.h>
#include <string.h>

/* A peer that does not read what it is sent: more is dropped. */
#define MAX_BUFFERED (16 * 1024 * 1024)

typedef struct
{
  GstWebRTCDataChannel *channel;        /* owned */
  char *label;
  char *protocol;
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

static void
channel_free (gpointer data)
{
  Channel *channel = data;

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

static void
keep_channel (gpointer object, gpointer data)
{
  BifPeer *self = object;
  GstWebRTCDataChannel *dc = data;
  Channel *channel;

  if (self->closed)
    return;
  channel = g_new0 (Channel, 1);
  channel->channel = g_object_ref (dc);
  g_object_get (dc, "label", &channel->label, "protocol", &channel->protocol,
      NULL);
  g_ptr_array_add (self->channels, channel);
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

gboolean
bif_peer_send_data (BifPeer * self, const BifDataMessage * message)
{
  for (guint i = self->channels->len; i > 0; i--) {
    Channel *channel = g_ptr_array_index (self->channels, i - 1);

    if (!is_open (channel)) {
      continue;
    } else if (message->label == NULL
        || g_strcmp0 (message->label, channel->label) == 0) {
      return send_on (channel, message);
    }
  }
  return FALSE;
}
