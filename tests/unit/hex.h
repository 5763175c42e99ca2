/* hex.h: test vectors are written in hex; these read them. */
#pragma once

#include <string.h>
#include <glib.h>

/* Spaces are skipped. Returns: (transfer full): exactly @size bytes on the
 * heap, so that an address sanitizer sees reads beyond them. */
static inline guint8 *
unhex (const char *text, gsize *size)
{
  guint8 *bytes = g_malloc (strlen (text) / 2 + 1);
  gsize n = 0;

  for (; *text != '\0'; text++) {
    if (*text == ' ')
      continue;
    g_assert_true (g_ascii_isxdigit (text[0]) && g_ascii_isxdigit (text[1]));
    bytes[n++] = g_ascii_xdigit_value (text[0]) << 4
        | g_ascii_xdigit_value (text[1]);
    text++;
  }
  *size = n;
  return g_realloc (bytes, MAX (n, 1));
}

static inline void
assert_hex (const guint8 *data, gsize size, const char *text)
{
  g_autofree guint8 *expected = NULL;
  gsize n;

  expected = unhex (text, &n);
  g_assert_cmpmem (data, size, expected, n);
}
