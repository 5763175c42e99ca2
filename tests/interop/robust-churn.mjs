/* 500 PeerConnections that connect, DTLS and all, and end: memory, files and
   threads of the server are as they were. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roomy } from './hostile.mjs';
import { attached } from './recorded.mjs';
import { until, withServer } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

/* Sanitizers get fewer: what leaks, they tell by themselves. */
const calls = roomy > 1 ? 100 : 500;
const warmUp = 50;
const lanes = 6;
const growthKilobytes = 16 * 1024;

const ends = [
  (client, handle) => client.ask('hangup', handle)
    .then(() => client.event('hangup', handle))
    .then(() => client.ask('detach', handle)),
  (client, handle) => client.ask('detach', handle),
];

async function call(client, number) {
  const handle = await client.attach();
  const peer = new WrtcPeer({ video: false, data: number % 3 === 0 });
  await peer.call(client, handle);
  await client.event('webrtcup', handle);
  await ends[number % ends.length](client, handle);
  peer.close();
  client.events.length = 0;
}

async function churn(server, count) {
  let next = 0;
  await Promise.all(Array.from({ length: lanes }, async () => {
    const { client } = await attached(server);
    while (next < count)
      await call(client, next++);
    await client.ask('destroy');
    await client.close();
  }));
}

test(`${calls} connections come and go`, () =>
  withServer({}, async (server) => {
    await churn(server, warmUp);
    let base = server.usage();
    await until('a server at rest', () => {
      const now = server.usage();
      const rests = now.files === base.files && now.threads === base.threads;
      base = now;
      return rests;
    });
    const from = performance.now();
    await churn(server, calls);
    const each = (performance.now() - from) / calls;
    await server.settles(base);
    const { sessions } = await server.askAdmin({ janus: 'list_sessions' });
    assert.deepEqual(sessions, []);
    const now = server.usage();
    console.log(`# ${each.toFixed(0)} ms each, ` +
      `${now.kilobytes - base.kilobytes} kilobytes, ` +
      `${now.threads - base.threads} threads, ` +
      `${now.files - base.files} files more`);
    assert.ok(now.kilobytes - base.kilobytes < growthKilobytes * roomy,
      `${now.kilobytes - base.kilobytes} kilobytes more`);
  }));
