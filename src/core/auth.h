/* auth.h: who may use the API: a secret, stored tokens, signed tokens
 * (core-api.md section 5). Main thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BifAuth BifAuth;

/* @api_secret, @token_secret: (nullable) */
BifAuth *bif_auth_new (const char *api_secret, gboolean tokens,
    const char *token_secret);
void bif_auth_free (BifAuth * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifAuth, bif_auth_free)

/* Takes as long whatever @given is. (nullable) both; NULL equals nothing. */
gboolean bif_auth_equal (const char *expected, const char *given);

gboolean bif_auth_has_secret (BifAuth * self);
gboolean bif_auth_has_tokens (BifAuth * self);
gboolean bif_auth_signs_tokens (BifAuth * self);
/* Whether tokens are on, and stored here. */
gboolean bif_auth_stores_tokens (BifAuth * self);

gboolean bif_auth_check (BifAuth * self, const char *secret,
    const char *token);
/* Whether @token (nullable) does not stand against @package. */
gboolean bif_auth_check_plugin (BifAuth * self, const char *token,
    const char *package);
/* A signed token for @realm, with @descriptor (nullable). */
gboolean bif_auth_check_signature (BifAuth * self, const char *token,
    const char *realm, const char *descriptor);

/* ---- stored tokens ---- */

/* Makes it where it is not there. */
void bif_auth_add_token (BifAuth * self, const char *token);
gboolean bif_auth_remove_token (BifAuth * self, const char *token);
gboolean bif_auth_has_token (BifAuth * self, const char *token);
void bif_auth_allow (BifAuth * self, const char *token, const char *package);
void bif_auth_disallow (BifAuth * self, const char *token,
    const char *package);
/* (element-type utf8) (transfer none) (nullable) */
const GPtrArray *bif_auth_token_plugins (BifAuth * self, const char *token);
/* (element-type utf8) (transfer container): sorted */
GList *bif_auth_tokens (BifAuth * self);

G_END_DECLS
