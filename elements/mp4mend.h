/* mp4mend.h: bifmp4mend: MP4 files of GStreamer's muxer that others can read. */
#pragma once

#include <gst/base/gstbasetransform.h>

G_BEGIN_DECLS

#define BIF_TYPE_MP4_MEND (bif_mp4_mend_get_type ())
G_DECLARE_FINAL_TYPE (BifMp4Mend, bif_mp4_mend, BIF, MP4_MEND,
    GstBaseTransform)

G_END_DECLS
