/* voicemail: records ten seconds of a caller into a file that plays, and tells
 * where it can be had. Facts: spec/voicemail.md. Three things differ: a caller
 * who sends nothing is done after ten seconds as well, a handle whose
 * PeerConnection went may record again, into another file, and callers who
 * listen are greeted where a greeting is configured. Main thread. */
#include "core/plugin.h"
#include "core/server.h"
#include "base/paths.h"
#include "kit/id.h"
#include "plugins/voicemail/greeting.h"
#include "plugins/voicemail/message.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <unistd.h>

#define DURATION_S 10
#define DEFAULT_BASE "/recordings/"

GST_DEBUG_CATEGORY_STATIC (voicemail_debug);
#define GST_CAT_DEFAULT voicemail_debug

/* ---- the plugin ---- */

#define VM_TYPE_PLUGIN (vm_plugin_get_type ())
G_DECLARE_FINAL_TYPE (VmPlugin, vm_plugin, VM, PLUGIN, BifPlugin)

struct _VmPlugin
{
  BifPlugin parent;
  char *path;                   /* where files are */
  char *base;                   /* what their URL starts with */
  char *greeting;               /* what callers hear first (nullable) */
};

G_DEFINE_FINAL_TYPE (VmPlugin, vm_plugin, BIF_TYPE_PLUGIN)

static gboolean
has_greeting (VmPlugin * self)
{
  return self->greeting != NULL
      && g_file_test (self->greeting, G_FILE_TEST_IS_REGULAR)
      && g_access (self->greeting, R_OK) == 0;
}

/* A relative name is one of the demo pages' files. */
static void
find_greeting (VmPlugin * self)
{
  BifConfig *config = bif_plugin_config (BIF_PLUGIN (self));
  BifServer *server = bif_plugin_server (BIF_PLUGIN (self));
  const char *name = bif_config_string (config, "general", "greeting");
  const char *folder = bif_server_settings (server)->demos_folder;

  if (name == NULL || *name == '\0')
    return;
  if (folder == NULL)
    folder = bif_paths_demos_dir ();
  self->greeting = folder != NULL ? g_canonicalize_filename (name, folder)
      : g_strdup (name);
  if (has_greeting (self))
    return;
  if (bif_config_path (config) != NULL)
    GST_WARNING ("%s cannot be read: callers are not greeted",
        self->greeting);
  else
    GST_INFO ("%s is not there: callers are not greeted", self->greeting);
}

static gboolean
vm_plugin_start (BifPlugin * plugin, GError ** error)
{
  VmPlugin *self = VM_PLUGIN (plugin);
  BifConfig *config = bif_plugin_config (plugin);
  const char *path = bif_config_string (config, "general", "path");
  const char *base = bif_config_string (config, "general", "base");

  self->path = path != NULL ? g_strdup (path)
      : g_build_filename (bif_paths_user_data_dir (), "recordings", NULL);
  self->base = g_strdup (base != NULL ? base : DEFAULT_BASE);
  find_greeting (self);
  if (g_mkdir_with_parents (self->path, 0755) == 0) {
    bif_server_serve_recordings (bif_plugin_server (plugin), self->base,
        self->path);
    return TRUE;
  }
  g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION, "%s: %s",
      self->path, g_strerror (errno));
  return FALSE;
}

static void
vm_plugin_finalize (GObject * object)
{
  VmPlugin *self = VM_PLUGIN (object);

  g_free (self->path);
  g_free (self->base);
  g_free (self->greeting);
  G_OBJECT_CLASS (vm_plugin_parent_class)->finalize (object);
}

static void
vm_plugin_class_init (VmPluginClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (voicemail_debug, "bif-voicemail", 0,
      "messages of voicemail");
  G_OBJECT_CLASS (klass)->finalize = vm_plugin_finalize;
  BIF_PLUGIN_CLASS (klass)->start = vm_plugin_start;
}

static void
vm_plugin_init (VmPlugin * self)
{
}

/* ---- the handle ---- */

#define VM_TYPE_HANDLE (vm_handle_get_type ())
G_DECLARE_FINAL_TYPE (VmHandle, vm_handle, VM, HANDLE, BifHandle)

struct _VmHandle
{
  BifHandle parent;
  char *id;                     /* of the message */
  char *name;                   /* of its file, once there is one */
  VmMessage *message;           /* owned; NULL: idle */
  VmGreeting *greeting;         /* owned while it plays (nullable) */
  BifReply *stop;               /* that waits for the file's end (nullable) */
  gint64 started_us;            /* monotonic; 0: not yet */
  guint timeout_id;             /* of the duration */
  gboolean done;                /* was told, or is about to be */
};

G_DEFINE_FINAL_TYPE (VmHandle, vm_handle, BIF_TYPE_HANDLE)

static VmPlugin *
get_plugin (VmHandle * self)
{
  return VM_PLUGIN (bif_handle_plugin (BIF_HANDLE (self)));
}

static BifTrack *
find_audio (VmHandle * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self));
  const GPtrArray *tracks = peer != NULL ? bif_peer_tracks (peer) : NULL;

  for (guint i = 0; tracks != NULL && i < tracks->len; i++)
    if (bif_track_kind (tracks->pdata[i]) == BIF_MEDIA_AUDIO)
      return tracks->pdata[i];
  return NULL;
}

/* ---- the end of a message ---- */

static void
forget_greeting (VmHandle * self)
{
  if (self->greeting == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->greeting, self);
  vm_greeting_close (self->greeting);
  g_clear_object (&self->greeting);
}

static void
forget_message (VmHandle * self)
{
  forget_greeting (self);
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (self->message != NULL) {
    g_signal_handlers_disconnect_by_data (self->message, self);
    vm_message_close (self->message);
  }
  g_clear_object (&self->message);
  g_clear_pointer (&self->name, g_free);
  self->started_us = 0;
}

static char *
make_url (VmHandle * self)
{
  return g_strconcat (get_plugin (self)->base, "/", self->name, NULL);
}

/* In the reply of a "stop", or as an event. */
static void
tell_done (VmHandle * self)
{
  g_autofree char *url = self->name != NULL ? make_url (self) : NULL;
  g_autoptr (BifReply) stop = g_steal_pointer (&self->stop);
  JsonObject *data;

  if (stop != NULL) {
    bif_reply_string (stop, "status", "done");
    if (url != NULL)
      bif_reply_string (stop, "recording", url);
    bif_reply_finish (stop);
    return;
  }
  data = json_object_new ();
  json_object_set_string_member (data, "status", "done");
  if (url != NULL)
    json_object_set_string_member (data, "recording", url);
  bif_handle_push_event (BIF_HANDLE (self), data, NULL, NULL);
}

/* The file is complete. */
static void
on_finished (VmMessage * message, VmHandle * self)
{
  if (!self->done)              /* writing failed: ten seconds are ten seconds */
    return;
  tell_done (self);
  forget_message (self);
  bif_handle_detach (BIF_HANDLE (self));
}

static gboolean
on_duration (gpointer user_data)
{
  VmHandle *self = user_data;

  self->timeout_id = 0;
  self->done = TRUE;
  vm_message_finish (self->message);
  return G_SOURCE_REMOVE;
}

/* ---- its beginning ---- */

/* From now on what the caller says is recorded. */
static void
start_message (VmHandle * self)
{
  BifPlugin *plugin = bif_handle_plugin (BIF_HANDLE (self));
  BifTrack *track = find_audio (self);
  g_autoptr (GPtrArray) streams =
      track != NULL ? bif_track_streams (track) : NULL;
  g_autoptr (GError) error = NULL;

  self->started_us = g_get_monotonic_time ();
  self->timeout_id = g_timeout_add (DURATION_S * 1000, on_duration, self);
  if (streams != NULL && streams->len > 0
      && !vm_message_start (self->message, streams->pdata[0],
          bif_plugin_template (plugin), &error))
    GST_ERROR ("voicemail-%" G_GUINT64_FORMAT ": %s",
        bif_handle_id (BIF_HANDLE (self)), error->message);
}

static void
push_status (VmHandle * self, const char *status)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "status", status);
  bif_handle_push_event (BIF_HANDLE (self), data, NULL, NULL);
}

static void
start_and_tell (VmHandle * self)
{
  start_message (self);
  push_status (self, "started");
}

static void
on_greeted (VmGreeting * greeting, VmHandle * self)
{
  forget_greeting (self);
  if (self->message != NULL && !self->done)
    start_and_tell (self);
}

/* Whether the caller hears what is sent. */
static gboolean
is_sent (VmHandle * self, BifTrack * track)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self));
  const BifSdpLine *line =
      bif_description_find_line (bif_peer_description (peer),
      bif_track_mid (track));

  return line != NULL && line->accepted
      && (line->direction & BIF_DIRECTION_SENDONLY) != 0;
}

/* FALSE: the caller is not greeted. */
static gboolean
greet (VmHandle * self)
{
  VmPlugin *plugin = get_plugin (self);
  BifServer *server = bif_plugin_server (BIF_PLUGIN (plugin));
  BifTrack *track = find_audio (self);
  g_autoptr (GError) error = NULL;

  if (!has_greeting (plugin) || track == NULL || !is_sent (self, track))
    return FALSE;
  self->greeting = vm_greeting_new (bif_server_network (server),
      bif_plugin_template (BIF_PLUGIN (plugin)), plugin->greeting, track,
      &error);
  if (self->greeting == NULL) {
    GST_ERROR ("voicemail-%" G_GUINT64_FORMAT ": %s",
        bif_handle_id (BIF_HANDLE (self)), error->message);
    return FALSE;
  }
  g_signal_connect (self->greeting, "finished", G_CALLBACK (on_greeted), self);
  push_status (self, "greeting");
  return TRUE;
}

static gboolean
make_message (VmHandle * self, GError ** error)
{
  VmPlugin *plugin = get_plugin (self);
  BifServer *server = bif_plugin_server (BIF_PLUGIN (plugin));
  g_autofree char *name =
      g_strdup_printf ("janus-voicemail-%s.opus", self->id);
  g_autofree char *path = g_build_filename (plugin->path, name, NULL);

  self->message = vm_message_new (bif_server_network (server), path, error);
  if (self->message == NULL)
    return FALSE;
  self->name = g_steal_pointer (&name);
  g_signal_connect (self->message, "finished", G_CALLBACK (on_finished),
      self);
  return TRUE;
}

static gboolean
is_connected (VmHandle * self)
{
  BifPeer *peer = bif_handle_peer (BIF_HANDLE (self));

  return peer != NULL && bif_peer_is_connected (peer);
}

/* ---- requests ---- */

typedef struct
{
  char nothing;
} NoParams;

static const BifField no_fields[] = { {NULL} };

static gboolean
check_jsep (BifReply * reply, GError ** error)
{
  const BifJsep *jsep = bif_reply_get_jsep (reply);

  if (jsep == NULL || !jsep->e2ee)
    return TRUE;
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
      "Media encryption unsupported by this plugin");
  return FALSE;
}

/* One m-line of audio, received; and sent to who is to be greeted. */
static gboolean
answer (VmHandle * self, BifReply * reply, GError ** error)
{
  static const char *const extensions[] = {
    "urn:ietf:params:rtp-hdrext:sdes:mid", NULL
  };
  const BifSdpPolicy policy = {
    .audio_codec = "opus",
    .audio_fmtp = "",           /* what is lost, nothing here brings back */
    .audio = has_greeting (get_plugin (self)) ? BIF_DIRECTION_SENDRECV
        : BIF_DIRECTION_RECVONLY,
    .no_video = TRUE,
    .no_data = TRUE,
    .extensions = extensions,
  };
  const BifJsep *jsep = bif_reply_get_jsep (reply);
  BifPeer *peer;

  if (jsep == NULL || !jsep->is_offer)
    return TRUE;
  peer = bif_handle_ensure_peer (BIF_HANDLE (self));
  if (peer != NULL) {
    g_autofree char *name = g_strconcat ("VoiceMail ", self->id, NULL);

    bif_peer_set_session_name (peer, name);
  }
  return bif_handle_answer_offer (BIF_HANDLE (self), reply, &policy, error);
}

static gboolean
handle_record (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  VmHandle *self = VM_HANDLE (handle);
  gboolean connected = is_connected (self);

  if (!check_jsep (reply, error))
    return FALSE;
  if (self->message != NULL) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_ALREADY_RECORDING,
        "Already recording");
    return FALSE;
  }
  if (!make_message (self, error))
    return FALSE;
  bif_reply_string (reply, "status", connected ? "started" : "starting");
  if (!answer (self, reply, error)) {
    forget_message (self);
    return FALSE;
  }
  if (connected)
    start_message (self);
  return TRUE;
}

static gboolean
handle_update (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  VmHandle *self = VM_HANDLE (handle);

  if (!check_jsep (reply, error))
    return FALSE;
  if (self->message == NULL) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_WRONG_STATE,
        "Invalid state (not recording)");
    return FALSE;
  }
  bif_reply_string (reply, "status", "updating");
  return answer (self, reply, error);
}

/* An offer that comes along is not answered: nobody stays to talk to. */
static gboolean
handle_stop (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  VmHandle *self = VM_HANDLE (handle);

  if (!check_jsep (reply, error))
    return FALSE;
  if (self->done) {             /* told already, or at once */
    bif_reply_string (reply, "status", "done");
    return TRUE;
  }
  self->done = TRUE;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  forget_greeting (self);
  bif_reply_hold (reply);
  self->stop = bif_reply_ref (reply);
  if (self->message != NULL) {
    vm_message_finish (self->message);
  } else {
    tell_done (self);
    bif_handle_detach (handle);
  }
  return TRUE;
}

static const BifRequest requests[] = {
  BIF_REQUEST ("record", BIF_ASYNC, NoParams, no_fields, handle_record,
      "record what the offer brings, for ten seconds; where a greeting is "
      "configured and the offer takes audio too, the event \"greeting\" (ours, "
      "not Janus's) tells that it plays, and \"started\" that it is over"),
  BIF_REQUEST ("update", BIF_ASYNC, NoParams, no_fields, handle_update,
      "negotiate anew"),
  BIF_REQUEST ("stop", BIF_ASYNC, NoParams, no_fields, handle_stop,
      "end the recording before its time"),
  {NULL},
};

static const BifErrorNumber errors[] = {
  {BIF_ERROR_NO_MESSAGE, 460},
  {BIF_ERROR_INVALID_JSON, 461},
  {BIF_ERROR_UNKNOWN_REQUEST, 462},
  {BIF_ERROR_MISSING_ELEMENT, 463},
  {BIF_ERROR_INVALID_ELEMENT, 464},
  {BIF_ERROR_ALREADY_RECORDING, 465},
  {BIF_ERROR_IO, 466},
  {BIF_ERROR_WRONG_STATE, 468},
  {0, 499},
};

static const BifHole holes[] = {
  {"peer", "peer", BIF_HOLE_ELEMENT, "webrtcbin"},
  {"audio", "in", BIF_HOLE_SINK},
  {"audio", "sink", BIF_HOLE_ELEMENT, "filesink"},
  {"greeting", "source", BIF_HOLE_ELEMENT, "filesrc", TRUE},
  {"greeting", "out", BIF_HOLE_SRC, NULL, TRUE},
  {NULL},
};

/* ---- news ---- */

static void
vm_handle_track_added (BifHandle * handle, BifTrack * track)
{
}

static void
vm_handle_media_up (BifHandle * handle)
{
  VmHandle *self = VM_HANDLE (handle);

  if (self->message == NULL || self->done || self->started_us != 0
      || self->greeting != NULL)
    return;
  if (!greet (self))
    start_and_tell (self);
}

/* Whoever waits for "done" gets it from the message, which ends itself. */
static void
vm_handle_hangup (BifHandle * handle)
{
  VmHandle *self = VM_HANDLE (handle);

  if (self->done)
    return;
  forget_message (self);
  g_free (self->id);
  self->id = bif_id_random (FALSE);
}

static JsonObject *
vm_handle_query (BifHandle * handle)
{
  VmHandle *self = VM_HANDLE (handle);
  JsonObject *info = json_object_new ();

  json_object_set_string_member (info, "state",
      self->message != NULL ? "recording" : "idle");
  if (self->message != NULL) {
    json_object_set_int_member (info, "id",
        g_ascii_strtoll (self->id, NULL, 10));
    json_object_set_int_member (info, "start_time", self->started_us);
    json_object_set_string_member (info, "filename", self->name);
  }
  if (self->greeting != NULL)
    json_object_set_boolean_member (info, "greeting", TRUE);
  json_object_set_int_member (info, "started", self->started_us != 0);
  json_object_set_int_member (info, "stopping", self->done);
  json_object_set_int_member (info, "hangingup", 0);
  json_object_set_int_member (info, "destroyed", 0);
  return info;
}

static void
vm_handle_dispose (GObject * object)
{
  VmHandle *self = VM_HANDLE (object);
  g_autoptr (BifReply) stop = g_steal_pointer (&self->stop);
  g_autoptr (GError) error = NULL;

  forget_message (self);
  if (stop != NULL) {
    g_set_error_literal (&error, BIF_ERROR, BIF_ERROR_CANCELLED,
        "the handle is gone");
    bif_reply_fail (stop, error);
  }
  G_OBJECT_CLASS (vm_handle_parent_class)->dispose (object);
}

static void
vm_handle_finalize (GObject * object)
{
  g_free (VM_HANDLE (object)->id);
  G_OBJECT_CLASS (vm_handle_parent_class)->finalize (object);
}

static void
vm_handle_class_init (VmHandleClass * klass)
{
  BifHandleClass *handle_class = BIF_HANDLE_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = vm_handle_dispose;
  G_OBJECT_CLASS (klass)->finalize = vm_handle_finalize;
  handle_class->track_added = vm_handle_track_added;
  handle_class->media_up = vm_handle_media_up;
  handle_class->hangup = vm_handle_hangup;
  handle_class->query = vm_handle_query;
}

static void
vm_handle_init (VmHandle * self)
{
  self->id = bif_id_random (FALSE);
}

/* *INDENT-OFF* */
/* The demo pages come with a greeting. */
static const char built_in[] =
    "general: { greeting = \"sound/greeting.opus\" }\n";

BIF_PLUGIN_DEFINE (voicemail, .package = "janus.plugin.voicemail",
    .title = "JANUS VoiceMail plugin",
    .description = "Records ten seconds of a caller into a file that plays.",
    .author = "Bifrons project", .version_string = "0.1.0", .version = 7,
    .event_key = "voicemail", .built_in = built_in, .unknown_async = TRUE,
    .plugin_type = vm_plugin_get_type, .handle_type = vm_handle_get_type,
    .requests = requests, .errors = errors, .holes = holes)
/* *INDENT-ON* */
