/* reply.c: the answer to one message request. Main thread. */
#include "core/reply.h"
#include "core/error.h"
#include "core/handle-private.h"
#include "core/plugin-private.h"
#include "core/reply-private.h"
#include "core/session-private.h"

#include <string.h>

struct _BifReply
{
  int ref_count;
  BifHandle *handle;
  BifClient *client;
  char *transaction;
  gboolean async;
  gboolean held;
  gboolean done;
  BifJsep *jsep;                /* of the request, NULL where none came */
  JsonObject *data;             /* NULL once sent */
  char *jsep_type, *jsep_sdp;
  gboolean jsep_e2ee, jsep_restart;
};

BifReply *
bif_reply_new (BifHandle * handle, BifClient * client,
    const char *transaction, gboolean async, BifJsep * jsep)
{
  BifReply *self = g_new0 (BifReply, 1);
  const char *key = bif_plugin_info (bif_handle_plugin (handle))->event_key;

  self->ref_count = 1;
  self->handle = g_object_ref (handle);
  self->client = g_object_ref (client);
  self->transaction = g_strdup (transaction);
  self->async = async;
  self->jsep = jsep;
  self->data = json_object_new ();
  if (key != NULL)
    json_object_set_string_member (self->data, key, "event");
  return self;
}

BifReply *
bif_reply_ref (BifReply * self)
{
  self->ref_count++;
  return self;
}

void
bif_reply_unref (BifReply * self)
{
  if (--self->ref_count > 0)
    return;
  g_clear_pointer (&self->data, json_object_unref);
  g_clear_pointer (&self->jsep, bif_jsep_free);
  g_object_unref (self->handle);
  g_object_unref (self->client);
  g_free (self->transaction);
  g_free (self->jsep_type);
  g_free (self->jsep_sdp);
  g_free (self);
}

void
bif_jsep_free (BifJsep * self)
{
  g_clear_pointer (&self->sdp, bif_sdp_unref);
  g_clear_pointer (&self->svc, json_array_unref);
  g_free (self);
}

gboolean
bif_reply_is_open (BifReply * self)
{
  return !self->held && !self->done;
}

const BifJsep *
bif_reply_get_jsep (BifReply * self)
{
  return self->jsep;
}

gboolean
bif_reply_string (BifReply * self, const char *name, const char *value)
{
  if (self->data != NULL)
    json_object_set_string_member (self->data, name, value);
  return TRUE;
}

gboolean
bif_reply_int (BifReply * self, const char *name, gint64 value)
{
  if (self->data != NULL)
    json_object_set_int_member (self->data, name, value);
  return TRUE;
}

gboolean
bif_reply_bool (BifReply * self, const char *name, gboolean value)
{
  if (self->data != NULL)
    json_object_set_boolean_member (self->data, name, value);
  return TRUE;
}

/* As a number where it is one as JSON would write it. */
gboolean
bif_reply_id (BifReply * self, const char *name, const char *id)
{
  gboolean canonical = id[0] != '0' || id[1] == '\0';
  guint64 number;

  if (canonical && g_ascii_string_to_unsigned (id, 10, 0, G_MAXINT64,
          &number, NULL))
    return bif_reply_int (self, name, (gint64) number);
  return bif_reply_string (self, name, id);
}

gboolean
bif_reply_take (BifReply * self, const char *name, JsonNode * value)
{
  if (self->data != NULL)
    json_object_set_member (self->data, name, value);
  else
    json_node_unref (value);
  return TRUE;
}

void
bif_reply_set_jsep (BifReply * self, const char *type, const char *sdp)
{
  g_free (self->jsep_type);
  g_free (self->jsep_sdp);
  self->jsep_type = g_strdup (type);
  self->jsep_sdp = g_strdup (sdp);
}

void
bif_reply_set_jsep_flags (BifReply * self, gboolean e2ee, gboolean restart)
{
  self->jsep_e2ee = e2ee;
  self->jsep_restart = restart;
}

void
bif_reply_hold (BifReply * self)
{
  g_return_if_fail (!self->done);
  if (self->held)
    return;
  self->held = TRUE;
  bif_reply_ref (self);
}

/* The event key belongs in front; json-glib appends. */
static JsonObject *
with_event_key (JsonObject * data, const char *key)
{
  JsonObject *copy;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (key == NULL || json_object_has_member (data, key))
    return data;
  copy = json_object_new ();
  json_object_set_string_member (copy, key, "event");
  json_object_iter_init_ordered (&iter, data);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (copy, name, json_node_ref (value));
  json_object_unref (data);
  return copy;
}

void
bif_reply_add_plugindata (JsonObject * message, BifPlugin * plugin,
    JsonObject * data)
{
  const BifPluginInfo *info = bif_plugin_info (plugin);
  JsonObject *plugindata = json_object_new ();

  json_object_set_string_member (plugindata, "plugin", info->package);
  json_object_set_object_member (plugindata, "data",
      with_event_key (data, info->event_key));
  json_object_set_object_member (message, "plugindata", plugindata);
}

void
bif_reply_add_jsep (JsonObject * message, const char *type, const char *sdp,
    gboolean e2ee, gboolean restart)
{
  JsonObject *jsep = json_object_new ();

  json_object_set_string_member (jsep, "type", type);
  json_object_set_string_member (jsep, "sdp", sdp);
  if (e2ee)
    json_object_set_boolean_member (jsep, "e2ee", TRUE);
  if (restart)
    json_object_set_boolean_member (jsep, "restart", TRUE);
  json_object_set_object_member (message, "jsep", jsep);
}

/* A caller that detached meanwhile hears no more of it. */
static void
send_message (BifReply * self, JsonObject * message)
{
  BifSession *session = bif_handle_session (self->handle);

  if (session == NULL)
    json_object_unref (message);
  else if (self->async)
    bif_session_take_event (session, message);
  else
    bif_client_take (self->client, message);
}

static void
release_hold (BifReply * self)
{
  if (self->held) {
    self->held = FALSE;
    bif_reply_unref (self);
  }
}

void
bif_reply_finish (BifReply * self)
{
  JsonObject *message;

  g_return_if_fail (!self->done);
  self->done = TRUE;
  message = bif_handle_message (self->handle,
      self->async ? "event" : "success", self->transaction);
  bif_reply_add_plugindata (message, bif_handle_plugin (self->handle),
      g_steal_pointer (&self->data));
  if (self->jsep_type != NULL)
    bif_reply_add_jsep (message, self->jsep_type, self->jsep_sdp,
        self->jsep_e2ee || (self->jsep != NULL && self->jsep->e2ee),
        self->jsep_restart);
  send_message (self, message);
  release_hold (self);
}

static void
fail_api (BifReply * self, const GError * error)
{
  BifSession *session = bif_handle_session (self->handle);

  self->done = TRUE;
  g_clear_pointer (&self->data, json_object_unref);
  if (session != NULL)
    bif_client_take (self->client,
        bif_core_error_message (bif_session_id (session), self->transaction,
            error));
  release_hold (self);
}

void
bif_reply_fail (BifReply * self, const GError * error)
{
  BifPlugin *plugin = bif_handle_plugin (self->handle);
  const char *key = bif_plugin_info (plugin)->event_key;
  gboolean api;
  int number = bif_plugin_error_number (plugin, error, &api);

  g_return_if_fail (!self->done);
  if (api && !self->async) {
    fail_api (self, error);
    return;
  }
  json_object_unref (self->data);
  self->data = json_object_new ();
  if (key != NULL)
    json_object_set_string_member (self->data, key, "event");
  json_object_set_int_member (self->data, "error_code", number);
  json_object_set_string_member (self->data, "error", error->message);
  g_clear_pointer (&self->jsep_type, g_free);
  bif_reply_finish (self);
}
