/* auth.c: comparing secrets, and the rules of signed tokens. */
#include "core/auth.h"

#include <string.h>

static void
test_equal (void)
{
  static const struct
  {
    const char *a, *b;
    gboolean equal;
  } cases[] = {
    { "x", "x", TRUE }, { "", "", TRUE }, { "x", "", FALSE },
    { "", "x", FALSE }, { "abc", "ab", FALSE }, { "ab", "abc", FALSE },
    { "abc", "abd", FALSE }, { "ab", "abab", FALSE }, { NULL, "", FALSE },
    { "", NULL, FALSE }, { NULL, NULL, FALSE },
    { "secret", "secretsecret", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (bif_auth_equal (cases[i].a, cases[i].b), ==,
        cases[i].equal);
}

static char *
sign (const char *key, const char *data)
{
  guint8 digest[20];
  gsize size = sizeof digest;
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1, (const guchar *) key,
      strlen (key));
  g_autofree char *text = NULL;

  g_hmac_update (hmac, (const guchar *) data, strlen (data));
  g_hmac_get_digest (hmac, digest, &size);
  g_hmac_unref (hmac);
  text = g_base64_encode (digest, size);
  return g_strdup_printf ("%s:%s", data, text);
}

static void
test_signed (void)
{
  static const struct
  {
    const char *key;
    const char *data;
    const char *descriptor;
    gboolean good;
  } cases[] = {
    { "key", "9999999999,janus", NULL, TRUE },
    { "key", "9999999999,janus,a,b", "b", TRUE },
    { "key", "9999999999,janus,a,b", "c", FALSE },
    { "key", "9999999999,janus", "janus", FALSE },
    { "key", "9999999999,Janus", NULL, FALSE },
    { "key", "9999999999", NULL, FALSE },
    { "key", "", NULL, FALSE },
    { "key", "1,janus", NULL, FALSE },
    { "key", "-1,janus", NULL, FALSE },
    { "key", "x,janus", NULL, FALSE },
    { "key", "99999999999999999999999,janus", NULL, FALSE },
    { "key", " 9999999999,janus", NULL, FALSE },
    { "other", "9999999999,janus", NULL, FALSE },
  };
  g_autoptr (BifAuth) auth = bif_auth_new (NULL, TRUE, "key");

  g_assert_true (bif_auth_signs_tokens (auth));
  g_assert_false (bif_auth_stores_tokens (auth));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *token = sign (cases[i].key, cases[i].data);

    g_assert_cmpint (bif_auth_check_signature (auth, token, "janus",
            cases[i].descriptor), ==, cases[i].good);
  }
  g_assert_false (bif_auth_check_signature (auth, NULL, "janus", NULL));
  g_assert_false (bif_auth_check_signature (auth, "", "janus", NULL));
  g_assert_false (bif_auth_check_signature (auth, ":", "janus", NULL));
  g_assert_false (bif_auth_check_signature (auth, "9999999999,janus",
          "janus", NULL));
  g_assert_false (bif_auth_check_signature (auth, "9999999999,janus:",
          "janus", NULL));
}

static void
test_rules (void)
{
  g_autoptr (BifAuth) open = bif_auth_new (NULL, FALSE, NULL);
  g_autoptr (BifAuth) unused = bif_auth_new (NULL, FALSE, "key");
  g_autoptr (BifAuth) both = bif_auth_new ("hush", TRUE, NULL);

  g_assert_true (bif_auth_check (open, NULL, NULL));
  g_assert_false (bif_auth_signs_tokens (unused));
  g_assert_true (bif_auth_check_plugin (open, "x", "p"));

  bif_auth_add_token (both, "t");
  bif_auth_allow (both, "t", "p");
  bif_auth_allow (both, "t", "p");
  bif_auth_allow (both, "none", "p");
  g_assert_cmpuint (bif_auth_token_plugins (both, "t")->len, ==, 1);
  g_assert_false (bif_auth_check (both, NULL, NULL));
  g_assert_true (bif_auth_check (both, "hush", NULL));
  g_assert_true (bif_auth_check (both, "hush", "wrong"));
  g_assert_true (bif_auth_check (both, "wrong", "t"));
  g_assert_false (bif_auth_check (both, "t", "hush"));
  g_assert_true (bif_auth_check_plugin (both, NULL, "p"));
  g_assert_true (bif_auth_check_plugin (both, "t", "p"));
  g_assert_false (bif_auth_check_plugin (both, "t", "q"));
  bif_auth_disallow (both, "t", "p");
  g_assert_false (bif_auth_check_plugin (both, "t", "p"));
  g_assert_true (bif_auth_remove_token (both, "t"));
  g_assert_false (bif_auth_remove_token (both, "t"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/auth/equal", test_equal);
  g_test_add_func ("/auth/signed", test_signed);
  g_test_add_func ("/auth/rules", test_rules);
  return g_test_run ();
}
