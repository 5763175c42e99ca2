/* bridge-layers.h: the best of several simulcast layers as one stream, for a
 * bridge into a pipeline. The bridge's lock guards it. */
#pragma once

#include "stream.h"
#include "packet/layered.h"

G_BEGIN_DECLS

/**
 * BifBridgeLayers: bif_bridge_layers_init() it.
 * @ssrc: of all that goes out; 0: nothing did
 */
typedef struct
{
  BifLayered layered;
  BifRewrite rewrite;
  guint32 ssrc;
} BifBridgeLayers;

void bif_bridge_layers_init (BifBridgeLayers * self, guint n,
    guint clock_rate);
/* What goes out in place of @packet, NULL: nothing. @index: its number. */
GstBuffer *bif_bridge_layers_take (BifBridgeLayers * self,
    const BifPacket * packet, guint substream, guint64 * index);
/* The layer that a keyframe is waited for of; -1: none is. */
int bif_bridge_layers_waits (const BifBridgeLayers * self, gint64 now_us);

G_END_DECLS
