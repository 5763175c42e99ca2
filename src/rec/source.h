/* source.h: what an .mjr file says of itself. Main thread. */
#pragma once

#include <gst/gst.h>
#include <json-glib/json-glib.h>

#include "rec/format.h"
#include "rec/options.h"

G_BEGIN_DECLS

/**
 * BifRecSource:
 * @json: the header as it stands in the file; (nullable): version 0 has none
 * @object: the same, parsed (nullable)
 * @codec: what caps and header say
 * @broken: (nullable): why its frames cannot be read; the header is good
 * @start_us: first frame, microseconds since 1970; -1: not known
 * @duration: of the RTP times
 * @red, @level_id, @orientation_id: payload type and extension ids; -1: none
 */
typedef struct
{
  char *path, *json;
  JsonNode *object;
  const BifRecCodec *codec;
  char *broken;
  gint64 start_us;
  guint packets;
  GstClockTime duration;
  int red, level_id, orientation_id;
  gboolean encrypted;
} BifRecSource;

/* Reads and sorts all of @path, as @options say.
 * Errors: the file cannot be read, or has no good header. */
BifRecSource *bif_rec_source_new (const char *path,
    const BifRecOptions * options, GError ** error);
void bif_rec_source_free (BifRecSource * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifRecSource, bif_rec_source_free)

/* Sets the file and what @options say on the elements "file<n>" and "demux<n>"
 * of @pipeline. Returns: (transfer full): the latter */
GstElement *bif_rec_source_configure (const char *path, guint n,
    const BifRecOptions * options, GstElement * pipeline);

G_END_DECLS
