/* Record&Play's live playing: all who play a recording so are sent one reading
   of it, join where the others are, and hear what one of them does. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { launch, openPage, requireBrowser } from './lib.mjs';
import { servePages } from './raw-page.mjs';
import { Library } from './replay-library.mjs';
import { startServer, until } from './server.mjs';

await requireBrowser();

const library = new Library();
const slow = Number(process.env.BIFRONS_TEST_SLOW ?? 0);
/* A whole recording without another keyframe, and one with many. */
const rare = 1;
const often = 2;

let browser;
let server;
let pages;
before(async () => {
  library.container('rare.webm', { lengthS: 40, gop: 9999 });
  library.nfo(rare, { audio: 'rare.webm', video: 'rare.webm' });
  library.container('often.webm', { lengthS: 20 });
  library.mjr('often.webm', 'often');
  library.nfo(often, { audio: 'often-audio.mjr', video: 'often-video.mjr' });
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

/* How often the server has a file of the library open. */
function readers(name) {
  const folder = `/proc/${server.pid}/fd`;
  return fs.readdirSync(folder).filter((fd) => {
    try {
      return fs.readlinkSync(`${folder}/${fd}`) === library.path(name);
    } catch {
      return false;
    }
  }).length;
}

/* Threads that read, pay load, or pace. */
function mediaThreads() {
  const folder = `/proc/${server.pid}/task`;
  return fs.readdirSync(folder).filter((id) => {
    try {
      return /^(source|demux|in):/.test(
        fs.readFileSync(`${folder}/${id}/comm`, 'utf8'));
    } catch {
      return false;
    }
  }).length;
}

/* Opens viewers of a recording one after the other, all of one page. */
async function open(id, count, more) {
  const page = await openPage(browser, '/replay.html',
    { origin: pages.origin });
  await page.waitForFunction(() => window.replay);
  const results = [];
  const add = async () => {
    const seen = await page.evaluate(async ([ws, which, fields]) => {
      const viewer = await window.replay.viewer(ws);
      (window.viewers ??= []).push(viewer);
      const began = performance.now();
      const result = await viewer.play(which, fields);
      await window.replay.until('a picture', async () =>
        (await viewer.inbound('video')).framesDecoded > 0);
      const tookMs = performance.now() - began;
      await window.replay.until('sound', async () =>
        (await viewer.inbound('audio')).packetsReceived > 0);
      return { result, tookMs };
    }, [server.ws, id, more]);
    results.push(seen);
    return seen;
  };
  for (let i = 0; i < count; i++)
    await add();
  return { page, results, add,
    run: (use, argument) => page.evaluate(use, argument),
    close: async () => {
      await page.evaluate(() => Promise.all(window.viewers.map((viewer) =>
        viewer.close())));
      await page.context().close();
    } };
}

/* In the page: what each viewer shows while time goes by: where flashes
   begin. */
const flashes = async (ms) => Promise.all(window.viewers.map((viewer) =>
  viewer.flashesAndBeeps(ms).then((seen) => seen.flashes)));

test('many viewers, one reader', async () => {
  const first = await open(rare, 1, { live: true });
  assert.equal(first.results[0].result.live, true);
  assert.equal(first.results[0].result.position, 0);
  assert.equal(readers('rare.webm'), 1);
  const threads = mediaThreads();
  await first.run(async () => {
    await window.replay.until('frames', async () =>
      (await window.viewers[0].inbound('video')).framesDecoded > 120);
  });
  for (let i = 1; i < 6; i++) {
    const { result, tookMs } = await first.add();
    console.error(`viewer ${i}: a picture after ${Math.round(tookMs)} ms, ` +
      `from ${result.position} ms on`);
    assert.ok(result.position > 3000, JSON.stringify(result));
    assert.equal(result.paused, false);
    assert.ok(tookMs < (slow ? 10000 : 3000), `${tookMs} ms`);
  }
  assert.equal(readers('rare.webm'), 1);
  assert.equal(mediaThreads(), threads);
  await first.run(() => window.replay.until('all level', async () => {
    const counts = await Promise.all(window.viewers.map(async (viewer) =>
      (await viewer.inbound('video')).framesDecoded));
    return Math.min(...counts) > counts[0] - 10;
  }));
  const seen = await first.run(flashes, 4500);
  for (const one of seen) {
    assert.ok(one.length >= 3, JSON.stringify(seen));
    const offsets = one.map((at) => Math.min(...seen[0]
      .map((other) => Math.abs(at - other)))).sort((a, b) => a - b);
    assert.ok(offsets[offsets.length >> 1] < (slow ? 1000 : 200),
      JSON.stringify(seen));
  }
  await first.close();
  await until('an end of reading', () => readers('rare.webm') === 0);
});

test('plays without live are each for themselves', async () => {
  const first = await open(rare, 3);
  assert.equal(readers('rare.webm'), 3);
  assert.equal(first.results[2].result.live, undefined);
  const lives = await open(rare, 2, { live: true });
  assert.equal(readers('rare.webm'), 4);
  await first.close();
  await until('only the live one', () => readers('rare.webm') === 1);
  await lives.close();
  await until('an end of reading', () => readers('rare.webm') === 0);
});

test('what one does, all hear and see', async () => {
  const all = await open(often, 3, { live: true });
  const seen = await all.run(async () => {
    const [a, b, c] = window.viewers;
    const packets = () => Promise.all(window.viewers.map(async (viewer) =>
      (await viewer.inbound('audio')).packetsReceived));
    const answer = await a.say({ request: 'pause' });
    const told = [await b.told('paused'), await c.told('paused')];
    await new Promise((resolve) => setTimeout(resolve, 500));
    const still = await packets();
    await new Promise((resolve) => setTimeout(resolve, 700));
    const after = await packets();
    const late = await window.replay.viewer(b.client.socket.url);
    const lateResult = await late.play(2, { live: true });
    await b.say({ request: 'resume' });
    told.push(await a.told('resumed'), await late.told('resumed'));
    const sought = await c.say({ request: 'seek', position: 15200 });
    told.push(await a.told('seeking'), await b.told('seeking'));
    await window.replay.until('flow', async () =>
      (await packets()).every((count, i) => count > after[i] + 20));
    await a.say({ request: 'stop' });
    const began = performance.now();
    await b.done(15000);
    await c.done(15000);
    await late.done(15000);
    const endedMs = performance.now() - began;
    await late.close();
    return { answer: answer.result, told, still, after, lateResult,
      sought: sought.result, endedMs };
  });
  assert.deepEqual(seen.answer, { status: 'paused', id: often });
  assert.deepEqual(seen.told, [
    { status: 'paused', id: often }, { status: 'paused', id: often },
    { status: 'resumed', id: often }, { status: 'resumed', id: often },
    { status: 'seeking', id: often, position: 15200 },
    { status: 'seeking', id: often, position: 15200 }]);
  assert.deepEqual(seen.after, seen.still);
  assert.equal(seen.lateResult.paused, true);
  assert.deepEqual(seen.sought,
    { status: 'seeking', id: often, position: 15200 });
  /* Who leaves ends it for nobody else. */
  assert.ok(seen.endedMs > 2000, `${seen.endedMs} ms`);
  await all.close();
  await until('an end of reading', () => readers('often-video.mjr') === 0);
  const again = await open(often, 1, { live: true });
  assert.equal(again.results[0].result.position, 0);
  await again.close();
});
