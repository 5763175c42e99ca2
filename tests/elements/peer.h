/* peer.h: the browser's end of a biftransport, played over a real socket: what
 * the tests of transports share. One thread, the test's; nothing sleeps,
 * everything waits with a deadline. */
#pragma once

#include <gst/gst.h>
#include "packet/address.h"
#include "packet/rtcp.h"
#include "packet/rtp.h"
#include "packet/srtp.h"
#include "packet/stun.h"

G_BEGIN_DECLS

#define PEER_DEADLINE_US (10 * G_USEC_PER_SEC)
#define PEER_KEY_SIZE 30
#define PEER_MID_EXT 4
#define PEER_TRANSPORT_CC_EXT 5
#define PEER_RID_EXT 10
#define PEER_REPAIRED_RID_EXT 11

/* One transport, its mux, and the browser that talks to it. */
typedef struct
{
  GstElement *mux;
  GstElement *transport;
  GstBus *bus;
  int fd;
  BifAddress server;            /* the mux's */
  BifAddress local;             /* ours */
  char *ufrag, *pwd;            /* of the transport, at the last look */
  guint8 key_in[PEER_KEY_SIZE]; /* what the transport decrypts with */
  guint8 key_out[PEER_KEY_SIZE];
  BifSrtp *tx, *rx;             /* ours: what we encrypt, what we decrypt */
  BifSrtpStream streams[8];     /* of what comes back, found by ssrc */
  guint32 ssrcs[8];
  guint8 data[4096];            /* the last datagram, clear if it was SRTP */
  gsize size;
  GRand *loss;                  /* not owned; NULL: all RTP is read, else 70 % */
  BifRtpHeader header;          /* of it, where it is RTP */
  gsize payload_size;
} Peer;

int peer_open_socket (BifAddress * address);
void peer_set_up (Peer * peer, gconstpointer data);
/* One more on the mux of another, and its end; the other one's tear_down must
 * come last. */
void peer_join (Peer * peer, GstElement * mux);
void peer_leave (Peer * peer);
/* Closes, and checks that everything goes. */
void peer_tear_down (Peer * peer, gconstpointer data);
void peer_read_credentials (Peer * peer);

/* ---- datagrams ---- */

void peer_send (Peer * peer, const guint8 * data, gsize size);
/* Waits for one, of any kind. FALSE at the deadline. */
gboolean peer_receive (Peer * peer, gint64 deadline_us);
/* Sends a check that a wrong password would not pass, and reads until it is
 * answered: whatever was sent before has been dealt with then. */
void peer_sync (Peer * peer);

/* ---- ICE ---- */

typedef struct
{
  const char *ufrag, *pwd;      /* NULL: the transport's */
  const char *remote_ufrag;     /* NULL: "brow" */
  gboolean nominate;
  BifStunRole role;             /* NONE: controlling */
  guint64 tie_breaker;
} Check;

void peer_send_check (Peer * peer, const Check * check, guint8 number);
/* Waits for the answer to @number; what else comes is dropped. */
gboolean peer_receive_answer (Peer * peer, guint8 number,
    BifStunMessage * message);
/* Nominates and is answered. */
void peer_connect (Peer * peer);

/* ---- SRTP ---- */

void peer_set_keys (Peer * peer);
GstStructure *peer_describe (const char *mid, const char *media,
    const char *codec, guint payload, guint ssrc, guint rtx_ssrc);

/* Writes RTP with the extensions that are not NULL, protects and sends. */
typedef struct
{
  guint32 ssrc;
  guint8 payload_type;
  guint16 sequence;
  guint32 roc;
  guint32 timestamp;
  const char *mid;
  const guint8 *payload;
  gsize size;
  const char *rid, *repaired_rid;
  guint transport;              /* 1 + transport-wide number; 0: none */
} Rtp;

gsize peer_write_rtp (Peer * peer, const Rtp * rtp, guint8 * out);
void peer_send_rtp (Peer * peer, const Rtp * rtp);
void peer_send_rtcp (Peer * peer, const guint8 * compound, gsize size);
/* Waits for RTP, and fills header and payload; STUN and RTCP are dropped. */
gboolean peer_receive_rtp (Peer * peer);
gboolean peer_receive_rtp_until (Peer * peer, gint64 until_us);
/* Waits for RTCP that @matches (NULL: any). */
typedef gboolean (*PeerMatch) (const BifRtcpPacket * packet,
    gpointer user_data);
gboolean peer_receive_rtcp (Peer * peer, PeerMatch matches,
    gpointer user_data);

/* Waits for the element message @name. (transfer full) */
GstMessage *peer_message (Peer * peer, const char *name);
gboolean peer_has_message (Peer * peer, const char *name);

guint64 peer_stat (Peer * peer, const char *name);

G_END_DECLS
