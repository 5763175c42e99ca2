/* videoroom-store: rooms kept in the configuration file: made, changed, gone
 * again, found by the next server; and the text around them untouched. */
#include "harness.h"
#include "plugins/plugins.h"
#include "plugins/videoroom/videoroom.h"

#include <glib/gstdio.h>
#include <string.h>

#define ID G_GUINT64_FORMAT
#define FILE_NAME "janus.plugin.videoroom.jcfg"

static const struct
{
  const char *text, *category, *result;
} edits[] = {
  {"", "room-7: {\n}\n", "\nroom-7: {\n}\n"},
  {"general: {\n}", "room-7: {\n}\n", "general: {\n}\n\nroom-7: {\n}\n"},
  {"# a\nroom-7: { x = 1 }\n# b\n", "room-7: {\n}\n",
      "# a\nroom-7: {\n}\n# b\n"},
  {"room-7 = {\n x = \"}\"; # }\n y = {}; };\nroom-8: {\n}\n", NULL,
      "room-8: {\n}\n"},
  {"# room-7: { }\n/* room-7: { } */ a = \"room-7: {\";\nroom-7: { }\nb: {}",
      NULL, "# room-7: { }\n/* room-7: { } */ a = \"room-7: {\";\nb: {}"},
  {"g: { room-7: { } }\nroom-7: { }\n", NULL, "g: { room-7: { } }\n"},
  {"room-77: { }\nroom-7a: { }\n", NULL, "room-77: { }\nroom-7a: { }\n"},
  {"7: { }\n", "room-7: {\n}\n", "room-7: {\n}\n"},
  {"ROOM-7:\n{ }\n", NULL, ""},
  {"a = \"x", NULL, "a = \"x"},
  {"room-7: { a = \"x\\\"}", NULL, "room-7: { a = \"x\\\"}"},
  {"}}}room-7: { }", NULL, "}}}"},
};

static void
test_edit (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++) {
    g_autofree char *result =
        vr_store_edit (edits[i].text, "7", edits[i].category);

    g_assert_cmpstr (result, ==, edits[i].result);
  }
}

typedef struct
{
  TestServer *server;
  TestSocket *socket;
  guint64 session, handle;
} Caller;

static void
start (Caller * self, const char *folder)
{
  g_autoptr (GError) error = NULL;

  self->server = test_server_new ("core:general.configs_folder", folder,
      NULL);
  for (guint i = 0; bif_plugins[i] != NULL; i++) {
    if (strcmp (bif_plugins[i]->name, "videoroom") == 0)
      bif_server_add_plugin (self->server->server, bif_plugins[i], &error);
  }
  g_assert_no_error (error);
  self->socket = test_socket_new (self->server, FALSE, "janus-protocol");
  self->session = test_create (self->socket);
  self->handle = test_attach (self->socket, self->session,
      "janus.plugin.videoroom");
}

static void
stop (Caller * self)
{
  test_socket_free (self->socket);
  test_server_free (self->server);
}

static void
ask (Caller * self, const char *body, const char *expected)
{
  g_autofree char *answer = test_socket_ask (self->socket,
      "{\"janus\":\"message\",\"transaction\":\"t\",\"session_id\":%" ID
      ",\"handle_id\":%" ID ",\"body\":%s}", self->session, self->handle, body);

  if (strstr (answer, expected) == NULL)
    g_error ("%s: %s is not in %s", body, expected, answer);
}

static char *
read_file (const char *path)
{
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  return text;
}

static const char original[] =
    "# mine\ngeneral: {\n\tstring_ids = false # so\n}\n\n"
    "# the first\nroom-1: {\n\t# kept\n\tdescription = \"One\"\n}\n";

static void
test_permanent (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bif-store-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  g_autofree char *before = NULL, *after = NULL;
  Caller caller;

  g_assert_true (g_file_set_contents (path, original, -1, NULL));
  start (&caller, folder);
  ask (&caller, "{\"request\":\"create\",\"room\":5}", "\"permanent\":false");
  ask (&caller, "{\"request\":\"create\",\"room\":2,\"permanent\":true,"
      "\"description\":\"a \\\"b\\\" \\\\ } \\n c\",\"secret\":\"s\","
      "\"opus_fec\":false,\"audiolevel_event\":true,\"publishers\":9,"
      "\"audiocodec\":\"opus,pcmu\",\"videocodec\":\"h264\","
      "\"h264_profile\":\"42e01f\",\"audiolevel_ext\":false}",
      "{\"videoroom\":\"created\",\"room\":2,\"permanent\":true}");
  stop (&caller);
  before = read_file (path);
  g_assert_true (g_str_has_prefix (before, original));

  start (&caller, folder);
  ask (&caller, "{\"request\":\"exists\",\"room\":5}", "\"exists\":false");
  ask (&caller, "{\"request\":\"list\"}", "{\"room\":2,\"description\":"
      "\"a \\\"b\\\" \\\\ } \\n c\",\"pin_required\":false,"
      "\"is_private\":false,\"max_publishers\":9,\"bitrate\":0,"
      "\"fir_freq\":0,\"require_pvtid\":false,\"require_e2ee\":false,"
      "\"dummy_publisher\":false,\"notify_joining\":false,"
      "\"audiocodec\":\"opus,pcmu\",\"videocodec\":\"h264\",\"record\":false,"
      "\"lock_record\":false,\"num_participants\":0,\"audiolevel_ext\":false,"
      "\"audiolevel_event\":true,\"audio_active_packets\":100,"
      "\"audio_level_average\":25");
  ask (&caller, "{\"request\":\"edit\",\"room\":2,\"secret\":\"s\","
      "\"new_description\":\"Two\",\"new_fir_freq\":3,\"permanent\":true}",
      "{\"videoroom\":\"edited\",\"room\":2,\"permanent\":true}");
  stop (&caller);

  start (&caller, folder);
  ask (&caller, "{\"request\":\"list\"}", "\"description\":\"Two\"");
  ask (&caller, "{\"request\":\"list\"}", "\"fir_freq\":3");
  ask (&caller, "{\"request\":\"destroy\",\"room\":2,\"secret\":\"s\","
      "\"permanent\":true}",
      "{\"videoroom\":\"destroyed\",\"room\":2,\"permanent\":true}");
  stop (&caller);
  after = read_file (path);
  g_assert_true (g_str_has_prefix (after, original));
  g_assert_cmpstr (g_strchomp (after), ==,
      "# mine\ngeneral: {\n\tstring_ids = false # so\n}\n\n"
      "# the first\nroom-1: {\n\t# kept\n\tdescription = \"One\"\n}");
  g_unlink (path);
  g_rmdir (folder);
}

/* No file: 499; a file that is gone: not permanent, and said so. */
static void
test_impossible (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bif-store-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, FILE_NAME, NULL);
  Caller caller;

  start (&caller, folder);
  ask (&caller, "{\"request\":\"create\",\"permanent\":true}",
      "\"error_code\":499");
  stop (&caller);
  g_assert_true (g_file_set_contents (path, original, -1, NULL));
  start (&caller, folder);
  g_unlink (path);
  ask (&caller, "{\"request\":\"create\",\"room\":3,\"permanent\":true}",
      "\"permanent\":false");
  stop (&caller);
  g_rmdir (folder);
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
  g_test_add_func ("/videoroom-store/edit", test_edit);
  g_test_add_func ("/videoroom-store/permanent", test_permanent);
  g_test_add_func ("/videoroom-store/impossible", test_impossible);
  return g_test_run ();
}
