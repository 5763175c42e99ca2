/* Takes pictures of the demo pages, to look at:

     BIFRONS_HTTP=http://127.0.0.1:8088 node demos-screens.mjs FOLDER */

import fs from 'node:fs';
import path from 'node:path';
import { launch, openPage, until } from './lib.mjs';

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
for (const [name, look] of Object.entries(looks)) {
  await shootIndex(browser, name, look);
  await shootEcho(browser, name, look);
}
await shootEcho(browser, 'simulcast',
  { ...desktop, query: '&simulcast=true&vcodec=vp8' });
await shootRefused(browser);
await browser.close();
