/* network.c: what all peers share: the media port (bifmux), the candidates that
 * go into every SDP, the certificate. Main thread. */
#include "media/network.h"
#include "media/certificate.h"
#include "media/interfaces.h"
#include "media/network-private.h"
#include "base/error.h"

#include <string.h>

/* Packets are kept for retransmission at least this long. */
#define LEAST_WINDOW_MS 1000

GST_DEBUG_CATEGORY_STATIC (network_debug);
#define GST_CAT_DEFAULT network_debug

/* What is larger, webrtcbin 1.22 hands over in pieces without a word of where
 * they begin and end, and it sends no more in one message. */
#define MAX_MESSAGE_SIZE 65536

struct _BifNetwork
{
  GObject parent;

  GstElement *mux;
  GThreadPool *stopping;        /* of Job, one thread: what may wait */
  BifCertificate *certificate;
  GstElement *dtls;             /* keeps the certificate read */
  char *local_ip;
  char **public_ips;
  char **candidates;
  gboolean ice_lite, full_trickle;
  guint no_media_timer_s, slowlink_threshold, twcc_period_ms, window_ms;
};

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
  g_strfreev (self->public_ips);
  g_strfreev (self->candidates);
  G_OBJECT_CLASS (bif_network_parent_class)->finalize (object);
}

static void
bif_network_class_init (BifNetworkClass * klass)
{
  GST_DEBUG_CATEGORY_INIT (network_debug, "bif-network", 0, "shared network");
  G_OBJECT_CLASS (klass)->dispose = bif_network_dispose;
  G_OBJECT_CLASS (klass)->finalize = bif_network_finalize;
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
  if (self->mux == NULL)
    return;
  gst_element_set_state (self->mux, GST_STATE_NULL);
  gst_clear_object (&self->mux);
}

/* ---- candidates ---- */

static gboolean
same_family (const char *a, const char *b)
{
  return (strchr (a, ':') != NULL) == (strchr (b, ':') != NULL);
}

static void
add_candidate (GPtrArray * list, const char *ip, guint port)
{
  /* RFC 8445, 5.1.2.1: host candidates, the first address preferred. */
  guint priority = (126u << 24) | ((65535u - list->len) << 8) | 255;

  g_ptr_array_add (list, g_strdup_printf ("%u 1 udp %u %s %u typ host",
          list->len + 1, priority, ip, port));
}

static char **
make_candidates (char **addresses, char **mapped, gboolean keep_private,
    guint port)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  for (guint i = 0; addresses[i] != NULL; i++) {
    gboolean replaced = FALSE;

    for (guint m = 0; mapped[m] != NULL; m++) {
      if (!same_family (addresses[i], mapped[m]))
        continue;
      add_candidate (list, mapped[m], port);
      replaced = TRUE;
    }
    if (!replaced || keep_private)
      add_candidate (list, addresses[i], port);
  }
  g_ptr_array_add (list, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&list), FALSE);
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
 * too, while one of them lives. Reading it anew is a quarter of a set-up. */
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
      "dscp", MIN (settings->dscp, 63), NULL);
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

BifNetwork *
bif_network_new (const BifNetworkSettings * settings, GError ** error)
{
  g_autoptr (BifNetwork) self = g_object_new (BIF_TYPE_NETWORK, NULL);
  g_auto (GStrv) addresses = bif_interfaces_find (settings->enforce_list,
      settings->ignore_list, settings->ipv6, settings->ipv6_link_local);
  guint port;

  warm_up ();
  if (!open_certificate (self, settings, error)
      || !open_mux (self, settings, addresses, error))
    return NULL;
  hold_certificate (self);
  g_object_get (self->mux, "port", &port, NULL);
  self->public_ips = read_mapping (settings->nat_1_1_mapping);
  self->candidates = make_candidates (addresses, self->public_ips,
      settings->keep_private_host, port);
  self->local_ip = settings->local_ip != NULL ? g_strdup (settings->local_ip) :
      bif_interfaces_default ();
  self->ice_lite = settings->ice_lite;
  self->full_trickle = settings->full_trickle;
  self->no_media_timer_s = settings->no_media_timer_s;
  self->slowlink_threshold = settings->slowlink_threshold;
  self->twcc_period_ms = settings->twcc_period_ms;
  bif_network_set_min_nack_queue (self, settings->min_nack_queue_ms);
  return g_steal_pointer (&self);
}

/* ---- facts ---- */

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
  g_object_set (transport, "ice-lite", self->ice_lite, "no-media-timer",
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
