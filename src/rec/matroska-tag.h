/* matroska-tag.h: the comment of Matroska and WebM, which GStreamer's muxer
 * writes with backslashes and under a name of its own. Main thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Returns: (transfer full): what the muxer is to be given in place of @comment,
 * as long and with nothing to escape. */
char *bif_rec_matroska_placeholder (const char *comment);
/* Puts @comment into @path, a file that is finished, where the placeholder is.
 * Errors: BIF_REC_ERROR, it is not there; those of files. */
gboolean bif_rec_matroska_tag (const char *path, const char *comment,
    GError ** error);

G_END_DECLS
