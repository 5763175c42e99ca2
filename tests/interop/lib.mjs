/* What the browser tests share: is there all they need, Chromium with fake
   devices, a page that is watched for trouble, waiting under a deadline. */

import fs from 'node:fs';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';

export const base = process.env.BIFRONS_HTTP?.replace(/\/+$/, '');
const skipCode = 77;
const pollMs = 100;
const chromiumPaths = ['/usr/bin/chromium', '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome'];

const chromiumFlags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update',
  '--disable-sync', '--use-fake-device-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  '--disable-features=WebRtcHideLocalIpsWithMdns',
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
];

function skip(reason) {
  console.error(`skipped: ${reason}`);
  process.exit(skipCode);
}

function findChromium() {
  const asked = process.env.CHROMIUM;
  const path = asked ? [asked] : chromiumPaths;
  return path.find((name) => fs.existsSync(name));
}

/* Ends the program with 77 unless there is a server to test (BIFRONS_HTTP,
   like http://127.0.0.1:8088, or BIFRONS_BIN), Chromium, and what npm ci
   installs. */
export async function requireBrowser() {
  if (!base && !process.env.BIFRONS_BIN)
    skip('BIFRONS_HTTP does not say where the server is');
  const executablePath = findChromium();
  if (!executablePath)
    skip('no Chromium (CHROMIUM names one)');
  try {
    const { chromium } = await import('playwright-core');
    return { chromium, executablePath };
  } catch {
    skip('no playwright-core: run npm ci in tests/interop');
  }
}

/* Starts Chromium; BIFRONS_CHROMIUM_FLAGS adds flags, between blanks. */
export async function launch({ flags = [] } = {}) {
  const { chromium, executablePath } = await requireBrowser();
  const more = (process.env.BIFRONS_CHROMIUM_FLAGS ?? '').split(' ')
    .filter(Boolean);
  return chromium.launch({
    executablePath,
    headless: true,
    args: [...chromiumFlags, ...flags, ...more],
  });
}

/* A small picture and few frames, where many send at once; for openPage. */
export const smallCamera = () => {
  const devices = navigator.mediaDevices;
  const ask = devices?.getUserMedia.bind(devices);
  if (ask)
    devices.getUserMedia = ({ audio, video }) => ask({ audio, video: video &&
      { width: 320, height: 240, frameRate: 10 } });
};

/* Opens a page, where script has run before its own; page.trouble collects console errors, violations of the
   content policy, uncaught errors and requests to other origins. */
export async function openPage(browser, path, options = {}) {
  const { origin = base, script, ...rest } = options;
  const context = await browser.newContext({
    permissions: ['camera', 'microphone'],
    ...rest,
  });
  const page = await context.newPage();
  page.trouble = [];
  page.ownOrigin = origin;
  page.on('console', (message) => {
    if (message.type() === 'error')
      page.trouble.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => page.trouble.push(`error: ${error}`));
  page.on('request', (request) => watchOrigin(page, request.url()));
  page.on('websocket', (socket) => watchOrigin(page, socket.url()));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  if (script)
    await page.addInitScript(script);
  await page.goto(`${origin}${path}`);
  return page;
}

/* The server's WebSocket port counts as its own: same host is enough. */
function watchOrigin(page, address) {
  const url = new URL(address);
  const own = url.protocol.startsWith('ws') ?
    url.hostname === new URL(page.ownOrigin).hostname :
    url.origin === page.ownOrigin;
  if (!own && !['blob:', 'data:'].includes(url.protocol))
    page.trouble.push(`request: ${address}`);
}

/* What the page says about itself, for messages of failed tests. */
async function describe(page) {
  const words = await page.evaluate(() => JSON.stringify({
    ...document.documentElement.dataset,
    words: document.getElementById('state')?.textContent,
    notice: document.getElementById('notice')?.textContent,
  }));
  return `page: ${words}; trouble: ${page.trouble.join(' | ')}`;
}

/* Waits until a function run in the page returns something true, which it
   resolves to; what is said when the deadline comes first. Polls from here:
   the page's policy forbids the eval that playwright's own waiting uses. */
export async function until(page, what, check, argument, timeoutMs = 20000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await page.evaluate(check, argument);
    if (value)
      return value;
    if (Date.now() > deadline)
      throw new Error(`${timeoutMs} ms went by without: ${what}; ` +
        await describe(page));
    await setTimeout(pollMs);
  }
}
