/* What recordings hold of Chromium's calls that change meanwhile: m-lines that
   come later, mutes of either side, media that are encrypted end to end, names
   that are taken, and a disk that is full. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import dgram from 'node:dgram';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { brightness, loudness, probe } from './probe.mjs';
import { runInPage, servePages } from './raw-page.mjs';
import { mediaAddress, until, withServer } from './server.mjs';

await requireBrowser();

const spanSeconds = 0.01;       /* of loudness */
const mostMs = 100;             /* between a flash and its beep */

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/* Runs use(context) with a server that records into a folder. */
async function withFolder(format, use, { wrap = () => [], janus = {} } = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-changes-'));
  const config = {
    janus,
    bifrons: { recordings: { recording_format: format } },
    'janus.plugin.recordplay': { general: { path: folder } },
    'janus.plugin.videoroom': { 'room-1234': { rec_dir: folder } },
  };
  try {
    await withServer({ config, wrap: wrap(folder) }, async (server) => {
      const pages = await servePages(server);
      const inPage = (what, argument) => runInPage(browser, pages, server,
        what, argument, { name: 'changes', global: 'changes' });
      try {
        await use({ folder, server, inPage });
      } finally {
        await pages.close();
      }
    });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

const listed = (folder) => fs.readdirSync(folder).sort();

/* Waits for the .nfo of a recording, which comes when its files are whole. */
async function nfo(folder, id) {
  const file = path.join(folder, `${id}.nfo`);
  await until('an .nfo', () => fs.existsSync(file));
  return Object.fromEntries(fs.readFileSync(file, 'utf8').split('\r\n')
    .map((line) => line.split(' = ')).filter((pair) => pair.length === 2));
}

/* The JSON header and the times (ms) of an .mjr. */
function readMjr(file) {
  const bytes = fs.readFileSync(file);
  const length = bytes.readUInt16BE(8);
  const times = [];
  for (let at = 10 + length; at + 10 <= bytes.length;
    at += 10 + bytes.readUInt16BE(at + 8))
    times.push(bytes.readUInt32BE(at + 4));
  return { header: JSON.parse(bytes.subarray(10, 10 + length)), times,
    gap: Math.max(0, ...times.slice(1).map((time, i) => time - times[i])) };
}

/* When each thing that comes and goes begins, ms. */
function rises(samples) {
  const half = Math.max(...samples.map(({ value }) => value)) / 2;
  return samples.filter(({ value }, i) => i > 0 && value > half &&
    samples[i - 1].value <= half).map(({ time }) => 1000 * time);
}

const flashesOf = (file) => rises(brightness(file).map(({ time, light }) =>
  ({ time, value: light })));
const beepsOf = (file) => rises(loudness(file, spanSeconds).map((value, i) =>
  ({ time: i * spanSeconds, value })));

/* Flashes and beeps that have one another nearby: how far apart; a mute may cut
   one of them. */
function checkInStep(file, least) {
  const flashes = flashesOf(file);
  const beeps = beepsOf(file);
  const offsets = flashes.map((flash) => Math.min(...beeps.map((beep) =>
    Math.abs(beep - flash)))).filter((ms) => ms < 500).sort((a, b) => a - b);
  const note = JSON.stringify({ flashes, beeps, offsets });
  assert.ok(offsets.length >= least, note);
  assert.ok(offsets.filter((ms) => ms > mostMs).length <= 2, note);
  return { flashes, beeps, note };
}

const longest = (times) => Math.max(...times.slice(1).map((time, i) =>
  time - times[i]));

test('video that comes later is recorded, and an ICE restart ends nothing',
  () => withFolder('webm,mjr', async ({ folder, inPage }) => {
    const { results, id } = await inPage(async ([ws]) => {
      const { call, sleep } = window.changes;
      const caller = await call(ws, 'recordplay');
      const body = { request: 'record', name: 'grows' };
      const { result } = await caller.add('audio').offer(body);
      await sleep(3000);
      await caller.add('video').offer({ ...body, update: true });
      await sleep(4000);
      await caller.offer({ ...body, update: true }, { iceRestart: true });
      await sleep(3000);
      const results = caller.results().map(({ status }) => status);
      await caller.ask({ request: 'stop' });
      await caller.client.wait('done', ({ plugindata }) =>
        plugindata?.data.result?.status === 'done');
      await caller.close();
      return { results, id: result.id };
    });
    assert.deepEqual(results, ['recording', 'recording', 'recording']);
    const { audio, video, parts } = await nfo(folder, id);
    assert.equal(audio, `rec-${id}.webm`);
    assert.ok(video);
    assert.deepEqual(parts.split(', ').sort(), [`rec-${id}-1.webm`,
      `rec-${id}-audio.mjr`, `rec-${id}-video.mjr`]);
    const [first, second] = [`rec-${id}.webm`, `rec-${id}-1.webm`]
      .map((name) => probe(path.join(folder, name)));
    const sounds = readMjr(path.join(folder, `rec-${id}-audio.mjr`));
    const pictures = readMjr(path.join(folder, `rec-${id}-video.mjr`));
    const note = JSON.stringify({ first, second, gap: sounds.gap,
      last: [sounds.times.at(-1), pictures.times.at(-1)] });
    console.log(`# ${note}`);
    assert.ok(first.audio.seconds > 2.5 && !first.video, note);
    assert.ok(second.audio.seconds > 5.5 && second.video.seconds > 5.5, note);
    assert.ok(sounds.times.at(-1) > 9500 && sounds.gap < 1000, note);
    assert.ok(pictures.times.at(-1) > 6000, note);
    checkInStep(path.join(folder, `rec-${id}-1.webm`), 4);
  }));

test('what the caller mutes leaves gaps and no drift', () =>
  withFolder('webm', async ({ folder, inPage }) => {
    const id = await inPage(async ([ws]) => {
      const { call, sleep } = window.changes;
      const caller = await call(ws, 'recordplay');
      const body = { request: 'record', name: 'mutes', update: true };
      const { result } = await caller.add('audio').add('video')
        .offer({ ...body, update: false });
      const audio = caller.transceiver('audio');
      const video = caller.transceiver('video');
      await sleep(2500);
      await video.sender.replaceTrack(null);
      await sleep(2000);
      await video.sender.replaceTrack(caller.source.video);
      await sleep(2000);
      audio.direction = 'inactive';
      await caller.offer(body);
      await sleep(2000);
      audio.direction = 'sendonly';
      await caller.offer(body);
      await sleep(2000);
      caller.source.audio.enabled = false;
      await sleep(2000);
      caller.source.audio.enabled = true;
      await sleep(3000);
      await caller.ask({ request: 'stop' });
      await caller.close();
      return result.id;
    });
    await nfo(folder, id);
    assert.deepEqual(listed(folder), [`${id}.nfo`, `rec-${id}.webm`]);
    const file = path.join(folder, `rec-${id}.webm`);
    const found = probe(file);
    const { flashes, beeps, note } = checkInStep(file, 7);
    console.log(`# ${note}`);
    assert.ok(longest(flashes) > 1900 && longest(beeps) > 1900, note);
    assert.ok(Math.abs(found.audio.last - found.video.last) < 0.3, note);
    assert.ok(found.video.last > 14.5 && found.video.last < 17.5, note);
  }));

/* What the tools make of an .mjr: as long as the file that plays. */
function checkTools(folder, name) {
  const out = { audio: 'opus', video: 'webm' };
  const whole = probe(path.join(folder, `${name}.webm`));
  for (const kind of ['audio', 'video'])
    for (const tool of [process.env.BIFRONS_REC, 'janus-pp-rec']) {
      const made = path.join(folder, `made.${out[kind]}`);
      const raw = fs.readdirSync(folder).find((file) =>
        file.startsWith(`${name}-${kind}`) && file.endsWith('.mjr'));
      fs.rmSync(made, { force: true });
      const { status, error } = spawnSync(tool, [path.join(folder, raw), made]);
      if (error?.code === 'ENOENT' && tool === 'janus-pp-rec')
        continue;
      assert.equal(status, 0, `${tool} ${raw}`);
      const found = probe(made)[kind];
      const note = JSON.stringify({ tool: path.basename(tool), raw, found,
        whole: whole[kind] });
      console.log(`# ${note}`);
      assert.ok(Math.abs(found.seconds - whole[kind].seconds) < 0.5, note);
    }
}

test('what is muted at the server is not recorded', () =>
  withFolder('webm,mjr', async ({ folder, inPage }) => {
    await inPage(async ([ws, base]) => {
      const { call, sleep } = window.changes;
      const echo = await call(ws, 'echotest');
      const room = await call(ws, 'videoroom');
      await echo.add('audio').add('video').offer({ audio: true, video: true,
        record: true, filename: `${base}/echo` });
      await room.add('audio').add('video').offer({
        request: 'joinandconfigure', room: 1234, ptype: 'publisher',
        record: true, filename: 'room' });
      await sleep(2500);
      for (const send of [false, true]) {
        await echo.ask({ audio: send });
        await room.ask({ request: 'configure', streams: [{ mid: '0', send }] });
        await sleep(2500);
      }
      for (const send of [false, true]) {
        await echo.ask({ video: send });
        await room.ask({ request: 'configure', streams: [{ mid: '1', send }] });
        await sleep(2500);
      }
      await echo.close();
      await room.close();
    }, folder);
    for (const name of ['echo.webm', 'room.webm']) {
      const file = path.join(folder, name);
      await until('a file that is closed', () => fs.existsSync(file) &&
        probe(file).video?.last > 10);
      const { flashes, beeps, note } = checkInStep(file, 6);
      console.log(`# ${name}: ${note}`);
      assert.ok(longest(flashes) > 2900 && longest(beeps) > 2900, note);
      checkTools(folder, path.basename(name, '.webm'));
    }
  }));

test('encrypted media are recorded, and come back encrypted', () =>
  withFolder('webm', async ({ folder, inPage }) => {
    const { id, answered } = await inPage(async ([ws]) => {
      const { call, sleep } = window.changes;
      const caller = await call(ws, 'recordplay', { encrypted: true });
      /* Who begins late to watch finds a keyframe. */
      await caller.ask({ request: 'configure',
        'video-keyframe-interval': 1000 });
      const { result, jsep } = await caller.add('audio').add('video')
        .offer({ request: 'record', name: 'secret' });
      await sleep(5000);
      await caller.ask({ request: 'stop' });
      await caller.close();
      return { id: result.id, answered: jsep.e2ee };
    });
    assert.equal(answered, true);
    const { audio, video } = await nfo(folder, id);
    assert.deepEqual([audio, video], [`rec-${id}-audio.mjr`,
      `rec-${id}-video.mjr`]);
    for (const name of [audio, video]) {
      const file = path.join(folder, name);
      const { header, times } = readMjr(file);
      assert.equal(header.e, true);
      assert.ok(times.at(-1) > 4000);
      const { status, stderr } = spawnSync(process.env.BIFRONS_REC,
        [file, path.join(folder, 'out.mka')], { encoding: 'utf8' });
      assert.equal(status, 1, stderr);
      assert.ok(!fs.existsSync(path.join(folder, 'out.mka')));
    }
    const seen = await inPage(async ([ws, which]) => {
      const { call, sleep } = window.changes;
      const viewer = await call(ws, 'recordplay', { encrypted: true });
      const { e2ee } = await viewer.play(which);
      let frames = 0;
      for (let i = 0; frames < 30 && i < 200; i++) {
        await sleep(100);
        frames = (await viewer.reports('inbound-rtp', 'video'))[0]
          ?.framesDecoded ?? 0;
      }
      await viewer.close();
      return { e2ee, frames };
    }, id);
    assert.equal(seen.e2ee, true);
    assert.ok(seen.frames >= 30, `${seen.frames} frames`);
  }));

test('files that are there are kept', () =>
  withFolder('webm,mjr', async ({ folder, inPage }) => {
    fs.writeFileSync(path.join(folder, 'same.webm'), 'of somebody else');
    const ids = await inPage(async ([ws]) => {
      const { call, sleep } = window.changes;
      const record = async () => {
        const caller = await call(ws, 'recordplay');
        const { result } = await caller.add('audio').offer({
          request: 'record', name: 'same', filename: 'same' });
        return { caller, id: result.id };
      };
      /* Two at once, and one when they have ended. */
      const all = [await record(), await record()];
      await sleep(2000);
      await Promise.all(all.map(({ caller }) => caller.close()));
      const last = await record();
      await sleep(1000);
      await last.caller.close();
      return [...all, last].map(({ id }) => id);
    });
    assert.equal(fs.readFileSync(path.join(folder, 'same.webm'), 'utf8'),
      'of somebody else');
    for (const [i, id] of ids.entries()) {
      const { audio } = await nfo(folder, id);
      assert.equal(audio, `same-${i + 2}.webm`);
      assert.ok(probe(path.join(folder, audio)).audio.seconds > 0.5);
      assert.ok(readMjr(path.join(folder, `same-${i + 2}-audio.mjr`))
        .times.at(-1) > 500);
    }
  }));

test('bitrate and keyframes of a recording can be chosen', () =>
  withFolder('webm', async ({ folder, inPage }) => {
    const seen = await inPage(async ([ws]) => {
      const { call, sleep } = window.changes;
      const caller = await call(ws, 'recordplay');
      const video = async () =>
        (await caller.reports('outbound-rtp', 'video'))[0];
      await caller.ask({ request: 'configure', 'video-bitrate-max': 90000,
        'video-keyframe-interval': 0 });
      await caller.add('audio').add('video').offer({ request: 'record',
        name: 'slow' });
      await sleep(6000);
      const low = await video();
      await caller.ask({ request: 'configure', 'video-bitrate-max': 0,
        'video-keyframe-interval': 1000 });
      await sleep(6000);
      const high = await video();
      await caller.close();
      return { low: low.targetBitrate, high: high.targetBitrate,
        before: low.pliCount + low.firCount,
        asked: high.pliCount + high.firCount - low.pliCount - low.firCount };
    });
    const note = JSON.stringify(seen);
    console.log(`# ${note}`);
    assert.ok(seen.low < 100000, note);
    assert.ok(seen.high > 110000, note);
    assert.ok(seen.before <= 3, note);
    assert.ok(seen.asked >= 4 && seen.asked <= 7, note);
    await until('an .nfo', () =>
      listed(folder).some((name) => name.endsWith('.nfo')));
  }));

/* Between one caller and the server: every third media packet that goes up is
   lost while lossy. */
async function startLossyProxy(server) {
  const [, to] = /media-port> UDP port (\d+)/.exec(server.log);
  const [front, back] = await Promise.all([0, 1].map(() => new Promise(
    (resolve) => {
      const socket = dgram.createSocket('udp4');
      socket.bind(0, mediaAddress(), () => resolve(socket));
    })));
  const proxy = { port: front.address().port, lossy: true, count: 0,
    close: () => [front, back].forEach((socket) => socket.close()) };
  let caller;
  front.on('message', (bytes, from) => {
    caller = from;
    const media = bytes[0] >> 6 === 2 && (bytes[1] < 192 || bytes[1] > 223);
    if (!media || !proxy.lossy || ++proxy.count % 3 > 0)
      back.send(bytes, Number(to), mediaAddress());
  });
  back.on('message', (bytes) =>
    caller && front.send(bytes, caller.port, caller.address));
  return proxy;
}

test('who loses packets is told so', () =>
  withFolder('webm', async ({ server, folder, inPage }) => {
    const proxy = await startLossyProxy(server);
    const results = await inPage(async ([ws, port]) => {
      const { call } = window.changes;
      const caller = await call(ws, 'recordplay');
      await caller.ask({ request: 'configure', 'video-bitrate-max': 500000 });
      await caller.add('audio').add('video').offer({ request: 'record',
        name: 'lossy' }, { port });
      await caller.client.wait('slow_link', ({ plugindata }) =>
        plugindata?.data.result?.status === 'slow_link');
      const results = caller.results();
      await caller.close();
      return results;
    }, proxy.port);
    proxy.close();
    const { media, ...rest } = results.find(({ status }) =>
      status === 'slow_link');
    assert.ok(['audio', 'video'].includes(media));
    assert.deepEqual(rest, { status: 'slow_link',
      'current-bitrate': 500000 });
    await until('an .nfo', () =>
      listed(folder).some((name) => name.endsWith('.nfo')));
  }, { janus: { media: { slowlink_threshold: 4 } } }));

/* In the page: a call that records until the disk is full, and one beside. */
const fill = async ([ws, [plugin, body]]) => {
  const { call, sleep } = window.changes;
  const beside = await call(ws, 'echotest');
  await beside.add('audio').add('video').offer({ audio: true, video: true });
  const caller = await call(ws, plugin);
  await caller.add('audio').add('video').offer(body);
  const failed = ({ plugindata }) => plugindata?.data.result?.status ===
    'failed' || /recording_failed/.test(JSON.stringify(plugindata ?? ''));
  await caller.client.wait('an event of the end', failed, 60000);
  const packets = async () => (await Promise.all([caller, beside].map((one) =>
    one.reports('outbound-rtp', 'video')))).map(([one]) => one.packetsSent);
  const from = await packets();
  await sleep(1500);
  const to = await packets();
  const state = caller.pc.connectionState;
  await caller.close();
  await beside.close();
  return { state, moved: to.map((n, i) => n - from[i]) };
};

const mount = 'mount -t tmpfs -o size=64k none "$0" && exec "$@"';
const inTmpfs = (folder) => ['unshare', ...process.getuid() === 0 ? [] :
  ['-r'], '-m', 'sh', '-c', mount, folder];
const canMount = () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-changes-'));
  const [program, ...args] = [...inTmpfs(folder), 'true'];
  const { status } = spawnSync(program, args);
  fs.rmSync(folder, { recursive: true });
  return status === 0;
};

for (const [plugin, makeBody] of [
  ['recordplay', () => ({ request: 'record', name: 'Full' })],
  ['echotest', (folder) => ({ audio: true, video: true, record: true,
    filename: path.join(folder, 'echo') })],
  ['videoroom', () => ({ request: 'joinandconfigure', room: 1234,
    ptype: 'publisher', record: true, filename: 'room' })]])
  test(`a full disk ends a recording of ${plugin} and nothing else`,
    async (t) => {
      if (!canMount()) {
        t.skip('no mount namespace can be made');
        return;
      }
      await withFolder('webm', async ({ folder, server, inPage }) => {
        const { state, moved } = await inPage(fill,
          [plugin, makeBody(folder)]);
        assert.match(server.log, /\[ERR\].*no space left/i);
        assert.equal(state, 'connected');
        assert.ok(moved.every((packets) => packets > 10), `${moved}`);
      }, { wrap: inTmpfs });
    });
