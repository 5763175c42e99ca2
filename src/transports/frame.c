/* frame.c: reading and writing WebSocket frames. Pure logic. */
#include "transports/frame.h"

#include <string.h>

#define FIN 0x80
#define RESERVED 0x70
#define MASKED 0x80
#define CONTROL_MAX 125

static gboolean
is_known (guint opcode)
{
  return opcode <= BIF_OPCODE_BINARY
      || (opcode >= BIF_OPCODE_CLOSE && opcode <= BIF_OPCODE_PONG);
}

/* Size of the header; 0: not all of it is there. */
static gsize
read_size (const guint8 * data, gsize size, guint64 * payload)
{
  guint bytes = 0;

  *payload = data[1] & 0x7f;
  if (*payload == 126)
    bytes = 2;
  else if (*payload == 127)
    bytes = 8;
  if (size < 2 + bytes + 4)
    return 0;
  for (guint i = 0; i < bytes; i++)
    *payload = (i == 0 ? 0 : *payload << 8) | data[2 + i];
  return 2 + bytes + 4;
}

BifFrameResult
bif_frame_read (const guint8 * data, gsize size, gsize max_payload,
    BifFrame * frame)
{
  guint64 payload;

  if (size < 2)
    return BIF_FRAME_PARTIAL;
  frame->opcode = data[0] & 0x0f;
  frame->fin = (data[0] & FIN) != 0;
  /* No extension is negotiated, and clients must mask. */
  if ((data[0] & RESERVED) != 0 || !is_known (frame->opcode)
      || (data[1] & MASKED) == 0)
    return BIF_FRAME_INVALID;
  if (frame->opcode >= BIF_OPCODE_CLOSE
      && (!frame->fin || (data[1] & 0x7f) > CONTROL_MAX))
    return BIF_FRAME_INVALID;

  frame->header_size = read_size (data, size, &payload);
  if (frame->header_size == 0)
    return BIF_FRAME_PARTIAL;
  if (payload > max_payload)
    return BIF_FRAME_TOO_BIG;
  frame->payload_size = (gsize) payload;
  memcpy (frame->mask, data + frame->header_size - 4, 4);
  return size - frame->header_size < frame->payload_size
      ? BIF_FRAME_PARTIAL : BIF_FRAME_WHOLE;
}

void
bif_frame_unmask (guint8 * payload, gsize size, const guint8 mask[4])
{
  for (gsize i = 0; i < size; i++)
    payload[i] ^= mask[i & 3];
}

void
bif_frame_write (GByteArray * out, guint opcode, gconstpointer payload,
    gsize size)
{
  guint8 header[10];
  guint bytes = size < 126 ? 0 : size <= G_MAXUINT16 ? 2 : 8;

  header[0] = FIN | opcode;
  header[1] = bytes == 0 ? size : bytes == 2 ? 126 : 127;
  for (guint i = 0; i < bytes; i++)
    header[2 + i] = (guint64) size >> (8 * (bytes - 1 - i));
  g_byte_array_append (out, header, 2 + bytes);
  g_byte_array_append (out, payload, size);
}
