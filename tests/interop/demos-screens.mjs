/* Takes pictures of the demo pages, to look at:

     BIFRONS_HTTP=http://127.0.0.1:8088 node demos-screens.mjs FOLDER [PEOPLE,... | recordings]

   With numbers, of rooms with so many people alone; with "recordings", of the
   pages that record. */

import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { launch, openPage, smallCamera, until } from './lib.mjs';

const folder = process.argv[2] ?? 'out/screens';
const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, isMobile: true,
  deviceScaleFactor: 2 };

async function shoot(page, name) {
  const wide = await page.evaluate(() =>
    document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0)
    console.error(`${name}: ${wide} pixels too wide`);
  await page.screenshot({ path: path.join(folder, `${name}.png`),
    fullPage: true });
  console.log(path.join(folder, `${name}.png`));
}

async function shootIndex(browser, name, look) {
  const page = await openPage(browser, `/?lang=${look.language ?? 'en'}`, look);
  await until(page, 'cards and an answer of the server', () =>
    document.querySelector('[data-demo]') &&
    document.getElementById('server-line').dataset.answered);
  await shoot(page, `index-${name}`);
  await page.context().close();
}

async function shootEcho(browser, name, look) {
  const query = `lang=${look.language ?? 'en'}${look.query ?? ''}`;
  const page = await openPage(browser, `/echotest.html?${query}`, look);
  await page.click('#start:enabled');
  await until(page, 'a measured rate', () =>
    Number(document.documentElement.dataset.videoKbps) > 0 &&
    window.bifrons.stats.video.width);
  if (look.query?.includes('simulcast'))
    await until(page, 'layer buttons', () =>
      !document.getElementById('layers').hidden);
  await page.fill('#data-text', 'Hello, two faces');
  await page.click('#data-send');
  await until(page, 'echoed text', () =>
    document.querySelector('#data-log [data-way=received]'));
  await shoot(page, `echotest-${name}`);
  await page.context().close();
}

async function shootRefused(browser) {
  const page = await openPage(browser, '/echotest.html?lang=en', desktop);
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
  });
  await page.click('#start:enabled');
  await until(page, 'a notice', () =>
    !document.getElementById('notice').hidden);
  await shoot(page, 'echotest-refused');
  await page.context().close();
}

/* The page of recordings: one in the list, then recording, then playing. */
async function shootRecordings(browser, name, look) {
  const server = process.env.BIFRONS_WS ?
    `&server=${process.env.BIFRONS_WS}` : '';
  const page = await openPage(browser,
    `/recordplay.html?lang=${look.language ?? 'en'}${server}`, look);
  const runs = (ms) => until(page, 'a run', (least) =>
    window.bifrons.elapsedMs >= least, ms, 60000);
  await until(page, 'a page that records', () =>
    !document.getElementById('record').disabled);
  if (await page.locator('#list li').count() === 0)
    await shoot(page, `recordplay-empty-${name}`);
  await page.fill('#name', 'A word of welcome');
  await page.click('#record');
  await runs(4000);
  await shoot(page, `recordplay-recording-${name}`);
  await page.click('#stop');
  await until(page, 'its card', () =>
    document.querySelector('#list .poster img'));
  await page.click('#list li:has(img) button');
  await runs(1500);
  await shoot(page, `recordplay-playing-${name}`);
  await page.context().close();
}

async function shootVoicemail(browser, name, look) {
  const server = process.env.BIFRONS_WS ?
    `&server=${process.env.BIFRONS_WS}` : '';
  const page = await openPage(browser,
    `/voicemail.html?lang=${look.language ?? 'en'}${server}`, look);
  await page.click('#start:enabled');
  await until(page, 'a greeting', () =>
    ['greeting', 'up'].includes(document.documentElement.dataset.state));
  await shoot(page, `voicemail-greeting-${name}`);
  await until(page, 'a countdown', () =>
    Number(document.getElementById('left').textContent) <= 7);
  await shoot(page, `voicemail-recording-${name}`);
  await page.click('#start');
  await until(page, 'a message', () => document.querySelector('#made li'));
  await shoot(page, `voicemail-made-${name}`);
  await page.context().close();
}

/* A room that fills: its people stay until the browser ends. */
async function shootRoom(browser, count, looks) {
  const room = 7000 + count;
  const open = async (name, look) => {
    const page = await openPage(browser, `/videoroom.html?room=${room}` +
      `&name=${name}&lang=${look.language ?? 'en'}${look.query ?? ''}` +
      (process.env.BIFRONS_WS ? `&server=${process.env.BIFRONS_WS}` : ''),
    { ...look, script: smallCamera });
    await page.click('#join:enabled');
    await until(page, 'a room', () => window.bifrons.state === 'up' ||
      document.getElementById('create'));
    if (await page.locator('#create').count() > 0)
      await page.click('#create');
    await until(page, 'the room', () => window.bifrons.state === 'up');
    return page;
  };
  const people = [];
  for (let i = 1; i < count; i++)
    people.push(await open(`Guest ${i}`, { ...desktop, query: i === 1 ?
      '&simulcast=true' : '' }));
  if (people.length > 1)
    await people[1].click('#mute-video:enabled');
  for (const [name, look] of Object.entries(looks)) {
    const page = await open('Marie Curie', look);
    await until(page, 'all', (wanted) => window.bifrons.others.length === wanted
      && window.bifrons.others.every((tile) => tile.live || tile.videoOff),
    count - 1, 60000);
    if (count > 1)
      await page.click('.tile:not([data-own]) .pick');
    await shoot(page, `room-${count}-${name}`);
    await page.context().close();
  }
  for (const page of people)
    await page.context().close();
}

fs.mkdirSync(folder, { recursive: true });
const browser = await launch();
const looks = {
  'desktop-light': { ...desktop, colorScheme: 'light' },
  'desktop-dark': { ...desktop, colorScheme: 'dark' },
  'phone-light': { ...phone, colorScheme: 'light' },
  'phone-dark': { ...phone, colorScheme: 'dark' },
  'phone-ko': { ...phone, language: 'ko' },
  'phone-zh': { ...phone, language: 'zh_CN' },
  'tablet-ko': { viewport: { width: 820, height: 1180 }, language: 'ko' },
};
const recordings = process.argv[3] === 'recordings';
const counts = recordings ? [] : process.argv[3]?.split(',').map(Number);
for (const [name, look] of Object.entries(counts ? {} : looks)) {
  await shootIndex(browser, name, look);
  await shootEcho(browser, name, look);
}
for (const [name, look] of Object.entries(counts && !recordings ? {} : looks)) {
  await shootRecordings(browser, name, look);
  await shootVoicemail(browser, name, look);
}
if (!counts) {
  await shootEcho(browser, 'simulcast',
    { ...desktop, query: '&simulcast=true&vcodec=vp8' });
  await shootRefused(browser);
}
for (const count of counts ?? [1, 2, 4, 6, 9, 12])
  await shootRoom(browser, count, looks);
await browser.close();
