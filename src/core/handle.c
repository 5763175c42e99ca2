/* handle.c: what a handle is without its PeerConnection, which is
 * handle-peer.c's. Main thread. */
#include "core/handle.h"
#include "base/post.h"
#include "core/error.h"
#include "core/handle-private.h"
#include "core/plugin-private.h"
#include "core/reply-private.h"
#include "core/server-private.h"
#include "core/session-private.h"

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (BifHandle, bif_handle, G_TYPE_OBJECT)

BifHandlePrivate *
bif_handle_private (BifHandle * self)
{
  return bif_handle_get_instance_private (self);
}

static void
bif_handle_dispose (GObject * object)
{
  bif_handle_peer_dispose (BIF_HANDLE (object));
  G_OBJECT_CLASS (bif_handle_parent_class)->dispose (object);
}

static void
bif_handle_finalize (GObject * object)
{
  BifHandlePrivate *priv = bif_handle_private (BIF_HANDLE (object));

  g_free (priv->opaque_id);
  g_free (priv->token);
  g_clear_object (&priv->plugin);
  G_OBJECT_CLASS (bif_handle_parent_class)->finalize (object);
}

static void
bif_handle_class_init (BifHandleClass * klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = bif_handle_dispose;
  klass->track_added = bif_handle_build_track;
  object_class->finalize = bif_handle_finalize;
}

static void
bif_handle_init (BifHandle * self)
{
  g_queue_init (&bif_handle_private (self)->candidates);
}

BifHandle *
bif_handle_new (BifSession * session, BifPlugin * plugin, guint64 id,
    const char *opaque_id, const char *token, GError ** error)
{
  GType type = bif_plugin_handle_type (plugin);
  BifHandlePrivate *priv;
  BifHandle *self;

  if (type == G_TYPE_INVALID) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_PLUGIN_ATTACH,
        "Plugin '%s' is known, but not built yet",
        bif_plugin_info (plugin)->package);
    return NULL;
  }
  self = g_object_new (type, NULL);
  priv = bif_handle_private (self);
  priv->id = id;
  priv->session = session;
  priv->plugin = g_object_ref (plugin);
  priv->opaque_id = g_strdup (opaque_id);
  priv->token = g_strdup (token);
  priv->created_us = g_get_monotonic_time ();
  return self;
}

void
bif_handle_close (BifHandle * self)
{
  BifHandlePrivate *priv = bif_handle_private (self);

  if (priv->closed)
    return;
  priv->closed = TRUE;
  g_object_ref (self);
  g_object_run_dispose (G_OBJECT (self));
  priv->session = NULL;
  g_object_unref (self);
}

guint64
bif_handle_id (BifHandle * self)
{
  return bif_handle_private (self)->id;
}

const char *
bif_handle_opaque_id (BifHandle * self)
{
  return bif_handle_private (self)->opaque_id;
}

BifPlugin *
bif_handle_plugin (BifHandle * self)
{
  return bif_handle_private (self)->plugin;
}

BifSession *
bif_handle_session (BifHandle * self)
{
  return bif_handle_private (self)->session;
}

BifPeer *
bif_handle_peer (BifHandle * self)
{
  return bif_handle_private (self)->peer;
}

static void
detach (gpointer handle, gpointer data)
{
  BifHandlePrivate *priv = bif_handle_private (handle);

  if (priv->session != NULL)
    bif_session_detach (priv->session, handle);
}

void
bif_handle_detach (BifHandle * self)
{
  bif_post (self, detach, NULL, NULL);
}

JsonObject *
bif_handle_message (BifHandle * self, const char *janus,
    const char *transaction)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  guint64 session_id =
      priv->session != NULL ? bif_session_id (priv->session) : 0;
  JsonObject *message = bif_core_message (janus, session_id, transaction);
  BifServer *server = bif_plugin_server (priv->plugin);

  json_object_set_int_member (message, "sender", (gint64) priv->id);
  if (priv->opaque_id != NULL && server != NULL
      && server->settings->opaqueid_in_api)
    json_object_set_string_member (message, "opaque_id", priv->opaque_id);
  return message;
}

void
bif_handle_push_event (BifHandle * self, JsonObject * data,
    const char *jsep_type, const char *sdp)
{
  BifHandlePrivate *priv = bif_handle_private (self);
  JsonObject *message;

  if (priv->session == NULL) {
    json_object_unref (data);
    return;
  }
  message = bif_handle_message (self, "event", NULL);
  bif_reply_add_plugindata (message, priv->plugin, data);
  if (jsep_type != NULL && sdp != NULL)
    bif_reply_add_jsep (message, jsep_type, sdp, FALSE, FALSE);
  bif_session_take_event (priv->session, message);
}
