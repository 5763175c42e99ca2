/* Fifty recordings of an EchoTest caller, stopped in every way, under
   GStreamer's leak tracer: nothing of them is left but files that play. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { leaveNothing } from './leak-tracer.mjs';
import { probe } from './probe.mjs';
import { attached } from './recorded.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const rounds = 10;
const atOnce = 5;

const ends = [
  ({ client, handle }) => client.message(handle, { record: false }),
  ({ client, handle }) => client.ask('hangup', handle),
  ({ client, handle }) => client.ask('detach', handle),
  ({ client }) => client.ask('destroy'),
  ({ peer }) => peer.close(),
];

async function record(server, file, end) {
  const { client, handle } = await attached(server);
  const peer = new WrtcPeer({ data: false });
  await peer.call(client, handle, { audio: true, video: true, record: true,
    filename: file });
  await client.event('webrtcup', handle);
  await peer.flows(20);
  await end({ client, handle, peer });
  await client.close();
  peer.close();
}

test(`${rounds * atOnce} recordings leave nothing but files`, async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-recordings-'));
  await leaveNothing(rounds, (server, number) => Promise.all(
    Array.from({ length: atOnce }, (_, i) => record(server,
      path.join(folder, `${number}-${i}`), ends[i % ends.length]))));
  const files = fs.readdirSync(folder);
  assert.equal(files.length, rounds * atOnce, files.join());
  for (const file of files) {
    const { audio, video } = probe(path.join(folder, file));
    assert.ok(audio?.frames > 10 && video?.frames > 10, file);
  }
  fs.rmSync(folder, { recursive: true });
});
