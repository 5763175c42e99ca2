/* The layer buttons of the video room page: one sends three sizes, another
   chooses between them. Started as demo-videoroom.mjs is. */

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { launch, openPage, requireBrowser, until } from './lib.mjs';

await requireBrowser();

const startMs = 40000;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

async function join(query) {
  const ws = process.env.BIFRONS_WS;
  const page = await openPage(browser, `/videoroom.html?${new URLSearchParams({
    lang: 'en', room: 5700, ...(ws && { server: ws }), ...query })}`);
  await page.click('#join:enabled');
  if (query.create) {
    await page.locator('#create').waitFor();
    await page.click('#create');
  }
  await until(page, 'the room', () => window.bifrons.state === 'up', null,
    startMs);
  return page;
}

test('layers of one person can be chosen', async () => {
  const sender = await join({ name: 'Ann', create: 'yes', simulcast: 'true' });
  const viewer = await join({ name: 'Ben' });
  await viewer.locator('.tile:has(.name:text-is("Ann")) .pick').click();
  const button = (layer) => viewer.locator(
    `#details [data-row=size] button[value="${layer}"]`);
  await button(0).waitFor({ timeout: startMs });
  for (const [layer, width] of [[0, 320], [1, 640], [2, 1280]]) {
    await button(layer).click();
    await until(viewer, `layer ${layer}, ${width} wide`, ([value, pixels]) =>
      document.querySelector(
        `#details [data-row=size] button[value="${value}"]`)
        .dataset.layer === 'chosen' &&
      /* Chromium scales down further where the machine is busy. */
      window.bifrons.others[0].video.videoWidth <= pixels &&
      window.bifrons.others[0].video.videoWidth > pixels / 2,
    [layer, width], startMs);
  }
  assert.deepEqual(viewer.trouble, []);
  await sender.context().close();
  await viewer.context().close();
});
