/* srtp-keys.h: what the SRTP profiles differ in, and session keys from master
 * keys (RFC 3711, 4.3). For srtp.c and its tests, whose vectors begin at the
 * session keys. */
#pragma once

#include <openssl/evp.h>
#include "packet/srtp.h"

G_BEGIN_DECLS

#define BIF_SRTP_MAX_KEY 32
#define BIF_SRTP_MAX_SALT 14
#define BIF_SRTP_AUTH_KEY 20

typedef struct
{
  const char *name;
  gsize key;                    /* bytes of cipher key */
  gsize salt;
  gsize tag;                    /* bytes on SRTP */
  gsize rtcp_tag;               /* bytes on SRTCP */
  gboolean aead;
  const EVP_CIPHER *(*cipher) (void);
  const EVP_CIPHER *(*prf) (void);
} BifSrtpSuite;

/* First of three labels in a row: key, authentication, salt. */
typedef enum
{
  BIF_SRTP_LABEL_RTP = 0,
  BIF_SRTP_LABEL_RTCP = 3,
} BifSrtpLabel;

typedef struct
{
  guint8 key[BIF_SRTP_MAX_KEY];
  guint8 auth[BIF_SRTP_AUTH_KEY];
  guint8 salt[BIF_SRTP_MAX_SALT];
} BifSrtpKeys;

/* NULL where @profile is none. */
const BifSrtpSuite *bif_srtp_suite (BifSrtpProfile profile);

/* @size bytes of the key stream that @label stands for; @master is the key and
 * the salt. FALSE where OpenSSL refuses. */
gboolean bif_srtp_prf (const BifSrtpSuite * suite, const guint8 * master,
    guint8 label, guint8 * out, gsize size);
gboolean bif_srtp_keys_derive (BifSrtpKeys * keys, const BifSrtpSuite * suite,
    const guint8 * master, BifSrtpLabel label);

/* In srtp.c: a context from session keys, and with another first SRTCP index
 * than 0. */
BifSrtp *bif_srtp_new_from_keys (BifSrtpProfile profile,
    const BifSrtpKeys * rtp, const BifSrtpKeys * rtcp);
void bif_srtcp_set_index (BifSrtp * self, guint32 index);

G_END_DECLS
