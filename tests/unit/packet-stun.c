/* packet-stun: STUN messages of RFC 5769, of our own, and damaged ones. */
#include <string.h>
#include "packet/stun.h"
#include "packet/stun-internal.h"
#include "hex.h"

#define TRANSACTION "b7e7a701bc34d686fa87dfae"
#define HEAD_COOKIE "2112a442" TRANSACTION

/* RFC 5769, 2.1 to 2.3, whose password is the same. */
#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"

static const char request[] = "00010058" HEAD_COOKIE
    "80220010 5354554e207465737420636c69656e74"
    "00240004 6e0001ff" "80290008 932ff9b151263b36"
    "00060009 6576746a3a68367659202020"
    "00080014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2" "80280004 e57a3bcf";
static const char response4[] = "0101003c" HEAD_COOKIE
    "8022000b 7465737420766563746f7220" "00200008 0001a147e112a643"
    "00080014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7" "80280004 c07d4c96";
static const char response6[] = "01010048" HEAD_COOKIE
    "8022000b 7465737420766563746f7220"
    "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
    "00080014 a382954e4be67bf11784c97c8292c275bfe3ed41" "80280004 c8fb0b4c";

static void
test_rfc5769_request (void)
{
  g_autofree guint8 *data = NULL;
  BifStunMessage message;
  gsize size;

  data = unhex (request, &size);
  g_assert_true (bif_stun_is_message (data, size));
  g_assert_true (bif_stun_parse (&message, data, size));
  g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_REQUEST);
  assert_hex (message.transaction, BIF_STUN_TRANSACTION_SIZE, TRANSACTION);
  g_assert_cmpmem (message.local_ufrag, message.local_ufrag_size, "evtj", 4);
  g_assert_cmpmem (message.remote_ufrag, message.remote_ufrag_size, "h6vY",
      4);
  g_assert_cmphex (message.priority, ==, 0x6e0001ff);
  g_assert_cmpint (message.role, ==, BIF_STUN_ROLE_CONTROLLED);
  g_assert_cmphex (message.tie_breaker, ==, 0x932ff9b151263b36);
  g_assert_false (message.use_candidate);
  g_assert_false (message.has_mapped);
  g_assert_true (message.has_fingerprint);
  g_assert_true (message.fingerprint_valid);
  g_assert_cmpint (message.unknown, ==, 0);
  g_assert_true (bif_stun_verify (&message, PASSWORD));
  g_assert_false (bif_stun_verify (&message, PASSWORD "x"));
  g_assert_false (bif_stun_verify (&message, ""));
  g_assert_false (bif_stun_verify (&message, NULL));
}

static void
check_response (const char *text, const char *ip)
{
  g_autofree guint8 *data = NULL;
  char out[BIF_ADDRESS_STRLEN];
  BifStunMessage message;
  gsize size;

  data = unhex (text, &size);
  g_assert_true (bif_stun_parse (&message, data, size));
  g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_RESPONSE);
  g_assert_true (message.fingerprint_valid);
  g_assert_true (message.has_mapped);
  g_assert_cmpstr (bif_address_ip (&message.mapped, out), ==, ip);
  g_assert_cmpint (bif_address_port (&message.mapped), ==, 32853);
  g_assert_true (bif_stun_verify (&message, PASSWORD));
  g_assert_null (message.local_ufrag);
}

static void
test_rfc5769_responses (void)
{
  check_response (response4, "192.0.2.1");
  check_response (response6, "2001:db8:1234:5678:11:2233:4455:6677");
}

/* Every byte matters: no damaged message has a valid fingerprint, and none
 * whose signed part is damaged verifies. */
static void
test_damage (void)
{
  const char *all[] = { request, response4, response6 };
  gsize i, at, size;
  guint bit;

  for (i = 0; i < G_N_ELEMENTS (all); i++) {
    g_autofree guint8 *data = unhex (all[i], &size);
    BifStunMessage message;

    for (at = 0; at < size; at++) {
      for (bit = 0; bit < 8; bit++) {
        data[at] ^= 1 << bit;
        /* Damage can hide FINGERPRINT, in its type or in the length of
         * another attribute. */
        if (bif_stun_parse (&message, data, size)) {
          g_assert_false (message.has_fingerprint);
          if (at < size - 8)
            g_assert_false (bif_stun_verify (&message, PASSWORD));
        }
        data[at] ^= 1 << bit;
      }
    }
    for (at = 0; at < size; at++) {
      g_autofree guint8 *part = g_memdup2 (data, MAX (at, 1));

      g_assert_false (bif_stun_is_message (part, at));
      g_assert_false (bif_stun_parse (&message, part, at));
    }
  }
}

/* Attributes by themselves; the length is filled in. */
static const struct
{
  const char *attributes;
  gboolean ok;
  guint16 unknown;
} bodies[] = {
  {"", TRUE, 0},
  {"00", FALSE, 0},
  {"00240004 00000001", TRUE, 0},
  {"00240003 00000001", FALSE, 0},
  {"00240005 0000000100000000", FALSE, 0},
  {"00240004", FALSE, 0},
  {"0024ffff 00000001", FALSE, 0},
  {"00250000", TRUE, 0},
  {"00250001 00000000", FALSE, 0},
  {"00060000", TRUE, 0},
  {"00060001 3a000000", TRUE, 0},
  {"00060005 3a000000", FALSE, 0},
  {"80290008 0000000000000001", TRUE, 0},
  {"802a0008 0000000000000001", TRUE, 0},
  {"802a0004 00000001", FALSE, 0},
  {"80290000", FALSE, 0},
  {"00200008 0001a147e112a643", TRUE, 0},
  {"00200008 0002a147e112a643", FALSE, 0},
  {"00200008 0003a147e112a643", FALSE, 0},
  {"00200004 0001a147", FALSE, 0},
  {"00200000", FALSE, 0},
  {"00200014 0001a1470113a9faa5d3f179bc25f4b5bed2b9d9", FALSE, 0},
  {"00010008 0001a147e112a643", TRUE, 0},
  {"00010002 00010000", FALSE, 0},
  {"00080014 0000000000000000000000000000000000000000", TRUE, 0},
  {"00080010 00000000000000000000000000000000", FALSE, 0},
  {"00080000", FALSE, 0},
  /* Behind MESSAGE-INTEGRITY anything goes, if it fits. */
  {"00080014 0000000000000000000000000000000000000000 00250001 00000000",
      TRUE, 0},
  {"00080014 0000000000000000000000000000000000000000 7fff0000", TRUE, 0},
  {"00080014 0000000000000000000000000000000000000000 00250004", FALSE, 0},
  {"00090004 00000401", TRUE, 0},
  {"00090004 00000764", FALSE, 0},
  {"00090004 00000201", FALSE, 0},
  {"00090003 00000400", FALSE, 0},
  {"000a0002 12340000", TRUE, 0},
  {"000a0001 12000000", FALSE, 0},
  {"00140003 61626300 00150003 61626300", TRUE, 0},
  {"7fff0000", TRUE, 0x7fff},
  {"00030000 7fff0000", TRUE, 0x0003},
  {"00000000", TRUE, 0},
  {"80000000 ffff0003 00000000", TRUE, 0},
  {"80280004 00000000", FALSE, 0},
  {"80280000", FALSE, 0},
};

static guint8 *
with_body (guint16 type, const char *attributes, gsize *size)
{
  g_autofree char *text = g_strconcat ("00000000" HEAD_COOKIE, attributes,
      NULL);
  guint8 *data = unhex (text, size);

  data[0] = type >> 8;
  data[1] = type & 0xff;
  data[2] = (*size - BIF_STUN_HEADER) >> 8;
  data[3] = (*size - BIF_STUN_HEADER) & 0xff;
  return data;
}

static void
test_attributes (void)
{
  gsize i, size;

  for (i = 0; i < G_N_ELEMENTS (bodies); i++) {
    g_autofree guint8 *data = with_body (0x0001, bodies[i].attributes, &size);
    BifStunMessage message;

    g_test_message ("%s", bodies[i].attributes);
    g_assert_cmpint (bif_stun_parse (&message, data, size), ==, bodies[i].ok);
    if (bodies[i].ok)
      g_assert_cmpint (message.unknown, ==, bodies[i].unknown);
    g_assert_cmpint (message.error_code, ==, 0);
  }
}

/* FINGERPRINT is right but not the last. */
static void
test_fingerprint_last (void)
{
  g_autofree guint8 *data = NULL;
  BifStunMessage message;
  guint32 crc;
  gsize size;

  data = with_body (0x0001, "80280004 00000000 00250000", &size);
  crc = bif_stun_crc32 (data, BIF_STUN_HEADER) ^ BIF_STUN_FINGERPRINT_XOR;
  data[24] = crc >> 24;
  data[25] = crc >> 16;
  data[26] = crc >> 8;
  data[27] = crc;
  g_assert_false (bif_stun_parse (&message, data, size));
}

static void
test_crc (void)
{
  g_assert_cmphex (bif_stun_crc32 ((const guint8 *) "123456789", 9), ==,
      0xcbf43926);
}

static void
test_precedence (void)
{
  g_autofree guint8 *data = NULL;
  char out[BIF_ADDRESS_STRLEN];
  BifStunMessage message;
  gsize size;

  /* XOR-MAPPED-ADDRESS counts wherever it stands, and only the first. */
  data = with_body (0x0101, "00010008 000112340a000001"
      "00200008 0001a147e112a643 00200008 0001a147ffffffff"
      "00010008 000112340a000002", &size);
  g_assert_true (bif_stun_parse (&message, data, size));
  g_assert_cmpstr (bif_address_ip (&message.mapped, out), ==, "192.0.2.1");
  g_clear_pointer (&data, g_free);

  data = with_body (0x0101, "00010008 000112340a000001", &size);
  g_assert_true (bif_stun_parse (&message, data, size));
  g_assert_cmpstr (bif_address_ip (&message.mapped, out), ==, "10.0.0.1");
  g_assert_cmpint (bif_address_port (&message.mapped), ==, 0x1234);
  g_clear_pointer (&data, g_free);

  data = with_body (0x0001, "00060003 616263 00 00250000"
      "00080014 0000000000000000000000000000000000000000"
      "00240004 00000007", &size);
  g_assert_true (bif_stun_parse (&message, data, size));
  g_assert_cmpmem (message.local_ufrag, message.local_ufrag_size, "abc", 3);
  g_assert_null (message.remote_ufrag);
  g_assert_true (message.use_candidate);
  g_assert_cmpint (message.priority, ==, 0);
  g_assert_cmpint (message.integrity, ==, 32);
  g_clear_pointer (&data, g_free);

  data = with_body (0x0001, "00060008 613a623a633a6400", &size);
  g_assert_true (bif_stun_parse (&message, data, size));
  g_assert_cmpmem (message.local_ufrag, message.local_ufrag_size, "a", 1);
  g_assert_cmpmem (message.remote_ufrag, message.remote_ufrag_size,
      "b:c:d\0", 6);
}

static const struct
{
  guint16 type;
  gboolean ok;
} types[] = {
  {0x0001, TRUE}, {0x0011, TRUE}, {0x0101, TRUE}, {0x0111, TRUE},
  {0x0000, FALSE}, {0x0002, FALSE}, {0x0003, FALSE}, {0x0103, FALSE},
  {0x0021, FALSE}, {0x0201, FALSE}, {0x2001, FALSE}, {0x3fff, FALSE},
  {0x4001, FALSE}, {0x8001, FALSE},
};

static void
test_types (void)
{
  gsize i, size;

  for (i = 0; i < G_N_ELEMENTS (types); i++) {
    g_autofree guint8 *data = with_body (types[i].type, "", &size);
    BifStunMessage message;

    g_assert_cmpint (bif_stun_parse (&message, data, size), ==, types[i].ok);
  }
}

static void
test_write_request (void)
{
  const guint8 transaction[] = "abcdefghijkl";
  BifStunRequest check = { "remote:local", "secret-password", 0x7e0000ff,
    BIF_STUN_ROLE_CONTROLLING, 0x0123456789abcdef, TRUE
  };
  guint8 out[BIF_STUN_MAX_SIZE];
  BifStunMessage message;
  guint role;
  gsize size;

  for (role = BIF_STUN_ROLE_NONE; role <= BIF_STUN_ROLE_CONTROLLING; role++) {
    check.role = role;
    size = bif_stun_write_request (out, transaction, &check);
    g_assert_true (bif_stun_parse (&message, out, size));
    g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_REQUEST);
    g_assert_cmpmem (message.transaction, 12, transaction, 12);
    g_assert_cmpmem (message.local_ufrag, message.local_ufrag_size, "remote",
        6);
    g_assert_cmpmem (message.remote_ufrag, message.remote_ufrag_size, "local",
        5);
    g_assert_cmphex (message.priority, ==, 0x7e0000ff);
    g_assert_cmpint (message.role, ==, role);
    g_assert_cmphex (message.tie_breaker, ==,
        role == BIF_STUN_ROLE_NONE ? 0 : 0x0123456789abcdef);
    g_assert_true (message.use_candidate);
    g_assert_true (message.fingerprint_valid);
    g_assert_true (bif_stun_verify (&message, "secret-password"));
    g_assert_false (bif_stun_verify (&message, "secret-passwore"));
  }
}

/* Names of every length: they fit and come back, or nothing is written. */
static void
test_long_username (void)
{
  g_autofree char *name = g_strnfill (600, 'u');
  g_autofree char *password = g_strnfill (256, 'p');
  BifStunRequest check = { NULL, password, 1, BIF_STUN_ROLE_CONTROLLED, 2,
    TRUE
  };
  gsize n, written = 0;

  for (n = 0; n <= 600; n++) {
    g_autofree guint8 *out = g_malloc (BIF_STUN_MAX_SIZE);
    BifStunMessage message;
    gsize size;

    check.username = name + 600 - n;
    size = bif_stun_write_request (out, (const guint8 *) "abcdefghijkl",
        &check);
    g_assert_cmpuint (size, <=, BIF_STUN_MAX_SIZE);
    if (size == 0)
      continue;
    g_assert_cmpuint (written, ==, n);
    written++;
    g_assert_true (bif_stun_parse (&message, out, size));
    g_assert_cmpuint (message.local_ufrag_size, ==, n);
    g_assert_true (bif_stun_verify (&message, password));
  }
  g_assert_cmpuint (written, ==, 468 + 1);
}

static void
test_write_response (void)
{
  const char *ips[] = { "192.0.2.1", "2001:db8::77" };
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (ips); i++) {
    guint8 out[BIF_STUN_MAX_SIZE];
    BifStunMessage message;
    BifAddress address;
    gsize size;

    g_assert_true (bif_address_parse (&address, ips[i], 50000));
    size = bif_stun_write_response (out, (const guint8 *) "abcdefghijkl",
        &address, "pw");
    g_assert_true (bif_stun_parse (&message, out, size));
    g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_RESPONSE);
    g_assert_true (message.has_mapped);
    g_assert_true (bif_address_equal (&message.mapped, &address));
    g_assert_true (bif_stun_verify (&message, "pw"));
    g_assert_true (message.fingerprint_valid);

    size = bif_stun_write_response (out, (const guint8 *) "abcdefghijkl",
        &address, NULL);
    g_assert_true (bif_stun_parse (&message, out, size));
    g_assert_cmpint (message.integrity, ==, 0);
    g_assert_false (bif_stun_verify (&message, "pw"));
  }
}

/* The writer makes the bytes of RFC 5769, but for SOFTWARE and what depends
 * on it: so the address alone is compared. */
static void
test_write_bytes (void)
{
  g_autofree guint8 *transaction = NULL;
  guint8 out[BIF_STUN_MAX_SIZE];
  BifAddress address;
  gsize size;

  transaction = unhex (TRANSACTION, &size);
  g_assert_true (bif_address_parse (&address,
          "2001:db8:1234:5678:11:2233:4455:6677", 32853));
  bif_stun_write_response (out, transaction, &address, PASSWORD);
  assert_hex (out + 20, 24,
      "00200014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9");
}

static void
test_write_error (void)
{
  static const guint codes[] = { 300, 400, 401, 420, 487, 500, 699 };
  gsize i;

  for (i = 0; i < G_N_ELEMENTS (codes); i++) {
    guint8 out[BIF_STUN_MAX_SIZE];
    BifStunMessage message;
    gsize size;

    size = bif_stun_write_error (out, (const guint8 *) "abcdefghijkl",
        codes[i], codes[i] == 420 ? 0x7777 : 0, "pw");
    g_assert_true (bif_stun_parse (&message, out, size));
    g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_ERROR);
    g_assert_cmpint (message.error_code, ==, codes[i]);
    g_assert_true (bif_stun_verify (&message, "pw"));
    if (codes[i] == 420)
      assert_hex (out + 20 + 4 + 24, 8, "000a0002 77770000");
  }
}

static void
test_write_probe (void)
{
  guint8 out[BIF_STUN_MAX_SIZE];
  BifStunMessage message;
  gsize size;

  size = bif_stun_write_probe (out, (const guint8 *) "abcdefghijkl");
  g_assert_cmpuint (size, ==, 28);
  g_assert_true (bif_stun_parse (&message, out, size));
  g_assert_cmpint (message.type, ==, BIF_STUN_BINDING_REQUEST);
  g_assert_cmpint (message.integrity, ==, 0);
  g_assert_true (message.fingerprint_valid);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/stun/rfc5769/request", test_rfc5769_request);
  g_test_add_func ("/packet/stun/rfc5769/responses", test_rfc5769_responses);
  g_test_add_func ("/packet/stun/damage", test_damage);
  g_test_add_func ("/packet/stun/attributes", test_attributes);
  g_test_add_func ("/packet/stun/fingerprint-last", test_fingerprint_last);
  g_test_add_func ("/packet/stun/crc", test_crc);
  g_test_add_func ("/packet/stun/precedence", test_precedence);
  g_test_add_func ("/packet/stun/types", test_types);
  g_test_add_func ("/packet/stun/write/request", test_write_request);
  g_test_add_func ("/packet/stun/write/username", test_long_username);
  g_test_add_func ("/packet/stun/write/response", test_write_response);
  g_test_add_func ("/packet/stun/write/bytes", test_write_bytes);
  g_test_add_func ("/packet/stun/write/error", test_write_error);
  g_test_add_func ("/packet/stun/write/probe", test_write_probe);
  return g_test_run ();
}
