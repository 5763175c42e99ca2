/* vp9.c: reads VP9 payload descriptors. */
#include "packet/vp9.h"

#include <string.h>

#define I 0x80                  /* of the first byte */
#define P 0x40
#define L 0x20
#define F 0x10
#define B 0x08
#define E 0x04
#define V 0x02

/* These read one part each from @at on, and return where it ends; 0 where it
 * points outside. */
static gsize
read_layers (BifVp9 * self, const guint8 * p, gsize at, gsize size)
{
  if (at >= size)
    return 0;
  self->tid = p[at] >> 5;
  self->up = (p[at] & 0x10) != 0;
  self->sid = (p[at] >> 1) & 0x07;
  self->inter_layer = p[at] & 0x01;
  at++;
  if (self->flexible)
    return at;
  if (at >= size)
    return 0;
  self->picture.tl0_at = at;
  self->picture.tl0 = p[at];
  return at + 1;
}

static gsize
read_references (BifVp9 * self, const guint8 * p, gsize at, gsize size)
{
  gboolean more = TRUE;

  while (more) {
    if (at >= size || self->n_references == BIF_VP9_MAX_REFERENCES)
      return 0;
    self->reference[self->n_references++] = p[at] >> 1;
    more = p[at++] & 0x01;
  }
  return at;
}

static gsize
read_pictures_of_group (const guint8 * p, gsize at, gsize size)
{
  guint n = at < size ? p[at++] : 0;

  for (guint i = 0; i < n; i++) {
    if (at >= size)
      return 0;
    at += 1 + ((p[at] >> 2) & 0x03);
  }
  return at;
}

static gsize
read_structure (BifVp9 * self, const guint8 * p, gsize at, gsize size)
{
  guint8 flags;

  if (at >= size)
    return 0;
  flags = p[at++];
  self->n_spatial = (flags >> 5) + 1;
  if (flags & 0x10)
    at += self->n_spatial * 4;
  if ((flags & 0x08) && at >= size)
    return 0;
  return flags & 0x08 ? read_pictures_of_group (p, at, size) : at;
}

static gsize
read_all (BifVp9 * self, guint8 flags, const guint8 * p, gsize size)
{
  gsize at = 1;

  if (flags & I)
    at = bif_picture_read_id (&self->picture, p, at, size);
  if (at != 0 && (flags & L))
    at = read_layers (self, p, at, size);
  if (at != 0 && (flags & F) && (flags & P))
    at = read_references (self, p, at, size);
  if (at != 0 && (flags & V))
    at = read_structure (self, p, at, size);
  return at;
}

gboolean
bif_vp9_parse (BifVp9 * self, const guint8 * payload, gsize size)
{
  guint8 flags;

  memset (self, 0, sizeof *self);
  self->sid = self->tid = -1;
  if (size < 2)
    return FALSE;
  flags = payload[0];
  self->picture.by_difference = TRUE;
  self->start = (flags & B) != 0;
  self->end = (flags & E) != 0;
  self->inter = (flags & P) != 0;
  self->flexible = (flags & F) != 0;
  self->size = read_all (self, flags, payload, size);
  self->keyframe = self->start && !self->inter && self->sid <= 0;
  return self->size != 0 && self->size < size;
}
