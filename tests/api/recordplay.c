/* recordplay.c: requests of Record&Play without media: the library in its
 * folder, errors, and what clients may not name. */
#include "harness.h"
#include "plugins/plugins.h"

#include <string.h>
#include <glib/gstdio.h>

#define ID G_GUINT64_FORMAT
#define EVENT "{\"recordplay\":\"event\","

typedef struct
{
  TestServer *server;
  TestSocket *socket;
  char *folder;
  guint64 session, handle;
  guint n_sent;
} Fixture;

/* @jsep: (nullable): an SDP's type. @answer: stands in the answer */
typedef struct
{
  const char *body, *jsep, *answer;
} Step;

static const char sdp[] = "v=0\\r\\no=- 1 1 IN IP4 127.0.0.1\\r\\ns=-\\r\\n"
    "t=0 0\\r\\nm=audio 9 UDP/TLS/RTP/SAVPF 111\\r\\nc=IN IP4 0.0.0.0\\r\\n"
    "a=mid:0\\r\\na=ice-ufrag:abcd\\r\\na=ice-pwd:abcdefghijklmnopqrstuvwx\\r\\n"
    "a=fingerprint:sha-256 AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:"
    "AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA:AA\\r\\na=setup:actpass\\r\\n"
    "a=rtcp-mux\\r\\na=sendonly\\r\\na=rtpmap:111 opus/48000/2\\r\\n";

static void
put (Fixture * self, const char *name, const char *text, gssize size)
{
  g_autofree char *path = g_build_filename (self->folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, size, &error);
  g_assert_no_error (error);
}

/* As an old library has them: version 2, version 0, and what is no recording. */
static void
fill (Fixture * self)
{
  put (self, "5.nfo", "[5]\r\nname = old\\; one\r\ndate = yesterday\r\n"
      "private = false\r\naudio = a.mjr\r\nvideo = v\r\n", -1);
  put (self, "a.mjr", "MJR00002\0:{\"t\":\"a\",\"c\":\"opus\",\"or\":63,"
      "\"s\":1700000000000000,\"u\":1700}", 10 + 58);
  put (self, "v.mjr", "MEETECHO\0\5video", 15);
  put (self, "6.nfo", "[6]\r\nname = hidden\r\nprivate = true\r\ndate = now\r\naudio = a\r\n", -1);
  put (self, "7.nfo", "[7]\r\nname = nothing\r\ndate = now\r\n", -1);
  put (self, "8.nfo", "[eight]\r\nname = x\r\ndate = now\r\naudio = a\r\n", -1);
  put (self, "9.nfo", "[9]\r\nname = out\r\nprivate = no\r\ndate = now\r\n"
      "audio = ../../etc/passwd\r\n", -1);
  put (self, "10.nfo", "", 0);
  put (self, "11.nfo", "[11]\r\nname = gone\r\nprivate = false\r\n"
      "date = now\r\naudio = missing.mjr\r\n", -1);
}

static void
set_up (Fixture * self, gconstpointer key)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  self->folder = g_dir_make_tmp ("bifrons-recordplay-XXXXXX", &error);
  g_assert_no_error (error);
  fill (self);
  text = g_strdup_printf ("general: {\n path = \"%s/\"\n %s\n}\n",
      self->folder, (const char *) key);
  put (self, "janus.plugin.recordplay.jcfg", text, -1);
  self->server = test_server_new ("core:general.configs_folder",
      self->folder, NULL);
  for (guint i = 0; bif_plugins[i] != NULL; i++) {
    if (strcmp (bif_plugins[i]->name, "recordplay") == 0)
      bif_server_add_plugin (self->server->server, bif_plugins[i], &error);
  }
  g_assert_no_error (error);
  self->socket = test_socket_new (self->server, FALSE, "janus-protocol");
  self->session = test_create (self->socket);
  self->handle = test_attach (self->socket, self->session,
      "janus.plugin.recordplay");
}

static void
tear_down (Fixture * self, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (self->folder, 0, NULL);
  const char *name;

  test_socket_free (self->socket);
  test_server_free (self->server);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (self->folder, name, NULL);

    g_unlink (path);
  }
  g_rmdir (self->folder);
  g_free (self->folder);
}

/* The answer, with what else came before it. */
static char *
ask (Fixture * self, const Step * step)
{
  g_autofree char *transaction = g_strdup_printf ("\"r%u\"", ++self->n_sent);
  g_autofree char *jsep = step->jsep == NULL ? g_strdup ("") :
      g_strdup_printf (",\"jsep\":{\"type\":\"%s\",\"sdp\":\"%s\"}",
      step->jsep, sdp);

  test_socket_send (self->socket, "{\"janus\":\"message\",\"transaction\":%s,"
      "\"session_id\":%" ID ",\"handle_id\":%" ID ",\"body\":%s%s}",
      transaction, self->session, self->handle, step->body, jsep);
  for (;;) {
    g_autofree char *text = test_socket_next (self->socket);

    if (strstr (text, transaction) != NULL
        && strstr (text, "\"janus\":\"ack\"") == NULL)
      return g_steal_pointer (&text);
  }
}

static void
run_all (Fixture * self, const Step * steps)
{
  for (; steps->body != NULL; steps++) {
    g_autofree char *answer = ask (self, steps);

    if (strstr (answer, steps->answer) == NULL)
      g_error ("%s: %s is not in %s", steps->body, steps->answer, answer);
  }
}

static const Step library_steps[] = {
  {"{\"request\":\"list\"}", NULL, "{\"recordplay\":\"list\",\"list\":["
      "{\"id\":5,\"is_private\":false,\"name\":\"old; one\","
      "\"date\":\"yesterday\",\"audio\":true,\"audio_codec\":\"opus\","
      "\"audio_red\":true,\"video\":true,\"video_codec\":\"vp8\","
      "\"data\":false,\"size\":83,\"files\":[\"a.mjr\",\"v.mjr\"]},"
      "{\"id\":11,"},
  {"{\"request\":\"update\"}", NULL, "{\"recordplay\":\"ok\"}"},
  {"{\"request\":\"configure\"}", NULL, "{\"recordplay\":\"configure\","
      "\"status\":\"ok\",\"settings\":{\"video-keyframe-interval\":15000,"
      "\"video-bitrate-max\":1048576}}"},
  {"{\"request\":\"configure\",\"video-bitrate-max\":64000,"
      "\"video-keyframe-interval\":0}", NULL,
      "{\"video-keyframe-interval\":0,\"video-bitrate-max\":64000}"},
  {"{\"request\":\"configure\",\"video-bitrate-max\":-1}", NULL,
      "\"error_code\":414"},
  {NULL},
};

static const Step error_steps[] = {
  {"{\"request\":\"nonsense\"}", NULL, "\"error_code\":413"},
  {"{}", NULL, "\"error_code\":415"},
  {"{\"request\":\"record\"}", "offer", "\"error_code\":415"},
  {"{\"request\":\"record\",\"name\":\"\"}", "offer", "\"error_code\":414"},
  {"{\"request\":\"record\",\"name\":1}", "offer", "\"error_code\":414"},
  {"{\"request\":\"record\",\"name\":\"x\"}", NULL, "\"error_code\":415"},
  {"{\"request\":\"record\",\"name\":\"x\",\"id\":5}", "offer",
      "\"error_code\":420"},
  {"{\"request\":\"record\",\"name\":\"x\",\"update\":true}", "offer",
      "\"error_code\":418"},
  {"{\"request\":\"record\",\"name\":\"x\",\"filename\":\"../x\"}", "offer",
      "\"error_code\":414"},
  {"{\"request\":\"record\",\"name\":\"x\",\"filename\":\"a/../../x\"}",
      "offer", "\"error_code\":414"},
  {"{\"request\":\"record\",\"name\":\"x\",\"filename\":\"/etc/x\"}", "offer",
      "\"error_code\":414"},
  {"{\"request\":\"record\",\"name\":\"x\",\"filename\":\"a/\"}", "offer",
      "\"error_code\":414"},
  {"{\"request\":\"record\",\"name\":\"x\",\"filename\":\"a\\nb = c\"}",
      "offer", "\"error_code\":414"},
  {"{\"request\":\"play\"}", NULL, "\"error_code\":415"},
  {"{\"request\":\"play\",\"id\":\"5\"}", NULL, "\"error_code\":414"},
  {"{\"request\":\"play\",\"id\":5}", "offer", "\"error_code\":414"},
  {"{\"request\":\"play\",\"id\":5,\"live\":1}", NULL,
      "\"error_code\":414"},
  {"{\"request\":\"play\",\"id\":5,\"live\":true}", NULL,
      "\"error_code\":417"},
  {"{\"request\":\"play\",\"id\":9}", NULL, "\"error_code\":416"},
  {"{\"request\":\"play\",\"id\":11}", NULL, "\"error_code\":417"},
  {"{\"request\":\"play\",\"id\":5}", NULL, "\"error_code\":417"},
  {"{\"request\":\"play\",\"id\":5,\"restart\":true}", NULL,
      "\"error_code\":418"},
  {"{\"request\":\"start\"}", NULL, "\"error_code\":418"},
  {"{\"request\":\"seek\"}", NULL, "\"error_code\":415"},
  {"{\"request\":\"seek\",\"position\":0}", NULL, "\"error_code\":418"},
  {"{\"request\":\"pause\"}", NULL, "\"data\":{\"recordplay\":\"event\"}"},
  {"{\"request\":\"resume\"}", NULL, "\"data\":{\"recordplay\":\"event\"}"},
  {"{\"request\":\"stop\"}", NULL, EVENT "\"result\":{\"status\":"
      "\"stopped\"}}"},
  {NULL},
};

static const Step key_steps[] = {
  {"{\"request\":\"update\"}", NULL, "\"error_code\":415"},
  {"{\"request\":\"update\",\"admin_key\":\"no\"}", NULL,
      "\"error_code\":440"},
  {"{\"request\":\"update\",\"admin_key\":\"key\"}", NULL,
      "{\"recordplay\":\"ok\"}"},
  {"{\"request\":\"list\",\"admin_key\":\"ke\"}", NULL, "\"error_code\":440"},
  {"{\"request\":\"list\",\"admin_key\":\"key\"}", NULL,
      "{\"id\":6,\"is_private\":true,\"name\":\"hidden\""},
  {NULL},
};

/* There is no network here: what fails leaves no recording behind. */
static const Step failed_steps[] = {
  {"{\"request\":\"record\",\"name\":\"x\",\"id\":20}", "offer",
      "\"error_code\":499"},
  {"{\"request\":\"record\",\"name\":\"x\",\"id\":20}", "offer",
      "\"error_code\":499"},
  {"{\"request\":\"play\",\"id\":20}", NULL, "\"error_code\":416"},
  {NULL},
};

static void
test_library (Fixture * self, gconstpointer data)
{
  g_autofree char *path = g_build_filename (self->folder, "5.nfo", NULL);
  static const Step after[] = {
    {"{\"request\":\"update\"}", NULL, "{\"recordplay\":\"ok\"}"},
    {"{\"request\":\"list\"}", NULL, "\"list\":[{\"id\":11,"},
    {NULL},
  };

  run_all (self, library_steps);
  g_unlink (path);
  run_all (self, after);
}

static void
test_errors (Fixture * self, gconstpointer data)
{
  run_all (self, error_steps);
}

static void
test_key (Fixture * self, gconstpointer data)
{
  run_all (self, key_steps);
}

static void
test_failed (Fixture * self, gconstpointer data)
{
  run_all (self, failed_steps);
}

int
main (int argc, char **argv)
{
  g_autofree char *templates = NULL;

  g_test_init (&argc, &argv, NULL);
  templates = g_test_build_filename (G_TEST_DIST, "..", "..", "pipelines",
      NULL);
  g_setenv ("BIFRONS_PIPELINE_PATH", templates, TRUE);
  gst_init (&argc, &argv);
  g_test_add ("/recordplay/library", Fixture, "", set_up, test_library,
      tear_down);
  g_test_add ("/recordplay/errors", Fixture, "", set_up, test_errors,
      tear_down);
  g_test_add ("/recordplay/key", Fixture, "admin_key = \"key\"", set_up,
      test_key, tear_down);
  g_test_add ("/recordplay/failed", Fixture, "", set_up, test_failed,
      tear_down);
  return g_test_run ();
}
