/* templates: every file of pipelines/ parses, and each of its sections reaches
 * READY: elements are there, properties and links are right. Main thread. */
#include "media/template.h"

#include <string.h>

/* What a template of a plugin whose elements are not installed needs is no
 * fault of the template: it is skipped. */
static gboolean
is_missing_element (const GError * error)
{
  return strstr (error->message, "no element") != NULL;
}

/* Where files go is code's to say. */
static void
name_file (GstElement * bin)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bin), "sink");

  if (sink != NULL && g_object_class_find_property (G_OBJECT_GET_CLASS (sink),
          "location") != NULL)
    g_object_set (sink, "location", "/dev/null", NULL);
}

static void
check_section (const BifTemplate * template_, const char *section)
{
  g_autoptr (GError) error = NULL;
  GstElement *bin = bif_template_make_section (template_, section, &error);

  if (bin == NULL && is_missing_element (error)) {
    g_test_skip (error->message);
    return;
  }
  g_assert_no_error (error);
  gst_object_ref_sink (bin);
  name_file (bin);
  g_assert_cmpint (gst_element_set_state (bin, GST_STATE_READY), ==,
      GST_STATE_CHANGE_SUCCESS);
  gst_element_set_state (bin, GST_STATE_NULL);
  gst_object_unref (bin);
}

static void
test_file (gconstpointer path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (BifTemplate) template_ = NULL;
  const char *const *sections;

  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  g_assert_true (g_utf8_validate (text, -1, NULL));
  template_ = bif_template_new_from_text (path, text, NULL, &error);
  g_assert_no_error (error);
  sections = bif_template_sections (template_);
  g_assert_nonnull (sections[0]);
  for (guint i = 0; sections[i] != NULL; i++)
    check_section (template_, sections[i]);
}

int
main (int argc, char **argv)
{
  const char *name;
  g_autoptr (GDir) dir = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  dir = g_dir_open (SOURCE_ROOT "/pipelines", 0, NULL);
  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *test = g_strconcat ("/templates/", name, NULL);

    if (!g_str_has_suffix (name, ".gst"))
      continue;
    g_ptr_array_add (paths, g_build_filename (SOURCE_ROOT, "pipelines", name,
            NULL));
    g_test_add_data_func (test, paths->pdata[paths->len - 1], test_file);
  }
  g_assert_cmpuint (paths->len, >, 0);
  return g_test_run ();
}
