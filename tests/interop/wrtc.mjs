/* Media without a browser, and calls that end in every way while it flows:
   the server is as it was before each time. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { Client } from './pages/client.mjs';
import { startServer, until } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

let server;
let base;

async function call() {
  const client = await new Client(server.ws, WebSocket).opened;
  await client.create();
  const handle = await client.attach();
  const peer = new WrtcPeer();
  await peer.call(client, handle);
  await client.event('webrtcup', handle);
  await peer.flows();
  return { client, handle, peer };
}

const ends = {
  'hangup': async ({ client, handle }) => {
    assert.equal((await client.ask('hangup', handle)).janus, 'success');
    await client.event('hangup', handle);
    assert.equal((await client.ask('detach', handle)).janus, 'success');
  },
  'detach': async ({ client, handle }) => {
    assert.equal((await client.ask('detach', handle)).janus, 'success');
    await client.event('detached', handle);
  },
  'destroy': async ({ client }) =>
    assert.equal((await client.ask('destroy')).janus, 'success'),
  'closing the WebSocket': () => { },
  'closing the PeerConnection': async ({ client, handle, peer }) => {
    peer.close();
    const { reason } = await client.event('hangup', handle);
    assert.equal(reason, 'DTLS alert');
  },
};

before(async () => {
  server = await startServer();
  /* The first call makes threads and files that stay. */
  const { client, peer } = await call();
  peer.close();
  await client.close();
  await until('the end of the first session', async () => {
    const { sessions } = await server.askAdmin({ janus: 'list_sessions' });
    return sessions.length === 0;
  });
  /* All that is of a peer is closed behind its session, by another thread. */
  let last;
  base = await until('a server at rest', () => {
    const now = server.usage();
    const rests = last && now.files === last.files &&
      now.threads === last.threads;
    last = now;
    return rests && now;
  });
});
after(() => server.stop());

for (const [name, end] of Object.entries(ends))
  test(`${name} while media flows`, async () => {
    const calls = await Promise.all([call(), call()]);
    for (const one of calls) {
      await end(one);
      await one.client.close();
    }
    await server.settles(base);
    assert.ok(await server.ask(), 'no answer to info');
    for (const { peer } of calls)
      peer.close();
  });

test('text and binary data come back', async () => {
  const { client, peer } = await call();
  await until('an open channel', () => peer.channel.readyState === 'open');
  peer.channel.send('two faces');
  await until('text', () => peer.count.texts.length > 0);
  assert.equal(peer.count.texts[0],
    'Janus EchoTest here! You wrote: two faces');
  for (const size of [1, 1000, 65536]) {
    const sent = Buffer.alloc(size, size % 251);
    peer.channel.send(sent);
    const back = await until(`${size} bytes`, () => peer.count.binary.shift());
    assert.ok(sent.equals(Buffer.from(back)), `${size} bytes differ`);
  }
  peer.close();
  await client.close();
  await server.settles(base);
});
