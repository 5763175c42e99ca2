/* address: socket addresses as hash keys and as text. Plain values; any
 * thread. */
#include "packet/address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

/* The parts that count: the IP, and how many bytes it has. */
static const guint8 *
ip_bytes (const BifAddress * address, gsize * size)
{
  switch (address->any.sa_family) {
    case AF_INET:
      *size = sizeof address->v4.sin_addr;
      return (const guint8 *) &address->v4.sin_addr;
    case AF_INET6:
      *size = sizeof address->v6.sin6_addr;
      return (const guint8 *) &address->v6.sin6_addr;
    default:
      *size = 0;
      return NULL;
  }
}

/**
 * bif_address_hash:
 * @address: a #BifAddress
 *
 * Returns: a hash of family, IP and port
 */
guint
bif_address_hash (gconstpointer address)
{
  const BifAddress *self = address;
  guint hash = 2166136261u ^ bif_address_port (self);
  const guint8 *bytes;
  gsize size, i;

  bytes = ip_bytes (self, &size);
  for (i = 0; i < size; i++)
    hash = (hash ^ bytes[i]) * 16777619u;

  /* FNV leaves the port in the high bits, where hash tables do not look. */
  return hash ^ hash >> 15;
}

/**
 * bif_address_equal:
 * @a: a #BifAddress
 * @b: a #BifAddress
 *
 * Returns: whether family, IP and port are the same
 */
gboolean
bif_address_equal (gconstpointer a, gconstpointer b)
{
  const BifAddress *left = a, *right = b;
  const guint8 *x, *y;
  gsize n, m;

  if (left->any.sa_family != right->any.sa_family
      || bif_address_port (left) != bif_address_port (right))
    return FALSE;

  x = ip_bytes (left, &n);
  y = ip_bytes (right, &m);
  return n == 0 || memcmp (x, y, n) == 0;
}

/**
 * bif_address_length:
 * @address: an address
 *
 * Returns: bytes of its struct for the socket calls, 0 where it is neither
 *   IPv4 nor IPv6
 */
socklen_t
bif_address_length (const BifAddress * address)
{
  switch (address->any.sa_family) {
    case AF_INET:
      return sizeof address->v4;
    case AF_INET6:
      return sizeof address->v6;
    default:
      return 0;
  }
}

/**
 * bif_address_port:
 * @address: an address
 *
 * Returns: its port in host order, 0 where it has none
 */
guint16
bif_address_port (const BifAddress * address)
{
  switch (address->any.sa_family) {
    case AF_INET:
      return ntohs (address->v4.sin_port);
    case AF_INET6:
      return ntohs (address->v6.sin6_port);
    default:
      return 0;
  }
}

/**
 * bif_address_unmap:
 * @address: an address
 *
 * Makes an IPv4-mapped IPv6 address, as a dual-stack socket reports it, plain
 * IPv4. Leaves every other as it is.
 */
void
bif_address_unmap (BifAddress * address)
{
  struct sockaddr_in v4;

  if (address->any.sa_family != AF_INET6
      || !IN6_IS_ADDR_V4MAPPED (&address->v6.sin6_addr))
    return;

  memset (&v4, 0, sizeof v4);
  v4.sin_family = AF_INET;
  v4.sin_port = address->v6.sin6_port;
  memcpy (&v4.sin_addr, &address->v6.sin6_addr.s6_addr[12], 4);
  memset (address, 0, sizeof *address);
  address->v4 = v4;
}

/* A number or the name of an interface here; 0 where it is neither, as a scope
 * that another machine wrote means nothing on this one. */
static guint32
parse_scope (const char *scope)
{
  guint64 number;

  if (g_ascii_string_to_unsigned (scope, 10, 0, G_MAXUINT32, &number, NULL))
    return (guint32) number;
  return if_nametoindex (scope);
}

/**
 * bif_address_parse:
 * @address: (out): what @ip and @port mean; all zero where @ip is none
 * @ip: (nullable): an IPv4 or IPv6 literal, the latter with an optional %scope
 * @port: in host order
 *
 * Returns: whether @ip is a literal
 */
gboolean
bif_address_parse (BifAddress * address, const char *ip, guint16 port)
{
  char literal[INET6_ADDRSTRLEN];
  const char *scope;
  gsize size;

  memset (address, 0, sizeof *address);
  if (ip == NULL)
    return FALSE;

  if (inet_pton (AF_INET, ip, &address->v4.sin_addr) == 1) {
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons (port);
    return TRUE;
  }

  scope = strchr (ip, '%');
  size = scope != NULL ? (gsize) (scope - ip) : strlen (ip);
  if (size >= sizeof literal || (scope != NULL && scope[1] == '\0'))
    return FALSE;
  memcpy (literal, ip, size);
  literal[size] = '\0';
  if (inet_pton (AF_INET6, literal, &address->v6.sin6_addr) != 1) {
    memset (address, 0, sizeof *address);
    return FALSE;
  }

  address->v6.sin6_family = AF_INET6;
  address->v6.sin6_port = htons (port);
  if (scope != NULL)
    address->v6.sin6_scope_id = parse_scope (scope + 1);
  return TRUE;
}

/**
 * bif_address_ip:
 * @address: an address
 * @out: room for %BIF_ADDRESS_STRLEN bytes
 *
 * Returns: (transfer none): @out with the IP alone, empty where there is none
 */
const char *
bif_address_ip (const BifAddress * address, char *out)
{
  const guint8 *bytes;
  gsize size;

  bytes = ip_bytes (address, &size);
  if (bytes == NULL
      || inet_ntop (address->any.sa_family, bytes, out,
          BIF_ADDRESS_STRLEN) == NULL)
    out[0] = '\0';

  return out;
}
