/* run.h: runs a pipeline from its beginning to its end. Main thread. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Domain of what goes wrong with a recording; the codes mean nothing. */
#define BIF_REC_ERROR (bif_rec_error_quark ())
GQuark bif_rec_error_quark (void);

/* Returns: (transfer full) (nullable): the pipeline that @text describes.
 * Errors: GStreamer's, an element is missing. */
GstElement *bif_rec_parse (const char *text, GError ** error);
/* Plays until the end of all streams and stops. SIGINT ends them early, and what
 * was written is whole. @progress: percents on the error output.
 * Errors: GStreamer's. */
gboolean bif_rec_run (GstElement * pipeline, gboolean progress,
    GError ** error);
/* Plays into the first preroll only; the pipeline stays in PAUSED. */
gboolean bif_rec_preroll (GstElement * pipeline, GError ** error);

G_END_DECLS
