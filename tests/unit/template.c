/* template: pipeline templates read, checked, found and made. Needs GStreamer's
 * core elements and the plugin of this build. */
#include "media/template.h"
#include "base/error.h"
#include "base/paths.h"

#include <string.h>
#include <glib/gstdio.h>

static BifTemplate *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  BifTemplate *self = bif_template_new_from_text ("test", text, NULL, &error);

  g_assert_no_error (error);
  g_assert_nonnull (self);
  return self;
}

/* Sections as "name=text" in file order. */
static const struct
{
  const char *text;
  const char *sections[4];
} files[] = {
  {"", {NULL}},
  {"\n\n# nothing\n   \n", {NULL}},
  {"identity", {"main=identity"}},
  {"# c\nidentity !\n  # c\n  fakesink  \n", {"main=identity ! fakesink"}},
  {"[a]\nidentity\n[b]\nfakesink\n", {"a=identity", "b=fakesink"}},
  {"fakesrc\n[a]\nidentity", {"main=fakesrc", "a=identity"}},
  {"[a]\r\nidentity\r\n[b]\r\nfakesink\r\n", {"a=identity", "b=fakesink"}},
  {"  [a-1]  \nidentity", {"a-1=identity"}},
  {"[a]\n[b]\nidentity", {"a=", "b=identity"}},
  {"[a]\nx=#1\n", {"a=x=#1"}},  /* no comment: not at the line's start */
  {"[main]\nidentity", {"main=identity"}},
  /* no headers, but text */
  {"[]\n", {"main=[]"}},
  {"[A]\n", {"main=[A]"}},
  {"[a b]\n", {"main=[a b]"}},
  {"[a]x\n", {"main=[a]x"}},
  {"[a\n", {"main=[a"}},
  {"[../a]\n", {"main=[../a]"}},
};

static void
test_sections (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (BifTemplate) self = parse (files[i].text);
    const char *const *names = bif_template_sections (self);
    guint n = 0;

    for (; files[i].sections[n] != NULL; n++) {
      g_auto (GStrv) row = g_strsplit (files[i].sections[n], "=", 2);

      g_assert_cmpstr (names[n], ==, row[0]);
      g_assert_cmpstr (bif_template_section (self, row[0]), ==, row[1]);
    }
    g_assert_null (names[n]);
    g_assert_null (bif_template_section (self, "none"));
    g_assert_null (bif_template_path (self));
  }
}

static void
test_twice (void)
{
  static const char *const texts[] = {
    "[a]\nidentity\n[b]\nidentity\n\n[a]\nfakesink", "fakesrc\n#\n\n\n\n[main]",
    "[a]\n\n\n\n\n[a]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (bif_template_new_from_text ("test", texts[i], NULL,
            &error));
    g_assert_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE);
    g_assert_nonnull (strstr (error->message, "test, line 6: "));
    g_assert_nonnull (strstr (error->message, i == 1 ? "[main]" : "[a]"));
  }
}

static void
test_relay (void)
{
  static const struct
  {
    const char *text;
    gboolean relay;
  } rows[] = {
    {"[a]\nbifrelay name=relay", TRUE}, {"[a]\nbifrelay", TRUE},
    {"[a]\nbifrelay\tname=relay", TRUE}, {"[a]\n  bifrelay\n name=relay", TRUE},
    {"[a]\nbifrelay ! identity", FALSE}, {"[a]\nidentity name=bifrelay", FALSE},
    {"[a]\nbifrelaying", FALSE}, {"[a]\n", FALSE}, {"[b]\nbifrelay", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (BifTemplate) self = parse (rows[i].text);

    g_assert_cmpint (bif_template_is_relay (self, "a"), ==, rows[i].relay);
  }
}

/* ---- holes ---- */

static const BifHole holes[] = {
  {"a", "in", BIF_HOLE_SINK}, {"a", "out", BIF_HOLE_SRC},
  {"b", "it", BIF_HOLE_ELEMENT, "identity"}, {"b", "any", BIF_HOLE_ELEMENT},
  {NULL}
};

#define B "[b]\nidentity name=it fakesink name=any\n"

/* @says: what the message tells besides the section; NULL: it is right. */
static const struct
{
  const char *text, *section, *says;
} checks[] = {
  {"[a]\nidentity name=in ! identity name=out\n" B, NULL, NULL},
  {"[a]\nqueue name=in ! identity ! queue name=out\n" B, NULL, NULL},
  {"[a]\nbifrelay name=relay\n" B, NULL, NULL},
  {B, "a", "missing"},
  {"[a]\n" B, "a", "empty"},
  {"[a]\nidentity name=in ! identity name=out\n", "b", "missing"},
  {"[a]\nidentity name=in ! identity\n" B, "a", "name=out"},
  {"[a]\nidentity ! identity name=out\n" B, "a", "name=in"},
  {"[a]\nfakesrc name=in ! identity name=out\n" B, "a", "sink pad"},
  {"[a]\nidentity name=in ! fakesink name=out\n" B, "a", "src pad"},
  {"[a]\nidentity name=in ! identity name=out ! fakesink\n" B, "a",
      "free src pad"},
  {"[a]\nfakesrc ! identity name=in ! identity name=out\n" B, "a",
      "free sink pad"},
  {"[a]\nbifrelay\n" B, "a", "name=relay"},
  {"[a]\nbifrelay name=in\n" B, "a", "name=relay"},
  {"[a]\nbifrelay identity name=relay\n" B, "a", "type bifrelay"},
  {"[a]\nno-such-element name=in\n" B, "a", "no-such-element"},
  {"[a]\nidentity name=in ! ! identity name=out\n" B, "a", ""},
  {"[a]\nidentity name=in no-such-property=1 ! identity name=out\n" B, "a",
      "no-such-property"},
  {"[a]\nidentity name=in ! identity name=out\n[b]\nfakesink name=it", "b",
      "type identity"},
  {"[a]\nidentity name=in ! identity name=out\n[b]\nidentity name=it", "b",
      "name=any"},
};

static void
test_holes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (checks); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (BifTemplate) self =
        bif_template_new_from_text ("test", checks[i].text, holes, &error);
    g_autofree char *section = NULL;

    g_test_message ("%s", checks[i].text);
    if (checks[i].says == NULL) {
      g_assert_no_error (error);
      g_assert_nonnull (self);
      continue;
    }
    g_assert_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE);
    g_assert_null (self);
    section = g_strdup_printf ("test, section [%s]:", checks[i].section);
    g_assert_nonnull (strstr (error->message, section));
    g_assert_nonnull (strstr (error->message, checks[i].says));
  }
}

static void
test_hole_properties (void)
{
  static const BifHole elements[] = {
    {"a", "it", BIF_HOLE_ELEMENT, "identity"},
    {"a", "q", BIF_HOLE_ELEMENT, NULL},
    {NULL},
  };
  g_autoptr (BifTemplate) self = bif_template_new_from_text ("test",
      "[a]\nidentity name=it sync=true sleep-time=7 silent=true ! "
      "queue name=q\n", elements, NULL);
  const GstStructure *it = bif_template_hole_properties (self, "a", "it");
  const GstStructure *q = bif_template_hole_properties (self, "a", "q");
  gboolean sync = FALSE;
  guint sleep = 0;

  g_assert_true (gst_structure_get_boolean (it, "sync", &sync));
  g_assert_true (gst_structure_get_uint (it, "sleep-time", &sleep));
  g_assert_true (sync);
  g_assert_cmpuint (sleep, ==, 7);
  g_assert_cmpint (gst_structure_n_fields (it), ==, 2);
  g_assert_cmpint (gst_structure_n_fields (q), ==, 0);
  g_assert_null (bif_template_hole_properties (self, "a", "no"));
  g_assert_null (bif_template_hole_properties (self, "c", "a"));
}

/* ---- files ---- */

static void
write_template (const char *folder, const char *text)
{
  g_autofree char *path = g_build_filename (folder, "test.gst", NULL);

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_template (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "test.gst", NULL);

  g_remove (path);
}

/* Which folder's file is found; its only section tells. */
static void
check_found (const char *configured, const char *folder)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BifTemplate) self =
      bif_template_load ("test", configured, NULL, &error);

  if (folder == NULL) {
    g_assert_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE);
    g_assert_null (self);
    return;
  }
  g_assert_no_error (error);
  g_assert_cmpstr (bif_template_section (self, "main"), ==, folder);
  g_assert_true (g_str_has_prefix (bif_template_path (self), folder));
}

/* The first file wins, whole: of two folders in the variable, the configured
 * one, the user's and the system's. */
static void
test_search (void)
{
  g_autofree char *root = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  g_autofree char *user = g_build_filename (g_get_user_config_dir (),
      "bifrons", "pipelines", NULL);
  char *folders[4] = { g_build_filename (root, "one", NULL),
    g_build_filename (root, "two", NULL), g_build_filename (root, "three",
        NULL), user
  };
  g_autofree char *path = g_strconcat (folders[0], ":", folders[1], NULL);

  g_setenv ("BIFRONS_PIPELINE_PATH", path, TRUE);
  check_found (folders[2], NULL);
  for (int i = G_N_ELEMENTS (folders) - 1; i >= 0; i--) {
    write_template (folders[i], folders[i]);
    check_found (folders[2], folders[i]);
  }
  g_unsetenv ("BIFRONS_PIPELINE_PATH");
  check_found (folders[2], folders[2]);
  check_found (NULL, user);
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    remove_template (folders[i]);
    g_rmdir (folders[i]);
  }
  check_found (folders[2], NULL);
  for (guint i = 0; i < 3; i++)
    g_free (folders[i]);
  g_rmdir (root);
}

/* A broken file that comes first is an error, not a reason to go on. */
static void
test_broken_file (void)
{
  g_autofree char *root = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  g_autoptr (GError) error = NULL;

  write_template (root, "[a]\nno-such-element\n");
  g_assert_null (bif_template_load ("test", root, holes, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE);
  g_assert_nonnull (strstr (error->message, root));
  remove_template (root);
  g_rmdir (root);
}

static void
test_names (void)
{
  static const char *const names[] = { "", ".", "..", "../test", "a/b",
    "/etc/passwd", "Test", "test.gst", "test\n", "t%s%n", "t\xff", " test"
  };
  g_autofree char *root = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  g_autofree char *inner = g_build_filename (root, "inner", NULL);

  write_template (root, "identity");
  g_mkdir_with_parents (inner, 0700);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (bif_template_load (names[i], inner, NULL, &error));
    g_assert_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE);
  }
  remove_template (root);
  g_rmdir (inner);
  g_rmdir (root);
}

/* ---- hostile text ---- */

static void
try_text (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (BifTemplate) self =
      bif_template_new_from_text ("test", text, holes, &error);
  g_autoptr (BifTemplate) loose =
      bif_template_new_from_text ("test", text, NULL, NULL);

  if (self == NULL)
    g_assert_error (error, BIF_ERROR, BIF_ERROR_TEMPLATE);
  for (guint i = 0; loose != NULL && bif_template_sections (loose)[i] != NULL;
      i++) {
    const char *section = bif_template_sections (loose)[i];
    GstElement *bin = bif_template_make_section (loose, section, NULL);

    bif_template_is_relay (loose, section);
    if (bin != NULL)
      gst_object_unref (gst_object_ref_sink (bin));
  }
}

static void
test_hostile (void)
{
  static const char *const texts[] = {
    "[a]\n\x01\x02\xff", "[a]\n\"", "[a]\nidentity name=\"", "[a]\n(", "[a]\n)",
    "[a]\n( identity", "[a]\nin. ! out.", "[a]\nidentity name=in ! in.",
    "[a]\nidentity name=in identity name=in", "[a]\n%s%n%s%n",
    "[a]\nidentity name=in ! identity name=out\n[a]\n", "[[a]]\nx",
    "[a]\nbin.( name=in )", "[a]\nidentity name=in.x", "[a]\n!", "[a]\n.",
    "[a]\nidentity sleep-time=99999999999999999999", "[a]\nidentity dump=maybe",
  };
  g_autofree char *deep = g_strnfill (2000, '(');
  g_autofree char *deep_text = g_strconcat ("[a]\n", deep, NULL);
  g_autofree char *sections = g_strnfill (100000, '[');
  g_autoptr (GString) many = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    try_text (texts[i]);
  try_text (deep_text);
  try_text (sections);
  for (guint i = 0; i < 1000; i++)
    g_string_append (many, "[a]\nidentity name=in\n");
  try_text (many->str);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("bifrons-XXXXXX", NULL);

  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_setenv ("XDG_CONFIG_DIRS", home, TRUE);
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  bif_paths_init_for (NULL);
  g_test_add_func ("/template/sections", test_sections);
  g_test_add_func ("/template/twice", test_twice);
  g_test_add_func ("/template/relay", test_relay);
  g_test_add_func ("/template/holes", test_holes);
  g_test_add_func ("/template/hole-properties", test_hole_properties);
  g_test_add_func ("/template/search", test_search);
  g_test_add_func ("/template/broken-file", test_broken_file);
  g_test_add_func ("/template/names", test_names);
  g_test_add_func ("/template/hostile", test_hostile);
  return g_test_run ();
}
