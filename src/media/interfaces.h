/* interfaces.h: which local addresses to gather candidates on (core-api.md
 * section 7). Any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * bif_interfaces_find:
 * @enforce, @ignore: (nullable): comma separated prefixes of interface names or
 *   addresses, not trimmed
 * Returns: (transfer full): addresses as text, NULL-terminated. Loopback is
 *   among them only where @enforce names it, or where nothing else is there.
 */
char **bif_interfaces_find (const char *enforce, const char *ignore,
    gboolean ipv6, gboolean ipv6_link_local);

/* The address of an interface name, or @name itself where it is an address;
 * (transfer full) (nullable). */
char *bif_interfaces_resolve (const char *name);

/* The address that packets to the world would leave from; loopback where there
 * is no route. (transfer full) */
char *bif_interfaces_default (void);

G_END_DECLS
