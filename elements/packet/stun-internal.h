/* stun-internal.h: what the STUN reader and writer share. */
#pragma once

#include "packet/stun.h"

G_BEGIN_DECLS

#define BIF_STUN_HEADER 20
#define BIF_STUN_COOKIE 0x2112a442u
#define BIF_STUN_FINGERPRINT_XOR 0x5354554eu    /* "STUN" */

enum
{
  BIF_STUN_ATTR_MAPPED_ADDRESS = 0x0001,
  BIF_STUN_ATTR_USERNAME = 0x0006,
  BIF_STUN_ATTR_MESSAGE_INTEGRITY = 0x0008,
  BIF_STUN_ATTR_ERROR_CODE = 0x0009,
  BIF_STUN_ATTR_UNKNOWN_ATTRIBUTES = 0x000a,
  BIF_STUN_ATTR_REALM = 0x0014,
  BIF_STUN_ATTR_NONCE = 0x0015,
  BIF_STUN_ATTR_XOR_MAPPED_ADDRESS = 0x0020,
  BIF_STUN_ATTR_PRIORITY = 0x0024,
  BIF_STUN_ATTR_USE_CANDIDATE = 0x0025,
  BIF_STUN_ATTR_FINGERPRINT = 0x8028,
  BIF_STUN_ATTR_ICE_CONTROLLED = 0x8029,
  BIF_STUN_ATTR_ICE_CONTROLLING = 0x802a,
};

/* CRC-32 as in ITU-T V.42 (RFC 8489, 14.7). */
guint32 bif_stun_crc32 (const guint8 * data, gsize size);

/* HMAC-SHA1 of the bytes before @integrity, with the header's length as if the
 * message ended behind MESSAGE-INTEGRITY. @tag has 20 bytes. */
void bif_stun_sign (const guint8 * data, gsize integrity,
    const char *password, guint8 * tag);

G_END_DECLS
