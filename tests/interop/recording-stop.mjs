/* A server that is told to end: what is recorded then is whole, what is played
   does not keep it, and it ends in time. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { Client } from './pages/client.mjs';
import { probe } from './probe.mjs';
import { Library } from './replay-library.mjs';
import { startServer, until } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const endMs = 7000;
const media = { audio: true, video: true, data: false };

async function stopInTime(server) {
  const began = Date.now();
  await server.stop();
  assert.ok(Date.now() - began < endMs, `${Date.now() - began} ms`);
}

async function attach(client, plugin) {
  return client.attach(`janus.plugin.${plugin}`);
}

/* Calls of three plugins, each recorded. */
async function recordAll(client, folder) {
  const peers = [];
  const call = async (handle, body) => {
    peers.push(new WrtcPeer(media));
    await peers.at(-1).call(client, handle, body);
    await client.event('webrtcup', handle);
  };
  const play = await attach(client, 'recordplay');
  await call(play, { request: 'record', name: 'cut off', id: 7 });
  const echo = await attach(client, 'echotest');
  await call(echo, { audio: true, video: true, record: true,
    filename: path.join(folder, 'echo') });
  const room = await attach(client, 'videoroom');
  await client.message(room, { request: 'create', room: 5, record: true,
    rec_dir: folder });
  await client.message(room, { request: 'join', ptype: 'publisher', room: 5,
    id: 6 });
  await call(room, { request: 'configure', audio: true, video: true,
    filename: 'room' });
  return peers;
}

test('recordings of every plugin are whole', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-stop-'));
  const server = await startServer({ config: {
    'janus.plugin.recordplay': { general: { path: folder } } } });
  const client = await new Client(server.ws, WebSocket).opened;
  await client.create();
  const peers = await recordAll(client, folder);
  const files = ['rec-7.webm', 'echo.webm', 'room.webm']
    .map((name) => path.join(folder, name));
  await until('three files', () => files.every((file) =>
    fs.existsSync(file) && fs.statSync(file).size > 20000));
  await stopInTime(server);
  for (const peer of peers)
    peer.close();
  for (const file of files) {
    const { length, tracks } = probe(file);
    /* It stands only in a file that was ended. */
    assert.ok(length > 0.3, `${file}: ${length} s`);
    assert.equal(tracks.length, 2, file);
  }
  assert.match(fs.readFileSync(path.join(folder, '7.nfo'), 'utf8'),
    /name = cut off\r\n/);
  fs.rmSync(folder, { recursive: true });
});

/* How far a caller has come who is sent a recording. */
const stages = {
  'asked': async () => {},
  'offered': async (client, handle) => {
    await client.event('event', handle);
  },
  'playing': async (client, handle, peer) => {
    const { jsep } = await client.wait('an offer', (message) =>
      message.sender === handle && message.jsep);
    await peer.answer(client, handle, jsep, { request: 'start' });
    await client.event('webrtcup', handle);
  },
  'paused': async (client, handle, peer) => {
    await stages.playing(client, handle, peer);
    await client.message(handle, { request: 'pause' });
  },
  'seeking': async (client, handle, peer) => {
    await stages.playing(client, handle, peer);
    for (let position = 8000; position > 0; position -= 1000)
      client.send({ janus: 'message', transaction: `s${position}`,
        session_id: client.session, handle_id: handle,
        body: { request: 'seek', position } });
  },
};

test('playing keeps no server', async (t) => {
  const library = new Library();
  library.container('flash.webm');
  library.mjr('flash.webm', 'flash');
  library.nfo(1, { audio: 'flash.webm', video: 'flash.webm' });
  library.nfo(2, { audio: 'flash-audio.mjr', video: 'flash-video.mjr' });
  for (const [stage, reach] of Object.entries(stages))
    await t.test(stage, async () => {
      const server = await startServer({ config: library.config });
      const client = await new Client(server.ws, WebSocket).opened;
      await client.create();
      const peers = await Promise.all([1, 2].map(async (id) => {
        const handle = await attach(client, 'recordplay');
        const peer = new WrtcPeer({ audio: false, video: false, data: false });
        client.send({ janus: 'message', transaction: `p${id}`,
          session_id: client.session, handle_id: handle,
          body: { request: 'play', id } });
        await reach(client, handle, peer);
        return peer;
      }));
      await stopInTime(server);
      for (const peer of peers)
        peer.close();
    });
  library.remove();
});
