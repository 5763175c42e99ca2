/* Simulcast in a room: a viewer chooses a publisher's layer and sees its size
   and its frame rate, another viewer keeps what it had. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { openRooms, servePages } from './raw-page.mjs';
import { startServer } from './server.mjs';

await requireBrowser();

const room = 4322;
const spanMs = 3000;

let server;
let pages;
let browser;
let run;
before(async () => {
  server = await startServer({ config: {
    janus: { general: { session_timeout: 0 } },
    'janus.plugin.videoroom': {
    [`room-${room}`]: { description: 'layers' } } } });
  pages = await servePages(server);
  browser = await launch();
  ({ run } = await openRooms(browser, pages, server));
});
after(async () => {
  await browser?.close();
  await pages?.close();
  await server?.stop();
});

test('a simulcast publisher is seen in its largest size', async () => {
  const { simulcast } = await run(async ([ws, number]) => {
    const { Publisher, Viewer, until } = window.rooms;
    const encoding = (rid, scale, kbps) => ({ rid, maxBitrate: kbps * 1000,
      scaleResolutionDownBy: scale, scalabilityMode: 'L1T3' });
    const publisher = await (await new Publisher(ws, number).join('layers'))
      .publish('red', { size: [960, 540], encodings: [
        encoding('h', 1, 500), encoding('m', 2, 200), encoding('l', 4, 80)] });
    const viewers = await Promise.all([0, 1].map(() =>
      new Viewer(ws, number).join([publisher.id])));
    Object.assign(window, { publisher, viewers });
    window.width = (viewer) => viewer.videos.get(
      viewer.lines(publisher.id).video.mid)?.videoWidth;
    for (const viewer of viewers) {
      await viewer.flows([publisher.id]);
      await until('the largest picture', () => window.width(viewer) === 960);
    }
    const other = await new Publisher(ws, number).join('other');
    const [feed] = other.others;
    await other.close();
    return feed.streams.find(({ type }) => type === 'video');
  }, room);
  assert.equal(simulcast, true);
});

for (const [substream, width] of [[0, 240], [1, 480], [2, 960]])
  test(`layer ${substream} is ${width} pixels wide`, async (t) => {
    const { ms, other } = await run(async ([, [layer, pixels]]) => {
      const { until } = window.rooms;
      const [viewer, other] = window.viewers;
      const { mid } = viewer.lines(window.publisher.id).video;
      const from = performance.now();
      await viewer.ask({ request: 'configure',
        streams: [{ mid, substream: layer }] });
      await until(`${pixels} pixels, not ${window.width(viewer)}`, () =>
        window.width(viewer) === pixels);
      const ms = Math.round(performance.now() - from);
      await viewer.client.wait(`the event of layer ${layer}`, (message) =>
        message.sender === viewer.handle && !message.transaction &&
        message.plugindata?.data.mid === mid &&
        message.plugindata.data.substream === layer);
      return { ms, other: window.width(other) };
    }, [substream, width]);
    t.diagnostic(`${ms} ms until the size was seen`);
    assert.equal(other, 960);
  });

test('temporal layer 0 has fewer frames', async () => {
  const [few, all] = await run(async ([, span]) => {
    const { until } = window.rooms;
    const [viewer] = window.viewers;
    const { mid } = viewer.lines(window.publisher.id).video;
    const rates = [];
    for (const temporal of [0, 2]) {
      await viewer.ask({ request: 'configure', streams: [{ mid, temporal }] });
      await viewer.client.wait(`the event of ${temporal}`, (message) =>
        message.plugindata?.data.mid === mid &&
        message.plugindata.data.temporal === temporal);
      const from = performance.now();
      const before = (await viewer.counts())[mid].frames;
      await until('the time', () => performance.now() - from > span);
      rates.push((await viewer.counts())[mid].frames - before);
    }
    return rates;
  }, spanMs);
  assert.ok(few > 2 && few < all * 0.6, `${few} of ${all} frames`);
});
