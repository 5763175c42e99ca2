/* twcc-reader.h: reads transport-wide feedback, for the tests of what writes it:
 * a reader of its own, from the draft's text. */
#pragma once

#include <string.h>
#include "packet/bytes.h"
#include "packet/rtcp.h"
#include "packet/twcc.h"

typedef struct
{
  guint16 base;
  guint count, received;
  guint8 number;
  gint64 tick[BIF_TWCC_MAX_PACKETS];    /* -1: lost */
} Feedback;

static inline guint
read_symbols (const guint8 * p, guint8 * symbols, guint room)
{
  guint16 chunk = bif_get_be16 (p);
  guint n;

  if (chunk < 0x8000) {
    n = MIN (room, chunk & 0x1fffu);
    memset (symbols, chunk >> 13, n);
    return n;
  }
  n = chunk < 0xc000 ? 14 : 7;
  for (guint i = 0; i < n; i++) {
    guint symbol = n == 14 ? chunk >> (13 - i) & 1 : chunk >> (12 - 2 * i) & 3;

    if (i < room)
      symbols[i] = symbol;
    else
      g_assert_cmpuint (symbol, ==, 0);
  }
  return MIN (n, room);
}

static inline gboolean
is_feedback (const BifRtcpPacket * packet)
{
  return packet->type == BIF_RTCP_RTPFB
      && packet->count == BIF_RTPFB_TRANSPORT_CC;
}

static inline void
read_feedback (const BifRtcpPacket * packet, Feedback * feedback)
{
  const guint8 *body = packet->body;
  guint8 symbols[BIF_TWCC_MAX_PACKETS];
  gsize at = 16;
  gint64 tick;

  g_assert_cmpuint (packet->size, >=, at);
  feedback->base = bif_get_be16 (body + 8);
  feedback->count = bif_get_be16 (body + 10);
  feedback->number = body[15];
  feedback->received = 0;
  g_assert_cmpuint (feedback->count, >, 0);
  g_assert_cmpuint (feedback->count, <=, BIF_TWCC_MAX_PACKETS);
  tick = (gint64) (bif_get_be32 (body + 12) & ~0xffu);
  for (guint i = 0; i < feedback->count; at += 2) {
    g_assert_cmpuint (at + 2, <=, packet->size);
    i += read_symbols (body + at, symbols + i, feedback->count - i);
  }
  for (guint i = 0; i < feedback->count; i++) {
    g_assert_cmpint (symbols[i], <, 3);
    g_assert_cmpuint (at + symbols[i], <=, packet->size);
    if (symbols[i] != 0)
      tick += symbols[i] == 1 ? body[at] : (gint16) bif_get_be16 (body + at);
    feedback->tick[i] = symbols[i] != 0 ? tick : -1;
    feedback->received += symbols[i] != 0;
    at += symbols[i];
  }
  g_assert_cmpuint (at, ==, packet->size);
}
