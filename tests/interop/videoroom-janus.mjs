/* VideoRoom beside Debian's Janus: the same requests, good and bad, to both,
   and what is answered and what everybody hears must be the same to the
   letter, but for ids that were drawn and for what is known to differ
   (videoroom-cases.mjs). */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { requireJanus, startJanus } from './janus.mjs';
import { Client } from './pages/client.mjs';
import { startServer, until } from './server.mjs';
import { cases, known } from './videoroom-cases.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

requireJanus();

const plugin = 'janus.plugin.videoroom';

const rooms = (strings) => ({
  'janus.plugin.videoroom': {
    'general': { string_ids: strings },
    'room-1234': { description: 'Demo', secret: 'adminpwd', publishers: 6,
      bitrate: 128000, fir_freq: 10, record: false, notify_joining: true },
  },
});

/* An SDP's m-lines: kind, Opus's parameters, mid, direction. */
const told =
  /^(m=\w+|a=(mid:.*|fmtp:111 .*|sendonly|recvonly|inactive|sendrecv)$)/;
const outline = (sdp) => sdp.split(/\r?\n/)
  .flatMap((line) => told.exec(line)?.[0] ?? []).join(' ')
  .replace(/(m=application) a=send(only|recv)/g, '$1');

/* What differs each time, by name. */
function mask(key, value) {
  if (key === 'private_id' || key === 'h264_profile')
    return '*';
  if (key === 'list' || key === 'participants')
    return value.sort((a, b) =>
      String(a.room ?? a.id) < String(b.room ?? b.id) ? -1 : 1);
  return key === 'sdp' ? outline(value) : sorted(value);
}

/* Members of any order. */
const sorted = (value) => value && typeof value === 'object' &&
  !Array.isArray(value) ? Object.fromEntries(Object.entries(value)
    .sort(([a], [b]) => a < b ? -1 : 1)) : value;

const plain = (value) => JSON.stringify(value, mask);

class Side {
  async open(server) {
    this.client = await new Client(server.ws, WebSocket).opened;
    await this.client.create();
    this.handles = {};
    this.peers = {};
    this.offers = {};
    this.up = {};
    return this;
  }

  async handle(name) {
    this.handles[name] ??= await this.client.attach(plugin);
    return this.handles[name];
  }

  name(id) {
    return Object.keys(this.handles)
      .find((name) => this.handles[name] === id) ?? id;
  }

  /* What came for any handle since the last time. */
  take(answer) {
    const events = this.client.events.splice(0);
    for (const { sender, jsep } of events)
      if (jsep?.type === 'offer')
        this.offers[this.name(sender)] = jsep;
    return events.filter((event) => event.plugindata && event !== answer &&
      event.sender !== this.handles.fence)
      .map((event) => `${this.name(event.sender)}: ` +
        plain([event.plugindata.data, event.jsep]));
  }

  peer(name, options) {
    this.peers[name] ??= new WrtcPeer(options);
    return this.peers[name];
  }

  /* Sends body with an offer of the media named, and waits for media. */
  async publish(name, body, media, more) {
    const handle = await this.handle(name);
    const peer = this.peer(name, media);
    if (more)
      peer.change = (sdp) => sdp.replace(/^(a=fmtp:111 .*)$/m, `$1${more}`);
    const answer = await peer.call(this.client, handle, body);
    if (answer.jsep)
      await this.client.event('webrtcup', handle);
    return answer;
  }

  /* Answers the last offer that the handle got. */
  async start(name, body) {
    const handle = await this.handle(name);
    const { pc } = this.peer(name,
      { audio: false, video: false, data: false });
    await pc.setRemoteDescription(this.offers[name]);
    const answer = await pc.createAnswer();
    await pc.setLocalDescription(answer);
    await until('candidates', () => pc.iceGatheringState === 'complete');
    const { type, sdp } = pc.localDescription;
    const first = !this.up[name];
    const event = await this.client.message(handle, body, { type, sdp });
    if (first)
      await this.client.event('webrtcup', handle);
    this.up[name] = true;
    return event;
  }

  send({ name, body, jsep, publish, start, more }) {
    if (publish)
      return this.publish(name, body, publish, more);
    return start ? this.start(name, body) :
      this.handle(name).then((handle) =>
        this.client.message(handle, body, jsep));
  }

  async step(step) {
    const answer = await this.send(step);
    /* All that was asked before is over when this is answered. */
    await this.client.message(await this.handle('fence'),
      { request: 'configure' });
    await this.client.message(await this.handle('fence'),
      { request: 'configure' });
    if (answer.jsep?.type === 'offer')
      this.offers[step.name] = answer.jsep;
    const heard = this.take(answer).sort();
    return { answer: `${answer.janus} ` + plain(answer.error ??
      [answer.plugindata?.data, answer.jsep]), heard };
  }

  async close() {
    for (const peer of Object.values(this.peers))
      peer.close();
    await this.client.close();
  }
}

async function compare(name, steps, servers) {
  const sides = await Promise.all(servers.map((server) =>
    new Side().open(server)));
  const wrong = [];
  for (const step of steps) {
    const [theirs, own] = await Promise.all(sides.map((side, i) =>
      side.step(step).catch((error) => {
        error.message += ` (${i ? 'ours' : 'Janus'}, ${step.name} ` +
          `${plain(step.body)})`;
        throw error;
      })));
    for (const key of step.late ? ['answer'] : ['answer', 'heard'])
      if (plain(theirs[key]) !== plain(own[key]) && !known(step, theirs, own))
        wrong.push(`${step.name} ${plain(step.body)}\n  Janus: ` +
          `${[theirs[key]].flat().join('\n         ')}\n  ours:  ` +
          `${[own[key]].flat().join('\n         ')}`);
  }
  await Promise.all(sides.map((side) => side.close()));
  assert.equal(wrong.length, 0, `\n${wrong.join('\n')}`);
}

for (const strings of [false, true]) {
  let servers;
  before(async () => {
    servers = [await startJanus(rooms(strings)),
      await startServer({ config: rooms(strings) })];
  });
  after(async () => {
    servers[0].child.kill('SIGTERM');
    await servers[1].stop();
  });
  for (const [name, steps] of Object.entries(cases(strings)))
    test(`${name}, ${strings ? 'string' : 'number'} ids`, () =>
      compare(name, steps, servers));
}
