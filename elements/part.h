/* part.h: one file of a bifpartsink: a muxer and a filesink in its bin, and pads
 * that push into them. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct _BifPart BifPart;

/**
 * bif_part_new:
 * @bin: gets the part's elements
 * @muxer: factory name; @muxer_properties: (nullable)
 * @path: the file's last name; @temporary_ending: (nullable): it is written
 *   under <path>.<ending> first
 * @error: GST_CORE_ERROR, GST_RESOURCE_ERROR
 */
BifPart *bif_part_new (GstBin * bin, const char *muxer,
    const GstStructure * muxer_properties, const char *path,
    const char *temporary_ending, GError ** error);
/* The elements must be in state NULL, or gone. */
void bif_part_free (BifPart * self);

/* A pad that pushes into the file, before anything was pushed. NULL where the
 * muxer takes no such caps. The part owns it. */
GstPad *bif_part_add_pad (BifPart * self, gboolean video, GstCaps * caps);
/* Its pads may be pushed to from now on. */
gboolean bif_part_start (BifPart * self);
/* Writes @buffer (taken) now, whether other tracks have something or not. */
GstFlowReturn bif_part_push (BifPart * self, GstPad * pad,
    GstBuffer * buffer);
/* Nothing more comes on @pad; the file goes on. */
void bif_part_end_pad (BifPart * self, GstPad * pad);
/* No more comes; the filesink's EOS message tells that the file is whole. */
void bif_part_finish (BifPart * self);
/* Whether @message is of the part's filesink. */
gboolean bif_part_owns (BifPart * self, GstObject * source);
/* Takes the elements out of the bin and gives the file its last name. Not on
 * their streaming threads. */
void bif_part_remove (BifPart * self);
/* Whether the muxer waits until all of its pads have data or are at their end. */
gboolean bif_part_waits (const BifPart * self);
const char *bif_part_path (const BifPart * self);

G_END_DECLS
