/* srtp.h: SRTP and SRTCP on OpenSSL, one direction of one DTLS association
 * (RFC 3711, RFC 7714). Not thread-safe: the owner's lock guards it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIF_SRTP_AES128_CM_SHA1_80,
  BIF_SRTP_AES128_CM_SHA1_32,
  BIF_SRTP_AEAD_AES_128_GCM,
  BIF_SRTP_AEAD_AES_256_GCM,
} BifSrtpProfile;

/* Most bytes that protecting adds: RTP, RTCP (tag and index). */
#define BIF_SRTP_MAX_OVERHEAD 16
#define BIF_SRTCP_MAX_OVERHEAD 20

/* What unprotecting answers below zero. */
#define BIF_SRTP_BAD_TAG (-1)   /* forged, damaged or too short */
#define BIF_SRTP_REPLAYED (-2)  /* seen before, or older than the window */

typedef struct _BifSrtp BifSrtp;

/**
 * BifSrtpStream: what receiving needs to know of one SSRC. Zero it to start.
 * @roc: roll-over counter; @highest: highest sequence number accepted;
 * @window: bit n set for the packet index highest-n seen, 128 of them.
 */
typedef struct
{
  guint32 roc;
  guint16 highest;
  gboolean started;
  guint64 window[2];
} BifSrtpStream;

/* Bytes of master key and master salt of @profile: 30, 30, 28, 44. */
gsize bif_srtp_key_size (BifSrtpProfile profile);
const char *bif_srtp_profile_name (BifSrtpProfile profile);     /* RFC 5764 name */

/**
 * bif_srtp_new:
 * @key: master key, then master salt (RFC 5764, 4.2)
 * Returns: (transfer full) (nullable): NULL where @key_size is not the
 *   profile's.
 */
BifSrtp *bif_srtp_new (BifSrtpProfile profile, const guint8 * key,
    gsize key_size);
void bif_srtp_free (BifSrtp * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifSrtp, bif_srtp_free)

/**
 * bif_srtp_protect:
 * @packet: begins with a finished RTP header of @header_size bytes; has room
 *   for @header_size + @payload_size + BIF_SRTP_MAX_OVERHEAD
 * @payload: clear payload (with padding, if the header says so); copied once,
 *   by the cipher; may be @packet + @header_size
 * @roc: roll-over counter of the header's sequence number
 * Returns: bytes of the whole protected packet
 */
gsize bif_srtp_protect (BifSrtp * self, guint8 * packet, gsize header_size,
    const guint8 * payload, gsize payload_size, guint32 roc);

/**
 * bif_srtp_unprotect:
 * @header_size: header with CSRCs and extension, as bif_rtp_parse() found it
 * @payload: (out): room for @size - @header_size; may be @packet + @header_size
 * Returns: bytes of clear payload, or BIF_SRTP_BAD_TAG, BIF_SRTP_REPLAYED. The
 *   stream changes only when the packet is authentic.
 */
gssize bif_srtp_unprotect (BifSrtp * self, BifSrtpStream * stream,
    const guint8 * packet, gsize size, gsize header_size, guint8 * payload);

/* Protects a compound in place; @packet has room for BIF_SRTCP_MAX_OVERHEAD
 * more. Returns the new size. */
gsize bif_srtcp_protect (BifSrtp * self, guint8 * packet, gsize size);

/* Unprotects in place; returns the compound's size or a code below zero. */
gssize bif_srtcp_unprotect (BifSrtp * self, guint8 * packet, gsize size);

G_END_DECLS
