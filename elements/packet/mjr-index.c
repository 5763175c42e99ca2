/* mjr-index.c: collects, sorts and searches the frames of an .mjr file. */
#include "packet/mjr-index.h"
#include "packet/bytes.h"
#include "packet/rtp.h"

#include <string.h>

/* Microseconds: whatever a message says, its time in nanoseconds fits. */
#define MAX_DATA_TIME (G_GINT64_CONSTANT (1) << 53)

struct _BifMjrIndex
{
  BifCodec codec;
  int payload_type;
  GArray *entries;              /* of BifMjrEntry */
  gboolean started;
  guint32 ssrc;
  guint8 first_payload_type;
  guint64 highest;              /* extended sequence number */
  gint64 newest;                /* extended timestamp */
  guint32 newest_ms;
  guint silence_distance, silence_frame;
  guint32 last_timestamp;       /* the newest one as it came, and with it */
  guint16 last_sequence;
  gboolean silent;              /* a talk has ended */
};

BifMjrIndex *
bif_mjr_index_new (BifCodec codec, int payload_type)
{
  BifMjrIndex *self = g_new0 (BifMjrIndex, 1);

  self->codec = codec;
  self->payload_type = payload_type;
  self->entries = g_array_new (FALSE, FALSE, sizeof (BifMjrEntry));
  return self;
}

void
bif_mjr_index_free (BifMjrIndex * self)
{
  g_array_unref (self->entries);
  g_free (self);
}

/* The extended timestamp nearest to the newest one. */
static gint64
extend_timestamp (BifMjrIndex * self, guint32 timestamp)
{
  gint32 ahead = (gint32) (timestamp - (guint32) self->newest);

  return self->newest + ahead;
}

static void
start (BifMjrIndex * self, const BifRtpHeader * header)
{
  self->started = TRUE;
  self->ssrc = header->ssrc;
  self->first_payload_type = header->payload_type;
  self->highest = 0x10000 | header->sequence;
  self->newest = header->timestamp;
  self->last_timestamp = header->timestamp;
  self->last_sequence = header->sequence;
}

void
bif_mjr_index_drop_silence (BifMjrIndex * self, guint distance, guint frame)
{
  self->silence_distance = distance;
  self->silence_frame = frame;
}

/* What begins a talk after it is always taken. */
static gboolean
ends_talk (BifMjrIndex * self, const BifRtpHeader * header)
{
  gint64 packets = ABS ((gint16) (header->sequence - self->last_sequence));
  gint64 ticks = (gint32) (header->timestamp - self->last_timestamp);

  self->silent = !self->silent && header->marker
      && packets < self->silence_distance
      && ABS (ticks) > 10 * packets * self->silence_frame;
  return self->silent;
}

static void
note_newest (BifMjrIndex * self, const BifRtpHeader * header)
{
  if ((gint32) (header->timestamp - self->last_timestamp) <= 0)
    return;
  self->last_timestamp = header->timestamp;
  self->last_sequence = header->sequence;
}

void
bif_mjr_index_add_rtp (BifMjrIndex * self, const guint8 * content,
    guint16 size, guint64 offset, guint32 ms)
{
  BifRtpHeader header;
  BifMjrEntry entry = { .offset = offset, .ms = ms, .size = size };
  gsize payload_size;
  gssize padding = 0;

  if (!bif_rtp_parse (&header, content, size, NULL)
      || (self->payload_type >= 0
          && header.payload_type != self->payload_type))
    return;
  payload_size = size - header.header_size;
  if (header.padding)
    padding = bif_rtp_padding (content + header.header_size, payload_size);
  if (padding < 0 || (gsize) padding >= payload_size)
    return;
  if (!self->started)
    start (self, &header);
  if (header.ssrc != self->ssrc || (self->silence_distance > 0
          && ends_talk (self, &header)))
    return;
  note_newest (self, &header);
  entry.size -= padding;
  entry.sequence = bif_rtp_extend (self->highest, header.sequence);
  entry.timestamp = extend_timestamp (self, header.timestamp);
  entry.keyframe = bif_payload_is_keyframe (self->codec,
      content + header.header_size, payload_size - padding);
  self->highest = MAX (self->highest, entry.sequence);
  self->newest = MAX (self->newest, entry.timestamp);
  g_array_append_val (self->entries, entry);
}

void
bif_mjr_index_add_data (BifMjrIndex * self, const guint8 * content,
    guint16 size, guint64 offset, guint32 ms)
{
  BifMjrEntry entry = { .ms = ms, .keyframe = TRUE };

  if (size < 8)
    return;
  entry.timestamp = MIN (bif_get_be64 (content), MAX_DATA_TIME);
  entry.sequence = self->entries->len;
  entry.offset = offset + 8;
  entry.size = size - 8;
  g_array_append_val (self->entries, entry);
}

void
bif_mjr_index_add_raw (BifMjrIndex * self, const guint8 * content,
    guint16 size, guint64 offset, guint32 ms)
{
  BifMjrEntry entry = { .offset = offset, .ms = ms, .size = size };
  BifRtpHeader header;

  if (!self->started && bif_rtp_parse (&header, content, size, NULL))
    start (self, &header);
  self->newest_ms = MAX (self->newest_ms, ms);
  entry.timestamp = self->newest_ms;
  entry.sequence = self->entries->len;
  entry.keyframe = TRUE;
  g_array_append_val (self->entries, entry);
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const BifMjrEntry *first = a, *second = b;

  if (first->timestamp != second->timestamp)
    return first->timestamp < second->timestamp ? -1 : 1;
  if (first->sequence != second->sequence)
    return first->sequence < second->sequence ? -1 : 1;
  return 0;
}

void
bif_mjr_index_finish (BifMjrIndex * self)
{
  BifMjrEntry *entry;
  guint kept = 0;

  if (self->entries->len == 0)
    return;
  g_array_sort (self->entries, compare_entries);
  entry = (BifMjrEntry *) self->entries->data;
  for (guint i = 1; i < self->entries->len; i++) {
    if (compare_entries (&entry[kept], &entry[i]) != 0)
      entry[++kept] = entry[i];
  }
  g_array_set_size (self->entries, kept + 1);
}

void
bif_mjr_index_time_by_arrival (BifMjrIndex * self)
{
  gint64 frame = 0;
  guint32 ms = 0;

  for (guint i = 0; i < self->entries->len; i++) {
    BifMjrEntry *entry = &g_array_index (self->entries, BifMjrEntry, i);

    if (i == 0 || entry->timestamp != frame)
      ms = MAX (ms, entry->ms);
    frame = entry->timestamp;
    entry->timestamp = ms;
  }
}

BifMjrEntry *
bif_mjr_index_edit (BifMjrIndex * self)
{
  return (BifMjrEntry *) self->entries->data;
}

void
bif_mjr_index_truncate (BifMjrIndex * self, guint length)
{
  g_array_set_size (self->entries, MIN (length, self->entries->len));
}

guint
bif_mjr_index_length (const BifMjrIndex * self)
{
  return self->entries->len;
}

const BifMjrEntry *
bif_mjr_index_get (const BifMjrIndex * self, guint i)
{
  return &g_array_index (self->entries, BifMjrEntry, i);
}

guint32
bif_mjr_index_ssrc (const BifMjrIndex * self)
{
  return self->ssrc;
}

guint8
bif_mjr_index_payload_type (const BifMjrIndex * self)
{
  return self->first_payload_type;
}

guint
bif_mjr_index_find (const BifMjrIndex * self, gint64 timestamp)
{
  guint low = 0, high = self->entries->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (bif_mjr_index_get (self, middle)->timestamp <= timestamp)
      low = middle + 1;
    else
      high = middle;
  }
  while (low > 0 && !bif_mjr_index_get (self, low - 1)->keyframe)
    low--;
  return low > 0 ? low - 1 : 0;
}
