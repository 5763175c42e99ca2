/* Pages of tests that use the browser's own API: pages/ on a port of their
   own, and a way to run functions there against the server. */

import path from 'node:path';
import { openPage } from './lib.mjs';
import { serve } from './serve-www.mjs';

/* Serves the pages; resolves to { origin, close }. */
export async function servePages(server) {
  const folder = path.join(import.meta.dirname, 'pages');
  const pages = await serve(folder, 0, server.http);
  return {
    origin: `http://127.0.0.1:${pages.address().port}`,
    close: () => {
      pages.closeAllConnections();
      return new Promise((resolve) => pages.close(resolve));
    },
  };
}

/* Opens the page with window.rooms, and makes run(use, argument) run functions
   there, as often as wanted. */
export async function openRooms(browser, pages, server) {
  const page = await openPage(browser, '/rooms.html', { origin: pages.origin });
  await page.waitForFunction(() => window.rooms);
  return { page, run: (use, argument) =>
    page.evaluate(use, [server.ws, argument]) };
}

/* Can Chromium send video of this codec? */
export async function canSend(browser, codec) {
  const page = await browser.newPage();
  const can = await page.evaluate((wanted) => RTCRtpSender
    .getCapabilities('video').codecs.some(({ mimeType }) =>
      mimeType.toLowerCase() === `video/${wanted}`), codec);
  await page.close();
  return can;
}

/* Runs use([ws, argument]) in a page of Chromium and resolves to its result;
   the page's global is there: window.Echo, or another of another page. */
export async function runInPage(browser, pages, server, use, argument,
  { name = 'echo', global = 'Echo' } = {}) {
  const page = await openPage(browser, `/${name}.html`,
    { origin: pages.origin });
  try {
    await page.waitForFunction((wanted) => window[wanted], global);
    return await page.evaluate(use, [server.ws, argument]);
  } finally {
    await page.context().close();
  }
}
