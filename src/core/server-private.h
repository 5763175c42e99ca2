/* server-private.h: the server's insides, for the files of core/. Main
 * thread. */
#pragma once

#include "core/auth.h"
#include "core/server.h"

G_BEGIN_DECLS

typedef struct
{
  char *local_ip;               /* NULL until known */
  char **public_ips;            /* NULL-terminated; NULL until known */
} BifServerNetworkInfo;

struct _BifServer
{
  GObject parent;

  BifSettings *settings;
  BifServerHooks hooks;
  BifNetwork *network;          /* NULL until set */
  BifRecordings *recordings;    /* likewise */
  GPtrArray *served;            /* of BifServedFolder: of plugins (nullable) */
  BifServerNetworkInfo network_info;
  BifAuth *auth;
  GPtrArray *plugins;           /* of BifPlugin, in the order of adding */
  GPtrArray *transports;        /* of BifTransport */
  GHashTable *sessions;         /* id -> BifSession */
  char *dot_folder;             /* (nullable) */
  guint watchdog;               /* source; 0 without sessions */
  gboolean accepting;           /* new sessions */
  gboolean stopped;
  gint64 start_us;              /* monotonic: zero of handle_info's clock */
  guint8 random[512];           /* for ids: unused from random_used on */
  guint random_used;
};

/* 1 .. 2^53-1, not to be guessed: who knows a session's id may drive it. */
guint64 bif_server_random_id (BifServer * self);

/* @id: 0 picks one. NULL: it is taken. Returns: (transfer none) */
BifSession *bif_server_create_session (BifServer * self, guint64 id);
BifSession *bif_server_find_session (BifServer * self, guint64 id);
void bif_server_destroy_session (BifServer * self, BifSession * session);

const guint64 *bif_session_id_key (BifSession * session);

/* info.c. Returns: (transfer full): "server_info" */
JsonObject *bif_server_info_message (BifServer * self,
    const char *transaction);

G_END_DECLS
