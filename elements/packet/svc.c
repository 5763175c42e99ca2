/* svc.c: layer choice of one subscriber of a scalable stream. */
#include "packet/svc.h"
#include "packet/layers.h"

/* Lower layers of some structures need a keyframe, too. */
#define PENDING_LIMIT_US (500 * 1000)

void
bif_svc_init (BifSvc * self)
{
  *self = (BifSvc) {
    .target_spatial = BIF_MAX_SUBSTREAMS - 1,
    .target_temporal = BIF_MAX_TEMPORAL - 1,
  };
  bif_svc_restart (self);
}

void
bif_svc_restart (BifSvc * self)
{
  self->layers = (BifSvcLayers) { -1, -1, -1 };
  self->pending_us = 0;
  self->started = FALSE;
}

static int
highest_alive (const BifSvc * self, gint64 now_us)
{
  gint64 limit_us = self->fallback_us > 0 ? self->fallback_us
      : BIF_LAYERS_FALLBACK_US;

  for (int i = MIN (self->target_spatial, BIF_SVC_MAX_SPATIAL - 1); i > 0;
      i--) {
    if (self->heard_us[i] != 0 && now_us - self->heard_us[i] < limit_us)
      return i;
  }
  return 0;
}

gboolean
bif_svc_waits (const BifSvc * self, gint64 now_us)
{
  return highest_alive (self, now_us) > self->layers.spatial
      || (self->pending_us != 0
      && now_us - self->pending_us >= PENDING_LIMIT_US);
}

int
bif_svc_spatial (const BifSvc * self)
{
  return MIN (self->layers.spatial, self->total_spatial - 1);
}

int
bif_svc_temporal (const BifSvc * self)
{
  return MIN (self->layers.temporal, self->total_temporal - 1);
}

gboolean
bif_svc_has (const BifSvcLayers * layers, const BifFrame * frame)
{
  if (frame->dd != NULL && layers->target >= 0
      && (guint) layers->target < frame->dd->n_targets)
    return frame->dd->dti[layers->target] != BIF_DD_NOT_PRESENT;
  return frame->sid <= layers->spatial && frame->tid <= layers->temporal;
}

gboolean
bif_svc_ends (const BifSvcLayers * layers, const BifFrame * frame)
{
  return frame->end && frame->sid >= 0 && frame->sid == layers->spatial;
}

/* ---- VP9: by layers ---- */

static void
note_sent (BifSvc * self, const BifFrame * frame)
{
  guint16 id = frame->picture.id & frame->picture.mask;

  if (frame->picture.mask != 0)
    self->sent[id % BIF_SVC_SENT] = id + 1;
}

/* All that the picture was predicted from was sent. */
static gboolean
has_references (const BifSvc * self, const BifFrame * frame)
{
  for (guint i = 0; i < frame->n_references; i++) {
    guint16 id = (frame->picture.id - frame->reference[i])
        & frame->picture.mask;

    if (self->sent[id % BIF_SVC_SENT] != id + 1)
      return FALSE;
  }
  return frame->n_references > 0 && frame->picture.mask != 0;
}

static void
raise_temporal (BifSvc * self, const BifFrame * frame)
{
  int wanted = self->target_temporal;

  if (wanted <= self->layers.temporal || frame->tid > wanted)
    return;
  if (frame->tid <= self->layers.temporal && frame->sync)
    self->layers.temporal = wanted;
  else if (frame->tid > self->layers.temporal && frame->sid == 0
      && (frame->sync || has_references (self, frame)))
    self->layers.temporal = frame->tid;
}

static void
choose_layers (BifSvc * self, const BifFrame * frame, gboolean fresh)
{
  BifSvcLayers *layers = &self->layers;

  layers->target = -1;
  if (frame->keyframe) {
    layers->spatial = self->target_spatial;
    layers->temporal = self->target_temporal;
    return;
  }
  if (layers->spatial < 0)
    return;
  if (fresh) {
    layers->spatial = MIN (layers->spatial, (int) self->target_spatial);
    layers->temporal = MIN (layers->temporal, (int) self->target_temporal);
  }
  if (!frame->start)
    return;
  raise_temporal (self, frame);
  /* from the layer below alone, in the same picture */
  if (frame->sid == layers->spatial + 1 && !frame->inter
      && frame->sid <= (int) self->target_spatial)
    layers->spatial = frame->sid;
}

/* ---- AV1: by decode targets ---- */

static void
take_target (BifSvc * self, const BifFrame * frame, int target)
{
  self->layers.target = target;
  self->layers.spatial = frame->structure->target_sid[target];
  self->layers.temporal = frame->structure->target_tid[target];
  self->pending_us = 0;
}

/* The frame is sent already, so that all it was predicted from was: who goes on
 * with @wanted from it on has all that is needed. */
static gboolean
can_switch (const BifSvc * self, const BifDd * dd, guint wanted)
{
  return dd->dti[wanted] == BIF_DD_SWITCH && self->layers.target >= 0
      && (guint) self->layers.target < dd->n_targets
      && dd->dti[self->layers.target] != BIF_DD_NOT_PRESENT;
}

static void
choose_target (BifSvc * self, const BifFrame * frame, gint64 now_us)
{
  const BifDd *dd = frame->dd;
  int wanted = bif_dd_find_target (frame->structure, dd->mask,
      self->target_spatial, self->target_temporal);

  if (wanted < 0 || !frame->start
      || (self->layers.spatial < 0 && !frame->keyframe))
    return;
  if (frame->keyframe || wanted == self->layers.target
      || can_switch (self, dd, wanted))
    take_target (self, frame, wanted);
  else if (self->pending_us == 0)
    self->pending_us = now_us;
}

/* ---- both ---- */

static void
note_layers (BifSvc * self, const BifFrame * frame, gint64 now_us)
{
  if (frame->sid >= 0 && frame->sid < BIF_SVC_MAX_SPATIAL)
    self->heard_us[frame->sid] = now_us;
  self->total_spatial = MAX (self->total_spatial, frame->sid + 1);
  if (frame->n_spatial > 0)
    self->total_spatial = frame->n_spatial;
  self->total_temporal = MAX (self->total_temporal, frame->tid + 1);
  if (frame->structure != NULL)
    self->total_temporal = frame->structure->n_temporal;
}

gboolean
bif_svc_take (BifSvc * self, const BifFrame * frame, guint32 timestamp,
    gint64 now_us)
{
  gboolean fresh = !self->started || timestamp != self->timestamp;

  self->started = TRUE;
  self->timestamp = timestamp;
  note_layers (self, frame, now_us);
  if (frame->dd != NULL)
    choose_target (self, frame, now_us);
  else
    choose_layers (self, frame, fresh);
  if (self->layers.spatial < 0 || !bif_svc_has (&self->layers, frame))
    return FALSE;
  note_sent (self, frame);
  return TRUE;
}
