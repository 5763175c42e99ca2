/* fields.c: the fields of join, joinandconfigure, configure and publish, which
 * publishers and subscribers share. Constant: any thread. */
#include "plugins/videoroom/videoroom.h"

#define CONFIGURE_FIELDS(Params, at) \
  { "audiocodec", BIF_FIELD_STRING, 0, \
      BIF_FIELD_CHECK (Params, at audiocodec, const char *), 0, \
      "codec to accept, with an offer" }, \
  { "videocodec", BIF_FIELD_STRING, 0, \
      BIF_FIELD_CHECK (Params, at videocodec, const char *), 0, \
      "codec to accept, with an offer" }, \
  { "bitrate", BIF_FIELD_MAYBE_UINT, 0, \
      BIF_FIELD_CHECK (Params, at bitrate, BifMaybeInt), G_MAXINT32, \
      "cap on what is published, bit/s" }, \
  { "keyframe", BIF_FIELD_MAYBE_BOOL, 0, \
      BIF_FIELD_CHECK (Params, at keyframe, BifMaybeBool), 0, \
      "ask the publisher for keyframes" }, \
  { "record", BIF_FIELD_MAYBE_BOOL, 0, \
      BIF_FIELD_CHECK (Params, at record, BifMaybeBool), 0, \
      "record what is published" }, \
  { "filename", BIF_FIELD_STRING, 0, \
      BIF_FIELD_CHECK (Params, at filename, const char *), 0, \
      "base of the recording's file names" }, \
  { "audio", BIF_FIELD_MAYBE_BOOL, 0, \
      BIF_FIELD_CHECK (Params, at audio, BifMaybeBool), 0, \
      "mutes all audio; streams is better" }, \
  { "video", BIF_FIELD_MAYBE_BOOL, 0, \
      BIF_FIELD_CHECK (Params, at video, BifMaybeBool), 0, \
      "mutes all video; streams is better" }, \
  { "data", BIF_FIELD_MAYBE_BOOL, 0, \
      BIF_FIELD_CHECK (Params, at data, BifMaybeBool), 0, \
      "mutes all data; streams is better" }, \
  { "update", BIF_FIELD_MAYBE_BOOL, 0, \
      BIF_FIELD_CHECK (Params, at update, BifMaybeBool), 0, \
      "subscribers: offer anew" }, \
  { "restart", BIF_FIELD_MAYBE_BOOL, 0, \
      BIF_FIELD_CHECK (Params, at restart, BifMaybeBool), 0, \
      "subscribers: restart ICE" }, \
  { "audio_active_packets", BIF_FIELD_MAYBE_UINT, 0, \
      BIF_FIELD_CHECK (Params, at audio_active_packets, BifMaybeInt), \
      G_MAXINT32, "packets that a level is averaged over" }, \
  { "audio_level_average", BIF_FIELD_MAYBE_UINT, 0, \
      BIF_FIELD_CHECK (Params, at audio_level_average, BifMaybeInt), \
      G_MAXINT32, "who is louder talks; 127 silent, 0 loud" }, \
  { "descriptions", BIF_FIELD_ARRAY, 0, \
      BIF_FIELD_CHECK (Params, at descriptions, JsonArray *), 0, \
      "of {mid, description}" }, \
  { "mid", BIF_FIELD_STRING, 0, \
      BIF_FIELD_CHECK (Params, at item.mid, const char *), 0, \
      "m-line that the next ones are for" }, \
  { "send", BIF_FIELD_MAYBE_BOOL, 0, \
      BIF_FIELD_CHECK (Params, at item.send, BifMaybeBool), 0, \
      "FALSE mutes" }, \
  { "substream", BIF_FIELD_MAYBE_UINT, 0, \
      BIF_FIELD_CHECK (Params, at item.substream, BifMaybeInt), 0, \
      "simulcast layer wanted" }, \
  { "temporal", BIF_FIELD_MAYBE_UINT, 0, \
      BIF_FIELD_CHECK (Params, at item.temporal, BifMaybeInt), 0, \
      "temporal layer wanted" }, \
  { "fallback", BIF_FIELD_MAYBE_UINT, 0, \
      BIF_FIELD_CHECK (Params, at item.fallback, BifMaybeInt), 0, \
      "silence after which a lower layer is taken, us" }, \
  { "spatial_layer", BIF_FIELD_MAYBE_UINT, 0, \
      BIF_FIELD_CHECK (Params, at item.spatial_layer, BifMaybeInt), 0, \
      "SVC layer wanted" }, \
  { "temporal_layer", BIF_FIELD_MAYBE_UINT, 0, \
      BIF_FIELD_CHECK (Params, at item.temporal_layer, BifMaybeInt), 0, \
      "SVC temporal layer wanted" }, \
  { "min_delay", BIF_FIELD_MAYBE_INT, 0, \
      BIF_FIELD_CHECK (Params, at item.min_delay, BifMaybeInt), 0, \
      "playout delay, in 10 ms" }, \
  { "max_delay", BIF_FIELD_MAYBE_INT, 0, \
      BIF_FIELD_CHECK (Params, at item.max_delay, BifMaybeInt), 0, \
      "playout delay, in 10 ms" }

#define JOIN_FIELDS \
  BIF_MAYBE_ID (VrJoinParams, room, BIF_OPTIONAL, "room to enter"), \
  BIF_STRING (VrJoinParams, ptype, BIF_OPTIONAL, \
      "publisher or subscriber"), \
  BIF_MAYBE_ID (VrJoinParams, id, BIF_OPTIONAL, \
      "publisher's id; a new one otherwise"), \
  BIF_STRING (VrJoinParams, display, BIF_OPTIONAL, "name"), \
  BIF_OBJECT (VrJoinParams, metadata, BIF_OPTIONAL, "shown to others"), \
  BIF_STRING (VrJoinParams, pin, BIF_OPTIONAL, "the room's"), \
  BIF_STRING (VrJoinParams, token, BIF_OPTIONAL, \
      "of the allowed ones, or signed"), \
  BIF_ARRAY (VrJoinParams, streams, BIF_OPTIONAL, \
      "subscribers: of {feed, mid, ...}"), \
  BIF_MAYBE_ID (VrJoinParams, feed, BIF_OPTIONAL, \
      "subscribers: publisher; streams is better"), \
  BIF_MAYBE_UINT (VrJoinParams, private_id, BIF_OPTIONAL, 0, \
      "subscribers: of the publisher that they are too"), \
  BIF_MAYBE_BOOL (VrJoinParams, use_msid, BIF_OPTIONAL, \
      "subscribers: publishers' ids as msid"), \
  BIF_MAYBE_BOOL (VrJoinParams, autoupdate, BIF_OPTIONAL, \
      "subscribers: offer anew when a source goes"), \
  BIF_MAYBE_BOOL (VrJoinParams, offer_audio, BIF_OPTIONAL, "with feed"), \
  BIF_MAYBE_BOOL (VrJoinParams, offer_video, BIF_OPTIONAL, "with feed"), \
  BIF_MAYBE_BOOL (VrJoinParams, offer_data, BIF_OPTIONAL, "with feed")


const BifField vr_join_fields[] = { JOIN_FIELDS, { NULL } };

const BifField vr_joinandconfigure_fields[] = {
  JOIN_FIELDS, CONFIGURE_FIELDS (VrJoinParams, configure.),
  { NULL }
};

const BifField vr_configure_fields[] = {
  CONFIGURE_FIELDS (VrConfigureParams,),
  BIF_STRING (VrConfigureParams, secret, BIF_OPTIONAL, "with record"),
  BIF_STRING (VrConfigureParams, display, BIF_OPTIONAL, "name"),
  BIF_OBJECT (VrConfigureParams, metadata, BIF_OPTIONAL, "shown to others"),
  BIF_ARRAY (VrConfigureParams, streams, BIF_OPTIONAL,
      "of {mid, send, ...}"),
  { NULL }
};
