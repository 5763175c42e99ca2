/* peer.c: sockets, STUN and SRTP of the played browser. Test thread. */
#include "peer.h"
#include "packet/bytes.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#define UFRAG "brow"
#define PASSWORD "a password of the browser"

int
peer_open_socket (BifAddress * address)
{
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  socklen_t length = sizeof *address;

  g_assert_cmpint (fd, >=, 0);
  g_assert_true (bif_address_parse (address, "127.0.0.1", 0));
  g_assert_no_errno (bind (fd, &address->any, bif_address_length (address)));
  g_assert_no_errno (getsockname (fd, &address->any, &length));
  return fd;
}

void
peer_read_credentials (Peer * peer)
{
  g_clear_pointer (&peer->ufrag, g_free);
  g_clear_pointer (&peer->pwd, g_free);
  g_object_get (peer->transport, "local-ufrag", &peer->ufrag, "local-pwd",
      &peer->pwd, NULL);
}

void
peer_join (Peer * peer, GstElement * mux)
{
  guint port;

  memset (peer, 0, sizeof *peer);
  peer->mux = gst_object_ref (mux);
  g_object_get (peer->mux, "port", &port, NULL);
  g_assert_true (bif_address_parse (&peer->server, "127.0.0.1", port));
  peer->transport = g_object_new (g_type_from_name ("BifRtcTransport") ? :
      gst_element_factory_get_element_type (GST_ELEMENT_FACTORY
          (gst_plugin_feature_load (GST_PLUGIN_FEATURE
                  (gst_element_factory_find ("biftransport"))))),
      "mux", peer->mux, NULL);
  gst_object_ref_sink (peer->transport);
  peer->bus = gst_bus_new ();
  gst_element_set_bus (peer->transport, peer->bus);
  peer->fd = peer_open_socket (&peer->local);
  peer_read_credentials (peer);
  g_signal_emit_by_name (peer->transport, "open");
}

void
peer_set_up (Peer * peer, gconstpointer data)
{
  g_autoptr (GstElement) mux =
      gst_object_ref_sink (gst_element_factory_make ("bifmux", NULL));

  g_object_set (mux, "threads", 2, NULL);
  g_assert_cmpint (gst_element_set_state (mux, GST_STATE_READY), ==,
      GST_STATE_CHANGE_SUCCESS);
  peer_join (peer, mux);
}

void
peer_leave (Peer * peer)
{
  g_signal_emit_by_name (peer->transport, "close");
  g_signal_emit_by_name (peer->transport, "close");
  gst_bus_set_flushing (peer->bus, TRUE);
  gst_element_set_bus (peer->transport, NULL);
  gst_clear_object (&peer->transport);
  gst_clear_object (&peer->mux);
  gst_clear_object (&peer->bus);
  close (peer->fd);
  g_clear_pointer (&peer->tx, bif_srtp_free);
  g_clear_pointer (&peer->rx, bif_srtp_free);
  g_clear_pointer (&peer->ufrag, g_free);
  g_clear_pointer (&peer->pwd, g_free);
}

void
peer_tear_down (Peer * peer, gconstpointer data)
{
  GWeakRef transport, mux;

  g_weak_ref_init (&transport, peer->transport);
  g_weak_ref_init (&mux, peer->mux);
  g_signal_emit_by_name (peer->transport, "close");
  gst_element_set_state (peer->mux, GST_STATE_NULL);
  peer_leave (peer);
  g_assert_null (g_weak_ref_get (&transport));
  g_assert_null (g_weak_ref_get (&mux));
  g_weak_ref_clear (&transport);
  g_weak_ref_clear (&mux);
}

/* ---- datagrams ---- */

void
peer_send (Peer * peer, const guint8 * data, gsize size)
{
  g_assert_cmpint (sendto (peer->fd, data, size, 0, &peer->server.any,
          bif_address_length (&peer->server)), ==, size);
}

gboolean
peer_receive (Peer * peer, gint64 deadline_us)
{
  struct pollfd fd = { peer->fd, POLLIN, 0 };

  for (;;) {
    gint64 left_us = deadline_us - g_get_monotonic_time ();
    gssize size = recv (peer->fd, peer->data, sizeof peer->data, 0);

    if (size >= 0) {
      peer->size = size;
      return TRUE;
    }
    if (left_us <= 0)
      return FALSE;
    poll (&fd, 1, left_us / 1000 + 1);
  }
}

static gint64
deadline (void)
{
  return g_get_monotonic_time () + PEER_DEADLINE_US;
}

void
peer_sync (Peer * peer)
{
  static guint8 number = 128;
  BifStunMessage message;

  number = number == 255 ? 128 : number + 1;
  peer_send_check (peer, &(Check) { 0 }, number);
  g_assert_true (peer_receive_answer (peer, number, &message));
}

/* ---- ICE ---- */

void
peer_send_check (Peer * peer, const Check * check, guint8 number)
{
  guint8 transaction[BIF_STUN_TRANSACTION_SIZE] = "test-------";
  guint8 out[BIF_STUN_MAX_SIZE];
  g_autofree char *username = g_strconcat (check->ufrag ? check->ufrag :
      peer->ufrag, ":", check->remote_ufrag ? check->remote_ufrag : UFRAG,
      NULL);
  BifStunRequest request = {
    .username = username,
    .password = check->pwd != NULL ? check->pwd : peer->pwd,
    .priority = 1234,
    .role = check->role != BIF_STUN_ROLE_NONE ? check->role :
        BIF_STUN_ROLE_CONTROLLING,
    .tie_breaker = check->tie_breaker,
    .use_candidate = check->nominate,
  };

  transaction[11] = number;
  peer_send (peer, out, bif_stun_write_request (out, transaction, &request));
}

gboolean
peer_receive_answer (Peer * peer, guint8 number, BifStunMessage * message)
{
  gint64 until_us = deadline ();

  while (peer_receive (peer, until_us)) {
    if (bif_stun_is_message (peer->data, peer->size)
        && bif_stun_parse (message, peer->data, peer->size)
        && message->type != BIF_STUN_BINDING_REQUEST
        && message->transaction[11] == number)
      return TRUE;
  }
  return FALSE;
}

void
peer_connect (Peer * peer)
{
  BifStunMessage message;

  g_signal_emit_by_name (peer->transport, "set-remote-credentials", UFRAG,
      PASSWORD);
  peer_send_check (peer, &(Check) { .nominate = TRUE }, 1);
  g_assert_true (peer_receive_answer (peer, 1, &message));
  g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_RESPONSE);
}

/* ---- SRTP ---- */

static void
set_key (Peer * peer, const char *property, const guint8 * key)
{
  g_autoptr (GstBuffer) buffer = gst_buffer_new_memdup (key, PEER_KEY_SIZE);

  g_object_set (peer->transport, property, buffer, NULL);
}

void
peer_set_keys (Peer * peer)
{
  for (guint i = 0; i < PEER_KEY_SIZE; i++) {
    peer->key_in[i] = i + 1;
    peer->key_out[i] = 101 + i;
  }
  g_clear_pointer (&peer->tx, bif_srtp_free);
  g_clear_pointer (&peer->rx, bif_srtp_free);
  peer->tx = bif_srtp_new (BIF_SRTP_AES128_CM_SHA1_80, peer->key_in,
      PEER_KEY_SIZE);
  peer->rx = bif_srtp_new (BIF_SRTP_AES128_CM_SHA1_80, peer->key_out,
      PEER_KEY_SIZE);
  set_key (peer, "decoder-key", peer->key_in);
  set_key (peer, "encoder-key", peer->key_out);
}

GstStructure *
peer_describe (const char *mid, const char *media, const char *codec,
    guint payload, guint ssrc, guint rtx_ssrc)
{
  return gst_structure_new ("application/x-rtp",
      "mid", G_TYPE_STRING, mid, "media", G_TYPE_STRING, media,
      "encoding-name", G_TYPE_STRING, codec,
      "clock-rate", G_TYPE_UINT, g_str_equal (media, "video") ? 90000 : 48000,
      "payload", G_TYPE_UINT, payload,
      "rtx-payload", G_TYPE_UINT, rtx_ssrc != 0 ? payload + 1 : 0,
      "nack", G_TYPE_BOOLEAN, TRUE, "ssrc", G_TYPE_UINT, ssrc,
      "rtx-ssrc", G_TYPE_UINT, rtx_ssrc,
      "extmap-4", G_TYPE_STRING, "urn:ietf:params:rtp-hdrext:sdes:mid", NULL);
}

static void
set_ext (BifRtpHeader * header, BifExt ext, const char *value)
{
  if (value == NULL)
    return;
  header->ext[ext].data = (const guint8 *) value;
  header->ext[ext].size = strlen (value);
}

gsize
peer_write_rtp (Peer * peer, const Rtp * rtp, guint8 * out)
{
  BifRtpHeader header = {
    .payload_type = rtp->payload_type,
    .sequence = rtp->sequence,
    .timestamp = rtp->timestamp,
    .ssrc = rtp->ssrc,
  };
  BifExtMap map = { 0 };
  guint8 number[2];
  gsize size;

  bif_ext_map_set (&map, BIF_EXT_MID, PEER_MID_EXT);
  bif_ext_map_set (&map, BIF_EXT_TRANSPORT_CC, PEER_TRANSPORT_CC_EXT);
  bif_ext_map_set (&map, BIF_EXT_RID, PEER_RID_EXT);
  bif_ext_map_set (&map, BIF_EXT_REPAIRED_RID, PEER_REPAIRED_RID_EXT);
  set_ext (&header, BIF_EXT_MID, rtp->mid);
  set_ext (&header, BIF_EXT_RID, rtp->rid);
  set_ext (&header, BIF_EXT_REPAIRED_RID, rtp->repaired_rid);
  bif_put_be16 (number, (guint16) (rtp->transport - 1));
  if (rtp->transport != 0)
    header.ext[BIF_EXT_TRANSPORT_CC] = (BifExtValue) { number, 2 };
  size = bif_rtp_write (out, &header, &map);
  return bif_srtp_protect (peer->tx, out, size, rtp->payload, rtp->size,
      rtp->roc);
}

void
peer_send_rtp (Peer * peer, const Rtp * rtp)
{
  guint8 out[4096];

  peer_send (peer, out, peer_write_rtp (peer, rtp, out));
}

void
peer_send_rtcp (Peer * peer, const guint8 * compound, gsize size)
{
  guint8 out[2048];

  memcpy (out, compound, size);
  peer_send (peer, out, bif_srtcp_protect (peer->tx, out, size));
}

static BifSrtpStream *
find_stream (Peer * peer, guint32 ssrc)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (peer->ssrcs) - 1 && peer->ssrcs[i] != 0
      && peer->ssrcs[i] != ssrc)
    i++;
  peer->ssrcs[i] = ssrc;
  return &peer->streams[i];
}

gboolean
peer_receive_rtp_until (Peer * peer, gint64 until_us)
{
  BifExtMap map = { 0 };

  bif_ext_map_set (&map, BIF_EXT_MID, PEER_MID_EXT);
  bif_ext_map_set (&map, BIF_EXT_TRANSPORT_CC, PEER_TRANSPORT_CC_EXT);
  while (peer_receive (peer, until_us)) {
    gssize payload;

    if (peer->size < 12 || peer->data[0] < 128
        || bif_rtp_is_rtcp (peer->data, peer->size)
        || (peer->loss && g_rand_int_range (peer->loss, 0, 100) < 30))
      continue;
    g_assert_true (bif_rtp_parse (&peer->header, peer->data, peer->size,
            &map));
    payload = bif_srtp_unprotect (peer->rx, find_stream (peer,
            peer->header.ssrc), peer->data, peer->size,
        peer->header.header_size, peer->data + peer->header.header_size);
    g_assert_cmpint (payload, >=, 0);
    peer->payload_size = payload;
    return TRUE;
  }
  return FALSE;
}

gboolean
peer_receive_rtp (Peer * peer)
{
  return peer_receive_rtp_until (peer, deadline ());
}

gboolean
peer_receive_rtcp (Peer * peer, PeerMatch matches, gpointer user_data)
{
  gint64 until_us = deadline ();

  while (peer_receive (peer, until_us)) {
    BifRtcpPacket packet;
    gsize offset = 0;
    gssize size;

    if (peer->data[0] < 128 || !bif_rtp_is_rtcp (peer->data, peer->size))
      continue;
    size = bif_srtcp_unprotect (peer->rx, peer->data, peer->size);
    g_assert_cmpint (size, >, 0);
    peer->size = size;
    while (bif_rtcp_next (peer->data, size, &offset, &packet)) {
      if (matches == NULL || matches (&packet, user_data))
        return TRUE;
    }
    g_assert_cmpuint (offset, ==, size);
  }
  return FALSE;
}

/* ---- messages and numbers ---- */

GstMessage *
peer_message (Peer * peer, const char *name)
{
  gint64 until_us = deadline ();
  GstMessage *message;

  while ((message = gst_bus_timed_pop_filtered (peer->bus,
              MAX (0, until_us - g_get_monotonic_time ()) * 1000,
              GST_MESSAGE_ELEMENT)) != NULL) {
    if (gst_message_has_name (message, name))
      return message;
    gst_message_unref (message);
  }
  g_error ("no message %s", name);
}

gboolean
peer_has_message (Peer * peer, const char *name)
{
  g_autoptr (GstMessage) message = NULL;

  while ((message = gst_bus_pop (peer->bus)) != NULL) {
    if (gst_message_has_name (message, name))
      return TRUE;
    g_clear_pointer (&message, gst_message_unref);
  }
  return FALSE;
}

guint64
peer_stat (Peer * peer, const char *name)
{
  g_autoptr (GstStructure) stats = NULL;
  guint64 value = 0;

  g_object_get (peer->transport, "stats", &stats, NULL);
  g_assert_true (gst_structure_get_uint64 (stats, name, &value));
  return value;
}
