/* mjr-header.h: the JSON header of an .mjr file (recordplay.md 4.2) and the
 * caps that say the same. Plain values; any thread. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * BifMjrHeader:
 * @kind: 'a', 'v' or 'd'
 * @codec: API name: "opus", "vp8", "text", ...
 * @fmtp, @description: (nullable)
 * @extensions: (nullable): fields "extmap-<id>" as in caps
 * @created_us, @first_us: microseconds since 1970
 * @red: payload type of RED; -1: none
 */
typedef struct
{
  char kind;
  char *codec;
  char *fmtp;
  char *description;
  GstStructure *extensions;
  gint64 created_us, first_us;
  int red;
  gboolean encrypted;
} BifMjrHeader;

void bif_mjr_header_clear (BifMjrHeader * self);

/* @version: of the file; 0 has the text "audio", "video" or "data" in place of
 * JSON. @error: GST_STREAM_ERROR_DEMUX, what is wrong or missing in the text */
gboolean bif_mjr_header_parse (BifMjrHeader * self, const char *text,
    gsize size, int version, GError ** error);
/* Returns: (transfer full): JSON, keys in the order of the specification */
char *bif_mjr_header_write (const BifMjrHeader * self);

/* Codec, kind and extensions of what application/x-rtp or a data stream's
 * @caps say; FALSE where .mjr knows no such codec. */
gboolean bif_mjr_header_set_caps (BifMjrHeader * self, GstCaps * caps);
/* @payload_type, @ssrc: of the first packet. NULL where the codec is unknown. */
GstCaps *bif_mjr_header_to_caps (const BifMjrHeader * self,
    guint payload_type, guint32 ssrc);
/* Hz; 1,000,000 for data, whose times are microseconds; 0: unknown codec. */
guint bif_mjr_header_clock_rate (const BifMjrHeader * self);

G_END_DECLS
