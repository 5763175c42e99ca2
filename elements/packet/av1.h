/* av1.h: AV1 in RTP (AV1 RTP specification, 4): temporal units out of payloads,
 * and payloads out of temporal units. Plain structs over bytes; the owner's
 * thread. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* No temporal unit is larger: more is a mistake, or meant to do harm. */
#define BIF_AV1_MAX_UNIT (16 * 1024 * 1024)
#define BIF_LEB128_MAX 5

typedef enum
{
  BIF_AV1_SEQUENCE_HEADER = 1,
  BIF_AV1_TEMPORAL_DELIMITER = 2,
  BIF_AV1_FRAME_HEADER = 3,
  BIF_AV1_FRAME = 6,
  BIF_AV1_TILE_LIST = 8,
  BIF_AV1_PADDING = 15,
} BifAv1Type;

/**
 * BifAv1Obu: an open bitstream unit where it stands.
 * @header_size: bytes of header and extension, without the size field
 * @at, @size: of its content, from its first byte on
 * @total: bytes of all of it
 */
typedef struct
{
  BifAv1Type type;
  gboolean has_extension, has_size;
  guint tid, sid;
  gsize header_size;
  gsize at, size, total;
} BifAv1Obu;

/* Numbers of up to 32 bits. Returns the bytes read; 0 where it is cut off or
 * larger. */
gsize bif_leb128_read (const guint8 * p, gsize size, guint32 * value);
gsize bif_leb128_write (guint8 * p, guint32 value);
gsize bif_leb128_size (guint32 value);

/* The unit at @p, which goes to the end where it has no size field. FALSE where
 * it is none. */
gboolean bif_av1_obu_read (BifAv1Obu * self, const guint8 * p, gsize size);

/**
 * BifAv1Depay: a temporal unit that grows; bif_av1_depay_init() it.
 * @unit: whole units with size fields, behind a temporal delimiter; empty: none
 * @fragment: of a unit that goes on in the next packet
 */
typedef struct
{
  GByteArray *unit, *fragment;
  gboolean open;
} BifAv1Depay;

void bif_av1_depay_init (BifAv1Depay * self);
void bif_av1_depay_clear (BifAv1Depay * self);
/* Forgets what there is of a temporal unit. */
void bif_av1_depay_reset (BifAv1Depay * self);
/* The next payload. FALSE where something before it is missing, or it is
 * broken: what there is then is not whole. */
gboolean bif_av1_depay_take (BifAv1Depay * self, const guint8 * payload,
    gsize size);
/* Something is there, and nothing of it is open. */
gboolean bif_av1_depay_is_whole (const BifAv1Depay * self);

/**
 * BifAv1Pay: a temporal unit that is cut into payloads; bif_av1_pay_init() it.
 */
typedef struct
{
  GByteArray *data;             /* units without their size fields */
  GArray *sizes;                /* of guint32: of each unit */
  gsize at;                     /* in data */
  guint next;                   /* in sizes */
  guint32 done;                 /* of the next one */
  gboolean starts, first;
} BifAv1Pay;

void bif_av1_pay_init (BifAv1Pay * self);
void bif_av1_pay_clear (BifAv1Pay * self);
/* Takes a temporal unit of units with size fields. @header: (nullable): units
 * that go before it; @starts: it begins a coded video sequence. FALSE where it
 * is broken, or has nothing to send. */
gboolean bif_av1_pay_take (BifAv1Pay * self, const guint8 * header,
    gsize header_size, const guint8 * unit, gsize size, gboolean starts);
/* Writes the next payload of at most @room bytes, 8 or more, into @out. Returns
 * its size; 0: there is no more. */
gsize bif_av1_pay_next (BifAv1Pay * self, guint8 * out, gsize room);
/* Whether the payload that was written last is the last. */
gboolean bif_av1_pay_is_done (const BifAv1Pay * self);

G_END_DECLS
