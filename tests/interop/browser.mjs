/* Chromium with offers of every kind: several PeerConnections, negotiation
   again and again, data channels, refused ones, each codec. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { runInPage, servePages } from './raw-page.mjs';
import { startServer } from './server.mjs';

await requireBrowser();

let server;
let pages;
let browser;
before(async () => {
  server = await startServer();
  pages = await servePages(server);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await pages?.close();
  await server?.stop();
});

const run = (use, argument) =>
  runInPage(browser, pages, server, use, argument);

test('two PeerConnections at once', async () => {
  const results = await run(async ([ws]) => {
    const calls = await Promise.all([0, 1].map(async () => {
      const echo = await new Echo(ws).open();
      await echo.add({ audio: true, video: true });
      await echo.negotiate();
      return echo;
    }));
    return Promise.all(calls.map((echo) => echo.flows({ frames: 60 })));
  });
  for (const { sent, decoded } of results)
    assert.ok(decoded > sent * 0.6, JSON.stringify(results));
});

test('video is added, stopped, added again; ICE restarts; data comes late',
  async () => {
    const steps = await run(async ([ws]) => {
      const echo = await new Echo(ws).open();
      const done = [];
      await echo.add({ audio: true });
      await echo.negotiate();
      await echo.flows({ frames: 0 });
      const from = performance.now();

      const [sender] = await echo.add({ video: true });
      await echo.negotiate();
      await echo.flows();
      done.push('added');

      echo.pc.getTransceivers().find((one) => one.sender === sender).stop();
      await echo.negotiate();
      await echo.flows({ frames: 0 });
      done.push('stopped');

      await echo.add({ video: true });
      await echo.negotiate();
      await echo.flows();
      done.push('added again');

      await echo.negotiate({ options: { iceRestart: true } });
      await echo.flows();
      done.push('restarted');

      while (performance.now() - from < 8000)
        await new Promise((resolve) => setTimeout(resolve, 100));
      const opened = echo.channel('late');
      await echo.negotiate();
      const channel = await opened;
      channel.send('at last');
      while (echo.heard.length === 0)
        await new Promise((resolve) => setTimeout(resolve, 50));
      await echo.flows();
      done.push(echo.heard[0].data);
      return done;
    });
    assert.deepEqual(steps, ['added', 'stopped', 'added again', 'restarted',
      'Janus EchoTest here! You wrote: at last']);
  });

test('data channels keep their labels, and messages their size', async () => {
  const result = await run(async ([ws, sizes]) => {
    const echo = await new Echo(ws).open();
    const opening = ['one', 'two', 'three'].map((name) => echo.channel(name));
    await echo.negotiate();
    const channels = await Promise.all(opening);
    for (const channel of channels)
      channel.send(`text of ${channel.label}`);
    for (const size of sizes)
      channels[1].send(new Uint8Array(size).fill(size % 251));
    const wanted = channels.length + sizes.length;
    const deadline = performance.now() + 20000;
    while (echo.heard.length < wanted && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    let refused = '';
    try {
      channels[1].send(new Uint8Array(200 * 1024));
    } catch (error) {
      refused = error.name;
    }
    return {
      max: echo.pc.sctp.maxMessageSize,
      refused,
      heard: echo.heard.map(({ label, data }) => [label,
        typeof data === 'string' ? data : data.byteLength,
        typeof data === 'string' || new Uint8Array(data).every((byte) =>
          byte === data.byteLength % 251)]),
    };
  }, [1, 1000, 65536]);
  assert.equal(result.max, 65536);
  assert.equal(result.refused, 'TypeError');
  const text = (label) =>
    [label, `Janus EchoTest here! You wrote: text of ${label}`, true];
  assert.deepEqual(result.heard.sort(), [['two', 1, true],
    ['two', 1000, true], ['two', 65536, true], text('one'), text('two'),
    text('three')].sort());
});

test('a certificate that is not the one of the offer is refused', async () => {
  const { reason, packets } = await run(async ([ws]) => {
    const echo = await new Echo(ws).open();
    await echo.add({ audio: true, video: true });
    await echo.negotiate({ mangle: (sdp) =>
      sdp.replace(/(a=fingerprint:\S+ )(..)/g, (_, start, byte) =>
        start + (byte === '00' ? '01' : '00')) });
    const { reason } = await echo.client.event('hangup', echo.handle);
    return { reason, packets: (await echo.stats()).packets };
  });
  assert.equal(reason, 'DTLS alert');
  assert.equal(packets, 0);
});

test('an offer that only receives is answered', async () => {
  const { state, directions } = await run(async ([ws]) => {
    const echo = await new Echo(ws).open();
    echo.pc.addTransceiver('audio', { direction: 'recvonly' });
    echo.pc.addTransceiver('video', { direction: 'recvonly' });
    await echo.negotiate();
    await echo.client.event('webrtcup', echo.handle);
    return { state: echo.pc.signalingState,
      directions: echo.pc.getTransceivers().map((one) =>
        one.currentDirection) };
  });
  assert.equal(state, 'stable');
  assert.deepEqual(directions, ['inactive', 'inactive']);
});

for (const [audio, video] of [['opus', 'vp8'], ['pcmu', 'vp9'],
  ['pcma', 'h264'], ['g722', 'av1']])
  test(`${audio} and ${video}`, async (t) => {
    const stats = await run(async ([ws, [audiocodec, videocodec]]) => {
      const known = RTCRtpSender.getCapabilities('video').codecs.some(
        ({ mimeType }) => mimeType.toLowerCase() === `video/${videocodec}`);
      if (!known)
        return undefined;
      const echo = await new Echo(ws).open();
      await echo.add({ audio: true, video: { width: 320, height: 240 } });
      await echo.negotiate({ body: { audio: true, video: true, audiocodec,
        videocodec } });
      return echo.flows();
    }, [audio, video]);
    if (!stats) {
      t.skip(`this Chromium has no ${video}`);
      return;
    }
    assert.equal(stats.audioCodec.toLowerCase(), `audio/${audio}`);
    assert.equal(stats.videoCodec.toLowerCase(), `video/${video}`);
  });
