/* file-body.h: a file, or a part of it, as the body of a response, however
 * large it is. Main thread; the file is read on other threads. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* A part of something of a known size. */
typedef struct
{
  goffset start, length;
} BifByteRange;

typedef enum
{
  BIF_RANGE_WHOLE,              /* no range, or none that is understood */
  BIF_RANGE_PART,
  BIF_RANGE_OUTSIDE,            /* 416 */
} BifRangeKind;

/**
 * bif_byte_range_parse:
 * @text: (nullable): of a Range header; several ranges count as none
 * @size: of the whole
 * @range: (out): the whole where there is none. Any thread.
 */
BifRangeKind bif_byte_range_parse (const char *text, goffset size,
    BifByteRange * range);

/* Sends @range of the open file @fd (transfer full) as the body of @message,
 * whose status and other headers are set. @message is unpaused once there is
 * something to send. */
void bif_file_body_send (SoupServerMessage * message, int fd,
    const BifByteRange * range);

G_END_DECLS
