/* nack: the list of missing packets of an SSRC. Noted on I/O threads, collected
 * on the timer thread, under the transport's receive lock. */
#include "packet/nack.h"

#include <string.h>

/* Forgets the first @n. */
static void
drop_first (BifNack * self, guint n)
{
  self->n -= n;
  memmove (self->missing, self->missing + n, self->n * sizeof *self->missing);
}

static void
drop_before (BifNack * self, guint64 index)
{
  guint n = 0;

  while (n < self->n && self->missing[n].index < index)
    n++;
  if (n > 0)
    drop_first (self, n);
}

static void
drop (BifNack * self, guint64 index)
{
  guint i = 0;

  while (i < self->n && self->missing[i].index < index)
    i++;
  if (i == self->n || self->missing[i].index != index)
    return;
  self->n--;
  memmove (self->missing + i, self->missing + i + 1,
      (self->n - i) * sizeof *self->missing);
}

/**
 * bif_nack_packet:
 * @self: of the packet's SSRC; zeros to begin with
 * @index: extended sequence number
 * @now_us: monotonic
 *
 * Notes that a packet came, and what it shows to be missing.
 */
void
bif_nack_packet (BifNack * self, guint64 index, gint64 now_us)
{
  if (self->started && index <= self->highest) {
    drop (self, index);
    return;
  }
  if (!self->started || index - self->highest > BIF_NACK_HISTORY) {
    self->n = 0;
  } else {
    if (index > BIF_NACK_HISTORY)
      drop_before (self, index - BIF_NACK_HISTORY);
    for (guint64 i = self->highest + 1; i < index; i++)
      self->missing[self->n++] = (BifNackEntry) {
      .index = i,.due_us = now_us + BIF_NACK_FIRST_US};
  }
  self->started = TRUE;
  self->highest = index;
}

/**
 * bif_nack_keyframe:
 * @self: of the packet's SSRC
 * @index: where a keyframe begins
 */
void
bif_nack_keyframe (BifNack * self, guint64 index)
{
  drop_before (self, index);
}

/**
 * bif_nack_collect:
 * @self: of one SSRC
 * @now_us: monotonic
 * @sequences: (out caller-allocated) (array length=max): what to ask for
 * @max: room there; what does not fit stays due
 *
 * Returns: how many
 */
guint
bif_nack_collect (BifNack * self, gint64 now_us, guint16 * sequences,
    guint max)
{
  guint kept = 0, n = 0;

  for (guint i = 0; i < self->n; i++) {
    BifNackEntry entry = self->missing[i];

    if (entry.due_us <= now_us && n < max) {
      sequences[n++] = (guint16) entry.index;
      entry.due_us = now_us + BIF_NACK_SECOND_US;
      entry.asked++;
    }
    if (entry.asked < 2)
      self->missing[kept++] = entry;
  }
  self->n = kept;
  return n;
}

/**
 * bif_nack_due:
 * @self: of one SSRC
 *
 * Returns: when bif_nack_collect() finds something next, %G_MAXINT64 for never
 */
gint64
bif_nack_due (const BifNack * self)
{
  gint64 due_us = G_MAXINT64;

  for (guint i = 0; i < self->n; i++)
    due_us = MIN (due_us, self->missing[i].due_us);
  return due_us;
}
