/* static.c: serves files, read-only, and nothing outside of the folders that
 * are mounted. Requests on the main thread; a GTask's thread looks at files. */
#include "transports/static.h"
#include "transports/file-body.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  char *prefix;
  char *folder;
  gboolean media;               /* no pages, no folders */
} Mount;

struct _BifStatic
{
  gatomicrefcount ref_count;
  GPtrArray *mounts;            /* of Mount; constant once requests come */
};

/* One look at a file: asked for, then found. */
typedef struct
{
  GPtrArray *mounts;            /* of const Mount: where it may be, in order */
  char *path;                   /* below a mount's folder */
  char *known_etag;             /* of If-None-Match (nullable) */
  char *range, *if_range;       /* headers (nullable) */
  guint status;
  gboolean opaque;              /* to be saved, not shown */
  const char *type;
  char *etag;
  int fd;                       /* open for 200 and 206; else -1 */
  goffset size;
  BifByteRange part;
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
  { ".mkv", "video/x-matroska" },
  { ".mp4", "video/mp4" },
  { ".vtt", "text/vtt; charset=utf-8" },
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

static void
add_mount (BifStatic * self, const char *prefix, const char *folder,
    gboolean media)
{
  Mount *mount = g_new0 (Mount, 1);

  mount->prefix = g_strdup (prefix);
  mount->folder = g_canonicalize_filename (folder, NULL);
  mount->media = media;
  g_ptr_array_add (self->mounts, mount);
}

void
bif_static_mount (BifStatic * self, const char *prefix, const char *folder)
{
  add_mount (self, prefix, folder, FALSE);
}

void
bif_static_mount_media (BifStatic * self, const char *prefix,
    const char *folder)
{
  add_mount (self, prefix, folder, TRUE);
}

/* Returns: (transfer full): those with the longest prefix that fits */
static GPtrArray *
find_mounts (BifStatic * self, const char *path)
{
  GPtrArray *found = g_ptr_array_new ();
  gsize longest = 0;

  for (guint i = 0; i < self->mounts->len; i++) {
    const Mount *mount = self->mounts->pdata[i];
    gsize size = strlen (mount->prefix);

    if (!g_str_has_prefix (path, mount->prefix) || size < longest)
      continue;
    if (size > longest)
      g_ptr_array_set_size (found, 0);
    longest = size;
    g_ptr_array_add (found, (gpointer) mount);
  }
  return found;
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

  if (lookup->fd >= 0)
    close (lookup->fd);
  g_ptr_array_unref (lookup->mounts);
  g_free (lookup->path);
  g_free (lookup->known_etag);
  g_free (lookup->range);
  g_free (lookup->if_range);
  g_free (lookup->etag);
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
resolve (const Mount * mount, const char *below)
{
  g_autofree char *path = g_build_filename (mount->folder, below, NULL);
  char *folder = realpath (mount->folder, NULL);
  char *real = folder != NULL ? realpath (path, NULL) : NULL;
  gsize size = folder != NULL ? strlen (folder) : 0;
  char *result = NULL;

  if (real != NULL && strncmp (real, folder, size) == 0
      && (real[size] == '/' || real[size] == '\0'))
    result = g_strdup (real);
  free (real);
  free (folder);
  return result;
}

/* The whole, or the part that is asked for and still the same. */
static void
choose_part (Lookup * lookup)
{
  gboolean same = lookup->if_range == NULL
      || g_str_equal (lookup->if_range, lookup->etag);

  switch (bif_byte_range_parse (same ? lookup->range : NULL, lookup->size,
          &lookup->part)) {
    case BIF_RANGE_WHOLE:
      lookup->status = SOUP_STATUS_OK;
      break;
    case BIF_RANGE_PART:
      lookup->status = SOUP_STATUS_PARTIAL_CONTENT;
      break;
    case BIF_RANGE_OUTSIDE:
      lookup->status = SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE;
      break;
  }
}

/* @path: has no links in it; what came there since is not followed. */
static void
open_file (Lookup * lookup, const char *path)
{
  int fd = g_open (path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
  struct stat info;

  if (fd < 0)
    return;
  if (fstat (fd, &info) < 0 || !S_ISREG (info.st_mode)) {
    close (fd);
    return;
  }
  lookup->fd = fd;
  lookup->size = info.st_size;
  lookup->type = find_type (path);
  lookup->etag = g_strdup_printf ("\"%" G_GINT64_MODIFIER "x-%"
      G_GINT64_MODIFIER "x\"", (gint64) info.st_mtime,
      (gint64) info.st_size);
  if (lookup->known_etag != NULL
      && strstr (lookup->known_etag, lookup->etag) != NULL)
    lookup->status = SOUP_STATUS_NOT_MODIFIED;
  else
    choose_part (lookup);
}

/* What recordings end with: neither pages nor notes about them, nor what is
 * still being written. */
static gboolean
is_recording (const char *path)
{
  static const char *const endings[] = {
    ".webm", ".mkv", ".mp4", ".opus", ".ogg", ".wav", ".vtt", ".mjr",
  };

  for (guint i = 0; i < G_N_ELEMENTS (endings); i++) {
    if (g_str_has_suffix (path, endings[i]))
      return TRUE;
  }
  return FALSE;
}

/* @path: likewise. What no browser plays is saved. */
static void
look_for_media (Lookup * lookup, const char *path)
{
  if (!is_recording (lookup->path) || !is_recording (path))
    return;
  open_file (lookup, path);
  lookup->opaque = g_str_has_suffix (path, ".mjr");
}

static void
look_in (Lookup * lookup, const Mount * mount)
{
  const char *below = lookup->path;
  gboolean wants_folder = below[0] == '\0' || g_str_has_suffix (below, "/");
  g_autofree char *path = resolve (mount, below);
  gboolean folder = path != NULL && g_file_test (path, G_FILE_TEST_IS_DIR);

  if (path == NULL)
    return;
  if (mount->media) {
    if (!wants_folder && !folder)
      look_for_media (lookup, path);
  } else if (folder && !wants_folder) {
    lookup->status = SOUP_STATUS_MOVED_PERMANENTLY;
  } else if (folder) {
    g_autofree char *index = g_build_filename (path, "index.html", NULL);

    open_file (lookup, index);
  } else if (!wants_folder) {
    open_file (lookup, path);
  }
}

static void
lookup_any_thread (GTask * task, gpointer source, gpointer data,
    GCancellable * cancellable)
{
  Lookup *lookup = data;

  lookup->status = SOUP_STATUS_NOT_FOUND;
  for (guint i = 0; i < lookup->mounts->len
      && lookup->status == SOUP_STATUS_NOT_FOUND; i++)
    look_in (lookup, lookup->mounts->pdata[i]);
  g_task_return_boolean (task, TRUE);
}

/* ---- back on the main thread ---- */

static void
send_file (SoupServerMessage * message, Lookup * lookup)
{
  SoupMessageHeaders *out = soup_server_message_get_response_headers (message);

  /* Parts are cut here: libsoup is not to cut again. */
  soup_message_headers_remove (soup_server_message_get_request_headers
      (message), "Range");
  soup_message_headers_replace (out, "Accept-Ranges", "bytes");
  soup_message_headers_replace (out, "Content-Type", lookup->type);
  if (lookup->opaque)
    soup_message_headers_replace (out, "Content-Disposition", "attachment");
  if (lookup->status == SOUP_STATUS_PARTIAL_CONTENT)
    soup_message_headers_set_content_range (out, lookup->part.start,
        lookup->part.start + lookup->part.length - 1, lookup->size);
  bif_file_body_send (message, lookup->fd, &lookup->part);
  lookup->fd = -1;
}

static void
redirect_to_folder (SoupServerMessage * message, Lookup * lookup)
{
  const Mount *mount = lookup->mounts->pdata[0];
  g_autofree char *escaped = g_uri_escape_string (lookup->path, "/", FALSE);
  g_autofree char *location =
      g_strconcat (mount->prefix, escaped, "/", NULL);

  soup_message_headers_replace (soup_server_message_get_response_headers
      (message), "Location", location);
}

static void
answer (SoupServerMessage * message, Lookup * lookup)
{
  SoupMessageHeaders *out = soup_server_message_get_response_headers (message);

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    soup_message_headers_replace (out, headers[i].name, headers[i].value);
  if (lookup->etag != NULL)
    soup_message_headers_replace (out, "ETag", lookup->etag);
  soup_server_message_set_status (message, lookup->status, NULL);
  if (lookup->status == SOUP_STATUS_OK
      || lookup->status == SOUP_STATUS_PARTIAL_CONTENT) {
    send_file (message, lookup);
    return;
  }
  if (lookup->status == SOUP_STATUS_MOVED_PERMANENTLY) {
    redirect_to_folder (message, lookup);
  } else if (lookup->status == SOUP_STATUS_REQUESTED_RANGE_NOT_SATISFIABLE) {
    g_autofree char *range = g_strdup_printf ("bytes */%" G_GOFFSET_FORMAT,
        lookup->size);

    soup_message_headers_replace (out, "Content-Range", range);
  }
  soup_server_message_unpause (message);
}

static void
lookup_done (GObject * source, GAsyncResult * result, gpointer user_data)
{
  BifStatic *self = user_data;

  answer (SOUP_SERVER_MESSAGE (source),
      g_task_get_task_data (G_TASK (result)));
  bif_static_unref (self);
}

static char *
dup_header (SoupServerMessage * message, const char *name)
{
  return g_strdup (soup_message_headers_get_list
      (soup_server_message_get_request_headers (message), name));
}

static void
start_lookup (BifStatic * self, SoupServerMessage * message,
    GPtrArray * mounts, char *path)
{
  g_autoptr (GTask) task =
      g_task_new (message, NULL, lookup_done, bif_static_ref (self));
  Lookup *lookup = g_new0 (Lookup, 1);

  lookup->mounts = g_ptr_array_ref (mounts);
  lookup->path = path;
  lookup->fd = -1;
  lookup->known_etag = dup_header (message, "If-None-Match");
  lookup->range = dup_header (message, "Range");
  lookup->if_range = dup_header (message, "If-Range");
  g_task_set_task_data (task, lookup, lookup_free);
  soup_server_message_pause (message);
  g_task_run_in_thread (task, lookup_any_thread);
}

/* A "base" that ends with a slash gives two of them. */
static const char *
skip_prefix (const Mount * mount, const char *path)
{
  path += strlen (mount->prefix);
  while (mount->media && *path == '/')
    path++;
  return path;
}

void
bif_static_handle (BifStatic * self, SoupServerMessage * message,
    const char *path)
{
  const char *method = soup_server_message_get_method (message);
  g_autoptr (GPtrArray) mounts = find_mounts (self, path);
  char *below = NULL;

  if (!g_str_equal (method, SOUP_METHOD_GET)
      && !g_str_equal (method, SOUP_METHOD_HEAD)) {
    soup_message_headers_replace (soup_server_message_get_response_headers
        (message), "Allow", "GET, HEAD");
    soup_server_message_set_status (message, SOUP_STATUS_METHOD_NOT_ALLOWED,
        NULL);
    return;
  }
  if (mounts->len > 0)
    below = bif_static_clean_path (skip_prefix (mounts->pdata[0], path));
  if (below != NULL)
    start_lookup (self, message, mounts, below);
  else
    soup_server_message_set_status (message, SOUP_STATUS_NOT_FOUND, NULL);
}
