/* log-line.h: one log line as text. Plain functions, any thread. */
#pragma once

#include <glib.h>
#include <gst/gst.h>

G_BEGIN_DECLS

typedef struct
{
  gint64 time_us;               /* wall clock */
  GstDebugLevel level;          /* NONE: fatal */
  char *source;                 /* (nullable): "file:function:line" */
  char *text;
} BifLogRecord;

void bif_log_record_free (gpointer record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifLogRecord, bif_log_record_free)

/* Appends "[prefix][timestamp][tag][source] text\n". Control characters of the
 * text are written out, lines after its first are indented: nothing that came
 * from a client looks like a line of ours. @prefix (nullable). */
void bif_log_format (GString * out, const BifLogRecord * record,
    const char *prefix, gboolean timestamps, gboolean colors);

G_END_DECLS
