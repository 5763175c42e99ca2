/* lean-dtls.c: what a PeerConnection without data would cost on dtlsdec and
 * dtlsenc alone, without webrtcbin: threads, memory, CPU of set-up and teardown.
 * Not installed, not a test: ninja -C build tests/bench/lean-dtls.
 *
 *   lean-dtls [PEERS [ROUNDS]]
 *
 * A peer is a pipeline of two elements, as a template would hold them: source !
 * dtlsdec, dtlsenc ! sink, source and sink being pads that hand datagrams to the
 * other side. A client of the same kind is in a child process, so that what is
 * measured is the server's half. Main thread, but for ..._any_thread. */
#include "media/certificate.h"

#include <gst/gst.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct
{
  guint number;
  GstElement *pipeline, *decoder, *encoder;
  GstPad *src, *sink;           /* ours */
  gboolean started;
} Peer;

typedef struct
{
  guint16 number;
  guint8 data[2000];
} Datagram;

static int wire;                /* a socket pair, for the datagrams of all */
static _Atomic guint keys;      /* that were agreed on, two a peer */
static Peer *table[65536];
static const char *pem;

static void
on_key_any_thread (GstElement * element, gpointer unused)
{
  keys++;
}

static GstFlowReturn
send_any_thread (GstPad * pad, GstObject * parent, GstBuffer * buffer)
{
  Peer *peer = gst_pad_get_element_private (pad);
  Datagram out = { .number = peer->number };
  gsize size = gst_buffer_extract (buffer, 0, out.data, sizeof out.data);

  if (send (wire, &out, G_STRUCT_OFFSET (Datagram, data) + size, 0) < 0)
    perror ("send");
  gst_buffer_unref (buffer);
  return GST_FLOW_OK;
}

static gboolean
drop_event_any_thread (GstPad * pad, GstObject * parent, GstEvent * event)
{
  gst_event_unref (event);
  return TRUE;
}

static void
link_pads (Peer * peer)
{
  g_autoptr (GstPad) in = gst_element_get_static_pad (peer->decoder, "sink");
  g_autoptr (GstPad) out = gst_element_get_static_pad (peer->encoder, "src");

  peer->src = gst_object_ref_sink (gst_pad_new ("in", GST_PAD_SRC));
  peer->sink = gst_object_ref_sink (gst_pad_new ("out", GST_PAD_SINK));
  gst_pad_set_element_private (peer->sink, peer);
  gst_pad_set_chain_function (peer->sink, send_any_thread);
  gst_pad_set_event_function (peer->sink, drop_event_any_thread);
  gst_pad_set_active (peer->src, TRUE);
  gst_pad_set_active (peer->sink, TRUE);
  gst_pad_link_full (peer->src, in, GST_PAD_LINK_CHECK_NOTHING);
  gst_pad_link_full (out, peer->sink, GST_PAD_LINK_CHECK_NOTHING);
}

static Peer *
peer_new (guint number, gboolean client)
{
  Peer *peer = g_new0 (Peer, 1);
  g_autofree char *id = g_strdup_printf ("peer-%u", number);

  peer->number = number;
  peer->pipeline = gst_object_ref_sink (gst_pipeline_new (NULL));
  peer->decoder = gst_element_factory_make ("dtlsdec", NULL);
  peer->encoder = gst_element_factory_make ("dtlsenc", NULL);
  g_object_set (peer->decoder, "pem", pem, "connection-id", id, NULL);
  g_object_set (peer->encoder, "is-client", client, "connection-id", id, NULL);
  gst_bin_add_many (GST_BIN (peer->pipeline), peer->decoder, peer->encoder,
      NULL);
  g_signal_connect (peer->decoder, "on-key-received",
      G_CALLBACK (on_key_any_thread), NULL);
  g_signal_connect (peer->encoder, "on-key-received",
      G_CALLBACK (on_key_any_thread), NULL);
  link_pads (peer);
  table[number] = peer;
  gst_element_set_state (peer->pipeline, GST_STATE_PLAYING);
  return peer;
}

static void
peer_free (Peer * peer)
{
  table[peer->number] = NULL;
  gst_element_set_state (peer->pipeline, GST_STATE_NULL);
  gst_object_unref (peer->pipeline);
  gst_object_unref (peer->src);
  gst_object_unref (peer->sink);
  g_free (peer);
}

static void
push (Peer * peer, const guint8 * data, gsize size)
{
  if (!peer->started) {
    GstSegment segment;

    gst_segment_init (&segment, GST_FORMAT_BYTES);
    gst_pad_push_event (peer->src, gst_event_new_stream_start ("dtls"));
    gst_pad_push_event (peer->src, gst_event_new_segment (&segment));
    peer->started = TRUE;
  }
  gst_pad_push (peer->src, gst_buffer_new_memdup (data, size));
}

/* Hands one datagram to whom it is for; FALSE: the other side has gone. */
static gboolean
receive_one (gboolean client)
{
  Datagram in;
  gssize size = recv (wire, &in, sizeof in, 0);

  if (size < (gssize) G_STRUCT_OFFSET (Datagram, data))
    return FALSE;
  size -= G_STRUCT_OFFSET (Datagram, data);
  if (client && size == 0) {    /* the server wants a client, or no more */
    if (table[in.number] != NULL)
      peer_free (table[in.number]);
    else
      peer_new (in.number, TRUE);
  } else if (table[in.number] != NULL) {
    push (table[in.number], in.data, size);
  }
  return TRUE;
}

static void
toggle_client (guint number)
{
  Datagram out = { .number = number };

  if (send (wire, &out, G_STRUCT_OFFSET (Datagram, data), 0) < 0)
    perror ("send");
}

/* ---- measuring ---- */

static double
cpu_ms (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec * 1e3 + usage.ru_utime.tv_usec / 1e3
      + usage.ru_stime.tv_sec * 1e3 + usage.ru_stime.tv_usec / 1e3;
}

static long
rss_kib (void)
{
  long all = 0, resident = 0;
  FILE *file = fopen ("/proc/self/statm", "r");

  if (file != NULL) {
    if (fscanf (file, "%ld %ld", &all, &resident) != 2)
      resident = 0;
    fclose (file);
  }
  return resident * (sysconf (_SC_PAGESIZE) / 1024);
}

static guint
n_threads (void)
{
  guint n = 0;
  DIR *folder = opendir ("/proc/self/task");

  while (folder != NULL && readdir (folder) != NULL)
    n++;
  if (folder != NULL)
    closedir (folder);
  return n - 2;
}

static void
run_round (guint round, guint n)
{
  double cpu = cpu_ms (), up;
  long rss = rss_kib ();
  guint threads = n_threads ();

  keys = 0;
  for (guint i = 0; i < n; i++) {
    guint wanted = 2 * (i + 1);

    peer_new (i, FALSE);
    toggle_client (i);
    while (keys < wanted && receive_one (FALSE));
  }
  up = cpu_ms ();
  printf ("round %u: threads/peer %.2f  RSS/peer %.0f KiB  set-up %.2f ms", round,
      (n_threads () - threads) / (double) n, (rss_kib () - rss) / (double) n,
      (up - cpu) / n);
  for (guint i = 0; i < n; i++) {
    peer_free (table[i]);
    toggle_client (i);
  }
  up = cpu_ms () - up;
  /* GLib keeps threads for a while; only what stays is a leak. */
  for (guint i = 0; i < 3000 && n_threads () > threads; i++)
    g_usleep (10000);
  printf ("  teardown %.2f ms  threads left %d\n", up / n,
      (int) n_threads () - (int) threads);
}

int
main (int argc, char **argv)
{
  guint peers = argc > 1 ? atoi (argv[1]) : 100;
  guint rounds = argc > 2 ? atoi (argv[2]) : 3;
  g_autoptr (BifCertificate) certificate = NULL;
  g_autoptr (GstElement) keep = NULL;
  int ends[2];
  pid_t child;

  if (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0)
    return 1;
  child = fork ();
  wire = ends[child == 0];
  close (ends[child != 0]);
  gst_init (&argc, &argv);
  certificate = bif_certificate_new_self_signed (FALSE, NULL);
  pem = certificate->pem;
  /* Its certificate is everybody's, read once, as in BifNetwork. */
  keep = gst_object_ref_sink (gst_element_factory_make ("dtlsdec", NULL));
  g_object_set (keep, "pem", pem, NULL);
  if (child == 0) {
    while (receive_one (TRUE));
    return 0;
  }
  for (guint i = 0; i < rounds; i++)
    run_round (i + 1, peers);
  shutdown (wire, SHUT_RDWR);
  waitpid (child, NULL, 0);
  return 0;
}
