/* Connections that misbehave: slow ones, huge ones, silent ones, frames that
   are none, clients that never read. */

import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { random, withVictim } from './hostile.mjs';
import { until } from './server.mjs';

const growthKilobytes = 64 * 1024;
const idle = 2000;
const megabyte = 1024 * 1024;

function connect(port) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  socket.on('error', () => { });
  socket.closed_ = new Promise((resolve) => socket.on('close', resolve));
  socket.heard = Buffer.alloc(0);
  socket.on('data', (part) => {
    socket.heard = Buffer.concat([socket.heard, part]).subarray(-4 * megabyte);
  });
  return socket;
}

const upgrade = (port) => 'GET / HTTP/1.1\r\n' +
  `Host: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Key: ${crypto.randomBytes(16).toString('base64')}\r\n` +
  'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: janus-protocol\r\n';

/* A WebSocket without a library; its bytes are ours to choose. */
async function openRaw(server) {
  const socket = connect(server.port.ws);
  socket.write(`${upgrade(server.port.ws)}\r\n`);
  await until('a handshake', () => socket.closed ||
    socket.heard.includes('\r\n\r\n'));
  assert.match(socket.heard.toString('latin1'), /^HTTP\/1.1 101/);
  socket.heard = Buffer.alloc(0);
  return socket;
}

/* first: FIN, reserved bits, opcode; size is what the header says. */
function frame(first, payload, { size = payload.length, masked = true,
  form } = {}) {
  const form_ = form ?? (size < 126 ? 7 : size < 65536 ? 16 : 64);
  const head = [Buffer.from([first, (masked ? 0x80 : 0) |
    (form_ === 7 ? size : form_ === 16 ? 126 : 127)])];
  if (form_ === 16)
    head.push(Buffer.from([size >> 8, size & 255]));
  if (form_ === 64) {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64BE(BigInt(size));
    head.push(wide);
  }
  if (masked)
    head.push(Buffer.alloc(4));
  return Buffer.concat([...head, payload]);
}

const ping = Buffer.from('{"janus":"ping","transaction":"raw"}');

async function closes(what, socket, timeoutMs = 15000) {
  const late = setTimeout(timeoutMs, 'late', { ref: false });
  assert.notEqual(await Promise.race([socket.closed_, late]), 'late',
    `${what}: still open`);
}

const badFrames = {
  'no mask': frame(0x81, ping, { masked: false }),
  'a reserved bit': frame(0xc1, ping),
  'a reserved opcode': frame(0x83, ping),
  'a reserved control opcode': frame(0x8b, ping),
  'a long ping': frame(0x89, Buffer.alloc(126)),
  'a ping in pieces': frame(0x09, ping),
  'a continuation of nothing': frame(0x80, ping),
  'text within text': Buffer.concat([frame(0x01, ping), frame(0x81, ping)]),
  'a terabyte': frame(0x81, ping, { size: 2 ** 40 }),
  'the top bit of the size': frame(0x81, ping,
    { size: 2n ** 63n + 5n, form: 64 }),
  'two megabytes': frame(0x81, Buffer.alloc(2 * megabyte)),
  'two megabytes in pieces': Buffer.concat([frame(0x01, Buffer.alloc(8)),
    ...Array.from({ length: 32 }, () => frame(0x00, Buffer.alloc(65536)))]),
};

async function sendBadFrames(server) {
  for (const [name, bytes] of Object.entries(badFrames)) {
    const socket = await openRaw(server);
    socket.write(bytes);
    await closes(name, socket);
    assert.ok(!socket.heard.includes('pong'), `${name}: answered`);
  }
  /* Sizes in longer forms than they need, and pieces, are fine. */
  const socket = await openRaw(server);
  socket.write(frame(0x81, ping, { form: 16 }));
  socket.write(frame(0x81, ping, { form: 64 }));
  for (const byte of frame(0x01, ping.subarray(0, 10)))
    socket.write(Buffer.from([byte]));
  socket.write(frame(0x80, ping.subarray(10)));
  await until('three answers', () =>
    socket.heard.toString('latin1').split('"pong"').length === 4);
  socket.destroy();
}

async function sendNoise(server) {
  for (let seed = 0; seed < 200; seed++) {
    const next = random(seed);
    const noise = Buffer.from(Array.from({ length: 200 }, () => next(256)));
    const socket = seed % 2 ? await openRaw(server) :
      connect(seed % 4 ? server.port.http : server.port.ws);
    socket.end(noise);
    await closes(`noise ${seed}`, socket);
  }
}

/* Headers and bodies that come byte by byte. */
async function trickleRequests(server) {
  const sockets = Array.from({ length: 60 }, (_, i) => {
    const socket = connect(i % 2 ? server.port.http : server.port.ws);
    const text = `POST /janus HTTP/1.1\r\nHost: x\r\nX-Long: ${'y'.repeat(99)}` +
      `\r\nContent-Length: ${ping.length}\r\n\r\n${ping}`;
    socket.text = i % 4 < 2 ? text : upgrade(server.port.ws);
    if (i % 4 === 1) {
      socket.write(text.slice(0, -20));
      socket.text = text.slice(-20);
    }
    return socket;
  });
  for (let at = 0; at < 30; at++) {
    for (const socket of sockets)
      if (!socket.destroyed && at < socket.text.length)
        socket.write(socket.text[at]);
    await setTimeout(50);
  }
  const answered = sockets.filter((socket) =>
    socket.heard.includes('"pong"')).length;
  assert.equal(answered, 15, 'slow bodies that were answered');
  sockets.forEach((socket) => socket.destroy());
}

async function sendHugeBodies(server) {
  const post = 'POST /janus HTTP/1.1\r\nHost: x\r\n';
  const sizes = { 'a length': `${post}Content-Length: ${64 * 65536}\r\n\r\n`,
    'chunks': `${post}Transfer-Encoding: chunked\r\n\r\n` };
  /* Said to be huge, and then not sent: costs a connection and no more. */
  const liar = connect(server.port.http);
  liar.write(`${post}Content-Length: 1000000000000\r\n\r\n${ping}`);
  for (const [name, head] of Object.entries(sizes)) {
    const socket = connect(server.port.http);
    socket.write(head);
    const part = Buffer.alloc(65536, 'x');
    for (let i = 0; i < 64 && !socket.destroyed; i++) {
      if (name === 'chunks')
        socket.write('10000\r\n');
      socket.write(part);
      if (name === 'chunks')
        socket.write('\r\n');
      await setTimeout(1);
    }
    if (!socket.destroyed && name === 'chunks')
      socket.write('0\r\n\r\n');
    await until(`${name}: an answer or an end`, () => socket.destroyed ||
      socket.heard.length > 0);
    if (socket.heard.length > 0)
      assert.match(socket.heard.toString('latin1'), /^HTTP\/1.1 413/, name);
    socket.destroy();
  }
  liar.destroy();
}

/* Half a handshake, a whole one, or nothing: and not a word more. */
async function stayIdle(server) {
  const sockets = [];
  for (let i = 0; i < idle; i++) {
    const socket = connect(i % 3 ? server.port.ws : server.port.http);
    if (i % 3 === 1)
      socket.write(`${upgrade(server.port.ws)}\r\n`);
    else if (i % 3 === 2)
      socket.write(upgrade(server.port.ws));
    sockets.push(socket);
    if (i % 50 === 0)
      await setTimeout(5);
  }
  await until('handshakes', () => sockets.filter((socket) =>
    socket.heard.includes(' 101 ')).length >= 500 * 0.9);
  const one = await openRaw(server).catch(() => null);
  one?.destroy();
  sockets.forEach((socket) => socket.destroy());
  await Promise.all(sockets.map((socket) => socket.closed_));
  const { files } = server.usage();
  await until('connections that are let go of', () =>
    server.usage().files < 100);
  console.log(`# ${files} files behind ${idle} connections`);
  (await openRaw(server)).destroy();
}

/* Asks without end, and never reads: it must be let go of. */
async function neverRead(server) {
  const socket = await openRaw(server);
  socket.pause();
  const many = Buffer.concat(Array.from({ length: 200 }, () =>
    frame(0x81, Buffer.from('{"janus":"info","transaction":"x"}'))));
  let sent = 0;
  while (!socket.destroyed && sent < 2000) {
    sent++;
    if (!socket.write(many))
      await Promise.race([once(socket, 'drain').catch(() => { }),
        socket.closed_, setTimeout(500)]);
  }
  console.log(`# let go of after ${sent * 200} requests`);
  assert.ok(socket.destroyed, 'a client that never reads is kept');
}

test('connections that misbehave', () =>
  withVictim({}, growthKilobytes, async (server, watch) => {
    await watch('bad frames', () => sendBadFrames(server));
    await watch('noise', () => sendNoise(server));
    await watch('slow requests', () => trickleRequests(server));
    await watch('huge bodies', () => sendHugeBodies(server));
    await watch('idle connections', () => stayIdle(server));
    await watch('a client that never reads', () => neverRead(server));
  }));
