/* mjr-index.h: the frames of an .mjr file in the order they are played in:
 * sorted by RTP timestamp and sequence number, without duplicates, one SSRC
 * (recording-tools.md 1.4). Plain arithmetic; grows while frames are added. */
#pragma once

#include "packet/keyframe.h"

G_BEGIN_DECLS

/**
 * BifMjrEntry:
 * @offset: of the frame's content in the file, bytes
 * @timestamp: RTP, extended; of data recordings microseconds, never below 0
 * @sequence: RTP, extended
 * @ms: when it was written
 * @size: of the content, without RTP padding
 */
typedef struct
{
  guint64 offset;
  gint64 timestamp;
  guint64 sequence;
  guint32 ms;
  guint16 size;
  gboolean keyframe;
} BifMjrEntry;

typedef struct _BifMjrIndex BifMjrIndex;

/* @payload_type: the one that is kept; -1 for any. */
BifMjrIndex *bif_mjr_index_new (BifCodec codec, int payload_type);
void bif_mjr_index_free (BifMjrIndex * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifMjrIndex, bif_mjr_index_free)

/* Leaves out a packet with the marker, less than @distance packets behind the
 * newest one, whose timestamp is further from it than ten times as many frames
 * of @frame ticks: what telephones end a talk with. Before all is added. */
void bif_mjr_index_drop_silence (BifMjrIndex * self, guint distance,
    guint frame);

/* @content: a whole RTP packet, as the file has it at @offset. What is no RTP,
 * has no payload, or comes from another SSRC than the first is left out. */
void bif_mjr_index_add_rtp (BifMjrIndex * self, const guint8 * content,
    guint16 size, guint64 offset, guint32 ms);
/* A message of a data recording: eight bytes of time, then the text. */
void bif_mjr_index_add_data (BifMjrIndex * self, const guint8 * content,
    guint16 size, guint64 offset, guint32 ms);
/* Anything at all, padding included: in the order of adding, timed by when it was
 * written, in milliseconds. */
void bif_mjr_index_add_raw (BifMjrIndex * self, const guint8 * content,
    guint16 size, guint64 offset, guint32 ms);
/* Sorts; nothing is added after it. */
void bif_mjr_index_finish (BifMjrIndex * self);
/* After that: timestamps become milliseconds of arrival. A frame's packets, which
 * share a timestamp, share its first one's, and time never goes back. */
void bif_mjr_index_time_by_arrival (BifMjrIndex * self);

/* After finishing: frames may be moved, in order, and the last ones dropped. */
BifMjrEntry *bif_mjr_index_edit (BifMjrIndex * self);
void bif_mjr_index_truncate (BifMjrIndex * self, guint length);

guint bif_mjr_index_length (const BifMjrIndex * self);
const BifMjrEntry *bif_mjr_index_get (const BifMjrIndex * self, guint i);
guint32 bif_mjr_index_ssrc (const BifMjrIndex * self);
/* Of the first packet. */
guint8 bif_mjr_index_payload_type (const BifMjrIndex * self);
/* The last entry at or before @timestamp that playing can begin with. */
guint bif_mjr_index_find (const BifMjrIndex * self, gint64 timestamp);

G_END_DECLS
