/* candidates.c: candidates as text (RFC 8839, RFC 6544). Main thread. */
#include "media/candidates.h"

#include <string.h>

/* RFC 8445, 5.1.2.2: UDP before TCP, what is direct before what is not. */
#define TYPE_HOST 126u
#define TYPE_REFLEXIVE 100u
#define TYPE_TCP 90u
/* RFC 6544, 4.2: passive, of a host candidate. */
#define DIRECTION_PASSIVE 4u

void
bif_reflexive_free (gpointer reflexive)
{
  BifReflexive *self = reflexive;

  g_free (self->local);
  g_free (self->address);
  g_free (self);
}

gboolean
bif_candidates_same_family (const char *a, const char *b)
{
  return (strchr (a, ':') != NULL) == (strchr (b, ':') != NULL);
}

/* Component 1. The first address is preferred. */
static guint
priority (guint type, guint preference)
{
  return (type << 24) | (preference << 8) | 255;
}

/* @hosts: addresses that are candidates already; @ip joins them. */
static void
add_host (GPtrArray * list, GPtrArray * hosts, const char *ip, guint port)
{
  if (g_ptr_array_find_with_equal_func (hosts, ip, g_str_equal, NULL))
    return;
  g_ptr_array_add (list, g_strdup_printf ("%u 1 udp %u %s %u typ host",
          list->len + 1, priority (TYPE_HOST, 65535u - list->len), ip, port));
  g_ptr_array_add (hosts, (gpointer) ip);
}

static void
add_tcp (GPtrArray * list, const char *ip, guint port, guint i)
{
  g_ptr_array_add (list,
      g_strdup_printf ("%u 1 tcp %u %s %u typ host tcptype passive",
          list->len + 1, priority (TYPE_TCP,
              (DIRECTION_PASSIVE << 13) | (8191u - i)), ip, port));
}

/* What is a host candidate too says nothing new: there is no NAT, or
 * nat_1_1_mapping knows it. */
static void
add_reflexive (GPtrArray * list, const GPtrArray * hosts,
    const BifReflexive * reflexive, guint port)
{
  if (reflexive->address == NULL || (reflexive->port == port
          && g_ptr_array_find_with_equal_func ((GPtrArray *) hosts,
              reflexive->address, g_str_equal, NULL)))
    return;
  g_ptr_array_add (list,
      g_strdup_printf ("%u 1 udp %u %s %u typ srflx raddr %s rport %u",
          list->len + 1, priority (TYPE_REFLEXIVE, 65535u - list->len),
          reflexive->address, reflexive->port, reflexive->local, port));
}

char **
bif_candidates_write (const BifCandidates * self)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  g_autoptr (GPtrArray) hosts = g_ptr_array_new ();

  for (guint i = 0; self->addresses[i] != NULL; i++) {
    gboolean replaced = FALSE;

    for (guint m = 0; self->mapped != NULL && self->mapped[m] != NULL; m++) {
      if (!bif_candidates_same_family (self->addresses[i], self->mapped[m]))
        continue;
      add_host (list, hosts, self->mapped[m], self->port);
      replaced = TRUE;
    }
    if (!replaced || self->keep_private)
      add_host (list, hosts, self->addresses[i], self->port);
  }
  for (guint i = 0; self->reflexives && i < self->reflexives->len; i++)
    add_reflexive (list, hosts, g_ptr_array_index (self->reflexives, i),
        self->port);
  for (guint i = 0; self->tcp && i < hosts->len; i++)
    add_tcp (list, g_ptr_array_index (hosts, i), self->port, i);
  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&list), FALSE);
}
