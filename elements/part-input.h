/* part-input.h: a track of a bifpartsink: what it waits for, and what waits in
 * it. The element's lock guards them. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  GstPad *pad;                  /* of the element */
  gboolean video;
  GstSegment segment;
  GstCaps *caps;                /* (nullable) */
  GstPad *out;                  /* of the part (nullable): not in this one */
  GQueue held;                  /* of GstBuffer, PTS is running time */
  GstClockTime last;            /* written last, on the file's time line */
  GstClockTime newest;          /* running time of what came last */
  gboolean waits_keyframe;
  gboolean refused;             /* the muxer takes no such caps */
  gboolean ended;
} BifPartInput;

BifPartInput *bif_part_input_new (gboolean video);
void bif_part_input_free (gpointer input);
/* As if nothing had come. */
void bif_part_input_reset (BifPartInput * self);

/* Whether one of @inputs is a video track of the part that goes on. */
gboolean bif_part_inputs_have_video (const GPtrArray * inputs);
gboolean bif_part_inputs_ended (const GPtrArray * inputs);
/* Which holds the earliest buffer; NULL: none holds any. */
BifPartInput *bif_part_inputs_earliest (const GPtrArray * inputs);

/* When the last of the tracks with something held begins, not before @start:
 * fragmented MP4 has no place for how much later one begins than another. */
GstClockTime bif_part_inputs_latest (const GPtrArray * inputs,
    GstClockTime start);

/* Whether a file whose track had @before may go on with @after. */
gboolean bif_part_caps_go_on (const GstCaps * before, const GstCaps * after);

G_END_DECLS
