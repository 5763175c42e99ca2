/* Rounds of something in a server under GStreamer's leak tracer: afterwards there
   are neither more objects nor threads, files and memory. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { roomy } from './hostile.mjs';
import { until, withServer } from './server.mjs';

/* The heap of a process that allocates on many threads settles late. */
const growthKilobytes = 16 * 1024;

function readLeaks(file) {
  const text = fs.readFileSync(file, 'latin1');
  return [...text.matchAll(/object-alive, type-name=\(string\)(\w+)/g)]
    .map(([, type]) => type);
}

/* Does the rounds in a server that rests before the third and after the last,
   with as much as before, and says at its end what is left. */
export async function leaveNothing(count, round, config) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-leaks-'));
  const file = path.join(folder, 'log');
  const env = { GST_TRACERS: 'leaks', GST_DEBUG: 'GST_TRACER:7',
    GST_DEBUG_FILE: file, GST_DEBUG_NO_COLOR: '1' };
  await withServer({ env, config }, async (server) => {
    await round(server, 0);
    await round(server, 1);
    /* What ends behind a call, ends soon. */
    let base = server.usage();
    await until('a server at rest', () => {
      const now = server.usage();
      const rests = now.files === base.files && now.threads === base.threads;
      base = now;
      return rests;
    });
    for (let i = 2; i < count; i++)
      await round(server, i);
    await server.settles(base);
    const grown = server.usage().kilobytes - base.kilobytes;
    console.log(`# ${grown} kilobytes more after ${count - 2} rounds`);
    assert.ok(grown < growthKilobytes * roomy, `${grown} kilobytes more`);
  });
  const leaks = readLeaks(file);
  /* The dtls plugin keeps one for all. */
  if (leaks.includes('GstDtlsAgent'))
    leaks.splice(leaks.indexOf('GstDtlsAgent'), 1);
  assert.deepEqual(leaks, []);
  fs.rmSync(folder, { recursive: true });
}
