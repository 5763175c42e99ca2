/* The process: signals, the daemon, options, exit codes. */

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { test } from 'node:test';
import { answerTo, attached } from './recorded.mjs';
import { Server, makeFolder, startServer, until, withServer }
  from './server.mjs';

const program = process.env.BIFRONS_BIN;

/* { code, out, err } of a run that ends by itself. */
function run(...args) {
  return new Promise((resolve) => execFile(program, args, { timeout: 30000 },
    (error, out, err) => resolve({ code: error?.code ?? 0, out, err })));
}

function makeTemp() {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-process-'));
}

test('help, version, and options that are wrong', async () => {
  for (const option of ['-h', '--help']) {
    const { code, out } = await run(option);
    assert.equal(code, 0);
    assert.match(out, /--configs-folder/);
  }
  for (const option of ['-V', '--version']) {
    const { code, out } = await run(option);
    assert.equal(code, 0);
    assert.match(out, /\d+\.\d+\.\d+/);
  }
  for (const args of [['--no-such-option'], ['-d', 'loud'],
    ['-c', '/nowhere.pem']]) {
    const { code, err, out } = await run(...args);
    assert.equal(code, 1, `${args}: ${out}${err}`);
    assert.notEqual(err, '');
  }
});

test('a port that is taken ends it with 1', () =>
  withServer({}, async (server) => {
    const { code, err } = await run('-F', server.folder);
    assert.equal(code, 1);
    assert.match(err, /bifrons: /);
  }));

test('SIGUSR1 writes graphs of live PeerConnections', async () => {
  const folder = makeTemp();
  await withServer({ args: [`--dot=${folder}`] }, async (server) => {
    const { client, handle } = await answerTo(server);
    server.child.kill('SIGUSR1');
    const file = path.join(folder, `echotest-${handle}.dot`);
    await until('a graph', () => fs.existsSync(file) &&
      fs.readFileSync(file, 'utf8').trimEnd().endsWith('}'));
    assert.match(fs.readFileSync(file, 'utf8'), /webrtcbin|WebRTCBin/i);
    await client.ask('detach', handle);
    await client.close();
  });
  fs.rmSync(folder, { recursive: true });
});

for (const signal of ['SIGTERM', 'SIGINT'])
  test(`${signal} tells every session`, async () => {
    const server = await startServer();
    const calls = await Promise.all([answerTo(server), attached(server)]);
    await server.stop(signal);
    for (const { client } of calls) {
      const event = await client.event('timeout');
      assert.equal(event.session_id, client.session);
      await client.closed;
    }
  });

test('SIGHUP opens the log file again', async () => {
  const folder = makeTemp();
  const log = path.join(folder, 'log');
  await withServer({ args: ['-L', log] }, async (server) => {
    await until('a log file', () => fs.existsSync(log));
    fs.renameSync(log, `${log}.1`);
    server.child.kill('SIGHUP');
    await until('a new log file', () => fs.existsSync(log));
    assert.ok(await server.ask());
  });
  fs.rmSync(folder, { recursive: true });
});

test('a daemon with a file of its process id', async () => {
  const temp = makeTemp();
  const pidFile = path.join(temp, 'pid');
  const { folder, ports } = await makeFolder();
  const child = spawn(program, ['-b', '-p', pidFile, '-L',
    path.join(temp, 'log'), '-F', folder], { stdio: 'ignore' });
  const server = new Server(folder, ports, child);
  const { code } = await server.ended;
  assert.equal(code, 0);
  /* The parent ends when the daemon serves. */
  assert.ok(await server.ask(), 'no answer of the daemon');
  const pid = Number(fs.readFileSync(pidFile, 'utf8'));
  assert.notEqual(pid, child.pid);
  process.kill(pid, 'SIGTERM');
  await until('the end of the daemon', async () => !(await server.ask()));
  await until('no file of the process id', () => !fs.existsSync(pidFile));
  fs.rmSync(folder, { recursive: true });
  fs.rmSync(temp, { recursive: true });
});

test('a daemon that cannot start says so', () =>
  withServer({}, async (server) => {
    const { code } = await run('-b', '-F', server.folder);
    assert.equal(code, 1);
  }));
