/* srtp: protects and unprotects RTP and RTCP. Runs per packet on the I/O
 * threads, under the lock of the association's owner; allocates nothing.
 *
 * SRTCP's replay windows are kept here, since RTCP senders need no other
 * state: one for each of the last 64 sender SSRCs. Only an authentic
 * packet takes a place, the one unused for longest. So nobody but the peer
 * itself can push out a window, and needs as many other SSRCs for it. */
#include "packet/srtp-keys.h"

#include <string.h>
#include <openssl/crypto.h>
#include "packet/bytes.h"
#include "packet/hmac.h"

#define RTP_HEADER 12
#define RTCP_HEADER 8
#define SENDERS 64
#define WINDOW 128
#define INDEX_MAX 0x7fffffffu   /* of SRTCP: 31 bits */
#define ENCRYPTED 0x80000000u   /* SRTCP's E flag, beside the index */

typedef struct
{
  EVP_CIPHER_CTX *ctx;
  BifHmac hmac;
  guint8 salt[16];              /* zeroes behind */
} Half;

typedef struct
{
  guint32 ssrc;
  guint32 highest;
  guint64 window[2];
  guint64 used;                 /* BifSrtp.used at the last packet; 0: free */
} Sender;

struct _BifSrtp
{
  const BifSrtpSuite *suite;
  Half rtp;
  Half rtcp;
  guint32 index;                /* of the next SRTCP packet we send */
  guint64 used;
  Sender senders[SENDERS];
};

/* Replay windows: bit n stands for the index n below the highest. */

static gboolean
window_has (const guint64 * window, guint64 age)
{
  return age >= WINDOW || (window[age / 64] >> (age % 64) & 1) != 0;
}

static void
window_set (guint64 * window, guint64 age)
{
  window[age / 64] |= G_GUINT64_CONSTANT (1) << (age % 64);
}

/* The highest index grew by @step: moves the window along, and marks it. */
static void
window_advance (guint64 * window, guint64 step)
{
  if (step >= WINDOW) {
    window[0] = window[1] = 0;
  } else if (step >= 64) {
    window[1] = window[0] << (step - 64);
    window[0] = 0;
  } else if (step > 0) {
    window[1] = window[1] << step | window[0] >> (64 - step);
    window[0] <<= step;
  }
  window_set (window, 0);
}

static gboolean
half_init (Half * half, const BifSrtpSuite * suite, const BifSrtpKeys * keys)
{
  memcpy (half->salt, keys->salt, suite->salt);
  bif_hmac_init (&half->hmac, keys->auth, sizeof keys->auth);
  half->ctx = EVP_CIPHER_CTX_new ();

  return half->ctx != NULL
      && EVP_EncryptInit_ex (half->ctx, suite->cipher (), NULL, keys->key,
      NULL);
}

BifSrtp *
bif_srtp_new_from_keys (BifSrtpProfile profile, const BifSrtpKeys * rtp,
    const BifSrtpKeys * rtcp)
{
  g_autoptr (BifSrtp) self = g_new0 (BifSrtp, 1);

  self->suite = bif_srtp_suite (profile);
  if (!half_init (&self->rtp, self->suite, rtp)
      || !half_init (&self->rtcp, self->suite, rtcp))
    return NULL;

  return g_steal_pointer (&self);
}

void
bif_srtcp_set_index (BifSrtp * self, guint32 index)
{
  self->index = index;
}

/**
 * bif_srtp_new:
 * @profile: what DTLS agreed on
 * @key: master key, then master salt
 * @key_size: bytes of @key
 *
 * Returns: (transfer full) (nullable): one direction of an association, %NULL
 *   where @key_size is not the profile's or OpenSSL lacks the cipher
 */
BifSrtp *
bif_srtp_new (BifSrtpProfile profile, const guint8 * key, gsize key_size)
{
  const BifSrtpSuite *suite = bif_srtp_suite (profile);
  BifSrtpKeys keys[2];
  BifSrtp *self = NULL;

  if (suite == NULL || key == NULL || key_size != suite->key + suite->salt)
    return NULL;

  if (bif_srtp_keys_derive (&keys[0], suite, key, BIF_SRTP_LABEL_RTP)
      && bif_srtp_keys_derive (&keys[1], suite, key, BIF_SRTP_LABEL_RTCP))
    self = bif_srtp_new_from_keys (profile, &keys[0], &keys[1]);
  OPENSSL_cleanse (keys, sizeof keys);

  return self;
}

/**
 * bif_srtp_free:
 * @self: (transfer full) (nullable): what bif_srtp_new() returned
 *
 * Wipes the keys and frees.
 */
void
bif_srtp_free (BifSrtp * self)
{
  if (self == NULL)
    return;
  /* These wipe the key schedules. */
  EVP_CIPHER_CTX_free (self->rtp.ctx);
  EVP_CIPHER_CTX_free (self->rtcp.ctx);
  OPENSSL_cleanse (self, sizeof *self);
  g_free (self);
}

/* RFC 3711, 4.1.1; @index has 48 bits, SRTCP's 31. */
static void
counter_iv (guint8 * iv, const Half * half, guint32 ssrc, guint64 index)
{
  memcpy (iv, half->salt, 16);
  bif_put_be32 (iv + 4, bif_get_be32 (iv + 4) ^ ssrc);
  bif_put_be64 (iv + 8, bif_get_be64 (iv + 8) ^ (index << 16));
}

/* RFC 7714, 8.1 and 9.1. */
static void
gcm_iv (guint8 * iv, const Half * half, guint32 ssrc, guint64 index)
{
  memcpy (iv, half->salt, 12);
  bif_put_be32 (iv + 2, bif_get_be32 (iv + 2) ^ ssrc);
  bif_put_be16 (iv + 6, bif_get_be16 (iv + 6) ^ (index >> 32 & 0xffff));
  bif_put_be32 (iv + 8, bif_get_be32 (iv + 8) ^ (index & G_MAXUINT32));
}

/* The cipher of the _CM_ profiles, either way. */
static gboolean
counter_crypt (const Half * half, guint32 ssrc, guint64 index, guint8 * out,
    const guint8 * in, gsize size)
{
  guint8 iv[16];
  int written;

  if (size == 0)
    return TRUE;
  counter_iv (iv, half, ssrc, index);
  return EVP_EncryptInit_ex (half->ctx, NULL, NULL, NULL, iv)
      && EVP_EncryptUpdate (half->ctx, out, &written, in, (int) size);
}

/* What a GCM packet has in the clear: a beginning and, on SRTCP, the word with
 * the index. */
typedef struct
{
  const guint8 *data;
  gsize size;
  const guint8 *word;           /* 4 bytes, or NULL */
} Clear;

static gboolean
gcm_aad (EVP_CIPHER_CTX * ctx, const Clear * clear)
{
  int n;

  return EVP_CipherUpdate (ctx, NULL, &n, clear->data, (int) clear->size)
      && (clear->word == NULL
      || EVP_CipherUpdate (ctx, NULL, &n, clear->word, 4));
}

/* The tag goes to @tag, which may not overlap @clear->word. */
static gboolean
gcm_seal (const Half * half, const guint8 * iv, const Clear * clear,
    guint8 * out, const guint8 * in, gsize size, guint8 * tag)
{
  int n;

  return EVP_EncryptInit_ex (half->ctx, NULL, NULL, NULL, iv)
      && gcm_aad (half->ctx, clear)
      && (size == 0 || EVP_EncryptUpdate (half->ctx, out, &n, in, (int) size))
      && EVP_EncryptFinal_ex (half->ctx, tag, &n)
      && EVP_CIPHER_CTX_ctrl (half->ctx, EVP_CTRL_AEAD_GET_TAG, 16, tag);
}

/* OpenSSL compares the tag in constant time; until it did, @out is only a
 * claim, so it is wiped where that was false. */
static gboolean
gcm_open (const Half * half, const guint8 * iv, const Clear * clear,
    guint8 * out, const guint8 * in, gsize size, const guint8 * tag)
{
  guint8 expected[16];
  int n;

  memcpy (expected, tag, sizeof expected);
  if (EVP_DecryptInit_ex (half->ctx, NULL, NULL, NULL, iv)
      && EVP_CIPHER_CTX_ctrl (half->ctx, EVP_CTRL_AEAD_SET_TAG, 16, expected)
      && gcm_aad (half->ctx, clear)
      && (size == 0 || EVP_DecryptUpdate (half->ctx, out, &n, in, (int) size))
      && EVP_DecryptFinal_ex (half->ctx, expected, &n) > 0)
    return TRUE;

  if (size > 0)
    memset (out, 0, size);
  return FALSE;
}

/* HMAC over @data and, where not NULL, the four bytes of @word. */
static void
sign (const Half * half, const guint8 * data, gsize size, const guint8 * word,
    guint8 * tag)
{
  SHA_CTX run;

  bif_hmac_begin (&half->hmac, &run);
  bif_hmac_update (&run, data, size);
  if (word != NULL)
    bif_hmac_update (&run, word, 4);
  bif_hmac_end (&half->hmac, &run, tag);
}

/**
 * bif_srtp_protect:
 * @self: the sending direction
 * @packet: a finished RTP header of @header_size bytes, and room
 * @header_size: bytes of it, at least 12
 * @payload: clear payload, elsewhere or right behind the header
 * @payload_size: bytes of it
 * @roc: roll-over counter of the header's sequence number
 *
 * Never call it with two payloads for the same SSRC, sequence number and
 * roll-over counter.
 *
 * Returns: bytes of the whole protected packet, 0 where OpenSSL fails
 */
gsize
bif_srtp_protect (BifSrtp * self, guint8 * packet, gsize header_size,
    const guint8 * payload, gsize payload_size, guint32 roc)
{
  const Half *half = &self->rtp;
  guint32 ssrc = bif_get_be32 (packet + 8);
  guint64 index = (guint64) roc << 16 | bif_get_be16 (packet + 2);
  guint8 *out = packet + header_size;
  guint8 *tag = out + payload_size;
  guint8 scratch[16], full[BIF_HMAC_SIZE];

  if (self->suite->aead) {
    Clear clear = { packet, header_size, NULL };

    gcm_iv (scratch, half, ssrc, index);
    if (!gcm_seal (half, scratch, &clear, out, payload, payload_size, tag))
      return 0;
  } else {
    if (!counter_crypt (half, ssrc, index, out, payload, payload_size))
      return 0;
    bif_put_be32 (scratch, roc);
    sign (half, packet, header_size + payload_size, scratch, full);
    memcpy (tag, full, self->suite->tag);
  }

  return header_size + payload_size + self->suite->tag;
}

/* RFC 3711, 3.3.1. There is no index below 0, so that with a counter of 0 a
 * number far above the highest is a leap ahead. */
static guint64
guess_index (const BifSrtpStream * stream, guint16 sequence)
{
  guint32 roc = stream->roc;

  if (!stream->started)
    return (guint64) roc << 16 | sequence;

  if (stream->highest < 0x8000) {
    if (sequence - stream->highest > 0x8000 && roc > 0)
      roc--;
  } else if (stream->highest - 0x8000 > sequence) {
    roc++;                      /* wraps once in 2^48 packets: all replays */
  }

  return (guint64) roc << 16 | sequence;
}

static gboolean
stream_has (const BifSrtpStream * stream, guint64 index)
{
  guint64 highest = (guint64) stream->roc << 16 | stream->highest;

  return stream->started && index <= highest
      && window_has (stream->window, highest - index);
}

static void
stream_add (BifSrtpStream * stream, guint64 index)
{
  guint64 highest = (guint64) stream->roc << 16 | stream->highest;

  if (stream->started && index <= highest) {
    window_set (stream->window, highest - index);
    return;
  }

  window_advance (stream->window, stream->started ? index - highest : WINDOW);
  stream->started = TRUE;
  stream->roc = (guint32) (index >> 16);
  stream->highest = index & 0xffff;
}

/**
 * bif_srtp_unprotect:
 * @self: the receiving direction
 * @stream: what is known of the packet's SSRC
 * @packet: a protected packet
 * @size: bytes of it
 * @header_size: bytes of header, as bif_rtp_parse() found it
 * @payload: (out): where the clear payload goes, elsewhere or right behind the
 *   header; may have been written to even where the packet is refused
 *
 * Returns: bytes of clear payload, or %BIF_SRTP_BAD_TAG or %BIF_SRTP_REPLAYED
 */
gssize
bif_srtp_unprotect (BifSrtp * self, BifSrtpStream * stream,
    const guint8 * packet, gsize size, gsize header_size, guint8 * payload)
{
  const Half *half = &self->rtp;
  gsize tag_size = self->suite->tag;
  guint8 scratch[16], full[BIF_HMAC_SIZE];
  const guint8 *in, *tag;
  guint32 ssrc;
  guint64 index;
  gsize n;

  if (size < RTP_HEADER || header_size < RTP_HEADER || header_size > size
      || size - header_size < tag_size)
    return BIF_SRTP_BAD_TAG;

  ssrc = bif_get_be32 (packet + 8);
  index = guess_index (stream, bif_get_be16 (packet + 2));
  if (stream_has (stream, index))
    return BIF_SRTP_REPLAYED;

  in = packet + header_size;
  n = size - header_size - tag_size;
  tag = in + n;
  if (self->suite->aead) {
    Clear clear = { packet, header_size, NULL };

    gcm_iv (scratch, half, ssrc, index);
    if (!gcm_open (half, scratch, &clear, payload, in, n, tag))
      return BIF_SRTP_BAD_TAG;
  } else {
    bif_put_be32 (scratch, (guint32) (index >> 16));
    sign (half, packet, header_size + n, scratch, full);
    if (CRYPTO_memcmp (full, tag, tag_size) != 0
        || !counter_crypt (half, ssrc, index, payload, in, n))
      return BIF_SRTP_BAD_TAG;
  }

  stream_add (stream, index);
  return (gssize) n;
}

/**
 * bif_srtcp_protect:
 * @self: the sending direction
 * @packet: a compound, and room for %BIF_SRTCP_MAX_OVERHEAD bytes more
 * @size: bytes of it
 *
 * The index is one for all SSRCs of a direction: it only has to grow.
 *
 * Returns: the new size, 0 where @packet is no compound, where 2^31 have been
 *   sent under this key, or where OpenSSL fails
 */
gsize
bif_srtcp_protect (BifSrtp * self, guint8 * packet, gsize size)
{
  const Half *half = &self->rtcp;
  guint32 index = self->index;
  guint8 *body = packet + RTCP_HEADER;
  guint8 iv[16], word[4], full[BIF_HMAC_SIZE];
  guint32 ssrc;

  if (size < RTCP_HEADER || index > INDEX_MAX)
    return 0;

  ssrc = bif_get_be32 (packet + 4);
  bif_put_be32 (word, index | ENCRYPTED);
  if (self->suite->aead) {
    Clear clear = { packet, RTCP_HEADER, word };

    gcm_iv (iv, half, ssrc, index);
    if (!gcm_seal (half, iv, &clear, body, body, size - RTCP_HEADER,
            packet + size))
      return 0;
    memcpy (packet + size + self->suite->rtcp_tag, word, 4);
  } else {
    if (!counter_crypt (half, ssrc, index, body, body, size - RTCP_HEADER))
      return 0;
    memcpy (packet + size, word, 4);
    sign (half, packet, size + 4, NULL, full);
    memcpy (packet + size + 4, full, self->suite->rtcp_tag);
  }

  self->index++;
  return size + 4 + self->suite->rtcp_tag;
}

static Sender *
find_sender (BifSrtp * self, guint32 ssrc)
{
  guint i;

  for (i = 0; i < SENDERS; i++) {
    if (self->senders[i].used != 0 && self->senders[i].ssrc == ssrc)
      return &self->senders[i];
  }
  return NULL;
}

static Sender *
take_sender (BifSrtp * self, guint32 ssrc)
{
  Sender *oldest = &self->senders[0];
  guint i;

  for (i = 1; i < SENDERS; i++) {
    if (self->senders[i].used < oldest->used)
      oldest = &self->senders[i];
  }
  memset (oldest, 0, sizeof *oldest);
  oldest->ssrc = ssrc;

  return oldest;
}

static gboolean
sender_has (const Sender * sender, guint32 index)
{
  return sender != NULL && index <= sender->highest
      && window_has (sender->window, sender->highest - index);
}

static void
add_index (BifSrtp * self, Sender * sender, guint32 ssrc, guint32 index)
{
  if (sender == NULL)
    sender = take_sender (self, ssrc);

  if (sender->used != 0 && index <= sender->highest) {
    window_set (sender->window, sender->highest - index);
  } else {
    window_advance (sender->window,
        sender->used != 0 ? index - sender->highest : WINDOW);
    sender->highest = index;
  }
  sender->used = ++self->used;
}

/* @packet begins with @size bytes of compound; opens them in place. */
static gboolean
open_rtcp (const Half * half, const BifSrtpSuite * suite, guint8 * packet,
    gsize size, guint32 word)
{
  guint32 ssrc = bif_get_be32 (packet + 4);
  guint32 index = word & INDEX_MAX;
  gboolean encrypted = (word & ENCRYPTED) != 0;
  gsize clear_size = encrypted ? RTCP_HEADER : size;
  guint8 *body = packet + clear_size;
  guint8 iv[16], full[BIF_HMAC_SIZE];

  if (suite->aead) {
    Clear clear = { packet, clear_size, packet + size + suite->rtcp_tag };

    gcm_iv (iv, half, ssrc, index);
    return gcm_open (half, iv, &clear, body, body, size - clear_size,
        packet + size);
  }

  sign (half, packet, size + 4, NULL, full);
  return CRYPTO_memcmp (full, packet + size + 4, suite->rtcp_tag) == 0
      && counter_crypt (half, ssrc, index, body, body, size - clear_size);
}

/**
 * bif_srtcp_unprotect:
 * @self: the receiving direction
 * @packet: a protected compound; damaged where it is refused
 * @size: bytes of it
 *
 * Packets that are authentic but not encrypted (no E flag) are taken.
 *
 * Returns: the compound's size, or %BIF_SRTP_BAD_TAG or %BIF_SRTP_REPLAYED
 */
gssize
bif_srtcp_unprotect (BifSrtp * self, guint8 * packet, gsize size)
{
  gsize tag_size = self->suite->rtcp_tag;
  Sender *sender;
  guint32 word, ssrc;
  gsize n;

  if (size < RTCP_HEADER + 4 + tag_size)
    return BIF_SRTP_BAD_TAG;

  n = size - 4 - tag_size;
  word = bif_get_be32 (packet + n + (self->suite->aead ? tag_size : 0));
  ssrc = bif_get_be32 (packet + 4);
  sender = find_sender (self, ssrc);
  if (sender_has (sender, word & INDEX_MAX))
    return BIF_SRTP_REPLAYED;

  if (!open_rtcp (&self->rtcp, self->suite, packet, n, word))
    return BIF_SRTP_BAD_TAG;

  add_index (self, sender, ssrc, word & INDEX_MAX);
  return (gssize) n;
}
