/* candidates: what goes into descriptions, by what is known of addresses. */
#include "media/candidates.h"

#include <string.h>

typedef struct
{
  const char *addresses[4], *mapped[4];
  gboolean keep_private, tcp;
  BifReflexive reflexive;
  const char *expected[8];      /* without the priorities */
} Row;

#define PORT 40000
static const Row rows[] = {
  {{"10.0.0.1"}, {NULL}, FALSE, FALSE, {NULL},
      {"1 1 udp 10.0.0.1 40000 typ host"}},
  {{"10.0.0.1", "fd00::1"}, {"192.0.2.1"}, FALSE, FALSE, {NULL},
      {"1 1 udp 192.0.2.1 40000 typ host", "2 1 udp fd00::1 40000 typ host"}},
  {{"10.0.0.1"}, {"192.0.2.1", "192.0.2.2"}, TRUE, FALSE, {NULL},
      {"1 1 udp 192.0.2.1 40000 typ host", "2 1 udp 192.0.2.2 40000 typ host",
      "3 1 udp 10.0.0.1 40000 typ host"}},
  /* two local addresses behind one public: it is there once */
  {{"10.0.0.1", "10.0.0.2"}, {"192.0.2.1"}, FALSE, TRUE, {NULL},
      {"1 1 udp 192.0.2.1 40000 typ host",
      "2 1 tcp 192.0.2.1 40000 typ host tcptype passive"}},
  {{"10.0.0.1"}, {NULL}, FALSE, TRUE, {"10.0.0.1", "192.0.2.9", 4711},
      {"1 1 udp 10.0.0.1 40000 typ host",
      "2 1 udp 192.0.2.9 4711 typ srflx raddr 10.0.0.1 rport 40000",
      "3 1 tcp 10.0.0.1 40000 typ host tcptype passive"}},
  /* no NAT; a NAT that is mapped by hand; a server that does not answer */
  {{"192.0.2.1"}, {NULL}, FALSE, FALSE, {"192.0.2.1", "192.0.2.1", PORT},
      {"1 1 udp 192.0.2.1 40000 typ host"}},
  {{"10.0.0.1"}, {"192.0.2.9"}, FALSE, FALSE, {"10.0.0.1", "192.0.2.9", PORT},
      {"1 1 udp 192.0.2.9 40000 typ host"}},
  {{"10.0.0.1"}, {NULL}, FALSE, FALSE, {"10.0.0.1", NULL, 0},
      {"1 1 udp 10.0.0.1 40000 typ host"}},
};

/* Takes the fourth word out, and checks that priorities fall. */
static char *
take_priority (const char *candidate, guint64 * last)
{
  g_auto (GStrv) words = g_strsplit (candidate, " ", 5);
  guint64 priority;

  g_assert_cmpuint (g_strv_length (words), ==, 5);
  g_assert_true (g_ascii_string_to_unsigned (words[3], 10, 1, G_MAXINT32,
          &priority, NULL));
  g_assert_cmpuint (priority, <, *last);
  *last = priority;
  return g_strconcat (words[0], " ", words[1], " ", words[2], " ", words[4],
      NULL);
}

static void
test_row (gconstpointer data)
{
  const Row *row = data;
  g_autoptr (GPtrArray) reflexives = g_ptr_array_new ();
  BifCandidates facts = { row->addresses, row->mapped, row->keep_private,
    PORT, row->tcp, reflexives
  };
  g_auto (GStrv) list = NULL;
  guint64 last = G_MAXUINT32;
  guint n = 0;

  if (row->reflexive.local != NULL)
    g_ptr_array_add (reflexives, (gpointer) & row->reflexive);
  list = bif_candidates_write (&facts);
  for (; list[n] != NULL; n++) {
    g_autofree char *text = take_priority (list[n], &last);

    g_assert_cmpstr (text, ==, row->expected[n]);
  }
  g_assert_null (row->expected[n]);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *name = g_strdup_printf ("/candidates/%u", i);

    g_test_add_data_func (name, &rows[i], test_row);
  }
  return g_test_run ();
}
