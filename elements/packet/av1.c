/* av1.c: numbers and units of AV1, and temporal units out of RTP payloads. */
#include "packet/av1.h"

#include <string.h>

/* ---- numbers ---- */

gsize
bif_leb128_read (const guint8 * p, gsize size, guint32 * value)
{
  guint64 all = 0;

  /* Longer ones than need be are allowed, up to 8 bytes. */
  for (gsize i = 0; i < MIN (size, 8); i++) {
    all |= (guint64) (p[i] & 0x7f) << (7 * i);
    if (p[i] & 0x80)
      continue;
    *value = (guint32) all;
    return all <= G_MAXUINT32 ? i + 1 : 0;
  }
  return 0;
}

gsize
bif_leb128_write (guint8 * p, guint32 value)
{
  gsize n = 0;

  for (; value > 0x7f; value >>= 7)
    p[n++] = 0x80 | (value & 0x7f);
  p[n++] = (guint8) value;
  return n;
}

gsize
bif_leb128_size (guint32 value)
{
  guint8 bytes[BIF_LEB128_MAX];

  return bif_leb128_write (bytes, value);
}

/* ---- units ---- */

#define FORBIDDEN 0x80
#define EXTENSION 0x04
#define HAS_SIZE 0x02

gboolean
bif_av1_obu_read (BifAv1Obu * self, const guint8 * p, gsize size)
{
  guint32 content;
  gsize n;

  memset (self, 0, sizeof *self);
  if (size == 0 || (p[0] & FORBIDDEN))
    return FALSE;
  self->type = p[0] >> 3 & 0x0f;
  self->has_extension = (p[0] & EXTENSION) != 0;
  self->has_size = (p[0] & HAS_SIZE) != 0;
  self->header_size = self->has_extension ? 2 : 1;
  if (self->header_size > size)
    return FALSE;
  if (self->has_extension) {
    self->tid = p[1] >> 5;
    self->sid = p[1] >> 3 & 3;
  }
  self->at = self->header_size;
  self->size = size - self->at;
  if (self->has_size) {
    n = bif_leb128_read (p + self->at, self->size, &content);
    if (n == 0 || content > self->size - n)
      return FALSE;
    self->at += n;
    self->size = content;
  }
  self->total = self->at + self->size;
  return TRUE;
}

/* ---- temporal units ---- */

#define Z 0x80
#define Y 0x40

void
bif_av1_depay_init (BifAv1Depay * self)
{
  self->unit = g_byte_array_new ();
  self->fragment = g_byte_array_new ();
  self->open = FALSE;
}

void
bif_av1_depay_clear (BifAv1Depay * self)
{
  g_clear_pointer (&self->unit, g_byte_array_unref);
  g_clear_pointer (&self->fragment, g_byte_array_unref);
}

void
bif_av1_depay_reset (BifAv1Depay * self)
{
  g_byte_array_set_size (self->unit, 0);
  g_byte_array_set_size (self->fragment, 0);
  self->open = FALSE;
}

gboolean
bif_av1_depay_is_whole (const BifAv1Depay * self)
{
  return self->unit->len > 0 && !self->open;
}

/* What belongs to no file and no decoder. */
static gboolean
is_left_out (BifAv1Type type)
{
  return type == BIF_AV1_TEMPORAL_DELIMITER || type == BIF_AV1_TILE_LIST
      || type == BIF_AV1_PADDING;
}

/* A unit that is whole, with a size field now. */
static gboolean
add_unit (BifAv1Depay * self, const guint8 * p, gsize size)
{
  static const guint8 delimiter[] = { BIF_AV1_TEMPORAL_DELIMITER << 3
        | HAS_SIZE, 0 };
  guint8 length[BIF_LEB128_MAX];
  BifAv1Obu obu;
  guint8 first;

  if (!bif_av1_obu_read (&obu, p, size))
    return FALSE;
  if (is_left_out (obu.type))
    return TRUE;
  if (self->unit->len + obu.size > BIF_AV1_MAX_UNIT)
    return FALSE;
  if (self->unit->len == 0)
    g_byte_array_append (self->unit, delimiter, sizeof delimiter);
  first = p[0] | HAS_SIZE;
  g_byte_array_append (self->unit, &first, 1);
  if (obu.has_extension)
    g_byte_array_append (self->unit, p + 1, 1);
  g_byte_array_append (self->unit, length, bif_leb128_write (length,
          (guint32) obu.size));
  g_byte_array_append (self->unit, p + obu.at, (guint) obu.size);
  return TRUE;
}

/* @goes_on: the rest of it is in the next packet. */
static gboolean
add_element (BifAv1Depay * self, const guint8 * p, gsize size,
    gboolean goes_on)
{
  gboolean ok;

  if (!self->open && !goes_on)
    return add_unit (self, p, size);
  if (self->fragment->len + size > BIF_AV1_MAX_UNIT)
    return FALSE;
  g_byte_array_append (self->fragment, p, (guint) size);
  self->open = goes_on;
  if (goes_on)
    return TRUE;
  ok = add_unit (self, self->fragment->data, self->fragment->len);
  g_byte_array_set_size (self->fragment, 0);
  return ok;
}

gboolean
bif_av1_depay_take (BifAv1Depay * self, const guint8 * payload, gsize size)
{
  gboolean starts_open, ends_open;
  guint count;
  gsize at = 1;

  if (size == 0)
    return TRUE;
  starts_open = (payload[0] & Z) != 0;
  ends_open = (payload[0] & Y) != 0;
  count = payload[0] >> 4 & 3;
  if (starts_open != self->open)
    return FALSE;
  for (guint i = 1; at < size; i++) {
    guint32 length = (guint32) (size - at);
    gsize n;

    if (i != count) {
      n = bif_leb128_read (payload + at, size - at, &length);
      if (n == 0 || length > size - at - n)
        return FALSE;
      at += n;
    }
    if ((length > 0 || self->open) && !add_element (self, payload + at, length,
            ends_open && at + length == size))
      return FALSE;
    at += length;
  }
  return TRUE;
}
