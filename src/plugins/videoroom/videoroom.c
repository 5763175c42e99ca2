/* videoroom.c: video conferences: callers publish to a room and subscribe to
 * each other (videoroom.md). The plugin and the table of requests.
 * Main thread. */
#include "plugins/videoroom/videoroom.h"
#include "base/json.h"
#include "core/server.h"

#include <string.h>

GST_DEBUG_CATEGORY (vr_debug);

G_DEFINE_FINAL_TYPE (VrPlugin, vr_plugin, BIF_TYPE_PLUGIN)

/* ---- requests of handles ---- */

static gboolean
fail (GError ** error, int code, const char *text)
{
  g_set_error_literal (error, BIF_ERROR, code, text);
  return FALSE;
}

/* What all but join need: a place in a room. */
static gboolean
check_joined (VrHandle * self, GError ** error)
{
  if (self->publisher == NULL && self->subscriber == NULL)
    return fail (error, BIF_ERROR_JOIN_FIRST,
        "Invalid request on unconfigured participant");
  if (self->publisher != NULL && self->publisher->room == NULL)
    return fail (error, BIF_ERROR_NO_SUCH_ROOM, "No such room");
  return TRUE;
}

static gboolean
fail_role (const char *request, GError ** error)
{
  g_set_error (error, BIF_ERROR, BIF_ERROR_UNKNOWN_REQUEST,
      "Unknown request '%s'", request);
  return FALSE;
}

/* A room of signed tokens wants one that names it. */
static gboolean
check_signature (VrHandle * self, const VrRoom * room, const char *token,
    GError ** error)
{
  BifPlugin *plugin = bif_handle_plugin (BIF_HANDLE (self));
  g_autofree char *descriptor = g_strdup_printf ("room=%s", room->base.id);

  return !room->signed_tokens
      || bif_server_signature_has (bif_plugin_server (plugin), token,
      bif_plugin_info (plugin)->package, descriptor)
      || fail (error, BIF_ERROR_WRONG_SECRET, "Unauthorized (wrong token)");
}

static gboolean
check_join (VrHandle * self, const VrJoinParams * p, VrRoom ** room,
    GError ** error)
{
  g_autofree char *id = NULL;
  VrPlugin *plugin = vr_handle_plugin (self);

  if (self->publisher != NULL && self->publisher->room == NULL)
    return fail (error, BIF_ERROR_ALREADY_JOINED,
        "Not in a room (create a new handle)");
  if (self->publisher != NULL || self->subscriber != NULL)
    return fail (error, BIF_ERROR_ALREADY_JOINED, self->publisher != NULL
        ? "Already in as a publisher on this handle"
        : "Already in as a subscriber on this handle");
  if (!bif_id_require (&p->room, "room", plugin->string_ids, &id, error))
    return FALSE;
  if (p->ptype == NULL)
    return fail (error, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (ptype)");
  *room = vr_plugin_find_room (plugin, id, error);
  return *room != NULL && check_signature (self, *room, p->token, error)
      && bif_room_check_pin (&(*room)->base, p->pin, error);
}

static gboolean
join (VrHandle * self, const VrJoinParams * p, gboolean configure,
    BifReply * reply, GError ** error)
{
  VrRoom *room = NULL;

  if (!check_join (self, p, &room, error))
    return FALSE;
  if (g_ascii_strcasecmp (p->ptype, "publisher") == 0)
    return vr_publisher_join (self, room, p, configure, reply, error);
  if (g_ascii_strcasecmp (p->ptype, "subscriber") == 0)
    return vr_subscriber_join (self, room, p, reply, error);
  return fail (error, BIF_ERROR_INVALID_ELEMENT, "Invalid element (ptype)");
}

static gboolean
handle_join (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  return join (VR_HANDLE (handle), params, FALSE, reply, error);
}

static gboolean
handle_joinandconfigure (BifHandle * handle, gconstpointer params,
    BifReply * reply, GError ** error)
{
  return join (VR_HANDLE (handle), params, TRUE, reply, error);
}

static gboolean
handle_configure (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  VrHandle *self = VR_HANDLE (handle);

  if (!check_joined (self, error))
    return FALSE;
  if (self->publisher != NULL)
    return vr_publisher_configure (self->publisher, params, FALSE, reply,
        error);
  return vr_subscriber_configure (self->subscriber, params, reply, error);
}

static gboolean
handle_publish (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  VrHandle *self = VR_HANDLE (handle);

  if (!check_joined (self, error))
    return FALSE;
  if (self->publisher == NULL)
    return fail_role ("publish", error);
  return vr_publisher_configure (self->publisher, params, TRUE, reply, error);
}

static gboolean
handle_unpublish (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  VrHandle *self = VR_HANDLE (handle);

  if (!check_joined (self, error))
    return FALSE;
  if (self->publisher == NULL)
    return fail_role ("unpublish", error);
  return vr_publisher_unpublish (self->publisher, reply, error);
}

static gboolean
handle_leave (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  VrHandle *self = VR_HANDLE (handle);
  VrPublisher *publisher = self->publisher;

  if (!check_joined (self, error))
    return FALSE;
  if (publisher == NULL)
    return vr_subscriber_leave (self->subscriber, reply);
  bif_reply_take (reply, "room", bif_id_node (publisher->room->base.id,
          publisher->room->base.string_ids));
  bif_reply_string (reply, "leaving", "ok");
  vr_publisher_leave (publisher, FALSE);
  return TRUE;
}

/* ---- requests of subscribers ---- */

static VrSubscriber *
subscriber_of (BifHandle * handle, const char *request, GError ** error)
{
  VrHandle *self = VR_HANDLE (handle);

  if (check_joined (self, error) && self->subscriber == NULL)
    fail_role (request, error);
  return self->subscriber;
}

typedef struct
{
  JsonArray *streams, *subscribe, *unsubscribe;
  BifMaybeId feed;
} ChangeParams;

static const BifField streams_fields[] = {
  BIF_ARRAY (ChangeParams, streams, BIF_OPTIONAL, "of {feed, mid, ...}"),
  {NULL},
};

static const BifField switch_fields[] = {
  BIF_ARRAY (ChangeParams, streams, BIF_OPTIONAL, "of {feed, mid, sub_mid}"),
  BIF_MAYBE_ID (ChangeParams, feed, BIF_OPTIONAL,
      "publisher for all m-lines; streams is better"),
  {NULL},
};

static const BifField update_fields[] = {
  BIF_ARRAY (ChangeParams, subscribe, BIF_OPTIONAL, "of {feed, mid, ...}"),
  BIF_ARRAY (ChangeParams, unsubscribe, BIF_OPTIONAL,
      "of {sub_mid} or {feed, mid}"),
  {NULL},
};

static const BifField no_fields[] = { {NULL} };

static gboolean
handle_start (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  VrSubscriber *self = subscriber_of (handle, "start", error);

  return self != NULL && vr_subscriber_start (self, reply, error);
}

static gboolean
handle_pause (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  VrSubscriber *self = subscriber_of (handle, "pause", error);

  return self != NULL && vr_subscriber_pause (self, reply);
}

static gboolean
check_streams (const ChangeParams * p, GError ** error)
{
  return p->streams != NULL || fail (error, BIF_ERROR_MISSING_ELEMENT,
      "Missing mandatory element (streams)");
}

static gboolean
handle_subscribe (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  const ChangeParams *p = params;
  VrSubscriber *self = subscriber_of (handle, "subscribe", error);

  return self != NULL && check_streams (p, error)
      && vr_subscriber_change (self, p->streams, NULL, reply, error);
}

static gboolean
handle_unsubscribe (BifHandle * handle, gconstpointer params,
    BifReply * reply, GError ** error)
{
  const ChangeParams *p = params;
  VrSubscriber *self = subscriber_of (handle, "unsubscribe", error);

  return self != NULL && check_streams (p, error)
      && vr_subscriber_change (self, NULL, p->streams, reply, error);
}

static gboolean
handle_update (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  const ChangeParams *p = params;
  VrSubscriber *self = subscriber_of (handle, "update", error);

  return self != NULL
      && vr_subscriber_change (self, p->subscribe, p->unsubscribe, reply,
      error);
}

static gboolean
handle_switch (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  const ChangeParams *p = params;
  VrSubscriber *self = subscriber_of (handle, "switch", error);

  return self != NULL
      && vr_subscriber_switch (self, p->streams, &p->feed, reply, error);
}

/* ---- requests of rooms ---- */

#define ROOM_REQUEST(name) \
static gboolean \
handle_##name (BifHandle * handle, gconstpointer params, BifReply * reply, \
    GError ** error) \
{ \
  return vr_room_request (handle, #name, params, reply, error); \
}

ROOM_REQUEST (create)
ROOM_REQUEST (edit)
ROOM_REQUEST (destroy)
ROOM_REQUEST (list)
ROOM_REQUEST (exists)
ROOM_REQUEST (listparticipants)
ROOM_REQUEST (allowed)
ROOM_REQUEST (kick)
ROOM_REQUEST (enable_recording)

static const BifRequest requests[] = {
  BIF_REQUEST ("create", BIF_SYNC, VrRoomParams, vr_room_fields,
      handle_create, "make a room"),
  BIF_REQUEST ("edit", BIF_SYNC, VrEditParams, vr_edit_fields, handle_edit,
      "change a room"),
  BIF_REQUEST ("destroy", BIF_SYNC, VrDestroyParams, vr_destroy_fields,
      handle_destroy, "end a room"),
  BIF_REQUEST ("list", BIF_SYNC, VrListParams, vr_list_fields, handle_list,
      "rooms there are"),
  BIF_REQUEST ("exists", BIF_SYNC, VrRoomOnlyParams, vr_room_only_fields,
      handle_exists, "whether there is such a room"),
  BIF_REQUEST ("listparticipants", BIF_SYNC, VrRoomOnlyParams,
      vr_room_only_fields, handle_listparticipants, "who is in a room"),
  BIF_REQUEST ("allowed", BIF_SYNC, VrAllowedParams, vr_allowed_fields,
      handle_allowed, "tokens that may join"),
  BIF_REQUEST ("kick", BIF_SYNC, VrKickParams, vr_kick_fields, handle_kick,
      "put somebody out"),
  BIF_REQUEST ("enable_recording", BIF_SYNC, VrEnableRecordingParams,
      vr_enable_recording_fields, handle_enable_recording,
      "record all publishers, or none"),
  BIF_REQUEST ("join", BIF_ASYNC, VrJoinParams, vr_join_fields, handle_join,
      "enter a room, to publish or to subscribe"),
  BIF_REQUEST ("joinandconfigure", BIF_ASYNC, VrJoinParams,
      vr_joinandconfigure_fields, handle_joinandconfigure,
      "enter a room and publish"),
  BIF_REQUEST ("configure", BIF_ASYNC, VrConfigureParams, vr_configure_fields,
      handle_configure, "change what is published or received"),
  BIF_REQUEST ("publish", BIF_ASYNC, VrConfigureParams, vr_configure_fields,
      handle_publish, "publish"),
  BIF_REQUEST ("unpublish", BIF_ASYNC, ChangeParams, no_fields,
      handle_unpublish, "stop publishing"),
  BIF_REQUEST ("subscribe", BIF_ASYNC, ChangeParams, streams_fields,
      handle_subscribe, "receive more"),
  BIF_REQUEST ("unsubscribe", BIF_ASYNC, ChangeParams, streams_fields,
      handle_unsubscribe, "receive less"),
  BIF_REQUEST ("update", BIF_ASYNC, ChangeParams, update_fields,
      handle_update, "receive more and less"),
  BIF_REQUEST ("start", BIF_ASYNC, ChangeParams, no_fields, handle_start,
      "answer an offer; go on after pause"),
  BIF_REQUEST ("pause", BIF_ASYNC, ChangeParams, no_fields, handle_pause,
      "receive nothing for now"),
  BIF_REQUEST ("switch", BIF_ASYNC, ChangeParams, switch_fields,
      handle_switch, "receive another publisher on an m-line"),
  BIF_REQUEST ("leave", BIF_ASYNC, ChangeParams, no_fields, handle_leave,
      "leave the room"),
  {NULL},
};

static const BifErrorNumber errors[] = {
  {BIF_ERROR_NO_MESSAGE, 421},
  {BIF_ERROR_INVALID_JSON, 422},
  {BIF_ERROR_UNKNOWN_REQUEST, 423},
  {BIF_ERROR_JOIN_FIRST, 424},
  {BIF_ERROR_ALREADY_JOINED, 425},
  {BIF_ERROR_NO_SUCH_ROOM, 426},
  {BIF_ERROR_ROOM_EXISTS, 427},
  {BIF_ERROR_NO_SUCH_FEED, 428},
  {BIF_ERROR_MISSING_ELEMENT, 429},
  {BIF_ERROR_INVALID_ELEMENT, 430},
  {BIF_ERROR_INVALID_SDP_TYPE, 431},
  {BIF_ERROR_PUBLISHERS_FULL, 432},
  {BIF_ERROR_WRONG_SECRET, 433},
  {BIF_ERROR_ALREADY_PUBLISHED, 434},
  {BIF_ERROR_NOT_PUBLISHED, 435},
  {BIF_ERROR_ID_EXISTS, 436},
  {BIF_ERROR_INVALID_SDP, 437},
  {BIF_ERROR_INVALID_FEED, 438},
  {BIF_ERROR_INTERNAL, 499},
  {0, 499},
};

static const BifHole holes[] = {
  {"peer", "peer", BIF_HOLE_ELEMENT, "webrtcbin"},
  {"publisher-audio", "in", BIF_HOLE_SINK},
  {"publisher-audio", "out", BIF_HOLE_SRC},
  {"publisher-video", "in", BIF_HOLE_SINK},
  {"publisher-video", "out", BIF_HOLE_SRC},
  {NULL},
};

/* ---- the plugin ---- */

static gboolean
vr_plugin_start (BifPlugin * plugin, GError ** error)
{
  vr_plugin_load (VR_PLUGIN (plugin));
  return TRUE;
}

static void
vr_plugin_stop (BifPlugin * plugin)
{
  VrPlugin *self = VR_PLUGIN (plugin);
  g_autoptr (GList) rooms = g_hash_table_get_values (self->rooms);

  for (GList * l = rooms; l != NULL; l = l->next)
    ((VrRoom *) l->data)->plugin = NULL;
  g_hash_table_remove_all (self->rooms);
}

/* {"videoroom": "event", "error_code", "error"} */
static JsonObject *
error_object (VrPlugin * self, const GError * error)
{
  JsonObject *object = json_object_new ();
  int number = 499;

  for (const BifErrorNumber * row = errors; row->code != 0; row++) {
    if (error->domain == BIF_ERROR && row->code == error->code)
      number = row->number;
  }
  json_object_set_string_member (object, "videoroom", "event");
  json_object_set_int_member (object, "error_code", number);
  json_object_set_string_member (object, "error", error->message);
  return object;
}

static JsonObject *
vr_plugin_query (BifPlugin * plugin, JsonObject * request)
{
  VrPlugin *self = VR_PLUGIN (plugin);
  const char *name = bif_json_get_string (request, "request");
  g_autoptr (GError) error = NULL;
  JsonObject *object = NULL;

  for (const VrRoomRequest * row = vr_room_requests;
      name != NULL && row->name != NULL; row++) {
    g_autofree gpointer params = NULL;

    if (g_ascii_strcasecmp (row->name, name) != 0)
      continue;
    params = g_malloc0 (row->params_size);
    if (bif_fields_read (row->fields, request, params, NULL, &error))
      object = row->func (self, params, &error);
    return object != NULL ? object : error_object (self, error);
  }
  if (name == NULL)
    fail (&error, BIF_ERROR_MISSING_ELEMENT,
        "Missing mandatory element (request)");
  else
    fail_role (name, &error);
  return error_object (self, error);
}

static void
vr_plugin_finalize (GObject * object)
{
  VrPlugin *self = VR_PLUGIN (object);

  g_hash_table_unref (self->rooms);
  g_hash_table_unref (self->recorded);
  g_free (self->admin_key);
  G_OBJECT_CLASS (vr_plugin_parent_class)->finalize (object);
}

static void
vr_plugin_class_init (VrPluginClass * klass)
{
  BifPluginClass *plugin_class = BIF_PLUGIN_CLASS (klass);

  GST_DEBUG_CATEGORY_INIT (vr_debug, "bif-videoroom", 0, "VideoRoom");
  G_OBJECT_CLASS (klass)->finalize = vr_plugin_finalize;
  plugin_class->start = vr_plugin_start;
  plugin_class->stop = vr_plugin_stop;
  plugin_class->query = vr_plugin_query;
}

static void
vr_plugin_init (VrPlugin * self)
{
  self->rooms = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
      (GDestroyNotify) vr_room_unref);
  self->recorded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
      NULL);
}

/* A room for the demo page. */
static const char built_in[] =
    "room-1234: {\n"
    "  description = \"Demo Room\"\n"
    "  publishers = 24\n"
    "  audiolevel_event = true\n"
    "}\n";

/* *INDENT-OFF* */
BIF_PLUGIN_DEFINE (videoroom, .package = "janus.plugin.videoroom",
    .title = "JANUS VideoRoom plugin",
    .description = "Video conferences: callers publish and subscribe.",
    .author = "Bifrons project", .version_string = "0.1.0", .version = 10,
    .event_key = "videoroom", .built_in = built_in,
    .plugin_type = vr_plugin_get_type, .handle_type = vr_handle_get_type,
    .requests = requests, .errors = errors, .holes = holes)
/* *INDENT-ON* */
