/* stun: fuzzes the STUN reader. */
#include "fuzz.h"
#include "packet/stun.h"

static gboolean
inside (const BifStunMessage * message, const void * data, gsize size)
{
  const guint8 *p = data;

  return p == NULL || (p >= message->data
      && p + size <= message->data + message->size);
}

int
LLVMFuzzerTestOneInput (const uint8_t * data, size_t size)
{
  BifStunMessage message;
  char text[BIF_ADDRESS_STRLEN];

  if (!bif_stun_parse (&message, data, size))
    return 0;

  g_assert_true (bif_stun_is_message (data, size));
  g_assert_true (inside (&message, message.local_ufrag,
          message.local_ufrag_size));
  g_assert_true (inside (&message, message.remote_ufrag,
          message.remote_ufrag_size));
  g_assert_cmpint (message.fingerprint_valid, ==, message.has_fingerprint);
  bif_stun_verify (&message, "VOkJxbRl1RmTxUk/WvJxBt");
  if (message.has_mapped) {
    bif_address_hash (&message.mapped);
    g_assert_cmpstr (bif_address_ip (&message.mapped, text), !=, "");
  }
  return 0;
}
