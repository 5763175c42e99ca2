/* audio-level.h: who talks, from the levels that audio packets carry (RFC
 * 6464). A plain struct, owned by a receiver. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * BifAudioLevel:
 * @window: packets that a mean is taken over; 0: nothing is counted
 * @threshold: who is louder than this talks, -dBov: 127 silent, 0 loud
 */
typedef struct
{
  guint window;
  guint threshold;
  guint count, sum;
  double mean;                  /* of the last window, -dBov */
  gboolean talking;
} BifAudioLevel;

/* Sets the window and the threshold, and begins a window where they are others
 * than before. */
void bif_audio_level_set (BifAudioLevel * self, guint window,
    guint threshold);

/* Takes the extension's first byte of a packet. Returns: whether @talking
 * changed */
gboolean bif_audio_level_add (BifAudioLevel * self, guint8 value);

G_END_DECLS
