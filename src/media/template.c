/* template.c: reads, checks and instantiates pipeline templates. Main thread. */
#include "media/template.h"
#include "base/error.h"
#include "base/paths.h"

#include <string.h>

GST_DEBUG_CATEGORY_STATIC (template_debug);
#define GST_CAT_DEFAULT template_debug

struct _BifTemplate
{
  char *name;
  char *path;                   /* NULL: from text */
  GHashTable *sections;         /* name -> text */
  char **names;                 /* in file order */
  GHashTable *properties;       /* "section/hole" -> GstStructure */
};

static void
init_debug (void)
{
  if (template_debug == NULL)
    GST_DEBUG_CATEGORY_INIT (template_debug, "bif-template", 0,
        "pipeline templates");
}

/* ---- reading ---- */

/* "[name]" alone on a line. Returns: (transfer full) (nullable) */
static char *
section_header (const char *line)
{
  gsize size = strlen (line);

  if (size < 3 || line[0] != '[' || line[size - 1] != ']')
    return NULL;
  for (gsize i = 1; i < size - 1; i++) {
    if (!g_ascii_islower (line[i]) && !g_ascii_isdigit (line[i])
        && line[i] != '-')
      return NULL;
  }
  return g_strndup (line + 1, size - 2);
}

static void
end_section (BifTemplate * self, GPtrArray * names, const char *name,
    GString * text)
{
  char *clean = g_strstrip (g_strdup (text->str));

  if (clean[0] != '\0' || strcmp (name, "main") != 0) {
    g_ptr_array_add (names, g_strdup (name));
    g_hash_table_replace (self->sections, g_strdup (name), clean);
  } else {
    g_free (clean);
  }
  g_string_truncate (text, 0);
}

static gboolean
fail_twice (const BifTemplate * self, const char *section, guint line,
    GError ** error)
{
  g_set_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE,
      "%s, line %u: the section [%s] is there already",
      self->path != NULL ? self->path : self->name, line, section);
  return FALSE;
}

static gboolean
read_sections (BifTemplate * self, const char *text, GError ** error)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) body = g_string_new (NULL);
  g_autofree char *current = g_strdup ("main");

  for (guint i = 0; lines[i] != NULL; i++) {
    char *line = g_strstrip (lines[i]);
    char *header = section_header (line);

    if (header != NULL) {
      end_section (self, names, current, body);
      g_free (current);
      current = header;
      if (bif_template_section (self, current) != NULL)
        return fail_twice (self, current, i + 1, error);
    } else if (line[0] != '#' && line[0] != '\0') {
      g_string_append_printf (body, "%s%s", body->len > 0 ? " " : "", line);
    }
  }
  end_section (self, names, current, body);
  g_ptr_array_add (names, NULL);
  self->names = (char **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
  return TRUE;
}

/* ---- checking ---- */

static gboolean
fail (const BifTemplate * self, GError ** error, const char *section,
    const char *what)
{
  g_set_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE, "%s, section [%s]: %s",
      self->path != NULL ? self->path : self->name, section, what);
  return FALSE;
}

/* Writable properties that differ from the default. */
static GstStructure *
read_properties (GstElement * element)
{
  GstStructure *properties = gst_structure_new_empty ("properties");
  g_autofree GParamSpec **specs = NULL;
  guint n = 0;

  specs = g_object_class_list_properties (G_OBJECT_GET_CLASS (element), &n);
  for (guint i = 0; i < n; i++) {
    g_auto (GValue) value = G_VALUE_INIT;
    gboolean usable = (specs[i]->flags & G_PARAM_READWRITE)
        == G_PARAM_READWRITE && !(specs[i]->flags & G_PARAM_CONSTRUCT_ONLY)
        && !g_type_is_a (specs[i]->value_type, G_TYPE_OBJECT)
        && strcmp (specs[i]->name, "name") != 0;

    if (!usable)
      continue;
    g_value_init (&value, specs[i]->value_type);
    g_object_get_property (G_OBJECT (element), specs[i]->name, &value);
    if (!g_param_value_defaults (specs[i], &value))
      gst_structure_set_value (properties, specs[i]->name, &value);
  }
  return properties;
}

static gboolean
check_hole (BifTemplate * self, GstElement * bin, const BifHole * hole,
    GError ** error)
{
  g_autoptr (GstElement) element =
      gst_bin_get_by_name (GST_BIN (bin), hole->name);
  g_autofree char *what = NULL;
  GstElementFactory *factory;
  g_autoptr (GstPad) pad = NULL;

  if (element == NULL) {
    what = g_strdup_printf ("an element with name=%s is missing", hole->name);
    return fail (self, error, hole->section, what);
  }
  factory = gst_element_get_factory (element);
  if (hole->kind == BIF_HOLE_ELEMENT && hole->factory != NULL
      && (factory == NULL
          || strcmp (GST_OBJECT_NAME (factory), hole->factory) != 0)) {
    what = g_strdup_printf ("%s must be of type %s", hole->name,
        hole->factory);
    return fail (self, error, hole->section, what);
  }
  if (hole->kind == BIF_HOLE_SINK || hole->kind == BIF_HOLE_SRC) {
    pad = gst_element_get_static_pad (element,
        hole->kind == BIF_HOLE_SINK ? "sink" : "src");
    if (pad == NULL || gst_pad_is_linked (pad)) {
      what = g_strdup_printf ("%s needs a free %s pad", hole->name,
          hole->kind == BIF_HOLE_SINK ? "sink" : "src");
      return fail (self, error, hole->section, what);
    }
  }
  if (hole->kind == BIF_HOLE_ELEMENT)
    g_hash_table_replace (self->properties,
        g_strconcat (hole->section, "/", hole->name, NULL),
        read_properties (element));
  return TRUE;
}

/* The first words between exclamation marks; those inside quotes, or further
 * chains, are not looked at. */
gboolean
bif_template_lacks_elements (const BifTemplate * self, const char *section)
{
  const char *text = bif_template_section (self, section);
  g_auto (GStrv) parts = g_strsplit (text != NULL ? text : "", "!", -1);

  for (guint i = 0; parts[i] != NULL; i++) {
    char *name = g_strstrip (parts[i]);
    g_autoptr (GstElementFactory) factory = NULL;

    name[strcspn (name, " \t")] = '\0';
    /* Caps, a pad of an element, a bin. */
    if (!g_ascii_isalpha (name[0]) || strpbrk (name, "/.(") != NULL)
      continue;
    factory = gst_element_factory_find (name);
    if (factory == NULL)
      return TRUE;
  }
  return text == NULL;
}

/* A relay section stands for its in and out holes. */
static gboolean
check (BifTemplate * self, const BifHole * holes, GError ** error)
{
  for (const BifHole * hole = holes; hole != NULL && hole->section != NULL;
      hole++) {
    const BifHole relay = { hole->section, "relay", BIF_HOLE_ELEMENT,
      "bifrelay"
    };
    const BifHole *hole_to_check = hole;
    g_autoptr (GstElement) bin = NULL;
    gboolean pads = hole->kind == BIF_HOLE_SINK || hole->kind == BIF_HOLE_SRC;

    if (hole->optional && bif_template_lacks_elements (self, hole->section))
      continue;
    if (bif_template_section (self, hole->section) == NULL)
      return fail (self, error, hole->section, "the section is missing");
    if (pads && bif_template_is_relay (self, hole->section))
      hole_to_check = &relay;
    bin = bif_template_make_section (self, hole->section, error);
    if (bin == NULL)
      return FALSE;
    gst_object_ref_sink (bin);
    if (!check_hole (self, bin, hole_to_check, error))
      return FALSE;
  }
  return TRUE;
}

/* ---- public ---- */

static BifTemplate *
make (const char *name, const char *path, const char *text,
    const BifHole * holes, GError ** error)
{
  g_autoptr (BifTemplate) self = g_new0 (BifTemplate, 1);

  init_debug ();
  self->name = g_strdup (name);
  self->path = g_strdup (path);
  self->sections = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      g_free);
  self->properties = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      (GDestroyNotify) gst_structure_free);
  if (!read_sections (self, text, error) || !check (self, holes, error))
    return NULL;
  return g_steal_pointer (&self);
}

BifTemplate *
bif_template_new_from_text (const char *name, const char *text,
    const BifHole * holes, GError ** error)
{
  return make (name, NULL, text, holes, error);
}

/* Names come from requests too: no path may hide in one. */
static gboolean
name_is_valid (const char *name)
{
  gsize size = strspn (name, "abcdefghijklmnopqrstuvwxyz0123456789-");

  return size > 0 && name[size] == '\0';
}

static BifTemplate *
load_file (const char *name, const char *path, const BifHole * holes,
    GError ** error)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  BifTemplate *self;

  if (!g_file_get_contents (path, &text, NULL, &local)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE, "%s: %s", path,
        local->message);
    return NULL;
  }
  self = make (name, path, text, holes, error);
  if (self != NULL)
    GST_INFO ("template %s: %s", name, path);
  return self;
}

BifTemplate *
bif_template_load (const char *name, const char *folder,
    const BifHole * holes, GError ** error)
{
  g_auto (GStrv) dirs = bif_paths_pipelines_dirs (folder);
  g_autofree char *file = g_strconcat (name, ".gst", NULL);

  init_debug ();
  if (!name_is_valid (name)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE,
        "'%s' is no name of a template", name);
    return NULL;
  }
  for (guint i = 0; dirs[i] != NULL; i++) {
    g_autofree char *path = g_build_filename (dirs[i], file, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
      return load_file (name, path, holes, error);
  }
  g_set_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE,
      "no pipeline template %s in any folder", file);
  return NULL;
}

void
bif_template_free (BifTemplate * self)
{
  g_free (self->name);
  g_free (self->path);
  g_hash_table_unref (self->sections);
  g_hash_table_unref (self->properties);
  g_strfreev (self->names);
  g_free (self);
}

const char *
bif_template_path (const BifTemplate * self)
{
  return self->path;
}

const char *
bif_template_section (const BifTemplate * self, const char *section)
{
  return g_hash_table_lookup (self->sections, section);
}

const char *const *
bif_template_sections (const BifTemplate * self)
{
  return (const char *const *) self->names;
}

gboolean
bif_template_is_relay (const BifTemplate * self, const char *section)
{
  const char *text = bif_template_section (self, section);

  return text != NULL && g_str_has_prefix (text, "bifrelay")
      && (text[8] == '\0' || g_ascii_isspace (text[8]))
      && strchr (text, '!') == NULL;
}

GstElement *
bif_template_make_section (const BifTemplate * self, const char *section,
    GError ** error)
{
  const char *text = bif_template_section (self, section);
  g_autoptr (GError) local = NULL;
  GstElement *bin;

  if (text == NULL || text[0] == '\0') {
    fail (self, error, section, "the section is missing or empty");
    return NULL;
  }
  bin = gst_parse_bin_from_description_full (text, FALSE, NULL,
      GST_PARSE_FLAG_FATAL_ERRORS, &local);
  if (bin == NULL)
    fail (self, error, section, local->message);
  return bin;
}

const GstStructure *
bif_template_hole_properties (const BifTemplate * self, const char *section,
    const char *hole)
{
  g_autofree char *key = g_strconcat (section, "/", hole, NULL);

  return g_hash_table_lookup (self->properties, key);
}
