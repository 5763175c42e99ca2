/* transport-consent.c: whether the peer still wants what is sent (RFC 7675). A
 * full agent asks by a check on the path every five seconds or so; a lite one,
 * which asks nothing, listens for anything authentic. Without a word for the
 * time limit, sending stops. Timer thread and I/O threads, receive lock held. */
#include "transport.h"

#include <openssl/rand.h>
#include <string.h>

GST_DEBUG_CATEGORY_EXTERN (bif_transport_debug);
#define GST_CAT_DEFAULT bif_transport_debug

/* Questions in a time limit; each goes out once, with a transaction of its
 * own. */
#define QUESTIONS 6

static gboolean
is_asking (const BifIce * ice)
{
  return !ice->lite && ice->consent.limit_us != 0;
}

/* A question every sixth of the limit, give or take a fifth of that, so that
 * peers do not fall into step. */
static gint64
next_question (const BifConsent * consent, gint64 now_us)
{
  gint64 interval_us = consent->limit_us / QUESTIONS;

  return now_us + interval_us * g_random_int_range (800, 1200) / 1000;
}

void
bif_consent_begin (BifRtcTransport * self, gint64 now_us)
{
  BifIce *ice = &self->ice;
  BifConsent *consent = &ice->consent;

  consent->n = 0;
  consent->given_us = now_us;
  consent->question_us = is_asking (ice) ? next_question (consent, now_us) :
      G_MAXINT64;
  bif_transport_schedule (self, is_asking (ice) ? consent->question_us :
      now_us);
}

gboolean
bif_consent_is_answer (BifRtcTransport * self, const BifPath * path,
    const BifStunMessage * message)
{
  const BifConsent *consent = &self->ice.consent;
  guint32 random;

  memcpy (&random, message->transaction + sizeof self->serial, sizeof random);
  if (!bif_path_equal (path, &self->ice.path))
    return FALSE;
  for (guint i = 0; i < MIN (consent->n, BIF_CONSENT_QUESTIONS); i++) {
    if (consent->question[i] == random)
      return TRUE;
  }
  return FALSE;
}

void
bif_consent_answer (BifRtcTransport * self, const BifStunMessage * message)
{
  BifIce *ice = &self->ice;

  if (message->type != BIF_STUN_BINDING_RESPONSE
      || !bif_stun_verify (message, ice->path_remote.pwd))
    return;
  ice->heard_us = g_get_monotonic_time ();
  ice->consent.given_us = ice->heard_us;
}

static void
ask (BifRtcTransport * self, gint64 now_us, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  BifConsent *consent = &ice->consent;
  guint32 random;

  consent->question_us = next_question (consent, now_us);
  if (!bif_path_is_open (&ice->path))
    return;
  random = bif_ice_send_check (self, &ice->path, &ice->path_remote,
      ice->path_ufrag, FALSE, batch);
  if (random != 0)
    consent->question[consent->n++ % BIF_CONSENT_QUESTIONS] = random;
}

static void
lose (BifRtcTransport * self)
{
  GST_INFO_OBJECT (self, "the peer is not heard of any more");
  bif_ice_close_path (self);
  bif_ice_fail (self);
}

gint64
bif_consent_tick (BifRtcTransport * self, gint64 now_us, BifBatch * batch)
{
  BifIce *ice = &self->ice;
  BifConsent *consent = &ice->consent;
  gint64 limit_us = consent->limit_us != 0 ? consent->limit_us :
      BIF_CONSENT_LIMIT_S * G_USEC_PER_SEC;
  gint64 since_us = is_asking (ice) ? consent->given_us :
      MAX (consent->given_us, ice->heard_us);

  if (now_us - since_us >= limit_us) {
    lose (self);
    return G_MAXINT64;
  }
  if (!is_asking (ice))
    return since_us + limit_us;
  if (now_us >= consent->question_us)
    ask (self, now_us, batch);
  return MIN (consent->question_us, since_us + limit_us);
}

void
bif_random_bytes (gpointer out, gsize size)
{
  /* Fails only where the system has no randomness, and nothing is safe. */
  if (RAND_bytes (out, (int) size) != 1)
    g_error ("no random bytes");
}
