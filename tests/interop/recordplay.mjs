/* Record&Play with Chromium: what it records it can play again, and so it can
   what others recorded: containers, .mjr, with both tracks in step. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { runInPage, servePages } from './raw-page.mjs';
import { Library } from './replay-library.mjs';
import { startServer } from './server.mjs';

await requireBrowser();

const library = new Library();
const lengthS = 12;
/* Beside sanitizers a browser shows pictures when it can. */
const slow = Number(process.env.BIFRONS_TEST_SLOW ?? 0);
const mostMs = slow ? 1000 : 120;

/* Files of other programs, in other codecs: id, name, ending, encoder. */
const others = [
  [5, 'AV1 in WebM', 'webm', ['libaom-av1', '-usage', 'realtime',
    '-cpu-used', '8']],
  [6, 'AV1 in MP4', 'mp4', ['libaom-av1', '-usage', 'realtime',
    '-cpu-used', '8']],
  [7, 'VP9 in MP4', 'mp4', ['libvpx-vp9', '-deadline', 'realtime',
    '-cpu-used', '8']],
];

function makeOthers() {
  for (const [id, , ending, encoder] of others) {
    const file = `other-${id}.${ending}`;
    library.container(file, { lengthS, encoder });
    library.nfo(id, { audio: file, video: file });
  }
}

function makeRecordings() {
  library.container('flash.webm', { lengthS });
  library.nfo(1, { audio: 'flash.webm', video: 'flash.webm' });
  library.mjr('flash.webm', 'flash');
  library.nfo(2, { audio: 'flash-audio.mjr', video: 'flash-video' });
  library.write('broken-audio.mjr', 'MJR00002');
  library.nfo(3, { audio: 'broken-audio.mjr', video: 'flash-video.mjr' });
  library.nfo(4, { audio: 'broken-audio.mjr' });
}

let browser;
let server;
let pages;
before(async () => {
  makeRecordings();
  makeOthers();
  server = await startServer({ config: library.config });
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

/* In the page: numbers of a whole playing. */
const watch = async ([ws, id]) => {
  const viewer = await window.replay.viewer(ws);
  const began = performance.now();
  const result = await viewer.play(id);
  const frequency = await window.replay.until('a tone', () =>
    viewer.ear && viewer.frequency());
  const { flashes, beeps } = await viewer.flashesAndBeeps(6000);
  const video = await viewer.inbound('video');
  const audio = await viewer.inbound('audio');
  await viewer.done(30000);
  const tookMs = performance.now() - began;
  await viewer.close();
  return { result, frequency, flashes, beeps, tookMs,
    frames: video.framesDecoded, lost: video.packetsLost + audio.packetsLost,
    freezes: video.freezeCount };
};

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

for (const [id, what] of [[1, 'a container'], [2, 'two .mjr files'],
  ...others])
  test(`${what} plays in step, at its pace, to its end`, async () => {
    const seen = await inPage(watch, id);
    const offsets = seen.flashes.map((flash) => median(seen.beeps
      .map((beep) => beep - flash).filter((ms) => Math.abs(ms) < 500)));
    const offset = median(offsets.filter((ms) => ms !== undefined));
    console.error(`${what}: ${seen.frames} frames, ${seen.frequency} Hz, ` +
      `beep ${Math.round(offset)} ms after flash, ${seen.tookMs} ms`);
    assert.equal(seen.result.id, id);
    assert.ok(seen.flashes.length >= 5 && seen.beeps.length >= 5,
      JSON.stringify(seen));
    assert.ok(Math.abs(seen.frequency - 1000) < 30, `${seen.frequency} Hz`);
    assert.ok(Math.abs(offset) < mostMs, `beeps ${offset} ms after flashes`);
    assert.ok(seen.frames > 150, `${seen.frames} frames`);
    assert.equal(seen.lost, 0);
    assert.ok(seen.tookMs > lengthS * 1000 - 500
      && seen.tookMs < lengthS * 1000 + 3000, `${seen.tookMs} ms`);
  });

test('one broken file of two is a warning, one of one an error', async () => {
  const warning = await inPage(async ([ws]) => {
    const viewer = await window.replay.viewer(ws);
    const result = await viewer.play(3);
    await window.replay.until('frames', async () =>
      (await viewer.inbound('video')).framesDecoded > 5);
    await viewer.close();
    return result.warning;
  });
  assert.equal(warning, 'Broken audio file, playing video only');
  await assert.rejects(inPage(async ([ws]) => {
    const viewer = await window.replay.viewer(ws);
    await viewer.play(4);
  }), /417/);
});

/* In the page: pictures stand still in a pause, and go on at another place. */
const pauseAndSeek = async ([ws, id]) => {
  const { until, viewer: open } = window.replay;
  const viewer = await open(ws);
  const frames = async () => (await viewer.inbound('video')).framesDecoded;
  const packets = async () => (await viewer.inbound('audio')).packetsReceived;
  await viewer.play(id);
  await until('frames', async () => await frames() > 10);
  await viewer.say({ request: 'pause' });
  await new Promise((resolve) => setTimeout(resolve, 500));
  const still = await packets();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const more = await packets() - still;
  await viewer.say({ request: 'resume' });
  const before = await frames();
  await until('frames after the pause', async () =>
    await frames() > before + 20);
  const results = [];
  for (const position of [8500, 1500]) {
    const { result } = await viewer.say({ request: 'seek', position });
    const from = await frames();
    await until('frames after seeking', async () =>
      await frames() > from + 20);
    results.push(result);
  }
  const began = performance.now();
  const { flashes, beeps } = await viewer.flashesAndBeeps(4000);
  await viewer.say({ request: 'seek', position: 10500 });
  await viewer.done(10000);
  await viewer.close();
  return { more, results, flashes, beeps, began };
};

for (const id of [1, 2])
  test(`recording ${id} pauses, and is sought`, async () => {
    const seen = await inPage(pauseAndSeek, id);
    assert.equal(seen.more, 0);
    assert.deepEqual(seen.results, [8500, 1500].map((position) =>
      ({ status: 'seeking', id, position })));
    const offsets = seen.flashes.map((flash) => median(seen.beeps
      .map((beep) => beep - flash).filter((ms) => Math.abs(ms) < 500)))
      .filter((ms) => ms !== undefined);
    assert.ok(offsets.length >= 2, JSON.stringify(seen));
    console.error(`after seeking: beep ${median(offsets)} ms after flash`);
    assert.ok(Math.abs(median(offsets)) < mostMs, `${offsets}`);
  });

test('what was recorded is listed and plays', async () => {
  const id = await inPage(async ([ws]) => {
    const recorder = await window.replay.recorder(ws);
    const result = await recorder.record({ name: 'from a browser' });
    await new Promise((resolve) => setTimeout(resolve, 6000));
    await recorder.say({ request: 'stop' });
    await window.replay.until('the recording in the list', async () =>
      (await recorder.say({ request: 'list' })).list
        .some((entry) => entry.id === result.id));
    await recorder.close();
    return result.id;
  });
  const nfo = fs.readFileSync(library.path(`${id}.nfo`), 'utf8');
  assert.match(nfo, /^\[\d+\]\r\nname = from a browser\r\nprivate = false\r\n/);
  const seen = await inPage(async ([ws, which]) => {
    const viewer = await window.replay.viewer(ws);
    await viewer.play(which);
    const frequency = await window.replay.until('a tone', () =>
      viewer.ear && viewer.frequency());
    await window.replay.until('frames', async () =>
      (await viewer.inbound('video')).framesDecoded > 60);
    await viewer.done(15000);
    await viewer.close();
    return { frequency };
  }, id);
  assert.ok(Math.abs(seen.frequency - 1000) < 30, `${seen.frequency} Hz`);
});
