/* iceagent.h: our ICE in the form webrtcbin takes it (GstWebRTCICE): what it
 * needs of a connection, no more. The credentials belong to the transport;
 * those that webrtcbin makes up are never used. */
#pragma once

#include <gst/webrtc/ice.h>

G_BEGIN_DECLS

typedef struct _BifRtcTransport BifRtcTransport;

#define BIF_TYPE_ICE_AGENT (bif_ice_agent_get_type ())
G_DECLARE_FINAL_TYPE (BifIceAgent, bif_ice_agent, BIF, ICE_AGENT, GstWebRTCICE)

BifIceAgent *bif_ice_agent_new (BifRtcTransport * transport);
/* The transport goes; nothing comes in or goes out any more. */
void bif_ice_agent_close (BifIceAgent * self);
/* The path is open: DTLS may start. I/O thread, no lock held. */
void bif_ice_agent_connected (BifIceAgent * self);
/* A DTLS datagram for webrtcbin. I/O thread. */
void bif_ice_agent_push (BifIceAgent * self, const guint8 * data, gsize size);

G_END_DECLS
