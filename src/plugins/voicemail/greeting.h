/* greeting.h: what a caller of voicemail hears first: a file that is played,
 * once, into a track. A pipeline of its own. Main thread. */
#pragma once

#include "media/network.h"
#include "media/peer.h"

G_BEGIN_DECLS

#define VM_TYPE_GREETING (vm_greeting_get_type ())
G_DECLARE_FINAL_TYPE (VmGreeting, vm_greeting, VM, GREETING, GObject)

/**
 * VmGreeting signals, on the main thread:
 *   "finished" (): all of it was sent; or the file cannot be played, which is
 *       logged
 *
 * vm_greeting_new:
 * @network: stops the pipeline
 * @template_: has a section greeting
 * @path: of a file that GStreamer decodes
 * @error: BIF_ERROR_PIPELINE, BIF_ERROR_TEMPLATE
 *
 * Begins to play into @track, which the caller is sent.
 */
VmGreeting *vm_greeting_new (BifNetwork * network,
    const BifTemplate * template_, const char *path, BifTrack * track,
    GError ** error);
/* Idempotent; no signal comes after it. */
void vm_greeting_close (VmGreeting * self);

G_END_DECLS
