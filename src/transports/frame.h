/* frame.h: WebSocket frames (RFC 6455 section 5), the server's side. Pure
 * logic. libsoup's own connection cannot say how much it has queued, and limits
 * frames but not the messages they make up. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

enum
{
  BIF_OPCODE_CONTINUATION = 0,
  BIF_OPCODE_TEXT = 1,
  BIF_OPCODE_BINARY = 2,
  BIF_OPCODE_CLOSE = 8,
  BIF_OPCODE_PING = 9,
  BIF_OPCODE_PONG = 10,
};

/* Status codes of close frames. */
enum
{
  BIF_CLOSE_NORMAL = 1000,
  BIF_CLOSE_GOING_AWAY = 1001,
  BIF_CLOSE_PROTOCOL_ERROR = 1002,
  BIF_CLOSE_TOO_BIG = 1009,
};

typedef struct
{
  guint opcode;
  gboolean fin;
  guint8 mask[4];
  gsize header_size;
  gsize payload_size;
} BifFrame;

typedef enum
{
  BIF_FRAME_WHOLE,              /* header and payload are there */
  BIF_FRAME_PARTIAL,            /* more bytes are needed */
  BIF_FRAME_INVALID,
  BIF_FRAME_TOO_BIG,            /* payload larger than allowed */
} BifFrameResult;

/* @frame: filled but for BIF_FRAME_INVALID and short headers */
BifFrameResult bif_frame_read (const guint8 * data, gsize size,
    gsize max_payload, BifFrame * frame);
void bif_frame_unmask (guint8 * payload, gsize size, const guint8 mask[4]);

/* Appends a whole message as one frame. */
void bif_frame_write (GByteArray * out, guint opcode, gconstpointer payload,
    gsize size);

G_END_DECLS
