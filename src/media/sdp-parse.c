/* sdp-parse.c: reads a peer's SDP. The first pass judges every line with the
 * error texts of Janus (core-api.md 6.1); the second one, over what passed,
 * gathers the facts. Everything is bounded: the text, the m-lines and what is
 * kept of each. Main thread. */
#include "media/sdp-private.h"

#include <stdio.h>
#include <string.h>

#define MAX_REASON 511          /* what a client gets to see of an error */
#define MAX_M_LINE 200

typedef struct
{
  BifSdp *sdp;
  GPtrArray *lines;             /* of char *, into the copied text */
  GArray *ports;                /* of guint */
  gboolean has_connection;      /* of the current level */
} Scan;

gboolean
bif_sdp_fail (GError ** error, const char *format, ...)
{
  g_autofree char *reason = NULL;
  g_autofree char *valid = NULL;
  va_list args;

  va_start (args, format);
  reason = g_strdup_vprintf (format, args);
  va_end (args);
  if (strlen (reason) > MAX_REASON)
    reason[MAX_REASON] = '\0';
  valid = g_utf8_make_valid (reason, -1);
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_SDP, valid);
  return FALSE;
}

static BifSdp *
sdp_new (const char *text)
{
  BifSdp *sdp = g_new0 (BifSdp, 1);

  sdp->ref_count = 1;
  sdp->text = g_strdup (text);
  sdp->setup = BIF_SETUP_ACTPASS;
  sdp->media = g_ptr_array_new_with_free_func (
      (GDestroyNotify) bif_sdp_media_free);
  sdp->candidates = g_ptr_array_new_with_free_func (g_free);
  return sdp;
}

/**
 * bif_sdp_ref:
 *
 * Returns: (transfer full): @self
 */
BifSdp *
bif_sdp_ref (BifSdp * self)
{
  self->ref_count++;
  return self;
}

/**
 * bif_sdp_unref:
 * @self: (transfer full)
 */
void
bif_sdp_unref (BifSdp * self)
{
  if (--self->ref_count > 0)
    return;
  g_free (self->origin_name);
  g_free (self->origin_id);
  g_free (self->origin_version);
  g_free (self->session_name);
  g_free (self->ufrag);
  g_free (self->pwd);
  g_free (self->fingerprint);
  g_ptr_array_unref (self->media);
  g_ptr_array_unref (self->candidates);
  g_free (self->text);
  g_free (self);
}

/**
 * bif_sdp_find_media:
 *
 * Returns: (nullable) (transfer none): the m-line with that mid
 */
const BifSdpMedia *
bif_sdp_find_media (const BifSdp * self, const char *mid)
{
  for (guint i = 0; i < self->media->len; i++) {
    const BifSdpMedia *media = g_ptr_array_index (self->media, i);

    if (strcmp (media->mid, mid) == 0)
      return media;
  }
  return NULL;
}

static gboolean
is_ip (const char *protocol)
{
  return g_ascii_strcasecmp (protocol, "IP4") == 0
      || g_ascii_strcasecmp (protocol, "IP6") == 0;
}

static gboolean
scan_origin (Scan * scan, const char *line, GError ** error)
{
  BifSdp *sdp = scan->sdp;
  char name[257], network[257], protocol[257], address[257];
  guint64 id, version;

  if (sdp->origin_name != NULL)
    return bif_sdp_fail (error, "Multiple o= lines: %s", line);
  if (sscanf (line, "o=%256s %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
          " %256s %256s %256s", name, &id, &version, network, protocol,
          address) != 6)
    return bif_sdp_fail (error, "Invalid o= line: %s", line);
  if (!is_ip (protocol))
    return bif_sdp_fail (error,
        "Invalid o= line (unsupported protocol %s): %s", protocol, line);

  sdp->origin_name = g_strdup (name);
  sdp->origin_id = g_strdup_printf ("%" G_GUINT64_FORMAT, id);
  sdp->origin_version = g_strdup_printf ("%" G_GUINT64_FORMAT, version);
  return TRUE;
}

static gboolean
scan_name (Scan * scan, const char *line, GError ** error)
{
  if (scan->sdp->session_name != NULL)
    return bif_sdp_fail (error, "Multiple s= lines: %s", line);
  scan->sdp->session_name = g_strdup (line + 2);
  return TRUE;
}

static gboolean
scan_connection (Scan * scan, const char *line, GError ** error)
{
  char network[257], protocol[257], address[257];

  if (scan->has_connection)
    return bif_sdp_fail (error, "Multiple %s c= lines: %s",
        scan->sdp->media->len > 0 ? "m-line" : "global", line);
  scan->has_connection = TRUE;
  if (sscanf (line, "c=%256s %256s %256s", network, protocol, address) != 3)
    return bif_sdp_fail (error, "Invalid c= line: %s", line);
  if (!is_ip (protocol))
    return bif_sdp_fail (error,
        "Invalid c= line (unsupported protocol %s): %s", protocol, line);
  return TRUE;
}

static gboolean
scan_kind (const char *word, BifMediaKind * kind)
{
  static const char *const words[] = { "audio", "video", "application" };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++) {
    if (g_ascii_strcasecmp (word, words[i]) == 0) {
      *kind = i;
      return TRUE;
    }
  }
  return FALSE;
}

static gboolean
scan_port (const char *word, guint * port)
{
  char *end;
  guint64 value = g_ascii_strtoull (word, &end, 10);

  *port = MIN (value, G_MAXUINT);
  return g_ascii_isdigit (word[0]) && *end == '\0';
}

/* The words of an m= line, which is short; as many as there are. */
static GPtrArray *
scan_words (const char *text)
{
  g_auto (GStrv) parts = g_strsplit_set (text, " \t", -1);
  GPtrArray *words = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; parts[i] != NULL; i++) {
    if (parts[i][0] != '\0')
      g_ptr_array_add (words, g_strdup (parts[i]));
  }
  return words;
}

static gboolean
scan_media (Scan * scan, const char *line, GError ** error)
{
  GPtrArray *all = scan->sdp->media;
  g_autoptr (GPtrArray) words = NULL;
  BifMediaKind kind;
  BifSdpMedia *media;
  guint port;

  if (strlen (line) > MAX_M_LINE)
    return bif_sdp_fail (error, "Invalid m= line (too long): %u",
        (guint) strlen (line));
  words = scan_words (line + 2);
  if (words->len < 3 || !scan_kind (words->pdata[0], &kind)
      || !scan_port (words->pdata[1], &port))
    return bif_sdp_fail (error, "Invalid m= line: %s", line);
  if (words->len == 3)
    return bif_sdp_fail (error,
        "Invalid m= line (no payload types/formats): %s", line);
  if (all->len == BIF_SDP_MAX_MEDIA)
    return bif_sdp_fail (error, "Error processing SDP");

  media = bif_sdp_media_new (all->len, kind, words->pdata[2]);
  for (guint i = 3; i < words->len; i++)
    g_ptr_array_add (media->formats, g_strdup (words->pdata[i]));
  g_ptr_array_add (all, media);
  g_array_append_val (scan->ports, port);
  scan->has_connection = FALSE;
  return TRUE;
}

static gboolean
scan_line (Scan * scan, const char *line, GError ** error)
{
  const char *colon;

  if (strlen (line) < 3)
    return bif_sdp_fail (error, "Invalid line (%u bytes): %s",
        (guint) strlen (line), line);
  if (line[1] != '=')
    return bif_sdp_fail (error, "Invalid line (2nd char is not '='): %s",
        line);

  switch (line[0]) {
    case 'o':
      return scan_origin (scan, line, error);
    case 's':
      return scan_name (scan, line, error);
    case 'c':
      return scan_connection (scan, line, error);
    case 'm':
      return scan_media (scan, line, error);
    case 'a':
      colon = strchr (line, ':');
      if (colon != NULL && colon[1] == '\0')
        return bif_sdp_fail (error, "Invalid a= line: %s", line + 2);
      return TRUE;
    case 'b':
      colon = strchr (line, ':');
      if (scan->sdp->media->len > 0 && (colon == NULL || colon[1] == '\0'))
        return bif_sdp_fail (error, "Invalid b= line: %s", line + 2);
      return TRUE;
    default:
      return TRUE;
  }
}

/* Cuts @text into lines: LF ends one, a CR before it belongs to the end, any
 * other CR is as good as a space (it must never come out of our own text). */
static gboolean
scan_text (Scan * scan, char *text, GError ** error)
{
  for (char *line = text, *next; line != NULL; line = next) {
    next = strchr (line, '\n');
    if (next != NULL)
      *next++ = '\0';
    if (g_str_has_suffix (line, "\r"))
      line[strlen (line) - 1] = '\0';
    g_strdelimit (line, "\r", ' ');
    if (line[0] == '\0')
      continue;
    if (!scan_line (scan, line, error))
      return FALSE;
    g_ptr_array_add (scan->lines, line);
  }

  if (scan->sdp->origin_name == NULL || scan->sdp->session_name == NULL
      || scan->sdp->media->len == 0)
    return bif_sdp_fail (error, "Missing mandatory lines (o=, s= or m=)");
  return TRUE;
}

/* What the peer left out gets the index, or the next number that is free. Two
 * m-lines of one mid cannot be told apart, by us or in our answer. */
static gboolean
complete_mids (BifSdp * sdp)
{
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);
  guint next = 0;

  for (guint i = 0; i < sdp->media->len; i++) {
    BifSdpMedia *media = g_ptr_array_index (sdp->media, i);

    if (media->mid != NULL && !g_hash_table_add (taken, media->mid))
      return FALSE;
  }
  for (guint i = 0; i < sdp->media->len; i++) {
    BifSdpMedia *media = g_ptr_array_index (sdp->media, i);

    if (media->mid != NULL)
      continue;
    media->mid = g_strdup_printf ("%u", i);
    while (g_hash_table_contains (taken, media->mid)) {
      g_free (media->mid);
      media->mid = g_strdup_printf ("%u", sdp->media->len + next++);
    }
    g_hash_table_add (taken, media->mid);
  }
  return TRUE;
}

static gboolean
take_credentials (BifSdpReader * reader)
{
  BifSdp *sdp = reader->sdp;
  BifSdpCredentials *session = &reader->session, *first = &reader->first;

  sdp->ufrag = g_strdup (first->ufrag ? first->ufrag : session->ufrag);
  sdp->pwd = g_strdup (first->pwd ? first->pwd : session->pwd);
  if (first->fingerprint != NULL)
    sdp->fingerprint = g_steal_pointer (&first->fingerprint);
  else
    sdp->fingerprint = g_steal_pointer (&session->fingerprint);
  if (first->has_setup)
    sdp->setup = first->setup;
  else if (session->has_setup)
    sdp->setup = session->setup;
  return sdp->ufrag != NULL && sdp->pwd != NULL && sdp->fingerprint != NULL;
}

static gboolean
read_lines (BifSdpReader * reader, GPtrArray * lines, GError ** error)
{
  guint index = 0;

  for (guint i = 0; i < lines->len; i++) {
    char *line = g_ptr_array_index (lines, i);

    if (line[0] == 'm') {
      bif_sdp_end_media (reader);
      bif_sdp_begin_media (reader,
          g_ptr_array_index (reader->sdp->media, index++));
    } else if (line[0] == 'b') {
      bif_sdp_read_bandwidth (reader, line + 2);
    } else if (line[0] == 'a'
        && !bif_sdp_read_attribute (reader, line + 2, error)) {
      return FALSE;
    }
  }
  bif_sdp_end_media (reader);
  return TRUE;
}

/* The first m-line, or the first that has a port where a peer has stopped the
 * one before. */
static guint
transport_index (const GArray * ports)
{
  for (guint i = 0; i < ports->len; i++) {
    if (g_array_index (ports, guint, i) != 0)
      return i;
  }
  return 0;
}

static gboolean
read_facts (Scan * scan, gboolean lowest_first, GError ** error)
{
  BifSdpReader reader = {
    .sdp = scan->sdp,
    .ports = (guint *) scan->ports->data,
    .transport = transport_index (scan->ports),
    .direction = BIF_DIRECTION_SENDRECV,
    .lowest_first = lowest_first,
  };
  gboolean ok = read_lines (&reader, scan->lines, error);

  if (ok && (!take_credentials (&reader) || reader.broken
          || !complete_mids (scan->sdp)))
    ok = bif_sdp_fail (error, "Error processing SDP");
  g_free (reader.session.fingerprint);
  g_free (reader.first.fingerprint);
  return ok;
}

/**
 * bif_sdp_parse:
 * @text: as received; LF or CRLF
 * @rid_lowest_first: the jsep's rid_order is "lmh"
 * @error: BIF_ERROR_INVALID_SDP with a text for the client
 *
 * Returns: (transfer full) (nullable): the description
 */
BifSdp *
bif_sdp_parse (const char *text, gboolean rid_lowest_first, GError ** error)
{
  g_autoptr (BifSdp) sdp = NULL;
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  g_autoptr (GArray) ports = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autofree char *copy = NULL;
  Scan scan;

  if (!g_str_has_prefix (text, "v=")) {
    bif_sdp_fail (error, "Invalid SDP (doesn't start with v=)");
    return NULL;
  }
  if (strlen (text) > BIF_SDP_MAX_SIZE || !g_utf8_validate (text, -1, NULL)) {
    bif_sdp_fail (error, "Error processing SDP");
    return NULL;
  }

  sdp = sdp_new (text);
  copy = g_strdup (text);
  scan = (Scan) { .sdp = sdp, .lines = lines, .ports = ports };
  if (!scan_text (&scan, copy, error)
      || !read_facts (&scan, rid_lowest_first, error))
    return NULL;
  return g_steal_pointer (&sdp);
}
