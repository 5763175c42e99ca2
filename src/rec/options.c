/* options.c: reads the command line and the environment. Main thread. */
#include "rec/options.h"

#include <config.h>
#include <glib/gi18n.h>

/* What GOption fills. */
typedef struct
{
  gboolean help, version, extensions, json, header, parse, extended, pcap;
  int level_id, skew, silence, restamp, restamp_packets, restamp_min;
  gboolean timestamps;
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
take_environment (BifRecOptions * self, Given * given)
{
  take_text (&self->metadata, "JANUS_PPREC_METADATA");
  take_text (&self->format, "JANUS_PPREC_FORMAT");
  return take_number (&self->debug_level, "JANUS_PPREC_DEBUG", 0, 7)
      && take_number (&self->skip, "JANUS_PPREC_IGNOREFIRST", 0, G_MAXINT)
      && take_number (&given->level_id, "JANUS_PPREC_AUDIOLEVELEXT", -1, 255)
      && take_number (&self->orientation_id, "JANUS_PPREC_VIDEOORIENTEXT", -1,
      255)
      && take_number (&given->skew, "JANUS_PPREC_AUDIOSKEW", 0, G_MAXINT)
      && take_number (&given->silence, "JANUS_PPREC_SILENCE_DISTANCE", 0,
      G_MAXINT)
      && take_number (&given->restamp, "JANUS_PPREC_RESTAMP", 0, G_MAXINT)
      && take_number (&given->restamp_min, "JANUS_PPREC_RESTAMP_MIN_TH",
      G_MININT, G_MAXINT)
      && take_number (&given->restamp_packets, "JANUS_PPREC_RESTAMP_PACKETS",
      G_MININT, G_MAXINT);
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
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &given->files,
        NULL, NULL },
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

static void
add_settings (GOptionContext * context, BifRecOptions * self, Given * given)
{
  const GOptionEntry entries[] = {
    ENTRY_TEXT ('m', "metadata", self->metadata,
        N_("Comment in the file (default: the JSON header)"), N_("TEXT")),
    ENTRY_INT ('i', "ignore-first", self->skip,
        N_("Skip that many packets at the beginning"), N_("COUNT")),
    ENTRY_INT ('P', "payload-type", self->payload_type,
        N_("Keep only packets of this payload type"), N_("NUMBER")),
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
    ENTRY_FLAG ('o', "disable-colors", self->no_colors,
        N_("Do not use colours in the log")),
    ENTRY_FLAG ('q', "quiet", self->quiet, N_("Do not show progress")),
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

/* Scripts give them; they change nothing here. */
static void
add_ignored (GOptionContext * context, Given * given)
{
  const GOptionEntry entries[] = {
    ENTRY_FLAG ('D', "debug-timestamps", given->timestamps,
        N_("Log lines always have their time")),
    ENTRY_INT ('a', "audiolevel-ext", given->level_id, N_("Has no effect"),
        N_("ID")),
    ENTRY_INT ('S', "audioskew", given->skew, N_("Has no effect"), N_("MS")),
    ENTRY_INT ('C', "silence-distance", given->silence, N_("Has no effect"),
        N_("COUNT")),
    ENTRY_INT ('r', "restamp", given->restamp, N_("Has no effect"),
        N_("COUNT")),
    ENTRY_INT ('c', "restamp-packets", given->restamp_packets,
        N_("Has no effect"), N_("COUNT")),
    ENTRY_INT ('n', "restamp-min-th", given->restamp_min,
        N_("Has no effect"), N_("MS")),
    { NULL },
  };

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
}

static BifRecMode
mode_of (const Given * given)
{
  return given->extensions ? BIF_REC_EXTENSIONS :
      given->extended ? BIF_REC_EXTENDED :
      given->json ? BIF_REC_JSON :
      given->header ? BIF_REC_HEADER :
      given->parse ? BIF_REC_PARSE :
      given->pcap ? BIF_REC_PCAP : BIF_REC_CONVERT;
}

/* The last file is the destination where one is written. FALSE: none is
 * named. */
static gboolean
take_files (BifRecOptions * self, char **files)
{
  guint n = files != NULL ? g_strv_length (files) : 0;

  if (self->mode == BIF_REC_EXTENSIONS)
    return TRUE;
  if (self->mode == BIF_REC_CONVERT || self->mode == BIF_REC_PCAP) {
    if (n < 2)
      return FALSE;
    self->destination = g_strdup (files[--n]);
  } else {
    n = MIN (n, 1);
  }
  self->sources = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    self->sources[i] = g_strdup (files[i]);
  return n > 0 && (self->mode != BIF_REC_PCAP || n == 1);
}

static const char *
find_mistake (const BifRecOptions * self)
{
  if (self->payload_type < -1 || self->payload_type > 127)
    return _("A payload type is from 0 to 127.");
  if (self->orientation_id < -1 || self->orientation_id > 255)
    return _("An extension's id is from 1 to 255.");
  if (self->skip < 0)
    return _("A count is not below 0.");
  if (self->debug_level < 0 || self->debug_level > 7)
    return _("A log level is from 0 to 7.");
  return NULL;
}

static GOptionContext *
make_context (BifRecOptions * self, Given * given)
{
  GOptionContext *context =
      g_option_context_new (N_("SOURCE.mjr... [DESTINATION]"));

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context,
      N_("Turns .mjr recordings into files that play."));
  add_modes (context, given);
  add_settings (context, self, given);
  add_ignored (context, given);
  return context;
}

/* What is there after parsing: modes, files, and what they allow. */
static gboolean
finish (BifRecOptions * self, const Given * given, GOptionContext * context)
{
  g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
  const char *mistake = find_mistake (self);

  self->mode = mode_of (given);
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
  if (mistake != NULL) {
    g_printerr ("%s\n", mistake);
    return FALSE;
  }
  if (take_files (self, given->files))
    return TRUE;
  g_printerr ("%s", help);
  return FALSE;
}

BifRecOptions *
bif_rec_options_parse (char **argv)
{
  g_autoptr (BifRecOptions) self = g_new0 (BifRecOptions, 1);
  Given given = { 0 };
  g_autoptr (GOptionContext) context = NULL;
  g_auto (GStrv) args = g_strdupv (argv);
  g_autoptr (GError) error = NULL;
  gboolean ok;

  self->payload_type = self->orientation_id = -1;
  self->debug_level = 4;
  if (!take_environment (self, &given))
    return NULL;
  context = make_context (self, &given);
  if (!g_option_context_parse_strv (context, &args, &error)) {
    g_printerr ("bifrons-rec: %s\n", error->message);
    return NULL;
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
  g_free (self);
}
