/* A TURN server of the test's own: coturn, as Debian has it. */

import { spawn, spawnSync } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { mediaAddress, skip, until } from './server.mjs';

const program = 'turnserver';
const secret = 'of the test';

export const turnUser = 'bifrons';
export const turnPassword = 'no: secret @ all/?';

if (spawnSync(program, ['--help']).error)
  skip('no turnserver (Debian: coturn)');

function freePort(address) {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, address, () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function listens(address, port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, address);
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('close', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

export class Coturn {
  constructor(address, port, folder, child) {
    this.address = address;
    this.port = port;
    this.log = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes) => {
        this.log += bytes;
        if (process.env.BIFRONS_TEST_VERBOSE === 'turn')
          process.stderr.write(bytes);
      });
    this.stop = async () => {
      const ended = new Promise((resolve) => child.on('exit', resolve));
      child.kill('SIGKILL');
      await ended;
      fs.rmSync(folder, { recursive: true, force: true });
    };
    process.on('exit', () => child.kill('SIGKILL'));
  }

  /* For a browser's iceServers. */
  iceServer({ transport = 'udp', username = turnUser,
    credential = turnPassword } = {}) {
    return { urls: `turn:${this.address}:${this.port}?transport=${transport}`,
      username, credential };
  }

  /* How many relays were made, and how many of them their owner gave back. */
  count() {
    const times = (pattern) => [...this.log.matchAll(pattern)].length;
    return { made: times(/ALLOCATE processed, success/g),
      givenBack: times(/refreshed, .*lifetime=0/g) };
  }
}

/* rest: users are told by a shared secret, as those of a TURN REST API are. */
export async function startCoturn({ rest = false } = {}) {
  const address = mediaAddress() ?? '127.0.0.1';
  const port = await freePort(address);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-turn-'));
  const child = spawn(program, ['-n', '--verbose', '--no-cli', '--no-tls',
    '--no-dtls', '--allow-loopback-peers', '--realm', 'bifrons.test',
    '--listening-ip', address, '--relay-ip', address,
    '--listening-port', port, '--min-port', 49000, '--max-port', 52000,
    '--log-file', 'stdout', '--pidfile', path.join(folder, 'pid'),
    '--userdb', path.join(folder, 'db'),
    ...(rest ? ['--use-auth-secret', `--static-auth-secret=${secret}`] :
      ['--lt-cred-mech', `--user=${turnUser}:${turnPassword}`])],
  { stdio: ['ignore', 'pipe', 'pipe'] });
  const turn = new Coturn(address, port, folder, child);
  await until('coturn', () => listens(address, port));
  return turn;
}

/* draft-uberti-behave-turn-rest-00, 2.2 */
export function restCredentials(user, ttl = 600) {
  const username = `${Math.floor(Date.now() / 1000) + ttl}:${user}`;
  const password = crypto.createHmac('sha1', secret).update(username)
    .digest('base64');
  return { username, password, ttl };
}
