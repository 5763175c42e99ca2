/* candidates.h: the candidates that go into every description. Main thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BifReflexive: a local address as a STUN server sees it.
 * @address: (nullable): not known
 */
typedef struct
{
  char *local;
  char *address;
  guint port;
} BifReflexive;

void bif_reflexive_free (gpointer reflexive);

/**
 * BifCandidates: what they are made of.
 * @addresses: local ones, IPs
 * @mapped: public ones in the place of all local ones of their family
 * @keep_private: the local ones stay beside them
 * @tcp: there is a TCP port of the same number
 * @reflexives: of BifReflexive
 */
typedef struct
{
  const char *const *addresses;
  const char *const *mapped;
  gboolean keep_private;
  guint port;
  gboolean tcp;
  const GPtrArray *reflexives;
} BifCandidates;

/* Two IPs: both IPv4 or both IPv6. */
gboolean bif_candidates_same_family (const char *a, const char *b);

/* Returns: (transfer full): candidates without "candidate:", best first */
char **bif_candidates_write (const BifCandidates * self);

G_END_DECLS
