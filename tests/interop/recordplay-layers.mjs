/* Record&Play with what has layers: the recording holds the best one, as one
   stream, which plays in its size. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { canSend, runInPage, servePages } from './raw-page.mjs';
import { Library } from './replay-library.mjs';
import { startServer, until } from './server.mjs';

await requireBrowser();

const library = new Library();
const slow = Number(process.env.BIFRONS_TEST_SLOW ?? 0);

let browser;
let server;
let pages;
before(async () => {
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

/* In the page: records until the best layer has been sent for a while. */
const record = async ([ws, { id, codec, sendEncodings, size }]) => {
  const recorder = await window.replay.recorder(ws);
  await recorder.say({ request: 'configure', 'video-bitrate-max': 4000000 });
  await recorder.record({ name: 'layers', id, videocodec: codec }, { codec,
    sendEncodings, video: { ...size, frameRate: 10 } });
  const layers = await window.replay.until('all layers', async () => {
    const now = await recorder.layers();
    return now.includes(size.width) && now.length === sendEncodings.length && now;
  }, 60000);
  await new Promise((resolve) => setTimeout(resolve, 6000));
  await recorder.say({ request: 'stop' });
  await recorder.close();
  return layers;
};

/* In the page: the widest picture. */
const watch = async ([ws, id]) => {
  const viewer = await window.replay.viewer(ws);
  await viewer.play(id);
  let widest = 0;
  let frames = 0;
  const timer = setInterval(async () => {
    widest = Math.max(widest, viewer.video.videoWidth);
    frames = (await viewer.inbound('video')).framesDecoded ?? frames;
  }, 50);
  await viewer.done(60000);
  clearInterval(timer);
  await viewer.close();
  return { widest, frames };
};

/* Widths of the frames in a file, in their order. */
function widths(file) {
  const { status, stdout, stderr } = spawnSync('ffprobe', ['-v', 'error',
    '-select_streams', 'v', '-show_entries', 'frame=width', '-of',
    'csv=p=0', file], { encoding: 'utf8', timeout: 60000 });
  assert.equal(status, 0, stderr);
  return stdout.trim().split(/\s+/).map((row) => Number.parseInt(row, 10));
}

/* The best first, as Janus takes them where it is not told. */
const simulcast = [{ rid: 'h' }, { rid: 'm', scaleResolutionDownBy: 2 },
  { rid: 'l', scaleResolutionDownBy: 4 }];
const rows = [
  /* Of less than this Chromium makes no three layers. */
  { id: 1, what: 'simulcast of VP8', codec: 'vp8', sendEncodings: simulcast,
    size: { width: 1280, height: 720 } },
  { id: 2, what: 'SVC of VP9', codec: 'vp9',
    sendEncodings: [{ scalabilityMode: 'L3T3_KEY' }],
    size: { width: 640, height: 480 } },
];

for (const { id, what, codec, sendEncodings, size } of rows)
  test(`${what}: the best layer is kept, and plays`, async (t) => {
    if (!await canSend(browser, codec)) {
      t.skip(`this Chromium sends no ${codec}`);
      return;
    }
    await inPage(record, { id, codec, sendEncodings, size });
    const { width } = size;
    const entry = await until('the recording', () => inPage(async ([ws, one]) => {
      const viewer = await window.replay.viewer(ws);
      const { list } = await viewer.say({ request: 'list' });
      await viewer.close();
      return list.find((each) => each.id === one);
    }, id));
    const all = widths(library.path(entry.files[0]));
    const best = all.filter((one) => one === width).length;
    const runs = all.filter((one, i) => one !== all[i - 1]);
    console.error(`${what}: ${all.length} frames, ${best} of ${width}; ${runs}`);
    /* Chromium begins with less, and a busy machine has it send less. */
    assert.ok(best > (slow ? 10 : all.length / 2), `${best} of ${all.length} frames; ${runs}`);
    /* Nobody asks for keyframes for no reason: of those in layers ffprobe sees
       the lowest alone. */
    assert.ok(runs.length < all.length / 5, `${runs}`);
    const seen = await inPage(watch, id);
    console.error(`${what}: ${JSON.stringify(seen)}`);
    assert.equal(seen.widest, width);
    assert.ok(seen.frames > all.length / 2, JSON.stringify(seen));
  });
