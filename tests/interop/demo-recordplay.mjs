/* Drives the page of recordings in Chromium with its own buttons, against the
   server at BIFRONS_HTTP:

     BIFRONS_HTTP=http://127.0.0.1:8088 node demo-recordplay.mjs

   Exits with 77 where there is no server named, no Chromium or no modules.
   BIFRONS_TEST_PLAIN=yes: the server is one that has none of our additions. */

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { base, launch, openPage, requireBrowser, until } from './lib.mjs';

await requireBrowser();

const plain = process.env.BIFRONS_TEST_PLAIN === 'yes';
const recordedMs = 4000;
const pausedMs = 2000;
const waitMs = 40000;

let browser;
let page;
before(async () => {
  browser = await launch();
  page = await openRecordings();
});
after(() => browser?.close());

function openRecordings(query = {}, options = {}) {
  const ws = process.env.BIFRONS_WS;
  const server = ws && !query.server ? { server: ws } : {};
  return openPage(browser, `/recordplay.html?${new URLSearchParams({
    lang: 'en', ...server, ...query })}`, options);
}

const state = (wanted) => until(page, `the state ${wanted}`, (name) =>
  window.bifrons.state === name, wanted, waitMs);

const elapsed = (ms) => until(page, `${ms} ms of it`, (least) =>
  window.bifrons.elapsedMs >= least, ms, waitMs);

const reason = (one, name) => until(one, `the notice ${name}`, (wanted) =>
  document.getElementById('notice').dataset.reason === wanted, name, waitMs);

const cardOf = (name) =>
  page.locator(`#list li:has(h3:text-is("${name}"))`);

async function ready(one = page) {
  await until(one, 'a list', () => !document.getElementById('record').disabled);
}

/* Starts a recording; it is up when this resolves to its number. */
async function record(name, { isPrivate = false } = {}) {
  await page.fill('#name', name);
  await page.setChecked('#private', isPrivate);
  await page.click('#record');
  await state('up');
  return page.evaluate(() => window.bifrons.now.id);
}

async function stop() {
  await page.click('#stop');
  await state('over');
}

/* Waits until pictures and sound of what plays come in. */
function plays() {
  return until(page, 'a picture and sound', async () => {
    const connection = window.bifrons.connection;
    const all = connection ? [...(await connection.getStats()).values()] : [];
    const of = (kind) => all.find((one) => one.type === 'inbound-rtp' &&
      one.kind === kind);
    return of('video')?.framesDecoded > 20 &&
      of('audio')?.totalAudioEnergy > 0 && {
      lost: of('video').packetsLost,
      width: document.getElementById('picture').videoWidth };
  }, null, waitMs);
}

test('a list without recordings says so', async () => {
  await ready();
  assert.match(await page.innerText('#list-empty'), /Nothing was recorded/);
});

test('a recording needs a name', async () => {
  await page.fill('#name', '');
  await page.click('#record');
  assert.equal(await page.evaluate(() =>
    document.getElementById('name').validity.valueMissing), true);
  assert.equal(await page.evaluate(() => window.bifrons.now), undefined);
});

let id;
test('a recording is made, paused in the middle', async () => {
  id = await record('First one');
  assert.ok(id > 0);
  assert.match(await page.innerText('#red'), /Recording/);
  await elapsed(recordedMs / 2);
  await page.click('#pause');
  await page.getByText('Go on').waitFor();
  const at = await page.evaluate(() => window.bifrons.elapsedMs);
  await page.waitForTimeout(pausedMs);
  assert.equal(await page.evaluate(() => window.bifrons.elapsedMs), at);
  await page.click('#pause');
  await page.getByText('Pause', { exact: true }).waitFor();
  await elapsed(recordedMs);
  await stop();
  assert.match(await page.innerText('#made'), new RegExp(String(id)));
  await cardOf('First one').waitFor();
});

test('its card has a picture, and what the server tells', async () => {
  const card = cardOf('First one');
  await card.locator('.poster img').waitFor();
  assert.match(await card.innerText(), /VP8 \+ OPUS/);
  if (plain)
    return;
  assert.match(await card.locator('.length').innerText(), /^0:0[34]$/);
  assert.match(await card.innerText(), /\d (kB|MB)/);
});

test('the file can be had and plays in the browser', { skip: plain },
  async () => {
    const href = await cardOf('First one').locator('a').getAttribute('href');
    const answer = await fetch(new URL(href, base));
    assert.equal(answer.status, 200);
    const [entry] = await page.evaluate(() => window.bifrons.items);
    assert.equal((await answer.arrayBuffer()).byteLength, entry.size);
    const found = await page.evaluate(async (address) => {
      const video = document.createElement('video');
      video.muted = true;
      video.src = address;
      await video.play();
      await new Promise((resolve) => {
        video.addEventListener('ended', resolve);
      });
      const { videoWidth, currentTime } = video;
      return { videoWidth, currentTime };
    }, href);
    assert.ok(found.videoWidth > 0);
    assert.ok(Math.abs(found.currentTime * 1000 - entry.duration) < 300,
      JSON.stringify({ found, entry }));
  });

test('it plays over WebRTC to its end', async () => {
  await cardOf('First one').getByRole('button').click();
  await state('up');
  assert.equal(await cardOf('First one').locator('.card')
    .getAttribute('aria-current'), 'true');
  const { width } = await plays();
  assert.ok(width > 0);
  await state('over');
  assert.deepEqual(page.trouble, []);
});

test('playing pauses and seeks', { skip: plain }, async () => {
  await cardOf('First one').getByRole('button').click();
  await state('up');
  await plays();
  await page.click('#pause');
  await page.getByText('Go on').waitFor();
  const counts = () => page.evaluate(async () =>
    [...(await window.bifrons.connection.getStats()).values()]
      .filter((one) => one.type === 'inbound-rtp')
      .reduce((sum, one) => sum + one.packetsReceived, 0));
  let last = -1;
  for (let now = await counts(); now !== last; now = await counts()) {
    last = now;
    await page.waitForTimeout(300);
  }
  await page.waitForTimeout(2 * recordedMs);
  assert.equal(await counts(), last);
  await page.locator('#seek').fill('0');
  await page.click('#pause');
  await until(page, 'more of it', async (before) =>
    [...(await window.bifrons.connection.getStats()).values()]
      .filter((one) => one.type === 'inbound-rtp')
      .reduce((sum, one) => sum + one.packetsReceived, 0) > before + 50,
  last, waitMs);
  await state('over');
});

test('a private one is played by its number alone', async () => {
  const hidden = await record('Secret', { isPrivate: true });
  await elapsed(recordedMs);
  await stop();
  assert.match(await page.innerText('#made'), new RegExp(String(hidden)));
  await page.click('#refresh');
  await ready();
  if (!plain)
    assert.equal(await cardOf('Secret').count(), 0);
  await page.fill('#number', String(hidden));
  await page.click('#play-number');
  await state('up');
  await plays();
  await page.click('#stop');
  await state('idle');
});

test('a number that is none is explained', async () => {
  await page.fill('#number', '4711');
  await page.click('#play-number');
  await reason(page, 'rec.unknown');
  assert.match(await page.innerText('#notice'), /4711/);
  assert.ok(await page.isEnabled('#record'));
});

test('the recorded sound alone has a card without a picture', async () => {
  await page.selectOption('#camera', 'none');
  await record('Only sound');
  await elapsed(2000);
  await stop();
  const card = cardOf('Only sound');
  await card.waitFor();
  assert.match(await card.locator('.poster').innerText(), /Sound/);
  assert.equal(await card.locator('.poster img').count(), 0);
  await page.selectOption('#camera', '');
});

test('what is refused is explained', async () => {
  const refused = await openRecordings({}, { permissions: [] });
  await refused.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
  });
  await ready(refused);
  await refused.fill('#name', 'Nobody');
  await refused.click('#record');
  await reason(refused, 'media.refused');
  await refused.context().close();
  const lost = await openRecordings({ server: '/nowhere' });
  await reason(lost, 'server.none');
  await lost.context().close();
});
