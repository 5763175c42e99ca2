/* VoiceMail, and the EchoTest plugin's errors, beside Debian's Janus. */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { at, compare, types } from './beside.mjs';
import { requireJanus, startJanus } from './janus.mjs';
import { startServer } from './server.mjs';

requireJanus();

const offer = { type: 'offer', sdp: 'v=0' };
const audio = { audio: true, video: false, data: false };

const voicemail = {
  'requests': [
    /* Not asked: update before media, which Janus refuses even when there is a
       file; stop without a file, whose name it tells all the same. */
    ...at('a', {}, { request: 'sing' }, { request: 5 }, { request: '' },
      { request: null }, { request: 'RECORD ' }, { request: 'update' },
      { request: 'record' }, { request: 'record' }, { request: 'Stop' }),
    { name: 'c', body: { request: 'record' },
      jsep: { type: 'offer', sdp: 'x' } },
    { name: 'd', body: { request: 'nothing' }, jsep: offer },
  ],
  'a message': [
    { name: 'a', body: { request: 'record' }, call: audio },
    { name: 'a', body: { request: 'record' }, wait: 'started' },
    ...at('a', { request: 'stop' }),
  ],
  'with pictures': [
    { name: 'a', body: { request: 'record' },
      call: { audio: true, video: true, data: false } },
    { name: 'a', body: { request: 'stop' }, wait: 'started' },
  ],
};

const echotest = {
  'errors': [
    ...at('a', {}, { x: 1 }, { audiocodec: 'opus' }, { svc: true },
      { filename: 'x' }, { audio: true, x: 1 },
      { min_delay: 5, max_delay: 2 }, { min_delay: -1, max_delay: -1 }),
    { name: 'a', body: {}, jsep: { type: 'offer', sdp: 'x' } },
    { name: 'a', body: { audio: true }, jsep: { type: 'offer', sdp: 'x' } },
  ],
  'types': types('a', 'x', ['audio', 'video', 'bitrate', 'audiocodec',
    'videocodec', 'videoprofile', 'opusred', 'substream', 'temporal',
    'fallback', 'min_delay', 'max_delay'], { audio: true }),
};

/* Names of files are drawn. */
function as(value) {
  if (Array.isArray(value))
    return value.map(as);
  if (typeof value === 'string')
    return value.replace(/janus-voicemail-\d+/, 'janus-voicemail-*');
  return value && typeof value === 'object' ? Object.fromEntries(
    Object.entries(value).map(([key, one]) => [key, as(one)])) : value;
}

const folders = [0, 1].map(() =>
  fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-voicemail-')));
const config = (i) => ({ 'janus.plugin.voicemail': {
  general: { path: folders[i], base: '/voicemail/' } } });

let servers;
before(async () => {
  servers = [await startJanus(config(0)),
    await startServer({ config: config(1) })];
});
after(async () => {
  servers[0].child.kill('SIGTERM');
  await servers[1].stop();
  for (const folder of [...folders, servers[0].folder])
    fs.rmSync(folder, { recursive: true });
});

for (const [plugin, cases] of Object.entries({ voicemail, echotest }))
  for (const [name, steps] of Object.entries(cases))
    test(`${plugin}: ${name}`, () =>
      compare(`janus.plugin.${plugin}`, steps, servers, as));
