/* estimate.c: a bandwidth estimate: down to what came through where packets
 * queue up or are lost, slowly up where they do not. */
#include "packet/estimate.h"
#include "packet/bytes.h"

#include <string.h>

#define HEADER 16               /* SSRCs, base, count, time */
#define MAX_PACKETS 1024
#define TICK_US 250
#define WINDOW_US (200 * 1000)
#define QUEUE_LIMIT_US (40 * 1000)
#define LOSS_LIMIT 26           /* of 256: a tenth */
#define LEAST 30000             /* bit/s */
#define MOST 100000000
#define STEP_US (G_USEC_PER_SEC / 5)

void
bif_estimate_sent (BifEstimate * self, guint16 number, gsize size,
    gint64 now_us)
{
  guint slot = number % BIF_ESTIMATE_SENT;

  self->sent[slot].number = number;
  self->sent[slot].size = MIN (size, G_MAXUINT16);
  self->sent[slot].at_us = now_us;
}

/* ---- the estimate ---- */

static void
set_bitrate (BifEstimate * self, guint64 bitrate, gint64 now_us)
{
  self->bitrate = CLAMP (bitrate, LEAST, MOST);
  self->changed_us = now_us;
}

/* What does not fill the path says little of it: no more than half above. */
static void
grow (BifEstimate * self, gint64 now_us)
{
  guint64 limit = (guint64) self->received * 3 / 2 + 20000;
  guint64 next = (guint64) self->bitrate * 103 / 100 + 1000;

  if (next <= limit || self->bitrate == 0)
    set_bitrate (self, MAX (next, self->received), now_us);
}

static void
end_window (BifEstimate * self, gint64 now_us)
{
  guint64 elapsed_us = MAX (now_us - self->window_us, 1);
  guint loss = self->window_lost * 256 / MAX (self->window_seen, 1);

  self->received = MIN ((guint64) self->window_bits * G_USEC_PER_SEC
      / elapsed_us, MOST);
  if (self->delay_us > QUEUE_LIMIT_US) {
    set_bitrate (self, MIN (self->bitrate == 0 ? MOST : self->bitrate,
            (guint64) self->received * 9 / 10), now_us);
    /* time to drain before it is judged again: the base may have moved */
    self->base_us += QUEUE_LIMIT_US / 20;
  } else if (loss > LOSS_LIMIT) {
    set_bitrate (self, (guint64) (self->bitrate != 0 ? self->bitrate
            : self->received) * (512 - loss) / 512, now_us);
  } else {
    grow (self, now_us);
  }
  self->window_us = now_us;
  self->window_bits = self->window_lost = self->window_seen = 0;
}

static void
note_packet (BifEstimate * self, guint16 number, gboolean came,
    gint64 arrival_us)
{
  guint slot = number % BIF_ESTIMATE_SENT;
  gint64 transit_us = arrival_us - self->sent[slot].at_us;

  if (self->sent[slot].number != number || self->sent[slot].size == 0)
    return;
  self->window_seen++;
  if (!came) {
    self->window_lost++;
    return;
  }
  self->window_bits += self->sent[slot].size * 8u;
  self->sent[slot].size = 0;
  if (!self->has_feedback || transit_us < self->base_us)
    self->base_us = transit_us;
  self->has_feedback = TRUE;
  self->delay_us += (transit_us - self->base_us - self->delay_us) / 8;
}

/* ---- feedback ---- */

/* One chunk at @p. Returns how many symbols, at most @room. */
static guint
read_chunk (const guint8 * p, guint8 * symbols, guint room)
{
  guint16 chunk = bif_get_be16 (p);
  guint n = chunk < 0x8000 ? chunk & 0x1fffu : chunk < 0xc000 ? 14 : 7;

  n = MIN (n, room);
  for (guint i = 0; i < n; i++)
    symbols[i] = chunk < 0x8000 ? (chunk >> 13) & 3
        : chunk < 0xc000 ? chunk >> (13 - i) & 1 : chunk >> (12 - 2 * i) & 3;
  return n;
}

/* Returns where the symbols end; 0: outside. */
static gsize
read_symbols (const BifRtcpPacket * packet, guint8 * symbols, guint count)
{
  gsize at = HEADER;

  for (guint i = 0; i < count; at += 2) {
    guint n;

    if (at + 2 > packet->size)
      return 0;
    n = read_chunk (packet->body + at, symbols + i, count - i);
    if (n == 0)
      return 0;
    i += n;
  }
  return at;
}

/* 24 bits of 64 ms, as near to the last as they can be. */
static gint64
unwrap_reference (BifEstimate * self, guint32 value)
{
  gint32 step = (gint32) ((value - (guint32) self->reference) << 8) >> 8;

  self->reference += step;
  return self->reference * 256 * TICK_US;
}

void
bif_estimate_feedback (BifEstimate * self, const BifRtcpPacket * packet,
    gint64 now_us)
{
  guint8 symbols[MAX_PACKETS];
  guint16 base;
  guint count;
  gsize at;
  gint64 arrival_us;

  if (packet->size < HEADER)
    return;
  base = bif_get_be16 (packet->body + 8);
  count = bif_get_be16 (packet->body + 10);
  at = count <= MAX_PACKETS ? read_symbols (packet, symbols, count) : 0;
  if (at == 0)
    return;
  if (self->window_us == 0)
    self->window_us = now_us;
  arrival_us = unwrap_reference (self,
      bif_get_be32 (packet->body + 12) >> 8);
  for (guint i = 0; i < count && at + symbols[i] <= packet->size; i++) {
    if (symbols[i] == 1)
      arrival_us += packet->body[at] * TICK_US;
    else if (symbols[i] == 2)
      arrival_us += (gint16) bif_get_be16 (packet->body + at) * TICK_US;
    at += symbols[i] < 3 ? symbols[i] : 0;
    note_packet (self, base + i, symbols[i] == 1 || symbols[i] == 2,
        arrival_us);
  }
  if (now_us - self->window_us >= WINDOW_US)
    end_window (self, now_us);
}

/* ---- without ---- */

void
bif_estimate_remb (BifEstimate * self, guint64 bitrate)
{
  if (!self->has_feedback)
    self->bitrate = MIN (bitrate, MOST);
}

void
bif_estimate_loss (BifEstimate * self, guint8 fraction, gint64 now_us)
{
  if (self->has_feedback || self->bitrate == 0 || fraction <= LOSS_LIMIT
      || now_us - self->changed_us < STEP_US)
    return;
  set_bitrate (self, (guint64) self->bitrate * (512 - fraction) / 512,
      now_us);
}
