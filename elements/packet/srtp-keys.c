/* srtp-keys: SRTP profiles and key derivation. Runs once an association, on
 * the thread that has the DTLS keys. */
#include "packet/srtp-keys.h"

#include <string.h>

static const BifSrtpSuite suites[] = {
  [BIF_SRTP_AES128_CM_SHA1_80] = {"SRTP_AES128_CM_HMAC_SHA1_80", 16, 14, 10,
      10, FALSE, EVP_aes_128_ctr, EVP_aes_128_ctr},
  /* RFC 5764, 4.1.2: the short tag is SRTP's alone. */
  [BIF_SRTP_AES128_CM_SHA1_32] = {"SRTP_AES128_CM_HMAC_SHA1_32", 16, 14, 4,
      10, FALSE, EVP_aes_128_ctr, EVP_aes_128_ctr},
  [BIF_SRTP_AEAD_AES_128_GCM] = {"SRTP_AEAD_AES_128_GCM", 16, 12, 16, 16,
      TRUE, EVP_aes_128_gcm, EVP_aes_128_ctr},
  [BIF_SRTP_AEAD_AES_256_GCM] = {"SRTP_AEAD_AES_256_GCM", 32, 12, 16, 16,
      TRUE, EVP_aes_256_gcm, EVP_aes_256_ctr},
};

const BifSrtpSuite *
bif_srtp_suite (BifSrtpProfile profile)
{
  if ((guint) profile >= G_N_ELEMENTS (suites))
    return NULL;
  return &suites[profile];
}

/**
 * bif_srtp_key_size:
 * @profile: a profile
 *
 * Returns: bytes of master key and master salt, 0 where there is no such
 *   profile
 */
gsize
bif_srtp_key_size (BifSrtpProfile profile)
{
  const BifSrtpSuite *suite = bif_srtp_suite (profile);

  return suite != NULL ? suite->key + suite->salt : 0;
}

/**
 * bif_srtp_profile_name:
 * @profile: a profile
 *
 * Returns: (nullable): its name in RFC 5764 or RFC 7714
 */
const char *
bif_srtp_profile_name (BifSrtpProfile profile)
{
  const BifSrtpSuite *suite = bif_srtp_suite (profile);

  return suite != NULL ? suite->name : NULL;
}

gboolean
bif_srtp_prf (const BifSrtpSuite * suite, const guint8 * master,
    guint8 label, guint8 * out, gsize size)
{
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new ();
  guint8 iv[16] = { 0 };
  int written;
  gboolean ok;

  /* x * 2^16: the salt is 14 bytes long, GCM's of 12 ends in two zeroes
   * (RFC 7714, 11); the label stands above the 48 bits of r, which is 0. */
  memcpy (iv, master + suite->key, suite->salt);
  iv[7] ^= label;

  memset (out, 0, size);
  ok = ctx != NULL
      && EVP_EncryptInit_ex (ctx, suite->prf (), NULL, master, iv)
      && EVP_EncryptUpdate (ctx, out, &written, out, (int) size);
  EVP_CIPHER_CTX_free (ctx);

  return ok;
}

gboolean
bif_srtp_keys_derive (BifSrtpKeys * keys, const BifSrtpSuite * suite,
    const guint8 * master, BifSrtpLabel label)
{
  memset (keys, 0, sizeof *keys);
  return bif_srtp_prf (suite, master, label, keys->key, suite->key)
      && bif_srtp_prf (suite, master, label + 1, keys->auth,
      sizeof keys->auth)
      && bif_srtp_prf (suite, master, label + 2, keys->salt, suite->salt);
}
