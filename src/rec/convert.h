/* convert.h: recordings into files that play. Main thread. */
#pragma once

#include "rec/source.h"

G_BEGIN_DECLS

/* Writes all of @sources (of BifRecSource) into the destination of @options, in
 * step by when each began. Errors: BIF_REC_ERROR where a codec does not fit the
 * file, GStreamer's. */
gboolean bif_rec_convert (GPtrArray * sources, const BifRecOptions * options,
    GError ** error);
/* The first of @sources as a capture file. */
gboolean bif_rec_write_pcap (const BifRecSource * source,
    const BifRecOptions * options, GError ** error);

G_END_DECLS
