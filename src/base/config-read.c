/* config-read.c: libconfig and INI text into the tree of BifConfig. libconfig
 * keeps types; here all scalars become text, as Janus has it. Main thread. */
#include "base/config-private.h"

#include <libconfig.h>
#include <string.h>
#include <gst/gst.h>

#include "base/error.h"
#include "base/log-category.h"

#define GST_CAT_DEFAULT (bif_base_category ())

static char *
scalar_text (config_setting_t * setting)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE + 320];

  switch (config_setting_type (setting)) {
    case CONFIG_TYPE_INT:
      return g_strdup_printf ("%d", config_setting_get_int (setting));
    case CONFIG_TYPE_INT64:
      return g_strdup_printf ("%lld", config_setting_get_int64 (setting));
    case CONFIG_TYPE_FLOAT:
      return g_strdup (g_ascii_formatd (number, sizeof (number), "%.6f",
              config_setting_get_float (setting)));
    case CONFIG_TYPE_BOOL:
      return g_strdup (config_setting_get_bool (setting) ? "true" : "false");
    case CONFIG_TYPE_STRING:
      return g_utf8_make_valid (config_setting_get_string (setting), -1);
    default:
      return NULL;
  }
}

static BifConfigItem *
item_from_setting (config_setting_t * setting, const BifConfigSource * source)
{
  const char *name = config_setting_name (setting);
  BifConfigItem *item;

  if (config_setting_is_group (setting)) {
    item = bif_config_item_new_group (name);
  } else if (config_setting_is_aggregate (setting)) {
    item = bif_config_item_new_array (name);
  } else {
    g_autofree char *text = scalar_text (setting);

    item = bif_config_item_new (name, text != NULL ? text : "");
  }
  bif_config_source_locate (source, config_setting_source_line (setting),
      &item->file, &item->line);
  if (item->children == NULL)
    return item;
  for (int i = 0; i < config_setting_length (setting); i++)
    g_ptr_array_add (item->children,
        item_from_setting (config_setting_get_elem (setting, i), source));
  return item;
}

#if LIBCONFIG_VER_MAJOR > 1 || LIBCONFIG_VER_MINOR >= 7
static const char **
include_nothing (config_t * config, const char *folder, const char *path,
    const char **error)
{
  *error = "nothing can be included here";
  return NULL;
}
#endif

/* Our own reader has put includes in place; should one be left, it fails. */
static void
forbid_includes (config_t * config)
{
  config_set_include_dir (config, "/dev/null");
#if LIBCONFIG_VER_MAJOR > 1 || LIBCONFIG_VER_MINOR >= 7
  config_set_include_func (config, include_nothing);
#endif
}

gboolean
bif_config_read_libconfig (BifConfig * self, const char *text,
    const char *name, gboolean includes, GError ** error)
{
  g_autoptr (BifConfigSource) source = bif_config_source_new ();
  const char *file;
  guint line;
  config_t config;
  gboolean ok;

  if (!bif_config_source_add (source, text, name, includes, error))
    return FALSE;

  config_init (&config);
  forbid_includes (&config);
  ok = config_read_string (&config, source->text->str) == CONFIG_TRUE;
  if (ok) {
    bif_config_item_free (self->root);
    self->root = item_from_setting (config_root_setting (&config), source);
    g_ptr_array_unref (self->files);
    self->files = g_ptr_array_ref (source->files);
  } else {
    bif_config_source_locate (source, MAX (config_error_line (&config), 1),
        &file, &line);
    g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION, "%s:%u: %s",
        file, line, config_error_text (&config));
  }
  config_destroy (&config);
  return ok;
}

/* Cuts a comment off: from ';' on, but "\;" is a plain ';'. */
static void
ini_cut_comment (char *line)
{
  char *to = line;

  for (const char *p = line; *p != '\0' && *p != ';'; p++) {
    if (p[0] == '\\' && p[1] == ';')
      p++;
    *to++ = *p;
  }
  *to = '\0';
}

static BifConfigItem *
ini_group (BifConfig * self, const char *name, guint line)
{
  BifConfigItem *group = bif_config_item_member (self->root, name);

  if (group != NULL && group->is_group)
    return group;
  group = bif_config_item_new_group (name);
  group->file = g_ptr_array_index (self->files, 0);
  group->line = line;
  g_ptr_array_add (self->root->children, group);
  return group;
}

static void
ini_assign (BifConfig * self, BifConfigItem * group, char *text, guint line)
{
  char *value = strchr (text, '=');
  BifConfigItem *item;

  *value++ = '\0';
  if (*value == '>')
    value++;
  g_strstrip (text);
  g_strstrip (value);
  item = bif_config_item_member (group, text);
  if (item == NULL || item->text == NULL) {
    item = bif_config_item_new (text, "");
    g_ptr_array_add (group->children, item);
  }
  g_free (item->text);
  item->text = g_utf8_make_valid (value, -1);
  item->file = g_ptr_array_index (self->files, 0);
  item->line = line;
}

/* What is neither category nor assignment is reported and skipped. */
void
bif_config_read_ini (BifConfig * self, const char *text, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  BifConfigItem *group = self->root;

  g_ptr_array_add (self->files, g_strdup (name));
  for (guint i = 0; lines[i] != NULL; i++) {
    char *line = lines[i];
    char *end;

    if (i == 0 && g_str_has_prefix (line, "\xef\xbb\xbf"))
      line += 3;
    ini_cut_comment (line);
    g_strstrip (line);
    if (*line == '[' && (end = strchr (line, ']')) != NULL) {
      *end = '\0';
      group = ini_group (self, g_strstrip (line + 1), i + 1);
    } else if (strchr (line, '=') != NULL && *line != '=') {
      ini_assign (self, group, line, i + 1);
    } else if (*line != '\0') {
      GST_WARNING ("%s:%u: neither '[category]' nor 'key = value'", name,
          i + 1);
    }
  }
}
