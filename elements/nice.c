/* nice.c: libnice's agent as the ICE of a transport: its candidates, its state,
 * and the wire that media takes. Its callbacks run on the agents' thread, but
 * signals on whatever thread unlocks the agent, even one that sends with locks
 * of ours held: so they only hand on. */
#include "nice.h"
#include "nice-thread.h"

#include <nice/nice.h>
#include <string.h>

GST_DEBUG_CATEGORY_STATIC (bif_nice_debug);
#define GST_CAT_DEFAULT bif_nice_debug

#define COMPONENT NICE_COMPONENT_TYPE_RTP
/* A failed agent may find a way yet, while candidates come in (Janus waits as
 * long); what never was connected fails in the end, whatever comes. */
#define FAILED_US (5 * G_USEC_PER_SEC)
#define NEVER_US (20 * G_USEC_PER_SEC)

struct _BifNice
{
  BifWire wire;                 /* counts the references */

  BifNiceThread *thread;        /* constant, as the next two */
  NiceAgent *agent;
  guint stream;

  GMutex lock;                  /* guards the next two; innermost */
  BifRtcTransport *transport;   /* NULL once closed */
  char *pair;                   /* (nullable): as text */

  gint64 failed_us;             /* receive lock of the transport; 0: is well */
};

/* Returns: (transfer full) (nullable) */
static BifRtcTransport *
get_transport (BifNice * self)
{
  BifRtcTransport *transport;

  g_mutex_lock (&self->lock);
  transport = self->transport;
  if (transport != NULL)
    gst_object_ref (transport);
  g_mutex_unlock (&self->lock);
  return transport;
}

/* ---- media ---- */

static gboolean
wire_send (BifWire * wire, const guint8 * data, gsize size)
{
  BifNice *self = (BifNice *) wire;
  GOutputVector vector = { data, size };
  NiceOutputMessage message = { &vector, 1 };

  return nice_agent_send_messages_nonblocking (self->agent, self->stream,
      COMPONENT, &message, 1, NULL, NULL) == 1;
}

/* STUN stayed with the agent: RFC 7983 for the rest. */
static void
on_received (NiceAgent * agent, guint stream, guint component, guint size,
    char *buffer, gpointer user_data)
{
  BifNice *self = user_data;
  g_autoptr (BifRtcTransport) transport = get_transport (self);
  guint8 *data = (guint8 *) buffer;

  if (transport == NULL || size < 2)
    return;
  if (data[0] >= 20 && data[0] <= 63)
    bif_transport_handle_dtls (transport, data, size);
  else if (data[0] >= 128 && data[0] <= 191)
    bif_transport_handle_rtp (transport, data, size, g_get_monotonic_time (),
        bif_nice_thread_batch (self->thread));
}

/* ---- signals ---- */

static void
wire_unref (gpointer wire)
{
  bif_wire_unref (wire);
}

static gboolean
take_connected (gpointer data)
{
  BifNice *self = data;
  g_autoptr (BifRtcTransport) transport = get_transport (self);

  if (transport != NULL)
    bif_ice_use_wire (transport, &self->wire, &self->failed_us);
  return G_SOURCE_REMOVE;
}

static gboolean
take_failed (gpointer data)
{
  BifNice *self = data;
  g_autoptr (BifRtcTransport) transport = get_transport (self);
  gint64 now_us = g_get_monotonic_time ();

  if (transport == NULL)
    return G_SOURCE_REMOVE;
  g_mutex_lock (&transport->rx_lock);
  if (self->failed_us == 0)
    self->failed_us = now_us;
  g_mutex_unlock (&transport->rx_lock);
  bif_transport_schedule (transport, now_us + FAILED_US);
  return G_SOURCE_REMOVE;
}

static void
on_state (NiceAgent * agent, guint stream, guint component, guint state,
    BifNice * self)
{
  GSourceFunc func = NULL;

  GST_DEBUG ("%p: %s", agent, nice_component_state_to_string (state));
  if (state == NICE_COMPONENT_STATE_CONNECTED
      || state == NICE_COMPONENT_STATE_READY)
    func = take_connected;
  else if (state == NICE_COMPONENT_STATE_FAILED)
    func = take_failed;
  if (func != NULL)
    bif_nice_thread_call (self->thread, func, bif_wire_ref (&self->wire),
        wire_unref);
}

static void
on_pair (NiceAgent * agent, guint stream, guint component,
    NiceCandidate * local, NiceCandidate * remote, BifNice * self)
{
  char *pair = bif_nice_pair_text (local, remote);

  GST_DEBUG ("%p: %s", agent, pair);
  g_mutex_lock (&self->lock);
  g_free (self->pair);
  self->pair = pair;
  g_mutex_unlock (&self->lock);
}

static void
on_candidate (NiceAgent * agent, NiceCandidate * candidate, BifNice * self)
{
  g_autoptr (BifRtcTransport) transport = get_transport (self);
  g_autofree char *text = bif_nice_candidate_text (candidate);

  if (transport != NULL && text != NULL)
    bif_transport_post (transport, gst_structure_new ("bif-candidate",
            "candidate", G_TYPE_STRING, text, NULL));
}

static void
on_gathered (NiceAgent * agent, guint stream, BifNice * self)
{
  g_autoptr (BifRtcTransport) transport = get_transport (self);

  if (transport != NULL)
    bif_transport_post (transport, gst_structure_new_empty ("bif-gathered"));
}

/* ---- making ---- */

static gboolean
read_flag (const GstStructure * options, const char *name)
{
  gboolean flag = FALSE;

  gst_structure_get_boolean (options, name, &flag);
  return flag;
}

static guint
read_number (const GstStructure * options, const char *name)
{
  guint number = 0;

  gst_structure_get_uint (options, name, &number);
  return number;
}

static NiceAgent *
make_agent (GMainContext * context, const GstStructure * options)
{
  NiceAgentOption flags = NICE_AGENT_OPTION_ICE_TRICKLE;
  const char *stun = gst_structure_get_string (options, "stun-server");
  guint stun_port = read_number (options, "stun-port");
  NiceAgent *agent;

#if NICE_CHECK_VERSION (0, 1, 19)
  flags |= NICE_AGENT_OPTION_CONSENT_FRESHNESS;
#endif
  if (read_flag (options, "regular-nomination"))
    flags |= NICE_AGENT_OPTION_REGULAR_NOMINATION;
  agent = nice_agent_new_full (context, NICE_COMPATIBILITY_RFC5245, flags);
  /* UPnP would start an HTTP server an agent (media-plane.md, trap 14). */
  g_object_set (agent, "upnp", FALSE, "keepalive-conncheck", TRUE,
      "ice-tcp", read_flag (options, "ice-tcp"), NULL);
  if (stun != NULL)
    g_object_set (agent, "stun-server", stun, "stun-server-port",
        stun_port != 0 ? stun_port : 3478, NULL);
  return agent;
}

static void
add_addresses (BifNice * self, const char *list)
{
  g_auto (GStrv) addresses = g_strsplit (list ? list : "", ",", -1);

  for (guint i = 0; addresses[i] != NULL; i++) {
    NiceAddress address;

    nice_address_init (&address);
    if (nice_address_set_from_string (&address, g_strstrip (addresses[i])))
      nice_agent_add_local_address (self->agent, &address);
  }
}

static gboolean
do_nothing (gpointer data)
{
  return G_SOURCE_REMOVE;
}

static void
destroy (gpointer data)
{
  BifNice *self = data;

  g_object_unref (self->agent);
  bif_nice_thread_release (self->thread);
  bif_nice_thread_unref (self->thread);
  g_mutex_clear (&self->lock);
  g_free (self->pair);
  g_free (self);
}

/* Nobody has it any more. The agent's sources are the thread's: it goes there
 * too. */
static void
wire_free (BifWire * wire)
{
  BifNice *self = (BifNice *) wire;

  bif_nice_thread_call (self->thread, do_nothing, self, destroy);
}

BifNice *
bif_nice_new (BifRtcTransport * transport, const GstStructure * options)
{
  BifNice *self = g_new0 (BifNice, 1);
  guint port_max = read_number (options, "port-max");
  GMainContext *context;

  GST_DEBUG_CATEGORY_INIT (bif_nice_debug, "bif-nice", 0, "libnice's agent");
  bif_wire_init (&self->wire, wire_send, wire_free);
  g_mutex_init (&self->lock);
  self->transport = transport;
  self->thread = bif_nice_thread_get (GST_OBJECT (transport->mux));
  bif_nice_thread_hold (self->thread);
  context = bif_nice_thread_context (self->thread);
  self->agent = make_agent (context, options);
  self->stream = nice_agent_add_stream (self->agent, 1);
  add_addresses (self, gst_structure_get_string (options, "addresses"));
  if (port_max != 0)
    nice_agent_set_port_range (self->agent, self->stream, COMPONENT,
        MAX (read_number (options, "port-min"), 1), port_max);
  g_signal_connect (self->agent, "component-state-changed",
      G_CALLBACK (on_state), self);
  g_signal_connect (self->agent, "new-selected-pair-full",
      G_CALLBACK (on_pair), self);
  g_signal_connect (self->agent, "new-candidate-full",
      G_CALLBACK (on_candidate), self);
  g_signal_connect (self->agent, "candidate-gathering-done",
      G_CALLBACK (on_gathered), self);
  nice_agent_attach_recv (self->agent, self->stream, COMPONENT, context,
      on_received, self);
  return self;
}

/* ---- closing ---- */

static void
on_closed (GObject * agent, GAsyncResult * result, gpointer user_data)
{
  bif_wire_unref (user_data);
}

/* On the agents' thread, so that no callback is under way. */
static gboolean
close_agent (gpointer data)
{
  BifNice *self = data;

  nice_agent_attach_recv (self->agent, self->stream, COMPONENT,
      bif_nice_thread_context (self->thread), NULL, NULL);
  g_signal_handlers_disconnect_by_data (self->agent, self);
  nice_agent_close_async (self->agent, on_closed, bif_wire_ref (&self->wire));
  return G_SOURCE_REMOVE;
}

void
bif_nice_close (BifNice * self)
{
  gboolean was_open;

  g_mutex_lock (&self->lock);
  was_open = self->transport != NULL;
  self->transport = NULL;
  g_mutex_unlock (&self->lock);
  if (was_open)
    bif_nice_thread_call (self->thread, close_agent,
        bif_wire_ref (&self->wire), wire_unref);
}

void
bif_nice_free (BifNice * self)
{
  bif_nice_close (self);
  bif_wire_unref (&self->wire);
}

/* ---- what the transport says ---- */

void
bif_nice_set_local (BifNice * self, const char *ufrag, const char *pwd)
{
  nice_agent_set_local_credentials (self->agent, self->stream, ufrag, pwd);
}

void
bif_nice_set_controlling (BifNice * self, gboolean controlling)
{
  g_object_set (self->agent, "controlling-mode", controlling, NULL);
}

static void
add_relay (BifNice * self, const char *uri)
{
  g_autofree char *user = NULL, *password = NULL, *host = NULL, *query = NULL;
  NiceRelayType type = NICE_RELAY_TYPE_TURN_UDP;
  int port = -1;

  if (!g_uri_split_with_user (uri, G_URI_FLAGS_HAS_PASSWORD, NULL, &user,
          &password, NULL, &host, &port, NULL, &query, NULL, NULL)
      || host == NULL)
    return;
  if (g_strcmp0 (query, "transport=tcp") == 0)
    type = NICE_RELAY_TYPE_TURN_TCP;
  else if (g_strcmp0 (query, "transport=tls") == 0)
    type = NICE_RELAY_TYPE_TURN_TLS;
  if (!nice_agent_set_relay_info (self->agent, self->stream, COMPONENT, host,
          port > 0 ? port : 3478, user ? user : "", password ? password : "",
          type))
    GST_WARNING ("libnice does not take the relay %s:%d", host, port);
}

void
bif_nice_gather (BifNice * self, const char *const *relays,
    gboolean force_relay)
{
  for (guint i = 0; relays != NULL && relays[i] != NULL; i++)
    add_relay (self, relays[i]);
  if (force_relay)
    g_object_set (self->agent, "force-relay", TRUE, NULL);
  if (!nice_agent_gather_candidates (self->agent, self->stream))
    on_gathered (self->agent, self->stream, self);
}

void
bif_nice_restart (BifNice * self, const char *ufrag, const char *pwd)
{
  nice_agent_restart_stream (self->agent, self->stream);
  bif_nice_set_local (self, ufrag, pwd);
}

void
bif_nice_set_remote (BifNice * self, const char *ufrag, const char *pwd)
{
  nice_agent_set_remote_credentials (self->agent, self->stream, ufrag, pwd);
}

/* libnice reads numbers that are none as 0. Names (mDNS) are passed over. */
static gboolean
is_sound (const char *text)
{
  g_auto (GStrv) part = g_strsplit (text, " ", 10);
  BifAddress address;
  guint64 port;

  return g_strv_length (part) >= 8
      && g_ascii_string_to_unsigned (part[5], 10, 1, 65535, &port, NULL)
      && bif_address_parse (&address, part[4], port);
}

gboolean
bif_nice_add_candidate (BifNice * self, const char *text)
{
  g_autofree char *line = g_strconcat ("a=candidate:", text, NULL);
  NiceCandidate *candidate = NULL;
  GSList list = { NULL };
  gboolean taken;

  if (is_sound (text))
    candidate = nice_agent_parse_remote_candidate_sdp (self->agent,
        self->stream, line);
  if (candidate == NULL)
    return FALSE;
  list.data = candidate;
  taken = candidate->component_id == COMPONENT
      && nice_agent_set_remote_candidates (self->agent, self->stream,
      COMPONENT, &list) > 0;
  nice_candidate_free (candidate);
  return taken;
}

void
bif_nice_end_of_candidates (BifNice * self)
{
  nice_agent_peer_candidate_gathering_done (self->agent, self->stream);
}

char *
bif_nice_selected_pair (BifNice * self)
{
  char *pair;

  g_mutex_lock (&self->lock);
  pair = g_strdup (self->pair);
  g_mutex_unlock (&self->lock);
  return pair;
}

/* ---- time ---- */

gint64
bif_nice_tick (BifNice * self, BifRtcTransport * transport, gint64 now_us)
{
  BifIce *ice = &transport->ice;
  gint64 at_us = G_MAXINT64;

  if (ice->state == BIF_ICE_CHECKING)
    at_us = ice->started_us + NEVER_US;
  else if (ice->state != BIF_ICE_CONNECTED)
    return G_MAXINT64;
  if (self->failed_us != 0)
    at_us = MIN (at_us, self->failed_us + FAILED_US);
  if (now_us < at_us)
    return at_us;
  ice->state = BIF_ICE_FAILED;
  bif_transport_post (transport, gst_structure_new ("bif-failed",
          "reason", G_TYPE_STRING, "ICE failed", NULL));
  return G_MAXINT64;
}
