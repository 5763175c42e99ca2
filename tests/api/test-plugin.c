/* test-plugin.c: a plugin with a request of every kind. Main thread. */
#include "test-plugin.h"

#define TEST_TYPE_HANDLE (test_handle_get_type ())
G_DECLARE_FINAL_TYPE (TestHandle, test_handle, TEST, HANDLE, BifHandle)

struct _TestHandle
{
  BifHandle parent;
  BifReply *held;
};

G_DEFINE_FINAL_TYPE (TestHandle, test_handle, BIF_TYPE_HANDLE)

typedef struct
{
  const char *text;
  const char *room;
  guint number;
} TestParams;

static const BifField test_fields[] = {
  BIF_STRING (TestParams, text, BIF_OPTIONAL, "sent back"),
  BIF_ID (TestParams, room, BIF_OPTIONAL, "sent back"),
  BIF_UINT (TestParams, number, BIF_OPTIONAL, "sent back"),
  { NULL },
};

static const BifField strict_fields[] = {
  BIF_STRING (TestParams, text, BIF_REQUIRED, "sent back"),
  { NULL },
};

static gboolean
handle_echo (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  const TestParams *p = params;
  const BifJsep *jsep = bif_reply_get_jsep (reply);

  if (p->text != NULL)
    bif_reply_string (reply, "text", p->text);
  if (p->room != NULL)
    bif_reply_id (reply, "room", p->room);
  if (jsep != NULL)
    bif_reply_set_jsep (reply, "answer", "v=0 answer");
  return bif_reply_int (reply, "number", p->number);
}

static gboolean
handle_fail (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_NO_MESSAGE, "no such luck");
  return FALSE;
}

static gboolean
handle_fail_core (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  g_set_error_literal (error, BIF_ERROR, BIF_ERROR_WRONG_STATE, "not now");
  return FALSE;
}

static gboolean
handle_fail_io (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_IO, "disk");
  return FALSE;
}

static gboolean
handle_hold (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  TestHandle *self = TEST_HANDLE (handle);

  bif_reply_hold (reply);
  self->held = reply;
  return TRUE;
}

/* Finishes what is held. */
static gboolean
handle_release (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  TestHandle *self = TEST_HANDLE (handle);
  BifReply *held = g_steal_pointer (&self->held);

  if (held != NULL) {
    bif_reply_bool (held, "late", TRUE);
    bif_reply_finish (held);
  }
  return TRUE;
}

static gboolean
handle_push (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  const TestParams *p = params;

  for (guint i = 0; i < p->number; i++) {
    JsonObject *data = json_object_new ();

    json_object_set_int_member (data, "n", i);
    if (p->text != NULL)
      json_object_set_string_member (data, "text", p->text);
    bif_handle_push_event (handle, data, NULL, NULL);
  }
  return TRUE;
}

static const BifRequest requests[] = {
  BIF_REQUEST ("echo", BIF_SYNC, TestParams, test_fields, handle_echo, ""),
  BIF_REQUEST ("echo-async", BIF_ASYNC, TestParams, test_fields, handle_echo,
      ""),
  BIF_REQUEST ("strict", BIF_SYNC, TestParams, strict_fields, handle_echo,
      ""),
  BIF_REQUEST ("strict-async", BIF_ASYNC, TestParams, strict_fields,
      handle_echo, ""),
  BIF_REQUEST ("fail", BIF_SYNC, TestParams, test_fields, handle_fail, ""),
  BIF_REQUEST ("fail-async", BIF_ASYNC, TestParams, test_fields, handle_fail,
      ""),
  BIF_REQUEST ("fail-core", BIF_SYNC, TestParams, test_fields,
      handle_fail_core, ""),
  BIF_REQUEST ("fail-core-async", BIF_ASYNC, TestParams, test_fields,
      handle_fail_core, ""),
  BIF_REQUEST ("fail-io", BIF_SYNC, TestParams, test_fields, handle_fail_io,
      ""),
  BIF_REQUEST ("hold", BIF_SYNC, TestParams, test_fields, handle_hold, ""),
  BIF_REQUEST ("hold-async", BIF_ASYNC, TestParams, test_fields, handle_hold,
      ""),
  BIF_REQUEST ("release", BIF_SYNC, TestParams, test_fields, handle_release,
      ""),
  BIF_REQUEST ("push", BIF_SYNC, TestParams, test_fields, handle_push, ""),
  { NULL },
};

static const BifErrorNumber errors[] = {
  { BIF_ERROR_NO_MESSAGE, 411 },
  { BIF_ERROR_MISSING_ELEMENT, 412 },
  { BIF_ERROR_INVALID_ELEMENT, 413 },
  { BIF_ERROR_UNKNOWN_REQUEST, 414 },
  { 0, 499 },
};

static JsonObject *
test_handle_query (BifHandle * handle)
{
  JsonObject *object = json_object_new ();

  json_object_set_boolean_member (object, "tested", TRUE);
  return object;
}

/* A reply that is held when its handle goes must not be lost: it fails. */
static void
test_handle_dispose (GObject * object)
{
  TestHandle *self = TEST_HANDLE (object);
  BifReply *held = g_steal_pointer (&self->held);

  if (held != NULL) {
    g_autoptr (GError) error =
        g_error_new_literal (BIF_ERROR, BIF_ERROR_CANCELLED, "gone");

    bif_reply_fail (held, error);
  }
  G_OBJECT_CLASS (test_handle_parent_class)->dispose (object);
}

static void
test_handle_class_init (TestHandleClass * klass)
{
  BIF_HANDLE_CLASS (klass)->query = test_handle_query;
  G_OBJECT_CLASS (klass)->dispose = test_handle_dispose;
}

static void
test_handle_init (TestHandle * self)
{
}

#define TEST_TYPE_PLUGIN (test_plugin_get_type ())
G_DECLARE_FINAL_TYPE (TestPlugin, test_plugin, TEST, PLUGIN, BifPlugin)

struct _TestPlugin
{
  BifPlugin parent;
};

G_DEFINE_FINAL_TYPE (TestPlugin, test_plugin, BIF_TYPE_PLUGIN)

static JsonObject *
test_plugin_query (BifPlugin * plugin, JsonObject * request)
{
  return json_object_ref (request);
}

static void
test_plugin_class_init (TestPluginClass * klass)
{
  BIF_PLUGIN_CLASS (klass)->query = test_plugin_query;
}

static void
test_plugin_init (TestPlugin * self)
{
}

const BifPluginInfo bif_plugin_test = {
  .name = "test",.package = "janus.plugin.test",.title = "Test",
  .description = "for tests",.author = "us",.version_string = "0.0.1",
  .version = 1,.event_key = "test",.ack_hint = "wait",
  .plugin_type = test_plugin_get_type,.handle_type = test_handle_get_type,
  .requests = requests,.errors = errors
};

/* ---- one that has no "request" ---- */

typedef struct
{
  BifMaybeBool audio;
} BodyParams;

static const BifField body_fields[] = {
  BIF_MAYBE_BOOL (BodyParams, audio, BIF_OPTIONAL, ""),
  { NULL },
};

static gboolean
handle_body (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  const BodyParams *p = params;

  if (!p->audio.set) {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
        "Message error: no supported attributes found");
    return FALSE;
  }
  return bif_reply_string (reply, "result", "ok");
}

static const BifRequest body_requests[] = {
  BIF_REQUEST (NULL, BIF_ASYNC, BodyParams, body_fields, handle_body, ""),
  { NULL },
};

const BifPluginInfo bif_plugin_testbody = {
  .name = "echotest",.package = "janus.plugin.echotest",.title = "Echo",
  .description = "for tests",.author = "us",.version_string = "0.0.1",
  .version = 1,.event_key = "echotest",
  .ack_hint = "I'm taking my time!",.handle_type = test_handle_get_type,
  .requests = body_requests,.errors = errors
};
