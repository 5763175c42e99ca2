/* address.h: an IPv4 or IPv6 socket address as a hashable value. */
#pragma once

#include <glib.h>
#include <sys/socket.h>
#include <netinet/in.h>

G_BEGIN_DECLS

typedef union
{
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
} BifAddress;

#define BIF_ADDRESS_STRLEN 64

/* Family, port and IP alone count; flow info and scope do not, so that a
 * link-local peer is found whichever way the kernel filled them. */
guint bif_address_hash (gconstpointer address);
gboolean bif_address_equal (gconstpointer a, gconstpointer b);
socklen_t bif_address_length (const BifAddress * address);
guint16 bif_address_port (const BifAddress * address);  /* host order */
/* An IPv4-mapped IPv6 address becomes plain IPv4. */
void bif_address_unmap (BifAddress * address);
/* @ip: a literal, with an optional %scope. FALSE where it is none. */
gboolean bif_address_parse (BifAddress * address, const char *ip, guint16 port);
/* The IP alone, without port and scope; @out has BIF_ADDRESS_STRLEN bytes. */
const char *bif_address_ip (const BifAddress * address, char *out);

G_END_DECLS
