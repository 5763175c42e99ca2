/* store.c: rooms in the configuration file, for "permanent": the category of a
 * room is replaced, added or cut out, all else in the file stays as it is. The
 * file is small, and written at once to a new one that takes its place. Main
 * thread. */
#include "plugins/videoroom/videoroom.h"

#include <string.h>

/* ---- the text of a room ---- */

static void
add_text (GString * text, const char *key, const char *value)
{
  g_string_append_printf (text, "\t%s = \"", key);
  for (; *value != '\0'; value++) {
    if (*value == '"' || *value == '\\')
      g_string_append_printf (text, "\\%c", *value);
    else if ((guchar) *value < ' ')
      g_string_append_printf (text, "\\x%02x", *value);
    else
      g_string_append_c (text, *value);
  }
  g_string_append (text, "\"\n");
}

static void
add_set (GString * text, const char *key, const char *value)
{
  if (value != NULL)
    add_text (text, key, value);
}

static void
add_flag (GString * text, const char *key, gboolean value)
{
  add_text (text, key, value ? "true" : "false");
}

static void
add_true (GString * text, const char *key, gboolean value)
{
  if (value)
    add_flag (text, key, TRUE);
}

static void
add_number (GString * text, const char *key, guint value)
{
  g_autofree char *digits = g_strdup_printf ("%u", value);

  add_text (text, key, digits);
}

static void
add_codecs (GString * text, const char *key, char **codecs)
{
  g_autofree char *list = g_strjoinv (",", codecs);

  add_text (text, key, list);
}

static void
add_media (GString * text, const VrRoom * room)
{
  add_codecs (text, "audiocodec", room->audio_codecs);
  add_codecs (text, "videocodec", room->video_codecs);
  add_set (text, "vp9_profile", room->vp9_profile);
  add_set (text, "h264_profile", room->h264_profile);
  /* Written either way: the default is true. */
  add_flag (text, "opus_fec", room->opus_fec);
  add_true (text, "opus_dtx", room->opus_dtx);
  add_flag (text, "audiolevel_ext", room->audiolevel_ext);
  add_true (text, "audiolevel_event", room->audiolevel_event);
  if (room->audiolevel_event) {
    add_number (text, "audio_active_packets", room->audio_active_packets);
    add_number (text, "audio_level_average", room->audio_level_average);
  }
  add_flag (text, "videoorient_ext", room->videoorient_ext);
  add_flag (text, "playoutdelay_ext", room->playoutdelay_ext);
  add_flag (text, "transport_wide_cc_ext", room->twcc_ext);
}

/* Returns: (transfer full): the room as a category */
static char *
write_room (const VrRoom * room, const char *name)
{
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s: {\n", name);
  add_text (text, "description", room->base.description);
  add_set (text, "secret", room->base.secret);
  add_set (text, "pin", room->base.pin);
  add_true (text, "is_private", room->base.is_private);
  add_true (text, "require_pvtid", room->require_pvtid);
  add_true (text, "signed_tokens", room->signed_tokens);
  add_true (text, "require_e2ee", room->require_e2ee);
  add_true (text, "dummy_publisher", room->dummy_publisher);
  add_true (text, "notify_joining", room->notify_joining);
  add_number (text, "publishers", room->max_publishers);
  add_number (text, "bitrate", room->bitrate);
  add_true (text, "bitrate_cap", room->bitrate_cap);
  if (room->fir_freq > 0)
    add_number (text, "fir_freq", room->fir_freq);
  add_media (text, room);
  add_true (text, "record", room->record);
  add_set (text, "rec_dir", room->rec_dir);
  add_true (text, "lock_record", room->lock_record);
  g_string_append (text, "}\n");
  return g_string_free (text, FALSE);
}

/* ---- its place in the file ---- */

/* What follows a string or a comment that begins at @p; @p where none does. */
static const char *
skip_literal (const char *p)
{
  const char *end = p;

  if (*p == '"') {
    for (end = p + 1; *end != '\0' && *end != '"'; end++)
      end += *end == '\\' && end[1] != '\0';
    return *end != '\0' ? end + 1 : end;
  }
  if (*p == '#' || (p[0] == '/' && p[1] == '/'))
    return p + strcspn (p, "\n");
  if (p[0] == '/' && p[1] == '*') {
    end = strstr (p + 2, "*/");
    return end != NULL ? end + 2 : p + strlen (p);
  }
  return p;
}

static gboolean
is_name_char (char c)
{
  return g_ascii_isalnum (c) || c == '-' || c == '_' || c == '*';
}

/* Behind the "{ ... }" that follows @p; NULL where none does. */
static const char *
skip_group (const char *p)
{
  guint depth = 0;

  while (*p != '\0') {
    const char *next = skip_literal (p);

    if (next != p) {
      p = next;
      continue;
    }
    if (depth == 0 && *p != '{' && *p != ':' && *p != '='
        && !g_ascii_isspace (*p))
      return NULL;
    depth += *p == '{';
    p++;
    if (p[-1] == '}' && --depth == 0)
      return p;
  }
  return NULL;
}

/* Finds the group @name of the top level. */
static gboolean
find_group (const char *text, const char *name, gsize * start, gsize * end)
{
  const char *p = text;
  guint depth = 0;

  while (*p != '\0') {
    const char *next = skip_literal (p), *behind;
    gsize size = 0;

    if (next != p) {
      p = next;
      continue;
    }
    while (is_name_char (p[size]))
      size++;
    behind = depth == 0 && size == strlen (name)
        && g_ascii_strncasecmp (p, name, size) == 0
        ? skip_group (p + size) : NULL;
    if (behind != NULL) {
      behind += strspn (behind, " \t;,");
      behind += *behind == '\n';
      *start = p - text;
      *end = behind - text;
      return TRUE;
    }
    depth += *p == '{';
    depth -= *p == '}' && depth > 0;
    p += MAX (size, 1);
  }
  return FALSE;
}

char *
vr_store_edit (const char *text, const char *id, const char *category)
{
  g_autofree char *name = g_strdup_printf ("room-%s", id);
  GString *result = g_string_new (text);
  gsize start, end;

  if (find_group (text, name, &start, &end)
      || find_group (text, id, &start, &end)) {
    g_string_erase (result, start, end - start);
    g_string_insert (result, start, category != NULL ? category : "");
  } else if (category != NULL) {
    if (result->len > 0 && result->str[result->len - 1] != '\n')
      g_string_append_c (result, '\n');
    g_string_append_printf (result, "\n%s", category);
  }
  return g_string_free (result, FALSE);
}

/* A category that libconfig can read? Its names hold no other characters. */
static gboolean
is_name (const char *id)
{
  while (is_name_char (*id))
    id++;
  return *id == '\0';
}

gboolean
vr_store_save (VrPlugin * plugin, const VrRoom * room, gboolean keep)
{
  const char *path = bif_config_path (bif_plugin_config (BIF_PLUGIN (plugin)));
  g_autofree char *name = g_strdup_printf ("room-%s", room->base.id);
  g_autofree char *text = NULL, *category = NULL, *changed = NULL;
  g_autoptr (GError) error = NULL;

  if (path == NULL || !is_name (room->base.id)
      || !g_str_has_suffix (path, ".jcfg")) {
    GST_WARNING ("room %s cannot be kept in a file", room->base.id);
    return FALSE;
  }
  if (keep)
    category = write_room (room, name);
  if (g_file_get_contents (path, &text, NULL, &error)) {
    changed = vr_store_edit (text, room->base.id, category);
    if (g_file_set_contents_full (path, changed, -1,
            G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
            0640, &error))
      return TRUE;
  }
  GST_WARNING ("room %s: %s", room->base.id, error->message);
  return FALSE;
}
