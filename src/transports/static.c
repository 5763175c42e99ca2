/* static.c: serves files, read-only, and nothing outside of the folders that
 * are mounted. Requests on the main thread; a GTask's thread looks at files. */
#include "transports/static.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SIZE_MAX_BYTES (64 * 1024 * 1024)

typedef struct
{
  char *prefix;
  char *folder;                 /* without symbolic links */
} Mount;

struct _BifStatic
{
  gatomicrefcount ref_count;
  GPtrArray *mounts;            /* of Mount; constant once requests come */
};

/* One look at a file: asked for, then found. */
typedef struct
{
  const Mount *mount;
  char *path;                   /* below the mount's folder */
  char *known_etag;             /* of If-None-Match (nullable) */
  guint status;
  const char *type;
  char *etag;
  GBytes *bytes;
} Lookup;

static const struct
{
  const char *suffix;
  const char *type;
} types[] = {
  { ".html", "text/html; charset=utf-8" },
  { ".js", "text/javascript; charset=utf-8" },
  { ".mjs", "text/javascript; charset=utf-8" },
  { ".css", "text/css; charset=utf-8" },
  { ".json", "application/json" },
  { ".map", "application/json" },
  { ".txt", "text/plain; charset=utf-8" },
  { ".svg", "image/svg+xml" },
  { ".png", "image/png" },
  { ".jpg", "image/jpeg" },
  { ".jpeg", "image/jpeg" },
  { ".webp", "image/webp" },
  { ".ico", "image/x-icon" },
  { ".woff2", "font/woff2" },
  { ".wasm", "application/wasm" },
  { ".wav", "audio/wav" },
  { ".opus", "audio/ogg" },
  { ".ogg", "audio/ogg" },
  { ".mp3", "audio/mpeg" },
  { ".webm", "video/webm" },
  { ".mp4", "video/mp4" },
};

static const struct
{
  const char *name;
  const char *value;
} headers[] = {
  { "Content-Security-Policy",
      "default-src 'self'; connect-src 'self' ws: wss:; "
      "img-src 'self' blob: data:; media-src 'self' blob:; "
      "style-src 'self'; script-src 'self'; object-src 'none'; "
      "base-uri 'none'; frame-ancestors 'none'" },
  { "X-Content-Type-Options", "nosniff" },
  { "Referrer-Policy", "no-referrer" },
  { "Cache-Control", "no-cache" },
};

static void
mount_free (gpointer data)
{
  Mount *mount = data;

  g_free (mount->prefix);
  g_free (mount->folder);
  g_free (mount);
}

BifStatic *
bif_static_new (void)
{
  BifStatic *self = g_new0 (BifStatic, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->mounts = g_ptr_array_new_with_free_func (mount_free);
  return self;
}

BifStatic *
bif_static_ref (BifStatic * self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
bif_static_unref (BifStatic * self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_ptr_array_unref (self->mounts);
  g_free (self);
}

void
bif_static_mount (BifStatic * self, const char *prefix, const char *folder)
{
  char *real = realpath (folder, NULL);
  Mount *mount;

  if (real == NULL)
    return;
  mount = g_new0 (Mount, 1);
  mount->prefix = g_strdup (prefix);
  mount->folder = g_strdup (real);
  free (real);
  g_ptr_array_add (self->mounts, mount);
}

static const Mount *
find_mount (BifStatic * self, const char *path)
{
  const Mount *best = NULL;

  for (guint i = 0; i < self->mounts->len; i++) {
    const Mount *mount = self->mounts->pdata[i];

    if (g_str_has_prefix (path, mount->prefix)
        && (best == NULL || strlen (mount->prefix) > strlen (best->prefix)))
      best = mount;
  }
  return best;
}

/* A leading dot hides a file, and makes "." and "..". */
static gboolean
is_clean_segment (const char *segment)
{
  return segment[0] != '\0' && segment[0] != '.'
      && strpbrk (segment, "\\:") == NULL;
}

char *
bif_static_clean_path (const char *path)
{
  g_autofree char *plain = g_uri_unescape_string (path, "/");
  g_auto (GStrv) segments = NULL;

  if (plain == NULL || !g_utf8_validate (plain, -1, NULL))
    return NULL;
  segments = g_strsplit (plain, "/", -1);
  for (guint i = 0; segments[i] != NULL; i++) {
    gboolean last = segments[i + 1] == NULL;

    if (!(last && segments[i][0] == '\0') && !is_clean_segment (segments[i]))
      return NULL;
  }
  return g_steal_pointer (&plain);
}

/* ---- on a thread of GTask ---- */

static void
lookup_free (gpointer data)
{
  Lookup *lookup = data;

  g_free (lookup->path);
  g_free (lookup->known_etag);
  g_free (lookup->etag);
  g_clear_pointer (&lookup->bytes, g_bytes_unref);
  g_free (lookup);
}

static const char *
find_type (const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (g_str_has_suffix (path, types[i].suffix))
      return types[i].type;
  }
  return "application/octet-stream";
}

/* The file's path, symbolic links resolved; NULL where it is not in the
 * mount's folder. */
static char *
resolve (Lookup * lookup)
{
  g_autofree char *path =
      g_build_filename (lookup->mount->folder, lookup->path, NULL);
  char *real = realpath (path, NULL);
  gsize size = strlen (lookup->mount->folder);
  char *result = NULL;

  if (real != NULL && strncmp (real, lookup->mount->folder, size) == 0
      && (real[size] == '/' || real[size] == '\0'))
    result = g_strdup (real);
  free (real);
  return result;
}

static void
read_file (Lookup * lookup, const char *path, const struct stat *info)
{
  char *data;
  gsize size;

  lookup->type = find_type (path);
  lookup->etag = g_strdup_printf ("\"%" G_GINT64_MODIFIER "x-%"
      G_GINT64_MODIFIER "x\"", (gint64) info->st_mtime,
      (gint64) info->st_size);
  if (lookup->known_etag != NULL
      && strstr (lookup->known_etag, lookup->etag) != NULL) {
    lookup->status = SOUP_STATUS_NOT_MODIFIED;
  } else if (g_file_get_contents (path, &data, &size, NULL)) {
    lookup->bytes = g_bytes_new_take (data, size);
    lookup->status = SOUP_STATUS_OK;
  }
}

static void
lookup_any_thread (GTask * task, gpointer source, gpointer data,
    GCancellable * cancellable)
{
  Lookup *lookup = data;
  g_autofree char *path = resolve (lookup);
  gboolean wants_folder = lookup->path[0] == '\0'
      || g_str_has_suffix (lookup->path, "/");
  struct stat info;

  lookup->status = SOUP_STATUS_NOT_FOUND;
  if (path != NULL && stat (path, &info) == 0) {
    if (S_ISDIR (info.st_mode) && !wants_folder) {
      lookup->status = SOUP_STATUS_MOVED_PERMANENTLY;
    } else if (S_ISDIR (info.st_mode)) {
      g_autofree char *index = g_build_filename (path, "index.html", NULL);

      if (lstat (index, &info) == 0 && S_ISREG (info.st_mode)
          && info.st_size <= SIZE_MAX_BYTES)
        read_file (lookup, index, &info);
    } else if (S_ISREG (info.st_mode) && !wants_folder
        && info.st_size <= SIZE_MAX_BYTES) {
      read_file (lookup, path, &info);
    }
  }
  g_task_return_boolean (task, TRUE);
}

/* ---- back on the main thread ---- */

static void
answer (SoupServerMessage * message, Lookup * lookup)
{
  SoupMessageHeaders *out = soup_server_message_get_response_headers (message);
  gsize size;
  const char *data;

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    soup_message_headers_replace (out, headers[i].name, headers[i].value);
  if (lookup->etag != NULL)
    soup_message_headers_replace (out, "ETag", lookup->etag);
  soup_server_message_set_status (message, lookup->status, NULL);
  if (lookup->bytes != NULL) {
    data = g_bytes_get_data (lookup->bytes, &size);
    soup_server_message_set_response (message, lookup->type,
        SOUP_MEMORY_COPY, data, size);
  } else if (lookup->status == SOUP_STATUS_MOVED_PERMANENTLY) {
    g_autofree char *escaped =
        g_uri_escape_string (lookup->path, "/", FALSE);
    g_autofree char *location =
        g_strconcat (lookup->mount->prefix, escaped, "/", NULL);

    soup_message_headers_replace (out, "Location", location);
  }
}

static void
lookup_done (GObject * source, GAsyncResult * result, gpointer user_data)
{
  SoupServerMessage *message = SOUP_SERVER_MESSAGE (source);
  BifStatic *self = user_data;

  answer (message, g_task_get_task_data (G_TASK (result)));
  soup_server_message_unpause (message);
  bif_static_unref (self);
}

static void
start_lookup (BifStatic * self, SoupServerMessage * message,
    const Mount * mount, char *path)
{
  SoupMessageHeaders *in = soup_server_message_get_request_headers (message);
  g_autoptr (GTask) task =
      g_task_new (message, NULL, lookup_done, bif_static_ref (self));
  Lookup *lookup = g_new0 (Lookup, 1);

  lookup->mount = mount;
  lookup->path = path;
  lookup->known_etag =
      g_strdup (soup_message_headers_get_list (in, "If-None-Match"));
  g_task_set_task_data (task, lookup, lookup_free);
  soup_server_message_pause (message);
  g_task_run_in_thread (task, lookup_any_thread);
}

void
bif_static_handle (BifStatic * self, SoupServerMessage * message,
    const char *path)
{
  const char *method = soup_server_message_get_method (message);
  const Mount *mount = find_mount (self, path);
  char *below;

  if (!g_str_equal (method, SOUP_METHOD_GET)
      && !g_str_equal (method, SOUP_METHOD_HEAD)) {
    soup_message_headers_replace (soup_server_message_get_response_headers
        (message), "Allow", "GET, HEAD");
    soup_server_message_set_status (message, SOUP_STATUS_METHOD_NOT_ALLOWED,
        NULL);
    return;
  }
  below = mount != NULL
      ? bif_static_clean_path (path + strlen (mount->prefix)) : NULL;
  if (below != NULL)
    start_lookup (self, message, mount, below);
  else
    soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
}
