/* files.c: the demo pages over HTTP; HTTPS with a certificate of our own. */
#include "harness.h"
#include "plugins/plugins.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
write_file (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  g_mkdir_with_parents (parent, 0700);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_tree (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename (folder, name, NULL);

    if (g_file_test (path, G_FILE_TEST_IS_DIR)
        && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
      remove_tree (path);
    else
      g_unlink (path);
  }
  g_rmdir (folder);
}

static void
test_files (void)
{
  static const struct
  {
    const char *method;
    const char *path;
    guint status;
    const char *type;
  } files[] = {
    { "GET", "/", 200, "text/html" },
    { "HEAD", "/", 200, "text/html" },
    { "GET", "/index.html", 200, "text/html" },
    { "GET", "/janus.js", 200, "text/javascript" },
    { "GET", "/sub/a.css?v=1", 200, "text/css" },
    { "GET", "/sub", 301, NULL },
    { "GET", "/sub/", 404, NULL },
    { "GET", "/a.css/", 404, NULL },
    { "GET", "/.hidden", 404, NULL },
    { "GET", "/sub/../.hidden", 404, NULL },
    { "GET", "/sub/%2e%2e/%2e%2e/outside.txt", 404, NULL },
    { "GET", "/%2e%2e%2foutside.txt", 400, NULL },
    { "GET", "/link.txt", 404, NULL },
    { "GET", "//index.html", 404, NULL },
    { "GET", "/a%00.css", 400, NULL },
    { "POST", "/index.html", 405, NULL },
    { "GET", "/janus/info", 200, "application/json" },
  };
  g_autofree char *folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  g_autofree char *root = g_build_filename (folder, "root", NULL);
  g_autofree char *link = g_build_filename (root, "link.txt", NULL);
  TestServer *server;
  g_autoptr (TestResponse) again = NULL;
  g_autofree char *known = NULL;

  write_file (folder, "outside.txt", "well hidden");
  write_file (root, "index.html", "<!doctype html>");
  write_file (root, "janus.js", "x");
  write_file (root, ".hidden", "well hidden");
  write_file (root, "sub/a.css", "x");
  g_assert_no_errno (symlink ("../outside.txt", link));
  g_setenv ("BIF_TEST_MOUNT", root, TRUE);
  server = test_server_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    g_autoptr (TestResponse) r = test_http_start (server, files[i].method,
        files[i].path, files[i].method[0] == 'P' ? "{}" : NULL, NULL, FALSE);

    test_response_wait (r);
    g_test_message ("%s -> %u", files[i].path, r->status);
    g_assert_cmpuint (r->status, ==, files[i].status);
    g_assert_null (strstr (r->text, "well hidden"));
    if (files[i].type != NULL)
      g_assert_cmpstr (soup_message_headers_get_content_type (r->headers,
              NULL), ==, files[i].type);
    if (i == 0) {
      g_assert_cmpstr (soup_message_headers_get_one (r->headers,
              "X-Content-Type-Options"), ==, "nosniff");
      g_assert_nonnull (soup_message_headers_get_one (r->headers,
              "Content-Security-Policy"));
      known = g_strconcat ("If-None-Match: ",
          soup_message_headers_get_one (r->headers, "ETag"), NULL);
    }
  }
  again = test_http_start (server, "GET", "/", NULL, known, FALSE);
  test_response_wait (again);
  g_assert_cmpuint (again->status, ==, 304);
  test_server_free (server);
  g_unsetenv ("BIF_TEST_MOUNT");
  remove_tree (folder);
}

/* ---- recordings ---- */

/* What a request gets: status, type and the body's beginning. */
static void
check_recording (TestServer * server, const char *path, const char *header,
    guint status, const char *type, gsize size, const char *text)
{
  g_autoptr (TestResponse) r = test_http_start (server, "GET", path, NULL,
      header, FALSE);

  test_response_wait (r);
  g_test_message ("%s (%s) -> %u, %" G_GSIZE_FORMAT " bytes", path,
      header != NULL ? header : "whole", r->status, strlen (r->text));
  g_assert_cmpuint (r->status, ==, status);
  g_assert_null (strstr (r->text, "well hidden"));
  if (type != NULL)
    g_assert_cmpstr (soup_message_headers_get_content_type (r->headers, NULL),
        ==, type);
  if (text == NULL)
    return;
  g_assert_cmpuint (strlen (r->text), ==, size);
  g_assert_true (g_str_has_prefix (r->text, text));
}

/* More than a piece that files are read in. */
static char *
make_large (gsize size)
{
  char *text = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    text[i] = 'a' + i % 26;
  text[size] = '\0';
  return text;
}

static void
test_recordings (void)
{
  const gsize size = 3 * 1024 * 1024 + 7;
  static const struct
  {
    const char *path;
    guint status;
    const char *type;
  } files[] = {
    { "/recordings/", 404, NULL },
    { "/recordings", 404, NULL },
    { "/recordings/sub", 404, NULL },
    { "/recordings/sub/", 404, NULL },
    { "/recordings/sub/a.webm", 200, "video/webm" },
    { "/recordings//a.opus", 200, "audio/ogg" },
    { "/recordings/a.mp4", 200, "video/mp4" },
    { "/recordings/second.webm", 200, "video/webm" },
    { "/recordings/a.html", 404, NULL },
    { "/recordings/1.nfo", 404, NULL },
    { "/recordings/janus.jcfg", 404, NULL },
    { "/recordings/b.webm.tmp", 404, NULL },
    { "/recordings/b.mjr.tmp", 404, NULL },
    { "/recordings/a.txt", 404, NULL },
    { "/recordings/a.mjr", 200, "application/octet-stream" },
    { "/recordings/a.mkv", 200, "video/x-matroska" },
    { "/recordings/a.ogg", 200, "audio/ogg" },
    { "/recordings/note.webm", 404, NULL },
    { "/recordings/.hidden.webm", 404, NULL },
    { "/recordings/link.webm", 404, NULL },
    { "/recordings/pipe.webm", 404, NULL },
    { "/recordings/../outside.webm", 404, NULL },
    { "/recordings/%2e%2e/outside.webm", 404, NULL },
    { "/recordings/none.webm", 404, NULL },
  };
  static const char *const names[] = {
    "one/sub/a.webm", "one/a.opus", "one/a.mp4", "two/second.webm",
    "two/a.opus", "one/a.html", "one/a.mjr", "one/sub/index.html",
    "one/a.mkv", "one/a.ogg", "one/1.nfo", "one/janus.jcfg", "one/a.txt",
    "one/b.webm.tmp", "one/b.mjr.tmp",
  };
  g_autofree char *folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  g_autofree char *one = g_build_filename (folder, "one", NULL);
  g_autofree char *two = g_build_filename (folder, "two", NULL);
  g_autofree char *both = g_strconcat (one, ":", two, NULL);
  g_autofree char *link = g_build_filename (one, "link.webm", NULL);
  g_autofree char *note = g_build_filename (one, "note.webm", NULL);
  g_autofree char *pipe = g_build_filename (one, "pipe.webm", NULL);
  g_autofree char *large = make_large (size);
  TestServer *server;

  g_setenv ("BIF_TEST_RECORDINGS", both, TRUE);
  server = test_server_new (NULL);
  /* The folders come to be after the server. */
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    write_file (folder, names[i], "x");
  write_file (folder, "outside.webm", "well hidden");
  write_file (one, ".hidden.webm", "well hidden");
  write_file (one, "large.webm", large);
  g_assert_no_errno (symlink ("../outside.webm", link));
  g_assert_no_errno (symlink ("1.nfo", note));
  g_assert_no_errno (mkfifo (pipe, 0600));
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    check_recording (server, files[i].path, NULL, files[i].status,
        files[i].type, 0, NULL);

  check_recording (server, "/recordings/large.webm", NULL, 200, "video/webm",
      size, "abc");
  check_recording (server, "/recordings/large.webm", "Range: bytes=1-3", 206,
      "video/webm", 3, "bcd");
  check_recording (server, "/recordings/large.webm", "Range: bytes=26-", 206,
      "video/webm", size - 26, "abc");
  check_recording (server, "/recordings/large.webm", "Range: bytes=-7", 206,
      NULL, 7, large + size - 7);
  check_recording (server, "/recordings/large.webm", "Range: bytes=99999999-",
      416, NULL, 0, NULL);
  check_recording (server, "/recordings/large.webm", "Range: bytes=3-1", 200,
      NULL, size, "abc");
  check_recording (server, "/recordings/large.webm",
      "Range: bytes=0-1\nIf-Range: \"other\"", 200, NULL, size, "abc");
  test_server_free (server);
  g_unsetenv ("BIF_TEST_RECORDINGS");
  remove_tree (folder);
}

/* ---- what plugins record ---- */

static void
add_plugin (BifServer * server, const char *name)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; bif_plugins[i] != NULL; i++) {
    if (g_str_equal (bif_plugins[i]->name, name))
      bif_server_add_plugin (server, bif_plugins[i], &error);
    g_assert_no_error (error);
  }
}

static void
write_config (const char *folder, const char *package, const char *group,
    const char *format, const char *value)
{
  g_autofree char *name = g_strconcat ("janus.plugin.", package, ".jcfg",
      NULL);
  g_autofree char *keys = g_strdup_printf (format, folder, value);
  g_autofree char *text = g_strdup_printf ("%s: { %s }\n", group, keys);

  write_file (folder, name, text);
}

/* @base: of voicemail */
static TestServer *
new_recording_server (const char *folder, const char *base,
    gboolean recordings)
{
  static const char *const names[] = { "recordplay", "videoroom",
    "voicemail"
  };
  TestServer *server;

  write_config (folder, "recordplay", "general",
      "path = \"%s/play/\"; events = %s", "false");
  write_config (folder, "videoroom", "room-7",
      "rec_dir = \"%s/room\" }\ngeneral: { %s",
      g_str_equal (base, "/recordings/") ? "admin_key = \"key\"" : "");
  write_config (folder, "voicemail", "general",
      "path = \"%s/mail\"; base = \"%s\"", base);
  server = test_server_new ("core:general.configs_folder", folder, NULL);
  bif_server_settings (server->server)->recordings = recordings;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    add_plugin (server->server, names[i]);
  bif_http_mount_recordings (server->http, server->server);
  write_file (folder, "play/play.webm", "x");
  write_file (folder, "play/1.nfo", "well hidden");
  write_file (folder, "room/room.mkv", "x");
  write_file (folder, "mail/mail.opus", "x");
  return server;
}

/* @server, @folder: (transfer full) (nullable) */
static void
end_recording_server (TestServer * server, char *folder)
{
  if (server == NULL)
    return;
  test_server_free (server);
  remove_tree (folder);
  g_free (folder);
}

/* Folders are served that only plugins know of. */
static void
test_plugins (void)
{
  static const struct
  {
    const char *base;
    gboolean recordings;
    const char *path;
    guint status;
  } files[] = {
    { "/recordings/", TRUE, "/recordings/play.webm", 200 },
    { "/recordings/", TRUE, "/recordings/room.mkv", 200 },
    { "/recordings/", TRUE, "/recordings//mail.opus", 200 },
    { "/recordings/", TRUE, "/recordings/1.nfo", 404 },
    { "/recordings/", TRUE, "/recordings/", 404 },
    { "/recordings/", TRUE, "/recordings/janus.plugin.voicemail.jcfg", 404 },
    { "/mail/box", TRUE, "/mail/box/mail.opus", 200 },
    { "/mail/box", TRUE, "/recordings/mail.opus", 404 },
    { "/mail/box", TRUE, "/mail/box/play.webm", 404 },
    { "/mail/box", TRUE, "/recordings/play.webm", 200 },
    /* anybody may make permanent rooms */
    { "/mail/box", TRUE, "/recordings/room.mkv", 404 },
    { "/mail/box", TRUE, "/mail/", 404 },
    { "/", TRUE, "/recordings/mail.opus", 200 },
    { "/", TRUE, "/mail.opus", 404 },
    { "https://example.org/x/", TRUE, "/recordings/mail.opus", 200 },
    { "//example.org/x/", TRUE, "/recordings/mail.opus", 200 },
    { "/recordings/", FALSE, "/recordings//mail.opus", 404 },
    { "/recordings/", FALSE, "/recordings/play.webm", 404 },
  };

  TestServer *server = NULL;
  char *folder = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++) {
    gboolean same = i > 0 && files[i].recordings == files[i - 1].recordings
        && g_str_equal (files[i].base, files[i - 1].base);

    if (!same) {
      end_recording_server (server, folder);
      folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
      server = new_recording_server (folder, files[i].base,
          files[i].recordings);
    }
    check_recording (server, files[i].path, NULL, files[i].status, NULL, 0,
        NULL);
  }
  end_recording_server (server, folder);
}

/* ---- TLS ---- */

static gboolean
accept_any (SoupMessage * message, GTlsCertificate * certificate,
    GTlsCertificateFlags errors, gpointer user_data)
{
  return TRUE;
}

static void
secure_done (GObject * source, GAsyncResult * result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  GBytes *bytes = soup_session_send_and_read_finish (SOUP_SESSION (source),
      result, &error);

  g_assert_no_error (error);
  g_bytes_unref (bytes);
  *(gboolean *) user_data = TRUE;
}

static gboolean
is_true (gpointer data)
{
  return *(gboolean *) data;
}

static void
check_secure (TestServer * server)
{
  g_autofree char *uri = g_strdup_printf ("https://127.0.0.1:%u/janus/info",
      bif_http_port (server->http, BIF_HTTP_SECURE));
  g_autoptr (SoupMessage) message = soup_message_new ("GET", uri);
  gboolean done = FALSE;

  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_any),
      NULL);
  soup_session_send_and_read_async (server->session, message,
      G_PRIORITY_DEFAULT, NULL, secure_done, &done);
  test_wait (is_true, &done);
  g_assert_cmpuint (soup_message_get_status (message), ==, 200);
}

static void
test_secure (void)
{
  g_autofree char *folder = g_dir_make_tmp ("bifrons-XXXXXX", NULL);
  g_autofree char *file =
      g_build_filename (folder, "tls-certificate.pem", NULL);
  g_autofree char *first = NULL, *second = NULL, *third = NULL;
  GStatBuf info;

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ())) {
    g_test_skip ("no TLS here");
    return;
  }
  g_setenv ("BIF_TEST_FOLDER", folder, TRUE);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (TestServer) server = test_server_new ("http:general.https",
        "true", "http:general.secure_port", "0", "http:general.secure_ip",
        "127.0.0.1", NULL);
    char **text = i == 0 ? &first : i == 1 ? &second : &third;

    check_secure (server);
    g_assert_true (g_file_get_contents (file, text, NULL, NULL));
    g_assert_no_errno (g_stat (file, &info));
    g_assert_cmpuint (info.st_mode & 0777, ==, 0600);
    /* The third start finds rubbish. */
    if (i == 1)
      g_assert_true (g_file_set_contents (file, "rubbish", -1, NULL));
  }
  g_assert_cmpstr (first, ==, second);
  g_assert_cmpstr (first, !=, third);
  g_unsetenv ("BIF_TEST_FOLDER");
  remove_tree (folder);
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
  g_test_add_func ("/files/files", test_files);
  g_test_add_func ("/files/recordings", test_recordings);
  g_test_add_func ("/files/plugins", test_plugins);
  g_test_add_func ("/files/secure", test_secure);
  return g_test_run ();
}
