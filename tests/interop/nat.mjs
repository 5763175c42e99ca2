/* Settings about addresses, as the answers show them. */

import assert from 'node:assert/strict';
import os from 'node:os';
import { test } from 'node:test';
import { answerTo, attached, readOffer } from './recorded.mjs';
import { mediaAddress, withServer } from './server.mjs';

const address = mediaAddress() ?? '127.0.0.1';
const mapped = '198.51.100.7';

/* [{ ip, port }] of the candidates within the text. */
function candidates(text) {
  const lines = text.matchAll(/candidate:\d+ 1 udp \d+ (\S+) (\d+) typ host/g);
  const all = [...lines].map(([, ip, port]) => `${ip} ${port}`);
  return [...new Set(all)].map((one) => {
    const [ip, port] = one.split(' ');
    return { ip, port: Number(port) };
  });
}

function addresses(text) {
  return candidates(text).map(({ ip }) => ip);
}

async function answerWith(janus, use) {
  await withServer({ config: { janus } }, async (server) => {
    const { client, sdp } = await answerTo(server);
    await use(sdp, server);
    await client.close();
  });
}

const cases = {
  'the address of the enforce list': [{}, [address]],
  'a mapped address replaces the private one':
    [{ nat: { nat_1_1_mapping: mapped } }, [mapped]],
  'both, where the private one is kept':
    [{ nat: { nat_1_1_mapping: mapped, keep_private_host: true } },
      [mapped, address]],
  'the loopback address by name of its interface':
    [{ nat: { ice_enforce_list: 'lo' } }, ['127.0.0.1']],
  'nothing but loopback is left where all is ignored':
    [{ nat: { ice_enforce_list: '', ice_ignore_list: '1,2,3,4,5,6,7,8,9' } },
      ['127.0.0.1']],
};

for (const [name, [janus, expected]] of Object.entries(cases))
  test(name, () => answerWith(janus, (sdp) =>
    assert.deepEqual(addresses(sdp), expected)));

test('an ignored address is not offered', () =>
  answerWith({ nat: { ice_enforce_list: '', ice_ignore_list: address } },
    (sdp) => assert.ok(!addresses(sdp).includes(address))));

test('ports are of the range', () =>
  answerWith({ media: { rtp_port_range: '41000-41020' } }, (sdp) => {
    for (const { port } of candidates(sdp))
      assert.ok(port >= 41000 && port <= 41020, `${port}`);
    assert.ok(candidates(sdp).length > 0);
  }));

test('one port, where it is named; both ends of a range that is reversed',
  async () => {
    await answerWith({ nat: { ice_port: 41500 },
      media: { rtp_port_range: '41000-41020' } }, (sdp) =>
      assert.deepEqual(candidates(sdp), [{ ip: address, port: 41500 }]));
    await answerWith({ media: { rtp_port_range: '41120-41100' } }, (sdp) =>
      assert.deepEqual(candidates(sdp), [{ ip: address, port: 41100 }]));
    await answerWith({ media: { rtp_port_range: '0' } }, (sdp) =>
      assert.ok(candidates(sdp)[0].port >= 1024, sdp));
  });

const v6 = Object.values(os.networkInterfaces()).flat().find((entry) =>
  entry.family === 'IPv6' && !entry.internal && entry.scopeid === 0)?.address;
test('IPv6 addresses where asked for', { skip: !v6 && 'no IPv6 address' },
  async () => {
    const nat = { ice_enforce_list: '' };
    await answerWith({ nat, media: { ipv6: true } }, (sdp) =>
      assert.ok(addresses(sdp).includes(v6), sdp));
    await answerWith({ nat }, (sdp) =>
      assert.ok(!addresses(sdp).some((ip) => ip.includes(':')), sdp));
  });

test('full trickle: candidates one by one, then the end', () =>
  withServer({ config: { janus: { nat: { full_trickle: true } } } },
    async (server) => {
      const { client, handle } = await attached(server);
      const offer = { type: 'offer', sdp: readOffer('chromium-av-data') };
      const { jsep } = await client.message(handle, { audio: true }, offer);
      assert.doesNotMatch(jsep.sdp, /a=candidate|a=end-of-candidates/);
      const end = await client.wait('the end of candidates', (event) =>
        event.janus === 'trickle' && event.candidate.completed === true);
      assert.equal(end.sender, handle);
      const all = client.events.filter(({ janus }) => janus === 'trickle');
      assert.equal(all.at(-1), end);
      assert.deepEqual(addresses(all[0].candidate.candidate), [address]);
      assert.equal(all[0].candidate.sdpMid, '0');
      assert.equal(all[0].candidate.sdpMLineIndex, 0);
      assert.equal(all[0].session_id, client.session);

      /* The same credentials again: nothing to say. */
      await client.message(handle, { audio: true }, offer);
      assert.equal(client.events.filter(({ janus }) =>
        janus === 'trickle').length, all.length);
      await client.close();
    }));
