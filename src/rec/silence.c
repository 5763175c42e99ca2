/* silence.c: silence in place of lost Opus packets, as existing recordings of
 * Janus are converted. Streaming thread. */
#include "rec/silence.h"

#define FRAME (20 * GST_MSECOND)
/* What is further apart was no loss, and would fill a disk. */
#define LONGEST_GAP (3600 * GST_SECOND)

typedef struct
{
  GstClockTime next;            /* what comes should begin here */
  gboolean filling;             /* what passes the probe is ours */
} Silence;

/* One frame of 20 ms by the packet's first byte (RFC 6716, 3.1) is what senders
 * of WebRTC make; any other length is counted in samples. */
static GstClockTime
packet_duration (GstBuffer * buffer)
{
  static const guint silk_us[] = { 10000, 20000, 40000, 60000 };
  static const guint celt_us[] = { 2500, 5000, 10000, 20000 };
  guint8 head[2] = { 0 };
  gsize size = gst_buffer_extract (buffer, 0, head, sizeof head);
  guint config = head[0] >> 3, code = head[0] & 3;
  guint us = config < 12 ? silk_us[config & 3] : config < 16 ?
      silk_us[config & 1] : celt_us[config & 3];

  if (size == 0)
    return FRAME;
  if (code == 3 && size < 2)
    return FRAME;
  return us * GST_USECOND * (code == 0 ? 1 : code < 3 ? 2 : head[1] & 0x3f);
}

/* An empty frame of the CELT layer, stereo, full band, as long as fits into
 * @space; NULL: none does. */
static GstBuffer *
make_silence (GstClockTime time, GstClockTime space)
{
  static const guint8 first_bytes[] = { 0xfc, 0xf4, 0xec, 0xe4 };
  GstClockTime duration = FRAME;

  for (guint i = 0; i < G_N_ELEMENTS (first_bytes); i++, duration /= 2) {
    guint8 silence[] = { first_bytes[i], 0xff, 0xfe };
    GstBuffer *buffer;

    if (duration > space)
      continue;
    buffer = gst_buffer_new_memdup (silence, sizeof silence);
    GST_BUFFER_PTS (buffer) = time;
    GST_BUFFER_DURATION (buffer) = duration;
    return buffer;
  }
  return NULL;
}

/* Less than the shortest frame is left. */
static void
fill (GstPad * pad, GstClockTime from, GstClockTime to)
{
  GstFlowReturn flow = GST_FLOW_OK;
  GstBuffer *buffer;

  while (flow == GST_FLOW_OK
      && (buffer = make_silence (from, to - from)) != NULL) {
    from += GST_BUFFER_DURATION (buffer);
    flow = gst_pad_push (pad, buffer);
  }
}

static GstPadProbeReturn
on_buffer_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer user_data)
{
  Silence *self = user_data;
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  GstClockTime time = GST_BUFFER_PTS (buffer);

  if (self->filling || !GST_CLOCK_TIME_IS_VALID (time))
    return GST_PAD_PROBE_OK;
  if (GST_CLOCK_TIME_IS_VALID (self->next) && time > self->next
      && time - self->next < LONGEST_GAP) {
    self->filling = TRUE;
    fill (pad, self->next, time);
    self->filling = FALSE;
  }
  self->next = time + packet_duration (buffer);
  return GST_PAD_PROBE_OK;
}

void
bif_rec_fill_silence (GstPad * pad, GstClockTime begin)
{
  Silence *self = g_new0 (Silence, 1);

  self->next = begin;
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer_any_thread, self,
      g_free);
}
