/* What tests of recordings ask of a file: as much as was sent, sound in step
   with picture, and a <video> element that plays all of it. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { roomy } from './hostile.mjs';
import { openPage } from './lib.mjs';
import { brightness, decodes, loudness, probe } from './probe.mjs';
import { serve } from './serve-www.mjs';

const spanSeconds = 0.01;       /* of loudness */
/* 40 ms, and what Chromium itself brings: the canvas is looked at 30 times a
   second, and sound goes through buffers of 10 ms. With too much to do, its
   sender reports tell the sound's time up to 100 ms late. */
const offsetMs = 60 * roomy;
const spreadMs = 60 * roomy;

export function makeFolder() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-recordings-'));
}

export const filesOf = (folder, ending) => fs.readdirSync(folder)
  .filter((name) => name.endsWith(ending))
  .map((name) => path.join(folder, name));

/* When each thing that comes for a fifth of the time begins. Not what is
   loudest counts: Opus pops where a decoder begins in the middle of a tone. */
function rises(samples, timeOf, valueOf) {
  const sorted = samples.map(valueOf).sort((a, b) => a - b);
  const half = sorted[Math.floor(0.9 * sorted.length)] / 2;
  return samples.filter((one, i) => i > 0 && valueOf(one) > half &&
    valueOf(samples[i - 1]) <= half).map(timeOf);
}

/* When pictures turn white. */
export function flashTimes(file) {
  return rises(brightness(file), ({ time }) => time, ({ light }) => light);
}

/* For each flash, how much later the beep is, in ms; one that the file's end
   cuts off from its beep does not count. */
export function offsets(file) {
  const flashes = flashTimes(file);
  const beeps = rises(loudness(file, spanSeconds).map((loud, i) =>
    ({ time: i * spanSeconds, loud })), ({ time }) => time, ({ loud }) => loud);
  return flashes.map((flash) => 1000 * (beeps.reduce((best, beep) =>
    Math.abs(beep - flash) < Math.abs(best - flash) ? beep : best) - flash))
    .filter((one, i, all) => i < all.length - 1 || Math.abs(one) < 500);
}

const medianOf = (all) => all.toSorted((a, b) => a - b)[all.length >> 1];
/* A third of the flashes may be late, where a busy machine dropped their first
   pictures: a clock that runs away or jumps is in more of them. */
export function checkOffsets(file) {
  const all = offsets(file);
  const late = medianOf(all);
  const near = all.toSorted((a, b) => Math.abs(a - late) - Math.abs(b - late))
    .slice(0, Math.ceil(all.length * 2 / 3));
  const spread = Math.max(...near) - Math.min(...near);
  console.log(`# ${path.basename(file)}: sound ${late.toFixed(0)} ms after ` +
    `picture, spread ${spread.toFixed(0)} ms over ${all.length} flashes`);
  assert.ok(all.length >= 4, JSON.stringify(all));
  assert.ok(Math.abs(late) < offsetMs, JSON.stringify(all));
  assert.ok(spread < spreadMs, JSON.stringify(all));
}

/* As long as what was sent, and no longer than it took. */
export function lasts(found, { sent, seconds }) {
  return found.seconds > sent.audio.packets * 0.02 - 0.8 &&
    found.seconds < seconds + 0.5;
}

export function checkFile(file, { sent, seconds }) {
  const found = probe(file);
  const note = JSON.stringify({ found, sent, seconds });
  console.log(`# ${path.basename(file)}: ${note}`);
  assert.ok(found.video.startsWithKey, note);
  assert.ok(found.video.frames > 0.9 * sent.video.frames - 15, note);
  assert.ok(found.video.frames <= sent.video.frames + 30, note);
  assert.ok(found.audio.frames > 0.95 * sent.audio.packets - 25, note);
  for (const kind of ['audio', 'video'])
    assert.ok(lasts(found[kind], { sent, seconds }), note);
  assert.ok(Math.abs(found.audio.last - found.video.last) < 0.2, note);
  assert.deepEqual(decodes(file), { code: 0, complaints: [] });
  return found;
}

/* Plays the file in Chromium, over HTTP. */
export async function checkInBrowser(browser, folder, file, found) {
  const www = await serve(path.join(import.meta.dirname, 'pages'), 0,
    'http://127.0.0.1:9', '127.0.0.1', folder);
  const origin = `http://127.0.0.1:${www.address().port}`;
  const page = await openPage(browser, '/flash.html', { origin });
  await page.waitForFunction(() => window.watch);
  const seen = await page.evaluate((name) => window.watch(name),
    `/recordings/${path.basename(file)}`);
  assert.ok(seen.width > 0);
  assert.ok(Math.abs(seen.seconds - found.video.last) < 0.3,
    JSON.stringify({ seen, found }));
  assert.ok(seen.frames > 0.5 * found.video.frames,
    JSON.stringify({ seen, found }));
  await page.context().close();
  www.closeAllConnections();
  www.close();
}
