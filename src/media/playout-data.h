/* playout-data.h: the messages of a data channel that belong to a recording
 * whose media come in parts, or in a file that says not when it began. Private
 * to playout.c. Main thread. */
#pragma once

#include "media/player.h"

G_BEGIN_DECLS

typedef struct _BifPlayoutData BifPlayoutData;

typedef void (*BifPlayoutDataFunc) (gpointer playout,
    const BifDataMessage * message);
typedef void (*BifPlayoutDataChanged) (gpointer playout);

/* @began_us: where position 0 is, microseconds since 1970; 0: at the first
 * message.
 * @func: takes messages, at their times
 * @changed: it is known now, or over */
BifPlayoutData *bif_playout_data_new (const BifTemplate * template_,
    const char *path, gint64 began_us, BifPlayoutDataFunc func,
    BifPlayoutDataChanged changed, gpointer playout);
void bif_playout_data_free (BifPlayoutData * self);
/* Whether what it holds is; TRUE also where it cannot be read. */
gboolean bif_playout_data_is_known (BifPlayoutData * self);
/* Of BifPlayerMedium (nullable) */
const GPtrArray *bif_playout_data_media (BifPlayoutData * self);
/* No message comes any more. */
gboolean bif_playout_data_is_over (BifPlayoutData * self);
void bif_playout_data_start (BifPlayoutData * self);
/* Nothing comes until it goes on at another position. */
void bif_playout_data_hold (BifPlayoutData * self);
void bif_playout_data_go_on (BifPlayoutData * self, gint64 position_ms);
void bif_playout_data_set_paused (BifPlayoutData * self, gboolean paused,
    gint64 position_ms);

G_END_DECLS
