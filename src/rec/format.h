/* format.h: which codec goes into which file, and through which elements. Read
 * only: any thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BifRecCodec:
 * @name: as the header has it
 * @title: of the group it is listed in; NULL: with the row before
 * @endings: separated by blanks: of files with it alone; NULL: any
 * @joined: endings of files with other tracks beside it
 * @chain: elements from RTP to what a muxer takes; NULL: none
 * @fill: losses are filled with silence: what is pushed is Opus
 * @video: it is video
 */
typedef struct
{
  const char *name;
  const char *title;
  const char *endings, *joined;
  const char *chain;
  gboolean fill;
  gboolean video;
} BifRecCodec;

/**
 * BifRecFormat:
 * @mux: elements between the tracks' "mux" and the file; NULL: the chain ends in
 *     a file by itself
 * @chain: put behind the codec's one; NULL: none
 * @mender: goes between @mux and the file; NULL: none
 */
typedef struct
{
  const char *ending;
  const char *mux;
  const char *chain;
  const char *mender;
} BifRecFormat;

/* NULL where unknown. */
const BifRecCodec *bif_rec_codec_find (const char *name);
/* Can @codec, alone or @joined, be in a file with @ending? */
gboolean bif_rec_codec_fits (const BifRecCodec * self, const char *ending,
    gboolean joined);
/* Of binary data every ending is good, and no format. */
const BifRecFormat *bif_rec_format_find (const char *ending);
void bif_rec_formats_print (void);

G_END_DECLS
