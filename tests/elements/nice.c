/* nice: two transports whose ICE is libnice's, over real sockets: they gather,
 * find each other, carry datagrams, restart, and go. */
#include <gst/gst.h>
#include <gst/webrtc/ice.h>
#include <gst/webrtc/icetransport.h>
#include <string.h>

#define DEADLINE_NS (30 * GST_SECOND)
#define PORT_MIN 42300
#define PORT_MAX 42400

typedef struct
{
  GstElement *transport;
  GstBus *bus;
  GPtrArray *candidates;        /* of char * */
  GstWebRTCICEStream *stream;
  GstWebRTCICETransport *dtls;
  GAsyncQueue *heard;           /* of GBytes: what came for DTLS */
} Side;

typedef struct
{
  GstElement *mux;
  Side side[2];
} Pair;

static GstPadProbeReturn
on_buffer (GstPad * pad, GstPadProbeInfo * info, gpointer heard)
{
  GstBuffer *buffer = GST_PAD_PROBE_INFO_BUFFER (info);
  gpointer data;
  gsize size;

  gst_buffer_extract_dup (buffer, 0, -1, &data, &size);
  g_async_queue_push (heard, g_bytes_new_take (data, size));
  return GST_PAD_PROBE_DROP;
}

static void
begin_stream (GstElement * sink)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (sink, "sink");
  GstSegment segment;

  gst_segment_init (&segment, GST_FORMAT_BYTES);
  gst_pad_send_event (pad, gst_event_new_stream_start ("dtls"));
  gst_pad_send_event (pad, gst_event_new_segment (&segment));
}

static void
side_set_up (Side * self, GstElement * mux)
{
  g_autoptr (GstStructure) options = gst_structure_new ("nice",
      "addresses", G_TYPE_STRING, "127.0.0.1", "port-min", G_TYPE_UINT,
      PORT_MIN, "port-max", G_TYPE_UINT, PORT_MAX, NULL);
  g_autoptr (GstWebRTCICE) agent = NULL;
  g_autoptr (GstPad) pad = NULL;

  self->transport = gst_object_ref_sink (gst_element_factory_create_full
      (gst_element_factory_find ("biftransport"), "mux", mux, NULL));
  self->bus = gst_bus_new ();
  gst_element_set_bus (self->transport, self->bus);
  self->candidates = g_ptr_array_new_with_free_func (g_free);
  self->heard = g_async_queue_new_full ((GDestroyNotify) g_bytes_unref);
  g_object_get (self->transport, "ice-agent", &agent, NULL);
  self->stream = gst_webrtc_ice_add_stream (agent, 0);
  self->dtls = gst_webrtc_ice_find_transport (agent, self->stream,
      GST_WEBRTC_ICE_COMPONENT_RTP);
  pad = gst_element_get_static_pad (self->dtls->src, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_buffer, self->heard,
      NULL);
  gst_pad_set_active (pad, TRUE);
  gst_element_set_state (self->dtls->src, GST_STATE_PAUSED);
  gst_element_set_state (self->dtls->sink, GST_STATE_PAUSED);
  begin_stream (self->dtls->sink);
  g_signal_emit_by_name (self->transport, "use-nice", options);
  g_signal_emit_by_name (self->transport, "open");
}

static void
pair_set_up (Pair * pair, gconstpointer data)
{
  pair->mux = gst_object_ref_sink (gst_element_factory_make ("bifmux", NULL));
  g_assert_cmpint (gst_element_set_state (pair->mux, GST_STATE_READY), ==,
      GST_STATE_CHANGE_SUCCESS);
  for (guint i = 0; i < 2; i++)
    side_set_up (&pair->side[i], pair->mux);
}

static void
side_tear_down (Side * self)
{
  GWeakRef transport;

  g_weak_ref_init (&transport, self->transport);
  g_signal_emit_by_name (self->transport, "close");
  g_signal_emit_by_name (self->transport, "close");
  gst_element_set_state (self->dtls->src, GST_STATE_NULL);
  gst_element_set_state (self->dtls->sink, GST_STATE_NULL);
  gst_bus_set_flushing (self->bus, TRUE);
  gst_element_set_bus (self->transport, NULL);
  gst_clear_object (&self->dtls);
  gst_clear_object (&self->transport);
  gst_clear_object (&self->bus);
  g_ptr_array_unref (self->candidates);
  /* A callback may hold it a moment longer. */
  for (guint i = 0; i < 1000; i++) {
    g_autoptr (GstElement) left = g_weak_ref_get (&transport);

    if (left == NULL)
      break;
    g_usleep (1000);
  }
  g_assert_null (g_weak_ref_get (&transport));
  g_weak_ref_clear (&transport);
  g_async_queue_unref (self->heard);
}

static void
pair_tear_down (Pair * pair, gconstpointer data)
{
  GWeakRef mux;

  for (guint i = 0; i < 2; i++)
    side_tear_down (&pair->side[i]);
  g_weak_ref_init (&mux, pair->mux);
  gst_element_set_state (pair->mux, GST_STATE_NULL);
  gst_clear_object (&pair->mux);
  g_assert_null (g_weak_ref_get (&mux));
  g_weak_ref_clear (&mux);
}

/* ---- what both do ---- */

/* Waits for a message of that name; keeps candidates that come before. */
static void
wait_message (Side * self, const char *name)
{
  for (;;) {
    g_autoptr (GstMessage) message = gst_bus_timed_pop_filtered (self->bus,
        DEADLINE_NS, GST_MESSAGE_ELEMENT);
    const GstStructure *structure;

    g_assert_nonnull (message);
    structure = gst_message_get_structure (message);
    if (gst_structure_has_name (structure, "bif-candidate"))
      g_ptr_array_add (self->candidates, g_strdup (gst_structure_get_string
              (structure, "candidate")));
    if (gst_structure_has_name (structure, name))
      return;
  }
}

static void
gather (Side * self)
{
  g_signal_emit_by_name (self->transport, "gather", NULL, FALSE);
  wait_message (self, "bif-gathered");
}

/* What signalling does: @self hears of @other. */
static void
introduce (Side * self, Side * other)
{
  g_autofree char *ufrag = NULL, *pwd = NULL;

  g_object_get (other->transport, "local-ufrag", &ufrag, "local-pwd", &pwd,
      NULL);
  g_signal_emit_by_name (self->transport, "set-remote-credentials", ufrag,
      pwd);
  for (guint i = 0; i < other->candidates->len; i++) {
    gboolean used = FALSE;

    g_signal_emit_by_name (self->transport, "add-remote-candidate",
        other->candidates->pdata[i], &used);
    g_assert_true (used);
  }
  g_signal_emit_by_name (self->transport, "end-of-candidates");
}

static void
connect_sides (Pair * pair)
{
  g_object_set (pair->side[0].transport, "controlling", TRUE, NULL);
  for (guint i = 0; i < 2; i++)
    gather (&pair->side[i]);
  for (guint i = 0; i < 2; i++)
    introduce (&pair->side[i], &pair->side[!i]);
  for (guint i = 0; i < 2; i++)
    wait_message (&pair->side[i], "bif-connected");
}

/* A datagram that looks like DTLS gets from @self to @other. */
static void
assert_carries (Side * self, Side * other, const char *text)
{
  g_autofree char *datagram = g_strconcat ("\x16", text, NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (self->dtls->sink,
      "sink");
  g_autoptr (GBytes) bytes = NULL;

  gst_pad_chain (pad, gst_buffer_new_memdup (datagram, strlen (datagram)));
  bytes = g_async_queue_timeout_pop (other->heard,
      GST_TIME_AS_USECONDS (DEADLINE_NS));
  g_assert_nonnull (bytes);
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
      datagram, strlen (datagram));
}

static char *
selected_pair (Side * self)
{
  g_autoptr (GstStructure) stats = NULL;

  g_object_get (self->transport, "stats", &stats, NULL);
  return g_strdup (gst_structure_get_string (stats, "selected-pair"));
}

/* ---- tests ---- */

static void
test_connect (Pair * pair, gconstpointer data)
{
  g_autofree char *selected = NULL;

  connect_sides (pair);
  assert_carries (&pair->side[0], &pair->side[1], "ping");
  assert_carries (&pair->side[1], &pair->side[0], "pong");
  selected = selected_pair (&pair->side[0]);
  g_assert_true (g_regex_match_simple ("^127\\.0\\.0\\.1:\\d+ \\[host,udp\\]"
          " <-> 127\\.0\\.0\\.1:\\d+ \\[(host|prflx),udp\\]$", selected, 0,
          0));
}

static void
test_candidates (Pair * pair, gconstpointer data)
{
  Side *self = &pair->side[0];

  gather (self);
  g_assert_cmpuint (self->candidates->len, ==, 1);
  for (guint i = 0; i < self->candidates->len; i++) {
    g_auto (GStrv) part = g_strsplit (self->candidates->pdata[i], " ", -1);
    guint64 port;

    g_assert_cmpuint (g_strv_length (part), ==, 8);
    g_assert_cmpstr (part[1], ==, "1");
    g_assert_cmpstr (part[2], ==, "udp");
    g_assert_cmpstr (part[4], ==, "127.0.0.1");
    g_assert_true (g_ascii_string_to_unsigned (part[5], 10, PORT_MIN,
            PORT_MAX, &port, NULL));
    g_assert_cmpstr (part[6], ==, "typ");
    g_assert_cmpstr (part[7], ==, "host");
  }
}

/* mDNS names and nonsense are passed over. */
static void
test_bad_candidates (Pair * pair, gconstpointer data)
{
  static const char *const bad[] = {
    "1 1 udp 2122260223 0b1c.local 50000 typ host",
    "1 2 udp 2122260223 127.0.0.1 50000 typ host",
    "candidate:", "1 1 udp", "", "1 1 udp x 127.0.0.1 y typ host",
  };

  gather (&pair->side[0]);
  introduce (&pair->side[0], &pair->side[1]);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    gboolean used = TRUE;

    g_signal_emit_by_name (pair->side[0].transport, "add-remote-candidate",
        bad[i], &used);
    g_assert_false (used);
  }
}

static void
test_restart (Pair * pair, gconstpointer data)
{
  g_autofree char *before = NULL, *after = NULL;

  connect_sides (pair);
  g_object_get (pair->side[0].transport, "local-ufrag", &before, NULL);
  for (guint i = 0; i < 2; i++)
    g_signal_emit_by_name (pair->side[i].transport, "restart-ice");
  g_object_get (pair->side[0].transport, "local-ufrag", &after, NULL);
  g_assert_cmpstr (before, !=, after);
  for (guint i = 0; i < 2; i++)
    introduce (&pair->side[i], &pair->side[!i]);
  assert_carries (&pair->side[0], &pair->side[1], "still here");
  assert_carries (&pair->side[1], &pair->side[0], "so am I");
}

/* What is sent to one that is closed, goes nowhere. */
static void
test_closed (Pair * pair, gconstpointer data)
{
  g_autoptr (GstPad) pad = NULL;

  connect_sides (pair);
  pad = gst_element_get_static_pad (pair->side[0].dtls->sink, "sink");
  g_signal_emit_by_name (pair->side[0].transport, "close");
  g_assert_cmpint (gst_pad_chain (pad, gst_buffer_new_memdup ("\x16 late",
              6)), ==, GST_FLOW_OK);
}

/* Nobody answers: it says so, some time. */
static void
test_never (Pair * pair, gconstpointer data)
{
  Side *self = &pair->side[0];
  gboolean used = FALSE;

  gather (self);
  g_signal_emit_by_name (self->transport, "set-remote-credentials", "nobody",
      "a password of nobody's at all");
  g_signal_emit_by_name (self->transport, "add-remote-candidate",
      "1 1 udp 2122260223 127.0.0.1 9 typ host", &used);
  g_assert_true (used);
  g_signal_emit_by_name (self->transport, "end-of-candidates");
  wait_message (self, "bif-failed");
}

int
main (int argc, char **argv)
{
  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/nice/" name, Pair, NULL, \
      pair_set_up, func, pair_tear_down)
  ADD ("candidates", test_candidates);
  ADD ("connect", test_connect);
  ADD ("bad-candidates", test_bad_candidates);
  ADD ("restart", test_restart);
  ADD ("closed", test_closed);
  ADD ("never", test_never);
  return g_test_run ();
}
