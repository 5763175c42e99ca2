/* recorder-track.c: the elements between a stream and a file of a recording.
 * Main thread, but for a probe that sees a codec change. */
#include "media/recorder-private.h"
#include "media/sdp.h"
#include "base/error.h"
#include "base/post.h"

#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (bif_recorder_debug);
#define GST_CAT_DEFAULT bif_recorder_debug

/* How long a packet waits for those before it: NACKs bring them in this time. */
#define LATENCY_MS 400

void
bif_recorder_chain_free (BifRecorderChain * chain)
{

  g_free (chain->codec);
  gst_clear_object (&chain->bin);
  gst_clear_object (&chain->pad);
  g_free (chain);
}

void
bif_recorder_track_free (BifRecorderTrack * self)
{
  g_free (self->name);
  g_free (self->codec);
  g_free (self->description);
  g_free (self->file);
  g_ptr_array_unref (self->streams);
  g_ptr_array_unref (self->chains);
  g_free (self);
}

/* ---- files ---- */

static const char *
container_for (BifRecorder * self, const BifRecorderTrack * track,
    const char *wanted)
{
  if (self->encrypted)
    return NULL;
  if (bif_recordings_holds (self->recordings, wanted, track->kind,
          track->codec))
    return wanted;
  return bif_recordings_holds (self->recordings, "mkv", track->kind,
      track->codec) ? "mkv" : NULL;
}

static BifRecorderContainer *
find_container (BifRecorder * self, const char *name)
{
  for (guint i = 0; i < self->containers->len; i++) {
    BifRecorderContainer *container = self->containers->pdata[i];

    if (strcmp (container->name, name) == 0)
      return container;
  }
  return NULL;
}

/* All tracks are of one file: what one of them needs, all get, unless the file
 * has begun. */
const char *
bif_recorder_container_of (BifRecorder * self, const BifRecorderTrack * track,
    guint format)
{
  const char *wanted = bif_recording_containers[format];
  const char *own = container_for (self, track, wanted);

  if (own == NULL || strcmp (own, wanted) != 0
      || find_container (self, wanted) != NULL)
    return own;
  for (guint i = 0; i < self->tracks->len; i++) {
    const char *other = container_for (self, self->tracks->pdata[i], wanted);

    if (other != NULL && strcmp (other, wanted) != 0)
      return container_for (self, track, other);
  }
  return own;
}

/* The section's sink moves into the pipeline. */
static BifRecorderContainer *
make_container (BifRecorder * self, const char *name)
{
  BifRecordings *recordings = self->recordings;
  g_autofree char *path = g_strconcat (self->base, ".", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) bin =
      bif_template_make_section (recordings->template_, name, &error);
  g_autoptr (GstElement) sink = NULL;
  BifRecorderContainer *container;

  if (bin == NULL) {
    bif_recorder_fail (self, error->message);
    return NULL;
  }
  gst_object_ref_sink (bin);
  sink = gst_bin_get_by_name (GST_BIN (bin), "sink");
  gst_bin_remove (GST_BIN (bin), sink);
  gst_object_set_name (GST_OBJECT (sink), name);
  g_object_set (sink, "location", path, "temporary-ending",
      recordings->temporary_ending, "paused", self->paused, NULL);
  if (recordings->max_duration_s > 0)
    g_object_set (sink, "max-duration",
        recordings->max_duration_s * GST_SECOND, NULL);
  if (recordings->max_size > 0)
    g_object_set (sink, "max-size", recordings->max_size, NULL);
  gst_bin_add (GST_BIN (self->pipeline), sink);
  gst_element_sync_state_with_parent (sink);
  container = g_new0 (BifRecorderContainer, 1);
  container->name = name;
  container->sink = sink;
  g_ptr_array_add (self->containers, container);
  return container;
}

/* ---- another codec on the same track ---- */

static void
remove_chain (BifRecorder * self, BifRecorderChain * chain)
{
  gst_element_set_locked_state (chain->bin, TRUE);
  gst_element_set_state (chain->bin, GST_STATE_NULL);
  gst_bin_remove (GST_BIN (self->pipeline), chain->bin);
  if (chain->pad != NULL)
    gst_element_release_request_pad (chain->container->sink, chain->pad);
  bif_recorder_chain_free (chain);
}

/* A chain whose codec is gone makes room for one of the new. */
static void
change_codec (gpointer object, gpointer data)
{
  BifRecorder *self = object;
  const char *codec = data;

  for (guint i = 0; !self->closing && i < self->tracks->len; i++) {
    BifRecorderTrack *track = self->tracks->pdata[i];
    g_autoptr (GPtrArray) stale = g_ptr_array_new ();

    for (guint n = track->chains->len; n > 0; n--) {
      BifRecorderChain *chain = track->chains->pdata[n - 1];

      if (g_atomic_int_get (&chain->stale))
        g_ptr_array_add (stale, g_ptr_array_steal_index (track->chains,
                n - 1));
    }
    if (stale->len == 0)
      continue;
    GST_INFO_OBJECT (self, "%s changes from %s to %s", track->name,
        track->codec, codec);
    g_free (track->codec);
    track->codec = g_strdup (codec);
    bif_recorder_track_start (self, track);
    for (guint n = 0; n < stale->len; n++)
      remove_chain (self, stale->pdata[n]);
  }
}

static const char *
codec_of_caps (GstCaps * caps)
{
  const GstStructure *rtp = gst_caps_get_structure (caps, 0);
  const char *name = gst_structure_get_string (rtp, "encoding-name");

  return name != NULL ? bif_sdp_codec_api_name (name) : NULL;
}

static GstPadProbeReturn
watch_codec_any_thread (GstPad * pad, GstPadProbeInfo * info, gpointer data)
{
  BifRecorderChain *chain = data;
  GstEvent *event;
  const char *codec;
  GstCaps *caps;

  if (g_atomic_int_get (&chain->stale))
    return GST_PAD_PROBE_DROP;
  if (!(info->type & GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM))
    return GST_PAD_PROBE_OK;
  event = GST_PAD_PROBE_INFO_EVENT (info);
  if (GST_EVENT_TYPE (event) != GST_EVENT_CAPS)
    return GST_PAD_PROBE_OK;
  gst_event_parse_caps (event, &caps);
  codec = codec_of_caps (caps);
  if (codec == NULL || strcmp (codec, chain->codec) == 0)
    return GST_PAD_PROBE_OK;
  g_atomic_int_set (&chain->stale, TRUE);
  bif_post (chain->recorder, change_codec, g_strdup (codec), g_free);
  return GST_PAD_PROBE_DROP;
}

/* ---- chains ---- */

static void
set_streams (GstElement * source, GPtrArray * streams)
{
  GValue value = G_VALUE_INIT;

  g_value_init (&value, GST_TYPE_ARRAY);
  for (guint i = 0; i < streams->len; i++) {
    GValue stream = G_VALUE_INIT;

    g_value_init (&stream, G_OBJECT_TYPE (streams->pdata[i]));
    g_value_set_object (&stream, streams->pdata[i]);
    gst_value_array_append_and_take_value (&value, &stream);
  }
  g_object_set_property (G_OBJECT (source), "streams", &value);
  g_value_unset (&value);
}

/* A section with a source of @track's packets before it. */
static BifRecorderChain *
make_chain (BifRecorder * self, BifRecorderTrack * track, const char *section,
    GError ** error)
{
  BifRecorderChain *chain;
  g_autoptr (GstElement) bin =
      bif_template_make_section (self->recordings->template_, section, error);
  g_autoptr (GstElement) in = NULL;
  g_autoptr (GstPad) pad = NULL;
  GstElement *source;

  if (bin == NULL)
    return NULL;
  gst_object_ref_sink (bin);
  source = gst_element_factory_make ("bifbridgesrc", NULL);
  in = gst_bin_get_by_name (GST_BIN (bin), "in");
  set_streams (source, track->streams);
  g_object_set (source, "muted", g_hash_table_contains (self->muted,
          track->name), "keyframe-after-loss", track->kind == BIF_MEDIA_VIDEO,
      NULL);
  gst_bin_add (GST_BIN (bin), source);
  if (!gst_element_link (source, in)) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_PIPELINE,
        "section [%s]: its element 'in' takes no RTP", section);
    return NULL;
  }
  chain = g_new0 (BifRecorderChain, 1);
  chain->recorder = self;
  chain->track = track;
  chain->codec = g_strdup (track->codec);
  chain->bin = g_steal_pointer (&bin);
  chain->source = source;
  pad = gst_element_get_static_pad (source, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM
      | GST_PAD_PROBE_TYPE_BUFFER, watch_codec_any_thread, chain, NULL);
  return chain;
}

static void
run_chain (BifRecorder * self, BifRecorderTrack * track,
    BifRecorderChain * chain)
{
  g_ptr_array_add (track->chains, chain);
  gst_element_sync_state_with_parent (chain->bin);
}

static void
link_container (BifRecorder * self, BifRecorderTrack * track,
    BifRecorderContainer * container)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GstElement) out = NULL;
  g_autoptr (GstPad) pad = NULL;
  BifRecorderChain *chain = make_chain (self, track, track->codec, &error);
  GstPad *ghost;

  if (chain == NULL) {
    bif_recorder_fail (self, error->message);
    return;
  }
  g_object_set (chain->source, "latency", LATENCY_MS, "source-time", TRUE,
      "keyframe-after-mute", track->kind == BIF_MEDIA_VIDEO, NULL);
  out = gst_bin_get_by_name (GST_BIN (chain->bin), "out");
  pad = gst_element_get_static_pad (out, "src");
  ghost = gst_ghost_pad_new ("src", pad);
  gst_pad_set_active (ghost, TRUE);
  gst_element_add_pad (chain->bin, ghost);
  gst_bin_add (GST_BIN (self->pipeline), chain->bin);
  chain->container = container;
  chain->pad = gst_element_request_pad_simple (container->sink,
      track->kind == BIF_MEDIA_VIDEO ? "video_%u" : "audio_%u");
  gst_pad_link (ghost, chain->pad);
  run_chain (self, track, chain);
}

void
bif_recorder_use_file (BifRecorder * self, GstElement * bin, const char *path)
{
  g_autoptr (GstElement) sink = gst_bin_get_by_name (GST_BIN (bin), "sink");
  const char *ending = self->recordings->temporary_ending;
  g_autofree char *written = ending != NULL && *ending != '\0' ?
      g_strconcat (path, ".", ending, NULL) : g_strdup (path);

  g_object_set (sink, "location", written, "sync", FALSE, "async", FALSE,
      NULL);
  gst_util_set_object_arg (G_OBJECT (sink), "buffer-mode", "unbuffered");
  g_ptr_array_add (self->files, g_strdup (path));
}

/* "call-video.mjr", then "call-video-1.mjr": of another codec, or of another
 * m-line of the same name. Returns: (transfer full) */
static char *
make_mjr_path (BifRecorder * self, const BifRecorderTrack * track)
{
  char *path = g_strconcat (self->base, "-", track->name, ".mjr", NULL);

  for (guint i = 1; g_ptr_array_find_with_equal_func (self->files, path,
          g_str_equal, NULL); i++) {
    g_free (path);
    path = g_strdup_printf ("%s-%s-%u.mjr", self->base, track->name, i);
  }
  return path;
}

static void
link_mjr (BifRecorder * self, BifRecorderTrack * track)
{
  g_autoptr (GError) error = NULL;
  BifRecorderChain *chain = make_chain (self, track, "mjr", &error);
  g_autoptr (GstElement) mux = NULL;
  g_autofree char *path = make_mjr_path (self, track);

  if (chain == NULL) {
    bif_recorder_fail (self, error->message);
    return;
  }
  bif_recorder_use_file (self, chain->bin, path);
  mux = gst_bin_get_by_name (GST_BIN (chain->bin), "in");
  g_object_set (mux, "description", track->description, "paused",
      self->paused, "encrypted", self->encrypted, NULL);
  gst_bin_add (GST_BIN (self->pipeline), chain->bin);
  run_chain (self, track, chain);
}

void
bif_recorder_track_mute (BifRecorder * self, BifRecorderTrack * track)
{
  gboolean muted = g_hash_table_contains (self->muted, track->name);

  for (guint i = 0; i < track->chains->len; i++) {
    BifRecorderChain *chain = track->chains->pdata[i];

    g_object_set (chain->source, "muted", muted, NULL);
  }
}

static gboolean
has_chain (const BifRecorderTrack * track,
    const BifRecorderContainer * container)
{
  for (guint i = 0; i < track->chains->len; i++) {
    const BifRecorderChain *chain = track->chains->pdata[i];

    if (chain->container == container)
      return TRUE;
  }
  return FALSE;
}

void
bif_recorder_track_start (BifRecorder * self, BifRecorderTrack * track)
{
  gboolean mjr = (self->formats & BIF_RECORDING_MJR) != 0;

  for (guint i = 0; i < BIF_RECORDING_CONTAINERS && !self->failed; i++) {
    BifRecorderContainer *container;
    const char *name;

    if (!(self->formats & 1 << i))
      continue;
    name = bif_recorder_container_of (self, track, i);
    if (name == NULL) {
      GST_WARNING_OBJECT (self, "no file that plays can hold %s%s: it is "
          "recorded as .mjr", self->encrypted ? "encrypted " : "",
          track->codec);
      mjr = TRUE;
      continue;
    }
    container = find_container (self, name);
    if (container == NULL)
      container = make_container (self, name);
    if (container != NULL && !has_chain (track, container))
      link_container (self, track, container);
  }
  if (mjr && !self->failed && !has_chain (track, NULL))
    link_mjr (self, track);
}
