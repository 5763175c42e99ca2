/* from-pcap.c: one RTP stream of a capture as version 2 of .mjr, byte for byte
 * as Janus' tool writes it (recording-tools.md 3). Main thread. */
#include "rec/from-pcap.h"

#include <glib/gi18n.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "rec/format.h"
#include "rec/pcap.h"
#include "rec/run.h"

#define MAGIC "MJR00002"

typedef struct
{
  const BifRecOptions *options;
  FILE *file;
  guint32 ssrc;
  gboolean has_ssrc;
  gint64 begin_us;              /* of the capture's first packet */
  guint written;
} Writer;

static void
put16 (FILE * file, guint16 value)
{
  value = GUINT16_TO_BE (value);
  fwrite (&value, sizeof value, 1, file);
}

static void
put32 (FILE * file, guint32 value)
{
  value = GUINT32_TO_BE (value);
  fwrite (&value, sizeof value, 1, file);
}

static void
write_head (Writer * self, gint64 time_us)
{
  const BifRecCodec *codec = bif_rec_codec_find (self->options->codec);
  g_autofree char *json = g_strdup_printf ("{\"t\": \"%c\", \"c\": \"%s\", "
      "\"s\": %" G_GINT64_FORMAT ", \"u\": %" G_GINT64_FORMAT "}",
      codec->video ? 'v' : 'a', codec->name, time_us, time_us);

  put16 (self->file, strlen (json));
  fputs (json, self->file);
}

static void
write_packet (Writer * self, const BifPcapPacket * packet)
{
  gint64 since_us = MAX (packet->time_us - self->begin_us, 0);

  if (self->written++ == 0)
    write_head (self, packet->time_us);
  fputs ("MEET", self->file);
  put32 (self->file, since_us / 1000);
  put16 (self->file, packet->size);
  fwrite (packet->data, packet->size, 1, self->file);
}

static void
warn (const Writer * self, guint number, BifPcapKind kind)
{
  const char *const why[] = {
    [BIF_PCAP_RTP] = N_("another SSRC"),
    [BIF_PCAP_CUT] = N_("not all of it was captured"),
    [BIF_PCAP_NO_IP] = N_("neither IPv4 nor IPv6"),
    [BIF_PCAP_NO_UDP] = N_("not UDP"),
    [BIF_PCAP_NO_RTP] = N_("not RTP"),
  };

  if (self->options->warnings)
    g_printerr (_("Packet %u is left out: %s\n"), number, _(why[kind]));
}

static void
write_packets (Writer * self, BifPcap * pcap)
{
  BifPcapPacket packet;
  BifPcapKind kind;

  while ((kind = bif_pcap_next (pcap, &packet)) != BIF_PCAP_END) {
    if (self->begin_us == 0 && kind != BIF_PCAP_CUT)
      self->begin_us = packet.time_us;
    if (kind == BIF_PCAP_RTP && !self->has_ssrc) {
      self->ssrc = packet.ssrc;
      self->has_ssrc = TRUE;
    }
    if (kind == BIF_PCAP_RTP && packet.ssrc == self->ssrc)
      write_packet (self, &packet);
    else
      warn (self, pcap->count, kind);
  }
}

gboolean
bif_rec_from_pcap (const BifRecOptions * options, GError ** error)
{
  g_autoptr (GMappedFile) map = g_mapped_file_new (options->sources[0], FALSE,
      error);
  Writer writer = { .options = options, .ssrc = options->ssrc,
    .has_ssrc = options->ssrc != 0
  };
  const char *wrong;
  BifPcap pcap;
  gboolean ok;

  if (map == NULL)
    return FALSE;
  wrong = bif_pcap_open (&pcap, (const guint8 *) g_mapped_file_get_contents
      (map), g_mapped_file_get_length (map));
  if (wrong != NULL) {
    g_set_error (error, BIF_REC_ERROR, 0, "%s: %s", options->sources[0],
        _(wrong));
    return FALSE;
  }
  writer.file = fopen (options->destination, "wb");
  if (writer.file == NULL) {
    g_set_error (error, BIF_REC_ERROR, 0, "%s: %s", options->destination,
        g_strerror (errno));
    return FALSE;
  }
  fputs (MAGIC, writer.file);
  write_packets (&writer, &pcap);
  ok = !ferror (writer.file);
  ok = fclose (writer.file) == 0 && ok;
  if (!ok)
    g_set_error (error, BIF_REC_ERROR, 0, _("%s cannot be written"),
        options->destination);
  else if (!options->quiet)
    g_printerr (_("%u of %u packets were written\n"), writer.written,
        pcap.count);
  return ok;
}
