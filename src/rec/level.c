/* level.c: reads header extensions of one byte: levels, orientations. Streaming
 * thread. */
#include "rec/level.h"

#include <glib/gi18n.h>
#include <gst/rtp/rtp.h>

gboolean
bif_rec_extension (GstBuffer * packet, int id, guint8 * value)
{
  GstRTPBuffer rtp = GST_RTP_BUFFER_INIT;
  gpointer data = NULL;
  guint8 bits;
  guint size = 0;
  gboolean found;

  if (id < 1 || id > 255 || !gst_rtp_buffer_map (packet, GST_MAP_READ, &rtp))
    return FALSE;
  found = (id < 15 && gst_rtp_buffer_get_extension_onebyte_header (&rtp, id, 0,
          &data, &size))
      || gst_rtp_buffer_get_extension_twobytes_header (&rtp, &bits, id, 0,
      &data, &size);
  found = found && size >= 1;
  if (found)
    *value = *(guint8 *) data;
  gst_rtp_buffer_unmap (&rtp);
  return found;
}

void
bif_rec_level_note (BifRecLevel * self, GstBuffer * packet, GstClockTime time)
{
  guint8 value;

  if (!bif_rec_extension (packet, self->id, &value))
    return;
  value &= 0x7f;
  self->loudest = self->count > 0 ? MIN (self->loudest, value) : value;
  self->sum += value;
  self->count++;
  if (self->log)
    g_printerr (_("At %.2f s: audio level -%u dB\n"), (double) time
        / GST_SECOND, value);
}
