/* 50 calls with agents of libnice and relays of coturn: neither threads nor
   files are left, and the relays were given back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startCoturn, turnPassword, turnUser } from './coturn.mjs';
import { attached } from './recorded.mjs';
import { until, withServer } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const calls = 50;

async function call(server, end) {
  const { client, handle } = await attached(server);
  const peer = new WrtcPeer({ data: false });
  await peer.call(client, handle);
  await client.event('webrtcup', handle);
  await peer.flows(3);
  await end({ client, handle, peer });
  await client.close();
  peer.close();
}

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

test(`${calls} calls leave nothing`, async () => {
  const turn = await startCoturn();
  const nat = { turn_server: turn.address, turn_port: turn.port,
    turn_user: turnUser, turn_pwd: turnPassword };
  await withServer({ config: { janus: { nat } } }, async (server) => {
    const round = () => Promise.all(ends.map((end) => call(server, end)));
    await round();
    let base = server.usage();
    await until('a server at rest', () => {
      const now = server.usage();
      const rests = now.files === base.files && now.threads === base.threads;
      base = now;
      return rests;
    });
    for (let i = ends.length; i < calls; i += ends.length)
      await round();
    await server.settles(base);
    await until('an end of all relays', () => {
      const { made, givenBack } = turn.count();
      return made > 0 && givenBack >= made;
    }, 10000).catch((error) => {
      error.message += JSON.stringify(turn.count());
      throw error;
    });
    assert.ok(turn.count().made >= calls, JSON.stringify(turn.count()));
  });
  await turn.stop();
});
