/* The files of a room's recordings: each format, parts of a length or size, and
   what is left of them where the server is killed. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { decodes, probe } from './probe.mjs';
import { canSend } from './raw-page.mjs';
import { checkFile, checkInBrowser, checkOffsets, filesOf, lasts } from
  './recording-checks.mjs';
import { assertWhole, closedFiles, framesOfMjr, seconds, withRooms } from
  './room-recordings.mjs';

await requireBrowser();

const lengthSeconds = 6;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/* A test of Chromium with a codec, where it has it. */
const codecTest = (name, codec, use) => test(name, async (t) => {
  if (await canSend(browser, codec))
    await use();
  else
    t.skip(`this Chromium sends no ${codec}`);
});

/* Publishes in a room that is recorded, and leaves. */
async function record(rooms, codec, settings) {
  const folder = await rooms.create(1, { record: true });
  const publisher = await rooms.publish(1, { codec, body: { filename: 'f' },
    ...settings });
  await seconds(lengthSeconds);
  const made = await publisher.made();
  await publisher.ask({ request: 'unpublish' });
  return { folder, made };
}

for (const { format, codec } of [{ format: 'mkv', codec: 'h264' },
  { format: 'mp4', codec: 'h264' }])
  codecTest(`${format} plays everywhere, in step`, codec, () =>
    withRooms(browser, format, async (rooms) => {
      const { folder, made } = await record(rooms, codec);
      const [file] = await closedFiles(rooms.server, folder, 1, `.${format}`);
      assertWhole(file);
      const found = checkFile(file, made);
      assert.equal(found.video.codec, codec);
      checkOffsets(file);
      await checkInBrowser(browser, folder, file, found);
    }));

test('mjr is what janus-pp-rec takes', async (t) => {
  if (spawnSync('janus-pp-rec', ['--help']).error) {
    t.skip('no janus-pp-rec');
    return;
  }
  await withRooms(browser, 'mjr', async (rooms) => {
    const { folder, made } = await record(rooms, 'vp8');
    const files = await closedFiles(rooms.server, folder, 2, '.mjr');
    assert.deepEqual(files.map((file) => path.basename(file)),
      ['f-audio-0.mjr', 'f-video-1.mjr']);
    for (const [i, kind] of ['audio', 'video'].entries()) {
      const out = path.join(folder, kind === 'audio' ? 'a.opus' : 'v.webm');
      execFileSync('janus-pp-rec', [files[i], out], { stdio: 'pipe' });
      const found = probe(out)[kind];
      const note = JSON.stringify({ kind, found, made });
      const count = made.sent[kind].frames ?? made.sent[kind].packets;
      assert.ok(lasts(found, made), note);
      assert.ok(found.frames > 0.9 * count - 25 && found.frames <= count + 60,
        note);
    }
  });
});

/* By settings; .mjr files beside them tell how many frames there were. */
const splits = [
  { name: 'time', settings: { max_duration: 2 }, codec: 'vp8', format: 'webm' },
  { name: 'size', settings: { max_size: 9000 }, codec: 'h264', format: 'mp4' },
  { name: 'time of two videos', settings: { max_duration: 2 }, codec: 'vp8',
    format: 'webm', videos: 2 },
];

for (const { name, settings, codec, format, videos } of splits)
  codecTest(`parts by ${name} lose nothing between them`, codec, () =>
    withRooms(browser, `${format},mjr`, async (rooms) => {
      const { folder, made } = await record(rooms, codec, { videos });
      const files = await closedFiles(rooms.server, folder, 1 + (videos ?? 1),
        '.mjr');
      const parts = filesOf(folder, `.${format}`).sort((a, b) =>
        a.length - b.length || a.localeCompare(b));
      assert.ok(parts.length >= 2, fs.readdirSync(folder).join());
      const found = parts.map(assertWhole);
      const note = JSON.stringify({ made, found });
      const total = (number, key) => found.reduce((sum, { tracks }) =>
        sum + tracks[number][key], 0);
      assert.ok(total(0, 'frames') > made.sent.audio.packets - 30, note);
      /* A keyframe of one video is not one of the other. */
      const all = files.slice(1).map(framesOfMjr);
      console.log(`# ${parts.length} parts, frames of videos ${all}`);
      for (const [i, frames] of all.entries()) {
        assert.ok(frames >= total(i + 1, 'frames') - 2 &&
          frames - total(i + 1, 'frames') <= (videos ? 3 * parts.length : 2),
        `${frames} ${note}`);
        assert.ok(Math.abs(total(i + 1, 'seconds') - total(0, 'seconds')) <
          0.2 * parts.length, note);
      }
      for (const [i, part] of parts.entries()) {
        assert.ok(found[i].video.startsWithKey, note);
        assert.deepEqual(decodes(part), { code: 0, complaints: [] });
        await checkInBrowser(browser, folder, part, found[i]);
      }
    }, settings));

for (const { format, codec } of [{ format: 'webm', codec: 'vp8' },
  { format: 'mp4', codec: 'h264' }])
  codecTest(`${format} plays up to the last second before a crash`, codec,
    () => withRooms(browser, format, async (rooms) => {
      const folder = await rooms.create(1, { record: true });
      const publisher = await rooms.publish(1, { codec });
      await seconds(lengthSeconds);
      const made = await publisher.made();
      await rooms.crash();
      const [file] = filesOf(folder, `.${format}`);
      const found = probe(file);
      const note = JSON.stringify({ found, made });
      console.log(`# ${note}`);
      assert.ok(found.audio.last > made.sent.audio.packets * 0.02 - 1.5, note);
      assert.ok(found.video.last > found.audio.last - 1, note);
      assert.ok(found.video.frames > made.sent.video.frames - 45, note);
      await checkInBrowser(browser, folder, file, found);
    }));
