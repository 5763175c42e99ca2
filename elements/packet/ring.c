/* ring.c: packets in a byte arena that is written round and round, found by a
 * table of slots. Positions are absolute (they only grow), so that a packet is
 * there exactly while the writer is less than an arena ahead of it. */
#include "packet/ring.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES (16 * 1024)
#define FIRST_SLOTS 64
#define MAX_SLOTS 16384

typedef struct
{
  guint64 index;
  guint64 position;             /* absolute; 0: slot never used */
  gint64 arrival_us;
  guint32 size;
} Slot;

struct _BifRing
{
  guint8 *arena;
  gsize bytes;
  gsize max_bytes;
  guint64 write;                /* absolute position of the next packet */
  guint64 claimed;              /* end of what was reserved: older bytes there
                                   are gone, whether or not a commit came */
  Slot *slots;
  guint n_slots;                /* a power of two */
  gint64 window_us;
  gint64 lap_us;                /* when the writer was last at the arena's start */
};

BifRing *
bif_ring_new (gint64 window_us, gsize max_bytes)
{
  BifRing *self = g_new0 (BifRing, 1);

  self->bytes = MIN (FIRST_BYTES, max_bytes);
  self->max_bytes = max_bytes;
  self->arena = g_malloc (self->bytes);
  self->n_slots = FIRST_SLOTS;
  self->slots = g_new0 (Slot, self->n_slots);
  self->window_us = window_us;
  self->write = self->bytes;    /* so that position 0 means never */
  self->claimed = self->write;
  return self;
}

void
bif_ring_free (BifRing * self)
{
  g_free (self->arena);
  g_free (self->slots);
  g_free (self);
}

void
bif_ring_set_window (BifRing * self, gint64 window_us)
{
  self->window_us = window_us;
}

gsize
bif_ring_bytes (const BifRing * self)
{
  return self->bytes + self->n_slots * sizeof (Slot);
}

static gboolean
slot_is_live (const BifRing * self, const Slot * slot)
{
  return slot->position != 0
      && self->claimed - slot->position <= self->bytes;
}

static int
compare_positions (const void *a, const void *b)
{
  const Slot *x = *(const Slot * const *) a, *y = *(const Slot * const *) b;

  return x->position < y->position ? -1 : x->position > y->position;
}

/* Moves everything that lives into an arena of @bytes, a table of @n_slots; in
 * the order it came, so that the oldest is still the first to go. */
static void
grow (BifRing * self, gsize bytes, guint n_slots)
{
  BifRing old = *self;
  g_autofree const Slot **live = g_new (const Slot *, old.n_slots);
  guint n = 0;

  for (guint i = 0; i < old.n_slots; i++) {
    if (slot_is_live (&old, &old.slots[i]))
      live[n++] = &old.slots[i];
  }
  qsort (live, n, sizeof *live, compare_positions);
  self->arena = g_malloc (bytes);
  self->bytes = bytes;
  self->slots = g_new0 (Slot, n_slots);
  self->n_slots = n_slots;
  self->write = bytes;
  for (guint i = 0; i < n; i++) {
    Slot *to = &self->slots[live[i]->index & (n_slots - 1)];

    *to = *live[i];
    to->position = self->write;
    memcpy (self->arena + self->write % bytes,
        old.arena + live[i]->position % old.bytes, to->size);
    self->write += to->size;
  }
  self->claimed = self->write;
  g_free (old.arena);
  g_free (old.slots);
}

guint8 *
bif_ring_reserve (BifRing * self, gsize size, gint64 now_us)
{
  gsize offset = self->write % self->bytes;

  if (size > G_MAXUINT16 || size > self->max_bytes)
    return NULL;
  if (self->lap_us == 0)
    self->lap_us = now_us;
  if (offset + size > self->bytes) {
    gboolean early = now_us - self->lap_us < self->window_us;

    if ((early || size > self->bytes) && self->bytes < self->max_bytes) {
      gsize bytes = self->bytes;

      while (bytes < self->max_bytes && (bytes == self->bytes
              || bytes < 2 * size))
        bytes = MIN (bytes * 2, self->max_bytes);
      grow (self, bytes, self->n_slots);
      return bif_ring_reserve (self, size, now_us);
    }
    self->write += self->bytes - offset;
    self->lap_us = now_us;
    offset = 0;
  }
  self->claimed = MAX (self->claimed, self->write + size);
  return self->arena + offset;
}

gboolean
bif_ring_goes_on (const BifRing * self, gsize size)
{
  return self->write % self->bytes + size <= self->bytes;
}

void
bif_ring_commit (BifRing * self, guint64 index, gsize size, gint64 now_us)
{
  Slot *slot = &self->slots[index & (self->n_slots - 1)];

  if (slot_is_live (self, slot) && slot->index != index
      && now_us - slot->arrival_us < self->window_us
      && self->n_slots < MAX_SLOTS) {
    gsize offset = self->write % self->bytes;
    g_autofree guint8 *packet = g_memdup2 (self->arena + offset, size);

    grow (self, self->bytes, self->n_slots * 2);
    memcpy (bif_ring_reserve (self, size, now_us), packet, size);
    slot = &self->slots[index & (self->n_slots - 1)];
  }
  slot->index = index;
  slot->position = self->write;
  slot->arrival_us = now_us;
  slot->size = size;
  self->write += size;
}

gboolean
bif_ring_get (const BifRing * self, guint64 index, BifRingPacket * packet)
{
  const Slot *slot = &self->slots[index & (self->n_slots - 1)];

  if (slot->index != index || !slot_is_live (self, slot))
    return FALSE;
  packet->index = index;
  packet->data = self->arena + slot->position % self->bytes;
  packet->size = slot->size;
  packet->arrival_us = slot->arrival_us;
  return TRUE;
}
