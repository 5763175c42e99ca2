/* stun: reads STUN Binding messages. Runs on the I/O threads, on bytes from
 * anybody: every length is checked against the datagram before its use.
 *
 * Plain values; nothing is allocated. */
#include "packet/stun.h"

#include <string.h>
#include <openssl/crypto.h>
#include "packet/bytes.h"
#include "packet/hmac.h"
#include "packet/stun-internal.h"

/* One attribute, its value within the message. */
typedef struct
{
  guint16 type;
  const guint8 *value;
  gsize size;
  gsize offset;                 /* of its header */
  gsize next;                   /* offset behind its padding */
} Attribute;

guint32
bif_stun_crc32 (const guint8 * data, gsize size)
{
  /* Half a byte a step: messages are short, and so is the table. */
  static const guint32 table[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
    0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
    0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
  };
  guint32 crc = 0xffffffff;
  gsize i;

  for (i = 0; i < size; i++) {
    crc ^= data[i];
    crc = crc >> 4 ^ table[crc & 15];
    crc = crc >> 4 ^ table[crc & 15];
  }
  return ~crc;
}

void
bif_stun_sign (const guint8 * data, gsize integrity, const char *password,
    guint8 * tag)
{
  guint8 length[2];
  BifHmac hmac;
  SHA_CTX run;

  bif_put_be16 (length, (guint16) (integrity + 24 - BIF_STUN_HEADER));
  bif_hmac_init (&hmac, (const guint8 *) password, strlen (password));
  bif_hmac_begin (&hmac, &run);
  bif_hmac_update (&run, data, 2);
  bif_hmac_update (&run, length, 2);
  bif_hmac_update (&run, data + 4, integrity - 4);
  bif_hmac_end (&hmac, &run, tag);
  bif_hmac_clear (&hmac);
}

/**
 * bif_stun_is_message:
 * @data: a datagram
 * @size: bytes of it
 *
 * Returns: whether it can be STUN: first two bits clear, magic cookie, and a
 *   length that fits exactly
 */
gboolean
bif_stun_is_message (const guint8 * data, gsize size)
{
  return size >= BIF_STUN_HEADER && data[0] < 4
      && bif_get_be32 (data + 4) == BIF_STUN_COOKIE
      && size % 4 == 0
      && bif_get_be16 (data + 2) == size - BIF_STUN_HEADER;
}

/* TRUE where @offset begins an attribute that fits. */
static gboolean
read_attribute (const BifStunMessage * message, gsize offset,
    Attribute * attribute)
{
  gsize left = message->size - offset;

  if (left < 4)
    return FALSE;

  attribute->offset = offset;
  attribute->type = bif_get_be16 (message->data + offset);
  attribute->size = bif_get_be16 (message->data + offset + 2);
  attribute->value = message->data + offset + 4;
  if (attribute->size > left - 4)
    return FALSE;

  /* The whole is a multiple of four, so the padding fits as well. */
  attribute->next = offset + 4 + ((attribute->size + 3) & ~(gsize) 3);
  return attribute->next <= message->size;
}

static void
read_username (BifStunMessage * message, const Attribute * attribute)
{
  const char *name = (const char *) attribute->value;
  const char *colon = memchr (name, ':', attribute->size);

  message->local_ufrag = name;
  message->local_ufrag_size = attribute->size;
  if (colon != NULL) {
    message->local_ufrag_size = colon - name;
    message->remote_ufrag = colon + 1;
    message->remote_ufrag_size = attribute->size - (colon + 1 - name);
  }
}

static gboolean
read_address (BifStunMessage * message, const Attribute * attribute,
    gboolean xored)
{
  const guint8 *value = attribute->value;
  guint8 mask[18] = { 0 };      /* of port and IP */
  guint8 *ip;
  gsize n, i;

  if (attribute->size < 4 || value[1] < 1 || value[1] > 2)
    return FALSE;
  n = value[1] == 1 ? 4 : 16;
  if (attribute->size != 4 + n)
    return FALSE;

  if (xored) {
    memcpy (mask, message->data + 4, 2);
    memcpy (mask + 2, message->data + 4, 16);   /* cookie, transaction */
  }
  memset (&message->mapped, 0, sizeof message->mapped);
  if (n == 4) {
    message->mapped.v4.sin_family = AF_INET;
    ip = (guint8 *) & message->mapped.v4.sin_addr;
  } else {
    message->mapped.v6.sin6_family = AF_INET6;
    ip = (guint8 *) & message->mapped.v6.sin6_addr;
  }
  for (i = 0; i < n; i++)
    ip[i] = value[4 + i] ^ mask[2 + i];

  i = g_htons ((value[2] ^ mask[0]) << 8 | (value[3] ^ mask[1]));
  if (n == 4)
    message->mapped.v4.sin_port = (guint16) i;
  else
    message->mapped.v6.sin6_port = (guint16) i;
  message->has_mapped = TRUE;
  return TRUE;
}

static gboolean
read_error (BifStunMessage * message, const Attribute * attribute)
{
  guint family, number;

  if (attribute->size < 4)
    return FALSE;
  family = attribute->value[2] & 7;
  number = attribute->value[3];
  if (family < 3 || family > 6 || number > 99)
    return FALSE;

  if (message->type == BIF_STUN_BINDING_ERROR)
    message->error_code = family * 100 + number;
  return TRUE;
}

static gboolean
read_role (BifStunMessage * message, const Attribute * attribute,
    BifStunRole role)
{
  if (attribute->size != 8)
    return FALSE;
  if (message->role != BIF_STUN_ROLE_NONE)
    return TRUE;                /* the first counts */
  message->role = role;
  message->tie_breaker = bif_get_be64 (attribute->value);
  return TRUE;
}

static gboolean
read_fingerprint (BifStunMessage * message, const Attribute * attribute)
{
  message->has_fingerprint = TRUE;
  message->fingerprint_valid = attribute->size == 4
      && attribute->next == message->size
      && bif_get_be32 (attribute->value) ==
      (bif_stun_crc32 (message->data, attribute->offset)
      ^ BIF_STUN_FINGERPRINT_XOR);
  return message->fingerprint_valid;
}

static gboolean
read_known (BifStunMessage * message, const Attribute * attribute,
    gboolean * xored)
{
  switch (attribute->type) {
    case BIF_STUN_ATTR_MESSAGE_INTEGRITY:
      message->integrity = attribute->offset;
      return attribute->size == BIF_HMAC_SIZE;
    case BIF_STUN_ATTR_USERNAME:
      if (message->local_ufrag == NULL)
        read_username (message, attribute);
      return TRUE;
    case BIF_STUN_ATTR_MAPPED_ADDRESS:
      return *xored || read_address (message, attribute, FALSE);
    case BIF_STUN_ATTR_XOR_MAPPED_ADDRESS:
      if (*xored)
        return TRUE;
      *xored = TRUE;
      return read_address (message, attribute, TRUE);
    case BIF_STUN_ATTR_PRIORITY:
      if (attribute->size != 4)
        return FALSE;
      message->priority = bif_get_be32 (attribute->value);
      return TRUE;
    case BIF_STUN_ATTR_USE_CANDIDATE:
      message->use_candidate = TRUE;
      return attribute->size == 0;
    case BIF_STUN_ATTR_ICE_CONTROLLED:
      return read_role (message, attribute, BIF_STUN_ROLE_CONTROLLED);
    case BIF_STUN_ATTR_ICE_CONTROLLING:
      return read_role (message, attribute, BIF_STUN_ROLE_CONTROLLING);
    case BIF_STUN_ATTR_ERROR_CODE:
      return read_error (message, attribute);
    case BIF_STUN_ATTR_UNKNOWN_ATTRIBUTES:
      return attribute->size % 2 == 0;
    case BIF_STUN_ATTR_REALM:
    case BIF_STUN_ATTR_NONCE:
      return TRUE;
    default:
      if (attribute->type < 0x8000 && message->unknown == 0)
        message->unknown = attribute->type;
      return TRUE;
  }
}

/**
 * bif_stun_parse:
 * @message: (out): what @data says; pointers are into it
 * @data: a datagram
 * @size: bytes of it
 *
 * Returns: %FALSE where @data is no sound Binding message
 */
gboolean
bif_stun_parse (BifStunMessage * message, const guint8 * data, gsize size)
{
  Attribute attribute;
  gboolean xored = FALSE;
  gsize offset;

  memset (message, 0, sizeof *message);
  if (!bif_stun_is_message (data, size)
      || (bif_get_be16 (data) & ~0x0110) != BIF_STUN_BINDING_REQUEST)
    return FALSE;

  message->type = bif_get_be16 (data);
  message->data = data;
  message->size = size;
  message->transaction = data + 8;

  for (offset = BIF_STUN_HEADER; offset < size; offset = attribute.next) {
    if (!read_attribute (message, offset, &attribute))
      return FALSE;
    if (attribute.type == BIF_STUN_ATTR_FINGERPRINT) {
      if (!read_fingerprint (message, &attribute))
        return FALSE;
    } else if (message->integrity == 0
        && !read_known (message, &attribute, &xored)) {
      return FALSE;
    }
  }
  return TRUE;
}

/**
 * bif_stun_verify:
 * @message: what bif_stun_parse() read; its bytes still have to be there
 * @password: (nullable): the short-term password
 *
 * Returns: whether MESSAGE-INTEGRITY is there and was made with @password
 */
gboolean
bif_stun_verify (const BifStunMessage * message, const char *password)
{
  guint8 tag[BIF_HMAC_SIZE];

  if (message->integrity == 0 || password == NULL)
    return FALSE;

  bif_stun_sign (message->data, message->integrity, password, tag);
  return CRYPTO_memcmp (tag, message->data + message->integrity + 4,
      sizeof tag) == 0;
}
