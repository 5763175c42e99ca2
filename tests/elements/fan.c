/* fan.c: a publisher and its subscribers, played over real sockets. Test
 * thread. */
#include "fan.h"
#include "packet/bytes.h"

#include <string.h>

#define NUMBER_AT 10            /* behind the VP8 descriptor and header */

static GObject *
add (Peer * peer, const char *action, guint32 ssrc, guint32 rtx_ssrc)
{
  g_autoptr (GstStructure) rtp = peer_describe ("m0", "video", "VP8", FAN_PT,
      ssrc, rtx_ssrc);
  GObject *object = NULL;

  g_signal_emit_by_name (peer->transport, action, rtp, &object);
  g_assert_nonnull (object);
  return object;
}

static void
subscribe (Fan * fan, guint i)
{
  FanSubscriber *subscriber = &fan->subscriber[i];
  g_autoptr (GObject) stream = NULL;

  peer_join (&subscriber->peer, fan->peer.mux);
  peer_connect (&subscriber->peer);
  peer_set_keys (&subscriber->peer);
  subscriber->sender = add (&subscriber->peer, "add-sender", FAN_OUT_SSRC,
      i == FAN_WITH_RTX ? FAN_RTX_SSRC : 0);
  subscriber->relay =
      gst_object_ref_sink (gst_element_factory_make ("bifrelay", NULL));
  g_object_get (fan->receiver, "stream", &stream, NULL);
  g_object_set (subscriber->relay, "source", stream, "sender",
      subscriber->sender, NULL);
}

void
fan_set_up (Fan * fan, gconstpointer data)
{
  memset (fan, 0, sizeof *fan);
  peer_set_up (&fan->peer, NULL);
  peer_connect (&fan->peer);
  peer_set_keys (&fan->peer);
  fan->receiver = add (&fan->peer, "add-receiver", 0, FAN_RTX_SSRC);
  for (guint i = 0; i < FAN_SUBSCRIBERS; i++)
    subscribe (fan, i);
  fan->rtp = (Rtp) { FAN_IN_SSRC, FAN_PT, 1000, 0, 0, "m0", fan->payload,
    100
  };
  fan->payload[0] = 0x10;
  fan_set_keyframe (fan, TRUE);
}

void
fan_tear_down (Fan * fan, gconstpointer data)
{
  for (guint i = 0; i < FAN_SUBSCRIBERS; i++) {
    g_clear_object (&fan->subscriber[i].sender);
    gst_clear_object (&fan->subscriber[i].relay);
    peer_leave (&fan->subscriber[i].peer);
  }
  g_clear_object (&fan->receiver);
  peer_tear_down (&fan->peer, NULL);
}

/* ---- the publisher ---- */

void
fan_set_keyframe (Fan * fan, gboolean keyframe)
{
  fan->payload[1] = !keyframe;
}

void
fan_skip (Fan * fan, guint n)
{
  if (fan->rtp.sequence + n > G_MAXUINT16)
    fan->rtp.roc++;
  fan->rtp.sequence += n;
}

gsize
fan_write (Fan * fan, guint8 * out)
{
  gsize size;

  g_assert_cmpuint (fan->number, <, FAN_PACKETS);
  bif_put_be32 (fan->payload + NUMBER_AT, fan->number++);
  size = peer_write_rtp (&fan->peer, &fan->rtp, out);
  fan->rtp.timestamp += 3000;
  fan_skip (fan, 1);
  fan_set_keyframe (fan, FALSE);
  return size;
}

void
fan_send (Fan * fan)
{
  guint8 out[2048];
  gsize size = fan_write (fan, out);

  peer_send (&fan->peer, out, size);
}

void
fan_sync (Fan * fan)
{
  peer_sync (&fan->peer);
}

/* ---- a subscriber ---- */

void
fan_note (FanSubscriber * self)
{
  Peer *peer = &self->peer;
  const guint8 *payload = peer->data + peer->header.header_size;
  gboolean rtx = peer->header.ssrc == FAN_RTX_SSRC;
  guint number;

  g_assert_cmpuint (peer->payload_size, ==, rtx ? 102 : 100);
  self->sequence = rtx ? bif_get_be16 (payload) : peer->header.sequence;
  number = bif_get_be32 (payload + (rtx ? 2 : 0) + NUMBER_AT);
  g_assert_cmpuint (number, <, FAN_PACKETS);
  if (self->seen[number]++ == 0)
    self->n_seen++;
  self->number = number;
}

void
fan_take (FanSubscriber * self)
{
  g_assert_true (peer_receive_rtp (&self->peer));
  fan_note (self);
}

guint
fan_drain (FanSubscriber * self)
{
  guint n = 0;

  while (peer_receive_rtp_until (&self->peer, 0)) {
    fan_note (self);
    n++;
  }
  return n;
}

void
fan_nack (FanSubscriber * self, const guint16 * sequences, guint n)
{
  guint8 out[1024];
  gsize size = bif_rtcp_write_rr (out, sizeof out, 1, NULL, 0);

  size += bif_rtcp_write_nack (out + size, sizeof out - size, 1, FAN_OUT_SSRC,
      sequences, n);
  peer_send_rtcp (&self->peer, out, size);
}

void
fan_pass (Fan * fan, guint n, guint first)
{
  for (guint i = 0; i < n; i++) {
    guint number = fan->number;

    fan_send (fan);
    for (guint k = first; k < FAN_SUBSCRIBERS; k++) {
      FanSubscriber *subscriber = &fan->subscriber[k];
      guint16 before = subscriber->sequence;
      gboolean started = subscriber->n_seen > 0;

      fan_take (subscriber);
      g_assert_cmpuint (subscriber->number, ==, number);
      g_assert_cmpuint (subscriber->seen[number], ==, 1);
      if (started)
        g_assert_cmpuint (subscriber->sequence, ==, (guint16) (before + 1));
    }
  }
}
