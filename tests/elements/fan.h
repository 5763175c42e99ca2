/* fan.h: one played publisher of video and several played subscribers on one
 * mux, over real sockets: what the tests of hard times share. Every packet
 * carries its number, counted from 0. One thread, the test's. */
#pragma once

#include "peer.h"

G_BEGIN_DECLS

#define FAN_SUBSCRIBERS 3
#define FAN_IN_SSRC 0x11111111
#define FAN_OUT_SSRC 0x22222222
#define FAN_RTX_SSRC 0x33333333
#define FAN_PT 96
#define FAN_PACKETS 4096        /* most that a test sends */
/* Subscriber 1 takes retransmissions on an SSRC of their own. */
#define FAN_WITH_RTX 1

typedef struct
{
  Peer peer;
  GObject *sender;
  GstElement *relay;
  guint seen[FAN_PACKETS];      /* how often each number came */
  guint n_seen;                 /* different ones */
  guint number;                 /* the last that came */
  guint16 sequence;             /* of the stream, as sent first */
} FanSubscriber;

typedef struct
{
  Peer peer;                    /* the publisher, who owns the mux */
  GObject *receiver;
  Rtp rtp;                      /* of the next packet */
  guint8 payload[200];
  guint number;                 /* of the next packet */
  FanSubscriber subscriber[FAN_SUBSCRIBERS];
} Fan;

void fan_set_up (Fan * fan, gconstpointer data);
void fan_tear_down (Fan * fan, gconstpointer data);

/* ---- the publisher ---- */

/* Writes the next packet into @out, or sends it. Only the first is a keyframe,
 * or what fan_set_keyframe() says. */
gsize fan_write (Fan * fan, guint8 * out);
void fan_send (Fan * fan);
void fan_set_keyframe (Fan * fan, gboolean keyframe);
/* The next packet's sequence number is @n further on. */
void fan_skip (Fan * fan, guint n);
/* Whatever was sent before has been relayed when this returns. */
void fan_sync (Fan * fan);

/* ---- a subscriber ---- */

/* Waits for RTP, and notes which packet it is. */
void fan_take (FanSubscriber * subscriber);
/* The same, once it was received. */
void fan_note (FanSubscriber * subscriber);
/* Reads what is there. Returns how many packets. */
guint fan_drain (FanSubscriber * subscriber);
void fan_nack (FanSubscriber * subscriber, const guint16 * sequences, guint n);

/* Sends @n packets; every subscriber from @first on gets each, in order. */
void fan_pass (Fan * fan, guint n, guint first);

G_END_DECLS
