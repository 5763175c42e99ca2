/* packet-address: socket addresses parsed, compared, hashed and printed. */
#include <string.h>
#include <arpa/inet.h>
#include "packet/address.h"

static const struct
{
  const char *text;
  int family;                   /* 0: no literal */
  const char *ip;
} literals[] = {
  {"192.0.2.1", AF_INET, "192.0.2.1"},
  {"0.0.0.0", AF_INET, "0.0.0.0"},
  {"255.255.255.255", AF_INET, "255.255.255.255"},
  {"::", AF_INET6, "::"},
  {"2001:DB8::1", AF_INET6, "2001:db8::1"},
  {"::ffff:192.0.2.1", AF_INET6, "::ffff:192.0.2.1"},
  {"fe80::1%7", AF_INET6, "fe80::1"},
  {"fe80::1%no-such-interface", AF_INET6, "fe80::1"},
  {"fe80::1%99999999999999999999", AF_INET6, "fe80::1"},
  {"fe80::1%", 0, NULL},
  {"%1", 0, NULL},
  {"", 0, NULL},
  {NULL, 0, NULL},
  {"192.0.2.1%1", 0, NULL},
  {"192.0.2", 0, NULL},
  {"192.0.2.256", 0, NULL},
  {"192.0.2.1 ", 0, NULL},
  {"[::1]", 0, NULL},
  {"::1:2:3:4:5:6:7:8:9", 0, NULL},
  {"example.org", 0, NULL},
  {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd", 0,
      NULL},
};

static void
test_parse (void)
{
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (literals); i++) {
    char out[BIF_ADDRESS_STRLEN];
    BifAddress address, zero;
    gboolean ok;

    memset (&zero, 0, sizeof zero);
    memset (&address, 0xff, sizeof address);
    ok = bif_address_parse (&address, literals[i].text, 4711);
    g_assert_cmpint (ok, ==, literals[i].family != 0);
    if (!ok) {
      g_assert_cmpmem (&address, sizeof address, &zero, sizeof zero);
      continue;
    }
    g_assert_cmpint (address.any.sa_family, ==, literals[i].family);
    g_assert_cmpint (bif_address_port (&address), ==, 4711);
    g_assert_cmpstr (bif_address_ip (&address, out), ==, literals[i].ip);
    g_assert_cmpint (bif_address_length (&address), ==,
        literals[i].family == AF_INET ? sizeof address.v4
        : sizeof address.v6);
  }
}

static void
test_scope (void)
{
  BifAddress a, b;

  g_assert_true (bif_address_parse (&a, "fe80::1%7", 1));
  g_assert_cmpint (a.v6.sin6_scope_id, ==, 7);
  g_assert_true (bif_address_parse (&b, "fe80::1%lo", 1));
  g_assert_true (bif_address_parse (&b, "fe80::1%none-of-ours", 1));
  g_assert_cmpint (b.v6.sin6_scope_id, ==, 0);

  b.v6.sin6_flowinfo = 99;
  g_assert_true (bif_address_equal (&a, &b));
  g_assert_cmpint (bif_address_hash (&a), ==, bif_address_hash (&b));
}

static void
test_equal (void)
{
  static const struct
  {
    const char *ip;
    guint16 port;
  } all[] = {
    {"192.0.2.1", 1}, {"192.0.2.1", 2}, {"192.0.2.2", 1},
    {"::1", 1}, {"::1", 2}, {"::2", 1}, {"::ffff:192.0.2.1", 1},
  };
  gsize i, j;

  for (i = 0; i < G_N_ELEMENTS (all); i++) {
    for (j = 0; j < G_N_ELEMENTS (all); j++) {
      BifAddress a, b;

      g_assert_true (bif_address_parse (&a, all[i].ip, all[i].port));
      g_assert_true (bif_address_parse (&b, all[j].ip, all[j].port));
      g_assert_cmpint (bif_address_equal (&a, &b), ==, i == j);
      g_assert_cmpint (bif_address_hash (&a) == bif_address_hash (&b), ==,
          i == j);
    }
  }
}

/* What lies behind an IPv4 address in the union does not count. */
static void
test_garbage (void)
{
  BifAddress a, b;

  g_assert_true (bif_address_parse (&a, "192.0.2.1", 5));
  memset (&b, 0xaa, sizeof b);
  b.v4.sin_family = AF_INET;
  b.v4.sin_port = htons (5);
  b.v4.sin_addr = a.v4.sin_addr;
  g_assert_true (bif_address_equal (&a, &b));
  g_assert_cmpint (bif_address_hash (&a), ==, bif_address_hash (&b));
}

static void
test_unmap (void)
{
  BifAddress mapped, plain;
  char out[BIF_ADDRESS_STRLEN];

  g_assert_true (bif_address_parse (&mapped, "::ffff:192.0.2.1", 80));
  g_assert_true (bif_address_parse (&plain, "192.0.2.1", 80));
  g_assert_false (bif_address_equal (&mapped, &plain));
  bif_address_unmap (&mapped);
  g_assert_cmpmem (&mapped, sizeof mapped, &plain, sizeof plain);
  bif_address_unmap (&mapped);
  g_assert_cmpmem (&mapped, sizeof mapped, &plain, sizeof plain);

  g_assert_true (bif_address_parse (&mapped, "2001:db8::1", 80));
  bif_address_unmap (&mapped);
  g_assert_cmpstr (bif_address_ip (&mapped, out), ==, "2001:db8::1");
}

static void
test_none (void)
{
  BifAddress a, b;
  char out[BIF_ADDRESS_STRLEN] = "x";

  memset (&a, 0, sizeof a);
  memset (&b, 0, sizeof b);
  g_assert_cmpint (bif_address_length (&a), ==, 0);
  g_assert_cmpint (bif_address_port (&a), ==, 0);
  g_assert_cmpstr (bif_address_ip (&a, out), ==, "");
  g_assert_true (bif_address_equal (&a, &b));
  g_assert_cmpint (bif_address_hash (&a), ==, bif_address_hash (&b));
}

/* A server's table: 64 hosts of 1000 ports must not share few buckets. */
static void
test_spread (void)
{
  guint buckets[1024] = { 0 };
  guint host, port, worst = 0;

  for (host = 0; host < 64; host++) {
    for (port = 0; port < 1000; port++) {
      BifAddress a;
      guint slot;

      memset (&a, 0, sizeof a);
      a.v4.sin_family = AF_INET;
      a.v4.sin_port = htons (10000 + port);
      a.v4.sin_addr.s_addr = htonl (0xc0000200 + host);
      slot = bif_address_hash (&a) % G_N_ELEMENTS (buckets);
      worst = MAX (worst, ++buckets[slot]);
    }
  }
  g_assert_cmpuint (worst, <, 64000 / 1024 * 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/address/parse", test_parse);
  g_test_add_func ("/packet/address/scope", test_scope);
  g_test_add_func ("/packet/address/equal", test_equal);
  g_test_add_func ("/packet/address/garbage", test_garbage);
  g_test_add_func ("/packet/address/unmap", test_unmap);
  g_test_add_func ("/packet/address/none", test_none);
  g_test_add_func ("/packet/address/spread", test_spread);
  return g_test_run ();
}
