/* partsink.h: bifpartsink: audio and video into files, part by part. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define BIF_TYPE_PART_SINK (bif_part_sink_get_type ())
G_DECLARE_FINAL_TYPE (BifPartSink, bif_part_sink, BIF, PART_SINK, GstBin)

G_END_DECLS
