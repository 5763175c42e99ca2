/* main.c: bifrons-rec: .mjr recordings into files that play, over pipelines of
 * GStreamer. Main thread. */
#include <config.h>
#include <glib/gi18n.h>
#include <gst/gst.h>
#include <locale.h>
#include <stdio.h>

#include "base/paths.h"
#include "rec/convert.h"
#include "rec/from-pcap.h"
#include "rec/report.h"
#include "rec/run.h"

/* From 4, which says what a person should know. */
static void
set_log_level (const BifRecOptions * options)
{
  static const GstDebugLevel levels[] = { GST_LEVEL_NONE, GST_LEVEL_NONE,
    GST_LEVEL_NONE, GST_LEVEL_NONE, GST_LEVEL_NONE, GST_LEVEL_WARNING,
    GST_LEVEL_INFO, GST_LEVEL_DEBUG
  };

  if (options->no_colors)
    gst_debug_set_color_mode (GST_DEBUG_COLOR_MODE_OFF);
  if (g_getenv ("GST_DEBUG") == NULL)
    gst_debug_set_default_threshold (levels[options->debug_level]);
}

/* For lines on the error output, GStreamer's apart, which have their own. */
static void
print_with_time (const char *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "[%F %T] ");

  if (*text == '\r' || *text == '\n')
    fputs (text, stderr);
  else
    fprintf (stderr, "%s%s", time, text);
}

static gboolean
print_json (const BifRecSource * source, GError ** error)
{
  if (source->json != NULL)
    g_print ("%s\n", source->json);
  else
    g_set_error (error, BIF_REC_ERROR, 0, _("the file has no JSON header"));
  return source->json != NULL;
}

static gboolean
work (const BifRecOptions * options, GPtrArray * sources, GError ** error)
{
  const BifRecSource *first = g_ptr_array_index (sources, 0);

  switch (options->mode) {
    case BIF_REC_JSON:
      return print_json (first, error);
    case BIF_REC_HEADER:
      return bif_rec_report_text (first, options, FALSE, error);
    case BIF_REC_PARSE:
      return bif_rec_report_text (first, options, TRUE, error);
    case BIF_REC_EXTENDED:
      return bif_rec_report_json (first, options, error);
    case BIF_REC_PCAP:
      return bif_rec_write_pcap (first, options, error);
    default:
      return bif_rec_convert (sources, options, error);
  }
}

/* Lines on standard output are JSON alone where JSON was asked for. */
static int
fail (const BifRecOptions * options, const char *path, const GError * error)
{
  if (path != NULL)
    g_printerr ("bifrons-rec: %s: %s\n", path, error->message);
  else
    g_printerr ("bifrons-rec: %s\n", error->message);
  return 1;
}

static int
run (const BifRecOptions * options)
{
  g_autoptr (GPtrArray) sources =
      g_ptr_array_new_with_free_func ((GDestroyNotify) bif_rec_source_free);
  g_autoptr (GError) error = NULL;

  if (options->mode == BIF_REC_FROM_PCAP)
    return bif_rec_from_pcap (options, &error) ? 0 : fail (options, NULL,
        error);
  for (guint i = 0; options->sources[i] != NULL; i++) {
    BifRecSource *source =
        bif_rec_source_new (options->sources[i], options, &error);

    if (source == NULL)
      return fail (options, options->sources[i], error);
    g_ptr_array_add (sources, source);
  }
  return work (options, sources, &error) ? 0 : fail (options, NULL, error);
}

int
main (int argc, char **argv)
{
  g_autoptr (BifRecOptions) options = NULL;
  int code = 0;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, BIF_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  bif_paths_init (argv[0]);
  options = bif_rec_options_parse (argv);
  if (options == NULL)
    return 1;
  if (options->mode == BIF_REC_HELP)
    return 0;
  if (options->mode == BIF_REC_EXTENSIONS) {
    bif_rec_formats_print ();
    return 0;
  }
  if (options->timestamps)
    g_set_printerr_handler (print_with_time);
  gst_init (NULL, NULL);
  set_log_level (options);
  gst_registry_scan_path (gst_registry_get (), bif_paths_gst_plugin_dir ());
  code = run (options);
  g_clear_pointer (&options, bif_rec_options_free);
  gst_deinit ();
  return code;
}
