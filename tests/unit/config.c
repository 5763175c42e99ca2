/* config.c: tests of the configuration reader: what users bring, and what no
 * one should. Main thread. */
#include "base/config.h"

#include <string.h>
#include <glib/gstdio.h>
#include <gst/gst.h>

#include "base/error.h"

#define JANUS_FOLDER "/etc/janus"

static BifConfig *
load (const char *text)
{
  g_autoptr (GError) error = NULL;
  BifConfig *config = bif_config_load_text (text, "test", &error);

  g_assert_no_error (error);
  g_assert_nonnull (config);
  return config;
}

static void
test_scalars (void)
{
  static const struct
  {
    const char *line, *text;
    gboolean is_true;
    gint64 number;
  } rows[] = {
    { "k = \"yes\"", "yes", TRUE, 0 },
    { "k: \"YES\";", "YES", TRUE, 0 },
    { "k = TRUE,", "true", TRUE, 0 },
    { "k = False", "false", FALSE, 0 },
    { "k = \"on\"", "on", FALSE, 0 },
    { "k = 1", "1", TRUE, 1 },
    { "k = 0x10", "16", FALSE, 16 },
    { "k = -3", "-3", FALSE, -3 },
    { "k = 5000000000L", "5000000000", FALSE, 5000000000 },
    { "k = 1.5", "1.500000", FALSE, 1 },
    { "k = \"12ab\"", "12ab", FALSE, 12 },
    { "k = \"ab\"", "ab", FALSE, 0 },
    { "k = \"a\" \"b\"", "ab", FALSE, 0 },
    { "k = \"\\x41\\n\\\"\"", "A\n\"", FALSE, 0 },
    { "k = \"\"", "", FALSE, 0 },
    { "k = \"\xff\"", "\xef\xbf\xbd", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *text = g_strdup_printf ("g: { %s }", rows[i].line);
    g_autoptr (BifConfig) config = load (text);

    g_assert_cmpstr (bif_config_string (config, "G", "K"), ==, rows[i].text);
    g_assert_cmpint (bif_config_bool (config, "g", "k", !rows[i].is_true), ==,
        rows[i].is_true);
    g_assert_cmpint (bif_config_int (config, "g", "k", 99), ==,
        rows[i].number);
  }
}

static void
test_tree (void)
{
  g_autoptr (BifConfig) config = load ("# rooms\n"
      "room-1234: {\n"
      "  description = \"x\" // text\n"
      "  allowed = [ \"a\", \"b\" ];\n"
      "  list = ( 1, [ 2 ], { three = 3 } );\n"
      "}\n/* end */ top = 1\n");
  const BifConfigItem *room = bif_config_find (config, NULL, "ROOM-1234");
  const BifConfigItem *list, *child;
  const GPtrArray *children;

  g_assert_cmpuint (bif_config_item_line (room), ==, 2);
  g_assert_null (bif_config_item_text (room));
  child = bif_config_find (config, room, "description");
  g_assert_cmpuint (bif_config_item_line (child), ==, 3);
  g_assert_null (bif_config_children (config, child));
  g_assert_null (bif_config_string (config, "room-1234", "allowed"));
  children = bif_config_children (config, bif_config_find (config, room,
          "allowed"));
  g_assert_cmpuint (children->len, ==, 2);
  g_assert_null (bif_config_item_name (g_ptr_array_index (children, 0)));
  g_assert_cmpstr (bif_config_item_text (g_ptr_array_index (children, 1)), ==,
      "b");
  list = bif_config_find (config, room, "list");
  child = g_ptr_array_index (bif_config_children (config, list), 2);
  g_assert_cmpstr (bif_config_item_text (bif_config_find (config, child,
              "three")), ==, "3");
  g_assert_null (bif_config_find (config, list, "three"));
  g_assert_cmpuint (bif_config_children (config, NULL)->len, ==, 2);
  g_assert_cmpstr (bif_config_string (config, NULL, "top"), ==, "1");
}

static void
test_set (void)
{
  g_autoptr (BifConfig) config = load ("g: { a = 1; b = [ 1 ] }\ns = 1\n");

  bif_config_set (config, "G", "A", "2");
  bif_config_set (config, "g", "b", "text");
  bif_config_set (config, "new", "c", "3");
  bif_config_set (config, "s", "d", "4");
  bif_config_set (config, "none", "e", NULL);
  g_assert_cmpstr (bif_config_string (config, "g", "a"), ==, "2");
  g_assert_cmpstr (bif_config_string (config, "g", "b"), ==, "text");
  g_assert_cmpstr (bif_config_string (config, "new", "c"), ==, "3");
  g_assert_cmpstr (bif_config_string (config, "s", "d"), ==, "4");
  g_assert_null (bif_config_find (config, NULL, "none"));
  bif_config_set (config, "g", "a", NULL);
  g_assert_null (bif_config_string (config, "g", "a"));
}

static void
test_hostile (void)
{
  static const char *const rows[] = {
    "g: {", "}", "g: { a = }", "a = 1\na = 2", "a = \"open", "a = [ 1, \"b\" ]",
    "= 1", "a.b = 1", "@include \"/etc/passwd\"",
    "a = 1\n \t@include  \"/etc/passwd\"\n", "@include \"\\\"", "\xff = 1",
    "a = ((((((((((", "a = \"\\", "/* x */ */", "a = @include \"b\"",
    "@include\"x\"", "x = 1;\n/* a\n*/ \n@include \"/etc/hostname\"",
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    BifConfig *config = bif_config_load_text (rows[i], "test", &error);
    g_test_message ("row %u", i);

    g_assert_null (config);
    g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
    g_assert_true (g_str_has_prefix (error->message, "test:"));
  }
}

static void
test_unterminated_is_harmless (void)
{
  g_autoptr (BifConfig) comment = load ("a = 1 /* never closed");
  g_autoptr (BifConfig) quoted = load ("a = \"\n@include \\\"x\\\"\"");
  g_autoptr (BifConfig) commented = load ("/*\n@include \"/etc/passwd\"\n*/");

  g_assert_cmpstr (bif_config_string (comment, NULL, "a"), ==, "1");
  g_assert_cmpstr (bif_config_string (quoted, NULL, "a"), ==,
      "\n@include \"x\"");
  g_assert_cmpuint (bif_config_children (commented, NULL)->len, ==, 0);
}

static void
test_deep_and_long (void)
{
  static const struct
  {
    guint depth;
    gboolean ok;
  } rows[] = { { 60, TRUE }, { 65, FALSE }, { 100000, FALSE } };
  g_autofree char *name = g_strnfill (100000, 'a');
  g_autofree char *text = g_strdup_printf ("%s = 1", name);
  g_autoptr (BifConfig) config = load (text);

  g_assert_cmpstr (bif_config_string (config, NULL, name), ==, "1");
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *open = g_strnfill (rows[i].depth, '(');
    g_autofree char *close = g_strnfill (rows[i].depth, ')');
    g_autofree char *deep = g_strdup_printf ("a = %s%s", open, close);
    g_autoptr (GError) error = NULL;
    g_autoptr (BifConfig) got = bif_config_load_text (deep, "test", &error);

    g_assert_cmpint (got != NULL, ==, rows[i].ok);
    g_assert_cmpint (error == NULL, ==, rows[i].ok);
  }
}

typedef struct
{
  char *folder;
} Fixture;

static void
set_up (Fixture * f, gconstpointer data)
{
  f->folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
}

static void
tear_down (Fixture * f, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (f->folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (f->folder, name, NULL);

    g_remove (path);
  }
  g_rmdir (f->folder);
  g_free (f->folder);
}

static char *
put (Fixture * f, const char *name, const char *text, gssize size)
{
  char *path = g_build_filename (f->folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, size, NULL));
  return path;
}

static void
test_include (Fixture * f, gconstpointer data)
{
  g_autofree char *inner = put (f, "inner.cfg", "b = 2\nbad = ;\n", -1);
  g_autofree char *text = g_strdup_printf ("a = 1\n@include \"inner.cfg\"\n"
      "g: {\n@include \"%s\"\n}\nc = 3\n", inner);
  g_autofree char *path = put (f, "x.jcfg", text, -1);
  g_autofree char *loop = put (f, "loop.jcfg", "@include \"loop.jcfg\"\n", -1);
  g_autofree char *gone = put (f, "gone.jcfg", "a=1\n@include \"no\"", -1);
  g_autoptr (GError) error = NULL;
  g_autoptr (BifConfig) config = NULL;

  g_assert_null (bif_config_load (path, &error));
  g_assert_nonnull (strstr (error->message, "inner.cfg:2: syntax error"));
  g_clear_error (&error);

  g_file_set_contents (inner, "b = 2", -1, NULL);
  config = bif_config_load (path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bif_config_string (config, NULL, "b"), ==, "2");
  g_assert_cmpstr (bif_config_string (config, "g", "b"), ==, "2");
  g_assert_cmpuint (bif_config_item_line (bif_config_find (config, NULL, "c")),
      ==, 6);
  g_assert_cmpuint (bif_config_item_line (bif_config_find (config, NULL, "b")),
      ==, 1);
  g_assert_cmpstr (bif_config_path (config), ==, path);

  g_assert_null (bif_config_load (loop, &error));
  g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
  g_clear_error (&error);
  g_assert_null (bif_config_load (gone, &error));
  g_assert_nonnull (strstr (error->message, "gone.jcfg:2: "));
}

static void
test_files (Fixture * f, gconstpointer data)
{
  g_autofree char *nul = put (f, "nul.jcfg", "a = 1\n\0b = 2", 12);
  g_autofree char *bom = put (f, "bom.jcfg", "\xef\xbb\xbf" "a = 1\r\n", -1);
  g_autofree char *huge = g_build_filename (f->folder, "huge.jcfg", NULL);
  g_autofree char *none = g_build_filename (f->folder, "none.jcfg", NULL);
  const char *const bad[] = { nul, huge, none, f->folder, "/dev/zero" };
  g_autoptr (BifConfig) config = bif_config_load (bom, NULL);
  FILE *file = g_fopen (huge, "w");

  g_assert_cmpint (fseek (file, 20 * 1024 * 1024, SEEK_SET), ==, 0);
  fputc ('x', file);
  fclose (file);
  g_assert_cmpstr (bif_config_string (config, NULL, "a"), ==, "1");
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (bif_config_load (bad[i], &error));
    g_assert_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION);
    g_assert_nonnull (strstr (error->message, bad[i]));
  }
}

static void
test_ini (Fixture * f, gconstpointer data)
{
  g_autofree char *path = put (f, "x.cfg", "top = 0\n; comment\n[general]\n"
      "Port => 8088 ; trailing\r\nsecret = a\\;b\nPORT = 8089\n"
      "[ other ]\nk=v=w\n[general]\nmore = 1\n", -1);
  g_autoptr (BifConfig) config = bif_config_load (path, NULL);

  g_assert_cmpstr (bif_config_string (config, NULL, "top"), ==, "0");
  g_assert_cmpstr (bif_config_string (config, "GENERAL", "port"), ==, "8089");
  g_assert_cmpstr (bif_config_string (config, "general", "secret"), ==, "a;b");
  g_assert_cmpstr (bif_config_string (config, "general", "more"), ==, "1");
  g_assert_cmpstr (bif_config_string (config, "other", "k"), ==, "v=w");
  g_assert_cmpuint (bif_config_item_line (bif_config_find (config,
              bif_config_find (config, NULL, "other"), "k")), ==, 8);
}

static void
test_package (Fixture * f, gconstpointer data)
{
  static const struct
  {
    const char *package;
    gint64 a;
  } rows[] = { { "p", 1 }, { "q", 2 }, { "r", 0 } };
  g_autoptr (BifConfig) none = bif_config_load_package (NULL, "p", NULL);

  g_free (put (f, "p.jcfg", "g: { a = 1 }", -1));
  g_free (put (f, "p.cfg", "[g]\na = 2\n", -1));
  g_free (put (f, "q.cfg", "[g]\na = 2\n", -1));
  g_free (put (f, "bad.jcfg", "g: {", -1));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (BifConfig) config = bif_config_load_package (f->folder,
        rows[i].package, NULL);

    g_assert_cmpint (bif_config_int (config, "g", "a", 0), ==, rows[i].a);
  }
  g_assert_cmpuint (bif_config_children (none, NULL)->len, ==, 0);
  g_assert_null (bif_config_load_package (f->folder, "bad", NULL));
}

static void
test_ini_hostile (Fixture * f, gconstpointer data)
{
  g_autofree char *path = put (f, "x.cfg", "[open\n=\n= 1\n[]\na\n\\;\n;\n"
      "\xff\xfe = \xff\nb = 1\n[[x]]\n", -1);
  g_autoptr (BifConfig) config = bif_config_load (path, NULL);

  g_assert_cmpint (bif_config_int (config, "", "b", 0), ==, 1);
}

static void
test_check (void)
{
  static const BifKey keys[] = {
    { "g", "text", BIF_KEY_STRING },
    { "g", "flag", BIF_KEY_BOOL },
    { "g", "port", BIF_KEY_INT, 0, 65535 },
    { "g", "any", BIF_KEY_INT },
    { "g", "list", BIF_KEY_LIST },
    { "g", "later", BIF_KEY_BOOL, .pending = TRUE },
    { NULL },
  };
  static const struct
  {
    const char *text;
    guint wrong;
  } rows[] = {
    { "", 0 },
    { "g: { text = 5; FLAG = yes_; }", 99 },
    { "g: { text = 5; FLAG = true; port = \"80\"; any = -1; list = [ ] }", 0 },
    { "g: { flag = \"on\"; port = 65536; any = \"x\"; list = 1 }", 4 },
    { "g: { text = [ 1 ]; flag = { a = 1 }; port = ( ); list = { } }", 4 },
    { "g: { port = \"80 \"; any = \"\"; list = ( 1 ) }", 1 },
    { "g: { unknown = 1 }; h: { text = 1; b = 2 }; x = 1", 3 },
    { "g: { later = true }", 0 },
    { "g = 1", 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (BifConfig) config = bif_config_load_text (rows[i].text, "test",
        NULL);

    if (rows[i].wrong == 99)
      g_assert_null (config);
    else
      g_assert_cmpuint (bif_config_check (config, keys), ==, rows[i].wrong);
  }
}

/* Whole folders of existing deployments. */
static void
test_janus_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (JANUS_FOLDER, 0, NULL);
  const char *name;

  if (dir == NULL) {
    g_test_skip ("no " JANUS_FOLDER);
    return;
  }
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (JANUS_FOLDER, name, NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (BifConfig) config = NULL;

    /* Debian's has paths without quotes there: Janus refuses it too. */
    if (!g_str_has_suffix (name, ".jcfg")
        || strcmp (name, "janus.transport.mqtt.jcfg") == 0)
      continue;
    config = bif_config_load (path, &error);
    g_assert_no_error (error);
    g_assert_nonnull (config);
  }
}

int
main (int argc, char **argv)
{
  gst_init (NULL, NULL);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/config/scalars", test_scalars);
  g_test_add_func ("/config/tree", test_tree);
  g_test_add_func ("/config/set", test_set);
  g_test_add_func ("/config/hostile", test_hostile);
  g_test_add_func ("/config/unterminated", test_unterminated_is_harmless);
  g_test_add_func ("/config/deep-and-long", test_deep_and_long);
  g_test_add ("/config/include", Fixture, NULL, set_up, test_include,
      tear_down);
  g_test_add ("/config/files", Fixture, NULL, set_up, test_files, tear_down);
  g_test_add ("/config/ini", Fixture, NULL, set_up, test_ini, tear_down);
  g_test_add ("/config/package", Fixture, NULL, set_up, test_package,
      tear_down);
  g_test_add ("/config/ini-hostile", Fixture, NULL, set_up, test_ini_hostile,
      tear_down);
  g_test_add_func ("/config/check", test_check);
  g_test_add_func ("/config/janus-folder", test_janus_folder);
  return g_test_run ();
}
