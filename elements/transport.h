/* transport.h: the packet path's end of one PeerConnection: ICE, SRTP, RTCP.
 * The struct is shared by the files transport*.c, receiver.c and sender.c. */
#pragma once

#include <gst/gst.h>
#include "mux.h"
#include "stream.h"
#include "packet/estimate.h"
#include "packet/nack.h"
#include "packet/rewrite.h"
#include "packet/srtp.h"
#include "packet/stats.h"
#include "packet/stun.h"
#include "packet/twcc.h"

G_BEGIN_DECLS

#define BIF_TYPE_RTC_TRANSPORT (bif_rtc_transport_get_type ())
G_DECLARE_FINAL_TYPE (BifRtcTransport, bif_rtc_transport, BIF, RTC_TRANSPORT, GstElement)

typedef struct _BifIceAgent BifIceAgent;
typedef struct _BifNice BifNice;
typedef struct _BifReceiver BifReceiver;
typedef struct _BifReceiverLayer BifReceiverLayer;
typedef struct _BifSender BifSender;

#define BIF_MAX_REMOTE_CANDIDATES 32
#define BIF_CREDENTIAL_SIZE 260

typedef enum
{
  BIF_ICE_NEW,
  BIF_ICE_CHECKING,
  BIF_ICE_CONNECTED,
  BIF_ICE_FAILED,
  BIF_ICE_CLOSED,
} BifIceState;

typedef struct
{
  char ufrag[BIF_CREDENTIAL_SIZE];
  char pwd[BIF_CREDENTIAL_SIZE];
} BifCredentials;

/* A remote candidate, how often it was checked and when it is due again. */
typedef struct
{
  BifAddress address;
  guint socket;
  guint tries;
  gint64 due_us;
} BifRemoteCandidate;

#define BIF_CONSENT_LIMIT_S 30
#define BIF_CONSENT_QUESTIONS 8

/* Whether the peer still wants what is sent: transport-consent.c. */
typedef struct
{
  gint64 limit_us;              /* 0: it is not asked */
  gint64 given_us;              /* last answer, or when the path opened */
  gint64 question_us;           /* when to ask again */
  guint32 question[BIF_CONSENT_QUESTIONS];      /* of transactions, the last */
  guint n;                      /* how many were asked */
} BifConsent;

/* ICE of one transport. Guarded by the receive lock. */
typedef struct
{
  BifIceState state;
  BifCredentials local, remote;
  BifCredentials old_local;     /* until the new ones carry a check */
  gboolean controlling, lite;
  guint64 tie_breaker;
  BifRemoteCandidate candidate[BIF_MAX_REMOTE_CANDIDATES];
  guint n_candidates;
  BifPath path;                 /* where media goes; fd -1: none yet */
  BifCredentials path_remote;   /* what the path was opened with */
  char path_ufrag[BIF_CREDENTIAL_SIZE]; /* ours then */
  BifConsent consent;
  gboolean nominated;
  gboolean regular;             /* nominate only what has answered */
  guint32 nominating;           /* the check that does, of its transaction */
  gboolean restarting;          /* new credentials, no path with them yet */
  gint64 started_us;            /* remote credentials came; 0: not yet */
  gint64 heard_us;              /* last authenticated packet */
  BifAddress addresses[8];      /* registered with the mux, oldest first */
  guint n_addresses;
} BifIce;

/* One SSRC that comes in. Guarded by the receive lock. */
typedef struct
{
  guint32 ssrc;
  BifReceiver *receiver;        /* owned by the transport */
  BifReceiverLayer *layer;      /* of the receiver */
  gboolean rtx;
  BifSrtpStream srtp;
  BifReceiveStats stats;
  guint64 lost_before;          /* at the last tick */
  BifNack *nack;                /* owned; NULL: nothing came yet, or no NACK */
} BifSource;

struct _BifRtcTransport
{
  GstElement parent;

  guint64 serial;               /* constant */
  BifMux *mux;                  /* set once, before anything runs */
  BifIceAgent *agent;           /* constant */
  BifNice *nice;                /* set once, before it opens; NULL: the mux */
  _Atomic gint64 due_us;        /* when the next tick is wanted */

  GMutex rx_lock;               /* receive lock: guards these */
  gboolean closed;
  BifIce ice;
  BifSrtp *srtp_rx;
  BifExtMap ext_map;
  GHashTable *sources;          /* guint32 -> BifSource, owned */
  GPtrArray *receivers;         /* of BifReceiver */
  gint64 reported_us;           /* last RTCP report */
  gint64 ntp_offset_us;         /* remote wall clock to monotonic */
  gboolean has_ntp_offset;
  guint64 flowed;               /* packets in and out, when last looked at */
  gint64 flowed_us;             /* when that last changed */
  guint no_media_us;
  guint slow_link;
  guint64 rtp_in, rtp_in_bytes, rtp_bad, rtp_replayed, rtp_unknown;
  guint64 nacked;               /* numbers asked for */
  BifTwcc *twcc;                /* owned; NULL: no transport-wide numbers yet */
  gint64 twcc_period_us;
  gint64 twcc_sent_us;          /* last feedback */
  gint64 twcc_due_us;           /* 0: nothing to report */

  GMutex tx_lock;               /* send lock: guards these */
  BifSrtp *srtp_tx;
  BifPath path;                 /* copy of ice.path for senders */
  GPtrArray *senders;           /* of BifSender */
  guint32 ssrc;                 /* of our reports where nothing is sent */
  guint bitrate;                /* REMB cap, bit/s; 0: none */
  guint64 rtp_out, rtp_out_bytes, rtcp_out, resent;
  guint16 twcc_out;             /* transport-wide number of the next packet */
  BifEstimate *estimate;        /* owned; NULL: no feedback to go by yet */
};

/* transport-ice.c: receive lock taken inside */
const guint64 *bif_transport_serial (BifRtcTransport * self);
void bif_transport_handle_check (BifRtcTransport * self, const BifPath * path,
    const BifStunMessage * message, const char *ufrag, BifBatch * batch);
void bif_transport_handle_check_reply (BifRtcTransport * self,
    const BifPath * path, const BifStunMessage * message, BifBatch * batch);
void bif_transport_handle_dtls (BifRtcTransport * self, const guint8 * data,
    gsize size);
void bif_ice_init (BifRtcTransport * self);
void bif_ice_restart (BifRtcTransport * self);
void bif_ice_set_remote (BifRtcTransport * self, const char *ufrag,
    const char *pwd);
gboolean bif_ice_add_candidate (BifRtcTransport * self, const char *candidate);
void bif_ice_set_controlling (BifRtcTransport * self, gboolean controlling);
void bif_ice_end_of_candidates (BifRtcTransport * self);
/* Another agent found a way: media goes along @wire. @failed_us: cleared. */
void bif_ice_use_wire (BifRtcTransport * self, BifWire * wire,
    gint64 * failed_us);
/* Receive lock held. Returns when to be called again. */
gint64 bif_ice_tick (BifRtcTransport * self, gint64 now_us, BifBatch * batch);
/* A check along @path; @nominate where this side controls. Receive lock held.
 * Returns what its transaction ends in, 0 where nothing was sent. */
guint32 bif_ice_send_check (BifRtcTransport * self, const BifPath * path,
    const BifCredentials * remote, const char *local_ufrag, gboolean nominate,
    BifBatch * batch);
/* Nothing is sent any more until a path opens. Receive lock held. */
void bif_ice_close_path (BifRtcTransport * self);
/* Says "ICE failed". Receive lock held. */
void bif_ice_fail (BifRtcTransport * self);
/* A wire of the mux has ended; receive lock taken inside. */
void bif_transport_wire_closed (BifRtcTransport * self, BifWire * wire);

/* transport-consent.c: receive lock held */
/* A path opened, or credentials are new: consent counts from now. */
void bif_consent_begin (BifRtcTransport * self, gint64 now_us);
gboolean bif_consent_is_answer (BifRtcTransport * self, const BifPath * path,
    const BifStunMessage * message);
void bif_consent_answer (BifRtcTransport * self,
    const BifStunMessage * message);
/* Returns when to be called again. */
gint64 bif_consent_tick (BifRtcTransport * self, gint64 now_us,
    BifBatch * batch);
/* Cryptographically strong; any thread. */
void bif_random_bytes (gpointer out, gsize size);

/* Any thread: a DTLS datagram on its way out. */
void bif_transport_send_dtls (BifRtcTransport * self, const guint8 * data,
    gsize size);

/* transport-receive.c: I/O thread, receive lock taken inside */
void bif_transport_handle_rtp (BifRtcTransport * self, guint8 * data, gsize size,
    gint64 now_us, BifBatch * batch);

/* transport-feedback.c: receive lock held */
/* A packet of @source (or what its rtx repeats) came: its number, ours. */
void bif_feedback_note_media (BifRtcTransport * self, BifSource * source,
    const BifPacket * packet);
/* Any authentic packet came. */
void bif_feedback_note_arrival (BifRtcTransport * self,
    const BifRtpHeader * header, gint64 now_us);
/* Sends what is due. Returns when to be called again. */
gint64 bif_feedback_tick (BifRtcTransport * self, gint64 now_us);
void bif_source_free (gpointer source);

/* transport-report.c: timer thread */
gint64 bif_transport_due (BifRtcTransport * self);
void bif_transport_tick (BifRtcTransport * self, gint64 now_us, BifBatch * batch);
void bif_transport_schedule (BifRtcTransport * self, gint64 at_us);
/* A packet came: receive lock held. */
void bif_transport_note_packet (BifRtcTransport * self, gint64 now_us);
/* Protects and sends a compound at once; any thread, send lock taken inside. */
void bif_transport_send_rtcp (BifRtcTransport * self, const guint8 * compound,
    gsize size);
void bif_transport_send_remb (BifRtcTransport * self);

/* Posts an element message: name "bif-<event>" and fields. Any thread. */
void bif_transport_post (BifRtcTransport * self, GstStructure * structure);

G_END_DECLS
