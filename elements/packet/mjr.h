/* mjr.h: the framing of .mjr recordings, versions 0 to 2 (recordplay.md 4).
 * Plain values over the caller's bytes; nothing is allocated. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIF_MJR_MAGIC "MJR00002"
#define BIF_MJR_MAGIC_SIZE 8
/* Magic, milliseconds, length: what stands before a frame of version 2. */
#define BIF_MJR_FRAME_SIZE 10
/* Bytes that tell any piece's kind and length. */
#define BIF_MJR_LONGEST_HEAD 10
/* Of a file whose first piece was not read yet. */
#define BIF_MJR_UNKNOWN -1

typedef enum
{
  BIF_MJR_END,                  /* no piece stands here: the file ends */
  BIF_MJR_INFO,                 /* the JSON text; in version 0 the medium */
  BIF_MJR_FRAME,
} BifMjrKind;

/**
 * BifMjrPiece: what stands at a place of a file.
 * @version: of the file: 0 to 2
 * @head: bytes before the content
 * @size: of the content
 * @ms: since the first frame was written; only version 2 has it
 */
typedef struct
{
  BifMjrKind kind;
  int version;
  guint head;
  guint size;
  guint32 ms;
} BifMjrPiece;

/* Reads the head of a piece of a file of @version, BIF_MJR_UNKNOWN where the file
 * begins. A head that is cut off is an END; whether the content is whole only
 * the file's size tells. */
BifMjrPiece bif_mjr_read (const guint8 * data, gsize size, int version);

/* Write into @out; return the size. */
gsize bif_mjr_write_info_head (guint8 * out, guint16 json_size);
gsize bif_mjr_write_frame_head (guint8 * out, guint32 ms, guint16 size);

G_END_DECLS
