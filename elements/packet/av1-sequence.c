/* av1-sequence.c: reads sequence headers of AV1, bit by bit. */
#include "packet/av1-sequence.h"

#include <string.h>

/* ---- bits ---- */

/* Past the end there are zeros, and @past is set. */
typedef struct
{
  const guint8 *p;
  gsize size, at;               /* in bits */
  gboolean past;
} Bits;

static guint32
take (Bits * bits, guint n)
{
  guint32 value = 0;

  for (; n > 0; n--, bits->at++) {
    value <<= 1;
    if (bits->at < bits->size)
      value |= bits->p[bits->at / 8] >> (7 - bits->at % 8) & 1;
    else
      bits->past = TRUE;
  }
  return value;
}

/* A number behind as many zeros as it has bits. */
static void
skip_uvlc (Bits * bits)
{
  guint zeros = 0;

  while (!bits->past && take (bits, 1) == 0)
    zeros++;
  if (zeros < 32)
    take (bits, zeros);
}

/* ---- parts of a header ---- */

#define SELECT_SCREEN_CONTENT_TOOLS 2
#define UNSPECIFIED 2
#define BT_709 1
#define SRGB 13
#define IDENTITY 0

/* Returns the bits of buffer delays; 0: there are none. */
static guint
skip_timing (Bits * bits)
{
  guint delay_bits = 0;

  take (bits, 32);
  take (bits, 32);
  if (take (bits, 1))
    skip_uvlc (bits);
  if (take (bits, 1)) {
    delay_bits = take (bits, 5) + 1;
    take (bits, 32);
    take (bits, 10);
  }
  return delay_bits;
}

static void
read_points (BifAv1Sequence * self, Bits * bits)
{
  guint delay_bits = take (bits, 1) ? skip_timing (bits) : 0;
  gboolean has_display_delay = take (bits, 1);
  guint n = take (bits, 5) + 1;

  for (guint i = 0; i < n; i++) {
    guint level, tier;

    take (bits, 12);
    level = take (bits, 5);
    tier = level > 7 ? take (bits, 1) : 0;
    if (delay_bits > 0 && take (bits, 1)) {
      take (bits, delay_bits);
      take (bits, delay_bits);
      take (bits, 1);
    }
    if (has_display_delay && take (bits, 1))
      take (bits, 4);
    if (i == 0) {
      self->level = level;
      self->tier = tier;
    }
  }
}

static void
read_size (BifAv1Sequence * self, Bits * bits)
{
  guint width_bits = take (bits, 4) + 1;
  guint height_bits = take (bits, 4) + 1;

  self->width = take (bits, width_bits) + 1;
  self->height = take (bits, height_bits) + 1;
}

static void
skip_tools (const BifAv1Sequence * self, Bits * bits)
{
  gboolean order_hint;
  guint screen_content = SELECT_SCREEN_CONTENT_TOOLS;

  if (!self->reduced && take (bits, 1))
    take (bits, 7);             /* lengths of frame numbers */
  take (bits, 3);
  if (!self->reduced) {
    take (bits, 4);
    order_hint = take (bits, 1);
    if (order_hint)
      take (bits, 2);
    if (!take (bits, 1))
      screen_content = take (bits, 1);
    if (screen_content > 0 && !take (bits, 1))
      take (bits, 1);
    if (order_hint)
      take (bits, 3);
  }
  take (bits, 3);
}

/* Returns whether the colours are the three of a screen. */
static gboolean
read_description (Bits * bits)
{
  guint primaries = UNSPECIFIED, transfer = UNSPECIFIED, matrix = UNSPECIFIED;

  if (take (bits, 1)) {
    primaries = take (bits, 8);
    transfer = take (bits, 8);
    matrix = take (bits, 8);
  }
  return primaries == BT_709 && transfer == SRGB && matrix == IDENTITY;
}

static void
read_subsampling (BifAv1Sequence * self, Bits * bits)
{
  if (self->profile == 0) {
    self->subsampling_x = self->subsampling_y = 1;
  } else if (self->profile == 2 && self->bit_depth == 12) {
    self->subsampling_x = take (bits, 1);
    self->subsampling_y = self->subsampling_x ? take (bits, 1) : 0;
  } else {
    self->subsampling_x = self->profile == 2;
  }
}

static void
read_colour (BifAv1Sequence * self, Bits * bits)
{
  gboolean screen;

  self->bit_depth = take (bits, 1) ? 10 : 8;
  if (self->profile == 2 && self->bit_depth == 10 && take (bits, 1))
    self->bit_depth = 12;
  self->monochrome = self->profile != 1 && take (bits, 1);
  screen = read_description (bits);
  if (self->monochrome)
    self->subsampling_x = self->subsampling_y = 1;
  if (screen && !self->monochrome)
    return;
  take (bits, 1);               /* range */
  if (self->monochrome)
    return;
  read_subsampling (self, bits);
  if (self->subsampling_x && self->subsampling_y)
    self->chroma_position = take (bits, 2);
}

gboolean
bif_av1_sequence_read (BifAv1Sequence * self, const guint8 * p, gsize size)
{
  Bits bits = { p, MIN (size, 1024) * 8, 0, FALSE };

  memset (self, 0, sizeof *self);
  self->profile = take (&bits, 3);
  take (&bits, 1);
  self->reduced = take (&bits, 1);
  if (self->reduced)
    self->level = take (&bits, 5);
  else
    read_points (self, &bits);
  read_size (self, &bits);
  skip_tools (self, &bits);
  read_colour (self, &bits);
  return !bits.past && self->profile <= 2;
}

void
bif_av1_sequence_write_record (const BifAv1Sequence * self,
    guint8 out[BIF_AV1_RECORD_SIZE])
{
  out[0] = 0x81;                /* a set bit, and version 1 */
  out[1] = (guint8) (self->profile << 5 | self->level);
  out[2] = (guint8) (self->tier << 7 | (self->bit_depth > 8) << 6
      | (self->bit_depth > 10) << 5 | self->monochrome << 4
      | self->subsampling_x << 3 | self->subsampling_y << 2
      | self->chroma_position);
  out[3] = 0;
}

/* ---- what is in a temporal unit ---- */

/* @first: of the content of a frame, or its header. */
static gboolean
is_key (const BifAv1Sequence * sequence, guint8 first)
{
  return sequence->reduced || (first & 0xe0) == 0;
}

gboolean
bif_av1_look (BifAv1Look * self, const guint8 * unit, gsize size)
{
  gboolean frame_seen = FALSE;
  BifAv1Obu obu;

  memset (self, 0, sizeof *self);
  for (gsize at = 0; at < size; at += obu.total) {
    const guint8 *p = unit + at;

    if (!bif_av1_obu_read (&obu, p, size - at))
      return FALSE;
    if (obu.type == BIF_AV1_SEQUENCE_HEADER && self->header == NULL) {
      if (!bif_av1_sequence_read (&self->sequence, p + obu.at, obu.size))
        return FALSE;
      self->header = p;
      self->header_size = obu.total;
    }
    if ((obu.type == BIF_AV1_FRAME || obu.type == BIF_AV1_FRAME_HEADER)
        && !frame_seen && obu.size > 0) {
      frame_seen = TRUE;
      self->keyframe = self->header != NULL && is_key (&self->sequence,
          p[obu.at]);
    }
  }
  return TRUE;
}
