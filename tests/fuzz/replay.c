/* replay: runs a fuzz target over every file of a folder, and over mutations
 * of each, the same ones every time. So the targets are ordinary tests, and
 * what once crashed stays tested, with any compiler.
 *
 * Usage: replay FOLDER [MUTATIONS] */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#define MUTATIONS 20000
#define MAX_GROWTH 64

static guint64 state;

/* xorshift64*: GRand is not the same in all versions of GLib. */
static guint32
random_below (guint32 limit)
{
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (guint32) ((state * G_GUINT64_CONSTANT (2685821657736338717)) >> 32)
      % limit;
}

/* On the heap and of the exact size, for the address sanitizer. */
static void
run (const guint8 * data, gsize size)
{
  guint8 *copy = malloc (MAX (size, 1));

  if (size > 0)
    memcpy (copy, data, size);
  LLVMFuzzerTestOneInput (copy, size);
  free (copy);
}

/* Bytes that break things more often than others do. */
static guint8
odd_byte (void)
{
  static const guint8 odd[] = { 0, 1, 0x7f, 0x80, 0xff, 0xfe, 4, 15, 31 };

  return random_below (2) == 0 ? odd[random_below (G_N_ELEMENTS (odd))]
      : (guint8) random_below (256);
}

/* One change; @data has room for one byte more. Returns the new size. */
static gsize
mutate (guint8 * data, gsize size)
{
  gsize at = size > 0 ? random_below (size) : 0;
  gsize n;

  switch (random_below (6)) {
    case 0:                    /* a bit */
      if (size > 0)
        data[at] ^= 1 << random_below (8);
      return size;
    case 1:                    /* a byte */
      if (size > 0)
        data[at] = odd_byte ();
      return size;
    case 2:                    /* the end goes */
      return at;
    case 3:                    /* some go */
      if (size == 0)
        return 0;
      n = 1 + random_below (MIN (size - at, 8));
      memmove (data + at, data + at + n, size - at - n);
      return size - n;
    case 4:                    /* one comes */
      memmove (data + at + 1, data + at, size - at);
      data[at] = odd_byte ();
      return size + 1;
    default:                   /* some are copied elsewhere */
      if (size == 0)
        return 0;
      n = random_below (size);
      memmove (data + at, data + n, MIN (size - at, size - n) / 2);
      return size;
  }
}

static void
run_mutations (const guint8 * data, gsize size, guint mutations)
{
  guint8 *scratch = malloc (size + MAX_GROWTH);
  guint i, steps;

  for (i = 0; i < mutations; i++) {
    gsize n = size;

    if (size > 0)
      memcpy (scratch, data, size);
    for (steps = 1 + random_below (6); steps > 0; steps--)
      n = mutate (scratch, n);
    run (scratch, n);
  }
  free (scratch);
}

static gboolean
run_file (const char *path, guint mutations)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *data = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return FALSE;
  }
  /* Shown where it crashes, as the last line. */
  printf ("%s: %" G_GSIZE_FORMAT " bytes, %u mutations\n", path, size,
      mutations);
  fflush (stdout);
  state = G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
  run ((const guint8 *) data, size);
  run_mutations ((const guint8 *) data, size, mutations);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) folder = NULL;
  guint mutations = argc > 2 ? (guint) atoi (argv[2]) : MUTATIONS;
  guint files = 0;
  const char *name;

  if (argc < 2) {
    fprintf (stderr, "Usage: %s FOLDER [MUTATIONS]\n", argv[0]);
    return 2;
  }
  folder = g_dir_open (argv[1], 0, &error);
  if (folder == NULL) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }

  run (NULL, 0);
  while ((name = g_dir_read_name (folder)) != NULL) {
    g_autofree char *path = g_build_filename (argv[1], name, NULL);

    if (!run_file (path, mutations))
      return 1;
    files++;
  }

  return files > 0 ? 0 : 1;     /* an empty corpus tests nothing */
}
