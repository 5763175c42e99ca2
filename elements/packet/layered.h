/* layered.h: the numbers of one subscriber that is sent one layer of several:
 * steady across switches, and without gaps where temporal layers are left out.
 * What was sent under which number is known for a while, for NACKs and for what
 * comes late. Plain values; the owner's lock guards them. */
#pragma once

#include "packet/layers.h"
#include "packet/rewrite.h"
#include "packet/svc.h"

G_BEGIN_DECLS

#define BIF_LAYERED_RUNS 128

/* Packets of one substream in a row whose numbers moved by the same. */
typedef struct
{
  int substream;
  int allowed;                  /* temporal layer, as of BifLayers */
  BifSvcLayers svc;
  guint64 first, last;          /* indices in the source */
  guint64 offset;
  guint32 timestamp_offset;
  guint16 picture_offset;
  guint8 tl0_offset;
} BifRun;

/**
 * BifLayered: bif_layered_init() it; @rewrite has the offsets of the run.
 * @newest: highest index of the substream that was seen
 * @last_picture_id, @last_tl0: highest that were sent
 */
typedef struct
{
  gboolean is_svc;              /* one source, of which @svc chooses */
  BifLayers layers;
  BifSvc svc;
  BifRewrite *rewrite;          /* the owner's */
  BifRun run;                   /* that goes on; offsets are in @rewrite */
  guint64 newest;
  gboolean has_picture;         /* something with a PictureID was sent */
  guint16 last_picture_id;
  guint8 last_tl0;
  gboolean has_skipped;         /* the picture that is being left out */
  guint16 skipped_picture_id;
  BifRun runs[BIF_LAYERED_RUNS];        /* that ended, round and round */
  guint n_runs;
} BifLayered;

/**
 * BifLayeredPacket: what came; @frame: what it says of itself
 */
typedef struct
{
  guint64 index;
  guint32 timestamp;
  BifLayerPacket layer;
  const BifFrame *frame;
} BifLayeredPacket;

/**
 * BifLayeredNumbers: how it goes out.
 * @empty: its number is taken, its layer is not wanted: send it with no payload
 * @ends: it is the last of its picture, of what the subscriber gets
 * @mask: decode targets that are sent, where it has a dependency descriptor
 */
typedef struct
{
  guint64 index;
  guint32 timestamp;
  guint16 picture_id;
  guint8 tl0;
  gboolean empty, ends;
  guint32 mask;
} BifLayeredNumbers;

/* @n: substreams; 1: a scalable stream. */
void bif_layered_init (BifLayered * self, BifRewrite * rewrite, guint n);
/* Goes on with the next keyframe. */
void bif_layered_restart (BifLayered * self);

/* A packet of any substream: TRUE: send it with @out. */
gboolean bif_layered_take (BifLayered * self, const BifLayeredPacket * packet,
    gint64 now_us, BifLayeredNumbers * out);

/* Where a packet came from that was sent as @sequence. */
gboolean bif_layered_unmap (const BifLayered * self, guint16 sequence,
    int *substream, guint64 * index, guint64 * out_index);
/* The numbers of a packet of the past, again. FALSE: it had none. */
gboolean bif_layered_again (const BifLayered * self,
    const BifLayeredPacket * packet, BifLayeredNumbers * out);

G_END_DECLS
