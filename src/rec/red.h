/* red.h: unpacks redundant audio (RFC 2198). Streaming thread. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* From now on what @pad, a sink pad that takes RTP, gets with @payload_type is
 * unpacked; what is missing in between is taken from what came later. Nothing
 * else changes, apart from packets coming up to 0.4 seconds of media later.
 * @clock_rate: Hz, of the timestamps */
void bif_rec_unpack_red (GstPad * pad, guint payload_type, guint clock_rate);

G_END_DECLS
