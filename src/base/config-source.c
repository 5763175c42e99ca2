/* config-source.c: text of a configuration file, with includes put in place.
 * libconfig could read includes itself, but where it looks for them depends on
 * its version, and text that is no file must not open any. Main thread. */
#include "base/config-private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <glib/gstdio.h>

#include "base/error.h"

typedef struct
{
  guint first;                  /* line of the whole text */
  const char *file;
  guint file_line;
} Segment;

/* One file on its way in. */
typedef struct
{
  const char *file;
  guint line;
  gboolean includes;
  guint level;
} Reading;

static gboolean source_read (BifConfigSource * self, const char *text,
    Reading * reading, GError ** error);

BifConfigSource *
bif_config_source_new (void)
{
  BifConfigSource *self = g_new0 (BifConfigSource, 1);

  self->text = g_string_new (NULL);
  self->map = g_array_new (FALSE, FALSE, sizeof (Segment));
  self->files = g_ptr_array_new_with_free_func (g_free);
  self->line = 1;
  return self;
}

void
bif_config_source_free (BifConfigSource * self)
{
  g_string_free (self->text, TRUE);
  g_array_unref (self->map);
  g_ptr_array_unref (self->files);
  g_free (self);
}

static void
source_begin_segment (BifConfigSource * self, const Reading * reading)
{
  Segment segment = { self->line, reading->file, reading->line };

  g_array_append_val (self->map, segment);
}

static void
source_append (BifConfigSource * self, char c)
{
  g_string_append_c (self->text, c);
  if (c == '\n')
    self->line++;
}

G_GNUC_PRINTF (3, 4)
static gboolean
source_fail (const Reading * reading, GError ** error, const char *format, ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION, "%s:%u: %s",
      reading->file, reading->line, what);
  return FALSE;
}

char *
bif_config_read_file (const char *path, GError ** error)
{
  g_autofree char *text = NULL;
  GStatBuf info;
  gsize size;

  if (g_stat (path, &info) < 0) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION, "%s: %s", path,
        g_strerror (errno));
    return NULL;
  }
  if (!S_ISREG (info.st_mode) || info.st_size > BIF_CONFIG_MAX_SIZE) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION, "%s: %s", path,
        S_ISREG (info.st_mode) ? "too large" : "not a regular file");
    return NULL;
  }
  if (!g_file_get_contents (path, &text, &size, error)) {
    if (error != NULL && *error != NULL) {
      (*error)->domain = BIF_ERROR;
      (*error)->code = BIF_ERROR_CONFIGURATION;
    }
    return NULL;
  }
  if (strlen (text) != size) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
        "%s: has a NUL byte", path);
    return NULL;
  }
  return g_steal_pointer (&text);
}

/* Whether @p begins a line with an @include; @path: NULL where its quotes do
 * not close on that line; @end: behind it. */
static gboolean
is_include (const char *p, char **path, const char **end)
{
  g_autoptr (GString) text = g_string_new (NULL);

  p += strspn (p, " \t");
  if (!g_str_has_prefix (p, "@include"))
    return FALSE;
  p += strlen ("@include");
  p += strspn (p, " \t");
  if (*p++ != '"')
    return FALSE;
  for (; *p != '"' && *p != '\0' && *p != '\n'; p++) {
    if (*p == '\\' && (p[1] == '\\' || p[1] == '"'))
      p++;
    g_string_append_c (text, *p);
  }
  *path = *p == '"' ? g_strdup (text->str) : NULL;
  *end = p + 1;
  return TRUE;
}

static gboolean
source_include (BifConfigSource * self, const char *name, Reading * reading,
    GError ** error)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  Reading inner = { NULL, 1, TRUE, reading->level + 1 };

  if (name == NULL)
    return source_fail (reading, error, "quotes of @include are not closed");
  if (!reading->includes)
    return source_fail (reading, error, "nothing can be included here");
  if (inner.level > BIF_CONFIG_MAX_INCLUDES)
    return source_fail (reading, error, "includes nested too deeply");

  folder = g_path_get_dirname (reading->file);
  path = g_path_is_absolute (name) ? g_strdup (name)
      : g_build_filename (folder, name, NULL);
  text = bif_config_read_file (path, error);
  if (text == NULL) {
    g_prefix_error (error, "%s:%u: ", reading->file, reading->line);
    return FALSE;
  }
  inner.file = path;
  g_ptr_array_add (self->files, g_steal_pointer (&path));
  if (!source_read (self, text, &inner, error))
    return FALSE;
  source_append (self, '\n');
  source_begin_segment (self, reading);
  return TRUE;
}

/* Follows what libconfig makes of the text: strings, comments, brackets. */
static const char *
source_step (BifConfigSource * self, const char *p)
{
  if (self->in_comment) {
    self->in_comment = !(p[0] == '*' && p[1] == '/');
    return self->in_comment ? p + 1 : p + 2;
  }
  if (self->in_string) {
    self->in_string = *p != '"';
    return (p[0] == '\\' && p[1] != '\0') ? p + 2 : p + 1;
  }
  if (*p == '#' || (p[0] == '/' && p[1] == '/'))
    return p + strcspn (p, "\n");
  if (p[0] == '/' && p[1] == '*') {
    self->in_comment = TRUE;
    return p + 2;
  }
  if (*p == '"')
    self->in_string = TRUE;
  else if (strchr ("{[(", *p) != NULL)
    self->depth++;
  else if (strchr ("}])", *p) != NULL && self->depth > 0)
    self->depth--;
  return p + 1;
}

static gboolean
source_read (BifConfigSource * self, const char *text, Reading * reading,
    GError ** error)
{
  const char *p = text;

  if (g_str_has_prefix (p, "\xef\xbb\xbf"))
    text = p += 3;
  source_begin_segment (self, reading);
  while (*p != '\0') {
    gboolean line_start = p == text || p[-1] == '\n';
    g_autofree char *name = NULL;
    const char *next;

    if (line_start && !self->in_comment && !self->in_string
        && is_include (p, &name, &next)) {
      if (!source_include (self, name, reading, error))
        return FALSE;
      p = next;
      continue;
    }
    for (next = source_step (self, p); p < next; p++) {
      source_append (self, *p);
      reading->line += *p == '\n';
    }
    if (self->depth > BIF_CONFIG_MAX_DEPTH)
      return source_fail (reading, error, "nested too deeply");
    if (self->text->len > BIF_CONFIG_MAX_SIZE)
      return source_fail (reading, error, "too large");
  }
  return TRUE;
}

gboolean
bif_config_source_add (BifConfigSource * self, const char *text,
    const char *file, gboolean includes, GError ** error)
{
  char *name = g_strdup (file);
  Reading reading = { name, 1, includes, 0 };

  g_ptr_array_add (self->files, name);
  return source_read (self, text, &reading, error);
}

void
bif_config_source_locate (const BifConfigSource * self, guint line,
    const char **file, guint * file_line)
{
  guint low = 0, high = self->map->len;
  const Segment *segment;

  while (low + 1 < high) {
    guint middle = (low + high) / 2;

    segment = &g_array_index (self->map, Segment, middle);
    if (segment->first <= line)
      low = middle;
    else
      high = middle;
  }
  segment = &g_array_index (self->map, Segment, low);
  *file = segment->file;
  *file_line = segment->file_line + (line - segment->first);
}
