/* Fifty recordings by EchoTest, RecordPlay and VideoRoom, stopped in every way,
   under GStreamer's leak tracer: nothing is left of them but files that
   play. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { leaveNothing } from './leak-tracer.mjs';
import { Client } from './pages/client.mjs';
import { probe } from './probe.mjs';
import { until } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const rounds = 10;
const atOnce = 5;
const room = 1;

/* What each plugin is asked for before the offer, with it, and to stop. */
const plugins = [
  { name: 'echotest',
    body: (filename) => ({ audio: true, video: true, record: true, filename }),
    stop: { record: false } },
  { name: 'recordplay',
    body: (filename) => ({ request: 'record', name: 'leaks',
      filename: path.basename(filename) }),
    stop: { request: 'stop' } },
  { name: 'videoroom',
    join: { request: 'join', ptype: 'publisher', room },
    body: (filename) => ({ request: 'publish', record: true, filename }),
    stop: { request: 'configure', record: false } },
];

const ends = [
  ({ client, handle, stop }) => client.message(handle, stop),
  ({ client, handle }) => client.ask('hangup', handle),
  ({ client, handle }) => client.ask('detach', handle),
  ({ client }) => client.ask('destroy'),
  ({ peer }) => peer.close(),
];

async function framesSent({ pc }) {
  for (const { type, kind, framesEncoded } of (await pc.getStats()).values())
    if (type === 'outbound-rtp' && kind === 'video')
      return framesEncoded;
  return 0;
}

async function record(server, file, { name, join, body, stop }, end) {
  const client = await new Client(server.ws, WebSocket).opened;
  await client.create();
  const handle = await client.attach(`janus.plugin.${name}`);
  if (join)
    await client.message(handle, join);
  const peer = new WrtcPeer({ data: false });
  const answer = await peer.call(client, handle, body(file));
  assert.ok(answer.jsep, JSON.stringify(answer));
  await client.event('webrtcup', handle);
  await until('frames', async () => await framesSent(peer) > 30);
  await end({ client, handle, peer, stop });
  await client.close();
  peer.close();
}

test(`${rounds * atOnce} recordings leave nothing but files`, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-recordings-'));
  const config = {
    'janus.plugin.recordplay': { general: { path: folder } },
    'janus.plugin.videoroom': { general: {},
      [`room-${room}`]: { publishers: atOnce } },
  };
  await leaveNothing(rounds, (server, number) => Promise.all(
    Array.from({ length: atOnce }, (_, i) => record(server,
      path.join(folder, `${number}-${i}`),
      plugins[(number + i) % plugins.length], ends[i]))), config);
  const files = fs.readdirSync(folder).filter((one) => one.endsWith('.webm'));
  assert.equal(files.length, rounds * atOnce, files.join());
  for (const file of files) {
    const { audio, video } = probe(path.join(folder, file));
    assert.ok(audio?.frames > 10 && video?.frames > 10, file);
  }
  fs.rmSync(folder, { recursive: true });
});
