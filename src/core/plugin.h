/* plugin.h: what a plugin is: tables, a handle class, a template. The one
 * header a plugin includes. Main thread. */
#pragma once

#include <glib-object.h>
#include "base/config.h"
#include "base/error.h"
#include "base/field.h"
#include "core/handle.h"
#include "core/reply.h"
#include "media/template.h"

G_BEGIN_DECLS

typedef gboolean (*BifRequestFunc) (BifHandle * handle, gconstpointer params,
    BifReply * reply, GError ** error);

typedef enum
{
  BIF_SYNC = 0,                 /* answered by "success" */
  BIF_ASYNC = 1 << 0,           /* "ack" now, "event" later */
} BifRequestFlags;

typedef struct
{
  const char *name;             /* NULL: the body has no "request" */
  BifRequestFlags flags;
  gsize params_size;
  const BifField *fields;
  BifRequestFunc func;          /* NULL ends a table */
  const char *doc;
} BifRequest;

#define BIF_REQUEST(name, flags, Params, fields, func, doc) \
  { name, flags, sizeof (Params), fields, func, doc }

typedef struct
{
  int code;                     /* BifErrorCode; the row { 0, 0 } ends a table:
                                   its number is for codes without a row */
  int number;
} BifErrorNumber;

/**
 * BifPluginInfo: all a plugin says of itself, constant.
 * @event_key: first member of every plugindata.data: "echotest" gives
 *   {"echotest": "event", ...}
 * @ack_hint: (nullable): "hint" of acks
 * @unknown_async: a request it does not know is acked too, and its error is an
 *   event: so in plugins of which every request is asynchronous
 * @built_in: (nullable): its configuration where the server has no folder of
 *   configurations, as libconfig text
 * @error_doc: printed into the API reference
 * @handle_type: NULL: known by name, but its attach is refused (461): a plugin
 *   that is not built yet
 * @plugin_type: (nullable): BIF_TYPE_PLUGIN where NULL
 */
typedef struct
{
  const char *name;             /* "echotest": folder, template, settings file */
  const char *package;          /* "janus.plugin.echotest" */
  const char *title;            /* "name" of info */
  const char *description;
  const char *author;
  const char *version_string;
  int version;
  const char *event_key;
  const char *ack_hint;
  gboolean unknown_async;
  const char *built_in;
  GType (*plugin_type) (void);
  GType (*handle_type) (void);
  const BifRequest *requests;
  const BifErrorNumber *errors;
  const BifHole *holes;
} BifPluginInfo;

/* The symbol of a plugin: in the list of src/plugins/meson.build, or exported
 * by a module of its own in the plugin folder. */
#define BIF_PLUGIN_DEFINE(id, ...) \
  G_MODULE_EXPORT const BifPluginInfo bif_plugin_##id; \
  const BifPluginInfo bif_plugin_##id = { .name = #id, __VA_ARGS__ };

#define BIF_TYPE_PLUGIN (bif_plugin_get_type ())
G_DECLARE_DERIVABLE_TYPE (BifPlugin, bif_plugin, BIF, PLUGIN, GObject)

/**
 * BifPluginClass:
 * @start: reads the plugin's configuration; an error keeps the plugin out
 * @query: (nullable): Admin message_plugin; returns (transfer full)
 */
struct _BifPluginClass
{
  GObjectClass parent_class;

  gboolean (*start) (BifPlugin * self, GError ** error);
  void (*stop) (BifPlugin * self);
  JsonObject *(*query) (BifPlugin * self, JsonObject * request);
};

const BifPluginInfo *bif_plugin_info (BifPlugin * self);
/* Its "janus.plugin.<name>.jcfg", or what is built in; never NULL, empty where
 * there is no file. */
BifConfig *bif_plugin_config (BifPlugin * self);
/* NULL where the plugin has no holes. */
const BifTemplate *bif_plugin_template (BifPlugin * self);
BifServer *bif_plugin_server (BifPlugin * self);

G_END_DECLS
