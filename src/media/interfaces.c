/* interfaces.c: getifaddrs with the lists of janus.jcfg. */
#include "media/interfaces.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static gboolean
list_matches (char **list, const char *text)
{
  for (guint i = 0; list != NULL && list[i] != NULL; i++) {
    if (list[i][0] != '\0' && g_str_has_prefix (text, list[i]))
      return TRUE;
  }
  return FALSE;
}

/* FALSE for anything but IPv4 and IPv6. */
static gboolean
address_text (const struct sockaddr *address, char *out)
{
  if (address == NULL)
    return FALSE;
  if (address->sa_family == AF_INET)
    return inet_ntop (AF_INET,
        &((const struct sockaddr_in *) address)->sin_addr, out,
        INET6_ADDRSTRLEN) != NULL;
  return address->sa_family == AF_INET6 && inet_ntop (AF_INET6,
      &((const struct sockaddr_in6 *) address)->sin6_addr, out,
      INET6_ADDRSTRLEN) != NULL;
}

typedef struct
{
  char **enforce, **ignore;
  gboolean ipv6, ipv6_link_local;
} Rules;

static gboolean
is_wanted (const Rules * rules, const struct ifaddrs *entry, const char *ip)
{
  gboolean loopback = entry->ifa_flags & IFF_LOOPBACK;

  if (!(entry->ifa_flags & IFF_UP) || !(entry->ifa_flags & IFF_RUNNING))
    return FALSE;
  if (entry->ifa_addr->sa_family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const void *) entry->ifa_addr;

    if (!rules->ipv6 || (IN6_IS_ADDR_LINKLOCAL (&v6->sin6_addr)
            && !rules->ipv6_link_local))
      return FALSE;
  }
  if (list_matches (rules->ignore, ip))
    return FALSE;
  if (rules->enforce != NULL)
    return list_matches (rules->enforce, entry->ifa_name)
        || list_matches (rules->enforce, ip);
  return !loopback && !list_matches (rules->ignore, entry->ifa_name);
}

static char **
split (const char *list)
{
  return list != NULL && list[0] != '\0' ? g_strsplit (list, ",", -1) : NULL;
}

char **
bif_interfaces_find (const char *enforce, const char *ignore, gboolean ipv6,
    gboolean ipv6_link_local)
{
  g_auto (GStrv) enforce_list = split (enforce);
  g_auto (GStrv) ignore_list = split (ignore);
  Rules rules = { enforce_list, ignore_list, ipv6, ipv6_link_local };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  struct ifaddrs *entries = NULL;
  char ip[INET6_ADDRSTRLEN];
  gboolean found = FALSE;

  if (getifaddrs (&entries) == 0) {
    for (struct ifaddrs *e = entries; e != NULL; e = e->ifa_next) {
      if (!address_text (e->ifa_addr, ip) || !is_wanted (&rules, e, ip))
        continue;
      g_strv_builder_add (builder, ip);
      found = TRUE;
    }
    freeifaddrs (entries);
  }
  if (!found)
    g_strv_builder_add (builder, "127.0.0.1");
  return g_strv_builder_end (builder);
}

char *
bif_interfaces_resolve (const char *name)
{
  struct ifaddrs *entries = NULL;
  guint8 parsed[16];
  char ip[INET6_ADDRSTRLEN];
  char *found = NULL;

  if (inet_pton (AF_INET, name, parsed) == 1
      || inet_pton (AF_INET6, name, parsed) == 1)
    return g_strdup (name);
  if (getifaddrs (&entries) != 0)
    return NULL;
  for (struct ifaddrs *e = entries; e != NULL && found == NULL;
      e = e->ifa_next) {
    if (g_strcmp0 (e->ifa_name, name) == 0 && e->ifa_addr != NULL
        && e->ifa_addr->sa_family == AF_INET
        && address_text (e->ifa_addr, ip))
      found = g_strdup (ip);
  }
  freeifaddrs (entries);
  return found;
}

char *
bif_interfaces_default (void)
{
  struct sockaddr_in to = {.sin_family = AF_INET,.sin_port = htons (1) };
  struct sockaddr_in local = { 0 };
  socklen_t size = sizeof local;
  char ip[INET6_ADDRSTRLEN] = "127.0.0.1";
  int fd = socket (AF_INET, SOCK_DGRAM, 0);

  /* Connecting a datagram socket sends nothing: it asks the routing table. The
   * address is one reserved for documentation (RFC 5737). */
  inet_pton (AF_INET, "192.0.2.1", &to.sin_addr);
  if (fd >= 0 && connect (fd, (struct sockaddr *) &to, sizeof to) == 0
      && getsockname (fd, (struct sockaddr *) &local, &size) == 0)
    address_text ((struct sockaddr *) &local, ip);
  if (fd >= 0)
    close (fd);
  return g_strdup (ip);
}
