/* field.h: request and settings fields as tables (house-style.md section 5). A
 * row names a JSON member, the struct member it fills, and its type; the row's
 * macro does not compile when the struct member has another type. */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* For members where absent differs from zero. */
typedef struct
{
  gboolean set;
  gboolean value;
} BifMaybeBool;

typedef struct
{
  gboolean set;
  gint64 value;
} BifMaybeInt;

/* An id as it came: plugins say at run time whether ids are numbers. @number is
 * -1 where it is neither number nor text. */
typedef struct
{
  gboolean set;
  const char *text;             /* NULL: it is a number */
  gint64 number;
} BifMaybeId;

typedef enum
{
  BIF_FIELD_STRING,             /* const char *, lives as long as the JSON */
  BIF_FIELD_BOOL,               /* gboolean */
  BIF_FIELD_INT,                /* gint64, any sign */
  BIF_FIELD_UINT,               /* guint, "positive integer" on the wire, >= 0 */
  BIF_FIELD_UINT64,             /* guint64, likewise */
  BIF_FIELD_OBJECT,             /* JsonObject *, borrowed */
  BIF_FIELD_ARRAY,              /* JsonArray *, borrowed */
  BIF_FIELD_ID,                 /* const char *: number or string on the wire */
  BIF_FIELD_MAYBE_BOOL,
  BIF_FIELD_MAYBE_INT,          /* any sign */
  BIF_FIELD_MAYBE_UINT,         /* BifMaybeInt, >= 0 on the wire */
  BIF_FIELD_MAYBE_ID,           /* BifMaybeId: whatever is there */
} BifFieldType;

typedef enum
{
  BIF_OPTIONAL = 0,
  BIF_REQUIRED = 1 << 0,
} BifFieldFlags;

typedef struct
{
  const char *name;             /* NULL ends a table */
  BifFieldType type;
  BifFieldFlags flags;
  gsize offset;
  gint64 max;                   /* of integers; 0: no limit but the type's */
  const char *doc;              /* printed into the API reference */
} BifField;

#define BIF_FIELD_CHECK(Type, member, CType) \
  (sizeof (_Generic (((Type *) 0)->member, CType: 1)) ? \
      G_STRUCT_OFFSET (Type, member) : 0)
#define BIF_FIELD_(Type, member, kind, CType, flags, max, doc) \
  { #member, kind, flags, BIF_FIELD_CHECK (Type, member, CType), max, doc }

#define BIF_STRING(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_STRING, const char *, flags, 0, doc)
#define BIF_BOOL(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_BOOL, gboolean, flags, 0, doc)
#define BIF_INT(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_INT, gint64, flags, 0, doc)
#define BIF_UINT(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_UINT, guint, flags, 0, doc)
#define BIF_UINT_MAX(Type, member, flags, max, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_UINT, guint, flags, max, doc)
#define BIF_UINT64(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_UINT64, guint64, flags, 0, doc)
#define BIF_OBJECT(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_OBJECT, JsonObject *, flags, 0, doc)
#define BIF_ARRAY(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_ARRAY, JsonArray *, flags, 0, doc)
#define BIF_ID(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_ID, const char *, flags, 0, doc)
#define BIF_MAYBE_BOOL(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_MAYBE_BOOL, BifMaybeBool, flags, 0, doc)
#define BIF_MAYBE_INT(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_MAYBE_INT, BifMaybeInt, flags, 0, doc)
#define BIF_MAYBE_UINT(Type, member, flags, max, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_MAYBE_UINT, BifMaybeInt, flags, max, doc)

#define BIF_MAYBE_ID(Type, member, flags, doc) \
  BIF_FIELD_ (Type, member, BIF_FIELD_MAYBE_ID, BifMaybeId, flags, 0, doc)

/**
 * bif_fields_read:
 * @fields: table, ended by a NULL name
 * @object: (nullable): an empty object where NULL
 * @params: zeroed struct that the table describes
 * @prefix: (nullable): put before the texts ("JSEP error: missing mandatory
 *   element (x)" and so on); NULL gives "Missing mandatory element (x)" and
 *   "Invalid element type (x should be a string)" as core-api.md section 1
 *   has them
 * @error: BIF_ERROR_MISSING_ELEMENT, BIF_ERROR_INVALID_ELEMENT
 *
 * Checks presence, type and range in the table's order, and fills @params.
 * JSON null counts as absent where there is a @prefix, as in Janus's core, and
 * is of the wrong type elsewhere, as in its plugins. Main thread. A "positive integer" accepts 0;
 * booleans are true and false only; an id is a non-negative integer or a
 * string. Ids that arrive as numbers are written out with g_intern-free
 * storage that lives as long as @object.
 */
gboolean bif_fields_read (const BifField * fields, JsonObject * object,
    gpointer params, const char *prefix, GError ** error);

G_END_DECLS
