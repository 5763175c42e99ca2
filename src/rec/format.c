/* format.c: the tables of codecs and files. Nothing is encoded but what WAV has:
 * decoded G.711 and G.722. */
#include "rec/format.h"

#include <string.h>

static const BifRecCodec codecs[] = {
  { "opus", "Opus", "opus ogg mka webm mkv", "webm mkv mp4",
    "rtpopusdepay name=fill%u ! opusparse", TRUE, FALSE },
  { "multiopus", NULL, "opus ogg mka webm mkv", "webm mkv mp4",
    "rtpopusdepay ! opusparse", FALSE, FALSE },
  { "pcmu", "G.711", "wav mka mkv", "mkv", "rtppcmudepay", FALSE, FALSE },
  { "pcma", NULL, "wav mka mkv", "mkv", "rtppcmadepay", FALSE, FALSE },
  { "g711", NULL, "wav mka mkv", "mkv", "rtppcmudepay", FALSE, FALSE },
  { "g722", "G.722", "wav", "", "rtpg722depay", FALSE, FALSE },
  { "l16", "L16", "wav", "", "rtpL16depay", FALSE, FALSE },
  { "l16-48", NULL, "wav", "", "rtpL16depay", FALSE, FALSE },
  { "vp8", "VP8", "webm mkv", "webm mkv", "rtpvp8depay", FALSE, TRUE },
  /* mp4mux of GStreamer 1.22 crashes where nothing says where the chroma is. */
  { "vp9", "VP9", "webm mkv mp4", "webm mkv mp4", "rtpvp9depay ! vp9parse ! "
    "capssetter caps=video/x-vp9,chroma-site=(string)mpeg2", FALSE, TRUE },
  { "h264", "H.264", "mp4 mkv", "mp4 mkv", "rtph264depay ! "
    "h264parse config-interval=-1 ! "
    "video/x-h264,stream-format=avc,alignment=au", FALSE, TRUE },
  { "av1", "AV1", "mp4 mkv webm", "mp4 mkv webm", "bifrtpav1depay", FALSE,
    TRUE },
  { "h265", "H.265", "mp4 mkv", "mp4 mkv", "rtph265depay ! "
    "h265parse config-interval=-1 ! "
    "video/x-h265,stream-format=hvc1,alignment=au", FALSE, TRUE },
  { "text", "Text", "srt", "", NULL, FALSE, FALSE },
  { "binary", "Binary", NULL, "", NULL, FALSE, FALSE },
};

#define WAV_CHAIN "audioconvert ! audioresample ! audiorate ! " \
    "audio/x-raw,format=S16LE ! wavenc"

static const BifRecFormat formats[] = {
  { "opus", "oggmux", NULL },
  { "ogg", "oggmux", NULL },
  { "mka", "matroskamux", NULL },
  { "mkv", "matroskamux", NULL },
  { "webm", "webmmux", NULL },
  { "mp4", "mp4mux", NULL, "bifmp4mend" },
  { "wav", NULL, "decodebin ! " WAV_CHAIN },
  { "srt", NULL, NULL },
};

const BifRecCodec *
bif_rec_codec_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++) {
    if (g_strcmp0 (codecs[i].name, name) == 0)
      return &codecs[i];
  }
  return NULL;
}

static gboolean
has_word (const char *words, const char *word)
{
  g_auto (GStrv) split = g_strsplit (words, " ", -1);

  return g_strv_contains ((const char *const *) split, word);
}

gboolean
bif_rec_codec_fits (const BifRecCodec * self, const char *ending,
    gboolean joined)
{
  if (joined)
    return has_word (self->joined, ending);
  return self->endings == NULL || has_word (self->endings, ending);
}

const BifRecFormat *
bif_rec_format_find (const char *ending)
{
  for (guint i = 0; i < G_N_ELEMENTS (formats); i++) {
    if (g_str_equal (formats[i].ending, ending))
      return &formats[i];
  }
  return NULL;
}

void
bif_rec_formats_print (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (codecs); i++) {
    if (codecs[i].title != NULL) {
      g_auto (GStrv) words = g_strsplit (codecs[i].endings != NULL ?
          codecs[i].endings : "any", " ", -1);
      g_autofree char *list = g_strjoinv (", ", words);

      g_print ("%-8s %s\n", codecs[i].title, list);
    }
  }
}
