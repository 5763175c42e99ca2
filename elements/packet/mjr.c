/* mjr.c: reading and writing the heads of an .mjr file's pieces. */
#include "packet/mjr.h"
#include "packet/bytes.h"

#include <string.h>

static gboolean
begins_with (const guint8 * data, gsize size, const char *text)
{
  gsize length = strlen (text);

  return size >= length && memcmp (data, text, length) == 0;
}

/* "MJR0000N", then a 16-bit length and the JSON text. */
static BifMjrPiece
read_info (const guint8 * data, gsize size)
{
  BifMjrPiece piece = { BIF_MJR_INFO, 2, 10, 0, 0 };

  if (begins_with (data, size, "MJR00001"))
    piece.version = 1;
  else if (!begins_with (data, size, BIF_MJR_MAGIC))
    piece.kind = BIF_MJR_END;
  if (size < piece.head)
    piece.kind = BIF_MJR_END;
  else
    piece.size = bif_get_be16 (data + 8);
  return piece;
}

/* "MEETECHO" and a length; in version 0 a length of 5 at the file's begin is
 * that of "audio" or "video", which is no frame. */
static BifMjrPiece
read_old_frame (const guint8 * data, gsize size, int version)
{
  BifMjrPiece piece = { BIF_MJR_FRAME, MAX (version, 0), 10, 0, 0 };

  if (!begins_with (data, size, "MEETECHO") || size < piece.head)
    piece.kind = BIF_MJR_END;
  else
    piece.size = bif_get_be16 (data + 8);
  if (version == BIF_MJR_UNKNOWN && piece.kind == BIF_MJR_FRAME
      && piece.size == 5)
    piece.kind = BIF_MJR_INFO;
  return piece;
}

BifMjrPiece
bif_mjr_read (const guint8 * data, gsize size, int version)
{
  if (version == BIF_MJR_UNKNOWN && size >= 2 && data[1] == 'J')
    return read_info (data, size);
  if (version < 2)
    return read_old_frame (data, size, version);
  if (!begins_with (data, size, "MEET") || size < BIF_MJR_FRAME_SIZE)
    return (BifMjrPiece) { BIF_MJR_END, version };
  return (BifMjrPiece) { BIF_MJR_FRAME, version, BIF_MJR_FRAME_SIZE,
    bif_get_be16 (data + 8), bif_get_be32 (data + 4) };
}

gsize
bif_mjr_write_info_head (guint8 * out, guint16 json_size)
{
  memcpy (out, BIF_MJR_MAGIC, BIF_MJR_MAGIC_SIZE);
  bif_put_be16 (out + BIF_MJR_MAGIC_SIZE, json_size);
  return BIF_MJR_MAGIC_SIZE + 2;
}

gsize
bif_mjr_write_frame_head (guint8 * out, guint32 ms, guint16 size)
{
  memcpy (out, "MEET", 4);
  bif_put_be32 (out + 4, ms);
  bif_put_be16 (out + 8, size);
  return BIF_MJR_FRAME_SIZE;
}
