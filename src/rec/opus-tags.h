/* opus-tags.h: the comment of Ogg Opus. Streaming thread. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/* Puts @comment into the stream headers that @caps of Opus have, where Ogg takes
 * its own from. Returns: (transfer full) */
GstCaps *bif_rec_opus_tag (GstCaps * caps, const char *comment);

G_END_DECLS
