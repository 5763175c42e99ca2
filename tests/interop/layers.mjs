/* Chromium sends layers, by simulcast and by SVC, to EchoTest and into a room:
   the size and rate that are decoded are those that were asked for. */

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

const simulcast = (more = {}) => [
  { rid: 'h', maxBitrate: 900000, ...more },
  { rid: 'm', maxBitrate: 300000, scaleResolutionDownBy: 2, ...more },
  { rid: 'l', maxBitrate: 100000, scaleResolutionDownBy: 4, ...more },
];
const svc = (scalabilityMode) => [{ scalabilityMode, maxBitrate: 1500000 }];

const substreams = [
  { ask: { substream: 0 }, width: 320 },
  { ask: { substream: 2 }, width: 1280 },
  { ask: { substream: 1 }, width: 640 },
];
const spatial = [
  { ask: { spatial_layer: 0 }, width: 320 },
  { ask: { spatial_layer: 2 }, width: 1280 },
  { ask: { spatial_layer: 1 }, width: 640 },
];
/* A quarter and a half of the pictures; the machine may be slow, so the rates
   are compared. */
const temporal = [
  { ask: { temporal_layer: 0 }, slow: true },
  { ask: { temporal_layer: 2 }, slow: false },
];

const cases = [
  { name: 'VP8 simulcast', codec: 'vp8', encodings: simulcast(),
    steps: substreams },
  { name: 'H.264 simulcast', codec: 'h264', encodings: simulcast(),
    steps: substreams },
  { name: 'VP9 SVC', codec: 'vp9', encodings: svc('L3T3'),
    steps: [...spatial, ...temporal] },
  { name: 'VP9 SVC, keyframes alone between layers', codec: 'vp9',
    encodings: svc('L3T3_KEY'), steps: spatial },
  { name: 'VP9 temporal layers', codec: 'vp9', encodings: svc('L1T3'),
    steps: temporal },
  { name: 'AV1 SVC', codec: 'av1', encodings: svc('L3T3'),
    steps: [...spatial, ...temporal] },
  { name: 'AV1 temporal layers', codec: 'av1', encodings: svc('L1T3'),
    steps: temporal },
];

/* In the page: each step, and what was seen after it. */
async function walk([ws, { where, codec, encodings, steps }]) {
  const layers = await new Layers(ws)[where]({ codec, encodings });
  const seen = [];
  const first = await layers.settle(({ rate }) => rate > 5);
  for (const { ask, width, slow } of steps) {
    const from = layers.news().length;
    await layers.configure(ask);
    seen.push({ ask, ...await layers.settle((now) =>
      (width === undefined || now.width === width) && now.rate > 0 &&
      (slow === undefined || (slow ? now.rate < 12 : now.rate > 13))),
    news: layers.news().slice(from) });
  }
  return { first, seen, published: layers.published,
    attached: layers.attached };
}

const where = { echo: 'EchoTest', room: 'a room' };

for (const [place, words] of Object.entries(where))
  for (const one of cases)
    test(`${one.name} through ${words}`, async () => {
      const result = await runInPage(browser, pages, server, walk,
        { where: place, ...one });
      const text = JSON.stringify(result, null, 1);
      if (process.env.BIFRONS_TEST_VERBOSE)
        console.error(text);
      for (const step of result.seen) {
        const [[name, value]] = Object.entries(step.ask);
        assert.ok(step.ok, text);
        assert.ok(step.news.some((news) => news[name] === value), text);
      }
      if (place === 'room') {
        const kind = one.encodings.length > 1 ? 'simulcast' : 'svc';
        assert.equal(result.published.streams[0][kind], true, text);
        assert.ok(result.attached.streams[0][kind], text);
      }
    });
