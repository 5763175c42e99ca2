/* from-pcap.h: captures into .mjr recordings. Main thread. */
#pragma once

#include "rec/options.h"

G_BEGIN_DECLS

/* Writes the stream that @options name of the capture into the destination.
 * Errors: BIF_REC_ERROR, a file cannot be read or written. */
gboolean bif_rec_from_pcap (const BifRecOptions * options, GError ** error);

G_END_DECLS
