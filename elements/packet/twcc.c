/* twcc: records arrivals and writes transport-wide feedback. Noted on I/O
 * threads, written on the timer thread, under the transport's receive lock. */
#include "packet/twcc.h"

#include <string.h>
#include "packet/bytes.h"
#include "packet/rtcp.h"
#include "packet/rtp.h"

#define TICK_US 250
#define HEADER 20               /* RTCP, SSRCs, base, count, time */
#define RUN_MAX 0x1fff

enum
{ LOST, SMALL, LARGE };         /* packet status symbols; 3 is reserved */

static guint32 *
slot (BifTwcc * self, guint64 index)
{
  return &self->tick[index % BIF_TWCC_WINDOW];
}

static void
begin_at (BifTwcc * self, guint16 sequence)
{
  memset (self->tick, 0, sizeof self->tick);
  self->started = TRUE;
  self->next = self->highest = 0x10000 + sequence;
}

/**
 * bif_twcc_packet:
 * @self: of a transport; zeros to begin with
 * @sequence: the packet's transport-wide number
 * @now_us: when it came, monotonic
 *
 * A late packet is reported, with all after it, once more. Numbers far from
 * what came before begin anew.
 *
 * Returns: whether a message is full
 */
gboolean
bif_twcc_packet (BifTwcc * self, guint16 sequence, gint64 now_us)
{
  guint32 tick = (guint32) (now_us / TICK_US);
  guint64 index = 0;

  if (self->started)
    index = bif_rtp_extend (self->highest, sequence);
  if (!self->started || index >= self->next + BIF_TWCC_WINDOW
      || index >= self->highest + BIF_TWCC_WINDOW
      || index + BIF_TWCC_WINDOW / 2 < self->highest) {
    begin_at (self, sequence);
    index = self->highest;
  }
  while (self->highest < index)
    *slot (self, ++self->highest) = 0;
  if (*slot (self, index) == 0) {
    *slot (self, index) = MAX (tick, 1);
    self->next = MIN (self->next, index);
  }
  return self->highest - self->next + 1 >= BIF_TWCC_MAX_PACKETS
      && bif_twcc_waits (self);
}

/**
 * bif_twcc_waits:
 * @self: of a transport
 *
 * Returns: whether packets came that were not reported on
 */
gboolean
bif_twcc_waits (const BifTwcc * self)
{
  return self->started && self->next <= self->highest;
}

/* ---- writing ---- */

typedef struct
{
  guint64 base;
  guint n;
  guint32 reference;            /* ticks, a multiple of 256 */
  guint8 symbol[BIF_TWCC_MAX_PACKETS];
  gint16 delta[BIF_TWCC_MAX_PACKETS];   /* ticks */
} Report;

/* The first that came: what is lost before it counts as far as one message
 * holds it. The highest always came. */
static guint64
find_first (BifTwcc * self)
{
  guint64 index = self->next;

  while (*slot (self, index) == 0)
    index++;
  return index;
}

/* As many packets as one message holds; it ends early before a time that is
 * too far from the last for a delta. */
static void
fill (BifTwcc * self, Report * report)
{
  guint64 first = find_first (self);
  guint32 last = *slot (self, first) & ~(guint32) 0xff;
  guint n;

  report->base = MAX (self->next, first + 1 - MIN (first + 1,
          BIF_TWCC_MAX_PACKETS));
  report->reference = last;
  n = MIN (self->highest + 1 - report->base, BIF_TWCC_MAX_PACKETS);
  for (guint i = 0; i < n; i++) {
    guint32 tick = *slot (self, report->base + i);
    gint32 delta = tick == 0 ? 0 : (gint32) (tick - last);

    if (delta < G_MININT16 || delta > G_MAXINT16) {
      n = i;
      break;
    }
    report->symbol[i] = tick == 0 ? LOST : delta >= 0 && delta < 256 ? SMALL :
        LARGE;
    report->delta[i] = (gint16) delta;
    if (tick != 0)
      last = tick;
  }
  report->n = n;
}

static guint
run_length (const guint8 * symbols, guint n)
{
  guint run = 1;

  while (run < n && run < RUN_MAX && symbols[run] == symbols[0])
    run++;
  return run;
}

/* One chunk for the first of @symbols. Returns how many it took. */
static guint
write_chunk (guint8 * out, const guint8 * symbols, guint n)
{
  guint run = run_length (symbols, n);
  gboolean two_bits = memchr (symbols, LARGE, MIN (n, 14)) != NULL;
  guint capacity = two_bits ? 7 : 14;
  guint taken = MIN (n, capacity);
  guint16 chunk = two_bits ? 0xc000 : 0x8000;

  if (run == n || run >= capacity) {
    bif_put_be16 (out, (guint16) (symbols[0] << 13 | run));
    return run;
  }
  for (guint i = 0; i < taken; i++)
    chunk |= two_bits ? symbols[i] << (12 - 2 * i) : symbols[i] << (13 - i);
  bif_put_be16 (out, chunk);
  return taken;
}

/* Returns the bytes of chunks and deltas. */
static gsize
write_report (guint8 * out, const Report * report)
{
  guint8 *p = out;

  for (guint i = 0; i < report->n; p += 2)
    i += write_chunk (p, report->symbol + i, report->n - i);
  for (guint i = 0; i < report->n; i++) {
    if (report->symbol[i] == SMALL) {
      *p++ = (guint8) report->delta[i];
    } else if (report->symbol[i] == LARGE) {
      bif_put_be16 (p, (guint16) report->delta[i]);
      p += 2;
    }
  }
  return p - out;
}

/**
 * bif_twcc_write:
 * @self: of a transport
 * @out: where to write
 * @room: bytes there, at least %BIF_TWCC_MAX_SIZE
 * @sender: who reports
 * @media: one of the streams reported on
 *
 * Returns: bytes written, 0 where nothing waits
 */
gsize
bif_twcc_write (BifTwcc * self, guint8 * out, gsize room, guint32 sender,
    guint32 media)
{
  Report report;
  gsize size, padding;

  if (room < BIF_TWCC_MAX_SIZE || !bif_twcc_waits (self))
    return 0;
  fill (self, &report);
  self->next = report.base + report.n;

  size = HEADER + write_report (out + HEADER, &report);
  padding = -size & 3;
  if (padding > 0) {
    memset (out + size, 0, padding);
    out[size + padding - 1] = (guint8) padding;
    size += padding;
  }
  out[0] = 0x80 | (padding > 0 ? 0x20 : 0) | BIF_RTPFB_TRANSPORT_CC;
  out[1] = BIF_RTCP_RTPFB;
  bif_put_be16 (out + 2, (guint16) (size / 4 - 1));
  bif_put_be32 (out + 4, sender);
  bif_put_be32 (out + 8, media);
  bif_put_be16 (out + 12, (guint16) report.base);
  bif_put_be16 (out + 14, (guint16) report.n);
  bif_put_be32 (out + 16, (report.reference & ~(guint32) 0xff)
      | self->count++);
  return size;
}
