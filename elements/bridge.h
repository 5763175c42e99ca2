/* bridge.h: the two ends of a bridge between the packet path and pipelines, and
 * the names they find each other by. */
#pragma once

#include "stream.h"

#include <gst/base/gstbasesink.h>
#include <gst/base/gstpushsrc.h>

G_BEGIN_DECLS

#define BIF_TYPE_BRIDGE_SRC (bif_bridge_src_get_type ())
G_DECLARE_FINAL_TYPE (BifBridgeSrc, bif_bridge_src, BIF, BRIDGE_SRC,
    GstPushSrc)

#define BIF_TYPE_BRIDGE_SINK (bif_bridge_sink_get_type ())
G_DECLARE_FINAL_TYPE (BifBridgeSink, bif_bridge_sink, BIF, BRIDGE_SINK,
    GstBaseSink)

/* The stream called @channel, made at the first call; it goes with the last
 * reference. Returns: (transfer full). Any thread. */
BifStream *bif_channel_get (const char *channel);

G_END_DECLS
