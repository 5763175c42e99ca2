/* config-check.c: a configuration against the tables of keys that exist. Main
 * thread. */
#include "base/config-private.h"

#include <string.h>
#include <gst/gst.h>

#include "base/log-category.h"

#define GST_CAT_DEFAULT (bif_base_category ())

static char *
item_place (const BifConfigItem * item)
{
  if (item->file == NULL)
    return g_strdup ("command line");
  return g_strdup_printf ("%s:%u", item->file, item->line);
}

static gboolean
text_is_bool (const char *text)
{
  static const char *const words[] = { "yes", "true", "1", "no", "false",
    "0", NULL
  };

  for (guint i = 0; words[i] != NULL; i++)
    if (g_ascii_strcasecmp (text, words[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
text_is_int (const char *text, const BifKey * key)
{
  char *end;
  gint64 value = g_ascii_strtoll (text, &end, 10);

  if (end == text || end[strspn (end, " \t")] != '\0')
    return FALSE;
  return key->max <= key->min || (value >= key->min && value <= key->max);
}

/* What the value should have been; NULL: it is. */
static char *
item_mistake (const BifConfigItem * item, const BifKey * key)
{
  switch (key->type) {
    case BIF_KEY_LIST:
      if (item->children == NULL || item->is_group)
        return g_strdup ("an array");
      return NULL;
    case BIF_KEY_BOOL:
      if (item->text == NULL || !text_is_bool (item->text))
        return g_strdup ("true or false (or yes, no, 1, 0)");
      return NULL;
    case BIF_KEY_INT:
      if (item->text != NULL && text_is_int (item->text, key))
        return NULL;
      if (key->max <= key->min)
        return g_strdup ("a whole number");
      return g_strdup_printf ("a whole number from %" G_GINT64_FORMAT " to %"
          G_GINT64_FORMAT, key->min, key->max);
    default:
      return item->text == NULL ? g_strdup ("text") : NULL;
  }
}

static const BifKey *
find_key (const BifKey * keys, const char *group, const char *name)
{
  for (; keys->group != NULL; keys++)
    if (g_ascii_strcasecmp (keys->group, group) == 0
        && (name == NULL || g_ascii_strcasecmp (keys->key, name) == 0))
      return keys;
  return NULL;
}

/* Once a process and key, however many servers it has. */
static void
warn_pending (const BifConfigItem * item, const BifKey * key)
{
  static GHashTable *warned = NULL;
  g_autofree char *name = g_strdup_printf ("%s.%s", key->group, key->key);
  g_autofree char *place = item_place (item);

  if (warned == NULL)
    warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!g_hash_table_contains (warned, name)) {
    GST_WARNING ("%s: '%s' is accepted, but not in effect yet", place, name);
    g_hash_table_add (warned, g_steal_pointer (&name));
  }
}

static guint
check_item (const BifConfigItem * item, const char *group,
    const BifKey * keys)
{
  const BifKey *key = find_key (keys, group, item->name);
  g_autofree char *place = item_place (item);
  g_autofree char *mistake = NULL;

  if (key == NULL) {
    GST_WARNING ("%s: unknown key '%s.%s'", place, group, item->name);
    return 1;
  }
  if (key->pending)
    warn_pending (item, key);
  mistake = item_mistake (item, key);
  if (mistake == NULL)
    return 0;
  GST_WARNING ("%s: '%s.%s' should be %s", place, group, item->name, mistake);
  return 1;
}

guint
bif_config_check (const BifConfig * self, const BifKey * keys)
{
  guint n = 0;

  for (guint i = 0; i < self->root->children->len; i++) {
    const BifConfigItem *group = g_ptr_array_index (self->root->children, i);

    if (!group->is_group || find_key (keys, group->name, NULL) == NULL) {
      g_autofree char *place = item_place (group);

      GST_WARNING ("%s: unknown %s '%s'", place,
          group->is_group ? "group" : "key", group->name);
      n++;
      continue;
    }
    for (guint j = 0; j < group->children->len; j++)
      n += check_item (g_ptr_array_index (group->children, j), group->name,
          keys);
  }
  return n;
}
