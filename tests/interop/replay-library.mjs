/* A folder of recordings for Record&Play: a tenth of a second of white and of a
   tone, each second, in containers and in .mjr files. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

const elements = path.join(process.env.BIFRONS_BIN, '..', '..', 'elements');

/* A program without the sanitizer loads elements with it only like this. */
const sanitized = process.env.GST_REGISTRY_FORK === 'no' ? {
  LD_PRELOAD: spawnSync('gcc', ['-print-file-name=libasan.so'],
    { encoding: 'utf8' }).stdout?.trim() ?? '',
  ASAN_OPTIONS: 'detect_leaks=0',
} : {};

function run(program, args) {
  const { status, stderr, error } = spawnSync(program, args,
    { encoding: 'utf8', timeout: 120000,
      env: { ...process.env, ...sanitized,
        GST_PLUGIN_PATH: elements } });
  assert.equal(status, 0, `${program}: ${error ?? stderr}`);
}

const noises = (lengthS, size) => [
  '-f', 'lavfi', '-i', `color=black:s=${size}:r=30:d=${lengthS},` +
    'drawbox=color=white:t=fill:enable=\'lt(mod(t,1),0.1)\'',
  '-f', 'lavfi', '-i', `aevalsrc='0.5*sin(6283*t)*lt(mod(t,1),0.1)':` +
    `s=48000:d=${lengthS}`];

/* ---- .mjr, byte by byte ---- */

/* When recordings of these began. */
export const began = 1700000000000000;

export function frame(ms, content) {
  const head = Buffer.alloc(10);
  head.write('MEET');
  head.writeUInt32BE(ms, 4);
  head.writeUInt16BE(content.length, 8);
  return Buffer.concat([head, content]);
}

export function mjr(header, frames) {
  const json = Buffer.from(JSON.stringify({ s: began, u: began, ...header }));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(json.length);
  return Buffer.concat([Buffer.from('MJR00002'), length, json, ...frames]);
}

const at = (ms) => {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(began + ms * 1000));
  return time;
};

/* The file is made with the recording, and begins with its first message. */
export const messages = (kind, rows) =>
  mjr({ t: 'd', c: kind, u: began + rows[0][0] * 1000 },
    rows.map(([ms, bytes]) => frame(ms - rows[0][0],
      Buffer.concat([at(ms), Buffer.from(bytes)]))));

/* ---- the folder ---- */

export class Library {
  constructor() {
    this.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-library-'));
    this.config = { 'janus.plugin.recordplay': {
      general: { path: this.folder } } };
  }

  path(name) {
    return path.join(this.folder, name);
  }

  write(name, bytes) {
    fs.writeFileSync(this.path(name), bytes);
  }

  nfo(id, keys) {
    this.write(`${id}.nfo`, [`[${id}]`,
      ...Object.entries({ name: `number ${id}`, private: 'false',
        date: '2026-11-20 20:39:08', ...keys })
        .map(([key, value]) => `${key} = ${value}`), ''].join('\r\n'));
  }

  /* gop: frames from one keyframe to the next; encoder: ffmpeg's, of video;
     more: options of ffmpeg. */
  container(name, { lengthS = 12, gop = 30, size = '320x240', more = [],
    encoder = ['libvpx', '-deadline', 'realtime'] } = {}) {
    run('ffmpeg', ['-v', 'error', '-y', ...noises(lengthS, size),
      '-c:v', ...encoder, '-g', String(gop), '-c:a', 'libopus',
      ...more, this.path(name)]);
  }

  /* The same, as base-audio.mjr and base-video.mjr. */
  mjr(container, base) {
    for (const [kind, pad, payloader] of [['audio', 'audio_0', 'rtpopuspay'],
      ['video', 'video_0', 'rtpvp8pay picture-id-mode=2']])
      run('gst-launch-1.0', ['-q', 'filesrc',
        `location=${this.path(container)}`, '!', 'matroskademux', 'name=demux',
        `demux.${pad}`, '!', 'queue', '!', ...payloader.split(' '), '!',
        'bifmjrmux', '!', 'filesink',
        `location=${this.path(`${base}-${kind}.mjr`)}`]);
  }

  remove() {
    fs.rmSync(this.folder, { recursive: true });
  }
}
