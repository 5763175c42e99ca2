/* frame.c: WebSocket frames, whole, cut short, and made up. */
#include "transports/frame.h"

#include <string.h>

static void
test_read (void)
{
  static const struct
  {
    const char *bytes;
    gsize size;
    BifFrameResult result;
    gsize payload;
  } cases[] = {
    { "\x81\x80\1\2\3\4", 6, BIF_FRAME_WHOLE, 0 },
    { "\x81\x82\1\2\3\4ab", 8, BIF_FRAME_WHOLE, 2 },
    { "\x81\x82\1\2\3\4a", 7, BIF_FRAME_PARTIAL, 2 },
    { "\x81\xfe\0\3\1\2\3\4abc", 11, BIF_FRAME_WHOLE, 3 },
    { "\x81\xff\0\0\0\0\0\0\0\1\1\2\3\4a", 15, BIF_FRAME_WHOLE, 1 },
    { "\x81\xff\0\0\0\0\0\0\3\xe8\1\2\3\4", 14, BIF_FRAME_PARTIAL, 1000 },
    { "\x81\xff\0\0\0\0\0\0\3\xe9\1\2\3\4", 14, BIF_FRAME_TOO_BIG, 0 },
    { "\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\2\3\4", 14,
        BIF_FRAME_TOO_BIG, 0 },
    { "\x81\xff\x80\0\0\0\0\0\0\0\1\2\3\4", 14, BIF_FRAME_TOO_BIG, 0 },
    { "\x81", 1, BIF_FRAME_PARTIAL, 0 },
    { "", 0, BIF_FRAME_PARTIAL, 0 },
    { "\x81\x02" "ab", 4, BIF_FRAME_INVALID, 0 },
    { "\xc1\x80\1\2\3\4", 6, BIF_FRAME_INVALID, 0 },
    { "\x83\x80\1\2\3\4", 6, BIF_FRAME_INVALID, 0 },
    { "\x8b\x80\1\2\3\4", 6, BIF_FRAME_INVALID, 0 },
    { "\x09\x80\1\2\3\4", 6, BIF_FRAME_INVALID, 0 },
    { "\x89\xfe\0\1\1\2\3\4", 8, BIF_FRAME_INVALID, 0 },
    { "\x88\xfd", 2, BIF_FRAME_PARTIAL, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree guint8 *copy = g_memdup2 (cases[i].bytes, cases[i].size);
    BifFrame frame = { 0 };

    g_assert_cmpint (bif_frame_read (copy, cases[i].size, 1000, &frame), ==,
        cases[i].result);
    if (cases[i].payload > 0)
      g_assert_cmpuint (frame.payload_size, ==, cases[i].payload);
  }
}

/* What is written for a peer of ours is what a client's would be, unmasked. */
static void
test_write (void)
{
  static const gsize sizes[] = { 0, 1, 125, 126, 65535, 65536, 100000 };
  static const guint8 mask[4] = { 9, 8, 7, 6 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++) {
    g_autoptr (GByteArray) out = g_byte_array_new ();
    g_autoptr (GByteArray) masked = g_byte_array_new ();
    g_autofree guint8 *payload = g_malloc0 (sizes[i] + 1);
    BifFrame frame;
    gsize header;

    memset (payload, 'p', sizes[i]);
    bif_frame_write (out, BIF_OPCODE_TEXT, payload, sizes[i]);
    header = out->len - sizes[i];
    g_byte_array_append (masked, out->data, header);
    masked->data[1] |= 0x80;
    g_byte_array_append (masked, mask, 4);
    bif_frame_unmask (payload, sizes[i], mask);
    g_byte_array_append (masked, payload, sizes[i]);
    g_assert_cmpint (bif_frame_read (masked->data, masked->len, G_MAXSIZE,
            &frame), ==, BIF_FRAME_WHOLE);
    g_assert_cmpuint (frame.payload_size, ==, sizes[i]);
    g_assert_cmpuint (frame.header_size, ==, header + 4);
    bif_frame_unmask (masked->data + frame.header_size, sizes[i], frame.mask);
    g_assert_cmpmem (masked->data + frame.header_size, sizes[i],
        out->data + header, sizes[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/read", test_read);
  g_test_add_func ("/frame/write", test_write);
  return g_test_run ();
}
