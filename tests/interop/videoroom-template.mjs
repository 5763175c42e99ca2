/* A user's own template for rooms: a text over the picture of every publisher,
   as each viewer sees it, while their sound stays on the relay. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { openRooms, servePages } from './raw-page.mjs';
import { skip, withServer } from './server.mjs';

await requireBrowser();

if (spawnSync('gst-inspect-1.0', ['--exists', 'textoverlay']).status !== 0)
  skip('GStreamer has no textoverlay');

const room = 4323;
const peer = 'webrtcbin name=peer bundle-policy=max-bundle latency=100';
const relay = 'bifrelay name=relay';
const overlay = `rtpvp8depay name=in ! vp8dec ! videoconvert
  ! textoverlay text=BIFRONS font-desc="Sans Bold 48" color=0xffff0000
    draw-shadow=false draw-outline=false halignment=center valignment=center
  ! videoconvert ! vp8enc deadline=1 cpu-used=8 target-bitrate=500000
    keyframe-max-dist=10000 ! rtpvp8pay name=out`;

let browser;
let folder;
before(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-template-'));
  browser = await launch();
});
after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true });
});

/* In the page: the share of red in each publisher's picture, as a viewer of
   all sees it, and as one sees it who comes later. */
const measureRed = async ([ws, number]) => {
  const { Publisher, Viewer, until } = window.rooms;
  const share = (viewer, id) => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 180];
    const context = canvas.getContext('2d');
    context.drawImage(viewer.videos.get(viewer.lines(id).video.mid), 0, 0,
      320, 180);
    const { data } = context.getImageData(0, 0, 320, 180);
    let red = 0;
    for (let i = 0; i < data.length; i += 4)
      red += data[i] > 150 && data[i + 1] < 90 && data[i + 2] < 90 ? 1 : 0;
    return red / (320 * 180);
  };
  const publishers = await Promise.all(['blue', 'lime'].map(async (name) =>
    (await new Publisher(ws, number).join(name)).publish(name)));
  const ids = publishers.map(({ id }) => id);
  const shares = [];
  const times = [];
  for (let i = 0; i < 2; i++) {
    const viewer = await new Viewer(ws, number).join(ids);
    times.push(...await Promise.all(ids.map((id) => viewer.firstFrame(id))));
    await viewer.flows(ids);
    await until('pictures', () => ids.every((id) =>
      viewer.videos.get(viewer.lines(id).video.mid).videoWidth === 320));
    shares.push(...ids.map((id) => share(viewer, id)));
  }
  return { shares, times };
};

async function measure(video) {
  fs.writeFileSync(path.join(folder, 'videoroom.gst'), `[peer]\n${peer}\n` +
    `[publisher-audio]\n${relay}\n[publisher-video]\n${video}\n`);
  let result;
  await withServer({ env: { BIFRONS_PIPELINE_PATH: folder },
    config: { 'janus.plugin.videoroom': {
      [`room-${room}`]: { description: 'overlay' } } } }, async (server) => {
    const pages = await servePages(server);
    try {
      const { page, run } = await openRooms(browser, pages, server);
      result = await run(measureRed, room);
      await page.context().close();
    } finally {
      await pages.close();
    }
  });
  return result;
}

test('a relayed picture has no text', async () => {
  const { shares } = await measure(relay);
  assert.ok(shares.every((share) => share < 0.002), `${shares}`);
});

test('a text is over the picture of every publisher', async (t) => {
  const { shares, times } = await measure(overlay);
  t.diagnostic(`red: ${shares.map((share) => share.toFixed(3))}; ` +
    `first frames after ${times} ms`);
  assert.equal(shares.length, 4);
  assert.ok(shares.every((share) => share > 0.015), `${shares}`);
});
