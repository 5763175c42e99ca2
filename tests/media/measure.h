/* measure.h: what a recording of a TestSource has in it. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Measured:
 * @decoded: the whole file could be decoded
 * @duration_ms: as its end says, by the last frame of each kind
 * @flashes, @beeps: when each begins, ms, of double
 * @max_offset_ms: the most that a beep is away from the flash next to it
 * @away: pairs more than 40 ms apart; a cut through a flash or a beep makes one
 * @mean_offset_ms: beeps after flashes, the mean
 */
typedef struct
{
  gboolean decoded;
  guint video_frames, audio_buffers;
  double first_video_ms, first_audio_ms, last_video_ms, last_audio_ms;
  GArray *flashes, *beeps;
  guint pairs, away;
  double max_offset_ms, mean_offset_ms;
} Measured;

Measured *measure (const char *path);
void measured_free (Measured * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Measured, measured_free)

G_END_DECLS
