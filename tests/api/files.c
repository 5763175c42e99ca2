/* files.c: the demo pages over HTTP; HTTPS with a certificate of our own. */
#include "harness.h"

#include <glib/gstdio.h>
#include <string.h>
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
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/files/files", test_files);
  g_test_add_func ("/files/secure", test_secure);
  return g_test_run ();
}
