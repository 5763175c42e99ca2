/* Voice mail with Chromium: callers are greeted where a greeting is configured,
   and what they say after it, and nothing else, is kept for ten seconds. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { decodes, probe } from './probe.mjs';
import { runInPage, servePages } from './raw-page.mjs';
import { ask, withServer } from './server.mjs';

await requireBrowser();

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-mail-'));
const greetingHz = 1500;
const callerHz = 700;
const greetingS = 2.5;
/* Beside sanitizers everything begins a little later. */
const slackS = Number(process.env.BIFRONS_TEST_SLOW ?? 0) ? 0.6 : 0.2;

function make(name, ...options) {
  const file = path.join(folder, name);
  execFileSync('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i',
    `sine=frequency=${greetingHz}:sample_rate=44100:duration=${greetingS}`,
    '-af', 'volume=12dB', ...options, file]);
  return file;
}

let browser;
before(async () => {
  browser = await launch();
});
after(async () => {
  await browser?.close();
  fs.rmSync(folder, { recursive: true });
});

/* Runs use in a page against a server; resolves to { result, file, url, log }.
   */
async function call(general, use, argument) {
  const recordings = fs.mkdtempSync(path.join(folder, 'made-'));
  const config = { 'janus.plugin.voicemail': { general: { path: recordings,
    ...general } } };
  let kept;
  await withServer({ config }, async (server) => {
    const pages = await servePages(server);
    try {
      const result = await runInPage(browser, pages, server, use, argument,
        { name: 'mail', global: 'mail' });
      const [name] = fs.readdirSync(recordings);
      const url = result.done?.recording &&
        new URL(result.done.recording, server.origin);
      kept = { result, log: server.log, file: path.join(recordings, name ?? ''),
        answer: url && await ask(url) };
    } finally {
      await pages.close();
    }
  });
  return kept;
}

/* In the page: a whole message. */
const leave = async ([ws, { options, ms }]) => {
  const caller = await window.mail.caller(ws);
  const direction = await caller.record(options);
  const started = await caller.status('started');
  const greeting = caller.has('greeting') && await caller.status('greeting');
  if (ms)
    await window.mail.pause(ms);
  const done = ms ? await caller.stop() : await caller.status('done');
  const tookMs = performance.now() - started.at;
  await caller.close();
  return { direction, greeted: caller.has('greeting'), tookMs, done,
    startedAt: started.at, heard: caller.heard, greeting };
};

/* How loud a frequency is in the file, of all that is in it. */
function share(file, hz) {
  const level = (filter) => Number(/mean_volume: (-?[\d.]+)/.exec(
    spawnSync('ffmpeg', ['-i', file, '-af', `${filter}volumedetect`, '-f',
      'null', '-'], { encoding: 'utf8' }).stderr)?.[1]);
  return level(`bandpass=f=${hz}:width_type=h:w=60,` .repeat(2)) - level('');
}

function checkFile(file, seconds) {
  const { audio } = probe(file);
  const head = fs.readFileSync(file).subarray(28, 47);
  assert.equal(audio.codec, 'opus');
  assert.ok(Math.abs(audio.seconds - seconds) < slackS,
    `${seconds} s: ${JSON.stringify(audio)}`);
  assert.equal(head.subarray(0, 8).toString(), 'OpusHead');
  assert.deepEqual([head[8], head[9], head[18]], [1, 2, 0]);
  assert.deepEqual(decodes(file), { code: 0, complaints: [] });
}

const kinds = [
  ['greeting.opus', '-c:a', 'libopus', '-ac', '2'],
  ['greeting.mp3'],
  ['greeting.wav', '-ac', '1', '-ar', '8000'],
];

for (const [name, ...options] of kinds)
  test(`${name} is heard before what is recorded`, async () => {
    const { result, file, answer } = await call(
      { greeting: make(name, ...options) }, leave, { options: {}, ms: 3000 });
    assert.equal(result.direction, 'sendrecv');
    assert.ok(result.greeted);
    const tones = result.heard.map(({ hz }) => hz).sort((a, b) => a - b);
    const spanMs = result.heard.at(-1).at - result.heard[0].at;
    console.error(`${name}: ${tones[tones.length >> 1]} Hz for ${spanMs} ms`);
    assert.ok(Math.abs(tones[tones.length >> 1] - greetingHz) < 30,
      JSON.stringify(tones));
    assert.ok(spanMs > greetingS * 800 && spanMs < greetingS * 1000 + 500,
      `${spanMs} ms`);
    checkFile(file, 3);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers['content-type'], 'audio/ogg');
    assert.ok(share(file, callerHz) > -6, `${share(file, callerHz)} dB`);
    assert.ok(share(file, greetingHz) < -25, `${share(file, greetingHz)} dB`);
  });

test('ten seconds are kept, after the greeting', async () => {
  const { result, file } = await call({ greeting: make('ten.opus') }, leave,
    { options: {} });
  assert.ok(Math.abs(result.tookMs - 10000) < 1000, `${result.tookMs} ms`);
  checkFile(file, 10);
  assert.ok(share(file, greetingHz) < -25);
});

test('who only sends is not greeted', async () => {
  const { result, file } = await call({ greeting: make('sendonly.opus') },
    leave, { options: { direction: 'sendonly' }, ms: 3000 });
  assert.equal(result.direction, 'recvonly');
  assert.ok(!result.greeted);
  assert.equal(result.heard.length, 0);
  checkFile(file, 3);
});

test('without a greeting everything is as it was', async () => {
  const { result, file } = await call({}, leave, { options: {}, ms: 3000 });
  assert.equal(result.direction, 'recvonly');
  assert.ok(!result.greeted);
  checkFile(file, 3);
});

test('a greeting that is none is logged and skipped', async () => {
  const broken = path.join(folder, 'broken.opus');
  fs.writeFileSync(broken, 'no sound at all\n'.repeat(100));
  const { result, file, log } = await call({ greeting: broken }, leave,
    { options: {}, ms: 3000 });
  assert.ok(result.startedAt - result.greeting.at < 1000);
  assert.match(log, /broken\.opus: /);
  checkFile(file, 3);
});

test('a greeting that is not there is logged, and not promised', async () => {
  const { result, log } = await call({ greeting: path.join(folder, 'none') },
    leave, { options: {}, ms: 500 });
  assert.equal(result.direction, 'recvonly');
  assert.match(log, /none cannot be read/);
});

test('who says nothing is done after ten seconds', async () => {
  const { result } = await call({ greeting: make('silent.opus') }, leave,
    { options: { silent: true } });
  assert.ok(result.greeted && result.heard.length > 0);
  assert.ok(Math.abs(result.tookMs - 10000) < 1000, `${result.tookMs} ms`);
  assert.match(result.done.recording, /\.opus$/);
});

test('stop during the greeting ends it, and the message', async () => {
  const { result, file } = await call({ greeting: make('stop.opus') },
    async ([ws]) => {
      const caller = await window.mail.caller(ws);
      await caller.record();
      await caller.status('greeting');
      while (caller.heard.length < 5)
        await window.mail.pause(20);
      const done = await caller.stop();
      await caller.client.event('detached', caller.handle);
      const started = caller.has('started');
      await caller.close();
      return { done, started };
    });
  assert.equal(result.done.status, 'done');
  assert.ok(!result.started);
  assert.equal(fs.statSync(file).size, 0);
});
