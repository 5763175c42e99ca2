/* relay.h: bifrelay. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

#define BIF_TYPE_RELAY (bif_relay_get_type ())
G_DECLARE_FINAL_TYPE (BifRelay, bif_relay, BIF, RELAY, GstElement)

G_END_DECLS
