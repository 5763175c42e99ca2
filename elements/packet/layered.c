/* layered.c: layer choice and header numbers together, for one subscriber. */
#include "packet/layered.h"
#include "packet/rtp.h"

void
bif_layered_init (BifLayered * self, BifRewrite * rewrite, guint n)
{
  *self = (BifLayered) { .rewrite = rewrite, .is_svc = n == 1 };
  bif_svc_init (&self->svc);
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
  bif_svc_restart (&self->svc);
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

/* @run is of a scalable stream. */
static void
apply_svc (const BifRun * run, const BifFrame * frame,
    BifLayeredNumbers * out)
{
  out->empty = !bif_svc_has (&run->svc, frame);
  out->ends = bif_svc_ends (&run->svc, frame);
  if (frame->dd == NULL)
    return;
  out->mask = frame->dd->mask;
  if (run->svc.target >= 0
      && (guint) run->svc.target < frame->structure->n_targets)
    out->mask &= bif_dd_targets_within (frame->structure, run->svc.target);
}

static void
apply_run (const BifLayered * self, const BifRun * run,
    const BifLayeredPacket * packet, BifLayeredNumbers * out)
{
  const BifPicture *picture = &packet->frame->picture;

  *out = (BifLayeredNumbers) {
    .index = packet->index + run->offset,
    .timestamp = packet->timestamp + run->timestamp_offset,
    .empty = packet->layer.tid > run->allowed,
    .mask = packet->frame->dd != NULL ? packet->frame->dd->mask : 0,
  };
  if (self->is_svc)
    apply_svc (run, packet->frame, out);
  out->picture_id = (picture->id + run->picture_offset) & picture->mask;
  out->tl0 = picture->tl0 + run->tl0_offset;
}

gboolean
bif_layered_again (const BifLayered * self, const BifLayeredPacket * packet,
    BifLayeredNumbers * out)
{
  BifRun run;

  if (!find_run (self, has_index, packet->layer.substream, packet->index,
          &run))
    return FALSE;
  apply_run (self, &run, packet, out);
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
begin_pictures (BifLayered * self, const BifPicture * picture)
{
  self->has_skipped = FALSE;
  self->run.picture_offset = self->run.tl0_offset = 0;
  if (picture->mask == 0 || !self->has_picture)
    return;
  self->run.picture_offset = self->last_picture_id + 1 - picture->id;
  self->run.tl0_offset = self->last_tl0 + 1 - picture->tl0;
}

static void
skip (BifLayered * self, const BifLayeredPacket * packet)
{
  const BifPicture *picture = &packet->frame->picture;
  BifRun run = current_run (self, packet->index - 1);

  keep_run (self, &run);
  bif_rewrite_skip (self->rewrite, packet->index);
  self->newest = packet->index;
  if (picture->mask == 0 || picture->by_difference || (self->has_skipped
          && self->skipped_picture_id == picture->id))
    return;
  self->has_skipped = TRUE;
  self->skipped_picture_id = picture->id;
  self->run.picture_offset--;
}

/* Numbers of the newest packet. A source that jumped began anew. */
static gboolean
number (BifLayered * self, const BifLayeredPacket * packet, gint64 now_us,
    BifLayeredNumbers * out)
{
  const BifPicture *picture = &packet->frame->picture;
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
    begin_pictures (self, picture);
  self->newest = packet->index;
  before = current_run (self, packet->index);
  apply_run (self, &before, packet, out);
  if (picture->mask != 0) {
    self->has_picture = TRUE;
    self->last_picture_id = out->picture_id;
    if (picture->tl0_at != 0)
      self->last_tl0 = out->tl0;
  }
  return TRUE;
}

static gboolean
same_layers (const BifLayered * self)
{
  const BifSvcLayers *now = &self->svc.layers, *run = &self->run.svc;

  if (!self->is_svc)
    return self->run.allowed == self->layers.allowed;
  return now->spatial == run->spatial && now->temporal == run->temporal
      && now->target == run->target;
}

/* A layer more or less is let through: what comes late is of the run before. */
static void
split_run (BifLayered * self, guint64 index)
{
  BifRun run = current_run (self, index - 1);

  if (same_layers (self))
    return;
  if (self->rewrite->started) {
    keep_run (self, &run);
    self->rewrite->first_in = index;
  }
  self->run.allowed = self->layers.allowed;
  self->run.svc = self->svc.layers;
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

static gboolean
take_svc (BifLayered * self, const BifLayeredPacket * packet, gint64 now_us,
    BifLayeredNumbers * out)
{
  gboolean wanted = bif_svc_take (&self->svc, packet->frame,
      packet->timestamp, now_us);

  if (self->svc.layers.spatial < 0)
    return FALSE;
  split_run (self, packet->index);
  if (wanted)
    return number (self, packet, now_us, out);
  skip (self, packet);
  return FALSE;
}

static gboolean
take_substream (BifLayered * self, const BifLayeredPacket * packet,
    gint64 now_us, BifLayeredNumbers * out)
{
  BifRun run = current_run (self, self->newest);

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

gboolean
bif_layered_take (BifLayered * self, const BifLayeredPacket * packet,
    gint64 now_us, BifLayeredNumbers * out)
{
  gboolean same = self->is_svc ? self->rewrite->started
      : (int) packet->layer.substream == self->layers.substream;

  if (same && packet->index <= self->newest)
    return take_late (self, packet, out);
  return self->is_svc ? take_svc (self, packet, now_us, out)
      : take_substream (self, packet, now_us, out);
}
