/* Garbage at the media port while an echo runs: the echo goes on. */

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import dgram from 'node:dgram';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { random, withVictim } from './hostile.mjs';
import { attached } from './recorded.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const packets = 20000;
const growthKilobytes = 32 * 1024;

/* A binding request of the call's user names, signed with a wrong key. */
function stun(username, next) {
  const name = Buffer.from(username);
  const padded = Buffer.alloc((name.length + 3) & ~3);
  name.copy(padded);
  const attribute = (type, value, size = value.length) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(type, 0);
    head.writeUInt16BE(size, 2);
    return Buffer.concat([head, value]);
  };
  const body = Buffer.concat([
    attribute(0x0006, padded, name.length),
    attribute(0x0024, Buffer.from([0x6e, 0, 0xff, 0xff])),
    attribute(0x802a, Buffer.alloc(8, next(256))),
    attribute(0x0025, Buffer.alloc(0)),
    attribute(0x0008, crypto.randomBytes(20)),
  ]);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(1, 0);
  head.writeUInt16BE(body.length, 2);
  head.writeUInt32BE(0x2112a442, 4);
  crypto.randomFillSync(head, 8);
  const message = Buffer.concat([head, body]);
  return next(4) ? message : message.subarray(0, next(message.length));
}

function dtls(next) {
  const record = Buffer.concat([Buffer.from([20 + next(4), 0xfe, 0xfd, 0, 0,
    0, 0, 0, 0, 0, next(9), next(2) * next(256), next(256), 1, 0, 0, next(256),
    0, 0, 0, 0, 0, next(256)]), crypto.randomBytes(next(300))]);
  return record.subarray(0, 1 + next(record.length));
}

function rtp(next) {
  return Buffer.concat([Buffer.from([0x80 | next(64), next(256)]),
    crypto.randomBytes(next(1200))]);
}

function garbage(username, next) {
  switch (next(4)) {
    case 0:
      return stun(username, next);
    case 1:
      return dtls(next);
    case 2:
      return rtp(next);
    default:
      return crypto.randomBytes(next(1400));
  }
}

test('garbage at the media port', () =>
  withVictim({}, growthKilobytes, async (server, watch) => {
    const { client, handle } = await attached(server);
    const peer = new WrtcPeer();
    const { jsep } = await peer.call(client, handle);
    await client.event('webrtcup', handle);
    await peer.flows();
    const [, ip, port] = /a=candidate:\S+ 1 udp \d+ (\S+) (\d+)/
      .exec(jsep.sdp);
    const ufrag = (sdp) => /a=ice-ufrag:(\S+)/.exec(sdp)[1];
    const username = `${ufrag(jsep.sdp)}:` +
      ufrag(peer.pc.localDescription.sdp);

    await watch('garbage', async () => {
      const sockets = Array.from({ length: 4 }, () =>
        dgram.createSocket('udp4'));
      const next = random(42);
      let answers = 0;
      for (const socket of sockets)
        socket.on('message', () => answers++);
      const { audio, video } = peer.count;
      const from = performance.now();
      for (let i = 0; i < packets; i++) {
        sockets[i % sockets.length].send(garbage(username, next), Number(port),
          ip);
        if (i % 50 === 0)
          await setTimeout(1);
      }
      const seconds = (performance.now() - from) / 1000;
      const frames = (peer.count.video - video) / seconds;
      const sound = (peer.count.audio - audio) / seconds;
      console.log(`# ${packets} packets in ${seconds.toFixed(1)} s: ` +
        `${frames.toFixed(0)} frames/s, ${sound.toFixed(0)} sounds/s`);
      assert.equal(answers, 0, 'garbage was answered');
      for (const socket of sockets)
        socket.close();
    });
    await peer.flows(peer.count.video + 20);
    assert.equal(peer.pc.connectionState, 'connected');
    assert.ok(!client.events.some(({ janus }) => janus === 'hangup'));
    peer.close();
    await client.close();
  }));
