/* guard-stream.h: a connection as SoupServer should see it. Main thread. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Whether no request has begun since the last one was over. */
typedef gboolean (*BifGuardIdleFunc) (gpointer owned);

/**
 * bif_guard_stream_new:
 * @base: a pollable connection
 * @is_idle: asked with @owned
 * @owned: (transfer full): held until the stream goes, with @free_owned
 * Returns: (transfer full)
 *
 * libsoup before 3.4 forgets a connection that ends or fails between two
 * requests: it is neither closed nor freed. It does clean up behind a request
 * that has begun; so the end is an error here, and on an idle connection a
 * line goes before it. Closing never waits: the rest of it happens later.
 */
GIOStream *bif_guard_stream_new (GIOStream * base, BifGuardIdleFunc is_idle,
    gpointer owned, GDestroyNotify free_owned);

G_END_DECLS
