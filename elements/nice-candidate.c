/* nice-candidate.c: libnice's candidates as text. Any thread. */
#include "nice.h"

#include <nice/agent.h>

static const char *const types[] = { "host", "srflx", "prflx", "relay" };

/* As candidate lines of SDP have it. */
char *
bif_nice_candidate_text (const NiceCandidate * candidate)
{
  static const char *const tcp_types[] = { NULL, "active", "passive", "so" };
  char ip[NICE_ADDRESS_STRING_LEN];
  GString *text;

  if (candidate->component_id != NICE_COMPONENT_TYPE_RTP
      || candidate->type >= G_N_ELEMENTS (types)
      || candidate->transport >= G_N_ELEMENTS (tcp_types))
    return NULL;
  nice_address_to_string (&candidate->addr, ip);
  text = g_string_new (NULL);
  g_string_printf (text, "%s 1 %s %u %s %u typ %s", candidate->foundation,
      candidate->transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp",
      candidate->priority, ip,
      /* Nobody can call an active one: RFC 6544, 4.5. */
      candidate->transport == NICE_CANDIDATE_TRANSPORT_TCP_ACTIVE ? 9
      : nice_address_get_port (&candidate->addr), types[candidate->type]);
  if (candidate->type != NICE_CANDIDATE_TYPE_HOST) {
    nice_address_to_string (&candidate->base_addr, ip);
    g_string_append_printf (text, " raddr %s rport %u", ip,
        nice_address_get_port (&candidate->base_addr));
  }
  if (tcp_types[candidate->transport] != NULL)
    g_string_append_printf (text, " tcptype %s",
        tcp_types[candidate->transport]);
  return g_string_free (text, FALSE);
}

static void
append_end (GString * text, const NiceCandidate * candidate)
{
  char ip[NICE_ADDRESS_STRING_LEN];

  nice_address_to_string (&candidate->addr, ip);
  g_string_append_printf (text, "%s:%u [%s,%s]", ip,
      nice_address_get_port (&candidate->addr), types[candidate->type & 3],
      candidate->transport == NICE_CANDIDATE_TRANSPORT_UDP ? "udp" : "tcp");
}

char *
bif_nice_pair_text (const NiceCandidate * local, const NiceCandidate * remote)
{
  GString *text = g_string_new (NULL);

  append_end (text, local);
  g_string_append (text, " <-> ");
  append_end (text, remote);
  return g_string_free (text, FALSE);
}
