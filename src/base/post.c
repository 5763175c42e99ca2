/* post.c: hands a call over to the main thread. Any thread. */
#include "base/post.h"

typedef struct
{
  GWeakRef object;
  BifPostFunc func;
  gpointer data;
  GDestroyNotify free_data;
} Post;

static GThread *main_thread;    /* set once, before any other thread runs */

void
bif_post_init (void)
{
  main_thread = g_thread_self ();
}

gboolean
bif_post_is_main (void)
{
  return main_thread == g_thread_self ();
}

static gboolean
post_run (gpointer user_data)
{
  Post *post = user_data;
  g_autoptr (GObject) object = g_weak_ref_get (&post->object);

  if (object != NULL)
    post->func (object, post->data);
  return G_SOURCE_REMOVE;
}

static void
post_free (gpointer user_data)
{
  Post *post = user_data;

  if (post->free_data != NULL)
    post->free_data (post->data);
  g_weak_ref_clear (&post->object);
  g_free (post);
}

void
bif_post (gpointer object, BifPostFunc func, gpointer data,
    GDestroyNotify free_data)
{
  Post *post = g_new0 (Post, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  g_weak_ref_init (&post->object, object);
  post->func = func;
  post->data = data;
  post->free_data = free_data;
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, post_run, post, post_free);
  g_source_attach (source, NULL);
}
