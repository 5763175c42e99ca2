/* mux-stun.c: asks a STUN server, from the port that peers use, under which
 * address the world sees it (RFC 8489), and goes on asking, which keeps a NAT's
 * door open. Element messages "bif-reflexive" of the mux say what came out:
 * local (IP), and, unless there is none (any more), address (IP) and port.
 * Timer thread asks, any I/O thread takes the answer. */
#include "mux-private.h"
#include "transport.h"

#include <string.h>

#define REFRESH_US (15 * G_USEC_PER_SEC)
#define RETRY_US (60 * G_USEC_PER_SEC)
/* RFC 8489, 6.2.1: seven times, waits that double, and a last one. */
#define RTO_MS 500
#define MAX_SENT 7
#define LAST_WAIT 16

/* One local address. */
typedef struct
{
  guint8 transaction[BIF_STUN_TRANSACTION_SIZE];
  guint sent;                   /* 0: nothing is under way */
  gint64 due_us;
  gboolean told, known;         /* what was posted */
  BifAddress mapped;
} Question;

struct _BifStunClient
{
  BifMux *mux;                  /* constant; owns this */

  GMutex lock;                  /* innermost; guards all below */
  BifAddress server[2];         /* IPv4, IPv6; family 0: none */
  guint rto_ms;
  Question question[BIF_MAX_SOCKETS];
};

BifStunClient *
bif_stun_client_new (BifMux * mux)
{
  BifStunClient *self = g_new0 (BifStunClient, 1);

  self->mux = mux;
  self->rto_ms = RTO_MS;
  g_mutex_init (&self->lock);
  return self;
}

void
bif_stun_client_free (BifStunClient * self)
{
  g_mutex_clear (&self->lock);
  g_free (self);
}

static gboolean
parse_server (const char *text, BifAddress * address)
{
  const char *colon = strrchr (text, ':');
  g_autofree char *ip = NULL;
  guint64 port;

  if (colon == NULL || !g_ascii_string_to_unsigned (colon + 1, 10, 1,
          G_MAXUINT16, &port, NULL))
    return FALSE;
  if (text[0] == '[' && colon > text + 2 && colon[-1] == ']')
    ip = g_strndup (text + 1, colon - text - 2);
  else
    ip = g_strndup (text, colon - text);
  return bif_address_parse (address, ip, port);
}

gboolean
bif_stun_client_set_servers (BifStunClient * self, const char *servers)
{
  g_auto (GStrv) list = g_strsplit (servers ? servers : "", ",", -1);
  BifAddress server[2] = { 0 };

  for (guint i = 0; list[i] != NULL; i++) {
    BifAddress address;

    if (!parse_server (g_strstrip (list[i]), &address))
      return FALSE;
    server[address.any.sa_family == AF_INET6] = address;
  }
  g_mutex_lock (&self->lock);
  memcpy (self->server, server, sizeof server);
  memset (self->question, 0, sizeof self->question);
  g_mutex_unlock (&self->lock);
  bif_mux_wake (self->mux);
  return TRUE;
}

void
bif_stun_client_set_rto (BifStunClient * self, guint rto_ms)
{
  g_mutex_lock (&self->lock);
  self->rto_ms = rto_ms;
  g_mutex_unlock (&self->lock);
}

void
bif_stun_client_reset (BifStunClient * self)
{
  g_mutex_lock (&self->lock);
  memset (self->question, 0, sizeof self->question);
  g_mutex_unlock (&self->lock);
}

/* @mapped: (nullable) */
static void
post (BifStunClient * self, guint socket, const BifAddress * mapped)
{
  char local[BIF_ADDRESS_STRLEN], ip[BIF_ADDRESS_STRLEN];
  GstStructure *news = gst_structure_new ("bif-reflexive", "local",
      G_TYPE_STRING, bif_address_ip (bif_mux_local_address (self->mux, socket),
          local), NULL);

  if (mapped != NULL)
    gst_structure_set (news, "address", G_TYPE_STRING, bif_address_ip (mapped,
            ip), "port", G_TYPE_UINT, (guint) bif_address_port (mapped), NULL);
  gst_element_post_message (GST_ELEMENT (self->mux), gst_message_new_element
      (GST_OBJECT (self->mux), news));
}

static const BifAddress *
server_for (BifStunClient * self, guint socket)
{
  return &self->server[bif_mux_local_address (self->mux,
          socket)->any.sa_family == AF_INET6];
}

void
bif_stun_client_handle (BifStunClient * self, const BifPath * path,
    const BifStunMessage * message)
{
  Question *question = &self->question[path->socket];
  gboolean news = FALSE;

  if (path->wire != NULL || message->type != BIF_STUN_BINDING_RESPONSE
      || !message->has_mapped)
    return;
  g_mutex_lock (&self->lock);
  if (question->sent > 0 && memcmp (question->transaction,
          message->transaction, BIF_STUN_TRANSACTION_SIZE) == 0
      && bif_address_equal (&path->remote, server_for (self, path->socket))) {
    news = !question->known
        || !bif_address_equal (&question->mapped, &message->mapped);
    question->mapped = message->mapped;
    question->told = question->known = TRUE;
    question->sent = 0;
    question->due_us = g_get_monotonic_time () + REFRESH_US;
  }
  g_mutex_unlock (&self->lock);
  if (news)
    post (self, path->socket, &message->mapped);
}

/* Lock held. Returns whether the server is given up for now and that is news. */
static gboolean
ask (BifStunClient * self, guint socket, gint64 now_us, BifBatch * batch)
{
  Question *question = &self->question[socket];
  gint64 rto_us = self->rto_ms * (gint64) 1000;
  gboolean news;

  if (question->sent < MAX_SENT) {
    if (question->sent == 0)
      bif_random_bytes (question->transaction, BIF_STUN_TRANSACTION_SIZE);
    bif_batch_commit (batch, bif_stun_write_probe (bif_batch_begin (batch),
            question->transaction), bif_mux_socket (self->mux, socket),
        server_for (self, socket));
    question->due_us = now_us + (++question->sent == MAX_SENT ?
        LAST_WAIT * rto_us : rto_us << (question->sent - 1));
    return FALSE;
  }
  news = question->known || !question->told;
  question->told = TRUE;
  question->known = FALSE;
  question->sent = 0;
  question->due_us = now_us + RETRY_US;
  return news;
}

gint64
bif_stun_client_tick (BifStunClient * self, gint64 now_us, BifBatch * batch)
{
  gint64 next_us = G_MAXINT64;
  guint lost[BIF_MAX_SOCKETS], n_lost = 0;

  g_mutex_lock (&self->lock);
  for (guint i = 0; i < bif_mux_n_sockets (self->mux); i++) {
    Question *question = &self->question[i];

    if (server_for (self, i)->any.sa_family == AF_UNSPEC)
      continue;
    if (now_us >= question->due_us && ask (self, i, now_us, batch))
      lost[n_lost++] = i;
    next_us = MIN (next_us, question->due_us);
  }
  g_mutex_unlock (&self->lock);
  for (guint i = 0; i < n_lost; i++)
    post (self, lost[i], NULL);
  return next_us;
}
