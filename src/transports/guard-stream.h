/* guard-stream.h: a connection as SoupServer should see it. Main thread. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * bif_guard_stream_new:
 * @base: a pollable connection
 * @owned: (transfer full): held until the stream goes, with @free_owned
 * Returns: (transfer full)
 *
 * libsoup before 3.4 forgets a connection that ends or fails between two
 * requests: it is neither closed nor freed. It does clean up behind a request
 * that has begun; so the end is a line here, and then an error. Closing never
 * waits: the rest of it happens later.
 */
GIOStream *bif_guard_stream_new (GIOStream * base, gpointer owned,
    GDestroyNotify free_owned);

G_END_DECLS
