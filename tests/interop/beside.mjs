/* A server and Debian's Janus beside each other: the same steps to both, and
   what is answered, at once or later, and what is told unasked must be the
   same, but for what the caller knows to differ. */

import assert from 'node:assert/strict';
import process from 'node:process';
import WebSocket from 'ws';
import { Client } from './pages/client.mjs';
import { until } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

/* An SDP's m-lines: kind, codec, mid, direction; and its name. */
const told = new RegExp('^(s=\\D*|m=\\w+ \\d+|a=(mid:.*|rtpmap:.*|fmtp:.*|' +
  'sendonly|recvonly|inactive|sendrecv)$)');
export const outline = (sdp) => sdp.split(/\r?\n/)
  .flatMap((line) => told.exec(line)?.[0] ?? []).join(' ');

/* Members of any order; an SDP as its outline. */
function tidy(key, value) {
  if (key === 'sdp')
    return outline(value);
  return value && typeof value === 'object' && !Array.isArray(value) ?
    Object.fromEntries(Object.entries(value)
      .sort(([a], [b]) => a < b ? -1 : 1)) : value;
}

const plain = (value) => JSON.stringify(value, tidy);

const timeoutMs = 5000;

/* From shortly before the first difference on. */
function clip(text, other) {
  let from = 0;
  while (from < text.length && text[from] === other[from])
    from++;
  return text.slice(Math.max(0, from - 150), from + 250);
}

class Side {
  constructor(server, plugin) {
    this.server = server;
    this.plugin = plugin;
    this.handles = {};
    this.peers = {};
    this.offers = {};
  }

  async open() {
    this.client = await new Client(this.server.ws, WebSocket).opened;
    await this.client.create();
    return this;
  }

  async handle(name) {
    this.handles[name] ??= await this.client.attach(this.plugin);
    return this.handles[name];
  }

  peer(name, options) {
    this.peers[name] ??= new WrtcPeer(options);
    return this.peers[name];
  }

  /* Sends body with an offer of the media named. */
  async call(handle, { name, body, call }) {
    const answer = await this.peer(name, call).call(this.client, handle, body);
    if (answer.jsep)
      await this.client.event('webrtcup', handle);
    return answer;
  }

  /* Answers the last offer that the handle got. */
  async start(handle, { name, body }) {
    const peer = this.peer(name, { audio: false, video: false, data: false });
    const answer = await peer.answer(this.client, handle, this.offers[name],
      body);
    if (!answer.plugindata?.data.error_code)
      await this.client.event('webrtcup', handle);
    return answer;
  }

  send(handle, step) {
    if (step.call)
      return this.call(handle, step);
    return step.start ? this.start(handle, step) :
      this.client.ask('message', handle, { body: step.body,
        ...step.jsep ? { jsep: step.jsep } : {} }, { timeoutMs });
  }

  async step(step) {
    const handle = await this.handle(step.name);
    if (step.wait)
      await this.wait(handle, step.wait);
    const answer = await this.send(handle, step);
    if (answer.jsep?.type === 'offer')
      this.offers[step.name] = answer.jsep;
    return [answer.janus, answer.error ?? answer.plugindata?.data,
      answer.jsep];
  }

  /* Until an event says it. */
  wait(handle, text) {
    return this.client.wait(text, (message) => message.sender === handle &&
      !message.transaction && JSON.stringify(message).includes(text));
  }

  /* What a handle was told unasked. */
  heard(name) {
    return this.client.events.filter(({ sender, transaction, plugindata }) =>
      sender === this.handles[name] && !transaction && plugindata)
      .map(({ plugindata, jsep }) => [plugindata.data, jsep]);
  }

  async close() {
    for (const peer of Object.values(this.peers))
      peer.close();
    await this.client.close();
  }
}

/* steps: { name of a handle, body, jsep; call: media to offer, start: answer
   the offer, wait: for an event that has this text, before }. as: what an answer
   would be without what is known, of theirs (0) and of ours (1). */
export async function compare(plugin, steps, servers, as) {
  const sides = await Promise.all(servers.map((server) =>
    new Side(server, plugin).open()));
  const wrong = [];
  const check = (what, values) => {
    const [theirs, own] = values.map((value, i) => plain(as(value, i)));
    if (theirs !== own)
      wrong.push(`${what}\n  Janus: ${clip(theirs, own)}\n  ours:  ` +
        clip(own, theirs));
  };
  try {
    for (const step of steps) {
      if (process.env.BIFRONS_TEST_VERBOSE)
        console.error(plain(step));
      const answers = await Promise.all(sides.map((side, i) =>
        side.step(step).catch((error) => {
          throw new Error(`${error.message} (${i ? 'ours' : 'Janus'}, ` +
            `${plain(step)})`, { cause: error });
        })));
      check(plain(step), answers);
    }
    for (const name of new Set(steps.map((step) => step.name))) {
      const heard = () => sides.map((side) => side.heard(name));
      await until('', () => heard()[0].length === heard()[1].length, 3000)
        .catch(() => {});
      check(`what ${name} heard`, heard());
    }
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
  assert.equal(wrong.length, 0, `\n${wrong.join('\n')}`);
}

/* A step for each value of every type for each field. */
export function types(name, request, fields, base = {}) {
  const values = ['x', '', -1, 0, 1, 3.5, true, false, [], {}, null, ['x']];
  return fields.flatMap((field) => values.map((value) =>
    ({ name, body: { request, ...base, [field]: value } })));
}

export const at = (name, ...bodies) => bodies.map((body) => ({ name, body }));
