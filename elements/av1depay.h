/* av1depay.h: bifrtpav1depay: AV1 out of RTP. */
#pragma once

#include <gst/gst.h>
#include <gst/rtp/gstrtpbasedepayload.h>

G_BEGIN_DECLS

#define BIF_TYPE_AV1_DEPAY (bif_av1_depay_element_get_type ())
G_DECLARE_FINAL_TYPE (BifAv1DepayElement, bif_av1_depay_element, BIF,
    AV1_DEPAY, GstRTPBaseDepayload)

G_END_DECLS
