/* message: what voicemail writes of streams that lose packets and whose
 * sequence numbers wrap. */
#include "base/post.h"
#include "measure.h"
#include "plugins/voicemail/message.h"
#include "source.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#define LENGTH_MS 6000
/* A beep whose beginning is lost is that much late at most; what is lost in
 * all is 300 ms. */
#define BEEP_MS 60
#define STEREO "audio/x-raw,channels=2 ! "

typedef struct
{
  char *folder, *path;
  BifNetwork *network;
  BifTemplate *template_;
  VmMessage *message;
  GMainLoop *loop;
  gboolean finished;
} Fixture;

static gboolean
quit (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

/* The message's own time is what is tested: it must pass. */
static void
run_ms (Fixture * f, guint ms)
{
  g_timeout_add (ms, quit, f->loop);
  g_main_loop_run (f->loop);
}

static void
take_finished (VmMessage * message, Fixture * f)
{
  f->finished = TRUE;
  g_main_loop_quit (f->loop);
}

static void
set_up (Fixture * f, gconstpointer data)
{
  static const BifHole holes[] = { {NULL} };
  g_autoptr (GError) error = NULL;

  f->folder = g_dir_make_tmp ("bifrons-message-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "message.opus", NULL);
  f->loop = g_main_loop_new (NULL, FALSE);
  f->network = g_object_new (BIF_TYPE_NETWORK, NULL);
  f->template_ = bif_template_load ("voicemail", NULL, holes, &error);
  g_assert_no_error (error);
  f->message = vm_message_new (f->network, f->path, &error);
  g_assert_no_error (error);
  g_signal_connect (f->message, "finished", G_CALLBACK (take_finished), f);
}

static void
tear_down (Fixture * f, gconstpointer data)
{
  vm_message_close (f->message);
  g_clear_object (&f->message);
  bif_network_close (f->network);
  g_clear_object (&f->network);
  bif_template_free (f->template_);
  g_main_loop_unref (f->loop);
  g_unlink (f->path);
  g_rmdir (f->folder);
  g_free (f->path);
  g_free (f->folder);
}

static void
finish (Fixture * f)
{
  guint watchdog = g_timeout_add_seconds (20, quit, f->loop);

  vm_message_finish (f->message);
  g_main_loop_run (f->loop);
  g_assert_true (f->finished);
  g_source_remove (watchdog);
}

/* One stream: its header, that of tags, and sound in the right place. */
static void
check_header (const char *path)
{
  g_autofree char *bytes = NULL;
  const guint8 *head;
  gsize size;

  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_assert_cmpuint (size, >, 1000);
  g_assert_cmpmem (bytes, 4, "OggS", 4);
  head = (const guint8 *) bytes + 28;
  g_assert_cmpmem (head, 8, "OpusHead", 8);
  g_assert_cmpuint (head[8], ==, 1);    /* version */
  g_test_message ("%u channels, %u Hz, mapping family %u", head[9],
      head[12] | head[13] << 8 | head[14] << 16, head[18]);
  g_assert_cmpuint (head[9], ==, 2);
  g_assert_cmpuint (head[18], ==, 0);
}

static void
check_beeps (const Measured * m, double share)
{
  guint n = m->beeps->len;

  g_test_message ("%u beeps, %.0f to %.0f ms, %u buffers", n,
      m->first_audio_ms, m->last_audio_ms, m->audio_buffers);
  g_assert_true (m->decoded);
  g_assert_cmpfloat (fabs (m->last_audio_ms - LENGTH_MS), <, 300);
  g_assert_cmpuint (n, >=, (guint) ((LENGTH_MS / 1000 - 1) * share));
  for (guint i = 1; i < n; i++) {
    double ms = g_array_index (m->beeps, double, i)
        - g_array_index (m->beeps, double, 0);

    g_assert_cmpfloat (fabs (ms - 1000 * round (ms / 1000)), <, BEEP_MS);
  }
}

typedef struct
{
  const char *encoder;
  double loss;
} Case;

/* 65400: a wrap after 136 packets. */
static const Case cases[] = {
  { STEREO "opusenc ! rtpopuspay seqnum-offset=65400", 0 },
  { STEREO "opusenc ! rtpopuspay seqnum-offset=65400", 0.05 },
};

static void
test_message (Fixture * f, gconstpointer data)
{
  const Case *one = data;
  TestSource *source = test_source_new (NULL, one->encoder, one->loss);
  g_autoptr (Measured) measured = NULL;
  g_autoptr (GError) error = NULL;

  vm_message_start (f->message, source->audio, f->template_, &error);
  g_assert_no_error (error);
  run_ms (f, LENGTH_MS);
  finish (f);
  test_source_free (source);
  check_header (f->path);
  measured = measure (f->path);
  check_beeps (measured, one->loss > 0 ? 0.5 : 1);
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  bif_post_init ();
  g_test_add ("/message/wrap", Fixture, &cases[0], set_up, test_message,
      tear_down);
  g_test_add ("/message/loss", Fixture, &cases[1], set_up, test_message,
      tear_down);
  return g_test_run ();
}
