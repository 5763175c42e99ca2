/* mjrdemux.h: bifmjrdemux: an .mjr file into RTP packets, or into messages. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define BIF_TYPE_MJR_DEMUX (bif_mjr_demux_get_type ())
G_DECLARE_FINAL_TYPE (BifMjrDemux, bif_mjr_demux, BIF, MJR_DEMUX, GstElement)

/* Knows .mjr files by their first bytes. */
gboolean bif_mjr_type_find_register (GstPlugin * plugin);

G_END_DECLS
