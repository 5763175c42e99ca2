/* playout.h: a recording that is played whole: its parts one after another,
 * each by a player of its own (player.h), with the duration and positions of
 * all. Main thread. */
#pragma once

#include "media/player.h"

G_BEGIN_DECLS

#define BIF_TYPE_PLAYOUT (bif_playout_get_type ())
G_DECLARE_FINAL_TYPE (BifPlayout, bif_playout, BIF, PLAYOUT, GObject)

/**
 * BifPlayoutFiles:
 * @paths: NULL-terminated: what is played first: a container, or .mjr files
 *   that belong together
 * @parts: (nullable) NULL-terminated: containers that go on from there, one by
 *   one; what cannot be read of them is left out
 * @data: (nullable): .mjr of messages that belong to the whole
 * @began_us: when @paths began, microseconds since 1970, for @data, which says
 *   it itself; 0: not known, @data begins with the rest
 */
typedef struct
{
  const char *const *paths;
  const char *const *parts;
  const char *data;
  gint64 began_us;
} BifPlayoutFiles;

/**
 * BifPlayout signals, on the main thread, are those of BifPlayer: "ready",
 * "data", "ended".
 *
 * bif_playout_new:
 * @template_: as for bif_player_new()
 * @shared: as bif_player_set_shared() has it
 * @error: BIF_ERROR_INVALID_RECORDING where none of @files' paths can be read
 */
BifPlayout *bif_playout_new (const BifTemplate * template_,
    const BifPlayoutFiles * files, gboolean shared, GError ** error);
gboolean bif_playout_is_ready (BifPlayout * self);
/* Of BifPlayerMedium; what any of the parts has. Empty before "ready". */
const GPtrArray *bif_playout_media (BifPlayout * self);
gint64 bif_playout_duration_ms (BifPlayout * self);     /* -1: not known */
gint64 bif_playout_position_ms (BifPlayout * self);
/* What a track that is sent takes, in this part and those that follow. */
void bif_playout_connect (BifPlayout * self, BifTrack * track);
void bif_playout_start (BifPlayout * self);
void bif_playout_set_paused (BifPlayout * self, gboolean paused);
/* To the keyframe at or before it. FALSE where that is not possible. */
gboolean bif_playout_seek (BifPlayout * self, gint64 position_ms);
/* Idempotent. */
void bif_playout_close (BifPlayout * self);

G_END_DECLS
