/* relays.h: the TURN servers that peers use where some are configured: fixed
 * ones, or ones that somebody is asked for, peer by peer. Peers gather with
 * libnice then (media-plane.md 0). Main thread. */
#pragma once

#include <gio/gio.h>
#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * BifRelaySettings: strings are borrowed until bif_relays_new() returns.
 * @server: (nullable): no fixed server
 * @type: "udp", "tcp" or "tls"
 * @stun_server: (nullable)
 * @port_min, @port_max: of what libnice opens; 0, 0: any
 * @ignore_unreachable: names that cannot be resolved are a WARNING
 */
typedef struct
{
  const char *server;
  guint port;
  const char *type, *user, *password;
  const char *stun_server;
  guint stun_port;
  guint port_min, port_max;
  gboolean ice_tcp, regular_nomination;
  gboolean ignore_unreachable;
} BifRelaySettings;

typedef struct _BifRelays BifRelays;

/* Waits for names to be resolved: at the start. @error: BIF_ERROR_NETWORK */
BifRelays *bif_relays_new (const BifRelaySettings * settings, GError ** error);
void bif_relays_free (BifRelays * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifRelays, bif_relays_free)

/**
 * BifRelaysFunc:
 * @user: (nullable): whom the relays are for
 *
 * Answers with a GTask that returns a char ** of bif_relays_uri().
 */
typedef void (*BifRelaysFunc) (gpointer source, const char *user,
    GAsyncReadyCallback callback, gpointer data);

/* Asks @func from now on, and takes the fixed server where it fails.
 * @source: (transfer full) */
void bif_relays_set_source (BifRelays * self, BifRelaysFunc func,
    gpointer source, GDestroyNotify free_source);

/* Returns: (transfer full): "turn://user:password@host:port?transport=type" */
char *bif_relays_uri (const char *host, guint port, const char *type,
    const char *user, const char *password);

/* What the transport's agent is made with. Returns: (transfer full) */
GstStructure *bif_relays_options (BifRelays * self, const char *addresses);

/* The relays for a peer, hosts resolved; maybe none, never an error. @object:
 * kept until @callback. */
void bif_relays_find_async (BifRelays * self, gpointer object,
    const char *user, GAsyncReadyCallback callback, gpointer data);
char **bif_relays_find_finish (GAsyncResult * result);

G_END_DECLS
