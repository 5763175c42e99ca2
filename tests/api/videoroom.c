/* videoroom.c: requests and notifications of VideoRoom, without media: what is
 * answered, and what the others in the room hear. */
#include "harness.h"
#include "plugins/plugins.h"

#include <string.h>

#define ID G_GUINT64_FORMAT
#define HANDLES 5

typedef struct
{
  TestServer *server;
  TestSocket *socket;
  guint64 session;
  guint64 handles[HANDLES];
  guint n_sent;
} Fixture;

/**
 * Step: one request and what must come of it.
 * @handle: "a" is the first
 * @answer: stands in the answer
 * @event: (nullable): stands in what some other handle gets before the answer
 */
typedef struct
{
  char handle;
  const char *body;
  const char *answer;
  const char *event;
} Step;

static void
set_up (Fixture * self, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  self->server = test_server_new (NULL, NULL);
  for (guint i = 0; bif_plugins[i] != NULL; i++) {
    if (strcmp (bif_plugins[i]->name, "videoroom") == 0)
      bif_server_add_plugin (self->server->server, bif_plugins[i], &error);
  }
  g_assert_no_error (error);
  self->socket = test_socket_new (self->server, FALSE, "janus-protocol");
  self->session = test_create (self->socket);
  for (guint i = 0; i < HANDLES; i++)
    self->handles[i] = test_attach (self->socket, self->session,
        "janus.plugin.videoroom");
}

static void
tear_down (Fixture * self, gconstpointer data)
{
  test_socket_free (self->socket);
  test_server_free (self->server);
}

static void
run (Fixture * self, const Step * step)
{
  g_autofree char *transaction = g_strdup_printf ("\"v%u\"", ++self->n_sent);
  g_autoptr (GString) others = g_string_new (NULL);
  g_autofree char *answer = NULL;

  test_socket_send (self->socket, "{\"janus\":\"message\",\"transaction\":%s,"
      "\"session_id\":%" ID ",\"handle_id\":%" ID ",\"body\":%s}",
      transaction, self->session, self->handles[step->handle - 'a'],
      step->body);
  while (answer == NULL) {
    g_autofree char *text = test_socket_next (self->socket);

    if (strstr (text, transaction) == NULL)
      g_string_append (others, text);
    else if (strstr (text, "\"janus\":\"ack\"") == NULL)
      answer = g_steal_pointer (&text);
  }
  if (strstr (answer, step->answer) == NULL)
    g_error ("%s: %s is not in %s", step->body, step->answer, answer);
  if (step->event != NULL && strstr (others->str, step->event) == NULL)
    g_error ("%s: %s is not in %s", step->body, step->event, others->str);
}

static void
run_all (Fixture * self, const Step * steps)
{
  for (; steps->handle != '\0'; steps++)
    run (self, steps);
}

/* ---- rooms ---- */

static const Step room_steps[] = {
  {'a', "{\"request\":\"list\"}", "{\"room\":1234,\"description\":\"Demo Room\","
      "\"pin_required\":false,\"is_private\":false,\"max_publishers\":24"},
  {'a', "{\"request\":\"create\",\"room\":77,\"secret\":\"s\"}",
      "{\"videoroom\":\"created\",\"room\":77,\"permanent\":false}"},
  {'a', "{\"request\":\"CREATE\",\"room\":77}", "\"error_code\":427"},
  {'a', "{\"request\":\"create\",\"room\":\"x\"}", "\"error_code\":430,"
      "\"error\":\"Invalid element type (room should be a positive integer)"},
  {'a', "{\"request\":\"create\",\"room\":-1}", "\"error_code\":430"},
  {'a', "{\"request\":\"create\",\"videocodec\":\"vp8,no\"}",
      "\"error_code\":430"},
  {'a', "{\"request\":\"create\",\"room\":78,\"allowed\":[1]}",
      "\"error_code\":430"},
  {'a', "{\"request\":\"exists\",\"room\":78}", "{\"videoroom\":\"success\","
      "\"room\":78,\"exists\":false}"},
  {'a', "{\"request\":\"exists\"}", "\"error_code\":429"},
  {'a', "{\"request\":\"nonsense\"}", "\"error_code\":423"},
  {'a', "{\"request\":\"rtp_forward\",\"room\":77}", "\"error_code\":423"},
  {'a', "{}", "\"error_code\":429"},
  {'a', "{\"request\":\"edit\",\"room\":77}", "\"error_code\":429"},
  {'a', "{\"request\":\"edit\",\"room\":77,\"secret\":\"no\"}",
      "\"error_code\":433,\"error\":\"Unauthorized (wrong secret)\""},
  {'a', "{\"request\":\"edit\",\"room\":77,\"secret\":\"s\","
        "\"new_bitrate\":1}", "{\"videoroom\":\"edited\",\"room\":77,"
      "\"permanent\":false}"},
  {'a', "{\"request\":\"list\"}", "{\"room\":77,\"description\":\"Room 77\","
      "\"pin_required\":false,\"is_private\":false,\"max_publishers\":3,"
      "\"bitrate\":64000,\"fir_freq\":0,\"require_pvtid\":false,"
      "\"require_e2ee\":false,\"dummy_publisher\":false,"
      "\"notify_joining\":false,\"audiocodec\":\"opus\","
      "\"videocodec\":\"vp8\",\"opus_fec\":true,\"record\":false,"
      "\"lock_record\":false,\"num_participants\":0,"
      "\"audiolevel_ext\":true,\"audiolevel_event\":false,"
      "\"videoorient_ext\":true,\"playoutdelay_ext\":true,"
      "\"transport_wide_cc_ext\":true}"},
  {'a', "{\"request\":\"allowed\",\"room\":77,\"secret\":\"s\","
        "\"action\":\"add\",\"allowed\":[\"t\"]}",
      "{\"videoroom\":\"success\",\"room\":77,\"allowed\":[\"t\"]}"},
  {'a', "{\"request\":\"allowed\",\"room\":77,\"secret\":\"s\","
        "\"action\":\"disable\"}", "{\"videoroom\":\"success\",\"room\":77}"},
  {'a', "{\"request\":\"destroy\",\"room\":77,\"secret\":\"s\"}",
      "{\"videoroom\":\"destroyed\",\"room\":77,\"permanent\":false}"},
  {'a', "{\"request\":\"listparticipants\",\"room\":77}",
      "\"error_code\":426,\"error\":\"No such room (77)\""},
  {0},
};

static void
test_rooms (Fixture * self, gconstpointer data)
{
  run_all (self, room_steps);
}

/* ---- members ---- */

#define JOIN(id, more) "{\"request\":\"join\",\"ptype\":\"publisher\"," \
  "\"room\":77,\"id\":" id more "}"

static const Step member_steps[] = {
  {'a', "{\"request\":\"create\",\"room\":77,\"notify_joining\":true}",
      "created"},
  {'a', "{\"request\":\"configure\"}", "\"error_code\":424"},
  {'a', "{\"request\":\"join\",\"room\":77}", "Missing mandatory element "
      "(ptype)"},
  {'a', "{\"request\":\"join\",\"room\":77,\"ptype\":\"listener\"}",
      "\"error_code\":430"},
  {'a', JOIN ("1", ",\"display\":\"A\""), "{\"videoroom\":\"joined\","
      "\"room\":77,\"description\":\"Room 77\",\"id\":1,\"private_id\":"},
  {'b', JOIN ("1", ""), "\"error_code\":436,\"error\":\"User ID 1 already "
      "exists\""},
  {'b', JOIN ("2", ",\"display\":\"B\""),
      "\"publishers\":[],\"attendees\":[{\"id\":1,\"display\":\"A\"}]",
      "{\"videoroom\":\"event\",\"room\":77,\"joining\":{\"id\":2,"
      "\"display\":\"B\"}}"},
  {'c', JOIN ("3", ""), "joined", "\"joining\":{\"id\":3}"},
  {'a', JOIN ("1", ""), "\"error_code\":425,\"error\":\"Already in as a "
      "publisher on this handle\""},
  {'a', "{\"request\":\"listparticipants\",\"room\":77}",
      "{\"videoroom\":\"participants\",\"room\":77,\"participants\":["
      "{\"id\":1,\"display\":\"A\",\"publisher\":false},"
      "{\"id\":2,\"display\":\"B\",\"publisher\":false},"
      "{\"id\":3,\"publisher\":false}]}"},
  {'a', "{\"request\":\"configure\",\"display\":\"AA\"}",
      "{\"videoroom\":\"event\",\"room\":77,\"configured\":\"ok\"}",
      "{\"videoroom\":\"event\",\"id\":1,\"display\":\"AA\"}"},
  {'a', "{\"request\":\"configure\",\"streams\":[{\"mid\":\"9\"}]}",
      "\"error_code\":428"},
  {'a', "{\"request\":\"configure\",\"bitrate\":-5}", "\"error_code\":430"},
  {'a', "{\"request\":\"unpublish\"}", "\"error_code\":435"},
  {'a', "{\"request\":\"start\"}", "\"error_code\":423"},
  {'d', "{\"request\":\"join\",\"ptype\":\"subscriber\",\"room\":77}",
      "Missing mandatory element (feed)"},
  {'d', "{\"request\":\"join\",\"ptype\":\"subscriber\",\"room\":77,"
        "\"streams\":[{\"feed\":1}]}", "\"error_code\":428,"
      "\"error\":\"No such feed (1)\""},
  {'d', "{\"request\":\"join\",\"ptype\":\"subscriber\",\"room\":77,"
        "\"streams\":[5]}", "Missing mandatory element (feed)"},
  {'a', "{\"request\":\"kick\",\"room\":77,\"id\":9}", "\"error_code\":428"},
  {'a', "{\"request\":\"kick\",\"room\":77,\"id\":2}",
      "{\"videoroom\":\"success\"}",
      "{\"videoroom\":\"event\",\"room\":77,\"leaving\":\"ok\","
      "\"reason\":\"kicked\"}"},
  {'b', "{\"request\":\"configure\"}", "\"error_code\":426"},
  {'b', JOIN ("2", ""), "\"error_code\":425,\"error\":\"Not in a room "
      "(create a new handle)\""},
  {'c', "{\"request\":\"leave\"}", "{\"videoroom\":\"event\",\"room\":77,"
      "\"leaving\":\"ok\"}", "{\"videoroom\":\"event\",\"room\":77,"
      "\"leaving\":3}"},
  {'d', "{\"request\":\"destroy\",\"room\":77}", "destroyed",
      "{\"videoroom\":\"destroyed\",\"room\":77}"},
  {'a', "{\"request\":\"configure\"}", "\"error_code\":426"},
  {0},
};

static void
test_members (Fixture * self, gconstpointer data)
{
  run_all (self, member_steps);
}

/* ---- who may ---- */

#define ENTER(more) "{\"request\":\"join\",\"ptype\":\"publisher\"," \
  "\"room\":78" more "}"

static const Step access_steps[] = {
  {'a', "{\"request\":\"destroy\",\"room\":1234}", "destroyed"},
  {'a', "{\"request\":\"create\",\"room\":78,\"pin\":\"p\","
        "\"allowed\":[\"tok\"],\"is_private\":true}", "created"},
  {'a', "{\"request\":\"list\"}", "\"list\":[]"},
  {'a', ENTER (""), "Missing mandatory element (pin)"},
  {'a', ENTER (",\"pin\":\"x\""), "Unauthorized (wrong pin)"},
  {'a', ENTER (",\"pin\":\"p\""), "\"error_code\":433"},
  {'a', ENTER (",\"pin\":\"p\",\"token\":\"tok\""), "joined"},
  {'b', "{\"request\":\"create\",\"room\":79,\"require_pvtid\":true}",
      "created"},
  {'b', "{\"request\":\"join\",\"ptype\":\"subscriber\",\"room\":79,"
        "\"streams\":[{\"feed\":1}]}", "\"error_code\":428"},
  {0},
};

static void
test_access (Fixture * self, gconstpointer data)
{
  run_all (self, access_steps);
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
  g_test_add ("/videoroom/rooms", Fixture, NULL, set_up, test_rooms,
      tear_down);
  g_test_add ("/videoroom/members", Fixture, NULL, set_up, test_members,
      tear_down);
  g_test_add ("/videoroom/access", Fixture, NULL, set_up, test_access,
      tear_down);
  return g_test_run ();
}
