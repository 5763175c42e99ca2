/* dependency.c: reads and changes dependency descriptors, bit by bit. */
#include "packet/dependency.h"

#include <string.h>

#define MANDATORY_BITS 24
#define FLAG_BITS 5

/* A read behind the end gives zeros and is remembered. */
typedef struct
{
  const guint8 *data;
  gsize at, end;                /* bits */
  gboolean broken;
} Bits;

static guint32
get (Bits * bits, guint n)
{
  guint32 value = 0;

  if (n > bits->end - bits->at) {
    bits->broken = TRUE;
    bits->at = bits->end;
    return 0;
  }
  for (guint i = 0; i < n; i++, bits->at++)
    value = value << 1 | ((bits->data[bits->at / 8] >> (7 - bits->at % 8))
        & 1);
  return value;
}

/* ns(n): a value below @n, in as few bits as that takes. */
static guint32
get_below (Bits * bits, guint n)
{
  guint width = g_bit_storage (n);
  guint shorter = (1u << width) - n;
  guint32 value = get (bits, width - 1);

  return value < shorter ? value : (value << 1) - shorter + get (bits, 1);
}

/* ---- the structure ---- */

static void
read_layers (BifDdStructure * self, Bits * bits)
{
  guint sid = 0, tid = 0, next = 0;

  while (next != 3 && !bits->broken) {
    if (self->n_templates == BIF_DD_MAX_TEMPLATES
        || sid >= BIF_DD_MAX_SPATIAL || tid >= BIF_DD_MAX_TEMPORAL) {
      bits->broken = TRUE;
      return;
    }
    self->template[self->n_templates].sid = sid;
    self->template[self->n_templates++].tid = tid;
    self->n_spatial = MAX (self->n_spatial, sid + 1);
    self->n_temporal = MAX (self->n_temporal, tid + 1);
    next = get (bits, 2);
    if (next == 1) {
      tid++;
    } else if (next == 2) {
      tid = 0;
      sid++;
    }
  }
}

static void
skip_differences (const BifDdStructure * self, Bits * bits)
{
  for (guint i = 0; i < self->n_templates; i++) {
    while (get (bits, 1) == 1)
      get (bits, 4);
  }
}

static void
skip_chains (const BifDdStructure * self, Bits * bits)
{
  guint n = get_below (bits, self->n_targets + 1);

  if (n == 0)
    return;
  for (guint i = 0; i < self->n_targets; i++)
    get_below (bits, n);
  for (guint i = 0; i < self->n_templates * n && !bits->broken; i++)
    get (bits, 4);
}

static void
read_targets (BifDdStructure * self)
{
  for (guint i = 0; i < self->n_templates; i++) {
    const BifDdTemplate *template = &self->template[i];

    for (guint t = 0; t < self->n_targets; t++) {
      if (template->dti[t] == BIF_DD_NOT_PRESENT)
        continue;
      self->target_sid[t] = MAX (self->target_sid[t], template->sid);
      self->target_tid[t] = MAX (self->target_tid[t], template->tid);
    }
  }
}

static void
read_structure (BifDdStructure * self, Bits * bits)
{
  memset (self, 0, sizeof *self);
  self->id_offset = get (bits, 6);
  self->n_targets = get (bits, 5) + 1;
  read_layers (self, bits);
  for (guint i = 0; i < self->n_templates; i++) {
    for (guint t = 0; t < self->n_targets; t++)
      self->template[i].dti[t] = get (bits, 2);
  }
  skip_differences (self, bits);
  skip_chains (self, bits);
  read_targets (self);
  if (get (bits, 1) == 0)
    return;
  for (guint i = 0; i < self->n_spatial; i++)
    get (bits, 32);             /* width and height */
}

/* ---- a descriptor ---- */

static gboolean
read_frame (BifDd * self, const BifDdStructure * structure, guint8 template_id,
    gboolean custom_dti, Bits * bits)
{
  guint index = (template_id + 64u - structure->id_offset) % 64;
  const BifDdTemplate *template = &structure->template[index];

  if (index >= structure->n_templates)
    return FALSE;
  self->sid = template->sid;
  self->tid = template->tid;
  self->n_targets = structure->n_targets;
  memcpy (self->dti, template->dti, sizeof self->dti);
  for (guint t = 0; custom_dti && t < self->n_targets; t++)
    self->dti[t] = get (bits, 2);
  return !bits->broken;
}

guint32
bif_dd_all_targets (guint n)
{
  return n >= 32 ? G_MAXUINT32 : (1u << n) - 1;
}

gboolean
bif_dd_parse (BifDd * self, BifDdStructure * structure, const guint8 * data,
    gsize size)
{
  Bits bits = { .data = data, .end = size * 8 };
  BifDdStructure fresh;
  const BifDdStructure *used = structure;
  gboolean custom_dti;
  guint8 template_id;

  memset (self, 0, sizeof *self);
  if (size < MANDATORY_BITS / 8)
    return FALSE;
  self->start = get (&bits, 1);
  self->end = get (&bits, 1);
  template_id = get (&bits, 6);
  self->number = get (&bits, 16);
  self->extended = size > MANDATORY_BITS / 8;
  self->has_structure = self->extended && get (&bits, 1);
  self->has_mask = self->extended && get (&bits, 1);
  custom_dti = self->extended && get (&bits, 1);
  if (self->extended)
    get (&bits, 2);             /* custom differences and chains */
  if (self->has_structure) {
    read_structure (&fresh, &bits);
    used = &fresh;
  }
  self->mask_at = bits.at;
  if (bits.broken || used->n_targets == 0)
    return FALSE;
  self->mask = self->has_mask ? get (&bits, used->n_targets)
      : bif_dd_all_targets (used->n_targets);
  if (!read_frame (self, used, template_id, custom_dti, &bits))
    return FALSE;
  if (self->has_structure)
    *structure = fresh;
  return TRUE;
}

/* ---- writing ---- */

static void
put (guint8 * out, gsize * at, guint32 value, guint n)
{
  for (guint i = n; i > 0; i--, (*at)++) {
    guint8 bit = 0x80 >> *at % 8;

    if (value >> (i - 1) & 1)
      out[*at / 8] |= bit;
    else
      out[*at / 8] &= (guint8) ~ bit;
  }
}

static void
copy (guint8 * out, gsize * at, Bits * bits, gsize end)
{
  while (bits->at < end) {
    guint n = MIN (end - bits->at, 32);

    put (out, at, get (bits, n), n);
  }
}

gsize
bif_dd_write (const BifDd * self, const guint8 * data, gsize size,
    guint16 number, guint32 mask, guint8 * out)
{
  gboolean all = mask == bif_dd_all_targets (self->n_targets);
  Bits bits = { .data = data, .end = size * 8, .at = MANDATORY_BITS };
  gsize at = MANDATORY_BITS;

  memcpy (out, data, size);
  out[1] = number >> 8;
  out[2] = (guint8) number;
  if (all && !self->has_mask)
    return size;
  if (self->extended) {
    at += FLAG_BITS;
    bits.at = at;
    out[3] |= 0x40;
    copy (out, &at, &bits, self->mask_at);
    bits.at += self->has_mask ? self->n_targets : 0;
  } else {
    put (out, &at, 0x08, FLAG_BITS);    /* a mask, and nothing else */
  }
  put (out, &at, mask, self->n_targets);
  copy (out, &at, &bits, bits.end);
  while (at % 8 != 0)
    put (out, &at, 0, 1);
  return at / 8;
}

/* ---- targets ---- */

int
bif_dd_find_target (const BifDdStructure * self, guint32 mask, guint sid,
    guint tid)
{
  int best = -1;
  guint best_rank = 0;

  for (guint t = 0; t < self->n_targets; t++) {
    guint rank = self->target_sid[t] << 8 | self->target_tid[t];

    if (!(mask >> t & 1) || self->target_sid[t] > sid
        || self->target_tid[t] > tid || (best >= 0 && rank <= best_rank))
      continue;
    best = t;
    best_rank = rank;
  }
  return best;
}

guint32
bif_dd_targets_within (const BifDdStructure * self, guint target)
{
  guint32 mask = 0;

  for (guint t = 0; t < self->n_targets; t++) {
    if (self->target_sid[t] <= self->target_sid[target]
        && self->target_tid[t] <= self->target_tid[target])
      mask |= 1u << t;
  }
  return mask;
}
