/* plugin.c: the GStreamer plugin: factories by name. */
#include "config.h"
#include "av1depay.h"
#include "av1pay.h"
#include "bridge.h"
#include "mjrdemux.h"
#include "mjrmux.h"
#include "mp4mend.h"
#include "mux.h"
#include "partsink.h"
#include "relay.h"
#include "transport.h"

static gboolean
plugin_init (GstPlugin * plugin)
{
  return gst_element_register (plugin, "bifmux", GST_RANK_NONE, BIF_TYPE_MUX)
      && gst_element_register (plugin, "biftransport", GST_RANK_NONE,
      BIF_TYPE_RTC_TRANSPORT)
      && gst_element_register (plugin, "bifrelay", GST_RANK_NONE,
      BIF_TYPE_RELAY)
      && gst_element_register (plugin, "bifbridgesrc", GST_RANK_NONE,
      BIF_TYPE_BRIDGE_SRC)
      && gst_element_register (plugin, "bifbridgesink", GST_RANK_NONE,
      BIF_TYPE_BRIDGE_SINK)
      && gst_element_register (plugin, "bifpartsink", GST_RANK_NONE,
      BIF_TYPE_PART_SINK)
      && gst_element_register (plugin, "bifmjrdemux", GST_RANK_PRIMARY,
      BIF_TYPE_MJR_DEMUX)
      && gst_element_register (plugin, "bifmjrmux", GST_RANK_NONE,
      BIF_TYPE_MJR_MUX)
      && gst_element_register (plugin, "bifmp4mend", GST_RANK_NONE,
      BIF_TYPE_MP4_MEND)
      && gst_element_register (plugin, "bifrtpav1depay", GST_RANK_SECONDARY,
      BIF_TYPE_AV1_DEPAY)
      && gst_element_register (plugin, "bifrtpav1pay", GST_RANK_NONE,
      BIF_TYPE_AV1_PAY)
      && bif_mjr_type_find_register (plugin);
}

#define PACKAGE "bifrons"
GST_PLUGIN_DEFINE (GST_VERSION_MAJOR, GST_VERSION_MINOR, bifrons,
    "The packet path of Bifrons: ICE on one port, SRTP relay, RTCP, bridges",
    plugin_init, BIF_VERSION, "LGPL", "Bifrons", "https://bifrons.example")
