/* config.c: any bytes as a configuration file: load, walk, look up, check. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <glib.h>

#include "base/config.h"
#include "base/config-private.h"

int LLVMFuzzerTestOneInput (const uint8_t * data, size_t size);
const char *__lsan_default_suppressions (void);

/* libconfig's scanner leaks where the text ends within a string. */
const char *
__lsan_default_suppressions (void)
{
  return "leak:libconfig.so\nleak:call_init\n";
}

static const BifKey keys[] = {
  { "general", "text", BIF_KEY_STRING },
  { "general", "flag", BIF_KEY_BOOL },
  { "general", "port", BIF_KEY_INT, 0, 65535 },
  { "general", "list", BIF_KEY_LIST },
  { NULL },
};

static guint
walk (const BifConfig * config, const BifConfigItem * item)
{
  const GPtrArray *children = bif_config_children (config, item);
  guint n = 1;

  if (children == NULL) {
    g_assert_true (g_utf8_validate (bif_config_item_text (item), -1, NULL));
    return n;
  }
  for (guint i = 0; i < children->len; i++) {
    const BifConfigItem *child = g_ptr_array_index (children, i);
    const char *name = bif_config_item_name (child);

    if (name != NULL)
      bif_config_find (config, item, name);
    n += bif_config_item_line (child) + walk (config, child);
  }
  return n;
}

static void
use (BifConfig * config)
{
  walk (config, NULL);
  bif_config_check (config, keys);
  bif_config_int (config, "general", "port", 0);
  bif_config_bool (config, "general", "flag", TRUE);
  bif_config_set (config, "general", "port", "1");
  g_assert_cmpint (bif_config_int (config, "general", "port", 0), ==, 1);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (BifConfig) config = NULL;
  g_autoptr (BifConfig) ini = bif_config_new ();

  config = bif_config_load_text (text, "fuzz", &error);
  g_assert_true ((config == NULL) == (error != NULL));
  if (config != NULL)
    use (config);
  bif_config_read_ini (ini, text, "fuzz");
  use (ini);
  return 0;
}
