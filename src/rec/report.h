/* report.h: what is in a recording. Main thread. */
#pragma once

#include "rec/source.h"

G_BEGIN_DECLS

/* Prints header and report as JSON (recording-tools.md 1.3). */
gboolean bif_rec_report_json (const BifRecSource * source,
    const BifRecOptions * options, GError ** error);
/* Prints lines for people: of the header, and where @all of what follows. */
gboolean bif_rec_report_text (const BifRecSource * source,
    const BifRecOptions * options, gboolean all, GError ** error);

G_END_DECLS
