/* elements: what is true of every element of the plugin, whichever there are:
 * documented, states up and down, properties over their whole range; and what
 * pads do with events. */
#include <string.h>
#include <gst/check/gstharness.h>
#include <gst/video/video-event.h>
#include "packet/rtp.h"

#define CYCLES 50
#define CAPS "application/x-rtp, media=(string)video, clock-rate=(int)90000, " \
  "encoding-name=(string)VP8, payload=(int)96"

static GList *
list_factories (void)
{
  GstRegistry *registry = gst_registry_get ();
  GList *list = gst_registry_get_feature_list_by_plugin (registry, "bifrons");

  g_assert_cmpuint (g_list_length (list), >=, 5);
  for (GList * l = list; l != NULL; l = l->next) {
    gpointer loaded = gst_plugin_feature_load (l->data);

    g_assert_nonnull (loaded);
    gst_object_unref (l->data);
    l->data = loaded;
  }
  return list;
}

static void
for_each (void (*func) (GstElementFactory * factory))
{
  GList *list = list_factories ();

  for (GList * l = list; l != NULL; l = l->next) {
    g_test_message ("%s", GST_OBJECT_NAME (l->data));
    if (GST_IS_ELEMENT_FACTORY (l->data))
      func (l->data);
  }
  gst_plugin_feature_list_free (list);
}

static GstElement *
make (GstElementFactory * factory)
{
  GstElement *element = gst_element_factory_create (factory, NULL);

  g_assert_nonnull (element);
  return gst_object_ref_sink (element);
}

/* Those that gst-inspect shows as the element's own. */
static GParamSpec **
own_properties (GstElement * element, guint * n)
{
  GParamSpec **all = g_object_class_list_properties (G_OBJECT_GET_CLASS
      (element), n);
  guint kept = 0;

  for (guint i = 0; i < *n; i++) {
    if (g_str_has_prefix (g_type_name (all[i]->owner_type), "Bif"))
      all[kept++] = all[i];
  }
  *n = kept;
  return all;
}

/* ---- documented ---- */

static void
check_text (const char *where, const char *text, gsize least)
{
  if (text == NULL || strlen (text) < least)
    g_error ("%s is not documented", where);
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_true (g_ascii_isupper (text[0]) || !g_ascii_isalpha (text[0]));
  g_assert_false (g_str_has_suffix (text, "."));
}

static void
check_documented (GstElementFactory * factory)
{
  static const char *const keys[] = { GST_ELEMENT_METADATA_LONGNAME,
    GST_ELEMENT_METADATA_KLASS, GST_ELEMENT_METADATA_DESCRIPTION,
    GST_ELEMENT_METADATA_AUTHOR
  };
  g_autoptr (GstElement) element = make (factory);
  g_autofree GParamSpec **properties = NULL;
  guint n;

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    check_text (keys[i], gst_element_factory_get_metadata (factory, keys[i]),
        5);
  /* Some have no more than those of the class they are derived from. */
  properties = own_properties (element, &n);
  for (guint i = 0; i < n; i++) {
    const char *blurb = g_param_spec_get_blurb (properties[i]);

    check_text (properties[i]->name, blurb, 8);
    check_text (properties[i]->name, g_param_spec_get_nick (properties[i]),
        2);
    g_assert_cmpstr (blurb, !=, properties[i]->name);
  }
}

static void
test_documented (void)
{
  for_each (check_documented);
}

/* What a user reads: each element and property is there, with its text. */
static void
check_inspected (GstElementFactory * factory)
{
  g_autofree char *line = g_strdup_printf ("gst-inspect-1.0 %s",
      GST_OBJECT_NAME (factory));
  g_autofree char *text = NULL, *errors = NULL;
  g_autoptr (GstElement) element = make (factory);
  g_autofree GParamSpec **properties = NULL;
  int status;
  guint n;

  g_assert_true (g_spawn_command_line_sync (line, &text, &errors, &status,
          NULL));
  g_assert_true (g_spawn_check_wait_status (status, NULL));
  properties = own_properties (element, &n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *row = g_strdup_printf ("  %-20s: %s",
        properties[i]->name, g_param_spec_get_blurb (properties[i]));

    if (strstr (text, row) == NULL)
      g_error ("gst-inspect-1.0 lacks '%s'", row);
  }
  g_assert_nonnull (strstr (text, gst_element_factory_get_metadata (factory,
              GST_ELEMENT_METADATA_LONGNAME)));
}

static void
test_inspected (void)
{
  g_autofree char *program = g_find_program_in_path ("gst-inspect-1.0");

#ifdef __SANITIZE_ADDRESS__
  g_test_skip ("a program without the sanitizer cannot load the plugin");
  return;
#endif
  if (program == NULL)
    g_test_skip ("no gst-inspect-1.0");
  else
    for_each (check_inspected);
}

/* ---- properties ---- */

static gboolean
is_number (GParamSpec * property)
{
  return G_IS_PARAM_SPEC_UINT (property) || G_IS_PARAM_SPEC_INT (property)
      || G_IS_PARAM_SPEC_UINT64 (property)
      || G_IS_PARAM_SPEC_BOOLEAN (property);
}

/* Sets @wanted, clamped to the range. Returns what is read back, as text. */
static char *
set_and_get (GstElement * element, GParamSpec * property, gint64 wanted)
{
  g_auto (GValue) number = G_VALUE_INIT, value = G_VALUE_INIT;
  g_auto (GValue) back = G_VALUE_INIT;

  g_value_init (&number, G_TYPE_INT64);
  g_value_init (&value, property->value_type);
  g_value_init (&back, property->value_type);
  g_value_set_int64 (&number, wanted);
  g_assert_true (g_value_transform (&number, &value));
  g_param_value_validate (property, &value);
  g_object_set_property (G_OBJECT (element), property->name, &value);
  g_object_get_property (G_OBJECT (element), property->name, &back);
  g_assert_cmpint (g_param_values_cmp (property, &value, &back), ==, 0);
  return gst_value_serialize (&back);
}

/* A fresh element has what it says; numbers take both ends of their range, and
 * nothing beyond. */
static void
check_property (GstElement * element, GParamSpec * property)
{
  static const gint64 wanted[] = { G_MININT64, -1, 0, 1, 127, 128, 65535, 65536,
    G_MAXINT32, G_MAXUINT32, G_MAXINT64
  };
  g_auto (GValue) value = G_VALUE_INIT;

  g_test_message ("  %s", property->name);
  if (property->flags & G_PARAM_READABLE) {
    g_value_init (&value, property->value_type);
    g_object_get_property (G_OBJECT (element), property->name, &value);
    if ((property->flags & G_PARAM_WRITABLE)
        && g_param_values_cmp (property, &value,
            g_param_spec_get_default_value (property)) != 0
        && property->value_type != GST_TYPE_ARRAY)
      g_error ("%s is not its default", property->name);
  }
  if ((property->flags & G_PARAM_READWRITE) != G_PARAM_READWRITE
      || !is_number (property) || property->flags & G_PARAM_CONSTRUCT_ONLY)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_free (set_and_get (element, property, wanted[i]));
}

static void
check_properties (GstElementFactory * factory)
{
  g_autoptr (GstElement) element = make (factory);
  g_autofree GParamSpec **properties = NULL;
  guint n;

  properties = own_properties (element, &n);
  for (guint i = 0; i < n; i++)
    check_property (element, properties[i]);
}

static void
test_properties (void)
{
  for_each (check_properties);
}

/* ---- states ---- */

/* Alone, with nothing linked: up as far as it goes, and down. */
static void
check_states (GstElementFactory * factory)
{
  static const GstState up[] = { GST_STATE_READY, GST_STATE_PAUSED,
    GST_STATE_PLAYING
  };
  g_autoptr (GstElement) element = make (factory);
  GWeakRef weak;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), "channel"))
    g_object_set (element, "channel", "states", NULL);
  /* nothing comes, so nothing is written */
  if (g_object_class_find_property (G_OBJECT_GET_CLASS (element), "location"))
    g_object_set (element, "location", "never.webm", NULL);
  for (guint i = 0; i < CYCLES; i++) {
    GstStateChangeReturn result = GST_STATE_CHANGE_SUCCESS;

    for (guint k = 0; k <= i % 3; k++)
      result = gst_element_set_state (element, up[k]);
    g_assert_cmpint (result, !=, GST_STATE_CHANGE_FAILURE);
    g_assert_cmpint (gst_element_set_state (element, GST_STATE_NULL), ==,
        GST_STATE_CHANGE_SUCCESS);
  }
  g_weak_ref_init (&weak, element);
  g_clear_object (&element);
  g_assert_null (g_weak_ref_get (&weak));
  g_weak_ref_clear (&weak);
}

static void
test_states (void)
{
  for_each (check_states);
}

/* ---- pads ---- */

static GstBuffer *
make_packet (guint16 sequence)
{
  BifRtpHeader header = {.payload_type = 96,.sequence = sequence,.ssrc = 5 };
  guint8 out[BIF_RTP_MAX_HEADER + 20] = { 0 };
  gsize size = bif_rtp_write (out, &header, &(BifExtMap) { 0 });

  memset (out + size, 0, 20);
  out[size] = 0x10;
  return gst_buffer_new_memdup (out, size + 20);
}

static GstEventType
next_event (GstHarness * h)
{
  GstEvent *event = gst_harness_try_pull_event (h);
  GstEventType type = event != NULL ? GST_EVENT_TYPE (event) :
      GST_EVENT_UNKNOWN;

  gst_clear_event (&event);
  return type;
}

/* Caps it cannot know are refused; all others of RTP are taken. */
static void
test_caps (void)
{
  static const char *const names[] = { "bifrelay", "bifbridgesink" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    GstHarness *h = gst_harness_new_with_padnames (names[i], "sink",
        i == 0 ? "src" : NULL);
    g_autoptr (GstCaps) rtp = gst_caps_from_string (CAPS);
    g_autoptr (GstCaps) raw = gst_caps_from_string ("video/x-raw");
    g_autoptr (GstPad) sink = gst_element_get_static_pad (h->element, "sink");

    g_assert_true (gst_pad_query_accept_caps (sink, rtp));
    g_assert_false (gst_pad_query_accept_caps (sink, raw));
    gst_harness_teardown (h);
  }
}

/* A relay with linked pads hands on what it does not change: segments, custom
 * events, flushes, the end; and requests upstream. */
static void
test_relay_events (void)
{
  GstHarness *h = gst_harness_new ("bifrelay");
  GstSegment segment;
  GstEventType type;
  guint n = 0;

  gst_harness_set_src_caps_str (h, CAPS);
  g_assert_cmpint (gst_harness_push (h, make_packet (1)), ==, GST_FLOW_OK);
  while ((type = next_event (h)) != GST_EVENT_UNKNOWN)
    n |= type == GST_EVENT_CAPS ? 1 : type == GST_EVENT_SEGMENT ? 2 : 0;
  g_assert_cmpuint (n, ==, 3);
  gst_harness_push_event (h, gst_event_new_custom
      (GST_EVENT_CUSTOM_DOWNSTREAM, gst_structure_new_empty ("mine")));
  g_assert_cmpint (next_event (h), ==, GST_EVENT_CUSTOM_DOWNSTREAM);
  gst_harness_push_upstream_event (h,
      gst_video_event_new_upstream_force_key_unit (GST_CLOCK_TIME_NONE, TRUE,
          0));
  while ((type = gst_harness_upstream_events_in_queue (h)) > 1)
    gst_event_unref (gst_harness_pull_upstream_event (h));
  g_assert_cmpuint (type, ==, 1);
  gst_harness_push_event (h, gst_event_new_flush_start ());
  g_assert_cmpint (next_event (h), ==, GST_EVENT_FLUSH_START);
  g_assert_cmpint (gst_harness_push (h, make_packet (2)), ==,
      GST_FLOW_FLUSHING);
  gst_harness_push_event (h, gst_event_new_flush_stop (FALSE));
  g_assert_cmpint (next_event (h), ==, GST_EVENT_FLUSH_STOP);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  gst_harness_push_event (h, gst_event_new_segment (&segment));
  g_assert_cmpint (gst_harness_push (h, make_packet (3)), ==, GST_FLOW_OK);
  gst_harness_push_event (h, gst_event_new_eos ());
  while ((type = next_event (h)) != GST_EVENT_EOS)
    g_assert_cmpint (type, !=, GST_EVENT_UNKNOWN);
  g_assert_cmpint (gst_harness_push (h, make_packet (4)), ==, GST_FLOW_EOS);
  gst_harness_teardown (h);
}

/* The end of a bridge's sink is not the source's: another may go on; a source
 * that is told to end, ends. */
static void
test_bridge_eos (void)
{
  GstHarness *sink = gst_harness_new_parse ("bifbridgesink channel=eos");
  GstHarness *source = gst_harness_new_parse ("bifbridgesrc channel=eos");
  GstEventType type;
  GstBuffer *buffer;

  gst_harness_play (source);
  gst_harness_set_src_caps_str (sink, CAPS);
  g_assert_cmpint (gst_harness_push (sink, make_packet (1)), ==, GST_FLOW_OK);
  buffer = gst_harness_pull (source);
  g_assert_nonnull (buffer);
  gst_buffer_unref (buffer);
  gst_harness_push_event (sink, gst_event_new_eos ());
  while ((type = next_event (source)) != GST_EVENT_UNKNOWN)
    g_assert_cmpint (type, !=, GST_EVENT_EOS);
  g_assert_true (gst_element_send_event (source->element,
          gst_event_new_eos ()));
  do {
    GstEvent *event = gst_harness_pull_event (source);

    g_assert_nonnull (event);
    type = GST_EVENT_TYPE (event);
    gst_event_unref (event);
  } while (type != GST_EVENT_EOS);
  gst_harness_teardown (source);
  gst_harness_teardown (sink);
}

/* Another stream set while it plays is one for the next time. */
static void
test_bridge_stream (void)
{
  GstHarness *sinks[2] = { gst_harness_new_parse ("bifbridgesink"),
    gst_harness_new_parse ("bifbridgesink")
  };
  GstHarness *source = gst_harness_new_parse ("bifbridgesrc name=b");
  GstElement *bridge = gst_bin_get_by_name (GST_BIN (source->element), "b");
  GObject *streams[2];

  for (guint i = 0; i < 2; i++) {
    GstElement *sink = gst_harness_find_element (sinks[i], "bifbridgesink");

    g_object_get (sink, "stream", &streams[i], NULL);
    gst_object_unref (sink);
    gst_harness_set_src_caps_str (sinks[i], CAPS);
  }
  g_object_set (bridge, "stream", streams[0], NULL);
  gst_harness_play (source);
  g_object_set (bridge, "stream", streams[1], NULL);
  gst_harness_push (sinks[0], make_packet (1));
  gst_buffer_unref (gst_harness_pull (source));
  gst_object_unref (bridge);
  gst_harness_teardown (source);
  /* whoever is still attached would be written to */
  for (guint i = 0; i < 2; i++) {
    gst_harness_push (sinks[i], make_packet (2));
    gst_harness_teardown (sinks[i]);
    g_object_unref (streams[i]);
  }
}

/* ---- gst-launch ---- */

/* By text alone: a picture made in one pipeline is decoded in another. */
static void
test_launch (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) from = gst_parse_launch ("videotestsrc is-live=true "
      "! video/x-raw,width=64,height=48 ! vp8enc deadline=1 "
      "keyframe-max-dist=1000 ! rtpvp8pay ! bifrelay ssrc=7 payload-type=97 "
      "! bifbridgesink channel=launch", &error);
  g_autoptr (GstElement) to = NULL;
  g_autoptr (GstBus) bus = NULL;
  g_autoptr (GstMessage) message = NULL;

  if (error == NULL)
    to = gst_parse_launch ("bifbridgesrc channel=launch "
        "! rtpjitterbuffer latency=50 ! rtpvp8depay ! vp8dec "
        "! identity eos-after=10 ! fakesink", &error);
  if (error != NULL) {
    g_test_skip (error->message);
    return;
  }
  bus = gst_element_get_bus (to);
  gst_element_set_state (from, GST_STATE_PLAYING);
  gst_element_set_state (to, GST_STATE_PLAYING);
  message = gst_bus_timed_pop_filtered (bus, 20 * GST_SECOND,
      GST_MESSAGE_EOS | GST_MESSAGE_ERROR);
  g_assert_nonnull (message);
  g_assert_cmpint (GST_MESSAGE_TYPE (message), ==, GST_MESSAGE_EOS);
  gst_element_set_state (to, GST_STATE_NULL);
  gst_element_set_state (from, GST_STATE_NULL);
}

int
main (int argc, char **argv)
{
  int result;

  gst_init (&argc, &argv);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/elements/documented", test_documented);
  g_test_add_func ("/elements/inspected", test_inspected);
  g_test_add_func ("/elements/properties", test_properties);
  g_test_add_func ("/elements/states", test_states);
  g_test_add_func ("/elements/caps", test_caps);
  g_test_add_func ("/elements/relay-events", test_relay_events);
  g_test_add_func ("/elements/bridge-eos", test_bridge_eos);
  g_test_add_func ("/elements/bridge-stream", test_bridge_stream);
  g_test_add_func ("/elements/launch", test_launch);
  result = g_test_run ();
  gst_deinit ();                /* for the leak tracer */
  return result;
}
