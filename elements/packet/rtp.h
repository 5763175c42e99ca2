/* rtp.h: RTP headers and header extensions (RFC 3550, RFC 8285). Plain values
 * over the caller's bytes; nothing is allocated. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The header extensions the core knows (core-api.md, 6.4). */
typedef enum
{
  BIF_EXT_NONE,                 /* an id that was not negotiated */
  BIF_EXT_MID,
  BIF_EXT_RID,
  BIF_EXT_REPAIRED_RID,
  BIF_EXT_AUDIO_LEVEL,
  BIF_EXT_TOFFSET,
  BIF_EXT_ABS_SEND_TIME,
  BIF_EXT_ABS_CAPTURE_TIME,
  BIF_EXT_VIDEO_ORIENTATION,
  BIF_EXT_TRANSPORT_CC,
  BIF_EXT_PLAYOUT_DELAY,
  BIF_EXT_DEPENDENCY_DESCRIPTOR,
  BIF_EXT_VIDEO_LAYERS_ALLOCATION,
  BIF_EXT_COUNT
} BifExt;

const char *bif_ext_uri (BifExt ext);   /* NULL for NONE */
BifExt bif_ext_from_uri (const char *uri);      /* NONE where unknown */

/* Ids negotiated for one PeerConnection or m-line, both ways round; 0 and NONE
 * where not. Ids are 1..14 in the one-byte form, 1..255 in the two-byte. */
typedef struct
{
  guint8 id[BIF_EXT_COUNT];
  guint8 ext[256];
} BifExtMap;

void bif_ext_map_set (BifExtMap * map, BifExt ext, guint8 id);

typedef struct
{
  const guint8 *data;
  guint8 size;
} BifExtValue;

/**
 * BifRtpHeader: a parsed header. Extension values point into the packet.
 * @header_size: fixed header, CSRCs and extension block
 * @padding: the P bit; the padding's size can be known only after decryption
 */
typedef struct
{
  gboolean padding;
  gboolean marker;
  guint8 payload_type;
  guint16 sequence;
  guint32 timestamp;
  guint32 ssrc;
  gsize header_size;
  BifExtValue ext[BIF_EXT_COUNT];
} BifRtpHeader;

/* RFC 5761: RTCP where the second byte is 192..223. */
gboolean bif_rtp_is_rtcp (const guint8 * data, gsize size);

/* Reads a header; @map may be NULL. FALSE where it is not RTP version 2 or any
 * length points outside. A broken extension element ends the extensions, it
 * does not fail the packet. */
gboolean bif_rtp_parse (BifRtpHeader * header, const guint8 * data,
    gsize size, const BifExtMap * map);

/* Bytes of padding at the end of a clear @payload; -1 where it lies. */
gssize bif_rtp_padding (const guint8 * payload, gsize size);

#define BIF_RTP_MAX_HEADER 256

/* Writes a header with no CSRC and the extensions whose value has data and
 * whose id is in @map; one-byte form unless a value or id needs the two-byte
 * one. @out has BIF_RTP_MAX_HEADER bytes; an extension that would not fit is
 * left out. Returns the size, a multiple of four. */
gsize bif_rtp_write (guint8 * out, const BifRtpHeader * header,
    const BifExtMap * map);

/* Extended sequence numbers: @highest is the highest seen (64 bits, grows),
 * the result is the number nearest to it that ends in @sequence. */
guint64 bif_rtp_extend (guint64 highest, guint16 sequence);

G_END_DECLS
