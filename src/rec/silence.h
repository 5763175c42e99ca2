/* silence.h: fills gaps in a stream of Opus with silence. Streaming thread. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* From now on @pad, which pushes Opus packets, pushes packets of 20 ms of silence
 * where packets are missing or were never sent. @begin: fills from there to the
 * first packet; NONE: begins with that. */
void bif_rec_fill_silence (GstPad * pad, GstClockTime begin);

G_END_DECLS
