/* player.h: plays a recording: one read of the file, paced by its timestamps,
 * into streams of the packet path that any number of peers are sent. A pipeline
 * of its own. Main thread. */
#pragma once

#include "media/peer.h"

G_BEGIN_DECLS

#define BIF_TYPE_PLAYER (bif_player_get_type ())
G_DECLARE_FINAL_TYPE (BifPlayer, bif_player, BIF, PLAYER, GObject)

/**
 * BifPlayerMedium: what a file holds of one kind.
 * @codec: API name: "opus", "vp8", ...
 * @fmtp: (nullable): "profile-id=2"
 */
typedef struct
{
  BifMediaKind kind;
  char *codec;
  char *fmtp;
} BifPlayerMedium;

/**
 * BifPlayer signals, on the main thread:
 *   "ready" (): media and duration are known
 *   "data" (BifDataMessage *): of a data recording
 *   "sought" (): what bif_player_seek() asked for, or that failed
 *   "ended" (const char *error): (nullable): at the end, or where it failed
 *
 * bif_player_new:
 * @template_: has sections play-webm, play-mkv, play-mp4, play-ogg, play-mjr
 * @paths: NULL-terminated: a container, or .mjr files that belong together
 * @error: BIF_ERROR_INVALID_RECORDING where none of them can be read
 */
BifPlayer *bif_player_new (const BifTemplate * template_,
    const char *const *paths, GError ** error);
/* Right after it was made: tracks may be connected at any time, and get a
 * picture at once, by what there was since the last keyframe. */
void bif_player_set_shared (BifPlayer * self);
gboolean bif_player_is_ready (BifPlayer * self);
/* Of BifPlayerMedium; empty before "ready". */
const GPtrArray *bif_player_media (BifPlayer * self);
gint64 bif_player_duration_ms (BifPlayer * self);       /* -1: not known */
gint64 bif_player_position_ms (BifPlayer * self);
/* When the first of its files began, microseconds since 1970; -1: none says
 * so. Known once it is ready. */
gint64 bif_player_started_us (BifPlayer * self);
/* What a track that is sent takes: its kind's medium. FALSE where there is
 * none. */
gboolean bif_player_connect (BifPlayer * self, BifTrack * track);
void bif_player_start (BifPlayer * self);
void bif_player_set_paused (BifPlayer * self, gboolean paused);
/* To the keyframe at or before it. FALSE where the file cannot seek. */
gboolean bif_player_seek (BifPlayer * self, gint64 position_ms);
/* Idempotent. */
void bif_player_close (BifPlayer * self);

G_END_DECLS
