/* turn-rest.h: TURN servers and credentials by HTTP, one request a
 * PeerConnection (draft-uberti-behave-turn-rest-00). Main thread. */
#pragma once

#include "core/settings.h"
#include "media/relays.h"

G_BEGIN_DECLS

/* @relays asks turn_rest_api of @settings from now on. */
void bif_turn_rest_attach (const BifSettings * settings, BifRelays * relays);

G_END_DECLS
