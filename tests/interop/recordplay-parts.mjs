/* Record&Play with Chromium: a recording of several files plays as one: the
   next begins where one ends, positions are those of the whole, and what is
   broken is left out. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { probe } from './probe.mjs';
import { runInPage, servePages } from './raw-page.mjs';
import { Library, began, messages } from './replay-library.mjs';
import { startServer } from './server.mjs';

await requireBrowser();

const library = new Library();
/* Beside sanitizers a browser shows pictures when it can. */
const slow = Number(process.env.BIFRONS_TEST_SLOW ?? 0);
const partS = 3;
/* Each part has pictures of its own width. */
const widths = [320, 160, 240];
const missing = { audio: 'call.webm', video: 'call.webm',
  parts: 'call-9.webm, call-2.webm' };

/* As a crash leaves it: nothing says how long it is. */
function cutOff(whole) {
  const cut = Buffer.from(whole.subarray(0, whole.length * 0.7));
  const duration = cut.indexOf('448988', 0, 'hex');
  assert.ok(duration > 0);
  cut.write('ec89', duration, 'hex');
  return cut;
}

function makeParts() {
  widths.forEach((width, i) =>
    library.container(i ? `call-${i}.webm` : 'call.webm',
      { lengthS: partS, size: `${width}x120` }));
  library.nfo(1, { audio: 'call.webm', video: 'call.webm',
    parts: 'call-1.webm, call-text.vtt, call-2.webm' });
  library.nfo(2, missing);
  library.container('sound.webm', { lengthS: partS, more: ['-vn'] });
  library.nfo(7, { audio: 'sound.webm', parts: 'call-1.webm, sound.webm' });
  library.write('broken.webm', 'not a recording');
  library.nfo(3, { ...missing, parts: 'broken.webm, call-2.webm' });
  library.write('cut.webm', cutOff(fs.readFileSync(
    library.path('call-2.webm'))));
  library.nfo(4, { ...missing, parts: 'cut.webm' });
  library.write('texts.mjr', messages('text',
    [[1000, 'one'], [4000, 'four'], [7000, 'seven']]));
  library.nfo(5, { audio: 'call.webm', video: 'call.webm', data: 'texts.mjr',
    began, parts: 'call-1.webm, call-2.webm' });
  library.nfo(6, { audio: 'call.webm', video: 'call.webm', data: 'texts.mjr',
    began: began - 1000000 });
}

let browser;
let server;
let pages;
before(async () => {
  makeParts();
  server = await startServer({ config: { ...library.config,
    bifrons: { recordings: { max_duration: 2 } } } });
  browser = await launch();
  pages = await servePages(server);
});
after(async () => {
  await pages?.close();
  await browser?.close();
  await server?.stop();
  library.remove();
});

const inPage = (use, argument) => runInPage(browser, pages, server, use,
  argument, { name: 'replay', global: 'replay' });

/* In the page: a whole playing. */
const watch = async ([ws, { id, lengthMs, seekMs, live }]) => {
  const viewer = await window.replay.viewer(ws);
  const texts = [];
  viewer.pc.addEventListener('datachannel', ({ channel }) => {
    channel.onmessage = ({ data }) =>
      texts.push({ data, ms: performance.now() });
  });
  const result = await viewer.play(id, { live });
  const widths = [];
  viewer.video.addEventListener('resize', () =>
    widths.push(viewer.video.videoWidth));
  await window.replay.until('sound and pictures', () =>
    viewer.ear && viewer.video.videoWidth);
  let began = performance.now();
  if (seekMs) {
    await viewer.say({ request: 'seek', position: seekMs });
    began = performance.now();
  }
  const seen = await viewer.flashesAndBeeps(lengthMs);
  const audio = await viewer.inbound('audio');
  const video = await viewer.inbound('video');
  await viewer.done(20000);
  const tookMs = performance.now() - began;
  await viewer.close();
  return { ...seen, result, widths, tookMs, frames: video.framesDecoded,
    lost: audio.packetsLost + video.packetsLost,
    concealed: audio.concealedSamples / 48,
    texts: texts.map(({ data, ms }) => ({ data, ms: ms - began })) };
};

const gaps = (times) => times.slice(1).map((time, i) => time - times[i]);

function checkSteady(seen, count) {
  const note = JSON.stringify(seen);
  console.error(note);
  const most = slow ? 1000 : 150;
  for (const kind of ['flashes', 'beeps']) {
    assert.ok(seen[kind].length >= count, `${kind}, ${note}`);
    /* The first may be late in a browser that begins to play. */
    for (const gap of gaps(seen[kind]).slice(1))
      assert.ok(Math.abs(gap - 1000) < most, `${kind} ${gap}, ${note}`);
  }
  assert.equal(seen.lost, 0, note);
}

const lasts = (seen, ms) => assert.ok(seen.tookMs > ms - 700 &&
  seen.tookMs < ms + (slow ? 4000 : 1500), `${ms}: ${JSON.stringify(seen)}`);

const near = (ms, wanted) => assert.ok(Math.abs(ms - wanted) < 100,
  `${ms} for ${wanted}`);

/* ---- parts of other programs ---- */

for (const live of [false, true])
  test(`three parts play as one${live ? ', live' : ''}`, async () => {
    const seen = await inPage(watch, { id: 1, lengthMs: 8000, live });
    checkSteady(seen, 7);
    near(seen.result.duration, 3 * partS * 1000);
    assert.deepEqual(seen.widths.slice(-2), widths.slice(1));
    assert.ok(seen.frames > 200, `${seen.frames} frames`);
    lasts(seen, 3 * partS * 1000);
  });

test('a seek into the third part', async () => {
  const seen = await inPage(watch, { id: 1, lengthMs: 1500, seekMs: 7000 });
  assert.equal(seen.widths.at(-1), widths[2], JSON.stringify(seen));
  lasts(seen, 2000);
});

test('seeks from part to part, many at a time, and in a pause', async () => {
  const seen = await inPage(async ([ws]) => {
    const viewer = await window.replay.viewer(ws);
    await viewer.play(1);
    const width = (wanted) => window.replay.until(`width ${wanted}`, () =>
      viewer.video.videoWidth === wanted);
    await width(320);
    await viewer.say({ request: 'pause' });
    await viewer.say({ request: 'seek', position: 4000 });
    await viewer.say({ request: 'resume' });
    await width(160);
    await Promise.all(Array.from({ length: 20 }, (_, i) =>
      viewer.say({ request: 'seek', position: i % 2 ? 1000 : 8000 })));
    await viewer.say({ request: 'seek', position: 6500 });
    await width(240);
    await viewer.say({ request: 'seek', position: 0 });
    await width(320);
    const began = performance.now();
    await viewer.done(20000);
    const tookMs = performance.now() - began;
    await viewer.close();
    return { tookMs };
  });
  lasts(seen, 3 * partS * 1000);
});

for (const [id, what] of [[2, 'missing'], [3, 'broken']])
  test(`a ${what} part is left out`, async () => {
    const seen = await inPage(watch, { id, lengthMs: 5000 });
    checkSteady(seen, 4);
    near(seen.result.duration, 2 * partS * 1000);
    assert.equal(seen.widths.at(-1), widths[2]);
    lasts(seen, 2 * partS * 1000);
  });

test('a last part that is cut off plays as far as it goes', async () => {
  const seen = await inPage(watch, { id: 4, lengthMs: 4000 });
  checkSteady(seen, 3);
  assert.equal(seen.widths.at(-1), widths[2]);
  lasts(seen, 1.65 * partS * 1000);
});

test('pictures that only a later part has', async () => {
  const seen = await inPage(watch, { id: 7, lengthMs: 2000 });
  near(seen.result.duration, 3 * partS * 1000);
  assert.equal(seen.widths.at(-1), widths[1]);
  assert.ok(seen.flashes.length > 0, JSON.stringify(seen));
  /* From the first picture on. */
  lasts(seen, 2 * partS * 1000);
});

/* ---- messages ---- */

test('messages go on from part to part', async () => {
  const seen = await inPage(watch, { id: 5, lengthMs: 8000 });
  assert.deepEqual(seen.texts.map(({ data }) => data),
    ['one', 'four', 'seven']);
  seen.texts.forEach(({ ms }, i) =>
    assert.ok(Math.abs(ms - [1000, 4000, 7000][i]) < 400 + slow * 10,
      JSON.stringify(seen)));
});

test('messages go with a seek into another part', async () => {
  const seen = await inPage(watch, { id: 5, lengthMs: 1000, seekMs: 6100 });
  assert.deepEqual(seen.texts.map(({ data }) => data).slice(-1), ['seven']);
  assert.ok(seen.texts.every(({ data }) => data !== 'four'));
  assert.ok(Math.abs(seen.texts.at(-1).ms - 1000) < 400 + slow * 10,
    JSON.stringify(seen));
});

test('messages of one container come when they did', async () => {
  const seen = await inPage(watch, { id: 6, lengthMs: 4000 });
  assert.deepEqual(seen.texts.map(({ data }) => data),
    ['one', 'four', 'seven']);
  assert.ok(Math.abs(seen.texts[0].ms - 2000) < 400 + slow * 10,
    JSON.stringify(seen));
});

/* ---- parts of our own ---- */

test('what was recorded in parts plays whole', async () => {
  const sent = await inPage(async ([ws]) => {
    const recorder = await window.replay.recorder(ws);
    await recorder.record({ name: 'in parts', id: 50 });
    const end = performance.now() + 7000;
    while (performance.now() < end) {
      await recorder.say({ request: 'configure',
        'video-keyframe-interval': 1000 });
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
    await recorder.say({ request: 'stop' });
    const row = await window.replay.until('the recording', async () =>
      (await recorder.say({ request: 'list' })).list
        .find(({ id }) => id === 50));
    await recorder.close();
    return row;
  });
  console.error(JSON.stringify(sent));
  assert.ok(sent.files.length >= 3, JSON.stringify(sent));
  const seen = await inPage(async ([ws]) => {
    const viewer = await window.replay.viewer(ws);
    const result = await viewer.play(50);
    const began = performance.now();
    let silentMs = 0;
    await window.replay.until('a tone', () => viewer.ear && viewer.loud());
    const end = performance.now() + 5000;
    while (performance.now() < end) {
      const at = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (!viewer.loud())
        silentMs += performance.now() - at;
    }
    const frames = (await viewer.inbound('video')).framesDecoded;
    await viewer.done(20000);
    const tookMs = performance.now() - began;
    await viewer.close();
    return { result, silentMs, frames, tookMs };
  });
  console.error(JSON.stringify(seen));
  const lengthMs = 1000 * sent.files.reduce((sum, file) =>
    sum + probe(library.path(file)).audio.seconds, 0);
  near(seen.result.duration, lengthMs);
  lasts(seen, lengthMs);
  assert.ok(seen.silentMs < (slow ? 2000 : 250), JSON.stringify(seen));
  assert.ok(seen.frames > 60, JSON.stringify(seen));
});
