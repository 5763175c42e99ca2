/* library.c: the recordings there are: a folder of .nfo files and of what they
 * name (recordplay.md section 3). Main thread. */
#include "plugins/recordplay/recordplay.h"
#include "base/json.h"
#include "kit/id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <glib/gstdio.h>

#define HEAD_SIZE (64 * 1024)

static const char *const kinds[] = {
  [BIF_MEDIA_AUDIO] = "audio",
  [BIF_MEDIA_VIDEO] = "video",
  [BIF_MEDIA_DATA] = "data",
};

/* ---- recordings ---- */

RpRecording *
rp_recording_new (guint64 id, const char *name)
{
  RpRecording *self = g_new0 (RpRecording, 1);
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  self->ref_count = 1;
  self->id = id;
  self->name = g_strdup (name);
  self->date = g_date_time_format (now, "%Y-%m-%d %H:%M:%S");
  self->duration_ms = -1;
  self->parts = g_ptr_array_new_with_free_func (g_free);
  return self;
}

RpRecording *
rp_recording_ref (RpRecording * self)
{
  self->ref_count++;
  return self;
}

void
rp_recording_unref (RpRecording * self)
{
  if (--self->ref_count > 0)
    return;
  g_free (self->name);
  g_free (self->date);
  g_ptr_array_unref (self->parts);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_free (self->files[i]);
    g_free (self->codecs[i]);
  }
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RpRecording, rp_recording_unref)

GPtrArray *
rp_recording_files (const RpRecording * self)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (self->files[i] != NULL && !g_ptr_array_find_with_equal_func (files,
            self->files[i], g_str_equal, NULL))
      g_ptr_array_add (files, g_strdup (self->files[i]));
  }
  return files;
}

/* ---- what is in the files ---- */

/* The header of an .mjr, or the beginning of a container. */
static GBytes *
read_head (const char *path)
{
  FILE *file = fopen (path, "rbe");
  g_autofree char *data = NULL;
  gsize size;

  if (file == NULL)
    return NULL;
  data = g_malloc (HEAD_SIZE);
  size = fread (data, 1, HEAD_SIZE, file);
  fclose (file);
  return g_bytes_new (data, size);
}

static void
take_codec (RpRecording * self, BifMediaKind kind, const char *codec)
{
  if (self->files[kind] == NULL || self->codecs[kind] != NULL)
    return;
  self->codecs[kind] = g_strdup (codec);
}

static void
take_mjr_header (RpRecording * self, BifMediaKind kind, JsonObject * header)
{
  const char *codec = bif_json_get_string (header, "c");
  const char *type = bif_json_get_string (header, "t");
  gint64 red;

  if (type == NULL || type[0] != kinds[kind][0])
    return;
  if (codec != NULL)
    take_codec (self, kind, codec);
  if (bif_json_get_int (header, "or", &red) && red > 0)
    self->audio_red = TRUE;
  if (json_object_has_member (header, "e")
      && json_object_get_boolean_member (header, "e"))
    self->e2ee = TRUE;
}

static void
look_into_mjr (RpRecording * self, BifMediaKind kind, const char *data,
    gsize size)
{
  gsize length = size < 10 ? 0 :
      (guint) (guint8) data[8] << 8 | (guint8) data[9];
  g_autoptr (JsonNode) node = NULL;

  if (size >= 8 && memcmp (data, "MEETECHO", 8) == 0) {
    take_codec (self, kind, kind == BIF_MEDIA_AUDIO ? "opus" : "vp8");
    return;
  }
  if (length == 0 || length > size - 10)
    return;
  node = bif_json_parse (data + 10, length, NULL, NULL);
  if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    take_mjr_header (self, kind, json_node_get_object (node));
}

static gboolean
has_bytes (const char *data, gsize size, const char *text)
{
  return memmem (data, size, text, strlen (text)) != NULL;
}

static void
look_into_container (RpRecording * self, const char *data, gsize size)
{
  static const struct
  {
    const char *text, *codec;
    BifMediaKind kind;
  } codecs[] = {
    {"A_OPUS", "opus", BIF_MEDIA_AUDIO},
    {"OpusHead", "opus", BIF_MEDIA_AUDIO},
    {"Opus", "opus", BIF_MEDIA_AUDIO},
    {"ulaw", "pcmu", BIF_MEDIA_AUDIO},
    {"alaw", "pcma", BIF_MEDIA_AUDIO},
    {"V_VP8", "vp8", BIF_MEDIA_VIDEO},
    {"V_VP9", "vp9", BIF_MEDIA_VIDEO},
    {"vp09", "vp9", BIF_MEDIA_VIDEO},
    {"V_MPEG4/ISO/AVC", "h264", BIF_MEDIA_VIDEO},
    {"avc1", "h264", BIF_MEDIA_VIDEO},
    {"V_MPEGH/ISO/HEVC", "h265", BIF_MEDIA_VIDEO},
    {"hvc1", "h265", BIF_MEDIA_VIDEO},
    {"V_AV1", "av1", BIF_MEDIA_VIDEO},
    {"av01", "av1", BIF_MEDIA_VIDEO},
  };

  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++) {
    if (has_bytes (data, size, codecs[i].text))
      take_codec (self, codecs[i].kind, codecs[i].codec);
  }
}

static void
look_into (RpPlugin * plugin, RpRecording * self)
{
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *path = self->files[i] != NULL ?
        g_build_filename (plugin->path, self->files[i], NULL) : NULL;
    g_autoptr (GBytes) head = path != NULL ? read_head (path) : NULL;
    gsize size = 0;
    const char *data = head != NULL ? g_bytes_get_data (head, &size) : NULL;

    if (size >= 2 && data[0] == 'M' && (data[1] == 'J' || data[1] == 'E'))
      look_into_mjr (self, i, data, size);
    else if (size > 0)
      look_into_container (self, data, size);
  }
}

/* ---- .nfo files ---- */

gboolean
rp_library_check_filename (RpPlugin * self, const char *filename,
    GError ** error)
{
  g_auto (GStrv) parts = g_strsplit (filename, "/", -1);
  g_autofree char *folder = g_strconcat (self->path, "/", NULL);
  gsize length = strlen (filename);

  if (!g_strv_contains ((const char *const *) parts, "..")
      && (filename[0] != '/' || g_str_has_prefix (filename, folder))
      && length > 0 && filename[length - 1] != '/'
      && strpbrk (filename, "\r\n;\\") == NULL)
    return TRUE;
  return rp_fail (error, BIF_ERROR_INVALID_ELEMENT,
      "Invalid element (filename must be below the folder of recordings)");
}

/* Whether the file @name may be one that a recording with @base writes:
 * "base.webm", "base-1.webm", "base-video.mjr", "base-video-1.mjr". */
static gboolean
is_of_base (const char *name, const char *base)
{
  const char *rest;

  if (!g_str_has_prefix (name, base))
    return FALSE;
  rest = name + strlen (base);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (rest[0] == '-' && g_str_has_prefix (rest + 1, kinds[i]))
      rest += 1 + strlen (kinds[i]);
  }
  if (rest[0] == '-' && g_ascii_isdigit (rest[1]))
    rest += 1 + strspn (rest + 1, "0123456789");
  return rest[0] == '.';
}

static gboolean
is_taken (RpPlugin * self, const char *base)
{
  g_autofree char *path = g_build_filename (self->path, base, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *own = g_path_get_basename (path);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  if (g_hash_table_contains (self->bases, base))
    return TRUE;
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    if (!g_str_has_suffix (name, ".nfo") && is_of_base (name, own))
      return TRUE;
  }
  return FALSE;
}

char *
rp_library_make_base (RpPlugin * self, const char *base)
{
  char *free_base = g_strdup (base);

  for (guint i = 2; is_taken (self, free_base); i++) {
    g_free (free_base);
    free_base = g_strdup_printf ("%s-%u", base, i);
  }
  return free_base;
}

/* The ending of .mjr may lack. Returns: (transfer full) (nullable) */
static char *
find_name (RpPlugin * self, const char *name)
{
  g_autofree char *path = NULL;

  if (name == NULL || name[0] == '\0'
      || !rp_library_check_filename (self, name, NULL))
    return NULL;
  path = g_build_filename (self->path, name, NULL);
  return g_str_has_suffix (name, ".mjr")
      || g_file_test (path, G_FILE_TEST_IS_REGULAR) ? g_strdup (name) :
      g_strconcat (name, ".mjr", NULL);
}

/* "a-1.webm, a-2.webm" */
static void
read_parts (RpPlugin * self, RpRecording * recording, const char *text)
{
  g_auto (GStrv) names = g_strsplit (text != NULL ? text : "", ",", -1);

  for (guint i = 0; names[i] != NULL; i++) {
    char *name = find_name (self, g_strstrip (names[i]));

    if (name != NULL)
      g_ptr_array_add (recording->parts, name);
  }
}

static gboolean
is_text (const char *text)
{
  return text != NULL && text[0] != '\0';
}

static RpRecording *
read_category (RpPlugin * self, BifConfig * config, const char *category)
{
  guint64 id = g_ascii_strtoull (category, NULL, 0);
  const char *name = bif_config_string (config, category, "name");
  const char *date = bif_config_string (config, category, "date");
  g_autoptr (RpRecording) recording = NULL;

  if (id == 0 || !is_text (name) || !is_text (date)
      || rp_library_find (self, id) != NULL)
    return NULL;
  recording = rp_recording_new (id, name);
  g_free (recording->date);
  recording->date = g_strdup (date);
  recording->is_private =
      bif_config_bool (config, category, "private", self->is_private);
  recording->duration_ms =
      bif_config_int (config, category, "duration", -1);
  recording->began_us = bif_config_int (config, category, "began", 0);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    recording->files[i] = find_name (self,
        bif_config_string (config, category, kinds[i]));
  read_parts (self, recording, bif_config_string (config, category, "parts"));
  if (recording->files[BIF_MEDIA_AUDIO] == NULL
      && recording->files[BIF_MEDIA_VIDEO] == NULL)
    return NULL;
  return g_steal_pointer (&recording);
}

/* Returns: (nullable): the recording's id in the file, known or not */
static guint64
read_nfo (RpPlugin * self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BifConfig) config = bif_config_load (path, &error);
  const GPtrArray *categories = config != NULL ?
      bif_config_children (config, NULL) : NULL;
  const char *category = categories != NULL && categories->len > 0 ?
      bif_config_item_name (categories->pdata[0]) : NULL;
  RpRecording *recording;

  if (category == NULL) {
    GST_WARNING ("%s describes no recording", path);
    return 0;
  }
  recording = read_category (self, config, category);
  if (recording != NULL) {
    look_into (self, recording);
    recording->completed = TRUE;
    g_hash_table_insert (self->recordings, &recording->id, recording);
  } else if (rp_library_find (self, g_ascii_strtoull (category, NULL, 0))
      == NULL) {
    GST_WARNING ("%s: a recording needs an id, a name, a date, and audio or "
        "video", path);
  }
  return g_ascii_strtoull (category, NULL, 0);
}

static gboolean
is_gone (gpointer key, gpointer value, gpointer seen)
{
  RpRecording *recording = value;

  return recording->completed && !g_hash_table_contains (seen, key);
}

void
rp_library_update (RpPlugin * self)
{
  g_autoptr (GDir) dir = g_dir_open (self->path, 0, NULL);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_int64_hash,
      g_int64_equal, g_free, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (self->path, name, NULL);
    guint64 id = 0;

    if (g_str_has_suffix (name, ".nfo"))
      id = read_nfo (self, path);
    if (id != 0)
      g_hash_table_add (seen, g_memdup2 (&id, sizeof id));
  }
  g_hash_table_foreach_remove (self->recordings, is_gone, seen);
}

/* One line, nothing that an INI file reads as a comment. */
static void
append (GString * text, const char *key, const char *value)
{
  g_string_append_printf (text, "%s = ", key);
  for (const char *p = value; *p != '\0'; p++) {
    if (*p == ';')
      g_string_append_c (text, '\\');
    g_string_append_c (text, (guchar) *p < ' ' ? ' ' : *p);
  }
  g_string_append (text, "\r\n");
}

static void
append_parts (GString * text, const RpRecording * recording)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < recording->parts->len; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
        (char *) recording->parts->pdata[i]);
  if (names->len > 0)
    append (text, "parts", names->str);
}

static gboolean
write_nfo (RpPlugin * self, const RpRecording * recording, GError ** error)
{
  g_autofree char *path = g_strdup_printf ("%s/%" G_GUINT64_FORMAT ".nfo",
      self->path, recording->id);
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "[%" G_GUINT64_FORMAT "]\r\n", recording->id);
  append (text, "name", recording->name);
  append (text, "private", recording->is_private ? "true" : "false");
  append (text, "date", recording->date);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (recording->files[i] != NULL)
      append (text, kinds[i], recording->files[i]);
  }
  append_parts (text, recording);
  if (recording->duration_ms >= 0)
    g_string_append_printf (text, "duration = %" G_GINT64_FORMAT "\r\n",
        recording->duration_ms);
  if (recording->began_us > 0 && recording->files[BIF_MEDIA_DATA] != NULL)
    g_string_append_printf (text, "began = %" G_GINT64_FORMAT "\r\n",
        recording->began_us);
  return g_file_set_contents (path, text->str, text->len, error);
}

/* ---- the library ---- */

RpRecording *
rp_library_find (RpPlugin * self, guint64 id)
{
  return g_hash_table_lookup (self->recordings, &id);
}

RpRecording *
rp_library_add (RpPlugin * self, guint64 id, const char *name,
    GError ** error)
{
  RpRecording *recording;

  if (id != 0 && rp_library_find (self, id) != NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_ID_EXISTS,
        "Recording %" G_GUINT64_FORMAT " already exists", id);
    return NULL;
  }
  while (id == 0 || rp_library_find (self, id) != NULL) {
    g_autofree char *text = bif_id_random (FALSE);

    id = g_ascii_strtoull (text, NULL, 10);
  }
  recording = rp_recording_new (id, name);
  g_hash_table_insert (self->recordings, &recording->id, recording);
  return recording;
}

void
rp_library_remove (RpPlugin * self, RpRecording * recording)
{
  if (rp_library_find (self, recording->id) == recording)
    g_hash_table_remove (self->recordings, &recording->id);
}

gboolean
rp_library_complete (RpPlugin * self, RpRecording * recording,
    GError ** error)
{
  look_into (self, recording);
  recording->completed = TRUE;
  return write_nfo (self, recording, error);
}

/* Returns: (transfer full): also later parts, and what is not played */
static GPtrArray *
all_files (const RpRecording * recording)
{
  GPtrArray *files = rp_recording_files (recording);

  for (guint i = 0; i < recording->parts->len; i++)
    g_ptr_array_add (files, g_strdup (recording->parts->pdata[i]));
  return files;
}

static gint64
size_of (RpPlugin * self, const RpRecording * recording)
{
  g_autoptr (GPtrArray) files = all_files (recording);
  gint64 size = 0;

  for (guint i = 0; i < files->len; i++) {
    g_autofree char *path = g_build_filename (self->path, files->pdata[i],
        NULL);
    GStatBuf info;

    if (g_stat (path, &info) == 0)
      size += info.st_size;
  }
  return size;
}

/* What Janus tells, and after it what only we do. */
static JsonObject *
describe (RpPlugin * self, const RpRecording * recording)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GPtrArray) files = all_files (recording);
  JsonArray *names = json_array_new ();

  json_object_set_int_member (object, "id", recording->id);
  json_object_set_boolean_member (object, "is_private",
      recording->is_private);
  json_object_set_string_member (object, "name", recording->name);
  json_object_set_string_member (object, "date", recording->date);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    g_autofree char *codec = g_strconcat (kinds[i], "_codec", NULL);

    json_object_set_boolean_member (object, kinds[i],
        recording->files[i] != NULL);
    if (i != BIF_MEDIA_DATA && recording->codecs[i] != NULL)
      json_object_set_string_member (object, codec, recording->codecs[i]);
    if (i == BIF_MEDIA_AUDIO && recording->audio_red)
      json_object_set_boolean_member (object, "audio_red", TRUE);
  }
  if (recording->duration_ms >= 0)
    json_object_set_int_member (object, "duration", recording->duration_ms);
  json_object_set_int_member (object, "size", size_of (self, recording));
  for (guint i = 0; i < files->len; i++)
    json_array_add_string_element (names, files->pdata[i]);
  json_object_set_array_member (object, "files", names);
  return object;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const RpRecording *one = *(RpRecording * const *) a;
  const RpRecording *two = *(RpRecording * const *) b;

  return one->id < two->id ? -1 : one->id > two->id;
}

JsonArray *
rp_library_list (RpPlugin * self, gboolean private_too)
{
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  JsonArray *list = json_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->recordings);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (all, value);
  g_ptr_array_sort (all, compare);
  for (guint i = 0; i < all->len; i++) {
    const RpRecording *recording = all->pdata[i];

    if (recording->completed && (private_too || !recording->is_private))
      json_array_add_object_element (list, describe (self, recording));
  }
  return list;
}
