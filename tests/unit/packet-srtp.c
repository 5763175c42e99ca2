/* packet-srtp: SRTP by the vectors of RFC 3711 and RFC 7714, replay windows,
 * roll-over, and damaged packets. With -m perf also how long a packet takes. */
#include <string.h>
#include "packet/srtp.h"
#include "packet/srtp-keys.h"
#include "hex.h"

#define KEY_128 "000102030405060708090a0b0c0d0e0f"
#define KEY_256 KEY_128 "101112131415161718191a1b1c1d1e1f"

static BifSrtp *
make (BifSrtpProfile profile)
{
  gsize size = bif_srtp_key_size (profile);
  g_autofree guint8 *key = g_malloc (size);
  BifSrtp *self;
  gsize i;

  for (i = 0; i < size; i++)
    key[i] = (guint8) (i * 7 + profile);
  self = bif_srtp_new (profile, key, size);
  g_assert_nonnull (self);
  return self;
}

static void
test_profiles (void)
{
  static const gsize sizes[] = { 30, 30, 28, 44 };
  const guint8 key[64] = { 0 };
  gsize profile, n;

  for (profile = 0; profile < 4; profile++) {
    g_assert_cmpuint (bif_srtp_key_size (profile), ==, sizes[profile]);
    g_assert_nonnull (bif_srtp_profile_name (profile));
    for (n = 0; n <= sizeof key; n++) {
      g_autoptr (BifSrtp) self = bif_srtp_new (profile, key, n);

      g_assert_cmpint (self != NULL, ==, n == sizes[profile]);
    }
  }
  g_assert_cmpuint (bif_srtp_key_size (4), ==, 0);
  g_assert_null (bif_srtp_profile_name (4));
  g_assert_null (bif_srtp_new (4, key, 30));
  g_assert_null (bif_srtp_new (-1, key, 30));
  g_assert_null (bif_srtp_new (0, NULL, 30));
  bif_srtp_free (NULL);
}

/* RFC 3711, B.3. */
static void
test_key_derivation (void)
{
  const BifSrtpSuite *suite = bif_srtp_suite (BIF_SRTP_AES128_CM_SHA1_80);
  g_autofree guint8 *master = NULL;
  guint8 out[94];
  BifSrtpKeys keys;
  gsize size;

  master = unhex ("E1F97A0D3E018BE0D64FA32C06DE4139"
      "0EC675AD498AFEEBB6960B3AABE6", &size);
  g_assert_true (bif_srtp_prf (suite, master, 1, out, sizeof out));
  assert_hex (out, sizeof out, "CEBE321F6FF7716B6FD4AB49AF256A15"
      "6D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF7227098"
      "6371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E47403576"
      "6B68642C59BBFC2F34DB60DBDFB2");
  g_assert_true (bif_srtp_keys_derive (&keys, suite, master,
          BIF_SRTP_LABEL_RTP));
  assert_hex (keys.key, 16, "C61E7A93744F39EE10734AFE3FF7A087");
  assert_hex (keys.salt, 14, "30CBBC08863D8C85D49DB34A9AE1");
  assert_hex (keys.auth, 20, "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4");
}

static BifSrtp *
from_session (BifSrtpProfile profile, const char *key, const char *salt)
{
  g_autofree guint8 *k = NULL, *s = NULL;
  BifSrtpKeys keys = { 0 };
  BifSrtp *self;
  gsize n;

  k = unhex (key, &n);
  memcpy (keys.key, k, n);
  s = unhex (salt, &n);
  memcpy (keys.salt, s, n);
  self = bif_srtp_new_from_keys (profile, &keys, &keys);
  g_assert_nonnull (self);
  return self;
}

/* RFC 3711, B.2: the key stream of a packet of zeroes. */
static void
test_counter_mode (void)
{
  const gsize size = 1044512;
  g_autoptr (BifSrtp) self = from_session (BIF_SRTP_AES128_CM_SHA1_80,
      "2B7E151628AED2A6ABF7158809CF4F3C", "F0F1F2F3F4F5F6F7F8F9FAFBFCFD");
  g_autofree guint8 *packet = g_malloc0 (12 + size + BIF_SRTP_MAX_OVERHEAD);

  packet[0] = 0x80;
  bif_srtp_protect (self, packet, 12, packet + 12, size, 0);
  assert_hex (packet + 12, 48, "E03EAD0935C95E80E166B16DD92B4EB4"
      "D23513162B02D0F72A43A2FE4A5F97AB41E95B3BB0A2E8DD477901E4FCA894C0");
  assert_hex (packet + 12 + size - 48, 48, "EC8CDF7398607CB0F2D21675EA9EA1E4"
      "362B7C3C6773516318A077D7FC5073AE6A2CC3787889374FBEB4C81B17BA6C44");
}

/* RFC 7714, 16.1 and 16.2. */
static const struct
{
  BifSrtpProfile profile;
  const char *key;
  const char *result;
} rtp_vectors[] = {
  {BIF_SRTP_AEAD_AES_128_GCM, KEY_128, "8040f17b8041f8d35501a0b2"
      "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b"
      "36de3adf8833899d7f27beb16a9152cf765ee4390cce"},
  {BIF_SRTP_AEAD_AES_256_GCM, KEY_256, "8040f17b8041f8d35501a0b2"
      "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f"
      "1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13"},
};

static void
test_gcm_rtp (void)
{
  const char text[] = "Gallia est omnis divisa in partes tres";
  const gsize n = strlen (text);
  gsize i, size;

  for (i = 0; i < G_N_ELEMENTS (rtp_vectors); i++) {
    g_autoptr (BifSrtp) self = from_session (rtp_vectors[i].profile,
        rtp_vectors[i].key, "517569642070726f2071756f");
    g_autofree guint8 *packet = unhex (rtp_vectors[i].result, &size);
    g_autofree guint8 *out = g_memdup2 (packet, size);
    BifSrtpStream stream = { 0 };

    g_assert_cmpuint (size, ==, 12 + n + BIF_SRTP_MAX_OVERHEAD);
    memset (out + 12, 0, n);
    g_assert_cmpuint (bif_srtp_protect (self, out, 12,
            (const guint8 *) text, n, 0), ==, size);
    g_assert_cmpmem (out, size, packet, size);
    g_assert_cmpint (bif_srtp_unprotect (self, &stream, packet, size, 12,
            packet + 12), ==, n);
    g_assert_cmpmem (packet + 12, n, text, n);
  }
}

/* RFC 7714, 17.1 to 17.4; the last two are tagged, not encrypted. */
static const struct
{
  BifSrtpProfile profile;
  const char *key;
  const char *result;
} rtcp_vectors[] = {
  {BIF_SRTP_AEAD_AES_128_GCM, KEY_128, "81c8000d4d617273"
      "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda"
      "4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"},
  {BIF_SRTP_AEAD_AES_256_GCM, KEY_256, "81c8000d4d617273"
      "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be"
      "8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be800005d4"},
  {BIF_SRTP_AEAD_AES_128_GCM, KEY_128, "81c8000d4d6172734e5450314e545032"
      "525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeef"
      "deadbeef841dd9683dd78ec92ae58790125f62b3000005d4"},
  {BIF_SRTP_AEAD_AES_256_GCM, KEY_256, "81c8000d4d6172734e5450314e545032"
      "525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeef"
      "deadbeef91db4afbfeee5a978fab4393ed2615fe000005d4"},
};

static void
test_gcm_rtcp (void)
{
  const char text[] = "81c8000d4d6172734e5450314e545032525450200000042a"
      "0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef";
  gsize i, n, size;

  for (i = 0; i < G_N_ELEMENTS (rtcp_vectors); i++) {
    g_autoptr (BifSrtp) self = from_session (rtcp_vectors[i].profile,
        rtcp_vectors[i].key, "517569642070726f2071756f");
    g_autofree guint8 *packet = unhex (rtcp_vectors[i].result, &size);
    g_autofree guint8 *plain = unhex (text, &n);

    plain = g_realloc (plain, n + BIF_SRTCP_MAX_OVERHEAD);
    if (i < 2) {
      bif_srtcp_set_index (self, 0x5d4);
      g_assert_cmpuint (bif_srtcp_protect (self, plain, n), ==, size);
      g_assert_cmpmem (plain, size, packet, size);
    }
    g_assert_cmpint (bif_srtcp_unprotect (self, packet, size), ==, n);
    assert_hex (packet, n, text);
  }
}

/* A packet with @n bytes of payload; returns the size, header of 12. */
static gsize
build (BifSrtp * self, guint8 * packet, guint64 index, gsize n)
{
  memset (packet, 0, 12);
  packet[0] = 0x80;
  packet[2] = index >> 8 & 0xff;
  packet[3] = index & 0xff;
  packet[8] = 0x5a;
  memset (packet + 12, (int) (index & 0xff), n);
  return bif_srtp_protect (self, packet, 12, packet + 12, n,
      (guint32) (index >> 16));
}

#define OK 20                   /* the payload's size */
#define REPLAYED BIF_SRTP_REPLAYED
#define BAD_TAG BIF_SRTP_BAD_TAG

static const struct
{
  guint64 index;
  gssize result;
} replays[] = {
  {0xfff0, OK}, {0xfff0, REPLAYED}, {0xfff2, OK}, {0xfff1, OK},
  {0xfff1, REPLAYED}, {0x10000, OK}, {0xffff, OK}, {0xffff, REPLAYED},
  {0x10000, REPLAYED}, {0x10080, OK}, {0x10000, REPLAYED},
  {0x10001, OK}, {0x10001, REPLAYED}, {0x1007f, OK}, {0x10040, OK},
  {0x10041, OK}, {0x1003f, OK}, {0x1003f, REPLAYED}, {0x10040, REPLAYED},
  {0x10041, REPLAYED}, {0x10081, OK}, {0x10001, REPLAYED}, {0x10002, OK},
  /* as far ahead as the number goes without doubt */
  {0x10081 + 0x7fff, OK}, {0x10081 + 0x7fff - 127, OK},
  {0x10081 + 0x7fff - 128, REPLAYED}, {0x1ffff, OK}, {0x20000, OK},
  {0x1fff0, OK}, {0x27000, OK}, {0x2e000, OK}, {0x35000, OK},
  /* further: taken for one of the past, or of the present counter */
  {0x3d100, REPLAYED}, {0x45001, BAD_TAG}, {0x35001, OK},
  /* round the middle, where guessing changes sides */
  {0x37fff, OK}, {0x38000, OK}, {0x38fff, OK}, {0x40005, OK},
  {0x38ffe, REPLAYED}, {0x47fff, OK}, {0x3ffff, BAD_TAG}, {0x48000, OK},
  {0x50000 - 0x8000 + 127, OK}, {0x50000, OK},
  /* bits that cross from one word of the window to the other */
  {0x50040, OK}, {0x5000a, OK}, {0x50000, REPLAYED}, {0x5004a, OK},
  {0x5000a, REPLAYED}, {0x50040, REPLAYED}, {0x5000b, OK}, {0x50009, OK},
};

static void
test_replay (void)
{
  guint profile;
  gsize i;

  for (profile = 0; profile < 4; profile++) {
    g_autoptr (BifSrtp) sender = make (profile);
    g_autoptr (BifSrtp) receiver = make (profile);
    BifSrtpStream stream = { 0 }, before;

    for (i = 0; i < G_N_ELEMENTS (replays); i++) {
      guint8 packet[64], payload[64];
      gsize size = build (sender, packet, replays[i].index, OK);
      gssize result;

      before = stream;
      result = bif_srtp_unprotect (receiver, &stream, packet, size, 12,
          payload);
      g_test_message ("%d: %" G_GINT64_MODIFIER "x", profile,
          replays[i].index);
      g_assert_cmpint (result, ==, replays[i].result);
      if (result < 0)
        g_assert_cmpmem (&before, sizeof before, &stream, sizeof stream);
      else
        g_assert_cmpint (payload[0], ==, replays[i].index & 0xff);
    }
  }
}

/* The first packet is any; one from before the wrap at a counter of 0 is none
 * of the past. */
static void
test_first (void)
{
  g_autoptr (BifSrtp) srtp = make (0);
  BifSrtpStream stream = { 0 };
  guint8 packet[64];

  g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet,
          build (srtp, packet, 5, OK), 12, packet + 12), ==, OK);
  g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet,
          build (srtp, packet, 0xffff, OK), 12, packet + 12), ==, OK);
  g_assert_cmpuint (stream.roc, ==, 0);
  g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet,
          build (srtp, packet, 0x10005, OK), 12, packet + 12), ==, OK);
  g_assert_cmpuint (stream.roc, ==, 1);
}

/* After 2^48 packets everything is a replay. */
static void
test_last (void)
{
  g_autoptr (BifSrtp) srtp = make (0);
  BifSrtpStream stream = { G_MAXUINT32, 0xfff0, TRUE, {1, 0} };
  guint8 packet[64];

  g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet,
          build (srtp, packet, G_GUINT64_CONSTANT (0xffffffffffff), OK), 12,
          packet + 12), ==, OK);
  g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet,
          build (srtp, packet, 0, OK), 12, packet + 12), ==,
      BIF_SRTP_REPLAYED);
}

/* Any bit turned, any byte missing: refused, and the stream is as before. */
static void
test_damage (void)
{
  guint profile, bit;
  gsize at;

  for (profile = 0; profile < 4; profile++) {
    g_autoptr (BifSrtp) srtp = make (profile);
    BifSrtpStream stream = { 0 }, zero = { 0 };
    guint8 packet[64], out[64];
    gsize size = build (srtp, packet, 0, OK);

    for (at = 0; at < size; at++) {
      for (bit = 0; bit < 8; bit++) {
        packet[at] ^= 1 << bit;
        g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet, size, 12,
                out), ==, BIF_SRTP_BAD_TAG);
        packet[at] ^= 1 << bit;
      }
    }
    for (at = 0; at < size; at++) {
      g_autofree guint8 *part = g_memdup2 (packet, MAX (at, 1));

      g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, part, at, 12,
              out), ==, BIF_SRTP_BAD_TAG);
    }
    g_assert_cmpmem (&stream, sizeof stream, &zero, sizeof zero);

    /* header sizes that cannot be */
    g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet, size, 11,
            out), ==, BIF_SRTP_BAD_TAG);
    g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet, size,
            size + 1, out), ==, BIF_SRTP_BAD_TAG);
    g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet, size,
            G_MAXSIZE, out), ==, BIF_SRTP_BAD_TAG);
    g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet, size, 12,
            out), ==, OK);
  }
}

/* GCM decrypts before it knows: nothing of it may stay. */
static void
test_forgery_is_wiped (void)
{
  g_autoptr (BifSrtp) srtp = make (BIF_SRTP_AEAD_AES_128_GCM);
  const guint8 zero[OK] = { 0 };
  BifSrtpStream stream = { 0 };
  guint8 packet[64], out[64];
  gsize size = build (srtp, packet, 3, OK);

  packet[size - 1] ^= 1;
  memset (out, 0xff, sizeof out);
  g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet, size, 12, out),
      ==, BIF_SRTP_BAD_TAG);
  g_assert_cmpmem (out, OK, zero, OK);
}

/* Sizes 0 up, header sizes, from elsewhere and in place; the heap is exact. */
static void
test_sizes (void)
{
  static const gsize tags[] = { 10, 4, 16, 16 };
  const gsize header_sizes[] = { 12, 16, 28, 72, 256 };
  guint profile;
  gsize h, n;

  for (profile = 0; profile < 4; profile++) {
    g_autoptr (BifSrtp) srtp = make (profile);
    guint16 sequence = 0;

    for (h = 0; h < G_N_ELEMENTS (header_sizes); h++) {
      for (n = 0; n < 70; n++, sequence++) {
        gsize header_size = header_sizes[h];
        gsize whole = header_size + n + tags[profile];
        g_autofree guint8 *away = g_malloc0 (whole);
        g_autofree guint8 *place = g_malloc0 (whole);
        g_autofree guint8 *payload = g_malloc (MAX (n, 1));
        BifSrtpStream stream = { 0 }, again = { 0 };

        memset (payload, 0xa5, n);
        away[0] = place[0] = 0x80;
        away[3] = place[3] = sequence & 0xff;
        away[2] = place[2] = sequence >> 8;
        memcpy (place + header_size, payload, n);
        g_assert_cmpuint (bif_srtp_protect (srtp, away, header_size, payload,
                n, 9), ==, whole);
        g_assert_cmpuint (bif_srtp_protect (srtp, place, header_size,
                place + header_size, n, 9), ==, whole);
        g_assert_cmpmem (away, whole, place, whole);

        stream.roc = again.roc = 9;
        memset (payload, 0, n);
        g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, away, whole,
                header_size, payload), ==, n);
        g_assert_cmpint (bif_srtp_unprotect (srtp, &again, place, whole,
                header_size, place + header_size), ==, n);
        g_assert_cmpmem (payload, n, place + header_size, n);
        if (n > 0)
          g_assert_cmpint (payload[n - 1], ==, 0xa5);
      }
    }
  }
}

/* SRTCP */

static gsize
build_rtcp (BifSrtp * self, guint8 * packet, guint32 ssrc)
{
  memset (packet, 0, 16);
  packet[0] = 0x80;
  packet[1] = 201;
  packet[3] = 3;
  packet[6] = ssrc >> 8;
  packet[7] = ssrc & 0xff;
  return bif_srtcp_protect (self, packet, 16);
}

static void
test_rtcp_replay (void)
{
  static const gsize tags[] = { 10, 10, 16, 16 };
  guint profile, i;

  for (profile = 0; profile < 4; profile++) {
    g_autoptr (BifSrtp) sender = make (profile);
    g_autoptr (BifSrtp) receiver = make (profile);
    guint8 packets[300][40], packet[40];
    gsize size = 0;

    for (i = 0; i < 300; i++)
      size = build_rtcp (sender, packets[i], 7);
    g_assert_cmpuint (size, ==, 16 + 4 + tags[profile]);

#define TRY(i) (memcpy (packet, packets[i], size), \
    bif_srtcp_unprotect (receiver, packet, size))
    g_assert_cmpint (TRY (2), ==, 16);
    g_assert_cmpint (TRY (2), ==, BIF_SRTP_REPLAYED);
    g_assert_cmpint (TRY (0), ==, 16);
    g_assert_cmpint (TRY (0), ==, BIF_SRTP_REPLAYED);
    g_assert_cmpint (TRY (128), ==, 16);
    g_assert_cmpint (TRY (0), ==, BIF_SRTP_REPLAYED);
    g_assert_cmpint (TRY (1), ==, 16);
    g_assert_cmpint (TRY (129), ==, 16);
    g_assert_cmpint (TRY (2), ==, BIF_SRTP_REPLAYED);
    g_assert_cmpint (TRY (3), ==, 16);
    g_assert_cmpint (TRY (299), ==, 16);
    g_assert_cmpint (TRY (171), ==, BIF_SRTP_REPLAYED);
    for (i = 172; i < 299; i++)
      g_assert_cmpint (TRY (i), ==, 16);
    for (i = 0; i < 300; i++)
      g_assert_cmpint (TRY (i), ==, BIF_SRTP_REPLAYED);
#undef TRY
  }
}

/* Each sender has its window, 64 of them at least. */
static void
test_rtcp_senders (void)
{
  g_autoptr (BifSrtp) sender = make (0);
  g_autoptr (BifSrtp) receiver = make (0);
  guint8 packets[64][40], packet[40];
  gsize size = 0;
  guint i;

  for (i = 0; i < 64; i++)
    size = build_rtcp (sender, packets[63 - i], 63 - i);
  for (i = 0; i < 64; i++) {
    memcpy (packet, packets[i], size);
    g_assert_cmpint (bif_srtcp_unprotect (receiver, packet, size), ==, 16);
  }
  for (i = 0; i < 64; i++) {
    memcpy (packet, packets[i], size);
    g_assert_cmpint (bif_srtcp_unprotect (receiver, packet, size), ==,
        BIF_SRTP_REPLAYED);
  }

  /* Forgeries take no place. */
  for (i = 0; i < 1000; i++) {
    memcpy (packet, packets[0], size);
    packet[4] = 1 + i % 255;
    packet[5] = i / 255;
    g_assert_cmpint (bif_srtcp_unprotect (receiver, packet, size), ==,
        BIF_SRTP_BAD_TAG);
  }
  memcpy (packet, packets[0], size);
  g_assert_cmpint (bif_srtcp_unprotect (receiver, packet, size), ==,
      BIF_SRTP_REPLAYED);
}

static void
test_rtcp_damage (void)
{
  guint profile, bit;
  gsize at;

  for (profile = 0; profile < 4; profile++) {
    g_autoptr (BifSrtp) srtp = make (profile);
    guint8 packet[40], copy[40];
    gsize size = build_rtcp (srtp, packet, 1);

    for (at = 0; at < size; at++) {
      for (bit = 0; bit < 8; bit++) {
        memcpy (copy, packet, size);
        copy[at] ^= 1 << bit;
        g_assert_cmpint (bif_srtcp_unprotect (srtp, copy, size), ==,
            BIF_SRTP_BAD_TAG);
      }
    }
    for (at = 0; at < size; at++) {
      g_autofree guint8 *part = g_memdup2 (packet, MAX (at, 1));

      g_assert_cmpint (bif_srtcp_unprotect (srtp, part, at), ==,
          BIF_SRTP_BAD_TAG);
    }
    g_assert_cmpint (bif_srtcp_unprotect (srtp, packet, size), ==, 16);
  }
}

/* The index may not come round. */
static void
test_rtcp_last (void)
{
  g_autoptr (BifSrtp) srtp = make (0);
  guint8 packet[40];

  bif_srtcp_set_index (srtp, 0x7fffffff);
  g_assert_cmpuint (build_rtcp (srtp, packet, 1), ==, 30);
  g_assert_cmpint (bif_srtcp_unprotect (srtp, packet, 30), ==, 16);
  g_assert_cmpuint (build_rtcp (srtp, packet, 1), ==, 0);
  g_assert_cmpuint (bif_srtcp_protect (srtp, packet, 7), ==, 0);
}

static void
test_speed (void)
{
  const guint rounds = 1000000;
  guint profile, i;

  for (profile = 0; profile < 4; profile++) {
    g_autoptr (BifSrtp) srtp = make (profile);
    guint8 packet[1200] = { 0x80 }, payload[1100] = { 0 };
    BifSrtpStream stream = { 0 };
    double us;

    g_test_timer_start ();
    for (i = 0; i < rounds; i++) {
      packet[2] = i >> 8;
      packet[3] = i;
      bif_srtp_protect (srtp, packet, 12, payload, sizeof payload, i >> 16);
    }
    us = g_test_timer_elapsed () * 1e6 / rounds;
    g_test_minimized_result (us, "%s: protect %.3f us",
        bif_srtp_profile_name (profile), us);

    g_test_timer_start ();
    for (i = 0; i < rounds; i++) {
      stream.started = FALSE;
      stream.roc = (rounds - 1) >> 16;
      g_assert_cmpint (bif_srtp_unprotect (srtp, &stream, packet,
              12 + sizeof payload + bif_srtp_suite (profile)->tag, 12,
              payload), >, 0);
    }
    us = g_test_timer_elapsed () * 1e6 / rounds;
    g_test_minimized_result (us, "%s: unprotect %.3f us",
        bif_srtp_profile_name (profile), us);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/packet/srtp/profiles", test_profiles);
  g_test_add_func ("/packet/srtp/rfc3711/keys", test_key_derivation);
  g_test_add_func ("/packet/srtp/rfc3711/counter", test_counter_mode);
  g_test_add_func ("/packet/srtp/rfc7714/rtp", test_gcm_rtp);
  g_test_add_func ("/packet/srtp/rfc7714/rtcp", test_gcm_rtcp);
  g_test_add_func ("/packet/srtp/replay", test_replay);
  g_test_add_func ("/packet/srtp/first", test_first);
  g_test_add_func ("/packet/srtp/last", test_last);
  g_test_add_func ("/packet/srtp/damage", test_damage);
  g_test_add_func ("/packet/srtp/forgery-is-wiped", test_forgery_is_wiped);
  g_test_add_func ("/packet/srtp/sizes", test_sizes);
  g_test_add_func ("/packet/srtcp/replay", test_rtcp_replay);
  g_test_add_func ("/packet/srtcp/senders", test_rtcp_senders);
  g_test_add_func ("/packet/srtcp/damage", test_rtcp_damage);
  g_test_add_func ("/packet/srtcp/last", test_rtcp_last);
  if (g_test_perf ())
    g_test_add_func ("/packet/srtp/speed", test_speed);
  return g_test_run ();
}
