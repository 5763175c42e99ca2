/* options.c: reads the command line and the environment. Main thread. */
#include "rec/options.h"

#include <config.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "rec/format.h"

#define RESTAMP_PACKETS 10
#define RESTAMP_MIN_MS 500

/* What GOption fills. */
typedef struct
{
  gboolean help, version, extensions, json, header, parse, extended, pcap;
  gboolean from_pcap;
  char **files;
} Given;

static void
take_text (char **value, const char *name)
{
  const char *text = g_getenv (name);

  if (text != NULL && *text != '\0')
    *value = g_strdup (text);
}

static gboolean
take_number (int *value, const char *name, int min, int max)
{
  const char *text = g_getenv (name);
  gint64 number;

  if (text == NULL || *text == '\0')
    return TRUE;
  if (!g_ascii_string_to_signed (text, 10, min, max, &number, NULL)) {
    g_printerr (_("%s: \"%s\" is no number from %d to %d\n"), name, text, min,
        max);
    return FALSE;
  }
  *value = number;
  return TRUE;
}

/* The command line is read after it, and wins. */
static gboolean
take_environment (BifRecOptions * self)
{
  const struct
  {
    const char *name;
    int *value;
    int min, max;
  } numbers[] = {
    { "JANUS_PPREC_DEBUG", &self->debug_level, 0, 7 },
    { "JANUS_PPREC_IGNOREFIRST", &self->skip, G_MININT, G_MAXINT },
    { "JANUS_PPREC_AUDIOLEVELEXT", &self->level_id, -1, 255 },
    { "JANUS_PPREC_VIDEOORIENTEXT", &self->orientation_id, -1, 255 },
    { "JANUS_PPREC_AUDIOSKEW", &self->skew_ms, G_MININT, G_MAXINT },
    { "JANUS_PPREC_SILENCE_DISTANCE", &self->silence_distance, G_MININT,
        G_MAXINT },
    { "JANUS_PPREC_RESTAMP", &self->restamp, G_MININT, G_MAXINT },
    { "JANUS_PPREC_RESTAMP_PACKETS", &self->restamp_packets, G_MININT,
        G_MAXINT },
    { "JANUS_PPREC_RESTAMP_MIN_TH", &self->restamp_min_ms, G_MININT,
        G_MAXINT },
  };

  take_text (&self->metadata, "JANUS_PPREC_METADATA");
  take_text (&self->format, "JANUS_PPREC_FORMAT");
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    if (!take_number (numbers[i].value, numbers[i].name, numbers[i].min,
            numbers[i].max))
      return FALSE;
  }
  return TRUE;
}

/* Below 0 is as if it was not given. */
static void
reset_negative (BifRecOptions * self)
{
  self->skip = MAX (self->skip, 0);
  self->skew_ms = MAX (self->skew_ms, 0);
  self->silence_distance = MAX (self->silence_distance, 0);
  self->restamp = MAX (self->restamp, 0);
  if (self->restamp_packets < 0)
    self->restamp_packets = RESTAMP_PACKETS;
  if (self->restamp_min_ms < 0)
    self->restamp_min_ms = RESTAMP_MIN_MS;
}

#define ENTRY_FLAG(letter, name, member, doc) \
  { name, letter, 0, G_OPTION_ARG_NONE, &member, doc, NULL }
#define ENTRY_INT(letter, name, member, doc, arg) \
  { name, letter, 0, G_OPTION_ARG_INT, &member, doc, arg }
#define ENTRY_TEXT(letter, name, member, doc, arg) \
  { name, letter, 0, G_OPTION_ARG_STRING, &member, doc, arg }

static void
add_modes (GOptionContext * context, Given * given)
{
  const GOptionEntry entries[] = {
    ENTRY_FLAG ('h', "help", given->help, N_("Print this help, and exit")),
    ENTRY_FLAG ('V', "version", given->version,
        N_("Print the version, and exit")),
    ENTRY_FLAG ('F', "file-extensions", given->extensions,
        N_("Print the endings a codec's recordings can get, and exit")),
    ENTRY_FLAG ('j', "json", given->json,
        N_("Print the JSON header as it stands in the file, and exit")),
    ENTRY_FLAG ('H', "header", given->header,
        N_("Print what the header says, and exit")),
    ENTRY_FLAG ('p', "parse", given->parse,
        N_("Read and sort all packets, write nothing")),
    ENTRY_FLAG ('e', "extended-json", given->extended,
        N_("Print the header and a report as JSON, and exit")),
    ENTRY_FLAG (0, "pcap", given->pcap,
        N_("Write the packets into a capture file")),
    ENTRY_FLAG (0, "from-pcap", given->from_pcap,
        N_("Read a capture file; --from-pcap --help tells how")),
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &given->files,
        NULL, NULL },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

static void
add_settings (GOptionContext * context, BifRecOptions * self)
{
  const GOptionEntry entries[] = {
    ENTRY_TEXT ('m', "metadata", self->metadata,
        N_("Comment in the file (default: the JSON header)"), N_("TEXT")),
    ENTRY_INT ('i', "ignore-first", self->skip,
        N_("Skip that many packets at the beginning"), N_("COUNT")),
    ENTRY_INT ('P', "payload-type", self->payload_type,
        N_("Keep only packets of this payload type"), N_("NUMBER")),
    ENTRY_INT ('a', "audiolevel-ext", self->level_id,
        N_("Id of the header extension for the audio's level"), N_("ID")),
    ENTRY_INT ('v', "videoorient-ext", self->orientation_id,
        N_("Id of the header extension for the video's orientation"),
        N_("ID")),
    ENTRY_TEXT ('f', "format", self->format,
        N_("Format, in place of the destination's ending"), N_("FORMAT")),
    ENTRY_FLAG ('t', "faststart", self->faststart,
        N_("Put the index of an MP4 file in front")),
    ENTRY_FLAG ('I', "ignore-rtp-ts", self->by_arrival,
        N_("Time frames by their arrival, not by RTP")),
    ENTRY_INT ('d', "debug-level", self->debug_level,
        N_("What to log, from 0 (nothing) to 7 (all)"), N_("LEVEL")),
    ENTRY_FLAG ('D', "debug-timestamps", self->timestamps,
        N_("Put the time in front of what is said")),
    ENTRY_FLAG ('o', "disable-colors", self->no_colors,
        N_("Do not use colours in the log")),
    ENTRY_FLAG ('q', "quiet", self->quiet, N_("Do not show progress")),
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

/* For audio whose times are wrong. */
static void
add_corrections (GOptionContext * context, BifRecOptions * self)
{
  const GOptionEntry entries[] = {
    ENTRY_INT ('S', "audioskew", self->skew_ms,
        N_("Follow the drift of an audio clock in steps of this (0: off)"),
        N_("MS")),
    ENTRY_INT ('C', "silence-distance", self->silence_distance,
        N_("Leave out the end of a talk that is so near in packets, and far in "
            "time (0: off)"), N_("COUNT")),
    ENTRY_INT ('r', "restamp", self->restamp,
        N_("Move audio later than the average times COUNT/1000 (0: off)"),
        N_("COUNT")),
    ENTRY_INT ('c', "restamp-packets", self->restamp_packets,
        N_("Packets in that average (default: 10)"), N_("COUNT")),
    ENTRY_INT ('n', "restamp-min-th", self->restamp_min_ms,
        N_("Never move what is later by less (default: 500)"), N_("MS")),
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

static BifRecMode
mode_of (const Given * given)
{
  return given->from_pcap ? BIF_REC_FROM_PCAP :
      given->extensions ? BIF_REC_EXTENSIONS :
      given->extended ? BIF_REC_EXTENDED :
      given->json ? BIF_REC_JSON :
      given->header ? BIF_REC_HEADER :
      given->parse ? BIF_REC_PARSE :
      given->pcap ? BIF_REC_PCAP : BIF_REC_CONVERT;
}

static gboolean
is_capture (const BifRecOptions * self)
{
  return self->mode == BIF_REC_PCAP || self->mode == BIF_REC_FROM_PCAP;
}

/* The last file is the destination where one is written. FALSE: none is
 * named. */
static gboolean
take_files (BifRecOptions * self, char **files)
{
  guint n = files != NULL ? g_strv_length (files) : 0;

  if (self->mode == BIF_REC_EXTENSIONS)
    return TRUE;
  if (self->mode == BIF_REC_CONVERT || is_capture (self)) {
    if (n < 2)
      return FALSE;
    self->destination = g_strdup (files[--n]);
  } else {
    n = MIN (n, 1);
  }
  self->sources = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    self->sources[i] = g_strdup (files[i]);
  return n > 0 && (!is_capture (self) || n == 1);
}

static gboolean
takes_packets (const char *name)
{
  const BifRecCodec *codec = bif_rec_codec_find (name);

  return codec != NULL && codec->chain != NULL;
}

/* Writing would destroy what is read. */
static gboolean
overwrites_source (const BifRecOptions * self)
{
  GStatBuf source, destination;

  if (self->destination == NULL || g_stat (self->destination, &destination) != 0
      || !S_ISREG (destination.st_mode))
    return FALSE;
  for (guint i = 0; self->sources[i] != NULL; i++) {
    if (g_stat (self->sources[i], &source) == 0
        && source.st_dev == destination.st_dev
        && source.st_ino == destination.st_ino)
      return TRUE;
  }
  return FALSE;
}

static const char *
find_mistake (const BifRecOptions * self)
{
  if (self->payload_type < -1 || self->payload_type > 127)
    return _("A payload type is from 0 to 127.");
  if (self->orientation_id < -1 || self->orientation_id > 255
      || self->level_id < -1 || self->level_id > 255)
    return _("An extension's id is from 1 to 255.");
  if (self->ssrc < 0 || self->ssrc > G_MAXUINT32)
    return _("An SSRC is from 1 to 4294967295.");
  if (self->mode == BIF_REC_FROM_PCAP && !takes_packets (self->codec))
    return _("Of a capture, a codec of audio or video must be named with -c.");
  if (self->debug_level < 0 || self->debug_level > 7)
    return _("A log level is from 0 to 7.");
  return NULL;
}

static GOptionContext *
new_context (const char *arguments, const char *summary)
{
  GOptionContext *context = g_option_context_new (arguments);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, summary);
  return context;
}

static GOptionContext *
make_context (BifRecOptions * self, Given * given)
{
  GOptionContext *context = new_context (N_("SOURCE.mjr... [DESTINATION]"),
      N_("Turns .mjr recordings into files that play."));

  add_modes (context, given);
  add_settings (context, self);
  add_corrections (context, self);
  return context;
}

/* "-c" has another meaning there, so it is a command line of its own. */
static GOptionContext *
make_pcap_context (BifRecOptions * self, Given * given)
{
  const GOptionEntry entries[] = {
    ENTRY_FLAG ('h', "help", given->help, N_("Print this help, and exit")),
    ENTRY_FLAG (0, "from-pcap", given->from_pcap,
        N_("Read a capture file; --from-pcap --help tells how")),
    ENTRY_TEXT ('c', "codec", self->codec,
        N_("Codec of the packets, say vp8 or opus; must be given"),
        N_("CODEC")),
    { "ssrc", 's', 0, G_OPTION_ARG_INT64, &self->ssrc,
        N_("SSRC of the packets (default: the first one's)"), N_("SSRC") },
    ENTRY_FLAG ('w', "warnings", self->warnings,
        N_("Say which packets are left out, and why")),
    ENTRY_FLAG ('q', "quiet", self->quiet, N_("Do not show progress")),
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &given->files,
        NULL, NULL },
    { NULL },
  };
  GOptionContext *context = new_context (N_("SOURCE.pcap DESTINATION.mjr"),
      N_("Turns a stream of RTP in a capture file into an .mjr recording."));

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return context;
}

/* What is there after parsing: modes, files, and what they allow. */
static gboolean
finish (BifRecOptions * self, const Given * given, GOptionContext * context)
{
  g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
  const char *mistake;

  self->mode = mode_of (given);
  reset_negative (self);
  if (given->help) {
    self->mode = BIF_REC_HELP;
    g_print ("%s", help);
    return TRUE;
  }
  if (given->version) {
    self->mode = BIF_REC_HELP;
    g_print ("bifrons-rec %s\n", BIF_VERSION);
    return TRUE;
  }
  mistake = find_mistake (self);
  if (mistake == NULL && !take_files (self, given->files)) {
    g_printerr ("%s", help);
    return FALSE;
  }
  if (mistake == NULL && overwrites_source (self))
    mistake = _("The destination is the source.");
  if (mistake != NULL)
    g_printerr ("%s\n", mistake);
  return mistake == NULL;
}

/* The tools whose place we take are called by other names. */
static void
take_name (Given * given, char **argv)
{
  g_autofree char *name = g_path_get_basename (argv[0]);

  given->pcap = g_str_equal (name, "mjr2pcap");
  given->from_pcap = g_str_equal (name, "pcap2mjr");
  for (guint i = 1; argv[i] != NULL && !g_str_equal (argv[i], "--"); i++)
    given->from_pcap |= g_str_equal (argv[i], "--from-pcap");
}

static BifRecOptions *
new_options (void)
{
  BifRecOptions *self = g_new0 (BifRecOptions, 1);

  self->payload_type = self->level_id = self->orientation_id = -1;
  self->debug_level = 4;
  self->restamp_packets = RESTAMP_PACKETS;
  self->restamp_min_ms = RESTAMP_MIN_MS;
  return self;
}

BifRecOptions *
bif_rec_options_parse (char **argv)
{
  g_autoptr (BifRecOptions) self = new_options ();
  Given given = { 0 };
  g_autoptr (GOptionContext) context = NULL;
  g_auto (GStrv) args = g_strdupv (argv);
  g_autoptr (GError) error = NULL;
  char *codec;
  gboolean ok;

  if (!take_environment (self))
    return NULL;
  take_name (&given, argv);
  context = given.from_pcap ? make_pcap_context (self, &given) :
      make_context (self, &given);
  if (!g_option_context_parse_strv (context, &args, &error)) {
    g_printerr ("bifrons-rec: %s\n", error->message);
    return NULL;
  }
  if (self->codec != NULL) {
    codec = g_ascii_strdown (self->codec, -1);
    g_free (self->codec);
    self->codec = codec;
  }
  ok = finish (self, &given, context);
  g_strfreev (given.files);
  return ok ? g_steal_pointer (&self) : NULL;
}

void
bif_rec_options_free (BifRecOptions * self)
{
  g_strfreev (self->sources);
  g_free (self->destination);
  g_free (self->format);
  g_free (self->metadata);
  g_free (self->codec);
  g_free (self);
}
