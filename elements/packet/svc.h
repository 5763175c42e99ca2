/* svc.h: which layers of a scalable stream (VP9, AV1) one subscriber gets, and
 * when it may change between them. Plain values. */
#pragma once

#include "packet/frame.h"

G_BEGIN_DECLS

#define BIF_SVC_MAX_SPATIAL 8
#define BIF_SVC_SENT 128        /* pictures that are remembered */

/* What is let through. @target: AV1's decode target; -1: by layers. */
typedef struct
{
  int spatial, temporal;
  int target;
} BifSvcLayers;

/**
 * BifSvc: bif_svc_init() it.
 * @target_spatial, @target_temporal: what is wanted, 0 to 2
 * @fallback_us: silence after which a spatial layer counts as gone; 0: 250 ms
 * @layers: let through now; spatial -1: waits for a keyframe
 * @total_spatial, @total_temporal: layers seen; 0: it does not tell of any
 */
typedef struct
{
  guint target_spatial, target_temporal;
  gint64 fallback_us;
  BifSvcLayers layers;
  int total_spatial, total_temporal;
  gint64 heard_us[BIF_SVC_MAX_SPATIAL]; /* monotonic; 0: never */
  gint64 pending_us;            /* since when another target waits; 0: none */
  gboolean started;
  guint32 timestamp;            /* of the picture that goes on */
  guint16 sent[BIF_SVC_SENT];   /* 1 + number of a picture sent; 0: none */
} BifSvc;

void bif_svc_init (BifSvc * self);
/* What is sent next begins with a keyframe. */
void bif_svc_restart (BifSvc * self);

/* What is sent of what there is; -1: nothing yet, or it does not tell. */
int bif_svc_spatial (const BifSvc * self);
int bif_svc_temporal (const BifSvc * self);

/* Whether a keyframe would bring a layer that is wanted, and is there. */
gboolean bif_svc_waits (const BifSvc * self, gint64 now_us);

/* Decides over the next packet; TRUE: it is sent. */
gboolean bif_svc_take (BifSvc * self, const BifFrame * frame,
    guint32 timestamp, gint64 now_us);

/* Whether a packet is of @layers, and whether it is the last of its picture in
 * them. */
gboolean bif_svc_has (const BifSvcLayers * layers, const BifFrame * frame);
gboolean bif_svc_ends (const BifSvcLayers * layers, const BifFrame * frame);

G_END_DECLS
