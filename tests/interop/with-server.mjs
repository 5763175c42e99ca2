/* Runs a program that tests the server at BIFRONS_HTTP with a server of its
   own:  node with-server.mjs [--no-websockets] demo-echotest.mjs [FLAGS OF
   NODE...] */

import { spawn } from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import { withServer } from './server.mjs';

const args = process.argv.slice(2);
const alone = args[0] === '--no-websockets';
if (alone)
  args.shift();
const config = alone ?
  { janus: { transports: { disable: 'libjanus_websockets.so' } } } : {};

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
process.exit(code);
