/* level.h: how loud a recording of audio is, by its packets' header extension.
 * Streaming thread; read when that has ended. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * BifRecLevel:
 * @id: of the extension; below 1: nothing is read
 * @log: a line on the error output for each packet
 * @count: packets that had one
 * @sum, @loudest: of how far they are below the loudest there is, in decibels
 */
typedef struct
{
  int id;
  gboolean log;
  guint count;
  guint64 sum;
  guint loudest;
} BifRecLevel;

/* Finds the extension with @id, in either form, in @packet; its first byte is
 * in @value. */
gboolean bif_rec_extension (GstBuffer * packet, int id, guint8 * value);
void bif_rec_level_note (BifRecLevel * self, GstBuffer * packet,
    GstClockTime time);

G_END_DECLS
