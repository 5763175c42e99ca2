/* Debian's Janus, to compare with: JANUS names another one. */

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import process from 'node:process';
import { makeFolder, Server, skip } from './server.mjs';

const janusPath = process.env.JANUS ?? '/usr/bin/janus';

/* Ends the program with 77 where there is no Janus. */
export function requireJanus() {
  if (!fs.existsSync(janusPath))
    skip('no Janus to compare with (JANUS names one)');
}

/* Like startServer() of server.mjs, but its end need not be clean. */
export async function startJanus(config) {
  const { folder, ports } = await makeFolder(config);
  const child = spawn(janusPath, ['-F', folder, '-N'],
    { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  process.on('exit', () => child.kill('SIGKILL'));
  return new Server(folder, ports, child).ready();
}
