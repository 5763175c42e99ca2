/* packet-srtp-libsrtp: our SRTP against libsrtp2 on the same random packets.
 * Senders must make the same bytes, receivers come to the same verdict and
 * payload: in order, out of order, twice, too old, cut and damaged, over many
 * roll-overs, both ways.
 *
 * BIF_SRTP_PACKETS: how many packets, all profiles together; 100000. */
#include <string.h>
#include <srtp2/srtp.h>
#include "packet/rtcp.h"
#include "packet/rtp.h"
#include "packet/srtp.h"

#define STREAMS 4
#define PAST 512                /* packets kept for later */
#define MAX_PACKET 1600

typedef struct
{
  guint8 data[MAX_PACKET];
  gsize size;
} Packet;

typedef struct
{
  GRand *rand;
  BifSrtp *sender;
  BifSrtp *receiver;
  srtp_t lib_sender;
  srtp_t lib_receiver;
  guint64 next[STREAMS];        /* indices to send */
  BifSrtpStream streams[STREAMS];
  Packet past[PAST];
  guint n_past;
  guint accepted;
  guint refused;
} Pair;

static gboolean
set_policy (srtp_policy_t * policy, BifSrtpProfile profile)
{
  static const srtp_profile_t theirs[] = {
    srtp_profile_aes128_cm_sha1_80, srtp_profile_aes128_cm_sha1_32,
    srtp_profile_aead_aes_128_gcm, srtp_profile_aead_aes_256_gcm,
  };

  memset (policy, 0, sizeof *policy);
  policy->window_size = 128;
  policy->allow_repeat_tx = 1;
  return srtp_crypto_policy_set_from_profile_for_rtp (&policy->rtp,
      theirs[profile]) == srtp_err_status_ok
      && srtp_crypto_policy_set_from_profile_for_rtcp (&policy->rtcp,
      theirs[profile]) == srtp_err_status_ok;
}

static srtp_t
make_theirs (BifSrtpProfile profile, guint8 * key, srtp_ssrc_type_t direction)
{
  srtp_policy_t policy;
  srtp_t session = NULL;

  if (!set_policy (&policy, profile))
    return NULL;
  policy.ssrc.type = direction;
  policy.key = key;
  if (srtp_create (&session, &policy) != srtp_err_status_ok)
    return NULL;
  return session;
}

static void
pair_clear (Pair * pair)
{
  g_clear_pointer (&pair->sender, bif_srtp_free);
  g_clear_pointer (&pair->receiver, bif_srtp_free);
  g_clear_pointer (&pair->lib_sender, srtp_dealloc);
  g_clear_pointer (&pair->lib_receiver, srtp_dealloc);
}

/* FALSE where libsrtp2 was built without the profile. */
static gboolean
pair_init (Pair * pair, BifSrtpProfile profile, GRand * rand)
{
  gsize size = bif_srtp_key_size (profile);
  guint8 key[64];
  gsize i;

  memset (pair, 0, sizeof *pair);
  for (i = 0; i < size; i++)
    key[i] = g_rand_int (rand);
  pair->rand = rand;
  pair->sender = bif_srtp_new (profile, key, size);
  pair->receiver = bif_srtp_new (profile, key, size);
  pair->lib_sender = make_theirs (profile, key, ssrc_any_outbound);
  pair->lib_receiver = make_theirs (profile, key, ssrc_any_inbound);
  for (i = 0; i < STREAMS; i++)
    pair->next[i] = g_rand_int_range (rand, 0, 0x10000);
  g_assert_true (pair->sender != NULL && pair->receiver != NULL);

  return pair->lib_sender != NULL && pair->lib_receiver != NULL;
}

static guint32
stream_ssrc (guint stream)
{
  return 0x10203040 + stream;
}

/* Random header and payload; returns the header's size. */
static gsize
random_rtp (Pair * pair, Packet * packet, guint stream, guint64 index)
{
  guint csrcs = g_rand_int_range (pair->rand, 0, 8) == 0
      ? g_rand_int_range (pair->rand, 0, 16) : 0;
  gboolean extended = g_rand_boolean (pair->rand);
  guint words = extended ? g_rand_int_range (pair->rand, 0, 10) : 0;
  gsize header_size = 12 + 4 * csrcs + (extended ? 4 + 4 * words : 0);
  guint32 ssrc = g_htonl (stream_ssrc (stream));
  gsize i;

  packet->size = header_size + g_rand_int_range (pair->rand, 0, 1200);
  for (i = 0; i < packet->size; i++)
    packet->data[i] = g_rand_int (pair->rand);
  packet->data[0] = 0x80 | (packet->data[0] & 0x20) | (extended ? 0x10 : 0)
      | csrcs;
  packet->data[2] = index >> 8 & 0xff;
  packet->data[3] = index & 0xff;
  memcpy (packet->data + 8, &ssrc, 4);
  if (extended) {
    packet->data[12 + 4 * csrcs + 2] = 0;
    packet->data[12 + 4 * csrcs + 3] = words;
  }
  return header_size;
}

/* Mostly the next number; now and then a gap, seldom a wide one. */
static guint64
next_index (Pair * pair, guint stream)
{
  guint dice = g_rand_int_range (pair->rand, 0, 100);
  guint64 index = pair->next[stream];

  if (dice >= 98)
    pair->next[stream] += g_rand_int_range (pair->rand, 1, 3000);
  else if (dice >= 90)
    pair->next[stream] += g_rand_int_range (pair->rand, 1, 30);
  else
    pair->next[stream]++;
  return index;
}

static Packet *
keep (Pair * pair)
{
  return &pair->past[pair->n_past++ % PAST];
}

static void
send_rtp (Pair * pair)
{
  guint stream = g_rand_int_range (pair->rand, 0, STREAMS);
  guint64 index = next_index (pair, stream);
  Packet *packet = keep (pair);
  Packet theirs;
  gsize header_size;
  int size;

  header_size = random_rtp (pair, packet, stream, index);
  theirs = *packet;
  packet->size = bif_srtp_protect (pair->sender, packet->data, header_size,
      packet->data + header_size, packet->size - header_size,
      (guint32) (index >> 16));
  size = (int) theirs.size;
  g_assert_cmpint (srtp_protect (pair->lib_sender, theirs.data, &size), ==,
      srtp_err_status_ok);
  g_assert_cmpmem (packet->data, packet->size, theirs.data, (gsize) size);
}

/* Mostly as it is; cut, with a bit turned, or with bytes behind. */
static void
harm (Pair * pair, Packet * packet)
{
  guint dice = g_rand_int_range (pair->rand, 0, 100);

  if (dice < 5) {
    packet->size = g_rand_int_range (pair->rand, 0, packet->size + 1);
  } else if (dice < 15 && packet->size > 0) {
    packet->data[g_rand_int_range (pair->rand, 0, packet->size)] ^=
        1 << g_rand_int_range (pair->rand, 0, 8);
  } else if (dice < 17) {
    packet->data[packet->size++] = g_rand_int (pair->rand);
  } else if (dice < 20 && packet->size > 16) {
    packet->data[g_rand_int_range (pair->rand, 0, 16)] =
        g_rand_int (pair->rand);
  }
}

/* One of the last, most often the very last. */
static guint
pick (Pair * pair)
{
  guint kept = MIN (pair->n_past, PAST);
  guint back = 0;

  switch (g_rand_int_range (pair->rand, 0, 4)) {
    case 0:
      back = g_rand_int_range (pair->rand, 0, MIN (kept, 8));
      break;
    case 1:
      back = g_rand_int_range (pair->rand, 0, kept);
      break;
    default:
      break;
  }
  return (pair->n_past - 1 - back) % PAST;
}

static void
verdict (Pair * pair, gboolean ours, gboolean theirs)
{
  g_assert_cmpint (ours, ==, theirs);
  if (ours)
    pair->accepted++;
  else
    pair->refused++;
}

static BifSrtpStream *
find_stream (Pair * pair, guint32 ssrc)
{
  guint i;

  for (i = 0; i < STREAMS; i++) {
    if (stream_ssrc (i) == ssrc)
      return &pair->streams[i];
  }
  return NULL;
}

static void
receive_rtp (Pair * pair)
{
  Packet packet = pair->past[pick (pair)], theirs;
  BifSrtpStream unknown = { 0 }, *stream;
  BifRtpHeader header;
  gssize ours = -1;
  gboolean ok;
  int size;

  harm (pair, &packet);
  theirs = packet;
  size = (int) theirs.size;
  ok = srtp_unprotect (pair->lib_receiver, theirs.data, &size)
      == srtp_err_status_ok;

  if (bif_rtp_parse (&header, packet.data, packet.size, NULL)) {
    stream = find_stream (pair, header.ssrc);
    ours = bif_srtp_unprotect (pair->receiver,
        stream != NULL ? stream : &unknown, packet.data, packet.size,
        header.header_size, packet.data + header.header_size);
  }
  verdict (pair, ours >= 0, ok);
  if (ok)
    g_assert_cmpmem (packet.data, header.header_size + ours, theirs.data,
        (gsize) size);
}

static void
run_rtp (Pair * pair, guint n)
{
  guint i;

  for (i = 0; i < n; i++) {
    send_rtp (pair);
    receive_rtp (pair);
    if (g_rand_int_range (pair->rand, 0, 4) == 0)
      receive_rtp (pair);
  }
}

static gsize
random_rtcp (Pair * pair, guint8 * out, gsize room)
{
  BifReportBlock blocks[4];
  BifSenderInfo info;
  guint8 *bytes = (guint8 *) blocks;
  gsize i, n;

  for (i = 0; i < sizeof blocks; i++)
    bytes[i] = g_rand_int (pair->rand);
  memset (&info, 0x3c, sizeof info);
  info.ssrc = stream_ssrc (g_rand_int_range (pair->rand, 0, STREAMS));
  n = g_rand_boolean (pair->rand)
      ? bif_rtcp_write_sr (out, room, &info, blocks,
      g_rand_int_range (pair->rand, 0, 5))
      : bif_rtcp_write_rr (out, room, info.ssrc, blocks,
      g_rand_int_range (pair->rand, 0, 5));
  if (g_rand_boolean (pair->rand))
    n += bif_rtcp_write_pli (out + n, room - n, info.ssrc, 9);
  return n;
}

/* The indices of the two senders differ: libsrtp2 begins with 1 and counts by
 * SSRC. So one of them sends, and both receive. */
static void
send_rtcp (Pair * pair, gboolean ours)
{
  Packet *packet = keep (pair);
  int size;

  packet->size = random_rtcp (pair, packet->data, 1200);
  if (ours) {
    packet->size = bif_srtcp_protect (pair->sender, packet->data,
        packet->size);
    g_assert_cmpuint (packet->size, >, 0);
    return;
  }
  size = (int) packet->size;
  g_assert_cmpint (srtp_protect_rtcp (pair->lib_sender, packet->data, &size),
      ==, srtp_err_status_ok);
  packet->size = size;
}

static void
receive_rtcp (Pair * pair)
{
  Packet packet = pair->past[pick (pair)], theirs;
  gssize ours;
  gboolean ok;
  int size;

  harm (pair, &packet);
  theirs = packet;
  size = (int) theirs.size;
  ok = srtp_unprotect_rtcp (pair->lib_receiver, theirs.data, &size)
      == srtp_err_status_ok;
  ours = bif_srtcp_unprotect (pair->receiver, packet.data, packet.size);
  verdict (pair, ours >= 0, ok);
  if (ok)
    g_assert_cmpmem (packet.data, (gsize) ours, theirs.data, (gsize) size);
}

static void
run_rtcp (Pair * pair, guint n, gboolean ours)
{
  guint i;

  for (i = 0; i < n; i++) {
    send_rtcp (pair, ours);
    receive_rtcp (pair);
    if (g_rand_int_range (pair->rand, 0, 4) == 0)
      receive_rtcp (pair);
  }
}

static guint
packets (void)
{
  const char *text = g_getenv ("BIF_SRTP_PACKETS");
  guint64 n = 100000;

  if (text != NULL)
    g_assert_true (g_ascii_string_to_unsigned (text, 10, 1, 1000000000, &n,
            NULL));
  return (guint) n;
}

static void
test_profile (gconstpointer data)
{
  BifSrtpProfile profile = GPOINTER_TO_UINT (data);
  g_autoptr (GRand) rand = g_rand_new_with_seed (profile + 1);
  g_autofree Pair *pair = g_new0 (Pair, 1);
  guint n = packets () / 4;
  guint part, wraps = 0, i;

  for (part = 0; part < 3; part++) {
    if (!pair_init (pair, profile, rand)) {
      g_test_skip ("libsrtp2 lacks the profile");
      pair_clear (pair);
      return;
    }
    if (part == 0)
      run_rtp (pair, n - 2 * (n / 8));
    else
      run_rtcp (pair, n / 8, part == 1);
    for (i = 0; i < STREAMS; i++)
      wraps += pair->next[i] >> 16;
    g_test_message ("part %u: %u taken, %u refused, %u roll-overs", part,
        pair->accepted, pair->refused, wraps);
    g_assert_cmpuint (pair->accepted, >, pair->refused / 2);
    g_assert_cmpuint (pair->refused, >, 0);
    pair_clear (pair);
  }
  if (n >= 10000)
    g_assert_cmpuint (wraps, >=, STREAMS);
}

int
main (int argc, char **argv)
{
  guint profile;
  int result;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (srtp_init (), ==, srtp_err_status_ok);
  for (profile = 0; profile < 4; profile++) {
    g_autofree char *path = g_strconcat ("/packet/srtp/libsrtp/",
        bif_srtp_profile_name (profile), NULL);

    g_test_add_data_func (path, GUINT_TO_POINTER (profile), test_profile);
  }
  result = g_test_run ();
  srtp_shutdown ();
  return result;
}
