/* config.c: the tree of a configuration file and its lookup. The reader is in
 * config-read.c, checks against key tables in config-check.c. Main thread. */
#include "base/config-private.h"

#include <string.h>

#include "base/error.h"

static BifConfigItem *
item_new (const char *name)
{
  BifConfigItem *self = g_new0 (BifConfigItem, 1);

  self->name = g_strdup (name);
  return self;
}

BifConfigItem *
bif_config_item_new (const char *name, const char *text)
{
  BifConfigItem *self = item_new (name);

  self->text = g_strdup (text);
  return self;
}

BifConfigItem *
bif_config_item_new_array (const char *name)
{
  BifConfigItem *self = item_new (name);

  self->children = g_ptr_array_new_with_free_func (bif_config_item_free);
  return self;
}

BifConfigItem *
bif_config_item_new_group (const char *name)
{
  BifConfigItem *self = bif_config_item_new_array (name);

  self->is_group = TRUE;
  return self;
}

void
bif_config_item_free (gpointer item)
{
  BifConfigItem *self = item;

  g_free (self->name);
  g_free (self->text);
  g_clear_pointer (&self->children, g_ptr_array_unref);
  g_free (self);
}

BifConfigItem *
bif_config_item_member (const BifConfigItem * group, const char *name)
{
  if (!group->is_group)
    return NULL;
  for (guint i = 0; i < group->children->len; i++) {
    BifConfigItem *item = g_ptr_array_index (group->children, i);

    if (item->name != NULL && g_ascii_strcasecmp (item->name, name) == 0)
      return item;
  }
  return NULL;
}

/**
 * bif_config_new:
 *
 * Returns: (transfer full): a configuration without any key
 */
BifConfig *
bif_config_new (void)
{
  BifConfig *self = g_new0 (BifConfig, 1);

  self->refs = 1;
  self->root = bif_config_item_new_group (NULL);
  self->files = g_ptr_array_new_with_free_func (g_free);
  return self;
}

BifConfig *
bif_config_ref (BifConfig * self)
{
  self->refs++;
  return self;
}

void
bif_config_unref (BifConfig * self)
{
  if (--self->refs > 0)
    return;
  bif_config_item_free (self->root);
  g_ptr_array_unref (self->files);
  g_free (self->path);
  g_free (self);
}

/**
 * bif_config_load:
 * @path: libconfig where the file's name has ".jcfg" in it, else INI
 * @error: BIF_ERROR_CONFIGURATION, with file and line
 *
 * "@include" is relative to the file it stands in.
 *
 * Returns: (transfer full) (nullable): NULL with @error set
 */
BifConfig *
bif_config_load (const char *path, GError ** error)
{
  g_autoptr (BifConfig) self = bif_config_new ();
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *text = bif_config_read_file (path, error);

  if (text == NULL)
    return NULL;
  self->path = g_strdup (path);
  if (strstr (name, ".jcfg") == NULL)
    bif_config_read_ini (self, text, path);
  else if (!bif_config_read_libconfig (self, text, path, TRUE, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * bif_config_load_text:
 * @text: libconfig; "@include" is an error
 * @name: stands for the file's name in messages
 * @error: BIF_ERROR_CONFIGURATION, with name and line
 *
 * Returns: (transfer full) (nullable): NULL with @error set
 */
BifConfig *
bif_config_load_text (const char *text, const char *name, GError ** error)
{
  g_autoptr (BifConfig) self = bif_config_new ();

  if (!bif_config_read_libconfig (self, text, name, FALSE, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * bif_config_load_package:
 * @folder: (nullable): NULL gives an empty configuration
 * @package: "janus.transport.http"
 * @error: BIF_ERROR_CONFIGURATION for a file that is there and cannot be read
 *
 * Returns: (transfer full) (nullable): NULL with @error set
 */
BifConfig *
bif_config_load_package (const char *folder, const char *package,
    GError ** error)
{
  static const char *const endings[] = { ".jcfg", ".cfg" };

  for (guint i = 0; folder != NULL && i < G_N_ELEMENTS (endings); i++) {
    g_autofree char *name = g_strconcat (package, endings[i], NULL);
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_EXISTS))
      return bif_config_load (path, error);
  }
  return bif_config_new ();
}

const char *
bif_config_path (const BifConfig * self)
{
  return self->path;
}

const BifConfigItem *
bif_config_find (const BifConfig * self, const BifConfigItem * parent,
    const char *name)
{
  return bif_config_item_member (parent != NULL ? parent : self->root, name);
}

const GPtrArray *
bif_config_children (const BifConfig * self, const BifConfigItem * item)
{
  return item != NULL ? item->children : self->root->children;
}

const char *
bif_config_item_name (const BifConfigItem * item)
{
  return item->name;
}

const char *
bif_config_item_text (const BifConfigItem * item)
{
  return item->text;
}

guint
bif_config_item_line (const BifConfigItem * item)
{
  return item->line;
}

/**
 * bif_config_string:
 * @group: (nullable): NULL for what stands outside of groups
 *
 * Returns: (transfer none) (nullable): the scalar's text
 */
const char *
bif_config_string (const BifConfig * self, const char *group, const char *key)
{
  const BifConfigItem *parent = self->root;
  const BifConfigItem *item;

  if (group != NULL)
    parent = bif_config_find (self, NULL, group);
  item = parent != NULL ? bif_config_find (self, parent, key) : NULL;
  return item != NULL ? item->text : NULL;
}

gboolean
bif_config_bool (const BifConfig * self, const char *group, const char *key,
    gboolean fallback)
{
  const char *text = bif_config_string (self, group, key);

  if (text == NULL)
    return fallback;
  return g_ascii_strcasecmp (text, "yes") == 0
      || g_ascii_strcasecmp (text, "true") == 0 || strcmp (text, "1") == 0;
}

gint64
bif_config_int (const BifConfig * self, const char *group, const char *key,
    gint64 fallback)
{
  const char *text = bif_config_string (self, group, key);

  return text != NULL ? g_ascii_strtoll (text, NULL, 10) : fallback;
}

/**
 * bif_config_set:
 * @group: (nullable): NULL for outside of groups
 * @value: (nullable): NULL removes the key
 *
 * Replaces whatever the key was, an array or a group too.
 */
void
bif_config_set (BifConfig * self, const char *group, const char *key,
    const char *value)
{
  BifConfigItem *parent = self->root;
  BifConfigItem *item;

  if (group != NULL)
    parent = bif_config_item_member (self->root, group);
  if (parent != NULL && !parent->is_group) {
    g_ptr_array_remove (self->root->children, parent);
    parent = NULL;
  }
  if (parent == NULL) {
    if (value == NULL)
      return;
    parent = bif_config_item_new_group (group);
    g_ptr_array_add (self->root->children, parent);
  }
  item = bif_config_item_member (parent, key);
  if (item != NULL)
    g_ptr_array_remove (parent->children, item);
  if (value != NULL)
    g_ptr_array_add (parent->children, bif_config_item_new (key, value));
}
