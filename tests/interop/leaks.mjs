/* Calls with media, of the EchoTest and in rooms, ended in every way, under
   GStreamer's leak tracer: nothing of them is left, neither objects nor
   threads, files and memory. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leaveNothing } from './leak-tracer.mjs';
import { attached } from './recorded.mjs';
import { until } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const rounds = 20;
const callsAtOnce = 5;
const roomRounds = 15;          /* of two publishers and two subscribers */

const ends = [
  ({ client, handle }) => client.ask('hangup', handle),
  ({ client, handle }) => client.ask('detach', handle),
  ({ client }) => client.ask('destroy'),
  () => { },
  ({ client, handle, peer }) => {
    peer.close();
    return client.event('hangup', handle);
  },
];

async function call(server, end) {
  const { client, handle } = await attached(server);
  const peer = new WrtcPeer();
  await peer.call(client, handle);
  await client.event('webrtcup', handle);
  await peer.flows(3);
  peer.channel.send('hello');
  await until('an echo of data', () => peer.count.texts.length > 0);
  await end({ client, handle, peer });
  await client.close();
  peer.close();
}

async function round(server) {
  await Promise.all(Array.from({ length: callsAtOnce }, (_, i) =>
    call(server, ends[i % ends.length])));
}

/* ---- rooms ---- */

const videoroom = 'janus.plugin.videoroom';

async function publish(client, room) {
  const handle = await client.attach(videoroom);
  const joined = await client.message(handle, { request: 'join',
    ptype: 'publisher', room });
  const peer = new WrtcPeer({ data: false });
  const { jsep } = await peer.call(client, handle, { request: 'publish' });
  assert.equal(jsep.type, 'answer');
  await client.event('webrtcup', handle);
  return { client, handle, peer, id: joined.plugindata.data.id };
}

async function subscribe(client, room, feeds) {
  const handle = await client.attach(videoroom);
  const { jsep } = await client.message(handle, { request: 'join',
    ptype: 'subscriber', room, streams: feeds.map((feed) => ({ feed })) });
  const peer = new WrtcPeer({ audio: false, video: false, data: false });
  await peer.answer(client, handle, jsep, { request: 'start' });
  await client.event('webrtcup', handle);
  await peer.flows(3);
  return { client, handle, peer };
}

/* What is left of the room when one of them ended, another way. */
const roomEnds = [
  ({ client, handle }) => client.message(handle, { request: 'leave' }),
  ({ client, handle }) => client.message(handle, { request: 'unpublish' }),
  ({ client, handle }) => client.ask('detach', handle),
  ({ client, handle }) => client.ask('hangup', handle),
  ({ client }) => client.ask('destroy'),
  ({ peer }) => peer.close(),
  () => { },
];

async function roomRound(server, number) {
  const clients = await Promise.all(Array.from({ length: 4 }, () =>
    attached(server)));
  const owner = clients[0].client;
  const handle = await owner.attach(videoroom);
  const { room } = (await owner.message(handle, { request: 'create',
    publishers: 6 })).plugindata.data;
  const publishers = await Promise.all([
    publish(clients[0].client, room), publish(clients[1].client, room)]);
  const feeds = publishers.map(({ id }) => id);
  const subscribers = await Promise.all([
    subscribe(clients[2].client, room, feeds),
    subscribe(clients[3].client, room, feeds.slice(number % 2))]);
  const all = number % 2 ? [...publishers, ...subscribers] :
    [...subscribers, ...publishers];
  for (const [i, one] of all.entries())
    await roomEnds[(number + i) % roomEnds.length](one);
  if (number % 3 === 0)
    owner.send({ janus: 'message', session_id: owner.session,
      handle_id: handle, transaction: 'end', body: { request: 'destroy',
        room } });
  for (const { client, peer } of all) {
    await client.close();
    peer.close();
  }
}

test(`${rounds * callsAtOnce} calls leave nothing`, () =>
  leaveNothing(rounds, round));

test(`${roomRounds * 4} calls in rooms leave nothing`, () =>
  leaveNothing(roomRounds, roomRound));
