/* config.h: a configuration file as Janus users have it: libconfig (.jcfg) or
 * INI (.cfg). Every scalar is text, typed at use; names are looked up without
 * regard to case (config-core.md section 2). Main thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _BifConfig BifConfig;
typedef struct _BifConfigItem BifConfigItem;

/* @error: BIF_ERROR_CONFIGURATION with file and line */
BifConfig *bif_config_load (const char *path, GError ** error);
/* <folder>/<package>.jcfg, then .cfg; an empty one where neither exists.
 * A file that cannot be read is an error. @folder (nullable). */
BifConfig *bif_config_load_package (const char *folder, const char *package,
    GError ** error);
BifConfig *bif_config_load_text (const char *text, const char *name,
    GError ** error);
BifConfig *bif_config_new (void);
BifConfig *bif_config_ref (BifConfig * self);
void bif_config_unref (BifConfig * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifConfig, bif_config_unref)

const char *bif_config_path (const BifConfig * self);   /* (nullable) */

/* A group of the top level, then its members. @parent NULL: the top level. */
const BifConfigItem *bif_config_find (const BifConfig * self,
    const BifConfigItem * parent, const char *name);
/* Children of a group, array or list, in file order; (element-type
 * BifConfigItem) (transfer none) (nullable). @item NULL: top level. */
const GPtrArray *bif_config_children (const BifConfig * self,
    const BifConfigItem * item);
const char *bif_config_item_name (const BifConfigItem * item);  /* (nullable) */
const char *bif_config_item_text (const BifConfigItem * item);  /* (nullable): scalar */
guint bif_config_item_line (const BifConfigItem * item);

/* Scalars of a group by name: the fallback where absent. Booleans are true for
 * yes, true and 1; integers are leading digits. */
const char *bif_config_string (const BifConfig * self, const char *group,
    const char *key);           /* NULL where absent */
gboolean bif_config_bool (const BifConfig * self, const char *group,
    const char *key, gboolean fallback);
gint64 bif_config_int (const BifConfig * self, const char *group,
    const char *key, gint64 fallback);
/* Replaces or adds: the command line over the file. */
void bif_config_set (BifConfig * self, const char *group, const char *key,
    const char *value);

/* What keys a file may have: for messages about unknown and mistyped ones. */
typedef enum
{
  BIF_KEY_STRING,
  BIF_KEY_BOOL,
  BIF_KEY_INT,                  /* max(min..max) where max > min */
  BIF_KEY_LIST,                 /* array or list */
} BifKeyType;

typedef struct
{
  const char *group;            /* NULL ends a table */
  const char *key;
  BifKeyType type;
  gint64 min, max;
  gboolean pending;             /* known; its feature is not built yet */
} BifKey;

/* Logs a WARNING with file and line for each unknown or mistyped key, and once
 * a process for each pending one that is set. Returns how many were unknown or
 * mistyped. */
guint bif_config_check (const BifConfig * self, const BifKey * keys);

G_END_DECLS
