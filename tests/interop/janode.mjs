/* janode, a client library of the API, from connecting to the end. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { loadJanode } from './load-janode.mjs';
import { startServer } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const [Janode, EchoTestPlugin] = await loadJanode('echotest');

let server;
before(async () => {
  server = await startServer();
});
after(() => server.stop());

function connect(more = {}) {
  return Janode.connect({ address: { url: server.ws, ...more.address },
    ...more.options });
}

test('info, create, attach, message, detach, destroy', async () => {
  const connection = await connect();
  const info = await connection.getInfo();
  assert.equal(info.janus, 'server_info');
  assert.ok(info.plugins['janus.plugin.echotest']);
  const session = await connection.create();
  const handle = await session.attach(EchoTestPlugin);
  const peer = new WrtcPeer();
  const offer = await peer.pc.createOffer();
  await peer.pc.setLocalDescription(offer);
  const up = new Promise((resolve) =>
    handle.once(Janode.EVENT.HANDLE_WEBRTCUP, resolve));
  const { result, jsep } = await handle.start({ audio: true, video: true,
    jsep: { type: offer.type, sdp: offer.sdp } });
  assert.equal(result, 'ok');
  await handle.trickleComplete();
  await peer.pc.setRemoteDescription(jsep);
  await up;
  await peer.flows();
  await handle.hangup();
  await handle.detach();
  await session.destroy();
  await connection.close();
  peer.close();
});

test('an error is one to janode too', async () => {
  const connection = await connect();
  const session = await connection.create();
  const handle = await session.attach(EchoTestPlugin);
  await assert.rejects(handle.message({ audio: 'loud' }).then((message) => {
    const data = message.plugindata?.data ?? {};
    throw new Error(`${data.error_code}`);
  }), /413/);
  await session.destroy();
  await connection.close();
});

test('the Admin API', async () => {
  const connection = await connect({ address: { url: server.adminWs,
    apisecret: 'interop' }, options: { is_admin: true } });
  const { sessions } = await connection.listSessions();
  assert.ok(Array.isArray(sessions));
  await connection.close();
});
