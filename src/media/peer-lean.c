/* peer-lean.c: what of webrtcbin a peer does without. Media never enters
 * webrtcbin, so its rtpbin never runs; and once the keys are there, DTLS says so
 * little that its datagrams need no queue, nor the thread of one. What ends in
 * _any_thread runs on the network's thread for waiting, one job at a time. */
#include "media/peer-private.h"
#include "media/network-private.h"

/* It would start a thread for RTCP that wakes for ever, and do the state
 * changes of a dozen pads and elements; webrtcbin links it all the same. */
void
bif_peer_hold_rtpbin (GstBin * webrtcbin)
{
  g_autoptr (GstElement) rtpbin = gst_bin_get_by_name (webrtcbin, "rtpbin");

  if (rtpbin != NULL)
    gst_element_set_locked_state (rtpbin, TRUE);
}

/* ---- the receive queue ---- */

/* Takes apart what surrounds @queue, or puts it back together. A datagram that
 * comes between the two halves is lost, as any datagram may be. */
static void
relink_any_thread (GstElement * queue, gboolean with)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (queue, "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (queue, "src");
  GstPad *before = g_object_get_data (G_OBJECT (queue), "bif-before");
  GstPad *after = g_object_get_data (G_OBJECT (queue), "bif-after");

  if (with) {
    gst_pad_unlink (before, after);
    gst_element_set_locked_state (queue, FALSE);
    gst_element_sync_state_with_parent (queue);
    gst_pad_link_full (src, after, GST_PAD_LINK_CHECK_NOTHING);
    gst_pad_link_full (before, sink, GST_PAD_LINK_CHECK_NOTHING);
    return;
  }
  gst_pad_unlink (before, sink);
  gst_element_set_locked_state (queue, TRUE);
  /* Waits for the step of the handshake that made the keys: the I/O thread,
   * which comes next, never does. */
  gst_element_set_state (queue, GST_STATE_NULL);
  gst_pad_unlink (src, after);
  gst_pad_link_full (before, after, GST_PAD_LINK_CHECK_NOTHING);
}

static void
drop_any_thread (GstElement * queue)
{
  g_autoptr (GstPad) sink = gst_element_get_static_pad (queue, "sink");
  g_autoptr (GstPad) src = gst_element_get_static_pad (queue, "src");
  GstPad *before = gst_pad_get_peer (sink);
  GstPad *after = gst_pad_get_peer (src);

  g_object_set_data_full (G_OBJECT (queue), "bif-before", before,
      gst_object_unref);
  g_object_set_data_full (G_OBJECT (queue), "bif-after", after,
      gst_object_unref);
  if (before != NULL && after != NULL)
    relink_any_thread (queue, FALSE);
}

static void
restore_any_thread (GstElement * queue)
{
  if (g_object_get_data (G_OBJECT (queue), "bif-before") == NULL
      || g_object_get_data (G_OBJECT (queue), "bif-after") == NULL)
    return;
  relink_any_thread (queue, TRUE);
  g_object_set_data (G_OBJECT (queue), "bif-before", NULL);
  g_object_set_data (G_OBJECT (queue), "bif-after", NULL);
}

/* transportreceivebin makes it wait for room again whenever ICE connects. */
static void
on_leaky_any_thread (GstElement * queue, GParamSpec * pspec, gpointer unused)
{
  int leaky;

  g_object_get (queue, "leaky", &leaky, NULL);
  if (leaky == 0)
    g_object_set (queue, "leaky", 1, NULL);
}

void
bif_peer_take_queue_any_thread (BifPeer * self, GstElement * queue)
{
  g_object_set (queue, "leaky", 1, "max-size-time", (guint64) 0, NULL);
  g_signal_connect (queue, "notify::leaky", G_CALLBACK (on_leaky_any_thread),
      NULL);
  g_weak_ref_set (&self->queue, queue);
}

/* webrtcbin's transportreceivebin keeps a plain pointer to its queue, so that
 * it stays where it is, stopped. */
void
bif_peer_drop_queue (BifPeer * self)
{
  g_autoptr (GstElement) queue = g_weak_ref_get (&self->queue);

  /* What SCTP does with a datagram is no work for an I/O thread. */
  if (queue == NULL || self->without_queue || self->has_data_shadow)
    return;
  self->without_queue = TRUE;
  bif_network_run (self->network, drop_any_thread,
      g_steal_pointer (&queue));
}

void
bif_peer_restore_queue (BifPeer * self)
{
  g_autoptr (GstElement) queue = g_weak_ref_get (&self->queue);

  if (queue == NULL || !self->without_queue)
    return;
  self->without_queue = FALSE;
  bif_network_run (self->network, restore_any_thread,
      g_steal_pointer (&queue));
}
