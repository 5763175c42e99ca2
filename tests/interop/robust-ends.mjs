/* Connections that never come to anything, and one whose client is gone: each
   ends by itself, in time, with the reason of the API, and leaves nothing. */

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import crypto from 'node:crypto';
import { once } from 'node:events';
import dgram from 'node:dgram';
import process from 'node:process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { roomy } from './hostile.mjs';
import { answerTo, attached } from './recorded.mjs';
import { until, withServer } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const limitMs = 60000 * roomy;

function attribute(type, value) {
  const bytes = Buffer.alloc(4 + ((value.length + 3) & ~3));
  bytes.writeUInt16BE(type, 0);
  bytes.writeUInt16BE(value.length, 2);
  value.copy(bytes, 4);
  return bytes;
}

/* A check that the server accepts. */
function check(username, password) {
  const body = Buffer.concat([
    attribute(0x0006, Buffer.from(username)),
    attribute(0x0024, Buffer.from([0x6e, 0, 0xff, 0xff])),
    attribute(0x802a, crypto.randomBytes(8)),
    attribute(0x0025, Buffer.alloc(0)),
  ]);
  const head = Buffer.alloc(20);
  head.writeUInt16BE(1, 0);
  head.writeUInt16BE(body.length + 24, 2);
  head.writeUInt32BE(0x2112a442, 4);
  crypto.randomFillSync(head, 8);
  const tag = crypto.createHmac('sha1', password)
    .update(Buffer.concat([head, body])).digest();
  return Buffer.concat([head, body, attribute(0x0008, tag)]);
}

const find = (sdp, pattern) => pattern.exec(sdp)[1];

/* Checks as a browser does, and takes no notice of DTLS. */
function deafClient(offer, answer) {
  const [, ip, port] = /a=candidate:\S+ 1 udp \d+ (\S+) (\d+)/i.exec(answer);
  const username = `${find(answer, /a=ice-ufrag:(\S+)/)}:` +
    find(offer, /a=ice-ufrag:(\S+)/);
  const socket = dgram.createSocket('udp4');
  const count = { checks: 0, dtls: 0 };
  socket.on('message', (data) => {
    if (data[0] >= 20 && data[0] <= 63)
      count.dtls++;
    else
      count.checks++;
  });
  const send = () => socket.send(
    check(username, find(answer, /a=ice-pwd:(\S+)/)), Number(port), ip);
  send();
  const timer = setInterval(send, 1000);
  return { count, close: () => {
    clearInterval(timer);
    socket.close();
  } };
}

async function hangup(client, handle, reason, from) {
  const event = await client.event('hangup', handle, limitMs);
  const seconds = (performance.now() - from) / 1000;
  console.log(`# ${event.reason} after ${seconds.toFixed(1)} s`);
  assert.equal(event.reason, reason);
  assert.ok(!client.events.some((other) => other.janus === 'detached'));
  return seconds;
}

/* Nobody ever checks, and nobody answers checks. */
async function iceNeverEnds(server) {
  const from = performance.now();
  const { client, handle } = await answerTo(server);
  client.send({ janus: 'trickle', transaction: 'trickle', handle_id: handle,
    session_id: client.session, candidate: { completed: true } });
  const keep = keepAlive(client);
  const seconds = await hangup(client, handle, 'ICE failed', from);
  assert.ok(!client.events.some(({ janus }) => janus === 'webrtcup'));
  clearInterval(keep);
  await client.close();
  return seconds;
}

async function dtlsNeverEnds(server) {
  const from = performance.now();
  const { client, handle } = await attached(server);
  const peer = new WrtcPeer({ video: false, data: false });
  const offer = await peer.pc.createOffer();
  /* the server begins */
  const sdp = offer.sdp.replace('a=setup:actpass', 'a=setup:passive');
  const { jsep } = await client.message(handle, { audio: true },
    { type: 'offer', sdp });
  const deaf = deafClient(sdp, jsep.sdp);
  const keep = keepAlive(client);
  const seconds = await hangup(client, handle, 'DTLS timeout', from);
  assert.ok(deaf.count.checks > 0, 'no check was answered');
  assert.ok(deaf.count.dtls > 1, 'no ClientHello came, or one only');
  assert.ok(!client.events.some(({ janus }) => janus === 'webrtcup'));
  deaf.close();
  peer.close();
  clearInterval(keep);
  await client.close();
  return seconds;
}

function keepAlive(client) {
  return setInterval(() => client.send({ janus: 'keepalive',
    session_id: client.session, transaction: 'keepalive' }), 10000);
}

/* A browser in a process of its own, which is killed: no alert, no BYE. */
async function vanishes(server) {
  const { client, handle } = await attached(server);
  const child = fork(fileURLToPath(import.meta.url), ['browser'],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const [sdp] = await once(child, 'message');
  const keep = keepAlive(client);
  const { jsep } = await client.message(handle, { audio: true },
    { type: 'offer', sdp });
  child.send(jsep);
  await client.event('webrtcup', handle);
  await client.event('media', handle);
  const from = performance.now();
  child.kill('SIGKILL');
  const seconds = await hangup(client, handle, 'ICE failed', from);
  clearInterval(keep);
  await client.close();
  return seconds;
}

async function browse() {
  const { pc } = new WrtcPeer({ video: false, data: false });
  const gathered = new Promise((resolve) => {
    pc.onicecandidate = ({ candidate }) => candidate ?? resolve();
  });
  await pc.setLocalDescription(await pc.createOffer());
  await gathered;
  process.send(pc.localDescription.sdp);
  const [answer] = await once(process, 'message');
  await pc.setRemoteDescription(answer);
}

async function endByThemselves() {
  await withServer({}, async (server) => {
    const { client } = await answerTo(server);
    await client.ask('destroy');
    await client.close();
    let base = server.usage();
    await until('a server at rest', () => {
      const now = server.usage();
      const rests = now.files === base.files && now.threads === base.threads;
      base = now;
      return rests;
    });
    const all = await Promise.all([iceNeverEnds(server),
      dtlsNeverEnds(server), vanishes(server)]);
    for (const seconds of all)
      assert.ok(seconds > 5, `ended after ${seconds} s already`);
    await server.settles(base);
  });
}

if (process.argv[2] === 'browser')
  await browse();
else
  test('connections that end by themselves', { timeout: 2 * limitMs },
    endByThemselves);
