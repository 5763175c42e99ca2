/* mjrmux.h: bifmjrmux: RTP packets, or messages of a data channel, into .mjr. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define BIF_TYPE_MJR_MUX (bif_mjr_mux_get_type ())
G_DECLARE_FINAL_TYPE (BifMjrMux, bif_mjr_mux, BIF, MJR_MUX, GstElement)

G_END_DECLS
