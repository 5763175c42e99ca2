/* planned.c: plugins that clients know by name and that are not built yet: they
 * stand in info, and their attach is refused in so many words. Main thread. */
#include "plugins/planned.h"

#define PLANNED(id, the_title, what) { \
    .name = id, .package = "janus.plugin." id, .title = the_title, \
    .description = "Not built yet. Will be: " what ".", \
    .author = "The Bifrons authors", .version_string = "0.0.0", \
    .version = 0, .event_key = id }

const BifPluginInfo bif_plugins_planned[] = {
  PLANNED ("audiobridge", "AudioBridge", "audio conferences, mixed"),
  PLANNED ("streaming", "Streaming", "streams from outside to many viewers"),
  PLANNED ("textroom", "TextRoom", "text rooms over data channels"),
  PLANNED ("videocall", "VideoCall", "calls between two browsers"),
  PLANNED ("sip", "SIP", "a gateway to SIP"),
  PLANNED ("nosip", "NoSIP", "a gateway for signalling of the caller's own"),
  { NULL },
};
