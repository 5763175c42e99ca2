/* certificate: self-signed ones, files, and fingerprints. */
#include "media/certificate.h"
#include "base/error.h"

#include <string.h>
#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

/* Made with openssl req; expires in a hundred years. The key, and the same
 * under the password "secret". */
static const char cert_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBdjCCARugAwIBAgIUVRguR7MrNo7UpiU+eqfzCynbhDAwCgYIKoZIzj0EAwIw\n"
    "DzENMAsGA1UEAwwEdGVzdDAgFw0yNjExMjEwMjMxMDVaGA8yMTI2MTAyODAyMzEw\n"
    "NVowDzENMAsGA1UEAwwEdGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABO6c\n"
    "bZUjhoWHUtFsW3G50f+/XfI2AZOdut9XRXetlrnVX+OpxbfRVzgUESDmXpuNsArH\n"
    "vl6xhM6ZESlEMc1wkTijUzBRMB0GA1UdDgQWBBRw9l6NwOF0A59GXbgLef4CK1aE\n"
    "FTAfBgNVHSMEGDAWgBRw9l6NwOF0A59GXbgLef4CK1aEFTAPBgNVHRMBAf8EBTAD\n"
    "AQH/MAoGCCqGSM49BAMCA0kAMEYCIQCePloWhnsh1cyBeyRG08GYQYwHEztUanWr\n"
    "nyk8L4bf5gIhAPRyAdxeknE/jmpPY6/A4JHkd6GK2evsGEm+5O/PvrsL\n"
    "-----END CERTIFICATE-----\n";
static const char key_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg6UIuOOZpT7N7sMQt\n"
    "Tlp1Oh03koa9tHOITkGc7wZTRIuhRANCAATunG2VI4aFh1LRbFtxudH/v13yNgGT\n"
    "nbrfV0V3rZa51V/jqcW30Vc4FBEg5l6bjbAKx75esYTOmREpRDHNcJE4\n"
    "-----END PRIVATE KEY-----\n";
static const char encrypted_pem[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAggGofAcoQmtgICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEFPP3QkKXc3l9A0L6OJ+dVcEgZDy\n"
    "TmeiE18QJp3j65Z2RG253TUZuSzNCkYw+v40by9q4bdE7pcqJEMddxJ0+kjpYyWz\n"
    "Mc+M6zJl5y4jv0VggmLgGy50IVphCLOFUUHMk/06oNiGNfG3jlnap097pk6V1GYD\n"
    "mOBYDCMGlWPyVkQL/lINexKyaj66V/pV5BPBUpZVX5hkxy7bxj4qByYFeC377AE=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

/* As openssl x509 -fingerprint prints them. */
static const struct
{
  const char *like, *fingerprint;
} fingerprints[] = {
  {"sha-256", "sha-256 "
        "35:1B:AE:A0:0D:E5:48:05:17:BC:E1:D6:BF:76:B8:8F:"
        "84:DD:64:C6:19:CA:DF:8D:E4:34:33:26:0E:08:3B:7E"},
  {"sha-1 11:22", "sha-1 "
        "DC:45:A7:ED:2B:A1:1E:C3:D7:8F:CC:D2:8C:34:95:88:"
        "61:9B:39:AF"},
  {"sha-512 ", "sha-512 "
        "15:FC:BF:16:CA:41:88:D4:33:F2:54:46:65:51:FA:58:"
        "D0:D9:5D:A4:F6:29:C2:DE:D4:3D:4B:14:8A:45:0C:D9:"
        "C1:96:81:C5:31:D5:39:16:ED:D4:80:4B:4B:43:92:E4:"
        "3F:27:BA:5E:CA:80:2A:D5:A4:14:FD:1D:76:87:1C:E8"},
  {"md5 11:22", NULL},
  {"shake128 11", NULL},
  {"bogus", NULL},
  {"", NULL},
  {" sha-256", NULL},
  {"sha-256:11", NULL},
};

/* First of all tests: nothing has made OpenSSL load its digests yet. */
static void
test_fingerprint (void)
{
  g_autofree char *upper = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (fingerprints); i++) {
    g_autofree char *seen = bif_certificate_fingerprint (cert_pem,
        fingerprints[i].like);

    g_assert_cmpstr (seen, ==, fingerprints[i].fingerprint);
  }
  upper = bif_certificate_fingerprint (cert_pem, "SHA-256 x");
  g_assert_true (g_ascii_strcasecmp (upper, fingerprints[0].fingerprint)
      == 0);
}

static void
test_no_certificate (void)
{
  static const char *const texts[] = { "", "-----BEGIN CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    key_pem, "\xff\xfe",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    g_assert_null (bif_certificate_fingerprint (texts[i], "sha-256"));
}

/* Cut anywhere, it is no certificate. */
static void
test_truncated (void)
{
  for (gsize n = 0; n < strlen (cert_pem) - 2; n += 7) {
    g_autofree char *cut = g_strndup (cert_pem, n);

    g_assert_null (bif_certificate_fingerprint (cut, "sha-256"));
  }
}

static void
check_key (const char *pem, gboolean rsa)
{
  BIO *bio = BIO_new_mem_buf (pem, -1);
  X509 *x509 = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  EVP_PKEY *key = PEM_read_bio_PrivateKey (bio, NULL, NULL, NULL);

  g_assert_nonnull (x509);
  g_assert_nonnull (key);
  g_assert_cmpint (X509_check_private_key (x509, key), ==, 1);
  g_assert_cmpint (X509_verify (x509, key), ==, 1);
  g_assert_cmpint (EVP_PKEY_get_base_id (key), ==,
      rsa ? EVP_PKEY_RSA : EVP_PKEY_EC);
  g_assert_cmpint (EVP_PKEY_get_bits (key), ==, rsa ? 2048 : 256);
  EVP_PKEY_free (key);
  X509_free (x509);
  BIO_free (bio);
}

/* A year each way, so that clocks may differ. */
static void
check_dates (const char *pem)
{
  BIO *bio = BIO_new_mem_buf (pem, -1);
  X509 *x509 = PEM_read_bio_X509 (bio, NULL, NULL, NULL);
  int day, second;

  g_assert_true (ASN1_TIME_diff (&day, &second, X509_get0_notBefore (x509),
          NULL));
  g_assert_cmpint (day, >=, 364);
  g_assert_true (ASN1_TIME_diff (&day, &second, NULL,
          X509_get0_notAfter (x509)));
  g_assert_cmpint (day, >=, 364);
  X509_free (x509);
  BIO_free (bio);
}

static void
test_self_signed (gconstpointer data)
{
  gboolean rsa = GPOINTER_TO_INT (data);
  g_autoptr (GError) error = NULL;
  g_autoptr (BifCertificate) first =
      bif_certificate_new_self_signed (rsa, &error);
  g_autoptr (BifCertificate) second =
      bif_certificate_new_self_signed (rsa, &error);
  g_autofree char *fingerprint = NULL;

  g_assert_no_error (error);
  check_key (first->pem, rsa);
  check_dates (first->pem);
  fingerprint = bif_certificate_fingerprint (first->pem, "sha-256");
  g_assert_cmpstr (fingerprint, ==, first->fingerprint);
  g_assert_cmpstr (first->fingerprint, !=, second->fingerprint);
}

/* ---- files ---- */

typedef struct
{
  char *folder;
  char *cert, *key, *encrypted, *other, *none, *empty;
} Files;

static char *
write_file (const Files * files, const char *name, const char *text)
{
  char *path = g_build_filename (files->folder, name, NULL);

  if (text != NULL)
    g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
set_up (Files * files, gconstpointer data)
{
  g_autoptr (BifCertificate) other =
      bif_certificate_new_self_signed (FALSE, NULL);

  files->folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  files->cert = write_file (files, "cert", cert_pem);
  files->key = write_file (files, "key", key_pem);
  files->encrypted = write_file (files, "encrypted", encrypted_pem);
  files->other = write_file (files, "other", other->pem);
  files->none = write_file (files, "none", NULL);
  files->empty = write_file (files, "empty", "");
}

static void
tear_down (Files * files, gconstpointer data)
{
  char *paths[] = { files->cert, files->key, files->encrypted, files->other,
    files->none, files->empty
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_remove (paths[i]);
    g_free (paths[i]);
  }
  g_rmdir (files->folder);
  g_free (files->folder);
}

static void
check_load (const char *cert, const char *key, const char *password,
    gboolean works)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BifCertificate) loaded =
      bif_certificate_load (cert, key, password, &error);

  if (works) {
    g_assert_no_error (error);
    g_assert_cmpstr (loaded->fingerprint, ==, fingerprints[0].fingerprint);
    check_key (loaded->pem, FALSE);
    return;
  }
  g_assert_error (error, BIF_ERROR, BIF_ERROR_CERTIFICATE);
  g_assert_null (loaded);
  if (password != NULL && password[0] != '\0')
    g_assert_null (strstr (error->message, password));
}

static void
test_load (Files * files, gconstpointer data)
{
  g_autofree char *both = g_strconcat (cert_pem, key_pem, NULL);
  g_autofree char *long_password = g_strnfill (100000, 'x');
  g_autofree char *chain = g_strconcat (cert_pem, cert_pem, NULL);

  check_load (files->cert, files->key, NULL, TRUE);
  check_load (files->cert, files->key, "not needed", TRUE);
  check_load (files->cert, files->encrypted, "secret", TRUE);
  check_load (files->cert, files->encrypted, "not-it", FALSE);
  check_load (files->cert, files->encrypted, "", FALSE);
  check_load (files->cert, files->encrypted, NULL, FALSE);
  check_load (files->cert, files->encrypted, long_password, FALSE);
  check_load (files->cert, files->other, NULL, FALSE);
  check_load (files->other, files->key, NULL, FALSE);
  check_load (files->cert, files->cert, NULL, FALSE);
  check_load (files->none, files->key, NULL, FALSE);
  check_load (files->cert, files->none, NULL, FALSE);
  check_load (files->empty, files->empty, NULL, FALSE);
  check_load (files->folder, files->folder, NULL, FALSE);
  check_load (files->cert, NULL, NULL, FALSE);
  g_assert_true (g_file_set_contents (files->empty, both, -1, NULL));
  check_load (files->empty, files->empty, NULL, TRUE);
  g_assert_true (g_file_set_contents (files->empty, chain, -1, NULL));
  check_load (files->empty, files->key, NULL, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/certificate/fingerprint", test_fingerprint);
  g_test_add_func ("/certificate/none", test_no_certificate);
  g_test_add_func ("/certificate/truncated", test_truncated);
  g_test_add_data_func ("/certificate/ecdsa", GINT_TO_POINTER (FALSE),
      test_self_signed);
  g_test_add_data_func ("/certificate/rsa", GINT_TO_POINTER (TRUE),
      test_self_signed);
  g_test_add ("/certificate/load", Files, NULL, set_up, test_load, tear_down);
  return g_test_run ();
}
