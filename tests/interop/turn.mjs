/* TURN relays on either side: media over coturn, the server's own relay where
   it is forced, relays told by a REST API, and what happens without any. */

import assert from 'node:assert/strict';
import http from 'node:http';
import { after, before, test } from 'node:test';
import { restCredentials, startCoturn, turnPassword, turnUser }
  from './coturn.mjs';
import { launch, requireBrowser } from './lib.mjs';
import { runInPage, servePages } from './raw-page.mjs';
import { answerTo, attached, readOffer } from './recorded.mjs';
import { withServer } from './server.mjs';

await requireBrowser();

let turn;
let browser;
before(async () => {
  turn = await startCoturn();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await turn?.stop();
});

function turnConfig(more = {}) {
  return { turn_server: turn.address, turn_port: turn.port,
    turn_user: turnUser, turn_pwd: turnPassword, ...more };
}

/* Runs use(server, pages) with nat settings. */
async function withNat(nat, use, more = {}) {
  await withServer({ config: { janus: { nat, ...more } } }, async (server) => {
    const pages = await servePages(server);
    try {
      await use(server, pages);
    } finally {
      await pages.close();
    }
  });
}

/* A call that brings pictures and sound back; what it went over. */
async function call([ws, { configuration, jsep, restart }]) {
  const echo = await new Echo(ws, configuration).open();
  await echo.add({ audio: true, video: true });
  const opened = echo.channel('echo');
  const { jsep: { sdp } } = await echo.negotiate({ jsep });
  const channel = await opened;
  await echo.flows({ frames: 40 });
  const pair = await echo.selectedPair();
  if (restart) {
    await echo.negotiate({ jsep, options: { iceRestart: true } });
    await echo.flows({ frames: 40 });
  }
  channel.send('hello');
  while (echo.heard.length === 0)
    await new Promise((resolve) => setTimeout(resolve, 50));
  const trickled = echo.client.events.filter(({ janus }) =>
    janus === 'trickle').map(({ candidate }) => candidate);
  await echo.close();
  return { sdp, pair, trickled };
}

function types(text) {
  return [...new Set([...text.matchAll(/candidate:.* typ (\w+)/g)]
    .map(([, type]) => type))].sort();
}

function relayOnly(transport) {
  return { iceTransportPolicy: 'relay',
    iceServers: [turn.iceServer({ transport })] };
}

for (const transport of ['udp', 'tcp'])
  test(`a browser that only relays, over ${transport}, to a server that ` +
    'relays over it too', () =>
    withNat(turnConfig({ turn_type: transport }), async (server, pages) => {
      const { sdp, pair } = await runInPage(browser, pages, server, call,
        { configuration: relayOnly(transport), restart: true });
      assert.deepEqual(types(sdp), ['host', 'relay']);
      assert.equal(pair.local, 'relay');
      assert.equal(pair.relay, transport);
    }));

test('a server that is told to relay, and does nothing else', () =>
  withNat(turnConfig({ allow_force_relay: true }), async (server, pages) => {
    const { sdp, pair } = await runInPage(browser, pages, server, call,
      { jsep: { force_relay: true }, restart: true });
    assert.deepEqual(types(sdp), ['relay']);
    assert.equal(pair.remote, 'relay');
  }));

test('relays alone, on both sides', () =>
  withNat(turnConfig({ allow_force_relay: true }), async (server, pages) => {
    const { pair } = await runInPage(browser, pages, server, call,
      { configuration: relayOnly('udp'), jsep: { force_relay: true } });
    assert.deepEqual([pair.local, pair.remote], ['relay', 'relay']);
  }));

test('nobody may force relays unasked', () =>
  withNat(turnConfig(), async (server, pages) => {
    const { sdp, pair } = await runInPage(browser, pages, server, call,
      { jsep: { force_relay: true } });
    assert.deepEqual(types(sdp), ['host', 'relay']);
    assert.equal(pair.remote, 'host');
  }));

test('full trickle tells of relays, and ends', () =>
  withNat(turnConfig({ full_trickle: true, allow_force_relay: true }),
    async (server, pages) => {
      const { sdp, pair, trickled } = await runInPage(browser, pages, server,
        call, { jsep: { force_relay: true } });
      assert.doesNotMatch(sdp, /a=candidate/);
      assert.deepEqual(types(trickled.map(({ candidate }) => candidate)
        .join('\n')), ['relay']);
      assert.equal(trickled.at(-1).completed, true);
      assert.equal(trickled[0].sdpMid, '0');
      assert.equal(pair.remote, 'relay');
    }));

test('ports are of the range, addresses mapped', () =>
  withNat(turnConfig({ nat_1_1_mapping: '198.51.100.7' }), async (server) => {
    const { client, sdp } = await answerTo(server);
    const hosts = [...sdp.matchAll(
      /candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host/g)];
    assert.ok(hosts.length > 0, sdp);
    for (const [, ip, port] of hosts) {
      assert.equal(ip, '198.51.100.7');
      assert.ok(port >= 41100 && port <= 41140, port);
    }
    await client.close();
  }, { media: { rtp_port_range: '41100-41140' } }));

/* ---- TURN REST API ---- */

/* Answers with what reply(user) makes; asked: the requests. */
async function withRest(reply, use) {
  const asked = [];
  const api = http.createServer((request, response) => {
    let body = '';
    request.on('data', (bytes) => body += bytes);
    request.on('end', () => {
      const url = new URL(request.url, 'http://api');
      asked.push({ method: request.method, path: url.pathname, body,
        query: url.search.slice(1), ...Object.fromEntries(url.searchParams) });
      const answer = reply(url.searchParams.get('username'));
      response.statusCode = answer === undefined ? 500 : 200;
      response.end(answer === undefined ? '' : JSON.stringify(answer));
    });
  });
  await new Promise((resolve) => api.listen(0, '127.0.0.1', resolve));
  try {
    await use(`http://127.0.0.1:${api.address().port}/turn`, asked);
  } finally {
    api.closeAllConnections();
    await new Promise((resolve) => api.close(resolve));
  }
}

for (const method of ['GET', 'POST'])
  test(`relays of a REST API, asked by ${method}`, async () => {
    const relay = await startCoturn({ rest: true });
    const reply = (user) => ({ ...restCredentials(user), uris: [
      `turn:${relay.address}:${relay.port}?transport=udp`] });
    await withRest(reply, async (url, asked) =>
      withNat({ turn_rest_api: url, turn_rest_api_key: 'a key&more',
        turn_rest_api_method: method, allow_force_relay: true },
      async (server, pages) => {
        const { sdp, pair } = await runInPage(browser, pages, server, call,
          { jsep: { force_relay: true } });
        assert.deepEqual(types(sdp), ['relay']);
        assert.equal(pair.remote, 'relay');
        assert.equal(asked.length, 1);
        const [{ query, body, ...rest }] = asked;
        assert.match(rest.username, /^\d+$/);
        assert.equal(rest.method, method);
        assert.equal(rest.path, '/turn');
        assert.deepEqual([rest.service, rest.api, rest.key],
          ['turn', 'a key&more', 'a key&more']);
        assert.equal(body, method === 'POST' ? query : '');
      }));
    await relay.stop();
  });

const bad = {
  'an error': () => undefined,
  'no relays': () => ({ ...restCredentials('x'), uris: [] }),
  'no password': () => ({ username: 'x', uris: ['turn:127.0.0.1'] }),
  'an array': () => [],
  'nonsense': () => ({ username: 1, password: {}, uris: [{}, 'stun:x', 7] }),
};
test('what is no answer of a REST API leaves the fixed relay', async () => {
  let reply;
  await withRest(() => reply(), async (url, asked) =>
    withNat(turnConfig({ turn_rest_api: url }), async (server) => {
      for (const [name, answer] of Object.entries(bad)) {
        reply = answer;
        const { client, sdp } = await answerTo(server);
        assert.deepEqual(types(sdp), ['host', 'relay'], name);
        await client.close();
      }
      assert.equal(asked.length, Object.keys(bad).length);
    }));
});

/* ---- trouble ---- */

test('an answer does not wait for a TURN server that is silent', () =>
  withNat(turnConfig({ turn_server: '192.0.2.77' }), async (server) => {
    const { client, handle } = await attached(server);
    const from = performance.now();
    const { jsep } = await client.message(handle, { audio: true },
      { type: 'offer', sdp: readOffer('chromium-av-data') });
    const took = performance.now() - from;
    assert.ok(took < 8000, `${took} ms`);
    assert.deepEqual(types(jsep.sdp), ['host']);
    await client.close();
  }));
