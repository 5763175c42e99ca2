/* stun.h: STUN messages as ICE uses them (RFC 8489, RFC 8445 section 16).
 * Plain values over the caller's bytes; nothing is allocated. */
#pragma once

#include <glib.h>
#include "packet/address.h"

G_BEGIN_DECLS

typedef enum
{
  BIF_STUN_BINDING_REQUEST = 0x0001,
  BIF_STUN_BINDING_INDICATION = 0x0011,
  BIF_STUN_BINDING_RESPONSE = 0x0101,
  BIF_STUN_BINDING_ERROR = 0x0111,
} BifStunType;

typedef enum
{
  BIF_STUN_ROLE_NONE,           /* no ICE-CONTROLLED, no ICE-CONTROLLING */
  BIF_STUN_ROLE_CONTROLLED,
  BIF_STUN_ROLE_CONTROLLING,
} BifStunRole;

#define BIF_STUN_TRANSACTION_SIZE 12
#define BIF_STUN_MAX_SIZE 548

/**
 * BifStunMessage: a parsed message; pointers are into the parsed bytes.
 * @local_ufrag: of USERNAME "local:remote", the receiver's part, up to the
 *   first colon; @remote_ufrag the rest. NULL where absent.
 * @integrity: offset of the MESSAGE-INTEGRITY attribute, 0 where absent.
 * @fingerprint_valid: FINGERPRINT was there, last, and right.
 * @unknown: first comprehension-required attribute (below 0x8000) that is not
 *   known, 0 for none
 */
typedef struct
{
  BifStunType type;
  const guint8 *data;
  gsize size;
  const guint8 *transaction;
  const char *local_ufrag;
  gsize local_ufrag_size;
  const char *remote_ufrag;
  gsize remote_ufrag_size;
  gsize integrity;
  gboolean has_fingerprint;
  gboolean fingerprint_valid;
  gboolean use_candidate;
  guint32 priority;
  BifStunRole role;
  guint64 tie_breaker;
  guint error_code;             /* of an error response, 0 otherwise */
  gboolean has_mapped;
  BifAddress mapped;            /* XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS */
  guint16 unknown;
} BifStunMessage;

/* Whether @data can be STUN: RFC 7983 first byte, length, magic cookie. */
gboolean bif_stun_is_message (const guint8 * data, gsize size);

/* Reads and bounds-checks everything. FALSE where malformed, where a
 * FINGERPRINT is wrong, or where the method is not Binding. Attributes behind
 * MESSAGE-INTEGRITY other than FINGERPRINT are ignored (RFC 8489, 14.5). */
gboolean bif_stun_parse (BifStunMessage * message, const guint8 * data,
    gsize size);

/* Constant-time check of MESSAGE-INTEGRITY with the short-term @password. */
gboolean bif_stun_verify (const BifStunMessage * message,
    const char *password);

/**
 * BifStunRequest: what a connectivity check carries (RFC 8445, 7.1).
 * @username: "remote-ufrag:local-ufrag"
 */
typedef struct
{
  const char *username;
  const char *password;
  guint32 priority;
  BifStunRole role;
  guint64 tie_breaker;
  gboolean use_candidate;
} BifStunRequest;

/* Writers: @out has BIF_STUN_MAX_SIZE bytes; all end in MESSAGE-INTEGRITY
 * (where @password is not NULL) and FINGERPRINT. They return the size. */
gsize bif_stun_write_request (guint8 * out, const guint8 * transaction,
    const BifStunRequest * request);
gsize bif_stun_write_response (guint8 * out, const guint8 * transaction,
    const BifAddress * mapped, const char *password);
/* @code: 400, 401, 420 (with @unknown), 487, ... */
gsize bif_stun_write_error (guint8 * out, const guint8 * transaction,
    guint code, guint16 unknown, const char *password);
/* A bare Binding request without credentials, for a STUN server. */
gsize bif_stun_write_probe (guint8 * out, const guint8 * transaction);

G_END_DECLS
