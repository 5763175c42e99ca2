/* network.c: what all peers share: the media port (bifmux), the candidates that
 * go into every SDP, the certificate. Main thread. */
#include "media/network.h"
#include "media/candidates.h"
#include "media/certificate.h"
#include "media/interfaces.h"
#include "media/network-private.h"
#include "media/stun-server.h"
#include "base/error.h"

/* Packets are kept for retransmission at least this long. */
#define LEAST_WINDOW_MS 1000

GST_DEBUG_CATEGORY_STATIC (network_debug);
#define GST_CAT_DEFAULT network_debug

/* What is larger, webrtcbin 1.22 hands over in pieces without a word of where
 * they begin and end, and it sends no more in one message. */
#define MAX_MESSAGE_SIZE 65536

/* RFC 7675, 5.1 */
#define CONSENT_TIMEOUT_S 30

struct _BifNetwork
{
  GObject parent;

  GstElement *mux;
  GThreadPool *stopping;        /* of Job, one thread: what may wait */
  BifCertificate *certificate;
  GstElement *dtls;             /* keeps the certificate read */
  char *local_ip;
  char **addresses;             /* local ones */
  char **mapped;                /* nat_1_1_mapping */
  char **public_ips;            /* those, or else what the STUN server says */
  char **candidates;
  BifRelays *relays;            /* owned; (nullable) */
  BifStunServer *stun;          /* (nullable) */
  GPtrArray *reflexives;        /* of BifReflexive */
  guint port;
  gboolean keep_private_host, ice_tcp;
  gboolean ice_lite, full_trickle, regular_nomination;
  guint consent_timeout_s;
  guint no_media_timer_s, slowlink_threshold, twcc_period_ms, window_ms;
};

enum
{
  SIGNAL_PUBLIC_IPS, N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (BifNetwork, bif_network, G_TYPE_OBJECT)

static void
bif_network_dispose (GObject * object)
{
  bif_network_close (BIF_NETWORK (object));
  G_OBJECT_CLASS (bif_network_parent_class)->dispose (object);
}

static void
bif_network_finalize (GObject * object)
{
  BifNetwork *self = BIF_NETWORK (object);

  g_clear_pointer (&self->certificate, bif_certificate_free);
  g_free (self->local_ip);
  g_strfreev (self->addresses);
  g_strfreev (self->mapped);
  g_strfreev (self->public_ips);
  g_ptr_array_unref (self->reflexives);
  g_strfreev (self->candidates);
  g_clear_pointer (&self->relays, bif_relays_free);
  G_OBJECT_CLASS (bif_network_parent_class)->finalize (object);
}

static void
bif_network_class_init (BifNetworkClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (network_debug, "bif-network", 0, "shared network");
  G_OBJECT_CLASS (klass)->dispose = bif_network_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_network_finalize;
  signals[SIGNAL_PUBLIC_IPS] = g_signal_new ("public-ips", BIF_TYPE_NETWORK,
      G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

typedef struct
{
  BifNetworkFunc func;
  GstElement *element;          /* owned */
} Job;

static void
run_job_any_thread (gpointer data, gpointer user_data)
{
  Job *job = data;

  job->func (job->element);
  gst_object_unref (job->element);
  g_free (job);
}

static void
bif_network_init (BifNetwork * self)
{
  self->stopping = g_thread_pool_new (run_job_any_thread, NULL, 1, FALSE, NULL);
  self->reflexives = g_ptr_array_new_with_free_func (bif_reflexive_free);
}

void
bif_network_run (BifNetwork * self, BifNetworkFunc func, GstElement * element)
{
  Job *job = g_new (Job, 1);

  *job = (Job) { func, element };
  if (self->stopping != NULL)
    g_thread_pool_push (self->stopping, job, NULL);
  else
    run_job_any_thread (job, NULL);
}

static void
stop_any_thread (GstElement * pipeline)
{
  gst_element_set_state (pipeline, GST_STATE_NULL);
}

void
bif_network_stop_pipeline (BifNetwork * self, GstElement * pipeline)
{
  bif_network_run (self, stop_any_thread, pipeline);
}

void
bif_network_close (BifNetwork * self)
{
  if (self->stopping != NULL)
    g_thread_pool_free (g_steal_pointer (&self->stopping), FALSE, TRUE);
  gst_clear_object (&self->dtls);
  if (self->stun != NULL)
    bif_stun_server_close (self->stun);
  g_clear_object (&self->stun);
  if (self->mux == NULL)
    return;
  gst_element_set_state (self->mux, GST_STATE_NULL);
  gst_clear_object (&self->mux);
}

/* ---- candidates ---- */

static void
write_candidates (BifNetwork * self)
{
  const BifCandidates facts = {
    .addresses = (const char *const *) self->addresses,
    .mapped = (const char *const *) self->mapped,
    .keep_private = self->keep_private_host,
    .port = self->port,
    .tcp = self->ice_tcp,
    .reflexives = self->reflexives,
  };

  g_strfreev (self->candidates);
  self->candidates = bif_candidates_write (&facts);
}

static gboolean
is_of_local (gconstpointer reflexive, gconstpointer local)
{
  return g_str_equal (((const BifReflexive *) reflexive)->local, local);
}

/* What was mapped by hand is public, or else what the STUN server sees. */
static void
find_public_ips (BifNetwork * self)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (self->mapped[0] != NULL)
    g_strv_builder_addv (builder, (const char **) self->mapped);
  for (guint i = 0; self->mapped[0] == NULL && i < self->reflexives->len; i++) {
    const BifReflexive *reflexive = self->reflexives->pdata[i];

    if (reflexive->address != NULL)
      g_strv_builder_add (builder, reflexive->address);
  }
  g_strfreev (self->public_ips);
  self->public_ips = g_strv_builder_end (builder);
}

static void
on_reflexive (BifNetwork * self, const char *local, const char *address,
    guint port)
{
  BifReflexive *reflexive;
  guint i;

  if (!g_ptr_array_find_with_equal_func (self->reflexives, local, is_of_local,
          &i)) {
    i = self->reflexives->len;
    g_ptr_array_add (self->reflexives, g_new0 (BifReflexive, 1));
  }
  reflexive = g_ptr_array_index (self->reflexives, i);
  g_free (reflexive->local);
  g_free (reflexive->address);
  reflexive->local = g_strdup (local);
  reflexive->address = g_strdup (address);
  reflexive->port = port;
  write_candidates (self);
  find_public_ips (self);
  g_signal_emit (self, signals[SIGNAL_PUBLIC_IPS], 0);
}

static void
open_stun (BifNetwork * self, const BifNetworkSettings * settings)
{
  if (settings->stun_server == NULL)
    return;
  self->stun = bif_stun_server_new (self->mux, settings->stun_server,
      settings->stun_port);
  g_signal_connect_object (self->stun, "reflexive",
      G_CALLBACK (on_reflexive), self, G_CONNECT_SWAPPED);
}

char **
bif_network_map_candidate (BifNetwork * self, const char *candidate)
{
  g_auto (GStrv) part = g_strsplit (candidate, " ", 6);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  gboolean host = g_str_has_suffix (candidate, "typ host")
      && g_strv_length (part) == 6;
  gboolean replaced = FALSE;

  for (guint i = 0; host && self->mapped[i] != NULL; i++) {
    g_autofree char *text = NULL;

    if (!bif_candidates_same_family (part[4], self->mapped[i]))
      continue;
    text = g_strdup_printf ("%s %s %s %s %s %s", part[0], part[1], part[2],
        part[3], self->mapped[i], part[5]);
    g_strv_builder_add (builder, text);
    replaced = TRUE;
  }
  if (!replaced || self->keep_private_host)
    g_strv_builder_add (builder, candidate);
  return g_strv_builder_end (builder);
}

/* The valid ones of a list; others are skipped with a warning. */
static char **
read_mapping (const char *mapping)
{
  g_auto (GStrv) list = g_strsplit (mapping ? mapping : "", ",", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; list[i] != NULL; i++) {
    const char *ip = g_strstrip (list[i]);

    if (ip[0] == '\0')
      continue;
    if (g_hostname_is_ip_address (ip))
      g_strv_builder_add (builder, ip);
    else
      GST_WARNING ("nat_1_1_mapping: '%s' is no IP address", ip);
  }
  return g_strv_builder_end (builder);
}

/* ---- set-up ---- */

static gboolean
open_certificate (BifNetwork * self, const BifNetworkSettings * settings,
    GError ** error)
{
  if (settings->cert_pem != NULL)
    self->certificate = bif_certificate_load (settings->cert_pem,
        settings->cert_key, settings->cert_password, error);
  else
    self->certificate =
        bif_certificate_new_self_signed (settings->rsa_private_key, error);
  return self->certificate != NULL;
}

/* All dtlsdec with the same text share what GStreamer made of it, the SSL_CTX
 * too, while one of them lives: it need not be read for every peer. */
static void
hold_certificate (BifNetwork * self)
{
  self->dtls = gst_element_factory_make ("dtlsdec", NULL);
  if (self->dtls == NULL)
    return;
  gst_object_ref_sink (self->dtls);
  g_object_set (self->dtls, "pem", self->certificate->pem, NULL);
}

static gboolean
open_mux (BifNetwork * self, const BifNetworkSettings * settings,
    char **addresses, GError ** error)
{
  g_autofree char *list = g_strjoinv (",", addresses);

  self->mux = gst_element_factory_make ("bifmux", "media-port");
  if (self->mux == NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_NETWORK,
        "GStreamer does not find the plugin of Bifrons (element bifmux)");
    return FALSE;
  }
  gst_object_ref_sink (self->mux);
  g_object_set (self->mux, "addresses", list, "port", settings->port,
      "port-min", settings->port_min, "port-max", settings->port_max,
      "dscp", MIN (settings->dscp, 63), "ice-tcp", settings->ice_tcp, NULL);
  if (gst_element_set_state (self->mux, GST_STATE_READY)
      != GST_STATE_CHANGE_FAILURE)
    return TRUE;
  g_set_error (error, BIF_ERROR, BIF_ERROR_NETWORK,
      "no free UDP port for media on %s", list);
  gst_element_set_state (self->mux, GST_STATE_NULL);
  gst_clear_object (&self->mux);
  return FALSE;
}

/* Makes once what webrtcbin makes for a first peer: loading those plugins, and
 * the key that dtlsdec generates for the process, would hold up that call, and
 * everybody else's. */
static void
warm_up (void)
{
  static const char *const factories[] = { "webrtcbin", "dtlsdec", "dtlsenc",
    "dtlssrtpdec", "dtlssrtpenc", "dtlssrtpdemux", "srtpdec", "srtpenc",
    "sctpdec", "sctpenc", "clocksync", "appsrc"
  };

  for (guint i = 0; i < G_N_ELEMENTS (factories); i++) {
    GstElement *element = gst_element_factory_make (factories[i], NULL);

    if (element != NULL)
      gst_object_unref (gst_object_ref_sink (element));
    else
      GST_ERROR ("GStreamer does not find the element %s", factories[i]);
  }
}

static void
take_settings (BifNetwork * self, const BifNetworkSettings * settings)
{
  self->mapped = read_mapping (settings->nat_1_1_mapping);
  self->keep_private_host = settings->keep_private_host;
  self->local_ip = settings->local_ip != NULL ? g_strdup (settings->local_ip) :
      bif_interfaces_default ();
  self->ice_lite = settings->ice_lite;
  self->ice_tcp = settings->ice_tcp;
  self->regular_nomination = settings->regular_nomination;
  self->consent_timeout_s = settings->consent ? CONSENT_TIMEOUT_S : 0;
  self->full_trickle = settings->full_trickle;
  self->no_media_timer_s = settings->no_media_timer_s;
  self->slowlink_threshold = settings->slowlink_threshold;
  self->twcc_period_ms = settings->twcc_period_ms;
  bif_network_set_min_nack_queue (self, settings->min_nack_queue_ms);
}

BifNetwork *
bif_network_new (const BifNetworkSettings * settings, GError ** error)
{
  g_autoptr (BifNetwork) self = g_object_new (BIF_TYPE_NETWORK, NULL);

  warm_up ();
  self->addresses = bif_interfaces_find (settings->enforce_list,
      settings->ignore_list, settings->ipv6, settings->ipv6_link_local);
  if (!open_certificate (self, settings, error)
      || !open_mux (self, settings, self->addresses, error))
    return NULL;
  hold_certificate (self);
  g_object_get (self->mux, "port", &self->port, NULL);
  take_settings (self, settings);
  find_public_ips (self);
  write_candidates (self);
  open_stun (self, settings);
  return g_steal_pointer (&self);
}

void
bif_network_use_relays (BifNetwork * self, BifRelays * relays)
{
  g_return_if_fail (self->relays == NULL);
  self->relays = relays;
}

/* ---- facts ---- */

BifRelays *
bif_network_relays (BifNetwork * self)
{
  return self->relays;
}

const char *
bif_network_local_ip (BifNetwork * self)
{
  return self->local_ip;
}

const char *const *
bif_network_public_ips (BifNetwork * self)
{
  return (const char *const *) self->public_ips;
}

const char *
bif_network_fingerprint (BifNetwork * self)
{
  return self->certificate->fingerprint;
}

const char *const *
bif_network_candidates (BifNetwork * self)
{
  return (const char *const *) self->candidates;
}

gboolean
bif_network_is_full_trickle (BifNetwork * self)
{
  return self->full_trickle;
}

GstElement *
bif_network_mux (BifNetwork * self)
{
  return self->mux;
}

const char *
bif_network_pem (BifNetwork * self)
{
  return self->certificate->pem;
}

void
bif_network_fill_transport (BifNetwork * self, BifSdpTransport * transport)
{
  transport->address = self->public_ips[0] != NULL ? self->public_ips[0] :
      self->local_ip;
  transport->fingerprint = self->certificate->fingerprint;
  transport->ice_lite = self->ice_lite;
  transport->full_trickle = self->full_trickle;
  transport->candidates = (const char *const *) self->candidates;
  transport->max_message_size = MAX_MESSAGE_SIZE;
}

void
bif_network_configure (BifNetwork * self, GstElement * transport)
{
  g_object_set (transport, "ice-lite", self->ice_lite, "consent-timeout",
      self->consent_timeout_s, "regular-nomination", self->regular_nomination,
      "no-media-timer",
      self->no_media_timer_s, "slowlink-threshold", self->slowlink_threshold,
      "twcc-period", self->twcc_period_ms, NULL);
}

guint
bif_network_window (BifNetwork * self)
{
  return self->window_ms;
}

void
bif_network_set_no_media_timer (BifNetwork * self, guint seconds)
{
  self->no_media_timer_s = seconds;
}

void
bif_network_set_slowlink_threshold (BifNetwork * self, guint lost)
{
  self->slowlink_threshold = lost;
}

void
bif_network_set_min_nack_queue (BifNetwork * self, guint ms)
{
  self->window_ms = MAX (ms, LEAST_WINDOW_MS);
}
