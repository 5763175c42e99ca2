/* bytes.h: network byte order, read from and written to unaligned bytes.
 * For .c files alone; any thread. */
#pragma once

#include <glib.h>

static inline guint16
bif_get_be16 (const guint8 * p)
{
  return (guint16) (p[0] << 8 | p[1]);
}

static inline guint32
bif_get_be32 (const guint8 * p)
{
  return (guint32) p[0] << 24 | (guint32) p[1] << 16 | (guint32) p[2] << 8
      | p[3];
}

static inline guint64
bif_get_be64 (const guint8 * p)
{
  return (guint64) bif_get_be32 (p) << 32 | bif_get_be32 (p + 4);
}

static inline void
bif_put_be16 (guint8 * p, guint16 v)
{
  p[0] = v >> 8;
  p[1] = v & 0xff;
}

static inline void
bif_put_be32 (guint8 * p, guint32 v)
{
  bif_put_be16 (p, v >> 16);
  bif_put_be16 (p + 2, v & 0xffff);
}

static inline void
bif_put_be64 (guint8 * p, guint64 v)
{
  bif_put_be32 (p, v >> 32);
  bif_put_be32 (p + 4, v & G_MAXUINT32);
}
