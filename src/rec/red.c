/* red.c: redundant audio (RFC 2198) into plain packets. Streaming thread, which
 * holds the pad's stream lock. */
#include "rec/red.h"

#include <gst/rtp/rtp.h>
#include <string.h>

#define RTP_HEAD 12
/* Headers of a block: the last one's, those before. */
#define LAST_HEAD 1
#define BLOCK_HEAD 4
/* Further back than fourteen bits of an Opus clock say nothing is restored. */
#define LONGEST_OFFSET (342 * GST_MSECOND)
/* Nearer to a packet than this there was no other one. */
#define SAME (GST_MSECOND)

typedef struct
{
  guint payload_type, clock_rate;
  GQueue waiting;               /* of GstBuffer, sorted by time */
  gboolean passing;             /* what comes to the probe is unpacked */
} Red;

/* A block of a packet. */
typedef struct
{
  guint payload_type;
  guint offset;                 /* ticks before the packet's time */
  guint back;                   /* blocks behind it in the packet */
  const guint8 *data;
  gsize size;
} Block;

static void
red_free (gpointer data)
{
  Red *self = data;

  g_queue_clear_full (&self->waiting, (GDestroyNotify) gst_buffer_unref);
  g_free (self);
}

/* ---- packets ---- */

static GstBuffer *
make_packet (const Red * self, GstRTPBuffer * from, GstClockTime time,
    const Block * block)
{
  GstBuffer *buffer = gst_rtp_buffer_new_allocate (block->size, 0, 0);
  GstClockTime before = gst_util_uint64_scale (block->offset, GST_SECOND,
      self->clock_rate);
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;

  gst_rtp_buffer_map (buffer, GST_MAP_READWRITE, &rtp);
  gst_rtp_buffer_set_payload_type (&rtp, block->payload_type);
  gst_rtp_buffer_set_ssrc (&rtp, gst_rtp_buffer_get_ssrc (from));
  gst_rtp_buffer_set_seq (&rtp, gst_rtp_buffer_get_seq (from) - block->back);
  gst_rtp_buffer_set_timestamp (&rtp, gst_rtp_buffer_get_timestamp (from)
      - block->offset);
  gst_rtp_buffer_set_marker (&rtp, block->back == 0
      && gst_rtp_buffer_get_marker (from));
  memcpy (gst_rtp_buffer_get_payload (&rtp), block->data, block->size);
  gst_rtp_buffer_unmap (&rtp);
  GST_BUFFER_PTS (buffer) = time - MIN (before, time);
  return buffer;
}

/* Returns where it belongs: what it is to stand behind, NULL where it is the
 * first. Searched from the end, where it nearly always is. */
static GList *
find_place (Red * self, GstClockTime time)
{
  GList *link = self->waiting.tail;

  while (link != NULL && GST_BUFFER_PTS (link->data) > time)
    link = link->prev;
  return link;
}

static void
insert (Red * self, GstBuffer * buffer)
{
  g_queue_insert_after (&self->waiting, find_place (self,
          GST_BUFFER_PTS (buffer)), buffer);
}

/* Not what was before the recording, or stands too near to others. */
static gboolean
is_missing (Red * self, GstClockTime time)
{
  GList *before = find_place (self, time);
  GList *after = before != NULL ? before->next : NULL;

  return before != NULL && time - GST_BUFFER_PTS (before->data) > SAME
      && (after == NULL || GST_BUFFER_PTS (after->data) - time > SAME);
}

static void
restore (Red * self, GstRTPBuffer * rtp, GstClockTime time,
    const Block * block)
{
  GstClockTime before = gst_util_uint64_scale (block->offset, GST_SECOND,
      self->clock_rate);

  if (block->offset > 0 && block->size > 0 && before <= time
      && is_missing (self, time - before))
    insert (self, make_packet (self, rtp, time, block));
}

/* ---- redundant packets ---- */

/* Counts the headers before the last; -1: they do not end. */
static int
count_heads (const guint8 * data, gsize size)
{
  int n = 0;

  while (size >= BLOCK_HEAD && data[0] & 0x80) {
    data += BLOCK_HEAD;
    size -= BLOCK_HEAD;
    n++;
  }
  return size >= LAST_HEAD && !(data[0] & 0x80) ? n : -1;
}

/* (transfer full) (nullable): the packet without its redundancy; what is
 * missing is put into the queue. */
static GstBuffer *
unpack (Red * self, GstRTPBuffer * rtp, GstClockTime time)
{
  const guint8 *head = gst_rtp_buffer_get_payload (rtp);
  gsize size = gst_rtp_buffer_get_payload_len (rtp);
  int n = count_heads (head, size);
  Block block = { .data = head };

  if (n < 0)
    return NULL;
  block.data = head + n * BLOCK_HEAD + LAST_HEAD;
  size -= n * BLOCK_HEAD + LAST_HEAD;
  for (int i = 0; i < n; i++, head += BLOCK_HEAD) {
    block.payload_type = head[0] & 0x7f;
    block.offset = head[1] << 6 | head[2] >> 2;
    block.back = n - i;
    block.size = (head[2] & 3) << 8 | head[3];
    if (block.size > size)
      return NULL;
    restore (self, rtp, time, &block);
    block.data += block.size;
    size -= block.size;
  }
  block.payload_type = head[0] & 0x7f;
  block.offset = block.back = 0;
  block.size = size;
  return size > 0 ? make_packet (self, rtp, time, &block) : NULL;
}

/* Takes @buffer. */
static void
take (Red * self, GstBuffer * buffer)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  GstBuffer *plain;

  if (!gst_rtp_buffer_map (buffer, GST_MAP_READ, &rtp)) {
    gst_buffer_unref (buffer);
    return;
  }
  if (gst_rtp_buffer_get_payload_type (&rtp) == self->payload_type) {
    plain = unpack (self, &rtp, GST_BUFFER_PTS (buffer));
    gst_rtp_buffer_unmap (&rtp);
    gst_buffer_unref (buffer);
    buffer = plain;
  } else {
    gst_rtp_buffer_unmap (&rtp);
  }
  if (buffer != NULL)
    insert (self, buffer);
}

/* ---- the pad ---- */

/* What is before @until; NONE: all. */
static GstFlowReturn
release (Red * self, GstPad * pad, GstClockTime until)
{
  GstFlowReturn flow = GST_FLOW_OK;
  GstBuffer *first;

  self->passing = TRUE;
  while (flow == GST_FLOW_OK
      && (first = g_queue_peek_head (&self->waiting)) != NULL
      && GST_BUFFER_PTS (first) < until)
    flow = gst_pad_chain (pad, g_queue_pop_head (&self->waiting));
  self->passing = FALSE;
  return flow;
}

static GstPadProbeReturn
on_data_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Red *self = user_data;
  GstBuffer *buffer;
  GstClockTime time;

  if (self->passing)
    return GST_PAD_PROBE_OK;
  if (info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM) {
    if (GST_EVENT_TYPE (GST_PAD_PROBE_INFO_EVENT (info)) == GST_EVENT_EOS)
      release (self, pad, GST_CLOCK_TIME_NONE);
    return GST_PAD_PROBE_OK;
  }
  buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  time = GST_BUFFER_PTS (buffer);
  if (!GST_CLOCK_TIME_IS_VALID (time))
    return GST_PAD_PROBE_OK;
  info->data = NULL;
  take (self, buffer);
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) = release (self, pad,
      time - MIN (time, LONGEST_OFFSET));
  return GST_PAD_PROBE_HANDLED;
}

void
bif_rec_unpack_red (GstPad * pad, guint payload_type, guint clock_rate)
{
  Red *self = g_new0 (Red, 1);

  self->payload_type = payload_type;
  self->clock_rate = clock_rate;
  g_queue_init (&self->waiting);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER
      | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, on_data_any_thread, self,
      red_free);
}
