/* A library that Debian's Janus recorded, of Chromium's media: our tool beside
   janus-pp-rec over each file, then our server over the very same folder, which
   lists it as Janus does and plays it in Chromium. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import WebSocket from 'ws';
import { firstLoss, lose } from '../rec/lose.mjs';
import { requireJanus, startJanus } from './janus.mjs';
import { launch, requireBrowser } from './lib.mjs';
import { Client } from './pages/client.mjs';
import { canSend, runInPage, servePages } from './raw-page.mjs';
import { skip, startServer, until } from './server.mjs';

await requireBrowser();
requireJanus();
if (spawnSync('janus-pp-rec', ['--help']).error)
  skip('no janus-pp-rec');

const compareScript =
  fileURLToPath(new URL('../rec/compare.sh', import.meta.url));
const elements = path.join(process.env.BIFRONS_BIN, '..', '..', 'elements');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-library-'));
/* The .nfo files of 1.1.2 say nothing of privacy: they show up all the same. */
const config = { 'janus.plugin.recordplay': { general: { path: folder } } };

/* What is recorded; each is long enough for frames, about 4 s. */
const frames = 120;
const calls = [
  { id: 11, audio: 'opus', video: 'vp8' },
  { id: 12, audio: 'opus', video: 'vp9' },
  { id: 13, audio: 'pcmu', video: 'h264' },
];
const lossy = { id: 14, audio: 'opus', video: 'vp8', of: 11 };
const endings = { opus: 'opus', pcmu: 'wav', vp8: 'webm', vp9: 'webm',
  h264: 'mp4' };
/* As many frames may differ. */
const near = 2;

let browser;
let janus;
let library;                    /* as Janus lists it, in the order of ids */
const skipped = [];

const fileOf = (id, kind) => path.join(folder, `rec-${id}-${kind}.mjr`);

/* In the page of a sender: one call, recorded until enough was sent. */
const sendOne = async ([ws, { plugin, body, configure, stop, video,
  count }]) => {
  const flash = new window.Flash(ws, plugin);
  await flash.start(body, video);
  if (configure)
    await flash.ask(configure);
  const deadline = performance.now() + 60000;
  for (;;) {
    const sent = await flash.sent();
    if (sent.video?.frames >= count && sent.audio?.packets >= count)
      break;
    if (performance.now() > deadline)
      throw new Error(`sent only ${JSON.stringify(sent)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await flash.ask(stop);
  await flash.close();
};

async function record(pages, request) {
  await runInPage(browser, pages, janus, sendOne, { count: frames, ...request },
    { name: 'flash', global: 'Flash' });
}

/* Asks a server's plugin for its list. */
async function listOf(server) {
  const client = await new Client(server.ws, WebSocket).opened;
  await client.create();
  const handle = await client.attach('janus.plugin.recordplay');
  await client.message(handle, { request: 'update' });
  const { plugindata } = await client.message(handle, { request: 'list' });
  await client.close();
  return plugindata.data.list.sort((a, b) => a.id - b.id);
}

/* The same recording, where every 33rd packet was lost on the way. */
function loseSome({ id, of }) {
  lose(fileOf(of, 'audio'), fileOf(id, 'audio'));
  lossy.picturesLost = lose(fileOf(of, 'video'), fileOf(id, 'video'));
  const nfo = fs.readFileSync(path.join(folder, `${of}.nfo`), 'utf8');
  fs.writeFileSync(path.join(folder, `${id}.nfo`), nfo
    .replace(`[${of}]`, `[${id}]`).replaceAll(`rec-${of}-`, `rec-${id}-`));
}

async function makeLibrary() {
  const pages = await servePages(janus);
  for (const { id, audio, video } of calls) {
    if (!await canSend(browser, video)) {
      skipped.push(id);
      continue;
    }
    await record(pages, { plugin: 'recordplay', video,
      stop: { request: 'stop' },
      configure: { request: 'configure', 'video-keyframe-interval': 1000 },
      body: { request: 'record', id, name: `${audio} and ${video}`,
        audiocodec: audio, videocodec: video } });
    await until('an .nfo of Janus', () =>
      fs.existsSync(path.join(folder, `${id}.nfo`)));
  }
  await record(pages, { plugin: 'echotest', video: 'vp8',
    stop: { record: false }, body: { audio: true, video: true, record: true,
      filename: path.join(folder, 'echo') } });
  await pages.close();
  loseSome(lossy);
  const wanted = calls.length + 1 - skipped.length;
  library = await until('all in the list of Janus', async () => {
    const list = await listOf(janus);
    return list.length === wanted && list;
  });
}

before(async () => {
  browser = await launch();
  janus = await startJanus(config);
  await makeLibrary();
});
after(async () => {
  await browser?.close();
  janus?.child.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true });
  if (janus)
    fs.rmSync(janus.folder, { recursive: true });
});

/* What compare.sh takes: recording, ending, frames that we may have fewer or
   more. A picture that lost a packet is broken, and left out by us alone. */
const row = (file, codec, fewer = near) =>
  [file.replace(/\.mjr$/, ''), endings[codec], fewer, near].map(String);

function compare(rows) {
  const { status, stdout, stderr } = spawnSync('sh', [compareScript,
    process.env.BIFRONS_REC, ...rows.flat()], { encoding: 'utf8',
    env: { ...process.env, GST_PLUGIN_PATH: elements } });
  console.log(stdout.trim().replaceAll(/^/gm, '# '));
  assert.equal(status, 0, stderr);
}

const fewerOf = (call, kind) =>
  near + (kind === 'video' ? call.picturesLost ?? 0 : 0);

for (const call of [...calls, lossy])
  test(`${call.audio} and ${call.video}${call.of ? ' with loss' : ''} ` +
    'convert as by janus-pp-rec', (t) => {
    if (skipped.includes(call.id)) {
      t.skip(`this Chromium sends no ${call.video}`);
      return;
    }
    compare(['audio', 'video'].map((kind) =>
      row(fileOf(call.id, kind), call[kind], fewerOf(call, kind))));
  });

test('what the EchoTest plugin recorded converts as by janus-pp-rec', () =>
  compare([row(path.join(folder, 'echo-audio.mjr'), 'opus'),
    row(path.join(folder, 'echo-video.mjr'), 'vp8')]));

/* In the page of a viewer: a whole recording, to its end. */
const watch = async ([ws, id]) => {
  const viewer = await window.replay.viewer(ws);
  await viewer.play(id);
  let seen;
  let beeps = false;
  const look = async () => {
    const [video, audio] = [await viewer.inbound('video'),
      await viewer.inbound('audio')];
    beeps ||= viewer.ear && viewer.loud();
    if (video.framesDecoded)
      seen = { frames: video.framesDecoded, width: video.frameWidth,
        packets: audio.packetsReceived, beeps };
  };
  const timer = setInterval(look, 50);
  await viewer.done(40000);
  clearInterval(timer);
  await viewer.close();
  return seen;
};

test('our server lists and plays what Janus recorded', async (t) => {
  const server = await startServer({ config });
  const pages = await servePages(server);
  const keys = ['id', 'name', 'date', 'audio', 'video', 'audio_codec',
    'video_codec'];
  const plain = (list) => list.map((one) =>
    Object.fromEntries(keys.map((key) => [key, one[key]])));
  await t.test('lists', async () =>
    assert.deepEqual(plain(await listOf(server)), plain(library)));
  for (const { id, name } of library)
    await t.test(`plays ${id}: ${name}`, async () => {
      const seen = await runInPage(browser, pages, server, watch, id,
        { name: 'replay', global: 'replay' });
      const note = JSON.stringify(seen);
      console.log(`# ${id}: ${note}`);
      assert.ok(seen?.frames > (id === lossy.id ? firstLoss + 4 : frames / 2),
        note);
      assert.equal(seen.width, 320, note);
      assert.ok(seen.packets > frames, note);
      assert.ok(seen.beeps, note);
    });
  await pages.close();
  await server.stop();
});
