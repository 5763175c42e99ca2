/* acl.h: lists of address prefixes. Main thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Comma-separated prefixes; NULL for an empty or NULL list: all may come.
 * Free with g_strfreev(). */
char **bif_acl_new (const char *list);
/* @address: as text; an IPv4 one may stand in IPv6's clothes ("::ffff:") */
gboolean bif_acl_allows (char **acl, const char *address);

G_END_DECLS
