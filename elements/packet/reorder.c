/* reorder.c: a sorted ring of waiting packets. */
#include "packet/reorder.h"

typedef struct
{
  guint64 index;
  gint64 at_us;                 /* when it came */
  gpointer item;
} Waiting;

struct _BifReorder
{
  gint64 latency_us;
  guint capacity;
  GDestroyNotify free_item;
  Waiting *waiting;             /* ring, by index */
  guint first, count;
  guint64 next;                 /* index that goes out next; 0: any */
  guint64 dropped, lost;
};

BifReorder *
bif_reorder_new (gint64 latency_us, guint capacity, GDestroyNotify free_item)
{
  BifReorder *self = g_new0 (BifReorder, 1);

  self->latency_us = latency_us;
  self->capacity = capacity;
  self->free_item = free_item;
  self->waiting = g_new (Waiting, capacity);
  return self;
}

void
bif_reorder_free (BifReorder * self)
{
  bif_reorder_clear (self);
  g_free (self->waiting);
  g_free (self);
}

static Waiting *
at (BifReorder * self, guint i)
{
  return &self->waiting[(self->first + i) % self->capacity];
}

static gpointer
take_first (BifReorder * self)
{
  Waiting *first = at (self, 0);

  if (self->next != 0)
    self->lost += first->index - self->next;
  self->next = first->index + 1;
  self->first = (self->first + 1) % self->capacity;
  self->count--;
  return first->item;
}

/* Where @index belongs, searched from the newest; -1: it is here already. */
static int
place_of (BifReorder * self, guint64 index)
{
  guint i = self->count;

  while (i > 0 && at (self, i - 1)->index > index)
    i--;
  return i > 0 && at (self, i - 1)->index == index ? -1 : (int) i;
}

void
bif_reorder_push (BifReorder * self, guint64 index, gpointer item,
    gint64 now_us)
{
  int place = index < self->next ? -1 : place_of (self, index);

  if (place < 0) {
    self->free_item (item);
    return;
  }
  if (self->count == self->capacity) {
    self->dropped++;
    if (place == 0) {
      self->free_item (item);
      return;
    }
    self->free_item (take_first (self));
    place--;
  }
  for (guint i = self->count; i > (guint) place; i--)
    *at (self, i) = *at (self, i - 1);
  *at (self, place) = (Waiting) { index, now_us, item };
  self->count++;
}

gpointer
bif_reorder_pop (BifReorder * self, gint64 now_us, gint64 * wait_until_us)
{
  const Waiting *first;

  *wait_until_us = -1;
  if (self->count == 0)
    return NULL;
  first = at (self, 0);
  if (self->next == 0 || first->index == self->next
      || now_us - first->at_us >= self->latency_us)
    return take_first (self);
  *wait_until_us = first->at_us + self->latency_us;
  return NULL;
}

void
bif_reorder_clear (BifReorder * self)
{
  while (self->count > 0)
    self->free_item (take_first (self));
  self->next = 0;
}

guint64
bif_reorder_dropped (const BifReorder * self)
{
  return self->dropped;
}

guint64
bif_reorder_lost (const BifReorder * self)
{
  return self->lost;
}
