/* picture.h: the picture numbers of a payload, which a subscriber must see go
 * on steadily when it is switched from one encoding to another. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BifPicture: zeros: it has no numbers.
 * @mask: bits of the picture's number; 0: it has none
 * @id_at, @tl0_at: where the values are in the payload; 0: not in it
 * @by_difference: pictures refer to each other by the difference of their
 *   numbers: what is left out leaves a gap
 */
typedef struct
{
  guint16 mask;
  guint16 id;
  gsize id_at, tl0_at;
  guint8 tl0;
  gboolean by_difference;
} BifPicture;

/* Reads a number of 7 or 15 bits (RFC 7741, RFC 9628) at @at. Returns where it
 * ends; 0 where it points outside. */
gsize bif_picture_read_id (BifPicture * self, const guint8 * payload,
    gsize at, gsize size);

/* Puts other numbers into @payload, which @self was read from, or a copy of
 * it; what is not in it stays so. */
void bif_picture_patch (const BifPicture * self, guint8 * payload,
    guint16 id, guint8 tl0);

G_END_DECLS
