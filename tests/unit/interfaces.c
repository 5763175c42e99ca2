/* interfaces: which addresses are gathered on. What the machine has is not
 * known here: the loopback is, and the rest is compared with itself. */
#include "media/interfaces.h"

#include <string.h>
#include <gio/gio.h>

static char **
find (const char *enforce, const char *ignore)
{
  return bif_interfaces_find (enforce, ignore, TRUE, TRUE);
}

static gboolean
is_address (const char *text)
{
  return g_hostname_is_ip_address (text);
}

static gboolean
is_loopback (const char *text)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (text);

  return g_inet_address_get_is_loopback (address);
}

static void
test_all (void)
{
  static const char *const nothing[] = { NULL, "" };

  for (guint i = 0; i < 4; i++) {
    g_auto (GStrv) list = find (nothing[i & 1], nothing[i >> 1]);

    g_assert_cmpuint (g_strv_length (list), >, 0);
    for (guint k = 0; list[k] != NULL; k++) {
      g_assert_true (is_address (list[k]));
      g_assert_true (!is_loopback (list[k]) || list[1] == NULL);
    }
  }
}

/* Lists are of prefixes, of names or addresses, and are not trimmed. */
static void
test_lists (void)
{
  static const struct
  {
    const char *enforce, *ignore;
  } only_loopback[] = {
    {"127.0.0.1", NULL}, {"127.", NULL}, {"127.0.0.1", ""},
    {"nothing,127.0.0.1", NULL}, {",127.0.0.1,", NULL},
    {"nothing", NULL}, {" 127.0.0.1", NULL}, {",", NULL},
    {NULL, "0,1,2,3,4,5,6,7,8,9,a,b,c,d,e,f,:"},
    {"127.0.0.1", "127.0.0.1"}, {"lo", "::,f"},
    {"\xff\xfe%n%s", "../../%s"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (only_loopback); i++) {
    g_auto (GStrv) list = find (only_loopback[i].enforce,
        only_loopback[i].ignore);

    g_test_message ("%u", i);
    g_assert_cmpuint (g_strv_length (list), ==, 1);
    g_assert_cmpstr (list[0], ==, "127.0.0.1");
  }
}

/* What is ignored is not there, the rest still is. */
static void
test_ignore (void)
{
  g_auto (GStrv) all = find (NULL, NULL);

  for (guint i = 0; all[i] != NULL; i++) {
    g_auto (GStrv) rest = find (NULL, all[i]);

    g_assert_true (is_loopback (all[i])
        || !g_strv_contains ((const char *const *) rest, all[i]));
  }
}

static void
test_family (void)
{
  g_auto (GStrv) plain = bif_interfaces_find (NULL, NULL, FALSE, FALSE);
  g_auto (GStrv) plain_local = bif_interfaces_find (NULL, NULL, FALSE, TRUE);
  g_auto (GStrv) global = bif_interfaces_find (NULL, NULL, TRUE, FALSE);

  for (guint i = 0; plain[i] != NULL; i++)
    g_assert_null (strchr (plain[i], ':'));
  for (guint i = 0; plain_local[i] != NULL; i++)
    g_assert_null (strchr (plain_local[i], ':'));
  for (guint i = 0; global[i] != NULL; i++)
    g_assert_false (g_str_has_prefix (global[i], "fe80:"));
}

static void
test_resolve (void)
{
  static const struct
  {
    const char *name, *address;
  } rows[] = {
    {"127.0.0.1", "127.0.0.1"}, {"192.0.2.1", "192.0.2.1"},
    {"2001:db8::1", "2001:db8::1"}, {"lo", "127.0.0.1"},
    {"no-such-interface", NULL}, {"", NULL}, {"127.0.0", NULL},
    {"127.0.0.1 ", NULL}, {"::1%lo", NULL}, {"%s%n", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *address = bif_interfaces_resolve (rows[i].name);

    if (strcmp (rows[i].name, "lo") != 0 || address != NULL)
      g_assert_cmpstr (address, ==, rows[i].address);
  }
}

static void
test_default (void)
{
  g_autofree char *address = bif_interfaces_default ();

  g_assert_true (is_address (address));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/interfaces/all", test_all);
  g_test_add_func ("/interfaces/lists", test_lists);
  g_test_add_func ("/interfaces/ignore", test_ignore);
  g_test_add_func ("/interfaces/family", test_family);
  g_test_add_func ("/interfaces/resolve", test_resolve);
  g_test_add_func ("/interfaces/default", test_default);
  return g_test_run ();
}
