/* Starts the server under test for one program: a configuration folder of its
   own, free ports, and an end that must be clean. BIFRONS_BIN names the
   program, BIFRONS_WWW the built demo pages. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';

const skipCode = 77;
const startMs = 30000;
const stopMs = 60000;
const adminSecret = 'interop';

export function skip(reason) {
  console.error(`skipped: ${reason}`);
  process.exit(skipCode);
}

if (!process.env.BIFRONS_BIN)
  skip('BIFRONS_BIN does not name the program to test');

/* Waits until check() is true, or says after a deadline what was not. */
export async function until(what, check, timeoutMs = 20000) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value)
      return value;
    if (Date.now() > deadline)
      throw new Error(`${timeoutMs} ms went by without: ${what}`);
    await setTimeout(50);
  }
}

/* The address media goes over; browsers gather no loopback addresses. */
export function mediaAddress() {
  const all = Object.values(os.networkInterfaces()).flat();
  return all.find((entry) => entry.family === 'IPv4' && !entry.internal)
    ?.address;
}

/* One HTTP request on a connection of its own, which ends with it: kept ones
   would count as files the server left open. Resolves to { status, text }. */
export function ask(url, { method = 'GET', body, headers = {},
  timeoutMs = 10000 } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false,
      signal: AbortSignal.timeout(timeoutMs) }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode,
        headers: answer.headers, text: Buffer.concat(parts).toString() }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () =>
    new Promise((resolve) => {
      const server = net.createServer();
      server.listen(0, '127.0.0.1', () => resolve(server));
    })));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) =>
    new Promise((resolve) => server.close(resolve))));
  return ports;
}

function writeValue(value) {
  if (Array.isArray(value))
    return `(${value.map(writeValue).join(', ')})`;
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

/* { group: { key: value } } as libconfig. */
function writeConfig(groups) {
  return Object.entries(groups).map(([name, keys]) => `${name}: {\n` +
    Object.entries(keys).map(([key, value]) =>
      `  ${key} = ${writeValue(value)}\n`).join('') + '}\n').join('');
}

function merge(base, more = {}) {
  const groups = { ...base };
  for (const [name, keys] of Object.entries(more))
    groups[name] = { ...groups[name], ...keys };
  return groups;
}

function configuration(folder, ports, more) {
  const [http, admin, ws, adminWs] = ports;
  const address = mediaAddress() ?? '127.0.0.1';
  const files = {
    ...more,
    'janus.plugin.recordplay': merge({
      general: { path: path.join(folder, 'recordings') },
    }, more['janus.plugin.recordplay']),
    'janus': merge({
      general: { admin_secret: adminSecret, debug_level: 4,
        debug_colors: false },
      nat: { ice_enforce_list: address },
    }, more.janus),
    'bifrons': merge(process.env.BIFRONS_WWW ?
      { general: { demos_folder: process.env.BIFRONS_WWW } } :
      { general: { demos: false } }, more.bifrons),
    'janus.transport.http': merge({
      general: { http: true, port: http, ip: '127.0.0.1', https: false },
      admin: { admin_http: true, admin_port: admin, admin_ip: '127.0.0.1' },
    }, more['janus.transport.http']),
    'janus.transport.websockets': merge({
      general: { ws: true, ws_port: ws, ws_ip: '127.0.0.1', wss: false },
      admin: { admin_ws: true, admin_ws_port: adminWs,
        admin_ws_ip: '127.0.0.1' },
    }, more['janus.transport.websockets']),
  };
  for (const name of Object.keys(more))
    files[name] ??= more[name];
  return Object.fromEntries(Object.entries(files).map(([name, groups]) =>
    [name, writeConfig(groups)]));
}

/* Writes a configuration folder with free ports. */
export async function makeFolder(more = {}) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-interop-'));
  const ports = await freePorts(4);
  for (const [name, text] of Object.entries(configuration(folder, ports,
    more)))
    fs.writeFileSync(path.join(folder, `${name}.jcfg`), text);
  return { folder, ports };
}

export class Server {
  constructor(folder, ports, child) {
    const [http, admin, ws, adminWs] = ports;
    this.folder = folder;
    this.child = child;
    this.pid = child?.pid;
    this.origin = `http://127.0.0.1:${http}`;
    this.http = `${this.origin}/janus`;
    this.admin = `http://127.0.0.1:${admin}/admin`;
    this.ws = `ws://127.0.0.1:${ws}`;
    this.adminWs = `ws://127.0.0.1:${adminWs}`;
    this.port = { http, admin, ws, adminWs };
    this.log = '';
    this.ended = new Promise((resolve) => child?.on('exit', (code, signal) => {
      this.exit = { code, signal };
      resolve(this.exit);
    }));
    for (const stream of [child?.stdout, child?.stderr])
      stream?.on('data', (bytes) => this.keep(bytes));
  }

  keep(bytes) {
    this.log += bytes;
    if (process.env.BIFRONS_TEST_VERBOSE)
      process.stderr.write(bytes);
  }

  async ask() {
    try {
      return JSON.parse((await ask(`${this.http}/info`)).text);
    } catch {
      return undefined;
    }
  }

  async ready() {
    const answered = await until('an answer of the server', async () =>
      this.exit ? 'ended' : this.ask(), startMs);
    if (answered === 'ended')
      throw new Error(`the server ended:\n${this.log}`);
    return this;
  }

  /* One request of the Admin API; path like "/SESSION/HANDLE". */
  async askAdmin(request, place = '') {
    const { text } = await ask(`${this.admin}${place}`, {
      method: 'POST',
      body: JSON.stringify({ transaction: 'admin', admin_secret: adminSecret,
        ...request }),
    });
    return JSON.parse(text);
  }

  /* Threads, open files and kilobytes of memory, where /proc tells. */
  usage() {
    const status = fs.readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const number = (name) =>
      Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)[1]);
    return {
      threads: number('Threads'),
      files: fs.readdirSync(`/proc/${this.pid}/fd`).length,
      kilobytes: number('VmRSS'),
    };
  }

  /* Waits until no more threads and files are there than there were. */
  async settles(base, timeoutMs = 30000) {
    let now;
    try {
      await until('', () => {
        now = this.usage();
        return now.threads <= base.threads && now.files <= base.files;
      }, timeoutMs);
    } catch {
      throw new Error(`left behind: ${JSON.stringify({ base, now })}`);
    }
  }

  /* Asks the server to end, which it must do in time, with code 0, and
     without criticals or reports of a sanitizer. */
  async stop(signal = 'SIGTERM') {
    this.child.kill(signal);
    const late = AbortSignal.timeout(stopMs);
    const watch = new Promise((_, reject) => late.addEventListener('abort',
      () => reject(new Error(`no end after ${signal}`))));
    try {
      await Promise.race([this.ended, watch]);
    } catch (error) {
      this.child.kill('SIGKILL');
      throw error;
    } finally {
      fs.rmSync(this.folder, { recursive: true, force: true });
    }
    this.checkLog();
    assert.deepEqual(this.exit, { code: 0, signal: null }, this.tail());
  }

  tail() {
    return this.log.slice(-6000);
  }

  checkLog() {
    const bad = /^.*(CRITICAL|runtime error:|AddressSanitizer).*$/m
      .exec(this.log);
    assert.equal(bad?.[0], undefined, this.tail());
  }
}

/* config: { 'janus': { nat: { ... } } } over what tests need. wrap: a command
   that runs the one after it, in its own process. */
export async function startServer({ config, env = {}, args = [], wrap = [] } =
{}) {
  const { folder, ports } = await makeFolder(config);
  const [program, ...all] = [...wrap, process.env.BIFRONS_BIN, '-F', folder,
    ...args];
  const child = spawn(program, all, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const server = new Server(folder, ports, child);
  process.on('exit', () => child.kill('SIGKILL'));
  return server.ready();
}

/* Runs use(server), then ends the server, which must end well. */
export async function withServer(options, use) {
  const server = await startServer(options);
  try {
    await use(server);
  } catch (error) {
    /* Was it the server's end that made the test fail? */
    await Promise.race([server.ended, setTimeout(500)]);
    error.message += `\nserver: ${JSON.stringify(server.exit ?? 'runs')} ` +
      server.tail();
    server.child.kill('SIGKILL');
    throw error;
  }
  await server.stop();
}
