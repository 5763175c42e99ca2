/* Requests that went wrong in 10000 ways, over WebSockets and HTTP: each is
   answered with an error of the API, or ends its connection. */

import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import WebSocket from 'ws';
import { mutateBytes, random, withVictim } from './hostile.mjs';
import { readOffer } from './recorded.mjs';

const perTransport = 5000;
const batch = 50;
const lanes = 4;
const growthKilobytes = 48 * 1024;

const session = 7000000000001;
const handle = 7000000000002;
const body = { audio: true, video: false, bitrate: 128000 };
const messages = [
  { janus: 'info' },
  { janus: 'ping' },
  { janus: 'create' },
  { janus: 'create', id: session, apisecret: 'secret', token: 'token' },
  { janus: 'claim', session_id: session },
  { janus: 'keepalive', session_id: session },
  { janus: 'attach', session_id: session, plugin: 'janus.plugin.echotest',
    opaque_id: 'opaque', loop_index: 1 },
  { janus: 'message', session_id: session, handle_id: handle, body },
  { janus: 'message', session_id: session, handle_id: handle, body,
    jsep: { type: 'offer', sdp: readOffer('chromium-data'), trickle: false } },
  { janus: 'trickle', session_id: session, handle_id: handle,
    candidate: { sdpMid: '0', sdpMLineIndex: 0,
      candidate: 'candidate:1 1 udp 2122260223 192.0.2.1 57300 typ host' } },
  { janus: 'trickle', session_id: session, handle_id: handle,
    candidates: [{ completed: true }] },
  { janus: 'hangup', session_id: session, handle_id: handle },
  { janus: 'detach', session_id: session, handle_id: handle },
  { janus: 'destroy', session_id: session },
].map((message) => ({ transaction: 'abc', ...message }));

const deep = `${'['.repeat(20000)}${']'.repeat(20000)}`;
const deepObject = '{"a":'.repeat(5000) + '1' + '}'.repeat(5000);
const values = ['null', 'true', '-1', '0', '1.5', '1e999', '-1e308',
  '9007199254740993', '18446744073709551616', '9'.repeat(400), '""',
  '"\\u0000"', '"\\ud800"', `"${'x'.repeat(5000)}"`, '[]', '{}', deep,
  deepObject, '[[[]]]', '{"janus":{}}', '01', '+1', '.5', 'NaN', ''];

/* A value somewhere within, replaced by one of another kind. */
function changeType(message, next) {
  const mark = '"@mark@"';
  const copy = structuredClone(message);
  let place = copy;
  let key = Object.keys(copy)[next(Object.keys(copy).length)];
  while (place[key] && typeof place[key] === 'object' && next(2)) {
    place = place[key];
    const keys = Object.keys(place);
    key = keys[next(keys.length)];
  }
  place[key] = '@mark@';
  return Buffer.from(JSON.stringify(copy)
    .replace(mark, () => values[next(values.length)]));
}

function mutate(next) {
  const message = messages[next(messages.length)];
  return next(2) ? changeType(message, next) :
    mutateBytes(Buffer.from(JSON.stringify(message)), next);
}

/* An answer is a message of the API; an error has a number and a reason. */
function checkAnswer(text, request) {
  const what = `answer ${text.slice(0, 300)} to ${request}`;
  const answer = JSON.parse(text);
  assert.match(answer.janus, /^[a-z_]+$/, what);
  if (answer.janus !== 'error')
    return;
  assert.ok(Number.isInteger(answer.error.code) && answer.error.code >= 403 &&
    answer.error.code <= 490, what);
  assert.equal(typeof answer.error.reason, 'string', what);
  assert.deepEqual(Object.keys(answer.error).sort(), ['code', 'reason'], what);
}

/* Sends a batch on one connection, and a ping behind it. */
function sendBatch(server, batchNumber, requests) {
  const transaction = `end-${batchNumber}`;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(server.ws, 'janus-protocol');
    const timer = setTimeout(() => reject(new Error(
      `no answer behind batch ${batchNumber}`)), 30000);
    let answers = 0;
    const done = (error) => {
      clearTimeout(timer);
      socket.terminate();
      if (error)
        reject(error);
      else
        resolve(answers);
    };
    socket.on('open', () => {
      for (const request of requests)
        socket.send(request, { binary: false });
      socket.send(JSON.stringify({ janus: 'ping', transaction }));
    });
    socket.on('message', (data) => {
      answers++;
      try {
        checkAnswer(data.toString(), `batch ${batchNumber}`);
      } catch (error) {
        done(error);
        return;
      }
      if (JSON.parse(data).transaction === transaction)
        done();
    });
    socket.on('close', () => done());
    socket.on('error', done);
  });
}

async function overWebSockets(server) {
  const batches = perTransport / batch;
  let number = 0;
  let answers = 0;
  const lane = async () => {
    while (number < batches) {
      const mine = number++;
      const next = random(1000 + mine);
      const got = await sendBatch(server, mine, Array.from({ length: batch },
        () => mutate(next)));
      answers += got;
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  console.log(`# ${answers} answers to ${perTransport} requests`);
  assert.ok(answers > perTransport * 0.9, `${answers} answers`);
}

function post(server, agent, place, content) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${server.http}${place}`,
      { method: 'POST', agent, timeout: 30000 }, (answer) => {
        let text = '';
        answer.on('data', (part) => {
          text += part;
        });
        answer.on('end', () => resolve({ status: answer.statusCode, text }));
      });
    request.on('timeout', () => request.destroy(new Error('no answer')));
    request.on('error', (error) => reject(new Error(`${error.message} at ` +
      `${place} with ${content.subarray(0, 300)}`)));
    request.end(content);
  });
}

async function overHttp(server) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: lanes });
  let number = 0;
  const lane = async () => {
    while (number < perTransport) {
      const next = random(1000000 + number++);
      const content = mutate(next);
      const place = ['', `/${session}`, `/${session}/${handle}`,
        '/x/y/z', '/-1', `/${'9'.repeat(30)}`][next(6)];
      const { status, text } = await post(server, agent, place, content);
      const what = content.subarray(0, 300).toString();
      assert.ok([200, 400, 404, 413].includes(status), `${status} to ${what}`);
      if (status === 200)
        checkAnswer(text, what);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  agent.destroy();
}

test('requests that went wrong', () =>
  withVictim({}, growthKilobytes, async (server, watch) => {
    await watch('WebSockets', () => overWebSockets(server));
    await watch('HTTP', () => overHttp(server));
  }));
