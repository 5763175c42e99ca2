/* Recorded offers of browsers, and calls that end at the answer. */

import fs from 'node:fs';
import path from 'node:path';
import WebSocket from 'ws';
import { Client } from './pages/client.mjs';

const folder = path.join(import.meta.dirname, '..', 'unit', 'sdp');

export function readOffer(name) {
  return fs.readFileSync(path.join(folder, `${name}.sdp`), 'utf8');
}

export function offerNames() {
  return fs.readdirSync(folder).filter((name) => name.endsWith('.sdp'))
    .map((name) => name.slice(0, -'.sdp'.length)).sort();
}

/* A client with a session and a handle of the EchoTest plugin. */
export async function attached(server) {
  const client = await new Client(server.ws, WebSocket).opened;
  await client.create();
  return { client, handle: await client.attach() };
}

/* The answer to a recorded offer, and the client that got it. */
export async function answerTo(server, name = 'chromium-av-data') {
  const { client, handle } = await attached(server);
  const answer = await client.message(handle, { audio: true },
    { type: 'offer', sdp: readOffer(name) });
  return { client, handle, answer, sdp: answer.jsep?.sdp ?? '' };
}
