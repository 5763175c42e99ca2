/* vp8.c: reads VP8 payload descriptors. */
#include "packet/vp8.h"

#include <string.h>

#define X 0x80
#define S 0x10
#define PARTITION 0x07
#define I 0x80
#define L 0x40
#define T 0x20
#define K 0x10

/* The optional fields that @flags announce, from @at on. Returns where they
 * end; 0 where they point outside. */
static gsize
read_extension (BifVp8 * self, guint8 flags, const guint8 * p, gsize at,
    gsize size)
{
  if (flags & I) {
    at = bif_picture_read_id (&self->picture, p, at, size);
    if (at == 0)
      return 0;
  }
  if (flags & L) {
    if (at >= size)
      return 0;
    self->picture.tl0_at = at;
    self->picture.tl0 = p[at++];
  }
  if (flags & (T | K)) {
    if (at >= size)
      return 0;
    if (flags & T) {
      self->tid = p[at] >> 6;
      self->sync = (p[at] & 0x20) != 0;
    }
    at++;
  }
  return at;
}

gboolean
bif_vp8_parse (BifVp8 * self, const guint8 * payload, gsize size)
{
  gsize at = 1;

  memset (self, 0, sizeof *self);
  self->tid = -1;
  if (size < 2)
    return FALSE;
  if (payload[0] & X)
    at = read_extension (self, payload[1], payload, 2, size);
  if (at == 0 || at >= size)
    return FALSE;
  self->size = at;
  self->start = (payload[0] & S) && (payload[0] & PARTITION) == 0;
  self->keyframe = self->start && !(payload[at] & 0x01);
  return TRUE;
}
