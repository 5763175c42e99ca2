/* Record&Play beside Debian's Janus: the same requests, good and bad, over the
   same library, to both. */

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { at, compare } from './beside.mjs';
import { requireJanus, startJanus } from './janus.mjs';
import { cases, library, odd } from './recordplay-cases.mjs';
import { startServer } from './server.mjs';

requireJanus();

/* 1.1.2 knows nothing of private recordings; duration, size and names of files
   are ours alone; ids that were drawn and dates of today differ. */
const ours = ['is_private', 'duration', 'size', 'files'];

/* What browsers know PCMU, PCMA and G722 by, as later Janus has it; packets of
   RED are unpacked; H.264 is offered as it is sent. */
const sdpAs = (sdp) => sdp
  .replace(/^a=rtpmap:\d+ (PCM[UA]|G722)/gm, 'a=rtpmap:* $1')
  .replace(/^a=(rtpmap:63 red|fmtp:63).*\r\n/gm, '')
  .replace(';packetization-mode=1', '');

function as(value, own) {
  if (Array.isArray(value) && value.every((one) => one?.id && one.date))
    return value.map((one) => as(one, own)).sort((a, b) => a.id - b.id);
  if (Array.isArray(value))
    return value.map((one) => as(one, own));
  if (!value || typeof value !== 'object')
    return value;
  if (own && value.status === 'done')
    return 'done';
  return Object.fromEntries(Object.entries(value)
    .filter(([key]) => !ours.includes(key))
    .map(([key, one]) => [key, key === 'sdp' ? sdpAs(one) :
      key === 'date' && one.startsWith('20') ||
      key === 'id' && one > 1e6 ? '*' : as(one, own)]));
}

const folders = [];
const makeLibrary = (files) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-beside-'));
  folders.push(folder);
  for (const [name, bytes] of Object.entries(files))
    fs.writeFileSync(path.join(folder, name), bytes);
  return { 'janus.plugin.recordplay': { general: { path: folder } } };
};

async function both(files) {
  return [await startJanus(makeLibrary(files)),
    await startServer({ config: makeLibrary(files) })];
}

async function stop(servers) {
  servers[0].child.kill('SIGKILL');
  await servers[1].stop();
  fs.rmSync(servers[0].folder, { recursive: true });
  for (const folder of folders.splice(0))
    fs.rmSync(folder, { recursive: true });
}

const package_ = 'janus.plugin.recordplay';

test('all', async (t) => {
  const servers = await both(library());
  for (const [name, steps] of Object.entries(cases))
    await t.test(name, () => compare(package_, steps, servers, as));
  await stop(servers);
});

/* A few at a time: many together end Janus. */
const few = 5;
for (let i = 0; i < odd.length; i += few)
  test(`odd .nfo files, ${i} to ${i + few - 1}`, async () => {
    const files = Object.fromEntries(odd.slice(i, i + few)
      .map((text, n) => [`odd${n}.nfo`, text]));
    const servers = await both({ ...files,
      'opus.mjr': library()['opus.mjr'], 'vp8.mjr': library()['vp8.mjr'] });
    await compare(package_, at('a', { request: 'list' }), servers, as);
    await stop(servers);
  });
