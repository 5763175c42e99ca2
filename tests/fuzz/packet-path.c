/* packet-path: fuzzes a transport with datagrams of any content, through a real
 * socket. The input is a row of them, each behind a byte that says what it is:
 * bytes as they are, or a body that is authenticated first (a STUN check, SRTP,
 * SRTCP), and a length of two bytes. After each input the transport must still
 * answer a check, and nobody who does not know a key must have been heard. */
#include "fuzz.h"
#include "peer.h"

#include <unistd.h>

enum
{
  AS_IT_IS, RTP, RTCP, STUN, N_KINDS
};

typedef struct
{
  Peer peer;
  GstElement *relay[2];
} Path;

static Path path;

/* Keys begin anew with every input, so that nothing is taken for a replay. */
static void
start (void)
{
  static const char *const media[] = { "audio", "video" };
  static const char *const codecs[] = { "OPUS", "VP8" };

  gst_init (NULL, NULL);
  peer_set_up (&path.peer, NULL);
  peer_connect (&path.peer);
  for (guint i = 0; i < 2; i++) {
    const char mid[] = { 'm', '0' + i, '\0' };
    g_autoptr (GstStructure) rtp = peer_describe (mid, media[i], codecs[i],
        96 + 2 * i, 0x22222222 + i, i * 0x33333333);
    g_autoptr (GObject) receiver = NULL, sender = NULL, stream = NULL;

    g_signal_emit_by_name (path.peer.transport, "add-receiver", rtp,
        &receiver);
    g_signal_emit_by_name (path.peer.transport, "add-sender", rtp, &sender);
    path.relay[i] = gst_object_ref_sink (gst_element_factory_make ("bifrelay",
            NULL));
    g_object_get (receiver, "stream", &stream, NULL);
    g_object_set (path.relay[i], "source", stream, "sender", sender, NULL);
  }
}

static void
stop (void)
{
  for (guint i = 0; i < 2; i++)
    gst_clear_object (&path.relay[i]);
  peer_tear_down (&path.peer, NULL);
}

static gsize
protect (guint kind, guint8 * out, gsize size)
{
  BifRtpHeader header;

  if (kind == RTCP && size >= 8)
    return bif_srtcp_protect (path.peer.tx, out, size);
  if (kind == RTP && bif_rtp_parse (&header, out, size, NULL))
    return bif_srtp_protect (path.peer.tx, out, header.header_size,
        out + header.header_size, size - header.header_size, 0);
  return size;
}

static void
send_one (guint kind, const guint8 * data, gsize size)
{
  guint8 out[4096];
  char ufrag[64];

  size = MIN (size, 2000);
  memcpy (out, data, size);
  if (kind == STUN && size >= 9) {
    memcpy (ufrag, data + 9, MIN (size - 9, sizeof ufrag - 1));
    ufrag[MIN (size - 9, sizeof ufrag - 1)] = '\0';
    peer_send_check (&path.peer, &(Check) {
        .remote_ufrag = ufrag,
        .nominate = data[0] & 1,
        .role = (data[0] >> 1) % 3,
        .tie_breaker = data[1] * G_GUINT64_CONSTANT (0x0101010101010101),
        }, 1);
    return;
  }
  size = protect (kind, out, size);
  /* an empty datagram is one too */
  peer_send (&path.peer, out, size);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  start ();
  peer_set_keys (&path.peer);
  while (size >= 3) {
    gsize n = MIN ((gsize) (data[1] << 8 | data[2]), size - 3);

    send_one (data[0] % N_KINDS, data + 3, n);
    data += 3 + n;
    size -= 3 + n;
    peer_sync (&path.peer);
  }
  peer_sync (&path.peer);
  stop ();
  return 0;
}
