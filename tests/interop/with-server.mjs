/* Runs a program that tests the server at BIFRONS_HTTP with a server of its
   own:  node with-server.mjs [--no-websockets | --recordings]
   demo-echotest.mjs [FLAGS OF NODE...]

   --recordings: what is recorded is in a folder of its own, and served; callers
   of voicemail are greeted. */

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { withServer } from './server.mjs';

const args = process.argv.slice(2);
const option = args[0].startsWith('--') ? args.shift() : '';
const alone = option === '--no-websockets';
const folder = option === '--recordings' &&
  fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-recordings-'));
const config = {
  ...(alone &&
    { janus: { transports: { disable: 'libjanus_websockets.so' } } }),
  ...(folder && {
    'janus.plugin.recordplay': { general: { path: folder } },
    'janus.plugin.voicemail': { general: { path: folder,
      greeting: 'sound/greeting.opus' } },
  }),
};

let code = 1;
await withServer({ config }, async (server) => {
  const child = spawn(process.execPath,
    [...args.slice(1), path.resolve(import.meta.dirname, args[0])], {
      stdio: 'inherit',
      env: { ...process.env, BIFRONS_HTTP: server.origin,
        ...(alone ? {} : { BIFRONS_WS: server.ws }) },
    });
  code = await new Promise((resolve) => child.on('exit', resolve));
});
if (folder)
  fs.rmSync(folder, { recursive: true });
process.exit(code);
