/* dependency.h: the dependency descriptor, the header extension of AV1 that
 * tells what layers a frame is of and who needs it (AV1 RTP specification,
 * appendix A). */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIF_DD_MAX_TEMPLATES 64
#define BIF_DD_MAX_TARGETS 32
#define BIF_DD_MAX_SPATIAL 4
#define BIF_DD_MAX_TEMPORAL 8
/* What rewriting adds at most: five flags and a mask. */
#define BIF_DD_MAX_GROWTH 5

/* How a decode target needs a frame. */
typedef enum
{
  BIF_DD_NOT_PRESENT,
  BIF_DD_DISCARDABLE,
  BIF_DD_SWITCH,                /* whoever gets it can go on with the target */
  BIF_DD_REQUIRED,
} BifDdIndication;

typedef struct
{
  guint8 sid, tid;
  guint8 dti[BIF_DD_MAX_TARGETS];       /* BifDdIndication */
} BifDdTemplate;

/**
 * BifDdStructure: what comes with keyframes and holds until the next.
 * @n_targets: 0: none came yet
 * @target_sid, @target_tid: highest layers of each decode target
 */
typedef struct
{
  guint8 id_offset;
  guint n_targets, n_templates;
  BifDdTemplate template[BIF_DD_MAX_TEMPLATES];
  guint8 target_sid[BIF_DD_MAX_TARGETS], target_tid[BIF_DD_MAX_TARGETS];
  guint n_spatial, n_temporal;
} BifDdStructure;

/**
 * BifDd: one descriptor.
 * @start, @end: first and last packet of the frame
 * @mask: decode targets that are active; @has_mask: it says so itself
 * @mask_at: bit where the mask is, or would be
 */
typedef struct
{
  gboolean start, end;
  guint16 number;
  gboolean has_structure, has_mask, extended;
  guint8 sid, tid;
  guint n_targets;
  guint8 dti[BIF_DD_MAX_TARGETS];
  guint32 mask;
  gsize mask_at;
} BifDd;

/* Reads @data; @structure is replaced where it brings another, and stays as it
 * was where it is broken. FALSE where it is, or its structure was missed. */
gboolean bif_dd_parse (BifDd * self, BifDdStructure * structure,
    const guint8 * data, gsize size);

/* Writes @data, which @self was read from, with another number and mask into
 * @out, which has room for @size + BIF_DD_MAX_GROWTH bytes. Returns the size. */
gsize bif_dd_write (const BifDd * self, const guint8 * data, gsize size,
    guint16 number, guint32 mask, guint8 * out);

/* The best target of at most these layers; -1: there is none. */
int bif_dd_find_target (const BifDdStructure * self, guint32 mask,
    guint sid, guint tid);
/* Targets of no more than the layers of @target. */
guint32 bif_dd_targets_within (const BifDdStructure * self, guint target);
guint32 bif_dd_all_targets (guint n);

G_END_DECLS
