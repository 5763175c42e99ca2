/* certificate.c: X509 by OpenSSL. Any thread. */
#include "media/certificate.h"
#include "base/error.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#define YEAR (365 * 24 * 3600)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)

static gboolean
fail (GError ** error, const char *what)
{
  char text[256] = "";

  ERR_error_string_n (ERR_get_error (), text, sizeof text);
  ERR_clear_error ();
  g_set_error (error, BIF_ERROR, BIF_ERROR_CERTIFICATE, "%s: %s", what, text);
  return FALSE;
}

static char *
digest (const guint8 * der, gsize length, const char *hash)
{
  const EVP_MD *md = EVP_get_digestbyname (hash);
  guint8 bytes[EVP_MAX_MD_SIZE];
  guint size = 0;
  GString *out;

  if (md == NULL || !EVP_Digest (der, length, bytes, &size, md, NULL))
    return NULL;
  out = g_string_new (hash);
  for (guint i = 0; i < size; i++)
    g_string_append_printf (out, "%c%02X", i == 0 ? ' ' : ':', bytes[i]);
  return g_string_free (out, FALSE);
}

/* RFC 8122, section 5: MD5 and MD2 must not be taken, and what else OpenSSL
 * may know says nothing. */
static gboolean
hash_is_allowed (const char *hash)
{
  static const char *const allowed[] =
      { "sha-1", "sha-224", "sha-256", "sha-384", "sha-512" };

  for (guint i = 0; i < G_N_ELEMENTS (allowed); i++) {
    if (g_ascii_strcasecmp (hash, allowed[i]) == 0)
      return TRUE;
  }
  return FALSE;
}

/* One ASN.1 sequence, and nothing behind it. */
static gboolean
is_sequence (const guint8 * der, long length)
{
  const guint8 *at = der;
  long size;
  int tag, class;

  return ASN1_get_object (&at, &size, &tag, &class, length)
      == V_ASN1_CONSTRUCTED && tag == V_ASN1_SEQUENCE
      && at + size == der + length;
}

/* The bytes are not read as an X509: the DTLS handshake has done that, and it
 * took OpenSSL 3.0 fifteen times as many instructions as the hash. */
char *
bif_certificate_fingerprint (const char *pem, const char *like)
{
  g_autoptr (BIO) bio = BIO_new_mem_buf (pem, -1);
  g_autofree char *hash = g_strndup (like, strcspn (like, " "));
  char *name = NULL, *header = NULL, *out = NULL;
  guint8 *der = NULL;
  long length = 0;

  if (hash_is_allowed (hash)
      && PEM_read_bio (bio, &name, &header, &der, &length)
      && strcmp (name, PEM_STRING_X509) == 0 && is_sequence (der, length))
    out = digest (der, length, hash);
  ERR_clear_error ();
  OPENSSL_free (name);
  OPENSSL_free (header);
  OPENSSL_free (der);
  return out;
}

static BifCertificate *
make (X509 * x509, EVP_PKEY * key, GError ** error)
{
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  BifCertificate *self;
  char *text;
  long size;

  if (!PEM_write_bio_X509 (bio, x509)
      || !PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL)) {
    fail (error, "cannot write the certificate");
    return NULL;
  }
  size = BIO_get_mem_data (bio, &text);
  self = g_new0 (BifCertificate, 1);
  self->pem = g_strndup (text, size);
  self->fingerprint = bif_certificate_fingerprint (self->pem, "sha-256");
  return self;
}

BifCertificate *
bif_certificate_new_self_signed (gboolean rsa, GError ** error)
{
  g_autoptr (EVP_PKEY) key =
      rsa ? EVP_RSA_gen (2048) : EVP_EC_gen ("P-256");
  g_autoptr (X509) x509 = X509_new ();
  X509_NAME *name = X509_get_subject_name (x509);

  ASN1_INTEGER_set_int64 (X509_get_serialNumber (x509),
      g_random_int () & G_MAXINT32);
  X509_set_version (x509, X509_VERSION_3);
  X509_gmtime_adj (X509_getm_notBefore (x509), -YEAR);
  X509_gmtime_adj (X509_getm_notAfter (x509), YEAR);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC,
      (const guint8 *) "Bifrons", -1, -1, 0);
  X509_set_issuer_name (x509, name);
  if (key == NULL || !X509_set_pubkey (x509, key)
      || !X509_sign (x509, key, EVP_sha256 ())) {
    fail (error, "cannot make a certificate");
    return NULL;
  }
  return make (x509, key, error);
}

static int
give_password (char *out, int size, int writing, void *password)
{
  gsize length = password != NULL ? strlen (password) : 0;

  if (length > (gsize) size)
    return -1;
  memcpy (out, password != NULL ? password : "", length);
  return length;
}

BifCertificate *
bif_certificate_load (const char *cert_path, const char *key_path,
    const char *password, GError ** error)
{
  g_autoptr (BIO) cert = BIO_new_file (cert_path, "r");
  g_autoptr (BIO) key_file = NULL;
  g_autoptr (X509) x509 = NULL;
  g_autoptr (EVP_PKEY) key = NULL;

  if (cert != NULL)
    x509 = PEM_read_bio_X509 (cert, NULL, NULL, NULL);
  if (x509 == NULL) {
    fail (error, cert_path);
    return NULL;
  }
  if (key_path == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_CERTIFICATE,
        "%s: there is no key to it", cert_path);
    return NULL;
  }
  key_file = BIO_new_file (key_path, "r");
  if (key_file != NULL)
    key = PEM_read_bio_PrivateKey (key_file, NULL, give_password,
        (void *) password);
  if (key == NULL || !X509_check_private_key (x509, key)) {
    fail (error, key_path);
    return NULL;
  }
  return make (x509, key, error);
}

void
bif_certificate_free (BifCertificate * self)
{
  if (self->pem != NULL)
    memset (self->pem, 0, strlen (self->pem));
  g_free (self->pem);
  g_free (self->fingerprint);
  g_free (self);
}
