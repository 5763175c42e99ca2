/* layered.c: layer choice and header numbers together, for one subscriber. */
#include "packet/layered.h"
#include "packet/rtp.h"

void
bif_layered_init (BifLayered * self, BifRewrite * rewrite, guint n)
{
  *self = (BifLayered) { .rewrite = rewrite };
  bif_layers_init (&self->layers, n);
}

/* The run that goes on, as it would be kept up to index @last. */
static BifRun
current_run (const BifLayered * self, guint64 last)
{
  BifRun run = self->run;

  run.first = self->rewrite->first_in;
  run.last = last;
  run.offset = self->rewrite->offset;
  run.timestamp_offset = self->rewrite->timestamp_offset;
  return run;
}

static void
keep_run (BifLayered * self, const BifRun * run)
{
  if (self->rewrite->started && run->last >= run->first)
    self->runs[self->n_runs++ % BIF_LAYERED_RUNS] = *run;
}

/* Numbers go on behind @highest, the last that was used: those behind it that
 * were kept for packets that may come late are given to others, and no number
 * may be used twice. */
static void
end_epoch (BifLayered * self, const BifRun * run, guint64 highest)
{
  keep_run (self, run);
  for (guint i = 0; i < MIN (self->n_runs, BIF_LAYERED_RUNS); i++)
    self->runs[i].last = MIN (self->runs[i].last,
        highest - self->runs[i].offset);
}

void
bif_layered_restart (BifLayered * self)
{
  BifRun run = current_run (self, self->newest);

  end_epoch (self, &run, self->rewrite->highest);
  bif_rewrite_pause (self->rewrite);
  bif_layers_restart (&self->layers);
}

/* ---- the past ---- */

typedef gboolean (*RunMatch) (const BifRun * run, int substream,
    guint64 index);

static gboolean
has_index (const BifRun * run, int substream, guint64 index)
{
  return run->substream == substream && index >= run->first
      && index <= run->last;
}

static gboolean
has_out_index (const BifRun * run, int substream, guint64 out_index)
{
  return out_index >= run->first + run->offset
      && out_index <= run->last + run->offset;
}

/* The newest run first: a number that was never used may be in two. */
static gboolean
find_run (const BifLayered * self, RunMatch match, int substream,
    guint64 index, BifRun * found)
{
  if (self->rewrite->started) {
    *found = current_run (self, self->newest);
    if (found->last >= found->first && match (found, substream, index))
      return TRUE;
  }
  for (guint i = 0; i < MIN (self->n_runs, BIF_LAYERED_RUNS); i++) {
    *found = self->runs[(self->n_runs - 1 - i) % BIF_LAYERED_RUNS];
    if (match (found, substream, index))
      return TRUE;
  }
  return FALSE;
}

static void
apply_run (const BifRun * run, const BifLayeredPacket * packet,
    BifLayeredNumbers * out)
{
  out->index = packet->index + run->offset;
  out->timestamp = packet->timestamp + run->timestamp_offset;
  out->empty = packet->layer.tid > run->allowed;
  out->picture_id = out->tl0 = 0;
  if (packet->vp8 != NULL) {
    out->picture_id = packet->vp8->picture_id + run->picture_offset;
    out->picture_id &= packet->vp8->wide ? 0x7fff : 0x7f;
    out->tl0 = packet->vp8->tl0 + run->tl0_offset;
  }
}

gboolean
bif_layered_again (const BifLayered * self, const BifLayeredPacket * packet,
    BifLayeredNumbers * out)
{
  BifRun run;

  if (!find_run (self, has_index, packet->layer.substream, packet->index,
          &run))
    return FALSE;
  apply_run (&run, packet, out);
  return TRUE;
}

gboolean
bif_layered_unmap (const BifLayered * self, guint16 sequence, int *substream,
    guint64 * index, guint64 * out_index)
{
  BifRun run;

  *out_index = bif_rtp_extend (self->rewrite->highest, sequence);
  if (*out_index > self->rewrite->highest
      || !find_run (self, has_out_index, -1, *out_index, &run))
    return FALSE;
  *substream = run.substream;
  *index = *out_index - run.offset;
  return TRUE;
}

/* ---- what comes ---- */

/* The picture goes out as the one after the last. */
static void
begin_pictures (BifLayered * self, const BifVp8 * vp8)
{
  self->has_skipped = FALSE;
  self->run.picture_offset = self->run.tl0_offset = 0;
  if (vp8 == NULL || !self->has_picture)
    return;
  self->run.picture_offset = self->last_picture_id + 1 - vp8->picture_id;
  self->run.tl0_offset = self->last_tl0 + 1 - vp8->tl0;
}

static void
skip (BifLayered * self, const BifLayeredPacket * packet)
{
  const BifVp8 *vp8 = packet->vp8;
  BifRun run = current_run (self, packet->index - 1);

  keep_run (self, &run);
  bif_rewrite_skip (self->rewrite, packet->index);
  self->newest = packet->index;
  if (vp8 == NULL || vp8->picture_id_at == 0 || (self->has_skipped
          && self->skipped_picture_id == vp8->picture_id))
    return;
  self->has_skipped = TRUE;
  self->skipped_picture_id = vp8->picture_id;
  self->run.picture_offset--;
}

/* Numbers of the newest packet. A source that jumped began anew. */
static gboolean
number (BifLayered * self, const BifLayeredPacket * packet, gint64 now_us,
    BifLayeredNumbers * out)
{
  BifRun before = current_run (self, self->newest);
  gboolean started = self->rewrite->started;
  guint64 highest = self->rewrite->highest;

  if (!bif_rewrite_map (self->rewrite, packet->index, packet->timestamp,
          now_us, &out->index, &out->timestamp))
    return FALSE;
  if (started && self->rewrite->offset != before.offset) {
    end_epoch (self, &before, highest);
    started = FALSE;
  }
  if (!started)
    begin_pictures (self, packet->vp8);
  self->newest = packet->index;
  before = current_run (self, packet->index);
  apply_run (&before, packet, out);
  if (packet->vp8 != NULL && packet->vp8->picture_id_at != 0) {
    self->has_picture = TRUE;
    self->last_picture_id = out->picture_id;
    if (packet->vp8->tl0_at != 0)
      self->last_tl0 = out->tl0;
  }
  return TRUE;
}

/* A layer more or less is let through: what comes late is of the run before. */
static void
split_run (BifLayered * self, guint64 index)
{
  BifRun run = current_run (self, index - 1);

  if (!self->rewrite->started || self->run.allowed == self->layers.allowed)
    return;
  keep_run (self, &run);
  self->rewrite->first_in = index;
  self->run.allowed = self->layers.allowed;
}

static gboolean
take_late (BifLayered * self, const BifLayeredPacket * packet,
    BifLayeredNumbers * out)
{
  if (!bif_layered_again (self, packet, out))
    return FALSE;
  self->rewrite->highest = MAX (self->rewrite->highest, out->index);
  return TRUE;
}

gboolean
bif_layered_take (BifLayered * self, const BifLayeredPacket * packet,
    gint64 now_us, BifLayeredNumbers * out)
{
  BifRun run = current_run (self, self->newest);

  if ((int) packet->layer.substream == self->layers.substream
      && packet->index <= self->newest)
    return take_late (self, packet, out);
  switch (bif_layers_take (&self->layers, &packet->layer, now_us)) {
    case BIF_LAYER_SKIP:
      split_run (self, packet->index);
      skip (self, packet);
      return FALSE;
    case BIF_LAYER_SEND:
      split_run (self, packet->index);
      return number (self, packet, now_us, out);
    case BIF_LAYER_SWITCH:
      end_epoch (self, &run, self->rewrite->highest);
      bif_rewrite_pause (self->rewrite);
      self->run.substream = self->layers.substream;
      self->run.allowed = self->layers.allowed;
      return number (self, packet, now_us, out);
    default:
      return FALSE;
  }
}
