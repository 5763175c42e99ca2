/* modules.c: plugins from outside of the tree. Main thread, at start. */
#include "core/server.h"
#include "core/server-private.h"

#include <gmodule.h>
#include <gst/gst.h>

#define PREFIX "libbifrons_"

GST_DEBUG_CATEGORY_STATIC (bif_modules_debug);
#define GST_CAT_DEFAULT bif_modules_debug

/* "libbifrons_<name>.so" (or what modules are called here) to <name>. */
static char *
module_name (const char *file)
{
  const char *suffix = "." G_MODULE_SUFFIX;

  if (!g_str_has_prefix (file, PREFIX) || !g_str_has_suffix (file, suffix))
    return NULL;
  return g_strndup (file + strlen (PREFIX),
      strlen (file) - strlen (PREFIX) - strlen (suffix));
}

static gboolean
load_module (BifServer * self, const char *path, const char *name,
    GError ** error)
{
  g_autofree char *symbol = g_strdup_printf ("bif_plugin_%s", name);
  GModule *module;
  gpointer info;

  module = g_module_open (path, G_MODULE_BIND_LAZY | G_MODULE_BIND_LOCAL);
  if (module == NULL || !g_module_symbol (module, symbol, &info)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION, "%s: %s", path,
        g_module_error ());
    if (module != NULL)
      g_module_close (module);
    return FALSE;
  }
  g_module_make_resident (module);      /* types cannot be taken back */
  return bif_server_add_plugin (self, info, error);
}

static gboolean
load_file (BifServer * self, const char *folder, const char *file,
    GError ** error)
{
  g_autofree char *name = module_name (file);
  g_autofree char *path = g_build_filename (folder, file, NULL);
  g_autoptr (GError) failure = NULL;

  if (name == NULL
      || bif_settings_is_disabled (self->settings->plugins_disable, name))
    return TRUE;
  if (load_module (self, path, name, &failure))
    return TRUE;
  if (self->settings->exit_on_dl_error) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  GST_WARNING_OBJECT (self, "%s", failure->message);
  return TRUE;
}

gboolean
bif_server_load_modules (BifServer * self, const char *folder,
    GError ** error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) dir = NULL;
  const char *file;

  GST_DEBUG_CATEGORY_INIT (bif_modules_debug, "bif-modules", 0,
      "plugins from outside of the tree");
  dir = g_dir_open (folder, 0, &failure);
  if (dir == NULL) {
    GST_DEBUG_OBJECT (self, "no plugin folder: %s", failure->message);
    return TRUE;
  }
  while ((file = g_dir_read_name (dir)) != NULL) {
    if (!load_file (self, folder, file, error))
      return FALSE;
  }
  return TRUE;
}
