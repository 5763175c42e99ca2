/* certificate.h: the DTLS certificate of a server. Any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* @pem: X509 and private key, for dtlsdec's property of that name: never log.
 * @fingerprint: "sha-256 AB:CD:..." of the X509 (RFC 8122). */
typedef struct
{
  char *pem;
  char *fingerprint;
} BifCertificate;

/* Self-signed: ECDSA P-256, or RSA-2048; valid from a year ago for two. */
BifCertificate *bif_certificate_new_self_signed (gboolean rsa,
    GError ** error);

/* The first certificate of @cert_path and the key of @key_path, which must
 * belong together. @error: BIF_ERROR_CERTIFICATE */
BifCertificate *bif_certificate_load (const char *cert_path,
    const char *key_path, const char *password, GError ** error);

void bif_certificate_free (BifCertificate * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifCertificate, bif_certificate_free)

/* "sha-256 AB:CD:..." of the first certificate in @pem with the hash that
 * @like ("sha-256 ...", "sha-1 ...") begins with; NULL where that is no hash of
 * RFC 8122, or a broken one. (transfer full) (nullable) */
char *bif_certificate_fingerprint (const char *pem, const char *like);

G_END_DECLS
