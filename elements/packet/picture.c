/* picture.c: picture numbers in VP8 and VP9 payload descriptors. */
#include "packet/picture.h"

gsize
bif_picture_read_id (BifPicture * self, const guint8 * payload, gsize at,
    gsize size)
{
  gboolean wide = at < size && (payload[at] & 0x80);

  if (at + (wide ? 2 : 1) > size)
    return 0;
  self->id_at = at;
  self->mask = wide ? 0x7fff : 0x7f;
  self->id = wide ? (payload[at] & 0x7f) << 8 | payload[at + 1] : payload[at];
  return at + (wide ? 2 : 1);
}

void
bif_picture_patch (const BifPicture * self, guint8 * payload, guint16 id,
    guint8 tl0)
{
  gsize at = self->id_at;

  if (at != 0 && self->mask == 0x7fff) {
    payload[at] = 0x80 | ((id >> 8) & 0x7f);
    payload[at + 1] = (guint8) id;
  } else if (at != 0) {
    payload[at] = id & 0x7f;
  }
  if (self->tl0_at != 0)
    payload[self->tl0_at] = tl0;
}
