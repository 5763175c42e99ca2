/* tls-certificate.c: loads or makes the transports' certificate. GLib cannot
 * open keys with a password and makes no certificates, so OpenSSL does. Main
 * thread, at start. */
#include "transports/tls-certificate.h"
#include "base/error.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_NAME "tls-certificate.pem"
#define VALID_S (365 * 24 * 60 * 60)
#define RENEW_S (30 * 24 * 60 * 60)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)

static gpointer
fail (GError ** error, const char *what, const char *why)
{
  g_set_error (error, BIF_ERROR, BIF_ERROR_CERTIFICATE, "%s: %s", what, why);
  ERR_clear_error ();
  return NULL;
}

static GTlsCertificate *
from_pem (const char *text, gsize size, const char *name, GError ** error)
{
  g_autoptr (GError) failure = NULL;
  GTlsCertificate *certificate =
      g_tls_certificate_new_from_pem (text, size, &failure);

  return certificate != NULL ? certificate
      : fail (error, name, failure->message);
}

/* The private key as plain PEM text, or NULL. */
static char *
read_key (const char *text, const char *password)
{
  g_autoptr (BIO) in = BIO_new_mem_buf (text, -1);
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  /* An empty password rather than a question on the terminal. */
  g_autoptr (EVP_PKEY) key = PEM_read_bio_PrivateKey (in, NULL, NULL,
      (void *) (password != NULL ? password : ""));
  char *data;
  long size;

  if (key == NULL
      || !PEM_write_bio_PrivateKey (out, key, NULL, NULL, 0, NULL, NULL))
    return NULL;
  size = BIO_get_mem_data (out, &data);
  return g_strndup (data, size);
}

static void
free_secret (char *text)
{
  if (text != NULL)
    OPENSSL_cleanse (text, strlen (text));
  g_free (text);
}

GTlsCertificate *
bif_tls_certificate_load (const char *certificate, const char *key,
    const char *password, GError ** error)
{
  g_autofree char *chain = NULL, *key_text = NULL;
  g_autoptr (GError) failure = NULL;
  GTlsCertificate *result;
  char *plain, *pem;

  if (key == NULL)
    key = certificate;
  if (!g_file_get_contents (certificate, &chain, NULL, &failure)
      || !g_file_get_contents (key, &key_text, NULL, &failure))
    return fail (error, "cannot read a certificate", failure->message);
  plain = read_key (key_text, password);
  OPENSSL_cleanse (key_text, strlen (key_text));
  if (plain == NULL)
    return fail (error, key, "no private key, or another password");
  pem = g_strconcat (plain, "\n", chain, NULL);
  result = from_pem (pem, strlen (pem), certificate, error);
  free_secret (plain);
  free_secret (pem);
  return result;
}

/* ---- of our own ---- */

static gboolean
add_extension (X509 * certificate, int nid, const char *value)
{
  X509_EXTENSION *extension = X509V3_EXT_conf_nid (NULL, NULL, nid, value);
  gboolean ok = extension != NULL
      && X509_add_ext (certificate, extension, -1);

  X509_EXTENSION_free (extension);
  return ok;
}

static gboolean
set_serial (X509 * certificate)
{
  guint64 serial;

  if (RAND_bytes ((guchar *) & serial, sizeof serial) != 1)
    return FALSE;
  return ASN1_INTEGER_set_uint64 (X509_get_serialNumber (certificate),
      (serial >> 1) | 1);
}

static X509 *
make_certificate (EVP_PKEY * key)
{
  g_autoptr (X509) certificate = X509_new ();
  X509_NAME *name = X509_get_subject_name (certificate);
  g_autofree char *names = g_strdup_printf
      ("DNS:localhost,DNS:%s,IP:127.0.0.1,IP:::1", g_get_host_name ());

  X509_set_version (certificate, 2);
  if (!set_serial (certificate)
      || !X509_gmtime_adj (X509_getm_notBefore (certificate), -24 * 60 * 60)
      || !X509_gmtime_adj (X509_getm_notAfter (certificate), VALID_S)
      || !X509_set_pubkey (certificate, key)
      || !X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_UTF8,
          (const guchar *) "Bifrons", -1, -1, 0)
      || !X509_set_issuer_name (certificate, name)
      || !add_extension (certificate, NID_basic_constraints,
          "critical,CA:FALSE")
      || !add_extension (certificate, NID_ext_key_usage, "serverAuth"))
    return NULL;
  /* A host name may have what no certificate takes. */
  if (!add_extension (certificate, NID_subject_alt_name, names)
      && !add_extension (certificate, NID_subject_alt_name,
          "DNS:localhost,IP:127.0.0.1,IP:::1"))
    return NULL;
  return X509_sign (certificate, key, EVP_sha256 ()) != 0
      ? g_steal_pointer (&certificate) : NULL;
}

/* Key and certificate as PEM text. */
static char *
make_pem (GError ** error)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (X509) certificate = key != NULL ? make_certificate (key) : NULL;
  g_autoptr (BIO) out = BIO_new (BIO_s_mem ());
  char *data;
  long size;

  if (certificate == NULL
      || !PEM_write_bio_PrivateKey (out, key, NULL, NULL, 0, NULL, NULL)
      || !PEM_write_bio_X509 (out, certificate))
    return fail (error, "cannot make a certificate",
        ERR_reason_error_string (ERR_peek_last_error ()));
  size = BIO_get_mem_data (out, &data);
  return g_strndup (data, size);
}

static gboolean
is_good_for_long (const char *pem)
{
  g_autoptr (BIO) in = BIO_new_mem_buf (pem, -1);
  g_autoptr (X509) certificate = PEM_read_bio_X509 (in, NULL, NULL, NULL);
  time_t soon = time (NULL) + RENEW_S;

  ERR_clear_error ();
  return certificate != NULL
      && X509_cmp_time (X509_get0_notAfter (certificate), &soon) > 0;
}

static gboolean
save (const char *folder, const char *path, const char *pem, GError ** error)
{
  g_autoptr (GError) failure = NULL;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    return fail (error, folder, g_strerror (errno)) != NULL;
  if (!g_file_set_contents_full (path, pem, -1,
          G_FILE_SET_CONTENTS_CONSISTENT, 0600, &failure))
    return fail (error, path, failure->message) != NULL;
  /* An old file keeps its mode. */
  if (g_chmod (path, 0600) != 0)
    return fail (error, path, g_strerror (errno)) != NULL;
  return TRUE;
}

GTlsCertificate *
bif_tls_certificate_own (const char *folder, GError ** error)
{
  g_autofree char *place = folder != NULL ? g_strdup (folder)
      : g_build_filename (g_get_user_data_dir (), "bifrons", NULL);
  g_autofree char *path = g_build_filename (place, FILE_NAME, NULL);
  GTlsCertificate *certificate = NULL;
  char *pem = NULL;

  if (g_file_get_contents (path, &pem, NULL, NULL) && is_good_for_long (pem))
    certificate = from_pem (pem, strlen (pem), path, NULL);
  if (certificate == NULL) {
    free_secret (pem);
    pem = make_pem (error);
    if (pem != NULL && save (place, path, pem, error))
      certificate = from_pem (pem, strlen (pem), path, error);
  }
  free_secret (pem);
  return certificate;
}

GTlsCertificate *
bif_tls_certificate_get (const BifTlsSettings * settings, GError ** error)
{
  if (settings->cert_pem != NULL)
    return bif_tls_certificate_load (settings->cert_pem, settings->cert_key,
        settings->cert_pwd, error);
  return bif_tls_certificate_own (settings->own_folder, error);
}
