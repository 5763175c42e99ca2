/* bifrons-rec over made-up recordings, beside janus-pp-rec and pcap2mjr where
   they are. Usage: node tools.mjs BIFRONS-REC; ends with 77 without the
   programs it needs. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import * as mjr from './mjr.mjs';

const rec = path.resolve(process.argv[2]);
const frameMs = 20;
let failed = 0;

function has(program) {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

for (const program of ['ffmpeg', 'ffprobe', 'gst-launch-1.0']) {
  if (!has(program)) {
    console.error(`skipped: no ${program}`);
    process.exit(77);
  }
}
const hasJanus = has('janus-pp-rec') && has('pcap2mjr');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-rec-'));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));
process.chdir(folder);

function check(what, condition, ...shown) {
  if (condition)
    return;
  console.error(`FAILED: ${what}`, ...shown);
  failed++;
}

function same(what, found, expected) {
  check(what, JSON.stringify(found) === JSON.stringify(expected), found,
    'is not', expected);
}

/* { status, out, err } */
function run(program, args, env = {}) {
  const result = spawnSync(program, args.map(String),
    { env: { ...process.env, ...env }, timeout: 60000,
      maxBuffer: 64 * 1024 * 1024 });
  return { status: result.status, out: String(result.stdout),
    err: String(result.stderr) };
}

function convert(...args) {
  const result = run(rec, ['-q', ...args]);
  check(`bifrons-rec ${args.join(' ')}`, result.status === 0, result.err);
  return result;
}

function probe(file, ...args) {
  return JSON.parse(run('ffprobe', ['-v', 'error', '-of', 'json',
    '-show_format', '-show_streams', ...args, file]).out || '{}');
}

/* Seconds; 0 where it cannot be read. */
function duration(file) {
  return Number(probe(file).format?.duration ?? 0);
}

function close(what, a, b, ms) {
  check(what, Math.abs(a - b) <= ms / 1000 + 1e-9, a, 'is not near', b);
}

function report(program, ...args) {
  return JSON.parse(run(program, ['-e', ...args]).out || '{}');
}

/* The packets of a pipeline that ends in RTP, without our elements: those may
   be built with a sanitizer, which gst-launch is not. */
function record(pipeline) {
  const result = run('sh', ['-c',
    `gst-launch-1.0 -q ${pipeline} ! rtpstreampay ! filesink location=rtp`],
  { GST_PLUGIN_PATH_1_0: '', GST_REGISTRY_FORK: 'yes',
    GST_REGISTRY_1_0: path.join(folder, 'registry.bin') });
  check(pipeline, result.status === 0, result.err);
  const bytes = fs.readFileSync('rtp');
  const packets = [];
  for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at))
    packets.push(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at)));
  return packets;
}

/* As frames of a recording, timed by their timestamps. */
function asFrames(packets, clockRate) {
  const first = packets[0].readUInt32BE(4);
  return packets.map((data) => ({ data,
    ms: ((data.readUInt32BE(4) - first) >>> 0) * 1000 / clockRate }));
}

/* ---- clocks ---- */

/* Arrival is i * frameMs * factor; stalls: the clock stands still for so many
   ms in front of these packets. */
function writeTalk(name, codec, packets, { factor = 1, stalls = {} } = {}) {
  const opus = codec === 'opus';
  const frames = [];
  let stalled = 0;
  for (let i = 0; i < packets; i++) {
    stalled += stalls[i] ?? 0;
    frames.push({ ms: i * frameMs * factor + stalled, data: mjr.rtp({
      payloadType: opus ? 111 : 0,
      /* Both numbers begin anew in between. */
      sequence: 65000 + i,
      timestamp: 4294900000 + i * (opus ? 960 : 160),
      payload: opus ? mjr.opusPayload(i) : Buffer.alloc(160, 0xff),
    }) });
  }
  mjr.writeMjr(`${name}.mjr`, { t: 'a', c: codec }, frames);
}

/* Both tools' durations with @options agree; returns ours. */
function compareDuration(name, ending, ...options) {
  const what = `${name} ${options.join(' ')}`;
  convert(...options, `${name}.mjr`, `ours.${ending}`);
  const ours = duration(`ours.${ending}`);
  if (!hasJanus)
    return ours;
  run('janus-pp-rec', [...options, `${name}.mjr`, `janus.${ending}`]);
  close(what, ours, duration(`janus.${ending}`), frameMs);
  return ours;
}

/* Only master of janus-pp-rec has the option. */
function compareArrival() {
  convert('-I', 'late.mjr', 'arrival.opus');
  return duration('arrival.opus');
}

function checkClocks() {
  /* 2 % slow: 110 frames of silence; 2 % fast: as many frames go. */
  writeTalk('slow', 'opus', 6000, { factor: 1 / 0.98 });
  writeTalk('fast', 'opus', 6000, { factor: 1 / 1.02 });
  close('slow', compareDuration('slow', 'opus'), 120, 1);
  close('slow -S', compareDuration('slow', 'opus', '-S', 200), 122.2, 1);
  close('fast -S', compareDuration('fast', 'opus', '-S', 200), 117.8, 1);
  close('--audioskew', compareDuration('slow', 'opus', '--audioskew=-3'), 120,
    1);
  writeTalk('late', 'opus', 1500, { stalls: { 300: 3000, 900: 2500 } });
  close('late', compareDuration('late', 'opus'), 30, 1);
  for (const options of [['-r', 1500], ['-r', 2000, '-c', 50],
    ['-r', 1200, '-n', 100], ['-r', 1500, '-c', -3], ['-r', 1500, '-c', 0]])
    check(`late ${options}`, compareDuration('late', 'opus', ...options) > 33);
  /* What is late by less stays; below 0 is as if not given. */
  close('late -n', compareDuration('late', 'opus', '-r', 1500, '-n', 9000), 30,
    1);
  convert('-r', 1500, '-n', -5, 'late.mjr', 'reset.opus');
  convert('-r', 1500, 'late.mjr', 'default.opus');
  same('late -n -5', duration('reset.opus'), duration('default.opus'));
  close('late -I', compareArrival(), 35.48, frameMs);
  const off = /clock is -5\.50 s off/;
  check('warning', off.test(run(rec, ['-p', 'late.mjr']).err));
  check('no warning', !off.test(convert('-r', 1500, 'late.mjr', 'late.opus')
    .err));
  /* Silence where the time is, not at the end. */
  convert('-r', 1500, 'late.mjr', 'late.mka');
  const times = probe('late.mka', '-show_packets').packets
    .filter((packet) => Number(packet.size) === 20)
    .map((packet) => Number(packet.pts_time));
  close('late: time 1', times[299], 299 * 0.02, 5);
  close('late: time 2', times[310] - times[299], 3 + 11 * 0.02, 25);
}

/* A telephone's last packet of each talk has a time of its own. */
function checkSilence() {
  const frames = [];
  let sequence = 10;
  let timestamp = 1000;
  let ms = 0;
  const add = (more) => frames.push({ ms, data: mjr.rtp({ payloadType: 8,
    sequence: sequence++, timestamp, payload: Buffer.alloc(160, 0xd5),
    ...more }) });
  for (let talk = 0; talk < 6; talk++) {
    for (let i = 0; i < 100; i++) {
      add();
      timestamp += 160;
      ms += frameMs;
    }
    add({ marker: true, timestamp: timestamp + 8000 * 3600 * 4 });
    timestamp += 8000;
    ms += 1000;
  }
  mjr.writeMjr('phone.mjr', { t: 'a', c: 'pcma' }, frames);
  same('-C', report(rec, '-C', 20, 'phone.mjr').extended,
    { packets: 600, duration: 16.98 });
  check('without -C', report(rec, 'phone.mjr').extended.duration > 10000);
  close('-C', compareDuration('phone', 'wav', '-C', 20), 17, 1);
  const env = { JANUS_PPREC_SILENCE_DISTANCE: '20' };
  same('JANUS_PPREC_SILENCE_DISTANCE', JSON.parse(run(rec,
    ['-e', 'phone.mjr'], env).out).extended.packets, 600);
}

/* The variables do what the options do, which win. */
function checkEnvironment() {
  const cases = [
    [{ JANUS_PPREC_AUDIOSKEW: '200' }, [], 'slow', 122.2],
    [{ JANUS_PPREC_AUDIOSKEW: '200' }, ['-S', 0], 'slow', 120],
    [{ JANUS_PPREC_RESTAMP: '1500', JANUS_PPREC_RESTAMP_MIN_TH: '9000' }, [],
      'late', 30],
    [{ JANUS_PPREC_RESTAMP: '1500', JANUS_PPREC_RESTAMP_PACKETS: '-1',
      JANUS_PPREC_RESTAMP_MIN_TH: '-1' }, [], 'late',
    duration('default.opus')],
    [{ JANUS_PPREC_IGNOREFIRST: '100', JANUS_PPREC_FORMAT: 'ogg' }, [], 'late',
      28],
  ];
  for (const [env, options, name, expected] of cases) {
    const result = run(rec, ['-q', ...options, `${name}.mjr`, 'env.opus'], env);
    check(JSON.stringify(env), result.status === 0, result.err);
    close(JSON.stringify(env), duration('env.opus'), expected, frameMs);
  }
  const bad = run(rec, ['-e', 'late.mjr'], { JANUS_PPREC_DEBUG: 'loud' });
  check('JANUS_PPREC_DEBUG', bad.status === 1 && bad.out === '');
}

/* ---- levels, rotations, sizes ---- */

function checkLevels() {
  const frames = [10, 30, 20].map((level, i) => ({ ms: i * frameMs,
    data: mjr.rtp({ payloadType: 111, sequence: i, timestamp: i * 960,
      extensions: { 3: level }, payload: mjr.opusPayload(i) }) }));
  mjr.writeMjr('level.mjr', { t: 'a', c: 'opus' }, frames);
  const line = /-20 dB on average, -10 dB/;
  check('no level', !line.test(run(rec, ['-p', 'level.mjr']).out));
  check('-a', line.test(run(rec, ['-p', '-a', 3, 'level.mjr']).out));
  check('JANUS_PPREC_AUDIOLEVELEXT', line.test(run(rec, ['-p', 'level.mjr'],
    { JANUS_PPREC_AUDIOLEVELEXT: '3' }).out));
  mjr.writeMjr('level.mjr', { t: 'a', c: 'opus',
    x: { 3: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level' } }, frames);
  check('header', line.test(run(rec, ['-p', 'level.mjr']).out));
  const loud = run(rec, ['-p', '-d', 5, '-D', 'level.mjr'],
    { GST_DEBUG: '0' }).err;
  check('-d 5 -D',
    /^\[\d{4}-\d\d-\d\d [\d:]{8}\] .*0\.02 s.*-30 dB$/m.test(loud), loud);
}

/* Two sizes and three ways to hold a phone, in one track. */
function checkPictures() {
  const clip = (width, height) => record(
    'videotestsrc num-buffers=20 ! ' +
    `video/x-raw,width=${width},height=${height},` +
    'framerate=20/1 ! vp8enc deadline=1 ! rtpvp8pay');
  const frames = [];
  let sequence = 0;
  for (const [part, packets] of [clip(160, 120),
    clip(320, 240)].entries()) {
    const first = packets[0].readUInt32BE(4);
    for (const data of packets) {
      const ticks = data.readUInt32BE(4) - first >>> 0;
      const at = part * 90000 + ticks;
      frames.push({ ms: at / 90, data: mjr.rtp({ sequence: sequence++,
        timestamp: at, marker: (data[1] & 0x80) !== 0,
        extensions: { 4: at < 45000 ? 0 : at < 135000 ? 1 : 3 },
        payload: data.subarray(12) }) });
    }
  }
  mjr.writeMjr('turned.mjr', { t: 'v', c: 'vp8',
    x: { 4: 'urn:3gpp:video-orientation' } }, frames);
  const { extended } = report(rec, 'turned.mjr');
  same('rotations', extended.rotations, [{ ts: 0, rotation: 0 },
    { ts: 0.5, rotation: 90 }, { ts: 1.5, rotation: 270 }]);
  same('sizes', extended.codec.resolution, [
    { ts: 0, width: 160, height: 120 }, { ts: 1, width: 320, height: 240 }]);
  if (hasJanus)
    same('-e', report(rec, 'turned.mjr'), report('janus-pp-rec', 'turned.mjr'));
  mjr.writeMjr('plain.mjr', { t: 'v', c: 'vp8' }, frames);
  check('no id', report(rec, 'plain.mjr').extended.rotations === undefined);
  same('-v', report(rec, '-v', 4, 'plain.mjr').extended.rotations.length, 3);
  convert('turned.mjr', 'turned.webm');
  same('turned.webm', Number(probe('turned.webm', '-count_packets').streams[0]
    .nb_read_packets), 40);
}

/* ---- codecs ---- */

/* Blocks of the @generations frames before, then the frame itself. */
function redPayload(i, generations, opusType) {
  const heads = [];
  const blocks = [];
  for (let back = Math.min(generations, i); back > 0; back--) {
    const block = mjr.opusPayload(i - back);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(((0x80 | opusType) << 24 | back * 960 << 10 |
      block.length) >>> 0);
    heads.push(head);
    blocks.push(block);
  }
  return Buffer.concat([...heads, Buffer.from([opusType]), ...blocks,
    mjr.opusPayload(i)]);
}

/* The numbers that opusPayload put into a file's packets. */
function numbersIn(file) {
  const text = run('ffprobe', ['-v', 'error', '-show_packets', '-show_data',
    file]).out;
  return [...text.matchAll(/^00000000: fc(\w\w) (\w\w)(\w\w) (\w\w)5a/gm)]
    .map((match) => parseInt(match.slice(1, 5).join(''), 16));
}

function checkRed() {
  const total = 300;
  for (const generations of [1, 2]) {
    const lost = (i) => i % 20 === 7 || (generations > 1 && i % 20 === 8);
    const frames = [];
    for (let i = 0; i < total; i++) {
      if (!lost(i))
        frames.push({ ms: i * frameMs, data: mjr.rtp({ payloadType: 63,
          sequence: 65500 + i, timestamp: 4294960000 + i * 960,
          payload: redPayload(i, generations, 111) }) });
    }
    mjr.writeMjr('red.mjr', { t: 'a', c: 'opus', or: 63 }, frames);
    if (hasJanus)
      same('red -e', report(rec, 'red.mjr').extended.packets,
        report('janus-pp-rec', 'red.mjr').extended.packets);
    convert('red.mjr', 'red.opus');
    same(`RED of ${generations}`, numbersIn('red.opus'),
      Array.from({ length: total }, (_, i) => i));
    close('red', duration('red.opus'), total * 0.02, 1);
  }
  /* A block longer than its packet is no reason to stop. */
  const frames = mjr.readMjr('red.mjr');
  frames[50].data = Buffer.from(frames[50].data);
  frames[50].data.writeUInt16BE(0x03ff, 14);
  frames[60].data = frames[60].data.subarray(0, 14);
  mjr.writeMjr('broken.mjr', { t: 'a', c: 'opus', or: 63 }, frames);
  convert('broken.mjr', 'broken.opus');
  check('broken RED', numbersIn('broken.opus').length >= total - 4);
}

function checkCodecs() {
  const tone = (rate, channels, more = '') => 'audiotestsrc num-buffers=100 ' +
    `samplesperbuffer=${rate / 50} ! audio/x-raw,rate=${rate},` +
    `channels=${channels}${more}`;
  mjr.writeMjr('surround.mjr', { t: 'a', c: 'multiopus' }, asFrames(record(
    `${tone(48000, 6, ',"channel-mask=(bitmask)0x3f"')} ! opusenc ! ` +
    'rtpopuspay'), 48000));
  for (const ending of ['ogg', 'mka']) {
    convert('surround.mjr', `surround.${ending}`);
    same(ending, probe(`surround.${ending}`).streams[0].channels, 6);
    close(ending, duration(`surround.${ending}`), 2, 30);
  }
  for (const [name, type, bytes, rate, step] of [
    ['g722', 9, 160, 16000, 160], ['l16', 97, 640, 16000, 320],
    ['l16-48', 97, 1920, 48000, 960]]) {
    const frames = Array.from({ length: 100 }, (_, i) => ({ ms: i * frameMs,
      data: mjr.rtp({ payloadType: type, sequence: i, timestamp: i * step,
        payload: Buffer.alloc(bytes, name === 'g722' ? 0xfa : 0x11) }) }));
    mjr.writeMjr(`${name}.mjr`, { t: 'a', c: name }, frames);
    convert(`${name}.mjr`, `${name}.wav`);
    const [stream] = probe(`${name}.wav`).streams;
    same(name, [stream.codec_name, stream.sample_rate, stream.channels],
      ['pcm_s16le', String(rate), 1]);
    close(name, duration(`${name}.wav`), 2, 1);
    if (name !== 'g722')
      same(`${name}: samples`, fs.readFileSync(`${name}.wav`).readInt16LE(1000),
        0x1111);
  }
}

/* ---- messages ---- */

function checkMessages() {
  mjr.writeMjr('text.mjr', { t: 'd', c: 'text' }, [mjr.message(100, 'hello'),
    mjr.message(1600, 'two\nlines'), mjr.message(3725042, '끝')]);
  convert('text.mjr', 'text.srt');
  same('srt', fs.readFileSync('text.srt', 'utf8'),
    '1\n00:00:00.100 --> 00:00:01.599\nhello\n\n' +
    '2\n00:00:01.600 --> 01:02:05.041\ntwo\nlines\n\n' +
    '3\n01:02:05.042 --> 01:02:10.042\n끝\n\n');
  mjr.writeMjr('binary.mjr', { t: 'd', c: 'binary' },
    [mjr.message(0, Buffer.from([0, 1, 255])),
      mjr.message(9, Buffer.from([7]))]);
  convert('binary.mjr', 'binary.dat');
  same('binary', [...fs.readFileSync('binary.dat')], [0, 1, 255, 7]);
  if (!hasJanus)
    return;
  run('janus-pp-rec', ['text.mjr', 'janus.srt']);
  same('srt of both', fs.readFileSync('text.srt', 'utf8'),
    fs.readFileSync('janus.srt', 'utf8'));
  for (const name of ['text', 'binary'])
    same(`${name} -e`, report(rec, `${name}.mjr`),
      report('janus-pp-rec', `${name}.mjr`));
}

/* ---- options of files ---- */

function tagsOf(file) {
  const { format = {}, streams = [] } = probe(file);
  const tags = Object.assign({}, format.tags, ...streams.map((s) => s.tags));
  return tags.comment ?? tags.COMMENT ?? tags.Comment;
}

/* Names of an MP4's boxes, in order. */
function boxes(file) {
  const bytes = fs.readFileSync(file);
  const names = [];
  for (let at = 0; at + 8 <= bytes.length;) {
    names.push(bytes.toString('latin1', at + 4, at + 8));
    const size = bytes.readUInt32BE(at);
    at += size === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : size || 1e9;
  }
  return names;
}

function checkFiles() {
  mjr.writeMjr('h264.mjr', { t: 'v', c: 'h264' }, asFrames(record(
    'videotestsrc num-buffers=30 ! ' +
    'video/x-raw,width=160,height=120,framerate=30/1 ! x264enc ' +
    'tune=zerolatency ! rtph264pay config-interval=-1'), 90000));
  for (const [name, ending] of [['late', 'opus'], ['late', 'ogg'],
    ['late', 'mka'], ['turned', 'webm'], ['turned', 'mkv'], ['h264', 'mp4'],
    ['h264', 'mkv']]) {
    convert('-m', 'a note: Ω', `${name}.mjr`, `note.${ending}`);
    same(`-m ${ending}`, tagsOf(`note.${ending}`), 'a note: Ω');
    convert(`${name}.mjr`, `note.${ending}`);
    same(`header in ${ending}`, tagsOf(`note.${ending}`),
      run(rec, ['-j', `${name}.mjr`]).out.trimEnd());
  }
  const order = (file) => boxes(file).filter((name) => /moov|mdat/.test(name));
  convert('-t', 'h264.mjr', 'fast.mp4');
  same('-t', order('fast.mp4'), ['moov', 'mdat']);
  convert('h264.mjr', 'slow.mp4');
  same('no -t', order('slow.mp4'), ['mdat', 'moov']);
  close('-t', duration('fast.mp4'), duration('slow.mp4'), 1);
  /* -P leaves out the others; -i the first ones. */
  const frames = mjr.readMjr('late.mjr').slice(0, 100).flatMap((frame, i) =>
    [frame, { ms: frame.ms, data: mjr.rtp({ payloadType: 13, sequence: i,
      timestamp: 3, payload: Buffer.from([1]) }) }]);
  mjr.writeMjr('mixed.mjr', { t: 'a', c: 'opus' }, frames);
  for (const options of [['-P', 111], ['-P', 111, '-i', 20], ['-i', 20]]) {
    const found = report(rec, ...options, 'mixed.mjr').extended;
    if (hasJanus)
      same(`${options}`, found.packets, report('janus-pp-rec', ...options,
        'mixed.mjr').extended.packets);
    if (options[0] === '-P')
      same(`${options}`, found.packets, options.length > 2 ? 90 : 100);
  }
  convert('-f', 'ogg', 'late.mjr', 'format.bin');
  same('-f', fs.readFileSync('format.bin').toString('latin1', 0, 4), 'OggS');
}

/* Each begins when its header says: pictures 0.7 s behind the sound, and the
   other way round. */
function checkJoined() {
  for (const [audio, video] of [[0, 700], [700, 0]]) {
    for (const [name, ms, codec, t] of [['late', audio, 'opus', 'a'],
      ['turned', video, 'vp8', 'v']])
      mjr.writeMjr(`joined-${t}.mjr`, { t, c: codec,
        s: mjr.startUs + ms * 1000, u: mjr.startUs + ms * 1000 },
      mjr.readMjr(`${name}.mjr`).slice(0, 200));
    convert('joined-a.mjr', 'joined-v.mjr', 'joined.mkv');
    const packets = probe('joined.mkv', '-show_packets').packets;
    const first = (type, size) => Number(packets.find((packet) =>
      packet.codec_type === type && (!size || Number(packet.size) === size))
      .pts_time);
    close(`joined ${audio} ${video}`, first('video') - first('audio', 20),
      (video - audio) / 1000, 5);
    /* What is in front of late sound is silence. */
    close('joined: sound', first('audio'), 0, 5);
  }
}

/* ---- what is printed ---- */

function checkOutput() {
  const json = run(rec, ['-j', 'late.mjr']);
  same('-j', [json.status, json.err], [0, '']);
  same('-j', JSON.parse(json.out).c, 'opus');
  const extended = run(rec, ['-e', 'late.mjr']);
  same('-e', [extended.status, extended.err, extended.out.split('\n').length],
    [0, '', 2]);
  fs.writeFileSync('old.mjr', Buffer.concat([Buffer.from('MEETECHO\0\x05audio'),
    ...mjr.readMjr('late.mjr').slice(0, 50).map(({ data }) => Buffer.concat([
      Buffer.from(`MEETECHO\0${String.fromCharCode(data.length)}`), data]))]));
  same('version 0', run(rec, ['-e', 'old.mjr']).out, '(null)\n');
  same('version 0', run(rec, ['-j', 'old.mjr']).status, 1);
  same('version 0', run(rec, ['-j', 'old.mjr']).out, '');
  convert('old.mjr', 'old.opus');
  close('version 0', duration('old.opus'), 1, 1);
  mjr.writeMjr('secret.mjr', { t: 'a', c: 'opus', e: true },
    mjr.readMjr('late.mjr').slice(0, 50));
  const bad = [[], ['secret.mjr', 'x.opus'], ['late.mjr', 'x.webp'],
    ['late.mjr', 'late.mjr'], ['none.mjr', 'x.opus'], ['late.mjr'],
    ['--from-pcap', 'a', 'b'], ['--from-pcap', '-c', 'text', 'a', 'b'],
    ['--from-pcap', '-c', 'vp8', 'late.mjr', 'x.opus']];
  for (const args of bad) {
    const { status, out, err } = run(rec, args);
    same(`[${args}]`, [status, out, err !== ''], [1, '', true]);
  }
  check('a file for nothing', !fs.existsSync('x.opus'));
  same('--help', run(rec, ['--help']).status, 0);
  const help = run(rec, ['--help']).out +
    run(rec, ['--from-pcap', '--help']).out;
  for (const option of 'hFjHpemiPavdDoftSCrcnIsw')
    check(`--help: -${option}`, help.includes(`  -${option}, --`));
}

/* ---- captures ---- */

function writeStream(name, link, version, options) {
  const packets = [];
  for (let i = 0; i < 60; i++) {
    const us = 1600000000999000 + i * 20123;
    const payload = Buffer.alloc(30 + i, i);
    packets.push({ us, version, data: mjr.ip(version, 17, mjr.udp(mjr.rtp({
      sequence: i, timestamp: i * 3000, ssrc: i % 3 ? 7777 : 4294967295,
      payload }))) });
    if (i % 10 === 5)
      packets.push({ us, version, data: mjr.ip(version, 6, payload) },
        { us, version, data: mjr.ip(version, 17, mjr.udp(payload)) },
        { us, version, data: mjr.ip(version, 17, mjr.udp(mjr.rtp({
          payloadType: 72, sequence: 0, timestamp: 0, payload }))) },
        { us, type: 0x0806, data: payload },
        { us, version, cut: 9, data: mjr.ip(version, 17, mjr.udp(mjr.rtp({
          sequence: 1, timestamp: 0, payload }))) });
  }
  const write = options?.ticks ? mjr.writePcapNg : mjr.writePcap;
  write(name, link, packets, options);
}

function checkCaptures() {
  for (const link of [1, 113, 276]) {
    for (const version of [4, 6]) {
      for (const options of [{}, { big: true }, { ticks: 6 },
        { ticks: 9, big: true }]) {
        const what = `${link} IPv${version} ${JSON.stringify(options)}`;
        writeStream('in.pcap', link, version, options);
        for (const args of [['-c', 'vp8'], ['-c', 'OPUS', '-s', '7777'],
          ['-c', 'h265', '-s', '1']]) {
          const result = convert('--from-pcap', ...args, 'in.pcap', 'ours.mjr');
          same(`${what}: quiet`, result.err, '');
          if (!hasJanus)
            continue;
          /* 1.1.2 knows no cooked captures of version 2. */
          if (run('pcap2mjr', args.map((arg) => arg.toLowerCase())
            .concat('in.pcap', 'janus.mjr')).status !== 0 && link === 276)
            writeStream('in.pcap', 113, version, options);
          run('pcap2mjr', args.map((arg) => arg.toLowerCase())
            .concat('in.pcap', 'janus.mjr'));
          writeStream('in.pcap', link, version, options);
          check(`${what} ${args}`, fs.readFileSync('ours.mjr')
            .equals(fs.readFileSync('janus.mjr')));
        }
        same(`${what}: none`, fs.readFileSync('ours.mjr', 'latin1'),
          'MJR00002');
      }
    }
  }
  const { err } = run(rec, ['--from-pcap', '-w', '-c', 'vp8', 'in.pcap',
    'ours.mjr']);
  same('-w', err.split('\n').filter((line) => line.startsWith('Packet')).length,
    40 + 5 * 6);
  same('count', report(rec, 'ours.mjr').extended.packets, 20);
  /* Both kinds of file hold the same. */
  writeStream('in.pcap', 1, 4);
  writeStream('in.pcapng', 1, 4, { ticks: 9 });
  for (const name of ['pcap', 'pcapng'])
    convert('--from-pcap', '-c', 'vp8', `in.${name}`, `${name}.mjr`);
  check('pcapng', fs.readFileSync('pcap.mjr').equals(
    fs.readFileSync('pcapng.mjr')));
  /* There and back, and by the other tools' names. */
  fs.symlinkSync(rec, 'pcap2mjr');
  fs.symlinkSync(rec, 'mjr2pcap');
  check('mjr2pcap', run('./mjr2pcap', ['late.mjr', 'late.pcap']).status === 0);
  check('pcap2mjr', run('./pcap2mjr', ['-c', 'opus', 'late.pcap', 'back.mjr'])
    .status === 0);
  same('there and back', mjr.readMjr('back.mjr'), mjr.readMjr('late.mjr'));
}

/* Cut anywhere, and with lengths that lie: an end or an error, no crash. */
function checkHostile() {
  for (const options of [{}, { ticks: 6 }])
    checkHostileFile(options);
}

function checkHostileFile(options) {
  writeStream('in.pcap', 1, 4, options);
  const whole = fs.readFileSync('in.pcap').subarray(0, 600);
  const head = options.ticks ? 60 : 24;
  for (let size = 0; size < whole.length; size += 23) {
    fs.writeFileSync('cut.pcap', whole.subarray(0, size));
    const { status } = run(rec, ['--from-pcap', '-c', 'vp8', 'cut.pcap',
      'cut.mjr']);
    same(`cut at ${size}`, status, size < head ? 1 : 0);
  }
  for (const at of [24 + 8, 24 + 12, 24 + 16 + 14, 24 + 16 + 38]) {
    const lying = Buffer.from(whole);
    lying.fill(0xff, at, at + 2);
    fs.writeFileSync('lying.pcap', lying);
    const { status } = run(rec, ['--from-pcap', '-c', 'vp8', 'lying.pcap',
      'lying.mjr']);
    check(`lies at ${at}`, status === 0 || (options.ticks && status === 1),
      status);
  }
}

/* ---- long work ---- */

/* Plays @frames over and over: @times, each @ticks and @ms long. */
function repeat(name, header, frames, times, ticks, ms) {
  const all = [];
  const first = frames[0].data.readUInt32BE(4);
  for (let i = 0; i < times; i++) {
    for (const frame of frames) {
      const data = Buffer.from(frame.data);
      data.writeUInt16BE(all.length & 0xffff, 2);
      data.writeUInt32BE((data.readUInt32BE(4) - first + i * ticks) >>> 0, 4);
      all.push({ ms: frame.ms + i * ms, data });
    }
  }
  mjr.writeMjr(`${name}.mjr`, header, all);
}

function sizeOf(file) {
  return fs.existsSync(file) ? fs.statSync(file).size : 0;
}

/* Resolves to { status, err } of a conversion that gets SIGINT once its file
   has @bytes, where given. */
async function convertLong(source, target, bytes = Infinity) {
  const child = spawn(rec, [source, target], { stdio: ['ignore', 'ignore',
    'pipe'] });
  const result = { status: null, err: '', interrupted: false };
  child.stderr.on('data', (data) => (result.err += data));
  const timer = setInterval(() => {
    if (sizeOf(target) < bytes || result.interrupted)
      return;
    result.interrupted = true;
    child.kill('SIGINT');
  }, 1);
  [result.status] = await once(child, 'close');
  clearInterval(timer);
  return result;
}

async function checkLong() {
  const sound = mjr.readMjr('late.mjr').slice(0, 100);
  repeat('long', { t: 'a', c: 'opus' }, sound, 3000, 96000, 2000);
  repeat('film', { t: 'v', c: 'h264' }, mjr.readMjr('h264.mjr'), 2000, 90000,
    1000);
  writeTalk('ring', 'pcmu', 100);
  repeat('call', { t: 'a', c: 'pcmu' }, mjr.readMjr('ring.mjr'), 3000, 16000,
    2000);
  for (const [source, target, seconds] of [['long', 'long.ogg', 6000],
    ['long', 'long.mka', 6000], ['film', 'film.mp4', 2000],
    ['film', 'film.mkv', 2000], ['call', 'call.wav', 6000]]) {
    const { status, err, interrupted } = await convertLong(`${source}.mjr`,
      target, 50000);
    check(`SIGINT: ${target}`, interrupted && status === 0, status, err);
    const length = duration(target);
    check(`SIGINT: ${target} ends early`, length > 0.5 && length < seconds - 1,
      length);
    const play = run('ffmpeg', ['-v', 'error', '-i', target, '-t', 5, '-f',
      'null', '-']);
    same(`SIGINT: ${target} plays`, [play.status, play.err], [0, '']);
  }
  /* Lines of whole steps, and none that goes back. */
  const { status, err } = await convertLong('long.mjr', 'long.ogg');
  same('long', status, 0);
  const percents = err.trim().split('\n').map((line) =>
    Number(/^(\d+) %$/.exec(line)?.[1] ?? NaN));
  check('progress', percents.length > 0 && percents.length <= 10
    && percents.every((n, i) => n <= 100 && n >= (percents[i - 1] ?? 0) + 10),
  err);
  /* On a terminal they stand on one another, and go in the end. */
  if (has('script')) {
    const { out } = run('script', ['-qec',
      `${rec} long.mjr terminal.ogg`, '/dev/null']);
    check('terminal', /^(\r *\d+ %)+\r +\r$/.test(out), JSON.stringify(out));
    check('quiet', run('script', ['-qec', `${rec} -q late.mjr terminal.ogg`,
      '/dev/null']).out.split('%').length === 1);
  }
}

const checks = { checkClocks, checkSilence, checkEnvironment, checkLevels,
  checkPictures, checkRed, checkCodecs, checkMessages, checkFiles, checkJoined,
  checkOutput, checkCaptures, checkHostile, checkLong };
for (const [name, test] of Object.entries(checks)) {
  const before = failed;
  await test();
  console.log(`${failed === before ? 'ok' : 'not ok'} ${name}`);
}
process.exit(failed ? 1 : 0);
