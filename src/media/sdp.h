/* sdp.h: the SDP engine. Reads a peer's offer or answer into a BifSdp, keeps
 * our side of a PeerConnection in a BifDescription, and writes every line the
 * peer sees (core-api.md section 6, media-plane.md 6.3). Pure logic: no
 * GStreamer object, no socket. Main thread, but for nothing it calls. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIF_MEDIA_AUDIO,
  BIF_MEDIA_VIDEO,
  BIF_MEDIA_DATA,
} BifMediaKind;

const char *bif_media_kind_name (BifMediaKind kind);    /* "audio", "video", "data" */

/* Bits, so that mirroring is a swap and restricting is an and. */
typedef enum
{
  BIF_DIRECTION_INACTIVE = 0,
  BIF_DIRECTION_SENDONLY = 1,
  BIF_DIRECTION_RECVONLY = 2,
  BIF_DIRECTION_SENDRECV = 3,
} BifDirection;

BifDirection bif_direction_mirror (BifDirection direction);

typedef enum
{
  BIF_SETUP_ACTPASS,
  BIF_SETUP_ACTIVE,
  BIF_SETUP_PASSIVE,
} BifSetup;

typedef struct
{
  guint8 payload_type;
  char *name;                   /* as on the rtpmap line: "opus", "VP8" */
  guint clock_rate;
  guint channels;               /* 0 or 1 where not given */
  char *fmtp;                   /* (nullable) */
  guint8 rtx;                   /* payload type of its rtx, 0 for none */
  gboolean nack, nack_pli, ccm_fir, goog_remb, transport_cc;
} BifSdpCodec;

typedef struct
{
  guint8 id;
  char *uri;
  BifDirection direction;       /* SENDRECV where no suffix was given */
} BifSdpExtmap;

/**
 * BifSdpMedia: one m-line of the remote description.
 * @rejected: port 0 without bundle-only, unless it is the first m-line and no
 *   other has a port (Janus reads a first port 0 as 9, always, and then fails
 *   with browsers that stop their first transceiver)
 * @rids: ids of "a=rid:X send", highest quality first by the order asked for;
 *   at most 3
 * @paused_rids: bit i: rids[i] has a tilde in a=simulcast
 * @ssrcs: SSRCs of a=ssrc lines, in order, without those of FID's second place
 * @sim_ssrcs: of ssrc-group:SIM; n_sim 0 where none or where rids are present
 */
typedef struct
{
  guint index;
  BifMediaKind kind;
  char *mid;
  char *protocol;               /* UDP/TLS/RTP/SAVPF, UDP/DTLS/SCTP, ... */
  gboolean rejected;
  BifDirection direction;
  GPtrArray *formats;           /* of char *, as on the m= line */
  GPtrArray *codecs;            /* of BifSdpCodec *, in the m-line's order */
  GPtrArray *extmaps;           /* of BifSdpExtmap * */
  char *msid_stream, *msid_track;       /* (nullable) */
  GArray *ssrcs;                /* of guint32 */
  GArray *rtx_ssrcs;            /* of guint32, partner of ssrcs[i], 0 for none */
  guint32 sim_ssrcs[3];
  guint n_sim;
  GPtrArray *rids;              /* of char * */
  guint paused_rids;
  gboolean rids_reversed;       /* the peer listed the lowest first */
  gboolean simulcast_legacy;    /* "rid=" syntax */
  guint bandwidth;              /* bit/s of b=TIAS or b=AS, 0 for none */
  guint sctp_port;
  guint64 max_message_size;     /* 0 where absent */
} BifSdpMedia;

typedef struct _BifSdp BifSdp;

/**
 * BifSdp: a remote description; immutable, reference counted.
 * @candidates: of every m-line, without "candidate:" and without "a="
 */
struct _BifSdp
{
  char *origin_name, *origin_id, *origin_version;       /* of o=, echoed in
                                                           answers */
  char *session_name;
  char *ufrag, *pwd;
  char *fingerprint;            /* "sha-256 AB:CD..." as text, hash in lower case */
  BifSetup setup;
  gboolean ice_lite;
  gboolean trickle;
  GPtrArray *media;             /* of BifSdpMedia * */
  GPtrArray *candidates;        /* of char * */
  gboolean end_of_candidates;
  char *text;                   /* as received */
  int ref_count;
};

/**
 * bif_sdp_parse:
 * @rid_lowest_first: the jsep's rid_order is "lmh"
 * @error: BIF_ERROR_INVALID_SDP, with the texts of core-api.md 6.1 ("Missing
 *   mandatory lines (o=, s= or m=)", "Invalid m= line: ...", "Error processing
 *   SDP" where credentials or fingerprint lack, empty for a long mid)
 * Returns: (transfer full) (nullable)
 */
BifSdp *bif_sdp_parse (const char *text, gboolean rid_lowest_first,
    GError ** error);
BifSdp *bif_sdp_ref (BifSdp * self);
void bif_sdp_unref (BifSdp * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifSdp, bif_sdp_unref)

/* By mid; NULL where none. */
const BifSdpMedia *bif_sdp_find_media (const BifSdp * self, const char *mid);

/* Codec names of the API ("vp8", "h264", "opus", "pcmu", "multiopus", ...), in
 * lower case, to a codec of @media. @profile (nullable): VP9 "0" or "2", H.264
 * "42e01f"; H.264 entries with packetization-mode=0 are passed over when one is
 * asked for. NULL where the peer does not offer it. */
const BifSdpCodec *bif_sdp_media_find_codec (const BifSdpMedia * media,
    const char *name, const char *profile);

/* API name of an rtpmap name: "VP8" gives "vp8"; NULL where unknown. A clock
 * rate may follow ("ISAC/16000"), since some names need it. */
const char *bif_sdp_codec_api_name (const char *rtpmap_name);

/* ---- our side ---- */

/**
 * BifSdpPolicy: what a plugin wants of a negotiation. Zeroed, it is Janus's
 * generic answer: preferred codecs of core-api.md 6.3, direction mirrored.
 */
typedef struct
{
  const char *audio_codec;      /* API names (nullable) */
  const char *video_codec;
  const char *video_profile;
  gboolean opus_red;            /* accept red/48000/2 where offered */
  gboolean telephone_event;     /* accept telephone-event where offered */
  BifDirection audio;           /* what we allow; 0 counts as SENDRECV */
  BifDirection video;
  gboolean no_audio, no_video, no_data; /* reject such m-lines */
  gboolean no_send_alone;       /* an m-line that would be sendonly here
                                   becomes inactive (echotest) */
  gboolean simulcast;           /* answer rid and simulcast lines */
  gboolean rtx;                 /* accept rtx for video */
  const char *const *extensions;        /* URIs accepted, NULL-terminated */
  const char *audio_fmtp;       /* (nullable): in place of what is echoed; ""
                                   for none */
} BifSdpPolicy;

/**
 * BifSdpLine: one m-line of ours. Read-only outside the engine, but for
 * ssrc, rtx_ssrc and the msids, which its owner may set before writing.
 * @accepted: FALSE: answered with port 0
 * @direction: ours: SENDONLY means that we send
 * @codec: copy of the chosen one, NULL for data and rejected lines; its
 *   payload_type and rtx are those on the wire, both ways; its feedback flags
 *   are the negotiated ones, but nack of audio, which Janus never answers and
 *   which says that the peer takes NACKs
 * @red: payload type of red for opus, 0 for none
 */
typedef struct
{
  guint index;
  BifMediaKind kind;
  char *mid;
  char *protocol;
  gboolean accepted;
  BifDirection direction;
  BifSdpCodec *codec;
  guint8 red;
  guint8 telephone_event;
  GPtrArray *extmaps;           /* of BifSdpExtmap *, accepted ones */
  guint32 ssrc, rtx_ssrc;       /* ours, when we send; 0: none written */
  char *msid_stream, *msid_track;       /* (nullable): default janus, janus<mid> */
  GPtrArray *rids;              /* of char *, received simulcast as offered,
                                   else empty; BifSdpMedia has the ranking */
  guint paused_rids;            /* bit i: rids[i] is offered as paused */
  gboolean simulcast_legacy;
  char *rejected_formats;       /* of an application m-line that is refused */
} BifSdpLine;

/* What every m-line repeats. Strings are borrowed while writing. */
typedef struct
{
  const char *session_name;     /* (nullable): the offer's, or "-" */
  const char *address;          /* of o= and c= */
  const char *ufrag, *pwd;
  const char *fingerprint;      /* "sha-256 AB:CD:..."; NULL: no encryption */
  BifSetup setup;
  gboolean ice_lite;
  gboolean full_trickle;        /* no candidates, no end-of-candidates */
  const char *const *candidates;        /* without "a=candidate:" */
  guint64 max_message_size;
} BifSdpTransport;

/**
 * BifDescription: our side of one PeerConnection, over all its negotiations:
 * m-lines in their order for good, o= version.
 */
typedef struct _BifDescription BifDescription;

BifDescription *bif_description_new (void);
void bif_description_free (BifDescription * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifDescription, bif_description_free)

/* (element-type BifSdpLine) (transfer none): in m-line order. */
const GPtrArray *bif_description_lines (const BifDescription * self);
BifSdpLine *bif_description_find_line (const BifDescription * self,
    const char *mid);

/**
 * bif_description_set_offer:
 * @error: BIF_ERROR_INVALID_SDP where m-lines vanished
 *
 * Negotiates a remote offer, first or later: fills and changes the lines. A
 * dead m-line may come back under a new mid. Nothing changes on error. A line
 * keeps its struct for good; under a new mid its SSRCs and msids are cleared.
 */
gboolean bif_description_set_offer (BifDescription * self,
    const BifSdp * offer, const BifSdpPolicy * policy, GError ** error);

/* Returns: (transfer full): the answer to the last offer. */
char *bif_description_write_answer (BifDescription * self,
    const BifSdp * offer, const BifSdpTransport * transport);

/**
 * bif_description_add_line: adds or reuses an m-line for an offer of ours.
 * @mid: (nullable): m-line index where NULL
 * @codec: API name; payload type @payload_type (0: the usual one), an rtx
 *   payload type is chosen where @rtx (codec's + 1, next free, wrapping from
 *   127 to 96)
 * Returns: (transfer none)
 */
BifSdpLine *bif_description_add_line (BifDescription * self,
    BifMediaKind kind, const char *mid, BifDirection direction,
    const char *codec, guint8 payload_type, gboolean rtx, const char *fmtp,
    const char *const *extensions);

char *bif_description_write_offer (BifDescription * self,
    const BifSdpTransport * transport);

/* The peer's answer to our offer: directions, refused lines, codecs left.
 * BIF_ERROR_INVALID_SDP where it does not fit the offer. */
gboolean bif_description_set_answer (BifDescription * self,
    const BifSdp * answer, GError ** error);

G_END_DECLS
