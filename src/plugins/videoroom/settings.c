/* settings.c: what a room can be: the fields of "create", which are the keys of
 * the configuration file too. Main thread. */
#include "plugins/videoroom/videoroom.h"
#include "core/server.h"

#include <string.h>

#define MIN_BITRATE 64000
#define DEFAULT_PUBLISHERS 3
#define DEFAULT_ACTIVE_PACKETS 100
#define DEFAULT_LEVEL_AVERAGE 25

#define FLAG(member, doc) \
  BIF_MAYBE_BOOL (VrRoomParams, member, BIF_OPTIONAL, doc)
#define NUMBER(member, doc) \
  BIF_MAYBE_UINT (VrRoomParams, member, BIF_OPTIONAL, G_MAXINT32, doc)
#define TEXT(member, doc) \
  BIF_STRING (VrRoomParams, member, BIF_OPTIONAL, doc)

const BifField vr_room_fields[] = {
  BIF_MAYBE_ID (VrRoomParams, room, BIF_OPTIONAL, "id; a new one otherwise"),
  TEXT (description, "what people see"),
  TEXT (secret, "needed to change the room"),
  TEXT (pin, "needed to join"),
  FLAG (is_private, "not listed"),
  FLAG (require_pvtid, "subscribers need a publisher's private id"),
  FLAG (signed_tokens, "joining needs a signed token"),
  NUMBER (publishers, "most that publish at a time"),
  NUMBER (bitrate, "cap on what publishers send, bit/s; 0 for none"),
  FLAG (bitrate_cap, "publishers may not raise it"),
  NUMBER (fir_freq, "keyframe interval asked for, s; 0 for none"),
  TEXT (audiocodec, "codecs, preferred first, comma between"),
  TEXT (videocodec, "codecs, preferred first, comma between"),
  TEXT (vp9_profile, "preferred VP9 profile"),
  TEXT (h264_profile, "preferred H.264 profile-level-id"),
  FLAG (opus_fec, "in-band FEC"),
  FLAG (opus_dtx, "DTX"),
  FLAG (audiolevel_ext, "negotiate audio levels"),
  FLAG (videoorient_ext, "negotiate video orientation"),
  FLAG (playoutdelay_ext, "negotiate playout delay"),
  FLAG (transport_wide_cc_ext, "negotiate transport-wide feedback"),
  FLAG (audiolevel_event, "tell who talks"),
  NUMBER (audio_active_packets, "packets that a level is averaged over"),
  NUMBER (audio_level_average, "who is louder talks; 127 silent, 0 loud"),
  FLAG (record, "record publishers"),
  FLAG (lock_record, "recording needs the secret"),
  TEXT (rec_dir, "folder of recordings"),
  FLAG (notify_joining, "tell of those who join without publishing"),
  FLAG (require_e2ee, "publishers must encrypt end to end"),
  FLAG (dummy_publisher, "not built yet"),
  FLAG (permanent, "keep it in the configuration file"),
  TEXT (admin_key, "needed to create, where one is configured"),
  BIF_ARRAY (VrRoomParams, allowed, BIF_OPTIONAL, "tokens that may join"),
  {NULL},
};

/* ---- codecs ---- */

static gboolean
is_known_codec (const char *name, gboolean video)
{
  static const char *const audio[] = { "opus", "multiopus", "opusred", "g722",
    "pcmu", "pcma", "isac32", "isac16", "l16", "l16-48", NULL
  };
  static const char *const videos[] =
      { "vp8", "vp9", "h264", "av1", "h265", NULL };

  return g_strv_contains (video ? videos : audio, name);
}

static char **
split_codecs (const char *list)
{
  char **codecs = g_strsplit (list, ",", -1);

  for (guint i = 0; codecs[i] != NULL; i++) {
    if (i < VR_MAX_CODECS) {
      g_strstrip (codecs[i]);
      continue;
    }
    g_clear_pointer (&codecs[i], g_free);
  }
  return codecs;
}

static gboolean
check_codecs (const char *list, gboolean video, GError ** error)
{
  g_auto (GStrv) codecs = list != NULL ? split_codecs (list) : NULL;

  for (guint i = 0; codecs != NULL && codecs[i] != NULL; i++) {
    if (is_known_codec (codecs[i], video))
      continue;
    g_set_error (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
        "Invalid element (%scodec can only be or contain %s)",
        video ? "video" : "audio", video ? "vp8, vp9, av1, h264 or h265"
        : "opus, isac32, isac16, pcmu, pcma or g722");
    return FALSE;
  }
  return TRUE;
}

gboolean
vr_room_check_params (const VrRoomParams * p, GError ** error)
{
  return check_codecs (p->audiocodec, FALSE, error)
      && check_codecs (p->videocodec, TRUE, error)
      && bif_room_check_tokens (p->allowed, error);
}

/* ---- a room ---- */

static void
take_flag (gboolean * member, const BifMaybeBool * value)
{
  if (value->set)
    *member = value->value;
}

static void
take_number (guint * member, const BifMaybeInt * value)
{
  if (value->set)
    *member = (guint) value->value;
}

static void
take_codecs (char ***member, const char *list, gboolean video)
{
  g_auto (GStrv) codecs = NULL;
  g_autoptr (GPtrArray) kept = NULL;

  if (list == NULL || list[0] == '\0')
    return;
  codecs = split_codecs (list);
  kept = g_ptr_array_new ();
  for (guint i = 0; codecs[i] != NULL; i++) {
    if (is_known_codec (codecs[i], video))
      g_ptr_array_add (kept, g_strdup (codecs[i]));
  }
  g_ptr_array_add (kept, NULL);
  g_strfreev (*member);
  *member = (char **) g_ptr_array_free (g_steal_pointer (&kept), FALSE);
}

static void
apply_media (VrRoom * self, const VrRoomParams * p)
{
  take_codecs (&self->audio_codecs, p->audiocodec, FALSE);
  take_codecs (&self->video_codecs, p->videocodec, TRUE);
  if (vr_room_allows_codec (self, "vp9"))
    bif_room_set_text (&self->vp9_profile, p->vp9_profile);
  if (vr_room_allows_codec (self, "h264"))
    bif_room_set_text (&self->h264_profile, p->h264_profile);
  take_flag (&self->opus_fec, &p->opus_fec);
  take_flag (&self->opus_dtx, &p->opus_dtx);
  if (!vr_room_allows_codec (self, "opus"))
    self->opus_fec = self->opus_dtx = FALSE;
  take_flag (&self->audiolevel_ext, &p->audiolevel_ext);
  take_flag (&self->videoorient_ext, &p->videoorient_ext);
  take_flag (&self->playoutdelay_ext, &p->playoutdelay_ext);
  take_flag (&self->twcc_ext, &p->transport_wide_cc_ext);
  take_flag (&self->audiolevel_event, &p->audiolevel_event);
  take_number (&self->audio_active_packets, &p->audio_active_packets);
  take_number (&self->audio_level_average, &p->audio_level_average);
  if (self->audio_active_packets == 0)
    self->audio_active_packets = DEFAULT_ACTIVE_PACKETS;
  if (self->audio_level_average == 0)
    self->audio_level_average = DEFAULT_LEVEL_AVERAGE;
}

static void
take_signed_tokens (VrRoom * self, const BifMaybeBool * value)
{
  BifServer *server = bif_plugin_server (BIF_PLUGIN (self->plugin));

  take_flag (&self->signed_tokens, value);
  if (!self->signed_tokens || bif_server_signs_tokens (server))
    return;
  self->signed_tokens = FALSE;
  GST_WARNING ("room %s: signed_tokens is nothing where the server signs none",
      self->base.id);
}

void
vr_room_apply (VrRoom * self, const VrRoomParams * p)
{
  /* Empty ones are some, too, as in Janus. */
  self->base.secret = g_strdup (p->secret);
  self->base.pin = g_strdup (p->pin);
  take_flag (&self->base.is_private, &p->is_private);
  take_flag (&self->require_pvtid, &p->require_pvtid);
  take_signed_tokens (self, &p->signed_tokens);
  take_number (&self->max_publishers, &p->publishers);
  take_number (&self->bitrate, &p->bitrate);
  if (self->bitrate > 0 && self->bitrate < MIN_BITRATE)
    self->bitrate = MIN_BITRATE;
  take_flag (&self->bitrate_cap, &p->bitrate_cap);
  if (p->fir_freq.set)
    vr_room_set_fir_freq (self, (guint) p->fir_freq.value);
  apply_media (self, p);
  take_flag (&self->record, &p->record);
  take_flag (&self->lock_record, &p->lock_record);
  self->rec_dir = g_strdup (p->rec_dir);
  take_flag (&self->notify_joining, &p->notify_joining);
  take_flag (&self->require_e2ee, &p->require_e2ee);
  if (p->allowed != NULL) {
    bif_room_change_allowed (&self->base, "add", p->allowed, NULL);
    self->base.checks_tokens = TRUE;
  }
}

/* ---- the file ---- */

static gboolean
is_true (const char *text)
{
  return g_ascii_strcasecmp (text, "yes") == 0
      || g_ascii_strcasecmp (text, "true") == 0 || strcmp (text, "1") == 0;
}

/* A category, typed as the fields want it. Returns: (transfer full) */
static JsonObject *
read_category (BifConfig * config, const char *name)
{
  JsonObject *object = json_object_new ();

  for (const BifField * f = vr_room_fields; f->name != NULL; f++) {
    const char *text = bif_config_string (config, name, f->name);

    if (text == NULL || f->type == BIF_FIELD_MAYBE_ID)
      continue;
    if (f->type == BIF_FIELD_MAYBE_BOOL)
      json_object_set_boolean_member (object, f->name, is_true (text));
    else if (f->type == BIF_FIELD_MAYBE_UINT)
      json_object_set_int_member (object, f->name,
          MAX (0, g_ascii_strtoll (text, NULL, 10)));
    else if (f->type == BIF_FIELD_STRING)
      json_object_set_string_member (object, f->name, text);
  }
  return object;
}

static void
load_room (VrPlugin * self, BifConfig * config, const char *category)
{
  g_autoptr (JsonObject) object = read_category (config, category);
  const char *id = category;
  VrRoomParams params = { 0 };
  g_autoptr (GError) error = NULL;
  VrRoom *room;

  if (g_ascii_strncasecmp (id, "room-", 5) == 0)
    id += 5;
  if (!self->string_ids && (strspn (id, "0123456789") != strlen (id)
          || g_ascii_strtoull (id, NULL, 10) == 0)) {
    GST_WARNING ("'%s' is no room: its id is no number", category);
    return;
  }
  if (!bif_fields_read (vr_room_fields, object, &params, NULL, &error)) {
    GST_WARNING ("room %s: %s", id, error->message);
    return;
  }
  room = vr_room_new (self, id, &error);
  if (room == NULL) {
    GST_WARNING ("room %s: %s", id, error->message);
    return;
  }
  bif_room_set_text (&room->base.description,
      params.description != NULL && params.description[0] != '\0'
      ? params.description : category);
  vr_room_apply (room, &params);
  /* Where anybody can make permanent rooms, a room may not open folders. */
  if (self->admin_key != NULL && room->rec_dir != NULL
      && room->rec_dir[0] != '\0')
    bif_server_serve_recordings (bif_plugin_server (BIF_PLUGIN (self)), NULL,
        room->rec_dir);
}

/* Of room-..., what the fields do not have: known, and not built yet. */
static const char *const pending_keys[] =
    { "threads", "dummy_streams", "dummy_e2ee", "video_svc", NULL };

static const BifKey general_keys[] = {
  {"general", "admin_key", BIF_KEY_STRING, 0, 0, FALSE},
  {"general", "string_ids", BIF_KEY_BOOL, 0, 0, FALSE},
  {"general", "events", BIF_KEY_BOOL, 0, 0, TRUE},
  {"general", "lock_rtp_forward", BIF_KEY_BOOL, 0, 0, TRUE},
  {NULL},
};

static BifKeyType
key_type (BifFieldType type)
{
  switch (type) {
    case BIF_FIELD_MAYBE_BOOL:
      return BIF_KEY_BOOL;
    case BIF_FIELD_MAYBE_UINT:
      return BIF_KEY_INT;
    default:
      return BIF_KEY_STRING;
  }
}

static void
add_room_keys (GArray * keys, const char *category)
{
  for (const BifField * f = vr_room_fields; f->name != NULL; f++) {
    const BifKey key = { category, f->name, key_type (f->type), 0,
      f->type == BIF_FIELD_MAYBE_UINT ? G_MAXINT32 : 0,
      g_str_has_prefix (f->name, "dummy") || g_str_has_prefix (f->name, "rec")
          || strcmp (f->name, "lock_record") == 0
    };
    gboolean request_only = f->type == BIF_FIELD_ARRAY
        || strcmp (f->name, "permanent") == 0
        || strcmp (f->name, "admin_key") == 0;

    if (f->type != BIF_FIELD_MAYBE_ID && !request_only)
      g_array_append_val (keys, key);
  }
  for (guint i = 0; pending_keys[i] != NULL; i++) {
    const BifKey key = { category, pending_keys[i],
      i == 1 ? BIF_KEY_LIST : BIF_KEY_STRING, 0, 0, TRUE
    };

    g_array_append_val (keys, key);
  }
}

/* Warns of keys that are unknown or mistyped. */
static void
check_keys (BifConfig * config, const GPtrArray * categories)
{
  g_autoptr (GArray) keys = g_array_new (TRUE, TRUE, sizeof (BifKey));

  for (const BifKey * key = general_keys; key->group != NULL; key++)
    g_array_append_vals (keys, key, 1);
  for (guint i = 0; categories != NULL && i < categories->len; i++) {
    const char *name = bif_config_item_name (categories->pdata[i]);

    if (name != NULL && g_ascii_strcasecmp (name, "general") != 0)
      add_room_keys (keys, name);
  }
  bif_config_check (config, (const BifKey *) keys->data);
}

void
vr_plugin_load (VrPlugin * self)
{
  BifConfig *config = bif_plugin_config (BIF_PLUGIN (self));
  const GPtrArray *categories = bif_config_children (config, NULL);

  check_keys (config, categories);
  self->string_ids = bif_config_bool (config, "general", "string_ids", FALSE);
  self->admin_key =
      g_strdup (bif_config_string (config, "general", "admin_key"));
  for (guint i = 0; categories != NULL && i < categories->len; i++) {
    const char *name = bif_config_item_name (categories->pdata[i]);

    if (name != NULL && g_ascii_strcasecmp (name, "general") != 0)
      load_room (self, config, name);
  }
}
