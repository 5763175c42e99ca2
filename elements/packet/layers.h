/* layers.h: which of a simulcast source's packets one subscriber gets: layers
 * wanted, layers there are, and when to change between them. Plain values. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIF_MAX_SUBSTREAMS 3
#define BIF_MAX_TEMPORAL 3
#define BIF_LAYERS_FALLBACK_US (250 * 1000)

/**
 * BifLayers: bif_layers_init() it. Substream 0 is the lowest.
 * @n: substreams there are
 * @target_substream, @target_temporal: what is wanted, 0 to 2
 * @fallback_us: silence after which a substream counts as gone; 0: 250 ms
 * @substream: that is sent; -1: none yet
 * @temporal: highest layer that was sent of it; -1: it has none
 * @allowed: highest temporal layer that is let through now
 */
typedef struct
{
  guint n;
  guint target_substream, target_temporal;
  gint64 fallback_us;
  int substream;
  int temporal;
  int allowed;
  int total_temporal;           /* layers seen of the substream; 0: none said */
  gint64 heard_us[BIF_MAX_SUBSTREAMS];  /* monotonic; 0: never */
} BifLayers;

/**
 * BifLayerPacket:
 * @start: first of a picture
 * @tid: temporal layer; -1 where it does not say
 * @sync: decoding may begin with its temporal layer here
 */
typedef struct
{
  guint substream;
  gboolean keyframe;
  gboolean start;
  int tid;
  gboolean sync;
} BifLayerPacket;

typedef enum
{
  BIF_LAYER_DROP,               /* of another substream */
  BIF_LAYER_SKIP,               /* of the substream, but a temporal layer that
                                   is not wanted: numbers close behind it */
  BIF_LAYER_SEND,
  BIF_LAYER_SWITCH,             /* sent, and the first of its substream */
} BifLayerVerdict;

void bif_layers_init (BifLayers * self, guint n);
/* What is sent next begins with a keyframe, as if nothing had been sent. */
void bif_layers_restart (BifLayers * self);

/* The substream that should be sent now: the best that is alive up to the
 * target, else the lowest above it, else the one that is sent. -1: none. */
int bif_layers_wanted (const BifLayers * self, gint64 now_us);

/* Decides over the next packet; packets that are late are not asked about. */
BifLayerVerdict bif_layers_take (BifLayers * self,
    const BifLayerPacket * packet, gint64 now_us);

G_END_DECLS
