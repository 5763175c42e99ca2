/* av1-pay.c: RTP payloads out of temporal units of AV1. Payloads are filled to
 * the last byte, and end within a unit where more follows: receivers without
 * dependency descriptors take an end of both for the end of the picture. */
#include "packet/av1.h"

#include <string.h>

#define Z 0x80
#define Y 0x40
#define W_SHIFT 4
#define N 0x08
#define HAS_SIZE 0x02
/* So many elements can be counted; of more, each has its length. */
#define MAX_COUNT 3
#define MAX_ELEMENTS 32

void
bif_av1_pay_init (BifAv1Pay * self)
{
  *self = (BifAv1Pay) { .data = g_byte_array_new (),
    .sizes = g_array_new (FALSE, FALSE, sizeof (guint32)) };
}

void
bif_av1_pay_clear (BifAv1Pay * self)
{
  g_clear_pointer (&self->data, g_byte_array_unref);
  g_clear_pointer (&self->sizes, g_array_unref);
}

static gboolean
add_units (BifAv1Pay * self, const guint8 * p, gsize size)
{
  BifAv1Obu obu;

  for (gsize at = 0; at < size; at += obu.total) {
    guint32 length;
    guint8 first;

    if (!bif_av1_obu_read (&obu, p + at, size - at)
        || self->data->len + obu.total > BIF_AV1_MAX_UNIT)
      return FALSE;
    if (obu.type == BIF_AV1_TEMPORAL_DELIMITER
        || obu.type == BIF_AV1_TILE_LIST || obu.type == BIF_AV1_PADDING)
      continue;
    first = p[at] & ~HAS_SIZE;
    g_byte_array_append (self->data, &first, 1);
    if (obu.has_extension)
      g_byte_array_append (self->data, p + at + 1, 1);
    g_byte_array_append (self->data, p + at + obu.at, (guint) obu.size);
    length = (guint32) (obu.header_size + obu.size);
    g_array_append_val (self->sizes, length);
  }
  return TRUE;
}

gboolean
bif_av1_pay_take (BifAv1Pay * self, const guint8 * header, gsize header_size,
    const guint8 * unit, gsize size, gboolean starts)
{
  g_byte_array_set_size (self->data, 0);
  g_array_set_size (self->sizes, 0);
  self->at = 0;
  self->next = 0;
  self->done = 0;
  self->first = TRUE;
  self->starts = starts;
  return add_units (self, header, header_size) && add_units (self, unit, size)
      && self->sizes->len > 0;
}

gboolean
bif_av1_pay_is_done (const BifAv1Pay * self)
{
  return self->next >= self->sizes->len;
}

/* How much of @left bytes has its place in @room, as element number @n, which
 * has its length before it where it cannot be counted. */
static guint32
fit (guint32 left, gsize room, guint n)
{
  guint32 size;

  if (n <= MAX_COUNT)
    return (guint32) MIN (left, room);
  size = (guint32) MIN (left, room);
  while (size > 0 && bif_leb128_size (size) + size > room)
    size--;
  return size;
}

/* Chooses the elements of a payload. Returns their number. */
static guint
choose (const BifAv1Pay * self, gsize room, guint32 * sizes)
{
  guint32 left = g_array_index (self->sizes, guint32, self->next) - self->done;
  gsize used = 1;
  guint n = 0;

  for (guint i = self->next; i < self->sizes->len && n < MAX_ELEMENTS; i++) {
    if (i > self->next)
      left = g_array_index (self->sizes, guint32, i);
    sizes[n] = fit (left, room - used, n + 1);
    if (sizes[n] == 0) {
      /* A byte is held back, so that this is no end of a unit. */
      if (sizes[n - 1] > 1)
        sizes[n - 1]--;
      return n;
    }
    n++;
    if (sizes[n - 1] < left)
      return n;
    used += bif_leb128_size (sizes[n - 1]) + sizes[n - 1];
    if (used >= room && i + 1 < self->sizes->len) {
      if (sizes[n - 1] > 1)
        sizes[n - 1]--;
      return n;
    }
  }
  return n;
}

gsize
bif_av1_pay_next (BifAv1Pay * self, guint8 * out, gsize room)
{
  guint32 sizes[MAX_ELEMENTS];
  gsize at = 1;
  guint n;

  if (bif_av1_pay_is_done (self))
    return 0;
  n = choose (self, room, sizes);
  out[0] = (self->done > 0 ? Z : 0)
      | (n <= MAX_COUNT ? n << W_SHIFT : 0)
      | (self->first && self->starts ? N : 0);
  for (guint i = 0; i < n; i++) {
    if (i + 1 < n || n > MAX_COUNT)
      at += bif_leb128_write (out + at, sizes[i]);
    memcpy (out + at, self->data->data + self->at, sizes[i]);
    at += sizes[i];
    self->at += sizes[i];
    self->done += sizes[i];
    if (self->done == g_array_index (self->sizes, guint32, self->next)) {
      self->done = 0;
      self->next++;
    }
  }
  if (self->done > 0)
    out[0] |= Y;
  self->first = FALSE;
  return at;
}
