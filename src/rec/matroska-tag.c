/* matroska-tag.c: writes over the comment in a Matroska file, in its place.
 * Main thread. */
#include "rec/matroska-tag.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rec/run.h"

/* How many bytes of other tags may stand behind the comment. */
#define OTHER_TAGS 65536
/* The muxer's name, what it becomes, and the id and size in front; zeros end a
 * text early, and may be part of it. */
#define OLD_NAME "COMMENTS"
#define NEW_NAME "COMMENT"
#define NAME_ID "\x45\xa3"
#define NAME_HEAD 3
/* TagString's id, and the longest size that can follow. */
#define TEXT_ID "\x44\x87"
#define LONGEST_TEXT_HEAD 10

char *
bif_rec_matroska_placeholder (const char *comment)
{
  return g_strnfill (strlen (comment), 'x');
}

/* Where the TagString is whose name stands at @at; NULL: it is no such name. */
static const char *
text_behind (const char *data, gsize size, gsize at)
{
  gsize name_size = at >= NAME_HEAD ? (data[at - 1] & 0x7f) : 0;

  if (name_size < strlen (OLD_NAME) || name_size > sizeof OLD_NAME
      || size - at < name_size + 2
      || memcmp (data + at - NAME_HEAD, NAME_ID, 2) != 0
      || memcmp (data + at, OLD_NAME, strlen (OLD_NAME)) != 0
      || memcmp (data + at + name_size, TEXT_ID, 2) != 0)
    return NULL;
  return data + at + name_size + 2;
}

/* The last one: what is in front of it may be anything. */
static gboolean
replace (char *data, gsize size, const char *comment)
{
  g_autofree char *placeholder = bif_rec_matroska_placeholder (comment);
  gsize length = strlen (comment), at = size;
  const char *text = NULL, *found = NULL;

  while (text == NULL && at-- > 0)
    text = text_behind (data, size, at);
  if (text == NULL)
    return FALSE;
  for (gsize i = text - data; found == NULL && i + length <= size
      && data + i < text + LONGEST_TEXT_HEAD; i++) {
    if (memcmp (data + i, placeholder, length) == 0)
      found = data + i;
  }
  if (found == NULL)
    return FALSE;
  memset (data + at, 0, strlen (OLD_NAME));
  memcpy (data + at, NEW_NAME, strlen (NEW_NAME));
  memcpy (data + (found - data), comment, length);
  return TRUE;
}

/* Reads @size bytes at @offset, changes them and writes them back. */
static gboolean
change (FILE * file, long offset, gsize size, const char *comment)
{
  g_autofree char *data = g_malloc (size);

  return fseek (file, offset, SEEK_SET) == 0
      && fread (data, 1, size, file) == size && replace (data, size, comment)
      && fseek (file, offset, SEEK_SET) == 0
      && fwrite (data, 1, size, file) == size;
}

gboolean
bif_rec_matroska_tag (const char *path, const char *comment, GError ** error)
{
  FILE *file = fopen (path, "r+b");
  gsize size;
  gboolean ok;
  long end;

  if (file == NULL) {
    g_set_error (error, BIF_REC_ERROR, 0, "%s: %s", path,
        g_strerror (errno));
    return FALSE;
  }
  fseek (file, 0, SEEK_END);
  end = ftell (file);
  size = MIN ((gsize) MAX (end, 0), strlen (comment) + OTHER_TAGS);
  ok = change (file, end - (long) size, size, comment);
  ok = fclose (file) == 0 && ok;
  if (!ok)
    g_set_error (error, BIF_REC_ERROR, 0, _("%s: its comment is not written"),
        path);
  return ok;
}
