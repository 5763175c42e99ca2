/* auth.c: secrets and tokens. Nothing here is ever logged. Main thread. */
#include "core/auth.h"

#include <string.h>

struct _BifAuth
{
  char *api_secret;             /* NULL: none */
  gboolean tokens;
  char *token_secret;           /* NULL: tokens are stored */
  GHashTable *stored;           /* token -> GPtrArray of package names */
};

BifAuth *
bif_auth_new (const char *api_secret, gboolean tokens,
    const char *token_secret)
{
  BifAuth *self = g_new0 (BifAuth, 1);

  self->api_secret = g_strdup (api_secret);
  self->tokens = tokens;
  self->token_secret = tokens ? g_strdup (token_secret) : NULL;
  self->stored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) g_ptr_array_unref);
  return self;
}

void
bif_auth_free (BifAuth * self)
{
  g_free (self->api_secret);
  g_free (self->token_secret);
  g_hash_table_unref (self->stored);
  g_free (self);
}

gboolean
bif_auth_equal (const char *expected, const char *given)
{
  gsize expected_size, given_size;
  volatile guchar difference;

  if (expected == NULL || given == NULL)
    return FALSE;
  expected_size = strlen (expected);
  given_size = strlen (given);
  difference = expected_size != given_size;
  /* As many steps as the caller chose; the expected text's length stays out
   * of it, and its NUL is in range. */
  for (gsize i = 0; i < given_size; i++)
    difference |= (guchar) given[i]
        ^ (guchar) expected[i % (expected_size + 1)];
  return difference == 0;
}

gboolean
bif_auth_has_secret (BifAuth * self)
{
  return self->api_secret != NULL;
}

gboolean
bif_auth_has_tokens (BifAuth * self)
{
  return self->tokens;
}

gboolean
bif_auth_signs_tokens (BifAuth * self)
{
  return self->token_secret != NULL;
}

gboolean
bif_auth_stores_tokens (BifAuth * self)
{
  return self->tokens && self->token_secret == NULL;
}

/* ---- signed tokens: "<expiry>,<realm>[,<descriptor>...]:<base64>" ---- */

static gboolean
signature_matches (BifAuth * self, const char *data, const char *signature)
{
  guint8 digest[20];
  gsize size = sizeof digest;
  g_autofree char *expected = NULL;
  GHmac *hmac = g_hmac_new (G_CHECKSUM_SHA1,
      (const guchar *) self->token_secret, strlen (self->token_secret));

  g_hmac_update (hmac, (const guchar *) data, strlen (data));
  g_hmac_get_digest (hmac, digest, &size);
  g_hmac_unref (hmac);
  expected = g_base64_encode (digest, size);
  return bif_auth_equal (expected, signature);
}

static gboolean
is_current (const char *expiry)
{
  guint64 until;

  return g_ascii_string_to_unsigned (expiry, 10, 0, G_MAXINT64, &until, NULL)
      && (gint64) until >= g_get_real_time () / G_USEC_PER_SEC;
}

gboolean
bif_auth_check_signature (BifAuth * self, const char *token,
    const char *realm, const char *descriptor)
{
  const char *colon = token != NULL ? strchr (token, ':') : NULL;
  g_autofree char *data = NULL;
  g_auto (GStrv) parts = NULL;

  if (self->token_secret == NULL || colon == NULL)
    return FALSE;
  data = g_strndup (token, colon - token);
  if (!signature_matches (self, data, colon + 1))
    return FALSE;

  parts = g_strsplit (data, ",", -1);
  if (g_strv_length (parts) < 2 || !is_current (parts[0])
      || !g_str_equal (parts[1], realm))
    return FALSE;
  return descriptor == NULL
      || g_strv_contains ((const char *const *) parts + 2, descriptor);
}

/* ---- requests ---- */

static gboolean
token_is_valid (BifAuth * self, const char *token)
{
  if (!self->tokens || token == NULL)
    return FALSE;
  if (self->token_secret != NULL)
    return bif_auth_check_signature (self, token, "janus", NULL);
  return g_hash_table_contains (self->stored, token);
}

gboolean
bif_auth_check (BifAuth * self, const char *secret, const char *token)
{
  if (self->api_secret == NULL && !self->tokens)
    return TRUE;
  return bif_auth_equal (self->api_secret, secret)
      || token_is_valid (self, token);
}

gboolean
bif_auth_check_plugin (BifAuth * self, const char *token,
    const char *package)
{
  const GPtrArray *plugins;

  if (!self->tokens || token == NULL)
    return TRUE;
  if (self->token_secret != NULL)
    return bif_auth_check_signature (self, token, "janus", package);
  plugins = bif_auth_token_plugins (self, token);
  return plugins != NULL && g_ptr_array_find_with_equal_func
      ((GPtrArray *) plugins, package, g_str_equal, NULL);
}

/* ---- stored tokens ---- */

void
bif_auth_add_token (BifAuth * self, const char *token)
{
  if (!g_hash_table_contains (self->stored, token))
    g_hash_table_insert (self->stored, g_strdup (token),
        g_ptr_array_new_with_free_func (g_free));
}

gboolean
bif_auth_remove_token (BifAuth * self, const char *token)
{
  return g_hash_table_remove (self->stored, token);
}

gboolean
bif_auth_has_token (BifAuth * self, const char *token)
{
  return g_hash_table_contains (self->stored, token);
}

const GPtrArray *
bif_auth_token_plugins (BifAuth * self, const char *token)
{
  return g_hash_table_lookup (self->stored, token);
}

void
bif_auth_allow (BifAuth * self, const char *token, const char *package)
{
  GPtrArray *plugins = g_hash_table_lookup (self->stored, token);

  if (plugins != NULL && !g_ptr_array_find_with_equal_func (plugins, package,
          g_str_equal, NULL))
    g_ptr_array_add (plugins, g_strdup (package));
}

void
bif_auth_disallow (BifAuth * self, const char *token, const char *package)
{
  GPtrArray *plugins = g_hash_table_lookup (self->stored, token);
  guint index;

  if (plugins != NULL && g_ptr_array_find_with_equal_func (plugins, package,
          g_str_equal, &index))
    g_ptr_array_remove_index (plugins, index);
}

GList *
bif_auth_tokens (BifAuth * self)
{
  return g_list_sort (g_hash_table_get_keys (self->stored),
      (GCompareFunc) strcmp);
}
