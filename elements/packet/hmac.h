/* hmac.h: HMAC-SHA1 (RFC 2104) with the key's two SHA-1 states kept, which
 * saves two of the four blocks that a short message costs, and every
 * allocation. For the .c files of this folder. */
#pragma once

#include <glib.h>
#include <openssl/sha.h>

G_BEGIN_DECLS

#define BIF_HMAC_SIZE 20

typedef struct
{
  SHA_CTX inner;
  SHA_CTX outer;
} BifHmac;

/* Keys of any length; the longer ones are hashed first. */
void bif_hmac_init (BifHmac * self, const guint8 * key, gsize size);
void bif_hmac_clear (BifHmac * self);

/* One message: begin, any number of updates, end. */
void bif_hmac_begin (const BifHmac * self, SHA_CTX * run);
void bif_hmac_update (SHA_CTX * run, const guint8 * data, gsize size);
void bif_hmac_end (const BifHmac * self, SHA_CTX * run, guint8 * tag);

G_END_DECLS
