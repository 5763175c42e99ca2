/* av1pay.h: bifrtpav1pay: AV1 into RTP. */
#pragma once

#include <gst/gst.h>
#include <gst/rtp/gstrtpbasepayload.h>

G_BEGIN_DECLS

#define BIF_TYPE_AV1_PAY (bif_av1_pay_element_get_type ())
G_DECLARE_FINAL_TYPE (BifAv1PayElement, bif_av1_pay_element, BIF, AV1_PAY,
    GstRTPBasePayload)

G_END_DECLS
