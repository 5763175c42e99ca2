/* A thread that pings the server on a connection of its own, and tells how
   long the answers took: a test that is busy would measure itself. */

import { parentPort, workerData } from 'node:worker_threads';
import WebSocket from 'ws';
import { Client } from './pages/client.mjs';

const everyMs = 20;
const client = await new Client(workerData.ws, WebSocket).opened;
const delays = [];
let stopped = false;
parentPort.on('message', () => {
  stopped = true;
});
parentPort.postMessage('ready');
while (!stopped) {
  const from = performance.now();
  const { janus } = await client.request({ janus: 'ping' });
  if (janus !== 'pong')
    throw new Error(`a ping was answered with ${janus}`);
  client.events = [];
  delays.push(performance.now() - from);
  await new Promise((resolve) => setTimeout(resolve, everyMs));
}
await client.close();
parentPort.postMessage(delays);
parentPort.close();
