/* layers.c: layer choice of one subscriber. */
#include "packet/layers.h"

void
bif_layers_init (BifLayers * self, guint n)
{
  *self = (BifLayers) {
    .n = MIN (n, BIF_MAX_SUBSTREAMS),
    .target_substream = BIF_MAX_SUBSTREAMS - 1,
    .target_temporal = BIF_MAX_TEMPORAL - 1,
  };
  bif_layers_restart (self);
}

void
bif_layers_restart (BifLayers * self)
{
  self->substream = self->temporal = -1;
  self->allowed = self->total_temporal = 0;
}

static gboolean
is_alive (const BifLayers * self, guint substream, gint64 now_us)
{
  gint64 limit_us = self->fallback_us > 0 ? self->fallback_us
      : BIF_LAYERS_FALLBACK_US;

  return self->heard_us[substream] != 0
      && now_us - self->heard_us[substream] < limit_us;
}

int
bif_layers_wanted (const BifLayers * self, gint64 now_us)
{
  int target = MIN (self->target_substream + 1, self->n);

  for (int i = target - 1; i >= 0; i--) {
    if (is_alive (self, i, now_us))
      return i;
  }
  for (guint i = target; i < self->n; i++) {
    if (is_alive (self, i, now_us))
      return i;
  }
  return self->substream;
}

/* Lower at once, at a picture's start; higher where the layer may begin. */
static void
choose_temporal (BifLayers * self, const BifLayerPacket * packet)
{
  int target = self->target_temporal;

  if (!packet->start && !packet->keyframe)
    return;
  if (packet->keyframe || target < self->allowed)
    self->allowed = target;
  else if (packet->sync && packet->tid > self->allowed
      && packet->tid <= target)
    self->allowed = packet->tid;
  self->temporal = MIN (self->temporal, self->allowed);
}

BifLayerVerdict
bif_layers_take (BifLayers * self, const BifLayerPacket * packet,
    gint64 now_us)
{
  int substream = packet->substream;
  BifLayerVerdict verdict = BIF_LAYER_SEND;

  if (packet->substream >= self->n)
    return BIF_LAYER_DROP;
  self->heard_us[substream] = now_us;
  if (substream != self->substream) {
    /* a keyframe of a layer that is left out is none */
    if (!packet->keyframe || packet->tid > (int) self->target_temporal
        || bif_layers_wanted (self, now_us) != substream)
      return BIF_LAYER_DROP;
    bif_layers_restart (self);
    self->substream = substream;
    verdict = BIF_LAYER_SWITCH;
  }
  if (packet->tid < 0)
    return verdict;
  choose_temporal (self, packet);
  self->total_temporal = MAX (self->total_temporal, packet->tid + 1);
  if (packet->tid > self->allowed)
    return BIF_LAYER_SKIP;
  self->temporal = MAX (self->temporal, packet->tid);
  return verdict;
}
