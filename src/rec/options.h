/* options.h: the command line of bifrons-rec: janus-pp-rec's letters and names
 * (recording-tools.md 1.1), and a few of ours; pcap2mjr's where a capture is
 * read. Main thread. */
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
  BIF_REC_FROM_PCAP,
} BifRecMode;

/**
 * BifRecOptions:
 * @sources: .mjr files, or one capture
 * @destination: (nullable): NULL where nothing is written
 * @format: (nullable): in place of the destination's ending
 * @metadata: (nullable): in place of the JSON header
 * @payload_type, @level_id, @orientation_id: -1: as the header says
 * @skew_ms, @silence_distance, @restamp, @restamp_packets, @restamp_min_ms: as
 *     the properties of bifmjrdemux
 * @codec: (nullable): of the packets in a capture, one that has packets
 * @ssrc: of them; 0: the first one's
 * @warnings: says which packets of a capture are left out
 */
typedef struct
{
  BifRecMode mode;
  char **sources;
  char *destination, *format, *metadata, *codec;
  int skip, payload_type, level_id, orientation_id, debug_level;
  int skew_ms, silence_distance, restamp, restamp_packets, restamp_min_ms;
  gint64 ssrc;
  gboolean by_arrival, faststart, no_colors, timestamps, quiet, warnings;
} BifRecOptions;

/* NULL: it was said what is wrong. */
BifRecOptions *bif_rec_options_parse (char **argv);
void bif_rec_options_free (BifRecOptions * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifRecOptions, bif_rec_options_free)

G_END_DECLS
