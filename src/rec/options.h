/* options.h: the command line of bifrons-rec: janus-pp-rec's letters and names
 * (recording-tools.md 1.1), and a few of ours. Main thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  BIF_REC_CONVERT,
  BIF_REC_HELP,                 /* was printed */
  BIF_REC_EXTENSIONS,
  BIF_REC_JSON,
  BIF_REC_HEADER,
  BIF_REC_PARSE,
  BIF_REC_EXTENDED,
  BIF_REC_PCAP,
} BifRecMode;

/**
 * BifRecOptions:
 * @sources: .mjr files
 * @destination: (nullable): NULL where nothing is written
 * @format: (nullable): in place of the destination's ending
 * @metadata: (nullable): in place of the JSON header
 * @payload_type, @orientation_id: -1: as the header says
 */
typedef struct
{
  BifRecMode mode;
  char **sources;
  char *destination, *format, *metadata;
  int skip, payload_type, orientation_id, debug_level;
  gboolean by_arrival, faststart, no_colors, quiet;
} BifRecOptions;

/* NULL: it was said what is wrong. */
BifRecOptions *bif_rec_options_parse (char **argv);
void bif_rec_options_free (BifRecOptions * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifRecOptions, bif_rec_options_free)

G_END_DECLS
