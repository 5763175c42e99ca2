/* VideoRoom with media and data: janode as the client, who talks, data through
   the room, feeds that come and go on the same m-lines, string ids, msid, and
   rooms for encrypted media. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { loadJanode } from './load-janode.mjs';
import { Client } from './pages/client.mjs';
import { startServer, until } from './server.mjs';
import { WrtcPeer } from './wrtc-peer.mjs';

const [Janode, VideoRoomPlugin] = await loadJanode('videoroom');

const plugin = 'janus.plugin.videoroom';
const rounds = 30;
let server;
let client;
const peers = [];

before(async () => {
  server = await startServer({ config: {
    'janus.plugin.videoroom': { 'general': {}, 'room-1': { publishers: 10 } },
  } });
  client = await new Client(server.ws, WebSocket).opened;
  await client.create();
});
after(async () => {
  peers.forEach((peer) => peer.close());
  await client.close();
  await server.stop();
});

function peer(options) {
  const made = new WrtcPeer(options);
  peers.push(made);
  return made;
}

const nothing = { audio: false, video: false, data: false };
const dataOf = (message) => message.plugindata?.data ?? {};

async function ask(handle, body, jsep) {
  const answer = await client.message(handle, body, jsep);
  assert.equal(dataOf(answer).error, undefined, JSON.stringify(body));
  return answer;
}

/* Joins with id and publishes. */
async function publish(room, id, media, more = {}) {
  const handle = await client.attach(plugin);
  await ask(handle, { request: 'join', ptype: 'publisher', room, id });
  const made = peer(media);
  await made.call(client, handle, { request: 'publish', ...more });
  await client.event('webrtcup', handle);
  return { handle, peer: made };
}

async function accept(handle, made, offer) {
  await made.pc.setRemoteDescription(offer);
  const answer = await made.pc.createAnswer();
  await made.pc.setLocalDescription(answer);
  return ask(handle, { request: 'start' },
    { type: 'answer', sdp: made.pc.localDescription.sdp });
}

async function subscribe(room, streams, more = {}) {
  const handle = await client.attach(plugin);
  const made = peer(nothing);
  made.pc.ondatachannel = ({ channel }) => {
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => {
      made.label = channel.label;
      (typeof data === 'string' ? made.count.texts : made.count.binary)
        .push(data);
    };
  };
  made.pc.onicecandidate = ({ candidate }) => client.send({
    janus: 'trickle', transaction: 'trickle', session_id: client.session,
    handle_id: handle, candidate: candidate ?? { completed: true } });
  const joined = await ask(handle, { request: 'join', ptype: 'subscriber',
    room, streams, ...more });
  await accept(handle, made, joined.jsep);
  await client.event('webrtcup', handle);
  return { handle, peer: made, joined };
}

test('janode publishes, subscribes, and hears of it', async () => {
  const connection = await Janode.connect({ address: { url: server.ws } });
  const session = await connection.create();
  const speaker = await session.attach(VideoRoomPlugin);
  const other = await session.attach(VideoRoomPlugin);
  const { room } = await speaker.create({ room: 500, publishers: 3 });
  assert.equal(room, 500);
  const joined = await speaker.joinPublisher({ room, display: 'one' });
  await other.joinPublisher({ room, display: 'two' });
  const news = new Promise((resolve) => other.once(
    VideoRoomPlugin.EVENT.VIDEOROOM_PUB_LIST, resolve));
  const source = peer();
  const offer = await source.pc.createOffer();
  await source.pc.setLocalDescription(offer);
  await until('candidates', () => source.pc.iceGatheringState === 'complete');
  const { jsep } = await speaker.configure({
    jsep: { type: 'offer', sdp: source.pc.localDescription.sdp } });
  await source.pc.setRemoteDescription(jsep);
  const { publishers } = await news;
  assert.equal(publishers[0].feed, joined.feed);
  assert.equal(publishers[0].display, 'one');
  const viewer = await session.attach(VideoRoomPlugin);
  const sink = peer(nothing);
  const offered = await viewer.joinSubscriber({ room,
    streams: [{ feed: joined.feed }] });
  await sink.pc.setRemoteDescription(offered.jsep);
  await sink.pc.setLocalDescription(await sink.pc.createAnswer());
  await until('candidates', () => sink.pc.iceGatheringState === 'complete');
  await viewer.start({ jsep: { type: 'answer',
    sdp: sink.pc.localDescription.sdp } });
  await sink.flows();
  const gone = new Promise((resolve) => other.once(
    VideoRoomPlugin.EVENT.VIDEOROOM_UNPUBLISHED, resolve));
  await speaker.unpublish();
  assert.equal((await gone).feed, joined.feed);
  const { participants } = await other.listParticipants({ room });
  assert.deepEqual(participants.map(({ display, publisher }) =>
    [display, publisher]), [['one', false], ['two', false]]);
  await other.kick({ room, feed: joined.feed });
  await other.destroy({ room });
  await connection.close();
});

test('everybody hears who talks', async () => {
  const handle = await client.attach(plugin);
  await ask(handle, { request: 'create', room: 501, audiolevel_event: true,
    audio_active_packets: 10, audio_level_average: 60 });
  await ask(handle, { request: 'join', ptype: 'publisher', room: 501 });
  const one = await publish(501, 1, { video: false, data: false });
  const hears = (to, what) => client.wait(what, (event) =>
    event.sender === to && dataOf(event).videoroom === what);
  for (const to of [handle, one.handle]) {
    const { plugindata } = await hears(to, 'talking');
    const { 'audio-level-dBov-avg': level, ...rest } = plugindata.data;
    assert.deepEqual(rest, { videoroom: 'talking', room: 501, id: 1, mindex: 0,
      mid: '0' });
    assert.ok(level > 0 && level < 60, `${level}`);
  }
  const { participants } = dataOf(await ask(handle,
    { request: 'listparticipants', room: 501 }));
  assert.equal(participants.find(({ id }) => id === 1).talking, true);
  /* Its own bound: nobody is as loud as that. */
  await ask(one.handle, { request: 'configure', audio_level_average: 1 });
  await hears(handle, 'stopped-talking');
});

test('text and binary data go to all who subscribe', async () => {
  const one = await publish(1, 11, { audio: false, video: false });
  await until('a channel', () => one.peer.channel.readyState === 'open');
  const viewers = await Promise.all([1, 2].map(() =>
    subscribe(1, [{ feed: 11 }])));
  for (const { joined } of viewers)
    assert.deepEqual(dataOf(joined).streams.map(({ type, source_ids }) =>
      [type, source_ids]), [['data', [11]]]);
  const bytes = Buffer.alloc(3000, 7);
  for (const { peer: sink } of viewers) {
    await until('text', () => {
      one.peer.channel.send('to the room');
      return sink.count.texts.includes('to the room');
    });
    assert.equal(sink.label, '11');
  }
  one.peer.channel.send(bytes);
  for (const { peer: sink } of viewers) {
    const back = await until('bytes', () => sink.count.binary.shift());
    assert.ok(bytes.equals(Buffer.from(back)));
  }
});

test('feeds come and go on the same m-lines', async () => {
  const feeds = [];
  for (const id of [21, 22, 23])
    feeds.push(await publish(1, id, { data: false }));
  const viewer = await subscribe(1, [{ feed: 21 }]);
  const lines = () => viewer.peer.pc.remoteDescription.sdp
    .match(/^m=(audio|video)/gm).length;
  let base;
  for (let round = 0; round < rounds; round++) {
    const [old, next] = [21 + round % 3, 21 + (round + 1) % 3];
    const updated = await ask(viewer.handle, { request: 'update',
      unsubscribe: [{ feed: old }], subscribe: [{ feed: next }] });
    assert.deepEqual(dataOf(updated).streams.map(({ feed_id, mid, active }) =>
      [feed_id, mid, active]), [[next, '0', true], [next, '1', true]]);
    await accept(viewer.handle, viewer.peer, updated.jsep);
    assert.equal(lines(), 2);
    if (round === 2)
      base = server.usage();
  }
  viewer.peer.count.video = viewer.peer.count.loud = 0;
  await viewer.peer.flows();
  await server.settles(base);
  const grown = server.usage().kilobytes - base.kilobytes;
  assert.ok(grown < 20000, `${grown} KiB more`);
  /* One more feed takes new m-lines, the next that goes leaves its own. */
  const more = await ask(viewer.handle, { request: 'subscribe',
    streams: [{ feed: 22 }] });
  await accept(viewer.handle, viewer.peer, more.jsep);
  assert.equal(lines(), 4);
  await ask(feeds[1].handle, { request: 'unpublish' });
  const two = await client.wait('an offer without 22', (event) =>
    event.sender === viewer.handle && event.jsep?.type === 'offer' &&
      !event.transaction);
  assert.equal(dataOf(two).streams.filter(({ active }) => active).length, 2);
});

test('msid names the publisher', async () => {
  await publish(1, 31, { data: false });
  const { joined } = await subscribe(1, [{ feed: 31 }], { use_msid: true });
  assert.deepEqual(joined.jsep.sdp.match(/^a=msid:.*$/gm)
    .map((line) => line.trim()), ['a=msid:31 0', 'a=msid:31 1']);
});

test('a room for encrypted media', async () => {
  const handle = await client.attach(plugin);
  await ask(handle, { request: 'create', room: 502, require_e2ee: true });
  await ask(handle, { request: 'join', ptype: 'publisher', room: 502, id: 1 });
  const source = peer({ video: false, data: false });
  const offer = await source.pc.createOffer();
  await source.pc.setLocalDescription(offer);
  await until('candidates', () => source.pc.iceGatheringState === 'complete');
  const { type, sdp } = source.pc.localDescription;
  const refused = await client.message(handle, { request: 'publish' },
    { type, sdp });
  assert.equal(dataOf(refused).error_code, 433);
  const answer = await ask(handle, { request: 'publish' },
    { type, sdp, e2ee: true });
  assert.equal(answer.jsep.e2ee, true);
  await source.pc.setRemoteDescription(answer.jsep);
  await client.event('webrtcup', handle);
  const { joined } = await subscribe(502, [{ feed: 1 }]);
  assert.equal(joined.jsep.e2ee, true);
});

test('a kick ends what was subscribed with the private id', async () => {
  const handle = await client.attach(plugin);
  await ask(handle, { request: 'create', room: 503, require_pvtid: true });
  await publish(503, 1, { data: false });
  const { private_id } = dataOf(await ask(handle, { request: 'join',
    ptype: 'publisher', room: 503, id: 2 }));
  const stranger = await client.attach(plugin);
  for (const wrong of [undefined, private_id + 1]) {
    const answer = await client.message(stranger, { request: 'join',
      ptype: 'subscriber', room: 503, streams: [{ feed: 1 }],
      private_id: wrong });
    assert.equal(dataOf(answer).error_code, 433);
  }
  const viewer = await subscribe(503, [{ feed: 1 }], { private_id });
  await viewer.peer.flows();
  await ask(handle, { request: 'kick', room: 503, id: 2 });
  const answer = await client.message(viewer.handle, { request: 'configure' });
  assert.equal(dataOf(answer).error_code, 433);
  assert.equal(viewer.peer.pc.connectionState, 'connected');
});

test('an answer that the handshake overtook, true and false', async () => {
  await publish(1, 41, { data: false });
  for (const good of [true, false]) {
    const handle = await client.attach(plugin);
    const made = peer(nothing);
    const { jsep } = await ask(handle, { request: 'join',
      ptype: 'subscriber', room: 1, streams: [{ feed: 41 }] });
    await made.pc.setRemoteDescription(jsep);
    await made.pc.setLocalDescription(await made.pc.createAnswer());
    /* All but SRTP stands before the server has the answer. */
    await made.connected();
    const { sdp } = made.pc.localDescription;
    await ask(handle, { request: 'start' }, { type: 'answer', sdp: good ? sdp :
      sdp.replace(/(a=fingerprint:sha-256 )../g, '$100') });
    if (good) {
      await client.event('webrtcup', handle);
      await made.flows();
      continue;
    }
    const { reason } = await client.event('hangup', handle);
    assert.equal(reason, 'DTLS alert');
    assert.ok(!client.events.some((event) => event.janus === 'webrtcup' &&
      event.sender === handle));
  }
});

test('a room of signed tokens', async () => {
  const sign = (data) => `${data}:` +
    createHmac('sha1', 'key').update(data).digest('base64');
  const signing = await startServer({ config: {
    'janus': { general: { token_auth: true, token_auth_secret: 'key' } },
    'janus.plugin.videoroom': { 'general': {},
      'room-7': { signed_tokens: true, pin: 'p' } } } });
  const own = await new Client(signing.ws, WebSocket).opened;
  const token = sign(`9999999999,janus,${plugin}`);
  const { data: session } = await own.request({ janus: 'create', token });
  const { data: handle } = await own.request({ janus: 'attach', token,
    session_id: session.id, plugin });
  const join = async (room) => dataOf(await own.request({ janus: 'message',
    token, session_id: session.id, handle_id: handle.id,
    body: { request: 'join', ptype: 'publisher', room: 7, token: room } }));
  /* The token is looked at before the PIN, which is not given. */
  for (const wrong of [undefined, token, 'x',
    sign(`9999999999,${plugin},room=8`), sign(`1,${plugin},room=7`)])
    assert.equal((await join(wrong)).error_code, 433, wrong);
  assert.equal((await join(sign(`9999999999,${plugin},room=7`))).error_code,
    429);
  await own.close();
  await signing.stop();
});

test('ids that are strings', async () => {
  const strings = await startServer({ config: {
    'janus.plugin.videoroom': { 'general': { string_ids: true },
      'room-hall': { description: 'The hall' } } } });
  const own = await new Client(strings.ws, WebSocket).opened;
  await own.create();
  const handle = await own.attach(plugin);
  const { room, id, description } = dataOf(await own.message(handle,
    { request: 'join', ptype: 'publisher', room: 'hall' }));
  assert.deepEqual([room, description], ['hall', 'The hall']);
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f-]{27}$/);
  assert.equal(dataOf(await own.message(handle, { request: 'exists',
    room: 5 })).error_code, 430);
  await own.close();
  await strings.stop();
});
