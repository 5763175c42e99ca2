/* stun-write: writes STUN Binding messages. Runs on the I/O threads; the bytes
 * are the caller's. */
#include "packet/stun.h"

#include <string.h>
#include "packet/bytes.h"
#include "packet/hmac.h"
#include "packet/stun-internal.h"

/* What MESSAGE-INTEGRITY and FINGERPRINT take, which every message must leave
 * free. */
#define TAIL (4 + BIF_HMAC_SIZE + 8)

typedef struct
{
  guint8 *out;
  gsize size;
  gboolean full;                /* something did not fit */
} Writer;

static Writer
begin (guint8 * out, BifStunType type, const guint8 * transaction)
{
  Writer writer = { out, BIF_STUN_HEADER, FALSE };

  bif_put_be16 (out, type);
  bif_put_be16 (out + 2, 0);
  bif_put_be32 (out + 4, BIF_STUN_COOKIE);
  memcpy (out + 8, transaction, BIF_STUN_TRANSACTION_SIZE);
  return writer;
}

/* Room for a value of @size bytes, zeroed with its padding; NULL where there
 * is not enough. */
static guint8 *
append (Writer * writer, guint16 type, gsize size, gsize reserve)
{
  gsize padded = (size + 3) & ~(gsize) 3;
  guint8 *p = writer->out + writer->size;

  if (writer->full
      || padded + 4 + reserve > BIF_STUN_MAX_SIZE - writer->size) {
    writer->full = TRUE;
    return NULL;
  }
  bif_put_be16 (p, type);
  bif_put_be16 (p + 2, (guint16) size);
  memset (p + 4, 0, padded);
  writer->size += 4 + padded;
  bif_put_be16 (writer->out + 2, (guint16) (writer->size - BIF_STUN_HEADER));
  return p + 4;
}

static void
append_bytes (Writer * writer, guint16 type, const void *data, gsize size)
{
  guint8 *p = append (writer, type, size, TAIL);

  if (p != NULL && size > 0)
    memcpy (p, data, size);
}

static void
append_address (Writer * writer, const BifAddress * address)
{
  gboolean v4 = address->any.sa_family == AF_INET;
  const guint8 *mask = writer->out + 4; /* cookie, transaction */
  const guint8 *ip = v4 ? (const guint8 *) &address->v4.sin_addr
      : (const guint8 *) &address->v6.sin6_addr;
  gsize n = v4 ? 4 : 16;
  guint8 value[20] = { 0 };
  gsize i;

  value[1] = v4 ? 1 : 2;
  bif_put_be16 (value + 2,
      bif_address_port (address) ^ (BIF_STUN_COOKIE >> 16));
  for (i = 0; i < n; i++)
    value[4 + i] = ip[i] ^ mask[i];
  append_bytes (writer, BIF_STUN_ATTR_XOR_MAPPED_ADDRESS, value, 4 + n);
}

/* Signs, stamps, and returns the size; 0 where something did not fit. */
static gsize
finish (Writer * writer, const char *password)
{
  gsize end;
  guint8 *p;

  if (writer->full)
    return 0;
  if (password != NULL) {
    end = writer->size;
    p = append (writer, BIF_STUN_ATTR_MESSAGE_INTEGRITY, BIF_HMAC_SIZE, 8);
    bif_stun_sign (writer->out, end, password, p);
  }
  end = writer->size;
  p = append (writer, BIF_STUN_ATTR_FINGERPRINT, 4, 0);
  bif_put_be32 (p, bif_stun_crc32 (writer->out, end)
      ^ BIF_STUN_FINGERPRINT_XOR);
  return writer->size;
}

/**
 * bif_stun_write_request:
 * @out: room for %BIF_STUN_MAX_SIZE bytes
 * @transaction: %BIF_STUN_TRANSACTION_SIZE random bytes
 * @request: what the check carries
 *
 * Returns: the size, 0 where the username is too long for it
 */
gsize
bif_stun_write_request (guint8 * out, const guint8 * transaction,
    const BifStunRequest * request)
{
  Writer writer = begin (out, BIF_STUN_BINDING_REQUEST, transaction);
  guint8 value[8];

  if (request->username != NULL)
    append_bytes (&writer, BIF_STUN_ATTR_USERNAME, request->username,
        strlen (request->username));

  bif_put_be32 (value, request->priority);
  append_bytes (&writer, BIF_STUN_ATTR_PRIORITY, value, 4);
  if (request->role != BIF_STUN_ROLE_NONE) {
    bif_put_be64 (value, request->tie_breaker);
    append_bytes (&writer, request->role == BIF_STUN_ROLE_CONTROLLING
        ? BIF_STUN_ATTR_ICE_CONTROLLING : BIF_STUN_ATTR_ICE_CONTROLLED,
        value, 8);
  }
  if (request->use_candidate)
    append_bytes (&writer, BIF_STUN_ATTR_USE_CANDIDATE, NULL, 0);

  return finish (&writer, request->password);
}

/**
 * bif_stun_write_response:
 * @out: room for %BIF_STUN_MAX_SIZE bytes
 * @transaction: the request's
 * @mapped: where the request came from, IPv4 or IPv6
 * @password: (nullable): signs the response
 *
 * Returns: the size
 */
gsize
bif_stun_write_response (guint8 * out, const guint8 * transaction,
    const BifAddress * mapped, const char *password)
{
  Writer writer = begin (out, BIF_STUN_BINDING_RESPONSE, transaction);

  append_address (&writer, mapped);
  return finish (&writer, password);
}

static const char *
reason (guint code)
{
  switch (code) {
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthenticated";
    case 420:
      return "Unknown Attribute";
    case 487:
      return "Role Conflict";
    case 500:
      return "Server Error";
    default:
      return "";
  }
}

/**
 * bif_stun_write_error:
 * @out: room for %BIF_STUN_MAX_SIZE bytes
 * @transaction: the request's
 * @code: 300 to 699
 * @unknown: the attribute that was not understood, 0 for none
 * @password: (nullable): signs the response
 *
 * Returns: the size
 */
gsize
bif_stun_write_error (guint8 * out, const guint8 * transaction, guint code,
    guint16 unknown, const char *password)
{
  Writer writer = begin (out, BIF_STUN_BINDING_ERROR, transaction);
  const char *text = reason (code);
  guint8 value[32] = { 0 };
  gsize n = strlen (text);

  value[2] = code / 100;
  value[3] = code % 100;
  memcpy (value + 4, text, n);
  append_bytes (&writer, BIF_STUN_ATTR_ERROR_CODE, value, 4 + n);
  if (unknown != 0) {
    bif_put_be16 (value, unknown);
    append_bytes (&writer, BIF_STUN_ATTR_UNKNOWN_ATTRIBUTES, value, 2);
  }
  return finish (&writer, password);
}

/**
 * bif_stun_write_probe:
 * @out: room for %BIF_STUN_MAX_SIZE bytes
 * @transaction: %BIF_STUN_TRANSACTION_SIZE random bytes
 *
 * Returns: the size
 */
gsize
bif_stun_write_probe (guint8 * out, const guint8 * transaction)
{
  Writer writer = begin (out, BIF_STUN_BINDING_REQUEST, transaction);

  return finish (&writer, NULL);
}
