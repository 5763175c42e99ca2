/* nice-thread.h: the one thread that runs all of libnice's agents of a media
 * port. */
#pragma once

#include <gst/gst.h>
#include "packet/batch.h"

G_BEGIN_DECLS

typedef struct _BifNiceThread BifNiceThread;

/* The thread of @owner, made where there is none; it ends with @owner. Returns:
 * (transfer full) */
BifNiceThread *bif_nice_thread_get (GstObject * owner);
BifNiceThread *bif_nice_thread_ref (BifNiceThread * self);
void bif_nice_thread_unref (BifNiceThread * self);

GMainContext *bif_nice_thread_context (BifNiceThread * self);
/* On the thread alone; flushed when it has nothing more to read. */
BifBatch *bif_nice_thread_batch (BifNiceThread * self);
/* Agents that the end of the thread waits for, for a while. */
void bif_nice_thread_hold (BifNiceThread * self);
void bif_nice_thread_release (BifNiceThread * self);
/* Runs @func on the thread, after what runs there now; @notify always. */
void bif_nice_thread_call (BifNiceThread * self, GSourceFunc func,
    gpointer data, GDestroyNotify notify);

G_END_DECLS
