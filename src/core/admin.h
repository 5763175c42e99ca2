/* admin.h: the Admin API's tables (admin-api.md). Main thread. */
#pragma once

#include "core/dispatch-private.h"

G_BEGIN_DECLS

/* admin-session.c: of one session or one handle */
extern const BifVerb bif_admin_session_verbs[];
/* admin-tokens.c */
extern const BifVerb bif_admin_token_verbs[];

G_END_DECLS
