/* log-line.c: one log line as text. Plain functions, any thread. */
#include "base/log-line.h"

#include <string.h>
#include <time.h>

void
bif_log_record_free (gpointer record)
{
  BifLogRecord *self = record;

  g_free (self->source);
  g_free (self->text);
  g_free (self);
}

static void
append_prefix (GString * out, const char *prefix, gboolean colors)
{
  const char *p = prefix;

  while (*p != '\0') {
    if (!colors && p[0] == '\x1b' && p[1] == '[') {
      p += 2 + strspn (p + 2, "0123456789;");
      p += *p != '\0';
      continue;
    }
    g_string_append_c (out, *p++);
  }
}

static void
append_time (GString * out, gint64 time_us)
{
  time_t seconds = time_us / G_USEC_PER_SEC;
  struct tm local;
  char text[64];

  /* The names of days and months stay English: programs read them. */
  static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri",
    "Sat"
  };
  static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May",
    "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"
  };

  if (localtime_r (&seconds, &local) == NULL)
    return;
  g_snprintf (text, sizeof (text), "[%s %s %2d %02d:%02d:%02d %d] ",
      days[local.tm_wday], months[local.tm_mon], local.tm_mday, local.tm_hour,
      local.tm_min, local.tm_sec, local.tm_year + 1900);
  g_string_append (out, text);
}

static void
append_tag (GString * out, GstDebugLevel level, gboolean colors)
{
  const char *tag = NULL;
  const char *color = NULL;

  if (level == GST_LEVEL_NONE) {
    tag = "[FATAL] ";
    color = "\x1b[35m";
  } else if (level == GST_LEVEL_ERROR) {
    tag = "[ERR] ";
    color = "\x1b[31m";
  } else if (level == GST_LEVEL_WARNING || level == GST_LEVEL_FIXME) {
    tag = "[WARN] ";
    color = "\x1b[33m";
  }
  if (tag != NULL && colors)
    g_string_append_printf (out, "%s%s\x1b[0m", color, tag);
  else if (tag != NULL)
    g_string_append (out, tag);
}

static void
append_text (GString * out, const char *text)
{
  gsize size = strlen (text);

  while (size > 0 && g_ascii_isspace (text[size - 1]))
    size--;
  for (gsize i = 0; i < size; i++) {
    guchar c = text[i];

    if (c == '\n')
      g_string_append (out, "\n\t");
    else if (c == '\t' || (c >= ' ' && c != 0x7f))
      g_string_append_c (out, c);
    else if (c != '\r')
      g_string_append_printf (out, "\\x%02x", c);
  }
}

void
bif_log_format (GString * out, const BifLogRecord * record,
    const char *prefix, gboolean timestamps, gboolean colors)
{
  gboolean located = record->level == GST_LEVEL_NONE
      || record->level == GST_LEVEL_ERROR || record->level >= GST_LEVEL_TRACE;

  if (prefix != NULL)
    append_prefix (out, prefix, colors);
  if (timestamps)
    append_time (out, record->time_us);
  append_tag (out, record->level, colors);
  if (located && record->source != NULL)
    g_string_append_printf (out, "[%s] ", record->source);
  append_text (out, record->text);
  g_string_append_c (out, '\n');
}
