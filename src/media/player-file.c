/* player-file.c: a file of a player: its reader out of the template, and for
 * each medium in it a payloader and a stream. Main thread, but for the functions
 * that say otherwise. */
#include "media/player-private.h"
#include "media/sdp-private.h"
#include "base/error.h"
#include "base/post.h"

#include <stdio.h>
#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (bif_player_debug);
#define GST_CAT_DEFAULT bif_player_debug

/* How far apart keyframes may be for who joins others: twice what recordings
 * are made with. */
#define REPLAY_S 30

/* ---- what it is ---- */

const char *
bif_player_file_section (const char *path)
{
  static const struct
  {
    gsize at;
    const char *magic, *section;
  } kinds[] = {
    {0, "MJR", "play-mjr"},
    {0, "MEET", "play-mjr"},
    {0, "\x1a\x45\xdf\xa3", "play-webm"},
    {0, "OggS", "play-ogg"},
    {4, "ftyp", "play-mp4"},
  };
  char head[12] = { 0 };
  FILE *file = fopen (path, "rbe");
  gsize size;

  if (file == NULL)
    return NULL;
  size = fread (head, 1, sizeof head, file);
  fclose (file);
  /* An .mjr that nothing was written to has its first 8 bytes. */
  for (guint i = 0; size > 8 && i < G_N_ELEMENTS (kinds); i++) {
    if (memcmp (head + kinds[i].at, kinds[i].magic,
            strlen (kinds[i].magic)) == 0)
      return i == 2 && g_str_has_suffix (path, ".mkv") ? "play-mkv" :
          kinds[i].section;
  }
  return NULL;
}

static const char *
codec_of_caps (const GstStructure * caps)
{
  static const struct
  {
    const char *caps, *codec;
  } codecs[] = {
    {"audio/x-opus", "opus"},
    {"audio/x-mulaw", "pcmu"},
    {"audio/x-alaw", "pcma"},
    {"audio/G722", "g722"},
    {"video/x-vp8", "vp8"},
    {"video/x-vp9", "vp9"},
    {"video/x-h264", "h264"},
    {"video/x-h265", "h265"},
    {"video/x-av1", "av1"},
  };
  const char *encoding;

  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++) {
    if (gst_structure_has_name (caps, codecs[i].caps))
      return codecs[i].codec;
  }
  encoding = gst_structure_get_string (caps, "encoding-name");
  return encoding != NULL ? bif_sdp_codec_api_name (encoding) : NULL;
}

static gboolean
is_data (const GstStructure * caps)
{
  return gst_structure_has_name (caps, "text/x-raw")
      || gst_structure_has_name (caps, "application/octet-stream");
}

static char *
h264_fmtp (const GstStructure * caps)
{
  const char *id = gst_structure_get_string (caps, "profile-level-id");
  const GValue *value = gst_structure_get_value (caps, "codec_data");
  char text[7];
  GstMapInfo map;

  if (id == NULL && value != NULL && GST_VALUE_HOLDS_BUFFER (value)
      && gst_buffer_map (gst_value_get_buffer (value), &map, GST_MAP_READ)) {
    if (map.size >= 4) {
      g_snprintf (text, sizeof text, "%02x%02x%02x", map.data[1],
          map.data[2], map.data[3]);
      id = text;
    }
    gst_buffer_unmap (gst_value_get_buffer (value), &map);
  }
  return id != NULL ? g_strdup_printf ("profile-level-id=%s;"
      "packetization-mode=1", id) : NULL;
}

/* What an offer has to say of the stream. */
static char *
fmtp_of_caps (const char *codec, const GstStructure * caps)
{
  const char *profile;

  if (g_str_equal (codec, "h264"))
    return h264_fmtp (caps);
  if (!g_str_equal (codec, "vp9"))
    return NULL;
  profile = gst_structure_get_string (caps, "profile-id");
  if (profile == NULL)
    profile = gst_structure_get_string (caps, "profile");
  return profile != NULL ? g_strdup_printf ("profile-id=%s", profile) : NULL;
}

/* ---- branches ---- */

static void
branch_free (gpointer data)
{
  BifPlayerBranch *self = data;

  if (self->block_id != 0)
    gst_pad_remove_probe (self->pad, self->block_id);
  gst_object_unref (self->pad);
  g_clear_object (&self->stream);
  g_free (self->medium.codec);
  g_free (self->medium.fmtp);
  g_free (self);
}

static gboolean
put_in (BifPlayerBranch * self, GstElement * first, GstElement * last,
    GError ** error)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (first, "sink");

  if ((first == last || gst_element_link (first, last))
      && gst_pad_link_full (self->pad, sink, GST_PAD_LINK_CHECK_HIERARCHY
          | GST_PAD_LINK_CHECK_CAPS) == GST_PAD_LINK_OK)
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE,
      "what is in the file cannot be linked (%s)", self->medium.codec);
  return FALSE;
}

/* Returns: (transfer none): the paced sink, in the file's bin; its stream */
static GstElement *
add_sink (BifPlayerBranch * self, GError ** error)
{
  GstElement *sink = gst_element_factory_make ("bifbridgesink", NULL);

  if (sink == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE,
        "GStreamer does not find the element bifbridgesink");
    return NULL;
  }
  g_object_set (sink, "sync", TRUE, "restamp", TRUE,
      "replay", bif_player_is_shared (self->file->player) ? REPLAY_S : 0, NULL);
  gst_bin_add (GST_BIN (self->file->bin), sink);
  g_object_get (sink, "stream", &self->stream, NULL);
  return sink;
}

/* The reader's thread may send events at once: everything runs before it is
 * linked to, from the sink up. */
static gboolean
put_section (BifPlayerBranch * self, GstElement * bin, GstElement * in,
    GstElement * out, GstElement * sink, GError ** error)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (in, "sink");
  GstPad *ghost = gst_ghost_pad_new ("sink", pad);
  gboolean linked;

  gst_element_add_pad (bin, ghost);
  linked = gst_element_link (out, sink);
  gst_element_sync_state_with_parent (bin);
  linked = linked && gst_pad_link (self->pad, ghost) == GST_PAD_LINK_OK;
  if (!linked)
    g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE,
        "its payloader cannot be linked (%s)", self->medium.codec);
  return linked;
}

/* Only the newest of what RED packets hold: nothing was lost on the way here. */
static GstElement *
make_red_section (int payload_type)
{
  GstElement *bin = gst_bin_new (NULL);
  GstElement *decoder = gst_element_factory_make ("rtpreddec", "in");
  GstElement *out = gst_element_factory_make ("identity", "out");

  if (decoder != NULL) {
    g_object_set (decoder, "pt", payload_type, NULL);
    gst_bin_add_many (GST_BIN (bin), decoder, out, NULL);
    gst_element_link (decoder, out);
  }
  return bin;
}

/* RTP goes as it is, anything else through the section of its codec.
 * @red: payload type; 0 for none */
static gboolean
add_media (BifPlayerBranch * self, gboolean rtp, int red, GError ** error)
{
  const BifTemplate *template_ = bif_player_template (self->file->player);
  g_autofree char *name = g_strconcat ("pay-", self->medium.codec, NULL);
  GstElement *bin = NULL, *sink;
  g_autoptr (GstElement) in = NULL, out = NULL;
  gboolean linked;

  if (!rtp || red != 0) {
    bin = rtp ? make_red_section (red) :
        bif_template_make_section (template_, name, error);
    if (bin == NULL)
      return FALSE;
    gst_bin_add (GST_BIN (self->file->bin), bin);
    in = gst_bin_get_by_name (GST_BIN (bin), "in");
    out = gst_bin_get_by_name (GST_BIN (bin), "out");
    if (in == NULL || out == NULL) {
      g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE,
          "section [%s] has no 'in' or no 'out'", name);
      return FALSE;
    }
  }
  sink = add_sink (self, error);
  if (sink == NULL)
    return FALSE;
  gst_element_sync_state_with_parent (sink);
  if (bin == NULL)
    linked = put_in (self, sink, sink, error);
  else
    linked = put_section (self, bin, in, out, sink, error);
  if (!linked) {
    gst_element_set_state (sink, GST_STATE_NULL);
    gst_bin_remove (GST_BIN (self->file->bin), sink);
    g_clear_object (&self->stream);
  }
  return linked;
}

typedef struct
{
  GBytes *bytes;
  gboolean text;
} Message;

static void
message_free (gpointer data)
{
  Message *message = data;

  g_bytes_unref (message->bytes);
  g_free (message);
}

static void
take_message (gpointer player, gpointer data)
{
  Message *message = data;

  bif_player_take_data (player, message->bytes, message->text);
}

static void
player_ref_free (gpointer data, GClosure * closure)
{
  g_weak_ref_clear (data);
  g_free (data);
}

static gpointer
player_ref_new (BifPlayer * player)
{
  GWeakRef *ref = g_new0 (GWeakRef, 1);

  g_weak_ref_init (ref, player);
  return ref;
}

/* At its time. */
static void
on_message_any_thread (GstElement * sink, GstBuffer * buffer, GstPad * pad,
    gpointer ref)
{
  g_autoptr (BifPlayer) player = g_weak_ref_get (ref);
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  Message *message;
  gpointer bytes = NULL;
  gsize size = 0;

  if (player == NULL || caps == NULL)
    return;
  message = g_new0 (Message, 1);
  gst_buffer_extract_dup (buffer, 0, gst_buffer_get_size (buffer), &bytes,
      &size);
  message->bytes = g_bytes_new_take (bytes, size);
  message->text = gst_structure_has_name (gst_caps_get_structure (caps, 0),
      "text/x-raw");
  bif_post (player, take_message, message, message_free);
}

static gboolean
add_data (BifPlayerBranch * self, GError ** error)
{
  GstElement *sink = gst_element_factory_make ("fakesink", NULL);
  gboolean linked;

  g_object_set (sink, "sync", TRUE, "async", FALSE, "signal-handoffs", TRUE,
      NULL);
  g_signal_connect_data (sink, "handoff", G_CALLBACK (on_message_any_thread),
      player_ref_new (self->file->player), player_ref_free, 0);
  gst_bin_add (GST_BIN (self->file->bin), sink);
  gst_element_sync_state_with_parent (sink);
  linked = put_in (self, sink, sink, error);
  return linked;
}

/* FALSE: it is left out. */
static gboolean
branch_build (BifPlayerBranch * self, GError ** error)
{
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (self->pad);
  const GstStructure *structure =
      caps != NULL ? gst_caps_get_structure (caps, 0) : NULL;
  const char *codec;
  const BifSdpCodecInfo *info;
  int red = 0;

  if (structure != NULL && is_data (structure)) {
    self->medium.kind = BIF_MEDIA_DATA;
    self->medium.codec = g_strdup (gst_structure_has_name (structure,
            "text/x-raw") ? "text" : "binary");
    return add_data (self, error);
  }
  codec = structure != NULL ? codec_of_caps (structure) : NULL;
  info = codec != NULL ? bif_sdp_codec_lookup (codec) : NULL;
  if (info == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE,
        "%s is nothing that can be sent", structure != NULL ?
        gst_structure_get_name (structure) : "a medium without a type");
    return FALSE;
  }
  self->medium.kind = info->kind;
  self->medium.codec = g_strdup (codec);
  self->medium.fmtp = fmtp_of_caps (codec, structure);
  gst_structure_get_int (structure, "red-payload", &red);
  return add_media (self, gst_structure_has_name (structure,
          "application/x-rtp"), red, error);
}

static GstPadProbeReturn
wait_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  return GST_PAD_PROBE_OK;
}

/* ---- the file ---- */

static BifPlayerFile *
find_file (BifPlayer * player, GstElement * demux)
{
  return g_object_get_data (G_OBJECT (demux), "bif-player-file");
}

static void
take_pad (gpointer player, gpointer data)
{
  GstPad *pad = data;
  g_autoptr (GstElement) demux = gst_pad_get_parent_element (pad);
  BifPlayerFile *file = demux != NULL ? find_file (player, demux) : NULL;
  gulong id = GPOINTER_TO_SIZE (g_object_get_data (G_OBJECT (pad),
          "bif-block"));
  g_autoptr (GError) error = NULL;
  BifPlayerBranch *branch;

  if (file == NULL)
    return;
  branch = g_new0 (BifPlayerBranch, 1);
  branch->file = file;
  branch->pad = gst_object_ref (pad);
  branch->block_id = id;
  g_ptr_array_add (file->branches, branch);
  if (branch_build (branch, &error))
    bif_player_add_medium (player, &branch->medium);
  else
    GST_WARNING_OBJECT (demux, "%s", error->message);
}

static void
take_no_more_pads (gpointer player, gpointer data)
{
  BifPlayerFile *file = find_file (player, data);

  if (file == NULL || file->ready)
    return;
  file->ready = TRUE;
  bif_player_file_changed (player);
}

static void
on_pad_added_any_thread (GstElement * demux, GstPad * pad, gpointer ref)
{
  g_autoptr (BifPlayer) player = g_weak_ref_get (ref);
  gulong id;

  if (player == NULL || GST_PAD_DIRECTION (pad) != GST_PAD_SRC)
    return;
  id = gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BLOCK
      | GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST,
      wait_any_thread, NULL, NULL);
  g_object_set_data (G_OBJECT (pad), "bif-block", GSIZE_TO_POINTER (id));
  bif_post (player, take_pad, gst_object_ref (pad), gst_object_unref);
}

static void
on_no_more_pads_any_thread (GstElement * demux, gpointer ref)
{
  g_autoptr (BifPlayer) player = g_weak_ref_get (ref);

  if (player != NULL)
    bif_post (player, take_no_more_pads, gst_object_ref (demux),
        gst_object_unref);
}

BifPlayerFile *
bif_player_file_new (BifPlayer * player, GstElement * pipeline,
    const BifTemplate * template_, const char *path, GError ** error)
{
  const char *section = bif_player_file_section (path);
  GstElement *bin = bif_template_make_section (template_, section, error);
  g_autoptr (GstElement) source = NULL;
  BifPlayerFile *self;

  if (bin == NULL)
    return NULL;
  source = gst_bin_get_by_name (GST_BIN (bin), "source");
  self = g_new0 (BifPlayerFile, 1);
  self->player = player;
  self->bin = bin;
  self->demux = gst_bin_get_by_name (GST_BIN (bin), "demux");
  gst_object_unref (self->demux);
  self->branches = g_ptr_array_new_with_free_func (branch_free);
  g_object_set (source, "location", path, NULL);
  g_object_set_data (G_OBJECT (self->demux), "bif-player-file", self);
  g_signal_connect_data (self->demux, "pad-added",
      G_CALLBACK (on_pad_added_any_thread), player_ref_new (player),
      player_ref_free, 0);
  g_signal_connect_data (self->demux, "no-more-pads",
      G_CALLBACK (on_no_more_pads_any_thread), player_ref_new (player),
      player_ref_free, 0);
  gst_bin_add (GST_BIN (pipeline), bin);
  return self;
}

/* While its bin lives. */
void
bif_player_file_free (BifPlayerFile * self)
{
  g_object_set_data (G_OBJECT (self->demux), "bif-player-file", NULL);
  g_ptr_array_unref (self->branches);
  g_free (self);
}

BifPlayerBranch *
bif_player_file_lead (BifPlayerFile * self)
{
  BifPlayerBranch *lead = NULL;

  for (guint i = 0; i < self->branches->len; i++) {
    BifPlayerBranch *branch = g_ptr_array_index (self->branches, i);

    if (lead == NULL || (branch->stream != NULL
            && branch->medium.kind == BIF_MEDIA_VIDEO))
      lead = branch;
  }
  return lead;
}

void
bif_player_file_release (BifPlayerFile * self)
{
  for (guint i = 0; i < self->branches->len; i++) {
    BifPlayerBranch *branch = g_ptr_array_index (self->branches, i);

    if (branch->block_id != 0)
      gst_pad_remove_probe (branch->pad, branch->block_id);
    branch->block_id = 0;
  }
}

void
bif_player_file_set_offset (BifPlayerFile * self, GstClockTime offset)
{
  for (guint i = 0; i < self->branches->len; i++)
    gst_pad_set_offset (((BifPlayerBranch *) self->branches->pdata[i])->pad,
        offset);
}

GstClockTime
bif_player_file_duration (BifPlayerFile * self)
{
  BifPlayerBranch *lead = bif_player_file_lead (self);
  gint64 duration;

  if (lead == NULL || !gst_pad_query_duration (lead->pad, GST_FORMAT_TIME,
          &duration) || duration < 0)
    return GST_CLOCK_TIME_NONE;
  return duration;
}

gint64
bif_player_file_started_us (BifPlayerFile * self)
{
  gint64 start_us = -1;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (self->demux),
          "start-time") != NULL)
    g_object_get (self->demux, "start-time", &start_us, NULL);
  return start_us;
}
