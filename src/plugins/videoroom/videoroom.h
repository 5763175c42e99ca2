/* videoroom.h: what the files of the plugin share: rooms, publishers, their
 * streams, subscribers and theirs. Main thread. */
#pragma once

#include "core/plugin.h"
#include "kit/id.h"
#include "kit/room.h"
#include "media/recorder.h"

G_BEGIN_DECLS

GST_DEBUG_CATEGORY_EXTERN (vr_debug);
#define GST_CAT_DEFAULT vr_debug

#define VR_MAX_CODECS 5
#define VR_URI_AUDIO_LEVEL "urn:ietf:params:rtp-hdrext:ssrc-audio-level"

typedef struct _VrPublisher VrPublisher;
typedef struct _VrSubscriber VrSubscriber;

#define VR_TYPE_PLUGIN (vr_plugin_get_type ())
G_DECLARE_FINAL_TYPE (VrPlugin, vr_plugin, VR, PLUGIN, BifPlugin)

struct _VrPlugin
{
  BifPlugin parent;
  gboolean string_ids;
  char *admin_key;              /* (nullable) */
  GHashTable *rooms;            /* id to VrRoom */
  GHashTable *recorded;         /* bases of files in use to how often */
};

/* One attach: nothing, a publisher or a subscriber. */
#define VR_TYPE_HANDLE (vr_handle_get_type ())
G_DECLARE_FINAL_TYPE (VrHandle, vr_handle, VR, HANDLE, BifHandle)

struct _VrHandle
{
  BifHandle parent;
  VrPublisher *publisher;       /* owned (nullable) */
  VrSubscriber *subscriber;     /* owned (nullable) */
};

/* ---- rooms ---- */

/**
 * VrRoom: reference counted; those who are in keep it after it is destroyed.
 * @members: of VrPublisher, publishing or not, in the order they came
 * @subscribers: of VrSubscriber
 * @fir_id: source that asks for keyframes, 0 for none
 */
typedef struct
{
  int ref_count;
  BifRoom base;
  VrPlugin *plugin;             /* NULL once destroyed */
  GPtrArray *members, *subscribers;
  gboolean require_pvtid, signed_tokens;
  guint bitrate, fir_freq, max_publishers;
  guint fir_id;
  gboolean bitrate_cap;
  char **audio_codecs, **video_codecs;
  char *vp9_profile, *h264_profile;
  gboolean opus_fec, opus_dtx;
  gboolean audiolevel_ext, videoorient_ext, playoutdelay_ext, twcc_ext;
  gboolean audiolevel_event;
  guint audio_active_packets, audio_level_average;
  gboolean record, lock_record;
  char *rec_dir;
  gboolean notify_joining, require_e2ee, dummy_publisher;
} VrRoom;

VrRoom *vr_room_ref (VrRoom * self);
void vr_room_unref (VrRoom * self);
/* @id: (nullable): a new one. @error: BIF_ERROR_ROOM_EXISTS */
VrRoom *vr_room_new (VrPlugin * plugin, const char *id, GError ** error);
/* BIF_ERROR_NO_SUCH_ROOM */
VrRoom *vr_plugin_find_room (VrPlugin * self, const char *id,
    GError ** error);
/* Everybody in it is told and put out. */
void vr_room_destroy (VrRoom * self);
VrPublisher *vr_room_find_member (VrRoom * self, const char *id);
/* Whose "private_id" it is. */
VrPublisher *vr_room_find_private (VrRoom * self, guint32 private_id);
/* Who has a PeerConnection in it. */
guint vr_room_count_publishers (VrRoom * self);
/* @event: (transfer full): to all members but @except (nullable) */
void vr_room_notify (VrRoom * self, VrPublisher * except,
    JsonObject * event);
/* Returns: (transfer full): {"videoroom": @what, "room": ...} */
JsonObject *vr_room_event (const VrRoom * self, const char *what);
/* Has publishers asked for keyframes so often, s; 0: not at all. */
void vr_room_set_fir_freq (VrRoom * self, guint seconds);
/* Those who subscribe with that private id get nothing any more. */
void vr_room_mute_subscribers (VrRoom * self, guint32 private_id);
gboolean vr_room_allows_codec (const VrRoom * self, const char *codec);

/* ---- settings.c ---- */

typedef struct
{
  BifMaybeId room;
  const char *description, *secret, *pin;
  BifMaybeBool is_private, require_pvtid, signed_tokens;
  BifMaybeInt publishers, bitrate, fir_freq;
  BifMaybeBool bitrate_cap;
  const char *audiocodec, *videocodec, *vp9_profile, *h264_profile;
  BifMaybeBool opus_fec, opus_dtx;
  BifMaybeBool audiolevel_ext, videoorient_ext, playoutdelay_ext;
  BifMaybeBool transport_wide_cc_ext;
  BifMaybeBool audiolevel_event;
  BifMaybeInt audio_active_packets, audio_level_average;
  BifMaybeBool record, lock_record;
  const char *rec_dir;
  BifMaybeBool notify_joining, require_e2ee, dummy_publisher;
  BifMaybeBool permanent;
  const char *admin_key;
  JsonArray *allowed;
} VrRoomParams;

extern const BifField vr_room_fields[];

/* BIF_ERROR_INVALID_ELEMENT for unknown codecs; nothing has changed then. */
gboolean vr_room_check_params (const VrRoomParams * params, GError ** error);
void vr_room_apply (VrRoom * self, const VrRoomParams * params);
/* The plugin's file: general keys and rooms. */
void vr_plugin_load (VrPlugin * self);

/* ---- store.c ---- */

/* Writes @room into the plugin's file; not @keep: out of it. FALSE: it could
 * not be done, which is logged. */
gboolean vr_store_save (VrPlugin * plugin, const VrRoom * room, gboolean keep);
/* Returns: (transfer full): a file's text with the category of the room @id
 * replaced or added; @category NULL: cut out */
char *vr_store_edit (const char *text, const char *id, const char *category);

/* ---- publishers ---- */

/**
 * VrStream: one m-line of a publisher; reference counted.
 * @publisher: NULL once it is gone
 * @subscriptions: of VrSubscription, plain
 */
typedef struct
{
  int ref_count;
  VrPublisher *publisher;
  BifMediaKind kind;
  guint mindex;
  char *mid;
  char *description;            /* (nullable) */
  gboolean disabled;
  gboolean sending;             /* the publisher did not mute it */
  gboolean simulcast, svc;
  gboolean has_levels;          /* audio levels were negotiated */
  gboolean talking;
  char *codec, *fmtp;           /* (nullable) */
  GPtrArray *subscriptions;
} VrStream;

VrStream *vr_stream_ref (VrStream * self);
void vr_stream_unref (VrStream * self);
/* NULL while its PeerConnection is not up. */
BifTrack *vr_stream_track (VrStream * self);

/**
 * VrPublisher: who joined as a publisher, publishing or not.
 * @room: NULL once it left
 * @up: its PeerConnection stands
 */
struct _VrPublisher
{
  VrHandle *handle;
  VrRoom *room;
  char *id;
  guint32 private_id;
  char *display;                /* (nullable) */
  JsonObject *metadata;         /* (nullable) */
  guint bitrate;
  gboolean negotiated, up, e2ee;
  guint active_packets, level_average;  /* own ones; 0: the room's */
  char *audio_codec, *video_codec;      /* asked for (nullable) */
  GPtrArray *streams;           /* of VrStream */
  gboolean recording;           /* wanted: files are open while it is up */
  char *recording_base;         /* asked for (nullable) */
  GPtrArray *recorded;          /* of char *: bases it has in use */
  BifRecorder *recorder;        /* owned (nullable) */
};

VrPublisher *vr_publisher_new (VrHandle * handle, VrRoom * room,
    const char *id);
void vr_publisher_free (VrPublisher * self);
VrStream *vr_publisher_find_stream (VrPublisher * self, const char *mid);
/* Out of the room; others are told. @kicked: in those words. */
void vr_publisher_leave (VrPublisher * self, gboolean kicked);
/* Its PeerConnection came up, or is over. */
void vr_publisher_media_up (VrPublisher * self);
void vr_publisher_hangup (VrPublisher * self);
void vr_publisher_request_keyframes (VrPublisher * self);
void vr_publisher_track_added (VrPublisher * self, BifTrack * track);
/* Has audio levels watched as the room and the publisher want it. */
void vr_publisher_watch_levels (VrPublisher * self);
/* Who talks changed: everybody in the room is told. */
void vr_publisher_talking (VrPublisher * self, BifTrack * track,
    gboolean talking, double level);
/* Relays a message to all who subscribe to its data. */
void vr_publisher_data (VrPublisher * self, const BifDataMessage * message);
/* Takes what the description holds after an offer. */
void vr_publisher_update_streams (VrPublisher * self);
/* layers.c: which of its streams have layers, from its last offer. */
void vr_publisher_note_layers (VrPublisher * self, const BifJsep * jsep);
/* Tells others that there is something new of it. */
void vr_publisher_announce (VrPublisher * self);

/* ---- subscribers ---- */

/**
 * VrSubscription: one m-line of a subscriber.
 * @sources: of VrStream: at most one but for data
 * @codec, @fmtp: of the m-line, which outlive its source
 * @fed: the publisher's track that feeds it (nullable)
 * @told: layers that the subscriber was told of
 */
typedef struct
{
  VrSubscriber *subscriber;
  BifMediaKind kind;
  guint mindex;
  char *mid;
  char *crossrefid;             /* (nullable) */
  GPtrArray *sources;
  char *codec, *fmtp;
  gboolean ready, send;
  gint64 substream, temporal, spatial_layer, temporal_layer, fallback;
  gint64 min_delay, max_delay;
  BifTrack *fed;
  BifTrackLayers told;
} VrSubscription;

void vr_subscription_free (VrSubscription * self);
VrStream *vr_subscription_source (VrSubscription * self);       /* (nullable) */
void vr_subscription_add_source (VrSubscription * self, VrStream * stream);
void vr_subscription_remove_source (VrSubscription * self,
    VrStream * stream);
void vr_subscription_remove_sources (VrSubscription * self);
/* Lets media flow as it now should. */
void vr_subscription_update (VrSubscription * self);
/* layers.c: what is asked for, to the media; a new source begins anew. */
void vr_subscription_set_layers (VrSubscription * self);
void vr_subscription_forget_layers (VrSubscription * self);
BifDirection vr_subscription_direction (VrSubscription * self);

/**
 * VrSubscriber: who joined as a subscriber.
 * @changed: its m-lines are others than those it was offered
 * @pending: an offer has to follow the one that is not answered yet
 */
struct _VrSubscriber
{
  VrHandle *handle;
  VrRoom *room;
  guint32 private_id;
  gboolean autoupdate, use_msid, paused, e2ee;
  gboolean kicked;              /* gets nothing any more */
  gboolean changed, pending, pending_restart;
  GPtrArray *streams;           /* of VrSubscription */
};

VrSubscriber *vr_subscriber_new (VrHandle * handle, VrRoom * room);
void vr_subscriber_free (VrSubscriber * self);
VrSubscription *vr_subscriber_find (VrSubscriber * self, const char *mid);
void vr_subscriber_update (VrSubscriber * self);
/* Puts what is subscribed into the PeerConnection's description. FALSE: media
 * cannot be had. */
gboolean vr_subscriber_set_lines (VrSubscriber * self);
/* A source left: offers anew, now or after the answer that is due. */
void vr_subscriber_source_gone (VrSubscriber * self);
/* Offers what was put off. */
void vr_subscriber_offer_pending (VrSubscriber * self);
guint vr_subscriber_offer_flags (VrSubscriber * self, gboolean restart);
void vr_subscriber_close (VrSubscriber * self);

/* One of "streams" of join, subscribe, switch, configure. */
typedef struct
{
  BifMaybeId feed;
  const char *mid, *sub_mid, *crossrefid;
  BifMaybeBool send;
  BifMaybeInt substream, temporal, fallback, spatial_layer, temporal_layer;
  BifMaybeInt min_delay, max_delay;
} VrItem;

extern const BifField vr_item_fields[];
/* Reads one; what is no object counts as an empty one, as in Janus. */
gboolean vr_item_read (JsonNode * node, VrItem * item, GError ** error);
/* Whether its layers are 0, 1 or 2: BIF_ERROR_INVALID_ELEMENT */
gboolean vr_item_check (const VrItem * item, GError ** error);
void vr_item_apply (const VrItem * item, VrSubscription * subscription);
/* layers.c: tells at once of layers that were asked for and are sent. */
void vr_subscription_tell_reached (VrSubscription * self,
    const VrItem * item);
void vr_subscriber_layer_changed (VrSubscriber * self, BifTrack * track,
    const BifTrackLayers * layers);

/* Subscribes to what @items name; @joining: disabled streams too. Nothing has
 * changed on error. */
gboolean vr_subscriber_add (VrSubscriber * self, JsonArray * items,
    gboolean joining, GError ** error);
/* Not encrypted and clear feeds at once; BIF_ERROR_INVALID_FEED */
gboolean vr_subscriber_check_e2ee (VrSubscriber * self, VrPublisher * feed,
    GError ** error);
gboolean vr_subscriber_remove (VrSubscriber * self, JsonArray * items,
    GError ** error);
/* The old way: all of a publisher, by kind. */
gboolean vr_subscriber_add_feed (VrSubscriber * self, VrPublisher * feed,
    const gboolean * kinds, GError ** error);
/* A feed that can be subscribed to; BIF_ERROR_NO_SUCH_FEED */
VrPublisher *vr_subscriber_find_feed (VrSubscriber * self, const char *id,
    GError ** error);

/* ---- json.c: shapes of the API; all (transfer full) ---- */

JsonObject *vr_json_publisher (VrPublisher * publisher);        /* PUB */
/* Active ones but @except. */
JsonArray *vr_json_publishers (VrRoom * room, VrPublisher * except);
JsonArray *vr_json_streams (VrPublisher * publisher);   /* of STREAM */
/* "id", "display", "metadata" */
void vr_json_add_member (JsonObject * object, VrPublisher * member);
/* "audio_codec", "video_codec" */
void vr_json_add_codecs (JsonObject * object, VrPublisher * publisher);
JsonArray *vr_json_attendees (VrRoom * room, VrPublisher * except);
JsonArray *vr_json_participants (VrRoom * room);
JsonObject *vr_json_room (VrRoom * room);       /* of list */
JsonArray *vr_json_subscriptions (VrSubscriber * subscriber);
JsonObject *vr_json_info (VrHandle * handle);   /* of handle_info */
/* layers.c: "simulcast" or "svc" of a subscription */
void vr_json_add_layers (JsonObject * object, VrSubscription * subscription);
/* Adds @object's (transfer full) members to the reply. */
void vr_json_reply (BifReply * reply, JsonObject * object);

/* ---- requests ---- */

/* The request tables' parts. */

typedef struct
{
  /* of a publisher */
  const char *audiocodec, *videocodec;
  BifMaybeInt bitrate;
  BifMaybeBool keyframe, record, audio, video, data, update, restart;
  const char *filename, *secret, *display;
  JsonObject *metadata;
  BifMaybeInt audio_active_packets, audio_level_average;
  JsonArray *descriptions;
  /* of both */
  JsonArray *streams;
  VrItem item;                  /* what stands at top level */
} VrConfigureParams;

typedef struct
{
  BifMaybeId room, id, feed;
  const char *ptype, *display, *pin, *token;
  JsonObject *metadata;
  JsonArray *streams;
  BifMaybeInt private_id;
  BifMaybeBool use_msid, autoupdate;
  BifMaybeBool offer_audio, offer_video, offer_data;
  VrConfigureParams configure;  /* of joinandconfigure */
} VrJoinParams;

/* fields.c */
extern const BifField vr_join_fields[], vr_joinandconfigure_fields[],
    vr_configure_fields[];

VrPlugin *vr_handle_plugin (VrHandle * self);

/* publisher-join.c, publisher-requests.c */
gboolean vr_publisher_join (VrHandle * handle, VrRoom * room,
    const VrJoinParams * params, gboolean configure, BifReply * reply,
    GError ** error);
/* All of configure but its answer. */
gboolean vr_publisher_apply (VrPublisher * self,
    const VrConfigureParams * params, BifReply * reply, GError ** error);
gboolean vr_publisher_configure (VrPublisher * self,
    const VrConfigureParams * params, gboolean publish, BifReply * reply,
    GError ** error);
gboolean vr_publisher_unpublish (VrPublisher * self, BifReply * reply,
    GError ** error);

/* subscriber-requests.c */
gboolean vr_subscriber_join (VrHandle * handle, VrRoom * room,
    const VrJoinParams * params, BifReply * reply, GError ** error);
gboolean vr_subscriber_configure (VrSubscriber * self,
    const VrConfigureParams * params, BifReply * reply, GError ** error);
gboolean vr_subscriber_start (VrSubscriber * self, BifReply * reply,
    GError ** error);
gboolean vr_subscriber_pause (VrSubscriber * self, BifReply * reply);
gboolean vr_subscriber_leave (VrSubscriber * self, BifReply * reply);
/* @subscribe, @unsubscribe: (nullable) */
gboolean vr_subscriber_change (VrSubscriber * self, JsonArray * subscribe,
    JsonArray * unsubscribe, BifReply * reply, GError ** error);
/* @items: (nullable): then all to @feed */
gboolean vr_subscriber_switch (VrSubscriber * self, JsonArray * items,
    const BifMaybeId * feed, BifReply * reply, GError ** error);

/* room-requests.c: what needs no handle: also for Admin message_plugin. */
typedef JsonObject *(*VrRoomFunc) (VrPlugin * self, gconstpointer params,
    GError ** error);
typedef struct
{
  const char *name;
  gsize params_size;
  const BifField *fields;
  VrRoomFunc func;
} VrRoomRequest;
extern const VrRoomRequest vr_room_requests[];
extern const BifField vr_edit_fields[], vr_destroy_fields[], vr_list_fields[],
    vr_room_only_fields[], vr_allowed_fields[], vr_kick_fields[];
/* Runs the request of that name and fills @reply. */
gboolean vr_room_request (BifHandle * handle, const char *name,
    gconstpointer params, BifReply * reply, GError ** error);

typedef struct
{
  BifMaybeId room;
  const char *secret;
  const char *new_description, *new_secret, *new_pin;
  BifMaybeBool new_is_private, new_require_pvtid;
  BifMaybeInt new_bitrate, new_fir_freq, new_publishers;
  BifMaybeBool new_lock_record;
  const char *new_rec_dir;
  BifMaybeBool permanent;
} VrEditParams;

typedef struct
{
  BifMaybeId room;
  const char *secret;
  BifMaybeBool permanent;
} VrDestroyParams;

typedef struct
{
  const char *admin_key;
} VrListParams;

typedef struct
{
  BifMaybeId room;
} VrRoomOnlyParams;

typedef struct
{
  BifMaybeId room;
  const char *secret, *action;
  JsonArray *allowed;
} VrAllowedParams;

typedef struct
{
  BifMaybeId room;
  const char *secret;
  BifMaybeBool record;
} VrEnableRecordingParams;

/* ---- recording.c ---- */

extern const BifField vr_enable_recording_fields[];
/* Of all members, where that changes. */
void vr_recording_enable (VrRoom * room, gboolean record);
/* "record" and "filename" of a request. @locked: lock_record counts */
void vr_recording_configure (VrPublisher * self,
    const VrConfigureParams * params, gboolean locked);
/* Opens and closes files as it now should be. */
void vr_recording_update (VrPublisher * self);
void vr_recording_track_added (VrPublisher * self, BifTrack * track);
/* Whether @stream is muted has changed: what is muted is not recorded. */
void vr_recording_update_stream (VrStream * stream);
/* A message of @stream's channels. */
void vr_recording_data (VrStream * stream, const BifDataMessage * message);
void vr_recording_close (VrPublisher * self);
/* Likewise, and the file name too. */
void vr_recording_forget (VrPublisher * self);
/* Returns: (transfer none) (nullable): the file that @stream goes into */
const char *vr_recording_file (VrStream * stream);

typedef struct
{
  BifMaybeId room, id;
  const char *secret;
} VrKickParams;

G_END_DECLS
