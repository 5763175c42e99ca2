/* The video room page: the form, the buttons and the tiles around a
   RoomCall. */

import { canCapture, fillDevices, mediaErrorName, secureAddress }
  from './devices.js';
import { Stopped } from './echocall.js';
import { put, t, translatePage } from './i18n.js';
import { byId, hideNotice, setState, showNotice, toast } from './page.js';
import { foreignHosts, serverAddresses } from './places.js';
import { Refused, RoomCall } from './roomcall.js';
import { watchRoom } from './roomstats.js';
import { initJanus } from './session.js';
import { Tile } from './tiles.js';

const query = new URLSearchParams(location.search);
const addresses = serverAddresses(query);
const nameKey = 'bifrons-name';
const retryMs = 2000;
const quietTicks = 4;

/* Caps on what is sent, in units of 1000 bit/s. */
const caps = [[0, ''], [128, '128 kbit/s'], [256, '256 kbit/s'],
  [512, '512 kbit/s'], [1024, '1 Mbit/s'], [2000, '2 Mbit/s']];

/* What belongs to the stay that runs, if one does. */
let call;
let stopStats = () => {};
let retry;
let sharing = false;
let serverTellsTalk = false;
let selected;
let me;
const tiles = new Map();
const muted = { audio: false, video: false };

/* Tiles */

function select(tile) {
  selected?.select(false);
  selected = tile === selected ? undefined : tile;
  selected?.select(true);
  byId('details').replaceChildren(...(selected ? [selected.details] : []));
  byId('details-none').hidden = Boolean(selected);
}

function ensureTile(id) {
  if (!tiles.has(id))
    tiles.set(id, new Tile(id, { onSelect: select,
      choose: (wish) => chooseLayer(id, wish) }));
  return tiles.get(id);
}

function removeTile(id) {
  const tile = tiles.get(id);
  if (selected && tile === selected)
    select(tile);
  tile?.remove();
  tiles.delete(id);
}

function showOwn(stream) {
  if (!stream)
    return;
  me = ensureTile('me');
  me.element.dataset.own = 'yes';
  me.setName(t('room.you', { name: byId('name').value }));
  const [video] = stream.getVideoTracks();
  if (video)
    me.setTrack(video, undefined);
  me.setPicture(Boolean(video));
  showOwnSending();
}

function showOwnSending() {
  me?.setSending({ audio: call?.sends('audio') && !muted.audio,
    video: call?.sends('video') && !muted.video });
}

function onPerson({ id, display, metadata, streams }) {
  const tile = ensureTile(id);
  tile.setName(display || t('room.nobody', { id }));
  tile.setSending(metadata);
  for (const kind of ['simulcast', 'svc'])
    if (streams.some((stream) => stream[kind]))
      tile.layers.offer(kind);
}

function onNamed(id, { display, metadata }) {
  const tile = tiles.get(id);
  if (display)
    tile?.setName(display);
  if (metadata)
    tile?.setSending(metadata);
}

function onTalking(id, talks) {
  serverTellsTalk = true;
  (id === call.id ? me : tiles.get(id))?.setTalking(talks);
}

function showRoomStats({ received, sent, talks }) {
  for (const tile of tiles.values()) {
    if (tile === me)
      continue;
    const video = received.get(tile.mids.video);
    const audio = received.get(tile.mids.audio);
    tile.quiet = video?.fresh ? 0 : (tile.quiet ?? quietTicks) + 1;
    tile.setPicture(tile.quiet < quietTicks);
    tile.showStats(video ?? {});
    tile.stats = { video, audio };
    if (!serverTellsTalk)
      tile.setTalking(audio?.talks);
  }
  const own = [...sent.values()].find(({ width }) => width);
  me?.showStats(own ?? {});
  if (!serverTellsTalk)
    me?.setTalking(talks && !muted.audio);
}

async function chooseLayer(id, wish) {
  await attempt(() => call.chooseLayer(id, wish));
}

/* Controls */

function enable(ids, on) {
  for (const id of ids)
    byId(id).disabled = !on;
}

async function attempt(action) {
  try {
    await action();
    return true;
  } catch (error) {
    toast('echotest.requestFailed', { reason: error.message });
    return false;
  }
}

function showMutes() {
  for (const kind of ['audio', 'video']) {
    const button = byId(`mute-${kind}`);
    put(button, `room.${kind}${muted[kind] ? 'On' : 'Off'}`);
    button.dataset.on = muted[kind] ? 'no' : 'yes';
  }
  showOwnSending();
}

async function toggleMute(kind) {
  muted[kind] = !muted[kind];
  showMutes();
  await attempt(() => call.mute(kind, muted[kind]));
}

async function toggleScreen() {
  if (sharing) {
    call.stopScreen();
    return;
  }
  sharing = true;
  put(byId('screen'), 'room.screenOff');
  try {
    await call.shareScreen(t('room.screenOf', { name: byId('name').value }));
  } catch (error) {
    onScreenOver();
    if (error.name !== 'NotAllowedError')
      toast('echotest.requestFailed', { reason: error.message });
  }
}

function onScreenOver() {
  sharing = false;
  put(byId('screen'), 'room.screenOn');
}

function setRunning(running) {
  const button = byId('join');
  put(button, running ? 'room.leave' : 'room.join');
  button.dataset.running = running ? 'yes' : 'no';
  enable(['name', 'room', 'pin', 'camera', 'microphone', 'simulcast'],
    !running);
  byId('bar').hidden = !running;
  if (running)
    return;
  enable(['mute-audio', 'mute-video', 'bitrate', 'screen'], false);
  Object.assign(muted, { audio: false, video: false });
  onScreenOver();
  showMutes();
}

/* A stay, from start to end */

function roomId() {
  const text = byId('room').value.trim();
  return /^\d+$/.test(text) ? Number(text) : text;
}

function choices(create) {
  return {
    addresses,
    create,
    room: roomId(),
    pin: byId('pin').value,
    display: byId('name').value.trim(),
    camera: byId('camera').value,
    microphone: byId('microphone').value,
    simulcast: byId('simulcast').checked,
    bitrate: Number(byId('bitrate').value) * 1000,
  };
}

/* Ends the stay, leaving the page in the given state. */
function finish(state, key) {
  clearTimeout(retry);
  call?.stop();
  call = undefined;
  stopStats();
  for (const id of [...tiles.keys()])
    removeTile(id);
  me = undefined;
  serverTellsTalk = false;
  setRunning(false);
  setState(state, key);
}

function fail(name, values) {
  finish('error', 'state.error');
  showNotice(name, values);
}

/* The server may come back: goes in again once it answers. */
function retryLater() {
  retry = setTimeout(() => start({ again: true }), retryMs);
}

function onLost() {
  fail('room.lost');
  retryLater();
}

function offerRoom() {
  const button = document.createElement('button');
  button.type = 'button';
  button.id = 'create';
  put(button, 'room.create');
  button.addEventListener('click', () => start({ create: true }));
  byId('notice').append(' ', button);
}

function askPin(tried) {
  byId('pin-field').hidden = false;
  fail(tried ? 'room.wrongPin' : 'room.needsPin');
  byId('pin').focus();
}

function explainRefusal(error) {
  if (error.code === 426) {
    fail('room.none', { room: byId('room').value });
    offerRoom();
  } else if (error.code === 429 || error.code === 433 &&
    /pin/i.test(error.message)) {
    askPin(Boolean(byId('pin').value));
  } else {
    fail('server.failed', { reason: error.message });
  }
}

function explain(error, { media, again }) {
  if (error instanceof Refused) {
    explainRefusal(error);
  } else if (media) {
    fail(mediaErrorName(error), { reason: error.message || error.name });
  } else if (again) {
    fail('room.lost');
    retryLater();
  } else {
    fail('server.none', { reason: error.message });
  }
}

function onJoined({ description }) {
  setState('up', 'state.up');
  byId('description').textContent = description;
  enable(['screen'], navigator.mediaDevices?.getDisplayMedia);
  query.set('room', byId('room').value.trim());
  history.replaceState(null, '', `?${query}`);
}

function onUp() {
  enable(['mute-audio'], call.sends('audio'));
  enable(['mute-video', 'bitrate'], call.sends('video'));
  fillDevices(byId('camera'), byId('microphone'));
}

function events(stay) {
  return {
    onStage: (stage) => {
      stay.media = stage === 'consent';
      setState('starting', `state.${stage}`);
    },
    onLocal: showOwn,
    onJoined,
    onUp,
    onPerson,
    onNamed,
    onGone: removeTile,
    onTrack: (id, track, mid) => tiles.get(id)?.setTrack(track, mid),
    onTalking,
    onLayer: (id, news) => tiles.get(id)?.layers.take(news),
    onFull: () => toast('room.full'),
    onScreenOver,
    onSlowLink: () => toast('slow.up'),
    onOver: (reason) => {
      finish('over', 'state.over');
      showNotice('room.over', { reason: reason ?? '' });
    },
    onLost,
    onFailed: (error) => fail('server.failed', { reason: error.message }),
  };
}

async function start({ create = false, again = false } = {}) {
  const stay = { again };
  if (!again)
    hideNotice();
  const mine = new RoomCall(choices(create), events(stay));
  call = mine;
  setRunning(true);
  stopStats = watchRoom(() => ({ sending: call?.connection,
    receiving: call?.receiving }), showRoomStats);
  try {
    await mine.start();
    if (call === mine)
      hideNotice();
  } catch (error) {
    if (call === mine && !(error instanceof Stopped))
      explain(error, stay);
  }
}

function joinOrLeave(event) {
  event.preventDefault();
  if (call) {
    hideNotice();
    finish('idle', 'state.idle');
    return;
  }
  clearTimeout(retry);
  localStorage.setItem(nameKey, byId('name').value.trim());
  start();
}

/* Setting up */

function fillSetup() {
  for (const [cap, name] of caps)
    byId('bitrate').append(new Option(name || t('echotest.noCap'), cap));
  byId('name').value = query.get('name') ?? localStorage.getItem(nameKey) ?? '';
  byId('room').value = query.get('room') || '1234';
  byId('pin').value = query.get('pin') ?? '';
  byId('pin-field').hidden = !byId('pin').value;
  byId('simulcast').checked = ['yes', 'true'].includes(query.get('simulcast'));
  const foreign = foreignHosts(addresses).join(', ');
  byId('elsewhere').hidden = !foreign;
  byId('elsewhere').textContent = t('echotest.elsewhere', { hosts: foreign });
}

function connectControls() {
  byId('form').addEventListener('submit', joinOrLeave);
  for (const kind of ['audio', 'video'])
    byId(`mute-${kind}`).addEventListener('click', () => toggleMute(kind));
  byId('screen').addEventListener('click', toggleScreen);
  byId('bitrate').addEventListener('change', (event) =>
    call && attempt(() => call.setBitrate(Number(event.target.value) * 1000)));
  navigator.mediaDevices?.addEventListener('devicechange', () =>
    fillDevices(byId('camera'), byId('microphone')));
}

/* What a test of the page may look at. */
function exposeHooks() {
  window.bifrons = {
    get state() {
      return document.documentElement.dataset.state;
    },
    get sending() {
      return call?.connection;
    },
    get receiving() {
      return call?.receiving;
    },
    get others() {
      return [...tiles.values()].filter((tile) => tile !== me);
    },
  };
}

async function main() {
  await translatePage();
  setState('idle', 'state.idle');
  fillSetup();
  connectControls();
  exposeHooks();
  setRunning(false);
  await fillDevices(byId('camera'), byId('microphone'));
  if (!window.RTCPeerConnection) {
    setState('error', 'state.error');
    showNotice('browser.old');
  } else if (!canCapture()) {
    setState('error', 'state.error');
    showNotice('page.insecure', {}, secureAddress());
  } else {
    await initJanus();
    byId('join').disabled = false;
  }
}

await main();
