/* peer-dtls.c: webrtcbin's part of a peer: the shadow negotiation that makes it
 * do DTLS and SCTP, the keys it agrees on, the certificate the peer shows. What
 * ends in _any_thread runs on its threads; the rest on the main thread. */
#include "media/peer-private.h"
#include "media/certificate.h"
#include "media/network-private.h"
#include "base/post.h"

#include <gst/webrtc/webrtc.h>
#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (bif_peer_debug);
#define GST_CAT_DEFAULT bif_peer_debug

static void
weak_ref_free (gpointer data, GClosure * closure)
{
  g_weak_ref_clear (data);
  g_free (data);
}

void
bif_peer_connect_weak (BifPeer * self, gpointer instance, const char *signal,
    GCallback callback)
{
  GWeakRef *ref = g_new0 (GWeakRef, 1);

  g_weak_ref_init (ref, self);
  g_signal_connect_data (instance, signal, callback, ref, weak_ref_free, 0);
}

/* ---- keys and certificate ---- */

/* Both keys are there and the peer is who its SDP says: media may flow. */
static void
open_gate (BifPeer * self)
{
  if (!self->verified || self->decoder_key == NULL
      || self->encoder_key == NULL || self->connected)
    return;
  g_object_set (self->transport, "decoder-key", self->decoder_key,
      "encoder-key", self->encoder_key, NULL);
  gst_clear_buffer (&self->decoder_key);
  gst_clear_buffer (&self->encoder_key);
  self->connected = TRUE;
  g_clear_handle_id (&self->dtls_timeout_id, g_source_remove);
  bif_peer_drop_queue (self);
  g_signal_emit_by_name (self, "connected");
}

static void
take_encoder_key (gpointer object, gpointer data)
{
  BifPeer *self = object;

  gst_buffer_replace (&self->encoder_key, data);
  open_gate (self);
}

typedef struct
{
  GstBuffer *key;
  char *pem;                    /* the peer's certificate (nullable) */
} DecoderKey;

static void
decoder_key_free (gpointer data)
{
  DecoderKey *key = data;

  gst_clear_buffer (&key->key);
  g_free (key->pem);
  g_free (key);
}

/* Before an answer is there, the handshake may be over already: the peer's checks
 * open the path. Then the keys wait for it. */
static void
check_certificate (gpointer object, gpointer data)
{
  BifPeer *self = object;
  g_autofree char *pem = NULL, *seen = NULL;

  if (self->certificate == NULL || self->fingerprint == NULL || self->closed)
    return;
  pem = g_steal_pointer (&self->certificate);
  seen = bif_certificate_fingerprint (pem, self->fingerprint);
  if (seen == NULL || g_ascii_strcasecmp (seen, self->fingerprint) != 0) {
    GST_WARNING_OBJECT (self->pipeline,
        "the peer's certificate is not the one of its SDP");
    bif_peer_fail (self, "DTLS alert");
    return;
  }
  self->verified = TRUE;
  open_gate (self);
}

/* Not at once: whoever takes the SDP goes on with the peer. */
void
bif_peer_check_certificate (BifPeer * self)
{
  bif_post (self, check_certificate, NULL, NULL);
}

static void
take_decoder_key (gpointer object, gpointer data)
{
  BifPeer *self = object;
  DecoderKey *key = data;

  if (self->closed)
    return;
  self->verified = FALSE;
  gst_buffer_replace (&self->decoder_key, key->key);
  g_free (self->certificate);
  /* no certificate at all is none that fits */
  self->certificate = g_strdup (key->pem != NULL ? key->pem : "");
  check_certificate (self, NULL);
}

static void
on_decoder_key_any_thread (GstElement * decoder, gpointer ref)
{
  g_autoptr (BifPeer) self = g_weak_ref_get (ref);
  DecoderKey *key;

  if (self == NULL)
    return;
  key = g_new0 (DecoderKey, 1);
  g_object_get (decoder, "decoder-key", &key->key, "peer-pem", &key->pem,
      NULL);
  bif_post (self, take_decoder_key, key, decoder_key_free);
}

static void
on_encoder_key_any_thread (GstElement * encoder, gpointer ref)
{
  g_autoptr (BifPeer) self = g_weak_ref_get (ref);
  GstBuffer *key = NULL;

  if (self == NULL)
    return;
  g_object_get (encoder, "encoder-key", &key, NULL);
  if (key != NULL)
    bif_post (self, take_encoder_key, key, (GDestroyNotify) gst_buffer_unref);
}

static void
end_dtls (gpointer object, gpointer data)
{
  bif_peer_fail (object, "DTLS alert");
}

/* GstDtlsConnectionState has no public header: its nicks do. */
static void
on_dtls_state_any_thread (GstElement * decoder, GParamSpec * pspec,
    gpointer ref)
{
  g_autoptr (BifPeer) self = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  const GEnumValue *state;

  g_value_init (&value, pspec->value_type);
  g_object_get_property (G_OBJECT (decoder), "connection-state", &value);
  state = g_enum_get_value (g_type_class_peek (pspec->value_type),
      g_value_get_enum (&value));
  if (state == NULL || (strcmp (state->value_nick, "closed") != 0
          && strcmp (state->value_nick, "failed") != 0))
    return;
  self = g_weak_ref_get (ref);
  if (self != NULL)
    bif_post (self, end_dtls, NULL, NULL);
}

/* ---- webrtcbin's insides ---- */

static void
on_element_added_any_thread (GstBin * webrtcbin, GstBin * bin,
    GstElement * element, gpointer ref)
{
  GstElementFactory *factory = gst_element_get_factory (element);
  const char *name = factory != NULL ? GST_OBJECT_NAME (factory) : "";
  g_autoptr (BifPeer) self = NULL;

  if (strcmp (name, "queue") != 0 && strcmp (name, "dtlsdec") != 0
      && strcmp (name, "dtlsenc") != 0)
    return;
  self = g_weak_ref_get (ref);
  if (self == NULL)
    return;
  if (strcmp (name, "queue") == 0) {
    /* The receive queue stands between the I/O thread and the handshake: it
     * must never make the I/O thread wait. */
    bif_peer_take_queue_any_thread (self, element);
    return;
  }
  if (strcmp (name, "dtlsenc") == 0) {
    bif_peer_connect_weak (self, element, "on-key-received",
        G_CALLBACK (on_encoder_key_any_thread));
    return;
  }
  g_object_set (element, "pem", bif_network_pem (self->network), NULL);
  bif_peer_connect_weak (self, element, "on-key-received",
      G_CALLBACK (on_decoder_key_any_thread));
  bif_peer_connect_weak (self, element, "notify::connection-state",
      G_CALLBACK (on_dtls_state_any_thread));
}

void
bif_peer_watch_webrtcbin (BifPeer * self)
{
  bif_peer_connect_weak (self, self->webrtcbin, "deep-element-added",
      G_CALLBACK (on_element_added_any_thread));
}

/* ---- the shadow negotiation ---- */

typedef struct
{
  GWeakRef peer;
  GstElement *webrtcbin;
  BifShadowFunc func;
  gboolean ok;
} Shadow;

static void
shadow_free (gpointer data)
{
  Shadow *shadow = data;

  g_weak_ref_clear (&shadow->peer);
  gst_object_unref (shadow->webrtcbin);
  g_free (shadow);
}

static void
shadow_done (gpointer object, gpointer data)
{
  Shadow *shadow = data;

  shadow->func (object, shadow->ok);
}

static void
shadow_finish_any_thread (Shadow * shadow, gboolean ok)
{
  g_autoptr (BifPeer) self = g_weak_ref_get (&shadow->peer);

  shadow->ok = ok;
  if (self != NULL)
    bif_post (self, shadow_done, shadow, shadow_free);
  else
    shadow_free (shadow);
}

static gboolean
promise_ok (GstPromise * promise)
{
  const GstStructure *reply;

  if (gst_promise_wait (promise) != GST_PROMISE_RESULT_REPLIED)
    return FALSE;
  reply = gst_promise_get_reply (promise);
  return reply == NULL || !gst_structure_has_field (reply, "error");
}

static void
on_local_set_any_thread (GstPromise * promise, gpointer user_data)
{
  gboolean ok = promise_ok (promise);

  gst_promise_unref (promise);
  shadow_finish_any_thread (user_data, ok);
}

static void
on_answer_any_thread (GstPromise * promise, gpointer user_data)
{
  Shadow *shadow = user_data;
  GstWebRTCSessionDescription *answer = NULL;

  if (promise_ok (promise) && gst_promise_get_reply (promise) != NULL)
    gst_structure_get (gst_promise_get_reply (promise), "answer",
        GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &answer, NULL);
  gst_promise_unref (promise);
  if (answer == NULL) {
    shadow_finish_any_thread (shadow, FALSE);
    return;
  }
  g_signal_emit_by_name (shadow->webrtcbin, "set-local-description", answer,
      gst_promise_new_with_change_func (on_local_set_any_thread, shadow,
          NULL));
  gst_webrtc_session_description_free (answer);
}

static void
on_remote_set_any_thread (GstPromise * promise, gpointer user_data)
{
  Shadow *shadow = user_data;
  gboolean ok = promise_ok (promise);

  gst_promise_unref (promise);
  if (!ok) {
    shadow_finish_any_thread (shadow, FALSE);
    return;
  }
  g_signal_emit_by_name (shadow->webrtcbin, "create-answer", NULL,
      gst_promise_new_with_change_func (on_answer_any_thread, shadow, NULL));
}

/* One m-line: audio where no data is wanted (it costs two threads less), else
 * application. @a=setup alone decides who begins DTLS. */
static char *
shadow_text (BifPeer * self, gboolean audio, gboolean data)
{
  const char *setup = self->setup == BIF_SETUP_PASSIVE ? "active" : "passive";
  const char *common = "c=IN IP4 0.0.0.0\r\n"
      "a=ice-ufrag:shad\r\na=ice-pwd:shadowshadowshadowshadow\r\n"
      "a=fingerprint:sha-256 00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:"
      "00:00:00:00:00:00:00:00:00:00:00:00:00:00:00:00\r\n";
  GString *text = g_string_new ("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\n"
      "t=0 0\r\n");

  g_string_append_printf (text, "a=group:BUNDLE%s%s\r\n", audio ? " a" : "",
      data ? " d" : "");
  if (audio)
    g_string_append_printf (text, "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n%s"
        "a=setup:%s\r\na=mid:a\r\na=sendonly\r\na=rtcp-mux\r\n"
        "a=rtpmap:111 opus/48000/2\r\n", common, setup);
  if (data)
    g_string_append_printf (text, "m=application 9 UDP/DTLS/SCTP "
        "webrtc-datachannel\r\n%sa=setup:%s\r\na=mid:d\r\n"
        "a=sctp-port:5000\r\na=max-message-size:262144\r\n", common, setup);
  return g_string_free (text, FALSE);
}

void
bif_peer_negotiate_shadow (BifPeer * self, gboolean data, BifShadowFunc func)
{
  /* The first shadow's m-line stays; data that comes later is added to it. */
  gboolean audio = self->has_shadow ? !self->has_data_shadow : !data;
  g_autofree char *text =
      shadow_text (self, audio, data || self->has_data_shadow);
  GstWebRTCSessionDescription *offer;
  GstSDPMessage *sdp = NULL;
  Shadow *shadow = g_new0 (Shadow, 1);

  g_weak_ref_init (&shadow->peer, self);
  shadow->webrtcbin = gst_object_ref (self->webrtcbin);
  shadow->func = func;
  if (data)
    bif_peer_restore_queue (self);
  self->has_shadow = TRUE;
  self->has_data_shadow = self->has_data_shadow || data;
  gst_sdp_message_new_from_text (text, &sdp);
  offer = gst_webrtc_session_description_new (GST_WEBRTC_SDP_TYPE_OFFER, sdp);
  g_signal_emit_by_name (self->webrtcbin, "set-remote-description", offer,
      gst_promise_new_with_change_func (on_remote_set_any_thread, shadow,
          NULL));
  gst_webrtc_session_description_free (offer);
}
