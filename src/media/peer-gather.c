/* peer-gather.c: the candidates of a peer: the media port's, the same for all,
 * or its own where TURN makes libnice gather them. Main thread. */
#include "media/peer-private.h"
#include "media/network-private.h"

GST_DEBUG_CATEGORY_EXTERN (bif_peer_debug);
#define GST_CAT_DEFAULT bif_peer_debug

/* How long a description waits for candidates, as in Janus. */
#define GATHERING_S 5

void
bif_peer_prepare_gathering (BifPeer * self)
{
  BifRelays *relays = bif_network_relays (self->network);
  g_autoptr (GstStructure) options = NULL;
  g_autofree char *addresses = NULL;

  if (relays == NULL)
    return;
  g_object_get (bif_network_mux (self->network), "addresses", &addresses,
      NULL);
  options = bif_relays_options (relays, addresses);
  self->candidates = g_ptr_array_new_null_terminated (8, g_free, TRUE);
  g_signal_emit_by_name (self->transport, "use-nice", options);
}

static void
on_relays (GObject * object, GAsyncResult * result, gpointer user_data)
{
  BifPeer *self = BIF_PEER (object);
  g_auto (GStrv) relays = bif_relays_find_finish (result);

  if (!self->closed)
    g_signal_emit_by_name (self->transport, "gather", relays,
        self->force_relay);
}

void
bif_peer_start_gathering (BifPeer * self)
{
  if (self->candidates == NULL || self->gathering)
    return;
  self->gathering = TRUE;
  bif_relays_find_async (bif_network_relays (self->network), self,
      self->relay_user, on_relays, NULL);
}

/* ---- waiting ---- */

static void
end_waiting (BifPeer * self)
{
  BifGatheredFunc func = self->waits_for_candidates;

  g_clear_handle_id (&self->gathering_timeout_id, g_source_remove);
  self->waits_for_candidates = NULL;
  if (func != NULL)
    func (self);
}

static gboolean
on_gathering_timeout (gpointer user_data)
{
  BifPeer *self = user_data;

  GST_WARNING_OBJECT (self->pipeline, "not all candidates came in time");
  self->gathering_timeout_id = 0;
  end_waiting (self);
  return G_SOURCE_REMOVE;
}

void
bif_peer_wait_gathered (BifPeer * self, BifGatheredFunc func)
{
  if (self->candidates == NULL || self->gathered
      || bif_network_is_full_trickle (self->network)) {
    func (self);
    return;
  }
  self->waits_for_candidates = func;
  self->gathering_timeout_id = g_timeout_add_seconds (GATHERING_S,
      on_gathering_timeout, self);
}

void
bif_peer_stop_gathering (BifPeer * self)
{
  self->waits_for_candidates = NULL;
  g_clear_handle_id (&self->gathering_timeout_id, g_source_remove);
}

/* ---- news of the transport ---- */

void
bif_peer_take_own_candidate (BifPeer * self, const char *candidate)
{
  g_auto (GStrv) mapped =
      bif_network_map_candidate (self->network, candidate);

  for (guint i = 0; self->candidates != NULL && mapped[i] != NULL; i++) {
    g_ptr_array_add (self->candidates, g_strdup (mapped[i]));
    g_signal_emit_by_name (self, "candidate", mapped[i]);
  }
}

void
bif_peer_take_gathered (BifPeer * self)
{
  if (self->gathered)
    return;
  self->gathered = TRUE;
  end_waiting (self);
  g_signal_emit_by_name (self, "gathered");
}

/* ---- facts ---- */

const char *const *
bif_peer_candidates (BifPeer * self, gboolean * all)
{
  if (all != NULL)
    *all = self->candidates == NULL || self->gathered;
  if (self->candidates == NULL)
    return bif_network_candidates (self->network);
  return (const char *const *) self->candidates->pdata;
}

void
bif_peer_set_relay_user (BifPeer * self, const char *user)
{
  g_free (self->relay_user);
  self->relay_user = g_strdup (user);
}

void
bif_peer_force_relay (BifPeer * self)
{
  self->force_relay = TRUE;
}
