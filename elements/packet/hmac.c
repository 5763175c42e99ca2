/* hmac: HMAC-SHA1 for SRTP and STUN. Plain values; any thread.
 *
 * OpenSSL 3 deprecates the SHA1_* functions in favour of EVP, whose context
 * copies cost more than hashing an audio packet does. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "packet/hmac.h"

#include <string.h>
#include <openssl/crypto.h>

static void
start_with (SHA_CTX * state, const guint8 * key, guint8 mask)
{
  guint8 block[SHA_CBLOCK];
  guint i;

  for (i = 0; i < sizeof block; i++)
    block[i] = key[i] ^ mask;
  SHA1_Init (state);
  SHA1_Update (state, block, sizeof block);
  OPENSSL_cleanse (block, sizeof block);
}

void
bif_hmac_init (BifHmac * self, const guint8 * key, gsize size)
{
  guint8 block[SHA_CBLOCK] = { 0 };

  if (size > sizeof block)
    SHA1 (key, size, block);
  else if (size > 0)
    memcpy (block, key, size);

  start_with (&self->inner, block, 0x36);
  start_with (&self->outer, block, 0x5c);
  OPENSSL_cleanse (block, sizeof block);
}

void
bif_hmac_clear (BifHmac * self)
{
  OPENSSL_cleanse (self, sizeof *self);
}

void
bif_hmac_begin (const BifHmac * self, SHA_CTX * run)
{
  *run = self->inner;
}

void
bif_hmac_update (SHA_CTX * run, const guint8 * data, gsize size)
{
  SHA1_Update (run, data, size);
}

void
bif_hmac_end (const BifHmac * self, SHA_CTX * run, guint8 * tag)
{
  SHA1_Final (tag, run);
  *run = self->outer;
  SHA1_Update (run, tag, BIF_HMAC_SIZE);
  SHA1_Final (tag, run);
}
