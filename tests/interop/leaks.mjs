/* 100 calls with media, ended in every way, under GStreamer's leak tracer:
   nothing of them is left, neither objects nor threads, files and memory. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { roomy } from './hostile.mjs';
import { attached } from './recorded.mjs';
import { until, withServer } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const rounds = 20;
const callsAtOnce = 5;
/* The heap of a process that allocates on many threads settles late. */
const growthKilobytes = 16 * 1024;

const ends = [
  ({ client, handle }) => client.ask('hangup', handle),
  ({ client, handle }) => client.ask('detach', handle),
  ({ client }) => client.ask('destroy'),
  () => { },
  ({ client, handle, peer }) => {
    peer.close();
    return client.event('hangup', handle);
  },
];

async function call(server, end) {
  const { client, handle } = await attached(server);
  const peer = new WrtcPeer();
  await peer.call(client, handle);
  await client.event('webrtcup', handle);
  await peer.flows(3);
  peer.channel.send('hello');
  await until('an echo of data', () => peer.count.texts.length > 0);
  await end({ client, handle, peer });
  await client.close();
  peer.close();
}

async function round(server) {
  await Promise.all(Array.from({ length: callsAtOnce }, (_, i) =>
    call(server, ends[i % ends.length])));
}

function readLeaks(file) {
  const text = fs.readFileSync(file, 'latin1');
  return [...text.matchAll(/object-alive, type-name=\(string\)(\w+)/g)]
    .map(([, type]) => type);
}

test(`${rounds * callsAtOnce} calls leave nothing`, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-leaks-'));
  const file = path.join(folder, 'log');
  const env = { GST_TRACERS: 'leaks', GST_DEBUG: 'GST_TRACER:7',
    GST_DEBUG_FILE: file, GST_DEBUG_NO_COLOR: '1' };
  await withServer({ env }, async (server) => {
    await round(server);
    await round(server);
    /* What ends behind a call, ends soon. */
    let base = server.usage();
    await until('a server at rest', () => {
      const now = server.usage();
      const rests = now.files === base.files && now.threads === base.threads;
      base = now;
      return rests;
    });
    for (let i = 2; i < rounds; i++)
      await round(server);
    await server.settles(base);
    const grown = server.usage().kilobytes - base.kilobytes;
    console.log(`# ${grown} kilobytes more after ${rounds - 2} rounds`);
    assert.ok(grown < growthKilobytes * roomy, `${grown} kilobytes more`);
  });
  const leaks = readLeaks(file);
  /* The dtls plugin keeps one for all. */
  if (leaks.includes('GstDtlsAgent'))
    leaks.splice(leaks.indexOf('GstDtlsAgent'), 1);
  assert.deepEqual(leaks, []);
  fs.rmSync(folder, { recursive: true });
});
