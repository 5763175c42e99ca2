/* rewrite.c: sequence and timestamp arithmetic of a relayed stream. */
#include "packet/rewrite.h"
#include "packet/rtp.h"

/* A source that is further ahead has restarted, or changed its SSRC: what goes
 * out must not jump with it, or the receiver loses count of the roll-overs. */
#define MAX_JUMP 3000

void
bif_rewrite_pause (BifRewrite * self)
{
  self->started = FALSE;
}

static void
begin_epoch (BifRewrite * self, guint64 index, guint32 timestamp,
    gint64 now_us)
{
  self->started = TRUE;
  self->first_in = index;
  if (self->last_us == 0) {
    /* Within the first half of the numbers: receivers take the roll-over
     * counter to be zero at the first packet they see (RFC 3711, 3.3.1). */
    self->highest = g_random_int_range (0, 0x8000);
    self->timestamp_offset = g_random_int ();
  } else {
    guint64 elapsed = MAX (now_us - self->last_us, 0);
    guint32 step = elapsed * self->clock_rate / G_USEC_PER_SEC;

    self->timestamp_offset =
        self->last_timestamp + MAX (step, 1) - timestamp;
  }
  self->offset = self->highest + 1 - index;
}

gboolean
bif_rewrite_map (BifRewrite * self, guint64 index, guint32 timestamp,
    gint64 now_us, guint64 * out_index, guint32 * out_timestamp)
{
  if (!self->started || (index >= self->first_in
          && (gint64) (index + self->offset - self->highest) > MAX_JUMP))
    begin_epoch (self, index, timestamp, now_us);
  if (index < self->first_in)
    return FALSE;
  *out_index = index + self->offset;
  *out_timestamp = timestamp + self->timestamp_offset;
  if (*out_index > self->highest) {
    self->highest = *out_index;
    self->last_timestamp = *out_timestamp;
    self->last_us = now_us;
  }
  return TRUE;
}

void
bif_rewrite_skip (BifRewrite * self, guint64 index)
{
  if (!self->started)
    return;
  self->offset--;
  self->first_in = index + 1;
}

gboolean
bif_rewrite_unmap (const BifRewrite * self, guint16 sequence, guint64 * index,
    guint64 * out_index)
{
  if (!self->started)
    return FALSE;
  *out_index = bif_rtp_extend (self->highest, sequence);
  *index = *out_index - self->offset;
  return *out_index <= self->highest && *index >= self->first_in;
}
