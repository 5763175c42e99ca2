/* config-private.h: the tree behind BifConfig, for the reader and the lookup.
 * Main thread. */
#pragma once

#include "base/config.h"

G_BEGIN_DECLS

/* What a file may be at most, with everything it includes. */
#define BIF_CONFIG_MAX_SIZE (16 * 1024 * 1024)
#define BIF_CONFIG_MAX_DEPTH 64 /* of groups, arrays and lists */
#define BIF_CONFIG_MAX_INCLUDES 10      /* files within files */

struct _BifConfigItem
{
  char *name;                   /* NULL: element of an array */
  char *text;                   /* NULL: group, array or list */
  GPtrArray *children;          /* NULL: scalar */
  gboolean is_group;
  const char *file;             /* in BifConfig.files; NULL: set by code */
  guint line;
};

struct _BifConfig
{
  guint refs;
  char *path;
  BifConfigItem *root;
  GPtrArray *files;             /* names that items point to */
};

/* Text with every "@include" replaced by what it names, and where each line of
 * it came from. */
typedef struct
{
  GString *text;
  GArray *map;
  GPtrArray *files;
  gboolean in_comment, in_string;
  guint depth;
  guint line;                   /* that the text has reached, from 1 */
} BifConfigSource;

BifConfigItem *bif_config_item_new (const char *name, const char *text);
BifConfigItem *bif_config_item_new_group (const char *name);
BifConfigItem *bif_config_item_new_array (const char *name);
void bif_config_item_free (gpointer item);
BifConfigItem *bif_config_item_member (const BifConfigItem * group,
    const char *name);

BifConfigSource *bif_config_source_new (void);
void bif_config_source_free (BifConfigSource * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifConfigSource, bif_config_source_free)

/* Appends @text of @file; @includes: whether "@include" may read files. */
gboolean bif_config_source_add (BifConfigSource * self, const char *text,
    const char *file, gboolean includes, GError ** error);
/* Where a line came from; @file lives as long as the source's files. */
void bif_config_source_locate (const BifConfigSource * self, guint line,
    const char **file, guint * file_line);

/* Reads a regular file: not too large, no NUL, without byte order mark. */
char *bif_config_read_file (const char *path, GError ** error);

gboolean bif_config_read_libconfig (BifConfig * self, const char *text,
    const char *name, gboolean includes, GError ** error);
void bif_config_read_ini (BifConfig * self, const char *text,
    const char *name);

G_END_DECLS
