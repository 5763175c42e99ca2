/* hello: a plugin that is built elsewhere, against the installed headers alone.
 * It says hello, and how often it has done so. Main thread. */
#include "core/plugin.h"

G_DECLARE_FINAL_TYPE (BifHello, bif_hello, BIF, HELLO, BifHandle)

struct _BifHello
{
  BifHandle parent;
  guint count;
};

G_DEFINE_FINAL_TYPE (BifHello, bif_hello, BIF_TYPE_HANDLE)

typedef struct
{
  const char *name;
} GreetParams;

static const BifField greet_fields[] = {
  BIF_STRING (GreetParams, name, BIF_REQUIRED, "whom to greet"),
  {NULL},
};

static gboolean
handle_greet (BifHandle * handle, gconstpointer params, BifReply * reply,
    GError ** error)
{
  const GreetParams *p = params;
  BifHello *self = BIF_HELLO (handle);
  g_autofree char *text = g_strdup_printf ("Hello, %s!", p->name);

  if (p->name[0] == '\0') {
    g_set_error_literal (error, BIF_ERROR, BIF_ERROR_INVALID_ELEMENT,
        "name is empty");
    return FALSE;
  }
  return bif_reply_string (reply, "text", text)
      && bif_reply_int (reply, "count", ++self->count);
}

static const BifRequest requests[] = {
  BIF_REQUEST ("greet", BIF_SYNC, GreetParams, greet_fields, handle_greet,
      "say hello"),
  {NULL},
};

static const BifErrorNumber errors[] = {
  {BIF_ERROR_INVALID_ELEMENT, 901},
  {0, 900},
};

static JsonObject *
bif_hello_query (BifHandle * handle)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "count", BIF_HELLO (handle)->count);
  return object;
}

static void
bif_hello_class_init (BifHelloClass * klass)
{
  BIF_HANDLE_CLASS (klass)->query = bif_hello_query;
}

static void
bif_hello_init (BifHello * self)
{
}

/* *INDENT-OFF* */
BIF_PLUGIN_DEFINE (hello, .package = "example.plugin.hello",
    .title = "Hello", .description = "Says hello.", .author = "An example",
    .version_string = "1", .version = 1, .event_key = "hello",
    .handle_type = bif_hello_get_type, .requests = requests,
    .errors = errors)
/* *INDENT-ON* */
