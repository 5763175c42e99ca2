/* mjr-header.c: .mjr headers as JSON and as caps. */
#include "mjr-header.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define MAX_NESTED 500
/* How browsers send 5.1, where the header does not say it. */
#define SURROUND_FMTP \
  "num_streams=4;coupled_streams=2;channel_mapping=0,4,1,2,3,5"
#define FIRST_FREE_PAYLOAD 20
#define FIRST_DYNAMIC_PAYLOAD 96

typedef struct
{
  const char *name;             /* API name */
  char kind;
  const char *encoding;         /* encoding-name of caps */
  guint clock_rate;
} Codec;

/* Where two rows share a name or an encoding, the first that fits counts. */
static const Codec codecs[] = {
  { "opus", 'a', "OPUS", 48000 },
  { "multiopus", 'a', "MULTIOPUS", 48000 },
  { "pcmu", 'a', "PCMU", 8000 },
  { "pcma", 'a', "PCMA", 8000 },
  { "g711", 'a', "PCMU", 8000 },
  { "g722", 'a', "G722", 8000 },
  { "l16", 'a', "L16", 16000 },
  { "l16-48", 'a', "L16", 48000 },
  { "vp8", 'v', "VP8", 90000 },
  { "vp9", 'v', "VP9", 90000 },
  { "h264", 'v', "H264", 90000 },
  { "av1", 'v', "AV1", 90000 },
  { "h265", 'v', "H265", 90000 },
  { "text", 'd', NULL, 1000000 },
  { "binary", 'd', NULL, 1000000 },
};

static const Codec *
find_codec (const BifMjrHeader * self)
{
  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++) {
    if (codecs[i].kind == self->kind
        && g_strcmp0 (codecs[i].name, self->codec) == 0)
      return &codecs[i];
  }
  return NULL;
}

void
bif_mjr_header_clear (BifMjrHeader * self)
{
  g_clear_pointer (&self->codec, g_free);
  g_clear_pointer (&self->fmtp, g_free);
  g_clear_pointer (&self->description, g_free);
  gst_clear_structure (&self->extensions);
  *self = (BifMjrHeader) { .red = -1 };
}

/* ---- JSON ---- */

static const char *
get_string (JsonObject * object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

/* The parser calls itself for what stands within; a header has one object in
 * another. Counting all of them, whether in a string or not, is enough. */
static gboolean
is_flat (const char *text, gsize size)
{
  guint opened = 0;

  for (gsize i = 0; i < size && opened <= MAX_NESTED; i++)
    opened += text[i] == '{' || text[i] == '[';
  return opened <= MAX_NESTED;
}

/* A value below 0 is as good as none. */
static gint64
get_int (JsonObject * object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || json_node_get_value_type (node) != G_TYPE_INT64)
    return -1;
  return json_node_get_int (node);
}

static void
read_extensions (BifMjrHeader * self, JsonObject * object)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node)) {
    char field[16];
    guint64 id;

    if (!g_ascii_string_to_unsigned (name, 10, 1, 255, &id, NULL)
        || json_node_get_value_type (node) != G_TYPE_STRING)
      continue;
    if (self->extensions == NULL)
      self->extensions = gst_structure_new_empty ("extensions");
    g_snprintf (field, sizeof field, "extmap-%u", (guint) id);
    gst_structure_set (self->extensions, field, G_TYPE_STRING,
        json_node_get_string (node), NULL);
  }
}

static gboolean
read_object (BifMjrHeader * self, JsonObject * object, GError ** error)
{
  const char *kind = get_string (object, "t");
  const char *codec = get_string (object, "c");
  JsonNode *x = json_object_get_member (object, "x");
  JsonNode *e = json_object_get_member (object, "e");

  self->created_us = get_int (object, "s");
  self->first_us = get_int (object, "u");
  if (kind == NULL || codec == NULL || self->created_us < 0
      || self->first_us < 0) {
    g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DEMUX,
        "the header lacks \"t\", \"c\", \"s\" or \"u\"");
    return FALSE;
  }
  self->kind = kind[0];
  self->codec = g_strdup (codec);
  self->fmtp = g_strdup (get_string (object, "f"));
  self->description = g_strdup (get_string (object, "d"));
  self->red = CLAMP (get_int (object, "or"), -1, 127);
  self->encrypted = e != NULL && json_node_get_value_type (e) == G_TYPE_BOOLEAN
      && json_node_get_boolean (e);
  if (x != NULL && JSON_NODE_HOLDS_OBJECT (x))
    read_extensions (self, json_node_get_object (x));
  return TRUE;
}

/* Audio is Opus, video is VP8; the first letter says which it is. */
static void
read_version_0 (BifMjrHeader * self, const char *text, gsize size)
{
  self->kind = size > 0 ? text[0] : 'v';
  self->codec = g_strdup (self->kind == 'a' ? "opus" :
      self->kind == 'd' ? "text" : "vp8");
}

gboolean
bif_mjr_header_parse (BifMjrHeader * self, const char *text, gsize size,
    int version, GError ** error)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *root;

  bif_mjr_header_clear (self);
  if (version == 0) {
    read_version_0 (self, text, size);
  } else {
    parser = json_parser_new_immutable ();
    if (!g_utf8_validate_len (text, size, NULL)) {
      g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DEMUX,
          "the header is not UTF-8");
      return FALSE;
    }
    if (!is_flat (text, size)) {
      g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DEMUX,
          "the header is too deep");
      return FALSE;
    }
    if (!json_parser_load_from_data (parser, text, size, error))
      return FALSE;
    root = json_parser_get_root (parser);
    if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
      g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_DEMUX,
          "the header is no JSON object");
      return FALSE;
    }
    if (!read_object (self, json_node_get_object (root), error))
      return FALSE;
  }
  if (find_codec (self) != NULL)
    return TRUE;
  g_set_error (error, GST_STREAM_ERROR, GST_STREAM_ERROR_CODEC_NOT_FOUND,
      "the codec \"%s\" is not known", self->codec);
  return FALSE;
}

static gboolean
write_extension (GQuark field, const GValue * value, gpointer builder)
{
  json_builder_set_member_name (builder, g_quark_to_string (field)
      + strlen ("extmap-"));
  json_builder_add_string_value (builder, g_value_get_string (value));
  return TRUE;
}

static void
add_string (JsonBuilder * builder, const char *name, const char *value)
{
  if (value == NULL)
    return;
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_int (JsonBuilder * builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

char *
bif_mjr_header_write (const BifMjrHeader * self)
{
  g_autoptr (JsonBuilder) builder = json_builder_new_immutable ();
  g_autoptr (JsonNode) root = NULL;
  const char kind[2] = { self->kind, '\0' };

  json_builder_begin_object (builder);
  add_string (builder, "t", kind);
  add_string (builder, "c", self->codec);
  add_string (builder, "f", self->fmtp);
  add_string (builder, "d", self->description);
  if (self->extensions != NULL
      && gst_structure_n_fields (self->extensions) > 0) {
    json_builder_set_member_name (builder, "x");
    json_builder_begin_object (builder);
    gst_structure_foreach (self->extensions, write_extension, builder);
    json_builder_end_object (builder);
  }
  add_int (builder, "s", self->created_us);
  add_int (builder, "u", self->first_us);
  if (self->red >= 0)
    add_int (builder, "or", self->red);
  if (self->encrypted) {
    json_builder_set_member_name (builder, "e");
    json_builder_add_boolean_value (builder, TRUE);
  }
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  return json_to_string (root, FALSE);
}

/* ---- caps ---- */

static gboolean
take_extension (GQuark field, const GValue * value, gpointer user_data)
{
  BifMjrHeader *self = user_data;
  const char *name = g_quark_to_string (field);

  if (!g_str_has_prefix (name, "extmap-") || !G_VALUE_HOLDS_STRING (value))
    return TRUE;
  if (self->extensions == NULL)
    self->extensions = gst_structure_new_empty ("extensions");
  gst_structure_set_value (self->extensions, name, value);
  return TRUE;
}

/* What a player must know before it negotiates. */
static char *
make_fmtp (const GstStructure * rtp)
{
  static const char *const names[] = { "profile-id", "profile-level-id",
    "packetization-mode", "profile", "num_streams", "coupled_streams",
    "channel_mapping"
  };
  GString *fmtp = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const char *value = gst_structure_get_string (rtp, names[i]);

    if (value != NULL)
      g_string_append_printf (fmtp, "%s%s=%s", fmtp->len > 0 ? ";" : "",
          names[i], value);
  }
  return g_string_free (fmtp, fmtp->len == 0);
}

static const Codec *
codec_of_caps (const GstStructure * structure)
{
  const char *encoding = gst_structure_get_string (structure, "encoding-name");
  int clock_rate = 0;

  gst_structure_get_int (structure, "clock-rate", &clock_rate);
  for (guint i = 0; encoding != NULL && i < G_N_ELEMENTS (codecs); i++) {
    if (codecs[i].encoding != NULL
        && g_ascii_strcasecmp (codecs[i].encoding, encoding) == 0
        && (clock_rate == 0 || codecs[i].clock_rate == (guint) clock_rate))
      return &codecs[i];
  }
  return NULL;
}

gboolean
bif_mjr_header_set_caps (BifMjrHeader * self, GstCaps * caps)
{
  const GstStructure *structure = gst_caps_get_structure (caps, 0);
  const Codec *codec;

  gst_clear_structure (&self->extensions);
  if (!gst_structure_has_name (structure, "application/x-rtp")) {
    self->kind = 'd';
    g_free (self->codec);
    self->codec = g_strdup (gst_structure_has_name (structure, "text/x-raw") ?
        "text" : "binary");
    return TRUE;
  }
  codec = codec_of_caps (structure);
  if (codec == NULL)
    return FALSE;
  self->kind = codec->kind;
  g_free (self->codec);
  self->codec = g_strdup (codec->name);
  if (self->fmtp == NULL)
    self->fmtp = make_fmtp (structure);
  gst_structure_foreach (structure, take_extension, self);
  return TRUE;
}

static gboolean
copy_field (GQuark field, const GValue * value, gpointer structure)
{
  gst_structure_id_set_value (structure, field, value);
  return TRUE;
}

/* "a=b;c=d" as fields of caps. */
static void
add_fmtp (GstStructure * rtp, const char *fmtp)
{
  g_auto (GStrv) pairs = g_strsplit (fmtp != NULL ? fmtp : "", ";", -1);

  for (guint i = 0; pairs[i] != NULL; i++) {
    char *equals = strchr (g_strstrip (pairs[i]), '=');

    if (equals == NULL || equals == pairs[i] || !g_utf8_validate (equals, -1,
            NULL))
      continue;
    *equals = '\0';
    if (!gst_structure_has_field (rtp, pairs[i])
        && strspn (pairs[i], "abcdefghijklmnopqrstuvwxyz-_")
        == strlen (pairs[i]))
      gst_structure_set (rtp, pairs[i], G_TYPE_STRING, equals + 1, NULL);
  }
}

GstCaps *
bif_mjr_header_to_caps (const BifMjrHeader * self, guint payload_type,
    guint32 ssrc)
{
  const Codec *codec = find_codec (self);
  const char *encoding;
  GstStructure *rtp;
  GstCaps *caps;

  if (codec == NULL)
    return NULL;
  if (codec->kind == 'd')
    return g_str_equal (codec->name, "text") ?
        gst_caps_new_simple ("text/x-raw", "format", G_TYPE_STRING, "utf8",
        NULL) : gst_caps_new_empty_simple ("application/octet-stream");
  encoding = g_str_equal (codec->name, "g711") && payload_type == 8 ? "PCMA" :
      codec->encoding;
  /* GStreamer's depayloaders of audio want numbers that were dynamic at first;
   * browsers give RED others. */
  if (codec->kind == 'a' && payload_type >= FIRST_FREE_PAYLOAD
      && payload_type < FIRST_DYNAMIC_PAYLOAD)
    payload_type = FIRST_DYNAMIC_PAYLOAD;
  caps = gst_caps_new_simple ("application/x-rtp", "media", G_TYPE_STRING,
      codec->kind == 'a' ? "audio" : "video", "clock-rate", G_TYPE_INT,
      codec->clock_rate, "encoding-name", G_TYPE_STRING, encoding, "payload",
      G_TYPE_INT, payload_type, "ssrc", G_TYPE_UINT, ssrc, NULL);
  rtp = gst_caps_get_structure (caps, 0);
  if (g_str_has_suffix (encoding, "OPUS"))
    gst_structure_set (rtp, "encoding-params", G_TYPE_STRING,
        g_str_equal (encoding, "OPUS") ? "2" : "6", NULL);
  add_fmtp (rtp, self->fmtp);
  if (g_str_equal (encoding, "MULTIOPUS"))
    add_fmtp (rtp, SURROUND_FMTP);
  if (self->red >= 0)
    gst_structure_set (rtp, "red-payload", G_TYPE_INT, self->red, NULL);
  if (self->extensions != NULL)
    gst_structure_foreach (self->extensions, copy_field, rtp);
  return caps;
}

guint
bif_mjr_header_clock_rate (const BifMjrHeader * self)
{
  const Codec *codec = find_codec (self);

  return codec != NULL ? codec->clock_rate : 0;
}
