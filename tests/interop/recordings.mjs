/* Recordings of Chromium's media, of each kind: what ffprobe, janus-pp-rec and
   a <video> element make of the files, how far sound is from picture, and what
   is left after a crash and on a full disk. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { launch, openPage, requireBrowser } from './lib.mjs';
import { probe } from './probe.mjs';
import { canSend, servePages } from './raw-page.mjs';
import { checkFile, checkInBrowser, checkOffsets, filesOf, lasts,
  makeFolder } from './recording-checks.mjs';
import { startServer, until, withServer } from './server.mjs';

await requireBrowser();

const lengthMs = 6000;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const configure = (folder, format) => ({
  bifrons: { recordings: { recording_format: format } },
  'janus.plugin.recordplay': { general: { path: folder } },
});

/* Opens a page that sends, and starts it. */
async function send(pages, server, body, { codec, mode, plugin = 'recordplay' }
= {}) {
  const page = await openPage(browser, '/flash.html', { origin: pages.origin });
  await page.waitForFunction(() => window.Flash);
  const startedMs = Date.now();
  const answer = await page.evaluate(async ([ws, name, ...wanted]) => {
    window.flash = new window.Flash(ws, name);
    return window.flash.start(...wanted);
  }, [server.ws, plugin, body, codec, mode]);
  return { page, answer, startedMs,
    sent: () => page.evaluate(() => window.flash.sent()),
    results: () => page.evaluate(() => window.flash.results()),
    ask: (request) => page.evaluate((one) => window.flash.ask(one), request),
    close: async () => {
      await page.evaluate(() => window.flash.close());
      await page.context().close();
    } };
}

/* Records so long, and waits until the files are closed: the .nfo is there. */
async function record(server, folder, { codec, mode, ms = lengthMs } = {}) {
  const pages = await servePages(server);
  const call = await send(pages, server, { request: 'record', name: 'Flash' },
    { codec, mode });
  await setTimeout(ms);
  const sent = await call.sent();
  await call.ask({ request: 'stop' });
  const stoppedMs = Date.now();
  await until('an .nfo', () => filesOf(folder, '.nfo').length > 0);
  await call.close();
  await pages.close();
  return { sent, seconds: (stoppedMs - call.startedMs) / 1000 };
}

const kinds = [
  { format: 'webm', codec: 'vp8', ending: '.webm', name: 'vp8' },
  { format: 'webm', codec: 'vp9', ending: '.webm', name: 'vp9' },
  { format: 'mkv', codec: 'vp8', ending: '.mkv', name: 'vp8' },
  { format: 'mkv', codec: 'h264', ending: '.mkv', name: 'h264' },
  { format: 'mp4', codec: 'h264', ending: '.mp4', name: 'h264' },
  { format: 'mp4', codec: 'vp9', ending: '.mp4', name: 'vp9' },
  { format: 'webm', codec: 'av1', ending: '.webm', name: 'av1' },
  { format: 'mp4', codec: 'av1', ending: '.mp4', name: 'av1' },
  { format: 'mp4', codec: 'vp8', ending: '.mkv', name: 'vp8' },
];

for (const { format, codec, ending, name } of kinds)
  test(`${format} of ${codec} plays everywhere, in step`, async (t) => {
    if (!await canSend(browser, codec)) {
      t.skip(`this Chromium sends no ${codec}`);
      return;
    }
    const folder = makeFolder();
    await withServer({ config: configure(folder, format) }, async (server) => {
      const made = await record(server, folder, { codec });
      const [file] = filesOf(folder, ending);
      assert.ok(file, `no ${ending} in ${fs.readdirSync(folder)}`);
      const found = checkFile(file, made);
      assert.equal(found.video.codec, name);
      assert.equal(found.audio.codec, 'opus');
      checkOffsets(file);
      await checkInBrowser(browser, folder, file, found);
    });
    fs.rmSync(folder, { recursive: true });
  });

/* Both layers of a picture are in one frame of the file. */
for (const format of ['webm', 'mp4'])
  test(`${format} of AV1 in layers has the best of them`, async (t) => {
    if (!await canSend(browser, 'av1')) {
      t.skip('this Chromium sends no AV1');
      return;
    }
    const folder = makeFolder();
    await withServer({ config: configure(folder, format) }, async (server) => {
      const made = await record(server, folder, { codec: 'av1', mode: 'L2T3' });
      assert.equal(made.sent.video.mode, 'L2T3');
      made.sent.video.frames /= 2;
      const [file] = filesOf(folder, `.${format}`);
      const found = checkFile(file, made);
      assert.equal(found.video.width, 640);
      await checkInBrowser(browser, folder, file, found);
    });
    fs.rmSync(folder, { recursive: true });
  });

/* Of a track that janus-pp-rec and ours made a file of: the same. */
function checkConverted(file, kind, ending, { sent, seconds }) {
  const frames = [];
  for (const program of ['janus-pp-rec', process.env.BIFRONS_REC]) {
    if (!program)
      continue;
    const made = `${file}.${path.basename(program)}.${ending}`;
    execFileSync(program, [file, made], { stdio: 'pipe' });
    const found = probe(made)[kind];
    const note = JSON.stringify({ program, kind, found, sent, seconds });
    console.log(`# ${note}`);
    assert.ok(lasts(found, { sent, seconds }), note);
    const count = sent[kind].frames ?? sent[kind].packets;
    assert.ok(found.frames > 0.9 * count - 25 && found.frames <= count + 60,
      note);
    /* janus-pp-rec keeps what comes before the first keyframe, of which nothing
       can be decoded. */
    frames.push(found.decodable);
  }
  if (kind === 'video')
    assert.ok(Math.max(...frames) - Math.min(...frames) <= 2, `${frames}`);
}

for (const { codec, ending } of [{ codec: 'vp8', ending: 'webm' },
  { codec: 'av1', ending: 'mp4' }])
  test(`mjr of ${codec} is what janus-pp-rec takes`, async (t) => {
    if (spawnSync('janus-pp-rec', ['--help']).error ||
      !await canSend(browser, codec)) {
      t.skip(`no janus-pp-rec, or no ${codec}`);
      return;
    }
    const folder = makeFolder();
    await withServer({ config: configure(folder, 'mjr') }, async (server) => {
      const made = await record(server, folder, { codec });
      checkConverted(filesOf(folder, '-audio.mjr')[0], 'audio', 'opus', made);
      checkConverted(filesOf(folder, '-video.mjr')[0], 'video', ending, made);
    });
    fs.rmSync(folder, { recursive: true });
  });

test('the EchoTest plugin records what it echoes', async () => {
  const folder = makeFolder();
  await withServer({ config: configure(folder, 'webm') }, async (server) => {
    const pages = await servePages(server);
    const call = await send(pages, server, { audio: true, video: true,
      record: true, filename: path.join(folder, 'echo') },
    { plugin: 'echotest' });
    await setTimeout(lengthMs);
    const sent = await call.sent();
    const seconds = (Date.now() - call.startedMs) / 1000;
    await call.ask({ record: false });
    await until('a file that is closed', () =>
      filesOf(folder, '.webm').some((file) => probe(file).video));
    await call.close();
    await pages.close();
    const [file] = filesOf(folder, '.webm');
    checkFile(file, { sent, seconds });
    checkOffsets(file);
  });
  fs.rmSync(folder, { recursive: true });
});

for (const format of ['webm', 'mp4'])
  test(`${format} plays up to the last second before a crash`, async (t) => {
    const codec = format === 'mp4' ? 'h264' : 'vp8';
    if (!await canSend(browser, codec)) {
      t.skip(`this Chromium sends no ${codec}`);
      return;
    }
    const folder = makeFolder();
    const server = await startServer({ config: configure(folder, format) });
    const pages = await servePages(server);
    const call = await send(pages, server, { request: 'record', name: 'Crash' },
      { codec });
    await setTimeout(lengthMs);
    const seconds = (Date.now() - call.startedMs) / 1000;
    server.child.kill('SIGKILL');
    await server.ended;
    await call.page.context().close();
    await pages.close();
    const [file] = filesOf(folder, `.${format}`);
    const found = probe(file);
    const note = JSON.stringify({ found, seconds });
    console.log(`# ${note}`);
    for (const kind of ['audio', 'video'])
      assert.ok(found[kind].last > seconds - 2 && found[kind].frames > 60,
        note);
    await checkInBrowser(browser, folder, file, found);
    fs.rmSync(folder, { recursive: true });
    fs.rmSync(server.folder, { recursive: true });
  });

test('a full disk ends one recording and nothing else', async (t) => {
  const folder = makeFolder();
  const user = process.getuid() === 0 ? [] : ['-r'];
  const mount = 'mount -t tmpfs -o size=128k none "$0" && exec "$@"';
  const wrap = ['unshare', ...user, '-m', 'sh', '-c', mount, folder];
  if (spawnSync(wrap[0], [...wrap.slice(1), 'true']).status !== 0) {
    t.skip('no mount namespace can be made');
    return;
  }
  const config = configure(folder, 'webm');
  await withServer({ config, wrap }, async (server) => {
    const pages = await servePages(server);
    const echo = await send(pages, server, { audio: true, video: true },
      { plugin: 'echotest' });
    const call = await send(pages, server, { request: 'record', name: 'Full' });
    await until('an event of the end', async () =>
      (await call.results()).some(({ status }) => status === 'failed'), 120000);
    await until('a line in the log', () =>
      /\[ERR\].*no space left/i.test(server.log));
    const from = await echo.sent();
    await setTimeout(1000);
    const to = await echo.sent();
    assert.ok(to.video.packets > from.video.packets + 10);
    await call.close();
    await echo.close();
    await pages.close();
  });
  fs.rmSync(folder, { recursive: true });
});
