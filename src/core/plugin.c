/* plugin.c: a plugin as an object: its tables, configuration and template.
 * Main thread. */
#include "core/plugin.h"
#include "base/json.h"
#include "core/error.h"
#include "core/plugin-private.h"
#include "core/server-private.h"

typedef struct
{
  const BifPluginInfo *info;
  BifServer *server;            /* plain pointer up; NULL once stopped */
  BifConfig *config;
  BifTemplate *template_;       /* NULL without holes */
  GType handle_type;
} BifPluginPrivate;

G_DEFINE_TYPE_WITH_PRIVATE (BifPlugin, bif_plugin, G_TYPE_OBJECT)

static void
bif_plugin_finalize (GObject * object)
{
  BifPluginPrivate *priv =
      bif_plugin_get_instance_private (BIF_PLUGIN (object));

  g_clear_pointer (&priv->config, bif_config_unref);
  g_clear_pointer (&priv->template_, bif_template_free);
  G_OBJECT_CLASS (bif_plugin_parent_class)->finalize (object);
}

static void
bif_plugin_class_init (BifPluginClass * klass)
{
  G_OBJECT_CLASS (klass)->finalize = bif_plugin_finalize;
}

static void
bif_plugin_init (BifPlugin * self)
{
}

static BifConfig *
load_config (BifPluginPrivate * priv, GError ** error)
{
  const char *folder = priv->server->settings->configs_folder;

  if (folder == NULL && priv->info->built_in != NULL)
    return bif_config_load_text (priv->info->built_in, "built-in", error);
  return bif_config_load_package (folder, priv->info->package, error);
}

static gboolean
load_files (BifPluginPrivate * priv, GError ** error)
{
  const BifSettings *settings = priv->server->settings;

  priv->config = load_config (priv, error);
  if (priv->config == NULL)
    return FALSE;
  if (priv->info->holes != NULL && priv->info->holes[0].section != NULL) {
    priv->template_ = bif_template_load (priv->info->name,
        settings->pipelines_folder, priv->info->holes, error);
    return priv->template_ != NULL;
  }
  return TRUE;
}

BifPlugin *
bif_plugin_new (BifServer * server, const BifPluginInfo * info,
    GError ** error)
{
  GType type = info->plugin_type != NULL ? info->plugin_type ()
      : BIF_TYPE_PLUGIN;
  g_autoptr (BifPlugin) self = g_object_new (type, NULL);
  BifPluginPrivate *priv = bif_plugin_get_instance_private (self);
  BifPluginClass *klass = BIF_PLUGIN_GET_CLASS (self);

  priv->info = info;
  priv->server = server;
  if (info->handle_type == NULL) {
    priv->handle_type = G_TYPE_INVALID;
    priv->config = bif_config_new ();
    return g_steal_pointer (&self);
  }
  priv->handle_type = info->handle_type ();
  if (!g_type_is_a (priv->handle_type, BIF_TYPE_HANDLE)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
        "%s: its handle type is no BifHandle", info->package);
    return NULL;
  }
  if (!load_files (priv, error)
      || (klass->start != NULL && !klass->start (self, error)))
    return NULL;
  return g_steal_pointer (&self);
}

void
bif_plugin_stop (BifPlugin * self)
{
  BifPluginPrivate *priv = bif_plugin_get_instance_private (self);
  BifPluginClass *klass = BIF_PLUGIN_GET_CLASS (self);

  if (priv->server == NULL)
    return;
  if (klass->stop != NULL && priv->handle_type != G_TYPE_INVALID)
    klass->stop (self);
  priv->server = NULL;
}

const BifPluginInfo *
bif_plugin_info (BifPlugin * self)
{
  BifPluginPrivate *priv = bif_plugin_get_instance_private (self);

  return priv->info;
}

BifConfig *
bif_plugin_config (BifPlugin * self)
{
  BifPluginPrivate *priv = bif_plugin_get_instance_private (self);

  return priv->config;
}

const BifTemplate *
bif_plugin_template (BifPlugin * self)
{
  BifPluginPrivate *priv = bif_plugin_get_instance_private (self);

  return priv->template_;
}

BifServer *
bif_plugin_server (BifPlugin * self)
{
  BifPluginPrivate *priv = bif_plugin_get_instance_private (self);

  return priv->server;
}

GType
bif_plugin_handle_type (BifPlugin * self)
{
  BifPluginPrivate *priv = bif_plugin_get_instance_private (self);

  return priv->handle_type;
}

gboolean
bif_plugin_query (BifPlugin * self, JsonObject * request,
    JsonObject ** response)
{
  BifPluginClass *klass = BIF_PLUGIN_GET_CLASS (self);

  if (klass->query == NULL)
    return FALSE;
  *response = klass->query (self, request);
  return TRUE;
}

const BifRequest *
bif_plugin_find_request (BifPlugin * self, JsonObject * body, GError ** error)
{
  static const BifField request_field[] = {
    { "request", BIF_FIELD_STRING, BIF_REQUIRED, 0, 0, "what is asked" },
    { NULL },
  };
  BifPluginPrivate *priv = bif_plugin_get_instance_private (self);
  const BifRequest *unnamed = NULL;
  const char *name = bif_json_get_string (body, "request");

  for (const BifRequest * row = priv->info->requests;
      row != NULL && row->func != NULL; row++) {
    if (row->name == NULL)
      unnamed = row;
    else if (name != NULL && g_ascii_strcasecmp (row->name, name) == 0)
      return row;
  }
  if (unnamed != NULL)
    return unnamed;
  if (!bif_fields_read (request_field, body, &name, NULL, error))
    return NULL;
  g_set_error (error, BIF_ERROR, BIF_ERROR_UNKNOWN_REQUEST,
      "Unknown request '%s'", name);
  return NULL;
}

int
bif_plugin_error_number (BifPlugin * self, const GError * error,
    gboolean * api)
{
  BifPluginPrivate *priv = bif_plugin_get_instance_private (self);
  const BifErrorNumber *row = priv->info->errors;
  gboolean known;
  int number = bif_core_error_number (error, &known);

  *api = FALSE;
  for (; row != NULL && row->code != 0; row++) {
    if (error->domain == BIF_ERROR && row->code == error->code)
      return row->number;
  }
  *api = known && error->code != BIF_ERROR_UNKNOWN;
  return !*api && row != NULL && row->number != 0 ? row->number : number;
}
