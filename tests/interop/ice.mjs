/* ICE beyond one UDP port: TCP alone with Chromium, a STUN server that sees us
   from outside, and peers that never come. */

import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { runInPage, servePages } from './raw-page.mjs';
import { answerTo } from './recorded.mjs';
import { mediaAddress, until, withServer } from './server.mjs';

await requireBrowser();

const address = mediaAddress() ?? '127.0.0.1';
const cookie = 0x2112a442;

const withNat = (nat, use) => withServer({ config: { janus: { nat } } }, use);

test('Chromium over TCP alone', () => withNat({ ice_tcp: true },
  async (server) => {
    const pages = await servePages(server);
    const browser = await launch();
    try {
      const result = await runInPage(browser, pages, server, async ([ws]) => {
        const noUdp = (sdp) =>
          sdp.replace(/a=candidate:\S+ 1 udp .*\r\n/gi, '');
        const echo = await new Echo(ws).open();
        const trickle = echo.pc.onicecandidate;
        echo.pc.onicecandidate = (event) => {
          if (event.candidate?.protocol !== 'udp')
            trickle(event);
        };
        await echo.add({ audio: true, video: true });
        const opening = echo.channel('over TCP');
        await echo.negotiate({ mangle: noUdp, accept: noUdp });
        await echo.flows({ frames: 60 });
        const channel = await opening;
        channel.send(new Uint8Array(60000));
        while (echo.heard.length === 0)
          await new Promise((resolve) => setTimeout(resolve, 50));
        const reports = await echo.pc.getStats();
        const all = [...reports.values()];
        const transport = all.find(({ type }) => type === 'transport');
        const pair = reports.get(transport.selectedCandidatePairId);
        return { heard: echo.heard[0].data.byteLength,
          local: reports.get(pair.localCandidateId).protocol,
          remote: reports.get(pair.remoteCandidateId).protocol };
      });
      assert.deepEqual(result,
        { heard: 60000, local: 'tcp', remote: 'tcp' });
    } finally {
      await browser.close();
      await pages.close();
    }
  }));

test('TCP candidates have the port of UDP, where they are switched on',
  async () => {
    const read = (sdp) => [...new Set(sdp.match(/candidate:.*/g))].map((line) =>
      line.split(' '));
    await withNat({ ice_tcp: true }, async (server) => {
      const { client, sdp } = await answerTo(server);
      const lines = read(sdp);
      const udp = lines.find((parts) => parts[2] === 'udp');
      const tcp = lines.find((parts) => parts[2] === 'tcp');
      assert.equal(tcp[4], address);
      assert.equal(tcp[5], udp[5]);
      assert.deepEqual(tcp.slice(6), ['typ', 'host', 'tcptype', 'passive']);
      assert.ok(Number(tcp[3]) < Number(udp[3]));
      await client.close();
    });
    await withNat({}, async (server) => {
      const { client, sdp } = await answerTo(server);
      assert.doesNotMatch(sdp, / tcp /);
      await client.close();
    });
  });

/* A STUN server to which everybody is 198.51.100.9:4711. */
async function playStun(ip) {
  const socket = dgram.createSocket('udp4');
  socket.on('message', (request, from) => {
    const answer = Buffer.alloc(32);
    answer.writeUInt16BE(0x0101, 0);
    answer.writeUInt16BE(12, 2);
    request.copy(answer, 4, 4, 20);
    answer.writeUInt16BE(0x0020, 20);
    answer.writeUInt16BE(8, 22);
    answer.writeUInt8(1, 25);
    answer.writeUInt16BE(4711 ^ (cookie >>> 16), 26);
    answer.writeUInt32BE((0xc6336409 ^ cookie) >>> 0, 28);
    socket.send(answer, from.port, from.address);
  });
  await new Promise((resolve) => socket.bind(0, ip, resolve));
  return socket;
}

test('what the STUN server sees is a candidate, and the public address',
  async () => {
    const stun = await playStun(address);
    const nat = { stun_server: address, stun_port: stun.address().port };
    const line = /a=candidate:\d+ 1 udp \d+ 198\.51\.100\.9 4711 typ srflx (.*)/;
    try {
      await withNat(nat, async (server) => {
        await until('the public address', async () =>
          (await server.ask())['public-ip'] === '198.51.100.9');
        const { client, sdp } = await answerTo(server);
        const [, related] = line.exec(sdp);
        const port = / udp \d+ \S+ (\d+) typ host/.exec(sdp)[1];
        assert.equal(related.trim(), `raddr ${address} rport ${port}`);
        await client.close();
      });
      await withNat({ ...nat, full_trickle: true }, async (server) => {
        await until('the public address', async () =>
          (await server.ask())['public-ip']);
        const { client } = await answerTo(server);
        await client.wait('the candidate', (event) =>
          event.janus === 'trickle' &&
          line.test(`a=${event.candidate.candidate}`));
        await client.close();
      });
      await withNat({ ...nat, nat_1_1_mapping: '198.51.100.7' },
        async (server) => {
          const { client, sdp } = await answerTo(server);
          assert.match(sdp, /198\.51\.100\.7 \d+ typ host/);
          assert.equal((await server.ask())['public-ip'], '198.51.100.7');
          await client.close();
        });
    } finally {
      stun.close();
    }
  });

test('a STUN server that is not there is warned of, no more', () =>
  withNat({ stun_server: 'nobody.invalid' }, async (server) => {
    await until('a warning', () =>
      server.log.includes('nobody.invalid is not found'));
    const { client, sdp } = await answerTo(server);
    assert.match(sdp, /typ host/);
    assert.doesNotMatch(sdp, /srflx/);
    await client.close();
  }));

test('a peer that never comes is hung up on', () => withNat({},
  async (server) => {
    const { client, handle } = await answerTo(server);
    const event = await client.wait('the end', ({ janus }) =>
      janus === 'hangup', 40000);
    assert.equal(event.sender, handle);
    assert.equal(event.reason, 'ICE failed');
    await client.close();
  }));
