/* The echo test page: buttons, pictures and words around an EchoCall. */

import { EchoCall, Stopped } from './echocall.js';
import { canCapture, fillDevices, mediaErrorName, secureAddress }
  from './devices.js';
import { put, t, translatePage } from './i18n.js';
import { resetLayers } from './layers.js';
import { byId, hideNotice, setState, showNotice, toast } from './page.js';
import { foreignHosts, serverAddresses } from './places.js';
import { initJanus } from './session.js';
import { watchStats } from './stats.js';
import { clearStats, codecName, showStats } from './statsline.js';

const query = new URLSearchParams(location.search);
const flag = (name) => ['yes', 'true'].includes(query.get(name));
const addresses = serverAddresses(query);

/* Caps of the selector, in units of 1000 bit/s. */
const caps = [[0, ''], [128, '128 kbit/s'], [256, '256 kbit/s'],
  [512, '512 kbit/s'], [1024, '1 Mbit/s'], [1500, '1.5 Mbit/s'],
  [2000, '2 Mbit/s']];

const codecs = {
  audio: ['opus', 'pcmu', 'pcma', 'g722'],
  video: ['vp8', 'vp9', 'h264', 'av1'],
};

/* What belongs to the call that runs, if one does. */
let call;
let stopStats = () => {};
let showLayers = () => {};
let lastStats;
const echoed = { audio: true, video: true };

/* Pictures */

function showSize(which) {
  const video = byId(which);
  const badge = byId(`${which}-size`);
  badge.textContent = `${video.videoWidth}×${video.videoHeight}`;
  badge.hidden = video.hidden || video.videoWidth === 0;
}

function showPicture(which, track) {
  byId(which).srcObject = track ? new MediaStream([track]) : null;
  byId(which).hidden = !track;
  byId(`${which}-empty`).hidden = false;
  byId(`${which}-size`).hidden = true;
}

function watchPicture(which) {
  const video = byId(which);
  video.addEventListener('resize', () => showSize(which));
  video.addEventListener('loadeddata', () => {
    byId(`${which}-empty`).hidden = true;
    showSize(which);
  });
}

function onLocal(track, on) {
  if (track.kind === 'video')
    showPicture('local', on ? track : null);
}

/* A track that was quiet for some seconds is reported off, and on again when
   it flows: the element keeps it, only the words over the picture change. */
function onRemote(track, on) {
  const element = byId(track.kind === 'video' ? 'remote' : 'remote-audio');
  if (track.kind === 'video' && element.srcObject?.getTracks()[0] === track)
    byId('remote-empty').hidden = on;
  else if (track.kind === 'video' && on)
    showPicture('remote', track);
  else if (on)
    element.srcObject = new MediaStream([track]);
  if (on)
    element.play().catch((error) => {
      if (error.name === 'NotAllowedError')
        toast('echotest.playRefused');
    });
}

/* Controls */

function enable(ids, on) {
  for (const id of ids)
    byId(id).disabled = !on;
}

function showToggles() {
  for (const kind of ['audio', 'video']) {
    const button = byId(`toggle-${kind}`);
    button.dataset.on = echoed[kind] ? 'yes' : 'no';
    put(button, `echotest.${kind}${echoed[kind] ? 'Off' : 'On'}`);
  }
  byId('toggle-state').textContent = call ? ['audio', 'video'].map((kind) =>
    t(`echotest.${kind}Is${echoed[kind] ? 'On' : 'Off'}`)).join(' · ') : '';
}

async function toggle(kind) {
  const wish = !echoed[kind];
  await ask({ [kind]: wish });
  echoed[kind] = wish;
  showToggles();
  showVideoOff();
}

/* The last frame would stay there as if it were live. */
function showVideoOff() {
  put(byId('remote-empty'),
    echoed.video ? 'echotest.noRemote' : 'echotest.videoIsOff');
  byId('remote-empty').hidden = echoed.video && byId('remote').videoWidth > 0;
}

async function ask(message) {
  try {
    await call?.configure(message);
  } catch (error) {
    toast('echotest.requestFailed', { reason: error.message });
    throw error;
  }
}

function setRunning(running) {
  const start = byId('start');
  put(start, running ? 'echotest.stop' : 'echotest.start');
  start.dataset.running = running ? 'yes' : 'no';
  enable(['vcodec', 'acodec', 'simulcast'], !running);
  for (const id of ['camera', 'microphone'])
    for (const option of byId(id).options)
      option.disabled = running && option.value === 'none';
  if (running)
    return;
  enable(['toggle-audio', 'toggle-video', 'bitrate', 'data-text', 'data-send'],
    false);
  Object.assign(echoed, { audio: true, video: true });
  showVideoOff();
  byId('bitrate').value = '0';
  showToggles();
}

function log(way, text) {
  const list = byId('data-log');
  const line = document.createElement('li');
  line.dataset.way = way;
  line.textContent = `${way === 'sent' ? '→' : '←'} ${text}`;
  list.append(line);
  list.scrollTop = list.scrollHeight;
}

async function sendText(event) {
  event.preventDefault();
  const text = byId('data-text').value;
  if (!call || !text)
    return;
  try {
    await call.sendText(text);
    log('sent', text);
    byId('data-text').value = '';
  } catch (error) {
    toast('echotest.requestFailed', { reason: String(error) });
  }
}

/* A call, from start to end */

function choices() {
  const vcodec = byId('vcodec').value;
  const layered = ['vp9', 'av1'].includes(vcodec);
  return {
    addresses,
    plugin: query.get('plugin') || 'janus.plugin.echotest',
    camera: byId('camera').value,
    microphone: byId('microphone').value,
    acodec: byId('acodec').value,
    vcodec,
    vprofile: query.get('vprofile'),
    simulcast: byId('simulcast').checked,
    svc: layered ? query.get('svc') : null,
    stereo: flag('stereo'),
    dtx: flag('dtx'),
    opusred: flag('opusred'),
  };
}

/* Ends the call, leaving the page in the given state. */
function finish(state, key) {
  call?.stop();
  call = undefined;
  stopStats();
  clearStats();
  showPicture('local', null);
  showPicture('remote', null);
  byId('remote-audio').srcObject = null;
  byId('layers').hidden = true;
  setRunning(false);
  setState(state, key);
}

function fail(name, values) {
  finish('error', 'state.error');
  showNotice(name, values);
}

function onUp() {
  setState('up', 'state.up');
  enable(['toggle-audio'], call.sends('audio'));
  enable(['toggle-video', 'bitrate'], call.sends('video'));
  showToggles();
  fillDevices(byId('camera'), byId('microphone'))
    .then(() => setRunning(Boolean(call)));
  stopStats = watchStats(call.connection, (stats) => {
    lastStats = stats;
    showStats(stats);
  });
}

function onOver(reason) {
  finish('over', 'state.over');
  showNotice('over', { reason: reason ?? '' });
}

const events = {
  onStage: (stage) => setState('starting', `state.${stage}`),
  onLocal,
  onRemote,
  onUp,
  onOver,
  onLost: () => fail('server.lost'),
  onFailed: (error) => fail('server.failed', { reason: error.message }),
  onNews: (news) => showLayers(news),
  onDataOpen: () => enable(['data-text', 'data-send'], true),
  onData: (text) => log('received', text),
  onSlowLink: (uplink) => toast(uplink ? 'slow.up' : 'slow.down'),
};

function explain(error, media) {
  if (media)
    fail(mediaErrorName(error), { reason: error.message || error.name });
  else
    fail('server.none', { reason: error.message });
}

async function start() {
  hideNotice();
  byId('data-log').replaceChildren();
  showLayers = resetLayers((message) => ask(message).catch(() => {}));
  let stage;
  const mine = new EchoCall(choices(), {
    ...events,
    onStage: (name) => events.onStage(stage = name),
  });
  call = mine;
  setRunning(true);
  try {
    await mine.start();
  } catch (error) {
    if (call === mine && !(error instanceof Stopped))
      explain(error, stage === 'consent');
  }
}

function startOrStop() {
  if (call) {
    hideNotice();
    finish('idle', 'state.idle');
  } else {
    start();
  }
}

async function switchDevice(kind, select) {
  if (!call)
    return;
  if (!call.sends(kind)) {
    toast('echotest.nextStart');
    return;
  }
  try {
    await call.switchDevice(kind, select.value);
  } catch (error) {
    toast(`${mediaErrorName(error)}.title`);
  }
}

/* Setting up */

function canBoth(kind) {
  const names = (side) => new Set((side?.getCapabilities?.(kind)?.codecs ?? [])
    .map((codec) => codec.mimeType.split('/')[1].toLowerCase()));
  const received = names(window.RTCRtpReceiver);
  const sent = names(window.RTCRtpSender);
  return codecs[kind].filter((name) => received.has(name) && sent.has(name));
}

function fillCodecs(id, kind) {
  const asked = query.get(id)?.toLowerCase();
  const names = new Set(canBoth(kind));
  if (asked)
    names.add(asked);
  byId(id).append(new Option(t('echotest.anyCodec'), ''));
  for (const name of names)
    byId(id).append(new Option(codecName(name), name));
  byId(id).value = asked ?? '';
}

function fillSetup() {
  for (const [cap, name] of caps)
    byId('bitrate').append(new Option(name || t('echotest.noCap'), cap));
  fillCodecs('acodec', 'audio');
  fillCodecs('vcodec', 'video');
  byId('simulcast').checked = flag('simulcast');
  const foreign = foreignHosts(addresses).join(', ');
  byId('elsewhere').hidden = !foreign;
  byId('elsewhere').textContent = t('echotest.elsewhere', { hosts: foreign });
}

function connectControls() {
  watchPicture('local');
  watchPicture('remote');
  byId('start').addEventListener('click', startOrStop);
  for (const kind of ['audio', 'video'])
    byId(`toggle-${kind}`).addEventListener('click',
      () => toggle(kind).catch(() => {}));
  byId('bitrate').addEventListener('change', (event) =>
    ask({ bitrate: Number(event.target.value) * 1000 }).catch(() => {}));
  byId('data-form').addEventListener('submit', sendText);
  byId('camera').addEventListener('change',
    (event) => switchDevice('video', event.target));
  byId('microphone').addEventListener('change',
    (event) => switchDevice('audio', event.target));
  navigator.mediaDevices?.addEventListener('devicechange', () =>
    fillDevices(byId('camera'), byId('microphone')));
}

/* What a test of the page may look at. */
function exposeHooks() {
  window.bifrons = {
    get state() {
      return document.documentElement.dataset.state;
    },
    get connection() {
      return call?.connection;
    },
    get stats() {
      return lastStats;
    },
    get remoteAudio() {
      return byId('remote-audio').srcObject;
    },
  };
}

async function main() {
  await translatePage();
  setState('idle', 'state.idle');
  fillSetup();
  connectControls();
  exposeHooks();
  await fillDevices(byId('camera'), byId('microphone'));
  if (!window.RTCPeerConnection) {
    setState('error', 'state.error');
    showNotice('browser.old');
  } else if (!canCapture()) {
    setState('error', 'state.error');
    showNotice('page.insecure', {}, secureAddress());
  } else {
    await initJanus();
    byId('start').disabled = false;
  }
}

await main();
