/* sdp-private.h: what the files of the SDP engine share. Main thread. */
#pragma once

#include "base/error.h"
#include "media/sdp.h"

G_BEGIN_DECLS

/* Far above what browsers send; bounds what a peer can make us hold. */
#define BIF_SDP_MAX_SIZE (256 * 1024)
#define BIF_SDP_MAX_MEDIA 512
#define BIF_SDP_MAX_EXTMAPS 64
#define BIF_SDP_MAX_SSRCS 32
#define BIF_SDP_MAX_RIDS 3

#define BIF_SDP_DEFAULT_PROTOCOL "UDP/TLS/RTP/SAVPF"
#define BIF_SDP_URI_TWCC "http://www.ietf.org/id/" \
    "draft-holmer-rmcat-transport-wide-cc-extensions-01"
#define BIF_SDP_URI_DEPENDENCY "https://aomediacodec.github.io/av1-rtp-spec/" \
    "#dependency-descriptor-rtp-header-extension"

/* One row of what we know about codecs, in the order of preference. */
typedef struct
{
  const char *api_name;
  BifMediaKind kind;
  const char *name;             /* on the wire */
  guint clock_rate;
  guint channels;               /* 1: one or not given; 0: any number */
  guint8 payload_type;          /* of offers of ours */
} BifSdpCodecInfo;

const BifSdpCodecInfo *bif_sdp_codec_table (guint * n_codecs);
const BifSdpCodecInfo *bif_sdp_codec_lookup (const char *api_name);
gboolean bif_sdp_codec_is (const BifSdpCodec * codec,
    const BifSdpCodecInfo * info);

/* Name, clock rate and channels; not the format. */
gboolean bif_sdp_codec_same (const BifSdpCodec * a, const BifSdpCodec * b);

BifSdpCodec *bif_sdp_codec_new (guint8 payload_type);
BifSdpCodec *bif_sdp_codec_copy (const BifSdpCodec * codec);
void bif_sdp_codec_free (BifSdpCodec * codec);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifSdpCodec, bif_sdp_codec_free)

const BifSdpCodec *bif_sdp_media_find_payload_type (const BifSdpMedia * media,
    guint8 payload_type);

BifSdpExtmap *bif_sdp_extmap_new (guint8 id, const char *uri,
    BifDirection direction);
GPtrArray *bif_sdp_extmaps_new (void);
const BifSdpExtmap *bif_sdp_extmaps_find (const GPtrArray * extmaps,
    const char *uri);

BifSdpMedia *bif_sdp_media_new (guint index, BifMediaKind kind,
    const char *protocol);
void bif_sdp_media_free (BifSdpMedia * media);

/* TRUE for the protocols of data channels. */
gboolean bif_sdp_protocol_is_sctp (const char *protocol);

/* Value of @key in "key=value;key=value"; @length is set to its length. */
const char *bif_sdp_fmtp_value (const char *fmtp, const char *key,
    gsize * length);

/* Sets BIF_ERROR_INVALID_SDP; always FALSE. */
gboolean bif_sdp_fail (GError ** error, const char *format, ...)
    G_GNUC_PRINTF (2, 3);

/* ---- the reader's second pass: sdp-attributes.c ---- */

/* What belongs to the transport, once for the session, once for the m-line. */
typedef struct
{
  const char *ufrag, *pwd;
  char *fingerprint;
  BifSetup setup;
  gboolean has_setup;
} BifSdpCredentials;

#define BIF_SDP_MAX_FIDS BIF_SDP_MAX_SSRCS

/* What must be kept of an m-line until its last attribute was read. */
typedef struct
{
  BifSdpCodec *by_type[128];
  guint32 fids[BIF_SDP_MAX_FIDS][2];
  guint n_fids;
  const char *simulcast;
  gboolean has_direction;
  gboolean bundle_only;
} BifSdpPending;

typedef struct
{
  BifSdp *sdp;
  BifSdpMedia *media;           /* (nullable): NULL at session level */
  guint *ports;                 /* one per m-line */
  guint transport;              /* index of the m-line whose ICE counts */
  BifSdpCredentials session, first;
  BifSdpPending pending;
  BifDirection direction;       /* of the session level */
  gboolean lowest_first;
  gboolean broken;              /* to be reported as "Error processing SDP" */
} BifSdpReader;

/* @line is what follows "a=". FALSE with @error for a long mid. */
gboolean bif_sdp_read_attribute (BifSdpReader * reader, char *line,
    GError ** error);
void bif_sdp_read_bandwidth (BifSdpReader * reader, const char *value);
void bif_sdp_begin_media (BifSdpReader * reader, BifSdpMedia * media);
void bif_sdp_end_media (BifSdpReader * reader);

/* ---- our side ---- */

/* A line and what its owner does not see. */
typedef struct
{
  BifSdpLine line;              /* must be first */
  char *formats;                /* of an application m-line, as offered */
  BifSdpCodec *event;           /* (nullable): telephone-event accepted */
  gboolean open;                /* the peer's last offer had a port for it */
  gboolean ours;                /* wants below are set */
  BifDirection wanted;          /* of our offers, whatever was answered */
  BifSdpCodec *wanted_codec;    /* (nullable) */
  GPtrArray *wanted_extmaps;    /* (nullable): of BifSdpExtmap */
} BifSdpOwnLine;

struct _BifDescription
{
  GPtrArray *lines;             /* of BifSdpOwnLine * */
  guint64 session_id;
  guint64 version;              /* of our last offer */
};

BifSdpOwnLine *bif_description_append (BifDescription * self,
    BifMediaKind kind);
void bif_sdp_own_line_clear (BifSdpOwnLine * own);
/* Forgets what we wanted to offer: the peer's offer rules. */
void bif_sdp_own_line_forget (BifSdpOwnLine * own);

G_END_DECLS
