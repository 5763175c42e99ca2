/* 1000 offers that went wrong: each is answered, or refused with an error. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import WebSocket from 'ws';
import { mutateBytes, random, withVictim } from './hostile.mjs';
import { Client } from './pages/client.mjs';
import { answerTo, offerNames, readOffer } from './recorded.mjs';

const count = 1000;
const lanes = 2;
const growthKilobytes = 48 * 1024;
const offers = offerNames().map(readOffer);

const numbers = ['0', '-1', '65536', '4294967296', '99999999999999999999',
  '1e9', '0x10', ''];

const changes = [
  (lines, next) => lines.splice(next(lines.length), 1 + next(5)),
  (lines, next) => lines.splice(next(lines.length), 0,
    lines[next(lines.length)]),
  (lines, next) => {
    const [a, b] = [next(lines.length), next(lines.length)];
    [lines[a], lines[b]] = [lines[b], lines[a]];
  },
  (lines, next) => {
    const at = next(lines.length);
    lines[at] = lines[at].replace(/\d+/g, (number) =>
      next(2) ? numbers[next(numbers.length)] : number);
  },
  (lines, next) => {
    const at = next(lines.length);
    lines[at] += 'x'.repeat(next(3) === 0 ? 70000 : 300);
  },
  (lines, next) => {
    const at = next(lines.length);
    lines[at] = lines[at].slice(0, next(lines[at].length + 1));
  },
  (lines, next) => {
    const at = next(lines.length);
    lines.splice(at, 0, ...Array(next(2000)).fill(lines[at]));
  },
];

function mutate(next) {
  const offer = offers[next(offers.length)];
  if (next(3) === 0)
    return mutateBytes(Buffer.from(offer), next).toString('latin1');
  const lines = offer.split('\r\n');
  for (let i = 0; i <= next(3) && lines.length > 1; i++)
    changes[next(changes.length)](lines, next);
  return lines.join('\r\n');
}

async function offer(client, number) {
  const handle = await client.attach();
  /* JSON with a NUL in it is refused as JSON, which is another test. */
  const sdp = mutate(random(number)).replaceAll('\0', ' ');
  const answer = await client.message(handle, { audio: true },
    { type: 'offer', sdp });
  const error = answer.error?.code ?? answer.plugindata?.data.error_code;
  assert.ok(answer.jsep?.type === 'answer' || Number.isInteger(error),
    `seed ${number}: ${JSON.stringify(answer)}`);
  if (answer.jsep)
    assert.match(answer.jsep.sdp, /^v=0\r\n/);
  assert.equal((await client.ask('detach', handle)).janus, 'success');
  client.events = [];
  return answer.jsep !== undefined;
}

test('offers that went wrong', () =>
  withVictim({}, growthKilobytes, async (server, watch) => {
    let number = 0;
    let taken = 0;
    /* The first of all loads GStreamer's plugins. */
    const { client } = await answerTo(server);
    await client.close();
    await watch('offers', () => Promise.all(Array.from({ length: lanes },
      async () => {
        const client = await new Client(server.ws, WebSocket).opened;
        await client.create();
        while (number < count)
          if (await offer(client, number++))
            taken++;
        await client.close();
      })));
    console.log(`# ${taken} of ${count} were answered`);
    assert.ok(taken > 0 && taken < count);
  }));
