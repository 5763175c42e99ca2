/* post.h: the way from any thread to the main thread. */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Public functions of src/ belong to the main thread: the one that runs the
 * default main context (house-style.md section 3). */
#define BIF_ASSERT_MAIN() \
  g_assert (g_main_context_is_owner (NULL) || bif_post_is_main ())

/* Declares the calling thread to be the main thread: before the loop runs. */
void bif_post_init (void);
gboolean bif_post_is_main (void);

typedef void (*BifPostFunc) (gpointer object, gpointer data);

/**
 * bif_post:
 * @object: held weakly
 * @func: called on the main thread with @object and @data if the object lives
 * @data: (nullable): always freed with @free_data, on the main thread
 *
 * Any thread may call it. Calls of one thread keep their order.
 */
void bif_post (gpointer object, BifPostFunc func, gpointer data,
    GDestroyNotify free_data);

G_END_DECLS
