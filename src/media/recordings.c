/* recordings.c: what all recordings of a server share: the template record.gst,
 * which container may have which codec, and where may be written. Main
 * thread. */
#include "media/recorder-private.h"
#include "base/error.h"
#include "base/post.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (recordings_debug);
#define GST_CAT_DEFAULT recordings_debug

G_DEFINE_FINAL_TYPE (BifRecordings, bif_recordings, G_TYPE_OBJECT)

const char *const bif_recording_containers[BIF_RECORDING_CONTAINERS] = {
  "webm", "mkv", "mp4"
};

#define CODEC(section) \
  { section, "in", BIF_HOLE_SINK, NULL, TRUE }, \
  { section, "out", BIF_HOLE_SRC, NULL, TRUE }

const BifHole bif_recordings_holes[] = {
  { "webm", "sink", BIF_HOLE_ELEMENT, "bifpartsink", FALSE },
  { "mkv", "sink", BIF_HOLE_ELEMENT, "bifpartsink", FALSE },
  { "mp4", "sink", BIF_HOLE_ELEMENT, "bifpartsink", FALSE },
  { "mjr", "in", BIF_HOLE_ELEMENT, "bifmjrmux", FALSE },
  { "mjr", "sink", BIF_HOLE_ELEMENT, "filesink", FALSE },
  { "text", "in", BIF_HOLE_SINK, NULL, FALSE },
  { "text", "sink", BIF_HOLE_ELEMENT, "filesink", FALSE },
  CODEC ("opus"), CODEC ("pcmu"), CODEC ("pcma"), CODEC ("g722"),
  CODEC ("vp8"), CODEC ("vp9"), CODEC ("h264"), CODEC ("h265"),
  CODEC ("av1"),
  { NULL, NULL, 0, NULL, FALSE },
};

/* ---- formats ---- */

gboolean
bif_recording_formats_parse (const char *text, guint * formats,
    GError ** error)
{
  static const char *const names[] = { "webm", "mkv", "mp4", "mjr" };
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  guint found = 0;

  if (parts[0] == NULL) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
        "There is no format of recordings");
    return FALSE;
  }
  for (guint i = 0; parts[i] != NULL; i++) {
    guint before = found;

    g_strstrip (parts[i]);
    for (guint n = 0; n < G_N_ELEMENTS (names); n++)
      if (g_ascii_strcasecmp (parts[i], names[n]) == 0)
        found |= 1 << n;
    if (found == before) {
      g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
          "'%s' is no format of recordings, or stands there twice: webm, mkv, "
          "mp4, mjr", parts[i]);
      return FALSE;
    }
  }
  *formats = found;
  return TRUE;
}

/* ---- what goes where ---- */

/* What the section of @codec makes; NULL where its elements are missing. */
static GstCaps *
section_caps (BifTemplate * template_, const char *codec)
{
  g_autoptr (GstElement) bin = NULL, out = NULL;
  g_autoptr (GstPad) pad = NULL;

  if (bif_template_lacks_elements (template_, codec))
    return NULL;
  bin = bif_template_make_section (template_, codec, NULL);
  if (bin == NULL)
    return NULL;
  gst_object_ref_sink (bin);
  out = gst_bin_get_by_name (GST_BIN (bin), "out");
  pad = out != NULL ? gst_element_get_static_pad (out, "src") : NULL;
  return pad != NULL ? gst_pad_query_caps (pad, NULL) : NULL;
}

static void
read_codecs (BifRecordings * self)
{
  for (const BifHole * hole = bif_recordings_holes; hole->section; hole++) {
    GstCaps *caps;

    if (!hole->optional || hole->kind != BIF_HOLE_SRC)
      continue;
    caps = section_caps (self->template_, hole->section);
    if (caps == NULL)
      GST_INFO ("%s is recorded as .mjr only", hole->section);
    else
      g_hash_table_insert (self->codecs, g_strdup (hole->section), caps);
  }
}

gboolean
bif_recordings_holds (BifRecordings * self, const char *container,
    BifMediaKind kind, const char *codec)
{
  GstCaps *caps = g_hash_table_lookup (self->codecs, codec);
  const GstStructure *properties =
      bif_template_hole_properties (self->template_, container, "sink");
  const char *muxer = gst_structure_get_string (properties, "muxer-factory");
  g_autoptr (GstElementFactory) factory =
      gst_element_factory_find (muxer != NULL ? muxer : "webmmux");
  const GList *templates = factory != NULL ?
      gst_element_factory_get_static_pad_templates (factory) : NULL;

  for (; caps != NULL && templates != NULL; templates = templates->next) {
    GstStaticPadTemplate *template_ = templates->data;
    g_autoptr (GstCaps) takes = gst_static_pad_template_get_caps (template_);

    if (template_->direction == GST_PAD_SINK
        && g_str_has_prefix (template_->name_template,
            kind == BIF_MEDIA_VIDEO ? "video" : "audio")
        && gst_caps_can_intersect (caps, takes))
      return TRUE;
  }
  return FALSE;
}

/* ---- where ---- */

/* @path with every link followed, as far as it exists. (transfer full) */
static char *
resolve (const char *path)
{
  g_autofree char *absolute = g_canonicalize_filename (path, NULL);
  g_autofree char *folder = NULL, *name = NULL, *parent = NULL;
  char *real = realpath (absolute, NULL);

  if (real != NULL) {
    char *copy = g_strdup (real);

    free (real);
    return copy;
  }
  if (strcmp (absolute, "/") == 0)
    return g_steal_pointer (&absolute);
  folder = g_path_get_dirname (absolute);
  name = g_path_get_basename (absolute);
  parent = resolve (folder);
  return g_build_filename (parent, name, NULL);
}

static gboolean
is_protected (BifRecordings * self, const char *path)
{
  for (guint i = 0; self->protected_folders[i] != NULL; i++) {
    if (*self->protected_folders[i] != '\0'
        && g_str_has_prefix (path, self->protected_folders[i]))
      return TRUE;
  }
  return FALSE;
}

char *
bif_recordings_make_base (BifRecordings * self, const char *folder,
    const char *base, GError ** error)
{
  g_autofree char *path = folder == NULL || g_path_is_absolute (base) ?
      g_strdup (base) : g_build_filename (folder, base, NULL);
  g_autofree char *resolved = resolve (path);
  g_autofree char *parent = g_path_get_dirname (resolved);

  if (*base == '\0' || g_str_has_suffix (path, "/")) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_IO, "'%s' is no file name", path);
    return NULL;
  }
  if (path[0] == ' ' || is_protected (self, resolved)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_IO,
        "%s is in a folder where nothing may be recorded", path);
    return NULL;
  }
  if (g_mkdir_with_parents (parent, 0755) != 0) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_IO,
        "The folder %s cannot be made: %s", parent, g_strerror (errno));
    return NULL;
  }
  return g_steal_pointer (&resolved);
}

/* ---- the object ---- */

BifRecordings *
bif_recordings_new (const BifRecordingSettings * settings, GError ** error)
{
  g_autoptr (BifRecordings) self = g_object_new (BIF_TYPE_RECORDINGS, NULL);

  self->template_ = bif_template_load ("record", settings->pipelines_folder,
      bif_recordings_holes, error);
  if (self->template_ == NULL)
    return NULL;
  self->formats = settings->formats != 0 ? settings->formats :
      BIF_RECORDING_WEBM;
  self->max_duration_s = settings->max_duration_s;
  self->max_size = settings->max_size;
  self->temporary_ending = g_strdup (settings->temporary_ending);
  if (settings->protected_folders != NULL) {
    g_strfreev (self->protected_folders);
    self->protected_folders =
        g_strdupv ((char **) settings->protected_folders);
  }
  read_codecs (self);
  return g_steal_pointer (&self);
}

static gboolean
set_true (gpointer flag)
{
  *(gboolean *) flag = TRUE;
  return G_SOURCE_REMOVE;
}

gboolean
bif_recordings_wait (BifRecordings * self, guint timeout_ms)
{
  gboolean late = FALSE;
  guint id;

  BIF_ASSERT_MAIN ();
  if (self->n_closing == 0)
    return TRUE;
  id = g_timeout_add (timeout_ms, set_true, &late);
  while (self->n_closing > 0 && !late)
    g_main_context_iteration (NULL, TRUE);
  if (!late)
    g_source_remove (id);
  return !late;
}

static void
bif_recordings_finalize (GObject * object)
{
  BifRecordings *self = BIF_RECORDINGS (object);

  g_clear_pointer (&self->template_, bif_template_free);
  g_hash_table_unref (self->codecs);
  g_free (self->temporary_ending);
  g_strfreev (self->protected_folders);
  G_OBJECT_CLASS (bif_recordings_parent_class)->finalize (object);
}

static void
bif_recordings_class_init (BifRecordingsClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (recordings_debug, "bif-recordings", 0,
      "what recordings share");
  G_OBJECT_CLASS (klass)->finalize = bif_recordings_finalize;
}

static void
bif_recordings_init (BifRecordings * self)
{
  self->codecs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) gst_caps_unref);
  self->protected_folders = g_new0 (char *, 1);
}
