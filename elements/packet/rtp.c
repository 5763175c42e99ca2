/* rtp: reads and writes RTP headers. Runs per packet on the I/O threads, on
 * bytes from the network. */
#include "packet/rtp.h"

#include <string.h>
#include "packet/bytes.h"

#define FIXED_HEADER 12
#define ONE_BYTE 0xbede
#define TWO_BYTE 0x1000         /* the low four bits are the application's */

static const char *const uris[BIF_EXT_COUNT] = {
  [BIF_EXT_MID] = "urn:ietf:params:rtp-hdrext:sdes:mid",
  [BIF_EXT_RID] = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id",
  [BIF_EXT_REPAIRED_RID] =
      "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id",
  [BIF_EXT_AUDIO_LEVEL] = "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
  [BIF_EXT_TOFFSET] = "urn:ietf:params:rtp-hdrext:toffset",
  [BIF_EXT_ABS_SEND_TIME] =
      "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
  [BIF_EXT_ABS_CAPTURE_TIME] =
      "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time",
  [BIF_EXT_VIDEO_ORIENTATION] = "urn:3gpp:video-orientation",
  [BIF_EXT_TRANSPORT_CC] = "http://www.ietf.org/id/"
      "draft-holmer-rmcat-transport-wide-cc-extensions-01",
  [BIF_EXT_PLAYOUT_DELAY] =
      "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay",
  [BIF_EXT_DEPENDENCY_DESCRIPTOR] = "https://aomediacodec.github.io/"
      "av1-rtp-spec/#dependency-descriptor-rtp-header-extension",
  [BIF_EXT_VIDEO_LAYERS_ALLOCATION] = "http://www.webrtc.org/experiments/"
      "rtp-hdrext/video-layers-allocation00",
};

/**
 * bif_ext_uri:
 * @ext: an extension
 *
 * Returns: (nullable): what SDP calls it
 */
const char *
bif_ext_uri (BifExt ext)
{
  return (guint) ext < BIF_EXT_COUNT ? uris[ext] : NULL;
}

/**
 * bif_ext_from_uri:
 * @uri: (nullable): what SDP calls it
 *
 * Returns: the extension, %BIF_EXT_NONE where unknown
 */
BifExt
bif_ext_from_uri (const char *uri)
{
  guint ext;

  for (ext = BIF_EXT_NONE + 1; ext < BIF_EXT_COUNT; ext++) {
    if (g_strcmp0 (uri, uris[ext]) == 0)
      return ext;
  }
  return BIF_EXT_NONE;
}

/**
 * bif_ext_map_set:
 * @map: negotiated ids
 * @ext: an extension
 * @id: its id, 0 to forget it
 *
 * Ends whatever @ext and @id stood for before.
 */
void
bif_ext_map_set (BifExtMap * map, BifExt ext, guint8 id)
{
  if (ext <= BIF_EXT_NONE || ext >= BIF_EXT_COUNT)
    return;

  map->ext[map->id[ext]] = BIF_EXT_NONE;
  map->id[map->ext[id]] = 0;
  map->id[BIF_EXT_NONE] = 0;
  map->id[ext] = id;
  if (id != 0)
    map->ext[id] = ext;
}

/**
 * bif_rtp_is_rtcp:
 * @data: a packet that is RTP or RTCP
 * @size: bytes of it
 *
 * Returns: whether it is RTCP
 */
gboolean
bif_rtp_is_rtcp (const guint8 * data, gsize size)
{
  return size >= 2 && data[1] >= 192 && data[1] <= 223;
}

/* The first of two elements with the same id counts. */
static void
take_element (BifRtpHeader * header, const BifExtMap * map, guint8 id,
    const guint8 * data, gsize size)
{
  guint8 ext = map->ext[id];

  if (ext == BIF_EXT_NONE || ext >= BIF_EXT_COUNT
      || header->ext[ext].data != NULL)
    return;
  header->ext[ext].data = data;
  header->ext[ext].size = (guint8) size;
}

/* RFC 8285, 4.2. */
static void
parse_one_byte (BifRtpHeader * header, const guint8 * data, gsize size,
    const BifExtMap * map)
{
  gsize offset = 0;

  while (offset < size) {
    guint8 id = data[offset] >> 4;
    gsize length = (data[offset] & 15) + 1;

    if (data[offset] == 0) {
      offset++;                 /* padding */
      continue;
    }
    /* 15 ends the elements, and so does an id of 0 with a length. */
    if (id == 0 || id == 15 || length > size - offset - 1)
      return;
    take_element (header, map, id, data + offset + 1, length);
    offset += 1 + length;
  }
}

/* RFC 8285, 4.3. */
static void
parse_two_byte (BifRtpHeader * header, const guint8 * data, gsize size,
    const BifExtMap * map)
{
  gsize offset = 0;

  while (offset < size) {
    guint8 id = data[offset];
    gsize length;

    if (id == 0) {
      offset++;
      continue;
    }
    if (size - offset < 2)
      return;
    length = data[offset + 1];
    if (length > size - offset - 2)
      return;
    take_element (header, map, id, data + offset + 2, length);
    offset += 2 + length;
  }
}

/* @header->header_size is where the extension block begins. */
static gboolean
parse_extensions (BifRtpHeader * header, const guint8 * data, gsize size,
    const BifExtMap * map)
{
  const guint8 *block = data + header->header_size;
  guint16 profile;
  gsize length;

  if (size - header->header_size < 4)
    return FALSE;
  profile = bif_get_be16 (block);
  length = 4 * (gsize) bif_get_be16 (block + 2);
  if (length > size - header->header_size - 4)
    return FALSE;
  header->header_size += 4 + length;

  if (map == NULL)
    return TRUE;
  if (profile == ONE_BYTE)
    parse_one_byte (header, block + 4, length, map);
  else if ((profile & 0xfff0) == TWO_BYTE)
    parse_two_byte (header, block + 4, length, map);
  return TRUE;
}

/**
 * bif_rtp_parse:
 * @header: (out): what the packet begins with; values point into @data
 * @data: a packet, protected or not
 * @size: bytes of it
 * @map: (nullable): the ids of the extensions to look for
 *
 * Returns: %FALSE where it is not RTP version 2 or any length points outside
 */
gboolean
bif_rtp_parse (BifRtpHeader * header, const guint8 * data, gsize size,
    const BifExtMap * map)
{
  memset (header, 0, sizeof *header);
  if (size < FIXED_HEADER || data[0] >> 6 != 2)
    return FALSE;

  header->padding = (data[0] & 0x20) != 0;
  header->marker = data[1] >> 7;
  header->payload_type = data[1] & 0x7f;
  header->sequence = bif_get_be16 (data + 2);
  header->timestamp = bif_get_be32 (data + 4);
  header->ssrc = bif_get_be32 (data + 8);
  header->header_size = FIXED_HEADER + 4 * (data[0] & 15);
  if (header->header_size > size)
    return FALSE;

  return (data[0] & 0x10) == 0 || parse_extensions (header, data, size, map);
}

/**
 * bif_rtp_padding:
 * @payload: a clear payload whose header says that there is padding
 * @size: bytes of it
 *
 * Returns: bytes of padding, at least 1, or -1 where that lies
 */
gssize
bif_rtp_padding (const guint8 * payload, gsize size)
{
  if (size == 0 || payload[size - 1] == 0 || payload[size - 1] > size)
    return -1;
  return payload[size - 1];
}

/* What the block of extensions has room for, its own header not counted. */
#define EXT_ROOM (BIF_RTP_MAX_HEADER - FIXED_HEADER - 4)

static gboolean
to_be_written (const BifRtpHeader * header, const BifExtMap * map, guint ext)
{
  return header->ext[ext].data != NULL && map->id[ext] != 0
      && header->ext[ext].size + 2 <= EXT_ROOM;
}

static gboolean
needs_two_bytes (const BifRtpHeader * header, const BifExtMap * map)
{
  guint ext;

  for (ext = BIF_EXT_NONE + 1; ext < BIF_EXT_COUNT; ext++) {
    if (to_be_written (header, map, ext)
        && (map->id[ext] > 14 || header->ext[ext].size == 0
            || header->ext[ext].size > 16))
      return TRUE;
  }
  return FALSE;
}

/* Writes the elements at @out and returns their bytes, padded; 0 for none. */
static gsize
write_elements (guint8 * out, const BifRtpHeader * header,
    const BifExtMap * map, gboolean two_byte)
{
  gsize prefix = two_byte ? 2 : 1;
  gsize size = 0;
  guint ext;

  for (ext = BIF_EXT_NONE + 1; ext < BIF_EXT_COUNT; ext++) {
    const BifExtValue *value = &header->ext[ext];

    if (!to_be_written (header, map, ext)
        || size + prefix + value->size > EXT_ROOM)
      continue;
    if (two_byte) {
      out[size] = map->id[ext];
      out[size + 1] = value->size;
    } else {
      out[size] = (guint8) (map->id[ext] << 4 | (value->size - 1));
    }
    memcpy (out + size + prefix, value->data, value->size);
    size += prefix + value->size;
  }
  while (size % 4 != 0)
    out[size++] = 0;

  return size;
}

/**
 * bif_rtp_write:
 * @out: room for %BIF_RTP_MAX_HEADER bytes, apart from the values
 * @header: what to write; its size does not matter
 * @map: (nullable): ids of the extensions, those without one are left out
 *
 * Returns: bytes written, a multiple of four
 */
gsize
bif_rtp_write (guint8 * out, const BifRtpHeader * header,
    const BifExtMap * map)
{
  gboolean two_byte;
  gsize size = 0;

  out[0] = 0x80 | (header->padding ? 0x20 : 0);
  out[1] = (header->marker ? 0x80 : 0) | (header->payload_type & 0x7f);
  bif_put_be16 (out + 2, header->sequence);
  bif_put_be32 (out + 4, header->timestamp);
  bif_put_be32 (out + 8, header->ssrc);
  if (map == NULL)
    return FIXED_HEADER;

  two_byte = needs_two_bytes (header, map);
  size = write_elements (out + FIXED_HEADER + 4, header, map, two_byte);
  if (size == 0)
    return FIXED_HEADER;

  out[0] |= 0x10;
  bif_put_be16 (out + FIXED_HEADER, two_byte ? TWO_BYTE : ONE_BYTE);
  bif_put_be16 (out + FIXED_HEADER + 2, (guint16) (size / 4));
  return FIXED_HEADER + 4 + size;
}

/**
 * bif_rtp_extend:
 * @highest: the highest extended number seen
 * @sequence: a sequence number off the wire
 *
 * Returns: the number nearest to @highest that ends in @sequence; never one
 *   below 0
 */
guint64
bif_rtp_extend (guint64 highest, guint16 sequence)
{
  gint16 step = (gint16) (guint16) (sequence - (guint16) highest);

  if (step < 0 && (guint64) - (gint) step > highest)
    return sequence;
  return highest + (gint64) step;
}
