/* message.h: one message of voicemail: a pipeline that writes what comes in
 * into a file. Main thread. */
#pragma once

#include "media/network.h"
#include "media/template.h"

G_BEGIN_DECLS

#define VM_TYPE_MESSAGE (vm_message_get_type ())
G_DECLARE_FINAL_TYPE (VmMessage, vm_message, VM, MESSAGE, GObject)

/**
 * VmMessage signals, on the main thread:
 *   "finished" (): nothing is written any more: after vm_message_finish(), or
 *       because writing failed
 *
 * vm_message_new:
 * @network: stops the pipeline
 * @path: is made, empty, at once
 * @error: BIF_ERROR_IO
 */
VmMessage *vm_message_new (BifNetwork * network, const char *path,
    GError ** error);
/* Records @stream of the packet path through [audio] of the template; once. */
gboolean vm_message_start (VmMessage * self, GObject * stream,
    const BifTemplate * template_, GError ** error);
/* Ends the file; "finished" comes soon, or at once where nothing runs. */
void vm_message_finish (VmMessage * self);
/* Idempotent: the file is ended without a signal. The message keeps itself
 * until that is done. */
void vm_message_close (VmMessage * self);

G_END_DECLS
