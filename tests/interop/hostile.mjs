/* What the robustness tests share: the same random numbers each time, bytes
   that went wrong, and a server watched from aside while it is bothered. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import path from 'node:path';
import process from 'node:process';
import { Worker } from 'node:worker_threads';
import { withServer } from './server.mjs';

/* Slower machines and sanitizers get more time, and the latter more memory:
   with the unwinder that suppressions need, an allocation costs 20 times as
   much and more. */
const slow = Number(process.env.BIFRONS_TEST_SLOW ?? 1);
export const roomy = slow > 1 ? 5 : 1;

const pingMs = 100;

/* Numbers of a seed (mulberry32): next(n) is 0 to n - 1. */
export function random(seed) {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % n;
  };
}

const flip = (bytes, next) => {
  for (let i = 0; i <= next(4); i++)
    bytes[next(bytes.length)] ^= 1 << next(8);
  return bytes;
};
const cut = (bytes, next) => bytes.subarray(0, 1 + next(bytes.length - 1));
const repeat = (bytes, next) => {
  const from = next(bytes.length);
  const part = bytes.subarray(from, from + 1 + next(40));
  return Buffer.concat([bytes.subarray(0, from), part, part, part,
    bytes.subarray(from)]);
};
const insert = (bytes, next) => {
  const wrong = [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80],
    [0], [0xe2, 0x82], [0x0d], [0x7f]];
  const from = next(bytes.length);
  return Buffer.concat([bytes.subarray(0, from),
    Buffer.from(wrong[next(wrong.length)]), bytes.subarray(from)]);
};

export function mutateBytes(bytes, next) {
  const ways = [flip, cut, repeat, insert];
  return ways[next(ways.length)](Buffer.from(bytes), next);
}

/* Runs use(server, watch); watch(what, act) pings meanwhile. Memory may grow by
   so many kilobytes, and the server ends well. */
export async function withVictim(options, kilobytes, use) {
  await withServer(options, async (server) => {
    const before = server.usage().kilobytes;
    await use(server, (what, act) => watched(server, what, act));
    assert.ok(await server.ask(), 'no answer to info');
    const grown = server.usage().kilobytes - before;
    console.log(`# ${grown} kilobytes more`);
    assert.ok(grown < kilobytes * roomy, `${grown} kilobytes more`);
  });
}

async function watched(server, what, act) {
  const worker = new Worker(path.join(import.meta.dirname, 'ping-worker.mjs'),
    { workerData: { ws: server.ws } });
  await once(worker, 'message');
  const result = await act();
  worker.postMessage('stop');
  const [delays] = await once(worker, 'message');
  delays.sort((a, b) => a - b);
  const worst = delays.at(-1);
  /* One answer in twenty may wait for the machine itself. */
  const most = delays[Math.floor(delays.length * 0.95)];
  console.log(`# ${what}: ${delays.length} pings, ${most.toFixed(1)} ms, ` +
    `worst ${worst.toFixed(1)} ms`);
  assert.ok(most < pingMs * slow, `${what}: a ping took ${most} ms`);
  assert.ok(worst < 10 * pingMs * slow, `${what}: a ping took ${worst} ms`);
  return result;
}
