/* voicemail.c: requests and errors of voicemail, without media. */
#include "harness.h"
#include "plugins/plugins.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct
{
  TestServer *server;
  TestSocket *socket;
  guint64 session, handle;
  char *folder, *config;        /* the files', and where that is said */
} Fixture;

static void
add_plugin (BifServer * server)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; bif_plugins[i] != NULL; i++) {
    if (strcmp (bif_plugins[i]->name, "voicemail") == 0)
      bif_server_add_plugin (server, bif_plugins[i], &error);
    g_assert_no_error (error);
  }
}

static void
write_config (Fixture * f)
{
  g_autofree char *text = NULL;

  f->folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  f->config = g_build_filename (f->folder, "janus.plugin.voicemail.jcfg",
      NULL);
  text = g_strdup_printf ("general: { path = \"%s/new\" }\n", f->folder);
  g_assert_true (g_file_set_contents (f->config, text, -1, NULL));
}

static void
set_up (Fixture * f, gconstpointer data)
{
  write_config (f);
  f->server = test_server_new ("core:general.configs_folder", f->folder, NULL);
  add_plugin (f->server->server);
  f->socket = test_socket_new (f->server, FALSE, "janus-protocol");
  f->session = test_create (f->socket);
  f->handle = test_attach (f->socket, f->session, "janus.plugin.voicemail");
}

static void
tear_down (Fixture * f, gconstpointer data)
{
  g_autofree char *new = g_build_filename (f->folder, "new", NULL);
  g_autoptr (GDir) dir = g_dir_open (new, 0, NULL);
  const char *name;

  test_socket_free (f->socket);
  test_server_free (f->server);
  while ((name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (new, name, NULL);

    g_unlink (path);
  }
  g_rmdir (new);
  g_unlink (f->config);
  g_rmdir (f->folder);
  g_free (f->config);
  g_free (f->folder);
}

/* The ack, of what is no request too, then the event. */
static char *
ask (Fixture * f, const char *body)
{
  g_autofree char *ack = test_socket_ask (f->socket,
      "{\"janus\":\"message\",\"transaction\":\"t\",\"session_id\":%"
      G_GUINT64_FORMAT ",\"handle_id\":%" G_GUINT64_FORMAT ",\"body\":%s}",
      f->session, f->handle, body);

  g_assert_nonnull (strstr (ack, "\"janus\":\"ack\""));
  return test_socket_next (f->socket);
}

static void
expect (Fixture * f, const char *body, const char *part)
{
  g_autofree char *event = ask (f, body);

  g_test_message ("%s -> %s", body, event);
  g_assert_nonnull (strstr (event, part));
}

static void
test_errors (Fixture * f, gconstpointer data)
{
  expect (f, "{\"request\":\"sing\"}", "\"error_code\":462");
  expect (f, "{}", "\"error_code\":463");
  expect (f, "{\"request\":1}", "\"error_code\":464");
  expect (f, "{\"request\":\"update\"}", "\"error_code\":468");
  expect (f, "{\"request\":\"record\"}", "\"status\":\"starting\"");
  expect (f, "{\"request\":\"record\"}", "\"error_code\":465");
  expect (f, "{\"request\":\"update\"}", "\"status\":\"updating\"");
}

/* Without media too, there is a file, and the server detaches. */
static void
test_stop (Fixture * f, gconstpointer data)
{
  g_autofree char *done = NULL, *detached = NULL, *name = NULL, *path = NULL;
  const char *at, *base = "/recordings//janus-voicemail-";

  expect (f, "{\"request\":\"record\"}", "\"status\":\"starting\"");
  done = ask (f, "{\"request\":\"stop\"}");
  g_test_message ("%s", done);
  g_assert_nonnull (strstr (done, "\"status\":\"done\""));
  at = strstr (done, base);
  g_assert_nonnull (at);
  at += strlen ("/recordings//");
  name = g_strndup (at, strcspn (at, "\""));
  g_assert_true (g_str_has_suffix (name, ".opus"));
  path = g_build_filename (f->folder, "new", name, NULL);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  detached = test_socket_next (f->socket);
  g_assert_nonnull (strstr (detached, "\"detached\""));
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
  g_test_add ("/voicemail/errors", Fixture, NULL, set_up, test_errors,
      tear_down);
  g_test_add ("/voicemail/stop", Fixture, NULL, set_up, test_stop, tear_down);
  return g_test_run ();
}
