/* audio-level.c: tells talking from silence. Called on I/O threads under the
 * owner's lock; no allocation. */
#include "packet/audio-level.h"

#define LEVEL_MASK 0x7f         /* the top bit is the sender's own guess */

void
bif_audio_level_set (BifAudioLevel * self, guint window, guint threshold)
{
  if (self->window == window && self->threshold == threshold)
    return;
  self->window = window;
  self->threshold = threshold;
  self->count = self->sum = 0;
}

gboolean
bif_audio_level_add (BifAudioLevel * self, guint8 value)
{
  gboolean before = self->talking;

  if (self->window == 0)
    return FALSE;
  self->sum += value & LEVEL_MASK;
  if (++self->count < self->window)
    return FALSE;
  self->mean = (double) self->sum / self->count;
  self->count = self->sum = 0;
  self->talking = self->mean < self->threshold;
  return self->talking != before;
}
