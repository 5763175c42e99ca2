/* player-private.h: shared by player.c and player-file.c. */
#pragma once

#include "media/player.h"

G_BEGIN_DECLS

/* A file that is played. */
typedef struct
{
  BifPlayer *player;            /* not owned */
  GstElement *bin;              /* owned by the pipeline, as the next */
  GstElement *demux;
  gboolean ready;               /* all its pads are known */
  gboolean failed;
  GstClockTime start;           /* after the first of the others */
  GPtrArray *branches;          /* of BifPlayerBranch */
} BifPlayerFile;

/* A medium of a file, on its way to a stream. */
typedef struct
{
  BifPlayerFile *file;          /* not owned */
  GstPad *pad;                  /* of the demuxer, owned */
  gulong block_id;              /* 0 once it may flow */
  BifPlayerMedium medium;
  GObject *stream;              /* owned; NULL for data and what is left out */
} BifPlayerBranch;

/* The section of the template that reads @path, by what the file begins with;
 * NULL: nothing does. */
const char *bif_player_file_section (const char *path);

/* @error: BIF_ERROR_PIPELINE */
BifPlayerFile *bif_player_file_new (BifPlayer * player,
    GstElement * pipeline, const BifTemplate * template_, const char *path,
    GError ** error);
void bif_player_file_free (BifPlayerFile * self);

/* The medium of a video if there is one, else any; NULL where there is none. */
BifPlayerBranch *bif_player_file_lead (BifPlayerFile * self);
/* Lets everything flow that waits for the other files. */
void bif_player_file_release (BifPlayerFile * self);
void bif_player_file_set_offset (BifPlayerFile * self, GstClockTime offset);
GstClockTime bif_player_file_duration (BifPlayerFile * self);
/* When the recording began, microseconds since 1970; -1: not known. */
gint64 bif_player_file_started_us (BifPlayerFile * self);

/* What player.c is told, on the main thread. */
const BifTemplate *bif_player_template (BifPlayer * self);
gboolean bif_player_is_shared (BifPlayer * self);
void bif_player_add_medium (BifPlayer * self, BifPlayerMedium * medium);
void bif_player_file_changed (BifPlayer * self);
void bif_player_take_data (BifPlayer * self, GBytes * bytes, gboolean text);

G_END_DECLS
